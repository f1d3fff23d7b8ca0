-- inline Map states of stored executions: turns, tasks, failures, and that nothing is left behind
\a \t
SET client_min_messages = warning;

CREATE FUNCTION one_state(state jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'I', 'States', jsonb_build_object('I', state || '{"End": true}'))
$$;
CREATE FUNCTION map_definition(map jsonb, processor jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'M', 'States',
		jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true, 'ItemProcessor', processor) || map)
		|| CASE WHEN map ? 'Catch' THEN '{"Caught": {"Type": "Pass", "End": true}}'::jsonb ELSE '{}' END)::text
$$;
CREATE FUNCTION outcome(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, output, error, cause) FROM workflow.wait_for_execution(arn, '60 s')
$$;
-- rows of what is open
CREATE FUNCTION left_behind() RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', (SELECT count(*) FROM workflow.agenda), (SELECT count(*) FROM workflow.branch),
		(SELECT count(*) FROM workflow.task), (SELECT count(*) FROM workflow.iteration))
$$;
-- events; are they numbered without a gap, do they point back; iterations that started, and that succeeded
CREATE FUNCTION chain(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', count(*), bool_and(id = n), bool_and(previous_id < id),
			count(*) FILTER (WHERE type = 'MapIterationStarted'),
			count(DISTINCT details->>'index') FILTER (WHERE type = 'MapIterationSucceeded'))
	  FROM workflow.get_execution_history(arn) WITH ORDINALITY AS h(id, previous_id, at, type, state, details, n)
$$;
CREATE FUNCTION numbers(count int) RETURNS jsonb LANGUAGE sql AS 'SELECT jsonb_agg(n) FROM generate_series(1, count) n';

-- in one turn, the same events as in memory
SELECT map_definition('{"MaxConcurrency": 3, "ItemsPath": "$.n", "ItemSelector": {"v.$": "$$.Map.Item.Value", "x.$": "$.x"}}',
	one_state('{"Type": "Map", "ItemsPath": "$$.Execution.Input.x", "ItemProcessor": {"StartAt": "J", "States": {"J": {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index", "v.$": "$"}, "End": true}}}}')) AS nested,
	'{"n": [1, 2, 3, 4, 5], "x": {"a": 1, "b": 2}}' AS input \gset
SELECT workflow.create_state_machine('nested_map', :'nested') AS machine \gset
SELECT workflow.start_execution('nested_map', :'input') AS arn \gset
SELECT outcome(:'arn') AS outcome \gset
SELECT :'outcome' = concat_ws(' ', s.status, s.output) AS same_outcome,
	(SELECT jsonb_agg(jsonb_build_array(id, previous_id, type)) FROM workflow.get_execution_history(:'arn'))
	= (SELECT jsonb_agg(jsonb_build_array(e->'id', e->'previousEventId', e->'type')) FROM jsonb_array_elements(s.history) e) AS same_events,
	jsonb_array_length(s.history) AS events, left_behind()
  FROM workflow.simulate(:'nested', :'input') s;

-- in many turns, of a few states each, the same outcome
SELECT workflow.create_state_machine('pass', map_definition('{}', one_state('{"Type": "Pass"}'))) AS machine \gset
SELECT workflow.create_state_machine('selected', map_definition('{"MaxConcurrency": 50, "ItemsPath": "$.n", "ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "of.$": "$.of"}}',
	one_state('{"Type": "Pass", "Parameters": {"seen.$": "$$.Map.Item.Value", "in.$": "$"}}'))) AS machine \gset
SELECT workflow.create_state_machine('members', map_definition('{"MaxConcurrency": 2}',
	one_state('{"Type": "Pass", "Parameters": {"key.$": "$$.Map.Item.Key", "pair.$": "$"}}'))) AS machine \gset
SELECT workflow.create_state_machine('held', map_definition('{"ResultPath": null}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 2, "End": true}}}')) AS machine \gset
ALTER DATABASE :DBNAME SET workflow.max_steps_per_turn = 7;
SELECT workflow.start_execution('pass', numbers(300)) AS pass,
	workflow.start_execution('selected', jsonb_build_object('n', numbers(300), 'of', 300)) AS selected,
	workflow.start_execution('members', (SELECT jsonb_object_agg('k' || n, n) FROM generate_series(1, 50) n)) AS members,
	workflow.start_execution('held', numbers(100)) AS held,
	workflow.start_execution('nested_map', :'input') AS nested_arn \gset
SELECT outcome(:'pass') = 'SUCCEEDED ' || numbers(300)::text AS same;
-- a turn that is over leaves few that are ready, however many turns there are
SELECT max(open) < 100 AS few FROM (SELECT count(*) FILTER (WHERE type = 'MapIterationStarted') OVER before - count(*) FILTER (WHERE type = 'MapIterationSucceeded') OVER before AS open
  FROM workflow.get_execution_history(:'pass') WINDOW before AS (ORDER BY id)) open;
SELECT chain(:'pass');
SELECT outcome(:'selected') = 'SUCCEEDED ' || (SELECT jsonb_agg(jsonb_build_object('seen', n, 'in', jsonb_build_object('v', n, 'i', n - 1, 'of', 300)) ORDER BY n)::text FROM generate_series(1, 300) n) AS same;
SELECT chain(:'selected');
SELECT outcome(:'members') ~ '^SUCCEEDED' AS succeeded;
SELECT count(*), bool_and(o->'pair'->'Key' = o->'key' AND o->'pair'->>'Value' = substr(o->>'key', 2)), chain(:'members')
  FROM workflow.describe_execution(:'members') d, jsonb_array_elements(d.output) o;
SELECT outcome(:'nested_arn') = :'outcome' AS same;
-- who can be started is started, whether anybody ends or not
SELECT outcome(:'held') = 'SUCCEEDED ' || numbers(100)::text AS same;
SELECT count(*) FROM workflow.get_execution_history(:'held') WHERE type = 'MapIterationStarted'
   AND id < (SELECT min(id) FROM workflow.get_execution_history(:'held') WHERE type = 'WaitStateExited');
SELECT left_behind();
ALTER DATABASE :DBNAME RESET workflow.max_steps_per_turn;

-- tasks: results in the order of the items, whichever ends first; a failure is tried again
CREATE SEQUENCE tries;
CREATE FUNCTION work(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep((input->>'sleep')::float8);
	IF input ? 'fail' AND nextval('tries') <= (input->'fail')::int THEN
		RAISE EXCEPTION 'broken' USING ERRCODE = 'P0042';
	END IF;
	RETURN input->'n';
END $$;
SELECT workflow.create_state_machine('tasks', map_definition('{"MaxConcurrency": 5}', one_state('{"Type": "Task", "Resource": "sql:public.work"}'))) AS machine \gset
SELECT workflow.create_state_machine('tried', map_definition('{"MaxConcurrency": 4, "Retry": [{"ErrorEquals": ["SQL.P0042"], "IntervalSeconds": 1}]}', one_state('{"Type": "Task", "Resource": "sql:public.work"}'))) AS machine \gset
SELECT workflow.create_state_machine('caught_map', map_definition('{"Catch": [{"ErrorEquals": ["SQL.P0042"], "ResultPath": null, "Next": "Caught"}]}', '{"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.wait", "IsPresent": true, "Next": "W"}], "Default": "I"},
	"W": {"Type": "Wait", "Seconds": 3600, "End": true}, "I": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}')) AS machine \gset
SELECT workflow.start_execution('tasks', (SELECT jsonb_agg(jsonb_build_object('n', n, 'sleep', (n % 3) * 0.02) ORDER BY n) FROM generate_series(1, 100) n)) AS tasks \gset
SELECT outcome(:'tasks') = 'SUCCEEDED ' || numbers(100)::text AS same;
SELECT chain(:'tasks');
SELECT workflow.start_execution('tried', '[{"n": 1}, {"n": 2, "fail": 1}, {"n": 3}, {"n": 4}, {"n": 5}, {"n": 6}]') AS tried \gset
SELECT outcome(:'tried');
SELECT (SELECT count(*) FROM workflow.get_execution_history(:'tried') WHERE type = 'MapStateStarted') AS attempts;
-- the second item ends before the fourth one fails
SELECT workflow.start_execution('caught_map', '[{"wait": true}, {"n": 2}, {"wait": true}, {"fail": 1000, "sleep": 0.3}, {"wait": true}]') AS caught \gset
SELECT outcome(:'caught');
SELECT (SELECT count(*) FROM workflow.get_execution_history(:'caught') WHERE type = 'MapIterationAborted') AS aborted, left_behind();

-- at most 40 run where AWS's limits are in force, else as many as a setting says; a stop leaves nothing behind
SELECT workflow.create_state_machine('waits', map_definition('{}', one_state('{"Type": "Wait", "Seconds": 3600}'))) AS machine \gset
CREATE PROCEDURE wait_for_branches(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. 3000 LOOP
		EXIT WHEN (SELECT count(*) FROM workflow.branch WHERE phase = 1) >= n;
		COMMIT;
		PERFORM pg_sleep(0.01);
	END LOOP;
END $$;
ALTER DATABASE :DBNAME SET workflow.max_map_concurrency = 1000;
SELECT workflow.start_execution('waits', numbers(1200)) AS waits \gset
CALL wait_for_branches(1000);
SELECT pg_sleep(0.3)::text;
SELECT pending, started, (SELECT count(*) FROM workflow.branch) AS branches, work - 'ahead' AS work, jsonb_array_length(work->'ahead') > 0 AS ahead FROM workflow.branch WHERE id = 1;
SELECT workflow.stop_execution(:'waits') IS NOT NULL AS stopped, left_behind();
ALTER DATABASE :DBNAME SET workflow.max_map_concurrency = 0;
SELECT workflow.start_execution('waits', numbers(1200)) AS waits \gset
CALL wait_for_branches(1200);
SELECT pending, started, (SELECT count(*) FROM workflow.branch) AS branches FROM workflow.branch WHERE id = 1;
SELECT workflow.stop_execution(:'waits') IS NOT NULL AS stopped, left_behind();
ALTER DATABASE :DBNAME RESET workflow.max_map_concurrency;
ALTER DATABASE :DBNAME SET workflow.aws_limits = on;
SELECT workflow.start_execution('waits', numbers(1200)) AS waits \gset
CALL wait_for_branches(40);
SELECT pg_sleep(0.3)::text;
SELECT pending, started, (SELECT count(*) FROM workflow.branch) AS branches FROM workflow.branch WHERE id = 1;
SELECT workflow.stop_execution(:'waits') IS NOT NULL AS stopped;
ALTER DATABASE :DBNAME RESET workflow.aws_limits;

-- variables of iterations, across turns
SELECT workflow.create_state_machine('variables', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"factor": 10, "list": [1, 2, 3]}, "Next": "M"},
	"M": {"Type": "Map", "ItemsPath": "$list", "MaxConcurrency": 2, "Assign": {"done.$": "$"}, "Next": "Z", "ItemProcessor": {"StartAt": "I", "States": {
		"I": {"Type": "Pass", "Assign": {"mine.$": "$"}, "Next": "W"}, "W": {"Type": "Wait", "Seconds": 1, "Next": "J"},
		"J": {"Type": "Pass", "Parameters": {"mine.$": "$mine", "factor.$": "$factor", "value.$": "$$.Map.Item.Value"}, "End": true}}}},
	"Z": {"Type": "Pass", "Parameters": {"done.$": "$done", "factor.$": "$factor"}, "End": true}}}') AS machine \gset
SELECT workflow.start_execution('variables') AS variables \gset
SELECT outcome(:'variables');
SELECT left_behind();

DROP PROCEDURE wait_for_branches;
DROP FUNCTION one_state, map_definition, outcome, left_behind, chain, numbers, work;
DROP SEQUENCE tries;
