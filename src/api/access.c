/*-------------------------------------------------------------------------
 *
 * access.c
 *	  Who may: privileges on state machines, and the roles they run as.
 *
 * The caller is who called the API's function, not the owner of the tables
 * whose rights the store has.
 *
 * IDENTIFICATION
 *	  src/api/access.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/syscache.h"

#include "api/api.h"
#include "guc.h"

const char *const api_start[] = {"start", NULL};
const char *const api_stop[] = {"stop", NULL};
const char *const api_status[] = {"read", "status", NULL};
const char *const api_read[] = {"read", NULL};
const char *const api_define[] = {"read", "update", NULL};
const char *const api_update[] = {"update", NULL};
const char *const api_any[] = {"start", "stop", "status", "read", "update", NULL};

static bool can_log_in(Oid role);
static void role_denied(const char *who, const char *role);

bool
api_may(const ApiCall *call, int64 machine_id, const char *owner,
		const char *const *privileges)
{
	return store_may(call->user, machine_id, owner, privileges);
}

void
api_authorize(const ApiCall *call, int64 machine_id, const char *owner,
			  const char *const *privileges, const char *arn)
{
	if (!api_may(call, machine_id, owner, privileges))
		api_access_denied(call, arn);
}

void
api_access_denied(const ApiCall *call, const char *arn)
{
	StoreArn parsed;
	bool is_activity = store_parse_arn(arn, &parsed) && parsed.kind == STORE_ARN_ACTIVITY;

	ereport(
		ERROR,
		errcode(ERRCODE_WF_ACCESS_DENIED),
		errmsg(
			"User: arn:aws:iam::%s:user/%s is not authorized to perform: states:%s on resource: %s",
			wf_guc_account_id,
			GetUserNameFromId(call->user, false),
			call->action->name,
			arn),
		is_activity
			? errhint("An activity is for the members of the role that owns it.")
			: errhint(
				  "The owner of the state machine grants privileges with workflow.grant()."));
}

/*
 * A typed function names the role itself; a roleArn stands for the role of its
 * last part if there is one.  Otherwise it is the caller's own.
 */
void
api_resolve_role(const ApiCall *call, char **role, char **role_arn)
{
	StoreArn arn;
	const char *name = call->typed ? api_get_string(call, "role") : NULL;
	Oid oid = call->user;

	*role_arn = NULL;
	if (name != NULL)
		oid = get_role_oid(name, false);
	else if (api_get_arn(call, "roleArn", &arn))
	{
		*role_arn = pstrdup(api_get_string(call, "roleArn"));
		if (OidIsValid(get_role_oid(arn.name, true)))
			oid = get_role_oid(arn.name, true);
	}

	*role = GetUserNameFromId(oid, false);
	if (*role_arn == NULL)
		*role_arn = store_role_arn(*role);
	if (!is_member_of_role(call->user, oid))
		role_denied(GetUserNameFromId(call->user, false), *role);
	if ((name != NULL || call->typed) && COMPAT_WORKER_NEEDS_LOGIN && !can_log_in(oid))
		ereport(
			ERROR,
			errcode(ERRCODE_WF_ACCESS_DENIED),
			errmsg("role \"%s\" cannot log in", *role),
			errdetail("SQL tasks run in sessions of the role of their state machine."),
			errhint(
				"Name a role with the attribute LOGIN, which needs no password, or ALTER ROLE %s LOGIN.",
				*role));
}

static bool
can_log_in(Oid role)
{
	HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
		ReleaseSysCache(tuple);
	}
	return result;
}

void
api_check_role(const char *owner, const char *role)
{
	Oid owner_oid = get_role_oid(owner, true);
	Oid role_oid = get_role_oid(role, true);

	if (!OidIsValid(role_oid) || !OidIsValid(owner_oid) ||
		!is_member_of_role(owner_oid, role_oid))
		role_denied(owner, role);
}

static void
role_denied(const char *who, const char *role)
{
	ereport(
		ERROR,
		errcode(ERRCODE_WF_ACCESS_DENIED),
		errmsg(
			"User: arn:aws:iam::%s:user/%s is not authorized to perform: iam:PassRole on resource: %s",
			wf_guc_account_id,
			who,
			store_role_arn(role)),
		errdetail("Role \"%s\" has to exist, and \"%s\" has to be a member of it.",
				  role,
				  who));
}
