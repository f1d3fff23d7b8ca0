/*-------------------------------------------------------------------------
 *
 * result_writer.c
 *	  The results of a Map Run: into objects of a bucket, into tables by a statement, or
 *	  to the state itself.
 *
 * Must not know where the results come from.
 *
 * IDENTIFICATION
 *	  src/task/result_writer.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/object.h"
#include "task/items.h"
#include "task/task.h"

/* A statement gets so many results at a time, or results of about so many bytes */
#define BATCH 1000
#define BATCH_BYTES (8 * 1024 * 1024)

struct TaskResults
{
	const AslResultWriter *writer;
	const char *map_run_arn;
	MemoryContext context;
	/* to the state: all; to a statement: the next batch */
	ValueArray *values;
	MemoryContext batch; /* where they are */
	int64 bytes;
	/* to a statement */
	char *statement;
	Value parameters;
	int64 nrows;
	/* to objects */
	Oid role;
	char *bucket;
	ItemSink sink;
	ItemResults *files;
};

static void open_statement(TaskResults *results, Value arguments);
static void run_statement(TaskResults *results);
static Value with_batch(const TaskResults *results);
static void open_files(TaskResults *results, Value arguments);
static char *text_member(Value arguments, const char *name);
static void put_object(void *state, const char *key, const char *body, size_t len);
static void check_bucket(TaskResults *results, const char *owner);

TaskResults *
task_results_open(const AslResultWriter *writer, Value arguments, const char *map_run_arn)
{
	TaskResults *results = palloc0_object(TaskResults);

	results->writer = writer;
	results->map_run_arn = map_run_arn;
	results->context = CurrentMemoryContext;
	results->role = GetUserId();
	results->batch = AllocSetContextCreate(CurrentMemoryContext,
										   "workflow results",
										   ALLOCSET_DEFAULT_SIZES);
	if (writer->target != ASL_RESULTS_STATE && value_type(arguments) != TYPE_OBJECT)
		task_raise(ITEM_ERROR_WRITER,
				   "The arguments of the ResultWriter have to be an object.");
	if (writer->target == ASL_RESULTS_OBJECT)
		open_files(results, arguments);
	else
		results->values = value_array_new(0);
	if (writer->target == ASL_RESULTS_SQL)
		open_statement(results, arguments);
	return results;
}

void
task_results_add(TaskResults *results, const ItemResult *result)
{
	MemoryContext old_context;
	int first;

	CHECK_FOR_INTERRUPTS();
	if (results->files != NULL)
	{
		item_results_add(results->files, result);
		return;
	}
	old_context = MemoryContextSwitchTo(results->batch);
	if (results->values == NULL)
		results->values = value_array_new(BATCH);
	first = results->values->count;
	item_result_push(results->values, results->writer->transformation, result);
	for (int i = first; i < results->values->count; i++)
	{
		Value *value = &results->values->items[i];

		*value = value_copy(*value);
		if (results->writer->target == ASL_RESULTS_SQL)
			results->bytes += engine_size_bound(*value, BATCH_BYTES);
	}
	MemoryContextSwitchTo(old_context);
	if (results->writer->target == ASL_RESULTS_SQL &&
		(results->values->count >= BATCH || results->bytes >= BATCH_BYTES))
		run_statement(results);
}

Value
task_results_close(TaskResults *results)
{
	ValueObject *details;
	ValueObject *output;
	Value result;

	if (results->files != NULL)
		return item_results_close(results->files);
	if (results->writer->target == ASL_RESULTS_STATE)
	{
		result = value_copy(value_from_array(results->values));
		MemoryContextDelete(results->batch);
		return result;
	}
	run_statement(results);
	MemoryContextDelete(results->batch);
	details = value_object_new(1);
	value_object_add_cstring(details, "RowCount", value_int64(results->nrows));
	output = value_object_new(2);
	value_object_add_cstring(output, "MapRunArn", value_cstring(results->map_run_arn));
	value_object_add_cstring(output, "ResultWriterDetails", value_from_object(details));
	return value_from_object(output);
}

/* ---- a statement ---- */

static void
open_statement(TaskResults *results, Value arguments)
{
	results->statement = text_member(arguments, "Statement");
	results->parameters = value_object_get_cstring(arguments, "Parameters");
	if (results->statement == NULL)
		task_raise(ITEM_ERROR_WRITER,
				   "The field 'Statement' is required but was missing");
	if (!value_is_undefined(results->parameters) &&
		value_type(results->parameters) != TYPE_ARRAY &&
		value_type(results->parameters) != TYPE_NULL)
		task_raise(ITEM_ERROR_WRITER,
				   "The value of the field 'Parameters' has an invalid format");
}

/* With the batch, if there is one; what it has set is undone */
static void
run_statement(TaskResults *results)
{
	int nestlevel;

	if (results->values == NULL || results->values->count == 0)
		return;
	nestlevel = NewGUCNestLevel();
	PG_TRY();
	{
		SPIPlanPtr plan;
		Datum *values;
		char *nulls;

		SPI_connect();
		plan =
			sql_statement_plan(results->statement, with_batch(results), &values, &nulls);
		sql_statement_check(SPI_execute_plan(plan, values, nulls, false, 0));
		results->nrows += (int64) SPI_processed;
		SPI_finish();
	}
	PG_CATCH();
	{
		task_rethrow(ITEM_ERROR_WRITER, results->context, "The statement failed");
	}
	PG_END_TRY();
	AtEOXact_GUC(false, nestlevel);
	MemoryContextReset(results->batch);
	results->values = NULL;
	results->bytes = 0;
}

/* The parameters, the batch behind them */
static Value
with_batch(const TaskResults *results)
{
	ValueArray *parameters = value_type(results->parameters) == TYPE_ARRAY
								 ? value_array_copy(results->parameters, 1)
								 : value_array_new(1);

	value_array_push(parameters, value_from_array(results->values));
	return value_from_array(parameters);
}

/* ---- objects ---- */

static void
open_files(TaskResults *results, Value arguments)
{
	char *prefix = text_member(arguments, "Prefix");

	results->bucket = text_member(arguments, "Bucket");
	if (results->bucket == NULL)
		task_raise(ITEM_ERROR_WRITER, "The field 'Bucket' is required but was missing");
	results->sink.put = put_object;
	results->sink.state = results;
	results->files = item_results_open(results->writer,
									   results->bucket,
									   prefix == NULL ? "" : prefix,
									   results->map_run_arn,
									   &results->sink);
}

/* Of the arguments: NULL where there is none */
static char *
text_member(Value arguments, const char *name)
{
	Value member = value_object_get_cstring(arguments, name);

	if (value_type(member) == TYPE_STRING)
		return value_to_cstring(member);
	if (!value_is_undefined(member) && value_type(member) != TYPE_NULL)
		task_raise(ITEM_ERROR_WRITER,
				   psprintf("The value of the field '%s' has an invalid format", name));
	return NULL;
}

/* As put_object() does it: a bucket that does not exist becomes the role's */
static void
put_object(void *state, const char *key, const char *body, size_t len)
{
	TaskResults *results = state;
	const char *owner = GetUserNameFromId(results->role, false);
	StoreSession session;

	PG_TRY();
	{
		store_begin(&session);
		check_bucket(results, owner);
		store_put_object(results->bucket, key, body, len, owner, GetCurrentTimestamp());
		store_end(&session);
	}
	PG_CATCH();
	{
		task_rethrow(ITEM_ERROR_WRITER, results->context, "The results were not written");
	}
	PG_END_TRY();
}

static void
check_bucket(TaskResults *results, const char *owner)
{
	StoreBucketAccess access =
		store_bucket_access(results->role, results->bucket, STORE_BUCKET_WRITE);

	if (access == STORE_BUCKET_ABSENT)
	{
		(void) store_create_bucket(results->bucket, owner, GetCurrentTimestamp());
		access = store_bucket_access(results->role, results->bucket, STORE_BUCKET_WRITE);
	}
	if (access != STORE_BUCKET_ALLOWED)
		task_raise(ITEM_ERROR_WRITER,
				   "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: "
				   "AccessDenied)");
}
