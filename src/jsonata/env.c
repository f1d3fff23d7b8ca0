/*-------------------------------------------------------------------------
 *
 * env.c
 *	  Frames and variables.
 *
 * A variable has a place (bind.c).  Where nothing is assigned there yet, or
 * the place is not known, the frames are searched outwards by its symbol, and
 * what no frame has is global: from outside, or a builtin.  Globals are looked
 * up once in an evaluation.
 *
 * Knows frames; must not know operators.
 *
 * IDENTIFICATION
 *	  src/jsonata/env.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/eval.h"

static Value *find_symbol(JsonataFrame *frame, int symbol);
static Value global(JsonataEval *eval, int symbol);
static Value global_by_name(JsonataEval *eval, const char *name, int len,
							const JsonataBuiltin *builtin);

JsonataFrame *
jsonata_frame_new(const JsonataLayout *layout, JsonataFrame *outer)
{
	JsonataFrame *frame =
		palloc(MAXALIGN(sizeof(JsonataFrame)) + layout->count * sizeof(Value));

	jsonata_frame_init(frame,
					   (Value *) ((char *) frame + MAXALIGN(sizeof(JsonataFrame))),
					   layout,
					   outer);
	return frame;
}

/* A frame whose memory is somebody else's */
void
jsonata_frame_init(JsonataFrame *frame, Value *values, const JsonataLayout *layout,
				   JsonataFrame *outer)
{
	frame->outer = outer;
	frame->layout = layout;
	frame->values = values;
	for (int i = 0; i < layout->count; i++)
		values[i].kind = KIND_UNBOUND;
}

Value
jsonata_variable(JsonataEval *eval, const JsonataPlace *place, JsonataFrame *frame)
{
	Value *v;

	if (place->hops >= 0)
	{
		for (int i = 0; i < place->hops; i++)
			frame = frame->outer;
		if (frame->values[place->slot].kind != KIND_UNBOUND)
			return frame->values[place->slot];
		frame = frame->outer;
	}
	if (place->hops != PLACE_GLOBAL && (v = find_symbol(frame, place->symbol)) != NULL)
		return *v;
	if (eval->globals[place->symbol].kind != KIND_UNBOUND)
		return eval->globals[place->symbol];
	return global(eval, place->symbol);
}

/* Where a symbol has a value, or NULL */
static Value *
find_symbol(JsonataFrame *frame, int symbol)
{
	for (; frame != NULL; frame = frame->outer)
	{
		for (int i = 0; i < frame->layout->count; i++)
		{
			if (frame->layout->symbols[i] == symbol &&
				frame->values[i].kind != KIND_UNBOUND)
				return &frame->values[i];
		}
	}
	return NULL;
}

void
jsonata_assign(JsonataFrame *frame, const JsonataPlace *place, Value value)
{
	/* what is assigned inside a filter of tuples nobody else can see */
	if (place->hops == 0)
		frame->values[place->slot] = value;
}

/* What no frame has */
static Value
global(JsonataEval *eval, int symbol)
{
	const JsonataSymbol *s = &eval->expr->symbols[symbol];

	eval->globals[symbol] = global_by_name(eval, s->name, s->len, s->builtin);
	return eval->globals[symbol];
}

static Value
global_by_name(JsonataEval *eval, const char *name, int len,
			   const JsonataBuiltin *builtin)
{
	const JsonataScope *scope = eval->scope;
	Value v = value_undefined();

	if (len == 1 && name[0] == '$')
		return scope->input;
	if (eval->outer != NULL)
		return jsonata_variable_by_name(eval->outer, eval->outer_frame, name, len);
	if (scope->lookup != NULL)
		v = scope->lookup(scope->lookup_arg, name, len);
	if (v.kind == VALUE_UNDEFINED && builtin != NULL &&
		builtin->profile !=
			(scope->step_functions ? JSONATA_REFERENCE : JSONATA_STEP_FUNCTIONS))
		v = jsonata_builtin_function(builtin);
	return v;
}

/* Any variable that can be seen from a frame */
Value
jsonata_variable_by_name(JsonataEval *eval, JsonataFrame *frame, const char *name,
						 int len)
{
	const JsonataExpr *expr = eval->expr;

	for (int i = 0; i < expr->nsymbols; i++)
	{
		if (expr->symbols[i].len == len && memcmp(expr->symbols[i].name, name, len) == 0)
		{
			Value *v = find_symbol(frame, i);

			return v != NULL ? *v : global(eval, i);
		}
	}
	return global_by_name(eval, name, len, jsonata_builtin(name, len));
}
