-- Activities: hand-outs, answers, errors, batches; Lambda functions that are activities
\pset format unaligned
\pset null '(null)'
SET client_min_messages = warning;

SELECT workflow.create_activity('ship');
SELECT workflow.create_state_machine('ship', '{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
	"Resource": "arn:aws:states:us-east-1:000000000000:activity:ship"}}}');

-- to its end, by the typed functions
SELECT workflow.start_execution('ship', '{"n": 1}') AS arn \gset
SELECT * FROM workflow.get_activity_task('ship', 'w1', '30 s') \gset
SELECT length(:'task_token') AS length, :'input' AS input;
SELECT * FROM workflow.get_activity_task('ship', 'w1', '0');
SELECT workflow.send_task_success(:'task_token', '{"done": 1}');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type, details FROM workflow.get_execution_history(:'arn') WHERE id > 2;

-- a token is good for one answer
SELECT workflow.send_task_success(:'task_token', '1');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.send_task_failure(:'task_token');
SELECT workflow.send_task_heartbeat(:'task_token');
SELECT workflow.send_task_success(repeat('A', 64), '1');
SELECT workflow.send_task_success(left(:'task_token', 40) || repeat('A', 24), '1');
SELECT workflow.send_task_success('forged', '1');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.send_task_success(NULL, '1');

-- by the API: no name of a worker, failures with and without names
SELECT workflow.start_execution('ship', '[1.50, "é"]') AS arn \gset
SELECT workflow.api('GetActivityTask', '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:ship", "maxWaitSeconds": 30}') AS task \gset
SELECT :'task'::jsonb - 'taskToken' AS task;
SELECT workflow.api('SendTaskFailure', jsonb_build_object('taskToken', :'task'::jsonb ->> 'taskToken', 'error', 'Lost', 'cause', 'at sea'));
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type, details FROM workflow.get_execution_history(:'arn') WHERE id > 3;
SELECT workflow.start_execution('ship') AS arn \gset
SELECT workflow.send_task_failure((workflow.get_activity_task('ship', wait => '30 s')).task_token);
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.api('GetActivityTask', '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:ship", "maxWaitSeconds": 0}');

-- what is wrong is said, and the task goes on waiting
SELECT workflow.start_execution('ship') AS arn \gset
SELECT task_token FROM workflow.get_activity_task('ship', wait => '30 s') \gset
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'task_token', 'output', '{"a": '));
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'task_token', 'output', 'word'));
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'task_token', 'output', ''));
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'task_token'));
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('output', '1'));
SET workflow.aws_limits = on;
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'task_token', 'output', '"' || repeat('x', 262143) || '"'));
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.send_task_success(:'task_token', to_jsonb(repeat('x', 262143)));
RESET workflow.aws_limits;
SELECT workflow.send_task_failure(:'task_token', repeat('e', 257));
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'task_token', 'output', 'null'));
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.start_execution('ship') AS arn \gset
SELECT workflow.send_task_success((workflow.get_activity_task('ship', wait => '30 s')).task_token, 'null');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');

-- activities that are not there
SELECT * FROM workflow.get_activity_task('nosuch');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.api('GetActivityTask', '{"activityArn": "nosuch"}');
SELECT workflow.api('GetActivityTask', '{"activityArn": "arn:aws:states:us-east-1:000000000000:stateMachine:ship"}');
SELECT workflow.api('GetActivityTask', '{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:ship", "maxWaitSeconds": 61}');
SELECT workflow.api('GetActivityTasks', '{}');
SELECT workflow.create_activity('gone');
SELECT workflow.create_state_machine('gone', '{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
	"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
	"Resource": "arn:aws:states:us-east-1:000000000000:activity:gone"}, "B": {"Type": "Pass", "End": true}}}');
SELECT workflow.delete_activity('gone');
SELECT workflow.start_execution('gone') AS arn \gset
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type FROM workflow.get_execution_history(:'arn');

-- batches: those that wait longest first
SELECT count(*) FROM (SELECT workflow.start_execution('ship', to_jsonb(i)) FROM generate_series(1, 7) i) s;
DO $$ BEGIN WHILE (SELECT count(*) FROM workflow.task WHERE target = 'ship') < 7 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
BEGIN;
SELECT task_token FROM workflow.get_activity_task('ship', wait => '0') \gset
ROLLBACK;
-- nobody has the token of a hand-out that was rolled back
SELECT workflow.send_task_heartbeat(:'task_token');
SELECT workflow.send_task_success(:'task_token', '100');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT count(*), count(DISTINCT task_token) FROM workflow.get_activity_tasks('ship', 5);
SELECT count(*) FROM workflow.get_activity_tasks('ship', 5, 'w', '1 s');
SELECT count(*) FROM workflow.get_activity_tasks('ship', 5, 'w', '0');
ROLLBACK;
SELECT count(workflow.send_task_success(task_token, input)) FROM workflow.get_activity_tasks('ship', 100);
DO $$ BEGIN WHILE EXISTS (SELECT FROM workflow.task WHERE target = 'ship') LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
SELECT sum(output::int) FROM workflow.execution WHERE input <@ '[1,2,3,4,5,6,7]' AND status = 'SUCCEEDED' AND jsonb_typeof(input) = 'number';
SELECT * FROM workflow.get_activity_tasks('ship', 0);
SELECT * FROM workflow.get_activity_tasks('ship', NULL);

-- triggers of rows, as for a statement
CREATE TABLE task_test.seen (worker text);
CREATE FUNCTION task_test.see() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN INSERT INTO task_test.seen VALUES (new.worker); RETURN NULL; END';
CREATE FUNCTION task_test.name() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN new.worker = new.worker || ''!''; RETURN new; END';
CREATE TRIGGER see AFTER UPDATE ON workflow.task FOR EACH ROW EXECUTE FUNCTION task_test.see();
CREATE TRIGGER name BEFORE UPDATE ON workflow.task FOR EACH ROW EXECUTE FUNCTION task_test.name();
SELECT cardinality(workflow.start_executions('ship', '{1,2,3}'));
DO $$ BEGIN WHILE (SELECT count(*) FROM workflow.task WHERE target = 'ship') < 3 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
SELECT count(workflow.send_task_success(task_token, input)) FROM workflow.get_activity_tasks('ship', 3, 'w');
SELECT worker, count(*) FROM task_test.seen GROUP BY worker ORDER BY worker;
DO $$ BEGIN WHILE EXISTS (SELECT FROM workflow.task WHERE target = 'ship') LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
DROP FUNCTION task_test.see(), task_test.name() CASCADE;
DROP TABLE task_test.seen;

-- an activity is its owner's
CREATE ROLE regress_worker;
SELECT workflow.grant_usage('regress_worker');
SET ROLE regress_worker;
SELECT * FROM workflow.get_activity_task('ship', wait => '0');
SELECT workflow.delete_activity('ship');
RESET ROLE;
DROP OWNED BY regress_worker;
DROP ROLE regress_worker;

-- Lambda functions that are activities: their events are a function's
SELECT workflow.register_function('', activity => 'ship');
SELECT workflow.register_function('Ship', activity => '');
SELECT workflow.register_function('Ship', activity => 'nosuch');
SELECT workflow.create_state_machine('no-activity', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:Ship", "End": true}}}');
SELECT workflow.start_execution('no-activity') AS arn \gset
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.register_function('Ship', activity => 'ship');
SELECT workflow.create_state_machine('lambda', '{"StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:Ship", "ResultPath": "$.a", "Next": "B"},
	"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"Parameters": {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:Ship:1", "Payload": {"order.$": "$.n"}}}}}');
SELECT workflow.start_execution('lambda', '{"n": 2}') AS arn \gset
SELECT * FROM workflow.get_activity_task('ship', 'w1', '30 s') \gset
SELECT :'input' AS input, workflow.send_task_success(:'task_token', '"a"') AS sent;
SELECT * FROM workflow.get_activity_task('ship', 'w1', '30 s') \gset
SELECT :'input' AS input, workflow.send_task_success(:'task_token', '"b"') AS sent;
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type, details FROM workflow.get_execution_history(:'arn') WHERE id > 2;
-- an EXPRESS execution cannot wait for workers
SELECT workflow.create_state_machine('express-lambda', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:Ship", "End": true}}}', type => 'EXPRESS');
SELECT status, error, cause FROM workflow.start_sync_execution('express-lambda');

-- the procedure
CALL workflow.poll_activity_task('ship', 'w1', '0.1 s');
CALL workflow.poll_activity_task('nosuch');
SELECT workflow.start_execution('ship') AS arn \gset
CALL workflow.poll_activity_task('ship', 'w1', '30 s') \gset
SELECT :'input' AS input, workflow.send_task_success(:'task_token', '"polled"') AS sent;
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');

SELECT count(*) FROM workflow.task WHERE kind = 'activity';
