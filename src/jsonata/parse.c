/*-------------------------------------------------------------------------
 *
 * parse.c
 *	  Tokens to a tree, by top-down operator precedence (Pratt).
 *
 * One table says how strongly each operator binds to what stands left of it
 * and which functions read it as a prefix (nud) and as an infix (led).  The
 * grammar stands in the comment of each function; {expr n} is an expression
 * whose operators all bind stronger than n.
 *
 * The operators "and", "or", "in" are names where an operand is expected.
 *
 * Knows the grammar; what a tree means is resolve.c's.
 *
 * IDENTIFICATION
 *	  src/jsonata/parse.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/function.h"
#include "jsonata/parse.h"

typedef bool (*NudFunction)(JsonataParser *parser, const JsonataToken *token,
							JsonataNode **result);
typedef bool (*LedFunction)(JsonataParser *parser, const JsonataToken *token,
							JsonataNode *left, JsonataNode **result);

typedef struct Symbol
{
	uint8 binding;
	uint8 op;
	uint8 node; /* of led_pair */
	NudFunction nud;
	LedFunction led;
} Symbol;

static bool expression(JsonataParser *parser, int binding, JsonataNode **result);
static bool advance(JsonataParser *parser, JsonataTokenType expected, bool infix);
static bool next(JsonataParser *parser, bool infix);
static bool fail_token(JsonataParser *parser, const char *code,
					   const JsonataToken *token);

static bool nud_end(JsonataParser *parser, const JsonataToken *token,
					JsonataNode **result);
static bool nud_name(JsonataParser *parser, const JsonataToken *token,
					 JsonataNode **result);
static bool nud_variable(JsonataParser *parser, const JsonataToken *token,
						 JsonataNode **result);
static bool nud_literal(JsonataParser *parser, const JsonataToken *token,
						JsonataNode **result);
static bool nud_minus(JsonataParser *parser, const JsonataToken *token,
					  JsonataNode **result);
static bool nud_mark(JsonataParser *parser, const JsonataToken *token,
					 JsonataNode **result);
static bool nud_block(JsonataParser *parser, const JsonataToken *token,
					  JsonataNode **result);
static bool nud_array(JsonataParser *parser, const JsonataToken *token,
					  JsonataNode **result);
static bool nud_object(JsonataParser *parser, const JsonataToken *token,
					   JsonataNode **result);
static bool nud_transform(JsonataParser *parser, const JsonataToken *token,
						  JsonataNode **result);
static bool led_binary(JsonataParser *parser, const JsonataToken *token,
					   JsonataNode *left, JsonataNode **result);
static bool led_pair(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
					 JsonataNode **result);
static bool led_call(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
					 JsonataNode **result);
static bool led_filter(JsonataParser *parser, const JsonataToken *token,
					   JsonataNode *left, JsonataNode **result);
static bool led_order(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
					  JsonataNode **result);
static bool led_group(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
					  JsonataNode **result);
static bool led_bind(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
					 JsonataNode **result);
static bool led_variable(JsonataParser *parser, const JsonataToken *token,
						 JsonataNode *left, JsonataNode **result);
static bool led_ternary(JsonataParser *parser, const JsonataToken *token,
						JsonataNode *left, JsonataNode **result);
static bool led_default(JsonataParser *parser, const JsonataToken *token,
						JsonataNode *left, JsonataNode **result);

static bool parse_pairs(JsonataParser *parser, JsonataNodes *pairs);
static bool parse_args(JsonataParser *parser, JsonataNode *call);
static bool parse_lambda(JsonataParser *parser, JsonataNode *node);
static bool lambda_params(JsonataParser *parser, JsonataNode *lambda,
						  const JsonataNodes *args);
static bool lambda_signature(JsonataParser *parser, JsonataNode *lambda);

static const Symbol symbols[] = {
	[TOKEN_END] = {0, 0, 0, nud_end, NULL},
	[TOKEN_NAME] = {0, 0, 0, nud_name, NULL},
	[TOKEN_VARIABLE] = {0, 0, 0, nud_variable, NULL},
	[TOKEN_STRING] = {0, 0, NODE_STRING, nud_literal, NULL},
	[TOKEN_NUMBER] = {0, 0, NODE_NUMBER, nud_literal, NULL},
	[TOKEN_VALUE] = {0, 0, NODE_VALUE, nud_literal, NULL},
	[TOKEN_REGEX] = {0, 0, NODE_REGEX, nud_literal, NULL},
	[TOKEN_DOT] = {75, 0, NODE_STEP, NULL, led_pair},
	[TOKEN_LEFT_BRACKET] = {80, 0, 0, nud_array, led_filter},
	[TOKEN_LEFT_BRACE] = {70, 0, 0, nud_object, led_group},
	[TOKEN_LEFT_PAREN] = {80, 0, 0, nud_block, led_call},
	[TOKEN_AT] = {80, 0, NODE_FOCUS, NULL, led_variable},
	[TOKEN_HASH] = {80, 0, NODE_INDEX, NULL, led_variable},
	[TOKEN_QUESTION] = {20, 0, 0, NULL, led_ternary},
	[TOKEN_PLUS] = {50, OP_ADD, 0, NULL, led_binary},
	[TOKEN_MINUS] = {50, OP_SUBTRACT, 0, nud_minus, led_binary},
	[TOKEN_STAR] = {60, OP_MULTIPLY, NODE_WILDCARD, nud_mark, led_binary},
	[TOKEN_SLASH] = {60, OP_DIVIDE, 0, NULL, led_binary},
	[TOKEN_PERCENT] = {60, OP_MODULO, NODE_PARENT, nud_mark, led_binary},
	[TOKEN_BAR] = {0, 0, 0, nud_transform, NULL},
	[TOKEN_EQUAL] = {40, OP_EQUAL, 0, NULL, led_binary},
	[TOKEN_LESS] = {40, OP_LESS, 0, NULL, led_binary},
	[TOKEN_GREATER] = {40, OP_GREATER, 0, NULL, led_binary},
	[TOKEN_CARET] = {40, 0, 0, NULL, led_order},
	[TOKEN_AMPERSAND] = {50, OP_CONCAT, 0, NULL, led_binary},
	[TOKEN_ASSIGN] = {10, 0, 0, NULL, led_bind},
	[TOKEN_NOT_EQUAL] = {40, OP_NOT_EQUAL, 0, NULL, led_binary},
	[TOKEN_GREATER_EQUAL] = {40, OP_GREATER_EQUAL, 0, NULL, led_binary},
	[TOKEN_LESS_EQUAL] = {40, OP_LESS_EQUAL, 0, NULL, led_binary},
	[TOKEN_STAR_STAR] = {0, 0, NODE_DESCENDANT, nud_mark, NULL},
	[TOKEN_CHAIN] = {40, 0, NODE_APPLY, NULL, led_pair},
	[TOKEN_DEFAULT] = {40, 0, 0, NULL, led_default},
	[TOKEN_COALESCE] = {40, 0, 0, NULL, led_default},
	[TOKEN_AND] = {30, OP_AND, 0, nud_name, led_binary},
	[TOKEN_OR] = {25, OP_OR, 0, nud_name, led_binary},
	[TOKEN_IN] = {40, OP_IN, 0, nud_name, led_binary},
};

/* Binding of a minus before its operand */
#define PREFIX_BINDING 70

bool
jsonata_parse(JsonataParser *parser, JsonataNode **result)
{
	if (!next(parser, false) || !expression(parser, 0, result))
		return false;
	if (parser->token.type != TOKEN_END)
		return fail_token(parser, "S0201", &parser->token);
	return true;
}

/* The machinery */

static bool
expression(JsonataParser *parser, int binding, JsonataNode **result)
{
	JsonataToken token = parser->token;
	const Symbol *symbol = &symbols[token.type];

	if (!jsonata_check_nesting(parser) || !next(parser, true))
		return false;
	if (symbol->nud == NULL)
		return fail_token(parser, "S0211", &token);
	if (!symbol->nud(parser, &token, result))
		return false;
	for (;;)
	{
		token = parser->token;
		symbol = &symbols[token.type];
		if (binding >= symbol->binding)
			return true;
		if (!next(parser, false) || !symbol->led(parser, &token, *result, result))
			return false;
	}
}

static inline bool
next(JsonataParser *parser, bool infix)
{
	return jsonata_lex(parser, infix);
}

/* Past a token that must be there */
static bool
advance(JsonataParser *parser, JsonataTokenType expected, bool infix)
{
	const JsonataToken *token = &parser->token;

	if (token->type != expected)
		return jsonata_syntax_error(parser,
									token->type == TOKEN_END ? "S0203" : "S0202",
									token->position,
									token->value,
									value_cstring(jsonata_token_text(expected)));
	return next(parser, infix);
}

static bool
fail_token(JsonataParser *parser, const char *code, const JsonataToken *token)
{
	return jsonata_syntax_error(parser,
								code,
								token->position,
								token->value,
								value_undefined());
}

/* Operands */

/* Nothing: an error, but one that gives way to those behind it */
static bool
nud_end(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	*result = jsonata_node(parser, NODE_END, token->position);
	return true;
}

static bool
nud_name(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	*result = jsonata_node(parser, NODE_NAME, token->position);
	(*result)->u.literal = token->value;
	return true;
}

static bool
nud_variable(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_VARIABLE, token->position);

	node->u.variable.name = token->value;
	node->u.variable.place.symbol =
		jsonata_symbol(parser, token->value.u.string, token->value.len);
	*result = node;
	return true;
}

static bool
nud_literal(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	*result = jsonata_node(parser, symbols[token->type].node, token->position);
	(*result)->u.literal = token->value;
	return true;
}

/* "-" {expr 70} */
static bool
nud_minus(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_NEGATE, token->position);

	*result = node;
	return expression(parser, PREFIX_BINDING, &node->u.binary.left);
}

/* "*", "**" or "%" by itself */
static bool
nud_mark(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	*result = jsonata_node(parser, symbols[token->type].node, token->position);
	return true;
}

/* "(" [expr (";" expr)* [";"]] ")" */
static bool
nud_block(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_BLOCK, token->position);
	JsonataNode *item;

	*result = node;
	while (parser->token.type != TOKEN_RIGHT_PAREN)
	{
		if (!expression(parser, 0, &item))
			return false;
		jsonata_nodes_push(parser, &node->u.list.list, item);
		if (parser->token.type != TOKEN_SEMICOLON)
			break;
		if (!next(parser, false))
			return false;
	}
	return advance(parser, TOKEN_RIGHT_PAREN, true);
}

/* "[" [item ("," item)*] "]", item: expr [".." expr] */
static bool
nud_array(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_ARRAY, token->position);
	bool more = parser->token.type != TOKEN_RIGHT_BRACKET;
	JsonataNode *item;

	*result = node;
	while (more)
	{
		if (!expression(parser, 0, &item))
			return false;
		if (parser->token.type == TOKEN_RANGE)
		{
			JsonataNode *range =
				jsonata_node(parser, NODE_BINARY, parser->token.position);

			range->op = OP_RANGE;
			range->u.binary.left = item;
			if (!next(parser, false) || !expression(parser, 0, &range->u.binary.right))
				return false;
			item = range;
		}
		jsonata_nodes_push(parser, &node->u.list.list, item);
		more = parser->token.type == TOKEN_COMMA;
		if (more && !next(parser, false))
			return false;
	}
	return advance(parser, TOKEN_RIGHT_BRACKET, true);
}

static bool
nud_object(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	*result = jsonata_node(parser, NODE_OBJECT, token->position);
	return parse_pairs(parser, &(*result)->u.list.list);
}

/* [expr ":" expr ("," expr ":" expr)*] "}" */
static bool
parse_pairs(JsonataParser *parser, JsonataNodes *pairs)
{
	bool more = parser->token.type != TOKEN_RIGHT_BRACE;
	JsonataNode *key;
	JsonataNode *value;

	while (more)
	{
		if (!expression(parser, 0, &key) || !advance(parser, TOKEN_COLON, false) ||
			!expression(parser, 0, &value))
			return false;
		jsonata_nodes_push(parser, pairs, key);
		jsonata_nodes_push(parser, pairs, value);
		more = parser->token.type == TOKEN_COMMA;
		if (more && !next(parser, false))
			return false;
	}
	return advance(parser, TOKEN_RIGHT_BRACE, true);
}

/* "|" pattern "|" update ["," delete] "|" */
static bool
nud_transform(JsonataParser *parser, const JsonataToken *token, JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_TRANSFORM, token->position);

	*result = node;
	if (!expression(parser, 0, &node->u.transform.pattern) ||
		!advance(parser, TOKEN_BAR, false) ||
		!expression(parser, 0, &node->u.transform.update))
		return false;
	if (parser->token.type == TOKEN_COMMA &&
		(!next(parser, false) || !expression(parser, 0, &node->u.transform.removal)))
		return false;
	return advance(parser, TOKEN_BAR, false);
}

/* Operators */

/* left op {expr binding} */
static bool
led_binary(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		   JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_BINARY, token->position);

	node->op = symbols[token->type].op;
	node->u.binary.left = left;
	*result = node;
	return expression(parser, symbols[token->type].binding, &node->u.binary.right);
}

/* left "." {expr 75}, left "~>" {expr 40} */
static bool
led_pair(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		 JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, symbols[token->type].node, token->position);

	node->u.binary.left = left;
	*result = node;
	return expression(parser, symbols[token->type].binding, &node->u.binary.right);
}

/* left "(" [arg ("," arg)*] ")", arg: expr | "?"; or a lambda */
static bool
led_call(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		 JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_FUNCTION, token->position);

	node->u.call.procedure = left;
	*result = node;
	if (!parse_args(parser, node) || !advance(parser, TOKEN_RIGHT_PAREN, true))
		return false;
	if (left->type == NODE_NAME && (value_string_is(left->u.literal, "function") ||
									value_string_is(left->u.literal, "\xCE\xBB")))
		return parse_lambda(parser, node);
	return true;
}

static bool
parse_args(JsonataParser *parser, JsonataNode *call)
{
	bool more = parser->token.type != TOKEN_RIGHT_PAREN;
	JsonataNode *arg;

	while (more)
	{
		if (parser->token.type == TOKEN_QUESTION)
		{
			call->type = NODE_PARTIAL;
			arg = jsonata_node(parser, NODE_PLACEHOLDER, parser->token.position);
			if (!next(parser, false))
				return false;
		}
		else if (!expression(parser, 0, &arg))
			return false;
		jsonata_nodes_push(parser, &call->u.call.args, arg);
		more = parser->token.type == TOKEN_COMMA;
		if (more && !next(parser, false))
			return false;
	}
	return true;
}

/* ("function" | "λ") "(" [$param ("," $param)*] ")" [signature] "{" expr "}" */
static bool
parse_lambda(JsonataParser *parser, JsonataNode *node)
{
	JsonataNodes args = node->u.call.args;

	node->type = NODE_LAMBDA;
	memset(&node->u, 0, sizeof(node->u));
	if (!lambda_params(parser, node, &args))
		return false;
	if (parser->token.type == TOKEN_LESS && !lambda_signature(parser, node))
		return false;
	return advance(parser, TOKEN_LEFT_BRACE, false) &&
		   expression(parser, 0, &node->u.lambda.body) &&
		   advance(parser, TOKEN_RIGHT_BRACE, false);
}

static bool
lambda_params(JsonataParser *parser, JsonataNode *lambda, const JsonataNodes *args)
{
	lambda->u.lambda.nparams = args->count;
	lambda->u.lambda.params = jsonata_alloc(parser, Max(args->count, 1) * sizeof(int));
	for (int i = 0; i < args->count; i++)
	{
		const JsonataNode *arg = args->items[i];

		if (arg->type != NODE_VARIABLE)
			return jsonata_syntax_error(parser,
										"S0208",
										arg->position,
										arg->type <= NODE_VALUE && arg->type >= NODE_NAME
											? arg->u.literal
											: value_undefined(),
										value_double(i + 1));
		lambda->u.lambda.params[i] = arg->u.variable.place.symbol;
	}
	return true;
}

/* The tokens from "<" to the ">" that belongs to it, joined */
static bool
lambda_signature(JsonataParser *parser, JsonataNode *lambda)
{
	int position = parser->token.position;
	int depth = 1;
	StringInfoData text;
	const char *code;
	int offset;

	initStringInfo(&text);
	appendStringInfoChar(&text, '<');
	while (depth > 0 && parser->token.type != TOKEN_LEFT_BRACE &&
		   parser->token.type != TOKEN_END)
	{
		if (!next(parser, false))
			return false;
		if (parser->token.type == TOKEN_GREATER)
			depth--;
		else if (parser->token.type == TOKEN_LESS)
			depth++;
		if (parser->token.value.kind == VALUE_STRING)
			appendBinaryStringInfo(&text,
								   parser->token.value.u.string,
								   parser->token.value.len);
	}
	if (!advance(parser, TOKEN_GREATER, false))
		return false;
	lambda->u.lambda.signature =
		jsonata_signature_compile(text.data, text.len, &code, &offset);
	if (lambda->u.lambda.signature == NULL)
		return jsonata_syntax_error(parser,
									code,
									position + offset,
									value_undefined(),
									value_undefined());
	return true;
}

/* left "[" expr "]"; left "[" "]" keeps arrays of one */
static bool
led_filter(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		   JsonataNode **result)
{
	JsonataNode *node;

	if (parser->token.type == TOKEN_RIGHT_BRACKET)
	{
		*result = left;
		while (left->type == NODE_FILTER)
			left = left->u.binary.left;
		left->flags |= NODE_KEEP_ARRAY;
		return next(parser, false);
	}
	node = jsonata_node(parser, NODE_FILTER, token->position);
	node->u.binary.left = left;
	*result = node;
	return expression(parser, 0, &node->u.binary.right) &&
		   advance(parser, TOKEN_RIGHT_BRACKET, true);
}

/* left "^" "(" term ("," term)* ")", term: ["<" | ">"] expr */
static bool
led_order(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		  JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_ORDER, token->position);
	JsonataNodes *terms = &node->u.binary.list;
	bool more = true;

	node->u.binary.left = left;
	*result = node;
	if (!advance(parser, TOKEN_LEFT_PAREN, false))
		return false;
	while (more)
	{
		bool descending = parser->token.type == TOKEN_GREATER;
		JsonataNode *term;

		if ((descending || parser->token.type == TOKEN_LESS) && !next(parser, false))
			return false;
		if (!expression(parser, 0, &term))
			return false;
		/* behind each term stands its direction: the term again if it descends */
		jsonata_nodes_push(parser, terms, term);
		jsonata_nodes_push(parser, terms, descending ? term : NULL);
		more = parser->token.type == TOKEN_COMMA;
		if (more && !next(parser, false))
			return false;
	}
	return advance(parser, TOKEN_RIGHT_PAREN, false);
}

/* left "{" pairs */
static bool
led_group(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		  JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_GROUP, token->position);

	node->u.binary.left = left;
	*result = node;
	return parse_pairs(parser, &node->u.binary.list);
}

/* $name ":=" {expr 9} */
static bool
led_bind(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
		 JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_BIND, token->position);

	if (left->type != NODE_VARIABLE)
		return jsonata_syntax_error(parser,
									"S0212",
									left->position,
									left->type <= NODE_VALUE && left->type >= NODE_NAME
										? left->u.literal
										: value_undefined(),
									value_undefined());
	node->u.bind.place = left->u.variable.place;
	*result = node;
	return expression(parser, symbols[TOKEN_ASSIGN].binding - 1, &node->u.bind.value);
}

/* left "@" $name, left "#" $name */
static bool
led_variable(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
			 JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, symbols[token->type].node, token->position);

	node->u.binary.left = left;
	*result = node;
	if (!expression(parser, symbols[token->type].binding, &node->u.binary.right))
		return false;
	if (node->u.binary.right->type != NODE_VARIABLE)
		return jsonata_syntax_error(parser,
									"S0214",
									node->u.binary.right->position,
									token->value,
									value_undefined());
	return true;
}

/* condition "?" expr [":" expr] */
static bool
led_ternary(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
			JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_CONDITION, token->position);

	node->op = CONDITION_TERNARY;
	node->u.condition.condition = left;
	*result = node;
	if (!expression(parser, 0, &node->u.condition.then))
		return false;
	if (parser->token.type != TOKEN_COLON)
		return true;
	return next(parser, false) && expression(parser, 0, &node->u.condition.otherwise);
}

/* left "?:" expr, left "??" expr */
static bool
led_default(JsonataParser *parser, const JsonataToken *token, JsonataNode *left,
			JsonataNode **result)
{
	JsonataNode *node = jsonata_node(parser, NODE_CONDITION, token->position);

	node->op = token->type == TOKEN_DEFAULT ? CONDITION_DEFAULT : CONDITION_COALESCE;
	node->u.condition.condition = left;
	*result = node;
	return expression(parser, 0, &node->u.condition.otherwise);
}
