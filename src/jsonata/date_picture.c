/*-------------------------------------------------------------------------
 *
 * date_picture.c
 *	  Pictures of dates: reading and keeping them.
 *
 * A picture is text with markers: [component presentation , width], as for
 * format-dateTime() of XPath.  The same one is mostly used for many dates, so
 * the last few are kept compiled in memory of their own.
 *
 * IDENTIFICATION
 *	  src/jsonata/date_picture.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "jsonata/date_picture.h"
#include "jsonata/fn.h"
#include "util/utf8.h"

#define CACHED_PICTURES 16
#define MAX_CACHED_LEN 256 /* a longer picture is compiled each time */

static DatePicture *picture_cache[CACHED_PICTURES];

static void cache_picture(const DatePicture *picture);
static bool read_picture(JsonataCall *call, DatePicture *picture);
static DatePart *add_part(DatePicture *picture);
static void add_literal(DatePicture *picture, const char *s, int len);
static bool add_marker(JsonataCall *call, DatePicture *picture, const char *s, int len);
static const char *default_presentation(char component);
static void read_width(const char *s, int len, DatePart *part);
static int read_one_width(const char *s, int len);
static bool read_presentation(JsonataCall *call, DatePicture *picture, DatePart *part,
							  const char *s, int len);
static void set_year_digits(DatePart *part);

bool
date_picture_get(JsonataCall *call, Value text, DatePicture **picture)
{
	uint32 hash = hash_bytes((const unsigned char *) text.u.string, text.len);
	DatePicture *cached = picture_cache[hash % CACHED_PICTURES];

	if (cached == NULL || cached->len != text.len ||
		memcmp(cached->text, text.u.string, text.len) != 0)
	{
		DatePicture fresh = {.context = CurrentMemoryContext};

		fresh.text = text.u.string;
		fresh.len = text.len;
		if (!read_picture(call, &fresh))
			return false;
		if (text.len > MAX_CACHED_LEN)
		{
			*picture = palloc_object(DatePicture);
			**picture = fresh;
			return true;
		}
		cache_picture(&fresh);
		cached = picture_cache[hash % CACHED_PICTURES];
	}
	*picture = cached;
	return true;
}

/* A copy in memory of its own, in the place of what was there */
static void
cache_picture(const DatePicture *picture)
{
	uint32 hash = hash_bytes((const unsigned char *) picture->text, picture->len);
	DatePicture **slot = &picture_cache[hash % CACHED_PICTURES];
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "workflow date picture",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	DatePicture *copy = palloc_object(DatePicture);

	*copy = *picture;
	copy->context = context;
	copy->text = pnstrdup(picture->text, picture->len);
	copy->parts = palloc_array(DatePart, Max(picture->nparts, 1));
	for (int i = 0; i < picture->nparts; i++)
	{
		copy->parts[i] = picture->parts[i];
		if (copy->parts[i].text != NULL)
			copy->parts[i].text = pnstrdup(copy->parts[i].text, copy->parts[i].len);
	}
	MemoryContextSwitchTo(before);
	if (*slot != NULL)
		MemoryContextDelete((*slot)->context);
	*slot = NULL;
	MemoryContextSetParent(context, TopMemoryContext);
	*slot = copy;
}

/* text [marker] text ...; "[[" and "]]" stand for one bracket */
static bool
read_picture(JsonataCall *call, DatePicture *picture)
{
	const char *p = picture->text;
	const char *end = p + picture->len;
	const char *start = p;

	while (p < end)
	{
		const char *close;

		if (*p != '[')
		{
			p++;
			continue;
		}
		add_literal(picture, start, (int) (p - start));
		if (p + 1 < end && p[1] == '[')
		{
			add_literal(picture, p, 1);
			start = p = p + 2;
			continue;
		}
		close = memchr(p, ']', end - p);
		if (close == NULL)
			return jsonata_raise(call, "D3135");
		if (!add_marker(call, picture, p + 1, (int) (close - p - 1)))
			return false;
		start = p = close + 1;
	}
	add_literal(picture, start, (int) (end - start));
	return jsonata_tick(call, picture->len);
}

static DatePart *
add_part(DatePicture *picture)
{
	DatePart *part;

	if (picture->nparts == picture->capacity)
	{
		picture->capacity = Max(2 * picture->capacity, 16);
		picture->parts =
			picture->parts == NULL
				? palloc_array(DatePart, picture->capacity)
				: repalloc_array(picture->parts, DatePart, picture->capacity);
	}
	part = &picture->parts[picture->nparts++];
	memset(part, 0, sizeof(*part));
	part->min_width = part->max_width = part->year_digits = -1;
	return part;
}

static void
add_literal(DatePicture *picture, const char *s, int len)
{
	DatePart *part;
	char *text;

	if (len == 0)
		return;
	part = add_part(picture);
	text = palloc(len);
	for (int i = 0; i < len; i++)
	{
		text[part->len++] = s[i];
		if (s[i] == ']' && i + 1 < len && s[i + 1] == ']')
			i++;
	}
	part->text = text;
}

/* component presentation [, width], blanks do not count */
static bool
add_marker(JsonataCall *call, DatePicture *picture, const char *s, int len)
{
	DatePart *part = add_part(picture);
	char *marker = palloc(len + 1);
	char *comma;
	int n = 0;

	for (int i = 0; i < len; i++)
		if (s[i] != ' ' && !(s[i] >= '\t' && s[i] <= '\r'))
			marker[n++] = s[i];
	marker[n] = '\0';
	if (n == 0 || default_presentation(marker[0]) == NULL)
		return jsonata_raise_value(call,
								   "D3132",
								   value_string(marker, utf8_offset(marker, n, 1)));
	part->component = marker[0];
	comma = strrchr(marker, ',');
	if (comma != NULL)
	{
		read_width(comma + 1, (int) (marker + n - comma - 1), part);
		n = (int) (comma - marker);
	}
	return read_presentation(call, picture, part, marker + 1, n - 1);
}

/* NULL: there is no such component */
static const char *
default_presentation(char component)
{
	if (component == '\0')
		return NULL;
	if (component == 'm' || component == 's')
		return "01";
	if (component == 'F' || strchr(NAME_COMPONENTS, component) != NULL)
		return "n";
	if (strchr(ZONE_COMPONENTS, component) != NULL)
		return "01:01";
	return strchr(INTEGER_COMPONENTS, component) != NULL ? "1" : NULL;
}

/* min [- max] */
static void
read_width(const char *s, int len, DatePart *part)
{
	const char *dash = memchr(s, '-', len);

	part->min_width = read_one_width(s, dash == NULL ? len : (int) (dash - s));
	if (dash != NULL)
		part->max_width = read_one_width(dash + 1, (int) (s + len - dash - 1));
}

/* -1 where it is "*", or no number */
static int
read_one_width(const char *s, int len)
{
	int width = 0;
	int i;

	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9' && width < 100000; i++)
		width = width * 10 + (s[i] - '0');
	return i == 0 ? -1 : width;
}

static bool
read_presentation(JsonataCall *call, DatePicture *picture, DatePart *part, const char *s,
				  int len)
{
	const DatePart *previous = picture->nparts > 1 ? part - 1 : NULL;

	if (len == 0)
	{
		s = default_presentation(part->component);
		len = (int) strlen(s);
	}
	else if (len > 1 && strchr("atco", s[len - 1]) != NULL)
		part->modifier = s[--len];

	if (strchr(NAME_COMPONENTS, part->component) != NULL || *s == 'n' || *s == 'N')
	{
		part->named = *s == 'n' || *s == 'N';
		part->name_case = *s == 'n'                ? PICTURE_LOWER
						  : len > 1 && s[1] == 'n' ? PICTURE_TITLE
												   : PICTURE_UPPER;
		return true;
	}
	part->has_integer = true;
	if (!picture_read_integer(call, s, len, &part->integer))
		return false;
	if (strchr(ZONE_COMPONENTS, part->component) != NULL)
		return true;
	part->integer.ordinal |= part->modifier == 'o';
	part->integer.mandatory_digits = Max(part->integer.mandatory_digits, part->min_width);
	set_year_digits(part);
	/* without anything between them, only the width tells where a number ends */
	if (previous != NULL && previous->has_integer)
		picture->parts[picture->nparts - 2].integer.parse_width =
			previous->integer.mandatory_digits;
	return true;
}

static void
set_year_digits(DatePart *part)
{
	if (part->component != 'Y')
		return;
	if (part->max_width >= 0)
		part->year_digits = part->integer.mandatory_digits = part->max_width;
	else
	{
		int digits = part->integer.mandatory_digits + part->integer.optional_digits;

		if (digits >= 2)
			part->year_digits = digits;
	}
}
