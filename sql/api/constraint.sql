-- What requests are checked for, in AWS's own words and order
\pset format unaligned
\pset tuples_only on
\set P 'arn:aws:states:us-east-1:000000000000:'

CREATE FUNCTION pg_temp.call(action text, request jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text;
BEGIN
	PERFORM workflow.api(action, request);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	state := SQLSTATE;
	RETURN concat_ws(' ', state, (SELECT c.exception FROM workflow.error_code c WHERE c.sqlstate = state)) || ': ' || SQLERRM;
END
$$;

SELECT pg_temp.call('StartNothing', '{}');
SELECT pg_temp.call('ListStateMachines', '[]');
SELECT workflow.api(NULL, '{}');
SELECT workflow.api('ListStateMachines', NULL);

-- ARNs come first
SELECT pg_temp.call('StartExecution', '{"stateMachineArn": "order", "name": ""}');
SELECT pg_temp.call('StartExecution', '{"stateMachineArn": ""}');
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'execution:a:b'));
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine'));
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:a/label'));
SELECT pg_temp.call('DescribeExecution', jsonb_build_object('executionArn', :'P' || 'express:a:b:c'));
SELECT pg_temp.call('DescribeExecution', jsonb_build_object('executionArn', :'P' || 'execution:a'));
SELECT pg_temp.call('CreateStateMachine', '{"name": "a b", "definition": "", "roleArn": "me"}');

-- then all constraints together; null counts as absent, what is unknown is ignored
SELECT pg_temp.call('StartExecution', '{}');
SELECT pg_temp.call('StartExecution', '{"stateMachineArn": null, "name": "", "whatever": 1}');
SELECT pg_temp.call('StartExecution', '{"stateMachineArn": 5, "name": 6}');
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:a', 'name', repeat('ä', 81), 'traceHeader', 'ä'));
SELECT pg_temp.call('ListExecutions', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:a', 'maxResults', 1001, 'statusFilter', 'DONE', 'nextToken', ''));
SELECT pg_temp.call('ListStateMachines', '{"maxResults": -1}');
SELECT pg_temp.call('ListStateMachines', '{"maxResults": 1.5}');
SELECT pg_temp.call('ListStateMachines', '{"nextToken": "abc"}');
SELECT pg_temp.call('ListExecutions', '{}');
SELECT pg_temp.call('CreateStateMachine', '{"name": "a", "definition": "{}", "roleArn": "arn:aws:iam::1:role/x", "type": "FAST",
	"loggingConfiguration": {"level": "SOME", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": ""}}]}, "tags": [{"value": "a"}]}');
SELECT pg_temp.call('CreateStateMachineAlias', jsonb_build_object('name', '123', 'routingConfiguration',
	jsonb_build_array(jsonb_build_object('stateMachineVersionArn', :'P' || 'stateMachine:a:1', 'weight', 101))));
SELECT pg_temp.call('CreateStateMachineAlias', '{"name": "A", "routingConfiguration": [
	{"stateMachineVersionArn": "a", "weight": 1}, {"stateMachineVersionArn": "b", "weight": 2}, {"stateMachineVersionArn": "c", "weight": 3}]}');

-- then names and documents
SELECT workflow.create_state_machine('constraint', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT c, pg_temp.call('CreateActivity', jsonb_build_object('name', 'a' || c || 'b'))
  FROM unnest('{" ","<",">","{","}","[","]","?","*","\"","#","%","\\","^","|","~","`","$","&",",",";",":","/"}'::text[]) c;
SELECT pg_temp.call('CreateActivity', jsonb_build_object('name', 'a' || chr(c) || 'b')) <> 'accepted' FROM unnest('{1,9,127,133,160,8195,12288,65534}'::int[]) c;
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:nothing', 'name', 'a b', 'input', '{'));
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:constraint', 'name', 'a b', 'input', '{'));
SELECT input, pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:constraint', 'input', input))
  FROM unnest(ARRAY['not some json', '{''not'': ''json''', '', ' ', '{"a": 1', '[1,]', '{"a": "\u0000"}']) AS input;

-- AWS's quotas, where asked for
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:constraint', 'name', 'big', 'input', to_json(repeat('x', 262142))::text));
SET workflow.aws_limits = on;
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:constraint', 'name', 'max', 'input', to_json(repeat('x', 262142))::text));
SELECT pg_temp.call('StartExecution', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:constraint', 'input', to_json(repeat('x', 262143))::text));
SELECT workflow.start_execution('constraint', to_jsonb(repeat('x', 262143)));
SELECT pg_temp.call('StopExecution', jsonb_build_object('executionArn', :'P' || 'execution:constraint:max', 'error', repeat('e', 257))) LIKE '%less than or equal to 256';
-- and a year
BEGIN;
SELECT workflow.start_execution('constraint', '{}', 'year') AS arn \gset
SELECT a.deadline - e.started_at FROM workflow.agenda a JOIN workflow.execution e ON e.id = a.execution_id WHERE e.name = 'year';
ROLLBACK;
RESET workflow.aws_limits;
SELECT workflow.delete_state_machine('constraint');
