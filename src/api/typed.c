/*-------------------------------------------------------------------------
 *
 * typed.c
 *	  Typed SQL functions of the actions: one C function for all of them.
 *
 * The SQL function's name says which action ("list_executions" is
 * ListExecutions), its arguments' names which members of the request
 * ("max_results" is maxResults, "state_machine" is stateMachineArn), and its
 * result's columns which members of the response ("started_at" is startDate).
 * So a typed function is a line of SQL, and nothing of the action is written
 * twice.
 *
 * IDENTIFICATION
 *	  src/api/typed.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "api/api.h"

WF_FUNCTION(wf_action);

/* Columns whose names are not the members' */
static const struct
{
	const char *column;
	const char *member;
} renamed[] = {
	{"created_at", "creationDate"},
	{"redriven_at", "redriveDate"},
	{"started_at", "startDate"},
	{"stopped_at", "stopDate"},
	{"updated_at", "updateDate"},
};

/* Columns of a result, and the members of a response that they show */
typedef struct Columns
{
	TupleDesc desc;
	const char **members;
} Columns;

/* A SQL function, looked at once */
typedef struct Typed
{
	const ApiAction *action;
	int nargs;
	char **names;         /* of the arguments */
	const char **members; /* of the request that they stand for */
	bool *required;
	Oid *types;
	Oid result_type;
	Columns columns; /* of a row */
} Typed;

static Typed *describe_function(Oid oid);
static char *camel_case(const char *name, bool upper_first);
static const ApiMember *find_member(const ApiAction *action, const char *argument);
static Value read_request(FunctionCallInfo fcinfo, const Typed *typed);
static Value read_argument(Datum datum, Oid type, const char *member);
static Value read_texts(ArrayType *array);
static Value tag_list(Value tags);
static void put_rows(ReturnSetInfo *result, Value rows);
static void describe_columns(TupleDesc desc, Columns *columns);
static void describe_result(FunctionCallInfo fcinfo, Columns *columns);
static Datum make_row(const Columns *columns, Value response);
static void fill_row(const Columns *columns, Value response, Datum *values, bool *nulls);
static Datum read_column(Value value, Oid type, const char *name, bool *isnull);

/*
 * An action as its own SQL function
 */
Datum
wf_action(PG_FUNCTION_ARGS)
{
	Typed *typed = fcinfo->flinfo->fn_extra;
	StoreSession session;
	MemoryContext caller = CurrentMemoryContext;
	Oid user = GetUserId();
	Value request;
	Value response;
	Datum result = (Datum) 0;

	if (typed == NULL)
	{
		MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		typed = describe_function(fcinfo->flinfo->fn_oid);
		if (typed->result_type == RECORDOID && !fcinfo->flinfo->fn_retset)
			describe_result(fcinfo, &typed->columns);
		fcinfo->flinfo->fn_extra = typed;
		MemoryContextSwitchTo(caller);
	}
	request = read_request(fcinfo, typed);
	if (fcinfo->flinfo->fn_retset)
		InitMaterializedSRF(fcinfo, 0);

	store_begin(&session);
	response = api_run(typed->action, request, true, user);
	MemoryContextSwitchTo(caller);
	if (fcinfo->flinfo->fn_retset)
		put_rows((ReturnSetInfo *) fcinfo->resultinfo,
				 typed->action->rows ? api_member(response, typed->action->rows)
									 : response);
	else if (typed->result_type == RECORDOID)
		result = make_row(&typed->columns, response);
	else if (typed->result_type != VOIDOID)
		result = read_column(api_member(response, typed->action->result),
							 typed->result_type,
							 typed->action->result,
							 &fcinfo->isnull);
	store_end(&session);
	return result;
}

static Typed *
describe_function(Oid oid)
{
	Typed *typed = palloc0(sizeof(Typed));
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(oid));
	Oid *types;
	char *modes;
	int count;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", oid);
	typed->action = api_find_action(
		camel_case(NameStr(((Form_pg_proc) GETSTRUCT(tuple))->proname), true));
	typed->result_type = ((Form_pg_proc) GETSTRUCT(tuple))->prorettype;
	count = get_func_arg_info(tuple, &types, &typed->names, &modes);
	typed->types = types;
	typed->members = palloc0_array(const char *, count);
	typed->required = palloc0_array(bool, count);
	for (int i = 0; i < count; i++)
	{
		const ApiMember *member;

		if (modes != NULL && modes[i] != PROARGMODE_IN)
			break;
		member = find_member(typed->action, typed->names[i]);
		typed->members[i] = member ? member->name : camel_case(typed->names[i], false);
		typed->required[i] = member != NULL && member->required;
		typed->nargs++;
	}
	ReleaseSysCache(tuple);
	return typed;
}

/*
 * state_machine: stateMachine, StateMachine
 */
static char *
camel_case(const char *name, bool upper_first)
{
	char *result = palloc(strlen(name) + 1);
	char *out = result;
	bool upper = upper_first;

	for (; *name != '\0'; name++)
	{
		if (*name != '_')
			*out++ = upper ? pg_toupper((unsigned char) *name) : *name;
		upper = *name == '_';
	}
	*out = '\0';
	return result;
}

/*
 * An argument may leave out the Arn of its member; "arn" is the first one.
 * "role" is none of them: it names a role of the database (access.c).
 */
static const ApiMember *
find_member(const ApiAction *action, const char *argument)
{
	char *name = camel_case(argument, false);
	char *arn = psprintf("%sArn", name);

	for (const ApiMember *member = action->members; member->name != NULL; member++)
	{
		if (strcmp(member->name, name) == 0)
			return member;
		if (member->kind == API_ARN && (member->arns & STORE_ARN_ROLE) == 0 &&
			(strcmp(member->name, arn) == 0 || strcmp(argument, "arn") == 0))
			return member;
	}
	return NULL;
}

static Value
read_request(FunctionCallInfo fcinfo, const Typed *typed)
{
	ValueObject *request = value_object_new(typed->nargs);

	for (int i = 0; i < typed->nargs; i++)
	{
		if (typed->required[i])
			api_check_argument(fcinfo, i, typed->names[i]);
		if (!PG_ARGISNULL(i))
			api_put(request,
					typed->members[i],
					read_argument(PG_GETARG_DATUM(i),
								  typed->types[i],
								  typed->members[i]));
	}
	return value_from_object(request);
}

static Value
read_argument(Datum datum, Oid type, const char *member)
{
	Value value;

	switch (type)
	{
		case TEXTOID:
		case JSONOID:
			return value_cstring(TextDatumGetCString(datum));
		case JSONBOID:
			value = value_from_jsonb(DatumGetJsonbP(datum));
			return strcmp(member, "tags") == 0 ? tag_list(value) : value;
		case BOOLOID:
			return value_bool(DatumGetBool(datum));
		case INT4OID:
			return value_int64(DatumGetInt32(datum));
		case INT8OID:
			return value_int64(DatumGetInt64(datum));
		case FLOAT8OID:
			return value_double(DatumGetFloat8(datum));
		case INTERVALOID:
			return value_int64(api_interval(DatumGetIntervalP(datum)));
		case TEXTARRAYOID:
			return read_texts(DatumGetArrayTypeP(datum));
		default:
			elog(ERROR, "no member of a request has type %u", type);
	}
}

int64
api_interval(const Interval *interval)
{
	double usecs = (double) interval->time +
				   ((double) interval->day + (double) interval->month * DAYS_PER_MONTH) *
					   USECS_PER_DAY;

	return usecs > 9e18 ? PG_INT64_MAX : usecs < -9e18 ? PG_INT64_MIN : (int64) usecs;
}

static Value
read_texts(ArrayType *array)
{
	ValueArray *list;
	Datum *items;
	bool *nulls;
	int count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
	list = value_array_new(count);
	for (int i = 0; i < count; i++)
		value_array_push(list,
						 nulls[i] ? value_null()
								  : value_cstring(TextDatumGetCString(items[i])));
	return value_from_array(list);
}

/*
 * {"key": "value"} as the service has it: [{"key": "key", "value": "value"}]
 */
static Value
tag_list(Value tags)
{
	ValueArray *list;
	ValueObjectIter it;

	if (value_type(tags) != TYPE_OBJECT)
		return tags;
	list = value_array_new(value_object_size(tags));
	value_object_begin(&it, tags);
	while (value_object_next(&it))
	{
		ValueObject *tag = value_object_new(2);

		api_put(tag, "key", value_string(it.key, it.key_len));
		api_put(tag, "value", it.value);
		value_array_push(list, value_from_object(tag));
	}
	return value_from_array(list);
}

static void
put_rows(ReturnSetInfo *result, Value rows)
{
	int natts = result->setDesc->natts;
	Datum *values = palloc0_array(Datum, natts);
	bool *nulls = palloc0_array(bool, natts);
	int count = value_type(rows) == TYPE_ARRAY ? value_array_length(rows) : 1;
	Columns columns;

	describe_columns(result->setDesc, &columns);
	for (int i = 0; i < count; i++)
	{
		fill_row(&columns,
				 value_type(rows) == TYPE_ARRAY ? value_array_get(rows, i) : rows,
				 values,
				 nulls);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/*
 * The function that is called must not use fn_extra itself.
 */
Datum
api_row(FunctionCallInfo fcinfo, Value response)
{
	Columns *columns = fcinfo->flinfo->fn_extra;

	if (columns == NULL)
	{
		MemoryContext old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		columns = palloc_object(Columns);
		describe_result(fcinfo, columns);
		fcinfo->flinfo->fn_extra = columns;
		MemoryContextSwitchTo(old_context);
	}
	return make_row(columns, response);
}

static void
describe_result(FunctionCallInfo fcinfo, Columns *columns)
{
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	describe_columns(BlessTupleDesc(desc), columns);
}

static void
describe_columns(TupleDesc desc, Columns *columns)
{
	columns->desc = desc;
	columns->members = palloc0_array(const char *, desc->natts);
	for (int i = 0; i < desc->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(desc, i)->attname);

		for (int r = 0; r < lengthof(renamed); r++)
			if (strcmp(renamed[r].column, name) == 0)
				columns->members[i] = renamed[r].member;
		if (columns->members[i] == NULL)
			columns->members[i] = camel_case(name, false);
	}
}

static Datum
make_row(const Columns *columns, Value response)
{
	Datum *values = palloc0_array(Datum, columns->desc->natts);
	bool *nulls = palloc0_array(bool, columns->desc->natts);

	fill_row(columns, response, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(columns->desc, values, nulls));
}

/*
 * NULL where the response has no such member
 */
static void
fill_row(const Columns *columns, Value response, Datum *values, bool *nulls)
{
	for (int i = 0; i < columns->desc->natts; i++)
		values[i] = read_column(api_member(response, columns->members[i]),
								TupleDescAttr(columns->desc, i)->atttypid,
								columns->members[i],
								&nulls[i]);
}

static Datum
read_column(Value value, Oid type, const char *name, bool *isnull)
{
	int64 number = 0;

	*isnull = value_is_undefined(value);
	if (*isnull)
		return (Datum) 0;
	switch (type)
	{
		case TEXTOID:
			return CStringGetTextDatum(value_type(value) == TYPE_STRING
										   ? value_to_cstring(value)
										   : value_to_text(value));
		case JSONBOID:
			return JsonbPGetDatum(value_to_jsonb(value));
		case BOOLOID:
			return BoolGetDatum(value.u.boolean);
		case INT4OID:
			(void) value_to_int64(value, &number);
			return Int32GetDatum((int32) number);
		case INT8OID:
			(void) value_to_int64(value, &number);
			return Int64GetDatum(number);
		case FLOAT8OID:
			return Float8GetDatum(value_to_double(value));
		case TIMESTAMPTZOID:
			(void) value_to_int64(value, &number);
			return TimestampTzGetDatum(number);
		default:
			elog(ERROR, "no member of a response has type %u (\"%s\")", type, name);
	}
}

void
api_check_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("argument \"%s\" must not be null", name));
}
