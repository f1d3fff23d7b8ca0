/*-------------------------------------------------------------------------
 *
 * durable.h
 *	  Private to the durable shell: an execution while a step works on it.
 *
 *	  durable.c         what callers ask for: advance, finish a task, stop
 *	  durable_load.c    lock and load executions, branches, answers
 *	  durable_shell.c   what the engine asks of its shell
 *	  durable_write.c   write the effects, each table once
 *
 * Everything lives in the memory of the store session.
 *
 * IDENTIFICATION
 *	  src/store/durable.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_DURABLE_H
#define WORKFLOW_STORE_DURABLE_H

#include "nodes/pg_list.h"

#include "store/rows.h"
#include "store/store.h"

/* An answer from the inbox */
typedef struct DurableAnswer
{
	int64		branch_id;
	int64		epoch;
	EngineEvent event;
} DurableAnswer;

/* An output kept for a join */
typedef struct DurableResult
{
	int64		parent_id;
	int			index;
	Value		output;
} DurableResult;

/* What the shell notes of a stored branch: EngineBranch.shell */
typedef struct DurableNote
{
	int64		parent_id;		/* 0: none */
	int64		task_epoch;		/* of the task it had out when it was loaded, 0: none */
} DurableNote;

typedef struct DurableExecution
{
	EngineExecution engine;		/* first: the engine's callbacks get a pointer to it */
	int64		id;
	const StoreRevision *revision;
	char	   *role;
	TimestampTz wake_at;		/* as stored; ENGINE_NEVER: NULL */
	TimestampTz deadline;		/* ENGINE_NEVER: NULL */
	bool		begun;			/* had begun before this step: may have rows in branch, task, iteration */

	List	   *branches;		/* of EngineBranch: loaded or made in this step */
	bool		all_loaded;		/* branches has every open branch */
	List	   *due;			/* of EngineBranch: what the step was to run */
	List	   *answers;		/* of DurableAnswer */
	List	   *results;		/* of DurableResult: kept in this step, not yet joined */
	List	   *scheduled;		/* of EngineTask: to be inserted */
	List	   *emptied;		/* of EngineBranch: whose kept outputs in the table are to be deleted */
} DurableExecution;

/* A stored document that nobody has looked at: its datum, perhaps toasted */
#define DURABLE_STORED(datum) ((void *) DatumGetPointer(datum))

/* ---- durable_load.c ---- */

typedef enum DurableLock
{
	DURABLE_SKIP_LOCKED,		/* FOR NO KEY UPDATE SKIP LOCKED: schedulers */
	DURABLE_WAIT,				/* FOR NO KEY UPDATE: runners with a result */
	DURABLE_WAIT_CLOSE,			/* FOR UPDATE: to stop it */
	DURABLE_TRY_CLOSE			/* FOR UPDATE SKIP LOCKED */
} DurableLock;

/* Lock and load agenda rows: a list of DurableExecution; what is gone or locked is left out */
extern List *durable_lock(const int64 *ids, int count, DurableLock lock, TimestampTz now);

/* Load what is due by now: answers, timers, used-up turns, with all their ancestors */
extern void durable_load_due(List *executions, TimestampTz now);

/* Load one branch and its ancestors; NULL where it is gone */
extern EngineBranch *durable_load_branch(DurableExecution *execution, int64 branch_id);

/* Load all open branches that are not there yet */
extern void durable_load_all(DurableExecution *execution);

extern EngineBranch *durable_find_branch(DurableExecution *execution, int64 branch_id);

/* ---- durable_shell.c ---- */
extern const EngineShell durable_engine_shell;

/* ---- durable_write.c ---- */

/*
 * Write what the step did to these executions.  Where try_close, an execution
 * that ended but that a sender holds is left out whole (counted as skipped).
 */
extern void durable_write(List *executions, bool try_close, StoreStep *step);

#endif /* WORKFLOW_STORE_DURABLE_H */
