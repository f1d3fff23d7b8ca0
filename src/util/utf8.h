/*-------------------------------------------------------------------------
 *
 * utf8.h
 *	  UTF-8: code points, lengths, order.
 *
 * All texts are (pointer, length) pairs.  They are valid UTF-8, because
 * PostgreSQL checked them; should one not be, nothing here reads past its
 * end.  Knows UTF-8 only.
 *
 * IDENTIFICATION
 *	  src/util/utf8.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_UTIL_UTF8_H
#define WORKFLOW_UTIL_UTF8_H

/* What stands for a byte sequence that is no character */
#define UTF8_REPLACEMENT 0xFFFD

/* Bytes that any code point may need */
#define UTF8_MAX_BYTES 4

/* Number of code points */
extern int utf8_length(const char *s, int len);

/* Number of UTF-16 code units: what JavaScript and Java call the length */
extern int utf8_length_utf16(const char *s, int len);

/* Byte offset of the n'th code point; len where there are not that many */
extern int utf8_offset(const char *s, int len, int n);

/* Read the code point at *p, which is before end, and move *p behind it */
extern uint32 utf8_decode(const char **p, const char *end);

/* Write a code point, without NUL; gives the number of bytes.  What is no
 * code point (a surrogate, too large) becomes UTF8_REPLACEMENT. */
extern int utf8_encode(uint32 code_point, char *buf);

/* Order by UTF-16 code units, as Java's compareTo and JavaScript's < do: <0, 0, >0 */
extern int utf8_compare_utf16(const char *a, int a_len, const char *b, int b_len);

#endif /* WORKFLOW_UTIL_UTF8_H */
