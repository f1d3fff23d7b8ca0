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
 * Hand-outs and answers are most of what workers do, and one row each: no statement.
 *
 * Must not know requests, or how a worker waits.
 *
 * IDENTIFICATION
 *	  src/store/inbox.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/base64.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "store/durable.h"
#include "store/records.h"
#include "store/tuple.h"

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
static bool may_take(const char *activity, Oid role);
static bool is_wanted(const TupleScan *task, TupleScan *branches);
static void take(TupleScan *task, const char *worker, TimestampTz now, StorePlace *place,
				 StoreHandOut *handed);
static TimestampTz next_heartbeat(const TupleScan *task, TimestampTz now);
static TupleChange change_time(TupleColumn *column, TimestampTz at);
static TupleChange change_text(TupleColumn *column, const char *text);
static bool lock_open(TupleScan *found, const StoreTokenTask *task, TimestampTz now);
static bool is_answerable(const TupleScan *task, const char *token, TimestampTz now);
static bool is_handed_out(const TupleScan *task);

/* Columns */
static TupleColumn task_execution_id = {"execution_id"};
static TupleColumn task_branch_id = {"branch_id"};
static TupleColumn task_epoch = {"epoch"};
static TupleColumn task_kind = {"kind"};
static TupleColumn task_input = {"input"};
static TupleColumn task_token = {"token"};
static TupleColumn task_scheduled_at = {"scheduled_at"};
static TupleColumn task_timeout_at = {"timeout_at"};
static TupleColumn task_heartbeat_seconds = {"heartbeat_seconds"};
static TupleColumn task_heartbeat_at = {"heartbeat_at"};
static TupleColumn task_started_at = {"started_at"};
static TupleColumn task_worker = {"worker"};
static TupleColumn task_answer = {"answer"};
static TupleColumn task_output = {"output"};
static TupleColumn task_error = {"error"};
static TupleColumn task_cause = {"cause"};
static TupleColumn branch_epoch = {"epoch"};
static TupleColumn branch_phase = {"phase"};
static TupleColumn activity_owner = {"owner"};

/*
 * Hand out tasks: see store.h.
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
 * Those after a place, which is moved to the last of them.
 */
static int
hand_out(const char *activity, Oid role, const char *worker, int limit, TimestampTz now,
		 StorePlace *place, StoreHandOut **tasks)
{
	int count = 0;
	int room = Min(limit, 16);

	*tasks = palloc(room * sizeof(StoreHandOut));
	tuple_statement_begin("UPDATE");
	if (may_take(activity, role))
	{
		TupleScan waiting;
		TupleScan branches;

		tuple_scan_begin(&waiting, "task", "task_activity_idx", RowExclusiveLock);
		tuple_scan_begin(&branches, "branch", "branch_pkey", AccessShareLock);
		tuple_scan_text(&waiting, activity);
		tuple_scan_after(&waiting,
						 place->scheduled_at,
						 place->execution_id,
						 place->branch_id);
		tuple_scan_start(&waiting);
		while (count < limit && tuple_scan_next(&waiting))
		{
			if (!is_wanted(&waiting, &branches) ||
				!tuple_lock(&waiting, LockTupleExclusive, LockWaitSkip))
				continue;
			if (count == room)
			{
				room = Min(limit, room * 2);
				*tasks = repalloc(*tasks, room * sizeof(StoreHandOut));
			}
			take(&waiting, worker, now, place, &(*tasks)[count++]);
		}
		tuple_scan_end(&branches);
		tuple_scan_end(&waiting);
	}
	tuple_statement_end();
	if (count > 0 && store_hooks.activity_taken != NULL)
		store_hooks.activity_taken(activity);
	return count;
}

/* Is there such an activity, and has the role the rights of its owner? */
static bool
may_take(const char *activity, Oid role)
{
	TupleScan activities;
	bool may;

	tuple_scan_begin(&activities, "activity", "activity_pkey", AccessShareLock);
	tuple_scan_text(&activities, activity);
	tuple_scan_start(&activities);
	may = tuple_scan_next(&activities) &&
		  store_has_role(role, tuple_text(&activities, &activity_owner));
	tuple_scan_end(&activities);
	return may;
}

/* Does its branch still wait for it? */
static bool
is_wanted(const TupleScan *task, TupleScan *branches)
{
	tuple_scan_int64(branches, tuple_int64(task, &task_execution_id, 0));
	tuple_scan_int64(branches, tuple_int64(task, &task_branch_id, 0));
	tuple_scan_start(branches);
	return tuple_scan_next(branches) &&
		   tuple_int64(branches, &branch_phase, 0) == ENGINE_TASK &&
		   tuple_int64(branches, &branch_epoch, 0) == tuple_int64(task, &task_epoch, 0);
}

/*
 * The task that was locked is this worker's.  Both clocks begin with the hand-out.
 */
static void
take(TupleScan *task, const char *worker, TimestampTz now, StorePlace *place,
	 StoreHandOut *handed)
{
	TimestampTz scheduled_at = tuple_timestamp(task, &task_scheduled_at, now);
	TimestampTz timeout_at = tuple_timestamp(task, &task_timeout_at, ENGINE_NEVER);
	bool no_input;
	Datum input = tuple_datum(task, &task_input, &no_input);
	TupleChange changes[] = {change_time(&task_started_at, now),
							 change_text(&task_worker, worker),
							 change_time(&task_timeout_at,
										 timeout_at == ENGINE_NEVER
											 ? ENGINE_NEVER
											 : now + (timeout_at - scheduled_at)),
							 change_time(&task_heartbeat_at, next_heartbeat(task, now))};

	handed->token = tuple_text(task, &task_token);
	handed->input =
		no_input ? value_undefined() : value_from_jsonb(DatumGetJsonbPCopy(input));
	*place = (StorePlace){scheduled_at,
						  tuple_int64(task, &task_execution_id, 0),
						  tuple_int64(task, &task_branch_id, 0)};
	tuple_change(task, changes, lengthof(changes));
}

static TimestampTz
next_heartbeat(const TupleScan *task, TimestampTz now)
{
	int64 seconds = tuple_int64(task, &task_heartbeat_seconds, 0);

	return seconds == 0 ? ENGINE_NEVER : now + seconds * USECS_PER_SEC;
}

static TupleChange
change_time(TupleColumn *column, TimestampTz at)
{
	return (TupleChange){column, TimestampTzGetDatum(at), at == ENGINE_NEVER};
}

static TupleChange
change_text(TupleColumn *column, const char *text)
{
	if (text == NULL)
		return (TupleChange){column, (Datum) 0, true};
	return (TupleChange){column, CStringGetTextDatum(text), false};
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

/*
 * See store.h.  Whoever meets the lock comes again when it is gone, whatever becomes of
 * this transaction.
 */
bool
store_lock_task(const StoreTokenTask *task)
{
	TupleScan agenda;
	bool locked;

	if (store_hooks.execution_touched != NULL)
		store_hooks.execution_touched(task->execution_id);
	tuple_statement_begin("SELECT FOR KEY SHARE");
	tuple_scan_begin(&agenda, "agenda", "agenda_pkey", RowShareLock);
	tuple_scan_int64(&agenda, task->execution_id);
	tuple_scan_start(&agenda);
	locked =
		tuple_scan_next(&agenda) && tuple_lock(&agenda, LockTupleKeyShare, LockWaitBlock);
	tuple_scan_end(&agenda);
	tuple_statement_end();
	return locked;
}

bool
store_answer_token(const StoreTokenTask *task, const StoreTokenAnswer *answer,
				   TimestampTz now)
{
	TupleScan found;
	bool is_open;

	tuple_statement_begin("UPDATE");
	is_open = lock_open(&found, task, now);
	if (is_open)
	{
		TupleChange changes[] = {change_text(&task_answer,
											 answer->succeeded ? "succeeded" : "failed"),
								 {&task_output, (Datum) 0, true},
								 change_text(&task_error, answer->error),
								 change_text(&task_cause, answer->cause)};

		if (!value_is_undefined(answer->output))
			changes[1] = (TupleChange){&task_output,
									   JsonbPGetDatum(value_to_jsonb(answer->output)),
									   false};
		tuple_change(&found, changes, lengthof(changes));
	}
	tuple_scan_end(&found);
	tuple_statement_end();
	return is_open;
}

bool
store_beat_token(const StoreTokenTask *task, TimestampTz now)
{
	TupleScan found;
	bool is_open;

	tuple_statement_begin("UPDATE");
	is_open = lock_open(&found, task, now);
	if (is_open)
	{
		TupleChange change = change_time(&task_heartbeat_at, next_heartbeat(&found, now));

		tuple_change(&found, &change, 1);
	}
	tuple_scan_end(&found);
	tuple_statement_end();
	return is_open;
}

/*
 * Lock the task of a token, for who has its execution locked; waits for a worker that
 * has it in a transaction.  false where it is over, or was answered.
 */
static bool
lock_open(TupleScan *found, const StoreTokenTask *task, TimestampTz now)
{
	TupleScan branches;
	bool is_open = false;

	tuple_scan_begin(found, "task", "task_pkey", RowExclusiveLock);
	tuple_scan_begin(&branches, "branch", "branch_pkey", AccessShareLock);
	tuple_scan_int64(found, task->execution_id);
	tuple_scan_int64(found, task->branch_id);
	tuple_scan_int64(found, task->epoch);
	tuple_scan_start(found);
	while (!is_open && tuple_scan_next(found))
		is_open = is_answerable(found, task->token, now) && is_wanted(found, &branches) &&
				  tuple_lock(found, LockTupleNoKeyExclusive, LockWaitBlock) &&
				  is_answerable(found, task->token, now) && is_handed_out(found);
	tuple_scan_end(&branches);
	return is_open;
}

/*
 * Asked of the row as it is once whoever had locked it is done: a hand-out that was
 * rolled back has given the token to nobody.
 */
static bool
is_handed_out(const TupleScan *task)
{
	return strcmp(tuple_text(task, &task_kind), "activity") != 0 ||
		   !tuple_is_null(task, &task_started_at);
}

static bool
is_answerable(const TupleScan *task, const char *token, TimestampTz now)
{
	char *its_token = tuple_text(task, &task_token);

	return its_token != NULL && strcmp(its_token, token) == 0 &&
		   tuple_is_null(task, &task_answer) &&
		   tuple_timestamp(task, &task_timeout_at, ENGINE_NEVER) > now &&
		   tuple_timestamp(task, &task_heartbeat_at, ENGINE_NEVER) > now;
}
