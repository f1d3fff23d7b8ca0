/*-------------------------------------------------------------------------
 *
 * function.c
 *	  Statements on registered functions and on activities.
 *
 * Must not know how either is run.
 *
 * IDENTIFICATION
 *	  src/store/function.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/records.h"
#include "store/sql.h"

static void read_activity(uint64 row, StoreActivityRecord *activity);

bool
store_find_function(const char *name, StoreFunctionRecord *function)
{
	static StorePlan plan = {
		"SELECT name, function, activity, chain, isolation, owner, registered_at FROM workflow.function "
		"WHERE name = $1",
		1,
		{TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	function->name = store_text(0, 1);
	function->function = store_text(0, 2);
	function->activity = store_text(0, 3);
	function->chain = store_bool(0, 4, false);
	function->isolation = store_text(0, 5);
	function->owner = store_text(0, 6);
	function->registered_at = store_timestamp(0, 7, 0);
	return true;
}

void
store_save_function(const StoreFunctionRecord *function)
{
	static StorePlan plan = {
		"INSERT INTO workflow.function (name, function, activity, chain, isolation, owner, registered_at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET "
		"function = excluded.function, activity = excluded.activity, chain = excluded.chain, "
		"isolation = excluded.isolation, owner = excluded.owner, registered_at = excluded.registered_at",
		7,
		{TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add_text(&args, function->name);
	sql_add_text(&args, function->function);
	sql_add_text(&args, function->activity);
	sql_add(&args, BoolGetDatum(function->chain));
	sql_add_text(&args, function->isolation);
	sql_add_text(&args, function->owner);
	sql_add_timestamp(&args, function->registered_at);
	sql_execute(&plan, &args);
}

bool
store_delete_function(const char *name)
{
	static StorePlan plan = {"DELETE FROM workflow.function WHERE name = $1",
							 1,
							 {TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	return store_execute(&plan, &value, NULL) > 0;
}

bool
store_find_activity(const char *name, StoreActivityRecord *activity)
{
	static StorePlan plan =
		{"SELECT name, owner, tags, created_at FROM workflow.activity WHERE name = $1",
		 1,
		 {TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	read_activity(0, activity);
	return true;
}

static void
read_activity(uint64 row, StoreActivityRecord *activity)
{
	activity->name = store_text(row, 1);
	activity->owner = store_text(row, 2);
	activity->tags = store_jsonb(row, 3);
	activity->created_at = store_timestamp(row, 4, 0);
}

bool
store_insert_activity(const StoreActivityRecord *activity)
{
	static StorePlan plan = {
		"INSERT INTO workflow.activity (name, owner, tags, created_at) VALUES ($1, $2, $3, $4) "
		"ON CONFLICT DO NOTHING",
		4,
		{TEXTOID, TEXTOID, JSONBOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add_text(&args, activity->name);
	sql_add_text(&args, activity->owner);
	sql_add_value(&args, activity->tags);
	sql_add_timestamp(&args, activity->created_at);
	return sql_execute(&plan, &args) > 0;
}

void
store_delete_activity(const char *name)
{
	static StorePlan plan = {"DELETE FROM workflow.activity WHERE name = $1",
							 1,
							 {TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	store_execute(&plan, &value, NULL);
}

void
store_set_activity_tags(const char *name, Value tags)
{
	static StorePlan plan = {"UPDATE workflow.activity SET tags = $2 WHERE name = $1",
							 2,
							 {TEXTOID, JSONBOID}};
	SqlArguments args = {0};

	sql_add_text(&args, name);
	sql_add_value(&args, tags);
	sql_execute(&plan, &args);
}

int
store_list_activities(const char *after, int64 limit, StoreActivityRecord **activities)
{
	static StorePlan plan =
		{"SELECT name, owner, tags, created_at FROM workflow.activity "
		 "WHERE ($1 IS NULL OR name > $1) ORDER BY name LIMIT $2",
		 2,
		 {TEXTOID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add_text(&args, after);
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*activities = palloc_array(StoreActivityRecord, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
		read_activity(row, &(*activities)[row]);
	return (int) count;
}
