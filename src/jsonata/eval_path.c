/*-------------------------------------------------------------------------
 *
 * eval_path.c
 *	  Paths: steps, filters, names, wildcards.
 *
 * A step is evaluated for each item that the step before gave, and what it
 * gives is flattened into one sequence.  Most paths are chains of names over
 * single objects, or end in an array of the data itself: neither builds
 * anything here.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_path.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonata/eval.h"

/* What a step has given so far */
typedef struct Results
{
	JsonataSequence out;
	Value only; /* while there is one result */
	int count;
} Results;

/* Where the last object had the member looked for: the next one probably has it there */
typedef struct MemberHint
{
	const char *key;
	int len;
	int at;
} MemberHint;

static bool eval_step(JsonataEval *eval, const JsonataNode *step, Value input,
					  bool single, bool last, JsonataFrame *frame, Value *result);
static bool eval_item(JsonataEval *eval, const JsonataNode *step, Value item,
					  JsonataFrame *frame, MemberHint *hint, Value *result);
static bool eval_sort_step(JsonataEval *eval, const JsonataNode *step, Value input,
						   bool single, JsonataFrame *frame, Value *result);
static bool eval_stages(JsonataEval *eval, const JsonataNode *step, JsonataFrame *frame,
						Value *result);
static void add_result(Results *results, Value v);
static void flatten(JsonataSequence *out, Value v);
static Value step_result(Results *results, bool last);
static bool finish_path(JsonataEval *eval, const JsonataNode *node, JsonataFrame *frame,
						Value *result);
static Value hinted_member(MemberHint *hint, Value object);
static void flatten_deep(ValueArray *array, Value v);
static void collect_descendants(JsonataSequence *out, Value v);

static inline bool
is_plain_name(const JsonataNode *step)
{
	return step->type == NODE_NAME && step->nstages == 0 && step->group == NULL;
}

bool
jsonata_eval_path(JsonataEval *eval, const JsonataNode *node, Value input,
				  JsonataFrame *frame, Value *result)
{
	const JsonataNodes *steps = &node->u.path.steps;
	int nsteps = Min(steps->count, node->u.path.tuple_from);
	bool single = steps->items[0]->type == NODE_VARIABLE || !jsonata_is_array(input);
	Value current = input;

	/* the steps are one level deeper than the path */
	if (eval->run->depth >= eval->run->max_depth)
		return jsonata_too_deep(eval);
	for (int i = 0; i < nsteps; i++)
	{
		const JsonataNode *step = steps->items[i];

		Value v;

		if (single && is_plain_name(step) && jsonata_is_object(current) &&
			!((v = value_object_get(current,
									step->u.literal.u.string,
									step->u.literal.len))
				  .flags &
			  JSONATA_CONS))
		{
			current = v;
			if (i == steps->count - 1 && jsonata_is_array(current))
			{
				if (node->flags & NODE_KEEP_SINGLETON || node->group != NULL)
					break;
				*result = current;
				return true;
			}
			current.flags |= JSONATA_SEQUENCE;
		}
		else if (i == 0 && (step->flags & NODE_CONSARRAY))
		{
			v = single ? jsonata_array_of(current, JSONATA_SEQUENCE) : current;
			if (!jsonata_eval_node(eval, step, v, frame, &current))
				return false;
		}
		else
		{
			v = current;
			if (!eval_step(eval, step, v, single, i == steps->count - 1, frame, &current))
				return false;
		}
		if (current.kind == VALUE_UNDEFINED)
			break;
		single = !jsonata_is_array(current);
		if (!single && value_array_length(current) == 0)
			break;
	}
	*result = current;
	if (nsteps < steps->count)
	{
		bool empty = nsteps > 0 && (current.kind == VALUE_UNDEFINED ||
									(!single && value_array_length(current) == 0));

		if (!empty && !jsonata_eval_tuples(eval, node, current, single, frame, result))
			return false;
	}
	return finish_path(eval, node, frame, result);
}

/* "[]" behind a step, and the group */
static bool
finish_path(JsonataEval *eval, const JsonataNode *node, JsonataFrame *frame,
			Value *result)
{
	if (node->flags & NODE_KEEP_SINGLETON)
	{
		if ((result->flags & (JSONATA_CONS | JSONATA_SEQUENCE)) == JSONATA_CONS)
			*result = jsonata_array_of(*result, JSONATA_SEQUENCE);
		result->flags |= JSONATA_KEEP_SINGLETON;
	}
	if (node->group != NULL)
	{
		Value v = *result;

		return jsonata_eval_group(eval,
								  node->group,
								  v,
								  frame,
								  node->u.path.tuple_layout,
								  result);
	}
	if ((result->flags & JSONATA_TUPLE_STREAM) && !(node->flags & NODE_TUPLE))
	{
		JsonataSequence out;
		ValueArrayIter it;
		uint8 keep = result->flags & JSONATA_KEEP_SINGLETON;

		jsonata_sequence_init(&out);
		value_array_begin(&it, *result);
		while (value_array_next(&it))
			jsonata_sequence_push(&out, jsonata_tuple(it.value)->values[0]);
		*result = jsonata_sequence_result(&out);
		result->flags |= keep;
	}
	return true;
}

/* single: input is the one item, whatever it is */
static bool
eval_step(JsonataEval *eval, const JsonataNode *step, Value input, bool single, bool last,
		  JsonataFrame *frame, Value *result)
{
	Results results = {.count = 0};
	MemberHint hint = {.at = 0};
	ValueArrayIter it;
	Value v;

	if (step->type == NODE_SORT)
		return eval_sort_step(eval, step, input, single, frame, result);
	if (step->type == NODE_NAME)
	{
		hint.key = step->u.literal.u.string;
		hint.len = step->u.literal.len;
	}
	jsonata_sequence_init(&results.out);
	if (single)
	{
		input.flags &= ~JSONATA_SEQUENCE;
		if (!eval_item(eval, step, input, frame, &hint, &v))
			return false;
		add_result(&results, v);
	}
	else
	{
		value_array_begin(&it, input);
		while (value_array_next(&it))
		{
			if (!eval_item(eval, step, it.value, frame, &hint, &v))
				return false;
			add_result(&results, v);
		}
	}
	*result = step_result(&results, last);
	return true;
}

static bool
eval_item(JsonataEval *eval, const JsonataNode *step, Value item, JsonataFrame *frame,
		  MemberHint *hint, Value *result)
{
	if (step->type == NODE_NAME && jsonata_is_object(item))
	{
		if (--eval->run->fuel <= 0 && !jsonata_check_limits(eval))
			return false;
		*result = hinted_member(hint, item);
		if (result->flags & JSONATA_SEQUENCE)
			jsonata_settle(result, (step->flags & NODE_KEEP_ARRAY) != 0);
		if (step->group != NULL)
		{
			Value v = *result;

			if (!jsonata_eval_group(eval, step->group, v, frame, NULL, result))
				return false;
		}
	}
	else if (!jsonata_eval_node(eval, step, item, frame, result))
		return false;
	return step->nstages == 0 || eval_stages(eval, step, frame, result);
}

static bool
eval_stages(JsonataEval *eval, const JsonataNode *step, JsonataFrame *frame,
			Value *result)
{
	if (!(step->flags & NODE_STAGES))
		return true;
	for (int i = 0; i < step->nstages; i++)
	{
		Value v = *result;

		if (step->stages[i].filter != NULL &&
			!jsonata_eval_filter(eval, step->stages[i].filter, v, frame, result))
			return false;
	}
	return true;
}

static bool
eval_sort_step(JsonataEval *eval, const JsonataNode *step, Value input, bool single,
			   JsonataFrame *frame, Value *result)
{
	if (single)
	{
		input.flags &= ~JSONATA_SEQUENCE;
		input = jsonata_array_of(input, JSONATA_SEQUENCE);
	}
	if (!jsonata_eval_sort(eval, step, input, frame, result))
		return false;
	return eval_stages(eval, step, frame, result);
}

static inline void
add_result(Results *results, Value v)
{
	if (v.kind == VALUE_UNDEFINED)
		return;
	if (results->count++ == 0)
	{
		results->only = v;
		return;
	}
	if (results->count == 2)
		flatten(&results->out, results->only);
	flatten(&results->out, v);
}

static void
flatten(JsonataSequence *out, Value v)
{
	if (v.flags & JSONATA_CONS)
		jsonata_sequence_push(out, v);
	else if (jsonata_is_array(v))
		jsonata_sequence_append(out, v);
	else
	{
		v.flags = 0;
		jsonata_sequence_push(out, v);
	}
}

/* The sequence of all results; of one array only, that array */
static Value
step_result(Results *results, bool last)
{
	Value v = results->only;

	if (results->count != 1)
		return jsonata_sequence_result(&results->out);
	if (!jsonata_is_array(v))
	{
		v.flags |= JSONATA_SEQUENCE;
		return v;
	}
	if (last && !(v.flags & JSONATA_SEQUENCE))
		return v;
	if (v.flags & JSONATA_CONS)
		return jsonata_array_of(v, JSONATA_SEQUENCE);
	v.flags = JSONATA_SEQUENCE;
	return v;
}

/* Names and wildcards */

/* The member of an object, or of each object in an array */
Value
jsonata_member(Value input, const char *key, int len)
{
	JsonataSequence out;
	ValueArrayIter it;

	if (jsonata_is_object(input))
		return value_object_get(input, key, len);
	if (!jsonata_is_array(input))
		return value_undefined();

	check_stack_depth();
	jsonata_sequence_init(&out);
	value_array_begin(&it, input);
	while (value_array_next(&it))
	{
		Value v = jsonata_member(it.value, key, len);

		if (!jsonata_is_array(v))
			v.flags = 0;
		jsonata_sequence_append(&out, v);
	}
	return jsonata_sequence_result(&out);
}

static Value
hinted_member(MemberHint *hint, Value object)
{
	const ValueObject *o = object.u.object;

	if (object.kind != VALUE_OBJECT)
		return value_object_get(object, hint->key, hint->len);
	if (hint->at < o->count && o->members[hint->at].key_len == hint->len &&
		memcmp(o->members[hint->at].key, hint->key, hint->len) == 0)
		return o->members[hint->at].value;
	for (int i = 0; i < Min(o->count, 16); i++)
	{
		if (o->members[i].key_len == hint->len &&
			memcmp(o->members[i].key, hint->key, hint->len) == 0)
		{
			hint->at = i;
			return o->members[i].value;
		}
	}
	if (o->count <= 16)
		return value_undefined();
	return value_object_get(object, hint->key, hint->len);
}

/* "*": all members, arrays among them flattened all the way down.  As in the reference
 * the result is a sequence only as long as there are none. */
Value
jsonata_wildcard(Value input)
{
	ValueArray *array = value_array_new(8);
	bool sequence = true;
	Value result;

	if (input.flags & JSONATA_OUTER_WRAPPER)
		input = value_array_get(input, 0);
	if (jsonata_is_object(input))
	{
		ValueObjectIter it;

		value_object_begin(&it, input);
		while (value_object_next(&it))
		{
			sequence &= !jsonata_is_array(it.value);
			flatten_deep(array, it.value);
		}
	}
	else if (jsonata_is_array(input))
	{
		ValueArrayIter it;

		value_array_begin(&it, input);
		while (value_array_next(&it))
		{
			sequence &= !jsonata_is_array(it.value);
			flatten_deep(array, it.value);
		}
	}
	result = value_from_array(array);
	result.flags = sequence ? JSONATA_SEQUENCE : 0;
	return result;
}

static void
flatten_deep(ValueArray *array, Value v)
{
	ValueArrayIter it;

	if (!jsonata_is_array(v))
	{
		value_array_push(array, v);
		return;
	}
	check_stack_depth();
	value_array_begin(&it, v);
	while (value_array_next(&it))
		flatten_deep(array, it.value);
}

/* "**": the value itself and everything in it, but for arrays, whose items stand for them */
Value
jsonata_descendants(Value input)
{
	JsonataSequence out;
	Value result;

	if (input.kind == VALUE_UNDEFINED)
		return input;
	jsonata_sequence_init(&out);
	collect_descendants(&out, input);
	result = jsonata_sequence_result(&out);
	if (out.count == 1)
		result.flags = 0;
	return result;
}

static void
collect_descendants(JsonataSequence *out, Value v)
{
	check_stack_depth();
	if (jsonata_is_array(v))
	{
		ValueArrayIter it;

		value_array_begin(&it, v);
		while (value_array_next(&it))
			collect_descendants(out, it.value);
		return;
	}
	jsonata_sequence_push(out, v);
	if (jsonata_is_object(v))
	{
		ValueObjectIter it;

		CHECK_FOR_INTERRUPTS();
		value_object_begin(&it, v);
		while (value_object_next(&it))
			collect_descendants(out, it.value);
	}
}
