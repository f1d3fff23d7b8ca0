/*-------------------------------------------------------------------------
 *
 * fn.h
 *	  The codes of the built-in functions, for the table in functions.c, and
 *	  what they share.
 *
 * Each code stands for one function of the language, or for those that its
 * magic tells apart; what is common to all stands in call.h.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_FN_H
#define WORKFLOW_JSONATA_FN_H

#include "lib/stringinfo.h"

#include "jsonata/call.h"

/* Was argument n (counting from 0) left out, or undefined? */
static inline bool
fn_missing(const JsonataCall *call, int n)
{
	return call->args[n].kind == VALUE_UNDEFINED;
}

/* A text that is likely to be short: initStringInfo() takes a kilobyte */
static inline void
fn_init_text(StringInfo text, int size)
{
	text->maxlen = Max(size, 16);
	text->data = (char *) palloc(text->maxlen);
	text->data[0] = '\0';
	text->len = text->cursor = 0;
}

/* What was built in a StringInfo */
static inline Value
fn_text(const StringInfoData *text)
{
	return value_string(text->data, text->len);
}

/* What an evaluation may not use more of */
#define FN_TIME_LIMIT "Expression evaluation timeout: Check for infinite loop"
#define FN_MEMORY_LIMIT                                                                  \
	"Expression evaluation memory limit exceeded: Check for excessive memory usage"

/* Raise U1001; false */
static inline bool
fn_raise_limit(JsonataCall *call, const char *limit)
{
	return jsonata_raise_text(call, "U1001", limit, (int) strlen(limit));
}

/* Which of two functions a code is, in JsonataBuiltin.magic */
typedef enum FnMagic
{
	FN_BEFORE,
	FN_AFTER,
	FN_UPPER,
	FN_LOWER,
	FN_ABS,
	FN_FLOOR,
	FN_CEIL,
	FN_SUM,
	FN_AVERAGE,
	FN_MAX,
	FN_MIN,
	FN_URL,
	FN_URL_COMPONENT
} FnMagic;

/* fn_string.c */
extern bool jsonata_fn_string(JsonataCall *call, Value *result);
extern bool jsonata_fn_substring(JsonataCall *call, Value *result);
extern bool jsonata_fn_substring_at(JsonataCall *call, Value *result);
extern bool jsonata_fn_case(JsonataCall *call, Value *result);
extern bool jsonata_fn_length(JsonataCall *call, Value *result);
extern bool jsonata_fn_trim(JsonataCall *call, Value *result);
extern bool jsonata_fn_pad(JsonataCall *call, Value *result);
extern bool jsonata_fn_join(JsonataCall *call, Value *result);

/* Raise U1001 where a text of so many bytes cannot be built; false then */
pg_nodiscard extern bool jsonata_check_text_size(JsonataCall *call, double bytes);

/* fn_regex.c */
extern bool jsonata_fn_contains(JsonataCall *call, Value *result);
extern bool jsonata_fn_match(JsonataCall *call, Value *result);
extern bool jsonata_fn_split(JsonataCall *call, Value *result);
extern bool jsonata_fn_replace(JsonataCall *call, Value *result);

/* fn_number.c */
extern bool jsonata_fn_number(JsonataCall *call, Value *result);
extern bool jsonata_fn_integral(JsonataCall *call, Value *result);
extern bool jsonata_fn_round(JsonataCall *call, Value *result);
extern bool jsonata_fn_sqrt(JsonataCall *call, Value *result);
extern bool jsonata_fn_power(JsonataCall *call, Value *result);
extern bool jsonata_fn_aggregate(JsonataCall *call, Value *result);
extern bool jsonata_fn_random(JsonataCall *call, Value *result);
extern bool jsonata_fn_format_base(JsonataCall *call, Value *result);
extern bool jsonata_fn_format_number(JsonataCall *call, Value *result);
extern bool jsonata_fn_format_integer(JsonataCall *call, Value *result);
extern bool jsonata_fn_parse_integer(JsonataCall *call, Value *result);

/* $round(): half to even, to so many decimals, which may be negative */
extern double jsonata_round(double d, double precision);

/* fn_array.c */
extern bool jsonata_fn_count(JsonataCall *call, Value *result);
extern bool jsonata_fn_append(JsonataCall *call, Value *result);
extern bool jsonata_fn_reverse(JsonataCall *call, Value *result);
extern bool jsonata_fn_shuffle(JsonataCall *call, Value *result);
extern bool jsonata_fn_zip(JsonataCall *call, Value *result);
extern bool jsonata_fn_distinct(JsonataCall *call, Value *result);
extern bool jsonata_fn_sort(JsonataCall *call, Value *result);
extern bool jsonata_fn_partition(JsonataCall *call, Value *result);
extern bool jsonata_fn_range(JsonataCall *call, Value *result);

/* fn_object.c */
extern bool jsonata_fn_keys(JsonataCall *call, Value *result);
extern bool jsonata_fn_lookup(JsonataCall *call, Value *result);
extern bool jsonata_fn_spread(JsonataCall *call, Value *result);
extern bool jsonata_fn_merge(JsonataCall *call, Value *result);
extern bool jsonata_fn_clone(JsonataCall *call, Value *result);
extern bool jsonata_fn_type(JsonataCall *call, Value *result);
extern bool jsonata_fn_error(JsonataCall *call, Value *result);
extern bool jsonata_fn_assert(JsonataCall *call, Value *result);

/* fn_hof.c */
extern bool jsonata_fn_map(JsonataCall *call, Value *result);
extern bool jsonata_fn_filter(JsonataCall *call, Value *result);
extern bool jsonata_fn_single(JsonataCall *call, Value *result);
extern bool jsonata_fn_reduce(JsonataCall *call, Value *result);
extern bool jsonata_fn_sift(JsonataCall *call, Value *result);
extern bool jsonata_fn_each(JsonataCall *call, Value *result);

/* fn_date.c */
extern bool jsonata_fn_now(JsonataCall *call, Value *result);
extern bool jsonata_fn_millis(JsonataCall *call, Value *result);
extern bool jsonata_fn_from_millis(JsonataCall *call, Value *result);
extern bool jsonata_fn_to_millis(JsonataCall *call, Value *result);

/* fn_codec.c */
extern bool jsonata_fn_base64_encode(JsonataCall *call, Value *result);
extern bool jsonata_fn_base64_decode(JsonataCall *call, Value *result);
extern bool jsonata_fn_url_encode(JsonataCall *call, Value *result);
extern bool jsonata_fn_url_decode(JsonataCall *call, Value *result);
extern bool jsonata_fn_hash(JsonataCall *call, Value *result);
extern bool jsonata_fn_uuid(JsonataCall *call, Value *result);
extern bool jsonata_fn_parse(JsonataCall *call, Value *result);

#endif /* WORKFLOW_JSONATA_FN_H */
