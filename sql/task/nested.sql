-- executions that start executions, and the API as a task
\pset format unaligned
\pset tuples_only on
SET ROLE regress_task;
SELECT FROM workflow.create_state_machine('nested-pass', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"a": 1}, "End": true}}}');
SELECT FROM workflow.create_state_machine('nested-fail', '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "as said"}}}');
SELECT FROM workflow.create_state_machine('nested-wait', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}');

CREATE PROCEDURE task_test.start(pattern text, machine text, more jsonb DEFAULT '{}', INOUT result text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	CALL task_test.run(task_test.task('arn:aws:states:::states:startExecution' || pattern),
		jsonb_build_object('StateMachineArn', task_test.arn(machine)) || more, result);
END
$$;

-- the shapes of results
CALL task_test.start('', 'nested-pass', '{"Name": "one"}');
CALL task_test.start('.sync', 'nested-pass', '{"Name": "two", "Input": null}');
CALL task_test.start('.sync:2', 'nested-pass', '{"Name": "three", "Input": {"x": [1]}}');
CALL task_test.start('.sync', 'nested-pass', '{"Name": "four", "Input": "{\"text\": true}"}');
CALL task_test.start('.sync', 'nested-fail', '{"Name": "five"}');
CALL task_test.start('.sync:2', 'nested-fail', '{"Name": "six"}');
SELECT h.id, h.previous_id, h.type, h.details->>'resource' FROM workflow.execution x JOIN workflow.execution p ON p.id = x.parent_id,
	workflow.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:task-' || md5(task_test.task('arn:aws:states:::states:startExecution.sync')) || ':' || p.name) h
 WHERE x.name = 'two' ORDER BY h.id;

-- what cannot be started
CALL task_test.start('.sync', 'nested-pass', '{"Name": "two"}');
CALL task_test.start('', 'nested-nothing');
CALL task_test.start('', 'nested-pass', '{"Name": "a b"}');
CALL task_test.start('', 'nested-pass', '{"Name": 7}');
CALL task_test.start('', 'nested-pass', '{"Input": "{"}');
CALL task_test.run(task_test.task('arn:aws:states:::states:startExecution'), '{"Input": {}}');
CALL task_test.run(task_test.task('arn:aws:states:::states:startExecution'), '{"StateMachineArn": "nested-pass"}');
RESET ROLE;
SELECT FROM workflow.create_state_machine('nested-other', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
SET ROLE regress_task;
CALL task_test.start('', 'nested-other');
RESET ROLE;
SELECT workflow.grant('nested-other', 'regress_task', ARRAY['start']);
SET ROLE regress_task;
CALL task_test.start('.sync:2', 'nested-other', '{"Name": "allowed", "Input": 1}');

-- a tree: who stops the root stops all of it
SELECT FROM workflow.create_state_machine('nested-3', task_test.task('arn:aws:states:::states:startExecution.sync',
	jsonb_build_object('Parameters', jsonb_build_object('StateMachineArn', task_test.arn('nested-wait'), 'Name.$', '$.name'))));
SELECT FROM workflow.create_state_machine('nested-2', '{"StartAt": "M", "States": {"M": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "End": true,
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-3", "Name.$": "$.name", "Input.$": "$"}}}},
	{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-wait", "Name.$": "States.Format(''{}-b'', $.name)"}}}},
	{"StartAt": "C", "States": {"C": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Next": "D",
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-wait", "Name.$": "States.Format(''{}-c'', $.name)"}},
		"D": {"Type": "Wait", "Seconds": 3600, "End": true}}}]}}}');

CREATE PROCEDURE task_test.await(name_ text, states text) LANGUAGE plpgsql AS $$
DECLARE
	seen text;
BEGIN
	FOR i IN 1 .. 1000 LOOP
		SELECT string_agg(x.name || ' ' || x.status, ', ' ORDER BY x.name COLLATE "C", x.id) INTO seen
		  FROM workflow.execution x WHERE x.name LIKE name_ || '%';
		EXIT WHEN seen = states;
		COMMIT;
		PERFORM pg_sleep(0.02);
	END LOOP;
	RAISE INFO '%', seen;
END
$$;
SELECT FROM workflow.start_execution('nested-2', '{"name": "tree"}', 'tree');
CALL task_test.await('tree', 'tree RUNNING, tree RUNNING, tree RUNNING, tree-b RUNNING, tree-c RUNNING');
WITH RECURSIVE tree AS (
	SELECT x.id, x.name, 0 AS depth FROM workflow.execution x WHERE x.name LIKE 'tree%' AND x.parent_id IS NULL
	UNION ALL
	SELECT x.id, x.name, t.depth + 1 FROM workflow.execution x JOIN tree t ON x.parent_id = t.id)
SELECT depth, name FROM tree ORDER BY depth, name COLLATE "C";
SELECT workflow.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nested-2:tree', 'Enough') IS NOT NULL;
CALL task_test.await('tree', 'tree ABORTED, tree ABORTED, tree ABORTED, tree-b ABORTED, tree-c RUNNING');
SELECT workflow.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nested-wait:tree-c') IS NOT NULL;

-- the same by the time of the task; the execution goes on
CALL task_test.run('{"StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "TimeoutSeconds": 1, "End": true,
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-3", "Name": "late", "Input": {"name": "late"}},
		"Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "C"}]},
	"C": {"Type": "Pass", "End": true}}}');
CALL task_test.await('late', 'late ABORTED, late ABORTED');
RESET ROLE;
SELECT count(*) FROM workflow.message;
SET ROLE regress_task;

-- a child that is stopped fails its parent's task
SELECT FROM workflow.start_execution('nested-3', '{"name": "victim"}', 'victim');
CALL task_test.await('victim', 'victim RUNNING, victim RUNNING');
SELECT workflow.stop_execution('arn:aws:states:us-east-1:000000000000:execution:nested-wait:victim', 'Why', 'so') IS NOT NULL;
SELECT status, error, task_test.masked(cause) FROM workflow.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nested-3:victim', '30s');

-- the API as a task
CALL task_test.run('{"StartAt": "Start", "States": {
	"Start": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startExecution", "ResultPath": "$.start", "Next": "Describe",
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-wait", "Name": "sdk", "Input": {"n": [1]}}},
	"Describe": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution", "ResultPath": "$.described", "Next": "Stop",
		"Parameters": {"ExecutionArn.$": "$.start.ExecutionArn"}},
	"Stop": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:stopExecution", "ResultPath": "$.stop", "Next": "List",
		"Parameters": {"ExecutionArn.$": "$.start.ExecutionArn", "Error": "E"}},
	"List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listExecutions", "ResultPath": "$.list", "End": true,
		"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-wait", "MaxResults": 1},
		"ResultSelector": {"names.$": "$.Executions[*].Name"}}}}');
CALL task_test.run(task_test.task('arn:aws:states:::aws-sdk:sfn:describeExecution'), '{"ExecutionArn": "arn:aws:states:us-east-1:000000000000:execution:nested-wait:nothing"}');
CALL task_test.run(task_test.task('arn:aws:states:::aws-sdk:sfn:describeStateMachine'), '{}');
CALL task_test.run(task_test.task('arn:aws:states:::aws-sdk:sfn:makeCoffee'), '{}');
