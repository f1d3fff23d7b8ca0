/*-------------------------------------------------------------------------
 *
 * picture.h
 *	  Picture strings: how numbers, integers and dates are written and read.
 *
 * They are those of XPath and XQuery Functions and Operators 3.1, as far as
 * the reference has them: $formatNumber (picture.c), $formatInteger and
 * $parseInteger (integer_picture.c), $fromMillis and $toMillis
 * (date_picture.c), whose components are integer pictures.
 *
 * Errors are raised for the call that wants the picture.
 *
 * IDENTIFICATION
 *	  src/jsonata/picture.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_PICTURE_H
#define WORKFLOW_JSONATA_PICTURE_H

#include "lib/stringinfo.h"

#include "jsonata/call.h"

/* What an integer looks like */
typedef enum IntegerStyle
{
	STYLE_DECIMAL,
	STYLE_LETTERS, /* a, b, ... z, aa, ab */
	STYLE_ROMAN,
	STYLE_WORDS
} IntegerStyle;

typedef enum PictureCase
{
	PICTURE_LOWER,
	PICTURE_UPPER,
	PICTURE_TITLE
} PictureCase;

/* Separators in one picture; any more to their left are not seen */
#define PICTURE_MAX_SEPARATORS 24

typedef struct PictureSeparator
{
	int position; /* digits to its right */
	uint32 character;
} PictureSeparator;

typedef struct IntegerPicture
{
	IntegerStyle style;
	PictureCase letter_case;
	bool ordinal; /* 1st, first */

	/* STYLE_DECIMAL */
	int mandatory_digits;
	int optional_digits;
	uint32 zero;     /* first digit of the family in use */
	int regular;     /* one separator every so many digits; 0: as they stand */
	int nseparators; /* from right to left */
	PictureSeparator separators[PICTURE_MAX_SEPARATORS];
	int parse_width; /* read exactly so many digits; 0: as many as there are */
} IntegerPicture;

/* integer_picture.c */

/* D3130 (a picture that counts in something else), D3131 */
pg_nodiscard extern bool picture_read_integer(JsonataCall *call, const char *s, int len,
											  IntegerPicture *picture);

/* Append value, a whole number.  U1001 where that would have too many letters. */
pg_nodiscard extern bool picture_format_integer(JsonataCall *call, double value,
												const IntegerPicture *picture,
												StringInfo out);

/* integer_parse.c */

/* NaN where the text is no such number */
pg_nodiscard extern bool picture_parse_integer(JsonataCall *call, const char *s, int len,
											   const IntegerPicture *picture,
											   double *result);

/* Append a regular expression (to be used without regard to case) for such integers */
extern void picture_append_integer_regex(StringInfo out, const IntegerPicture *picture);


/* picture.c */

/* Append number.  options: an object, or undefined.  D3080 to D3093. */
pg_nodiscard extern bool picture_format_number(JsonataCall *call, double number,
											   Value picture, Value options,
											   StringInfo out);

/* decimal.c */

/* The decimal digits of a number without its sign, 0.d1d2d3... * 10^point */
typedef struct PictureDecimal
{
	int ndigits; /* 0: zero */
	int point;
	char digits[32];
} PictureDecimal;

/* The shortest digits that read back as d, which is finite */
extern void picture_decimal(double d, PictureDecimal *decimal);

/* The number it stands for, times 10^exponent */
extern double picture_decimal_value(const PictureDecimal *decimal, int exponent);

/* Round to so many decimals, half to even */
extern void picture_round_decimal(PictureDecimal *decimal, int decimals);

/* date_format.c */

/* Append the time as the picture says, shifted by minutes.  D3130 to D3135. */
pg_nodiscard extern bool picture_format_date(JsonataCall *call, double millis,
											 Value picture, double offset_minutes,
											 StringInfo out);

/* date_parse.c */

/* *result is undefined where the text does not match the picture.  D3130 to D3136. */
pg_nodiscard extern bool picture_parse_date(JsonataCall *call, Value text, Value picture,
											Value *result);

#endif /* WORKFLOW_JSONATA_PICTURE_H */
