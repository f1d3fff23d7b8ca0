/*-------------------------------------------------------------------------
 *
 * rows.h
 *	  Rows collected column by column, written by one set-based statement.
 *
 * A statement takes one array per column and reads them with
 * unnest($1, $2, ...).  Private to src/store.
 *
 * IDENTIFICATION
 *	  src/store/rows.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_ROWS_H
#define WORKFLOW_STORE_ROWS_H

#include "store/store.h"

#define STORE_MAX_COLUMNS 24

/*
 * Rows for a statement whose parameters are arrays of these element types
 * (argument k of the plan has to be the array type of column k).
 */
typedef struct StoreRows
{
	int ncolumns;
	Oid types[STORE_MAX_COLUMNS]; /* element types */
	int count;
	int capacity;
	Datum *values[STORE_MAX_COLUMNS];
	bool *nulls[STORE_MAX_COLUMNS];
} StoreRows;

extern void store_rows_init(StoreRows *rows, int ncolumns, const Oid *types);
extern int store_rows_add(StoreRows *rows); /* a row of NULLs; gives its number */
extern void store_rows_set(StoreRows *rows, int column,
						   Datum value); /* in the last row */
extern void store_rows_set_text(StoreRows *rows, int column,
								const char *text); /* NULL: leaves NULL */
extern void store_rows_set_timestamp(StoreRows *rows, int column,
									 TimestampTz at); /* ENGINE_NEVER: leaves NULL */
extern void store_rows_set_value(StoreRows *rows, int column,
								 Value value); /* as jsonb; undefined: leaves NULL */

/* Run the statement where there are rows; gives the rows it processed */
extern uint64 store_rows_execute(StoreRows *rows, StorePlan *plan);

/* The same with a text as the argument behind the columns */
extern uint64 store_rows_execute_with(StoreRows *rows, StorePlan *plan, const char *text);

/* One of the columns as an array */
extern Datum store_rows_column(const StoreRows *rows, int column);

/* An array of bigints as a Datum */
extern Datum store_int64_array(const int64 *values, int count);

#endif /* WORKFLOW_STORE_ROWS_H */
