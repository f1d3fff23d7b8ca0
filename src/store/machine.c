/*-------------------------------------------------------------------------
 *
 * machine.c
 *	  Statements on state machines and their revisions.
 *
 * A revision is never changed: saving another definition, role or
 * configuration inserts a new one and makes it the machine's current one.
 *
 * Must not know who may do what.
 *
 * IDENTIFICATION
 *	  src/store/machine.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "store/records.h"
#include "store/sql.h"
#include "workflow.h"

#define MACHINE_COLUMNS                                                                  \
	"m.id, m.name, m.type, m.status, m.owner, m.revision_id, m.next_version, "           \
	"m.publish, m.version_description, m.tags, m.created_at"

static void read_machine(uint64 row, StoreMachineRecord *machine);

bool
store_find_machine(const char *name, bool lock, StoreMachineRecord *machine)
{
	static StorePlan plan = {"SELECT " MACHINE_COLUMNS " FROM workflow.state_machine m "
							 "WHERE m.name = $1 AND m.status <> 'DELETED'",
							 1,
							 {TEXTOID}};
	static StorePlan locking = {"SELECT " MACHINE_COLUMNS
								" FROM workflow.state_machine m "
								"WHERE m.name = $1 AND m.status <> 'DELETED' FOR UPDATE",
								1,
								{TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	if (store_execute(lock ? &locking : &plan, &value, NULL) == 0)
		return false;
	read_machine(0, machine);
	return true;
}

void
store_lock_machine(const char *name, bool exclusive)
{
	LOCKTAG tag;
	Oid table =
		get_relname_relid("state_machine", get_namespace_oid(WORKFLOW_SCHEMA, false));

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, string_hash(name, strlen(name) + 1), 0);
	(void) LockAcquire(&tag,
					   exclusive ? AccessExclusiveLock : AccessShareLock,
					   false,
					   false);
}

bool
store_find_machine_by_id(int64 id, StoreMachineRecord *machine)
{
	static StorePlan plan = {"SELECT " MACHINE_COLUMNS
							 " FROM workflow.state_machine m WHERE m.id = $1",
							 1,
							 {INT8OID}};
	Datum value = Int64GetDatum(id);

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	read_machine(0, machine);
	return true;
}

static void
read_machine(uint64 row, StoreMachineRecord *machine)
{
	machine->id = store_int64(row, 1, 0);
	machine->name = store_text(row, 2);
	machine->type = store_text(row, 3);
	machine->status = store_text(row, 4);
	machine->owner = store_text(row, 5);
	machine->revision_id = store_int64(row, 6, 0);
	machine->next_version = (int) store_int64(row, 7, 0);
	machine->publish = store_bool(row, 8, false);
	machine->version_description = store_text(row, 9);
	machine->tags = store_jsonb(row, 10);
	machine->created_at = store_timestamp(row, 11, 0);
}

bool
store_find_revision(int64 id, StoreRevisionRecord *revision)
{
	static StorePlan plan = {
		"SELECT id, state_machine_id, revision_id::text, definition, role, role_arn, logging, "
		"tracing, encryption, created_at FROM workflow.revision WHERE id = $1",
		1,
		{INT8OID}};
	Datum value = Int64GetDatum(id);

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	revision->id = store_int64(0, 1, 0);
	revision->state_machine_id = store_int64(0, 2, 0);
	revision->uuid = store_text(0, 3);
	revision->definition = store_text(0, 4);
	revision->role = store_text(0, 5);
	revision->role_arn = store_text(0, 6);
	revision->logging = store_jsonb(0, 7);
	revision->tracing = store_jsonb(0, 8);
	revision->encryption = store_jsonb(0, 9);
	revision->created_at = store_timestamp(0, 10, 0);
	return true;
}

/*
 * The machine names its revision and the revision its machine, so the
 * revision's id is drawn first.
 */
bool
store_insert_machine(StoreMachineRecord *machine, StoreRevisionRecord *revision)
{
	static StorePlan plan = {
		"WITH next AS (SELECT nextval('workflow.revision_id_seq') AS id), "
		"machine AS ("
		"INSERT INTO workflow.state_machine (name, type, owner, revision_id, next_version, publish, "
		"version_description, tags, created_at) "
		"SELECT $1, $2, $3, next.id, $4, $5, $6, $7, $8 FROM next "
		"ON CONFLICT (name) WHERE status <> 'DELETED' DO NOTHING "
		"RETURNING id, revision_id) "
		"INSERT INTO workflow.revision (id, state_machine_id, definition, role, role_arn, logging, "
		"tracing, encryption, created_at) OVERRIDING SYSTEM VALUE "
		"SELECT machine.revision_id, machine.id, $9, $10, $11, $12, $13, $14, $8 FROM machine "
		"RETURNING state_machine_id, id",
		14,
		{TEXTOID,
		 TEXTOID,
		 TEXTOID,
		 INT4OID,
		 BOOLOID,
		 TEXTOID,
		 JSONBOID,
		 TIMESTAMPTZOID,
		 TEXTOID,
		 TEXTOID,
		 TEXTOID,
		 JSONBOID,
		 JSONBOID,
		 JSONBOID}};
	SqlArguments args = {0};

	sql_add_text(&args, machine->name);
	sql_add_text(&args, machine->type);
	sql_add_text(&args, machine->owner);
	sql_add(&args, Int32GetDatum(machine->next_version));
	sql_add(&args, BoolGetDatum(machine->publish));
	sql_add_text(&args, machine->version_description);
	sql_add_value(&args, machine->tags);
	sql_add_timestamp(&args, machine->created_at);
	sql_add_text(&args, revision->definition);
	sql_add_text(&args, revision->role);
	sql_add_text(&args, revision->role_arn);
	sql_add_value(&args, revision->logging);
	sql_add_value(&args, revision->tracing);
	sql_add_value(&args, revision->encryption);
	if (sql_execute(&plan, &args) == 0)
		return false;

	machine->id = revision->state_machine_id = store_int64(0, 1, 0);
	machine->revision_id = revision->id = store_int64(0, 2, 0);
	revision->uuid = NULL;
	revision->created_at = machine->created_at;
	return true;
}

void
store_insert_revision(StoreMachineRecord *machine, StoreRevisionRecord *revision)
{
	static StorePlan plan = {
		"WITH revision AS ("
		"INSERT INTO workflow.revision (state_machine_id, revision_id, definition, role, role_arn, "
		"logging, tracing, encryption, created_at) "
		"VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8) RETURNING id, revision_id) "
		"UPDATE workflow.state_machine m SET revision_id = revision.id FROM revision WHERE m.id = $1 "
		"RETURNING revision.id, revision.revision_id::text",
		8,
		{INT8OID,
		 TEXTOID,
		 TEXTOID,
		 TEXTOID,
		 JSONBOID,
		 JSONBOID,
		 JSONBOID,
		 TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(machine->id));
	sql_add_text(&args, revision->definition);
	sql_add_text(&args, revision->role);
	sql_add_text(&args, revision->role_arn);
	sql_add_value(&args, revision->logging);
	sql_add_value(&args, revision->tracing);
	sql_add_value(&args, revision->encryption);
	sql_add_timestamp(&args, revision->created_at);
	sql_execute(&plan, &args);
	machine->revision_id = revision->id = store_int64(0, 1, 0);
	revision->uuid = store_text(0, 2);
}

void
store_set_machine_status(int64 id, const char *status)
{
	static StorePlan plan =
		{"UPDATE workflow.state_machine SET status = $2 WHERE id = $1",
		 2,
		 {INT8OID, TEXTOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(id));
	sql_add_text(&args, status);
	sql_execute(&plan, &args);
}

void
store_set_machine_tags(int64 id, Value tags)
{
	static StorePlan plan = {"UPDATE workflow.state_machine SET tags = $2 WHERE id = $1",
							 2,
							 {INT8OID, JSONBOID}};
	SqlArguments args = {0};

	sql_add(&args, Int64GetDatum(id));
	sql_add_value(&args, tags);
	sql_execute(&plan, &args);
}

void
store_strip_machine(int64 id)
{
	static StorePlan plan =
		{"WITH aliases AS (DELETE FROM workflow.alias WHERE state_machine_id = $1), "
		 "permissions AS (DELETE FROM workflow.permission WHERE state_machine_id = $1) "
		 "DELETE FROM workflow.version WHERE state_machine_id = $1",
		 1,
		 {INT8OID}};
	Datum value = Int64GetDatum(id);

	store_execute(&plan, &value, NULL);
}

int
store_list_machines(ArrayType *ids, int64 after, int64 limit,
					StoreMachineRecord **machines)
{
	static StorePlan plan = {
		"SELECT " MACHINE_COLUMNS " FROM workflow.state_machine m "
		"WHERE m.id = ANY ($1) AND m.id > $2 AND m.status <> 'DELETED' ORDER BY m.id LIMIT $3",
		3,
		{INT8ARRAYOID, INT8OID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add(&args, PointerGetDatum(ids));
	sql_add(&args, Int64GetDatum(after));
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*machines = palloc_array(StoreMachineRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_machine(row, &(*machines)[row]);
	return (int) count;
}
