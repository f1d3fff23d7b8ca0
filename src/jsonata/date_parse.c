/*-------------------------------------------------------------------------
 *
 * date_parse.c
 *	  Reading dates by picture.
 *
 * The picture becomes one regular expression with a group for each marker, and
 * what the groups matched is put together to a point in time.
 *
 * IDENTIFICATION
 *	  src/jsonata/date_parse.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/date_picture.h"
#include "jsonata/fn.h"
#include "util/timestamp.h"
#include "util/utf8.h"

/* What is known of a date; the component is the index */
typedef struct DateComponents
{
	bool present[128];
	double values[128];
} DateComponents;

static bool make_regex(JsonataCall *call, DatePicture *picture);
static void append_escaped(StringInfo out, const char *s, int len);
static bool parse_part(JsonataCall *call, const DatePart *part, const char *s, int len,
					   DateComponents *components);
static double fraction_millis(const char *s, int len);
static double zone_minutes(const DatePart *part, const char *s, int len);
static int find_name(const DatePart *part, const char *s, int len);
static int mask_of(const DateComponents *components, const char *letters);
static bool assemble(JsonataCall *call, DateComponents *components, Value *result);
static bool fill_in(JsonataCall *call, DateComponents *components, const char *letters);
static double utc_of(const DateComponents *components);

bool
picture_parse_date(JsonataCall *call, Value text, Value picture, Value *result)
{
	DatePicture *compiled;
	JsonataRegexMatch match;
	DateComponents components = {0};
	bool any = false;

	if (!date_picture_get(call, picture, &compiled) ||
		(compiled->regex == NULL && !make_regex(call, compiled)))
		return false;
	switch (jsonata_regex_match(compiled->regex, text.u.string, text.len, 0, &match))
	{
		case REGEX_NO_MATCH:
			return true;
		case REGEX_LIMIT:
			return fn_raise_limit(call, FN_TIME_LIMIT);
		case REGEX_MATCH:
			break;
	}
	for (int i = 0, group = 1; i < compiled->nparts; i++)
	{
		int len;
		const char *s;

		if (compiled->parts[i].text != NULL)
			continue;
		s = jsonata_regex_group(&match, text.u.string, group++, &len);
		if (!parse_part(call, &compiled->parts[i], s, len, &components))
			return false;
		any = true;
	}
	return any ? assemble(call, &components, result) : true;
}

/* A group for each marker */
static bool
make_regex(JsonataCall *call, DatePicture *picture)
{
	MemoryContext before;
	char *message;
	StringInfoData pattern;

	for (int i = 0; i < picture->nparts; i++)
	{
		const DatePart *part = &picture->parts[i];

		if (part->text == NULL && strchr(ZONE_COMPONENTS, part->component) != NULL
				? !part->has_integer
				: part->text == NULL && !part->has_integer &&
					  strchr("MxFP", part->component) == NULL)
			return date_raise_component(call, "D3133", part->component);
	}

	before = MemoryContextSwitchTo(picture->context);
	initStringInfo(&pattern);
	appendStringInfoChar(&pattern, '^');
	for (int i = 0; i < picture->nparts; i++)
	{
		const DatePart *part = &picture->parts[i];

		if (part->text != NULL)
		{
			append_escaped(&pattern, part->text, part->len);
			continue;
		}
		appendStringInfoChar(&pattern, '(');
		if (strchr(ZONE_COMPONENTS, part->component) != NULL)
		{
			appendStringInfo(&pattern,
							 "%s[-+][0-9]+",
							 part->component == 'z' ? "GMT" : "");
			if (part->integer.nseparators > 0)
			{
				char separator[UTF8_MAX_BYTES];
				int len = utf8_encode(part->integer.separators[0].character, separator);

				append_escaped(&pattern, separator, len);
				appendStringInfoString(&pattern, "[0-9]+");
			}
			if (part->modifier == 't')
				appendStringInfoString(&pattern, "|Z");
		}
		else if (part->component == 'f')
			appendStringInfoString(&pattern, "[0-9]+");
		else if (part->has_integer)
			picture_append_integer_regex(&pattern, &part->integer);
		else
			appendStringInfoString(&pattern, "[a-z]+");
		appendStringInfoChar(&pattern, ')');
	}
	appendStringInfoChar(&pattern, '$');
	picture->regex =
		jsonata_regex_compile(pattern.data, pattern.len, true, false, &message);
	MemoryContextSwitchTo(before);
	/* a picture too large for one */
	return picture->regex != NULL || fn_raise_limit(call, FN_MEMORY_LIMIT);
}

static void
append_escaped(StringInfo out, const char *s, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (s[i] != '\0' && strchr("-.*+?^${}()|[]\\/", s[i]) != NULL)
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, s[i]);
	}
}

/* What a marker's text stands for; an unknown name for nothing */
static bool
parse_part(JsonataCall *call, const DatePart *part, const char *s, int len,
		   DateComponents *components)
{
	int c = part->component;

	if (strchr(ZONE_COMPONENTS, c) != NULL)
		components->values[c] = zone_minutes(part, s, len);
	else if (c == 'f')
		components->values[c] = fraction_millis(s, len);
	else if (part->has_integer)
	{
		if (!picture_parse_integer(call, s, len, &part->integer, &components->values[c]))
			return false;
	}
	else
	{
		int n = find_name(part, s, len);

		if (n < 0)
			return true;
		components->values[c] = n;
	}
	components->present[c] = true;
	return true;
}

/* Digits behind a decimal point; what is less than a millisecond is cut off */
static double
fraction_millis(const char *s, int len)
{
	int millis = 0;

	for (int i = 0; i < 3; i++)
		millis = millis * 10 + (i < len ? s[i] - '0' : 0);
	return millis;
}

/* [GMT]+hh[:]mm */
static double
zone_minutes(const DatePart *part, const char *s, int len)
{
	const char *end = s + len;
	int numbers[2] = {0, 0};
	int digits = 0;
	bool negative;

	if (part->component == 'z' && len > 3)
		s += 3;
	if (s == end || *s == 'Z' || *s == 'z')
		return 0;
	negative = *s++ == '-';
	for (; s < end && digits < 6; s++)
	{
		/* the minutes begin behind a separator, or behind two digits that are not all */
		if (*s < '0' || *s > '9')
			digits = 2;
		else
		{
			int *number = &numbers[digits >= 2];

			*number = *number * 10 + (*s - '0');
			digits++;
		}
	}
	return (negative ? -1 : 1) * (numbers[0] * 60 + numbers[1]);
}

/* Number of a month or a day, 0 or 1 for am and pm; -1 where there is no such name */
static int
find_name(const DatePart *part, const char *s, int len)
{
	const char *const *names = part->component == 'F' ? date_day_names : date_month_names;
	int count =
		part->component == 'F' ? lengthof(date_day_names) : lengthof(date_month_names);

	if (part->component == 'P')
	{
		if (len != 2 || pg_ascii_tolower(s[1]) != 'm')
			return -1;
		return pg_ascii_tolower(*s) == 'a' ? 0 : pg_ascii_tolower(*s) == 'p' ? 1 : -1;
	}
	for (int i = 0; i < count; i++)
	{
		int name_len = (int) strlen(names[i]);

		if (part->max_width >= 0)
			name_len = Min(name_len, part->max_width);
		if (len == name_len && pg_strncasecmp(s, names[i], len) == 0)
			return i + 1;
	}
	return -1;
}

/* Bits for the components that are there, the last letter is the lowest; zero is not there */
static int
mask_of(const DateComponents *components, const char *letters)
{
	int mask = 0;

	for (; *letters != '\0'; letters++)
	{
		int c = *letters;

		mask <<= 1;
		if (components->present[c] && components->values[c] != 0 &&
			!isnan(components->values[c]))
			mask |= 1;
	}
	return mask;
}

/*
 * Put a date together.  What is larger than all that was given comes from the
 * clock, what is smaller is the first there is; a gap between is an error
 * (D3136).  Dates by their week cannot be read.
 */
static bool
assemble(JsonataCall *call, DateComponents *components, Value *result)
{
	int date = mask_of(components, "YXMxWwdD");
	int time = mask_of(components, "PHhmsf");
	bool by_day_of_year = date != 0 && (date & ~0xA1) != 0 && (date & ~0x82) == 0;
	bool by_week =
		date != 0 && (date & ~0xA1) != 0 && ((date & ~0x54) == 0 || (date & ~0x48) == 0);
	bool by_half_day = time != 0 && (time & ~0x17) != 0 && (time & ~0x2F) == 0;
	double *values = components->values;
	double millis;

	if (by_week)
		return jsonata_raise(call, "D3136");
	if (!fill_in(call,
				 components,
				 by_day_of_year ? (by_half_day ? "YDPhmsf" : "YDHmsf")
								: (by_half_day ? "YMDPhmsf" : "YMDHmsf")))
		return false;

	if (by_day_of_year)
	{
		values['M'] = 0;
		values['D'] = values['d'];
	}
	else
		values['M'] = values['M'] > 0 ? values['M'] - 1 : 0;
	if (by_half_day)
		values['H'] = (values['h'] == 12 ? 0 : values['h']) + (values['P'] == 1 ? 12 : 0);

	millis = utc_of(components);
	if (components->present['Z'] && values['Z'] != 0)
		millis -= values['Z'] * 60000;
	else if (components->present['z'])
		millis -= values['z'] * 60000;
	*result = value_double(millis);
	return true;
}

static bool
fill_in(JsonataCall *call, DateComponents *components, const char *letters)
{
	CalendarTime now;
	bool started = false;
	bool ended = false;

	if (!calendar_take_apart(wf_timestamp_to_epoch(call->scope->now) * 1000, &now))
		memset(&now, 0, sizeof(now));
	for (; *letters != '\0'; letters++)
	{
		int c = *letters;

		if (components->present[c])
		{
			started = true;
			if (ended)
				return jsonata_raise(call, "D3136");
		}
		else if (started)
		{
			components->values[c] = strchr("MDd", c) != NULL ? 1 : 0;
			ended = true;
		}
		else
			components->values[c] = date_component(&now, (char) c);
	}
	return true;
}

/* As Date.UTC(): years of two digits are of the 20th century; NaN where no Date holds it */
static double
utc_of(const DateComponents *components)
{
	const double *v = components->values;
	double year = v['Y'];
	double millis;

	if (!(fabs(year) < 1e6 && fabs(v['M']) < 1e8 && fabs(v['D']) < 1e9))
		return NAN;
	if (year >= 0 && year <= 99)
		year += 1900;
	millis = (double) calendar_days((int64) year, (int64) v['M'], (int64) v['D']) *
				 CALENDAR_MS_PER_DAY +
			 v['H'] * 3600000 + v['m'] * 60000 + v['s'] * 1000 + v['f'];
	return fabs(millis) <= CALENDAR_MAX_MILLIS ? millis : NAN;
}
