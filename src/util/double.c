/*-------------------------------------------------------------------------
 *
 * double.c
 *	  Doubles as text, the way JavaScript prints them.
 *
 * PostgreSQL's own digits, in ECMAScript's notation (Number::toString).
 *
 * Knows doubles; must not know numeric or JSON values.
 *
 * IDENTIFICATION
 *	  src/util/double.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "utils/builtins.h"

#include "util/number.h"

/* Decimal digits of a double: 0.d1d2d3... * 10^point */
typedef struct Decimal
{
	int ndigits;
	int point;
	char digits[20];
} Decimal;

static void read_decimal(const char *text, Decimal *decimal);
static void shorten_decimal(double d, Decimal *decimal);
static int print_decimal(const Decimal *decimal, char *buf);
static int print_scientific(const Decimal *decimal, char *buf);

int
wf_double_to_text(double d, char *buf)
{
	char shortest[DOUBLE_SHORTEST_DECIMAL_LEN];
	Decimal decimal;
	char *p = buf;

	if (isnan(d))
		return (int) strlcpy(buf, "NaN", WF_DOUBLE_TEXT_SIZE);
	if (isinf(d))
		return (int) strlcpy(buf, d < 0 ? "-Infinity" : "Infinity", WF_DOUBLE_TEXT_SIZE);
	if (d == 0)
		return (int) strlcpy(buf, "0", WF_DOUBLE_TEXT_SIZE); /* -0 as well */
	if (fabs(d) <= WF_MAX_SAFE_INTEGER && d == rint(d))
		return pg_lltoa((int64) d, buf);

	if (d < 0)
	{
		*p++ = '-';
		d = -d;
	}
	double_to_shortest_decimal_buf(d, shortest);
	read_decimal(shortest, &decimal);
	shorten_decimal(d, &decimal);
	p += print_decimal(&decimal, p);
	*p = '\0';
	return (int) (p - buf);
}

/* Split "123.45e-6" into digits and the place of the point */
static void
read_decimal(const char *text, Decimal *decimal)
{
	int point = 0;
	bool seen_point = false;

	decimal->ndigits = 0;
	for (; *text != '\0' && *text != 'e'; text++)
	{
		if (*text == '.')
			seen_point = true;
		else if (decimal->ndigits == 0 && *text == '0')
			point -= seen_point;
		else
		{
			decimal->digits[decimal->ndigits++] = *text;
			point += !seen_point;
		}
	}
	if (*text == 'e')
		point += atoi(text + 1);
	while (decimal->ndigits > 0 && decimal->digits[decimal->ndigits - 1] == '0')
		decimal->ndigits--;
	decimal->point = point;
}

/*
 * PostgreSQL's shortest digits lie strictly inside the interval that reads back
 * as this double, JavaScript's may lie on its edge: 1e23 is half way between two
 * doubles, and still what JavaScript prints.  An edge has so few digits only
 * between 2^53 and some 10^40.
 */
static void
shorten_decimal(double d, Decimal *decimal)
{
	if (decimal->ndigits < 16 || d < 9007199254740992.0 || d > 1e45)
		return;
	for (int ndigits = 15; ndigits < decimal->ndigits; ndigits++)
	{
		char text[WF_DOUBLE_TEXT_SIZE];

		snprintf(text, sizeof(text), "%.*e", ndigits - 1, d);
		if (strtod(text, NULL) == d)
		{
			read_decimal(text, decimal);
			return;
		}
	}
}

/* Number::toString of ECMAScript: plain notation from 1e-6 up to 1e21 */
static int
print_decimal(const Decimal *decimal, char *buf)
{
	char *p = buf;
	int n = decimal->ndigits;
	int point = decimal->point;

	if (point > 21 || point <= -6)
		return print_scientific(decimal, buf);
	if (point <= 0)
	{
		*p++ = '0';
		*p++ = '.';
		memset(p, '0', -point);
		p += -point;
		memcpy(p, decimal->digits, n);
		return (int) (p - buf) + n;
	}
	if (n <= point)
	{
		memcpy(p, decimal->digits, n);
		memset(p + n, '0', point - n);
		return point;
	}
	memcpy(p, decimal->digits, point);
	p[point] = '.';
	memcpy(p + point + 1, decimal->digits + point, n - point);
	return n + 1;
}

static int
print_scientific(const Decimal *decimal, char *buf)
{
	char *p = buf;
	int exponent = decimal->point - 1;

	*p++ = decimal->digits[0];
	if (decimal->ndigits > 1)
	{
		*p++ = '.';
		memcpy(p, decimal->digits + 1, decimal->ndigits - 1);
		p += decimal->ndigits - 1;
	}
	*p++ = 'e';
	if (exponent > 0)
		*p++ = '+';
	p += pg_ltoa(exponent, p);
	return (int) (p - buf);
}
