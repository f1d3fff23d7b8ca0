/*-------------------------------------------------------------------------
 *
 * express.c
 *	  Statements on EXPRESS executions: the queue of those that nobody waits
 *	  for, and the log of how they ended.
 *
 * A row of the queue is like a task for a runner (store/task.c), with branch 0:
 * it is found, marked and handed in by the same functions.  To hand it in is to
 * delete it, in the transaction that has run it.
 *
 * Results of a Map Run that was aborted are queued there, too: they are for a runner, and
 * no branch of an execution waits for them.
 *
 * Must not know how one is run.
 *
 * IDENTIFICATION
 *	  src/store/express.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "store/durable.h"
#include "store/records.h"
#include "store/rows.h"
#include "store/sql.h"

static Datum text_array(char **texts, int count);
static bool children_run(int64 execution_id, int64 branch_id, int64 epoch);
static void end_results(int64 map_run_id, const StoreTaskResult *result);
static void end_child(int64 id, Value record);
static char *member_text(Value record, const char *key);

/*
 * Queue one for each input, and tell of them at commit.
 */
void
store_queue_express(const StoreStart *start, char **names, char **runs, ArrayType *inputs)
{
	static StorePlan plan = {
		"INSERT INTO workflow.express (state_machine_id, revision_id, role, version, alias, queued_at, name, "
		"run, input) SELECT $1, $2, $3, $4, $5, $6, n.name, n.run, n.input "
		"FROM unnest($7, $8, $9) AS n (name, run, input) RETURNING id",
		9,
		{INT8OID,
		 INT8OID,
		 TEXTOID,
		 INT4OID,
		 TEXTOID,
		 TIMESTAMPTZOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 JSONBARRAYOID}};
	SqlArguments args = {0};
	int count = ArrayGetNItems(ARR_NDIM(inputs), ARR_DIMS(inputs));
	uint64 nrows;

	sql_add(&args, Int64GetDatum(start->state_machine_id));
	sql_add(&args, Int64GetDatum(start->revision_id));
	sql_add_text(&args, start->role);
	sql_add_int32_or_null(&args, start->version);
	sql_add_text(&args, start->alias);
	sql_add_timestamp(&args, start->started_at);
	sql_add(&args, text_array(names, count));
	sql_add(&args, text_array(runs, count));
	sql_add(&args, PointerGetDatum(inputs));
	nrows = sql_execute(&plan, &args);
	for (uint64 row = 0; row < nrows && store_hooks.task_ready != NULL; row++)
		store_hooks.task_ready(store_int64(row, 1, 0), 0, 0, start->role);
}

static Datum
text_array(char **texts, int count)
{
	Datum *datums = palloc_array(Datum, Max(count, 1));

	for (int i = 0; i < count; i++)
		datums[i] = CStringGetTextDatum(texts[i]);
	return PointerGetDatum(
		construct_array(datums, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * As a task: see store.h.
 */
bool
store_read_express(int64 id, StoreTask *task)
{
	static StorePlan plan = {
		"SELECT q.role, q.revision_id, q.name, q.run, q.input, q.version, q.alias, q.queued_at, q.crashes, "
		"m.name, r.label, r.state, CASE WHEN q.parent_id IS NULL THEN q.map_run_id END, "
		"r.execution_id, r.branch_id, r.epoch FROM workflow.express q "
		"JOIN workflow.state_machine m ON m.id = q.state_machine_id "
		"LEFT JOIN workflow.map_run r ON r.id = q.map_run_id WHERE q.id = $1",
		1,
		{INT8OID}};
	Datum value = Int64GetDatum(id);

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	*task = (StoreTask){
		.execution_id = id,
		.role = store_text(0, 1),
		.resource = STORE_EXPRESS,
		.target = store_text(0, 10),
		.input = store_jsonb(0, 5),
		.timeout_at = ENGINE_NEVER,
		.scheduled_at = store_timestamp(0, 8, 0),
		.crashes = (int) store_int64(0, 9, 0),
		.express =
			{
				.revision_id = store_int64(0, 2, 0),
				.name = store_text(0, 3),
				.run = store_text(0, 4),
				.version = (int) store_int64(0, 6, 0),
				.alias = store_text(0, 7),
				.label = store_text(0, 11),
				.map_state = store_text(0, 12),
				.map_run_id = store_int64(0, 13, 0),
			},
	};
	if (task->express.map_run_id == 0)
		return true;
	task->resource = ENGINE_RESULT_WRITER;
	return !children_run(store_int64(0, 14, 0),
						 store_int64(0, 15, 0),
						 store_int64(0, 16, 0));
}

/* Whoever sees the last one end rings */
static bool
children_run(int64 execution_id, int64 branch_id, int64 epoch)
{
	static StorePlan plan = {
		"SELECT FROM workflow.agenda WHERE parent_id = $1 AND parent_branch_id = $2 AND parent_epoch = $3 "
		"UNION ALL "
		"SELECT FROM workflow.express WHERE parent_id = $1 AND parent_branch_id = $2 AND parent_epoch = $3 "
		"LIMIT 1",
		3,
		{INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(execution_id),
					   Int64GetDatum(branch_id),
					   Int64GetDatum(epoch)};

	return store_execute(&plan, values, NULL) > 0;
}

/*
 * Somebody may have deleted its machine: then false, and nothing of it counts.
 * What came of it is what is to be logged, or null.  An error is none of the
 * execution's own: it could not be run.
 */
bool
store_finish_express(int64 id, const StoreTaskResult *result, TimestampTz now)
{
	static StorePlan plan = {
		"DELETE FROM workflow.express WHERE id = $1 RETURNING revision_id, name, run, input, map_run_id, "
		"parent_id, parent_branch_id, parent_epoch, item_count",
		1,
		{INT8OID}};
	Datum value = Int64GetDatum(id);
	const StoreRevision *revision;
	StoreExpressEnd end = {.status = engine_status_name(ENGINE_FAILED),
						   .started_at = result->started_at,
						   .stopped_at = now,
						   .error = result->error,
						   .cause = result->cause};
	Value record = result->output;
	SPITupleTable *row;

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	if (store_int64(0, 5, 0) != 0 && store_int64(0, 6, 0) == 0)
	{
		end_results(store_int64(0, 5, 0), result);
		return true;
	}
	row = SPI_tuptable;
	revision = store_revision(store_int64(0, 1, 0));
	SPI_tuptable = row;
	if (!result->succeeded)
	{
		end.name = store_text(0, 2);
		end.run = store_text(0, 3);
		end.input = store_jsonb(0, 4);
		record = revision == NULL
					 ? value_null()
					 : store_express_record(revision,
											&end,
											revision->log_data,
											value_from_array(value_array_new(0)));
	}
	if (value_type(record) != TYPE_OBJECT)
		return true;
	if (store_int64(0, 5, 0) != 0)
		end_child(id, record);
	else if (revision->log_level != STORE_LOG_OFF)
		store_log_express(id, record);
	return true;
}

/*
 * Results of an aborted Map Run have been written, or cannot be: there is nobody
 * else to be told.
 */
static void
end_results(int64 map_run_id, const StoreTaskResult *result)
{
	static StorePlan plan =
		{"WITH i AS (DELETE FROM workflow.map_item WHERE map_run_id = $1) "
		 "UPDATE workflow.map_run SET results_written = $2 WHERE id = $1 RETURNING name",
		 2,
		 {INT8OID, BOOLOID}};
	Datum values[2] = {Int64GetDatum(map_run_id), BoolGetDatum(result->succeeded)};

	if (store_execute(&plan, values, NULL) > 0 && !result->succeeded)
		ereport(LOG,
				errmsg("the results of Map Run \"%s\" were not written",
					   store_text(0, 1)),
				errdetail_internal("%s: %s",
								   result->error == NULL ? "" : result->error,
								   result->cause == NULL ? "" : result->cause));
}

/*
 * A child of a Map Run, whose row of express is the last that was read: its end
 * goes where a STANDARD child's does, and its parent is told.
 */
static void
end_child(int64 id, Value record)
{
	static StorePlan plan = {
		"UPDATE workflow.execution SET status = $2, started_at = $3, stopped_at = $4, output = $5, error = $6, "
		"cause = $7 WHERE id = $1",
		7,
		{INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, JSONBOID, TEXTOID, TEXTOID}};
	static const Oid types[] =
		{INT8OID, INT8OID, INT8OID, INT8OID, BOOLOID, TEXTOID, INT4OID};
	const char *status = member_text(record, "status");
	SqlArguments args = {0};
	StoreRows ended;

	store_rows_init(&ended, lengthof(types), types);
	store_rows_add(&ended);
	store_rows_set(&ended, 0, Int64GetDatum(store_int64(0, 6, 0)));
	store_rows_set(&ended, 1, Int64GetDatum(store_int64(0, 7, 0)));
	store_rows_set(&ended, 2, Int64GetDatum(store_int64(0, 8, 0)));
	store_rows_set(&ended, 3, Int64GetDatum(id));
	store_rows_set(&ended, 4, BoolGetDatum(true));
	store_rows_set_text(&ended, 5, status);
	store_rows_set(&ended, 6, Int32GetDatum((int32) store_int64(0, 9, 0)));

	sql_add(&args, Int64GetDatum(id));
	sql_add_text(&args, status);
	sql_add_timestamp(&args, value_object_get_int64(record, "started_at"));
	sql_add_timestamp(&args, value_object_get_int64(record, "stopped_at"));
	sql_add_value(&args, value_object_get_cstring(record, "output"));
	sql_add_text(&args, member_text(record, "error"));
	sql_add_text(&args, member_text(record, "cause"));
	sql_execute(&plan, &args);
	durable_tell_parents(&ended);
}

/*
 * What is to be logged of one, as a document: it may pass through hands that know
 * nothing else.
 */
Value
store_express_record(const StoreRevision *revision, const StoreExpressEnd *end,
					 bool with_data, Value events)
{
	ValueObject *record = value_object_new(10);

	value_object_add_cstring(record,
							 "state_machine_id",
							 value_int64(revision->state_machine_id));
	value_object_add_cstring(record,
							 "execution_arn",
							 value_cstring(store_express_arn(revision->machine_name,
															 end->name,
															 end->run)));
	value_object_add_cstring(record, "status", value_cstring(end->status));
	value_object_add_cstring(record, "started_at", value_int64(end->started_at));
	value_object_add_cstring(record, "stopped_at", value_int64(end->stopped_at));
	if (with_data)
		value_object_add_cstring(record, "input", end->input);
	if (with_data && !value_is_undefined(end->output))
		value_object_add_cstring(record, "output", end->output);
	if (end->error != NULL)
		value_object_add_cstring(record, "error", value_cstring(end->error));
	if (end->cause != NULL)
		value_object_add_cstring(record, "cause", value_cstring(end->cause));
	value_object_add_cstring(record, "events", events);
	return value_from_object(record);
}

/*
 * id 0: a new one.
 */
void
store_log_express(int64 id, Value record)
{
	static StorePlan plan = {
		"INSERT INTO workflow.express_log (id, state_machine_id, execution_arn, status, started_at, stopped_at, "
		"input, output, error, cause, events) "
		"VALUES (coalesce($1, nextval('workflow.execution_id_seq')), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		11,
		{INT8OID,
		 INT8OID,
		 TEXTOID,
		 TEXTOID,
		 TIMESTAMPTZOID,
		 TIMESTAMPTZOID,
		 JSONBOID,
		 JSONBOID,
		 TEXTOID,
		 TEXTOID,
		 JSONBOID}};
	SqlArguments args = {0};

	sql_add_int64_or_null(&args, id);
	sql_add(&args, Int64GetDatum(value_object_get_int64(record, "state_machine_id")));
	sql_add_text(&args, member_text(record, "execution_arn"));
	sql_add_text(&args, member_text(record, "status"));
	sql_add_timestamp(&args, value_object_get_int64(record, "started_at"));
	sql_add_timestamp(&args, value_object_get_int64(record, "stopped_at"));
	sql_add_value(&args, value_object_get_cstring(record, "input"));
	sql_add_value(&args, value_object_get_cstring(record, "output"));
	sql_add_text(&args, member_text(record, "error"));
	sql_add_text(&args, member_text(record, "cause"));
	sql_add_value(&args, value_object_get_cstring(record, "events"));
	sql_execute(&plan, &args);
}

static char *
member_text(Value record, const char *key)
{
	Value value = value_object_get_cstring(record, key);

	return value_is_undefined(value) ? NULL : value_to_cstring(value);
}

void
store_mark_express(int64 id)
{
	static StorePlan plan =
		{"UPDATE workflow.express SET crashes = crashes + 1 WHERE id = $1", 1, {INT8OID}};
	Datum value = Int64GetDatum(id);

	store_execute(&plan, &value, NULL);
}

/*
 * Those of a machine that is deleted: who runs one is cancelled at commit.
 */
void
store_delete_express(int64 machine_id)
{
	static StorePlan plan = {
		"DELETE FROM workflow.express WHERE state_machine_id = $1 AND map_run_id IS NULL RETURNING id",
		1,
		{INT8OID}};
	Datum value = Int64GetDatum(machine_id);
	uint64 nrows = store_execute(&plan, &value, NULL);

	for (uint64 row = 0; row < nrows && store_hooks.task_void != NULL; row++)
		store_hooks.task_void(store_int64(row, 1, 0), 0, 0);
}

int64
store_purge_express_log(TimestampTz before, int64 max)
{
	static StorePlan plan =
		{"DELETE FROM workflow.express_log l USING (SELECT id FROM workflow.express_log "
		 "WHERE stopped_at < $1 ORDER BY id LIMIT $2) d WHERE l.id = d.id",
		 2,
		 {TIMESTAMPTZOID, INT8OID}};
	SqlArguments args = {0};

	sql_add_timestamp(&args, before);
	sql_add(&args, Int64GetDatum(max));
	return (int64) sql_execute(&plan, &args);
}
