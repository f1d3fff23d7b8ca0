/*-------------------------------------------------------------------------
 *
 * map_task.h
 *	  What a runner does for a Map Run: items become inputs that are put aside,
 *	  children's ends become results.
 *
 * The runner reads the execution without a lock; whether what it has done counts
 * is decided when it hands the task in (store_finish_task()), and what it wrote
 * commits only then.  Every function needs a session (store_begin()); what it
 * gives lives in the context that was current when the task was opened, or for as
 * long as it says.
 *
 * IDENTIFICATION
 *	  src/store/map_task.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_MAP_TASK_H
#define WORKFLOW_STORE_MAP_TASK_H

#include "item/item.h"
#include "store/store.h"

typedef struct StoreMapTask StoreMapTask;

/*
 * The Map Run that a task is for, with all that its items need to be looked at; in
 * CurrentMemoryContext.  NULL where it is over.
 */
extern StoreMapTask *store_open_map_task(const StoreTask *task, TimestampTz now);

/* The Map state, and the ARN of the Map Run */
extern const AslMap *store_map_task_state(const StoreMapTask *task);
extern const char *store_map_task_arn(const StoreMapTask *task);

/*
 * Items, in their order: an array; of pairs where they are members of an object.
 * Inputs that are complete are put aside.  source: as $$.Map.Item.Source shows it.
 * false where ItemSelector or ItemBatcher fail: *error.
 */
pg_nodiscard extern bool store_add_items(StoreMapTask *task, Value items, bool are_pairs,
										 const char *source, WfError *error);

/* There are no more: the last input; what the engine is told, {"items", "executions"} */
extern Value store_end_items(StoreMapTask *task);

/*
 * The next results, at most limit, in the order of the inputs, those of inputs that no child
 * was started for at the end; 0: there are no more.  They live until the session
 * ends.
 */
extern int store_next_results(StoreMapTask *task, int limit, ItemResult **results);

#endif /* WORKFLOW_STORE_MAP_TASK_H */
