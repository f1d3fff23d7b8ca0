/*-------------------------------------------------------------------------
 *
 * tolerance.c
 *	  How many failures of its children a Map Run takes.
 *
 * Knows the state's fields and the counters; must not know what follows from it.
 *
 * IDENTIFICATION
 *	  src/engine/tolerance.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

static bool read_percentage(EngineVisit *visit, Value input, double *percentage);

bool
engine_read_tolerance(EngineVisit *visit, Value input, EngineMapRun *run)
{
	const AslMap *map = (const AslMap *) visit->state;
	int count = 0;

	if (!engine_integer(visit, &map->tolerated_failure_count, input, &count) ||
		!read_percentage(visit, input, &run->tolerated_percentage))
		return false;
	if (count < 0)
		return engine_fault(visit, NULL, "ToleratedFailureCount cannot be negative.");
	if (run->tolerated_percentage < 0 || run->tolerated_percentage > 100)
		return engine_fault(visit,
							NULL,
							"ToleratedFailurePercentage must be between 0 and 100.");
	run->tolerated_count = count;
	return true;
}

static bool
read_percentage(EngineVisit *visit, Value input, double *percentage)
{
	const AslOperand *operand =
		&((const AslMap *) visit->state)->tolerated_failure_percentage;
	WfError error;
	Value number;
	Value value;

	if (operand->kind == ASL_OPERAND_NONE)
		return true;
	if (!engine_operand_value(visit, operand, input, &value))
		return false;
	/* AWS takes a number's text, too */
	if (value_type(value) == TYPE_STRING &&
		value_from_text(value.u.string, value.len, &number, &error) &&
		value_type(number) == TYPE_NUMBER)
		value = number;
	if (value_type(value) != TYPE_NUMBER)
		return engine_fault(
			visit,
			NULL,
			"The %s field refers to value \"%s\" which is not a valid float: %s",
			operand->field,
			engine_bare_text(value),
			engine_operand_path(operand));
	*percentage = value_to_double(value);
	return true;
}

/*
 * Where both limits are given, either fails the run; where none is, the first
 * failure.  Who stopped a child has not let it fail.
 */
bool
engine_is_exceeded(const EngineMapRun *run)
{
	int64 failed = run->items.failed + run->items.timed_out;

	if (failed == 0)
		return false;
	if (run->tolerated_count == 0 && run->tolerated_percentage == 0)
		return true;
	if (run->tolerated_count > 0 && failed > run->tolerated_count)
		return true;
	return run->tolerated_percentage > 0 && run->items.total > 0 &&
		   (double) failed * 100 > run->tolerated_percentage * (double) run->items.total;
}
