/*-------------------------------------------------------------------------
 *
 * eval.c
 *	  Evaluate a compiled path.
 *
 * A definite path is a loop from value to value.  Any other is walked depth
 * first, parents before children, into one growing array.  There, what is
 * missing only gives fewer nodes; but up to the first step that may give
 * several, a value of the wrong type is an error.
 *
 * Copies nothing.  Knows values and scopes.
 *
 * IDENTIFICATION
 *	  src/jsonpath/eval.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonpath/ast.h"
#include "util/errcodes.h"

typedef struct Walk
{
	const JpPath *path;
	Value root;
	ValueArray *nodes; /* the result */
	WfError *error;
} Walk;

static bool walk_steps(Walk *walk, int i, bool strict, Value node);

/* Element of an array, counted from the end where negative */
static Value
element(Value array, int32 index)
{
	int length = value_array_length(array);
	int64 i = index < 0 ? (int64) length + index : index;

	return i >= 0 && i < length ? value_array_get(array, (int) i) : value_undefined();
}

/* An object of the members among these that are there */
static Value
members(const JpStep *step, Value object)
{
	ValueObject *result = value_object_new(step->u.names.count);
	int i;

	for (i = 0; i < step->u.names.count; i++)
	{
		const JpName *name = &step->u.names.items[i];
		Value member = value_object_get(object, name->text, name->len);

		if (!value_is_undefined(member))
			value_object_set(result, name->text, name->len, member);
	}
	return value_from_object(result);
}

/* One step of a definite path; false where it does not lead on */
static bool
step_definite(const JpPath *path, int i, bool lenient, Value *node, WfError *error)
{
	const JpStep *step = &path->steps[i];
	Value next;

	if (step->kind == JP_STEP_INDEX)
	{
		if (value_type(*node) != TYPE_ARRAY)
			return jp_no_array(error, path, i, *node);
		next = element(*node, step->u.index);
		if (value_is_undefined(next) && lenient && i == path->nsteps - 1)
			next = value_null();
		if (value_is_undefined(next))
			return jp_not_found(error,
								path,
								i + 1,
								"Index out of bounds when evaluating path");
	}
	else
	{
		if (value_type(*node) != TYPE_OBJECT)
			return jp_no_object(error, path, i);
		if (step->kind == JP_STEP_NAMES)
			next = members(step, *node);
		else
			next = value_object_get(*node, step->u.name.text, step->u.name.len);
		if (value_is_undefined(next))
			return jp_not_found(error,
								path,
								i + 1,
								i == path->nsteps - 1 ? "No results for path:"
													  : "Missing property in path");
	}
	*node = next;
	return true;
}

/* The same without words, for filters, which ask often and mostly in vain */
Value
jp_find(const JpPath *path, Value root)
{
	Value node = root;
	int i;

	for (i = 0; i < path->nsteps && !value_is_undefined(node); i++)
	{
		const JpStep *step = &path->steps[i];
		ValueType type = value_type(node);

		if (step->kind == JP_STEP_INDEX)
			node = type == TYPE_ARRAY ? element(node, step->u.index) : value_undefined();
		else if (type != TYPE_OBJECT)
			node = value_undefined();
		else if (step->kind == JP_STEP_NAMES)
			node = members(step, node);
		else
			node = value_object_get(node, step->u.name.text, step->u.name.len);
	}
	return node;
}

/* Go on with all children of a container */
static bool
walk_children(Walk *walk, int i, Value node)
{
	if (value_type(node) == TYPE_OBJECT)
	{
		ValueObjectIter it;

		value_object_begin(&it, node);
		while (value_object_next(&it))
			if (!walk_steps(walk, i, false, it.value))
				return false;
	}
	else if (value_type(node) == TYPE_ARRAY)
	{
		int length = value_array_length(node);
		int j;

		for (j = 0; j < length; j++)
			if (!walk_steps(walk, i, false, value_array_get(node, j)))
				return false;
	}
	return true;
}

/* Go on with one element, if it is there */
static bool
walk_element(Walk *walk, int i, bool strict, Value array, int32 index)
{
	Value node = element(array, index);

	return value_is_undefined(node) || walk_steps(walk, i, strict, node);
}

/*
 * From where to where does a slice go?  One open end counts from the end of
 * the array; with both bounds given, a negative one only reaches back from
 * the end and then goes on at the front, as in Jayway.
 */
static void
slice_bounds(const JpStep *step, int length, int64 *from, int64 *to)
{
	*from = step->u.slice.has_from ? step->u.slice.from : 0;
	*to = step->u.slice.has_to ? step->u.slice.to : length;
	if (!step->u.slice.has_to && *from < 0)
		*from = Max(*from + length, 0);
	if (!step->u.slice.has_from && *to < 0)
		*to += length;
	*from = Max(*from, -(int64) length);
	*to = Min(*to, length);
}

static bool
walk_array_step(Walk *walk, int i, bool strict, Value node)
{
	const JpStep *step = &walk->path->steps[i];
	int64 from;
	int64 to;
	int j;

	if (value_type(node) != TYPE_ARRAY)
		return !strict || jp_no_array(walk->error, walk->path, i, node);
	switch (step->kind)
	{
		case JP_STEP_INDEX:
			return walk_element(walk, i + 1, strict, node, step->u.index);
		case JP_STEP_INDEXES:
			for (j = 0; j < step->u.indexes.count; j++)
				if (!walk_element(walk, i + 1, false, node, step->u.indexes.items[j]))
					return false;
			return true;
		default:
			slice_bounds(step, value_array_length(node), &from, &to);
			for (; from < to; from++)
				if (!walk_element(walk, i + 1, false, node, (int32) from))
					return false;
			return true;
	}
}

static bool
walk_filter(Walk *walk, int i, bool strict, Value node)
{
	const JpFilter *filter = walk->path->steps[i].u.filter;
	int length;
	int j;

	switch (value_type(node))
	{
		case TYPE_OBJECT:
			return !jp_filter_accepts(filter, walk->root, node) ||
				   walk_steps(walk, i + 1, false, node);
		case TYPE_ARRAY:
			length = value_array_length(node);
			for (j = 0; j < length; j++)
			{
				Value item = value_array_get(node, j);

				CHECK_FOR_INTERRUPTS();
				if (jp_filter_accepts(filter, walk->root, item) &&
					!walk_steps(walk, i + 1, false, item))
					return false;
			}
			return true;
		default:
			return !strict || jp_no_array(walk->error, walk->path, i, node);
	}
}

static bool
walk_name(Walk *walk, int i, bool strict, Value node)
{
	const JpStep *step = &walk->path->steps[i];
	Value member;

	if (value_type(node) != TYPE_OBJECT)
		return !strict || jp_no_object(walk->error, walk->path, i);
	if (step->kind == JP_STEP_NAMES)
		return walk_steps(walk, i + 1, strict, members(step, node));
	member = value_object_get(node, step->u.name.text, step->u.name.len);
	return value_is_undefined(member) || walk_steps(walk, i + 1, strict, member);
}

/* Apply step i to the node itself */
static bool
walk_step(Walk *walk, int i, bool strict, Value node)
{
	switch (walk->path->steps[i].kind)
	{
		case JP_STEP_NAME:
		case JP_STEP_NAMES:
			return walk_name(walk, i, strict, node);
		case JP_STEP_INDEX:
		case JP_STEP_INDEXES:
		case JP_STEP_SLICE:
			return walk_array_step(walk, i, strict, node);
		case JP_STEP_WILDCARD:
			return walk_children(walk, i + 1, node);
		case JP_STEP_FILTER:
			return walk_filter(walk, i, strict, node);
	}
	pg_unreachable();
}

/* Does a step behind ".." take this container? */
static bool
scan_takes(Walk *walk, const JpStep *step, Value node)
{
	int i;

	switch (step->kind)
	{
		case JP_STEP_NAMES:
			if (value_type(node) != TYPE_OBJECT)
				return false;
			for (i = 0; i < step->u.names.count; i++)
				if (value_is_undefined(value_object_get(node,
														step->u.names.items[i].text,
														step->u.names.items[i].len)))
					return false;
			return true;
		case JP_STEP_FILTER:
			return jp_filter_accepts(step->u.filter, walk->root, node);
		default:
			return true; /* the step itself looks */
	}
}

/* Apply step i to this node and everything below it */
static bool
walk_scan(Walk *walk, int i, Value node)
{
	ValueType type = value_type(node);

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (type != TYPE_OBJECT && type != TYPE_ARRAY)
		return true;
	if (scan_takes(walk, &walk->path->steps[i], node) && !walk_step(walk, i, false, node))
		return false;
	if (type == TYPE_OBJECT)
	{
		ValueObjectIter it;

		value_object_begin(&it, node);
		while (value_object_next(&it))
			if (!walk_scan(walk, i, it.value))
				return false;
	}
	else
	{
		int length = value_array_length(node);
		int j;

		for (j = 0; j < length; j++)
			if (!walk_scan(walk, i, value_array_get(node, j)))
				return false;
	}
	return true;
}

/* Follow the steps from i on; strict while all before led to one node */
static bool
walk_steps(Walk *walk, int i, bool strict, Value node)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (i == walk->path->nsteps)
	{
		value_array_push(walk->nodes, node);
		return true;
	}
	if (walk->path->steps[i].descend)
		return walk_scan(walk, i, node);
	return walk_step(walk, i, strict, node);
}

/* The value that the path starts from */
static bool
find_root(const JpPath *path, EvalScope *scope, Value *root, WfError *error)
{
	switch (path->root)
	{
		case JP_ROOT_INPUT:
			*root = scope->input;
			break;
		case JP_ROOT_CONTEXT:
			*root = eval_scope_context(scope);
			break;
		case JP_ROOT_VARIABLE:
			*root = eval_scope_variable(scope, path->variable, strlen(path->variable));
			if (value_is_undefined(*root))
				return wf_error_set(error,
									ERRCODE_WF_PATH_NOT_FOUND,
									NULL,
									"Variable '%s' is not defined",
									path->variable);
			break;
	}
	if (value_is_undefined(*root) || (path->nsteps > 0 && value_type(*root) == TYPE_NULL))
		return jp_null_input(error);
	return true;
}

static bool
query(const JpPath *path, EvalScope *scope, bool lenient, Value *result, WfError *error)
{
	Value root;
	Walk walk;
	int i;

	if (!find_root(path, scope, &root, error))
		return false;
	if (path->definite)
	{
		for (i = 0; i < path->nsteps; i++)
			if (!step_definite(path, i, lenient, &root, error))
				return false;
		*result = root;
		return true;
	}
	walk.path = path;
	walk.root = root;
	walk.nodes = value_array_new(8);
	walk.error = error;
	if (!walk_steps(&walk, 0, true, root))
		return false;
	*result = value_from_array(walk.nodes);
	return true;
}

bool
jp_query(const JpPath *path, EvalScope *scope, Value *result, WfError *error)
{
	return query(path, scope, false, result, error);
}

static bool
query_input(const JpPath *path, EvalScope *scope, bool lenient, Value *result,
			WfError *error)
{
	if (path->root == JP_ROOT_INPUT && path->nsteps == 0 &&
		value_type(scope->input) == TYPE_NULL)
		return jp_null_input(error);
	return query(path, scope, lenient, result, error);
}

bool
jp_query_input(const JpPath *path, EvalScope *scope, Value *result, WfError *error)
{
	return query_input(path, scope, false, result, error);
}

bool
jp_query_template(const JpPath *path, EvalScope *scope, Value *result, WfError *error)
{
	return query_input(path, scope, true, result, error);
}
