/*-------------------------------------------------------------------------
 *
 * wait.c
 *	  wait_for_execution(): until an execution has ended.
 *
 * Between two looks it holds no lock and sleeps on a slot of shared memory that
 * whoever closes the execution wakes.  Each look takes a fresh snapshot, so it
 * cannot be done where the transaction has one for good.
 *
 * IDENTIFICATION
 *	  src/api/wait.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "worker/worker.h"

WF_FUNCTION(wf_wait_for_execution);

static bool look(FunctionCallInfo fcinfo, ApiCall *call, TimestampTz deadline,
				 int64 *execution_id, Datum *row);
static void check_waiting(const StoreExecutionRecord *execution, const char *arn);
static TimestampTz deadline_of(FunctionCallInfo fcinfo);

/*
 * wait_for_execution(arn text, timeout interval) returns a row as
 * describe_execution()
 */
Datum
wf_wait_for_execution(PG_FUNCTION_ARGS)
{
	ValueObject *request = value_object_new(1);
	ApiCall call = {
		.action = api_find_action("DescribeExecution"),
		.typed = true,
		.user = GetUserId(),
	};
	TimestampTz deadline = deadline_of(fcinfo);
	int64 execution_id = 0;
	Datum row;
	int slot;

	api_check_argument(fcinfo, 0, "arn");
	api_put_text(request, "executionArn", text_to_cstring(PG_GETARG_TEXT_PP(0)));
	call.request = value_from_object(request);
	if (look(fcinfo, &call, deadline, &execution_id, &row))
		return row;

	slot = worker_waiter_begin(execution_id);
	while (!look(fcinfo, &call, deadline, &execution_id, &row))
	{
		CHECK_FOR_INTERRUPTS();
		worker_waiter_sleep(slot, deadline);
	}
	worker_waiter_end(slot);
	return row;
}

/*
 * true, with the row, once the execution has ended or the time is over
 */
static bool
look(FunctionCallInfo fcinfo, ApiCall *call, TimestampTz deadline, int64 *execution_id,
	 Datum *row)
{
	MemoryContext caller = CurrentMemoryContext;
	StoreSession session;
	StoreExecutionRecord execution;
	bool done;

	store_begin(&session);
	call->now = GetCurrentTimestamp();
	api_check(call);
	api_find_execution(call, false, api_status, &execution);
	*execution_id = execution.id;
	done = execution.stopped_at != ENGINE_NEVER;
	if (!done)
		check_waiting(&execution, api_get_string(call, "executionArn"));
	if (done || call->now >= deadline)
	{
		Value response = api_describe_execution(call);

		MemoryContextSwitchTo(caller);
		*row = api_row(fcinfo, response);
		done = true;
	}
	store_end(&session);
	return done;
}

/*
 * Raises where it could never end before this transaction does.
 */
static void
check_waiting(const StoreExecutionRecord *execution, const char *arn)
{
	if (execution->mine)
		ereport(
			ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg(
				"cannot wait for an execution that was started in the same transaction"),
			errdetail("Execution \"%s\" does not begin before this transaction commits.",
					  arn),
			errhint("Commit, then wait."));
	if (IsolationUsesXactSnapshot())
		ereport(
			ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg(
				"cannot wait for an execution in a transaction with isolation level REPEATABLE READ or SERIALIZABLE"),
			errdetail("Such a transaction does not see what others commit meanwhile."),
			errhint("Wait in a transaction with isolation level READ COMMITTED."));
}

static TimestampTz
deadline_of(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1))
		return ENGINE_NEVER;
	return DatumGetTimestampTz(
		DirectFunctionCall2(timestamptz_pl_interval,
							TimestampTzGetDatum(GetCurrentTimestamp()),
							PG_GETARG_DATUM(1)));
}
