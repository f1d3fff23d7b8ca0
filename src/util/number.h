/*-------------------------------------------------------------------------
 *
 * number.h
 *	  Numbers: double and numeric, to and from each other and text.
 *
 * Doubles are printed as JavaScript prints them; a numeric keeps the digits
 * it was written with.  Knows numbers; must not know JSON values.
 *
 * IDENTIFICATION
 *	  src/util/number.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_UTIL_NUMBER_H
#define WORKFLOW_UTIL_NUMBER_H

#include "lib/stringinfo.h"
#include "utils/numeric.h"

#include "compat.h"

/* Room for any double as text, with its NUL */
#define WF_DOUBLE_TEXT_SIZE 32

/* Whole numbers up to here are exact in a double */
#define WF_MAX_SAFE_INTEGER INT64CONST(9007199254740991)

/* double.c */

/* As JavaScript's Number::toString prints it, NaN and Infinity too; gives the length */
extern int wf_double_to_text(double d, char *buf);

/* number.c */

/* The numeric with those digits; palloc'd.  d must be finite. */
extern Numeric wf_double_to_numeric(double d);

/* A number in JSON's notation, with its digits; palloc'd.  false where numeric
 * cannot hold it (more than 131072 digits before the point, 16383 after it). */
pg_nodiscard extern bool wf_numeric_from_text(const char *text, int len, Numeric *result);

/* The nearest double; infinite where the number is out of range */
extern double wf_numeric_to_double(Numeric n);

/* false where it is no whole number, or out of range */
extern bool wf_numeric_to_int64(Numeric n, int64 *result);

/* 1.0 is an integer; NaN and infinities are none */
extern bool wf_numeric_is_integer(Numeric n);
extern bool wf_numeric_is_finite(Numeric n);

/* Append the digits as numeric_out() writes them */
extern void wf_append_numeric(StringInfo out, Numeric n);

#endif /* WORKFLOW_UTIL_NUMBER_H */
