/*-------------------------------------------------------------------------
 *
 * items.h
 *	  What a distributed Map reads and writes: the work of its ItemReader and of
 *	  its ResultWriter.
 *
 * All of it is done as the current user, which has to be the role of the state
 * machine: in a runner, in the transaction of an attempt, outside of any session of
 * the store (it opens sessions of its own, for moments).  Between two calls the
 * caller may do what it likes in the same transaction: spill items, load results.
 *
 * What a statement sets is undone after each call; what it defers to the commit
 * happens then, or when the caller says task_fire_triggers().
 *
 * Whatever goes wrong is raised so that task_error() tells it as
 * States.ItemReaderFailed or States.ResultWriterFailed with its Cause.
 *
 * Knows what an ItemReader and a ResultWriter mean; must not know Map Runs.
 *
 * IDENTIFICATION
 *	  src/task/items.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_TASK_ITEMS_H
#define WORKFLOW_TASK_ITEMS_H

#include "item/item.h"

/* ---- item_reader.c ---- */

typedef struct TaskItems TaskItems;

/*
 * Begin to read.  arguments are the reader's Parameters or Arguments, evaluated;
 * max_items is MaxItems, evaluated: 0 where there is none.  It lives in
 * CurrentMemoryContext, reader and arguments must live as long.
 *
 * A statement is run under one snapshot, with a cursor: rows that change while
 * they are read are read as they were.
 */
extern TaskItems *task_items_open(const AslItemReader *reader, Value arguments,
								  int64 max_items);

/*
 * The next items as an array, in CurrentMemoryContext: at most limit, fewer where
 * they are large (about 8 MB together).  Empty: there are no more.
 */
extern Value task_items_read(TaskItems *items, int limit);

/* Are the items members of an object, as {"Key": ..., "Value": ...}?  Known after the first read */
extern bool task_items_have_pairs(const TaskItems *items);

/* $$.Map.Item.Source of those of the last read: "S3://bucket/key", "S3://bucket" of listed
 * objects, "SQL" of rows */
extern const char *task_items_source(const TaskItems *items);

extern void task_items_close(TaskItems *items);

/* ---- result_writer.c ---- */

typedef struct TaskResults TaskResults;

/*
 * Begin to write the results of a Map Run.  arguments as above.  Without a
 * Resource the results become the state's.  It lives in CurrentMemoryContext;
 * all arguments must live as long.
 *
 * A statement is run for each batch of results, which it gets as an array behind its
 * other Parameters: {"Statement": "INSERT INTO t SELECT ... FROM
 * jsonb_array_elements($2) ...", "Parameters": ["x"]}.
 */
extern TaskResults *task_results_open(const AslResultWriter *writer, Value arguments,
									  const char *map_run_arn);

/* Add the next one, in the order of the items; nothing of it is kept: its memory may be reset */
extern void task_results_add(TaskResults *results, const ItemResult *result);

/*
 * Write what is left.  Gives the state's result: an array, or {"MapRunArn",
 * "ResultWriterDetails"}; in CurrentMemoryContext.
 */
extern Value task_results_close(TaskResults *results);

#endif /* WORKFLOW_TASK_ITEMS_H */
