/*-------------------------------------------------------------------------
 *
 * map_task.c
 *	  What a runner does for a Map Run: see map_task.h.
 *
 * Must not know where items come from or where results go.
 *
 * IDENTIFICATION
 *	  src/store/map_task.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "store/durable.h"
#include "store/map_task.h"
#include "store/records.h"
#include "store/rows.h"
#include "store/sql.h"

struct StoreMapTask
{
	/* NULL: it was aborted, and only its results are asked for */
	DurableExecution *execution;
	EngineBranch *branch;
	const AslMap *state;
	int64 map_run_id;
	char *arn;
	char *machine_name;    /* of children: MACHINE/LABEL */
	bool express;          /* children are EXPRESS executions */
	MemoryContext context; /* where it lives */
	/* items */
	EngineBatcher *batcher; /* NULL: not yet */
	int64 nitems;           /* in inputs */
	int64 ninputs;
	/* results */
	int64 last_id; /* of the last child */
	bool children_read;
	int64 last_number; /* of the last input that has become none */
};

static StoreMapTask *open_aborted(const StoreTask *task);
static void find_map_run(StoreMapTask *task);
static void name_map_run(StoreMapTask *task, const char *machine, const char *label,
						 const char *name);
static void keep_documents(EngineExecution *execution, EngineBranch *branch);
static void keep(EngineExecution *execution, EngineDocument *document);
static void add_input(StoreMapTask *task, StoreRows *rows, Value input, int nitems);
static void write_inputs(StoreRows *rows);
static int next_children(StoreMapTask *task, int limit, ItemResult **results);
static int next_inputs(StoreMapTask *task, int limit, ItemResult **results);
static void read_result(const StoreMapTask *task, uint64 row, ItemResult *result);

StoreMapTask *
store_open_map_task(const StoreTask *task, TimestampTz now)
{
	StoreMapTask *map;
	List *executions;

	if (task->branch_id == 0)
		return open_aborted(task);
	executions = durable_lock(&task->execution_id, 1, DURABLE_LOOK, now);
	if (executions == NIL)
		return NULL;
	map = palloc0_object(StoreMapTask);
	map->context = CurrentMemoryContext;
	map->execution = linitial(executions);
	map->branch = durable_load_branch(map->execution, task->branch_id);
	if (map->branch == NULL || map->branch->state == NULL ||
		engine_map_task(&map->execution->engine, map->branch) != task->epoch)
		return NULL;
	map->state = (const AslMap *) map->branch->state;
	find_map_run(map);
	keep_documents(&map->execution->engine, map->branch);
	return map;
}

/* There is no branch any more */
static StoreMapTask *
open_aborted(const StoreTask *task)
{
	static StorePlan plan = {"SELECT name, express FROM workflow.map_run WHERE id = $1",
							 1,
							 {INT8OID}};
	Datum id = Int64GetDatum(task->express.map_run_id);
	StoreMapTask *map = palloc0_object(StoreMapTask);
	const StoreRevision *revision;

	if (store_execute(&plan, &id, NULL) == 0)
		return NULL;
	name_map_run(map, task->target, task->express.label, store_text(0, 1));
	map->express = store_bool(0, 2, false);
	map->context = CurrentMemoryContext;
	map->map_run_id = task->express.map_run_id;
	revision = store_revision(task->express.revision_id);
	if (revision != NULL && revision->machine != NULL)
		map->state =
			(const AslMap *) asl_find_state(revision->machine, task->express.map_state);
	return map->state == NULL ? NULL : map;
}

static void
find_map_run(StoreMapTask *task)
{
	static StorePlan plan = {"SELECT id, label, name, express FROM workflow.map_run "
							 "WHERE execution_id = $1 AND branch_id = $2 AND epoch = $3",
							 3,
							 {INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(task->execution->id),
					   Int64GetDatum(task->branch->id),
					   Int64GetDatum(task->branch->epoch)};

	if (store_execute(&plan, values, NULL) == 0)
		elog(ERROR,
			 "execution %lld has lost its Map Run",
			 (long long) task->execution->id);
	task->map_run_id = store_int64(0, 1, 0);
	name_map_run(task,
				 task->execution->engine.machine_name,
				 store_text(0, 2),
				 store_text(0, 3));
	task->express = store_bool(0, 4, false);
}

static void
name_map_run(StoreMapTask *task, const char *machine, const char *label, const char *name)
{
	task->arn = store_map_run_arn(machine, label, name);
	task->machine_name = store_labeled_name(machine, label);
}

/*
 * What the branch can see, out of the rows of this session.
 */
static void
keep_documents(EngineExecution *execution, EngineBranch *branch)
{
	keep(execution, &execution->input);
	for (; branch != NULL; branch = branch->parent)
	{
		keep(execution, &branch->input);
		keep(execution, &branch->variables);
		keep(execution, &branch->work);
	}
}

static void
keep(EngineExecution *execution, EngineDocument *document)
{
	Value value = engine_document(execution, document);

	document->value = value_is_undefined(value) ? value : value_copy(value);
	document->stored = NULL;
}

const AslMap *
store_map_task_state(const StoreMapTask *task)
{
	return task->state;
}

const char *
store_map_task_arn(const StoreMapTask *task)
{
	return task->arn;
}

/* ---- items ---- */

bool
store_add_items(StoreMapTask *task, Value items, bool are_pairs, const char *source,
				WfError *error)
{
	/* ORDER MAP ITEM COLUMNS */
	static const Oid types[] = {INT8OID, INT8OID, INT4OID, JSONBOID};
	StoreRows rows;
	ValueArrayIter it;

	if (task->batcher == NULL)
	{
		MemoryContext old_context = MemoryContextSwitchTo(task->context);

		task->batcher =
			engine_batcher_new(&task->execution->engine, task->branch, 0, error);
		MemoryContextSwitchTo(old_context);
		if (task->batcher == NULL)
			return false;
	}
	store_rows_init(&rows, lengthof(types), types);
	value_array_begin(&it, items);
	while (value_array_next(&it))
	{
		Value key = value_undefined();
		Value item = it.value;
		Value input;
		int nitems;

		CHECK_FOR_INTERRUPTS();
		if (are_pairs)
		{
			key = value_object_get_cstring(it.value, "Key");
			item = value_object_get_cstring(it.value, "Value");
		}
		if (!engine_batcher_add(task->batcher, key, item, source, &input, &nitems, error))
			return false;
		if (!value_is_undefined(input))
			add_input(task, &rows, input, nitems);
	}
	write_inputs(&rows);
	return true;
}

Value
store_end_items(StoreMapTask *task)
{
	static const Oid types[] = {INT8OID, INT8OID, INT4OID, JSONBOID};
	ValueObject *result = value_object_new(2);
	Value input = value_undefined();
	StoreRows rows;
	int nitems;

	store_rows_init(&rows, lengthof(types), types);
	if (task->batcher != NULL)
		engine_batcher_end(task->batcher, &input, &nitems);
	if (!value_is_undefined(input))
		add_input(task, &rows, input, nitems);
	write_inputs(&rows);
	value_object_add_cstring(result, "items", value_int64(task->nitems));
	value_object_add_cstring(result, "executions", value_int64(task->ninputs));
	return value_from_object(result);
}

static void
add_input(StoreMapTask *task, StoreRows *rows, Value input, int nitems)
{
	task->nitems += nitems;
	task->ninputs++;
	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(task->map_run_id));
	store_rows_set(rows, 1, Int64GetDatum(task->ninputs));
	store_rows_set(rows, 2, Int32GetDatum(nitems));
	store_rows_set_value(rows, 3, input);
}

static void
write_inputs(StoreRows *rows)
{
	static StorePlan plan =
		{"INSERT INTO workflow.map_item (map_run_id, number, item_count, input) "
		 "SELECT * FROM unnest($1, $2, $3, $4)",
		 4,
		 {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, JSONBARRAYOID}};

	store_rows_execute(rows, &plan);
}

/* ---- results ---- */

/*
 * First the children, then the inputs that have become none.
 */
int
store_next_results(StoreMapTask *task, int limit, ItemResult **results)
{
	int count = 0;

	if (!task->children_read)
		count = next_children(task, limit, results);
	if (count > 0)
		return count;
	task->children_read = true;
	return next_inputs(task, limit, results);
}

/*
 * Children were started in the order of their inputs, so that is the order of their ids.
 */
static int
next_children(StoreMapTask *task, int limit, ItemResult **results)
{
	static StorePlan plan = {
		"SELECT id, name, status, input, output, error, cause, redrive_count, started_at, stopped_at "
		"FROM workflow.execution WHERE map_run_id = $1 AND id > $2 ORDER BY id LIMIT $3",
		3,
		{INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(task->map_run_id),
					   Int64GetDatum(task->last_id),
					   Int64GetDatum(limit)};
	uint64 count = store_execute(&plan, values, NULL);

	*results = palloc0_array(ItemResult, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
	{
		read_result(task, row, &(*results)[row]);
		task->last_id = store_int64(row, 1, 0);
	}
	return (int) count;
}

static int
next_inputs(StoreMapTask *task, int limit, ItemResult **results)
{
	static StorePlan plan = {
		"SELECT number, input FROM workflow.map_item WHERE map_run_id = $1 AND number > $2 "
		"ORDER BY number LIMIT $3",
		3,
		{INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(task->map_run_id),
					   Int64GetDatum(task->last_number),
					   Int64GetDatum(limit)};
	uint64 count = store_execute(&plan, values, NULL);

	*results = palloc0_array(ItemResult, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
	{
		task->last_number = store_int64(row, 1, 0);
		(*results)[row].input = store_jsonb(row, 2);
		(*results)[row].output = value_undefined();
	}
	return (int) count;
}

static void
read_result(const StoreMapTask *task, uint64 row, ItemResult *result)
{
	result->name = store_text(row, 2);
	result->execution_arn =
		store_map_child_arn(task->machine_name, result->name, task->express);
	result->state_machine_arn = store_machine_arn(task->machine_name);
	result->status = store_text(row, 3);
	result->input = store_jsonb(row, 4);
	result->output = store_jsonb(row, 5);
	result->error = store_text(row, 6);
	result->cause = store_text(row, 7);
	result->redrive_count = (int) store_int64(row, 8, 0);
	result->started_at = store_timestamp(row, 9, 0);
	result->stopped_at = store_timestamp(row, 10, 0);
}
