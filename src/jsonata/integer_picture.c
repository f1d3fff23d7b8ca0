/*-------------------------------------------------------------------------
 *
 * integer_picture.c
 *	  Integers by picture: digits, letters, Roman numerals, English words.
 *
 * A picture is a token and perhaps ";o" for ordinals.  The tokens are A, a, I,
 * i, W, w, Ww, or a pattern of digits: "#" is an optional digit, a digit of
 * any family (all of one) a mandatory one, anything else a separator.
 *
 * Numbers are doubles, for words reach beyond an int64: the largest word is
 * trillion, and there may be several of them.
 *
 * IDENTIFICATION
 *	  src/jsonata/integer_picture.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "jsonata/fn.h"
#include "jsonata/integer_picture.h"
#include "jsonata/unicode_case.h"
#include "util/number.h"
#include "util/utf8.h"

#define MAX_ROMAN 10000000 /* ten thousand letters */
#define TRILLION 1e12

/* The zeros of Unicode's families of decimal digits */
static const uint32 digit_families[] = {
	0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
	0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
	0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
	0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

const char *const integer_words[20] = {"Zero",    "One",       "Two",      "Three",
									   "Four",    "Five",      "Six",      "Seven",
									   "Eight",   "Nine",      "Ten",      "Eleven",
									   "Twelve",  "Thirteen",  "Fourteen", "Fifteen",
									   "Sixteen", "Seventeen", "Eighteen", "Nineteen"};

const char *const integer_ordinals[20] = {"Zeroth",     "First",      "Second",
										  "Third",      "Fourth",     "Fifth",
										  "Sixth",      "Seventh",    "Eighth",
										  "Ninth",      "Tenth",      "Eleventh",
										  "Twelfth",    "Thirteenth", "Fourteenth",
										  "Fifteenth",  "Sixteenth",  "Seventeenth",
										  "Eighteenth", "Nineteenth"};

/* from twenty on */
const char *const integer_tens[8] =
	{"Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"};

const char *const integer_magnitudes[4] = {"Thousand", "Million", "Billion", "Trillion"};

static const struct
{
	int value;
	const char *letters;
} roman_numerals[] = {
	{1000, "m"},
	{900, "cm"},
	{500, "d"},
	{400, "cd"},
	{100, "c"},
	{90, "xc"},
	{50, "l"},
	{40, "xl"},
	{10, "x"},
	{9, "ix"},
	{5, "v"},
	{4, "iv"},
	{1, "i"},
};

static bool read_pattern(JsonataCall *call, const char *s, int len,
						 IntegerPicture *picture);
static bool digit_family(uint32 c, uint32 *zero);
static bool token_is(const char *s, int len, const char *token);
static int regular_distance(const IntegerPicture *picture);
static int greatest_divisor(int a, int b);
static void append_character(StringInfo out, uint32 c);
static bool format_decimal(JsonataCall *call, double value, const IntegerPicture *picture,
						   StringInfo out);
static void append_separator_before(StringInfo out, int right,
									const IntegerPicture *picture);
static void format_letters(double value, PictureCase letter_case, StringInfo out);
static void format_roman(double value, PictureCase letter_case, StringInfo out);
static void append_words(StringInfo out, double value, bool continued, bool ordinal);
static void append_in_case(StringInfo out, const char *s, int len,
						   PictureCase letter_case);

/* Reading the picture */

bool
picture_read_integer(JsonataCall *call, const char *s, int len, IntegerPicture *picture)
{
	const char *semicolon = memrchr(s, ';', len);

	memset(picture, 0, sizeof(*picture));
	if (semicolon != NULL)
	{
		picture->ordinal = semicolon + 1 < s + len && semicolon[1] == 'o';
		len = (int) (semicolon - s);
	}
	if (token_is(s, len, "A") || token_is(s, len, "a"))
		picture->style = STYLE_LETTERS;
	else if (token_is(s, len, "I") || token_is(s, len, "i"))
		picture->style = STYLE_ROMAN;
	else if (token_is(s, len, "W") || token_is(s, len, "w") || token_is(s, len, "Ww"))
		picture->style = STYLE_WORDS;
	else
		return read_pattern(call, s, len, picture);
	picture->letter_case = len == 2                 ? PICTURE_TITLE
						   : *s >= 'A' && *s <= 'Z' ? PICTURE_UPPER
													: PICTURE_LOWER;
	return true;
}

static bool
token_is(const char *s, int len, const char *token)
{
	return len == strlen(token) && memcmp(s, token, len) == 0;
}

/* From right to left, because separators count from there */
static bool
read_pattern(JsonataCall *call, const char *s, int len, IntegerPicture *picture)
{
	uint32 *characters = palloc_array(uint32, len + 1);
	const char *p = s;
	int n = 0;
	int position = 0;

	while (p < s + len)
		characters[n++] = utf8_decode(&p, s + len);
	while (n-- > 0)
	{
		uint32 zero;

		if (digit_family(characters[n], &zero))
		{
			if (picture->mandatory_digits > 0 && zero != picture->zero)
				return jsonata_raise(call, "D3131");
			picture->zero = zero;
			picture->mandatory_digits++;
			position++;
		}
		else if (characters[n] == '#')
		{
			picture->optional_digits++;
			position++;
		}
		else if (picture->nseparators < PICTURE_MAX_SEPARATORS)
		{
			picture->separators[picture->nseparators].position = position;
			picture->separators[picture->nseparators++].character = characters[n];
		}
	}
	pfree(characters);
	if (picture->mandatory_digits == 0)
		return jsonata_raise_value(call, "D3130", value_string(s, len));
	picture->style = STYLE_DECIMAL;
	picture->regular = regular_distance(picture);
	return true;
}

static bool
digit_family(uint32 c, uint32 *zero)
{
	if (c < 0x80)
	{
		*zero = '0';
		return c >= '0' && c <= '9';
	}
	for (int i = 0; i < lengthof(digit_families); i++)
	{
		*zero = digit_families[i];
		if (c >= *zero && c < *zero + DIGITS_IN_FAMILY)
			return true;
	}
	return false;
}

/* Do all separators, of one kind, stand at the same distance?  0 where not. */
static int
regular_distance(const IntegerPicture *picture)
{
	const PictureSeparator *separators = picture->separators;
	int distance = 0;

	for (int i = 0; i < picture->nseparators; i++)
	{
		if (separators[i].character != separators[0].character)
			return 0;
		distance = greatest_divisor(separators[i].position, distance);
	}
	/* they are in order: the i'th must be the i'th multiple */
	for (int i = 0; i < picture->nseparators; i++)
		if (separators[i].position != (i + 1) * distance)
			return 0;
	return distance;
}

static int
greatest_divisor(int a, int b)
{
	while (b != 0)
	{
		int rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Writing */

bool
picture_format_integer(JsonataCall *call, double value, const IntegerPicture *picture,
					   StringInfo out)
{
	StringInfoData words;

	if (value < 0)
		appendStringInfoChar(out, '-');
	value = fabs(value);
	if (!isfinite(value) && picture->style != STYLE_DECIMAL)
	{
		appendStringInfoString(out, isnan(value) ? "NaN" : "Infinity");
		return true;
	}
	switch (picture->style)
	{
		case STYLE_DECIMAL:
			return format_decimal(call, value, picture, out);
		case STYLE_LETTERS:
			format_letters(value, picture->letter_case, out);
			return true;
		case STYLE_ROMAN:
			if (value > MAX_ROMAN)
				return jsonata_raise(call, "U1001");
			format_roman(value, picture->letter_case, out);
			return true;
		case STYLE_WORDS:
			initStringInfo(&words);
			append_words(&words, value, false, picture->ordinal);
			append_in_case(out, words.data, words.len, picture->letter_case);
			return true;
	}
	return true;
}

static bool
format_decimal(JsonataCall *call, double value, const IntegerPicture *picture,
			   StringInfo out)
{
	char digits[WF_DOUBLE_TEXT_SIZE];
	int len = wf_double_to_text(value, digits);
	int zeros = Max(picture->mandatory_digits - len, 0);

	if (!jsonata_check_text_size(call, (double) zeros * UTF8_MAX_BYTES))
		return false;
	for (int right = zeros + len; right > 0; right--)
	{
		uint32 c = right > len ? '0' : digits[len - right];

		if (right < zeros + len)
			append_separator_before(out, right, picture);
		if (picture->zero != '0' && c >= '0' && c <= '9')
			append_character(out, c - '0' + picture->zero);
		else
			appendStringInfoChar(out, (char) c);
	}
	append_separator_before(out, 0, picture);
	if (picture->ordinal)
	{
		char last = digits[len - 1];
		bool teen = len > 1 && digits[len - 2] == '1';

		appendStringInfoString(out,
							   picture->zero != '0' || teen ? "th"
							   : last == '1'                ? "st"
							   : last == '2'                ? "nd"
							   : last == '3'                ? "rd"
															: "th");
	}
	return true;
}

/* The separator, if there is one, that has so many digits to its right */
static void
append_separator_before(StringInfo out, int right, const IntegerPicture *picture)
{
	if (picture->regular > 0)
	{
		if (right > 0 && right % picture->regular == 0)
			append_character(out, picture->separators[0].character);
		return;
	}
	/* those of one place stand in the picture's order */
	for (int i = picture->nseparators - 1; i >= 0; i--)
		if (picture->separators[i].position == right)
			append_character(out, picture->separators[i].character);
}

static void
append_character(StringInfo out, uint32 c)
{
	char encoded[UTF8_MAX_BYTES];
	int len = utf8_encode(c, encoded);

	appendBinaryStringInfo(out, encoded, len);
}

/* Spreadsheet columns: z is followed by aa */
static void
format_letters(double value, PictureCase letter_case, StringInfo out)
{
	char letters[256]; /* log26 of the largest double is 218 */
	char *p = letters + sizeof(letters);
	char first = letter_case == PICTURE_UPPER ? 'A' : 'a';

	for (; value > 0; value = floor((value - 1) / LETTERS))
		*--p = (char) (first + (int) fmod(value - 1, LETTERS));
	appendBinaryStringInfo(out, p, (int) (letters + sizeof(letters) - p));
}

static void
format_roman(double value, PictureCase letter_case, StringInfo out)
{
	int rest = (int) value;

	for (int i = 0; i < lengthof(roman_numerals); i++)
		for (; rest >= roman_numerals[i].value; rest -= roman_numerals[i].value)
			append_in_case(out,
						   roman_numerals[i].letters,
						   (int) strlen(roman_numerals[i].letters),
						   letter_case);
}

/* Words are built in title case */
static void
append_in_case(StringInfo out, const char *s, int len, PictureCase letter_case)
{
	switch (letter_case)
	{
		case PICTURE_LOWER:
			unicode_append_lower(out, s, len);
			break;
		case PICTURE_UPPER:
			unicode_append_upper(out, s, len);
			break;
		case PICTURE_TITLE:
			appendBinaryStringInfo(out, s, len);
			break;
	}
}

/* continued: there are words in front of it, of what is larger */
static void
append_words(StringInfo out, double value, bool continued, bool ordinal)
{
	double factor;
	double count;
	const char *name;

	check_stack_depth();
	if (value < 100)
	{
		int n = (int) value;

		if (continued)
			appendStringInfoString(out, " and ");
		if (n < lengthof(integer_words))
			appendStringInfoString(out, ordinal ? integer_ordinals[n] : integer_words[n]);
		else
		{
			appendStringInfoString(out, integer_tens[n / 10 - 2]);
			if (n % 10 > 0)
			{
				appendStringInfoChar(out, '-');
				append_words(out, n % 10, false, ordinal);
			}
			else if (ordinal)
			{
				/* twenty, twentieth */
				out->data[--out->len] = '\0';
				appendStringInfoString(out, "ieth");
			}
		}
		return;
	}

	if (continued)
		appendStringInfoString(out, ", ");
	if (value < 1000)
	{
		factor = 100;
		name = "Hundred";
	}
	else
	{
		int magnitude = 0;

		for (factor = 1000; factor < TRILLION && value >= factor * 1000; factor *= 1000)
			magnitude++;
		name = integer_magnitudes[magnitude];
	}
	count = floor(value / factor);
	append_words(out, count, false, false);
	appendStringInfo(out, " %s", name);
	value -= count * factor;
	if (value >= 1)
		append_words(out, value, true, ordinal);
	else if (ordinal)
		appendStringInfoString(out, "th");
}
