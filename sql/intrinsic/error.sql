-- calls that fail (WF203, WF201), and texts that are no call (WF204)
\pset format unaligned
\pset tuples_only on

-- the whole expression is named, as it was written
SELECT workflow.intrinsic('States.ArrayGetItem($, 3)', '[1]');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.intrinsic('States.Format(''{}'',States.ArrayGetItem( $,3 ))', '[1]');
-- an argument that is not there
SELECT workflow.intrinsic('States.Format(''{} {}'', $.other, $.a.b)', '{"other": 1}');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.intrinsic('States.Format(''{}'', $.items[5])', '{"items": [1, 2]}');
SELECT workflow.intrinsic('States.Format(''{}'', $.other[0])', '{"other": 1}');
SELECT workflow.intrinsic('States.Format(''{}'', $$.Execution.Name)', '{"other": 1}');
SELECT workflow.intrinsic('States.Format(''{}'', $name)', '{"other": 1}');

-- no calls
SELECT workflow.intrinsic('', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.intrinsic('States.format(''x'')', '{}');
SELECT workflow.intrinsic('States.Array', '{}');
SELECT workflow.intrinsic('States.Array(', '{}');
SELECT workflow.intrinsic('States.Array(1', '{}');
SELECT workflow.intrinsic('States.Array(1,)', '{}');
SELECT workflow.intrinsic('States.Array(1 2)', '{}');
SELECT workflow.intrinsic('States.Array(x)', '{}');
SELECT workflow.intrinsic('States.Array("x")', '{}');
SELECT workflow.intrinsic('States.Array([1])', '{}');
SELECT workflow.intrinsic('States.Array(''x)', '{}');
SELECT workflow.intrinsic('States.Array($.)', '{}');
SELECT workflow.intrinsic('States.Array(Stately())', '{}');
SELECT workflow.intrinsic('States.Array()[0]', '{}');
SELECT workflow.intrinsic('States.UUID(1)', '{}');
SELECT workflow.intrinsic('States.Hash(''x'')', '{}');
SELECT workflow.intrinsic('States.StringToJson(''{"text":"An \"escaped double quote\" here"}'')', '{}');
SELECT workflow.intrinsic(repeat('States.Array(', 11) || repeat(')', 11), '{}');
\echo :LAST_ERROR_SQLSTATE

-- up to ten in each other, blanks wherever one likes, paths with commas and parentheses
SELECT workflow.intrinsic(repeat('States.Array(', 10) || repeat(')', 10), '{}');
SELECT workflow.intrinsic(E'States.Array( 1 ,\n\t''a'' , $.x )', '{"x": 2}');
SELECT workflow.intrinsic('States.Array($[''a,b)''], $.l[?(@.v == ''(,]'')].v)', '{"a,b)": 1, "l": [{"v": "(,]"}]}');
