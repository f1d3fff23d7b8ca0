/*-------------------------------------------------------------------------
 *
 * fn_math.c
 *	  Intrinsic functions on numbers, and those that draw random ones.
 *
 * Randomness comes from the scope.
 *
 * IDENTIFICATION
 *	  src/intrinsic/fn_math.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "intrinsic/call.h"

/* java.util.Random: a linear congruential generator of 48 bits */
#define JAVA_RANDOM_MULTIPLIER UINT64CONST(0x5DEECE66D)
#define JAVA_RANDOM_MASK ((UINT64CONST(1) << 48) - 1)

/* States.MathAdd(a, b) */
bool
intrinsic_math_add(const IntrinsicArgs *args, Value *result)
{
	int64 a;
	int64 b;

	if (!intrinsic_int_arg(args, 0, &a) || !intrinsic_int_arg(args, 1, &b))
		return false;
	*result = value_int64(a + b);
	return true;
}

/* Java's Random.next(31) */
static int64
java_random_next(uint64 *state)
{
	*state = (*state * JAVA_RANDOM_MULTIPLIER + 0xB) & JAVA_RANDOM_MASK;
	return (int64) (*state >> (48 - 31));
}

/*
 * A number below bound (which is positive), from a seed: Java's nextInt(bound),
 * and beyond its range two draws put together.
 */
static int64
seeded_below(int64 seed, int64 bound)
{
	uint64 state = ((uint64) seed ^ JAVA_RANDOM_MULTIPLIER) & JAVA_RANDOM_MASK;
	int64 bits;
	int64 number;

	if (bound > PG_INT32_MAX)
	{
		bits = java_random_next(&state) << 31;
		return (bits | java_random_next(&state)) % bound;
	}
	if ((bound & (bound - 1)) == 0)
		return (bound * java_random_next(&state)) >> 31;

	/* draws from the incomplete last stretch would favour small numbers */
	do
	{
		bits = java_random_next(&state);
		number = bits % bound;
	} while (bits - number + (bound - 1) > PG_INT32_MAX);
	return number;
}

/* States.MathRandom(start, end [, seed]): start belongs to it, end does not */
bool
intrinsic_math_random(const IntrinsicArgs *args, Value *result)
{
	int64 start;
	int64 end;
	int64 seed;
	int64 below;

	if (!intrinsic_int_arg(args, 0, &start) || !intrinsic_int_arg(args, 1, &end))
		return false;
	if (start >= end)
		return intrinsic_fail(args, "The start of the range must be less than its end");
	if (args->count == 3)
	{
		if (!intrinsic_int_arg(args, 2, &seed))
			return false;
		below = seeded_below(seed, end - start);
	}
	else if (args->scope->random == NULL)
		return intrinsic_fail(args, "There is no source of random numbers");
	else
		below = (int64) pg_prng_uint64_range(args->scope->random,
											 0,
											 (uint64) (end - start) - 1);
	*result = value_int64(start + below);
	return true;
}

/* States.UUID(): version 4 */
bool
intrinsic_uuid(const IntrinsicArgs *args, Value *result)
{
	uint64 high;
	uint64 low;

	if (args->scope->random == NULL)
		return intrinsic_fail(args, "There is no source of random numbers");
	high = pg_prng_uint64(args->scope->random);
	low = pg_prng_uint64(args->scope->random);
	high = (high & ~UINT64CONST(0xF000)) | UINT64CONST(0x4000);
	low = (low & ~(UINT64CONST(3) << 62)) | (UINT64CONST(2) << 62);
	*result = value_cstring(psprintf("%08x-%04x-%04x-%04x-%04x%08x",
									 (uint32) (high >> 32),
									 (uint32) (high >> 16) & 0xFFFF,
									 (uint32) high & 0xFFFF,
									 (uint32) (low >> 48),
									 (uint32) (low >> 32) & 0xFFFF,
									 (uint32) low));
	return true;
}
