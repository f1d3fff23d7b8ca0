/*-------------------------------------------------------------------------
 *
 * tree.c
 *	  Making a tree: memory, nodes, symbols, errors.
 *
 * What the passes over the tree share.  Nodes are small and many, so they are
 * taken from larger pieces of memory.
 *
 * IDENTIFICATION
 *	  src/jsonata/tree.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonata/function.h"
#include "jsonata/parse.h"

/* Memory for small things is taken in pieces of this size */
#define ARENA_SIZE 2048

void *
jsonata_alloc(JsonataParser *parser, Size size)
{
	void *result;

	size = MAXALIGN(size);
	if (size > ARENA_SIZE / 4)
		return palloc0(size);
	if (size > parser->arena_left)
	{
		parser->arena = palloc0(ARENA_SIZE);
		parser->arena_left = ARENA_SIZE;
	}
	result = parser->arena;
	parser->arena += size;
	parser->arena_left -= size;
	return result;
}

JsonataNode *
jsonata_node(JsonataParser *parser, JsonataNodeType type, int position)
{
	JsonataNode *node = jsonata_alloc(parser, sizeof(JsonataNode));

	node->type = type;
	node->position = position;
	node->focus = -1;
	node->index = -1;
	return node;
}

void
jsonata_nodes_push(JsonataParser *parser, JsonataNodes *nodes, JsonataNode *node)
{
	if (nodes->count == nodes->capacity)
	{
		int capacity = nodes->capacity == 0 ? 4 : nodes->capacity * 2;
		JsonataNode **items = jsonata_alloc(parser, capacity * sizeof(JsonataNode *));

		if (nodes->count > 0)
			memcpy(items, nodes->items, nodes->count * sizeof(JsonataNode *));
		nodes->items = items;
		nodes->capacity = capacity;
	}
	nodes->items[nodes->count++] = node;
}

/* The number of a variable's name */
int
jsonata_symbol(JsonataParser *parser, const char *name, int len)
{
	JsonataExpr *expr = parser->expr;
	JsonataSymbol *symbol;

	for (int i = 0; i < expr->nsymbols; i++)
	{
		if (expr->symbols[i].len == len && memcmp(expr->symbols[i].name, name, len) == 0)
			return i;
	}
	if (expr->nsymbols == expr->symbols_capacity)
	{
		int capacity = Max(8, expr->symbols_capacity * 2);
		JsonataSymbol *all = jsonata_alloc(parser, capacity * sizeof(JsonataSymbol));

		if (expr->nsymbols > 0)
			memcpy(all, expr->symbols, expr->nsymbols * sizeof(JsonataSymbol));
		expr->symbols = all;
		expr->symbols_capacity = capacity;
	}
	symbol = &expr->symbols[expr->nsymbols];
	symbol->name = name;
	symbol->len = len;
	symbol->builtin = jsonata_builtin(name, len);
	return expr->nsymbols++;
}

bool
jsonata_syntax_error(JsonataParser *parser, const char *code, int position, Value token,
					 Value value)
{
	JsonataFault fault = {
		.code = code,
		.position = position,
		.token = token,
		.value = value,
	};

	return jsonata_fault(parser->error, &fault);
}

bool
jsonata_check_nesting(JsonataParser *parser)
{
	CHECK_FOR_INTERRUPTS();
	if (!stack_is_too_deep())
		return true;
	return jsonata_syntax_error(parser,
								"U1001",
								parser->at,
								value_undefined(),
								value_undefined());
}
