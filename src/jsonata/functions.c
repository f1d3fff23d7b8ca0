/*-------------------------------------------------------------------------
 *
 * functions.c
 *	  The table of the built-in functions, nothing else.
 *
 * The signatures are those of the reference; what Step Functions adds stands
 * at the end.  The arity is that of the reference too: how many arguments a
 * higher-order function hands to it.
 *
 * IDENTIFICATION
 *	  src/jsonata/functions.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/fn.h"

const JsonataBuiltin jsonata_builtins[] = {
	/* strings */
	{"string", "<x-b?:s>", 1, jsonata_fn_string},
	{"length", "<s-:n>", 1, jsonata_fn_length},
	{"substring", "<s-nn?:s>", 3, jsonata_fn_substring},
	{"substringBefore", "<s-s:s>", 2, jsonata_fn_substring_at, FN_BEFORE},
	{"substringAfter", "<s-s:s>", 2, jsonata_fn_substring_at, FN_AFTER},
	{"uppercase", "<s-:s>", 1, jsonata_fn_case, FN_UPPER},
	{"lowercase", "<s-:s>", 1, jsonata_fn_case, FN_LOWER},
	{"trim", "<s-:s>", 1, jsonata_fn_trim},
	{"pad", "<s-ns?:s>", 3, jsonata_fn_pad},
	{"join", "<a<s>s?:s>", 2, jsonata_fn_join},
	{"contains", "<s-(sf):b>", 2, jsonata_fn_contains},
	{"match", "<s-f<s:o>n?:a<o>>", 3, jsonata_fn_match},
	{"replace", "<s-(sf)(sf)n?:s>", 4, jsonata_fn_replace},
	{"split", "<s-(sf)n?:a<s>>", 3, jsonata_fn_split},
	{"base64encode", "<s-:s>", 1, jsonata_fn_base64_encode},
	{"base64decode", "<s-:s>", 1, jsonata_fn_base64_decode},
	{"encodeUrl", "<s-:s>", 1, jsonata_fn_url_encode, FN_URL},
	{"encodeUrlComponent", "<s-:s>", 1, jsonata_fn_url_encode, FN_URL_COMPONENT},
	{"decodeUrl", "<s-:s>", 1, jsonata_fn_url_decode, FN_URL},
	{"decodeUrlComponent", "<s-:s>", 1, jsonata_fn_url_decode, FN_URL_COMPONENT},

	/* numbers */
	{"number", "<(nsb)-:n>", 1, jsonata_fn_number},
	{"abs", "<n-:n>", 1, jsonata_fn_integral, FN_ABS},
	{"floor", "<n-:n>", 1, jsonata_fn_integral, FN_FLOOR},
	{"ceil", "<n-:n>", 1, jsonata_fn_integral, FN_CEIL},
	{"round", "<n-n?:n>", 2, jsonata_fn_round},
	{"sqrt", "<n-:n>", 1, jsonata_fn_sqrt},
	{"power", "<n-n:n>", 2, jsonata_fn_power},
	{"formatBase", "<n-n?:s>", 2, jsonata_fn_format_base},
	{"formatNumber", "<n-so?:s>", 3, jsonata_fn_format_number},
	{"formatInteger", "<n-s:s>", 2, jsonata_fn_format_integer},
	{"parseInteger", "<s-s:n>", 2, jsonata_fn_parse_integer},
	{"sum", "<a<n>:n>", 1, jsonata_fn_aggregate, FN_SUM},
	{"average", "<a<n>:n>", 1, jsonata_fn_aggregate, FN_AVERAGE},
	{"max", "<a<n>:n>", 1, jsonata_fn_aggregate, FN_MAX},
	{"min", "<a<n>:n>", 1, jsonata_fn_aggregate, FN_MIN},

	/* anything */
	{"boolean", "<x-:b>", 1, jsonata_fn_boolean},
	{"not", "<x-:b>", 1, jsonata_fn_not},
	{"exists", "<x:b>", 1, jsonata_fn_exists},
	{"type", "<x:s>", 1, jsonata_fn_type},
	{"error", "<s?:x>", 1, jsonata_fn_error},
	{"assert", "<bs?:x>", 2, jsonata_fn_assert},
	{"eval", "<sx?:x>", 2, jsonata_fn_eval, 0, JSONATA_REFERENCE},

	/* arrays */
	{"count", "<a:n>", 1, jsonata_fn_count},
	{"append", "<xx:a>", 2, jsonata_fn_append},
	{"reverse", "<a:a>", 1, jsonata_fn_reverse},
	{"shuffle", "<a:a>", 1, jsonata_fn_shuffle},
	{"zip", "<a+>", 0, jsonata_fn_zip},
	{"distinct", "<x:x>", 1, jsonata_fn_distinct},
	{"sort", "<af?:a>", 2, jsonata_fn_sort},

	/* objects */
	{"keys", "<x-:a<s>>", 1, jsonata_fn_keys},
	{"lookup", "<x-s:x>", 2, jsonata_fn_lookup},
	{"spread", "<x-:a<o>>", 1, jsonata_fn_spread},
	{"merge", "<a<o>:o>", 1, jsonata_fn_merge},
	{"clone", "<(oa)-:o>", 1, jsonata_fn_clone},

	/* functions of functions */
	{"map", "<af>", 2, jsonata_fn_map},
	{"filter", "<af>", 2, jsonata_fn_filter},
	{"single", "<af?>", 2, jsonata_fn_single},
	{"reduce", "<afj?:j>", 3, jsonata_fn_reduce},
	{"sift", "<o-f?:o>", 2, jsonata_fn_sift},
	{"each", "<o-f:a>", 2, jsonata_fn_each},

	/* dates */
	{"now", "<s?s?:s>", 2, jsonata_fn_now},
	{"millis", "<:n>", 0, jsonata_fn_millis},
	{"fromMillis", "<n-s?s?:s>", 3, jsonata_fn_from_millis},
	{"toMillis", "<s-s?:n>", 2, jsonata_fn_to_millis},

	/* Step Functions; $random takes a seed only there, which harms nobody elsewhere */
	{"random", "<n?:n>", 0, jsonata_fn_random},
	{"uuid", "<:s>", 0, jsonata_fn_uuid},
	{"hash", "<ss?:s>", 2, jsonata_fn_hash},
	{"parse", "<s?:x>", 1, jsonata_fn_parse},
	{"partition", "<xn?:a>", 2, jsonata_fn_partition},
	{"range", "<nnn?:a>", 3, jsonata_fn_range},
};

const int jsonata_builtin_count = lengthof(jsonata_builtins);
