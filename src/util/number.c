/*-------------------------------------------------------------------------
 *
 * number.c
 *	  Numerics: to and from doubles, integers and text.
 *
 * Nearly all numbers in JSON are short, and numeric's own functions make
 * several allocations for each.  So the common cases read numeric's on-disk
 * format here: pg_upgrade keeps that format from one major version to the
 * next, and whatever does not fit into 64 bits goes to numeric.c.
 *
 * Knows numbers; must not know JSON values.
 *
 * IDENTIFICATION
 *	  src/util/number.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "util/number.h"

/* numeric on disk: digits to base 10000 behind a short or a long header */
#define NUMERIC_BASE 10000
#define NUMERIC_BASE_DIGITS 4
#define HEADER_KIND 0xC000
#define HEADER_LONG_NEGATIVE 0x4000
#define HEADER_SHORT 0x8000
#define HEADER_SPECIAL 0xC000 /* NaN and infinities */
#define HEADER_LONG_SCALE 0x3FFF
#define HEADER_SHORT_NEGATIVE 0x2000
#define HEADER_SHORT_SCALE 0x1F80
#define HEADER_SHORT_SCALE_SHIFT 7
#define HEADER_SHORT_WEIGHT_SIGN 0x0040
#define HEADER_SHORT_WEIGHT 0x003F

/* What a numeric can hold, in decimal digits */
#define NUMERIC_MAX_INTEGER_DIGITS 131072
#define NUMERIC_MAX_FRACTION_DIGITS 16383

/* Powers of ten and whole numbers up to here are exact in a double */
#define MAX_EXACT_POWER 22
#define MAX_EXACT_INTEGER (UINT64CONST(1) << 53)

/* A numeric's parts; its value is sign * digits * 10000 ^ (weight - ndigits + 1) */
typedef struct NumericParts
{
	bool special;
	bool negative;
	int weight;
	int scale; /* decimals shown */
	int ndigits;
	const char *digits; /* of int16, maybe not aligned */
} NumericParts;

static void read_parts(Numeric n, NumericParts *parts);
static int part_digit(const NumericParts *parts, int i);
static bool read_mantissa(const NumericParts *parts, uint64 *mantissa, int *exponent);
static bool scale_mantissa(uint64 *mantissa, int exponent, int scale);
static double exact_power(int n);
static bool numeric_fits(const char *text, int len, bool *is_zero);

Numeric
wf_double_to_numeric(double d)
{
	char text[WF_DOUBLE_TEXT_SIZE];

	Assert(!isnan(d) && !isinf(d));
	if (fabs(d) <= WF_MAX_SAFE_INTEGER && d == rint(d))
		return int64_to_numeric((int64) d);
	wf_double_to_text(d, text);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

bool
wf_numeric_from_text(const char *text, int len, Numeric *result)
{
	int64 n = 0;
	int scale = -1;
	int i = (len > 0 && text[0] == '-') ? 1 : 0;
	bool is_zero = false;
	char *copy;

	/* 18 digits fit into an int64 for sure */
	if (len <= 18)
	{
		for (; i < len && text[i] != 'e' && text[i] != 'E'; i++)
		{
			if (text[i] == '.')
				scale = 0;
			else
			{
				n = n * 10 + (text[i] - '0');
				scale += (scale >= 0);
			}
		}
		if (i == len)
		{
			if (text[0] == '-')
				n = -n;
			*result =
				scale > 0 ? int64_div_fast_to_numeric(n, scale) : int64_to_numeric(n);
			return true;
		}
	}

	if (!numeric_fits(text, len, &is_zero))
		return false;
	copy = is_zero ? pstrdup("0") : pnstrdup(text, len);
	*result = DatumGetNumeric(DirectFunctionCall3(numeric_in,
												  CStringGetDatum(copy),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1)));
	return true;
}

/*
 * Would numeric_in() take this number?  *is_zero is set for a zero with an
 * exponent that it would not take, though zero is zero.
 */
static bool
numeric_fits(const char *text, int len, bool *is_zero)
{
	int64 integer_digits = 0;
	int64 fraction_digits = 0;
	int64 leading_zeros = 0;
	int64 exponent = 0;
	bool in_fraction = false;
	bool nonzero = false;
	bool negative;
	int i = 0;

	for (; i < len && text[i] != 'e' && text[i] != 'E'; i++)
	{
		if (text[i] == '.')
			in_fraction = true;
		else if (text[i] != '-')
		{
			nonzero |= text[i] != '0';
			leading_zeros += !nonzero;
			if (in_fraction)
				fraction_digits++;
			else
				integer_digits++;
		}
	}
	if (i < len)
	{
		i++;
		negative = i < len && text[i] == '-';
		if (i < len && (text[i] == '-' || text[i] == '+'))
			i++;
		for (; i < len && exponent < PG_INT32_MAX; i++)
			exponent = exponent * 10 + (text[i] - '0');
		if (negative)
			exponent = -exponent;
	}

	if (!nonzero && (exponent > NUMERIC_MAX_FRACTION_DIGITS ||
					 fraction_digits - exponent > NUMERIC_MAX_FRACTION_DIGITS))
	{
		*is_zero = true;
		return true;
	}
	return integer_digits - leading_zeros + exponent <= NUMERIC_MAX_INTEGER_DIGITS &&
		   fraction_digits - exponent <= NUMERIC_MAX_FRACTION_DIGITS;
}

double
wf_numeric_to_double(Numeric n)
{
	NumericParts parts;
	uint64 mantissa;
	int exponent;

	read_parts(n, &parts);
	if (!parts.special && read_mantissa(&parts, &mantissa, &exponent))
	{
		double d;

		for (; mantissa >= MAX_EXACT_INTEGER && mantissa % 10 == 0; mantissa /= 10)
			exponent++;
		if (mantissa <= MAX_EXACT_INTEGER && abs(exponent) <= MAX_EXACT_POWER)
		{
			/* both operands are exact, so the one rounding is the right one */
			d = exponent < 0 ? (double) mantissa / exact_power(-exponent)
							 : (double) mantissa * exact_power(exponent);
			return parts.negative ? -d : d;
		}
	}
	return strtod(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(n))),
				  NULL);
}

/* 10^n, without rounding up to MAX_EXACT_POWER */
static double
exact_power(int n)
{
	double power = 1;

	while (n-- > 0)
		power *= 10;
	return power;
}

bool
wf_numeric_to_int64(Numeric n, int64 *result)
{
	NumericParts parts;
	int64 value = 0;

	if (!wf_numeric_is_integer(n))
		return false;
	read_parts(n, &parts);
	for (int i = 0; i <= parts.weight && parts.ndigits > 0; i++)
	{
		int digit = i < parts.ndigits ? part_digit(&parts, i) : 0;

		/* downwards, for the lowest int64 has no positive counterpart */
		if (pg_mul_s64_overflow(value, NUMERIC_BASE, &value) ||
			pg_sub_s64_overflow(value, digit, &value))
			return false;
	}
	if (!parts.negative && value == PG_INT64_MIN)
		return false;
	*result = parts.negative ? value : -value;
	return true;
}

bool
wf_numeric_is_integer(Numeric n)
{
	NumericParts parts;

	/* numeric stores no trailing zero digits */
	read_parts(n, &parts);
	return !parts.special && parts.ndigits <= Max(parts.weight + 1, 0);
}

bool
wf_numeric_is_finite(Numeric n)
{
	NumericParts parts;

	read_parts(n, &parts);
	return !parts.special;
}

void
wf_append_numeric(StringInfo out, Numeric n)
{
	NumericParts parts;
	uint64 mantissa;
	int exponent;
	char digits[24];
	int ndigits;

	read_parts(n, &parts);
	if (parts.special || parts.scale > 18 ||
		!read_mantissa(&parts, &mantissa, &exponent) ||
		!scale_mantissa(&mantissa, exponent, parts.scale))
	{
		appendStringInfoString(out,
							   DatumGetCString(
								   DirectFunctionCall1(numeric_out, NumericGetDatum(n))));
		return;
	}

	/* one digit at least stands before the point */
	ndigits = pg_ulltoa_n(mantissa, digits);
	if (ndigits <= parts.scale)
	{
		int zeros = parts.scale + 1 - ndigits;

		memmove(digits + zeros, digits, ndigits);
		memset(digits, '0', zeros);
		ndigits += zeros;
	}
	if (parts.negative)
		appendStringInfoCharMacro(out, '-');
	appendBinaryStringInfo(out, digits, ndigits - parts.scale);
	if (parts.scale > 0)
	{
		appendStringInfoCharMacro(out, '.');
		appendBinaryStringInfo(out, digits + ndigits - parts.scale, parts.scale);
	}
}

static void
read_parts(Numeric n, NumericParts *parts)
{
	const char *data = VARDATA_ANY(n);
	int size = VARSIZE_ANY_EXHDR(n);
	uint16 header;
	int16 weight;

	memcpy(&header, data, sizeof(header));
	data += sizeof(header);
	size -= sizeof(header);
	parts->special = (header & HEADER_KIND) == HEADER_SPECIAL;
	if (header & HEADER_SHORT)
	{
		parts->negative = (header & HEADER_SHORT_NEGATIVE) != 0;
		parts->scale = (header & HEADER_SHORT_SCALE) >> HEADER_SHORT_SCALE_SHIFT;
		parts->weight = header & HEADER_SHORT_WEIGHT;
		if (header & HEADER_SHORT_WEIGHT_SIGN)
			parts->weight -= HEADER_SHORT_WEIGHT + 1;
	}
	else
	{
		memcpy(&weight, data, sizeof(weight));
		data += sizeof(weight);
		size -= sizeof(weight);
		parts->negative = (header & HEADER_LONG_NEGATIVE) != 0;
		parts->scale = header & HEADER_LONG_SCALE;
		parts->weight = weight;
	}
	parts->ndigits = size / (int) sizeof(int16);
	parts->digits = data;
}

static int
part_digit(const NumericParts *parts, int i)
{
	int16 digit;

	memcpy(&digit, parts->digits + i * sizeof(digit), sizeof(digit));
	return digit;
}

/* All digits as one number, times 10^exponent; false where they are too many */
static bool
read_mantissa(const NumericParts *parts, uint64 *mantissa, int *exponent)
{
	uint64 n = 0;

	for (int i = 0; i < parts->ndigits; i++)
	{
		if (pg_mul_u64_overflow(n, NUMERIC_BASE, &n) ||
			pg_add_u64_overflow(n, part_digit(parts, i), &n))
			return false;
	}
	*mantissa = n;
	*exponent = n == 0 ? 0 : (parts->weight - parts->ndigits + 1) * NUMERIC_BASE_DIGITS;
	return true;
}

/* Make the mantissa count units of 10^-scale; false where that does not fit */
static bool
scale_mantissa(uint64 *mantissa, int exponent, int scale)
{
	int shift = exponent + scale;

	if (abs(shift) > 18)
		return false;
	for (; shift > 0; shift--)
	{
		if (pg_mul_u64_overflow(*mantissa, 10, mantissa))
			return false;
	}
	for (; shift < 0; shift++)
	{
		if (*mantissa % 10 != 0)
			return false; /* hidden digits: numeric_out() rounds them */
		*mantissa /= 10;
	}
	return true;
}
