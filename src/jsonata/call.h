/*-------------------------------------------------------------------------
 *
 * call.h
 *	  How a built-in function is declared, called, and calls back.
 *
 * The contract between the evaluator and the fn_*.c files; private to
 * src/jsonata.
 *
 * Sequences.  JSONata's "sequence" is an array that its evaluator made itself
 * and that stands for its one item where it has only one, and for nothing where
 * it has none.  Here Value.flags says so (JSONATA_SEQUENCE), and a sequence of
 * one item that is no array is that very item with the flag set, a sequence of
 * none is VALUE_UNDEFINED with the flag set: nothing is allocated for them.
 * Only results carry the flag outside of arrays; arguments, items and members
 * that are no arrays never do.  A function makes a sequence with
 * jsonata_sequence_...() and nothing else; whatever it builds with
 * value_array_new() is an array that stays one.
 *
 * Knows values; must not know the syntax tree.
 *
 * IDENTIFICATION
 *	  src/jsonata/call.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_CALL_H
#define WORKFLOW_JSONATA_CALL_H

#include "jsonata/jsonata.h"
#include "jsonata/regex.h"
#include "util/errcodes.h"

/* Value.flags.  They belong to the handle, so to mark an array is not to change it. */
#define JSONATA_SEQUENCE 0x01 /* made by the evaluator: one item stands for itself */
#define JSONATA_KEEP_SINGLETON 0x02 /* "[]" was written: one item stays an array */
#define JSONATA_CONS 0x04           /* an array constructor in a path: is not flattened */
#define JSONATA_OUTER_WRAPPER 0x08  /* around an input that is an array */
#define JSONATA_TUPLE_STREAM                                                             \
	0x10 /* its items are tuples, frames with the variables of a path's steps */

typedef struct JsonataEval JsonataEval; /* a running evaluation; private to eval*.c */
typedef struct JsonataFunction JsonataFunction; /* what VALUE_FUNCTION points to */
typedef struct JsonataBuiltin JsonataBuiltin;
typedef struct JsonataCall JsonataCall;

/*
 * The code of a function.  The arguments have been checked against the
 * signature: those with a type other than x and j have that type, or are
 * VALUE_UNDEFINED where they were missing or undefined (a signature lets
 * undefined pass everywhere); what must be an array has been made one; the
 * context has been put in where the signature says "-".  Gives true and a
 * *result (VALUE_UNDEFINED: nothing), or "return jsonata_raise...()".
 * *result is VALUE_UNDEFINED on entry.
 */
typedef bool (*JsonataCode)(JsonataCall *call, Value *result);

/* Arguments of a builtin, at most; further ones only through "+" in the signature */
#define JSONATA_MAX_PARAMS 8

typedef enum JsonataProfile
{
	JSONATA_EVERYWHERE = 0,
	JSONATA_STEP_FUNCTIONS, /* only in AWS's profile ($parse, $hash, ...) */
	JSONATA_REFERENCE       /* only outside of it ($eval) */
} JsonataProfile;

struct JsonataBuiltin
{
	const char *name;      /* without "$" */
	const char *signature; /* "<s-nn?:s>"; NULL: the arguments come as they are */
	int arity; /* parameters that the reference declares: what $map and others ask */
	JsonataCode code;
	int magic; /* tells functions that share a code from each other */
	JsonataProfile profile;
};

struct JsonataCall
{
	const Value *
		args; /* max(nargs, arity of the builtin, 8) can be read, missing ones are undefined */
	int nargs;     /* as given, after the context was put in */
	Value context; /* the context item "$" where the call stands */
	int magic;
	const void *data;          /* of a native function: what jsonata_native() was given */
	const JsonataScope *scope; /* now, random, step_functions */

	/* private to the evaluator */
	JsonataEval *eval;
	const char *name; /* for messages */
	int name_len;
	int position;
};

/* functions.c: the table, in any order */
extern const JsonataBuiltin jsonata_builtins[];
extern const int jsonata_builtin_count;

/*
 * function.c: raising.  All return false.  The message is the one of the code
 * in message.c, with {{value}}, {{value2}}, {{index}}, {{type}} and {{token}}
 * (the function's name) put in.
 */
extern bool jsonata_raise(JsonataCall *call, const char *code);
extern bool jsonata_raise_value(JsonataCall *call, const char *code, Value value);
extern bool jsonata_raise_values(JsonataCall *call, const char *code, Value value,
								 Value value2);
/* ... with {{index}} (counting from 1), {{type}} may be NULL */
extern bool jsonata_raise_index(JsonataCall *call, const char *code, Value value,
								int index, const char *type);
/* ... with a message of one's own ($error, $assert; AWS's D3137) */
extern bool jsonata_raise_text(JsonataCall *call, const char *code, const char *text,
							   int len);

/* eval_call.c: functions as values */

/* Call a function with n arguments.  A sequence of one or none comes back as an array
 * only from a builtin, as in the reference; otherwise *result carries no flags unless
 * it is an array.  false: the error is raised already, return false. */
pg_nodiscard extern bool jsonata_apply(JsonataCall *call, Value function,
									   const Value *args, int n, Value *result);

/* How many parameters it declares */
extern int jsonata_arity(Value function);

/* A function value made of C code: call->data is data.  Any number of arguments. */
extern Value jsonata_native(JsonataCode code, const void *data, int arity);

/* The regular expression behind a function value, or NULL where it is none */
extern const JsonataRegex *jsonata_function_regex(Value function);

/* eval_operator.c: what operators and functions share */
extern bool jsonata_is_true(Value v); /* $boolean(); undefined is false */


/* eval.c: count work in a long loop of a function, n steps; false: a limit is reached, the
 * error is raised.  It also checks for interrupts. */
pg_nodiscard extern bool jsonata_tick(JsonataCall *call, int64 n);

/* May so many bytes more be allocated at once?  false: the memory limit would be passed,
 * the error is raised. */
pg_nodiscard extern bool jsonata_reserve(JsonataCall *call, Size bytes);

/* sequence.c: building sequences */
typedef struct JsonataSequence
{
	Value first;       /* while there is only one */
	ValueArray *array; /* from the second on */
	int count;
} JsonataSequence;

static inline void
jsonata_sequence_init(JsonataSequence *sequence)
{
	sequence->array = NULL;
	sequence->count = 0;
}

/* Add one item; an undefined one counts (callers leave those out as the reference does) */
extern void jsonata_sequence_push(JsonataSequence *sequence, Value item);

/* Add all items of an array, or the value itself where it is none; nothing for undefined */
extern void jsonata_sequence_append(JsonataSequence *sequence, Value v);
extern Value jsonata_sequence_result(const JsonataSequence *sequence);

/* $append: arrays and items joined, undefined left out; an array with no flags unless
 * one side is undefined */
extern Value jsonata_append(Value a, Value b);

/* fn_string.c: $string() of a value, as the operator & uses it.  undefined gives
 * undefined, a function the empty string; raises D3001 for what is not finite. */
pg_nodiscard extern bool jsonata_stringify(JsonataCall *call, Value v, bool pretty,
										   Value *result);

/* fn_regex.c: a regular expression called as a function: call->args[0] is the text; gives the object
 * {match, start, end, groups, next} of the first match, or nothing.  call->data is the
 * JsonataRegex. */
extern bool jsonata_regex_call(JsonataCall *call, Value *result);

/* The core's own builtins, for the table: $eval is <sx?:x>, $exists <x:b>, $boolean <x-:b>,
 * $not <x-:b> */
extern bool jsonata_fn_eval(JsonataCall *call, Value *result);
extern bool jsonata_fn_exists(JsonataCall *call, Value *result);
extern bool jsonata_fn_boolean(JsonataCall *call, Value *result);
extern bool jsonata_fn_not(JsonataCall *call, Value *result);

#endif /* WORKFLOW_JSONATA_CALL_H */
