/*-------------------------------------------------------------------------
 *
 * manifest.c
 *	  Manifests: files that name the files whose items are meant.
 *
 * An S3 inventory's is a JSON object with the columns of its files, which are CSV
 * without a header.  Athena's is a list of s3:// addresses, one a line.
 *
 * IDENTIFICATION
 *	  src/item/manifest.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "item/read.h"

static bool read_whole(const ItemBytes *bytes, Value *document, WfError *error);
static bool read_inventory(ItemManifest *manifest, Value document, WfError *error);
static bool read_schema(ItemManifest *manifest, Value schema, WfError *error);
static bool read_addresses(ItemManifest *manifest, const ItemBytes *bytes,
						   WfError *error);
static bool add_address(ItemManifest *manifest, const char *address, WfError *error);
static void add_file(ItemManifest *manifest, const char *bucket, const char *key);
static bool broken(WfError *error, const char *what);

ItemManifest *
item_manifest_read(const AslItemFormat *format, const ItemBytes *bytes, WfError *error)
{
	ItemManifest *manifest = palloc0_object(ItemManifest);
	Value document;

	manifest->format = *format;
	if (format->manifest_type == ASL_MANIFEST_ATHENA_DATA)
		return read_addresses(manifest, bytes, error) ? manifest : NULL;
	if (!read_whole(bytes, &document, error) ||
		!read_inventory(manifest, document, error))
		return NULL;
	return manifest;
}

static bool
read_whole(const ItemBytes *bytes, Value *document, WfError *error)
{
	ItemWindow window;
	bool read = item_window_open(&window, bytes, error);

	while (read && !window.ended)
		read = item_window_more(&window, error);
	read = read && item_parse(window.data + window.start,
							  item_window_left(&window),
							  "The manifest",
							  document,
							  error);
	item_window_close(&window);
	return read;
}

static bool
read_inventory(ItemManifest *manifest, Value document, WfError *error)
{
	bool is_object = value_type(document) == TYPE_OBJECT;
	Value bucket = is_object ? value_object_get_cstring(document, "destinationBucket")
							 : value_undefined();
	Value format =
		is_object ? value_object_get_cstring(document, "fileFormat") : value_undefined();
	Value files =
		is_object ? value_object_get_cstring(document, "files") : value_undefined();
	const char *name;

	if (value_type(bucket) != TYPE_STRING)
		return broken(error, "destinationBucket");
	if (value_type(files) != TYPE_ARRAY)
		return broken(error, "files");
	if (!value_string_is(format, "CSV"))
		return item_fail(error,
						 "Files of an inventory have to be in the format CSV, not %s.",
						 value_type(format) == TYPE_STRING ? value_to_cstring(format)
														   : "another one");
	if (!read_schema(manifest, value_object_get_cstring(document, "fileSchema"), error))
		return false;
	/* arn:aws:s3:::BUCKET */
	name = value_to_cstring(bucket);
	if (strncmp(name, "arn:", 4) == 0)
		name = strrchr(name, ':') + 1;
	for (int i = 0; i < value_array_length(files); i++)
	{
		Value file = value_array_get(files, i);
		Value key = value_type(file) == TYPE_OBJECT
						? value_object_get_cstring(file, "key")
						: value_undefined();

		CHECK_FOR_INTERRUPTS();
		if (value_type(key) != TYPE_STRING)
			return broken(error, "key");
		add_file(manifest, name, value_to_cstring(key));
	}
	return true;
}

/* "Bucket, Key, Size": the columns */
static bool
read_schema(ItemManifest *manifest, Value schema, WfError *error)
{
	AslItemFormat *format = &manifest->format;
	char *text;
	char *column;

	if (value_type(schema) != TYPE_STRING)
		return broken(error, "fileSchema");
	text = value_to_cstring(schema);
	format->input_type = ASL_INPUT_CSV;
	format->csv_delimiter = ',';
	format->csv_given = true;
	format->ncsv_headers = 0;
	format->csv_headers = palloc_array(const char *, strlen(text) + 1);
	while ((column = strsep(&text, ",")) != NULL)
	{
		column += strspn(column, " ");
		format->csv_headers[format->ncsv_headers++] = column;
	}
	return true;
}

static bool
read_addresses(ItemManifest *manifest, const ItemBytes *bytes, WfError *error)
{
	AslItemFormat lines = {.csv_delimiter = ','};
	ItemFile *file = item_file_open(&lines, ASL_INPUT_CSV, bytes, error);
	bool read = file != NULL;

	while (read)
	{
		ItemRow row = {0};

		CHECK_FOR_INTERRUPTS();
		read = item_csv_row(file, &row, error) &&
			   (row.count == 0 || item_check_text(row.text.data, row.text.len, error)) &&
			   (row.count == 0 || add_address(manifest, row.text.data, error));
		if (row.count == 0)
			break;
	}
	if (file != NULL)
		item_file_close(file);
	return read;
}

/* s3://BUCKET/KEY */
static bool
add_address(ItemManifest *manifest, const char *address, WfError *error)
{
	const char *bucket = address + strlen("s3://");
	const char *slash;

	if (*address == '\0')
		return true;
	slash = strncmp(address, "s3://", strlen("s3://")) == 0 ? strchr(bucket, '/') : NULL;
	if (slash == NULL)
		return item_fail(error,
						 "The manifest has a line that is no address of an object: %s",
						 address);
	add_file(manifest, pnstrdup(bucket, slash - bucket), slash + 1);
	return true;
}

static void
add_file(ItemManifest *manifest, const char *bucket, const char *key)
{
	if (manifest->count == manifest->capacity)
	{
		int capacity = Max(16, manifest->capacity * 2);

		manifest->buckets =
			manifest->capacity == 0
				? palloc_array(const char *, capacity)
				: repalloc_array(manifest->buckets, const char *, capacity);
		manifest->keys = manifest->capacity == 0
							 ? palloc_array(const char *, capacity)
							 : repalloc_array(manifest->keys, const char *, capacity);
		manifest->capacity = capacity;
	}
	manifest->buckets[manifest->count] = bucket;
	manifest->keys[manifest->count++] = key;
}

static bool
broken(WfError *error, const char *what)
{
	return item_fail(error, "The manifest has no valid member '%s'.", what);
}
