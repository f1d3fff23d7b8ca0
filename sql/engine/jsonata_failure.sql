-- expressions that cannot be evaluated
\a \t

CREATE FUNCTION pg_temp.cause(expression text, field text DEFAULT '"Output": {"r": "*"}', type text DEFAULT 'Pass') RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(cause, '^An error .* #2[)][.] ', '') FROM workflow.simulate(format('{"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": {"Type": "%s", %s}}}', type,
		replace(field || CASE WHEN type = 'Fail' THEN '' ELSE ', "End": true' END, '*', '{% ' || replace(expression, '"', '\"') || ' %}')), '{"a": 1}')
$$;

-- every kind of cause
SELECT pg_temp.cause(expression)
  FROM unnest(ARRAY['$unknown', '$states.input.b', '1 + "x"', '$f(1)', '$eval("1")', '$error("mine")', '$assert(false, "mine")', 'function($x) { $x }', '$sum', '[$sum]', '{"f": $sum}',
		'$parse("{")', '$range(1, 2)', '$partition([], 1)', '$hash("a", "md5")', '$number("x")']) expression;

-- of another type than the field has
SELECT pg_temp.cause(expression, '"Seconds": "*"', 'Wait') FROM unnest(ARRAY['"1"', '1.5', '-1', '100000000', 'null', '[1]', '{"a": true}', '$none']) expression;
SELECT pg_temp.cause(expression, '"Timestamp": "*"', 'Wait') FROM unnest(ARRAY['1', '"2016-12-05 21:29:29Z"', '"2016-13-05T21:29:29Z"']) expression;
SELECT pg_temp.cause(expression, '"Error": "*"', 'Fail') FROM unnest(ARRAY['1', 'null', '$none']) expression;
SELECT pg_temp.cause(expression, '"Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSeconds": "*"', 'Task') FROM unnest(ARRAY['true', '0.5', '-3']) expression;
SELECT pg_temp.cause(expression, '"Items": "*", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}', 'Map') FROM unnest(ARRAY['1', '{"a": 1}', '"s"', 'null']) expression;
SELECT pg_temp.cause(expression, '"Items": [1], "MaxConcurrency": "*", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}', 'Map') FROM unnest(ARRAY['"1"', '1.5', '-1']) expression;
SELECT engine_test.run('{"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}}}}', '{"not": "an array"}');
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [
	{"Condition": false, "Next": "S"}, {"Condition": "{% $states.input.a %}", "Next": "S"}]}, "S": {"Type": "Succeed"}}} $asl$, '{"a": 1}');

-- a state that has retriers and catchers gives it to them; the task is not called
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Arguments": "{% $states.context.State.RetryCount = 2 ? 'third' : $none %}",
		"Retry": [{"ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 2}], "End": true}}} $asl$, '{}', '{"T": {"Return": 1}}');
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Output": "{% $states.result.x %}",
		"Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "End": true},
	"S": {"Type": "Succeed"}}} $asl$, '{}', '{"T": {"Return": {"y": 1}}}');

-- a catcher that cannot be evaluated is the end of it
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
		"Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Nothing %}", "Next": "S"}], "End": true},
	"S": {"Type": "Succeed"}}} $asl$, '{}', '{"T": {"Throw": {"Error": "E"}}}');

-- inside a branch or an iteration it is theirs, and can be caught around it
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "P", "States": {
	"P": {"Type": "Parallel", "End": true, "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Error %}", "Next": "S"}], "Branches": [
		{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}},
		{"StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $none %}", "End": true}}}]},
	"S": {"Type": "Succeed"}}} $asl$);
-- an item that cannot be made, while others run
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "Items": [1, 2, 0], "ItemSelector": "{% 'x' = $states.context.Map.Item.Value ? 0 : $states.context.Map.Item.Value > 0 ? 1 : $none %}",
		"ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}},
		"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "End": true},
	"S": {"Type": "Succeed", "Output": "{% $states.input.Error %}"}}} $asl$);
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "Items": [1], "Output": "{% $none %}", "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}, "End": true}}} $asl$);
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "P", "States": {
	"P": {"Type": "Parallel", "Arguments": "{% $none %}", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}], "End": true}}} $asl$);
