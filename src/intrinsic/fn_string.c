/*-------------------------------------------------------------------------
 *
 * fn_string.c
 *	  Intrinsic functions on strings: Base64, hashes, splitting, formatting.
 *
 * IDENTIFICATION
 *	  src/intrinsic/fn_string.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/base64.h"
#include "common/cryptohash.h"
#include "common/md5.h"
#include "common/sha1.h"
#include "common/sha2.h"
#include "miscadmin.h"

#include "intrinsic/call.h"
#include "util/utf8.h"

/* States.Base64Encode(text) */
bool
intrinsic_base64_encode(const IntrinsicArgs *args, Value *result)
{
	const Value *text = &args->values[0];
	char *encoded;
	int size;
	int len;

	if (!intrinsic_short_string_arg(args, 0))
		return false;
	size = pg_b64_enc_len(text->len);
	encoded = palloc(size + 1);
	len = pg_b64_encode((const void *) text->u.string, text->len, encoded, size);
	Assert(len >= 0);
	*result = value_string(encoded, len);
	return true;
}

/* Bytes as text: what is no UTF-8 becomes the replacement character, as in Java */
static Value
text_of_bytes(const char *bytes, int len)
{
	const char *end = bytes + len;
	StringInfoData text;

	initStringInfo(&text);
	while (bytes < end)
	{
		char encoded[UTF8_MAX_BYTES];
		int n = utf8_encode(utf8_decode(&bytes, end), encoded);

		appendBinaryStringInfo(&text, encoded, n);
	}
	return value_string(text.data, text.len);
}

/* States.Base64Decode(text); the padding may be missing */
bool
intrinsic_base64_decode(const IntrinsicArgs *args, Value *result)
{
	const Value *text = &args->values[0];
	StringInfoData padded;
	char *decoded;
	int size;
	int len;

	if (!intrinsic_short_string_arg(args, 0))
		return false;
	initStringInfo(&padded);
	appendBinaryStringInfo(&padded, text->u.string, text->len);
	if (padded.len % 4 >= 2 && padded.data[padded.len - 1] != '=')
		appendStringInfoString(&padded, padded.len % 4 == 2 ? "==" : "=");
	size = pg_b64_dec_len(padded.len) + 1;
	decoded = palloc(size);
	len = pg_b64_decode(padded.data, padded.len, (void *) decoded, size);
	if (len < 0)
		return intrinsic_fail(args, "Argument 1 is not valid Base64");
	*result = text_of_bytes(decoded, len);
	return true;
}

/* States.Hash(text, algorithm): in lower-case hexadecimal digits */
bool
intrinsic_hash(const IntrinsicArgs *args, Value *result)
{
	static const struct
	{
		const char *name;
		pg_cryptohash_type type;
		int size;
	} algorithms[] = {
		{"MD5", PG_MD5, MD5_DIGEST_LENGTH},
		{"SHA-1", PG_SHA1, SHA1_DIGEST_LENGTH},
		{"SHA-256", PG_SHA256, PG_SHA256_DIGEST_LENGTH},
		{"SHA-384", PG_SHA384, PG_SHA384_DIGEST_LENGTH},
		{"SHA-512", PG_SHA512, PG_SHA512_DIGEST_LENGTH},
	};
	const Value *text = &args->values[0];
	uint8 digest[PG_SHA512_DIGEST_LENGTH];
	pg_cryptohash_ctx *context;
	StringInfoData hex;
	bool ok;
	int a;
	int i;

	if (!intrinsic_short_string_arg(args, 0) || !intrinsic_string_arg(args, 1))
		return false;
	for (a = 0; a < lengthof(algorithms); a++)
		if (value_string_is(args->values[1], algorithms[a].name))
			break;
	if (a == lengthof(algorithms))
		return intrinsic_fail(args,
							  "The hash algorithm must be one of MD5, SHA-1, SHA-256, "
							  "SHA-384, SHA-512 but was: %s",
							  value_to_cstring(args->values[1]));

	context = pg_cryptohash_create(algorithms[a].type);
	if (context == NULL)
		return intrinsic_fail(args, "The hash cannot be computed: out of memory");
	ok = pg_cryptohash_init(context) >= 0 &&
		 pg_cryptohash_update(context, (const uint8 *) text->u.string, text->len) >= 0 &&
		 pg_cryptohash_final(context, digest, algorithms[a].size) >= 0;
	if (!ok)
		(void) intrinsic_fail(args,
							  "The hash cannot be computed: %s",
							  pg_cryptohash_error(context));
	pg_cryptohash_free(context);
	if (!ok)
		return false;

	initStringInfo(&hex);
	for (i = 0; i < algorithms[a].size; i++)
		appendStringInfo(&hex, "%02x", digest[i]);
	*result = value_string(hex.data, hex.len);
	return true;
}

static int
compare_characters(const void *a, const void *b)
{
	uint32 x = *(const uint32 *) a;
	uint32 y = *(const uint32 *) b;

	return x < y ? -1 : x > y;
}

/* The characters of a text, sorted, so that looking one up is cheap in a long text, too */
static uint32 *
sorted_characters(Value text, int *count)
{
	const char *p = text.u.string;
	const char *end = p + text.len;
	uint32 *characters = palloc_array(uint32, text.len);

	*count = 0;
	while (p < end)
		characters[(*count)++] = utf8_decode(&p, end);
	qsort(characters, *count, sizeof(uint32), compare_characters);
	return characters;
}

/* States.StringSplit(text, delimiters): a set of characters; empty pieces are dropped */
bool
intrinsic_string_split(const IntrinsicArgs *args, Value *result)
{
	ValueArray *pieces = value_array_new(8);
	const char *p;
	const char *end;
	const char *start;
	uint32 *delimiters;
	int count;

	if (!intrinsic_string_arg(args, 0) || !intrinsic_string_arg(args, 1))
		return false;
	delimiters = sorted_characters(args->values[1], &count);
	start = p = args->values[0].u.string;
	end = p + args->values[0].len;
	while (p < end)
	{
		const char *here = p;
		uint32 c = utf8_decode(&p, end);

		CHECK_FOR_INTERRUPTS();
		if (bsearch(&c, delimiters, count, sizeof(uint32), compare_characters) == NULL)
			continue;
		if (here > start)
			value_array_push(pieces, value_string(start, here - start));
		start = p;
	}
	if (end > start)
		value_array_push(pieces, value_string(start, end - start));
	*result = value_from_array(pieces);
	return true;
}

/* Is there a backslash that takes the next character as it is? */
static inline bool
is_escape(const char *p, const char *end)
{
	return *p == '\\' && p + 1 < end && strchr("'{}\\", p[1]) != NULL && p[1] != '\0';
}

/* States.Format(template, v...): each {} is the next argument */
bool
intrinsic_format(const IntrinsicArgs *args, Value *result)
{
	StringInfoData text;
	const char *p;
	const char *end;
	int next = 1;

	if (!intrinsic_string_arg(args, 0))
		return false;
	initStringInfo(&text);
	p = args->values[0].u.string;
	end = p + args->values[0].len;
	while (p < end)
	{
		if (is_escape(p, end))
			p++;
		else if (*p == '{' && p + 1 < end && p[1] == '}')
		{
			if (next < args->count)
				jp_append_java_text(&text, args->values[next]);
			next++;
			p += 2;
			continue;
		}
		appendStringInfoChar(&text, *p++);
	}
	if (next != args->count)
		return intrinsic_fail(args,
							  "The template has %d occurrences of {} but there are %d "
							  "values",
							  next - 1,
							  args->count - 1);
	*result = value_string(text.data, text.len);
	return true;
}
