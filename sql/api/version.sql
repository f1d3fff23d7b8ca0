-- Versions and aliases
\pset format unaligned
\set P 'arn:aws:states:us-east-1:000000000000:'

SELECT workflow.create_state_machine('versioned', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": true}}}');

-- the same revision has one version; numbers are never given again
SELECT workflow.publish_state_machine_version('versioned', description => 'one');
SELECT workflow.publish_state_machine_version('versioned', revision_id => 'INITIAL', description => 'again');
SELECT state_machine_version_arn FROM workflow.update_state_machine('versioned', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 2, "End": true}}}', publish => true);
DO $$
BEGIN
	PERFORM workflow.publish_state_machine_version('versioned', revision_id => 'INITIAL');
EXCEPTION WHEN SQLSTATE 'WF028' THEN
	RAISE NOTICE '%', regexp_replace(SQLERRM, '[0-9a-f-]{36}', 'UUID');
END
$$;
SELECT right(state_machine_version_arn, 11) AS version, description FROM workflow.list_state_machine_versions('versioned');
SELECT definition, description FROM workflow.describe_state_machine('versioned:1');
SELECT workflow.delete_state_machine_version('versioned:2');
SELECT workflow.delete_state_machine_version('versioned:2');
SELECT workflow.publish_state_machine_version('versioned');
SELECT workflow.describe_state_machine('versioned:2');
SELECT workflow.delete_state_machine_version('versioned');

-- pages
SELECT workflow.api('ListStateMachineVersions', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:versioned', 'maxResults', 1)) AS page \gset
SELECT :'page'::jsonb #>> '{stateMachineVersions,0,stateMachineVersionArn}' AS first;
SELECT r #>> '{stateMachineVersions,0,stateMachineVersionArn}' AS second, r ? 'nextToken' AS more
  FROM workflow.api('ListStateMachineVersions', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:versioned',
																   'nextToken', :'page'::jsonb ->> 'nextToken')) r;
-- a token counts for its own list only
SELECT workflow.api('ListStateMachines', jsonb_build_object('nextToken', :'page'::jsonb ->> 'nextToken'));
SELECT workflow.api('ListStateMachineVersions', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:nothing'));

-- aliases
SELECT workflow.create_state_machine_alias('PROD', '[{"stateMachineVersionArn": "versioned:1", "weight": 100}]', 'live');
SELECT workflow.create_state_machine_alias('PROD', '[{"stateMachineVersionArn": "versioned:1", "weight": 100}]', 'live');
SELECT workflow.create_state_machine_alias('PROD', '[{"stateMachineVersionArn": "versioned:3", "weight": 100}]', 'live');
SELECT workflow.create_state_machine_alias('TEST', '[{"stateMachineVersionArn": "versioned:1", "weight": 70}, {"stateMachineVersionArn": "versioned:3", "weight": 30}]');
SELECT workflow.create_state_machine_alias('X', '[{"stateMachineVersionArn": "versioned:1", "weight": 70}, {"stateMachineVersionArn": "versioned:3", "weight": 29}]');
SELECT workflow.create_state_machine_alias('X', '[{"stateMachineVersionArn": "versioned:1", "weight": 50}, {"stateMachineVersionArn": "versioned:1", "weight": 50}]');
SELECT workflow.create_state_machine_alias('X', '[{"stateMachineVersionArn": "versioned", "weight": 100}]');
SELECT workflow.create_state_machine_alias('X', '[{"stateMachineVersionArn": "versioned:9", "weight": 100}]');
SELECT state_machine_alias_arn FROM workflow.list_state_machine_aliases('versioned');
SELECT state_machine_alias_arn FROM workflow.list_state_machine_aliases('versioned:3');
SELECT workflow.delete_state_machine_version('versioned:3');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.update_state_machine_alias('versioned:PROD', routing_configuration => '[{"stateMachineVersionArn": "versioned:3", "weight": 100}]') <= clock_timestamp() AS updated;
SELECT workflow.update_state_machine_alias('versioned:PROD');
SELECT workflow.update_state_machine_alias('versioned:NONE', 'x');
SELECT name, description, routing_configuration, updated_at >= created_at AS later FROM workflow.describe_state_machine_alias('versioned:PROD');

-- executions know what they were started through
SELECT workflow.start_execution('versioned:1', name => 'by-version'), workflow.start_execution('versioned:PROD', name => 'by-alias'),
	   cardinality(workflow.start_executions('versioned:TEST', '{1,2,3,4,5,6}'::jsonb[])) AS started;
SELECT name, state_machine_version_arn, state_machine_alias_arn FROM workflow.list_executions('versioned:1') WHERE name = 'by-version';
SELECT name, state_machine_version_arn, state_machine_alias_arn FROM workflow.list_executions('versioned:PROD');
SELECT count(*) FROM workflow.list_executions('versioned:TEST');
SELECT details - 'roleArn' AS details FROM workflow.get_execution_history(:'P' || 'execution:versioned:by-alias') WHERE id = 1;
SELECT workflow.start_execution('versioned:NONE');
SELECT workflow.start_execution('versioned:2');

SELECT workflow.delete_state_machine_alias('versioned:PROD');
SELECT workflow.delete_state_machine_alias('versioned:PROD');
SELECT workflow.describe_state_machine_alias('versioned:PROD');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.delete_state_machine('versioned');
