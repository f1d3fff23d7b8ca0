-- expressions that would go on for ever, or take all there is, end within the limit
\a \t

CREATE FUNCTION pg_temp.ends(expression text) RETURNS TABLE (how text, "in" text) LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
	cause_ text;
BEGIN
	SELECT concat_ws(' ', status, error, regexp_replace(cause, '^.*(during evaluation|returned)', '...')) INTO cause_
	  FROM workflow.simulate(jsonb_build_object('QueryLanguage', 'JSONata', 'StartAt', 'S', 'States',
			jsonb_build_object('S', jsonb_build_object('Type', 'Pass', 'End', true, 'Output', '{% ' || expression || ' %}')))::text, '{}');
	how := cause_;
	"in" := CASE WHEN clock_timestamp() - began < '10 s' THEN 'time' ELSE (clock_timestamp() - began)::text END;
	RETURN NEXT;
END
$$;
SET workflow.jsonata_timeout = '300 ms';

-- recursion: of calls, of an expression in itself, of data
SELECT ends.* FROM pg_temp.ends('($f := function($x) { 1 + $f($x + 1) }; $f(1))') ends;
SELECT ends.* FROM pg_temp.ends('($f := function($x) { [$f([$x])] }; $f(1))') ends;
SELECT ends.* FROM pg_temp.ends(repeat('(', 400) || '1' || repeat(')', 400)) ends;
SELECT ends.* FROM pg_temp.ends(repeat('1+', 3000) || '1') ends;
SELECT ends.* FROM pg_temp.ends('$reduce([1..100000], function($a, $b) { {"a": $a} }, 1)') ends;
SELECT ends.* FROM pg_temp.ends('$string($reduce([1..100000], function($a, $b) { {"a": $a} }, 1))') ends;
SELECT ends.* FROM pg_temp.ends('($d := $reduce([1..100000], function($a, $b) { {"a": $a} }, 1); $d = $reduce([1..100000], function($a, $b) { {"a": $a} }, 1))') ends;
SELECT ends.* FROM pg_temp.ends('$reduce([1..900], function($a, $b) { {"a": $a} }, 1)') ends;

-- no end; what memory is used for is not the question here
SET workflow.jsonata_max_memory = '8 GB';
SELECT ends.* FROM pg_temp.ends('($f := function($x) { $f($x + 1) }; $f(1))') ends;
SELECT ends.* FROM pg_temp.ends('($f := function() { $g() }; $g := function() { $f() }; $f())') ends;
SELECT ends.* FROM pg_temp.ends('$sort([1..30000], function($a, $b) { $count([1..1000]) > 5 })[0]') ends;

-- too much, however long it may take
RESET workflow.jsonata_max_memory;
SET workflow.jsonata_timeout = '1 min';
SELECT ends.* FROM pg_temp.ends('$count([1..3000].([1..3000]))') ends;
SELECT ends.* FROM pg_temp.ends('[1..1e9]') ends;
SELECT ends.* FROM pg_temp.ends('$range(1, 1e9, 1)') ends;
SELECT ends.* FROM pg_temp.ends('$reduce([1..64], function($s, $i) { $s & $s }, "x")') ends;
SELECT ends.* FROM pg_temp.ends('$pad("x", 2000000000)') ends;
SELECT ends.* FROM pg_temp.ends('$join([1..1000000].("0123456789012345678901234567890123456789012345678901234567890123456789"))') ends;
SELECT ends.* FROM pg_temp.ends('$reduce([1..40], function($s, $i) { $append($s, $s) }, [1, 2])') ends;
SELECT ends.* FROM pg_temp.ends('$formatInteger(1e300, "w") ~> $length()') ends;

-- regular expressions that try everything
SELECT ends.* FROM pg_temp.ends('$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)') ends;
SELECT ends.* FROM pg_temp.ends('$replace($pad("", 5000, "a"), /(a*)*b/, "")') ends;
SELECT ends.* FROM pg_temp.ends('$split($pad("", 100000, "a"), /(?:a|aa)+b/)') ends;

-- a cancel is heard at once
\set SHOW_CONTEXT never
SET statement_timeout = '100 ms';
SET workflow.jsonata_max_memory = '8 GB';
SELECT ends.* FROM pg_temp.ends('($f := function($x) { $f($x + 1) }; $f(1))') ends;
RESET statement_timeout;
RESET workflow.jsonata_max_memory;

-- and the settings count
SET workflow.jsonata_max_depth = 20;
SELECT ends.* FROM pg_temp.ends('($f := function($x) { $x = 0 ? 0 : 1 + $f($x - 1) }; $f(30))') ends;
RESET workflow.jsonata_max_depth;
SELECT ends.* FROM pg_temp.ends('($f := function($x) { $x = 0 ? 0 : 1 + $f($x - 1) }; $f(30))') ends;
SET workflow.jsonata_max_memory = '1 MB';
SELECT ends.* FROM pg_temp.ends('$count([1..200000])') ends;
RESET workflow.jsonata_max_memory;
SELECT ends.* FROM pg_temp.ends('$count([1..200000])') ends;
