/*-------------------------------------------------------------------------
 *
 * tuple.c
 *	  Rows found through an index, locked and changed without a statement: see
 *	  tuple.h.
 *
 * Does what the executor's index scan, LockRows and ModifyTable do, with the same
 * visibility, locks, constraints, indexes and row triggers.  (Not with triggers of
 * statements and of columns: there is no statement that they could be of.)
 *
 * Must not know what the rows mean.
 *
 * IDENTIFICATION
 *	  src/store/tuple.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store/tuple.h"
#include "workflow.h"

static void add_key(TupleScan *scan, RegProcedure equal, Datum value);
static void add_member(TupleScan *scan, int member, RegProcedure compare, Datum value);
static void begin_changing(TupleScan *scan);
static void serialization_failure(void);
static AttrNumber find_column(const TupleScan *scan, TupleColumn *column);

void
tuple_statement_begin(const char *command)
{
	PreventCommandIfReadOnly(command);
	PreventCommandIfParallelMode(command);
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
tuple_statement_end(void)
{
	PopActiveSnapshot();
	CommandCounterIncrement();
}

void
tuple_scan_begin(TupleScan *scan, const char *table, const char *index, LOCKMODE lockmode)
{
	Oid schema = get_namespace_oid(WORKFLOW_SCHEMA, false);

	/* the extension may be dropped while one waits for the lock */
	scan->table = try_table_open(get_relname_relid(table, schema), lockmode);
	if (scan->table == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_TABLE),
				errmsg("relation \"%s.%s\" does not exist", WORKFLOW_SCHEMA, table));
	scan->index = index_open(get_relname_relid(index, schema), lockmode);
	scan->scan = NULL;
	scan->nkeys = 0;
	scan->slot = table_slot_create(scan->table, NULL);
	scan->estate = NULL;
}

void
tuple_scan_end(TupleScan *scan)
{
	if (scan->estate != NULL)
	{
		AfterTriggerEndQuery(scan->estate);
		EvalPlanQualEnd(&scan->epq);
		ExecCloseIndices(scan->result);
		ExecResetTupleTable(scan->estate->es_tupleTable, false);
		FreeExecutorState(scan->estate);
	}
	if (scan->scan != NULL)
		index_endscan(scan->scan);
	ExecDropSingleTupleTableSlot(scan->slot);
	/* locks last until the transaction ends, as those of a statement do */
	index_close(scan->index, NoLock);
	table_close(scan->table, NoLock);
}

void
tuple_scan_text(TupleScan *scan, const char *value)
{
	add_key(scan, F_TEXTEQ, CStringGetTextDatum(value));
}

void
tuple_scan_int64(TupleScan *scan, int64 value)
{
	add_key(scan, F_INT8EQ, Int64GetDatum(value));
}

static void
add_key(TupleScan *scan, RegProcedure equal, Datum value)
{
	int column = scan->nkeys++;

	Assert(scan->nkeys <= TUPLE_MAX_KEYS);
	ScanKeyEntryInitialize(&scan->keys[column],
						   0,
						   column + 1,
						   BTEqualStrategyNumber,
						   InvalidOid,
						   scan->index->rd_indcollation[column],
						   equal,
						   value);
}

/*
 * A row comparison, as the planner makes one of (a, b, c) > (x, y, z).
 */
void
tuple_scan_after(TupleScan *scan, TimestampTz at, int64 first, int64 second)
{
	ScanKey key = &scan->keys[scan->nkeys];

	add_member(scan, 0, F_TIMESTAMPTZ_CMP, TimestampTzGetDatum(at));
	add_member(scan, 1, F_BTINT8CMP, Int64GetDatum(first));
	add_member(scan, 2, F_BTINT8CMP, Int64GetDatum(second));
	scan->members[2].sk_flags |= SK_ROW_END;
	MemSet(key, 0, sizeof(ScanKeyData));
	key->sk_flags = SK_ROW_HEADER;
	key->sk_attno = scan->members[0].sk_attno;
	key->sk_strategy = BTGreaterStrategyNumber;
	key->sk_argument = PointerGetDatum(scan->members);
	scan->nkeys++;
}

static void
add_member(TupleScan *scan, int member, RegProcedure compare, Datum value)
{
	ScanKeyEntryInitialize(&scan->members[member],
						   SK_ROW_MEMBER,
						   scan->nkeys + member + 1,
						   BTGreaterStrategyNumber,
						   InvalidOid,
						   scan->index->rd_indcollation[scan->nkeys + member],
						   compare,
						   value);
}

void
tuple_scan_start(TupleScan *scan)
{
	if (scan->scan == NULL)
		scan->scan = compat_index_beginscan(scan->table,
											scan->index,
											GetActiveSnapshot(),
											scan->nkeys);
	index_rescan(scan->scan, scan->keys, scan->nkeys, NULL, 0);
	scan->nkeys = 0;
}

bool
tuple_scan_next(TupleScan *scan)
{
	CHECK_FOR_INTERRUPTS();
	return index_getnext_slot(scan->scan, ForwardScanDirection, scan->slot);
}

/*
 * A row that others may change while it is locked (FOR KEY SHARE) has to be locked
 * in the versions that they have made and will commit, too.
 */
bool
tuple_lock(TupleScan *scan, LockTupleMode mode, LockWaitPolicy wait)
{
	ItemPointerData tid = scan->slot->tts_tid;
	uint8 flags = TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS;
	TM_FailureData failure;

	if (wait == LockWaitBlock && !IsolationUsesXactSnapshot())
		flags |= TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	switch (table_tuple_lock(scan->table,
							 &tid,
							 GetActiveSnapshot(),
							 scan->slot,
							 GetCurrentCommandId(true),
							 mode,
							 wait,
							 flags,
							 &failure))
	{
		case TM_Ok:
			return true;
		case TM_Updated:
		case TM_Deleted:
			if (wait == LockWaitBlock && IsolationUsesXactSnapshot())
				serialization_failure();
			return false;
		case TM_WouldBlock:
		case TM_SelfModified:
			return false;
		default:
			elog(ERROR,
				 "could not lock a row of \"%s\"",
				 RelationGetRelationName(scan->table));
	}
}

static void
serialization_failure(void)
{
	ereport(ERROR,
			errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			errmsg("could not serialize access due to concurrent update"));
}

void
tuple_change(TupleScan *scan, const TupleChange *changes, int count)
{
	TupleTableSlot *changed;

	if (scan->estate == NULL)
		begin_changing(scan);
	changed = scan->changed;
	ExecClearTuple(changed);
	slot_getallattrs(scan->slot);
	memcpy(changed->tts_values,
		   scan->slot->tts_values,
		   changed->tts_tupleDescriptor->natts * sizeof(Datum));
	memcpy(changed->tts_isnull,
		   scan->slot->tts_isnull,
		   changed->tts_tupleDescriptor->natts * sizeof(bool));
	for (int i = 0; i < count; i++)
	{
		AttrNumber number = find_column(scan, changes[i].column);

		changed->tts_values[number - 1] = changes[i].value;
		changed->tts_isnull[number - 1] = changes[i].isnull;
	}
	ExecStoreVirtualTuple(changed);
	ExecSimpleRelationUpdate(scan->result, scan->estate, &scan->epq, scan->slot, changed);
	ResetPerTupleExprContext(scan->estate);
}

static void
begin_changing(TupleScan *scan)
{
	EState *estate = CreateExecutorState();
	MemoryContext caller = MemoryContextSwitchTo(estate->es_query_cxt);

	estate->es_snapshot = GetActiveSnapshot();
	estate->es_output_cid = GetCurrentCommandId(true);
	scan->result = makeNode(ResultRelInfo);
	InitResultRelInfo(scan->result, scan->table, 0, NULL, 0);
	/* where triggers look for it; else they open the table, and nobody closes it */
	estate->es_opened_result_relations = list_make1(scan->result);
	ExecOpenIndices(scan->result, false);
	compat_epq_init(&scan->epq, estate);
	scan->changed =
		ExecInitExtraTupleSlot(estate, RelationGetDescr(scan->table), &TTSOpsVirtual);
	MemoryContextSwitchTo(caller);
	AfterTriggerBeginQuery();
	scan->estate = estate;
}

Datum
tuple_datum(const TupleScan *scan, TupleColumn *column, bool *isnull)
{
	return slot_getattr(scan->slot, find_column(scan, column), isnull);
}

int64
tuple_int64(const TupleScan *scan, TupleColumn *column, int64 if_null)
{
	bool isnull;
	Datum datum = tuple_datum(scan, column, &isnull);

	if (isnull)
		return if_null;
	return TupleDescAttr(RelationGetDescr(scan->table), column->number - 1)->atttypid ==
				   INT2OID
			   ? DatumGetInt16(datum)
			   : DatumGetInt64(datum);
}

TimestampTz
tuple_timestamp(const TupleScan *scan, TupleColumn *column, TimestampTz if_null)
{
	bool isnull;
	Datum datum = tuple_datum(scan, column, &isnull);

	return isnull ? if_null : DatumGetTimestampTz(datum);
}

char *
tuple_text(const TupleScan *scan, TupleColumn *column)
{
	bool isnull;
	Datum datum = tuple_datum(scan, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(datum);
}

bool
tuple_is_null(const TupleScan *scan, TupleColumn *column)
{
	bool isnull;

	(void) tuple_datum(scan, column, &isnull);
	return isnull;
}

/*
 * Where a column was the last time, it mostly is.
 */
static AttrNumber
find_column(const TupleScan *scan, TupleColumn *column)
{
	TupleDesc descriptor = RelationGetDescr(scan->table);

	if (column->number == InvalidAttrNumber || column->number > descriptor->natts ||
		strcmp(NameStr(TupleDescAttr(descriptor, column->number - 1)->attname),
			   column->name) != 0)
		column->number = get_attnum(RelationGetRelid(scan->table), column->name);
	if (column->number == InvalidAttrNumber)
		elog(ERROR,
			 "table \"%s\" has no column \"%s\"",
			 RelationGetRelationName(scan->table),
			 column->name);
	return column->number;
}
