-- executions in the database: Parallel, nested, with tasks
\a \t
SET client_min_messages = warning;
SET ROLE regress_task;
CREATE TABLE task_test.entry (execution text, name text);
CREATE FUNCTION task_test.note(execution text, name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO task_test.entry VALUES (execution, name);
	IF name = 'bad' THEN
		RAISE EXCEPTION 'no good';
	END IF;
	RETURN name;
END $$;
CREATE FUNCTION task_test.note_state(name text, fields jsonb DEFAULT '{"End": true}') RETURNS jsonb LANGUAGE sql AS $f$
	SELECT jsonb_build_object('Type', 'Task', 'Resource', 'sql:task_test.note',
		'Parameters', jsonb_build_object('execution.$', '$$.Execution.Name', 'name', name)) || fields
$f$;
CREATE FUNCTION task_test.branch(name text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', name, 'States', jsonb_build_object(name, task_test.note_state(name)))
$$;

-- outputs in the order of the branches, however they end
SELECT workflow.create_state_machine('nested', jsonb_build_object('StartAt', 'P', 'States', jsonb_build_object(
	'P', jsonb_build_object('Type', 'Parallel', 'Next', 'After', 'Branches', jsonb_build_array(
		'{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "L"}, "L": {"Type": "Pass", "Result": "last", "End": true}}}'::jsonb,
		task_test.branch('a'),
		jsonb_build_object('StartAt', 'Q', 'States', jsonb_build_object('Q', jsonb_build_object('Type', 'Parallel', 'End', true,
			'Branches', jsonb_build_array(task_test.branch('b'), task_test.branch('c'),
				jsonb_build_object('StartAt', 'R', 'States', jsonb_build_object('R', jsonb_build_object('Type', 'Parallel', 'End', true,
					'Branches', jsonb_build_array(task_test.branch('d'))))))))))),
	'After', task_test.note_state('after', '{"InputPath": "$", "ResultPath": null, "End": true}')))::text);
SELECT workflow.start_execution('nested', '{}', 'nested') AS arn \gset
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn', '30s');
SELECT name, count(*) FROM task_test.entry WHERE execution = 'nested' GROUP BY name ORDER BY name;

-- many of them together
SELECT count(workflow.start_execution('nested', '{}', 'nested-' || i)) FROM generate_series(1, 50) AS i;
SELECT e.status, count(*) FROM generate_series(1, 50) AS i
 CROSS JOIN LATERAL workflow.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:nested:nested-' || i, '60s') AS e GROUP BY 1;
SELECT name, count(*) FROM task_test.entry WHERE execution LIKE 'nested-%' GROUP BY name ORDER BY name;

-- one branch fails: the others are ended, and what is caught goes on
SELECT workflow.create_state_machine('broken', jsonb_build_object('StartAt', 'P', 'States', jsonb_build_object(
	'P', jsonb_build_object('Type', 'Parallel', 'Next', 'Never', 'Branches', jsonb_build_array(
		'{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": true}}}'::jsonb,
		jsonb_build_object('StartAt', 'Q', 'States', jsonb_build_object('Q', jsonb_build_object('Type', 'Parallel', 'End', true,
			'Branches', jsonb_build_array('{"StartAt": "V", "States": {"V": {"Type": "Wait", "Seconds": 1000, "End": true}}}'::jsonb,
				task_test.branch('bad')))))),
		'Retry', '[{"ErrorEquals": ["SQL.raise_exception"], "IntervalSeconds": 1, "MaxAttempts": 1}]'::jsonb,
		'Catch', '[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]'::jsonb),
	'Never', '{"Type": "Fail"}'::jsonb,
	'Caught', '{"Type": "Pass", "Parameters": {"error.$": "$.Error"}, "End": true}'::jsonb))::text);
SELECT workflow.start_execution('broken', '{}', 'broken') AS arn \gset
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn', '30s');
SELECT type, state, count(*) FROM workflow.get_execution_history(:'arn') GROUP BY 1, 2 ORDER BY min(id);
SELECT count(*) FROM task_test.entry WHERE execution = 'broken';

RESET ROLE;
-- nothing is left of what is closed
SELECT 'agenda', count(*) FROM workflow.execution e JOIN workflow.agenda x ON x.execution_id = e.id WHERE e.status <> 'RUNNING'
UNION ALL SELECT 'branch', count(*) FROM workflow.branch WHERE execution_id NOT IN (SELECT execution_id FROM workflow.agenda)
UNION ALL SELECT 'task', count(*) FROM workflow.task WHERE execution_id NOT IN (SELECT execution_id FROM workflow.agenda)
UNION ALL SELECT 'iteration', count(*) FROM workflow.iteration WHERE execution_id NOT IN (SELECT execution_id FROM workflow.agenda);
SET ROLE regress_task;
DROP TABLE task_test.entry;
DROP FUNCTION task_test.note, task_test.note_state, task_test.branch;
