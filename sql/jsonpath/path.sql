-- what paths find
\pset format unaligned
\pset tuples_only on
\set doc '{"id": "o-1", "total": 120.50, "n": null, "none": [], "empty": {}, "customer": {"name": "Ana", "first name": "Ana María", "a.b": 1, "a-b": 2, "9x": 4, "café": 5, "it''s": 7}, "items": [{"sku": "A", "qty": 2, "tags": ["x", "y"]}, {"sku": "B", "qty": 0, "tags": []}, {"sku": "C", "gift": true}]}'

-- names
SELECT workflow.json_path('$.id', :'doc');
SELECT workflow.json_path('$.total', :'doc');
SELECT workflow.json_path('$.n', :'doc');
SELECT workflow.json_path('$.customer.name', :'doc');
SELECT workflow.json_path('$[''customer''][''first name'']', :'doc');
SELECT workflow.json_path('$.customer[''a.b'']', :'doc');
SELECT workflow.json_path('$.customer.a\.b', :'doc');
SELECT workflow.json_path('$.customer.a-b', :'doc');
SELECT workflow.json_path('$.customer.9x', :'doc');
SELECT workflow.json_path('$.customer.café', :'doc');
SELECT workflow.json_path('$.customer[''it\''s'']', :'doc');
SELECT workflow.json_path('$.customer["it''s"]', :'doc');
SELECT workflow.json_path('$.customer.[''name'']', :'doc');
SELECT workflow.json_path('$[''Test\""Name"'']', '{"Test\\\"\"Name\"": 1}');
SELECT workflow.json_path('$.customer[''name'', ''a-b'', ''no'']', :'doc');
SELECT workflow.json_path('$', '42');
SELECT workflow.json_path('$', 'null');
-- the root may be left out
SELECT workflow.json_path('customer.name', :'doc');
SELECT workflow.json_path('@.id', :'doc');
SELECT workflow.json_path(' $.id ', :'doc');

-- indexes and slices
SELECT workflow.json_path('$.items[0].sku', :'doc');
SELECT workflow.json_path('$.items[-1].sku', :'doc');
SELECT workflow.json_path('$.items[(@.length-1)].sku', :'doc');
SELECT workflow.json_path('$[ 1 , 3 ]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[1,9]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[1:3]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[2:]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[:2]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[-2:]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[:-1]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[-9:]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[2147483647:]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[-2:1]', '[0, 1, 2, 3]');
SELECT workflow.json_path('$[3:1]', '[0, 1, 2, 3]');
-- a step has no effect
SELECT workflow.json_path('$[0:3:2]', '[0, 1, 2, 3]');

-- wildcards and descent
SELECT workflow.json_path('$.items[*].sku', :'doc');
SELECT workflow.json_path('$.items[*].tags[*]', :'doc');
SELECT workflow.json_path('$.items[*].tags[0]', :'doc');
SELECT workflow.json_path('$.items[*][''sku'',''gift'']', :'doc');
SELECT workflow.json_path('$.customer.*', :'doc');
SELECT workflow.json_path('$..sku', :'doc');
SELECT workflow.json_path('$..tags[0]', :'doc');
SELECT workflow.json_path('$..[1]', '{"o": [0, 1, [2, 3]]}');
SELECT workflow.json_path('$..*', '{"a": [1, {"b": 2}], "c": 3}');
SELECT workflow.json_path('$..[''a'',''d'']', '[{"a": 1, "d": 2}, {"a": 3}]');

-- a path that may find several values finds none in what is not there
SELECT workflow.json_path('$.no[*]', :'doc');
SELECT workflow.json_path('$.no.such[1:5].value', :'doc');
SELECT workflow.json_path('$.items[*].no', :'doc');
SELECT workflow.json_path('$.none[*]', :'doc');
SELECT workflow.json_path('$.id[*]', :'doc');
SELECT workflow.json_path('$..no', :'doc');

-- functions are names
SELECT workflow.json_path('$.length()', '{"length()": 1}');
SELECT workflow.json_path('$.items[*].qty.sum()', :'doc');

-- a deep document
SELECT length(workflow.json_path('$..a', (repeat('{"a":', 1000) || '1' || repeat('}', 1000))::json)::text);

SELECT workflow.json_path(NULL, '1') IS NULL, workflow.json_path('$', NULL) IS NULL;
