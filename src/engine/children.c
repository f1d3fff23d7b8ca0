/*-------------------------------------------------------------------------
 *
 * children.c
 *	  Branches that a state starts, and what becomes of them when one fails.
 *
 * Shared by Parallel and Map.
 *
 * IDENTIFICATION
 *	  src/engine/children.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

static void write_aborted(EngineVisit *visit, EngineBranch *branch);

/* Start a child of the branch: engine_run() will move it */
void
engine_start_child(EngineVisit *visit, const AslScope *scope, int index, int64 tip,
				   Value input)
{
	EngineExecution *execution = visit->execution;
	EngineRun *run = visit->run;
	EngineBranch *child = engine_branch_new();

	child->id = execution->next_epoch++;
	child->parent = visit->branch;
	child->index = index;
	child->scope = scope;
	child->input.value = input;
	child->input.changed = true;
	child->tip = tip;
	execution->shell->child_started(execution, child);
	engine_changed(execution, child);

	if (run->nchildren == run->capacity)
	{
		run->capacity = run->capacity ? run->capacity * 2 : 8;
		run->children = run->children ? repalloc(run->children,
												 run->capacity * sizeof(EngineBranch *))
									  : palloc(run->capacity * sizeof(EngineBranch *));
	}
	run->children[run->nchildren++] = child;
}

/* Fill in what CHILD_FAILED tells of the other branches below the parent */
void
engine_find_siblings(EngineExecution *execution, EngineBranch *parent, EngineEvent *event)
{
	EngineBranch **descendants;
	int count;

	execution->shell->load_descendants(execution, parent, &descendants, &count);
	event->siblings = descendants;
	event->nsiblings = 0;
	for (int i = 0; i < count; i++)
	{
		EngineBranch *branch = descendants[i];

		if (branch != event->child && branch->phase != ENGINE_DONE &&
			branch->phase != ENGINE_GONE)
			descendants[event->nsiblings++] = branch;
	}
}

/*
 * Close the siblings of a child that failed, or all children where none is named.
 * All their events point at the event that failed, and nothing points at them.  A task that failed leaves
 * its own state open, which is cut as well.
 */
void
engine_abort_children(EngineVisit *visit, const EngineEvent *event)
{
	EngineExecution *execution = visit->execution;

	if (event->child != NULL && event->child->state != NULL &&
		event->child->state->type == ASL_TASK)
		write_aborted(visit, event->child);
	for (int i = 0; i < event->nsiblings; i++)
	{
		EngineBranch *branch = event->siblings[i];

		if (branch->parent->state->type == ASL_MAP)
			(void) engine_iteration_event(execution,
										  ENGINE_MapIterationAborted,
										  branch->parent,
										  branch->index,
										  visit->branch->tip);
		if (branch->phase == ENGINE_MAP_RUN)
		{
			(void) engine_event(execution, ENGINE_MapRunAborted, visit->branch->tip);
			engine_abort_run(execution, branch);
		}
		write_aborted(visit, branch);
		if (branch->phase == ENGINE_TASK)
			execution->shell->void_task(execution, branch);
		branch->phase = ENGINE_GONE;
		branch->due = ENGINE_NEVER;
		engine_changed(execution, branch);
	}
	execution->shell->drop_results(execution, visit->branch);
	visit->branch->pending = 0;
	visit->branch->started = 0;
}

static void
write_aborted(EngineVisit *visit, EngineBranch *branch)
{
	EngineHistoryType aborted;

	if (!branch->entered)
		return;
	aborted = engine_state_types[branch->state->type].aborted;
	if (aborted != 0)
		(void) engine_event(visit->execution, aborted, visit->branch->tip);
}
