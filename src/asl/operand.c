/*-------------------------------------------------------------------------
 *
 * operand.c
 *	  Paths, and fields whose value is a constant, comes from a path or from
 *	  an expression.
 *
 * IDENTIFICATION
 *	  src/asl/operand.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"
#include "util/errcodes.h"
#include "util/timestamp.h"

/* The intrinsic functions that ErrorPath and CausePath may call: those that give a string */
static const char *const text_functions[] = {
	"Format",
	"JsonToString",
	"ArrayGetItem",
	"Base64Encode",
	"Base64Decode",
	"Hash",
	"UUID",
};

static bool read_expression(AslReader *reader, const AslNode *node, const AslField *field,
							ValueType type, AslOperand *operand);
static void set_literal(const AslNode *node, const AslField *field, AslOperand *operand);
static void read_number(AslReader *reader, const AslNode *node, const AslField *field,
						void *target, bool whole);
static void add_reference_visited(const char *name, void *arg);
static void note_context(AslReader *reader, const AslNode *node);

/* Paths */

/* A string that is any path, or NULL where that was refused */
JpPath *
asl_compile_path(AslReader *reader, const AslNode *node)
{
	WfError error = {0};
	JpPath *path;

	if (!asl_expect_string(reader, node))
		return NULL;
	path = asl_try_path(reader, node, &error);
	if (path == NULL)
		asl_refuse(reader, node, "Value must be a valid JSONPath.");
	return path;
}

/* A path of a Choice rule, which AWS calls a Reference Path whatever it is */
JpPath *
asl_compile_reference_path(AslReader *reader, const AslNode *node)
{
	WfError error = {0};
	JpPath *path;

	if (!asl_expect_string(reader, node))
		return NULL;
	path = asl_try_path(reader, node, &error);
	if (path == NULL)
		asl_refuse(reader, node, "Value is not a Reference Path: %s", error.message);
	return path;
}

/*
 * A string as a path, or NULL: then *error says why, in AWS's words where they
 * are known.  Unlike Jayway, the language wants the root to be written.
 */
JpPath *
asl_try_path(AslReader *reader, const AslNode *node, WfError *error)
{
	JpPath *path;

	if (node->value.len == 0 || node->value.u.string[0] != '$')
	{
		wf_error_set(error,
					 ERRCODE_WF_INVALID_PATH,
					 NULL,
					 "Reference path didn't start with '$'");
		return NULL;
	}
	path = jp_compile(node->value.u.string, node->value.len, error);
	if (path != NULL && path->root == JP_ROOT_VARIABLE)
		asl_add_reference(reader, path->variable);
	if (path != NULL)
		note_context(reader, node);
	return path;
}

/* InputPath, OutputPath */
void
asl_read_path(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	AslPath *path = target;

	path->present = true;
	if (!cJSON_IsNull(node->json))
		path->path = asl_compile_path(reader, node);
}

/* A Reference Path has names and indexes only: it cannot find several values */
void
asl_check_reference_path(AslReader *reader, const AslNode *node, const JpPath *path)
{
	if (!path->reference)
		asl_refuse(reader, node, "Value is not a Reference Path");
}

/* ResultPath: into the input, at one place */
void
asl_read_result_path(AslReader *reader, const AslNode *node, const AslField *field,
					 void *target)
{
	AslPath *result = target;
	JpPath *path;

	result->present = true;
	if (cJSON_IsNull(node->json))
		return;
	path = asl_compile_path(reader, node);
	if (path != NULL && path->root != JP_ROOT_INPUT)
		asl_refuse(reader, node, "Value is not a Reference Path");
	else if (path != NULL)
		asl_check_reference_path(reader, node, path);
	result->path = path;
}

static void
add_reference_visited(const char *name, void *arg)
{
	asl_add_reference(arg, name);
}

/* A call of an intrinsic function, or NULL where it is none (nothing is reported) */
Intrinsic *
asl_compile_call(AslReader *reader, const AslNode *node)
{
	WfError error = {0};
	Intrinsic *call = intrinsic_compile(node->value.u.string, node->value.len, &error);

	if (call != NULL)
	{
		intrinsic_visit_variables(call, add_reference_visited, reader);
		note_context(reader, node);
	}
	return call;
}

/*
 * Does this path or call look at $$.Map, or at $$ as a whole?  By its text: where
 * a "$$" stands in some string constant, nothing is lost.
 */
static void
note_context(AslReader *reader, const AslNode *node)
{
	static const char *const others[] = {".Execution", ".State", ".Task"};
	const char *text = node->value.u.string;
	const char *end = text + node->value.len;

	for (; reader->state != NULL && text + 1 < end; text++)
	{
		bool other = text[0] != '$' || text[1] != '$';

		for (int i = 0; i < lengthof(others) && !other; i++)
			other = end - text - 2 >= (ptrdiff_t) strlen(others[i]) &&
					memcmp(text + 2, others[i], strlen(others[i])) == 0;
		if (!other)
			reader->state->may_show_item = true;
	}
}

/* Operands */

static bool
read_expression(AslReader *reader, const AslNode *node, const AslField *field,
				ValueType type, AslOperand *operand)
{
	char *text;

	if (!asl_is_expression(reader, node, &text))
		return false;
	if (text != NULL)
	{
		operand->kind = ASL_OPERAND_JSONATA;
		operand->field = field->name;
		operand->jsonata = asl_compile_expression(reader, node, text);
		operand->type = type;
	}
	return true;
}

static void
set_literal(const AslNode *node, const AslField *field, AslOperand *operand)
{
	operand->kind = ASL_OPERAND_LITERAL;
	operand->field = field->name;
	operand->literal = value_copy(node->value);
}

void
asl_read_int_operand(AslReader *reader, const AslNode *node, const AslField *field,
					 void *target)
{
	read_number(reader, node, field, target, true);
}

void
asl_read_number_operand(AslReader *reader, const AslNode *node, const AslField *field,
						void *target)
{
	read_number(reader, node, field, target, false);
}

static void
read_number(AslReader *reader, const AslNode *node, const AslField *field, void *target,
			bool whole)
{
	int errors = reader->diagnostics->nerrors;
	double number;
	int integer;

	if (read_expression(reader, node, field, TYPE_NUMBER, target))
		return;
	if (whole)
		asl_read_int(reader, node, field, &integer);
	else
		asl_read_double(reader, node, field, &number);
	if (errors == reader->diagnostics->nerrors)
		set_literal(node, field, target);
}

void
asl_read_string_operand(AslReader *reader, const AslNode *node, const AslField *field,
						void *target)
{
	if (read_expression(reader, node, field, TYPE_STRING, target) ||
		!asl_expect_string(reader, node))
		return;
	if (node->value.len > 1 && strncmp(node->value.u.string, "$.", 2) == 0)
		asl_diagnose(
			reader,
			ASL_WARNING,
			ASL_CODE_NO_PATH,
			node,
			"Field value looks like a path, but field name does not end with 'Path'.");
	set_literal(node, field, target);
}

void
asl_read_timestamp_operand(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target)
{
	if (!read_expression(reader, node, field, TYPE_STRING, target) &&
		asl_check_timestamp(reader, node))
		set_literal(node, field, target);
}

bool
asl_check_timestamp(AslReader *reader, const AslNode *node)
{
	TimestampTz ignored;

	if (!asl_expect_string(reader, node))
		return false;
	if (wf_timestamp_from_iso(node->value.u.string, node->value.len, &ignored))
		return true;
	asl_refuse(reader, node, "String does not match RFC3339 timestamp");
	return false;
}

void
asl_read_path_operand(AslReader *reader, const AslNode *node, const AslField *field,
					  void *target)
{
	AslOperand *operand = target;
	JpPath *path = asl_compile_path(reader, node);

	if (path == NULL)
		return;
	asl_check_reference_path(reader, node, path);
	operand->kind = ASL_OPERAND_PATH;
	operand->field = field->name;
	operand->text = path->text;
	operand->path = path;
}

/* ErrorPath, CausePath: a path, or a call that gives a string */
void
asl_read_call_operand(AslReader *reader, const AslNode *node, const AslField *field,
					  void *target)
{
	AslOperand *operand = target;
	Intrinsic *call = NULL;

	if (!cJSON_IsString(node->json) ||
		!intrinsic_looks_like(node->value.u.string, node->value.len))
	{
		asl_read_path_operand(reader, node, field, target);
		return;
	}
	call = asl_compile_call(reader, node);
	for (int i = 0; call != NULL && i < lengthof(text_functions); i++)
	{
		if (strcmp(intrinsic_name(call), text_functions[i]) == 0)
		{
			operand->kind = ASL_OPERAND_INTRINSIC;
			operand->field = field->name;
			operand->text = asl_node_text(node);
			operand->intrinsic = call;
			return;
		}
	}
	asl_refuse(
		reader,
		node,
		"The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call",
		field->name);
}
