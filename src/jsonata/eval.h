/*-------------------------------------------------------------------------
 *
 * eval.h
 *	  A running evaluation: frames, limits, and what the eval_*.c files share.
 *
 * All functions here that can fail return false and have filled in the error
 * of the evaluation.  Values they give may carry the flags of call.h; what
 * jsonata_eval_node() gives is settled: a sequence of one is its item.
 *
 * Private to the evaluator.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_EVAL_H
#define WORKFLOW_JSONATA_EVAL_H

#include "jsonata/function.h"
#include "jsonata/parse.h"

/* Kinds that no value outside of the evaluator has */
#define KIND_UNBOUND 0xFF /* a variable that nothing has been assigned to yet */
#define KIND_TAIL 0xFE    /* "call what stands in run->tail" */
#define KIND_TUPLE 0xFD   /* an item of a tuple stream: u.function is its JsonataFrame */

/* Frames of so many variables live on the stack, if nothing can keep them */
#define STACK_FRAME 8

struct JsonataFrame
{
	JsonataFrame *outer;
	const JsonataLayout *layout;
	Value *values;
};

/* A call that takes the place of the lambda that makes it */
typedef struct JsonataTail
{
	Value function;
	Value room[JSONATA_MAX_PARAMS];
	Value *args; /* room, or palloc'd */
	int nargs;
	const JsonataNode *node; /* the call, and where it stands */
	JsonataEval *eval;
	JsonataFrame *frame;
} JsonataTail;

/* What an evaluation and the $eval()s in it share */
typedef struct JsonataRun
{
	WfError *error;
	int fuel; /* steps until the limits are looked at again */
	int depth;
	int max_depth;
	JsonataLimits limits;
	MemoryContext context;
	Size memory_before;
	JsonataTail tail;
} JsonataRun;

struct JsonataEval
{
	const JsonataExpr *expr;
	const JsonataScope *scope;
	JsonataRun *run;
	Value *globals; /* by symbol; KIND_UNBOUND: not looked up yet */

	/* of $eval(): where it was called, else NULL */
	JsonataEval *outer;
	JsonataFrame *outer_frame;
};

/* A builtin's code may ask for more than call.h tells of */
typedef struct JsonataCallSite
{
	JsonataCall call;
	JsonataFrame *frame;
} JsonataCallSite;

/* eval.c */
pg_nodiscard extern bool jsonata_eval_node(JsonataEval *eval, const JsonataNode *node,
										   Value input, JsonataFrame *frame,
										   Value *result);
extern void jsonata_settle(Value *v, bool keep_array);
extern bool jsonata_too_deep(JsonataEval *eval);
pg_nodiscard extern bool jsonata_check_stack(JsonataEval *eval);
pg_nodiscard extern bool jsonata_check_limits(JsonataEval *eval);
pg_nodiscard extern bool jsonata_check_memory(JsonataEval *eval, Size more);
pg_nodiscard extern bool jsonata_check_size(JsonataEval *eval, Value v);
extern bool jsonata_fail(JsonataEval *eval, const JsonataNode *node, const char *code,
						 Value token, Value value, Value value2);

/* Operands that need no evaluation proper */
static inline bool
jsonata_eval_operand(JsonataEval *eval, const JsonataNode *node, Value input,
					 JsonataFrame *frame, Value *result)
{
	if ((node->flags & NODE_LEAF) && eval->run->depth < eval->run->max_depth)
	{
		*result = node->u.literal;
		return true;
	}
	return jsonata_eval_node(eval, node, input, frame, result);
}

static inline bool
jsonata_is_array(Value v)
{
	return v.kind == VALUE_ARRAY ||
		   (v.kind == VALUE_JSONB && JsonContainerIsArray(v.u.jsonb));
}

static inline bool
jsonata_is_object(Value v)
{
	return v.kind == VALUE_OBJECT ||
		   (v.kind == VALUE_JSONB && JsonContainerIsObject(v.u.jsonb));
}

static inline bool
jsonata_is_number(Value v)
{
	return v.kind == VALUE_DOUBLE || v.kind == VALUE_NUMERIC;
}

static inline double
jsonata_number(Value v)
{
	return v.kind == VALUE_DOUBLE ? v.u.number : value_to_double(v);
}

/* env.c */
extern JsonataFrame *jsonata_frame_new(const JsonataLayout *layout, JsonataFrame *outer);
extern void jsonata_frame_init(JsonataFrame *frame, Value *values,
							   const JsonataLayout *layout, JsonataFrame *outer);
extern Value jsonata_variable(JsonataEval *eval, const JsonataPlace *place,
							  JsonataFrame *frame);
extern void jsonata_assign(JsonataFrame *frame, const JsonataPlace *place, Value value);
extern Value jsonata_variable_by_name(JsonataEval *eval, JsonataFrame *frame,
									  const char *name, int len);

/* The tuple behind an item of a tuple stream */
static inline JsonataFrame *
jsonata_tuple(Value v)
{
	return unconstify(JsonataFrame *, (const JsonataFrame *) v.u.function);
}

static inline Value
jsonata_tuple_value(JsonataFrame *tuple)
{
	Value v = {.kind = KIND_TUPLE};

	v.u.function = tuple;
	return v;
}

/* eval_path.c */
pg_nodiscard extern bool jsonata_eval_path(JsonataEval *eval, const JsonataNode *node,
										   Value input, JsonataFrame *frame,
										   Value *result);
extern Value jsonata_member(Value input, const char *key, int len);
extern Value jsonata_wildcard(Value input);
extern Value jsonata_descendants(Value input);

/* eval_filter.c */
pg_nodiscard extern bool jsonata_eval_filter(JsonataEval *eval, const JsonataNode *filter,
											 Value input, JsonataFrame *frame,
											 Value *result);

/* eval_tuple.c: from path.tuple_from on.  input: what the steps before gave, single: as
 * the only item. */
pg_nodiscard extern bool jsonata_eval_tuples(JsonataEval *eval, const JsonataNode *path,
											 Value input, bool single,
											 JsonataFrame *frame, Value *result);

/* eval_sort.c: items of an array, or a tuple stream */
pg_nodiscard extern bool jsonata_eval_sort(JsonataEval *eval, const JsonataNode *node,
										   Value input, JsonataFrame *frame,
										   Value *result);

/* eval_construct.c */
pg_nodiscard extern bool jsonata_eval_array(JsonataEval *eval, const JsonataNode *node,
											Value input, JsonataFrame *frame,
											Value *result);
pg_nodiscard extern bool jsonata_eval_object(JsonataEval *eval, const JsonataNode *node,
											 Value input, JsonataFrame *frame,
											 Value *result);

/* tuple_layout: of the tuples that the group sees, or NULL */
pg_nodiscard extern bool jsonata_eval_group(JsonataEval *eval, const JsonataGroup *group,
											Value input, JsonataFrame *frame,
											const JsonataLayout *tuple_layout,
											Value *result);

/* eval_transform.c: |pattern|update,delete| applied to a value */
pg_nodiscard extern bool jsonata_transform(const JsonataFunction *function, Value input,
										   Value *result);

/* eval_operator.c */
pg_nodiscard extern bool jsonata_eval_binary(JsonataEval *eval, const JsonataNode *node,
											 Value input, JsonataFrame *frame,
											 Value *result);
pg_nodiscard extern bool jsonata_eval_negate(JsonataEval *eval, const JsonataNode *node,
											 Value input, JsonataFrame *frame,
											 Value *result);

/* What an infinite number where one is read as a number is: error D1001 */
pg_nodiscard extern bool jsonata_check_finite(JsonataEval *eval, const JsonataNode *node,
											  Value number);

/* eval_call.c */
pg_nodiscard extern bool jsonata_eval_call(JsonataEval *eval, const JsonataNode *node,
										   Value input, JsonataFrame *frame,
										   const Value *context, Value *result);
pg_nodiscard extern bool jsonata_eval_partial(JsonataEval *eval, const JsonataNode *node,
											  Value input, JsonataFrame *frame,
											  Value *result);
pg_nodiscard extern bool jsonata_eval_chain(JsonataEval *eval, const JsonataNode *node,
											Value input, JsonataFrame *frame,
											Value *result);
extern Value jsonata_closure(JsonataEval *eval, const JsonataNode *node, Value input,
							 JsonataFrame *frame);

/* jsonata.c: an array that is the input counts as one item */
extern Value jsonata_wrap_input(Value input);

/* sequence.c */

/* Values put together as jsonata_append() does, many of them */
typedef struct JsonataJoin
{
	Value first;
	ValueArray *array;
	int count;
} JsonataJoin;

extern void jsonata_join_add(JsonataJoin *join, Value v);
extern Value jsonata_join_result(const JsonataJoin *join);

/* An array of one */
extern Value jsonata_array_of(Value item, uint8 flags);

#endif /* WORKFLOW_JSONATA_EVAL_H */
