/*-------------------------------------------------------------------------
 *
 * utf8.c
 *	  UTF-8: code points, lengths, order.
 *
 * Not mb/pg_wchar.h's functions: those trust the bytes and follow the
 * database's encoding, these are told where the text ends.
 *
 * IDENTIFICATION
 *	  src/util/utf8.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "util/utf8.h"

#define IS_CONTINUATION(c) (((unsigned char) (c) &0xC0) == 0x80)

/* Lead bytes of code points that take two units in UTF-16 */
#define IS_SUPPLEMENTARY(c) ((unsigned char) (c) >= 0xF0)

static int utf16_rank(unsigned char c);

int
utf8_length(const char *s, int len)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);
	int n = 0;
	int i = 0;

	/* eight bytes at a time: those whose two highest bits are 10 do not count */
	for (; i + (int) sizeof(uint64) <= len; i += sizeof(uint64))
	{
		uint64 chunk;
		uint64 continuation;

		memcpy(&chunk, s + i, sizeof(chunk));
		continuation = (chunk >> 7) & ~(chunk >> 6) & ones;
		n += 8 - (int) ((continuation * ones) >> 56);
	}
	for (; i < len; i++)
		n += !IS_CONTINUATION(s[i]);
	return n;
}

int
utf8_length_utf16(const char *s, int len)
{
	int n = 0;

	for (int i = 0; i < len; i++)
		n += !IS_CONTINUATION(s[i]) + IS_SUPPLEMENTARY(s[i]);
	return n;
}

int
utf8_offset(const char *s, int len, int n)
{
	int i = 0;

	for (; i < len; i++)
	{
		if (!IS_CONTINUATION(s[i]) && n-- <= 0)
			break;
	}
	return i;
}

uint32
utf8_decode(const char **p, const char *end)
{
	static const uint32 smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char c = *(*p)++;
	int size;
	uint32 code_point;

	if (c < 0x80)
		return c;
	if (c >= 0xC0 && c < 0xE0)
		size = 2;
	else if (c >= 0xE0 && c < 0xF0)
		size = 3;
	else if (c >= 0xF0 && c < 0xF8)
		size = 4;
	else
		return UTF8_REPLACEMENT;

	code_point = c & (0x7F >> size);
	for (int i = 1; i < size; i++)
	{
		if (*p == end || !IS_CONTINUATION(**p))
			return UTF8_REPLACEMENT;
		code_point = code_point << 6 | (*(*p)++ & 0x3F);
	}
	if (code_point < smallest[size] || code_point > 0x10FFFF ||
		(code_point >= 0xD800 && code_point <= 0xDFFF))
		return UTF8_REPLACEMENT;
	return code_point;
}

int
utf8_encode(uint32 code_point, char *buf)
{
	if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
		code_point = UTF8_REPLACEMENT;
	if (code_point < 0x80)
	{
		buf[0] = (char) code_point;
		return 1;
	}
	if (code_point < 0x800)
	{
		buf[0] = (char) (0xC0 | code_point >> 6);
		buf[1] = (char) (0x80 | (code_point & 0x3F));
		return 2;
	}
	if (code_point < 0x10000)
	{
		buf[0] = (char) (0xE0 | code_point >> 12);
		buf[1] = (char) (0x80 | (code_point >> 6 & 0x3F));
		buf[2] = (char) (0x80 | (code_point & 0x3F));
		return 3;
	}
	buf[0] = (char) (0xF0 | code_point >> 18);
	buf[1] = (char) (0x80 | (code_point >> 12 & 0x3F));
	buf[2] = (char) (0x80 | (code_point >> 6 & 0x3F));
	buf[3] = (char) (0x80 | (code_point & 0x3F));
	return 4;
}

/*
 * The bytes of UTF-8 sort as the code points do.  UTF-16 differs in one thing
 * only: code points above U+FFFF begin with a surrogate, which sorts before
 * U+E000 to U+FFFF (lead bytes EE and EF).
 */
int
utf8_compare_utf16(const char *a, int a_len, const char *b, int b_len)
{
	int shorter = Min(a_len, b_len);

	for (int i = 0; i < shorter; i++)
	{
		if (a[i] != b[i])
			return utf16_rank(a[i]) - utf16_rank(b[i]);
	}
	return a_len - b_len;
}

/* Sort EE and EF behind the lead bytes of four-byte sequences */
static int
utf16_rank(unsigned char c)
{
	return c == 0xEE || c == 0xEF ? c + 0x100 : c;
}
