/*-------------------------------------------------------------------------
 *
 * inbox.c
 *	  Workers that are handed tasks, and who sends something by a token.
 *
 * A hand-out locks and writes rows of the table task, nothing else, and skips
 * what others hold: neither the execution's other branches nor who stops it
 * wait for the worker's transaction.  Whether the task is still wanted is found
 * out when something is sent for it.
 *
 * A sender locks the execution FOR KEY SHARE, so that it is neither closed nor
 * its timers fire in between, but goes on otherwise; then the row, if its epoch
 * is still the branch's.  A scheduler takes the answer from there.
 *
 * Must not know requests, or how a worker waits.
 *
 * IDENTIFICATION
 *	  src/store/inbox.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/guc.h"

#include "store/durable.h"
#include "store/sql.h"

/* Characters of a token: what durable_make_token() makes of 24 bytes */
#define TOKEN_LENGTH 32

static uint64 execute_by_index(StorePlan *plan, SqlArguments *args);
static void add_key(SqlArguments *args, const StoreTokenTask *task, TimestampTz now);

/* The task of key ($1, $2, $3, $4) is open at $5 */
#define TASK_IS_OPEN                                                                     \
	"t.execution_id = $1 AND t.branch_id = $2 AND t.epoch = $3 AND t.kind = $4 "         \
	"AND t.answer IS NULL AND (t.timeout_at IS NULL OR t.timeout_at > $5) "              \
	"AND (t.heartbeat_at IS NULL OR t.heartbeat_at > $5) "                               \
	"AND EXISTS (SELECT FROM workflow.branch b WHERE b.execution_id = $1 AND b.id = $2 " \
	"AND b.epoch = $3 AND b.phase = 3)"

/*
 * Hand out tasks: see store.h.  Both clocks begin with the hand-out.  (Statements
 * of this file are written so that the planner cannot begin with another table,
 * which its statistics may take for empty.)
 */
int
store_hand_out(const char *activity, const char *worker, int limit, TimestampTz now,
			   StoreHandOut **tasks)
{
	static StorePlan plan = {
		"UPDATE workflow.task SET started_at = $2, worker = $3, "
		"timeout_at = $2 + (timeout_at - scheduled_at), "
		"heartbeat_at = $2 + heartbeat_seconds * interval '1 second' "
		"WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM workflow.task t "
		"WHERE t.kind = 'activity' AND t.started_at IS NULL AND t.target = $1 "
		"AND t.epoch = (SELECT b.epoch FROM workflow.branch b WHERE b.execution_id = t.execution_id "
		"AND b.id = t.branch_id AND b.phase = 3) "
		"ORDER BY t.scheduled_at LIMIT $4 FOR UPDATE OF t SKIP LOCKED)) "
		"RETURNING token, input",
		4,
		{TEXTOID, TIMESTAMPTZOID, TEXTOID, INT4OID}};
	SqlArguments args = {0};
	uint64 nrows;

	sql_add_text(&args, activity);
	sql_add_timestamp(&args, now);
	sql_add_text(&args, worker);
	sql_add(&args, Int32GetDatum(limit));
	nrows = execute_by_index(&plan, &args);
	*tasks = palloc(Max(nrows, 1) * sizeof(StoreHandOut));
	for (uint64 row = 0; row < nrows; row++)
	{
		(*tasks)[row].token = store_text(row, 1);
		(*tasks)[row].input = store_jsonb(row, 2);
	}
	if (nrows > 0 && store_hooks.activity_taken != NULL)
		store_hooks.activity_taken(activity);
	return (int) nrows;
}

/*
 * The plan is made once, maybe while the table is empty, and is to serve when it
 * is not: schedulers have such settings anyway, a client's session has its own.
 */
static uint64
execute_by_index(StorePlan *plan, SqlArguments *args)
{
	static const char *const settings[] = {"enable_seqscan",
										   "enable_bitmapscan",
										   "enable_hashjoin",
										   "enable_mergejoin"};
	int nestlevel;
	uint64 nrows;

	if (plan->plan != NULL)
		return sql_execute(plan, args);
	nestlevel = NewGUCNestLevel();
	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i],
								 "off",
								 PGC_USERSET,
								 PGC_S_SESSION,
								 GUC_ACTION_SAVE,
								 true,
								 0,
								 false);
	nrows = sql_execute(plan, args);
	AtEOXact_GUC(true, nestlevel);
	return nrows;
}

bool
store_is_token(const char *text)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	return strlen(text) == TOKEN_LENGTH && strspn(text, alphabet) == TOKEN_LENGTH;
}

/*
 * Find the task of a token, and lock its execution: see store.h.
 */
bool
store_lock_token(const char *token, StoreTokenTask *task)
{
	static StorePlan plan = {
		"SELECT t.execution_id, t.branch_id, t.epoch, t.kind, t.resource FROM workflow.task t "
		"CROSS JOIN LATERAL (SELECT FROM workflow.agenda a WHERE a.execution_id = t.execution_id FOR KEY SHARE) AS a "
		"WHERE t.token = $1",
		1,
		{TEXTOID}};
	SqlArguments args = {0};

	sql_add_text(&args, token);
	if (execute_by_index(&plan, &args) == 0)
		return false;
	task->execution_id = store_int64(0, 1, 0);
	task->branch_id = store_int64(0, 2, 0);
	task->epoch = store_int64(0, 3, 0);
	task->kind = store_text(0, 4);
	task->resource = store_text(0, 5);
	/* whoever met the lock comes again when it is gone, whatever becomes of this transaction */
	if (store_hooks.execution_touched != NULL)
		store_hooks.execution_touched(task->execution_id);
	return true;
}

bool
store_answer_token(const StoreTokenTask *task, const StoreTokenAnswer *answer,
				   TimestampTz now)
{
	static StorePlan plan = {
		"UPDATE workflow.task t SET answer = $6, output = $7, error = $8, cause = $9 WHERE " TASK_IS_OPEN,
		9,
		{INT8OID,
		 INT8OID,
		 INT8OID,
		 TEXTOID,
		 TIMESTAMPTZOID,
		 TEXTOID,
		 JSONBOID,
		 TEXTOID,
		 TEXTOID}};
	SqlArguments args = {0};

	add_key(&args, task, now);
	sql_add_text(&args, answer->succeeded ? "succeeded" : "failed");
	sql_add_value(&args, answer->output);
	sql_add_text(&args, answer->error);
	sql_add_text(&args, answer->cause);
	return execute_by_index(&plan, &args) > 0;
}

bool
store_beat_token(const StoreTokenTask *task, TimestampTz now)
{
	static StorePlan plan = {
		"UPDATE workflow.task t SET heartbeat_at = $5 + heartbeat_seconds * interval '1 second' "
		"WHERE " TASK_IS_OPEN,
		5,
		{INT8OID, INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	add_key(&args, task, now);
	return execute_by_index(&plan, &args) > 0;
}

static void
add_key(SqlArguments *args, const StoreTokenTask *task, TimestampTz now)
{
	sql_add(args, Int64GetDatum(task->execution_id));
	sql_add(args, Int64GetDatum(task->branch_id));
	sql_add(args, Int64GetDatum(task->epoch));
	sql_add_text(args, task->kind);
	sql_add_timestamp(args, now);
}
