/*-------------------------------------------------------------------------
 *
 * map.c
 *	  The objects inside a Map state.
 *
 * ItemReader, ItemBatcher and ResultWriter are checked, and kept as they are
 * written.
 *
 * IDENTIFICATION
 *	  src/asl/map.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"
#include "util/utf8.h"

#define MAX_LABEL_LENGTH 40

/* Where the checks of objects that are kept raw put what they read */
typedef struct Ignored
{
	AslOperand operand;
	AslTemplate *template;
	const char *text;
} Ignored;

static void read_config(AslReader *reader, const AslNode *node, AslMap *map);
static void check_config(AslReader *reader, const AslNode *node, const char *mode,
						 const char *type);
static void check_object(AslReader *reader, const AslNode *node, const AslShape *shape,
						 void *target);
static void read_s3_resource(AslReader *reader, const AslNode *node,
							 const AslField *field, void *target);
static void read_reader_config(AslReader *reader, const AslNode *node,
							   const AslField *field, void *target);
static void read_strings(AslReader *reader, const AslNode *node, const AslField *field,
						 void *target);
static void read_writer_config(AslReader *reader, const AslNode *node,
							   const AslField *field, void *target);
static bool is_label_character(uint32 c);

/* ---- ItemProcessor, Iterator ---- */

typedef struct Config
{
	const char *mode;
	const char *type;
} Config;

/* clang-format off */
static const AslField processor_fields[] = {
	{"States", asl_read_states, ASL_REQUIRED, 0},
	{"StartAt", asl_read_next, ASL_REQUIRED, offsetof(AslScope, start)},
	{"Comment", asl_read_comment},
	{"ProcessorConfig"},		/* read before all others */
};
/* clang-format on */

static const AslShape processor_shape = ASL_PLAIN_SHAPE(processor_fields);

/* clang-format off */
static const AslField config_fields[] = {
	{"Mode", asl_read_words, 0, offsetof(Config, mode), .words = "INLINE, DISTRIBUTED"},
	{"ExecutionType", asl_read_words, 0, offsetof(Config, type), .words = "STANDARD, EXPRESS"},
};
/* clang-format on */

static const AslShape config_shape = ASL_PLAIN_SHAPE(config_fields);

void
asl_read_processor(AslReader *reader, const AslNode *node, const AslField *field,
				   void *target)
{
	AslMap *map = (AslMap *) reader->state;
	AslScope *scope = palloc0_object(AslScope);
	AslNode config;

	if (!asl_expect_object(reader, node))
		return;
	if (asl_node_member(node, "ProcessorConfig", &config))
		read_config(reader, &config, map);
	map->processor = scope;
	asl_read_scope(reader, node, &processor_shape, scope, !map->distributed);
}

static void
read_config(AslReader *reader, const AslNode *node, AslMap *map)
{
	Config config = {0};

	if (!asl_read_object(reader, node, &config_shape, &config))
		return;
	map->distributed = config.mode != NULL && strcmp(config.mode, "DISTRIBUTED") == 0;
	map->execution_type = config.type != NULL && strcmp(config.type, "EXPRESS") == 0
							  ? ASL_EXPRESS
							  : ASL_STANDARD;
	check_config(reader, node, config.mode, config.type);
}

static void
check_config(AslReader *reader, const AslNode *node, const char *mode, const char *type)
{
	AslNode member;
	bool distributed = mode != NULL && strcmp(mode, "DISTRIBUTED") == 0;

	if (distributed && !asl_node_has(node, "ExecutionType"))
		asl_refuse(reader, node, "These fields are required: [ExecutionType]");
	if (!distributed && type != NULL)
		asl_refuse(reader, node, "Field 'ExecutionType' is not supported");
	if (distributed && reader->machine->type == ASL_EXPRESS &&
		asl_node_member(node, "Mode", &member))
		asl_refuse(
			reader,
			&member,
			"The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines");
}

/* ---- Label ---- */

void
asl_read_label(AslReader *reader, const AslNode *node, const AslField *field,
			   void *target)
{
	const char *p = node->value.u.string;
	char *label;
	ListCell *cell;
	MemoryContext old;

	if (!asl_expect_string(reader, node))
		return;
	label = asl_node_text(node);
	*(const char **) target = label;
	if (node->value.len == 0)
		asl_diagnose(reader,
					 ASL_ERROR,
					 ASL_CODE_LABEL_NAME,
					 node,
					 "Label name cannot be empty");
	else if (utf8_length(p, node->value.len) > MAX_LABEL_LENGTH)
		asl_diagnose(
			reader,
			ASL_ERROR,
			ASL_CODE_LABEL_NAME,
			node,
			"Label name '%s' exceeds the %d-character limit allowed by the service",
			label,
			MAX_LABEL_LENGTH);
	for (const char *end = p + node->value.len; p < end;)
	{
		if (is_label_character(utf8_decode(&p, end)))
			continue;
		asl_diagnose(reader,
					 ASL_ERROR,
					 ASL_CODE_LABEL_NAME,
					 node,
					 "Label name '%s' contains invalid characters",
					 label);
		break;
	}
	foreach (cell, reader->labels)
	{
		if (strcmp(lfirst(cell), label) == 0)
			asl_diagnose(reader,
						 ASL_ERROR,
						 ASL_CODE_DUPLICATE_LABEL,
						 node,
						 "Duplicate Label name: %s",
						 label);
	}
	old = MemoryContextSwitchTo(reader->scratch);
	reader->labels = lappend(reader->labels, label);
	MemoryContextSwitchTo(old);
}

/* No blanks, no wildcards and brackets, nothing that ARNs and URLs are made of, no controls */
static bool
is_label_character(uint32 c)
{
	if (c <= 0x20 || (c >= 0x7F && c < 0xA0))
		return false;
	return c > 0x7F || strchr("?*<>{}[]:;,\\|^~$#%&`\"", (int) c) == NULL;
}

/* ---- ItemReader ---- */

/* clang-format off */
static const AslField reader_config_fields[] = {
	{"InputType", asl_read_words, 0, offsetof(Ignored, text), .words = "CSV, JSON, JSONL, PARQUET, MANIFEST"},
	{"Transformation", asl_read_words, 0, offsetof(Ignored, text), .words = "NONE, LOAD_AND_FLATTEN"},
	{"ManifestType", asl_read_words, 0, offsetof(Ignored, text), .words = "ATHENA_DATA, S3_INVENTORY"},
	{"CSVDelimiter", asl_read_words, 0, offsetof(Ignored, text), .words = "COMMA, PIPE, SEMICOLON, SPACE, TAB"},
	{"CSVHeaderLocation", asl_read_words, 0, offsetof(Ignored, text), .words = "FIRST_ROW, GIVEN"},
	{"CSVHeaders", read_strings},
	{"ItemsPointer", asl_read_string, 0, offsetof(Ignored, text)},
	{"MaxItems", asl_read_int_operand, 0, offsetof(Ignored, operand), 0, PG_INT32_MAX},
	{"MaxItemsPath", asl_read_path_operand, ASL_JSONPATH_ONLY, offsetof(Ignored, operand)},
};

static const AslGroup reader_config_groups[] = {{false, {"MaxItems", "MaxItemsPath"}}};
/* clang-format on */

static const AslShape reader_config_shape =
	ASL_SHAPE(reader_config_fields, reader_config_groups);

/* clang-format off */
static const AslField item_reader_fields[] = {
	{"Resource", read_s3_resource, ASL_REQUIRED, 0, .words = "getObject, listObjectsV2"},
	{"Parameters", asl_read_object_template, ASL_JSONPATH_ONLY, offsetof(Ignored, template)},
	{"Arguments", asl_read_object_template, ASL_JSONATA_ONLY, offsetof(Ignored, template)},
	{"ReaderConfig", read_reader_config},
};
/* clang-format on */

static const AslShape item_reader_shape = ASL_PLAIN_SHAPE(item_reader_fields);

void
asl_read_item_reader(AslReader *reader, const AslNode *node, const AslField *field,
					 void *target)
{
	check_object(reader, node, &item_reader_shape, target);
}

static void
read_reader_config(AslReader *reader, const AslNode *node, const AslField *field,
				   void *target)
{
	Ignored ignored;
	AslNode location;
	AslNode type;

	if (!asl_read_object(reader, node, &reader_config_shape, &ignored))
		return;
	if (asl_node_member(node, "InputType", &type))
	{
		bool has_location = asl_node_has(node, "CSVHeaderLocation");

		if (value_string_is(type.value, "CSV") && !has_location)
			asl_refuse(reader, node, "The field 'CSVHeaderLocation' is required");
		if (value_string_is(type.value, "JSON") && has_location)
			asl_refuse(reader, node, "Field 'CSVHeaderLocation' is not supported");
	}
	if (asl_node_member(node, "CSVHeaderLocation", &location) &&
		value_string_is(location.value, "GIVEN") && !asl_node_has(node, "CSVHeaders"))
		asl_refuse(reader, node, "These fields are required: [CSVHeaders]");
}

static void
read_strings(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	if (!asl_expect_array(reader, node))
		return;
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
		(void) asl_expect_string(reader, &item);
}

/* An action of S3, one of field->words */
static void
read_s3_resource(AslReader *reader, const AslNode *node, const AslField *field,
				 void *target)
{
	char *text;
	char *action;

	if (!asl_expect_string(reader, node))
		return;
	text = asl_node_text(node);
	action = strstr(text, ":states:::s3:");
	if (strncmp(text, "arn:", 4) != 0 || action == NULL ||
		!asl_has_word(field->words, action + strlen(":states:::s3:")))
		asl_refuse(reader,
				   node,
				   "The field 'Resource' does not match any of the allowed values");
}

/* ---- ItemBatcher ---- */

/* clang-format off */
static const AslField item_batcher_fields[] = {
	{"MaxItemsPerBatch", asl_read_int_operand, 0, offsetof(Ignored, operand), 1, PG_INT32_MAX},
	{"MaxItemsPerBatchPath", asl_read_path_operand, ASL_JSONPATH_ONLY, offsetof(Ignored, operand)},
	{"MaxInputBytesPerBatch", asl_read_int_operand, 0, offsetof(Ignored, operand), 1, 262144},
	{"MaxInputBytesPerBatchPath", asl_read_path_operand, ASL_JSONPATH_ONLY, offsetof(Ignored, operand)},
	{"BatchInput", asl_read_object_template, 0, offsetof(Ignored, template)},
};

static const AslGroup item_batcher_groups[] = {
	{false, {"MaxItemsPerBatch", "MaxItemsPerBatchPath"}},
	{false, {"MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}},
};
/* clang-format on */

static const AslShape item_batcher_shape =
	ASL_SHAPE(item_batcher_fields, item_batcher_groups);

void
asl_read_item_batcher(AslReader *reader, const AslNode *node, const AslField *field,
					  void *target)
{
	check_object(reader, node, &item_batcher_shape, target);
}

/* ---- ResultWriter ---- */

/* clang-format off */
static const AslField writer_config_fields[] = {
	{"Transformation", asl_read_words, 0, offsetof(Ignored, text), .words = "NONE, COMPACT, FLATTEN"},
	{"OutputType", asl_read_words, 0, offsetof(Ignored, text), .words = "JSON, JSONL"},
};
/* clang-format on */

static const AslShape writer_config_shape = ASL_PLAIN_SHAPE(writer_config_fields);

/* clang-format off */
static const AslField result_writer_fields[] = {
	{"Resource", read_s3_resource, 0, 0, .words = "putObject"},
	{"Parameters", asl_read_object_template, ASL_JSONPATH_ONLY, offsetof(Ignored, template)},
	{"Arguments", asl_read_object_template, ASL_JSONATA_ONLY, offsetof(Ignored, template)},
	{"WriterConfig", read_writer_config},
};
/* clang-format on */

static const AslShape result_writer_shape = ASL_PLAIN_SHAPE(result_writer_fields);

void
asl_read_result_writer(AslReader *reader, const AslNode *node, const AslField *field,
					   void *target)
{
	check_object(reader, node, &result_writer_shape, target);
}

static void
read_writer_config(AslReader *reader, const AslNode *node, const AslField *field,
				   void *target)
{
	Ignored ignored;

	(void) asl_read_object(reader, node, &writer_config_shape, &ignored);
}

/* Check an object and keep it as it is; target is a Value */
static void
check_object(AslReader *reader, const AslNode *node, const AslShape *shape, void *target)
{
	Ignored ignored;

	if (asl_read_object(reader, node, shape, &ignored))
		*(Value *) target = value_copy(node->value);
}
