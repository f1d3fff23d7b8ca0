/*-------------------------------------------------------------------------
 *
 * jsonpath.h
 *	  JSONPath as AWS Step Functions runs it (Jayway 2.0.0 with AWS's recorded
 *	  answers on top), Reference Paths, and setting a value at a path.
 *
 * A path is compiled once and evaluated many times.  Its root is "$" (the
 * input), "$$" (the context object) or "$name" (a variable).  Errors are
 * values; the texts are Jayway's, which AWS shows.
 *
 * Knows values and scopes only.
 *
 * IDENTIFICATION
 *	  src/jsonpath/jsonpath.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONPATH_JSONPATH_H
#define WORKFLOW_JSONPATH_JSONPATH_H

#include "value/scope.h"

typedef enum JpRoot
{
	JP_ROOT_INPUT,   /* $ */
	JP_ROOT_CONTEXT, /* $$ */
	JP_ROOT_VARIABLE /* $name */
} JpRoot;

typedef struct JpStep JpStep;

typedef struct JpPath
{
	const char *text; /* as written, NUL-terminated */
	JpRoot root;
	const char *variable; /* name of the variable, or NULL */
	bool definite;        /* gives one node, not a list */
	bool reference;       /* is a Reference Path (names and non-negative indexes only) */
	int nsteps;
	JpStep *steps;
} JpPath;

/*
 * Compile a path into CurrentMemoryContext.  NULL where it is no path: *error
 * has ERRCODE_WF_INVALID_PATH.
 */
extern JpPath *jp_compile(const char *text, int len, WfError *error);

/*
 * The same of a path as Jayway itself takes them, where the root may be left
 * out or be "@": "a.b" and "@.a.b" are "$.a.b".
 */
extern JpPath *jp_compile_relative(const char *text, int len, WfError *error);

/*
 * Evaluate.  A definite path gives the value itself, any other an array.  false
 * where nothing is there (ERRCODE_WF_PATH_NOT_FOUND; message as Jayway's, for
 * example "No results for path: $['x']" or "Missing property in path $['no']")
 * or the document does not fit (also ERRCODE_WF_PATH_NOT_FOUND).
 */
pg_nodiscard extern bool jp_query(const JpPath *path, EvalScope *scope, Value *result,
								  WfError *error);

/*
 * The same where AWS finds nothing in an input of null, not even by "$": in
 * Choice rules.
 */
pg_nodiscard extern bool jp_query_input(const JpPath *path, EvalScope *scope,
										Value *result, WfError *error);

/*
 * The same in payload templates: there an index past the end of an array, at the
 * end of a definite path, gives null.
 */
pg_nodiscard extern bool jp_query_template(const JpPath *path, EvalScope *scope,
										   Value *result, WfError *error);

/*
 * Did jp_query() fail because an index, slice or filter met a value of the wrong
 * type?  Then AWS shows the message itself ("Filter: [0] can only be applied to
 * arrays. Current context is: 1") in place of "... could not be found in the input".
 */
extern bool jp_is_mismatch(const WfError *error);

/* Did it fail because the document is null?  AWS shows this message itself, too. */
extern bool jp_is_null_input(const WfError *error);

/*
 * The document with value put at a Reference Path ("$" replaces it whole):
 * missing members are made; untouched siblings stay as they are.  false where
 * the path leads through a scalar or past the end of an array (the error's name
 * is then "States.ReferencePathConflict", its message AWS's).
 */
pg_nodiscard extern bool jp_set(const JpPath *path, Value document, Value value,
								Value *result, WfError *error);

/* Append a value as Java's toString() shows it in AWS's texts: {a=1, b=[x, y]} */
extern void jp_append_java_text(StringInfo out, Value value);

#endif /* WORKFLOW_JSONPATH_JSONPATH_H */
