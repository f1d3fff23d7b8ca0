/*-------------------------------------------------------------------------
 *
 * map.c
 *	  The item processor of a Map state, and its Label.
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

static void read_config(AslReader *reader, const AslNode *node, AslMap *map);
static void check_config(AslReader *reader, const AslNode *node, const char *mode,
						 const char *type);
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
	AslMachineType outer = reader->type;
	AslNode config;

	if (!asl_expect_object(reader, node))
		return;
	if (asl_node_member(node, "ProcessorConfig", &config))
		read_config(reader, &config, map);
	map->processor = scope;
	if (map->distributed)
		reader->type = map->execution_type;
	asl_read_scope(reader, node, &processor_shape, scope, !map->distributed);
	reader->type = outer;
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
	if (distributed && reader->type == ASL_EXPRESS &&
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
