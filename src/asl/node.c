/*-------------------------------------------------------------------------
 *
 * node.c
 *	  Values of the definition, and the way to each.
 *
 * Structure comes from cJSON, contents from the Value beside it; the two have the
 * same members in the same order, because no object has a key twice.
 *
 * IDENTIFICATION
 *	  src/asl/node.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "asl/read.h"

static void append_location(StringInfo out, const AslNode *node, const AslNode *root);

bool
asl_node_member(const AslNode *object, const char *key, AslNode *member)
{
	const cJSON *json = cJSON_GetObjectItemCaseSensitive(object->json, key);

	if (json == NULL)
		return false;
	member->parent = object;
	member->key = json->string;
	member->index = 0;
	member->json = json;
	member->value = value_object_get_cstring(object->value, key);
	return true;
}

bool
asl_node_has(const AslNode *object, const char *key)
{
	/* not cJSON's, which looks through all members */
	return cJSON_IsObject(object->json) &&
		   !value_is_undefined(value_object_get_cstring(object->value, key));
}

AslNode
asl_node_first(const AslNode *parent)
{
	AslNode node = {.parent = parent, .index = 0, .json = parent->json->child};

	if (node.json == NULL)
		return node;
	node.key = node.json->string;
	if (node.key != NULL)
		node.value = value_object_get_cstring(parent->value, node.key);
	else
		node.value = value_array_get(parent->value, 0);
	return node;
}

AslNode
asl_node_next(const AslNode *node)
{
	AslNode next = {.parent = node->parent,
					.index = node->index + 1,
					.json = node->json->next};

	if (next.json == NULL)
		return next;
	next.key = next.json->string;
	if (next.key != NULL)
		next.value = value_object_get_cstring(node->parent->value, next.key);
	else
		next.value = value_array_get(node->parent->value, next.index);
	return next;
}

int
asl_node_count(const AslNode *node)
{
	return cJSON_GetArraySize(node->json);
}

char *
asl_node_text(const AslNode *node)
{
	return value_to_cstring(node->value);
}

/* The way to a node, "/" for the definition itself; in CurrentMemoryContext */
char *
asl_node_location(const AslNode *node)
{
	StringInfoData out;

	initStringInfo(&out);
	append_location(&out, node, NULL);
	if (out.len == 0)
		appendStringInfoChar(&out, '/');
	return out.data;
}

/* The way from the state to one of its fields, as causes show it */
char *
asl_node_field(const AslReader *reader, const AslNode *node)
{
	StringInfoData out;
	const AslNode *state = node;

	while (state->parent != NULL && state->parent->parent != NULL &&
		   !(state->parent->key != NULL && strcmp(state->parent->key, "States") == 0 &&
			 state->key != NULL && strcmp(state->key, reader->state->name) == 0))
		state = state->parent;
	initStringInfo(&out);
	append_location(&out, node, state);
	return out.len > 0 && out.data[0] == '/' ? out.data + 1 : out.data;
}

static void
append_location(StringInfo out, const AslNode *node, const AslNode *root)
{
	check_stack_depth();
	if (node == root || node->parent == NULL)
		return;
	append_location(out, node->parent, root);
	if (node->key != NULL)
		appendStringInfo(out, "/%s", node->key);
	else
		appendStringInfo(out, "[%d]", node->index);
}
