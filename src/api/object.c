/*-------------------------------------------------------------------------
 *
 * object.c
 *	  Objects for people: put_object(), get_object() and so on.
 *
 * A bucket belongs to who created it, with its first object or before; he says
 * who else may read it and write into it.
 *
 * IDENTIFICATION
 *	  src/api/object.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "store/object.h"

WF_FUNCTION(wf_put_object);
WF_FUNCTION(wf_get_object);
WF_FUNCTION(wf_delete_object);
WF_FUNCTION(wf_list_objects);
WF_FUNCTION(wf_create_bucket);
WF_FUNCTION(wf_delete_bucket);
WF_FUNCTION(wf_grant_bucket);
WF_FUNCTION(wf_revoke_bucket);
WF_FUNCTION(wf__readable_buckets);

typedef void (*ChangePermission)(const char *bucket, const char *grantee,
								 const char *privilege);

static char *text_argument(FunctionCallInfo fcinfo, int number, const char *name);
static void check_bucket_name(const char *bucket);
static void check_key(const char *key);
static void check_access(Oid user, const char *bucket, StoreBucketRight right);
static void change_permissions(FunctionCallInfo fcinfo, ChangePermission change);
static void check_privilege(const char *privilege);

/*
 * put_object(bucket text, key text, body bytea or text) returns void
 */
Datum
wf_put_object(PG_FUNCTION_ARGS)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	const char *key = text_argument(fcinfo, 1, "key");
	TimestampTz now = GetCurrentTimestamp();
	Oid user = GetUserId();
	const char *owner = GetUserNameFromId(user, false);
	StoreSession session;
	struct varlena *body;

	api_check_argument(fcinfo, 2, "body");
	check_bucket_name(bucket);
	check_key(key);
	/* a text is laid out as a bytea is */
	body = PG_GETARG_VARLENA_PP(2);
	store_begin(&session);
	if (store_bucket_access(user, bucket, STORE_BUCKET_WRITE) == STORE_BUCKET_ABSENT)
		(void) store_create_bucket(bucket, owner, now);
	check_access(user, bucket, STORE_BUCKET_WRITE);
	store_put_object(bucket, key, VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body), owner, now);
	store_end(&session);
	PG_RETURN_VOID();
}

/*
 * get_object(bucket text, key text) returns bytea
 */
Datum
wf_get_object(PG_FUNCTION_ARGS)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	const char *key = text_argument(fcinfo, 1, "key");
	MemoryContext context = CurrentMemoryContext;
	Oid user = GetUserId();
	StoreSession session;
	StoreBody body;
	bytea *result;

	store_begin(&session);
	check_access(user, bucket, STORE_BUCKET_READ);
	if (!store_find_object(bucket, key, context, &body))
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("object \"%s\" does not exist in bucket \"%s\"", key, bucket));
	store_end(&session);
	result = store_read_body(&body, 0, (int) body.size);
	store_close_body(&body);
	PG_RETURN_BYTEA_P(result);
}

/*
 * delete_object(bucket text, key text) returns boolean
 */
Datum
wf_delete_object(PG_FUNCTION_ARGS)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	const char *key = text_argument(fcinfo, 1, "key");
	Oid user = GetUserId();
	StoreSession session;
	bool deleted;

	store_begin(&session);
	check_access(user, bucket, STORE_BUCKET_WRITE);
	deleted = store_delete_object(bucket, key);
	store_end(&session);
	PG_RETURN_BOOL(deleted);
}

/*
 * list_objects(bucket text, prefix text, max_keys int) returns table
 */
Datum
wf_list_objects(PG_FUNCTION_ARGS)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	const char *prefix = text_argument(fcinfo, 1, "prefix");
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int64 limit = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2);
	Oid user = GetUserId();
	StoreSession session;
	StoreObject *objects;
	int count;

	if (!PG_ARGISNULL(2) && limit < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("max_keys must be at least 1"));
	InitMaterializedSRF(fcinfo, 0);
	store_begin(&session);
	check_access(user, bucket, STORE_BUCKET_READ);
	count = store_list_objects(bucket, prefix, NULL, limit, &objects);
	for (int i = 0; i < count; i++)
	{
		Datum values[4];
		bool nulls[4] = {0};

		CHECK_FOR_INTERRUPTS();
		values[0] = CStringGetTextDatum(objects[i].key);
		values[1] = Int64GetDatum(objects[i].size);
		values[2] = CStringGetTextDatum(objects[i].etag);
		values[3] = TimestampTzGetDatum(objects[i].last_modified);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	store_end(&session);
	return (Datum) 0;
}

/*
 * create_bucket(bucket text) returns void
 */
Datum
wf_create_bucket(PG_FUNCTION_ARGS)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	Oid user = GetUserId();
	StoreSession session;

	check_bucket_name(bucket);
	store_begin(&session);
	if (!store_create_bucket(bucket,
							 GetUserNameFromId(user, false),
							 GetCurrentTimestamp()) &&
		store_bucket_access(user, bucket, STORE_BUCKET_OWN) != STORE_BUCKET_ALLOWED)
		ereport(ERROR,
				errcode(ERRCODE_DUPLICATE_OBJECT),
				errmsg("bucket \"%s\" already exists", bucket));
	store_end(&session);
	PG_RETURN_VOID();
}

/*
 * delete_bucket(bucket text) returns void
 */
Datum
wf_delete_bucket(PG_FUNCTION_ARGS)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	Oid user = GetUserId();
	StoreSession session;

	store_begin(&session);
	check_access(user, bucket, STORE_BUCKET_OWN);
	if (!store_delete_bucket(bucket))
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_IN_USE),
				errmsg("bucket \"%s\" is not empty", bucket),
				errhint("Delete its objects first, with workflow.delete_object()."));
	store_end(&session);
	PG_RETURN_VOID();
}

/*
 * grant_bucket(bucket text, role text, privileges text[]) returns void
 */
Datum
wf_grant_bucket(PG_FUNCTION_ARGS)
{
	change_permissions(fcinfo, store_grant_bucket);
	PG_RETURN_VOID();
}

/*
 * revoke_bucket(bucket text, role text, privileges text[]) returns void
 */
Datum
wf_revoke_bucket(PG_FUNCTION_ARGS)
{
	change_permissions(fcinfo, store_revoke_bucket);
	PG_RETURN_VOID();
}

static void
change_permissions(FunctionCallInfo fcinfo, ChangePermission change)
{
	const char *bucket = text_argument(fcinfo, 0, "bucket");
	const char *role = text_argument(fcinfo, 1, "role");
	Oid user = GetUserId();
	StoreSession session;
	Datum *privileges;
	bool *nulls;
	int count;

	api_check_argument(fcinfo, 2, "privileges");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2),
					  TEXTOID,
					  -1,
					  false,
					  TYPALIGN_INT,
					  &privileges,
					  &nulls,
					  &count);
	/* what a role that is gone was granted can still be taken back */
	if (change == store_grant_bucket && strcmp(role, "public") != 0)
		(void) get_role_oid(role, false);

	store_begin(&session);
	check_access(user, bucket, STORE_BUCKET_OWN);
	for (int i = 0; i < count; i++)
	{
		char *privilege = nulls[i] ? "" : TextDatumGetCString(privileges[i]);

		check_privilege(privilege);
		change(bucket, role, privilege);
	}
	store_end(&session);
}

static void
check_privilege(const char *privilege)
{
	if (strcmp(privilege, "read") != 0 && strcmp(privilege, "write") != 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("unrecognized privilege: \"%s\"", privilege),
				errhint("Privileges on buckets are read and write."));
}

/*
 * _readable_buckets() returns text[]
 */
Datum
wf__readable_buckets(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid user = GetUserId();
	StoreSession session;
	ArrayType *buckets;

	store_begin(&session);
	buckets = store_readable_buckets(user);
	MemoryContextSwitchTo(caller);
	buckets = DatumGetArrayTypePCopy(PointerGetDatum(buckets));
	store_end(&session);
	PG_RETURN_ARRAYTYPE_P(buckets);
}

static char *
text_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	api_check_argument(fcinfo, number, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/* ORDER LIMITS: the tables have the same as constraints */
static void
check_bucket_name(const char *bucket)
{
	if (*bucket == '\0' || strlen(bucket) > 255 || strchr(bucket, '/') != NULL)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("invalid name of a bucket: \"%s\"", bucket),
				errdetail("It has 1 to 255 bytes, and no slash."));
}

static void
check_key(const char *key)
{
	if (*key == '\0' || strlen(key) > 1024)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_NAME),
				errmsg("invalid key of an object: \"%s\"", key),
				errdetail("It has 1 to 1024 bytes."));
}

static void
check_access(Oid user, const char *bucket, StoreBucketRight right)
{
	switch (store_bucket_access(user, bucket, right))
	{
		case STORE_BUCKET_ABSENT:
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_OBJECT),
					errmsg("bucket \"%s\" does not exist", bucket));
			break;
		case STORE_BUCKET_DENIED:
			ereport(ERROR,
					errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("permission denied for bucket \"%s\"", bucket),
					errhint("Its owner grants privileges with workflow.grant_bucket()."));
			break;
		case STORE_BUCKET_ALLOWED:
			break;
	}
}
