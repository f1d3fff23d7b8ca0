/*-------------------------------------------------------------------------
 *
 * eval_sort.c
 *	  The order-by step, "^(a, >b)".
 *
 * A stable merge sort.  Each term is evaluated at most once for each item, and
 * the second and later ones only where the earlier ones do not decide.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_sort.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/eval.h"
#include "util/utf8.h"

/* Short runs are sorted by insertion */
#define SHORT_RUN 8

typedef struct Sorter
{
	JsonataEval *eval;
	const JsonataNode *node;
	JsonataFrame *frame;
	bool tuples;
	const Value *items;
	Value *keys; /* terms of item i from i * nterms on; KIND_UNBOUND: not evaluated yet */
	int nterms;
} Sorter;

static bool merge_sort(Sorter *sorter, int *order, int *room, int count);
static bool merge(Sorter *sorter, int *order, int *room, int middle, int count);
static bool insertion_sort(Sorter *sorter, int *order, int count);
static bool compare(Sorter *sorter, int a, int b, int *result);
static bool sort_key(Sorter *sorter, int item, int term, Value *key);
static bool compare_keys(Sorter *sorter, Value a, Value b, int *result);

bool
jsonata_eval_sort(JsonataEval *eval, const JsonataNode *node, Value input,
				  JsonataFrame *frame, Value *result)
{
	int count = value_array_length(input);
	Sorter sorter = {
		.eval = eval,
		.node = node,
		.frame = frame,
		.tuples = (input.flags & JSONATA_TUPLE_STREAM) != 0,
		.nterms = node->u.sort.terms.count,
	};
	ValueArray *sorted;
	int *order;

	*result = input;
	if (count <= 1)
		return true;
	if (input.kind != VALUE_ARRAY)
		input = value_from_array(value_array_copy(input, 0));
	if (!jsonata_check_memory(eval, (Size) count * (sorter.nterms + 2) * sizeof(Value)))
		return false;
	sorter.items = input.u.array->items;
	sorter.keys =
		palloc_extended((Size) count * sorter.nterms * sizeof(Value), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < (int64) count * sorter.nterms; i++)
		sorter.keys[i].kind = KIND_UNBOUND;
	order = palloc_extended((Size) count * 2 * sizeof(int), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
		order[i] = i;
	if (!merge_sort(&sorter, order, order + count, count))
		return false;

	sorted = value_array_new(count);
	for (int i = 0; i < count; i++)
		sorted->items[i] = sorter.items[order[i]];
	sorted->count = count;
	*result = value_from_array(sorted);
	if (sorter.tuples)
		result->flags = JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM;
	return true;
}

static bool
merge_sort(Sorter *sorter, int *order, int *room, int count)
{
	int middle = count / 2;

	if (count <= SHORT_RUN)
		return insertion_sort(sorter, order, count);
	return merge_sort(sorter, order, room, middle) &&
		   merge_sort(sorter, order + middle, room, count - middle) &&
		   merge(sorter, order, room, middle, count);
}

/* The two halves of order, each sorted, into one */
static bool
merge(Sorter *sorter, int *order, int *room, int middle, int count)
{
	int left = 0;
	int right = middle;

	memcpy(room, order, middle * sizeof(int));
	for (int out = 0; left < middle && right < count; out++)
	{
		int c;

		if (!compare(sorter, room[left], order[right], &c))
			return false;
		order[out] = c > 0 ? order[right++] : room[left++];
	}
	memcpy(order + left + right - middle, room + left, (middle - left) * sizeof(int));
	return true;
}

static bool
insertion_sort(Sorter *sorter, int *order, int count)
{
	for (int i = 1; i < count; i++)
	{
		int item = order[i];
		int at;

		for (at = i; at > 0; at--)
		{
			int c;

			if (!compare(sorter, order[at - 1], item, &c))
				return false;
			if (c <= 0)
				break;
			order[at] = order[at - 1];
		}
		order[at] = item;
	}
	return true;
}

/* What is undefined comes last, in either direction */
static bool
compare(Sorter *sorter, int a, int b, int *result)
{
	*result = 0;
	for (int term = 0; term < sorter->nterms && *result == 0; term++)
	{
		Value left;
		Value right;

		if (!sort_key(sorter, a, term, &left) || !sort_key(sorter, b, term, &right))
			return false;
		if (left.kind == VALUE_UNDEFINED || right.kind == VALUE_UNDEFINED)
			*result = (left.kind == VALUE_UNDEFINED) - (right.kind == VALUE_UNDEFINED);
		else if (!compare_keys(sorter, left, right, result))
			return false;
		else if (sorter->node->u.sort.descending[term])
			*result = -*result;
	}
	return true;
}

static bool
sort_key(Sorter *sorter, int item, int term, Value *key)
{
	Value *cached = &sorter->keys[(Size) item * sorter->nterms + term];

	if (cached->kind == KIND_UNBOUND)
	{
		Value context = sorter->items[item];
		JsonataFrame *frame = sorter->frame;

		if (sorter->tuples)
		{
			frame = jsonata_tuple(context);
			context = frame->values[0];
		}
		if (!jsonata_eval_node(sorter->eval,
							   sorter->node->u.sort.terms.items[term],
							   context,
							   frame,
							   cached))
			return false;
		if (cached->kind == VALUE_NUMERIC)
			*cached = value_double(value_to_double(*cached));
	}
	*key = *cached;
	return true;
}

static bool
compare_keys(Sorter *sorter, Value a, Value b, int *result)
{
	if (a.kind == VALUE_STRING && b.kind == VALUE_STRING)
	{
		*result = utf8_compare_utf16(a.u.string, a.len, b.u.string, b.len);
		return true;
	}
	if (a.kind == VALUE_DOUBLE && b.kind == VALUE_DOUBLE)
	{
		*result = (a.u.number > b.u.number) - (a.u.number < b.u.number);
		return true;
	}
	if ((a.kind != VALUE_STRING && a.kind != VALUE_DOUBLE) ||
		(b.kind != VALUE_STRING && b.kind != VALUE_DOUBLE))
		return jsonata_fail(sorter->eval,
							sorter->node,
							"T2008",
							value_undefined(),
							a.kind != VALUE_STRING && a.kind != VALUE_DOUBLE ? a : b,
							value_undefined());
	return jsonata_fail(sorter->eval, sorter->node, "T2007", value_undefined(), a, b);
}
