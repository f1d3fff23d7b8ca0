-- the Pass state
\a \t

-- its output is its input
SELECT engine_test.run('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', '{"x": 1}');

-- or its Result, taken as it is
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"y.$": "$.x", "z": null}, "End": true}}}',
						  '{"x": 1}');
SELECT engine_test.result(format('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": %s, "End": true}}}', r), '{"x": 1}')
  FROM unnest(ARRAY['5', 'null', 'true', '"text"', '[1, 2]', '1.50']) r;

-- or what Parameters make of it
SELECT engine_test.result($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass",
	"Parameters": {"fixed": 1, "x.$": "$.x", "deep": {"all.$": "$"}, "sum.$": "States.MathAdd($.x, 1)"}, "End": true}}} $asl$,
	'{"x": 1}');

-- there, and there only, an index past the end of an array leads to null
SELECT engine_test.result(format($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass", %s, "End": true}}} $asl$, fields),
						  '{"c": [[10], 20]}')
  FROM unnest(ARRAY[
	'"Parameters": {"x.$": "$.c[2]", "y.$": "$.c[0][1]", "z.$": "$.c[1]"}',
	'"Parameters": {"x.$": "$.c[2].a"}',
	'"Parameters": {"x.$": "$.c[1][0]"}',
	'"Parameters": {"x.$": "States.Array($.c[2])"}',
	'"InputPath": "$.c[2]"']) fields;

-- InputPath, ResultPath and OutputPath
SELECT engine_test.result(format($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass", %s, "End": true}}} $asl$, fields),
						  '{"a": {"b": 1}, "c": [10, 20, 30]}')
  FROM unnest(ARRAY[
	'"InputPath": "$.a"',
	'"InputPath": "$.c[1]"',
	'"InputPath": "$.c[1:]"',
	'"InputPath": null',
	'"OutputPath": "$.a.b"',
	'"OutputPath": null',
	'"ResultPath": null',
	'"ResultPath": "$.r"',
	'"ResultPath": "$.a.r.s"',
	'"ResultPath": "$.c[0]"',
	'"InputPath": "$.a", "ResultPath": "$.r"',
	'"InputPath": "$.a", "ResultPath": "$.r", "OutputPath": "$.r"',
	'"InputPath": "$.a", "Parameters": {"x.$": "$.b"}, "ResultPath": "$.r"',
	'"Result": {"b": 2}, "ResultPath": "$.a"']) fields;

-- paths that lead nowhere end the execution
SELECT engine_test.run('{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.x", "End": true}}}');
SELECT engine_test.result(format($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass", %s, "End": true}}} $asl$, fields), '{"a": 1}')
  FROM unnest(ARRAY[
	'"OutputPath": "$.x.y"',
	'"ResultPath": "$.a.b"',
	'"Parameters": {"x.$": "$.no"}']) fields;

-- one after another, the output of each being the input of the next
SELECT engine_test.run($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Result": 1, "ResultPath": "$.a", "Next": "B"},
	"B": {"Type": "Pass", "Result": 2, "ResultPath": "$.b", "Next": "C"},
	"C": {"Type": "Succeed", "OutputPath": "$.b"}}} $asl$);

-- any JSON value can be the input
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', input)
  FROM unnest(ARRAY['5', 'null', 'true', '"text"', '[1, 2]']::jsonb[]) input;

-- paths into an input of null find nothing, and no "$" in a template or a rule does; without a path it passes
SELECT state, engine_test.result(format('{"StartAt": "A", "States": {"A": %s, "B": {"Type": "Succeed"}}}', state), 'null')
  FROM unnest(ARRAY[
	'{"Type": "Pass", "Next": "B"}',
	'{"Type": "Pass", "Next": "B", "InputPath": "$", "OutputPath": "$"}',
	'{"Type": "Pass", "Next": "B", "InputPath": "$.a"}',
	'{"Type": "Pass", "Next": "B", "Parameters": {"a.$": "$"}}',
	'{"Type": "Pass", "Next": "B", "Parameters": {"a.$": "$.a"}}',
	'{"Type": "Pass", "Next": "B", "Parameters": {"a.$": "States.Format(''{}'', $.a)"}}',
	'{"Type": "Choice", "Choices": [{"Variable": "$", "IsString": true, "Next": "B"}], "Default": "B"}',
	'{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "B"}], "Default": "B"}',
	'{"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": true, "Next": "B"}]}']) state;

-- nor does an index find anything in what is no array, and says so
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"a.$": "$.x[0]"}, "End": true}}}', '{"x": 1}');
