/*-------------------------------------------------------------------------
 *
 * store.h
 *	  The only place with SQL text on our tables.
 *
 * Every statement is prepared once per process (SPI_keepplan) and, where it
 * writes for several executions, set-based.  Callers hold an SPI connection of
 * store_begin() ... store_end(), which also takes on the rights of the owner
 * of the tables under SECURITY_RESTRICTED_OPERATION.
 *
 * Knows tables and the engine; must not know processes or the API's shapes.
 *
 * IDENTIFICATION
 *	  src/store/store.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_STORE_H
#define WORKFLOW_STORE_STORE_H

#include "engine/engine.h"
#include "executor/spi.h"

/* ---- limits.c ---- */

/* Set what an execution may use at most, from the settings as they are now */
extern void store_set_limits(EngineExecution *execution);

/* What one expression may use; valid until the next call */
extern const EvalLimits *store_expression_limits(void);

/* ---- plan.c: sessions and prepared statements ---- */

typedef struct StoreSession
{
	Oid save_user; /* private */
	int save_sec_context;
	int save_nestlevel;
} StoreSession;

/*
 * Connect to SPI and become the owner of our tables, with search_path and what
 * else could change a statement's meaning pinned; needs an open transaction.
 * store_end() undoes all of it (an error does, too, with its transaction).
 */
extern void store_begin(StoreSession *session);
extern void store_end(StoreSession *session);

/*
 * A statement, prepared when first used.  Declare it static:
 *		static StorePlan plan = {"SELECT ... $1", 1, {INT8OID}};
 */
typedef struct StorePlan
{
	const char *sql;
	int nargs;
	Oid argtypes[24];
	SPIPlanPtr plan;        /* private: filled when first used */
	bool planned;           /* private: it has been executed */
	struct StorePlan *next; /* private: list of prepared ones */
} StorePlan;

/*
 * Run it: nulls as SPI ("n" for NULL, NULL: none).  Rows are in SPI_tuptable
 * and SPI_processed; returns the number of rows read or written.  Sees its own
 * transaction's changes and what was committed before it began.
 */
extern uint64 store_execute(StorePlan *plan, Datum *values, const char *nulls);

/* Column (1, 2, ...) of row (0, 1, ...) of the last result */
extern Datum store_datum(uint64 row, int column, bool *isnull);
extern int64 store_int64(uint64 row, int column, int64 if_null);
extern TimestampTz store_timestamp(uint64 row, int column, TimestampTz if_null);
extern char *
store_text(uint64 row,
		   int column); /* palloc'd in the SPI procedure's context; NULL for NULL */
extern Value store_jsonb(uint64 row,
						 int column); /* detoasted; VALUE_UNDEFINED for NULL */
extern bool store_bool(uint64 row, int column, bool if_null);

/* Forget all prepared statements (the extension was dropped and created anew) */
extern void store_forget_plans(void);

/* Is the extension in this database (and its tables ready)? */
extern bool store_extension_exists(void);

/* ---- machine_cache.c ---- */

/* What is logged of EXPRESS executions: level of loggingConfiguration */
typedef enum StoreLogLevel
{
	STORE_LOG_OFF = 0,
	STORE_LOG_FATAL,
	STORE_LOG_ERROR,
	STORE_LOG_ALL
} StoreLogLevel;

/* A revision as executions need it: compiled, with its names; cached per process */
typedef struct StoreRevision
{
	int64 id;
	int64 state_machine_id;
	const char *machine_name;
	const char *role; /* database role of its tasks */
	const char *role_arn;
	const AslMachine
		*machine; /* NULL where it does not compile (a newer library may be stricter) */
	const char *compile_error;
	StoreLogLevel log_level;
	bool log_data; /* includeExecutionData */
	bool
		shares_tasks; /* others may lock rows of its tasks: some have tokens, or may have */
	bool has_map_runs; /* some Map state is distributed */
} StoreRevision;

/*
 * The revision, from the cache or loaded and compiled; NULL where there is no
 * such row.  Valid until the end of the transaction at least.
 */
extern const StoreRevision *store_revision(int64 id);

/* ---- arn.c: names ---- */
extern char *store_machine_arn(const char *machine_name);
extern char *store_execution_arn(const char *machine_name, const char *execution_name);
extern char *store_express_arn(const char *machine_name, const char *execution_name,
							   const char *id);

/* Of a child of a Map Run; labeled_name: store_labeled_name() */
extern char *store_map_child_arn(const char *labeled_name, const char *name,
								 bool express);

/* ---- history.c ---- */

/* Encode the events of one step: *events and *payloads (NULL: none) as history holds them */
extern void store_history_encode(const EngineHistoryEvent *events, int count,
								 Jsonb **encoded, Jsonb **payloads);

/* Decode a segment into an array of events in CurrentMemoryContext (values are lazy: the jsonbs must stay) */
extern int store_history_decode(Jsonb *encoded, Jsonb *payloads, int64 first_id,
								TimestampTz at, EngineHistoryEvent **events);

/* ---- durable.c: the durable shell ---- */

/*
 * Advance these executions, each as far as it goes, in the current
 * transaction: lock (SKIP LOCKED; locked ones are left out), load, run, write.
 * Returns how many were advanced.  Ids of executions that ended, and of those
 * whose turn was used up, are told to the caller through hooks below.
 */
typedef struct StoreStep
{
	TimestampTz now;
	/* out: */
	int nadvanced;
	int nskipped; /* locked by somebody else: whoever holds it rings when it lets go */
	int nclosed;
	int64 ntransitions;    /* states passed */
	TimestampTz next_wake; /* earliest wake_at that was written, or ENGINE_NEVER */
} StoreStep;

extern void store_advance(const int64 *execution_ids, int count, StoreStep *step);

/* In the order in which an activity's tasks are handed out */
typedef struct StorePlace
{
	TimestampTz scheduled_at;
	int64 execution_id;
	int64 branch_id;
} StorePlace;

/* Is told of what a transaction did; wake.c of the worker floor fills them in (floors point downward) */
typedef struct StoreHooks
{
	void (*execution_touched)(
		int64 execution_id); /* ring for it at the end of the transaction */
	void (*execution_closed)(int64 execution_id); /* wake who waits for it, at commit */
	void (*wake_at)(TimestampTz at);              /* a timer was set, at commit */
	void (*task_ready)(int64 execution_id, int64 branch_id, int64 epoch,
					   const char *role); /* a SQL task waits, at commit */
	void (*task_void)(int64 execution_id, int64 branch_id,
					  int64 epoch); /* cancel whoever runs it, at commit */
	TimestampTz (*task_started)(
		int64 execution_id, int64 branch_id,
		int64 epoch); /* since when it runs; ENGINE_NEVER: it does not */
	void (*activity_ready)(
		const char *activity); /* a task for its workers waits, at commit */
	void (*activity_taken)(
		const char *activity); /* one was handed out: at an abort it waits again */
	bool (*handout_place)(
		const char *activity, TimestampTz now,
		StorePlace *place); /* may a hand-out go on behind what was handed out last? */
	void (*handed_out)(const char *activity, TimestampTz now, const StorePlace *place,
					   bool goes_on); /* up to there; from there, or from the first one */
	void (*tasks_left)(
		void); /* rows of void tasks could not be deleted: store_sweep_tasks(), later */
} StoreHooks;

extern StoreHooks
	store_hooks; /* members may be NULL: nobody listens (library not preloaded) */

/* The task that starts an execution */
typedef struct StoreParent
{
	int64 execution_id;
	int64 branch_id; /* of the task that waits for its end; 0: none does */
	int64 epoch;
} StoreParent;

/* What a task whose call has returned still waits for */
typedef enum StoreTaskWait
{
	STORE_TASK_ENDED = 0,       /* nothing: the result is the task's */
	STORE_TASK_WAITS_FOR_TOKEN, /* .waitForTaskToken: who has the token says how it ended */
	STORE_TASK_WAITS_FOR_CHILD /* .sync: the execution that it started */
} StoreTaskWait;

/* What came of a SQL task, for store_finish_task() */
typedef struct StoreTaskResult
{
	bool succeeded;
	bool timed_out;          /* its time was over: neither output nor error count */
	StoreTaskWait waits_for; /* succeeded: output is of the call, the task goes on */
	Value output;
	const char *error;
	const char *cause;
	TimestampTz started_at;
	const char *worker;
} StoreTaskResult;

/*
 * Lock the execution, and if the branch still has this epoch, give it the
 * result and advance as far as it goes.  false, with nothing written, where
 * the epoch was lost (stopped, timed out, retried): the caller rolls back.
 */
extern bool store_finish_task(int64 execution_id, int64 branch_id, int64 epoch,
							  const StoreTaskResult *result, TimestampTz now);

/* The same without waiting: false, too, where somebody has the execution locked */
extern bool store_try_finish_task(int64 execution_id, int64 branch_id, int64 epoch,
								  const StoreTaskResult *result, TimestampTz now);

/*
 * Close an open execution from outside: StopExecution.  Locks it FOR UPDATE and
 * waits for the lock.  false where it is not open.
 */
extern bool store_stop_execution(int64 execution_id, const char *error, const char *cause,
								 TimestampTz now);

/* Close as FAILED with States.Runtime: its step failed alone three times; false where it is locked or closed */
extern bool store_fail_execution(int64 execution_id, const char *error, const char *cause,
								 TimestampTz now);

/* ---- lambda.c: parameters of lambda:invoke ---- */

/* The name of the function in FunctionName; palloc'd */
extern char *store_lambda_name(const char *text);

/* The payload that the function gets; false where the text that it was is no JSON */
extern bool store_lambda_payload(Value parameters, Value *payload, WfError *error);

/* What the state gets of the function's result */
extern Value store_lambda_response(Value parameters, Value result);

/* ---- agenda.c ---- */

typedef struct StoreAgendaKey
{
	TimestampTz wake_at;
	int64 execution_id;
} StoreAgendaKey;

/*
 * Ids of at most limit executions whose alarm clock stands behind *after, in
 * that order, and not after until; of those that share of nshares.  Moves
 * *after to the last one, so that a look does not meet again what it has seen.
 */
extern int store_due_executions(StoreAgendaKey *after, TimestampTz until, int share,
								int nshares, int64 *ids, int limit);

/*
 * Ids of at most limit executions above after, in their order, that answers or
 * messages wait for; of those that share of nshares.
 */
extern int store_answered_executions(int64 after, int share, int nshares, int64 *ids,
									 int limit);

/* The first alarm clock after this time, or ENGINE_NEVER */
extern TimestampTz store_next_timer(TimestampTz after);

/* ---- task.c ---- */

/* Resource of what is no task, but a whole EXPRESS execution for a runner */
#define STORE_EXPRESS "express"

typedef struct StoreExpress
{
	int64 revision_id;
	char *name;
	char *run;   /* UUID of its ARN */
	int version; /* 0: none */
	char *alias; /* or NULL */
	/* of a child of a Map Run, or NULL: */
	char *label;
	char *map_state;
	/* not one, but the results of a Map Run that was aborted: its id, else 0 */
	int64 map_run_id;
} StoreExpress;

/* A task for a runner; of an EXPRESS execution, execution_id is its id, branch_id and epoch are 0 */
typedef struct StoreTask
{
	int64 execution_id;
	int64 branch_id;
	int64 epoch;
	char *role;
	char *role_arn; /* Credentials, or NULL */
	char *resource; /* as the definition has it */
	char *target;   /* what the resource names */
	Value input;
	TimestampTz timeout_at; /* or ENGINE_NEVER */
	TimestampTz scheduled_at;
	int crashes; /* attempts that were begun after a crash of the server */
	StoreExpress express;
} StoreTask;

/*
 * Read a task without locking it; false where it is gone or its epoch is
 * another one.  Its documents live as long as the session.
 */
extern bool store_read_task(int64 execution_id, int64 branch_id, int64 epoch,
							StoreTask *task);

/* Is one task marked, and no other? */
extern bool store_is_only_marked(void);

/* Note that an attempt begins that the server may not survive; and forget all such notes */
extern void store_mark_attempt(int64 execution_id, int64 branch_id, int64 epoch);
extern void store_clear_attempts(void);

/* Roles that have SQL tasks in the table; and names of such roles that do not exist (any more) */
extern int store_task_roles(Oid **roles, char ***missing, int *nmissing);

typedef struct StoreTaskKey
{
	int64 execution_id;
	int64 branch_id;
	int64 epoch;
} StoreTaskKey;

/* SQL tasks of a role, in the order of their keys, after this one; at most limit */
extern int store_ready_tasks(const char *role, int64 after_execution, int64 after_branch,
							 int limit, StoreTaskKey *keys);

/* ---- express.c ---- */

/* How one ended; output VALUE_UNDEFINED, error and cause NULL where there is none */
typedef struct StoreExpressEnd
{
	const char *name;
	const char *run; /* UUID of its ARN */
	const char *status;
	TimestampTz started_at;
	TimestampTz stopped_at;
	Value input;
	Value output;
	const char *error;
	const char *cause;
} StoreExpressEnd;

/*
 * What is to be written of one, with these of its events, as a document; with its
 * input and output where so asked.  In CurrentMemoryContext.
 */
extern Value store_express_record(const StoreRevision *revision,
								  const StoreExpressEnd *end, bool with_data,
								  Value events);
extern void store_log_express(int64 id, Value record); /* id 0: a new one */

/* store_read_task(), store_finish_task(), store_mark_attempt() of one in the queue */
extern bool store_read_express(int64 id, StoreTask *task);
extern bool store_finish_express(int64 id, const StoreTaskResult *result,
								 TimestampTz now);
extern void store_mark_express(int64 id);

/* ---- permission.c: credentials ---- */

/*
 * The role that a task runs as: the machine's, or where credentials are given
 * (role_arn not NULL) the one that they name, if the machine's is a member of it.
 */
extern const char *store_task_role(const char *machine_role, const char *role_arn);

/* Were the credentials of a task in vain?  Then why, as AWS says it; else NULL */
extern char *store_credentials_refused(const StoreTask *task);

/* ---- durable_task.c ---- */

/*
 * Delete rows of tasks that are void; reads the whole table.  false where some
 * are still locked.
 */
extern bool store_sweep_tasks(void);

/* workflow.api(), for who calls it as any other session could: not in a session of the store */
#define STORE_CALL_API "SELECT workflow.api($1, $2)"

/* ---- child.c ---- */

/* Delete messages for executions that have closed before they could read them */
extern void store_sweep_messages(void);

/* ---- inbox.c: workers, and who holds a token ---- */

typedef struct StoreHandOut
{
	char *token;
	Value input;
} StoreHandOut;

/*
 * Hand out at most limit tasks of an activity, those that wait longest, to a
 * worker (or NULL); none where there is no such activity, or the role has not the
 * rights of its owner.  Locks and writes their rows of the table task, nothing else,
 * and waits for nobody.  A session that asks again goes on where it was: what came
 * in out of order meanwhile has its turn a second later.
 */
extern int store_hand_out(const char *activity, Oid role, const char *worker, int limit,
						  TimestampTz now, StoreHandOut **tasks);

/* Is place handed out after other? */
extern bool store_is_behind(const StorePlace *place, const StorePlace *other);

/* The task that a token names */
typedef struct StoreTokenTask
{
	const char *token;
	int64 execution_id;
	int64 branch_id;
	int64 epoch;
} StoreTokenTask;

/* A token of a task, which cannot be guessed; palloc'd */
extern char *store_make_token(int64 execution_id, int64 branch_id, int64 epoch);

/* Read what a token names; false where it cannot be one of ours */
extern bool store_read_token(const char *token, StoreTokenTask *task);

/*
 * Lock the execution of a task against being closed and against its timers (FOR
 * KEY SHARE); waits for who closes it.  false where it is closed.
 */
extern bool store_lock_task(const StoreTokenTask *task);

/* What came of a task, by its token */
typedef struct StoreTokenAnswer
{
	bool succeeded;
	Value output;
	const char *error; /* or NULL */
	const char *cause; /* or NULL */
} StoreTokenAnswer;

/*
 * Put the answer into the inbox; false where the task is over, was answered, or is an
 * activity's that nobody was handed: raise, so that nothing of it stays
 */
extern bool store_answer_token(const StoreTokenTask *task, const StoreTokenAnswer *answer,
							   TimestampTz now);

/* The next heartbeat counts from now; false as above */
extern bool store_beat_token(const StoreTokenTask *task, TimestampTz now);

#endif /* WORKFLOW_STORE_STORE_H */
