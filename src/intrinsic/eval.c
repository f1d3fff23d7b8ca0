/*-------------------------------------------------------------------------
 *
 * eval.c
 *	  Evaluate a compiled call: its arguments, then the function.
 *
 * Whatever fails, however deep, is reported of the whole expression, as AWS
 * does it.  Here too: what functions need to check their arguments.
 *
 * Knows scopes and paths; must not know single functions.
 *
 * IDENTIFICATION
 *	  src/intrinsic/eval.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "intrinsic/call.h"
#include "util/utf8.h"

static bool
eval_path(const JpPath *path, EvalScope *scope, Value *result, WfError *error)
{
	WfError found = {0};

	if (jp_query(path, scope, result, &found))
		return true;
	if (jp_is_mismatch(&found) ||
		(path->root == JP_ROOT_INPUT && jp_is_null_input(&found)))
		*error = found;
	else
	{
		/* of "$$.x" AWS shows "$.x", and the input all the same */
		bool context = path->root == JP_ROOT_CONTEXT;

		(void)
			wf_error_set(error,
						 ERRCODE_WF_PATH_NOT_FOUND,
						 NULL,
						 "The JsonPath argument for the field '%s' could not be found in "
						 "the input '%s'",
						 context ? path->text + 1 : path->text,
						 value_to_text(scope->input));
	}
	return false;
}

static bool
eval_call(const Intrinsic *call, EvalScope *scope, Value *result, WfError *error)
{
	Value *values = palloc(Max(call->nargs, 1) * sizeof(Value));
	IntrinsicArgs args = {call->nargs, values, scope, error};
	int i;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	for (i = 0; i < call->nargs; i++)
	{
		const IntrinsicArg *arg = &call->args[i];

		switch (arg->kind)
		{
			case INTRINSIC_LITERAL:
				values[i] = arg->literal;
				break;
			case INTRINSIC_PATH:
				if (!eval_path(arg->path, scope, &values[i], error))
					return false;
				break;
			case INTRINSIC_CALL:
				if (!eval_call(arg->call, scope, &values[i], error))
					return false;
				break;
		}
	}
	return call->function->code(&args, result);
}

bool
intrinsic_eval(const Intrinsic *call, EvalScope *scope, Value *result, WfError *error)
{
	WfError inner = {0};

	if (eval_call(call, scope, result, &inner))
		return true;
	return wf_error_set(error,
						inner.sqlstate,
						inner.name,
						"The function '%s' had the following error: %s",
						call->text,
						inner.message);
}

/* Fill in the error; always false */
bool
intrinsic_fail(const IntrinsicArgs *args, const char *fmt, ...)
{
	StringInfoData message;
	int needed;

	initStringInfo(&message);
	for (;;)
	{
		va_list list;

		va_start(list, fmt);
		needed = appendStringInfoVA(&message, fmt, list);
		va_end(list);
		if (needed == 0)
			break;
		enlargeStringInfo(&message, needed);
	}
	return wf_error_set(args->error, ERRCODE_WF_INTRINSIC, NULL, "%s", message.data);
}

static bool
check_type(const IntrinsicArgs *args, int i, ValueType type)
{
	ValueType found = value_type(args->values[i]);

	if (found == type)
		return true;
	return intrinsic_fail(args,
						  "Argument %d must be of type %s but was: %s",
						  i + 1,
						  value_type_name(type),
						  value_type_name(found));
}

bool
intrinsic_array_arg(const IntrinsicArgs *args, int i)
{
	return check_type(args, i, TYPE_ARRAY);
}

bool
intrinsic_string_arg(const IntrinsicArgs *args, int i)
{
	return check_type(args, i, TYPE_STRING);
}

/* A string of no more than INTRINSIC_MAX_STRING characters */
bool
intrinsic_short_string_arg(const IntrinsicArgs *args, int i)
{
	if (!intrinsic_string_arg(args, i))
		return false;
	if (utf8_length(args->values[i].u.string, args->values[i].len) > INTRINSIC_MAX_STRING)
		return intrinsic_fail(args,
							  "Argument %d must not be longer than %d characters",
							  i + 1,
							  INTRINSIC_MAX_STRING);
	return true;
}

/* A number of Java's int, rounded as Java's Math.round() does it: halves go up */
bool
intrinsic_int_arg(const IntrinsicArgs *args, int i, int64 *number)
{
	double given;
	double rounded;

	if (!check_type(args, i, TYPE_NUMBER))
		return false;
	given = value_to_double(args->values[i]);
	/* not floor(number + 0.5): that sum may itself be rounded up */
	rounded = floor(given);
	if (given - rounded >= 0.5)
		rounded += 1;
	if (!(rounded >= PG_INT32_MIN && rounded <= PG_INT32_MAX))
		return intrinsic_fail(args,
							  "Argument %d is out of the range of an integer",
							  i + 1);
	*number = (int64) rounded;
	return true;
}
