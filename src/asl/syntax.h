/*-------------------------------------------------------------------------
 *
 * syntax.h
 *	  What is wrong with a text that is not JSON, in the words of the service.
 *
 * IDENTIFICATION
 *	  src/asl/syntax.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ASL_SYNTAX_H
#define WORKFLOW_ASL_SYNTAX_H

#include "util/error.h"

typedef struct AslSyntaxError
{
	char *reason;   /* without location: "Unrecognized token 'not': was expecting ..." */
	char *location; /* "[Source: (String)\"...\"; line: 1, column: 4]" */
	char *message;  /* "REASON\n at LOCATION" */
} AslSyntaxError;

/*
 * text is not JSON: say why.  error is what value_from_text() said of it; its
 * message is used where the service's own words are not known.  The texts are
 * allocated in CurrentMemoryContext.
 */
extern AslSyntaxError asl_syntax_error(const char *text, const WfError *error);

#endif /* WORKFLOW_ASL_SYNTAX_H */
