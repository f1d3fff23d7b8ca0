/*-------------------------------------------------------------------------
 *
 * jsonata.h
 *	  JSONata: compile an expression once, evaluate it many times.
 *
 * The whole language of jsonata-js 2.2.2 over Values, with the functions that
 * AWS Step Functions adds.  A compiled expression is constant and lives in the
 * memory context that was current when it was compiled; an evaluation allocates
 * in CurrentMemoryContext and keeps nothing.  Errors are values; their message
 * begins with JSONata's code ("T1006: ...").
 *
 * Knows values; must not know workflows, clocks or chance: the time, the random
 * source and the limits come in.
 *
 * IDENTIFICATION
 *	  src/jsonata/jsonata.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_JSONATA_H
#define WORKFLOW_JSONATA_JSONATA_H

#include "common/pg_prng.h"
#include "datatype/timestamp.h"

#include "value/value.h"

typedef struct JsonataExpr JsonataExpr;

/* What an evaluation may use; 0: no limit */
typedef struct JsonataLimits
{
	int max_depth;   /* nesting of evaluations: U1001 "Stack overflow error ..." */
	Size max_memory; /* bytes in the evaluation's memory contexts */
	bool (*expired)(
		void *
			arg); /* asked every few thousand steps: has the time run out?  May be NULL */
	void *expired_arg;
} JsonataLimits;

/* What an evaluation sees */
typedef struct JsonataScope
{
	Value input; /* $ and $$; may be VALUE_UNDEFINED */

	/* a variable from outside ($name): VALUE_UNDEFINED where there is none; may be NULL */
	Value (*lookup)(void *arg, const char *name, int name_len);
	void *lookup_arg;

	bool step_functions;   /* AWS's profile: its functions are there, $eval is not */
	TimestampTz now;       /* $now(), $millis() */
	pg_prng_state *random; /* $random(), $uuid(), $shuffle() */
	JsonataLimits limits;
} JsonataScope;

/*
 * Compile into CurrentMemoryContext.  NULL fills *error (ERRCODE_WF_JSONATA;
 * message "S0201: ...", detail the token, position the byte offset).
 */
extern JsonataExpr *jsonata_compile(const char *text, int len, WfError *error);

/*
 * Call visit() for each variable the expression refers to but does not bind
 * itself, without "$" (built-in functions are not variables); "" for a
 * reference to the context "$" at the top level and "$" for "$$".
 */
extern void jsonata_visit_variables(const JsonataExpr *expr,
									void (*visit)(const char *name, int name_len,
												  void *arg),
									void *arg);

/*
 * Call visit() for each function without "$" that the expression may call and
 * that a variable of the same name would hide.
 */
extern void jsonata_visit_functions(const JsonataExpr *expr,
									void (*visit)(const char *name, int name_len,
												  void *arg),
									void *arg);

/*
 * Call visit() for each reference to a variable that the expression does not
 * bind itself, with the names of the two members that are read of it:
 * "input", "a" for $states.input.a.b.  NULL where no name follows: any member,
 * or the whole.
 */
extern void jsonata_visit_members(const JsonataExpr *expr, const char *variable,
								  void (*visit)(const char *first, const char *second,
												void *arg),
								  void *arg);

/* Does it give the same each time for the same variables?  Not with clock or chance. */
extern bool jsonata_is_stable(const JsonataExpr *expr);

/* An operator in it that JSONata 2.0.6 does not have ("??", "?:"), or NULL */
extern const char *jsonata_newer_operator(const JsonataExpr *expr);

/* Does the expression, at its top level, read a field of the input by a bare name?  Gives that name, or NULL. */
extern const char *jsonata_top_level_name(const JsonataExpr *expr);

/*
 * Evaluate.  *result is VALUE_UNDEFINED where the expression gives nothing; a
 * function gives VALUE_FUNCTION.  false fills *error (message "T2001: ...",
 * detail the token, position).
 */
pg_nodiscard extern bool jsonata_eval(const JsonataExpr *expr, const JsonataScope *scope,
									  Value *result, WfError *error);

#endif /* WORKFLOW_JSONATA_JSONATA_H */
