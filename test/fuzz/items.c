/*-------------------------------------------------------------------------
 *
 * items.c
 *	  Files of items: whatever they are, they are read or refused, and the same way
 *	  in whatever pieces their bytes come.
 *
 * The first character of an input chooses the format, the second one the size of the
 * pieces, and whether the code points that follow are the bytes: so there are any
 * bytes, though inputs are texts.
 *
 * Knows src/item; must not know libFuzzer.
 *
 * IDENTIFICATION
 *	  test/fuzz/items.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "fuzz.h"
#include "item/item.h"
#include "util/errcodes.h"
#include "util/utf8.h"

/* Beyond that many items all are alike */
#define MAX_ITEMS 1000

typedef struct Bytes
{
	const char *data;
	size_t len;
	size_t offset;
	size_t piece; /* bytes at a time */
} Bytes;

static const char *const given[] = {"a", "b", ""};

static const AslItemFormat formats[] = {
	{.input_type = ASL_INPUT_CSV, .csv_delimiter = ','},
	{.input_type = ASL_INPUT_CSV,
	 .csv_delimiter = ' ',
	 .csv_given = true,
	 .ncsv_headers = lengthof(given),
	 .csv_headers = (const char **) given},
	{.input_type = ASL_INPUT_JSON},
	{.input_type = ASL_INPUT_JSON, .items_pointer = "/a/1"},
	{.input_type = ASL_INPUT_JSONL},
	{.input_type = ASL_INPUT_MANIFEST},
	{.input_type = ASL_INPUT_JSONL, .manifest_type = ASL_MANIFEST_ATHENA_DATA},
};

static bool
next_piece(void *state, const char **piece, size_t *len, WfError *error)
{
	Bytes *bytes = state;

	/* a copy of its own, which ends where it ends */
	*len = Min(bytes->piece, bytes->len - bytes->offset);
	*piece = memcpy(palloc(*len + 1), bytes->data + bytes->offset, *len);
	bytes->offset += *len;
	return true;
}

/* All files are the same one, but for those that a manifest names */
static bool
open_bytes(void *state, const char *bucket, const char *key, ItemBytes *bytes,
		   WfError *error)
{
	static const char named[] = "1,2\n3";
	Bytes *source = state;

	if (source->offset > 0)
	{
		source = palloc0_object(Bytes);
		source->data = named;
		source->len = strlen(named);
		source->piece = 2;
	}
	bytes->next = next_piece;
	bytes->close = NULL;
	bytes->state = source;
	return true;
}

/* What is read of it, as text: items, and the error */
static char *
read_all(const AslItemFormat *format, const char *data, size_t len, size_t piece)
{
	Bytes bytes = {.data = data, .len = len, .piece = piece};
	ItemRequest request = {.source = ASL_ITEMS_OBJECT,
						   .format = format,
						   .bucket = "b",
						   .key = "k",
						   .max_items = MAX_ITEMS};
	ItemStorage storage = {.open = open_bytes, .state = &bytes};
	WfError error = {.position = -1};
	StringInfoData text;
	ItemSource *source = item_source_open(&request, &storage, &error);
	Value item = value_null();

	initStringInfo(&text);
	while (source != NULL && !value_is_undefined(item) &&
		   item_source_next(source, &item, &error))
	{
		value_append_text(&text, item);
		appendStringInfoChar(&text, '\n');
	}
	if (source != NULL)
		item_source_close(source);
	if (error.message == NULL)
		return text.data;
	if (error.sqlstate != ERRCODE_WF_ASL || error.name == NULL ||
		strcmp(error.name, ITEM_ERROR_READER) != 0)
		fuzz_finding("unexpected error: %s", error.message);
	appendStringInfoString(&text, error.message);
	return text.data;
}

void
fuzz_items(const char *text, int len)
{
	const char *end = text + len;
	const AslItemFormat *format;
	char *bytes;
	char *whole;
	char *pieces;
	size_t count = 0;
	int choice;

	if (len < 2)
		return;
	format = &formats[(unsigned char) text[0] % lengthof(formats)];
	choice = (unsigned char) text[1];
	bytes = palloc(len);
	for (text += 2; text < end;)
		if (choice % 2 == 0)
			bytes[count++] = *text++;
		else
			bytes[count++] = (char) utf8_decode(&text, end);
	whole = read_all(format, bytes, count, Max(count, 1));
	pieces = read_all(format, bytes, count, 1 + choice / 2 % 5);
	if (!pg_verify_mbstr(PG_UTF8, whole, (int) strlen(whole), true))
		fuzz_finding("what is read is no UTF-8");
	if (strcmp(whole, pieces) != 0)
		fuzz_finding("otherwise in pieces: %s: %s", whole, pieces);
}
