/*-------------------------------------------------------------------------
 *
 * integer_parse.c
 *	  Reading integers by picture.
 *
 * Whatever is no such integer is NaN, as in the reference.
 *
 * IDENTIFICATION
 *	  src/jsonata/integer_parse.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/integer_picture.h"
#include "util/utf8.h"

static double parse_decimal(const char *s, int len, const IntegerPicture *picture);
static double parse_letters(const char *s, int len, PictureCase letter_case);
static double parse_roman(const char *s, int len, PictureCase letter_case);
static double parse_words(const char *s, int len);
static int word_separator(const char *s, const char *end);
static double word_value(const char *s, int len);

bool
picture_parse_integer(JsonataCall *call, const char *s, int len,
					  const IntegerPicture *picture, double *result)
{
	switch (picture->style)
	{
		case STYLE_DECIMAL:
			*result = parse_decimal(s, len, picture);
			break;
		case STYLE_LETTERS:
			*result = parse_letters(s, len, picture->letter_case);
			break;
		case STYLE_ROMAN:
			*result = parse_roman(s, len, picture->letter_case);
			break;
		case STYLE_WORDS:
			*result = parse_words(s, len);
			break;
	}
	return jsonata_tick(call, len / 16);
}

/* As parseInt() reads what is left without separators: blanks, a sign, digits, anything */
static double
parse_decimal(const char *s, int len, const IntegerPicture *picture)
{
	const char *end = s + len;
	char *digits;
	int n = 0;
	int start = 0;
	double result;

	if (picture->ordinal)
		end -= Min(len, 2);
	digits = palloc(len + 1);
	while (s < end)
	{
		uint32 c = utf8_decode(&s, end);
		bool separator = false;

		for (int i = 0; i < picture->nseparators && !separator; i++)
			separator = picture->separators[i].character == c;
		if (separator)
			continue;
		if (c >= picture->zero && c < picture->zero + DIGITS_IN_FAMILY)
			digits[n++] = (char) ('0' + (c - picture->zero));
		else if (n == start && (c == ' ' || (c >= '\t' && c <= '\r')))
			continue;
		else if (n == 0 && (c == '-' || c == '+'))
		{
			digits[n++] = (char) c;
			start = n;
		}
		else
			break;
	}
	digits[n] = '\0';
	result = n > start ? strtod(digits, NULL) : NAN;
	pfree(digits);
	return result;
}

static double
parse_letters(const char *s, int len, PictureCase letter_case)
{
	char first = letter_case == PICTURE_UPPER ? 'A' : 'a';
	double value = 0;

	for (int i = 0; i < len; i++)
	{
		if (s[i] < first || s[i] >= first + LETTERS)
			return NAN;
		value = value * LETTERS + (s[i] - first + 1);
	}
	return value;
}

/* From right to left: what is smaller than the largest so far counts down */
static double
parse_roman(const char *s, int len, PictureCase letter_case)
{
	double value = 0;
	int largest = 1;

	while (len-- > 0)
	{
		char c = letter_case == PICTURE_UPPER ? s[len] : pg_ascii_toupper(s[len]);
		int n = 0;

		switch (c)
		{
			case 'M':
				n = 1000;
				break;
			case 'D':
				n = 500;
				break;
			case 'C':
				n = 100;
				break;
			case 'L':
				n = 50;
				break;
			case 'X':
				n = 10;
				break;
			case 'V':
				n = 5;
				break;
			case 'I':
				n = 1;
				break;
			default:
				return NAN;
		}
		value += n < largest ? -n : n;
		largest = Max(n, largest);
	}
	return value;
}

/*
 * "three hundred and twenty-seven thousand, seven hundred and thirty": words
 * below a hundred are added, larger ones multiply what was added last.
 */
static double
parse_words(const char *s, int len)
{
	const char *end = s + len;
	double sum = 0;  /* finished, in thousands and more */
	double last = 0; /* what the next word may multiply */

	for (;;)
	{
		const char *start = s;
		double n;

		while (s < end && word_separator(s, end) == 0)
			s++;
		n = word_value(start, (int) (s - start));
		if (n < 100)
		{
			if (last >= 1000)
			{
				sum += last;
				last = 0;
			}
			last += n;
		}
		else
			last *= n; /* NaN where it is no word */
		if (s == end)
			return sum + last;
		s += word_separator(s, end);
	}
}

/* Length of what stands between two words here; 0 where it is a word */
static int
word_separator(const char *s, const char *end)
{
	if (*s == ',' && s + 1 < end && s[1] == ' ')
		return 2;
	if (*s == ' ' && end - s >= 5 && pg_strncasecmp(s, " and ", 5) == 0)
		return 5;
	return *s == ' ' || *s == '-' || *s == '\\' || (*s >= '\t' && *s <= '\r');
}

/* Of a cardinal or an ordinal; NaN where it is none */
static double
word_value(const char *s, int len)
{
	double magnitude = 1000;

	for (int i = 0; i < lengthof(integer_words); i++)
		if ((len == strlen(integer_words[i]) &&
			 pg_strncasecmp(s, integer_words[i], len) == 0) ||
			(len == strlen(integer_ordinals[i]) &&
			 pg_strncasecmp(s, integer_ordinals[i], len) == 0))
			return i;
	for (int i = 0; i < lengthof(integer_tens); i++)
	{
		int stem = (int) strlen(integer_tens[i]) - 1;

		if (len > stem && pg_strncasecmp(s, integer_tens[i], stem) == 0 &&
			((len == stem + 1 && pg_ascii_tolower(s[stem]) == 'y') ||
			 (len == stem + 4 && pg_strncasecmp(s + stem, "ieth", 4) == 0)))
			return (i + 2) * 10;
	}
	if (len > 2 && pg_strncasecmp(s + len - 2, "th", 2) == 0)
		len -= 2;
	if (len == 7 && pg_strncasecmp(s, "hundred", len) == 0)
		return 100;
	for (int i = 0; i < lengthof(integer_magnitudes); i++, magnitude *= 1000)
		if (len == strlen(integer_magnitudes[i]) &&
			pg_strncasecmp(s, integer_magnitudes[i], len) == 0)
			return magnitude;
	return NAN;
}

void
picture_append_integer_regex(StringInfo out, const IntegerPicture *picture)
{
	switch (picture->style)
	{
		case STYLE_DECIMAL:
			if (picture->zero == '0')
				appendStringInfoString(out, "[0-9]");
			else
				appendStringInfo(out,
								 "[\\u%04x-\\u%04x]",
								 picture->zero,
								 picture->zero + DIGITS_IN_FAMILY - 1);
			if (picture->parse_width > 0)
				appendStringInfo(out, "{%d}", picture->parse_width);
			else
				appendStringInfoChar(out, '+');
			if (picture->ordinal)
				appendStringInfoString(out, "(?:th|st|nd|rd)");
			break;
		case STYLE_LETTERS:
			appendStringInfoString(out, "[a-z]+");
			break;
		case STYLE_ROMAN:
			appendStringInfoString(out, "[mdclxvi]+");
			break;
		case STYLE_WORDS:
			appendStringInfoString(out, "(?:");
			for (int i = 0; i < lengthof(integer_words); i++)
				appendStringInfo(out, "%s|%s|", integer_words[i], integer_ordinals[i]);
			for (int i = 0; i < lengthof(integer_tens); i++)
				appendStringInfo(out,
								 "%.*s(?:y|ieth)|",
								 (int) strlen(integer_tens[i]) - 1,
								 integer_tens[i]);
			for (int i = 0; i < lengthof(integer_magnitudes); i++)
				appendStringInfo(out, "%s(?:th)?|", integer_magnitudes[i]);
			appendStringInfoString(out, "hundred(?:th)?|and|[-, ])+");
			break;
	}
}
