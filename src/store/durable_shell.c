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
#include "common/base64.h"
#include "utils/jsonb.h"

#include "store/durable.h"

/* of a task token; 128 bits are asked for */
#define TOKEN_BYTES 24

static Value fetch(EngineExecution *engine, void *stored);
static void load_descendants(EngineExecution *engine, EngineBranch *branch, EngineBranch ***descendants,
							 int *count);
static bool is_below(const EngineBranch *branch, const EngineBranch *ancestor);
static int compare_branches(const ListCell *a, const ListCell *b);
static void child_started(EngineExecution *engine, EngineBranch *child);
static void keep_result(EngineExecution *engine, EngineBranch *child, Value output);
static Value take_results(EngineExecution *engine, EngineBranch *parent);
static void drop_results(EngineExecution *engine, EngineBranch *parent);
static void schedule_task(EngineExecution *engine, const EngineTask *task);
static void void_task(EngineExecution *engine, EngineBranch *branch);
static char *make_token(EngineExecution *engine, EngineBranch *branch, int64 epoch);

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
};

static Value
fetch(EngineExecution *engine, void *stored)
{
	return value_from_jsonb(DatumGetJsonbP(PointerGetDatum(stored)));
}

static void
load_descendants(EngineExecution *engine, EngineBranch *branch, EngineBranch ***descendants, int *count)
{
	DurableExecution *execution = (DurableExecution *) engine;
	List	   *below = NIL;
	ListCell   *cell;

	durable_load_all(execution);
	foreach(cell, execution->branches)
	{
		EngineBranch *other = lfirst(cell);

		if (other->phase != ENGINE_GONE && is_below(other, branch))
			below = lappend(below, other);
	}
	list_sort(below, compare_branches);
	*count = list_length(below);
	*descendants = palloc(Max(*count, 1) * sizeof(EngineBranch *));
	foreach(cell, below)
		(*descendants)[foreach_current_index(cell)] = lfirst(cell);
}

static bool
is_below(const EngineBranch *branch, const EngineBranch *ancestor)
{
	for (const EngineBranch *up = branch->parent; up != NULL; up = up->parent)
		if (up == ancestor)
			return true;
	return false;
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
}

static void
keep_result(EngineExecution *engine, EngineBranch *child, Value output)
{
	DurableExecution *execution = (DurableExecution *) engine;
	DurableResult *result = palloc(sizeof(DurableResult));

	result->parent_id = child->parent->id;
	result->index = child->index;
	result->output = output;
	execution->results = lappend(execution->results, result);
}

/*
 * The outputs by index, from this step and from the table.  The rows go at the
 * write: until then the execution may still be left out of the step.
 */
static Value
take_results(EngineExecution *engine, EngineBranch *parent)
{
	static StorePlan plan = {
		"SELECT index, output FROM workflow.iteration WHERE execution_id = $1 AND branch_id = $2",
		2, {INT8OID, INT8OID}
	};
	DurableExecution *execution = (DurableExecution *) engine;
	ValueArray *outputs = value_array_new(parent->started);
	ListCell   *cell;

	for (int i = 0; i < parent->started; i++)
		value_array_push(outputs, value_null());
	if (parent->stored && !list_member_ptr(execution->emptied, parent))
	{
		Datum		values[2] = {Int64GetDatum(execution->id), Int64GetDatum(parent->id)};
		uint64		nrows = store_execute(&plan, values, NULL);

		for (uint64 row = 0; row < nrows; row++)
			outputs->items[store_int64(row, 1, 0)] = store_jsonb(row, 2);
	}
	foreach(cell, execution->results)
	{
		DurableResult *result = lfirst(cell);

		if (result->parent_id == parent->id)
			outputs->items[result->index] = result->output;
	}
	drop_results(engine, parent);
	return value_from_array(outputs);
}

static void
drop_results(EngineExecution *engine, EngineBranch *parent)
{
	DurableExecution *execution = (DurableExecution *) engine;
	ListCell   *cell;

	foreach(cell, execution->results)
	{
		if (((DurableResult *) lfirst(cell))->parent_id == parent->id)
			execution->results = foreach_delete_current(execution->results, cell);
	}
	if (parent->stored)
		execution->emptied = list_append_unique_ptr(execution->emptied, parent);
}

static void
schedule_task(EngineExecution *engine, const EngineTask *task)
{
	DurableExecution *execution = (DurableExecution *) engine;
	EngineTask *copy = palloc(sizeof(EngineTask));

	*copy = *task;
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
	ListCell   *cell;

	foreach(cell, execution->scheduled)
	{
		if (((EngineTask *) lfirst(cell))->branch == branch)
			execution->scheduled = foreach_delete_current(execution->scheduled, cell);
	}
}

static char *
make_token(EngineExecution *engine, EngineBranch *branch, int64 epoch)
{
	uint8		bytes[TOKEN_BYTES];
	int			size = pg_b64_enc_len(TOKEN_BYTES);
	char	   *token = palloc(size + 1);
	int			length;

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a task token"));
	length = pg_b64_encode((char *) bytes, sizeof(bytes), token, size);
	token[length] = '\0';
	return token;
}
