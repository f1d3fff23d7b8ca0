-- Objects: the files that ItemReader reads and ResultWriter writes

CREATE FUNCTION put_object(bucket text, key text, body bytea) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_put_object' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION put_object(text, text, bytea) IS
	'put an object into a bucket, in place of one with that key; a bucket that does not exist is created, and one''s own. Raises 42501, 42602 for a name or key that cannot be';

CREATE FUNCTION put_object(bucket text, key text, body text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_put_object' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION put_object(text, text, text) IS
	'put_object() of a text, as UTF-8';

CREATE FUNCTION get_object(bucket text, key text) RETURNS bytea
	AS 'MODULE_PATHNAME', 'wf_get_object' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION get_object(text, text) IS
	'the body of an object. Raises 42704 where there is none, 42501';

CREATE FUNCTION get_object_text(bucket text, key text) RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN pg_catalog.convert_from(workflow.get_object(bucket, key), 'UTF8');
COMMENT ON FUNCTION get_object_text(text, text) IS
	'get_object() of a text. Raises 22021 where it is not UTF-8';

CREATE FUNCTION delete_object(bucket text, key text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'wf_delete_object' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION delete_object(text, text) IS
	'delete an object; false where there is none. Raises 42704 where there is no such bucket, 42501';

CREATE FUNCTION list_objects(bucket text, prefix text DEFAULT '', max_keys int DEFAULT NULL)
	RETURNS TABLE (key text, size bigint, etag text, last_modified timestamptz)
	AS 'MODULE_PATHNAME', 'wf_list_objects' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_objects(text, text, int) IS
	'objects of a bucket whose key begins with prefix, by key: all of them, or the first max_keys. Raises 42704 where there is no such bucket, 42501';

CREATE FUNCTION create_bucket(bucket text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_create_bucket' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION create_bucket(text) IS
	'create a bucket, to grant others something before there is anything in it; no error where it is one''s own. Raises 42710 where it is another''s';

CREATE FUNCTION delete_bucket(bucket text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_delete_bucket' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION delete_bucket(text) IS
	'delete an empty bucket, its owner''s only. Raises 42704, 42501, 55006 where there are objects in it';

CREATE FUNCTION grant_bucket(bucket text, role text, privileges text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_grant_bucket' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION grant_bucket(text, text, text[]) IS
	'let a role (or public) read, write the objects in a bucket; reading is also listing, writing also deleting. Its owner''s only';

CREATE FUNCTION revoke_bucket(bucket text, role text, privileges text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_revoke_bucket' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION revoke_bucket(text, text, text[]) IS
	'take back what grant_bucket() gave. The owner''s only';

CREATE FUNCTION _readable_buckets() RETURNS text[]
	AS 'MODULE_PATHNAME', 'wf__readable_buckets' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION _readable_buckets() IS
	'names of the buckets that the current role may read';

CREATE FUNCTION read_items(item_reader json, input json DEFAULT '{}') RETURNS SETOF jsonb
	AS 'MODULE_PATHNAME', 'wf_read_items' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION read_items(json, json) IS
	'the items that an ItemReader gives a distributed Map whose input is this: to try one before a Map runs with it. Reads as the caller. Raises InvalidDefinition; WF100 with the error as message and its cause as detail';
