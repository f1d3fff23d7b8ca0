/*-------------------------------------------------------------------------
 *
 * text.c
 *	  JSON text to value and back.
 *
 * Reading takes its tokens from PostgreSQL's JSON lexer, so that the same
 * texts are JSON here and in jsonb_in(), with the same error messages.  The
 * grammar is our own: a table and a stack, because pg_parse_json() recurses,
 * cannot be stopped by its actions before 16, and makes a C string of each
 * token.
 *
 * Knows JSON text; must not know jsonb's format.
 *
 * IDENTIFICATION
 *	  src/value/text.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "util/number.h"
#include "value/value.h"

/* What may come next */
typedef enum Expectation
{
	EXPECT_VALUE,
	EXPECT_FIRST_ELEMENT, /* or the end of the array */
	EXPECT_ARRAY_NEXT,    /* comma or the end of the array */
	EXPECT_FIRST_KEY,     /* or the end of the object */
	EXPECT_KEY,
	EXPECT_COLON,
	EXPECT_OBJECT_NEXT, /* comma or the end of the object */
	EXPECT_END
} Expectation;

/* A container that is still open; one of the two pointers is set */
typedef struct Level
{
	ValueArray *array;
	ValueObject *object;
	const char *key; /* of the member whose value is being read */
	int key_len;
} Level;

typedef struct Reader
{
	JsonLexContext *lex;
	const char *text;
	int len;
	char *strings; /* room for all strings of the text */
	Expectation expect;
	int depth; /* open containers */
	int capacity;
	Level *levels;
	Value result;
	WfError *error;
} Reader;

static bool read_token(Reader *reader);
static bool read_value(Reader *reader);
static bool read_number(Reader *reader, Value *result);
static Value read_string(Reader *reader);
static bool open_container(Reader *reader);
static bool close_container(Reader *reader);
static bool add_value(Reader *reader, Value v);
static bool fail_token(Reader *reader);
static bool fail_syntax(Reader *reader, JsonParseErrorType code);
static int token_position(const Reader *reader);
static void append_array(StringInfo out, Value array);
static void append_object(StringInfo out, Value object);
static void append_double(StringInfo out, double d);
static bool has_escaped_byte(uint64 chunk);
static void append_escape(StringInfo out, unsigned char c);

/* Reading */

bool
value_from_text(const char *text, int len, Value *result, WfError *error)
{
	Reader reader = {.text = text, .len = len, .expect = EXPECT_VALUE, .error = error};

	reader.lex =
		compat_json_lex_context(unconstify(char *, text), len, GetDatabaseEncoding());
	reader.strings = palloc(len + 1); /* unescaped, no string is longer than escaped */
	reader.capacity = 16;
	reader.levels = palloc_array(Level, reader.capacity);
	do
	{
		JsonParseErrorType code = json_lex(reader.lex);

		CHECK_FOR_INTERRUPTS();
		if (code != JSON_SUCCESS)
			return fail_syntax(&reader, code);
		if (reader.expect == EXPECT_END && reader.lex->token_type == JSON_TOKEN_END)
		{
			*result = reader.result;
			return true;
		}
	} while (read_token(&reader));
	return false;
}

/* Take the token in the lexer, if it is one of those that may come now */
static bool
read_token(Reader *reader)
{
	JsonTokenType token = reader->lex->token_type;
	Level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

	switch (reader->expect)
	{
		case EXPECT_FIRST_ELEMENT:
			if (token == JSON_TOKEN_ARRAY_END)
				return close_container(reader);
			return read_value(reader);
		case EXPECT_VALUE:
			return read_value(reader);
		case EXPECT_ARRAY_NEXT:
			if (token == JSON_TOKEN_ARRAY_END)
				return close_container(reader);
			if (token != JSON_TOKEN_COMMA)
				break;
			reader->expect = EXPECT_VALUE;
			return true;
		case EXPECT_FIRST_KEY:
			if (token == JSON_TOKEN_OBJECT_END)
				return close_container(reader);
			/* FALLTHROUGH */
		case EXPECT_KEY:
			if (token != JSON_TOKEN_STRING)
				break;
			level->key_len = reader->lex->strval->len;
			level->key = read_string(reader).u.string;
			reader->expect = EXPECT_COLON;
			return true;
		case EXPECT_COLON:
			if (token != JSON_TOKEN_COLON)
				break;
			reader->expect = EXPECT_VALUE;
			return true;
		case EXPECT_OBJECT_NEXT:
			if (token == JSON_TOKEN_OBJECT_END)
				return close_container(reader);
			if (token != JSON_TOKEN_COMMA)
				break;
			reader->expect = EXPECT_KEY;
			return true;
		case EXPECT_END:
			break;
	}
	return fail_token(reader);
}

static bool
read_value(Reader *reader)
{
	Value v;

	switch (reader->lex->token_type)
	{
		case JSON_TOKEN_STRING:
			return add_value(reader, read_string(reader));
		case JSON_TOKEN_NUMBER:
			return read_number(reader, &v) && add_value(reader, v);
		case JSON_TOKEN_TRUE:
			return add_value(reader, value_bool(true));
		case JSON_TOKEN_FALSE:
			return add_value(reader, value_bool(false));
		case JSON_TOKEN_NULL:
			return add_value(reader, value_null());
		case JSON_TOKEN_OBJECT_START:
		case JSON_TOKEN_ARRAY_START:
			return open_container(reader);
		default:
			reader->expect =
				reader->expect == EXPECT_FIRST_ELEMENT ? EXPECT_VALUE : reader->expect;
			return fail_token(reader);
	}
}

static bool
read_number(Reader *reader, Value *result)
{
	const char *start = reader->lex->token_start;
	Numeric n;

	if (!wf_numeric_from_text(start, (int) (reader->lex->token_terminator - start), &n))
		return wf_error_set_at(reader->error,
							   ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
							   NULL,
							   token_position(reader),
							   "number is out of range");
	*result = value_numeric(n);
	return true;
}

/* The string in the lexer, copied to where all strings of the text stand */
static Value
read_string(Reader *reader)
{
	int len = reader->lex->strval->len;
	Value v = value_string(reader->strings, len);

	memcpy(reader->strings, reader->lex->strval->data, len);
	reader->strings += len;
	return v;
}

static bool
open_container(Reader *reader)
{
	bool is_object = reader->lex->token_type == JSON_TOKEN_OBJECT_START;
	Level *level;

	if (reader->depth == VALUE_MAX_NESTING)
		return wf_error_set_at(reader->error,
							   ERRCODE_PROGRAM_LIMIT_EXCEEDED,
							   NULL,
							   token_position(reader),
							   "JSON is nested deeper than %d levels",
							   VALUE_MAX_NESTING);
	if (reader->depth == reader->capacity)
	{
		reader->capacity *= 2;
		reader->levels = repalloc_array(reader->levels, Level, reader->capacity);
	}
	level = &reader->levels[reader->depth++];
	level->array = is_object ? NULL : value_array_new(0);
	level->object = is_object ? value_object_new(0) : NULL;
	reader->expect = is_object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ELEMENT;
	return true;
}

static bool
close_container(Reader *reader)
{
	Level *level = &reader->levels[--reader->depth];

	return add_value(reader,
					 level->array ? value_from_array(level->array)
								  : value_from_object(level->object));
}

/* Put a complete value where it belongs; always true */
static bool
add_value(Reader *reader, Value v)
{
	Level *level = &reader->levels[reader->depth - 1];

	if (reader->depth == 0)
	{
		reader->result = v;
		reader->expect = EXPECT_END;
	}
	else if (level->array)
	{
		value_array_push(level->array, v);
		reader->expect = EXPECT_ARRAY_NEXT;
	}
	else
	{
		value_object_set(level->object, level->key, level->key_len, v);
		reader->expect = EXPECT_OBJECT_NEXT;
	}
	return true;
}

/* The token in the lexer is none of those that may come now */
static bool
fail_token(Reader *reader)
{
	static const JsonParseErrorType codes[] = {
		[EXPECT_VALUE] = JSON_EXPECTED_JSON,
		[EXPECT_FIRST_ELEMENT] = JSON_EXPECTED_ARRAY_FIRST,
		[EXPECT_ARRAY_NEXT] = JSON_EXPECTED_ARRAY_NEXT,
		[EXPECT_FIRST_KEY] = JSON_EXPECTED_OBJECT_FIRST,
		[EXPECT_KEY] = JSON_EXPECTED_STRING,
		[EXPECT_COLON] = JSON_EXPECTED_COLON,
		[EXPECT_OBJECT_NEXT] = JSON_EXPECTED_OBJECT_NEXT,
		[EXPECT_END] = JSON_EXPECTED_END,
	};

	if (reader->lex->token_type == JSON_TOKEN_END)
		return fail_syntax(reader, JSON_EXPECTED_MORE);
	return fail_syntax(reader, codes[reader->expect]);
}

static bool
fail_syntax(Reader *reader, JsonParseErrorType code)
{
	return wf_error_set_at(reader->error,
						   code == JSON_UNICODE_CODE_POINT_ZERO
							   ? ERRCODE_UNTRANSLATABLE_CHARACTER
							   : ERRCODE_INVALID_TEXT_REPRESENTATION,
						   NULL,
						   token_position(reader),
						   "%s",
						   json_errdetail(code, reader->lex));
}

/* Where the token begins; at the end of the text there is none */
static int
token_position(const Reader *reader)
{
	const char *start = reader->lex->token_start;

	return start == NULL ? reader->len : (int) (start - reader->text);
}

/* Writing */

void
value_append_text(StringInfo out, Value v)
{
	switch (value_type(v))
	{
		case TYPE_UNDEFINED:
		case TYPE_FUNCTION:
			break;
		case TYPE_NULL:
			appendBinaryStringInfo(out, "null", 4);
			break;
		case TYPE_BOOL:
			appendStringInfoString(out, v.u.boolean ? "true" : "false");
			break;
		case TYPE_NUMBER:
			if (v.kind == VALUE_DOUBLE)
				append_double(out, v.u.number);
			else if (wf_numeric_is_finite(v.u.numeric))
				wf_append_numeric(out, v.u.numeric);
			else
				append_double(out, wf_numeric_to_double(v.u.numeric));
			break;
		case TYPE_STRING:
			value_append_json_string(out, v.u.string, v.len);
			break;
		case TYPE_ARRAY:
			append_array(out, v);
			break;
		case TYPE_OBJECT:
			append_object(out, v);
			break;
	}
}

char *
value_to_text(Value v)
{
	StringInfoData out;

	initStringInfo(&out);
	value_append_text(&out, v);
	return out.data;
}

/* Elements that are undefined become null, as JSON.stringify does it */
static void
append_array(StringInfo out, Value array)
{
	ValueArrayIter it;
	bool first = true;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	appendStringInfoCharMacro(out, '[');
	value_array_begin(&it, array);
	while (value_array_next(&it))
	{
		ValueType type = value_type(it.value);

		if (!first)
			appendStringInfoCharMacro(out, ',');
		first = false;
		if (type == TYPE_UNDEFINED || type == TYPE_FUNCTION)
			it.value = value_null();
		value_append_text(out, it.value);
	}
	appendStringInfoCharMacro(out, ']');
}

/* Members that are undefined are left out */
static void
append_object(StringInfo out, Value object)
{
	ValueObjectIter it;
	bool first = true;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	appendStringInfoCharMacro(out, '{');
	value_object_begin(&it, object);
	while (value_object_next(&it))
	{
		ValueType type = value_type(it.value);

		if (type == TYPE_UNDEFINED || type == TYPE_FUNCTION)
			continue;
		if (!first)
			appendStringInfoCharMacro(out, ',');
		first = false;
		value_append_json_string(out, it.key, it.key_len);
		appendStringInfoCharMacro(out, ':');
		value_append_text(out, it.value);
	}
	appendStringInfoCharMacro(out, '}');
}

/* JSON has no NaN and no infinities; the service gives their names as strings */
static void
append_double(StringInfo out, double d)
{
	char text[WF_DOUBLE_TEXT_SIZE];
	int len = wf_double_to_text(d, text);

	if (isfinite(d))
		appendBinaryStringInfo(out, text, len);
	else
		value_append_json_string(out, text, len);
}

void
value_append_json_string(StringInfo out, const char *s, int len)
{
	const char *end = s + len;
	const char *start = s;

	appendStringInfoCharMacro(out, '"');
	while (s < end)
	{
		uint64 chunk;
		unsigned char c = *s;

		if (end - s >= sizeof(chunk))
		{
			memcpy(&chunk, s, sizeof(chunk));
			if (!has_escaped_byte(chunk))
			{
				s += sizeof(chunk);
				continue;
			}
		}
		if (c < 0x20 || c == '"' || c == '\\')
		{
			appendBinaryStringInfo(out, start, (int) (s - start));
			append_escape(out, c);
			start = s + 1;
		}
		s++;
	}
	appendBinaryStringInfo(out, start, (int) (end - start));
	appendStringInfoCharMacro(out, '"');
}

/*
 * Might one of the eight bytes need an escape?  A borrow of the subtraction can
 * make this say yes for nothing, never no.
 */
static bool
has_escaped_byte(uint64 chunk)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);
	uint64 quotes = chunk ^ (ones * '"');
	uint64 backslashes = chunk ^ (ones * '\\');

	return (((chunk - ones * 0x20) & ~chunk) | ((quotes - ones) & ~quotes) |
			((backslashes - ones) & ~backslashes)) &
		   (ones * 0x80);
}

static void
append_escape(StringInfo out, unsigned char c)
{
	static const char letters[] = {
		['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\',
	};

	if (letters[c] != 0)
	{
		appendStringInfoCharMacro(out, '\\');
		appendStringInfoCharMacro(out, letters[c]);
	}
	else
		appendStringInfo(out, "\\u%04x", c);
}
