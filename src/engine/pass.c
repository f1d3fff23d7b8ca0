/*-------------------------------------------------------------------------
 *
 * pass.c
 *	  The Pass state: its result is Result, or what Parameters make of the input;
 *	  in JSONata it has none.
 *
 * IDENTIFICATION
 *	  src/engine/pass.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

bool
engine_enter_pass(EngineVisit *visit)
{
	const AslPass *pass = (const AslPass *) visit->state;
	Value input;
	Value result;

	if (!engine_effective_input(visit, &input))
		return false;
	if (visit->state->language == ASL_JSONATA)
		return engine_leave_with_input(visit,
									   input,
									   visit->state->assign,
									   visit->state->output,
									   visit->state->next);
	if (pass->has_result)
		result = pass->result;
	else if (!engine_arguments(visit, input, &result))
		return false;
	return engine_leave_with_result(visit, result);
}
