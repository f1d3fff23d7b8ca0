-- State machines: create, update, describe, list, delete
\pset format unaligned
\pset null '(null)'

SELECT workflow.create_state_machine('order', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');

-- the same again is no error, to the byte
SELECT workflow.create_state_machine('order', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT workflow.create_state_machine('order', '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}');
\echo :LAST_ERROR_SQLSTATE

-- json keeps its spelling; names are any letters
SELECT workflow.create_state_machine('Bestellung-ä', '{ "StartAt" : "A", "States": {"A": {"Type": "Succeed"}} }'::json,
									 type => 'EXPRESS', publish => true, version_description => 'first',
									 tags => '{"team": "sales"}');
SELECT name, status, type, definition, role = current_user AS own_role, role_arn = 'arn:aws:iam::000000000000:role/' || current_user AS own_role_arn,
	   created_at <= now() AS created, revision_id, description, logging_configuration, tracing_configuration,
	   encryption_configuration, variable_references
  FROM workflow.describe_state_machine('Bestellung-ä:1') \gx
SELECT * FROM workflow.list_tags_for_resource('Bestellung-ä');

-- what is refused
SELECT workflow.create_state_machine('no good', '{}');
SELECT workflow.create_state_machine(repeat('x', 81), '{}');
SELECT workflow.create_state_machine('bad', '{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.create_state_machine('bad', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', version_description => 'x');
SELECT workflow.create_state_machine('bad', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', role => 'regress_workflow_nobody');
SELECT workflow.create_state_machine('bad', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
									 logging_configuration => '{"level": "ALL"}');
SELECT workflow.create_state_machine(NULL, '{}');
SELECT workflow.create_state_machine('bad', NULL::text);
\echo :LAST_ERROR_SQLSTATE

-- a SQL function has to be there, whatever its arguments
SELECT workflow.create_state_machine('bad', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.regress_nothing", "End": true}}}');
SELECT workflow.create_state_machine('bad', '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:nowhere.f", "End": true}}}]}}}');
CREATE FUNCTION public.regress_something(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
SELECT workflow.create_state_machine('good', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.regress_something", "End": true}}}');
SELECT workflow.delete_state_machine('good');
DROP FUNCTION public.regress_something;

-- update: what differs makes a revision
SELECT revision_id IS NULL AS first FROM workflow.update_state_machine('order', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT revision_id AS revision FROM workflow.update_state_machine('order', '{"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"x": 1}, "Next": "C"}, "C": {"Type": "Pass", "InputPath": "$x", "End": true}}}') \gset
SELECT revision_id = :'revision' AS current, definition, variable_references FROM workflow.describe_state_machine('order');
SELECT revision_id = :'revision' AS unchanged FROM workflow.update_state_machine('order', tracing_configuration => '{"enabled": false}');
SELECT revision_id <> :'revision' AS changed FROM workflow.update_state_machine('order', tracing_configuration => '{"enabled": true}');
SELECT tracing_configuration FROM workflow.describe_state_machine('order');
SELECT workflow.update_state_machine('order');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.update_state_machine('order', '{}');
SELECT workflow.update_state_machine('nothing', '{}');
SELECT workflow.update_state_machine('order:1', '{}');
SELECT workflow.update_state_machine('order/label', '{}');

-- list and delete
SELECT name, type FROM workflow.list_state_machines() WHERE name IN ('order', 'Bestellung-ä') ORDER BY created_at;
SELECT count(*) FROM workflow.list_state_machines(1);
SELECT workflow.delete_state_machine('order'), workflow.delete_state_machine('Bestellung-ä');
SELECT workflow.delete_state_machine('order');
SELECT workflow.describe_state_machine('order');
\echo :LAST_ERROR_SQLSTATE

-- the name is free again
SELECT workflow.create_state_machine('order', '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}');
SELECT workflow.delete_state_machine('order');
