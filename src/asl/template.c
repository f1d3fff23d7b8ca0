/*-------------------------------------------------------------------------
 *
 * template.c
 *	  Payload templates: compiled once, evaluated for each state that runs.
 *
 * In JSONPath a member "x.$" is evaluated, everything else is literal; in
 * JSONata each string between {% and %} is.  What has nothing to evaluate
 * inside becomes one literal, however large.
 *
 * IDENTIFICATION
 *	  src/asl/template.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "asl/read.h"
#include "util/errcodes.h"
#include "util/utf8.h"

/* A member "x.$" on its way to its place */
typedef struct Evaluated
{
	uint32 bucket;   /* of a Java HashMap */
	int index;       /* order of insertion */
	const char *key; /* "x" */
	AslTemplate *value;
} Evaluated;

static AslTemplate *compile(AslReader *reader, const AslNode *node);
static AslTemplate *compile_object(AslReader *reader, const AslNode *node);
static AslTemplate *compile_array(AslReader *reader, const AslNode *node);
static AslTemplate *compile_evaluated(AslReader *reader, const AslNode *node);
static AslTemplate *compile_jsonata(AslReader *reader, const AslNode *node,
									const char *text);
static AslTemplate *make_literal(Value value);
static void settle(AslTemplate *template);
static void warn_of_path(AslReader *reader, const AslNode *node);
static int sort_evaluated(Evaluated *members, int count);
static int compare_evaluated(const void *a, const void *b);
static uint32 java_hash(const char *s);
static bool eval_path(const AslTemplate *template, EvalScope *scope, Value *result,
					  WfError *error);
static bool eval_intrinsic(const AslTemplate *template, EvalScope *scope, Value *result,
						   WfError *error);
static bool eval_object(const AslTemplate *template, EvalScope *scope, Value *result,
						WfError *error);
static bool eval_array(const AslTemplate *template, EvalScope *scope, Value *result,
					   WfError *error);

/* Reading */

void
asl_read_template(AslReader *reader, const AslNode *node, const AslField *field,
				  void *target)
{
	AslTemplate *template = compile(reader, node);

	settle(template);
	*(const AslTemplate **) target = template;
}

/* The same for fields that have to be objects (or, in JSONata, one expression) */
void
asl_read_object_template(AslReader *reader, const AslNode *node, const AslField *field,
						 void *target)
{
	char *text;

	if (asl_is_expression(reader, node, &text) || asl_expect_object(reader, node))
		asl_read_template(reader, node, field, target);
}

void
asl_read_assign(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	if (!asl_expect_object(reader, node))
		return;
	for (AslNode member = asl_node_first(node); member.json;
		 member = asl_node_next(&member))
		asl_check_variable_name(reader, &member);
	asl_read_template(reader, node, field, target);
}

static AslTemplate *
compile(AslReader *reader, const AslNode *node)
{
	char *text;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (cJSON_IsObject(node->json))
		return compile_object(reader, node);
	if (cJSON_IsArray(node->json))
		return compile_array(reader, node);
	if (asl_is_expression(reader, node, &text))
		return compile_jsonata(reader, node, text);
	if (cJSON_IsString(node->json))
		warn_of_path(reader, node);
	return make_literal(node->value);
}

static AslTemplate *
compile_object(AslReader *reader, const AslNode *node)
{
	int count = asl_node_count(node);
	const char **keys = palloc_array(const char *, count);
	const AslTemplate **values = palloc_array(const AslTemplate *, count);
	Evaluated *evaluated = palloc_array(Evaluated, count);
	AslTemplate *template;
	bool literal = true;
	int nstatic = 0;
	int nevaluated = 0;

	for (AslNode member = asl_node_first(node); member.json;
		 member = asl_node_next(&member))
	{
		int len = (int) strlen(member.key);

		if (reader->language == ASL_JSONPATH && len >= 2 &&
			strcmp(member.key + len - 2, ".$") == 0)
		{
			Evaluated *e = &evaluated[nevaluated];

			e->index = nevaluated++;
			e->key = pnstrdup(member.key, len - 2);
			e->value = compile_evaluated(reader, &member);
			if (asl_node_has(node, e->key))
				asl_refuse(reader,
						   node,
						   "There should only be one of the following fields: [%s, %s]",
						   e->key,
						   member.key);
			literal = false;
			continue;
		}
		keys[nstatic] = pstrdup(member.key);
		values[nstatic] = compile(reader, &member);
		literal &= values[nstatic++]->kind == ASL_TEMPLATE_LITERAL;
	}
	if (literal)
		return make_literal(node->value);
	nevaluated = sort_evaluated(evaluated, nevaluated);
	for (int i = 0; i < nevaluated; i++)
	{
		keys[nstatic + i] = evaluated[i].key;
		values[nstatic + i] = evaluated[i].value;
	}
	pfree(evaluated);
	template = palloc0_object(AslTemplate);
	template->kind = ASL_TEMPLATE_OBJECT;
	template->u.object.count = count;
	template->u.object.keys = keys;
	template->u.object.values = values;
	return template;
}

static AslTemplate *
compile_array(AslReader *reader, const AslNode *node)
{
	int count = asl_node_count(node);
	const AslTemplate **items = palloc_array(const AslTemplate *, count);
	AslTemplate *template;
	bool literal = true;
	int i = 0;

	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		items[i] = compile(reader, &item);
		literal &= items[i++]->kind == ASL_TEMPLATE_LITERAL;
	}
	if (literal)
		return make_literal(node->value);
	template = palloc0_object(AslTemplate);
	template->kind = ASL_TEMPLATE_ARRAY;
	template->u.array.count = count;
	template->u.array.items = items;
	return template;
}

/* The value of a member "x.$": a path or a call */
static AslTemplate *
compile_evaluated(AslReader *reader, const AslNode *node)
{
	AslTemplate *template = palloc0_object(AslTemplate);
	WfError error = {0};

	template->field = pstrdup(node->key);
	if (cJSON_IsString(node->json))
	{
		template->text = asl_node_text(node);
		if (intrinsic_looks_like(node->value.u.string, node->value.len))
		{
			template->kind = ASL_TEMPLATE_INTRINSIC;
			template->u.intrinsic = asl_compile_call(reader, node);
			if (template->u.intrinsic != NULL)
				return template;
		}
		else
		{
			template->kind = ASL_TEMPLATE_PATH;
			template->u.path = asl_try_path(reader, node, &error);
			if (template->u.path != NULL)
				return template;
		}
	}
	asl_refuse(
		reader,
		node->parent,
		"The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call",
		node->key);
	return make_literal(node->value);
}

static AslTemplate *
compile_jsonata(AslReader *reader, const AslNode *node, const char *text)
{
	AslTemplate *template;

	if (text == NULL)
		return make_literal(node->value);
	template = palloc0_object(AslTemplate);
	template->kind = ASL_TEMPLATE_JSONATA;
	template->u.jsonata = asl_compile_expression(reader, node, text);
	return template;
}

static AslTemplate *
make_literal(Value value)
{
	AslTemplate *template = palloc0_object(AslTemplate);

	template->kind = ASL_TEMPLATE_LITERAL;
	template->u.literal = value;
	return template;
}

/*
 * The literals of a finished template still belong to the scratch context:
 * only now it is known which of them are whole, and each is copied once.
 */
static void
settle(AslTemplate *template)
{
	check_stack_depth();
	switch (template->kind)
	{
		case ASL_TEMPLATE_LITERAL:
			template->u.literal = value_copy(template->u.literal);
			break;
		case ASL_TEMPLATE_OBJECT:
			for (int i = 0; i < template->u.object.count; i++)
				settle(unconstify(AslTemplate *, template->u.object.values[i]));
			break;
		case ASL_TEMPLATE_ARRAY:
			for (int i = 0; i < template->u.array.count; i++)
				settle(unconstify(AslTemplate *, template->u.array.items[i]));
			break;
		default:
			break;
	}
}

static void
warn_of_path(AslReader *reader, const AslNode *node)
{
	const char *s = node->value.u.string;

	if (reader->language != ASL_JSONPATH || node->key == NULL)
		return;
	if ((node->value.len > 1 && s[0] == '$' &&
		 (s[1] == '.' || s[1] == '$' || s[1] == '[')) ||
		(intrinsic_looks_like(s, node->value.len) && s[node->value.len - 1] == ')'))
		asl_diagnose(
			reader,
			ASL_WARNING,
			ASL_CODE_NO_DOLLAR,
			node,
			"No .$ on a field that appears to be a JSONPath or Intrinsic Function.");
}

/* The order of evaluated members */

/*
 * AWS puts them in the order in which a java.util.HashMap of their names
 * iterates: by bucket, in the order of insertion where two share one.
 */
static int
sort_evaluated(Evaluated *members, int count)
{
	uint32 buckets = 16;

	while (count > buckets * 3 / 4)
		buckets *= 2;
	for (int i = 0; i < count; i++)
	{
		uint32 hash = java_hash(members[i].key);

		members[i].bucket = (hash ^ (hash >> 16)) & (buckets - 1);
	}
	qsort(members, count, sizeof(Evaluated), compare_evaluated);
	return count;
}

static int
compare_evaluated(const void *a, const void *b)
{
	const Evaluated *x = a;
	const Evaluated *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return x->index - y->index;
}

/* String.hashCode(): over UTF-16 code units */
static uint32
java_hash(const char *s)
{
	const char *end = s + strlen(s);
	uint32 hash = 0;

	while (s < end)
	{
		uint32 c = utf8_decode(&s, end);

		if (c > 0xFFFF)
		{
			hash = 31 * hash + 0xD800 + ((c - 0x10000) >> 10);
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		hash = 31 * hash + c;
	}
	return hash;
}

/* Evaluation */

bool
asl_template_eval(const AslTemplate *template, EvalScope *scope, Value *result,
				  WfError *error)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	switch (template->kind)
	{
		case ASL_TEMPLATE_LITERAL:
			*result = template->u.literal;
			return true;
		case ASL_TEMPLATE_PATH:
			return eval_path(template, scope, result, error);
		case ASL_TEMPLATE_INTRINSIC:
			return eval_intrinsic(template, scope, result, error);
		case ASL_TEMPLATE_JSONATA:
			return asl_expression_eval(template->u.jsonata,
									   scope,
									   TYPE_UNDEFINED,
									   result,
									   error);
		case ASL_TEMPLATE_OBJECT:
			return eval_object(template, scope, result, error);
		case ASL_TEMPLATE_ARRAY:
			return eval_array(template, scope, result, error);
	}
	pg_unreachable();
}

static bool
eval_path(const AslTemplate *template, EvalScope *scope, Value *result, WfError *error)
{
	WfError reason = {0};

	if (jp_query_template(template->u.path, scope, result, &reason))
		return true;
	if (jp_is_mismatch(&reason) || jp_is_null_input(&reason))
		return wf_error_set(error,
							ERRCODE_WF_ASL,
							ASL_ERROR_RUNTIME,
							"%s",
							reason.message);
	return wf_error_set(
		error,
		ERRCODE_WF_ASL,
		ASL_ERROR_RUNTIME,
		"The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
		template->text,
		template->field,
		value_to_text(scope->input));
}

static bool
eval_intrinsic(const AslTemplate *template, EvalScope *scope, Value *result,
			   WfError *error)
{
	if (intrinsic_eval(template->u.intrinsic, scope, result, error))
		return true;
	error->name = ASL_ERROR_RUNTIME;
	return false;
}

static bool
eval_object(const AslTemplate *template, EvalScope *scope, Value *result, WfError *error)
{
	int count = template->u.object.count;
	ValueObject *object = value_object_new(count);

	for (int i = 0; i < count; i++)
	{
		Value value;

		if (!asl_template_eval(template->u.object.values[i], scope, &value, error))
			return false;
		value_object_add_cstring(object, template->u.object.keys[i], value);
	}
	*result = value_from_object(object);
	return true;
}

static bool
eval_array(const AslTemplate *template, EvalScope *scope, Value *result, WfError *error)
{
	int count = template->u.array.count;
	ValueArray *array = value_array_new(count);

	for (int i = 0; i < count; i++)
	{
		Value value;

		if (!asl_template_eval(template->u.array.items[i], scope, &value, error))
			return false;
		value_array_push(array, value);
	}
	*result = value_from_array(array);
	return true;
}

bool
asl_template_is_stable(const AslTemplate *template)
{
	bool stable = true;

	check_stack_depth();
	switch (template->kind)
	{
		case ASL_TEMPLATE_JSONATA:
			return template->u.jsonata->stable;
		case ASL_TEMPLATE_INTRINSIC:
			return false;
		case ASL_TEMPLATE_OBJECT:
			for (int i = 0; i < template->u.object.count && stable; i++)
				stable = asl_template_is_stable(template->u.object.values[i]);
			return stable;
		case ASL_TEMPLATE_ARRAY:
			for (int i = 0; i < template->u.array.count && stable; i++)
				stable = asl_template_is_stable(template->u.array.items[i]);
			return stable;
		default:
			return true;
	}
}
