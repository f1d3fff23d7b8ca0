-- What each role may do
\pset format unaligned
\pset tuples_only on
\set P 'arn:aws:states:us-east-1:000000000000:'

CREATE ROLE regress_wf_owner LOGIN;
CREATE ROLE regress_wf_tasks LOGIN;
CREATE ROLE regress_wf_clerks NOLOGIN;
CREATE ROLE regress_wf_clerk LOGIN IN ROLE regress_wf_clerks;
CREATE ROLE regress_wf_watcher LOGIN;
CREATE ROLE regress_wf_stranger LOGIN;
GRANT regress_wf_tasks TO regress_wf_owner;
SELECT workflow.grant_usage(role) FROM unnest('{regress_wf_owner,regress_wf_clerks,regress_wf_watcher}'::text[]) role;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;

-- nobody but the owner of the extension writes; PUBLIC has nothing
SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'workflow'::regnamespace AND relkind = 'r' AND NOT relrowsecurity;
SELECT c.relname, a.grantee::regrole, a.privilege_type
  FROM pg_class c, LATERAL aclexplode(c.relacl) a
 WHERE c.relnamespace = 'workflow'::regnamespace AND a.grantee <> c.relowner AND a.privilege_type <> 'SELECT';
SELECT p.proname FROM pg_proc p, LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 WHERE p.pronamespace = 'workflow'::regnamespace AND a.grantee = 0;
SELECT has_schema_privilege('public', 'workflow', 'USAGE');

-- a role that was granted nothing
SET ROLE regress_wf_stranger;
SELECT workflow.start_execution('mine');
SELECT * FROM workflow.execution;

-- the owner: runs its tasks as a role that it is a member of
SET ROLE regress_wf_owner;
SELECT workflow.create_state_machine('mine', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}', role => 'regress_wf_watcher');
SELECT workflow.create_state_machine('mine', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}', role => 'regress_wf_tasks');
SELECT workflow.start_execution('mine', '{"secret": 1}', 'e1');
SELECT role FROM workflow.describe_state_machine('mine');
-- AWS's roleArn: a role of that name, or one's own
SELECT workflow.api('CreateStateMachine', '{"name": "theirs", "roleArn": "arn:aws:iam::1:role/regress_wf_watcher",
	"definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}"}');
SELECT workflow.api('CreateStateMachine', '{"name": "arn", "roleArn": "arn:aws:iam::1:role/path/regress_wf_nothing",
	"definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}"}') ->> 'stateMachineArn';
SELECT role, role_arn FROM workflow.describe_state_machine('arn');
SELECT workflow.delete_state_machine('arn');
-- but not what is the extension's owner's
SELECT workflow.purge_executions('1 day');
SELECT workflow.resume();
SELECT workflow.check();
SELECT workflow.grant_usage('regress_wf_stranger');
SELECT workflow._installed();
UPDATE workflow.execution SET status = 'SUCCEEDED';
SELECT * FROM workflow.agenda;

-- before any grant, others see nothing and may do nothing
SET ROLE regress_wf_watcher;
SELECT workflow.start_execution('mine');
SELECT workflow.describe_execution(:'P' || 'execution:mine:e1');
SELECT workflow.create_state_machine('mine', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}');
SELECT count(*) FROM workflow.list_state_machines();
SELECT (SELECT count(*) FROM workflow.state_machine), (SELECT count(*) FROM workflow.execution), (SELECT count(*) FROM workflow.history),
	   (SELECT count(*) FROM workflow.event), (SELECT count(*) FROM workflow.execution_status), (SELECT count(*) FROM workflow.pending);
SELECT workflow.grant('mine', 'regress_wf_watcher', '{read}');

-- status without data; a group
SET ROLE regress_wf_owner;
SELECT workflow.grant('mine', 'regress_wf_watcher', '{status}'), workflow.grant('mine', 'regress_wf_clerks', '{start,read}');
SELECT workflow.grant('mine', 'regress_wf_clerks', '{everything}');
SELECT workflow.grant('mine', 'regress_wf_nothing', '{read}');
SET ROLE regress_wf_watcher;
SELECT execution_arn, status, input IS NULL AS no_data FROM workflow.describe_execution(:'P' || 'execution:mine:e1');
SELECT workflow.api('DescribeExecution', jsonb_build_object('executionArn', :'P' || 'execution:mine:e1')) -> 'inputDetails';
SELECT name FROM workflow.list_executions('mine');
SELECT (SELECT count(*) FROM workflow.state_machine), (SELECT count(*) FROM workflow.execution), (SELECT count(*) FROM workflow.history),
	   (SELECT count(*) FROM workflow.event), (SELECT count(*) FROM workflow.execution_status), (SELECT count(*) FROM workflow.pending);
SELECT workflow.get_execution_history(:'P' || 'execution:mine:e1');
SELECT workflow.stop_execution(:'P' || 'execution:mine:e1');
SELECT workflow.describe_state_machine('mine');
SELECT workflow.update_state_machine('mine', '{}');
SELECT workflow.delete_state_machine('mine');
SET ROLE regress_wf_clerk;
SELECT workflow.start_execution('mine', name => 'e2');
SELECT input FROM workflow.describe_execution(:'P' || 'execution:mine:e1');
SELECT name FROM workflow.execution ORDER BY id;
SELECT count(*) > 0 FROM workflow.get_execution_history(:'P' || 'execution:mine:e2');
SELECT workflow.stop_execution(:'P' || 'execution:mine:e2');
-- which machines one may see is found out once per statement
SELECT count(*) FILTER (WHERE line ~ '^ *InitPlan [0-9]') AS once, count(*) FILTER (WHERE line ~ 'SubPlan') AS per_row
  FROM pg_temp.plan('SELECT * FROM workflow.execution') line;

-- the function of a name is its registrant's
SET ROLE regress_wf_owner;
SELECT workflow.register_function('Regress', 'upper(text)');
SET ROLE regress_wf_clerk;
SELECT workflow.register_function('Regress', 'lower(text)');
SELECT workflow.unregister_function('Regress');
RESET ROLE;
CREATE FUNCTION public.regress_private() RETURNS int LANGUAGE sql AS 'SELECT 1';
REVOKE EXECUTE ON FUNCTION public.regress_private() FROM PUBLIC;
SET ROLE regress_wf_clerk;
SELECT workflow.register_function('Private', 'public.regress_private()');
RESET ROLE;
DROP FUNCTION public.regress_private();
SELECT workflow.unregister_function('Regress');

-- taken back
SET ROLE regress_wf_owner;
SELECT workflow.revoke('mine', 'regress_wf_clerks', '{start}');
SET ROLE regress_wf_clerk;
SELECT workflow.start_execution('mine', name => 'e3');

-- the owner has to be a member of the role at each start; roles that are gone own nothing
RESET ROLE;
REVOKE regress_wf_tasks FROM regress_wf_owner;
SET ROLE regress_wf_owner;
SELECT workflow.start_execution('mine', name => 'e3');
RESET ROLE;
ALTER ROLE regress_wf_tasks NOLOGIN;
-- since 17 a runner needs none
SELECT item, detail FROM workflow.check() WHERE item LIKE 'role%'
UNION ALL
SELECT 'role regress_wf_tasks', 'State machines run as role regress_wf_tasks, which cannot log in; their SQL tasks fail.'
 WHERE current_setting('server_version_num')::int >= 170000;
ALTER ROLE regress_wf_tasks RENAME TO regress_wf_tasks2;
SELECT item, detail FROM workflow.check() WHERE item LIKE 'role%';
SELECT workflow.start_execution('mine', name => 'e3');

SELECT workflow.delete_state_machine('mine');
SELECT workflow.purge_executions('0') > 0;
SELECT workflow.revoke_usage(role) FROM unnest('{regress_wf_owner,regress_wf_clerks,regress_wf_watcher}'::text[]) role;
DROP ROLE regress_wf_owner, regress_wf_tasks2, regress_wf_clerk, regress_wf_clerks, regress_wf_watcher, regress_wf_stranger;
