/*-------------------------------------------------------------------------
 *
 * map_run.c
 *	  The distributed Map state: each item, or batch of items, an execution of
 *	  its own.
 *
 * The shell keeps the Map Run, starts the child executions and counts how they
 * end.  Here is what does not depend on how that is done: the limits, the inputs
 * of the children, when the run is over and how.  Inputs are made as far as the
 * shell has room for them: of items that are in memory by the state itself, of
 * items that a reader brings by the shell, with a batcher.
 *
 * A run that fails because too many children have is stopped first, if its results go
 * into objects: when the children that ran have ended, what became of each input
 * is written, and only then the run has failed.  For one that is aborted nobody can
 * wait: the shell writes when it is over.
 *
 * Knows the state's fields; must not know how children are kept or run.
 *
 * IDENTIFICATION
 *	  src/engine/map_run.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "engine/visit.h"

/* The tasks of a Map Run, as if they were Task states */
static const AslTask reader_task = {.resource = {.kind = ASL_RESOURCE_SERVICE,
												 .text = ENGINE_ITEM_READER,
												 .service = "workflow",
												 .action = "itemReader",
												 .name = "itemReader"}};
static const AslTask writer_task = {.resource = {.kind = ASL_RESOURCE_SERVICE,
												 .text = ENGINE_RESULT_WRITER,
												 .service = "workflow",
												 .action = "resultWriter",
												 .name = "resultWriter"}};

static bool read_request(EngineVisit *visit, const AslTemplate *arguments,
						 const AslOperand *max_items, Value *request);
static void hand_out(EngineVisit *visit, const EngineMapRun *run, const AslTask *state,
					 Value input);
static bool writer_request(EngineVisit *visit, Value *request);
static bool writes_objects(const AslState *state);
static void remember(EngineVisit *visit, const EngineMapRun *run, int64 task);
static bool task_ended(EngineVisit *visit, const EngineEvent *event);
static bool go_on(EngineVisit *visit, EngineMapRun *run);
static bool make_inputs(EngineVisit *visit, EngineMapRun *run);
static void stop(EngineVisit *visit, EngineMapRun *run);
static bool all_ended(const EngineMapRun *run);
static bool write_results(EngineVisit *visit, const EngineMapRun *run);
static bool exceeded(EngineVisit *visit, const char *unwritten);
static bool finish(EngineVisit *visit, Value results);
static bool fail(EngineVisit *visit, const char *error, const char *cause);

bool
engine_enter_map_run(EngineVisit *visit)
{
	const AslMap *map = (const AslMap *) visit->state;
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineMapRun limits = {0};
	EngineMapRun *run;
	EngineHistoryEvent *event;
	Value request = value_undefined();
	Value input;
	int concurrency;

	branch->items = NULL;
	if (!engine_effective_input(visit, &input) ||
		!engine_map_concurrency(visit, input, &concurrency))
		return false;
	limits.max_concurrency = concurrency;
	limits.has_reader = map->item_reader != NULL;
	if (!limits.has_reader)
	{
		if (!engine_load_items(visit))
			return false;
		limits.items.total = value_array_length(branch->items->list);
		engine_keep_items(visit);
	}
	event = engine_event(execution, ENGINE_MapStateStarted, branch->tip);
	event->number = limits.items.total;
	if (execution->status != ENGINE_RUNNING)
		return true;
	branch->tip = event->id;
	engine_changed(execution, branch);
	if (!engine_read_tolerance(visit, input, &limits))
		return false;
	if (limits.has_reader && !read_request(visit,
										   map->item_reader->arguments,
										   &map->item_reader->max_items,
										   &request))
		return false;

	/* children, and what answers for them, belong to this start of the state */
	branch->epoch = execution->next_epoch++;
	run = execution->shell->start_map_run(execution, branch, &limits);
	event = engine_event(execution, ENGINE_MapRunStarted, branch->tip);
	event->text = run->arn;
	if (execution->status != ENGINE_RUNNING)
		return true;
	branch->tip = event->id;
	engine_to_phase(visit, ENGINE_MAP_RUN, ENGINE_NEVER);
	if (run->has_reader)
		hand_out(visit, run, &reader_task, request);
	return go_on(visit, run);
}

bool
engine_resume_map_run(EngineVisit *visit, const EngineEvent *event)
{
	if (event->kind == ENGINE_EVENT_TASK_SUCCEEDED ||
		event->kind == ENGINE_EVENT_TASK_FAILED)
		return task_ended(visit, event);
	if (event->kind != ENGINE_EVENT_MAP_RUN)
		return true;
	return go_on(visit, event->map_run);
}

void
engine_abort_map_run(EngineExecution *execution, EngineBranch *branch)
{
	if (branch->phase != ENGINE_MAP_RUN || execution->status != ENGINE_RUNNING)
		return;
	(void) engine_event(execution, ENGINE_MapRunAborted, branch->tip);
	engine_abort_run(execution, branch);
	branch->phase = ENGINE_GONE;
	branch->due = ENGINE_NEVER;
	engine_changed(execution, branch);
}

/* Arguments that cannot be evaluated have nobody left to be told */
void
engine_abort_run(EngineExecution *execution, EngineBranch *branch)
{
	EngineVisit visit = {.execution = execution,
						 .branch = branch,
						 .state = branch->state};
	Value request;

	if (execution->shell->write_map_results != NULL && writes_objects(visit.state) &&
		writer_request(&visit, &request))
		execution->shell->write_map_results(execution, branch, request);
	execution->shell->end_map_run(execution, branch, ENGINE_MAP_RUN_ABORTED);
}

/* ---- its tasks ---- */

int64
engine_map_task(EngineExecution *execution, EngineBranch *branch)
{
	Value work;

	if (branch->phase != ENGINE_MAP_RUN)
		return 0;
	work = engine_document(execution, &branch->work);
	return value_is_undefined(work) ? 0 : value_object_get_int64(work, "task");
}

bool
engine_map_stopped(EngineExecution *execution, EngineBranch *branch)
{
	Value work = engine_document(execution, &branch->work);

	return !value_is_undefined(work) &&
		   !value_is_undefined(value_object_get_cstring(work, "stopped"));
}

/* {"Arguments", "MaxItems"}, evaluated */
static bool
read_request(EngineVisit *visit, const AslTemplate *arguments,
			 const AslOperand *max_items, Value *request)
{
	ValueObject *object = value_object_new(2);
	int limit = 0;
	Value input;
	Value value;

	if (!engine_effective_input(visit, &input) ||
		!engine_integer(visit, max_items, input, &limit))
		return false;
	value = value_from_object(value_object_new(0));
	if (arguments != NULL && !engine_template(visit, arguments, input, &value))
		return false;
	value_object_add_cstring(object, "Arguments", value);
	value_object_add_cstring(object, "MaxItems", value_int64(limit));
	*request = value_from_object(object);
	return true;
}

static bool
writer_request(EngineVisit *visit, Value *request)
{
	static const AslOperand none = {0};

	return read_request(visit,
						((const AslMap *) visit->state)->result_writer->arguments,
						&none,
						request);
}

/*
 * A table gets the results of a run that succeeds only: rows do not tell what they
 * are, nor of which attempt.
 */
static bool
writes_objects(const AslState *state)
{
	const AslResultWriter *writer = ((const AslMap *) state)->result_writer;

	return writer != NULL && writer->target == ASL_RESULTS_OBJECT;
}

static void
hand_out(EngineVisit *visit, const EngineMapRun *run, const AslTask *state, Value input)
{
	EngineExecution *execution = visit->execution;
	EngineTask task = {.branch = visit->branch,
					   .epoch = execution->next_epoch++,
					   .state = state,
					   .input = input,
					   .timeout = -1,
					   .heartbeat = -1};

	remember(visit, run, task.epoch);
	execution->shell->schedule_task(execution, &task);
}

/*
 * What the branch has to know of its run: the task that is out (0: none), whether
 * it was stopped; and items that were kept go on being kept.
 */
static void
remember(EngineVisit *visit, const EngineMapRun *run, int64 task)
{
	Value old = engine_document(visit->execution, &visit->branch->work);
	Value items = value_undefined();
	ValueObject *work = value_object_new(3);

	if (!run->complete && !value_is_undefined(old))
		items = value_object_get_cstring(old, "items");
	if (!value_is_undefined(items))
		value_object_add_cstring(work, "items", items);
	if (task != 0)
		value_object_add_cstring(work, "task", value_int64(task));
	if (run->stopped)
		value_object_add_cstring(work, "stopped", value_bool(true));
	engine_put_document(&visit->branch->work,
						work->count > 0 ? value_from_object(work) : value_undefined());
	engine_changed(visit->execution, visit->branch);
}

/*
 * The items have been read, or the results written.  What is wrong with an
 * ItemSelector is the state's fault, wherever it was found.
 */
static bool
task_ended(EngineVisit *visit, const EngineEvent *event)
{
	static const char *const faults[] = {
		ENGINE_ERROR_RUNTIME,
		ENGINE_ERROR_DATA_LIMIT,
		ENGINE_ERROR_QUERY,
	};
	EngineMapRun *run = event->map_run;

	remember(visit, run, 0);
	run->written = run->complete && event->kind == ENGINE_EVENT_TASK_SUCCEEDED;
	if (run->stopped)
		return exceeded(visit,
						run->written           ? NULL
						: event->cause != NULL ? event->cause
											   : event->error);
	if (event->kind == ENGINE_EVENT_TASK_FAILED)
	{
		for (int i = 0; i < lengthof(faults); i++)
			if (event->error != NULL && strcmp(event->error, faults[i]) == 0)
				return engine_fault(visit,
									event->error,
									"%s",
									event->cause == NULL ? "" : event->cause);
		return fail(visit, event->error, event->cause);
	}
	if (run->complete)
		return finish(visit, event->output);
	run->items.total = value_object_get_int64(event->output, "items");
	run->executions.total = value_object_get_int64(event->output, "executions");
	run->next_item = run->items.total;
	run->complete = true;
	return go_on(visit, run);
}

/* ---- its limits, its children, its end ---- */

/* After anything has happened: is it over, and if not, is there room for more inputs? */
static bool
go_on(EngineVisit *visit, EngineMapRun *run)
{
	if (engine_map_task(visit->execution, visit->branch) != 0)
		return true;
	if (!run->stopped && engine_is_exceeded(run))
	{
		if (!writes_objects(visit->state))
			return exceeded(visit, NULL);
		stop(visit, run);
	}
	if (!run->complete && !run->has_reader && !make_inputs(visit, run))
		return false;
	if (run->complete && all_ended(run))
		return write_results(visit, run);
	return true;
}

/* Inputs of the next items; those of a batch that is not full yet are looked at again */
static bool
make_inputs(EngineVisit *visit, EngineMapRun *run)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineBatcher *batcher;
	EngineItems *items;
	int64 index = run->next_item;
	Value input;
	int nitems;

	if (branch->items == NULL && !engine_load_items(visit))
		return false;
	items = branch->items;
	batcher = engine_batcher_new(execution, branch, index, &visit->error);
	if (batcher == NULL)
		return false;
	while (run->room > 0 && run->room_bytes > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (index < run->items.total)
		{
			EngineItem item = engine_item_at(items, (int) index);

			if (!engine_batcher_add(batcher,
									item.key,
									item.value,
									NULL,
									&input,
									&nitems,
									&visit->error))
				return false;
			index++;
		}
		else
		{
			engine_batcher_end(batcher, &input, &nitems);
			run->complete = true;
		}
		if (!value_is_undefined(input))
		{
			run->room--;
			run->room_bytes -= engine_size_bound(input, run->room_bytes);
			run->next_item += nitems;
			run->executions.total++;
			execution->shell->add_map_input(execution, branch, input, nitems);
		}
		if (run->complete)
			break;
	}
	/* nobody needs to look at the items again */
	if (run->complete && !value_is_undefined(engine_document(execution, &branch->work)))
		remember(visit, run, 0);
	return true;
}

/* Its children are to end; inputs go on being made, to be told of */
static void
stop(EngineVisit *visit, EngineMapRun *run)
{
	run->stopped = true;
	remember(visit, run, 0);
	visit->execution->shell->stop_map_children(visit->execution, visit->branch);
}

/* All children, or those that have started where no more will */
static bool
all_ended(const EngineMapRun *run)
{
	const EngineMapCounts *counts = &run->executions;

	if (run->stopped)
		return counts->running == 0;
	return counts->succeeded + counts->failed + counts->timed_out + counts->aborted >=
		   counts->total;
}

/* All children have ended; it is over when their results are where they belong */
static bool
write_results(EngineVisit *visit, const EngineMapRun *run)
{
	EngineExecution *execution = visit->execution;
	Value request;

	if (((const AslMap *) visit->state)->result_writer == NULL)
		return finish(visit,
					  execution->shell->take_map_results(execution, visit->branch));
	if (!writer_request(visit, &request))
		return false;
	hand_out(visit, run, &writer_task, request);
	return true;
}

/* Too many children have failed; why their results were not written, or NULL */
static bool
exceeded(EngineVisit *visit, const char *unwritten)
{
	static const char cause[] = "The specified tolerated failure threshold was exceeded";

	return fail(visit,
				ENGINE_ERROR_THRESHOLD,
				unwritten == NULL
					? cause
					: psprintf("%s; its results were not written: %s", cause, unwritten));
}

/* Nothing points at MapStateSucceeded */
static bool
finish(EngineVisit *visit, Value results)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;

	execution->shell->end_map_run(execution, branch, ENGINE_MAP_RUN_SUCCEEDED);
	branch->tip = engine_event(execution, ENGINE_MapRunSucceeded, branch->tip)->id;
	(void) engine_event(execution, ENGINE_MapStateSucceeded, branch->tip);
	visit->joined = true;
	return engine_leave_with_result(visit, results);
}

static bool
fail(EngineVisit *visit, const char *error, const char *cause)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineFailure failure = {.error = error, .cause = cause};

	engine_fail_map_run(visit, &failure);
	if (engine_retry(visit, &failure))
		return true;
	branch->tip = engine_event(execution, ENGINE_MapStateFailed, branch->tip)->id;
	return engine_catch(visit, &failure);
}

void
engine_fail_map_run(EngineVisit *visit, const EngineFailure *failure)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineHistoryEvent *event;

	execution->shell->end_map_run(execution, branch, ENGINE_MAP_RUN_FAILED);
	event = engine_event(execution, ENGINE_MapRunFailed, branch->tip);
	event->error = failure->error;
	event->cause = failure->cause;
	branch->tip = event->id;
	engine_changed(execution, branch);
}
