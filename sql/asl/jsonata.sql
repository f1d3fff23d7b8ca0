-- expressions, as they are checked when a definition is
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.state(state text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition('{"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": ' || state || ', "E": {"Type": "Succeed"}}}')
     WHERE message NOT LIKE '%not reachable%'
$$;
CREATE FUNCTION pg_temp.expression(expression text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT pg_temp.state(jsonb_build_object('Type', 'Pass', 'End', true, 'Output', jsonb_build_object('x', '{% ' || expression || ' %}'))::text)
$$;

-- what is no JSONata, with JSONata's message
SELECT expression, pg_temp.expression(expression)
  FROM unnest(ARRAY['', '1 +', '(1', 'a[1,2)', '{"a":}', '$x :=', '"abc', '/abc', '$f(1', '1 2', '$map(x, function($a, b) {1})']) expression;

-- only what JSONata 2.0.6 knows
SELECT expression, pg_temp.expression(expression)
  FROM unnest(ARRAY['$states.input.a ?? 1', '$states.input.a ?: 1', '$states.input.a ? 1 : 2']) expression;

-- there is no input document
SELECT expression, pg_temp.expression(expression)
  FROM unnest(ARRAY['$', '$$', 'phone', 'phone.number', '*', '**.a', '[phone]', '{"a": phone}', '$map($states.input.a, function($x) { b })', '$sum(a)', '$$.a', '$x[$$.a = b]']) expression;
SELECT expression, pg_temp.expression(expression)
  FROM unnest(ARRAY['$states.input[$ > 3]', '$states.input.(a + b)', '$states.input^(price)', '$states.input{sku: price}', '$states.input.{"a": $}',
		'$states.input ~> |a|{"b": c}|', '$map($states.input, function($v) { $v.b })', '$states.input.a.%.b', '$x@$y.z', '$x := 1']) expression;

-- $states, by field
SELECT member, field, pg_temp.state(format('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "E", %s}',
		replace(field, '*', '{% $states.' || member || ' %}')))
  FROM unnest(ARRAY['input', 'context', 'result', 'errorOutput']) member,
	   unnest(ARRAY['"Arguments": {"a": ["*"]}', '"Output": {"a": ["*"]}', '"Assign": {"a": "*"}', '"TimeoutSeconds": "*"',
		'"Catch": [{"ErrorEquals": ["X"], "Next": "E", "Output": "*", "Assign": {"a": "*"}}]']) field;
SELECT pg_temp.state('{"Type": "Pass", "Next": "E", "Output": "{% $states.result %}", "Assign": {"x": "{% $states.errorOutput %}"}}');
SELECT pg_temp.state('{"Type": "Choice", "Default": "E", "Choices": [{"Condition": "{% $states.result.x %}", "Next": "E", "Output": "{% $states.result %}"}]}');
SELECT pg_temp.state('{"Type": "Map", "Items": "{% $states.result %}", "ItemSelector": "{% $states.result %}", "Output": "{% $states.result %}", "End": true,
	"ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}');
-- the whole of it is always there
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Output": ["{% $states %}", "{% $states.nothing %}", "{% $states[0].input %}", "{% ($s := $states; $s.result) %}"]}');

-- where expressions are, and where they are words
SELECT pg_temp.state('{"Type": "Fail", "Error": "{% a %}", "Cause": "{% b %}"}');
SELECT pg_temp.state('{"Type": "Wait", "Next": "E", "Seconds": "{% a %}", "Output": "{% b %}"}');
SELECT pg_temp.state('{"Type": "Wait", "Next": "E", "Timestamp": "{% a %}"}');
SELECT pg_temp.state('{"Type": "Map", "Items": "{% a %}", "MaxConcurrency": "{% b %}", "ToleratedFailureCount": "{% c %}", "ToleratedFailurePercentage": "{% d %}", "End": true,
	"ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "TimeoutSeconds": "{% a %}", "HeartbeatSeconds": "{% b %}", "Credentials": {"RoleArn": "{% c %}"}}');
SELECT pg_temp.state('{"Type": "Choice", "Default": "E", "Choices": [{"Condition": "{% a %}", "Next": "E", "Assign": {"x": "{% b %}"}}], "Output": ["{% c %}"]}');
SELECT pg_temp.state('{"Type": "Pass", "Comment": "{% a %}", "End": true, "Output": {"{% b %}": " {% c %}", "d.$": "{% 1 %} "}}');

-- variables that a state refers to; what looks like a function may be one
SELECT jsonb_pretty(workflow.api('DescribeStateMachine', jsonb_build_object('stateMachineArn', workflow.create_state_machine('references', $asl$ {
	"StartAt": "A", "States": {
		"A": {"Type": "Pass", "Assign": {"count": 1, "total.$": "$.t"}, "Next": "B"},
		"B": {"QueryLanguage": "JSONata", "Type": "Pass", "Output": ["{% $count + $sum($total.x) %}", "{% ($mine := 1; $mine + $other) %}", "{% $map($list, function($v) {$v + $b}) %}"], "Next": "C"},
		"C": {"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% $sum($states.input) %}", "Next": "D"},
		"D": {"Type": "Pass", "InputPath": "$count", "End": true}}} $asl$)))->'variableReferences');
