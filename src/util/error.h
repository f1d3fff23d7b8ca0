/*-------------------------------------------------------------------------
 *
 * error.h
 *	  Errors that are values.
 *
 * The pure floors (value, jsonpath, intrinsic, jsonata, asl, engine) never
 * ereport() what a workflow's author or its data did wrong: they fill in a
 * WfError and return false.  Only the shells turn one into an ereport(), an
 * ASL error or a history event.  Out of memory, cancel and stack depth stay
 * ereport().
 *
 * IDENTIFICATION
 *	  src/util/error.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_UTIL_ERROR_H
#define WORKFLOW_UTIL_ERROR_H

#include "compat.h"

typedef struct WfError
{
	int sqlstate;     /* ERRCODE_WF_..., 0 while there is no error */
	const char *name; /* ASL error name ("States.Runtime"), or NULL */
	char *message;    /* what happened; for an ASL error its Cause */
	char *detail;     /* or NULL */
	char *hint;       /* or NULL */
	int position;     /* byte offset in the expression, or -1 */
} WfError;

/*
 * Fill in *error; always returns false, so that callers can
 * "return wf_error_set(...)".  The texts are allocated in CurrentMemoryContext.
 * Of several errors the first one is kept.
 */
extern bool wf_error_set(WfError *error, int sqlstate, const char *name, const char *fmt,
						 ...) pg_attribute_printf(4, 5);
extern bool wf_error_set_at(WfError *error, int sqlstate, const char *name, int position,
							const char *fmt, ...) pg_attribute_printf(5, 6);

/* Raise *error with ereport(ERROR).  message, detail and hint as they are. */
pg_noreturn extern void wf_error_raise(const WfError *error);

#endif /* WORKFLOW_UTIL_ERROR_H */
