-- the inline Map state: its events, what goes in and what comes out
\a \t

-- one item at a time; all at once; as many as MaxConcurrency says
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "Next": "S",
	"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}, "S": {"Type": "Succeed"}}} $asl$, '["a", "b", "c"]');
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"Iterator": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$, '["a", "b", "c"]');
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 2, "End": true,
	"ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}} $asl$, '[30, 10, 10, 5]');
-- nothing to do
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": "$.results", "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$, '{"items": []}');

-- results in the order of the items
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}} $asl$, '[3, 1, 2, 5, 4]');

-- what goes in and what comes out
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "InputPath": "$.in", "ItemsPath": "$.items",
	"ItemSelector": {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.all", "state.$": "$$.State.Name", "item.$": "$$.Map.Item", "fixed": {"x": [1]}},
	"ResultSelector": {"first.$": "$[0]", "count.$": "States.ArrayLength($)"}, "ResultPath": "$.out", "OutputPath": "$.out", "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$,
	'{"in": {"items": [10, 20], "all": "every"}}');
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "Parameters": {"v.$": "States.Format('{}-{}', $$.Map.Item.Index, $$.Map.Item.Value)"}, "End": true,
	"Iterator": {"StartAt": "A", "States": {"A": {"Type": "Pass", "OutputPath": "$.v", "End": true}}}}}} $asl$, '["a", "b"]');
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$$.Execution.Input.list", "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$, '{"list": [null, true, {"a": [1.50]}, "x"]}');

-- the context object shows the item inside, also in a Parallel; in a Map in a Map it is the inner one's
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P", "States": {
	"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$$.Map.Item", "End": true}}}]}}}}}} $asl$, '["a", "b"]');
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "N", "States": {
	"N": {"Type": "Map", "ItemSelector": {"inner.$": "$$.Map.Item.Value", "of.$": "$"}, "Next": "O", "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index", "in.$": "$"}, "End": true}}}},
	"O": {"Type": "Pass", "Parameters": {"outer.$": "$$.Map.Item.Index", "results.$": "$"}, "End": true}}}}}} $asl$, '[["a", "b"], [], ["c"]]');
-- outside of a Map there is none
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$$.Map.Item", "End": true}}}');

-- objects: a pair for each member, in jsonb's order
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$, '{"b": 1, "aa": {"x": 2}, "a": 3}');
SELECT engine_test.result($asl$ {"StartAt": "R", "States": {"R": {"Type": "Pass", "Result": {"o": {"b": 1, "aa": {"x": 2}, "a": 3}}, "Next": "M"}, "M": {"Type": "Map", "ItemsPath": "$.o",
	"ItemSelector": {"key.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index"}, "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"seen.$": "$$.Map.Item.Key", "in.$": "$"}, "End": true}}}}}} $asl$);
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$, '{}');
-- of an array there is no key
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemSelector": {"key.$": "$$.Map.Item.Key"}, "End": true,
	"ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}} $asl$, '[1]');

-- variables: outer ones are read, an iteration's own are nobody else's
SELECT engine_test.run($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"list": [1, 2], "limit": "1", "word": "x"}, "Next": "M"},
	"M": {"Type": "Map", "ItemsPath": "$list", "MaxConcurrencyPath": "$limit", "ItemSelector": {"w.$": "$word", "n.$": "$$.Map.Item.Value"},
		"Assign": {"sum.$": "States.ArrayLength($)", "word": "y"}, "Next": "Z",
		"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"own.$": "$.n"}, "Next": "J"}, "J": {"Type": "Pass", "Parameters": {"own.$": "$own", "word.$": "$word"}, "End": true}}}},
	"Z": {"Type": "Pass", "Parameters": {"sum.$": "$sum", "word.$": "$word"}, "End": true}}} $asl$);
SELECT engine_test.result($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "Next": "Z",
		"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"own.$": "$"}, "End": true}}}},
	"Z": {"Type": "Pass", "Parameters": {"own.$": "$own"}, "End": true}}} $asl$, '[1]');

-- a Map in a Map
SELECT engine_test.run($asl$ {"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {"StartAt": "N", "States": {
	"N": {"Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}}}}} $asl$, '[[1, 2], [3]]');

-- many, and never more than MaxConcurrency at a time
SELECT status, jsonb_array_length(output), output->0, output->9999, jsonb_array_length(history)
  FROM workflow.simulate('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}}}}',
	(SELECT jsonb_agg(n) FROM generate_series(1, 10000) n), '{}', 1000000);
SELECT status, output = to_jsonb(array_fill(1, ARRAY[1000])), duration
  FROM (VALUES (7), (40), (41), (100), (0)) AS v(n),
	workflow.simulate(format('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": %s, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": true}}}}}}', n),
	to_jsonb(array_fill(1, ARRAY[1000])), '{}', 1000000)
 ORDER BY n;
-- AWS runs at most 40
SET workflow.aws_limits = on;
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 100, "ResultPath": null, "ItemsPath": "$.i", "OutputPath": "$.o", "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": true}}}}}}',
	jsonb_build_object('i', to_jsonb(array_fill(1, ARRAY[200])), 'o', 1));
RESET workflow.aws_limits;
-- a whole number, however it is written
SELECT engine_test.result('{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1.0, "End": true, "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": true}}}}}}', '[1, 2]');
