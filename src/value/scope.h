/*-------------------------------------------------------------------------
 *
 * scope.h
 *	  What an expression of any language can see while it is evaluated.
 *
 * Filled by the engine (or by a SQL function for tests).  The context object
 * is made only if some expression asks for it.  Randomness comes in here too,
 * so that the expression languages stay pure.
 *
 * IDENTIFICATION
 *	  src/value/scope.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_VALUE_SCOPE_H
#define WORKFLOW_VALUE_SCOPE_H

#include "common/pg_prng.h"
#include "datatype/timestamp.h"

#include "value/value.h"

/* Variables of one workflow level; an inner level reads the outer ones too */
typedef struct VariableScope
{
	Value variables;                   /* an object, or VALUE_UNDEFINED for none */
	const struct VariableScope *outer; /* or NULL */
} VariableScope;

/*
 * How much one expression may use.  Made by a shell: it knows the settings and
 * has the clock.
 */
typedef struct EvalLimits
{
	int max_depth;              /* 0: no limit */
	Size max_memory;            /* bytes; 0: no limit */
	void (*begin)(void *arg);   /* the time of an expression counts from now */
	bool (*expired)(void *arg); /* has it run out? */
	void *arg;                  /* of both */
} EvalLimits;

typedef struct EvalScope
{
	Value input;        /* "$"; of JSONata "$states.input" */
	Value result;       /* "$states.result", or undefined where there is none */
	Value error_output; /* "$states.errorOutput", likewise */
	Value context;      /* "$$"; VALUE_UNDEFINED until make_context was called */
	Value (*make_context)(void *arg); /* may be NULL: then there is no context object */
	void *make_context_arg;
	const VariableScope *variables; /* "$name", or NULL */
	pg_prng_state
		*random;     /* for UUIDs and random numbers; may be NULL where none is needed */
	TimestampTz now; /* the time of the evaluation */
	const EvalLimits *limits; /* of JSONata; NULL: none */
} EvalScope;

/* The context object, made on first use; VALUE_UNDEFINED where there is none */
extern Value eval_scope_context(EvalScope *scope);

/* A variable by name, innermost level first; VALUE_UNDEFINED where there is none */
extern Value eval_scope_variable(const EvalScope *scope, const char *name, int name_len);

#endif /* WORKFLOW_VALUE_SCOPE_H */
