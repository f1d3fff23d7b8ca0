/*-------------------------------------------------------------------------
 *
 * map_run_record.c
 *	  Map Runs as the API sees them: read, list, other settings.
 *
 * Only steps of its execution write the row of a Map Run.  Who wants other
 * settings leaves a message, which the next step reads; until then it is read
 * here as if it had been.
 *
 * Must not know requests, nor who may see what.
 *
 * IDENTIFICATION
 *	  src/store/map_run_record.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/records.h"
#include "store/sql.h"

#define MAP_RUN_QUERY                                                                                                                  \
	"SELECT r.id, r.execution_id, r.branch_id, r.epoch, r.label, r.name, r.status, "                                                   \
	"r.started_at, r.stopped_at, r.max_concurrency, r.tolerated_failure_count, "                                                       \
	"r.tolerated_failure_percentage, r.items, r.items_running, r.items_succeeded, "                                                    \
	"r.items_failed, r.items_timed_out, r.items_aborted, r.executions, "                                                               \
	"r.executions_running, r.executions_succeeded, r.executions_failed, "                                                              \
	"r.executions_timed_out, r.executions_aborted, r.results_written, m.id, m.name, m.owner, e.name, o.label FROM workflow.map_run r " \
	"JOIN workflow.execution e ON e.id = r.execution_id "                                                                              \
	"JOIN workflow.state_machine m ON m.id = e.state_machine_id "                                                                      \
	"LEFT JOIN workflow.map_run o ON o.id = e.map_run_id "

static void read_map_run(uint64 row, StoreMapRunRecord *run);
static void read_counts(EngineMapCounts *counts, uint64 row, int column);
static void read_updates(StoreMapRunRecord *run);

/*
 * By the last part of its ARN: see records.h.
 */
bool
store_find_map_run(const char *name, StoreMapRunRecord *run)
{
	static StorePlan plan = {MAP_RUN_QUERY "WHERE r.name = $1", 1, {TEXTOID}};
	SqlArguments args = {0};

	sql_add_text(&args, name);
	if (sql_execute(&plan, &args) == 0)
		return false;
	read_map_run(0, run);
	if (strcmp(run->status, "RUNNING") == 0)
		read_updates(run);
	return true;
}

static void
read_map_run(uint64 row, StoreMapRunRecord *run)
{
	bool isnull;

	run->id = store_int64(row, 1, 0);
	run->execution_id = store_int64(row, 2, 0);
	run->branch_id = store_int64(row, 3, 0);
	run->epoch = store_int64(row, 4, 0);
	run->label = store_text(row, 5);
	run->name = store_text(row, 6);
	run->status = store_text(row, 7);
	run->started_at = store_timestamp(row, 8, 0);
	run->stopped_at = store_timestamp(row, 9, ENGINE_NEVER);
	run->max_concurrency = store_int64(row, 10, 0);
	run->tolerated_count = store_int64(row, 11, 0);
	run->tolerated_percentage = DatumGetFloat8(store_datum(row, 12, &isnull));
	read_counts(&run->items, row, 13);
	read_counts(&run->executions, row, 19);
	run->results_written = store_bool(row, 25, false);
	run->state_machine_id = store_int64(row, 26, 0);
	run->machine_name = store_text(row, 27);
	run->machine_owner = store_text(row, 28);
	run->execution_name = store_text(row, 29);
	run->execution_label = store_text(row, 30);
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

/* Settings that the next step will read */
static void
read_updates(StoreMapRunRecord *run)
{
	static StorePlan plan =
		{"SELECT settings FROM workflow.message WHERE execution_id = $1 "
		 "AND kind = 'update' AND branch_id = $2 AND epoch = $3 ORDER BY id",
		 3,
		 {INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(run->execution_id),
					   Int64GetDatum(run->branch_id),
					   Int64GetDatum(run->epoch)};
	uint64 nrows = store_execute(&plan, values, NULL);

	for (uint64 row = 0; row < nrows; row++)
		store_read_map_settings(store_jsonb(row, 1),
								&run->max_concurrency,
								&run->tolerated_count,
								&run->tolerated_percentage);
}

/*
 * Members of UpdateMapRun: see records.h.
 */
void
store_read_map_settings(Value settings, int64 *max_concurrency, int64 *tolerated_count,
						double *tolerated_percentage)
{
	Value concurrency = value_object_get_cstring(settings, "maxConcurrency");
	Value count = value_object_get_cstring(settings, "toleratedFailureCount");
	Value percentage = value_object_get_cstring(settings, "toleratedFailurePercentage");

	if (value_type(concurrency) == TYPE_NUMBER)
		(void) value_to_int64(concurrency, max_concurrency);
	if (value_type(count) == TYPE_NUMBER)
		(void) value_to_int64(count, tolerated_count);
	if (value_type(percentage) == TYPE_NUMBER)
		*tolerated_percentage = value_to_double(percentage);
}

void
store_update_map_run(const StoreMapRunRecord *run, Value settings)
{
	static StorePlan plan =
		{"INSERT INTO workflow.message (execution_id, kind, branch_id, epoch, settings) "
		 "VALUES ($1, 'update', $2, $3, $4)",
		 4,
		 {INT8OID, INT8OID, INT8OID, JSONBOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(run->execution_id));
	sql_add(&args, Int64GetDatum(run->branch_id));
	sql_add(&args, Int64GetDatum(run->epoch));
	sql_add_value(&args, settings);
	sql_execute(&plan, &args);
	if (store_hooks.execution_touched != NULL)
		store_hooks.execution_touched(run->execution_id);
}

int
store_list_map_runs(int64 execution_id, int64 before, int64 limit,
					StoreMapRunRecord **runs)
{
	static StorePlan plan =
		{MAP_RUN_QUERY
		 "WHERE r.execution_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3",
		 3,
		 {INT8OID, INT8OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, Int64GetDatum(execution_id));
	sql_add(&args, Int64GetDatum(before == 0 ? PG_INT64_MAX : before));
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*runs = palloc_array(StoreMapRunRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_map_run(row, &(*runs)[row]);
	return (int) count;
}
