/*-------------------------------------------------------------------------
 *
 * date_format.c
 *	  Dates by picture, as format-dateTime() of XPath writes them.
 *
 * Names and words are English, weeks are those of ISO 8601.
 *
 * IDENTIFICATION
 *	  src/jsonata/date_format.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/date_picture.h"
#include "jsonata/fn.h"
#include "jsonata/unicode_case.h"

const char *const date_month_names[12] = {"January",
										  "February",
										  "March",
										  "April",
										  "May",
										  "June",
										  "July",
										  "August",
										  "September",
										  "October",
										  "November",
										  "December"};
const char *const date_day_names[7] =
	{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

static bool format_part(JsonataCall *call, const CalendarTime *time, double offset,
						const DatePart *part, StringInfo out);
static void append_name(const DatePart *part, const char *name, StringInfo out);
static bool format_name(JsonataCall *call, double value, const DatePart *part,
						StringInfo out);
static bool format_zone(JsonataCall *call, double offset, const DatePart *part,
						StringInfo out);

bool
picture_format_date(JsonataCall *call, double millis, Value picture,
					double offset_minutes, StringInfo out)
{
	DatePicture *compiled;
	CalendarTime time;
	bool valid;

	if (!date_picture_get(call, picture, &compiled))
		return false;
	valid = calendar_take_apart(millis + offset_minutes * 60000, &time);
	for (int i = 0; i < compiled->nparts; i++)
	{
		const DatePart *part = &compiled->parts[i];

		if (part->text != NULL)
			appendBinaryStringInfo(out, part->text, part->len);
		else if (!format_part(call, valid ? &time : NULL, offset_minutes, part, out))
			return false;
	}
	return true;
}

/* time: NULL where there is none, which shows as NaN */
static bool
format_part(JsonataCall *call, const CalendarTime *time, double offset,
			const DatePart *part, StringInfo out)
{
	double value = time == NULL ? NAN : date_component(time, part->component);

	switch (part->component)
	{
		case 'Z':
		case 'z':
			return format_zone(call, offset, part, out);
		case 'P':
			append_name(part, value > 0 ? "pm" : "am", out);
			return true;
		case 'C':
		case 'E':
			appendStringInfoString(out, "ISO");
			return true;
		default:
			break;
	}
	if (part->named)
		return format_name(call, value, part, out);
	if (part->year_digits >= 0)
		value = fmod(value, pow(10, part->year_digits));
	return picture_format_integer(call, value, &part->integer, out);
}

double
date_component(const CalendarTime *time, char component)
{
	switch (component)
	{
		case 'Y':
			return time->year;
		case 'M':
			return time->month + 1;
		case 'D':
			return time->day;
		case 'd':
			return time->day_of_year;
		case 'F':
			return time->weekday;
		case 'W':
			return calendar_week_of_year(time);
		case 'w':
			return calendar_week_of_month(time);
		case 'X':
			return calendar_week_year(time);
		case 'x':
			return calendar_week_month(time);
		case 'H':
			return time->hour;
		case 'h':
			return time->hour % 12 == 0 ? 12 : time->hour % 12;
		case 'P':
			return time->hour >= 12;
		case 'm':
			return time->minute;
		case 's':
			return time->second;
		case 'f':
			return time->millisecond;
		default:
			return 0;
	}
}

bool
date_raise_component(JsonataCall *call, const char *code, char component)
{
	return jsonata_raise_value(call, code, value_string(pnstrdup(&component, 1), 1));
}

/* A name in English, in the case that is asked for, cut off at the maximal width */
static void
append_name(const DatePart *part, const char *name, StringInfo out)
{
	int len = (int) strlen(name);

	if (part->component != 'P' && part->max_width >= 0)
		len = Min(len, part->max_width);
	if (part->named && part->name_case == PICTURE_UPPER)
		unicode_append_upper(out, name, len);
	else if (part->named && part->name_case == PICTURE_LOWER)
		unicode_append_lower(out, name, len);
	else
		appendBinaryStringInfo(out, name, len);
}

static bool
format_name(JsonataCall *call, double value, const DatePart *part, StringInfo out)
{
	if (strchr("MxF", part->component) == NULL)
		return date_raise_component(call, "D3133", part->component);
	if (isnan(value))
		appendStringInfoString(out, "NaN");
	else if (part->component == 'F')
		append_name(part, date_day_names[(int) value - 1], out);
	else
		append_name(part, date_month_names[(int) value - 1], out);
	return true;
}

/* The digits of the picture say whether the minutes are shown, and how */
static bool
format_zone(JsonataCall *call, double offset, const DatePart *part, StringInfo out)
{
	double hours = floor(fabs(offset) / 60);
	double minutes = fmod(fabs(offset), 60);
	int digits = part->has_integer ? part->integer.mandatory_digits : 0;

	if (!part->has_integer || (part->integer.regular == 0 && (digits < 1 || digits > 4)))
		return jsonata_raise(call, "D3134");
	if (offset == 0 && part->modifier == 't')
	{
		appendStringInfoChar(out, 'Z');
		return true;
	}
	if (part->component == 'z')
		appendStringInfoString(out, "GMT");
	appendStringInfoChar(out, offset < 0 ? '-' : '+');
	if (part->integer.regular > 0 || digits > 2)
		return picture_format_integer(call, hours * 100 + minutes, &part->integer, out);
	if (!picture_format_integer(call, hours, &part->integer, out))
		return false;
	if (minutes > 0) /* not where the zone is none: NaN */
		appendStringInfo(out, ":%02d", (int) minutes);
	return true;
}
