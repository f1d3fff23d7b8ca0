/*-------------------------------------------------------------------------
 *
 * compare.c
 *	  Equality of values as JSON, order of numbers.
 *
 * Knows values; must not know the comparison rules of any one language.
 *
 * IDENTIFICATION
 *	  src/value/compare.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/fmgrprotos.h"

#include "value/value.h"

static bool numbers_equal(Value a, Value b);
static bool arrays_equal(Value a, Value b);
static bool objects_equal(Value a, Value b);

bool
value_equal(Value a, Value b)
{
	ValueType type = value_type(a);

	if (type != value_type(b))
		return false;
	switch (type)
	{
		case TYPE_UNDEFINED:
		case TYPE_NULL:
			return true;
		case TYPE_BOOL:
			return a.u.boolean == b.u.boolean;
		case TYPE_NUMBER:
			return numbers_equal(a, b);
		case TYPE_STRING:
			return a.len == b.len && memcmp(a.u.string, b.u.string, a.len) == 0;
		case TYPE_ARRAY:
			return arrays_equal(a, b);
		case TYPE_OBJECT:
			return objects_equal(a, b);
		case TYPE_FUNCTION:
			return a.u.function == b.u.function;
	}
	return false;
}

/* NaN equals nothing */
static bool
numbers_equal(Value a, Value b)
{
	if ((a.kind == VALUE_DOUBLE && isnan(a.u.number)) ||
		(b.kind == VALUE_DOUBLE && isnan(b.u.number)))
		return false;
	return value_compare_numbers(a, b) == 0;
}

int
value_compare_numbers(Value a, Value b)
{
	double left = value_to_double(a);
	double right = value_to_double(b);

	/* most numbers already differ as doubles */
	if (left < right)
		return -1;
	if (left > right)
		return 1;
	if (a.kind == VALUE_DOUBLE && b.kind == VALUE_DOUBLE)
		return 0;

	/* an infinity is beyond every numeric, though not beyond its nearest double */
	if (a.kind == VALUE_DOUBLE && isinf(left))
		return left > 0 ? 1 : -1;
	if (b.kind == VALUE_DOUBLE && isinf(right))
		return right > 0 ? -1 : 1;
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											 NumericGetDatum(value_to_numeric(a)),
											 NumericGetDatum(value_to_numeric(b))));
}

static bool
arrays_equal(Value a, Value b)
{
	ValueArrayIter left;
	ValueArrayIter right;

	check_stack_depth();
	if (value_array_length(a) != value_array_length(b))
		return false;
	value_array_begin(&left, a);
	value_array_begin(&right, b);
	while (value_array_next(&left) && value_array_next(&right))
	{
		CHECK_FOR_INTERRUPTS();
		if (!value_equal(left.value, right.value))
			return false;
	}
	return true;
}

static bool
objects_equal(Value a, Value b)
{
	ValueObjectIter it;

	check_stack_depth();
	if (value_object_size(a) != value_object_size(b))
		return false;
	value_object_begin(&it, a);
	while (value_object_next(&it))
	{
		CHECK_FOR_INTERRUPTS();
		if (!value_equal(it.value, value_object_get(b, it.key, it.key_len)))
			return false;
	}
	return true;
}
