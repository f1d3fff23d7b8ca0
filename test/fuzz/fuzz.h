/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *	  What the targets, the driver and the JSON mutator share.
 *
 * Only part of the library where it was built with "make FUZZ=1".
 *
 * IDENTIFICATION
 *	  test/fuzz/fuzz.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_FUZZ_H
#define WORKFLOW_FUZZ_H

#include "value/scope.h"
#include "value/value.h"

typedef struct FuzzTarget
{
	const char *name;
	bool json;                              /* its inputs are mutated as JSON */
	void (*run)(const char *text, int len); /* valid UTF-8, not NUL-terminated */
} FuzzTarget;

/* targets.c */
extern const FuzzTarget *fuzz_find_target(const char *name); /* or NULL */

/* items.c: the target "items" */
extern void fuzz_items(const char *text, int len);

/* Make what the targets need, once, in CurrentMemoryContext */
extern void fuzz_init(void);

/* What expressions look at; the first one is an object */
extern const Value *fuzz_documents;

/* What must hold everywhere; a finding where it does not */
extern void fuzz_check_utf8(const char *what, const char *text, int len);
extern void fuzz_check_error(const WfError *error, const int *sqlstates, int count);

/* jsonata.c */
extern void fuzz_jsonata(const char *text, int len);

/* Limits that let each expression end soon, always at the same step */
extern const EvalLimits *fuzz_limits(void);

/* fuzz.c: the target of this run */
extern const FuzzTarget *fuzz_target;

/*
 * Call run(arg) and free what it allocated.  false where it was stopped by an error
 * that may come from anywhere: the limits of stack, memory and jsonb.  Any other
 * error is a finding.
 */
extern bool fuzz_guard(void (*run)(void *arg), void *arg);

/* Stop with a finding */
pg_noreturn extern void fuzz_finding(const char *fmt, ...) pg_attribute_printf(1, 2);

/* libFuzzer */
extern int LLVMFuzzerRunDriver(int *argc, char ***argv,
							   int (*run)(const uint8_t *data, size_t size));
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
									  unsigned int seed);
extern size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b,
										size_t b_size, uint8_t *out, size_t max_size,
										unsigned int seed);

#endif /* WORKFLOW_FUZZ_H */
