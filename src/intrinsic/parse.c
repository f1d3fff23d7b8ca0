/*-------------------------------------------------------------------------
 *
 * parse.c
 *	  From the text of a call to its arguments: recursive descent.
 *
 *		call	 = "States." name "(" [ argument { "," argument } ] ")"
 *		argument = "'" text "'" | path | call | number | "true" | "false" | "null"
 *
 * Blanks may stand around arguments.  In a text \' \{ \} and \\ stand for the
 * second character; no other backslash is allowed.
 *
 * Knows the grammar and the table of functions; evaluates nothing.
 *
 * IDENTIFICATION
 *	  src/intrinsic/parse.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "intrinsic/call.h"

typedef struct Parser
{
	const char *text;
	int pos;
	int end;
	int nesting;
	WfError *error;
} Parser;

static Intrinsic *parse_call(Parser *parser);

static bool
fail(Parser *parser, const char *message)
{
	return wf_error_set_at(parser->error,
						   ERRCODE_WF_INVALID_INTRINSIC,
						   NULL,
						   parser->pos,
						   "%s at position %d: %.*s",
						   message,
						   parser->pos,
						   parser->end,
						   parser->text);
}

static inline char
peek(const Parser *parser)
{
	return parser->pos < parser->end ? parser->text[parser->pos] : '\0';
}

static bool
accept(Parser *parser, char c)
{
	if (parser->pos >= parser->end || parser->text[parser->pos] != c)
		return false;
	parser->pos++;
	return true;
}

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(Parser *parser)
{
	while (parser->pos < parser->end && is_blank(parser->text[parser->pos]))
		parser->pos++;
}

static inline bool
ends_argument(char c)
{
	return c == ',' || c == ')' || is_blank(c);
}

/* "'" text "'"; keep_escapes leaves the backslashes to the function */
static bool
parse_string(Parser *parser, bool keep_escapes, Value *string)
{
	StringInfoData buffer;

	initStringInfo(&buffer);
	parser->pos++;
	while (parser->pos < parser->end && parser->text[parser->pos] != '\'')
	{
		char c = parser->text[parser->pos];

		if (c == '\\')
		{
			char escaped =
				parser->pos + 1 < parser->end ? parser->text[parser->pos + 1] : '\0';

			if (escaped == '\0' || strchr("'{}\\", escaped) == NULL)
				return fail(parser, "Invalid escape");
			if (keep_escapes)
				appendStringInfoChar(&buffer, c);
			c = escaped;
			parser->pos++;
		}
		appendStringInfoChar(&buffer, c);
		parser->pos++;
	}
	if (!accept(parser, '\''))
		return fail(parser, "Quote is not closed");
	*string = value_string(buffer.data, buffer.len);
	return true;
}

/* Position behind a quoted text in a path; the quote stands at pos */
static int
skip_quoted(const Parser *parser, int pos)
{
	char quote = parser->text[pos++];

	while (pos < parser->end && parser->text[pos] != quote)
		pos += parser->text[pos] == '\\' && pos + 1 < parser->end ? 2 : 1;
	return Min(pos + 1, parser->end);
}

/* path: up to where an argument ends, outside of brackets */
static bool
parse_path(Parser *parser, IntrinsicArg *arg)
{
	int start = parser->pos;
	int pos = start;
	int depth = 0;
	WfError error = {0};

	while (pos < parser->end)
	{
		char c = parser->text[pos];

		if (depth == 0 && ends_argument(c))
			break;
		if (depth > 0 && (c == '\'' || c == '"'))
		{
			pos = skip_quoted(parser, pos);
			continue;
		}
		if (c == '[')
			depth++;
		else if (c == ']')
			depth--;
		pos++;
	}
	arg->kind = INTRINSIC_PATH;
	arg->path = jp_compile(parser->text + start, pos - start, &error);
	if (arg->path == NULL)
		return fail(parser, error.message);
	parser->pos = pos;
	return true;
}

/* number | "true" | "false" | "null": as JSON writes them */
static bool
parse_literal(Parser *parser, IntrinsicArg *arg)
{
	int start = parser->pos;
	int pos = start;
	WfError ignored = {0};

	while (pos < parser->end && !ends_argument(parser->text[pos]))
		pos++;
	arg->kind = INTRINSIC_LITERAL;
	if (pos == start || strchr("[{\"", parser->text[start]) != NULL ||
		!value_from_text(parser->text + start, pos - start, &arg->literal, &ignored))
		return fail(parser, "Expected an argument");
	parser->pos = pos;
	return true;
}

/* argument */
static bool
parse_argument(Parser *parser, const IntrinsicFunction *function, int i,
			   IntrinsicArg *arg)
{
	memset(arg, 0, sizeof(IntrinsicArg));
	skip_blanks(parser);
	switch (peek(parser))
	{
		case '\'':
			arg->kind = INTRINSIC_LITERAL;
			return parse_string(parser, i == 0 && function->raw_template, &arg->literal);
		case '$':
			return parse_path(parser, arg);
		case 'S':
			arg->kind = INTRINSIC_CALL;
			arg->call = parse_call(parser);
			return arg->call != NULL;
		default:
			return parse_literal(parser, arg);
	}
}

/* [ argument { "," argument } ] ")" */
static bool
parse_arguments(Parser *parser, Intrinsic *call)
{
	int capacity = 4;

	call->args = palloc(capacity * sizeof(IntrinsicArg));
	skip_blanks(parser);
	if (accept(parser, ')'))
		return true;
	do
	{
		if (call->nargs == capacity)
		{
			capacity *= 2;
			call->args = repalloc(call->args, capacity * sizeof(IntrinsicArg));
		}
		if (!parse_argument(parser,
							call->function,
							call->nargs,
							&call->args[call->nargs]))
			return false;
		call->nargs++;
		skip_blanks(parser);
	} while (accept(parser, ','));
	return accept(parser, ')') || fail(parser, "Expected ',' or ')'");
}

/* "States." name "(" */
static const IntrinsicFunction *
parse_name(Parser *parser)
{
	const IntrinsicFunction *function = NULL;
	int start;

	if (intrinsic_looks_like(parser->text + parser->pos, parser->end - parser->pos))
	{
		parser->pos += strlen(INTRINSIC_PREFIX);
		start = parser->pos;
		while (parser->pos < parser->end && parser->text[parser->pos] != '(')
			parser->pos++;
		function = intrinsic_function(parser->text + start, parser->pos - start);
	}
	if (function == NULL || !accept(parser, '('))
	{
		(void) fail(parser, "Not an intrinsic function");
		return NULL;
	}
	return function;
}

/* call */
static Intrinsic *
parse_call(Parser *parser)
{
	Intrinsic *call = palloc0(sizeof(Intrinsic));
	int start = parser->pos;

	check_stack_depth();
	if (++parser->nesting > INTRINSIC_MAX_NESTING)
	{
		(void) fail(parser, "Too many nested intrinsic functions");
		return NULL;
	}
	call->function = parse_name(parser);
	if (call->function == NULL || !parse_arguments(parser, call))
		return NULL;
	if (call->nargs < call->function->min_args || call->nargs > call->function->max_args)
	{
		(void) fail(parser, "Wrong number of arguments");
		return NULL;
	}
	call->text = pnstrdup(parser->text + start, parser->pos - start);
	parser->nesting--;
	return call;
}

bool
intrinsic_looks_like(const char *text, int len)
{
	int prefix = strlen(INTRINSIC_PREFIX);

	return len >= prefix && memcmp(text, INTRINSIC_PREFIX, prefix) == 0;
}

Intrinsic *
intrinsic_compile(const char *text, int len, WfError *error)
{
	Parser parser = {.text = text, .end = len, .error = error};
	Intrinsic *call = parse_call(&parser);

	if (call == NULL)
		return NULL;
	skip_blanks(&parser);
	if (parser.pos < parser.end)
	{
		(void) fail(&parser, "Expected the end of the call");
		return NULL;
	}
	return call;
}

const char *
intrinsic_name(const Intrinsic *call)
{
	return call->function->name;
}

void
intrinsic_visit_variables(const Intrinsic *call,
						  void (*visit)(const char *name, void *arg), void *arg)
{
	int i;

	for (i = 0; i < call->nargs; i++)
	{
		const IntrinsicArg *argument = &call->args[i];

		if (argument->kind == INTRINSIC_CALL)
			intrinsic_visit_variables(argument->call, visit, arg);
		else if (argument->kind == INTRINSIC_PATH &&
				 argument->path->root == JP_ROOT_VARIABLE)
			visit(argument->path->variable, arg);
	}
}
