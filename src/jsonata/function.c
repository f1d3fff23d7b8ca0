/*-------------------------------------------------------------------------
 *
 * function.c
 *	  Functions as values, and the errors that functions raise.
 *
 * What the builtins see of the evaluator, but for calling back (eval_call.c).
 *
 * IDENTIFICATION
 *	  src/jsonata/function.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/eval.h"

static inline const JsonataFunction *
function_of(Value v)
{
	return (const JsonataFunction *) v.u.function;
}

int
jsonata_arity(Value function)
{
	return function_of(function)->arity;
}

Value
jsonata_native(JsonataCode code, const void *data, int arity)
{
	JsonataFunction *function = jsonata_function_new(FUNCTION_NATIVE, arity);

	function->u.native.code = code;
	function->u.native.data = data;
	return jsonata_function_value(function);
}

Value
jsonata_regex_function(const JsonataRegex *regex)
{
	JsonataFunction *function = jsonata_function_new(FUNCTION_REGEX, 2);

	function->u.regex = regex;
	return jsonata_function_value(function);
}

const JsonataRegex *
jsonata_function_regex(Value function)
{
	if (function.kind != VALUE_FUNCTION || function_of(function)->kind != FUNCTION_REGEX)
		return NULL;
	return function_of(function)->u.regex;
}

JsonataFunction *
jsonata_function_new(JsonataFunctionKind kind, int arity)
{
	JsonataFunction *function = palloc_object(JsonataFunction);

	function->kind = kind;
	function->arity = arity;
	return function;
}

/* Errors of functions */

static JsonataFault
call_fault(const JsonataCall *call, const char *code)
{
	JsonataFault fault = {
		.code = code,
		.position = call->position,
		.token = value_string(call->name, call->name_len),
	};

	return fault;
}

bool
jsonata_raise(JsonataCall *call, const char *code)
{
	JsonataFault fault = call_fault(call, code);

	return jsonata_fault(call->eval->run->error, &fault);
}

bool
jsonata_raise_value(JsonataCall *call, const char *code, Value value)
{
	return jsonata_raise_values(call, code, value, value_undefined());
}

bool
jsonata_raise_values(JsonataCall *call, const char *code, Value value, Value value2)
{
	JsonataFault fault = call_fault(call, code);

	fault.value = value;
	fault.value2 = value2;
	return jsonata_fault(call->eval->run->error, &fault);
}

bool
jsonata_raise_index(JsonataCall *call, const char *code, Value value, int index,
					const char *type)
{
	JsonataFault fault = call_fault(call, code);

	fault.value = value;
	fault.index = index;
	fault.type = type;
	return jsonata_fault(call->eval->run->error, &fault);
}

bool
jsonata_raise_text(JsonataCall *call, const char *code, const char *text, int len)
{
	JsonataFault fault = call_fault(call, code);

	fault.text = text;
	fault.text_len = len;
	return jsonata_fault(call->eval->run->error, &fault);
}
