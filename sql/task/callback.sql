-- Task tokens: .waitForTaskToken on functions, and the two workflows of test/examples that wait for an event
\pset format unaligned
\pset null '(null)'
SET client_min_messages = warning;
\set human_approval `cat "$PG_ABS_SRCDIR/test/examples/human-approval.asl.json" 2>/dev/null || cat test/examples/human-approval.asl.json`
\set migrate_by_event `cat "$PG_ABS_SRCDIR/test/examples/migrate-by-event.asl.json" 2>/dev/null || cat test/examples/migrate-by-event.asl.json`

CREATE TABLE kept (id serial PRIMARY KEY, name text, token text);
CREATE FUNCTION keep(name text, token text) RETURNS text LANGUAGE sql AS 'INSERT INTO kept (name, token) VALUES (name, token) RETURNING ''kept''';
CREATE FUNCTION answer_at_once(token text) RETURNS void LANGUAGE sql AS 'SELECT workflow.send_task_success(token, ''"at once"'')';
CREATE FUNCTION answer_and_fail(token text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM workflow.send_task_success(token, '"at once"');
	RAISE EXCEPTION 'and then it fails';
END $$;
-- what waits for its answer, once it is there
CREATE FUNCTION token_of(wanted text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	LOOP
		SELECT token INTO found FROM kept WHERE name = wanted ORDER BY id DESC LIMIT 1;
		EXIT WHEN found IS NOT NULL;
		PERFORM pg_sleep(0.01);
	END LOOP;
	RETURN found;
END $$;
CREATE FUNCTION callback_machine(resource text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'A', 'States', jsonb_build_object('A', jsonb_build_object('Type', 'Task', 'Resource', resource,
		'End', true) || more))::text $$;

-- a SQL function
SELECT workflow.create_state_machine('keep', callback_machine('sql:public.keep.waitForTaskToken', '{"Parameters": {"name.$": "$$.Execution.Name", "token.$": "$$.Task.Token"}}'));
SELECT workflow.start_execution('keep', '{}', 'one') AS arn \gset
SELECT workflow.send_task_success(token_of('one'), '{"by": "token"}');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type, details #- '{parameters,token}' AS details FROM workflow.get_execution_history(:'arn') WHERE id > 2;
SELECT workflow.start_execution('keep', '{}', 'two') AS arn \gset
SELECT workflow.send_task_failure(token_of('two'), 'Refused', 'by hand');
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.start_execution('keep', '{}', 'three') AS arn \gset
SELECT workflow.stop_execution(:'arn') IS NOT NULL AS stopped FROM token_of('three');
SELECT workflow.send_task_success(token_of('three'), '1');

-- a statement
SELECT workflow.create_state_machine('statement', callback_machine('arn:aws:states:::sql:execute.waitForTaskToken',
	'{"Parameters": {"Statement": "INSERT INTO public.kept (name, token) VALUES ($1, $2)", "Parameters.$": "States.Array($$.Execution.Name, $$.Task.Token)"}}'));
SELECT workflow.start_execution('statement', '{}', 'four') AS arn \gset
SELECT workflow.send_task_success(token_of('four'), '{"by": "token"}');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, type, details -> 'output' AS output FROM workflow.get_execution_history(:'arn') WHERE type IN ('TaskSubmitted', 'TaskSucceeded');
SELECT workflow.create_state_machine('statement-at-once', callback_machine('arn:aws:states:::sql:execute.waitForTaskToken',
	'{"Parameters": {"Statement": "SELECT workflow.send_task_failure($1, ''Refused'', ''by itself'')", "Parameters.$": "States.Array($$.Task.Token)"}}'));
SELECT workflow.start_execution('statement-at-once') AS arn \gset
SELECT status, error, cause FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.create_state_machine('bad-statement', callback_machine('arn:aws:states:::sql:execute.waitForTaskToken',
	'{"Parameters": {"Statement": "SELEC $1", "Parameters.$": "States.Array($$.Task.Token)"}}'));
SELECT workflow.start_execution('bad-statement') AS arn \gset
SELECT status, error, cause::jsonb ->> 'message' AS message FROM workflow.wait_for_execution(:'arn', '30 s');

-- the answer comes before the call has returned: by the function itself
SELECT workflow.create_state_machine('at-once', callback_machine('sql:public.answer_at_once.waitForTaskToken', '{"Parameters": {"token.$": "$$.Task.Token"}}'));
SELECT workflow.start_execution('at-once') AS arn \gset
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type FROM workflow.get_execution_history(:'arn') WHERE id > 2;
SELECT workflow.create_state_machine('and-fail', callback_machine('sql:public.answer_and_fail.waitForTaskToken', '{"Parameters": {"token.$": "$$.Task.Token"}}'));
SELECT workflow.start_execution('and-fail') AS arn \gset
SELECT status, error, cause::jsonb ->> 'message' AS message FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT id, previous_id, type FROM workflow.get_execution_history(:'arn') WHERE id > 2;

-- each attempt has a token of its own
SELECT workflow.create_state_machine('retry', callback_machine('sql:public.keep.waitForTaskToken', '{"Parameters": {"name.$": "$$.Execution.Name", "token.$": "$$.Task.Token"},
	"Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1}]}'));
SELECT workflow.start_execution('retry', '{}', 'retry') AS arn \gset
SELECT token_of('retry') AS first \gset
SELECT workflow.send_task_failure(:'first', 'Again');
DO $$ BEGIN WHILE (SELECT count(*) FROM kept WHERE name = 'retry') < 2 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
SELECT workflow.send_task_success(:'first', '1');
SELECT workflow.send_task_success(token_of('retry'), '2');
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30 s');

-- a failing sibling voids the token
SELECT workflow.create_state_machine('parallel', '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.keep.waitForTaskToken", "End": true,
		"Parameters": {"name.$": "$$.Execution.Name", "token.$": "$$.Task.Token"}}}},
	{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "sql:public.keep.waitForTaskToken", "End": true,
		"Parameters": {"name": "sibling", "token.$": "$$.Task.Token"}}}}]}}}');
SELECT workflow.start_execution('parallel', '{}', 'parallel') AS arn \gset
SELECT token_of('parallel') AS waiting, token_of('sibling') AS sibling \gset
SELECT workflow.send_task_failure(:'sibling', 'Sibling');
SELECT status, error FROM workflow.wait_for_execution(:'arn', '30 s');
SELECT workflow.send_task_success(:'waiting', '1');

-- human approval: a mail is sent, a person answers
CREATE FUNCTION send_approval_email(payload jsonb) RETURNS jsonb LANGUAGE sql AS
	$$ INSERT INTO kept (name, token) VALUES ('order ' || (payload ->> 'orderId'), payload ->> 'taskToken') RETURNING '{"sent": true}'::jsonb $$;
SELECT workflow.register_function('SendApprovalEmail', 'send_approval_email(jsonb)');
SELECT workflow.create_state_machine('human-approval', :'human_approval');
SELECT workflow.start_execution('human-approval', '{"orderId": 1}') AS arn1, workflow.start_execution('human-approval', '{"orderId": 2}') AS arn2 \gset
SELECT workflow.send_task_heartbeat(token_of('order 1'));
SELECT workflow.send_task_success(token_of('order 1'), '{"approved": true}'), workflow.send_task_success(token_of('order 2'), '{"approved": false}');
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn1', '30 s');
SELECT status, output, error, cause FROM workflow.wait_for_execution(:'arn2', '30 s');

-- migrate by event: the function starts a job, a trigger on its table says how it ended
CREATE TABLE job (id serial PRIMARY KEY, source text, token text, state text NOT NULL DEFAULT 'RUNNING', rows int);
CREATE FUNCTION start_migration(payload jsonb) RETURNS jsonb LANGUAGE sql AS
	$$ INSERT INTO job (source, token) VALUES (payload ->> 'source', payload ->> 'token') RETURNING jsonb_build_object('jobId', id) $$;
CREATE FUNCTION job_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state = 'SUCCEEDED' THEN
		PERFORM workflow.send_task_success(NEW.token, jsonb_build_object('rows', NEW.rows));
	ELSIF NEW.state = 'FAILED' THEN
		PERFORM workflow.send_task_failure(NEW.token, 'MigrationFailed', 'job ' || NEW.id);
	ELSE
		PERFORM workflow.send_task_heartbeat(NEW.token);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER job_changed AFTER UPDATE ON job FOR EACH ROW EXECUTE FUNCTION job_changed();
SELECT workflow.register_function('StartMigrationWithToken', 'start_migration(jsonb)');
SELECT workflow.create_state_machine('migrate-by-event', :'migrate_by_event');
SELECT workflow.start_execution('migrate-by-event', '{"source": "a"}') AS arn1, workflow.start_execution('migrate-by-event', '{"source": "b"}') AS arn2 \gset
DO $$ BEGIN WHILE (SELECT count(*) FROM job) < 2 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
UPDATE job SET rows = 100;
UPDATE job SET rows = 500, state = 'SUCCEEDED' WHERE source = 'a';
UPDATE job SET state = 'FAILED' WHERE source = 'b';
SELECT status, output FROM workflow.wait_for_execution(:'arn1', '30 s');
SELECT status, error, cause LIKE 'job %' AS cause FROM workflow.wait_for_execution(:'arn2', '30 s');
-- a job that has told its end is refused a second one, and the update with it
UPDATE job SET rows = 600 WHERE source = 'a';
SELECT source, rows FROM job WHERE source = 'a';

SELECT count(*) FROM workflow.task WHERE kind = 'token';
