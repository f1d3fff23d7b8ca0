/*-------------------------------------------------------------------------
 *
 * bind.c
 *	  A place for each variable.
 *
 * The reference looks variables up by name, from frame to frame, at run time.
 * Which frames there will be is plain from the text: one for each call of a
 * lambda, one for each block that binds something, one for each tuple of a
 * path.  So a variable is "so many frames out, at that place" (JsonataPlace).
 * It may not have been bound yet when it is read; then the evaluator looks
 * further out, by the symbol.
 *
 * Knows scopes; must not know evaluation.
 *
 * IDENTIFICATION
 *	  src/jsonata/bind.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/parse.h"

typedef struct Scope
{
	struct Scope *outer;
	int count;
	int capacity;
	int ntuple;
	int *symbols;
	bool has_frame;
	bool dynamic;  /* whether there is a frame shows only at run time */
	bool captured; /* a function that is made inside keeps its frame */
} Scope;

/* A variable whose place is not known yet */
typedef struct Reference
{
	struct Reference *next;
	JsonataPlace *place;
	const Scope *scope;
} Reference;

typedef struct Binder
{
	JsonataParser *parser;
	Reference *references;
} Binder;

static void walk(Binder *binder, JsonataNode *node, Scope *scope);
static void walk_kind(Binder *binder, JsonataNode *node, Scope *scope);
static void walk_list(Binder *binder, JsonataNodes *list, Scope *scope);
static void walk_path(Binder *binder, JsonataNode *node, Scope *scope);
static void walk_step(Binder *binder, JsonataNode *node, Scope *scope);
static void walk_stages(Binder *binder, JsonataNode *node, Scope *scope);
static void walk_group(Binder *binder, JsonataGroup *group, Scope *scope);
static void walk_lambda(Binder *binder, JsonataNode *node, Scope *scope);
static void tuple_symbols(Binder *binder, JsonataNode *path, Scope *scope);
static void stream_symbols(Binder *binder, const JsonataNode *node, Scope *scope);
static Scope *open_scope(Binder *binder, Scope *outer);
static JsonataLayout *close_scope(Binder *binder, Scope *scope);
static int add_symbol(Binder *binder, Scope *scope, int symbol);
static void capture(Scope *scope);
static void refer(Binder *binder, JsonataPlace *place, const Scope *scope);
static void settle(const JsonataExpr *expr, const Reference *reference);
static bool has_plain_keys(const JsonataNodes *pairs);

void
jsonata_bind(JsonataParser *parser, JsonataNode *root)
{
	Binder binder = {.parser = parser};
	JsonataExpr *expr = parser->expr;
	Scope *scope = open_scope(&binder, NULL);

	for (int i = 0; i < expr->nsymbols; i++)
	{
		const JsonataBuiltin *builtin = expr->symbols[i].builtin;

		if (builtin != NULL && builtin->code == jsonata_fn_eval)
			expr->dynamic_code = true;
	}
	walk(&binder, root, scope);
	expr->layout = close_scope(&binder, scope);
	for (const Reference *r = binder.references; r != NULL; r = r->next)
		settle(expr, r);
}

static void
walk(Binder *binder, JsonataNode *node, Scope *scope)
{
	if (node->type >= NODE_STRING && node->type <= NODE_VALUE && node->nstages == 0 &&
		node->group == NULL)
		node->flags |= NODE_LEAF;
	walk_kind(binder, node, scope);
	if (node->nstages > 0 && !(node->flags & NODE_STAGES))
		walk_stages(binder, node, scope);
	if (node->group != NULL && node->type != NODE_PATH)
		walk_group(binder, node->group, scope);
}

static void
walk_kind(Binder *binder, JsonataNode *node, Scope *scope)
{
	Scope *inner;

	switch ((JsonataNodeType) node->type)
	{
		case NODE_PATH:
			walk_path(binder, node, scope);
			break;
		case NODE_BINARY:
		case NODE_APPLY:
			walk(binder, node->u.binary.left, scope);
			walk(binder, node->u.binary.right, scope);
			break;
		case NODE_NEGATE:
			walk(binder, node->u.binary.left, scope);
			break;
		case NODE_OBJECT:
			if (has_plain_keys(&node->u.list.list))
				node->flags |= NODE_PLAIN_KEYS;
			walk_list(binder, &node->u.list.list, scope);
			break;
		case NODE_ARRAY:
			walk_list(binder, &node->u.list.list, scope);
			break;
		case NODE_BLOCK:
			inner = open_scope(binder, scope);
			inner->has_frame = false;
			walk_list(binder, &node->u.list.list, inner);
			node->u.list.layout = close_scope(binder, inner);
			break;
		case NODE_VARIABLE:
			if (node->u.variable.name.len > 0)
				refer(binder, &node->u.variable.place, scope);
			break;
		case NODE_PARENT:
			node->u.parent.place.symbol = node->u.parent.slot->label;
			refer(binder, &node->u.parent.place, scope);
			break;
		case NODE_BIND:
			walk(binder, node->u.bind.value, scope);
			add_symbol(binder, scope, node->u.bind.place.symbol);
			refer(binder, &node->u.bind.place, scope);
			break;
		case NODE_FUNCTION:
		case NODE_PARTIAL:
			walk(binder, node->u.call.procedure, scope);
			walk_list(binder, &node->u.call.args, scope);
			break;
		case NODE_LAMBDA:
			walk_lambda(binder, node, scope);
			break;
		case NODE_CONDITION:
			walk(binder, node->u.condition.condition, scope);
			if (node->u.condition.then != NULL)
				walk(binder, node->u.condition.then, scope);
			if (node->u.condition.otherwise != NULL)
				walk(binder, node->u.condition.otherwise, scope);
			break;
		case NODE_TRANSFORM:
			capture(scope);
			walk(binder, node->u.transform.pattern, scope);
			walk(binder, node->u.transform.update, scope);
			if (node->u.transform.removal != NULL)
				walk(binder, node->u.transform.removal, scope);
			break;
		case NODE_SORT:
			walk_list(binder, &node->u.sort.terms, scope);
			break;
		default:
			break;
	}
}

static void
walk_list(Binder *binder, JsonataNodes *list, Scope *scope)
{
	for (int i = 0; i < list->count; i++)
		walk(binder, list->items[i], scope);
}

/*
 * From the first step that binds something on, a path has a frame for each of
 * its tuples, and steps, filters, sort terms and the group see it.
 */
static void
walk_path(Binder *binder, JsonataNode *node, Scope *scope)
{
	JsonataNodes *steps = &node->u.path.steps;
	Scope *tuple = NULL;
	int i;

	for (i = 0; i < steps->count && !(steps->items[i]->flags & NODE_TUPLE); i++)
		walk_step(binder, steps->items[i], scope);
	node->u.path.tuple_from = i;
	if (i < steps->count)
	{
		tuple = open_scope(binder, scope);
		add_symbol(binder, tuple, SYMBOL_TUPLE_VALUE);
		tuple_symbols(binder, node, tuple);
	}
	for (; i < steps->count; i++)
	{
		/* an array constructor that begins a path is evaluated before there are tuples */
		bool before = i == 0 && (steps->items[i]->flags & NODE_CONSARRAY);

		walk_step(binder, steps->items[i], before ? scope : tuple);
	}
	if (node->group != NULL)
		walk_group(binder, node->group, tuple != NULL ? tuple : scope);
	if (tuple == NULL)
		return;

	/* what a step hands on from inside is known only now */
	for (i = node->u.path.tuple_from; i < steps->count; i++)
		stream_symbols(binder, steps->items[i], tuple);
	node->u.path.tuple_layout = close_scope(binder, tuple);
}

static void
walk_step(Binder *binder, JsonataNode *node, Scope *scope)
{
	walk(binder, node, scope);
	if (node->flags & NODE_STAGES)
	{
		for (int i = 0; i < node->nstages; i++)
		{
			if (node->stages[i].filter != NULL)
				walk(binder, node->stages[i].filter, scope);
		}
	}
}

/* Filters that are a node's own; if it gives tuples, they see those */
static void
walk_stages(Binder *binder, JsonataNode *node, Scope *scope)
{
	if (node->flags & NODE_TUPLE)
	{
		scope = open_scope(binder, scope);
		scope->dynamic = true;
	}
	for (int i = 0; i < node->nstages; i++)
	{
		if (node->stages[i].filter != NULL)
			walk(binder, node->stages[i].filter, scope);
	}
}

static void
walk_group(Binder *binder, JsonataGroup *group, Scope *scope)
{
	group->plain_keys = has_plain_keys(&group->pairs);
	walk_list(binder, &group->pairs, scope);
}

static void
walk_lambda(Binder *binder, JsonataNode *node, Scope *scope)
{
	Scope *inner;

	capture(scope);
	inner = open_scope(binder, scope);
	for (int i = 0; i < node->u.lambda.nparams; i++)
		node->u.lambda.params[i] = add_symbol(binder, inner, node->u.lambda.params[i]);
	walk(binder, node->u.lambda.body, inner);
	node->u.lambda.layout = close_scope(binder, inner);
	if (inner->captured || binder->parser->expr->dynamic_code)
		node->flags |= NODE_HEAP_FRAME;
}

/* The variables that a path's steps bind */
static void
tuple_symbols(Binder *binder, JsonataNode *path, Scope *scope)
{
	for (int i = path->u.path.tuple_from; i < path->u.path.steps.count; i++)
	{
		const JsonataNode *step = path->u.path.steps.items[i];

		if (step->focus >= 0)
			add_symbol(binder, scope, step->focus);
		if (step->index >= 0)
			add_symbol(binder, scope, step->index);
		if (step->ancestor != NULL)
			add_symbol(binder, scope, step->ancestor->label);
		for (int j = 0; j < step->nstages; j++)
		{
			if (step->stages[j].filter == NULL)
				add_symbol(binder, scope, step->stages[j].symbol);
		}
	}
	scope->ntuple = scope->count;
}

/* The variables in the tuples that a step gives which is itself a path with tuples */
static void
stream_symbols(Binder *binder, const JsonataNode *node, Scope *scope)
{
	const JsonataLayout *layout;

	if (!(node->flags & NODE_TUPLE))
		return;
	if (node->type == NODE_BLOCK && node->u.list.list.count > 0)
		stream_symbols(binder,
					   node->u.list.list.items[node->u.list.list.count - 1],
					   scope);
	if (node->type != NODE_PATH || node->u.path.tuple_layout == NULL)
		return;
	layout = node->u.path.tuple_layout;
	for (int i = 0; i < layout->count; i++)
		add_symbol(binder, scope, layout->symbols[i]);
	scope->ntuple = scope->count;
}

/* Scopes */

static Scope *
open_scope(Binder *binder, Scope *outer)
{
	Scope *scope = jsonata_alloc(binder->parser, sizeof(Scope));

	scope->outer = outer;
	return scope;
}

/* A scope that binds nothing has no frame */
static JsonataLayout *
close_scope(Binder *binder, Scope *scope)
{
	JsonataLayout *layout;

	if (scope->count == 0)
		return NULL;
	scope->has_frame = true;
	layout = jsonata_alloc(binder->parser,
						   offsetof(JsonataLayout, symbols) + scope->count * sizeof(int));
	layout->count = scope->count;
	layout->ntuple = scope->ntuple;
	memcpy(layout->symbols, scope->symbols, scope->count * sizeof(int));
	return layout;
}

static int
add_symbol(Binder *binder, Scope *scope, int symbol)
{
	for (int i = 0; i < scope->count; i++)
	{
		if (scope->symbols[i] == symbol)
			return i;
	}
	if (scope->count == scope->capacity)
	{
		int capacity = Max(4, scope->capacity * 2);
		int *symbols = jsonata_alloc(binder->parser, capacity * sizeof(int));

		if (scope->count > 0)
			memcpy(symbols, scope->symbols, scope->count * sizeof(int));
		scope->symbols = symbols;
		scope->capacity = capacity;
	}
	if (symbol >= 0)
		binder->parser->expr->symbols[symbol].bound = true;
	scope->symbols[scope->count] = symbol;
	return scope->count++;
}

static void
capture(Scope *scope)
{
	for (; scope != NULL && !scope->captured; scope = scope->outer)
		scope->captured = true;
}

static void
refer(Binder *binder, JsonataPlace *place, const Scope *scope)
{
	Reference *reference = jsonata_alloc(binder->parser, sizeof(Reference));

	reference->place = place;
	reference->scope = scope;
	reference->next = binder->references;
	binder->references = reference;
}

static void
settle(const JsonataExpr *expr, const Reference *reference)
{
	JsonataPlace *place = reference->place;
	int hops = 0;

	place->hops = PLACE_GLOBAL;
	if (!expr->symbols[place->symbol].bound)
		return;
	for (const Scope *scope = reference->scope; scope != NULL; scope = scope->outer)
	{
		if (scope->dynamic)
		{
			place->hops = PLACE_DYNAMIC;
			return;
		}
		for (int i = 0; i < scope->count; i++)
		{
			if (scope->symbols[i] == place->symbol)
			{
				place->hops = hops;
				place->slot = i;
				return;
			}
		}
		hops += scope->has_frame;
	}
}

/* Only literals, no two of them the same: the keys need no looking at when evaluated */
static bool
has_plain_keys(const JsonataNodes *pairs)
{
	if (pairs->count > 64)
		return false;
	for (int i = 0; i < pairs->count; i += 2)
	{
		const JsonataNode *key = pairs->items[i];

		if (key->type != NODE_STRING || key->nstages > 0 || key->group != NULL)
			return false;
		for (int j = 0; j < i; j += 2)
		{
			if (value_equal(key->u.literal, pairs->items[j]->u.literal))
				return false;
		}
	}
	return true;
}
