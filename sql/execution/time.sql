-- executions in the database: forms of Wait, TimeoutSeconds
\a \t
SET client_min_messages = warning;
SET ROLE regress_task;

-- how long an execution of these states took, in seconds, rounded down
CREATE PROCEDURE task_test.measure(states jsonb, input jsonb DEFAULT '{}', INOUT result text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
	definition text := jsonb_build_object('StartAt', 'A', 'States', states);
	machine text := 'time-' || md5(definition);
	arn text;
BEGIN
	PERFORM workflow.create_state_machine(machine, definition);
	arn := workflow.start_execution(machine, input);
	COMMIT;
	SELECT concat_ws(' ', e.status, e.error, e.cause, floor(extract(epoch FROM e.stopped_at - e.started_at)) || ' s') INTO result
	  FROM workflow.wait_for_execution(arn, '30s') AS e;
END $$;

CALL task_test.measure('{"A": {"Type": "Wait", "Seconds": 0, "End": true}}');
CALL task_test.measure('{"A": {"Type": "Wait", "Seconds": 1, "End": true}}');
CALL task_test.measure('{"A": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}', '{"s": 1}');
CALL task_test.measure('{"A": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}', '{"s": "one"}');
CALL task_test.measure('{"A": {"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z", "End": true}}');
SELECT workflow.create_state_machine('until', '{"StartAt": "A", "States": {"A": {"Type": "Wait", "TimestampPath": "$.at", "End": true}}}');
SELECT workflow.start_execution('until',
	jsonb_build_object('at', to_char((now() + '2 s') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))) AS arn \gset
SELECT status, stopped_at >= (input ->> 'at')::timestamptz AS not_early FROM workflow.wait_for_execution(:'arn', '30s');
CALL task_test.measure('{"A": {"Type": "Wait", "TimestampPath": "$.at", "End": true}}', '{"at": "tomorrow"}');
-- one after another
CALL task_test.measure('{"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "End": true}}');

-- TimeoutSeconds of a task, also by a path, and of the machine
CREATE FUNCTION task_test.sleep(i jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_sleep((i ->> 'seconds')::float); SELECT i $$;
CALL task_test.measure('{"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "TimeoutSeconds": 1, "End": true}}', '{"seconds": 20}');
CALL task_test.measure('{"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "TimeoutSecondsPath": "$.t", "End": true}}', '{"seconds": 20, "t": 1}');
CALL task_test.measure('{"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "TimeoutSeconds": 20, "End": true}}', '{"seconds": 0}');
CALL task_test.measure('{"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "TimeoutSeconds": 1, "End": true,
	"Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "B"}]}, "B": {"Type": "Succeed"}}', '{"seconds": 20}');
CALL task_test.run('{"TimeoutSeconds": 1, "StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 100, "End": true}}}');
CALL task_test.run('{"TimeoutSeconds": 1, "StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:task_test.sleep", "End": true,
	"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}, "B": {"Type": "Succeed"}}}', '{"seconds": 20}');
CALL task_test.run('{"TimeoutSeconds": 100, "StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": true}}}');

DROP FUNCTION task_test.sleep;
DROP PROCEDURE task_test.measure;
