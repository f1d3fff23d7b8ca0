/*-------------------------------------------------------------------------
 *
 * batcher.c
 *	  Inputs of a Map Run's children, from items that come one after another.
 *
 * Without an ItemBatcher each item is an input: what ItemSelector makes of it.
 * With one, {"BatchInput": ..., "Items": [...]}: as many as one of them may have,
 * or as fit into the number of bytes that its JSON text may have; an item that
 * is larger by itself is a batch of its own.
 *
 * Two contexts take turns, one a batch: an item that completes a batch by not
 * fitting into it is kept in the other one.
 *
 * Must not know where items come from, nor who takes the inputs.
 *
 * IDENTIFICATION
 *	  src/engine/batcher.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "engine/visit.h"

/* {"Items":[]} but for a comma, which each item brings; and {"BatchInput":, more */
#define ITEMS_BYTES 11
#define BATCH_INPUT_BYTES 14

/* Items that a batch has room for at first */
#define BATCH_CAPACITY 16

struct EngineBatcher
{
	EngineVisit visit;
	Value map_input;      /* effective input of the state */
	int64 index;          /* of the next item */
	bool batches;         /* there is an ItemBatcher */
	int max_items;        /* of a batch; 0: no limit */
	int max_bytes;        /* of its text; 0: no limit */
	Value batch_input;    /* or undefined */
	int64 empty_bytes;    /* text of a batch without items */
	int64 bytes;          /* of this one so far */
	ValueArray *items;    /* of this one so far, or NULL */
	MemoryContext memory; /* where they live */
	MemoryContext other;  /* where those of the batch before live */
};

static bool read_batcher(EngineBatcher *batcher, const AslItemBatcher *fields);
static bool read_limit(EngineVisit *visit, const AslOperand *operand, Value input,
					   int most, int *limit);
static Value raw_item(const EngineItem *item);
static int64 text_bytes(Value value);
static void take_batch(EngineBatcher *batcher, Value *input, int *nitems);

EngineBatcher *
engine_batcher_new(EngineExecution *execution, EngineBranch *branch, int64 first,
				   WfError *error)
{
	const AslMap *map = (const AslMap *) branch->state;
	EngineBatcher *batcher = palloc0_object(EngineBatcher);

	batcher->visit =
		(EngineVisit){.execution = execution, .branch = branch, .state = branch->state};
	batcher->index = first;
	batcher->memory = AllocSetContextCreate(CurrentMemoryContext,
											"workflow batch",
											ALLOCSET_DEFAULT_SIZES);
	batcher->other = AllocSetContextCreate(CurrentMemoryContext,
										   "workflow batch",
										   ALLOCSET_DEFAULT_SIZES);
	if (engine_effective_input(&batcher->visit, &batcher->map_input) &&
		(map->item_batcher == NULL || read_batcher(batcher, map->item_batcher)))
		return batcher;
	*error = batcher->visit.error;
	return NULL;
}

static bool
read_batcher(EngineBatcher *batcher, const AslItemBatcher *fields)
{
	EngineVisit *visit = &batcher->visit;

	batcher->batches = true;
	batcher->empty_bytes = ITEMS_BYTES;
	if (!read_limit(visit,
					&fields->max_items,
					batcher->map_input,
					PG_INT32_MAX,
					&batcher->max_items) ||
		!read_limit(visit,
					&fields->max_bytes,
					batcher->map_input,
					ASL_MAX_BATCH_BYTES,
					&batcher->max_bytes))
		return false;
	if (fields->batch_input == NULL)
		return true;
	if (!engine_template(visit,
						 fields->batch_input,
						 batcher->map_input,
						 &batcher->batch_input))
		return false;
	batcher->empty_bytes += BATCH_INPUT_BYTES + text_bytes(batcher->batch_input);
	return true;
}

/* At least 1 and at most so much where it is given; absent: 0 */
static bool
read_limit(EngineVisit *visit, const AslOperand *operand, Value input, int most,
		   int *limit)
{
	if (!engine_integer(visit, operand, input, limit))
		return false;
	if (operand->kind != ASL_OPERAND_NONE && *limit < 1)
		return engine_fault(visit, NULL, "%s must be positive.", operand->field);
	if (*limit > most)
		return engine_fault(visit,
							NULL,
							"%s must not be greater than %d.",
							operand->field,
							most);
	return true;
}

bool
engine_batcher_add(EngineBatcher *batcher, Value key, Value item, const char *source,
				   Value *input, int *nitems, WfError *error)
{
	EngineItem shown = {.index = batcher->index,
						.key = key,
						.value = item,
						.source = source};
	Value selected = raw_item(&shown);
	int64 bytes = 0;
	MemoryContext old_context;

	*input = value_undefined();
	*nitems = 0;
	if (!engine_select_item(&batcher->visit, batcher->map_input, &shown, &selected))
	{
		*error = batcher->visit.error;
		return false;
	}
	batcher->index++;
	if (batcher->max_bytes > 0)
		bytes = text_bytes(selected) + 1;
	if (batcher->items != NULL && batcher->max_bytes > 0 &&
		batcher->bytes + bytes > batcher->max_bytes)
		take_batch(batcher, input, nitems);

	if (batcher->items == NULL)
		MemoryContextReset(batcher->memory);
	old_context = MemoryContextSwitchTo(batcher->memory);
	if (batcher->items == NULL)
	{
		batcher->items = value_array_new(batcher->batches ? BATCH_CAPACITY : 1);
		batcher->bytes = batcher->empty_bytes;
	}
	value_array_push(batcher->items, value_copy(selected));
	MemoryContextSwitchTo(old_context);
	batcher->bytes += bytes;
	if (value_is_undefined(*input) &&
		(!batcher->batches ||
		 (batcher->max_items > 0 && batcher->items->count >= batcher->max_items)))
		take_batch(batcher, input, nitems);
	return true;
}

void
engine_batcher_end(EngineBatcher *batcher, Value *input, int *nitems)
{
	*input = value_undefined();
	*nitems = 0;
	if (batcher->items != NULL)
		take_batch(batcher, input, nitems);
}

/* The item, of an object's member a pair */
static Value
raw_item(const EngineItem *item)
{
	ValueObject *pair;

	if (value_is_undefined(item->key))
		return item->value;
	pair = value_object_new(2);
	value_object_add_cstring(pair, "Key", item->key);
	value_object_add_cstring(pair, "Value", item->value);
	return value_from_object(pair);
}

static int64
text_bytes(Value value)
{
	StringInfoData text;
	int64 bytes;

	initStringInfo(&text);
	value_append_text(&text, value);
	bytes = text.len;
	pfree(text.data);
	return bytes;
}

static void
take_batch(EngineBatcher *batcher, Value *input, int *nitems)
{
	MemoryContext memory = batcher->memory;
	ValueArray *items = batcher->items;
	MemoryContext old_context;
	ValueObject *batch;

	*nitems = items->count;
	batcher->items = NULL;
	batcher->memory = batcher->other;
	batcher->other = memory;
	if (!batcher->batches)
	{
		*input = items->items[0];
		return;
	}
	old_context = MemoryContextSwitchTo(memory);
	batch = value_object_new(2);
	if (!value_is_undefined(batcher->batch_input))
		value_object_add_cstring(batch, "BatchInput", batcher->batch_input);
	value_object_add_cstring(batch, "Items", value_from_array(items));
	MemoryContextSwitchTo(old_context);
	*input = value_from_object(batch);
}
