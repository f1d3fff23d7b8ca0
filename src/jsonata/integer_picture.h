/*-------------------------------------------------------------------------
 *
 * integer_picture.h
 *	  The words that integers are written with.
 *
 * Private to integer_picture.c, which writes integers, and integer_parse.c, which
 * reads them.
 *
 * IDENTIFICATION
 *	  src/jsonata/integer_picture.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_INTEGER_PICTURE_H
#define WORKFLOW_JSONATA_INTEGER_PICTURE_H

#include "jsonata/picture.h"

#define DIGITS_IN_FAMILY 10
#define LETTERS 26

/* integer_picture.c: in title case */
extern const char *const integer_words[20];
extern const char *const integer_ordinals[20];
extern const char *const integer_tens[8];       /* from twenty on */
extern const char *const integer_magnitudes[4]; /* from thousand on */

#endif /* WORKFLOW_JSONATA_INTEGER_PICTURE_H */
