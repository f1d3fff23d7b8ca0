/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  Sessions of the store and its prepared statements.
 *
 * All statements on our tables run as the owner of those tables, under
 * SECURITY_RESTRICTED_OPERATION, with search_path pinned to pg_catalog, so that
 * nothing a caller sets or creates can change what they mean.  Plans are
 * generic and kept for the life of the process; the plan cache revalidates them
 * after DDL.
 *
 * Must not know what the statements are about.
 *
 * IDENTIFICATION
 *	  src/store/plan.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "store/store.h"
#include "workflow.h"

#define PINNED_SEARCH_PATH "pg_catalog, pg_temp"

static StorePlan *prepared_plans = NULL;

static Oid tables_owner(void);
static void prepare(StorePlan *plan);
static int pin_planner(void);

/*
 * Begin a session: see store.h.  Raises WF-less 55000 where the extension is
 * not installed in this database.
 */
void
store_begin(StoreSession *session)
{
	Oid owner = tables_owner();

	GetUserIdAndSecContext(&session->save_user, &session->save_sec_context);
	session->save_nestlevel = -1;
	SPI_connect();
	if (strcmp(namespace_search_path, PINNED_SEARCH_PATH) != 0)
	{
		session->save_nestlevel = NewGUCNestLevel();
		(void) set_config_option("search_path",
								 PINNED_SEARCH_PATH,
								 PGC_USERSET,
								 PGC_S_SESSION,
								 GUC_ACTION_SAVE,
								 true,
								 0,
								 false);
	}
	SetUserIdAndSecContext(owner,
						   session->save_sec_context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
}

/*
 * End a session: the rights, settings and memory of before.
 */
void
store_end(StoreSession *session)
{
	SetUserIdAndSecContext(session->save_user, session->save_sec_context);
	if (session->save_nestlevel >= 0)
		AtEOXact_GUC(true, session->save_nestlevel);
	SPI_finish();
}

/*
 * The role that owns the schema, and so the tables.
 */
static Oid
tables_owner(void)
{
	Oid schema = get_namespace_oid(WORKFLOW_SCHEMA, true);
	HeapTuple tuple = NULL;
	Oid owner;

	if (OidIsValid(schema))
		tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("extension \"%s\" is not installed in this database",
					   WORKFLOW_EXTENSION),
				errhint("Run CREATE EXTENSION workflow."));
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * Run a statement: see store.h.
 */
uint64
store_execute(StorePlan *plan, Datum *values, const char *nulls)
{
	MemoryContext context = CurrentMemoryContext;
	int nestlevel = -1;
	int status;

	if (plan->plan == NULL)
		prepare(plan);
	if (!plan->planned || !SPI_plan_is_valid(plan->plan))
		nestlevel = pin_planner();
	status = SPI_execute_plan(plan->plan, values, nulls, false, 0);
	if (nestlevel >= 0)
		AtEOXact_GUC(true, nestlevel);
	plan->planned = true;
	/* SPI leaves its own context current; callers choose where their results live */
	MemoryContextSwitchTo(context);
	if (status < 0)
		elog(ERROR,
			 "could not run \"%s\": %s",
			 plan->sql,
			 SPI_result_code_string(status));
	return SPI_processed;
}

/*
 * A plan is made once, maybe while the table is small or empty, and is to serve
 * when it is not.
 */
static int
pin_planner(void)
{
	static const char *const settings[] = {"enable_seqscan",
										   "enable_bitmapscan",
										   "enable_hashjoin",
										   "enable_mergejoin",
										   "jit"};
	int nestlevel = NewGUCNestLevel();

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i],
								 "off",
								 PGC_USERSET,
								 PGC_S_SESSION,
								 GUC_ACTION_SAVE,
								 true,
								 0,
								 false);
	return nestlevel;
}

static void
prepare(StorePlan *plan)
{
	SPIPlanPtr prepared = SPI_prepare_cursor(plan->sql,
											 plan->nargs,
											 plan->argtypes,
											 CURSOR_OPT_GENERIC_PLAN);

	if (prepared == NULL)
		elog(ERROR,
			 "could not prepare \"%s\": %s",
			 plan->sql,
			 SPI_result_code_string(SPI_result));
	if (SPI_keepplan(prepared) != 0)
		elog(ERROR, "could not keep a plan");
	plan->plan = prepared;
	plan->next = prepared_plans;
	prepared_plans = plan;
}

/*
 * Forget all prepared statements.
 */
void
store_forget_plans(void)
{
	while (prepared_plans != NULL)
	{
		StorePlan *plan = prepared_plans;

		prepared_plans = plan->next;
		SPI_freeplan(plan->plan);
		plan->plan = NULL;
		plan->planned = false;
		plan->next = NULL;
	}
}

Datum
store_datum(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, isnull);
}

int64
store_int64(uint64 row, int column, int64 if_null)
{
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);

	if (isnull)
		return if_null;
	switch (SPI_gettypeid(SPI_tuptable->tupdesc, column))
	{
		case INT2OID:
			return DatumGetInt16(datum);
		case INT4OID:
			return DatumGetInt32(datum);
		case OIDOID:
			return DatumGetObjectId(datum);
		default:
			return DatumGetInt64(datum);
	}
}

TimestampTz
store_timestamp(uint64 row, int column, TimestampTz if_null)
{
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);

	return isnull ? if_null : DatumGetTimestampTz(datum);
}

char *
store_text(uint64 row, int column)
{
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(datum);
}

Value
store_jsonb(uint64 row, int column)
{
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);

	return isnull ? value_undefined() : value_from_jsonb(DatumGetJsonbP(datum));
}

bool
store_bool(uint64 row, int column, bool if_null)
{
	bool isnull;
	Datum datum = store_datum(row, column, &isnull);

	return isnull ? if_null : DatumGetBool(datum);
}

bool
store_extension_exists(void)
{
	return OidIsValid(get_extension_oid(WORKFLOW_EXTENSION, true)) &&
		   OidIsValid(get_namespace_oid(WORKFLOW_SCHEMA, true));
}
