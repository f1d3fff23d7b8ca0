/*-------------------------------------------------------------------------
 *
 * check.c
 *	  Requests against their tables of members: what the service checks before
 *	  it looks at anything.
 *
 * First the shape of ARNs (InvalidArn), then all other constraints, which are
 * told of together in one ValidationException, with AWS's own texts.  Quotas
 * that are AWS's own, and not the language's, count with workflow.aws_limits
 * only; without it payloads have workflow.max_payload_size.
 *
 * IDENTIFICATION
 *	  src/api/check.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "api/api.h"
#include "guc.h"
#include "util/utf8.h"

/* Bytes that the service allows for inputs and outputs */
#define AWS_MAX_PAYLOAD (256 * 1024)

typedef struct Violations
{
	int count;
	StringInfoData text;
} Violations;

static void check_arn(const ApiCall *call, const ApiMember *member);
static void check_members(const ApiCall *call, const ApiMember *members, Value object,
						  const char *path, Violations *violations);
static void check_member(const ApiCall *call, const ApiMember *member, Value value,
						 const char *path, Violations *violations);
static bool has_type(const ApiCall *call, const ApiMember *member, Value value);
static void check_string(const ApiMember *member, Value value, const char *path,
						 Violations *violations);
static void check_bytes(const ApiMember *member, Value value, const char *path,
						Violations *violations);
static void check_number(const ApiMember *member, Value value, const char *path,
						 Violations *violations);
static void check_items(const ApiCall *call, const ApiMember *member, Value value,
						const char *path, Violations *violations);
static void check_length(const ApiMember *member, int64 length, Value value,
						 const char *path, Violations *violations);
static bool is_one_of(Value value, const char *values);
static bool has_pattern(Value value, const char *pattern);
static void violation(Violations *violations, const ApiMember *member, Value value,
					  const char *path, const char *fmt, ...) pg_attribute_printf(5, 6);
static void append_value(StringInfo out, const ApiMember *member, Value value);
static bool is_forbidden_in_names(uint32 c);

void
api_check(ApiCall *call)
{
	Violations violations = {0};

	for (const ApiMember *member = call->action->members; member->name != NULL; member++)
		if (member->kind == API_ARN)
			check_arn(call, member);

	initStringInfo(&violations.text);
	check_members(call, call->action->members, call->request, "", &violations);
	if (violations.count > 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("%d validation error%s detected: %s",
					   violations.count,
					   violations.count == 1 ? "" : "s",
					   violations.text.data));
}

static void
check_arn(const ApiCall *call, const ApiMember *member)
{
	StoreArn arn;
	const char *text;

	if (value_type(api_get(call, member->name)) != TYPE_STRING)
		return;
	text = api_get_arn_text(call, member->name);
	if (!store_parse_arn(text, &arn) && arn.type == NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_ARN),
				errmsg("Invalid Arn: 'Invalid ARN prefix: %s'", text));
	if ((arn.kind & member->arns) == 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_ARN),
				errmsg("Invalid Arn: 'Resource type not valid in this context: %s'",
					   arn.type));
}

static void
check_members(const ApiCall *call, const ApiMember *members, Value object,
			  const char *path, Violations *violations)
{
	check_stack_depth();
	for (const ApiMember *member = members; member->name != NULL; member++)
	{
		Value value = value_object_get_cstring(object, member->name);

		check_member(call,
					 member,
					 value,
					 psprintf("%s%s", path, member->name),
					 violations);
	}
}

static void
check_member(const ApiCall *call, const ApiMember *member, Value value, const char *path,
			 Violations *violations)
{
	/* a typed function has an argument "role" for it */
	bool required = member->required && !(call->typed && (member->arns & STORE_ARN_ROLE));

	/* null is a document */
	if (value_type(value) == TYPE_NULL && member->kind == API_JSON && call->typed)
		return;
	if (value_is_undefined(value) || value_type(value) == TYPE_NULL)
	{
		if (required)
			violation(violations, member, value_null(), path, "Member must not be null");
		return;
	}
	if (!has_type(call, member, value))
	{
		violation(violations, member, value, path, "Member must have another type");
		return;
	}
	switch (member->kind)
	{
		case API_STRING:
		case API_ARN:
			check_string(member, value, path, violations);
			break;
		case API_BYTES:
			check_bytes(member, value, path, violations);
			break;
		case API_JSON:
			if (!call->typed)
				check_bytes(member, value, path, violations);
			break;
		case API_INTEGER:
		case API_NUMBER:
			check_number(member, value, path, violations);
			break;
		case API_BOOLEAN:
			break;
		case API_OBJECT:
			check_members(call,
						  member->members,
						  value,
						  psprintf("%s.", path),
						  violations);
			break;
		case API_LIST:
			check_items(call, member, value, path, violations);
			break;
	}
}

static bool
has_type(const ApiCall *call, const ApiMember *member, Value value)
{
	ValueType type = value_type(value);
	int64 integer;

	switch (member->kind)
	{
		case API_STRING:
		case API_BYTES:
		case API_ARN:
			return type == TYPE_STRING;
		case API_JSON:
			return call->typed || type == TYPE_STRING;
		case API_INTEGER:
			return type == TYPE_NUMBER && value_to_int64(value, &integer);
		case API_NUMBER:
			return type == TYPE_NUMBER;
		case API_BOOLEAN:
			return type == TYPE_BOOL;
		case API_OBJECT:
			return type == TYPE_OBJECT;
		case API_LIST:
			return type == TYPE_ARRAY;
	}
	return false;
}

static void
check_string(const ApiMember *member, Value value, const char *path,
			 Violations *violations)
{
	check_length(member, utf8_length(value.u.string, value.len), value, path, violations);
	if (member->values != NULL && !is_one_of(value, member->values))
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must satisfy enum value set: [%s]",
				  member->values);
	if (member->pattern != NULL && !has_pattern(value, member->pattern))
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must satisfy regular expression pattern: %s",
				  member->pattern);
}

static void
check_bytes(const ApiMember *member, Value value, const char *path,
			Violations *violations)
{
	int64 max = member->kind == API_JSON ? api_max_payload() : member->max;

	if (member->min > 0 && value.len < member->min)
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must have length greater than or equal to " INT64_FORMAT,
				  member->min);
	if ((member->kind == API_JSON || !member->quota || wf_guc_aws_limits) && max > 0 &&
		value.len > max)
		violation(violations,
				  member,
				  value_undefined(),
				  path,
				  "Member must have size less than or equal to " INT64_FORMAT
				  " bytes in UTF-8 encoding",
				  max);
}

static void
check_number(const ApiMember *member, Value value, const char *path,
			 Violations *violations)
{
	double number = value_to_double(value);

	if (number < member->min)
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must have value greater than or equal to " INT64_FORMAT,
				  member->min);
	if (member->max != 0 && number > member->max)
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must have value less than or equal to " INT64_FORMAT,
				  member->max);
}

/*
 * Items are numbered from 1: routingConfiguration.1.member.weight
 */
static void
check_items(const ApiCall *call, const ApiMember *member, Value value, const char *path,
			Violations *violations)
{
	int count = value_array_length(value);

	check_length(member, count, value, path, violations);
	for (int i = 0; i < count; i++)
		check_member(call,
					 member->items,
					 value_array_get(value, i),
					 psprintf("%s.%d.member", path, i + 1),
					 violations);
}

static void
check_length(const ApiMember *member, int64 length, Value value, const char *path,
			 Violations *violations)
{
	if (length < member->min)
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must have length greater than or equal to " INT64_FORMAT,
				  member->min);
	if (member->max != 0 && length > member->max && (!member->quota || wf_guc_aws_limits))
		violation(violations,
				  member,
				  value,
				  path,
				  "Member must have length less than or equal to " INT64_FORMAT,
				  member->max);
}

static bool
is_one_of(Value value, const char *values)
{
	while (*values != '\0')
	{
		size_t length = strcspn(values, ",");

		if (length == value.len && memcmp(values, value.u.string, length) == 0)
			return true;
		values += length;
		values += strspn(values, ", ");
	}
	return false;
}

static bool
has_pattern(Value value, const char *pattern)
{
	bool letter = false;

	for (int i = 0; i < value.len; i++)
	{
		unsigned char c = (unsigned char) value.u.string[i];

		if (strcmp(pattern, API_PATTERN_ASCII) == 0 ? c >= 0x80
			: strcmp(pattern, API_PATTERN_VISIBLE) == 0
				? c < '!' || c > '~'
				: strchr(
					  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.",
					  c) == NULL)
			return false;
		if (c < '0' || c > '9')
			letter = true;
	}
	return strcmp(pattern, API_PATTERN_ALIAS) != 0 || letter;
}

/*
 * Tell of one; an undefined value is one that is not echoed.
 */
static void
violation(Violations *violations, const ApiMember *member, Value value, const char *path,
		  const char *fmt, ...)
{
	StringInfo out = &violations->text;
	va_list args;
	char constraint[256];

	if (violations->count++ > 0)
		appendStringInfoString(out, "; ");
	appendStringInfoString(out, "Value ");
	if (value_type(value) == TYPE_NULL)
		appendStringInfoString(out, "null ");
	else if (!value_is_undefined(value))
	{
		appendStringInfoChar(out, '\'');
		append_value(out, member, value);
		appendStringInfoString(out, "' ");
	}
	va_start(args, fmt);
	vsnprintf(constraint, sizeof(constraint), fmt, args);
	va_end(args);
	appendStringInfo(out, "at '%s' failed to satisfy constraint: %s", path, constraint);
}

/*
 * As the service prints it: [Type(member=value, member=value), ...]
 */
static void
append_value(StringInfo out, const ApiMember *member, Value value)
{
	const char *separator = "";

	check_stack_depth();
	if (value_type(value) == TYPE_STRING)
		appendBinaryStringInfo(out, value.u.string, value.len);
	else if (value_type(value) == TYPE_ARRAY && member != NULL &&
			 member->kind == API_LIST)
	{
		appendStringInfoChar(out, '[');
		for (int i = 0; i < value_array_length(value); i++)
		{
			appendStringInfoString(out, separator);
			append_value(out, member->items, value_array_get(value, i));
			separator = ", ";
		}
		appendStringInfoChar(out, ']');
	}
	else if (value_type(value) == TYPE_OBJECT && member != NULL &&
			 member->kind == API_OBJECT)
	{
		appendStringInfo(out, "%s(", member->type);
		for (const ApiMember *part = member->members; part->name != NULL; part++)
		{
			Value item = value_object_get_cstring(value, part->name);

			if (value_is_undefined(item))
				continue;
			appendStringInfo(out, "%s%s=", separator, part->name);
			append_value(out, part, item);
			separator = ", ";
		}
		appendStringInfoChar(out, ')');
	}
	else
		value_append_text(out, value);
}

int64
api_max_payload(void)
{
	return wf_guc_aws_limits ? Min(wf_guc_max_payload_size, AWS_MAX_PAYLOAD)
							 : wf_guc_max_payload_size;
}

void
api_check_payload(const char *member, int64 bytes)
{
	if (bytes > api_max_payload())
		ereport(
			ERROR,
			errcode(ERRCODE_WF_VALIDATION),
			errmsg(
				"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must "
				"have size less than or equal to " INT64_FORMAT
				" bytes in UTF-8 encoding",
				member,
				api_max_payload()));
}

void
api_check_name(const char *name)
{
	const char *p = name;
	const char *end = name + strlen(name);

	while (p < end)
		if (is_forbidden_in_names(utf8_decode(&p, end)))
			ereport(ERROR,
					errcode(ERRCODE_WF_INVALID_NAME),
					errmsg("Invalid Name: '%s'", name));
}

static bool
is_forbidden_in_names(uint32 c)
{
	if (c < 0x80)
		return c <= 0x20 || c == 0x7F ||
			   strchr("<>{}[]?*\"#%\\^|~`$&,;:/", (int) c) != NULL;
	/* controls, white space, what is no character */
	return c <= 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
		   c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 ||
		   (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF;
}
