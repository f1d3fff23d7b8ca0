-- Map Runs: described, listed, changed; their children
\pset format unaligned
\pset null '(null)'
\set P 'arn:aws:states:us-east-1:000000000000:'
SET client_min_messages = warning;

SELECT workflow.create_state_machine('mr', '{"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "kids", "MaxConcurrency": 2,
	"ToleratedFailureCount": 1, "ItemBatcher": {"MaxItemsPerBatch": 2}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "E"}],
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {
		"W": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:mr", "End": true}}}, "Next": "E"}, "E": {"Type": "Succeed"}}}');
SELECT workflow.create_activity('mr');
SELECT workflow.start_execution('mr', '[1, 2, 3, 4, 5, 6, 7]', 'first') AS arn \gset
CREATE FUNCTION uuids(value text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(value, '[0-9a-f]{8}-[0-9a-f-]{27}', 'UUID', 'g') $$;
CREATE PROCEDURE until(condition text) LANGUAGE plpgsql AS $$
DECLARE
	done boolean;
BEGIN
	FOR i IN 1 .. 600 LOOP
		EXECUTE 'SELECT ' || condition INTO done;
		COMMIT;
		EXIT WHEN done;
		PERFORM pg_sleep(0.05);
	END LOOP;
END $$;
CREATE FUNCTION running() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM workflow.task';
CALL until('running() = 2');

-- one that is open
SELECT map_run_arn AS run FROM workflow.list_map_runs(:'arn') \gset
SELECT uuids(map_run_arn) AS map_run_arn, execution_arn, state_machine_arn, started_at <= now() AS started, stopped_at FROM workflow.list_map_runs(:'arn');
SELECT uuids(map_run_arn) AS map_run_arn, execution_arn, status, stopped_at, max_concurrency, tolerated_failure_percentage,
	   tolerated_failure_count, item_counts, execution_counts, redrive_count FROM workflow.describe_map_run(:'run') \gx
SELECT jsonb_pretty(uuids((workflow.api('DescribeMapRun', jsonb_build_object('mapRunArn', :'run')) - 'startDate')::text)::jsonb) AS described;
SELECT uuids((workflow.api('ListMapRuns', jsonb_build_object('executionArn', :'arn')) #- '{mapRuns,0,startDate}')::text) AS listed;

-- its children
SELECT uuids(execution_arn) AS execution_arn, state_machine_arn, status, uuids(map_run_arn) AS map_run_arn, item_count FROM workflow.list_executions(map_run => :'run');
SELECT count(*) FROM workflow.list_executions('mr');
SELECT execution_arn AS child, workflow.api('ListExecutions', jsonb_build_object('mapRunArn', :'run', 'maxResults', 1)) AS page
  FROM workflow.list_executions(map_run => :'run') LIMIT 1 \gset
SELECT :'page'::jsonb #>> '{executions,0,executionArn}' = :'child' AS newest_first, uuids((:'page'::jsonb #- '{executions,0,startDate}' #- '{nextToken}')::text) AS page;
SELECT jsonb_array_length(r -> 'executions') AS more, r ? 'nextToken' AS another
  FROM workflow.api('ListExecutions', jsonb_build_object('mapRunArn', :'run', 'nextToken', :'page'::jsonb ->> 'nextToken')) r;
SELECT uuids(execution_arn) AS execution_arn, state_machine_arn, uuids(map_run_arn) AS map_run_arn, status, input FROM workflow.describe_execution(:'child');
SELECT type FROM workflow.get_execution_history(:'child');
SELECT state_machine_arn FROM workflow.describe_state_machine_for_execution(:'child');
SELECT r ->> 'label' AS label, uuids(r ->> 'mapRunArn') AS map_run, r ->> 'stateMachineArn' AS machine
  FROM workflow.api('DescribeStateMachineForExecution', jsonb_build_object('executionArn', :'child')) r;
SELECT r ->> 'label' AS label, r ->> 'stateMachineArn' AS machine
  FROM workflow.api('DescribeStateMachine', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:mr/kids')) r;
SELECT workflow.api('DescribeStateMachine', jsonb_build_object('stateMachineArn', :'P' || 'stateMachine:mr/other'));
\set VERBOSITY sqlstate
SELECT workflow.describe_execution(replace(:'child', '/kids', ''));
SELECT workflow.describe_execution(replace(:'child', '/kids', '/other'));
\set VERBOSITY default

-- other settings: more at a time, at once
SELECT workflow.update_map_run(:'run', max_concurrency => 3);
SELECT max_concurrency, tolerated_failure_count FROM workflow.describe_map_run(:'run');
CALL until('running() = 3');
SELECT workflow.api('UpdateMapRun', jsonb_build_object('mapRunArn', :'run', 'toleratedFailureCount', 5, 'toleratedFailurePercentage', 90.5));
CALL until('(SELECT count(*) FROM workflow.message) = 0');
SELECT max_concurrency, tolerated_failure_percentage, tolerated_failure_count FROM workflow.describe_map_run(:'run');
SELECT workflow.update_map_run(:'run');
SELECT workflow.update_map_run(:'run', tolerated_failure_percentage => 101);
SELECT workflow.update_map_run(:'run', max_concurrency => -1);
\set VERBOSITY sqlstate
SELECT workflow.update_map_run(replace(:'run', '/kids', '/other'), max_concurrency => 1);
\set VERBOSITY default
SELECT workflow.describe_map_run(:'P' || 'mapRun:mr/kids:nothing');
SELECT workflow.describe_map_run(:'arn');
SELECT workflow.api('ListExecutions', jsonb_build_object('mapRunArn', :'P' || 'mapRun:mr/kids:nothing'));
SELECT workflow.list_executions('mr', map_run => :'run');
SELECT workflow.list_executions();

-- who may
SET client_min_messages = error;
CREATE ROLE regress_map_run;
SELECT workflow.grant_usage('regress_map_run');
\set VERBOSITY sqlstate
SET ROLE regress_map_run;
SELECT workflow.describe_map_run(:'run');
\set VERBOSITY default
SELECT count(*) FROM workflow.map_run;
RESET ROLE;
SELECT workflow.grant('mr', 'regress_map_run', '{read}');
SET ROLE regress_map_run;
SELECT status FROM workflow.describe_map_run(:'run');
SELECT count(*) FROM workflow.map_run;
\set VERBOSITY sqlstate
SELECT workflow.update_map_run(:'run', max_concurrency => 1);
RESET ROLE;
\set VERBOSITY default

-- children end: two succeed, one is stopped, one fails; one that is stopped is no failure
SELECT workflow.stop_execution(:'child') IS NOT NULL AS stopped;
SELECT workflow.send_task_failure(task_token, 'E', 'because') FROM workflow.get_activity_task('mr', wait => '30s');
SELECT workflow.send_task_success(task_token, '"done"') FROM workflow.get_activity_task('mr', wait => '30s');
CALL until('(SELECT executions_succeeded FROM workflow.map_run) = 1');
SELECT workflow.send_task_success(task_token, '"done"') FROM workflow.get_activity_task('mr', wait => '30s');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30s');
SELECT status, stopped_at >= started_at AS stopped, item_counts, execution_counts FROM workflow.describe_map_run(:'run') \gx
SELECT status, error, item_count, redrive_status FROM workflow.list_executions(map_run => :'run') l, LATERAL (SELECT error, redrive_status FROM workflow.describe_execution(l.execution_arn)) d ORDER BY status, item_count;
\set VERBOSITY sqlstate
SELECT count(*) FROM workflow.list_executions(map_run => :'run', status_filter => 'SUCCEEDED');
SELECT workflow.update_map_run(:'run', max_concurrency => 1);
\set VERBOSITY default

-- they are deleted with their execution, and their children
UPDATE workflow.execution SET stopped_at = stopped_at - interval '1 day' WHERE state_machine_id = (SELECT id FROM workflow.state_machine WHERE name = 'mr');
SELECT workflow.purge_executions('1 hour');
SELECT count(*) FROM workflow.map_run;

SELECT workflow.revoke_usage('regress_map_run');
SELECT workflow.delete_state_machine('mr'), workflow.delete_activity('mr');
DROP ROLE regress_map_run;
DROP FUNCTION uuids(text), running();
DROP PROCEDURE until(text);
