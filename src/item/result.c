/*-------------------------------------------------------------------------
 *
 * result.c
 *	  Results of child executions, as a ResultWriter exports them.
 *
 * Executions that ended alike stand in files of their own, SUCCEEDED_0, _1 ...,
 * FAILED_0 ..., PENDING_0 ...; manifest.json names them.  What a transformation makes
 * of an execution goes for those that succeeded; the others are always shown
 * whole, and of one that has never begun there is only its input.
 *
 * IDENTIFICATION
 *	  src/item/result.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "item/item.h"
#include "util/timestamp.h"

/* A file is finished when it is as large; AWS goes to 5 GB */
#define FILE_BYTES (32 * 1024 * 1024)

/* In the order of the manifest */
typedef enum FileKind
{
	FAILED,
	PENDING,
	SUCCEEDED,
	NKINDS
} FileKind;

static const char *const kind_names[NKINDS] = {"FAILED", "PENDING", "SUCCEEDED"};

struct ItemResults
{
	const AslResultWriter *writer;
	const ItemSink *sink;
	const char *bucket;
	const char *map_run_arn;
	char *folder; /* PREFIX/RUN */
	MemoryContext context;
	MemoryContext scratch;
	StringInfoData text[NKINDS]; /* of the file that is being written; empty: none */
	ValueArray *files[NKINDS];   /* {"Key", "Size"} of those that are finished */
};

static Value execution_value(const ItemResult *result);
static void add_text(ValueObject *object, const char *key, const char *text);
static void add_document(ValueObject *object, const char *key, Value document);
static void add_date(ValueObject *object, const char *key, TimestampTz at);
static void add_redrive(ValueObject *object, const ItemResult *result);
static FileKind kind_of(const ItemResult *result);
static void finish_file(ItemResults *results, FileKind kind);
static void put(ItemResults *results, const char *key, Value document);
static char *file_key(const ItemResults *results, const char *name);

void
item_result_push(ValueArray *values, AslTransformation transformation,
				 const ItemResult *result)
{
	ValueArrayIter it;

	if (transformation == ASL_TRANSFORM_NONE || kind_of(result) != SUCCEEDED)
		value_array_push(values, execution_value(result));
	else if (transformation == ASL_TRANSFORM_FLATTEN &&
			 value_type(result->output) == TYPE_ARRAY)
	{
		value_array_begin(&it, result->output);
		while (value_array_next(&it))
			value_array_push(values, it.value);
	}
	else
		value_array_push(values, result->output);
}

/*
 * As DescribeExecution, in names that begin with capitals, and in their order;
 * documents are texts.  OutputDetails are there without an Output, too.
 */
static Value
execution_value(const ItemResult *result)
{
	ValueObject *object = value_object_new(15);

	add_text(object, "Cause", result->cause);
	add_text(object, "Error", result->error);
	add_text(object, "ExecutionArn", result->execution_arn);
	add_document(object, "Input", result->input);
	add_text(object, "Name", result->name);
	if (result->status != NULL)
	{
		add_document(object,
					 "Output",
					 kind_of(result) == SUCCEEDED ? result->output : value_undefined());
		add_redrive(object, result);
	}
	add_date(object, "StartDate", result->started_at);
	add_text(object, "StateMachineArn", result->state_machine_arn);
	add_text(object, "Status", result->status == NULL ? "PENDING" : result->status);
	add_date(object, "StopDate", result->stopped_at);
	return value_from_object(object);
}

static void
add_text(ValueObject *object, const char *key, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(object, key, value_cstring(text));
}

static void
add_document(ValueObject *object, const char *key, Value document)
{
	ValueObject *details = value_object_new(1);

	if (!value_is_undefined(document))
		add_text(object, key, value_to_text(document));
	value_object_add_cstring(details, "Included", value_bool(true));
	value_object_add_cstring(object,
							 psprintf("%sDetails", key),
							 value_from_object(details));
}

static void
add_date(ValueObject *object, const char *key, TimestampTz at)
{
	if (at != 0)
		add_text(object, key, wf_timestamp_to_iso(at));
}

/* What is over and may run again does so with its Map Run */
static void
add_redrive(ValueObject *object, const ItemResult *result)
{
	value_object_add_cstring(object, "RedriveCount", value_int64(result->redrive_count));
	if (kind_of(result) == SUCCEEDED)
	{
		add_text(object, "RedriveStatus", "NOT_REDRIVABLE");
		add_text(object,
				 "RedriveStatusReason",
				 "Execution is SUCCEEDED and cannot be redriven");
	}
	else
		add_text(object, "RedriveStatus", "REDRIVABLE_BY_MAP_RUN");
}

static FileKind
kind_of(const ItemResult *result)
{
	if (result->status == NULL)
		return PENDING;
	return strcmp(result->status, "SUCCEEDED") == 0 ? SUCCEEDED : FAILED;
}

/* ---- files ---- */

ItemResults *
item_results_open(const AslResultWriter *writer, const char *bucket, const char *prefix,
				  const char *map_run_arn, const ItemSink *sink)
{
	ItemResults *results = palloc0_object(ItemResults);
	const char *run = strrchr(map_run_arn, ':');
	int prefix_len = (int) strlen(prefix);

	/* one slash between them, whether the prefix ends with one or not */
	if (prefix_len > 0 && prefix[prefix_len - 1] == '/')
		prefix_len--;
	results->writer = writer;
	results->sink = sink;
	results->bucket = bucket;
	results->map_run_arn = map_run_arn;
	results->folder = psprintf("%.*s%s%s",
							   prefix_len,
							   prefix,
							   prefix_len > 0 ? "/" : "",
							   run == NULL ? map_run_arn : run + 1);
	results->context = CurrentMemoryContext;
	results->scratch = AllocSetContextCreate(CurrentMemoryContext,
											 "workflow result",
											 ALLOCSET_DEFAULT_SIZES);
	for (int kind = 0; kind < NKINDS; kind++)
	{
		initStringInfo(&results->text[kind]);
		results->files[kind] = value_array_new(1);
	}
	return results;
}

void
item_results_add(ItemResults *results, const ItemResult *result)
{
	MemoryContext old_context = MemoryContextSwitchTo(results->scratch);
	ValueArray *values = value_array_new(1);
	FileKind kind = kind_of(result);
	StringInfo text = &results->text[kind];

	item_result_push(values, results->writer->transformation, result);
	for (int i = 0; i < values->count; i++)
	{
		if (!results->writer->jsonl)
			appendStringInfoChar(text, text->len == 0 ? '[' : ',');
		value_append_text(text, values->items[i]);
		if (results->writer->jsonl)
			appendStringInfoChar(text, '\n');
		if (text->len >= FILE_BYTES)
			finish_file(results, kind);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(results->scratch);
}

Value
item_results_close(ItemResults *results)
{
	ValueObject *files = value_object_new(NKINDS);
	ValueObject *manifest = value_object_new(3);
	ValueObject *details = value_object_new(2);
	ValueObject *output = value_object_new(2);
	char *key = file_key(results, "manifest.json");

	for (int kind = 0; kind < NKINDS; kind++)
	{
		if (results->text[kind].len > 0)
			finish_file(results, kind);
		value_object_add_cstring(files,
								 kind_names[kind],
								 value_from_array(results->files[kind]));
	}
	add_text(manifest, "DestinationBucket", results->bucket);
	add_text(manifest, "MapRunArn", results->map_run_arn);
	value_object_add_cstring(manifest, "ResultFiles", value_from_object(files));
	put(results, key, value_from_object(manifest));

	add_text(details, "Bucket", results->bucket);
	add_text(details, "Key", key);
	add_text(output, "MapRunArn", results->map_run_arn);
	value_object_add_cstring(output, "ResultWriterDetails", value_from_object(details));
	MemoryContextDelete(results->scratch);
	return value_from_object(output);
}

static void
finish_file(ItemResults *results, FileKind kind)
{
	MemoryContext old_context = MemoryContextSwitchTo(results->context);
	ValueArray *files = results->files[kind];
	StringInfo text = &results->text[kind];
	ValueObject *file = value_object_new(2);
	char *name = psprintf("%s_%d.%s",
						  kind_names[kind],
						  files->count,
						  results->writer->jsonl ? "jsonl" : "json");
	char *key = file_key(results, name);

	if (!results->writer->jsonl)
		appendStringInfoChar(text, ']');
	results->sink->put(results->sink->state, key, text->data, text->len);
	add_text(file, "Key", key);
	value_object_add_cstring(file, "Size", value_int64(text->len));
	value_array_push(files, value_from_object(file));
	resetStringInfo(text);
	MemoryContextSwitchTo(old_context);
}

static void
put(ItemResults *results, const char *key, Value document)
{
	StringInfoData text;

	initStringInfo(&text);
	value_append_text(&text, document);
	results->sink->put(results->sink->state, key, text.data, text.len);
	pfree(text.data);
}

static char *
file_key(const ItemResults *results, const char *name)
{
	return psprintf("%s/%s", results->folder, name);
}
