/*-------------------------------------------------------------------------
 *
 * filter.c
 *	  The filters of a path: [?( ... )], read and applied.
 *
 *		filter	   = and { "||" and }
 *		and		   = unary { "&&" unary }
 *		unary	   = "!" unary | "(" filter ")" | test
 *		test	   = operand [ operator operand | "=~" pattern ]
 *		operand	   = "@" steps | "$" steps | string | number | true | false | null
 *					 | array | object
 *
 * A path in a filter must be definite.  What is null or missing does not
 * exist; a comparison with what is missing is false, whatever the operator.
 *
 * Knows values; must not know scopes: "$" is the document of the whole path.
 *
 * IDENTIFICATION
 *	  src/jsonpath/filter.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "regex/regex.h"
#include "utils/builtins.h"

#include "jsonpath/ast.h"
#include "util/utf8.h"

static JpFilter *
make_filter(JpFilterKind kind, JpFilter *left, JpFilter *right)
{
	JpFilter *filter = palloc0(sizeof(JpFilter));

	filter->kind = kind;
	filter->left = left;
	filter->right = right;
	return filter;
}

/* "@" steps | "$" steps */
static bool
parse_path_operand(JpLexer *lexer, JpOperand *operand)
{
	JpPath *path = palloc0(sizeof(JpPath));

	operand->from_root = lexer->text[lexer->pos++] == '$';
	if (!jp_parse_steps(lexer, true, path))
		return false;
	if (!path->definite)
		return jp_lex_error(lexer, "The predicate path is not definite");
	operand->path = path;
	return true;
}

static bool
parse_operand(JpLexer *lexer, JpOperand *operand)
{
	char c = jp_lex_peek(lexer);
	JpName name;

	memset(operand, 0, sizeof(JpOperand));
	if (c == '@' || c == '$')
		return parse_path_operand(lexer, operand);
	if (c == '\'' || c == '"')
	{
		if (!jp_lex_quoted(lexer, true, &name))
			return false;
		operand->literal = value_string(name.text, name.len);
		return true;
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return jp_lex_number(lexer, &operand->literal);
	if (c == '[' || c == '{')
		return jp_lex_json(lexer, &operand->literal);
	if (jp_lex_accept_word(lexer, "true"))
		operand->literal = value_bool(true);
	else if (jp_lex_accept_word(lexer, "false"))
		operand->literal = value_bool(false);
	else if (jp_lex_accept_word(lexer, "null"))
		operand->literal = value_null();
	else
		return jp_lex_error(lexer, "Expected a path or a literal");
	return true;
}

static bool
accept_operator(JpLexer *lexer, JpCompareOp *op)
{
	static const struct
	{
		const char *word;
		JpCompareOp op;
	} operators[] = {
		{"==", JP_OP_EQ},
		{"!=", JP_OP_NE},
		{"<=", JP_OP_LE},
		{">=", JP_OP_GE},
		{"<", JP_OP_LT},
		{">", JP_OP_GT},
	};
	int i;

	for (i = 0; i < lengthof(operators); i++)
		if (jp_lex_accept_word(lexer, operators[i].word))
		{
			*op = operators[i].op;
			return true;
		}
	return false;
}

/* test */
static JpFilter *
parse_test(JpLexer *lexer)
{
	JpFilter *filter = make_filter(JP_FILTER_EXISTS, NULL, NULL);

	if (!parse_operand(lexer, &filter->a))
		return NULL;
	jp_lex_skip_blanks(lexer);
	if (jp_lex_accept_word(lexer, "=~"))
	{
		filter->kind = JP_FILTER_MATCH;
		jp_lex_skip_blanks(lexer);
		if (jp_lex_peek(lexer) != '/')
			(void) jp_lex_error(lexer, "Expected a pattern");
		else if (jp_lex_regex(lexer, &filter->pattern, &filter->pattern_flags))
			return filter;
		return NULL;
	}
	if (accept_operator(lexer, &filter->op))
	{
		filter->kind = JP_FILTER_COMPARE;
		jp_lex_skip_blanks(lexer);
		return parse_operand(lexer, &filter->b) ? filter : NULL;
	}
	if (filter->a.path == NULL)
	{
		(void) jp_lex_error(lexer, "Expected an operator");
		return NULL;
	}
	return filter;
}

/* unary */
static JpFilter *
parse_unary(JpLexer *lexer)
{
	JpFilter *inner;

	check_stack_depth();
	jp_lex_skip_blanks(lexer);
	if (jp_lex_accept(lexer, '!'))
	{
		inner = parse_unary(lexer);
		return inner ? make_filter(JP_FILTER_NOT, inner, NULL) : NULL;
	}
	if (!jp_lex_accept(lexer, '('))
		return parse_test(lexer);
	inner = jp_parse_filter(lexer);
	return inner && jp_lex_expect(lexer, ')') ? inner : NULL;
}

/* and */
static JpFilter *
parse_and(JpLexer *lexer)
{
	JpFilter *left = parse_unary(lexer);

	while (left)
	{
		JpFilter *right;

		jp_lex_skip_blanks(lexer);
		if (!jp_lex_accept_word(lexer, "&&"))
			break;
		right = parse_unary(lexer);
		left = right ? make_filter(JP_FILTER_AND, left, right) : NULL;
	}
	return left;
}

/* filter; stands behind it and blanks then, or gives NULL and the error */
JpFilter *
jp_parse_filter(JpLexer *lexer)
{
	JpFilter *left = parse_and(lexer);

	while (left)
	{
		JpFilter *right;

		jp_lex_skip_blanks(lexer);
		if (!jp_lex_accept_word(lexer, "||"))
			break;
		right = parse_and(lexer);
		left = right ? make_filter(JP_FILTER_OR, left, right) : NULL;
	}
	return left;
}

static Value
operand_value(const JpOperand *operand, Value root, Value node)
{
	if (operand->path == NULL)
		return operand->literal;
	return jp_find(operand->path, operand->from_root ? root : node);
}

static int
compare_numbers(Value a, Value b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											 NumericGetDatum(value_to_numeric(a)),
											 NumericGetDatum(value_to_numeric(b))));
}

/*
 * A number equals a text that holds it: the text is read as a number where
 * the number stands first, the number is written as text where it is second.
 */
static bool
equal_mixed(Value a, Value b)
{
	WfError ignored = {0};
	Value number;

	if (value_type(a) == TYPE_STRING)
		return value_string_is(a, value_to_text(b));
	return value_from_text(b.u.string, b.len, &number, &ignored) &&
		   value_type(number) == TYPE_NUMBER && compare_numbers(a, number) == 0;
}

static bool
equal_loosely(Value a, Value b)
{
	ValueType type_a = value_type(a);
	ValueType type_b = value_type(b);

	if ((type_a == TYPE_NUMBER && type_b == TYPE_STRING) ||
		(type_a == TYPE_STRING && type_b == TYPE_NUMBER))
		return equal_mixed(a, b);
	return value_equal(a, b);
}

static inline bool
is_container(Value v)
{
	return value_type(v) == TYPE_ARRAY || value_type(v) == TYPE_OBJECT;
}

/* Arrays and objects are neither equal nor unequal to anything else, in Java */
static bool
compare(JpCompareOp op, Value a, Value b)
{
	int order;

	if (value_is_undefined(a) || value_is_undefined(b) ||
		is_container(a) != is_container(b))
		return false;
	if (op == JP_OP_EQ || op == JP_OP_NE)
		return equal_loosely(a, b) == (op == JP_OP_EQ);

	if (value_type(a) != value_type(b))
		return false;
	if (value_type(a) == TYPE_NUMBER)
		order = compare_numbers(a, b);
	else if (value_type(a) == TYPE_STRING)
		order = utf8_compare_utf16(a.u.string, a.len, b.u.string, b.len);
	else
		return false;
	switch (op)
	{
		case JP_OP_LT:
			return order < 0;
		case JP_OP_LE:
			return order <= 0;
		case JP_OP_GT:
			return order > 0;
		default:
			return order >= 0;
	}
}

static bool
matches(const JpFilter *filter, Value a)
{
	if (value_type(a) != TYPE_STRING)
		return false;
	return RE_compile_and_execute(filter->pattern,
								  (char *) a.u.string,
								  a.len,
								  filter->pattern_flags,
								  C_COLLATION_OID,
								  0,
								  NULL);
}

/* Does the filter hold for this node of the document root? */
bool
jp_filter_accepts(const JpFilter *filter, Value root, Value node)
{
	Value a;

	check_stack_depth();
	switch (filter->kind)
	{
		case JP_FILTER_AND:
			return jp_filter_accepts(filter->left, root, node) &&
				   jp_filter_accepts(filter->right, root, node);
		case JP_FILTER_OR:
			return jp_filter_accepts(filter->left, root, node) ||
				   jp_filter_accepts(filter->right, root, node);
		case JP_FILTER_NOT:
			return !jp_filter_accepts(filter->left, root, node);
		case JP_FILTER_EXISTS:
			a = operand_value(&filter->a, root, node);
			return !value_is_undefined(a) && value_type(a) != TYPE_NULL;
		case JP_FILTER_COMPARE:
			return compare(filter->op,
						   operand_value(&filter->a, root, node),
						   operand_value(&filter->b, root, node));
		case JP_FILTER_MATCH:
			return matches(filter, operand_value(&filter->a, root, node));
	}
	pg_unreachable();
}
