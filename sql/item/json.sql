-- Items of JSON and JSON Lines
\pset format unaligned
\pset tuples_only on

SELECT item.json('[1, "two", {"three": [3]}, null, [], 1e400]');
SELECT item.json(' { "a" : 1 , "b\u00e4" : {"c": "}"} } ');
SELECT item.json('[]'), item.json('{}');
SELECT item.json('["\"]", {"a": "\\"}, "[{"]');
SELECT item.json(U&'\FEFF[1]');
-- ItemsPointer
SELECT item.json('{"x": {"[": "]"}, "a": {"b": [10, {"c/d": {"~": [1, 2]}}]}, "z": [3]}', '/a/b/1/c~1d/~0');
SELECT item.json('{"a": {"k": "v"}}', '/a');
SELECT item.json('{"": [1]}', '/');
SELECT item.json('[[1], [2], [3]]', '/2');
SELECT item.json('[[1], [2]]', '/2');
SELECT item.json('[[1], [2]]', '/00');
SELECT item.json('{"a": [1]}', '/b');
SELECT item.json('{"a": [1]}', '/a/0');
SELECT item.json('{"a": "text"}', '/a/b');
SELECT item.json('{"a": [1]}', 'a');
-- what is no list
SELECT item.json('1'), item.json('"text"'), item.json('null');
-- what is no JSON
SELECT item.json('');
SELECT item.json('hello');
SELECT item.json('[1, 2');
SELECT item.json('[1 2]');
SELECT item.json('[1,]');
SELECT item.json('[,]');
SELECT item.json('[1] x');
SELECT item.json('{"a" 1}');
SELECT item.json('{a: 1}');
SELECT item.json('{"a": 1,}');
SELECT item.json('[{"a": }]');
SELECT item.json('["\x"]');
SELECT item.json('[tru]');
SELECT item.json('[[1}]');
SELECT item.json('["unfinished');
SELECT item.json('{"a": "unfinished', '/b');
SELECT item.read('\x5b22ff225d', '"InputType": "JSON"');
SELECT item.json('["\u0000"]');
SELECT item.json('["' || repeat('x', 9000000) || '"]');
-- (an item may be as large as 8 MB, what is passed over larger)
SELECT length(i) FROM item.json('["' || repeat('x', 8000000) || '"]') i;
SELECT item.json('{"a": [' || repeat('"xxxxxxxx",', 1000000) || '1], "b": [1]}', '/b');

-- lines
SELECT item.jsonl(E'1\n{"a": [1, 2]}\n\n  \n"x"');
SELECT item.jsonl(E'{"a": 1}\r\n{"a": 2}\r\n');
SELECT item.jsonl('');
SELECT item.jsonl(E'{"a": 1}\n{"a": \n');
SELECT item.jsonl(E'1 2\n');
SELECT count(*), sum((i::jsonb ->> 'n')::int) FROM item.jsonl((SELECT string_agg(json_build_object('n', n, 't', repeat('ä', n % 50))::text, E'\n') FROM generate_series(1, 20000) n)) i;

-- MaxItems
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "item", "Key": "file"}, "ReaderConfig": {"InputType": "JSONL", "MaxItems": 1}}') LIKE '{"n": 1,%';
SELECT count(*) FROM item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "item", "Key": "file"}, "ReaderConfig": {"InputType": "JSONL", "MaxItemsPath": "$.n"}}', '{"n": 150}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "item", "Key": "file"}, "ReaderConfig": {"InputType": "JSONL", "MaxItemsPath": "$.n"}}', '{"n": -1}');
SELECT item.all('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "item", "Key": "file"}, "ReaderConfig": {"InputType": "JSONL", "MaxItemsPath": "$.n"}}', '{"n": 1.5}');
