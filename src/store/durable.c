/*-------------------------------------------------------------------------
 *
 * durable.c
 *	  The durable shell: steps of executions that live in tables.
 *
 * A step locks executions, loads what is due, lets the engine run, and writes
 * the effects, all in the caller's transaction.  A scheduler does it for many
 * executions at once, a runner for the one whose task it has done, a client
 * for the one it stops.
 *
 * Must not know processes: whoever has to be told of something is told through
 * store_hooks.
 *
 * IDENTIFICATION
 *	  src/store/durable.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "guc.h"
#include "store/durable.h"
#include "store/records.h"

StoreHooks store_hooks = {0};

static List *put_off(List *executions, int from);
static void run_execution(DurableExecution *execution);
static const char *stop_cause(const DurableExecution *execution);
static void run_answers(DurableExecution *execution);
static void run_answer(DurableExecution *execution, EngineBranch *branch,
					   DurableAnswer *answer);
static void run_map_runs(DurableExecution *execution);
static void run_timers(DurableExecution *execution);
static TimestampTz call_start(const DurableExecution *execution,
							  const EngineBranch *branch, TimestampTz started_at);
static void give(DurableExecution *execution, EngineBranch *branch,
				 const EngineEvent *event);
static int compare_due(const ListCell *a, const ListCell *b);
static bool take_early_answer(const DurableExecution *execution,
							  const EngineBranch *branch, EngineEvent *event);
static bool waits_for_task(DurableExecution *execution, EngineBranch *branch,
						   int64 epoch);
static DurableExecution *lock_one(int64 execution_id, DurableLock lock, TimestampTz now);
static bool finish_task(int64 execution_id, int64 branch_id, int64 epoch,
						const StoreTaskResult *result, DurableLock lock, TimestampTz now);
static bool write_one(DurableExecution *execution, bool try_close, TimestampTz now);

/*
 * Advance executions: see store.h.
 */
void
store_advance(const int64 *execution_ids, int count, StoreStep *step)
{
	List *executions = durable_lock(execution_ids, count, DURABLE_SKIP_LOCKED, step->now);
	ListCell *cell;

	step->nskipped += count - list_length(executions);
	durable_load_due(executions, step->now);
	durable_load_messages(executions);
	durable_load_map_runs(executions);
	foreach (cell, executions)
	{
		CHECK_FOR_INTERRUPTS();
		if (foreach_current_index(cell) > 0 &&
			TimestampDifferenceExceeds(step->now,
									   GetCurrentTimestamp(),
									   wf_guc_batch_time))
		{
			/* locks are short: the others have their turn in the next transaction */
			executions = put_off(executions, foreach_current_index(cell));
			break;
		}
		run_execution(lfirst(cell));
	}
	durable_write(executions, true, step);
}

/*
 * Leave out executions from this one on; they are rung again at the commit.
 */
static List *
put_off(List *executions, int from)
{
	if (store_hooks.execution_touched != NULL)
		for (int i = from; i < list_length(executions); i++)
			store_hooks.execution_touched(
				((DurableExecution *) list_nth(executions, i))->id);
	return list_truncate(executions, from);
}

static void
run_execution(DurableExecution *execution)
{
	EngineExecution *engine = &execution->engine;

	if (execution->stopped)
	{
		if (!execution->begun)
			(void) engine_start(engine);
		durable_abort_map_runs(execution);
		engine_stop(engine, NULL, stop_cause(execution));
	}
	else if (engine->machine == NULL)
		engine_fail(engine, "States.Runtime", execution->revision->compile_error);
	else if (execution->deadline <= engine->now)
	{
		/* it has to have begun to be over */
		if (!execution->begun)
			(void) engine_start(engine);
		durable_abort_map_runs(execution);
		engine_time_out(engine);
	}
	else if (!execution->begun)
	{
		EngineEvent run = {.kind = ENGINE_EVENT_RUN};
		EngineBranch *root = engine_start(engine);

		execution->branches = list_make1(root);
		engine_run(engine, root, &run);
	}
	else
	{
		run_answers(execution);
		run_map_runs(execution);
		run_timers(execution);
	}
	durable_plan_children(execution);
}

/* Whom its parent stops is not told why, but for a child of a Map Run */
static const char *
stop_cause(const DurableExecution *execution)
{
	if (execution->map_run_id == 0)
		return NULL;
	return store_map_stop_cause(store_map_run_arn(execution->engine.machine_name,
												  execution->map_run_label,
												  execution->map_run_name));
}

/*
 * Answers count if their branch still waits for this very task.
 */
static void
run_answers(DurableExecution *execution)
{
	ListCell *cell;

	foreach (cell, execution->answers)
	{
		DurableAnswer *answer = lfirst(cell);
		EngineBranch *branch = durable_find_branch(execution, answer->branch_id);

		if (execution->engine.status != ENGINE_RUNNING)
			return;
		if (branch != NULL && branch->phase == ENGINE_TASK &&
			branch->epoch == answer->epoch)
			run_answer(execution, branch, answer);
	}
}

/*
 * A worker that has made a call which is waited for has not ended the task.
 */
static void
run_answer(DurableExecution *execution, EngineBranch *branch, DurableAnswer *answer)
{
	const AslTask *task = (const AslTask *) branch->state;

	if (answer->of_call && take_early_answer(execution, branch, &answer->event))
		answer->of_call = false;
	/* a worker that stands for a Lambda function gives what the function would */
	if (answer->of_call && answer->event.kind == ENGINE_EVENT_TASK_SUCCEEDED &&
		task->resource.kind == ASL_RESOURCE_SERVICE)
		answer->event.output =
			store_lambda_response(value_undefined(), answer->event.output);
	if (answer->of_call && answer->event.kind == ENGINE_EVENT_TASK_SUCCEEDED &&
		task->resource.pattern != ASL_REQUEST_RESPONSE)
	{
		answer->event.kind = ENGINE_EVENT_TASK_SUBMITTED;
		execution->submitted = lappend(execution->submitted, branch);
		/* the answer may be there already */
		if (store_hooks.execution_touched != NULL)
			store_hooks.execution_touched(execution->id);
	}
	else
		durable_note(branch)->answered = true;
	if (answer->call_started_at != 0)
	{
		answer->event.started_at = call_start(execution, branch, answer->call_started_at);
		answer->event.started = answer->event.started_at != ENGINE_NEVER;
	}
	give(execution, branch, &answer->event);
}

/*
 * When a call that has not returned was begun, if it is known; ENGINE_NEVER: not, or
 * not at all.
 */
static TimestampTz
call_start(const DurableExecution *execution, const EngineBranch *branch,
		   TimestampTz started_at)
{
	if (started_at != ENGINE_NEVER && started_at != DT_NOBEGIN)
		return started_at;
	if (branch->phase != ENGINE_TASK || store_hooks.task_started == NULL)
		return ENGINE_NEVER;
	return store_hooks.task_started(execution->id, branch->id, branch->epoch);
}

/*
 * Map Runs that something has come for, or that have room again.
 */
static void
run_map_runs(DurableExecution *execution)
{
	int count = list_length(execution->branches);

	for (int i = 0; i < count && execution->engine.status == ENGINE_RUNNING; i++)
	{
		EngineBranch *branch = list_nth(execution->branches, i);
		DurableNote *note = branch->shell;
		EngineEvent event = {.kind = ENGINE_EVENT_MAP_RUN};

		if (note == NULL || note->map_run == NULL || branch->phase != ENGINE_MAP_RUN ||
			branch->epoch != note->map_run->epoch)
			continue;
		event.map_run = &note->map_run->engine;
		give(execution, branch, &event);
	}
}

/*
 * Timers in the order in which they were to fire.
 */
static void
run_timers(DurableExecution *execution)
{
	EngineEvent timer = {.kind = ENGINE_EVENT_TIMER};
	EngineEvent run = {.kind = ENGINE_EVENT_RUN};
	ListCell *cell;

	list_sort(execution->due, compare_due);
	foreach (cell, execution->due)
	{
		EngineBranch *branch = lfirst(cell);

		if (execution->engine.status != ENGINE_RUNNING)
			return;
		if (branch->due > execution->engine.now)
			continue;
		if (branch->phase == ENGINE_READY)
			give(execution, branch, &run);
		else if (branch->phase != ENGINE_GONE && branch->phase != ENGINE_DONE &&
				 branch->phase != ENGINE_MAP_RUN)
		{
			DurableNote *note = branch->shell;

			timer.started_at = call_start(execution, branch, note->started_at);
			timer.worker = note->worker;
			timer.started = timer.started_at != ENGINE_NEVER;
			give(execution, branch, &timer);
		}
	}
}

/*
 * One of several events: together they get one turn, and what it does not
 * suffice for is left ready.
 */
static void
give(DurableExecution *execution, EngineBranch *branch, const EngineEvent *event)
{
	EngineExecution *engine = &execution->engine;

	engine->max_steps =
		engine->nsteps < execution->turn ? execution->turn - engine->nsteps : -1;
	engine_run(engine, branch, event);
}

static int
compare_due(const ListCell *a, const ListCell *b)
{
	const EngineBranch *left = lfirst(a);
	const EngineBranch *right = lfirst(b);

	if (left->due != right->due)
		return left->due < right->due ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

/*
 * The result of a SQL task: see store.h.
 */
bool
store_finish_task(int64 execution_id, int64 branch_id, int64 epoch,
				  const StoreTaskResult *result, TimestampTz now)
{
	return finish_task(execution_id, branch_id, epoch, result, DURABLE_WAIT, now);
}

bool
store_try_finish_task(int64 execution_id, int64 branch_id, int64 epoch,
					  const StoreTaskResult *result, TimestampTz now)
{
	return finish_task(execution_id, branch_id, epoch, result, DURABLE_SKIP_LOCKED, now);
}

static bool
finish_task(int64 execution_id, int64 branch_id, int64 epoch,
			const StoreTaskResult *result, DurableLock lock, TimestampTz now)
{
	DurableExecution *execution;
	EngineBranch *branch;
	EngineEvent event = {
		.kind = result->timed_out                       ? ENGINE_EVENT_TIMER
				: !result->succeeded                    ? ENGINE_EVENT_TASK_FAILED
				: result->waits_for != STORE_TASK_ENDED ? ENGINE_EVENT_TASK_SUBMITTED
														: ENGINE_EVENT_TASK_SUCCEEDED,
		.output = result->output,
		.error = result->error,
		.cause = result->cause,
		.started = true,
		.started_at = result->started_at,
		.worker = result->worker,
	};

	if (branch_id == 0)
		return store_finish_express(execution_id, result, now);
	execution = lock_one(execution_id, lock, now);
	if (execution == NULL)
		return false;
	branch = durable_load_branch(execution, branch_id);
	if (branch == NULL || !waits_for_task(execution, branch, epoch))
		return false;
	if (branch->phase == ENGINE_MAP_RUN)
	{
		durable_load_map_runs(list_make1(execution));
		event.map_run = &durable_note(branch)->map_run->engine;
	}
	if (execution->engine.machine == NULL)
		engine_fail(&execution->engine,
					"States.Runtime",
					execution->revision->compile_error);
	else
	{
		(void) take_early_answer(execution, branch, &event);
		engine_run(&execution->engine, branch, &event);
	}
	if (event.kind == ENGINE_EVENT_TASK_SUBMITTED)
		execution->submitted = list_make1(branch);
	durable_plan_children(execution);
	return write_one(execution, lock == DURABLE_SKIP_LOCKED, now);
}

/*
 * A call that hands out a token has failed, or taken too long.  Where the answer is
 * there already, and its sender was told that it counts, it does.
 */
static bool
take_early_answer(const DurableExecution *execution, const EngineBranch *branch,
				  EngineEvent *event)
{
	static StorePlan plan =
		{"SELECT answer, output, error, cause FROM workflow.task WHERE execution_id = $1 "
		 "AND branch_id = $2 AND epoch = $3 AND kind = 'token' AND answer IS NOT NULL",
		 3,
		 {INT8OID, INT8OID, INT8OID}};
	Datum values[3] = {Int64GetDatum(execution->id),
					   Int64GetDatum(branch->id),
					   Int64GetDatum(branch->epoch)};

	if ((event->kind != ENGINE_EVENT_TASK_FAILED && event->kind != ENGINE_EVENT_TIMER) ||
		branch->phase != ENGINE_TASK ||
		((const AslTask *) branch->state)->resource.pattern != ASL_WAIT_FOR_TASK_TOKEN ||
		store_execute(&plan, values, NULL) == 0)
		return false;
	event->kind = strcmp(store_text(0, 1), "succeeded") == 0 ? ENGINE_EVENT_TASK_SUCCEEDED
															 : ENGINE_EVENT_TASK_FAILED;
	event->output = store_jsonb(0, 2);
	event->error = store_text(0, 3);
	event->cause = store_text(0, 4);
	return true;
}

/*
 * A Task state waits for the task of its branch's epoch, a Map Run for the one
 * that it has out.
 */
static bool
waits_for_task(DurableExecution *execution, EngineBranch *branch, int64 epoch)
{
	if (branch->phase == ENGINE_MAP_RUN)
		return engine_map_task(&execution->engine, branch) == epoch;
	return branch->phase == ENGINE_TASK && branch->epoch == epoch;
}

/*
 * StopExecution: see store.h.  Answers that were taken in before count.
 */
bool
store_stop_execution(int64 execution_id, const char *error, const char *cause,
					 TimestampTz now)
{
	DurableExecution *execution = lock_one(execution_id, DURABLE_WAIT_CLOSE, now);

	if (execution == NULL)
		return false;
	if (!execution->begun)
		(void) engine_start(&execution->engine);
	else if (execution->engine.machine != NULL)
	{
		durable_load_due(list_make1(execution), now);
		run_answers(execution);
	}
	if (execution->has_map_runs)
	{
		/* children that have ended are counted as what they are */
		durable_load_messages(list_make1(execution));
		durable_abort_map_runs(execution);
	}
	if (execution->engine.status == ENGINE_RUNNING)
		engine_stop(&execution->engine, error, cause);
	(void) write_one(execution, false, now);
	return true;
}

/*
 * Close what cannot go on: see store.h.
 */
bool
store_fail_execution(int64 execution_id, const char *error, const char *cause,
					 TimestampTz now)
{
	DurableExecution *execution = lock_one(execution_id, DURABLE_TRY_CLOSE, now);

	if (execution == NULL)
		return false;
	if (!execution->begun)
		(void) engine_start(&execution->engine);
	engine_fail(&execution->engine, error, cause);
	(void) write_one(execution, false, now);
	return true;
}

static DurableExecution *
lock_one(int64 execution_id, DurableLock lock, TimestampTz now)
{
	List *executions = durable_lock(&execution_id, 1, lock, now);

	if (executions == NIL)
		return NULL;
	if (store_hooks.execution_touched != NULL)
		store_hooks.execution_touched(execution_id);
	return linitial(executions);
}

/*
 * false where it would have to wait for a lock, and was not to
 */
static bool
write_one(DurableExecution *execution, bool try_close, TimestampTz now)
{
	StoreStep step = {.now = now, .next_wake = ENGINE_NEVER};

	durable_write(list_make1(execution), try_close, &step);
	return step.nskipped == 0;
}
