/*-------------------------------------------------------------------------
 *
 * choice.c
 *	  Choice rules: reading them.
 *
 * A JSONPath rule is a comparison (Variable and one operator) or And, Or, Not
 * over such rules; a JSONata rule is a Condition.  Only a rule of the list
 * itself says where to go and what to assign.  compare.c evaluates them.
 *
 * IDENTIFICATION
 *	  src/asl/choice.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "asl/read.h"

typedef struct Operator
{
	const char *name;
	AslTest test;
	AslRelation relation;
	bool is_path;
} Operator;

#define OPERATOR(name, test, relation, is_path)                                          \
	{name, ASL_TEST_##test, ASL_##relation, is_path},

static const Operator operators[] = {ASL_OPERATOR_LIST(OPERATOR)};

static void read_rule(AslReader *reader, const AslNode *node, const AslShape *shape,
					  AslRule *rule);
static void check_rule(AslReader *reader, const AslNode *node);
static void check_operators(AslReader *reader, const AslNode *node);
static void read_rules(AslReader *reader, const AslNode *node, const AslField *field,
					   void *target);
static void read_not(AslReader *reader, const AslNode *node, const AslField *field,
					 void *target);
static void read_variable(AslReader *reader, const AslNode *node, const AslField *field,
						  void *target);
static void read_operator(AslReader *reader, const AslNode *node, const AslField *field,
						  void *target);
static void read_operand(AslReader *reader, const AslNode *node, const Operator *op,
						 AslOperand *operand);
static void check_pattern(AslReader *reader, const AslNode *node);
static void read_condition(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target);
static const Operator *find_operator(const char *name);

/* clang-format off */
#define OPERATOR_FIELD(name, test, relation, is_path) {name, read_operator, ASL_JSONPATH_ONLY, 0},

/* What a rule inside And, Or, Not may have */
#define RULE_FIELDS                                                                      \
	{"Comment", asl_read_comment},                                                       \
	{"And", read_rules, ASL_JSONPATH_ONLY, 0},                                           \
	{"Or", read_rules, ASL_JSONPATH_ONLY, 0},                                            \
	{"Not", read_not, ASL_JSONPATH_ONLY, 0},                                             \
	{"Variable", read_variable, ASL_JSONPATH_ONLY, offsetof(AslRule, variable)},         \
	{"Condition", read_condition, ASL_JSONATA_ONLY, 0},                                  \
	ASL_OPERATOR_LIST(OPERATOR_FIELD)

static const AslField inner_fields[] = {RULE_FIELDS};

static const AslField outer_fields[] = {
	RULE_FIELDS
	{"Next", asl_read_next, ASL_REQUIRED, offsetof(AslRule, next)},
	{"Assign", asl_read_assign, 0, offsetof(AslRule, assign)},
	{"Output", asl_read_template, ASL_JSONATA_ONLY, offsetof(AslRule, output)},
};

/* clang-format on */

static const AslShape inner_shape = ASL_PLAIN_SHAPE(inner_fields);
static const AslShape outer_shape = ASL_PLAIN_SHAPE(outer_fields);

/* Choices, of the Choice state that is being read */
void
asl_read_choices(AslReader *reader, const AslNode *node, const AslField *field,
				 void *target)
{
	AslChoice *choice = (AslChoice *) reader->state;

	if (!asl_expect_array(reader, node))
		return;
	choice->rules = palloc_array(const AslRule *, asl_node_count(node));
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		AslRule *rule = palloc0_object(AslRule);

		choice->rules[choice->nrules++] = rule;
		read_rule(reader, &item, &outer_shape, rule);
	}
}

static void
read_rule(AslReader *reader, const AslNode *node, const AslShape *shape, AslRule *rule)
{
	rule->kind = ASL_RULE_COMPARE;
	if (asl_read_object(reader, node, shape, rule))
		check_rule(reader, node);
}

/* A rule is exactly one of these things, and a comparison has exactly one operator */
static void
check_rule(AslReader *reader, const AslNode *node)
{
	int kinds = asl_node_has(node, "And") + asl_node_has(node, "Or") +
				asl_node_has(node, "Not") + asl_node_has(node, "Variable") +
				asl_node_has(node, "Condition");

	if (kinds != 1)
		asl_refuse(
			reader,
			node,
			"The object must have only one of the following fields, [And, Or, Not, Variable, Condition]");
	else if (!asl_node_has(node, "Condition"))
		check_operators(reader, node);
}

/* One operator for a Variable, none where And, Or, Not already say what the rule is */
static void
check_operators(AslReader *reader, const AslNode *node)
{
	static const char *const combinators[] = {"And", "Or", "Not"};
	StringInfoData names;
	int present = 0;

	initStringInfo(&names);
	for (int i = 0; i < lengthof(combinators); i++)
	{
		if (!asl_node_has(node, combinators[i]))
			continue;
		appendStringInfoString(&names, combinators[i]);
		present++;
	}
	for (int i = 0; i < lengthof(operators); i++)
	{
		if (!asl_node_has(node, operators[i].name))
			continue;
		appendStringInfo(&names, "%s%s", present > 0 ? ", " : "", operators[i].name);
		present++;
	}
	if (present > 1)
		asl_refuse(reader,
				   node,
				   "There should only be one of the following fields: [%s]",
				   names.data);
	else if (present == 0)
	{
		for (int i = 0; i < lengthof(operators); i++)
			appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", operators[i].name);
		asl_refuse(reader,
				   node,
				   "This object should have only one of the following fields: [%s]",
				   names.data);
	}
	pfree(names.data);
}

/* And, Or; target is the rule */
static void
read_rules(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	AslRule *rule = target;

	check_stack_depth();
	rule->kind = strcmp(field->name, "And") == 0 ? ASL_RULE_AND : ASL_RULE_OR;
	rule->nrules = 0;
	if (!asl_expect_array(reader, node))
		return;
	rule->rules = palloc_array(const AslRule *, asl_node_count(node));
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		AslRule *inner = palloc0_object(AslRule);

		rule->rules[rule->nrules++] = inner;
		read_rule(reader, &item, &inner_shape, inner);
	}
}

static void
read_not(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	AslRule *rule = target;
	AslRule *inner = palloc0_object(AslRule);

	check_stack_depth();
	rule->kind = ASL_RULE_NOT;
	rule->nrules = 1;
	rule->rules = palloc_object(const AslRule *);
	rule->rules[0] = inner;
	read_rule(reader, node, &inner_shape, inner);
}

static void
read_variable(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	*(const JpPath **) target = asl_compile_reference_path(reader, node);
}

/* A comparison operator; target is the rule */
static void
read_operator(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	AslRule *rule = target;
	const Operator *op = find_operator(field->name);

	rule->test = op->test;
	rule->relation = op->relation;
	rule->operand.field = op->name;
	read_operand(reader, node, op, &rule->operand);
}

static void
read_operand(AslReader *reader, const AslNode *node, const Operator *op,
			 AslOperand *operand)
{
	AslField field = {.name = op->name};
	bool boolean;

	if (op->is_path)
	{
		operand->path = asl_compile_reference_path(reader, node);
		if (operand->path == NULL)
			return;
		asl_check_reference_path(reader, node, operand->path);
		operand->kind = ASL_OPERAND_PATH;
		operand->text = operand->path->text;
		return;
	}
	operand->kind = ASL_OPERAND_LITERAL;
	operand->literal = value_copy(node->value);
	switch (op->test)
	{
		case ASL_TEST_STRING:
			(void) asl_expect_string(reader, node);
			break;
		case ASL_TEST_STRING_MATCHES:
			if (asl_expect_string(reader, node))
				check_pattern(reader, node);
			break;
		case ASL_TEST_NUMERIC:
			(void) asl_expect_number(reader, node);
			break;
		case ASL_TEST_TIMESTAMP:
			(void) asl_check_timestamp(reader, node);
			break;
		default:
			asl_read_bool(reader, node, &field, &boolean);
	}
}

/* In a pattern a backslash stands before an asterisk or another backslash */
static void
check_pattern(AslReader *reader, const AslNode *node)
{
	const char *s = node->value.u.string;

	for (int i = 0; i < node->value.len; i++)
	{
		if (s[i] != '\\')
			continue;
		i++;
		if (i == node->value.len || (s[i] != '*' && s[i] != '\\'))
		{
			asl_refuse(reader,
					   node,
					   "Value is not a valid pattern: only '*' and '\\' can be escaped");
			return;
		}
	}
}

/* Condition: true, false or an expression; target is the rule */
static void
read_condition(AslReader *reader, const AslNode *node, const AslField *field,
			   void *target)
{
	AslRule *rule = target;
	char *text;

	rule->kind = ASL_RULE_CONDITION;
	if (asl_is_expression(reader, node, &text) || cJSON_IsBool(node->json))
		asl_read_template(reader, node, field, &rule->condition);
	else
		asl_refuse(reader, node, "Expected value of type [BOOLEAN]");
}

static const Operator *
find_operator(const char *name)
{
	for (int i = 0; i < lengthof(operators); i++)
	{
		if (strcmp(operators[i].name, name) == 0)
			return &operators[i];
	}
	elog(ERROR, "no such operator: %s", name);
}
