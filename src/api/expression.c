/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  The expression languages as SQL functions: JSONPath and the intrinsic
 *	  functions.
 *
 * Shells only: arguments in, result or ereport() out.
 *
 * IDENTIFICATION
 *	  src/api/expression.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/builtins.h"

#include "compat.h"
#include "intrinsic/intrinsic.h"
#include "jsonpath/jsonpath.h"
#include "workflow.h"

WF_FUNCTION(wf_json_path);
WF_FUNCTION(wf_intrinsic);

/* What the expression sees: the input, no context and no variables */
static void
fill_scope(EvalScope *scope, text *input, pg_prng_state *random)
{
	WfError error = {0};

	memset(scope, 0, sizeof(EvalScope));
	if (!value_from_text(VARDATA_ANY(input),
						 VARSIZE_ANY_EXHDR(input),
						 &scope->input,
						 &error))
		wf_error_raise(&error);
	scope->random = random;
	scope->now = GetCurrentStatementStartTimestamp();
}

static Datum
json_datum(Value v)
{
	StringInfoData out;

	initStringInfo(&out);
	value_append_text(&out, v);
	return PointerGetDatum(cstring_to_text_with_len(out.data, out.len));
}

/*
 * json_path(path text, input json) RETURNS json
 *
 * Raises WF201 where nothing is found, WF202 where the text is no path.  Paths
 * are read as Jayway itself reads them: the root may be left out.
 */
Datum
wf_json_path(PG_FUNCTION_ARGS)
{
	text *path_text = PG_GETARG_TEXT_PP(0);
	WfError error = {0};
	EvalScope scope;
	Value result;
	JpPath *path;

	fill_scope(&scope, PG_GETARG_TEXT_PP(1), NULL);
	path =
		jp_compile_relative(VARDATA_ANY(path_text), VARSIZE_ANY_EXHDR(path_text), &error);
	if (path == NULL || !jp_query(path, &scope, &result, &error))
		wf_error_raise(&error);
	PG_RETURN_DATUM(json_datum(result));
}

/*
 * intrinsic(call text, input json) RETURNS json
 *
 * Raises WF203 (or WF201, for a path in it) where the call fails, WF204 where
 * the text is no call.
 */
Datum
wf_intrinsic(PG_FUNCTION_ARGS)
{
	text *call_text = PG_GETARG_TEXT_PP(0);
	WfError error = {0};
	EvalScope scope;
	Value result;
	Intrinsic *call;

	fill_scope(&scope, PG_GETARG_TEXT_PP(1), &pg_global_prng_state);
	call =
		intrinsic_compile(VARDATA_ANY(call_text), VARSIZE_ANY_EXHDR(call_text), &error);
	if (call == NULL || !intrinsic_eval(call, &scope, &result, &error))
		wf_error_raise(&error);
	PG_RETURN_DATUM(json_datum(result));
}
