-- definitions that people run on AWS, unchanged: only what the names of their functions mean is ours
\a \t
SET client_min_messages = warning;
\set busy_waiting `cat test/examples/busy-waiting.asl.json`
\set process_all_orders `cat test/examples/process-all-orders.asl.json`
\set poll_job_status `cat test/examples/poll-job-status.asl.json`
SET ROLE regress_task;

-- busy waiting: invoked once, then looked at, until it says success
CREATE FUNCTION task_test.invocation(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF p ->> 'fails' = 'always' THEN
		RAISE EXCEPTION 'broken';
	END IF;
	RETURN p || '{"status": "success"}';
END $$;
SELECT workflow.register_function('stepfunctionlambda_test', 'task_test.invocation(jsonb)');
SELECT workflow.create_state_machine('busy-waiting', :'busy_waiting');
SELECT workflow.start_execution('busy-waiting', '{"job": 1}') AS arn \gset
SELECT status, output, error, stopped_at - started_at >= '2 s' AS waited FROM workflow.wait_for_execution(:'arn', '30s');
SELECT task_test.events(:'arn');
SELECT workflow.start_execution('busy-waiting', '{"fails": "always"}') AS arn \gset
SELECT status, error, cause::jsonb ->> 'message' FROM workflow.wait_for_execution(:'arn', '30s');

-- a Map over orders, 10 at a time, with the legacy Iterator; results in order, then a summary
CREATE TABLE task_test.processed (id int, began timestamptz, ended timestamptz);
CREATE FUNCTION task_test.process_order(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	PERFORM pg_sleep(0.01);
	INSERT INTO task_test.processed VALUES ((p ->> 'id')::int, began, clock_timestamp());
	RETURN jsonb_build_object('id', p -> 'id', 'total', (p ->> 'amount')::int * 2);
END $$;
CREATE FUNCTION task_test.send_summary(p jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('orders', count(*), 'total', sum((o ->> 'total')::int), 'in_order', array_agg((o ->> 'id')::int) = (SELECT array_agg(i) FROM generate_series(1, 50) i))
	  FROM jsonb_array_elements(p) o
$$;
SELECT workflow.register_function('ProcessOrder', 'task_test.process_order(jsonb)');
SELECT workflow.register_function('SendSummary', 'task_test.send_summary(jsonb)');
SELECT workflow.create_state_machine('process-all-orders', :'process_all_orders');
SELECT workflow.start_execution('process-all-orders', jsonb_build_object('orders', (SELECT jsonb_agg(jsonb_build_object('id', i, 'amount', i)) FROM generate_series(1, 50) i))) AS arn \gset
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn', '30s');
SELECT count(*), count(DISTINCT id), max((SELECT count(*) FROM task_test.processed o WHERE o.began <= p.began AND o.ended > p.began)) <= 10 AS at_most_10 FROM task_test.processed p;
SELECT count(*) AS iterations FROM workflow.get_execution_history(:'arn') WHERE type = 'MapIterationSucceeded';
DROP TABLE task_test.processed;

-- poll the status of a job until it has ended
CREATE TABLE task_test.job (id int GENERATED ALWAYS AS IDENTITY, name text, looks int NOT NULL DEFAULT 0);
CREATE SEQUENCE task_test.looks;
CREATE FUNCTION task_test.start_job(p jsonb) RETURNS jsonb LANGUAGE sql AS $$
	INSERT INTO task_test.job (name) VALUES (p ->> 'name') RETURNING jsonb_build_object('id', id, 'name', name)
$$;
CREATE FUNCTION task_test.job_status(p jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	job task_test.job;
BEGIN
	-- it does not answer the first time
	IF nextval('task_test.looks') = 1 THEN
		RAISE EXCEPTION 'does not answer';
	END IF;
	UPDATE task_test.job SET looks = looks + 1 WHERE id = (p ->> 'id')::int RETURNING * INTO job;
	RETURN CASE WHEN job.looks < 2 THEN 'RUNNING' WHEN job.name = 'bad' THEN 'FAILED' ELSE 'SUCCEEDED' END;
END $$;
SELECT workflow.register_function('StartMigration', 'task_test.start_job(jsonb)');
SELECT workflow.register_function('GetMigrationStatus', 'task_test.job_status(jsonb)');
SELECT workflow.create_state_machine('poll', :'poll_job_status');
SELECT workflow.start_execution('poll', '{"name": "good"}') AS arn \gset
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn', '30s');
SELECT task_test.events(:'arn');
SELECT workflow.start_execution('poll', '{"name": "bad"}') AS arn \gset
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn', '30s');
TABLE task_test.job ORDER BY id;

SELECT workflow.unregister_function('ProcessOrder'), workflow.unregister_function('SendSummary');
SELECT workflow.unregister_function('stepfunctionlambda_test'), workflow.unregister_function('StartMigration'), workflow.unregister_function('GetMigrationStatus');
DROP TABLE task_test.job;
DROP SEQUENCE task_test.looks;
DROP FUNCTION task_test.process_order, task_test.send_summary, task_test.invocation, task_test.start_job, task_test.job_status, task_test.events;
