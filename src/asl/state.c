/*-------------------------------------------------------------------------
 *
 * state.c
 *	  The eight state types: a table of fields for each, and what is to be
 *	  said of a state as a whole.
 *
 * IDENTIFICATION
 *	  src/asl/state.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "asl/read.h"

#define MAX_SECONDS 99999999

/* How to make a state of a type */
typedef struct StateType
{
	const char *name;
	size_t size;
	AslShape shape;
	void (*finish)(AslReader *reader, const AslNode *node, AslState *state);
} StateType;

static bool read_type(AslReader *reader, const AslNode *node, AslStateType *type);
static void add_state(AslReader *reader, const AslNode *node, AslState *state);
static void read_fields(AslReader *reader, const AslNode *node, AslState *state);
static void read_parameters(AslReader *reader, const AslNode *node, const AslField *field,
							void *target);
static void read_items_path(AslReader *reader, const AslNode *node, const AslField *field,
							void *target);
static void read_result(AslReader *reader, const AslNode *node, const AslField *field,
						void *target);
static bool has_evaluated_key(const cJSON *json);
static void read_credentials(AslReader *reader, const AslNode *node,
							 const AslField *field, void *target);
static void finish_task(AslReader *reader, const AslNode *node, AslState *state);
static void finish_terminal(AslReader *reader, const AslNode *node, AslState *state);

/* ---- the tables ---- */

/* clang-format off */
#define P ASL_JSONPATH_ONLY
#define A ASL_JSONATA_ONLY

#define COMMON_FIELDS                                                                    \
	{"Type"}, {"Comment", asl_read_comment},                                             \
	{"QueryLanguage", asl_check_words, .words = "JSONPath, JSONata"}
#define TRANSITION_FIELDS                                                                \
	{"Next", asl_read_next, 0, offsetof(AslState, next)},                                \
	{"End", asl_read_bool, 0, offsetof(AslState, end)}
#define INPUT_FIELDS                                                                     \
	{"InputPath", asl_read_path, P, offsetof(AslState, input_path)},                     \
	{"OutputPath", asl_read_path, P, offsetof(AslState, output_path)},                   \
	{"Output", asl_read_template, A, offsetof(AslState, output)}
#define ASSIGN_FIELD {"Assign", asl_read_assign, 0, offsetof(AslState, assign)}
#define PARAMETERS_FIELD {"Parameters", read_parameters, P, offsetof(AslState, parameters)}
#define ARGUMENTS_FIELD {"Arguments", asl_read_template, A, offsetof(AslState, arguments)}
#define RESULT_PATH_FIELD                                                                \
	{"ResultPath", asl_read_result_path, P, offsetof(AslState, result_path)}
#define RESULT_SELECTOR_FIELD                                                            \
	{"ResultSelector", asl_read_object_template, P, offsetof(AslState, result_selector)}
#define HANDLER_FIELDS                                                                   \
	{"Retry", asl_read_retry}, {"Catch", asl_read_catch}

#define NEXT_OR_END {true, {"Next", "End"}}

static const AslField pass_fields[] = {
	COMMON_FIELDS, INPUT_FIELDS, PARAMETERS_FIELD, RESULT_PATH_FIELD,
	{"Result", read_result, P, 0},
	ASSIGN_FIELD, TRANSITION_FIELDS,
};

static const AslField task_fields[] = {
	COMMON_FIELDS,
	{"Resource", asl_read_resource, ASL_REQUIRED, offsetof(AslTask, resource)},
	INPUT_FIELDS, PARAMETERS_FIELD, ARGUMENTS_FIELD, RESULT_SELECTOR_FIELD, RESULT_PATH_FIELD,
	{"Credentials", read_credentials, 0, offsetof(AslTask, credentials)},
	{"TimeoutSeconds", asl_read_int_operand, 0, offsetof(AslTask, timeout), 1, MAX_SECONDS},
	{"TimeoutSecondsPath", asl_read_path_operand, P, offsetof(AslTask, timeout)},
	{"HeartbeatSeconds", asl_read_int_operand, 0, offsetof(AslTask, heartbeat), 1, MAX_SECONDS},
	{"HeartbeatSecondsPath", asl_read_path_operand, P, offsetof(AslTask, heartbeat)},
	HANDLER_FIELDS, ASSIGN_FIELD, TRANSITION_FIELDS,
};

static const AslField choice_fields[] = {
	COMMON_FIELDS, INPUT_FIELDS,
	{"Choices", asl_read_choices, ASL_REQUIRED, 0},
	{"Default", asl_read_next, 0, offsetof(AslChoice, otherwise)},
	ASSIGN_FIELD,
};

static const AslField wait_fields[] = {
	COMMON_FIELDS, INPUT_FIELDS,
	{"SecondsPath", asl_read_path_operand, P, offsetof(AslWait, seconds)},
	{"Seconds", asl_read_int_operand, 0, offsetof(AslWait, seconds), 0, MAX_SECONDS},
	{"TimestampPath", asl_read_path_operand, P, offsetof(AslWait, timestamp)},
	{"Timestamp", asl_read_timestamp_operand, 0, offsetof(AslWait, timestamp)},
	ASSIGN_FIELD, TRANSITION_FIELDS,
};

static const AslField succeed_fields[] = {COMMON_FIELDS, INPUT_FIELDS};

static const AslField fail_fields[] = {
	COMMON_FIELDS,
	{"Error", asl_read_string_operand, 0, offsetof(AslFail, error)},
	{"ErrorPath", asl_read_call_operand, P, offsetof(AslFail, error)},
	{"Cause", asl_read_string_operand, 0, offsetof(AslFail, cause)},
	{"CausePath", asl_read_call_operand, P, offsetof(AslFail, cause)},
};

static const AslField parallel_fields[] = {
	COMMON_FIELDS,
	{"Branches", asl_read_branches, ASL_REQUIRED, 0},
	INPUT_FIELDS, PARAMETERS_FIELD, ARGUMENTS_FIELD, RESULT_SELECTOR_FIELD, RESULT_PATH_FIELD,
	HANDLER_FIELDS, ASSIGN_FIELD, TRANSITION_FIELDS,
};

static const AslField map_fields[] = {
	COMMON_FIELDS, INPUT_FIELDS,
	{"ItemsPath", read_items_path, P, offsetof(AslMap, items_path)},
	{"Items", asl_read_template, A, offsetof(AslMap, items)},
	{"ItemSelector", read_parameters, 0, offsetof(AslMap, item_selector)},
	{"Parameters", read_parameters, P, offsetof(AslMap, item_selector)},
	RESULT_SELECTOR_FIELD, RESULT_PATH_FIELD,
	{"MaxConcurrency", asl_read_int_operand, 0, offsetof(AslMap, max_concurrency), 0, PG_INT32_MAX},
	{"MaxConcurrencyPath", asl_read_path_operand, P, offsetof(AslMap, max_concurrency)},
	{"ToleratedFailureCount", asl_read_int_operand, 0, offsetof(AslMap, tolerated_failure_count), 0, PG_INT32_MAX},
	{"ToleratedFailureCountPath", asl_read_path_operand, P, offsetof(AslMap, tolerated_failure_count)},
	{"ToleratedFailurePercentage", asl_read_number_operand, 0, offsetof(AslMap, tolerated_failure_percentage), 0, 100},
	{"ToleratedFailurePercentagePath", asl_read_path_operand, P, offsetof(AslMap, tolerated_failure_percentage)},
	{"Label", asl_read_label, 0, offsetof(AslMap, label)},
	{"ItemReader", asl_read_item_reader, 0, offsetof(AslMap, item_reader)},
	{"ItemBatcher", asl_read_item_batcher, 0, offsetof(AslMap, item_batcher)},
	{"ResultWriter", asl_read_result_writer, 0, offsetof(AslMap, result_writer)},
	{"ItemProcessor", asl_read_processor},
	{"Iterator", asl_read_processor},
	HANDLER_FIELDS, ASSIGN_FIELD, TRANSITION_FIELDS,
};

static const AslGroup transition_groups[] = {NEXT_OR_END};

static const AslGroup task_groups[] = {
	NEXT_OR_END,
	{false, {"TimeoutSeconds", "TimeoutSecondsPath"}},
	{false, {"HeartbeatSeconds", "HeartbeatSecondsPath"}},
};

static const AslGroup wait_groups[] = {
	NEXT_OR_END,
	{true, {"SecondsPath", "Seconds", "TimestampPath", "Timestamp"}},
};

static const AslGroup fail_groups[] = {
	{false, {"Error", "ErrorPath"}},
	{false, {"Cause", "CausePath"}},
};

static const AslGroup map_groups[] = {
	NEXT_OR_END,
	{true, {"ItemProcessor", "Iterator"}},
	{false, {"ItemSelector", "Parameters"}},
	{false, {"MaxConcurrency", "MaxConcurrencyPath"}},
	{false, {"ToleratedFailureCount", "ToleratedFailureCountPath"}},
	{false, {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"}},
};

/* ORDER STATE TYPE */
static const StateType state_types[ASL_NTYPES] = {
	[ASL_PASS] = {"Pass", sizeof(AslPass), ASL_SHAPE(pass_fields, transition_groups)},
	[ASL_TASK] = {"Task", sizeof(AslTask), ASL_SHAPE(task_fields, task_groups), finish_task},
	[ASL_CHOICE] = {"Choice", sizeof(AslChoice), ASL_PLAIN_SHAPE(choice_fields)},
	[ASL_WAIT] = {"Wait", sizeof(AslWait), ASL_SHAPE(wait_fields, wait_groups)},
	[ASL_SUCCEED] = {"Succeed", sizeof(AslSucceed), ASL_PLAIN_SHAPE(succeed_fields), finish_terminal},
	[ASL_FAIL] = {"Fail", sizeof(AslFail), ASL_SHAPE(fail_fields, fail_groups), finish_terminal},
	[ASL_PARALLEL] = {"Parallel", sizeof(AslParallel), ASL_SHAPE(parallel_fields, transition_groups)},
	[ASL_MAP] = {"Map", sizeof(AslMap), ASL_SHAPE(map_fields, map_groups)},
};

/* clang-format on */

#undef P
#undef A

/* ---- any state ---- */

const char *
asl_state_type_name(AslStateType type)
{
	return state_types[type].name;
}

/* A state, or NULL where it cannot be told what it is */
AslState *
asl_read_state(AslReader *reader, const AslNode *node)
{
	AslStateType type;
	AslState *state;

	if (!asl_expect_object(reader, node) || !read_type(reader, node, &type))
		return NULL;
	state = palloc0(state_types[type].size);
	state->type = type;
	state->name = pstrdup(node->key);
	state->scope = reader->scope->scope;
	state->language = asl_resolve_language(node, reader->machine->language);
	add_state(reader, node, state);
	read_fields(reader, node, state);
	return state;
}

static bool
read_type(AslReader *reader, const AslNode *node, AslStateType *type)
{
	AslNode member;

	if (!asl_node_member(node, "Type", &member))
	{
		asl_refuse(reader, node, "These fields are required: [Type]");
		return false;
	}
	if (!asl_expect_string(reader, &member))
		return false;
	for (*type = 0; *type < ASL_NTYPES; (*type)++)
	{
		if (value_string_is(member.value, state_types[*type].name))
			return true;
	}
	asl_refuse(reader,
			   &member,
			   "The field 'Type' should have one of these values: [%s]",
			   ASL_STATE_TYPE_WORDS);
	return false;
}

/*
 * The language of an object that may have a QueryLanguage.  AWS takes anything
 * but exactly "JSONPath" for JSONata (and complains of the word elsewhere).
 */
AslQueryLanguage
asl_resolve_language(const AslNode *object, AslQueryLanguage inherited)
{
	AslNode member;

	if (!asl_node_member(object, "QueryLanguage", &member))
		return inherited;
	return cJSON_IsString(member.json) && value_string_is(member.value, "JSONPath")
			   ? ASL_JSONPATH
			   : ASL_JSONATA;
}

static void
add_state(AslReader *reader, const AslNode *node, AslState *state)
{
	MemoryContext old = MemoryContextSwitchTo(reader->scratch);

	state->index = list_length(reader->states);
	reader->states = lappend(reader->states, state);
	reader->locations = lappend(reader->locations, asl_node_location(node));
	reader->scope->states = lappend(reader->scope->states, state);
	MemoryContextSwitchTo(old);
}

static void
read_fields(AslReader *reader, const AslNode *node, AslState *state)
{
	const StateType *type = &state_types[state->type];
	AslReader outer = *reader;

	reader->state = state;
	reader->language = state->language;
	reader->mixed =
		state->language == ASL_JSONPATH && reader->machine->language == ASL_JSONATA;
	reader->references = NIL;
	reader->functions = NIL;
	if (reader->mixed)
		asl_refuse(
			reader,
			node,
			"'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
	(void) asl_read_object(reader, node, &type->shape, state);
	if (type->finish != NULL)
		type->finish(reader, node, state);
	if (!state->end && state->type != ASL_CHOICE && !asl_node_has(node, "Next"))
		reader->scope->has_loose_end = true;
	asl_note_references(reader, state);
	reader->state = outer.state;
	reader->language = outer.language;
	reader->mixed = outer.mixed;
	reader->references = outer.references;
	reader->functions = outer.functions;
}

static void
finish_terminal(AslReader *reader, const AslNode *node, AslState *state)
{
	state->end = true;
}

/* Parameters, ItemSelector: where there is nothing to say, they are left out */
static void
read_parameters(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	if (cJSON_IsNull(node->json))
		(void) asl_expect_object(reader, node);
	else
		asl_read_template(reader, node, field, target);
}

/* ItemsPath: an array is needed, so null (the empty object of InputPath) is none */
static void
read_items_path(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	AslPath *path = target;

	path->present = true;
	path->path = asl_compile_path(reader, node);
}

/* ---- Pass ---- */

/* Result; target is the state */
static void
read_result(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	AslPass *pass = target;

	pass->has_result = true;
	pass->result = value_copy(node->value);
	if (has_evaluated_key(node->json))
		asl_diagnose(reader,
					 ASL_WARNING,
					 ASL_CODE_STATIC_RESULT,
					 node,
					 "Attempt to use a path in the result of a pass state.");
}

static bool
has_evaluated_key(const cJSON *json)
{
	const cJSON *child;

	check_stack_depth();
	cJSON_ArrayForEach(child, json)
	{
		int len = child->string ? (int) strlen(child->string) : 0;

		if ((len > 2 && strcmp(child->string + len - 2, ".$") == 0) ||
			has_evaluated_key(child))
			return true;
	}
	return false;
}

/* ---- Task ---- */

/* Credentials: an object with a RoleArn, and what else may be there does not count */
static void
read_credentials(AslReader *reader, const AslNode *node, const AslField *field,
				 void *target)
{
	char *text;
	AslNode role;

	if (!asl_is_expression(reader, node, &text))
	{
		if (!asl_expect_object(reader, node))
			return;
		if (!asl_node_has(node, "RoleArn") &&
			(reader->language == ASL_JSONATA || !asl_node_has(node, "RoleArn.$")))
		{
			asl_refuse(reader, node, "The field 'RoleArn' is required but was missing");
			return;
		}
		if (asl_node_member(node, "RoleArn", &role) && !asl_expect_string(reader, &role))
			return;
	}
	asl_read_template(reader, node, field, target);
}

static void
finish_task(AslReader *reader, const AslNode *node, AslState *state)
{
	AslTask *task = (AslTask *) state;
	AslNode member;

	if (task->resource.kind == ASL_RESOURCE_ACTIVITY &&
		asl_node_member(node, "Credentials", &member))
		asl_refuse(reader,
				   &member,
				   "The field 'Credentials' is not supported for activities");
	if (task->timeout.kind == ASL_OPERAND_LITERAL &&
		task->heartbeat.kind == ASL_OPERAND_LITERAL &&
		value_to_double(task->heartbeat.literal) >=
			value_to_double(task->timeout.literal) &&
		asl_node_member(node, "HeartbeatSeconds", &member))
		asl_refuse(reader,
				   &member,
				   "The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
}
