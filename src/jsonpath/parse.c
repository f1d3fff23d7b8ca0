/*-------------------------------------------------------------------------
 *
 * parse.c
 *	  From the text of a path to its steps: recursive descent.
 *
 *		path	 = ( "$$" | "$" [ variable ] ) { step }
 *		step	 = "." name | [ "." ] bracket | ".." ( name | bracket ) | name
 *		bracket	 = "[" ( "*" | names | indexes | slice | size | filter ) "]"
 *
 * A step that is a bare name may stand behind a bracket, as in Jayway.
 *
 * Knows the grammar; must not know values other than literals.
 *
 * IDENTIFICATION
 *	  src/jsonpath/parse.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonpath/ast.h"

/* Growable list of steps while they are read */
typedef struct StepList
{
	int count;
	int capacity;
	JpStep *items;
} StepList;

static JpStep *
add_step(StepList *list, JpStepKind kind, bool descend)
{
	JpStep *step;

	if (list->count == list->capacity)
	{
		list->capacity *= 2;
		list->items = repalloc(list->items, list->capacity * sizeof(JpStep));
	}
	step = &list->items[list->count++];
	memset(step, 0, sizeof(JpStep));
	step->kind = kind;
	step->descend = descend;
	return step;
}

/* name, or "*" alone */
static bool
parse_name(JpLexer *lexer, bool in_filter, StepList *list, bool descend)
{
	JpName name;
	JpStep *step;

	if (!jp_lex_name(lexer, in_filter, &name))
		return false;
	if (name.len == 1 && name.text[0] == '*')
		add_step(list, JP_STEP_WILDCARD, descend);
	else
	{
		step = add_step(list, JP_STEP_NAME, descend);
		step->u.name = name;
		step->call = name.len >= 2 && memcmp(name.text + name.len - 2, "()", 2) == 0;
	}
	return true;
}

/* names = quoted { "," quoted } */
static bool
parse_names(JpLexer *lexer, StepList *list, bool descend)
{
	int capacity = 4;
	int count = 0;
	JpName *items = palloc(capacity * sizeof(JpName));
	JpStep *step;

	do
	{
		if (count == capacity)
		{
			capacity *= 2;
			items = repalloc(items, capacity * sizeof(JpName));
		}
		jp_lex_skip_blanks(lexer);
		if (jp_lex_peek(lexer) != '\'' && jp_lex_peek(lexer) != '"')
			return jp_lex_error(lexer, "Expected a quoted name");
		if (!jp_lex_quoted(lexer, jp_lex_peek(lexer) == '"', &items[count++]))
			return false;
		jp_lex_skip_blanks(lexer);
	} while (jp_lex_accept(lexer, ','));

	step = add_step(list, count == 1 ? JP_STEP_NAME : JP_STEP_NAMES, descend);
	if (count == 1)
		step->u.name = items[0];
	else
	{
		step->u.names.count = count;
		step->u.names.items = items;
	}
	return true;
}

/* The rest of indexes = index { "," index }, behind the first one */
static bool
parse_indexes(JpLexer *lexer, StepList *list, bool descend, int32 first)
{
	int capacity = 4;
	int count = 1;
	int32 *items = palloc(capacity * sizeof(int32));
	bool present;
	JpStep *step;

	items[0] = first;
	while (jp_lex_accept(lexer, ','))
	{
		if (count == capacity)
		{
			capacity *= 2;
			items = repalloc(items, capacity * sizeof(int32));
		}
		jp_lex_skip_spaces(lexer);
		if (!jp_lex_index(lexer, &present, &items[count++]))
			return false;
		if (!present)
			return jp_lex_error(lexer, "Expected an index");
		jp_lex_skip_spaces(lexer);
	}
	step = add_step(list, count == 1 ? JP_STEP_INDEX : JP_STEP_INDEXES, descend);
	if (count == 1)
		step->u.index = first;
	else
	{
		step->u.indexes.count = count;
		step->u.indexes.items = items;
	}
	return true;
}

/*
 * indexes, or slice = [ index ] ":" [ index ] [ ":" [ index ] ]
 *
 * A slice has one bound at least.  Its step is read and has no effect.
 */
static bool
parse_numbers(JpLexer *lexer, StepList *list, bool descend)
{
	bool has_from;
	bool has_to;
	bool has_step;
	int32 from;
	int32 to;
	int32 by;
	JpStep *step;

	if (!jp_lex_index(lexer, &has_from, &from))
		return false;
	jp_lex_skip_spaces(lexer);
	if (has_from && jp_lex_peek(lexer) != ':')
		return parse_indexes(lexer, list, descend, from);
	if (!jp_lex_accept(lexer, ':'))
		return jp_lex_error(lexer, "Could not analyze path component");

	jp_lex_skip_spaces(lexer);
	if (!jp_lex_index(lexer, &has_to, &to))
		return false;
	jp_lex_skip_spaces(lexer);
	if (jp_lex_accept(lexer, ':'))
	{
		jp_lex_skip_spaces(lexer);
		if (!jp_lex_index(lexer, &has_step, &by))
			return false;
		jp_lex_skip_spaces(lexer);
	}
	if (!has_from && !has_to)
		return jp_lex_error(lexer, "A slice needs a bound");
	step = add_step(list, JP_STEP_SLICE, descend);
	step->u.slice.has_from = has_from;
	step->u.slice.has_to = has_to;
	step->u.slice.from = from;
	step->u.slice.to = to;
	return true;
}

/* size = "(" "@." ( "length" | "size()" ) "-" index ")": counts from the end */
static bool
parse_size(JpLexer *lexer, StepList *list, bool descend)
{
	bool present;
	int32 index;
	JpStep *step;

	jp_lex_skip_blanks(lexer);
	if (!jp_lex_accept_word(lexer, "@.length") && !jp_lex_accept_word(lexer, "@.size()"))
		return jp_lex_error(lexer, "Expected @.length or @.size()");
	jp_lex_skip_blanks(lexer);
	if (!jp_lex_expect(lexer, '-'))
		return false;
	jp_lex_skip_blanks(lexer);
	if (!jp_lex_index(lexer, &present, &index))
		return false;
	if (!present || index < 0)
		return jp_lex_error(lexer, "Expected an index");
	jp_lex_skip_blanks(lexer);
	if (!jp_lex_expect(lexer, ')'))
		return false;

	/* the element behind the last one is never there */
	step = add_step(list, JP_STEP_INDEX, descend);
	step->u.index = index == 0 ? PG_INT32_MAX : -index;
	return true;
}

/* filter = "?" "(" ... ")" */
static bool
parse_filter_step(JpLexer *lexer, StepList *list, bool descend)
{
	JpFilter *filter;

	jp_lex_skip_blanks(lexer);
	if (!jp_lex_expect(lexer, '('))
		return false;
	filter = jp_parse_filter(lexer);
	if (filter == NULL || !jp_lex_expect(lexer, ')'))
		return false;
	add_step(list, JP_STEP_FILTER, descend)->u.filter = filter;
	return true;
}

/* bracket, behind its "[" */
static bool
parse_bracket(JpLexer *lexer, StepList *list, bool descend)
{
	bool ok;

	jp_lex_skip_blanks(lexer);
	switch (jp_lex_peek(lexer))
	{
		case '*':
			lexer->pos++;
			add_step(list, JP_STEP_WILDCARD, descend);
			ok = true;
			break;
		case '\'':
		case '"':
			ok = parse_names(lexer, list, descend);
			break;
		case '?':
			lexer->pos++;
			ok = parse_filter_step(lexer, list, descend);
			break;
		case '(':
			lexer->pos++;
			ok = parse_size(lexer, list, descend);
			break;
		default:
			if (!parse_numbers(lexer, list, descend))
				return false;
			return jp_lex_expect(lexer, ']');
	}
	if (!ok)
		return false;
	jp_lex_skip_blanks(lexer);
	return jp_lex_expect(lexer, ']');
}

/* step */
static bool
parse_step(JpLexer *lexer, bool in_filter, StepList *list)
{
	bool descend = false;

	if (jp_lex_accept(lexer, '.'))
	{
		descend = jp_lex_accept(lexer, '.');
		if (jp_lex_peek(lexer) != '[')
			return parse_name(lexer, in_filter, list, descend);
	}
	if (jp_lex_accept(lexer, '['))
		return parse_bracket(lexer, list, descend);
	return parse_name(lexer, in_filter, list, descend);
}

/* What kind of path do these steps make? */
static bool
classify(JpLexer *lexer, JpPath *path)
{
	int i;

	path->definite = true;
	path->reference = true;
	for (i = 0; i < path->nsteps; i++)
	{
		const JpStep *step = &path->steps[i];
		bool one = step->kind == JP_STEP_NAME || step->kind == JP_STEP_INDEX;

		if (step->descend || (!one && step->kind != JP_STEP_NAMES))
			path->definite = false;
		if (step->descend || step->call || !one ||
			(step->kind == JP_STEP_INDEX && step->u.index < 0))
			path->reference = false;
		if (step->kind == JP_STEP_NAMES && i < path->nsteps - 1)
			return jp_lex_error(lexer, "Several names can only stand at the end");
	}
	return true;
}

/*
 * Read the steps into *path and say what kind it is: to the end, or in a
 * filter up to what cannot be a step.
 */
bool
jp_parse_steps(JpLexer *lexer, bool in_filter, JpPath *path)
{
	StepList list;

	check_stack_depth();
	list.count = 0;
	list.capacity = 4;
	list.items = palloc(list.capacity * sizeof(JpStep));
	while (!jp_lex_at_end(lexer))
	{
		char c = jp_lex_peek(lexer);

		if (in_filter && c != '.' && c != '[')
			break;
		if (!parse_step(lexer, in_filter, &list))
			return false;
	}
	path->nsteps = list.count;
	path->steps = list.items;
	return classify(lexer, path);
}

/* path, from its root on */
static JpPath *
parse_path(JpLexer *lexer)
{
	JpPath *path = palloc0(sizeof(JpPath));
	JpName variable;

	path->text = lexer->text;
	path->root = JP_ROOT_INPUT;
	if (!jp_lex_accept(lexer, '$'))
	{
		(void) jp_lex_error(lexer, "A path must begin with '$'");
		return NULL;
	}
	if (jp_lex_accept(lexer, '$'))
		path->root = JP_ROOT_CONTEXT;
	else if (jp_lex_identifier(lexer, &variable))
	{
		path->root = JP_ROOT_VARIABLE;
		path->variable = pnstrdup(variable.text, variable.len);
	}
	if (!jp_lex_at_end(lexer) && jp_lex_peek(lexer) != '.' && jp_lex_peek(lexer) != '[')
	{
		(void) jp_lex_error(lexer, "Expected '.' or '['");
		return NULL;
	}
	return jp_parse_steps(lexer, false, path) ? path : NULL;
}

static void
trim(const char **text, int *len)
{
	while (*len > 0 && (unsigned char) (*text)[*len - 1] <= ' ')
		(*len)--;
}

JpPath *
jp_compile(const char *text, int len, WfError *error)
{
	JpLexer lexer = {.error = error};

	trim(&text, &len);
	/* names of steps are slices of the text: it has to live as long as the path */
	lexer.text = pnstrdup(text, len);
	lexer.end = len;
	return parse_path(&lexer);
}

/* Make "@.a", "a" and " $.a" of Jayway what they mean: "$.a" */
JpPath *
jp_compile_relative(const char *text, int len, WfError *error)
{
	StringInfoData rooted;

	while (len > 0 && (unsigned char) *text <= ' ')
	{
		text++;
		len--;
	}
	if (len == 0 || *text == '$')
		return jp_compile(text, len, error);
	initStringInfo(&rooted);
	appendStringInfoChar(&rooted, '$');
	if (*text == '@')
		appendBinaryStringInfo(&rooted, text + 1, len - 1);
	else
	{
		if (*text != '[')
			appendStringInfoChar(&rooted, '.');
		appendBinaryStringInfo(&rooted, text, len);
	}
	return jp_compile(rooted.data, rooted.len, error);
}
