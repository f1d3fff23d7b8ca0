/*-------------------------------------------------------------------------
 *
 * express_kind.c
 *	  EXPRESS executions that nobody waits for: whole ones, run as if they were
 *	  one task.
 *
 * A runner takes one from the queue as it takes a task, so what it does and its
 * end commit together: run again after a crash, it has not happened before.  How
 * it ended is written where the machine's logging asks for it, and nowhere else.
 *
 * Must not know how one is run (express.c), nor the queue.
 *
 * IDENTIFICATION
 *	  src/task/express_kind.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "guc.h"
#include "task/task.h"

/* Events that level ERROR logs; those of FATAL are the first three */
static const EngineHistoryType errors[] = {
	ENGINE_ExecutionFailed,
	ENGINE_ExecutionTimedOut,
	ENGINE_ExecutionAborted,
	ENGINE_FailStateEntered,
	ENGINE_LambdaFunctionFailed,
	ENGINE_LambdaFunctionScheduleFailed,
	ENGINE_LambdaFunctionStartFailed,
	ENGINE_LambdaFunctionTimedOut,
	ENGINE_MapIterationAborted,
	ENGINE_MapIterationFailed,
	ENGINE_MapStateAborted,
	ENGINE_MapStateFailed,
	ENGINE_ParallelStateAborted,
	ENGINE_ParallelStateFailed,
	ENGINE_TaskFailed,
	ENGINE_TaskStartFailed,
	ENGINE_TaskStateAborted,
	ENGINE_TaskSubmitFailed,
	ENGINE_TaskTimedOut,
	ENGINE_WaitStateAborted,
	ENGINE_EvaluationFailed,
};

#define NFATAL 3

static Value end_record(const ExpressStart *start, const EngineExecution *execution,
						bool with_data, Value events);
static bool is_logged(StoreLogLevel level, EngineHistoryType type);
static Value event_record(const EngineHistoryEvent *event, bool with_data);
static Value without_data(Value details);

/* The revision is looked up again when it runs: it is the cache's */
void
express_kind_resolve(const StoreTask *task, TaskCall *call)
{
	const StoreRevision *revision = store_revision(task->express.revision_id);

	call->function = task->target;
	if (revision == NULL || revision->machine == NULL)
	{
		call->error = "States.Runtime";
		call->cause = revision == NULL ? "The state machine is gone."
									   : pstrdup(revision->compile_error);
	}
	else if (strcmp(revision->role, task->role) != 0)
	{
		call->error = "States.Permissions";
		call->cause = "The execution was queued for another role.";
	}
	else
		call->revision = revision;
}

Value
express_kind_run(const TaskCall *call)
{
	const StoreTask *task = call->task;
	ExpressStart start = {
		.revision = call->revision,
		.name = task->express.name,
		.id = task->express.run,
		.input = task->input,
		.version = task->express.version,
		.alias = task->express.alias,
		.started_at = GetCurrentTimestamp(),
	};
	EngineExecution execution;

	if (task->express.map_state != NULL)
	{
		const AslState *map =
			asl_find_state(start.revision->machine, task->express.map_state);

		start.scope = ((const AslMap *) map)->processor;
		start.machine_name =
			psprintf("%s/%s", start.revision->machine_name, task->express.label);
		express_run(&start, false, &execution);
		return end_record(&start, &execution, true, value_null());
	}
	express_run(&start, express_is_logged(start.revision), &execution);
	return express_record(&start, &execution);
}

bool
express_is_logged(const StoreRevision *revision)
{
	return revision->log_level != STORE_LOG_OFF;
}

void
express_log(const ExpressStart *start, const EngineExecution *execution)
{
	Value record = express_record(start, execution);
	StoreSession session;

	if (value_type(record) != TYPE_OBJECT)
		return;
	store_begin(&session);
	store_log_express(0, record);
	store_end(&session);
}

Value
express_record(const ExpressStart *start, const EngineExecution *execution)
{
	const StoreRevision *revision = start->revision;
	ValueArray *events;

	if (!express_is_logged(revision))
		return value_null();
	events = value_array_new(execution->nhistory);
	for (int i = 0; i < execution->nhistory; i++)
		if (is_logged(revision->log_level, execution->history[i].type))
			value_array_push(events,
							 event_record(&execution->history[i], revision->log_data));
	if (events->count == 0)
		return value_null();
	return end_record(start, execution, revision->log_data, value_from_array(events));
}

static Value
end_record(const ExpressStart *start, const EngineExecution *execution, bool with_data,
		   Value events)
{
	StoreExpressEnd end = {
		.name = start->name,
		.run = start->id,
		.status = engine_status_name(execution->status),
		.started_at = start->started_at,
		.stopped_at = execution->now,
		.input = start->input,
		.output = execution->output,
		.error = execution->error,
		.cause = execution->cause,
	};

	return store_express_record(start->revision, &end, with_data, events);
}

static bool
is_logged(StoreLogLevel level, EngineHistoryType type)
{
	int count = level == STORE_LOG_FATAL ? NFATAL : (int) lengthof(errors);

	if (level == STORE_LOG_ALL)
		return true;
	for (int i = 0; i < count; i++)
		if (errors[i] == type)
			return true;
	return false;
}

/*
 * As the service logs it: numbers are texts.
 */
static Value
event_record(const EngineHistoryEvent *event, bool with_data)
{
	Value shown = engine_history_value(event, wf_guc_region, with_data);
	ValueObject *record = value_object_new(6);
	ValueObjectIter it;
	Value details = value_from_object(value_object_new(0));

	value_object_begin(&it, shown);
	while (value_object_next(&it))
		if (value_type(it.value) == TYPE_OBJECT)
			details = it.value;
	value_object_add_cstring(record,
							 "id",
							 value_cstring(psprintf(INT64_FORMAT, event->id)));
	value_object_add_cstring(record,
							 "type",
							 value_cstring(engine_history_type_name(event->type)));
	value_object_add_cstring(record,
							 "details",
							 with_data ? details : without_data(details));
	value_object_add_cstring(record,
							 "previous_event_id",
							 value_cstring(psprintf(INT64_FORMAT, event->prev)));
	value_object_add_cstring(record,
							 "event_timestamp",
							 value_cstring(
								 psprintf(INT64_FORMAT,
										  (event->at - time_t_to_timestamptz(0)) /
											  1000)));
	value_object_add_cstring(record, "redrive_count", value_cstring("0"));
	return value_from_object(record);
}

/*
 * What a task was called with is data, too.
 */
static Value
without_data(Value details)
{
	ValueObject *object = value_object_new(value_object_size(details));
	ValueObjectIter it;

	value_object_begin(&it, details);
	while (value_object_next(&it))
	{
		char *key = pnstrdup(it.key, it.key_len);

		if (strcmp(key, "parameters") != 0 && strncmp(key, "assignedVariables", 17) != 0)
			value_object_add(object, it.key, it.key_len, it.value);
	}
	return value_from_object(object);
}
