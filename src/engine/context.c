/*-------------------------------------------------------------------------
 *
 * context.c
 *	  The context object, "$$".
 *
 * It is made only where an expression asks for it.
 *
 * IDENTIFICATION
 *	  src/engine/context.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"
#include "util/timestamp.h"

static Value execution_part(EngineExecution *execution);
static Value machine_part(const EngineExecution *execution);
static Value state_part(const EngineVisit *visit);
static Value map_part(EngineVisit *visit);
static void add_text(ValueObject *object, const char *key, const char *text);

Value
engine_make_context(void *arg)
{
	EngineVisit *visit = arg;
	ValueObject *context = value_object_new(5);
	Value map = map_part(visit);

	value_object_add_cstring(context, "Execution", execution_part(visit->execution));
	value_object_add_cstring(context, "StateMachine", machine_part(visit->execution));
	value_object_add_cstring(context, "State", state_part(visit));
	if (visit->token != NULL)
	{
		ValueObject *task = value_object_new(1);

		add_text(task, "Token", visit->token);
		value_object_add_cstring(context, "Task", value_from_object(task));
	}
	if (!value_is_undefined(map))
		value_object_add_cstring(context, "Map", map);
	return value_from_object(context);
}

static Value
execution_part(EngineExecution *execution)
{
	ValueObject *object = value_object_new(7);

	add_text(object, "Id", execution->arn);
	value_object_add_cstring(object,
							 "Input",
							 engine_document(execution, &execution->input));
	add_text(object, "StartTime", wf_timestamp_to_iso(execution->started_at));
	add_text(object, "Name", execution->name);
	add_text(object, "RoleArn", execution->role_arn);
	if (!execution->express_sync)
		value_object_add_cstring(object,
								 "RedriveCount",
								 value_int64(execution->redrive_count));
	if (execution->redrive_count > 0 && execution->redriven_at != ENGINE_NEVER)
		add_text(object, "RedriveTime", wf_timestamp_to_iso(execution->redriven_at));
	return value_from_object(object);
}

static Value
machine_part(const EngineExecution *execution)
{
	ValueObject *object = value_object_new(2);

	add_text(object, "Id", execution->machine_arn);
	add_text(object, "Name", execution->machine_name);
	return value_from_object(object);
}

static Value
state_part(const EngineVisit *visit)
{
	ValueObject *object = value_object_new(3);

	add_text(object, "Name", visit->state->name);
	add_text(object, "EnteredTime", wf_timestamp_to_iso(visit->branch->entered_at));
	if (engine_state_types[visit->state->type].has_retry_count)
		value_object_add_cstring(object,
								 "RetryCount",
								 value_int64(visit->branch->retry_count));
	return value_from_object(object);
}

/*
 * The item of an ItemSelector, or of the iteration around the state.  Looking
 * for the latter may mean to read all items again, so it is done only where
 * some expression could show it.
 */
static Value
map_part(EngineVisit *visit)
{
	ValueObject *map;
	ValueObject *object;
	EngineItem item;

	if (visit->item != NULL)
		item = *visit->item;
	else if (!visit->state->may_show_item ||
			 !engine_find_item(visit->execution, visit->branch, &item))
		return value_undefined();
	object = value_object_new(4);
	value_object_add_cstring(object, "Index", value_int64(item.index));
	if (!value_is_undefined(item.key))
		value_object_add_cstring(object, "Key", item.key);
	value_object_add_cstring(object, "Value", item.value);
	add_text(object, "Source", item.source ? item.source : "STATE_DATA");
	map = value_object_new(1);
	value_object_add_cstring(map, "Item", value_from_object(object));
	return value_from_object(map);
}

static void
add_text(ValueObject *object, const char *key, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(object, key, value_cstring(text));
}
