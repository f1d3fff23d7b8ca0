/*-------------------------------------------------------------------------
 *
 * fail.c
 *	  The Fail state: ends its branch with an error.
 *
 * IDENTIFICATION
 *	  src/engine/fail.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

static bool text_field(EngineVisit *visit, const AslOperand *operand, Value input,
					   const char **result);

bool
engine_enter_fail(EngineVisit *visit)
{
	const AslFail *fail = (const AslFail *) visit->state;
	Value input = engine_document(visit->execution, &visit->branch->input);
	EngineFailure failure = {0};

	if (!text_field(visit, &fail->error, input, &failure.error) ||
		!text_field(visit, &fail->cause, input, &failure.cause))
		return false;
	engine_fail_branch(visit, &failure);
	return true;
}

/* Error or Cause, by whatever field gives it; NULL where none does */
static bool
text_field(EngineVisit *visit, const AslOperand *operand, Value input,
		   const char **result)
{
	Value value;
	bool found;
	char *why;

	if (operand->kind == ASL_OPERAND_NONE)
		return true;
	if (!engine_operand(visit, operand, input, &value, &found, &why))
		return false;
	if (!found)
		return engine_fault(
			visit,
			NULL,
			"The JSONPath '%s' specified for the field '%s' could not be found in "
			"the input '%s'",
			operand->path->text,
			operand->field,
			value_to_text(input));
	if (value_type(value) != TYPE_STRING)
		return engine_fault(visit,
							NULL,
							"The %s parameter does not reference a string: %s == %s",
							operand->field,
							engine_operand_path(operand),
							value_to_text(value));
	*result = value_to_cstring(value);
	return true;
}
