/*-------------------------------------------------------------------------
 *
 * fn_array.c
 *	  Functions on arrays.
 *
 * Where the reference hands an argument through (an array of one, or of
 * none), this does so too, with its flags: it may be a sequence.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_array.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "jsonata/fn.h"
#include "util/utf8.h"

/* What AWS can hold of a $range() */
#define MAX_RANGE 360145

/* For so many items the memory limit is looked at */
#define LARGE_ARRAY 4096

/* Up to so many items each is compared with each */
#define SMALL_ARRAY 8

/* What a sort compares by */
typedef struct SortOrder
{
	JsonataCall *call;
	Value function; /* undefined: numbers or strings by themselves */
	bool numbers;
} SortOrder;

/* The items that $distinct() has seen: open addressing, at most half full */
typedef struct SeenItem
{
	uint32 hash;
	int number; /* in items, + 1; 0: the slot is free */
} SeenItem;

typedef struct SeenItems
{
	ValueArray *items;
	SeenItem *slots; /* NULL while there are few */
	uint32 mask;
} SeenItems;

static bool reserve_items(JsonataCall *call, int64 count);
static bool is_short_array(Value v);
static bool items_are(Value array, ValueType type);
static bool merge_sort(const SortOrder *order, Value *items, Value *space, int count);
static bool comes_after(const SortOrder *order, Value a, Value b, bool *after);
static bool is_truthy(Value v);
static bool add_if_new(SeenItems *seen, Value item);
static void grow_slots(SeenItems *seen);
static inline bool same_value(Value a, Value b);
static uint32 hash_value(Value v);

/* $count(array) */
bool
jsonata_fn_count(JsonataCall *call, Value *result)
{
	int count = fn_missing(call, 0) ? 0 : value_array_length(call->args[0]);

	*result = value_double(count);
	return true;
}

/* $append(a, b) */
bool
jsonata_fn_append(JsonataCall *call, Value *result)
{
	*result = jsonata_append(call->args[0], call->args[1]);
	return true;
}

/* Is there time and memory for an array of so many items? */
static bool
reserve_items(JsonataCall *call, int64 count)
{
	if (count > LARGE_ARRAY && !jsonata_reserve(call, count * sizeof(Value)))
		return false;
	return jsonata_tick(call, count);
}

static bool
is_short_array(Value v)
{
	return value_type(v) != TYPE_ARRAY || value_array_length(v) <= 1;
}

/* $reverse(array) */
bool
jsonata_fn_reverse(JsonataCall *call, Value *result)
{
	Value array = call->args[0];
	ValueArray *reversed;
	int count;

	*result = array;
	if (is_short_array(array))
		return true;
	if (!reserve_items(call, value_array_length(array)))
		return false;
	reversed = value_array_copy(array, 0);
	count = reversed->count;
	for (int i = 0; i < count / 2; i++)
	{
		Value item = reversed->items[i];

		reversed->items[i] = reversed->items[count - 1 - i];
		reversed->items[count - 1 - i] = item;
	}
	*result = value_from_array(reversed);
	return true;
}

/* $shuffle(array) */
bool
jsonata_fn_shuffle(JsonataCall *call, Value *result)
{
	Value array = call->args[0];
	ValueArray *shuffled;

	*result = array;
	if (is_short_array(array))
		return true;
	if (!reserve_items(call, value_array_length(array)))
		return false;
	shuffled = value_array_copy(array, 0);
	for (int i = shuffled->count - 1; i > 0; i--)
	{
		int other = (int) pg_prng_uint64_range(call->scope->random, 0, i);
		Value item = shuffled->items[i];

		shuffled->items[i] = shuffled->items[other];
		shuffled->items[other] = item;
	}
	*result = value_from_array(shuffled);
	return true;
}

/* $zip(array, ...): as long as the shortest */
bool
jsonata_fn_zip(JsonataCall *call, Value *result)
{
	ValueArray *zipped;
	int count = 0;

	for (int i = 0; i < call->nargs; i++)
	{
		int length = value_type(call->args[i]) == TYPE_ARRAY
						 ? value_array_length(call->args[i])
						 : 0;

		count = i == 0 ? length : Min(count, length);
	}
	if (!reserve_items(call, (int64) count * call->nargs))
		return false;
	zipped = value_array_new(count);
	for (int n = 0; n < count; n++)
	{
		ValueArray *row = value_array_new(call->nargs);

		if (!jsonata_tick(call, call->nargs))
			return false;
		for (int i = 0; i < call->nargs; i++)
			value_array_push(row, value_array_get(call->args[i], n));
		value_array_push(zipped, value_from_array(row));
	}
	*result = value_from_array(zipped);
	return true;
}

/* $distinct(value) */
bool
jsonata_fn_distinct(JsonataCall *call, Value *result)
{
	Value array = call->args[0];
	SeenItems seen = {0};
	JsonataSequence sequence;
	ValueArrayIter it;

	*result = array;
	if (is_short_array(array))
		return true;
	if (!jsonata_tick(call, value_array_length(array)))
		return false;
	seen.items = value_array_new(SMALL_ARRAY);
	value_array_begin(&it, array);
	while (value_array_next(&it))
		if (add_if_new(&seen, it.value) && !jsonata_tick(call, 1))
			return false;

	*result = value_from_array(seen.items);
	if (array.flags & JSONATA_SEQUENCE)
	{
		jsonata_sequence_init(&sequence);
		for (int i = 0; i < seen.items->count; i++)
			jsonata_sequence_push(&sequence, seen.items->items[i]);
		*result = jsonata_sequence_result(&sequence);
	}
	return true;
}

static bool
add_if_new(SeenItems *seen, Value item)
{
	uint32 hash;
	uint32 slot;

	if (seen->slots == NULL)
	{
		for (int i = 0; i < seen->items->count; i++)
			if (same_value(seen->items->items[i], item))
				return false;
	}
	else
	{
		hash = hash_value(item);
		for (slot = hash & seen->mask; seen->slots[slot].number != 0;
			 slot = (slot + 1) & seen->mask)
			if (seen->slots[slot].hash == hash &&
				same_value(seen->items->items[seen->slots[slot].number - 1], item))
				return false;
		seen->slots[slot].hash = hash;
		seen->slots[slot].number = seen->items->count + 1;
	}
	value_array_push(seen->items, item);
	if (2 * (uint32) seen->items->count > seen->mask && seen->items->count >= SMALL_ARRAY)
		grow_slots(seen);
	return true;
}

static void
grow_slots(SeenItems *seen)
{
	uint32 size = 8 * seen->items->count;

	size = pg_nextpower2_32(size);
	seen->mask = size - 1;
	seen->slots = palloc0_array(SeenItem, size);
	for (int i = 0; i < seen->items->count; i++)
	{
		uint32 hash = hash_value(seen->items->items[i]);
		uint32 slot = hash & seen->mask;

		while (seen->slots[slot].number != 0)
			slot = (slot + 1) & seen->mask;
		seen->slots[slot].hash = hash;
		seen->slots[slot].number = i + 1;
	}
}

/* Most are strings */
static inline bool
same_value(Value a, Value b)
{
	if (a.kind == VALUE_STRING && b.kind == VALUE_STRING)
		return a.len == b.len && memcmp(a.u.string, b.u.string, a.len) == 0;
	return value_equal(a, b);
}

/* Equal values have equal hashes; the order of an object's members does not count */
static uint32
hash_value(Value v)
{
	ValueType type = value_type(v);
	ValueArrayIter items;
	ValueObjectIter members;
	double d;
	uint32 hash = murmurhash32(type);

	if (type == TYPE_ARRAY || type == TYPE_OBJECT)
		check_stack_depth();
	switch (type)
	{
		case TYPE_BOOL:
			return hash + v.u.boolean;
		case TYPE_NUMBER:
			d = value_to_double(v);
			d = d == 0 ? 0 : d;
			return hash_bytes((const unsigned char *) &d, sizeof(d));
		case TYPE_STRING:
			return hash_bytes((const unsigned char *) v.u.string, v.len);
		case TYPE_ARRAY:
			value_array_begin(&items, v);
			while (value_array_next(&items))
				hash = hash_combine(hash, hash_value(items.value));
			return hash;
		case TYPE_OBJECT:
			value_object_begin(&members, v);
			while (value_object_next(&members))
				hash += hash_combine(hash_bytes((const unsigned char *) members.key,
												members.key_len),
									 hash_value(members.value));
			return hash;
		default:
			return hash;
	}
}

/* $sort(array, function?): stable */
bool
jsonata_fn_sort(JsonataCall *call, Value *result)
{
	Value array = call->args[0];
	SortOrder order = {.call = call, .function = call->args[1]};
	ValueArray *sorted;

	*result = array;
	if (is_short_array(array))
		return true;
	if (fn_missing(call, 1))
	{
		order.numbers = items_are(array, TYPE_NUMBER);
		if (!order.numbers && !items_are(array, TYPE_STRING))
			return jsonata_raise_value(call, "D3070", array);
	}
	/* the array, and room to sort it in */
	if (!reserve_items(call, 2 * (int64) value_array_length(array)))
		return false;
	sorted = value_array_copy(array, 0);
	if (!merge_sort(&order,
					sorted->items,
					palloc_array(Value, sorted->count),
					sorted->count))
		return false;
	*result = value_from_array(sorted);
	return true;
}

static bool
items_are(Value array, ValueType type)
{
	ValueArrayIter it;

	value_array_begin(&it, array);
	while (value_array_next(&it))
		if (value_type(it.value) != type)
			return false;
	return true;
}

/* Sorts in place; space has room for as many */
static bool
merge_sort(const SortOrder *order, Value *items, Value *space, int count)
{
	int middle = count / 2;
	int left = 0;
	int right = middle;
	bool after;

	if (count <= 1)
		return true;
	if (!merge_sort(order, items, space, middle) ||
		!merge_sort(order, items + middle, space, count - middle))
		return false;
	/* nothing to do where the halves are in order already */
	if (!comes_after(order, items[middle - 1], items[middle], &after))
		return false;
	if (!after && value_is_undefined(order->function))
		return true;
	memcpy(space, items, middle * sizeof(Value));
	for (int i = 0; left < middle; i++)
	{
		after = false;
		if (right < count && !comes_after(order, space[left], items[right], &after))
			return false;
		items[i] = after ? items[right++] : space[left++];
	}
	return true;
}

/* Does a belong behind b? */
static bool
comes_after(const SortOrder *order, Value a, Value b, bool *after)
{
	Value args[2] = {a, b};
	Value result;

	if (!value_is_undefined(order->function))
	{
		if (!jsonata_apply(order->call, order->function, args, 2, &result))
			return false;
		*after = is_truthy(result);
		return true;
	}
	if (order->numbers)
		*after = value_to_double(a) > value_to_double(b);
	else
		*after = utf8_compare_utf16(a.u.string, a.len, b.u.string, b.len) > 0;
	return jsonata_tick(order->call, 1);
}

/* As JavaScript's if() has it, which is what the reference's sort asks */
static bool
is_truthy(Value v)
{
	double d;

	switch (value_type(v))
	{
		case TYPE_UNDEFINED:
		case TYPE_NULL:
			return false;
		case TYPE_BOOL:
			return v.u.boolean;
		case TYPE_NUMBER:
			d = value_to_double(v);
			return d != 0 && !isnan(d);
		case TYPE_STRING:
			return v.len > 0;
		default:
			return true;
	}
}

/* $partition(array, size?) of Step Functions: one chunk where there is no size */
bool
jsonata_fn_partition(JsonataCall *call, Value *result)
{
	Value array = call->args[0];
	ValueArray *chunks;
	ValueArray *chunk = NULL;
	ValueArrayIter it;
	double size;

	if (fn_missing(call, 0))
		return true;
	if (value_type(array) != TYPE_ARRAY)
		return jsonata_raise_index(call, "T0412", array, 1, NULL);
	size = fn_missing(call, 1) ? value_array_length(array)
							   : trunc(value_to_double(call->args[1]));
	if (size < 0)
	{
		const char *text = "Second argument must be zero or greater";

		return jsonata_raise_text(call, "D3137", text, (int) strlen(text));
	}
	if (value_array_length(array) == 0 || !(size >= 1))
		return true;
	if (!reserve_items(call, value_array_length(array)))
		return false;

	chunks = value_array_new(8);
	value_array_begin(&it, array);
	while (value_array_next(&it))
	{
		if (chunk == NULL || chunk->count >= size)
		{
			if (chunk != NULL)
				value_array_push(chunks, value_from_array(chunk));
			chunk = value_array_new((int) Min(size, it.count - it.position + 1));
		}
		value_array_push(chunk, it.value);
	}
	value_array_push(chunks, value_from_array(chunk));
	*result = value_from_array(chunks);
	return true;
}

/* $range(first, last, step?) of Step Functions: a sequence, last included */
bool
jsonata_fn_range(JsonataCall *call, Value *result)
{
	JsonataSequence sequence;
	double first;
	double last;
	double step;
	double count;

	if (fn_missing(call, 0) || fn_missing(call, 1) || fn_missing(call, 2))
		return true;
	first = trunc(value_to_double(call->args[0]));
	last = trunc(value_to_double(call->args[1]));
	step = trunc(value_to_double(call->args[2]));
	count = floor((last - first) / step) + 1;
	if (step == 0 || !(count >= 1))
		return true;
	if (count > MAX_RANGE)
		return fn_raise_limit(call, FN_MEMORY_LIMIT);
	if (!reserve_items(call, (int64) count))
		return false;

	jsonata_sequence_init(&sequence);
	for (int i = 0; i < count; i++)
		jsonata_sequence_push(&sequence, value_double(first + i * step));
	*result = jsonata_sequence_result(&sequence);
	return true;
}
