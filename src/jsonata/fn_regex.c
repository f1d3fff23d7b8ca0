/*-------------------------------------------------------------------------
 *
 * fn_regex.c
 *	  Functions that look for something in a text: $contains, $match, $replace,
 *	  $split, and a regular expression as a function of its own.
 *
 * What they look for is a string, a regular expression, or a matcher: any
 * function that takes a text and gives an object {match, start, end, groups,
 * next} for the first match, where next is a function that gives the next one.
 * Positions in a text are in UTF-16 units where such an object shows them, and
 * bytes in here.
 *
 * A regular expression may match the empty string once; when the search for
 * the next match gives an empty one, that is an error (D1004), since it would
 * go on for ever.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_regex.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/fn.h"
#include "jsonata/regex.h"
#include "util/utf8.h"

/* A search for one match after the other */
typedef struct Search
{
	JsonataCall *call;
	Value text;
	Value pattern;             /* string or function */
	const JsonataRegex *regex; /* the one behind the function, or NULL */
	int position;              /* where to go on, in bytes */
	Value next;                /* of a matcher, from the second match on */
	bool started;

	/* the match that was found */
	int start;
	int end;
	Value match;              /* its text */
	JsonataRegexMatch groups; /* of a regex */
	Value object;             /* of a matcher, what it gave */

	/* a position in UTF-16 units that is known, for positions are asked in ascending order */
	int known_bytes;
	int known_units;
} Search;

/* What next() of a match remembers */
typedef struct NextMatch
{
	const JsonataRegex *regex;
	Value text;
	int position; /* in bytes */
	int units;    /* the same in UTF-16 units */
} NextMatch;

static void start_search(Search *search, JsonataCall *call);
static bool find_next(Search *search, bool *found);
static bool find_string(Search *search, bool *found);
static bool find_regex(Search *search, bool *found);
static bool find_with_matcher(Search *search, bool *found);
static bool read_matcher_result(Search *search, Value object);
static int offset_of_unit(Value text, double unit);
static int unit_of_offset(Search *search, int offset);
static Value groups_of_match(const Search *search);
static Value match_object(Search *search);
static bool next_match(JsonataCall *call, Value *result);
static bool read_limit(JsonataCall *call, int arg, const char *code, double *limit);
static bool split_characters(JsonataCall *call, double limit, Value *result);
static bool append_replacement(Search *search, Value replacement, StringInfo out);
static void append_template(const Search *search, Value groups, Value replacement,
							StringInfo out);

/* $contains(text, pattern) */
bool
jsonata_fn_contains(JsonataCall *call, Value *result)
{
	Search search;
	bool found;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	start_search(&search, call);
	if (!find_next(&search, &found))
		return false;
	*result = value_bool(found);
	return true;
}

/* $match(text, pattern, limit?): a sequence of objects {match, index, groups} */
bool
jsonata_fn_match(JsonataCall *call, Value *result)
{
	Search search;
	JsonataSequence sequence;
	double limit;
	bool found;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	if (!read_limit(call, 2, "D3040", &limit))
		return false;
	start_search(&search, call);
	jsonata_sequence_init(&sequence);
	/* the reference looks for one more than it wants, and may find that to be an error */
	while (limit > 0)
	{
		ValueObject *match;

		if (!find_next(&search, &found))
			return false;
		if (!found || sequence.count >= limit)
			break;
		match = value_object_new(3);
		value_object_add_cstring(match, "match", search.match);
		value_object_add_cstring(match,
								 "index",
								 value_double(unit_of_offset(&search, search.start)));
		value_object_add_cstring(match, "groups", groups_of_match(&search));
		jsonata_sequence_push(&sequence, value_from_object(match));
	}
	*result = jsonata_sequence_result(&sequence);
	return true;
}

/* $split(text, separator, limit?) */
bool
jsonata_fn_split(JsonataCall *call, Value *result)
{
	Search search;
	ValueArray *pieces;
	Value text = call->args[0];
	double limit;
	int start = 0;
	bool found = true;

	if (fn_missing(call, 0))
		return true;
	if (!read_limit(call, 2, "D3020", &limit))
		return false;
	if (call->args[1].kind == VALUE_STRING)
	{
		limit = floor(limit);
		if (call->args[1].len == 0)
			return split_characters(call, limit, result);
	}
	pieces = value_array_new(8);
	start_search(&search, call);
	while (!fn_missing(call, 1) && pieces->count < limit)
	{
		if (!find_next(&search, &found))
			return false;
		if (!found)
			break;
		value_array_push(pieces,
						 value_string(text.u.string + start, search.start - start));
		start = search.end;
	}
	if (pieces->count < limit)
		value_array_push(pieces, value_string(text.u.string + start, text.len - start));
	/* as in $match: a match behind the last one wanted may be an error */
	else if (search.regex != NULL && found && limit > 0 && !find_next(&search, &found))
		return false;
	*result = value_from_array(pieces);
	return true;
}

static bool
split_characters(JsonataCall *call, double limit, Value *result)
{
	Value text = call->args[0];
	const char *p = text.u.string;
	const char *end = p + text.len;
	ValueArray *characters = value_array_new(Min(text.len, 64));

	while (p < end && characters->count < limit)
	{
		const char *start = p;

		(void) utf8_decode(&p, end);
		value_array_push(characters, value_string(start, (int) (p - start)));
	}
	*result = value_from_array(characters);
	return jsonata_tick(call, characters->count);
}

/* $replace(text, pattern, replacement, limit?) */
bool
jsonata_fn_replace(JsonataCall *call, Value *result)
{
	Search search;
	StringInfoData out;
	Value text = call->args[0];
	double limit;
	double count = 0;
	int start = 0;
	bool found;

	if (fn_missing(call, 0))
		return true;
	if (fn_missing(call, 1) || fn_missing(call, 2))
		return jsonata_raise_index(call,
								   "T0410",
								   value_undefined(),
								   fn_missing(call, 1) ? 2 : 3,
								   NULL);
	if (call->args[1].kind == VALUE_STRING && call->args[1].len == 0)
		return jsonata_raise(call, "D3010");
	if (!read_limit(call, 3, "D3011", &limit))
		return false;

	start_search(&search, call);
	out.data = NULL;
	while (limit > 0)
	{
		if (!find_next(&search, &found))
			return false;
		if (!found || count >= limit)
			break;
		if (out.data == NULL)
			fn_init_text(&out, text.len + 16);
		if (!jsonata_check_text_size(call, (double) out.len + text.len))
			return false;
		appendBinaryStringInfo(&out, text.u.string + start, search.start - start);
		start = search.end;
		if (!append_replacement(&search, call->args[2], &out))
			return false;
		count++;
	}
	if (out.data == NULL)
	{
		*result = value_string(text.u.string, text.len);
		return true;
	}
	appendBinaryStringInfo(&out, text.u.string + start, text.len - start);
	*result = fn_text(&out);
	return true;
}

/* What stands in the place of the match: a text, a template, or what a function gives */
static bool
append_replacement(Search *search, Value replacement, StringInfo out)
{
	Value v = replacement;

	if (replacement.kind == VALUE_FUNCTION)
	{
		Value match = match_object(search);

		if (!jsonata_apply(search->call, replacement, &match, 1, &v))
			return false;
		if (v.kind != VALUE_STRING)
			return jsonata_raise_value(search->call, "D3012", v);
		appendBinaryStringInfo(out, v.u.string, v.len);
	}
	else if (search->pattern.kind == VALUE_STRING ||
			 memchr(replacement.u.string, '$', replacement.len) == NULL)
		appendBinaryStringInfo(out, replacement.u.string, replacement.len);
	else
		append_template(search, groups_of_match(search), replacement, out);
	return jsonata_check_text_size(search->call, out->len);
}

/*
 * $$ is a dollar, $0 the whole match, $n a group: of the digits as many are
 * taken as there can be groups, one fewer where that is none.  A dollar before
 * anything else is one.
 */
static void
append_template(const Search *search, Value groups, Value replacement, StringInfo out)
{
	const char *p = replacement.u.string;
	const char *end = p + replacement.len;
	int count = value_array_length(groups);
	int max_digits = count == 0 ? 1 : (int) floor(log10(count)) + 1;

	while (p < end)
	{
		Value group;
		int n = 0;
		int digits = 0;

		if (*p != '$')
		{
			appendStringInfoCharMacro(out, *p++);
			continue;
		}
		p++;
		if (p < end && (*p == '$' || *p == '0'))
		{
			if (*p == '$')
				appendStringInfoCharMacro(out, '$');
			else
				appendBinaryStringInfo(out, search->match.u.string, search->match.len);
			p++;
			continue;
		}
		while (p + digits < end && digits < max_digits && p[digits] >= '0' &&
			   p[digits] <= '9')
			n = n * 10 + (p[digits++] - '0');
		if (digits == 0)
		{
			appendStringInfoCharMacro(out, '$');
			continue;
		}
		if (digits > 1 && n > count)
		{
			digits--;
			n /= 10;
		}
		p += digits;
		group = n <= count ? value_array_get(groups, n - 1) : value_undefined();
		if (group.kind == VALUE_STRING)
			appendBinaryStringInfo(out, group.u.string, group.len);
	}
}

/* A limit that was not given is infinite */
static bool
read_limit(JsonataCall *call, int arg, const char *code, double *limit)
{
	*limit = fn_missing(call, arg) ? INFINITY : value_to_double(call->args[arg]);
	if (*limit < 0)
		return jsonata_raise_value(call, code, call->args[arg]);
	return true;
}

/* Searching */

static void
start_search(Search *search, JsonataCall *call)
{
	memset(search, 0, sizeof(*search));
	search->call = call;
	search->text = call->args[0];
	search->pattern = call->args[1];
	if (search->pattern.kind == VALUE_FUNCTION)
		search->regex = jsonata_function_regex(search->pattern);
}

/* false: an error was raised */
static bool
find_next(Search *search, bool *found)
{
	if (!jsonata_tick(search->call, 1))
		return false;
	if (search->pattern.kind == VALUE_STRING)
		return find_string(search, found);
	if (search->regex != NULL)
		return find_regex(search, found);
	return find_with_matcher(search, found);
}

static bool
find_string(Search *search, bool *found)
{
	const char *text = search->text.u.string;
	const char *at = memmem(text + search->position,
							search->text.len - search->position,
							search->pattern.u.string,
							search->pattern.len);

	*found = at != NULL;
	if (at == NULL)
		return true;
	search->start = (int) (at - text);
	search->end = search->position = search->start + search->pattern.len;
	search->match = value_string(at, search->pattern.len);
	return true;
}

static bool
find_regex(Search *search, bool *found)
{
	const char *text = search->text.u.string;
	const char *source;
	int source_len;

	*found = false;
	if (search->started && search->position >= search->text.len)
		return true;
	switch (jsonata_regex_match(search->regex,
								text,
								search->text.len,
								search->position,
								&search->groups))
	{
		case REGEX_NO_MATCH:
			/* there is none behind it either */
			search->started = true;
			search->position = search->text.len;
			return true;
		case REGEX_LIMIT:
			return fn_raise_limit(search->call, FN_TIME_LIMIT);
		case REGEX_MATCH:
			break;
	}
	search->start = search->groups.start;
	search->end = search->position = search->groups.end;
	search->match = value_string(text + search->start, search->end - search->start);
	if (search->started && search->match.len == 0)
	{
		source = jsonata_regex_source(search->regex, &source_len);
		return jsonata_raise_value(search->call,
								   "D1004",
								   value_string(source, source_len));
	}
	search->started = true;
	*found = true;
	return true;
}

static bool
find_with_matcher(Search *search, bool *found)
{
	Value object;

	*found = false;
	if (!search->started)
	{
		if (!jsonata_apply(search->call, search->pattern, &search->text, 1, &object))
			return false;
	}
	else if (search->next.kind != VALUE_FUNCTION)
		return true;
	else if (!jsonata_apply(search->call, search->next, &search->text, 0, &object))
		return false;
	search->started = true;
	if (value_is_undefined(object))
		return true;
	*found = true;
	return read_matcher_result(search, object);
}

/* T1010 where it is no object as it should be */
static bool
read_matcher_result(Search *search, Value object)
{
	Value start;
	Value end;
	Value groups;
	Value next;
	bool is_object = value_type(object) == TYPE_OBJECT;

	if (is_object)
	{
		start = value_object_get_cstring(object, "start");
		end = value_object_get_cstring(object, "end");
		groups = value_object_get_cstring(object, "groups");
		next = value_object_get_cstring(object, "next");
		search->match = value_object_get_cstring(object, "match");
	}
	if (!is_object || value_type(start) != TYPE_NUMBER ||
		value_type(end) != TYPE_NUMBER || value_type(groups) != TYPE_ARRAY ||
		next.kind != VALUE_FUNCTION || search->match.kind != VALUE_STRING)
		return jsonata_raise_value(search->call, "T1010", object);
	search->object = object;
	search->next = next;
	/* matches go from left to right, whatever a matcher says */
	search->start =
		Max(offset_of_unit(search->text, value_to_double(start)), search->end);
	search->end = Max(offset_of_unit(search->text, value_to_double(end)), search->start);
	return true;
}

/* Byte offset of a UTF-16 unit, within the text */
static int
offset_of_unit(Value text, double unit)
{
	const char *p = text.u.string;
	const char *end = p + text.len;

	while (p < end && unit >= 1)
		unit -= utf8_decode(&p, end) >= 0x10000 ? 2 : 1;
	return (int) (p - text.u.string);
}

static int
unit_of_offset(Search *search, int offset)
{
	if (offset < search->known_bytes)
		search->known_bytes = search->known_units = 0;
	search->known_units += utf8_length_utf16(search->text.u.string + search->known_bytes,
											 offset - search->known_bytes);
	search->known_bytes = offset;
	return search->known_units;
}

/* An array; a group that took no part in the match is undefined */
static Value
groups_of_match(const Search *search)
{
	ValueArray *groups;

	if (search->pattern.kind == VALUE_FUNCTION && search->regex == NULL)
		return value_object_get_cstring(search->object, "groups");
	groups = value_array_new(search->regex == NULL ? 0 : search->groups.groups);
	for (int i = 1; search->regex != NULL && i <= search->groups.groups; i++)
	{
		int len = 0;
		const char *s =
			jsonata_regex_group(&search->groups, search->text.u.string, i, &len);

		value_array_push(groups, s == NULL ? value_undefined() : value_string(s, len));
	}
	return value_from_array(groups);
}

/* Regular expressions as matchers */

/* {match, start, end, groups, next} */
static Value
match_object(Search *search)
{
	ValueObject *object;
	NextMatch *next;
	int start;

	if (search->pattern.kind == VALUE_FUNCTION && search->regex == NULL)
		return search->object;
	start = unit_of_offset(search, search->start);
	object = value_object_new(5);
	value_object_add_cstring(object, "match", search->match);
	value_object_add_cstring(object, "start", value_double(start));
	value_object_add_cstring(object,
							 "end",
							 value_double(unit_of_offset(search, search->end)));
	value_object_add_cstring(object, "groups", groups_of_match(search));
	if (search->regex == NULL)
		return value_from_object(object);

	next = palloc_object(NextMatch);
	next->regex = search->regex;
	next->text = search->text;
	next->position = search->end;
	next->units = search->known_units;
	value_object_add_cstring(object, "next", jsonata_native(next_match, next, 0));
	return value_from_object(object);
}

bool
jsonata_regex_call(JsonataCall *call, Value *result)
{
	Search search = {.call = call};
	bool found;

	if (call->nargs == 0 || call->args[0].kind != VALUE_STRING)
		return true;
	search.text = call->args[0];
	search.pattern.kind = VALUE_FUNCTION;
	search.regex = call->data;
	if (!find_next(&search, &found))
		return false;
	if (found)
		*result = match_object(&search);
	return true;
}

/* next() of such an object */
static bool
next_match(JsonataCall *call, Value *result)
{
	const NextMatch *next = call->data;
	Search search = {.call = call, .started = true};
	bool found;

	search.text = next->text;
	search.pattern.kind = VALUE_FUNCTION;
	search.regex = next->regex;
	search.position = search.known_bytes = next->position;
	search.known_units = next->units;
	if (!find_next(&search, &found))
		return false;
	if (found)
		*result = match_object(&search);
	return true;
}
