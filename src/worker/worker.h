/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  What other floors may ask of the processes: wake-ups, waiting, state.
 *
 * All of it works, as far as it can, where the library is not preloaded:
 * worker_is_preloaded() is false then and nothing is woken.
 *
 * IDENTIFICATION
 *	  src/worker/worker.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_WORKER_WORKER_H
#define WORKFLOW_WORKER_WORKER_H

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

/* _PG_init(), while preloading */
extern void worker_shmem_init(void); /* shmem.c */
extern void worker_register(void);   /* launcher.c: the launcher */

/* _PG_init(), in any case: store hooks, transaction callbacks, utility hook */
extern void worker_wake_init(void);    /* wake.c */
extern void worker_utility_init(void); /* utility.c */

/* Was the library preloaded, so that there are processes at all? */
extern bool worker_is_preloaded(void);

/*
 * Wait until somebody may have closed the execution, or until deadline
 * (ENGINE_NEVER: for ever).  Usage: a loop of
 *		slot = worker_waiter_begin(execution_id);
 *		look with a fresh snapshot; break if closed
 *		worker_waiter_sleep(slot, deadline);		-- interruptible
 *		...
 *		worker_waiter_end(slot);
 * Slots are a fixed number; without a free one (slot -1) the sleep is short.
 * A slot is given back at the end of the transaction too, should an error come.
 */
extern int worker_waiter_begin(int64 execution_id);
extern void worker_waiter_sleep(int slot, TimestampTz deadline);
extern void worker_waiter_end(int slot);

/*
 * Wait until there may be a task of this activity, or until deadline.  Usage:
 *		look; return what is there
 *		worker_poller_begin(activity, stays);	-- a task that comes from here on wakes
 *		until there is one: look; worker_poller_sleep(deadline);	-- interruptible
 *		worker_poller_end(found);
 * The end of the transaction ends it, too, but for a commit where it stays.
 */
extern void worker_poller_begin(const char *activity, bool stays);
extern void worker_poller_sleep(TimestampTz deadline);
extern void worker_poller_end(bool satisfied);

/*
 * Let a runner of the machine's role run an EXPRESS execution, and wait for its
 * end, as far as its deadline goes; interruptible, holding no lock of ours.
 * Raises AccessDeniedException where the role cannot have a runner, 55000 where
 * there are none at all.  *end is allocated in CurrentMemoryContext.
 */
struct ExpressStart;
struct ExpressEnd;
extern void worker_run_express(const struct ExpressStart *start, struct ExpressEnd *end);

/* At commit of this transaction, let the launcher look at this database (again) */
extern void worker_ring_launcher(void);

/* Rows of workflow.worker: processes of this database, and what runs in them */
typedef struct WorkerInfo
{
	int pid;
	const char *kind;   /* launcher, scheduler, runner */
	Oid role;           /* of a runner */
	int64 execution_id; /* what a runner runs, or 0 */
	int64 branch_id;
	TimestampTz since; /* started at, or since when it runs that task */
	const char *state; /* starting, idle, running, suspended */
} WorkerInfo;

extern int worker_list(WorkerInfo **list); /* of this database; palloc'd */

#endif /* WORKFLOW_WORKER_WORKER_H */
