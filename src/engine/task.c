/*-------------------------------------------------------------------------
 *
 * task.c
 *	  The Task state: hands out work and takes what comes of it.
 *
 * Each attempt is an epoch of its own; what answers an earlier one never gets
 * here, the shell sees to that.
 *
 * Knows resources' families of events; must not know who does the work.
 *
 * IDENTIFICATION
 *	  src/engine/task.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "engine/visit.h"

/* The events of a kind of task */
typedef struct TaskEvents
{
	EngineHistoryType scheduled;
	EngineHistoryType started;
	EngineHistoryType succeeded;
	EngineHistoryType failed;
	EngineHistoryType timed_out;
} TaskEvents;

static const TaskEvents lambda_events = {
	ENGINE_LambdaFunctionScheduled,
	ENGINE_LambdaFunctionStarted,
	ENGINE_LambdaFunctionSucceeded,
	ENGINE_LambdaFunctionFailed,
	ENGINE_LambdaFunctionTimedOut,
};
static const TaskEvents activity_events = {
	ENGINE_ActivityScheduled,
	ENGINE_ActivityStarted,
	ENGINE_ActivitySucceeded,
	ENGINE_ActivityFailed,
	ENGINE_ActivityTimedOut,
};
static const TaskEvents service_events = {
	ENGINE_TaskScheduled,
	ENGINE_TaskStarted,
	ENGINE_TaskSucceeded,
	ENGINE_TaskFailed,
	ENGINE_TaskTimedOut,
};

static const TaskEvents *events_of(const AslTask *task);
static bool prepare(EngineVisit *visit, EngineTask *task);
static bool read_credentials(EngineVisit *visit, const AslTask *task, Value input,
							 const char **role_arn);
static void schedule(EngineVisit *visit, const EngineTask *task);
static TimestampTz deadline(TimestampTz now, int64 seconds);
static EngineHistoryEvent *task_event(EngineVisit *visit, EngineHistoryType type);
static void write_started(EngineVisit *visit, const EngineEvent *event);
static bool submitted(EngineVisit *visit, const EngineEvent *event);
static bool succeeded(EngineVisit *visit, const EngineEvent *event);
static bool failed(EngineVisit *visit, EngineHistoryType type,
				   const EngineFailure *failure);
static bool timer(EngineVisit *visit, const EngineEvent *event);

bool
engine_enter_task(EngineVisit *visit)
{
	EngineTask task;
	char *reason;

	if (!prepare(visit, &task))
		return false;
	if (visit->execution->shell->refuse_task != NULL)
	{
		reason = visit->execution->shell->refuse_task(visit->execution, &task);
		if (reason != NULL)
			return engine_fault(visit, NULL, "%s", reason);
	}
	schedule(visit, &task);
	return true;
}

bool
engine_resume_task(EngineVisit *visit, const EngineEvent *event)
{
	EngineFailure failure = {.error = event->error, .cause = event->cause};

	if (event->kind == ENGINE_EVENT_TIMER)
		return timer(visit, event);
	if (visit->branch->phase != ENGINE_TASK)
		return true;
	if (event->kind == ENGINE_EVENT_TASK_SUBMITTED)
		return submitted(visit, event);
	if (event->kind == ENGINE_EVENT_TASK_SUCCEEDED)
		return succeeded(visit, event);
	if (event->kind != ENGINE_EVENT_TASK_FAILED)
		return true;
	write_started(visit, event);
	return failed(visit, events_of((const AslTask *) visit->state)->failed, &failure);
}

static const TaskEvents *
events_of(const AslTask *task)
{
	switch (task->resource.kind)
	{
		case ASL_RESOURCE_LAMBDA:
			return &lambda_events;
		case ASL_RESOURCE_ACTIVITY:
			return &activity_events;
		default:
			return &service_events;
	}
}

/* Evaluate all that is handed out.  The token comes first: Parameters may show it. */
static bool
prepare(EngineVisit *visit, EngineTask *task)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	const AslTask *state = (const AslTask *) visit->state;
	Value input;

	*task = (EngineTask){.branch = branch, .state = state};
	branch->epoch = execution->next_epoch++;
	engine_changed(execution, branch);
	task->epoch = branch->epoch;
	if (state->resource.kind == ASL_RESOURCE_ACTIVITY ||
		state->resource.pattern != ASL_REQUEST_RESPONSE)
		task->token = execution->shell->make_token(execution, branch, branch->epoch);
	if (state->resource.pattern != ASL_REQUEST_RESPONSE)
		visit->token = task->token;

	if (!engine_effective_input(visit, &input) ||
		!engine_arguments(visit, input, &task->input) ||
		!engine_seconds(visit, &state->timeout, input, &task->timeout) ||
		!engine_seconds(visit, &state->heartbeat, input, &task->heartbeat) ||
		!read_credentials(visit, state, input, &task->role_arn))
		return false;

	/* the token can be seen by what the task is called with, and nowhere else */
	visit->token = NULL;
	visit->scope_ready = false;
	return true;
}

static bool
read_credentials(EngineVisit *visit, const AslTask *task, Value input,
				 const char **role_arn)
{
	Value credentials;
	Value role;

	if (task->credentials == NULL)
		return true;
	if (!engine_template(visit, task->credentials, input, &credentials))
		return false;
	role = value_object_get_cstring(credentials, "RoleArn");
	if (value_type(role) != TYPE_STRING)
		return engine_fault(visit,
							NULL,
							"The RoleArn of Credentials is not a string: %s",
							value_is_undefined(role) ? "" : value_to_text(role));
	*role_arn = value_to_cstring(role);
	return true;
}

static void
schedule(EngineVisit *visit, const EngineTask *task)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineHistoryEvent *event = task_event(visit, events_of(task->state)->scheduled);

	event->resource = task->state->resource.kind == ASL_RESOURCE_LAMBDA ||
							  task->state->resource.kind == ASL_RESOURCE_ACTIVITY
						  ? task->state->resource.text
						  : task->state->resource.action;
	event->payload = task->input;
	event->timeout = task->timeout;
	/* a Lambda function cannot send heartbeats, and its event has no place for them */
	if (task->state->resource.kind != ASL_RESOURCE_LAMBDA)
		event->heartbeat = task->heartbeat;
	event->credentials = task->role_arn;
	if (execution->status != ENGINE_RUNNING)
		return;

	branch->task_timeout = deadline(execution->now, task->timeout);
	branch->task_heartbeat = ENGINE_NEVER;
	/* only who has a token can send heartbeats */
	if (task->token != NULL)
		branch->task_heartbeat = deadline(execution->now, task->heartbeat);
	engine_to_phase(visit,
					ENGINE_TASK,
					Min(branch->task_timeout, branch->task_heartbeat));
	execution->shell->schedule_task(execution, task);
}

static TimestampTz
deadline(TimestampTz now, int64 seconds)
{
	if (seconds < 0 || seconds > ENGINE_MAX_DELAY)
		return ENGINE_NEVER;
	return now + seconds * USECS_PER_SEC;
}

/* The next event of the task's chain */
static EngineHistoryEvent *
task_event(EngineVisit *visit, EngineHistoryType type)
{
	const AslTask *task = (const AslTask *) visit->state;
	EngineHistoryEvent *event = engine_event(visit->execution, type, visit->branch->tip);

	visit->branch->tip = event->id;
	engine_changed(visit->execution, visit->branch);
	if (events_of(task) == &service_events)
	{
		event->resource_type = task->resource.service;
		event->resource = task->resource.action;
	}
	return event;
}

/* That a task was started is written when something comes of it */
static void
write_started(EngineVisit *visit, const EngineEvent *event)
{
	EngineExecution *execution = visit->execution;
	TimestampTz last_event_at = execution->last_event_at;
	EngineHistoryEvent *started;

	if (!event->started)
		return;
	started = task_event(visit, events_of((const AslTask *) visit->state)->started);
	if (started->type == ENGINE_ActivityStarted)
		started->text = event->worker;
	if (event->started_at != 0)
	{
		started->at = Max(last_event_at, Min(event->started_at, execution->now));
		execution->last_event_at = started->at;
	}
}

/* The call returned; the task goes on until somebody says how it ended */
static bool
submitted(EngineVisit *visit, const EngineEvent *event)
{
	write_started(visit, event);
	task_event(visit, ENGINE_TaskSubmitted)->payload = event->output;
	return true;
}

static bool
succeeded(EngineVisit *visit, const EngineEvent *event)
{
	const AslTask *task = (const AslTask *) visit->state;
	EngineFailure failure = {.error = ENGINE_ERROR_DATA_LIMIT};

	write_started(visit, event);
	if (!engine_too_large(visit->execution, event->output))
	{
		task_event(visit, events_of(task)->succeeded)->payload = event->output;
		return engine_leave_with_result(visit, event->output);
	}
	failure.cause =
		psprintf("The state/task '%s' returned a result with a size exceeding the "
				 "maximum number of bytes service limit.",
				 events_of(task) == &service_events ? task->resource.service
													: task->resource.text);
	return failed(visit, events_of(task)->failed, &failure);
}

static bool
failed(EngineVisit *visit, EngineHistoryType type, const EngineFailure *failure)
{
	EngineHistoryEvent *event = task_event(visit, type);

	event->error = failure->error;
	event->cause = failure->cause;
	return engine_retry(visit, failure) || engine_catch(visit, failure);
}

/*
 * Another attempt is due, or the task has taken too long.  Heartbeats may have
 * moved the time since the timer was set: then nothing has happened.
 */
static bool
timer(EngineVisit *visit, const EngineEvent *event)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineFailure failure = {.error = ENGINE_ERROR_TIMEOUT};
	TimestampTz due = Min(branch->task_timeout, branch->task_heartbeat);

	if (branch->phase == ENGINE_RETRYING)
		return execution->now < branch->due || engine_enter_task(visit);
	if (branch->phase != ENGINE_TASK)
		return true;
	if (execution->now < due)
	{
		if (branch->due != due)
			engine_to_phase(visit, ENGINE_TASK, due);
		return true;
	}
	failure.heartbeat = branch->task_heartbeat < branch->task_timeout;
	execution->shell->void_task(execution, branch);
	write_started(visit, event);
	return failed(visit, events_of((const AslTask *) visit->state)->timed_out, &failure);
}
