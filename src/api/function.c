/*-------------------------------------------------------------------------
 *
 * function.c
 *	  register_function(), unregister_function(), raise_error().
 *
 * What a name is registered for runs with the rights of whatever state machine
 * calls it, so a registration can be replaced by its owner only.
 *
 * IDENTIFICATION
 *	  src/api/function.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/timestamp.h"

#include "api/api.h"

WF_FUNCTION(wf_register_function);
WF_FUNCTION(wf_unregister_function);
WF_FUNCTION(wf_raise_error);

static void check_name(const char *name);
static const char *optional_text(FunctionCallInfo fcinfo, int number);
static char *resolve_function(const char *text);
static void check_isolation(const char *isolation);
static void check_owner(const StoreFunctionRecord *function, Oid user);

/*
 * register_function(name text, function text, activity text, chain boolean,
 * isolation text) returns void
 */
Datum
wf_register_function(PG_FUNCTION_ARGS)
{
	StoreFunctionRecord function = {.registered_at = GetCurrentTimestamp()};
	StoreFunctionRecord existing;
	StoreSession session;
	Oid user = GetUserId();

	api_check_argument(fcinfo, 0, "name");
	api_check_argument(fcinfo, 3, "chain");
	function.name = optional_text(fcinfo, 0);
	function.function = optional_text(fcinfo, 1);
	function.activity = optional_text(fcinfo, 2);
	function.chain = PG_GETARG_BOOL(3);
	function.isolation = optional_text(fcinfo, 4);
	function.owner = GetUserNameFromId(user, false);

	check_name(function.name);
	if ((function.function == NULL) == (function.activity == NULL))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg(
					"either \"function\" or \"activity\" must be given, and not both"));
	if (function.function != NULL)
		function.function = resolve_function(function.function);
	else
		check_name(function.activity);
	check_isolation(function.isolation);

	store_begin(&session);
	if (store_find_function(function.name, &existing))
		check_owner(&existing, user);
	store_save_function(&function);
	store_end(&session);
	PG_RETURN_VOID();
}

static void
check_name(const char *name)
{
	if (name[0] == '\0')
		ereport(ERROR, errcode(ERRCODE_WF_INVALID_NAME), errmsg("Invalid Name: ''"));
	api_check_name(name);
}

static const char *
optional_text(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/*
 * The signature with its schema.  A name alone will do where it is unique.
 */
static char *
resolve_function(const char *text)
{
	PGFunction input = strchr(text, '(') ? regprocedurein : regprocin;
	Oid oid = DatumGetObjectId(DirectFunctionCall1(input, CStringGetDatum(text)));
	AclResult acl = compat_proc_aclcheck(oid, GetUserId(), ACL_EXECUTE);

	if (acl != ACLCHECK_OK)
		aclcheck_error(acl, OBJECT_FUNCTION, format_procedure(oid));
	if (get_func_prokind(oid) != PROKIND_FUNCTION)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" is not a function", format_procedure(oid)),
				errdetail(
					"Aggregates, window functions and procedures cannot be tasks."));
	return format_procedure_qualified(oid);
}

static void
check_isolation(const char *isolation)
{
	if (isolation != NULL && strcmp(isolation, "read committed") != 0 &&
		strcmp(isolation, "repeatable read") != 0 &&
		strcmp(isolation, "serializable") != 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("invalid isolation level: \"%s\"", isolation),
				errhint(
					"Use \"read committed\", \"repeatable read\" or \"serializable\"."));
}

static void
check_owner(const StoreFunctionRecord *function, Oid user)
{
	if (!store_has_role(user, function->owner))
		ereport(ERROR,
				errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				errmsg("permission denied for registered function \"%s\"",
					   function->name),
				errdetail("It was registered by role \"%s\".", function->owner));
}

/*
 * unregister_function(name text) returns boolean
 */
Datum
wf_unregister_function(PG_FUNCTION_ARGS)
{
	StoreFunctionRecord existing;
	StoreSession session;
	Oid user = GetUserId();
	const char *name;
	bool found;

	api_check_argument(fcinfo, 0, "name");
	name = optional_text(fcinfo, 0);
	store_begin(&session);
	found = store_find_function(name, &existing);
	if (found)
	{
		check_owner(&existing, user);
		store_delete_function(name);
	}
	store_end(&session);
	PG_RETURN_BOOL(found);
}

/*
 * raise_error(error text, cause text) returns void
 *
 * The runner takes the names back from SQLSTATE, message and detail.
 */
Datum
wf_raise_error(PG_FUNCTION_ARGS)
{
	const char *cause;

	api_check_argument(fcinfo, 0, "error");
	cause = optional_text(fcinfo, 1);
	ereport(ERROR,
			errcode(ERRCODE_WF_RAISED),
			errmsg_internal("%s", optional_text(fcinfo, 0)),
			cause ? errdetail_internal("%s", cause) : 0);
}
