/*-------------------------------------------------------------------------
 *
 * csv.c
 *	  Rows of delimited text, as Step Functions reads them.
 *
 * Neither PostgreSQL's COPY nor a library reads this dialect: in a field, quoted or
 * not, a quote is doubled or stands behind a backslash; a backslash before anything
 * else but itself and the delimiter vanishes; a row may be short or long.  An unquoted
 * field may have a quoted part, whose quotes stay, unless they are its ends.
 * An empty line is a row of one empty field.
 *
 * IDENTIFICATION
 *	  src/item/csv.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "item/read.h"
#include "util/utf8.h"

/* As AWS */
#define MAX_HEADER_BYTES 10240

/* Characters of a field that lacks its end, for the message */
#define LOST_CHARACTERS 15

/* Where the reader stands in a row */
typedef struct Cursor
{
	ItemFile *file;
	ItemRow *row;
	size_t offset; /* from the start of the window */
	char delimiter;
	bool quoted;   /* inside quotes: line ends and delimiters are text */
	bool in_field; /* behind the first character of a field */
	bool at_start; /* no character of the field yet, whatever it was */
	WfError *error;
} Cursor;

static bool read_fields(Cursor *cursor);
static bool take_quote(Cursor *cursor);
static bool take_escaped(Cursor *cursor);
static bool is_line_end(int byte);
static bool take_line_end(Cursor *cursor, int byte);
static void begin_field(Cursor *cursor);
static void end_field(Cursor *cursor);
static const char *field_text(const Cursor *cursor);
static bool lost_text(Cursor *cursor);
static bool read_header(ItemFile *file, WfError *error);
static bool check_headers(const ItemFile *file, WfError *error);

bool
item_csv_next(ItemFile *file, Value *item, WfError *error)
{
	ItemRow row = {0};
	ValueObject *object;

	if (!file->has_headers && !read_header(file, error))
		return false;
	*item = value_undefined();
	if (!item_csv_row(file, &row, error))
		return false;
	if (row.count == 0)
		return true;
	if (!item_check_text(row.text.data, row.text.len, error))
		return false;
	object = value_object_new(file->nheaders);
	for (int i = 0; i < file->nheaders; i++)
	{
		const char *text = i < row.count ? row.text.data + row.starts[i] : "";

		value_object_add(object,
						 file->headers[i],
						 file->header_lens[i],
						 value_cstring(text));
	}
	*item = value_from_object(object);
	return true;
}

/* ---- the header ---- */

static bool
read_header(ItemFile *file, WfError *error)
{
	MemoryContext old_context = MemoryContextSwitchTo(file->context);
	ItemRow row = {0};
	const char **headers;
	bool read = file->format->csv_given || item_csv_row(file, &row, error);

	if (read && row.count > 0)
	{
		if (row.text.len - row.count > MAX_HEADER_BYTES)
			read = item_fail(error,
							 "CSV headers cannot be larger than %d bytes.",
							 MAX_HEADER_BYTES);
		else if (!item_check_text(row.text.data, row.text.len, error))
			read = false;
		headers = palloc_array(const char *, row.count);
		for (int i = 0; i < row.count; i++)
			headers[i] = row.text.data + row.starts[i];
		item_csv_set_headers(file, headers, row.count);
	}
	file->has_headers = true;
	MemoryContextSwitchTo(old_context);
	return read && check_headers(file, error);
}

/* The headers go on being used, text and all */
void
item_csv_set_headers(ItemFile *file, const char **headers, int count)
{
	file->headers = headers;
	file->nheaders = count;
	file->header_lens = palloc_array(int, Max(count, 1));
	for (int i = 0; i < count; i++)
		file->header_lens[i] = (int) strlen(headers[i]);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool
check_headers(const ItemFile *file, WfError *error)
{
	const char **sorted = palloc_array(const char *, Max(file->nheaders, 1));
	bool distinct = true;

	if (file->nheaders > 0)
		memcpy(sorted, file->headers, file->nheaders * sizeof(char *));
	qsort(sorted, file->nheaders, sizeof(char *), compare_texts);
	for (int i = 1; i < file->nheaders && distinct; i++)
		distinct = strcmp(sorted[i - 1], sorted[i]) != 0;
	pfree(sorted);
	return distinct || item_fail(error, "CSV headers cannot contain duplicates.");
}

/* ---- rows ---- */

bool
item_csv_row(ItemFile *file, ItemRow *row, WfError *error)
{
	Cursor cursor = {.file = file,
					 .row = row,
					 .delimiter = file->format->csv_delimiter,
					 .error = error};
	int byte;

	row->count = 0;
	if (row->text.data == NULL)
		initStringInfo(&row->text);
	else
		resetStringInfo(&row->text);
	if (!item_window_at(&file->window, 0, &byte, error))
		return false;
	if (byte < 0)
		return true;
	begin_field(&cursor);
	if (!read_fields(&cursor))
		return false;
	file->window.start += cursor.offset;
	file->count++;
	return true;
}

static bool
read_fields(Cursor *cursor)
{
	ItemWindow *window = &cursor->file->window;
	int byte;

	for (;;)
	{
		if (!item_window_at(window, cursor->offset, &byte, cursor->error))
			return false;
		if (byte < 0 && cursor->quoted)
			return lost_text(cursor);
		if (byte < 0)
			break;
		if (byte == '\0')
			return item_fail(cursor->error, "The object is not encoded in UTF-8.");
		cursor->offset++;
		if (byte == '\\')
		{
			cursor->in_field = true;
			if (!take_escaped(cursor))
				return false;
		}
		else if (byte == '"')
		{
			if (!take_quote(cursor))
				return false;
		}
		else if (byte == cursor->delimiter && !cursor->quoted)
		{
			end_field(cursor);
			begin_field(cursor);
			continue;
		}
		else if (is_line_end(byte))
		{
			if (!take_line_end(cursor, byte))
				return false;
			if (!cursor->quoted)
				break;
			appendStringInfoChar(&cursor->row->text, '\n');
		}
		else
		{
			appendStringInfoChar(&cursor->row->text, (char) byte);
			cursor->in_field = true;
		}
		cursor->at_start = false;
	}
	end_field(cursor);
	return true;
}

/*
 * Behind a quote: where text may have quotes, two are one; else quoting begins or
 * ends.  A quote that is not at an end of the field is text as well, but blanks alone
 * before one are not.
 */
static bool
take_quote(Cursor *cursor)
{
	StringInfo text = &cursor->row->text;
	bool at_start = cursor->at_start;
	int next;

	if (!item_window_at(&cursor->file->window, cursor->offset, &next, cursor->error))
		return false;
	if (next == '"' && (cursor->quoted || cursor->in_field))
	{
		appendStringInfoChar(text, '"');
		cursor->offset++;
	}
	else
	{
		cursor->quoted = !cursor->quoted;
		if (!at_start && next >= 0 && next != cursor->delimiter && !is_line_end(next))
		{
			const char *field = field_text(cursor);
			size_t start = field - text->data;

			if (*field != '\0' && strspn(field, " \t") == strlen(field))
			{
				text->len = (int) start;
				text->data[start] = '\0';
			}
			else
				appendStringInfoChar(text, '"');
		}
	}
	cursor->in_field = !cursor->in_field;
	return true;
}

/* Behind a backslash */
static bool
take_escaped(Cursor *cursor)
{
	int next;

	if (!item_window_at(&cursor->file->window, cursor->offset, &next, cursor->error))
		return false;
	if (next == '\\' || next == '"' || (next >= 0 && next == cursor->delimiter))
	{
		appendStringInfoChar(&cursor->row->text, (char) next);
		cursor->offset++;
	}
	return true;
}

static bool
is_line_end(int byte)
{
	return byte == '\n' || byte == '\r';
}

/* Behind the first byte of a line end, which may have two */
static bool
take_line_end(Cursor *cursor, int byte)
{
	int next;

	if (byte != '\r')
		return true;
	if (!item_window_at(&cursor->file->window, cursor->offset, &next, cursor->error))
		return false;
	if (next == '\n')
		cursor->offset++;
	return true;
}

static void
begin_field(Cursor *cursor)
{
	ItemRow *row = cursor->row;

	if (row->count == row->capacity)
	{
		row->capacity = Max(16, row->capacity * 2);
		row->starts = row->starts == NULL
						  ? palloc_array(size_t, row->capacity)
						  : repalloc_array(row->starts, size_t, row->capacity);
	}
	row->starts[row->count++] = row->text.len;
	cursor->in_field = false;
	cursor->at_start = true;
}

static void
end_field(Cursor *cursor)
{
	appendStringInfoChar(&cursor->row->text, '\0');
}

static const char *
field_text(const Cursor *cursor)
{
	return cursor->row->text.data + cursor->row->starts[cursor->row->count - 1];
}

static bool
lost_text(Cursor *cursor)
{
	const char *field = field_text(cursor);
	int len = (int) strlen(field);
	int shown = utf8_offset(field, len, LOST_CHARACTERS);
	WfError ignored = {0};

	if (!item_check_text(field, shown, &ignored))
		shown = 0;
	return item_fail(
		cursor->error,
		"Unterminated quoted field at end of CSV line. Beginning of lost text: [%.*s%s]",
		shown,
		field,
		shown < len ? "..." : "");
}
