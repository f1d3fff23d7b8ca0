/*-------------------------------------------------------------------------
 *
 * alias.c
 *	  Aliases: names for one or two versions of a machine, with weights.
 *
 * IDENTIFICATION
 *	  src/api/alias.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"
#include "guc.h"

/* Aliases that AWS allows a machine */
#define AWS_MAX_ALIASES 100

static const ApiMember routing_members[] =
	{{.name = "stateMachineVersionArn",
	  .kind = API_STRING,
	  .required = true,
	  .min = 1,
	  .max = 256},
	 {.name = "weight", .kind = API_INTEGER, .required = true, .max = 100},
	 API_END};

static const ApiMember routing_item = {.name = "member",
									   .kind = API_OBJECT,
									   .members = routing_members,
									   .type = "RoutingConfigurationListItem"};

#define ROUTING                                                                          \
	.name = "routingConfiguration", .kind = API_LIST, .min = 1, .max = 2,                \
	.items = &routing_item
#define DESCRIPTION                                                                      \
	{                                                                                    \
		.name = "description", .kind = API_STRING, .max = 256                            \
	}
#define ALIAS_ARN                                                                        \
	{                                                                                    \
		.name = "stateMachineAliasArn", .kind = API_ARN, .required = true, .max = 256,   \
		.arns = STORE_ARN_MACHINE                                                        \
	}

const ApiMember api_create_state_machine_alias_members[] = {DESCRIPTION,
															{.name = "name",
															 .kind = API_STRING,
															 .required = true,
															 .min = 1,
															 .max = 80,
															 .pattern =
																 API_PATTERN_ALIAS},
															{ROUTING, .required = true},
															API_END};

const ApiMember api_update_state_machine_alias_members[] = {ALIAS_ARN,
															DESCRIPTION,
															{ROUTING},
															API_END};

const ApiMember api_describe_state_machine_alias_members[] = {ALIAS_ARN, API_END};

const ApiMember api_delete_state_machine_alias_members[] = {ALIAS_ARN, API_END};

const ApiMember api_list_state_machine_aliases_members[] = {API_MACHINE_ARN,
															API_NEXT_TOKEN(1024),
															API_MAX_RESULTS,
															API_END};

static bool find_alias(const ApiCall *call, bool lock, StoreMachineRecord *machine,
					   StoreAliasRecord *alias);
static Value read_routing(const ApiCall *call, bool lock, StoreMachineRecord *machine);
static void parse_versions(const ApiCall *call, Value given, StoreArn *arns);
static void check_weights(Value given);
static Value show_routing(const StoreMachineRecord *machine, Value routing);
pg_noreturn static void no_resource(void);

Value
api_create_state_machine_alias(ApiCall *call)
{
	StoreMachineRecord machine;
	StoreAliasRecord existing;
	StoreAliasRecord alias = {.created_at = call->now, .updated_at = call->now};
	ValueObject *response = value_object_new(2);

	alias.name = value_to_cstring(api_get(call, "name"));
	if (api_get_string(call, "description"))
		alias.description = pstrdup(api_get_string(call, "description"));
	alias.routing = read_routing(call, true, &machine);

	if (store_find_alias(machine.id, alias.name, &existing))
	{
		if (!value_equal(existing.routing, alias.routing) ||
			strcmp(existing.description ? existing.description : "",
				   alias.description ? alias.description : "") != 0)
			ereport(
				ERROR,
				errcode(ERRCODE_WF_CONFLICT),
				errmsg(
					"Failed to create alias because an alias with the same name and a different routing "
					"configuration already exists."));
		alias.created_at = existing.created_at;
	}
	else
	{
		StoreAliasRecord *all;

		if (wf_guc_aws_limits &&
			store_list_aliases(machine.id, 0, 0, AWS_MAX_ALIASES, &all) >=
				AWS_MAX_ALIASES)
			ereport(
				ERROR,
				errcode(ERRCODE_WF_SERVICE_QUOTA_EXCEEDED),
				errmsg(
					"Failed to create alias because the maximum number of aliases has been reached."));
		store_insert_alias(machine.id, &alias);
	}
	api_put_text(response,
				 "stateMachineAliasArn",
				 store_alias_arn(machine.name, alias.name));
	api_put_time(call, response, "creationDate", alias.created_at);
	return value_from_object(response);
}

/*
 * [{"version": n, "weight": percent}] from the request, and the machine whose
 * versions they are
 */
static Value
read_routing(const ApiCall *call, bool lock, StoreMachineRecord *machine)
{
	Value given = api_get(call, "routingConfiguration");
	int count = value_array_length(given);
	StoreArn arns[2];
	ValueArray *routing = value_array_new(2);

	parse_versions(call, given, arns);
	check_weights(given);
	if (!store_find_machine(arns[0].name, lock, machine))
		no_resource();
	api_authorize(call,
				  machine->id,
				  machine->owner,
				  api_update,
				  store_machine_arn(machine->name));
	for (int i = 0; i < count; i++)
	{
		Value weight = value_object_get_cstring(value_array_get(given, i), "weight");
		int number = api_version_number(arns[i].qualifier);
		StoreVersionRecord version;
		ValueObject *route = value_object_new(2);

		if (strcmp(arns[i].name, machine->name) != 0)
			ereport(
				ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg(
					"Routing configuration must contain versions of one state machine."));
		if (!store_find_version(machine->id, number, &version))
			no_resource();
		api_put(route, "version", value_int64(number));
		api_put(route, "weight", weight);
		value_array_push(routing, value_from_object(route));
	}
	return value_from_array(routing);
}

/*
 * They have to be versions, and distinct ones.
 */
static void
parse_versions(const ApiCall *call, Value given, StoreArn *arns)
{
	int count = value_array_length(given);
	StringInfoData received;
	bool versions = true;

	initStringInfo(&received);
	for (int i = 0; i < count; i++)
	{
		char *text = value_to_cstring(value_object_get_cstring(value_array_get(given, i),
															   "stateMachineVersionArn"));

		if (call->typed && strncmp(text, "arn:", 4) != 0)
			text = store_machine_arn(text);
		if (!store_parse_arn(text, &arns[i]) || arns[i].kind != STORE_ARN_MACHINE ||
			api_version_number(arns[i].qualifier) == 0)
			versions = false;
		appendStringInfo(&received, "%s%s", i > 0 ? ", " : "", text);
	}
	if (!versions)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_VALIDATION),
			errmsg(
				"Routing configuration must contain state machine version ARNs. Received: [%s]",
				received.data));
	if (count == 2 && strcmp(arns[0].name, arns[1].name) == 0 &&
		strcmp(arns[0].qualifier, arns[1].qualifier) == 0)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_VALIDATION),
			errmsg(
				"Routing configuration must contain distinct state machine version ARNs. Received: [%s]",
				received.data));
}

static void
check_weights(Value given)
{
	StringInfoData received;
	int64 sum = 0;

	initStringInfo(&received);
	for (int i = 0; i < value_array_length(given); i++)
	{
		int64 weight = 0;

		(void) value_to_int64(value_object_get_cstring(value_array_get(given, i),
													   "weight"),
							  &weight);
		appendStringInfo(&received, "%s" INT64_FORMAT, i > 0 ? ", " : "", weight);
		sum += weight;
	}
	if (sum != 100)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_VALIDATION),
			errmsg("Sum of routing configuration weights must equal 100. Received: [%s]",
				   received.data));
}

Value
api_update_state_machine_alias(ApiCall *call)
{
	StoreMachineRecord machine;
	StoreMachineRecord routed;
	StoreAliasRecord alias;
	ValueObject *response = value_object_new(1);
	bool has_routing = !value_is_undefined(api_get(call, "routingConfiguration"));
	const char *description = api_get_string(call, "description");

	if (!has_routing && description == NULL)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_VALIDATION),
			errmsg(
				"Either the description or the routing configuration must be specified."));
	if (!find_alias(call, true, &machine, &alias))
		no_resource();
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_update,
				  store_alias_arn(machine.name, alias.name));
	if (description != NULL)
		alias.description = pstrdup(description);
	if (has_routing)
	{
		alias.routing = read_routing(call, true, &routed);
		if (routed.id != machine.id)
			ereport(
				ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg(
					"Routing configuration must contain versions of the alias's state machine."));
	}
	alias.updated_at = call->now;
	store_update_alias(machine.id, &alias);
	api_put_time(call, response, "updateDate", call->now);
	return value_from_object(response);
}

static bool
find_alias(const ApiCall *call, bool lock, StoreMachineRecord *machine,
		   StoreAliasRecord *alias)
{
	StoreArn arn;

	api_get_arn(call, "stateMachineAliasArn", &arn);
	if (arn.qualifier == NULL || api_version_number(arn.qualifier) != 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("The ARN is not that of a state machine alias: '%s'",
					   api_get_arn_text(call, "stateMachineAliasArn")));
	return store_find_machine(arn.name, lock, machine) &&
		   store_find_alias(machine->id, arn.qualifier, alias);
}

static void
no_resource(void)
{
	ereport(ERROR,
			errcode(ERRCODE_WF_RESOURCE_NOT_FOUND),
			errmsg("Request references a resource that does not exist."));
}

Value
api_describe_state_machine_alias(ApiCall *call)
{
	StoreMachineRecord machine;
	StoreAliasRecord alias;
	ValueObject *response = value_object_new(8);

	if (!find_alias(call, false, &machine, &alias))
		no_resource();
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_any,
				  store_alias_arn(machine.name, alias.name));
	api_put_text(response,
				 "stateMachineAliasArn",
				 store_alias_arn(machine.name, alias.name));
	api_put_text(response, "name", alias.name);
	api_put_text(response, "description", alias.description);
	api_put(response, "routingConfiguration", show_routing(&machine, alias.routing));
	api_put_time(call, response, "creationDate", alias.created_at);
	api_put_time(call, response, "updateDate", alias.updated_at);
	return value_from_object(response);
}

static Value
show_routing(const StoreMachineRecord *machine, Value routing)
{
	ValueArray *list = value_array_new(2);

	for (int i = 0; i < value_array_length(routing); i++)
	{
		Value route = value_array_get(routing, i);
		ValueObject *item = value_object_new(2);
		int64 number = 0;

		(void) value_to_int64(value_object_get_cstring(route, "version"), &number);
		api_put_text(item,
					 "stateMachineVersionArn",
					 store_version_arn(machine->name, (int) number));
		api_put(item, "weight", value_object_get_cstring(route, "weight"));
		value_array_push(list, value_from_object(item));
	}
	return value_from_array(list);
}

/*
 * No error where there is no such alias.
 */
Value
api_delete_state_machine_alias(ApiCall *call)
{
	StoreMachineRecord machine;
	StoreAliasRecord alias;

	if (!find_alias(call, true, &machine, &alias))
		return api_empty();
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_update,
				  store_alias_arn(machine.name, alias.name));
	store_delete_alias(machine.id, alias.name);
	return api_empty();
}

/*
 * All of a machine, or, given a version's ARN, those that route to it
 */
Value
api_list_state_machine_aliases(ApiCall *call)
{
	const char *text = api_get_arn_text(call, "stateMachineArn");
	StoreArn arn;
	StoreMachineRecord machine;
	StoreVersionRecord version = {0};
	ApiPage page;
	StoreAliasRecord *aliases;
	ValueArray *list = value_array_new(16);
	ValueObject *response = value_object_new(2);
	int64 offset;
	int count;

	api_get_arn(call, "stateMachineArn", &arn);
	if (arn.label != NULL || !store_find_machine(arn.name, false, &machine))
		api_no_machine(text);
	api_authorize(call, machine.id, machine.owner, api_any, text);
	if (arn.qualifier != NULL &&
		!store_find_version(machine.id, api_version_number(arn.qualifier), &version))
		no_resource();
	api_get_page(call, text, &page);
	offset = page.position ? strtoi64(page.position, NULL, 10) : 0;
	count = store_list_aliases(machine.id,
							   version.number,
							   offset,
							   api_page_fetch(&page),
							   &aliases);
	for (int i = 0; i < api_page_count(&page, count); i++)
	{
		ValueObject *item = value_object_new(2);

		api_put_text(item,
					 "stateMachineAliasArn",
					 store_alias_arn(machine.name, aliases[i].name));
		api_put_time(call, item, "creationDate", aliases[i].created_at);
		value_array_push(list, value_from_object(item));
	}
	api_put(response, "stateMachineAliases", value_from_array(list));
	if (api_page_count(&page, count) < count)
		api_put_next_token(call,
						   response,
						   text,
						   psprintf(INT64_FORMAT, offset + page.limit));
	return value_from_object(response);
}
