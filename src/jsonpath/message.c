/*-------------------------------------------------------------------------
 *
 * message.c
 *	  What Jayway says of a path that leads nowhere.
 *
 * AWS shows these texts, so they are Jayway's to the letter.  Made only where
 * a path failed; nothing here decides whether it did.
 *
 * IDENTIFICATION
 *	  src/jsonpath/message.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonpath/ast.h"
#include "util/errcodes.h"

/* How Jayway begins what it says of a value that an index, slice or filter does not fit */
#define MISMATCH_PREFIX "Filter: "
#define NULL_INPUT "Unable to apply Path transformation to null or empty input."

/* Append the first n steps of a definite path as Jayway prints them */
static void
append_location(StringInfo out, const JpPath *path, int n)
{
	int i;
	int j;

	appendStringInfoChar(out, '$');
	for (i = 0; i < n; i++)
	{
		const JpStep *step = &path->steps[i];

		if (step->kind == JP_STEP_INDEX)
			appendStringInfo(out, "[%d]", step->u.index);
		else if (step->kind == JP_STEP_NAME)
			appendStringInfo(out, "['%.*s']", step->u.name.len, step->u.name.text);
		else if (step->kind == JP_STEP_NAMES)
		{
			appendStringInfoChar(out, '[');
			for (j = 0; j < step->u.names.count; j++)
				appendStringInfo(out,
								 "%s'%.*s'",
								 j > 0 ? ", " : "",
								 step->u.names.items[j].len,
								 step->u.names.items[j].text);
			appendStringInfoChar(out, ']');
		}
	}
}

/* "<message> $['a'][0]" for the first n steps; always false */
bool
jp_not_found(WfError *error, const JpPath *path, int n, const char *message)
{
	StringInfoData location;

	initStringInfo(&location);
	append_location(&location, path, n);
	return wf_error_set(error,
						ERRCODE_WF_PATH_NOT_FOUND,
						NULL,
						"%s %s",
						message,
						location.data);
}

/* Step i names a member of what is no object; always false */
bool
jp_no_object(WfError *error, const JpPath *path, int i)
{
	JpPath last = {.nsteps = 1, .steps = &path->steps[i]};
	StringInfoData message;

	initStringInfo(&message);
	appendStringInfoString(&message, "Property ");
	append_location(&message, &last, 1);
	appendStringInfoString(&message, " not found in path");

	/* without the "$" of the location */
	memmove(message.data + strlen("Property "),
			message.data + strlen("Property $"),
			message.len - strlen("Property $") + 1);
	return jp_not_found(error, path, i, message.data);
}

/* Append an index or slice as Jayway prints it */
static void
append_selector(StringInfo out, const JpStep *step)
{
	int i;

	appendStringInfoChar(out, '[');
	switch (step->kind)
	{
		case JP_STEP_INDEX:
			appendStringInfo(out, "%d", step->u.index);
			break;
		case JP_STEP_INDEXES:
			for (i = 0; i < step->u.indexes.count; i++)
				appendStringInfo(out, "%s%d", i > 0 ? "," : "", step->u.indexes.items[i]);
			break;
		case JP_STEP_SLICE:
			if (step->u.slice.has_from)
				appendStringInfo(out, "%d", step->u.slice.from);
			appendStringInfoChar(out, ':');
			if (step->u.slice.has_to)
				appendStringInfo(out, "%d", step->u.slice.to);
			break;
		default:
			appendStringInfoChar(out, '?');
			break;
	}
	appendStringInfoChar(out, ']');
}

/* Step i wants an array (or, a filter, a container); always false */
bool
jp_no_array(WfError *error, const JpPath *path, int i, Value node)
{
	const JpStep *step = &path->steps[i];
	StringInfoData selector;
	StringInfoData context;

	if (value_type(node) == TYPE_NULL)
	{
		StringInfoData location;

		initStringInfo(&location);
		append_location(&location, path, i);
		return wf_error_set(error,
							ERRCODE_WF_PATH_NOT_FOUND,
							NULL,
							"The path %s is null",
							location.data);
	}
	initStringInfo(&selector);
	append_selector(&selector, step);
	initStringInfo(&context);
	jp_append_java_text(&context, node);
	return wf_error_set(error,
						ERRCODE_WF_PATH_NOT_FOUND,
						NULL,
						MISMATCH_PREFIX "%s can %s. Current context is: %s",
						selector.data,
						step->kind == JP_STEP_FILTER ? "not be applied to primitives"
													 : "only be applied to arrays",
						context.data);
}

bool
jp_null_input(WfError *error)
{
	return wf_error_set(error, ERRCODE_WF_PATH_NOT_FOUND, NULL, NULL_INPUT);
}

bool
jp_is_null_input(const WfError *error)
{
	return strcmp(error->message, NULL_INPUT) == 0;
}

bool
jp_is_mismatch(const WfError *error)
{
	return strncmp(error->message, MISMATCH_PREFIX, strlen(MISMATCH_PREFIX)) == 0;
}
