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
#include "common/base64.h"
#include "miscadmin.h"

#include "store/durable.h"
#include "store/sql.h"

/*
 * A token is this in base64: the key of its row, and what nobody can know but by the
 * token.
 */
typedef struct TokenBytes
{
	int64 key[3]; /* execution, branch, epoch */
	uint8 secret[24];
} TokenBytes;

#define TOKEN_LENGTH 64

static int hand_out(const char *activity, Oid role, const char *worker, int limit,
					TimestampTz now, StorePlace *place, StoreHandOut **tasks);
static void move_place(StorePlace *place, uint64 row);
static void add_key(SqlArguments *args, const StoreTokenTask *task, TimestampTz now);

/* The task ($1, $2, $3) of token $4 is open at $5 */
#define TASK_IS_OPEN                                                                     \
	"t.execution_id = $1 AND t.branch_id = $2 AND t.epoch = $3 AND t.token = $4 "        \
	"AND t.answer IS NULL AND (t.timeout_at IS NULL OR t.timeout_at > $5) "              \
	"AND (t.heartbeat_at IS NULL OR t.heartbeat_at > $5) "                               \
	"AND EXISTS (SELECT FROM workflow.branch b WHERE b.execution_id = $1 AND b.id = $2 " \
	"AND b.epoch = $3 AND b.phase = 3)"

/*
 * Was it handed out?  Asked of the row as it is once whoever has locked it is
 * done: a hand-out that was rolled back has given the token to nobody.
 */
#define RETURNING_HANDED_OUT                                                             \
	" RETURNING CASE WHEN t.kind <> 'activity' OR t.started_at IS NOT NULL THEN 1 END"

/*
 * Hand out tasks: see store.h.  (Statements of this file are written so that the
 * planner cannot begin with another table, which its statistics may take for
 * empty.)
 */
int
store_hand_out(const char *activity, Oid role, const char *worker, int limit,
			   TimestampTz now, StoreHandOut **tasks)
{
	StorePlace place = {DT_NOBEGIN, 0, 0};
	bool goes_on = store_hooks.handout_place != NULL &&
				   store_hooks.handout_place(activity, now, &place);
	int count = hand_out(activity, role, worker, limit, now, &place, tasks);

	if (count == 0 && goes_on)
	{
		goes_on = false;
		place = (StorePlace){DT_NOBEGIN, 0, 0};
		count = hand_out(activity, role, worker, limit, now, &place, tasks);
	}
	if (count > 0 && store_hooks.handed_out != NULL)
		store_hooks.handed_out(activity, now, &place, goes_on);
	return count;
}

/*
 * Those after a place, which is moved to the last of them.  Both clocks begin with
 * the hand-out.
 */
static int
hand_out(const char *activity, Oid role, const char *worker, int limit, TimestampTz now,
		 StorePlace *place, StoreHandOut **tasks)
{
	static StorePlan plan = {
		"UPDATE workflow.task SET started_at = $2, worker = $3, "
		"timeout_at = $2 + (timeout_at - scheduled_at), "
		"heartbeat_at = $2 + heartbeat_seconds * interval '1 second' "
		"WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM workflow.task t "
		"WHERE t.kind = 'activity' AND t.started_at IS NULL AND t.target = $1 "
		"AND (t.scheduled_at, t.execution_id, t.branch_id) > ($5, $6, $7) "
		"AND (SELECT $9 OR pg_has_role($8, to_regrole(quote_ident(a.owner)), 'USAGE') "
		"FROM workflow.activity a WHERE a.name = $1) "
		"AND t.epoch = (SELECT b.epoch FROM workflow.branch b WHERE b.execution_id = t.execution_id "
		"AND b.id = t.branch_id AND b.phase = 3) "
		"ORDER BY t.scheduled_at, t.execution_id, t.branch_id LIMIT $4 FOR UPDATE OF t SKIP LOCKED)) "
		"RETURNING token, input, scheduled_at, execution_id, branch_id",
		9,
		{TEXTOID,
		 TIMESTAMPTZOID,
		 TEXTOID,
		 INT4OID,
		 TIMESTAMPTZOID,
		 INT8OID,
		 INT8OID,
		 OIDOID,
		 BOOLOID}};
	SqlArguments args = {0};
	uint64 nrows;

	sql_add_text(&args, activity);
	sql_add_timestamp(&args, now);
	sql_add_text(&args, worker);
	sql_add(&args, Int32GetDatum(limit));
	sql_add_timestamp(&args, place->scheduled_at);
	sql_add(&args, Int64GetDatum(place->execution_id));
	sql_add(&args, Int64GetDatum(place->branch_id));
	sql_add(&args, ObjectIdGetDatum(role));
	sql_add(&args, BoolGetDatum(superuser_arg(role)));
	nrows = sql_execute(&plan, &args);
	*tasks = palloc(Max(nrows, 1) * sizeof(StoreHandOut));
	for (uint64 row = 0; row < nrows; row++)
	{
		(*tasks)[row].token = store_text(row, 1);
		(*tasks)[row].input = store_jsonb(row, 2);
		move_place(place, row);
	}
	if (nrows > 0 && store_hooks.activity_taken != NULL)
		store_hooks.activity_taken(activity);
	return (int) nrows;
}

/* Rows come in no order */
static void
move_place(StorePlace *place, uint64 row)
{
	StorePlace other = {.scheduled_at = store_timestamp(row, 3, DT_NOBEGIN),
						.execution_id = store_int64(row, 4, 0),
						.branch_id = store_int64(row, 5, 0)};

	if (store_is_behind(&other, place))
		*place = other;
}

bool
store_is_behind(const StorePlace *place, const StorePlace *other)
{
	if (place->scheduled_at != other->scheduled_at)
		return place->scheduled_at > other->scheduled_at;
	if (place->execution_id != other->execution_id)
		return place->execution_id > other->execution_id;
	return place->branch_id > other->branch_id;
}

char *
store_make_token(int64 execution_id, int64 branch_id, int64 epoch)
{
	TokenBytes bytes = {.key = {execution_id, branch_id, epoch}};
	char *token = palloc(TOKEN_LENGTH + 1);

	if (!pg_strong_random(bytes.secret, sizeof(bytes.secret)))
		ereport(ERROR,
				errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("could not generate a task token"));
	token[pg_b64_encode((void *) &bytes, sizeof(bytes), token, TOKEN_LENGTH)] = '\0';
	return token;
}

bool
store_read_token(const char *token, StoreTokenTask *task)
{
	TokenBytes bytes;

	if (strlen(token) != TOKEN_LENGTH ||
		pg_b64_decode(token, TOKEN_LENGTH, (void *) &bytes, sizeof(bytes)) !=
			sizeof(bytes) ||
		bytes.key[0] <= 0)
		return false;
	*task = (StoreTokenTask){token, bytes.key[0], bytes.key[1], bytes.key[2]};
	return true;
}

bool
store_lock_task(const StoreTokenTask *task)
{
	static StorePlan plan =
		{"SELECT FROM workflow.agenda WHERE execution_id = $1 FOR KEY SHARE",
		 1,
		 {INT8OID}};
	SqlArguments args = {0};

	/* whoever meets the lock comes again when it is gone, whatever becomes of this transaction */
	if (store_hooks.execution_touched != NULL)
		store_hooks.execution_touched(task->execution_id);
	sql_add(&args, Int64GetDatum(task->execution_id));
	return sql_execute(&plan, &args) > 0;
}

bool
store_answer_token(const StoreTokenTask *task, const StoreTokenAnswer *answer,
				   TimestampTz now)
{
	static StorePlan plan =
		{"UPDATE workflow.task t SET answer = $6, output = $7, error = $8, cause = $9 "
		 "WHERE " TASK_IS_OPEN RETURNING_HANDED_OUT,
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
	return sql_execute(&plan, &args) > 0 && store_int64(0, 1, 0) == 1;
}

bool
store_beat_token(const StoreTokenTask *task, TimestampTz now)
{
	static StorePlan plan = {
		"UPDATE workflow.task t SET heartbeat_at = $5 + heartbeat_seconds * interval '1 second' "
		"WHERE " TASK_IS_OPEN RETURNING_HANDED_OUT,
		5,
		{INT8OID, INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	add_key(&args, task, now);
	return sql_execute(&plan, &args) > 0 && store_int64(0, 1, 0) == 1;
}

static void
add_key(SqlArguments *args, const StoreTokenTask *task, TimestampTz now)
{
	sql_add(args, Int64GetDatum(task->execution_id));
	sql_add(args, Int64GetDatum(task->branch_id));
	sql_add(args, Int64GetDatum(task->epoch));
	sql_add_text(args, task->token);
	sql_add_timestamp(args, now);
}
