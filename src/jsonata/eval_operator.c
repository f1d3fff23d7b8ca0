/*-------------------------------------------------------------------------
 *
 * eval_operator.c
 *	  Operators, and what is true.
 *
 * Arithmetic is IEEE's.  An operand that is undefined makes the result
 * undefined, or false where it is compared for equality.
 *
 * IDENTIFICATION
 *	  src/jsonata/eval_operator.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "jsonata/eval.h"
#include "util/utf8.h"

/* The range operator gives no more than that */
#define MAX_RANGE 1e7

/* Memory for longer strings is asked for first */
#define LONG_STRING 8192

static bool eval_logic(JsonataEval *eval, const JsonataNode *node, Value input,
					   JsonataFrame *frame, Value *result);
static bool arithmetic(JsonataEval *eval, const JsonataNode *node, Value a, Value b,
					   Value *result);
static bool comparison(JsonataEval *eval, const JsonataNode *node, Value a, Value b,
					   Value *result);
static bool equal(Value a, Value b);
static bool concat(JsonataEval *eval, const JsonataNode *node, Value input,
				   JsonataFrame *frame, Value a, Value b, Value *result);
static bool includes(Value item, Value in);
static bool range(JsonataEval *eval, const JsonataNode *node, Value a, Value b,
				  Value *result);
static bool fail_operator(JsonataEval *eval, const JsonataNode *node, const char *code,
						  Value value, Value value2);

static const char *const operator_texts[] = {
	[OP_NONE] = "",
	[OP_ADD] = "+",
	[OP_SUBTRACT] = "-",
	[OP_MULTIPLY] = "*",
	[OP_DIVIDE] = "/",
	[OP_MODULO] = "%",
	[OP_EQUAL] = "=",
	[OP_NOT_EQUAL] = "!=",
	[OP_LESS] = "<",
	[OP_LESS_EQUAL] = "<=",
	[OP_GREATER] = ">",
	[OP_GREATER_EQUAL] = ">=",
	[OP_CONCAT] = "&",
	[OP_AND] = "and",
	[OP_OR] = "or",
	[OP_IN] = "in",
	[OP_RANGE] = "..",
};

bool
jsonata_eval_binary(JsonataEval *eval, const JsonataNode *node, Value input,
					JsonataFrame *frame, Value *result)
{
	Value a;
	Value b;

	if (node->op == OP_AND || node->op == OP_OR)
		return eval_logic(eval, node, input, frame, result);
	if (!jsonata_eval_operand(eval, node->u.binary.left, input, frame, &a) ||
		!jsonata_eval_operand(eval, node->u.binary.right, input, frame, &b))
		return false;
	switch ((JsonataOperator) node->op)
	{
		case OP_EQUAL:
		case OP_NOT_EQUAL:
			*result = value_bool(a.kind != VALUE_UNDEFINED && b.kind != VALUE_UNDEFINED &&
								 equal(a, b) == (node->op == OP_EQUAL));
			return true;
		case OP_LESS:
		case OP_LESS_EQUAL:
		case OP_GREATER:
		case OP_GREATER_EQUAL:
			return comparison(eval, node, a, b, result);
		case OP_CONCAT:
			return concat(eval, node, input, frame, a, b, result);
		case OP_IN:
			*result = value_bool(a.kind != VALUE_UNDEFINED && includes(a, b));
			return true;
		case OP_RANGE:
			return range(eval, node, a, b, result);
		default:
			return arithmetic(eval, node, a, b, result);
	}
}

static bool
eval_logic(JsonataEval *eval, const JsonataNode *node, Value input, JsonataFrame *frame,
		   Value *result)
{
	Value v;

	if (!jsonata_eval_operand(eval, node->u.binary.left, input, frame, &v))
		return false;
	if (jsonata_is_true(v) == (node->op == OP_OR))
	{
		*result = value_bool(node->op == OP_OR);
		return true;
	}
	if (!jsonata_eval_operand(eval, node->u.binary.right, input, frame, &v))
		return false;
	*result = value_bool(jsonata_is_true(v));
	return true;
}

bool
jsonata_eval_negate(JsonataEval *eval, const JsonataNode *node, Value input,
					JsonataFrame *frame, Value *result)
{
	Value v;

	if (!jsonata_eval_node(eval, node->u.binary.left, input, frame, &v))
		return false;
	*result = v;
	if (v.kind == VALUE_UNDEFINED)
		return true;
	if (!jsonata_is_number(v))
		return jsonata_fail(eval,
							node,
							"D1002",
							value_cstring("-"),
							v,
							value_undefined());
	if (!jsonata_check_finite(eval, node, v))
		return false;
	*result = value_double(-jsonata_number(v));
	return true;
}

/* Numbers */

bool
jsonata_check_finite(JsonataEval *eval, const JsonataNode *node, Value number)
{
	if (number.kind != VALUE_DOUBLE || !isinf(number.u.number))
		return true;
	return fail_operator(eval, node, "D1001", number, value_undefined());
}

static bool
arithmetic(JsonataEval *eval, const JsonataNode *node, Value a, Value b, Value *result)
{
	double left;
	double right;

	if (a.kind != VALUE_UNDEFINED && !jsonata_is_number(a))
		return fail_operator(eval, node, "T2001", a, value_undefined());
	if (!jsonata_check_finite(eval, node, a))
		return false;
	if (b.kind != VALUE_UNDEFINED && !jsonata_is_number(b))
		return fail_operator(eval, node, "T2002", b, value_undefined());
	if (!jsonata_check_finite(eval, node, b))
		return false;
	*result = value_undefined();
	if (a.kind == VALUE_UNDEFINED || b.kind == VALUE_UNDEFINED)
		return true;

	left = jsonata_number(a);
	right = jsonata_number(b);
	switch ((JsonataOperator) node->op)
	{
		case OP_ADD:
			left += right;
			break;
		case OP_SUBTRACT:
			left -= right;
			break;
		case OP_MULTIPLY:
			left *= right;
			break;
		case OP_DIVIDE:
			left /= right;
			break;
		default:
			left = fmod(left, right);
	}
	*result = value_double(left);
	return true;
}

/* Numbers or strings, both of the same type */
static bool
comparison(JsonataEval *eval, const JsonataNode *node, Value a, Value b, Value *result)
{
	bool less;
	bool greater;

	*result = value_undefined();
	if (a.kind != VALUE_UNDEFINED && a.kind != VALUE_STRING && !jsonata_is_number(a))
		return fail_operator(eval, node, "T2010", a, value_undefined());
	if (b.kind != VALUE_UNDEFINED && b.kind != VALUE_STRING && !jsonata_is_number(b))
		return fail_operator(eval, node, "T2010", b, value_undefined());
	if (a.kind == VALUE_UNDEFINED || b.kind == VALUE_UNDEFINED)
		return true;
	if ((a.kind == VALUE_STRING) != (b.kind == VALUE_STRING))
		return fail_operator(eval, node, "T2009", a, b);

	if (a.kind == VALUE_STRING)
	{
		int c = utf8_compare_utf16(a.u.string, a.len, b.u.string, b.len);

		less = c < 0;
		greater = c > 0;
	}
	else
	{
		double left = jsonata_number(a);
		double right = jsonata_number(b);

		less = left < right;
		greater = left > right;
		if (isnan(left) || isnan(right))
		{
			*result = value_bool(false);
			return true;
		}
	}
	switch ((JsonataOperator) node->op)
	{
		case OP_LESS:
			*result = value_bool(less);
			break;
		case OP_LESS_EQUAL:
			*result = value_bool(!greater);
			break;
		case OP_GREATER:
			*result = value_bool(greater);
			break;
		default:
			*result = value_bool(!less);
	}
	return true;
}

static inline bool
equal(Value a, Value b)
{
	if (a.kind == VALUE_STRING && b.kind == VALUE_STRING)
		return a.len == b.len && memcmp(a.u.string, b.u.string, a.len) == 0;
	return value_equal(a, b);
}

/* a in b: the very value, so that an array or object is only found where it is the same
 * one */
static bool
includes(Value item, Value in)
{
	ValueArrayIter it;

	if (!jsonata_is_array(in))
		in = jsonata_array_of(in, 0);
	value_array_begin(&it, in);
	while (value_array_next(&it))
	{
		bool container = jsonata_is_array(item) || jsonata_is_object(item);

		if (container ? item.kind == it.value.kind && item.u.array == it.value.u.array
					  : equal(item, it.value))
			return true;
	}
	return false;
}

/* a..b */
static bool
range(JsonataEval *eval, const JsonataNode *node, Value a, Value b, Value *result)
{
	double from = jsonata_is_number(a) ? jsonata_number(a) : 0.5;
	double to = jsonata_is_number(b) ? jsonata_number(b) : 0.5;
	ValueArray *array;
	double size;

	*result = value_undefined();
	if (a.kind != VALUE_UNDEFINED && (from != floor(from) || isinf(from)))
		return fail_operator(eval, node, "T2003", a, value_undefined());
	if (b.kind != VALUE_UNDEFINED && (to != floor(to) || isinf(to)))
		return fail_operator(eval, node, "T2004", b, value_undefined());
	if (a.kind == VALUE_UNDEFINED || b.kind == VALUE_UNDEFINED || from > to)
		return true;
	size = to - from + 1;
	if (size > MAX_RANGE)
		return fail_operator(eval, node, "D2014", value_double(size), value_undefined());
	if (!jsonata_check_memory(eval, (Size) size * sizeof(Value)))
		return false;
	array = value_array_new((int) size);
	for (int i = 0; i < (int) size; i++)
		array->items[i] = value_double(from + i);
	array->count = (int) size;
	*result = value_from_array(array);
	result->flags = JSONATA_SEQUENCE;
	return true;
}

/* Strings */

/* a & b: each as a string, what is undefined as none */
static bool
concat(JsonataEval *eval, const JsonataNode *node, Value input, JsonataFrame *frame,
	   Value a, Value b, Value *result)
{
	JsonataCallSite site = {
		.call =
			{
				.context = input,
				.scope = eval->scope,
				.eval = eval,
				.name = operator_texts[node->op],
				.name_len = 1,
				.position = node->position,
			},
		.frame = frame,
	};
	Value left = a;
	Value right = b;
	char *text;

	if (a.kind != VALUE_STRING && a.kind != VALUE_UNDEFINED &&
		!jsonata_stringify(&site.call, a, false, &left))
		return false;
	if (b.kind != VALUE_STRING && b.kind != VALUE_UNDEFINED &&
		!jsonata_stringify(&site.call, b, false, &right))
		return false;
	if (left.kind == VALUE_UNDEFINED)
		left = value_string("", 0);
	if (right.kind == VALUE_UNDEFINED || right.len == 0)
	{
		*result = left;
		return true;
	}
	if (left.len + (int64) right.len > LONG_STRING &&
		!jsonata_check_memory(eval, (Size) left.len + right.len))
		return false;
	text = palloc((Size) left.len + right.len);
	memcpy(text, left.u.string, left.len);
	memcpy(text + left.len, right.u.string, right.len);
	*result = value_string(text, left.len + right.len);
	return true;
}

/* Truth */

bool
jsonata_is_true(Value v)
{
	ValueArrayIter it;

	switch (value_type(v))
	{
		case TYPE_BOOL:
			return v.u.boolean;
		case TYPE_NUMBER:
			return jsonata_number(v) != 0 && !isnan(jsonata_number(v));
		case TYPE_STRING:
			return v.len > 0;
		case TYPE_OBJECT:
			return value_object_size(v) > 0;
		case TYPE_ARRAY:
			check_stack_depth();
			value_array_begin(&it, v);
			while (value_array_next(&it))
			{
				if (jsonata_is_true(it.value))
					return true;
			}
			return false;
		default:
			return false;
	}
}

static bool
fail_operator(JsonataEval *eval, const JsonataNode *node, const char *code, Value value,
			  Value value2)
{
	Value token = value_undefined();

	if (node->type == NODE_BINARY)
		token = value_cstring(operator_texts[node->op]);
	return jsonata_fail(eval, node, code, token, value, value2);
}

/* The functions of the same */

bool
jsonata_fn_boolean(JsonataCall *call, Value *result)
{
	if (call->args[0].kind != VALUE_UNDEFINED)
		*result = value_bool(jsonata_is_true(call->args[0]));
	return true;
}

bool
jsonata_fn_not(JsonataCall *call, Value *result)
{
	if (call->args[0].kind != VALUE_UNDEFINED)
		*result = value_bool(!jsonata_is_true(call->args[0]));
	return true;
}

bool
jsonata_fn_exists(JsonataCall *call, Value *result)
{
	*result = value_bool(call->args[0].kind != VALUE_UNDEFINED);
	return true;
}
