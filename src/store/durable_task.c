/*-------------------------------------------------------------------------
 *
 * durable_task.c
 *	  Rows of the table task, as a step of executions sees them.
 *
 * A task has one row; a call that is waited for (.waitForTaskToken, .sync) has
 * two: its own for whoever makes the call (kind sql or activity), which goes when
 * the call has returned, and the one that its answer comes to (token or child).
 * So a token counts from the moment it is handed in, and what is sent for it
 * while the call still runs waits there; nobody who holds the one row is ever in
 * the way of who needs the other.
 *
 * Rows with a token are locked by others: a worker's transaction that was handed
 * an activity, or that sends something.  No step waits for them.  A row that
 * cannot be deleted stays behind; its epoch says that it means nothing, and
 * store_sweep_tasks() removes it later.
 *
 * Deadlines of such tasks move in these rows only.  branch.due is a lower bound;
 * when it is reached, the step reads here what it really is.
 *
 * Must not know how tasks are done.
 *
 * IDENTIFICATION
 *	  src/store/durable_task.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "store/durable.h"

static const char *function_of(const DurableTask *task);
static void hand_to_activity(DurableExecution *execution, DurableTask *task,
							 const char *activity, TimestampTz now);
static const char *call_kind(const DurableTask *task);
static void add_row(StoreRows *rows, DurableExecution *execution, const DurableTask *task,
					const char *kind, const char *token);
static void take_deadlines(DurableExecution *execution, EngineBranch *branch, uint64 row);

/*
 * Look up which Lambda functions that were scheduled in this step are
 * activities: one statement, whatever their number.  Of an activity that is not there,
 * a runner says so.
 */
void
durable_resolve_tasks(List *executions, TimestampTz now)
{
	static StorePlan plan =
		{"SELECT f.name, f.activity FROM workflow.function f WHERE f.name = ANY ($1) "
		 "AND EXISTS (SELECT FROM workflow.activity a WHERE a.name = f.activity)",
		 1,
		 {TEXTARRAYOID}};
	static const Oid types[] = {TEXTOID};
	StoreRows names;
	ListCell *cell;
	ListCell *inner;
	uint64 nrows;

	store_rows_init(&names, 1, types);
	foreach (cell, executions)
	{
		foreach (inner, ((DurableExecution *) lfirst(cell))->scheduled)
		{
			const char *name = function_of(lfirst(inner));

			if (name == NULL)
				continue;
			store_rows_add(&names);
			store_rows_set_text(&names, 0, name);
		}
	}
	nrows = store_rows_execute(&names, &plan);
	if (nrows == 0)
		return;
	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		foreach (inner, execution->scheduled)
		{
			const char *name = function_of(lfirst(inner));

			for (uint64 row = 0; name != NULL && row < nrows; row++)
				if (strcmp(store_text(row, 1), name) == 0)
					hand_to_activity(execution, lfirst(inner), store_text(row, 2), now);
		}
	}
}

/* The name of the Lambda function that it calls, or NULL: it calls none */
static const char *
function_of(const DurableTask *task)
{
	const AslResource *resource = &task->engine.state->resource;
	Value name;

	if (resource->kind == ASL_RESOURCE_LAMBDA)
		return resource->name;
	if (resource->kind != ASL_RESOURCE_SERVICE ||
		strcmp(resource->service, "lambda") != 0 ||
		strcmp(resource->name, "invoke") != 0 ||
		value_type(task->engine.input) != TYPE_OBJECT)
		return NULL;
	name = value_object_get_cstring(task->engine.input, "FunctionName");
	return value_type(name) == TYPE_STRING ? store_lambda_name(value_to_cstring(name))
										   : NULL;
}

/*
 * Workers do it instead of a runner.  They can send heartbeats, which the
 * engine has not counted on for a function.
 */
static void
hand_to_activity(DurableExecution *execution, DurableTask *task, const char *activity,
				 TimestampTz now)
{
	EngineBranch *branch = task->engine.branch;
	WfError error = {0};

	task->activity = activity;
	if (task->engine.state->resource.kind == ASL_RESOURCE_SERVICE &&
		!store_lambda_payload(task->engine.input, &task->engine.input, &error))
		task->engine.input = value_object_get_cstring(task->engine.input, "Payload");
	if (task->engine.heartbeat < 0 || branch->task_heartbeat != ENGINE_NEVER)
		return;
	branch->task_heartbeat = now + task->engine.heartbeat * USECS_PER_SEC;
	branch->due = Min(branch->due, branch->task_heartbeat);
}

/*
 * The rows of the tasks that were scheduled.
 */
void
durable_add_tasks(StoreRows *rows, DurableExecution *execution)
{
	ListCell *cell;

	foreach (cell, execution->scheduled)
	{
		DurableTask *task = lfirst(cell);
		AslPattern pattern = task->engine.state->resource.pattern;
		const char *kind = call_kind(task);
		const char *token = NULL;

		if (strcmp(kind, "activity") == 0)
			token = pattern == ASL_REQUEST_RESPONSE && task->engine.token != NULL
						? task->engine.token
						: store_make_token(execution->id,
										   task->engine.branch->id,
										   task->engine.epoch);
		add_row(rows, execution, task, kind, token);
		if (pattern != ASL_REQUEST_RESPONSE)
			add_row(rows,
					execution,
					task,
					pattern == ASL_WAIT_FOR_TASK_TOKEN ? "token" : "child",
					task->engine.token);

		if (strcmp(kind, "sql") == 0 && store_hooks.task_ready != NULL)
			store_hooks.task_ready(execution->id,
								   task->engine.branch->id,
								   task->engine.epoch,
								   store_task_role(execution->role,
												   task->engine.role_arn));
		else if (strcmp(kind, "activity") == 0 && store_hooks.activity_ready != NULL)
			store_hooks.activity_ready(task->activity);
	}
}

/* Who makes the call: workers poll for activities, runners do the rest */
static const char *
call_kind(const DurableTask *task)
{
	return task->activity != NULL ? "activity" : "sql";
}

/* ORDER TASK COLUMNS */
static void
add_row(StoreRows *rows, DurableExecution *execution, const DurableTask *task,
		const char *kind, const char *token)
{
	const EngineTask *engine = &task->engine;
	const EngineBranch *branch = engine->branch;
	bool is_call = strcmp(kind, "sql") == 0 || strcmp(kind, "activity") == 0;
	bool is_answered =
		!is_call || engine->state->resource.pattern == ASL_REQUEST_RESPONSE;

	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(execution->id));
	store_rows_set(rows, 1, Int64GetDatum(branch->id));
	store_rows_set(rows, 2, Int64GetDatum(engine->epoch));
	store_rows_set_text(rows, 3, kind);
	store_rows_set_text(rows, 4, store_task_role(execution->role, engine->role_arn));
	store_rows_set_text(rows, 5, engine->state->resource.text);
	store_rows_set_text(rows,
						6,
						task->activity != NULL ? task->activity
											   : engine->state->resource.name);
	if (is_call)
		store_rows_set_value(rows, 7, engine->input);
	store_rows_set_text(rows, 8, token);
	store_rows_set(rows, 9, TimestampTzGetDatum(execution->engine.now));
	store_rows_set_timestamp(rows, 10, branch->task_timeout);
	store_rows_set_text(rows, 13, engine->role_arn);
	if (!is_answered || engine->heartbeat < 0)
		return;
	store_rows_set(rows, 11, Int64GetDatum(engine->heartbeat));
	/* a worker's first heartbeat is awaited once it was handed the task */
	if (strcmp(kind, "activity") != 0)
		store_rows_set_timestamp(rows, 12, branch->task_heartbeat);
}

/*
 * Of tasks whose time seems to be over, read what it really is, and whether
 * they were started: branches in due, that others may have moved the deadline
 * of.
 */
void
durable_load_deadlines(List *executions, TimestampTz now)
{
	/* of two rows the one that is answered decides: it comes last.  Who has answered sends
	 * no heartbeats any more. */
	static StorePlan plan = {
		"SELECT t.execution_id, t.branch_id, t.kind, t.timeout_at, "
		"CASE WHEN t.answer IS NULL THEN t.heartbeat_at END, "
		"CASE WHEN t.answer IS NULL THEN t.heartbeat_seconds END, t.started_at, t.worker, t.epoch, t.xmin::text FROM unnest($1, $2, $3) AS k(execution_id, branch_id, epoch) "
		"JOIN workflow.task t ON t.execution_id = k.execution_id AND t.branch_id = k.branch_id "
		"AND t.epoch = k.epoch WHERE t.token IS NOT NULL ORDER BY t.kind",
		3,
		{INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
	static const Oid types[] = {INT8OID, INT8OID, INT8OID};
	StoreRows keys;
	ListCell *cell;
	ListCell *inner;
	uint64 nrows;

	store_rows_init(&keys, 3, types);
	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		foreach (inner, execution->due)
		{
			EngineBranch *branch = lfirst(inner);

			if (branch->phase != ENGINE_TASK || branch->due > now)
				continue;
			store_rows_add(&keys);
			store_rows_set(&keys, 0, Int64GetDatum(execution->id));
			store_rows_set(&keys, 1, Int64GetDatum(branch->id));
			store_rows_set(&keys, 2, Int64GetDatum(branch->epoch));
		}
	}
	nrows = store_rows_execute(&keys, &plan);
	for (uint64 row = 0; row < nrows; row++)
		foreach (cell, executions)
		{
			DurableExecution *execution = lfirst(cell);

			if (execution->id == store_int64(row, 1, 0))
				take_deadlines(execution,
							   durable_find_branch(execution, store_int64(row, 2, 0)),
							   row);
		}
}

static void
take_deadlines(DurableExecution *execution, EngineBranch *branch, uint64 row)
{
	DurableNote *note = branch->shell;
	DurableDeadline *deadline = palloc(sizeof(DurableDeadline));
	int64 heartbeat = store_int64(row, 6, -1);

	deadline->branch_id = branch->id;
	deadline->epoch = store_int64(row, 9, 0);
	deadline->kind = store_text(row, 3);
	deadline->version = store_text(row, 10);
	execution->deadlines = lappend(execution->deadlines, deadline);
	if (strcmp(store_text(row, 3), "activity") == 0)
	{
		note->started_at = store_timestamp(row, 7, ENGINE_NEVER);
		note->worker = store_text(row, 8);
	}
	branch->task_timeout = store_timestamp(row, 4, ENGINE_NEVER);
	branch->task_heartbeat = store_timestamp(row, 5, ENGINE_NEVER);
	/* not handed out: a heartbeat cannot be missed before so much time has passed */
	if (heartbeat >= 0 && branch->task_heartbeat == ENGINE_NEVER)
		branch->task_heartbeat = execution->engine.now + heartbeat * USECS_PER_SEC;
}

/*
 * May others hold locks on the rows of this task?
 */
bool
durable_is_shared(const AslResource *resource)
{
	return resource->kind == ASL_RESOURCE_ACTIVITY ||
		   resource->kind == ASL_RESOURCE_LAMBDA ||
		   resource->pattern != ASL_REQUEST_RESPONSE ||
		   (resource->kind == ASL_RESOURCE_SERVICE &&
			strcmp(resource->service, "lambda") == 0);
}

/*
 * Delete rows of tasks by execution and branch, which nobody else locks; and
 * those that somebody might, but for what is locked.
 */
void
durable_delete_tasks(StoreRows *own, StoreRows *shared)
{
	static StorePlan own_plan =
		{"DELETE FROM workflow.task t USING unnest($1, $2) AS k(execution_id, branch_id) "
		 "WHERE t.execution_id = k.execution_id AND t.branch_id = k.branch_id",
		 2,
		 {INT8ARRAYOID, INT8ARRAYOID}};
	static StorePlan shared_plan = {
		"DELETE FROM workflow.task WHERE ctid = ANY (ARRAY(SELECT t.ctid "
		"FROM unnest($1, $2) AS k(execution_id, branch_id) JOIN workflow.task t "
		"ON t.execution_id = k.execution_id AND t.branch_id = k.branch_id FOR UPDATE OF t SKIP LOCKED))",
		2,
		{INT8ARRAYOID, INT8ARRAYOID}};
	static StorePlan left_plan =
		{"SELECT FROM unnest($1, $2) AS k(execution_id, branch_id) JOIN workflow.task t "
		 "ON t.execution_id = k.execution_id AND t.branch_id = k.branch_id LIMIT 1",
		 2,
		 {INT8ARRAYOID, INT8ARRAYOID}};

	store_rows_execute(own, &own_plan);
	store_rows_execute(shared, &shared_plan);
	if (store_rows_execute(shared, &left_plan) > 0 && store_hooks.tasks_left != NULL)
		store_hooks.tasks_left();
}

/*
 * The same by executions that are closed.
 */
void
durable_delete_all_tasks(StoreRows *own, StoreRows *shared)
{
	static StorePlan own_plan =
		{"DELETE FROM workflow.task WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}};
	static StorePlan shared_plan = {
		"DELETE FROM workflow.task WHERE ctid = ANY (ARRAY(SELECT ctid FROM workflow.task "
		"WHERE execution_id = ANY ($1) FOR UPDATE SKIP LOCKED))",
		1,
		{INT8ARRAYOID}};
	static StorePlan left_plan =
		{"SELECT FROM workflow.task WHERE execution_id = ANY ($1) LIMIT 1",
		 1,
		 {INT8ARRAYOID}};

	store_rows_execute(own, &own_plan);
	store_rows_execute(shared, &shared_plan);
	if (store_rows_execute(shared, &left_plan) > 0 && store_hooks.tasks_left != NULL)
		store_hooks.tasks_left();
}

/*
 * Delete the rows of calls that have returned, by execution, branch and epoch:
 * what is left of these tasks is the row that the answer comes to.
 */
void
durable_delete_calls(StoreRows *rows)
{
	static StorePlan plan = {
		"DELETE FROM workflow.task t USING unnest($1, $2, $3) AS k(execution_id, branch_id, epoch) "
		"WHERE t.execution_id = k.execution_id AND t.branch_id = k.branch_id AND t.epoch = k.epoch "
		"AND t.kind IN ('sql', 'activity')",
		3,
		{INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};

	store_rows_execute(rows, &plan);
}

/*
 * Delete what steps had to leave behind: see store.h.
 */
bool
store_sweep_tasks(void)
{
	static StorePlan plan = {
		"DELETE FROM workflow.task WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM workflow.task t "
		"WHERE NOT EXISTS (SELECT FROM workflow.branch b WHERE b.execution_id = t.execution_id "
		"AND b.id = t.branch_id AND (b.epoch = t.epoch AND b.phase = 3 OR b.phase = 7)) "
		"FOR UPDATE SKIP LOCKED))",
		0};
	static StorePlan left_plan =
		{"SELECT FROM workflow.task t WHERE NOT EXISTS (SELECT FROM workflow.branch b "
		 "WHERE b.execution_id = t.execution_id AND b.id = t.branch_id "
		 "AND (b.epoch = t.epoch AND b.phase = 3 OR b.phase = 7)) LIMIT 1",
		 0};

	store_execute(&plan, NULL, NULL);
	return store_execute(&left_plan, NULL, NULL) == 0;
}
