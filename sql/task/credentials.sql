-- Credentials: the role that a task runs as
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_task_other LOGIN;
CREATE ROLE regress_task_foreign LOGIN;
CREATE ROLE regress_task_group;
GRANT regress_task_other, regress_task_group TO regress_task;
GRANT USAGE ON SCHEMA task_test TO regress_task_other, regress_task_foreign;
SET ROLE regress_task;
CREATE FUNCTION task_test.who(jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(session_user, current_user) $$;

CREATE PROCEDURE task_test.assume(role text, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	CALL task_test.run(task_test.task('sql:task_test.who', '{"Credentials": {"RoleArn.$": "$.role"}}'), jsonb_build_object('role', role), result);
	result := replace(result, current_setting('workflow.account_id'), '(account)');
END
$$;
CALL task_test.assume('arn:aws:iam::000000000000:role/regress_task_other');
CALL task_test.assume('arn:aws:iam::111111111111:role/service-role/regress_task_other');
CALL task_test.assume('regress_task_other');
CALL task_test.assume('regress_task');
CALL task_test.assume('arn:aws:iam::000000000000:role/regress_task_foreign');
CALL task_test.assume('arn:aws:iam::000000000000:role/regress_task_nobody');
CALL task_test.assume('');

-- of a statement, and of a start: what the other role may do counts
CALL task_test.run(task_test.task('arn:aws:states:::sql:execute', '{"Credentials": {"RoleArn": "arn:aws:iam::000000000000:role/regress_task_other"},
	"Parameters": {"Statement": "SELECT count(*) FROM task_test.part"}}'));
CALL task_test.run(task_test.task('arn:aws:states:::states:startExecution', '{"Credentials": {"RoleArn": "arn:aws:iam::000000000000:role/regress_task_other"},
	"Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:nested-pass"}}'));

-- the history says which
SELECT h.type, h.details->'taskCredentials'
  FROM workflow.execution x JOIN workflow.state_machine m ON m.id = x.state_machine_id,
	   workflow.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:' || m.name || ':' || x.name) h
 WHERE x.input->>'role' = 'regress_task_other' AND h.type LIKE 'Task%' ORDER BY h.id;
RESET ROLE;
