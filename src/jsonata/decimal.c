/*-------------------------------------------------------------------------
 *
 * decimal.c
 *	  The decimal digits of a double, to round there.
 *
 * A number is rounded as it is written: 1.005 has a tie at its third decimal,
 * though the double lies below it.
 *
 * IDENTIFICATION
 *	  src/jsonata/decimal.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "jsonata/picture.h"
#include "util/number.h"

void
picture_decimal(double d, PictureDecimal *decimal)
{
	char text[WF_DOUBLE_TEXT_SIZE];
	int len = wf_double_to_text(fabs(d), text);
	bool seen_point = false;
	int i;

	decimal->ndigits = 0;
	decimal->point = 0;
	for (i = 0; i < len && text[i] != 'e'; i++)
	{
		if (text[i] == '.')
			seen_point = true;
		else if (decimal->ndigits == 0 && text[i] == '0')
			decimal->point -= seen_point;
		else
		{
			decimal->digits[decimal->ndigits++] = text[i];
			decimal->point += !seen_point;
		}
	}
	if (i < len)
		decimal->point += atoi(text + i + 1);
	while (decimal->ndigits > 0 && decimal->digits[decimal->ndigits - 1] == '0')
		decimal->ndigits--;
	if (decimal->ndigits == 0)
		decimal->point = 0;
}

double
picture_decimal_value(const PictureDecimal *decimal, int exponent)
{
	char text[64];

	snprintf(text,
			 sizeof(text),
			 "0.%.*se%d",
			 decimal->ndigits,
			 decimal->digits,
			 decimal->point + exponent);
	return strtod(text, NULL);
}

void
picture_round_decimal(PictureDecimal *decimal, int decimals)
{
	int keep = decimal->point + decimals;
	bool up;

	if (keep >= decimal->ndigits)
		return;
	if (decimal->ndigits > DBL_DIG)
	{
		/*
		 * The last digits are noise, of 1.9405000000000001 say.  Where it is
		 * moved to the left of the point the reference loses it, and sees a
		 * tie.
		 */
		picture_decimal(rint(picture_decimal_value(decimal, decimals)), decimal);
		if (decimal->ndigits > 0)
			decimal->point -= decimals;
		return;
	}
	if (keep < 0)
		up = false;
	else if (decimal->digits[keep] != '5' || keep + 1 < decimal->ndigits)
		up = decimal->digits[keep] >= '5';
	else /* a tie */
		up = keep > 0 && (decimal->digits[keep - 1] - '0') % 2 != 0;

	decimal->ndigits = Max(keep, 0);
	if (up)
	{
		while (decimal->ndigits > 0 && decimal->digits[decimal->ndigits - 1] == '9')
			decimal->ndigits--;
		if (decimal->ndigits > 0)
			decimal->digits[decimal->ndigits - 1]++;
		else
		{
			/* 9.99 has become 10 */
			decimal->digits[decimal->ndigits++] = '1';
			decimal->point++;
		}
	}
	while (decimal->ndigits > 0 && decimal->digits[decimal->ndigits - 1] == '0')
		decimal->ndigits--;
	if (decimal->ndigits == 0)
		decimal->point = 0;
}
