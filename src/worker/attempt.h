/*-------------------------------------------------------------------------
 *
 * attempt.h
 *	  Attempts of a runner at its task.  Private to src/worker.
 *
 * IDENTIFICATION
 *	  src/worker/attempt.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_WORKER_ATTEMPT_H
#define WORKFLOW_WORKER_ATTEMPT_H

#include "task/task.h"
#include "worker/shmem.h"

typedef enum AttemptResult
{
	ATTEMPT_DONE,     /* committed, or void */
	ATTEMPT_FAILED,   /* the task's error is in outcome */
	ATTEMPT_AGAIN,    /* with another isolation level, or without a chain */
	ATTEMPT_BROKEN,   /* failed behind the function: error in outcome, too */
	ATTEMPT_CONFLICT, /* the same, since another transaction was in the way */
	ATTEMPT_PUT_BACK  /* a slow task, and this is the last free runner */
} AttemptResult;

/* How far an attempt came: decides what an error means */
typedef enum AttemptPhase
{
	ATTEMPT_READS,   /* our own statements before the call */
	ATTEMPT_CALLS,   /* the user's code */
	ATTEMPT_FINISHES /* the transition and the commit */
} AttemptPhase;

typedef struct Attempt
{
	TaskRef ref;           /* the task that the runner took */
	MemoryContext context; /* for all that it needs */
	int isolation; /* of its transaction; changed where the function wants another one */
	bool alone;    /* it may not share its transaction with the next task */
	TaskOutcome outcome;
	/* private, from here on */
	AttemptPhase phase;
	bool is_read;           /* task and call are known */
	StoreTask task;         /* the task of ref ... */
	TaskCall call;          /* ... and what it calls */
	int chained;            /* tasks of the transaction before the present one */
	TimestampTz timeout_at; /* of the present one */
} Attempt;

/* Make one attempt; nothing that it may throw comes out */
extern AttemptResult attempt_task(Attempt *attempt);

/* Record the error in a transaction of its own; false where that failed, too */
extern bool attempt_record(Attempt *attempt, TimestampTz started_at);

/* Not even the error can be recorded: close the execution */
extern void attempt_give_up(Attempt *attempt);

#endif /* WORKFLOW_WORKER_ATTEMPT_H */
