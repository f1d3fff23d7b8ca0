/*-------------------------------------------------------------------------
 *
 * source.c
 *	  All items of an ItemReader: of a file, of a list of objects, or of the files
 *	  that a list or a manifest names, one after another.
 *
 * IDENTIFICATION
 *	  src/item/source.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "item/read.h"
#include "util/timestamp.h"

/* Objects of a list are asked for so many at a time; as AWS */
#define PAGE 1000

struct ItemSource
{
	const ItemRequest *request;
	const ItemStorage *storage;
	MemoryContext context;
	AslItemFormat format; /* of the files */
	int64 count;          /* items given */
	ItemFile *file;       /* the one that is read, or NULL */
	char *file_key;       /* of the last one of a list, or NULL */
	bool ended;           /* there is no further file */
	/* the rest of the page of a list */
	MemoryContext page_context;
	ItemObject *page;
	int page_count;
	int page_next;
	bool listed; /* there is no further page */
	/* files of a manifest */
	ItemManifest *manifest;
	int next_file;
};

static bool open_first(ItemSource *source, WfError *error);
static bool open_file(ItemSource *source, const char *bucket, const char *key,
					  WfError *error);
static bool open_next(ItemSource *source, WfError *error);
static bool next_of_files(ItemSource *source, Value *item, WfError *error);
static bool next_object(ItemSource *source, const ItemObject **object, WfError *error);
static Value object_item(const ItemObject *object);

ItemSource *
item_source_open(const ItemRequest *request, const ItemStorage *storage, WfError *error)
{
	ItemSource *source = palloc0_object(ItemSource);

	source->request = request;
	source->storage = storage;
	source->context = CurrentMemoryContext;
	source->format = *request->format;
	source->page_context = AllocSetContextCreate(CurrentMemoryContext,
												 "workflow list of objects",
												 ALLOCSET_DEFAULT_SIZES);
	if (request->max_items < 0)
		item_fail(error, "field MaxItems must be positive");
	else if (request->source == ASL_ITEMS_LIST || open_first(source, error))
		return source;
	item_source_close(source);
	return NULL;
}

void
item_source_close(ItemSource *source)
{
	if (source->file != NULL)
		item_file_close(source->file);
	MemoryContextDelete(source->page_context);
	pfree(source);
}

bool
item_source_has_pairs(const ItemSource *source)
{
	return source->request->source == ASL_ITEMS_OBJECT && source->file != NULL &&
		   source->file->type == ASL_INPUT_JSON && source->file->close == '}';
}

const char *
item_source_key(const ItemSource *source)
{
	return source->request->source == ASL_ITEMS_LIST ? source->file_key
													 : source->request->key;
}

bool
item_source_next(ItemSource *source, Value *item, WfError *error)
{
	const ItemRequest *request = source->request;
	const ItemObject *object;

	*item = value_undefined();
	if (request->max_items > 0 && source->count >= request->max_items)
		return true;
	if (request->source == ASL_ITEMS_LIST && !source->format.flatten)
	{
		if (!next_object(source, &object, error))
			return false;
		if (object != NULL)
			*item = object_item(object);
	}
	else if (!next_of_files(source, item, error))
		return false;
	if (!value_is_undefined(*item))
		source->count++;
	return true;
}

/* ---- files ---- */

/* The one file, or the first one of a manifest */
static bool
open_first(ItemSource *source, WfError *error)
{
	const ItemRequest *request = source->request;
	ItemBytes bytes;

	if (request->format->manifest_type == 0 &&
		request->format->input_type != ASL_INPUT_MANIFEST)
	{
		source->ended = true;
		return open_file(source, request->bucket, request->key, error);
	}
	if (!source->storage
			 ->open(source->storage->state, request->bucket, request->key, &bytes, error))
		return false;
	source->manifest = item_manifest_read(request->format, &bytes, error);
	if (source->manifest == NULL)
		return false;
	source->format = source->manifest->format;
	return true;
}

static bool
open_file(ItemSource *source, const char *bucket, const char *key, WfError *error)
{
	ItemBytes bytes;

	if (!source->storage->open(source->storage->state, bucket, key, &bytes, error))
		return false;
	source->file =
		item_file_open(&source->format, source->format.input_type, &bytes, error);
	return source->file != NULL;
}

/* The next file of the manifest or of the list; source->ended where there is none */
static bool
open_next(ItemSource *source, WfError *error)
{
	MemoryContext old_context = MemoryContextSwitchTo(source->context);
	const ItemObject *object = NULL;
	bool opened = true;

	if (source->manifest != NULL)
	{
		int i = source->next_file++;

		if (i < source->manifest->count)
			opened = open_file(source,
							   source->manifest->buckets[i],
							   source->manifest->keys[i],
							   error);
		else
			source->ended = true;
	}
	else if (!next_object(source, &object, error))
		opened = false;
	else if (object != NULL)
	{
		if (source->file_key != NULL)
			pfree(source->file_key);
		source->file_key = pstrdup(object->key);
		opened = open_file(source, source->request->bucket, object->key, error);
	}
	else
		source->ended = true;
	MemoryContextSwitchTo(old_context);
	return opened;
}

static bool
next_of_files(ItemSource *source, Value *item, WfError *error)
{
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (source->file == NULL && !source->ended && !open_next(source, error))
			return false;
		if (source->file == NULL)
			return true;
		if (!item_file_next(source->file, item, error))
			return false;
		/* the last file stays: it is asked what it was */
		if (!value_is_undefined(*item) || source->ended)
			return true;
		item_file_close(source->file);
		source->file = NULL;
	}
}

/* ---- lists ---- */

/* The next object of the list, or NULL; valid until the next page is read */
static bool
next_object(ItemSource *source, const ItemObject **object, WfError *error)
{
	const ItemStorage *storage = source->storage;
	MemoryContext old_context;
	char *after = NULL;

	*object = NULL;
	if (source->page_next < source->page_count)
	{
		*object = &source->page[source->page_next++];
		return true;
	}
	if (source->listed)
		return true;
	if (source->page_count > 0)
		after = pstrdup(source->page[source->page_count - 1].key);
	MemoryContextReset(source->page_context);
	old_context = MemoryContextSwitchTo(source->page_context);
	source->page_count = storage->list(storage->state,
									   source->request->bucket,
									   source->request->key,
									   after,
									   PAGE,
									   &source->page,
									   error);
	MemoryContextSwitchTo(old_context);
	if (source->page_count < 0)
		return false;
	source->listed = source->page_count < PAGE;
	source->page_next = 0;
	if (source->page_count > 0)
		*object = &source->page[source->page_next++];
	return true;
}

/* As AWS shows it: the time in seconds, the ETag in quotes */
static Value
object_item(const ItemObject *object)
{
	ValueObject *item = value_object_new(5);
	double at = wf_timestamp_to_epoch(object->modified_at);

	value_object_add_cstring(item,
							 "Etag",
							 value_cstring(psprintf("\"%s\"", object->etag)));
	value_object_add_cstring(item, "Key", value_cstring(pstrdup(object->key)));
	value_object_add_cstring(item, "LastModified", value_int64((int64) at));
	value_object_add_cstring(item, "Size", value_int64(object->size));
	value_object_add_cstring(item, "StorageClass", value_cstring("STANDARD"));
	return value_from_object(item);
}
