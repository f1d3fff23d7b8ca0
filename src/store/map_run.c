/*-------------------------------------------------------------------------
 *
 * map_run.c
 *	  Map Runs: their rows, the inputs of their children, and how these start.
 *
 * A Map Run belongs to the branch that stands in the Map state, and is written
 * by steps of that execution only, under its lock.  Inputs of children are put
 * aside in map_item as they are made, a bounded amount a step; children are
 * started from there, in the order of the inputs, as far as MaxConcurrency
 * allows and a bounded number a step: two rows each, as any execution has, in
 * one statement.  They are executions like any other, spread over all
 * schedulers.  A child that has closed leaves a message for the parent, which
 * reads all that have come and updates its counters once a step.  So an item
 * costs the same however many there are.
 *
 * When the run is over before its children are, they are told to stop
 * (child.c), and what has not started never starts.
 *
 * Must not know when steps are taken, nor what children do.
 *
 * IDENTIFICATION
 *	  src/store/map_run.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store/durable.h"
#include "store/records.h"
#include "store/sql.h"

/* Children that a Map Run has open at most, whatever MaxConcurrency says: AWS's limit */
#define MAX_CHILDREN 10000

/* And that a step starts; inputs that it makes, and their size */
#define MAX_STARTS 1000
#define MAX_INPUTS 1000
#define MAX_INPUT_BYTES (8 * 1024 * 1024)

#define MAP_RUN_COLUMNS                                                                  \
	"r.id, r.epoch, r.state, r.label, r.name, r.started_at, r.max_concurrency, "         \
	"r.tolerated_failure_count, r.tolerated_failure_percentage, r.complete, "            \
	"r.next_item, r.started, r.items, r.items_running, r.items_succeeded, "              \
	"r.items_failed, r.items_timed_out, r.items_aborted, r.executions, "                 \
	"r.executions_running, r.executions_succeeded, r.executions_failed, "                \
	"r.executions_timed_out, r.executions_aborted"

/* The next inputs become executions e; $1 Map Run, $2 and $3 their numbers, $4 to $6 as in execution */
#define CHILD_ROWS                                                                                     \
	"WITH i AS (DELETE FROM workflow.map_item WHERE map_run_id = $1 AND number > $2 AND number <= $3 " \
	"RETURNING number, item_count, input), "                                                           \
	"e AS (INSERT INTO workflow.execution (state_machine_id, revision_id, name, started_at, input, "   \
	"map_run_id, item_count) SELECT $4, $5, gen_random_uuid()::text, $6, i.input, $1, i.item_count "   \
	"FROM i ORDER BY i.number RETURNING id, name, input, item_count) "

#define CHILD_ARGUMENTS                                                                  \
	INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TEXTOID, INT8OID,       \
		INT8OID, INT8OID

/* What a step writes of Map Runs */
typedef struct MapRunWrites
{
	StoreRows added;   /* ORDER MAP RUN COLUMNS */
	StoreRows changed; /* ORDER MAP RUN COUNTERS */
	StoreRows ended;   /* whose inputs go */
} MapRunWrites;

static DurableMapRun *open_map_run(DurableExecution *execution, EngineBranch *branch);
static void load_map_run(DurableExecution *execution, EngineBranch *branch);
static void read_counts(EngineMapCounts *counts, uint64 row, int column);
static DurableMapRun *find_open(DurableExecution *execution, int64 branch_id,
								int64 epoch);
static void take_end(DurableMapRun *run, const DurableItemEnd *end);
static void take_counts(EngineMapCounts *counts, EngineStatus status, int64 count);
static void abort_running(EngineMapCounts *counts);
static void init_writes(MapRunWrites *writes);
static void write_inputs(DurableMapRun *run);
static void start_children(DurableExecution *execution, DurableMapRun *run,
						   TimestampTz now);
static void add_rows(MapRunWrites *writes, const DurableExecution *execution,
					 const DurableMapRun *run, TimestampTz now);
static void add_counts(StoreRows *rows, int column, const EngineMapCounts *counts);
static void write_rows(MapRunWrites *writes);

/* ---- what the engine asks for ---- */

EngineMapRun *
durable_start_map_run(EngineExecution *engine, EngineBranch *branch,
					  const EngineMapRun *limits)
{
	static StorePlan plan = {"SELECT nextval('workflow.map_run_id_seq')", 0};
	DurableExecution *execution = (DurableExecution *) engine;
	DurableMapRun *run = palloc0_object(DurableMapRun);

	store_execute(&plan, NULL, NULL);
	run->id = store_int64(0, 1, 0);
	run->engine = *limits;
	run->engine.room = MAX_INPUTS;
	run->engine.room_bytes = MAX_INPUT_BYTES;
	run->branch_id = branch->id;
	run->epoch = branch->epoch;
	run->state = branch->state->name;
	run->label = store_map_label(execution->revision->id, branch->state);
	run->name = store_random_names(1)[0];
	run->started_at = engine->now;
	run->engine.arn = store_map_run_arn(engine->machine_name, run->label, run->name);
	durable_note(branch)->map_run = run;
	execution->map_runs = lappend(execution->map_runs, run);
	return &run->engine;
}

/*
 * A state without Label has always the same one, in a revision: it looks like a
 * UUID, as AWS's do.
 */
const char *
store_map_label(int64 revision_id, const AslState *state)
{
	const char *label = ((const AslMap *) state)->label;
	char *text = psprintf("%lld %s", (long long) revision_id, state->name);
	const unsigned char *bytes = (const unsigned char *) text;
	uint64 high = hash_bytes_extended(bytes, (int) strlen(text), 0);
	uint64 low = hash_bytes_extended(bytes, (int) strlen(text), 1);

	if (label != NULL)
		return label;
	return psprintf("%08x-%04x-%04x-%04x-%04x%08x",
					(uint32) (high >> 32),
					(uint32) (high >> 16) & 0xFFFF,
					(uint32) high & 0xFFFF,
					(uint32) (low >> 48),
					(uint32) (low >> 32) & 0xFFFF,
					(uint32) low);
}

void
durable_add_map_input(EngineExecution *engine, EngineBranch *branch, Value input,
					  int nitems)
{
	/* ORDER MAP ITEM COLUMNS */
	static const Oid types[] = {INT8OID, INT8OID, INT4OID, JSONBOID};
	DurableMapRun *run = durable_note(branch)->map_run;

	if (run->inputs == NULL)
	{
		run->inputs = palloc_object(StoreRows);
		store_rows_init(run->inputs, lengthof(types), types);
	}
	store_rows_add(run->inputs);
	store_rows_set(run->inputs, 0, Int64GetDatum(run->id));
	store_rows_set(run->inputs, 1, Int64GetDatum(run->engine.executions.total));
	store_rows_set(run->inputs, 2, Int32GetDatum(nitems));
	store_rows_set_value(run->inputs, 3, input);
}

Value
durable_take_map_results(EngineExecution *engine, EngineBranch *branch)
{
	static StorePlan plan = {
		"SELECT output FROM workflow.execution WHERE map_run_id = $1 AND status = 'SUCCEEDED' ORDER BY id",
		1,
		{INT8OID}};
	DurableMapRun *run = durable_note(branch)->map_run;
	Datum id = Int64GetDatum(run->id);
	uint64 nrows =
		run->engine.executions.total == 0 ? 0 : store_execute(&plan, &id, NULL);
	ValueArray *results = value_array_new((int) nrows);

	for (uint64 row = 0; row < nrows; row++)
		value_array_push(results, store_jsonb(row, 1));
	return value_from_array(results);
}

void
durable_end_map_run(EngineExecution *engine, EngineBranch *branch,
					EngineMapRunStatus status)
{
	DurableExecution *execution = (DurableExecution *) engine;
	DurableMapRun *run = open_map_run(execution, branch);

	if (run == NULL)
		return;
	engine->shell->void_task(engine, branch);
	run->status = status;
	run->inputs = NULL;
	if (status == ENGINE_MAP_RUN_SUCCEEDED)
		return;
	abort_running(&run->engine.items);
	abort_running(&run->engine.executions);
}

static void
abort_running(EngineMapCounts *counts)
{
	counts->aborted += counts->running;
	counts->running = 0;
}

/* ---- loading ---- */

/*
 * The Map Run that the branch has open, loaded if need be; NULL: it has none.
 */
static DurableMapRun *
open_map_run(DurableExecution *execution, EngineBranch *branch)
{
	DurableNote *note = durable_note(branch);

	if (note->map_run == NULL && note->map_epoch != 0)
		load_map_run(execution, branch);
	if (note->map_run == NULL || note->map_run->status != ENGINE_MAP_RUN_RUNNING)
		return NULL;
	return note->map_run;
}

static void
load_map_run(DurableExecution *execution, EngineBranch *branch)
{
	static StorePlan plan = {"SELECT " MAP_RUN_COLUMNS " FROM workflow.map_run r "
							 "WHERE r.execution_id = $1 AND r.branch_id = $2 "
							 "AND r.epoch = $3 AND r.status = 'RUNNING'",
							 3,
							 {INT8OID, INT8OID, INT8OID}};
	DurableNote *note = durable_note(branch);
	Datum values[3] = {Int64GetDatum(execution->id),
					   Int64GetDatum(branch->id),
					   Int64GetDatum(note->map_epoch)};
	DurableMapRun *run;
	bool isnull;

	if (store_execute(&plan, values, NULL) == 0)
		elog(ERROR, "execution %lld has lost its Map Run", (long long) execution->id);
	run = palloc0_object(DurableMapRun);
	run->id = store_int64(0, 1, 0);
	run->branch_id = branch->id;
	run->epoch = store_int64(0, 2, 0);
	run->state = store_text(0, 3);
	run->label = store_text(0, 4);
	run->name = store_text(0, 5);
	run->started_at = store_timestamp(0, 6, 0);
	run->stored = true;
	run->engine.arn =
		store_map_run_arn(execution->engine.machine_name, run->label, run->name);
	run->engine.max_concurrency = store_int64(0, 7, 0);
	run->engine.tolerated_count = store_int64(0, 8, 0);
	run->engine.tolerated_percentage = DatumGetFloat8(store_datum(0, 9, &isnull));
	run->engine.has_reader =
		branch->state != NULL && ((const AslMap *) branch->state)->item_reader != NULL;
	run->engine.complete = store_bool(0, 10, false);
	run->engine.next_item = store_int64(0, 11, 0);
	run->started = store_int64(0, 12, 0);
	read_counts(&run->engine.items, 0, 13);
	read_counts(&run->engine.executions, 0, 19);
	run->engine.room = MAX_INPUTS;
	run->engine.room_bytes = MAX_INPUT_BYTES;
	note->map_run = run;
	execution->map_runs = lappend(execution->map_runs, run);
}

static void
read_counts(EngineMapCounts *counts, uint64 row, int column)
{
	counts->total = store_int64(row, column, 0);
	counts->running = store_int64(row, column + 1, 0);
	counts->succeeded = store_int64(row, column + 2, 0);
	counts->failed = store_int64(row, column + 3, 0);
	counts->timed_out = store_int64(row, column + 4, 0);
	counts->aborted = store_int64(row, column + 5, 0);
}

/*
 * A child of a Map Run has ended: see durable.h.  There are many, of few kinds.
 */
void
durable_note_item(DurableExecution *execution, int64 branch_id, int64 epoch,
				  const char *status, int items)
{
	EngineStatus ended = ENGINE_RUNNING;
	DurableItemEnd *end = NULL;
	ListCell *cell;

	for (EngineStatus i = ENGINE_SUCCEEDED; i <= ENGINE_ABORTED; i++)
		if (strcmp(status, engine_status_name(i)) == 0)
			ended = i;
	foreach (cell, execution->item_ends)
	{
		end = lfirst(cell);
		if (end->branch_id == branch_id && end->epoch == epoch && end->status == ended)
			break;
		end = NULL;
	}
	if (end == NULL)
	{
		end = palloc0_object(DurableItemEnd);
		end->branch_id = branch_id;
		end->epoch = epoch;
		end->status = ended;
		execution->item_ends = lappend(execution->item_ends, end);
	}
	end->executions++;
	end->items += items;
}

/*
 * Load Map Runs, and take in what has come for them: see durable.h.
 */
void
durable_load_map_runs(List *executions)
{
	ListCell *cell;

	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);
		ListCell *inner;

		if (!execution->has_map_runs || !execution->begun)
			continue;
		foreach (inner, execution->item_ends)
		{
			DurableItemEnd *end = lfirst(inner);
			DurableMapRun *run = find_open(execution, end->branch_id, end->epoch);

			if (run != NULL)
				take_end(run, end);
		}
		foreach (inner, execution->updates)
		{
			DurableUpdate *update = lfirst(inner);
			DurableMapRun *run = find_open(execution, update->branch_id, update->epoch);

			if (run != NULL)
				store_read_map_settings(update->settings,
										&run->engine.max_concurrency,
										&run->engine.tolerated_count,
										&run->engine.tolerated_percentage);
		}
		execution->item_ends = NIL;
		execution->updates = NIL;
		foreach (inner, execution->branches)
			(void) open_map_run(execution, lfirst(inner));
	}
}

/* The open Map Run of that branch and epoch, or NULL: it is over */
static DurableMapRun *
find_open(DurableExecution *execution, int64 branch_id, int64 epoch)
{
	EngineBranch *branch = durable_load_branch(execution, branch_id);

	if (branch == NULL || branch->phase != ENGINE_MAP_RUN || branch->epoch != epoch)
		return NULL;
	return open_map_run(execution, branch);
}

static void
take_end(DurableMapRun *run, const DurableItemEnd *end)
{
	take_counts(&run->engine.items, end->status, end->items);
	take_counts(&run->engine.executions, end->status, end->executions);
}

static void
take_counts(EngineMapCounts *counts, EngineStatus status, int64 count)
{
	counts->running -= count;
	switch (status)
	{
		case ENGINE_SUCCEEDED:
			counts->succeeded += count;
			break;
		case ENGINE_FAILED:
			counts->failed += count;
			break;
		case ENGINE_TIMED_OUT:
			counts->timed_out += count;
			break;
		default:
			counts->aborted += count;
	}
}

/* ---- running ---- */

/*
 * How many children start in this step: see durable.h.  A branch that has more
 * to do at once is due.
 */
void
durable_plan_children(DurableExecution *execution)
{
	ListCell *cell;

	if (execution->engine.status != ENGINE_RUNNING || !execution->has_map_runs)
		return;
	foreach (cell, execution->branches)
	{
		EngineBranch *branch = lfirst(cell);
		DurableNote *note = branch->shell;
		DurableMapRun *run = note == NULL ? NULL : note->map_run;
		TimestampTz due = ENGINE_NEVER;
		EngineMapRun *engine;
		int64 limit;
		int64 room;

		if (run == NULL || run->status != ENGINE_MAP_RUN_RUNNING ||
			branch->phase != ENGINE_MAP_RUN)
			continue;
		engine = &run->engine;
		limit = engine->max_concurrency == 0 ? MAX_CHILDREN
											 : Min(engine->max_concurrency, MAX_CHILDREN);
		room = Min(limit - engine->executions.running,
				   engine->executions.total - run->started);
		run->starting = (int) Max(0, Min(room, MAX_STARTS));
		if (room > MAX_STARTS || (!engine->complete && !engine->has_reader))
			due = DT_NOBEGIN;
		if (branch->due != due)
		{
			branch->due = due;
			branch->changed = true;
		}
	}
}

/*
 * The execution is to be closed: see durable.h.
 */
void
durable_abort_map_runs(DurableExecution *execution)
{
	ListCell *cell;

	if (!execution->has_map_runs || !execution->begun ||
		execution->engine.machine == NULL || execution->engine.status != ENGINE_RUNNING)
		return;
	durable_load_all(execution);
	durable_load_messages(list_make1(execution));
	durable_load_map_runs(list_make1(execution));
	foreach (cell, execution->branches)
		engine_abort_map_run(&execution->engine, lfirst(cell));
}

/* ---- writing ---- */

/*
 * Write Map Runs: see durable.h.  Rows come last, with what the start of children
 * has brought.
 */
void
durable_write_map_runs(List *executions, TimestampTz now)
{
	MapRunWrites writes;
	bool any = false;
	ListCell *cell;
	ListCell *inner;

	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		if (execution->map_runs == NIL)
			continue;
		if (!any)
			init_writes(&writes);
		any = true;
		foreach (inner, execution->map_runs)
		{
			DurableMapRun *run = lfirst(inner);

			if (execution->engine.status == ENGINE_RUNNING &&
				run->status == ENGINE_MAP_RUN_RUNNING)
			{
				if (run->inputs != NULL)
					write_inputs(run);
				if (run->starting > 0)
					start_children(execution, run, now);
			}
			add_rows(&writes, execution, run, now);
		}
	}
	if (any)
		write_rows(&writes);
}

static void
init_writes(MapRunWrites *writes)
{
	static const Oid added[] =
		{INT8OID, INT8OID, INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID};
	static const Oid changed[] = {INT8OID,   TEXTOID, TIMESTAMPTZOID, INT8OID, INT8OID,
								  FLOAT8OID, BOOLOID, INT8OID,        INT8OID, INT8OID,
								  INT8OID,   INT8OID, INT8OID,        INT8OID, INT8OID,
								  INT8OID,   INT8OID, INT8OID,        INT8OID, INT8OID,
								  INT8OID};
	static const Oid key[] = {INT8OID};

	store_rows_init(&writes->added, lengthof(added), added);
	store_rows_init(&writes->changed, lengthof(changed), changed);
	store_rows_init(&writes->ended, lengthof(key), key);
}

static void
write_inputs(DurableMapRun *run)
{
	/* ORDER MAP ITEM COLUMNS */
	static StorePlan plan =
		{"INSERT INTO workflow.map_item (map_run_id, number, item_count, input) "
		 "SELECT * FROM unnest($1, $2, $3, $4)",
		 4,
		 {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, JSONBARRAYOID}};

	store_rows_execute(run->inputs, &plan);
}

/*
 * The next children: their inputs become executions, in the order of their
 * numbers, which is that of their ids then.
 */
static void
start_children(DurableExecution *execution, DurableMapRun *run, TimestampTz now)
{
	static StorePlan plan = {
		CHILD_ROWS
		", a AS (INSERT INTO workflow.agenda (execution_id, revision_id, wake_at, last_event_at, role, "
		"parent_id, parent_branch_id, parent_epoch) SELECT e.id, $5, $6, $6, $7, $8, $9, $10 FROM e) "
		"SELECT e.id, e.item_count FROM e",
		10,
		{CHILD_ARGUMENTS}};
	/* they run whole, by runners: no agenda */
	static StorePlan express = {
		CHILD_ROWS
		"INSERT INTO workflow.express (id, state_machine_id, revision_id, role, name, run, input, queued_at, "
		"map_run_id, item_count, parent_id, parent_branch_id, parent_epoch) SELECT e.id, $4, $5, $7, e.name, "
		"gen_random_uuid()::text, e.input, $6, $1, e.item_count, $8, $9, $10 FROM e RETURNING id, item_count",
		10,
		{CHILD_ARGUMENTS}};
	const AslState *state = asl_find_state(execution->engine.machine, run->state);
	bool is_express = ((const AslMap *) state)->execution_type == ASL_EXPRESS;
	SqlArguments args = {0};
	uint64 nrows;

	sql_add(&args, Int64GetDatum(run->id));
	sql_add(&args, Int64GetDatum(run->started));
	sql_add(&args, Int64GetDatum(run->started + run->starting));
	sql_add(&args, Int64GetDatum(execution->revision->state_machine_id));
	sql_add(&args, Int64GetDatum(execution->revision->id));
	sql_add_timestamp(&args, now);
	sql_add_text(&args, execution->role);
	sql_add(&args, Int64GetDatum(execution->id));
	sql_add(&args, Int64GetDatum(run->branch_id));
	sql_add(&args, Int64GetDatum(run->epoch));
	nrows = sql_execute(is_express ? &express : &plan, &args);
	if (nrows != run->starting)
		elog(ERROR, "Map Run %lld has lost inputs", (long long) run->id);
	for (uint64 row = 0; row < nrows; row++)
	{
		run->engine.items.running += store_int64(row, 2, 0);
		if (!is_express && store_hooks.execution_touched != NULL)
			store_hooks.execution_touched(store_int64(row, 1, 0));
		if (is_express && store_hooks.task_ready != NULL)
			store_hooks.task_ready(store_int64(row, 1, 0), 0, 0, execution->role);
	}
	run->engine.executions.running += run->starting;
	run->started += run->starting;
	run->starting = 0;
}

/* Its columns; a new one is inserted, and then changed like any other */
static void
add_rows(MapRunWrites *writes, const DurableExecution *execution,
		 const DurableMapRun *run, TimestampTz now)
{
	static const char *const names[] = {"RUNNING", "SUCCEEDED", "FAILED", "ABORTED"};
	StoreRows *rows = &writes->added;

	if (!run->stored)
	{
		store_rows_add(rows);
		store_rows_set(rows, 0, Int64GetDatum(run->id));
		store_rows_set(rows, 1, Int64GetDatum(execution->id));
		store_rows_set(rows, 2, Int64GetDatum(run->branch_id));
		store_rows_set(rows, 3, Int64GetDatum(run->epoch));
		store_rows_set_text(rows, 4, run->state);
		store_rows_set_text(rows, 5, run->label);
		store_rows_set_text(rows, 6, run->name);
		store_rows_set(rows, 7, TimestampTzGetDatum(run->started_at));
	}
	rows = &writes->changed;
	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(run->id));
	store_rows_set_text(rows, 1, names[run->status]);
	if (run->status != ENGINE_MAP_RUN_RUNNING)
		store_rows_set(rows, 2, TimestampTzGetDatum(now));
	store_rows_set(rows, 3, Int64GetDatum(run->engine.max_concurrency));
	store_rows_set(rows, 4, Int64GetDatum(run->engine.tolerated_count));
	store_rows_set(rows, 5, Float8GetDatum(run->engine.tolerated_percentage));
	store_rows_set(rows, 6, BoolGetDatum(run->engine.complete));
	store_rows_set(rows, 7, Int64GetDatum(run->engine.next_item));
	store_rows_set(rows, 8, Int64GetDatum(run->started));
	add_counts(rows, 9, &run->engine.items);
	add_counts(rows, 15, &run->engine.executions);
	if (run->status != ENGINE_MAP_RUN_RUNNING && run->stored)
	{
		store_rows_add(&writes->ended);
		store_rows_set(&writes->ended, 0, Int64GetDatum(run->id));
	}
}

static void
add_counts(StoreRows *rows, int column, const EngineMapCounts *counts)
{
	store_rows_set(rows, column, Int64GetDatum(counts->total));
	store_rows_set(rows, column + 1, Int64GetDatum(counts->running));
	store_rows_set(rows, column + 2, Int64GetDatum(counts->succeeded));
	store_rows_set(rows, column + 3, Int64GetDatum(counts->failed));
	store_rows_set(rows, column + 4, Int64GetDatum(counts->timed_out));
	store_rows_set(rows, column + 5, Int64GetDatum(counts->aborted));
}

static void
write_rows(MapRunWrites *writes)
{
	static StorePlan added = {
		"INSERT INTO workflow.map_run (id, execution_id, branch_id, epoch, state, label, name, started_at) "
		"OVERRIDING SYSTEM VALUE SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)",
		8,
		{INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 TIMESTAMPTZARRAYOID}};
	static StorePlan changed = {
		"UPDATE workflow.map_run r SET status = u.u2, stopped_at = u.u3, max_concurrency = u.u4, "
		"tolerated_failure_count = u.u5, tolerated_failure_percentage = u.u6, complete = u.u7, "
		"next_item = u.u8, started = u.u9, items = u.u10, items_running = u.u11, items_succeeded = u.u12, "
		"items_failed = u.u13, items_timed_out = u.u14, items_aborted = u.u15, executions = u.u16, "
		"executions_running = u.u17, executions_succeeded = u.u18, executions_failed = u.u19, "
		"executions_timed_out = u.u20, executions_aborted = u.u21 "
		"FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
		"$19, $20, $21) AS u(u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, u15, u16, u17, "
		"u18, u19, u20, u21) WHERE r.id = u.u1",
		21,
		{INT8ARRAYOID,   TEXTARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
		 FLOAT8ARRAYOID, BOOLARRAYOID, INT8ARRAYOID,        INT8ARRAYOID, INT8ARRAYOID,
		 INT8ARRAYOID,   INT8ARRAYOID, INT8ARRAYOID,        INT8ARRAYOID, INT8ARRAYOID,
		 INT8ARRAYOID,   INT8ARRAYOID, INT8ARRAYOID,        INT8ARRAYOID, INT8ARRAYOID,
		 INT8ARRAYOID}};
	static StorePlan ended = {"DELETE FROM workflow.map_item WHERE map_run_id = ANY ($1)",
							  1,
							  {INT8ARRAYOID}};

	store_rows_execute(&writes->added, &added);
	store_rows_execute(&writes->changed, &changed);
	store_rows_execute(&writes->ended, &ended);
}

/*
 * Map Runs that executions have left open when they were closed: see durable.h.
 */
void
durable_close_map_runs(StoreRows *closed)
{
	static StorePlan plan = {
		"WITH r AS (UPDATE workflow.map_run r "
		"SET status = CASE WHEN c.status = 'FAILED' THEN 'FAILED' ELSE 'ABORTED' END, stopped_at = c.stopped_at, "
		"items_aborted = items_aborted + items_running, items_running = 0, "
		"executions_aborted = executions_aborted + executions_running, executions_running = 0 "
		"FROM unnest($1, $2, $3) AS c(execution_id, status, stopped_at) "
		"WHERE r.execution_id = c.execution_id AND r.status = 'RUNNING' RETURNING r.id) "
		"DELETE FROM workflow.map_item i USING r WHERE i.map_run_id = r.id",
		3,
		{INT8ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID}};

	store_rows_execute(closed, &plan);
}
