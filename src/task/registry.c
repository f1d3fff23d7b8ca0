/*-------------------------------------------------------------------------
 *
 * registry.c
 *	  The table of integrations that a runner calls.
 *
 * Each kind says what its resources look like, what they call, and what the
 * state gets of the result.  A resource that no kind claims is an AWS service
 * that is not here; its task fails.
 *
 * Must not call anything.
 *
 * IDENTIFICATION
 *	  src/task/registry.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"

#include "guc.h"
#include "store/records.h"
#include "task/task.h"

static void resolve_sql_function(const StoreTask *task, TaskCall *call);
static void resolve_lambda(const StoreTask *task, TaskCall *call);
static void resolve_lambda_invoke(const StoreTask *task, TaskCall *call);
static void resolve_registered(const char *name, TaskCall *call);
static bool ends_with(const char *text, const char *end);
static Value wrap_invoke(const TaskCall *call, Value result);

static const TaskKind kinds[] = {
	{"sql:", NULL, resolve_sql_function, NULL},
	{"arn:", ":states:::lambda:invoke", resolve_lambda_invoke, wrap_invoke},
	{"arn:", ":lambda:", resolve_lambda, NULL},
	{"arn:", ":states:::sql:execute", sql_statement_resolve, NULL, sql_statement_run},
	{"arn:", ":states:::states:startExecution", nested_resolve, NULL, nested_run},
	{"arn:", ":states:::aws-sdk:sfn:", sfn_resolve, NULL, sfn_run},
	{STORE_EXPRESS, NULL, express_kind_resolve, NULL, express_kind_run},
	{ENGINE_ITEM_READER, NULL, map_run_resolve, NULL, map_run_read},
	{ENGINE_RESULT_WRITER, NULL, map_run_resolve, NULL, map_run_write},
};

/*
 * Find out what to call: see task.h.
 */
void
task_resolve(const StoreTask *task, TaskCall *call)
{
	memset(call, 0, sizeof(TaskCall));
	call->isolation = XACT_READ_COMMITTED;
	call->task = task;
	call->parameters = task->input;
	call->payload = task->input;
	if (ends_with(task->resource, ".waitForTaskToken"))
		call->waits_for = STORE_TASK_WAITS_FOR_TOKEN;
	else if (ends_with(task->resource, ".sync") || ends_with(task->resource, ".sync:2"))
		call->waits_for = STORE_TASK_WAITS_FOR_CHILD;
	call->cause = store_credentials_refused(task);
	if (call->cause != NULL)
	{
		call->error = "States.TaskFailed";
		return;
	}
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (strncmp(task->resource, kinds[i].prefix, strlen(kinds[i].prefix)) != 0 ||
			(kinds[i].marker != NULL && strstr(task->resource, kinds[i].marker) == NULL))
			continue;
		call->kind = &kinds[i];
		kinds[i].resolve(task, call);
		return;
	}
	call->error = "States.Runtime";
	call->cause =
		psprintf("The resource %s is not available in this database.", task->resource);
}

/*
 * The parameters do not do for the call: see task.h.
 */
void
task_refuse_parameters(TaskCall *call, const char *reason)
{
	call->error = "States.Runtime";
	call->cause =
		psprintf("The Parameters '%s' could not be used to start the Task: [%s]",
				 value_to_text(call->parameters),
				 reason);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);
	size_t end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* sql:SCHEMA.FUNCTION */
static void
resolve_sql_function(const StoreTask *task, TaskCall *call)
{
	call->function = task->target;
}

/* arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER] */
static void
resolve_lambda(const StoreTask *task, TaskCall *call)
{
	resolve_registered(task->target, call);
}

/* arn:aws:states:::lambda:invoke with {"FunctionName": ..., "Payload": ...} */
static void
resolve_lambda_invoke(const StoreTask *task, TaskCall *call)
{
	Value name = value_object_get_cstring(task->input, "FunctionName");
	WfError error = {0};

	if (value_type(name) != TYPE_STRING)
	{
		task_refuse_parameters(call,
							   "The field 'FunctionName' is required but was missing");
		return;
	}
	if (store_lambda_payload(task->input, &call->payload, &error))
		resolve_registered(store_lambda_name(value_to_cstring(name)), call);
	else
	{
		call->error = "Lambda.InvalidRequestContentException";
		call->cause =
			psprintf("Could not parse request body into json: %s (Service: AWSLambda; "
					 "Status Code: 400; Error Code: InvalidRequestContentException; "
					 "Request ID: null; Proxy: null)",
					 error.message);
	}
}

static void
resolve_registered(const char *name, TaskCall *call)
{
	StoreFunctionRecord function;
	StoreActivityRecord activity;

	if (!store_find_function(name, &function))
	{
		call->error = "Lambda.ResourceNotFoundException";
		call->cause = psprintf(
			"Function not found: arn:aws:lambda:%s:%s:function:%s:$LATEST (Service: AWSLambda; "
			"Status Code: 404; Error Code: ResourceNotFoundException; "
			"Request ID: null; Proxy: null)",
			wf_guc_region,
			wf_guc_account_id,
			name);
		return;
	}
	if (function.function == NULL && !store_find_activity(function.activity, &activity))
	{
		call->error = "Lambda.ServiceException";
		call->cause =
			psprintf("Function \"%s\" is activity \"%s\", which does not exist.",
					 name,
					 function.activity);
		return;
	}
	if (function.function == NULL)
	{
		/* workers get its tasks, but for those that are older, or of EXPRESS executions */
		call->error = "Lambda.ServiceException";
		call->cause = psprintf(
			"Workers of activity \"%s\", which function \"%s\" is, do not get this task: it was "
			"scheduled before it was one, or belongs to an EXPRESS execution.",
			function.activity,
			name);
		return;
	}
	call->function = function.function;
	call->chain = function.chain;
	if (function.isolation != NULL)
		call->isolation =
			strcmp(function.isolation, "serializable") == 0      ? XACT_SERIALIZABLE
			: strcmp(function.isolation, "repeatable read") == 0 ? XACT_REPEATABLE_READ
																 : XACT_READ_COMMITTED;
}

static Value
wrap_invoke(const TaskCall *call, Value result)
{
	return store_lambda_response(call->parameters, result);
}
