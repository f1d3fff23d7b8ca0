/*-------------------------------------------------------------------------
 *
 * parallel.c
 *	  The Parallel state: a child for each of its branches, joined at the end.
 *
 * IDENTIFICATION
 *	  src/engine/parallel.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

static bool child_succeeded(EngineVisit *visit, EngineBranch *child);
static bool child_failed(EngineVisit *visit, const EngineEvent *event);
static bool join(EngineVisit *visit, Value results);

bool
engine_enter_parallel(EngineVisit *visit)
{
	const AslParallel *parallel = (const AslParallel *) visit->state;
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineHistoryEvent *event;
	Value input;

	if (!engine_effective_input(visit, &input) || !engine_arguments(visit, input, &input))
		return false;
	event = engine_event(execution, ENGINE_ParallelStateStarted, branch->tip);
	if (execution->status != ENGINE_RUNNING)
		return true;
	branch->tip = event->id;
	branch->pending = parallel->nbranches;
	branch->started = parallel->nbranches;
	engine_to_phase(visit, ENGINE_JOINING, ENGINE_NEVER);
	for (int i = 0; i < parallel->nbranches; i++)
		engine_start_child(visit, parallel->branches[i], i, branch->tip, input);
	return true;
}

bool
engine_resume_parallel(EngineVisit *visit, const EngineEvent *event)
{
	EngineBranch *branch = visit->branch;

	switch (event->kind)
	{
		case ENGINE_EVENT_TIMER:
			if (branch->phase != ENGINE_RETRYING || visit->execution->now < branch->due)
				return true;
			return engine_enter_parallel(visit);
		case ENGINE_EVENT_CHILD_SUCCEEDED:
			return child_succeeded(visit, event->child);
		case ENGINE_EVENT_CHILD_FAILED:
			return child_failed(visit, event);
		case ENGINE_EVENT_JOINED:
			return join(visit, event->output);
		default:
			return true;
	}
}

static bool
child_succeeded(EngineVisit *visit, EngineBranch *child)
{
	EngineBranch *branch = visit->branch;

	engine_changed(visit->execution, branch);
	if (--branch->pending > 0)
		return true;
	/* the chain goes on from the branch that ended last */
	branch->tip = child->tip;
	return join(visit, visit->execution->shell->take_results(visit->execution, branch));
}

/* ParallelStateSucceeded is an event that nothing points at */
static bool
join(EngineVisit *visit, Value results)
{
	(void) engine_event(visit->execution,
						ENGINE_ParallelStateSucceeded,
						visit->branch->tip);
	visit->joined = true;
	return engine_leave_with_result(visit, results);
}

static bool
child_failed(EngineVisit *visit, const EngineEvent *event)
{
	EngineBranch *branch = visit->branch;
	EngineFailure failure = {.error = event->error,
							 .cause = event->cause,
							 .heartbeat = event->heartbeat};

	branch->tip = event->child->tip;
	engine_abort_children(visit, event);
	if (engine_retry(visit, &failure))
		return true;
	branch->tip =
		engine_event(visit->execution, ENGINE_ParallelStateFailed, branch->tip)->id;
	return engine_catch(visit, &failure);
}
