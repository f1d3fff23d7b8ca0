/*-------------------------------------------------------------------------
 *
 * intrinsic.h
 *	  Intrinsic functions of ASL's JSONPath mode: States.Format(...) and its kin.
 *
 * A call is compiled once (arguments, nested calls and paths included) and
 * evaluated many times.  Errors are values.
 *
 * Knows values, scopes and JSONPath.
 *
 * IDENTIFICATION
 *	  src/intrinsic/intrinsic.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_INTRINSIC_INTRINSIC_H
#define WORKFLOW_INTRINSIC_INTRINSIC_H

#include "value/scope.h"

typedef struct Intrinsic Intrinsic;

/* Is this text meant as an intrinsic call (does it begin with "States.")? */
extern bool intrinsic_looks_like(const char *text, int len);

/* Compile into CurrentMemoryContext; NULL and *error (ERRCODE_WF_INVALID_INTRINSIC) where it is no call */
extern Intrinsic *intrinsic_compile(const char *text, int len, WfError *error);

/* Name of the outermost function, without "States." */
extern const char *intrinsic_name(const Intrinsic *call);

/* Call visit() for the name of each variable that the call refers to */
extern void intrinsic_visit_variables(const Intrinsic *call,
									  void (*visit)(const char *name, void *arg),
									  void *arg);

/*
 * Evaluate; false fills *error (ERRCODE_WF_INTRINSIC, or ERRCODE_WF_PATH_NOT_FOUND for
 * an argument that is not there).  The message is AWS's: "The function 'States.Format($.x)'
 * had the following error: ...".
 */
pg_nodiscard extern bool intrinsic_eval(const Intrinsic *call, EvalScope *scope,
										Value *result, WfError *error);

/*
 * In which order does a java.util.HashMap of these members iterate?  order[] has
 * room for count numbers of members.  AWS's objects from templates, JsonMerge and
 * rows of CSV have their members in that order.
 */
extern void intrinsic_java_map_order(const ValueMember *members, int count, int *order);

#endif /* WORKFLOW_INTRINSIC_INTRINSIC_H */
