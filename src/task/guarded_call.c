/*-------------------------------------------------------------------------
 *
 * guarded_call.c
 *	  User code and what stands around it.
 *
 * The session is connected as the role that the code runs as, so there is
 * nothing more to lose underneath.  What the code sets is undone, its deferred
 * triggers are fired before our own statements follow in the same transaction,
 * and what it leaves in the session is cleared before the next task.
 *
 * IDENTIFICATION
 *	  src/task/guarded_call.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "utils/guc.h"
#include "utils/portal.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "task/task.h"

/* Our timer has fired, and asks for a cancel */
static volatile sig_atomic_t time_is_over = false;
static TimeoutId timer;
static TimestampTz armed = ENGINE_NEVER; /* when it fires */

static void arm(TimestampTz until);
static void disarm(TimestampTz before);
static void over(void);

/*
 * Call it: see task.h.
 */
Value
task_call(const TaskCall *call)
{
	int nestlevel = NewGUCNestLevel();
	Value result;

	if (call->kind->run != NULL)
		result = call->kind->run(call);
	else
		result = sql_function_call(call->function, call->payload);
	if (call->kind->wrap != NULL)
		result = call->kind->wrap(call, result);

	/* their errors are the task's; and they still run with its settings */
	if (!call->in_query)
		AfterTriggerFireDeferred();
	AtEOXact_GUC(false, nestlevel);
	return result;
}

void
task_call_caught(const TaskCall *call, TimestampTz until, TaskOutcome *outcome)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	TimestampTz around = armed; /* it may be called within another one */

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		arm(Min(until, around));
		outcome->output = task_call(call);
		disarm(around);
		outcome->timed_out = GetCurrentTimestamp() >= until;
		outcome->succeeded = !outcome->timed_out;
		if (outcome->succeeded)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		bool timed_out = GetCurrentTimestamp() >= until;
		ErrorData *error;

		disarm(around);
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		outcome->timed_out = timed_out && error->sqlerrcode == ERRCODE_QUERY_CANCELED;
		outcome->succeeded = false;
		/* somebody wants all of it to end */
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && !outcome->timed_out)
			ReThrowError(error);
		task_error(error, &outcome->error, &outcome->cause);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

/*
 * A timer of our own: the session may have armed its own ones.
 */
static void
arm(TimestampTz until)
{
	static bool registered = false;

	armed = until;
	if (until == ENGINE_NEVER)
		return;
	if (!registered)
		timer = RegisterTimeout(USER_TIMEOUT, over);
	registered = true;
	enable_timeout_at(timer, until);
}

/*
 * Up to the timer that there was before, if there was one.  A cancel that ours has
 * asked for is not to hit what follows.
 */
static void
disarm(TimestampTz before)
{
	if (armed != ENGINE_NEVER)
		disable_timeout(timer, false);
	if (time_is_over)
		QueryCancelPending = false;
	time_is_over = false;
	arm(before);
}

/* In a signal handler */
static void
over(void)
{
	time_is_over = true;
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}

/*
 * What DISCARD ALL does, where there is something to discard.
 */
void
task_reset_session(void)
{
	Oid temp_namespace;
	Oid temp_toast_namespace;

	GetTempNamespaceState(&temp_namespace, &temp_toast_namespace);
	StartTransactionCommand();
	PortalHashTableDeleteAll();
	DropAllPreparedStatements();
	Async_UnlistenAll();
	LockReleaseAll(USER_LOCKMETHOD, true);
	ResetSequenceCaches();
	if (OidIsValid(temp_namespace))
		ResetTempTableNamespace();
	CommitTransactionCommand();
}
