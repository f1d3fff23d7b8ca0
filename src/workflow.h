/*-------------------------------------------------------------------------
 *
 * workflow.h
 *	  What every file of the extension may use: names, the export macro.
 *
 * Knows nothing of any module; every module may include it.
 *
 * IDENTIFICATION
 *	  src/workflow.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_H
#define WORKFLOW_H

#include "fmgr.h"

#define WORKFLOW_SCHEMA "workflow"
#define WORKFLOW_EXTENSION "workflow"

/*
 * Everything is hidden by default (see the Makefile); this exports a function
 * that SQL calls.  PostgreSQL 16's PG_FUNCTION_INFO_V1 does it by itself.
 */
#define WF_FUNCTION(fn)                                                                  \
	PGDLLEXPORT Datum fn(PG_FUNCTION_ARGS);                                              \
	PG_FUNCTION_INFO_V1(fn)

#endif /* WORKFLOW_H */
