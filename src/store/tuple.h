/*-------------------------------------------------------------------------
 *
 * tuple.h
 *	  Rows of one table, found through an index, locked and changed without a
 *	  statement.
 *
 * For the few places where a row is all that a transaction reads or writes: there
 * the start of an executor costs more than what it does.  Everything else is SQL.
 * Private to src/store.
 *
 * IDENTIFICATION
 *	  src/store/tuple.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_TUPLE_H
#define WORKFLOW_STORE_TUPLE_H

#include "access/genam.h"
#include "access/skey.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "nodes/lockoptions.h"
#include "utils/rel.h"

#define TUPLE_MAX_KEYS 4

/* A column by its name; where it is, is kept */
typedef struct TupleColumn
{
	const char *name;
	AttrNumber number;
} TupleColumn;

/* One that is to become something else; by its column */
typedef struct TupleChange
{
	TupleColumn *column;
	Datum value;
	bool isnull;
} TupleChange;

typedef struct TupleScan
{
	Relation table;
	Relation index;
	IndexScanDesc scan;
	ScanKeyData keys[TUPLE_MAX_KEYS];
	int nkeys;
	ScanKeyData members[TUPLE_MAX_KEYS]; /* of the row that the rows come after */
	TupleTableSlot *slot; /* the row found; once locked, as it was locked */
	EState *estate;       /* where rows are changed, and what follows */
	ResultRelInfo *result;
	EPQState epq;
	TupleTableSlot *changed;
} TupleScan;

/*
 * Statements of several scans begin and end with these: they see what was committed
 * before, and what this transaction did.  Raise 25006 in a transaction that is read
 * only, for the command named.
 */
extern void tuple_statement_begin(const char *command);
extern void tuple_statement_end(void);

/*
 * Open table and index of our schema.  What a scan holds, it holds until
 * tuple_scan_end(), or the end of the (sub)transaction.
 */
extern void tuple_scan_begin(TupleScan *scan, const char *table, const char *index,
							 LOCKMODE lockmode);
extern void tuple_scan_end(TupleScan *scan);

/* Keys, in the order of the index's columns: the next one is this value */
extern void tuple_scan_text(TupleScan *scan, const char *value);
extern void tuple_scan_int64(TupleScan *scan, int64 value);

/*
 * The last key: rows that come after these values of the columns that follow, a
 * timestamp and two int8.
 */
extern void tuple_scan_after(TupleScan *scan, TimestampTz at, int64 first, int64 second);

/* Start with the first row of the keys that were added; they are forgotten by that */
extern void tuple_scan_start(TupleScan *scan);

/* The next row in the order of the index, as the statement sees it; false: no more */
extern bool tuple_scan_next(TupleScan *scan);

/*
 * Lock the row that was found, in the way of FOR UPDATE or FOR KEY SHARE.  One that
 * somebody else has changed meanwhile is followed to what it is now (where one waits
 * for it, not where one skips); 40001 in a transaction that may not see that.
 * false: it is gone, or (LockWaitSkip) somebody else's.
 */
extern bool tuple_lock(TupleScan *scan, LockTupleMode mode, LockWaitPolicy wait);

/* Change the row that was locked */
extern void tuple_change(TupleScan *scan, const TupleChange *changes, int count);

/* A value of the row; it lives as long as the scan stays there */
extern Datum tuple_datum(const TupleScan *scan, TupleColumn *column, bool *isnull);
extern int64 tuple_int64(const TupleScan *scan, TupleColumn *column, int64 if_null);
extern TimestampTz tuple_timestamp(const TupleScan *scan, TupleColumn *column,
								   TimestampTz if_null);
extern char *tuple_text(const TupleScan *scan,
						TupleColumn *column); /* palloc'd, or NULL */
extern bool tuple_is_null(const TupleScan *scan, TupleColumn *column);

#endif /* WORKFLOW_STORE_TUPLE_H */
