/*-------------------------------------------------------------------------
 *
 * map.c
 *	  The Map state.
 *
 * IDENTIFICATION
 *	  src/engine/map.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

bool
engine_enter_map(EngineVisit *visit)
{
	return engine_fault(visit, NULL, "Map states are not supported yet");
}

bool
engine_resume_map(EngineVisit *visit, const EngineEvent *event)
{
	return engine_fault(visit, NULL, "Map states are not supported yet");
}
