/*-------------------------------------------------------------------------
 *
 * eval_tuple.c
 *	  Paths whose steps bind variables: "@$v", "#$i", and "%".
 *
 * Such a path carries a stream of tuples instead of items.  A tuple is a frame:
 * its first value is the item ("@"), the others are what the steps have bound
 * so far, so that whatever is evaluated for it sees them as variables.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_tuple.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "jsonata/eval.h"

/* A step over a stream */
typedef struct TupleStep
{
	JsonataEval *eval;
	const JsonataNode *step;
	const JsonataLayout *layout;
	JsonataFrame *frame; /* around the path */
	ValueArray *out;
} TupleStep;

static ValueArray *begin_stream(const JsonataLayout *layout, JsonataFrame *frame,
								Value input, bool single);
static bool step_tuples(TupleStep *ts, const ValueArray *tuples);
static void add_tuple(TupleStep *ts, JsonataFrame *from, Value item, int at);
static void merge_tuple(JsonataFrame *tuple, const JsonataFrame *from);
static bool sort_tuples(TupleStep *ts, Value input, bool single, ValueArray *tuples);
static bool stage_tuples(TupleStep *ts);
static JsonataFrame *copy_tuple(const JsonataLayout *layout, JsonataFrame *outer,
								const JsonataFrame *from);
static void set_symbol(JsonataFrame *tuple, int symbol, Value v);

bool
jsonata_eval_tuples(JsonataEval *eval, const JsonataNode *path, Value input, bool single,
					JsonataFrame *frame, Value *result)
{
	const JsonataNodes *steps = &path->u.path.steps;
	const JsonataLayout *layout = path->u.path.tuple_layout;
	ValueArray *tuples = NULL;

	for (int i = path->u.path.tuple_from; i < steps->count; i++)
	{
		const JsonataNode *step = steps->items[i];
		TupleStep ts = {eval, step, layout, frame, NULL};

		if (i == 0 && (step->flags & NODE_CONSARRAY))
		{
			Value v = single ? jsonata_array_of(input, JSONATA_SEQUENCE) : input;

			if (!jsonata_eval_node(eval, step, v, frame, &input))
				return false;
			single = !jsonata_is_array(input);
			continue;
		}
		ts.out = value_array_new(8);
		if (step->type == NODE_SORT)
		{
			if (!sort_tuples(&ts, input, single, tuples))
				return false;
		}
		else
		{
			if (tuples == NULL)
				tuples = begin_stream(layout, frame, input, single);
			if (!step_tuples(&ts, tuples))
				return false;
		}
		if (!stage_tuples(&ts))
			return false;
		tuples = ts.out;
	}
	*result = value_from_array(
		tuples != NULL ? tuples : begin_stream(layout, frame, input, single));
	result->flags = JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM;
	return true;
}

/* A tuple for each item, with nothing else in it */
static ValueArray *
begin_stream(const JsonataLayout *layout, JsonataFrame *frame, Value input, bool single)
{
	int count = single ? 1 : value_array_length(input);
	ValueArray *tuples = value_array_new(count);

	for (int i = 0; i < count; i++)
	{
		JsonataFrame *tuple = jsonata_frame_new(layout, frame);

		tuple->values[0] = single ? input : value_array_get(input, i);
		if (single)
			tuple->values[0].flags &= ~JSONATA_SEQUENCE;
		value_array_push(tuples, jsonata_tuple_value(tuple));
	}
	return tuples;
}

static bool
step_tuples(TupleStep *ts, const ValueArray *tuples)
{
	for (int i = 0; i < tuples->count; i++)
	{
		JsonataFrame *tuple = jsonata_tuple(tuples->items[i]);
		ValueArrayIter it;
		Value v;

		if (!jsonata_eval_node(ts->eval, ts->step, tuple->values[0], tuple, &v))
			return false;
		if (v.kind == VALUE_UNDEFINED)
			continue;
		if (!jsonata_is_array(v))
		{
			add_tuple(ts, tuple, v, 0);
			continue;
		}
		value_array_begin(&it, v);
		for (int at = 0; value_array_next(&it); at++)
			add_tuple(ts, tuple, it.value, at);
	}
	return true;
}

/* What a step gave for one tuple, as a new one */
static void
add_tuple(TupleStep *ts, JsonataFrame *from, Value item, int at)
{
	const JsonataNode *step = ts->step;
	JsonataFrame *tuple = copy_tuple(ts->layout, ts->frame, from);

	if (item.kind == KIND_TUPLE)
		merge_tuple(tuple, jsonata_tuple(item));
	else
	{
		if (step->focus >= 0)
			set_symbol(tuple, step->focus, item);
		else
			tuple->values[0] = item;
		if (step->index >= 0)
			set_symbol(tuple, step->index, value_double(at));
		if (step->ancestor != NULL)
			set_symbol(tuple, step->ancestor->label, from->values[0]);
	}
	value_array_push(ts->out, jsonata_tuple_value(tuple));
}

/* A tuple from a path inside: its variables are ours too */
static void
merge_tuple(JsonataFrame *tuple, const JsonataFrame *from)
{
	tuple->values[0] = from->values[0];
	for (int i = 1; i < from->layout->ntuple; i++)
	{
		if (from->values[i].kind != KIND_UNBOUND)
			set_symbol(tuple, from->layout->symbols[i], from->values[i]);
	}
}

static bool
sort_tuples(TupleStep *ts, Value input, bool single, ValueArray *tuples)
{
	JsonataFrame *empty;
	ValueArrayIter it;
	Value sorted;

	if (tuples != NULL)
	{
		input = value_from_array(tuples);
		input.flags = JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM;
		if (!jsonata_eval_sort(ts->eval, ts->step, input, ts->frame, &sorted))
			return false;
		ts->out = sorted.u.array;
		return true;
	}
	if (single)
		input = jsonata_array_of(input, JSONATA_SEQUENCE);
	empty = jsonata_frame_new(ts->layout, ts->frame);
	if (!jsonata_eval_sort(ts->eval, ts->step, input, empty, &sorted))
		return false;
	value_array_begin(&it, sorted);
	for (int at = 0; value_array_next(&it); at++)
	{
		JsonataFrame *tuple = jsonata_frame_new(ts->layout, ts->frame);

		tuple->values[0] = it.value;
		if (ts->step->index >= 0)
			set_symbol(tuple, ts->step->index, value_double(at));
		value_array_push(ts->out, jsonata_tuple_value(tuple));
	}
	return true;
}

/* Filters and further indexes of a step */
static bool
stage_tuples(TupleStep *ts)
{
	const JsonataNode *step = ts->step;
	Value v = value_from_array(ts->out);

	if (!(step->flags & NODE_STAGES))
		return true;
	v.flags = JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM;
	for (int i = 0; i < step->nstages; i++)
	{
		const JsonataStage *stage = &step->stages[i];
		Value in = v;

		if (stage->filter == NULL)
		{
			for (int at = 0; at < v.u.array->count; at++)
				set_symbol(jsonata_tuple(v.u.array->items[at]),
						   stage->symbol,
						   value_double(at));
		}
		else if (!jsonata_eval_filter(ts->eval, stage->filter, in, ts->frame, &v))
			return false;
		else if (v.kind != VALUE_ARRAY)
			v = value_from_array(value_array_new(0));
		v.flags = JSONATA_SEQUENCE | JSONATA_TUPLE_STREAM;
	}
	ts->out = v.u.array;
	return true;
}

/* With what belongs to the tuple, not what was assigned while it was looked at */
static JsonataFrame *
copy_tuple(const JsonataLayout *layout, JsonataFrame *outer, const JsonataFrame *from)
{
	JsonataFrame *tuple = jsonata_frame_new(layout, outer);

	memcpy(tuple->values, from->values, layout->ntuple * sizeof(Value));
	return tuple;
}

static void
set_symbol(JsonataFrame *tuple, int symbol, Value v)
{
	for (int i = 1; i < tuple->layout->count; i++)
	{
		if (tuple->layout->symbols[i] == symbol)
			tuple->values[i] = v;
	}
}
