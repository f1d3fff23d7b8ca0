/*-------------------------------------------------------------------------
 *
 * timestamp.c
 *	  Points in time as ASL and the service write them.
 *
 * The service's clock counts milliseconds, PostgreSQL's microseconds: what is
 * shown is cut off, so that a time is never shown later than it was.
 *
 * IDENTIFICATION
 *	  src/util/timestamp.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "util/timestamp.h"

#define USECS_PER_MSEC INT64CONST(1000)
#define NSECS_PER_USEC 1000
#define NSECS_PER_SEC 1000000000
#define MSECS_PER_DAY (USECS_PER_DAY / USECS_PER_MSEC)
#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define MAX_OFFSET_HOURS 18 /* as in java.time */

typedef struct Scanner
{
	const char *p;
	const char *end;
} Scanner;

static int64 floor_div(int64 a, int64 b);
static bool scan_number(Scanner *scanner, int digits, int min, int max, int *result);
static bool scan_char(Scanner *scanner, char c);
static bool scan_fraction(Scanner *scanner, int *nsecs);
static bool scan_offset(Scanner *scanner, int *seconds);

char *
wf_timestamp_to_iso(TimestampTz t)
{
	int64 msecs = floor_div(t, USECS_PER_MSEC);
	int64 days = floor_div(msecs, MSECS_PER_DAY);
	int year;
	int month;
	int day;
	int rest = (int) (msecs - days * MSECS_PER_DAY);
	int seconds = rest / 1000;
	char fraction[8] = "";

	if (TIMESTAMP_NOT_FINITE(t))
		return pstrdup(TIMESTAMP_IS_NOBEGIN(t) ? "-infinity" : "infinity");

	j2date((int) days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (rest % 1000 != 0)
		snprintf(fraction, sizeof(fraction), ".%03d", rest % 1000);
	return psprintf("%s%04d-%02d-%02dT%02d:%02d:%02d%sZ",
					year > 9999 ? "+"
					: year < 0  ? "-"
								: "",
					abs(year),
					month,
					day,
					seconds / SECS_PER_HOUR,
					seconds / SECS_PER_MINUTE % MINS_PER_HOUR,
					seconds % SECS_PER_MINUTE,
					fraction);
}

bool
wf_timestamp_from_iso(const char *s, int len, TimestampTz *result)
{
	int nsecs;

	return wf_timestamp_from_iso_nsecs(s, len, result, &nsecs);
}

bool
wf_timestamp_from_iso_nsecs(const char *s, int len, TimestampTz *result, int *nsecs)
{
	Scanner scanner = {.p = s, .end = s + len};
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second;
	int offset;
	int64 seconds;

	if (!scan_number(&scanner, 4, 0, 9999, &year) || !scan_char(&scanner, '-') ||
		!scan_number(&scanner, 2, 1, MONTHS_PER_YEAR, &month) ||
		!scan_char(&scanner, '-') ||
		!scan_number(&scanner, 2, 1, day_tab[isleap(year)][month - 1], &day))
		return false;
	if (!scan_char(&scanner, 'T') || !scan_number(&scanner, 2, 0, 23, &hour) ||
		!scan_char(&scanner, ':') || !scan_number(&scanner, 2, 0, 59, &minute) ||
		!scan_char(&scanner, ':') || !scan_number(&scanner, 2, 0, 59, &second))
		return false;
	if (!scan_fraction(&scanner, nsecs) || !scan_offset(&scanner, &offset) ||
		scanner.p != scanner.end)
		return false;

	seconds = (int64) (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * SECS_PER_DAY +
			  hour * SECS_PER_HOUR + minute * SECS_PER_MINUTE + second - offset;
	*result = seconds * USECS_PER_SEC + *nsecs / NSECS_PER_USEC;
	*nsecs %= NSECS_PER_USEC;
	return true;
}

double
wf_timestamp_to_epoch(TimestampTz t)
{
	return (double) (floor_div(t, USECS_PER_MSEC) + EPOCH_DAYS * MSECS_PER_DAY) / 1000.0;
}

static int64
floor_div(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* Exactly so many digits, within a range */
static bool
scan_number(Scanner *scanner, int digits, int min, int max, int *result)
{
	int n = 0;

	if (scanner->end - scanner->p < digits)
		return false;
	for (; digits > 0; digits--, scanner->p++)
	{
		if (*scanner->p < '0' || *scanner->p > '9')
			return false;
		n = n * 10 + (*scanner->p - '0');
	}
	*result = n;
	return n >= min && n <= max;
}

static bool
scan_char(Scanner *scanner, char c)
{
	if (scanner->p == scanner->end || *scanner->p != c)
		return false;
	scanner->p++;
	return true;
}

/* Optional: a point and at least one digit */
static bool
scan_fraction(Scanner *scanner, int *nsecs)
{
	int unit = NSECS_PER_SEC / 10;
	int digit;

	*nsecs = 0;
	if (!scan_char(scanner, '.'))
		return true;
	if (!scan_number(scanner, 1, 0, 9, &digit))
		return false;
	do
	{
		*nsecs += digit * unit;
		unit /= 10;
	} while (scan_number(scanner, 1, 0, 9, &digit));
	return true;
}

static bool
scan_offset(Scanner *scanner, int *seconds)
{
	int hours;
	int minutes;
	int sign;

	*seconds = 0;
	if (scan_char(scanner, 'Z'))
		return true;
	if (scan_char(scanner, '+'))
		sign = 1;
	else if (scan_char(scanner, '-'))
		sign = -1;
	else
		return false;
	if (!scan_number(scanner, 2, 0, MAX_OFFSET_HOURS, &hours) ||
		!scan_char(scanner, ':') ||
		!scan_number(scanner, 2, 0, hours == MAX_OFFSET_HOURS ? 0 : 59, &minutes))
		return false;
	*seconds = sign * (hours * SECS_PER_HOUR + minutes * SECS_PER_MINUTE);
	return true;
}
