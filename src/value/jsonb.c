/*-------------------------------------------------------------------------
 *
 * jsonb.c
 *	  Reading jsonb in place.
 *
 * Follows the on-disk format described in utils/jsonb.h rather than going
 * through JsonbIterator and JsonbValue: those allocate for each step, and
 * most documents that pass through a workflow are looked into at one or two
 * places only.  encode.c is the way back.
 *
 * Knows jsonb's format; must not know JSON text.
 *
 * IDENTIFICATION
 *	  src/value/jsonb.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "value/jsonb_read.h"

static const char *object_data(const JsonbContainer *object);
static const char *array_data(const JsonbContainer *array);
static uint32 entry_length(JEntry entry, uint32 offset);
static Value decode_entry(JEntry entry, const char *data, uint32 offset);

/* The value of a whole jsonb; it points into *jsonb */
Value
value_from_jsonb(Jsonb *jsonb)
{
	Value v = {.kind = VALUE_JSONB};

	v.u.jsonb = &jsonb->root;
	v.len = VARSIZE(jsonb) - VARHDRSZ;
	if (JsonContainerIsScalar(&jsonb->root))
		return jsonb_array_get(v, 0);
	return v;
}

Value
jsonb_array_get(Value array, int index)
{
	const JsonbContainer *jc = array.u.jsonb;

	return decode_entry(jc->children[index], array_data(jc), getJsonbOffset(jc, index));
}

/* Keys are sorted by length, then by bytes */
Value
jsonb_object_get(Value object, const char *key, int key_len)
{
	const JsonbContainer *jc = object.u.jsonb;
	const char *data = object_data(jc);
	int count = jsonb_count(object);
	int low = 0;
	int high = count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		uint32 offset = getJsonbOffset(jc, middle);
		int len = (int) entry_length(jc->children[middle], offset);
		int order = key_len - len;

		if (order == 0)
			order = memcmp(key, data + offset, len);
		if (order == 0)
			return decode_entry(jc->children[count + middle],
								data,
								getJsonbOffset(jc, count + middle));
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return value_undefined();
}

void
jsonb_array_begin(ValueArrayIter *it)
{
	it->offset = 0;
}

void
jsonb_array_next(ValueArrayIter *it)
{
	const JsonbContainer *jc = it->array.u.jsonb;
	JEntry entry = jc->children[it->position];

	it->value = decode_entry(entry, array_data(jc), it->offset);
	JBE_ADVANCE_OFFSET(it->offset, entry);
}

void
jsonb_object_begin(ValueObjectIter *it)
{
	it->key_offset = 0;
	it->value_offset = it->count > 0 ? getJsonbOffset(it->object.u.jsonb, it->count) : 0;
}

void
jsonb_object_next(ValueObjectIter *it)
{
	const JsonbContainer *jc = it->object.u.jsonb;
	const char *data = object_data(jc);
	JEntry key = jc->children[it->position];
	JEntry value = jc->children[it->count + it->position];

	it->key = data + it->key_offset;
	it->key_len = (int) entry_length(key, it->key_offset);
	it->value = decode_entry(value, data, it->value_offset);
	JBE_ADVANCE_OFFSET(it->key_offset, key);
	JBE_ADVANCE_OFFSET(it->value_offset, value);
}

/* The data follow the entries: two a member, one an element */
static const char *
object_data(const JsonbContainer *object)
{
	return (const char *) &object->children[JsonContainerSize(object) * 2];
}

static const char *
array_data(const JsonbContainer *array)
{
	return (const char *) &array->children[JsonContainerSize(array)];
}

/* An entry tells either its length or where it ends */
static uint32
entry_length(JEntry entry, uint32 offset)
{
	return JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry) - offset : JBE_OFFLENFLD(entry);
}

static Value
decode_entry(JEntry entry, const char *data, uint32 offset)
{
	uint32 aligned = JSONB_ALIGN(offset);
	Value v;

	if (JBE_ISSTRING(entry))
		return value_string(data + offset, (int) entry_length(entry, offset));
	if (JBE_ISNUMERIC(entry))
		return value_numeric((Numeric) (data + aligned));
	if (JBE_ISBOOL(entry))
		return value_bool(JBE_ISBOOL_TRUE(entry));
	if (JBE_ISNULL(entry))
		return value_null();

	/* the padding before a container counts as part of it */
	v = value_null();
	v.kind = VALUE_JSONB;
	v.u.jsonb = (JsonbContainer *) (data + aligned);
	v.len = (int32) (entry_length(entry, offset) - (aligned - offset));
	return v;
}
