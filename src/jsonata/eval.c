/*-------------------------------------------------------------------------
 *
 * eval.c
 *	  The evaluator's one switch, and its limits.
 *
 * jsonata_eval_node() evaluates a node in a context (input) and a frame.  It
 * counts depth and steps, applies the filters and the group that are the
 * node's own, and settles sequences.  Everything else is in the eval_*.c file
 * of its kind.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "jsonata/eval.h"

/* Limits are looked at every so many steps */
#define STEPS_BETWEEN_CHECKS 1024

/* What is larger counts at once */
#define LARGE_STRING 65536
#define LARGE_ARRAY 4096

/* The stack is looked at every so many levels */
#define LEVELS_BETWEEN_CHECKS 8

static bool eval_kind(JsonataEval *eval, const JsonataNode *node, Value input,
					  JsonataFrame *frame, Value *result);
static bool eval_behind(JsonataEval *eval, const JsonataNode *node, JsonataFrame *frame,
						Value *result);
static bool eval_block(JsonataEval *eval, const JsonataNode *node, Value input,
					   JsonataFrame *frame, Value *result);
static bool eval_condition(JsonataEval *eval, const JsonataNode *node, Value input,
						   JsonataFrame *frame, Value *result);
static bool eval_bind(JsonataEval *eval, const JsonataNode *node, Value input,
					  JsonataFrame *frame, Value *result);
static bool limit_error(JsonataEval *eval, const char *text);

bool
jsonata_eval_node(JsonataEval *eval, const JsonataNode *node, Value input,
				  JsonataFrame *frame, Value *result)
{
	JsonataRun *run = eval->run;

	if (--run->fuel <= 0 && !jsonata_check_limits(eval))
		return false;
	if (++run->depth > run->max_depth ||
		(run->depth % LEVELS_BETWEEN_CHECKS == 0 && stack_is_too_deep()))
		return jsonata_too_deep(eval);
	if (!eval_kind(eval, node, input, frame, result))
		return false;
	if ((node->nstages > 0 || node->group != NULL) &&
		!eval_behind(eval, node, frame, result))
		return false;
	if ((result->flags & (JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM)) == JSONATA_SEQUENCE)
		jsonata_settle(result, (node->flags & NODE_KEEP_ARRAY) != 0);
	run->depth--;
	return true;
}

static bool
eval_kind(JsonataEval *eval, const JsonataNode *node, Value input, JsonataFrame *frame,
		  Value *result)
{
	switch ((JsonataNodeType) node->type)
	{
		case NODE_PATH:
			return jsonata_eval_path(eval, node, input, frame, result);
		case NODE_BINARY:
			return jsonata_eval_binary(eval, node, input, frame, result);
		case NODE_NEGATE:
			return jsonata_eval_negate(eval, node, input, frame, result);
		case NODE_ARRAY:
			return jsonata_eval_array(eval, node, input, frame, result);
		case NODE_OBJECT:
			return jsonata_eval_object(eval, node, input, frame, result);
		case NODE_NAME:
			*result =
				jsonata_member(input, node->u.literal.u.string, node->u.literal.len);
			return true;
		case NODE_STRING:
		case NODE_NUMBER:
		case NODE_VALUE:
		case NODE_REGEX:
			*result = node->u.literal;
			return true;
		case NODE_WILDCARD:
			*result = jsonata_wildcard(input);
			return true;
		case NODE_DESCENDANT:
			*result = jsonata_descendants(input);
			return true;
		case NODE_PARENT:
			*result = jsonata_variable(eval, &node->u.parent.place, frame);
			return true;
		case NODE_VARIABLE:
			if (node->u.variable.name.len > 0)
				*result = jsonata_variable(eval, &node->u.variable.place, frame);
			else if (input.flags & JSONATA_OUTER_WRAPPER)
				*result = value_array_get(input, 0);
			else
				*result = input;
			return true;
		case NODE_CONDITION:
			return eval_condition(eval, node, input, frame, result);
		case NODE_BLOCK:
			return eval_block(eval, node, input, frame, result);
		case NODE_BIND:
			return eval_bind(eval, node, input, frame, result);
		case NODE_FUNCTION:
			return jsonata_eval_call(eval, node, input, frame, NULL, result);
		case NODE_PARTIAL:
			return jsonata_eval_partial(eval, node, input, frame, result);
		case NODE_APPLY:
			return jsonata_eval_chain(eval, node, input, frame, result);
		case NODE_LAMBDA:
		case NODE_TRANSFORM:
			*result = jsonata_closure(eval, node, input, frame);
			return true;
		default:
			return jsonata_fail(eval,
								node,
								"S0206",
								value_undefined(),
								value_undefined(),
								value_undefined());
	}
}

/* Filters and group of a node that is no step */
static bool
eval_behind(JsonataEval *eval, const JsonataNode *node, JsonataFrame *frame,
			Value *result)
{
	if (!(node->flags & NODE_STAGES))
	{
		for (int i = 0; i < node->nstages; i++)
		{
			Value v = *result;

			if (!jsonata_eval_filter(eval, node->stages[i].filter, v, frame, result))
				return false;
		}
	}
	if (node->group != NULL && node->type != NODE_PATH)
		return jsonata_eval_group(eval, node->group, *result, frame, NULL, result);
	return true;
}

/* A sequence becomes what it stands for */
void
jsonata_settle(Value *v, bool keep_array)
{
	bool keep = keep_array || (v->flags & JSONATA_KEEP_SINGLETON);

	if (jsonata_is_array(*v))
	{
		int count = value_array_length(*v);

		if (keep)
			v->flags |= JSONATA_KEEP_SINGLETON;
		if (count == 0)
			*v = value_undefined();
		else if (count == 1 && !keep)
			*v = value_array_get(*v, 0);
		return;
	}
	v->flags = 0;
	if (keep && v->kind != VALUE_UNDEFINED)
		*v = jsonata_array_of(*v, JSONATA_SEQUENCE | JSONATA_KEEP_SINGLETON);
}

static bool
eval_block(JsonataEval *eval, const JsonataNode *node, Value input, JsonataFrame *frame,
		   Value *result)
{
	const JsonataNodes *list = &node->u.list.list;

	*result = value_undefined();
	if (node->u.list.layout != NULL)
		frame = jsonata_frame_new(node->u.list.layout, frame);
	for (int i = 0; i < list->count; i++)
	{
		if (!jsonata_eval_node(eval, list->items[i], input, frame, result))
			return false;
	}
	return true;
}

static bool
eval_condition(JsonataEval *eval, const JsonataNode *node, Value input,
			   JsonataFrame *frame, Value *result)
{
	const JsonataNode *next;
	Value v;
	bool holds;

	if (!jsonata_eval_node(eval, node->u.condition.condition, input, frame, &v))
		return false;
	holds =
		node->op == CONDITION_COALESCE ? v.kind != VALUE_UNDEFINED : jsonata_is_true(v);
	if (holds && node->op != CONDITION_TERNARY)
	{
		*result = v;
		return true;
	}
	next = holds ? node->u.condition.then : node->u.condition.otherwise;
	*result = value_undefined();
	return next == NULL || jsonata_eval_node(eval, next, input, frame, result);
}

static bool
eval_bind(JsonataEval *eval, const JsonataNode *node, Value input, JsonataFrame *frame,
		  Value *result)
{
	if (!jsonata_eval_node(eval, node->u.bind.value, input, frame, result))
		return false;
	jsonata_assign(frame, &node->u.bind.place, *result);
	return true;
}

/* Limits and errors */

bool
jsonata_check_limits(JsonataEval *eval)
{
	JsonataRun *run = eval->run;

	CHECK_FOR_INTERRUPTS();
	run->fuel = STEPS_BETWEEN_CHECKS;
	if (run->limits.expired != NULL && run->limits.expired(run->limits.expired_arg))
		return limit_error(eval,
						   "Expression evaluation timeout: Check for infinite loop");
	return jsonata_check_memory(eval, 0);
}

/* Would so much more memory be too much? */
bool
jsonata_check_memory(JsonataEval *eval, Size more)
{
	JsonataRun *run = eval->run;

	if (run->limits.max_memory == 0 ||
		MemoryContextMemAllocated(run->context, true) + more <=
			run->memory_before + run->limits.max_memory)
		return true;
	return limit_error(eval,
					   "Expression evaluation memory limit exceeded: Check for excessive "
					   "memory usage");
}

/* Is there still memory, after something large was made of it? */
bool
jsonata_check_size(JsonataEval *eval, Value v)
{
	bool large = v.kind == VALUE_STRING  ? v.len > LARGE_STRING
				 : v.kind == VALUE_ARRAY ? v.u.array->count > LARGE_ARRAY
										 : false;

	return !large || jsonata_check_memory(eval, 0);
}

bool
jsonata_reserve(JsonataCall *call, Size bytes)
{
	return jsonata_check_memory(call->eval, bytes);
}

bool
jsonata_too_deep(JsonataEval *eval)
{
	return limit_error(eval,
					   "Stack overflow error: Check for non-terminating recursive "
					   "function. Consider rewriting as tail-recursive");
}

/* For recursion that is none of jsonata_eval_node() */
bool
jsonata_check_stack(JsonataEval *eval)
{
	return !stack_is_too_deep() || jsonata_too_deep(eval);
}

static bool
limit_error(JsonataEval *eval, const char *text)
{
	return wf_error_set(eval->run->error, ERRCODE_WF_JSONATA, NULL, "U1001: %s", text);
}

bool
jsonata_tick(JsonataCall *call, int64 n)
{
	JsonataRun *run = call->eval->run;

	run->fuel -= (int) Min(n, STEPS_BETWEEN_CHECKS);
	return run->fuel > 0 || jsonata_check_limits(call->eval);
}

bool
jsonata_fail(JsonataEval *eval, const JsonataNode *node, const char *code, Value token,
			 Value value, Value value2)
{
	JsonataFault fault = {
		.code = code,
		.position = node->position,
		.token = token,
		.value = value,
		.value2 = value2,
	};

	return jsonata_fault(eval->run->error, &fault);
}
