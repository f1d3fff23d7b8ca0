/*-------------------------------------------------------------------------
 *
 * version.c
 *	  Published versions: PublishStateMachineVersion, ListStateMachineVersions,
 *	  DeleteStateMachineVersion.
 *
 * A version is a number for a revision.  Numbers are given in order and never
 * again; a revision that has one keeps it.
 *
 * IDENTIFICATION
 *	  src/api/version.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"
#include "guc.h"

/* Versions that AWS allows a machine */
#define AWS_MAX_VERSIONS 1000

/* How a revision without an id is named */
#define INITIAL_REVISION "INITIAL"

const ApiMember api_publish_state_machine_version_members[] =
	{API_MACHINE_ARN,
	 {.name = "revisionId", .kind = API_STRING},
	 {.name = "description", .kind = API_STRING, .max = 256},
	 API_END};

const ApiMember api_list_state_machine_versions_members[] = {API_MACHINE_ARN,
															 API_NEXT_TOKEN(1024),
															 API_MAX_RESULTS,
															 API_END};

const ApiMember api_delete_state_machine_version_members[] =
	{{.name = "stateMachineVersionArn",
	  .kind = API_ARN,
	  .required = true,
	  .max = 2000,
	  .arns = STORE_ARN_MACHINE},
	 API_END};

static char *aliases_of(const StoreMachineRecord *machine, int version);

Value
api_publish_state_machine_version(ApiCall *call)
{
	const char *revision_id = api_get_string(call, "revisionId");
	StoreMachineRecord machine;
	StoreRevisionRecord revision;
	StoreVersionRecord version;
	ValueObject *response = value_object_new(2);

	api_find_machine(call, "stateMachineArn", true, &machine);
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_update,
				  store_machine_arn(machine.name));
	if (revision_id != NULL && store_find_revision(machine.revision_id, &revision))
	{
		const char *current = revision.uuid ? revision.uuid : INITIAL_REVISION;

		if (strcmp(current, revision_id) != 0)
			ereport(
				ERROR,
				errcode(ERRCODE_WF_CONFLICT),
				errmsg(
					"Failed to publish the State Machine version for revision %s. The current State "
					"Machine revision is %s.",
					revision_id,
					current));
	}
	api_publish(call, &machine, api_get_string(call, "description"), &version);
	api_put_time(call, response, "creationDate", version.created_at);
	api_put_text(response,
				 "stateMachineVersionArn",
				 store_version_arn(machine.name, version.number));
	return value_from_object(response);
}

void
api_publish(const ApiCall *call, StoreMachineRecord *machine, const char *description,
			StoreVersionRecord *version)
{
	if (store_find_version_of_revision(machine->id, machine->revision_id, version))
		return;
	if (wf_guc_aws_limits && store_count_versions(machine->id) >= AWS_MAX_VERSIONS)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_SERVICE_QUOTA_EXCEEDED),
			errmsg(
				"Failed to publish the State Machine version because the maximum number of versions "
				"has been reached."));
	version->description = description ? pstrdup(description) : NULL;
	version->created_at = call->now;
	store_insert_version(machine, version);
}

/*
 * A machine that does not exist is an InvalidArn to this action.
 */
Value
api_list_state_machine_versions(ApiCall *call)
{
	const char *text = api_get_arn_text(call, "stateMachineArn");
	StoreArn arn;
	StoreMachineRecord machine;
	ApiPage page;
	StoreVersionRecord *versions;
	ValueArray *list = value_array_new(16);
	ValueObject *response = value_object_new(2);
	int count;

	api_get_arn(call, "stateMachineArn", &arn);
	if (arn.label != NULL || arn.qualifier != NULL ||
		!store_find_machine(arn.name, false, &machine))
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_ARN),
				errmsg("Invalid Arn: 'State Machine Does Not Exist: %s'", text));
	api_authorize(call, machine.id, machine.owner, api_any, text);
	api_get_page(call, machine.name, &page);
	count = store_list_versions(machine.id,
								page.position ? atoi(page.position) : 0,
								api_page_fetch(&page),
								&versions);
	for (int i = 0; i < api_page_count(&page, count); i++)
	{
		ValueObject *item = value_object_new(2);

		api_put_text(item,
					 "stateMachineVersionArn",
					 store_version_arn(machine.name, versions[i].number));
		if (call->typed)
			api_put_text(item, "description", versions[i].description);
		api_put_time(call, item, "creationDate", versions[i].created_at);
		value_array_push(list, value_from_object(item));
	}
	api_put(response, "stateMachineVersions", value_from_array(list));
	if (api_page_count(&page, count) < count)
		api_put_next_token(call,
						   response,
						   machine.name,
						   psprintf("%d", versions[page.limit - 1].number));
	return value_from_object(response);
}

/*
 * No error where there is no such version.
 */
Value
api_delete_state_machine_version(ApiCall *call)
{
	StoreArn arn;
	StoreMachineRecord machine;
	StoreVersionRecord version;
	int number;
	char *aliases;

	api_get_arn(call, "stateMachineVersionArn", &arn);
	number = api_version_number(arn.qualifier);
	if (number == 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("The ARN is not that of a state machine version: '%s'",
					   api_get_arn_text(call, "stateMachineVersionArn")));
	if (!store_find_machine(arn.name, true, &machine))
		return api_empty();
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_update,
				  store_version_arn(machine.name, number));
	if (!store_find_version(machine.id, number, &version))
		return api_empty();
	aliases = aliases_of(&machine, number);
	if (aliases != NULL)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_CONFLICT),
			errmsg(
				"Version to be deleted must not be referenced by an alias. Current list of aliases "
				"referencing this version: [%s]",
				aliases));
	store_delete_version(machine.id, number);
	return api_empty();
}

/*
 * Names of the aliases that route to the version, or NULL
 */
static char *
aliases_of(const StoreMachineRecord *machine, int version)
{
	StoreAliasRecord *aliases;
	int count = store_list_aliases(machine->id, version, 0, 0, &aliases);
	StringInfoData names;

	if (count == 0)
		return NULL;
	initStringInfo(&names);
	for (int i = 0; i < count; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", aliases[i].name);
	return names.data;
}
