/*-------------------------------------------------------------------------
 *
 * durable_shell.c
 *	  What the engine asks of its shell where executions live in tables.
 *
 * Nothing here writes; durable_write.c does, at the end of the step.
 *
 * Must not know when steps are taken.
 *
 * IDENTIFICATION
 *	  src/store/durable_shell.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

#include "store/durable.h"
#include "store/records.h"

static Value fetch(EngineExecution *engine, void *stored);
static void load_descendants(EngineExecution *engine, EngineBranch *branch,
							 EngineBranch ***descendants, int *count);
static void collect(EngineBranch *branch, List **below);
static int compare_branches(const ListCell *a, const ListCell *b);
static void child_started(EngineExecution *engine, EngineBranch *child);
static void keep_result(EngineExecution *engine, EngineBranch *child, Value output);
static Value take_results(EngineExecution *engine, EngineBranch *parent);
static void drop_results(EngineExecution *engine, EngineBranch *parent);
static void schedule_task(EngineExecution *engine, const EngineTask *task);
static void void_task(EngineExecution *engine, EngineBranch *branch);
static char *make_token(EngineExecution *engine, EngineBranch *branch, int64 epoch);
static char *refuse_task(EngineExecution *engine, const EngineTask *task);

const EngineShell durable_engine_shell = {
	.fetch = fetch,
	.load_descendants = load_descendants,
	.child_started = child_started,
	.keep_result = keep_result,
	.take_results = take_results,
	.drop_results = drop_results,
	.schedule_task = schedule_task,
	.void_task = void_task,
	.make_token = make_token,
	.refuse_task = refuse_task,
	.start_map_run = durable_start_map_run,
	.add_map_input = durable_add_map_input,
	.take_map_results = durable_take_map_results,
	.stop_map_children = durable_stop_map_children,
	.write_map_results = durable_write_map_results,
	.end_map_run = durable_end_map_run,
};

static Value
fetch(EngineExecution *engine, void *stored)
{
	return value_from_jsonb(DatumGetJsonbP(PointerGetDatum(stored)));
}

static void
load_descendants(EngineExecution *engine, EngineBranch *branch,
				 EngineBranch ***descendants, int *count)
{
	List *below = NIL;
	ListCell *cell;

	durable_load_all((DurableExecution *) engine);
	collect(branch, &below);
	list_sort(below, compare_branches);
	*count = list_length(below);
	*descendants = palloc(Max(*count, 1) * sizeof(EngineBranch *));
	foreach (cell, below)
		(*descendants)[foreach_current_index(cell)] = lfirst(cell);
}

/* The open branches below one, in any order */
static void
collect(EngineBranch *branch, List **below)
{
	dlist_iter iter;

	check_stack_depth();
	dlist_foreach (iter, &durable_note(branch)->children)
	{
		EngineBranch *child = dlist_container(DurableNote, node, iter.cur)->branch;

		if (child->phase == ENGINE_GONE)
			continue;
		*below = lappend(*below, child);
		collect(child, below);
	}
}

static int
compare_branches(const ListCell *a, const ListCell *b)
{
	const EngineBranch *left = lfirst(a);
	const EngineBranch *right = lfirst(b);

	return (left->id > right->id) - (left->id < right->id);
}

static void
child_started(EngineExecution *engine, EngineBranch *child)
{
	DurableExecution *execution = (DurableExecution *) engine;

	execution->branches = lappend(execution->branches, child);
	dlist_push_tail(&durable_note(child->parent)->children, &durable_note(child)->node);
}

static void
keep_result(EngineExecution *engine, EngineBranch *child, Value output)
{
	DurableNote *parent = durable_note(child->parent);

	if (parent->nresults == parent->capacity)
	{
		parent->capacity = Max(8, parent->capacity * 2);
		parent->results = parent->results == NULL
							  ? palloc(parent->capacity * sizeof(DurableResult))
							  : repalloc_huge(parent->results,
											  parent->capacity * sizeof(DurableResult));
	}
	parent->results[parent->nresults].index = child->index;
	parent->results[parent->nresults++].output = output;
	dlist_delete(&durable_note(child)->node);
}

/*
 * The outputs by index, from this step and from the table, which has a list of
 * index and output in turn for each step that ended some.  The rows go at the
 * write: until then the execution may still be left out of the step.
 */
static Value
take_results(EngineExecution *engine, EngineBranch *parent)
{
	static StorePlan plan = {
		"SELECT output FROM workflow.iteration WHERE execution_id = $1 AND branch_id = $2",
		2,
		{INT8OID, INT8OID}};
	DurableExecution *execution = (DurableExecution *) engine;
	DurableNote *note = durable_note(parent);
	ValueArray *outputs = value_array_new(parent->started);

	for (int i = 0; i < parent->started; i++)
		value_array_push(outputs, value_null());
	if (parent->stored && !note->emptied)
	{
		Datum values[2] = {Int64GetDatum(execution->id), Int64GetDatum(parent->id)};
		uint64 nrows = store_execute(&plan, values, NULL);

		for (uint64 row = 0; row < nrows; row++)
		{
			ValueArrayIter it;

			value_array_begin(&it, store_jsonb(row, 1));
			while (value_array_next(&it))
			{
				int index = (int) value_to_double(it.value);

				if (!value_array_next(&it) || index < 0 || index >= parent->started)
					elog(ERROR,
						 "kept outputs of execution %lld are damaged",
						 (long long) execution->id);
				outputs->items[index] = it.value;
			}
		}
	}
	for (int i = 0; i < note->nresults; i++)
		outputs->items[note->results[i].index] = note->results[i].output;
	drop_results(engine, parent);
	return value_from_array(outputs);
}

static void
drop_results(EngineExecution *engine, EngineBranch *parent)
{
	DurableNote *note = durable_note(parent);

	note->nresults = 0;
	note->emptied |= parent->stored;
	dlist_init(&note->children);
}

static void
schedule_task(EngineExecution *engine, const EngineTask *task)
{
	DurableExecution *execution = (DurableExecution *) engine;
	DurableTask *copy = palloc(sizeof(DurableTask));

	copy->engine = *task;
	copy->activity = task->state->resource.kind == ASL_RESOURCE_ACTIVITY
						 ? task->state->resource.name
						 : NULL;
	execution->scheduled = lappend(execution->scheduled, copy);
}

/*
 * A task is over, one way or another.  A stored one is found at the write, by
 * its branch having left it; here is the one that was scheduled in this step.
 */
static void
void_task(EngineExecution *engine, EngineBranch *branch)
{
	DurableExecution *execution = (DurableExecution *) engine;
	ListCell *cell;

	foreach (cell, execution->scheduled)
	{
		if (((DurableTask *) lfirst(cell))->engine.branch == branch)
			execution->scheduled = foreach_delete_current(execution->scheduled, cell);
	}
	if (branch->stored && ((DurableNote *) branch->shell)->shared)
		execution->voids = true;
}

static char *
make_token(EngineExecution *engine, EngineBranch *branch, int64 epoch)
{
	return store_make_token(((DurableExecution *) engine)->id, branch->id, epoch);
}

/*
 * An activity has to be there when its task is scheduled.  Many tasks of a step
 * are of one activity: it is looked up once.
 */
static char *
refuse_task(EngineExecution *engine, const EngineTask *task)
{
	static TimestampTz last_step = 0;
	static char last_name[256] = "";
	const AslResource *resource = &task->state->resource;
	StoreActivityRecord activity;

	if (resource->kind != ASL_RESOURCE_ACTIVITY)
		return NULL;
	if (last_step == engine->now && strcmp(last_name, resource->name) == 0)
		return NULL;
	if (!store_find_activity(resource->name, &activity))
		return psprintf("The activity %s does not exist.", resource->text);
	last_step = engine->now;
	strlcpy(last_name, resource->name, sizeof(last_name));
	return NULL;
}
