-- paths that find nothing (WF201), and texts that are no path (WF202)
\pset format unaligned
\pset tuples_only on
\set doc '{"id": "o-1", "n": null, "none": [], "items": [{"sku": "A"}]}'

-- nothing there
SELECT workflow.json_path('$.x', :'doc');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.json_path('$.no.such.path', :'doc');
SELECT workflow.json_path('$.items[0].no', :'doc');
SELECT workflow.json_path('$.items[7]', :'doc');
SELECT workflow.json_path('$.none[-1]', :'doc');
SELECT workflow.json_path('$.items.sku', :'doc');
SELECT workflow.json_path('$.id.length()', :'doc');
SELECT workflow.json_path('$.a', '42');
SELECT workflow.json_path('$.a', 'null');
\echo :LAST_ERROR_SQLSTATE

-- of the wrong type
SELECT workflow.json_path('$[0]', '1');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.json_path('$[0]', '{"a": 1, "b": [1, "x", {"c": null}]}');
SELECT workflow.json_path('$.n[0]', :'doc');
SELECT workflow.json_path('$[1:5]', '{}');
SELECT workflow.json_path('$[1:]', '{}');
SELECT workflow.json_path('$[:1]', '{}');
SELECT workflow.json_path('$[1,2]', '{}');
SELECT workflow.json_path('$.id[?(@.a)]', :'doc');
SELECT workflow.json_path('$[''a'',''b'']', '[]');

-- neither context nor variables here
SELECT workflow.json_path('$$.Execution', :'doc');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.json_path('$name.x', :'doc');
\echo :LAST_ERROR_SQLSTATE

-- no paths
SELECT workflow.json_path('', :'doc');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.json_path('$.', :'doc');
SELECT workflow.json_path('$..', :'doc');
SELECT workflow.json_path('$...id', :'doc');
SELECT workflow.json_path('$.id.', :'doc');
SELECT workflow.json_path('$. id', :'doc');
SELECT workflow.json_path('$.first name', :'doc');
SELECT workflow.json_path('$1', :'doc');
SELECT workflow.json_path('$[', :'doc');
SELECT workflow.json_path('$[]', :'doc');
SELECT workflow.json_path('$[id]', :'doc');
SELECT workflow.json_path('$[''id''', :'doc');
SELECT workflow.json_path('$[''id', :'doc');
SELECT workflow.json_path('$["\ud800"]', :'doc');
SELECT workflow.json_path('$[''id'',1]', :'doc');
SELECT workflow.json_path('$[''a'',''b''].c', :'doc');
SELECT workflow.json_path('$[:]', :'doc');
SELECT workflow.json_path('$[::2]', :'doc');
SELECT workflow.json_path('$[1,]', :'doc');
SELECT workflow.json_path('$[-]', :'doc');
SELECT workflow.json_path('$[2147483648]', :'doc');
SELECT workflow.json_path('$[99999999999999999999]', :'doc');
SELECT workflow.json_path('$[(@.size-1)]', :'doc');
SELECT workflow.json_path('$[?@.a]', :'doc');
SELECT workflow.json_path('$[?()]', :'doc');
SELECT workflow.json_path('$[?(true)]', :'doc');
SELECT workflow.json_path('$[?(@.a]', :'doc');
SELECT workflow.json_path('$[?(@.a ==)]', :'doc');
SELECT workflow.json_path('$[?(@.a === 1)]', :'doc');
SELECT workflow.json_path('$[?(@.a == 1e)]', :'doc');
SELECT workflow.json_path('$[?(@.a == [1)]', :'doc');
SELECT workflow.json_path('$[?(@.a in [1])]', :'doc');
SELECT workflow.json_path('$[?(@.* == 1)]', :'doc');
SELECT workflow.json_path('$[?(@..a)]', :'doc');
SELECT workflow.json_path('$[?(@.a =~ x)]', :'doc');
SELECT workflow.json_path('$[?(@.a =~ /(/)]', :'doc');
SELECT workflow.json_path('$[?(@.a =~ /x/q)]', :'doc');
SELECT workflow.json_path('$[?(@.a =~ /x', :'doc');
\echo :LAST_ERROR_SQLSTATE

-- a pattern costs time: neither a long one, nor one whose compilation is interrupted
SELECT workflow.json_path('$[?(@.a =~ /' || repeat('(a*)*', 98) || '/)]', '[]');
SELECT left(message, 50) FROM workflow.validate_state_machine_definition(
    '{"StartAt": "S", "States": {"S": {"Type": "Pass", "End": true, "InputPath": "$[?(@.a =~ /' || repeat('(a*)*', 100) || '/)]"}}}');
SET statement_timeout = '50ms';
SELECT workflow.json_path('$[?(@.a =~ /' || repeat('a?', 245) || '/)]', '[]');
\echo :LAST_ERROR_SQLSTATE
RESET statement_timeout;
