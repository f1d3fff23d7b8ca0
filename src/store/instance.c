/*-------------------------------------------------------------------------
 *
 * instance.c
 *	  Which server and database the workflows run under.
 *
 * A copy must not do things twice.  Where the system identifier or the oid of
 * the database differ from what is noted, the tables came here by dump and
 * restore, as a template or through pg_upgrade, and nothing may run until
 * somebody says that this is the one: workflow.resume().  Nothing is noted before
 * the first state machine is created: a restore that is under way brings the
 * note of the original, but other tables before it, and they must not be taken for
 * this database's own.
 *
 * Must not know what runs.
 *
 * IDENTIFICATION
 *	  src/store/instance.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "store/records.h"
#include "store/sql.h"

bool
store_instance_matches(void)
{
	static StorePlan plan =
		{"SELECT system_identifier, database_oid FROM workflow.instance", 0};

	return store_execute(&plan, NULL, NULL) > 0 &&
		   (uint64) store_int64(0, 1, 0) == GetSystemIdentifier() &&
		   (Oid) store_int64(0, 2, 0) == MyDatabaseId;
}

bool
store_instance_is_noted(void)
{
	static StorePlan plan = {"SELECT FROM workflow.instance", 0};

	return store_execute(&plan, NULL, NULL) > 0;
}

bool
store_claim_new_instance(int64 machine_id, TimestampTz now)
{
	static StorePlan plan =
		{"INSERT INTO workflow.instance (system_identifier, database_oid, since) "
		 "SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM workflow.instance) "
		 "AND NOT EXISTS (SELECT FROM workflow.state_machine WHERE id <> $4) "
		 "ON CONFLICT DO NOTHING",
		 4,
		 {INT8OID, OIDOID, TIMESTAMPTZOID, INT8OID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum((int64) GetSystemIdentifier()));
	sql_add(&args, ObjectIdGetDatum(MyDatabaseId));
	sql_add_timestamp(&args, now);
	sql_add(&args, Int64GetDatum(machine_id));
	return sql_execute(&plan, &args) > 0;
}

void
store_claim_instance(TimestampTz now)
{
	static StorePlan plan = {
		"INSERT INTO workflow.instance (system_identifier, database_oid, since) VALUES ($1, $2, $3)",
		3,
		{INT8OID, OIDOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	store_forget_instance();
	sql_add(&args, Int64GetDatum((int64) GetSystemIdentifier()));
	sql_add(&args, ObjectIdGetDatum(MyDatabaseId));
	sql_add_timestamp(&args, now);
	sql_execute(&plan, &args);
}

void
store_forget_instance(void)
{
	static StorePlan plan = {"DELETE FROM workflow.instance", 0};

	store_execute(&plan, NULL, NULL);
}
