-- executions in the database: sequences, choices and loops, with SQL tasks
\a \t
SET client_min_messages = warning;
SET ROLE regress_task;
CREATE TABLE task_test.entry (name text, n int);
CREATE FUNCTION task_test.add(name text, n int) RETURNS int LANGUAGE sql AS $$
	INSERT INTO task_test.entry VALUES (name, n) RETURNING n + 1
$$;

-- what an execution has done: events without times
CREATE FUNCTION task_test.events(arn text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', id, '<-', previous_id, type, state) FROM workflow.get_execution_history(arn) ORDER BY id
$$;

-- one after another: what a task gives is what the next one gets
SELECT workflow.create_state_machine('sequence', $asl$
{"StartAt": "A", "States": {
 "A": {"Type": "Task", "Resource": "sql:task_test.add", "Parameters": {"name": "a", "n.$": "$.n"}, "ResultPath": "$.n", "Next": "B"},
 "B": {"Type": "Pass", "Parameters": {"kept.$": "$.kept", "n.$": "$.n", "b": true}, "Next": "C"},
 "C": {"Type": "Task", "Resource": "sql:task_test.add", "Parameters": {"name": "c", "n.$": "$.n"}, "ResultPath": "$.c", "Next": "D"},
 "D": {"Type": "Succeed"}}}
$asl$);
SELECT workflow.start_execution('sequence', '{"n": 1, "kept": {"x": [1, 2.50, null]}}') AS arn \gset
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30s');
SELECT task_test.events(:'arn');
SELECT * FROM task_test.entry ORDER BY n;
TRUNCATE task_test.entry;

-- a loop over a task
SELECT workflow.create_state_machine('loop', $asl$
{"StartAt": "Next", "States": {
 "Next": {"Type": "Task", "Resource": "sql:task_test.add", "Parameters": {"name": "loop", "n.$": "$.n"}, "ResultPath": "$.n", "Next": "Enough?"},
 "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThanEqualsPath": "$.limit", "Next": "Done"}], "Default": "Next"},
 "Done": {"Type": "Pass", "Result": "done", "ResultPath": "$.end", "End": true}}}
$asl$);
SELECT workflow.start_execution('loop', '{"n": 0, "limit": 100}') AS arn \gset
SELECT status, output FROM workflow.wait_for_execution(:'arn', '30s');
SELECT count(*), count(DISTINCT n), min(n), max(n) FROM task_test.entry;
SELECT count(*), count(DISTINCT id), max(id) FROM workflow.get_execution_history(:'arn');

-- a loop that takes many turns: others go on meanwhile
SELECT workflow.create_state_machine('long', $asl$
{"StartAt": "Add", "States": {
 "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough?"},
 "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 3000, "Next": "Add"}], "Default": "Done"},
 "Done": {"Type": "Succeed"}}}
$asl$);
SELECT workflow.start_execution('long', '{"n": 0}') AS long \gset
SELECT workflow.start_execution('sequence', '{"n": 1, "kept": null}') AS arn \gset
SELECT status FROM workflow.wait_for_execution(:'arn', '30s');
SELECT status, output FROM workflow.wait_for_execution(:'long', '30s');
SELECT count(*), max(id) FROM workflow.get_execution_history(:'long');

-- many at once
SELECT count(workflow.start_execution('loop', '{"n": 97, "limit": 100}', 'many-' || i)) FROM generate_series(1, 200) AS i;
SELECT e.status, e.output, count(*)
  FROM generate_series(1, 200) AS i
 CROSS JOIN LATERAL workflow.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:loop:many-' || i, '60s') AS e
 GROUP BY 1, 2;
SELECT n, count(*) FROM task_test.entry WHERE n >= 97 AND name = 'loop' GROUP BY n ORDER BY n;

DROP TABLE task_test.entry CASCADE;
DROP FUNCTION task_test.add;
