/*-------------------------------------------------------------------------
 *
 * definition.h
 *	  Checking definitions.
 *
 * IDENTIFICATION
 *	  src/api/definition.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_API_DEFINITION_H
#define WORKFLOW_API_DEFINITION_H

#include "asl/asl.h"

/* As many diagnostics as ValidateStateMachineDefinition gives unless told otherwise */
#define DEFINITION_MAX_RESULTS 100

/*
 * The answer of ValidateStateMachineDefinition: {"result": "OK" or "FAIL",
 * "diagnostics": [{"severity", "code", "message", "location"?}], "truncated"}.
 * max_results 0: DEFINITION_MAX_RESULTS.  Lives in CurrentMemoryContext.
 */
extern Value definition_validate(const char *definition, AslMachineType type,
								 bool errors_only, int max_results);

#endif /* WORKFLOW_API_DEFINITION_H */
