/*-------------------------------------------------------------------------
 *
 * fn_string.c
 *	  Functions on strings, and $string() itself.
 *
 * Strings count in code points, as the reference's do; only where it hands
 * out positions in a text (fn_regex.c) they are in UTF-16 units.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_string.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "jsonata/fn.h"
#include "jsonata/unicode_case.h"
#include "util/number.h"
#include "util/utf8.h"

/* For so many bytes the memory limit is looked at */
#define LARGE_TEXT 65536

/* Digits that $string() shows of a number that is not whole */
#define SHOWN_DIGITS 15

/* Writing JSON text */
typedef struct Writer
{
	JsonataCall *call;
	StringInfoData out;
	bool pretty;
	int depth;
} Writer;

static bool write_value(Writer *writer, Value v);
static bool write_array(Writer *writer, Value array);
static bool write_object(Writer *writer, Value object);
static bool write_number(Writer *writer, Value v);
static void write_line(Writer *writer);
static void append_number(StringInfo out, Value v);
static bool append_short_numeric(StringInfo out, Numeric n);
static double round_to_shown_digits(double d);
static double to_integer(double d);
static double slice_bound(double position, double length);
static void repeat_text(StringInfo out, const char *s, int len, int characters);

/* $string(value, prettify?) */
bool
jsonata_fn_string(JsonataCall *call, Value *result)
{
	bool pretty = !fn_missing(call, 1) && call->args[1].u.boolean;
	Value v = call->args[0];

	/* $string() of an input document that is an array: not of what is put around it */
	if ((call->context.flags & JSONATA_OUTER_WRAPPER) && v.kind == VALUE_ARRAY &&
		v.u.array == call->context.u.array)
		v = value_array_get(v, 0);
	return jsonata_stringify(call, v, pretty, result);
}

bool
jsonata_stringify(JsonataCall *call, Value v, bool pretty, Value *result)
{
	Writer writer = {.call = call, .pretty = pretty};

	switch (value_type(v))
	{
		case TYPE_UNDEFINED:
			*result = value_undefined();
			return true;
		case TYPE_STRING:
			*result = v;
			result->flags = 0;
			return true;
		case TYPE_FUNCTION:
			*result = value_string("", 0);
			return true;
		case TYPE_NULL:
			*result = value_string("null", 4);
			return true;
		case TYPE_BOOL:
			*result = v.u.boolean ? value_string("true", 4) : value_string("false", 5);
			return true;
		case TYPE_NUMBER:
			if (!isfinite(value_to_double(v)))
				return jsonata_raise_value(call, "D3001", v);
			fn_init_text(&writer.out, WF_DOUBLE_TEXT_SIZE);
			append_number(&writer.out, v);
			*result = fn_text(&writer.out);
			return true;
		case TYPE_ARRAY:
		case TYPE_OBJECT:
			break;
	}

	initStringInfo(&writer.out);
	if (!write_value(&writer, v))
		return false;
	*result = fn_text(&writer.out);
	return true;
}

static bool
write_value(Writer *writer, Value v)
{
	switch (value_type(v))
	{
		case TYPE_UNDEFINED:
		case TYPE_NULL:
			appendBinaryStringInfo(&writer->out, "null", 4);
			return true;
		case TYPE_BOOL:
			appendStringInfoString(&writer->out, v.u.boolean ? "true" : "false");
			return true;
		case TYPE_NUMBER:
			return write_number(writer, v);
		case TYPE_STRING:
			value_append_json_string(&writer->out, v.u.string, v.len);
			return true;
		case TYPE_FUNCTION:
			appendBinaryStringInfo(&writer->out, "\"\"", 2);
			return true;
		case TYPE_ARRAY:
			return write_array(writer, v);
		case TYPE_OBJECT:
			return write_object(writer, v);
	}
	return true;
}

static bool
write_array(Writer *writer, Value array)
{
	ValueArrayIter it;
	bool first = true;

	check_stack_depth();
	if (!jsonata_tick(writer->call, value_array_length(array)))
		return false;
	appendStringInfoCharMacro(&writer->out, '[');
	writer->depth++;
	value_array_begin(&it, array);
	while (value_array_next(&it))
	{
		if (!first)
			appendStringInfoCharMacro(&writer->out, ',');
		first = false;
		write_line(writer);
		if (!write_value(writer, it.value))
			return false;
	}
	writer->depth--;
	if (!first)
		write_line(writer);
	appendStringInfoCharMacro(&writer->out, ']');
	return true;
}

static bool
write_object(Writer *writer, Value object)
{
	ValueObjectIter it;
	bool first = true;

	check_stack_depth();
	if (!jsonata_tick(writer->call, value_object_size(object)))
		return false;
	appendStringInfoCharMacro(&writer->out, '{');
	writer->depth++;
	value_object_begin(&it, object);
	while (value_object_next(&it))
	{
		if (value_is_undefined(it.value))
			continue;
		if (!first)
			appendStringInfoCharMacro(&writer->out, ',');
		first = false;
		write_line(writer);
		value_append_json_string(&writer->out, it.key, it.key_len);
		appendStringInfoCharMacro(&writer->out, ':');
		if (writer->pretty)
			appendStringInfoCharMacro(&writer->out, ' ');
		if (!write_value(writer, it.value))
			return false;
	}
	writer->depth--;
	if (!first)
		write_line(writer);
	appendStringInfoCharMacro(&writer->out, '}');
	return true;
}

/* A number inside of something: infinities are an error, NaN is null, as in the reference */
static bool
write_number(Writer *writer, Value v)
{
	if (v.kind == VALUE_DOUBLE && !isfinite(v.u.number))
	{
		if (isinf(v.u.number))
			return jsonata_raise_value(writer->call, "D1001", v);
		return write_value(writer, value_null());
	}
	append_number(&writer->out, v);
	return true;
}

static void
write_line(Writer *writer)
{
	if (!writer->pretty)
		return;
	appendStringInfoCharMacro(&writer->out, '\n');
	for (int i = 0; i < writer->depth; i++)
		appendBinaryStringInfo(&writer->out, "  ", 2);
}

/* A finite number.  Whole ones are shown whole, others with 15 digits. */
static void
append_number(StringInfo out, Value v)
{
	char text[WF_DOUBLE_TEXT_SIZE];
	int len;
	int64 integer;
	double d;

	if (v.kind == VALUE_NUMERIC)
	{
		if (wf_numeric_to_int64(v.u.numeric, &integer))
		{
			len = pg_lltoa(integer, text);
			appendBinaryStringInfo(out, text, len);
			return;
		}
		if (append_short_numeric(out, v.u.numeric))
			return;
	}
	d = value_to_double(v);
	len = wf_double_to_text(d, text);
	/* fewer digits than that cannot be rounded away */
	if (len > SHOWN_DIGITS + 1 && d != rint(d))
		len = wf_double_to_text(round_to_shown_digits(d), text);
	appendBinaryStringInfo(out, text, len);
}

/*
 * The digits as they were written, if they are what a double would show: no
 * more than 15, not so small that it has an exponent, no zeros at the end.
 * false and nothing appended otherwise.
 */
static bool
append_short_numeric(StringInfo out, Numeric n)
{
	int start = out->len;
	const char *digits;

	wf_append_numeric(out, n);
	digits = out->data + start + (out->data[start] == '-');
	if (out->len - start <= SHOWN_DIGITS + 1 &&
		memchr(digits, '.', out->len - start) != NULL &&
		strncmp(digits, "0.00000", 7) != 0)
	{
		while (out->data[out->len - 1] == '0')
			out->len--;
		out->data[out->len] = '\0';
		return true;
	}
	out->len = start;
	out->data[start] = '\0';
	return false;
}

/* As Number.toPrecision(15) rounds: of two nearest, the larger one */
static double
round_to_shown_digits(double d)
{
	char text[64];
	char *tie;

	/* printf rounds exactly, and a tie shows as a 5 with nothing but zeros behind it */
	snprintf(text, sizeof(text), "%.*e", SHOWN_DIGITS + 20, fabs(d));
	tie = text + SHOWN_DIGITS + 1;
	if (*tie == '5' && strspn(tie + 1, "0") == 20)
		*tie = '6';
	else
		return strtod(psprintf("%.*e", SHOWN_DIGITS - 1, d), NULL);
	d = copysign(strtod(text, NULL), d);
	return strtod(psprintf("%.*e", SHOWN_DIGITS - 1, d), NULL);
}

bool
jsonata_check_text_size(JsonataCall *call, double bytes)
{
	/* the rest is for what stands around it */
	if (bytes > MaxAllocSize / 2)
		return fn_raise_limit(call, FN_MEMORY_LIMIT);
	if (bytes > LARGE_TEXT && !jsonata_reserve(call, (Size) bytes))
		return false;
	return jsonata_tick(call, (int64) bytes / 64);
}

/* $length(text) */
bool
jsonata_fn_length(JsonataCall *call, Value *result)
{
	if (!fn_missing(call, 0))
		*result = value_double(utf8_length(call->args[0].u.string, call->args[0].len));
	return true;
}

/* Towards zero; what is no number is zero, as JavaScript's slice() takes it */
static double
to_integer(double d)
{
	return isnan(d) ? 0 : trunc(d);
}

/* One end of a slice: from the end where it is negative, within the text */
static double
slice_bound(double position, double length)
{
	position = to_integer(position);
	if (position < 0)
		return Max(position + length, 0);
	return Min(position, length);
}

/* $substring(text, start, length?): start counts from the end where it is negative */
bool
jsonata_fn_substring(JsonataCall *call, Value *result)
{
	const Value *text = &call->args[0];
	double start = fn_missing(call, 1) ? NAN : value_to_double(call->args[1]);
	double length;
	double end;
	int from;
	int to;

	if (fn_missing(call, 0))
		return true;
	/* no text has more characters than bytes, which is all that matters for a start >= 0 */
	length = start < 0 ? utf8_length(text->u.string, text->len) : text->len;
	if (length + start < 0)
		start = 0;
	end = length;
	if (!fn_missing(call, 2))
	{
		double wanted = value_to_double(call->args[2]);

		end = wanted > 0 ? (start >= 0 ? start + wanted : length + start + wanted) : 0;
	}
	start = slice_bound(start, length);
	end = slice_bound(end, length);
	if (end <= start)
	{
		*result = value_string("", 0);
		return true;
	}
	from = utf8_offset(text->u.string, text->len, (int) start);
	to = from + utf8_offset(text->u.string + from, text->len - from, (int) (end - start));
	*result = value_string(text->u.string + from, to - from);
	return true;
}

/* $substringBefore(text, mark), $substringAfter(text, mark): the whole text without it */
bool
jsonata_fn_substring_at(JsonataCall *call, Value *result)
{
	Value text = call->args[0];
	Value mark = call->args[1];
	const char *found;

	if (fn_missing(call, 0))
		return true;
	text.flags = 0;
	*result = text;
	if (fn_missing(call, 1))
		return true;
	found = memmem(text.u.string, text.len, mark.u.string, mark.len);
	if (found == NULL)
		return true;
	if (call->magic == FN_BEFORE)
		*result = value_string(text.u.string, found - text.u.string);
	else
	{
		found += mark.len;
		*result = value_string(found, text.u.string + text.len - found);
	}
	return true;
}

/* $uppercase(text), $lowercase(text) */
bool
jsonata_fn_case(JsonataCall *call, Value *result)
{
	const Value *text = &call->args[0];
	StringInfoData out;

	if (fn_missing(call, 0))
		return true;
	fn_init_text(&out, text->len + 1);
	if (call->magic == FN_UPPER)
		unicode_append_upper(&out, text->u.string, text->len);
	else
		unicode_append_lower(&out, text->u.string, text->len);
	*result = fn_text(&out);
	return true;
}

/* $trim(text): no blanks at the ends, one where there are several */
bool
jsonata_fn_trim(JsonataCall *call, Value *result)
{
	const Value *text = &call->args[0];
	char *out;
	int len = 0;

	if (fn_missing(call, 0))
		return true;
	out = palloc(text->len + 1);
	for (int i = 0; i < text->len; i++)
	{
		char c = text->u.string[i];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		{
			if (len > 0 && out[len - 1] != ' ')
				out[len++] = ' ';
		}
		else
			out[len++] = c;
	}
	if (len > 0 && out[len - 1] == ' ')
		len--;
	*result = value_string(out, len);
	return true;
}

/* $pad(text, width, characters?): on the left where width is negative */
bool
jsonata_fn_pad(JsonataCall *call, Value *result)
{
	const Value *text = &call->args[0];
	Value filler = value_string(" ", 1);
	double width = fn_missing(call, 1) ? 0 : value_to_double(call->args[1]);
	double missing;
	StringInfoData out;

	if (fn_missing(call, 0))
		return true;
	if (!fn_missing(call, 2) && call->args[2].len > 0)
		filler = call->args[2];
	missing = to_integer(fabs(width) - utf8_length(text->u.string, text->len));
	if (missing <= 0)
	{
		*result = value_string(text->u.string, text->len);
		return true;
	}
	if (!jsonata_check_text_size(call, text->len + missing * Min(filler.len, 4)))
		return false;
	fn_init_text(&out, text->len + (int) Min(missing, 64) * 2);
	if (width > 0)
		appendBinaryStringInfo(&out, text->u.string, text->len);
	repeat_text(&out, filler.u.string, filler.len, (int) missing);
	if (width < 0)
		appendBinaryStringInfo(&out, text->u.string, text->len);
	*result = fn_text(&out);
	return true;
}

/* As many characters, of s over and over again */
static void
repeat_text(StringInfo out, const char *s, int len, int characters)
{
	int length = utf8_length(s, len);

	for (; characters >= length; characters -= length)
		appendBinaryStringInfo(out, s, len);
	appendBinaryStringInfo(out, s, utf8_offset(s, len, characters));
}

/* $join(texts, separator?) */
bool
jsonata_fn_join(JsonataCall *call, Value *result)
{
	Value separator = fn_missing(call, 1) ? value_string("", 0) : call->args[1];
	ValueArrayIter it;
	StringInfoData out;
	double size = 0;

	if (fn_missing(call, 0))
		return true;
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
		size += it.value.len + (double) separator.len;
	if (!jsonata_check_text_size(call, size))
		return false;

	fn_init_text(&out, (int) size + 1);
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
	{
		if (it.position > 1)
			appendBinaryStringInfo(&out, separator.u.string, separator.len);
		if (it.value.kind == VALUE_STRING)
			appendBinaryStringInfo(&out, it.value.u.string, it.value.len);
	}
	*result = fn_text(&out);
	return true;
}
