/*-------------------------------------------------------------------------
 *
 * item.c
 *	  ItemReader, ItemBatcher and ResultWriter of a distributed Map.
 *
 * Where items come from and where results go, beside what AWS has:
 * arn:aws:states:::sql:execute.
 *
 * Must not know how either is read or written.
 *
 * IDENTIFICATION
 *	  src/asl/item.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"

static void read_word(AslReader *reader, const AslNode *node, const AslField *field,
					  void *target);
static void read_integration(AslReader *reader, const AslNode *node,
							 const AslField *field, void *target);
static int word_index(const char *words, const char *word);
static void read_reader_config(AslReader *reader, const AslNode *node,
							   const AslField *field, void *target);
static void check_csv(AslReader *reader, const AslNode *node, AslInputType type);
static void read_flatten(AslReader *reader, const AslNode *node, const AslField *field,
						 void *target);
static void read_delimiter(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target);
static void read_header_location(AslReader *reader, const AslNode *node,
								 const AslField *field, void *target);
static void read_headers(AslReader *reader, const AslNode *node, const AslField *field,
						 void *target);
static void read_writer_config(AslReader *reader, const AslNode *node,
							   const AslField *field, void *target);
static void read_jsonl(AslReader *reader, const AslNode *node, const AslField *field,
					   void *target);
static void check_statement(AslReader *reader, const AslNode *node);
static void check_rows(AslReader *reader, const AslNode *node);

/* ---- words ---- */

/* One of field->words: its number, from 1; target is an enumeration */
static void
read_word(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	const char *word = NULL;

	asl_read_words(reader, node, field, &word);
	if (word != NULL)
		*(int *) target = word_index(field->words, word);
}

/* The same for a Resource: field->words are what stands behind arn:PARTITION:states::: */
static void
read_integration(AslReader *reader, const AslNode *node, const AslField *field,
				 void *target)
{
	static const char marker[] = ":states:::";
	char *text;
	char *action;

	if (!asl_expect_string(reader, node))
		return;
	text = asl_node_text(node);
	action = strstr(text, marker);
	if (strncmp(text, "arn:", 4) != 0 || action == NULL ||
		!asl_has_word(field->words, action + strlen(marker)))
		asl_refuse(reader,
				   node,
				   "The field 'Resource' does not match any of the allowed values");
	else
		*(int *) target = word_index(field->words, action + strlen(marker));
}

static int
word_index(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (int index = 1; *words != '\0'; index++)
	{
		size_t this = strcspn(words, ", ");

		if (this == len && memcmp(words, word, len) == 0)
			return index;
		words += this;
		words += strspn(words, ", ");
	}
	return 0;
}

/* ---- ItemReader ---- */

/* clang-format off */
static const AslField reader_config_fields[] = {
	{"InputType", read_word, 0, offsetof(AslItemReader, format.input_type), .words = "CSV, JSON, JSONL, PARQUET, MANIFEST"},
	{"Transformation", read_flatten, 0, offsetof(AslItemReader, format.flatten), .words = "NONE, LOAD_AND_FLATTEN"},
	{"ManifestType", read_word, 0, offsetof(AslItemReader, format.manifest_type), .words = "ATHENA_DATA, S3_INVENTORY"},
	{"CSVDelimiter", read_delimiter, 0, offsetof(AslItemReader, format.csv_delimiter), .words = "COMMA, PIPE, SEMICOLON, SPACE, TAB"},
	{"CSVHeaderLocation", read_header_location, 0, offsetof(AslItemReader, format.csv_given), .words = "FIRST_ROW, GIVEN"},
	{"CSVHeaders", read_headers, 0, offsetof(AslItemReader, format)},
	{"ItemsPointer", asl_read_string, 0, offsetof(AslItemReader, format.items_pointer)},
	{"MaxItems", asl_read_int_operand, 0, offsetof(AslItemReader, max_items), 0, PG_INT32_MAX},
	{"MaxItemsPath", asl_read_path_operand, ASL_JSONPATH_ONLY, offsetof(AslItemReader, max_items)},
};

static const AslGroup reader_config_groups[] = {{false, {"MaxItems", "MaxItemsPath"}}};
/* clang-format on */

static const AslShape reader_config_shape =
	ASL_SHAPE(reader_config_fields, reader_config_groups);

/* clang-format off */
static const AslField item_reader_fields[] = {
	{"Resource", read_integration, ASL_REQUIRED, offsetof(AslItemReader, source), .words = "s3:getObject, s3:listObjectsV2, sql:execute"},
	{"Parameters", asl_read_object_template, ASL_JSONPATH_ONLY, offsetof(AslItemReader, arguments)},
	{"Arguments", asl_read_object_template, ASL_JSONATA_ONLY, offsetof(AslItemReader, arguments)},
	{"ReaderConfig", read_reader_config},
};
/* clang-format on */

static const AslShape item_reader_shape = ASL_PLAIN_SHAPE(item_reader_fields);

void
asl_read_item_reader(AslReader *reader, const AslNode *node, const AslField *field,
					 void *target)
{
	AslItemReader *item_reader = palloc0_object(AslItemReader);

	item_reader->format.csv_delimiter = ',';
	if (!asl_read_object(reader, node, &item_reader_shape, item_reader))
		return;
	if (item_reader->source == ASL_ITEMS_SQL)
	{
		check_statement(reader, node);
		check_rows(reader, node);
	}
	*(const AslItemReader **) target = item_reader;
}

/* target is the AslItemReader */
static void
read_reader_config(AslReader *reader, const AslNode *node, const AslField *field,
				   void *target)
{
	AslItemReader *item_reader = target;

	if (asl_read_object(reader, node, &reader_config_shape, target))
		check_csv(reader, node, item_reader->format.input_type);
}

static void
check_csv(AslReader *reader, const AslNode *node, AslInputType type)
{
	bool has_location = asl_node_has(node, "CSVHeaderLocation");
	AslNode location;

	if (type == ASL_INPUT_CSV && !has_location)
		asl_refuse(reader, node, "The field 'CSVHeaderLocation' is required");
	if (type == ASL_INPUT_JSON && has_location)
		asl_refuse(reader, node, "Field 'CSVHeaderLocation' is not supported");
	if (asl_node_member(node, "CSVHeaderLocation", &location) &&
		value_string_is(location.value, "GIVEN") && !asl_node_has(node, "CSVHeaders"))
		asl_refuse(reader, node, "These fields are required: [CSVHeaders]");
}

static void
read_flatten(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	const char *word = NULL;

	asl_read_words(reader, node, field, &word);
	*(bool *) target = word != NULL && strcmp(word, "LOAD_AND_FLATTEN") == 0;
}

static void
read_delimiter(AslReader *reader, const AslNode *node, const AslField *field,
			   void *target)
{
	static const char delimiters[] = ",|; \t"; /* in the order of the words */
	int index = 0;

	read_word(reader, node, field, &index);
	if (index > 0)
		*(char *) target = delimiters[index - 1];
}

static void
read_header_location(AslReader *reader, const AslNode *node, const AslField *field,
					 void *target)
{
	const char *word = NULL;

	asl_read_words(reader, node, field, &word);
	*(bool *) target = word != NULL && strcmp(word, "GIVEN") == 0;
}

/* target is an AslItemFormat */
static void
read_headers(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	AslItemFormat *format = target;

	if (!asl_expect_array(reader, node))
		return;
	format->csv_headers = palloc_array(const char *, asl_node_count(node));
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		if (asl_expect_string(reader, &item))
			format->csv_headers[format->ncsv_headers++] = asl_node_text(&item);
	}
}

/* ---- ItemBatcher ---- */

/* clang-format off */
static const AslField item_batcher_fields[] = {
	{"MaxItemsPerBatch", asl_read_int_operand, 0, offsetof(AslItemBatcher, max_items), 1, PG_INT32_MAX},
	{"MaxItemsPerBatchPath", asl_read_path_operand, ASL_JSONPATH_ONLY, offsetof(AslItemBatcher, max_items)},
	{"MaxInputBytesPerBatch", asl_read_int_operand, 0, offsetof(AslItemBatcher, max_bytes), 1, ASL_MAX_BATCH_BYTES},
	{"MaxInputBytesPerBatchPath", asl_read_path_operand, ASL_JSONPATH_ONLY, offsetof(AslItemBatcher, max_bytes)},
	{"BatchInput", asl_read_object_template, 0, offsetof(AslItemBatcher, batch_input)},
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
	AslItemBatcher *batcher = palloc0_object(AslItemBatcher);

	if (!asl_read_object(reader, node, &item_batcher_shape, batcher))
		return;
	if (!asl_node_has(node, "MaxItemsPerBatch") &&
		!asl_node_has(node, "MaxItemsPerBatchPath") &&
		!asl_node_has(node, "MaxInputBytesPerBatch") &&
		!asl_node_has(node, "MaxInputBytesPerBatchPath"))
		asl_refuse(
			reader,
			node,
			"This object should have at least one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]");
	*(const AslItemBatcher **) target = batcher;
}

/* ---- ResultWriter ---- */

/* clang-format off */
static const AslField writer_config_fields[] = {
	{"Transformation", read_word, 0, offsetof(AslResultWriter, transformation), .words = "NONE, COMPACT, FLATTEN"},
	{"OutputType", read_jsonl, 0, offsetof(AslResultWriter, jsonl), .words = "JSON, JSONL"},
};
/* clang-format on */

static const AslShape writer_config_shape = ASL_PLAIN_SHAPE(writer_config_fields);

/* clang-format off */
static const AslField result_writer_fields[] = {
	{"Resource", read_integration, 0, offsetof(AslResultWriter, target), .words = "s3:putObject, sql:execute"},
	{"Parameters", asl_read_object_template, ASL_JSONPATH_ONLY, offsetof(AslResultWriter, arguments)},
	{"Arguments", asl_read_object_template, ASL_JSONATA_ONLY, offsetof(AslResultWriter, arguments)},
	{"WriterConfig", read_writer_config},
};
/* clang-format on */

static const AslShape result_writer_shape = ASL_PLAIN_SHAPE(result_writer_fields);

void
asl_read_result_writer(AslReader *reader, const AslNode *node, const AslField *field,
					   void *target)
{
	AslResultWriter *writer = palloc0_object(AslResultWriter);

	if (!asl_read_object(reader, node, &result_writer_shape, writer))
		return;
	if (writer->target == ASL_RESULTS_SQL)
		check_statement(reader, node);
	if (writer->transformation == 0)
		writer->transformation = writer->target == ASL_RESULTS_STATE
									 ? ASL_TRANSFORM_COMPACT
									 : ASL_TRANSFORM_NONE;
	*(const AslResultWriter **) target = writer;
}

/* target is the AslResultWriter */
static void
read_writer_config(AslReader *reader, const AslNode *node, const AslField *field,
				   void *target)
{
	(void) asl_read_object(reader, node, &writer_config_shape, target);
}

static void
read_jsonl(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	const char *word = NULL;

	asl_read_words(reader, node, field, &word);
	*(bool *) target = word != NULL && strcmp(word, "JSONL") == 0;
}

/* ---- sql:execute ---- */

/* A statement is there, as far as can be told before it is evaluated */
static void
check_statement(AslReader *reader, const AslNode *node)
{
	const char *field = reader->language == ASL_JSONATA ? "Arguments" : "Parameters";
	AslNode arguments;

	if (!asl_node_member(node, field, &arguments))
		asl_refuse(reader, node, "These fields are required: [%s]", field);
	else if (cJSON_IsObject(arguments.json) && !asl_node_has(&arguments, "Statement") &&
			 !(reader->language == ASL_JSONPATH &&
			   asl_node_has(&arguments, "Statement.$")))
		asl_refuse(reader, &arguments, "These fields are required: [Statement]");
}

/* Rows have no format: of ReaderConfig there is MaxItems only */
static void
check_rows(AslReader *reader, const AslNode *node)
{
	AslNode config;

	if (!asl_node_member(node, "ReaderConfig", &config) || !cJSON_IsObject(config.json))
		return;
	for (AslNode member = asl_node_first(&config); member.json;
		 member = asl_node_next(&member))
	{
		if (!asl_has_word("MaxItems, MaxItemsPath", member.key))
			asl_refuse(reader,
					   &config,
					   "Field '%s' is not supported with the Resource 'sql:execute'",
					   member.key);
	}
}
