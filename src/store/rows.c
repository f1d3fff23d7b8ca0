/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Rows collected column by column: see rows.h.
 *
 * Must not know what the rows mean.
 *
 * IDENTIFICATION
 *	  src/store/rows.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "store/rows.h"

static void make_arrays(const StoreRows *rows, Datum *arrays);

void
store_rows_init(StoreRows *rows, int ncolumns, const Oid *types)
{
	Assert(ncolumns <= STORE_MAX_COLUMNS);
	memset(rows, 0, sizeof(StoreRows));
	rows->ncolumns = ncolumns;
	memcpy(rows->types, types, ncolumns * sizeof(Oid));
}

int
store_rows_add(StoreRows *rows)
{
	int row = rows->count++;

	if (row >= rows->capacity)
	{
		rows->capacity = rows->capacity == 0 ? 16 : rows->capacity * 2;
		for (int i = 0; i < rows->ncolumns; i++)
		{
			Size values_size = rows->capacity * sizeof(Datum);
			Size nulls_size = rows->capacity * sizeof(bool);

			rows->values[i] = row == 0 ? palloc(values_size)
									   : repalloc_huge(rows->values[i], values_size);
			rows->nulls[i] =
				row == 0 ? palloc(nulls_size) : repalloc_huge(rows->nulls[i], nulls_size);
		}
	}
	for (int i = 0; i < rows->ncolumns; i++)
	{
		rows->values[i][row] = (Datum) 0;
		rows->nulls[i][row] = true;
	}
	return row;
}

void
store_rows_set(StoreRows *rows, int column, Datum value)
{
	rows->values[column][rows->count - 1] = value;
	rows->nulls[column][rows->count - 1] = false;
}

void
store_rows_set_text(StoreRows *rows, int column, const char *text)
{
	if (text != NULL)
		store_rows_set(rows, column, CStringGetTextDatum(text));
}

void
store_rows_set_timestamp(StoreRows *rows, int column, TimestampTz at)
{
	if (at != ENGINE_NEVER)
		store_rows_set(rows, column, TimestampTzGetDatum(at));
}

void
store_rows_set_value(StoreRows *rows, int column, Value value)
{
	if (!value_is_undefined(value))
		store_rows_set(rows, column, JsonbPGetDatum(value_to_jsonb(value)));
}

uint64
store_rows_execute(StoreRows *rows, StorePlan *plan)
{
	Datum arrays[STORE_MAX_COLUMNS];

	if (rows->count == 0)
		return 0;
	Assert(plan->nargs == rows->ncolumns);
	make_arrays(rows, arrays);
	return store_execute(plan, arrays, NULL);
}

uint64
store_rows_execute_with(StoreRows *rows, StorePlan *plan, const char *text)
{
	Datum arguments[STORE_MAX_COLUMNS + 1];

	if (rows->count == 0)
		return 0;
	Assert(plan->nargs == rows->ncolumns + 1);
	make_arrays(rows, arguments);
	arguments[rows->ncolumns] = CStringGetTextDatum(text);
	return store_execute(plan, arguments, NULL);
}

static void
make_arrays(const StoreRows *rows, Datum *arrays)
{
	for (int i = 0; i < rows->ncolumns; i++)
		arrays[i] = store_rows_column(rows, i);
}

Datum
store_rows_column(const StoreRows *rows, int column)
{
	int dims[1] = {rows->count};
	int lower_bounds[1] = {1};
	int16 length;
	bool by_value;
	char align;

	get_typlenbyvalalign(rows->types[column], &length, &by_value, &align);
	return PointerGetDatum(construct_md_array(rows->values[column],
											  rows->nulls[column],
											  1,
											  dims,
											  lower_bounds,
											  rows->types[column],
											  length,
											  by_value,
											  align));
}

Datum
store_int64_array(const int64 *values, int count)
{
	Datum *datums = palloc(Max(count, 1) * sizeof(Datum));

	for (int i = 0; i < count; i++)
		datums[i] = Int64GetDatum(values[i]);
	return PointerGetDatum(construct_array(datums,
										   count,
										   INT8OID,
										   sizeof(int64),
										   FLOAT8PASSBYVAL,
										   TYPALIGN_DOUBLE));
}
