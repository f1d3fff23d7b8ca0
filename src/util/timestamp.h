/*-------------------------------------------------------------------------
 *
 * timestamp.h
 *	  Points in time as ASL and the service write them.
 *
 * Independent of the session's time zone and DateStyle.  Knows timestamps;
 * must not know the clock.
 *
 * IDENTIFICATION
 *	  src/util/timestamp.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_UTIL_TIMESTAMP_H
#define WORKFLOW_UTIL_TIMESTAMP_H

#include "datatype/timestamp.h"

/* In UTC to the millisecond, "2023-02-24T12:15:56.832Z"; whole seconds have no
 * fraction.  palloc'd. */
extern char *wf_timestamp_to_iso(TimestampTz t);

/*
 * Read RFC 3339 as ASL wants it: upper-case T, then upper-case Z or an offset
 * ±hh:mm; any number of fraction digits, cut off after microseconds.  false
 * where the text is anything else or no such time exists.
 */
pg_nodiscard extern bool wf_timestamp_from_iso(const char *s, int len,
											   TimestampTz *result);

/* The same, with the nanoseconds behind the microseconds: 0 .. 999 */
pg_nodiscard extern bool wf_timestamp_from_iso_nsecs(const char *s, int len,
													 TimestampTz *result, int *nsecs);

/* Seconds since 1970, to the millisecond, as the API shows them */
extern double wf_timestamp_to_epoch(TimestampTz t);

#endif /* WORKFLOW_UTIL_TIMESTAMP_H */
