/*-------------------------------------------------------------------------
 *
 * sync.c
 *	  StartSyncExecution and start_sync_execution(): an EXPRESS execution whose
 *	  end is the answer.
 *
 * User code runs as the machine's role, with nobody's rights but its own (R10).
 * Where this session is one of that role it runs here, in the caller's
 * transaction; so does what has no tasks, since it runs no user code.  Otherwise
 * a runner of the role runs it, in a transaction of its own, which has committed
 * when the answer comes.
 *
 * IDENTIFICATION
 *	  src/api/sync.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "task/task.h"
#include "worker/worker.h"

WF_FUNCTION(wf_start_sync_execution);

/* What the service bills: time and memory are rounded up to these */
#define BILLED_MS 100
#define BILLED_MB 64

const ApiMember api_start_sync_execution_members[] =
	{API_MACHINE_ARN,
	 {.name = "name", .kind = API_STRING, .min = 1, .max = 80},
	 {.name = "input", .kind = API_JSON},
	 {.name = "traceHeader",
	  .kind = API_STRING,
	  .max = 256,
	  .pattern = API_PATTERN_ASCII},
	 API_INCLUDED_DATA,
	 API_END};

static Value run(ApiCall *call, const char *name, Value input);
static void find_start(ApiCall *call, const char *name, ExpressStart *start);
static bool runs_here(const ExpressStart *start);
static void run_here(const ExpressStart *start, ExpressEnd *end);
static void run_in_runner(const ExpressStart *start, ExpressEnd *end);
static Value response(const ApiCall *call, const ExpressStart *start,
					  const ExpressEnd *end);
static Value billing_details(const ExpressStart *start, const ExpressEnd *end);

Value
api_start_sync_execution(ApiCall *call)
{
	const char *name = api_get_string(call, "name");
	const char *text = api_get_string(call, "input");

	if (name != NULL)
		api_check_name(name);
	return run(call, name, value_from_jsonb(api_parse_input(text ? text : "{}")));
}

/*
 * start_sync_execution(state_machine text, input jsonb, name text) returns a row
 */
Datum
wf_start_sync_execution(PG_FUNCTION_ARGS)
{
	ValueObject *request = value_object_new(1);
	ApiCall call = {
		.action = api_find_action("StartSyncExecution"),
		.typed = true,
		.user = GetUserId(),
		.now = GetCurrentTimestamp(),
	};
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller,
												  "workflow start_sync_execution",
												  ALLOCSET_DEFAULT_SIZES);
	char *name = NULL;
	Value answer;
	Datum row;

	MemoryContextSwitchTo(context);
	api_check_argument(fcinfo, 0, "state_machine");
	api_check_argument(fcinfo, 1, "input");
	api_put_text(request, "stateMachineArn", text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(2))
	{
		name = text_to_cstring(PG_GETARG_TEXT_PP(2));
		api_put_text(request, "name", name);
	}
	call.request = value_from_object(request);
	if (name != NULL ||
		!api_target_is_current(api_get_string(&call, "stateMachineArn"), call.user))
		api_check(&call);
	if (name != NULL)
		api_check_name(name);
	api_check_input(PG_GETARG_JSONB_P(1));
	answer = run(&call, name, value_from_jsonb(PG_GETARG_JSONB_P(1)));
	MemoryContextSwitchTo(caller);
	row = api_row(fcinfo, answer);
	MemoryContextDelete(context);
	return row;
}

static Value
run(ApiCall *call, const char *name, Value input)
{
	ExpressStart start = {.input = input, .sync = true, .in_query = true};
	ExpressEnd end;

	find_start(call, name, &start);
	start.started_at = call->now;
	if (runs_here(&start))
		run_here(&start, &end);
	else
		run_in_runner(&start, &end);
	return response(call, &start, &end);
}

/*
 * What is to run.  It has to outlive what the target lives as long as: the
 * execution's own tasks may start others.
 */
static void
find_start(ApiCall *call, const char *name, ExpressStart *start)
{
	MemoryContext context = CurrentMemoryContext;
	bool current =
		api_target_is_current(api_get_string(call, "stateMachineArn"), call->user);
	char **names = store_random_names(2);
	const ApiTarget *found;
	const ApiRoute *route;
	StoreSession session;

	if (!current)
	{
		store_begin(&session);
		MemoryContextSwitchTo(context);
	}
	found = api_find_target(call);
	if (!found->express)
		api_wrong_type();
	route = api_choose_route(found);
	start->revision = route->revision;
	start->version = route->version;
	start->alias = found->alias == NULL ? NULL : pstrdup(found->alias);
	start->name = name != NULL ? name : names[0];
	start->id = names[1];
	if (!current)
	{
		store_end(&session);
		MemoryContextSwitchTo(context);
	}
}

/*
 * Is there no user code to run, or is this session the role's, with nothing else
 * underneath that the code could get back to?
 */
static bool
runs_here(const ExpressStart *start)
{
	Oid role;

	if (!express_has_tasks(start->revision->machine))
		return true;
	role = get_role_oid(start->revision->role, true);
	return GetUserId() == role && GetSessionUserId() == role && MyProc->roleId == role;
}

static void
run_here(const ExpressStart *start, ExpressEnd *end)
{
	EngineExecution execution;

	express_run(start, express_is_logged(start->revision), &execution);
	express_log(start, &execution);
	express_end(&execution, end);
}

static void
run_in_runner(const ExpressStart *start, ExpressEnd *end)
{
	MemoryContext context = CurrentMemoryContext;
	StoreSession session;
	const char *why;
	const char *hint;

	store_begin(&session);
	why = api_why_nothing_runs(&hint);
	store_end(&session);
	MemoryContextSwitchTo(context);
	if (why != NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("there is no runner for the execution, because %s", why),
				errhint("%s", hint));
	worker_run_express(start, end);
}

static Value
response(const ApiCall *call, const ExpressStart *start, const ExpressEnd *end)
{
	const char *machine_name = start->revision->machine_name;
	const char *wanted = api_get_string(call, "includedData");
	bool included = wanted == NULL || strcmp(wanted, "ALL_DATA") == 0;
	ValueObject *answer = value_object_new(14);
	ValueObject *details = value_object_new(1);

	api_put(details, "included", value_bool(included));
	api_put_text(answer,
				 "executionArn",
				 store_express_arn(machine_name, start->name, start->id));
	api_put_text(answer, "stateMachineArn", store_machine_arn(machine_name));
	api_put_text(answer, "name", start->name);
	api_put_time(call, answer, "startDate", start->started_at);
	api_put_time(call, answer, "stopDate", end->stopped_at);
	api_put_text(answer, "status", end->status);
	api_put_text(answer, "error", end->error);
	api_put_text(answer, "cause", end->cause);
	if (included)
	{
		api_put_json(call, answer, "input", start->input);
		api_put_json(call, answer, "output", end->output);
	}
	api_put(answer, "inputDetails", value_from_object(details));
	api_put(answer, "outputDetails", value_from_object(details));
	api_put_text(answer, "traceHeader", api_get_string(call, "traceHeader"));
	api_put(answer, "billingDetails", billing_details(start, end));
	return value_from_object(answer);
}

static Value
billing_details(const ExpressStart *start, const ExpressEnd *end)
{
	ValueObject *details = value_object_new(2);
	int64 ms = (end->stopped_at - start->started_at) / 1000;
	int64 mb = end->memory / (1024 * 1024);

	api_put(details,
			"billedDurationInMilliseconds",
			value_int64(((ms + BILLED_MS - 1) / BILLED_MS + (ms == 0)) * BILLED_MS));
	api_put(details,
			"billedMemoryUsedInMB",
			value_int64((mb / BILLED_MB + 1) * BILLED_MB));
	return value_from_object(details);
}
