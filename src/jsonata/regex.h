/*-------------------------------------------------------------------------
 *
 * regex.h
 *	  Regular expressions: the one door to PCRE2.
 *
 * The flavour is JavaScript's as far as PCRE2 can be told so: \d and \w are
 * ASCII, "$" is the very end, a group that took no part matches the empty
 * string, \uhhhh is a character.  What PCRE2 understands beyond that (\A,
 * possessive quantifiers, \p{..}) is what Java understands too, and left in.
 *
 * Knows texts in UTF-8 and byte offsets; must not know JSONata's values.
 *
 * IDENTIFICATION
 *	  src/jsonata/regex.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_REGEX_H
#define WORKFLOW_JSONATA_REGEX_H

#include "compat.h"

typedef struct JsonataRegex JsonataRegex;

typedef enum JsonataRegexResult
{
	REGEX_NO_MATCH,
	REGEX_MATCH,
	REGEX_LIMIT /* gave up: too many steps, or too much memory */
} JsonataRegexResult;

/* One match; valid until the next jsonata_regex_match() with the same regex */
typedef struct JsonataRegexMatch
{
	int start; /* byte offsets in the subject */
	int end;
	int groups;            /* capturing groups of the pattern */
	const size_t *offsets; /* private */
} JsonataRegexMatch;

/*
 * Compile a pattern into CurrentMemoryContext, which owns PCRE2's memory too.
 * NULL fills *message (palloc'd): what is wrong with the pattern, in PCRE2's
 * words.
 */
extern JsonataRegex *jsonata_regex_compile(const char *pattern, int len, bool ignore_case,
										   bool multiline, char **message);

/* The first match at or behind byte offset start, which begins a character */
pg_nodiscard extern JsonataRegexResult jsonata_regex_match(const JsonataRegex *regex,
														   const char *subject, int len,
														   int start,
														   JsonataRegexMatch *match);

/* Text of group 1 .. match->groups; NULL where it took no part in the match */
extern const char *jsonata_regex_group(const JsonataRegexMatch *match,
									   const char *subject, int group, int *len);

/* The pattern as it was written, without its slashes and flags */
extern const char *jsonata_regex_source(const JsonataRegex *regex, int *len);

#endif /* WORKFLOW_JSONATA_REGEX_H */
