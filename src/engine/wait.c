/*-------------------------------------------------------------------------
 *
 * wait.c
 *	  The Wait state: nothing happens until it is due.
 *
 * IDENTIFICATION
 *	  src/engine/wait.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "engine/visit.h"
#include "util/timestamp.h"

static bool find_due(EngineVisit *visit, Value input, TimestampTz *due);
static bool seconds_due(EngineVisit *visit, const AslOperand *operand, Value value,
						TimestampTz *due);
static bool timestamp_due(EngineVisit *visit, const AslOperand *operand, Value value,
						  TimestampTz *due);
static bool leave(EngineVisit *visit, Value input);

bool
engine_enter_wait(EngineVisit *visit)
{
	Value input;
	TimestampTz due = ENGINE_NEVER;

	/* when to go on is looked for after the state was entered */
	visit->hides_entry = false;
	if (!engine_effective_input(visit, &input) || !find_due(visit, input, &due))
		return false;
	if (due <= visit->execution->now)
		return leave(visit, input);
	engine_to_phase(visit, ENGINE_WAITING, due);
	return true;
}

bool
engine_resume_wait(EngineVisit *visit, const EngineEvent *event)
{
	EngineBranch *branch = visit->branch;
	Value input;

	if (event->kind != ENGINE_EVENT_TIMER || branch->phase != ENGINE_WAITING ||
		visit->execution->now < branch->due)
		return true;
	return engine_effective_input(visit, &input) && leave(visit, input);
}

static bool
leave(EngineVisit *visit, Value input)
{
	return engine_leave_with_input(visit,
								   input,
								   visit->state->assign,
								   visit->state->output,
								   visit->state->next);
}

static bool
find_due(EngineVisit *visit, Value input, TimestampTz *due)
{
	const AslWait *wait = (const AslWait *) visit->state;
	bool by_seconds = wait->seconds.kind != ASL_OPERAND_NONE;
	const AslOperand *operand = by_seconds ? &wait->seconds : &wait->timestamp;
	Value value;
	bool found;
	char *why;

	if (!engine_operand(visit, operand, input, &value, &found, &why))
		return false;
	if (!found)
		return engine_fault(visit,
							NULL,
							"The %s parameter does not reference an input value: %s",
							operand->field,
							operand->path->text);
	if (by_seconds)
		return seconds_due(visit, operand, value, due);
	return timestamp_due(visit, operand, value, due);
}

static bool
seconds_due(EngineVisit *visit, const AslOperand *operand, Value value, TimestampTz *due)
{
	int64 seconds;

	if (!engine_to_seconds(visit, operand, value, &seconds))
		return false;
	if (seconds > ENGINE_MAX_DELAY)
		return engine_fault(visit, NULL, "Wait state delay is too long.");
	*due = visit->execution->now + seconds * USECS_PER_SEC;
	return true;
}

/* Whole seconds count: a fraction is cut off */
static bool
timestamp_due(EngineVisit *visit, const AslOperand *operand, Value value,
			  TimestampTz *due)
{
	TimestampTz at;

	if (value_type(value) != TYPE_STRING ||
		!wf_timestamp_from_iso(value.u.string, value.len, &at))
	{
		if (operand->kind == ASL_OPERAND_JSONATA)
			return engine_evaluation_fault(
				visit,
				operand->field,
				"The %s field cannot be parsed as an ISO-8601 extended offset date-time "
				"format string: %s",
				operand->field,
				engine_bare_text(value));
		return engine_fault(
			visit,
			NULL,
			"The %s parameter does not reference a valid ISO-8601 extended offset "
			"date-time format string: %s == %s",
			operand->field,
			engine_operand_path(operand),
			engine_bare_text(value));
	}
	at -= ((at % USECS_PER_SEC) + USECS_PER_SEC) % USECS_PER_SEC;
	if (at > visit->execution->now &&
		(at - visit->execution->now) / USECS_PER_SEC > ENGINE_MAX_DELAY)
		return engine_fault(visit, NULL, "Wait state delay is too long.");
	*due = at;
	return true;
}
