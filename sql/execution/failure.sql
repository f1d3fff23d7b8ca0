-- executions in the database: errors of SQL functions, Retry and Catch
\a \t
SET client_min_messages = warning;
SET ROLE regress_task;
CREATE TABLE task_test.account (name text PRIMARY KEY, balance int NOT NULL CHECK (balance >= 0));
INSERT INTO task_test.account VALUES ('alice', 10), ('bob', 0);
CREATE SEQUENCE task_test.attempt;

-- takes the money before it finds out that there is nobody to give it to
CREATE FUNCTION task_test.move(source text, target text, amount int) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	UPDATE task_test.account SET balance = balance - amount WHERE name = source;
	UPDATE task_test.account SET balance = balance + amount WHERE name = target;
	IF NOT FOUND THEN
		PERFORM workflow.raise_error('Account.Unknown', target);
	END IF;
	RETURN jsonb_build_object('moved', amount);
END $$;
CREATE FUNCTION task_test.fails(times int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	attempt bigint := nextval('task_test.attempt');
BEGIN
	IF attempt <= times THEN
		RAISE EXCEPTION 'attempt %', attempt USING ERRCODE = CASE WHEN attempt % 2 = 1 THEN 'serialization_failure' ELSE 'connection_failure' END;
	END IF;
	RETURN attempt;
END $$;

-- Catch, by the name of the error
SELECT workflow.create_state_machine('move', $asl$
{"StartAt": "Move", "States": {
 "Move": {"Type": "Task", "Resource": "sql:task_test.move", "End": true,
  "Catch": [
	{"ErrorEquals": ["SQL.check_violation"], "ResultPath": "$.error", "Next": "Poor"},
	{"ErrorEquals": ["Account.Unknown"], "ResultPath": "$.error", "Next": "Unknown"}]},
 "Poor": {"Type": "Pass", "Parameters": {"poor.$": "$.source", "error.$": "$.error.Error", "message.$": "States.StringToJson($.error.Cause)"}, "End": true},
 "Unknown": {"Type": "Pass", "Parameters": {"unknown.$": "$.error.Cause"}, "End": true}}}
$asl$);
CREATE FUNCTION task_test.move_all(inputs jsonb) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT workflow.start_execution('move', v) FROM jsonb_array_elements(inputs) AS v
$$;
SELECT string_agg(a, ' ') AS arns FROM task_test.move_all('[
	{"source": "alice", "target": "bob", "amount": 3},
	{"source": "bob", "target": "alice", "amount": 1000},
	{"source": "alice", "target": "nobody", "amount": 1}]') AS a \gset
SELECT e.status, e.output #- '{message,context}' #- '{message,detail}'
  FROM unnest(string_to_array(:'arns', ' ')) WITH ORDINALITY AS a(arn, n)
 CROSS JOIN LATERAL workflow.wait_for_execution(a.arn, '30s') AS e ORDER BY a.n;
-- what failed has moved nothing
TABLE task_test.account ORDER BY name;
-- one that nobody catches
SELECT workflow.start_execution('move', '{"source": "alice", "target": "bob", "amount": "many"}') AS arn \gset
SELECT status, error, cause::jsonb ->> 'message' FROM workflow.wait_for_execution(:'arn', '30s');

-- Retry: until it succeeds
SELECT workflow.create_state_machine('try_again', $asl$
{"StartAt": "Try", "States": {
 "Try": {"Type": "Task", "Resource": "sql:task_test.fails", "Parameters": {"times.$": "$.times"}, "End": true,
  "Retry": [
	{"ErrorEquals": ["SQL.serialization_failure"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1},
	{"ErrorEquals": ["SQL.connection_failure"], "IntervalSeconds": 1, "MaxAttempts": 1}],
  "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]},
 "Caught": {"Type": "Fail", "ErrorPath": "$.error.Error", "Cause": "caught"}}}
$asl$);
SELECT workflow.start_execution('try_again', '{"times": 3}') AS arn \gset
SELECT status, output, stopped_at - started_at >= '3 s' AS waited FROM workflow.wait_for_execution(:'arn', '30s');
SELECT type, state, details ->> 'error' AS error, (details ->> 'cause')::jsonb ->> 'message' AS message
  FROM workflow.get_execution_history(:'arn') ORDER BY id;
-- until the retrier of that error has had enough
SELECT FROM setval('task_test.attempt', 1, false);
SELECT workflow.start_execution('try_again', '{"times": 100}') AS arn \gset
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30s');
SELECT last_value FROM task_test.attempt;

DROP TABLE task_test.account;
DROP SEQUENCE task_test.attempt;
DROP FUNCTION task_test.move, task_test.fails, task_test.move_all;
