/*-------------------------------------------------------------------------
 *
 * durable_write.c
 *	  Write what a step did: each table once, however many executions.
 *
 * The caller holds the agenda locks.  Ids of history events were given out
 * under them, so they are gapless.
 *
 * Must not know why things changed.
 *
 * IDENTIFICATION
 *	  src/store/durable_write.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/durable.h"

/* Of the outputs in one row of iteration */
#define MAX_RESULTS_SIZE (8 * 1024 * 1024)

/* What a step gathers for its statements */
typedef struct Writes
{
	StoreRows history;
	StoreRows emptied; /* kept outputs to delete */
	StoreRows results; /* kept outputs to insert */
	StoreRows tasks_gone;
	StoreRows shared_tasks_gone;
	StoreRows calls_gone; /* of tasks that go on */
	StoreRows tasks;
	StoreRows branches_gone;
	StoreRows branches_changed;
	StoreRows branches_new;
	StoreRows closed;
	StoreRows closed_begun; /* of those, the ones that may have other rows */
	StoreRows
		closed_own; /* of those, by whether others may lock rows of their tasks: no */
	StoreRows closed_shared;   /* and yes */
	StoreRows closed_cut;      /* of those, the ones that may leave children running */
	StoreRows ended;           /* for whom a parent waits */
	StoreRows children_void;   /* tasks and Map Runs that need their children no longer */
	StoreRows closed_map_runs; /* executions that may have left some open */
	StoreRows messages_read;
	StoreRows open;
} Writes;

/* ORDER BRANCH COLUMNS: add_branch() and the two statements in write_branches() */
static const Oid branch_types[] = {INT8OID,        INT8OID,        INT8OID,
								   INT4OID,        INT2OID,        BOOLOID,
								   TEXTOID,        INT8OID,        INT8OID,
								   INT8OID,        INT8OID,        TIMESTAMPTZOID,
								   TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
								   INT4OID,        TEXTOID,        INT4OID,
								   INT4OID,        JSONBOID,       JSONBOID,
								   JSONBOID};
static const Oid changed_types[] = {BOOLOID, BOOLOID};

#define BRANCH_ARRAYS                                                                    \
	INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, INT2ARRAYOID, BOOLARRAYOID,  \
		TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID,            \
		TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID,                   \
		TIMESTAMPTZARRAYOID, INT4ARRAYOID, TEXTARRAYOID, INT4ARRAYOID, INT4ARRAYOID,     \
		JSONBARRAYOID, JSONBARRAYOID, JSONBARRAYOID

#define BRANCH_NAMES                                                                      \
	"execution_id, id, parent_id, index, phase, entered, state, epoch, tip, entered_id, " \
	"entered_prev, entered_at, due, task_timeout, task_heartbeat, retry_count, retries, " \
	"pending, started, input, variables, work"

static void init_writes(Writes *writes);
static void gather(Writes *writes, DurableExecution *execution, StoreStep *step);
static void gather_history(Writes *writes, DurableExecution *execution);
static void gather_messages(Writes *writes, DurableExecution *execution);
static void add_void(StoreRows *rows, DurableExecution *execution, EngineBranch *branch,
					 int64 epoch);
static void gather_branches(Writes *writes, DurableExecution *execution, StoreStep *step);
static void gather_results(Writes *writes, DurableExecution *execution,
						   EngineBranch *parent);
static void add_results(Writes *writes, DurableExecution *execution, EngineBranch *parent,
						ValueArray *chunk);
static void add_branch(StoreRows *rows, DurableExecution *execution,
					   EngineBranch *branch);
static void set_retries(StoreRows *rows, int column, const EngineBranch *branch);
static void add_key(StoreRows *rows, int64 execution_id, int64 id);
static void gather_closed(Writes *writes, DurableExecution *execution);
static void write_rows(Writes *writes);
static void write_branches(Writes *writes);
static void write_closed(Writes *writes);
static void write_messages(Writes *writes);
static void write_open(List *executions, Writes *writes, StoreStep *step);
static TimestampTz earliest_timer(DurableExecution *execution);
static void read_timers(List *executions);

/*
 * Write the step: see durable.h.
 */
void
durable_write(List *executions, bool try_close, StoreStep *step)
{
	Writes writes;
	ListCell *cell;

	if (try_close)
		executions = durable_leave_locked(executions, step);
	durable_resolve_tasks(executions, step->now);
	init_writes(&writes);
	foreach (cell, executions)
		gather(&writes, lfirst(cell), step);
	write_rows(&writes);
	write_branches(&writes);
	durable_write_map_runs(executions, step->now);
	write_closed(&writes);
	write_messages(&writes);
	write_open(executions, &writes, step);
	step->nadvanced += list_length(executions);
}

static void
init_writes(Writes *writes)
{
	static const Oid history[] =
		{INT8OID, INT8OID, INT4OID, TIMESTAMPTZOID, JSONBOID, JSONBOID};
	static const Oid key[] = {INT8OID, INT8OID, INT8OID, INT8OID};
	static const Oid result[] = {INT8OID, INT8OID, INT4OID, JSONBOID};
	static const Oid task[] = {INT8OID,
							   INT8OID,
							   INT8OID,
							   TEXTOID,
							   TEXTOID,
							   TEXTOID,
							   TEXTOID,
							   JSONBOID,
							   TEXTOID,
							   TIMESTAMPTZOID,
							   TIMESTAMPTZOID,
							   INT8OID,
							   TIMESTAMPTZOID,
							   TEXTOID};
	static const Oid closed[] =
		{INT8OID, TEXTOID, TIMESTAMPTZOID, JSONBOID, TEXTOID, TEXTOID};
	static const Oid open[] = {INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID};
	static const Oid ended[] =
		{INT8OID, INT8OID, INT8OID, INT8OID, BOOLOID, TEXTOID, INT4OID};
	Oid changed[lengthof(branch_types) + lengthof(changed_types)];

	memcpy(changed, branch_types, sizeof(branch_types));
	memcpy(changed + lengthof(branch_types), changed_types, sizeof(changed_types));
	store_rows_init(&writes->history, lengthof(history), history);
	store_rows_init(&writes->emptied, 2, key);
	store_rows_init(&writes->results, lengthof(result), result);
	store_rows_init(&writes->tasks_gone, 2, key);
	store_rows_init(&writes->shared_tasks_gone, 2, key);
	store_rows_init(&writes->calls_gone, 3, key);
	store_rows_init(&writes->tasks, lengthof(task), task);
	store_rows_init(&writes->branches_gone, 2, key);
	store_rows_init(&writes->branches_changed, lengthof(changed), changed);
	store_rows_init(&writes->branches_new, lengthof(branch_types), branch_types);
	store_rows_init(&writes->closed, lengthof(closed), closed);
	store_rows_init(&writes->closed_begun, 1, key);
	store_rows_init(&writes->closed_own, 1, key);
	store_rows_init(&writes->closed_shared, 1, key);
	store_rows_init(&writes->closed_cut, 1, key);
	store_rows_init(&writes->ended, lengthof(ended), ended);
	store_rows_init(&writes->closed_map_runs, 3, closed);
	store_rows_init(&writes->children_void, 3, key);
	store_rows_init(&writes->messages_read, 2, key);
	store_rows_init(&writes->open, lengthof(open), open);
}

static void
gather(Writes *writes, DurableExecution *execution, StoreStep *step)
{
	gather_history(writes, execution);
	gather_messages(writes, execution);
	step->ntransitions += execution->engine.nsteps;
	if (execution->engine.status != ENGINE_RUNNING)
	{
		gather_closed(writes, execution);
		step->nclosed++;
		return;
	}
	gather_branches(writes, execution, step);
	durable_add_tasks(&writes->tasks, execution);
}

static void
gather_history(Writes *writes, DurableExecution *execution)
{
	EngineExecution *engine = &execution->engine;
	Jsonb *events;
	Jsonb *payloads;

	if (engine->nhistory == 0)
		return;
	store_history_encode(engine->history, engine->nhistory, &events, &payloads);
	store_rows_add(&writes->history);
	store_rows_set(&writes->history, 0, Int64GetDatum(execution->id));
	store_rows_set(&writes->history, 1, Int64GetDatum(engine->history[0].id));
	store_rows_set(&writes->history, 2, Int32GetDatum(engine->nhistory));
	store_rows_set(&writes->history, 3, TimestampTzGetDatum(engine->history[0].at));
	store_rows_set(&writes->history, 4, JsonbPGetDatum(events));
	if (payloads != NULL)
		store_rows_set(&writes->history, 5, JsonbPGetDatum(payloads));
}

/*
 * What was read is done with; children of tasks that are over without them are
 * to stop; and who waits for an end is told.
 */
static void
gather_messages(Writes *writes, DurableExecution *execution)
{
	ListCell *cell;

	foreach (cell, execution->messages)
		add_key(&writes->messages_read, execution->id, *(int64 *) lfirst(cell));
	foreach (cell, execution->branches)
	{
		EngineBranch *branch = lfirst(cell);
		DurableNote *note = branch->stored ? branch->shell : NULL;

		if (note == NULL)
			continue;
		if (note->has_child && !note->answered &&
			(branch->phase != ENGINE_TASK || branch->epoch != note->task_epoch))
			add_void(&writes->children_void, execution, branch, note->task_epoch);
		if (note->map_epoch != 0 &&
			(branch->phase != ENGINE_MAP_RUN || branch->epoch != note->map_epoch) &&
			(note->map_run == NULL || note->map_run->epoch != note->map_epoch ||
			 note->map_run->status != ENGINE_MAP_RUN_SUCCEEDED))
			add_void(&writes->children_void, execution, branch, note->map_epoch);
		else if (note->map_run != NULL && note->map_run->stopping)
			add_void(&writes->children_void, execution, branch, note->map_run->epoch);
	}
	if (execution->engine.status == ENGINE_RUNNING)
		return;
	if (execution->parent_id != 0)
	{
		add_key(&writes->ended, execution->parent_id, execution->parent_branch_id);
		store_rows_set(&writes->ended, 2, Int64GetDatum(execution->parent_epoch));
		store_rows_set(&writes->ended, 3, Int64GetDatum(execution->id));
		store_rows_set(&writes->ended, 4, BoolGetDatum(execution->map_run_id != 0));
		store_rows_set_text(&writes->ended,
							5,
							engine_status_name(execution->engine.status));
		store_rows_set(&writes->ended, 6, Int32GetDatum(execution->item_count));
	}
	if (execution->begun && execution->engine.status != ENGINE_SUCCEEDED)
	{
		store_rows_add(&writes->closed_cut);
		store_rows_set(&writes->closed_cut, 0, Int64GetDatum(execution->id));
	}
}

static void
add_void(StoreRows *rows, DurableExecution *execution, EngineBranch *branch, int64 epoch)
{
	add_key(rows, execution->id, branch->id);
	store_rows_set(rows, 2, Int64GetDatum(epoch));
}

/*
 * Branches: gone ones are deleted with what they kept, others inserted or, if
 * the engine changed them, updated.
 */
static void
gather_branches(Writes *writes, DurableExecution *execution, StoreStep *step)
{
	ListCell *cell;

	foreach (cell, execution->branches)
	{
		EngineBranch *branch = lfirst(cell);
		DurableNote *note = branch->stored ? branch->shell : NULL;
		bool gone = branch->phase == ENGINE_GONE || branch->phase == ENGINE_DONE;

		if (note != NULL && note->task_epoch != 0 &&
			(branch->phase != ENGINE_TASK || branch->epoch != note->task_epoch))
		{
			add_key(note->shared ? &writes->shared_tasks_gone : &writes->tasks_gone,
					execution->id,
					branch->id);
			if (store_hooks.task_void != NULL)
				store_hooks.task_void(execution->id, branch->id, note->task_epoch);
		}
		if (note != NULL && note->map_task != 0 &&
			engine_map_task(&execution->engine, branch) != note->map_task)
		{
			add_key(&writes->tasks_gone, execution->id, branch->id);
			if (store_hooks.task_void != NULL)
				store_hooks.task_void(execution->id, branch->id, note->map_task);
		}
		if (branch->phase == ENGINE_READY)
			branch->due = DT_NOBEGIN;
		gather_results(writes, execution, branch);
		if (!gone && (branch->changed || !branch->stored))
			engine_look_ahead(&execution->engine, branch);
		if (gone && branch->stored)
			add_key(&writes->branches_gone, execution->id, branch->id);
		else if (!gone && !branch->stored)
			add_branch(&writes->branches_new, execution, branch);
		else if (!gone && branch->changed)
		{
			StoreRows *rows = &writes->branches_changed;

			add_branch(rows, execution, branch);
			store_rows_set(rows,
						   lengthof(branch_types),
						   BoolGetDatum(branch->input.changed));
			store_rows_set(rows,
						   lengthof(branch_types) + 1,
						   BoolGetDatum(branch->work.changed));
		}
	}

	foreach (cell, execution->submitted)
	{
		EngineBranch *branch = lfirst(cell);

		add_key(&writes->calls_gone, execution->id, branch->id);
		store_rows_set(&writes->calls_gone, 2, Int64GetDatum(branch->epoch));
	}
}

/*
 * Outputs of children that ended in this step: one row of all that their parent
 * waits with, several where they are large.
 */
static void
gather_results(Writes *writes, DurableExecution *execution, EngineBranch *parent)
{
	DurableNote *note = parent->shell;
	ValueArray *chunk = NULL;
	Size size = 0;

	if (note == NULL)
		return;
	if (note->emptied)
		add_key(&writes->emptied, execution->id, parent->id);
	for (int i = 0; i < note->nresults; i++)
	{
		Jsonb *output = value_to_jsonb(note->results[i].output);

		if (chunk != NULL && size + VARSIZE(output) > MAX_RESULTS_SIZE)
		{
			add_results(writes, execution, parent, chunk);
			chunk = NULL;
		}
		if (chunk == NULL)
		{
			chunk = value_array_new(2 * (note->nresults - i));
			size = 0;
		}
		value_array_push(chunk, value_int64(note->results[i].index));
		value_array_push(chunk, value_from_jsonb(output));
		size += VARSIZE(output);
	}
	if (chunk != NULL)
		add_results(writes, execution, parent, chunk);
}

static void
add_results(Writes *writes, DurableExecution *execution, EngineBranch *parent,
			ValueArray *chunk)
{
	StoreRows *rows = &writes->results;

	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(execution->id));
	store_rows_set(rows, 1, Int64GetDatum(parent->id));
	store_rows_set(rows, 2, Int32GetDatum((int32) value_to_double(chunk->items[0])));
	store_rows_set_value(rows, 3, value_from_array(chunk));
}

/* ORDER BRANCH COLUMNS */
static void
add_branch(StoreRows *rows, DurableExecution *execution, EngineBranch *branch)
{
	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(execution->id));
	store_rows_set(rows, 1, Int64GetDatum(branch->id));
	if (branch->parent != NULL)
		store_rows_set(rows, 2, Int64GetDatum(branch->parent->id));
	store_rows_set(rows, 3, Int32GetDatum(branch->index));
	store_rows_set(rows, 4, Int16GetDatum((int16) branch->phase));
	store_rows_set(rows, 5, BoolGetDatum(branch->entered));
	store_rows_set_text(rows, 6, branch->state == NULL ? NULL : branch->state->name);
	store_rows_set(rows, 7, Int64GetDatum(branch->epoch));
	store_rows_set(rows, 8, Int64GetDatum(branch->tip));
	store_rows_set(rows, 9, Int64GetDatum(branch->entered_id));
	store_rows_set(rows, 10, Int64GetDatum(branch->entered_prev));
	store_rows_set(rows, 11, TimestampTzGetDatum(branch->entered_at));
	store_rows_set_timestamp(rows, 12, branch->due);
	store_rows_set_timestamp(rows, 13, branch->task_timeout);
	store_rows_set_timestamp(rows, 14, branch->task_heartbeat);
	store_rows_set(rows, 15, Int32GetDatum(branch->retry_count));
	set_retries(rows, 16, branch);
	store_rows_set(rows, 17, Int32GetDatum(branch->pending));
	store_rows_set(rows, 18, Int32GetDatum(branch->started));
	if (!branch->stored || branch->input.changed)
		store_rows_set_value(rows, 19, branch->input.value);
	if (!branch->stored || branch->variables.changed)
		store_rows_set_value(rows, 20, branch->variables.value);
	if (!branch->stored || branch->work.changed)
		store_rows_set_value(rows, 21, branch->work.value);
}

/* The counters as the text of an array: unnest() would flatten arrays of arrays */
static void
set_retries(StoreRows *rows, int column, const EngineBranch *branch)
{
	StringInfoData text;

	if (branch->nretries == 0)
		return;
	initStringInfo(&text);
	for (int i = 0; i < branch->nretries; i++)
		appendStringInfo(&text, "%c%d", i == 0 ? '{' : ',', branch->retries[i]);
	appendStringInfoChar(&text, '}');
	store_rows_set_text(rows, column, text.data);
}

static void
add_key(StoreRows *rows, int64 execution_id, int64 id)
{
	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(execution_id));
	store_rows_set(rows, 1, Int64GetDatum(id));
}

static void
gather_closed(Writes *writes, DurableExecution *execution)
{
	EngineExecution *engine = &execution->engine;
	StoreRows *rows = &writes->closed;

	store_rows_add(rows);
	store_rows_set(rows, 0, Int64GetDatum(execution->id));
	store_rows_set_text(rows, 1, engine_status_name(engine->status));
	store_rows_set(rows,
				   2,
				   TimestampTzGetDatum(engine->status == ENGINE_TIMED_OUT
										   ? execution->deadline
										   : engine->last_event_at));
	if (engine->status == ENGINE_SUCCEEDED)
		store_rows_set_value(rows, 3, engine->output);
	if (engine->status != ENGINE_TIMED_OUT)
	{
		store_rows_set_text(rows, 4, engine->error);
		store_rows_set_text(rows, 5, engine->cause);
	}
	if (execution->begun)
	{
		StoreRows *tasks = execution->revision->shares_tasks ? &writes->closed_shared
															 : &writes->closed_own;

		store_rows_add(&writes->closed_begun);
		store_rows_set(&writes->closed_begun, 0, Int64GetDatum(execution->id));
		store_rows_add(tasks);
		store_rows_set(tasks, 0, Int64GetDatum(execution->id));
	}
	if (execution->has_map_runs && (execution->begun || execution->map_runs != NIL))
	{
		store_rows_add(&writes->closed_map_runs);
		store_rows_set(&writes->closed_map_runs, 0, Int64GetDatum(execution->id));
		store_rows_set_text(&writes->closed_map_runs,
							1,
							engine_status_name(engine->status));
		store_rows_set(&writes->closed_map_runs,
					   2,
					   TimestampTzGetDatum(engine->last_event_at));
	}
	if (store_hooks.execution_closed != NULL)
		store_hooks.execution_closed(execution->id);
}

static void
write_rows(Writes *writes)
{
	static StorePlan history = {
		"INSERT INTO workflow.history (execution_id, first_id, event_count, at, events, payloads) "
		"SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
		6,
		{INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT4ARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 JSONBARRAYOID,
		 JSONBARRAYOID}};
	static StorePlan emptied = {
		"DELETE FROM workflow.iteration i USING unnest($1, $2) AS k(execution_id, branch_id) "
		"WHERE i.execution_id = k.execution_id AND i.branch_id = k.branch_id",
		2,
		{INT8ARRAYOID, INT8ARRAYOID}};
	static StorePlan results =
		{"INSERT INTO workflow.iteration (execution_id, branch_id, index, output) "
		 "SELECT * FROM unnest($1, $2, $3, $4)",
		 4,
		 {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, JSONBARRAYOID}};
	/* ORDER TASK COLUMNS */
	static StorePlan tasks = {
		"INSERT INTO workflow.task (execution_id, branch_id, epoch, kind, role, resource, target, input, "
		"token, scheduled_at, timeout_at, heartbeat_seconds, heartbeat_at, role_arn) "
		"SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
		14,
		{INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID,
		 JSONBARRAYOID,
		 TEXTARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 INT8ARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 TEXTARRAYOID}};

	store_rows_execute(&writes->history, &history);
	store_rows_execute(&writes->emptied, &emptied);
	store_rows_execute(&writes->results, &results);
	durable_delete_tasks(&writes->tasks_gone, &writes->shared_tasks_gone);
	durable_delete_calls(&writes->calls_gone);
	store_rows_execute(&writes->tasks, &tasks);
}

static void
write_branches(Writes *writes)
{
	static StorePlan gone =
		{"DELETE FROM workflow.branch b USING unnest($1, $2) AS k(execution_id, id) "
		 "WHERE b.execution_id = k.execution_id AND b.id = k.id",
		 2,
		 {INT8ARRAYOID, INT8ARRAYOID}};
	static StorePlan inserted = {
		"INSERT INTO workflow.branch (" BRANCH_NAMES ") "
		"SELECT u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, u15, u16, u17::int[], u18, u19, "
		"u20, u21, u22 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
		"$17, $18, $19, $20, $21, $22) AS u(u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, "
		"u15, u16, u17, u18, u19, u20, u21, u22)",
		22,
		{BRANCH_ARRAYS}};
	static StorePlan updated = {
		"UPDATE workflow.branch b SET phase = u.phase, entered = u.entered, state = u.state, "
		"epoch = u.epoch, tip = u.tip, entered_id = u.entered_id, entered_prev = u.entered_prev, "
		"entered_at = u.entered_at, due = u.due, task_timeout = u.task_timeout, "
		"task_heartbeat = u.task_heartbeat, retry_count = u.retry_count, retries = u.retries::int[], "
		"pending = u.pending, started = u.started, "
		"input = CASE WHEN u.input_changed THEN u.input ELSE b.input END, "
		"variables = COALESCE(u.variables, b.variables), "
		"work = CASE WHEN u.work_changed THEN u.work ELSE b.work END "
		"FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
		"$20, $21, $22, $23, $24) AS u(" BRANCH_NAMES ", input_changed, work_changed) "
		"WHERE b.execution_id = u.execution_id AND b.id = u.id",
		24,
		{BRANCH_ARRAYS, BOOLARRAYOID, BOOLARRAYOID}};

	store_rows_execute(&writes->branches_gone, &gone);
	store_rows_execute(&writes->branches_changed, &updated);
	store_rows_execute(&writes->branches_new, &inserted);
}

static void
write_closed(Writes *writes)
{
	static StorePlan execution = {
		"UPDATE workflow.execution e SET status = u.status, stopped_at = u.stopped_at, output = u.output, "
		"error = u.error, cause = u.cause "
		"FROM unnest($1, $2, $3, $4, $5, $6) AS u(id, status, stopped_at, output, error, cause) "
		"WHERE e.id = u.id",
		6,
		{INT8ARRAYOID,
		 TEXTARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 JSONBARRAYOID,
		 TEXTARRAYOID,
		 TEXTARRAYOID}};
	static StorePlan agenda =
		{"DELETE FROM workflow.agenda WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}};
	static StorePlan branch =
		{"DELETE FROM workflow.branch WHERE execution_id = ANY ($1)", 1, {INT8ARRAYOID}};
	static StorePlan iteration =
		{"DELETE FROM workflow.iteration WHERE execution_id = ANY ($1)",
		 1,
		 {INT8ARRAYOID}};
	StoreRows ids;

	if (writes->closed.count == 0)
		return;
	store_rows_execute(&writes->closed, &execution);
	ids = writes->closed;
	ids.ncolumns = 1;
	store_rows_execute(&ids, &agenda);
	store_rows_execute(&writes->closed_begun, &branch);
	durable_delete_all_tasks(&writes->closed_own, &writes->closed_shared);
	store_rows_execute(&writes->closed_begun, &iteration);
	durable_close_map_runs(&writes->closed_map_runs);
	if (writes->closed_map_runs.count > 0)
		durable_ring_results(store_rows_column(&writes->closed_map_runs, 0));
}

/*
 * What executions tell one another.
 */
static void
write_messages(Writes *writes)
{
	durable_delete_messages(&writes->messages_read);
	durable_tell_parents(&writes->ended);
	durable_stop_children(&writes->children_void);
	durable_stop_all_children(&writes->closed_cut);
}

/*
 * Agenda rows of the executions that go on.  wake_at is moved earlier when an
 * earlier timer appeared and left alone otherwise; one that has fired is set to
 * the next timer.
 */
static void
write_open(List *executions, Writes *writes, StoreStep *step)
{
	static StorePlan plan = {
		"UPDATE workflow.agenda a SET wake_at = u.wake_at, last_event_at = u.last_event_at, "
		"next_event_id = u.next_event_id, epoch = u.epoch "
		"FROM unnest($1, $2, $3, $4, $5) AS u(execution_id, wake_at, last_event_at, next_event_id, epoch) "
		"WHERE a.execution_id = u.execution_id",
		5,
		{INT8ARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 TIMESTAMPTZARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID}};
	StoreRows *rows = &writes->open;
	List *open = NIL;
	List *unknown = NIL;
	ListCell *cell;

	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);
		TimestampTz earliest;

		if (execution->engine.status != ENGINE_RUNNING)
			continue;
		open = lappend(open, execution);
		earliest = Min(earliest_timer(execution), execution->deadline);
		if (execution->wake_at > step->now)
			execution->wake_at = Min(execution->wake_at, earliest);
		else
		{
			execution->wake_at = earliest;
			if (!execution->all_loaded)
				unknown = lappend(unknown, execution);
		}
	}
	if (unknown != NIL)
		read_timers(unknown);

	foreach (cell, open)
	{
		DurableExecution *execution = lfirst(cell);

		/* a turn that was used up: now, not the beginning of time, which no index scan begins at */
		if (execution->wake_at < step->now)
		{
			execution->wake_at = step->now;
			if (store_hooks.execution_touched != NULL)
				store_hooks.execution_touched(execution->id);
		}
		store_rows_add(rows);
		store_rows_set(rows, 0, Int64GetDatum(execution->id));
		store_rows_set_timestamp(rows, 1, execution->wake_at);
		store_rows_set(rows, 2, TimestampTzGetDatum(execution->engine.last_event_at));
		store_rows_set(rows, 3, Int64GetDatum(execution->engine.next_event_id));
		store_rows_set(rows, 4, Int64GetDatum(execution->engine.next_epoch));
		if (execution->wake_at != ENGINE_NEVER)
		{
			step->next_wake = Min(step->next_wake, execution->wake_at);
			if (store_hooks.wake_at != NULL)
				store_hooks.wake_at(execution->wake_at);
		}
	}
	store_rows_execute(rows, &plan);
}

/* The earliest timer among the branches that are in memory */
static TimestampTz
earliest_timer(DurableExecution *execution)
{
	TimestampTz earliest = ENGINE_NEVER;
	ListCell *cell;

	foreach (cell, execution->branches)
	{
		EngineBranch *branch = lfirst(cell);

		if (branch->phase != ENGINE_GONE && branch->phase != ENGINE_DONE)
			earliest = Min(earliest, branch->due);
	}
	return earliest;
}

/* The earliest timer of all branches, from the table; they are written already */
static void
read_timers(List *executions)
{
	static StorePlan plan = {
		"SELECT k.id, (SELECT min(b.due) FROM workflow.branch b WHERE b.execution_id = k.id AND b.due IS NOT NULL) "
		"FROM unnest($1) AS k(id)",
		1,
		{INT8ARRAYOID}};
	int64 *ids = palloc(list_length(executions) * sizeof(int64));
	ListCell *cell;
	Datum array;
	uint64 nrows;

	foreach (cell, executions)
		ids[foreach_current_index(cell)] = ((DurableExecution *) lfirst(cell))->id;
	array = store_int64_array(ids, list_length(executions));
	nrows = store_execute(&plan, &array, NULL);
	for (uint64 row = 0; row < nrows; row++)
	{
		TimestampTz earliest = store_timestamp(row, 2, ENGINE_NEVER);

		foreach (cell, executions)
		{
			DurableExecution *execution = lfirst(cell);

			if (execution->id == store_int64(row, 1, 0))
				execution->wake_at = Min(execution->wake_at, earliest);
		}
	}
}
