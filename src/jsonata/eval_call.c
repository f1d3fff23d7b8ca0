/*-------------------------------------------------------------------------
 *
 * eval_call.c
 *	  Calling functions: builtins, lambdas, and functions made of functions.
 *
 * All calls go through apply(), which is a loop: a lambda whose last act is a
 * call leaves that call in run->tail and returns KIND_TAIL, and the loop goes
 * on with it.  So tail calls do not nest.
 *
 * The frame of a lambda is on the stack, unless a function made inside may
 * keep it (NODE_HEAP_FRAME).
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_call.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonata/eval.h"

/* A call being made */
typedef struct Application
{
	JsonataEval *eval;
	Value function;
	Value *args; /* room for JSONATA_MAX_PARAMS at least */
	int nargs;
	Value context;
	JsonataFrame *frame; /* where the call stands; may be NULL */
	const char *name;    /* of the function, for messages */
	int name_len;
	int position;
} Application;

static bool apply(Application *app, Value *result);
static bool apply_once(Application *app, Value *result);
static bool take_tail(Application *app, Value *room);
static bool apply_code(Application *app, JsonataCode code, int magic, const void *data,
					   Value *result);
static bool apply_lambda(Application *app, const JsonataFunction *function,
						 Value *result);
static bool apply_partial(Application *app, const JsonataFunction *function,
						  Value *result);
static bool apply_chain(Application *app, const JsonataFunction *function, Value *result);
static bool apply_transform(Application *app, const JsonataFunction *function,
							Value *result);
static bool check_args(Application *app, const JsonataSignature *signature);
static void pad_args(Value *args, int nargs);
static bool fail_call(const Application *app, const char *code);
static bool eval_procedure(JsonataEval *eval, const JsonataNode *node, Value input,
						   JsonataFrame *frame, const char *code, Value *result);
static Value procedure_name(const JsonataNode *node);
static Value unwrap_single(Value v);

static inline const JsonataFunction *
function_of(Value v)
{
	return (const JsonataFunction *) v.u.function;
}

/* Calls in an expression */

/* f(a, b); context: what stands before "~>", or NULL */
bool
jsonata_eval_call(JsonataEval *eval, const JsonataNode *node, Value input,
				  JsonataFrame *frame, const Value *context, Value *result)
{
	const JsonataNodes *list = &node->u.call.args;
	int nargs = list->count + (context != NULL);
	Value room[JSONATA_MAX_PARAMS];
	Value name = procedure_name(node);
	Application app = {
		.eval = eval,
		.args = room,
		.nargs = 0,
		.context = input,
		.frame = frame,
		.name = name.u.string,
		.name_len = name.len,
		.position = node->position,
	};

	if (!eval_procedure(eval, node, input, frame, "T1005", &app.function))
		return false;
	if (nargs > lengthof(room))
		app.args = palloc_array(Value, nargs);
	if (context != NULL)
		app.args[app.nargs++] = *context;
	for (int i = 0; i < list->count; i++)
	{
		if (!jsonata_eval_operand(eval,
								  list->items[i],
								  input,
								  frame,
								  &app.args[app.nargs++]))
			return false;
	}
	if ((node->flags & NODE_TAIL_CALL) && context == NULL)
	{
		JsonataTail *tail = &eval->run->tail;

		tail->function = app.function;
		tail->nargs = app.nargs;
		tail->node = node;
		tail->eval = eval;
		tail->frame = frame;
		tail->args = app.args;
		if (app.args == room)
		{
			memcpy(tail->room, room, app.nargs * sizeof(Value));
			tail->args = tail->room;
		}
		result->kind = KIND_TAIL;
		result->flags = 0;
		return true;
	}
	return apply(&app, result);
}

/* What is called; code: of the error for a name that lacks its "$" */
static bool
eval_procedure(JsonataEval *eval, const JsonataNode *node, Value input,
			   JsonataFrame *frame, const char *code, Value *result)
{
	const JsonataNode *procedure = node->u.call.procedure;
	Value name = procedure_name(node);

	if (procedure->type == NODE_VARIABLE && procedure->nstages == 0 &&
		procedure->group == NULL && procedure->u.variable.name.len > 0 &&
		eval->run->depth < eval->run->max_depth)
	{
		*result = jsonata_variable(eval, &procedure->u.variable.place, frame);
		return true;
	}
	if (!jsonata_eval_node(eval, procedure, input, frame, result))
		return false;
	if (result->kind == VALUE_UNDEFINED && procedure->type == NODE_PATH &&
		jsonata_variable_by_name(eval, frame, name.u.string, name.len).kind !=
			VALUE_UNDEFINED)
		return jsonata_fail(eval, node, code, name, value_undefined(), value_undefined());
	return true;
}

/* The name that is called; the empty string where it is no name */
static Value
procedure_name(const JsonataNode *node)
{
	const JsonataNode *procedure = node->u.call.procedure;

	if (procedure->type == NODE_VARIABLE)
		return procedure->u.variable.name;
	if (procedure->type == NODE_PATH &&
		procedure->u.path.steps.items[0]->type == NODE_NAME)
		return procedure->u.path.steps.items[0]->u.literal;
	return value_string("", 0);
}

/* f(?, a) */
bool
jsonata_eval_partial(JsonataEval *eval, const JsonataNode *node, Value input,
					 JsonataFrame *frame, Value *result)
{
	const JsonataNodes *list = &node->u.call.args;
	JsonataFunction *function = jsonata_function_new(FUNCTION_PARTIAL, 0);
	Value *args = palloc0_array(Value, list->count);

	for (int i = 0; i < list->count; i++)
	{
		if (list->items[i]->type == NODE_PLACEHOLDER)
		{
			args[i].kind = KIND_UNBOUND;
			function->arity++;
		}
		else if (!jsonata_eval_operand(eval, list->items[i], input, frame, &args[i]))
			return false;
	}
	function->u.partial.args = args;
	function->u.partial.nargs = list->count;
	if (!eval_procedure(eval, node, input, frame, "T1007", &function->u.partial.function))
		return false;
	if (function->u.partial.function.kind != VALUE_FUNCTION)
		return jsonata_fail(eval,
							node,
							"T1008",
							procedure_name(node),
							value_undefined(),
							value_undefined());
	*result = jsonata_function_value(function);
	return true;
}

/* a ~> f(b), a ~> f, f ~> g */
bool
jsonata_eval_chain(JsonataEval *eval, const JsonataNode *node, Value input,
				   JsonataFrame *frame, Value *result)
{
	const JsonataNode *right = node->u.binary.right;
	JsonataFunction *chain;
	Value args[JSONATA_MAX_PARAMS];
	Application app = {
		.eval = eval,
		.args = args,
		.nargs = 1,
		.context = value_null(),
		.frame = frame,
		.name = "",
		.position = node->position,
	};

	if (!jsonata_eval_node(eval, node->u.binary.left, input, frame, &args[0]))
		return false;
	if (right->type == NODE_FUNCTION)
		return jsonata_eval_call(eval, right, input, frame, &args[0], result);
	if (!jsonata_eval_node(eval, right, input, frame, &app.function))
		return false;
	if (app.function.kind != VALUE_FUNCTION)
		return jsonata_fail(eval,
							node,
							"T2006",
							value_undefined(),
							app.function,
							value_undefined());
	if (args[0].kind != VALUE_FUNCTION)
		return apply(&app, result);
	chain = jsonata_function_new(FUNCTION_CHAIN, 1);
	chain->u.chain.first = args[0];
	chain->u.chain.second = app.function;
	*result = jsonata_function_value(chain);
	return true;
}

/* A lambda or a transform, with what it sees */
Value
jsonata_closure(JsonataEval *eval, const JsonataNode *node, Value input,
				JsonataFrame *frame)
{
	JsonataFunction *function = jsonata_function_new(FUNCTION_TRANSFORM, 1);

	if (node->type == NODE_LAMBDA)
	{
		function->kind = FUNCTION_LAMBDA;
		function->arity = node->u.lambda.nparams;
	}
	function->u.closure.node = node;
	function->u.closure.frame = frame;
	function->u.closure.input = input;
	function->u.closure.eval = eval;
	return jsonata_function_value(function);
}

/* Applying */

static bool
apply(Application *app, Value *result)
{
	Value room[JSONATA_MAX_PARAMS];

	*result = value_undefined();
	if (!apply_once(app, result))
		return false;
	while (result->kind == KIND_TAIL)
	{
		*result = value_undefined();
		if (!take_tail(app, room) || !apply_once(app, result))
			return false;
	}
	return true;
}

/* The call that a lambda has left becomes the one that is made */
static bool
take_tail(Application *app, Value *room)
{
	const JsonataTail *tail = &app->eval->run->tail;
	Value name = procedure_name(tail->node);

	app->function = tail->function;
	app->nargs = tail->nargs;
	app->args = tail->args;
	if (tail->args == tail->room)
	{
		memcpy(room, tail->room, tail->nargs * sizeof(Value));
		app->args = room;
	}
	app->name = name.u.string;
	app->name_len = name.len;
	app->position = tail->node->position;
	app->eval = tail->eval;
	app->frame = tail->frame;
	return --app->eval->run->fuel > 0 || jsonata_check_limits(app->eval);
}

static bool
apply_once(Application *app, Value *result)
{
	const JsonataFunction *function = function_of(app->function);

	if (app->function.kind != VALUE_FUNCTION)
		return fail_call(app, "T1006");
	switch (function->kind)
	{
		case FUNCTION_BUILTIN:
			if (function->u.builtin.signature != NULL &&
				!check_args(app, function->u.builtin.signature))
				return false;
			return apply_code(app,
							  function->u.builtin.builtin->code,
							  function->u.builtin.builtin->magic,
							  NULL,
							  result);
		case FUNCTION_LAMBDA:
			return apply_lambda(app, function, result);
		case FUNCTION_PARTIAL:
			return apply_partial(app, function, result);
		case FUNCTION_NATIVE:
			return apply_code(app,
							  function->u.native.code,
							  0,
							  function->u.native.data,
							  result);
		case FUNCTION_REGEX:
			return apply_code(app, jsonata_regex_call, 0, function->u.regex, result);
		case FUNCTION_CHAIN:
			return apply_chain(app, function, result);
		case FUNCTION_TRANSFORM:
			return apply_transform(app, function, result);
	}
	return false;
}

static bool
apply_code(Application *app, JsonataCode code, int magic, const void *data, Value *result)
{
	JsonataCallSite site = {
		.call =
			{
				.args = app->args,
				.nargs = app->nargs,
				.context = app->context,
				.magic = magic,
				.data = data,
				.scope = app->eval->scope,
				.eval = app->eval,
				.name = app->name,
				.name_len = app->name_len,
				.position = app->position,
			},
		.frame = app->frame,
	};

	pad_args(app->args, app->nargs);
	return code(&site.call, result) && jsonata_check_size(app->eval, *result);
}

static bool
apply_lambda(Application *app, const JsonataFunction *function, Value *result)
{
	const JsonataNode *node = function->u.closure.node;
	const JsonataLayout *layout = node->u.lambda.layout;
	JsonataFrame *frame = function->u.closure.frame;
	JsonataFrame local;
	Value values[STACK_FRAME];

	if (node->u.lambda.signature != NULL && !check_args(app, node->u.lambda.signature))
		return false;
	if (layout != NULL)
	{
		if (!(node->flags & NODE_HEAP_FRAME) && layout->count <= lengthof(values))
		{
			jsonata_frame_init(&local, values, layout, frame);
			frame = &local;
		}
		else
			frame = jsonata_frame_new(layout, frame);
		for (int i = 0; i < node->u.lambda.nparams; i++)
			frame->values[node->u.lambda.params[i]] =
				i < app->nargs ? app->args[i] : value_undefined();
	}
	return jsonata_eval_node(function->u.closure.eval,
							 node->u.lambda.body,
							 function->u.closure.input,
							 frame,
							 result);
}

static bool
apply_partial(Application *app, const JsonataFunction *function, Value *result)
{
	int nargs = function->u.partial.nargs;
	Value *args = palloc0_array(Value, Max(nargs, JSONATA_MAX_PARAMS));
	Application inner = *app;
	int given = 0;

	for (int i = 0; i < nargs; i++)
	{
		args[i] = function->u.partial.args[i];
		if (args[i].kind == KIND_UNBOUND)
			args[i] = given < app->nargs ? app->args[given++] : value_undefined();
	}
	inner.function = function->u.partial.function;
	inner.args = args;
	inner.nargs = nargs;
	if (!jsonata_check_stack(app->eval))
		return false;
	return apply(&inner, result);
}

static bool
apply_chain(Application *app, const JsonataFunction *function, Value *result)
{
	Value args[JSONATA_MAX_PARAMS];
	Application first = *app;
	Application second = *app;

	if (!jsonata_check_stack(app->eval))
		return false;
	first.function = function->u.chain.first;
	first.nargs = Min(app->nargs, 1);
	second.function = function->u.chain.second;
	second.args = args;
	second.nargs = 1;
	if (!apply(&first, &args[0]))
		return false;
	if (args[0].flags & JSONATA_SEQUENCE)
		jsonata_settle(&args[0], false);
	return apply(&second, result);
}

static bool
apply_transform(Application *app, const JsonataFunction *function, Value *result)
{
	Value input = app->nargs > 0 ? app->args[0] : value_undefined();

	if (input.kind != VALUE_UNDEFINED && !jsonata_is_array(input) &&
		!jsonata_is_object(input))
	{
		JsonataFault fault = {
			.code = "T0410",
			.position = app->position,
			.token = value_string(app->name, app->name_len),
			.value = input,
			.index = 1,
		};

		return jsonata_fault(app->eval->run->error, &fault);
	}
	return jsonata_transform(function, input, result);
}

static bool
check_args(Application *app, const JsonataSignature *signature)
{
	JsonataSignatureFault found;

	if (!jsonata_signature_check(signature,
								 &app->args,
								 &app->nargs,
								 app->context,
								 &found))
	{
		JsonataFault fault = {
			.code = found.code,
			.position = app->position,
			.token = value_string(app->name, app->name_len),
			.value = found.value,
			.index = found.index,
			.type = found.type,
		};

		return jsonata_fault(app->eval->run->error, &fault);
	}
	return true;
}

/* Arguments that are missing can be read */
static inline void
pad_args(Value *args, int nargs)
{
	for (int i = nargs; i < JSONATA_MAX_PARAMS; i++)
		args[i] = value_undefined();
}

static bool
fail_call(const Application *app, const char *code)
{
	JsonataFault fault = {
		.code = code,
		.position = app->position,
		.token = value_string(app->name, app->name_len),
	};

	return jsonata_fault(app->eval->run->error, &fault);
}

/* Functions that call back */

bool
jsonata_apply(JsonataCall *call, Value function, const Value *args, int n, Value *result)
{
	Value room[JSONATA_MAX_PARAMS];
	Application app = {
		.eval = call->eval,
		.function = function,
		.args = n > lengthof(room) ? palloc_array(Value, n) : room,
		.nargs = n,
		.context = value_null(),
		.frame = ((JsonataCallSite *) call)->frame,
		.name = call->name,
		.name_len = call->name_len,
		.position = call->position,
	};

	memcpy(app.args, args, n * sizeof(Value));
	if (!apply(&app, result))
		return false;
	if (result->flags & JSONATA_SEQUENCE)
		*result = unwrap_single(*result);
	return true;
}

/* A sequence of one or none as the array that it is in the reference */
static Value
unwrap_single(Value v)
{
	if (jsonata_is_array(v))
		return v;
	v.flags = 0;
	if (v.kind != VALUE_UNDEFINED)
		return jsonata_array_of(v, JSONATA_SEQUENCE);
	v = value_from_array(value_array_new(0));
	v.flags = JSONATA_SEQUENCE;
	return v;
}
