/*-------------------------------------------------------------------------
 *
 * read.h
 *	  How bytes become items: the window on a file, the parsers of its formats.
 *	  Private to src/item.
 *
 * IDENTIFICATION
 *	  src/item/read.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ITEM_READ_H
#define WORKFLOW_ITEM_READ_H

#include "item/item.h"
#include "util/errcodes.h"

#define item_fail(error, ...)                                                            \
	wf_error_set((error), ERRCODE_WF_ASL, ITEM_ERROR_READER, __VA_ARGS__)

/* window.c */

typedef struct ItemDecoder ItemDecoder;

/*
 * What of a file has been read and not been used up yet, decompressed and as
 * UTF-8: data[start] to data[end - 1].  Parsers look ahead by offsets from start, which
 * item_window_more() leaves valid, and then move start.
 */
typedef struct ItemWindow
{
	char *data;
	size_t start;
	size_t end;
	bool ended; /* there is no more */
	/* private */
	size_t capacity;
	ItemBytes bytes;
	ItemDecoder *decoder;
	MemoryContext context;
} ItemWindow;

/* The bytes are the window's from then on, to close them as well */
extern bool item_window_open(ItemWindow *window, const ItemBytes *bytes, WfError *error);

/*
 * Read on.  false fills *error; where there is no more, sets ended.  What has to be in
 * the window at once is one item, so it fails beyond ITEM_MAX_BYTES.
 */
extern bool item_window_more(ItemWindow *window, WfError *error);
extern void item_window_close(ItemWindow *window);

static inline size_t
item_window_left(const ItemWindow *window)
{
	return window->end - window->start;
}

/*
 * The byte at an offset into *byte, -1 behind the end of the file; false fills
 * *error.
 */
pg_nodiscard static inline bool
item_window_at(ItemWindow *window, size_t offset, int *byte, WfError *error)
{
	while (offset >= item_window_left(window) && !window->ended)
		if (!item_window_more(window, error))
			return false;
	*byte = offset < item_window_left(window)
				? (unsigned char) window->data[window->start + offset]
				: -1;
	return true;
}

/* file.c */

/* One file, being read in its format */
typedef struct ItemFile
{
	const AslItemFormat *format;
	AslInputType type;
	ItemWindow window;
	MemoryContext context;
	int64 count; /* items or lines read, for messages */
	/* CSV */
	int nheaders;
	const char **headers;
	int *header_lens;
	bool has_headers;
	/* JSON */
	char close; /* ']' or '}' of what is iterated, 0 before it was found */
	bool done;
} ItemFile;

/* type as the format's, but for the files that a manifest names; NULL fills *error */
extern ItemFile *item_file_open(const AslItemFormat *format, AslInputType type,
								const ItemBytes *bytes, WfError *error);
extern bool item_file_next(ItemFile *file, Value *item, WfError *error);
extern void item_file_close(ItemFile *file);

/* A piece of text as an item; what: "line 3", for messages */
extern bool item_parse(const char *text, size_t len, const char *what, Value *item,
					   WfError *error);

/* Is it UTF-8, without NUL? */
extern bool item_check_text(const char *text, size_t len, WfError *error);

/* csv.c */

/* A row: fields one after another in text, each ended by NUL; count 0: no more rows */
typedef struct ItemRow
{
	int count;
	int capacity;
	size_t *starts;
	StringInfoData text;
} ItemRow;

extern bool item_csv_row(ItemFile *file, ItemRow *row, WfError *error);
extern void item_csv_set_headers(ItemFile *file, const char **headers, int count);
extern bool item_csv_next(ItemFile *file, Value *item, WfError *error);

/* json.c */
extern bool item_json_next(ItemFile *file, Value *item, WfError *error);
extern bool item_jsonl_next(ItemFile *file, Value *item, WfError *error);

/* manifest.c */

/* The files that a manifest names, and how to read them */
typedef struct ItemManifest
{
	int count;
	int capacity;
	const char **buckets;
	const char **keys;
	AslItemFormat format; /* of the files */
} ItemManifest;

/* NULL fills *error */
extern ItemManifest *item_manifest_read(const AslItemFormat *format,
										const ItemBytes *bytes, WfError *error);

#endif /* WORKFLOW_ITEM_READ_H */
