/*-------------------------------------------------------------------------
 *
 * visit.h
 *	  What the files of the engine share: a branch's visit to a state.
 *
 * Private to src/engine.  An EngineVisit lives on the stack of advance.c while
 * one branch is moved by one event; what has to survive stands in the branch.
 *
 * Two kinds of failure: a function that returns false has filled in
 * visit->error with what the definition or its data did wrong, which nothing
 * can catch (advance.c ends the execution); a state that failed in the
 * language's own sense goes through engine_retry() and engine_catch().  An
 * expression that cannot be evaluated comes as the former and is made the
 * latter (fault.c).
 *
 * IDENTIFICATION
 *	  src/engine/visit.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ENGINE_VISIT_H
#define WORKFLOW_ENGINE_VISIT_H

#include "engine/engine.h"
#include "nodes/pg_list.h"

#define ENGINE_ERROR_RUNTIME "States.Runtime"
#define ENGINE_ERROR_TIMEOUT "States.Timeout"
#define ENGINE_ERROR_HEARTBEAT "States.HeartbeatTimeout"
#define ENGINE_ERROR_TASK_FAILED "States.TaskFailed"
#define ENGINE_ERROR_DATA_LIMIT "States.DataLimitExceeded"
#define ENGINE_ERROR_THRESHOLD "States.ExceedToleratedFailureThreshold"
#define ENGINE_ERROR_ITEM_READER "States.ItemReaderFailed"
#define ENGINE_ERROR_QUERY "States.QueryEvaluationError"
#define ENGINE_ERROR_ALL "States.ALL"

/* A wait of more seconds is refused: AWS counts in an int */
#define ENGINE_MAX_DELAY PG_INT32_MAX

/* What one engine_run() has still to do */
typedef struct EngineRun
{
	EngineExecution *execution;
	int last_step; /* execution->nsteps when the turn is over */
	int nchildren; /* started, in order */
	int capacity;
	int next_child; /* the first one not run yet */
	EngineBranch **children;
	EngineBranch *parent; /* of a child that has just ended, or NULL */
	EngineEvent end;      /* what the parent has to be told */
	List *hungry;         /* of EngineBranch: Maps that could start more iterations */
} EngineRun;

/* $$.Map.Item */
typedef struct EngineItem
{
	int64 index;
	Value key; /* undefined: of an array */
	Value value;
	const char *source; /* NULL: the state's input */
} EngineItem;

/* What a Map runs over */
typedef struct EngineItems
{
	Value input; /* effective input */
	Value found; /* what ItemsPath or Items gave, an array or object */
	Value list;  /* array of items, or of {"Key", "Value"} */
	bool pairs;  /* the latter */
	int ntaken;  /* iterations started from the list */
} EngineItems;

typedef struct EngineVisit
{
	EngineRun *run;
	EngineExecution *execution;
	EngineBranch *branch;
	const AslState *state;
	EvalScope scope; /* use engine_scope() */
	bool scope_ready;
	const char *token;      /* $$.Task.Token while it can be seen, or NULL */
	const EngineItem *item; /* while an ItemSelector is evaluated, or NULL */
	Value result;           /* $states.result, once there is one */
	Value error_output;     /* $states.errorOutput, likewise */
	bool hides_entry;       /* EvaluationFailed points past the Entered event */
	bool joined;            /* the Succeeded event of a Parallel or Map is written */
	WfError error;          /* why a function returned false */
} EngineVisit;

/* How a state failed */
typedef struct EngineFailure
{
	const char *error; /* or NULL: failed without a name */
	const char *cause; /* or NULL */
	bool heartbeat;    /* a States.Timeout that States.HeartbeatTimeout names, too */
} EngineFailure;

/* What a state type does.  Both return false for a fault that nothing catches. */
typedef struct EngineStateType
{
	EngineHistoryType entered;
	EngineHistoryType exited;
	EngineHistoryType aborted;         /* 0: such a state cannot be cut */
	bool has_retry_count;              /* $$.State.RetryCount is there */
	bool (*enter)(EngineVisit *visit); /* its Entered event is written */
	bool (*resume)(EngineVisit *visit,
				   const EngineEvent *event); /* NULL: it never waits */
} EngineStateType;

/* ---- advance.c ---- */
extern const EngineStateType engine_state_types[ASL_NTYPES];

extern void engine_changed(EngineExecution *execution, EngineBranch *branch);
extern void engine_put_document(EngineDocument *document, Value value);
extern void engine_to_phase(EngineVisit *visit, EnginePhase phase, TimestampTz due);

/*
 * Write the Exited event, with the variables that were assigned (undefined:
 * none), and go on with the output to next (NULL: the branch ends).
 */
extern void engine_exit_state(EngineVisit *visit, Value output, Value assigned,
							  const AslState *next);
extern void engine_fail_branch(EngineVisit *visit, const EngineFailure *failure);

/* ---- fault.c ---- */

/* Fill in visit->error; always false.  name NULL: States.Runtime */
extern bool engine_fault(EngineVisit *visit, const char *name, const char *fmt, ...)
	pg_attribute_printf(3, 4);

/* "An error occurred while executing the state ...", then what is in visit->error */
extern char *engine_fault_cause(const EngineVisit *visit);

/*
 * Fill in visit->error with a States.QueryEvaluationError in a field (NULL: the
 * input itself is wrong); always false
 */
extern bool engine_evaluation_fault(EngineVisit *visit, const char *field,
									const char *fmt, ...) pg_attribute_printf(3, 4);

/* Is that what visit->error is? */
extern bool engine_is_evaluation_fault(const EngineVisit *visit);

/* Write it down and let retriers and catchers of the state have it */
pg_nodiscard extern bool engine_evaluation_failed(EngineVisit *visit);

/* ---- children.c ---- */

/* Start a child; its chain of events goes on from tip */
extern void engine_start_child(EngineVisit *visit, const AslScope *scope, int index,
							   int64 tip, Value input);

/* Write the events of the branches that a failed child takes with it, and close them */
extern void engine_abort_children(EngineVisit *visit, const EngineEvent *event);
extern void engine_find_siblings(EngineExecution *execution, EngineBranch *parent,
								 EngineEvent *event);

/* ---- io.c: one function for each step of 3.1 and 3.2 of the language ---- */
extern EvalScope *engine_scope(EngineVisit *visit, Value input);
pg_nodiscard extern bool engine_effective_input(EngineVisit *visit, Value *result);
pg_nodiscard extern bool engine_arguments(EngineVisit *visit, Value input, Value *result);
pg_nodiscard extern bool engine_items(EngineVisit *visit, Value input, Value *result);
pg_nodiscard extern bool engine_template(EngineVisit *visit, const AslTemplate *template,
										 Value input, Value *result);

/*
 * Leave the state with a result (Task, Parallel, Map, JSONPath's Pass), or with
 * its effective input (Choice, Wait, Succeed, JSONata's Pass).
 */
pg_nodiscard extern bool engine_leave_with_result(EngineVisit *visit, Value result);
pg_nodiscard extern bool engine_leave_with_input(EngineVisit *visit, Value input,
												 const AslTemplate *assign,
												 const AslTemplate *output,
												 const AslState *next);

/* A caught error's way out: output and variables of a catcher */
pg_nodiscard extern bool engine_leave_with_error(EngineVisit *visit, Value error_object,
												 const AslCatcher *catcher);

/* Is its text longer than the limit allows? */
extern bool engine_too_large(const EngineExecution *execution, Value value);

/* ---- operand.c ---- */

/*
 * A field that may be a literal, a path or an expression.  Where a path leads
 * nowhere, *found is false and *why the reason: each field has its own text.
 */
pg_nodiscard extern bool engine_operand(EngineVisit *visit, const AslOperand *operand,
										Value input, Value *result, bool *found,
										char **why);

/* The same, for fields whose text is the common one: a path that leads nowhere is a fault */
pg_nodiscard extern bool engine_operand_value(EngineVisit *visit,
											  const AslOperand *operand, Value input,
											  Value *result);

/* The same for a number of seconds >= 0; -1 where the field is absent */
pg_nodiscard extern bool engine_seconds(EngineVisit *visit, const AslOperand *operand,
										Value input, int64 *seconds);
pg_nodiscard extern bool engine_to_seconds(EngineVisit *visit, const AslOperand *operand,
										   Value value, int64 *seconds);

/*
 * The same for a whole number, or its text: AWS takes that, too.  *number stays as
 * it is where the field is absent.
 */
pg_nodiscard extern bool engine_integer(EngineVisit *visit, const AslOperand *operand,
										Value input, int *number);
extern const char *engine_operand_path(const AslOperand *operand);
extern char *engine_bare_text(Value value);

/* ---- retry.c ---- */

/* Wait for another attempt, where some retrier wants one */
extern bool engine_retry(EngineVisit *visit, const EngineFailure *failure);

/* Go on with a catcher, or fail the branch */
pg_nodiscard extern bool engine_catch(EngineVisit *visit, const EngineFailure *failure);

/* ---- context.c ---- */
extern Value engine_make_context(void *arg); /* arg: the EngineVisit */

/* ---- history.c ---- */

/*
 * Begin the next event: type, id, prev and time are filled in, all else is
 * absent.  Where the execution has ended (also because this would be one event
 * too many) the caller gets an event that nobody will see.
 */
extern EngineHistoryEvent *engine_event(EngineExecution *execution,
										EngineHistoryType type, int64 prev);

/* ---- the states ---- */
extern bool engine_enter_pass(EngineVisit *visit);
extern bool engine_enter_task(EngineVisit *visit);
extern bool engine_resume_task(EngineVisit *visit, const EngineEvent *event);
extern bool engine_enter_choice(EngineVisit *visit);
extern bool engine_enter_wait(EngineVisit *visit);
extern bool engine_resume_wait(EngineVisit *visit, const EngineEvent *event);
extern bool engine_enter_succeed(EngineVisit *visit);
extern bool engine_enter_fail(EngineVisit *visit);
extern bool engine_enter_parallel(EngineVisit *visit);
extern bool engine_resume_parallel(EngineVisit *visit, const EngineEvent *event);
extern bool engine_enter_map(EngineVisit *visit);
extern bool engine_resume_map(EngineVisit *visit, const EngineEvent *event);

extern bool engine_enter_map_run(EngineVisit *visit);
extern bool engine_resume_map_run(EngineVisit *visit, const EngineEvent *event);

/* ToleratedFailureCount and -Percentage, evaluated; and have more children failed? */
extern bool engine_read_tolerance(EngineVisit *visit, Value input, EngineMapRun *run);
extern bool engine_is_exceeded(const EngineMapRun *run);

/* End a Map Run because its branch ends */
extern void engine_abort_run(EngineExecution *execution, EngineBranch *branch);

/* Write that the Map Run has failed, and end it */
extern void engine_fail_map_run(EngineVisit *visit, const EngineFailure *failure);

/* MaxConcurrency; 0: none */
pg_nodiscard extern bool engine_map_concurrency(EngineVisit *visit, Value input,
												int *concurrency);

/* Find what the Map runs over, from its input, into visit->branch->items */
pg_nodiscard extern bool engine_load_items(EngineVisit *visit);

/* Keep them with the branch, where they would come out otherwise next time */
extern void engine_keep_items(EngineVisit *visit);

extern EngineItem engine_item_at(const EngineItems *items, int index);

/* ItemSelector of an item; *input holds the item itself and stays where there is none */
pg_nodiscard extern bool engine_select_item(EngineVisit *visit, Value map_input,
											const EngineItem *item, Value *input);

/* Whose iteration is it, the branch's or an outer one's?  false: it is in no Map */
extern bool engine_find_item(EngineExecution *execution, EngineBranch *branch,
							 EngineItem *item);

/* "name" and "index" of an event about an iteration */
extern int64 engine_iteration_event(EngineExecution *execution, EngineHistoryType type,
									const EngineBranch *map, int index, int64 prev);

#endif /* WORKFLOW_ENGINE_VISIT_H */
