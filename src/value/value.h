/*-------------------------------------------------------------------------
 *
 * value.h
 *	  The one JSON value of all engines (floor 0).
 *
 * A Value is 16 bytes, passed by value, and immutable once built.  It owns
 * nothing: strings, arrays and objects live in the memory context that was
 * current when they were built, usually one that is reset after each step.
 * Builders (value_array_..., value_object_...) are the only way to make
 * containers; nobody writes into one after it has been handed out.
 *
 * VALUE_JSONB is a container inside a jsonb datum that nobody has looked into
 * yet: the accessors below read it in place, value_to_jsonb() copies it back
 * as it is.  Nobody outside src/value needs to tell it from VALUE_ARRAY and
 * VALUE_OBJECT: use value_type() and the accessors.
 *
 * Strings are (pointer, length) pairs in UTF-8, not NUL-terminated.  Numbers
 * that were only carried along are VALUE_NUMERIC and keep every digit;
 * computed ones are VALUE_DOUBLE.  Objects keep insertion order (jsonb does
 * not: what comes out of a row has jsonb's key order).
 *
 * Knows JSON and jsonb; must not know workflows, transactions or SQL.
 *
 * IDENTIFICATION
 *	  src/value/value.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_VALUE_VALUE_H
#define WORKFLOW_VALUE_VALUE_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "util/error.h"

typedef enum ValueKind
{
	VALUE_UNDEFINED = 0, /* no value at all (absent member, JSONata's nothing) */
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_DOUBLE,  /* a computed number */
	VALUE_NUMERIC, /* a number as it was written */
	VALUE_STRING,
	VALUE_ARRAY,
	VALUE_OBJECT,
	VALUE_FUNCTION, /* JSONata only */
	VALUE_JSONB     /* array or object inside a jsonb, not looked into */
} ValueKind;

/* The types of JSON, as value_type() gives them */
typedef enum ValueType
{
	TYPE_UNDEFINED = 0,
	TYPE_NULL,
	TYPE_BOOL,
	TYPE_NUMBER,
	TYPE_STRING,
	TYPE_ARRAY,
	TYPE_OBJECT,
	TYPE_FUNCTION
} ValueType;

typedef struct ValueArray ValueArray;
typedef struct ValueObject ValueObject;

typedef struct Value
{
	uint8 kind;  /* ValueKind */
	uint8 flags; /* of JSONata's sequences; 0 elsewhere */
	int32 len;   /* of a string, in bytes; of a VALUE_JSONB container, in bytes */
	union
	{
		bool boolean;
		double number;
		Numeric numeric;
		const char *string;
		ValueArray *array;
		ValueObject *object;
		JsonbContainer *jsonb;
		const void *function;
	} u;
} Value;

struct ValueArray
{
	int count;
	int capacity;
	Value *items;
};

typedef struct ValueMember
{
	const char *key;
	int key_len;
	Value value;
} ValueMember;

struct ValueObject
{
	int count;
	int capacity;
	ValueMember *members; /* in insertion order */
	void *index;          /* hash over the keys of a large object, private to value.c */
};

/* value.c: constructors; none of them copies */
static inline Value
value_undefined(void)
{
	Value v = {.kind = VALUE_UNDEFINED};

	return v;
}

static inline Value
value_null(void)
{
	Value v = {.kind = VALUE_NULL};

	return v;
}

static inline Value
value_bool(bool b)
{
	Value v = {.kind = VALUE_BOOL};

	v.u.boolean = b;
	return v;
}

static inline Value
value_double(double d)
{
	Value v = {.kind = VALUE_DOUBLE};

	v.u.number = d;
	return v;
}

static inline Value
value_numeric(Numeric n)
{
	Value v = {.kind = VALUE_NUMERIC};

	v.u.numeric = n;
	return v;
}

static inline Value
value_string(const char *s, int len)
{
	Value v = {.kind = VALUE_STRING};

	v.u.string = s;
	v.len = len;
	return v;
}

static inline Value
value_cstring(const char *s)
{
	return value_string(s, (int) strlen(s));
}

static inline bool
value_is_undefined(Value v)
{
	return v.kind == VALUE_UNDEFINED;
}

/* Exact: VALUE_NUMERIC beyond 2^53, else VALUE_DOUBLE */
extern Value value_int64(int64 n);

/* value.c: reading; all of them see through VALUE_JSONB */
extern ValueType value_type(Value v);
extern const char *value_type_name(ValueType type); /* "object", "array", "string", ... */
extern int value_array_length(Value array);
extern Value value_array_get(Value array, int index); /* 0 <= index < length */
extern int value_object_size(Value object);

/* Member of an object by name; VALUE_UNDEFINED where there is none */
extern Value value_object_get(Value object, const char *key, int key_len);
extern Value value_object_get_cstring(Value object, const char *key);

/* The same for a whole number; 0 where there is none */
extern int64 value_object_get_int64(Value object, const char *key);

/* The members one after another, in the object's order:
 *		ValueObjectIter it;
 *		value_object_begin(&it, object);
 *		while (value_object_next(&it)) ... it.key, it.key_len, it.value ...
 */
typedef struct ValueObjectIter
{
	const char *key;
	int key_len;
	Value value;
	/* private */
	Value object;
	int position;
	int count;
	uint32 key_offset;
	uint32 value_offset;
} ValueObjectIter;

extern void value_object_begin(ValueObjectIter *it, Value object);
extern bool value_object_next(ValueObjectIter *it);

/* The elements one after another, cheaper than value_array_get() for all of them */
typedef struct ValueArrayIter
{
	Value value;
	/* private */
	Value array;
	int position;
	int count;
	uint32 offset;
} ValueArrayIter;

extern void value_array_begin(ValueArrayIter *it, Value array);
extern bool value_array_next(ValueArrayIter *it);

/* The nearest double; infinite where the number is out of range */
extern double value_to_double(Value number);

/* Of a VALUE_DOUBLE, which must be finite: the shortest digits that read back */
extern Numeric value_to_numeric(Value number);

/* false where it is no whole number in range */
extern bool value_to_int64(Value number, int64 *result);
extern char *value_to_cstring(Value string);            /* NUL-terminated copy */
extern bool value_string_is(Value v, const char *text); /* is v this very string? */

/* compare.c */

/* Order of numbers: <0, 0, >0.  Exact; a double counts with its shortest digits, so
 * that 0.1 = 0.1.  Neither may be NaN. */
extern int value_compare_numbers(Value a, Value b);

/* Deep equality as JSON: 1 = 1.0, members in any order, types never mix */
extern bool value_equal(Value a, Value b);

/* value.c: builders */
extern ValueArray *value_array_new(int capacity);
extern void value_array_push(ValueArray *array, Value item);
extern Value value_from_array(ValueArray *array);
extern ValueObject *value_object_new(int capacity);

/* set replaces a member of that name in its place; to add, the caller knows that the key
 * is new.  The key is not copied. */
extern void value_object_set(ValueObject *object, const char *key, int key_len,
							 Value value);
extern void value_object_add(ValueObject *object, const char *key, int key_len,
							 Value value);
extern void value_object_add_cstring(ValueObject *object, const char *key, Value value);
extern Value value_from_object(ValueObject *object);

/* Shallow copy of any object (VALUE_OBJECT or VALUE_JSONB) to change it; the values
 * stay lazy */
extern ValueObject *value_object_copy(Value object, int extra_capacity);
extern ValueArray *value_array_copy(Value array, int extra_capacity);

/* Deep copy into CurrentMemoryContext */
extern Value value_copy(Value v);

/* jsonb.c */

/* Lazy; the datum must stay and be detoasted */
extern Value value_from_jsonb(Jsonb *jsonb);

/* encode.c */

/* palloc'd; untouched containers are copied as they are.  What is undefined or a function
 * is left out of objects and null elsewhere; NaN and infinities become strings.  ereports
 * where jsonb cannot hold it (54000 too large, 22P05 \u0000). */
extern Jsonb *value_to_jsonb(Value v);

/* text.c */

/* JSON text nested deeper than this is an error of value_from_text() */
#define VALUE_MAX_NESTING 6000

/* Parse JSON text; keeps key order, the last of duplicate keys wins, numbers keep
 * their digits.  false fills *error (message: what PostgreSQL says of the syntax;
 * position: byte offset). */
pg_nodiscard extern bool value_from_text(const char *text, int len, Value *result,
										 WfError *error);

/* Append as compact JSON text, as value_to_jsonb() would store it; VALUE_UNDEFINED by
 * itself appends nothing */
extern void value_append_text(StringInfo out, Value v);
extern char *value_to_text(Value v); /* palloc'd, NUL-terminated */

/* Append a string, quoted and escaped */
extern void value_append_json_string(StringInfo out, const char *s, int len);

#endif /* WORKFLOW_VALUE_VALUE_H */
