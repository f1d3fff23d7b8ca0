/*-------------------------------------------------------------------------
 *
 * picture.c
 *	  $formatNumber: numbers by picture, as format-number() of XPath has them.
 *
 * A picture is one or two sub-pictures, for positive and for negative numbers:
 *
 *		prefix  integer part . fractional part e exponent part  suffix
 *
 * where only the characters of the parts are active; which they are, the
 * options may say.  The number's digits come from its shortest decimal
 * notation, and are rounded there, half to even, so that 1.005 is what it
 * looks like.
 *
 * Of several faults of a picture the reference reports the last that it looks
 * for, and so does this.
 *
 * IDENTIFICATION
 *	  src/jsonata/picture.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/fn.h"
#include "jsonata/picture.h"
#include "util/number.h"
#include "util/utf8.h"

#define MAX_DECIMALS 1100 /* no double has more */

/* The characters and texts of a picture; the options may change them */
typedef struct Symbols
{
	uint32 decimal;
	uint32 grouping;
	uint32 exponent;
	uint32 zero;
	uint32 digit; /* an optional one */
	uint32 pattern;
	Value minus;
	Value percent;
	Value per_mille;
	Value infinity;
	Value nan;
} Symbols;

/* A stretch of a picture, in characters */
typedef struct Part
{
	const uint32 *start;
	int len;
} Part;

typedef struct Groups
{
	int count;
	int *positions; /* digits between the separator and the decimal one */
	int regular;    /* 0: as they stand */
} Groups;

typedef struct SubPicture
{
	const char *text; /* the whole of it */
	int text_len;
	Part whole;
	Part prefix;
	Part active;
	Part suffix;
	Part mantissa;
	Part integer;
	Part fraction;
	Part exponent;
	bool has_decimal;
	bool has_exponent;
	int percents; /* how often there is the sign */
	int per_milles;
	Groups integer_groups;
	Groups fraction_groups;
	int scaling; /* digits before the decimal separator of a mantissa */
	int min_integer;
	int min_fraction;
	int max_fraction;
	int min_exponent;
} SubPicture;

static void read_symbols(Value options, Symbols *symbols);
static Value option(Value options, const char *name, const char *otherwise);
static uint32 option_character(Value options, const char *name, char otherwise);
static bool read_picture(JsonataCall *call, Value picture, const Symbols *symbols,
						 SubPicture subs[2], int *count);
static void read_sub_picture(const char *text, int len, const Symbols *symbols,
							 SubPicture *sub);
static void split_active_part(const Symbols *symbols, SubPicture *sub);
static bool is_active(const Symbols *symbols, uint32 c);
static bool is_digit(const Symbols *symbols, uint32 c);
static Part part_of(Part part, int from, int to);
static int find(Part part, uint32 c);
static int count_character(Part part, uint32 c);
static int count_digits(const Symbols *symbols, Part part);
static int count_text(const SubPicture *sub, Value text);
static const char *check_sub_picture(const Symbols *symbols, const SubPicture *sub);
static const char *check_symbols(const Symbols *symbols, const SubPicture *sub);
static const char *check_separators(const Symbols *symbols, const SubPicture *sub);
static bool has_digit_before(const Symbols *symbols, Part part);
static bool has_digit_after(const Symbols *symbols, Part part);
static void analyse(const Symbols *symbols, SubPicture *sub);
static void read_groups(const Symbols *symbols, Part part, bool from_left,
						Groups *groups);
static void find_regular(Groups *groups);
static double scale_mantissa(double number, int scaling, int *exponent);
static void append_part(StringInfo out, Part part);
static void append_character(StringInfo out, uint32 c);
static void append_number(StringInfo out, double number, const Symbols *symbols,
						  const SubPicture *sub);
static void append_digit(StringInfo out, const Symbols *symbols,
						 const PictureDecimal *decimal, int place);
static bool group_at(const Groups *groups, int position);

bool
picture_format_number(JsonataCall *call, double number, Value picture, Value options,
					  StringInfo out)
{
	Symbols symbols;
	SubPicture subs[2];
	const SubPicture *sub = &subs[0];
	int count;

	read_symbols(options, &symbols);
	if (!jsonata_tick(call, picture.len / 16) ||
		!read_picture(call, picture, &symbols, subs, &count))
		return false;
	if (number < 0)
	{
		if (count == 2)
			sub = &subs[1];
		else
			appendBinaryStringInfo(out, symbols.minus.u.string, symbols.minus.len);
	}
	append_part(out, sub->prefix);
	if (isnan(number))
		appendBinaryStringInfo(out, symbols.nan.u.string, symbols.nan.len);
	else if (isinf(number))
		appendBinaryStringInfo(out, symbols.infinity.u.string, symbols.infinity.len);
	else
		append_number(out, fabs(number), &symbols, sub);
	append_part(out, sub->suffix);
	return true;
}

/* Symbols */

static void
read_symbols(Value options, Symbols *symbols)
{
	symbols->decimal = option_character(options, "decimal-separator", '.');
	symbols->grouping = option_character(options, "grouping-separator", ',');
	symbols->exponent = option_character(options, "exponent-separator", 'e');
	symbols->zero = option_character(options, "zero-digit", '0');
	symbols->digit = option_character(options, "digit", '#');
	symbols->pattern = option_character(options, "pattern-separator", ';');
	symbols->minus = option(options, "minus-sign", "-");
	symbols->percent = option(options, "percent", "%");
	symbols->per_mille = option(options, "per-mille", "\xE2\x80\xB0");
	symbols->infinity = option(options, "infinity", "Infinity");
	symbols->nan = option(options, "NaN", "NaN");
}

static Value
option(Value options, const char *name, const char *otherwise)
{
	if (!value_is_undefined(options))
	{
		Value v = value_object_get_cstring(options, name);

		if (v.kind == VALUE_STRING && v.len > 0)
			return v;
	}
	return value_cstring(otherwise);
}

static uint32
option_character(Value options, const char *name, char otherwise)
{
	const char text[] = {otherwise, '\0'};
	Value v;
	const char *p;

	if (value_is_undefined(options))
		return (unsigned char) otherwise;
	v = option(options, name, text);
	p = v.u.string;
	return utf8_decode(&p, p + v.len);
}

/* Reading the picture */

static bool
read_picture(JsonataCall *call, Value picture, const Symbols *symbols, SubPicture subs[2],
			 int *count)
{
	const char *p = picture.u.string;
	const char *end = p + picture.len;
	const char *start = p;
	const char *fault = NULL;

	*count = 0;
	for (;;)
	{
		const char *here = p;

		if (here == end || utf8_decode(&p, end) == symbols->pattern)
		{
			if (*count == 2)
				return jsonata_raise(call, "D3080");
			read_sub_picture(start, (int) (here - start), symbols, &subs[(*count)++]);
			start = p;
			if (here == end)
				break;
		}
	}
	for (int i = 0; i < *count && fault == NULL; i++)
		fault = check_sub_picture(symbols, &subs[i]);
	if (fault != NULL)
		return jsonata_raise(call, fault);
	for (int i = 0; i < *count; i++)
		analyse(symbols, &subs[i]);
	return true;
}

static void
read_sub_picture(const char *text, int len, const Symbols *symbols, SubPicture *sub)
{
	uint32 *characters = palloc_array(uint32, len + 1);
	const char *p = text;
	int n = 0;
	int first;
	int last;

	memset(sub, 0, sizeof(*sub));
	sub->text = text;
	sub->text_len = len;
	while (p < text + len)
		characters[n++] = utf8_decode(&p, text + len);
	sub->whole.start = characters;
	sub->whole.len = n;

	/* from the first to the last active character; an exponent needs a mantissa */
	for (first = 0; first < n; first++)
		if (is_active(symbols, characters[first]) &&
			characters[first] != symbols->exponent)
			break;
	for (last = n; last > first; last--)
		if (is_active(symbols, characters[last - 1]) &&
			characters[last - 1] != symbols->exponent)
			break;
	if (first == n)
	{
		first = 0;
		last = n;
	}
	/* an exponent separator is active where digits should follow it, though none do */
	while (last < n && characters[last] == symbols->exponent &&
		   find(part_of(sub->whole, first, last), symbols->exponent) < 0)
		last++;
	sub->prefix = part_of(sub->whole, 0, first);
	sub->active = part_of(sub->whole, first, last);
	sub->suffix = part_of(sub->whole, last, n);
	split_active_part(symbols, sub);
}

static void
split_active_part(const Symbols *symbols, SubPicture *sub)
{
	int exponent = find(sub->active, symbols->exponent);
	int decimal;

	sub->has_exponent = exponent >= 0;
	sub->mantissa = sub->active;
	if (sub->has_exponent)
	{
		sub->mantissa = part_of(sub->active, 0, exponent);
		sub->exponent = part_of(sub->active, exponent + 1, sub->active.len);
	}
	decimal = find(sub->mantissa, symbols->decimal);
	sub->has_decimal = decimal >= 0;
	sub->integer = sub->mantissa;
	if (sub->has_decimal)
	{
		sub->integer = part_of(sub->mantissa, 0, decimal);
		sub->fraction = part_of(sub->mantissa, decimal + 1, sub->mantissa.len);
	}
	sub->percents = count_text(sub, symbols->percent);
	sub->per_milles = count_text(sub, symbols->per_mille);
}

static bool
is_active(const Symbols *symbols, uint32 c)
{
	return is_digit(symbols, c) || c == symbols->decimal || c == symbols->exponent ||
		   c == symbols->grouping || c == symbols->digit || c == symbols->pattern;
}

static bool
is_digit(const Symbols *symbols, uint32 c)
{
	return c >= symbols->zero && c < symbols->zero + 10;
}

static Part
part_of(Part part, int from, int to)
{
	Part result = {.start = part.start + from, .len = to - from};

	return result;
}

/* Where a character is first, or -1 */
static int
find(Part part, uint32 c)
{
	for (int i = 0; i < part.len; i++)
		if (part.start[i] == c)
			return i;
	return -1;
}

static int
count_character(Part part, uint32 c)
{
	int count = 0;

	for (int i = 0; i < part.len; i++)
		count += part.start[i] == c;
	return count;
}

static int
count_digits(const Symbols *symbols, Part part)
{
	int count = 0;

	for (int i = 0; i < part.len; i++)
		count += is_digit(symbols, part.start[i]);
	return count;
}

/* How often is this text in the sub-picture? */
static int
count_text(const SubPicture *sub, Value text)
{
	const char *p = sub->text;
	const char *end = p + sub->text_len;
	int count = 0;

	while ((p = memmem(p, end - p, text.u.string, text.len)) != NULL)
	{
		count++;
		p += text.len;
	}
	return count;
}

/* The code of what is wrong, or NULL */
static const char *
check_sub_picture(const Symbols *symbols, const SubPicture *sub)
{
	const char *fault = check_symbols(symbols, sub);
	const char *later = check_separators(symbols, sub);

	if (later != NULL)
		fault = later;
	if (has_digit_before(symbols, sub->integer))
		fault = "D3090";
	if (has_digit_after(symbols, sub->fraction))
		fault = "D3091";
	if (!sub->has_exponent)
		return fault;
	if (sub->exponent.len > 0 && sub->percents + sub->per_milles > 0)
		fault = "D3092";
	else if (sub->exponent.len == 0 ||
			 count_digits(symbols, sub->exponent) < sub->exponent.len)
		fault = "D3093";
	return fault;
}

/* What may stand only once, what must be there and what must not */
static const char *
check_symbols(const Symbols *symbols, const SubPicture *sub)
{
	const char *fault = NULL;

	if (count_character(sub->whole, symbols->decimal) > 1)
		fault = "D3081";
	if (sub->percents > 1)
		fault = "D3082";
	if (sub->per_milles > 1)
		fault = "D3083";
	if (sub->percents > 0 && sub->per_milles > 0)
		fault = "D3084";
	if (count_digits(symbols, sub->mantissa) +
			count_character(sub->mantissa, symbols->digit) ==
		0)
		fault = "D3085";
	for (int i = 0; i < sub->active.len; i++)
		if (!is_active(symbols, sub->active.start[i]))
			fault = "D3086";
	return fault;
}

static const char *
check_separators(const Symbols *symbols, const SubPicture *sub)
{
	Part integer = sub->integer;
	Part fraction = sub->fraction;
	const char *fault = NULL;
	bool at_end = integer.len > 0 && integer.start[integer.len - 1] == symbols->grouping;

	if (!sub->has_decimal)
		fault = at_end ? "D3088" : NULL;
	else if (at_end || (fraction.len > 0 && fraction.start[0] == symbols->grouping))
		fault = "D3087";
	for (int i = 1; i < sub->whole.len; i++)
		if (sub->whole.start[i - 1] == symbols->grouping &&
			sub->whole.start[i] == symbols->grouping)
			fault = "D3089";
	return fault;
}

/* Is there a mandatory digit before an optional one? */
static bool
has_digit_before(const Symbols *symbols, Part part)
{
	int optional = find(part, symbols->digit);

	return optional >= 0 && count_digits(symbols, part_of(part, 0, optional)) > 0;
}

/* ... or behind the last optional one? */
static bool
has_digit_after(const Symbols *symbols, Part part)
{
	int last = part.len - 1;

	while (last >= 0 && part.start[last] != symbols->digit)
		last--;
	return last >= 0 && count_digits(symbols, part_of(part, last, part.len)) > 0;
}

/* What the rules make of the numbers of digits */
static void
analyse(const Symbols *symbols, SubPicture *sub)
{
	sub->min_integer = count_digits(symbols, sub->integer);
	sub->scaling = sub->min_integer;
	sub->min_fraction = count_digits(symbols, sub->fraction);
	sub->max_fraction =
		sub->min_fraction + count_character(sub->fraction, symbols->digit);
	sub->min_exponent = count_digits(symbols, sub->exponent);
	if (sub->min_integer == 0 && sub->max_fraction == 0)
	{
		if (sub->has_exponent)
			sub->min_fraction = sub->max_fraction = 1;
		else
			sub->min_integer = 1;
	}
	if (sub->has_exponent && sub->min_integer == 0 &&
		find(sub->integer, symbols->digit) >= 0)
		sub->min_integer = 1;
	if (sub->min_integer == 0 && sub->min_fraction == 0)
		sub->min_fraction = 1;
	read_groups(symbols, sub->integer, false, &sub->integer_groups);
	read_groups(symbols, sub->fraction, true, &sub->fraction_groups);
	find_regular(&sub->integer_groups);
}

static void
read_groups(const Symbols *symbols, Part part, bool from_left, Groups *groups)
{
	int separators = count_character(part, symbols->grouping);

	memset(groups, 0, sizeof(*groups));
	if (separators == 0)
		return;
	groups->positions = palloc_array(int, separators);
	for (int i = 0; i < part.len; i++)
		if (part.start[i] == symbols->grouping)
		{
			Part side = from_left ? part_of(part, 0, i) : part_of(part, i, part.len);

			groups->positions[groups->count++] =
				count_digits(symbols, side) + count_character(side, symbols->digit);
		}
}

/* Are they all at multiples of the smallest distance?  They stand from left to right. */
static void
find_regular(Groups *groups)
{
	int distance;

	if (groups->count == 0)
		return;
	distance = groups->positions[groups->count - 1];
	for (int i = 0; i < groups->count; i++)
		if (groups->positions[i] != (groups->count - i) * distance)
			return;
	groups->regular = distance;
}

/* Writing */

/* Bring a number between 10^(scaling-1) and 10^scaling, which it may just reach */
static double
scale_mantissa(double number, int scaling, int *exponent)
{
	double max = pow(10, scaling);
	double min = pow(10, scaling - 1);

	*exponent = 0;
	if (number == 0)
		return 0;
	while (number < min)
	{
		number *= 10;
		(*exponent)--;
	}
	while (number > max)
	{
		number /= 10;
		(*exponent)++;
	}
	return number;
}

/* A finite number that is not negative, without prefix and suffix */
static void
append_number(StringInfo out, double number, const Symbols *symbols,
			  const SubPicture *sub)
{
	PictureDecimal decimal;
	int exponent = 0;
	int integer_digits;
	int fraction_digits;

	if (sub->percents > 0)
		number *= 100;
	else if (sub->per_milles > 0)
		number *= 1000;
	if (sub->min_exponent > 0)
		number = scale_mantissa(number, Min(sub->scaling, 300), &exponent);
	picture_decimal(number, &decimal);
	picture_round_decimal(&decimal, Min(sub->max_fraction, MAX_DECIMALS));

	/* digits of an integer part that is zero are not shown beyond the minimum */
	integer_digits = Max(decimal.ndigits == 0 ? 0 : decimal.point, sub->min_integer);
	fraction_digits = Max(decimal.ndigits - decimal.point, sub->min_fraction);
	if (decimal.ndigits == 0)
		fraction_digits = sub->min_fraction;
	for (int right = integer_digits; right > 0; right--)
	{
		if (right < integer_digits && group_at(&sub->integer_groups, right))
			append_character(out, symbols->grouping);
		append_digit(out, symbols, &decimal, -right);
	}
	if (fraction_digits > 0)
		append_character(out, symbols->decimal);
	for (int left = 0; left < fraction_digits; left++)
	{
		if (left > 0 && group_at(&sub->fraction_groups, left))
			append_character(out, symbols->grouping);
		append_digit(out, symbols, &decimal, left);
	}
	if (sub->min_exponent > 0)
	{
		append_character(out, symbols->exponent);
		if (exponent < 0)
			appendBinaryStringInfo(out, symbols->minus.u.string, symbols->minus.len);
		picture_decimal(abs(exponent), &decimal);
		for (int right = Max(decimal.point, sub->min_exponent); right > 0; right--)
			append_digit(out, symbols, &decimal, -right);
	}
}

/* The digit at a place, counting from the decimal point: -1 are the ones, 0 the tenths */
static void
append_digit(StringInfo out, const Symbols *symbols, const PictureDecimal *decimal,
			 int place)
{
	int i = decimal->point + place;
	char digit = i >= 0 && i < decimal->ndigits ? decimal->digits[i] : '0';

	append_character(out, symbols->zero + (digit - '0'));
}

static bool
group_at(const Groups *groups, int position)
{
	if (groups->regular > 0)
		return position % groups->regular == 0;
	for (int i = 0; i < groups->count; i++)
		if (groups->positions[i] == position)
			return true;
	return false;
}

static void
append_part(StringInfo out, Part part)
{
	for (int i = 0; i < part.len; i++)
		append_character(out, part.start[i]);
}

static void
append_character(StringInfo out, uint32 c)
{
	char encoded[UTF8_MAX_BYTES];

	if (c < 0x80)
		appendStringInfoCharMacro(out, (char) c);
	else
	{
		int len = utf8_encode(c, encoded);

		appendBinaryStringInfo(out, encoded, len);
	}
}
