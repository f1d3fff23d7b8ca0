/*-------------------------------------------------------------------------
 *
 * history.c
 *	  The events of an execution: how they get their ids, and how they look.
 *
 * IDENTIFICATION
 *	  src/engine/history.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "engine/visit.h"
#include "util/timestamp.h"

/* Which member of an event's details the payload is */
typedef enum PayloadKind
{
	PAYLOAD_NONE,
	PAYLOAD_INPUT,
	PAYLOAD_OUTPUT,
	PAYLOAD_PARAMETERS
} PayloadKind;

typedef struct HistoryTypeInfo
{
	const char *name;
	const char *details; /* or NULL */
} HistoryTypeInfo;

#define HISTORY_TYPE_INFO(type, number, details) [number] = {#type, details},
static const HistoryTypeInfo type_info[] = {ENGINE_HISTORY_LIST(HISTORY_TYPE_INFO)};
#undef HISTORY_TYPE_INFO

static bool is_end(EngineHistoryType type);
static void overflow(EngineExecution *execution);
static Value details_value(const EngineHistoryEvent *event, const char *region,
						   bool include_data);
static PayloadKind payload_kind(EngineHistoryType type);
static void add_payload(ValueObject *object, const EngineHistoryEvent *event,
						bool include_data);
static void add_variables(ValueObject *object, Value variables);
static const char *text_name(EngineHistoryType type);
static const char *number_name(EngineHistoryType type);
static void add_text(ValueObject *object, const char *key, const char *text);
static void add_not_truncated(ValueObject *object, const char *key);

EngineHistoryEvent *
engine_event(EngineExecution *execution, EngineHistoryType type, int64 prev)
{
	EngineHistoryEvent *event;

	/* the last event there may be is the end, whatever was to come */
	if (execution->max_events > 0 && execution->next_event_id >= execution->max_events &&
		execution->status == ENGINE_RUNNING && !is_end(type))
		overflow(execution);

	if (execution->nhistory == execution->history_capacity)
	{
		int capacity =
			execution->no_history ? 1 : Max(16, execution->history_capacity * 2);
		Size size = capacity * sizeof(EngineHistoryEvent);

		execution->history =
			execution->history ? repalloc_huge(execution->history, size) : palloc(size);
		execution->history_capacity = capacity;
	}
	event = &execution->history[execution->nhistory];
	*event = (EngineHistoryEvent){.type = type,
								  .prev = prev,
								  .timeout = -1,
								  .heartbeat = -1,
								  .number = -1};
	if (execution->status != ENGINE_RUNNING)
		return event;

	if (!execution->no_history)
		execution->nhistory++;
	execution->last_event_at = Max(execution->last_event_at, execution->now);
	event->id = execution->next_event_id++;
	event->at = execution->last_event_at;
	return event;
}

const char *
engine_history_type_name(EngineHistoryType type)
{
	return type_info[type].name;
}

Value
engine_history_value(const EngineHistoryEvent *event, const char *region,
					 bool include_data)
{
	ValueObject *object = value_object_new(5);

	value_object_add_cstring(object,
							 "timestamp",
							 value_double(wf_timestamp_to_epoch(event->at)));
	add_text(object, "type", type_info[event->type].name);
	value_object_add_cstring(object, "id", value_int64(event->id));
	value_object_add_cstring(object, "previousEventId", value_int64(event->prev));
	if (type_info[event->type].details != NULL)
		value_object_add_cstring(object,
								 type_info[event->type].details,
								 details_value(event, region, include_data));
	return value_from_object(object);
}

static bool
is_end(EngineHistoryType type)
{
	return type == ENGINE_ExecutionSucceeded || type == ENGINE_ExecutionFailed ||
		   type == ENGINE_ExecutionTimedOut || type == ENGINE_ExecutionAborted;
}

/* The event that was to be written would be one too many: fail instead */
static void
overflow(EngineExecution *execution)
{
	engine_fail(
		execution,
		ENGINE_ERROR_RUNTIME,
		psprintf(
			"The execution reached the maximum number of history events (" INT64_FORMAT
			").",
			execution->max_events));
}

static Value
details_value(const EngineHistoryEvent *event, const char *region, bool include_data)
{
	ValueObject *object = value_object_new(8);

	add_text(object,
			 event->type == ENGINE_EvaluationFailed ? "state" : "name",
			 event->name);
	add_text(object, "resourceType", event->resource_type);
	add_text(object, "resource", event->resource);
	if (event->type == ENGINE_TaskScheduled)
		add_text(object, "region", region);
	add_payload(object, event, include_data);
	if (!value_is_undefined(event->variables))
		add_variables(object, event->variables);
	if (event->timeout >= 0)
		value_object_add_cstring(object, "timeoutInSeconds", value_int64(event->timeout));
	if (event->heartbeat >= 0)
		value_object_add_cstring(object,
								 "heartbeatInSeconds",
								 value_int64(event->heartbeat));
	if (event->credentials != NULL)
	{
		ValueObject *credentials = value_object_new(1);

		add_text(credentials, "roleArn", event->credentials);
		value_object_add_cstring(object,
								 "taskCredentials",
								 value_from_object(credentials));
	}
	add_text(object, "error", event->error);
	add_text(object, "cause", event->cause);
	if (event->number >= 0)
		value_object_add_cstring(object,
								 number_name(event->type),
								 value_int64(event->number));
	add_text(object, text_name(event->type), event->text);
	add_text(object, "stateMachineVersionArn", event->version_arn);
	add_text(object, "stateMachineAliasArn", event->alias_arn);
	return value_from_object(object);
}

static PayloadKind
payload_kind(EngineHistoryType type)
{
	switch (type)
	{
		case ENGINE_ExecutionStarted:
		case ENGINE_PassStateEntered:
		case ENGINE_TaskStateEntered:
		case ENGINE_ChoiceStateEntered:
		case ENGINE_WaitStateEntered:
		case ENGINE_SucceedStateEntered:
		case ENGINE_FailStateEntered:
		case ENGINE_ParallelStateEntered:
		case ENGINE_MapStateEntered:
		case ENGINE_LambdaFunctionScheduled:
		case ENGINE_ActivityScheduled:
			return PAYLOAD_INPUT;
		case ENGINE_ExecutionSucceeded:
		case ENGINE_PassStateExited:
		case ENGINE_TaskStateExited:
		case ENGINE_ChoiceStateExited:
		case ENGINE_WaitStateExited:
		case ENGINE_SucceedStateExited:
		case ENGINE_ParallelStateExited:
		case ENGINE_MapStateExited:
		case ENGINE_LambdaFunctionSucceeded:
		case ENGINE_ActivitySucceeded:
		case ENGINE_TaskSubmitted:
		case ENGINE_TaskSucceeded:
			return PAYLOAD_OUTPUT;
		case ENGINE_TaskScheduled:
			return PAYLOAD_PARAMETERS;
		default:
			return PAYLOAD_NONE;
	}
}

/* Without the execution's data, what a task was called with stays all the same */
static void
add_payload(ValueObject *object, const EngineHistoryEvent *event, bool include_data)
{
	PayloadKind kind = payload_kind(event->type);

	if (kind == PAYLOAD_NONE || value_is_undefined(event->payload))
		return;
	if (kind == PAYLOAD_PARAMETERS)
	{
		add_text(object, "parameters", value_to_text(event->payload));
		return;
	}
	if (!include_data)
		return;
	add_text(object,
			 kind == PAYLOAD_INPUT ? "input" : "output",
			 value_to_text(event->payload));
	add_not_truncated(object, kind == PAYLOAD_INPUT ? "inputDetails" : "outputDetails");
}

static void
add_variables(ValueObject *object, Value variables)
{
	ValueObject *texts = value_object_new(value_object_size(variables));
	ValueObjectIter it;

	value_object_begin(&it, variables);
	while (value_object_next(&it))
		value_object_add(texts,
						 it.key,
						 it.key_len,
						 value_cstring(value_to_text(it.value)));
	value_object_add_cstring(object, "assignedVariables", value_from_object(texts));
	add_not_truncated(object, "assignedVariablesDetails");
}

/* What EngineHistoryEvent.text is called */
static const char *
text_name(EngineHistoryType type)
{
	switch (type)
	{
		case ENGINE_ExecutionStarted:
			return "roleArn";
		case ENGINE_ActivityStarted:
			return "workerName";
		case ENGINE_EvaluationFailed:
			return "location";
		default:
			return "mapRunArn";
	}
}

/* What EngineHistoryEvent.number is called */
static const char *
number_name(EngineHistoryType type)
{
	switch (type)
	{
		case ENGINE_MapStateStarted:
			return "length";
		case ENGINE_ExecutionRedriven:
		case ENGINE_MapRunRedriven:
			return "redriveCount";
		default:
			return "index";
	}
}

static void
add_text(ValueObject *object, const char *key, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(object, key, value_cstring(text));
}

static void
add_not_truncated(ValueObject *object, const char *key)
{
	ValueObject *details = value_object_new(1);

	value_object_add_cstring(details, "truncated", value_bool(false));
	value_object_add_cstring(object, key, value_from_object(details));
}
