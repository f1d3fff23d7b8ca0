/*-------------------------------------------------------------------------
 *
 * mutate.c
 *	  Changes of JSON texts that leave them JSON.
 *
 * Of bytes changed at random hardly any text remains JSON; so most changes are made
 * to the tree: a node is taken out, doubled, replaced by another one of the same text
 * or of another, or the bytes of a string change.
 *
 * Knows libFuzzer's interface and JSON values.
 *
 * IDENTIFICATION
 *	  test/fuzz/mutate.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "fuzz.h"

/* Longest string after a change */
#define MAX_STRING 200

/* One of so many changes is of bytes */
#define BYTES_ONE_IN 16

typedef enum Change
{
	CHANGE_REPLACE, /* the node becomes the donor */
	CHANGE_DELETE,
	CHANGE_INSERT, /* the donor comes before it */
	CHANGE_KEY,    /* its key becomes the donor's */
	CHANGE_STRING, /* the bytes of the string, or of the key */
	CHANGE_COUNT
} Change;

typedef struct Mutation
{
	pg_prng_state random;
	const char *text;
	int len;
	const char *donor_text; /* may be the same */
	int donor_len;
	char *out;
	int max_len;
	int result; /* length of the changed text, 0 where there is none */

	Change change;
	Value donor;
	const char *donor_key; /* or NULL */
	int donor_key_len;
	int position; /* nodes until the chosen one */
} Mutation;

static uint32
below(Mutation *mutation, uint32 n)
{
	return (uint32) pg_prng_uint64_range(&mutation->random, 0, n - 1);
}

static int
count_nodes(Value v)
{
	int count = 1;

	check_stack_depth();
	if (value_type(v) == TYPE_OBJECT)
	{
		ValueObjectIter it;

		value_object_begin(&it, v);
		while (value_object_next(&it))
			count += count_nodes(it.value);
	}
	else if (value_type(v) == TYPE_ARRAY)
	{
		ValueArrayIter it;

		value_array_begin(&it, v);
		while (value_array_next(&it))
			count += count_nodes(it.value);
	}
	return count;
}

/* Node number *position, in the order of the text, as donor */
static bool
find_donor(Mutation *mutation, Value v, const char *key, int key_len, int *position)
{
	check_stack_depth();
	if ((*position)-- == 0)
	{
		mutation->donor = v;
		mutation->donor_key = key;
		mutation->donor_key_len = key_len;
		return true;
	}
	if (value_type(v) == TYPE_OBJECT)
	{
		ValueObjectIter it;

		value_object_begin(&it, v);
		while (value_object_next(&it))
			if (find_donor(mutation, it.value, it.key, it.key_len, position))
				return true;
	}
	else if (value_type(v) == TYPE_ARRAY)
	{
		ValueArrayIter it;

		value_array_begin(&it, v);
		while (value_array_next(&it))
			if (find_donor(mutation, it.value, NULL, 0, position))
				return true;
	}
	return false;
}

/* The bytes of a string, changed by libFuzzer; as they were, where that is no text */
static Value
change_string(const char *s, int len)
{
	char *changed = palloc(MAX_STRING);
	int new_len = Min(len, MAX_STRING);

	memcpy(changed, s, new_len);
	new_len = (int) LLVMFuzzerMutate((uint8_t *) changed, new_len, MAX_STRING);
	return pg_verify_mbstr(PG_UTF8, changed, new_len, true)
			   ? value_string(changed, new_len)
			   : value_string(s, len);
}

static Value
change_value(Value v)
{
	char *text;
	int len;
	WfError error = {0};
	Value changed;

	if (value_type(v) == TYPE_STRING)
		return change_string(v.u.string, v.len);
	if (value_type(v) != TYPE_NUMBER)
		return value_bool(value_type(v) == TYPE_NULL);
	text = value_to_text(v);
	changed = change_string(text, (int) strlen(text));
	len = changed.len;
	return value_from_text(changed.u.string, len, &changed, &error) ? changed : v;
}

static Value rebuild(Mutation *mutation, Value v);

static void
rebuild_member(Mutation *mutation, ValueObject *object, const char *key, int key_len,
			   Value value)
{
	bool chosen = mutation->position == 0;

	if (!chosen)
	{
		value_object_set(object, key, key_len, rebuild(mutation, value));
		return;
	}
	switch (mutation->change)
	{
		case CHANGE_DELETE:
			mutation->position--;
			return;
		case CHANGE_INSERT:
			if (mutation->donor_key != NULL)
				value_object_set(object,
								 mutation->donor_key,
								 mutation->donor_key_len,
								 mutation->donor);
			break;
		case CHANGE_KEY:
			if (mutation->donor_key != NULL)
			{
				key = mutation->donor_key;
				key_len = mutation->donor_key_len;
			}
			break;
		case CHANGE_STRING:
			if (below(mutation, 3) == 0)
			{
				Value changed = change_string(key, key_len);

				mutation->change = CHANGE_COUNT; /* done */
				key = changed.u.string;
				key_len = changed.len;
			}
			break;
		default:
			break;
	}
	value_object_set(object, key, key_len, rebuild(mutation, value));
}

static Value
rebuild(Mutation *mutation, Value v)
{
	bool chosen = mutation->position-- == 0;

	check_stack_depth();
	if (chosen && mutation->change == CHANGE_REPLACE)
		return mutation->donor;
	if (value_type(v) == TYPE_OBJECT)
	{
		ValueObject *object = value_object_new(value_object_size(v) + 1);
		ValueObjectIter it;

		value_object_begin(&it, v);
		while (value_object_next(&it))
			rebuild_member(mutation, object, it.key, it.key_len, it.value);
		if (chosen && mutation->change == CHANGE_INSERT && mutation->donor_key != NULL)
			value_object_set(object,
							 mutation->donor_key,
							 mutation->donor_key_len,
							 mutation->donor);
		return value_from_object(object);
	}
	if (value_type(v) == TYPE_ARRAY)
	{
		ValueArray *array = value_array_new(value_array_length(v) + 1);
		ValueArrayIter it;

		value_array_begin(&it, v);
		while (value_array_next(&it))
		{
			if (mutation->position == 0 && mutation->change == CHANGE_INSERT)
				value_array_push(array, mutation->donor);
			if (mutation->position != 0 || mutation->change != CHANGE_DELETE)
				value_array_push(array, rebuild(mutation, it.value));
			else
				mutation->position--;
		}
		return value_from_array(array);
	}
	return chosen && mutation->change == CHANGE_STRING ? change_value(v) : v;
}

static void
mutate(void *arg)
{
	Mutation *mutation = arg;
	WfError error = {0};
	StringInfoData text;
	Value document;
	Value donors;
	int position;

	if (!value_from_text(mutation->text, mutation->len, &document, &error) ||
		!value_from_text(mutation->donor_text, mutation->donor_len, &donors, &error))
		return;
	position = (int) below(mutation, count_nodes(donors));
	(void) find_donor(mutation, donors, NULL, 0, &position);
	mutation->change = below(mutation, CHANGE_COUNT);
	mutation->position = (int) below(mutation, count_nodes(document));
	initStringInfo(&text);
	value_append_text(&text, rebuild(mutation, document));
	if (text.len > mutation->max_len)
		return;
	memcpy(mutation->out, text.data, text.len);
	mutation->result = text.len;
}

static size_t
mutate_json(const uint8_t *data, size_t size, const uint8_t *donor, size_t donor_size,
			uint8_t *out, size_t max_size, unsigned int seed)
{
	Mutation mutation = {.text = (const char *) data,
						 .len = (int) size,
						 .donor_text = (const char *) donor,
						 .donor_len = (int) donor_size,
						 .out = (char *) out,
						 .max_len = (int) max_size};

	pg_prng_seed(&mutation.random, seed);
	if (!pg_verify_mbstr(PG_UTF8, mutation.text, mutation.len, true) ||
		!pg_verify_mbstr(PG_UTF8, mutation.donor_text, mutation.donor_len, true))
		return 0;
	return fuzz_guard(mutate, &mutation) ? mutation.result : 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t result = 0;

	if (fuzz_target->json && seed % BYTES_ONE_IN != 0)
		result = mutate_json(data, size, data, size, data, max_size, seed);
	return result > 0 ? result : LLVMFuzzerMutate(data, size, max_size);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b,
						  size_t b_size, uint8_t *out, size_t max_size, unsigned int seed)
{
	if (!fuzz_target->json)
		return 0;
	return mutate_json(a, a_size, b, b_size, out, max_size, seed);
}
