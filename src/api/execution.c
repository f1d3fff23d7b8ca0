/*-------------------------------------------------------------------------
 *
 * execution.c
 *	  DescribeExecution, StopExecution, ListExecutions.
 *
 * Who may see the status of an execution, but not its data, is answered as if
 * METADATA_ONLY had been asked for.
 *
 * IDENTIFICATION
 *	  src/api/execution.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"
#include "guc.h"

#define STATUS_VALUES "SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING"

/* How long a closed execution can be redriven */
#define REDRIVABLE_PERIOD (14 * USECS_PER_DAY)

/* Of EXPRESS executions, those of a Map Run only */
const ApiMember api_describe_execution_members[] = {{.name = "executionArn",
													 .kind = API_ARN,
													 .required = true,
													 .max = 256,
													 .arns = STORE_ARN_EXECUTION |
															 STORE_ARN_EXPRESS_CHILD},
													API_INCLUDED_DATA,
													API_END};

const ApiMember api_stop_execution_members[] =
	{API_EXECUTION_ARN,
	 {.name = "error", .kind = API_STRING, .max = 256, .quota = true},
	 {.name = "cause", .kind = API_STRING, .max = 32768, .quota = true},
	 API_END};

const ApiMember api_list_executions_members[] =
	{{.name = "stateMachineArn", .kind = API_ARN, .max = 256, .arns = STORE_ARN_MACHINE},
	 {.name = "statusFilter", .kind = API_STRING, .values = STATUS_VALUES},
	 API_MAX_RESULTS,
	 API_NEXT_TOKEN(3096),
	 {.name = "mapRunArn", .kind = API_ARN, .max = 2000, .arns = STORE_ARN_MAP_RUN},
	 {.name = "redriveFilter", .kind = API_STRING, .values = "REDRIVEN, NOT_REDRIVEN"},
	 API_END};

static bool find_execution(const StoreArn *arn, bool with_data,
						   StoreExecutionRecord *execution);
static void put_names(ValueObject *response, const StoreExecutionRecord *execution);
static void put_data(const ApiCall *call, ValueObject *response,
					 const StoreExecutionRecord *execution, bool included);
static void put_redrive(const ApiCall *call, ValueObject *response,
						const StoreExecutionRecord *execution);
static const char *not_redrivable(const ApiCall *call,
								  const StoreExecutionRecord *execution);
static Value list_children(ApiCall *call);
static Value list_page(const ApiCall *call, const ApiPage *page, const char *scope,
					   const StoreExecutionRecord *executions, int count);
static Value list_item(const ApiCall *call, const StoreExecutionRecord *execution);

void
api_find_execution(const ApiCall *call, bool with_data, const char *const *privileges,
				   StoreExecutionRecord *execution)
{
	const char *text = api_get_arn_text(call, "executionArn");
	StoreArn arn;

	api_get_arn(call, "executionArn", &arn);
	if (!find_execution(&arn, with_data, execution))
		ereport(ERROR,
				errcode(ERRCODE_WF_EXECUTION_DOES_NOT_EXIST),
				errmsg("Execution Does Not Exist: '%s'", text));
	api_authorize(call,
				  execution->state_machine_id,
				  execution->machine_owner,
				  privileges,
				  text);
}

/* What stands behind the machine's name must be the execution's own, all of it */
static bool
find_execution(const StoreArn *arn, bool with_data, StoreExecutionRecord *execution)
{
	const char *label = arn->label == NULL ? "" : arn->label;
	char *name;

	if (arn->qualifier == NULL)
		return false;
	name = pnstrdup(arn->qualifier, strcspn(arn->qualifier, ":"));
	if (!store_find_execution(arn->name, name, with_data, execution) ||
		strcmp(label, execution->map_label == NULL ? "" : execution->map_label) != 0)
		return false;
	if (execution->map_express)
		return arn->kind == STORE_ARN_EXPRESS_CHILD &&
			   strcmp(arn->qualifier, psprintf("%s:%s", name, name)) == 0;
	return arn->kind == STORE_ARN_EXECUTION && strcmp(arn->qualifier, name) == 0;
}

Value
api_describe_execution(ApiCall *call)
{
	const char *included = api_get_string(call, "includedData");
	StoreExecutionRecord execution;
	ValueObject *response = value_object_new(24);
	bool readable;

	api_find_execution(call, true, api_status, &execution);
	readable =
		api_may(call, execution.state_machine_id, execution.machine_owner, api_read);
	put_names(response, &execution);
	api_put_text(response, "status", execution.status);
	api_put_time(call, response, "startDate", execution.started_at);
	api_put_time(call, response, "stopDate", execution.stopped_at);
	put_data(call,
			 response,
			 &execution,
			 readable && (included == NULL || strcmp(included, "ALL_DATA") == 0));
	if (readable)
	{
		api_put_text(response, "error", execution.error);
		api_put_text(response, "cause", execution.cause);
		api_put_text(response, "traceHeader", execution.trace_header);
	}
	put_redrive(call, response, &execution);
	return value_from_object(response);
}

/*
 * ARNs and the name
 */
static void
put_names(ValueObject *response, const StoreExecutionRecord *execution)
{
	const char *machine =
		store_labeled_name(execution->machine_name, execution->map_label);

	api_put_text(response,
				 "executionArn",
				 store_map_child_arn(machine, execution->name, execution->map_express));
	api_put_text(response, "stateMachineArn", store_machine_arn(machine));
	api_put_text(response, "name", execution->name);
	if (execution->map_run_name != NULL)
		api_put_text(response,
					 "mapRunArn",
					 store_map_run_arn(execution->machine_name,
									   execution->map_label,
									   execution->map_run_name));
	if (execution->version != 0)
		api_put_text(response,
					 "stateMachineVersionArn",
					 store_version_arn(execution->machine_name, execution->version));
	if (execution->alias != NULL)
		api_put_text(response,
					 "stateMachineAliasArn",
					 store_alias_arn(execution->machine_name, execution->alias));
}

static void
put_data(const ApiCall *call, ValueObject *response,
		 const StoreExecutionRecord *execution, bool included)
{
	ValueObject *details = value_object_new(1);

	api_put(details, "included", value_bool(included));
	if (included)
		api_put_json(call, response, "input", execution->input);
	api_put(response, "inputDetails", value_from_object(details));
	if (strcmp(execution->status, "SUCCEEDED") != 0)
		return;
	if (included)
		api_put_json(call, response, "output", execution->output);
	api_put(response, "outputDetails", value_from_object(details));
}

static void
put_redrive(const ApiCall *call, ValueObject *response,
			const StoreExecutionRecord *execution)
{
	const char *reason = not_redrivable(call, execution);
	bool is_child = execution->map_run_name != NULL;
	const char *redrivable = is_child ? "REDRIVABLE_BY_MAP_RUN" : "REDRIVABLE";

	api_put(response, "redriveCount", value_int64(execution->redrive_count));
	api_put_time(call, response, "redriveDate", execution->redriven_at);
	api_put_text(response,
				 "redriveStatus",
				 reason == NULL ? redrivable : "NOT_REDRIVABLE");
	api_put_text(response, "redriveStatusReason", reason);
}

/*
 * Why not, or NULL
 */
static const char *
not_redrivable(const ApiCall *call, const StoreExecutionRecord *execution)
{
	StoreMachineRecord machine;

	if (strcmp(execution->status, "RUNNING") == 0 ||
		strcmp(execution->status, "SUCCEEDED") == 0)
		return psprintf("Execution is %s and cannot be redriven", execution->status);
	if (!store_find_machine_by_id(execution->state_machine_id, &machine) ||
		strcmp(machine.status, "ACTIVE") != 0)
		return "State machine is in DELETING status";
	if (execution->stopped_at != ENGINE_NEVER &&
		call->now - execution->stopped_at > REDRIVABLE_PERIOD)
		return "Execution redrivable period exceeded";
	return NULL;
}

/*
 * What has ended already keeps its end.
 */
Value
api_stop_execution(ApiCall *call)
{
	StoreExecutionRecord execution;
	ValueObject *response = value_object_new(1);

	api_find_execution(call, false, api_stop, &execution);
	(void) store_stop_execution(execution.id,
								api_get_string(call, "error"),
								api_get_string(call, "cause"),
								call->now);
	if (!store_find_execution_by_id(execution.id, false, &execution))
		elog(ERROR, "execution " INT64_FORMAT " has vanished", execution.id);
	api_put_time(call, response, "stopDate", execution.stopped_at);
	return value_from_object(response);
}

/*
 * Newest first: of a machine, or those that were started through one of its
 * versions or aliases.
 */
Value
api_list_executions(ApiCall *call)
{
	const char *text = api_get_arn_text(call, "stateMachineArn");
	const char *status = api_get_string(call, "statusFilter");
	StoreArn arn;
	StoreMachineRecord machine;
	ApiPage page;
	StoreExecutionRecord *executions;
	const char *scope;
	int version;
	int count;

	if ((text == NULL) == (api_get_string(call, "mapRunArn") == NULL))
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("Must specify exactly one of stateMachineArn and mapRunArn"));
	if (text == NULL)
		return list_children(call);
	if (api_get_string(call, "redriveFilter") != NULL ||
		(status && strcmp(status, "PENDING_REDRIVE") == 0))
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("Executions can be filtered by redrive with a mapRunArn only"));

	api_get_arn(call, "stateMachineArn", &arn);
	if (arn.label != NULL || !store_find_machine(arn.name, false, &machine))
		api_no_machine(text);
	api_authorize(call, machine.id, machine.owner, api_status, text);
	if (strcmp(machine.type, "EXPRESS") == 0)
		api_wrong_type();

	scope = psprintf("%s %s", text, status ? status : "");
	version = api_version_number(arn.qualifier);
	api_get_page(call, scope, &page);
	count = store_list_executions(machine.id,
								  status,
								  version,
								  version == 0 ? arn.qualifier : NULL,
								  page.position ? strtoi64(page.position, NULL, 10) : 0,
								  api_page_fetch(&page),
								  &executions);
	return list_page(call, &page, scope, executions, count);
}

/*
 * Newest first: children of a Map Run.
 */
static Value
list_children(ApiCall *call)
{
	const char *status = api_get_string(call, "statusFilter");
	const char *redrive = api_get_string(call, "redriveFilter");
	StoreMapRunRecord run;
	ApiPage page;
	StoreExecutionRecord *executions = NULL;
	const char *scope;
	int count = 0;

	api_find_map_run(call, api_status, &run);
	scope = psprintf("%s %s %s",
					 api_get_arn_text(call, "mapRunArn"),
					 status ? status : "",
					 redrive ? redrive : "");
	api_get_page(call, scope, &page);
	/* none has ever been redriven */
	if (redrive == NULL || strcmp(redrive, "REDRIVEN") != 0)
		count =
			store_list_map_executions(run.id,
									  status,
									  page.position ? strtoi64(page.position, NULL, 10)
													: 0,
									  api_page_fetch(&page),
									  &executions);
	return list_page(call, &page, scope, executions, count);
}

/*
 * The executions of a page, and where the next one begins
 */
static Value
list_page(const ApiCall *call, const ApiPage *page, const char *scope,
		  const StoreExecutionRecord *executions, int count)
{
	ValueArray *list = value_array_new(16);
	ValueObject *response = value_object_new(2);

	for (int i = 0; i < api_page_count(page, count); i++)
		value_array_push(list, list_item(call, &executions[i]));
	api_put(response, "executions", value_from_array(list));
	if (api_page_count(page, count) < count)
		api_put_next_token(call,
						   response,
						   scope,
						   psprintf(INT64_FORMAT, executions[page->limit - 1].id));
	return value_from_object(response);
}

static Value
list_item(const ApiCall *call, const StoreExecutionRecord *execution)
{
	ValueObject *item = value_object_new(12);

	put_names(item, execution);
	api_put_text(item, "status", execution->status);
	api_put_time(call, item, "startDate", execution->started_at);
	api_put_time(call, item, "stopDate", execution->stopped_at);
	if (execution->map_run_name != NULL)
		api_put(item, "itemCount", value_int64(execution->item_count));
	api_put(item, "redriveCount", value_int64(execution->redrive_count));
	api_put_time(call, item, "redriveDate", execution->redriven_at);
	return value_from_object(item);
}
