/*-------------------------------------------------------------------------
 *
 * durable_leave.c
 *	  Executions that a step leaves as they are, since somebody sends something.
 *
 * A step holds its executions FOR NO KEY UPDATE, and senders go on beside it.
 * Where it has ended a task, or the execution, it needs FOR UPDATE to write that:
 * then nobody is sending, and whoever has sent before is found out.
 *
 * Must not know what a step does.
 *
 * IDENTIFICATION
 *	  src/store/durable_leave.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "store/durable.h"

static bool lock_ending(List *executions);
static bool needs_lock(const DurableExecution *execution);
static void check_deadlines(List *executions);

/*
 * Leave out executions that ended in this step while a sender holds their
 * lock: deleting the row would wait for it.  And those with a task that was
 * ended from here: either it was, or the sender's answer counts, also one that was
 * committed after the step had read the task.
 */
List *
durable_leave_locked(List *executions, StoreStep *step)
{
	List *rest = NIL;
	ListCell *cell;

	if (!lock_ending(executions))
		return executions;
	check_deadlines(executions);
	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		if (!needs_lock(execution) || (execution->locked && !execution->moved))
			rest = lappend(rest, execution);
		else
			step->nskipped++;
		if (execution->moved && store_hooks.execution_touched != NULL)
			store_hooks.execution_touched(execution->id);
	}
	return rest;
}

/* Lock those that need it and that nobody else has locked; false: none needs it */
static bool
lock_ending(List *executions)
{
	static StorePlan plan = {
		"SELECT execution_id FROM workflow.agenda WHERE execution_id = ANY ($1) FOR UPDATE SKIP LOCKED",
		1,
		{INT8ARRAYOID}};
	int64 *ending = palloc(list_length(executions) * sizeof(int64));
	int count = 0;
	ListCell *cell;
	Datum array;
	uint64 nrows;

	foreach (cell, executions)
	{
		if (needs_lock(lfirst(cell)))
			ending[count++] = ((DurableExecution *) lfirst(cell))->id;
	}
	if (count == 0)
		return false;
	array = store_int64_array(ending, count);
	nrows = store_execute(&plan, &array, NULL);
	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		if (!needs_lock(execution))
			continue;
		execution->locked = nrows == count;
		for (uint64 row = 0; !execution->locked && row < nrows; row++)
			execution->locked = store_int64(row, 1, 0) == execution->id;
	}
	return true;
}

static bool
needs_lock(const DurableExecution *execution)
{
	return execution->begun &&
		   (execution->engine.status != ENGINE_RUNNING || execution->voids);
}

/*
 * Rows that deadlines were read from have changed where somebody was sending then, and
 * has committed since.
 */
static void
check_deadlines(List *executions)
{
	static StorePlan plan = {
		"SELECT t.execution_id FROM unnest($1, $2, $3, $4, $5) AS k(execution_id, branch_id, epoch, kind, version) "
		"JOIN workflow.task t ON t.execution_id = k.execution_id AND t.branch_id = k.branch_id "
		"AND t.epoch = k.epoch AND t.kind = k.kind WHERE t.xmin::text <> k.version",
		5,
		{INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID}};
	static const Oid types[] = {INT8OID, INT8OID, INT8OID, TEXTOID, TEXTOID};
	StoreRows rows;
	ListCell *cell;
	ListCell *inner;
	uint64 nrows;

	store_rows_init(&rows, lengthof(types), types);
	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		if (!execution->locked)
			continue;
		foreach (inner, execution->deadlines)
		{
			const DurableDeadline *deadline = lfirst(inner);

			store_rows_add(&rows);
			store_rows_set(&rows, 0, Int64GetDatum(execution->id));
			store_rows_set(&rows, 1, Int64GetDatum(deadline->branch_id));
			store_rows_set(&rows, 2, Int64GetDatum(deadline->epoch));
			store_rows_set_text(&rows, 3, deadline->kind);
			store_rows_set_text(&rows, 4, deadline->version);
		}
	}
	nrows = store_rows_execute(&rows, &plan);
	for (uint64 row = 0; row < nrows; row++)
		foreach (cell, executions)
		{
			DurableExecution *execution = lfirst(cell);

			if (execution->id == store_int64(row, 1, 0))
				execution->moved = true;
		}
}
