/*-------------------------------------------------------------------------
 *
 * json.c
 *	  Items of JSON text: the elements or members of one document, or a document a
 *	  line.
 *
 * A document may be larger than memory: where an item ends is found by its
 * brackets and quotes alone, and then the item is read by itself, strictly.
 *
 * IDENTIFICATION
 *	  src/item/json.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "item/read.h"
#include "util/utf8.h"

static bool find_container(ItemFile *file, WfError *error);
static bool enter(ItemFile *file, const char **pointer, WfError *error);
static bool enter_object(ItemFile *file, const char *name, size_t len, bool *found,
						 WfError *error);
static bool enter_array(ItemFile *file, const char *name, size_t len, bool *found,
						WfError *error);
static char *next_name(const char **pointer, size_t *len);
static bool next_member(ItemFile *file, bool *first, Value *key, WfError *error);
static bool next_element(ItemFile *file, char close, bool *first, bool *ended,
						 WfError *error);
static bool take_value(ItemFile *file, Value *value, WfError *error);
static bool skip_value(ItemFile *file, WfError *error);
static bool find_end(ItemFile *file, size_t *len, WfError *error);
static bool find_container_end(ItemFile *file, size_t *len, WfError *error);
static bool find_string_end(ItemFile *file, size_t *offset, WfError *error);
static bool peek(ItemFile *file, int *byte, WfError *error);
static bool expect(ItemFile *file, char expected, WfError *error);
static bool fail_byte(int byte, WfError *error);
static bool is_blank(int byte);
static bool not_iterable(WfError *error);
static bool check_rest(ItemFile *file, WfError *error);

/* ---- one document ---- */

bool
item_json_next(ItemFile *file, Value *item, WfError *error)
{
	bool first = file->count == 0;
	ValueObject *pair;
	bool ended;
	Value key;
	Value value;

	*item = value_undefined();
	if (file->done)
		return true;
	if (file->close == 0 && !find_container(file, error))
		return false;
	if (!next_element(file, file->close, &first, &ended, error))
		return false;
	if (ended)
	{
		file->done = true;
		return check_rest(file, error);
	}
	file->count++;
	if (file->close == ']')
		return take_value(file, item, error);
	if (!next_member(file, &first, &key, error) || !take_value(file, &value, error))
		return false;
	pair = value_object_new(2);
	value_object_add_cstring(pair, "Key", key);
	value_object_add_cstring(pair, "Value", value);
	*item = value_from_object(pair);
	return true;
}

/* Go to what ItemsPointer points to, and into it */
static bool
find_container(ItemFile *file, WfError *error)
{
	const char *pointer = file->format->items_pointer;
	Value scalar;
	int byte;

	while (pointer != NULL && *pointer != '\0')
		if (!enter(file, &pointer, error))
			return false;
	if (!peek(file, &byte, error))
		return false;
	if (byte == '[' || byte == '{')
	{
		file->close = byte == '[' ? ']' : '}';
		file->window.start++;
		return true;
	}
	/* what is no JSON at all is told first */
	return take_value(file, &scalar, error) && not_iterable(error);
}

/* One step of the pointer */
static bool
enter(ItemFile *file, const char **pointer, WfError *error)
{
	bool found = false;
	Value scalar;
	char *name;
	size_t len;
	int byte;

	if (**pointer != '/')
		return item_fail(error,
						 "The ItemsPointer '%s' is not a valid JSON Pointer.",
						 file->format->items_pointer);
	name = next_name(pointer, &len);
	if (!peek(file, &byte, error))
		return false;
	if (byte == '{' || byte == '[')
		file->window.start++;
	else if (!take_value(file, &scalar, error))
		return false;
	if (byte == '{' && !enter_object(file, name, len, &found, error))
		return false;
	if (byte == '[' && !enter_array(file, name, len, &found, error))
		return false;
	return found || not_iterable(error);
}

static bool
enter_object(ItemFile *file, const char *name, size_t len, bool *found, WfError *error)
{
	bool first = true;
	bool ended;
	Value key;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (!next_element(file, '}', &first, &ended, error))
			return false;
		if (ended)
			return true;
		if (!next_member(file, &first, &key, error))
			return false;
		if ((size_t) key.len == len && memcmp(key.u.string, name, len) == 0)
		{
			*found = true;
			return true;
		}
		if (!skip_value(file, error))
			return false;
	}
}

static bool
enter_array(ItemFile *file, const char *name, size_t len, bool *found, WfError *error)
{
	bool first = true;
	bool ended;
	char *number_end;
	unsigned long wanted = strtoul(name, &number_end, 10);

	/* digits, no needless zeroes */
	if (len == 0 || strspn(name, "0123456789") != len || (len > 1 && *name == '0'))
		return true;
	for (unsigned long i = 0;; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!next_element(file, ']', &first, &ended, error))
			return false;
		if (ended)
			return true;
		if (i == wanted)
		{
			*found = true;
			return true;
		}
		if (!skip_value(file, error))
			return false;
	}
}

/* The next name of a JSON Pointer, without its escapes */
static char *
next_name(const char **pointer, size_t *len)
{
	const char *p = *pointer + 1;
	size_t size = strcspn(p, "/");
	char *name = palloc(size + 1);

	*pointer = p + size;
	*len = 0;
	for (const char *end = p + size; p < end; p++)
	{
		if (*p == '~' && p + 1 < end && (p[1] == '0' || p[1] == '1'))
			name[(*len)++] = *++p == '0' ? '~' : '/';
		else
			name[(*len)++] = *p;
	}
	name[*len] = '\0';
	return name;
}

/* To the next element of a container, behind the comma; or behind its end */
static bool
next_element(ItemFile *file, char close, bool *first, bool *ended, WfError *error)
{
	int byte;

	*ended = false;
	if (!peek(file, &byte, error))
		return false;
	if (byte == close)
	{
		file->window.start++;
		*ended = true;
		return true;
	}
	if (!*first)
		return expect(file, ',', error) && peek(file, &byte, error) &&
			   (byte != close || fail_byte(byte, error));
	*first = false;
	return true;
}

/* Over the name of a member, which is copied, and the colon */
static bool
next_member(ItemFile *file, bool *first, Value *key, WfError *error)
{
	int byte;

	*first = false;
	if (!peek(file, &byte, error))
		return false;
	if (byte != '"')
		return fail_byte(byte, error);
	return take_value(file, key, error) && expect(file, ':', error);
}

static bool
take_value(ItemFile *file, Value *value, WfError *error)
{
	size_t len;

	if (!find_end(file, &len, error))
		return false;
	if (!item_parse(file->window.data + file->window.start,
					len,
					"The JSON object",
					value,
					error))
		return false;
	file->window.start += len;
	return true;
}

/* Nothing of it is kept: it may be larger than an item */
static bool
skip_value(ItemFile *file, WfError *error)
{
	ItemWindow *window = &file->window;
	int depth = 0;
	int byte;

	do
	{
		size_t len = 0;

		if (!peek(file, &byte, error))
			return false;
		if (byte == '{' || byte == '[')
			depth++;
		else if (byte == '}' || byte == ']')
			depth--;
		else if (byte == '"')
		{
			len = 1;
			if (!find_string_end(file, &len, error))
				return false;
			len--;
		}
		else if (byte < 0)
			return fail_byte(byte, error);
		else if (depth == 0)
			return find_end(file, &len, error) && (window->start += len, true);
		window->start += len + 1;
		CHECK_FOR_INTERRUPTS();
	} while (depth > 0);
	return true;
}

/* ---- where a value ends ---- */

/* Blanks before it are used up; *len is its length */
static bool
find_end(ItemFile *file, size_t *len, WfError *error)
{
	int byte;

	if (!peek(file, &byte, error))
		return false;
	if (byte == '{' || byte == '[')
		return find_container_end(file, len, error);
	if (byte == '"')
	{
		*len = 1;
		return find_string_end(file, len, error);
	}
	*len = 0;
	while (byte >= 0 && !is_blank(byte) && byte != ',' && byte != ']' && byte != '}' &&
		   byte != ':')
		if (!item_window_at(&file->window, ++*len, &byte, error))
			return false;
	return *len > 0 || fail_byte(byte, error);
}

static bool
find_container_end(ItemFile *file, size_t *len, WfError *error)
{
	size_t offset = 0;
	int depth = 0;
	int byte;

	do
	{
		if (!item_window_at(&file->window, offset++, &byte, error))
			return false;
		if (byte < 0)
			return fail_byte(byte, error);
		if (byte == '{' || byte == '[')
			depth++;
		else if (byte == '}' || byte == ']')
			depth--;
		else if (byte == '"' && !find_string_end(file, &offset, error))
			return false;
	} while (depth > 0);
	*len = offset;
	return true;
}

/* From behind the first quote to behind the last */
static bool
find_string_end(ItemFile *file, size_t *offset, WfError *error)
{
	int byte;

	for (;;)
	{
		if (!item_window_at(&file->window, (*offset)++, &byte, error))
			return false;
		if (byte < 0)
			return fail_byte(byte, error);
		if (byte == '"')
			return true;
		if (byte == '\\')
			(*offset)++;
	}
}

/* The next byte that is not blank, or -1; it is not used up */
static bool
peek(ItemFile *file, int *byte, WfError *error)
{
	for (;;)
	{
		if (!item_window_at(&file->window, 0, byte, error))
			return false;
		if (!is_blank(*byte))
			return true;
		file->window.start++;
	}
}

static bool
expect(ItemFile *file, char expected, WfError *error)
{
	int byte;

	if (!peek(file, &byte, error))
		return false;
	if (byte != expected)
		return fail_byte(byte, error);
	file->window.start++;
	return true;
}

static bool
is_blank(int byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool
fail_byte(int byte, WfError *error)
{
	if (byte < 0)
		return item_fail(error, "The JSON object ends too early.");
	if (byte < ' ' || byte > '~')
		return item_fail(error, "The JSON object has an unexpected byte 0x%02x.", byte);
	return item_fail(error, "The JSON object has an unexpected character '%c'.", byte);
}

static bool
not_iterable(WfError *error)
{
	return item_fail(error, "Attempting to map over non-iterable node.");
}

/* Behind a whole document there is nothing; what a pointer points to has more around it */
static bool
check_rest(ItemFile *file, WfError *error)
{
	int byte;

	if (file->format->items_pointer != NULL && *file->format->items_pointer != '\0')
		return true;
	return peek(file, &byte, error) && (byte < 0 || fail_byte(byte, error));
}

/* ---- a document a line ---- */

bool
item_jsonl_next(ItemFile *file, Value *item, WfError *error)
{
	ItemWindow *window = &file->window;

	*item = value_undefined();
	for (;;)
	{
		bool blank = true;
		size_t len = 0;
		int byte;

		for (;; len++)
		{
			if (!item_window_at(window, len, &byte, error))
				return false;
			if (byte < 0 || byte == '\n')
				break;
			blank &= is_blank(byte);
		}
		file->count++;
		if (!blank && !item_parse(window->data + window->start,
								  len,
								  psprintf("Line " INT64_FORMAT, file->count),
								  item,
								  error))
			return false;
		window->start += byte < 0 ? len : len + 1;
		if (!blank || byte < 0)
			return true;
	}
}
