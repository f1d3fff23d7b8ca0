/*-------------------------------------------------------------------------
 *
 * map.c
 *	  The Map state: a child for each item, so many at a time.
 *
 * Iterations are started as there is room for them.  Of what is still to come
 * a Map keeps numbers only: its items are found again from its input, which
 * never changes while it runs.  Reading a large input for every iteration
 * would make a Map of n items cost n squared, so engine_look_ahead() puts the
 * next few inputs into the branch's work document:
 *
 *		{"length": 10000, "concurrency": 40, "first": 41, "ahead": [input, ...]}
 *
 * A Map that has started all its iterations at once has no such document.  Items
 * that come from clock or chance are kept there, too.
 *
 * IDENTIFICATION
 *	  src/engine/map.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "engine/visit.h"

/*
 * So many iterations are started at a time; if there is room for more, then
 * when these are blocked.  What is over quickly need not be open all at once.
 */
#define WAVE 40

/* Inputs are kept ahead up to this size */
#define MAX_AHEAD_BYTES (1024 * 1024)

/* The work document */
typedef struct MapPlan
{
	int length;      /* iterations altogether */
	int concurrency; /* and at a time */
	int first;       /* number of the first input in ahead */
	Value ahead;     /* array, or undefined */
	Value items;     /* what it runs over, where that would come out otherwise again */
} MapPlan;

static bool read_concurrency(EngineVisit *visit, Value input, int *concurrency);
static Value pairs_of(Value object);
static MapPlan read_plan(EngineExecution *execution, EngineBranch *branch);
static void write_plan(EngineBranch *branch, const MapPlan *plan);
static bool covers(const MapPlan *plan, int index);
static bool start_some(EngineVisit *visit, const MapPlan *plan, int64 prev, int limit);
static bool start_iteration(EngineVisit *visit, const MapPlan *plan, int64 prev);
static bool iteration_input(EngineVisit *visit, const MapPlan *plan, int index,
							Value *input);
static bool select_input(EngineVisit *visit, int index, Value *input);
static bool child_succeeded(EngineVisit *visit, EngineBranch *child);
static bool child_failed(EngineVisit *visit, const EngineEvent *event);
static bool join(EngineVisit *visit, Value results);

bool
engine_enter_map(EngineVisit *visit)
{
	const AslMap *map = (const AslMap *) visit->state;
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineHistoryEvent *event;
	MapPlan plan = {0};
	Value input;

	engine_put_document(&branch->work, value_undefined());
	if (map->distributed)
		return engine_enter_map_run(visit);
	if (!engine_effective_input(visit, &input) ||
		!read_concurrency(visit, input, &plan.concurrency) || !engine_load_items(visit))
		return false;
	plan.length = value_array_length(branch->items->list);
	event = engine_event(execution, ENGINE_MapStateStarted, branch->tip);
	event->number = plan.length;
	if (execution->status != ENGINE_RUNNING)
		return true;
	branch->tip = event->id;
	branch->pending = 0;
	branch->started = 0;
	if (plan.length == 0)
		return join(visit, value_from_array(value_array_new(0)));

	engine_to_phase(visit, ENGINE_JOINING, ENGINE_NEVER);
	if (plan.length > Min(plan.concurrency, WAVE))
		write_plan(branch, &plan);
	engine_keep_items(visit);
	return start_some(visit, &plan, branch->tip, WAVE);
}

bool
engine_resume_map(EngineVisit *visit, const EngineEvent *event)
{
	EngineBranch *branch = visit->branch;
	MapPlan plan;

	if (event->kind == ENGINE_EVENT_TIMER && visit->execution->now < branch->due)
		return true;
	if (event->kind == ENGINE_EVENT_TIMER && branch->phase == ENGINE_RETRYING)
		return engine_enter_map(visit);
	if (branch->phase == ENGINE_MAP_RUN)
		return engine_resume_map_run(visit, event);
	if (branch->phase != ENGINE_JOINING)
		return true;
	switch (event->kind)
	{
		case ENGINE_EVENT_CHILD_SUCCEEDED:
			return child_succeeded(visit, event->child);
		case ENGINE_EVENT_CHILD_FAILED:
			return child_failed(visit, event);
		case ENGINE_EVENT_JOINED:
			return join(visit, event->output);
		case ENGINE_EVENT_TIMER:
			/* iterations that are ready come first: else there are more of them each turn */
			if (visit->execution->nsteps >= visit->run->last_step)
				return true;
			/* FALLTHROUGH */
		case ENGINE_EVENT_MORE:
			engine_to_phase(visit, ENGINE_JOINING, ENGINE_NEVER);
			plan = read_plan(visit->execution, branch);
			return start_some(visit, &plan, branch->tip, WAVE);
		default:
			return true;
	}
}

void
engine_look_ahead(EngineExecution *execution, EngineBranch *branch)
{
	EngineVisit visit = {.execution = execution,
						 .branch = branch,
						 .state = branch->state};
	EngineItems *items = branch->items;
	ValueArray *inputs;
	int64 room = MAX_AHEAD_BYTES;
	MapPlan plan;
	int count;

	/* where nothing was read, there is nothing at hand */
	if (branch->phase != ENGINE_JOINING || branch->state->type != ASL_MAP ||
		items == NULL)
		return;
	plan = read_plan(execution, branch);
	if (branch->started >= plan.length || covers(&plan, branch->started))
		return;

	/*
	 * So that reading all items now and then costs about as much as reading
	 * these each time; and more of them where many are taken in one step.
	 */
	count = Max((int) sqrt(plan.length), 4 * Min(items->ntaken, PG_INT16_MAX));
	count = Min(count, plan.length - branch->started);
	inputs = value_array_new(count);
	for (int i = 0; i < count && room > 0; i++)
	{
		Value input;

		/* a fault is the iteration's own, once it is its turn */
		if (!select_input(&visit, branch->started + i, &input))
			break;
		room -= engine_size_bound(input, room);
		value_array_push(inputs, input);
	}
	plan.first = branch->started;
	plan.ahead = value_from_array(inputs);
	write_plan(branch, &plan);
}

bool
engine_find_item(EngineExecution *execution, EngineBranch *branch, EngineItem *item)
{
	EngineVisit visit = {.execution = execution};

	while (branch->parent != NULL && branch->parent->state->type != ASL_MAP)
		branch = branch->parent;
	if (branch->parent == NULL)
		return false;
	visit.branch = branch->parent;
	visit.state = branch->parent->state;
	if (visit.branch->items == NULL && !engine_load_items(&visit))
		return false;
	*item = engine_item_at(visit.branch->items, branch->index);
	return true;
}

int64
engine_iteration_event(EngineExecution *execution, EngineHistoryType type,
					   const EngineBranch *map, int index, int64 prev)
{
	EngineHistoryEvent *event = engine_event(execution, type, prev);

	event->name = map->state->name;
	event->number = index;
	return event->id;
}

bool
engine_map_concurrency(EngineVisit *visit, Value input, int *concurrency)
{
	const AslOperand *operand = &((const AslMap *) visit->state)->max_concurrency;

	*concurrency = 0;
	if (!engine_integer(visit, operand, input, concurrency))
		return false;
	if (*concurrency < 0)
		return engine_fault(visit, NULL, "MaxConcurrency cannot be negative.");
	return true;
}

/* How many iterations may run at a time */
static bool
read_concurrency(EngineVisit *visit, Value input, int *concurrency)
{
	int limit = visit->execution->max_concurrency;

	if (!engine_map_concurrency(visit, input, concurrency))
		return false;
	if (limit <= 0)
		limit = PG_INT32_MAX;
	if (*concurrency == 0 || *concurrency > limit)
		*concurrency = limit;
	return true;
}

bool
engine_load_items(EngineVisit *visit)
{
	const JpPath *path = ((const AslMap *) visit->state)->items_path.path;
	bool of_context = path != NULL && path->root == JP_ROOT_CONTEXT;
	EngineItems *items = palloc0(sizeof(EngineItems));
	Value work;

	if (!engine_effective_input(visit, &items->input))
		return false;
	work = engine_document(visit->execution, &visit->branch->work);
	if (!value_is_undefined(work))
		items->found = value_object_get_cstring(work, "items");
	if (value_is_undefined(items->found) &&
		!engine_items(visit, items->input, &items->found))
		return false;
	items->list = items->found;
	if (value_type(items->list) == TYPE_OBJECT && !(of_context && path->nsteps == 0))
	{
		items->pairs = true;
		items->list = pairs_of(items->list);
	}
	else if (value_type(items->list) != TYPE_ARRAY)
		/*
		 * The context object itself is refused, and AWS shows a path into it as
		 * one into any object.
		 */
		return engine_fault(visit,
							NULL,
							"Reference path \"%s\" must point to array.",
							path == NULL ? "$" : path->text + (of_context ? 1 : 0));
	visit->branch->items = items;
	return true;
}

void
engine_keep_items(EngineVisit *visit)
{
	const AslMap *map = (const AslMap *) visit->state;
	EngineBranch *branch = visit->branch;
	MapPlan plan;

	if (map->items == NULL || asl_template_is_stable(map->items))
		return;
	plan = read_plan(visit->execution, branch);
	if (value_is_undefined(branch->work.value))
		plan.length = plan.concurrency = value_array_length(branch->items->list);
	plan.items = branch->items->found;
	write_plan(branch, &plan);
}

/*
 * The members of an object as items.  Their order is that of jsonb, whether the
 * object has been stored yet or not: it must be the same each time.
 */
static Value
pairs_of(Value object)
{
	ValueArray *pairs = value_array_new(value_object_size(object));
	ValueObjectIter it;

	value_object_begin(&it, value_from_jsonb(value_to_jsonb(object)));
	while (value_object_next(&it))
	{
		ValueObject *pair = value_object_new(2);

		value_object_add_cstring(pair, "Key", value_string(it.key, it.key_len));
		value_object_add_cstring(pair, "Value", it.value);
		value_array_push(pairs, value_from_object(pair));
	}
	return value_from_array(pairs);
}

EngineItem
engine_item_at(const EngineItems *items, int index)
{
	EngineItem item = {.index = index, .value = value_array_get(items->list, index)};

	if (items->pairs)
	{
		item.key = value_object_get_cstring(item.value, "Key");
		item.value = value_object_get_cstring(item.value, "Value");
	}
	return item;
}

static MapPlan
read_plan(EngineExecution *execution, EngineBranch *branch)
{
	Value work = engine_document(execution, &branch->work);
	MapPlan plan = {.length = branch->started, .concurrency = branch->started};

	if (value_is_undefined(work))
		return plan;
	plan.length = (int) value_object_get_int64(work, "length");
	plan.concurrency = (int) value_object_get_int64(work, "concurrency");
	plan.ahead = value_object_get_cstring(work, "ahead");
	if (!value_is_undefined(plan.ahead))
		plan.first = (int) value_object_get_int64(work, "first");
	plan.items = value_object_get_cstring(work, "items");
	return plan;
}

static void
write_plan(EngineBranch *branch, const MapPlan *plan)
{
	ValueObject *work = value_object_new(5);

	value_object_add_cstring(work, "length", value_int64(plan->length));
	value_object_add_cstring(work, "concurrency", value_int64(plan->concurrency));
	if (!value_is_undefined(plan->ahead))
	{
		value_object_add_cstring(work, "first", value_int64(plan->first));
		value_object_add_cstring(work, "ahead", plan->ahead);
	}
	if (!value_is_undefined(plan->items))
		value_object_add_cstring(work, "items", plan->items);
	engine_put_document(&branch->work, value_from_object(work));
}

static bool
covers(const MapPlan *plan, int index)
{
	return !value_is_undefined(plan->ahead) && index >= plan->first &&
		   index - plan->first < value_array_length(plan->ahead);
}

/* Start what there is room for, at most limit; if there is more, ask to be asked again */
static bool
start_some(EngineVisit *visit, const MapPlan *plan, int64 prev, int limit)
{
	EngineBranch *branch = visit->branch;

	while (limit-- > 0 && branch->started < plan->length &&
		   branch->pending < plan->concurrency)
	{
		if (!start_iteration(visit, plan, prev))
			return false;
		if (visit->execution->status != ENGINE_RUNNING)
			return true;
	}
	if (branch->started < plan->length && branch->pending < plan->concurrency &&
		!branch->wants_more)
	{
		branch->wants_more = true;
		visit->run->hungry = lappend(visit->run->hungry, branch);
	}
	return true;
}

static bool
start_iteration(EngineVisit *visit, const MapPlan *plan, int64 prev)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	int index = branch->started;
	Value input;
	int64 id;

	if (!iteration_input(visit, plan, index, &input))
		return false;
	id = engine_iteration_event(execution,
								ENGINE_MapIterationStarted,
								branch,
								index,
								prev);
	if (execution->status != ENGINE_RUNNING)
		return true;
	branch->started++;
	branch->pending++;
	engine_changed(execution, branch);
	engine_start_child(visit,
					   ((const AslMap *) visit->state)->processor,
					   index,
					   id,
					   input);
	return true;
}

/* From what was kept ahead, where it is; that saves reading all items */
static bool
iteration_input(EngineVisit *visit, const MapPlan *plan, int index, Value *input)
{
	if (visit->branch->items == NULL)
	{
		if (covers(plan, index))
		{
			*input = value_array_get(plan->ahead, index - plan->first);
			return true;
		}
		if (!engine_load_items(visit))
			return false;
	}
	visit->branch->items->ntaken++;
	return select_input(visit, index, input);
}

/* ItemSelector, or the item itself */
static bool
select_input(EngineVisit *visit, int index, Value *input)
{
	const EngineItems *items = visit->branch->items;
	EngineItem item = engine_item_at(items, index);

	*input = value_array_get(items->list, index);
	return engine_select_item(visit, items->input, &item, input);
}

bool
engine_select_item(EngineVisit *visit, Value map_input, const EngineItem *item,
				   Value *input)
{
	const AslMap *map = (const AslMap *) visit->state;
	bool evaluated;

	if (map->item_selector == NULL)
		return true;
	/* the context object shows the item from here on, and then not any more */
	visit->item = item;
	visit->scope_ready = false;
	evaluated = engine_template(visit, map->item_selector, map_input, input);
	visit->item = NULL;
	visit->scope_ready = false;
	if (!evaluated)
		return false;
	if (engine_too_large(visit->execution, *input))
		return engine_fault(
			visit,
			ENGINE_ERROR_DATA_LIMIT,
			"The state/task '%s' provided parameters with a size exceeding the "
			"maximum number of bytes service limit.",
			visit->state->name);
	return true;
}

/* The next iteration goes on from the last event of the one that ended */
static bool
child_succeeded(EngineVisit *visit, EngineBranch *child)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	MapPlan plan = read_plan(execution, branch);
	int64 id = engine_iteration_event(execution,
									  ENGINE_MapIterationSucceeded,
									  branch,
									  child->index,
									  child->tip);

	if (execution->status != ENGINE_RUNNING)
		return true;
	branch->pending--;
	engine_changed(execution, branch);
	if (branch->started < plan.length)
		return start_some(visit, &plan, child->tip, 1);
	if (branch->pending > 0)
		return true;
	/* this event, for once, is one that others point at */
	branch->tip = id;
	return join(visit, execution->shell->take_results(execution, branch));
}

/* MapStateSucceeded is an event that nothing points at */
static bool
join(EngineVisit *visit, Value results)
{
	(void) engine_event(visit->execution, ENGINE_MapStateSucceeded, visit->branch->tip);
	visit->joined = true;
	return engine_leave_with_result(visit, results);
}

static bool
child_failed(EngineVisit *visit, const EngineEvent *event)
{
	EngineExecution *execution = visit->execution;
	EngineBranch *branch = visit->branch;
	EngineFailure failure = {.error = event->error,
							 .cause = event->cause,
							 .heartbeat = event->heartbeat};

	branch->tip = event->child->tip;
	(void) engine_iteration_event(execution,
								  ENGINE_MapIterationFailed,
								  branch,
								  event->child->index,
								  branch->tip);
	engine_abort_children(visit, event);
	engine_put_document(&branch->work, value_undefined());
	if (engine_retry(visit, &failure))
		return true;
	branch->tip = engine_event(execution, ENGINE_MapStateFailed, branch->tip)->id;
	return engine_catch(visit, &failure);
}
