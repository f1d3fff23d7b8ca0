/*-------------------------------------------------------------------------
 *
 * calendar.c
 *	  Civil dates as JavaScript's Date has them.
 *
 * The server's own date functions begin in 4713 BC, a Date a long time before.
 *
 * A week belongs to the year, or the month, that has its Thursday.
 *
 * IDENTIFICATION
 *	  src/jsonata/calendar.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "jsonata/calendar.h"

#define DAYS_PER_ERA 146097  /* of 400 years */
#define DAYS_TO_EPOCH 719468 /* from 0000-03-01, where the eras begin, to 1970-01-01 */
#define DAYS_PER_WEEK 7
#define THURSDAY 4

static int64 floor_div(int64 a, int64 b);
static int64 week_start(int64 year, int64 month);
static int week_in(const CalendarTime *time, int64 year, int64 month, int months);

static int64
floor_div(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* Years begin in March here, so that a leap day is the last one */
int64
calendar_days(int64 year, int64 month, int64 day)
{
	int64 era;
	int64 year_of_era;
	int64 month_from_march;

	year += floor_div(month, 12);
	month -= floor_div(month, 12) * 12;
	month_from_march = (month + 10) % 12;
	year -= month < 2;
	era = floor_div(year, 400);
	year_of_era = year - era * 400;
	return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
		   (153 * month_from_march + 2) / 5 + day - 1 - DAYS_TO_EPOCH;
}

bool
calendar_take_apart(double millis, CalendarTime *time)
{
	int64 total;
	int64 rest;
	int64 era;
	int day_of_era;
	int year_of_era;
	int day_from_march;
	int month_from_march;

	if (!(fabs(millis) <= CALENDAR_MAX_MILLIS))
		return false;
	total = (int64) millis;
	time->days = floor_div(total, CALENDAR_MS_PER_DAY);
	rest = total - time->days * CALENDAR_MS_PER_DAY;
	time->hour = (int) (rest / 3600000);
	time->minute = (int) (rest / 60000 % 60);
	time->second = (int) (rest / 1000 % 60);
	time->millisecond = (int) (rest % 1000);

	era = floor_div(time->days + DAYS_TO_EPOCH, DAYS_PER_ERA);
	day_of_era = (int) (time->days + DAYS_TO_EPOCH - era * DAYS_PER_ERA);
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
				   day_of_era / (DAYS_PER_ERA - 1)) /
				  365;
	day_from_march =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month_from_march = (5 * day_from_march + 2) / 153;
	time->day = day_from_march - (153 * month_from_march + 2) / 5 + 1;
	time->month = (month_from_march + 2) % 12;
	time->year = (int) (year_of_era + era * 400) + (time->month < 2);
	time->day_of_year = (int) (time->days - calendar_days(time->year, 0, 1)) + 1;
	/* 1970-01-01 was a Thursday */
	time->weekday = (int) ((time->days + THURSDAY - 1) % DAYS_PER_WEEK);
	time->weekday += time->weekday < 0 ? DAYS_PER_WEEK + 1 : 1;
	return true;
}

/* The Monday of the first week of a month or, for its first month, of a year */
static int64
week_start(int64 year, int64 month)
{
	CalendarTime first;

	(void) calendar_take_apart((double) (calendar_days(year, month, 1) *
										 CALENDAR_MS_PER_DAY),
							   &first);
	if (first.weekday > THURSDAY)
		return first.days + DAYS_PER_WEEK + 1 - first.weekday;
	return first.days + 1 - first.weekday;
}

/* The week within a period of so many months, or within the one before or after it */
static int
week_in(const CalendarTime *time, int64 year, int64 month, int months)
{
	int64 start = week_start(year, month);

	if (time->days < start)
		start = week_start(year, month - months);
	else if (time->days >= week_start(year, month + months))
		start = week_start(year, month + months);
	return (int) ((time->days - start) / DAYS_PER_WEEK) + 1;
}

int
calendar_week_of_year(const CalendarTime *time)
{
	return week_in(time, time->year, 0, 12);
}

int
calendar_week_of_month(const CalendarTime *time)
{
	return week_in(time, time->year, time->month, 1);
}

int
calendar_week_year(const CalendarTime *time)
{
	if (time->days < week_start(time->year, 0))
		return time->year - 1;
	return time->year + (time->days >= week_start(time->year + 1, 0));
}

int
calendar_week_month(const CalendarTime *time)
{
	int month = time->month;

	if (time->days < week_start(time->year, month))
		month--;
	else if (time->days >= week_start(time->year, month + 1))
		month++;
	return (month + 12) % 12 + 1;
}
