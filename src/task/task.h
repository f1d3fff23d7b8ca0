/*-------------------------------------------------------------------------
 *
 * task.h
 *	  What a Task state can call: the table of integrations.
 *
 * A runner is connected as the role of the machine and calls task_run() inside
 * a transaction of its own; user code runs there with nothing of ours on the
 * stack that it could misuse: no lock, no rights, no SPI connection of ours.
 *
 * Knows tasks and how to call SQL functions; must not know who runs them when.
 *
 * IDENTIFICATION
 *	  src/task/task.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_TASK_TASK_H
#define WORKFLOW_TASK_TASK_H

#include "compat.h"
#include "store/store.h"

/* What a task turned out to call */
typedef struct TaskCall TaskCall;

struct TaskCall
{
	const struct TaskKind *kind;
	const char *function; /* signature or SCHEMA.FUNCTION, or NULL */
	const StoreTask *task;
	const StoreRevision *revision; /* of an EXPRESS execution */
	Value parameters;              /* of the state */
	Value payload;                 /* what the function gets */
	int isolation;                 /* XACT_READ_COMMITTED, ... */
	bool chain;
	StoreTaskWait waits_for; /* when the call has returned */
	/* called within a statement of somebody else's: what that transaction has deferred is not the task's */
	bool in_query;
	/* where it cannot be called */
	const char *error; /* or NULL */
	const char *cause;
};

/* What came of it; allocated in the caller's context */
typedef struct TaskOutcome
{
	bool succeeded;
	bool timed_out;          /* it was cancelled because its time was over */
	StoreTaskWait waits_for; /* succeeded: and what it waits for now */
	Value output;
	const char *error;
	const char *cause;
} TaskOutcome;

typedef struct TaskKind
{
	const char *prefix; /* of the Resource: "sql:" */
	const char *marker; /* and what stands somewhere behind it, or NULL */
	/* look up what is called; within a store session; NULL: nothing to look up */
	void (*resolve)(const StoreTask *task, TaskCall *call);
	/* what the state gets of the function's result */
	Value (*wrap)(const TaskCall *call, Value result);
	/* call it, as the session's role; NULL: call->function with call->payload */
	Value (*run)(const TaskCall *call);
} TaskKind;

/* registry.c: find out what to call; within a store session.  call->error is set where it cannot be. */
extern void task_resolve(const StoreTask *task, TaskCall *call);

/*
 * guarded_call.c: call it, in the current transaction, as the session's role.
 * Deferred triggers are fired; settings are put back.  An error of the user's
 * code is raised as it is: the caller aborts, and tells it with task_error().
 */
extern Value task_call(const TaskCall *call);

/*
 * guarded_call.c: call it in a subtransaction.  An error of it, or that it takes
 * longer than until (ENGINE_NEVER: for ever), undoes what it did and is told in
 * *outcome; a cancel that is not ours is raised.  Allocated in
 * CurrentMemoryContext; until is looked at here, no timer of the session's is
 * touched.
 */
extern void task_call_caught(const TaskCall *call, TimestampTz until,
							 TaskOutcome *outcome);

/* Make the session as good as new: portals, prepared statements, locks, temporary tables; outside of a transaction */
extern void task_reset_session(void);

/* An execution of an EXPRESS state machine, before it runs */
typedef struct ExpressStart
{
	const StoreRevision *revision;
	const char *name;
	const char *id; /* UUID, the last part of its ARN */
	Value input;
	int version;       /* that it was started through; 0: none */
	const char *alias; /* or NULL */
	/* of a child of a Map Run: the states that it runs, and MACHINE/LABEL; else NULL */
	const AslScope *scope;
	const char *machine_name;
	TimestampTz started_at;
	bool sync;
	bool in_query; /* within a statement of the caller's, see TaskCall */
} ExpressStart;

/* And how it ended */
typedef struct ExpressEnd
{
	const char *status; /* SUCCEEDED, FAILED, TIMED_OUT */
	Value output;
	const char *error; /* or NULL */
	const char *cause; /* or NULL */
	TimestampTz stopped_at;
	int64 memory; /* bytes that it took */
} ExpressEnd;

/*
 * express.c: run it from start to end in the current transaction, each task in a
 * subtransaction, as the session's role, which has to be the machine's where
 * express_has_tasks().  Not within a store session; holds no lock of ours.
 * How it ended is left in *execution, with its history where that is wanted;
 * allocated in CurrentMemoryContext.
 */
extern void express_run(const ExpressStart *start, bool with_history,
						EngineExecution *execution);
extern void express_end(const EngineExecution *execution, ExpressEnd *end);
extern TimestampTz express_deadline(const ExpressStart *start);
extern bool express_has_tasks(const AslMachine *machine);

/* Does the machine's loggingConfiguration want anything of it? */
extern bool express_is_logged(const StoreRevision *revision);

/* Log it, where that is wanted; not within a store session */
extern void express_log(const ExpressStart *start, const EngineExecution *execution);

/* What is to be logged of it, as store_log_express() takes it; or null */
extern Value express_record(const ExpressStart *start, const EngineExecution *execution);

/* express_kind.c: one that nobody waits for, as a task of a runner; gives its express_record() */
extern void express_kind_resolve(const StoreTask *task, TaskCall *call);
extern Value express_kind_run(const TaskCall *call);

/* sql_function.c: the function by its text, called with the payload; allocated in CurrentMemoryContext */
extern Value sql_function_call(const char *function, Value payload);

/* sql_statement.c: sql:execute; see there */
extern void sql_statement_resolve(const StoreTask *task, TaskCall *call);
extern Value sql_statement_run(const TaskCall *call);

/*
 * sql_statement.c, within SPI: the statement, prepared, and its parameters as its types; raises 22023 where
 * they are too few or too many
 */
extern SPIPlanPtr sql_statement_plan(const char *text, Value parameters, Datum **values,
									 char **nulls);

/* sql_statement.c: raises where SPI could not run a statement */
extern void sql_statement_check(int status);

/* sql_statement.c: rows as an array of objects, in context; raises 42701 where two columns have one name */
extern Value sql_statement_rows(SPITupleTable *table, MemoryContext context);

/* nested.c: states:startExecution; see there */
extern void nested_resolve(const StoreTask *task, TaskCall *call);
extern Value nested_run(const TaskCall *call);

/* sfn.c: aws-sdk:sfn; see there */
extern void sfn_resolve(const StoreTask *task, TaskCall *call);
extern Value sfn_run(const TaskCall *call);

/* sfn.c: parameters of a task as a request of the API; a response as the result of a task */
extern Value sfn_request(Value parameters);
extern Value sfn_response(Value response);

/* sfn.c: in PG_CATCH, raise an exception of the API as the task's error, told as the SDK or as Step Functions does */
pg_noreturn extern void sfn_rethrow(bool is_sdk);

/* What stands above this floor; src/api fills it in */
typedef struct TaskHooks
{
	/* StartExecution as the current user, for a task; outside of a store session; raises AWS's errors */
	Value (*start_execution)(Value request, const StoreParent *parent);
} TaskHooks;

extern TaskHooks task_hooks;

/* plan_cache.c: the statement, prepared once; types NULL: they are inferred from the statement */
extern SPIPlanPtr task_plan(const char *text, const Oid *types, int ntypes);

/*
 * sql_function.c: a type as a column of jsonb_to_record(), of any length: "character"
 * would be one character, "bit" one bit.
 */
extern char *task_type_name(Oid type);

/* registry.c: parameters that a task cannot be started with; allocated in CurrentMemoryContext */
extern void task_refuse_parameters(TaskCall *call, const char *reason);

/* map_run.c: the tasks of Map Runs; see there */
extern void map_run_resolve(const StoreTask *task, TaskCall *call);
extern Value map_run_read(const TaskCall *call);
extern Value map_run_write(const TaskCall *call);

/* raise.c: fail the task with this error, as workflow.raise_error() does */
pg_noreturn extern void task_raise(const char *name, const char *cause);

/*
 * raise.c: in PG_CATCH, fail the task with an error of this name; the Cause is what the format
 * says and then what went wrong.  What was raised by task_raise() stays what it is.
 */
pg_noreturn extern void task_rethrow(const char *name, MemoryContext context,
									 const char *fmt, ...) pg_attribute_printf(3, 4);

/* raise.c: what is deferred to the commit happens now; what goes wrong is an error of this name */
extern void task_fire_triggers(const char *name);

/* error_name.c: an error of the server as an ASL error; allocated in CurrentMemoryContext */
extern void task_error(const ErrorData *error, const char **name, const char **cause);

#endif /* WORKFLOW_TASK_TASK_H */
