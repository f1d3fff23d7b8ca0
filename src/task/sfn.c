/*-------------------------------------------------------------------------
 *
 * sfn.c
 *	  arn:aws:states:::aws-sdk:sfn:ACTION: the API's actions as tasks.
 *
 * The task calls workflow.api() as the session's role, as any other session of
 * that role could.  The members of requests and responses have capitals in
 * tasks, and times are texts.  An exception of the API is the task's error.
 *
 * Knows the shapes of tasks; must not know what the actions do.
 *
 * IDENTIFICATION
 *	  src/task/sfn.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store/records.h"
#include "task/task.h"
#include "util/errcodes.h"
#include "util/timestamp.h"

/* Members of requests that are JSON texts: any other JSON is written as text */
static const char *const text_members[] = {"definition", "input", "output"};

/* Members of responses that are times, in seconds */
static const char *const time_members[] =
	{"creationDate", "redriveDate", "startDate", "stopDate", "timestamp", "updateDate"};

#define EXCEPTION_ROW(name, a, b, c, exception) {WF_SQLSTATE(a, b, c), exception},
static const struct
{
	int sqlstate;
	const char *name;
} exceptions[] = {WF_ERRCODE_LIST(EXCEPTION_ROW)};

#undef EXCEPTION_ROW

static Value call_api(const char *action, Value request);
static Value renamed(Value value, bool to_capitals);
static char *with_first(const char *key, int length, bool upper);
static bool is_one_of(const char *const *names, int count, const char *name);
static const char *exception_name(int sqlstate);

/* The parameters have to be an object: what is missing in it, the API says */
void
sfn_resolve(const StoreTask *task, TaskCall *call)
{
	if (value_type(task->input) != TYPE_OBJECT)
		task_refuse_parameters(call, "The Parameters are not an object");
	else
		call->function = task->resource;
}

/*
 * Call the action that the resource names; raises its exception as Sfn.NAME.
 */
Value
sfn_run(const TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	const char *target = call->task->target;
	char *action = with_first(target, (int) strlen(target), true);
	Value request = sfn_request(call->parameters);
	Value *response = palloc_object(Value);

	PG_TRY();
	{
		*response = call_api(action, request);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		sfn_rethrow(true);
	}
	PG_END_TRY();
	return sfn_response(*response);
}

static Value
call_api(const char *action, Value request)
{
	static const Oid argtypes[] = {TEXTOID, JSONBOID};
	MemoryContext context = CurrentMemoryContext;
	Datum values[] = {CStringGetTextDatum(action),
					  JsonbPGetDatum(value_to_jsonb(request))};
	Jsonb *response;
	bool isnull;

	SPI_connect();
	if (SPI_execute_plan(task_plan(STORE_CALL_API, argtypes, 2),
						 values,
						 NULL,
						 false,
						 0) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not call workflow.api()");
	response = DatumGetJsonbP(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	MemoryContextSwitchTo(context);
	response = (Jsonb *) DatumGetPointer(datumCopy(JsonbPGetDatum(response), false, -1));
	SPI_finish();
	return value_from_jsonb(response);
}

/*
 * The parameters of a task as a request: see task.h.
 */
Value
sfn_request(Value parameters)
{
	return renamed(parameters, false);
}

/*
 * A response as the result of a task: see task.h.
 */
Value
sfn_response(Value response)
{
	return renamed(response, true);
}

static Value
renamed(Value value, bool to_capitals)
{
	ValueObject *object;
	ValueArray *array;
	ValueObjectIter it;

	check_stack_depth();
	if (value_type(value) == TYPE_ARRAY)
	{
		array = value_array_new(value_array_length(value));
		for (int i = 0; i < value_array_length(value); i++)
			value_array_push(array, renamed(value_array_get(value, i), to_capitals));
		return value_from_array(array);
	}
	if (value_type(value) != TYPE_OBJECT)
		return value;

	object = value_object_new(value_object_size(value));
	value_object_begin(&it, value);
	while (value_object_next(&it))
	{
		char *key = with_first(it.key, it.key_len, to_capitals);
		char *old_key = pnstrdup(it.key, it.key_len);
		Value member;

		if (!to_capitals && is_one_of(text_members, lengthof(text_members), key))
			member =
				value_type(it.value) == TYPE_STRING || value_type(it.value) == TYPE_NULL
					? it.value
					: value_cstring(value_to_text(it.value));
		else if (to_capitals && value_type(it.value) == TYPE_NUMBER &&
				 is_one_of(time_members, lengthof(time_members), old_key))
			member = value_cstring(wf_timestamp_to_iso(
				time_t_to_timestamptz(0) +
				(TimestampTz) rint(value_to_double(it.value) * 1000) * 1000));
		else
			member = renamed(it.value, to_capitals);
		value_object_set(object, key, (int) strlen(key), member);
	}
	return value_from_object(object);
}

static char *
with_first(const char *key, int length, bool upper)
{
	char *copy = pnstrdup(key, length);

	copy[0] = upper ? pg_ascii_toupper((unsigned char) copy[0])
					: pg_ascii_tolower((unsigned char) copy[0]);
	return copy;
}

static bool
is_one_of(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/*
 * In PG_CATCH: the API's exception as the error of a task, as a client of one or
 * the other kind tells it.  Whatever is no exception of the API is raised as it is.
 */
void
sfn_rethrow(bool is_sdk)
{
	ErrorData *error = CopyErrorData();
	const char *name = exception_name(error->sqlerrcode);
	const char *request_id;
	char *cause;

	if (name == NULL)
		PG_RE_THROW();
	FlushErrorState();
	request_id = store_random_names(1)[0];
	if (is_sdk)
		cause = psprintf("%s (Service: Sfn, Status Code: 400, Request ID: %s)",
						 error->message,
						 request_id);
	else
		cause =
			psprintf("%s (Service: AWSStepFunctions; Status Code: 400; Error Code: %s; "
					 "Request ID: %s; Proxy: null)",
					 error->message,
					 name,
					 request_id);
	ereport(ERROR,
			errcode(ERRCODE_WF_RAISED),
			errmsg_internal("%s.%s%s",
							is_sdk ? "Sfn" : "StepFunctions",
							name,
							strstr(name, "Exception") != NULL ? "" : "Exception"),
			errdetail_internal("%s", cause));
}

static const char *
exception_name(int sqlstate)
{
	for (int i = 0; i < lengthof(exceptions); i++)
		if (exceptions[i].sqlstate == sqlstate)
			return exceptions[i].name;
	return NULL;
}
