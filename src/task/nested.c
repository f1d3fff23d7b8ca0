/*-------------------------------------------------------------------------
 *
 * nested.c
 *	  arn:aws:states:::states:startExecution: an execution that starts another.
 *
 * The session's role has to be allowed to start the other machine.  The start is
 * part of the task's transaction: an execution whose task does not count was never
 * started.  With .sync the new execution notes who waits for its end, and tells
 * it then (store/child.c).
 *
 * Must not know how an execution is started; task_hooks does.
 *
 * IDENTIFICATION
 *	  src/task/nested.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "task/task.h"

TaskHooks task_hooks = {0};

/* What StartExecution takes of the parameters; others are not its affair */
static const char *const members[] = {"StateMachineArn", "Input", "Name", "TraceHeader"};

static bool waits_for_end(const char *resource);
static Value start_request(Value parameters);

void
nested_resolve(const StoreTask *task, TaskCall *call)
{
	if (value_type(task->input) != TYPE_OBJECT ||
		value_is_undefined(value_object_get_cstring(task->input, "StateMachineArn")))
		task_refuse_parameters(call,
							   "The field 'StateMachineArn' is required but was missing");
	else
		call->function = task->resource;
}

/*
 * Start it: gives {"ExecutionArn", "StartDate"}; raises the API's exceptions as
 * StepFunctions.NAME.
 */
Value
nested_run(const TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	Value *response = palloc_object(Value);
	StoreParent parent = {.execution_id = call->task->execution_id};
	Value request = start_request(call->parameters);

	if (waits_for_end(call->task->resource))
	{
		parent.branch_id = call->task->branch_id;
		parent.epoch = call->task->epoch;
	}
	PG_TRY();
	{
		*response = task_hooks.start_execution(request, &parent);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		sfn_rethrow(false);
	}
	PG_END_TRY();
	return sfn_response(*response);
}

static bool
waits_for_end(const char *resource)
{
	const char *suffix = strstr(resource, ":startExecution.");

	return suffix != NULL &&
		   strncmp(suffix, ":startExecution.sync", strlen(":startExecution.sync")) == 0;
}

/* Absent and null mean the same, no input is {} */
static Value
start_request(Value parameters)
{
	ValueObject *object = value_object_new(lengthof(members));

	for (int i = 0; i < lengthof(members); i++)
	{
		Value member = value_object_get_cstring(parameters, members[i]);

		if (!value_is_undefined(member) && value_type(member) != TYPE_NULL)
			value_object_add_cstring(object, members[i], member);
	}
	return sfn_request(value_from_object(object));
}
