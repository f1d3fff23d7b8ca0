-- what the tests of tasks share: a role that owns machines, and a procedure that runs one
CREATE ROLE regress_task LOGIN;
CREATE SCHEMA task_test AUTHORIZATION regress_task;
SELECT workflow.grant_usage('regress_task');
SET ROLE regress_task;

-- what is another one in each run
CREATE FUNCTION task_test.masked(text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace($1,
		'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '(uuid)', 'g'),
		'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z', '(time)', 'g'),
		'\m\d{13}\M', '(ms)', 'g')
$$;

CREATE PROCEDURE task_test.run(definition text, input jsonb DEFAULT '{}', INOUT result text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
	machine text := 'task-' || md5(definition);
	arn text;
BEGIN
	PERFORM workflow.create_state_machine(machine, definition);
	arn := workflow.start_execution(machine, input);
	COMMIT;
	SELECT task_test.masked(concat_ws(' ', e.status, e.output, e.error, e.cause)) INTO result
	  FROM workflow.wait_for_execution(arn, '30s') e;
END
$$;

-- a machine of one Task state
CREATE FUNCTION task_test.task(resource text, fields jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'Task', 'States', jsonb_build_object('Task',
		jsonb_build_object('Type', 'Task', 'Resource', resource, 'End', true) || fields))::text
$$;

CREATE FUNCTION task_test.arn(machine text) RETURNS text LANGUAGE sql AS $$
	SELECT 'arn:aws:states:us-east-1:000000000000:stateMachine:' || machine
$$;
