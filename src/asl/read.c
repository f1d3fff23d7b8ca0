/*-------------------------------------------------------------------------
 *
 * read.c
 *	  The generic reader: diagnostics, objects described by tables.
 *
 * The texts are AWS's own.  Of an object its lacking, unknown and conflicting
 * fields are reported first, at the object, then what is wrong with the value
 * of each field, at the field, in the order of the table.  A field of the other
 * query language is reported with the former, but at the field.
 *
 * IDENTIFICATION
 *	  src/asl/read.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "asl/read.h"

static void add_diagnostic(AslReader *reader, AslSeverity severity, const char *code,
						   const char *location, const char *fmt, va_list args)
	pg_attribute_printf(5, 0);
static char *format_text(const char *fmt, va_list args) pg_attribute_printf(1, 0);
static bool expect_type(AslReader *reader, const AslNode *node, bool is_it,
						const char *type);
static void check_required(AslReader *reader, const AslNode *node, const AslShape *shape);
static void check_known(AslReader *reader, const AslNode *node, const AslShape *shape);
static void check_group(AslReader *reader, const AslNode *node, const AslGroup *group);
static void check_language(AslReader *reader, const AslNode *node, const AslShape *shape);
static bool is_readable(const AslReader *reader, const AslField *field);
static const char *group_names(const AslGroup *group);
static bool check_bounds(AslReader *reader, const AslNode *node, const AslField *field,
						 double number);
static char *one_of_words(AslReader *reader, const AslNode *node, const AslField *field);

/* Diagnostics */

void
asl_diagnose(AslReader *reader, AslSeverity severity, const char *code,
			 const AslNode *node, const char *fmt, ...)
{
	MemoryContext old = MemoryContextSwitchTo(reader->caller);
	const char *location = asl_node_location(node);
	va_list args;

	MemoryContextSwitchTo(old);
	va_start(args, fmt);
	add_diagnostic(reader, severity, code, location, fmt, args);
	va_end(args);
}

/* location may be NULL: it concerns no place of its own */
void
asl_diagnose_at(AslReader *reader, AslSeverity severity, const char *code,
				const char *location, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_diagnostic(reader,
				   severity,
				   code,
				   location ? MemoryContextStrdup(reader->caller, location) : NULL,
				   fmt,
				   args);
	va_end(args);
}

static void
add_diagnostic(AslReader *reader, AslSeverity severity, const char *code,
			   const char *location, const char *fmt, va_list args)
{
	AslDiagnostics *list = reader->diagnostics;
	MemoryContext old = MemoryContextSwitchTo(reader->caller);
	AslDiagnostic *diagnostic;

	if (list->count == list->capacity)
	{
		list->capacity = Max(8, list->capacity * 2);
		if (list->items == NULL)
			list->items = palloc_array(AslDiagnostic, list->capacity);
		else
			list->items = repalloc_array(list->items, AslDiagnostic, list->capacity);
	}
	diagnostic = &list->items[list->count++];
	diagnostic->severity = severity;
	diagnostic->code = code;
	diagnostic->location = location;
	diagnostic->message = format_text(fmt, args);
	if (severity == ASL_ERROR)
		list->nerrors++;
	MemoryContextSwitchTo(old);
}

static char *
format_text(const char *fmt, va_list args)
{
	StringInfoData out;
	int needed;

	initStringInfo(&out);
	for (;;)
	{
		va_list again;

		va_copy(again, args);
		needed = appendStringInfoVA(&out, fmt, again);
		va_end(again);
		if (needed == 0)
			return out.data;
		enlargeStringInfo(&out, needed);
	}
}

/* Types */

bool
asl_expect_object(AslReader *reader, const AslNode *node)
{
	return expect_type(reader, node, cJSON_IsObject(node->json), "OBJECT");
}

bool
asl_expect_array(AslReader *reader, const AslNode *node)
{
	if (!expect_type(reader, node, cJSON_IsArray(node->json), "ARRAY"))
		return false;
	if (node->json->child != NULL)
		return true;
	asl_refuse(reader, node, "Value cannot be empty");
	return false;
}

bool
asl_expect_string(AslReader *reader, const AslNode *node)
{
	return expect_type(reader, node, cJSON_IsString(node->json), "STRING");
}

static bool
expect_type(AslReader *reader, const AslNode *node, bool is_it, const char *type)
{
	if (!is_it)
		asl_refuse(reader, node, "Expected value of type [%s]", type);
	return is_it;
}

/* An array that may be empty */
bool
asl_expect_list(AslReader *reader, const AslNode *node)
{
	return expect_type(reader, node, cJSON_IsArray(node->json), "ARRAY");
}

bool
asl_expect_number(AslReader *reader, const AslNode *node)
{
	return expect_type(reader, node, cJSON_IsNumber(node->json), "NUMBER");
}

/* Objects */

/*
 * Read an object field by field.  The fields that are there and are allowed are
 * read even where others are wrong; false where node is no object.
 */
bool
asl_read_object(AslReader *reader, const AslNode *node, const AslShape *shape,
				void *target)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (!asl_expect_object(reader, node))
		return false;
	check_required(reader, node, shape);
	check_known(reader, node, shape);
	for (int i = 0; i < shape->ngroups; i++)
		check_group(reader, node, &shape->groups[i]);
	if (!reader->mixed)
		check_language(reader, node, shape);
	for (int i = 0; i < shape->nfields; i++)
	{
		const AslField *field = &shape->fields[i];
		AslNode member;

		if (field->read != NULL && is_readable(reader, field) &&
			asl_node_member(node, field->name, &member))
			field->read(reader, &member, field, (char *) target + field->offset);
	}
	return true;
}

static void
check_required(AslReader *reader, const AslNode *node, const AslShape *shape)
{
	StringInfoData missing;

	initStringInfo(&missing);
	for (int i = 0; i < shape->nfields; i++)
	{
		const AslField *field = &shape->fields[i];

		if ((field->flags & ASL_REQUIRED) && is_readable(reader, field) &&
			!asl_node_has(node, field->name))
			appendStringInfo(&missing, "%s%s", missing.len > 0 ? ", " : "", field->name);
	}
	if (missing.len > 0)
		asl_refuse(reader, node, "These fields are required: [%s]", missing.data);
	pfree(missing.data);
}

static void
check_known(AslReader *reader, const AslNode *node, const AslShape *shape)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, node->json)
	{
		bool known = false;

		for (int i = 0; i < shape->nfields && !known; i++)
			known = strcmp(shape->fields[i].name, member->string) == 0;
		if (!known)
			asl_refuse(reader, node, "Field '%s' is not supported", member->string);
	}
}

/* A false member (End) says as little as an absent one */
static void
check_group(AslReader *reader, const AslNode *node, const AslGroup *group)
{
	int present = 0;

	for (int i = 0; i < ASL_GROUP_SIZE && group->names[i] != NULL; i++)
	{
		const cJSON *member =
			cJSON_GetObjectItemCaseSensitive(node->json, group->names[i]);

		present += member != NULL && !cJSON_IsFalse(member);
	}
	if (present > 1)
		asl_refuse(reader,
				   node,
				   "There should only be one of the following fields: [%s]",
				   group_names(group));
	else if (present == 0 && group->required)
		asl_refuse(reader,
				   node,
				   "This object should have only one of the following fields: [%s]",
				   group_names(group));
}

static const char *
group_names(const AslGroup *group)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < ASL_GROUP_SIZE && group->names[i] != NULL; i++)
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "", group->names[i]);
	return out.data;
}

static void
check_language(AslReader *reader, const AslNode *node, const AslShape *shape)
{
	bool jsonata = reader->language == ASL_JSONATA;

	for (int i = 0; i < shape->nfields; i++)
	{
		const AslField *field = &shape->fields[i];
		AslNode member;

		if (!is_readable(reader, field) && asl_node_member(node, field->name, &member))
			asl_refuse(
				reader,
				&member,
				"The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage",
				jsonata ? "JSONata" : "JSONPath",
				field->name,
				jsonata ? "JSONPath" : "JSONata");
	}
}

/* Is the field one of the language in force? */
static bool
is_readable(const AslReader *reader, const AslField *field)
{
	int other = reader->language == ASL_JSONATA ? ASL_JSONPATH_ONLY : ASL_JSONATA_ONLY;

	return (field->flags & other) == 0;
}

/* Fields */

void
asl_read_comment(AslReader *reader, const AslNode *node, const AslField *field,
				 void *target)
{
	(void) asl_expect_string(reader, node);
}

void
asl_read_string(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	if (asl_expect_string(reader, node))
		*(const char **) target = asl_node_text(node);
}

void
asl_read_bool(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	if (expect_type(reader, node, cJSON_IsBool(node->json), "BOOLEAN"))
		*(bool *) target = cJSON_IsTrue(node->json);
}

void
asl_read_int(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	int64 number;

	if (!expect_type(reader,
					 node,
					 cJSON_IsNumber(node->json) && value_to_int64(node->value, &number),
					 "INTEGER"))
		return;
	if (check_bounds(reader, node, field, (double) number))
		*(int *) target = (int) number;
}

void
asl_read_double(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	double number;

	if (!asl_expect_number(reader, node))
		return;
	number = value_to_double(node->value);
	if (check_bounds(reader, node, field, number))
		*(double *) target = number;
}

/* One of field->words */
void
asl_read_words(AslReader *reader, const AslNode *node, const AslField *field,
			   void *target)
{
	char *text = one_of_words(reader, node, field);

	if (text != NULL)
		*(const char **) target = text;
}

/* A word that is looked at elsewhere: here it only has to be one of them */
void
asl_check_words(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	(void) one_of_words(reader, node, field);
}

static char *
one_of_words(AslReader *reader, const AslNode *node, const AslField *field)
{
	char *text;

	if (!asl_expect_string(reader, node))
		return NULL;
	text = asl_node_text(node);
	if (asl_has_word(field->words, text))
		return text;
	asl_refuse(reader, node, "Value should be one of the following: [%s]", field->words);
	return NULL;
}

/* Is it one of the words, which blanks or commas part? */
bool
asl_has_word(const char *words, const char *word)
{
	int len = (int) strlen(word);

	while (*words != '\0')
	{
		int this = (int) strcspn(words, ", ");

		if (this == len && memcmp(words, word, len) == 0)
			return true;
		words += this;
		words += strspn(words, ", ");
	}
	return false;
}

static bool
check_bounds(AslReader *reader, const AslNode *node, const AslField *field, double number)
{
	if (field->min == 0 && field->max == 0)
		return true;
	if (number < field->min)
	{
		asl_refuse(reader, node, "Minimum value is %g", field->min);
		return false;
	}
	if (number > field->max)
	{
		asl_refuse(reader, node, "Maximum value is %.0f", field->max);
		return false;
	}
	return true;
}
