/*-------------------------------------------------------------------------
 *
 * targets.c
 *	  What is done with an input, language by language, and what must hold.
 *
 * Knows the pure floors; must not know libFuzzer.
 *
 * IDENTIFICATION
 *	  test/fuzz/targets.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "engine/engine.h"
#include "fuzz.h"
#include "util/errcodes.h"

/* Limits that let each input end soon */
#define MAX_PAYLOAD 16384
#define MAX_EVENTS 500
#define MAX_STEPS 200

static void fuzz_definition(const char *text, int len);
static void fuzz_path(const char *text, int len);
static void fuzz_intrinsic(const char *text, int len);
static void fuzz_value(const char *text, int len);

static const FuzzTarget targets[] = {
	{"definition", true, fuzz_definition},
	{"path", false, fuzz_path},
	{"intrinsic", false, fuzz_intrinsic},
	{"jsonata", false, fuzz_jsonata},
	{"value", true, fuzz_value},
	{"items", false, fuzz_items},
};

/* What paths and calls look at; the first one is the input of executions, too */
static const char *const document_texts[] = {
	"{\"a\": 1, \"b\": {\"c\": [1, 2, {\"d\": null}], \"e\": \"x\"}, \"l\": [3, 1, 2], "
	"\"s\": \"a,b-c\", \"t\": \"2024-02-29T12:00:00.5Z\", \"n\": -1.5e3, \"f\": false, "
	"\"\": {\"\": 0}, \"o\": [{\"k\": 1, \"v\": \"x\"}, {\"k\": 2}, 5], \"u\": "
	"\"\\u00e4\\ud83d\\ude00'\\\\\", \"j\": \"{\\\"a\\\": [1]}\", \"z\": \"YWJj\"}",
	"[[1, [2, 3]], {\"a\": {\"a\": [{\"a\": true}]}}, \"a\", 12345678901234567890123, null]",
	"[]",
	"\"text\"",
	"1e400",
	"null",
};

static Value documents[lengthof(document_texts)];

const Value *fuzz_documents = documents;

void
fuzz_init(void)
{
	for (int i = 0; i < lengthof(document_texts); i++)
	{
		WfError error = {0};

		if (!value_from_text(document_texts[i],
							 (int) strlen(document_texts[i]),
							 &documents[i],
							 &error))
			fuzz_finding("document %d: %s", i, error.message);
	}
}

const FuzzTarget *
fuzz_find_target(const char *name)
{
	for (int i = 0; i < lengthof(targets); i++)
		if (strcmp(targets[i].name, name) == 0)
			return &targets[i];
	return NULL;
}

/* ---- what must hold everywhere ---- */

void
fuzz_check_utf8(const char *what, const char *text, int len)
{
	if (!pg_verify_mbstr(PG_UTF8, text, len, true))
		fuzz_finding("%s is no UTF-8: %s", what, text);
}

/* A failure is a documented one, and says something */
void
fuzz_check_error(const WfError *error, const int *sqlstates, int count)
{
	if (error->message == NULL || error->message[0] == '\0')
		fuzz_finding("an error without a message");
	fuzz_check_utf8("a message", error->message, (int) strlen(error->message));
	for (int i = 0; i < count; i++)
		if (error->sqlstate == sqlstates[i])
			return;
	fuzz_finding("unexpected error %s: %s",
				 unpack_sql_state(error->sqlstate),
				 error->message);
}

/* A value survives its way to text and to jsonb, and back */
static void
check_value(Value v)
{
	StringInfoData text;
	StringInfoData again;
	WfError error = {0};
	Value read;
	Value stored;

	if (value_is_undefined(v))
		return;
	initStringInfo(&text);
	value_append_text(&text, v);
	fuzz_check_utf8("JSON text", text.data, text.len);
	if (strstr(text.data, "\\u0000") != NULL)
		return;
	if (!value_from_text(text.data, text.len, &read, &error))
		fuzz_finding("not read back: %s: %s", error.message, text.data);
	initStringInfo(&again);
	value_append_text(&again, read);
	if (strcmp(again.data, text.data) != 0)
		fuzz_finding("read back as another value: %s: %s", text.data, again.data);
	stored = value_from_jsonb(value_to_jsonb(v));
	if (!value_equal(stored, read) || !value_equal(read, stored))
		fuzz_finding("stored as another value: %s: %s", text.data, value_to_text(stored));
}

/* ---- JSON values ---- */

/* What the server's own reader makes of a text; NULL and *sqlstate where it fails */
static Jsonb *
server_jsonb(const char *text, int *sqlstate)
{
	MemoryContext caller = CurrentMemoryContext;
	Jsonb *volatile result = NULL;

	PG_TRY();
	{
		result = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		*sqlstate = geterrcode();
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

static void
fuzz_value(const char *text, int len)
{
	WfError error = {0};
	int sqlstate = 0;
	Jsonb *expected = server_jsonb(pnstrdup(text, len), &sqlstate);
	Jsonb *jsonb;
	Value v;

	if (!value_from_text(text, len, &v, &error))
	{
		static const int sqlstates[] = {ERRCODE_INVALID_TEXT_REPRESENTATION,
										ERRCODE_UNTRANSLATABLE_CHARACTER,
										ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
										ERRCODE_PROGRAM_LIMIT_EXCEEDED};

		fuzz_check_error(&error, sqlstates, lengthof(sqlstates));
		if (expected != NULL)
			fuzz_finding("the server reads it: %s", error.message);
		return;
	}
	jsonb = value_to_jsonb(v);
	check_value(v);
	if (expected == NULL)
	{
		/* it does not take 0e-99999, which is zero nevertheless */
		if (sqlstate != ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE)
			fuzz_finding("the server does not read it: %s", unpack_sql_state(sqlstate));
		return;
	}
	if (VARSIZE(jsonb) != VARSIZE(expected) ||
		memcmp(jsonb, expected, VARSIZE(jsonb)) != 0)
		fuzz_finding("the server stores it otherwise");
	check_value(value_from_jsonb(expected));
	if (!value_equal(v, value_copy(value_from_jsonb(expected))))
		fuzz_finding("not equal to its copy");
}

/* ---- paths ---- */

static Value
make_context(void *arg)
{
	return *(Value *) arg;
}

static void
fill_scope(EvalScope *scope, Value input, VariableScope *variables, pg_prng_state *random)
{
	pg_prng_seed(random, 1);
	variables->variables = documents[0];
	memset(scope, 0, sizeof(EvalScope));
	scope->input = input;
	scope->make_context = make_context;
	scope->make_context_arg = &documents[0];
	scope->variables = variables;
	scope->random = random;
}

static void
query(const JpPath *path, Value document)
{
	static const int sqlstates[] = {ERRCODE_WF_PATH_NOT_FOUND};
	VariableScope variables = {0};
	WfError error = {0};
	WfError lenient_error = {0};
	pg_prng_state random;
	EvalScope scope;
	Value result;
	bool found;

	fill_scope(&scope, document, &variables, &random);
	found = jp_query(path, &scope, &result, &error);
	if (found)
	{
		StringInfoData text;

		check_value(result);
		initStringInfo(&text);
		jp_append_java_text(&text, result);
		fuzz_check_utf8("Java text", text.data, text.len);
		if (!path->definite && value_type(result) != TYPE_ARRAY)
			fuzz_finding("an indefinite path gives no array");
	}
	else
	{
		fuzz_check_error(&error, sqlstates, lengthof(sqlstates));
		(void) jp_is_mismatch(&error);
	}
	if (jp_query_template(path, &scope, &result, &lenient_error))
		check_value(result);
	else if (found && !jp_is_null_input(&lenient_error))
		fuzz_finding("a template finds less: %s", lenient_error.message);
	else
		fuzz_check_error(&lenient_error, sqlstates, lengthof(sqlstates));
}

/* What was put at a path is what the path then finds */
static void
set(const JpPath *path, Value document)
{
	static const int sqlstates[] = {ERRCODE_WF_PATH_NOT_FOUND};
	JpPath input_path = *path;
	VariableScope variables = {0};
	WfError error = {0};
	pg_prng_state random;
	EvalScope scope;
	Value changed;
	Value result;

	if (!jp_set(path, document, documents[1], &changed, &error))
	{
		fuzz_check_error(&error, sqlstates, lengthof(sqlstates));
		return;
	}
	check_value(changed);
	input_path.root = JP_ROOT_INPUT;
	fill_scope(&scope, changed, &variables, &random);
	if (!jp_query(&input_path, &scope, &result, &error))
		fuzz_finding("not there after jp_set: %s", error.message);
	if (!value_equal(result, documents[1]))
		fuzz_finding("another value than jp_set put there: %s", value_to_text(result));
}

static void
run_path(const JpPath *path, const WfError *error)
{
	static const int sqlstates[] = {ERRCODE_WF_INVALID_PATH};

	if (path == NULL)
	{
		fuzz_check_error(error, sqlstates, lengthof(sqlstates));
		return;
	}
	if (path->reference && !path->definite)
		fuzz_finding("a reference path that is not definite");
	for (int i = 0; i < lengthof(documents); i++)
	{
		query(path, documents[i]);
		query(path, value_from_jsonb(value_to_jsonb(documents[i])));
		if (path->reference)
			set(path, documents[i]);
	}
}

static void
fuzz_path(const char *text, int len)
{
	WfError error = {0};
	WfError relative_error = {0};
	const JpPath *path = jp_compile(text, len, &error);
	const JpPath *relative = jp_compile_relative(text, len, &relative_error);

	run_path(path, &error);
	run_path(relative, &relative_error);
	if (path != NULL && relative == NULL)
		fuzz_finding("Jayway takes fewer paths: %s", relative_error.message);
}

/* ---- intrinsic calls ---- */

static void
visit_variable(const char *name, void *arg)
{
	fuzz_check_utf8("a variable's name", name, (int) strlen(name));
}

static void
fuzz_intrinsic(const char *text, int len)
{
	static const int compile_states[] = {ERRCODE_WF_INVALID_INTRINSIC};
	static const int eval_states[] = {ERRCODE_WF_INTRINSIC, ERRCODE_WF_PATH_NOT_FOUND};
	WfError error = {0};
	const Intrinsic *call = intrinsic_compile(text, len, &error);

	if (call == NULL)
	{
		fuzz_check_error(&error, compile_states, lengthof(compile_states));
		return;
	}
	if (!intrinsic_looks_like(text, len))
		fuzz_finding("a call that does not look like one");
	(void) intrinsic_name(call);
	intrinsic_visit_variables(call, visit_variable, NULL);
	for (int i = 0; i < lengthof(documents); i++)
	{
		VariableScope variables = {0};
		WfError eval_error = {0};
		pg_prng_state random;
		EvalScope scope;
		Value result;

		fill_scope(&scope, documents[i], &variables, &random);
		if (intrinsic_eval(call, &scope, &result, &eval_error))
			check_value(result);
		else
			fuzz_check_error(&eval_error, eval_states, lengthof(eval_states));
	}
}

/* ---- definitions ---- */

/* Tasks succeed, fail, take their time or never answer, as it comes */
static EngineAnswer
answer(const EngineTask *task, int attempt, TimestampTz until, void *arg)
{
	EngineAnswer mock = {0};
	int choice = task->state->base.index * 3 + attempt;

	check_value(task->input);
	mock.seconds = choice % 4;
	switch (choice % 5)
	{
		case 0:
			mock.silent = true;
			break;
		case 1:
			mock.error = "States.TaskFailed";
			mock.cause = "";
			break;
		case 2:
			mock.error = "Custom.Error";
			break;
		default:
			mock.succeeded = true;
			mock.output = documents[choice % 2];
			break;
	}
	return mock;
}

static void
check_history(const EngineExecution *execution)
{
	for (int i = 0; i < execution->nhistory; i++)
	{
		const EngineHistoryEvent *event = &execution->history[i];

		if (event->id != i + 1 || event->prev < 0 || event->prev >= event->id)
			fuzz_finding("event %d has id %d and follows %d",
						 i + 1,
						 (int) event->id,
						 (int) event->prev);
		if (i > 0 && event->at < execution->history[i - 1].at)
			fuzz_finding("event %d is before its predecessor", i + 1);
		check_value(engine_history_value(event, "us-east-1", true));
	}
}

static void
simulate(const AslMachine *machine)
{
	EngineExecution execution = {
		.machine = machine,
		.arn = "arn:aws:states:us-east-1:123456789012:execution:m:e",
		.name = "e",
		.machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:m",
		.machine_name = "m",
		.role_arn = "arn:aws:iam::123456789012:role/r",
		.started_at = 0,
		.redriven_at = ENGINE_NEVER,
		.input.value = documents[0],
		.max_payload = MAX_PAYLOAD,
		.max_events = MAX_EVENTS,
		.limits = fuzz_limits(),
		.next_event_id = 1,
		.next_epoch = 2,
	};
	EngineWorld world = {
		.run_task = answer,
		.deadline = ENGINE_NEVER,
		.max_steps = MAX_STEPS,
	};
	pg_prng_state random;

	pg_prng_seed(&random, 1);
	execution.random = &random;
	engine_run_in_memory(&execution, &world);
	if (execution.status == ENGINE_RUNNING)
		fuzz_finding("the execution does not end");
	if ((execution.status == ENGINE_SUCCEEDED) == value_is_undefined(execution.output))
		fuzz_finding("%s, and its output does not fit",
					 engine_status_name(execution.status));
	check_value(execution.output);
	check_history(&execution);
}

static void
compile(const char *text, const AslCompileOptions *options)
{
	AslDiagnostics diagnostics = {0};
	AslMachine *machine = asl_compile(text, options, CurrentMemoryContext, &diagnostics);
	char *message = asl_diagnostics_message(&diagnostics);

	fuzz_check_utf8("the diagnostics", message, (int) strlen(message));
	if ((machine == NULL) != (diagnostics.nerrors > 0))
		fuzz_finding("%d errors, and %s machine",
					 diagnostics.nerrors,
					 machine ? "a" : "no");
	if (machine == NULL)
		return;
	check_value(asl_variable_references(machine));
	if (options->type == ASL_STANDARD && !options->single_state)
		simulate(machine);
	MemoryContextDelete(machine->context);
}

static void
fuzz_definition(const char *text, int len)
{
	const AslCompileOptions options[] = {
		{.type = ASL_STANDARD},
		{.type = ASL_EXPRESS},
		{.type = ASL_STANDARD, .single_state = true},
	};
	const char *copy = pnstrdup(text, len);

	for (int i = 0; i < lengthof(options); i++)
		compile(copy, &options[i]);
}
