/*-------------------------------------------------------------------------
 *
 * lex.c
 *	  The tokens of an expression.
 *
 * By hand over (pointer, length), one token at a time, because what "/" means
 * depends on what the parser expects.  Strings without escapes and names point
 * into the text, which the compiled expression keeps.
 *
 * Knows characters; must not know the grammar.
 *
 * IDENTIFICATION
 *	  src/jsonata/lex.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "mb/pg_wchar.h"

#include "jsonata/function.h"
#include "jsonata/parse.h"
#include "jsonata/regex.h"
#include "util/utf8.h"

/* What a single character is */
#define SPACE 0xFF

static const uint8 char_class[256] = {
	[' '] = SPACE,
	['\t'] = SPACE,
	['\n'] = SPACE,
	['\r'] = SPACE,
	['\v'] = SPACE,
	['.'] = TOKEN_DOT,
	['['] = TOKEN_LEFT_BRACKET,
	[']'] = TOKEN_RIGHT_BRACKET,
	['{'] = TOKEN_LEFT_BRACE,
	['}'] = TOKEN_RIGHT_BRACE,
	['('] = TOKEN_LEFT_PAREN,
	[')'] = TOKEN_RIGHT_PAREN,
	[','] = TOKEN_COMMA,
	['@'] = TOKEN_AT,
	['#'] = TOKEN_HASH,
	[';'] = TOKEN_SEMICOLON,
	[':'] = TOKEN_COLON,
	['?'] = TOKEN_QUESTION,
	['+'] = TOKEN_PLUS,
	['-'] = TOKEN_MINUS,
	['*'] = TOKEN_STAR,
	['/'] = TOKEN_SLASH,
	['%'] = TOKEN_PERCENT,
	['|'] = TOKEN_BAR,
	['='] = TOKEN_EQUAL,
	['<'] = TOKEN_LESS,
	['>'] = TOKEN_GREATER,
	['^'] = TOKEN_CARET,
	['&'] = TOKEN_AMPERSAND,
	['!'] = TOKEN_BANG,
	['~'] = TOKEN_TILDE,
};

/* Operators of two characters */
static const struct
{
	char first;
	char second;
	uint8 token;
} pairs[] = {
	{'.', '.', TOKEN_RANGE},
	{':', '=', TOKEN_ASSIGN},
	{'!', '=', TOKEN_NOT_EQUAL},
	{'>', '=', TOKEN_GREATER_EQUAL},
	{'<', '=', TOKEN_LESS_EQUAL},
	{'*', '*', TOKEN_STAR_STAR},
	{'~', '>', TOKEN_CHAIN},
	{'?', ':', TOKEN_DEFAULT},
	{'?', '?', TOKEN_COALESCE},
};

#define JSONATA_TOKEN_TEXT(token, text) [TOKEN_##token] = text,
static const char *const token_texts[] = {JSONATA_TOKEN_LIST(JSONATA_TOKEN_TEXT)};

static bool skip_blanks(JsonataParser *parser);
static bool lex_operator(JsonataParser *parser, uint8 class);
static bool lex_string(JsonataParser *parser, char quote);
static bool lex_escaped_string(JsonataParser *parser, char quote, int start);
static bool lex_escape(JsonataParser *parser, char **out);
static bool lex_unicode(JsonataParser *parser, char **out);
static bool read_hex(const JsonataParser *parser, int at, uint32 *unit);
static bool lex_number(JsonataParser *parser, bool *is_number);
static bool lex_quoted_name(JsonataParser *parser);
static bool lex_name(JsonataParser *parser);
static bool lex_regex(JsonataParser *parser);
static int regex_end(const JsonataParser *parser, int start);

static inline int
peek(const JsonataParser *parser, int offset)
{
	int at = parser->at + offset;

	return at < parser->len ? (unsigned char) parser->text[at] : -1;
}

static bool
accept(JsonataParser *parser, JsonataTokenType type, Value value)
{
	parser->token.type = type;
	parser->token.value = value;
	parser->token.position = parser->at;
	return true;
}

static bool
fail(JsonataParser *parser, const char *code, int position)
{
	return jsonata_syntax_error(parser,
								code,
								position,
								value_undefined(),
								value_undefined());
}

const char *
jsonata_token_text(JsonataTokenType type)
{
	return token_texts[type];
}

bool
jsonata_lex(JsonataParser *parser, bool infix)
{
	uint8 class;
	int c;
	bool is_number;

	if (!skip_blanks(parser))
		return false;
	c = peek(parser, 0);
	if (c < 0)
		return accept(parser, TOKEN_END, value_cstring("(end)"));
	class = char_class[c];
	if (class == TOKEN_SLASH && !infix)
		return lex_regex(parser);
	if (class != 0)
		return lex_operator(parser, class);
	if (c == '"' || c == '\'')
		return lex_string(parser, (char) c);
	if (c >= '0' && c <= '9')
	{
		if (!lex_number(parser, &is_number))
			return false;
		if (is_number)
			return true;
	}
	if (c == '`')
		return lex_quoted_name(parser);
	return lex_name(parser);
}

/* Spaces and comments */
static bool
skip_blanks(JsonataParser *parser)
{
	for (;;)
	{
		int start;

		while (peek(parser, 0) >= 0 && char_class[peek(parser, 0)] == SPACE)
			parser->at++;
		if (peek(parser, 0) != '/' || peek(parser, 1) != '*')
			return true;

		start = parser->at;
		parser->at += 2;
		while (peek(parser, 0) != '*' || peek(parser, 1) != '/')
		{
			if (++parser->at >= parser->len)
				return fail(parser, "S0106", start);
		}
		parser->at += 2;
	}
}

static bool
lex_operator(JsonataParser *parser, uint8 class)
{
	int first = peek(parser, 0);
	int second = peek(parser, 1);

	for (int i = 0; i < lengthof(pairs); i++)
	{
		if (pairs[i].first == first && pairs[i].second == second)
		{
			parser->at += 2;
			return accept(parser,
						  pairs[i].token,
						  value_string(token_texts[pairs[i].token], 2));
		}
	}
	parser->at++;
	accept(parser, class, value_string(token_texts[class], 1));
	if (class == TOKEN_BANG || class == TOKEN_TILDE)
		return jsonata_syntax_error(parser,
									"S0204",
									parser->at,
									parser->token.value,
									value_undefined());
	return true;
}

static bool
lex_string(JsonataParser *parser, char quote)
{
	int start = ++parser->at;

	for (; parser->at < parser->len; parser->at++)
	{
		char c = parser->text[parser->at];

		if (c == '\\')
			return lex_escaped_string(parser, quote, start);
		if (c == quote)
		{
			parser->at++;
			return accept(parser,
						  TOKEN_STRING,
						  value_string(parser->text + start, parser->at - 1 - start));
		}
	}
	return fail(parser, "S0101", parser->at);
}

/* The same from the first backslash on; unescaped, no string is longer */
static bool
lex_escaped_string(JsonataParser *parser, char quote, int start)
{
	char *buffer = palloc(parser->len - start + UTF8_MAX_BYTES);
	char *out = buffer + (parser->at - start);

	memcpy(buffer, parser->text + start, parser->at - start);
	while (parser->at < parser->len)
	{
		char c = parser->text[parser->at++];

		if (c == quote)
			return accept(parser,
						  TOKEN_STRING,
						  value_string(buffer, (int) (out - buffer)));
		if (c != '\\')
			*out++ = c;
		else if (!lex_escape(parser, &out))
			return false;
	}
	return fail(parser, "S0101", parser->at);
}

/* What follows a backslash */
static bool
lex_escape(JsonataParser *parser, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	int c = peek(parser, 0);
	const char *found = c > 0 ? strchr(from, c) : NULL;
	int end;

	if (found != NULL)
	{
		*(*out)++ = to[found - from];
		parser->at++;
		return true;
	}
	if (c == 'u')
		return lex_unicode(parser, out);
	if (c < 0)
		return fail(parser, "S0101", parser->at);
	end = parser->at + pg_utf_mblen((const unsigned char *) parser->text + parser->at);
	return jsonata_syntax_error(parser,
								"S0103",
								parser->at,
								value_string(parser->text + parser->at,
											 Min(end, parser->len) - parser->at),
								value_undefined());
}

/* \uhhhh; two of them may be one character */
static bool
lex_unicode(JsonataParser *parser, char **out)
{
	uint32 code;
	uint32 low;

	if (!read_hex(parser, parser->at + 1, &code))
		return fail(parser, "S0104", parser->at);
	parser->at += 5;
	if (code >= 0xD800 && code < 0xDC00 && peek(parser, 0) == '\\' &&
		peek(parser, 1) == 'u' && read_hex(parser, parser->at + 2, &low) &&
		low >= 0xDC00 && low < 0xE000)
	{
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		parser->at += 6;
	}
	*out += utf8_encode(code, *out);
	return true;
}

static bool
read_hex(const JsonataParser *parser, int at, uint32 *unit)
{
	*unit = 0;
	if (at + 4 > parser->len)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char c = parser->text[at + i];

		if (!isxdigit((unsigned char) c))
			return false;
		*unit = *unit * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return true;
}

/* As JSON writes numbers, without the sign; "01" is the number 0 and then 1 */
static bool
lex_number(JsonataParser *parser, bool *is_number)
{
	const char *start = parser->text + parser->at;
	const char *end = parser->text + parser->len;
	const char *p = start;
	char buffer[64];
	char *copy = buffer;
	double number = 0;

	*is_number = true;
	if (*p == '0')
		p++;
	else
	{
		for (; p < end && isdigit((unsigned char) *p); p++)
			number = number * 10 + (*p - '0');
	}
	if (p - start > 15 || (p < end && (*p == '.' || (*p | 0x20) == 'e')))
	{
		if (p + 1 < end && *p == '.' && isdigit((unsigned char) p[1]))
		{
			for (p++; p < end && isdigit((unsigned char) *p); p++)
				;
		}
		if (p < end && (*p | 0x20) == 'e')
		{
			const char *q = p + 1;

			if (q < end && (*q == '-' || *q == '+'))
				q++;
			if (q < end && isdigit((unsigned char) *q))
			{
				for (; q < end && isdigit((unsigned char) *q); q++)
					;
				p = q;
			}
		}
		if (p - start >= (int) sizeof(buffer))
			copy = palloc(p - start + 1);
		memcpy(copy, start, p - start);
		copy[p - start] = '\0';
		number = strtod(copy, NULL);
		if (isinf(number))
			return jsonata_syntax_error(parser,
										"S0102",
										parser->at,
										value_string(start, (int) (p - start)),
										value_undefined());
	}
	parser->at += (int) (p - start);
	return accept(parser, TOKEN_NUMBER, value_double(number));
}

static bool
lex_quoted_name(JsonataParser *parser)
{
	const char *start = parser->text + parser->at + 1;
	const char *end = memchr(start, '`', parser->text + parser->len - start);

	if (end == NULL)
		return fail(parser, "S0105", parser->len);
	parser->at = (int) (end + 1 - parser->text);
	return accept(parser, TOKEN_NAME, value_string(start, (int) (end - start)));
}

/* A name, a variable, or a word with a meaning of its own */
static bool
lex_name(JsonataParser *parser)
{
	static const struct
	{
		const char *text;
		uint8 token;
	} words[] = {
		{"or", TOKEN_OR},
		{"in", TOKEN_IN},
		{"and", TOKEN_AND},
		{"true", TOKEN_VALUE},
		{"false", TOKEN_VALUE},
		{"null", TOKEN_VALUE},
	};
	const char *start = parser->text + parser->at;
	Value name;

	while (peek(parser, 0) >= 0 && char_class[peek(parser, 0)] == 0)
		parser->at++;
	name = value_string(start, (int) (parser->text + parser->at - start));
	if (*start == '$')
		return accept(parser, TOKEN_VARIABLE, value_string(start + 1, name.len - 1));
	for (int i = 0; name.len <= 5 && i < lengthof(words); i++)
	{
		if (!value_string_is(name, words[i].text))
			continue;
		if (words[i].token == TOKEN_VALUE)
			name = *start == 'n' ? value_null() : value_bool(*start == 't');
		return accept(parser, words[i].token, name);
	}
	return accept(parser, TOKEN_NAME, name);
}

static bool
lex_regex(JsonataParser *parser)
{
	int start = ++parser->at;
	int end = regex_end(parser, start);
	bool ignore_case = false;
	bool multiline = false;
	JsonataRegex *regex;
	char *message;

	if (end < 0)
		return fail(parser, "S0302", parser->len);
	if (end == start)
		return fail(parser, "S0301", start);
	for (parser->at = end + 1; peek(parser, 0) == 'i' || peek(parser, 0) == 'm';
		 parser->at++)
	{
		if (peek(parser, 0) == 'i')
			ignore_case = true;
		else
			multiline = true;
	}
	regex = jsonata_regex_compile(parser->text + start,
								  end - start,
								  ignore_case,
								  multiline,
								  &message);
	if (regex == NULL)
		return wf_error_set_at(parser->error,
							   ERRCODE_WF_JSONATA,
							   NULL,
							   start,
							   "S0303: Invalid regular expression: %s",
							   message);
	return accept(parser, TOKEN_REGEX, jsonata_regex_function(regex));
}

/*
 * The closing slash: not escaped, and not within brackets of any kind, which
 * the reference counts without telling one kind from another.
 */
static int
regex_end(const JsonataParser *parser, int start)
{
	int depth = 0;

	for (int i = start; i < parser->len; i++)
	{
		char c = parser->text[i];
		int backslashes = 0;

		while (i - backslashes > start && parser->text[i - backslashes - 1] == '\\')
			backslashes++;
		if (c == '/' && depth == 0 && backslashes % 2 == 0)
			return i;
		if (backslashes == 0 && (c == '(' || c == '[' || c == '{'))
			depth++;
		else if (backslashes == 0 && (c == ')' || c == ']' || c == '}'))
			depth--;
	}
	return -1;
}
