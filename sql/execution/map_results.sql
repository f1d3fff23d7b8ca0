-- where the results of Map Runs go, of those that fail, too
\a \t
SET client_min_messages = warning;

-- without what is another each time
CREATE FUNCTION shown(text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(replace($1, 'arn:aws:states:us-east-1:000000000000:', 'arn:'), '[0-9a-f]{8}-[0-9a-f-]{27}', 'UUID', 'g'), '20[0-9-]+T[0-9:.]+Z', 'DATE', 'g')
$$;
CREATE FUNCTION outcome(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT shown(concat_ws(' ', status, output, error, cause)) FROM workflow.wait_for_execution(arn, '60 s')
$$;
-- a distributed Map: an item 0 fails, 1 to 99 gives itself, and more waits as many seconds
CREATE FUNCTION mapping(map jsonb, mode text DEFAULT 'STANDARD') RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'M', 'States',
		jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true, 'Label', 'children', 'MaxConcurrency', 1,
			'ItemProcessor', jsonb_build_object('ProcessorConfig', jsonb_build_object('Mode', 'DISTRIBUTED', 'ExecutionType', mode)) ||
				'{"StartAt": "Which", "States": {
					"Which": {"Type": "Choice", "Default": "Give", "Choices": [
						{"Variable": "$", "NumericEquals": 0, "Next": "Fail"}, {"Variable": "$", "NumericGreaterThan": 99, "Next": "Wait"}]},
					"Fail": {"Type": "Fail", "Error": "Zero", "Cause": "It is 0."},
					"Wait": {"Type": "Wait", "SecondsPath": "$", "End": true},
					"Give": {"Type": "Pass", "End": true}}}',
			'ResultWriter', '{"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "mr"}}'::jsonb) || map)
		|| CASE WHEN map ? 'Catch' THEN '{"Caught": {"Type": "Pass", "End": true}}'::jsonb ELSE '{}' END)::text
$$;
CREATE FUNCTION run(definition text, input jsonb DEFAULT '{}', OUT arn text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM workflow.create_state_machine('mr_' || left(md5(definition), 4), definition);
	arn := workflow.start_execution('mr_' || left(md5(definition), 4), input);
END $$;
CREATE FUNCTION events(arn text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT shown(concat_ws(' ', id, previous_id, type, details - '{input,output,roleArn,mapRunArn}'::text[])) FROM workflow.get_execution_history(arn)
$$;
CREATE FUNCTION counts(arn text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, execution_counts - '{running,timedOut,failuresNotRedrivable,pendingRedrive}'::text[], item_counts ->> 'resultsWritten')
	  FROM workflow.list_map_runs(arn) l, workflow.describe_map_run(l.map_run_arn)
$$;
-- all files of the bucket, which is empty then
CREATE FUNCTION take_files() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT shown(concat_ws(E'\t', o.key, regexp_replace(o.body, '"Size":[0-9]+', '"Size":N', 'g')))
	  FROM (SELECT key, workflow.get_object_text('mr', key) AS body, workflow.delete_object('mr', key) AS deleted FROM workflow.list_objects('mr')) o
$$;
-- what is open, or left behind
CREATE FUNCTION nothing_left() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 600 LOOP
		EXIT WHEN NOT EXISTS (SELECT FROM workflow.agenda) AND NOT EXISTS (SELECT FROM workflow.express);
		PERFORM pg_sleep(0.05);
	END LOOP;
	RETURN concat_ws(' ', (SELECT count(*) FROM workflow.agenda), (SELECT count(*) FROM workflow.express), (SELECT count(*) FROM workflow.branch),
		(SELECT count(*) FROM workflow.task), (SELECT count(*) FROM workflow.map_item), (SELECT count(*) FROM workflow.map_run WHERE status = 'RUNNING'));
END $$;

CREATE PROCEDURE until_children_run(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 3000 LOOP
		EXIT WHEN EXISTS (SELECT FROM workflow.map_run WHERE status = 'RUNNING' AND executions_running = n AND
			started = executions_succeeded + n AND executions_succeeded + n + 1 >= executions);
		COMMIT;
		PERFORM pg_sleep(0.01);
	END LOOP;
END $$;

-- too many children fail: what has become of each item is written before the run has failed
SELECT run(mapping('{}'), '[1, 0, 2, 3]') AS arn \gset
SELECT outcome(:'arn');
SELECT events(:'arn');
SELECT counts(:'arn');
SELECT take_files();
-- the same of EXPRESS children
SELECT run(mapping('{}', 'EXPRESS'), '[1, 0, 2, 3]') AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT take_files();
-- children that run are stopped, and told of as failed
SELECT run(mapping('{"MaxConcurrency": 2}'), '[200, 0, 1]') AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT take_files();
SELECT run(mapping('{"MaxConcurrency": 2}', 'EXPRESS'), '[200, 0, 1]') AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT take_files();
-- two are tolerated, not three; Prefix, Transformation, OutputType
SELECT run(mapping('{"ToleratedFailureCount": 2, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "mr", "Prefix": "a/b"},
	"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}}'), '[0, 1, 0, 2, 0, 3]') AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT take_files();
-- nobody begins: no file but the manifest
SELECT run(mapping('{}'), '[]') AS arn \gset
SELECT outcome(:'arn');
SELECT take_files();
-- each attempt has files of its own
SELECT run(mapping('{"ItemsPath": "$.n", "Retry": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 1, "MaxAttempts": 1}],
	"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]}'), '{"n": [0]}') AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT count(DISTINCT split_part(key, '/', 1)) AS runs, count(*) AS files FROM workflow.list_objects('mr');
SELECT count(*) FROM take_files();
-- as many items as there may be: inputs that have not been made when a child fails, pages of results
SELECT run(mapping('{}'), (SELECT jsonb_agg(CASE n WHEN 2 THEN 0 ELSE 1 END) FROM generate_series(1, 2500) n)) AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT split_part(key, '/', 2) AS file, count(r) AS executions FROM workflow.list_objects('mr'), jsonb_array_elements(workflow.get_object_text('mr', key)::jsonb) r
 WHERE key NOT LIKE '%manifest.json' GROUP BY key ORDER BY key;
SELECT count(*) FROM take_files();
-- files of about 32 MB
SELECT run(mapping(jsonb_build_object('MaxConcurrency', 0, 'ItemProcessor', jsonb_build_object('ProcessorConfig', '{"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}'::jsonb, 'StartAt', 'P',
	'States', jsonb_build_object('P', jsonb_build_object('Type', 'Pass', 'Result', repeat('0123456789', 20000), 'End', true))))), (SELECT jsonb_agg(n) FROM generate_series(1, 170) n)) AS arn \gset
SELECT status FROM workflow.wait_for_execution(:'arn', '60 s');
SELECT split_part(o.key, '/', 2) AS file, length(body) > 32 * 1024 * 1024 AS full, (SELECT count(*) FROM regexp_matches(body, '"Status"', 'g')) AS executions,
	   (f ->> 'Size')::int = octet_length(body) AS size
  FROM workflow.list_objects('mr') o, workflow.get_object_text('mr', o.key) body, workflow.list_objects('mr') m, workflow.get_object_text('mr', m.key) manifest,
	   jsonb_array_elements(manifest::jsonb #> '{ResultFiles,SUCCEEDED}') f
 WHERE m.key LIKE '%manifest.json' AND f ->> 'Key' = o.key;
SELECT count(workflow.delete_object('mr', key)) FROM workflow.list_objects('mr');
-- items of a reader, in batches, which are told of as they are
SELECT run(mapping('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM generate_series(1, 5) n"}},
	"ItemSelector": {"n.$": "$$.Map.Item.Value.n"}, "ItemBatcher": {"MaxItemsPerBatch": 2},
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}}')) AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT take_files();

-- not written: what has failed is told all the same
CREATE ROLE regress_wf_mr LOGIN;
SELECT workflow.create_state_machine('mr_role', mapping('{}'), role => 'regress_wf_mr') IS NOT NULL;
SELECT workflow.start_execution('mr_role', '[0]') AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT workflow.start_execution('mr_role', '[1]') AS arn \gset
SELECT outcome(:'arn');
SELECT run(mapping('{"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket.$": "$[0]"}}}'), '[0]') AS arn \gset
SELECT outcome(:'arn');
SELECT take_files();
-- no file of a run whose items cannot be read
SELECT run(mapping('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / 0"}}}')) AS arn \gset
SELECT outcome(:'arn');

-- stopped with its execution: written when the children have ended
SELECT run(mapping('{}'), '[1, 200, 2]') AS arn \gset
CALL until_children_run(1);
SELECT workflow.stop_execution(:'arn', 'Enough') IS NOT NULL;
SELECT outcome(:'arn');
SELECT nothing_left();
SELECT counts(:'arn');
SELECT take_files();
SELECT run(mapping('{"MaxConcurrency": 2}', 'EXPRESS'), '[200, 201, 2]') AS arn \gset
CALL until_children_run(2);
SELECT workflow.stop_execution(:'arn', 'Enough') IS NOT NULL;
SELECT nothing_left();
SELECT counts(:'arn');
SELECT split_part(f, E'\t', 1) AS file, (SELECT count(*) FROM regexp_matches(f, '"Status"', 'g')) AS executions FROM take_files() f;
-- a timeout
SELECT run((mapping('{"MaxConcurrency": 0}')::jsonb || '{"TimeoutSeconds": 1}')::text, '[1, 200]') AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();
SELECT counts(:'arn');
SELECT split_part(f, E'\t', 1) AS file, (SELECT count(*) FROM regexp_matches(f, '"Status"', 'g')) AS executions FROM take_files() f;
-- a failure beside it, and the execution goes on
SELECT run(jsonb_build_object('StartAt', 'P', 'States', jsonb_build_object('Caught', '{"Type": "Pass", "End": true}'::jsonb, 'P', '{"Type": "Parallel", "End": true, "Catch": [{"ErrorEquals": ["E"], "Next": "Caught"}]}'::jsonb ||
	jsonb_build_object('Branches', jsonb_build_array(mapping('{"ItemsPath": "$"}')::jsonb,
		'{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail", "Error": "E"}}}'::jsonb))))::text, '[1, 200, 2]') AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();
SELECT counts(:'arn');
SELECT split_part(f, E'\t', 1) AS file, (SELECT count(*) FROM regexp_matches(f, '"Status"', 'g')) AS executions FROM take_files() f;
-- stopped while its items are read; and by a role that may not write
SELECT run(mapping('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT pg_sleep(600)"}}}')) AS arn \gset
SELECT workflow.stop_execution(:'arn') IS NOT NULL;
SELECT workflow.start_execution('mr_role', '[200]') AS arn \gset
CALL until_children_run(1);
SELECT workflow.stop_execution(:'arn') IS NOT NULL;
SELECT nothing_left();
SELECT counts(:'arn');
SELECT take_files();

-- into a table: all of a run that succeeds, or nothing; the second page is refused
CREATE TABLE mr_result (n int CHECK (n < 1200));
GRANT INSERT ON mr_result TO regress_wf_mr;
CREATE FUNCTION to_table(what jsonb DEFAULT '{}', n int DEFAULT 3) RETURNS text LANGUAGE sql AS $$
	SELECT mapping(jsonb_build_object('MaxConcurrency', 0,
		'ItemReader', jsonb_build_object('Resource', 'arn:aws:states:::sql:execute', 'Parameters', jsonb_build_object('Statement', format('SELECT n FROM generate_series(1, %s) n', n))),
		'ItemProcessor', '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "OutputPath": "$.n", "End": true}}}'::jsonb,
		'ResultWriter', '{"Resource": "arn:aws:states:::sql:execute", "WriterConfig": {"Transformation": "COMPACT"},
			"Parameters": {"Statement": "INSERT INTO mr_result SELECT r::int FROM jsonb_array_elements($1) r"}}'::jsonb) || what)
$$;
SELECT run(to_table()) AS arn \gset
SELECT outcome(:'arn');
SELECT run(to_table(n => 1500)) AS arn \gset
SELECT outcome(:'arn');
SELECT counts(:'arn');
SELECT array_agg(n ORDER BY n) FROM mr_result;
-- a run that fails
SELECT run(to_table('{"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Fail"}}}}')) AS arn \gset
SELECT outcome(:'arn');
-- a constraint at the end; with the role's rights, and without
ALTER TABLE mr_result ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED;
SELECT run(to_table(n => 4)) AS arn \gset
SELECT outcome(:'arn');
TRUNCATE mr_result;
SELECT workflow.create_state_machine('mr_table', to_table(n => 2), role => 'regress_wf_mr') IS NOT NULL;
SELECT workflow.start_execution('mr_table') AS arn \gset
SELECT outcome(:'arn');
REVOKE INSERT ON mr_result FROM regress_wf_mr;
SELECT workflow.start_execution('mr_table') AS arn \gset
SELECT outcome(:'arn');
SELECT array_agg(n ORDER BY n) FROM mr_result;

-- items that are others each time are evaluated once
SELECT run('{"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {"Type": "Map", "Items": "{% ($r := $random(); [1..2500].($r)) %}", "MaxConcurrency": 0, "End": true,
	"Output": "{% $count($distinct($states.result)) %}", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}') AS arn \gset
SELECT outcome(:'arn');

SELECT nothing_left();
SELECT count(workflow.delete_state_machine(name)) > 0 FROM workflow.state_machine WHERE name LIKE 'mr\_%' AND status = 'ACTIVE';
SELECT count(workflow.delete_bucket(name)) FROM workflow.bucket WHERE name LIKE 'mr%';
DROP TABLE mr_result;
DROP FUNCTION shown, outcome, mapping, run, events, counts, take_files, nothing_left, to_table;
DROP PROCEDURE until_children_run;
DROP ROLE regress_wf_mr;
