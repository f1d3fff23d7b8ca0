/*-------------------------------------------------------------------------
 *
 * describe.c
 *	  Reading state machines: DescribeStateMachine, ...ForExecution,
 *	  ListStateMachines, ValidateStateMachineDefinition; and the check of a
 *	  definition before it is saved.
 *
 * IDENTIFICATION
 *	  src/api/describe.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/value.h"
#include "utils/varlena.h"

#include "api/api.h"
#include "api/definition.h"
#include "asl/names.h"
#include "guc.h"

const ApiMember api_describe_state_machine_members[] = {API_MACHINE_ARN,
														API_INCLUDED_DATA,
														API_END};

const ApiMember api_describe_state_machine_for_execution_members[] = {API_EXECUTION_ARN,
																	  API_INCLUDED_DATA,
																	  API_END};

const ApiMember api_list_state_machines_members[] = {API_MAX_RESULTS,
													 API_NEXT_TOKEN(1024),
													 API_END};

const ApiMember api_validate_state_machine_definition_members[] =
	{{.name = "definition",
	  .kind = API_BYTES,
	  .required = true,
	  .min = 1,
	  .max = 1024 * 1024,
	  .quota = true},
	 {.name = "type", .kind = API_STRING, .values = "STANDARD, EXPRESS"},
	 {.name = "severity", .kind = API_STRING, .values = "ERROR, WARNING"},
	 {.name = "maxResults", .kind = API_INTEGER, .max = 100},
	 API_END};

static void put_revision(const ApiCall *call, ValueObject *response,
						 const StoreRevisionRecord *revision);
static void warn_of_integrations(const AslDiagnostics *diagnostics);
static bool function_exists(const char *name);
static bool has_label(int64 revision_id, const char *label);
static char *scope_location(const AslScope *scope);

Value
api_describe_state_machine(ApiCall *call)
{
	const char *text = api_get_arn_text(call, "stateMachineArn");
	StoreArn arn;
	StoreMachineRecord machine;
	StoreVersionRecord version = {0};
	StoreRevisionRecord revision;
	ValueObject *response = value_object_new(16);

	api_get_arn(call, "stateMachineArn", &arn);
	if (!store_find_machine(arn.name, false, &machine))
		api_no_machine(text);
	api_authorize(call, machine.id, machine.owner, api_define, text);
	if ((arn.label != NULL &&
		 (arn.qualifier != NULL || !has_label(machine.revision_id, arn.label))) ||
		(arn.qualifier != NULL &&
		 !store_find_version(machine.id, api_version_number(arn.qualifier), &version)))
		api_no_machine(text);
	if (!store_find_revision(version.number ? version.revision_id : machine.revision_id,
							 &revision))
		api_no_machine(text);

	if (version.number)
	{
		api_put_text(response,
					 "stateMachineArn",
					 store_version_arn(machine.name, version.number));
		api_put_text(response, "description", version.description);
		api_put_time(call, response, "creationDate", version.created_at);
	}
	else
	{
		api_put_text(response,
					 "stateMachineArn",
					 store_machine_arn(store_labeled_name(machine.name, arn.label)));
		api_put_time(call, response, "creationDate", machine.created_at);
	}
	api_put_text(response, "name", machine.name);
	api_put_text(response, "status", machine.status);
	api_put_text(response, "type", machine.type);
	api_put_text(response, "label", arn.label);
	put_revision(call, response, &revision);
	return value_from_object(response);
}

Value
api_describe_state_machine_for_execution(ApiCall *call)
{
	StoreExecutionRecord execution;
	StoreRevisionRecord revision;
	ValueObject *response = value_object_new(16);

	api_find_execution(call, false, api_define, &execution);
	if (!store_find_revision(execution.revision_id, &revision))
		elog(ERROR, "execution \"%s\" has no revision", execution.name);
	api_put_text(response,
				 "stateMachineArn",
				 store_machine_arn(
					 store_labeled_name(execution.machine_name, execution.map_label)));
	api_put_text(response, "name", execution.machine_name);
	api_put_time(call, response, "updateDate", revision.created_at);
	if (execution.map_run_name != NULL)
		api_put_text(response,
					 "mapRunArn",
					 store_map_run_arn(execution.machine_name,
									   execution.map_label,
									   execution.map_run_name));
	api_put_text(response, "label", execution.map_label);
	put_revision(call, response, &revision);
	return value_from_object(response);
}

/* Has one of its distributed Map states that label? */
static bool
has_label(int64 revision_id, const char *label)
{
	const AslMachine *machine = store_revision(revision_id)->machine;

	for (int i = 0; machine != NULL && i < machine->nstates; i++)
		if (machine->states[i]->type == ASL_MAP &&
			((const AslMap *) machine->states[i])->distributed &&
			strcmp(store_map_label(revision_id, machine->states[i]), label) == 0)
			return true;
	return false;
}

static void
put_revision(const ApiCall *call, ValueObject *response,
			 const StoreRevisionRecord *revision)
{
	const char *included = api_get_string(call, "includedData");

	if (included == NULL || strcmp(included, "METADATA_ONLY") != 0)
	{
		api_put_text(response, "definition", revision->definition);
		api_put(response, "variableReferences", api_variable_references(revision));
	}
	api_put_text(response, "roleArn", revision->role_arn);
	if (call->typed)
		api_put_text(response, "role", revision->role);
	api_put(response, "loggingConfiguration", revision->logging);
	api_put(response, "tracingConfiguration", revision->tracing);
	api_put_text(response, "revisionId", revision->uuid);
	api_put(response, "encryptionConfiguration", revision->encryption);
}

Value
api_variable_references(const StoreRevisionRecord *revision)
{
	const StoreRevision *compiled = store_revision(revision->id);

	if (compiled == NULL || compiled->machine == NULL)
		return value_undefined();
	return asl_variable_references(compiled->machine);
}

Value
api_list_state_machines(ApiCall *call)
{
	ApiPage page;
	StoreMachineRecord *machines;
	ValueArray *list = value_array_new(16);
	ValueObject *response = value_object_new(2);
	int count;

	api_get_page(call, "", &page);
	count = store_list_machines(store_machines_for(call->user, api_any),
								page.position ? strtoi64(page.position, NULL, 10) : 0,
								api_page_fetch(&page),
								&machines);
	for (int i = 0; i < api_page_count(&page, count); i++)
	{
		ValueObject *item = value_object_new(4);

		api_put_text(item, "stateMachineArn", store_machine_arn(machines[i].name));
		api_put_text(item, "name", machines[i].name);
		api_put_text(item, "type", machines[i].type);
		api_put_time(call, item, "creationDate", machines[i].created_at);
		value_array_push(list, value_from_object(item));
	}
	api_put(response, "stateMachines", value_from_array(list));
	if (api_page_count(&page, count) < count)
		api_put_next_token(call,
						   response,
						   "",
						   psprintf(INT64_FORMAT, machines[page.limit - 1].id));
	return value_from_object(response);
}

Value
api_validate_state_machine_definition(ApiCall *call)
{
	const char *type = api_get_string(call, "type");
	const char *severity = api_get_string(call, "severity");

	return definition_validate(api_get_string(call, "definition"),
							   type && strcmp(type, "EXPRESS") == 0 ? ASL_EXPRESS
																	: ASL_STANDARD,
							   severity == NULL || strcmp(severity, "ERROR") == 0,
							   (int) api_get_int(call, "maxResults", 0));
}

/*
 * Besides what the compiler finds, a "sql:" function has to be there.
 */
void
api_check_definition(const ApiCall *call, const char *definition, const char *type)
{
	AslCompileOptions options = {
		.type = strcmp(type, "EXPRESS") == 0 ? ASL_EXPRESS : ASL_STANDARD,
		.max_depth = wf_guc_max_nesting_depth,
	};
	AslDiagnostics diagnostics = {0};
	AslMachine *machine =
		asl_compile(definition, &options, CurrentMemoryContext, &diagnostics);

	if (machine == NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_DEFINITION),
				errmsg("Invalid State Machine Definition: '%s'",
					   asl_diagnostics_message(&diagnostics)));

	warn_of_integrations(&diagnostics);
	for (int i = 0; i < machine->nstates; i++)
	{
		const AslTask *task = (const AslTask *) machine->states[i];

		if (task->base.type == ASL_TASK &&
			task->resource.kind == ASL_RESOURCE_SQL_FUNCTION &&
			!function_exists(task->resource.name))
			ereport(
				ERROR,
				errcode(ERRCODE_WF_INVALID_DEFINITION),
				errmsg(
					"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The function '%s' does "
					"not exist at %s/States/%s/Resource'",
					task->resource.name,
					scope_location(task->base.scope),
					task->base.name),
				errhint(
					"Create the function first; a resource is written sql:SCHEMA.FUNCTION."));
	}
}

/*
 * A service that is not available here is accepted: the machine may never come
 * to that state.
 */
static void
warn_of_integrations(const AslDiagnostics *diagnostics)
{
	for (int i = 0; i < diagnostics->count; i++)
	{
		const AslDiagnostic *diagnostic = &diagnostics->items[i];

		if (strcmp(diagnostic->code, ASL_CODE_INTEGRATION) == 0)
			ereport(WARNING,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg_internal("%s", diagnostic->message),
					diagnostic->location
						? errdetail("It stands at %s.", diagnostic->location)
						: 0);
	}
}

/*
 * Is there a function SCHEMA.FUNCTION, with any arguments?
 */
static bool
function_exists(const char *name)
{
	List *parts;
	List *names = NIL;
	ListCell *cell;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) || list_length(parts) != 2 ||
		!OidIsValid(get_namespace_oid(linitial(parts), true)))
		return false;
	foreach (cell, parts)
		names = lappend(names, makeString(lfirst(cell)));
	return FuncnameGetCandidates(names, -1, NIL, false, false, false, true) != NULL;
}

/*
 * Where a States object stands in the definition
 */
static char *
scope_location(const AslScope *scope)
{
	const AslState *owner = scope->owner;

	if (owner == NULL)
		return "";
	if (owner->type == ASL_PARALLEL)
		return psprintf("%s/States/%s/Branches[%d]",
						scope_location(owner->scope),
						owner->name,
						scope->index);
	return psprintf("%s/States/%s/ItemProcessor",
					scope_location(owner->scope),
					owner->name);
}
