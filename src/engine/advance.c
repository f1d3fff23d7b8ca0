/*-------------------------------------------------------------------------
 *
 * advance.c
 *	  The loop that moves branches, and the one dispatch over state types.
 *
 * engine_run() moves one branch as far as it goes, then the children that it
 * started, one after another; the end of a child is told to its parent before
 * anything else is done.  README.md draws the phases of a branch.
 *
 * Knows the order of things; must not know what a state type does.
 *
 * IDENTIFICATION
 *	  src/engine/advance.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "engine/visit.h"

/* ORDER STATE TYPE */
const EngineStateType engine_state_types[ASL_NTYPES] = {
	[ASL_PASS] =
		{
			.entered = ENGINE_PassStateEntered,
			.exited = ENGINE_PassStateExited,
			.enter = engine_enter_pass,
		},
	[ASL_TASK] =
		{
			.entered = ENGINE_TaskStateEntered,
			.exited = ENGINE_TaskStateExited,
			.aborted = ENGINE_TaskStateAborted,
			.has_retry_count = true,
			.enter = engine_enter_task,
			.resume = engine_resume_task,
		},
	[ASL_CHOICE] =
		{
			.entered = ENGINE_ChoiceStateEntered,
			.exited = ENGINE_ChoiceStateExited,
			.enter = engine_enter_choice,
		},
	[ASL_WAIT] =
		{
			.entered = ENGINE_WaitStateEntered,
			.exited = ENGINE_WaitStateExited,
			.aborted = ENGINE_WaitStateAborted,
			.enter = engine_enter_wait,
			.resume = engine_resume_wait,
		},
	[ASL_SUCCEED] =
		{
			.entered = ENGINE_SucceedStateEntered,
			.exited = ENGINE_SucceedStateExited,
			.enter = engine_enter_succeed,
		},
	/* never left */
	[ASL_FAIL] =
		{
			.entered = ENGINE_FailStateEntered,
			.enter = engine_enter_fail,
		},
	[ASL_PARALLEL] =
		{
			.entered = ENGINE_ParallelStateEntered,
			.exited = ENGINE_ParallelStateExited,
			.aborted = ENGINE_ParallelStateAborted,
			.has_retry_count = true,
			.enter = engine_enter_parallel,
			.resume = engine_resume_parallel,
		},
	[ASL_MAP] =
		{
			.entered = ENGINE_MapStateEntered,
			.exited = ENGINE_MapStateExited,
			.aborted = ENGINE_MapStateAborted,
			.has_retry_count = true,
			.enter = engine_enter_map,
			.resume = engine_resume_map,
		},
};

static void move_branch(EngineRun *run, EngineBranch *branch, const EngineEvent *event);
static bool resume_state(EngineVisit *visit, const EngineEvent *event);
static bool enter_state(EngineVisit *visit);
static void tell_parent(EngineRun *run);
static void feed_map(EngineRun *run);
static void end_branch(EngineVisit *visit, Value output);
static void take_fault(EngineVisit *visit);
static void end_with_fault(EngineVisit *visit);
static void close_failed(EngineExecution *execution, int64 prev, const char *error,
						 const char *cause);

EngineBranch *
engine_branch_new(void)
{
	EngineBranch *branch = palloc0(sizeof(EngineBranch));

	branch->due = ENGINE_NEVER;
	branch->task_timeout = ENGINE_NEVER;
	branch->task_heartbeat = ENGINE_NEVER;
	return branch;
}

Value
engine_document(EngineExecution *execution, EngineDocument *document)
{
	if (value_is_undefined(document->value) && document->stored != NULL)
		document->value = execution->shell->fetch(execution, document->stored);
	return document->value;
}

const char *
engine_status_name(EngineStatus status)
{
	static const char *const names[] = {
		[ENGINE_RUNNING] = "RUNNING",
		[ENGINE_SUCCEEDED] = "SUCCEEDED",
		[ENGINE_FAILED] = "FAILED",
		[ENGINE_TIMED_OUT] = "TIMED_OUT",
		[ENGINE_ABORTED] = "ABORTED",
	};

	return names[status];
}

EngineBranch *
engine_start(EngineExecution *execution)
{
	EngineBranch *root = engine_branch_new();
	EngineHistoryEvent *event =
		engine_event(execution, ENGINE_ExecutionStarted, ENGINE_NO_EVENT);

	event->payload = engine_document(execution, &execution->input);
	event->text = execution->role_arn;
	event->version_arn = execution->version_arn;
	event->alias_arn = execution->alias_arn;

	root->id = 1;
	/* one that is closed at once needs no machine */
	root->scope = execution->machine ? execution->machine->root : NULL;
	if (execution->scope != NULL)
		root->scope = execution->scope;
	root->input = execution->input;
	root->input.changed = true;
	/* the first state's Entered event points at nothing, not at ExecutionStarted */
	root->tip = ENGINE_NO_EVENT;
	engine_changed(execution, root);
	return root;
}

void
engine_run(EngineExecution *execution, EngineBranch *branch, const EngineEvent *event)
{
	EngineRun run = {.execution = execution};
	ListCell *cell;

	run.last_step = PG_INT32_MAX;
	if (execution->max_steps < PG_INT32_MAX - execution->nsteps &&
		execution->max_steps != 0)
		run.last_step = execution->nsteps + Max(execution->max_steps, 0);

	move_branch(&run, branch, event);
	while (execution->status == ENGINE_RUNNING)
	{
		if (run.parent != NULL)
			tell_parent(&run);
		else if (run.next_child < run.nchildren)
		{
			EngineEvent start = {.kind = ENGINE_EVENT_RUN};

			move_branch(&run, run.children[run.next_child++], &start);
		}
		else if (run.hungry != NIL && execution->nsteps < run.last_step)
			feed_map(&run);
		else
			break;
	}
	/* the turn is over: they go on with the next one, whatever may end before */
	foreach (cell, run.hungry)
	{
		EngineBranch *map = lfirst(cell);

		map->wants_more = false;
		if (map->phase != ENGINE_JOINING)
			continue;
		map->due = execution->now;
		engine_changed(execution, map);
	}
	list_free(run.hungry);
	if (run.children != NULL)
		pfree(run.children);
}

void
engine_stop(EngineExecution *execution, const char *error, const char *cause)
{
	EngineHistoryEvent *event;

	if (execution->status != ENGINE_RUNNING)
		return;
	event = engine_event(execution, ENGINE_ExecutionAborted, ENGINE_NO_EVENT);
	event->error = error;
	event->cause = cause;
	execution->status = ENGINE_ABORTED;
	execution->error = error;
	execution->cause = cause;
}

void
engine_time_out(EngineExecution *execution)
{
	EngineHistoryEvent *event;

	if (execution->status != ENGINE_RUNNING)
		return;
	event = engine_event(execution, ENGINE_ExecutionTimedOut, ENGINE_NO_EVENT);
	/* the event names the error, DescribeExecution does not */
	event->error = ENGINE_ERROR_TIMEOUT;
	execution->status = ENGINE_TIMED_OUT;
}

void
engine_fail(EngineExecution *execution, const char *error, const char *cause)
{
	close_failed(execution, execution->next_event_id - 1, error, cause);
}

/* Something that is stored of the branch is another now */
void
engine_changed(EngineExecution *execution, EngineBranch *branch)
{
	if (branch->changed)
		return;
	branch->changed = true;
	if (execution->shell->branch_changed != NULL)
		execution->shell->branch_changed(execution, branch);
}

/* Put a value into a document; one that is there already is no change */
void
engine_put_document(EngineDocument *document, Value value)
{
	Value old = document->value;

	if (old.kind == value.kind && old.kind >= VALUE_NUMERIC && old.len == value.len &&
		old.u.string == value.u.string)
		return;
	if (value_is_undefined(old) && value_is_undefined(value) && document->stored == NULL)
		return;
	document->value = value;
	document->stored = NULL;
	document->changed = true;
}

/* The one writer of a branch's phase within a state */
void
engine_to_phase(EngineVisit *visit, EnginePhase phase, TimestampTz due)
{
	Assert(visit->branch->entered);
	visit->branch->phase = phase;
	visit->branch->due = due;
	engine_changed(visit->execution, visit->branch);
}

void
engine_exit_state(EngineVisit *visit, Value output, Value assigned, const AslState *next)
{
	EngineBranch *branch = visit->branch;
	EngineHistoryEvent *event =
		engine_event(visit->execution,
					 engine_state_types[visit->state->type].exited,
					 branch->tip);

	event->name = visit->state->name;
	event->payload = output;
	event->variables = assigned;

	branch->tip = event->id;
	branch->phase = ENGINE_READY;
	branch->entered = false;
	branch->due = ENGINE_NEVER;
	branch->task_timeout = ENGINE_NEVER;
	branch->task_heartbeat = ENGINE_NEVER;
	branch->pending = 0;
	branch->started = 0;
	engine_put_document(&branch->work, value_undefined());
	engine_put_document(&branch->input, output);
	engine_changed(visit->execution, branch);
	if (next != NULL)
		branch->state = next;
	else
		end_branch(visit, output);
}

/* The branch ends with an error: the execution does too, or its parent is told */
void
engine_fail_branch(EngineVisit *visit, const EngineFailure *failure)
{
	EngineBranch *branch = visit->branch;
	EngineRun *run = visit->run;

	branch->phase = ENGINE_GONE;
	branch->due = ENGINE_NEVER;
	engine_changed(visit->execution, branch);
	if (branch->parent == NULL ||
		(failure->error != NULL && strcmp(failure->error, ENGINE_ERROR_RUNTIME) == 0))
	{
		close_failed(visit->execution, branch->tip, failure->error, failure->cause);
		return;
	}
	run->parent = branch->parent;
	run->end = (EngineEvent){.kind = ENGINE_EVENT_CHILD_FAILED,
							 .error = failure->error,
							 .cause = failure->cause,
							 .heartbeat = failure->heartbeat,
							 .child = branch};
}

/* Move a branch by an event, then from state to state until it blocks or ends */
static void
move_branch(EngineRun *run, EngineBranch *branch, const EngineEvent *event)
{
	EngineVisit visit = {.run = run, .execution = run->execution, .branch = branch};

	if (event->kind != ENGINE_EVENT_RUN && branch->entered &&
		!resume_state(&visit, event))
		take_fault(&visit);

	while (branch->phase == ENGINE_READY && run->execution->status == ENGINE_RUNNING &&
		   run->execution->nsteps < run->last_step)
	{
		CHECK_FOR_INTERRUPTS();
		if (!enter_state(&visit))
			take_fault(&visit);
	}
}

static bool
resume_state(EngineVisit *visit, const EngineEvent *event)
{
	const EngineStateType *type = &engine_state_types[visit->branch->state->type];

	visit->state = visit->branch->state;
	return type->resume == NULL || type->resume(visit, event);
}

static bool
enter_state(EngineVisit *visit)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	const AslState *state = branch->state ? branch->state : branch->scope->start;
	const EngineStateType *type = &engine_state_types[state->type];
	EngineHistoryEvent *event;
	Value input = engine_document(execution, &branch->input);

	event = engine_event(execution, type->entered, branch->tip);
	event->name = state->name;
	event->payload = input;

	branch->state = state;
	branch->entered = true;
	branch->entered_id = event->id;
	branch->entered_prev = branch->tip;
	branch->entered_at = event->at;
	branch->tip = event->id;
	branch->retry_count = 0;
	branch->nretries = 0;
	branch->retries = NULL;
	engine_changed(execution, branch);
	execution->nsteps++;
	if (execution->status != ENGINE_RUNNING)
		return true;

	visit->state = state;
	visit->scope_ready = false;
	visit->token = NULL;
	visit->result = value_undefined();
	visit->error_output = value_undefined();
	visit->hides_entry = true;
	visit->joined = false;
	return type->enter(visit);
}

/* A child has ended: its parent goes on, or keeps waiting for the others */
static void
tell_parent(EngineRun *run)
{
	EngineBranch *parent = run->parent;
	EngineEvent event = run->end;

	run->parent = NULL;
	if (parent->phase != ENGINE_JOINING)
		return;
	if (event.kind == ENGINE_EVENT_CHILD_FAILED)
		engine_find_siblings(run->execution, parent, &event);
	move_branch(run, parent, &event);
}

/* All that was started is blocked: a Map may start more */
static void
feed_map(EngineRun *run)
{
	EngineBranch *branch = llast(run->hungry);
	EngineEvent more = {.kind = ENGINE_EVENT_MORE};

	run->hungry = list_delete_last(run->hungry);
	branch->wants_more = false;
	move_branch(run, branch, &more);
}

static void
end_branch(EngineVisit *visit, Value output)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineRun *run = visit->run;
	EngineHistoryEvent *event;

	if (execution->status != ENGINE_RUNNING)
		return;
	if (branch->parent != NULL)
	{
		branch->phase = ENGINE_DONE;
		execution->shell->keep_result(execution, branch, output);
		run->parent = branch->parent;
		run->end = (EngineEvent){.kind = ENGINE_EVENT_CHILD_SUCCEEDED, .child = branch};
		return;
	}
	branch->phase = ENGINE_GONE;
	event = engine_event(execution, ENGINE_ExecutionSucceeded, branch->tip);
	event->payload = output;
	execution->status = ENGINE_SUCCEEDED;
	execution->output = output;
}

/* A function returned false.  A catcher of what failed first may fail itself. */
static void
take_fault(EngineVisit *visit)
{
	while (engine_is_evaluation_fault(visit))
	{
		if (engine_evaluation_failed(visit))
			return;
	}
	end_with_fault(visit);
}

/* End the execution with visit->error, which nothing can catch */
static void
end_with_fault(EngineVisit *visit)
{
	EngineBranch *branch = visit->branch;
	const char *name = visit->error.name ? visit->error.name : ENGINE_ERROR_RUNTIME;
	char *cause = engine_fault_cause(visit);

	branch->phase = ENGINE_GONE;
	branch->due = ENGINE_NEVER;
	engine_changed(visit->execution, branch);
	close_failed(visit->execution, branch->tip, name, cause);
}

static void
close_failed(EngineExecution *execution, int64 prev, const char *error, const char *cause)
{
	EngineHistoryEvent *event;

	if (execution->status != ENGINE_RUNNING)
		return;
	event = engine_event(execution, ENGINE_ExecutionFailed, prev);
	event->error = error;
	event->cause = cause;
	execution->status = ENGINE_FAILED;
	execution->error = error;
	execution->cause = cause;
}
