/*-------------------------------------------------------------------------
 *
 * inspect.c
 *	  What a compiled expression refers to.
 *
 * Step Functions gives expressions no input document, so that a reference to
 * it at the top level can be refused before anything runs.  At the top level
 * is what is evaluated with the context of the whole expression; steps behind
 * the first one, filters, sort terms, groups and transforms have a context of
 * their own.
 *
 * Knows the tree; must not know evaluation.
 *
 * IDENTIFICATION
 *	  src/jsonata/inspect.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonata/ast.h"

typedef struct Visitor
{
	const JsonataExpr *expr;
	void (*visit)(const char *name, int name_len, void *arg); /* may be NULL */
	void *arg;
	const char *variable; /* whose members are looked for, or NULL */
	void (*visit_members)(const char *first, const char *second, void *arg);
	int inside; /* object constructors and lambdas around: "$" is nobody's business there */
	const char *name;  /* first bare name at the top level */
	const char *newer; /* first operator that 2.0.6 does not have */
} Visitor;

static void walk(Visitor *visitor, const JsonataNode *node, bool top);
static void walk_list(Visitor *visitor, const JsonataNodes *list, bool top);
static void walk_path(Visitor *visitor, const JsonataNode *node, bool top);
static void walk_behind(Visitor *visitor, const JsonataNode *node);
static void visit_variable(Visitor *visitor, const JsonataNode *node, bool top);
static void visit_members(Visitor *visitor, const JsonataNode *node,
						  JsonataNode *const *steps, int nsteps);
static void note_name(Visitor *visitor, const char *name, int len, bool top);

void
jsonata_visit_variables(const JsonataExpr *expr,
						void (*visit)(const char *name, int name_len, void *arg),
						void *arg)
{
	Visitor visitor = {.expr = expr, .visit = visit, .arg = arg};

	walk(&visitor, expr->root, true);
}

void
jsonata_visit_functions(const JsonataExpr *expr,
						void (*visit)(const char *name, int name_len, void *arg),
						void *arg)
{
	for (int i = 0; i < expr->nsymbols; i++)
	{
		const JsonataSymbol *symbol = &expr->symbols[i];

		if (symbol->builtin != NULL)
			visit(symbol->name, symbol->len, arg);
	}
}

void
jsonata_visit_members(const JsonataExpr *expr, const char *variable,
					  void (*visit)(const char *first, const char *second, void *arg),
					  void *arg)
{
	Visitor visitor = {.expr = expr,
					   .variable = variable,
					   .visit_members = visit,
					   .arg = arg};

	walk(&visitor, expr->root, true);
}

bool
jsonata_is_stable(const JsonataExpr *expr)
{
	static const char *const unstable[] = {
		"eval",
		"millis",
		"now",
		"random",
		"shuffle",
		"uuid",
	};

	for (int i = 0; i < expr->nsymbols; i++)
	{
		const JsonataBuiltin *builtin = expr->symbols[i].builtin;

		for (int j = 0; builtin != NULL && j < lengthof(unstable); j++)
			if (strcmp(builtin->name, unstable[j]) == 0)
				return false;
	}
	return true;
}

const char *
jsonata_newer_operator(const JsonataExpr *expr)
{
	Visitor visitor = {.expr = expr};

	walk(&visitor, expr->root, true);
	return visitor.newer;
}

const char *
jsonata_top_level_name(const JsonataExpr *expr)
{
	Visitor visitor = {.expr = expr};

	walk(&visitor, expr->root, true);
	return visitor.name;
}

/* top: the node is evaluated with the context of the whole expression */
static void
walk(Visitor *visitor, const JsonataNode *node, bool top)
{
	check_stack_depth();
	if (node == NULL)
		return;
	switch ((JsonataNodeType) node->type)
	{
		case NODE_PATH:
			walk_path(visitor, node, top);
			break;
		case NODE_NAME:
			note_name(visitor, node->u.literal.u.string, node->u.literal.len, top);
			break;
		case NODE_WILDCARD:
			note_name(visitor, "*", 1, top);
			break;
		case NODE_DESCENDANT:
			note_name(visitor, "**", 2, top);
			break;
		case NODE_VARIABLE:
			visit_variable(visitor, node, top);
			visit_members(visitor, node, NULL, 0);
			break;
		case NODE_BINARY:
		case NODE_APPLY:
		case NODE_NEGATE:
			walk(visitor, node->u.binary.left, top);
			walk(visitor, node->u.binary.right, top);
			break;
		case NODE_OBJECT:
			visitor->inside++;
			walk_list(visitor, &node->u.list.list, top);
			visitor->inside--;
			break;
		case NODE_ARRAY:
		case NODE_BLOCK:
			walk_list(visitor, &node->u.list.list, top);
			break;
		case NODE_BIND:
			walk(visitor, node->u.bind.value, top);
			break;
		case NODE_FUNCTION:
		case NODE_PARTIAL:
			walk(visitor, node->u.call.procedure, top);
			walk_list(visitor, &node->u.call.args, top);
			break;
		case NODE_LAMBDA:
			visitor->inside++;
			walk(visitor, node->u.lambda.body, top);
			visitor->inside--;
			break;
		case NODE_CONDITION:
			if (node->op != CONDITION_TERNARY && visitor->newer == NULL)
				visitor->newer = node->op == CONDITION_DEFAULT ? "?:" : "??";
			walk(visitor, node->u.condition.condition, top);
			walk(visitor, node->u.condition.then, top);
			walk(visitor, node->u.condition.otherwise, top);
			break;
		case NODE_TRANSFORM:
			walk(visitor, node->u.transform.pattern, false);
			walk(visitor, node->u.transform.update, false);
			walk(visitor, node->u.transform.removal, false);
			break;
		case NODE_SORT:
			walk_list(visitor, &node->u.sort.terms, false);
			break;
		default:
			break;
	}
	walk_behind(visitor, node);
}

static void
walk_list(Visitor *visitor, const JsonataNodes *list, bool top)
{
	for (int i = 0; i < list->count; i++)
		walk(visitor, list->items[i], top);
}

static void
walk_path(Visitor *visitor, const JsonataNode *node, bool top)
{
	const JsonataNodes *steps = &node->u.path.steps;

	for (int i = 0; i < steps->count; i++)
	{
		const JsonataNode *step = steps->items[i];

		if (i == 0 && step->type == NODE_VARIABLE)
		{
			visit_variable(visitor, step, top);
			visit_members(visitor, step, steps->items + 1, steps->count - 1);
			walk_behind(visitor, step);
		}
		else
			walk(visitor, step, top && i == 0);
	}
}

/* Filters and the group of a node */
static void
walk_behind(Visitor *visitor, const JsonataNode *node)
{
	for (int i = 0; i < node->nstages; i++)
		walk(visitor, node->stages[i].filter, false);
	if (node->group != NULL)
		walk_list(visitor, &node->group->pairs, false);
}

static void
visit_variable(Visitor *visitor, const JsonataNode *node, bool top)
{
	const JsonataPlace *place = &node->u.variable.place;
	Value name = node->u.variable.name;
	const JsonataSymbol *symbol = &visitor->expr->symbols[place->symbol];

	if (visitor->visit == NULL)
		return;
	if (name.len == 0)
	{
		if (top && visitor->inside == 0)
			visitor->visit("", 0, visitor->arg);
	}
	else if (place->hops < 0 && symbol->builtin == NULL)
		visitor->visit(name.u.string, name.len, visitor->arg);
}

/* A variable, and the steps behind it */
static void
visit_members(Visitor *visitor, const JsonataNode *node, JsonataNode *const *steps,
			  int nsteps)
{
	const char *members[2] = {NULL, NULL};

	if (visitor->visit_members == NULL || node->u.variable.place.hops >= 0 ||
		!value_string_is(node->u.variable.name, visitor->variable))
		return;
	for (int i = 0; i < Min(nsteps, 2) && steps[i]->type == NODE_NAME; i++)
		members[i] = value_to_cstring(steps[i]->u.literal);
	visitor->visit_members(members[0], members[1], visitor->arg);
}

static void
note_name(Visitor *visitor, const char *name, int len, bool top)
{
	if (top && visitor->name == NULL)
		visitor->name = pnstrdup(name, len);
}
