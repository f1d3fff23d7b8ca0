/*-------------------------------------------------------------------------
 *
 * grant.c
 *	  Privileges on state machines: grant(), revoke(); and which machines row
 *	  security shows.
 *
 * IDENTIFICATION
 *	  src/api/grant.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"

WF_FUNCTION(wf_grant);
WF_FUNCTION(wf_revoke);
WF_FUNCTION(wf__visible_machines);

static const ApiMember grant_members[] = {API_MACHINE_ARN, API_END};

static const ApiAction grant_action = {"Grant", NULL, grant_members};

typedef void (*ChangePermission)(int64 machine_id, const char *grantee,
								 const char *privilege);

static void change_permissions(FunctionCallInfo fcinfo, ChangePermission change);
static void check_privilege(const char *privilege);

/*
 * grant(state_machine text, role text, privileges text[]) returns void
 */
Datum
wf_grant(PG_FUNCTION_ARGS)
{
	change_permissions(fcinfo, store_grant);
	PG_RETURN_VOID();
}

/*
 * revoke(state_machine text, role text, privileges text[]) returns void
 */
Datum
wf_revoke(PG_FUNCTION_ARGS)
{
	change_permissions(fcinfo, store_revoke);
	PG_RETURN_VOID();
}

/*
 * The owner's only, as with everything in the database.
 */
static void
change_permissions(FunctionCallInfo fcinfo, ChangePermission change)
{
	ValueObject *request = value_object_new(1);
	ApiCall call = {
		.action = &grant_action,
		.typed = true,
		.user = GetUserId(),
		.now = GetCurrentTimestamp(),
	};
	static const char *const nothing[] = {NULL};
	StoreMachineRecord machine;
	StoreSession session;
	char *role;
	Datum *privileges;
	int count;

	api_check_argument(fcinfo, 0, "state_machine");
	api_check_argument(fcinfo, 1, "role");
	api_check_argument(fcinfo, 2, "privileges");
	api_put_text(request, "stateMachineArn", text_to_cstring(PG_GETARG_TEXT_PP(0)));
	call.request = value_from_object(request);
	role = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (array_contains_nulls(PG_GETARG_ARRAYTYPE_P(2)))
		ereport(ERROR,
				errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("argument \"%s\" must not contain nulls", "privileges"));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &privileges,
					  NULL,
					  &count);
	/* what a role that is gone was granted can still be taken back */
	if (change == store_grant && strcmp(role, "public") != 0)
		(void) get_role_oid(role, false);

	store_begin(&session);
	api_forget_target();
	api_check(&call);
	api_find_machine(&call, "stateMachineArn", false, &machine);
	api_authorize(&call,
				  machine.id,
				  machine.owner,
				  nothing,
				  store_machine_arn(machine.name));
	for (int i = 0; i < count; i++)
	{
		char *privilege = TextDatumGetCString(privileges[i]);

		check_privilege(privilege);
		change(machine.id, role, privilege);
	}
	store_end(&session);
}

static void
check_privilege(const char *privilege)
{
	for (int i = 0; api_any[i] != NULL; i++)
		if (strcmp(api_any[i], privilege) == 0)
			return;
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("unrecognized privilege: \"%s\"", privilege),
			errhint("Privileges are start, stop, status, read and update."));
}

/*
 * _visible_machines(privilege text) returns bigint[]: "read", "status" or "any"
 */
Datum
wf__visible_machines(PG_FUNCTION_ARGS)
{
	char *privilege = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *const *privileges = strcmp(privilege, "read") == 0     ? api_read
									: strcmp(privilege, "status") == 0 ? api_status
																	   : api_any;
	MemoryContext caller = CurrentMemoryContext;
	Oid user = GetUserId();
	StoreSession session;
	ArrayType *ids;

	store_begin(&session);
	ids = store_machines_for(user, privileges);
	MemoryContextSwitchTo(caller);
	ids = DatumGetArrayTypePCopy(PointerGetDatum(ids));
	store_end(&session);
	PG_RETURN_ARRAYTYPE_P(ids);
}
