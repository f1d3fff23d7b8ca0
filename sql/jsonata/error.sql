-- errors (WF200) and limits
\pset format unaligned
\pset tuples_only on

-- that no expression can be
SELECT workflow.jsonata('1 +');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.jsonata('');
SELECT workflow.jsonata('a[1,2)');
SELECT workflow.jsonata('(1');
SELECT workflow.jsonata('1 2');
SELECT workflow.jsonata('"abc');
SELECT workflow.jsonata('"a\x"');
SELECT workflow.jsonata('"\u12"');
SELECT workflow.jsonata('`abc');
SELECT workflow.jsonata('/* abc');
SELECT workflow.jsonata('1e1000');
SELECT workflow.jsonata('a ! b');
SELECT workflow.jsonata('{"a":}');
SELECT workflow.jsonata('function(a){1}');
SELECT workflow.jsonata('function($a)<n<n>>{1}');
SELECT workflow.jsonata('function($a)<(a<n>)>{1}');
SELECT workflow.jsonata('a{b: c}[0]');
SELECT workflow.jsonata('a{b: c}{d: e}');
SELECT workflow.jsonata('a := 1');
SELECT workflow.jsonata('a.1');
SELECT workflow.jsonata('a@b');
SELECT workflow.jsonata('a[0]@$b');
SELECT workflow.jsonata('a^(b)@$c');
SELECT workflow.jsonata('%');
SELECT workflow.jsonata('//');
SELECT workflow.jsonata('/abc');
SELECT workflow.jsonata('/(/');
\echo :LAST_ERROR_SQLSTATE

-- of evaluation
SELECT workflow.jsonata('"a" + 1');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.jsonata('1 - "a"');
SELECT workflow.jsonata('-"a"');
SELECT workflow.jsonata('1 + (1 / 0)');
SELECT workflow.jsonata('1 < "a"');
SELECT workflow.jsonata('true < 1');
SELECT workflow.jsonata('{1: 2}');
SELECT workflow.jsonata('{"a": 1, "a": 2}');
SELECT workflow.jsonata('[1.5..2]');
SELECT workflow.jsonata('[1.."2"]');
SELECT workflow.jsonata('[1..10000001]');
SELECT workflow.jsonata('1(2)');
SELECT workflow.jsonata('sum(1)');
SELECT workflow.jsonata('sum(?)');
SELECT workflow.jsonata('no(?)');
SELECT workflow.jsonata('1 ~> 2');
SELECT workflow.jsonata('$sum("a")');
SELECT workflow.jsonata('$uppercase(1)');
SELECT workflow.jsonata('1.$uppercase()');
SELECT workflow.jsonata('(1).$uppercase()');
SELECT workflow.jsonata('$uppercase("a", "b")');
SELECT workflow.jsonata('[{"a": 1}, {"a": "b"}]^(a)');
SELECT workflow.jsonata('[{"a": true}, {"a": 1}]^(a)');
SELECT workflow.jsonata('$ ~> |a|1|', '{"a": {}}');
SELECT workflow.jsonata('$ ~> |a|{}, 1|', '{"a": {}}');
SELECT workflow.jsonata('$eval("1 +")');
SELECT workflow.jsonata('$eval("1 + null")');

-- limits
SELECT workflow.jsonata('($f := function($n){ 1 + $f($n) }; $f(1))');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.jsonata(repeat('(', 100000) || '1' || repeat(')', 100000));
SET workflow.jsonata_max_depth = 100;
SELECT workflow.jsonata('1' || repeat('+1', 99));
SELECT workflow.jsonata('1' || repeat('+1', 100));
RESET workflow.jsonata_max_depth;
SET workflow.jsonata_timeout = 50;
SELECT workflow.jsonata('($f := function($n){ $f($n) }; $f(1))');
RESET workflow.jsonata_timeout;
SET workflow.jsonata_max_memory = '1MB';
SELECT workflow.jsonata('$count([1..1000000])');
SELECT workflow.jsonata('($f := function($s){ $f($s & $s) }; $f("a"))');
RESET workflow.jsonata_max_memory;
SELECT workflow.jsonata('1', NULL, '[]');

-- a time zone that is none
SELECT workflow.jsonata('$fromMillis(0, "[Z01]", "+05;0")');

-- signatures that fit in very many ways, or in none of them
SELECT workflow.jsonata('function($a)<' || repeat('n?', 60) || 's>{1}(' || repeat('1, ', 30) || 'true)');
SELECT workflow.jsonata('function($a)<' || repeat('n+', 30) || 's>{1}(' || repeat('1, ', 60) || 'true)');
SELECT workflow.jsonata('function($a, $b)<n+s?-s>{[$a, $b]}(1, 2, "a")');
SELECT workflow.jsonata('function($a, $b, $c)<' || repeat('s?', 60) || 'n+s>{[$a, $b, $c]}(1, 2, "a")');
