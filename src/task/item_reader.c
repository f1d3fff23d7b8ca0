/*-------------------------------------------------------------------------
 *
 * item_reader.c
 *	  The items of a distributed Map: objects of buckets and what is in them, or the
 *	  rows of a statement.
 *
 * A statement is read with a cursor, so that its rows are never all in memory; the
 * cursor lives in the transaction, which has to spill the items somewhere.
 *
 * Must not know what becomes of the items.
 *
 * IDENTIFICATION
 *	  src/task/item_reader.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#include "store/object.h"
#include "task/items.h"
#include "task/task.h"
#include "util/errcodes.h"

/* A body is read in pieces of so many bytes, rows so many at a time */
#define PIECE (256 * 1024)
#define ROWS 100

struct TaskItems
{
	const AslItemReader *reader;
	Oid role;
	MemoryContext context;
	int64 nread;
	char *source_name;
	/* objects */
	ItemRequest request;
	ItemStorage storage;
	ItemSource *source;
	char *source_key; /* object that the items of a page are of, or NULL */
	Value kept;       /* read already, but of the next object; or undefined */
	MemoryContext kept_context;
	/* a statement */
	char *portal; /* its name */
	int64 left;   /* rows still to be read: MaxItems */
};

/* A body that is being read */
typedef struct Body
{
	StoreBody body;
	int64 offset;
	bytea *piece; /* the last one, or NULL */
	MemoryContext context;
} Body;

static Value next_item(TaskItems *items);
static void keep_item(TaskItems *items, Value item);
static void name_source(TaskItems *items, const char *key);
static void open_objects(TaskItems *items, Value arguments, int64 max_items);
static char *text_member(Value arguments, const char *name, bool required);
static void refuse(const char *fmt, ...) pg_attribute_printf(1, 2);
static void raise_failed(const WfError *error);
static bool open_body(void *state, const char *bucket, const char *key, ItemBytes *bytes,
					  WfError *error);
static bool next_piece(void *state, const char **piece, size_t *len, WfError *error);
static void close_body(void *state);
static int list_objects(void *state, const char *bucket, const char *prefix,
						const char *after, int limit, ItemObject **objects,
						WfError *error);
static bool may_read(const TaskItems *items, const char *bucket, WfError *error);
static void open_statement(TaskItems *items, Value arguments, int64 max_items);
static Value read_rows(TaskItems *items, int limit);
static Value fetch_rows(TaskItems *items, int limit);
static void add_all(ValueArray *array, Value rows, int64 *bytes);

TaskItems *
task_items_open(const AslItemReader *reader, Value arguments, int64 max_items)
{
	TaskItems *items = palloc0_object(TaskItems);

	items->reader = reader;
	items->role = GetUserId();
	items->context = CurrentMemoryContext;
	if (value_type(arguments) != TYPE_OBJECT)
		refuse("The arguments of the ItemReader have to be an object.");
	if (max_items < 0)
		refuse("field MaxItems must be positive");
	if (reader->source == ASL_ITEMS_SQL)
		open_statement(items, arguments, max_items);
	else
		open_objects(items, arguments, max_items);
	return items;
}

Value
task_items_read(TaskItems *items, int limit)
{
	ValueArray *array = value_array_new(Min(limit, 1000));
	int64 bytes = 0;

	if (items->reader->source == ASL_ITEMS_SQL)
		return read_rows(items, limit);
	while (array->count < limit && bytes < ITEM_MAX_BYTES)
	{
		Value item = next_item(items);
		const char *key = item_source_key(items->source);

		if (value_is_undefined(item))
			break;
		if (key != NULL &&
			(items->source_key == NULL || strcmp(key, items->source_key) != 0))
		{
			if (array->count > 0)
			{
				keep_item(items, item);
				break;
			}
			name_source(items, key);
		}
		bytes += engine_size_bound(item, ITEM_MAX_BYTES);
		value_array_push(array, item);
	}
	items->nread += array->count;
	return value_from_array(array);
}

/* In CurrentMemoryContext; undefined at the end */
static Value
next_item(TaskItems *items)
{
	WfError error = {.position = -1};
	Value item = items->kept;

	items->kept = value_undefined();
	if (!value_is_undefined(item))
		return value_copy(item);
	if (!item_source_next(items->source, &item, &error))
		raise_failed(&error);
	return item;
}

/* For the next page */
static void
keep_item(TaskItems *items, Value item)
{
	MemoryContext old_context;

	if (items->kept_context == NULL)
		items->kept_context =
			AllocSetContextCreate(items->context, "workflow item", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(items->kept_context);
	old_context = MemoryContextSwitchTo(items->kept_context);
	items->kept = value_copy(item);
	MemoryContextSwitchTo(old_context);
}

/* Items of a page have one Source: that of the object, or of the bucket for a list */
static void
name_source(TaskItems *items, const char *key)
{
	MemoryContext old_context = MemoryContextSwitchTo(items->context);

	if (items->source_name != NULL)
		pfree(items->source_name);
	if (items->source_key != NULL)
		pfree(items->source_key);
	items->source_key = key == NULL ? NULL : pstrdup(key);
	items->source_name = psprintf("S3://%s%s%s",
								  items->request.bucket,
								  key == NULL ? "" : "/",
								  key == NULL ? "" : key);
	MemoryContextSwitchTo(old_context);
}

bool
task_items_have_pairs(const TaskItems *items)
{
	return items->source != NULL && item_source_has_pairs(items->source);
}

const char *
task_items_source(const TaskItems *items)
{
	return items->source_name;
}

void
task_items_close(TaskItems *items)
{
	if (items->source != NULL)
		item_source_close(items->source);
	if (items->portal != NULL)
	{
		Portal portal = GetPortalByName(items->portal);

		if (PortalIsValid(portal))
			PortalDrop(portal, false);
	}
	pfree(items);
}

/* ---- objects ---- */

static void
open_objects(TaskItems *items, Value arguments, int64 max_items)
{
	bool is_list = items->reader->source == ASL_ITEMS_LIST;
	WfError error = {.position = -1};

	items->request.source = items->reader->source;
	items->request.format = &items->reader->format;
	items->request.max_items = max_items;
	items->request.bucket = text_member(arguments, "Bucket", true);
	items->request.key = text_member(arguments, is_list ? "Prefix" : "Key", !is_list);
	if (items->request.key == NULL)
		items->request.key = "";
	if (text_member(arguments, "VersionId", false) != NULL)
		refuse("Objects have no versions here: the field 'VersionId' is not supported.");
	items->storage.open = open_body;
	items->storage.list = list_objects;
	items->storage.state = items;
	items->source = item_source_open(&items->request, &items->storage, &error);
	if (items->source == NULL)
		raise_failed(&error);
	items->kept = value_undefined();
	name_source(items, item_source_key(items->source));
}

static char *
text_member(Value arguments, const char *name, bool required)
{
	Value member = value_object_get_cstring(arguments, name);

	if (value_type(member) == TYPE_STRING)
		return value_to_cstring(member);
	if (!value_is_undefined(member) && value_type(member) != TYPE_NULL)
		refuse("The value of the field '%s' has an invalid format", name);
	if (required)
		refuse("The field '%s' is required but was missing", name);
	return NULL;
}

static void
refuse(const char *fmt, ...)
{
	StringInfoData cause;
	va_list args;
	int needed;

	initStringInfo(&cause);
	do
	{
		va_start(args, fmt);
		needed = appendStringInfoVA(&cause, fmt, args);
		va_end(args);
		if (needed > 0)
			enlargeStringInfo(&cause, needed);
	} while (needed > 0);
	task_raise(ITEM_ERROR_READER, cause.data);
}

static void
raise_failed(const WfError *error)
{
	task_raise(error->name == NULL ? ITEM_ERROR_READER : error->name, error->message);
}

/* What S3 says, as Step Functions tells it */
static bool
may_read(const TaskItems *items, const char *bucket, WfError *error)
{
	switch (store_bucket_access(items->role, bucket, STORE_BUCKET_READ))
	{
		case STORE_BUCKET_ABSENT:
			return wf_error_set(error,
								ERRCODE_WF_ASL,
								ITEM_ERROR_READER,
								"The specified bucket does not exist (Service: Amazon "
								"S3; Status Code: 404; Error Code: NoSuchBucket)");
		case STORE_BUCKET_DENIED:
			return wf_error_set(error,
								ERRCODE_WF_ASL,
								ITEM_ERROR_READER,
								"Access Denied (Service: Amazon S3; Status Code: 403; "
								"Error Code: AccessDenied)");
		case STORE_BUCKET_ALLOWED:
			break;
	}
	return true;
}

static bool
open_body(void *state, const char *bucket, const char *key, ItemBytes *bytes,
		  WfError *error)
{
	TaskItems *items = state;
	Body *body = palloc0_object(Body);
	MemoryContext context = CurrentMemoryContext;
	StoreSession session;
	bool found;

	body->context = context;
	store_begin(&session);
	found = may_read(items, bucket, error) &&
			store_find_object(bucket, key, context, &body->body);
	/* the message of an error has to outlive the session */
	if (error->message != NULL)
		error->message = MemoryContextStrdup(context, error->message);
	store_end(&session);
	if (!found)
		return wf_error_set(error,
							ERRCODE_WF_ASL,
							ITEM_ERROR_READER,
							"The specified key does not exist. (Service: Amazon S3; "
							"Status Code: 404; Error Code: NoSuchKey)");
	bytes->next = next_piece;
	bytes->close = close_body;
	bytes->state = body;
	return true;
}

static bool
next_piece(void *state, const char **piece, size_t *len, WfError *error)
{
	Body *body = state;
	MemoryContext old_context = MemoryContextSwitchTo(body->context);

	if (body->piece != NULL)
		pfree(body->piece);
	body->piece = NULL;
	*len = 0;
	if (body->offset < body->body.size)
	{
		body->piece = store_read_body(&body->body, body->offset, PIECE);
		*piece = VARDATA_ANY(body->piece);
		*len = VARSIZE_ANY_EXHDR(body->piece);
		body->offset += *len;
	}
	MemoryContextSwitchTo(old_context);
	return true;
}

static void
close_body(void *state)
{
	Body *body = state;

	store_close_body(&body->body);
	if (body->piece != NULL)
		pfree(body->piece);
	pfree(body);
}

static int
list_objects(void *state, const char *bucket, const char *prefix, const char *after,
			 int limit, ItemObject **objects, WfError *error)
{
	TaskItems *items = state;
	MemoryContext context = CurrentMemoryContext;
	StoreObject *found = NULL;
	StoreSession session;
	int count = -1;

	store_begin(&session);
	if (may_read(items, bucket, error))
		count = store_list_objects(bucket, prefix, after, limit, &found);
	else
		error->message = MemoryContextStrdup(context, error->message);
	MemoryContextSwitchTo(context);
	*objects = count < 0 ? NULL : palloc_array(ItemObject, Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		(*objects)[i].key = pstrdup(found[i].key);
		(*objects)[i].etag = pstrdup(found[i].etag);
		(*objects)[i].size = found[i].size;
		(*objects)[i].modified_at = found[i].last_modified;
	}
	store_end(&session);
	return count;
}

/* ---- rows ---- */

static void
open_statement(TaskItems *items, Value arguments, int64 max_items)
{
	char *statement = text_member(arguments, "Statement", true);
	Value parameters = value_object_get_cstring(arguments, "Parameters");
	int nestlevel = NewGUCNestLevel();
	Datum *values;
	char *nulls;

	items->left = max_items == 0 ? PG_INT64_MAX : max_items;
	items->source_name = pstrdup("SQL");
	if (!value_is_undefined(parameters) && value_type(parameters) != TYPE_ARRAY &&
		value_type(parameters) != TYPE_NULL)
		refuse("The value of the field 'Parameters' has an invalid format");
	PG_TRY();
	{
		SPIPlanPtr plan;
		Portal portal;

		SPI_connect();
		plan = sql_statement_plan(statement, parameters, &values, &nulls);
		portal = SPI_cursor_open(NULL, plan, values, nulls, false);
		if (portal == NULL)
			elog(ERROR,
				 "could not open a cursor: %s",
				 SPI_result_code_string(SPI_result));
		items->portal = MemoryContextStrdup(items->context, portal->name);
		SPI_finish();
	}
	PG_CATCH();
	{
		task_rethrow(ITEM_ERROR_READER, items->context, "The statement failed");
	}
	PG_END_TRY();
	AtEOXact_GUC(false, nestlevel);
}

/*
 * So many rows that they are about as large as the largest item may be.
 */
static Value
read_rows(TaskItems *items, int limit)
{
	ValueArray *array = value_array_new(Min(limit, 1000));
	int64 bytes = 0;

	while (array->count < limit && items->left > 0 && bytes < ITEM_MAX_BYTES)
	{
		int wanted = (int) Min(items->left, Min(limit - array->count, ROWS));
		Value rows = fetch_rows(items, wanted);
		int count = value_array_length(rows);

		add_all(array, rows, &bytes);
		items->nread += count;
		items->left = count < wanted ? 0 : items->left - count;
	}
	return value_from_array(array);
}

static Value
fetch_rows(TaskItems *items, int limit)
{
	MemoryContext context = CurrentMemoryContext;
	int nestlevel = NewGUCNestLevel();
	Value rows = value_undefined();

	PG_TRY();
	{
		Portal portal;

		SPI_connect();
		portal = SPI_cursor_find(items->portal);
		if (portal == NULL)
			ereport(ERROR,
					errcode(ERRCODE_INVALID_CURSOR_STATE),
					errmsg("the cursor over the rows was closed"));
		SPI_cursor_fetch(portal, true, limit);
		rows = sql_statement_rows(SPI_tuptable, context);
		SPI_finish();
	}
	PG_CATCH();
	{
		task_rethrow(ITEM_ERROR_READER,
					 items->context,
					 "The statement failed after " INT64_FORMAT " rows",
					 items->nread);
	}
	PG_END_TRY();
	AtEOXact_GUC(false, nestlevel);
	return rows;
}

static void
add_all(ValueArray *array, Value rows, int64 *bytes)
{
	ValueArrayIter it;

	value_array_begin(&it, rows);
	while (value_array_next(&it))
	{
		if (it.value.kind == VALUE_JSONB && it.value.len > ITEM_MAX_BYTES)
			refuse("An item is larger than the maximum of %d bytes.", ITEM_MAX_BYTES);
		*bytes += it.value.len;
		value_array_push(array, it.value);
	}
}
