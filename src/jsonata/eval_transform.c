/*-------------------------------------------------------------------------
 *
 * eval_transform.c
 *	  The transform operator, |pattern|update,delete|.
 *
 * It works on a copy of its own.  The pattern is evaluated on the copy, and
 * since values refer to objects, what it finds are objects inside the copy;
 * those are changed in place, which nobody else may do.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_transform.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonata/eval.h"

static Value clone(Value v);
static bool transform_match(const JsonataFunction *function, Value match);
static bool update_match(const JsonataFunction *function, Value match);
static bool delete_members(const JsonataFunction *function, Value match);
static void delete_member(ValueObject *object, const char *key, int len);

bool
jsonata_transform(const JsonataFunction *function, Value input, Value *result)
{
	const JsonataNode *node = function->u.closure.node;
	Value matches;
	ValueArrayIter it;

	*result = value_undefined();
	if (input.kind == VALUE_UNDEFINED)
		return true;
	*result = clone(input);
	if (!jsonata_eval_node(function->u.closure.eval,
						   node->u.transform.pattern,
						   *result,
						   function->u.closure.frame,
						   &matches))
		return false;
	if (!jsonata_is_array(matches))
		return matches.kind == VALUE_UNDEFINED || transform_match(function, matches);
	value_array_begin(&it, matches);
	while (value_array_next(&it))
	{
		if (!transform_match(function, it.value))
			return false;
	}
	return true;
}

/* A deep copy of the containers; functions are left out, as JSON leaves them out */
static Value
clone(Value v)
{
	check_stack_depth();
	if (jsonata_is_array(v))
	{
		ValueArray *array = value_array_new(value_array_length(v));
		ValueArrayIter it;

		value_array_begin(&it, v);
		while (value_array_next(&it))
			value_array_push(array,
							 it.value.kind == VALUE_FUNCTION ? value_string("", 0)
															 : clone(it.value));
		return value_from_array(array);
	}
	if (jsonata_is_object(v))
	{
		ValueObject *object = value_object_new(value_object_size(v));
		ValueObjectIter it;

		CHECK_FOR_INTERRUPTS();
		value_object_begin(&it, v);
		while (value_object_next(&it))
			value_object_add(object,
							 it.key,
							 it.key_len,
							 it.value.kind == VALUE_FUNCTION ? value_string("", 0)
															 : clone(it.value));
		return value_from_object(object);
	}
	v.flags = 0;
	return v;
}

static bool
transform_match(const JsonataFunction *function, Value match)
{
	return update_match(function, match) && delete_members(function, match);
}

static bool
update_match(const JsonataFunction *function, Value match)
{
	const JsonataNode *node = function->u.closure.node->u.transform.update;
	JsonataEval *eval = function->u.closure.eval;
	ValueObjectIter it;
	Value update;

	if (!jsonata_eval_node(eval, node, match, function->u.closure.frame, &update))
		return false;
	if (update.kind == VALUE_UNDEFINED)
		return true;
	if (!jsonata_is_object(update))
		return jsonata_fail(eval,
							node,
							"T2011",
							value_undefined(),
							update,
							value_undefined());
	if (match.kind != VALUE_OBJECT)
		return true;
	value_object_begin(&it, update);
	while (value_object_next(&it))
		value_object_set(match.u.object, it.key, it.key_len, it.value);
	return true;
}

static bool
delete_members(const JsonataFunction *function, Value match)
{
	const JsonataNode *node = function->u.closure.node->u.transform.removal;
	JsonataEval *eval = function->u.closure.eval;
	ValueArrayIter it;
	Value names;

	if (node == NULL)
		return true;
	if (!jsonata_eval_node(eval, node, match, function->u.closure.frame, &names))
		return false;
	if (names.kind == VALUE_UNDEFINED)
		return true;
	if (!jsonata_is_array(names))
		names = jsonata_array_of(names, 0);
	value_array_begin(&it, names);
	while (value_array_next(&it))
	{
		if (it.value.kind != VALUE_STRING)
			return jsonata_fail(eval,
								node,
								"T2012",
								value_undefined(),
								value_array_length(names) == 1 ? it.value : names,
								value_undefined());
	}
	value_array_begin(&it, names);
	while (match.kind == VALUE_OBJECT && value_array_next(&it))
		delete_member(match.u.object, it.value.u.string, it.value.len);
	return true;
}

static void
delete_member(ValueObject *object, const char *key, int len)
{
	for (int i = 0; i < object->count; i++)
	{
		if (object->members[i].key_len != len ||
			memcmp(object->members[i].key, key, len) != 0)
			continue;
		object->count--;
		memmove(&object->members[i],
				&object->members[i + 1],
				(object->count - i) * sizeof(ValueMember));
		object->index = NULL; /* the places have moved */
		return;
	}
}
