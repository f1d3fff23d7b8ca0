/*-------------------------------------------------------------------------
 *
 * start.c
 *	  StartExecution, and its typed functions start_execution() and
 *	  start_executions().
 *
 * To start is two inserted rows; what comes before has to cost little, since
 * it happens for every row of "SELECT start_execution(...) FROM ...".
 *
 * IDENTIFICATION
 *	  src/api/start.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "asl/syntax.h"

WF_FUNCTION(wf_start_execution);
WF_FUNCTION(wf_start_executions);

const ApiMember api_start_execution_members[] =
	{API_MACHINE_ARN,
	 {.name = "name", .kind = API_STRING, .min = 1, .max = 80},
	 {.name = "input", .kind = API_JSON},
	 {.name = "traceHeader",
	  .kind = API_STRING,
	  .max = 256,
	  .pattern = API_PATTERN_ASCII},
	 API_END};

/* The longest name of an execution, in characters */
#define MAX_NAME 80

static const char *queue(ApiCall *call, ApiTarget *found, const StoreStart *row,
						 const char *name, Jsonb *input);
static void warn_if_nothing_runs(ApiTarget *found);
static StoreStart prepare_start(const ApiTarget *found, const ApiRoute *route,
								TimestampTz now);
static const char *start(ApiCall *call, ApiTarget *found, const char *name, Jsonb *input,
						 const char *trace_header, TimestampTz *started_at);
static Datum start_all(ApiCall *call, ApiTarget *found, ArrayType *inputs);
static ArrayType *inputs_of_route(Datum *inputs, const int *routes, int route, int count,
								  int *taken);

/*
 * A name that is in use is no error while that execution runs with the same
 * input: then it is the answer.
 */
Value
api_start_execution(ApiCall *call)
{
	const char *name = api_get_string(call, "name");
	const char *text = api_get_string(call, "input");
	ApiTarget *found = api_find_target(call);
	ValueObject *response = value_object_new(2);
	TimestampTz started_at;
	const char *arn;

	if (name != NULL)
		api_check_name(name);
	arn = start(call,
				found,
				name,
				api_parse_input(text ? text : "{}"),
				api_get_string(call, "traceHeader"),
				&started_at);
	api_put_text(response, "executionArn", arn);
	api_put_time(call, response, "startDate", started_at);
	return value_from_object(response);
}

/*
 * Raises InvalidExecutionInput; the text is not NULL.
 */
Jsonb *
api_parse_input(const char *text)
{
	Value value;
	WfError error = {0};

	if (!value_from_text(text, (int) strlen(text), &value, &error))
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_EXECUTION_INPUT),
				errmsg("Invalid State Machine Execution Input: '%s'",
					   text[strspn(text, " \t\n\r")] == '\0'
						   ? "Invalid execution input."
						   : asl_syntax_error(text, &error).reason));
	return value_to_jsonb(value);
}

/*
 * start_execution(state_machine text, input jsonb, name text) returns text
 */
Datum
wf_start_execution(PG_FUNCTION_ARGS)
{
	ValueObject *request = value_object_new(1);
	ApiCall call = {
		.action = api_find_action("StartExecution"),
		.typed = true,
		.user = GetUserId(),
		.now = GetCurrentTimestamp(),
	};
	StoreSession session;
	MemoryContext caller = CurrentMemoryContext;
	Jsonb *input;
	char *name = NULL;
	const char *arn;
	text *result;

	api_check_argument(fcinfo, 0, "state_machine");
	api_check_argument(fcinfo, 1, "input");
	api_put_text(request, "stateMachineArn", text_to_cstring(PG_GETARG_TEXT_PP(0)));
	input = PG_GETARG_JSONB_P(1);
	if (!PG_ARGISNULL(2))
	{
		name = text_to_cstring(PG_GETARG_TEXT_PP(2));
		api_put_text(request, "name", name);
	}
	call.request = value_from_object(request);

	store_begin(&session);
	if (name != NULL ||
		!api_target_is_current(api_get_string(&call, "stateMachineArn"), call.user))
		api_check(&call);
	if (name != NULL)
		api_check_name(name);
	api_check_input(input);
	arn = start(&call, api_find_target(&call), name, input, NULL, NULL);
	MemoryContextSwitchTo(caller);
	result = cstring_to_text(arn);
	store_end(&session);
	PG_RETURN_TEXT_P(result);
}

/*
 * start_executions(state_machine text, inputs jsonb[]) returns text[]
 */
Datum
wf_start_executions(PG_FUNCTION_ARGS)
{
	ValueObject *request = value_object_new(1);
	ApiCall call = {
		.action = api_find_action("StartExecution"),
		.typed = true,
		.user = GetUserId(),
		.now = GetCurrentTimestamp(),
	};
	StoreSession session;
	MemoryContext caller = CurrentMemoryContext;
	ArrayType *inputs;
	Datum result;

	api_check_argument(fcinfo, 0, "state_machine");
	api_check_argument(fcinfo, 1, "inputs");
	api_put_text(request, "stateMachineArn", text_to_cstring(PG_GETARG_TEXT_PP(0)));
	call.request = value_from_object(request);
	inputs = PG_GETARG_ARRAYTYPE_P(1);
	if (array_contains_nulls(inputs))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("argument \"%s\" must not contain nulls", "inputs"));

	store_begin(&session);
	api_check(&call);
	result = start_all(&call, api_find_target(&call), inputs);
	MemoryContextSwitchTo(caller);
	result = PointerGetDatum(DatumGetArrayTypePCopy(result));
	store_end(&session);
	return result;
}

/*
 * It starts all the same: it runs once there is somebody to run it.  Said once
 * per statement.
 */
static void
warn_if_nothing_runs(ApiTarget *found)
{
	const char *hint;
	const char *why;

	if (found->warned)
		return;
	found->warned = true;
	why = api_why_nothing_runs(&hint);
	if (why != NULL)
		ereport(WARNING,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("executions are started but do not run, because %s", why),
				errhint("%s", hint));
}

static StoreStart
prepare_start(const ApiTarget *found, const ApiRoute *route, TimestampTz now)
{
	const StoreRevision *revision = store_revision(route->revision_id);

	return (StoreStart){
		.state_machine_id = found->machine_id,
		.revision_id = route->revision_id,
		.version = route->version,
		.alias = found->alias,
		.started_at = now,
		.timeout_seconds = revision->machine->timeout_seconds,
		.role = revision->role,
	};
}

/*
 * Gives the ARN, and when it was started, by this call or by an earlier one
 * that was the same.
 */
static const char *
start(ApiCall *call, ApiTarget *found, const char *name, Jsonb *input,
	  const char *trace_header, TimestampTz *started_at)
{
	StoreStart row = prepare_start(found, api_choose_route(found), call->now);
	StoreExecutionRecord existing;
	const char *arn;

	if (started_at != NULL)
		*started_at = call->now;
	if (found->express)
		return queue(call, found, &row, name, input);
	row.trace_header = trace_header;
	if (call->parent != NULL)
		row.parent = *call->parent;
	if (name == NULL)
		name = store_random_names(1)[0];
	arn = store_execution_arn(found->machine_name, name);
	if (store_start_execution(&row, name, input) != 0)
	{
		warn_if_nothing_runs(found);
		return arn;
	}

	/* one that runs already tells nobody else of its end */
	if (row.parent.branch_id == 0 &&
		store_find_execution(found->machine_name, name, true, &existing) &&
		strcmp(existing.status, "RUNNING") == 0 &&
		value_equal(existing.input, value_from_jsonb(input)))
	{
		if (started_at != NULL)
			*started_at = existing.started_at;
		return arn;
	}
	ereport(ERROR,
			errcode(ERRCODE_WF_EXECUTION_ALREADY_EXISTS),
			errmsg("Execution Already Exists: '%s'", arn));
}

/*
 * An EXPRESS execution: nothing tells of its end, so nobody can wait for it.
 */
static const char *
queue(ApiCall *call, ApiTarget *found, const StoreStart *row, const char *name,
	  Jsonb *input)
{
	char **names = store_random_names(2);
	Datum item = JsonbPGetDatum(input);

	if (call->parent != NULL && call->parent->branch_id != 0)
		api_wrong_type();
	if (name != NULL)
		names[0] = pstrdup(name);
	store_queue_express(row,
						&names[0],
						&names[1],
						construct_array(&item, 1, JSONBOID, -1, false, TYPALIGN_INT));
	warn_if_nothing_runs(found);
	return store_express_arn(found->machine_name, names[0], names[1]);
}

/*
 * The limit is one of JSON text.  A jsonb that is much smaller is not written
 * out to see that.
 */
void
api_check_input(Jsonb *input)
{
	int64 size = VARSIZE(input);

	if (size > api_max_payload() / 8)
		api_check_payload("input", strlen(value_to_text(value_from_jsonb(input))));
}

/*
 * A statement for each route.
 */
static Datum
start_all(ApiCall *call, ApiTarget *found, ArrayType *inputs)
{
	Datum *items;
	Datum *arns;
	int *routes;
	char **names;
	char **runs = NULL;
	int count;

	deconstruct_array(inputs, JSONBOID, -1, false, TYPALIGN_INT, &items, NULL, &count);
	arns = palloc_array(Datum, Max(count, 1));
	routes = palloc_array(int, Max(count, 1));
	names = store_random_names(count);
	if (found->express)
		runs = store_random_names(count);
	for (int i = 0; i < count; i++)
	{
		api_check_input(DatumGetJsonbP(items[i]));
		routes[i] = (int) (api_choose_route(found) - found->routes);
		arns[i] = CStringGetTextDatum(
			found->express ? store_express_arn(found->machine_name, names[i], runs[i])
						   : store_execution_arn(found->machine_name, names[i]));
	}

	for (int route = 0; count > 0 && route < found->nroutes; route++)
	{
		StoreStart rows = prepare_start(found, &found->routes[route], call->now);
		int *taken = palloc_array(int, count + 1);
		ArrayType *own = inputs_of_route(items, routes, route, count, taken);
		char **own_names = palloc_array(char *, count);
		char **own_runs = palloc_array(char *, count);

		for (int i = 0; taken[i] >= 0; i++)
		{
			own_names[i] = names[taken[i]];
			own_runs[i] = found->express ? runs[taken[i]] : NULL;
		}
		if (taken[0] >= 0 && found->express)
			store_queue_express(&rows, own_names, own_runs, own);
		else if (taken[0] >= 0)
			store_start_executions(&rows, own_names, own);
	}
	warn_if_nothing_runs(found);
	return PointerGetDatum(
		construct_array(arns, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * The inputs that go one route, and in taken their numbers, ended by -1
 */
static ArrayType *
inputs_of_route(Datum *inputs, const int *routes, int route, int count, int *taken)
{
	Datum *own = palloc_array(Datum, count);
	int n = 0;

	for (int i = 0; i < count; i++)
	{
		if (routes[i] != route)
			continue;
		taken[n] = i;
		own[n++] = inputs[i];
	}
	taken[n] = -1;
	return construct_array(own, n, JSONBOID, -1, false, TYPALIGN_INT);
}
