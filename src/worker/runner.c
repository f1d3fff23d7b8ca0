/*-------------------------------------------------------------------------
 *
 * runner.c
 *	  A runner: a session of one role in one database that runs its SQL tasks.
 *
 * Each task is one transaction: the function's effects, its result and the
 * transition that follows commit together.  Before the call the task row is
 * read without a lock; after it the execution is locked, and if the task's
 * epoch is no longer the branch's, everything is rolled back.  An error of the
 * function aborts the transaction and is recorded in a new one.  What fails
 * behind the function (a transition, the commit) is run again once.
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
#include "task/task.h"
#include "worker/shmem.h"
#include "worker/transaction.h"

/* A task that was running at this many crashes in a row, after its first, is failed */
#define MAX_CRASHES 3

/* How many times a task may fail behind its function before that counts as its error */
#define MAX_ATTEMPTS 2

/* Tasks that a look at the table queues at a time */
#define REFILL 128

/* How far an attempt came: decides what an error means */
typedef enum AttemptPhase
{
	PHASE_READ,					/* our own statements before the call */
	PHASE_CALL,					/* the user's code */
	PHASE_FINISH				/* the transition and the commit */
} AttemptPhase;

typedef enum AttemptResult
{
	ATTEMPT_DONE,				/* committed, or void */
	ATTEMPT_FAILED,				/* the task's error is in *outcome */
	ATTEMPT_AGAIN,				/* with another isolation level, or after a mark */
	ATTEMPT_BROKEN				/* failed behind the function: error in *outcome, too */
} AttemptResult;

static MemoryContext task_context;
static TimestampTz process_started;
static TimestampTz task_timeout_at;	/* of the task that runs */
static uint32 settings;			/* count of changes of settings when it started */
static int	tasks_run = 0;

static void attach(int slot);
static void connected(void);
static void detach(int code, Datum arg);
static bool must_leave(void);
static bool next_task(TaskRef *task);
static bool refill(void);
static void take_scanned(TaskQueue *queue, const StoreTaskKey *keys, int count);
static void wait_for_task(void);
static void run_task(const TaskRef *ref);
static AttemptResult attempt(const TaskRef *ref, int *isolation, TaskOutcome *outcome);
static AttemptResult run_in_transaction(const TaskRef *ref, int *isolation, volatile AttemptPhase *phase,
										TaskOutcome *outcome);
static void begin_task(int isolation);
static bool read_task(const TaskRef *ref, StoreTask *task, TaskCall *call);
static void arm_timer(void);
static bool hand_in(const TaskRef *ref, const TaskOutcome *outcome, TimestampTz started_at);
static bool record(const TaskRef *ref, const TaskOutcome *outcome, TimestampTz started_at);
static void give_up(const TaskRef *ref, const TaskOutcome *outcome);
static void clear_task(void);

/*
 * Main function of a runner; the argument is the number of its slot.
 */
void
wf_runner_main(Datum arg)
{
	TaskRef		task;

	settings = pg_atomic_read_u32(&worker_shared->settings);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, StatementCancelHandler);
	BackgroundWorkerUnblockSignals();
	attach(DatumGetInt32(arg));
	BackgroundWorkerInitializeConnectionByOid(worker_self->database, worker_self->role,
											  COMPAT_WORKER_BYPASS_LOGIN);
	pgstat_report_appname("workflow runner");
	connected();
	process_started = GetCurrentTimestamp();
	task_context = AllocSetContextCreate(TopMemoryContext, "workflow task", ALLOCSET_DEFAULT_SIZES);

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
		if (next_task(&task))
			run_task(&task);
		else
			wait_for_task();
	}
	proc_exit(0);
}

static void
attach(int slot)
{
	worker_self = &worker_shared->runners[slot];
	before_shmem_exit(detach, (Datum) 0);
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
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
	TaskQueue  *queue;

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
	Oid			database = worker_self->database;
	TaskQueue  *queue;
	DatabaseSlot *slot;

	LWLockReleaseAll();
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	queue = shmem_find_queue(database, worker_self->role, worker_self->task.execution_id != 0);
	if (queue != NULL && worker_self->task.execution_id != 0)
		shmem_scan_queue(queue);
	if (queue != NULL && worker_self->state == WORKER_STARTING)
	{
		queue->failed_starts++;
		queue->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), 1000 * queue->failed_starts);
	}
	memset(worker_self, 0, sizeof(RunnerSlot));
	LWLockRelease(worker_shared->lock);

	slot = shmem_find_database(database);
	for (int i = 0; i < worker_shared->ndatabases; i++)
		if (worker_shared->databases[i].state == DATABASE_ACTIVE || &worker_shared->databases[i] == slot)
			shmem_wake_schedulers(&worker_shared->databases[i], false, false);
}

/*
 * Asked to, too old, or nothing may run.
 */
static bool
must_leave(void)
{
	DatabaseSlot *database = shmem_find_database(worker_self->database);

	return worker_self->leave || !wf_guc_enabled || database == NULL || database->quiesce > 0 ||
		database->state == DATABASE_WITHOUT || settings != pg_atomic_read_u32(&worker_shared->settings) ||
		tasks_run >= wf_guc_runner_max_tasks ||
		TimestampDifferenceExceeds(process_started, GetCurrentTimestamp(), wf_guc_runner_max_age * 1000);
}

/*
 * Take the next task of the role's queue into the slot; an empty queue that has
 * more in the table is filled first.  Being idle is said under the same lock
 * under which the queue was seen empty.
 */
static bool
next_task(TaskRef *task)
{
	for (;;)
	{
		TaskQueue  *queue;
		bool		found = false;
		bool		look = false;

		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		queue = shmem_find_queue(worker_self->database, worker_self->role, false);
		while (queue != NULL && !found && shmem_pop_task(queue, task))
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
	TaskQueue  *queue;
	int64		after_execution;
	int64		after_branch;
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
		char	   *role;

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
	int			taken = 0;

	while (taken < count && queue->count < QUEUE_SIZE)
	{
		TaskRef		task = {keys[taken].execution_id, keys[taken].branch_id, keys[taken].epoch};

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
	int			rc;

	pgstat_report_stat(true);
	rc = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wf_guc_runner_idle_timeout,
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
	TaskOutcome outcome = {0};
	TimestampTz started_at = GetCurrentTimestamp();
	int			isolation = XACT_READ_COMMITTED;
	int			broken = 0;
	AttemptResult result;

	MemoryContextSwitchTo(task_context);
	for (;;)
	{
		result = attempt(ref, &isolation, &outcome);
		if (result == ATTEMPT_AGAIN || (result == ATTEMPT_BROKEN && ++broken < MAX_ATTEMPTS))
			continue;
		break;
	}
	if (result == ATTEMPT_FAILED || result == ATTEMPT_BROKEN)
		if (!record(ref, &outcome, started_at) && !record(ref, &outcome, started_at))
			give_up(ref, &outcome);
	clear_task();
	tasks_run++;
	task_reset_session();
	MemoryContextReset(task_context);
}

/*
 * One attempt, with everything that it may throw caught.
 */
static AttemptResult
attempt(const TaskRef *ref, int *isolation, TaskOutcome *outcome)
{
	volatile AttemptPhase phase = PHASE_READ;
	volatile AttemptResult result = ATTEMPT_DONE;

	PG_TRY();
	{
		result = run_in_transaction(ref, isolation, &phase, outcome);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		HOLD_INTERRUPTS();
		disable_timeout(STATEMENT_TIMEOUT, false);
		MemoryContextSwitchTo(task_context);
		error = CopyErrorData();
		if (phase != PHASE_CALL)
			EmitErrorReport();
		AbortOutOfAnyTransaction();
		MemoryContextSwitchTo(task_context);
		FlushErrorState();
		QueryCancelPending = false;
		task_error(error, &outcome->error, &outcome->cause);
		outcome->succeeded = false;
		outcome->timed_out = error->sqlerrcode == ERRCODE_QUERY_CANCELED &&
			GetCurrentTimestamp() >= task_timeout_at;
		result = phase == PHASE_CALL ? ATTEMPT_FAILED : ATTEMPT_BROKEN;
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();
	return result;
}

static AttemptResult
run_in_transaction(const TaskRef *ref, int *isolation, volatile AttemptPhase *phase, TaskOutcome *outcome)
{
	TimestampTz started_at = GetCurrentTimestamp();
	StoreTask	task;
	TaskCall	call;

	begin_task(*isolation);

	if (!read_task(ref, &task, &call))
	{
		transaction_commit();
		return ATTEMPT_DONE;
	}
	if (call.error != NULL)
	{
		transaction_commit();
		outcome->error = call.error;
		outcome->cause = call.cause;
		return ATTEMPT_FAILED;
	}
	if (call.isolation != *isolation)
	{
		*isolation = call.isolation;
		transaction_commit();
		return ATTEMPT_AGAIN;
	}

	*phase = PHASE_CALL;
	pgstat_report_activity(STATE_RUNNING, call.function);
	task_timeout_at = task.timeout_at;
	arm_timer();
	outcome->output = task_call(&call);
	disable_timeout(STATEMENT_TIMEOUT, false);
	if (GetCurrentTimestamp() >= task_timeout_at)
	{
		/* the function has caught the cancel, or could not be cancelled */
		AbortCurrentTransaction();
		MemoryContextSwitchTo(task_context);
		outcome->timed_out = true;
		return ATTEMPT_FAILED;
	}
	outcome->succeeded = true;
	outcome->waits_for = call.waits_for;
	/* a cancel that came too late is not to hit what follows */
	QueryCancelPending = false;

	*phase = PHASE_FINISH;
	/* an execution that the function itself has stopped takes no result, but ends so */
	if (hand_in(ref, outcome, started_at) || wake_closes(ref->execution_id))
		transaction_commit();
	else
		AbortCurrentTransaction();
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(task_context);
	return ATTEMPT_DONE;
}

/*
 * The transaction of a task.  It may be read-only, as the role's settings have
 * it, but never waits for a moment that is safe to read at.
 */
static void
begin_task(int isolation)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	XactIsoLevel = isolation;
	XactDeferrable = false;
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(task_context);
}

/*
 * Read the task and find out what it calls.  A task that was scheduled before
 * the server crashed may be why: the attempt is counted, in a transaction of
 * its own, before it begins.  false where it is gone.
 */
static bool
read_task(const TaskRef *ref, StoreTask *task, TaskCall *call)
{
	StoreSession session;
	StoreTask	stored;
	bool		read_only = XactReadOnly;
	bool		found;

	XactReadOnly = false;
	store_begin(&session);
	found = store_read_task(ref->execution_id, ref->branch_id, ref->epoch, &stored);
	if (found)
	{
		MemoryContext old_context;

		old_context = MemoryContextSwitchTo(task_context);
		*task = stored;
		task->resource = pstrdup(stored.resource);
		task->target = stored.target == NULL ? NULL : pstrdup(stored.target);
		task->input = value_copy(stored.input);
		/* what it finds outlives the session of the store */
		task_resolve(task, call);
		MemoryContextSwitchTo(old_context);
	}
	if (found && call->error == NULL && worker_shared->crashed && task->scheduled_at < worker_shared->started_at)
	{
		if (task->crashes >= MAX_CRASHES)
		{
			call->error = "States.TaskFailed";
			call->cause = MemoryContextStrdup(task_context,
											  psprintf("The task was running each of the last %d times "
													   "that the server crashed.", MAX_CRASHES + 1));
		}
		else
			store_mark_attempt(ref->execution_id, ref->branch_id, ref->epoch);
	}
	store_end(&session);
	XactReadOnly = read_only;
	if (found && call->error == NULL && TransactionIdIsValid(GetTopTransactionIdIfAny()))
	{
		int			isolation = XactIsoLevel;

		transaction_commit();
		begin_task(isolation);
	}
	return found;
}

/*
 * A background worker has no statement_timeout of its own: here is one, of the
 * task or of the role's settings, whichever ends first.  It cancels the call.
 */
static void
arm_timer(void)
{
	TimestampTz at = task_timeout_at;

	if (StatementTimeout > 0)
		at = Min(at, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), StatementTimeout));
	if (at != ENGINE_NEVER)
		enable_timeout_at(STATEMENT_TIMEOUT, at);
}

/*
 * Lock the execution, hand the result in and move on, as the owner of the
 * tables.  What user and role have made of the transaction is put aside: it may
 * be read-only, or wait for no lock.
 */
static bool
hand_in(const TaskRef *ref, const TaskOutcome *outcome, TimestampTz started_at)
{
	StoreTaskResult result = {
		.succeeded = outcome->succeeded,
		.timed_out = outcome->timed_out,
		.waits_for = outcome->waits_for,
		.output = outcome->output,
		.error = outcome->error,
		.cause = outcome->cause,
		.started_at = started_at,
	};
	StoreSession session;
	bool		counts;

	int			nestlevel = NewGUCNestLevel();

	XactReadOnly = false;
	if (LockTimeout != 0)
		(void) set_config_option("lock_timeout", "0", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	store_begin(&session);
	counts = store_finish_task(ref->execution_id, ref->branch_id, ref->epoch, &result, GetCurrentTimestamp());
	store_end(&session);
	AtEOXact_GUC(true, nestlevel);
	return counts;
}

/*
 * Record an error in a transaction of its own.  false where that failed, too.
 */
static bool
record(const TaskRef *ref, const TaskOutcome *outcome, TimestampTz started_at)
{
	volatile bool recorded = false;

	PG_TRY();
	{
		transaction_begin();
		if (hand_in(ref, outcome, started_at))
			transaction_commit();
		else
			AbortCurrentTransaction();
		recorded = true;
	}
	PG_CATCH();
	{
		(void) transaction_failed(task_context);
		QueryCancelPending = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(task_context);
	return recorded;
}

/*
 * Not even the error can be recorded: close the execution.
 */
static void
give_up(const TaskRef *ref, const TaskOutcome *outcome)
{
	PG_TRY();
	{
		StoreSession session;

		transaction_begin();
		store_begin(&session);
		(void) store_fail_execution(ref->execution_id, "States.Runtime", outcome->cause, GetCurrentTimestamp());
		store_end(&session);
		transaction_commit();
	}
	PG_CATCH();
	{
		(void) transaction_failed(task_context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(task_context);
}

/*
 * The slot runs nothing now; a cancel that was sent before is void.
 */
static void
clear_task(void)
{
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	memset(&worker_self->task, 0, sizeof(TaskRef));
	LWLockRelease(worker_shared->lock);
	QueryCancelPending = false;
}
