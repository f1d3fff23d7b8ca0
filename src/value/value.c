/*-------------------------------------------------------------------------
 *
 * value.c
 *	  The one JSON value: reading, building, copying.
 *
 * Every accessor has two branches, one for what was built here and one for
 * what still lies in a jsonb (jsonb.c).
 *
 * An object of more than a few members gets a hash index over its keys, the
 * first time somebody asks for a key, so that n members are built and read in
 * O(n).  The index belongs to the memory context of its object, because it
 * may be made by a reader who works in a shorter-lived one.
 *
 * Knows JSON; must not know workflows, transactions or SQL.
 *
 * IDENTIFICATION
 *	  src/value/value.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "util/number.h"
#include "value/jsonb_read.h"

/* Objects up to this size are searched member by member */
#define SMALL_OBJECT 16

/* Hash index over an object's keys: open addressing, at most half full */
typedef struct KeyIndex
{
	uint32 mask;                      /* number of slots - 1 */
	int indexed;                      /* members already in it, the first ones */
	int slots[FLEXIBLE_ARRAY_MEMBER]; /* position of the member + 1, or 0 */
} KeyIndex;

static int find_member(const ValueObject *object, const char *key, int key_len);
static bool key_is(const ValueMember *member, const char *key, int key_len);
static KeyIndex *key_index(ValueObject *object);
static void index_member(KeyIndex *index, const ValueObject *object, int i);
static void *copy_bytes(const void *data, Size size);
static Value copy_array(Value array);
static Value copy_object(Value object);

/* Reading */

ValueType
value_type(Value v)
{
	static const uint8 types[] = {
		[VALUE_UNDEFINED] = TYPE_UNDEFINED,
		[VALUE_NULL] = TYPE_NULL,
		[VALUE_BOOL] = TYPE_BOOL,
		[VALUE_DOUBLE] = TYPE_NUMBER,
		[VALUE_NUMERIC] = TYPE_NUMBER,
		[VALUE_STRING] = TYPE_STRING,
		[VALUE_ARRAY] = TYPE_ARRAY,
		[VALUE_OBJECT] = TYPE_OBJECT,
		[VALUE_FUNCTION] = TYPE_FUNCTION,
	};

	if (v.kind == VALUE_JSONB)
		return JsonContainerIsObject(v.u.jsonb) ? TYPE_OBJECT : TYPE_ARRAY;
	return (ValueType) types[v.kind];
}

const char *
value_type_name(ValueType type)
{
	static const char *const names[] = {
		[TYPE_UNDEFINED] = "undefined",
		[TYPE_NULL] = "null",
		[TYPE_BOOL] = "boolean",
		[TYPE_NUMBER] = "number",
		[TYPE_STRING] = "string",
		[TYPE_ARRAY] = "array",
		[TYPE_OBJECT] = "object",
		[TYPE_FUNCTION] = "function",
	};

	return names[type];
}

int
value_array_length(Value array)
{
	Assert(value_type(array) == TYPE_ARRAY);
	return array.kind == VALUE_JSONB ? jsonb_count(array) : array.u.array->count;
}

Value
value_array_get(Value array, int index)
{
	Assert(index >= 0 && index < value_array_length(array));
	if (array.kind == VALUE_JSONB)
		return jsonb_array_get(array, index);
	return array.u.array->items[index];
}

void
value_array_begin(ValueArrayIter *it, Value array)
{
	it->array = array;
	it->position = 0;
	it->count = value_array_length(array);
	if (array.kind == VALUE_JSONB)
		jsonb_array_begin(it);
}

bool
value_array_next(ValueArrayIter *it)
{
	if (it->position >= it->count)
		return false;
	if (it->array.kind == VALUE_JSONB)
		jsonb_array_next(it);
	else
		it->value = it->array.u.array->items[it->position];
	it->position++;
	return true;
}

int
value_object_size(Value object)
{
	Assert(value_type(object) == TYPE_OBJECT);
	return object.kind == VALUE_JSONB ? jsonb_count(object) : object.u.object->count;
}

Value
value_object_get(Value object, const char *key, int key_len)
{
	int i;

	Assert(value_type(object) == TYPE_OBJECT);
	if (object.kind == VALUE_JSONB)
		return jsonb_object_get(object, key, key_len);
	i = find_member(object.u.object, key, key_len);
	return i < 0 ? value_undefined() : object.u.object->members[i].value;
}

Value
value_object_get_cstring(Value object, const char *key)
{
	return value_object_get(object, key, (int) strlen(key));
}

int64
value_object_get_int64(Value object, const char *key)
{
	Value value = value_object_get_cstring(object, key);
	int64 number = 0;

	if (value_type(value) == TYPE_NUMBER)
		(void) value_to_int64(value, &number);
	return number;
}

void
value_object_begin(ValueObjectIter *it, Value object)
{
	it->object = object;
	it->position = 0;
	it->count = value_object_size(object);
	if (object.kind == VALUE_JSONB)
		jsonb_object_begin(it);
}

bool
value_object_next(ValueObjectIter *it)
{
	if (it->position >= it->count)
		return false;
	if (it->object.kind == VALUE_JSONB)
		jsonb_object_next(it);
	else
	{
		const ValueMember *member = &it->object.u.object->members[it->position];

		it->key = member->key;
		it->key_len = member->key_len;
		it->value = member->value;
	}
	it->position++;
	return true;
}

/* Numbers and strings */

Value
value_int64(int64 n)
{
	if (n >= -WF_MAX_SAFE_INTEGER && n <= WF_MAX_SAFE_INTEGER)
		return value_double((double) n);
	return value_numeric(int64_to_numeric(n));
}

double
value_to_double(Value number)
{
	Assert(value_type(number) == TYPE_NUMBER);
	if (number.kind == VALUE_DOUBLE)
		return number.u.number;
	return wf_numeric_to_double(number.u.numeric);
}

Numeric
value_to_numeric(Value number)
{
	Assert(value_type(number) == TYPE_NUMBER);
	if (number.kind == VALUE_NUMERIC)
		return number.u.numeric;
	return wf_double_to_numeric(number.u.number);
}

bool
value_to_int64(Value number, int64 *result)
{
	Assert(value_type(number) == TYPE_NUMBER);
	if (number.kind == VALUE_NUMERIC)
		return wf_numeric_to_int64(number.u.numeric, result);
	if (isnan(number.u.number) || number.u.number != rint(number.u.number) ||
		!FLOAT8_FITS_IN_INT64(number.u.number))
		return false;
	*result = (int64) number.u.number;
	return true;
}

char *
value_to_cstring(Value string)
{
	Assert(string.kind == VALUE_STRING);
	return pnstrdup(string.u.string, string.len);
}

bool
value_string_is(Value v, const char *text)
{
	return v.kind == VALUE_STRING && strlen(text) == (size_t) v.len &&
		   memcmp(v.u.string, text, v.len) == 0;
}

/* Builders */

ValueArray *
value_array_new(int capacity)
{
	ValueArray *array = palloc_object(ValueArray);

	array->count = 0;
	array->capacity = Max(capacity, 4);
	array->items = palloc_array(Value, array->capacity);
	return array;
}

void
value_array_push(ValueArray *array, Value item)
{
	if (array->count == array->capacity)
	{
		array->capacity *= 2;
		array->items = repalloc_array(array->items, Value, array->capacity);
	}
	array->items[array->count++] = item;
}

Value
value_from_array(ValueArray *array)
{
	Value v = {.kind = VALUE_ARRAY};

	v.u.array = array;
	return v;
}

ValueObject *
value_object_new(int capacity)
{
	ValueObject *object = palloc_object(ValueObject);

	object->count = 0;
	object->capacity = Max(capacity, 4);
	object->members = palloc_array(ValueMember, object->capacity);
	object->index = NULL;
	return object;
}

void
value_object_set(ValueObject *object, const char *key, int key_len, Value value)
{
	int i = find_member(object, key, key_len);

	if (i >= 0)
		object->members[i].value = value;
	else
		value_object_add(object, key, key_len, value);
}

void
value_object_add(ValueObject *object, const char *key, int key_len, Value value)
{
	ValueMember *member;

	if (object->count == object->capacity)
	{
		object->capacity *= 2;
		object->members = repalloc_array(object->members, ValueMember, object->capacity);
	}
	member = &object->members[object->count++];
	member->key = key;
	member->key_len = key_len;
	member->value = value;
}

void
value_object_add_cstring(ValueObject *object, const char *key, Value value)
{
	value_object_add(object, key, (int) strlen(key), value);
}

Value
value_from_object(ValueObject *object)
{
	Value v = {.kind = VALUE_OBJECT};

	v.u.object = object;
	return v;
}

ValueObject *
value_object_copy(Value object, int extra_capacity)
{
	ValueObject *copy = value_object_new(value_object_size(object) + extra_capacity);
	ValueObjectIter it;

	value_object_begin(&it, object);
	while (value_object_next(&it))
		value_object_add(copy, it.key, it.key_len, it.value);
	return copy;
}

ValueArray *
value_array_copy(Value array, int extra_capacity)
{
	ValueArray *copy = value_array_new(value_array_length(array) + extra_capacity);
	ValueArrayIter it;

	value_array_begin(&it, array);
	while (value_array_next(&it))
		value_array_push(copy, it.value);
	return copy;
}

/* Finding members */

/* Position of a member, or -1 */
static int
find_member(const ValueObject *object, const char *key, int key_len)
{
	const KeyIndex *index;
	uint32 slot;

	if (object->count <= SMALL_OBJECT)
	{
		for (int i = 0; i < object->count; i++)
		{
			if (key_is(&object->members[i], key, key_len))
				return i;
		}
		return -1;
	}

	index = key_index(unconstify(ValueObject *, object));
	slot = hash_bytes((const unsigned char *) key, key_len);
	for (;; slot++)
	{
		int i = index->slots[slot & index->mask] - 1;

		if (i < 0 || key_is(&object->members[i], key, key_len))
			return i;
	}
}

static bool
key_is(const ValueMember *member, const char *key, int key_len)
{
	return member->key_len == key_len && memcmp(member->key, key, key_len) == 0;
}

/* The index of an object, brought up to date */
static KeyIndex *
key_index(ValueObject *object)
{
	KeyIndex *index = object->index;

	if (index == NULL || (uint32) object->count > (index->mask + 1) / 2)
	{
		uint32 slots = pg_nextpower2_32(object->count) * 4;

		if (index != NULL)
			pfree(index);
		index = MemoryContextAllocZero(GetMemoryChunkContext(object),
									   offsetof(KeyIndex, slots) + slots * sizeof(int));
		index->mask = slots - 1;
		object->index = index;
	}
	while (index->indexed < object->count)
		index_member(index, object, index->indexed++);
	return index;
}

static void
index_member(KeyIndex *index, const ValueObject *object, int i)
{
	const ValueMember *member = &object->members[i];
	uint32 slot = hash_bytes((const unsigned char *) member->key, member->key_len);

	while (index->slots[slot & index->mask] != 0)
		slot++;
	index->slots[slot & index->mask] = i + 1;
}

/* Copying */

Value
value_copy(Value v)
{
	switch ((ValueKind) v.kind)
	{
		case VALUE_STRING:
			v.u.string = copy_bytes(v.u.string, v.len);
			break;
		case VALUE_NUMERIC:
			v.u.numeric = copy_bytes(v.u.numeric, VARSIZE_ANY(v.u.numeric));
			break;
		case VALUE_JSONB:
			v.u.jsonb = copy_bytes(v.u.jsonb, v.len);
			break;
		case VALUE_ARRAY:
			return copy_array(v);
		case VALUE_OBJECT:
			return copy_object(v);
		case VALUE_UNDEFINED:
		case VALUE_NULL:
		case VALUE_BOOL:
		case VALUE_DOUBLE:
		case VALUE_FUNCTION:
			break;
	}
	return v;
}

static void *
copy_bytes(const void *data, Size size)
{
	return memcpy(palloc(size), data, size);
}

static Value
copy_array(Value array)
{
	ValueArray *copy = value_array_copy(array, 0);

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < copy->count; i++)
		copy->items[i] = value_copy(copy->items[i]);
	array.u.array = copy; /* keeps the flags */
	return array;
}

static Value
copy_object(Value object)
{
	ValueObject *copy = value_object_copy(object, 0);

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < copy->count; i++)
	{
		ValueMember *member = &copy->members[i];

		member->key = copy_bytes(member->key, member->key_len);
		member->value = value_copy(member->value);
	}
	object.u.object = copy;
	return object;
}
