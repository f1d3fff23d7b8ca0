-- children of a distributed Map that are EXPRESS: each is run whole, by a runner
\a \t
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET ROLE regress_task;
CREATE TABLE task_test.item (n int PRIMARY KEY, text text);
CREATE FUNCTION task_test.take_item(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO task_test.item VALUES ((input ->> 'n')::int, input ->> 'text');
	IF input ->> 'text' = 'bad' THEN
		PERFORM workflow.raise_error('Bad', 'item');
	END IF;
	IF input ? 'sleep' THEN
		PERFORM pg_sleep((input ->> 'sleep')::float8);
	END IF;
	RETURN jsonb_build_object('n', (input ->> 'n')::int * 2);
END $$;
CREATE FUNCTION task_test.express_map(fields jsonb, states jsonb DEFAULT '{"A": {"Type": "Task", "Resource": "sql:task_test.take_item", "End": true}}') RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'M', 'States', jsonb_build_object('M', '{"Type": "Map", "Label": "Each", "End": true}'::jsonb ||
		jsonb_build_object('ItemProcessor', jsonb_build_object('ProcessorConfig', '{"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}'::jsonb, 'StartAt', 'A', 'States', states)) || fields))::text
$$;
CREATE FUNCTION task_test.items(a int, b int, text text DEFAULT 'good') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_agg(jsonb_build_object('n', n, 'text', text)) FROM generate_series(a, b) n
$$;

-- no task
CALL task_test.run(task_test.express_map('{}', '{"A": {"Type": "Pass", "Parameters": {"name.$": "$$.StateMachine.Name", "id.$": "$$.Execution.Id", "value.$": "$"}, "End": true}}'), '["a", "b"]');
CALL task_test.run(task_test.express_map('{}'), '[]');
-- results in the order of the items; neither branches nor histories
CALL task_test.run(task_test.express_map('{"MaxConcurrency": 2}'), task_test.items(1, 12));
SELECT x.status, count(*), count(x.stopped_at), sum((x.output ->> 'n')::int), (SELECT count(*) FROM workflow.history h WHERE h.execution_id = ANY (array_agg(x.id))) AS histories
  FROM workflow.execution x WHERE x.map_run_id IS NOT NULL AND x.input ? 'n' GROUP BY x.status;
SELECT count(*), sum(n) FROM task_test.item;
-- batches
CALL task_test.run(task_test.express_map('{"ItemBatcher": {"MaxItemsPerBatch": 3}}', '{"A": {"Type": "Pass", "Parameters": {"count.$": "States.ArrayLength($.Items)"}, "End": true}}'), '[1, 2, 3, 4, 5, 6, 7, 8]');
-- a failure fails the run, or is tolerated; nothing of it has happened
CALL task_test.run(task_test.express_map('{"MaxConcurrency": 1}'), '[{"n": 21, "text": "good"}, {"n": 22, "text": "bad"}, {"n": 23, "text": "good"}]');
CALL task_test.run(task_test.express_map('{"ToleratedFailureCount": 1}'), '[{"n": 31, "text": "good"}, {"n": 32, "text": "bad"}, {"n": 33, "text": "good"}]');
SELECT x.input ->> 'n' AS n, x.status, x.error, x.cause, x.output FROM workflow.execution x
 WHERE x.map_run_id IS NOT NULL AND (x.input ->> 'n')::int BETWEEN 31 AND 33 ORDER BY 1;
SELECT n FROM task_test.item WHERE n BETWEEN 21 AND 33 ORDER BY n;
-- they are named as EXPRESS executions, and can be described, but neither stopped nor looked into
SELECT l.execution_arn AS child, regexp_replace(l.execution_arn, ':[-0-9a-f]{36}', ':UUID', 'g') AS arn, l.execution_arn LIKE '%:' || l.name || ':' || l.name AS named
  FROM workflow.map_run m JOIN workflow.execution e ON e.id = m.execution_id JOIN workflow.state_machine s ON s.id = e.state_machine_id,
	workflow.list_executions(map_run => 'arn:aws:states:us-east-1:000000000000:mapRun:' || s.name || '/Each:' || m.name, status_filter => 'FAILED') l
 ORDER BY m.id DESC LIMIT 1 \gset
SELECT :'arn' AS arn, :'named' AS named, execution_arn = :'child' AS same, status, error, input, redrive_status FROM workflow.describe_execution(:'child');
SELECT status, error FROM workflow.wait_for_execution(:'child', '1s');
\set VERBOSITY terse
SELECT workflow.stop_execution(:'child');
SELECT * FROM workflow.get_execution_history(:'child');
\set VERBOSITY sqlstate
SELECT workflow.describe_execution(regexp_replace(:'child', '[^:]*$', 'x'));
SELECT workflow.describe_execution(regexp_replace(:'child', ':[^:]*$', ''));
SELECT workflow.describe_execution(regexp_replace(replace(:'child', ':express:', ':execution:'), ':[^:]*$', ''));
SELECT workflow.describe_execution(replace(:'child', '/Each', ''));
\set VERBOSITY default
-- a child's own Retry and Catch
CALL task_test.run(task_test.express_map('{}', '{"A": {"Type": "Task", "Resource": "sql:task_test.take_item", "Catch": [{"ErrorEquals": ["Bad"], "ResultPath": "$.error", "Next": "B"}], "End": true}, "B": {"Type": "Pass", "OutputPath": "$.error.Error", "End": true}}'), '[{"n": 41, "text": "bad"}]');
-- stopped while they run
SELECT workflow.create_state_machine('express-map-stop', task_test.express_map('{}'));
SELECT workflow.start_execution('express-map-stop', '[{"n": 51, "sleep": 600}, {"n": 52, "sleep": 600}, {"n": 53, "sleep": 600}]', 'stopped') AS arn \gset
CREATE PROCEDURE task_test.until(condition text) LANGUAGE plpgsql AS $$
DECLARE
	met boolean;
BEGIN
	FOR i IN 1..3000 LOOP
		EXECUTE 'SELECT ' || condition INTO met;
		EXIT WHEN met;
		COMMIT;
		PERFORM pg_sleep(0.01);
	END LOOP;
END $$;
CALL task_test.until($$EXISTS (SELECT FROM workflow.pending WHERE state_machine = 'express-map-stop' AND waits_for LIKE 'running whole%')$$);
SELECT workflow.stop_execution(:'arn') IS NOT NULL AS stopped;
SELECT status FROM workflow.wait_for_execution(:'arn', '30s');
CALL task_test.until($$NOT EXISTS (SELECT FROM workflow.worker WHERE role = 'regress_task' AND state = 'running' AND execution_id IS NOT NULL)$$);
-- who was cut off is idle again
CALL task_test.until($$NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND usename = 'regress_task' AND state = 'active')$$);
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND usename = 'regress_task' AND state = 'active';
SELECT status, count(*) FROM workflow.execution WHERE map_run_id IS NOT NULL AND input ? 'sleep' GROUP BY 1;
SELECT count(*) FROM workflow.pending WHERE state_machine = 'express-map-stop';
SELECT count(*) FROM task_test.item WHERE n > 50;
SELECT status, items, items_running, items_aborted FROM workflow.map_run WHERE execution_id = (SELECT id FROM workflow.execution WHERE name = 'stopped');
