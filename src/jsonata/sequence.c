/*-------------------------------------------------------------------------
 *
 * sequence.c
 *	  Sequences and arrays, put together item by item.
 *
 * Knows values; must not know the syntax tree.
 *
 * IDENTIFICATION
 *	  src/jsonata/sequence.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/eval.h"

static void push_items(ValueArray *array, Value v);

static inline void
push(ValueArray *array, Value item)
{
	if (array->count < array->capacity)
		array->items[array->count++] = item;
	else
		value_array_push(array, item);
}

void
jsonata_sequence_push(JsonataSequence *sequence, Value item)
{
	if (sequence->array != NULL)
		push(sequence->array, item);
	else if (sequence->count == 0)
		sequence->first = item;
	else
	{
		sequence->array = value_array_new(8);
		push(sequence->array, sequence->first);
		push(sequence->array, item);
	}
	sequence->count++;
}

void
jsonata_sequence_append(JsonataSequence *sequence, Value v)
{
	ValueArrayIter it;

	if (v.kind == VALUE_UNDEFINED)
		return;
	if (!jsonata_is_array(v))
	{
		jsonata_sequence_push(sequence, v);
		return;
	}
	value_array_begin(&it, v);
	while (value_array_next(&it))
		jsonata_sequence_push(sequence, it.value);
}

Value
jsonata_sequence_result(const JsonataSequence *sequence)
{
	Value v;

	if (sequence->count == 0)
		v = value_undefined();
	else if (sequence->array != NULL)
		v = value_from_array(sequence->array);
	else if (jsonata_is_array(sequence->first) || sequence->first.kind == VALUE_UNDEFINED)
		return jsonata_array_of(sequence->first, JSONATA_SEQUENCE);
	else
		v = sequence->first;
	v.flags |= JSONATA_SEQUENCE;
	return v;
}

Value
jsonata_array_of(Value item, uint8 flags)
{
	ValueArray *array = value_array_new(1);
	Value v;

	push(array, item);
	v = value_from_array(array);
	v.flags = flags;
	return v;
}

Value
jsonata_append(Value a, Value b)
{
	JsonataJoin join = {.count = 0};

	jsonata_join_add(&join, a);
	jsonata_join_add(&join, b);
	return jsonata_join_result(&join);
}

void
jsonata_join_add(JsonataJoin *join, Value v)
{
	if (v.kind == VALUE_UNDEFINED)
		return;
	if (join->count++ == 0)
	{
		join->first = v;
		return;
	}
	if (join->array == NULL)
	{
		join->array = value_array_new(8);
		push_items(join->array, join->first);
	}
	push_items(join->array, v);
}

/* The only value itself, or an array of them all */
Value
jsonata_join_result(const JsonataJoin *join)
{
	if (join->count == 0)
		return value_undefined();
	return join->array != NULL ? value_from_array(join->array) : join->first;
}

static void
push_items(ValueArray *array, Value v)
{
	ValueArrayIter it;

	if (!jsonata_is_array(v))
	{
		push(array, v);
		return;
	}
	value_array_begin(&it, v);
	while (value_array_next(&it))
		push(array, it.value);
}
