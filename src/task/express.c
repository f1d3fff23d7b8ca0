/*-------------------------------------------------------------------------
 *
 * express.c
 *	  EXPRESS executions: from start to end in the transaction that is open.
 *
 * The memory shell of the engine, with real tasks and real time.  A task is
 * called in a subtransaction, so that its error can be caught by the state's Retry
 * and Catch and leaves nothing behind; all else that the execution did stays part
 * of the transaction.  Nothing is written of the execution itself.
 *
 * Waits sleep on the latch of the process and can be cancelled.
 *
 * Must not know who starts one, and where the end goes.
 *
 * IDENTIFICATION
 *	  src/task/express.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "guc.h"
#include "task/task.h"

/* As with the service: nothing of one takes longer */
#define MAX_SECONDS 300

static EngineAnswer run_task(const EngineTask *task, int attempt, TimestampTz until,
							 void *arg);
static void resolve(const StoreTask *task, TaskCall *call);
static TimestampTz now(void *arg);
static void wait_until(TimestampTz until, void *arg);

void
express_run(const ExpressStart *start, bool with_history, EngineExecution *execution)
{
	const StoreRevision *revision = start->revision;
	const char *machine_name =
		start->scope != NULL ? start->machine_name : revision->machine_name;
	EngineWorld world = {
		.run_task = run_task,
		.now = now,
		.wait = wait_until,
		.arg = (void *) start,
		.deadline = express_deadline(start),
		.turn = wf_guc_max_steps_per_turn,
	};

	*execution = (EngineExecution){
		.machine = revision->machine,
		.scope = start->scope,
		.arn = store_express_arn(machine_name, start->name, start->id),
		.name = start->name,
		.machine_arn = store_machine_arn(machine_name),
		.machine_name = revision->machine_name,
		.role_arn = revision->role_arn,
		.started_at = start->started_at,
		.now = GetCurrentTimestamp(),
		.input.value = start->input,
		.redriven_at = ENGINE_NEVER,
		.express_sync = start->sync,
		.no_history = !with_history,
		.random = &pg_global_prng_state,
		.next_event_id = 1,
		.next_epoch = 2,
	};
	store_set_limits(execution);
	/* one that keeps no history cannot have too much of it */
	execution->max_events = 0;
	if (start->version != 0)
		execution->version_arn =
			psprintf("%s:%d", execution->machine_arn, start->version);
	if (start->alias != NULL)
		execution->alias_arn = psprintf("%s:%s", execution->machine_arn, start->alias);
	engine_run_in_memory(execution, &world);
}

void
express_end(const EngineExecution *execution, ExpressEnd *end)
{
	*end = (ExpressEnd){
		.status = engine_status_name(execution->status),
		.output = execution->output,
		.error = execution->error,
		.cause = execution->cause,
		.stopped_at = execution->now,
		.memory = (int64) MemoryContextMemAllocated(CurrentMemoryContext, true),
	};
}

/*
 * When it has taken too long
 */
TimestampTz
express_deadline(const ExpressStart *start)
{
	int64 seconds = start->revision->machine->timeout_seconds;

	if (seconds <= 0 || seconds > MAX_SECONDS || start->scope != NULL)
		seconds = MAX_SECONDS;
	return start->started_at + seconds * USECS_PER_SEC;
}

/*
 * Does it run anything of its users'?
 */
bool
express_has_tasks(const AslMachine *machine)
{
	for (int i = 0; i < machine->nstates; i++)
		if (machine->states[i]->type == ASL_TASK)
			return true;
	return false;
}

static EngineAnswer
run_task(const EngineTask *task, int attempt, TimestampTz until, void *arg)
{
	const ExpressStart *start = arg;
	const AslResource *resource = &task->state->resource;
	StoreTask stored = {
		.branch_id = task->branch->id,
		.epoch = task->epoch,
		.role = (char *) start->revision->role,
		.role_arn = (char *) task->role_arn,
		.resource = (char *) resource->text,
		.target = (char *) resource->name,
		.input = task->input,
		.timeout_at = until,
	};
	TaskOutcome outcome = {0};
	TaskCall call;

	resolve(&stored, &call);
	call.in_query = start->in_query;
	if (call.error != NULL)
		return (EngineAnswer){.error = call.error, .cause = call.cause};
	task_call_caught(&call, until, &outcome);
	return (EngineAnswer){
		.succeeded = outcome.succeeded,
		.silent = outcome.timed_out,
		.output = outcome.output,
		.error = outcome.error,
		.cause = outcome.cause,
	};
}

/* What it finds lives as long as the execution, not as the session of the store */
static void
resolve(const StoreTask *task, TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	StoreSession session;

	store_begin(&session);
	MemoryContextSwitchTo(context);
	task_resolve(task, call);
	store_end(&session);
	MemoryContextSwitchTo(context);
}

static TimestampTz
now(void *arg)
{
	return GetCurrentTimestamp();
}

static void
wait_until(TimestampTz until, void *arg)
{
	long timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

	(void) WaitLatch(MyLatch,
					 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 timeout,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}
