/*-------------------------------------------------------------------------
 *
 * sql.h
 *	  Arguments of a statement, one after another.
 *
 * Private to src/store.  Which argument may be NULL follows from what is
 * added: no text, no value, no time.
 *
 * IDENTIFICATION
 *	  src/store/sql.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_SQL_H
#define WORKFLOW_STORE_SQL_H

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/store.h"

typedef struct SqlArguments
{
	int count;
	Datum values[24];
	char nulls[24];
} SqlArguments;

static inline void
sql_add(SqlArguments *args, Datum value)
{
	args->values[args->count] = value;
	args->nulls[args->count++] = ' ';
}

static inline void
sql_add_null(SqlArguments *args)
{
	args->values[args->count] = (Datum) 0;
	args->nulls[args->count++] = 'n';
}

static inline void
sql_add_text(SqlArguments *args, const char *text)
{
	if (text == NULL)
		sql_add_null(args);
	else
		sql_add(args, CStringGetTextDatum(text));
}

static inline void
sql_add_value(SqlArguments *args, Value value)
{
	if (value_is_undefined(value))
		sql_add_null(args);
	else
		sql_add(args, JsonbPGetDatum(value_to_jsonb(value)));
}

static inline void
sql_add_timestamp(SqlArguments *args, TimestampTz at)
{
	if (at == ENGINE_NEVER)
		sql_add_null(args);
	else
		sql_add(args, TimestampTzGetDatum(at));
}

/* A number that 0 means none of */
static inline void
sql_add_int32_or_null(SqlArguments *args, int32 number)
{
	if (number == 0)
		sql_add_null(args);
	else
		sql_add(args, Int32GetDatum(number));
}

static inline void
sql_add_int64_or_null(SqlArguments *args, int64 number)
{
	if (number == 0)
		sql_add_null(args);
	else
		sql_add(args, Int64GetDatum(number));
}

/* LIMIT NULL is no limit */
#define sql_add_limit(args, limit) sql_add_int64_or_null((args), (limit))

static inline uint64
sql_execute(StorePlan *plan, SqlArguments *args)
{
	Assert(args->count == plan->nargs);
	return store_execute(plan, args->values, args->nulls);
}

#endif /* WORKFLOW_STORE_SQL_H */
