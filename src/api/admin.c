/*-------------------------------------------------------------------------
 *
 * admin.c
 *	  What the owner of the extension does, and what views ask: resume(),
 *	  purge_executions(), the processes, the error codes.
 *
 * IDENTIFICATION
 *	  src/api/admin.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "worker/worker.h"

WF_FUNCTION(wf_resume);
WF_FUNCTION(wf_purge_executions);
WF_FUNCTION(wf__installed);
WF_FUNCTION(wf__replace_instance);
WF_FUNCTION(wf__is_preloaded);
WF_FUNCTION(wf__is_suspended);
WF_FUNCTION(wf__needs_login);
WF_FUNCTION(wf__workers);
WF_FUNCTION(wf__error_codes);

#define ERROR_CODE_ROW(suffix, a, b, c, name) {WF_SQLSTATE(a, b, c), name},

static const struct
{
	int sqlstate;
	const char *exception;
} error_codes[] = {WF_ERRCODE_LIST(ERROR_CODE_ROW)};

static void check_owner(Oid user);

/*
 * resume() returns void: this is the database in which its workflows run
 */
Datum
wf_resume(PG_FUNCTION_ARGS)
{
	Oid user = GetUserId();
	StoreSession session;

	store_begin(&session);
	check_owner(user);
	store_claim_instance(GetCurrentTimestamp());
	worker_ring_launcher();
	store_end(&session);
	PG_RETURN_VOID();
}

/*
 * A session runs as the owner.
 */
static void
check_owner(Oid user)
{
	if (!store_has_role(user, GetUserNameFromId(store_owner(), false)))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("must be owner of extension %s", WORKFLOW_EXTENSION));
}

/*
 * _installed() returns void: the last thing that CREATE EXTENSION does
 */
Datum
wf__installed(PG_FUNCTION_ARGS)
{
	worker_ring_launcher();
	PG_RETURN_VOID();
}

/*
 * Before a row comes into instance, the one there is goes: a restore brings
 * that of the original.
 */
Datum
wf__replace_instance(PG_FUNCTION_ARGS)
{
	StoreSession session;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("function \"%s\" was not called by trigger manager",
					   "_replace_instance"));
	store_begin(&session);
	store_forget_instance();
	store_end(&session);
	return PointerGetDatum(((TriggerData *) fcinfo->context)->tg_trigtuple);
}

/*
 * purge_executions(older_than interval, max_rows int) returns bigint
 */
Datum
wf_purge_executions(PG_FUNCTION_ARGS)
{
	Oid user = GetUserId();
	StoreSession session;
	TimestampTz before;
	int64 count;

	api_check_argument(fcinfo, 0, "older_than");
	api_check_argument(fcinfo, 1, "max_rows");
	before = DatumGetTimestampTz(
		DirectFunctionCall2(timestamptz_mi_interval,
							TimestampTzGetDatum(GetCurrentTimestamp()),
							PG_GETARG_DATUM(0)));
	store_begin(&session);
	check_owner(user);
	count = store_purge_executions(before, PG_GETARG_INT32(1));
	store_end(&session);
	PG_RETURN_INT64(count);
}

/*
 * _is_preloaded() returns boolean
 */
Datum
wf__is_preloaded(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(worker_is_preloaded());
}

/*
 * _is_suspended() returns boolean: is this database a copy?
 */
Datum
wf__is_suspended(PG_FUNCTION_ARGS)
{
	StoreSession session;
	bool matches;

	store_begin(&session);
	matches = store_instance_matches() || !store_instance_is_noted();
	store_end(&session);
	PG_RETURN_BOOL(!matches);
}

/*
 * _needs_login() returns boolean: do SQL tasks need a role with LOGIN?
 */
Datum
wf__needs_login(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPAT_WORKER_NEEDS_LOGIN);
}

/*
 * _workers() returns table (pid int, kind text, role text, execution_id bigint,
 * branch_id bigint, since timestamptz, state text)
 */
Datum
wf__workers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	WorkerInfo *workers;
	int count = worker_list(&workers);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < count; i++)
	{
		WorkerInfo *worker = &workers[i];
		char *role =
			OidIsValid(worker->role) ? GetUserNameFromId(worker->role, true) : NULL;
		Datum values[7] = {0};
		bool nulls[7] = {0};

		values[0] = Int32GetDatum(worker->pid);
		values[1] = CStringGetTextDatum(worker->kind);
		nulls[2] = role == NULL;
		if (role != NULL)
			values[2] = CStringGetTextDatum(role);
		nulls[3] = nulls[4] = worker->execution_id == 0;
		values[3] = Int64GetDatum(worker->execution_id);
		values[4] = Int64GetDatum(worker->branch_id);
		nulls[5] = worker->since == 0;
		values[5] = TimestampTzGetDatum(worker->since);
		values[6] = CStringGetTextDatum(worker->state);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * _error_codes() returns table (sqlstate text, exception text)
 */
Datum
wf__error_codes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < lengthof(error_codes); i++)
	{
		Datum values[2];
		bool nulls[2] = {0};

		values[0] = CStringGetTextDatum(unpack_sql_state(error_codes[i].sqlstate));
		values[1] = CStringGetTextDatum(error_codes[i].exception);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
