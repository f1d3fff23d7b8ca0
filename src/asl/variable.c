/*-------------------------------------------------------------------------
 *
 * variable.c
 *	  What variables may be called.
 *
 * Must not know what is assigned to them, nor where they are seen.
 *
 * IDENTIFICATION
 *	  src/asl/variable.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"
#include "jsonata/regex.h"
#include "util/utf8.h"

#define MAX_NAME_LENGTH 80

static bool is_variable_name(AslReader *reader, const char *name);
static bool is_identifier(AslReader *reader, const char *name);

/* A member of Assign: may it be called so?  It is noted for the scope either way. */
void
asl_check_variable_name(AslReader *reader, const AslNode *member)
{
	char *name = pstrdup(member->key);
	int len = (int) strlen(name);
	AslAssigned *assigned;
	MemoryContext old;

	if (reader->language == ASL_JSONPATH && len > 2 && strcmp(name + len - 2, ".$") == 0)
		name[len -= 2] = '\0';
	if (strcmp(name, "states") == 0)
		asl_diagnose(reader,
					 ASL_ERROR,
					 ASL_CODE_RESERVED_VARIABLE,
					 member->parent,
					 "Cannot assign to reserved variable '$states'.");
	else if (!is_variable_name(reader, name))
		asl_diagnose(
			reader,
			ASL_ERROR,
			ASL_CODE_VARIABLE_NAME,
			member->parent,
			"Invalid variable name '%s': the variable name contains invalid characters.",
			name);
	else if (utf8_length(name, len) > MAX_NAME_LENGTH)
		asl_diagnose(
			reader,
			ASL_ERROR,
			ASL_CODE_VARIABLE_NAME,
			member->parent,
			"Invalid variable name '%s': the variable name exceeds the %d-character limit allowed by the service.",
			name,
			MAX_NAME_LENGTH);
	asl_add_assigned(reader, name);
	if (reader->scope == NULL)
		return;
	old = MemoryContextSwitchTo(reader->scratch);
	assigned = palloc_object(AslAssigned);
	assigned->name = pstrdup(name);
	assigned->location = asl_node_location(member->parent);
	reader->scope->assigned = lappend(reader->scope->assigned, assigned);
	MemoryContextSwitchTo(old);
}

/* Letters and digits of any script, not beginning with a digit: Unicode's identifiers */
static bool
is_variable_name(AslReader *reader, const char *name)
{
	bool ascii = true;

	if (*name == '\0' || (*name >= '0' && *name <= '9'))
		return false;
	for (const char *p = name; *p != '\0'; p++)
	{
		if (IS_HIGHBIT_SET(*p))
			ascii = false;
		else if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
				   (*p >= '0' && *p <= '9') || *p == '_'))
			return false;
	}
	return ascii || is_identifier(reader, name);
}

/* ID_Start, then ID_Continue; the properties that make them, and their few exceptions */
static bool
is_identifier(AslReader *reader, const char *name)
{
	static const char start[] = "\\p{L}\\p{Nl}\xE2\x84\x98\xE2\x84\xAE";
	static const char more[] = "\\p{Mn}\\p{Mc}\\p{Nd}\\p{Pc}\xC2\xB7\xCE\x87";
	char *pattern = psprintf("^[%s_][%s%s]*$", start, start, more);
	MemoryContext old = MemoryContextSwitchTo(reader->scratch);
	char *message = NULL;
	JsonataRegex *regex =
		jsonata_regex_compile(pattern, (int) strlen(pattern), false, false, &message);
	JsonataRegexMatch match;

	MemoryContextSwitchTo(old);
	if (regex == NULL)
		elog(ERROR, "could not compile regular expression: %s", message);
	return jsonata_regex_match(regex, name, (int) strlen(name), 0, &match) == REGEX_MATCH;
}
