/*-------------------------------------------------------------------------
 *
 * memory.c
 *	  The memory shell: an execution from start to end in one call.
 *
 * Time is virtual: it jumps to whatever is due next, so that waiting costs
 * nothing.  Tasks are answered by a function of the caller.  What is due is
 * kept in a heap; an entry that was overtaken by something else is dropped
 * when it comes up.
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
#include "utils/timestamp.h"

#include "engine/engine.h"

/* Something that will happen */
typedef struct Due
{
	pairingheap_node node;
	TimestampTz at;
	int64 sequence; /* what was put in first comes first */
	EngineBranch *branch;
	int64 epoch; /* of a task's answer; 0: a timer of the branch */
	EngineEvent event;
} Due;

/* What the shell keeps of a branch, in branch->shell */
typedef struct MemoryBranch
{
	dlist_node node; /* in the parent's list of children */
	EngineBranch *branch;
	dlist_head children; /* open ones, oldest first */
	int nresults;
	Value *results;         /* of the children, by index */
	bool started;           /* the Started event of the task is written */
	TimestampTz started_at; /* of the task */
} MemoryBranch;

typedef struct Memory
{
	EngineMockFunction mock;
	void *mock_arg;
	int64 steps_left; /* states and further attempts that are allowed */
	int *attempts;    /* tasks handed out so far, per state */
	pairingheap *due;
	int64 sequence;
	int nchanged; /* branches that changed in this step */
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
};

static MemoryBranch *attach(EngineBranch *branch);
static void add_due(Memory *memory, TimestampTz at, EngineBranch *branch, int64 epoch,
					const EngineEvent *event);
static int compare_due(const pairingheap_node *a, const pairingheap_node *b, void *arg);
static int compare_id(const void *a, const void *b);
static bool is_current(const Due *due);
static void give(EngineExecution *execution, const Due *due);
static void go_on(EngineExecution *execution, TimestampTz deadline);
static bool set_timers(EngineExecution *execution);
static void collect(EngineBranch *branch, EngineBranch ***list, int *count,
					int *capacity);

void
engine_simulate(EngineExecution *execution, EngineMockFunction mock, void *arg,
				int64 max_total_steps)
{
	Memory memory = {.mock = mock, .mock_arg = arg, .steps_left = max_total_steps};
	TimestampTz deadline = ENGINE_NEVER;
	Due first = {.event = {.kind = ENGINE_EVENT_RUN}};

	memory.attempts = palloc0(Max(1, execution->machine->nstates) * sizeof(int));
	memory.due = pairingheap_allocate(compare_due, NULL);
	execution->shell = &memory_shell;
	execution->shell_data = &memory;
	if (execution->machine->timeout_seconds > 0)
		deadline =
			execution->started_at + execution->machine->timeout_seconds * USECS_PER_SEC;

	first.branch = engine_start(execution);
	attach(first.branch);
	give(execution, &first);
	go_on(execution, deadline);
	execution->shell_data = NULL;
}

/* Let one thing after another happen, until the end or until nothing more can */
static void
go_on(EngineExecution *execution, TimestampTz deadline)
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
		if (due == NULL && deadline == ENGINE_NEVER)
			return;
		if (due == NULL || due->at >= deadline)
		{
			execution->now = deadline;
			engine_time_out(execution);
			return;
		}
		pairingheap_remove_first(memory->due);
		if (is_current(due))
			give(execution, due);
		pfree(due);
	}
}

/* Let it happen */
static void
give(EngineExecution *execution, const Due *due)
{
	Memory *memory = execution->shell_data;
	MemoryBranch *own = due->branch->shell;
	EngineEvent event = due->event;
	int nsteps = execution->nsteps;

	execution->now = Max(execution->now, due->at);
	event.started = due->branch->phase == ENGINE_TASK && !own->started;
	event.started_at = own->started_at;
	own->started = true;
	/* an attempt counts like a state */
	if (due->branch->phase == ENGINE_RETRYING)
		memory->steps_left--;
	execution->max_steps =
		memory->steps_left > 0 ? (int) Min(memory->steps_left, PG_INT32_MAX) : -1;
	engine_run(execution, due->branch, &event);
	memory->steps_left -= execution->nsteps - nsteps;
}

/* Is this still what the branch waits for? */
static bool
is_current(const Due *due)
{
	const EngineBranch *branch = due->branch;

	if (due->epoch != 0)
		return branch->phase == ENGINE_TASK && branch->epoch == due->epoch;
	return branch->due == due->at &&
		   (branch->phase == ENGINE_TASK || branch->phase == ENGINE_WAITING ||
			branch->phase == ENGINE_RETRYING);
}

/* Set the timers of what has changed; false where a branch has used up its turn */
static bool
set_timers(EngineExecution *execution)
{
	Memory *memory = execution->shell_data;
	EngineEvent timer = {.kind = ENGINE_EVENT_TIMER};
	bool blocked = true;

	for (int i = 0; i < memory->nchanged; i++)
	{
		EngineBranch *branch = memory->changed[i];

		branch->changed = false;
		if (branch->phase == ENGINE_READY)
			blocked = false;
		else if (branch->due != ENGINE_NEVER)
			add_due(memory, branch->due, branch, 0, &timer);
	}
	memory->nchanged = 0;
	return blocked;
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

static void
add_due(Memory *memory, TimestampTz at, EngineBranch *branch, int64 epoch,
		const EngineEvent *event)
{
	Due *due = palloc(sizeof(Due));

	due->at = at;
	due->sequence = memory->sequence++;
	due->branch = branch;
	due->epoch = epoch;
	due->event = *event;
	pairingheap_add(memory->due, &due->node);
}

/* The heap has its greatest element first: what comes first is the greatest */
static int
compare_due(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
	const Due *x = pairingheap_const_container(Due, node, a);
	const Due *y = pairingheap_const_container(Due, node, b);

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
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

/* Ask for the answer at once, and let it come when it is due */
static void
memory_schedule_task(EngineExecution *execution, const EngineTask *task)
{
	Memory *memory = execution->shell_data;
	MemoryBranch *own = task->branch->shell;
	int attempt = ++memory->attempts[task->state->base.index];
	EngineMock mock = memory->mock(task, attempt, memory->mock_arg);
	EngineEvent event = {.kind = ENGINE_EVENT_TASK_SUBMITTED};

	own->started = false;
	own->started_at = execution->now;
	if (task->state->resource.pattern != ASL_REQUEST_RESPONSE)
	{
		event.output = value_from_object(value_object_new(0));
		add_due(memory, execution->now, task->branch, task->epoch, &event);
	}
	if (mock.silent)
		return;
	event.kind = mock.succeeded ? ENGINE_EVENT_TASK_SUCCEEDED : ENGINE_EVENT_TASK_FAILED;
	event.output = mock.output;
	event.error = mock.error;
	event.cause = mock.cause;
	add_due(memory,
			execution->now + mock.seconds * USECS_PER_SEC,
			task->branch,
			task->epoch,
			&event);
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
