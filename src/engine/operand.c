/*-------------------------------------------------------------------------
 *
 * operand.c
 *	  Fields of a state that are a literal, come from a path or an expression.
 *
 * IDENTIFICATION
 *	  src/engine/operand.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

/* Of TimeoutSeconds and its kin, where an expression gives them */
#define MAX_SECONDS 99999999

static bool to_int(const AslOperand *operand, Value value, int *result);
static bool parse_int(const char *text, int *result);
static bool not_an_integer(EngineVisit *visit, const AslOperand *operand, Value value);

bool
engine_operand(EngineVisit *visit, const AslOperand *operand, Value input, Value *result,
			   bool *found, char **why)
{
	WfError error = {.position = -1};

	*found = true;
	switch (operand->kind)
	{
		case ASL_OPERAND_NONE:
			*result = value_undefined();
			break;
		case ASL_OPERAND_LITERAL:
			*result = operand->literal;
			break;
		case ASL_OPERAND_PATH:
			if (!jp_query(operand->path, engine_scope(visit, input), result, &error))
			{
				*found = false;
				*why = error.message;
			}
			break;
		case ASL_OPERAND_INTRINSIC:
			if (!intrinsic_eval(operand->intrinsic,
								engine_scope(visit, input),
								result,
								&error))
				return engine_fault(visit, NULL, "%s", error.message);
			break;
		case ASL_OPERAND_JSONATA:
			return asl_expression_eval(operand->jsonata,
									   engine_scope(visit, input),
									   operand->type,
									   result,
									   &visit->error);
	}
	return true;
}

bool
engine_operand_value(EngineVisit *visit, const AslOperand *operand, Value input,
					 Value *result)
{
	bool found;
	char *why;

	if (!engine_operand(visit, operand, input, result, &found, &why))
		return false;
	if (!found)
		return engine_fault(visit,
							NULL,
							"Invalid path '%s' : %s",
							engine_operand_path(operand),
							why);
	return true;
}

bool
engine_seconds(EngineVisit *visit, const AslOperand *operand, Value input, int64 *seconds)
{
	Value value;

	*seconds = -1;
	if (operand->kind == ASL_OPERAND_NONE)
		return true;
	if (!engine_operand_value(visit, operand, input, &value))
		return false;
	return engine_to_seconds(visit, operand, value, seconds);
}

bool
engine_integer(EngineVisit *visit, const AslOperand *operand, Value input, int *number)
{
	Value value;

	if (operand->kind == ASL_OPERAND_NONE)
		return true;
	if (!engine_operand_value(visit, operand, input, &value))
		return false;
	if (to_int(operand, value, number))
		return true;
	if (operand->kind == ASL_OPERAND_JSONATA)
		return not_an_integer(visit, operand, value);
	return engine_fault(
		visit,
		NULL,
		"The %s field refers to value \"%s\" which is not a valid integer: %s",
		operand->field,
		engine_bare_text(value),
		engine_operand_path(operand));
}

/* In a definition 2.0 is an integer, too, and has been found to be one; elsewhere not */
static bool
to_int(const AslOperand *operand, Value value, int *result)
{
	int64 number;

	if (operand->kind != ASL_OPERAND_LITERAL)
		return parse_int(engine_bare_text(value), result);
	if (!value_to_int64(value, &number) || number < PG_INT32_MIN || number > PG_INT32_MAX)
		return false;
	*result = (int) number;
	return true;
}

/* As Java reads an int: a sign and digits, nothing else */
static bool
parse_int(const char *text, int *result)
{
	const char *digits = text + (*text == '-' || *text == '+');
	size_t length = strlen(digits);
	int64 number = 0;

	if (length == 0 || strspn(digits, "0123456789") != length)
		return false;
	for (; *digits != '\0' && number <= PG_INT32_MAX + INT64CONST(1); digits++)
		number = number * 10 + (*digits - '0');
	if (*text == '-')
		number = -number;
	*result = (int) number;
	return number >= PG_INT32_MIN && number <= PG_INT32_MAX;
}

/* The value of a field as whole seconds, not negative */
bool
engine_to_seconds(EngineVisit *visit, const AslOperand *operand, Value value,
				  int64 *seconds)
{
	bool whole = value_type(value) == TYPE_NUMBER && value_to_int64(value, seconds);

	if (operand->kind == ASL_OPERAND_JSONATA)
	{
		if (!whole)
			return not_an_integer(visit, operand, value);
		if (*seconds < 0 || *seconds > MAX_SECONDS)
			return engine_evaluation_fault(visit,
										   operand->field,
										   "%s must be between 0 and %d but was: %s",
										   operand->field,
										   MAX_SECONDS,
										   engine_bare_text(value));
		return true;
	}
	if (!whole)
		return engine_fault(visit,
							NULL,
							"The %s parameter cannot be parsed as a long value: %s == %s",
							operand->field,
							engine_operand_path(operand),
							engine_bare_text(value));
	if (*seconds < 0)
		return engine_fault(visit,
							NULL,
							"The %s parameter references a negative value: %s == %s",
							operand->field,
							engine_operand_path(operand),
							engine_bare_text(value));
	return true;
}

static bool
not_an_integer(EngineVisit *visit, const AslOperand *operand, Value value)
{
	return engine_evaluation_fault(visit,
								   operand->field,
								   "The %s field cannot be parsed as an integer: %s",
								   operand->field,
								   engine_bare_text(value));
}

/* For messages: the path of a field */
const char *
engine_operand_path(const AslOperand *operand)
{
	return operand->kind == ASL_OPERAND_PATH ? operand->path->text : operand->field;
}

/* For messages: strings without their quotes, all else as JSON */
char *
engine_bare_text(Value value)
{
	return value_type(value) == TYPE_STRING ? value_to_cstring(value)
											: value_to_text(value);
}
