/*-------------------------------------------------------------------------
 *
 * machine.c
 *	  CreateStateMachine, UpdateStateMachine, DeleteStateMachine.
 *
 * Whoever creates a machine owns it.  What changes goes into a new revision;
 * executions keep theirs.  A deleted machine stays as a row, so that its
 * executions can be read until they are purged; its name is free at once.
 *
 * IDENTIFICATION
 *	  src/api/machine.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "api/api.h"
#include "guc.h"
#include "worker/worker.h"

#define TYPE_VALUES "STANDARD, EXPRESS"
#define LEVEL_VALUES "ALL, ERROR, FATAL, OFF"
#define ENCRYPTION_VALUES "AWS_OWNED_KEY, CUSTOMER_MANAGED_KMS_KEY"

static const ApiMember log_group_members[] =
	{{.name = "logGroupArn", .kind = API_STRING, .min = 1, .max = 256}, API_END};

static const ApiMember destination_members[] = {{.name = "cloudWatchLogsLogGroup",
												 .kind = API_OBJECT,
												 .members = log_group_members,
												 .type = "CloudWatchLogsLogGroup"},
												API_END};

static const ApiMember destination_item = {.name = "member",
										   .kind = API_OBJECT,
										   .members = destination_members,
										   .type = "LogDestination"};

static const ApiMember logging_members[] =
	{{.name = "level", .kind = API_STRING, .values = LEVEL_VALUES},
	 {.name = "includeExecutionData", .kind = API_BOOLEAN},
	 {.name = "destinations", .kind = API_LIST, .items = &destination_item},
	 API_END};

static const ApiMember tracing_members[] = {{.name = "enabled", .kind = API_BOOLEAN},
											API_END};

static const ApiMember encryption_members[] =
	{{.name = "kmsKeyId", .kind = API_STRING, .min = 1, .max = 2048},
	 {.name = "kmsDataKeyReusePeriodSeconds", .kind = API_INTEGER, .min = 60, .max = 900},
	 {.name = "type", .kind = API_STRING, .required = true, .values = ENCRYPTION_VALUES},
	 API_END};

#define DEFINITION                                                                       \
	.name = "definition", .kind = API_BYTES, .min = 1, .max = 1024 * 1024, .quota = true
#define ROLE_ARN .name = "roleArn", .kind = API_ARN, .max = 256, .arns = STORE_ARN_ROLE
#define LOGGING                                                                          \
	{                                                                                    \
		.name = "loggingConfiguration", .kind = API_OBJECT, .members = logging_members,  \
		.type = "LoggingConfiguration"                                                   \
	}
#define TRACING                                                                          \
	{                                                                                    \
		.name = "tracingConfiguration", .kind = API_OBJECT, .members = tracing_members,  \
		.type = "TracingConfiguration"                                                   \
	}
#define ENCRYPTION                                                                       \
	{                                                                                    \
		.name = "encryptionConfiguration", .kind = API_OBJECT,                           \
		.members = encryption_members, .type = "EncryptionConfiguration"                 \
	}
#define PUBLISH                                                                          \
	{.name = "publish", .kind = API_BOOLEAN},                                            \
	{                                                                                    \
		.name = "versionDescription", .kind = API_STRING, .max = 256                     \
	}

const ApiMember api_create_state_machine_members[] =
	{{.name = "name", .kind = API_STRING, .required = true, .min = 1, .max = 80},
	 {DEFINITION, .required = true},
	 {ROLE_ARN, .required = true},
	 {.name = "type", .kind = API_STRING, .values = TYPE_VALUES},
	 LOGGING,
	 {.name = "tags", .kind = API_LIST, .items = api_tag_items},
	 TRACING,
	 PUBLISH,
	 ENCRYPTION,
	 API_END};

const ApiMember api_update_state_machine_members[] = {API_MACHINE_ARN,
													  {DEFINITION},
													  {ROLE_ARN},
													  LOGGING,
													  TRACING,
													  PUBLISH,
													  ENCRYPTION,
													  API_END};

const ApiMember api_delete_state_machine_members[] = {API_MACHINE_ARN, API_END};

static Value creation(const ApiCall *call, StoreMachineRecord *machine,
					  const StoreVersionRecord *version);
static Value existing_machine(const ApiCall *call, const StoreMachineRecord *wanted,
							  const StoreRevisionRecord *revision);
static bool change(const ApiCall *call, const StoreMachineRecord *machine,
				   StoreRevisionRecord *revision);
static bool same_texts(const char *a, const char *b);
static void check_version_description(const ApiCall *call);
static Value logging(const ApiCall *call);
static Value tracing(const ApiCall *call);
static Value encryption(const ApiCall *call);

Value
api_create_state_machine(ApiCall *call)
{
	const char *type = api_get_string(call, "type");
	StoreMachineRecord machine = {
		.name = value_to_cstring(api_get(call, "name")),
		.type = pstrdup(type ? type : "STANDARD"),
		.status = "ACTIVE",
		.owner = GetUserNameFromId(call->user, false),
		.next_version = 1,
		.publish = api_get_bool(call, "publish", false),
		.created_at = call->now,
	};
	StoreRevisionRecord revision = {.created_at = call->now};
	StoreVersionRecord version = {0};

	api_check_name(machine.name);
	check_version_description(call);
	if (api_get_string(call, "versionDescription"))
		machine.version_description = pstrdup(api_get_string(call, "versionDescription"));
	revision.definition = value_to_cstring(api_get(call, "definition"));
	revision.logging = logging(call);
	revision.tracing = tracing(call);
	revision.encryption = encryption(call);
	machine.tags = api_add_tags(call, api_empty(), store_machine_arn(machine.name));
	api_check_definition(call, revision.definition, machine.type);
	api_resolve_role(call, &revision.role, &revision.role_arn);

	if (!store_insert_machine(&machine, &revision))
		return existing_machine(call, &machine, &revision);
	if (store_claim_new_instance(machine.id, call->now))
		worker_ring_launcher();
	if (machine.publish)
		api_publish(call, &machine, machine.version_description, &version);
	return creation(call, &machine, machine.publish ? &version : NULL);
}

static Value
creation(const ApiCall *call, StoreMachineRecord *machine,
		 const StoreVersionRecord *version)
{
	ValueObject *response = value_object_new(4);

	api_put_text(response, "stateMachineArn", store_machine_arn(machine->name));
	api_put_time(call, response, "creationDate", machine->created_at);
	if (version != NULL)
		api_put_text(response,
					 "stateMachineVersionArn",
					 store_version_arn(machine->name, version->number));
	return value_from_object(response);
}

/*
 * To create what is already there is no error if it is the same, to the byte;
 * role and tags do not count.
 */
static Value
existing_machine(const ApiCall *call, const StoreMachineRecord *wanted,
				 const StoreRevisionRecord *revision)
{
	StoreMachineRecord machine;
	StoreRevisionRecord current;
	StoreVersionRecord version;

	if (store_find_machine(wanted->name, false, &machine) &&
		api_may(call, machine.id, machine.owner, api_define) &&
		store_find_revision(machine.revision_id, &current) &&
		strcmp(machine.type, wanted->type) == 0 && machine.publish == wanted->publish &&
		same_texts(machine.version_description, wanted->version_description) &&
		strcmp(current.definition, revision->definition) == 0 &&
		value_equal(current.logging, revision->logging) &&
		value_equal(current.tracing, revision->tracing) &&
		value_equal(current.encryption, revision->encryption))
		return creation(call,
						&machine,
						machine.publish &&
								store_find_version_of_revision(machine.id,
															   machine.revision_id,
															   &version)
							? &version
							: NULL);

	ereport(ERROR,
			errcode(ERRCODE_WF_STATE_MACHINE_ALREADY_EXISTS),
			errmsg("State Machine Already Exists: '%s'",
				   store_machine_arn(wanted->name)));
}

static bool
same_texts(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
check_version_description(const ApiCall *call)
{
	if (api_get_string(call, "versionDescription") != NULL &&
		!api_get_bool(call, "publish", false))
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("Version description can only be set when publish is true"));
}

/*
 * With the members that the service adds.  Log groups exist elsewhere, so a
 * destination is believed.
 */
static Value
logging(const ApiCall *call)
{
	Value given = api_get(call, "loggingConfiguration");
	Value level = api_member(given, "level");
	Value destinations = api_member(given, "destinations");
	Value include = api_member(given, "includeExecutionData");
	ValueObject *result = value_object_new(3);
	int count =
		value_type(destinations) == TYPE_ARRAY ? value_array_length(destinations) : 0;

	if (value_type(level) != TYPE_STRING)
		level = value_cstring("OFF");
	if (count > 1 || (count == 0 && !value_string_is(level, "OFF")))
		ereport(
			ERROR,
			errcode(ERRCODE_WF_INVALID_LOGGING_CONFIGURATION),
			errmsg(
				"Invalid Logging Configuration: Must specify exactly one Log Destination."));
	api_put(result, "level", level);
	api_put(result,
			"includeExecutionData",
			value_type(include) == TYPE_BOOL ? include : value_bool(false));
	if (value_type(destinations) == TYPE_ARRAY)
		api_put(result, "destinations", destinations);
	return value_from_object(result);
}

static Value
tracing(const ApiCall *call)
{
	Value enabled = api_member(api_get(call, "tracingConfiguration"), "enabled");
	ValueObject *result = value_object_new(1);

	api_put(result,
			"enabled",
			value_type(enabled) == TYPE_BOOL ? enabled : value_bool(false));
	return value_from_object(result);
}

/*
 * There are no keys of customers here: better none than one that is not used.
 */
static Value
encryption(const ApiCall *call)
{
	Value given = api_get(call, "encryptionConfiguration");
	ValueObject *result = value_object_new(1);

	if (!value_is_undefined(given) &&
		(!value_string_is(api_member(given, "type"), "AWS_OWNED_KEY") ||
		 value_type(api_member(given, "kmsKeyId")) == TYPE_STRING))
		ereport(
			ERROR,
			errcode(ERRCODE_WF_INVALID_ENCRYPTION_CONFIGURATION),
			errmsg(
				"Invalid Encryption Configuration: Customer managed keys are not supported."),
			errhint("Encrypt the storage of the database instead."));
	api_put(result, "type", value_cstring("AWS_OWNED_KEY"));
	return value_from_object(result);
}

Value
api_update_state_machine(ApiCall *call)
{
	StoreMachineRecord machine;
	StoreRevisionRecord revision;
	StoreVersionRecord version;
	ValueObject *response = value_object_new(4);

	api_find_machine(call, "stateMachineArn", true, &machine);
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_update,
				  store_machine_arn(machine.name));
	check_version_description(call);
	if (!store_find_revision(machine.revision_id, &revision))
		elog(ERROR, "state machine \"%s\" has no revision", machine.name);

	api_put_time(call, response, "updateDate", call->now);
	if (change(call, &machine, &revision))
	{
		revision.created_at = call->now;
		store_insert_revision(&machine, &revision);
	}
	/* where nothing differs, the one there is */
	api_put_text(response, "revisionId", revision.uuid);
	if (api_get_bool(call, "publish", false))
	{
		api_publish(call, &machine, api_get_string(call, "versionDescription"), &version);
		api_put_text(response,
					 "stateMachineVersionArn",
					 store_version_arn(machine.name, version.number));
	}
	return value_from_object(response);
}

/*
 * Put what the request changes into the revision; is anything different?
 */
static bool
change(const ApiCall *call, const StoreMachineRecord *machine,
	   StoreRevisionRecord *revision)
{
	StoreRevisionRecord old = *revision;
	const char *definition = api_get_string(call, "definition");
	bool has_role = api_get_string(call, call->typed ? "role" : "roleArn") != NULL;
	bool has_logging = !value_is_undefined(api_get(call, "loggingConfiguration"));
	bool has_tracing = !value_is_undefined(api_get(call, "tracingConfiguration"));

	if (definition == NULL && !has_role && !has_logging && !has_tracing &&
		value_is_undefined(api_get(call, "encryptionConfiguration")))
		ereport(
			ERROR,
			errcode(ERRCODE_WF_MISSING_REQUIRED_PARAMETER),
			errmsg(
				"Either the definition, the role ARN, the LoggingConfiguration, or the "
				"TracingConfiguration must be specified"));
	if (definition != NULL)
	{
		api_check_definition(call, definition, machine->type);
		revision->definition = pstrdup(definition);
	}
	if (has_role)
	{
		api_resolve_role(call, &revision->role, &revision->role_arn);
		api_check_role(machine->owner, revision->role);
	}
	if (has_logging)
		revision->logging = logging(call);
	if (has_tracing)
		revision->tracing = tracing(call);
	(void) encryption(call);

	return strcmp(old.definition, revision->definition) != 0 ||
		   strcmp(old.role, revision->role) != 0 ||
		   strcmp(old.role_arn, revision->role_arn) != 0 ||
		   !value_equal(old.logging, revision->logging) ||
		   !value_equal(old.tracing, revision->tracing);
}

/*
 * What runs is stopped.  No error where there is no such machine.
 */
Value
api_delete_state_machine(ApiCall *call)
{
	StoreMachineRecord machine;
	StoreArn arn;
	int64 *open;
	int count;

	api_get_arn(call, "stateMachineArn", &arn);
	if (arn.label == NULL &&
		(arn.qualifier != NULL || !store_find_machine(arn.name, false, &machine)))
		return api_empty();
	api_find_machine(call, "stateMachineArn", true, &machine);
	api_authorize(call,
				  machine.id,
				  machine.owner,
				  api_update,
				  store_machine_arn(machine.name));

	/* who has started executions has committed now; who is about to finds no machine */
	store_lock_machine(machine.name, true);
	open = store_open_executions(machine.id, &count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		(void) store_stop_execution(open[i], NULL, NULL, call->now);
	}
	store_delete_express(machine.id);
	store_set_machine_status(machine.id, "DELETED");
	store_strip_machine(machine.id);
	return api_empty();
}

void
api_find_machine(const ApiCall *call, const char *member, bool lock,
				 StoreMachineRecord *machine)
{
	const char *text = api_get_arn_text(call, member);
	StoreArn arn;

	api_get_arn(call, member, &arn);
	if (arn.label != NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("The API %s does not support labeled state machine ARNs: '%s'",
					   call->action->name,
					   text));
	if (arn.qualifier != NULL || !store_find_machine(arn.name, lock, machine))
		api_no_machine(text);
	if (strcmp(machine->status, "DELETING") == 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_STATE_MACHINE_DELETING),
				errmsg("State Machine is being deleted: '%s'", text));
}

void
api_no_machine(const char *arn)
{
	ereport(ERROR,
			errcode(ERRCODE_WF_STATE_MACHINE_DOES_NOT_EXIST),
			errmsg("State Machine Does Not Exist: '%s'", arn));
}

int
api_version_number(const char *qualifier)
{
	if (qualifier == NULL || strlen(qualifier) > 9 ||
		strspn(qualifier, "0123456789") != strlen(qualifier))
		return 0;
	return atoi(qualifier);
}
