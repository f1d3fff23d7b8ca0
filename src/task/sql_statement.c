/*-------------------------------------------------------------------------
 *
 * sql_statement.c
 *	  arn:aws:states:::sql:execute: a statement with parameters.
 *
 * {"Statement": "... $1 ...", "Parameters": [...]} gives {"Rows": [...],
 * "RowCount": n}.  The statement is prepared as PREPARE does without types:
 * each parameter gets the type that the statement asks for, and its JSON value
 * is cast to that as jsonb_to_record() does; so no value ever becomes part of
 * the text.  A row is what to_jsonb() makes of it.
 *
 * Must not know what the statement is for.
 *
 * IDENTIFICATION
 *	  src/task/sql_statement.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "task/task.h"

/* Parameters that are cast at once: a row of PostgreSQL has 1600 columns at most */
#define MAX_CAST 1000

static Datum *read_parameters(SPIPlanPtr plan, Value parameters, char **nulls);
static void cast_parameters(SPIPlanPtr plan, Value parameters, int first, int count,
							Datum *values, char *nulls);
static Value named_parameters(Value parameters, int first, int count);
static char *cast_text(SPIPlanPtr plan, int first, int count);
static void check_columns(TupleDesc desc);
static void prepare_to_jsonb(FmgrInfo *to_jsonb, TupleDesc desc);

/*
 * Are the parameters of the state a statement?
 */
void
sql_statement_resolve(const StoreTask *task, TaskCall *call)
{
	bool is_object = value_type(task->input) == TYPE_OBJECT;
	Value statement = is_object ? value_object_get_cstring(task->input, "Statement")
								: value_undefined();
	Value parameters = is_object ? value_object_get_cstring(task->input, "Parameters")
								 : value_undefined();

	if (value_is_undefined(statement))
		task_refuse_parameters(call, "The field 'Statement' is required but was missing");
	else if (value_type(statement) != TYPE_STRING)
		task_refuse_parameters(
			call, "The value of the field 'Statement' has an invalid format");
	else if (!value_is_undefined(parameters) && value_type(parameters) != TYPE_ARRAY &&
			 value_type(parameters) != TYPE_NULL)
		task_refuse_parameters(
			call, "The value of the field 'Parameters' has an invalid format");
	else
	{
		call->function = value_to_cstring(statement);
		call->payload = parameters;
	}
}

/*
 * Run it; raises what the statement raises, 22023 where the parameters are too
 * few or too many, and 42701 where two columns of the result have one name.
 */
Value
sql_statement_run(const TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	ValueObject *result = value_object_new(2);
	SPITupleTable *table;
	SPIPlanPtr plan;
	Datum *values;
	char *nulls;
	uint64 count;
	Value rows;

	SPI_connect();
	plan = sql_statement_plan(call->function, call->payload, &values, &nulls);
	sql_statement_check(SPI_execute_plan(plan, values, nulls, false, 0));
	table = SPI_tuptable;
	count = SPI_processed;
	/* a utility statement that gives rows (SHOW, EXPLAIN) does not count them */
	if (count == 0 && table != NULL)
		count = table->numvals;
	rows = sql_statement_rows(table, context);
	SPI_finish();

	value_object_add_cstring(result, "Rows", rows);
	value_object_add_cstring(result, "RowCount", value_int64((int64) count));
	return value_from_object(result);
}

/*
 * The statement and its parameters: see task.h.
 */
SPIPlanPtr
sql_statement_plan(const char *text, Value parameters, Datum **values, char **nulls)
{
	SPIPlanPtr plan = task_plan(text, NULL, 0);

	*values = read_parameters(plan, parameters, nulls);
	return plan;
}

/*
 * The parameters as the statement's types, read by a statement of our own.
 */
static Datum *
read_parameters(SPIPlanPtr plan, Value parameters, char **nulls)
{
	int needed = SPI_getargcount(plan);
	int given = value_type(parameters) == TYPE_ARRAY ? value_array_length(parameters) : 0;
	Datum *values;

	*nulls = NULL;
	if (given != needed)
		ereport(
			ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg(
				"number of parameters of the statement is %d, of the field 'Parameters' %d",
				needed,
				given));
	if (needed == 0)
		return NULL;

	values = palloc_array(Datum, needed);
	*nulls = palloc(needed);
	for (int first = 0; first < needed; first += MAX_CAST)
		cast_parameters(plan,
						parameters,
						first,
						Min(needed - first, MAX_CAST),
						values + first,
						*nulls + first);
	return values;
}

/*
 * So many of them, from one on.
 */
static void
cast_parameters(SPIPlanPtr plan, Value parameters, int first, int count, Datum *values,
				char *nulls)
{
	static const Oid argtypes[] = {JSONBOID};
	Datum record =
		JsonbPGetDatum(value_to_jsonb(named_parameters(parameters, first, count)));

	if (SPI_execute_plan(task_plan(cast_text(plan, first, count), argtypes, 1),
						 &record,
						 NULL,
						 false,
						 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the parameters of a statement");
	for (int i = 0; i < count; i++)
	{
		bool isnull;

		values[i] =
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &isnull);
		nulls[i] = isnull ? 'n' : ' ';
	}
}

/* {"1": ..., "2": ...} */
static Value
named_parameters(Value parameters, int first, int count)
{
	ValueObject *object = value_object_new(count);

	for (int i = 0; i < count; i++)
		value_object_add_cstring(object,
								 psprintf("%d", first + i + 1),
								 value_array_get(parameters, first + i));
	return value_from_object(object);
}

/*
 * Types are in it by name, for jsonb_to_record(), and by number: what is kept for a
 * type that was dropped is not for another one of its name.
 */
static char *
cast_text(SPIPlanPtr plan, int first, int count)
{
	StringInfoData text;
	StringInfoData numbers;

	initStringInfo(&text);
	initStringInfo(&numbers);
	appendStringInfoString(&text, "SELECT * FROM pg_catalog.jsonb_to_record($1) AS p(");
	for (int i = first; i < first + count; i++)
	{
		Oid type = SPI_getargtypeid(plan, i);

		appendStringInfo(&text,
						 "%s\"%d\" %s",
						 i == first ? "" : ", ",
						 i + 1,
						 task_type_name(type));
		if (type >= FirstNormalObjectId)
			appendStringInfo(&numbers, " %u", type);
	}
	appendStringInfoChar(&text, ')');
	if (numbers.len > 0)
		appendStringInfo(&text, " --%s", numbers.data);
	return text.data;
}

/*
 * What SPI says of it: see task.h.
 */
void
sql_statement_check(int status)
{
	if (status == SPI_ERROR_TRANSACTION)
		ereport(
			ERROR,
			errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
			errmsg("a task cannot begin or end a transaction"),
			errdetail(
				"Its statement, its result and the transition that follows are one transaction."));
	if (status == SPI_ERROR_COPY)
		ereport(ERROR,
				errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("COPY to or from the client is not possible in a task"));
	if (status < 0)
		elog(ERROR, "could not run the statement: %s", SPI_result_code_string(status));
}

/*
 * The rows as an array of objects: see task.h.
 */
Value
sql_statement_rows(SPITupleTable *table, MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	ValueArray *rows =
		value_array_new(table == NULL ? 0 : (int) Min(table->numvals, INT_MAX));
	FmgrInfo to_jsonb;

	if (table != NULL)
	{
		check_columns(table->tupdesc);
		prepare_to_jsonb(&to_jsonb, table->tupdesc);
		for (uint64 row = 0; row < table->numvals; row++)
		{
			Datum record = heap_copy_tuple_as_datum(table->vals[row], table->tupdesc);

			CHECK_FOR_INTERRUPTS();
			value_array_push(rows,
							 value_from_jsonb(
								 DatumGetJsonbP(FunctionCall1(&to_jsonb, record))));
		}
	}
	MemoryContextSwitchTo(old_context);
	return value_from_array(rows);
}

/*
 * An object has each name once: no column is to vanish silently.
 */
static void
check_columns(TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(NameStr(TupleDescAttr(desc, i)->attname),
					   NameStr(TupleDescAttr(desc, j)->attname)) == 0)
				ereport(ERROR,
						errcode(ERRCODE_DUPLICATE_COLUMN),
						errmsg("two columns of the result have the name \"%s\"",
							   NameStr(TupleDescAttr(desc, i)->attname)),
						errhint("Give them names with AS."));
}

/*
 * The function wants to know the type of its argument.
 */
static void
prepare_to_jsonb(FmgrInfo *to_jsonb, TupleDesc desc)
{
	Node *argument;

	BlessTupleDesc(desc);
	argument = (Node *) makeNullConst(desc->tdtypeid, desc->tdtypmod, InvalidOid);
	fmgr_info(F_TO_JSONB, to_jsonb);
	fmgr_info_set_expr((Node *) makeFuncExpr(F_TO_JSONB,
											 JSONBOID,
											 list_make1(argument),
											 InvalidOid,
											 InvalidOid,
											 COERCE_EXPLICIT_CALL),
					   to_jsonb);
}
