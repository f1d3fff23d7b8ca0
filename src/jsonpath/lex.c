/*-------------------------------------------------------------------------
 *
 * lex.c
 *	  The words of a path: names, quoted names, indexes, literals, patterns.
 *
 * Works on (pointer, length), never looks past the end, copies a name only
 * where it holds escapes.  Knows nothing of the grammar.
 *
 * IDENTIFICATION
 *	  src/jsonpath/lex.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "regex/regex.h"
#include "utils/builtins.h"

#include "compat.h"
#include "jsonpath/ast.h"
#include "util/errcodes.h"

/*
 * Longest regular expression, in bytes: the time that the server takes to compile one
 * may grow with the cube of its length.
 */
#define MAX_PATTERN 500

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
is_blank(char c)
{
	return (unsigned char) c <= ' ';
}

/* Fill in the error, with the place; always false */
bool
jp_lex_error(JpLexer *lexer, const char *message)
{
	return wf_error_set_at(lexer->error,
						   ERRCODE_WF_INVALID_PATH,
						   NULL,
						   lexer->pos,
						   "%s at position %d: %.*s",
						   message,
						   lexer->pos,
						   lexer->end,
						   lexer->text);
}

bool
jp_lex_accept(JpLexer *lexer, char c)
{
	if (jp_lex_at_end(lexer) || lexer->text[lexer->pos] != c)
		return false;
	lexer->pos++;
	return true;
}

bool
jp_lex_accept_word(JpLexer *lexer, const char *word)
{
	int len = strlen(word);

	if (lexer->end - lexer->pos < len || memcmp(lexer->text + lexer->pos, word, len) != 0)
		return false;
	lexer->pos += len;
	return true;
}

bool
jp_lex_expect(JpLexer *lexer, char c)
{
	char message[] = "Expected 'x'";

	if (jp_lex_accept(lexer, c))
		return true;
	message[sizeof(message) - 3] = c;
	return jp_lex_error(lexer, message);
}

/* Blanks of any kind: around quoted names and inside of filters */
void
jp_lex_skip_blanks(JpLexer *lexer)
{
	while (!jp_lex_at_end(lexer) && is_blank(lexer->text[lexer->pos]))
		lexer->pos++;
}

/* Spaces: all that may stand between indexes */
void
jp_lex_skip_spaces(JpLexer *lexer)
{
	while (jp_lex_accept(lexer, ' '))
		;
}

/* Does a name without quotes end before this character? */
static bool
ends_name(char c, bool in_filter)
{
	if (c == '.' || c == '[' || is_blank(c))
		return true;
	return in_filter && strchr(")]=!<>&|~,", c) != NULL;
}

/*
 * A backslash in a name without quotes takes the next character as it is, if
 * that is none of a word (the States Language's "$.store\.book").
 */
static inline bool
is_name_escape(const char *s, int left)
{
	return left >= 2 && s[0] == '\\' && !is_letter(s[1]) && !is_digit(s[1]) &&
		   !IS_HIGHBIT_SET(s[1]);
}

static void
strip_name_escapes(JpName *name)
{
	char *copy = palloc(name->len + 1);
	int len = 0;
	int i;

	for (i = 0; i < name->len; i++)
	{
		if (is_name_escape(name->text + i, name->len - i))
			i++;
		copy[len++] = name->text[i];
	}
	name->text = copy;
	name->len = len;
}

/*
 * A name without quotes.  It may hold anything but '.', '[' and blanks; in a
 * filter also no operator, but parentheses in pairs ("@.length()" is a name).
 */
bool
jp_lex_name(JpLexer *lexer, bool in_filter, JpName *name)
{
	int start = lexer->pos;
	int open = 0;
	bool escaped = false;

	while (!jp_lex_at_end(lexer))
	{
		const char *s = lexer->text + lexer->pos;

		if (is_name_escape(s, lexer->end - lexer->pos))
		{
			escaped = true;
			lexer->pos += 2;
			continue;
		}
		if (in_filter && *s == '(')
			open++;
		else if (in_filter && *s == ')' && open > 0)
			open--;
		else if (ends_name(*s, in_filter))
			break;
		lexer->pos++;
	}
	if (lexer->pos == start)
		return jp_lex_error(lexer,
							jp_lex_at_end(lexer) ? "Path must not end with a '.' or '..'"
							: is_blank(jp_lex_peek(lexer)) ? "Space not allowed in path"
														   : "Expected a name");
	name->text = lexer->text + start;
	name->len = lexer->pos - start;
	if (escaped)
		strip_name_escapes(name);
	return true;
}

/* The name of a variable; empty where there is none */
bool
jp_lex_identifier(JpLexer *lexer, JpName *name)
{
	int start = lexer->pos;

	while (!jp_lex_at_end(lexer))
	{
		char c = lexer->text[lexer->pos];

		if (!is_letter(c) && c != '_' && !IS_HIGHBIT_SET(c) &&
			!(is_digit(c) && lexer->pos > start))
			break;
		lexer->pos++;
	}
	name->text = lexer->text + start;
	name->len = lexer->pos - start;
	return name->len > 0;
}

/* Four hexadecimal digits at s, or -1 */
static int
read_hex4(const char *s, const char *end)
{
	int value = 0;
	int i;

	if (end - s < 4)
		return -1;
	for (i = 0; i < 4; i++)
	{
		char c = s[i];

		if (is_digit(c))
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * Append what \uXXXX (or a pair of them) at *s stands for; *s is then behind
 * it.  false where it is no character.
 */
static bool
append_unicode_escape(StringInfo out, const char **s, const char *end)
{
	int code = read_hex4(*s, end);
	unsigned char utf8[5] = {0};

	if (code <= 0)
		return false;
	*s += 4;
	if (is_utf16_surrogate_first(code))
	{
		int second = -1;

		if (end - *s >= 6 && (*s)[0] == '\\' && (*s)[1] == 'u')
			second = read_hex4(*s + 2, end);
		if (second < 0 || !is_utf16_surrogate_second(second))
			return false;
		*s += 6;
		code = surrogate_pair_to_codepoint(code, second);
	}
	else if (is_utf16_surrogate_second(code))
		return false;
	unicode_to_utf8(code, utf8);
	appendStringInfoString(out, (char *) utf8);
	return true;
}

/* What a backslash and c stand for */
static char
unescaped(char c)
{
	switch (c)
	{
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		default:
			return c;
	}
}

static bool
append_unescaped(JpLexer *lexer, StringInfo out, const char *s, const char *end)
{
	while (s < end)
	{
		if (*s != '\\' || s + 1 >= end)
		{
			appendStringInfoChar(out, *s++);
			continue;
		}
		s++;
		if (*s == 'u')
		{
			s++;
			if (!append_unicode_escape(out, &s, end))
				return jp_lex_error(lexer, "Invalid unicode escape");
		}
		else
			appendStringInfoChar(out, unescaped(*s++));
	}
	return true;
}

/*
 * A text in single or double quotes.  AWS takes a name in single quotes as it
 * stands, backslashes and all; only \' is needed to write a quote in it.
 */
bool
jp_lex_quoted(JpLexer *lexer, bool unescape, JpName *name)
{
	char quote = lexer->text[lexer->pos++];
	int start = lexer->pos;
	bool escaped = false;
	StringInfoData buffer;

	while (!jp_lex_at_end(lexer) && lexer->text[lexer->pos] != quote)
	{
		if (lexer->text[lexer->pos] == '\\' && lexer->pos + 1 < lexer->end)
		{
			escaped |= unescape || lexer->text[lexer->pos + 1] == quote;
			lexer->pos++;
		}
		lexer->pos++;
	}
	name->text = lexer->text + start;
	name->len = lexer->pos - start;
	if (!jp_lex_accept(lexer, quote))
		return jp_lex_error(lexer, "Quote is not closed");
	if (!escaped)
		return true;

	initStringInfo(&buffer);
	if (unescape)
	{
		if (!append_unescaped(lexer, &buffer, name->text, name->text + name->len))
			return false;
	}
	else
	{
		int i;

		for (i = 0; i < name->len; i++)
			if (name->text[i] != '\\' || i + 1 >= name->len || name->text[i + 1] != quote)
				appendStringInfoChar(&buffer, name->text[i]);
	}
	name->text = buffer.data;
	name->len = buffer.len;
	return true;
}

/* A whole number with perhaps a minus; *present false where none stands here */
bool
jp_lex_index(JpLexer *lexer, bool *present, int32 *index)
{
	int start = lexer->pos;
	bool negative = jp_lex_accept(lexer, '-');
	int64 value = 0;

	*present = false;
	*index = 0;
	if (!is_digit(jp_lex_peek(lexer)))
	{
		if (negative)
			return jp_lex_error(lexer, "Expected a digit");
		return true;
	}
	while (is_digit(jp_lex_peek(lexer)))
	{
		value = value * 10 + (lexer->text[lexer->pos++] - '0');
		if (value > (int64) PG_INT32_MAX + 1)
		{
			lexer->pos = start;
			return jp_lex_error(lexer, "Index is out of range");
		}
	}
	if (negative)
		value = -value;
	if (value > PG_INT32_MAX)
		return jp_lex_error(lexer, "Index is out of range");
	*present = true;
	*index = (int32) value;
	return true;
}

/* A number as in JSON; leading zeros do no harm */
bool
jp_lex_number(JpLexer *lexer, Value *number)
{
	WfError ignored = {0};
	StringInfoData digits;
	int start;

	initStringInfo(&digits);
	if (jp_lex_accept(lexer, '-'))
		appendStringInfoChar(&digits, '-');
	while (jp_lex_peek(lexer) == '0' && lexer->pos + 1 < lexer->end &&
		   is_digit(lexer->text[lexer->pos + 1]))
		lexer->pos++;
	start = lexer->pos;
	while (is_digit(jp_lex_peek(lexer)) || jp_lex_peek(lexer) == '.' ||
		   is_letter(jp_lex_peek(lexer)) ||
		   ((jp_lex_peek(lexer) == '-' || jp_lex_peek(lexer) == '+') &&
			lexer->pos > start && (lexer->text[lexer->pos - 1] | 0x20) == 'e'))
		lexer->pos++;
	appendBinaryStringInfo(&digits, lexer->text + start, lexer->pos - start);
	if (!value_from_text(digits.data, digits.len, number, &ignored))
		return jp_lex_error(lexer, "Invalid number");
	return true;
}

/* An array or object as JSON writes it */
bool
jp_lex_json(JpLexer *lexer, Value *value)
{
	int start = lexer->pos;
	int depth = 0;
	bool in_string = false;
	WfError ignored = {0};

	while (!jp_lex_at_end(lexer))
	{
		char c = lexer->text[lexer->pos++];

		if (in_string)
		{
			if (c == '\\' && !jp_lex_at_end(lexer))
				lexer->pos++;
			else if (c == '"')
				in_string = false;
		}
		else if (c == '"')
			in_string = true;
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && --depth == 0)
			break;
	}
	if (!value_from_text(lexer->text + start, lexer->pos - start, value, &ignored))
		return jp_lex_error(lexer, "Invalid JSON");
	return true;
}

/* Is this a pattern that can be run later without raising an error? */
static bool
check_pattern(JpLexer *lexer, text *pattern, int flags)
{
	int len = VARSIZE_ANY_EXHDR(pattern);
	pg_wchar *wide = palloc(sizeof(pg_wchar) * (len + 1));
	regex_t compiled;
	int wide_len;

	if (len > MAX_PATTERN)
		return jp_lex_error(lexer, "Regular expression is too long");
	wide_len = pg_mb2wchar_with_len(VARDATA_ANY(pattern), wide, len);
	if (pg_regcomp(&compiled, wide, wide_len, flags, C_COLLATION_OID) != REG_OKAY)
	{
		/* before 16, it fails where an interrupt is pending */
		CHECK_FOR_INTERRUPTS();
		return jp_lex_error(lexer, "Invalid regular expression");
	}
	pg_regfree(&compiled);
	return true;
}

/*
 * A pattern between slashes with Java's flags behind it.  It has to match the
 * whole text, so it is anchored here.
 */
bool
jp_lex_regex(JpLexer *lexer, text **pattern, int *flags)
{
	StringInfoData buffer;
	int start = ++lexer->pos;

	while (!jp_lex_at_end(lexer) && lexer->text[lexer->pos] != '/')
		lexer->pos +=
			(lexer->text[lexer->pos] == '\\' && lexer->pos + 1 < lexer->end) ? 2 : 1;
	initStringInfo(&buffer);
	appendStringInfoString(&buffer, "^(?:");
	appendBinaryStringInfo(&buffer, lexer->text + start, lexer->pos - start);
	appendStringInfoString(&buffer, ")$");
	if (!jp_lex_expect(lexer, '/'))
		return false;

	*flags = REG_ADVANCED | REG_NLSTOP;
	while (is_letter(jp_lex_peek(lexer)))
	{
		switch (lexer->text[lexer->pos++])
		{
			case 'i':
				*flags |= REG_ICASE;
				break;
			case 's':
				*flags &= ~REG_NLSTOP;
				break;
			case 'u':
			case 'U':
				break;
			default:
				return jp_lex_error(lexer, "Unknown flag of a regular expression");
		}
	}
	*pattern = cstring_to_text_with_len(buffer.data, buffer.len);
	return check_pattern(lexer, *pattern, *flags);
}
