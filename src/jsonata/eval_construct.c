/*-------------------------------------------------------------------------
 *
 * eval_construct.c
 *	  Array and object constructors, and grouping.
 *
 * An object constructor is a grouping of its context: the items of the context
 * are distributed to the keys that they give, then each key's value is
 * evaluated with its items as the context.  Where the keys are literals and
 * there is one item only, which is how objects are mostly made, there is
 * nothing to distribute.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_construct.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/eval.h"

/* The items that gave one key */
typedef struct GroupEntry
{
	Value key;
	int pair; /* which of the pairs the key is from */
	JsonataJoin items;
	ValueArray *tuples;
} GroupEntry;

typedef struct Grouping
{
	JsonataEval *eval;
	const JsonataGroup *group;
	JsonataFrame *frame;
	const JsonataLayout *layout; /* of the tuples, or NULL */
	bool tuples;                 /* the input is a tuple stream */
	ValueObject *index;          /* key -> position in entries */
	GroupEntry *entries;
	int count;
	int capacity;
} Grouping;

static bool plain_object(JsonataEval *eval, const JsonataNodes *pairs, Value input,
						 JsonataFrame *frame, Value *result);
static bool distribute(Grouping *grouping, Value item);
static bool add_to_group(Grouping *grouping, Value key, int pair, Value item);
static bool evaluate_groups(Grouping *grouping, Value *result);
static JsonataFrame *reduce_tuples(const Grouping *grouping, const ValueArray *tuples);

/* [a, b, c] */
bool
jsonata_eval_array(JsonataEval *eval, const JsonataNode *node, Value input,
				   JsonataFrame *frame, Value *result)
{
	const JsonataNodes *list = &node->u.list.list;
	ValueArray *array;
	Value v;

	/* a range alone is the array, but no longer a sequence */
	if (list->count == 1 && list->items[0]->type == NODE_BINARY &&
		list->items[0]->op == OP_RANGE)
	{
		if (!jsonata_eval_node(eval, list->items[0], input, frame, &v))
			return false;
		if (jsonata_is_array(v))
		{
			*result = v;
			result->flags = node->flags & NODE_CONSARRAY ? JSONATA_CONS : 0;
			return true;
		}
		*result = v.kind == VALUE_UNDEFINED ? value_from_array(value_array_new(0))
											: jsonata_array_of(v, 0);
		if (node->flags & NODE_CONSARRAY)
			result->flags = JSONATA_CONS;
		return true;
	}
	array = value_array_new(list->count);
	for (int i = 0; i < list->count; i++)
	{
		const JsonataNode *item = list->items[i];

		if (!jsonata_eval_operand(eval, item, input, frame, &v))
			return false;
		if (v.kind == VALUE_UNDEFINED)
			continue;
		if (item->type != NODE_ARRAY && jsonata_is_array(v))
		{
			ValueArrayIter it;

			value_array_begin(&it, v);
			while (value_array_next(&it))
				value_array_push(array, it.value);
		}
		else
			value_array_push(array, v);
	}
	*result = value_from_array(array);
	if (node->flags & NODE_CONSARRAY)
		result->flags = JSONATA_CONS;
	return true;
}

/* {k: v} */
bool
jsonata_eval_object(JsonataEval *eval, const JsonataNode *node, Value input,
					JsonataFrame *frame, Value *result)
{
	JsonataGroup group = {
		.pairs = node->u.list.list,
		.position = node->position,
		.plain_keys = (node->flags & NODE_PLAIN_KEYS) != 0,
	};

	return jsonata_eval_group(eval, &group, input, frame, NULL, result);
}

bool
jsonata_eval_group(JsonataEval *eval, const JsonataGroup *group, Value input,
				   JsonataFrame *frame, const JsonataLayout *tuple_layout, Value *result)
{
	Grouping grouping = {
		.eval = eval,
		.group = group,
		.frame = frame,
		.layout = tuple_layout,
		.tuples = (input.flags & JSONATA_TUPLE_STREAM) != 0,
	};
	ValueArrayIter it;

	if (!grouping.tuples && tuple_layout != NULL)
		grouping.frame = jsonata_frame_new(tuple_layout, frame);
	if (!jsonata_is_array(input))
	{
		input.flags = 0;
		if (group->plain_keys)
			return plain_object(eval, &group->pairs, input, grouping.frame, result);
		if (!distribute(&grouping, input))
			return false;
		return evaluate_groups(&grouping, result);
	}
	value_array_begin(&it, input);
	if (value_array_length(input) == 0 && !grouping.tuples &&
		!distribute(&grouping, value_undefined()))
		return false;
	while (value_array_next(&it))
	{
		if (!distribute(&grouping, it.value))
			return false;
	}
	return evaluate_groups(&grouping, result);
}

static bool
plain_object(JsonataEval *eval, const JsonataNodes *pairs, Value input,
			 JsonataFrame *frame, Value *result)
{
	ValueObject *object = value_object_new(pairs->count / 2);

	for (int i = 0; i < pairs->count; i += 2)
	{
		const Value *key = &pairs->items[i]->u.literal;
		Value v;

		if (!jsonata_eval_operand(eval, pairs->items[i + 1], input, frame, &v))
			return false;
		if (v.kind != VALUE_UNDEFINED)
			value_object_add(object, key->u.string, key->len, v);
	}
	*result = value_from_object(object);
	return true;
}

/* An item to the keys that it gives */
static bool
distribute(Grouping *grouping, Value item)
{
	const JsonataNodes *pairs = &grouping->group->pairs;
	JsonataFrame *frame = grouping->frame;
	Value context = item;

	if (grouping->tuples)
	{
		frame = jsonata_tuple(item);
		context = frame->values[0];
	}
	for (int i = 0; i < pairs->count; i += 2)
	{
		Value key;

		if (!jsonata_eval_operand(grouping->eval, pairs->items[i], context, frame, &key))
			return false;
		if (key.kind == VALUE_UNDEFINED)
			continue;
		if (key.kind != VALUE_STRING)
		{
			JsonataFault fault = {
				.code = "T1003",
				.position = grouping->group->position,
				.value = key,
			};

			return jsonata_fault(grouping->eval->run->error, &fault);
		}
		if (!add_to_group(grouping, key, i, item))
			return false;
	}
	return true;
}

static bool
add_to_group(Grouping *grouping, Value key, int pair, Value item)
{
	GroupEntry *entry;
	Value at;

	if (grouping->index == NULL)
		grouping->index = value_object_new(8);
	at = value_object_get(value_from_object(grouping->index), key.u.string, key.len);
	if (at.kind == VALUE_UNDEFINED)
	{
		if (grouping->count == grouping->capacity)
		{
			grouping->capacity = Max(8, grouping->capacity * 2);
			grouping->entries =
				grouping->count == 0
					? palloc_array(GroupEntry, grouping->capacity)
					: repalloc_array(grouping->entries, GroupEntry, grouping->capacity);
		}
		value_object_add(grouping->index,
						 key.u.string,
						 key.len,
						 value_double(grouping->count));
		entry = &grouping->entries[grouping->count++];
		memset(entry, 0, sizeof(GroupEntry));
		entry->key = key;
		entry->pair = pair;
	}
	else
		entry = &grouping->entries[(int) at.u.number];
	if (entry->pair != pair)
	{
		JsonataFault fault = {
			.code = "D1009",
			.position = grouping->group->position,
			.value = key,
		};

		return jsonata_fault(grouping->eval->run->error, &fault);
	}
	if (!grouping->tuples)
		jsonata_join_add(&entry->items, item);
	else
	{
		if (entry->tuples == NULL)
			entry->tuples = value_array_new(4);
		value_array_push(entry->tuples, item);
	}
	return true;
}

static bool
evaluate_groups(Grouping *grouping, Value *result)
{
	ValueObject *object = value_object_new(grouping->count);

	for (int i = 0; i < grouping->count; i++)
	{
		GroupEntry *entry = &grouping->entries[i];
		JsonataFrame *frame = grouping->frame;
		Value context;
		Value v;

		if (grouping->tuples)
		{
			frame = reduce_tuples(grouping, entry->tuples);
			context = frame->values[0];
		}
		else
			context = jsonata_join_result(&entry->items);
		if (!jsonata_eval_operand(grouping->eval,
								  grouping->group->pairs.items[entry->pair + 1],
								  context,
								  frame,
								  &v))
			return false;
		if (v.kind != VALUE_UNDEFINED)
			value_object_add(object, entry->key.u.string, entry->key.len, v);
	}
	*result = value_from_object(object);
	return true;
}

/* One tuple of several: each variable has the values of all of them */
static JsonataFrame *
reduce_tuples(const Grouping *grouping, const ValueArray *tuples)
{
	JsonataFrame *first = jsonata_tuple(tuples->items[0]);
	JsonataFrame *reduced;

	if (tuples->count == 1)
		return first;
	reduced = jsonata_frame_new(first->layout, first->outer);
	for (int slot = 0; slot < first->layout->ntuple; slot++)
	{
		JsonataJoin join = {.count = 0};

		for (int i = 0; i < tuples->count; i++)
		{
			Value v = jsonata_tuple(tuples->items[i])->values[slot];

			if (v.kind != KIND_UNBOUND)
				jsonata_join_add(&join, v);
		}
		if (join.count > 0)
			reduced->values[slot] = jsonata_join_result(&join);
	}
	return reduced;
}
