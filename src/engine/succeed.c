/*-------------------------------------------------------------------------
 *
 * succeed.c
 *	  The Succeed state: ends its branch with its input.
 *
 * IDENTIFICATION
 *	  src/engine/succeed.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

bool
engine_enter_succeed(EngineVisit *visit)
{
	Value input;

	return engine_effective_input(visit, &input) &&
		   engine_leave_with_input(visit, input, NULL, visit->state->output, NULL);
}
