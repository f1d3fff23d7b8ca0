/*-------------------------------------------------------------------------
 *
 * map_run_write.c
 *	  Write what a step did to Map Runs: rows, inputs, children that start.
 *
 * A STANDARD child is two rows, as any execution is; as many as start are made by
 * one statement, from the inputs that were put aside.
 *
 * Must not know why things changed.
 *
 * IDENTIFICATION
 *	  src/store/map_run_write.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/durable.h"
#include "store/records.h"
#include "store/sql.h"

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

static void init_writes(MapRunWrites *writes);
static void write_inputs(DurableMapRun *run);
static void start_children(DurableExecution *execution, DurableMapRun *run,
						   TimestampTz now);
static bool has_express_children(const DurableExecution *execution,
								 const DurableMapRun *run);
static void queue_results(DurableExecution *execution, const DurableMapRun *run,
						  TimestampTz now);
static void add_rows(MapRunWrites *writes, const DurableExecution *execution,
					 const DurableMapRun *run, TimestampTz now);
static void add_counts(StoreRows *rows, int column, const EngineMapCounts *counts);
static void write_rows(MapRunWrites *writes);

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
			if (!value_is_undefined(run->request))
				queue_results(execution, run, now);
			add_rows(&writes, execution, run, now);
		}
	}
	if (any)
		write_rows(&writes);
}

static void
init_writes(MapRunWrites *writes)
{
	static const Oid added[] = {INT8OID,
								INT8OID,
								INT8OID,
								INT8OID,
								TEXTOID,
								TEXTOID,
								TEXTOID,
								TIMESTAMPTZOID,
								BOOLOID};
	static const Oid changed[] = {INT8OID,   TEXTOID, TIMESTAMPTZOID, INT8OID, INT8OID,
								  FLOAT8OID, BOOLOID, INT8OID,        INT8OID, INT8OID,
								  INT8OID,   INT8OID, INT8OID,        INT8OID, INT8OID,
								  INT8OID,   INT8OID, INT8OID,        INT8OID, INT8OID,
								  INT8OID,   BOOLOID};
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
		"e.name, e.input, $6, $1, e.item_count, $8, $9, $10 FROM e RETURNING id, item_count",
		10,
		{CHILD_ARGUMENTS}};
	bool is_express = has_express_children(execution, run);
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

static bool
has_express_children(const DurableExecution *execution, const DurableMapRun *run)
{
	const AslState *state = asl_find_state(execution->engine.machine, run->state);

	return ((const AslMap *) state)->execution_type == ASL_EXPRESS;
}

/*
 * A runner is to write its results; its inputs stay until then.  It finds nothing to
 * do as long as children run.
 */
static void
queue_results(DurableExecution *execution, const DurableMapRun *run, TimestampTz now)
{
	static StorePlan plan = {
		"INSERT INTO workflow.express (state_machine_id, revision_id, role, name, run, input, queued_at, "
		"map_run_id) VALUES ($1, $2, $3, $4, $4, $5, $6, $7) RETURNING id",
		7,
		{INT8OID, INT8OID, TEXTOID, TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(execution->revision->state_machine_id));
	sql_add(&args, Int64GetDatum(execution->revision->id));
	sql_add_text(&args, execution->role);
	sql_add_text(&args, run->name);
	sql_add_value(&args, run->request);
	sql_add_timestamp(&args, now);
	sql_add(&args, Int64GetDatum(run->id));
	sql_execute(&plan, &args);
	if (store_hooks.task_ready != NULL)
		store_hooks.task_ready(store_int64(0, 1, 0), 0, 0, execution->role);
}

/*
 * Results that wait for children: see durable.h.  Who rings last does so when none is
 * left.
 */
void
durable_ring_results(Datum execution_ids)
{
	static StorePlan plan =
		{"SELECT q.id, q.role FROM workflow.map_run r "
		 "JOIN workflow.express q ON q.map_run_id = r.id AND q.parent_id IS NULL "
		 "WHERE r.execution_id = ANY ($1)",
		 1,
		 {INT8ARRAYOID}};
	uint64 nrows = store_execute(&plan, &execution_ids, NULL);

	for (uint64 row = 0; row < nrows && store_hooks.task_ready != NULL; row++)
		store_hooks.task_ready(store_int64(row, 1, 0), 0, 0, store_text(row, 2));
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
		store_rows_set(rows, 8, BoolGetDatum(has_express_children(execution, run)));
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
	store_rows_set(rows, 21, BoolGetDatum(run->engine.written));
	if (run->status != ENGINE_MAP_RUN_RUNNING && run->stored &&
		value_is_undefined(run->request))
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
		"INSERT INTO workflow.map_run (id, execution_id, branch_id, epoch, state, label, name, started_at, "
		"express) OVERRIDING SYSTEM VALUE SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		9,
		{INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 BOOLARRAYOID}};
	static StorePlan changed = {
		"UPDATE workflow.map_run r SET status = u.u2, stopped_at = u.u3, max_concurrency = u.u4, "
		"tolerated_failure_count = u.u5, tolerated_failure_percentage = u.u6, complete = u.u7, "
		"next_item = u.u8, started = u.u9, items = u.u10, items_running = u.u11, items_succeeded = u.u12, "
		"items_failed = u.u13, items_timed_out = u.u14, items_aborted = u.u15, executions = u.u16, "
		"executions_running = u.u17, executions_succeeded = u.u18, executions_failed = u.u19, "
		"executions_timed_out = u.u20, executions_aborted = u.u21, results_written = u.u22 "
		"FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
		"$19, $20, $21, $22) AS u(u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, u15, u16, u17, "
		"u18, u19, u20, u21, u22) WHERE r.id = u.u1",
		22,
		{INT8ARRAYOID,   TEXTARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
		 FLOAT8ARRAYOID, BOOLARRAYOID, INT8ARRAYOID,        INT8ARRAYOID, INT8ARRAYOID,
		 INT8ARRAYOID,   INT8ARRAYOID, INT8ARRAYOID,        INT8ARRAYOID, INT8ARRAYOID,
		 INT8ARRAYOID,   INT8ARRAYOID, INT8ARRAYOID,        INT8ARRAYOID, INT8ARRAYOID,
		 INT8ARRAYOID,   BOOLARRAYOID}};
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
