/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  Schedules, and pg_cron's jobs behind them.
 *
 * pg_cron's functions are called as the owner of our tables, who may make a job
 * for another role; what the job says is ours, not that role's.
 *
 * Must not know what a schedule starts.
 *
 * IDENTIFICATION
 *	  src/store/schedule.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "store/records.h"
#include "store/sql.h"

#define CRON_EXTENSION "pg_cron"

/* Of a hash, in hexadecimal */
#define HASH_LENGTH 16

static char *job_name(const char *schedule);

bool
store_find_schedule(const char *name, StoreScheduleRecord *schedule)
{
	static StorePlan plan =
		{"SELECT name, cron, state_machine, input, role, job_id, created_at "
		 "FROM workflow.schedule WHERE name = $1",
		 1,
		 {TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	if (store_execute(&plan, &value, NULL) == 0)
		return false;
	schedule->name = store_text(0, 1);
	schedule->cron = store_text(0, 2);
	schedule->state_machine = store_text(0, 3);
	schedule->input = store_jsonb(0, 4);
	schedule->role = store_text(0, 5);
	schedule->job_id = store_int64(0, 6, 0);
	schedule->created_at = store_timestamp(0, 7, 0);
	return true;
}

void
store_save_schedule(const StoreScheduleRecord *schedule)
{
	static StorePlan plan = {
		"INSERT INTO workflow.schedule (name, cron, state_machine, input, role, job_id, created_at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, "
		"state_machine = excluded.state_machine, input = excluded.input, role = excluded.role, "
		"job_id = excluded.job_id",
		7,
		{TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID, INT8OID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add_text(&args, schedule->name);
	sql_add_text(&args, schedule->cron);
	sql_add_text(&args, schedule->state_machine);
	sql_add_value(&args, schedule->input);
	sql_add_text(&args, schedule->role);
	sql_add(&args, Int64GetDatum(schedule->job_id));
	sql_add_timestamp(&args, schedule->created_at);
	sql_execute(&plan, &args);
}

void
store_delete_schedule(const char *name)
{
	static StorePlan plan = {"DELETE FROM workflow.schedule WHERE name = $1",
							 1,
							 {TEXTOID}};
	Datum value = CStringGetTextDatum(name);

	store_execute(&plan, &value, NULL);
}

bool
store_cron_exists(void)
{
	return OidIsValid(get_extension_oid(CRON_EXTENSION, true));
}

/*
 * cron.database_name is there where the library is loaded.
 */
const char *
store_cron_database(void)
{
	return GetConfigOption("cron.database_name", true, false);
}

int64
store_cron_schedule(const StoreScheduleRecord *schedule)
{
	static StorePlan plan = {"SELECT cron.schedule_in_database($1, $2, $3, $4, $5)",
							 5,
							 {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add_text(&args, job_name(schedule->name));
	sql_add_text(&args, schedule->cron);
	sql_add_text(&args,
				 psprintf("SELECT workflow._run_schedule(%s)",
						  quote_literal_cstr(schedule->name)));
	sql_add_text(&args, get_database_name(MyDatabaseId));
	sql_add_text(&args, schedule->role);
	sql_execute(&plan, &args);
	return store_int64(0, 1, 0);
}

/*
 * pg_cron has one job of a role by a name, and keeps of that as much as a name of
 * PostgreSQL holds: where it is too long, a hash stands for the end.
 */
static char *
job_name(const char *schedule)
{
	char *name = psprintf("workflow: %s", schedule);
	int len = (int) strlen(name);

	if (len < NAMEDATALEN)
		return name;
	return psprintf("%.*s %016llx",
					pg_mbcliplen(name, len, NAMEDATALEN - 2 - HASH_LENGTH),
					name,
					(unsigned long long) hash_bytes_extended((const unsigned char *) name,
															 len,
															 0));
}

/*
 * A job that somebody has removed already is no error.
 */
void
store_cron_unschedule(int64 job_id)
{
	static StorePlan plan =
		{"SELECT cron.unschedule(jobid) FROM cron.job WHERE jobid = $1", 1, {INT8OID}};
	Datum value = Int64GetDatum(job_id);

	store_execute(&plan, &value, NULL);
}
