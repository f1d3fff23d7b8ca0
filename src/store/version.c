/*-------------------------------------------------------------------------
 *
 * version.c
 *	  Statements on published versions and aliases.
 *
 * Must not know who may do what.
 *
 * IDENTIFICATION
 *	  src/store/version.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/records.h"
#include "store/sql.h"

static void read_version(uint64 row, StoreVersionRecord *version);
static void read_alias(uint64 row, StoreAliasRecord *alias);

bool
store_find_version(int64 machine_id, int number, StoreVersionRecord *version)
{
	static StorePlan plan =
		{"SELECT number, revision_id, description, created_at FROM workflow.version "
		 "WHERE state_machine_id = $1 AND number = $2",
		 2,
		 {INT8OID, INT4OID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add(&args, Int32GetDatum(number));
	if (sql_execute(&plan, &args) == 0)
		return false;
	read_version(0, version);
	return true;
}

bool
store_find_version_of_revision(int64 machine_id, int64 revision_id,
							   StoreVersionRecord *version)
{
	static StorePlan plan =
		{"SELECT number, revision_id, description, created_at FROM workflow.version "
		 "WHERE state_machine_id = $1 AND revision_id = $2 ORDER BY number DESC LIMIT 1",
		 2,
		 {INT8OID, INT8OID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add(&args, Int64GetDatum(revision_id));
	if (sql_execute(&plan, &args) == 0)
		return false;
	read_version(0, version);
	return true;
}

static void
read_version(uint64 row, StoreVersionRecord *version)
{
	version->number = (int) store_int64(row, 1, 0);
	version->revision_id = store_int64(row, 2, 0);
	version->description = store_text(row, 3);
	version->created_at = store_timestamp(row, 4, 0);
}

void
store_insert_version(StoreMachineRecord *machine, StoreVersionRecord *version)
{
	static StorePlan plan = {
		"WITH machine AS (UPDATE workflow.state_machine SET next_version = next_version + 1 "
		"WHERE id = $1 RETURNING next_version - 1 AS number) "
		"INSERT INTO workflow.version (state_machine_id, number, revision_id, description, created_at) "
		"SELECT $1, machine.number, $2, $3, $4 FROM machine RETURNING number",
		4,
		{INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine->id));
	sql_add(&args, Int64GetDatum(machine->revision_id));
	sql_add_text(&args, version->description);
	sql_add_timestamp(&args, version->created_at);
	sql_execute(&plan, &args);
	version->number = (int) store_int64(0, 1, 0);
	version->revision_id = machine->revision_id;
	machine->next_version = version->number + 1;
}

bool
store_delete_version(int64 machine_id, int number)
{
	static StorePlan plan =
		{"DELETE FROM workflow.version WHERE state_machine_id = $1 AND number = $2",
		 2,
		 {INT8OID, INT4OID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add(&args, Int32GetDatum(number));
	return sql_execute(&plan, &args) > 0;
}

int
store_list_versions(int64 machine_id, int before, int64 limit,
					StoreVersionRecord **versions)
{
	static StorePlan plan = {
		"SELECT number, revision_id, description, created_at FROM workflow.version "
		"WHERE state_machine_id = $1 AND ($2 IS NULL OR number < $2) ORDER BY number DESC LIMIT $3",
		3,
		{INT8OID, INT4OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_int32_or_null(&args, before);
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*versions = palloc_array(StoreVersionRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_version(row, &(*versions)[row]);
	return (int) count;
}

int64
store_count_versions(int64 machine_id)
{
	static StorePlan plan =
		{"SELECT count(*) FROM workflow.version WHERE state_machine_id = $1",
		 1,
		 {INT8OID}};
	Datum value = Int64GetDatum(machine_id);

	store_execute(&plan, &value, NULL);
	return store_int64(0, 1, 0);
}

bool
store_find_alias(int64 machine_id, const char *name, StoreAliasRecord *alias)
{
	static StorePlan plan =
		{"SELECT name, description, routing, created_at, updated_at FROM workflow.alias "
		 "WHERE state_machine_id = $1 AND name = $2",
		 2,
		 {INT8OID, TEXTOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, name);
	if (sql_execute(&plan, &args) == 0)
		return false;
	read_alias(0, alias);
	return true;
}

static void
read_alias(uint64 row, StoreAliasRecord *alias)
{
	alias->name = store_text(row, 1);
	alias->description = store_text(row, 2);
	alias->routing = store_jsonb(row, 3);
	alias->created_at = store_timestamp(row, 4, 0);
	alias->updated_at = store_timestamp(row, 5, 0);
}

bool
store_insert_alias(int64 machine_id, const StoreAliasRecord *alias)
{
	static StorePlan plan = {
		"INSERT INTO workflow.alias (state_machine_id, name, description, routing, created_at, updated_at) "
		"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
		6,
		{INT8OID, TEXTOID, TEXTOID, JSONBOID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, alias->name);
	sql_add_text(&args, alias->description);
	sql_add_value(&args, alias->routing);
	sql_add_timestamp(&args, alias->created_at);
	sql_add_timestamp(&args, alias->updated_at);
	return sql_execute(&plan, &args) > 0;
}

void
store_update_alias(int64 machine_id, const StoreAliasRecord *alias)
{
	static StorePlan plan =
		{"UPDATE workflow.alias SET description = $3, routing = $4, updated_at = $5 "
		 "WHERE state_machine_id = $1 AND name = $2",
		 5,
		 {INT8OID, TEXTOID, TEXTOID, JSONBOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, alias->name);
	sql_add_text(&args, alias->description);
	sql_add_value(&args, alias->routing);
	sql_add_timestamp(&args, alias->updated_at);
	sql_execute(&plan, &args);
}

bool
store_delete_alias(int64 machine_id, const char *name)
{
	static StorePlan plan =
		{"DELETE FROM workflow.alias WHERE state_machine_id = $1 AND name = $2",
		 2,
		 {INT8OID, TEXTOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_text(&args, name);
	return sql_execute(&plan, &args) > 0;
}

int
store_list_aliases(int64 machine_id, int version, int64 offset, int64 limit,
				   StoreAliasRecord **aliases)
{
	static StorePlan plan = {
		"SELECT name, description, routing, created_at, updated_at FROM workflow.alias "
		"WHERE state_machine_id = $1 AND "
		"($2 IS NULL OR routing @> jsonb_build_array(jsonb_build_object('version', $2))) "
		"ORDER BY created_at, name OFFSET $3 LIMIT $4",
		4,
		{INT8OID, INT4OID, INT8OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, Int64GetDatum(machine_id));
	sql_add_int32_or_null(&args, version);
	sql_add(&args, Int64GetDatum(offset));
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*aliases = palloc_array(StoreAliasRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_alias(row, &(*aliases)[row]);
	return (int) count;
}
