/*-------------------------------------------------------------------------
 *
 * regex.c
 *	  Regular expressions: the one door to PCRE2.
 *
 * All of PCRE2's memory, but for the machine code it generates, comes from
 * the memory context in which the regex was compiled, so that nothing needs
 * to be freed one by one; the machine code goes when that context is reset.
 * It is generated only for a regex that is used often: that takes longer than
 * a dozen matches.
 *
 * Matching is bounded by PCRE2's limits rather than by interrupts: a limit of
 * steps is a fraction of a second.
 *
 * IDENTIFICATION
 *	  src/jsonata/regex.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "jsonata/regex.h"

#define STEP_LIMIT 5000000      /* well below a second */
#define HEAP_LIMIT_KIB 16384    /* of backtracking */
#define USES_BEFORE_JIT 32      /* matches that cost about as much as the code for them */
#define KEPT_MEMORY (64 * 1024) /* of backtracking that may stay for the next match */
#define MESSAGE_SIZE 256

struct JsonataRegex
{
	MemoryContext context; /* where PCRE2 allocates */
	Size match_memory;     /* what the match data holds, with its backtracking */
	pcre2_general_context *general;
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *match_data;
	MemoryContextCallback on_reset;
	const char *source;
	int source_len;
	int uses;
	bool matching; /* allocations count for match_memory */
};

static void *allocate(size_t size, void *arg);
static void release(void *pointer, void *arg);
static bool compile_pattern(JsonataRegex *regex, uint32 options, char **message);
static void prepare_match(JsonataRegex *regex);
static void generate_code(JsonataRegex *regex);
static void free_generated_code(void *arg);

JsonataRegex *
jsonata_regex_compile(const char *pattern, int len, bool ignore_case, bool multiline,
					  char **message)
{
	JsonataRegex *regex = palloc0_object(JsonataRegex);
	uint32 options = PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS |
					 PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;

	if (ignore_case)
		options |= PCRE2_CASELESS;
	if (multiline)
		options |= PCRE2_MULTILINE;

	regex->context = CurrentMemoryContext;
	regex->source = pnstrdup(pattern, len);
	regex->source_len = len;
	regex->general = pcre2_general_context_create(allocate, release, regex);
	if (regex->general == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	return compile_pattern(regex, options, message) ? regex : NULL;
}

static bool
compile_pattern(JsonataRegex *regex, uint32 options, char **message)
{
	pcre2_compile_context *compile = pcre2_compile_context_create(regex->general);
	int error;
	PCRE2_SIZE where;

	if (compile == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	/* JavaScript's "." takes neither \n nor \r */
	pcre2_set_newline(compile, PCRE2_NEWLINE_ANYCRLF);
	regex->code = pcre2_compile((PCRE2_SPTR) regex->source,
								regex->source_len,
								options,
								&error,
								&where,
								compile);
	pcre2_compile_context_free(compile);
	if (regex->code != NULL)
		return true;
	*message = palloc(MESSAGE_SIZE);
	if (pcre2_get_error_message(error, (PCRE2_UCHAR *) *message, MESSAGE_SIZE) < 0)
		snprintf(*message, MESSAGE_SIZE, "error %d", error);
	return false;
}

JsonataRegexResult
jsonata_regex_match(const JsonataRegex *compiled, const char *subject, int len, int start,
					JsonataRegexMatch *match)
{
	/* the match data is a cache, not part of the regex's value */
	JsonataRegex *regex = unconstify(JsonataRegex *, compiled);
	int result;
	uint32 options = PCRE2_NO_UTF_CHECK;

	CHECK_FOR_INTERRUPTS();
	prepare_match(regex);
	regex->matching = true;
	result = pcre2_match(regex->code,
						 (PCRE2_SPTR) subject,
						 len,
						 start,
						 options,
						 regex->match_data,
						 regex->limits);
	/* machine code has a small stack of its own; the interpreter has the heap */
	if (result == PCRE2_ERROR_JIT_STACKLIMIT)
		result = pcre2_match(regex->code,
							 (PCRE2_SPTR) subject,
							 len,
							 start,
							 options | PCRE2_NO_JIT,
							 regex->match_data,
							 regex->limits);
	regex->matching = false;

	if (result == PCRE2_ERROR_NOMATCH)
		return REGEX_NO_MATCH;
	if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
		result == PCRE2_ERROR_HEAPLIMIT || result == PCRE2_ERROR_RECURSELOOP)
		return REGEX_LIMIT;
	if (result == PCRE2_ERROR_NOMEMORY)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	if (result < 0)
		elog(ERROR, "regular expression failed with error %d", result);

	match->offsets = pcre2_get_ovector_pointer(regex->match_data);
	match->groups = (int) pcre2_get_ovector_count(regex->match_data) - 1;
	match->end = (int) match->offsets[1];
	/* \K in a lookahead may set the start behind the end */
	match->start = Min((int) match->offsets[0], match->end);
	return REGEX_MATCH;
}

const char *
jsonata_regex_group(const JsonataRegexMatch *match, const char *subject, int group,
					int *len)
{
	size_t start = match->offsets[2 * group];

	Assert(group > 0 && group <= match->groups);
	if (start == PCRE2_UNSET)
		return NULL;
	*len = (int) (match->offsets[2 * group + 1] - start);
	return subject + start;
}

const char *
jsonata_regex_source(const JsonataRegex *regex, int *len)
{
	*len = regex->source_len;
	return regex->source;
}

/* Room for the next match, limits, and machine code where that pays */
static void
prepare_match(JsonataRegex *regex)
{
	if (regex->limits == NULL)
	{
		regex->limits = pcre2_match_context_create(regex->general);
		if (regex->limits == NULL)
			ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
		pcre2_set_match_limit(regex->limits, STEP_LIMIT);
		pcre2_set_heap_limit(regex->limits, HEAP_LIMIT_KIB);
	}
	/* one difficult subject does not keep its memory for the life of the expression */
	if (regex->match_data != NULL && regex->match_memory > KEPT_MEMORY)
	{
		pcre2_match_data_free(regex->match_data);
		regex->match_data = NULL;
		regex->match_memory = 0;
	}
	if (regex->match_data == NULL)
	{
		regex->match_data =
			pcre2_match_data_create_from_pattern(regex->code, regex->general);
		if (regex->match_data == NULL)
			ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	}
	if (regex->uses < USES_BEFORE_JIT && ++regex->uses == USES_BEFORE_JIT)
		generate_code(regex);
}

/* Not having machine code is no error: PCRE2 may be built without, the system forbid it */
static void
generate_code(JsonataRegex *regex)
{
	if (pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) != 0)
		return;
	regex->on_reset.func = free_generated_code;
	regex->on_reset.arg = regex;
	MemoryContextRegisterResetCallback(regex->context, &regex->on_reset);
}

static void
free_generated_code(void *arg)
{
	JsonataRegex *regex = arg;

	pcre2_code_free(regex->code);
}

/* NULL lets PCRE2 clean up after itself, where an error would jump out of it */
static void *
allocate(size_t size, void *arg)
{
	JsonataRegex *regex = arg;

	if (!AllocHugeSizeIsValid(size))
		return NULL;
	if (regex->matching)
		regex->match_memory += size;
	return MemoryContextAllocExtended(regex->context,
									  size,
									  MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
}

static void
release(void *pointer, void *arg)
{
	if (pointer != NULL)
		pfree(pointer);
}
