/*-------------------------------------------------------------------------
 *
 * wake.c
 *	  Wake at the end of a transaction whoever its changes concern.
 *
 * The store tells through its hooks what a transaction touched; nothing of it
 * is seen by others before the commit, so it is gathered in fixed arrays and
 * sent by the transaction callback.  A callback may not fail: it allocates
 * nothing, and what no longer fits becomes "look at the table".
 *
 * Locks are let go at an abort, too, and by a subtransaction's abort: whoever
 * skipped an execution because it was locked is rung then.
 *
 * Must not read tables.
 *
 * IDENTIFICATION
 *	  src/worker/wake.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store/store.h"
#include "worker/shmem.h"

#define MAX_TOUCHED 64
#define MAX_CLOSED 256
#define MAX_TASKS 256

typedef struct ReadyTask
{
	TaskRef task;
	Oid role;
} ReadyTask;

typedef struct ClosedExecution
{
	int64 execution_id;
	SubTransactionId subtransaction; /* that closed it */
} ClosedExecution;

typedef struct VoidTask
{
	TaskRef task;
	SubTransactionId subtransaction; /* that voided it */
} VoidTask;

/* What this transaction has to tell */
static struct
{
	bool any;
	bool launcher; /* ring the launcher */
	bool settings; /* settings of databases or roles have changed */
	bool touched_overflow;
	bool closed_overflow;
	bool tasks_overflow;
	int ntouched;
	int nclosed;
	int nready;
	int nvoid;
	TimestampTz wake_at;
	int64 touched[MAX_TOUCHED];
	ClosedExecution closed[MAX_CLOSED];
	ReadyTask ready[MAX_TASKS];
	VoidTask voided[MAX_TASKS];
} pending = {.wake_at = ENGINE_NEVER};

/* Waiter slot of this session, -1: none */
static int own_waiter = -1;

static void execution_touched(int64 execution_id);
static void execution_closed(int64 execution_id);
static void wake_at(TimestampTz at);
static void task_ready(int64 execution_id, int64 branch_id, int64 epoch,
					   const char *role);
static void task_void(int64 execution_id, int64 branch_id, int64 epoch);
static TimestampTz task_started(int64 execution_id, int64 branch_id, int64 epoch);
static void tasks_left(void);
static void xact_callback(XactEvent event, void *arg);
static void subxact_callback(SubXactEvent event, SubTransactionId my_id,
							 SubTransactionId parent_id, void *arg);
static void forget(void);
static void ring_touched(DatabaseSlot *database);
static void push_ring(SchedulerSlot *scheduler, int64 execution_id);
static void send_timer(DatabaseSlot *database);
static void send_tasks(DatabaseSlot *database);
static void send_closed(void);

/*
 * Listen to the store and to transactions; called from _PG_init().
 */
void
worker_wake_init(void)
{
	store_hooks.execution_touched = execution_touched;
	store_hooks.execution_closed = execution_closed;
	store_hooks.wake_at = wake_at;
	store_hooks.task_ready = task_ready;
	store_hooks.task_void = task_void;
	store_hooks.task_started = task_started;
	store_hooks.tasks_left = tasks_left;
	poller_init();
	RegisterXactCallback(xact_callback, NULL);
	RegisterSubXactCallback(subxact_callback, NULL);
}

static void
execution_touched(int64 execution_id)
{
	pending.any = true;
	if (pending.ntouched > 0 && pending.touched[pending.ntouched - 1] == execution_id)
		return;
	if (pending.ntouched < MAX_TOUCHED)
		pending.touched[pending.ntouched++] = execution_id;
	else
		pending.touched_overflow = true;
}

static void
execution_closed(int64 execution_id)
{
	pending.any = true;
	if (pending.nclosed < MAX_CLOSED)
		pending.closed[pending.nclosed++] =
			(ClosedExecution){execution_id, GetCurrentSubTransactionId()};
	else
	{
		/* a scheduler finds out which tasks are to be cancelled */
		pending.closed_overflow = true;
		pending.tasks_overflow = true;
	}
}

static void
wake_at(TimestampTz at)
{
	pending.any = true;
	pending.wake_at = Min(pending.wake_at, at);
}

/*
 * The role is looked up here, where catalogs can be read.  One that does not
 * exist any more is left to the scheduler's scan, which fails its tasks.
 */
static void
task_ready(int64 execution_id, int64 branch_id, int64 epoch, const char *role)
{
	static char last_name[NAMEDATALEN];
	static Oid last_role = InvalidOid;

	pending.any = true;
	if (pending.nready == MAX_TASKS)
	{
		pending.tasks_overflow = true;
		return;
	}
	if (!OidIsValid(last_role) || strcmp(last_name, role) != 0 || pending.nready == 0)
	{
		last_role = get_role_oid(role, true);
		strlcpy(last_name, role, NAMEDATALEN);
	}
	if (!OidIsValid(last_role))
		pending.tasks_overflow = true;
	else
		pending.ready[pending.nready++] =
			(ReadyTask){{execution_id, branch_id, epoch}, last_role};
}

static void
task_void(int64 execution_id, int64 branch_id, int64 epoch)
{
	pending.any = true;
	if (pending.nvoid < MAX_TASKS)
		pending.voided[pending.nvoid++] =
			(VoidTask){{execution_id, branch_id, epoch}, GetCurrentSubTransactionId()};
	else
		pending.tasks_overflow = true;
}

bool
wake_own_task(int64 execution_id, TaskRef *task)
{
	if (pending.nready != 1 || pending.ready[0].task.execution_id != execution_id ||
		worker_self == NULL || pending.ready[0].role != worker_self->role)
		return false;
	*task = pending.ready[0].task;
	return true;
}

void
wake_forget_own_task(void)
{
	pending.nready = 0;
}

static TimestampTz
task_started(int64 execution_id, int64 branch_id, int64 epoch)
{
	TaskRef task = {execution_id, branch_id, epoch};
	TimestampTz since = ENGINE_NEVER;

	if (worker_shared == NULL)
		return since;
	LWLockAcquire(worker_shared->lock, LW_SHARED);
	for (int i = 0; i < worker_shared->nrunners; i++)
		if (shmem_runs_task(&worker_shared->runners[i], MyDatabaseId, &task))
			since = worker_shared->runners[i].since;
	LWLockRelease(worker_shared->lock);
	return since;
}

/* A flag only: whoever sweeps looks at the table, now and later */
static void
tasks_left(void)
{
	DatabaseSlot *database =
		worker_shared == NULL ? NULL : shmem_find_database(MyDatabaseId);

	if (database != NULL)
		pg_atomic_write_u32(&database->tasks_left, 1);
}

/*
 * Does this transaction close the execution?
 */
bool
wake_closes(int64 execution_id)
{
	for (int i = 0; i < pending.nclosed; i++)
		if (pending.closed[i].execution_id == execution_id)
			return true;
	return false;
}

/* At commit, let the launcher look at the databases */
void
worker_ring_launcher(void)
{
	pending.any = true;
	pending.launcher = true;
}

void
wake_settings_changed(void)
{
	worker_ring_launcher();
	pending.settings = true;
}

static void
xact_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			/* it is still there where an error was caught in between */
			worker_waiter_end(own_waiter);
			if (pending.any)
				wake_send();
			poller_at_end(true);
			utility_readmit();
			break;
		case XACT_EVENT_ABORT:
			utility_readmit();
			worker_waiter_end(own_waiter);
			poller_at_end(false);
			call_at_abort();
			if (pending.any && worker_shared != NULL)
				ring_touched(shmem_find_database(MyDatabaseId));
			break;
		case XACT_EVENT_PREPARE:
			worker_waiter_end(own_waiter);
			poller_at_end(false);
			utility_readmit();
			break; /* COMMIT or ROLLBACK PREPARED rings for the whole database */
		default:
			return;
	}
	forget();
}

/*
 * A hint too many does no harm, but to cancel a task is more than a hint: what
 * the subtransaction and those below it closed or voided stays as it was.  Their
 * ids are not below its own.
 */
static void
subxact_callback(SubXactEvent event, SubTransactionId my_id, SubTransactionId parent_id,
				 void *arg)
{
	int kept = 0;

	if (event == SUBXACT_EVENT_ABORT_SUB)
		poller_at_subabort();
	if (event != SUBXACT_EVENT_ABORT_SUB || !pending.any)
		return;
	utility_readmit();
	if (worker_shared != NULL)
		ring_touched(shmem_find_database(MyDatabaseId));
	for (int i = 0; i < pending.nclosed; i++)
		if (pending.closed[i].subtransaction < my_id)
			pending.closed[kept++] = pending.closed[i];
	pending.nclosed = kept;
	kept = 0;
	for (int i = 0; i < pending.nvoid; i++)
		if (pending.voided[i].subtransaction < my_id)
			pending.voided[kept++] = pending.voided[i];
	pending.nvoid = kept;
}

/* Only what counts: the arrays are long */
static void
forget(void)
{
	if (!pending.any)
		return;
	pending.any = false;
	pending.launcher = false;
	pending.settings = false;
	pending.touched_overflow = false;
	pending.closed_overflow = false;
	pending.tasks_overflow = false;
	pending.ntouched = 0;
	pending.nclosed = 0;
	pending.nready = 0;
	pending.nvoid = 0;
	pending.wake_at = ENGINE_NEVER;
}

/*
 * Tell everything that was gathered.
 */
void
wake_send(void)
{
	DatabaseSlot *database;

	if (worker_shared == NULL)
		return;
	database = shmem_find_database(MyDatabaseId);
	if (database != NULL)
	{
		send_timer(database);
		ring_touched(database);
		send_tasks(database);
	}
	send_closed();
	if (pending.launcher)
	{
		if (database != NULL)
			pg_atomic_fetch_add_u32(&database->checks, 1);
		if (pending.settings)
			shmem_settings_changed();
		shmem_ring_launcher();
		if (database != NULL)
			shmem_wake_schedulers(database, true, true);
	}
}

static void
ring_touched(DatabaseSlot *database)
{
	if (database == NULL)
		return;
	if (pending.touched_overflow)
		shmem_wake_schedulers(database, true, false);
	for (int i = 0; i < pending.ntouched; i++)
		push_ring(shmem_scheduler_of(database, pending.touched[i]), pending.touched[i]);
}

static void
push_ring(SchedulerSlot *scheduler, int64 execution_id)
{
	Latch *latch;

	SpinLockAcquire(&scheduler->mutex);
	if (scheduler->count < RING_SIZE)
	{
		scheduler->ring[(scheduler->head + scheduler->count) % RING_SIZE] = execution_id;
		scheduler->count++;
	}
	else
		scheduler->scan = true;
	latch = scheduler->latch;
	SpinLockRelease(&scheduler->mutex);
	if (latch != NULL)
		SetLatch(latch);
}

/*
 * Whoever set the timer does not say for which execution: all schedulers of the
 * database learn of it, and are woken if they would sleep longer.
 */
static void
send_timer(DatabaseSlot *database)
{
	if (pending.wake_at == ENGINE_NEVER)
		return;
	for (int i = 0; i < Max(database->nschedulers, 1); i++)
	{
		SchedulerSlot *scheduler = &database->schedulers[i];
		Latch *latch = NULL;

		SpinLockAcquire(&scheduler->mutex);
		if (pending.wake_at < scheduler->next_wake)
		{
			scheduler->next_wake = pending.wake_at;
			latch = scheduler->latch;
		}
		SpinLockRelease(&scheduler->mutex);
		if (latch != NULL && latch != MyLatch)
			SetLatch(latch);
	}
}

/*
 * Queue tasks that became ready and wake an idle runner of their role for each;
 * where there is none, the first scheduler sees to it.  Cancel tasks that are
 * no longer wanted.
 */
static void
send_tasks(DatabaseSlot *database)
{
	bool manage = pending.tasks_overflow;

	if (pending.nready > 0)
	{
		LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
		for (int i = 0; i < pending.nready; i++)
		{
			TaskQueue *queue =
				shmem_find_queue(MyDatabaseId, pending.ready[i].role, true);
			RunnerSlot *idle = NULL;

			if (queue == NULL)
			{
				pending.tasks_overflow = true;
				continue;
			}
			shmem_push_task(queue, &pending.ready[i].task);
			for (int j = 0; idle == NULL && j < worker_shared->nrunners; j++)
			{
				RunnerSlot *runner = &worker_shared->runners[j];

				if (runner->state == WORKER_IDLE && runner->database == MyDatabaseId &&
					runner->role == pending.ready[i].role)
					idle = runner;
			}
			/* a runner that queues one for itself takes it next */
			if (idle == NULL && i == 0 && worker_self != NULL &&
				worker_self->role == pending.ready[i].role && queue->count == 1)
				continue;
			if (idle == NULL)
				manage = true;
			else if (idle->pid != MyProcPid)
			{
				idle->state = WORKER_RUNNING; /* one task wakes one runner */
				SetLatch(idle->latch);
			}
		}
		LWLockRelease(worker_shared->lock);
	}
	for (int i = 0; i < pending.nvoid; i++)
		shmem_cancel_task(MyDatabaseId,
						  pending.voided[i].task.execution_id,
						  pending.voided[i].task.branch_id,
						  pending.voided[i].task.epoch);
	for (int i = 0; i < pending.nclosed; i++)
		shmem_cancel_task(MyDatabaseId, pending.closed[i].execution_id, 0, 0);
	if (manage)
		shmem_wake_schedulers(database, false, pending.tasks_overflow);
}

/* Wake who waits for an execution that is closed now */
static void
send_closed(void)
{
	if ((pending.nclosed == 0 && !pending.closed_overflow) ||
		pg_atomic_read_u32(&worker_shared->nwaiters) == 0)
		return;
	SpinLockAcquire(&worker_shared->waiters_mutex);
	for (int i = 0; i < MAX_WAITERS; i++)
	{
		WaiterSlot *waiter = &worker_shared->waiters[i];

		if (waiter->execution_id == 0 || waiter->database != MyDatabaseId)
			continue;
		for (int j = 0; j < pending.nclosed || pending.closed_overflow; j++)
			if (pending.closed_overflow ||
				pending.closed[j].execution_id == waiter->execution_id)
			{
				SetLatch(waiter->latch);
				break;
			}
	}
	SpinLockRelease(&worker_shared->waiters_mutex);
}

void
wake_all_waiters(void)
{
	SpinLockAcquire(&worker_shared->waiters_mutex);
	for (int i = 0; i < MAX_WAITERS; i++)
	{
		WaiterSlot *waiter = &worker_shared->waiters[i];

		if (waiter->execution_id != 0 && waiter->database == MyDatabaseId)
			SetLatch(waiter->latch);
	}
	SpinLockRelease(&worker_shared->waiters_mutex);
}

int
worker_waiter_begin(int64 execution_id)
{
	if (worker_shared == NULL)
		return -1;
	worker_waiter_end(own_waiter);
	SpinLockAcquire(&worker_shared->waiters_mutex);
	for (int i = 0; i < MAX_WAITERS; i++)
	{
		WaiterSlot *waiter = &worker_shared->waiters[i];

		if (waiter->execution_id == 0)
		{
			waiter->execution_id = execution_id;
			waiter->database = MyDatabaseId;
			waiter->latch = MyLatch;
			own_waiter = i;
			break;
		}
	}
	SpinLockRelease(&worker_shared->waiters_mutex);
	if (own_waiter >= 0)
		pg_atomic_fetch_add_u32(&worker_shared->nwaiters, 1);
	return own_waiter;
}

void
worker_waiter_end(int slot)
{
	if (slot < 0 || worker_shared == NULL)
		return;
	SpinLockAcquire(&worker_shared->waiters_mutex);
	worker_shared->waiters[slot].execution_id = 0;
	SpinLockRelease(&worker_shared->waiters_mutex);
	pg_atomic_fetch_sub_u32(&worker_shared->nwaiters, 1);
	own_waiter = -1;
}

/*
 * Sleep until woken or until deadline; at most a second where nobody can wake
 * us.
 */
void
worker_waiter_sleep(int slot, TimestampTz deadline)
{
	long timeout = slot < 0 ? 50 : 60 * 1000L;

	if (deadline != ENGINE_NEVER)
		timeout = Min(timeout,
					  TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline));
	if (timeout > 0)
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 timeout,
						 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}
