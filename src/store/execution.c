/*-------------------------------------------------------------------------
 *
 * execution.c
 *	  Statements on executions: start, read, list, purge, history.
 *
 * To start one is two rows, one of execution and one of agenda, in one
 * statement; everything else is the scheduler's.
 *
 * Must not know how an execution advances, nor who may see it.
 *
 * IDENTIFICATION
 *	  src/store/execution.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "guc.h"
#include "store/records.h"
#include "store/sql.h"

#define UUID_BYTES 16
#define UUID_TEXT_SIZE 37 /* with its NUL */

/* How long AWS lets an execution run */
#define AWS_MAX_SECONDS (365 * SECS_PER_DAY)

/* Executions that one statement of a purge deletes */
#define PURGE_BATCH 1000

/* With data where $1 is true */
#define EXECUTION_COLUMNS                                                                \
	"e.id, e.state_machine_id, m.name, m.owner, e.revision_id, e.name, e.status, "       \
	"e.started_at, e.stopped_at, CASE WHEN $1 THEN e.input END, "                        \
	"CASE WHEN $1 THEN e.output END, CASE WHEN $1 THEN e.error END, "                    \
	"CASE WHEN $1 THEN e.cause END, e.version, e.alias, e.map_run_id, "                  \
	"CASE WHEN $1 THEN e.trace_header END, e.redrive_count, e.redriven_at, e.xmin, "     \
	"r.label, r.name, e.item_count, r.express"

#define EXECUTION_TABLES                                                                     \
	" FROM workflow.execution e JOIN workflow.state_machine m ON m.id = e.state_machine_id " \
	"LEFT JOIN workflow.map_run r ON r.id = e.map_run_id "

/* What follows from an inserted row e: $2 revision, $3 started at, $8 deadline, $9 role,
 * $12 to $14 the task that waits for its end */
#define INSERT_AGENDA                                                                    \
	"INSERT INTO workflow.agenda (execution_id, revision_id, wake_at, deadline, "        \
	"last_event_at, role, parent_id, parent_branch_id, parent_epoch) "                   \
	"SELECT e.id, $2, $3, $8, $3, $9, $12, $13, $14 FROM e RETURNING execution_id"

static void read_execution(uint64 row, StoreExecutionRecord *execution);
static void add_start(SqlArguments *args, const StoreStart *start);
static void add_waiting_parent(SqlArguments *args, const StoreParent *parent);
static void touch(uint64 row);

bool
store_find_execution(const char *machine_name, const char *name, bool with_data,
					 StoreExecutionRecord *execution)
{
	static StorePlan plan =
		{"SELECT " EXECUTION_COLUMNS EXECUTION_TABLES
		 "WHERE m.name = $2 AND e.name = $3 ORDER BY m.id DESC LIMIT 1",
		 3,
		 {BOOLOID, TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add(&args, BoolGetDatum(with_data));
	sql_add_text(&args, machine_name);
	sql_add_text(&args, name);
	if (sql_execute(&plan, &args) == 0)
		return false;
	read_execution(0, execution);
	return true;
}

bool
store_find_execution_by_id(int64 id, bool with_data, StoreExecutionRecord *execution)
{
	static StorePlan plan = {"SELECT " EXECUTION_COLUMNS EXECUTION_TABLES
							 "WHERE e.id = $2",
							 2,
							 {BOOLOID, INT8OID}};
	SqlArguments args = {0};

	sql_add(&args, BoolGetDatum(with_data));
	sql_add(&args, Int64GetDatum(id));
	if (sql_execute(&plan, &args) == 0)
		return false;
	read_execution(0, execution);
	return true;
}

static void
read_execution(uint64 row, StoreExecutionRecord *execution)
{
	bool isnull;

	execution->id = store_int64(row, 1, 0);
	execution->state_machine_id = store_int64(row, 2, 0);
	execution->machine_name = store_text(row, 3);
	execution->machine_owner = store_text(row, 4);
	execution->revision_id = store_int64(row, 5, 0);
	execution->name = store_text(row, 6);
	execution->status = store_text(row, 7);
	execution->started_at = store_timestamp(row, 8, 0);
	execution->stopped_at = store_timestamp(row, 9, ENGINE_NEVER);
	execution->input = store_jsonb(row, 10);
	execution->output = store_jsonb(row, 11);
	execution->error = store_text(row, 12);
	execution->cause = store_text(row, 13);
	execution->version = (int) store_int64(row, 14, 0);
	execution->alias = store_text(row, 15);
	execution->map_run_id = store_int64(row, 16, 0);
	execution->trace_header = store_text(row, 17);
	execution->redrive_count = (int) store_int64(row, 18, 0);
	execution->redriven_at = store_timestamp(row, 19, ENGINE_NEVER);
	execution->mine = TransactionIdIsCurrentTransactionId(
		DatumGetTransactionId(store_datum(row, 20, &isnull)));
	execution->map_label = store_text(row, 21);
	execution->map_run_name = store_text(row, 22);
	execution->item_count = (int) store_int64(row, 23, 0);
	execution->map_express = store_bool(row, 24, false);
}

int
store_list_executions(int64 machine_id, const char *status, int version,
					  const char *alias, int64 before, int64 limit,
					  StoreExecutionRecord **executions)
{
	static StorePlan plan =
		{"SELECT " EXECUTION_COLUMNS EXECUTION_TABLES
		 "WHERE e.state_machine_id = $2 AND ($3 IS NULL OR e.status = $3) "
		 "AND ($4 IS NULL OR e.version = $4) AND ($5 IS NULL OR e.alias = $5) "
		 "AND e.map_run_id IS NULL AND e.id < $6 ORDER BY e.id DESC LIMIT $7",
		 7,
		 {BOOLOID, INT8OID, TEXTOID, INT4OID, TEXTOID, INT8OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, BoolGetDatum(false));
	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, status);
	sql_add_int32_or_null(&args, version);
	sql_add_text(&args, alias);
	sql_add(&args, Int64GetDatum(before == 0 ? PG_INT64_MAX : before));
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*executions = palloc_array(StoreExecutionRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_execution(row, &(*executions)[row]);
	return (int) count;
}

int
store_list_map_executions(int64 map_run_id, const char *status, int64 before, int64 limit,
						  StoreExecutionRecord **executions)
{
	static StorePlan plan =
		{"SELECT " EXECUTION_COLUMNS EXECUTION_TABLES
		 "WHERE e.map_run_id = $2 AND ($3 IS NULL OR e.status = $3) AND e.id < $4 "
		 "ORDER BY e.id DESC LIMIT $5",
		 5,
		 {BOOLOID, INT8OID, TEXTOID, INT8OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, BoolGetDatum(false));
	sql_add(&args, Int64GetDatum(map_run_id));
	sql_add_text(&args, status);
	sql_add(&args, Int64GetDatum(before == 0 ? PG_INT64_MAX : before));
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*executions = palloc_array(StoreExecutionRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_execution(row, &(*executions)[row]);
	return (int) count;
}

int64 *
store_open_executions(int64 machine_id, int *count)
{
	static StorePlan plan = {
		"SELECT e.id FROM workflow.execution e JOIN workflow.agenda a ON a.execution_id = e.id "
		"WHERE e.state_machine_id = $1 ORDER BY e.id",
		1,
		{INT8OID}};
	Datum value = Int64GetDatum(machine_id);
	int64 *ids;

	*count = (int) store_execute(&plan, &value, NULL);
	ids = palloc_array(int64, Max(*count, 1));
	for (int row = 0; row < *count; row++)
		ids[row] = store_int64(row, 1, 0);
	return ids;
}

int64
store_start_execution(const StoreStart *start, const char *name, Jsonb *input)
{
	static StorePlan plan = {
		"WITH e AS (INSERT INTO workflow.execution (state_machine_id, revision_id, started_at, version, "
		"alias, parent_id, trace_header, name, input) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $10, $11) "
		"ON CONFLICT (state_machine_id, name) DO NOTHING RETURNING id) " INSERT_AGENDA,
		14,
		{INT8OID,
		 INT8OID,
		 TIMESTAMPTZOID,
		 INT4OID,
		 TEXTOID,
		 INT8OID,
		 TEXTOID,
		 TIMESTAMPTZOID,
		 TEXTOID,
		 TEXTOID,
		 JSONBOID,
		 INT8OID,
		 INT8OID,
		 INT8OID}};
	SqlArguments args = {0};

	add_start(&args, start);
	sql_add_text(&args, name);
	sql_add(&args, JsonbPGetDatum(input));
	add_waiting_parent(&args, &start->parent);
	if (sql_execute(&plan, &args) == 0)
		return 0;
	touch(0);
	return store_int64(0, 1, 0);
}

void
store_start_executions(const StoreStart *start, char **names, ArrayType *inputs)
{
	static StorePlan plan = {
		"WITH e AS (INSERT INTO workflow.execution (state_machine_id, revision_id, started_at, version, "
		"alias, parent_id, trace_header, name, input) "
		"SELECT $1, $2, $3, $4, $5, $6, $7, n.name, n.input FROM unnest($10, $11) AS n (name, input) "
		"RETURNING id) " INSERT_AGENDA,
		14,
		{INT8OID,
		 INT8OID,
		 TIMESTAMPTZOID,
		 INT4OID,
		 TEXTOID,
		 INT8OID,
		 TEXTOID,
		 TIMESTAMPTZOID,
		 TEXTOID,
		 TEXTARRAYOID,
		 JSONBARRAYOID,
		 INT8OID,
		 INT8OID,
		 INT8OID}};
	SqlArguments args = {0};
	int count = ArrayGetNItems(ARR_NDIM(inputs), ARR_DIMS(inputs));
	Datum *texts = palloc_array(Datum, Max(count, 1));
	uint64 started;

	for (int i = 0; i < count; i++)
		texts[i] = CStringGetTextDatum(names[i]);
	add_start(&args, start);
	sql_add(&args,
			PointerGetDatum(
				construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT)));
	sql_add(&args, PointerGetDatum(inputs));
	add_waiting_parent(&args, &start->parent);
	started = sql_execute(&plan, &args);
	for (uint64 row = 0; row < started; row++)
		touch(row);
}

/*
 * The arguments $1 to $9 of both
 */
static void
add_start(SqlArguments *args, const StoreStart *start)
{
	int64 seconds = start->timeout_seconds;

	if (wf_guc_aws_limits && (seconds == 0 || seconds > AWS_MAX_SECONDS))
		seconds = AWS_MAX_SECONDS;
	sql_add(args, Int64GetDatum(start->state_machine_id));
	sql_add(args, Int64GetDatum(start->revision_id));
	sql_add_timestamp(args, start->started_at);
	sql_add_int32_or_null(args, start->version);
	sql_add_text(args, start->alias);
	sql_add_int64_or_null(args, start->parent.execution_id);
	sql_add_text(args, start->trace_header);
	sql_add_timestamp(args,
					  seconds == 0 ? ENGINE_NEVER
								   : start->started_at + seconds * USECS_PER_SEC);
	sql_add_text(args, start->role);
}

/*
 * The arguments $12 to $14 of both: who is told of the end
 */
static void
add_waiting_parent(SqlArguments *args, const StoreParent *parent)
{
	sql_add_int64_or_null(args, parent->branch_id == 0 ? 0 : parent->execution_id);
	sql_add_int64_or_null(args, parent->branch_id);
	sql_add_int64_or_null(args, parent->epoch);
}

/*
 * It is ready: a scheduler is to hear of it at commit.
 */
static void
touch(uint64 row)
{
	if (store_hooks.execution_touched != NULL)
		store_hooks.execution_touched(store_int64(row, 1, 0));
}

/*
 * Version 4 UUIDs.
 */
char **
store_random_names(int count)
{
	static const char hex[] = "0123456789abcdef";
	uint8 *bytes = palloc((Size) UUID_BYTES * Max(count, 1));
	char **names = palloc_array(char *, Max(count, 1));

	if (!pg_strong_random(bytes, (Size) UUID_BYTES * count))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not generate random values"));
	for (int i = 0; i < count; i++)
	{
		uint8 *uuid = bytes + (Size) UUID_BYTES * i;
		char *text = names[i] = palloc(UUID_TEXT_SIZE);

		uuid[6] = (uuid[6] & 0x0f) | 0x40;
		uuid[8] = (uuid[8] & 0x3f) | 0x80;
		for (int b = 0; b < UUID_BYTES; b++)
		{
			if (b == 4 || b == 6 || b == 8 || b == 10)
				*text++ = '-';
			*text++ = hex[uuid[b] >> 4];
			*text++ = hex[uuid[b] & 0x0f];
		}
		*text = '\0';
	}
	return names;
}

/*
 * In batches, so that no statement has to remember millions of rows.  Machines
 * that were deleted go with their last execution.
 */
int64
store_purge_executions(TimestampTz before, int64 max)
{
	static StorePlan plan = {
		"WITH doomed AS (SELECT id FROM workflow.execution "
		"WHERE stopped_at < $1 AND status NOT IN ('RUNNING', 'PENDING_REDRIVE') "
		"ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED), "
		"history AS (DELETE FROM workflow.history h USING doomed WHERE h.execution_id = doomed.id) "
		"DELETE FROM workflow.execution e USING doomed WHERE e.id = doomed.id",
		2,
		{TIMESTAMPTZOID, INT8OID}};
	/* the last of its children may go after the execution that it belongs to */
	static StorePlan map_runs = {
		"DELETE FROM workflow.map_run r WHERE r.status <> 'RUNNING' "
		"AND NOT EXISTS (SELECT FROM workflow.execution e WHERE e.id = r.execution_id) "
		"AND NOT EXISTS (SELECT FROM workflow.execution e WHERE e.map_run_id = r.id) "
		"AND NOT EXISTS (SELECT FROM workflow.express q WHERE q.map_run_id = r.id AND q.parent_id IS NULL)",
		0};
	static StorePlan machines = {
		"DELETE FROM workflow.state_machine m WHERE m.status = 'DELETED' AND NOT EXISTS "
		"(SELECT FROM workflow.execution e WHERE e.state_machine_id = m.id) AND NOT EXISTS "
		"(SELECT FROM workflow.express_log l WHERE l.state_machine_id = m.id) AND NOT EXISTS "
		"(SELECT FROM workflow.express q WHERE q.state_machine_id = m.id)",
		0};
	int64 total = 0;
	int64 limit;
	int64 count;

	do
	{
		SqlArguments args = {0};

		CHECK_FOR_INTERRUPTS();
		limit = Min(PURGE_BATCH, max - total);
		sql_add_timestamp(&args, before);
		sql_add(&args, Int64GetDatum(limit));
		count = (int64) sql_execute(&plan, &args);
		total += count;
	} while (count == limit && total < max);
	if (total < max)
		total += store_purge_express_log(before, max - total);
	if (total > 0)
	{
		store_execute(&map_runs, NULL, NULL);
		store_execute(&machines, NULL, NULL);
	}
	return total;
}

int
store_read_history(int64 execution_id, int64 from_id, bool reverse, int limit,
				   StoreSegment **segments)
{
	static StorePlan forward =
		{"SELECT first_id, event_count, at, events, payloads FROM workflow.history "
		 "WHERE execution_id = $1 AND first_id + event_count > $2 AND first_id >= "
		 "coalesce((SELECT max(first_id) FROM workflow.history "
		 "WHERE execution_id = $1 AND first_id <= $2), $2) ORDER BY first_id LIMIT $3",
		 3,
		 {INT8OID, INT8OID, INT8OID}};
	static StorePlan backward =
		{"SELECT first_id, event_count, at, events, payloads FROM workflow.history "
		 "WHERE execution_id = $1 AND first_id <= $2 ORDER BY first_id DESC LIMIT $3",
		 3,
		 {INT8OID, INT8OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, Int64GetDatum(execution_id));
	sql_add(&args, Int64GetDatum(from_id));
	sql_add(&args, Int64GetDatum(limit));
	count = sql_execute(reverse ? &backward : &forward, &args);
	*segments = palloc_array(StoreSegment, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
	{
		StoreSegment *segment = &(*segments)[row];
		bool isnull;

		segment->first_id = store_int64(row, 1, 0);
		segment->event_count = (int) store_int64(row, 2, 0);
		segment->at = store_timestamp(row, 3, 0);
		segment->events = store_datum(row, 4, &isnull);
		segment->payloads = store_datum(row, 5, &isnull);
		segment->has_payloads = !isnull;
	}
	return (int) count;
}
