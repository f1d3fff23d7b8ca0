-- A copy is suspended until resume(); what check() says
\pset format unaligned

SELECT item, status FROM workflow.check() ORDER BY item;
SELECT count(*) FROM workflow.instance;

-- as a restore does it
BEGIN;
INSERT INTO workflow.instance (system_identifier, database_oid, since) VALUES (1, 2, '2020-01-01');
SELECT system_identifier, database_oid FROM workflow.instance;
SELECT item, status, detail, hint FROM workflow.check() WHERE item = 'instance';
SELECT workflow.create_state_machine('copied', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT workflow.start_execution('copied', name => 'e') FROM generate_series(1, 3);
SELECT waits_for FROM workflow.pending WHERE state_machine = 'copied';

SELECT workflow.resume();
SELECT item, status FROM workflow.check() WHERE item = 'instance';
SELECT waits_for FROM workflow.pending WHERE state_machine = 'copied';
COMMIT;
SELECT status FROM workflow.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:copied:e', '30s');
SELECT workflow.delete_state_machine('copied');

SELECT * FROM workflow.error_code ORDER BY sqlstate;
SELECT DISTINCT kind FROM workflow.worker WHERE kind <> 'runner' ORDER BY kind;
