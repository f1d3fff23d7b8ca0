/*-------------------------------------------------------------------------
 *
 * attempt.c
 *	  Attempts of a runner at its task.
 *
 * Each attempt is one transaction: the function's effects, its result and the
 * transition that follows commit together.  Before the call the task row is
 * read without a lock; after it the execution is locked, and if the task's
 * epoch is no longer the branch's, everything is rolled back.  An error of the
 * function aborts the transaction and is recorded in a new one.
 *
 * Functions that are registered with chain => true may share a transaction with
 * the next task of their execution, while it is young and has one open branch;
 * what goes wrong in such a chain is run again task by task.
 *
 * Must not know where tasks come from.
 *
 * IDENTIFICATION
 *	  src/worker/attempt.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "guc.h"
#include "worker/attempt.h"
#include "worker/transaction.h"

/*
 * A task that was running at this many crashes in a row, after its first, is failed; at
 * one already where no other task was
 */
#define MAX_CRASHES 3

/* A chain ends before its transaction has more subtransactions than fit into shared memory */
#define MAX_CHAIN_SUBXIDS 32

/* The root: while it moves, there is no other open branch */
#define ROOT_BRANCH 1

static AttemptResult run_in_transaction(Attempt *attempt);
static AttemptResult call_task(Attempt *attempt, const TaskRef *ref,
							   const StoreTask *task, const TaskCall *call);
static bool next_in_chain(Attempt *attempt, TaskRef *ref, StoreTask *task,
						  TaskCall *call);
static void set_running(const TaskRef *ref);
static bool put_back_slow(const TaskRef *ref, uint32 function);
static uint32 function_hash(const TaskCall *call);
static void begin_task(Attempt *attempt);
static bool read_task(Attempt *attempt, const TaskRef *ref, StoreTask *task,
					  TaskCall *call);
static int ended_sessions(const TaskRef *ref);
static void arm_timer(TimestampTz timeout_at);
static bool hand_in(const TaskRef *ref, const TaskOutcome *outcome,
					TimestampTz started_at);

AttemptResult
attempt_task(Attempt *attempt)
{
	volatile AttemptResult result = ATTEMPT_DONE;

	attempt->phase = ATTEMPT_READS;
	attempt->chained = 0;
	PG_TRY();
	{
		result = run_in_transaction(attempt);
	}
	PG_CATCH();
	{
		TaskOutcome *outcome = &attempt->outcome;
		ErrorData *error;

		HOLD_INTERRUPTS();
		disable_timeout(STATEMENT_TIMEOUT, false);
		MemoryContextSwitchTo(attempt->context);
		error = CopyErrorData();
		if (attempt->phase != ATTEMPT_CALLS)
			EmitErrorReport();
		AbortOutOfAnyTransaction();
		MemoryContextSwitchTo(attempt->context);
		FlushErrorState();
		QueryCancelPending = false;
		task_error(error, &outcome->error, &outcome->cause);
		outcome->succeeded = false;
		outcome->timed_out = error->sqlerrcode == ERRCODE_QUERY_CANCELED &&
							 GetCurrentTimestamp() >= attempt->timeout_at;
		if (attempt->phase == ATTEMPT_CALLS)
			result = ATTEMPT_FAILED;
		else if (error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
				 error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED)
			result = ATTEMPT_CONFLICT;
		else
			result = ATTEMPT_BROKEN;
		/* maybe it was stopped */
		attempt->is_read &= error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE;
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();

	if (attempt->chained > 0)
	{
		set_running(&attempt->ref);
		if (result != ATTEMPT_DONE)
		{
			/* whichever of them it was: none of them has happened */
			memset(&attempt->outcome, 0, sizeof(TaskOutcome));
			attempt->alone = true;
			return ATTEMPT_AGAIN;
		}
	}
	return result;
}

static AttemptResult
run_in_transaction(Attempt *attempt)
{
	TaskRef ref = attempt->ref;
	AttemptResult result;
	StoreTask task;
	TaskCall call;

	begin_task(attempt);
	if (attempt->is_read)
	{
		task = attempt->task;
		call = attempt->call;
		call.task = &task;
	}
	else if (!read_task(attempt, &ref, &task, &call))
	{
		transaction_commit();
		return ATTEMPT_DONE;
	}
	if (call.error != NULL)
	{
		transaction_commit();
		attempt->outcome.error = call.error;
		attempt->outcome.cause = call.cause;
		return ATTEMPT_FAILED;
	}
	if (call.isolation != attempt->isolation)
	{
		/* its snapshot, and what counts as read in it, begin with the call */
		attempt->isolation = call.isolation;
		attempt->task = task;
		attempt->call = call;
		attempt->is_read = true;
		transaction_commit();
		return ATTEMPT_AGAIN;
	}
	if (put_back_slow(&ref, function_hash(&call)))
	{
		transaction_commit();
		return ATTEMPT_PUT_BACK;
	}

	do
		result = call_task(attempt, &ref, &task, &call);
	while (result == ATTEMPT_DONE && next_in_chain(attempt, &ref, &task, &call));
	if (result == ATTEMPT_DONE)
		transaction_commit();
	else
		AbortCurrentTransaction();
	MemoryContextSwitchTo(attempt->context);
	/* a result that no longer counts is no error */
	return result == ATTEMPT_PUT_BACK ? ATTEMPT_DONE : result;
}

/*
 * Call the function and hand its result in.  ATTEMPT_PUT_BACK where the result
 * does not count any more.
 */
static AttemptResult
call_task(Attempt *attempt, const TaskRef *ref, const StoreTask *task,
		  const TaskCall *call)
{
	TaskOutcome *outcome = &attempt->outcome;
	TimestampTz started_at = GetCurrentTimestamp();
	uint32 function = function_hash(call);

	attempt->phase = ATTEMPT_CALLS;
	pgstat_report_activity(STATE_RUNNING, call->function);
	attempt->timeout_at = task->timeout_at;
	arm_timer(task->timeout_at);
	outcome->output = task_call(call);
	disable_timeout(STATEMENT_TIMEOUT, false);
	if (function != 0)
	{
		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		shmem_note_duration(function,
							TimestampDifferenceMilliseconds(started_at,
															GetCurrentTimestamp()));
		LWLockRelease(worker_shared->lock);
	}
	if (GetCurrentTimestamp() >= task->timeout_at)
	{
		/* the function has caught the cancel, or could not be cancelled */
		outcome->timed_out = true;
		return ATTEMPT_FAILED;
	}
	outcome->succeeded = true;
	outcome->waits_for = call->waits_for;
	/* a cancel that came too late is not to hit what follows */
	QueryCancelPending = false;

	attempt->phase = ATTEMPT_FINISHES;
	/* an execution that the function itself has stopped takes no result, but ends so */
	if (hand_in(ref, outcome, started_at) || wake_closes(ref->execution_id))
		return ATTEMPT_DONE;
	return ATTEMPT_PUT_BACK;
}

/*
 * The next task of the execution, where it may be run in this transaction, too:
 * then nobody else is told of it, and it stands in the slot.
 */
static bool
next_in_chain(Attempt *attempt, TaskRef *ref, StoreTask *task, TaskCall *call)
{
	TaskRef next;
	StoreTask next_task;
	TaskCall next_call;

	/* another isolation level counts from the first snapshot of a transaction on */
	if (attempt->alone || !call->chain || ref->branch_id != ROOT_BRANCH ||
		attempt->isolation != XACT_READ_COMMITTED || MyProc->subxidStatus.overflowed ||
		MyProc->subxidStatus.count >= MAX_CHAIN_SUBXIDS ||
		TimestampDifferenceExceeds(GetCurrentTransactionStartTimestamp(),
								   GetCurrentTimestamp(),
								   wf_guc_batch_time) ||
		!wake_own_task(ref->execution_id, &next))
		return false;
	if (!read_task(attempt, &next, &next_task, &next_call) || next_call.error != NULL ||
		!next_call.chain || next_call.isolation != attempt->isolation)
		return false;
	wake_forget_own_task();
	*ref = next;
	*task = next_task;
	*call = next_call;
	attempt->chained++;
	memset(&attempt->outcome, 0, sizeof(TaskOutcome));
	set_running(ref);
	return true;
}

/*
 * Say in the slot what is run, for whoever wants to cancel it.
 */
static void
set_running(const TaskRef *ref)
{
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	worker_self->task = *ref;
	LWLockRelease(worker_shared->lock);
}

/*
 * A function that is known to be slow does not take the last free runner: its
 * task goes back to the queue, marked.
 */
static bool
put_back_slow(const TaskRef *ref, uint32 function)
{
	TaskRef slow = *ref;
	TaskQueue *queue;
	bool put_back = false;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	worker_self->slow = function != 0 && shmem_is_slow(function);
	if (worker_self->slow && shmem_is_last_runner())
	{
		queue = shmem_find_queue(worker_self->database, worker_self->role, true);
		slow.slow = true;
		put_back = queue != NULL && shmem_push_task(queue, &slow);
	}
	LWLockRelease(worker_shared->lock);
	return put_back;
}

/* 0: not a function */
static uint32
function_hash(const TaskCall *call)
{
	if (call->function == NULL)
		return 0;
	return hash_bytes((const unsigned char *) call->function,
					  (int) strlen(call->function)) ^
		   MyDatabaseId;
}

/*
 * The transaction of a task.  It may be read-only, as the role's settings have
 * it, but never waits for a moment that is safe to read at.
 */
static void
begin_task(Attempt *attempt)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	XactIsoLevel = attempt->isolation;
	XactDeferrable = false;
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(attempt->context);
}

/*
 * Read the task and find out what it calls.  A task that was scheduled before
 * the server crashed may be why: the attempt is counted, in a transaction of
 * its own, before it begins.  false where it is gone.
 */
static bool
read_task(Attempt *attempt, const TaskRef *ref, StoreTask *task, TaskCall *call)
{
	StoreSession session;
	StoreTask stored;
	bool read_only = XactReadOnly;
	bool marked = false;
	bool found;

	XactReadOnly = false;
	store_begin(&session);
	found = store_read_task(ref->execution_id, ref->branch_id, ref->epoch, &stored);
	if (found)
	{
		MemoryContext old_context;

		old_context = MemoryContextSwitchTo(attempt->context);
		*task = stored;
		task->resource = pstrdup(stored.resource);
		task->target = stored.target == NULL ? NULL : pstrdup(stored.target);
		task->input = value_copy(stored.input);
		if (ref->branch_id == 0)
		{
			task->express.name = pstrdup(stored.express.name);
			task->express.run = pstrdup(stored.express.run);
			task->express.alias =
				stored.express.alias == NULL ? NULL : pstrdup(stored.express.alias);
			task->express.label =
				stored.express.label == NULL ? NULL : pstrdup(stored.express.label);
			task->express.map_state = stored.express.map_state == NULL
										  ? NULL
										  : pstrdup(stored.express.map_state);
		}
		/* what it finds outlives the session of the store */
		task_resolve(task, call);
		MemoryContextSwitchTo(old_context);
	}
	if (found && call->error == NULL && ended_sessions(ref) >= MAX_DEATHS)
	{
		call->error = "States.TaskFailed";
		call->cause = MemoryContextStrdup(
			attempt->context,
			psprintf("The task has ended its session %d times in a row.", MAX_DEATHS));
	}
	else if (found && call->error == NULL && worker_shared->crashed &&
			 task->scheduled_at < worker_shared->started_at)
	{
		if (task->crashes >= MAX_CRASHES || (task->crashes > 0 && store_is_only_marked()))
		{
			call->error = "States.TaskFailed";
			call->cause = MemoryContextStrdup(
				attempt->context,
				psprintf("The task was running each of the last %d times "
						 "that the server crashed.",
						 task->crashes + 1));
		}
		else
		{
			store_mark_attempt(ref->execution_id, ref->branch_id, ref->epoch);
			marked = true;
		}
	}
	store_end(&session);
	XactReadOnly = read_only;
	if (marked)
	{
		transaction_commit();
		begin_task(attempt);
	}
	return found;
}

static int
ended_sessions(const TaskRef *ref)
{
	TaskQueue *queue;
	int deaths;

	LWLockAcquire(worker_shared->lock, LW_SHARED);
	queue = shmem_find_queue(worker_self->database, worker_self->role, false);
	deaths = queue == NULL ? 0 : shmem_deaths(queue, ref);
	LWLockRelease(worker_shared->lock);
	return deaths;
}

/*
 * A background worker has no statement_timeout of its own: here is one, of the
 * task or of the role's settings, whichever ends first.  It cancels the call.
 */
static void
arm_timer(TimestampTz timeout_at)
{
	TimestampTz at = timeout_at;

	if (StatementTimeout > 0)
		at =
			Min(at, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), StatementTimeout));
	if (at != ENGINE_NEVER)
		enable_timeout_at(STATEMENT_TIMEOUT, at);
}

/*
 * Lock the execution, hand the result in and move on, as the owner of the
 * tables.  What user and role have made of the transaction is put aside: it may
 * be read-only, or wait for no lock.  So is the isolation level: since its snapshot
 * was taken, other branches may have written the execution's row, which is no
 * conflict; nothing that is read here goes to the user's code.
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
	int nestlevel = NewGUCNestLevel();
	int isolation = XactIsoLevel;
	bool counts;

	XactReadOnly = false;
	XactIsoLevel = XACT_READ_COMMITTED;
	if (LockTimeout != 0)
		(void) set_config_option("lock_timeout",
								 "0",
								 PGC_USERSET,
								 PGC_S_SESSION,
								 GUC_ACTION_SAVE,
								 true,
								 0,
								 false);
	store_begin(&session);
	counts = store_finish_task(ref->execution_id,
							   ref->branch_id,
							   ref->epoch,
							   &result,
							   GetCurrentTimestamp());
	store_end(&session);
	AtEOXact_GUC(true, nestlevel);
	XactIsoLevel = isolation;
	return counts;
}

bool
attempt_record(Attempt *attempt, TimestampTz started_at)
{
	volatile bool recorded = false;

	PG_TRY();
	{
		transaction_begin();
		if (hand_in(&attempt->ref, &attempt->outcome, started_at))
			transaction_commit();
		else
			AbortCurrentTransaction();
		recorded = true;
	}
	PG_CATCH();
	{
		(void) transaction_failed(attempt->context);
		QueryCancelPending = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(attempt->context);
	return recorded;
}

void
attempt_give_up(Attempt *attempt)
{
	PG_TRY();
	{
		StoreSession session;

		transaction_begin();
		store_begin(&session);
		(void) store_fail_execution(attempt->ref.execution_id,
									"States.Runtime",
									attempt->outcome.cause,
									GetCurrentTimestamp());
		store_end(&session);
		transaction_commit();
	}
	PG_CATCH();
	{
		(void) transaction_failed(attempt->context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(attempt->context);
}
