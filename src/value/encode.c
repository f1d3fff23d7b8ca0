/*-------------------------------------------------------------------------
 *
 * encode.c
 *	  Value to jsonb.
 *
 * Writes jsonb's on-disk format (utils/jsonb.h) itself, byte for byte what
 * jsonb_in() makes of the same document: pushJsonbValue() would unpack a
 * container that is only passed on, here it is copied as it is.
 *
 * Every container begins at a multiple of four, so its bytes do not depend on
 * where it stands.
 *
 * Knows jsonb's format; must not know JSON text.
 *
 * IDENTIFICATION
 *	  src/value/encode.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "util/number.h"
#include "value/jsonb_read.h"

/* Objects up to this size are sorted without an allocation */
#define SMALL_OBJECT 32

/* A member to be written; its place decides between equal keys */
typedef struct Pair
{
	const ValueMember *member;
	int place;
} Pair;

static bool is_absent(Value v);
static JEntry append_value(StringInfo out, Value v);
static JEntry append_string(StringInfo out, const char *s, int len);
static JEntry append_double(StringInfo out, double d);
static JEntry append_numeric(StringInfo out, Numeric n);
static JEntry append_container(StringInfo out, Value v);
static void append_array(StringInfo out, const ValueArray *array, uint32 flags);
static void append_object(StringInfo out, const ValueObject *object);
static int collect_pairs(const ValueObject *object, Pair *pairs);
static int compare_pairs(const void *a, const void *b);
static int append_padding(StringInfo out);
static int reserve(StringInfo out, int size);
static void put_entry(StringInfo out, int entries, int i, JEntry entry, Size total,
					  bool object);
static void check_total(Size total, bool object);

Jsonb *
value_to_jsonb(Value v)
{
	StringInfoData out;
	Jsonb *jsonb;

	if (v.kind == VALUE_JSONB)
	{
		jsonb = palloc(VARHDRSZ + v.len);
		SET_VARSIZE(jsonb, VARHDRSZ + v.len);
		memcpy(&jsonb->root, v.u.jsonb, v.len);
		return jsonb;
	}

	initStringInfo(&out);
	reserve(&out, VARHDRSZ);
	if (v.kind == VALUE_ARRAY)
		append_array(&out, v.u.array, 0);
	else if (v.kind == VALUE_OBJECT)
		append_object(&out, v.u.object);
	else
	{
		/* a scalar is stored as an array of one */
		ValueArray scalar = {.count = 1, .capacity = 1, .items = &v};

		append_array(&out, &scalar, JB_FSCALAR);
	}
	jsonb = (Jsonb *) out.data;
	SET_VARSIZE(jsonb, out.len);
	return jsonb;
}

/* Like JSON.stringify: such members are left out, such elements are null */
static bool
is_absent(Value v)
{
	return v.kind == VALUE_UNDEFINED || v.kind == VALUE_FUNCTION;
}

/* Append the data of an entry; gives its type and length */
static JEntry
append_value(StringInfo out, Value v)
{
	switch ((ValueKind) v.kind)
	{
		case VALUE_UNDEFINED:
		case VALUE_FUNCTION:
		case VALUE_NULL:
			return JENTRY_ISNULL;
		case VALUE_BOOL:
			return v.u.boolean ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE;
		case VALUE_DOUBLE:
			return append_double(out, v.u.number);
		case VALUE_NUMERIC:
			return append_numeric(out, v.u.numeric);
		case VALUE_STRING:
			return append_string(out, v.u.string, v.len);
		case VALUE_ARRAY:
		case VALUE_OBJECT:
		case VALUE_JSONB:
			return append_container(out, v);
	}
	elog(ERROR, "unrecognized kind of value: %d", v.kind);
	return 0;
}

static JEntry
append_string(StringInfo out, const char *s, int len)
{
	if ((uint32) len > JENTRY_OFFLENMASK)
		ereport(
			ERROR,
			errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			errmsg("string too long to represent as jsonb string"),
			errdetail(
				"Due to an implementation restriction, jsonb strings cannot exceed %d bytes.",
				JENTRY_OFFLENMASK));
	if (memchr(s, '\0', len) != NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				errmsg("unsupported Unicode escape sequence"),
				errdetail("\\u0000 cannot be converted to text."));
	appendBinaryStringInfo(out, s, len);
	return JENTRY_ISSTRING | (uint32) len;
}

/* JSON has no NaN and no infinities; the service gives their names */
static JEntry
append_double(StringInfo out, double d)
{
	char text[WF_DOUBLE_TEXT_SIZE];
	int length;

	if (!isnan(d) && !isinf(d))
		return append_numeric(out, wf_double_to_numeric(d));
	length = wf_double_to_text(d, text);
	return append_string(out, text, length);
}

static JEntry
append_numeric(StringInfo out, Numeric n)
{
	int size = VARSIZE_ANY(n);
	int padding;

	if (!wf_numeric_is_finite(n))
		return append_double(out, wf_numeric_to_double(n));
	padding = append_padding(out);
	appendBinaryStringInfo(out, (const char *) n, size);
	return JENTRY_ISNUMERIC | (padding + size);
}

static JEntry
append_container(StringInfo out, Value v)
{
	int start = out->len;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	append_padding(out);
	if (v.kind == VALUE_JSONB)
		appendBinaryStringInfo(out, (const char *) v.u.jsonb, v.len);
	else if (v.kind == VALUE_ARRAY)
		append_array(out, v.u.array, 0);
	else
		append_object(out, v.u.object);
	check_total(out->len - start, v.kind == VALUE_OBJECT);
	return JENTRY_ISCONTAINER | (out->len - start);
}

static void
append_array(StringInfo out, const ValueArray *array, uint32 flags)
{
	uint32 header = (uint32) array->count | JB_FARRAY | flags;
	Size total = 0;
	int entries;

	appendBinaryStringInfo(out, (char *) &header, sizeof(header));
	entries = reserve(out, array->count * sizeof(JEntry));
	for (int i = 0; i < array->count; i++)
	{
		JEntry entry = append_value(out, array->items[i]);

		total += JBE_OFFLENFLD(entry);
		put_entry(out, entries, i, entry, total, false);
	}
}

static void
append_object(StringInfo out, const ValueObject *object)
{
	Pair small[SMALL_OBJECT];
	Pair *pairs = small;
	Size total = 0;
	uint32 header;
	int count;
	int entries;

	if (object->count > SMALL_OBJECT)
		pairs = palloc_array(Pair, object->count);
	count = collect_pairs(object, pairs);

	header = (uint32) count | JB_FOBJECT;
	appendBinaryStringInfo(out, (char *) &header, sizeof(header));
	entries = reserve(out, count * 2 * sizeof(JEntry));
	for (int i = 0; i < count; i++)
	{
		JEntry entry = append_string(out, pairs[i].member->key, pairs[i].member->key_len);

		total += JBE_OFFLENFLD(entry);
		put_entry(out, entries, i, entry, total, true);
	}
	for (int i = 0; i < count; i++)
	{
		JEntry entry = append_value(out, pairs[i].member->value);

		total += JBE_OFFLENFLD(entry);
		put_entry(out, entries, count + i, entry, total, true);
	}
	if (pairs != small)
		pfree(pairs);
}

/* The members that are there in jsonb's order; of equal keys the last */
static int
collect_pairs(const ValueObject *object, Pair *pairs)
{
	bool sorted = true;
	int count = 0;
	int kept = 0;

	for (int i = 0; i < object->count; i++)
	{
		if (is_absent(object->members[i].value))
			continue;
		pairs[count].member = &object->members[i];
		pairs[count].place = i;
		if (count > 0 && sorted)
			sorted = compare_pairs(&pairs[count - 1], &pairs[count]) < 0;
		count++;
	}
	if (!sorted)
		qsort(pairs, count, sizeof(Pair), compare_pairs);
	for (int i = 0; i < count; i++)
	{
		const ValueMember *member = pairs[i].member;

		if (kept > 0 && pairs[kept - 1].member->key_len == member->key_len &&
			memcmp(pairs[kept - 1].member->key, member->key, member->key_len) == 0)
			kept--;
		pairs[kept++] = pairs[i];
	}
	return kept;
}

static int
compare_pairs(const void *a, const void *b)
{
	const Pair *left = a;
	const Pair *right = b;
	int order = left->member->key_len - right->member->key_len;

	if (order == 0)
		order = memcmp(left->member->key, right->member->key, left->member->key_len);
	return order != 0 ? order : left->place - right->place;
}

/* Zeros up to the next multiple of four; gives their number */
static int
append_padding(StringInfo out)
{
	int padding = JSONB_ALIGN(out->len) - out->len;

	if (padding > 0)
		reserve(out, padding);
	return padding;
}

/* Append zeros to be filled in later; gives where they begin */
static int
reserve(StringInfo out, int size)
{
	int start = out->len;

	enlargeStringInfo(out, size);
	memset(out->data + start, 0, size);
	out->len += size;
	return start;
}

/* Store the i'th entry; every JB_OFFSET_STRIDE'th tells its end instead of its length */
static void
put_entry(StringInfo out, int entries, int i, JEntry entry, Size total, bool object)
{
	check_total(total, object);
	if (i % JB_OFFSET_STRIDE == 0)
		entry = (entry & JENTRY_TYPEMASK) | (uint32) total | JENTRY_HAS_OFF;
	memcpy(out->data + entries + i * sizeof(JEntry), &entry, sizeof(entry));
}

static void
check_total(Size total, bool object)
{
	if (total <= JENTRY_OFFLENMASK)
		return;
	ereport(
		ERROR,
		errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
		object
			? errmsg(
				  "total size of jsonb object elements exceeds the maximum of %d bytes",
				  JENTRY_OFFLENMASK)
			: errmsg("total size of jsonb array elements exceeds the maximum of %d bytes",
					 JENTRY_OFFLENMASK));
}
