/*-------------------------------------------------------------------------
 *
 * permission.c
 *	  Who may do what with a state machine.
 *
 * Roles are stored by name and looked up at each use: a role that is not there
 * (any more, or not in this server) owns nothing and was granted nothing.  The
 * grantee "public" is everybody.
 *
 * Must not know what the privileges allow.
 *
 * IDENTIFICATION
 *	  src/store/permission.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"

#include "store/records.h"
#include "store/sql.h"

#define EVERYBODY "public"

static ArrayType *text_array(const char *const *texts);
static const char *role_name(const char *role_arn);

bool
store_has_role(Oid role, const char *name)
{
	Oid other = get_role_oid(name, true);

	return superuser_arg(role) || (OidIsValid(other) && has_privs_of_role(role, other));
}

bool
store_may(Oid role, int64 machine_id, const char *owner, const char *const *privileges)
{
	static StorePlan plan = {"SELECT DISTINCT grantee FROM workflow.permission "
							 "WHERE state_machine_id = $1 AND privilege = ANY ($2)",
							 2,
							 {INT8OID, TEXTARRAYOID}};
	SqlArguments args = {0};
	uint64 count;

	if (store_has_role(role, owner))
		return true;
	if (privileges[0] == NULL)
		return false;
	sql_add(&args, Int64GetDatum(machine_id));
	sql_add(&args, PointerGetDatum(text_array(privileges)));
	count = sql_execute(&plan, &args);
	for (uint64 row = 0; row < count; row++)
	{
		char *grantee = store_text(row, 1);

		if (strcmp(grantee, EVERYBODY) == 0 || store_has_role(role, grantee))
			return true;
	}
	return false;
}

ArrayType *
store_machines_for(Oid role, const char *const *privileges)
{
	static StorePlan plan = {
		"WITH mine AS (SELECT rolname::text AS name FROM pg_roles WHERE pg_has_role($1, oid, 'USAGE') "
		"UNION ALL SELECT '" EVERYBODY "') "
		"SELECT coalesce(array_agg(m.id), '{}') FROM workflow.state_machine m "
		"WHERE $2 OR m.owner IN (SELECT name FROM mine) OR m.id IN (SELECT p.state_machine_id "
		"FROM workflow.permission p JOIN mine ON mine.name = p.grantee WHERE p.privilege = ANY ($3))",
		3,
		{OIDOID, BOOLOID, TEXTARRAYOID}};
	SqlArguments args = {0};
	bool isnull;

	sql_add(&args, ObjectIdGetDatum(role));
	sql_add(&args, BoolGetDatum(superuser_arg(role)));
	sql_add(&args, PointerGetDatum(text_array(privileges)));
	sql_execute(&plan, &args);
	return DatumGetArrayTypePCopy(store_datum(0, 1, &isnull));
}

static ArrayType *
text_array(const char *const *texts)
{
	Datum datums[16];
	int count = 0;

	for (; texts[count] != NULL; count++)
		datums[count] = CStringGetTextDatum(texts[count]);
	return construct_array(datums, count, TEXTOID, -1, false, TYPALIGN_INT);
}

void
store_grant(int64 machine_id, const char *grantee, const char *privilege)
{
	static StorePlan plan = {
		"INSERT INTO workflow.permission (state_machine_id, grantee, privilege) VALUES ($1, $2, $3) "
		"ON CONFLICT DO NOTHING",
		3,
		{INT8OID, TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, grantee);
	sql_add_text(&args, privilege);
	sql_execute(&plan, &args);
}

void
store_revoke(int64 machine_id, const char *grantee, const char *privilege)
{
	static StorePlan plan = {
		"DELETE FROM workflow.permission WHERE state_machine_id = $1 AND grantee = $2 AND privilege = $3",
		3,
		{INT8OID, TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, grantee);
	sql_add_text(&args, privilege);
	sql_execute(&plan, &args);
}

/*
 * A session runs as that role.
 */
Oid
store_owner(void)
{
	return GetUserId();
}

/*
 * See store.h.  The ARN's last part is the role, as of a roleArn; a name will do.
 */
const char *
store_task_role(const char *machine_role, const char *role_arn)
{
	const char *name;
	Oid own;
	Oid other;

	if (role_arn == NULL)
		return machine_role;
	name = role_name(role_arn);
	own = get_role_oid(machine_role, true);
	other = get_role_oid(name, true);
	return OidIsValid(own) && OidIsValid(other) && is_member_of_role(own, other)
			   ? name
			   : machine_role;
}

char *
store_credentials_refused(const StoreTask *task)
{
	static StorePlan plan = {"SELECT v.role_arn FROM workflow.agenda a "
							 "JOIN workflow.revision v ON v.id = a.revision_id "
							 "WHERE a.execution_id = $1",
							 1,
							 {INT8OID}};
	Datum value = Int64GetDatum(task->execution_id);

	if (task->role_arn == NULL || strcmp(role_name(task->role_arn), task->role) == 0)
		return NULL;
	return psprintf("The role %s is not authorized to assume the task state's role, %s.",
					store_execute(&plan, &value, NULL) > 0 ? store_text(0, 1)
														   : store_role_arn(task->role),
					task->role_arn);
}

static const char *
role_name(const char *role_arn)
{
	StoreArn arn;

	return store_parse_arn(role_arn, &arn) && arn.kind == STORE_ARN_ROLE ? arn.name
																		 : role_arn;
}
