/*-------------------------------------------------------------------------
 *
 * shmem.c
 *	  The shared memory of the processes: see shmem.h.
 *
 * Must not read tables.
 *
 * IDENTIFICATION
 *	  src/worker/shmem.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "catalog/pg_control.h"
#include "common/controldata_utils.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "guc.h"
#include "worker/shmem.h"

#define TRANCHE "workflow"

/* Between the failure of a scheduler and the next one, at most */
#define MAX_RETRY_SECONDS 30

WorkerShared *worker_shared = NULL;
RunnerSlot *worker_self = NULL;

static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

static void request_shmem(void);
static void startup_shmem(void);
static Size shared_size(void);
static int queue_slots(void);
static bool server_crashed(void);

/*
 * Ask for shared memory; called from _PG_init() while preloading.
 */
void
worker_shmem_init(void)
{
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = request_shmem;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup_shmem;
}

bool
worker_is_preloaded(void)
{
	return worker_shared != NULL;
}

/* A few roles more than can have runners at a time; others wait for a scan */
static int
queue_slots(void)
{
	return wf_guc_runner_slots * 2 + 16;
}

static Size
shared_size(void)
{
	Size size = MAXALIGN(sizeof(WorkerShared));

	size = add_size(size, MAXALIGN(mul_size(wf_guc_max_databases, sizeof(DatabaseSlot))));
	size = add_size(size, MAXALIGN(mul_size(wf_guc_runner_slots, sizeof(RunnerSlot))));
	return add_size(size, MAXALIGN(mul_size(queue_slots(), sizeof(TaskQueue))));
}

static void
request_shmem(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche(TRANCHE, 1);
}

static void
startup_shmem(void)
{
	bool found;
	char *start;

	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	start = ShmemInitStruct("workflow", shared_size(), &found);
	worker_shared = (WorkerShared *) start;
	if (!found)
	{
		memset(start, 0, shared_size());
		worker_shared->lock = &(GetNamedLWLockTranche(TRANCHE))->lock;
		SpinLockInit(&worker_shared->waiters_mutex);
		worker_shared->crashed = server_crashed();
		worker_shared->started_at = GetCurrentTimestamp();
		pg_atomic_init_u32(&worker_shared->settings, 0);
		pg_atomic_init_u32(&worker_shared->launcher_request, 1);
		pg_atomic_init_u32(&worker_shared->nwaiters, 0);
		SpinLockInit(&worker_shared->pollers_mutex);
		pg_atomic_init_u32(&worker_shared->npollers, 0);
		pg_atomic_init_u32(&worker_shared->handouts_undone, 0);
		SpinLockInit(&worker_shared->handouts_mutex);
		worker_shared->ndatabases = wf_guc_max_databases;
		worker_shared->nrunners = wf_guc_runner_slots;
		worker_shared->nqueues = queue_slots();
		start += MAXALIGN(sizeof(WorkerShared));
		worker_shared->databases = (DatabaseSlot *) start;
		start += MAXALIGN(worker_shared->ndatabases * sizeof(DatabaseSlot));
		worker_shared->runners = (RunnerSlot *) start;
		start += MAXALIGN(worker_shared->nrunners * sizeof(RunnerSlot));
		worker_shared->queues = (TaskQueue *) start;
		for (int i = 0; i < worker_shared->ndatabases; i++)
		{
			pg_atomic_init_u32(&worker_shared->databases[i].checks, 0);
			/* who knows what the last server left behind */
			pg_atomic_init_u32(&worker_shared->databases[i].tasks_left, 1);
			for (int j = 0; j < MAX_SCHEDULERS; j++)
			{
				SpinLockInit(&worker_shared->databases[i].schedulers[j].mutex);
				worker_shared->databases[i].schedulers[j].next_wake = ENGINE_NEVER;
			}
		}
	}
	LWLockRelease(AddinShmemInitLock);
}

/*
 * What the control file says before anything is recovered.
 */
static bool
server_crashed(void)
{
	bool crc_ok;
	ControlFileData *control = get_controlfile(DataDir, &crc_ok);
	bool crashed = crc_ok && control->state != DB_SHUTDOWNED &&
				   control->state != DB_SHUTDOWNED_IN_RECOVERY;

	pfree(control);
	return crashed;
}

DatabaseSlot *
shmem_find_database(Oid database)
{
	for (int i = 0; i < worker_shared->ndatabases; i++)
		if (worker_shared->databases[i].database == database &&
			worker_shared->databases[i].state != DATABASE_FREE)
			return &worker_shared->databases[i];
	return NULL;
}

TaskQueue *
shmem_find_queue(Oid database, Oid role, bool create)
{
	TaskQueue *unused = NULL;

	for (int i = 0; i < worker_shared->nqueues; i++)
	{
		TaskQueue *queue = &worker_shared->queues[i];

		if (queue->database == database && queue->role == role)
			return queue;
		/* rather one that knows nothing than one that is empty now */
		if ((unused == NULL && queue->count == 0 && !queue->scan && queue->calls == 0) ||
			(!OidIsValid(queue->database) &&
			 (unused == NULL || OidIsValid(unused->database))))
			unused = queue;
	}
	if (!create || unused == NULL)
		return NULL;
	unused->database = database;
	unused->role = role;
	unused->head = 0;
	unused->count = 0;
	unused->scan = false;
	unused->missed = false;
	unused->scan_execution = 0;
	unused->scan_branch = 0;
	unused->failed_starts = 0;
	unused->deaths = 0;
	unused->retry_at = 0;
	unused->last_start = 0;
	unused->waiting_since = 0;
	unused->calls = 0;
	return unused;
}

/*
 * A database that takes no connections, or whose tables are not what they have to be,
 * is tried less and less often.
 */
void
shmem_note_failure(SchedulerSlot *scheduler)
{
	scheduler->failures = Min(scheduler->failures + 1, MAX_RETRY_SECONDS);
	scheduler->retry_at =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), 1000 * scheduler->failures);
}

/*
 * Once or twice may be an administrator's doing; more often the next session has
 * to wait, longer each time.
 */
void
shmem_note_death(TaskQueue *queue, const TaskRef *task)
{
	queue->deaths = shmem_deaths(queue, task) + 1;
	queue->died_with = *task;
	if (queue->deaths > 2)
		queue->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													  250L << Min(queue->deaths - 3, 3));
}

int
shmem_deaths(const TaskQueue *queue, const TaskRef *task)
{
	return queue->died_with.execution_id == task->execution_id &&
				   queue->died_with.branch_id == task->branch_id &&
				   queue->died_with.epoch == task->epoch
			   ? queue->deaths
			   : 0;
}

void
shmem_clear_runner(RunnerSlot *runner)
{
	uint64 generation = runner->generation;

	memset(runner, 0, sizeof(RunnerSlot));
	runner->generation = generation;
}

bool
shmem_push_task(TaskQueue *queue, const TaskRef *task)
{
	if (queue->count == QUEUE_SIZE)
	{
		shmem_scan_queue(queue);
		return false;
	}
	queue->ring[(queue->head + queue->count) % QUEUE_SIZE] = *task;
	queue->count++;
	if (queue->waiting_since == 0)
		queue->waiting_since = GetCurrentTimestamp();
	return true;
}

void
shmem_scan_queue(TaskQueue *queue)
{
	queue->scan = true;
	queue->missed = true;
}

bool
shmem_pop_task(TaskQueue *queue, bool skip_slow, TaskRef *task)
{
	int skipped = 0;

	while (skipped < queue->count && skip_slow &&
		   queue->ring[(queue->head + skipped) % QUEUE_SIZE].slow)
		skipped++;
	if (skipped == queue->count)
		return false;
	*task = queue->ring[(queue->head + skipped) % QUEUE_SIZE];
	/* those that were skipped move up to its place */
	for (; skipped > 0; skipped--)
		queue->ring[(queue->head + skipped) % QUEUE_SIZE] =
			queue->ring[(queue->head + skipped - 1) % QUEUE_SIZE];
	queue->head = (queue->head + 1) % QUEUE_SIZE;
	queue->count--;
	queue->waiting_since =
		queue->count == 0 && queue->calls == 0 ? 0 : GetCurrentTimestamp();
	return true;
}

bool
shmem_is_last_runner(void)
{
	TimestampTz now = GetCurrentTimestamp();
	int pool = Min(wf_guc_max_runners, worker_shared->nrunners);
	int slow = 0;

	for (int i = 0; i < worker_shared->nrunners; i++)
	{
		RunnerSlot *runner = &worker_shared->runners[i];

		slow += runner != worker_self && runner->state != WORKER_NONE &&
				runner->task.execution_id != 0 &&
				(runner->slow || TimestampDifferenceExceeds(runner->since, now, SLOW_MS));
	}
	return pool > 1 && slow >= pool - 1;
}

bool
shmem_is_slow(uint32 function)
{
	return worker_shared->slow[function % SLOW_FUNCTIONS] == function;
}

void
shmem_note_duration(uint32 function, long ms)
{
	uint32 *slot = &worker_shared->slow[function % SLOW_FUNCTIONS];

	if (ms >= SLOW_MS)
		*slot = function;
	else if (*slot == function)
		*slot = 0;
}

bool
shmem_runs_task(const RunnerSlot *runner, Oid database, const TaskRef *task)
{
	return runner->database == database &&
		   runner->task.execution_id == task->execution_id &&
		   runner->task.branch_id == task->branch_id && runner->task.epoch == task->epoch;
}

bool
shmem_task_is_run(Oid database, const TaskRef *task)
{
	for (int i = 0; i < worker_shared->nrunners; i++)
		if (shmem_runs_task(&worker_shared->runners[i], database, task))
		{
			worker_shared->runners[i].rung = true;
			return true;
		}
	return false;
}

void
shmem_ring_launcher(void)
{
	pg_atomic_write_u32(&worker_shared->launcher_request, 1);
	shmem_wake_launcher();
}

/*
 * It may end at any moment; its latch stays where it is.
 */
void
shmem_wake_launcher(void)
{
	Latch *latch = *(Latch *volatile *) &worker_shared->launcher;

	if (latch != NULL)
		SetLatch(latch);
}

void
shmem_settings_changed(void)
{
	pg_atomic_fetch_add_u32(&worker_shared->settings, 1);
	for (int i = 0; i < worker_shared->ndatabases; i++)
		if (worker_shared->databases[i].state == DATABASE_ACTIVE)
			shmem_wake_schedulers(&worker_shared->databases[i], false, false);
	LWLockAcquire(worker_shared->lock, LW_SHARED);
	shmem_wake_runners(InvalidOid);
	LWLockRelease(worker_shared->lock);
}

void
shmem_wake_runners(Oid database)
{
	for (int i = 0; i < worker_shared->nrunners; i++)
		if (worker_shared->runners[i].latch != NULL &&
			(!OidIsValid(database) || worker_shared->runners[i].database == database))
			SetLatch(worker_shared->runners[i].latch);
}

SchedulerSlot *
shmem_scheduler_of(DatabaseSlot *database, int64 execution_id)
{
	return &database->schedulers[execution_id % Max(database->nschedulers, 1)];
}

void
shmem_wake_schedulers(DatabaseSlot *database, bool scan, bool scan_tasks)
{
	for (int i = 0; i < MAX_SCHEDULERS; i++)
	{
		SchedulerSlot *scheduler = &database->schedulers[i];
		Latch *latch;

		SpinLockAcquire(&scheduler->mutex);
		scheduler->scan |= scan;
		scheduler->scan_tasks |= scan_tasks && i == 0;
		latch = scheduler->latch;
		SpinLockRelease(&scheduler->mutex);
		if (latch != NULL)
			SetLatch(latch);
	}
}

/*
 * The signal is sent under the lock that a runner takes to say that it has
 * done with a task, so it cannot hit the next one.
 */
void
shmem_cancel_task(Oid database, int64 execution_id, int64 branch_id, int64 epoch)
{
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < worker_shared->nrunners; i++)
	{
		RunnerSlot *runner = &worker_shared->runners[i];

		if (runner->database != database || runner->task.execution_id != execution_id ||
			runner->pid == MyProcPid || runner->pid == 0)
			continue;
		if (branch_id != 0 &&
			(runner->task.branch_id != branch_id || runner->task.epoch != epoch))
			continue;
		kill(runner->pid, SIGINT);
	}
	LWLockRelease(worker_shared->lock);
}

/*
 * The processes of this database, for workflow.worker.
 */
int
worker_list(WorkerInfo **list)
{
	static const char *const states[] = {"none",
										 "starting",
										 "idle",
										 "running",
										 "suspended"};
	DatabaseSlot *database;
	int count = 0;

	*list = NULL;
	if (worker_shared == NULL)
		return 0;
	*list = palloc0((1 + MAX_SCHEDULERS + worker_shared->nrunners) * sizeof(WorkerInfo));
	LWLockAcquire(worker_shared->lock, LW_SHARED);
	if (worker_shared->launcher_pid != 0)
		(*list)[count++] = (WorkerInfo){.pid = worker_shared->launcher_pid,
										.kind = "launcher",
										.state = "idle"};
	database = shmem_find_database(MyDatabaseId);
	for (int i = 0; database != NULL && i < MAX_SCHEDULERS; i++)
	{
		SchedulerSlot *scheduler = &database->schedulers[i];

		if (scheduler->pid != 0)
			(*list)[count++] = (WorkerInfo){.pid = scheduler->pid,
											.kind = "scheduler",
											.since = scheduler->since,
											.state = states[scheduler->state]};
	}
	for (int i = 0; i < worker_shared->nrunners; i++)
	{
		RunnerSlot *runner = &worker_shared->runners[i];

		if (runner->state != WORKER_NONE && runner->database == MyDatabaseId)
			(*list)[count++] =
				(WorkerInfo){.pid = runner->pid,
							 .kind = "runner",
							 .role = runner->role,
							 .since = runner->since,
							 .execution_id = Max(runner->task.execution_id, 0),
							 .branch_id = runner->task.branch_id,
							 .state = states[runner->state]};
	}
	LWLockRelease(worker_shared->lock);
	return count;
}
