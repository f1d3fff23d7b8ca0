/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  JSONata in a definition: compiling expressions, evaluating them.
 *
 * Step Functions' rules around the language stand here: the delimiters, what
 * may be referred to, $states, the causes.  An expression is compiled once,
 * into the machine.
 *
 * Knows fields and causes; must not know where the limits come from.
 *
 * IDENTIFICATION
 *	  src/asl/expression.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "asl/read.h"
#include "util/errcodes.h"

/* The code of what a limit has ended; Step Functions does not show it */
#define LIMIT_CODE "U1001: "

/* An evaluation that has used no more leaves its memory to the caller */
#define KEPT_MEMORY (32 * 1024)

/* A result that is nested deeper could not be looked at by everything that reads it */
#define MAX_NESTING 1000

/* While an expression is compiled */
typedef struct Checker
{
	AslReader *reader;
	const AslNode *node;
	AslExpression *expression;
	int available; /* ASL_STATES_... */
} Checker;

/* While one is evaluated */
typedef struct Lookup
{
	const AslExpression *expression;
	EvalScope *scope;
	MemoryContext context; /* of what the scope keeps */
} Lookup;

static int available_states(const AslReader *reader, const char *field);
static bool is_within(const char *field, const char *name);
static bool check_references(Checker *checker);
static void check_variable(const char *name, int name_len, void *arg);
static void note_function(const char *name, int name_len, void *arg);
static void check_states(const char *first, const char *second, void *arg);
static void unsupported(Checker *checker, const char *name, const char *where);
static bool evaluate(const AslExpression *expression, EvalScope *scope, Value *result,
					 WfError *error);
static bool is_small(Value value);
static Value look_up(void *arg, const char *name, int name_len);
static Value make_states(const Lookup *lookup);
static const char *settle(Value *value, int depth);
static const char *settle_array(Value *array, int depth);
static const char *settle_object(Value *object, int depth);
static bool fail(const AslExpression *expression, WfError *error, const char *fmt, ...)
	pg_attribute_printf(3, 4);
static bool fail_with(const AslExpression *expression, const WfError *reason,
					  WfError *error);

/* ---- compiling ---- */

/*
 * Is this string a JSONata expression?  Then *text is what stands between the
 * delimiters, trimmed, or NULL where one of them is missing (reported).
 */
bool
asl_is_expression(AslReader *reader, const AslNode *node, char **text)
{
	const char *start = node->value.u.string;
	const char *end = start + node->value.len;

	if (reader->language != ASL_JSONATA || !cJSON_IsString(node->json) ||
		node->value.len < 2 || memcmp(start, "{%", 2) != 0)
		return false;
	*text = NULL;
	if (node->value.len < 4 || memcmp(end - 2, "%}", 2) != 0)
	{
		asl_refuse(reader, node, "JSONata string must start with {%% and end with %%}");
		return true;
	}
	start += 2;
	end -= 2;
	while (start < end && (*start == ' ' || (*start >= '\t' && *start <= '\r')))
		start++;
	while (start < end && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r')))
		end--;
	*text = pnstrdup(start, end - start);
	return true;
}

/*
 * Compile an expression into the machine, and note down which variables the
 * state refers to.  Never NULL; where something was wrong, that is reported and
 * the result must not be evaluated.
 */
AslExpression *
asl_compile_expression(AslReader *reader, const AslNode *node, const char *text)
{
	AslExpression *expression = palloc0_object(AslExpression);
	Checker checker = {.reader = reader, .node = node, .expression = expression};
	WfError error = {0};
	const char *newer;

	expression->text = text;
	expression->field = asl_node_field(reader, node);
	checker.available = available_states(reader, expression->field);
	expression->compiled = jsonata_compile(text, (int) strlen(text), &error);
	if (expression->compiled == NULL)
	{
		const char *message = strstr(error.message, ": ");

		asl_diagnose(reader,
					 ASL_ERROR,
					 ASL_CODE_INVALID_JSONATA,
					 node,
					 "%s",
					 message ? message + 2 : error.message);
		return expression;
	}
	newer = jsonata_newer_operator(expression->compiled);
	if (newer != NULL)
		asl_diagnose(reader,
					 ASL_ERROR,
					 ASL_CODE_INVALID_JSONATA,
					 node,
					 "The symbol \"%c\" cannot be used as a unary operator",
					 newer[1]);
	else if (check_references(&checker))
		expression->stable = jsonata_is_stable(expression->compiled);
	return expression;
}

/* What there is of $states in a field */
static int
available_states(const AslReader *reader, const char *field)
{
	int result = ASL_STATES_INPUT | ASL_STATES_CONTEXT;
	AslStateType type = reader->state->type;

	if (type != ASL_TASK && type != ASL_PARALLEL && type != ASL_MAP)
		return result;
	if (is_within(field, "Output") || is_within(field, "Assign"))
		result |= ASL_STATES_RESULT;
	else if (is_within(field, "Catch"))
		result |= ASL_STATES_ERROR_OUTPUT;
	return result;
}

/* Is it that field, or a part of it? */
static bool
is_within(const char *field, const char *name)
{
	size_t len = strlen(name);

	return strncmp(field, name, len) == 0 && strchr("/[", field[len]) != NULL;
}

/* There is no input document, and not all of $states everywhere; false: reported */
static bool
check_references(Checker *checker)
{
	const JsonataExpr *compiled = checker->expression->compiled;
	int errors = checker->reader->diagnostics->nerrors;
	const char *name = jsonata_top_level_name(compiled);

	if (name != NULL)
		unsupported(checker, name, " at the top level");
	jsonata_visit_variables(compiled, check_variable, checker);
	jsonata_visit_functions(compiled, note_function, checker);
	jsonata_visit_members(compiled, "states", check_states, checker);
	return errors == checker->reader->diagnostics->nerrors;
}

static void
check_variable(const char *name, int name_len, void *arg)
{
	Checker *checker = arg;

	if (name_len == 0)
		unsupported(checker, "$", " at the top level");
	else if (name_len == 1 && *name == '$')
		unsupported(checker, "$$", "");
	else if (name_len != strlen("states") || memcmp(name, "states", name_len) != 0)
		asl_add_reference(checker->reader, pnstrdup(name, name_len));
}

static void
note_function(const char *name, int name_len, void *arg)
{
	asl_add_function(((Checker *) arg)->reader, pnstrdup(name, name_len));
}

/* $states.first.second */
static void
check_states(const char *first, const char *second, void *arg)
{
	static const struct
	{
		const char *name;
		int bit;
	} members[] = {
		{"input", ASL_STATES_INPUT},
		{"result", ASL_STATES_RESULT},
		{"errorOutput", ASL_STATES_ERROR_OUTPUT},
		{"context", ASL_STATES_CONTEXT},
	};
	Checker *checker = arg;
	int bits = first == NULL ? checker->available : 0;

	for (int i = 0; first != NULL && i < lengthof(members); i++)
	{
		if (strcmp(first, members[i].name) != 0)
			continue;
		if ((checker->available & members[i].bit) == 0)
			unsupported(checker, psprintf("$states.%s", first), "");
		bits = members[i].bit;
	}
	checker->expression->states |= bits;
	if ((bits & ASL_STATES_CONTEXT) != 0 &&
		(first == NULL || second == NULL || strcmp(second, "Map") == 0))
		checker->reader->state->may_show_item = true;
}

static void
unsupported(Checker *checker, const char *name, const char *where)
{
	asl_diagnose(checker->reader,
				 ASL_ERROR,
				 ASL_CODE_UNSUPPORTED_JSONATA,
				 checker->node,
				 "Reference to '%s'%s is not supported.",
				 name,
				 where);
}

/* ---- evaluating ---- */

/*
 * In a memory context of its own, so that the limit counts this evaluation only
 * and the garbage of a large one goes at once.  A small one is cheaper to leave
 * where it is than to copy the result out of it; and a result that is a part of
 * the input stays that very part.
 */
bool
asl_expression_eval(const AslExpression *expression, EvalScope *scope, ValueType type,
					Value *result, WfError *error)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context =
		AllocSetContextCreate(caller, "workflow jsonata", ALLOCSET_SMALL_SIZES);
	WfError reason = {0};
	bool done;

	MemoryContextSwitchTo(context);
	done = evaluate(expression, scope, result, &reason);
	MemoryContextSwitchTo(caller);
	if (!done)
	{
		(void) fail_with(expression, &reason, error);
		MemoryContextDelete(context);
		return false;
	}
	if (is_small(*result) || MemoryContextMemAllocated(context, true) > KEPT_MEMORY)
	{
		*result = value_copy(*result);
		MemoryContextDelete(context);
	}
	if (type == TYPE_UNDEFINED || value_type(*result) == type)
		return true;
	return fail(
		expression,
		error,
		"returned an unexpected result type. Expected '%s', but was '%s' for value: %s",
		value_type_name(type),
		value_type_name(value_type(*result)),
		value_to_text(*result));
}

/* *reason is the language's, or ERRCODE_WF_ASL where the result is no JSON */
static bool
evaluate(const AslExpression *expression, EvalScope *scope, Value *result,
		 WfError *reason)
{
	const EvalLimits *limits = scope->limits;
	Lookup lookup = {.expression = expression,
					 .scope = scope,
					 .context = MemoryContextGetParent(CurrentMemoryContext)};
	JsonataScope inner = {.lookup = look_up,
						  .lookup_arg = &lookup,
						  .step_functions = true,
						  .now = scope->now,
						  .random = scope->random};
	const char *problem;

	if (limits != NULL)
	{
		inner.limits.max_depth = limits->max_depth;
		inner.limits.max_memory = limits->max_memory;
		inner.limits.expired = limits->expired;
		inner.limits.expired_arg = limits->arg;
		if (limits->begin != NULL)
			limits->begin(limits->arg);
	}
	if (!jsonata_eval(expression->compiled, &inner, result, reason))
		return false;
	if (value_is_undefined(*result))
		return wf_error_set(reason,
							ERRCODE_WF_ASL,
							NULL,
							"returned nothing (undefined).");
	problem = settle(result, 0);
	return problem == NULL || wf_error_set(reason, ERRCODE_WF_ASL, NULL, "%s", problem);
}

/* Is it cheaper to copy than the memory is that was used to find it? */
static bool
is_small(Value value)
{
	return value.kind < VALUE_STRING || (value.kind == VALUE_STRING && value.len <= 256);
}

/* What an evaluation asks for may be kept by the scope: not in its own context */
static Value
look_up(void *arg, const char *name, int name_len)
{
	const Lookup *lookup = arg;
	MemoryContext old = MemoryContextSwitchTo(lookup->context);
	Value result;

	if (name_len == strlen("states") && memcmp(name, "states", name_len) == 0)
		result = make_states(lookup);
	else
		result = eval_scope_variable(lookup->scope, name, name_len);
	MemoryContextSwitchTo(old);
	return result;
}

/* $states, with what the expression may look at */
static Value
make_states(const Lookup *lookup)
{
	EvalScope *scope = lookup->scope;
	int members = lookup->expression->states;
	ValueObject *states = value_object_new(3);

	if (members & ASL_STATES_INPUT)
		value_object_add_cstring(states, "input", scope->input);
	if (members & ASL_STATES_CONTEXT)
		value_object_add_cstring(states, "context", eval_scope_context(scope));
	if ((members & ASL_STATES_RESULT) && !value_is_undefined(scope->result))
		value_object_add_cstring(states, "result", scope->result);
	if ((members & ASL_STATES_ERROR_OUTPUT) && !value_is_undefined(scope->error_output))
		value_object_add_cstring(states, "errorOutput", scope->error_output);
	return value_from_object(states);
}

/*
 * Make of a result what it will be when it has been stored: a number that is
 * not finite is a string.  NULL, or what is said of a result that is no JSON.
 */
static const char *
settle(Value *value, int depth)
{
	if (depth > MAX_NESTING)
		return "returned a result that is nested too deeply.";
	switch ((ValueKind) value->kind)
	{
		case VALUE_FUNCTION:
			return "returned an unsupported result type.";
		case VALUE_DOUBLE:
			if (!isfinite(value->u.number))
				*value = value_cstring(isnan(value->u.number)  ? "NaN"
									   : value->u.number < 0.0 ? "-Infinity"
															   : "Infinity");
			return NULL;
		case VALUE_ARRAY:
			return settle_array(value, depth + 1);
		case VALUE_OBJECT:
			return settle_object(value, depth + 1);
		default:
			return NULL;
	}
}

/* What has to be changed is copied before: it may be the input's */
static const char *
settle_array(Value *array, int depth)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	for (int i = 0; i < array->u.array->count; i++)
	{
		Value item = array->u.array->items[i];
		Value settled = item;
		const char *problem = settle(&settled, depth);

		if (problem != NULL)
			return problem;
		if (settled.kind == item.kind && settled.u.string == item.u.string)
			continue;
		array->u.array = value_array_copy(*array, 0);
		array->u.array->items[i] = settled;
	}
	return NULL;
}

static const char *
settle_object(Value *object, int depth)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	for (int i = 0; i < object->u.object->count; i++)
	{
		Value member = object->u.object->members[i].value;
		Value settled = member;
		const char *problem = settle(&settled, depth);

		if (problem != NULL)
			return problem;
		if (settled.kind == member.kind && settled.u.string == member.u.string)
			continue;
		object->u.object = value_object_copy(*object, 0);
		object->u.object->members[i].value = settled;
	}
	return NULL;
}

/* ---- causes ---- */

static bool
fail(const AslExpression *expression, WfError *error, const char *fmt, ...)
{
	StringInfoData text;
	va_list args;
	int needed;

	initStringInfo(&text);
	for (;;)
	{
		va_start(args, fmt);
		needed = appendStringInfoVA(&text, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	(void) wf_error_set(error,
						ERRCODE_WF_ASL,
						ASL_ERROR_QUERY_EVALUATION,
						"The JSONata expression '%s' specified for the field '%s' %s",
						expression->text,
						expression->field,
						text.data);
	error->detail = pstrdup(expression->field);
	return false;
}

/* What the language says, or what is said of its result */
static bool
fail_with(const AslExpression *expression, const WfError *reason, WfError *error)
{
	const char *message = reason->message;

	if (reason->sqlstate == ERRCODE_WF_ASL)
		return fail(expression, error, "%s", message);
	if (strncmp(message, LIMIT_CODE, strlen(LIMIT_CODE)) == 0)
		return fail(expression,
					error,
					"threw an error during evaluation: %s",
					message + strlen(LIMIT_CODE));
	return fail(expression, error, "threw an error during evaluation. %s", message);
}
