-- Executions: start, wait, look, list, stop, purge
\pset format unaligned
\pset null '(null)'
\set P 'arn:aws:states:us-east-1:000000000000:'

SELECT workflow.create_state_machine('run', '{"StartAt": "A", "TimeoutSeconds": 3600, "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT workflow.create_state_machine('wait', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}');

-- to its end
SELECT workflow.start_execution('run', '{"id": 7}', 'first');
SELECT execution_arn, name, state_machine_arn, status, stopped_at >= started_at AS stopped, input, output, error, cause,
	   redrive_count, redrive_status, redrive_status_reason
  FROM workflow.wait_for_execution(:'P' || 'execution:run:first', '30s') \gx
SELECT workflow.api('DescribeExecution', jsonb_build_object('executionArn', :'P' || 'execution:run:first')) - 'startDate' - 'stopDate' AS described;
SELECT id, previous_id, type, state, details - 'roleArn' AS details FROM workflow.get_execution_history(:'P' || 'execution:run:first');
SELECT id FROM workflow.get_execution_history(:'P' || 'execution:run:first', reverse_order => true, max_results => 2);
SELECT id, details FROM workflow.get_execution_history(:'P' || 'execution:run:first', include_execution_data => false) WHERE id > 1;
SELECT e.id, e.previous_id, e.type FROM workflow.event e JOIN workflow.execution x ON x.id = e.execution_id WHERE x.name = 'first' ORDER BY 1;
SELECT state_machine_arn, definition FROM workflow.describe_state_machine_for_execution(:'P' || 'execution:run:first');

-- pages of history
SELECT workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', :'P' || 'execution:run:first', 'maxResults', 3)) AS page \gset
SELECT jsonb_path_query_array(:'page', '$.events[*].id') AS ids;
SELECT jsonb_path_query_array(r, '$.events[*].id') AS ids, r ? 'nextToken' AS more
  FROM workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', :'P' || 'execution:run:first', 'maxResults', 3, 'nextToken', :'page'::jsonb ->> 'nextToken')) r;
SELECT workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', :'P' || 'execution:run:first', 'reverseOrder', true, 'nextToken', :'page'::jsonb ->> 'nextToken'));
\echo :LAST_ERROR_SQLSTATE

-- names: in use is in use, unless it is the same and runs
SELECT workflow.start_execution('run', '{"id": 7}', 'first');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.start_execution('wait', '{"a": 1.0}', 'w');
SELECT workflow.start_execution('wait', '{"a": 1}', 'w');
SELECT workflow.start_execution('wait', '{"a": 2}', 'w');
SELECT workflow.start_execution('wait', name => 'a b');

-- many
CREATE TEMP TABLE orders AS SELECT i AS id FROM generate_series(1, 5) i;
SELECT count(DISTINCT workflow.start_execution('run', to_jsonb(o))) FROM orders o;
SELECT cardinality(workflow.start_executions('run', array_agg(to_jsonb(o)))) FROM orders o;
SELECT workflow.start_executions('run', '{}');
SELECT workflow.start_executions('run', '{NULL}');
SELECT count(*), bool_and(wait.status = 'SUCCEEDED' AND wait.output = wait.input) AS passed
  FROM workflow.list_executions('run') e, workflow.wait_for_execution(e.execution_arn, '30s') wait;
SELECT workflow.start_execution(NULL);
SELECT workflow.start_execution('run', NULL);
SELECT workflow.start_execution('nothing');

-- a statement that changes the machine between two starts
DO $$
BEGIN
	PERFORM workflow.start_execution('run', name => 'before');
	PERFORM workflow.update_state_machine('run', '{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}');
	PERFORM workflow.start_execution('run', name => 'after');
	BEGIN
		PERFORM workflow.update_state_machine('run', '{"StartAt": "C", "States": {"C": {"Type": "Pass", "End": true}}}');
		PERFORM workflow.start_execution('run', name => 'undone');
		RAISE division_by_zero;
	EXCEPTION WHEN division_by_zero THEN
		PERFORM workflow.start_execution('run', name => 'undone');
	END;
END
$$;
SELECT e, definition FROM unnest('{before,after,undone}'::text[]) e, workflow.describe_state_machine_for_execution('arn:aws:states:us-east-1:000000000000:execution:run:' || e);

-- stop
SELECT status, stopped_at FROM workflow.wait_for_execution(:'P' || 'execution:wait:w', '0');
SELECT workflow.stop_execution(:'P' || 'execution:wait:w', 'My.Error', 'enough') AS stopped \gset
SELECT workflow.stop_execution(:'P' || 'execution:wait:w', cause => 'again') = :'stopped' AS same;
SELECT status, output, error, cause, redrive_status FROM workflow.wait_for_execution(:'P' || 'execution:wait:w');
SELECT type, details FROM workflow.get_execution_history(:'P' || 'execution:wait:w', reverse_order => true, max_results => 1);
SELECT workflow.stop_execution(:'P' || 'execution:wait:nothing');
SELECT workflow.stop_execution('wait');

-- one that was started in this transaction has not begun
BEGIN;
SELECT workflow.start_execution('wait', '[1]', 'early');
SELECT id, previous_id, type, details - 'roleArn' AS details FROM workflow.get_execution_history(:'P' || 'execution:wait:early');
SELECT workflow.wait_for_execution(:'P' || 'execution:wait:early');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SELECT workflow.start_execution('wait', '[1]', 'early');
SELECT workflow.stop_execution(:'P' || 'execution:wait:early') IS NOT NULL AS stopped;
SELECT id, previous_id, type, details - 'roleArn' AS details FROM workflow.get_execution_history(:'P' || 'execution:wait:early');
COMMIT;
SELECT workflow.start_execution('wait', name => 'long');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT workflow.wait_for_execution(:'P' || 'execution:wait:long', '1s');
ROLLBACK;

-- lists
SELECT name, status FROM workflow.list_executions('wait');
SELECT name FROM workflow.list_executions('wait', status_filter => 'RUNNING');
SELECT name FROM workflow.list_executions('wait', max_results => 1);
SELECT workflow.list_executions('wait', status_filter => 'DONE');
SELECT state_machine, name, status FROM workflow.execution_status WHERE state_machine = 'wait' ORDER BY id;

-- delete aborts what runs; what has ended stays until it is purged
SELECT workflow.delete_state_machine('wait'), workflow.delete_state_machine('run');
SELECT status FROM workflow.describe_execution(:'P' || 'execution:wait:long');
SELECT redrive_status_reason FROM workflow.describe_execution(:'P' || 'execution:wait:long');
SELECT workflow.list_executions('wait');
SELECT workflow.purge_executions('1 hour');
SELECT workflow.purge_executions('0', 1);
SELECT workflow.purge_executions('0') > 0 AS purged;
SELECT count(*) FROM workflow.execution_status WHERE state_machine IN ('run', 'wait');
SELECT count(*) FROM workflow.history h WHERE NOT EXISTS (SELECT FROM workflow.execution x WHERE x.id = h.execution_id);
SELECT count(*) FROM workflow.state_machine WHERE name IN ('run', 'wait');
SELECT workflow.describe_execution(:'P' || 'execution:wait:long');
\echo :LAST_ERROR_SQLSTATE
