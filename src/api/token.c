/*-------------------------------------------------------------------------
 *
 * token.c
 *	  SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.
 *
 * Whoever holds a task token may use it.  A token that was answered, or whose
 * task is over, is the token of no task any more: TaskTimedOut, as for one that
 * never was.
 *
 * IDENTIFICATION
 *	  src/api/token.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"
#include "asl/syntax.h"

#define TASK_TOKEN                                                                       \
	{                                                                                    \
		.name = "taskToken", .kind = API_STRING, .required = true, .min = 1, .max = 2048 \
	}

const ApiMember api_send_task_success_members[] =
	{TASK_TOKEN, {.name = "output", .kind = API_JSON, .required = true}, API_END};

const ApiMember api_send_task_failure_members[] =
	{TASK_TOKEN,
	 {.name = "error", .kind = API_STRING, .max = 256},
	 {.name = "cause", .kind = API_STRING, .max = 32768},
	 API_END};

const ApiMember api_send_task_heartbeat_members[] = {TASK_TOKEN, API_END};

static Value read_output(const ApiCall *call);
static void lock_task(const ApiCall *call, StoreTokenTask *task);
static void answer(const ApiCall *call, StoreTokenTask *task,
				   const StoreTokenAnswer *answer);
pg_noreturn static void timed_out(void);

Value
api_send_task_success(ApiCall *call)
{
	StoreTokenAnswer result = {.succeeded = true, .output = read_output(call)};
	StoreTokenTask task;

	lock_task(call, &task);
	answer(call, &task, &result);
	return api_empty();
}

/*
 * The output: JSON, as text or not.  Raises InvalidOutput, ValidationException.
 */
static Value
read_output(const ApiCall *call)
{
	Value output = value_object_get_cstring(call->request, "output");
	WfError error = {0};
	char *text;
	Value value;

	if (call->typed)
	{
		if (value_type(output) == TYPE_STRING || value_type(output) == TYPE_ARRAY ||
			value_type(output) == TYPE_OBJECT)
			api_check_payload("output", strlen(value_to_text(output)));
		return output;
	}
	text = value_to_cstring(output);
	if (!value_from_text(text, (int) strlen(text), &value, &error))
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_OUTPUT),
				errmsg("Invalid Output: '%s'",
					   text[strspn(text, " \t\n\r")] == '\0'
						   ? "Invalid output."
						   : asl_syntax_error(text, &error).reason));
	return value;
}

Value
api_send_task_failure(ApiCall *call)
{
	StoreTokenAnswer result = {
		.output = value_undefined(),
		.error = api_get_string(call, "error"),
		.cause = api_get_string(call, "cause"),
	};
	StoreTokenTask task;

	lock_task(call, &task);
	answer(call, &task, &result);
	return api_empty();
}

Value
api_send_task_heartbeat(ApiCall *call)
{
	StoreTokenTask task;

	lock_task(call, &task);
	if (!store_beat_token(&task, call->now))
		timed_out();
	return api_empty();
}

static void
lock_task(const ApiCall *call, StoreTokenTask *task)
{
	const char *token = api_get_string(call, "taskToken");

	if (!store_read_token(token, task))
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_TOKEN),
				errmsg("Invalid Token: 'Invalid token'"));
	if (!store_lock_task(task))
		timed_out();
}

static void
answer(const ApiCall *call, StoreTokenTask *task, const StoreTokenAnswer *answer)
{
	if (!store_answer_token(task, answer, call->now))
		timed_out();
}

static void
timed_out(void)
{
	ereport(ERROR,
			errcode(ERRCODE_WF_TASK_TIMED_OUT),
			errmsg("Task Timed Out: 'Provided task does not exist anymore'"));
}
