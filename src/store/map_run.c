/*-------------------------------------------------------------------------
 *
 * map_run.c
 *	  Map Runs: what the engine asks for, what has come for them, what they do next.
 *
 * A Map Run belongs to the branch that stands in the Map state, and is written
 * by steps of that execution only, under its lock.  Inputs of children are put
 * aside in map_item as they are made, a bounded amount a step; children are
 * started from there, in the order of the inputs, as far as MaxConcurrency
 * allows and a bounded number a step (map_run_write.c).  They are executions like any other, spread over all
 * schedulers.  A child that has closed leaves a message for the parent, which
 * reads all that have come and updates its counters once a step.  So an item
 * costs the same however many there are.
 *
 * When the run is over before its children are, they are told to stop
 * (child.c), and what has not started never starts.  One whose results are
 * written though it fails is over only when they have ended.  Results of one that is
 * aborted with its branch are written behind it: a row of express asks for that, and
 * whoever learns that a child has ended that no Map Run waits for rings for it.
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

static DurableMapRun *open_map_run(DurableExecution *execution, EngineBranch *branch);
static void load_map_run(DurableExecution *execution, EngineBranch *branch);
static void read_counts(EngineMapCounts *counts, uint64 row, int column);
static DurableMapRun *find_open(DurableExecution *execution, int64 branch_id,
								int64 epoch);
static void take_end(DurableMapRun *run, const DurableItemEnd *end);
static void take_counts(EngineMapCounts *counts, EngineStatus status, int64 count);
static void abort_running(EngineMapCounts *counts);

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
	run->request = value_undefined();
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
durable_stop_map_children(EngineExecution *engine, EngineBranch *branch)
{
	DurableMapRun *run = open_map_run((DurableExecution *) engine, branch);

	if (run != NULL)
		run->stopping = true;
}

/* One that has just begun has nothing to tell of, nor one whose items have not been read */
void
durable_write_map_results(EngineExecution *engine, EngineBranch *branch, Value request)
{
	DurableMapRun *run = open_map_run((DurableExecution *) engine, branch);

	if (run != NULL && run->stored && (run->engine.complete || !run->engine.has_reader))
		run->request = request;
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
	run->request = value_undefined();
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
	run->engine.stopped = engine_map_stopped(&execution->engine, branch);
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
		bool late = false;
		ListCell *inner;

		if (!execution->has_map_runs || !execution->begun)
			continue;
		foreach (inner, execution->item_ends)
		{
			DurableItemEnd *end = lfirst(inner);
			DurableMapRun *run = find_open(execution, end->branch_id, end->epoch);

			if (run != NULL)
				take_end(run, end);
			late |= run == NULL;
		}
		if (late)
			durable_ring_results(store_int64_array(&execution->id, 1));
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
		room = engine->stopped ? 0
							   : Min(limit - engine->executions.running,
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
	durable_load_map_runs(list_make1(execution));
	foreach (cell, execution->branches)
		engine_abort_map_run(&execution->engine, lfirst(cell));
}
