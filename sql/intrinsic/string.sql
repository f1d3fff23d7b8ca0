-- intrinsic functions on strings, JSON and numbers
\pset format unaligned
\pset tuples_only on

-- Format
SELECT workflow.intrinsic('States.Format(''Hello {}, welcome to {}!'', $.name, ''Bern'')', '{"name": "Ana"}');
SELECT workflow.intrinsic('States.Format($.template, 1.10)', '{"template": "n={}"}');
SELECT workflow.intrinsic('States.Format(''{} {} {} {}'', null, true, 1.1, '''')', '{}');
SELECT workflow.intrinsic('States.Format(''{}'', $)', '{"Arg1": 1, "Arg2": [], "Arg3": {"x": null, "y": "z"}}');
SELECT workflow.intrinsic('States.Format(''\{"a": {}, \''b\'': \\\}'', 1)', '{}');
SELECT workflow.intrinsic('States.Format(''plain'')', '{}');
SELECT workflow.intrinsic('States.Format(''{} {}'', 1)', '{}');
SELECT workflow.intrinsic('States.Format(''{}'', 1, 2)', '{}');
SELECT workflow.intrinsic('States.Format(1)', '{}');

-- StringSplit
SELECT workflow.intrinsic('States.StringSplit($.s, $.d)', '{"s": "This.is+a,test=string", "d": ".+,="}');
SELECT workflow.intrinsic('States.StringSplit('', , ,'', '','')', '{}');
SELECT workflow.intrinsic('States.StringSplit('',,,,'', '','')', '{}');
SELECT workflow.intrinsic('States.StringSplit(''abc'', '''')', '{}');
SELECT workflow.intrinsic('States.StringSplit('''', '','')', '{}');
SELECT workflow.intrinsic(E'States.StringSplit(''Hello\nWorld'', ''\n'')', '{}');
SELECT workflow.intrinsic('States.StringSplit(''a😀b😁c'', ''😀'')', '{}');
SELECT workflow.intrinsic('States.StringSplit(1, '','')', '{}');

-- Base64
SELECT workflow.intrinsic('States.Base64Encode(''Data to encode'')', '{}');
SELECT workflow.intrinsic('States.Base64Encode('''')', '{}');
SELECT workflow.intrinsic('States.Base64Encode(''ñ😀'')', '{}');
SELECT workflow.intrinsic('States.Base64Decode(''RGF0YSB0byBlbmNvZGU='')', '{}');
SELECT workflow.intrinsic('States.Base64Decode(''RGF0YSB0byBlbmNvZGU'')', '{}');
SELECT workflow.intrinsic('States.Base64Decode(''w7Hwn5iA'')', '{}');
SELECT workflow.intrinsic('States.Base64Decode(''/0H/'')', '{}');
SELECT workflow.intrinsic('States.Base64Decode(''not base64!'')', '{}');
SELECT length(workflow.intrinsic('States.Base64Encode($)', to_json(repeat('a', 10000)))::text);
SELECT length(workflow.intrinsic('States.Base64Encode($)', to_json(repeat('😀', 10000)))::text);
SELECT workflow.intrinsic('States.ArrayLength(States.Array(States.Base64Encode($)))', to_json(repeat('', 10001)));
\set VERBOSITY sqlstate
SELECT workflow.intrinsic('States.Base64Encode($)', to_json(repeat('a', 10001)));
\set VERBOSITY default

-- Hash
SELECT workflow.intrinsic('States.Hash(''input data'', ''MD5'')', '{}');
SELECT workflow.intrinsic('States.Hash(''input data'', ''SHA-1'')', '{}');
SELECT workflow.intrinsic('States.Hash(''input data'', ''SHA-256'')', '{}');
SELECT workflow.intrinsic('States.Hash(''input data'', ''SHA-384'')', '{}');
SELECT workflow.intrinsic('States.Hash(''input data'', ''SHA-512'')', '{}');
SELECT workflow.intrinsic('States.Hash(''input data'', ''sha-256'')', '{}');
SELECT workflow.intrinsic('States.Hash(1, ''MD5'')', '{}');

-- JSON
SELECT workflow.intrinsic('States.JsonToString($)', '{"z": 1, "a": [1.50, "x\ny", null]}');
SELECT workflow.intrinsic('States.JsonToString(''text'')', '{}');
SELECT workflow.intrinsic('States.StringToJson(''{"z": 1, "a": [1.50, null]}'')', '{}');
SELECT workflow.intrinsic('States.StringToJson('' '')', '{}');
SELECT workflow.intrinsic('States.StringToJson(''-0'')', '{}');
SELECT workflow.intrinsic('States.StringToJson(''{"a": }'')', '{}');
SELECT workflow.intrinsic('States.StringToJson($)', '{}');
SELECT workflow.intrinsic('States.JsonMerge($.a, $.b, false)', '{"a": {"a": {"a1": 1}, "b": 2, "d": 3}, "b": {"a": {"a3": 1}, "c": 3, "d": 4}}');
SELECT workflow.intrinsic('States.JsonMerge($.a, $.b, false)', '{"a": {"QueueUrl": 1, "MessageBody": 2}, "b": {"Iterations": 3, "Values": 4}}');
SELECT workflow.intrinsic('States.JsonMerge($, $, true)', '{}');
SELECT workflow.intrinsic('States.JsonMerge($, 1, false)', '{}');

-- numbers
SELECT workflow.intrinsic('States.MathAdd(111, -1)', '{}');
SELECT workflow.intrinsic('States.MathAdd(-1.5, 0)', '{}'), workflow.intrinsic('States.MathAdd(-2.5, 0)', '{}'), workflow.intrinsic('States.MathAdd(2.5, 0)', '{}');
SELECT workflow.intrinsic('States.MathAdd(-1.49, -1.5)', '{}'), workflow.intrinsic('States.MathAdd(-1.5, -1.51)', '{}'), workflow.intrinsic('States.MathAdd(-0.5, 0)', '{}');
SELECT workflow.intrinsic('States.MathAdd(2147483647, 2147483647)', '{}');
SELECT workflow.intrinsic('States.MathAdd(0.49999999999999994, 0)', '{}'), workflow.intrinsic('States.MathAdd(-0.50000000000000001, 1)', '{}');
SELECT workflow.intrinsic('States.MathAdd(2147483648, 0)', '{}');
SELECT workflow.intrinsic('States.MathAdd(''1'', 0)', '{}');
SELECT workflow.intrinsic('States.MathRandom(1, 100, 42)', '{}'), workflow.intrinsic('States.MathRandom(1, 100, 42)', '{}');
SELECT workflow.intrinsic('States.MathRandom(0, 16, 42)', '{}'), workflow.intrinsic('States.MathRandom(-2147483648, 2147483647, 42)', '{}');
SELECT workflow.intrinsic('States.MathRandom(7.5, 8.5)', '{}');
SELECT min(n), max(n), count(DISTINCT n) FROM (SELECT workflow.intrinsic('States.MathRandom(-3, 3)', '{}')::text::int AS n FROM generate_series(1, 1000)) AS r;
SELECT workflow.intrinsic('States.MathRandom(3, 3)', '{}');

-- UUID
SELECT workflow.intrinsic('States.UUID()', '{}')::text ~ '^"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$';

-- the time it takes grows with the length of the texts, not with their product
SET statement_timeout = '20s';
SELECT length(workflow.intrinsic('States.StringSplit($.a, $.b)',
    json_build_object('a', repeat('a', 200000), 'b', repeat('b', 200000)))::text);
RESET statement_timeout;
SELECT workflow.intrinsic('States.StringSplit(''aöb,cüd'', ''ü,ö'')', '{}');
