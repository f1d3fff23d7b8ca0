/*-------------------------------------------------------------------------
 *
 * object.c
 *	  Statements on buckets and objects.
 *
 * A body that is read in pieces is never in memory as a whole: its row gives the
 * pointer to where it is stored, and a snapshot that is held keeps it there.
 *
 * Must not know what is in an object.
 *
 * IDENTIFICATION
 *	  src/store/object.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/snapmgr.h"

#include "store/object.h"
#include "store/sql.h"

#define EVERYBODY "public"

static const char *const right_names[] = {
	[STORE_BUCKET_READ] = "read",
	[STORE_BUCKET_WRITE] = "write",
	[STORE_BUCKET_OWN] = "",
};

/* ---- buckets ---- */

StoreBucketAccess
store_bucket_access(Oid role, const char *bucket, StoreBucketRight right)
{
	static StorePlan plan = {
		"SELECT b.owner, p.grantee FROM workflow.bucket b "
		"LEFT JOIN workflow.bucket_permission p ON p.bucket = b.name AND p.privilege = $2 "
		"WHERE b.name = $1",
		2,
		{TEXTOID, TEXTOID}};
	static StorePlan orphans = {"SELECT FROM workflow.object WHERE bucket = $1 LIMIT 1",
								1,
								{TEXTOID}};
	SqlArguments args = {0};
	Datum name = CStringGetTextDatum(bucket);
	uint64 count;

	sql_add(&args, name);
	sql_add_text(&args, right_names[right]);
	count = sql_execute(&plan, &args);
	if (count == 0)
	{
		if (store_execute(&orphans, &name, NULL) == 0)
			return STORE_BUCKET_ABSENT;
		return superuser_arg(role) ? STORE_BUCKET_ALLOWED : STORE_BUCKET_DENIED;
	}
	if (store_has_role(role, store_text(0, 1)))
		return STORE_BUCKET_ALLOWED;
	for (uint64 row = 0; row < count; row++)
	{
		char *grantee = store_text(row, 2);

		if (grantee != NULL &&
			(strcmp(grantee, EVERYBODY) == 0 || store_has_role(role, grantee)))
			return STORE_BUCKET_ALLOWED;
	}
	return STORE_BUCKET_DENIED;
}

ArrayType *
store_readable_buckets(Oid role)
{
	static StorePlan plan = {
		"WITH mine AS (SELECT rolname::text AS name FROM pg_roles WHERE pg_has_role($1, oid, 'USAGE') "
		"UNION ALL SELECT '" EVERYBODY "') "
		"SELECT coalesce(array_agg(b.name::text), '{}') FROM workflow.bucket b "
		"WHERE $2 OR b.owner IN (SELECT name FROM mine) OR EXISTS (SELECT FROM "
		"workflow.bucket_permission p JOIN mine ON mine.name = p.grantee "
		"WHERE p.bucket = b.name AND p.privilege = 'read')",
		2,
		{OIDOID, BOOLOID}};
	SqlArguments args = {0};
	bool isnull;

	sql_add(&args, ObjectIdGetDatum(role));
	sql_add(&args, BoolGetDatum(superuser_arg(role)));
	sql_execute(&plan, &args);
	return DatumGetArrayTypePCopy(store_datum(0, 1, &isnull));
}

bool
store_create_bucket(const char *bucket, const char *owner, TimestampTz now)
{
	static StorePlan plan =
		{"INSERT INTO workflow.bucket (name, owner, created_at) VALUES ($1, $2, $3) "
		 "ON CONFLICT DO NOTHING",
		 3,
		 {TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add_text(&args, bucket);
	sql_add_text(&args, owner);
	sql_add_timestamp(&args, now);
	return sql_execute(&plan, &args) > 0;
}

bool
store_delete_bucket(const char *bucket)
{
	static StorePlan plan = {"DELETE FROM workflow.bucket WHERE name = $1 AND NOT EXISTS "
							 "(SELECT FROM workflow.object o WHERE o.bucket = $1)",
							 1,
							 {TEXTOID}};
	Datum value = CStringGetTextDatum(bucket);

	return store_execute(&plan, &value, NULL) > 0;
}

void
store_grant_bucket(const char *bucket, const char *grantee, const char *privilege)
{
	static StorePlan plan =
		{"INSERT INTO workflow.bucket_permission (bucket, grantee, privilege) "
		 "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		 3,
		 {TEXTOID, TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add_text(&args, bucket);
	sql_add_text(&args, grantee);
	sql_add_text(&args, privilege);
	sql_execute(&plan, &args);
}

void
store_revoke_bucket(const char *bucket, const char *grantee, const char *privilege)
{
	static StorePlan plan = {"DELETE FROM workflow.bucket_permission "
							 "WHERE bucket = $1 AND grantee = $2 AND privilege = $3",
							 3,
							 {TEXTOID, TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add_text(&args, bucket);
	sql_add_text(&args, grantee);
	sql_add_text(&args, privilege);
	sql_execute(&plan, &args);
}

/* ---- objects ---- */

void
store_put_object(const char *bucket, const char *key, const char *body, size_t len,
				 const char *owner, TimestampTz now)
{
	static StorePlan plan = {
		"INSERT INTO workflow.object (bucket, key, body, owner, last_modified) "
		"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, key) DO UPDATE SET "
		"body = excluded.body, owner = excluded.owner, last_modified = excluded.last_modified",
		5,
		{TEXTOID, TEXTOID, BYTEAOID, TEXTOID, TIMESTAMPTZOID}};
	SqlArguments args = {0};

	sql_add_text(&args, bucket);
	sql_add_text(&args, key);
	/* a bytea is laid out as a text is */
	sql_add(&args, PointerGetDatum(cstring_to_text_with_len(body, (int) len)));
	sql_add_text(&args, owner);
	sql_add_timestamp(&args, now);
	sql_execute(&plan, &args);
}

bool
store_delete_object(const char *bucket, const char *key)
{
	static StorePlan plan = {"DELETE FROM workflow.object WHERE bucket = $1 AND key = $2",
							 2,
							 {TEXTOID, TEXTOID}};
	SqlArguments args = {0};

	sql_add_text(&args, bucket);
	sql_add_text(&args, key);
	return sql_execute(&plan, &args) > 0;
}

/*
 * Keys are in the order of their bytes, so those with a prefix stand together.
 */
int
store_list_objects(const char *bucket, const char *prefix, const char *after, int64 limit,
				   StoreObject **objects)
{
	static StorePlan plan = {"SELECT key, size, etag, last_modified FROM workflow.object "
							 "WHERE bucket = $1 AND key >= $2 AND starts_with(key, $2) "
							 "AND ($2 = '' OR key <= $2 || chr(1114111)) "
							 "AND ($3 IS NULL OR key > $3) ORDER BY key LIMIT $4",
							 4,
							 {TEXTOID, TEXTOID, TEXTOID, INT8OID}};
	SqlArguments args = {0};
	uint64 count;

	sql_add_text(&args, bucket);
	sql_add_text(&args, prefix);
	sql_add_text(&args, after);
	sql_add_limit(&args, limit);
	count = sql_execute(&plan, &args);
	*objects = palloc_array(StoreObject, Max(count, 1));
	for (uint64 row = 0; row < count; row++)
	{
		StoreObject *object = &(*objects)[row];

		object->key = store_text(row, 1);
		object->size = store_int64(row, 2, 0);
		object->etag = store_text(row, 3);
		object->last_modified = store_timestamp(row, 4, 0);
	}
	return (int) count;
}

bool
store_find_object(const char *bucket, const char *key, MemoryContext context,
				  StoreBody *body)
{
	static StorePlan plan =
		{"SELECT body, size FROM workflow.object WHERE bucket = $1 AND key = $2",
		 2,
		 {TEXTOID, TEXTOID}};
	MemoryContext old_context;
	SqlArguments args = {0};
	bool isnull;

	/* before the row is read: what it points to cannot be swept up any more */
	body->snapshot = RegisterSnapshot(GetTransactionSnapshot());
	sql_add_text(&args, bucket);
	sql_add_text(&args, key);
	if (sql_execute(&plan, &args) == 0)
	{
		store_close_body(body);
		return false;
	}
	old_context = MemoryContextSwitchTo(context);
	body->datum = datumCopy(store_datum(0, 1, &isnull), false, -1);
	MemoryContextSwitchTo(old_context);
	body->size = store_int64(0, 2, 0);
	return true;
}

bytea *
store_read_body(const StoreBody *body, int64 offset, int len)
{
	return (bytea *) detoast_attr_slice((struct varlena *) DatumGetPointer(body->datum),
										(int32) offset,
										len);
}

void
store_close_body(StoreBody *body)
{
	if (body->snapshot != NULL)
		UnregisterSnapshot(body->snapshot);
	body->snapshot = NULL;
}
