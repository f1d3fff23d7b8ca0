/*-------------------------------------------------------------------------
 *
 * map_run.c
 *	  The tasks of Map Runs: reading the items, writing the results.
 *
 * Both go page by page: as the role, where items come from and results go to; and
 * in a session of the store, for a moment, where inputs are put aside and results
 * are kept.  All of it is one transaction: after a crash there are no items, or
 * all.
 *
 * IDENTIFICATION
 *	  src/task/map_run.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/map_task.h"
#include "task/items.h"
#include "task/task.h"

/* Items, and results, of a page */
#define ITEMS 1000
#define RESULTS 200

static bool begin_session(StoreSession *session);
static void end_session(StoreSession *session, bool read_only);
static StoreMapTask *open_task(const TaskCall *call);
static bool add_page(StoreMapTask *map, TaskItems *items);
static bool write_page(StoreMapTask *map, TaskResults *results);

/*
 * What they do is not a function.
 */
void
map_run_resolve(const StoreTask *task, TaskCall *call)
{
}

/*
 * Read the items: gives what the engine is told of them.
 */
Value
map_run_read(const TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	StoreMapTask *map = open_task(call);
	MemoryContext page =
		AllocSetContextCreate(context, "workflow page of items", ALLOCSET_DEFAULT_SIZES);
	StoreSession session;
	bool read_only;
	TaskItems *items;
	Value result;

	items = task_items_open(store_map_task_state(map)->item_reader,
							value_object_get_cstring(call->parameters, "Arguments"),
							value_object_get_int64(call->parameters, "MaxItems"));
	MemoryContextSwitchTo(page);
	while (add_page(map, items))
		MemoryContextReset(page);
	MemoryContextSwitchTo(context);
	task_items_close(items);
	task_fire_triggers(ITEM_ERROR_READER);

	read_only = begin_session(&session);
	result = store_end_items(map);
	MemoryContextSwitchTo(context);
	result = value_copy(result);
	end_session(&session, read_only);
	MemoryContextDelete(page);
	return result;
}

/* Whatever the role has made of the transaction, our own rows can be written: read-only is put aside */
static bool
begin_session(StoreSession *session)
{
	bool read_only = XactReadOnly;

	XactReadOnly = false;
	store_begin(session);
	return read_only;
}

static void
end_session(StoreSession *session, bool read_only)
{
	store_end(session);
	XactReadOnly = read_only;
}

/* In the context of the caller; raises where it is over: whoever ended it has cancelled this */
static StoreMapTask *
open_task(const TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	StoreSession session;
	bool read_only;
	StoreMapTask *map;

	read_only = begin_session(&session);
	MemoryContextSwitchTo(context);
	map = store_open_map_task(call->task, GetCurrentTimestamp());
	end_session(&session, read_only);
	MemoryContextSwitchTo(context);
	if (map == NULL)
		ereport(ERROR, errcode(ERRCODE_QUERY_CANCELED), errmsg("the Map Run is over"));
	return map;
}

/* In the context of the page; false: there are no more */
static bool
add_page(StoreMapTask *map, TaskItems *items)
{
	MemoryContext page = CurrentMemoryContext;
	Value array = task_items_read(items, ITEMS);
	WfError error = {.position = -1};
	StoreSession session;
	bool read_only;
	bool added;

	CHECK_FOR_INTERRUPTS();
	if (value_array_length(array) == 0)
		return false;
	read_only = begin_session(&session);
	MemoryContextSwitchTo(page);
	added = store_add_items(map,
							array,
							task_items_have_pairs(items),
							task_items_source(items),
							&error);
	end_session(&session, read_only);
	MemoryContextSwitchTo(page);
	if (!added)
		task_raise(error.name == NULL ? "States.Runtime" : error.name, error.message);
	return true;
}

/*
 * Write the results: gives the state's result.
 */
Value
map_run_write(const TaskCall *call)
{
	MemoryContext context = CurrentMemoryContext;
	StoreMapTask *map = open_task(call);
	TaskResults *results =
		task_results_open(store_map_task_state(map)->result_writer,
						  value_object_get_cstring(call->parameters, "Arguments"),
						  store_map_task_arn(map));
	Value result;

	while (write_page(map, results))
		MemoryContextSwitchTo(context);
	MemoryContextSwitchTo(context);
	result = task_results_close(results);
	task_fire_triggers(ITEM_ERROR_WRITER);
	return result;
}

/* What was read of the table lives until the session ends, and so has to be copied out */
static bool
write_page(StoreMapTask *map, TaskResults *results)
{
	MemoryContext page = AllocSetContextCreate(CurrentMemoryContext,
											   "workflow page of results",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(page);
	StoreSession session;
	bool read_only;
	ItemResult *list;
	int count;

	read_only = begin_session(&session);
	MemoryContextSwitchTo(page);
	count = store_next_results(map, RESULTS, &list);
	for (int i = 0; i < count; i++)
	{
		list[i].input = value_copy(list[i].input);
		list[i].output = value_copy(list[i].output);
	}
	end_session(&session, read_only);
	MemoryContextSwitchTo(page);
	for (int i = 0; i < count; i++)
		task_results_add(results, &list[i]);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(page);
	return count > 0;
}
