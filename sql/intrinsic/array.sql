-- intrinsic functions on arrays
\pset format unaligned
\pset tuples_only on

SELECT workflow.intrinsic('States.Array()', '{}');
SELECT workflow.intrinsic('States.Array(1, -2.50, ''a'', true, false, null, $.x, States.Array())', '{"x": {"b": 1}}');

SELECT workflow.intrinsic('States.ArrayPartition($, 2)', '[0, 1, 2]');
SELECT workflow.intrinsic('States.ArrayPartition($, 5)', '[0]');
SELECT workflow.intrinsic('States.ArrayPartition($, 1.5)', '[0, 1, 2]');
SELECT workflow.intrinsic('States.ArrayPartition($, 2)', '[]');
SELECT workflow.intrinsic('States.ArrayPartition($, 0)', '[1]');
SELECT workflow.intrinsic('States.ArrayPartition(1, 1)', '[1]');

SELECT workflow.intrinsic('States.ArrayContains($, 2)', '[1, 2.0]');
SELECT workflow.intrinsic('States.ArrayContains($, ''2'')', '[1, 2]');
SELECT workflow.intrinsic('States.ArrayContains($.a, $.b)', '{"a": [{"x": 1, "y": []}], "b": {"y": [], "x": 1}}');
SELECT workflow.intrinsic('States.ArrayContains($, null)', '[]');

SELECT workflow.intrinsic('States.ArrayRange(1, 9, 2)', '{}');
SELECT workflow.intrinsic('States.ArrayRange(1, 9, 9)', '{}');
SELECT workflow.intrinsic('States.ArrayRange(9, 0, -3)', '{}');
SELECT workflow.intrinsic('States.ArrayRange(1, 0, 1)', '{}');
SELECT workflow.intrinsic('States.ArrayRange(0, 1, -1)', '{}');
SELECT workflow.intrinsic('States.ArrayRange(0.5, 2.4, 0.6)', '{}');
SELECT workflow.intrinsic('States.ArrayLength(States.ArrayRange(1, 1000, 1))', '{}');
SELECT workflow.intrinsic('States.ArrayRange(0, 1000, 1)', '{}');
SELECT workflow.intrinsic('States.ArrayRange(0, 1000, 0.4)', '{}');

SELECT workflow.intrinsic('States.ArrayGetItem($, 1)', '["a", {"b": 1}]');
SELECT workflow.intrinsic('States.ArrayGetItem($, 2)', '["a", {"b": 1}]');
SELECT workflow.intrinsic('States.ArrayGetItem($, -1)', '["a", {"b": 1}]');
SELECT workflow.intrinsic('States.ArrayGetItem($, 0.5)', '["a", {"b": 1}]');

SELECT workflow.intrinsic('States.ArrayLength($)', '[1, null]');
SELECT workflow.intrinsic('States.ArrayLength($.items[*].no)', '{"items": [1, 2]}');
SELECT workflow.intrinsic('States.ArrayLength($)', '{}');

SELECT workflow.intrinsic('States.ArrayUnique($)', '[1, 1.0, "1", null, null, true, {"a": 1, "b": 2}, {"b": 2, "a": 1.0}, [1], [1.00], [1, 1], {}]');
SELECT workflow.intrinsic('States.ArrayUnique($)', '[]');
SELECT json_array_length(workflow.intrinsic('States.ArrayUnique($)', json_agg(i % 5000))) FROM generate_series(1, 100000) i;
