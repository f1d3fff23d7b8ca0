/*-------------------------------------------------------------------------
 *
 * jsonata.c
 *	  The public side: compile, evaluate; and $eval(), which does both.
 *
 * IDENTIFICATION
 *	  src/jsonata/jsonata.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "jsonata/eval.h"

static bool evaluate(JsonataEval *eval, Value input, JsonataFrame *frame, Value *result);
static bool evaluate_guarded(JsonataEval *eval, Value input, Value *result);
static Value *new_globals(const JsonataExpr *expr);
static bool fail_inner(JsonataCall *call, const char *code, const WfError *inner);

JsonataExpr *
jsonata_compile(const char *text, int len, WfError *error)
{
	JsonataParser parser = {
		.len = len,
		.error = error,
	};
	char *copy;

	parser.expr = jsonata_alloc(&parser, sizeof(JsonataExpr));
	copy = jsonata_alloc(&parser, len + 1);
	memcpy(copy, text, len);
	parser.text = copy;
	if (!jsonata_parse(&parser, &parser.expr->root) ||
		!jsonata_resolve(&parser, &parser.expr->root))
		return NULL;
	jsonata_bind(&parser, parser.expr->root);
	return parser.expr;
}

bool
jsonata_eval(const JsonataExpr *expr, const JsonataScope *scope, Value *result,
			 WfError *error)
{
	JsonataRun run = {
		.error = error,
		.fuel = 0,
		.max_depth = scope->limits.max_depth > 0 ? scope->limits.max_depth : PG_INT32_MAX,
		.limits = scope->limits,
		.context = CurrentMemoryContext,
	};
	JsonataEval eval = {
		.expr = expr,
		.scope = scope,
		.run = &run,
		.globals = new_globals(expr),
	};

	if (run.limits.max_memory > 0)
		run.memory_before = MemoryContextMemAllocated(run.context, true);
	if (!evaluate_guarded(&eval, jsonata_wrap_input(scope->input), result))
		return false;
	result->flags = 0;
	return true;
}

/*
 * The evaluator watches the stack itself.  But a value can be nested deeper than
 * any of the functions of lower floors (that write, compare or copy it) can
 * follow: theirs is an error that becomes the language's here.  Nothing is held
 * by then that would have to be given back.
 */
static bool
evaluate_guarded(JsonataEval *eval, Value input, Value *result)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool too_deep = false;
	volatile bool done = false;

	PG_TRY();
	{
		done = evaluate(eval, input, NULL, result);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_STATEMENT_TOO_COMPLEX)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		too_deep = true;
	}
	PG_END_TRY();
	return too_deep ? jsonata_too_deep(eval) : done;
}

static bool
evaluate(JsonataEval *eval, Value input, JsonataFrame *frame, Value *result)
{
	if (eval->expr->layout != NULL)
		frame = jsonata_frame_new(eval->expr->layout, frame);
	if (!jsonata_eval_node(eval, eval->expr->root, input, frame, result))
		return false;
	if (result->flags & JSONATA_TUPLE_STREAM)
	{
		ValueArray *values = value_array_new(result->u.array->count);

		for (int i = 0; i < result->u.array->count; i++)
			value_array_push(values, jsonata_tuple(result->u.array->items[i])->values[0]);
		*result = value_from_array(values);
	}
	return true;
}

/* An array that is the input counts as one item */
Value
jsonata_wrap_input(Value input)
{
	if (jsonata_is_array(input) && !(input.flags & JSONATA_SEQUENCE))
		return jsonata_array_of(input, JSONATA_SEQUENCE | JSONATA_OUTER_WRAPPER);
	return input;
}

static Value *
new_globals(const JsonataExpr *expr)
{
	Value *globals = palloc_array(Value, Max(expr->nsymbols, 1));

	for (int i = 0; i < expr->nsymbols; i++)
		globals[i].kind = KIND_UNBOUND;
	return globals;
}

/*
 * $eval(text, context): the text sees the variables of where the call stands,
 * but what it assigns is its own.
 */
bool
jsonata_fn_eval(JsonataCall *call, Value *result)
{
	JsonataEval *eval = palloc0_object(JsonataEval);
	JsonataRun *run = call->eval->run;
	WfError *error = run->error;
	Value text = call->args[0];
	Value input = call->context;
	WfError inner = {0};
	bool done;

	if (text.kind == VALUE_UNDEFINED)
		return true;
	if (call->args[1].kind != VALUE_UNDEFINED)
		input = jsonata_wrap_input(call->args[1]);
	eval->expr = jsonata_compile(text.u.string, text.len, &inner);
	if (eval->expr == NULL)
		return fail_inner(call, "D3120", &inner);
	eval->scope = call->scope;
	eval->run = run;
	eval->globals = new_globals(eval->expr);
	eval->outer = call->eval;
	eval->outer_frame = ((JsonataCallSite *) call)->frame;
	run->error = &inner;
	done = jsonata_check_stack(eval) && evaluate(eval, input, NULL, result);
	run->error = error;
	return done || fail_inner(call, "D3121", &inner);
}

/* The message of what went wrong inside, without its code; a limit stays one */
static bool
fail_inner(JsonataCall *call, const char *code, const WfError *inner)
{
	const char *message = inner->message + strlen("S0000: ");

	if (strncmp(inner->message, "U1001", 5) == 0)
	{
		*call->eval->run->error = *inner;
		return false;
	}
	return jsonata_raise_value(call, code, value_cstring(message));
}
