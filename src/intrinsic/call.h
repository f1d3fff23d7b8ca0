/*-------------------------------------------------------------------------
 *
 * call.h
 *	  A compiled call, and the table of functions.
 *
 * Private to src/intrinsic.
 *
 * IDENTIFICATION
 *	  src/intrinsic/call.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_INTRINSIC_CALL_H
#define WORKFLOW_INTRINSIC_CALL_H

#include "intrinsic/intrinsic.h"
#include "jsonpath/jsonpath.h"
#include "util/errcodes.h"

/* Every function begins with this */
#define INTRINSIC_PREFIX "States."

/* So many calls may stand in each other */
#define INTRINSIC_MAX_NESTING 10

/* AWS's limits */
#define INTRINSIC_MAX_STRING 10000 /* characters: Base64, Hash */
#define INTRINSIC_MAX_RANGE 1000   /* elements: ArrayRange */

/* As many arguments as one likes */
#define INTRINSIC_ANY_ARGS PG_INT32_MAX

/* The arguments as a function gets them */
typedef struct IntrinsicArgs
{
	int count;
	const Value *values;
	EvalScope *scope;
	WfError *error;
} IntrinsicArgs;

/* The arguments' number is right; false fills args->error */
typedef bool (*IntrinsicCode)(const IntrinsicArgs *args, Value *result);

typedef struct IntrinsicFunction
{
	const char *name; /* without "States." */
	int min_args;
	int max_args;
	IntrinsicCode code;
	bool raw_template; /* a literal first argument keeps its backslashes */
} IntrinsicFunction;

typedef enum IntrinsicArgKind
{
	INTRINSIC_LITERAL,
	INTRINSIC_PATH,
	INTRINSIC_CALL
} IntrinsicArgKind;

typedef struct IntrinsicArg
{
	IntrinsicArgKind kind;
	Value literal;
	const JpPath *path;
	const Intrinsic *call;
} IntrinsicArg;

struct Intrinsic
{
	const IntrinsicFunction *function;
	const char *text; /* as written */
	int nargs;
	IntrinsicArg *args;
};

/* functions.c: by name, NULL where there is none */
extern const IntrinsicFunction *intrinsic_function(const char *name, int len);

/* eval.c: arguments of the right type; false fills args->error */
extern bool intrinsic_array_arg(const IntrinsicArgs *args, int i);
extern bool intrinsic_string_arg(const IntrinsicArgs *args, int i);
extern bool intrinsic_short_string_arg(const IntrinsicArgs *args, int i);
extern bool intrinsic_int_arg(const IntrinsicArgs *args, int i, int64 *number);
extern bool intrinsic_fail(const IntrinsicArgs *args, const char *fmt, ...)
	pg_attribute_printf(2, 3);

/* fn_array.c */
extern bool intrinsic_array(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_array_partition(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_array_contains(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_array_range(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_array_get_item(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_array_length(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_array_unique(const IntrinsicArgs *args, Value *result);

/* fn_json.c */
extern bool intrinsic_json_merge(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_string_to_json(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_json_to_string(const IntrinsicArgs *args, Value *result);

/* fn_math.c */
extern bool intrinsic_math_add(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_math_random(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_uuid(const IntrinsicArgs *args, Value *result);

/* fn_string.c */
extern bool intrinsic_base64_encode(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_base64_decode(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_hash(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_string_split(const IntrinsicArgs *args, Value *result);
extern bool intrinsic_format(const IntrinsicArgs *args, Value *result);

#endif /* WORKFLOW_INTRINSIC_CALL_H */
