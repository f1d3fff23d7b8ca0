/*-------------------------------------------------------------------------
 *
 * shmem.h
 *	  What the processes share: rings, queues, slots.  Private to src/worker.
 *
 * Everything here is a hint or says which process does what; the truth is in
 * the tables, and a server that starts with none of this finds all work by one
 * scan.
 *
 * Two kinds of locks.  A scheduler's ring, waiters and pollers are under spinlocks,
 * since they are touched in commit callbacks.  Databases, runner slots and task
 * queues are under worker_shared->lock.  Nobody holds either while a process
 * waits, reads a table or runs user code.
 *
 * IDENTIFICATION
 *	  src/worker/shmem.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_WORKER_SHMEM_H
#define WORKFLOW_WORKER_SHMEM_H

#include "port/atomics.h"
#include "storage/dsm.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/spin.h"

#include "compat.h"
#include "store/store.h"
#include "worker/worker.h"

#define MAX_SCHEDULERS 16  /* per database: the upper bound of workflow.schedulers */
#define RING_SIZE 1024     /* execution ids in a scheduler's ring */
#define QUEUE_SIZE 256     /* tasks in a queue */
#define SLOW_FUNCTIONS 128 /* functions that are known to be slow */
#define SLOW_MS 1000       /* what a slow call takes at least */
#define MAX_DEATHS 10      /* sessions that a task may end before it is failed */
#define MAX_WAITERS 256    /* sessions in wait_for_execution() that are woken */
#define MAX_POLLERS 256    /* sessions that wait for tasks of activities and are woken */
#define MAX_CALLS 256      /* sessions that wait for an execution that a runner runs */
#define CALL_CAUSE 256     /* bytes of why there is no runner for one */

typedef enum WorkerState
{
	WORKER_NONE = 0, /* no process; next: STARTING */
	WORKER_STARTING, /* registered; next: IDLE, NONE */
	WORKER_IDLE,     /* waits; next: RUNNING, SUSPENDED, NONE */
	WORKER_RUNNING,  /* next: IDLE, NONE */
	WORKER_SUSPENDED /* waits for resume(), workflow.enabled or the like; next: IDLE, NONE */
} WorkerState;

typedef struct SchedulerSlot
{
	slock_t mutex; /* protects the ring, scan and next_wake */
	int head;      /* oldest entry */
	int count;
	bool scan;       /* the ring was full, or nobody knows: look at the table */
	bool scan_tasks; /* the same for SQL tasks and their queues */
	TimestampTz
		next_wake; /* earliest timer that was set since the scheduler last looked */
	int64 ring[RING_SIZE];

	/* protected by worker_shared->lock */
	WorkerState state;
	int pid;
	Latch *latch; /* NULL where there is no process */
	TimestampTz since;
	uint64 generation;    /* counts processes of this slot */
	int failures;         /* since one of them took a turn */
	TimestampTz retry_at; /* after a failure: not before */
} SchedulerSlot;

typedef enum DatabaseState
{
	DATABASE_FREE = 0,
	DATABASE_PROBED, /* its first scheduler is to find out whether the extension is there */
	DATABASE_ACTIVE, /* it is */
	DATABASE_WITHOUT /* it is not; next: FREE */
} DatabaseState;

typedef struct DatabaseSlot
{
	Oid database;
	DatabaseState state;
	int quiesce; /* sessions that want our processes out of it */
	pg_atomic_uint32
		checks;      /* counts occasions to look whether the extension is still there */
	bool look_again; /* the launcher was to look while it was WITHOUT and not yet empty */
	int nschedulers; /* how many share the work */
	pg_atomic_uint32 tasks_left; /* rows of void tasks are left in the table */
	SchedulerSlot schedulers[MAX_SCHEDULERS];
} DatabaseSlot;

/* A task to be run; what it says may be out of date, the task row decides */
typedef struct TaskRef
{
	int64 execution_id;
	int64 branch_id;
	int64 epoch;
	bool slow; /* it was put back because it is slow: not for the last free runner */
} TaskRef;

/* How many activities can be told apart there */
#define HANDOUTS 64

/* How far an activity's tasks were handed out lately; what is before is dead rows to look at */
typedef struct HandoutSlot
{
	Oid database;
	uint32 activity; /* hash of its name, 0: free */
	uint32
		undone; /* handouts_undone before that: where it is another one, it does not count */
	TimestampTz since;
	StorePlace place;
} HandoutSlot;

/* The tasks that wait for runners of one role in one database */
typedef struct TaskQueue
{
	Oid database; /* InvalidOid: free */
	Oid role;
	int head;
	int count;
	bool scan;            /* there are more in the table */
	bool missed;          /* and maybe some where the scan has been already */
	int64 scan_execution; /* where the scan goes on: keys after this one */
	int64 scan_branch;
	int failed_starts;         /* runners in a row that could not connect */
	int deaths;                /* runners in a row that ended with one task ... */
	TaskRef died_with;         /* ... this one */
	TimestampTz retry_at;      /* no runner is started before */
	TimestampTz last_start;    /* of a runner */
	TimestampTz waiting_since; /* of the oldest task, 0: none */
	int calls;                 /* sessions that wait for a runner */
	TaskRef ring[QUEUE_SIZE];
} TaskQueue;

typedef struct RunnerSlot
{
	WorkerState state;
	int pid;
	Latch *latch;
	Oid database;
	Oid role;
	uint64 generation; /* counts processes of this slot */
	/* what it runs; execution_id 0: nothing; below 0: the call of that number */
	TaskRef task;
	TimestampTz since;      /* it runs that, or is idle; or was started */
	TimestampTz started_at; /* of the process */
	bool leave;             /* asked to end once it is idle */
	bool slow;              /* the function that it runs is known to be slow */
	bool rung;              /* somebody rang for its task while it ran */
} RunnerSlot;

typedef struct WaiterSlot
{
	int64 execution_id; /* 0: free */
	Oid database;
	Latch *latch;
} WaiterSlot;

/* A session that waits for a task of an activity */
typedef struct PollerSlot
{
	uint32 activity; /* hash of its name; 0: free */
	Oid database;
	bool woken; /* and has not looked since */
	Latch *latch;
} PollerSlot;

typedef enum CallState
{
	CALL_FREE = 0, /* next: WAITING */
	CALL_WAITING,  /* for a runner; next: RUNNING, REFUSED, FREE */
	CALL_RUNNING,  /* a runner has taken it; next: FREE */
	CALL_REFUSED   /* there is no runner for it; next: FREE */
} CallState;

/*
 * A session that waits for a runner of another role to run something for it.
 * The slot is the session's; what is to be run, and the way back for the answer,
 * are in a segment of shared memory of the session's own.
 */
typedef struct CallSlot
{
	CallState state;
	int64 number; /* never used twice */
	Oid database;
	Oid role;
	dsm_handle segment;
	Latch *caller;
	char cause[CALL_CAUSE]; /* REFUSED: why */
} CallSlot;

typedef struct WorkerShared
{
	LWLock *lock;    /* databases, runners, queues */
	Latch *launcher; /* NULL: none runs */
	int launcher_pid;
	pg_atomic_uint32
		settings; /* counts changes of settings that a process takes when it starts */
	pg_atomic_uint32 launcher_request; /* somebody wants it to look at the databases */

	bool crashed;           /* the server did not shut down in order before this start */
	TimestampTz started_at; /* of the server, or of its restart after a crash */

	slock_t waiters_mutex;
	pg_atomic_uint32 nwaiters;
	WaiterSlot waiters[MAX_WAITERS];

	pg_atomic_uint32 handouts_undone; /* counts hand-outs that were rolled back */
	slock_t handouts_mutex;
	HandoutSlot handouts[HANDOUTS]; /* by the last digits of their hashes */
	slock_t pollers_mutex;
	pg_atomic_uint32 npollers;
	PollerSlot pollers[MAX_POLLERS];

	int64 next_call;
	CallSlot calls[MAX_CALLS]; /* under the lock */

	uint32 slow
		[SLOW_FUNCTIONS]; /* hashes of functions that were slow, by their last digits; 0: none */

	int ndatabases; /* slots */
	int nrunners;   /* slots */
	int nqueues;
	DatabaseSlot *databases;
	RunnerSlot *runners;
	TaskQueue *queues;
} WorkerShared;

extern WorkerShared *worker_shared; /* NULL: not preloaded */
extern RunnerSlot *worker_self;     /* of this process, if it is a runner; else NULL */

/* Slot of a database, or NULL; the caller holds the lock, or owns a process of that database */
extern DatabaseSlot *shmem_find_database(Oid database);

/* Queue of a role in a database; made where create and there is room.  Under the lock. */
extern TaskQueue *shmem_find_queue(Oid database, Oid role, bool create);

/* A scheduler failed, or could not be started: when the next one may be.  Under the lock. */
extern void shmem_note_failure(SchedulerSlot *scheduler);

/* A runner ended with this task: note it, and when the next one may be started.  Under the lock. */
extern void shmem_note_death(TaskQueue *queue, const TaskRef *task);

/* How many sessions in a row ended with this task?  Under the lock. */
extern int shmem_deaths(const TaskQueue *queue, const TaskRef *task);

/* Nothing runs in the slot any more.  Under the lock. */
extern void shmem_clear_runner(RunnerSlot *runner);

/* Put a task at the end; false, and the queue is marked for a scan, where it is full.  Under the lock. */
extern bool shmem_push_task(TaskQueue *queue, const TaskRef *task);

/* Look at the whole table for this queue; a scan that is under way begins anew at its end.  Under the lock. */
extern void shmem_scan_queue(TaskQueue *queue);

/* Take the oldest task, but where skip_slow none that is slow; false where there is none.  Under the lock. */
extern bool shmem_pop_task(TaskQueue *queue, bool skip_slow, TaskRef *task);

/*
 * Are all runners of the pool but this one busy with slow tasks?  Then it is
 * kept for others.  Under the lock.
 */
extern bool shmem_is_last_runner(void);

/* Functions (by a hash) whose last call was slow; note how long one took.  Under the lock. */
extern bool shmem_is_slow(uint32 function);
extern void shmem_note_duration(uint32 function, long ms);

/* Does this runner run this very task?  Under the lock. */
extern bool shmem_runs_task(const RunnerSlot *runner, Oid database, const TaskRef *task);

/*
 * Does some runner of the database run this very task?  Then it puts it into the
 * queue once more when it has: it may have looked before what was rung for was
 * there to be seen.  Under the lock.
 */
extern bool shmem_task_is_run(Oid database, const TaskRef *task);

/* The scheduler slot that an execution belongs to */
extern SchedulerSlot *shmem_scheduler_of(DatabaseSlot *database, int64 execution_id);

/* Wake all schedulers of a database (a scan where asked for) */
extern void shmem_wake_schedulers(DatabaseSlot *database, bool scan, bool scan_tasks);

/* Wake all runners of a database (InvalidOid: of all), so that they see whether they are to leave.  Under the lock. */
extern void shmem_wake_runners(Oid database);

/* Let the launcher look at the databases */
extern void shmem_ring_launcher(void);

/* Only wake it */
extern void shmem_wake_launcher(void);

/* Let schedulers and runners of all databases start anew, each when it has done with what it does */
extern void shmem_settings_changed(void);

/* Cancel whoever runs a task of this execution (branch_id 0: any of its tasks), but not this process */
extern void shmem_cancel_task(Oid database, int64 execution_id, int64 branch_id,
							  int64 epoch);

/* ---- wake.c ---- */

/* At commit: processes that keep settings of their database or role are to start anew */
extern void wake_settings_changed(void);

/* Does the current transaction close this execution? */
extern bool wake_closes(int64 execution_id);

/* The only SQL task that this transaction has made ready, if it is of this execution and this runner's role */
extern bool wake_own_task(int64 execution_id, TaskRef *task);

/* It has been taken: nobody is told of it */
extern void wake_forget_own_task(void);

/* Wake all who wait for executions of this database */
extern void wake_all_waiters(void);

/* An own commit of a scheduler or runner: tell at once what was gathered */
extern void wake_send(void);

/* ---- poller.c ---- */

/* Listen to the store; called from worker_wake_init() */
extern void poller_init(void);

/* The transaction has ended; a subtransaction has failed: wake pollers whom that concerns */
extern void poller_at_end(bool commit);
extern void poller_at_subabort(void);

/* ---- call.c: runners for sessions that wait ---- */

/* What a runner has taken to run */
typedef struct CallRef
{
	int64 number; /* 0: nothing */
	dsm_handle segment;
} CallRef;

/* Take the call that waits for longest, if there is one.  Under the lock. */
extern CallRef call_take(TaskQueue *queue);

/* Run it and give the answer; nothing that it may throw comes out */
extern void call_run(const CallRef *call, MemoryContext context);

/* No runner can be started for the queue: tell those that wait.  Under the lock. */
extern void call_refuse_all(TaskQueue *queue, const char *cause);

/* The transaction ends while the session waits, if it does */
extern void call_at_abort(void);

/* Wake all pollers of this database */
extern void poller_wake_all(void);

/* ---- utility.c ---- */

/* The transaction ends: let our processes back into the database it kept them out of, if any */
extern void utility_readmit(void);

/* ---- launcher.c, scheduler.c, runner.c ---- */
pg_noreturn extern PGDLLEXPORT void wf_launcher_main(Datum arg);
extern PGDLLEXPORT void wf_scheduler_main(Datum arg);
extern PGDLLEXPORT void wf_runner_main(Datum arg);

/* ---- runner_pool.c: the first scheduler of a database calls these, outside of a transaction ---- */

/* Start runners where tasks wait; tells when to be called again at the latest */
extern TimestampTz runner_pool_manage(DatabaseSlot *database);

/*
 * Fail all SQL tasks of a role that no runner can be started for; false where
 * somebody has an execution of them locked: to be tried again
 */
extern bool runner_pool_refuse(const char *role, const char *cause);

#endif /* WORKFLOW_WORKER_SHMEM_H */
