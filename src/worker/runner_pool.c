/*-------------------------------------------------------------------------
 *
 * runner_pool.c
 *	  The pool of runners: where one is started, where one is to leave.
 *
 * The first scheduler of each database looks after the queues of its database;
 * the pool itself (workflow.max_runners) is the server's.  A queue that waits
 * gets its first runner at once and further ones while its tasks wait longer
 * than a moment.  Where the pool is full, an idle runner of another role leaves,
 * or else one of the role that has most, after its task, if this role has none.
 *
 * A role that no session can be started for does not wait for ever: its tasks
 * are failed.
 *
 * IDENTIFICATION
 *	  src/worker/runner_pool.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "engine/engine.h"
#include "guc.h"
#include "store/store.h"
#include "worker/shmem.h"
#include "worker/transaction.h"

/* Tasks that wait longer than this ask for another runner */
#define PATIENCE_MS 5

/* A runner that was started and is not heard of after this is given up */
#define START_MS 30000

/* A runner has been there for this long before it has to make room while it works */
#define TENURE_MS 200

/* Failed starts in a row after which the tasks are failed */
#define MAX_FAILED_STARTS 5

#define REFUSE_AT_A_TIME 100

/* What is known of one queue while the pool is looked at */
typedef struct QueueState
{
	TaskQueue *queue;
	Oid role;               /* of the queue; it may be another's by now */
	TimestampTz last_start; /* of the queue */
	int runners;            /* of its role, in this database */
	int starting;
	int idle;
} QueueState;

static int compare_turns(const void *a, const void *b);
static int look_at_queues(QueueState *states);
static int runners_in_use(void);
static bool wants_runner(const QueueState *state, TimestampTz now, TimestampTz *again);
static bool make_room(Oid role, TimestampTz now);
static char *why_not(Oid role, int failed_starts);
static RunnerSlot *claim_slot(Oid database, Oid role);
static bool start_runner(DatabaseSlot *database, Oid role);
static void refuse_queue(DatabaseSlot *database, TaskQueue *queue, Oid role,
						 const char *cause);
static int tasks_after(const char *role, const StoreTaskKey *last, int limit,
					   StoreTaskKey *keys);
static bool refuse_tasks(const StoreTaskKey *keys, int count, const char *cause);

/*
 * Start runners where tasks wait: see shmem.h.
 */
TimestampTz
runner_pool_manage(DatabaseSlot *database)
{
	QueueState *states = palloc0(worker_shared->nqueues * sizeof(QueueState));
	TimestampTz again = ENGINE_NEVER;
	TimestampTz now = GetCurrentTimestamp();
	int count;

	if (database->quiesce > 0)
		return again;
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	count = look_at_queues(states);
	LWLockRelease(worker_shared->lock);
	qsort(states, count, sizeof(QueueState), compare_turns);

	for (int i = 0; i < count; i++)
	{
		TaskQueue *queue = states[i].queue;
		Oid role = states[i].role;
		char *reason;

		if (!wants_runner(&states[i], now, &again))
			continue;
		reason = why_not(role, queue->failed_starts);
		if (reason != NULL)
			refuse_queue(database, queue, role, reason);
		else if (runners_in_use() < Min(wf_guc_max_runners, worker_shared->nrunners))
		{
			if (start_runner(database, role))
				queue->last_start = now;
			else
				again = Min(again, TimestampTzPlusMilliseconds(now, 1000));
		}
		else if (!make_room(role, now))
			again = Min(again, TimestampTzPlusMilliseconds(now, TENURE_MS));
	}
	return again;
}

/*
 * Who has fewest runners comes first, and then whose last start is longest ago:
 * or one role would take every place that another one has left for a third.
 */
static int
compare_turns(const void *a, const void *b)
{
	const QueueState *left = a;
	const QueueState *right = b;

	if (left->runners != right->runners)
		return left->runners < right->runners ? -1 : 1;
	return (left->last_start > right->last_start) -
		   (left->last_start < right->last_start);
}

/*
 * The queues of this database that wait, and their runners.
 */
static int
look_at_queues(QueueState *states)
{
	TimestampTz now = GetCurrentTimestamp();
	int count = 0;

	for (int i = 0; i < worker_shared->nqueues; i++)
	{
		TaskQueue *queue = &worker_shared->queues[i];
		QueueState *state;

		if (queue->database != MyDatabaseId ||
			(queue->count == 0 && !queue->scan && queue->calls == 0))
			continue;
		state = &states[count++];
		state->queue = queue;
		state->role = queue->role;
		state->last_start = queue->last_start;
		for (int j = 0; j < worker_shared->nrunners; j++)
		{
			RunnerSlot *runner = &worker_shared->runners[j];

			if (runner->state == WORKER_STARTING && runner->pid == 0 &&
				TimestampDifferenceExceeds(runner->since, now, START_MS))
				shmem_clear_runner(runner);
			if (runner->state == WORKER_NONE || runner->database != MyDatabaseId ||
				runner->role != queue->role)
				continue;
			state->runners++;
			state->starting += runner->state == WORKER_STARTING;
			if (runner->state == WORKER_IDLE)
			{
				/* it was not woken when the tasks came by a scan */
				state->idle++;
				SetLatch(runner->latch);
			}
		}
	}
	return count;
}

static int
runners_in_use(void)
{
	int count = 0;

	LWLockAcquire(worker_shared->lock, LW_SHARED);
	for (int i = 0; i < worker_shared->nrunners; i++)
		count += worker_shared->runners[i].state != WORKER_NONE;
	LWLockRelease(worker_shared->lock);
	return count;
}

/*
 * One at a time, the first at once, another while tasks wait too long.
 */
static bool
wants_runner(const QueueState *state, TimestampTz now, TimestampTz *again)
{
	const TaskQueue *queue = state->queue;
	TimestampTz patience = TimestampTzPlusMilliseconds(queue->waiting_since, PATIENCE_MS);

	if (state->starting > 0 || state->idle > 0)
	{
		/* it takes one task, and the others may wait for it for long */
		*again = Min(*again, TimestampTzPlusMilliseconds(now, PATIENCE_MS));
		return false;
	}
	if (wf_guc_max_runners_per_role > 0 && state->runners >= wf_guc_max_runners_per_role)
		return false;
	if (state->runners >= Min(wf_guc_max_runners, worker_shared->nrunners))
		return false;
	if (queue->retry_at > now)
	{
		*again = Min(*again, queue->retry_at);
		return false;
	}
	if (state->runners > 0 && !queue->scan && patience > now)
	{
		*again = Min(*again, patience);
		return false;
	}
	if (state->runners > 0)
		*again = Min(*again, TimestampTzPlusMilliseconds(now, PATIENCE_MS));
	return true;
}

/*
 * The pool is full: ask a runner of another role to leave.  An idle one, or
 * else, where this role has none at all, one of the role that has most, when
 * its task is done; where all have one, the one that has been there for longest,
 * but not at once.  false where there is nobody to ask.
 */
static bool
make_room(Oid role, TimestampTz now)
{
	RunnerSlot *chosen = NULL;
	bool own = false;
	int most = 0;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < worker_shared->nrunners; i++)
	{
		RunnerSlot *runner = &worker_shared->runners[i];
		int same = 0;

		if (runner->state == WORKER_NONE)
			continue;
		if (runner->leave)
		{
			/* somebody leaves already */
			LWLockRelease(worker_shared->lock);
			return true;
		}
		if (runner->role == role && runner->database == MyDatabaseId)
		{
			own = true;
			continue;
		}
		if (runner->state == WORKER_IDLE)
		{
			chosen = runner;
			most = INT_MAX;
			continue;
		}
		for (int j = 0; j < worker_shared->nrunners; j++)
			same += worker_shared->runners[j].state != WORKER_NONE &&
					worker_shared->runners[j].role == runner->role &&
					worker_shared->runners[j].database == runner->database;
		if (same == 1 && TimestampTzPlusMilliseconds(runner->started_at, TENURE_MS) > now)
			continue;
		if (same > most || (same == most && runner->started_at < chosen->started_at))
		{
			chosen = runner;
			most = same;
		}
	}
	if (chosen != NULL && (most == INT_MAX || !own))
	{
		chosen->leave = true;
		if (chosen->latch != NULL)
			SetLatch(chosen->latch);
	}
	else
		chosen = NULL;
	LWLockRelease(worker_shared->lock);
	return chosen != NULL;
}

/*
 * Why no session of the role can be started here; NULL: it can.
 */
static char *
why_not(Oid role, int failed_starts)
{
	MemoryContext context = CurrentMemoryContext;
	char *reason = NULL;
	HeapTuple tuple;

	transaction_begin();
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	if (!HeapTupleIsValid(tuple))
		reason = MemoryContextStrdup(
			context, "The role that the task is to run as does not exist any more.");
	else
	{
		Form_pg_authid form = (Form_pg_authid) GETSTRUCT(tuple);
		const char *lacks = NULL;

		if (COMPAT_WORKER_NEEDS_LOGIN && !form->rolcanlogin)
			lacks = "cannot log in";
		else if (compat_database_aclcheck(MyDatabaseId, role, ACL_CONNECT) != ACLCHECK_OK)
			lacks = "may not connect to this database";
		if (lacks != NULL)
			reason = MemoryContextStrdup(
				context,
				psprintf("Role \"%s\", which the task is to run as, %s.",
						 NameStr(form->rolname),
						 lacks));
		else if (failed_starts >= MAX_FAILED_STARTS)
			reason = MemoryContextStrdup(
				context,
				psprintf("No session of role \"%s\" could be started in this "
						 "database; the server's log says why.",
						 NameStr(form->rolname)));
		ReleaseSysCache(tuple);
	}
	transaction_commit();
	return reason;
}

static RunnerSlot *
claim_slot(Oid database, Oid role)
{
	RunnerSlot *slot = NULL;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; slot == NULL && i < worker_shared->nrunners; i++)
		if (worker_shared->runners[i].state == WORKER_NONE)
			slot = &worker_shared->runners[i];
	if (slot != NULL)
	{
		shmem_clear_runner(slot);
		slot->generation++;
		slot->state = WORKER_STARTING;
		slot->database = database;
		slot->role = role;
		slot->since = GetCurrentTimestamp();
		slot->started_at = slot->since;
	}
	LWLockRelease(worker_shared->lock);
	return slot;
}

static bool
start_runner(DatabaseSlot *database, Oid role)
{
	static bool complained = false;
	RunnerSlot *slot = claim_slot(database->database, role);
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_notify_pid = MyProcPid,
	};

	if (slot == NULL)
		return false;
	worker.bgw_main_arg = Int32GetDatum((int) (slot - worker_shared->runners));
	memcpy(worker.bgw_extra, &slot->generation, sizeof(slot->generation));
	snprintf(worker.bgw_name,
			 BGW_MAXLEN,
			 "workflow runner for role %u in database %u",
			 role,
			 database->database);
	strlcpy(worker.bgw_type, "workflow runner", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "workflow", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "wf_runner_main", BGW_MAXLEN);
	if (RegisterDynamicBackgroundWorker(&worker, NULL))
	{
		complained = false;
		return true;
	}
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	shmem_clear_runner(slot);
	LWLockRelease(worker_shared->lock);
	if (!complained)
		ereport(
			LOG,
			errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			errmsg(
				"workflow could not start a runner: no background worker slot is free"),
			errdetail("Tasks wait for runners that are there."),
			errhint("Raise max_worker_processes."));
	complained = true;
	return false;
}

/*
 * Fail what the queue holds, and what the table holds for the role.  One that
 * was dropped has no name here any more, but in the table it has.
 */
static void
refuse_queue(DatabaseSlot *database, TaskQueue *queue, Oid role, const char *cause)
{
	MemoryContext context = CurrentMemoryContext;
	char *name;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	if (queue->database == MyDatabaseId && queue->role == role)
	{
		queue->count = 0;
		queue->scan = false;
		queue->failed_starts = 0;
		queue->waiting_since = 0;
		call_refuse_all(queue, cause);
	}
	LWLockRelease(worker_shared->lock);

	transaction_begin();
	name = GetUserNameFromId(role, true);
	if (name != NULL)
		name = MemoryContextStrdup(context, name);
	transaction_commit();
	if (name == NULL)
		shmem_wake_schedulers(database, false, true);
	else if (!runner_pool_refuse(name, cause))
	{
		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		queue = shmem_find_queue(MyDatabaseId, role, true);
		if (queue != NULL)
		{
			shmem_scan_queue(queue);
			queue->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), 1000);
		}
		LWLockRelease(worker_shared->lock);
	}
}

/*
 * Fail all SQL tasks of a role: see shmem.h.  A batch that fails is taken again
 * one by one.
 */
bool
runner_pool_refuse(const char *role, const char *cause)
{
	StoreTaskKey *keys = palloc(REFUSE_AT_A_TIME * sizeof(StoreTaskKey));
	StoreTaskKey last = {0};
	int failed = 0;
	int count;

	do
	{
		CHECK_FOR_INTERRUPTS();
		count = tasks_after(role, &last, REFUSE_AT_A_TIME, keys);
		if (!refuse_tasks(keys, count, cause))
			for (int i = 0; i < count; i++)
				failed += !refuse_tasks(&keys[i], 1, cause);
		if (count > 0)
			last = keys[count - 1];
	} while (count == REFUSE_AT_A_TIME);

	/* what fails is not tried again before the next look at the table */
	memset(&last, 0, sizeof(last));
	return tasks_after(role, &last, Min(failed + 1, REFUSE_AT_A_TIME), keys) <= failed;
}

static int
tasks_after(const char *role, const StoreTaskKey *last, int limit, StoreTaskKey *keys)
{
	StoreSession session;
	int count;

	transaction_begin();
	store_begin(&session);
	count = store_ready_tasks(role, last->execution_id, last->branch_id, limit, keys);
	store_end(&session);
	transaction_commit();
	return count;
}

/*
 * In one transaction; false where that failed.  Tasks of executions that somebody
 * has locked are left out: this process waits for nobody.
 */
static bool
refuse_tasks(const StoreTaskKey *keys, int count, const char *cause)
{
	MemoryContext context = CurrentMemoryContext;
	StoreTaskResult result = {.error = "States.Permissions",
							  .cause = cause,
							  .started_at = GetCurrentTimestamp()};
	volatile bool ok = false;

	PG_TRY();
	{
		StoreSession session;

		transaction_begin();
		store_begin(&session);
		for (int i = 0; i < count; i++)
			(void) store_try_finish_task(keys[i].execution_id,
										 keys[i].branch_id,
										 keys[i].epoch,
										 &result,
										 result.started_at);
		store_end(&session);
		transaction_commit();
		ok = true;
	}
	PG_CATCH();
	{
		(void) transaction_failed(context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	return ok;
}
