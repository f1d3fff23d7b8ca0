/*-------------------------------------------------------------------------
 *
 * resolve.c
 *	  The tree as it was written into the tree that is evaluated.
 *
 * "a.b.c" becomes one path of three steps, "[...]", "#$i" and "@$v" hang on
 * the step before them, "^(...)" becomes a step of its own, "{...}" hangs on
 * the path.  A call in the last place of a lambda is marked, so that it does
 * not nest.
 *
 * Which step a parent ("%") means is found in ancestry.c while the tree is put
 * together from below.
 *
 * Knows the language; must not know evaluation.
 *
 * IDENTIFICATION
 *	  src/jsonata/resolve.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/parse.h"

static bool resolve(JsonataParser *parser, JsonataNode **node);
static bool resolve_kind(JsonataParser *parser, JsonataNode **node);
static bool resolve_list(JsonataParser *parser, JsonataNode *owner, JsonataNodes *nodes);
static bool resolve_child(JsonataParser *parser, JsonataNode *owner, JsonataNode **child);
static JsonataNode *make_path(JsonataParser *parser, JsonataNode *step);
static JsonataNode *last_step(const JsonataNode *path);
static bool resolve_step(JsonataParser *parser, JsonataNode **node);
static bool check_step(JsonataParser *parser, JsonataNode *path, JsonataNode *step);
static bool resolve_filter(JsonataParser *parser, JsonataNode **node);
static bool resolve_group(JsonataParser *parser, JsonataNode **node);
static bool resolve_order(JsonataParser *parser, JsonataNode **node);
static bool resolve_focus(JsonataParser *parser, JsonataNode **node);
static bool resolve_index(JsonataParser *parser, JsonataNode **node);
static bool resolve_negate(JsonataParser *parser, JsonataNode **node);
static bool resolve_block(JsonataParser *parser, JsonataNode *node);
static void resolve_parent(JsonataParser *parser, JsonataNode *node);
static void push_stage(JsonataParser *parser, JsonataNode *step, JsonataNode *filter,
					   int symbol, int position);
static void mark_tail_calls(JsonataNode *node);

bool
jsonata_resolve(JsonataParser *parser, JsonataNode **root)
{
	if (!resolve(parser, root))
		return false;
	if ((*root)->type == NODE_PARENT || (*root)->seeking != NULL)
		return jsonata_syntax_error(parser,
									"S0217",
									(*root)->position,
									value_cstring(jsonata_node_name(*root)),
									value_undefined());
	return true;
}

static bool
resolve(JsonataParser *parser, JsonataNode **node)
{
	uint16 keep = (*node)->flags & NODE_KEEP_ARRAY;

	if (!jsonata_check_nesting(parser) || !resolve_kind(parser, node))
		return false;
	(*node)->flags |= keep;
	return true;
}

static bool
resolve_kind(JsonataParser *parser, JsonataNode **result)
{
	JsonataNode *node = *result;

	switch ((JsonataNodeType) node->type)
	{
		case NODE_STEP:
			return resolve_step(parser, result);
		case NODE_FILTER:
			return resolve_filter(parser, result);
		case NODE_GROUP:
			return resolve_group(parser, result);
		case NODE_ORDER:
			return resolve_order(parser, result);
		case NODE_FOCUS:
			return resolve_focus(parser, result);
		case NODE_INDEX:
			return resolve_index(parser, result);
		case NODE_NEGATE:
			return resolve_negate(parser, result);
		case NODE_BINARY:
			return resolve_child(parser, node, &node->u.binary.left) &&
				   resolve_child(parser, node, &node->u.binary.right);
		case NODE_APPLY:
			if (!resolve(parser, &node->u.binary.left) ||
				!resolve(parser, &node->u.binary.right))
				return false;
			node->flags |= (node->u.binary.left->flags | node->u.binary.right->flags) &
						   NODE_KEEP_ARRAY;
			return true;
		case NODE_ARRAY:
		case NODE_OBJECT:
			return resolve_list(parser, node, &node->u.list.list);
		case NODE_BLOCK:
			return resolve_block(parser, node);
		case NODE_NAME:
			*result = make_path(parser, node);
			return true;
		case NODE_BIND:
			return resolve_child(parser, node, &node->u.bind.value);
		case NODE_FUNCTION:
		case NODE_PARTIAL:
			return resolve_list(parser, node, &node->u.call.args) &&
				   resolve(parser, &node->u.call.procedure);
		case NODE_LAMBDA:
			if (!resolve(parser, &node->u.lambda.body))
				return false;
			mark_tail_calls(node->u.lambda.body);
			return true;
		case NODE_CONDITION:
			return resolve_child(parser, node, &node->u.condition.condition) &&
				   (node->u.condition.then == NULL ||
					resolve_child(parser, node, &node->u.condition.then)) &&
				   (node->u.condition.otherwise == NULL ||
					resolve_child(parser, node, &node->u.condition.otherwise));
		case NODE_TRANSFORM:
			return resolve(parser, &node->u.transform.pattern) &&
				   resolve(parser, &node->u.transform.update) &&
				   (node->u.transform.removal == NULL ||
					resolve(parser, &node->u.transform.removal));
		case NODE_PARENT:
			resolve_parent(parser, node);
			return true;
		case NODE_END:
			return jsonata_syntax_error(parser,
										"S0207",
										node->position,
										value_cstring("(end)"),
										value_undefined());
		default:
			return true;
	}
}

/* A part of another node: the parents it seeks are sought by that one too */
static bool
resolve_child(JsonataParser *parser, JsonataNode *owner, JsonataNode **child)
{
	if (!resolve(parser, child))
		return false;
	jsonata_push_parents(parser, owner, *child);
	return true;
}

static bool
resolve_list(JsonataParser *parser, JsonataNode *owner, JsonataNodes *nodes)
{
	for (int i = 0; i < nodes->count; i++)
	{
		if (!resolve_child(parser, owner, &nodes->items[i]))
			return false;
	}
	return true;
}

/* Paths */

static JsonataNode *
make_path(JsonataParser *parser, JsonataNode *step)
{
	JsonataNode *path = jsonata_node(parser, NODE_PATH, step->position);

	jsonata_nodes_push(parser, &path->u.path.steps, step);
	if (step->type == NODE_NAME && (step->flags & NODE_KEEP_ARRAY))
		path->flags |= NODE_KEEP_SINGLETON;
	return path;
}

static JsonataNode *
last_step(const JsonataNode *path)
{
	return path->u.path.steps.items[path->u.path.steps.count - 1];
}

/* a.b */
static bool
resolve_step(JsonataParser *parser, JsonataNode **node)
{
	JsonataNode *left = (*node)->u.binary.left;
	JsonataNode *right = (*node)->u.binary.right;
	JsonataNode *path;

	if (!resolve(parser, &left))
		return false;
	path = left;
	if (left->type != NODE_PATH)
	{
		path = make_path(parser, left);
		if (!check_step(parser, path, left))
			return false;
	}
	if (left->type == NODE_PARENT)
		jsonata_push_parent(parser, path, left->u.parent.slot);

	/* a name needs no path of its own */
	if (right->type != NODE_NAME && !resolve(parser, &right))
		return false;
	if (right->type != NODE_PATH)
	{
		jsonata_nodes_push(parser, &path->u.path.steps, right);
		right->flags |= NODE_STAGES;
		if (!check_step(parser, path, right))
			return false;
	}
	else
	{
		for (int i = 0; i < right->u.path.steps.count; i++)
		{
			JsonataNode *step = right->u.path.steps.items[i];

			jsonata_nodes_push(parser, &path->u.path.steps, step);
			if (!check_step(parser, path, step))
				return false;
		}
	}
	if (path->u.path.steps.items[0]->type == NODE_ARRAY)
		path->u.path.steps.items[0]->flags |= NODE_CONSARRAY;
	if (last_step(path)->type == NODE_ARRAY)
		last_step(path)->flags |= NODE_CONSARRAY;
	*node = path;
	return jsonata_resolve_ancestry(parser, path);
}

/* A literal that is a step: a string is a name, others make no sense */
static bool
check_step(JsonataParser *parser, JsonataNode *path, JsonataNode *step)
{
	if (step->type == NODE_NUMBER || step->type == NODE_VALUE)
		return jsonata_syntax_error(parser,
									"S0213",
									step->position,
									value_undefined(),
									step->u.literal);
	if (step->type == NODE_STRING)
		step->type = NODE_NAME;
	if (step->flags & NODE_KEEP_ARRAY)
		path->flags |= NODE_KEEP_SINGLETON;
	return true;
}

/* a[b] */
static bool
resolve_filter(JsonataParser *parser, JsonataNode **node)
{
	JsonataNode *filter = (*node)->u.binary.right;
	int position = (*node)->position;
	JsonataNode *result = (*node)->u.binary.left;
	JsonataNode *step;

	if (!resolve(parser, &result))
		return false;
	step = result->type == NODE_PATH ? last_step(result) : result;
	if (step->group != NULL)
		return jsonata_syntax_error(parser,
									"S0209",
									position,
									value_undefined(),
									value_undefined());
	if (!resolve(parser, &filter))
		return false;
	if (filter->seeking != NULL)
	{
		for (int i = 0; i < filter->seeking->count; i++)
		{
			JsonataParent *parent = filter->seeking->items[i];

			if (parent->level != 1)
				parent->level--;
			else if (!jsonata_seek_parent(parser, step, parent))
				return false;
		}
		jsonata_push_parents(parser, step, filter);
	}
	push_stage(parser, step, filter, -1, position);
	if (result->type == NODE_PATH)
		step->flags |= NODE_STAGES;
	*node = result;
	return true;
}

/* filter NULL: an index variable */
static void
push_stage(JsonataParser *parser, JsonataNode *step, JsonataNode *filter, int symbol,
		   int position)
{
	JsonataStage *stages =
		jsonata_alloc(parser, (step->nstages + 1) * sizeof(JsonataStage));

	if (step->nstages > 0)
		memcpy(stages, step->stages, step->nstages * sizeof(JsonataStage));
	step->stages = stages;
	stages[step->nstages].filter = filter;
	stages[step->nstages].symbol = symbol;
	stages[step->nstages].position = position;
	step->nstages++;
}

/* a{b: c} */
static bool
resolve_group(JsonataParser *parser, JsonataNode **node)
{
	JsonataNodes pairs = (*node)->u.binary.list;
	JsonataNode *result = (*node)->u.binary.left;
	int position = (*node)->position;

	if (!resolve(parser, &result))
		return false;
	if (result->group != NULL)
		return jsonata_syntax_error(parser,
									"S0210",
									position,
									value_undefined(),
									value_undefined());
	for (int i = 0; i < pairs.count; i++)
	{
		if (!resolve(parser, &pairs.items[i]))
			return false;
	}
	result->group = jsonata_alloc(parser, sizeof(JsonataGroup));
	result->group->pairs = pairs;
	result->group->position = position;
	*node = result;
	return true;
}

/* a^(b, >c) */
static bool
resolve_order(JsonataParser *parser, JsonataNode **node)
{
	const JsonataNodes *list = &(*node)->u.binary.list;
	JsonataNode *sort = jsonata_node(parser, NODE_SORT, (*node)->position);
	JsonataNode *path = (*node)->u.binary.left;

	if (!resolve(parser, &path))
		return false;
	if (path->type != NODE_PATH)
		path = make_path(parser, path);
	sort->u.sort.descending = jsonata_alloc(parser, list->count / 2 * sizeof(bool));
	for (int i = 0; i < list->count; i += 2)
	{
		JsonataNode *term = list->items[i];

		sort->u.sort.descending[i / 2] = list->items[i + 1] != NULL;
		if (!resolve_child(parser, sort, &term))
			return false;
		jsonata_nodes_push(parser, &sort->u.sort.terms, term);
	}
	jsonata_nodes_push(parser, &path->u.path.steps, sort);
	*node = path;
	return jsonata_resolve_ancestry(parser, path);
}

/* a@$b */
static bool
resolve_focus(JsonataParser *parser, JsonataNode **node)
{
	JsonataNode *focus = *node;
	JsonataNode *result = focus->u.binary.left;
	JsonataNode *step;

	if (!resolve(parser, &result))
		return false;
	step = result->type == NODE_PATH ? last_step(result) : result;
	if (step->nstages > 0 || step->type == NODE_SORT)
		return jsonata_syntax_error(parser,
									step->nstages > 0 ? "S0215" : "S0216",
									focus->position,
									value_undefined(),
									value_undefined());
	if (focus->flags & NODE_KEEP_ARRAY)
		step->flags |= NODE_KEEP_ARRAY;
	step->focus = focus->u.binary.right->u.variable.place.symbol;
	step->flags |= NODE_TUPLE;
	*node = result;
	return true;
}

/* a#$b */
static bool
resolve_index(JsonataParser *parser, JsonataNode **node)
{
	JsonataNode *index = *node;
	int symbol = index->u.binary.right->u.variable.place.symbol;
	JsonataNode *result = index->u.binary.left;
	JsonataNode *step;

	if (!resolve(parser, &result))
		return false;
	if (result->type != NODE_PATH)
		result = make_path(parser, result);
	step = last_step(result);
	if (step->nstages == 0)
		step->index = symbol;
	else
		push_stage(parser, step, NULL, symbol, index->position);
	step->flags |= NODE_TUPLE | NODE_STAGES;
	*node = result;
	return true;
}

/* -a; of a literal it is a literal */
static bool
resolve_negate(JsonataParser *parser, JsonataNode **node)
{
	if (!resolve_child(parser, *node, &(*node)->u.binary.left))
		return false;
	if ((*node)->u.binary.left->type == NODE_NUMBER)
	{
		*node = (*node)->u.binary.left;
		(*node)->u.literal.u.number = -(*node)->u.literal.u.number;
	}
	return true;
}

static bool
resolve_block(JsonataParser *parser, JsonataNode *node)
{
	JsonataNodes *list = &node->u.list.list;

	if (!resolve_list(parser, node, list))
		return false;
	for (int i = 0; i < list->count; i++)
	{
		const JsonataNode *part = list->items[i];

		if (part->type == NODE_PATH)
			part = part->u.path.steps.items[0];
		node->flags |= part->flags & NODE_CONSARRAY;
	}
	return true;
}

/* Calls in the last place of a lambda; what filters or groups their result comes later */
static void
mark_tail_calls(JsonataNode *node)
{
	while (node != NULL && node->nstages == 0 && node->group == NULL)
	{
		switch (node->type)
		{
			case NODE_FUNCTION:
				node->flags |= NODE_TAIL_CALL;
				return;
			case NODE_CONDITION:
				mark_tail_calls(node->u.condition.then);
				node = node->u.condition.otherwise;
				break;
			case NODE_BLOCK:
				if (node->u.list.list.count == 0)
					return;
				node = node->u.list.list.items[node->u.list.list.count - 1];
				break;
			default:
				return;
		}
	}
}

/* Parents */

static void
resolve_parent(JsonataParser *parser, JsonataNode *node)
{
	JsonataParent *parent = jsonata_alloc(parser, sizeof(JsonataParent));
	char *name = jsonata_alloc(parser, 16);
	int len = snprintf(name, 16, "!%d", parser->expr->nparents++);

	/* no variable can be called so */
	parent->label = jsonata_symbol(parser, name, len);
	parent->level = 1;
	node->u.parent.slot = parent;
}
