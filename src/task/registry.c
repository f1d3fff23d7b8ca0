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
static char *lambda_name(const char *text);
static bool ends_with(const char *text, const char *end);
static Value wrap_invoke(const TaskCall *call, Value result);
static void take_payload(Value payload, TaskCall *call);

static const TaskKind kinds[] = {
	{"sql:", NULL, resolve_sql_function, NULL},
	{"arn:", ":states:::lambda:invoke", resolve_lambda_invoke, wrap_invoke},
	{"arn:", ":lambda:", resolve_lambda, NULL},
};

/*
 * Find out what to call: see task.h.
 */
void
task_resolve(const StoreTask *task, TaskCall *call)
{
	memset(call, 0, sizeof(TaskCall));
	call->isolation = XACT_READ_COMMITTED;
	call->parameters = task->input;
	call->payload = task->input;
	if (ends_with(task->resource, ".waitForTaskToken"))
	{
		call->error = "States.Runtime";
		call->cause = psprintf("The integration pattern of resource %s is not supported yet.",
							   task->resource);
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
	call->cause = psprintf("The resource %s is not available in this database.", task->resource);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t		length = strlen(text);
	size_t		end_length = strlen(end);

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
	Value		name = value_object_get_cstring(task->input, "FunctionName");

	if (value_type(name) != TYPE_STRING)
	{
		call->error = "States.Runtime";
		call->cause = psprintf("The Parameters '%s' could not be used to start the Task: "
							   "[The field 'FunctionName' is required but was missing]",
							   value_to_text(task->input));
		return;
	}
	take_payload(value_object_get_cstring(task->input, "Payload"), call);
	if (call->error == NULL)
		resolve_registered(lambda_name(value_to_cstring(name)), call);
}

/*
 * The Payload as Lambda takes it: a text is the document itself, none is {}.
 */
static void
take_payload(Value payload, TaskCall *call)
{
	WfError		error = {0};

	if (value_type(payload) == TYPE_UNDEFINED || value_type(payload) == TYPE_NULL)
		call->payload = value_from_object(value_object_new(0));
	else if (value_type(payload) != TYPE_STRING)
		call->payload = payload;
	else if (!value_from_text(payload.u.string, payload.len, &call->payload, &error))
	{
		call->error = "Lambda.InvalidRequestContentException";
		call->cause = psprintf("Could not parse request body into json: %s (Service: AWSLambda; "
							   "Status Code: 400; Error Code: InvalidRequestContentException; "
							   "Request ID: null; Proxy: null)",
							   error.message);
	}
}

/*
 * NAME of a function name, of a partial ARN (ACCOUNT:function:NAME) or of an
 * ARN, any of them perhaps with a qualifier.
 */
static char *
lambda_name(const char *text)
{
	const char *marker = strstr(text, "function:");
	const char *start = text;
	const char *end;

	if (marker != NULL && (marker == text || marker[-1] == ':'))
		start = marker + strlen("function:");
	end = strchr(start, ':');
	return end == NULL ? pstrdup(start) : pnstrdup(start, end - start);
}

static void
resolve_registered(const char *name, TaskCall *call)
{
	StoreFunctionRecord function;

	if (!store_find_function(name, &function))
	{
		call->error = "Lambda.ResourceNotFoundException";
		call->cause = psprintf("Function not found: arn:aws:lambda:%s:%s:function:%s:$LATEST (Service: AWSLambda; "
							   "Status Code: 404; Error Code: ResourceNotFoundException; "
							   "Request ID: null; Proxy: null)",
							   wf_guc_region, wf_guc_account_id, name);
		return;
	}
	if (function.function == NULL)
	{
		call->error = "States.Runtime";
		call->cause = psprintf("Function \"%s\" is registered as activity \"%s\", which is not supported yet.",
							   name, function.activity);
		return;
	}
	call->function = function.function;
	call->chain = function.chain;
	if (function.isolation != NULL)
		call->isolation = strcmp(function.isolation, "serializable") == 0 ? XACT_SERIALIZABLE
			: strcmp(function.isolation, "repeatable read") == 0 ? XACT_REPEATABLE_READ
			: XACT_READ_COMMITTED;
}

/* What lambda:invoke gives */
static Value
wrap_invoke(const TaskCall *call, Value result)
{
	ValueObject *object = value_object_new(4);

	value_object_add_cstring(object, "ExecutedVersion", value_cstring("$LATEST"));
	/* there is no log to show the end of */
	if (value_string_is(value_object_get_cstring(call->parameters, "LogType"), "Tail"))
		value_object_add_cstring(object, "LogResult", value_cstring(""));
	value_object_add_cstring(object, "Payload", result);
	value_object_add_cstring(object, "StatusCode", value_int64(200));
	return value_from_object(object);
}
