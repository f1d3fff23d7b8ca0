/*-------------------------------------------------------------------------
 *
 * fn_date.c
 *	  Functions on dates: $now, $millis, $fromMillis, $toMillis.
 *
 * A point in time is the number of milliseconds since 1970 in UTC; a text
 * without a time zone is in UTC.  The clock is the caller's, and stands still
 * during an evaluation.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_date.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/calendar.h"
#include "jsonata/fn.h"
#include "jsonata/picture.h"
#include "util/timestamp.h"

#define ISO_PICTURE "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
#define TEXT_SIZE 32 /* of a date, mostly */

/* An ISO 8601 timestamp, in parts */
typedef struct IsoTime
{
	int year;
	int month;
	int day;
	bool has_time;
	int hour;
	int minute;
	int second;
	int millisecond;
	bool has_offset;
	int sign;
	int offset_hours;
	int offset_minutes;
} IsoTime;

typedef struct Scanner
{
	const char *p;
	const char *end;
} Scanner;

static bool format_time(JsonataCall *call, double millis, int picture_arg, Value *result);
static void append_iso(StringInfo out, const CalendarTime *time);
static double offset_of_zone(Value zone);
static bool parse_iso(Value text, IsoTime *iso);
static bool scan_character(Scanner *scanner, char c);
static bool scan_digits(Scanner *scanner, int digits, int *n);
static void scan_fraction(Scanner *scanner, int *millisecond);
static bool scan_offset(Scanner *scanner, IsoTime *iso);
static double millis_of_iso(const IsoTime *iso);

/* $now(picture?, zone?) */
bool
jsonata_fn_now(JsonataCall *call, Value *result)
{
	double millis = rint(wf_timestamp_to_epoch(call->scope->now) * 1000);

	return format_time(call, millis, 0, result);
}

/* $millis() */
bool
jsonata_fn_millis(JsonataCall *call, Value *result)
{
	*result = value_double(rint(wf_timestamp_to_epoch(call->scope->now) * 1000));
	return true;
}

/* $fromMillis(millis, picture?, zone?) */
bool
jsonata_fn_from_millis(JsonataCall *call, Value *result)
{
	if (fn_missing(call, 0))
		return true;
	return format_time(call, value_to_double(call->args[0]), 1, result);
}

/* The zone is the argument after the picture */
static bool
format_time(JsonataCall *call, double millis, int picture_arg, Value *result)
{
	bool has_zone = !fn_missing(call, picture_arg + 1);
	double offset = has_zone ? offset_of_zone(call->args[picture_arg + 1]) : 0;
	Value picture = fn_missing(call, picture_arg) ? value_cstring(ISO_PICTURE)
												  : call->args[picture_arg];
	CalendarTime time;
	StringInfoData out;

	fn_init_text(&out, TEXT_SIZE);
	if (fn_missing(call, picture_arg) && offset == 0 &&
		calendar_take_apart(millis, &time) && time.year >= 0 && time.year <= 9999)
		append_iso(&out, &time);
	else if (!picture_format_date(call, millis, picture, offset, &out))
		return false;
	*result = fn_text(&out);
	return true;
}

static void
append_iso(StringInfo out, const CalendarTime *time)
{
	appendStringInfo(out,
					 "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
					 time->year,
					 time->month + 1,
					 time->day,
					 time->hour,
					 time->minute,
					 time->second,
					 time->millisecond);
}

/*
 * Minutes of an offset, "+0530" or "-05:30"; NaN where it is none.  (The
 * reference takes "-0530" for six hours and a half, because it rounds the
 * hours down; that is not followed here.)
 */
static double
offset_of_zone(Value zone)
{
	Scanner scanner = {.p = zone.u.string, .end = zone.u.string + zone.len};
	int sign = 1;
	int number = 0;
	int digits = 0;
	int digit;
	int minutes = 0;

	if (scan_character(&scanner, '-'))
		sign = -1;
	else
		(void) scan_character(&scanner, '+');
	for (; digits < 4 && scan_digits(&scanner, 1, &digit); digits++)
		number = number * 10 + digit;
	if (digits > 2)
	{
		minutes = number % 100;
		number /= 100;
	}
	else if (scan_character(&scanner, ':') && !scan_digits(&scanner, 2, &minutes))
		return NAN;
	if (digits == 0 || scanner.p < scanner.end)
		return NAN;
	return sign * (number * 60 + minutes);
}

/* $toMillis(text, picture?) */
bool
jsonata_fn_to_millis(JsonataCall *call, Value *result)
{
	IsoTime iso;

	if (fn_missing(call, 0))
		return true;
	if (!fn_missing(call, 1))
		return picture_parse_date(call, call->args[0], call->args[1], result);
	if (!parse_iso(call->args[0], &iso))
		return jsonata_raise_value(call, "D3110", call->args[0]);
	*result = value_double(millis_of_iso(&iso));
	return true;
}

/* YYYY[-MM[-DD]][Thh:mm:ss[.f]][Z|+hh:mm|+hhmm] */
static bool
parse_iso(Value text, IsoTime *iso)
{
	Scanner scanner = {.p = text.u.string, .end = text.u.string + text.len};
	const char *before;

	memset(iso, 0, sizeof(*iso));
	iso->month = iso->day = 1;
	if (!scan_digits(&scanner, 4, &iso->year))
		return false;
	before = scanner.p;
	/* a "-" may begin an offset too, which has four digits */
	if (scan_character(&scanner, '-') && scan_digits(&scanner, 2, &iso->month) &&
		(scanner.p == scanner.end || *scanner.p == '-' || *scanner.p == 'T' ||
		 *scanner.p == 'Z' || *scanner.p == '+'))
	{
		before = scanner.p;
		if (!scan_character(&scanner, '-') || !scan_digits(&scanner, 2, &iso->day) ||
			(scanner.p < scanner.end && *scanner.p == ':'))
		{
			scanner.p = before;
			iso->day = 1;
		}
	}
	else
	{
		scanner.p = before;
		iso->month = 1;
	}
	if (scan_character(&scanner, 'T'))
	{
		iso->has_time = true;
		if (!scan_digits(&scanner, 2, &iso->hour) || !scan_character(&scanner, ':') ||
			!scan_digits(&scanner, 2, &iso->minute) || !scan_character(&scanner, ':') ||
			!scan_digits(&scanner, 2, &iso->second) || iso->hour > 29 ||
			iso->minute > 59 || iso->second > 59)
			return false;
		if (scan_character(&scanner, '.'))
		{
			if (scanner.p == scanner.end || *scanner.p < '0' || *scanner.p > '9')
				return false;
			scan_fraction(&scanner, &iso->millisecond);
		}
	}
	return (scanner.p == scanner.end || scan_offset(&scanner, iso)) &&
		   scanner.p == scanner.end && iso->month < 20 && iso->day < 40;
}

static bool
scan_character(Scanner *scanner, char c)
{
	if (scanner->p == scanner->end || *scanner->p != c)
		return false;
	scanner->p++;
	return true;
}

/* Exactly so many */
static bool
scan_digits(Scanner *scanner, int digits, int *n)
{
	*n = 0;
	for (; digits > 0; digits--, scanner->p++)
	{
		if (scanner->p == scanner->end || *scanner->p < '0' || *scanner->p > '9')
			return false;
		*n = *n * 10 + (*scanner->p - '0');
	}
	return true;
}

/* Any number of digits; what is less than a millisecond is cut off */
static void
scan_fraction(Scanner *scanner, int *millisecond)
{
	int unit = 100;
	int digit;

	while (scanner->p < scanner->end && scan_digits(scanner, 1, &digit))
	{
		*millisecond += digit * unit;
		unit /= 10;
	}
}

static bool
scan_offset(Scanner *scanner, IsoTime *iso)
{
	if (scan_character(scanner, 'Z'))
		return true;
	iso->has_offset = true;
	iso->sign = scan_character(scanner, '-') ? -1 : 1;
	if (iso->sign > 0 && !scan_character(scanner, '+'))
		return false;
	if (!scan_digits(scanner, 2, &iso->offset_hours))
		return false;
	(void) scan_character(scanner, ':');
	return scan_digits(scanner, 2, &iso->offset_minutes) && iso->offset_hours < 30 &&
		   iso->offset_minutes < 60;
}

/* NaN where there is no such time, as Date.parse() gives it; 31 February is 3 March */
static double
millis_of_iso(const IsoTime *iso)
{
	int64 minutes;

	if (iso->month < 1 || iso->month > 12 || iso->day < 1 || iso->day > 31 ||
		iso->offset_hours > 23 || (iso->has_offset && !iso->has_time) || iso->hour > 24 ||
		(iso->hour == 24 && (iso->minute > 0 || iso->second > 0 || iso->millisecond > 0)))
		return NAN;
	minutes = calendar_days(iso->year, iso->month - 1, iso->day) * 24 * 60 +
			  iso->hour * 60 + iso->minute -
			  iso->sign * (iso->offset_hours * 60 + iso->offset_minutes);
	return (double) minutes * 60000 + iso->second * 1000 + iso->millisecond;
}
