/*-------------------------------------------------------------------------
 *
 * jsonata.c
 *	  JSONata as a SQL function.
 *
 * A shell only: arguments in, result or ereport() out, with the limits that
 * the settings give.  Compiled expressions are kept, the latest few of each
 * backend.
 *
 * IDENTIFICATION
 *	  src/api/jsonata.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "jsonata/jsonata.h"
#include "store/store.h"
#include "workflow.h"

/* So many compiled expressions are kept, and none that is longer than that */
#define CACHE_SIZE 32
#define CACHE_MAX_LENGTH 65536

typedef struct CacheEntry
{
	MemoryContext context; /* NULL: the entry is free */
	uint32 hash;
	int len;
	const char *text;
	JsonataExpr *expr;
	uint64 last_used;
} CacheEntry;

static CacheEntry cache[CACHE_SIZE];
static uint64 cache_clock;

WF_FUNCTION(wf_jsonata);

static JsonataExpr *compile(const char *text, int len, WfError *error);
static CacheEntry *find_entry(const char *text, int len, uint32 hash);
static void fill_scope(JsonataScope *scope, FunctionCallInfo fcinfo, Value *bindings);
static Value json_argument(FunctionCallInfo fcinfo, int n);
static Value lookup_binding(void *arg, const char *name, int name_len);

/*
 * jsonata(expression text, input json, bindings json) RETURNS json
 *
 * NULL where the expression gives nothing, or a function.  Raises WF200 with
 * JSONata's code at the beginning of the message.  Where $states is bound, the
 * functions are those of Step Functions: its own are there, $eval is not.
 */
Datum
wf_jsonata(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	WfError error = {0};
	Value bindings = value_undefined();
	JsonataScope scope;
	JsonataExpr *expr;
	StringInfoData out;
	text *expression;
	Value result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	expression = PG_GETARG_TEXT_PP(0);
	expr = compile(VARDATA_ANY(expression), VARSIZE_ANY_EXHDR(expression), &error);
	if (expr == NULL)
		wf_error_raise(&error);

	context = AllocSetContextCreate(caller, "workflow jsonata", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	fill_scope(&scope, fcinfo, &bindings);
	if (!jsonata_eval(expr, &scope, &result, &error))
		wf_error_raise(&error);
	MemoryContextSwitchTo(caller);
	if (result.kind == VALUE_UNDEFINED || result.kind == VALUE_FUNCTION)
	{
		MemoryContextDelete(context);
		PG_RETURN_NULL();
	}
	/* a text datum: the header first */
	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	value_append_text(&out, result);
	MemoryContextDelete(context);
	SET_VARSIZE(out.data, out.len);
	PG_RETURN_TEXT_P(out.data);
}

static void
fill_scope(JsonataScope *scope, FunctionCallInfo fcinfo, Value *bindings)
{
	const EvalLimits *limits = store_expression_limits();

	memset(scope, 0, sizeof(JsonataScope));
	scope->input = json_argument(fcinfo, 1);
	*bindings = json_argument(fcinfo, 2);
	if (bindings->kind != VALUE_UNDEFINED && bindings->kind != VALUE_OBJECT)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("bindings must be a JSON object"));
	if (bindings->kind == VALUE_OBJECT)
	{
		scope->lookup = lookup_binding;
		scope->lookup_arg = bindings;
		scope->step_functions =
			value_object_get_cstring(*bindings, "states").kind != VALUE_UNDEFINED;
	}
	scope->now = GetCurrentStatementStartTimestamp();
	scope->random = &pg_global_prng_state;
	scope->limits.max_depth = limits->max_depth;
	scope->limits.max_memory = limits->max_memory;
	scope->limits.expired = limits->expired;
	scope->limits.expired_arg = limits->arg;
	limits->begin(limits->arg);
}

static Value
json_argument(FunctionCallInfo fcinfo, int n)
{
	WfError error = {0};
	text *json;
	Value v;

	if (PG_ARGISNULL(n))
		return value_undefined();
	json = PG_GETARG_TEXT_PP(n);
	if (!value_from_text(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), &v, &error))
		wf_error_raise(&error);
	return v;
}

static Value
lookup_binding(void *arg, const char *name, int name_len)
{
	return value_object_get(*(const Value *) arg, name, name_len);
}

/* The compiled expression, which nobody owns: it may be gone after the next call */
static JsonataExpr *
compile(const char *text, int len, WfError *error)
{
	uint32 hash = hash_bytes((const unsigned char *) text, len);
	CacheEntry *entry = find_entry(text, len, hash);
	MemoryContext old;
	MemoryContext context;
	JsonataExpr *expr;
	char *copy;

	if (len > CACHE_MAX_LENGTH)
		return jsonata_compile(text, len, error);
	entry->last_used = ++cache_clock;
	if (entry->expr != NULL)
		return entry->expr;

	/* an error leaves the context to the caller's */
	context = AllocSetContextCreate(CurrentMemoryContext,
									"workflow jsonata expression",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	copy = pnstrdup(text, len);
	expr = jsonata_compile(copy, len, error);
	MemoryContextSwitchTo(old);
	if (expr == NULL)
		return NULL;
	MemoryContextSetParent(context, TopMemoryContext);
	entry->context = context;
	entry->hash = hash;
	entry->len = len;
	entry->text = copy;
	entry->expr = expr;
	return expr;
}

/* The entry of a text, or the least recently used one, emptied */
static CacheEntry *
find_entry(const char *text, int len, uint32 hash)
{
	CacheEntry *oldest = &cache[0];

	for (int i = 0; i < CACHE_SIZE; i++)
	{
		CacheEntry *entry = &cache[i];

		if (entry->expr != NULL && entry->hash == hash && entry->len == len &&
			memcmp(entry->text, text, len) == 0)
			return entry;
		if (entry->last_used < oldest->last_used)
			oldest = entry;
	}
	if (oldest->context != NULL)
		MemoryContextDelete(oldest->context);
	memset(oldest, 0, sizeof(CacheEntry));
	return oldest;
}
