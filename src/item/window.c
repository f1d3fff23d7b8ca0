/*-------------------------------------------------------------------------
 *
 * window.c
 *	  The window on a file that is read: decompressed, as UTF-8.
 *
 * A file is compressed with gzip where it begins as such a file does, whatever
 * its name; and is UTF-8 unless it begins with the byte order mark of UTF-16.
 *
 * Must not know what the bytes mean.
 *
 * IDENTIFICATION
 *	  src/item/window.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <zlib.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "item/read.h"
#include "util/utf8.h"

#define PIECE 65536

/* window bits of inflateInit2() for gzip's format only */
#define GZIP_FORMAT (16 + MAX_WBITS)

/* Stands between the bytes of the file and the window */
struct ItemDecoder
{
	/* gzip */
	bool compressed;
	bool in_member; /* of several compressed files one after another: inside of one */
	bool full;      /* zlib has more to give before it needs more to read */
	z_stream stream;
	const char *piece; /* compressed bytes that are still to come */
	size_t left;
	char *inflated; /* PIECE bytes */
	/* UTF-16 */
	bool utf16;
	bool big_endian;
	int pending;      /* first byte of a code unit, or -1 */
	uint32 surrogate; /* first half of a character, or 0 */
};

static bool read_start(ItemWindow *window, WfError *error);
static bool read_piece(ItemWindow *window, const char **piece, size_t *len,
					   WfError *error);
static bool inflate_piece(ItemWindow *window, const char **piece, size_t *len,
						  WfError *error);
static bool start_inflate(ItemWindow *window, WfError *error);
static void *allocate(void *context, unsigned int items, unsigned int size);
static void release(void *context, void *pointer);
static bool skip_mark(ItemWindow *window, WfError *error);
static bool append(ItemWindow *window, const char *bytes, size_t len, WfError *error);
static void append_utf16(ItemWindow *window, const char *bytes, size_t len);
static void append_unit(ItemWindow *window, uint32 unit);
static void append_code_point(ItemWindow *window, uint32 code_point);
static bool make_room(ItemWindow *window, size_t len, WfError *error);

bool
item_window_open(ItemWindow *window, const ItemBytes *bytes, WfError *error)
{
	ItemDecoder *decoder = palloc0_object(ItemDecoder);

	memset(window, 0, sizeof(ItemWindow));
	window->bytes = *bytes;
	window->context = CurrentMemoryContext;
	window->decoder = decoder;
	decoder->pending = -1;
	if (!read_start(window, error))
		return false;
	if (decoder->left >= 4 && memcmp(decoder->piece, "\x28\xb5\x2f\xfd", 4) == 0)
		return item_fail(error, "Objects compressed with ZSTD cannot be read here.");
	if (decoder->left >= 2 && memcmp(decoder->piece, "\x1f\x8b", 2) == 0)
	{
		decoder->compressed = true;
		if (!start_inflate(window, error))
			return false;
	}
	return skip_mark(window, error);
}

void
item_window_close(ItemWindow *window)
{
	if (window->decoder != NULL && window->decoder->compressed)
		(void) inflateEnd(&window->decoder->stream);
	if (window->bytes.close != NULL)
		window->bytes.close(window->bytes.state);
	if (window->data != NULL)
		pfree(window->data);
	memset(window, 0, sizeof(ItemWindow));
	window->ended = true;
}

bool
item_window_more(ItemWindow *window, WfError *error)
{
	ItemDecoder *decoder = window->decoder;
	const char *piece;
	size_t len;

	CHECK_FOR_INTERRUPTS();
	if (decoder->compressed)
	{
		if (!inflate_piece(window, &piece, &len, error))
			return false;
	}
	else if (decoder->left > 0)
	{
		piece = decoder->piece;
		len = decoder->left;
		decoder->left = 0;
	}
	else if (!read_piece(window, &piece, &len, error))
		return false;
	if (len > 0)
		return append(window, piece, len, error);
	window->ended = true;
	/* half a character at the end */
	if (decoder->pending >= 0 || decoder->surrogate != 0)
		append_code_point(window, UTF8_REPLACEMENT);
	decoder->pending = -1;
	decoder->surrogate = 0;
	return true;
}

/* As much as tells what the file is, however small the pieces are */
static bool
read_start(ItemWindow *window, WfError *error)
{
	ItemDecoder *decoder = window->decoder;
	StringInfoData start;
	const char *piece;
	size_t len;

	initStringInfo(&start);
	do
	{
		if (!read_piece(window, &piece, &len, error))
			return false;
		if (len > 0)
			appendBinaryStringInfo(&start, piece, (int) len);
	} while (len > 0 && start.len < 4);
	decoder->piece = start.data;
	decoder->left = start.len;
	return true;
}

static bool
read_piece(ItemWindow *window, const char **piece, size_t *len, WfError *error)
{
	return window->bytes.next(window->bytes.state, piece, len, error);
}

/* ---- gzip ---- */

static bool
start_inflate(ItemWindow *window, WfError *error)
{
	ItemDecoder *decoder = window->decoder;

	decoder->inflated = MemoryContextAlloc(window->context, PIECE);
	decoder->stream.zalloc = allocate;
	decoder->stream.zfree = release;
	decoder->stream.opaque = window->context;
	decoder->in_member = true;
	if (inflateInit2(&decoder->stream, GZIP_FORMAT) != Z_OK)
		return item_fail(error, "The GZIP object could not be read.");
	return true;
}

static void *
allocate(void *context, unsigned int items, unsigned int size)
{
	return MemoryContextAlloc(context, (Size) items * size);
}

static void
release(void *context, void *pointer)
{
	pfree(pointer);
}

/*
 * The next decompressed bytes.  A file may be several compressed ones, one
 * after another.
 */
static bool
inflate_piece(ItemWindow *window, const char **piece, size_t *len, WfError *error)
{
	ItemDecoder *decoder = window->decoder;
	z_stream *stream = &decoder->stream;

	*piece = decoder->inflated;
	do
	{
		int result;

		CHECK_FOR_INTERRUPTS();
		*len = 0;
		if (decoder->left == 0 && !decoder->full &&
			!read_piece(window, &decoder->piece, &decoder->left, error))
			return false;
		if (decoder->left == 0 && !decoder->full && decoder->in_member)
			return item_fail(error, "The GZIP object ends too early.");
		if (decoder->left == 0 && !decoder->full)
			return true;
		if (!decoder->in_member)
			(void) inflateReset(stream);
		decoder->in_member = true;
		stream->next_in = (Bytef *) unconstify(char *, decoder->piece);
		stream->avail_in = (uInt) Min(decoder->left, PG_INT32_MAX);
		stream->next_out = (Bytef *) decoder->inflated;
		stream->avail_out = PIECE;
		result = inflate(stream, Z_NO_FLUSH);
		decoder->left -= (const char *) stream->next_in - decoder->piece;
		decoder->piece = (const char *) stream->next_in;
		decoder->full = stream->avail_out == 0 && result == Z_OK;
		if (result == Z_STREAM_END)
			decoder->in_member = false;
		else if (result != Z_OK && result != Z_BUF_ERROR)
			return item_fail(error,
							 "The GZIP object is broken: %s",
							 stream->msg == NULL ? zError(result) : stream->msg);
		*len = PIECE - stream->avail_out;
	} while (*len == 0);
	return true;
}

/* ---- UTF-16 ---- */

/* Find out what the file is written in */
static bool
skip_mark(ItemWindow *window, WfError *error)
{
	ItemDecoder *decoder = window->decoder;
	char *copy;
	size_t len;

	while (window->end < 3 && !window->ended)
		if (!item_window_more(window, error))
			return false;
	len = window->end;
	if (len >= 3 && memcmp(window->data, "\xef\xbb\xbf", 3) == 0)
		window->start = 3;
	else if (len >= 2 && (memcmp(window->data, "\xff\xfe", 2) == 0 ||
						  memcmp(window->data, "\xfe\xff", 2) == 0))
	{
		decoder->utf16 = true;
		decoder->big_endian = window->data[0] == '\xfe';
		copy = palloc(len);
		memcpy(copy, window->data, len);
		window->end = 0;
		if (!append(window, copy + 2, len - 2, error))
			return false;
		pfree(copy);
		/* what ended was read before it was known what it is */
		if (window->ended)
			return item_window_more(window, error);
	}
	return true;
}

static bool
append(ItemWindow *window, const char *bytes, size_t len, WfError *error)
{
	/* two bytes of UTF-16 are at most three of UTF-8 */
	if (!make_room(window, window->decoder->utf16 ? len * 2 + 8 : len, error))
		return false;
	if (window->decoder->utf16)
		append_utf16(window, bytes, len);
	else
	{
		memcpy(window->data + window->end, bytes, len);
		window->end += len;
	}
	return true;
}

static void
append_utf16(ItemWindow *window, const char *bytes, size_t len)
{
	ItemDecoder *decoder = window->decoder;

	for (size_t i = 0; i < len; i++)
	{
		int byte = (unsigned char) bytes[i];

		if (decoder->pending < 0)
		{
			decoder->pending = byte;
			continue;
		}
		append_unit(window,
					decoder->big_endian ? decoder->pending << 8 | byte
										: byte << 8 | decoder->pending);
		decoder->pending = -1;
	}
}

static void
append_unit(ItemWindow *window, uint32 unit)
{
	ItemDecoder *decoder = window->decoder;
	uint32 first = decoder->surrogate;

	decoder->surrogate = 0;
	if (first != 0 && unit >= 0xDC00 && unit < 0xE000)
	{
		append_code_point(window, 0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00));
		return;
	}
	if (first != 0)
		append_code_point(window, UTF8_REPLACEMENT);
	if (unit >= 0xD800 && unit < 0xDC00)
		decoder->surrogate = unit;
	else
		append_code_point(window, unit); /* the second half alone is replaced */
}

static void
append_code_point(ItemWindow *window, uint32 code_point)
{
	window->end += utf8_encode(code_point, window->data + window->end);
}

/* ---- room ---- */

static bool
make_room(ItemWindow *window, size_t len, WfError *error)
{
	size_t left = item_window_left(window);
	size_t capacity = Max(window->capacity, PIECE);

	if (left > ITEM_MAX_BYTES)
		return item_fail(error,
						 "An item is larger than the maximum of %d bytes.",
						 ITEM_MAX_BYTES);
	if (window->start > 0)
	{
		memmove(window->data, window->data + window->start, left);
		window->start = 0;
		window->end = left;
	}
	/* and for the half of a character that the end may leave */
	while (capacity < left + len + UTF8_MAX_BYTES)
		capacity *= 2;
	if (window->data == NULL)
		window->data = MemoryContextAllocHuge(window->context, capacity);
	else if (capacity > window->capacity)
		window->data = repalloc_huge(window->data, capacity);
	window->capacity = capacity;
	return true;
}
