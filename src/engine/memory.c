/*-------------------------------------------------------------------------
 *
 * memory.c
 *	  The memory shell: an execution from start to end in one call.
 *
 * The world around it (EngineWorld) answers tasks and says what time it is.
 * Where time is virtual it jumps to whatever is due next, so that waiting costs
 * nothing.  What is due is kept in a heap; an entry that was overtaken by
 * something else is dropped when it comes up.  Tasks are run from there, too:
 * never while the engine is under way.
 *
 * Knows the engine; must not know tables, processes, SQL.
 *
 * IDENTIFICATION
 *	  src/engine/memory.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "lib/pairingheap.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "engine/memory_map.h"

/* Nothing is given back while an execution runs, but when it has taken this much */
#define COMPACT_SIZE (16 * 1024 * 1024)

typedef enum DueKind
{
	DUE_TIMER,  /* of the branch */
	DUE_TURN,   /* the branch goes on */
	DUE_TASK,   /* a task is run */
	DUE_ANSWER, /* and has ended so */
	DUE_CHILD   /* a child of a Map Run has ended */
} DueKind;

/* Something that will happen */
typedef struct Due
{
	pairingheap_node node;
	DueKind kind;
	TimestampTz at;
	int64 sequence; /* what was put in first comes first */
	EngineBranch *branch;
	int64 epoch; /* of a task, or of a Map Run */
	int64 child; /* number of the child that has ended */
	EngineTask task;
	EngineEvent event; /* of an answer */
} Due;

/* What the shell keeps of a branch, in branch->shell */
typedef struct MemoryBranch
{
	dlist_node node; /* in the parent's list of children */
	EngineBranch *branch;
	dlist_head children; /* open ones, oldest first */
	int nresults;
	Value *results;         /* of the children, by index */
	MemoryMapRun *map_run;  /* the last one, or NULL */
	bool started;           /* the Started event of the task is written */
	TimestampTz started_at; /* of the task */
} MemoryBranch;

typedef struct Memory
{
	const EngineWorld *world;
	TimestampTz deadline;
	int64 steps_left; /* states and further attempts that are allowed */
	int *attempts;    /* tasks handed out so far, per state */
	pairingheap *due;
	int64 sequence;
	EngineBranch *root;
	MemoryContext context; /* of all that may be given back, or NULL */
	int nchanged;          /* branches that changed in this step */
	int capacity;
	EngineBranch **changed;
} Memory;

static Value memory_fetch(EngineExecution *execution, void *stored);
static void memory_load_descendants(EngineExecution *execution, EngineBranch *branch,
									EngineBranch ***descendants, int *count);
static void memory_child_started(EngineExecution *execution, EngineBranch *child);
static void memory_keep_result(EngineExecution *execution, EngineBranch *child,
							   Value output);
static Value memory_take_results(EngineExecution *execution, EngineBranch *parent);
static void memory_drop_results(EngineExecution *execution, EngineBranch *parent);
static void memory_schedule_task(EngineExecution *execution, const EngineTask *task);
static void memory_void_task(EngineExecution *execution, EngineBranch *branch);
static char *memory_make_token(EngineExecution *execution, EngineBranch *branch,
							   int64 epoch);
static void memory_branch_changed(EngineExecution *execution, EngineBranch *branch);
static EngineMapRun *memory_start_map_run(EngineExecution *execution,
										  EngineBranch *branch,
										  const EngineMapRun *limits);
static void memory_add_map_input(EngineExecution *execution, EngineBranch *branch,
								 Value input, int nitems);
static Value memory_take_map_results(EngineExecution *execution, EngineBranch *branch);
static void memory_stop_map_children(EngineExecution *execution, EngineBranch *branch);
static void memory_end_map_run(EngineExecution *execution, EngineBranch *branch,
							   EngineMapRunStatus status);

static const EngineShell memory_shell = {
	.fetch = memory_fetch,
	.load_descendants = memory_load_descendants,
	.child_started = memory_child_started,
	.keep_result = memory_keep_result,
	.take_results = memory_take_results,
	.drop_results = memory_drop_results,
	.schedule_task = memory_schedule_task,
	.void_task = memory_void_task,
	.make_token = memory_make_token,
	.branch_changed = memory_branch_changed,
	.start_map_run = memory_start_map_run,
	.add_map_input = memory_add_map_input,
	.take_map_results = memory_take_map_results,
	.stop_map_children = memory_stop_map_children,
	.end_map_run = memory_end_map_run,
};

static MemoryBranch *attach(EngineBranch *branch);
static Due *add_due(Memory *memory, DueKind kind, TimestampTz at, EngineBranch *branch);
static int compare_due(const pairingheap_node *a, const pairingheap_node *b, void *arg);
static int compare_id(const void *a, const void *b);
static bool is_current(EngineExecution *execution, const Due *due);
static void happen(EngineExecution *execution, const Due *due);
static void run_task(EngineExecution *execution, const EngineTask *task);
static void run_map_task(EngineExecution *execution, const EngineTask *task);
static void start_children(EngineExecution *execution, EngineBranch *branch);
static void give(EngineExecution *execution, EngineBranch *branch, EngineEvent event);
static void go_on(EngineExecution *execution);
static void let_time_pass(EngineExecution *execution, TimestampTz until);
static bool set_timers(EngineExecution *execution);
static void collect(EngineBranch *branch, EngineBranch ***list, int *count,
					int *capacity);
static void compact(EngineExecution *execution);

void
engine_run_in_memory(EngineExecution *execution, const EngineWorld *world)
{
	EngineEvent run = {.kind = ENGINE_EVENT_RUN};
	MemoryContext context = CurrentMemoryContext;
	Memory memory = {
		.world = world,
		.deadline = world->deadline,
		.steps_left = world->max_steps > 0 ? world->max_steps : PG_INT64_MAX,
	};

	memory.attempts = world->attempts;
	if (memory.attempts == NULL)
		memory.attempts = palloc0(Max(1, execution->machine->nstates) * sizeof(int));
	execution->shell = &memory_shell;
	execution->shell_data = &memory;
	/* a child's parent has all of it */
	if (execution->machine->timeout_seconds > 0 && execution->scope == NULL)
		memory.deadline = Min(memory.deadline,
							  execution->started_at +
								  execution->machine->timeout_seconds * USECS_PER_SEC);

	memory.root = engine_start(execution);
	memory.due = pairingheap_allocate(compare_due, NULL);
	attach(memory.root);
	give(execution, memory.root, run);
	go_on(execution);
	execution->shell_data = NULL;
	MemoryContextSwitchTo(context);
}

/* Let one thing after another happen, until the end or until nothing more can */
static void
go_on(EngineExecution *execution)
{
	Memory *memory = execution->shell_data;

	while (execution->status == ENGINE_RUNNING)
	{
		Due *due = NULL;

		CHECK_FOR_INTERRUPTS();
		if (!set_timers(execution) || memory->steps_left < 0)
		{
			engine_fail(execution,
						"States.Runtime",
						"The execution takes more steps than are allowed.");
			return;
		}
		if (!pairingheap_is_empty(memory->due))
			due = pairingheap_container(Due, node, pairingheap_first(memory->due));
		if (due == NULL && memory->deadline == ENGINE_NEVER)
			return;
		let_time_pass(execution,
					  due == NULL ? memory->deadline : Min(due->at, memory->deadline));
		if (execution->now >= memory->deadline)
		{
			engine_time_out(execution);
			return;
		}
		pairingheap_remove_first(memory->due);
		if (is_current(execution, due))
			happen(execution, due);
		pfree(due);
		if (memory->world->turn > 0 && pairingheap_is_empty(memory->due))
			compact(execution);
	}
}

static void
let_time_pass(EngineExecution *execution, TimestampTz until)
{
	const EngineWorld *world = ((Memory *) execution->shell_data)->world;
	TimestampTz now = until;

	if (world->now != NULL)
		while ((now = world->now(world->arg)) < until)
			world->wait(until, world->arg);
	execution->now = Max(execution->now, now);
}

static void
happen(EngineExecution *execution, const Due *due)
{
	MemoryBranch *own = due->branch->shell;
	EngineEvent event = due->event;

	switch (due->kind)
	{
		case DUE_TASK:
			if (due->branch->phase == ENGINE_MAP_RUN)
				run_map_task(execution, &due->task);
			else
				run_task(execution, &due->task);
			return;
		case DUE_CHILD:
			memory_map_end_child(own->map_run, due->child);
			event = (EngineEvent){.kind = ENGINE_EVENT_MAP_RUN,
								  .map_run = &own->map_run->engine};
			give(execution, due->branch, event);
			start_children(execution, due->branch);
			return;
		case DUE_TIMER:
			event = (EngineEvent){.kind = ENGINE_EVENT_TIMER};
			break;
		case DUE_TURN:
			event = (EngineEvent){.kind = ENGINE_EVENT_RUN};
			break;
		case DUE_ANSWER:
			break;
	}
	give(execution, due->branch, event);
}

/* Run it, and give its answer, at once or when it has taken its time */
static void
run_task(EngineExecution *execution, const EngineTask *task)
{
	Memory *memory = execution->shell_data;
	const EngineWorld *world = memory->world;
	MemoryBranch *own = task->branch->shell;
	EngineEvent event = {.kind = ENGINE_EVENT_TASK_SUBMITTED};
	EngineAnswer answer;

	own->started_at = execution->now;
	answer = world->run_task(task,
							 ++memory->attempts[task->state->base.index],
							 Min(task->branch->due, memory->deadline),
							 world->arg);
	if (world->now != NULL)
		execution->now = Max(execution->now, world->now(world->arg));
	if (task->state->resource.pattern != ASL_REQUEST_RESPONSE)
	{
		event.output = value_from_object(value_object_new(0));
		give(execution, task->branch, event);
	}
	/* an answer that comes too late is none */
	if (answer.silent || (world->now != NULL && execution->now >= task->branch->due))
		return;
	event.kind =
		answer.succeeded ? ENGINE_EVENT_TASK_SUCCEEDED : ENGINE_EVENT_TASK_FAILED;
	event.output = answer.output;
	event.error = answer.error;
	event.cause = answer.cause;
	if (answer.seconds == 0)
		give(execution, task->branch, event);
	else
	{
		Due *due = add_due(memory,
						   DUE_ANSWER,
						   execution->now + answer.seconds * USECS_PER_SEC,
						   task->branch);

		due->epoch = task->epoch;
		due->event = event;
	}
}

/* Give a branch an event; it goes as far as it goes, or its turn lasts */
static void
give(EngineExecution *execution, EngineBranch *branch, EngineEvent event)
{
	Memory *memory = execution->shell_data;
	MemoryBranch *own = branch->shell;
	int64 max_steps = memory->world->turn > 0 ? memory->world->turn : PG_INT32_MAX;
	int nsteps = execution->nsteps;

	event.started = branch->phase == ENGINE_TASK && !own->started;
	event.started_at = own->started_at;
	own->started = true;
	/* an attempt counts like a state */
	if (branch->phase == ENGINE_RETRYING)
		memory->steps_left--;
	execution->max_steps =
		memory->steps_left > 0 ? (int) Min(memory->steps_left, max_steps) : -1;
	engine_run(execution, branch, &event);
	memory->steps_left -= execution->nsteps - nsteps;
}

/* Is this still what the branch waits for? */
static bool
is_current(EngineExecution *execution, const Due *due)
{
	EngineBranch *branch = due->branch;

	switch (due->kind)
	{
		case DUE_TURN:
			return branch->phase == ENGINE_READY;
		case DUE_TASK:
		case DUE_ANSWER:
			return (branch->phase == ENGINE_TASK && branch->epoch == due->epoch) ||
				   engine_map_task(execution, branch) == due->epoch;
		case DUE_CHILD:
			return branch->phase == ENGINE_MAP_RUN && branch->epoch == due->epoch &&
				   !((MemoryBranch *) branch->shell)->map_run->engine.stopped;
		case DUE_TIMER:
			break;
	}
	return branch->due == due->at &&
		   (branch->phase == ENGINE_TASK || branch->phase == ENGINE_WAITING ||
			branch->phase == ENGINE_RETRYING || branch->phase == ENGINE_JOINING);
}

/*
 * A Map Run's own task: the world reads items, for the state, and what is written
 * goes nowhere.
 */
static void
run_map_task(EngineExecution *execution, const EngineTask *task)
{
	Memory *memory = execution->shell_data;
	const EngineWorld *world = memory->world;
	MemoryMapRun *run = ((MemoryBranch *) task->branch->shell)->map_run;
	EngineEvent event = {.kind = ENGINE_EVENT_TASK_SUCCEEDED, .map_run = &run->engine};
	EngineAnswer answer = {.succeeded = true};

	if (strcmp(task->state->resource.text, ENGINE_RESULT_WRITER) == 0)
		event.output = memory_map_write(run, task->input);
	else
	{
		answer = world->run_task(task,
								 ++memory->attempts[task->branch->state->index],
								 memory->deadline,
								 world->arg);
		if (answer.succeeded)
			memory_map_read(execution,
							task->branch,
							run,
							task->input,
							answer.output,
							&event);
	}
	if (answer.silent)
		return;
	if (!answer.succeeded)
	{
		event.kind = ENGINE_EVENT_TASK_FAILED;
		event.error = answer.error;
		event.cause = answer.cause;
	}
	give(execution, task->branch, event);
}

/*
 * Run children of a Map Run, each from start to end at once; that one has ended is
 * told when it is due.
 */
static void
start_children(EngineExecution *execution, EngineBranch *branch)
{
	Memory *memory = execution->shell_data;
	MemoryMapRun *run = ((MemoryBranch *) branch->shell)->map_run;
	EngineExecution child;
	int64 number;

	check_stack_depth();
	while (branch->phase == ENGINE_MAP_RUN && memory->steps_left > 0 &&
		   (number = memory_map_start_child(run, execution, branch, &child)) >= 0)
	{
		EngineWorld world = *memory->world;
		Due *due;

		CHECK_FOR_INTERRUPTS();
		world.deadline = memory->deadline;
		world.max_steps = memory->steps_left;
		world.attempts = memory->attempts;
		engine_run_in_memory(&child, &world);
		memory->steps_left -= child.nsteps;
		if (child.status == ENGINE_RUNNING)
			continue; /* for ever */
		memory_map_note_end(run, number, &child);
		due = add_due(memory, DUE_CHILD, child.now, branch);
		due->epoch = branch->epoch;
		due->child = number;
	}
	if (memory->steps_left == 0 && branch->phase == ENGINE_MAP_RUN &&
		!run->engine.stopped && run->started < run->engine.executions.total)
		memory->steps_left = -1;
}

/* Set the timers of what has changed; false where no more steps are allowed */
static bool
set_timers(EngineExecution *execution)
{
	Memory *memory = execution->shell_data;
	bool allowed = true;

	for (int i = 0; i < memory->nchanged; i++)
	{
		EngineBranch *branch = memory->changed[i];

		branch->changed = false;
		if (branch->phase == ENGINE_READY)
		{
			allowed &= memory->steps_left > 0;
			add_due(memory, DUE_TURN, execution->now, branch);
		}
		else if (branch->phase == ENGINE_MAP_RUN)
			start_children(execution, branch);
		else if (branch->due != ENGINE_NEVER)
			add_due(memory, DUE_TIMER, branch->due, branch);
	}
	memory->nchanged = 0;
	return allowed;
}

/*
 * A loop may go round and round: keep what the root needs to go on, where
 * nothing else is there, and give the rest back.
 */
static void
compact(EngineExecution *execution)
{
	Memory *memory = execution->shell_data;
	MemoryContext old_context = memory->context;
	EngineBranch *root = memory->root;
	bool alone = memory->nchanged == 1 && memory->changed[0] == root &&
				 root->phase == ENGINE_READY && execution->no_history;

	if (execution->status != ENGINE_RUNNING || !alone ||
		(old_context != NULL &&
		 MemoryContextMemAllocated(old_context, true) < COMPACT_SIZE))
		return;
	/* what was there before the first time stays */
	memory->context =
		AllocSetContextCreate(old_context != NULL ? MemoryContextGetParent(old_context)
												  : CurrentMemoryContext,
							  "workflow execution",
							  ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(memory->context);
	root->input.value = value_copy(root->input.value);
	root->variables.value = value_copy(root->variables.value);
	root->work.value = value_copy(root->work.value);
	root->items = NULL;
	memory->due = pairingheap_allocate(compare_due, NULL);
	memory->changed = palloc_object(EngineBranch *);
	memory->changed[0] = root;
	memory->capacity = 1;
	execution->history = NULL;
	execution->history_capacity = 0;
	if (old_context != NULL)
		MemoryContextDelete(old_context);
}

static MemoryBranch *
attach(EngineBranch *branch)
{
	MemoryBranch *own = palloc0(sizeof(MemoryBranch));

	own->branch = branch;
	dlist_init(&own->children);
	branch->shell = own;
	return own;
}

static Due *
add_due(Memory *memory, DueKind kind, TimestampTz at, EngineBranch *branch)
{
	Due *due = palloc0(sizeof(Due));

	due->kind = kind;
	due->at = at;
	due->sequence = memory->sequence++;
	due->branch = branch;
	pairingheap_add(memory->due, &due->node);
	return due;
}

/*
 * The heap has its greatest element first: what comes first is the greatest.  An
 * answer that comes at the last moment comes in time.
 */
static int
compare_due(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
	const Due *x = pairingheap_const_container(Due, node, a);
	const Due *y = pairingheap_const_container(Due, node, b);

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	if ((x->kind == DUE_ANSWER) != (y->kind == DUE_ANSWER))
		return x->kind == DUE_ANSWER ? 1 : -1;
	return x->sequence < y->sequence ? 1 : -1;
}

static int
compare_id(const void *a, const void *b)
{
	int64 x = (*(EngineBranch *const *) a)->id;
	int64 y = (*(EngineBranch *const *) b)->id;

	return x < y ? -1 : x > y;
}

static Value
memory_fetch(EngineExecution *execution, void *stored)
{
	return value_undefined(); /* everything is there */
}

static void
memory_load_descendants(EngineExecution *execution, EngineBranch *branch,
						EngineBranch ***descendants, int *count)
{
	int capacity = 0;

	*descendants = NULL;
	*count = 0;
	collect(branch, descendants, count, &capacity);
	if (*count > 1)
		qsort(*descendants, *count, sizeof(EngineBranch *), compare_id);
}

/* The open branches below one, in any order */
static void
collect(EngineBranch *branch, EngineBranch ***list, int *count, int *capacity)
{
	MemoryBranch *own = branch->shell;
	dlist_iter iter;

	check_stack_depth();
	dlist_foreach (iter, &own->children)
	{
		EngineBranch *child = dlist_container(MemoryBranch, node, iter.cur)->branch;

		if (child->phase == ENGINE_GONE)
			continue;
		if (*count == *capacity)
		{
			*capacity = Max(16, *capacity * 2);
			*list = *list ? repalloc(*list, *capacity * sizeof(EngineBranch *))
						  : palloc(*capacity * sizeof(EngineBranch *));
		}
		(*list)[(*count)++] = child;
		collect(child, list, count, capacity);
	}
}

static void
memory_child_started(EngineExecution *execution, EngineBranch *child)
{
	MemoryBranch *parent = child->parent->shell;

	dlist_push_tail(&parent->children, &attach(child)->node);
}

static void
memory_keep_result(EngineExecution *execution, EngineBranch *child, Value output)
{
	MemoryBranch *own = child->shell;
	MemoryBranch *parent = child->parent->shell;

	if (child->index >= parent->nresults)
	{
		int n = Max(child->index + 1, parent->nresults * 2);

		parent->results = parent->results ? repalloc(parent->results, n * sizeof(Value))
										  : palloc(n * sizeof(Value));
		for (int i = parent->nresults; i < n; i++)
			parent->results[i] = value_undefined();
		parent->nresults = n;
	}
	parent->results[child->index] = output;
	dlist_delete(&own->node);
}

static Value
memory_take_results(EngineExecution *execution, EngineBranch *parent)
{
	MemoryBranch *own = parent->shell;
	ValueArray *array = value_array_new(own->nresults);

	for (int i = 0; i < own->nresults; i++)
		if (!value_is_undefined(own->results[i]))
			value_array_push(array, own->results[i]);
	memory_drop_results(execution, parent);
	return value_from_array(array);
}

static void
memory_drop_results(EngineExecution *execution, EngineBranch *parent)
{
	MemoryBranch *own = parent->shell;

	if (own->results != NULL)
		pfree(own->results);
	own->results = NULL;
	own->nresults = 0;
	dlist_init(&own->children);
}

/* Its turn comes when the engine has come to rest; its documents live as long */
static void
memory_schedule_task(EngineExecution *execution, const EngineTask *task)
{
	Memory *memory = execution->shell_data;
	MemoryBranch *own = task->branch->shell;
	Due *due = add_due(memory, DUE_TASK, execution->now, task->branch);

	own->started = false;
	own->started_at = execution->now;
	due->epoch = task->epoch;
	due->task = *task;
}

/* Its answer and its timer find out by themselves */
static void
memory_void_task(EngineExecution *execution, EngineBranch *branch)
{
}

static char *
memory_make_token(EngineExecution *execution, EngineBranch *branch, int64 epoch)
{
	return psprintf("token-" INT64_FORMAT, epoch);
}

static void
memory_branch_changed(EngineExecution *execution, EngineBranch *branch)
{
	Memory *memory = execution->shell_data;

	if (memory->nchanged == memory->capacity)
	{
		memory->capacity = Max(16, memory->capacity * 2);
		memory->changed =
			memory->changed
				? repalloc(memory->changed, memory->capacity * sizeof(EngineBranch *))
				: palloc(memory->capacity * sizeof(EngineBranch *));
	}
	memory->changed[memory->nchanged++] = branch;
}

static EngineMapRun *
memory_start_map_run(EngineExecution *execution, EngineBranch *branch,
					 const EngineMapRun *limits)
{
	MemoryBranch *own = branch->shell;

	own->map_run = memory_map_new(execution, branch, limits);
	return &own->map_run->engine;
}

static void
memory_add_map_input(EngineExecution *execution, EngineBranch *branch, Value input,
					 int nitems)
{
	memory_map_add_input(((MemoryBranch *) branch->shell)->map_run, input, nitems);
}

static Value
memory_take_map_results(EngineExecution *execution, EngineBranch *branch)
{
	return memory_map_results(((MemoryBranch *) branch->shell)->map_run);
}

/* Nobody has to be waited for */
static void
memory_stop_map_children(EngineExecution *execution, EngineBranch *branch)
{
	memory_map_abort(((MemoryBranch *) branch->shell)->map_run);
}

static void
memory_end_map_run(EngineExecution *execution, EngineBranch *branch,
				   EngineMapRunStatus status)
{
	if (status != ENGINE_MAP_RUN_SUCCEEDED)
		memory_map_abort(((MemoryBranch *) branch->shell)->map_run);
}
