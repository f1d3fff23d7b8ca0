/*-------------------------------------------------------------------------
 *
 * sql_function.c
 *	  Call a SQL function with a JSON payload.
 *
 * A function with one jsonb argument gets the payload whole; of any other the
 * payload's members are matched to the argument names and cast as
 * jsonb_to_record() does, so that domains, arrays and composites work.  The
 * result is what to_jsonb() makes of it, a set becomes an array.
 *
 * The call is a SQL statement made of quoted names, run through SPI: privileges,
 * defaults, STRICT and polymorphism are PostgreSQL's own affair.  Statements
 * are kept by their text.
 *
 * Must not know what the call is for.
 *
 * IDENTIFICATION
 *	  src/task/sql_function.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "compat.h"
#include "task/task.h"

static Oid find_function(const char *text);
static Oid find_by_name(const char *text);
static char *call_text(Oid function, Value payload);
static void append_arguments(StringInfo call, StringInfo source, HeapTuple tuple,
							 Value payload);
static bool is_input(const char *modes, int i);
static Oid concrete_type(Oid type);
static void refuse_surplus(const char *function, Value payload, char **names,
						   const char *modes, int count);

/*
 * Call it: see task.h.  Raises what the function raises, and 42883, 22023 where
 * it cannot be called so.
 */
Value
sql_function_call(const char *function, Value payload)
{
	static const Oid argtypes[] = {JSONBOID};
	MemoryContext context = CurrentMemoryContext;
	Datum value = JsonbPGetDatum(value_to_jsonb(payload));
	char *text = call_text(find_function(function), payload);
	Value result = value_null();
	Datum datum;
	bool isnull;

	SPI_connect();
	if (SPI_execute_plan(task_plan(text, argtypes, 1), &value, NULL, false, 0) !=
			SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not call function %s", function);
	datum = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull && SPI_gettypeid(SPI_tuptable->tupdesc, 1) == JSONBOID)
	{
		MemoryContext old_context = MemoryContextSwitchTo(context);

		result = value_from_jsonb(DatumGetJsonbPCopy(datum));
		MemoryContextSwitchTo(old_context);
	}
	SPI_finish();
	return result;
}

/*
 * The function: a signature "schema.name(types)", or a name of which there is
 * one, or one that takes jsonb.
 */
static Oid
find_function(const char *text)
{
	Oid function = InvalidOid;

	if (strchr(text, '(') != NULL)
	{
		LOCAL_FCINFO(fcinfo, 1);
		Datum datum;

		InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
		fcinfo->args[0].value = CStringGetTextDatum(text);
		fcinfo->args[0].isnull = false;
		datum = to_regprocedure(fcinfo);
		function = fcinfo->isnull ? InvalidOid : DatumGetObjectId(datum);
	}
	else
		function = find_by_name(text);
	if (!OidIsValid(function))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_FUNCTION),
				errmsg("function %s does not exist", text));
	return function;
}

static Oid
find_by_name(const char *text)
{
	List *names = compat_qualified_name_list(text);
	Oid only = InvalidOid;
	int count = 0;

	for (FuncCandidateList candidate =
			 FuncnameGetCandidates(names, -1, NIL, false, false, false, true);
		 candidate != NULL;
		 candidate = candidate->next)
	{
		if (candidate->nargs == 1 && candidate->args[0] == JSONBOID)
			return candidate->oid;
		only = candidate->oid;
		count++;
	}
	if (count > 1)
		ereport(
			ERROR,
			errcode(ERRCODE_AMBIGUOUS_FUNCTION),
			errmsg("function name %s is not unique", text),
			errhint(
				"Give it a variant with one argument of type jsonb, or register the one that is meant."));
	return only;
}

/*
 * SELECT of one jsonb (or void), from the payload in $1.
 */
static char *
call_text(Oid function, Value payload)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	StringInfoData call;
	StringInfoData source;
	char *text;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (form->prokind != PROKIND_FUNCTION)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("%s is not a function that a task can call",
					   format_procedure(function)));

	initStringInfo(&call);
	initStringInfo(&source);
	appendStringInfo(&call,
					 "%s(",
					 quote_qualified_identifier(get_namespace_name(form->pronamespace),
												NameStr(form->proname)));
	if (form->pronargs == 1 && form->proargtypes.values[0] == JSONBOID)
		appendStringInfoString(&call, "$1");
	else
		append_arguments(&call, &source, tuple, payload);
	appendStringInfoChar(&call, ')');

	if (form->proretset)
		/* a column of a row may have any name, "r" too */
		text = psprintf(
			"SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(r%s)), '[]') FROM %s%s%s AS r",
			type_is_rowtype(form->prorettype) ? ".*" : "",
			source.data,
			source.len > 0 ? ", LATERAL " : "",
			call.data);
	else
		text =
			psprintf(form->prorettype == VOIDOID ? "SELECT %s%s%s"
												 : "SELECT pg_catalog.to_jsonb(%s)%s%s",
					 call.data,
					 source.len > 0 ? " FROM " : "",
					 source.data);
	ReleaseSysCache(tuple);
	return text;
}

/*
 * The members of the payload as named arguments: "a => p.a, b => p.b" for the
 * call, and the record they come from.  Arguments without a member have their
 * default.
 */
static void
append_arguments(StringInfo call, StringInfo source, HeapTuple tuple, Value payload)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	char *name = format_procedure(form->oid);
	Oid *types;
	char **names;
	char *modes;
	int count = get_func_arg_info(tuple, &types, &names, &modes);
	int input = 0;
	int found = 0;

	if (value_type(payload) != TYPE_OBJECT)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("function %s cannot be called with a JSON %s",
					   name,
					   value_type_name(value_type(payload))),
				errdetail("Its arguments are taken from the members of an object."));
	for (int i = 0; i < count; i++)
	{
		bool has_default;
		bool is_variadic;

		if (!is_input(modes, i))
			continue;
		has_default = input++ >= form->pronargs - form->pronargdefaults;
		if (names == NULL || names[i] == NULL || names[i][0] == '\0')
			ereport(
				ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg(
					"function %s cannot be called with a JSON object: argument %d has no name",
					name,
					input));
		is_variadic = modes != NULL && modes[i] == PROARGMODE_VARIADIC;
		if (value_is_undefined(value_object_get_cstring(payload, names[i])))
		{
			/* named arguments cannot leave the last ones to their default there */
			if (!has_default || is_variadic)
				ereport(ERROR,
						errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"%s\" of function %s is missing",
							   names[i],
							   name));
			continue;
		}
		appendStringInfo(call,
						 "%s%s%s => p.%s",
						 found > 0 ? ", " : "",
						 is_variadic ? "VARIADIC " : "",
						 quote_identifier(names[i]),
						 quote_identifier(names[i]));
		appendStringInfo(source,
						 "%s%s %s",
						 found > 0 ? ", " : "pg_catalog.jsonb_to_record($1) AS p(",
						 quote_identifier(names[i]),
						 task_type_name(concrete_type(types[i])));
		found++;
	}
	if (found > 0)
		appendStringInfoChar(source, ')');
	if (found < value_object_size(payload))
		refuse_surplus(name, payload, names, modes, count);
}

static bool
is_input(const char *modes, int i)
{
	return modes == NULL || (modes[i] != PROARGMODE_OUT && modes[i] != PROARGMODE_TABLE);
}

/*
 * Where a function takes anything, it gets JSON.
 */
static Oid
concrete_type(Oid type)
{
	switch (type)
	{
		case ANYOID:
		case ANYELEMENTOID:
		case ANYNONARRAYOID:
		case ANYCOMPATIBLEOID:
		case ANYCOMPATIBLENONARRAYOID:
			return JSONBOID;
		case ANYARRAYOID:
		case ANYCOMPATIBLEARRAYOID:
			return JSONBARRAYOID;
		default:
			return type;
	}
}

char *
task_type_name(Oid type)
{
	return format_type_extended(type,
								-1,
								FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

static void
refuse_surplus(const char *function, Value payload, char **names, const char *modes,
			   int count)
{
	ValueObjectIter it;

	value_object_begin(&it, payload);
	while (value_object_next(&it))
	{
		char *key = pnstrdup(it.key, it.key_len);
		bool known = false;

		for (int i = 0; names != NULL && i < count; i++)
			known |= is_input(modes, i) && names[i] != NULL && strcmp(names[i], key) == 0;
		if (!known)
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("function %s has no argument \"%s\"", function, key));
	}
}
