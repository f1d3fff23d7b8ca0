/*-------------------------------------------------------------------------
 *
 * item.h
 *	  The items of a distributed Map, out of files; its results, into files.
 *
 * Pure formats, beside the engine: an ItemSource makes items of bytes, one at a
 * time, and an ItemResults makes files of the results of child executions.  Where
 * the bytes are, and who may see them, is the business of who fills in an
 * ItemStorage or an ItemSink.  Neither ever holds a file as a whole: what is
 * read stands in a window of one item and one piece, what is written in one file
 * of each kind.
 *
 * What is wrong with a file is a WfError with name States.ItemReaderFailed and
 * the Cause as message.
 *
 * Knows the language (asl.h) and file formats; must not know tables.
 *
 * IDENTIFICATION
 *	  src/item/item.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ITEM_ITEM_H
#define WORKFLOW_ITEM_ITEM_H

#include "datatype/timestamp.h"

#include "asl/asl.h"

#define ITEM_ERROR_READER "States.ItemReaderFailed"
#define ITEM_ERROR_WRITER "States.ResultWriterFailed"

/* No item is larger; as AWS */
#define ITEM_MAX_BYTES (8 * 1024 * 1024)

/* ---- reading ---- */

/*
 * Bytes of a file, a piece at a time.  next() gives a piece that is valid until
 * the next call, *len 0 at the end; false fills *error.
 */
typedef struct ItemBytes
{
	bool (*next)(void *state, const char **piece, size_t *len, WfError *error);
	void (*close)(void *state); /* or NULL */
	void *state;
} ItemBytes;

/* What listObjectsV2 says of an object */
typedef struct ItemObject
{
	const char *key;
	const char *etag; /* without quotes */
	int64 size;
	TimestampTz modified_at;
} ItemObject;

/* Where files are */
typedef struct ItemStorage
{
	/* false fills *error: there is none, or it may not be read */
	bool (*open)(void *state, const char *bucket, const char *key, ItemBytes *bytes,
				 WfError *error);
	/* at most limit objects whose key begins with prefix and comes after this one
	 * (NULL: from the first), in the order of keys, into the current context; -1
	 * fills *error */
	int (*list)(void *state, const char *bucket, const char *prefix, const char *after,
				int limit, ItemObject **objects, WfError *error);
	void *state;
} ItemStorage;

/* ItemReader with its fields evaluated */
typedef struct ItemRequest
{
	AslItemSource source; /* ASL_ITEMS_OBJECT or ASL_ITEMS_LIST */
	const AslItemFormat *format;
	const char *bucket;
	const char *key; /* of an object; of a list the prefix, "" for none */
	int64 max_items; /* 0: all */
} ItemRequest;

typedef struct ItemSource ItemSource;

/* source.c */

/*
 * Begin to read.  It lives in CurrentMemoryContext, as do request and storage, which it
 * goes on using.  NULL fills *error.
 */
extern ItemSource *item_source_open(const ItemRequest *request,
									const ItemStorage *storage, WfError *error);

/*
 * The next item, in CurrentMemoryContext: reset it between items.  *item is
 * VALUE_UNDEFINED at the end.  false fills *error.
 */
pg_nodiscard extern bool item_source_next(ItemSource *source, Value *item,
										  WfError *error);

/* Are its items the members of an object, as {"Key": ..., "Value": ...}? */
extern bool item_source_has_pairs(const ItemSource *source);

/*
 * The object that the last item is of: the one that was asked for, or that of the
 * list, until the next one is read.  NULL where the items are objects of a list.
 */
extern const char *item_source_key(const ItemSource *source);

extern void item_source_close(ItemSource *source);

/* ---- results ---- */

/*
 * What became of a child execution; texts may be NULL, values undefined.  Of one that
 * has never begun there is only its input.
 */
typedef struct ItemResult
{
	const char *execution_arn;
	const char *state_machine_arn; /* with the label */
	const char *name;
	const char *status; /* SUCCEEDED, FAILED, TIMED_OUT, ABORTED; NULL: never begun */
	Value input;
	Value output;      /* SUCCEEDED */
	const char *error; /* else */
	const char *cause;
	int redrive_count;
	TimestampTz started_at;
	TimestampTz stopped_at;
} ItemResult;

/* Takes files as they are finished; raises where it cannot */
typedef struct ItemSink
{
	void (*put)(void *state, const char *key, const char *body, size_t len);
	void *state;
} ItemSink;

typedef struct ItemResults ItemResults;

/* result.c */

/*
 * The values that a result stands for after a transformation: the execution as
 * a whole (NONE, and whatever did not succeed), its output, or the elements of
 * that.  Pushed onto values, in CurrentMemoryContext.
 */
extern void item_result_push(ValueArray *values, AslTransformation transformation,
							 const ItemResult *result);

/*
 * Write results into files: BUCKET/PREFIX/RUN/SUCCEEDED_0.json and so on, RUN the last part
 * of the Map Run's ARN.  It lives in CurrentMemoryContext; nothing is copied.
 */
extern ItemResults *item_results_open(const AslResultWriter *writer, const char *bucket,
									  const char *prefix, const char *map_run_arn,
									  const ItemSink *sink);
extern void item_results_add(ItemResults *results, const ItemResult *result);

/* Write the rest and manifest.json; what the state gets: {"MapRunArn", "ResultWriterDetails"} */
extern Value item_results_close(ItemResults *results);

#endif /* WORKFLOW_ITEM_ITEM_H */
