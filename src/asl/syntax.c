/*-------------------------------------------------------------------------
 *
 * syntax.c
 *	  What is wrong with a text that is not JSON, in the words of the service.
 *
 * The service shows what its parser (Jackson, of Java) says, with the place
 * where that stopped, so this walks over the text as that does until it meets
 * the first fault.  It decides nothing: that the text is no JSON is known.
 * Where it finds no fault, the words are PostgreSQL's.
 *
 * IDENTIFICATION
 *	  src/asl/syntax.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "asl/syntax.h"
#include "util/utf8.h"

#define VALUE_LIST                                                                       \
	"(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

/* Of the text no more is shown than this many characters */
#define MAX_SNIPPET 500

/* An unknown token is shown up to this length */
#define MAX_TOKEN 256

/* Where something is; the text for it takes a look at everything, and is made of faults only */
typedef struct Place
{
	const char *at;
	const char *row; /* start of its line */
	int line;
} Place;

/* A container that is open */
typedef struct Level
{
	char kind; /* '{' or '[' */
	bool has_entries;
	Place start;
} Level;

typedef struct Scanner
{
	const char *text;
	const char *end;
	const char *last; /* the last character taken */
	const char *p;    /* behind it */
	const char *row;  /* start of the line */
	int line;
	int depth;
	int capacity;
	Level *levels;
	char *reason; /* NULL: no fault yet */
} Scanner;

static void scan(Scanner *scanner);
static bool scan_name(Scanner *scanner, int c);
static bool scan_value(Scanner *scanner, int c);
static bool scan_string(Scanner *scanner, const char *what);
static bool scan_escape(Scanner *scanner);
static bool scan_number(Scanner *scanner, int c);
static bool scan_digits(Scanner *scanner, const char *comment);
static bool scan_token(Scanner *scanner);
static void push(Scanner *scanner, char kind);
static bool pop(Scanner *scanner, int c);
static int next_character(Scanner *scanner);
static int next_significant(Scanner *scanner);
static const char *type_name(const Scanner *scanner);
static Place place_of(const Scanner *scanner, const char *at);
static char *location(const Scanner *scanner, Place place);
static bool fail(Scanner *scanner, char *reason);
static bool fail_character(Scanner *scanner, int c, const char *comment);
static const char *describe(int c);
static bool is_identifier_part(int c);

AslSyntaxError
asl_syntax_error(const char *text, const WfError *error)
{
	AslSyntaxError result;
	Scanner scanner = {
		.text = text,
		.end = text + strlen(text),
		.p = text,
		.row = text,
		.line = 1,
	};

	scan(&scanner);
	if (scanner.reason == NULL)
	{
		const char *at = text + Max(0, Min(error->position, (int) strlen(text)));

		scanner.reason = pstrdup(error->message);
		scanner.line = 1;
		scanner.row = text;
		for (const char *p = text; p < at; p++)
		{
			if (*p != '\n')
				continue;
			scanner.line++;
			scanner.row = p + 1;
		}
		scanner.p = at;
	}
	result.reason = scanner.reason;
	result.location = location(&scanner, place_of(&scanner, scanner.p));
	result.message = psprintf("%s\n at %s", result.reason, result.location);
	return result;
}

/* Entry after entry, until the first fault or the end of the value */
static void
scan(Scanner *scanner)
{
	do
	{
		int c = next_significant(scanner);
		Level *level = scanner->depth > 0 ? &scanner->levels[scanner->depth - 1] : NULL;

		CHECK_FOR_INTERRUPTS();
		if (c < 0)
		{
			if (level != NULL)
				fail(
					scanner,
					psprintf(
						"Unexpected end-of-input: expected close marker for %s (start marker at %s)",
						type_name(scanner),
						location(scanner, level->start)));
			return;
		}
		if (c == ']' || c == '}')
		{
			if (!pop(scanner, c))
				return;
			continue;
		}
		if (level != NULL && level->has_entries)
		{
			if (c != ',')
			{
				fail_character(scanner,
							   c,
							   psprintf("was expecting comma to separate %s entries",
										type_name(scanner)));
				return;
			}
			c = next_significant(scanner);
		}
		if (level != NULL)
			level->has_entries = true;
		if (level != NULL && level->kind == '{' && c >= 0)
		{
			if (!scan_name(scanner, c))
				return;
			c = next_significant(scanner);
		}
		if (c < 0)
		{
			fail(scanner,
				 psprintf("Unexpected end-of-input within/between %s entries",
						  type_name(scanner)));
			return;
		}
		if (!scan_value(scanner, c))
			return;
	} while (scanner->depth > 0);
}

/* A member's name and the colon */
static bool
scan_name(Scanner *scanner, int c)
{
	if (c != '"')
		return fail_character(scanner,
							  c,
							  "was expecting double-quote to start field name");
	if (!scan_string(scanner, "name"))
		return false;
	c = next_significant(scanner);
	if (c < 0)
		return fail(scanner,
					psprintf("Unexpected end-of-input within/between %s entries",
							 type_name(scanner)));
	if (c != ':')
		return fail_character(scanner,
							  c,
							  "was expecting a colon to separate field name and value");
	return true;
}

static bool
scan_value(Scanner *scanner, int c)
{
	switch (c)
	{
		case '"':
			return scan_string(scanner, "string value");
		case '{':
		case '[':
			push(scanner, (char) c);
			return true;
		case '}':
			return fail_character(scanner, c, "expected a value");
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
			return scan_number(scanner, c);
		default:
			if (is_identifier_part(c))
				return scan_token(scanner);
			return fail_character(scanner, c, "expected a valid value " VALUE_LIST);
	}
}

/* null, true, false, or what stands in their place */
static bool
scan_token(Scanner *scanner)
{
	static const char *const words[] = {"null", "true", "false"};
	const char *start = scanner->last;
	const char *p = start;
	int len;

	while (p < scanner->end)
	{
		const char *next = p;

		if (!is_identifier_part((int) utf8_decode(&next, scanner->end)))
			break;
		p = next;
	}
	len = (int) (p - start);
	for (int i = 0; i < lengthof(words); i++)
	{
		if (len == strlen(words[i]) && memcmp(start, words[i], len) == 0)
		{
			scanner->p = p;
			return true;
		}
	}
	if (utf8_length(start, len) >= MAX_TOKEN)
	{
		len = utf8_offset(start, len, MAX_TOKEN);
		scanner->p = start + len;
		return fail(scanner,
					psprintf("Unrecognized token '%.*s...': was expecting " VALUE_LIST,
							 len,
							 start));
	}
	scanner->p = p;
	return fail(scanner,
				psprintf("Unrecognized token '%.*s': was expecting " VALUE_LIST,
						 len,
						 start));
}

static bool
scan_string(Scanner *scanner, const char *what)
{
	for (;;)
	{
		int c = next_character(scanner);

		if (c < 0)
			return strcmp(what, "name") == 0
					   ? fail(scanner, pstrdup("Unexpected end-of-input in field name"))
					   : fail(
							 scanner,
							 pstrdup(
								 "Unexpected end-of-input: was expecting closing quote for a string value"));
		if (c == '"')
			return true;
		if (c < ' ')
			return fail(
				scanner,
				psprintf(
					"Illegal unquoted character (%s): has to be escaped using backslash to be included in %s",
					describe(c),
					what));
		if (c == '\\' && !scan_escape(scanner))
			return false;
	}
}

static bool
scan_escape(Scanner *scanner)
{
	int c = next_character(scanner);

	if (c < 0)
		return fail(scanner,
					pstrdup("Unexpected end-of-input in character escape sequence"));
	if (c != 'u')
		return strchr("\"\\/bfnrt", c) != NULL && c < 0x80
				   ? true
				   : fail(scanner,
						  psprintf("Unrecognized character escape %s", describe(c)));
	for (int i = 0; i < 4; i++)
	{
		c = next_character(scanner);
		if (c < 0)
			return fail(scanner,
						pstrdup("Unexpected end-of-input in character escape sequence"));
		if (c > 'f' || strchr("0123456789abcdefABCDEF", c) == NULL)
			return fail_character(scanner,
								  c,
								  "expected a hex-digit for character escape sequence");
	}
	return true;
}

static bool
scan_number(Scanner *scanner, int c)
{
	if (c == '-' &&
		!scan_digits(
			scanner,
			"expected digit (0-9) to follow minus sign, for valid numeric value"))
		return false;
	if (scanner->p[-1] == '0' && (c == '0' || c == '-') && *scanner->p >= '0' &&
		*scanner->p <= '9')
		return fail(scanner,
					pstrdup("Invalid numeric value: Leading zeroes not allowed"));
	while (*scanner->p >= '0' && *scanner->p <= '9')
		scanner->p++;
	if (*scanner->p == '.')
	{
		scanner->p++;
		if (!scan_digits(scanner, "Decimal point not followed by a digit"))
			return false;
		while (*scanner->p >= '0' && *scanner->p <= '9')
			scanner->p++;
	}
	if (*scanner->p == 'e' || *scanner->p == 'E')
	{
		scanner->p++;
		if (*scanner->p == '+' || *scanner->p == '-')
			scanner->p++;
		if (!scan_digits(scanner, "Exponent indicator not followed by a digit"))
			return false;
		while (*scanner->p >= '0' && *scanner->p <= '9')
			scanner->p++;
	}
	return true;
}

/* One digit has to follow */
static bool
scan_digits(Scanner *scanner, const char *comment)
{
	int c = next_character(scanner);

	if (c < 0)
		return fail(scanner, pstrdup("Unexpected end-of-input in numeric value"));
	if (c >= '0' && c <= '9')
		return true;
	return fail(scanner,
				psprintf("Unexpected character (%s) in numeric value: %s",
						 describe(c),
						 comment));
}

static void
push(Scanner *scanner, char kind)
{
	Level *level;

	if (scanner->depth == scanner->capacity)
	{
		scanner->capacity = Max(8, scanner->capacity * 2);
		if (scanner->levels == NULL)
			scanner->levels = palloc_array(Level, scanner->capacity);
		else
			scanner->levels = repalloc_array(scanner->levels, Level, scanner->capacity);
	}
	level = &scanner->levels[scanner->depth++];
	level->kind = kind;
	level->has_entries = false;
	level->start = place_of(scanner, scanner->p - 1);
}

static bool
pop(Scanner *scanner, int c)
{
	Level *level = scanner->depth > 0 ? &scanner->levels[scanner->depth - 1] : NULL;

	if (level != NULL && level->kind == (c == ']' ? '[' : '{'))
	{
		scanner->depth--;
		return true;
	}
	return fail(
		scanner,
		psprintf("Unexpected close marker '%c': expected '%c' (for %s starting at %s)",
				 c,
				 c == ']' ? '}' : ']',
				 type_name(scanner),
				 location(scanner,
						  level ? level->start : place_of(scanner, scanner->text))));
}

/* The next code point, -1 at the end */
static int
next_character(Scanner *scanner)
{
	scanner->last = scanner->p;
	return scanner->p < scanner->end ? (int) utf8_decode(&scanner->p, scanner->end) : -1;
}

/* The next one that is no blank; lines are counted here, and only here */
static int
next_significant(Scanner *scanner)
{
	for (;;)
	{
		int c = next_character(scanner);

		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return c;
		if (c == '\n' || (c == '\r' && *scanner->p != '\n'))
		{
			scanner->line++;
			scanner->row = scanner->p;
		}
	}
}

static const char *
type_name(const Scanner *scanner)
{
	if (scanner->depth == 0)
		return "root";
	return scanner->levels[scanner->depth - 1].kind == '{' ? "Object" : "Array";
}

/* In the line that the scanner is in */
static Place
place_of(const Scanner *scanner, const char *at)
{
	return (Place){.at = at, .row = scanner->row, .line = scanner->line};
}

static char *
location(const Scanner *scanner, Place place)
{
	StringInfoData out;
	int len = (int) (scanner->end - scanner->text);
	int shown = utf8_offset(scanner->text, len, MAX_SNIPPET);

	initStringInfo(&out);
	appendStringInfo(&out, "[Source: (String)\"%.*s\"", shown, scanner->text);
	if (shown < len)
		appendStringInfo(&out,
						 "[truncated %d chars]",
						 utf8_length_utf16(scanner->text + shown, len - shown));
	appendStringInfo(&out,
					 "; line: %d, column: %d]",
					 place.line,
					 utf8_length_utf16(place.row, (int) (place.at - place.row)) + 1);
	return out.data;
}

/* Note down the fault; always false, so that callers can return it */
static bool
fail(Scanner *scanner, char *reason)
{
	scanner->reason = reason;
	return false;
}

static bool
fail_character(Scanner *scanner, int c, const char *comment)
{
	return fail(scanner, psprintf("Unexpected character (%s): %s", describe(c), comment));
}

static const char *
describe(int c)
{
	char text[UTF8_MAX_BYTES + 1];

	if (c < ' ' || (c >= 0x7F && c < 0xA0))
		return psprintf("(CTRL-CHAR, code %d)", c);
	text[utf8_encode((uint32) c, text)] = '\0';
	if (c > 255)
		return psprintf("'%s' (code %d / 0x%x)", text, c, (unsigned) c);
	return psprintf("'%s' (code %d)", text, c);
}

/* Letters of any script, digits, _ and $ */
static bool
is_identifier_part(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		   c == '_' || c == '$' || c >= 0xC0;
}
