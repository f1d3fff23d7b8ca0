/*-------------------------------------------------------------------------
 *
 * fn_array.c
 *	  Intrinsic functions on arrays.
 *
 * IDENTIFICATION
 *	  src/intrinsic/fn_array.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"

#include "intrinsic/call.h"

/* States.Array(v...) */
bool
intrinsic_array(const IntrinsicArgs *args, Value *result)
{
	ValueArray *array = value_array_new(args->count);
	int i;

	for (i = 0; i < args->count; i++)
		value_array_push(array, args->values[i]);
	*result = value_from_array(array);
	return true;
}

/* States.ArrayPartition(array, size): the last part may be shorter */
bool
intrinsic_array_partition(const IntrinsicArgs *args, Value *result)
{
	ValueArray *parts;
	int length;
	int64 size;
	int64 i;

	if (!intrinsic_array_arg(args, 0) || !intrinsic_int_arg(args, 1, &size))
		return false;
	if (size <= 0)
		return intrinsic_fail(args,
							  "The size of a part must be positive but was: %d",
							  (int) size);
	length = value_array_length(args->values[0]);
	parts = value_array_new((int) ((length + size - 1) / size));
	for (i = 0; i < length; i += size)
	{
		int end = (int) Min(i + size, length);
		ValueArray *part = value_array_new(end - (int) i);
		int j;

		CHECK_FOR_INTERRUPTS();
		for (j = (int) i; j < end; j++)
			value_array_push(part, value_array_get(args->values[0], j));
		value_array_push(parts, value_from_array(part));
	}
	*result = value_from_array(parts);
	return true;
}

/* States.ArrayContains(array, value) */
bool
intrinsic_array_contains(const IntrinsicArgs *args, Value *result)
{
	int length;
	int i;

	if (!intrinsic_array_arg(args, 0))
		return false;
	length = value_array_length(args->values[0]);
	for (i = 0; i < length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (value_equal(value_array_get(args->values[0], i), args->values[1]))
			break;
	}
	*result = value_bool(i < length);
	return true;
}

/* States.ArrayRange(first, last, step): both ends belong to it */
bool
intrinsic_array_range(const IntrinsicArgs *args, Value *result)
{
	ValueArray *array;
	int64 first;
	int64 last;
	int64 step;
	int64 count;
	int64 i;

	if (!intrinsic_int_arg(args, 0, &first) || !intrinsic_int_arg(args, 1, &last) ||
		!intrinsic_int_arg(args, 2, &step))
		return false;
	if (step == 0)
		return intrinsic_fail(args, "The increment must not be zero");
	count =
		(step > 0) == (last >= first) || first == last ? (last - first) / step + 1 : 0;
	if (count > INTRINSIC_MAX_RANGE)
		return intrinsic_fail(args,
							  "The range must not have more than %d elements",
							  INTRINSIC_MAX_RANGE);
	array = value_array_new((int) count);
	for (i = 0; i < count; i++)
		value_array_push(array, value_int64(first + i * step));
	*result = value_from_array(array);
	return true;
}

/* States.ArrayGetItem(array, index) */
bool
intrinsic_array_get_item(const IntrinsicArgs *args, Value *result)
{
	int64 index;

	if (!intrinsic_array_arg(args, 0))
		return false;
	if (value_type(args->values[1]) != TYPE_NUMBER ||
		!value_to_int64(args->values[1], &index))
		return intrinsic_fail(args,
							  "The index must be an integer but was: %s",
							  value_to_text(args->values[1]));
	if (index < 0 || index >= value_array_length(args->values[0]))
		return intrinsic_fail(args, "The index " INT64_FORMAT " is out of bounds", index);
	*result = value_array_get(args->values[0], (int) index);
	return true;
}

/* States.ArrayLength(array) */
bool
intrinsic_array_length(const IntrinsicArgs *args, Value *result)
{
	if (!intrinsic_array_arg(args, 0))
		return false;
	*result = value_int64(value_array_length(args->values[0]));
	return true;
}

/* Equal values (as value_equal() sees it) have equal hashes */
static uint32
hash_value(Value v)
{
	uint32 hash = value_type(v);
	ValueObjectIter it;
	int length;
	int i;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (value_type(v))
	{
		case TYPE_BOOL:
			return hash_combine(hash, v.u.boolean);
		case TYPE_NUMBER:
			return hash_combine(hash,
								DatumGetUInt32(
									DirectFunctionCall1(hash_numeric,
														NumericGetDatum(
															value_to_numeric(v)))));
		case TYPE_STRING:
			return hash_combine(hash,
								hash_bytes((const unsigned char *) v.u.string, v.len));
		case TYPE_ARRAY:
			length = value_array_length(v);
			for (i = 0; i < length; i++)
				hash = hash_combine(hash, hash_value(value_array_get(v, i)));
			return hash;
		case TYPE_OBJECT:
			/* the order of members does not count */
			value_object_begin(&it, v);
			while (value_object_next(&it))
				hash ^=
					hash_combine(hash_bytes((const unsigned char *) it.key, it.key_len),
								 hash_value(it.value));
			return hash;
		default:
			return hash;
	}
}

/* States.ArrayUnique(array): the first of equal elements stays */
bool
intrinsic_array_unique(const IntrinsicArgs *args, Value *result)
{
	ValueArray *unique;
	int *slots; /* number of an element of unique, or -1: open addressing */
	uint32 mask;
	int length;
	int i;

	if (!intrinsic_array_arg(args, 0))
		return false;
	length = value_array_length(args->values[0]);
	unique = value_array_new(length);
	mask = pg_nextpower2_32(Max(length, 1) * 2) - 1;
	slots = palloc_extended((Size) (mask + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	memset(slots, -1, (Size) (mask + 1) * sizeof(int));
	for (i = 0; i < length; i++)
	{
		Value item = value_array_get(args->values[0], i);
		uint32 slot = hash_value(item) & mask;

		while (slots[slot] >= 0 && !value_equal(unique->items[slots[slot]], item))
			slot = (slot + 1) & mask;
		if (slots[slot] >= 0)
			continue;
		slots[slot] = unique->count;
		value_array_push(unique, item);
	}
	*result = value_from_array(unique);
	return true;
}
