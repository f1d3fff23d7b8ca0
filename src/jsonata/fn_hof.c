/*-------------------------------------------------------------------------
 *
 * fn_hof.c
 *	  Functions that call functions: $map, $filter, $single, $reduce, $sift,
 *	  $each.
 *
 * A function gets as many of (item, index, whole) as it declares parameters,
 * so that $map(numbers, $round) does not take the index for a precision only
 * where the function has just one.
 *
 * IDENTIFICATION
 *	  src/jsonata/fn_hof.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/fn.h"

/* The function, and what it is called with */
typedef struct Callback
{
	JsonataCall *call;
	Value function;
	Value args[3];
	int nargs;
} Callback;

static void
prepare_callback(Callback *callback, JsonataCall *call, Value whole)
{
	callback->call = call;
	callback->function = call->args[1];
	callback->args[2] = whole;
	callback->nargs = Max(Min(jsonata_arity(callback->function), 3), 1);
}

pg_nodiscard static bool
call_back(Callback *callback, Value item, Value index, Value *result)
{
	callback->args[0] = item;
	callback->args[1] = index;
	return jsonata_apply(callback->call,
						 callback->function,
						 callback->args,
						 callback->nargs,
						 result);
}

/* $map(array, function): what is undefined is left out */
bool
jsonata_fn_map(JsonataCall *call, Value *result)
{
	Callback callback;
	JsonataSequence sequence;
	ValueArrayIter it;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	prepare_callback(&callback, call, call->args[0]);
	jsonata_sequence_init(&sequence);
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
	{
		Value mapped;

		if (!call_back(&callback, it.value, value_double(it.position - 1), &mapped))
			return false;
		if (!value_is_undefined(mapped))
			jsonata_sequence_push(&sequence, mapped);
	}
	*result = jsonata_sequence_result(&sequence);
	return true;
}

/* $filter(array, function) */
bool
jsonata_fn_filter(JsonataCall *call, Value *result)
{
	Callback callback;
	JsonataSequence sequence;
	ValueArrayIter it;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	prepare_callback(&callback, call, call->args[0]);
	jsonata_sequence_init(&sequence);
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
	{
		Value keep;

		if (!call_back(&callback, it.value, value_double(it.position - 1), &keep))
			return false;
		if (jsonata_is_true(keep))
			jsonata_sequence_push(&sequence, it.value);
	}
	*result = jsonata_sequence_result(&sequence);
	return true;
}

/* $single(array, function?): there must be exactly one */
bool
jsonata_fn_single(JsonataCall *call, Value *result)
{
	Callback callback;
	ValueArrayIter it;
	bool found = false;

	if (fn_missing(call, 0))
		return true;
	if (!fn_missing(call, 1))
		prepare_callback(&callback, call, call->args[0]);
	value_array_begin(&it, call->args[0]);
	while (value_array_next(&it))
	{
		Value matches = value_bool(true);

		if (!fn_missing(call, 1) &&
			!call_back(&callback, it.value, value_double(it.position - 1), &matches))
			return false;
		if (!jsonata_is_true(matches))
			continue;
		if (found)
			return jsonata_raise(call, "D3138");
		found = true;
		*result = it.value;
	}
	return found || jsonata_raise(call, "D3139");
}

/* $reduce(array, function, init?) */
bool
jsonata_fn_reduce(JsonataCall *call, Value *result)
{
	Value function = call->args[1];
	ValueArrayIter it;
	Value args[4];
	int arity;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	arity = jsonata_arity(function);
	if (arity < 2)
		return jsonata_raise(call, "D3050");
	*result = call->args[2];
	args[3] = call->args[0];
	value_array_begin(&it, call->args[0]);
	if (fn_missing(call, 2) && value_array_next(&it))
		*result = it.value;
	while (value_array_next(&it))
	{
		args[0] = *result;
		args[1] = it.value;
		args[2] = value_double(it.position - 1);
		if (!jsonata_apply(call, function, args, Min(arity, 4), result))
			return false;
	}
	return true;
}

/* $sift(object, function): the members for which it is true; nothing where there are none */
bool
jsonata_fn_sift(JsonataCall *call, Value *result)
{
	Callback callback;
	ValueObject *sifted;
	ValueObjectIter it;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	prepare_callback(&callback, call, call->args[0]);
	sifted = value_object_new(value_object_size(call->args[0]));
	value_object_begin(&it, call->args[0]);
	while (value_object_next(&it))
	{
		Value keep;

		if (!call_back(&callback, it.value, value_string(it.key, it.key_len), &keep))
			return false;
		if (jsonata_is_true(keep))
			value_object_add(sifted, it.key, it.key_len, it.value);
	}
	if (sifted->count > 0)
		*result = value_from_object(sifted);
	return true;
}

/* $each(object, function) */
bool
jsonata_fn_each(JsonataCall *call, Value *result)
{
	Callback callback;
	JsonataSequence sequence;
	ValueObjectIter it;

	if (fn_missing(call, 0) || fn_missing(call, 1))
		return true;
	prepare_callback(&callback, call, call->args[0]);
	jsonata_sequence_init(&sequence);
	value_object_begin(&it, call->args[0]);
	while (value_object_next(&it))
	{
		Value v;

		if (!call_back(&callback, it.value, value_string(it.key, it.key_len), &v))
			return false;
		if (!value_is_undefined(v))
			jsonata_sequence_push(&sequence, v);
	}
	*result = jsonata_sequence_result(&sequence);
	return true;
}
