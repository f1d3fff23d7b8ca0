/*-------------------------------------------------------------------------
 *
 * fuzz.c
 *	  libFuzzer inside a backend, so that palloc() and ereport() are real.
 *
 * Knows libFuzzer and the backend; the languages are in targets.c.
 *
 * IDENTIFICATION
 *	  test/fuzz/fuzz.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "catalog/pg_type.h"
#include "libpq/pqsignal.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "fuzz.h"
#include "workflow.h"

WF_FUNCTION(wf_fuzz);

#define INPUT_BLOCK (1024 * 1024)

static int run_input(const uint8_t *data, size_t size);
static void run_target(void *arg);
static bool is_limit(int sqlstate);

const FuzzTarget *fuzz_target;

/* What one input is allocated in */
static MemoryContext input_context;

/*
 * fuzz(target text, arguments text[]) returns int
 *
 * The arguments are libFuzzer's: folders and -options.  It calls exit(), so that the
 * session ends with the run.
 */
Datum
wf_fuzz(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Datum *elements;
	int count;
	int argc;
	char **argv;

	fuzz_target = fuzz_find_target(name);
	if (fuzz_target == NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("there is no target \"%s\"", name));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &elements,
					  NULL,
					  &count);
	argc = count + 1;
	argv = palloc_array(char *, argc + 1);
	argv[0] = name;
	for (int i = 0; i < count; i++)
		argv[i + 1] = TextDatumGetCString(elements[i]);
	argv[argc] = NULL;

	fuzz_init();
	/* mostly the first block will do, and a reset keeps that one */
	input_context = AllocSetContextCreate(CurrentMemoryContext,
										  "fuzz input",
										  INPUT_BLOCK,
										  INPUT_BLOCK,
										  ALLOCSET_DEFAULT_MAXSIZE);
	/* libFuzzer watches the time of an input only where nobody else has this signal */
	pqsignal(SIGALRM, SIG_DFL);
	PG_RETURN_INT32(LLVMFuzzerRunDriver(&argc, &argv, run_input));
}

typedef struct Input
{
	const char *text;
	int len;
} Input;

static int
run_input(const uint8_t *data, size_t size)
{
	Input input = {(const char *) data, (int) size};

	/* no function is ever called with a text that is none */
	if (pg_verify_mbstr(PG_UTF8, input.text, input.len, true))
		(void) fuzz_guard(run_target, &input);
	return 0;
}

static void
run_target(void *arg)
{
	const Input *input = arg;

	fuzz_target->run(input->text, input->len);
}

bool
fuzz_guard(void (*run)(void *arg), void *arg)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile bool done = false;

	PG_TRY();
	{
		MemoryContextSwitchTo(input_context);
		run(arg);
		done = true;
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(input_context);
		error = CopyErrorData();
		FlushErrorState();
		if (!is_limit(error->sqlerrcode))
			fuzz_finding("unexpected error %s: %s (%s, line %d)",
						 unpack_sql_state(error->sqlerrcode),
						 error->message,
						 error->filename,
						 error->lineno);
	}
	PG_END_TRY();

	MemoryContextSwitchTo(caller);
	MemoryContextReset(input_context);
	return done;
}

static bool
is_limit(int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_STATEMENT_TOO_COMPLEX:    /* the stack */
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:   /* more than jsonb or a StringInfo holds */
		case ERRCODE_UNTRANSLATABLE_CHARACTER: /* \u0000, which jsonb has not */
			return true;
		default:
			return false;
	}
}

void
fuzz_finding(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
