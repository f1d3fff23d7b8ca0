/*-------------------------------------------------------------------------
 *
 * fn_codec.c
 *	  Base64, URLs, hashes, JSON text, UUIDs.
 *
 * To the reference a text in Base64 is one of bytes, a character each
 * (Latin-1); to Step Functions, which is Java, it is UTF-8.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_codec.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/base64.h"
#include "common/cryptohash.h"
#include "common/md5.h"
#include "common/pg_prng.h"
#include "common/sha1.h"
#include "common/sha2.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "jsonata/fn.h"
#include "util/utf8.h"

#define UUID_BYTES 16
#define UUID_TEXT_LEN 36

static const char hex_digits[] = "0123456789ABCDEF";

static const struct
{
	const char *name;
	pg_cryptohash_type type;
	int size;
} hash_algorithms[] = {
	{"MD5", PG_MD5, MD5_DIGEST_LENGTH},
	{"SHA-1", PG_SHA1, SHA1_DIGEST_LENGTH},
	{"SHA-256", PG_SHA256, PG_SHA256_DIGEST_LENGTH},
	{"SHA-384", PG_SHA384, PG_SHA384_DIGEST_LENGTH},
	{"SHA-512", PG_SHA512, PG_SHA512_DIGEST_LENGTH},
};

static bool raise_message(JsonataCall *call, const char *code, const char *message);
static int bytes_of_characters(Value text, char *bytes);
static char *base64_alphabet(JsonataCall *call, Value text, int *len);
static int hex_value(char c);
static bool decode_character(const char *s, int len, char *out, int *out_len);
static bool raise_malformed(JsonataCall *call, const char *function);
static bool compute_hash(JsonataCall *call, int algorithm, uint8 *digest);
static bool settle_parsed(Value *v, int *members);
static int count_written_members(Value text);

static bool
raise_message(JsonataCall *call, const char *code, const char *message)
{
	return jsonata_raise_text(call, code, message, (int) strlen(message));
}

/* Base64 */

/* $base64encode(text) */
bool
jsonata_fn_base64_encode(JsonataCall *call, Value *result)
{
	Value text = call->args[0];
	char *encoded;
	int size;
	int len;

	if (fn_missing(call, 0))
		return true;
	if (!call->scope->step_functions)
	{
		char *bytes = palloc(text.len + 1);

		text = value_string(bytes, bytes_of_characters(text, bytes));
	}
	if (!jsonata_check_text_size(call, text.len * 4.0 / 3))
		return false;
	size = pg_b64_enc_len(text.len);
	encoded = palloc(size + 1);
	len = pg_b64_encode((const void *) text.u.string, text.len, encoded, size);
	Assert(len >= 0);
	*result = value_string(encoded, len);
	return true;
}

/* The low byte of each character; gives their number */
static int
bytes_of_characters(Value text, char *bytes)
{
	const char *p = text.u.string;
	const char *end = p + text.len;
	int len = 0;

	while (p < end)
		bytes[len++] = (char) (utf8_decode(&p, end) & 0xFF);
	return len;
}

/* $base64decode(text) */
bool
jsonata_fn_base64_decode(JsonataCall *call, Value *result)
{
	bool is_utf8 = call->scope->step_functions;
	StringInfoData out;
	char *text;
	char *bytes;
	const char *p;
	int len;

	if (fn_missing(call, 0))
		return true;
	text = base64_alphabet(call, call->args[0], &len);
	bytes = palloc(pg_b64_dec_len(len) + 1);
	len = pg_b64_decode(text, len, (void *) bytes, pg_b64_dec_len(len));
	if (len < 0)
		return raise_message(call, "D3137", "Invalid Base64");

	fn_init_text(&out, len + 1);
	for (p = bytes; p < bytes + len;)
	{
		char encoded[UTF8_MAX_BYTES];
		uint32 c = is_utf8 ? utf8_decode(&p, bytes + len) : (unsigned char) *p++;
		int n = utf8_encode(c, encoded);

		appendBinaryStringInfo(&out, encoded, n);
	}
	*result = fn_text(&out);
	return true;
}

/*
 * The text as PostgreSQL's decoder wants it.  The reference skips what is no
 * Base64, takes the URL alphabet as well and does without padding; Step
 * Functions insists on Base64, only the padding may be missing.
 */
static char *
base64_alphabet(JsonataCall *call, Value text, int *len)
{
	char *out = palloc(text.len + 4);
	int n = 0;

	for (int i = 0; i < text.len && text.u.string[i] != '='; i++)
	{
		char c = text.u.string[i];

		if (!call->scope->step_functions)
			c = c == '-' ? '+' : c == '_' ? '/' : c;
		if (call->scope->step_functions || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/')
			out[n++] = c;
	}
	/* six bits are no byte */
	if (n % 4 == 1 && !call->scope->step_functions)
		n--;
	while (n % 4 != 0)
		out[n++] = '=';
	*len = n;
	return out;
}

/* URLs */

/* $encodeUrl(text), $encodeUrlComponent(text) */
bool
jsonata_fn_url_encode(JsonataCall *call, Value *result)
{
	const char *kept = call->magic == FN_URL ? "-_.!~*'();/?:@&=+$,#" : "-_.!~*'()";
	Value text = call->args[0];
	StringInfoData out;

	if (fn_missing(call, 0))
		return true;
	if (!jsonata_check_text_size(call, text.len * 3.0))
		return false;
	fn_init_text(&out, text.len + 16);
	for (int i = 0; i < text.len; i++)
	{
		unsigned char c = (unsigned char) text.u.string[i];

		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			(c != '\0' && strchr(kept, c) != NULL))
			appendStringInfoCharMacro(&out, (char) c);
		else
		{
			appendStringInfoCharMacro(&out, '%');
			appendStringInfoCharMacro(&out, hex_digits[c >> 4]);
			appendStringInfoCharMacro(&out, hex_digits[c & 0xF]);
		}
	}
	*result = fn_text(&out);
	return true;
}

/* $decodeUrl(text), $decodeUrlComponent(text) */
bool
jsonata_fn_url_decode(JsonataCall *call, Value *result)
{
	/* what separates the parts of a URL stays encoded in a whole one */
	const char *kept = call->magic == FN_URL ? ";/?:@&=+$,#" : "";
	const char *function = call->magic == FN_URL ? "decodeUrl" : "decodeUrlComponent";
	Value text = call->args[0];
	StringInfoData out;
	int i = 0;

	if (fn_missing(call, 0))
		return true;
	if (!jsonata_tick(call, text.len / 16))
		return false;
	fn_init_text(&out, text.len + 16);
	while (i < text.len)
	{
		const char *s = text.u.string + i;
		char bytes[UTF8_MAX_BYTES];
		int n;

		if (*s != '%')
		{
			appendStringInfoCharMacro(&out, *s);
			i++;
			continue;
		}
		if (!decode_character(s, text.len - i, bytes, &n))
			return raise_malformed(call, function);
		if (n == 1 && bytes[0] != '\0' && strchr(kept, bytes[0]) != NULL)
			appendBinaryStringInfo(&out, s, 3);
		else
			appendBinaryStringInfo(&out, bytes, n);
		i += 3 * n;
	}
	*result = fn_text(&out);
	return true;
}

/* One character in as many %XX as UTF-8 needs for it */
static bool
decode_character(const char *s, int len, char *out, int *out_len)
{
	int needed = 1;

	for (int n = 0; n < needed; n++, s += 3, len -= 3)
	{
		int high;
		int low;

		if (len < 3 || s[0] != '%')
			return false;
		high = hex_value(s[1]);
		low = hex_value(s[2]);
		if (high < 0 || low < 0)
			return false;
		out[n] = (char) (high << 4 | low);
		if (n == 0)
			needed = pg_utf_mblen((const unsigned char *) out);
	}
	*out_len = needed;
	return pg_utf8_islegal((const unsigned char *) out, needed);
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
raise_malformed(JsonataCall *call, const char *function)
{
	StringInfoData message;

	initStringInfo(&message);
	appendStringInfo(&message, "Malformed URL passed to $%s(): ", function);
	value_append_json_string(&message, call->args[0].u.string, call->args[0].len);
	return jsonata_raise_text(call, "D3140", message.data, message.len);
}

/* Step Functions */

/* $hash(text, algorithm): lower-case hexadecimal digits */
bool
jsonata_fn_hash(JsonataCall *call, Value *result)
{
	uint8 digest[PG_SHA512_DIGEST_LENGTH];
	char *hex;
	int a;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	for (a = 0; a < lengthof(hash_algorithms); a++)
		if (value_string_is(call->args[1], hash_algorithms[a].name))
			break;
	if (a == lengthof(hash_algorithms))
		return raise_message(call,
							 "D3137",
							 psprintf("Hash algorithm '%s' must be one of SHA-1, "
									  "SHA-384, SHA-256, SHA-512, MD5",
									  value_to_cstring(call->args[1])));
	if (!jsonata_tick(call, call->args[0].len / 64) || !compute_hash(call, a, digest))
		return false;
	hex = palloc(2 * hash_algorithms[a].size + 1);
	for (int i = 0; i < hash_algorithms[a].size; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	*result = value_string(hex, 2 * hash_algorithms[a].size);
	return true;
}

static bool
compute_hash(JsonataCall *call, int algorithm, uint8 *digest)
{
	Value text = call->args[0];
	pg_cryptohash_ctx *context = pg_cryptohash_create(hash_algorithms[algorithm].type);
	bool ok;

	if (context == NULL)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	ok = pg_cryptohash_init(context) >= 0 &&
		 pg_cryptohash_update(context, (const uint8 *) text.u.string, text.len) >= 0 &&
		 pg_cryptohash_final(context, digest, hash_algorithms[algorithm].size) >= 0;
	if (!ok)
		(void) raise_message(call, "D3137", pg_cryptohash_error(context));
	pg_cryptohash_free(context);
	return ok;
}

/* $uuid(): of version 4 */
bool
jsonata_fn_uuid(JsonataCall *call, Value *result)
{
	uint8 bytes[UUID_BYTES];
	char *text = palloc(UUID_TEXT_LEN + 1);
	char *p = text;

	for (int i = 0; i < UUID_BYTES / sizeof(uint64); i++)
	{
		uint64 random = pg_prng_uint64(call->scope->random);

		memcpy(&bytes[i * sizeof(random)], &random, sizeof(random));
	}
	bytes[6] = (bytes[6] & 0x0F) | 0x40;
	bytes[8] = (bytes[8] & 0x3F) | 0x80;
	for (int i = 0; i < UUID_BYTES; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		p += snprintf(p, 3, "%02x", bytes[i]);
	}
	*result = value_string(text, UUID_TEXT_LEN);
	return true;
}

/* $parse(text): JSON, strictly: no key twice, no number that a double cannot hold */
bool
jsonata_fn_parse(JsonataCall *call, Value *result)
{
	Value text = call->args[0];
	WfError error = {0};
	int members = 0;

	if (fn_missing(call, 0))
		return true;
	if (!jsonata_tick(call, text.len / 16))
		return false;
	if (!value_from_text(text.u.string, text.len, result, &error) ||
		!settle_parsed(result, &members) || members != count_written_members(text))
		return raise_message(call, "D3137", "Invalid JSON");
	return true;
}

/*
 * Count the members of all objects, and make doubles of the numbers that are
 * no int64, in place: nobody has seen them yet.  false where there is one that
 * no double can hold.
 */
static bool
settle_parsed(Value *v, int *members)
{
	double d;
	int64 integer;

	check_stack_depth();
	switch (v->kind)
	{
		case VALUE_NUMERIC:
			d = value_to_double(*v);
			if (!value_to_int64(*v, &integer))
				*v = value_double(d);
			return isfinite(d);
		case VALUE_ARRAY:
			for (int i = 0; i < v->u.array->count; i++)
				if (!settle_parsed(&v->u.array->items[i], members))
					return false;
			return true;
		case VALUE_OBJECT:
			*members += v->u.object->count;
			for (int i = 0; i < v->u.object->count; i++)
				if (!settle_parsed(&v->u.object->members[i].value, members))
					return false;
			return true;
		default:
			return true;
	}
}

/* A member has one colon outside of strings; of a key written twice only one is left */
static int
count_written_members(Value text)
{
	bool in_string = false;
	int count = 0;

	for (int i = 0; i < text.len; i++)
	{
		char c = text.u.string[i];

		if (c == '"')
			in_string = !in_string;
		else if (c == '\\')
			i++;
		else if (c == ':' && !in_string)
			count++;
	}
	return count;
}
