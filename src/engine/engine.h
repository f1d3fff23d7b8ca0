/*-------------------------------------------------------------------------
 *
 * engine.h
 *	  The pure core: executions, branches, events in, effects out.
 *
 * An execution is a tree of open branches (threads of control).  The engine is
 * given one branch and one event, moves the branch as far as it goes, and
 * leaves what follows in the execution's effect list: history events, tasks to
 * schedule, children to start, the end.  It reads no table, no clock and no
 * random source: time, ids and randomness come in.  It raises no ASL error
 * with ereport.  engine_run() is the loop that feeds children's ends to their
 * parents; a shell (store/durable.c, engine/memory.c) does the rest through
 * EngineShell.
 *
 * Knows compiled machines and values; must not know tables, processes, SQL.
 *
 * IDENTIFICATION
 *	  src/engine/engine.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ENGINE_ENGINE_H
#define WORKFLOW_ENGINE_ENGINE_H

#include "asl/asl.h"
#include "datatype/timestamp.h"

/* No id, no time */
#define ENGINE_NO_EVENT 0
#define ENGINE_NEVER DT_NOEND

typedef struct EngineExecution EngineExecution;
typedef struct EngineBranch EngineBranch;

/*
 * Where a branch stands; stored as a number, never renumber.  Who may follow:
 * READY any; WAITING READY; RETRYING TASK, JOINING, MAP_RUN; TASK READY, RETRYING;
 * JOINING READY, RETRYING; MAP_RUN READY, RETRYING; DONE GONE; and GONE anyone.
 */
typedef enum EnginePhase
{
	ENGINE_READY = 0,    /* runs when somebody lets it: a new branch, a turn used up */
	ENGINE_WAITING = 1,  /* Wait state until due */
	ENGINE_RETRYING = 2, /* until the next attempt is due */
	ENGINE_TASK = 3,     /* a task was handed out; due is its timeout or heartbeat */
	ENGINE_JOINING = 4,  /* children run; due: a Map starts more of them then */
	ENGINE_DONE = 5,     /* ended with an output, which the shell keeps */
	ENGINE_GONE = 6,     /* ended, aborted or joined: its rows are to be deleted */
	ENGINE_MAP_RUN = 7   /* a Map Run is open: its children are executions of their own */
} EnginePhase;

/*
 * A document that may not have been fetched yet: of a stored branch, a shell
 * sets stored and leaves value VALUE_UNDEFINED; engine_document() asks
 * EngineShell.fetch for it once.
 */
typedef struct EngineDocument
{
	Value value;  /* VALUE_UNDEFINED until fetched */
	void *stored; /* what fetch() takes, or NULL */
	bool changed; /* set by the engine when it puts a new value in */
} EngineDocument;

struct EngineBranch
{
	int64 id;              /* 1 is the root; unique in the execution, never used again */
	EngineBranch *parent;  /* NULL: the root */
	int index;             /* number of the Parallel branch or Map iteration */
	const AslScope *scope; /* where its states are */
	const AslState *state; /* NULL: not started */
	EnginePhase phase;
	bool entered; /* the state's Entered event is written; false where READY */

	EngineDocument input;     /* raw input of the state, or of the next one where READY */
	EngineDocument variables; /* object of this level's variables, or undefined */
	EngineDocument work;      /* what the state keeps while it works, or undefined */

	int64 epoch;        /* of what was handed out last; from EngineExecution.next_epoch */
	int64 entered_id;   /* id of the state's Entered event */
	int64 entered_prev; /* and its previousEventId */
	TimestampTz entered_at;
	int64 tip;       /* last event of its chain: previousEventId of the next one */
	int retry_count; /* retries of this visit */
	int nretries;    /* counters per retrier, or 0 where none was used yet */
	int *retries;
	TimestampTz due; /* timer of the phase, or ENGINE_NEVER; of a task the earlier of: */
	TimestampTz task_timeout;   /* of a task, or ENGINE_NEVER */
	TimestampTz task_heartbeat; /* of a task, or ENGINE_NEVER */
	int pending;                /* JOINING: children that run */
	int started;                /* JOINING: children started so far */

	/* not stored: of a Map, what it runs over, once looked at; could it start more? */
	struct EngineItems *items;
	bool wants_more;

	bool changed; /* by the engine since the shell loaded or made it */
	bool stored;  /* shell: has a row */
	void *shell;  /* shell's own */
};

/* ---- history ---- */

/* X(type, number as stored (never changes), name of its details member or NULL) */
#define ENGINE_HISTORY_LIST(X)                                                           \
	X(ExecutionStarted, 1, "executionStartedEventDetails")                               \
	X(ExecutionSucceeded, 2, "executionSucceededEventDetails")                           \
	X(ExecutionFailed, 3, "executionFailedEventDetails")                                 \
	X(ExecutionTimedOut, 4, "executionTimedOutEventDetails")                             \
	X(ExecutionAborted, 5, "executionAbortedEventDetails")                               \
	X(ExecutionRedriven, 6, "executionRedrivenEventDetails")                             \
	X(PassStateEntered, 10, "stateEnteredEventDetails")                                  \
	X(PassStateExited, 11, "stateExitedEventDetails")                                    \
	X(TaskStateEntered, 12, "stateEnteredEventDetails")                                  \
	X(TaskStateExited, 13, "stateExitedEventDetails")                                    \
	X(TaskStateAborted, 14, NULL)                                                        \
	X(ChoiceStateEntered, 15, "stateEnteredEventDetails")                                \
	X(ChoiceStateExited, 16, "stateExitedEventDetails")                                  \
	X(WaitStateEntered, 17, "stateEnteredEventDetails")                                  \
	X(WaitStateExited, 18, "stateExitedEventDetails")                                    \
	X(WaitStateAborted, 19, NULL)                                                        \
	X(SucceedStateEntered, 20, "stateEnteredEventDetails")                               \
	X(SucceedStateExited, 21, "stateExitedEventDetails")                                 \
	X(FailStateEntered, 22, "stateEnteredEventDetails")                                  \
	X(ParallelStateEntered, 23, "stateEnteredEventDetails")                              \
	X(ParallelStateStarted, 24, NULL)                                                    \
	X(ParallelStateSucceeded, 25, NULL)                                                  \
	X(ParallelStateFailed, 26, NULL)                                                     \
	X(ParallelStateAborted, 27, NULL)                                                    \
	X(ParallelStateExited, 28, "stateExitedEventDetails")                                \
	X(MapStateEntered, 29, "stateEnteredEventDetails")                                   \
	X(MapStateStarted, 30, "mapStateStartedEventDetails")                                \
	X(MapStateSucceeded, 31, NULL)                                                       \
	X(MapStateFailed, 32, NULL)                                                          \
	X(MapStateAborted, 33, NULL)                                                         \
	X(MapStateExited, 34, "stateExitedEventDetails")                                     \
	X(MapIterationStarted, 35, "mapIterationStartedEventDetails")                        \
	X(MapIterationSucceeded, 36, "mapIterationSucceededEventDetails")                    \
	X(MapIterationFailed, 37, "mapIterationFailedEventDetails")                          \
	X(MapIterationAborted, 38, "mapIterationAbortedEventDetails")                        \
	X(MapRunStarted, 39, "mapRunStartedEventDetails")                                    \
	X(MapRunSucceeded, 40, NULL)                                                         \
	X(MapRunFailed, 41, "mapRunFailedEventDetails")                                      \
	X(MapRunAborted, 42, NULL)                                                           \
	X(MapRunRedriven, 43, "mapRunRedrivenEventDetails")                                  \
	X(LambdaFunctionScheduled, 50, "lambdaFunctionScheduledEventDetails")                \
	X(LambdaFunctionScheduleFailed, 51, "lambdaFunctionScheduleFailedEventDetails")      \
	X(LambdaFunctionStarted, 52, NULL)                                                   \
	X(LambdaFunctionStartFailed, 53, "lambdaFunctionStartFailedEventDetails")            \
	X(LambdaFunctionSucceeded, 54, "lambdaFunctionSucceededEventDetails")                \
	X(LambdaFunctionFailed, 55, "lambdaFunctionFailedEventDetails")                      \
	X(LambdaFunctionTimedOut, 56, "lambdaFunctionTimedOutEventDetails")                  \
	X(ActivityScheduled, 57, "activityScheduledEventDetails")                            \
	X(ActivityScheduleFailed, 58, "activityScheduleFailedEventDetails")                  \
	X(ActivityStarted, 59, "activityStartedEventDetails")                                \
	X(ActivitySucceeded, 60, "activitySucceededEventDetails")                            \
	X(ActivityFailed, 61, "activityFailedEventDetails")                                  \
	X(ActivityTimedOut, 62, "activityTimedOutEventDetails")                              \
	X(TaskScheduled, 63, "taskScheduledEventDetails")                                    \
	X(TaskStarted, 64, "taskStartedEventDetails")                                        \
	X(TaskStartFailed, 65, "taskStartFailedEventDetails")                                \
	X(TaskSubmitted, 66, "taskSubmittedEventDetails")                                    \
	X(TaskSubmitFailed, 67, "taskSubmitFailedEventDetails")                              \
	X(TaskSucceeded, 68, "taskSucceededEventDetails")                                    \
	X(TaskFailed, 69, "taskFailedEventDetails")                                          \
	X(TaskTimedOut, 70, "taskTimedOutEventDetails")                                      \
	X(EvaluationFailed, 71, "evaluationFailedEventDetails")

#define ENGINE_HISTORY_ENUM(type, number, details) ENGINE_##type = number,
typedef enum EngineHistoryType
{
	ENGINE_HISTORY_LIST(ENGINE_HISTORY_ENUM)
} EngineHistoryType;
#undef ENGINE_HISTORY_ENUM

/*
 * One event of the history, before it is written.  Which members count depends
 * on the type; absent ones are NULL, VALUE_UNDEFINED, 0 or -1.
 */
typedef struct EngineHistoryEvent
{
	EngineHistoryType type;
	int64 id;
	int64 prev;
	TimestampTz at;
	const char *name;          /* state (entered, exited, iteration, evaluation) */
	Value payload;             /* input, output or parameters, whichever the type has */
	Value variables;           /* exited: assignedVariables, an object of values */
	const char *resource_type; /* task events */
	const char *resource;      /* task, lambda and activity events */
	int64 timeout;             /* timeoutInSeconds, or -1 */
	int64 heartbeat;           /* heartbeatInSeconds, or -1 */
	const char *credentials;   /* roleArn of taskCredentials, or NULL */
	const char *error;         /* or NULL */
	const char *cause;         /* or NULL */
	int64 number; /* index of an iteration, length of a Map, redriveCount; or -1 */
	/* roleArn of ExecutionStarted, workerName, mapRunArn, location of EvaluationFailed */
	const char *text;
	const char *version_arn; /* ExecutionStarted: stateMachineVersionArn, or NULL */
	const char *alias_arn;   /* ExecutionStarted: stateMachineAliasArn, or NULL */
} EngineHistoryEvent;

/* ---- events in ---- */

typedef enum EngineEventKind
{
	ENGINE_EVENT_RUN,   /* start, or go on after a turn was used up */
	ENGINE_EVENT_TIMER, /* now >= branch->due */
	/* the call returned (output), the task goes on (.waitForTaskToken, .sync) */
	ENGINE_EVENT_TASK_SUBMITTED,
	ENGINE_EVENT_TASK_SUCCEEDED,  /* output */
	ENGINE_EVENT_TASK_FAILED,     /* error, cause */
	ENGINE_EVENT_CHILD_SUCCEEDED, /* child; its output is kept by the shell */
	ENGINE_EVENT_CHILD_FAILED,    /* child, error, cause, siblings */
	ENGINE_EVENT_JOINED,          /* output: array of the children's outputs in order */
	ENGINE_EVENT_MAP_RUN, /* map_run: there is room for inputs, or children have ended */
	ENGINE_EVENT_MORE     /* the engine's own: a Map may start more iterations */
} EngineEventKind;

typedef struct EngineEvent
{
	EngineEventKind kind;
	Value output;
	const char *error; /* or NULL: failed without a name */
	const char *cause; /* or NULL */
	bool heartbeat;    /* CHILD_FAILED: the timeout was one of a heartbeat */
	bool started; /* TASK_*, TIMER of a task: it had been started, write that event */
	TimestampTz started_at;
	const char *worker;           /* workerName of an activity, or NULL */
	struct EngineMapRun *map_run; /* MAP_RUN, and TASK_* of a Map Run's task */
	EngineBranch *child;          /* CHILD_* */
	/* CHILD_FAILED: all open descendants of the parent but child, in id order */
	int nsiblings;
	EngineBranch **siblings;
} EngineEvent;

/* ---- effects out ---- */

/* A task to hand out; lives as long as the step */
typedef struct EngineTask
{
	EngineBranch *branch;
	int64 epoch; /* = branch->epoch */
	const AslTask *state;
	Value input;          /* Parameters or Arguments evaluated, or the effective input */
	const char *role_arn; /* Credentials, or NULL */
	int64 timeout;        /* seconds, or -1 */
	int64 heartbeat;      /* seconds, or -1 */
	const char *token;    /* task token (activity, .waitForTaskToken, .sync), or NULL */
} EngineTask;

/* Items, or child executions, of a Map Run; what is none of these is pending */
typedef struct EngineMapCounts
{
	int64 total; /* that are known so far */
	int64 running;
	int64 succeeded;
	int64 failed;
	int64 timed_out;
	int64 aborted;
} EngineMapCounts;

/*
 * A Map Run: one start of a distributed Map state.  The shell keeps it, starts
 * child executions and counts how they end; the engine makes their inputs, and
 * says when the run is over.
 */
typedef struct EngineMapRun
{
	/* from the state, when it starts; the shell may change them (UpdateMapRun) */
	int64
		max_concurrency; /* child executions at a time; 0: as many as the shell allows */
	int64 tolerated_count;       /* 0: not given */
	double tolerated_percentage; /* 0: not given */
	/* the shell's */
	const char *arn;
	/* items from a reader: a task reads them and makes the inputs */
	bool has_reader;
	bool complete;    /* all inputs have been made */
	bool stopped;     /* it has failed: no more children start, those that run are cut */
	bool written;     /* a ResultWriter has written the results */
	int64 next_item;  /* items that inputs have been made of */
	int room;         /* inputs that the shell takes now ... */
	int64 room_bytes; /* ... and about how large they may be together */
	EngineMapCounts items;
	EngineMapCounts executions;
} EngineMapRun;

typedef enum EngineMapRunStatus
{
	ENGINE_MAP_RUN_RUNNING = 0,
	ENGINE_MAP_RUN_SUCCEEDED,
	ENGINE_MAP_RUN_FAILED,
	ENGINE_MAP_RUN_ABORTED
} EngineMapRunStatus;

typedef enum EngineStatus
{
	ENGINE_RUNNING = 0,
	ENGINE_SUCCEEDED,
	ENGINE_FAILED,
	ENGINE_TIMED_OUT,
	ENGINE_ABORTED
} EngineStatus;

extern const char *engine_status_name(EngineStatus status); /* "RUNNING", ... */

/*
 * What a shell does for the engine.  All of it may ereport (out of memory,
 * cancel, a broken table); none of it fails otherwise.
 */
typedef struct EngineShell
{
	/* a document that was not loaded */
	Value (*fetch)(EngineExecution *execution, void *stored);
	/* all open descendants of a branch, in id order, but for GONE ones */
	void (*load_descendants)(EngineExecution *execution, EngineBranch *branch,
							 EngineBranch ***descendants, int *count);
	/* a new child, for the shell's bookkeeping; engine_run() itself runs it afterwards */
	void (*child_started)(EngineExecution *execution, EngineBranch *child);
	/* a child ended with this output: keep it until its parent joins */
	void (*keep_result)(EngineExecution *execution, EngineBranch *child, Value output);
	/* the kept outputs of a branch's children by index, as an array; and forget them */
	Value (*take_results)(EngineExecution *execution, EngineBranch *parent);
	/* forget kept outputs (the state failed or starts again) */
	void (*drop_results)(EngineExecution *execution, EngineBranch *parent);
	/* a task is to be handed out; or no longer (its branch was aborted, it timed out) */
	void (*schedule_task)(EngineExecution *execution, const EngineTask *task);
	void (*void_task)(EngineExecution *execution, EngineBranch *branch);
	/* a task token for this branch and epoch, palloc'd */
	char *(*make_token)(EngineExecution *execution, EngineBranch *branch, int64 epoch);
	/*
	 * May be NULL.  Why the task cannot even be scheduled ("The activity ARN
	 * does not exist."), or NULL: then no event of it is written and the
	 * execution fails with States.Runtime.
	 */
	char *(*refuse_task)(EngineExecution *execution, const EngineTask *task);
	/*
	 * A Map Run begins, with what *run says: the shell gives it a name and keeps it,
	 * and where items come from memory makes room for inputs.
	 */
	EngineMapRun *(*start_map_run)(EngineExecution *execution, EngineBranch *branch,
								   const EngineMapRun *run);
	/* the input of its next child execution, of so many items */
	void (*add_map_input)(EngineExecution *execution, EngineBranch *branch, Value input,
						  int nitems);
	/* outputs of its children that have succeeded, in the order of their inputs */
	Value (*take_map_results)(EngineExecution *execution, EngineBranch *branch);
	/* it is about to be over: children that run are to be stopped, and their ends still
	 * count; what has not started never starts, but its inputs are kept */
	void (*stop_map_children)(EngineExecution *execution, EngineBranch *branch);
	/* may be NULL; it is about to be aborted: what becomes of each input is to be written, for
	 * this request, when its children have ended */
	void (*write_map_results)(EngineExecution *execution, EngineBranch *branch,
							  Value request);
	/* it is over; children that run are to be stopped, what has not started never starts */
	void (*end_map_run)(EngineExecution *execution, EngineBranch *branch,
						EngineMapRunStatus status);
	/* may be NULL; branch->changed has just become true */
	void (*branch_changed)(EngineExecution *execution, EngineBranch *branch);
} EngineShell;

struct EngineExecution
{
	/* what it is; set by the shell */
	const AslMachine *machine;
	const AslScope
		*scope; /* of a child of a Map Run: the states that it runs; else NULL */
	const EngineShell *shell;
	void *shell_data;
	const char *arn;
	const char *name;
	const char *machine_arn;
	const char *machine_name;
	const char *role_arn;
	const char *version_arn; /* or NULL */
	const char *alias_arn;   /* or NULL */
	TimestampTz started_at;
	EngineDocument input; /* the execution's own input */
	int redrive_count;
	TimestampTz redriven_at; /* or ENGINE_NEVER */
	bool express_sync;       /* no RedriveCount in the context object */
	bool no_history;         /* events are numbered, but not kept */

	/* limits; 0: none */
	int64 max_payload; /* bytes of JSON text */
	int64 max_events;
	int max_steps; /* states per engine_run() before the turn is over; < 0: not even one */
	int max_concurrency;      /* iterations of an inline Map at a time */
	const EvalLimits *limits; /* of expressions, or NULL */

	/* of this step; set by the shell */
	TimestampTz now;
	pg_prng_state *random;

	/* counters; loaded and stored by the shell */
	int64 next_event_id; /* 1 at first */
	int64 next_epoch; /* ids of branches, epochs of tasks; 2 at first (1 is the root) */
	TimestampTz last_event_at; /* event times never decrease */

	/* effects of this step */
	int nhistory;
	int history_capacity;
	EngineHistoryEvent *history;
	int nsteps; /* states passed */

	/* the end */
	EngineStatus status; /* RUNNING until then */
	Value output;
	const char *error; /* or NULL */
	const char *cause; /* or NULL */
};

/* ---- advance.c ---- */

/*
 * Make the root branch of a new execution and write ExecutionStarted.  The
 * caller runs it with ENGINE_EVENT_RUN.
 */
extern EngineBranch *engine_start(EngineExecution *execution);

/*
 * Give one branch one event, and then whatever follows from it (new children,
 * children's ends) until everything is blocked, ended, or has used up its turn
 * (branches left READY).  Afterwards execution->status tells whether it ended.
 */
extern void engine_run(EngineExecution *execution, EngineBranch *branch,
					   const EngineEvent *event);

/* Close it: StopExecution (ABORTED) or the machine's timeout (TIMED_OUT) */
extern void engine_stop(EngineExecution *execution, const char *error, const char *cause);
extern void engine_time_out(EngineExecution *execution);

/* Close it as FAILED from outside: a fault that is not the definition's (States.Runtime) */
extern void engine_fail(EngineExecution *execution, const char *error, const char *cause);

/*
 * For a shell that is about to store a branch and forget what is in memory: put
 * next to it what would be expensive to find again (the next inputs of a Map's
 * iterations, so that starting one of them does not read all items).
 */
extern void engine_look_ahead(EngineExecution *execution, EngineBranch *branch);

/* ---- map_run.c ---- */

/*
 * What runners do for a Map Run is handed out as tasks with these resources: reading
 * the items, for {"items", "executions"}, inputs that were put aside; and writing the
 * results, for the state's result.  Their input is {"Arguments", "MaxItems"}.  Such a
 * task has an epoch of its own: the Map Run's stays its branch's.
 */
#define ENGINE_ITEM_READER "workflow:itemReader"
#define ENGINE_RESULT_WRITER "workflow:resultWriter"

/* The epoch of the task that a Map Run has out, or 0 */
extern int64 engine_map_task(EngineExecution *execution, EngineBranch *branch);

/* Has it been stopped?  For a shell that loads a Map Run: EngineMapRun.stopped */
extern bool engine_map_stopped(EngineExecution *execution, EngineBranch *branch);

/*
 * The execution is about to be closed from outside: say so of a branch that has a
 * Map Run open.
 */
extern void engine_abort_map_run(EngineExecution *execution, EngineBranch *branch);

/*
 * Inputs of children, from items that come one after another: for a shell that
 * reads them.  A batcher evaluates ItemSelector and ItemBatcher of the branch's
 * state.  What it keeps and gives lives in memory of its own, so that the caller's
 * can be reset after each item; an input lives until the next call.
 */
typedef struct EngineBatcher EngineBatcher;

/* For items from number first on; NULL where the state's fields are wrong: *error */
extern EngineBatcher *engine_batcher_new(EngineExecution *execution, EngineBranch *branch,
										 int64 first, WfError *error);

/*
 * Add an item (key: undefined but for members of an object; source: as the context
 * object shows it, or NULL).  Where that completes an input, *input is it and
 * *nitems the number of its items, else undefined: an item that no longer fits
 * into a batch begins the next one.  false: *error.
 */
pg_nodiscard extern bool engine_batcher_add(EngineBatcher *batcher, Value key, Value item,
											const char *source, Value *input, int *nitems,
											WfError *error);

/* The last input; undefined: there is none */
extern void engine_batcher_end(EngineBatcher *batcher, Value *input, int *nitems);

/* ---- advance.c ---- */

/* A branch in CurrentMemoryContext with nothing set but its defaults */
extern EngineBranch *engine_branch_new(void);

/* A document's value, fetched if need be */
extern Value engine_document(EngineExecution *execution, EngineDocument *document);

/* ---- history.c ---- */

/*
 * The event as the API shows it: {"timestamp": epoch seconds, "type", "id",
 * "previousEventId", "...EventDetails"}.  include_data as includeExecutionData;
 * region for taskScheduled.
 */
extern Value engine_history_value(const EngineHistoryEvent *event, const char *region,
								  bool include_data);
extern const char *engine_history_type_name(EngineHistoryType type);

/* ---- memory.c: the memory shell ---- */

/* What comes of a task: it succeeds with output, or fails with error and cause */
typedef struct EngineAnswer
{
	bool succeeded;
	Value output;
	const char *error;
	const char *cause;
	int64 seconds; /* virtual time it takes */
	bool silent;   /* none: its timeout fires, or the execution's */
} EngineAnswer;

/*
 * What stands around an execution that runs in memory.  All of it may ereport:
 * that is then the end of it.
 */
typedef struct EngineWorld
{
	/*
	 * What a task does, at its n-th attempt.  It is called when nothing else is
	 * under way; until is when it has taken too long, or ENGINE_NEVER.
	 */
	EngineAnswer (*run_task)(const EngineTask *task, int attempt, TimestampTz until,
							 void *arg);
	/* What time it is; NULL: time is virtual and jumps to what is due next */
	TimestampTz (*now)(void *arg);
	/* Let time pass, until then at most; not called where it is virtual */
	void (*wait)(TimestampTz until, void *arg);
	void *arg;
	int *attempts;        /* tasks that were run so far, per state; NULL: none */
	TimestampTz deadline; /* besides TimeoutSeconds; ENGINE_NEVER: none */
	int64 max_steps;      /* states and further attempts altogether; 0: no limit */
	int turn; /* states between two looks at the time; 0: none, so with virtual time */
} EngineWorld;

/*
 * Run an execution from start to end in memory.  The end, and the history
 * unless no_history says otherwise, is left in *execution, whose now is then
 * the time of the end.  It stays RUNNING where nothing can happen any more.
 */
extern void engine_run_in_memory(EngineExecution *execution, const EngineWorld *world);

/* ---- io.c ---- */

/* An upper bound of the length of its text, not counted much further than limit */
extern int64 engine_size_bound(Value value, int64 limit);

#endif /* WORKFLOW_ENGINE_ENGINE_H */
