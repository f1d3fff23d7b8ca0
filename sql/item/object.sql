-- Items that are objects, and of several objects; compressed ones
\pset format unaligned
\pset tuples_only on

-- gzip: [1, {"a": "compressed"}], in one piece and in two
SELECT item.read('\x1f8b0800000000000203', '"InputType": "JSON"');
SELECT item.read('\x28b52ffd00', '"InputType": "JSON"');
SELECT item.read(item.gzip('[1, {"a": "compressed"}]'), '"InputType": "JSON"');
SELECT item.read(item.gzip('[1, {"a": ') || item.gzip('"compressed"}]'), '"InputType": "JSON"');
SELECT count(*) FROM item.read(item.gzip('[' || repeat('"0123456789012345678901234567890123456789",', 5000) || '1]'), '"InputType": "JSON"');
SELECT item.read(substr(item.gzip('[1, 2, 3]'), 1, 20), '"InputType": "JSON"');
SELECT item.read(item.gzip('[1]') || 'garbage', '"InputType": "JSON"');
SELECT item.read(set_byte(item.gzip('[1, 2, 3]'), 12, 255), '"InputType": "JSON"');
SELECT item.read('[1]', '"InputType": "PARQUET"');
SELECT item.read('[1]', '"MaxItems": 1');

-- lists
SELECT workflow.put_object('list', 'in/' || n || '.json', format('[%s, %s]', n, n * 10)) FROM generate_series(1, 3) n;
SELECT workflow.put_object('list', 'other', '');
SELECT i::jsonb - 'LastModified', jsonb_typeof(i::jsonb -> 'LastModified')
  FROM item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list", "Prefix.$": "$.p"}}', '{"p": "in/"}') i;
SELECT count(*) FROM item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list"}}');
SELECT i::jsonb ->> 'Key' FROM item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list"}, "ReaderConfig": {"MaxItems": 2}}') i;
SELECT item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list", "Prefix": "in/"}, "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list"}, "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}}');
SELECT count(*) FROM item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list", "Prefix": "none"}}');
-- (more than a page of them, and exactly two)
SELECT count(workflow.put_object('pages', 'k' || n, 'x')) FROM generate_series(1, 2000) n;
SELECT count(DISTINCT i), count(*) FROM item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "pages"}}') i;
SELECT count(workflow.put_object('pages', 'l', 'x'));
SELECT count(DISTINCT i), count(*) FROM item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "pages"}}') i;
SELECT count(workflow.delete_object('pages', key)) FROM workflow.list_objects('pages');

-- manifests
SELECT workflow.put_object('list', 'inventory/1.csv.gz', item.gzip(E'"list","in/1.json","7"\n"list","in%2F2.json","8"\n')),
	   workflow.put_object('list', 'inventory/2.csv', E'"list","in/3.json","9"\n');
SELECT workflow.put_object('list', 'inventory/manifest.json', '{"sourceBucket": "src", "destinationBucket": "arn:aws:s3:::list", "version": "2016-11-30",
	"fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "files": [{"key": "inventory/1.csv.gz", "size": 1}, {"key": "inventory/2.csv", "size": 1}]}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "inventory/manifest.json"}, "ReaderConfig": {"InputType": "MANIFEST"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "inventory/manifest.json"}, "ReaderConfig": {"ManifestType": "S3_INVENTORY", "MaxItems": 3}}');
SELECT item.read('{"destinationBucket": "b", "files": [], "fileFormat": "ORC"}', '"InputType": "MANIFEST"');
SELECT item.read('{"destinationBucket": "b", "files": [{}], "fileFormat": "CSV", "fileSchema": "a"}', '"InputType": "MANIFEST"');
SELECT item.read('[]', '"InputType": "MANIFEST"');
SELECT item.read('{', '"InputType": "MANIFEST"');
SELECT item.read('{"destinationBucket": "list", "files": [{"key": "gone"}], "fileFormat": "CSV", "fileSchema": "a"}', '"InputType": "MANIFEST"');
SELECT workflow.put_object('list', 'unload/1', E'{"a": 1}\n{"a": 2}'), workflow.put_object('list', 'unload/2', '{"a": 3}');
SELECT item.read(E's3://list/unload/1\ns3://list/unload/2\n', '"InputType": "JSONL", "ManifestType": "ATHENA_DATA"');
SELECT item.read(E'unload/1\n', '"InputType": "JSONL", "ManifestType": "ATHENA_DATA"');

-- what is not there, and what may not be read
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "none"}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "none", "Key": "none"}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "none"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Key": "k"}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": 1}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "other", "VersionId": "v1"}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject"}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:putObject"}');
CREATE ROLE regress_wf_item;
SELECT workflow.grant_usage('regress_wf_item');
GRANT USAGE ON SCHEMA item TO regress_wf_item;
SET ROLE regress_wf_item;
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "in/1.json"}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "list"}}');
RESET ROLE;
SELECT workflow.grant_bucket('list', 'regress_wf_item', '{read}');
SET ROLE regress_wf_item;
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "in/1.json"}, "ReaderConfig": {"InputType": "JSON"}}');
RESET ROLE;

-- (more than one piece)
SELECT workflow.put_object('list', 'changing', (SELECT string_agg(n::text, E'\n') FROM generate_series(1, 200000) n));
SELECT count(*), sum(i::text::int) FROM workflow.read_items('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "list", "Key": "changing"}, "ReaderConfig": {"InputType": "JSONL"}}') i;

-- statements
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n, n * $2::numeric AS x FROM generate_series(1, $1) n", "Parameters.$": "$.p"}}', '{"p": [3, 1.5]}');
SELECT count(*), count(DISTINCT i) FROM item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 12345) n"}}') i;
SELECT count(*) FROM item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 12345) n"}, "ReaderConfig": {"MaxItems": 200}}');
SELECT count(*) FROM item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT WHERE false"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / (650 - n) FROM generate_series(1, 1000) n"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 AS a, 2 AS a"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT FROM nowhere"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT $1::int"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT $1::int", "Parameters": ["x"]}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT $1::int", "Parameters": "x"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "CREATE TABLE item.t (i int)"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1; SELECT 2"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": 1}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT set_config(''work_mem'', ''1MB'', false)"}}'), current_setting('work_mem');
SET ROLE regress_wf_item;
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT current_user::text AS me"}}');
SELECT item.all('{"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT * FROM workflow.agenda"}}');
RESET ROLE;

SELECT count(workflow.delete_object('list', key)) FROM workflow.list_objects('list');
SELECT workflow.delete_object('item', 'file'), workflow.delete_bucket('item'), workflow.delete_bucket('list'), workflow.delete_bucket('pages');
SELECT workflow.revoke_usage('regress_wf_item');
REVOKE USAGE ON SCHEMA item FROM regress_wf_item;
DROP ROLE regress_wf_item;
SET client_min_messages = warning;
DROP SCHEMA item CASCADE;
