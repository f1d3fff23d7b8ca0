-- Map Runs whose items are read from somewhere, and whose results are written somewhere
\a \t
SET client_min_messages = warning;

CREATE FUNCTION outcome(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(concat_ws(' ', status, output, error, cause), '[0-9a-f]{8}-[0-9a-f-]{27}', 'UUID', 'g') FROM workflow.wait_for_execution(arn, '60 s')
$$;
-- a distributed Map over Pass states, or over something else
CREATE FUNCTION reading(map jsonb, state jsonb DEFAULT '{"Type": "Pass"}', mode text DEFAULT 'STANDARD') RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'M', 'States',
		jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true, 'Label', 'children',
			'ItemProcessor', jsonb_build_object('StartAt', 'I', 'States', jsonb_build_object('I', state || '{"End": true}'),
				'ProcessorConfig', jsonb_build_object('Mode', 'DISTRIBUTED', 'ExecutionType', mode))) || map)
		|| CASE WHEN map ? 'Catch' THEN '{"Caught": {"Type": "Pass", "End": true}}'::jsonb ELSE '{}' END)::text
$$;
CREATE FUNCTION events(arn text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(concat_ws(' ', id, previous_id, type, details - 'input' - 'output' - 'roleArn'), '[0-9a-f]{8}-[0-9a-f-]{27}', 'UUID', 'g')
	  FROM workflow.get_execution_history(arn)
$$;
-- one Map, from its definition to its outcome
CREATE FUNCTION run(definition text, input jsonb DEFAULT '{}', OUT arn text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM workflow.create_state_machine('mi_' || md5(definition), definition);
	arn := workflow.start_execution('mi_' || md5(definition), input);
END $$;
-- what is open, or left behind
CREATE FUNCTION nothing_left() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 600 LOOP
		EXIT WHEN (SELECT count(*) FROM workflow.agenda) = 0;
		PERFORM pg_sleep(0.05);
	END LOOP;
	RETURN concat_ws(' ', (SELECT count(*) FROM workflow.agenda), (SELECT count(*) FROM workflow.branch),
		(SELECT count(*) FROM workflow.task), (SELECT count(*) FROM workflow.iteration),
		(SELECT count(*) FROM workflow.map_item), (SELECT count(*) FROM workflow.map_run WHERE status = 'RUNNING'));
END $$;

-- rows of a statement; ItemSelector and context
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n AS id FROM generate_series(1, $1) n", "Parameters.$": "States.Array($.n)"}},
	"ItemSelector": {"id.$": "$$.Map.Item.Value.id", "i.$": "$$.Map.Item.Index", "from.$": "$$.Map.Item.Source", "of.$": "$.of"}}'), '{"n": 3, "of": "x"}') AS arn \gset
SELECT outcome(:'arn');
SELECT events(:'arn');
-- batches; more than a page of rows, with MaxItems
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 10000) n"}, "ReaderConfig": {"MaxItemsPath": "$.max"}},
	"ItemBatcher": {"MaxItemsPerBatch": 700, "BatchInput": {"k": 1}}, "ResultSelector": {"batches.$": "States.ArrayLength($)"}}',
	'{"Type": "Pass", "Parameters": {"n.$": "States.ArrayLength($.Items)", "first.$": "$.Items[0].n", "k.$": "$.BatchInput.k"}}'), '{"max": 2500}') AS arn \gset
SELECT outcome(:'arn');
SELECT x.item_count, x.output FROM workflow.execution x JOIN workflow.map_run r ON r.id = x.map_run_id
 WHERE r.execution_id = (SELECT id FROM workflow.execution WHERE name = substring(:'arn' FROM '[^:]*$')) ORDER BY x.id;
-- files
SELECT workflow.put_object('mi', 'members.json', '{"a": 1, "b": [2]}'), workflow.put_object('mi', 'rows.csv', E'a;b\n1;2\n3;4\n');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "mi", "Key": "members.json"}},
	"ItemSelector": {"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value", "from.$": "$$.Map.Item.Source"}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "mi", "Key": "members.json"}}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "SEMICOLON"}, "Parameters": {"Bucket.$": "$.b", "Key": "rows.csv"}}}'), '{"b": "mi"}') AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "mi"}}, "ItemSelector": {"k.$": "$$.Map.Item.Value.Key", "from.$": "$$.Map.Item.Source"}}')) AS arn \gset
SELECT outcome(:'arn');
-- what an item comes from: objects of a list from its bucket, items of the objects of a list from theirs
SELECT workflow.put_object('mi_list', 'no/a', '[0]'), workflow.put_object('mi_list', 'yes/a', '[1, 2]'), workflow.put_object('mi_list', 'yes/b', '[]'), workflow.put_object('mi_list', 'yes/c', '[3]'), workflow.put_object('mi_list', 'yes/d', '[4, 5]');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "mi_list", "Prefix": "yes/"}, "ReaderConfig": {"MaxItems": 2}}, "ItemSelector": {"k.$": "$$.Map.Item.Value.Key", "from.$": "$$.Map.Item.Source"}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "mi_list", "Prefix": "yes/"}, "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 4}},
	"ItemBatcher": {"MaxItemsPerBatch": 3}, "ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "from.$": "$$.Map.Item.Source"}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT workflow.delete_object('mi_list', key) FROM workflow.list_objects('mi_list');
-- nothing at all
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT WHERE false"}}}')) AS arn \gset
SELECT outcome(:'arn');

-- what goes wrong: before anything is read, in page 7, in an ItemSelector
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {"Bucket": "mi", "Key": "none"}}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT events(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / (6500 - n) AS q FROM generate_series(1, 10000) n"}}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / (6500 - n) AS q FROM generate_series(1, 10000) n"}},
	"Retry": [{"ErrorEquals": ["States.ItemReaderFailed"], "MaxAttempts": 1, "IntervalSeconds": 1}],
	"Catch": [{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "Caught"}]}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 10) n"}}, "ItemSelector": {"x.$": "$$.Map.Item.Value.none"}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 10) n"}}, "ItemBatcher": {"MaxItemsPerBatchPath": "$.none"}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement.$": "$.none"}}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1"}, "ReaderConfig": {"MaxItemsPath": "$.m"}}}'), '{"m": 1.5}') AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();
-- stopped while it reads: the statement is cancelled, and what it wrote is not there
CREATE TABLE mi_seen (n int);
CREATE FUNCTION mi_see(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO mi_seen VALUES (n); PERFORM pg_sleep(0.05); RETURN n; END $$;
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT mi_see(n) FROM generate_series(1, 10000) n"}}}')) AS arn \gset
DO $$ BEGIN FOR i IN 1 .. 200 LOOP EXIT WHEN EXISTS (SELECT FROM workflow.task); PERFORM pg_sleep(0.02); END LOOP; PERFORM pg_sleep(0.3); END $$;
SELECT state, waits_for ~ '^runner of role' AS waits_for_runner FROM workflow.pending;
SELECT workflow.stop_execution(:'arn', 'Enough') IS NOT NULL;
SELECT outcome(:'arn');
SELECT events(:'arn');
SELECT nothing_left();
DO $$ BEGIN FOR i IN 1 .. 200 LOOP EXIT WHEN NOT EXISTS (SELECT FROM workflow.worker WHERE execution_id IS NOT NULL); PERFORM pg_sleep(0.02); END LOOP; END $$;
SELECT count(*) FROM mi_seen;

-- results: into objects
SELECT run(reading('{"ItemsPath": "$.n", "ToleratedFailurePercentage": 100, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "mi-results", "Prefix": "jobs/"}}}',
	'{"Type": "Task", "Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / $1::int AS q", "Parameters.$": "States.Array($)"}}'), '{"n": [1, 0, 2]}') AS arn \gset
SELECT outcome(:'arn');
SELECT regexp_replace(key, '[0-9a-f]{8}-[0-9a-f-]{27}', 'UUID') FROM workflow.list_objects('mi-results');
SELECT regexp_replace(workflow.get_object_text('mi-results', key)::jsonb::text, '[0-9a-f]{8}-[0-9a-f-]{27}|("Size": )[0-9]+', '\1UUID', 'g') FROM workflow.list_objects('mi-results') WHERE key LIKE '%/manifest.json';
SELECT r ->> 'Status' AS status, r ->> 'Input' AS input, r ->> 'Output' AS output, r ->> 'Error' AS error, r ->> 'RedriveStatus' AS redrive,
	   (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(r) k) AS members, (r ->> 'StopDate')::timestamptz >= (r ->> 'StartDate')::timestamptz AS dates
  FROM workflow.list_objects('mi-results'), jsonb_array_elements(workflow.get_object_text('mi-results', key)::jsonb) r WHERE key NOT LIKE '%/manifest.json';
SELECT count(workflow.delete_object('mi-results', key)) FROM workflow.list_objects('mi-results');
SELECT run(reading('{"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "mi-results"}, "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}}}'), '[[1, 2], 3, {"a": [4]}, []]') AS arn \gset
SELECT outcome(:'arn');
SELECT regexp_replace(key, '[0-9a-f]{8}-[0-9a-f-]{27}', 'UUID'), workflow.get_object_text('mi-results', key) FROM workflow.list_objects('mi-results') WHERE key LIKE '%.jsonl';
-- for the state itself
SELECT run(reading('{"ResultWriter": {"WriterConfig": {"Transformation": "FLATTEN"}}}'), '[[1, 2], 3, []]') AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ResultWriter": {"WriterConfig": {"Transformation": "COMPACT"}}}'), '[[1, 2], 3]') AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ResultWriter": {"WriterConfig": {"Transformation": "NONE"}}, "ResultSelector": {"in.$": "$[*].Input", "status.$": "$[*].Status"}}'), '[[1, 2], 3]') AS arn \gset
SELECT outcome(:'arn');
-- into a table
CREATE TABLE mi_results (tag text, n int, CHECK (n < 5000));
SELECT run(reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 2500) n"}}, "ItemBatcher": {"MaxItemsPerBatch": 2},
	"ResultWriter": {"Resource": "arn:aws:states:::sql:execute", "WriterConfig": {"Transformation": "FLATTEN"},
		"Parameters": {"Statement": "INSERT INTO mi_results SELECT $1, (r ->> ''n'')::int FROM jsonb_array_elements($2) r", "Parameters": ["run"]}}}',
	'{"Type": "Pass", "OutputPath": "$.Items"}')) AS arn \gset
SELECT outcome(:'arn');
SELECT tag, count(*), count(DISTINCT n), sum(n) FROM mi_results GROUP BY tag;
SELECT run(reading('{"ResultWriter": {"Resource": "arn:aws:states:::sql:execute", "WriterConfig": {"Transformation": "COMPACT"},
		"Parameters": {"Statement": "INSERT INTO mi_results SELECT ''bad'', r::int FROM jsonb_array_elements($1) r"}}}'), '[1, 9999]') AS arn \gset
SELECT outcome(:'arn');
SELECT events(:'arn');
SELECT count(*) FROM mi_results WHERE tag = 'bad';
SELECT run(reading('{"ResultWriter": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1"}}}'), '[1]') AS arn \gset
SELECT outcome(:'arn');
SELECT run(reading('{"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Prefix": "p"}}}'), '[1]') AS arn \gset
SELECT outcome(:'arn');

-- with the rights of the machine's role
CREATE ROLE regress_wf_mi LOGIN;
SELECT workflow.create_state_machine('mi_role', reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT current_user::text AS me"}},
	"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket.$": "$.b"}}}'), role => 'regress_wf_mi') IS NOT NULL;
SELECT workflow.start_execution('mi_role', '{"b": "mi"}') AS arn \gset
SELECT outcome(:'arn');
SELECT workflow.start_execution('mi_role', '{"b": "mi-of-role"}') AS arn \gset
SELECT outcome(:'arn');
SELECT b.owner, o.owner FROM workflow.bucket b JOIN workflow.object o ON o.bucket = b.name WHERE b.name = 'mi-of-role' AND o.key LIKE '%SUCCEEDED_0.json';
SELECT workflow.create_state_machine('mi_denied', reading('{"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "mi"}}}'), role => 'regress_wf_mi') IS NOT NULL;
SELECT workflow.start_execution('mi_denied') AS arn \gset
SELECT outcome(:'arn');

-- our own rows are written whatever the role has set
ALTER ROLE regress_wf_mi SET default_transaction_read_only = on;
SELECT workflow.create_state_machine('mi_read_only', reading('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT current_setting(''transaction_read_only'') AS read_only"}},
	"ResultWriter": {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}}'), role => 'regress_wf_mi') IS NOT NULL;
SELECT workflow.start_execution('mi_read_only') AS arn \gset
SELECT outcome(:'arn');
SELECT item_counts ->> 'resultsWritten' AS items, execution_counts ->> 'resultsWritten' AS executions FROM workflow.list_map_runs(:'arn') l, workflow.describe_map_run(l.map_run_arn);

SELECT nothing_left();
SELECT count(workflow.delete_state_machine(name)) > 0 FROM workflow.state_machine WHERE name LIKE 'mi\_%' AND status = 'ACTIVE';
SELECT count(workflow.delete_object(bucket, key)) > 0, count(DISTINCT bucket) FROM workflow.object WHERE bucket LIKE 'mi%';
SELECT count(workflow.delete_bucket(name)) FROM workflow.bucket WHERE name LIKE 'mi%';
DROP TABLE mi_results, mi_seen;
DROP FUNCTION outcome, reading, events, run, nothing_left, mi_see;
DROP ROLE regress_wf_mi;
