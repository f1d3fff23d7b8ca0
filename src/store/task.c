/*-------------------------------------------------------------------------
 *
 * task.c
 *	  Tasks as runners see them.
 *
 * A runner reads its task without a lock; whether its result counts is decided
 * when it is handed in.
 *
 * Must not know how tasks are run.
 *
 * IDENTIFICATION
 *	  src/store/task.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/memutils.h"

#include "store/sql.h"
#include "store/store.h"

/*
 * Read a task: see store.h.
 */
bool
store_read_task(int64 execution_id, int64 branch_id, int64 epoch, StoreTask *task)
{
	static StorePlan plan = {
		"SELECT role, resource, target, input, timeout_at, crashes, scheduled_at, role_arn FROM workflow.task "
		"WHERE execution_id = $1 AND branch_id = $2 AND epoch = $3 AND kind = 'sql' AND answer IS NULL",
		3,
		{INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(execution_id),
					   Int64GetDatum(branch_id),
					   Int64GetDatum(epoch)};

	if (branch_id == 0)
		return store_read_express(execution_id, task);
	if (store_execute(&plan, values, NULL) == 0)
		return false;
	task->execution_id = execution_id;
	task->branch_id = branch_id;
	task->epoch = epoch;
	task->role = store_text(0, 1);
	task->resource = store_text(0, 2);
	task->target = store_text(0, 3);
	task->input = store_jsonb(0, 4);
	task->timeout_at = store_timestamp(0, 5, ENGINE_NEVER);
	task->crashes = (int) store_int64(0, 6, 0);
	task->scheduled_at = store_timestamp(0, 7, 0);
	task->role_arn = store_text(0, 8);
	return true;
}

void
store_mark_attempt(int64 execution_id, int64 branch_id, int64 epoch)
{
	static StorePlan plan = {"UPDATE workflow.task SET crashes = crashes + 1 "
							 "WHERE execution_id = $1 AND branch_id = $2 AND epoch = $3",
							 3,
							 {INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(execution_id),
					   Int64GetDatum(branch_id),
					   Int64GetDatum(epoch)};

	if (branch_id == 0)
		store_mark_express(execution_id);
	else
		store_execute(&plan, values, NULL);
}

bool
store_is_only_marked(void)
{
	static StorePlan plan = {"SELECT FROM workflow.task WHERE crashes > 0 LIMIT 2", 0};

	return store_execute(&plan, NULL, NULL) == 1;
}

void
store_clear_attempts(void)
{
	static StorePlan plan =
		{"WITH express AS (UPDATE workflow.express SET crashes = 0 WHERE crashes > 0) "
		 "UPDATE workflow.task SET crashes = 0 WHERE crashes > 0",
		 0};

	store_execute(&plan, NULL, NULL);
}

int
store_task_roles(Oid **roles, char ***missing, int *nmissing)
{
	static StorePlan plan = {
		"WITH RECURSIVE r(role) AS ("
		"SELECT min(role) FROM workflow.task WHERE kind = 'sql' "
		"UNION ALL "
		"SELECT (SELECT min(t.role) FROM workflow.task t WHERE t.kind = 'sql' AND t.role > r.role) "
		"FROM r WHERE r.role IS NOT NULL), "
		"e(role) AS ("
		"SELECT min(role) FROM workflow.express "
		"UNION ALL "
		"SELECT (SELECT min(q.role) FROM workflow.express q WHERE q.role > e.role) "
		"FROM e WHERE e.role IS NOT NULL) "
		"SELECT role FROM r WHERE role IS NOT NULL UNION SELECT role FROM e WHERE role IS NOT NULL",
		0};
	uint64 nrows = store_execute(&plan, NULL, NULL);
	int count = 0;

	*roles = palloc((nrows + 1) * sizeof(Oid));
	*missing = palloc((nrows + 1) * sizeof(char *));
	*nmissing = 0;
	for (uint64 row = 0; row < nrows; row++)
	{
		char *name = store_text(row, 1);
		Oid role = get_role_oid(name, true);

		if (OidIsValid(role))
			(*roles)[count++] = role;
		else
			(*missing)[(*nmissing)++] = name;
	}
	return count;
}

int
store_ready_tasks(const char *role, int64 after_execution, int64 after_branch, int limit,
				  StoreTaskKey *keys)
{
	static StorePlan plan = {
		"(SELECT execution_id, branch_id, epoch FROM workflow.task "
		"WHERE kind = 'sql' AND role = $1 AND answer IS NULL AND (execution_id, branch_id) > ($2, $3) "
		"ORDER BY role, execution_id, branch_id LIMIT $4) "
		"UNION ALL (SELECT id, 0, 0 FROM workflow.express WHERE role = $1 AND id > $2 "
		"ORDER BY role, id LIMIT $4) "
		"ORDER BY execution_id, branch_id LIMIT $4",
		4,
		{TEXTOID, INT8OID, INT8OID, INT4OID}};
	SqlArguments args = {0};
	uint64 nrows;

	sql_add_text(&args, role);
	sql_add(&args, Int64GetDatum(after_execution));
	sql_add(&args, Int64GetDatum(after_branch));
	sql_add(&args, Int32GetDatum(limit));
	nrows = sql_execute(&plan, &args);
	for (uint64 row = 0; row < nrows; row++)
	{
		keys[row].execution_id = store_int64(row, 1, 0);
		keys[row].branch_id = store_int64(row, 2, 0);
		keys[row].epoch = store_int64(row, 3, 0);
	}
	return (int) nrows;
}
