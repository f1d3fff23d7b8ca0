/*-------------------------------------------------------------------------
 *
 * compare.c
 *	  Choice rules: evaluating them.
 *
 * Types never mix: a comparison of a value with an operand of another type is
 * false, not an error.  Numbers are compared as doubles, strings by UTF-16 code
 * units, both as Java does it.
 *
 * IDENTIFICATION
 *	  src/asl/compare.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "asl/asl.h"
#include "asl/names.h"
#include "util/errcodes.h"
#include "util/timestamp.h"
#include "util/utf8.h"

static bool eval_rules(const AslRule *rule, EvalScope *scope, bool *result,
					   WfError *error);
static bool eval_comparison(const AslRule *rule, EvalScope *scope, bool *result,
							WfError *error);
static bool eval_condition(const AslRule *rule, EvalScope *scope, bool *result,
						   WfError *error);
static bool query(const JpPath *path, EvalScope *scope, Value *result, WfError *error);
static bool has_type(AslTest test, Value value);
static bool compare(AslTest test, AslRelation relation, Value value, Value operand);
static bool relation_holds(AslRelation relation, int order);
static bool compare_numbers(AslRelation relation, double a, double b);
static bool compare_timestamps(AslRelation relation, Value a, Value b);
static bool read_timestamp(Value v, TimestampTz *result, int *nsecs);
static bool matches(Value value, Value pattern);

bool
asl_rule_eval(const AslRule *rule, EvalScope *scope, bool *result, WfError *error)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (rule->kind)
	{
		case ASL_RULE_AND:
		case ASL_RULE_OR:
			return eval_rules(rule, scope, result, error);
		case ASL_RULE_NOT:
			if (!asl_rule_eval(rule->rules[0], scope, result, error))
				return false;
			*result = !*result;
			return true;
		case ASL_RULE_COMPARE:
			return eval_comparison(rule, scope, result, error);
		case ASL_RULE_CONDITION:
			return eval_condition(rule, scope, result, error);
	}
	pg_unreachable();
}

/* And, Or: from left to right, no further than needed (IsPresent guards what follows) */
static bool
eval_rules(const AslRule *rule, EvalScope *scope, bool *result, WfError *error)
{
	bool decided = rule->kind == ASL_RULE_OR;

	*result = !decided;
	for (int i = 0; i < rule->nrules && *result != decided; i++)
	{
		if (!asl_rule_eval(rule->rules[i], scope, result, error))
			return false;
	}
	return true;
}

static bool
eval_comparison(const AslRule *rule, EvalScope *scope, bool *result, WfError *error)
{
	Value value;
	Value operand = rule->operand.literal;

	if (rule->test == ASL_TEST_IS_PRESENT)
	{
		WfError ignored = {0};

		*result = jp_query(rule->variable, scope, &value, &ignored) == operand.u.boolean;
		return true;
	}
	if (!query(rule->variable, scope, &value, error))
		return false;
	if (rule->test > ASL_TEST_IS_PRESENT)
	{
		*result = has_type(rule->test, value) == operand.u.boolean;
		return true;
	}
	if (rule->operand.kind == ASL_OPERAND_PATH &&
		!query(rule->operand.path, scope, &operand, error))
		return false;
	*result = compare(rule->test, rule->relation, value, operand);
	return true;
}

/* What a path of a rule finds; nothing there fails the execution */
static bool
query(const JpPath *path, EvalScope *scope, Value *result, WfError *error)
{
	WfError reason = {0};

	if (jp_query_input(path, scope, result, &reason))
		return true;
	if (jp_is_null_input(&reason))
		return wf_error_set(error,
							ERRCODE_WF_ASL,
							ASL_ERROR_RUNTIME,
							"%s",
							reason.message);
	return wf_error_set(
		error,
		ERRCODE_WF_ASL,
		ASL_ERROR_RUNTIME,
		"Invalid path '%s': The choice state's condition path references an invalid value.",
		path->text);
}

static bool
eval_condition(const AslRule *rule, EvalScope *scope, bool *result, WfError *error)
{
	const AslTemplate *condition = rule->condition;
	Value value = condition->u.literal;

	if (condition->kind == ASL_TEMPLATE_JSONATA &&
		!asl_expression_eval(condition->u.jsonata, scope, TYPE_BOOL, &value, error))
		return false;
	*result = value.u.boolean;
	return true;
}

static bool
has_type(AslTest test, Value value)
{
	TimestampTz ignored;
	int ignored_nsecs;

	switch (test)
	{
		case ASL_TEST_IS_NULL:
			return value_type(value) == TYPE_NULL;
		case ASL_TEST_IS_STRING:
			return value_type(value) == TYPE_STRING;
		case ASL_TEST_IS_NUMERIC:
			return value_type(value) == TYPE_NUMBER;
		case ASL_TEST_IS_BOOLEAN:
			return value_type(value) == TYPE_BOOL;
		case ASL_TEST_IS_TIMESTAMP:
			return read_timestamp(value, &ignored, &ignored_nsecs);
		default:
			pg_unreachable();
	}
}

static bool
compare(AslTest test, AslRelation relation, Value value, Value operand)
{
	ValueType type = value_type(value);

	if (type != value_type(operand))
		return false;
	switch (test)
	{
		case ASL_TEST_STRING:
			return type == TYPE_STRING &&
				   relation_holds(relation,
								  utf8_compare_utf16(value.u.string,
													 value.len,
													 operand.u.string,
													 operand.len));
		case ASL_TEST_STRING_MATCHES:
			return type == TYPE_STRING && matches(value, operand);
		case ASL_TEST_NUMERIC:
			return type == TYPE_NUMBER && compare_numbers(relation,
														  value_to_double(value),
														  value_to_double(operand));
		case ASL_TEST_BOOLEAN:
			return type == TYPE_BOOL && value.u.boolean == operand.u.boolean;
		case ASL_TEST_TIMESTAMP:
			return compare_timestamps(relation, value, operand);
		default:
			pg_unreachable();
	}
}

static bool
relation_holds(AslRelation relation, int order)
{
	switch (relation)
	{
		case ASL_EQUALS:
			return order == 0;
		case ASL_LESS_THAN:
			return order < 0;
		case ASL_LESS_THAN_EQUALS:
			return order <= 0;
		case ASL_GREATER_THAN:
			return order > 0;
		case ASL_GREATER_THAN_EQUALS:
			return order >= 0;
	}
	pg_unreachable();
}

static bool
compare_numbers(AslRelation relation, double a, double b)
{
	return relation_holds(relation, a < b ? -1 : a > b ? 1 : 0);
}

static bool
compare_timestamps(AslRelation relation, Value a, Value b)
{
	TimestampTz x;
	TimestampTz y;
	int x_nsecs;
	int y_nsecs;

	if (!read_timestamp(a, &x, &x_nsecs) || !read_timestamp(b, &y, &y_nsecs))
		return false;
	if (x != y)
		return relation_holds(relation, x < y ? -1 : 1);
	return relation_holds(relation, x_nsecs - y_nsecs);
}

/* To the nanosecond, as Java's clocks count */
static bool
read_timestamp(Value v, TimestampTz *result, int *nsecs)
{
	return value_type(v) == TYPE_STRING &&
		   wf_timestamp_from_iso_nsecs(v.u.string, v.len, result, nsecs);
}

/*
 * Does the whole string match the pattern?  "*" is any run of characters, a
 * backslash takes the meaning from what follows.  Of all asterisks only the
 * last one passed has to be tried again, so this takes no longer than the
 * product of both lengths.
 */
static bool
matches(Value value, Value pattern)
{
	const char *s = value.u.string;
	const char *s_end = s + value.len;
	const char *p = pattern.u.string;
	const char *p_end = p + pattern.len;
	const char *star = NULL;   /* behind the last asterisk */
	const char *resume = NULL; /* the end of what that asterisk takes */

	while (s < s_end)
	{
		bool escaped = p < p_end && *p == '\\' && p + 1 < p_end;

		if (p < p_end && *p == '*')
		{
			star = ++p;
			resume = s;
		}
		else if (p < p_end && *s == p[escaped])
		{
			p += escaped + 1;
			s++;
		}
		else if (star != NULL)
		{
			CHECK_FOR_INTERRUPTS();
			p = star;
			s = ++resume;
		}
		else
			return false;
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}
