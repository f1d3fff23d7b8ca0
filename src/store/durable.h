/*-------------------------------------------------------------------------
 *
 * durable.h
 *	  Private to the durable shell: an execution while a step works on it.
 *
 *	  durable.c         what callers ask for: advance, finish a task, stop
 *	  durable_load.c    lock and load executions, branches, answers
 *	  durable_shell.c   what the engine asks of its shell
 *	  durable_task.c    rows of tasks
 *	  durable_write.c   write the effects, each table once
 *	  child.c           messages between executions
 *	  map_run.c         Map Runs: what has come for them, and what they do next
 *	  map_run_write.c   their rows, and children to start
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

#include "lib/ilist.h"
#include "nodes/pg_list.h"
#include "utils/hsearch.h"

#include "store/rows.h"
#include "store/store.h"

/* An answer from the inbox */
typedef struct DurableAnswer
{
	int64 branch_id;
	int64 epoch;
	bool of_call;  /* of the call itself, by a worker */
	bool of_child; /* the child's own end */
	/* 0: the call has returned; else when a worker began it, DT_NOBEGIN: no worker has */
	TimestampTz call_started_at;
	EngineEvent event;
} DurableAnswer;

/* A task that was scheduled in this step */
typedef struct DurableTask
{
	EngineTask engine;
	const char *activity; /* whose workers do it; NULL: a runner does */
} DurableTask;

/* An output kept for a join */
typedef struct DurableResult
{
	int index; /* of the child */
	Value output;
} DurableResult;

/* A Map Run that a branch has open, or that ended in this step */
typedef struct DurableMapRun
{
	EngineMapRun engine; /* first: the engine gets a pointer to it */
	int64 id;
	int64 branch_id; /* that it belongs to */
	int64 epoch;     /* of that while it is open */
	const char *state;
	const char *label;
	const char *name;
	TimestampTz started_at;
	EngineMapRunStatus status;
	bool stopping;     /* its children are to stop: said in this step */
	Value request;     /* its results are to be written when it is over, or undefined */
	bool stored;       /* has a row */
	int64 started;     /* children started so far */
	int starting;      /* and those of this step */
	StoreRows *inputs; /* made in this step: ORDER MAP ITEM COLUMNS; NULL: none */
} DurableMapRun;

/* Children of a Map Run that have ended the same way */
typedef struct DurableItemEnd
{
	int64 branch_id;
	int64 epoch;
	EngineStatus status;
	int64 executions;
	int64 items;
} DurableItemEnd;

/* What the shell notes of a branch: EngineBranch.shell; see durable_note() */
typedef struct DurableNote
{
	EngineBranch *branch;
	dlist_node node;     /* in children of its parent, until it is done */
	dlist_head children; /* of DurableNote: open ones that are in memory */
	int nresults;        /* outputs of children, kept in this step */
	int capacity;
	DurableResult *results;
	bool emptied; /* outputs that were kept before are to be deleted */
	/* of a stored branch */
	int64 parent_id;  /* 0: none */
	int64 task_epoch; /* of the task it had out when it was loaded, 0: none */
	bool shared;      /* others may lock the rows of that task */
	bool has_child;   /* that task waits for the end of an execution ... */
	bool answered;    /* ... and has its answer: there is nobody to stop */
	TimestampTz
		started_at;     /* when a worker was handed it; ENGINE_NEVER: not, or not known */
	const char *worker; /* workerName, or NULL */
	int64 map_epoch;    /* of the Map Run that it had open when it was loaded, 0: none */
	int64 map_task;     /* epoch of the task that this had out then, 0: none */
	DurableMapRun *map_run; /* or NULL: none, or not loaded */
} DurableNote;

/* The row of a task that a deadline was read from */
typedef struct DurableDeadline
{
	int64 branch_id;
	int64 epoch;
	const char *kind;
	const char *version; /* transaction that has made it what it was then */
} DurableDeadline;

typedef struct DurableExecution
{
	EngineExecution engine; /* first: the engine's callbacks get a pointer to it */
	int64 id;
	const StoreRevision *revision;
	char *role;
	int64 parent_id;        /* the execution that waits for its end, 0: none */
	int64 parent_branch_id; /* and its task */
	int64 parent_epoch;
	int64 map_run_id; /* that it is a child of, 0: none */
	char *map_run_label;
	char *map_run_name;
	int item_count;       /* of the items in its input */
	bool has_map_runs;    /* may have: some of its states are distributed Maps */
	TimestampTz wake_at;  /* as stored; ENGINE_NEVER: NULL */
	TimestampTz deadline; /* ENGINE_NEVER: NULL */
	bool begun; /* had begun before this step: may have rows in branch, task, iteration */

	int turn; /* states that it may pass in this step */

	List *branches; /* of EngineBranch: loaded or made in this step */
	HTAB *
		by_id; /* of the first nindexed ones, or NULL; private to durable_find_branch() */
	int nindexed;
	bool all_loaded; /* branches has every open branch */
	List *due;       /* of EngineBranch: what the step was to run */
	List *answers;   /* of DurableAnswer */
	List *messages;  /* of int64 *: ids of those that were read */
	List *item_ends; /* of DurableItemEnd: of its Map Runs */
	List *updates;   /* of DurableUpdate: of their settings */
	List *map_runs;  /* of DurableMapRun: to be written */
	bool stopped;    /* its parent wants it to stop */
	List *scheduled; /* of DurableTask: to be inserted */
	List *
		submitted; /* of EngineBranch: the call of its task has returned, the task goes on */
	bool
		voids; /* a stored task was ended from here: who sends an answer must not win, too */
	bool locked;     /* FOR UPDATE: nobody sends anything now */
	List *deadlines; /* of DurableDeadline: those that were read */
	bool moved;      /* what one of them was read from has changed since */
} DurableExecution;

/* A stored document that nobody has looked at: its datum, perhaps toasted */
#define DURABLE_STORED(datum) ((void *) DatumGetPointer(datum))

/* ---- durable_load.c ---- */

typedef enum DurableLock
{
	DURABLE_SKIP_LOCKED, /* FOR NO KEY UPDATE SKIP LOCKED: schedulers */
	DURABLE_LOOK,        /* no lock: who only reads */
	DURABLE_WAIT,        /* FOR NO KEY UPDATE: runners with a result */
	DURABLE_WAIT_CLOSE,  /* FOR UPDATE: to stop it */
	DURABLE_TRY_CLOSE    /* FOR UPDATE SKIP LOCKED */
} DurableLock;

/* Lock and load agenda rows: a list of DurableExecution; what is gone or locked is left out */
extern List *durable_lock(const int64 *ids, int count, DurableLock lock, TimestampTz now);

/* Load what is due by now: answers, timers, used-up turns, with all their ancestors */
extern void durable_load_due(List *executions, TimestampTz now);

/* Load one branch and its ancestors; NULL where it is gone */
extern EngineBranch *durable_load_branch(DurableExecution *execution, int64 branch_id);

/* Load all open branches that are not there yet */
extern void durable_load_all(DurableExecution *execution);

/* One of the list, by its id; it has to be there */
extern DurableExecution *durable_find_execution(List *executions, int64 id);

extern EngineBranch *durable_find_branch(DurableExecution *execution, int64 branch_id);

/* The note of a branch, made where there is none yet */
extern DurableNote *durable_note(EngineBranch *branch);

/* ---- durable_shell.c ---- */
extern const EngineShell durable_engine_shell;

/* ---- durable_task.c ---- */

/* Find out which scheduled tasks are for workers though their Resource does not say so */
extern void durable_resolve_tasks(List *executions, TimestampTz now);

/* Columns of their rows: ORDER TASK COLUMNS, durable_write.c has the statement */
extern void durable_add_tasks(StoreRows *rows, DurableExecution *execution);

/* Deadlines of due tasks as they are; others may have moved them */
extern void durable_load_deadlines(List *executions, TimestampTz now);

/* May others lock the rows of such a task? */
extern bool durable_is_shared(const AslResource *resource);

/* Delete rows, those in shared as far as nobody holds them: by (execution_id, branch_id), by execution_id */
extern void durable_delete_tasks(StoreRows *own, StoreRows *shared);
extern void durable_delete_all_tasks(StoreRows *own, StoreRows *shared);

/* Delete rows of calls that have returned, by (execution_id, branch_id, epoch) */
extern void durable_delete_calls(StoreRows *rows);

/* ---- child.c ---- */

/* Read messages: ends of children become answers, and who is to stop is marked */
extern void durable_load_messages(List *executions);

/* Does such a task start an execution and wait for its end? */
extern bool durable_has_child(const AslResource *resource);

/* Leave messages: for parents, by (parent, branch, epoch, child, is of a Map Run, status, items); for children of (execution, branch, epoch), of execution */
extern void durable_tell_parents(StoreRows *ended);
extern void durable_stop_children(StoreRows *tasks);
extern void durable_stop_all_children(StoreRows *executions);

/* Delete messages, by (execution_id, id) */
extern void durable_delete_messages(StoreRows *read);

/* ---- map_run.c ---- */

/* Other settings for a Map Run */
typedef struct DurableUpdate
{
	int64 branch_id;
	int64 epoch;
	Value settings;
} DurableUpdate;

/* Of the engine's shell */
extern EngineMapRun *durable_start_map_run(EngineExecution *engine, EngineBranch *branch,
										   const EngineMapRun *run);
extern void durable_add_map_input(EngineExecution *engine, EngineBranch *branch,
								  Value input, int nitems);
extern Value durable_take_map_results(EngineExecution *engine, EngineBranch *branch);
extern void durable_stop_map_children(EngineExecution *engine, EngineBranch *branch);
extern void durable_write_map_results(EngineExecution *engine, EngineBranch *branch,
									  Value request);
extern void durable_end_map_run(EngineExecution *engine, EngineBranch *branch,
								EngineMapRunStatus status);

/* Note the end of a child */
extern void durable_note_item(DurableExecution *execution, int64 branch_id, int64 epoch,
							  const char *status, int items);

/* Load the open Map Runs of loaded branches, and of those that something has come for; and take that in */
extern void durable_load_map_runs(List *executions);

/* Which children are to be started in this step, and whether there is more to do */
extern void durable_plan_children(DurableExecution *execution);

/* The execution is to be closed: say so of its open Map Runs */
extern void durable_abort_map_runs(DurableExecution *execution);

/* ---- map_run_write.c ---- */

/* Write Map Runs, inputs and children of executions */
extern void durable_write_map_runs(List *executions, TimestampTz now);

/* Map Runs of executions that are closed, by (execution, status, time) */
extern void durable_close_map_runs(StoreRows *closed);

/* A child has ended that no Map Run of these executions waits for: ids as an array */
extern void durable_ring_results(Datum execution_ids);

/* ---- durable_leave.c ---- */

/* Without executions that the step may not write because of who sends something */
extern List *durable_leave_locked(List *executions, StoreStep *step);

/* ---- durable_write.c ---- */

/*
 * Write what the step did to these executions.  Where try_close, an execution
 * that ended but that a sender holds is left out whole (counted as skipped).
 */
extern void durable_write(List *executions, bool try_close, StoreStep *step);

#endif /* WORKFLOW_STORE_DURABLE_H */
