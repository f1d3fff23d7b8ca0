/*-------------------------------------------------------------------------
 *
 * scheduler.c
 *	  A scheduler: moves executions of one database on.
 *
 * It takes ids of executions with something to do from its ring, from timers
 * that have fired and, when nobody can know, from a scan of the agenda; advances
 * a batch of them in one transaction; and sleeps until it is rung or the next
 * timer fires.  It waits for no row lock: whoever holds one rings when it lets
 * go.  It runs no user code.
 *
 * A batch that fails is taken again one by one; an execution that fails alone
 * three times is closed with States.Runtime.
 *
 * IDENTIFICATION
 *	  src/worker/scheduler.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "guc.h"
#include "store/records.h"
#include "store/store.h"
#include "worker/shmem.h"
#include "worker/transaction.h"

#define MAX_FAILURES 3

typedef struct Failure
{
	int64 execution_id; /* hash key */
	int count;
} Failure;

/*
 * A transaction for each few executions costs more than what it does for them.  Where
 * such turns follow each other without a pause, the next one waits these microseconds
 * for more, and again, so often, while each time brings more.  An execution that
 * nobody else is in a hurry with is not kept waiting.
 */
#define SMALL_TURN 32
#define GATHER_TIME 500
#define MAX_GATHERS 4

/* Of this process */
static DatabaseSlot *database;
static SchedulerSlot *scheduler;
static int number; /* of this scheduler in its database */
static MemoryContext turn_context;
static HTAB *failures = NULL;

/* Where the scan of the agenda stands; scanning is over when scan_done */
static bool scan_done = false;
static bool inbox_done =
	false; /* it begins with executions that have answers or messages ... */
static int64 inbox_after;                      /* ... above this id */
static StoreAgendaKey scan_key;                /* rows after this key ... */
static TimestampTz scan_until;                 /* ... up to this time */
static TimestampTz scanned_until = DT_NOBEGIN; /* timers up to here have been taken */
static TimestampTz next_timer = ENGINE_NEVER;  /* the first one after that */
static TimestampTz next_recheck;
static bool scan_tasks = true;

/* The last turn was a small one, and there was work again when it ended */
static bool gather = false;

/* Count of changes of settings when it started */
static uint32 settings;

/* The extension was there, and the instance right, at that count of checks */
static bool known = false;
static uint32 known_checks;

static void attach(int argument);
static void detach(int code, Datum arg);
static void pin_settings(void);
static bool may_work(void);
static void suspend(const char *why);
static void refuse(const char *why);
static bool take_turn(void);
static bool settings_changed(void);
static void gather_more(void);
static void take_wake(void);
static void sweep(void);
static int take_ring(int64 *ids, int room);
static int take_scan(int64 *ids, int count, int room);
static void begin_scan(TimestampTz from);
static void find_next_timer(void);
static void advance(const int64 *ids, int count);
static bool try_advance(const int64 *ids, int count, char **message);
static void failed_alone(int64 id, const char *message);
static void cancel_void_tasks(void);
static void find_tasks(void);
static void sleep_until(TimestampTz until);
static void set_state(WorkerState state);

/*
 * Main function of a scheduler.
 */
void
wf_scheduler_main(Datum arg)
{
	settings = pg_atomic_read_u32(&worker_shared->settings);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, SIG_IGN); /* a cancelled statement is no failure of an execution */
	BackgroundWorkerUnblockSignals();
	attach(DatumGetInt32(arg));
	BackgroundWorkerInitializeConnectionByOid(database->database, InvalidOid, 0);
	pgstat_report_appname("workflow scheduler");
	pin_settings();
	turn_context =
		AllocSetContextCreate(TopMemoryContext, "workflow turn", ALLOCSET_DEFAULT_SIZES);
	begin_scan(DT_NOBEGIN);
	next_recheck =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wf_guc_recheck_interval);

	for (;;)
	{
		TimestampTz until = ENGINE_NEVER;
		bool more = false;

		MemoryContextSwitchTo(turn_context);
		MemoryContextReset(turn_context);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			next_recheck = GetCurrentTimestamp();
		}
		if (database->quiesce > 0 || database->state == DATABASE_WITHOUT ||
			number >= database->nschedulers || settings_changed())
			break;
		if (may_work())
		{
			set_state(WORKER_RUNNING);
			more = take_turn();
			scheduler->failures = 0;
			if (number == 0)
			{
				if (scan_tasks)
				{
					cancel_void_tasks();
					find_tasks();
				}
				until = runner_pool_manage(database);
			}
			until = Min(until, Min(next_timer, next_recheck));
			set_state(WORKER_IDLE);
		}
		if (!more)
			sleep_until(until);
	}
	proc_exit(0);
}

/*
 * Say that this process is there.
 */
static void
attach(int argument)
{
	database = &worker_shared->databases[argument / MAX_SCHEDULERS];
	number = argument % MAX_SCHEDULERS;
	scheduler = &database->schedulers[number];
	before_shmem_exit(detach, UInt64GetDatum(scheduler->generation));
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	scheduler->pid = MyProcPid;
	scheduler->since = GetCurrentTimestamp();
	SpinLockAcquire(&scheduler->mutex);
	scheduler->latch = MyLatch;
	SpinLockRelease(&scheduler->mutex);
	LWLockRelease(worker_shared->lock);
}

static void
detach(int code, Datum arg)
{
	LWLockReleaseAll();
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	SpinLockAcquire(&scheduler->mutex);
	scheduler->latch = NULL;
	SpinLockRelease(&scheduler->mutex);
	scheduler->pid = 0;
	scheduler->state = WORKER_NONE;
	if (code != 0)
		shmem_note_failure(scheduler);
	LWLockRelease(worker_shared->lock);
	shmem_wake_launcher();
}

/*
 * Settings that could change what our statements mean or cost, whatever the
 * database or the superuser's role has set.
 */
static void
pin_settings(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"row_security", "on"},
		{"session_replication_role", "origin"},
		{"lock_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"transaction_timeout", "0"}, /* since 17 */
		{"jit", "off"},
		/* plans are made once, maybe while a table is empty */
		{"enable_seqscan", "off"},
		{"enable_bitmapscan", "off"},
		{"enable_hashjoin", "off"},
		{"enable_mergejoin", "off"},
		{"max_parallel_workers_per_gather", "0"},
	};

	for (int i = 0; i < lengthof(settings); i++)
		if (GetConfigOption(settings[i][0], true, false) != NULL)
			SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * Is the extension there, are workflows enabled, is this the server they
 * belong to?  Until all are, the process sleeps until somebody rings.  It is
 * looked up again only when somebody says that it may have changed.
 */
static bool
may_work(void)
{
	uint32 checks = pg_atomic_read_u32(&database->checks);
	bool exists;
	bool matches = false;
	bool noted = false;

	if (!wf_guc_enabled)
	{
		suspend("workflow.enabled is off");
		return false;
	}
	if (known && known_checks == checks && scheduler->state != WORKER_SUSPENDED)
		return true;

	transaction_begin();
	exists = store_extension_exists();
	if (exists)
	{
		StoreSession session;

		store_begin(&session);
		matches = store_instance_matches();
		noted = matches || store_instance_is_noted();
		if (matches && number == 0 && !known && !worker_shared->crashed)
			store_clear_attempts();
		store_end(&session);
	}
	transaction_commit();
	if (!exists)
		refuse("the extension is not installed");
	if (!matches)
	{
		/* no state machine was created here yet, or the restore of one is under way: both will ring */
		suspend(noted ? "the database is a copy" : NULL);
		return false;
	}
	if (scheduler->state == WORKER_SUSPENDED)
	{
		begin_scan(DT_NOBEGIN);
		scan_tasks = true;
	}
	known = true;
	known_checks = checks;
	if (database->state == DATABASE_PROBED)
	{
		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		database->state = DATABASE_ACTIVE;
		LWLockRelease(worker_shared->lock);
		shmem_wake_launcher();
	}
	return true;
}

static void
suspend(const char *why)
{
	if (why != NULL && scheduler->state != WORKER_SUSPENDED)
		ereport(LOG,
				errmsg("workflows in database %u are suspended: %s",
					   database->database,
					   why),
				strcmp(why, "the database is a copy") == 0
					? errhint("Call workflow.resume() where they are to run here.")
					: 0);
	set_state(WORKER_SUSPENDED);
	if (database->state == DATABASE_PROBED)
	{
		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		database->state = DATABASE_ACTIVE;
		LWLockRelease(worker_shared->lock);
		shmem_wake_launcher();
	}
}

/* Nothing to do in this database */
static void
refuse(const char *why)
{
	ereport(DEBUG1,
			errmsg_internal("no scheduler in database %u: %s", database->database, why));
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	database->state = DATABASE_WITHOUT;
	shmem_wake_runners(database->database);
	LWLockRelease(worker_shared->lock);
	proc_exit(0);
}

/*
 * Advance one batch; is there more to do at once?
 */
static bool
take_turn(void)
{
	int room = wf_guc_batch_size;
	int64 *ids = palloc(room * sizeof(int64));
	TimestampTz now = GetCurrentTimestamp();
	int count;

	SpinLockAcquire(&scheduler->mutex);
	if (scheduler->scan)
	{
		scheduler->scan = false;
		begin_scan(DT_NOBEGIN);
	}
	scan_tasks |= scheduler->scan_tasks;
	scheduler->scan_tasks = false;
	SpinLockRelease(&scheduler->mutex);

	if (now >= next_recheck)
	{
		if (number == 0)
			sweep();
		begin_scan(DT_NOBEGIN);
		scan_tasks = true;
		next_recheck = TimestampTzPlusMilliseconds(now, wf_guc_recheck_interval);
	}
	take_wake();
	if (scan_done && next_timer <= now)
		begin_scan(Min(scanned_until, next_timer - 1));

	if (gather && scan_done)
		gather_more();
	count = take_ring(ids, room);
	if (settings_changed())
		return true; /* what was started after that is the next scheduler's: it looks at the table */
	if (!scan_done)
	{
		scan_until = Max(scan_until, now);
		count = take_scan(ids, count, room);
	}
	if (count > 0)
		advance(ids, count);
	if (scan_done && next_timer <= now)
		find_next_timer();
	take_wake(); /* what this batch has set */
	gather = count < SMALL_TURN && scheduler->count > 0;
	return !scan_done || scheduler->count > 0;
}

static bool
settings_changed(void)
{
	return settings != pg_atomic_read_u32(&worker_shared->settings);
}

static void
gather_more(void)
{
	int before = 0;

	for (int i = 0;
		 i < MAX_GATHERS && scheduler->count > before && scheduler->count < SMALL_TURN;
		 i++)
	{
		before = scheduler->count;
		pg_usleep(GATHER_TIME);
	}
}

/*
 * Rows of void tasks that somebody held when they were to be deleted.
 */
static void
sweep(void)
{
	StoreSession session;

	if (pg_atomic_exchange_u32(&database->tasks_left, 0) == 0)
		return;
	transaction_begin();
	store_begin(&session);
	if (!store_sweep_tasks())
		pg_atomic_write_u32(&database->tasks_left, 1);
	store_end(&session);
	transaction_commit();
}

/*
 * Timers that were set since the last look.
 */
static void
take_wake(void)
{
	SpinLockAcquire(&scheduler->mutex);
	next_timer = Min(next_timer, scheduler->next_wake);
	scheduler->next_wake = ENGINE_NEVER;
	SpinLockRelease(&scheduler->mutex);
}

static int
take_ring(int64 *ids, int room)
{
	int count = 0;

	SpinLockAcquire(&scheduler->mutex);
	while (count < room && scheduler->count > 0)
	{
		ids[count++] = scheduler->ring[scheduler->head];
		scheduler->head = (scheduler->head + 1) % RING_SIZE;
		scheduler->count--;
	}
	SpinLockRelease(&scheduler->mutex);
	return count;
}

/*
 * Look at the agenda in the order of its alarm clocks, after this time.  The
 * scan goes on from the key where it stopped, so that it does not meet what is
 * dead already again and again.
 */
static void
begin_scan(TimestampTz from)
{
	if (from == DT_NOBEGIN)
	{
		inbox_done = false;
		inbox_after = 0;
	}
	if (!scan_done && scan_key.wake_at <= from)
		return;
	scan_done = false;
	scan_key.wake_at = from;
	scan_key.execution_id = 0;
	scan_until = DT_NOBEGIN;
	next_timer = DT_NOBEGIN;
}

static int
take_scan(int64 *ids, int count, int room)
{
	StoreSession session;

	if (count >= room)
		return count;
	transaction_begin();
	store_begin(&session);
	if (!inbox_done)
	{
		int found;

		if (inbox_after == 0 && number == 0)
			store_sweep_messages();
		found = store_answered_executions(inbox_after,
										  number,
										  database->nschedulers,
										  ids + count,
										  room - count);
		inbox_done = found < room - count;
		if (found > 0)
			inbox_after = ids[count + found - 1];
		count += found;
	}
	if (count < room)
		count += store_due_executions(&scan_key,
									  scan_until,
									  number,
									  database->nschedulers,
									  ids + count,
									  room - count);
	store_end(&session);
	transaction_commit();
	if (count < room)
	{
		scan_done = true;
		scanned_until = scan_until;
	}
	return count;
}

/*
 * The first timer after those that were taken.
 */
static void
find_next_timer(void)
{
	StoreSession session;

	transaction_begin();
	store_begin(&session);
	next_timer = store_next_timer(scanned_until);
	store_end(&session);
	transaction_commit();
}

static void
advance(const int64 *ids, int count)
{
	char *message = NULL;

	if (try_advance(ids, count, &message))
		return;
	if (count == 1)
		failed_alone(ids[0], message);
	else
		for (int i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (!try_advance(&ids[i], 1, &message))
				failed_alone(ids[i], message);
		}
}

/*
 * A batch in one transaction.  false, with the server's message, where it
 * failed; the error is in the log then.
 */
static bool
try_advance(const int64 *ids, int count, char **message)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool ok = false;

	PG_TRY();
	{
		StoreSession session;
		StoreStep step = {.next_wake = ENGINE_NEVER};

		transaction_begin();
		step.now = GetCurrentTimestamp();
		store_begin(&session);
		store_advance(ids, count, &step);
		store_end(&session);
		transaction_commit();
		ok = true;
	}
	PG_CATCH();
	{
		*message = transaction_failed(context);
		known = false; /* maybe the extension is gone */
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (ok && failures != NULL)
		for (int i = 0; i < count; i++)
			hash_search(failures, &ids[i], HASH_REMOVE, NULL);
	return ok;
}

/*
 * Count a failure; the third one in a row closes the execution.
 */
static void
failed_alone(int64 id, const char *message)
{
	MemoryContext context = CurrentMemoryContext;
	Failure *failure;
	bool found;

	if (failures == NULL)
	{
		HASHCTL ctl = {.keysize = sizeof(int64),
					   .entrysize = sizeof(Failure),
					   .hcxt = TopMemoryContext};

		failures = hash_create("workflow failures",
							   16,
							   &ctl,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	failure = hash_search(failures, &id, HASH_ENTER, &found);
	failure->count = found ? failure->count + 1 : 1;
	if (failure->count < MAX_FAILURES)
	{
		/* not at once: what is in the way may pass */
		pg_usleep(10000L);
		SpinLockAcquire(&scheduler->mutex);
		if (scheduler->count < RING_SIZE)
		{
			scheduler->ring[(scheduler->head + scheduler->count) % RING_SIZE] = id;
			scheduler->count++;
		}
		else
			scheduler->scan = true;
		SpinLockRelease(&scheduler->mutex);
		return;
	}
	PG_TRY();
	{
		StoreSession session;

		transaction_begin();
		store_begin(&session);
		(void) store_fail_execution(id, "States.Runtime", message, GetCurrentTimestamp());
		store_end(&session);
		transaction_commit();
	}
	PG_CATCH();
	{
		(void) transaction_failed(context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	hash_search(failures, &id, HASH_REMOVE, NULL);
}

/*
 * Cancel tasks that are run and are void: whoever made them so could not say it
 * of each.
 */
static void
cancel_void_tasks(void)
{
	TaskRef *tasks = palloc(worker_shared->nrunners * sizeof(TaskRef));
	int count = 0;
	StoreSession session;
	StoreTask task;

	LWLockAcquire(worker_shared->lock, LW_SHARED);
	for (int i = 0; i < worker_shared->nrunners; i++)
	{
		RunnerSlot *runner = &worker_shared->runners[i];

		if (runner->database == MyDatabaseId && runner->task.execution_id != 0)
			tasks[count++] = runner->task;
	}
	LWLockRelease(worker_shared->lock);
	if (count == 0)
		return;
	transaction_begin();
	store_begin(&session);
	for (int i = 0; i < count; i++)
		if (!store_read_task(tasks[i].execution_id,
							 tasks[i].branch_id,
							 tasks[i].epoch,
							 &task))
			shmem_cancel_task(MyDatabaseId,
							  tasks[i].execution_id,
							  tasks[i].branch_id,
							  tasks[i].epoch);
	store_end(&session);
	transaction_commit();
}

/*
 * Mark the queues of all roles that have SQL tasks in the table: what was rung
 * for them may be lost.
 */
static void
find_tasks(void)
{
	StoreSession session;
	Oid *roles;
	char **missing;
	int count;
	int nmissing;

	scan_tasks = false;
	transaction_begin();
	store_begin(&session);
	count = store_task_roles(&roles, &missing, &nmissing);
	if (nmissing > 0)
	{
		char **names = MemoryContextAlloc(turn_context, nmissing * sizeof(char *));

		for (int i = 0; i < nmissing; i++)
			names[i] = MemoryContextStrdup(turn_context, missing[i]);
		missing = names;
	}
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < count; i++)
	{
		TaskQueue *queue = shmem_find_queue(MyDatabaseId, roles[i], true);

		if (queue == NULL)
			scan_tasks = true; /* when there is room again: at the next recheck */
		else
			shmem_scan_queue(queue);
	}
	LWLockRelease(worker_shared->lock);
	store_end(&session);
	transaction_commit();
	for (int i = 0; i < nmissing; i++)
		if (!runner_pool_refuse(
				missing[i],
				psprintf("Role \"%s\", which the task is to run as, does not exist.",
						 missing[i])))
			scan_tasks = true; /* at the next recheck, which comes early then */
	if (scan_tasks)
	{
		scan_tasks = false;
		next_recheck =
			Min(next_recheck, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), 1000));
	}
}

static void
sleep_until(TimestampTz until)
{
	int events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH;
	long timeout = -1;

	if (until != ENGINE_NEVER)
	{
		TimestampTz now = GetCurrentTimestamp();

		events |= WL_TIMEOUT;
		/* rounded up: a timer is never early */
		timeout = until <= now ? 0 : (long) Min((until - now + 999) / 1000, INT_MAX);
	}
	if (timeout < 0 || timeout > 1000)
		pgstat_report_stat(true);
	(void) WaitLatch(MyLatch, events, timeout, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
}

static void
set_state(WorkerState state)
{
	if (scheduler->state == state)
		return;
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	scheduler->state = state;
	LWLockRelease(worker_shared->lock);
}
