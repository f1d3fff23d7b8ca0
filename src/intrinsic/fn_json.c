/*-------------------------------------------------------------------------
 *
 * fn_json.c
 *	  Intrinsic functions on JSON objects and JSON text, and the order of a
 *	  java.util.HashMap that their results show.
 *
 * IDENTIFICATION
 *	  src/intrinsic/fn_json.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "intrinsic/call.h"
#include "util/utf8.h"

/* A member's number and the bucket it falls in */
typedef struct Bucket
{
	uint32 bucket;
	int member;
} Bucket;

/* java.lang.String.hashCode(), over UTF-16 units */
static uint32
java_hash(const char *s, int len)
{
	const char *end = s + len;
	uint32 hash = 0;

	while (s < end)
	{
		uint32 c = utf8_decode(&s, end);

		if (c >= 0x10000)
		{
			hash = hash * 31 + (0xD800 + ((c - 0x10000) >> 10));
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		hash = hash * 31 + c;
	}
	return hash;
}

static int
compare_buckets(const void *a, const void *b)
{
	const Bucket *x = a;
	const Bucket *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return x->member - y->member;
}

void
intrinsic_java_map_order(const ValueMember *members, int count, int *order)
{
	Bucket *buckets = palloc(Max(count, 1) * sizeof(Bucket));
	uint32 size = 16;
	int i;

	/* the table doubles when it is three quarters full */
	while (count > size / 4 * 3)
		size *= 2;
	for (i = 0; i < count; i++)
	{
		uint32 hash = java_hash(members[i].key, members[i].key_len);

		buckets[i].bucket = (hash ^ (hash >> 16)) & (size - 1);
		buckets[i].member = i;
	}
	qsort(buckets, count, sizeof(Bucket), compare_buckets);
	for (i = 0; i < count; i++)
		order[i] = buckets[i].member;
	pfree(buckets);
}

static bool
object_arg(const IntrinsicArgs *args, int i)
{
	if (value_type(args->values[i]) == TYPE_OBJECT)
		return true;
	return intrinsic_fail(args,
						  "Argument %d must be of type object but was: %s",
						  i + 1,
						  value_type_name(value_type(args->values[i])));
}

/* States.JsonMerge(a, b, false): members of b win; deep merging is not supported */
bool
intrinsic_json_merge(const IntrinsicArgs *args, Value *result)
{
	ValueObject *merged;
	ValueObject *ordered;
	ValueObjectIter it;
	int *order;
	int i;

	if (!object_arg(args, 0) || !object_arg(args, 1))
		return false;
	if (value_type(args->values[2]) != TYPE_BOOL || args->values[2].u.boolean)
		return intrinsic_fail(
			args, "Argument 3 must be false: only shallow merging is supported");

	merged = value_object_copy(args->values[0], value_object_size(args->values[1]));
	value_object_begin(&it, args->values[1]);
	while (value_object_next(&it))
		value_object_set(merged, it.key, it.key_len, it.value);

	order = palloc(Max(merged->count, 1) * sizeof(int));
	intrinsic_java_map_order(merged->members, merged->count, order);
	ordered = value_object_new(merged->count);
	for (i = 0; i < merged->count; i++)
	{
		const ValueMember *member = &merged->members[order[i]];

		value_object_add(ordered, member->key, member->key_len, member->value);
	}
	*result = value_from_object(ordered);
	return true;
}

/* States.StringToJson(text): nothing but blanks is null */
bool
intrinsic_string_to_json(const IntrinsicArgs *args, Value *result)
{
	WfError error = {0};
	int i;

	if (!intrinsic_string_arg(args, 0))
		return false;
	for (i = 0; i < args->values[0].len; i++)
		if ((unsigned char) args->values[0].u.string[i] > ' ')
			break;
	if (i == args->values[0].len)
		*result = value_null();
	else if (!value_from_text(args->values[0].u.string,
							  args->values[0].len,
							  result,
							  &error))
		return intrinsic_fail(args, "The text is not valid JSON: %s", error.message);
	return true;
}

/* States.JsonToString(value) */
bool
intrinsic_json_to_string(const IntrinsicArgs *args, Value *result)
{
	StringInfoData text;

	initStringInfo(&text);
	value_append_text(&text, args->values[0]);
	*result = value_string(text.data, text.len);
	return true;
}
