/*-------------------------------------------------------------------------
 *
 * eval_filter.c
 *	  Filters: a[0], a[b > 1], a[[1..3]].
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_filter.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/eval.h"

static Value filter_index(Value input, double index);
static bool selects(JsonataEval *eval, const JsonataNode *filter, Value v, int at,
					int count, int *times);

bool
jsonata_eval_filter(JsonataEval *eval, const JsonataNode *filter, Value input,
					JsonataFrame *frame, Value *result)
{
	bool is_array = jsonata_is_array(input);
	bool tuples = (input.flags & JSONATA_TUPLE_STREAM) != 0;
	int count = is_array ? value_array_length(input) : 1;
	JsonataSequence out;
	ValueArrayIter it;

	if (filter->type == NODE_NUMBER)
	{
		*result = filter_index(input, filter->u.literal.u.number);
		if (tuples && result->kind == KIND_TUPLE)
			*result = jsonata_array_of(*result, JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM);
		return true;
	}
	jsonata_sequence_init(&out);
	if (is_array)
		value_array_begin(&it, input);
	for (int i = 0; i < count; i++)
	{
		JsonataFrame *env = frame;
		Value item = input;
		Value context;
		Value v;
		int times;

		if (is_array)
		{
			value_array_next(&it);
			item = it.value;
		}
		else
			item.flags = 0;
		context = item;
		if (tuples)
		{
			env = jsonata_tuple(item);
			context = env->values[0];
		}
		if (!jsonata_eval_node(eval, filter, context, env, &v) ||
			!selects(eval, filter, v, i, count, &times))
			return false;
		/* as in the reference, nothing at all is an item too, if the filter takes it */
		for (; times > 0; times--)
			jsonata_sequence_push(&out, item);
	}
	*result = jsonata_sequence_result(&out);
	if (tuples)
	{
		if (out.count == 0)
			*result = value_from_array(value_array_new(0));
		else if (out.count == 1)
			*result = jsonata_array_of(out.first, 0);
		result->flags = JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM;
	}
	return true;
}

/* [n], counted from the end if negative */
static Value
filter_index(Value input, double index)
{
	int count = jsonata_is_array(input) ? value_array_length(input) : 1;
	Value v;

	index = floor(index);
	if (index < 0)
		index += count;
	if (index < 0 || index >= count)
	{
		v = value_undefined();
		v.flags = JSONATA_SEQUENCE;
		return v;
	}
	v = jsonata_is_array(input) ? value_array_get(input, (int) index) : input;
	if (!jsonata_is_array(v))
		v.flags |= JSONATA_SEQUENCE;
	return v;
}

/* How often does a filter's value select the item at a place?  Numbers are places,
 * anything else is true or false. */
static bool
selects(JsonataEval *eval, const JsonataNode *filter, Value v, int at, int count,
		int *times)
{
	ValueArrayIter it;
	bool only_numbers = true;

	if (v.kind == VALUE_BOOL)
	{
		*times = v.u.boolean;
		return true;
	}
	*times = 0;
	if (jsonata_is_number(v))
	{
		double place = floor(jsonata_number(v));

		if (!jsonata_check_finite(eval, filter, v))
			return false;
		*times = (place < 0 ? place + count : place) == at;
		return true;
	}
	if (jsonata_is_array(v))
	{
		value_array_begin(&it, v);
		while (only_numbers && value_array_next(&it))
		{
			double place;

			only_numbers = jsonata_is_number(it.value);
			if (!only_numbers)
				break;
			if (!jsonata_check_finite(eval, filter, it.value))
				return false;
			place = floor(jsonata_number(it.value));
			*times += (place < 0 ? place + count : place) == at;
		}
		if (only_numbers)
			return true;
	}
	*times = jsonata_is_true(v);
	return true;
}
