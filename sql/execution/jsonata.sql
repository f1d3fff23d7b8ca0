-- stored executions in JSONata
\a \t
SET client_min_messages = warning;

CREATE FUNCTION ja_outcome(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, output, error, cause) FROM workflow.wait_for_execution(arn, '60 s')
$$;
CREATE FUNCTION ja_add(input jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb((input->>'a')::int + (input->>'b')::int) $$;

-- a loop with a task, variables and a choice; what was stored in between is what it was
SELECT workflow.create_state_machine('ja_loop', $asl$ {"QueryLanguage": "JSONata", "StartAt": "Init", "States": {
	"Init": {"Type": "Pass", "Assign": {"sum": 0, "left": "{% $states.input.numbers %}", "big": 12345678901234567890.5}, "Next": "More"},
	"More": {"Type": "Choice", "Choices": [{"Condition": "{% $count($left) > 0 %}", "Next": "Add"}], "Default": "Done", "Output": {"sum": "{% $sum %}"}},
	"Add": {"Type": "Task", "Resource": "sql:public.ja_add", "Arguments": {"a": "{% $sum %}", "b": "{% $left[0] %}"},
		"Assign": {"sum": "{% $states.result %}", "left": "{% [$left[[1..$count($left)]]] %}"}, "Next": "Pause"},
	"Pause": {"Type": "Wait", "Seconds": 0, "Next": "More"},
	"Done": {"Type": "Succeed", "Output": {"sum": "{% $states.input.sum %}", "big": "{% $big %}", "name": "{% $states.context.Execution.Name %}"}}}} $asl$) AS machine \gset
SELECT workflow.start_execution('ja_loop', '{"numbers": [1, 2, 3, 4]}', 'one') AS arn \gset
SELECT ja_outcome(:'arn');
SELECT count(*), bool_and(id = n) FROM workflow.get_execution_history(:'arn') WITH ORDINALITY AS h(id, previous_id, at, type, state, details, n);

-- an expression that fails after the task has been done: the state is tried again, then caught
SELECT workflow.create_state_machine('ja_caught', $asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "sql:public.ja_add", "Output": "{% $states.result.nothing %}",
		"Retry": [{"ErrorEquals": ["States.QueryEvaluationError"], "IntervalSeconds": 1, "MaxAttempts": 1}],
		"Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Error & ' ' & $states.context.State.RetryCount %}", "Next": "S"}], "End": true},
	"S": {"Type": "Succeed"}}} $asl$) AS machine \gset
SELECT workflow.start_execution('ja_caught', '{"a": 1, "b": 2}') AS arn \gset
SELECT ja_outcome(:'arn');
SELECT id, previous_id, type, details->>'location' FROM workflow.get_execution_history(:'arn');

-- Map: items that come out otherwise each time are found once; an item that cannot be made cuts the others
ALTER DATABASE :DBNAME SET workflow.max_steps_per_turn = 7;
SELECT workflow.create_state_machine('ja_random', $asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "Items": "{% [1..90].$random() %}", "MaxConcurrency": 7, "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
		"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:public.ja_add", "Arguments": {"a": 1, "b": 1}, "Output": "{% $states.input %}", "Next": "P"},
			"P": {"Type": "Pass", "Output": "{% $states.input.v = $states.context.Map.Item.Value %}", "End": true}}},
		"Output": ["{% $count($states.result) %}", "{% $distinct($states.result) %}"], "End": true}}} $asl$) AS machine \gset
SELECT workflow.create_state_machine('ja_cut', $asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "Items": "{% $states.input %}", "MaxConcurrency": 2, "ItemSelector": "{% $states.context.Map.Item.Value < 3 ? $states.context.Map.Item.Value : $none %}",
		"ItemProcessor": {"StartAt": "C", "States": {
			"C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 1 %}", "Next": "W"}], "Default": "Q"},
			"Q": {"Type": "Succeed"}, "W": {"Type": "Wait", "Seconds": 1000, "End": true}}},
		"Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Error %}", "Next": "S"}], "End": true},
	"S": {"Type": "Succeed"}}} $asl$) AS machine \gset
SELECT workflow.start_execution('ja_random', '{}') AS random, workflow.start_execution('ja_cut', '[1, 2, 2, 3]') AS cut \gset
SELECT ja_outcome(:'random');
SELECT ja_outcome(:'cut');
SELECT type, count(*) FROM workflow.get_execution_history(:'cut') WHERE type LIKE 'Map%' OR type LIKE '%Failed' GROUP BY type ORDER BY type COLLATE "C";
ALTER DATABASE :DBNAME RESET workflow.max_steps_per_turn;

-- a distributed Map: what is wrong with an item fails the run, whoever finds it
SELECT workflow.create_state_machine('ja_batches', $asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "Items": "{% [1..5].(0 * $random() + $) %}", "MaxConcurrency": "{% 2 %}", "ToleratedFailurePercentage": "{% 10 %}",
		"ItemSelector": {"v": "{% $states.context.Map.Item.Value < $states.input ? $states.context.Map.Item.Value : $none %}"},
		"ItemBatcher": {"MaxItemsPerBatch": "{% 2 %}", "BatchInput": {"below": "{% $states.input %}"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {
			"P": {"Type": "Pass", "Output": "{% $sum($states.input.Items.v) + $states.input.BatchInput.below %}", "End": true}}},
		"Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Error %}", "Next": "Caught"}], "End": true},
	"Caught": {"Type": "Succeed"}}} $asl$) AS machine \gset
SELECT workflow.create_state_machine('ja_rows', $asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::sql:execute", "ReaderConfig": {"MaxItems": "{% 4 %}"},
			"Arguments": {"Statement": "SELECT n FROM generate_series(1, $1) n", "Parameters": ["{% 3 + 3 %}"]}},
		"ItemSelector": "{% $states.context.Map.Item.Value.n < $states.input ? $states.context.Map.Item.Value.n : $none %}",
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {
			"P": {"Type": "Pass", "Output": "{% $states.input * 2 %}", "End": true}}}, "End": true}}} $asl$) AS machine \gset
SELECT workflow.start_execution('ja_batches', '100') AS batches, workflow.start_execution('ja_batches', '4') AS no_batches,
	workflow.start_execution('ja_rows', '100') AS rows, workflow.start_execution('ja_rows', '3') AS no_rows \gset
SELECT ja_outcome(:'batches');
SELECT ja_outcome(:'no_batches');
SELECT ja_outcome(:'rows');
SELECT ja_outcome(:'no_rows');
SELECT id, previous_id, type FROM workflow.get_execution_history(:'no_rows');

-- expressions that would never end cost their execution, nobody else's; the settings of the database count
ALTER DATABASE :DBNAME SET workflow.jsonata_timeout = '100 ms';
SELECT pg_sleep(0.2);
SELECT workflow.create_state_machine('ja_run', '{"QueryLanguage": "JSONata", "StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [
		{"Condition": "{% $states.input = 1 %}", "Next": "Endless"}, {"Condition": "{% $states.input = 2 %}", "Next": "Deep"}, {"Condition": "{% $states.input = 3 %}", "Next": "Large"},
		{"Condition": "{% $states.input = 4 %}", "Next": "Regex"}, {"Condition": "{% $states.input = 5 %}", "Next": "String"}, {"Condition": "{% $states.input = 6 %}", "Next": "Nested"}], "Default": "Fine"},
	"Endless": {"Type": "Pass", "Output": "{% ($f := function($x) { $f($x + 1) }; $f(1)) %}", "End": true},
	"Deep": {"Type": "Pass", "Output": "{% ($f := function($x) { 1 + $f($x + 1) }; $f(1)) %}", "End": true},
	"Large": {"Type": "Pass", "Output": "{% [1..1e9] %}", "End": true},
	"Regex": {"Type": "Pass", "Output": "{% $match($pad('''', 50, ''a'') & ''!'', /^(a+)+$/) %}", "End": true},
	"String": {"Type": "Pass", "Output": "{% $reduce([1..64], function($s, $i) { $s & $s }, ''x'') %}", "End": true},
	"Nested": {"Type": "Pass", "Output": "{% $reduce([1..100000], function($a, $b) { {''a'': $a} }, 1) %}", "End": true},
	"Fine": {"Type": "Pass", "Output": "fine", "End": true}}}') AS machine \gset
SELECT count(workflow.start_execution('ja_run', to_jsonb(n))) FROM generate_series(1, 7) n;
SELECT w.input, w.status, w.error, regexp_replace(w.cause, '^.*(during evaluation|returned)', '...') AS cause
  FROM workflow.list_executions('ja_run') l, workflow.wait_for_execution(l.execution_arn, '30 s') w
 ORDER BY w.input;
ALTER DATABASE :DBNAME RESET workflow.jsonata_timeout;
