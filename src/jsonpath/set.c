/*-------------------------------------------------------------------------
 *
 * set.c
 *	  Put a value at a Reference Path.
 *
 * Makes new containers along the path only; whatever lies beside it is taken
 * over unread.
 *
 * IDENTIFICATION
 *	  src/jsonpath/set.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonpath/ast.h"
#include "util/errcodes.h"

static bool set_from(const JpPath *path, int i, Value document, Value value,
					 Value *result);

static bool
set_member(const JpPath *path, int i, Value document, Value value, Value *result)
{
	const JpName *name = &path->steps[i].u.name;
	ValueObject *object;
	Value child = value_undefined();

	if (value_is_undefined(document))
		object = value_object_new(1);
	else if (value_type(document) == TYPE_OBJECT)
	{
		child = value_object_get(document, name->text, name->len);
		object = value_object_copy(document, 1);
	}
	else
		return false;
	if (!set_from(path, i + 1, child, value, &child))
		return false;
	value_object_set(object, name->text, name->len, child);
	*result = value_from_object(object);
	return true;
}

static bool
set_element(const JpPath *path, int i, Value document, Value value, Value *result)
{
	int32 index = path->steps[i].u.index;
	ValueArray *array;
	Value child;

	if (value_is_undefined(document) || value_type(document) != TYPE_ARRAY ||
		index >= value_array_length(document))
		return false;
	if (!set_from(path, i + 1, value_array_get(document, index), value, &child))
		return false;
	array = value_array_copy(document, 0);
	array->items[index] = child;
	*result = value_from_array(array);
	return true;
}

/* The document with value put where the steps from i on lead */
static bool
set_from(const JpPath *path, int i, Value document, Value value, Value *result)
{
	check_stack_depth();
	if (i == path->nsteps)
	{
		*result = value;
		return true;
	}
	if (path->steps[i].kind == JP_STEP_INDEX)
		return set_element(path, i, document, value, result);
	return set_member(path, i, document, value, result);
}

bool
jp_set(const JpPath *path, Value document, Value value, Value *result, WfError *error)
{
	Assert(path->reference);
	if (set_from(path, 0, document, value, result))
		return true;
	return wf_error_set(error,
						ERRCODE_WF_PATH_NOT_FOUND,
						"States.ReferencePathConflict",
						"Unable to apply ReferencePath %s to input %s",
						path->text,
						value_to_text(document));
}
