/*-------------------------------------------------------------------------
 *
 * resource.c
 *	  What a Task's Resource names.
 *
 * A resource that AWS does not know is refused, one that only we do not have is
 * accepted with a warning: the definition stays the same wherever it runs.
 * Whether a function or activity exists is not asked here.
 *
 * IDENTIFICATION
 *	  src/asl/resource.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"

#define RR (1 << ASL_REQUEST_RESPONSE)
#define SYNC (1 << ASL_SYNC)
#define SYNC2 (1 << ASL_SYNC2)
#define TOKEN (1 << ASL_WAIT_FOR_TASK_TOKEN)

/* An optimised integration: its actions (NULL: any), its patterns, do we have it? */
typedef struct Integration
{
	const char *service;
	const char *actions;
	int patterns;
	bool available;
} Integration;

static const Integration integrations[] = {
	{"apigateway", "invoke", RR | TOKEN},
	{"athena", NULL, RR | SYNC},
	{"batch", "submitJob", RR | SYNC},
	{"bedrock", NULL, RR | SYNC | TOKEN},
	{"bedrock-agentcore", NULL, RR},
	{"codebuild", NULL, RR | SYNC},
	{"databrew", "startJobRun", RR | SYNC},
	{"dynamodb", "getItem putItem deleteItem updateItem", RR},
	{"ecs", "runTask", RR | SYNC | TOKEN},
	{"eks", NULL, RR | SYNC | TOKEN},
	{"elasticmapreduce", NULL, RR | SYNC},
	{"emr-containers", NULL, RR | SYNC},
	{"emr-serverless", NULL, RR | SYNC},
	{"events", "putEvents", RR | TOKEN},
	{"glue", NULL, RR | SYNC},
	{"http", "invoke", RR},
	{"lambda", "invoke", RR | TOKEN, true},
	{"lambda", NULL, RR | TOKEN},
	{"mediaconvert", NULL, RR | SYNC},
	{"sagemaker", NULL, RR | SYNC},
	{"sns", "publish", RR | TOKEN},
	{"sql", "execute", RR | TOKEN, true},
	{"sqs", "sendMessage", RR | TOKEN},
	{"states", "startExecution", RR | SYNC | SYNC2 | TOKEN, true},
	/* the SDK integrations: any service, any action */
	{"aws-sdk:sfn", NULL, RR | TOKEN, true},
	{"aws-sdk:", NULL, RR | TOKEN},
};

/* Suffixes of an action, the longer one before what it begins with */
static const struct
{
	const char *suffix;
	AslPattern pattern;
} patterns[] = {
	{".waitForTaskToken", ASL_WAIT_FOR_TASK_TOKEN},
	{".sync:2", ASL_SYNC2},
	{".sync", ASL_SYNC},
};

static bool parse_resource(const char *text, AslResource *resource,
						   const Integration **integration);
static bool parse_sql(const char *text, AslResource *resource);
static bool parse_service(const char *text, AslResource *resource,
						  const Integration **integration);
static char *cut_pattern(const char *action, AslPattern *pattern);
static const Integration *find_integration(const AslResource *resource);
static const char *skip_identifier(const char *p);
static void check_express(AslReader *reader, const AslNode *node,
						  const AslResource *resource);

void
asl_read_resource(AslReader *reader, const AslNode *node, const AslField *field,
				  void *target)
{
	AslResource *resource = target;
	const Integration *integration = NULL;
	char *text;

	if (!asl_expect_string(reader, node))
		return;
	text = asl_node_text(node);
	resource->text = text;
	if (!parse_resource(text, resource, &integration))
	{
		if (strncmp(text, "arn:", 4) == 0)
			asl_refuse(
				reader,
				node,
				"The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
				text);
		else
			asl_refuse(reader, node, "Value is not a valid resource ARN");
		return;
	}
	if (integration != NULL && !integration->available)
		asl_diagnose(
			reader,
			ASL_WARNING,
			ASL_CODE_INTEGRATION,
			node,
			"The integration '%s:%s' is not available here: the state will fail.",
			resource->service,
			resource->action);
	if (reader->type == ASL_EXPRESS)
		check_express(reader, node, resource);
}

static bool
parse_resource(const char *text, AslResource *resource, const Integration **integration)
{
	List *parts = NIL;
	char *copy = pstrdup(text);
	char *part;
	const char *service;

	if (strncmp(text, "sql:", 4) == 0)
		return parse_sql(text + 4, resource);
	while ((part = strsep(&copy, ":")) != NULL)
		parts = lappend(parts, part);
	if (list_length(parts) < 7 || strcmp(linitial(parts), "arn") != 0 ||
		*(char *) lsecond(parts) == '\0')
		return false;
	service = lthird(parts);
	part = list_nth(parts, 5);
	resource->name = list_nth(parts, 6);
	if (*resource->name == '\0')
		return false;
	if (strcmp(service, "lambda") == 0 && strcmp(part, "function") == 0)
	{
		resource->kind = ASL_RESOURCE_LAMBDA;
		resource->service = "lambda";
		return list_length(parts) <= 8;
	}
	if (strcmp(service, "states") != 0)
		return false;
	if (strcmp(part, "activity") == 0)
	{
		resource->kind = ASL_RESOURCE_ACTIVITY;
		resource->service = "activity";
		return list_length(parts) == 7;
	}
	if (*(char *) list_nth(parts, 3) != '\0' || *(char *) list_nth(parts, 4) != '\0')
		return false;
	return parse_service(strstr(text, ":::") + 3, resource, integration);
}

/* SERVICE:ACTION[.PATTERN], where SERVICE may be aws-sdk:SERVICE */
static bool
parse_service(const char *text, AslResource *resource, const Integration **integration)
{
	const char *colon = strchr(text, ':');

	if (strncmp(text, "aws-sdk:", 8) == 0)
		colon = strchr(text + 8, ':');
	if (colon == NULL)
		return false;
	resource->kind = ASL_RESOURCE_SERVICE;
	resource->service = pnstrdup(text, colon - text);
	resource->action = pstrdup(colon + 1);
	resource->name = cut_pattern(resource->action, &resource->pattern);
	*integration = find_integration(resource);
	return *integration != NULL && *resource->name != '\0' &&
		   strpbrk(resource->name, ":./ ") == NULL &&
		   ((*integration)->patterns & (1 << resource->pattern));
}

/* SCHEMA.FUNCTION[.waitForTaskToken], the names as in SQL */
static bool
parse_sql(const char *text, AslResource *resource)
{
	const char *end;

	resource->kind = ASL_RESOURCE_SQL_FUNCTION;
	resource->service = "sql";
	resource->action = pstrdup(text);
	resource->name = cut_pattern(text, &resource->pattern);
	if (resource->pattern != ASL_REQUEST_RESPONSE &&
		resource->pattern != ASL_WAIT_FOR_TASK_TOKEN)
		return false;
	end = skip_identifier(resource->name);
	if (end == NULL || *end != '.')
		return false;
	end = skip_identifier(end + 1);
	return end != NULL && *end == '\0';
}

/* The action without the suffix that says how to wait for it */
static char *
cut_pattern(const char *action, AslPattern *pattern)
{
	int len = (int) strlen(action);

	for (int i = 0; i < lengthof(patterns); i++)
	{
		int suffix = (int) strlen(patterns[i].suffix);

		if (len > suffix && strcmp(action + len - suffix, patterns[i].suffix) == 0)
		{
			*pattern = patterns[i].pattern;
			return pnstrdup(action, len - suffix);
		}
	}
	*pattern = ASL_REQUEST_RESPONSE;
	return pstrdup(action);
}

static const Integration *
find_integration(const AslResource *resource)
{
	for (int i = 0; i < lengthof(integrations); i++)
	{
		const Integration *it = &integrations[i];
		int len = (int) strlen(it->service);
		bool is_prefix = it->service[len - 1] == ':';

		if ((is_prefix ? strncmp(resource->service, it->service, len) == 0 &&
							 resource->service[len] != '\0'
					   : strcmp(resource->service, it->service) == 0) &&
			(it->actions == NULL || asl_has_word(it->actions, resource->name)))
			return it;
	}
	return NULL;
}

/* What follows a name of SQL, quoted or not; NULL where there is none */
static const char *
skip_identifier(const char *p)
{
	const char *start = p;

	if (*p != '"')
	{
		while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '_' ||
			   IS_HIGHBIT_SET(*p) ||
			   (p > start && ((*p >= '0' && *p <= '9') || *p == '$')))
			p++;
		return p > start ? p : NULL;
	}
	for (p++; *p != '\0'; p++)
	{
		if (*p != '"')
			continue;
		if (p[1] != '"')
			return p > start + 1 ? p + 1 : NULL;
		p++;
	}
	return NULL;
}

/* Nothing in an Express machine may outlast its five minutes */
static void
check_express(AslReader *reader, const AslNode *node, const AslResource *resource)
{
	if (resource->kind == ASL_RESOURCE_ACTIVITY)
		asl_refuse(reader, node, "Express state machine does not support Activity ARN");
	else if (resource->pattern == ASL_WAIT_FOR_TASK_TOKEN)
		/* the blank at the end is AWS's */
		asl_refuse(
			reader,
			node,
			"Express state machine does not support '.waitForTaskToken' service integration ");
	else if (resource->pattern == ASL_SYNC || resource->pattern == ASL_SYNC2)
		asl_refuse(reader,
				   node,
				   "Express state machine does not support '.sync' service integration");
}
