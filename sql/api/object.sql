-- Buckets and objects
\pset format unaligned
\pset tuples_only on

SELECT workflow.put_object('b', 'k/1.json', '[1]');
SELECT workflow.put_object('b', 'k/2.bin', '\x00ff'::bytea);
SELECT workflow.put_object('b', 'other', 'x'), workflow.put_object('b', 'l', '');
SELECT workflow.get_object('b', 'k/2.bin'), workflow.get_object_text('b', 'k/1.json'), workflow.get_object('b', 'l') = '' AS empty;
SELECT workflow.get_object_text('b', 'k/2.bin');
SELECT key, size, etag, last_modified <= now() FROM workflow.list_objects('b');
SELECT key FROM workflow.list_objects('b', 'k/');
SELECT key FROM workflow.list_objects('b', 'k', 1);
SELECT key FROM workflow.list_objects('b', 'k', 0);
SELECT workflow.put_object('b', 'other', 'xyz');
SELECT size, etag = md5('xyz'), owner = current_user FROM workflow.object WHERE bucket = 'b' AND key = 'other';
-- (large ones are read whole)
SELECT workflow.put_object('b', 'large', repeat('0123456789', 1000000));
SELECT md5(workflow.get_object('b', 'large')) = etag, size FROM workflow.object WHERE key = 'large';
SELECT workflow.delete_object('b', 'large'), workflow.delete_object('b', 'large');

-- what is not there
SELECT workflow.get_object('b', 'nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.get_object('nothing', 'k');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.put_object('b', '', 'x');
SELECT workflow.put_object('b/c', 'k', 'x');
SELECT workflow.put_object('b', NULL, 'x');
SELECT workflow.delete_bucket('b');
\echo :LAST_ERROR_SQLSTATE

-- who may
CREATE ROLE regress_wf_o1;
CREATE ROLE regress_wf_o2;
SELECT workflow.grant_usage('regress_wf_o1'), workflow.grant_usage('regress_wf_o2');
SET ROLE regress_wf_o1;
SELECT workflow.get_object('b', 'l');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.put_object('b', 'l', 'x');
SELECT workflow.list_objects('b');
SELECT count(*) FROM workflow.object;
SELECT workflow.put_object('mine', 'a', '1'), workflow.create_bucket('empty'), workflow.create_bucket('mine');
SELECT workflow.create_bucket('b');
SELECT bucket, key FROM workflow.object;
SELECT workflow.grant_bucket('mine', 'regress_wf_o2', '{read}');
SELECT workflow.grant_bucket('mine', 'regress_wf_o2', '{own}');
SELECT workflow.grant_bucket('mine', 'regress_wf_nobody', '{read}');
INSERT INTO workflow.object (bucket, key, body) VALUES ('b', 'x', '');
SET ROLE regress_wf_o2;
SELECT workflow.get_object_text('mine', 'a'), (SELECT count(*) FROM workflow.object);
SELECT workflow.put_object('mine', 'a', '2');
SELECT workflow.delete_object('mine', 'a');
SELECT workflow.grant_bucket('mine', 'regress_wf_o2', '{write}');
SELECT workflow.delete_bucket('empty');
SET ROLE regress_wf_o1;
SELECT workflow.grant_bucket('mine', 'regress_wf_o2', '{write}'), workflow.revoke_bucket('mine', 'regress_wf_o2', '{read}'), workflow.grant_bucket('empty', 'public', '{read,write}');
SET ROLE regress_wf_o2;
SELECT workflow.put_object('mine', 'a', '2');
SELECT workflow.get_object('mine', 'a');
SELECT workflow.put_object('empty', 'e', '2');
SELECT workflow.get_object_text('empty', 'e'), (SELECT count(*) FROM workflow.object);
SELECT workflow.delete_object('empty', 'e');
RESET ROLE;
SELECT workflow.delete_bucket('empty'), workflow.delete_object('mine', 'a'), workflow.delete_bucket('mine');
-- rows of a bucket that nobody created are a superuser's
INSERT INTO workflow.object (bucket, key, body) VALUES ('orphans', 'o', 'text');
SELECT workflow.get_object_text('orphans', 'o');
SET ROLE regress_wf_o1;
SELECT workflow.get_object_text('orphans', 'o');
RESET ROLE;
SELECT workflow.delete_object('orphans', 'o');
SELECT workflow.delete_object('b', key) FROM workflow.list_objects('b');
SELECT workflow.delete_bucket('b');
SELECT workflow.revoke_usage('regress_wf_o1'), workflow.revoke_usage('regress_wf_o2');
DROP ROLE regress_wf_o1, regress_wf_o2;
