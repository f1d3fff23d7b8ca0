/*-------------------------------------------------------------------------
 *
 * unicode_case.h
 *	  Upper and lower case of all of Unicode, independent of any locale.
 *
 * IDENTIFICATION
 *	  src/jsonata/unicode_case.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_UNICODE_CASE_H
#define WORKFLOW_JSONATA_UNICODE_CASE_H

#include "lib/stringinfo.h"

/* Append s, a text in UTF-8, in the other case; one letter may become several */
extern void unicode_append_upper(StringInfo out, const char *s, int len);
extern void unicode_append_lower(StringInfo out, const char *s, int len);

#endif /* WORKFLOW_JSONATA_UNICODE_CASE_H */
