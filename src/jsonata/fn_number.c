/*-------------------------------------------------------------------------
 *
 * fn_number.c
 *	  Functions on numbers.
 *
 * Numbers are doubles here; one that is handed through unchanged ($max,
 * $floor of a whole number) keeps the digits it came with.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_number.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/pg_prng.h"

#include "jsonata/fn.h"
#include "jsonata/picture.h"
#include "util/number.h"

#define MIN_RADIX 2
#define MAX_RADIX 36
#define RADIX_TEXT_SIZE 1100 /* digits of the largest double to base 2, and a sign */

/* java.util.Random: x' = (x * multiplier + 11) mod 2^48 */
#define JAVA_MULTIPLIER UINT64CONST(0x5DEECE66D)
#define JAVA_INCREMENT 0xB
#define JAVA_STATE_MASK ((UINT64CONST(1) << 48) - 1)

static bool read_number(Value text, double *number);
static int skip_digits(const char *s, int len, int from);
static bool read_prefixed(Value text, double *number);
static double java_random(int64 seed);
static uint32 java_next(uint64 *state, int bits);
static int64 to_int64(double d);
static int write_radix(double d, int radix, char *buf);

/* $number(value) */
bool
jsonata_fn_number(JsonataCall *call, Value *result)
{
	Value v = call->args[0];
	double d;

	switch (value_type(v))
	{
		case TYPE_NUMBER:
			*result = v;
			return true;
		case TYPE_BOOL:
			*result = value_double(v.u.boolean ? 1 : 0);
			return true;
		case TYPE_STRING:
			if (!read_number(v, &d) && !read_prefixed(v, &d))
				return jsonata_raise_value(call, "D3030", v);
			*result = value_double(d);
			return true;
		default:
			return true;
	}
}

/* -?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)? that a double can hold */
static bool
read_number(Value text, double *number)
{
	const char *s = text.u.string;
	int len = text.len;
	int start = len > 0 && s[0] == '-' ? 1 : 0;
	int i = skip_digits(s, len, start);

	if (i == start)
		return false;
	if (i < len && s[i] == '.')
	{
		start = i + 1;
		i = skip_digits(s, len, start);
		if (i == start)
			return false;
	}
	if (i < len && (s[i] == 'e' || s[i] == 'E'))
	{
		start = i + 1;
		if (start < len && (s[start] == '-' || s[start] == '+'))
			start++;
		i = skip_digits(s, len, start);
		if (i == start)
			return false;
	}
	if (i < len)
		return false;
	*number = strtod(value_to_cstring(text), NULL);
	return isfinite(*number);
}

static int
skip_digits(const char *s, int len, int from)
{
	while (from < len && s[from] >= '0' && s[from] <= '9')
		from++;
	return from;
}

/* 0x1F, 0o17, 0b11 */
static bool
read_prefixed(Value text, double *number)
{
	int radix;
	double d = 0;

	if (text.len < 3 || text.u.string[0] != '0')
		return false;
	switch (text.u.string[1] | 0x20)
	{
		case 'x':
			radix = 16;
			break;
		case 'o':
			radix = 8;
			break;
		case 'b':
			radix = 2;
			break;
		default:
			return false;
	}
	for (int i = 2; i < text.len; i++)
	{
		char c = text.u.string[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
					: c >= 'a' && c <= 'f' ? c - 'a' + 10
					: c >= 'A' && c <= 'F' ? c - 'A' + 10
										   : MAX_RADIX;

		if (digit >= radix)
			return false;
		d = d * radix + digit;
	}
	*number = d;
	return isfinite(d);
}

/* $abs(number), $floor(number), $ceil(number) */
bool
jsonata_fn_integral(JsonataCall *call, Value *result)
{
	Value v = call->args[0];
	double d;

	if (fn_missing(call, 0))
		return true;
	d = value_to_double(v);
	if (call->magic == FN_ABS)
	{
		*result = d < 0 ? value_double(-d) : v;
		return true;
	}
	/* whole numbers are what they are, however many digits they have */
	if (v.kind == VALUE_NUMERIC && wf_numeric_is_integer(v.u.numeric))
		*result = v;
	else
		*result = value_double(call->magic == FN_FLOOR ? floor(d) : ceil(d));
	return true;
}

/* $round(number, precision?) */
bool
jsonata_fn_round(JsonataCall *call, Value *result)
{
	double precision = fn_missing(call, 1) ? 0 : value_to_double(call->args[1]);

	if (!fn_missing(call, 0))
		*result = value_double(jsonata_round(value_to_double(call->args[0]), precision));
	return true;
}

double
jsonata_round(double d, double precision)
{
	PictureDecimal decimal;
	double rounded;

	if (precision == 0 || !isfinite(d))
		rounded = rint(d); /* half to even */
	else
	{
		/* by its decimal digits, so that 4.525 is a tie */
		picture_decimal(d, &decimal);
		picture_round_decimal(&decimal, (int) Max(Min(precision, 9999), -9999));
		rounded = copysign(picture_decimal_value(&decimal, 0), d);
	}
	return rounded == 0 ? 0 : rounded; /* never -0 */
}

/* $sqrt(number) */
bool
jsonata_fn_sqrt(JsonataCall *call, Value *result)
{
	double d;

	if (fn_missing(call, 0))
		return true;
	d = value_to_double(call->args[0]);
	if (d < 0)
		return jsonata_raise_value(call, "D3060", call->args[0]);
	*result = value_double(sqrt(d));
	return true;
}

/* $power(base, exponent) */
bool
jsonata_fn_power(JsonataCall *call, Value *result)
{
	double power;

	if (fn_missing(call, 0))
		return true;
	power = fn_missing(call, 1)
				? NAN
				: pow(value_to_double(call->args[0]), value_to_double(call->args[1]));
	if (!isfinite(power))
		return jsonata_raise_values(call, "D3061", call->args[0], call->args[1]);
	*result = value_double(power);
	return true;
}

/* $sum(numbers), $average(numbers), $max(numbers), $min(numbers) */
bool
jsonata_fn_aggregate(JsonataCall *call, Value *result)
{
	ValueArrayIter it;
	Value best = value_undefined();
	double best_number = 0;
	double sum = 0;

	if (fn_missing(call, 0))
		return true;
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
	{
		double d = value_to_double(it.value);

		sum += d;
		if (value_is_undefined(best) ||
			(call->magic == FN_MAX ? d > best_number : d < best_number) || isnan(d))
		{
			best = it.value;
			best_number = d;
		}
	}
	if (call->magic == FN_SUM)
		*result = value_double(sum);
	else if (it.count == 0)
		*result = value_undefined();
	else if (call->magic == FN_AVERAGE)
		*result = value_double(sum / it.count);
	else
		*result = best;
	result->flags = 0;
	return true;
}

/* $random(seed?) */
bool
jsonata_fn_random(JsonataCall *call, Value *result)
{
	if (!fn_missing(call, 0))
		*result = value_double(java_random(to_int64(value_to_double(call->args[0]))));
	else
		*result = value_double(pg_prng_double(call->scope->random));
	return true;
}

/* new java.util.Random(seed).nextDouble() */
static double
java_random(int64 seed)
{
	uint64 state = ((uint64) seed ^ JAVA_MULTIPLIER) & JAVA_STATE_MASK;
	uint64 high = java_next(&state, 26);
	uint64 low = java_next(&state, 27);

	return ldexp((double) ((high << 27) + low), -53);
}

static uint32
java_next(uint64 *state, int bits)
{
	*state = (*state * JAVA_MULTIPLIER + JAVA_INCREMENT) & JAVA_STATE_MASK;
	return (uint32) (*state >> (48 - bits));
}

/* As Java casts a double to a long */
static int64
to_int64(double d)
{
	if (isnan(d))
		return 0;
	if (d >= (double) PG_INT64_MAX)
		return PG_INT64_MAX;
	if (d <= (double) PG_INT64_MIN)
		return PG_INT64_MIN;
	return (int64) d;
}

/* $formatBase(number, radix?) */
bool
jsonata_fn_format_base(JsonataCall *call, Value *result)
{
	double d;
	double radix;
	char *text = palloc(RADIX_TEXT_SIZE);
	int len;

	if (fn_missing(call, 0))
		return true;
	d = jsonata_round(value_to_double(call->args[0]), 0);
	radix = fn_missing(call, 1) ? 10 : jsonata_round(value_to_double(call->args[1]), 0);
	if (!(radix >= MIN_RADIX && radix <= MAX_RADIX))
		return jsonata_raise_value(call, "D3100", value_double(radix));
	if (radix == 10 || !isfinite(d))
		len = wf_double_to_text(d, text);
	else
		len = write_radix(d, (int) radix, text);
	*result = value_string(text, len);
	return true;
}

/* A whole number to another base; gives the length */
static int
write_radix(double d, int radix, char *buf)
{
	char digits[RADIX_TEXT_SIZE];
	char *p = digits + sizeof(digits);
	double rest = fabs(d);
	int len;

	do
	{
		int digit = (int) fmod(rest, radix);

		*--p = "0123456789abcdefghijklmnopqrstuvwxyz"[digit];
		rest = floor((rest - digit) / radix);
	} while (rest >= 1);
	if (d < 0)
		*--p = '-';
	len = (int) (digits + sizeof(digits) - p);
	memcpy(buf, p, len);
	return len;
}

/* $formatNumber(number, picture, options?) */
bool
jsonata_fn_format_number(JsonataCall *call, Value *result)
{
	StringInfoData out;

	if (fn_missing(call, 0))
		return true;
	fn_init_text(&out, WF_DOUBLE_TEXT_SIZE);
	if (!picture_format_number(call,
							   value_to_double(call->args[0]),
							   fn_missing(call, 1) ? value_string("", 0) : call->args[1],
							   call->args[2],
							   &out))
		return false;
	*result = fn_text(&out);
	return true;
}

/* $formatInteger(number, picture) */
bool
jsonata_fn_format_integer(JsonataCall *call, Value *result)
{
	IntegerPicture picture;
	StringInfoData out;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	if (!picture_read_integer(call, call->args[1].u.string, call->args[1].len, &picture))
		return false;
	fn_init_text(&out, WF_DOUBLE_TEXT_SIZE);
	if (!picture_format_integer(call,
								floor(value_to_double(call->args[0])),
								&picture,
								&out))
		return false;
	*result = fn_text(&out);
	return true;
}

/* $parseInteger(text, picture) */
bool
jsonata_fn_parse_integer(JsonataCall *call, Value *result)
{
	IntegerPicture picture;
	double number;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	if (!picture_read_integer(call,
							  call->args[1].u.string,
							  call->args[1].len,
							  &picture) ||
		!picture_parse_integer(call,
							   call->args[0].u.string,
							   call->args[0].len,
							   &picture,
							   &number))
		return false;
	*result = value_double(number);
	return true;
}
