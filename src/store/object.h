/*-------------------------------------------------------------------------
 *
 * object.h
 *	  Buckets and the objects in them: rows, and who may do what with them.
 *
 * Every function needs a session (store_begin()), but for those that read a body
 * once it is found.
 *
 * Knows rows; must not know what is in an object.
 *
 * IDENTIFICATION
 *	  src/store/object.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_OBJECT_H
#define WORKFLOW_STORE_OBJECT_H

#include "utils/snapshot.h"

#include "store/records.h"

typedef enum StoreBucketRight
{
	STORE_BUCKET_READ,
	STORE_BUCKET_WRITE,
	STORE_BUCKET_OWN
} StoreBucketRight;

typedef enum StoreBucketAccess
{
	STORE_BUCKET_ABSENT, /* there is no such bucket */
	STORE_BUCKET_DENIED,
	STORE_BUCKET_ALLOWED
} StoreBucketAccess;

/*
 * What a role may do with a bucket: its owner everything, others what they were granted.
 * Rows that somebody inserted into the table for a bucket that was not
 * created are a superuser's.
 */
extern StoreBucketAccess store_bucket_access(Oid role, const char *bucket,
											 StoreBucketRight right);

/* Names of the buckets that the role may read, as a text[]; palloc'd */
extern ArrayType *store_readable_buckets(Oid role);

/* false where there is one */
extern bool store_create_bucket(const char *bucket, const char *owner, TimestampTz now);

/* With its permissions; false where there are objects in it */
extern bool store_delete_bucket(const char *bucket);
extern void store_grant_bucket(const char *bucket, const char *grantee,
							   const char *privilege);
extern void store_revoke_bucket(const char *bucket, const char *grantee,
								const char *privilege);

/* Insert or replace */
extern void store_put_object(const char *bucket, const char *key, const char *body,
							 size_t len, const char *owner, TimestampTz now);
extern bool store_delete_object(const char *bucket, const char *key);

typedef struct StoreObject
{
	char *key;
	int64 size;
	char *etag;
	TimestampTz last_modified;
} StoreObject;

/* Objects whose key begins with prefix, after this key (or NULL), by key; at most limit (0: all) */
extern int store_list_objects(const char *bucket, const char *prefix, const char *after,
							  int64 limit, StoreObject **objects);

/* A body that is read piece by piece: as it was when it was found, whoever changes it */
typedef struct StoreBody
{
	int64 size;
	/* private */
	Datum datum; /* not detoasted */
	Snapshot snapshot;
} StoreBody;

/* In context, which must live as long as the body is read; false where there is none */
extern bool store_find_object(const char *bucket, const char *key, MemoryContext context,
							  StoreBody *body);

/* At most len bytes from offset, in CurrentMemoryContext; fewer only at the end */
extern bytea *store_read_body(const StoreBody *body, int64 offset, int len);
extern void store_close_body(StoreBody *body);

#endif /* WORKFLOW_STORE_OBJECT_H */
