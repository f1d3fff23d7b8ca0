/*-------------------------------------------------------------------------
 *
 * fn_object.c
 *	  Functions on objects, and the few on values of any type.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_object.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "jsonata/fn.h"

static bool collect_keys(JsonataCall *call, Value v, ValueObject *keys);
static bool lookup_in(JsonataCall *call, Value v, Value key, JsonataSequence *found);
static bool spread_into(JsonataCall *call, Value v, JsonataSequence *members);
static bool raise_text(JsonataCall *call, const char *code, int arg,
					   const char *otherwise);

/* $keys(object or array of them): each key once */
bool
jsonata_fn_keys(JsonataCall *call, Value *result)
{
	ValueObject *keys = value_object_new(8);
	JsonataSequence sequence;

	if (!collect_keys(call, call->args[0], keys))
		return false;
	jsonata_sequence_init(&sequence);
	for (int i = 0; i < keys->count; i++)
		jsonata_sequence_push(&sequence,
							  value_string(keys->members[i].key,
										   keys->members[i].key_len));
	*result = jsonata_sequence_result(&sequence);
	return true;
}

/* An object is a set of keys that keeps their order */
static bool
collect_keys(JsonataCall *call, Value v, ValueObject *keys)
{
	ValueObjectIter members;
	ValueArrayIter items;

	check_stack_depth();
	switch (value_type(v))
	{
		case TYPE_OBJECT:
			value_object_begin(&members, v);
			while (value_object_next(&members))
				value_object_set(keys, members.key, members.key_len, value_null());
			return jsonata_tick(call, members.count);
		case TYPE_ARRAY:
			value_array_begin(&items, v);
			while (value_array_next(&items))
				if (!collect_keys(call, items.value, keys))
					return false;
			return jsonata_tick(call, items.count);
		default:
			return true;
	}
}

/* $lookup(object or array of them, key) */
bool
jsonata_fn_lookup(JsonataCall *call, Value *result)
{
	Value key = call->args[1];
	JsonataSequence sequence;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	switch (value_type(call->args[0]))
	{
		case TYPE_OBJECT:
			*result = value_object_get(call->args[0], key.u.string, key.len);
			return true;
		case TYPE_ARRAY:
			jsonata_sequence_init(&sequence);
			if (!lookup_in(call, call->args[0], key, &sequence))
				return false;
			*result = jsonata_sequence_result(&sequence);
			return true;
		default:
			return true;
	}
}

static bool
lookup_in(JsonataCall *call, Value v, Value key, JsonataSequence *found)
{
	ValueArrayIter it;

	check_stack_depth();
	switch (value_type(v))
	{
		case TYPE_OBJECT:
			jsonata_sequence_append(found, value_object_get(v, key.u.string, key.len));
			return true;
		case TYPE_ARRAY:
			value_array_begin(&it, v);
			while (value_array_next(&it))
				if (!lookup_in(call, it.value, key, found))
					return false;
			return jsonata_tick(call, it.count);
		default:
			return true;
	}
}

/* $spread(value): an object of its own for each member */
bool
jsonata_fn_spread(JsonataCall *call, Value *result)
{
	JsonataSequence sequence;

	switch (value_type(call->args[0]))
	{
		case TYPE_OBJECT:
		case TYPE_ARRAY:
			jsonata_sequence_init(&sequence);
			if (!spread_into(call, call->args[0], &sequence))
				return false;
			*result = jsonata_sequence_result(&sequence);
			return true;
		default:
			*result = call->args[0];
			return true;
	}
}

static bool
spread_into(JsonataCall *call, Value v, JsonataSequence *members)
{
	ValueObjectIter it;
	ValueArrayIter items;

	check_stack_depth();
	switch (value_type(v))
	{
		case TYPE_OBJECT:
			value_object_begin(&it, v);
			while (value_object_next(&it))
			{
				ValueObject *single = value_object_new(1);

				value_object_add(single, it.key, it.key_len, it.value);
				jsonata_sequence_push(members, value_from_object(single));
			}
			return jsonata_tick(call, it.count);
		case TYPE_ARRAY:
			value_array_begin(&items, v);
			while (value_array_next(&items))
				if (!spread_into(call, items.value, members))
					return false;
			return jsonata_tick(call, items.count);
		default:
			jsonata_sequence_append(members, v);
			return true;
	}
}

/* $merge(objects): the last one wins */
bool
jsonata_fn_merge(JsonataCall *call, Value *result)
{
	ValueObject *merged;
	ValueArrayIter it;

	if (fn_missing(call, 0))
		return true;
	merged = value_object_new(value_array_length(call->args[0]));
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
	{
		ValueObjectIter member;

		if (value_type(it.value) != TYPE_OBJECT)
			continue;
		value_object_begin(&member, it.value);
		while (value_object_next(&member))
			value_object_set(merged, member.key, member.key_len, member.value);
		if (!jsonata_tick(call, member.count))
			return false;
	}
	*result = value_from_object(merged);
	return true;
}

/* $clone(value): values never change, so it is its own copy */
bool
jsonata_fn_clone(JsonataCall *call, Value *result)
{
	*result = call->args[0];
	return true;
}

/* $type(value) */
bool
jsonata_fn_type(JsonataCall *call, Value *result)
{
	if (!fn_missing(call, 0))
		*result = value_cstring(value_type_name(value_type(call->args[0])));
	return true;
}

/* $error(message?) */
bool
jsonata_fn_error(JsonataCall *call, Value *result)
{
	return raise_text(call, "D3137", 0, "$error() function evaluated");
}

/* $assert(condition, message?) */
bool
jsonata_fn_assert(JsonataCall *call, Value *result)
{
	if (!fn_missing(call, 0) && call->args[0].u.boolean)
		return true;
	return raise_text(call, "D3141", 1, "$assert() statement failed");
}

/* The message is argument number arg, if there is one that says anything */
static bool
raise_text(JsonataCall *call, const char *code, int arg, const char *otherwise)
{
	Value text = call->args[arg];

	if (fn_missing(call, arg) || text.len == 0)
		text = value_cstring(otherwise);
	return jsonata_raise_text(call, code, text.u.string, text.len);
}
