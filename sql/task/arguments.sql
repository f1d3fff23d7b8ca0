-- arguments and results of SQL functions
\pset format unaligned
\pset tuples_only on
SET ROLE regress_task;
CREATE TYPE task_test.pair AS (a int, b text);
CREATE DOMAIN task_test.positive AS int CHECK (value > 0);
CREATE TYPE task_test.mood AS ENUM ('sad', 'ok');
CREATE TABLE task_test.called (n int);
CREATE FUNCTION task_test.reserve(sku text, qty int, at timestamptz DEFAULT '2020-01-01', note text DEFAULT 'none') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('sku',sku,'qty',qty,'at',at,'note',note) $$;
CREATE FUNCTION task_test.dom(p task_test.positive, m task_test.mood) RETURNS task_test.positive LANGUAGE sql AS $$ SELECT p $$;
CREATE FUNCTION task_test.comp(p task_test.pair, ps task_test.pair[]) RETURNS task_test.pair LANGUAGE sql AS $$ SELECT p $$;
CREATE FUNCTION task_test.arr(xs int[]) RETURNS int[] LANGUAGE sql AS $$ SELECT xs $$;
CREATE FUNCTION task_test.vari(sep text, VARIADIC xs text[]) RETURNS text LANGUAGE sql AS $$ SELECT array_to_string(xs, sep) $$;
CREATE FUNCTION task_test.nothing(a int) RETURNS void LANGUAGE sql AS $$ INSERT INTO task_test.called VALUES (a) $$;
CREATE FUNCTION task_test.srf(n int) RETURNS SETOF int LANGUAGE sql AS $$ SELECT generate_series(1,n) $$;
CREATE FUNCTION task_test.tab(n int) RETURNS table(i int, t text) LANGUAGE sql AS $$ SELECT g, 'x'||g FROM generate_series(1,n) g $$;
CREATE FUNCTION task_test.outs(n int, OUT a int, OUT b text) LANGUAGE sql AS $$ SELECT n, 'b' $$;
CREATE FUNCTION task_test.inout(INOUT n int) LANGUAGE sql AS $$ SELECT n+1 $$;
CREATE FUNCTION task_test.poly(x anyelement, y anyelement) RETURNS anyelement LANGUAGE sql AS $$ SELECT x $$;
CREATE FUNCTION task_test."Odd Name"("Some Arg" int, "quo""te" text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('a',$1,'b',$2) $$;
CREATE FUNCTION task_test.noargs() RETURNS int LANGUAGE sql AS $$ SELECT 42 $$;
CREATE FUNCTION task_test.unnamed(int, text) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION task_test.j(j json) RETURNS json LANGUAGE sql AS $$ SELECT j $$;
CREATE FUNCTION task_test.strict_(a int) RETURNS int LANGUAGE sql STRICT AS $$ SELECT a $$;
CREATE FUNCTION task_test.over(a int) RETURNS text LANGUAGE sql AS $$ SELECT 'int' $$;
CREATE FUNCTION task_test.over(a int, b int) RETURNS text LANGUAGE sql AS $$ SELECT 'int,int' $$;
CREATE FUNCTION task_test.nul() RETURNS text LANGUAGE sql AS $$ SELECT NULL::text $$;
CREATE FUNCTION task_test.bt(b bytea, n numeric, u uuid, d date) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(b,n,u,d) $$;
CREATE FUNCTION task_test.tr() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE PROCEDURE task_test.proc(a int) LANGUAGE sql AS $$ $$;
CREATE FUNCTION task_test.jd(j jsonb, d int DEFAULT 7) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(j,d) $$;
CREATE FUNCTION task_test.jb(payload jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT payload $$;
CREATE FUNCTION task_test.jset(payload jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$ SELECT jsonb_array_elements(payload) $$;
CREATE FUNCTION task_test.rec(a int) RETURNS record LANGUAGE sql AS $$ SELECT 1, 'x'::text $$;
CREATE FUNCTION task_test.vset(a int) RETURNS SETOF void LANGUAGE sql AS $$ SELECT task_test.nothing(a) $$;
CREATE AGGREGATE task_test.agg(int) (sfunc = int4pl, stype = int);
CREATE FUNCTION task_test.trset() RETURNS SETOF task_test.pair LANGUAGE sql AS $$ VALUES (1,'a'),(2,NULL) $$;
CREATE FUNCTION task_test.mixed(a int, VARIADIC r int[] DEFAULT '{9}') RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(a, r) $$;
CREATE FUNCTION task_test.col(n int) RETURNS table(r int, t text) LANGUAGE sql AS $$ SELECT 1, 'x' $$;

CREATE FUNCTION task_test.padded(c char, cs char[], b bit, v bit varying, q "char") RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_array(c, cs, b, v, q) $$;

CREATE PROCEDURE task_test.call(function text, input jsonb, INOUT result text DEFAULT NULL) LANGUAGE plpgsql AS $$
BEGIN
	CALL task_test.run(task_test.task('sql:task_test.' || function), input, result);
END
$$;

CALL task_test.call('reserve','{"sku":"a","qty":2}');
CALL task_test.call('reserve','{"sku":"a","qty":2,"at":"2021-02-03T04:05:06Z","note":null}');
CALL task_test.call('reserve','{"sku":"a"}');
CALL task_test.call('reserve','{"sku":"a","qty":2,"x":1}');
CALL task_test.call('reserve','{"sku":"a","qty":"two"}');
CALL task_test.call('reserve','{"sku":"a","qty":1.5}');
CALL task_test.call('reserve','[1]');
CALL task_test.call('reserve','{"sku":{"a":1},"qty":"3"}');
CALL task_test.call('reserve','{"sku":"a","qty":99999999999}');
CALL task_test.call('dom','{"p":1,"m":"ok"}');
CALL task_test.call('dom','{"p":-1,"m":"ok"}');
CALL task_test.call('dom','{"p":1,"m":"x"}');
CALL task_test.call('dom','{"p":null,"m":null}');
CALL task_test.call('comp','{"p":{"a":1,"b":"x"},"ps":[{"a":1},{"b":"y"}]}');
CALL task_test.call('comp','{"p":[1],"ps":[]}');
CALL task_test.call('comp','{"p":{"a":1,"z":3},"ps":null}');
CALL task_test.call('arr','{"xs":[1,2,null]}');
CALL task_test.call('arr','{"xs":"{1,2}"}');
CALL task_test.call('arr','{"xs":[[1,2],[3,4]]}');
CALL task_test.call('arr','{"xs":5}');
CALL task_test.call('vari','{"sep":"-","xs":["a","b"]}');
CALL task_test.call('vari','{"sep":"-","xs":[]}');
CALL task_test.call('vari','{"sep":"-"}');
CALL task_test.call('mixed','{"a":1,"r":[2,3]}');
CALL task_test.call('mixed','{"a":1}');
CALL task_test.call('nothing','{"a":1}');
CALL task_test.call('srf','{"n":3}');
CALL task_test.call('srf','{"n":0}');
CALL task_test.call('tab','{"n":2}');
CALL task_test.call('outs','{"n":2}');
CALL task_test.call('outs','{"n":2,"a":1}');
CALL task_test.call('inout','{"n":2}');
CALL task_test.call('poly','{"x":1,"y":2}');
CALL task_test.call('"Odd Name"','{"Some Arg":1,"quo\"te":"q"}');
CALL task_test.call('noargs','{}');
CALL task_test.call('noargs','{"a":1}');
CALL task_test.call('noargs','null');
CALL task_test.call('unnamed','{"a":1}');
CALL task_test.call('j','{"j":{"b":1}}');
CALL task_test.call('strict_','{"a":null}');
CALL task_test.call('over','{"a":1}');
CALL task_test.call('nul','{}');
CALL task_test.call('col','{"n":2}');
CALL task_test.call('mixed','{"a":1,"r":[2,3]}');
-- a type of an argument has no length, not even that of one
CALL task_test.call('padded','{"c":"abc","cs":["de","f"],"b":"101","v":"0011","q":"x"}');
SELECT * FROM task_test.called;
