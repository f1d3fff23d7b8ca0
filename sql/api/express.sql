-- EXPRESS state machines: which actions they take, StartSyncExecution
\pset format unaligned
\pset null '(null)'
\set P 'arn:aws:states:us-east-1:000000000000:'
\set PASS '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"n": 1}, "ResultPath": "$.r", "Next": "B"}, "B": {"Type": "Choice", "Choices": [{"And": [{"Variable": "$.fail", "IsPresent": true}, {"Variable": "$.fail", "BooleanEquals": true}], "Next": "F"}], "Default": "S"}, "F": {"Type": "Fail", "Error": "Broken", "Cause": "asked for"}, "S": {"Type": "Succeed"}}}'

SELECT workflow.create_state_machine('quick', :'PASS', type => 'EXPRESS', publish => true);
SELECT workflow.create_state_machine_alias('live', '[{"stateMachineVersionArn": "quick:1", "weight": 100}]');
SELECT workflow.create_state_machine('slow', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');

-- what nothing of theirs may do
CREATE FUNCTION pg_temp.refused(resource text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM workflow.create_state_machine('refused', jsonb_build_object('StartAt', 'T', 'States', jsonb_build_object('T',
		jsonb_build_object('Type', 'Task', 'Resource', resource, 'Parameters', '{}'::jsonb, 'End', true)))::text, type => 'EXPRESS');
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT pg_temp.refused(:'P' || 'activity:a');
SELECT pg_temp.refused('arn:aws:states:::states:startExecution.sync:2');
SELECT pg_temp.refused('arn:aws:states:::lambda:invoke.waitForTaskToken');
SELECT pg_temp.refused('arn:aws:states:::states:startExecution');

-- to its end, in this transaction
SELECT regexp_replace(execution_arn, '[0-9a-f-]{36}', 'UUID', 'g') AS execution_arn, state_machine_arn, status,
	   stopped_at >= started_at AS stopped, output, error, cause, billing_details
  FROM workflow.start_sync_execution('quick', '{"id": 7}') \gx
SELECT status, output, error, cause FROM workflow.start_sync_execution('quick:1', '{"fail": true}', 'named');
SELECT status, output, error, cause FROM workflow.start_sync_execution('quick:live', '[1]');
SELECT regexp_replace(execution_arn, '[0-9a-f-]{36}', 'UUID', 'g') FROM workflow.start_sync_execution('quick', name => 'named');
SELECT count(*), count(DISTINCT (s).execution_arn), sum(((s).output ->> 'i')::int)
  FROM (SELECT workflow.start_sync_execution('quick', jsonb_build_object('i', i)) s FROM generate_series(1, 1000) i OFFSET 0) t;

-- as a program asks
CREATE FUNCTION pg_temp.masked(response jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace((response - 'startDate' - 'stopDate')::text, '[0-9a-f-]{36}', 'UUID', 'g')
$$;
SELECT pg_temp.masked(workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick', 'input', '{"a": [1, 2.50]}', 'traceHeader', 'Root=1')));
SELECT pg_temp.masked(workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick:live', 'name', 'n', 'input', '{"fail": true}')));
SELECT pg_temp.masked(workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick', 'includedData', 'METADATA_ONLY')));
SELECT jsonb_typeof(r -> 'startDate'), (r ->> 'stopDate')::numeric >= (r ->> 'startDate')::numeric AS ordered
  FROM workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick')) r;
SELECT workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick', 'input', 'not'));
SELECT workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick', 'name', 'a b'));
SELECT workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick', 'name', repeat('x', 81)));
SELECT workflow.api('StartSyncExecution', '{}');
SELECT workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:slow'));
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.start_sync_execution('nothing');
SELECT workflow.start_sync_execution('quick', NULL);
SET workflow.aws_limits = on;
SELECT workflow.start_sync_execution('quick', to_jsonb(repeat('x', 262144)));
RESET workflow.aws_limits;

-- actions that are not theirs
SELECT workflow.api('ListExecutions', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:quick'));
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.api('DescribeExecution', jsonb_build_object('executionArn', :'P' || 'express:quick:named:00000000-0000-4000-8000-000000000000'));
SELECT workflow.api('StopExecution', jsonb_build_object('executionArn', :'P' || 'express:quick:named:00000000-0000-4000-8000-000000000000'));
SELECT workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', :'P' || 'express:quick:named:00000000-0000-4000-8000-000000000000'));
SELECT workflow.api('DescribeStateMachineForExecution', jsonb_build_object('executionArn', :'P' || 'express:quick:named:00000000-0000-4000-8000-000000000000'));
\echo :LAST_ERROR_SQLSTATE
SELECT type, status FROM workflow.describe_state_machine('quick');
SELECT name, type FROM workflow.list_state_machines() WHERE name IN ('quick', 'slow') ORDER BY 1;

-- a change in the same statement counts
DO $$
BEGIN
	RAISE NOTICE '%', (SELECT output FROM workflow.start_sync_execution('quick'));
	PERFORM workflow.update_state_machine('quick', '{"StartAt": "Z", "States": {"Z": {"Type": "Pass", "Result": "changed", "End": true}}}');
	RAISE NOTICE '%', (SELECT output FROM workflow.start_sync_execution('quick'));
	RAISE NOTICE '%', (SELECT output FROM workflow.start_sync_execution('quick:1'));
END
$$;

-- a loop ends with its time; much memory is given back on the way
SELECT workflow.create_state_machine('loop', '{"StartAt": "A", "TimeoutSeconds": 1, "States": {"A": {"Type": "Pass", "Parameters": {"text.$": "States.Format(''{}'', $.text)"}, "Next": "B"}, "B": {"Type": "Choice", "Choices": [{"Variable": "$.text", "StringEquals": "never", "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}}', type => 'EXPRESS');
SELECT status, output, error, cause, stopped_at - started_at BETWEEN '1 s' AND '2 s' AS in_time, billing_details -> 'billedMemoryUsedInMB' AS mb
  FROM workflow.start_sync_execution('loop', jsonb_build_object('text', repeat('x', 10000)));
SELECT workflow.create_state_machine('wait_too_long', '{"StartAt": "A", "TimeoutSeconds": 1, "States": {"A": {"Type": "Wait", "Seconds": 100, "End": true}}}', type => 'EXPRESS');
SELECT status, stopped_at - started_at BETWEEN '1 s' AND '2 s' AS in_time FROM workflow.start_sync_execution('wait_too_long');

-- a Parallel and a Map
SELECT workflow.create_state_machine('wide', '{"StartAt": "P", "States": {
	"P": {"Type": "Parallel", "ResultPath": "$.p", "Next": "M", "Branches": [
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "X"}, "X": {"Type": "Pass", "Result": "late", "End": true}}},
		{"StartAt": "Y", "States": {"Y": {"Type": "Pass", "Result": "soon", "End": true}}}]},
	"M": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": "$.m", "End": true, "ItemProcessor": {"StartAt": "I", "States": {
		"I": {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index"}, "End": true}}}}}}', type => 'EXPRESS');
SELECT status, output FROM workflow.start_sync_execution('wide', '{"items": [4, 5, 6]}');

-- nothing is left behind
SELECT (SELECT count(*) FROM workflow.execution x JOIN workflow.state_machine m ON m.id = x.state_machine_id WHERE m.type = 'EXPRESS') AS executions,
	   (SELECT count(*) FROM workflow.agenda a JOIN workflow.execution x ON x.id = a.execution_id JOIN workflow.state_machine m ON m.id = x.state_machine_id WHERE m.type = 'EXPRESS') AS open;
SELECT workflow.delete_state_machine(name) FROM workflow.list_state_machines() WHERE type = 'EXPRESS';
SELECT workflow.delete_state_machine('slow');
