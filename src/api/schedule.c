/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  schedule(), unschedule(): executions that pg_cron starts.
 *
 * The job is a call of workflow._run_schedule(), as the role that scheduled it.
 * An execution's name comes from the schedule's and the tick, so that a tick
 * starts one execution at most, however often pg_cron runs the job for it.
 *
 * IDENTIFICATION
 *	  src/api/schedule.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "util/timestamp.h"

WF_FUNCTION(wf_schedule);
WF_FUNCTION(wf_unschedule);
WF_FUNCTION(wf__run_schedule);

/* With "-", the time and "Z" behind it, it is the name of an execution: 80 characters */
#define MAX_NAME 63

/* What stands for the tick in the strings of the input */
#define TICK_PLACEHOLDER "<scheduled_time>"

static ApiCall start_call(const char *machine, Oid user);
static void check_name(const char *name);
static void check_cron(void);
static void check_owner(const StoreScheduleRecord *schedule, Oid user);
static const char *run(const StoreScheduleRecord *schedule, ApiCall *call);
static char *tick_of(const char *cron, TimestampTz now, char **name);
static Value with_tick(Value value, const char *tick);
static char *replace_tick(char *text, const char *tick);

/*
 * schedule(name text, cron text, state_machine text, input jsonb) returns bigint
 */
Datum
wf_schedule(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"name", "cron", "state_machine", "input"};
	StoreScheduleRecord schedule = {0};
	StoreScheduleRecord existing;
	StoreSession session;
	ApiCall call;

	for (int i = 0; i < lengthof(names); i++)
		api_check_argument(fcinfo, i, names[i]);
	schedule.name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	schedule.cron = text_to_cstring(PG_GETARG_TEXT_PP(1));
	schedule.state_machine = text_to_cstring(PG_GETARG_TEXT_PP(2));
	schedule.input = value_from_jsonb(PG_GETARG_JSONB_P(3));
	schedule.role = GetUserNameFromId(GetUserId(), false);
	schedule.created_at = GetCurrentTimestamp();
	call = start_call(schedule.state_machine, GetUserId());

	store_begin(&session);
	check_name(schedule.name);
	api_check_payload("input", (int64) strlen(value_to_text(schedule.input)));
	api_check(&call);
	(void) api_find_target(&call);
	check_cron();
	if (store_find_schedule(schedule.name, &existing))
	{
		check_owner(&existing, call.user);
		if (strcmp(existing.role, schedule.role) != 0)
			store_cron_unschedule(existing.job_id);
	}
	schedule.job_id = store_cron_schedule(&schedule);
	store_save_schedule(&schedule);
	store_end(&session);
	PG_RETURN_INT64(schedule.job_id);
}

/*
 * unschedule(name text) returns boolean
 */
Datum
wf_unschedule(PG_FUNCTION_ARGS)
{
	StoreScheduleRecord schedule;
	StoreSession session;
	Oid user = GetUserId();
	bool found;

	api_check_argument(fcinfo, 0, "name");
	store_begin(&session);
	found = store_find_schedule(text_to_cstring(PG_GETARG_TEXT_PP(0)), &schedule);
	if (found)
	{
		check_owner(&schedule, user);
		if (store_cron_exists())
			store_cron_unschedule(schedule.job_id);
		store_delete_schedule(schedule.name);
	}
	store_end(&session);
	PG_RETURN_BOOL(found);
}

/*
 * _run_schedule(name text) returns text: the ARN of the execution
 */
Datum
wf__run_schedule(PG_FUNCTION_ARGS)
{
	const char *name;
	const char *arn;
	StoreScheduleRecord schedule;
	StoreSession session;
	MemoryContext caller = CurrentMemoryContext;
	Oid user = GetUserId();
	ApiCall call;
	text *result;

	api_check_argument(fcinfo, 0, "name");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	store_begin(&session);
	if (!store_find_schedule(name, &schedule))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("schedule \"%s\" does not exist", name));
	check_owner(&schedule, user);
	call = start_call(schedule.state_machine, user);
	arn = run(&schedule, &call);
	MemoryContextSwitchTo(caller);
	result = cstring_to_text(arn);
	store_end(&session);
	PG_RETURN_TEXT_P(result);
}

static ApiCall
start_call(const char *machine, Oid user)
{
	ValueObject *request = value_object_new(3);

	api_put_text(request, "stateMachineArn", machine);
	return (ApiCall){
		.action = api_find_action("StartExecution"),
		.typed = true,
		.request = value_from_object(request),
		.user = user,
		.now = GetCurrentTimestamp(),
	};
}

/*
 * It becomes part of the names of executions.
 */
static void
check_name(const char *name)
{
	if (name[0] == '\0' || pg_mbstrlen(name) > MAX_NAME)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_NAME),
				errmsg("Invalid Name: '%s'", name),
				errdetail("The name of a schedule has 1 to %d characters.", MAX_NAME));
	api_check_name(name);
}

static void
check_cron(void)
{
	const char *here = get_database_name(MyDatabaseId);
	const char *there = store_cron_database();

	if (store_cron_exists())
		return;
	if (there == NULL)
		ereport(
			ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg("schedules need pg_cron, which is not loaded"),
			errhint(
				"Add pg_cron to shared_preload_libraries, set cron.database_name to \"%s\", restart the "
				"server and run CREATE EXTENSION pg_cron.",
				here));
	if (strcmp(here, there) == 0)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("schedules need pg_cron, which is not installed in this database"),
				errhint("Run CREATE EXTENSION pg_cron."));
	ereport(
		ERROR,
		errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
		errmsg("schedules need pg_cron, which lives in another database"),
		errdetail(
			"pg_cron belongs into database \"%s\", and its jobs can only be made there.",
			there),
		errhint(
			"Set cron.database_name to \"%s\", restart the server and run CREATE EXTENSION pg_cron here.",
			here));
}

static void
check_owner(const StoreScheduleRecord *schedule, Oid user)
{
	if (!store_has_role(user, schedule->role))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("schedule \"%s\" belongs to role \"%s\"",
					   schedule->name,
					   schedule->role));
}

/*
 * Start what the tick stands for, or find that it was started.
 */
static const char *
run(const StoreScheduleRecord *schedule, ApiCall *call)
{
	char *tick_name;
	char *tick = tick_of(schedule->cron, call->now, &tick_name);
	char *name = psprintf("%s-%s", schedule->name, tick_name);
	ValueObject *request = value_object_copy(call->request, 2);
	StoreExecutionRecord existing;
	StoreArn arn;

	api_put_text(request, "name", name);
	api_put_text(request, "input", value_to_text(with_tick(schedule->input, tick)));
	call->request = value_from_object(request);
	api_check(call);
	api_get_arn(call, "stateMachineArn", &arn);
	if (store_find_execution(arn.name, name, false, &existing))
		return store_execution_arn(arn.name, name);
	return value_to_cstring(api_member(api_start_execution(call), "executionArn"));
}

/*
 * The minute, or of a schedule by seconds the second, as ISO 8601, and as part
 * of a name.
 */
static char *
tick_of(const char *cron, TimestampTz now, char **name)
{
	bool by_seconds = strstr(cron, "second") != NULL;
	int64 unit = by_seconds ? USECS_PER_SEC : USECS_PER_MINUTE;
	TimestampTz at = now - now % unit;
	char *iso = wf_timestamp_to_iso(at);
	char *to;

	/* 2026-01-31T06:30:00Z: 20260131T0630Z */
	*name = to = palloc(strlen(iso) + 1);
	for (const char *from = iso; *from != '\0'; from++)
		if (*from != '-' && *from != ':')
			*to++ = *from;
	if (!by_seconds)
	{
		to -= 3;
		*to++ = 'Z';
	}
	*to = '\0';
	return iso;
}

/*
 * The input with the tick in its strings, names of members are some, too.
 */
static Value
with_tick(Value value, const char *tick)
{
	check_stack_depth();
	if (value_type(value) == TYPE_STRING)
		return value_cstring(replace_tick(value_to_cstring(value), tick));
	if (value_type(value) == TYPE_ARRAY)
	{
		ValueArray *array = value_array_new(value_array_length(value));

		for (int i = 0; i < value_array_length(value); i++)
			value_array_push(array, with_tick(value_array_get(value, i), tick));
		return value_from_array(array);
	}
	if (value_type(value) == TYPE_OBJECT)
	{
		ValueObject *object = value_object_new(value_object_size(value));
		ValueObjectIter it;

		value_object_begin(&it, value);
		while (value_object_next(&it))
		{
			char *key = replace_tick(pnstrdup(it.key, it.key_len), tick);

			value_object_set(object, key, (int) strlen(key), with_tick(it.value, tick));
		}
		return value_from_object(object);
	}
	return value;
}

static char *
replace_tick(char *text, const char *tick)
{
	const char *rest = text;
	const char *found = strstr(text, TICK_PLACEHOLDER);
	StringInfoData result;

	if (found == NULL)
		return text;
	initStringInfo(&result);
	for (; found != NULL; found = strstr(rest, TICK_PLACEHOLDER))
	{
		appendBinaryStringInfo(&result, rest, (int) (found - rest));
		appendStringInfoString(&result, tick);
		rest = found + strlen(TICK_PLACEHOLDER);
	}
	appendStringInfoString(&result, rest);
	return result.data;
}
