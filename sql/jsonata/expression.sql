-- operators, conditions, variables, functions of one's own
\pset format unaligned
\pset tuples_only on
\pset null '(nothing)'

-- arithmetic is IEEE's; what is undefined stays so
SELECT workflow.jsonata('1 + 2 * 3 - 4 / 8 % 3');
SELECT workflow.jsonata('0.1 + 0.2');
SELECT workflow.jsonata('-(5 - 7)');
SELECT workflow.jsonata('- -3');
SELECT workflow.jsonata('7 % -3');
SELECT workflow.jsonata('-7 % 3');
SELECT workflow.jsonata('1 + no');
SELECT workflow.jsonata('1 / 0');
SELECT workflow.jsonata('[0 / 0]');
SELECT workflow.jsonata('1e3 + 1.5e-2');

-- comparison; strings by their UTF-16 units
SELECT workflow.jsonata('1 = 1.0');
SELECT workflow.jsonata('"1" = 1');
SELECT workflow.jsonata('{"a": [1, 2]} = {"a": [1, 2]}');
SELECT workflow.jsonata('no = no');
SELECT workflow.jsonata('no != 1');
SELECT workflow.jsonata('"a" < "b" and 2 >= 2 or false');
SELECT workflow.jsonata('"😀" < "￿"');
SELECT workflow.jsonata('1 < no');
SELECT workflow.jsonata('2 in [1, 2]');
SELECT workflow.jsonata('"a" in "a"');
SELECT workflow.jsonata('"a" & 1 & true & null & no & [1, "x"]');

-- truth
SELECT workflow.jsonata('[0, "", null, [], {}, [0], false].$boolean($)');
SELECT workflow.jsonata('[1, "a", [0, 1], {"a": 0}, true].$boolean($)');
SELECT workflow.jsonata('$boolean(no)');

-- ranges and constructors
SELECT workflow.jsonata('[1..3, 7, 9..9]');
SELECT workflow.jsonata('[3..1]');
SELECT workflow.jsonata('[[1, 2], [3]]');
SELECT workflow.jsonata('[no, 1, no]');
SELECT workflow.jsonata('{"a" & "b": 1, "c": {"d": [1..2]}}');

-- conditions
SELECT workflow.jsonata('1 > 2 ? "a" : "b"');
SELECT workflow.jsonata('1 > 2 ? "a"');
SELECT workflow.jsonata('0 ?: "else"');
SELECT workflow.jsonata('0 ?? "else"');
SELECT workflow.jsonata('no ?? "else"');

-- words that are operators are names too
SELECT workflow.jsonata('and and or', '{"and": true, "or": 1}');
SELECT workflow.jsonata('in in ["x"]', '{"in": "x"}');

-- blocks, variables, scopes
SELECT workflow.jsonata('($x := 2; $y := $x * 3; $x + $y)');
SELECT workflow.jsonata('($x := 1; ($x := 2; $x); $x)');
SELECT workflow.jsonata('($x := 1; ($y := $x; $x := 2; $x + $y))');
SELECT workflow.jsonata('$a.b + $c', NULL, '{"a": {"b": 1}, "c": 2}');
SELECT workflow.jsonata('$sum', NULL, '{"sum": 3}');
SELECT workflow.jsonata('()');
SELECT workflow.jsonata('/* a comment */ 1 /**/ + 1');

-- functions
SELECT workflow.jsonata('function($x, $y){ $x & $y }("a", "b")');
SELECT workflow.jsonata('λ($x){ $exists($x) }()');
SELECT workflow.jsonata('($add := function($n){ function($m){ $n + $m } }; $two := $add(2); $ten := $add(10); [$two(1), $ten(1)])');
SELECT workflow.jsonata('($f := function($n){ $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))');
SELECT workflow.jsonata('($even := function($n){ $n = 0 ? true : $odd($n - 1) }; $odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even(20001))');
SELECT workflow.jsonata('($f := function($a, $b){ $a - $b }(?, 1); $f(5))');
SELECT workflow.jsonata('($first := $substring(?, 0, 1); ["ab", "cd"].$first($))');
SELECT workflow.jsonata('$map([1, 2, 3], function($v, $i, $a){ $v * $i + $count($a) })');
SELECT workflow.jsonata('$reduce([1..4], function($a, $b){ $a * $b })');
SELECT workflow.jsonata('["a", "b"].$uppercase()');
SELECT workflow.jsonata('"hello" ~> $uppercase() ~> $substring(0, 2)');
SELECT workflow.jsonata('($shout := $uppercase ~> $trim; $shout("  x "))');
SELECT workflow.jsonata('function($s, $n)<s-n?:s>{ $s & $n }("a", 1)');
SELECT workflow.jsonata('"x".function($s)<s-:s>{ $s & $s }()');
SELECT workflow.jsonata('$sum');

-- the transform operator works on a copy
SELECT workflow.jsonata('$ ~> |items|{"sum": price * qty}, ["price", "qty"]|', '{"id": 1, "items": [{"price": 2, "qty": 3}, {"price": 1, "qty": 1}]}');
SELECT workflow.jsonata('($new := $ ~> |a|{"b": 2}|; [a.b, $new.a.b])', '{"a": {"b": 1}}');

-- $eval sees the variables of where it is called
SELECT workflow.jsonata('($x := 20; $eval("$x + a"))', '{"a": 1}');
SELECT workflow.jsonata('$eval("a + 1", {"a": 2})');
-- but not where Step Functions' variables are
SELECT workflow.jsonata('$eval("1")', NULL, '{"states": {}}');
