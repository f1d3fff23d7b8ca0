/*-------------------------------------------------------------------------
 *
 * child.c
 *	  What executions tell one another: messages.
 *
 * An execution that a .sync task started notes in its agenda row which task
 * waits for its end.  When it ends, it leaves a message for its parent; when that
 * task is over before (it timed out, its branch was cut, its execution closed),
 * the parent leaves a message for the child to stop, which does the same with
 * its own children.  So a tree of any depth is stopped without anybody ever
 * waiting for another's lock: a message is an inserted row and a ring, and who it
 * is for reads it in its own next step, under its own lock.
 *
 * A message for an execution that has closed in the meantime stays behind;
 * store_sweep_messages() removes it.
 *
 * Knows how the end of a child looks to its parent; must not know processes.
 *
 * IDENTIFICATION
 *	  src/store/child.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "store/durable.h"
#include "store/records.h"
#include "util/timestamp.h"

/* A message about the end of a child, until its branch is loaded */
typedef struct ChildEnd
{
	DurableExecution *execution;
	int64 branch_id;
	int64 epoch;
	StoreExecutionRecord child; /* status NULL: it is gone */
} ChildEnd;

/*
 * EXPRESS children that are no longer to run, as a query gives them; one whose row is
 * locked is about to end.  A Map Run that is still open is told.  The cause that
 * is written of them has places for the parts of the Map Run's ARN.
 */
#define ABORT_EXPRESS(query, cause)                                                            \
	"WITH d AS (DELETE FROM workflow.express WHERE id = ANY (ARRAY(" query                     \
	" FOR UPDATE OF q SKIP LOCKED)) "                                                          \
	"RETURNING id, map_run_id, parent_id, parent_branch_id, parent_epoch, item_count), "       \
	"r AS (SELECT r.id, r.status, format(" cause ", m.name, r.label, r.name) AS cause "        \
	"FROM workflow.map_run r JOIN workflow.execution p ON p.id = r.execution_id "              \
	"JOIN workflow.state_machine m ON m.id = p.state_machine_id "                              \
	"WHERE r.id = ANY (ARRAY(SELECT DISTINCT d.map_run_id FROM d))), "                         \
	"e AS (UPDATE workflow.execution e SET status = 'ABORTED', "                               \
	"stopped_at = clock_timestamp(), cause = r.cause FROM d JOIN r ON r.id = d.map_run_id "    \
	"WHERE e.id = d.id), "                                                                     \
	"m AS (INSERT INTO workflow.message "                                                      \
	"(execution_id, kind, branch_id, epoch, status, item_count) "                              \
	"SELECT d.parent_id, 'item', d.parent_branch_id, d.parent_epoch, 'ABORTED', d.item_count " \
	"FROM d JOIN r ON r.id = d.map_run_id WHERE r.status = 'RUNNING') "                        \
	"SELECT d.id, d.parent_id FROM d"

static List *read_messages(List *executions);
static ChildEnd *read_end(DurableExecution *execution, uint64 row);
static void take_end(ChildEnd *end);
static void note_update(DurableExecution *execution, uint64 row);
static Value describe(const StoreExecutionRecord *child, bool parsed);
static void put_text(ValueObject *object, const char *name, const char *text);
static void put_document(ValueObject *object, const char *name, const char *details,
						 Value document, bool parsed);
static int64 milliseconds(TimestampTz at);
static const char *abort_cause(void);
static void touch_rows(uint64 nrows);
static void void_rows(uint64 nrows);

/*
 * Read what was left for these executions: see durable.h.
 */
void
durable_load_messages(List *executions)
{
	List *ends = read_messages(executions);
	ListCell *cell;

	foreach (cell, ends)
		take_end(lfirst(cell));
}

/*
 * Only who has begun has children, and only who has a parent is told to stop.
 */
static List *
read_messages(List *executions)
{
	static StorePlan plan = {
		"SELECT m.execution_id, m.id, m.kind, m.branch_id, m.epoch, s.name, c.name, c.status, c.started_at, "
		"c.stopped_at, c.input, c.output, c.error, c.cause, c.version, c.alias, c.redrive_count, m.status, m.item_count, "
		"m.settings FROM workflow.message m "
		"LEFT JOIN workflow.execution c ON c.id = m.child_id "
		"LEFT JOIN workflow.state_machine s ON s.id = c.state_machine_id "
		"WHERE m.execution_id = ANY ($1) ORDER BY m.execution_id, m.id",
		1,
		{INT8ARRAYOID}};
	int64 *ids = palloc(list_length(executions) * sizeof(int64));
	int count = 0;
	List *ends = NIL;
	ListCell *cell;
	Datum array;
	uint64 nrows;

	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		if (execution->begun || execution->parent_id != 0)
			ids[count++] = execution->id;
	}
	if (count == 0)
		return NIL;
	array = store_int64_array(ids, count);
	nrows = store_execute(&plan, &array, NULL);
	for (uint64 row = 0; row < nrows; row++)
	{
		DurableExecution *execution =
			durable_find_execution(executions, store_int64(row, 1, 0));
		int64 *id = palloc_object(int64);
		char *kind;

		*id = store_int64(row, 2, 0);
		execution->messages = lappend(execution->messages, id);
		kind = store_text(row, 3);
		if (strcmp(kind, "stop") == 0)
			execution->stopped = true;
		else if (strcmp(kind, "item") == 0)
			durable_note_item(execution,
							  store_int64(row, 4, 0),
							  store_int64(row, 5, 0),
							  store_text(row, 18),
							  (int) store_int64(row, 19, 0));
		else if (strcmp(kind, "update") == 0)
			note_update(execution, row);
		else
			ends = lappend(ends, read_end(execution, row));
	}
	return ends;
}

static void
note_update(DurableExecution *execution, uint64 row)
{
	DurableUpdate *update = palloc_object(DurableUpdate);

	update->branch_id = store_int64(row, 4, 0);
	update->epoch = store_int64(row, 5, 0);
	update->settings = store_jsonb(row, 20);
	execution->updates = lappend(execution->updates, update);
}

static ChildEnd *
read_end(DurableExecution *execution, uint64 row)
{
	ChildEnd *end = palloc0_object(ChildEnd);
	StoreExecutionRecord *child = &end->child;

	end->execution = execution;
	end->branch_id = store_int64(row, 4, 0);
	end->epoch = store_int64(row, 5, 0);
	child->machine_name = store_text(row, 6);
	child->name = store_text(row, 7);
	child->status = store_text(row, 8);
	child->started_at = store_timestamp(row, 9, 0);
	child->stopped_at = store_timestamp(row, 10, ENGINE_NEVER);
	child->input = store_jsonb(row, 11);
	child->output = store_jsonb(row, 12);
	child->error = store_text(row, 13);
	child->cause = store_text(row, 14);
	child->version = (int) store_int64(row, 15, 0);
	child->alias = store_text(row, 16);
	child->redrive_count = (int) store_int64(row, 17, 0);
	return end;
}

/*
 * The answer to the task that waits; whether it still does, run_answers() sees.
 */
static void
take_end(ChildEnd *end)
{
	EngineBranch *branch = durable_load_branch(end->execution, end->branch_id);
	DurableAnswer *answer;
	const AslTask *task;
	Value description;

	if (branch == NULL || branch->phase != ENGINE_TASK || branch->epoch != end->epoch ||
		branch->state == NULL)
		return;
	task = (const AslTask *) branch->state;
	answer = palloc0_object(DurableAnswer);
	answer->branch_id = end->branch_id;
	answer->epoch = end->epoch;
	answer->of_child = true;
	answer->event.kind = ENGINE_EVENT_TASK_FAILED;
	answer->event.error = "States.TaskFailed";
	answer->event.started_at = ENGINE_NEVER;
	if (end->child.status != NULL)
	{
		description = describe(&end->child, task->resource.pattern == ASL_SYNC2);
		if (strcmp(end->child.status, "SUCCEEDED") == 0)
		{
			answer->event.kind = ENGINE_EVENT_TASK_SUCCEEDED;
			answer->event.error = NULL;
			answer->event.output = description;
		}
		else
			answer->event.cause = value_to_text(description);
	}
	end->execution->answers = lappend(end->execution->answers, answer);
}

/*
 * What DescribeExecution says of it, with capitals; documents as JSON text, or
 * parsed (.sync:2); times in milliseconds.
 */
static Value
describe(const StoreExecutionRecord *child, bool parsed)
{
	ValueObject *object = value_object_new(18);
	bool succeeded = strcmp(child->status, "SUCCEEDED") == 0;

	put_text(object, "Cause", child->cause);
	put_text(object, "Error", child->error);
	put_text(object,
			 "ExecutionArn",
			 store_execution_arn(child->machine_name, child->name));
	put_document(object, "Input", "InputDetails", child->input, parsed);
	put_text(object, "Name", child->name);
	if (succeeded)
		put_document(object, "Output", "OutputDetails", child->output, parsed);
	value_object_add_cstring(object, "RedriveCount", value_int64(child->redrive_count));
	put_text(object, "RedriveStatus", succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE");
	if (succeeded)
		put_text(object,
				 "RedriveStatusReason",
				 "Execution is SUCCEEDED and cannot be redriven");
	value_object_add_cstring(object,
							 "StartDate",
							 value_int64(milliseconds(child->started_at)));
	if (child->alias != NULL)
		put_text(object,
				 "StateMachineAliasArn",
				 store_alias_arn(child->machine_name, child->alias));
	put_text(object, "StateMachineArn", store_machine_arn(child->machine_name));
	if (child->version != 0)
		put_text(object,
				 "StateMachineVersionArn",
				 store_version_arn(child->machine_name, child->version));
	put_text(object, "Status", child->status);
	value_object_add_cstring(object,
							 "StopDate",
							 value_int64(milliseconds(child->stopped_at)));
	return value_from_object(object);
}

static void
put_text(ValueObject *object, const char *name, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(object, name, value_cstring(text));
}

static void
put_document(ValueObject *object, const char *name, const char *details, Value document,
			 bool parsed)
{
	ValueObject *included = value_object_new(1);

	value_object_add_cstring(included, "Included", value_bool(true));
	value_object_add_cstring(object,
							 name,
							 parsed ? document : value_cstring(value_to_text(document)));
	value_object_add_cstring(object, details, value_from_object(included));
}

/* Since 1970 */
static int64
milliseconds(TimestampTz at)
{
	return (int64) rint(wf_timestamp_to_epoch(at) * 1000);
}

/*
 * .sync and .sync:2 of an execution: see durable.h.
 */
bool
durable_has_child(const AslResource *resource)
{
	return resource->kind == ASL_RESOURCE_SERVICE &&
		   strcmp(resource->service, "states") == 0 &&
		   (resource->pattern == ASL_SYNC || resource->pattern == ASL_SYNC2);
}

/*
 * Leave messages for the parents of executions that have ended, by (parent,
 * branch, epoch, child, whether of a Map Run, status, items); who has closed
 * needs none.
 */
void
durable_tell_parents(StoreRows *ended)
{
	static StorePlan plan = {
		"INSERT INTO workflow.message (execution_id, kind, branch_id, epoch, child_id, status, item_count) "
		"SELECT k.execution_id, CASE WHEN k.is_item THEN 'item' ELSE 'ended' END, k.branch_id, k.epoch, "
		"CASE WHEN NOT k.is_item THEN k.child_id END, CASE WHEN k.is_item THEN k.status END, k.item_count "
		"FROM unnest($1, $2, $3, $4, $5, $6, $7) AS "
		"k(execution_id, branch_id, epoch, child_id, is_item, status, item_count) "
		"WHERE EXISTS (SELECT FROM workflow.agenda a WHERE a.execution_id = k.execution_id) "
		"RETURNING execution_id",
		7,
		{INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 INT8ARRAYOID,
		 BOOLARRAYOID,
		 TEXTARRAYOID,
		 INT4ARRAYOID}};

	uint64 told = store_rows_execute(ended, &plan);

	touch_rows(told);
	if (told < ended->count)
		durable_ring_results(store_rows_column(ended, 0));
}

/*
 * Tell children to stop: those of tasks, by (execution, branch, epoch).
 */
void
durable_stop_children(StoreRows *tasks)
{
	static StorePlan plan = {
		"INSERT INTO workflow.message (execution_id, kind) SELECT a.execution_id, 'stop' "
		"FROM unnest($1, $2, $3) AS k(execution_id, branch_id, epoch) "
		"JOIN workflow.agenda a ON a.parent_id = k.execution_id AND a.parent_branch_id = k.branch_id "
		"AND a.parent_epoch = k.epoch RETURNING execution_id",
		3,
		{INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
	static StorePlan express =
		{ABORT_EXPRESS(
			 "SELECT q.id FROM unnest($1, $2, $3) AS k(execution_id, branch_id, epoch) "
			 "JOIN workflow.express q ON q.parent_id = k.execution_id "
			 "AND q.parent_branch_id = k.branch_id AND q.parent_epoch = k.epoch",
			 "$4"),
		 4,
		 {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TEXTOID}};

	touch_rows(store_rows_execute(tasks, &plan));
	void_rows(store_rows_execute_with(tasks, &express, abort_cause()));
}

/*
 * The same of executions that are closed.
 */
void
durable_stop_all_children(StoreRows *executions)
{
	static StorePlan plan = {
		"INSERT INTO workflow.message (execution_id, kind) SELECT a.execution_id, 'stop' "
		"FROM workflow.agenda a WHERE a.parent_id = ANY ($1) RETURNING execution_id",
		1,
		{INT8ARRAYOID}};
	static StorePlan express =
		{ABORT_EXPRESS("SELECT q.id FROM workflow.express q WHERE q.parent_id = ANY ($1)",
					   "$2"),
		 2,
		 {INT8ARRAYOID, TEXTOID}};

	touch_rows(store_rows_execute(executions, &plan));
	void_rows(store_rows_execute_with(executions, &express, abort_cause()));
}

/* As format() takes it */
static const char *
abort_cause(void)
{
	return store_map_stop_cause(store_map_run_arn("%s", "%s", "%s"));
}

/*
 * Whoever runs one is cancelled at commit; its parent may have a message.
 */
static void
void_rows(uint64 nrows)
{
	for (uint64 row = 0; row < nrows && store_hooks.task_void != NULL; row++)
		store_hooks.task_void(store_int64(row, 1, 0), 0, 0);
	for (uint64 row = 0; row < nrows && store_hooks.execution_touched != NULL; row++)
		store_hooks.execution_touched(store_int64(row, 2, 0));
}

static void
touch_rows(uint64 nrows)
{
	for (uint64 row = 0; row < nrows && store_hooks.execution_touched != NULL; row++)
		store_hooks.execution_touched(store_int64(row, 1, 0));
}

/*
 * Forget messages that were read, by (execution, id).
 */
void
durable_delete_messages(StoreRows *read)
{
	static StorePlan plan =
		{"DELETE FROM workflow.message m USING unnest($1, $2) AS k(execution_id, id) "
		 "WHERE m.execution_id = k.execution_id AND m.id = k.id",
		 2,
		 {INT8ARRAYOID, INT8ARRAYOID}};

	store_rows_execute(read, &plan);
}

/*
 * Delete messages for executions that are closed: see store.h.
 */
void
store_sweep_messages(void)
{
	static StorePlan plan =
		{"DELETE FROM workflow.message m WHERE NOT EXISTS "
		 "(SELECT FROM workflow.agenda a WHERE a.execution_id = m.execution_id)",
		 0};

	store_execute(&plan, NULL, NULL);
}
