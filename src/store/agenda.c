/*-------------------------------------------------------------------------
 *
 * agenda.c
 *	  The alarm clocks of open executions.
 *
 * Must not know who looks at them.
 *
 * IDENTIFICATION
 *	  src/store/agenda.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/sql.h"
#include "store/store.h"

/*
 * Executions whose alarm clock stands after a key and not after until: see
 * store.h.
 */
int
store_due_executions(StoreAgendaKey *after, TimestampTz until, int share, int nshares,
					 int64 *ids, int limit)
{
	static StorePlan plan = {
		"SELECT execution_id, wake_at FROM workflow.agenda "
		"WHERE wake_at IS NOT NULL AND (wake_at, execution_id) > ($1, $2) AND wake_at <= $3 "
		"AND execution_id % $4 = $5 ORDER BY wake_at, execution_id LIMIT $6",
		6,
		{TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID}};
	SqlArguments args = {0};
	uint64 nrows;

	sql_add_timestamp(&args, after->wake_at);
	sql_add(&args, Int64GetDatum(after->execution_id));
	sql_add_timestamp(&args, until);
	sql_add(&args, Int32GetDatum(nshares));
	sql_add(&args, Int32GetDatum(share));
	sql_add(&args, Int32GetDatum(limit));
	nrows = sql_execute(&plan, &args);
	for (uint64 row = 0; row < nrows; row++)
		ids[row] = store_int64(row, 1, 0);
	if (nrows > 0)
	{
		after->execution_id = ids[nrows - 1];
		after->wake_at = store_timestamp(nrows - 1, 2, DT_NOBEGIN);
	}
	return (int) nrows;
}

/*
 * Executions that have something in their inbox: see store.h.
 */
int
store_answered_executions(int64 after, int share, int nshares, int64 *ids, int limit)
{
	static StorePlan plan = {
		"SELECT execution_id FROM workflow.task WHERE answer IS NOT NULL AND execution_id > $1 "
		"AND execution_id % $2 = $3 UNION SELECT execution_id FROM workflow.message "
		"WHERE execution_id > $1 AND execution_id % $2 = $3 ORDER BY 1 LIMIT $4",
		4,
		{INT8OID, INT4OID, INT4OID, INT4OID}};
	SqlArguments args = {0};
	uint64 nrows;

	sql_add(&args, Int64GetDatum(after));
	sql_add(&args, Int32GetDatum(nshares));
	sql_add(&args, Int32GetDatum(share));
	sql_add(&args, Int32GetDatum(limit));
	nrows = sql_execute(&plan, &args);
	for (uint64 row = 0; row < nrows; row++)
		ids[row] = store_int64(row, 1, 0);
	return (int) nrows;
}

TimestampTz
store_next_timer(TimestampTz after)
{
	static StorePlan plan =
		{"SELECT min(wake_at) FROM workflow.agenda WHERE wake_at > $1",
		 1,
		 {TIMESTAMPTZOID}};
	Datum value = TimestampTzGetDatum(after);

	store_execute(&plan, &value, NULL);
	return store_timestamp(0, 1, ENGINE_NEVER);
}
