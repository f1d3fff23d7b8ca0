/*-------------------------------------------------------------------------
 *
 * memory_map.c
 *	  Map Runs of the memory shell: their inputs and children.
 *
 * A child is an execution of its own in memory, which runs from start to end at
 * the (virtual) moment it starts; that it has ended is told when its end is due.
 *
 * Must not know what time it is.
 *
 * IDENTIFICATION
 *	  src/engine/memory_map.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "engine/memory_map.h"
#include "engine/visit.h"

/* As the name of the machine stands in its ARN */
#define MACHINE_PART ":stateMachine:"

typedef struct MemoryMapChild
{
	Value input;
	int nitems;
	bool ended;
	EngineStatus status; /* that it will have */
	Value output;
} MemoryMapChild;

static char *arn_of(const EngineExecution *execution, const char *type, const char *name,
					const char *label, int64 number);
static void count_end(EngineMapCounts *counts, EngineStatus status, int64 count);
static void refuse(EngineEvent *event, const char *error, const char *cause);

MemoryMapRun *
memory_map_new(EngineExecution *execution, EngineBranch *branch,
			   const EngineMapRun *limits)
{
	const AslMap *map = (const AslMap *) branch->state;
	MemoryMapRun *run = palloc0_object(MemoryMapRun);

	run->engine = *limits;
	run->engine.room = PG_INT32_MAX;
	run->engine.room_bytes = PG_INT64_MAX;
	run->engine.arn = arn_of(execution,
							 ":mapRun:",
							 execution->machine_name,
							 map->label ? map->label : map->base.name,
							 branch->epoch);
	return run;
}

/* arn:...:TYPE:MACHINE/LABEL:NUMBER, after the machine's own */
static char *
arn_of(const EngineExecution *execution, const char *type, const char *name,
	   const char *label, int64 number)
{
	const char *end = strstr(execution->machine_arn, MACHINE_PART);
	int length = end ? (int) (end - execution->machine_arn) : 0;

	return psprintf("%.*s%s%s/%s:" INT64_FORMAT,
					length,
					execution->machine_arn,
					type,
					name,
					label,
					number);
}

void
memory_map_add_input(MemoryMapRun *run, Value input, int nitems)
{
	MemoryMapChild *child;

	if (run->engine.executions.total > run->capacity)
	{
		Size size;

		run->capacity = Max(16, 2 * run->engine.executions.total);
		size = run->capacity * sizeof(MemoryMapChild);
		run->children = run->children
							? repalloc_huge(run->children, size)
							: MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	child = &run->children[run->engine.executions.total - 1];
	*child = (MemoryMapChild){.input = value_copy(input), .nitems = nitems};
}

Value
memory_map_results(const MemoryMapRun *run)
{
	ValueArray *results = value_array_new((int) run->started);

	for (int64 i = 0; i < run->started; i++)
		if (run->children[i].ended && run->children[i].status == ENGINE_SUCCEEDED)
			value_array_push(results, run->children[i].output);
	return value_from_array(results);
}

int64
memory_map_start_child(MemoryMapRun *run, EngineExecution *execution,
					   const EngineBranch *branch, EngineExecution *child)
{
	const AslMap *map = (const AslMap *) branch->state;
	const char *label = map->label ? map->label : map->base.name;
	EngineMapRun *engine = &run->engine;
	int64 number = run->started;

	if (engine->stopped || number >= engine->executions.total ||
		(engine->max_concurrency > 0 &&
		 engine->executions.running >= engine->max_concurrency))
		return -1;
	run->started++;
	engine->executions.running++;
	engine->items.running += run->children[number].nitems;
	*child = (EngineExecution){
		.machine = execution->machine,
		.scope = map->processor,
		.arn = arn_of(execution, ":execution:", execution->machine_name, label, number),
		.name = psprintf(INT64_FORMAT, number),
		.machine_arn = psprintf("%s/%s", execution->machine_arn, label),
		.machine_name = execution->machine_name,
		.role_arn = execution->role_arn,
		.started_at = execution->now,
		.now = execution->now,
		.input.value = run->children[number].input,
		.redriven_at = ENGINE_NEVER,
		.no_history = true,
		.max_payload = execution->max_payload,
		.max_events = execution->max_events,
		.max_concurrency = execution->max_concurrency,
		.random = execution->random,
		.next_event_id = 1,
		.next_epoch = 2,
	};
	return number;
}

void
memory_map_note_end(MemoryMapRun *run, int64 number, const EngineExecution *child)
{
	run->children[number].status = child->status;
	run->children[number].output = child->output;
}

void
memory_map_end_child(MemoryMapRun *run, int64 number)
{
	MemoryMapChild *child = &run->children[number];

	child->ended = true;
	count_end(&run->engine.executions, child->status, 1);
	count_end(&run->engine.items, child->status, child->nitems);
}

static void
count_end(EngineMapCounts *counts, EngineStatus status, int64 count)
{
	counts->running -= count;
	if (status == ENGINE_SUCCEEDED)
		counts->succeeded += count;
	else if (status == ENGINE_TIMED_OUT)
		counts->timed_out += count;
	else if (status == ENGINE_ABORTED)
		counts->aborted += count;
	else
		counts->failed += count;
}

void
memory_map_abort(MemoryMapRun *run)
{
	run->engine.executions.aborted += run->engine.executions.running;
	run->engine.executions.running = 0;
	run->engine.items.aborted += run->engine.items.running;
	run->engine.items.running = 0;
}

void
memory_map_read(EngineExecution *execution, EngineBranch *branch, MemoryMapRun *run,
				Value request, Value items, EngineEvent *event)
{
	WfError error = {.position = -1};
	EngineBatcher *batcher = engine_batcher_new(execution, branch, 0, &error);
	bool pairs = value_type(items) == TYPE_OBJECT;
	ValueObject *result = value_object_new(2);
	int64 left = value_object_get_int64(request, "MaxItems");
	int64 nread = 0;
	ValueObjectIter members;
	ValueArrayIter elements;
	Value input;
	int nitems;

	if (left < 0)
		return refuse(event, ENGINE_ERROR_ITEM_READER, "field MaxItems must be positive");
	if (!pairs && value_type(items) != TYPE_ARRAY)
		return refuse(event,
					  ENGINE_ERROR_ITEM_READER,
					  "Attempting to map over non-iterable node.");
	if (pairs)
		value_object_begin(&members, items);
	else
		value_array_begin(&elements, items);
	while (batcher != NULL && (left == 0 || nread < left) &&
		   (pairs ? value_object_next(&members) : value_array_next(&elements)))
	{
		nread++;
		if (!engine_batcher_add(batcher,
								pairs ? value_string(members.key, members.key_len)
									  : value_undefined(),
								pairs ? members.value : elements.value,
								NULL,
								&input,
								&nitems,
								&error))
			batcher = NULL;
		else if (!value_is_undefined(input))
		{
			run->engine.executions.total++;
			memory_map_add_input(run, input, nitems);
		}
	}
	if (batcher == NULL)
		return refuse(event,
					  error.name ? error.name : ENGINE_ERROR_RUNTIME,
					  error.message);
	engine_batcher_end(batcher, &input, &nitems);
	if (!value_is_undefined(input))
	{
		run->engine.executions.total++;
		memory_map_add_input(run, input, nitems);
	}
	value_object_add_cstring(result, "items", value_int64(nread));
	value_object_add_cstring(result,
							 "executions",
							 value_int64(run->engine.executions.total));
	event->output = value_from_object(result);
}

static void
refuse(EngineEvent *event, const char *error, const char *cause)
{
	event->kind = ENGINE_EVENT_TASK_FAILED;
	event->error = error;
	event->cause = cause;
}

Value
memory_map_write(const MemoryMapRun *run, Value request)
{
	Value arguments = value_object_get_cstring(request, "Arguments");
	Value bucket = value_object_get_cstring(arguments, "Bucket");
	Value prefix = value_object_get_cstring(arguments, "Prefix");
	ValueObject *details = value_object_new(2);
	ValueObject *result = value_object_new(2);
	char *path = "";

	if (value_type(bucket) != TYPE_STRING)
		return memory_map_results(run);
	if (value_type(prefix) == TYPE_STRING && prefix.len > 0)
		path = psprintf("%s/", value_to_cstring(prefix));
	value_object_add_cstring(details, "Bucket", bucket);
	value_object_add_cstring(details,
							 "Key",
							 value_cstring(psprintf("%s%s/manifest.json",
													path,
													strrchr(run->engine.arn, ':') + 1)));
	value_object_add_cstring(result, "MapRunArn", value_cstring(run->engine.arn));
	value_object_add_cstring(result, "ResultWriterDetails", value_from_object(details));
	return value_from_object(result);
}
