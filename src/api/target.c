/*-------------------------------------------------------------------------
 *
 * target.c
 *	  What is started: the machine, version or alias that a name stands for.
 *
 * "SELECT start_execution(...) FROM ..." asks for every row.  So what a name
 * stands for, and whether the caller may start it, is found out once per
 * statement.  It is looked up again when the statement, the user or the
 * subtransaction is another one, and when this session changes a machine
 * (api_forget_target()).
 *
 * Must not know how it is started.
 *
 * IDENTIFICATION
 *	  src/api/target.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "guc.h"
#include "worker/worker.h"

/* What was found last, and for whom it counts */
static ApiTarget target = {0};
static MemoryContext target_context = NULL; /* NULL: nothing is cached */
static const char *target_text;
static Oid target_user;
static SubTransactionId target_subtransaction;
static TimestampTz target_transaction_start;
static TimestampTz target_statement_start;

static void check_revision(const StoreRevision *revision, const char *owner,
						   const char *arn);
static void find_routes(ApiCall *call, const StoreMachineRecord *machine,
						const StoreArn *arn, ApiTarget *found);
static void remember(const char *text, Oid user, const ApiTarget *found);

/*
 * What stateMachineArn stands for; raises where there is no such thing, or
 * where it cannot or may not be started.
 */
ApiTarget *
api_find_target(ApiCall *call)
{
	const char *given = api_get_string(call, "stateMachineArn");
	const char *text = api_get_arn_text(call, "stateMachineArn");
	StoreArn arn;
	StoreMachineRecord machine;
	ApiTarget found = {0};

	if (api_target_is_current(given, call->user))
		return &target;

	api_get_arn(call, "stateMachineArn", &arn);
	if (arn.label != NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("The API %s does not support labeled state machine ARNs: '%s'",
					   call->action->name,
					   text));
	store_lock_machine(arn.name, false);
	if (!store_find_machine(arn.name, false, &machine))
		api_no_machine(text);
	api_authorize(call, machine.id, machine.owner, api_start, text);
	found.machine_id = machine.id;
	found.express = strcmp(machine.type, "EXPRESS") == 0;
	found.machine_name = machine.name;
	find_routes(call, &machine, &arn, &found);
	for (int i = 0; i < found.nroutes; i++)
	{
		const StoreRevision *revision = store_revision(found.routes[i].revision_id);

		check_revision(revision, machine.owner, text);
		found.routes[i].revision = revision;
	}
	remember(given, call->user, &found);
	return &target;
}

/*
 * It compiled once; a newer library may be stricter.
 */
static void
check_revision(const StoreRevision *revision, const char *owner, const char *arn)
{
	const char *error = revision != NULL ? revision->compile_error : NULL;

	if (error != NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_DEFINITION),
				errmsg("Invalid State Machine Definition: '%s'", error));
	if (revision != NULL)
		api_check_role(owner, revision->role);
	else
		api_no_machine(arn);
}

bool
api_target_is_current(const char *text, Oid user)
{
	return target_context != NULL && target_user == user &&
		   target_subtransaction == GetCurrentSubTransactionId() &&
		   target_transaction_start == GetCurrentTransactionStartTimestamp() &&
		   target_statement_start == GetCurrentStatementStartTimestamp() &&
		   strcmp(target_text, text) == 0;
}

/*
 * The current revision, a version, or the versions of an alias
 */
static void
find_routes(ApiCall *call, const StoreMachineRecord *machine, const StoreArn *arn,
			ApiTarget *found)
{
	StoreVersionRecord version;
	StoreAliasRecord alias;
	int number = api_version_number(arn->qualifier);

	if (arn->qualifier == NULL)
	{
		found->routes[found->nroutes++] =
			(ApiRoute){.revision_id = machine->revision_id, .weight = 100};
		return;
	}
	if (number != 0 && store_find_version(machine->id, number, &version))
	{
		found->routes[found->nroutes++] = (ApiRoute){.revision_id = version.revision_id,
													 .version = number,
													 .weight = 100};
		return;
	}
	if (number != 0 || !store_find_alias(machine->id, arn->qualifier, &alias))
		api_no_machine(api_get_arn_text(call, "stateMachineArn"));

	found->alias = alias.name;
	for (int i = 0; i < Min(value_array_length(alias.routing), lengthof(found->routes));
		 i++)
	{
		Value item = value_array_get(alias.routing, i);

		number = (int) value_to_double(value_object_get_cstring(item, "version"));
		if (!store_find_version(machine->id, number, &version))
			api_no_machine(store_version_arn(machine->name, number));
		found->routes[found->nroutes++] = (ApiRoute){
			.revision_id = version.revision_id,
			.version = number,
			.weight = (int) value_to_double(value_object_get_cstring(item, "weight")),
		};
	}
}

static void
remember(const char *text, Oid user, const ApiTarget *found)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "workflow start target",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);

	api_forget_target();
	target = *found;
	target.machine_name = pstrdup(found->machine_name);
	target.alias = found->alias ? pstrdup(found->alias) : NULL;
	target_text = pstrdup(text);
	target_user = user;
	target_subtransaction = GetCurrentSubTransactionId();
	target_transaction_start = GetCurrentTransactionStartTimestamp();
	target_statement_start = GetCurrentStatementStartTimestamp();
	target_context = context;
	MemoryContextSwitchTo(old_context);
}

void
api_forget_target(void)
{
	if (target_context != NULL)
		MemoryContextDelete(target_context);
	target_context = NULL;
}

/*
 * By weight, at random
 */
const ApiRoute *
api_choose_route(const ApiTarget *found)
{
	if (found->nroutes == 2 && pg_prng_uint64_range(&pg_global_prng_state, 0, 99) >=
								   (uint64) found->routes[0].weight)
		return &found->routes[1];
	return &found->routes[0];
}

void
api_wrong_type(void)
{
	ereport(ERROR,
			errcode(ERRCODE_WF_STATE_MACHINE_TYPE_NOT_SUPPORTED),
			errmsg("This operation is not supported by this type of state machine"));
}

/*
 * Why executions do not run, or NULL
 */
const char *
api_why_nothing_runs(const char **hint)
{
	if (!worker_is_preloaded())
	{
		*hint = "Add workflow to shared_preload_libraries and restart the server.";
		return "the library is not preloaded";
	}
	if (!wf_guc_enabled)
	{
		*hint = "Set workflow.enabled to on and reload the configuration.";
		return "workflow.enabled is off";
	}
	if (!store_instance_matches())
	{
		*hint = "If this is where its workflows are to run, call workflow.resume().";
		return "this database is a copy";
	}
	return NULL;
}
