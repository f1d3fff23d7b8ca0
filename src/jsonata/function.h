/*-------------------------------------------------------------------------
 *
 * function.h
 *	  Functions as values, and signatures.
 *
 * Private to the compiler and the evaluator; the builtins see call.h.
 *
 * IDENTIFICATION
 *	  src/jsonata/function.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_FUNCTION_H
#define WORKFLOW_JSONATA_FUNCTION_H

#include "jsonata/ast.h"

typedef struct JsonataFrame JsonataFrame; /* eval.h */

typedef enum JsonataFunctionKind
{
	FUNCTION_BUILTIN,
	FUNCTION_LAMBDA,
	FUNCTION_PARTIAL, /* f(?, 1) */
	FUNCTION_NATIVE,  /* C code made at run time */
	FUNCTION_REGEX,
	FUNCTION_CHAIN,    /* f ~> g */
	FUNCTION_TRANSFORM /* |a|b| */
} JsonataFunctionKind;

struct JsonataFunction
{
	JsonataFunctionKind kind;
	int arity;
	union
	{
		struct
		{
			const JsonataBuiltin *builtin;
			const JsonataSignature *signature;
		} builtin;
		struct
		{
			const JsonataNode *node;
			JsonataFrame *frame;
			Value input;
			JsonataEval *eval;
		} closure; /* LAMBDA, TRANSFORM */
		struct
		{
			Value function;
			int nargs;
			Value *args; /* VALUE_FUNCTION without a function: still to come */
		} partial;
		struct
		{
			JsonataCode code;
			const void *data;
		} native;
		const JsonataRegex *regex;
		struct
		{
			Value first;
			Value second;
		} chain;
	} u;
};

static inline Value
jsonata_function_value(const JsonataFunction *function)
{
	Value v = {.kind = VALUE_FUNCTION};

	v.u.function = function;
	return v;
}

/* signature.c */

/* Compile a signature, "<" to ">", into CurrentMemoryContext.  NULL fills in the code
 * and the offset of what is wrong. */
extern JsonataSignature *jsonata_signature_compile(const char *text, int len,
												   const char **code, int *offset);

/* What jsonata_signature_check() found */
typedef struct JsonataSignatureFault
{
	const char *code;
	Value value;
	int index;
	const char *type;
} JsonataSignatureFault;

/*
 * Check arguments and put them in their places: *args may be changed in place
 * (it has room for JSONATA_MAX_PARAMS) or replaced by a new array, *nargs
 * grows where the context was put in.
 */
pg_nodiscard extern bool jsonata_signature_check(const JsonataSignature *signature,
												 Value **args, int *nargs, Value context,
												 JsonataSignatureFault *fault);

/* The builtin of a name, or NULL */
extern const JsonataBuiltin *jsonata_builtin(const char *name, int len);

/* A builtin as a value */
extern Value jsonata_builtin_function(const JsonataBuiltin *builtin);

/* function.c, all in CurrentMemoryContext: the caller fills in the rest */
extern JsonataFunction *jsonata_function_new(JsonataFunctionKind kind, int arity);

/* A regular expression as a value */
extern Value jsonata_regex_function(const JsonataRegex *regex);

#endif /* WORKFLOW_JSONATA_FUNCTION_H */
