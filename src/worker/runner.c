/*-------------------------------------------------------------------------
 *
 * runner.c
 *	  A runner: a session of one role in one database that runs its SQL tasks.
 *
 * Which task a runner runs stands in its slot; nobody takes it a second time,
 * and whoever makes it void cancels the runner under the slot's lock.
 *
 * IDENTIFICATION
 *	  src/worker/runner.c
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
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "guc.h"
#include "worker/attempt.h"
#include "worker/transaction.h"

/* How many times a task may fail behind its function before that counts as its error */
#define MAX_ATTEMPTS 2
/* The same, where that is a conflict: between serializable functions our rows count, too */
#define MAX_CONFLICTS 20

/* Tasks that a look at the table queues at a time */
#define REFILL 128

static MemoryContext task_context;
static TimestampTz process_started;
static uint32 settings; /* count of changes of settings when it started */
static int tasks_run = 0;

static void attach(int slot);
static void connected(void);
static void detach(int code, Datum arg);
static bool must_leave(void);
static bool next_task(TaskRef *task, CallRef *call);
static bool refill(void);
static void take_scanned(TaskQueue *queue, const StoreTaskKey *keys, int count);
static void wait_for_task(void);
static void run_task(const TaskRef *ref);
static void run_call(const CallRef *call);
static void clear_task(void);

/*
 * Main function of a runner; the argument is the number of its slot.
 */
void
wf_runner_main(Datum arg)
{
	TaskRef task;
	CallRef call;

	settings = pg_atomic_read_u32(&worker_shared->settings);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, StatementCancelHandler);
	BackgroundWorkerUnblockSignals();
	attach(DatumGetInt32(arg));
	BackgroundWorkerInitializeConnectionByOid(worker_self->database,
											  worker_self->role,
											  COMPAT_WORKER_BYPASS_LOGIN);
	pgstat_report_appname("workflow runner");
	connected();
	process_started = GetCurrentTimestamp();
	task_context =
		AllocSetContextCreate(TopMemoryContext, "workflow task", ALLOCSET_DEFAULT_SIZES);

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (must_leave())
			break;
		if (!next_task(&task, &call))
			wait_for_task();
		else if (call.number != 0)
			run_call(&call);
		else
			run_task(&task);
	}
	proc_exit(0);
}

/*
 * Take the slot, unless this process took so long to start that it was given up.
 */
static void
attach(int slot)
{
	RunnerSlot *runner = &worker_shared->runners[slot];
	uint64 generation;

	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	if (runner->state != WORKER_STARTING || runner->generation != generation)
	{
		LWLockRelease(worker_shared->lock);
		proc_exit(0);
	}
	worker_self = runner;
	before_shmem_exit(detach, (Datum) 0);
	worker_self->pid = MyProcPid;
	worker_self->latch = MyLatch;
	worker_self->since = GetCurrentTimestamp();
	LWLockRelease(worker_shared->lock);
}

/*
 * The session is there: starts that failed before do not count any more.
 */
static void
connected(void)
{
	TaskQueue *queue;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	worker_self->state = WORKER_RUNNING;
	worker_self->started_at = GetCurrentTimestamp();
	queue = shmem_find_queue(worker_self->database, worker_self->role, false);
	if (queue != NULL)
		queue->failed_starts = 0;
	LWLockRelease(worker_shared->lock);
}

/*
 * Leave the slot.  A task that was running goes back to its queue, by a look at
 * the table; a process that ended before it was connected counts as a failed
 * start.
 */
static void
detach(int code, Datum arg)
{
	Oid database = worker_self->database;
	TaskQueue *queue;
	DatabaseSlot *slot;

	LWLockReleaseAll();
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	queue =
		shmem_find_queue(database, worker_self->role, worker_self->task.execution_id > 0);
	if (queue != NULL && worker_self->task.execution_id > 0)
	{
		shmem_scan_queue(queue);
		shmem_note_death(queue, &worker_self->task);
	}
	if (queue != NULL && worker_self->state == WORKER_STARTING)
	{
		queue->failed_starts++;
		queue->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													  1000 * queue->failed_starts);
	}
	shmem_clear_runner(worker_self);
	LWLockRelease(worker_shared->lock);

	slot = shmem_find_database(database);
	for (int i = 0; i < worker_shared->ndatabases; i++)
		if (worker_shared->databases[i].state == DATABASE_ACTIVE ||
			&worker_shared->databases[i] == slot)
			shmem_wake_schedulers(&worker_shared->databases[i], false, false);
}

/*
 * Asked to, too old, or nothing may run.
 */
static bool
must_leave(void)
{
	DatabaseSlot *database = shmem_find_database(worker_self->database);

	return worker_self->leave || !wf_guc_enabled || database == NULL ||
		   database->quiesce > 0 || database->state == DATABASE_WITHOUT ||
		   settings != pg_atomic_read_u32(&worker_shared->settings) ||
		   tasks_run >= wf_guc_runner_max_tasks ||
		   TimestampDifferenceExceeds(process_started,
									  GetCurrentTimestamp(),
									  wf_guc_runner_max_age * 1000);
}

/*
 * Take the next task of the role's queue into the slot, or in turn with tasks
 * something that a session waits for; an empty queue that has more in the table
 * is filled first.  Being idle is said under the same lock
 * under which the queue was seen empty.
 */
static bool
next_task(TaskRef *task, CallRef *call)
{
	static bool was_call = false;

	for (;;)
	{
		TaskQueue *queue;
		bool found = false;
		bool look = false;

		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		*call = (CallRef){0};
		queue = shmem_find_queue(worker_self->database, worker_self->role, false);
		if (queue != NULL && queue->calls > 0 && !(was_call && queue->count > 0))
		{
			*call = call_take(queue);
			*task = (TaskRef){.execution_id = -call->number};
			found = true;
		}
		was_call = found;
		while (queue != NULL && !found &&
			   shmem_pop_task(queue, shmem_is_last_runner(), task))
			found = !shmem_task_is_run(worker_self->database, task);
		if (found)
		{
			worker_self->task = *task;
			worker_self->state = WORKER_RUNNING;
			worker_self->since = GetCurrentTimestamp();
		}
		else if (queue != NULL && queue->scan)
			look = true;
		else if (worker_self->state != WORKER_IDLE)
		{
			worker_self->state = WORKER_IDLE;
			worker_self->since = GetCurrentTimestamp();
		}
		LWLockRelease(worker_shared->lock);
		if (found || !look || !refill())
			return found;
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Queue tasks from the table.  false where that could not be done.
 */
static bool
refill(void)
{
	MemoryContext context = task_context;
	StoreTaskKey *keys = MemoryContextAlloc(task_context, REFILL * sizeof(StoreTaskKey));
	TaskQueue *queue;
	int64 after_execution;
	int64 after_branch;
	volatile int count = -1;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	queue = shmem_find_queue(worker_self->database, worker_self->role, true);
	if (queue == NULL)
	{
		LWLockRelease(worker_shared->lock);
		return false;
	}
	after_execution = queue->scan_execution;
	after_branch = queue->scan_branch;
	queue->scan = false;
	if (after_execution == 0)
		queue->missed = false;
	LWLockRelease(worker_shared->lock);

	PG_TRY();
	{
		StoreSession session;
		char *role;

		transaction_begin();
		role = GetUserNameFromId(worker_self->role, false);
		store_begin(&session);
		count = store_ready_tasks(role, after_execution, after_branch, REFILL, keys);
		store_end(&session);
		transaction_commit();
	}
	PG_CATCH();
	{
		(void) transaction_failed(context);
	}
	PG_END_TRY();

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	queue = shmem_find_queue(worker_self->database, worker_self->role, true);
	if (queue != NULL)
		take_scanned(queue, keys, count);
	LWLockRelease(worker_shared->lock);
	MemoryContextReset(task_context);
	return count >= 0;
}

/*
 * Queue what a scan has found (count < 0: it failed) as far as there is room,
 * and note where it is to go on.
 */
static void
take_scanned(TaskQueue *queue, const StoreTaskKey *keys, int count)
{
	int taken = 0;

	while (taken < count && queue->count < QUEUE_SIZE)
	{
		TaskRef task = {keys[taken].execution_id,
						keys[taken].branch_id,
						keys[taken].epoch};

		shmem_push_task(queue, &task);
		taken++;
	}
	if (count < 0)
		shmem_scan_queue(queue);
	else if (count == REFILL || taken < count)
	{
		queue->scan = true;
		if (taken > 0)
		{
			queue->scan_execution = keys[taken - 1].execution_id;
			queue->scan_branch = keys[taken - 1].branch_id;
		}
	}
	else
	{
		/* at the end; what came while the ring was full may stand before */
		queue->scan = queue->missed;
		queue->scan_execution = 0;
		queue->scan_branch = 0;
	}
}

static void
wait_for_task(void)
{
	int rc;

	pgstat_report_stat(true);
	rc = WaitLatch(MyLatch,
				   WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
				   wf_guc_runner_idle_timeout,
				   PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	if (rc & WL_TIMEOUT)
	{
		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		if (worker_self->state == WORKER_IDLE)
			worker_self->leave = true;
		LWLockRelease(worker_shared->lock);
	}
}

/*
 * Run the task in the slot to its end, whatever that is.
 */
static void
run_task(const TaskRef *ref)
{
	Attempt attempt = {.ref = *ref,
					   .context = task_context,
					   .isolation = XACT_READ_COMMITTED};
	TimestampTz started_at = GetCurrentTimestamp();
	int broken = 0;
	int conflicts = 0;
	AttemptResult result;

	MemoryContextSwitchTo(task_context);
	for (;;)
	{
		result = attempt_task(&attempt);
		tasks_run += attempt.chained;
		if (result == ATTEMPT_AGAIN ||
			(result == ATTEMPT_CONFLICT && ++conflicts < MAX_CONFLICTS) ||
			(result == ATTEMPT_BROKEN && ++broken < MAX_ATTEMPTS))
			continue;
		break;
	}
	if (result == ATTEMPT_FAILED || result == ATTEMPT_BROKEN ||
		result == ATTEMPT_CONFLICT)
		if (!attempt_record(&attempt, started_at) &&
			!attempt_record(&attempt, started_at))
			attempt_give_up(&attempt);
	clear_task();
	tasks_run++;
	task_reset_session();
	MemoryContextReset(task_context);
}

/*
 * Run what a session waits for.
 */
static void
run_call(const CallRef *call)
{
	MemoryContextSwitchTo(task_context);
	call_run(call, task_context);
	clear_task();
	tasks_run++;
	task_reset_session();
	MemoryContextReset(task_context);
}

/*
 * The slot runs nothing now, however that ended; a cancel that was sent before is
 * void.
 */
static void
clear_task(void)
{
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	if (worker_self->rung)
	{
		TaskQueue *queue =
			shmem_find_queue(worker_self->database, worker_self->role, true);

		if (queue != NULL)
			(void) shmem_push_task(queue, &worker_self->task);
	}
	memset(&worker_self->task, 0, sizeof(TaskRef));
	worker_self->slow = false;
	worker_self->rung = false;
	LWLockRelease(worker_shared->lock);
	QueryCancelPending = false;
	pgstat_report_activity(STATE_IDLE, NULL);
}
