-- what can go wrong in and around a Map state
\a \t

-- an iteration fails: uncaught, caught, tried again
SELECT engine_test.run('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops", "Cause": "why"}}}}}}', '[1, 2]');
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "C", "States": {
		"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "W"}, "W": {"Type": "Wait", "Seconds": 10, "End": true}, "F": {"Type": "Fail", "Error": "Oops"}}},
	"Catch": [{"ErrorEquals": ["Oops"], "ResultPath": "$[1]", "Next": "P"}]}, "P": {"Type": "Pass", "End": true}}} $asl$, '[1, 2, 3]');
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true,
	"ItemProcessor": {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"retries.$": "$"}, "End": true}}},
	"ItemSelector": {"n.$": "$$.State.RetryCount", "v.$": "$$.Map.Item.Value"}, "Retry": [{"ErrorEquals": ["Oops"]}]}}} $asl$,
	'["a", "b"]', '{"T": [{"Return": 1}, {"Throw": {"Error": "Oops"}}, {"Return": 2}, {"Return": 3}]}');
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops"}}},
	"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]}}} $asl$, '[1]');

-- what runs is cut, at all depths; what has ended is not
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "task", "Next": "T"}, {"Variable": "$", "StringEquals": "map", "Next": "I"}, {"Variable": "$", "StringEquals": "end", "Next": "S"}], "Default": "F"},
	"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "End": true},
	"I": {"Type": "Map", "ItemsPath": "$$.Execution.Input", "End": true, "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": true}}}},
	"S": {"Type": "Succeed"},
	"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "End": true}}}}}} $asl$,
	'["task", "map", "end", "fail"]', '{"T": {"Return": 1, "Seconds": 50}, "F": {"Throw": {"Error": "Oops"}, "Seconds": 5}}');
-- not started ones are spared
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true, "ItemProcessor": {"StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "TimeoutSeconds": 5, "End": true}}}}}} $asl$, '[1, 2, 3, 4]', '{"T": {"Silent": true}}');

-- the error of the innermost comes all the way out
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "N", "States": {
	"N": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Inner", "Cause": "deep"}}}}}},
	"Catch": [{"ErrorEquals": ["Inner"], "Next": "S"}]}, "S": {"Type": "Succeed"}}} $asl$, '[[1], [2]]');

-- a fault in an iteration ends the whole execution
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.no", "End": true}}},
	"Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}]}, "S": {"Type": "Succeed"}}} $asl$, '[{}, {}]');

-- items that are none
SELECT engine_test.run('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', '"text"');
SELECT engine_test.result(format('{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "%s", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', path), '{"a": {"b": 1}, "n": null}')
  FROM unnest(ARRAY['$.a.b', '$.n', '$.no', '$.a.no.x', '$$', '$$.State.Name', '$$.Execution.Input.a', '$$.No']) AS path;
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"v": 1}, "Next": "M"}, "M": {"Type": "Map", "ItemsPath": "$v", "End": true, "ItemProcessor": {"StartAt": "A1", "States": {"A1": {"Type": "Succeed"}}}}}}');

-- MaxConcurrencyPath: a number, or its text
SELECT value || ': ' || engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.i", "MaxConcurrencyPath": "$.c", "End": true, "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}}}}',
		jsonb_build_object('i', to_jsonb(array_fill(1, ARRAY[6])), 'c', value::jsonb))
  FROM unnest(ARRAY['2', '0', '"3"', '"+1"', '2147483647', '-1', '1.5', '1.0', '2147483648', '"x"', '""', '" 1"', 'true', 'null', '{}', '[1]']) AS value;
SELECT engine_test.run('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrencyPath": "$.c", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', '{"c": "two"}');
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrencyPath": "$.c", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', '{"a": 1}');

-- ItemSelector
SELECT engine_test.run('{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemSelector": {"x.$": "$$.Map.Item.Value.x"}, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', '[{"x": 1}, {"y": 2}]');
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemSelector": {"x.$": "$.x"}, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', '[1]');

-- sizes
SET workflow.aws_limits = on;
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemSelector": {"a.$": "$", "b.$": "$"}, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}', jsonb_build_array(repeat('x', 140000)));
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": true}}}}}}', jsonb_build_array(repeat('x', 100000), repeat('x', 100000)));
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}}', (SELECT jsonb_agg(n) FROM generate_series(1, 7000) n));
RESET workflow.aws_limits;

-- faults inside of a Map in a Map
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}], "ItemProcessor": {"StartAt": "N", "States": {
	"N": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}}, "S": {"Type": "Succeed"}}} $asl$, '[[1], 2]');
