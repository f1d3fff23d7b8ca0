-- states in JSONata
\a \t

-- input, output and variables; what an Assign reads is older than it
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"x": "{% $states.input.a * 2 %}", "list": ["{% $states.input.a %}", "text", {"deep": "{% 'er' %}"}]}, "Next": "B"},
	"B": {"Type": "Pass", "Assign": {"x": 0, "old": "{% $x %}"}, "Output": {"x": "{% $x %}", "list": "{% $list %}"}, "Next": "C"},
	"C": {"Type": "Succeed", "Output": ["{% $x %}", "{% $old %}", "{% $states.input.list[2].deep %}"]}}} $asl$, '{"a": 21}');

-- each type by its default
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "P", "States": {
	"P": {"Type": "Pass", "Next": "W"},
	"W": {"Type": "Wait", "Seconds": 1, "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Condition": true, "Next": "S"}]},
	"S": {"Type": "Succeed"}}} $asl$, '{"a": 1}');

-- a task: Arguments, its result, what it is called with
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSeconds": "{% $states.input.t %}", "HeartbeatSeconds": "{% 2 %}",
		"Credentials": {"RoleArn": "{% 'arn:aws:iam::000000000000:role/' & $states.input.role %}"},
		"Arguments": {"n": "{% $states.input.n + 1 %}", "who": "{% $states.context.State.Name %}"},
		"Output": {"in": "{% $states.input.n %}", "out": "{% $states.result.r[] %}"}, "Assign": {"r": "{% $states.result.r %}"}, "End": true}}} $asl$,
	'{"n": 1, "t": 9, "role": "R"}', '{"T": {"Return": {"r": 5}}}');
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}} $asl$, '{"n": 1}', '{"T": {"Return": {"r": 5}}}');

-- the token can be seen in Arguments
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Arguments": {"FunctionName": "f", "Payload": {"has": "{% $exists($states.context.Task.Token) %}"}}, "Assign": {"has": "{% $exists($states.context.Task) %}"}, "Next": "S"},
	"S": {"Type": "Succeed", "Output": "{% $has %}"}}} $asl$, '{}', '{"T": {"Return": 1}}');

-- a catcher: errorOutput and the state's input
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Assign": {"e": "not"}, "Output": 1, "Catch": [
		{"ErrorEquals": ["Other"], "Next": "S"},
		{"ErrorEquals": ["Oops"], "Output": {"e": "{% $states.errorOutput %}", "in": "{% $states.input %}"}, "Assign": {"e": "{% $states.errorOutput.Cause %}"}, "Next": "S"}], "End": true},
	"S": {"Type": "Succeed", "Output": ["{% $e %}", "{% $states.input %}"]}}} $asl$, '{"n": 1}', '{"T": {"Throw": {"Error": "Oops", "Cause": "why"}}}');
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "End": true},
	"S": {"Type": "Succeed"}}} $asl$, '{"n": 1}', '{"T": {"Throw": {"Error": "Oops", "Cause": "why"}}}');

-- Choice: a rule's own Assign and Output, or the state's
SELECT a, engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "C", "States": {
	"C": {"Type": "Choice", "Output": "none", "Assign": {"v": 0}, "Default": "S", "Choices": [
		{"Condition": "{% $states.input.a > 10 %}", "Next": "S", "Output": {"large": "{% $states.input.a %}"}, "Assign": {"v": 1}},
		{"Condition": "{% $states.input.a > 5 %}", "Next": "S", "Assign": {"v": "{% $states.input.a %}"}},
		{"Condition": false, "Next": "S"}]},
	"S": {"Type": "Succeed", "Output": ["{% $v %}", "{% $states.input %}"]}}} $asl$, jsonb_build_object('a', a))
  FROM unnest(ARRAY[20, 7, 1]) a;

-- Wait and Fail
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": "{% $states.input.s * 2 %}", "Output": "{% $states.context.State.Name %}", "End": true}}} $asl$, '{"s": 30}');
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "{% $fromMillis($millis() + 5000) %}", "End": true}}} $asl$) ~ 'after [45]';
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "{% $states.input.e %}", "Cause": "{% 'no ' & $states.input.c %}"}}} $asl$, '{"e": "E", "c": "way"}');

-- Parallel: Arguments for all branches, variables around them
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"outer": 5}, "Next": "P"},
	"P": {"Type": "Parallel", "Arguments": {"n": "{% $states.input.n %}"}, "Output": {"sum": "{% $sum($states.result) %}", "in": "{% $states.input %}"}, "Next": "S", "Branches": [
		{"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"inner": "{% $outer + 1 %}"}, "Next": "B2"}, "B2": {"Type": "Pass", "Output": "{% $inner + $states.input.n %}", "End": true}}},
		{"StartAt": "C", "States": {"C": {"Type": "Pass", "Output": "{% $states.input.n %}", "End": true}}}]},
	"S": {"Type": "Succeed"}}} $asl$, '{"n": 100, "m": 2}');

-- Map: Items, ItemSelector with the item in the context
SELECT engine_test.run($asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", "Items": "{% $states.input.n[$ > 1] %}", "MaxConcurrency": "{% 1 %}",
		"ItemSelector": {"v": "{% $states.context.Map.Item.Value * 10 %}", "i": "{% $states.context.Map.Item.Index %}", "all": "{% $count($states.input.n) %}"},
		"ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Output": "{% $states.input.v + $states.context.Map.Item.Value %}", "End": true}}},
		"Output": "{% $states.result ~> $sum %}", "End": true}}} $asl$, '{"n": [1, 2, 3]}');
SELECT items, engine_test.result(format($asl$ {"QueryLanguage": "JSONata", "StartAt": "M", "States": {
	"M": {"Type": "Map", %s "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}}} $asl$, items), '[1, 2]')
  FROM unnest(ARRAY['', '"Items": [3, "{% 4 %}"],', '"Items": {"a": 5},', '"Items": "{% [6..8] %}",', '"Items": "{% [] %}",']) items;

-- both languages share data and variables
SELECT engine_test.result($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"x.$": "$.a"}, "Next": "B"},
	"B": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"y": "{% $x + 1 %}"}, "Output": {"b": "{% $states.input.a %}"}, "Next": "C"},
	"C": {"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y", "b.$": "$.b", "text": "{% $x %}"}, "End": true}}} $asl$, '{"a": 1}');

-- a variable hides the function of its name
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"count": 41}, "Next": "B"},
	"B": {"Type": "Pass", "Output": "{% $count + $sum([1]) %}", "End": true}}} $asl$);

-- what is text, what is a number; what is no finite one
SELECT engine_test.result($asl$ {"QueryLanguage": "JSONata", "StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"inf": "{% -1/0 %}"}, "Output": [" {% 1 %}", "% 1 %}", {"k.$": "$", "{% 1 %}": 1}, "{%1%}", "{%\n\t'x'\n%}", "{% null %}", "{% 1e2 %}", "{% 12345678901234567890 %}", "{% [1/0, {'n': 0/0}] %}"], "Next": "B"},
	"B": {"Type": "Pass", "Output": ["{% $states.input %}", "{% $type($inf) %}"], "End": true}}} $asl$);

-- $states as a whole, in a result and in a catcher
SELECT jsonb_path_query_array(output, '$.keyvalue().key') FROM workflow.simulate($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Output": "{% $states %}", "End": true}}} $asl$, '{}', '{"T": {"Return": 1}}');
SELECT jsonb_path_query_array(output, '$.keyvalue().key') FROM workflow.simulate($asl$ {"QueryLanguage": "JSONata", "StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states %}", "Next": "S"}], "End": true},
	"S": {"Type": "Succeed"}}} $asl$, '{}', '{"T": {"Throw": {"Error": "E"}}}');
