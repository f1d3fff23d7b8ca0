/*-------------------------------------------------------------------------
 *
 * jsonata.c
 *	  JSONata: expressions, and the data that they look at.
 *
 * An input is an expression, and perhaps a JSON document behind a line "---".
 * It is evaluated as workflow.jsonata() does and as a state does, twice each:
 * whatever it does, it must not change the compiled expression or the data.
 *
 * Knows the pure floors; must not know libFuzzer.
 *
 * IDENTIFICATION
 *	  test/fuzz/jsonata.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/asl.h"
#include "fuzz.h"
#include "util/errcodes.h"

#define SEPARATOR "\n---\n"

#define MAX_DEPTH 100
#define MAX_MEMORY (2 * 1024 * 1024)

/* Times that an expression may be asked whether it has taken too long */
#define MAX_QUESTIONS 10

/* What the evaluator says of a limit; where one is reached may depend on what was kept */
#define LIMIT "U1001"

typedef struct Outcome
{
	bool done;
	Value value;
	WfError error;
} Outcome;

static int questions;

static void
begin(void *arg)
{
	questions = 0;
}

static bool
expired(void *arg)
{
	return ++questions > MAX_QUESTIONS;
}

const EvalLimits *
fuzz_limits(void)
{
	static const EvalLimits limits = {
		.max_depth = MAX_DEPTH,
		.max_memory = MAX_MEMORY,
		.begin = begin,
		.expired = expired,
	};

	return &limits;
}

static void
visit_name(const char *name, int name_len, void *arg)
{
	fuzz_check_utf8("a name", name, name_len);
}

static void
visit_members(const char *first, const char *second, void *arg)
{
	if (first == NULL && second != NULL)
		fuzz_finding("a member of nothing: %s", second);
}

/* Each of these walks the tree */
static void
inspect(const JsonataExpr *expr)
{
	const char *name = jsonata_top_level_name(expr);

	if (name != NULL)
		fuzz_check_utf8("a name", name, (int) strlen(name));
	(void) jsonata_newer_operator(expr);
	(void) jsonata_is_stable(expr);
	jsonata_visit_variables(expr, visit_name, NULL);
	jsonata_visit_functions(expr, visit_name, NULL);
	jsonata_visit_members(expr, "states", visit_members, NULL);
}

static Value
look_up(void *arg, const char *name, int name_len)
{
	return value_object_get(fuzz_documents[0], name, name_len);
}

/* As a function: the document is the input */
static Outcome
evaluate(const JsonataExpr *expr, Value document)
{
	const EvalLimits *limits = fuzz_limits();
	Outcome outcome = {0};
	pg_prng_state random;
	JsonataScope scope = {
		.input = document,
		.lookup = look_up,
		.random = &random,
		.limits.max_depth = limits->max_depth,
		.limits.max_memory = limits->max_memory,
		.limits.expired = limits->expired,
	};

	pg_prng_seed(&random, 1);
	limits->begin(NULL);
	outcome.done = jsonata_eval(expr, &scope, &outcome.value, &outcome.error);
	return outcome;
}

static Value
make_context(void *arg)
{
	return fuzz_documents[0];
}

/* In a state: the document is $states.input */
static Outcome
evaluate_in_state(const JsonataExpr *expr, Value document)
{
	AslExpression expression = {
		.text = "...",
		.field = "Output",
		.compiled = expr,
		.states = ASL_STATES_ALL,
	};
	VariableScope variables = {.variables = fuzz_documents[0]};
	Outcome outcome = {0};
	pg_prng_state random;
	EvalScope scope = {
		.input = document,
		.result = fuzz_documents[1],
		.make_context = make_context,
		.variables = &variables,
		.random = &random,
		.limits = fuzz_limits(),
	};

	pg_prng_seed(&random, 1);
	outcome.done = asl_expression_eval(&expression,
									   &scope,
									   TYPE_UNDEFINED,
									   &outcome.value,
									   &outcome.error);
	return outcome;
}

static void
check(const Outcome *outcome)
{
	static const int sqlstates[] = {ERRCODE_WF_JSONATA, ERRCODE_WF_ASL};

	if (!outcome->done)
		fuzz_check_error(&outcome->error, sqlstates, lengthof(sqlstates));
	else
	{
		char *text = value_to_text(outcome->value);

		fuzz_check_utf8("a result", text, (int) strlen(text));
	}
}

/*
 * What a state gives can be written and stored.  A computed number is written as
 * JavaScript does, a stored one with all its digits: the same number.
 */
static void
check_json(Value v)
{
	char *text = value_to_text(v);
	WfError error = {0};
	Value stored;
	Value read;

	fuzz_check_utf8("JSON text", text, (int) strlen(text));
	if (strstr(text, "\\u0000") != NULL)
		return;
	if (!value_from_text(text, (int) strlen(text), &read, &error))
		fuzz_finding("not read back: %s: %s", error.message, text);
	stored = value_from_jsonb(value_to_jsonb(v));
	if (!value_equal(stored, read))
		fuzz_finding("stored as another value: %s: %s", text, value_to_text(stored));
}

static bool
is_limit(const Outcome *outcome)
{
	return !outcome->done &&
		   (strncmp(outcome->error.message, LIMIT, strlen(LIMIT)) == 0 ||
			strstr(outcome->error.message, "threw an error during evaluation:") != NULL);
}

/* The same again gives the same */
static void
compare(const Outcome *first, const Outcome *second)
{
	if (is_limit(first) || is_limit(second))
		return;
	if (first->done != second->done)
		fuzz_finding("once %s, once not: %s",
					 first->done ? "evaluated" : "failed",
					 first->done ? second->error.message : first->error.message);
	if (!first->done)
	{
		if (strcmp(first->error.message, second->error.message) != 0)
			fuzz_finding("once %s, once %s", first->error.message, second->error.message);
	}
	else if (strcmp(value_to_text(first->value), value_to_text(second->value)) != 0)
		fuzz_finding("once %s, once %s",
					 value_to_text(first->value),
					 value_to_text(second->value));
}

static void
run(const JsonataExpr *expr, Value document)
{
	char *before = value_to_text(document);
	Outcome first = evaluate(expr, document);
	Outcome second = evaluate(expr, document);
	Outcome in_state = evaluate_in_state(expr, document);
	Outcome in_state_again = evaluate_in_state(expr, document);

	check(&first);
	check(&in_state);
	compare(&first, &second);
	compare(&in_state, &in_state_again);
	if (in_state.done)
		check_json(in_state.value);
	if (strcmp(before, value_to_text(document)) != 0)
		fuzz_finding("the data is another after it: %s", value_to_text(document));
}

void
fuzz_jsonata(const char *text, int len)
{
	static const int sqlstates[] = {ERRCODE_WF_JSONATA};
	char *copy = pnstrdup(text, len);
	char *behind = strstr(copy, SEPARATOR);
	WfError error = {0};
	const JsonataExpr *expr;
	Value document;

	if (behind != NULL)
		*behind = '\0';
	expr = jsonata_compile(copy, (int) strlen(copy), &error);
	if (expr == NULL)
	{
		fuzz_check_error(&error, sqlstates, lengthof(sqlstates));
		return;
	}
	inspect(expr);
	if (behind != NULL)
	{
		behind += strlen(SEPARATOR);
		if (value_from_text(behind, (int) strlen(behind), &document, &error))
			run(expr, document);
		return;
	}
	run(expr, fuzz_documents[0]);
	run(expr, value_from_jsonb(value_to_jsonb(fuzz_documents[1])));
}
