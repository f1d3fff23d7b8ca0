/*-------------------------------------------------------------------------
 *
 * ancestry.c
 *	  Parents ("%") and the steps whose input they are.
 *
 * While the tree is put together from below, each node carries the parents
 * sought within it that no step has yet been found for; a path looks back along
 * its steps for them.  The step found remembers the hidden variable
 * (JsonataParent.label) that its input has to be bound to, and the path becomes
 * one of tuples.
 *
 * IDENTIFICATION
 *	  src/jsonata/ancestry.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/parse.h"

#define JSONATA_NODE_NAME(type, name) name,
static const char *const node_names[] = {JSONATA_NODE_LIST(JSONATA_NODE_NAME)};

/* What the reference calls such a node */
const char *
jsonata_node_name(const JsonataNode *node)
{
	return node_names[node->type];
}

void
jsonata_push_parent(JsonataParser *parser, JsonataNode *node, JsonataParent *parent)
{
	JsonataParents *list = node->seeking;

	if (list == NULL)
		list = node->seeking = jsonata_alloc(parser, sizeof(JsonataParents));
	if (list->count == list->capacity)
	{
		int capacity = Max(4, list->capacity * 2);
		JsonataParent **items = jsonata_alloc(parser, capacity * sizeof(JsonataParent *));

		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(JsonataParent *));
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count++] = parent;
}

/* What value seeks, and value itself if it is a parent, owner seeks too */
void
jsonata_push_parents(JsonataParser *parser, JsonataNode *owner, const JsonataNode *value)
{
	if (value->seeking != NULL)
	{
		for (int i = 0; i < value->seeking->count; i++)
			jsonata_push_parent(parser, owner, value->seeking->items[i]);
	}
	if (value->type == NODE_PARENT)
		jsonata_push_parent(parser, owner, value->u.parent.slot);
}

/* Go back over one node */
bool
jsonata_seek_parent(JsonataParser *parser, JsonataNode *node, JsonataParent *parent)
{
	JsonataNodes *list;

	switch (node->type)
	{
		case NODE_NAME:
		case NODE_WILDCARD:
			if (--parent->level == 0)
			{
				if (node->ancestor != NULL)
					parent->label = node->ancestor->label;
				node->ancestor = parent;
				node->flags |= NODE_TUPLE;
			}
			return true;
		case NODE_PARENT:
			parent->level++;
			return true;
		case NODE_BLOCK:
			list = &node->u.list.list;
			if (list->count == 0)
				return true;
			node->flags |= NODE_TUPLE;
			return jsonata_seek_parent(parser, list->items[list->count - 1], parent);
		case NODE_PATH:
			list = &node->u.path.steps;
			node->flags |= NODE_TUPLE;
			for (int i = list->count - 1; i >= 0; i--)
			{
				if (!jsonata_seek_parent(parser, list->items[i], parent))
					return false;
				if (parent->level <= 0)
					break;
			}
			return true;
		default:
			return jsonata_syntax_error(parser,
										"S0217",
										node->position,
										value_cstring(jsonata_node_name(node)),
										value_undefined());
	}
}

/* Look back along the steps for what the last one seeks */
bool
jsonata_resolve_ancestry(JsonataParser *parser, JsonataNode *path)
{
	JsonataNode **steps = path->u.path.steps.items;
	int nsteps = path->u.path.steps.count;
	JsonataNode *last = steps[nsteps - 1];

	/* a parent that is itself the last step is sought like those within it */
	if (last->type == NODE_PARENT)
		jsonata_push_parent(parser, last, last->u.parent.slot);
	if (last->seeking == NULL)
		return true;
	for (int i = 0; i < last->seeking->count; i++)
	{
		JsonataParent *parent = last->seeking->items[i];
		int at = nsteps - 2;

		while (parent->level > 0)
		{
			JsonataNode *step;

			if (at < 0)
			{
				jsonata_push_parent(parser, path, parent);
				break;
			}
			step = steps[at--];
			/* steps that bind the focus do not move on: several of them count as one */
			while (at >= 0 && step->focus >= 0 && steps[at]->focus >= 0)
				step = steps[at--];
			if (!jsonata_seek_parent(parser, step, parent))
				return false;
		}
	}
	return true;
}
