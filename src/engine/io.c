/*-------------------------------------------------------------------------
 *
 * io.c
 *	  What flows into a state and out of it.
 *
 * InputPath, Parameters or Arguments; then ResultSelector, ResultPath,
 * OutputPath or Output, and Assign.  Each step of a JSONata state has its
 * place here.  Everything reads the values of variables as they were when the
 * state was entered: assigned ones are seen from the next state on.
 *
 * Knows how the steps follow one another; must not know state types' work.
 *
 * IDENTIFICATION
 *	  src/engine/io.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

static bool leave_jsonata(EngineVisit *visit, Value otherwise, const AslTemplate *assign,
						  const AslTemplate *output, const AslState *next);
static const VariableScope *variable_levels(EngineExecution *execution,
											EngineBranch *branch);
static bool apply_path(EngineVisit *visit, const AslPath *path, Value input,
					   Value *result);
static bool put_result(EngineVisit *visit, const AslPath *path, Value result,
					   Value *output);
static bool leave(EngineVisit *visit, Value output, const AslTemplate *assign,
				  Value assign_input, const AslState *next);
static bool assign_variables(EngineVisit *visit, const AslTemplate *assign, Value input,
							 Value *assigned);
static bool too_large_fault(EngineVisit *visit);

/* What an expression of the state can see, with this "$".  Valid until the next call. */
EvalScope *
engine_scope(EngineVisit *visit, Value input)
{
	EngineExecution *execution = visit->execution;

	if (!visit->scope_ready)
	{
		visit->scope = (EvalScope){.make_context = engine_make_context,
								   .make_context_arg = visit,
								   .random = execution->random,
								   .now = execution->now,
								   .limits = execution->limits};
		if (visit->state->nreferences > 0)
			visit->scope.variables = variable_levels(execution, visit->branch);
		visit->scope_ready = true;
	}
	visit->scope.input = input;
	visit->scope.result = visit->result;
	visit->scope.error_output = visit->error_output;
	return &visit->scope;
}

/* InputPath: what the state works on */
bool
engine_effective_input(EngineVisit *visit, Value *result)
{
	Value input = engine_document(visit->execution, &visit->branch->input);

	if (visit->state->language == ASL_JSONATA)
	{
		*result = input;
		return true;
	}
	return apply_path(visit, &visit->state->input_path, input, result);
}

/* Parameters or Arguments: what a task, or the branches, get */
bool
engine_arguments(EngineVisit *visit, Value input, Value *result)
{
	const AslState *state = visit->state;
	const AslTemplate *template =
		state->language == ASL_JSONATA ? state->arguments : state->parameters;

	if (template == NULL)
	{
		*result = input;
		return true;
	}
	if (!engine_template(visit, template, input, result))
		return false;
	if (engine_too_large(visit->execution, *result))
		return engine_fault(
			visit,
			ENGINE_ERROR_DATA_LIMIT,
			"The state/task '%s' provided parameters with a size exceeding the "
			"maximum number of bytes service limit.",
			state->name);
	return true;
}

/* ItemsPath or Items: what a Map runs over */
bool
engine_items(EngineVisit *visit, Value input, Value *result)
{
	const AslMap *map = (const AslMap *) visit->state;

	if (visit->state->language == ASL_JSONPATH)
		return apply_path(visit, &map->items_path, input, result);
	if (map->items == NULL)
	{
		*result = input;
		return value_type(input) == TYPE_ARRAY ||
			   engine_evaluation_fault(visit,
									   NULL,
									   "Map state input must be an array but was: %s",
									   value_to_text(input));
	}
	if (map->items->kind != ASL_TEMPLATE_JSONATA)
	{
		ValueType type;

		if (!engine_template(visit, map->items, input, result))
			return false;
		type = value_type(*result);
		return type == TYPE_ARRAY || type == TYPE_OBJECT ||
			   engine_evaluation_fault(visit,
									   "Items",
									   "Map state items must be an array but were: %s",
									   value_to_text(*result));
	}
	return asl_expression_eval(map->items->u.jsonata,
							   engine_scope(visit, input),
							   TYPE_ARRAY,
							   result,
							   &visit->error);
}

bool
engine_template(EngineVisit *visit, const AslTemplate *template, Value input,
				Value *result)
{
	if (template->kind == ASL_TEMPLATE_LITERAL)
	{
		*result = template->u.literal;
		return true;
	}
	return asl_template_eval(template, engine_scope(visit, input), result, &visit->error);
}

bool
engine_leave_with_result(EngineVisit *visit, Value result)
{
	const AslState *state = visit->state;
	Value output = result;

	if (state->language == ASL_JSONATA)
	{
		visit->result = result;
		return leave_jsonata(visit, result, state->assign, state->output, state->next);
	}
	if (state->result_selector != NULL &&
		!engine_template(visit, state->result_selector, result, &output))
		return false;
	if (!put_result(visit, &state->result_path, output, &output) ||
		!apply_path(visit, &state->output_path, output, &output))
		return false;
	return leave(visit, output, state->assign, result, state->next);
}

bool
engine_leave_with_input(EngineVisit *visit, Value input, const AslTemplate *assign,
						const AslTemplate *output, const AslState *next)
{
	Value result;

	if (visit->state->language == ASL_JSONATA)
		return leave_jsonata(visit, input, assign, output, next);
	if (!apply_path(visit, &visit->state->output_path, input, &result))
		return false;
	return leave(visit, result, assign, input, next);
}

bool
engine_leave_with_error(EngineVisit *visit, Value error_object, const AslCatcher *catcher)
{
	Value output;

	if (visit->state->language == ASL_JSONATA)
	{
		visit->error_output = error_object;
		return leave_jsonata(visit,
							 error_object,
							 catcher->assign,
							 catcher->output,
							 catcher->next);
	}
	if (!put_result(visit, &catcher->result_path, error_object, &output))
		return false;
	return leave(visit, output, catcher->assign, error_object, catcher->next);
}

/* With what Output gives, or where there is none with what the state would give */
static bool
leave_jsonata(EngineVisit *visit, Value otherwise, const AslTemplate *assign,
			  const AslTemplate *output, const AslState *next)
{
	Value input = engine_document(visit->execution, &visit->branch->input);

	if (output != NULL && !engine_template(visit, output, input, &otherwise))
		return false;
	return leave(visit, otherwise, assign, input, next);
}

/*
 * Only what might be too large is written as text and measured: a bound that
 * is cheap to find clears all else.
 */
bool
engine_too_large(const EngineExecution *execution, Value value)
{
	StringInfoData text;
	bool result;

	if (execution->max_payload <= 0 || value_is_undefined(value) ||
		engine_size_bound(value, execution->max_payload) <= execution->max_payload)
		return false;
	initStringInfo(&text);
	value_append_text(&text, value);
	result = text.len > execution->max_payload;
	pfree(text.data);
	return result;
}

/* The variables of the branch and of the levels around it, innermost first */
static const VariableScope *
variable_levels(EngineExecution *execution, EngineBranch *branch)
{
	const VariableScope *first = NULL;
	const VariableScope **link = &first;

	for (; branch != NULL; branch = branch->parent)
	{
		Value variables = engine_document(execution, &branch->variables);
		VariableScope *level;

		if (value_is_undefined(variables))
			continue;
		level = palloc(sizeof(VariableScope));
		level->variables = variables;
		level->outer = NULL;
		*link = level;
		link = (const VariableScope **) &level->outer;
	}
	return first;
}

/* InputPath, OutputPath: a path of null gives an empty object */
static bool
apply_path(EngineVisit *visit, const AslPath *path, Value input, Value *result)
{
	WfError error = {.position = -1};

	if (!path->present)
		*result = input;
	else if (path->path == NULL)
		*result = value_from_object(value_object_new(0));
	else if (path->path->root == JP_ROOT_INPUT && path->path->nsteps == 0)
		*result = input;
	else if (!jp_query(path->path, engine_scope(visit, input), result, &error))
		return jp_is_null_input(&error) ? engine_fault(visit, NULL, "%s", error.message)
										: engine_fault(visit,
													   NULL,
													   "Invalid path '%s' : %s",
													   path->path->text,
													   error.message);
	return true;
}

/* ResultPath: the raw input with the result put in */
static bool
put_result(EngineVisit *visit, const AslPath *path, Value result, Value *output)
{
	WfError error = {.position = -1};
	Value input;

	if (!path->present || (path->path != NULL && path->path->nsteps == 0))
	{
		*output = result;
		return true;
	}
	input = engine_document(visit->execution, &visit->branch->input);
	if (path->path == NULL)
		*output = input;
	else if (!jp_set(path->path, input, result, output, &error))
		return engine_fault(visit,
							NULL,
							"Unable to apply ReferencePath %s to input %s",
							path->path->text,
							value_to_text(input));
	return true;
}

/* The common end: variables are assigned, the output checked, the state left */
static bool
leave(EngineVisit *visit, Value output, const AslTemplate *assign, Value assign_input,
	  const AslState *next)
{
	Value assigned = value_undefined();
	Value input = visit->branch->input.value;

	if (assign != NULL && !assign_variables(visit, assign, assign_input, &assigned))
		return false;
	/* what came in was measured when it went out of the state before */
	if ((output.kind != input.kind || output.u.string != input.u.string) &&
		engine_too_large(visit->execution, output))
		return too_large_fault(visit);
	engine_exit_state(visit, output, assigned, next);
	return true;
}

static bool
assign_variables(EngineVisit *visit, const AslTemplate *assign, Value input,
				 Value *assigned)
{
	EngineBranch *branch = visit->branch;
	Value old = engine_document(visit->execution, &branch->variables);
	ValueObject *variables;
	ValueObjectIter it;
	Value values;
	int count;

	if (!engine_template(visit, assign, input, &values))
		return false;
	count = value_object_size(values);
	if (count == 0)
		return true;
	if (engine_too_large(visit->execution, values))
		return too_large_fault(visit);
	variables =
		value_is_undefined(old) ? value_object_new(count) : value_object_copy(old, count);
	value_object_begin(&it, values);
	while (value_object_next(&it))
		value_object_set(variables, it.key, it.key_len, it.value);
	engine_put_document(&branch->variables, value_from_object(variables));
	*assigned = values;
	return true;
}

static bool
too_large_fault(EngineVisit *visit)
{
	return engine_fault(
		visit,
		ENGINE_ERROR_DATA_LIMIT,
		"The state/task '%s' returned a result with a size exceeding the maximum "
		"number of bytes service limit.",
		visit->state->name);
}

/*
 * An upper bound of the length of the value's text, not counted further than
 * limit.  A byte of a string is at most six ("\u0001"), two bytes of a jsonb's
 * or numeric's hold at most four digits.
 */
int64
engine_size_bound(Value value, int64 limit)
{
	int64 size = 2;

	switch ((ValueKind) value.kind)
	{
		case VALUE_STRING:
		case VALUE_JSONB:
			return size + 6 * (int64) value.len;
		case VALUE_ARRAY:
			for (int i = 0; i < value.u.array->count && size <= limit; i++)
				size += 1 + engine_size_bound(value.u.array->items[i], limit - size);
			return size;
		case VALUE_OBJECT:
			for (int i = 0; i < value.u.object->count && size <= limit; i++)
			{
				ValueMember *member = &value.u.object->members[i];

				size += 4 + 6 * (int64) member->key_len +
						engine_size_bound(member->value, limit - size);
			}
			return size;
		case VALUE_NUMERIC:
			return size + 2 * (int64) VARSIZE_ANY(value.u.numeric);
		default:
			return 32;
	}
}
