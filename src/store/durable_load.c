/*-------------------------------------------------------------------------
 *
 * durable_load.c
 *	  Lock executions, and load of them what a step needs.
 *
 * Only branches that have something to do are loaded, with their ancestors; so
 * a step costs what is due, not what is open.  Documents stay toasted until
 * somebody looks at them.
 *
 * Must not know what the engine does with them.
 *
 * IDENTIFICATION
 *	  src/store/durable_load.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "guc.h"
#include "store/durable.h"
#include "store/records.h"

#define AGENDA_QUERY(lock)                                                               \
	"SELECT a.execution_id, a.revision_id, a.wake_at, a.deadline, a.last_event_at, "     \
	"a.next_event_id, a.epoch, a.role, e.name, e.started_at, e.input, e.redrive_count, " \
	"e.redriven_at, e.version, e.alias, a.parent_id, "                                   \
	"a.parent_branch_id, a.parent_epoch, e.map_run_id, e.item_count, r.label, r.state, " \
	"r.name "                                                                            \
	"FROM workflow.agenda a JOIN workflow.execution e ON e.id = a.execution_id "         \
	"LEFT JOIN workflow.map_run r ON r.id = e.map_run_id "                               \
	"WHERE a.execution_id = ANY ($1) " lock

#define BRANCH_COLUMNS                                                                   \
	"b.execution_id, b.id, b.parent_id, b.index, b.phase, b.entered, b.state, b.epoch, " \
	"b.tip, b.entered_id, b.entered_prev, b.entered_at, b.due, b.task_timeout, "         \
	"b.task_heartbeat, b.retry_count, b.retries, b.pending, b.started, b.input, "        \
	"b.variables, b.work"

/* So many branches are looked through one by one */
#define FEW_BRANCHES 16

typedef struct IndexEntry
{
	int64 id; /* first: the key */
	EngineBranch *branch;
} IndexEntry;

static DurableExecution *new_execution(uint64 row, TimestampTz now);
static void become_map_child(DurableExecution *execution, const char *state);
static bool has_map_runs(const AslMachine *machine, const AslScope *scope);
static Datum execution_ids(List *executions);
static void take_branches(List *executions, bool due);
static EngineBranch *new_branch(DurableExecution *execution, uint64 row);
static EngineDocument stored_document(uint64 row, int column);
static int *stored_retries(uint64 row, int column, int *count);
static void load_ancestors(List *executions);
static void take_answers(List *executions);
static pg_prng_state *random_state(void);

/*
 * Lock and load agenda rows: see durable.h.
 */
List *
durable_lock(const int64 *ids, int count, DurableLock lock, TimestampTz now)
{
	static StorePlan plans[] = {
		[DURABLE_SKIP_LOCKED] = {AGENDA_QUERY("FOR NO KEY UPDATE OF a SKIP LOCKED"),
								 1,
								 {INT8ARRAYOID}},
		[DURABLE_LOOK] = {AGENDA_QUERY(""), 1, {INT8ARRAYOID}},
		[DURABLE_WAIT] = {AGENDA_QUERY("FOR NO KEY UPDATE OF a"), 1, {INT8ARRAYOID}},
		[DURABLE_WAIT_CLOSE] = {AGENDA_QUERY("FOR UPDATE OF a"), 1, {INT8ARRAYOID}},
		[DURABLE_TRY_CLOSE] = {AGENDA_QUERY("FOR UPDATE OF a SKIP LOCKED"),
							   1,
							   {INT8ARRAYOID}},
	};
	Datum array = store_int64_array(ids, count);
	List *executions = NIL;
	uint64 nrows = store_execute(&plans[lock], &array, NULL);
	SPITupleTable *table = SPI_tuptable;

	for (uint64 row = 0; row < nrows; row++)
	{
		/* compiling a machine runs statements of its own */
		SPI_tuptable = table;
		executions = lappend(executions, new_execution(row, now));
	}
	return executions;
}

static DurableExecution *
new_execution(uint64 row, TimestampTz now)
{
	DurableExecution *execution = palloc0(sizeof(DurableExecution));
	EngineExecution *engine = &execution->engine;
	int64 revision_id = store_int64(row, 2, 0);
	int64 version = store_int64(row, 14, 0);
	char *alias = store_text(row, 15);
	char *state;

	execution->id = store_int64(row, 1, 0);
	execution->wake_at = store_timestamp(row, 3, ENGINE_NEVER);
	execution->deadline = store_timestamp(row, 4, ENGINE_NEVER);
	execution->role = store_text(row, 8);
	execution->parent_id = store_int64(row, 16, 0);
	execution->parent_branch_id = store_int64(row, 17, 0);
	execution->parent_epoch = store_int64(row, 18, 0);
	execution->map_run_id = store_int64(row, 19, 0);
	execution->item_count = (int) store_int64(row, 20, 0);
	execution->map_run_label = store_text(row, 21);
	state = store_text(row, 22);
	execution->map_run_name = store_text(row, 23);
	engine->last_event_at = store_timestamp(row, 5, 0);
	engine->next_event_id = store_int64(row, 6, 1);
	engine->next_epoch = store_int64(row, 7, 2);
	execution->begun = engine->next_event_id > 1;
	execution->all_loaded = !execution->begun;
	engine->name = store_text(row, 9);
	engine->started_at = store_timestamp(row, 10, now);
	engine->input = stored_document(row, 11);
	engine->redrive_count = (int) store_int64(row, 12, 0);
	engine->redriven_at = store_timestamp(row, 13, ENGINE_NEVER);

	execution->revision = store_revision(revision_id);
	if (execution->revision == NULL)
		elog(ERROR,
			 "execution %lld has no revision %lld",
			 (long long) execution->id,
			 (long long) revision_id);
	engine->machine = execution->revision->machine;
	engine->machine_name = execution->revision->machine_name;
	engine->machine_arn = store_machine_arn(engine->machine_name);
	engine->arn = store_execution_arn(engine->machine_name, engine->name);
	engine->role_arn = execution->revision->role_arn;
	if (version != 0)
		engine->version_arn =
			psprintf("%s:%lld", engine->machine_arn, (long long) version);
	if (alias != NULL)
		engine->alias_arn = psprintf("%s:%s", engine->machine_arn, alias);
	if (execution->map_run_id != 0)
		become_map_child(execution, state);
	if (execution->revision->has_map_runs)
		execution->has_map_runs =
			engine->machine == NULL || has_map_runs(engine->machine, engine->scope);
	engine->shell = &durable_engine_shell;
	store_set_limits(engine);
	engine->max_steps = wf_guc_max_steps_per_turn;
	execution->turn = wf_guc_max_steps_per_turn;
	engine->now = now;
	engine->random = random_state();
	return execution;
}

/*
 * It runs the processor of a Map state, and is named after that.
 */
static void
become_map_child(DurableExecution *execution, const char *state)
{
	EngineExecution *engine = &execution->engine;
	const AslState *map;
	char *name;

	if (execution->map_run_label == NULL)
		elog(ERROR, "execution %lld has lost its Map Run", (long long) execution->id);
	name = store_labeled_name(engine->machine_name, execution->map_run_label);
	engine->machine_arn = store_machine_arn(name);
	engine->arn = store_execution_arn(name, engine->name);
	if (engine->machine == NULL)
		return;
	map = asl_find_state(engine->machine, state);
	if (map == NULL || map->type != ASL_MAP)
		elog(ERROR,
			 "execution %lld is of a Map state \"%s\" that its definition lacks",
			 (long long) execution->id,
			 state);
	engine->scope = ((const AslMap *) map)->processor;
}

/*
 * Is there a distributed Map in this scope (NULL: the machine's), or below?
 */
static bool
has_map_runs(const AslMachine *machine, const AslScope *scope)
{
	for (int i = 0; i < machine->nstates; i++)
	{
		const AslState *state = machine->states[i];
		const AslScope *around = state->scope;

		if (state->type != ASL_MAP || !((const AslMap *) state)->distributed)
			continue;
		while (scope != NULL && around != NULL && around != scope)
			around = around->owner == NULL ? NULL : around->owner->scope;
		if (around != NULL)
			return true;
	}
	return false;
}

/*
 * One generator per process, seeded from the strong source.  What must be
 * unguessable (tokens) does not come from it.
 */
static pg_prng_state *
random_state(void)
{
	static pg_prng_state state;
	static bool seeded = false;

	if (!seeded)
	{
		if (!pg_prng_strong_seed(&state))
			ereport(ERROR,
					errcode(ERRCODE_INTERNAL_ERROR),
					errmsg("could not generate random values"));
		seeded = true;
	}
	return &state;
}

#define OPEN_CALL                                                                               \
	"FROM workflow.task o WHERE o.execution_id = t.execution_id AND o.branch_id = t.branch_id " \
	"AND o.epoch = t.epoch AND o.kind IN ('sql', 'activity')"

/*
 * Load what is due: see durable.h.  An answer that came before the call has
 * returned waits for that, but not longer than the task may take.
 */
void
durable_load_due(List *executions, TimestampTz now)
{
	static StorePlan branches = {
		"SELECT " BRANCH_COLUMNS " FROM workflow.branch b "
		"WHERE b.execution_id = ANY ($1) AND b.due <= $2 "
		"UNION ALL "
		"SELECT " BRANCH_COLUMNS " FROM workflow.task t "
		"JOIN workflow.branch b ON b.execution_id = t.execution_id AND b.id = t.branch_id AND b.epoch = t.epoch "
		"WHERE t.execution_id = ANY ($1) AND t.answer IS NOT NULL "
		"AND (b.due IS NULL OR b.due > $2)",
		2,
		{INT8ARRAYOID, TIMESTAMPTZOID}};
	static StorePlan answers = {
		"SELECT t.execution_id, t.branch_id, t.epoch, t.answer, t.output, t.error, t.cause, t.started_at, "
		"t.worker, t.kind = 'activity', CASE WHEN t.kind <> 'activity' AND t.timeout_at <= $2 "
		"THEN (SELECT coalesce(o.started_at, '-infinity') " OPEN_CALL ") END "
		"FROM workflow.task t WHERE t.execution_id = ANY ($1) AND t.answer IS NOT NULL "
		"AND (t.kind = 'activity' OR t.timeout_at <= $2 OR NOT EXISTS (SELECT " OPEN_CALL
		"))",
		2,
		{INT8ARRAYOID, TIMESTAMPTZOID}};
	List *begun = NIL;
	ListCell *cell;
	Datum values[2];

	foreach (cell, executions)
	{
		if (((DurableExecution *) lfirst(cell))->begun)
			begun = lappend(begun, lfirst(cell));
	}
	if (begun == NIL)
		return;
	values[0] = execution_ids(begun);
	values[1] = TimestampTzGetDatum(now);
	if (store_execute(&branches, values, NULL) > 0)
		take_branches(begun, true);
	load_ancestors(begun);
	if (store_execute(&answers, values, NULL) > 0)
		take_answers(begun);
	durable_load_deadlines(begun, now);
}

/*
 * Load one branch: see durable.h.
 */
EngineBranch *
durable_load_branch(DurableExecution *execution, int64 branch_id)
{
	static StorePlan plan =
		{"SELECT " BRANCH_COLUMNS
		 " FROM workflow.branch b WHERE b.execution_id = $1 AND b.id = $2",
		 2,
		 {INT8OID, INT8OID}};
	Datum values[2] = {Int64GetDatum(execution->id), Int64GetDatum(branch_id)};
	EngineBranch *branch = durable_find_branch(execution, branch_id);
	List *executions;

	if (branch != NULL || execution->all_loaded)
		return branch;
	if (store_execute(&plan, values, NULL) == 0)
		return NULL;
	executions = list_make1(execution);
	take_branches(executions, false);
	load_ancestors(executions);
	return durable_find_branch(execution, branch_id);
}

/*
 * Load all open branches: see durable.h.
 */
void
durable_load_all(DurableExecution *execution)
{
	static StorePlan plan =
		{"SELECT " BRANCH_COLUMNS
		 " FROM workflow.branch b WHERE b.execution_id = $1 ORDER BY b.id",
		 1,
		 {INT8OID}};
	Datum id = Int64GetDatum(execution->id);

	if (execution->all_loaded)
		return;
	if (store_execute(&plan, &id, NULL) > 0)
		take_branches(list_make1(execution), false);
	load_ancestors(list_make1(execution));
	execution->all_loaded = true;
}

/*
 * By its id.  Few are looked through; many get a hash, which catches up with
 * the list when somebody asks.
 */
EngineBranch *
durable_find_branch(DurableExecution *execution, int64 branch_id)
{
	int count = list_length(execution->branches);
	IndexEntry *entry;

	if (execution->by_id == NULL && count > FEW_BRANCHES)
	{
		HASHCTL control = {.keysize = sizeof(int64),
						   .entrysize = sizeof(IndexEntry),
						   .hcxt = CurrentMemoryContext};

		execution->by_id = hash_create("workflow branches",
									   count * 2,
									   &control,
									   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	if (execution->by_id == NULL)
	{
		for (int i = 0; i < count; i++)
		{
			EngineBranch *branch = list_nth(execution->branches, i);

			if (branch->id == branch_id)
				return branch;
		}
		return NULL;
	}
	for (; execution->nindexed < count; execution->nindexed++)
	{
		EngineBranch *branch = list_nth(execution->branches, execution->nindexed);

		entry = hash_search(execution->by_id, &branch->id, HASH_ENTER, NULL);
		entry->branch = branch;
	}
	entry = hash_search(execution->by_id, &branch_id, HASH_FIND, NULL);
	return entry == NULL ? NULL : entry->branch;
}

DurableNote *
durable_note(EngineBranch *branch)
{
	DurableNote *note = branch->shell;

	if (note == NULL)
	{
		note = palloc0(sizeof(DurableNote));
		note->branch = branch;
		note->started_at = ENGINE_NEVER;
		dlist_init(&note->children);
		branch->shell = note;
	}
	return note;
}

DurableExecution *
durable_find_execution(List *executions, int64 id)
{
	ListCell *cell;

	foreach (cell, executions)
	{
		DurableExecution *execution = lfirst(cell);

		if (execution->id == id)
			return execution;
	}
	elog(ERROR, "execution %lld was not asked for", (long long) id);
	return NULL;
}

static Datum
execution_ids(List *executions)
{
	int64 *ids = palloc(list_length(executions) * sizeof(int64));
	ListCell *cell;

	foreach (cell, executions)
		ids[foreach_current_index(cell)] = ((DurableExecution *) lfirst(cell))->id;
	return store_int64_array(ids, list_length(executions));
}

/*
 * Make branches of the rows of the last result; load_ancestors() links them.
 */
static void
take_branches(List *executions, bool due)
{
	uint64 nrows = SPI_processed;

	for (uint64 row = 0; row < nrows; row++)
	{
		DurableExecution *execution =
			durable_find_execution(executions, store_int64(row, 1, 0));
		EngineBranch *branch;

		if (durable_find_branch(execution, store_int64(row, 2, 0)) != NULL)
			continue;
		branch = new_branch(execution, row);
		execution->branches = lappend(execution->branches, branch);
		if (due)
			execution->due = lappend(execution->due, branch);
	}
}

static EngineBranch *
new_branch(DurableExecution *execution, uint64 row)
{
	EngineBranch *branch = engine_branch_new();
	DurableNote *note = durable_note(branch);
	char *state = store_text(row, 7);

	branch->id = store_int64(row, 2, 0);
	note->parent_id = store_int64(row, 3, 0);
	branch->index = (int) store_int64(row, 4, 0);
	branch->phase = (EnginePhase) store_int64(row, 5, 0);
	branch->entered = store_bool(row, 6, false);
	if (state != NULL && execution->engine.machine != NULL)
	{
		branch->state = asl_find_state(execution->engine.machine, state);
		if (branch->state == NULL)
			elog(ERROR,
				 "execution %lld stands in a state \"%s\" that its definition lacks",
				 (long long) execution->id,
				 state);
		branch->scope = branch->state->scope;
	}
	branch->epoch = store_int64(row, 8, 0);
	branch->tip = store_int64(row, 9, 0);
	branch->entered_id = store_int64(row, 10, 0);
	branch->entered_prev = store_int64(row, 11, 0);
	branch->entered_at = store_timestamp(row, 12, 0);
	branch->due = store_timestamp(row, 13, ENGINE_NEVER);
	branch->task_timeout = store_timestamp(row, 14, ENGINE_NEVER);
	branch->task_heartbeat = store_timestamp(row, 15, ENGINE_NEVER);
	branch->retry_count = (int) store_int64(row, 16, 0);
	branch->retries = stored_retries(row, 17, &branch->nretries);
	branch->pending = (int) store_int64(row, 18, 0);
	branch->started = (int) store_int64(row, 19, 0);
	branch->input = stored_document(row, 20);
	branch->variables = stored_document(row, 21);
	branch->work = stored_document(row, 22);
	branch->stored = true;
	if (branch->phase == ENGINE_MAP_RUN)
	{
		note->map_epoch = branch->epoch;
		note->map_task = engine_map_task(&execution->engine, branch);
	}
	if (branch->phase == ENGINE_TASK)
	{
		note->task_epoch = branch->epoch;
		note->shared = branch->state != NULL &&
					   durable_is_shared(&((const AslTask *) branch->state)->resource);
		note->has_child = branch->state != NULL &&
						  durable_has_child(&((const AslTask *) branch->state)->resource);
	}
	return branch;
}

static EngineDocument
stored_document(uint64 row, int column)
{
	EngineDocument document = {0};
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);

	if (!isnull)
		document.stored = DURABLE_STORED(datum);
	return document;
}

static int *
stored_retries(uint64 row, int column, int *count)
{
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);
	Datum *elements;
	int *retries;

	*count = 0;
	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(datum),
					  INT4OID,
					  sizeof(int32),
					  true,
					  TYPALIGN_INT,
					  &elements,
					  NULL,
					  count);
	retries = palloc(Max(*count, 1) * sizeof(int));
	for (int i = 0; i < *count; i++)
		retries[i] = DatumGetInt32(elements[i]);
	return retries;
}

/*
 * Load parents, and theirs, level by level, and link them.  A branch that has
 * not started takes its scope from its parent's state.
 */
static void
load_ancestors(List *executions)
{
	static StorePlan plan =
		{"SELECT " BRANCH_COLUMNS
		 " FROM (SELECT DISTINCT * FROM unnest($1, $2)) AS w(execution_id, id) "
		 "JOIN workflow.branch b ON b.execution_id = w.execution_id AND b.id = w.id",
		 2,
		 {INT8ARRAYOID, INT8ARRAYOID}};
	static const Oid types[] = {INT8OID, INT8OID};

	for (;;)
	{
		StoreRows missing;
		ListCell *cell;

		CHECK_FOR_INTERRUPTS();
		store_rows_init(&missing, 2, types);
		foreach (cell, executions)
		{
			DurableExecution *execution = lfirst(cell);
			ListCell *inner;

			foreach (inner, execution->branches)
			{
				EngineBranch *branch = lfirst(inner);
				DurableNote *note = branch->shell;

				if (branch->parent != NULL || note == NULL || note->parent_id == 0)
					continue;
				branch->parent = durable_find_branch(execution, note->parent_id);
				if (branch->parent != NULL)
				{
					dlist_push_tail(&durable_note(branch->parent)->children, &note->node);
					continue;
				}
				store_rows_add(&missing);
				store_rows_set(&missing, 0, Int64GetDatum(execution->id));
				store_rows_set(&missing, 1, Int64GetDatum(note->parent_id));
			}
		}
		if (missing.count == 0)
			break;
		if (store_rows_execute(&missing, &plan) == 0)
			elog(ERROR, "a branch has no parent");
		take_branches(executions, false);
	}

	for (int pass = 0; pass < list_length(executions); pass++)
	{
		DurableExecution *execution = list_nth(executions, pass);
		ListCell *cell;

		foreach (cell, execution->branches)
		{
			EngineBranch *branch = lfirst(cell);

			if (branch->scope == NULL && execution->engine.machine != NULL)
				branch->scope =
					branch->parent == NULL && execution->engine.scope != NULL
						? execution->engine.scope
					: branch->parent == NULL
						? execution->engine.machine->root
						: asl_child_scope(branch->parent->state, branch->index);
		}
	}
}

/*
 * Make events of the answers in the last result.
 */
static void
take_answers(List *executions)
{
	uint64 nrows = SPI_processed;

	for (uint64 row = 0; row < nrows; row++)
	{
		DurableExecution *execution =
			durable_find_execution(executions, store_int64(row, 1, 0));
		DurableAnswer *answer = palloc0(sizeof(DurableAnswer));
		char *kind = store_text(row, 4);

		answer->branch_id = store_int64(row, 2, 0);
		answer->epoch = store_int64(row, 3, 0);
		answer->event.kind = strcmp(kind, "submitted") == 0 ? ENGINE_EVENT_TASK_SUBMITTED
							 : strcmp(kind, "succeeded") == 0
								 ? ENGINE_EVENT_TASK_SUCCEEDED
								 : ENGINE_EVENT_TASK_FAILED;
		answer->event.output = store_jsonb(row, 5);
		answer->event.error = store_text(row, 6);
		answer->event.cause = store_text(row, 7);
		answer->event.started_at = store_timestamp(row, 8, ENGINE_NEVER);
		answer->event.started = answer->event.started_at != ENGINE_NEVER;
		answer->event.worker = store_text(row, 9);
		answer->of_call = store_bool(row, 10, false);
		answer->call_started_at = store_timestamp(row, 11, 0);
		execution->answers = lappend(execution->answers, answer);
	}
}
