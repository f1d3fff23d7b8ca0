/*-------------------------------------------------------------------------
 *
 * date_picture.h
 *	  A picture of a date, compiled.
 *
 * Private to date_picture.c, which reads pictures, date_format.c, which writes
 * dates by them, and date_parse.c, which reads dates.
 *
 * IDENTIFICATION
 *	  src/jsonata/date_picture.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_DATE_PICTURE_H
#define WORKFLOW_JSONATA_DATE_PICTURE_H

#include "jsonata/calendar.h"
#include "jsonata/picture.h"
#include "jsonata/regex.h"

/* Components by what they are */
#define INTEGER_COMPONENTS "YMDdFWwXxHhmsf"
#define ZONE_COMPONENTS "Zz"
#define NAME_COMPONENTS "PCE"

/* A stretch of text, or a marker */
typedef struct DatePart
{
	const char *text; /* a literal, "]]" made "]"; NULL: a marker */
	int len;
	char component;
	bool named; /* names, in name_case */
	PictureCase name_case;
	char modifier; /* a, t, c or o; 0 */
	bool has_integer;
	IntegerPicture integer;
	int min_width; /* -1: none */
	int max_width;
	int year_digits; /* of a year, as many are shown; -1: all */
} DatePart;

typedef struct DatePicture
{
	MemoryContext context;
	const char *text;
	int len;
	DatePart *parts;
	int nparts;
	int capacity;
	JsonataRegex *regex; /* made when it is first needed */
} DatePicture;

/* date_picture.c */

/*
 * The compiled picture of a text, valid until the next call.  It may be kept
 * longer than the evaluation, so what is added to it goes to its context.
 */
pg_nodiscard extern bool date_picture_get(JsonataCall *call, Value text,
										  DatePicture **picture);

/* date_format.c */
extern const char *const date_month_names[12];
extern const char *const date_day_names[7]; /* from Monday */

/* The number a component stands for: 1 is January, and Monday */
extern double date_component(const CalendarTime *time, char component);

/* Raise an error about a component; false */
extern bool date_raise_component(JsonataCall *call, const char *code, char component);

#endif /* WORKFLOW_JSONATA_DATE_PICTURE_H */
