-- EXPRESS executions with tasks: whose session runs them, what they leave behind
\a \t
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set superuser :USER
CREATE ROLE regress_express LOGIN;
CREATE ROLE regress_stranger LOGIN;
SELECT workflow.grant_usage('regress_express'), workflow.grant_usage('regress_stranger');
GRANT USAGE, CREATE ON SCHEMA task_test TO regress_express;
SET ROLE regress_express;
CREATE TABLE task_test.note (id bigint GENERATED ALWAYS AS IDENTITY, text text UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION task_test.write(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO task_test.note (text) VALUES (input ->> 'text');
	RETURN jsonb_build_object('user', current_user, 'session', session_user, 'notes', (SELECT count(*) FROM task_test.note));
END $$;
-- writes before it fails
CREATE FUNCTION task_test.write_and_fail(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO task_test.note (text) VALUES ('undone');
	SET LOCAL work_mem = '1MB';
	PERFORM workflow.raise_error('Broken', current_setting('application_name'));
END $$;
CREATE FUNCTION task_test.sleep(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO task_test.note (text) VALUES ('slept');
	PERFORM pg_sleep((input ->> 'seconds')::float8);
	RETURN '"slept"';
END $$;
CREATE FUNCTION task_test.steal(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RESET ROLE;
	RESET SESSION AUTHORIZATION;
	RETURN to_jsonb(current_user);
END $$;
CREATE FUNCTION task_test.express(states jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name text := 'express-' || md5(states::text);
BEGIN
	PERFORM workflow.create_state_machine(name, jsonb_build_object('StartAt', 'A', 'States', states)::text, type => 'EXPRESS');
	RETURN name;
END $$;
-- its status, output, error and cause
CREATE FUNCTION task_test.sync(states jsonb, input jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, output, error, cause) FROM workflow.start_sync_execution(task_test.express(states), input)
$$;

SELECT workflow.create_state_machine('express-write', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.write", "End": true}}}', type => 'EXPRESS');
SELECT workflow.grant('express-write', 'regress_stranger', ARRAY['start']);
SELECT workflow.create_state_machine('express-steal', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.steal", "End": true}}}', type => 'EXPRESS');
SELECT workflow.create_state_machine('express-sleep', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "End": true}}}', type => 'EXPRESS');
RESET ROLE;

-- a superuser who took on the role is not the role: a runner runs it, and has committed when the answer comes
BEGIN;
SET LOCAL ROLE regress_express;
SELECT status, output FROM workflow.start_sync_execution('express-write', '{"text": "by a runner"}');
ROLLBACK;
SELECT text FROM task_test.note;
SET ROLE regress_express;
SELECT status, output FROM workflow.start_sync_execution('express-steal');
RESET ROLE;
SET SESSION AUTHORIZATION regress_express;
SELECT status, output FROM workflow.start_sync_execution('express-steal');
-- another role may start it, and gets nothing more by it
SET SESSION AUTHORIZATION regress_stranger;
SELECT status, output FROM workflow.start_sync_execution('express-write', '{"text": "for a stranger"}');
SELECT status, error FROM workflow.start_sync_execution('express-write', '{"text": "for a stranger"}');
SELECT workflow.start_sync_execution('express-sleep', '{}');
RESET SESSION AUTHORIZATION;
-- what the caller has changed and not yet committed, a runner does not see
BEGIN;
DELETE FROM task_test.note;
SELECT status, output FROM workflow.start_sync_execution('express-write', '{"text": "aside"}');
ROLLBACK;

-- the role's own session runs it in its transaction
\c - regress_express
SET client_min_messages = warning;
BEGIN;
DELETE FROM task_test.note;
SELECT status, output FROM workflow.start_sync_execution('express-write', '{"text": "here"}');
SELECT text FROM task_test.note;
ROLLBACK;
SELECT text FROM task_test.note ORDER BY id;

-- errors leave nothing behind, and are caught
SET application_name = 'here';
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "sql:task_test.write_and_fail", "End": true}}');
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "sql:task_test.write_and_fail", "Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 1}],
	"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "B"}], "End": true}, "B": {"Type": "Task", "Resource": "sql:task_test.write", "End": true}}', '{"text": "after"}');
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / $1::int AS x", "Parameters.$": "$"}, "Catch": [{"ErrorEquals": ["SQL.division_by_zero"], "Next": "B"}], "End": true},
	"B": {"Type": "Pass", "Parameters": {"error.$": "$.Error"}, "End": true}}', '[0]');
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1 / $1::int AS x", "Parameters.$": "$"}, "End": true}}', '[1]');
SHOW work_mem;
SELECT text FROM task_test.note ORDER BY id;
-- a deferred constraint is the transaction's that the session has open, and the task's where a runner runs it
DO $$
BEGIN
	PERFORM workflow.start_sync_execution('express-write', '{"text": "after"}');
END $$;
SELECT text FROM task_test.note ORDER BY id;

-- timeouts of the task and of the machine; a cancel ends all of it
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "TimeoutSeconds": 1, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "B"}], "End": true}, "B": {"Type": "Pass", "End": true}}', '{"seconds": 60}');
SELECT workflow.create_state_machine('express-brief', '{"StartAt": "A", "TimeoutSeconds": 1, "States": {"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "End": true}, "B": {"Type": "Pass", "End": true}}}', type => 'EXPRESS');
SELECT status, output, error, cause FROM workflow.start_sync_execution('express-brief', '{"seconds": 60}');
SET statement_timeout = '200ms';
SELECT status FROM workflow.start_sync_execution('express-sleep', '{"seconds": 60}');
DO $$
BEGIN
	PERFORM workflow.start_sync_execution('express-sleep', '{"seconds": 60}');
EXCEPTION WHEN query_canceled THEN
	RAISE WARNING '%', SQLERRM;
END $$;
SELECT task_test.sync('{"A": {"Type": "Wait", "Seconds": 60, "End": true}}');
RESET statement_timeout;
SELECT count(*) FROM task_test.note WHERE text = 'slept';
SELECT status, output FROM workflow.start_sync_execution('express-sleep', '{"seconds": 0}');

-- the time of a task counts after one within it has had its own
CREATE FUNCTION task_test.inner_and_sleep(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM workflow.start_sync_execution('express-sleep', '{"seconds": 0}');
	PERFORM pg_sleep(60);
	RETURN 'slept';
END $$;
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "sql:task_test.inner_and_sleep", "TimeoutSeconds": 1, "End": true}}');
CREATE FUNCTION task_test.sleep_within(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM workflow.start_sync_execution('express-sleep', '{"seconds": 60}');
	RETURN 'slept';
END $$;
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "sql:task_test.sleep_within", "TimeoutSeconds": 1, "End": true}}');

-- as a Lambda function, and another execution
SELECT workflow.register_function('express-write', 'task_test.write(jsonb)');
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "express-write", "Payload.$": "$"}, "OutputPath": "$.Payload.user", "End": true}}', '{"text": "lambda"}');
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:nobody", "End": true}}');
SELECT workflow.create_state_machine('express-standard', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-standard", "Name": "nested", "Input.$": "$"}, "OutputPath": "$.ExecutionArn", "End": true}}', '{"n": 1}');
SELECT status, output FROM workflow.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:express-standard:nested', '30s');
-- one within another, and within a task of a STANDARD machine
SELECT task_test.sync('{"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-write", "Input": {"text": "inner"}}, "OutputPath": "$.Output", "End": true}}');
CALL task_test.run('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:express-write", "Input": {"text": "in a task"}}, "OutputPath": "$.Output", "End": true}}}');
SELECT text FROM task_test.note ORDER BY id;

-- nobody waits: queued with the transaction, run whole by a runner, and logged where that is asked for
\set LOGGING '{"level": "LEVEL", "includeExecutionData": DATA, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:express:*"}}]}'
CREATE PROCEDURE task_test.await_express() LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..3000 LOOP
		EXIT WHEN NOT EXISTS (SELECT FROM workflow.pending WHERE state_machine LIKE 'async-%');
		COMMIT;
		PERFORM pg_sleep(0.01);
	END LOOP;
END $$;
TRUNCATE task_test.note;
SELECT workflow.create_state_machine('async-' || level || data, '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.write", "ResultSelector": {"user.$": "$.user"}, "Catch": [{"ErrorEquals": ["SQL.not_null_violation"], "Next": "C"}], "Next": "B"}, "B": {"Type": "Succeed"}, "C": {"Type": "Fail", "Error": "Empty"}}}',
		type => 'EXPRESS', logging_configuration => replace(replace(:'LOGGING', 'LEVEL', level), 'DATA', data)::jsonb)
  FROM (VALUES ('ALL', 'true'), ('ALL', 'false'), ('ERROR', 'true'), ('FATAL', 'true'), ('OFF', 'true')) v (level, data);
BEGIN;
SELECT task_test.masked(workflow.start_execution('async-ALLtrue', '{"text": "undone"}'));
ROLLBACK;
BEGIN;
SELECT task_test.masked(workflow.start_execution('async-ALLtrue', '{"text": "one"}', 'same'));
SELECT task_test.masked(workflow.start_execution('async-ALLtrue', '{"text": "two"}', 'same'));
SELECT state_machine, name, branch_id, waits_for FROM workflow.pending WHERE state_machine LIKE 'async-%' ORDER BY execution_id;
SELECT count(*) FROM task_test.note;
COMMIT;
CALL task_test.await_express();
SELECT text FROM task_test.note ORDER BY 1;
SELECT task_test.masked(execution_arn), status, input, output, error, cause FROM workflow.express_log ORDER BY input ->> 'text';
SELECT e ->> 'id', e ->> 'previous_event_id', e ->> 'type', task_test.masked((e -> 'details')::text), task_test.masked(e ->> 'event_timestamp'), e ->> 'redrive_count'
  FROM workflow.express_log l, jsonb_array_elements(l.events) WITH ORDINALITY v (e, n) WHERE n <> 5 AND l.input = '{"text": "one"}' ORDER BY n;
-- each level logs its own events; without data, none of it is there
ALTER TABLE task_test.note ALTER text SET NOT NULL;
SELECT cardinality(workflow.start_executions(m.name, ARRAY['{}', jsonb_build_object('text', m.name)])) FROM workflow.list_state_machines() m WHERE m.name LIKE 'async-%';
CALL task_test.await_express();
SELECT m.name, l.status, l.input, l.output, l.error, jsonb_path_query_array(l.events, '$[*].type') AS events
  FROM workflow.express_log l JOIN workflow.state_machine m ON m.id = l.state_machine_id
 WHERE l.input IS DISTINCT FROM '{"text": "one"}' AND l.input IS DISTINCT FROM '{"text": "two"}' ORDER BY m.name, l.status;
SELECT jsonb_path_query_array(events, '$[*].details') FROM workflow.express_log WHERE input IS NULL AND status = 'SUCCEEDED';
SELECT text FROM task_test.note WHERE text LIKE 'async-%' ORDER BY 1;
-- a synchronous one is logged, too
SELECT status FROM workflow.start_sync_execution('async-ALLfalse', '{"text": "sync"}', 'logged');
SELECT task_test.masked(execution_arn), status, input FROM workflow.express_log WHERE execution_arn LIKE '%:logged:%';
-- what waits for its end ends with the machine; a task cannot wait for one
SELECT workflow.create_state_machine('async-sleep', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "End": true}}}', type => 'EXPRESS');
SELECT count(*) FROM (SELECT workflow.start_execution('async-sleep', '{"seconds": 600}') FROM generate_series(1, 10)) s;
SELECT workflow.delete_state_machine('async-sleep');
CALL task_test.await_express();
CALL task_test.run('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:async-OFFtrue"}, "End": true}}}');
CALL task_test.run('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:async-OFFtrue", "Input": {"text": "nested"}}, "OutputPath": "$.ExecutionArn", "End": true}}}');
CALL task_test.await_express();
SELECT text FROM task_test.note WHERE text NOT LIKE 'async-%' ORDER BY 1;

-- a role without a session (from PostgreSQL 17 on, it needs no LOGIN for that)
\c - :superuser
SET client_min_messages = warning;
CREATE ROLE regress_away LOGIN;
GRANT USAGE ON SCHEMA task_test TO regress_away;
SELECT workflow.create_state_machine('express-away', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "End": true}}}', type => 'EXPRESS', role => 'regress_away');
ALTER ROLE regress_away NOLOGIN;
CREATE FUNCTION pg_temp.refusal(input jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN status FROM workflow.start_sync_execution('express-away', input);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT CASE WHEN workflow._needs_login() THEN pg_temp.refusal('{"seconds": 0}')
			ELSE 'WF030 no session can be started for role "regress_away" of the state machine' END;
SELECT workflow.delete_state_machine('express-away');
ALTER ROLE regress_away LOGIN;
