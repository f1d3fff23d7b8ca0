-- Functions registered with chain => true share a transaction with the next task of their execution
CREATE SCHEMA chain;
CREATE TABLE chain.step (execution int, name text, xid xid8 DEFAULT pg_current_xact_id());
CREATE TABLE chain.attempt (name text);
CREATE SEQUENCE chain.attempts;
CREATE FUNCTION chain.step(p jsonb) RETURNS jsonb LANGUAGE sql AS $$
	INSERT INTO chain.step (execution, name) VALUES ((p ->> 'execution')::int, p ->> 'name') RETURNING p
$$;
-- fails the first time it is called at all, however often its transaction is undone
CREATE FUNCTION chain.fails_once(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF nextval('chain.attempts') <= 2 THEN RAISE EXCEPTION 'not yet'; END IF;
	INSERT INTO chain.step (execution, name) VALUES ((p ->> 'execution')::int, p ->> 'name');
	RETURN p;
END $$;
SELECT workflow.register_function('chained', 'chain.step(jsonb)', chain => true);
SELECT workflow.register_function('alone', 'chain.step(jsonb)');
SELECT workflow.register_function('fails', 'chain.fails_once(jsonb)', chain => true);

CREATE FUNCTION chain.machine(functions text[]) RETURNS text LANGUAGE sql AS $$
	SELECT json_build_object('StartAt', 'S1', 'States', json_object_agg('S' || n, jsonb_build_object(
			'Type', 'Task', 'Resource', 'arn:aws:lambda:us-east-1:000000000000:function:' || f, 'ResultPath', null,
			'Parameters', jsonb_build_object('execution.$', '$.execution', 'name', 'S' || n),
			'Retry', '[{"ErrorEquals": ["SQL.raise_exception"], "IntervalSeconds": 1, "MaxAttempts": 3}]'::jsonb)
		   || CASE WHEN n < cardinality(functions) THEN jsonb_build_object('Next', 'S' || n + 1) ELSE '{"End": true}' END))::text
	  FROM unnest(functions) WITH ORDINALITY AS u(f, n)
$$;
-- long enough for a slow machine
ALTER SYSTEM SET workflow.batch_time = '5s';
SELECT pg_reload_conf();

-- all in one transaction, those behind a function that is not registered so in their own
SELECT workflow.create_state_machine('chained', chain.machine(ARRAY['chained', 'chained', 'chained']));
SELECT workflow.create_state_machine('mixed', chain.machine(ARRAY['chained', 'alone', 'chained', 'chained']));
SELECT workflow.start_execution('chained', '{"execution": 1}') AS arn \gset
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.start_execution('mixed', '{"execution": 2}') AS arn \gset
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT execution, name, dense_rank() OVER (PARTITION BY execution ORDER BY xid) AS transaction FROM chain.step ORDER BY 1, 2;

-- an error in a chain: nothing of it has happened; task by task it is the task's own, and is retried
SELECT workflow.create_state_machine('failing', chain.machine(ARRAY['chained', 'fails', 'chained']));
SELECT workflow.start_execution('failing', '{"execution": 3}') AS arn \gset
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT name, count(*) FROM chain.step WHERE execution = 3 GROUP BY 1 ORDER BY 1;
SELECT type, state FROM workflow.get_execution_history(:'arn') WHERE type LIKE '%Failed' OR type LIKE '%Succeeded' ORDER BY id;

ALTER SYSTEM RESET workflow.batch_time;
SELECT pg_reload_conf();
SET client_min_messages = warning;
DROP SCHEMA chain CASCADE;
