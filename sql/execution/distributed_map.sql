-- distributed Map states of stored executions: each item, or batch of items, an execution of its own
\a \t
SET client_min_messages = warning;

CREATE FUNCTION one_state(state jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'I', 'States', jsonb_build_object('I', state || '{"End": true}'))
$$;
CREATE FUNCTION numbers(count int) RETURNS jsonb LANGUAGE sql AS 'SELECT jsonb_agg(n) FROM generate_series(1, count) n';
CREATE FUNCTION outcome(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, output, error, cause) FROM workflow.wait_for_execution(arn, '60 s')
$$;
CREATE FUNCTION distributed(map jsonb, processor jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'M', 'States',
		jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true, 'Label', 'children',
			'ItemProcessor', processor || '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}') || map)
		|| CASE WHEN map ? 'Catch' THEN '{"Caught": {"Type": "Pass", "End": true}}'::jsonb ELSE '{}' END)::text
$$;
-- executions, branches, tasks and the like that are open; children are told to stop, which may take a moment
CREATE FUNCTION nothing_left() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 600 LOOP
		IF (SELECT count(*) FROM workflow.agenda) = 0 THEN
			EXIT;
		END IF;
		PERFORM pg_sleep(0.05);
	END LOOP;
	RETURN concat_ws(' ', (SELECT count(*) FROM workflow.agenda), (SELECT count(*) FROM workflow.branch),
		(SELECT count(*) FROM workflow.task), (SELECT count(*) FROM workflow.iteration),
		(SELECT count(*) FROM workflow.map_item), (SELECT count(*) FROM workflow.map_run WHERE status = 'RUNNING'));
END $$;
-- the Map Runs of an execution: status, items and executions
CREATE FUNCTION runs(arn text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', r.status, r.items, r.items_running, r.items_succeeded, r.items_failed, r.items_timed_out, r.items_aborted, '/',
		r.executions, r.executions_running, r.executions_succeeded, r.executions_failed, r.executions_timed_out, r.executions_aborted)
	  FROM workflow.map_run r JOIN workflow.execution x ON x.id = r.execution_id
	 WHERE x.name = substring(arn FROM '[^:]*$') ORDER BY r.id
$$;
CREATE FUNCTION events(arn text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', id, previous_id, type, regexp_replace((details - 'input' - 'output' - 'roleArn')::text, '[0-9a-f-]{36}', 'UUID', 'g'))
	  FROM workflow.get_execution_history(arn)
$$;

-- items of an array; the chain of events
SELECT workflow.create_state_machine('dm_pass', distributed('{"ItemsPath": "$.n", "MaxConcurrency": 3,
	"ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "s.$": "$$.Map.Item.Source", "of.$": "$.of"}}',
	one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.start_execution('dm_pass', '{"n": [10, 20, 30, 40, 50, 60, 70], "of": "x"}') AS arn \gset
SELECT outcome(:'arn');
SELECT runs(:'arn');
SELECT events(:'arn');
SELECT nothing_left();

-- members of an object; nothing at all; what is no array
SELECT workflow.create_state_machine('dm_items', distributed('{}', one_state('{"Type": "Pass"}'))) AS machine \gset
CREATE TABLE started AS SELECT n, workflow.start_execution('dm_items', input) AS arn
  FROM unnest(ARRAY['{"a": 1, "b": [2]}', '[]', '{}', '[null, [1], {"x": {}}]', '7']::jsonb[]) WITH ORDINALITY AS i(input, n);
SELECT outcome(arn) FROM started ORDER BY n;
DROP TABLE started;
SELECT nothing_left();

-- what a child is, and sees
SELECT workflow.create_state_machine('dm_child', distributed('{}', one_state('{"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "machine.$": "$$.StateMachine.Id", "input.$": "$$.Execution.Input"}}'))) AS machine \gset
SELECT workflow.start_execution('dm_child', '["x"]') AS arn \gset
SELECT regexp_replace(outcome(:'arn'), '[0-9a-f-]{36}', 'UUID', 'g');
SELECT output->0->>'id' AS child FROM workflow.describe_execution(:'arn') \gset
SELECT events(:'child');

-- many items, and in order; a bounded number is open
SELECT workflow.create_state_machine('dm_many', distributed('{"MaxConcurrency": 50}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.start_execution('dm_many', numbers(5000)) AS arn \gset
SELECT outcome(:'arn') = 'SUCCEEDED ' || numbers(5000)::text AS same;
SELECT runs(:'arn');
SELECT nothing_left();

-- batches
SELECT workflow.create_state_machine('dm_batch', distributed('{"ItemsPath": "$.n", "ItemBatcher": {"MaxItemsPerBatchPath": "$.max", "BatchInput": {"of.$": "$.of"}}}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.start_execution('dm_batch', '{"n": [1, 2, 3, 4, 5, 6, 7], "max": 3, "of": "x"}') AS arn \gset
SELECT outcome(:'arn');
SELECT workflow.start_execution('dm_batch', '{"n": [1, 2, 3], "max": 3, "of": "x"}') AS arn \gset
SELECT outcome(:'arn');
SELECT workflow.start_execution('dm_batch', '{"n": [1], "max": 0, "of": "x"}') AS arn \gset
SELECT outcome(:'arn');
SELECT workflow.start_execution('dm_batch', '{"n": [1, 2, 3, 4, 5], "max": 2, "of": "x"}') AS arn \gset
SELECT outcome(:'arn') ~ '^SUCCEEDED';
SELECT runs(:'arn');
SELECT workflow.create_state_machine('dm_bytes', distributed('{"ItemBatcher": {"MaxInputBytesPerBatch": 30}}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.start_execution('dm_bytes', '["aaaa", "bbbb", "cccc", "dddddddddddddddddddddddddddddddddd", "e"]') AS arn \gset
SELECT outcome(:'arn');
SELECT workflow.create_state_machine('dm_both', distributed('{"ItemBatcher": {"MaxItemsPerBatch": 3, "MaxInputBytesPerBatch": 30}}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.start_execution('dm_both', '["aaaa", "bbbb", "cccc", 1, 2, 3, 4, 5, "dddddddddddddddddddddddddddddddddd"]') AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();

-- failures: none is tolerated, some are, all are
SELECT workflow.create_state_machine('dm_fail' || n, distributed(map::jsonb || '{"MaxConcurrency": 1}', '{"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericGreaterThan": 5, "Next": "F"}], "Default": "P"},
	"F": {"Type": "Fail", "Error": "E", "Cause": "too large"}, "P": {"Type": "Pass", "End": true}}}'))
  FROM unnest(ARRAY['{}', '{"ToleratedFailureCount": 2}', '{"ToleratedFailurePercentage": 50}', '{"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 40}',
	'{"ToleratedFailurePercentage": 100}', '{"ToleratedFailureCount": 1, "Catch": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Caught"}]}',
	'{"ToleratedFailureCount": 1, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]}']) WITH ORDINALITY AS m(map, n);
SELECT n, workflow.start_execution('dm_fail' || n, '[1, 9, 2, 9, 3, 4]') AS two, workflow.start_execution('dm_fail' || n, '[9, 8, 7, 4]') AS three
  INTO failing FROM generate_series(1, 7) n;
SELECT n, outcome(two), outcome(three) FROM failing ORDER BY n;
SELECT n, runs(two), runs(three) FROM failing WHERE n <> 1 ORDER BY n;
SELECT events(three) FROM failing WHERE n = 6;
SELECT events(three) FROM failing WHERE n = 7;
SELECT nothing_left();

-- thresholds that are none
SELECT workflow.create_state_machine('dm_count', distributed('{"ItemsPath": "$.n", "ToleratedFailureCountPath": "$.c"}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.create_state_machine('dm_percentage', distributed('{"ItemsPath": "$.n", "ToleratedFailurePercentagePath": "$.c"}', one_state('{"Type": "Pass"}'))) AS machine \gset
CREATE TABLE started AS SELECT n, workflow.start_execution(machine, jsonb_build_object('n', '[1]'::jsonb, 'c', c)) AS arn
  FROM unnest(ARRAY['1', '-1', '1.5', '"x"', '"1"', '{}', '101', 'null']::jsonb[]) WITH ORDINALITY AS i(c, n), unnest('{dm_count,dm_percentage}'::text[]) machine;
SELECT outcome(arn) FROM started ORDER BY arn ~ 'percentage', n;
DROP TABLE started;
SELECT workflow.start_execution('dm_count', '{"n": [1]}') AS arn \gset
SELECT outcome(:'arn');

-- an error in ItemSelector fails all of it
SELECT workflow.create_state_machine('dm_select', distributed('{"ItemSelector": {"x.$": "$$.Map.Item.Value.x"}}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.start_execution('dm_select', '[{"x": 1}, {"y": 2}]') AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();

-- stopped, timed out, cut by a sibling: children stop, what has not started never starts
SELECT workflow.create_state_machine('dm_wait', distributed('{"MaxConcurrency": 20}', one_state('{"Type": "Wait", "Seconds": 3600}'))) AS machine \gset
SELECT workflow.start_execution('dm_wait', numbers(50)) AS arn \gset
CREATE PROCEDURE children_run(count int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 600 LOOP
		EXIT WHEN (SELECT sum(executions_running) FROM workflow.map_run WHERE status = 'RUNNING') = count
			AND (SELECT count(*) FROM workflow.branch WHERE phase = 1) = count;
		COMMIT;
		PERFORM pg_sleep(0.05);
	END LOOP;
END $$;
CALL children_run(20);
SELECT runs(:'arn');
SELECT DISTINCT state, waits_for FROM workflow.pending WHERE waits_for !~ '^timer';
SELECT workflow.stop_execution(:'arn', 'Enough', 'of it') IS NOT NULL AS stopped;
SELECT nothing_left();
SELECT outcome(:'arn');
SELECT runs(:'arn');
SELECT events(:'arn');
SELECT status, count(*) FROM workflow.execution WHERE map_run_id IS NOT NULL AND state_machine_id = (SELECT id FROM workflow.state_machine WHERE name = 'dm_wait') GROUP BY 1;

SELECT workflow.create_state_machine('dm_timeout', (distributed('{}', one_state('{"Type": "Wait", "Seconds": 3600}'))::jsonb || '{"TimeoutSeconds": 1}')::text) AS machine \gset
SELECT workflow.start_execution('dm_timeout', numbers(5)) AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();
SELECT runs(:'arn');

SELECT workflow.create_state_machine('dm_sibling', jsonb_build_object('StartAt', 'A', 'States', jsonb_build_object(
	'A', jsonb_build_object('Type', 'Parallel', 'End', true, 'Branches', jsonb_build_array(
		distributed('{}', one_state('{"Type": "Wait", "Seconds": 3600}'))::jsonb,
		'{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail", "Error": "E"}}}'::jsonb))))::text) AS machine \gset
SELECT workflow.start_execution('dm_sibling', numbers(5)) AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();
SELECT runs(:'arn');
SELECT events(:'arn');

-- one in another
SELECT workflow.create_state_machine('dm_nested', distributed('{"MaxConcurrency": 2, "Label": "outer"}', replace(distributed('{"Label": "inner"}', one_state('{"Type": "Pass", "Parameters": {"id.$": "$$.StateMachine.Id", "v.$": "$"}}')), '"M"', '"N"')::jsonb)) AS machine \gset
SELECT workflow.start_execution('dm_nested', '[[1, 2], [], [3]]') AS arn \gset
SELECT outcome(:'arn');
SELECT nothing_left();

-- tasks: never more at a time than are allowed
CREATE TABLE at_work (n int, began timestamptz, ended timestamptz);
CREATE FUNCTION do_work(n jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	PERFORM pg_sleep(0.01);
	INSERT INTO at_work VALUES (n::int, began, clock_timestamp());
	RETURN n;
END $$;
SELECT workflow.create_state_machine('dm_task', distributed('{"MaxConcurrency": 2}', one_state('{"Type": "Task", "Resource": "sql:public.do_work"}'))) AS machine \gset
SELECT workflow.start_execution('dm_task', numbers(60)) AS arn \gset
SELECT outcome(:'arn') = 'SUCCEEDED ' || numbers(60)::text AS same;
SELECT count(*), count(DISTINCT n), max((SELECT count(*) FROM at_work o WHERE o.began <= w.began AND o.ended > w.began)) <= 2 AS obeyed FROM at_work w;
SELECT nothing_left();

DROP TABLE failing, at_work;
DROP PROCEDURE children_run(int);
DROP FUNCTION one_state(jsonb), numbers(int), outcome(text), distributed(jsonb, jsonb), nothing_left(), runs(text), events(text), do_work(jsonb);
