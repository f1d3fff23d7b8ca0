/*-------------------------------------------------------------------------
 *
 * calendar.h
 *	  Civil dates as JavaScript's Date has them: milliseconds since 1970 in
 *	  UTC, the Gregorian calendar for all times.
 *
 * IDENTIFICATION
 *	  src/jsonata/calendar.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_CALENDAR_H
#define WORKFLOW_JSONATA_CALENDAR_H

#define CALENDAR_MS_PER_DAY INT64CONST(86400000)
#define CALENDAR_MAX_MILLIS 8.64e15 /* what a Date can hold, to both sides of 1970 */

/* A point in time, taken apart */
typedef struct CalendarTime
{
	int64 days; /* since 1970-01-01 */
	int year;
	int month;       /* 0 .. 11 */
	int day;         /* 1 .. 31 */
	int day_of_year; /* 1 .. 366 */
	int weekday;     /* 1 Monday .. 7 Sunday */
	int hour;
	int minute;
	int second;
	int millisecond;
} CalendarTime;

/* false where no Date can hold it (NaN, too far away) */
extern bool calendar_take_apart(double millis, CalendarTime *time);

/* Days since 1970-01-01; the month may be any number, a month after a year's last is one of the next */
extern int64 calendar_days(int64 year, int64 month, int64 day);

/* ISO weeks: those of a year, and by the same rule those of a month */
extern int calendar_week_of_year(const CalendarTime *time);
extern int calendar_week_of_month(const CalendarTime *time);
extern int
calendar_week_year(const CalendarTime *time); /* the year its week belongs to */
extern int calendar_week_month(const CalendarTime *time); /* ... month, 1 .. 12 */

#endif /* WORKFLOW_JSONATA_CALENDAR_H */
