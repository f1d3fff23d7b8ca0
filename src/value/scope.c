/*-------------------------------------------------------------------------
 *
 * scope.c
 *	  What an expression of any language can see while it is evaluated.
 *
 * Knows values; must not know where they came from.
 *
 * IDENTIFICATION
 *	  src/value/scope.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "value/scope.h"

Value
eval_scope_context(EvalScope *scope)
{
	if (value_is_undefined(scope->context) && scope->make_context != NULL)
		scope->context = scope->make_context(scope->make_context_arg);
	return scope->context;
}

Value
eval_scope_variable(const EvalScope *scope, const char *name, int name_len)
{
	for (const VariableScope *level = scope->variables; level != NULL;
		 level = level->outer)
	{
		Value v;

		if (value_is_undefined(level->variables))
			continue;
		v = value_object_get(level->variables, name, name_len);
		if (!value_is_undefined(v))
			return v;
	}
	return value_undefined();
}
