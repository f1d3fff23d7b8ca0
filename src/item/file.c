/*-------------------------------------------------------------------------
 *
 * file.c
 *	  One file in one of the formats.
 *
 * IDENTIFICATION
 *	  src/item/file.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "item/read.h"

ItemFile *
item_file_open(const AslItemFormat *format, AslInputType type, const ItemBytes *bytes,
			   WfError *error)
{
	ItemFile *file = palloc0_object(ItemFile);

	file->format = format;
	file->type = type;
	file->context = CurrentMemoryContext;
	if (type == ASL_INPUT_CSV && format->csv_given)
		item_csv_set_headers(file, format->csv_headers, format->ncsv_headers);
	if (!item_window_open(&file->window, bytes, error))
	{
		item_file_close(file);
		return NULL;
	}
	return file;
}

bool
item_file_next(ItemFile *file, Value *item, WfError *error)
{
	switch (file->type)
	{
		case ASL_INPUT_CSV:
			return item_csv_next(file, item, error);
		case ASL_INPUT_JSON:
			return item_json_next(file, item, error);
		case ASL_INPUT_JSONL:
			return item_jsonl_next(file, item, error);
		case ASL_INPUT_PARQUET:
			return item_fail(error, "Objects of InputType PARQUET cannot be read here.");
		case ASL_INPUT_MANIFEST:
			break;
	}
	return item_fail(error, "The field 'InputType' is required in 'ReaderConfig'.");
}

void
item_file_close(ItemFile *file)
{
	item_window_close(&file->window);
	pfree(file);
}

bool
item_parse(const char *text, size_t len, const char *what, Value *item, WfError *error)
{
	WfError syntax = {.position = -1};

	if (len > ITEM_MAX_BYTES)
		return item_fail(error,
						 "%s has an item larger than the maximum of %d bytes.",
						 what,
						 ITEM_MAX_BYTES);
	if (!item_check_text(text, len, error))
		return false;
	if (value_from_text(text, (int) len, item, &syntax))
		return true;
	return item_fail(error,
					 "%s is not valid JSON: %s%s%s",
					 what,
					 syntax.message,
					 syntax.detail == NULL ? "" : ": ",
					 syntax.detail == NULL ? "" : syntax.detail);
}

bool
item_check_text(const char *text, size_t len, WfError *error)
{
	/* fields stand one after another, so NUL is no sign of anything */
	for (const char *end = text + len; text < end;)
	{
		size_t size = strnlen(text, end - text);

		if (!pg_verify_mbstr(PG_UTF8, text, (int) size, true))
			return item_fail(error, "The object is not encoded in UTF-8.");
		text += size + 1;
	}
	return true;
}
