-- TimeoutSeconds and HeartbeatSeconds of activities and tokens, literal and by path
\pset format unaligned
\pset null '(null)'
SET client_min_messages = warning;
SELECT workflow.create_activity('slow');
CREATE FUNCTION slow_machine(more jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'A', 'States', jsonb_build_object('A', jsonb_build_object('Type', 'Task',
		'Resource', 'arn:aws:states:us-east-1:000000000000:activity:slow', 'End', true) || more) ||
		CASE WHEN more ? 'Catch' THEN '{"B": {"Type": "Pass", "End": true}}' ELSE '{}' END::jsonb)::text $$;
-- seconds from the start, or from the hand-out where there was one, to the timeout; within 100 ms?
CREATE FUNCTION on_time(arn text, seconds numeric) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN late BETWEEN 0 AND 0.1 THEN 'on time' ELSE format('%s s late', late) END
	  FROM (SELECT extract(epoch FROM max(at) FILTER (WHERE type = 'ActivityTimedOut')
						   - coalesce(max(at) FILTER (WHERE type = 'ActivityStarted'), max(at) FILTER (WHERE type = 'ActivityScheduled'))) - seconds
			  FROM workflow.get_execution_history(arn)) AS x(late) $$;

SELECT workflow.create_state_machine('unpolled', slow_machine('{"TimeoutSeconds": 2, "HeartbeatSeconds": 1}'));
SELECT workflow.create_state_machine('timeout', slow_machine('{"TimeoutSecondsPath": "$.t", "HeartbeatSecondsPath": "$.h"}'));
SELECT workflow.create_state_machine('caught', slow_machine('{"TimeoutSeconds": 60, "HeartbeatSeconds": 1, "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "B"}]}'));

-- nobody polls: its time is over after TimeoutSeconds; heartbeats are awaited from a worker only
SELECT workflow.start_execution('unpolled') AS unpolled \gset
SELECT status, error, cause FROM workflow.wait_for_execution(:'unpolled', '30 s');
SELECT id, previous_id, type, details FROM workflow.get_execution_history(:'unpolled') WHERE id > 2;
SELECT on_time(:'unpolled', 2);

-- a worker that is never heard of again
SELECT workflow.start_execution('timeout', '{"t": 60, "h": 1}') AS arn \gset
SELECT task_token AS first FROM workflow.get_activity_task('slow', 'w', '30 s') \gset
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type, details FROM workflow.get_execution_history(:'arn') WHERE id > 2;
SELECT on_time(:'arn', 1);
SELECT workflow.send_task_success(:'first', '1');
SELECT workflow.send_task_heartbeat(:'first');

-- heartbeats keep it alive, up to its timeout
SELECT workflow.start_execution('timeout', '{"t": 2, "h": 1}') AS arn \gset
SELECT task_token FROM workflow.get_activity_task('slow', 'w', '30 s') \gset
SELECT FROM pg_sleep(0.7);
SELECT workflow.send_task_heartbeat(:'task_token');
SELECT FROM pg_sleep(0.7);
SELECT workflow.send_task_heartbeat(:'task_token');
SELECT status, error FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT on_time(:'arn', 2);

-- and can be caught by both names
SELECT workflow.start_execution('caught') AS arn \gset
SELECT task_token <> '' AS got FROM workflow.get_activity_task('slow', 'w', '30 s');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');

-- no heartbeat asked for: one may be sent
SELECT workflow.create_state_machine('plain', slow_machine('{}'));
SELECT workflow.start_execution('plain') AS arn \gset
SELECT task_token FROM workflow.get_activity_task('slow', 'w', '30 s') \gset
SELECT workflow.send_task_heartbeat(:'task_token');
SELECT workflow.send_task_success(:'task_token', '"alive"');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');

SELECT count(*) FROM workflow.task WHERE target = 'slow';
