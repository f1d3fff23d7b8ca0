/*-------------------------------------------------------------------------
 *
 * bench.c
 *	  Evaluations and compilations per second of CPU time, inside a backend.
 *
 * A library of its own, built by test/bench/jsonata.sh from this file and the
 * objects of the expression floors; never installed.
 *
 * IDENTIFICATION
 *	  test/bench/jsonata/bench.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "catalog/pg_type_d.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "jsonata/jsonata.h"

PG_MODULE_MAGIC;

PGDLLEXPORT Datum bench_eval(PG_FUNCTION_ARGS);
PGDLLEXPORT Datum bench_result(PG_FUNCTION_ARGS);
PGDLLEXPORT Datum bench_memory(PG_FUNCTION_ARGS);
PGDLLEXPORT Datum bench_compile(PG_FUNCTION_ARGS);
PGDLLEXPORT Datum bench_references(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(bench_eval);
PG_FUNCTION_INFO_V1(bench_result);
PG_FUNCTION_INFO_V1(bench_memory);
PG_FUNCTION_INFO_V1(bench_compile);
PG_FUNCTION_INFO_V1(bench_references);

/* Windows of CPU time, the median of which counts */
#define WINDOWS 7

/* Evaluations before memory is looked at */
#define WARM_UP 40

typedef struct Bench
{
	const char *text;
	int len;
	JsonataExpr *expr;
	JsonataScope scope;
	MemoryContext context;
} Bench;

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static Value
lookup(void *arg, const char *name, int name_len)
{
	return value_object_get(*(Value *) arg, name, name_len);
}

static void
prepare(Bench *bench, text *expression, Value *bindings)
{
	WfError error = {0};

	memset(bench, 0, sizeof(Bench));
	bench->text = VARDATA_ANY(expression);
	bench->len = VARSIZE_ANY_EXHDR(expression);
	bench->expr = jsonata_compile(bench->text, bench->len, &error);
	if (bench->expr == NULL)
		wf_error_raise(&error);
	bench->scope.lookup = lookup;
	bench->scope.lookup_arg = bindings;
	bench->scope.random = &pg_global_prng_state;
	bench->scope.step_functions = true;
	bench->scope.limits.max_depth = 500;
	bench->scope.limits.max_memory = (Size) 256 * 1024 * 1024;
	bench->context = AllocSetContextCreate(CurrentMemoryContext,
										   "workflow bench",
										   ALLOCSET_DEFAULT_SIZES);
}

static void
evaluate(Bench *bench, Value *result)
{
	WfError error = {0};
	MemoryContext old;

	MemoryContextReset(bench->context);
	old = MemoryContextSwitchTo(bench->context);
	if (!jsonata_eval(bench->expr, &bench->scope, result, &error))
		wf_error_raise(&error);
	MemoryContextSwitchTo(old);
}

static void
compile(Bench *bench, Value *result)
{
	WfError error = {0};
	MemoryContext old;

	MemoryContextReset(bench->context);
	old = MemoryContextSwitchTo(bench->context);
	if (jsonata_compile(bench->text, bench->len, &error) == NULL)
		wf_error_raise(&error);
	MemoryContextSwitchTo(old);
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *) a;
	double right = *(const double *) b;

	return (left > right) - (left < right);
}

/* Runs per second of CPU time: the median of some windows */
static double
rate(Bench *bench, void (*run)(Bench *, Value *), double window)
{
	double rates[WINDOWS];
	int batch = 1;
	Value result;

	for (int i = -1; i < WINDOWS; i++)
	{
		double start = cpu_seconds();
		double used;
		int64 count = 0;

		do
		{
			for (int j = 0; j < batch; j++)
				run(bench, &result);
			count += batch;
			used = cpu_seconds() - start;
			if (used < window / 20)
				batch *= 2;
			CHECK_FOR_INTERRUPTS();
		} while (used < window);
		if (i >= 0)
			rates[i] = count / used;
	}
	qsort(rates, WINDOWS, sizeof(double), compare);
	return rates[WINDOWS / 2];
}

/* Bindings given as json are decoded, those as jsonb are left as they are */
static Value
read_bindings(FunctionCallInfo fcinfo, int n)
{
	WfError error = {0};
	text *json;
	Value v;

	if (get_fn_expr_argtype(fcinfo->flinfo, n) == JSONBOID)
		return value_from_jsonb(PG_GETARG_JSONB_P(n));
	json = PG_GETARG_TEXT_PP(n);
	if (!value_from_text(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), &v, &error))
		wf_error_raise(&error);
	return v;
}

/* bench_eval(expression text, bindings json or jsonb, window float8) RETURNS float8 */
Datum
bench_eval(PG_FUNCTION_ARGS)
{
	Value bindings = read_bindings(fcinfo, 1);
	Bench bench;

	prepare(&bench, PG_GETARG_TEXT_PP(0), &bindings);
	PG_RETURN_FLOAT8(rate(&bench, evaluate, PG_GETARG_FLOAT8(2)));
}

/* bench_result(expression text, bindings json or jsonb) RETURNS text */
Datum
bench_result(PG_FUNCTION_ARGS)
{
	Value bindings = read_bindings(fcinfo, 1);
	Bench bench;
	Value result;

	prepare(&bench, PG_GETARG_TEXT_PP(0), &bindings);
	evaluate(&bench, &result);
	PG_RETURN_TEXT_P(cstring_to_text(value_to_text(result)));
}

/*
 * bench_memory(expression text, bindings json or jsonb, runs int) RETURNS int8
 *
 * Bytes that the backend has more after so many evaluations, of which each one's
 * context was reset.  What is made once (code for regular expressions, ...) is
 * there before.
 */
Datum
bench_memory(PG_FUNCTION_ARGS)
{
	Value bindings = read_bindings(fcinfo, 1);
	int runs = PG_GETARG_INT32(2);
	Size before = 0;
	Bench bench;
	Value result;

	prepare(&bench, PG_GETARG_TEXT_PP(0), &bindings);
	for (int i = -WARM_UP; i < runs; i++)
	{
		if (i == 0)
		{
			MemoryContextReset(bench.context);
			before = MemoryContextMemAllocated(TopMemoryContext, true);
		}
		evaluate(&bench, &result);
	}
	MemoryContextReset(bench.context);
	PG_RETURN_INT64((int64) MemoryContextMemAllocated(TopMemoryContext, true) -
					(int64) before);
}

/* bench_compile(expression text, window float8) RETURNS float8 */
Datum
bench_compile(PG_FUNCTION_ARGS)
{
	Value bindings = value_undefined();
	Bench bench;

	prepare(&bench, PG_GETARG_TEXT_PP(0), &bindings);
	PG_RETURN_FLOAT8(rate(&bench, compile, PG_GETARG_FLOAT8(1)));
}

static void
add_reference(const char *name, int name_len, void *arg)
{
	appendStringInfo((StringInfo) arg, " $%.*s", name_len, name);
}

/* bench_references(expression text) RETURNS text */
Datum
bench_references(PG_FUNCTION_ARGS)
{
	Value bindings = value_undefined();
	StringInfoData out;
	const char *name;
	Bench bench;

	prepare(&bench, PG_GETARG_TEXT_PP(0), &bindings);
	initStringInfo(&out);
	name = jsonata_top_level_name(bench.expr);
	if (name != NULL)
		appendStringInfoString(&out, name);
	jsonata_visit_variables(bench.expr, add_reference, &out);
	PG_RETURN_TEXT_P(cstring_to_text(out.data));
}
