# Runners: what user code may do, what is left of it, and how its errors are told.
use strict;
use warnings FATAL => 'all';
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "workflow.max_runners = 1\n");
my $json = JSON::PP->new->canonical->allow_nonref;
my ($end, $cause);

new_role($node, 'app');
$node->safe_psql('postgres', 'CREATE ROLE other; GRANT other TO app');

# One Task state that calls a function; gives the end of its execution
sub call
{
	my ($function, $input, %fields) = @_;
	my $definition = $json->encode(
		{   StartAt => 'Call',
			States => { Call => { Type => 'Task', Resource => "sql:app.$function", End => \1, %fields } }
		});

	return run_machine($node, 'app', "call-$function", $definition, $input);
}

# A function of the role's that takes jsonb
sub plpgsql
{
	my ($name, $body, $type) = @_;

	$type //= 'jsonb';
	sql_as($node, 'app', "CREATE FUNCTION app.$name(i jsonb) RETURNS $type LANGUAGE plpgsql AS \$f\$$body\$f\$");
}

#
# Who it is
#
plpgsql('who', q(BEGIN RETURN jsonb_build_array(current_user, session_user, current_setting('is_superuser'),
	current_setting('role'), current_setting('transaction_isolation')); END));
is($json->encode(call('who')->{output}),
	'["app","app","off","none","read committed"]',
	'a task runs in a session of the machine\'s role, and is no superuser');

#
# What a task leaves behind.  "Dirty" does something to its session, "Probe" looks, in the same process.
#
sql_as($node, 'app', 'CREATE SEQUENCE app.numbers; CREATE TABLE app.fact (n int)');
plpgsql('probe', <<'EOS');
DECLARE
	number text := 'unknown';
BEGIN
	BEGIN
		number := lastval();
	EXCEPTION WHEN object_not_in_prerequisite_state THEN
		number := 'none';
	END;
	INSERT INTO app.fact VALUES (2);
	RETURN jsonb_build_object('pid', pg_backend_pid(), 'user', current_user, 'path', current_setting('search_path'),
		'work_mem', current_setting('work_mem'), 'read_only', current_setting('transaction_read_only'),
		'default_read_only', current_setting('default_transaction_read_only'),
		'isolation', current_setting('transaction_isolation'),
		'statement_timeout', current_setting('statement_timeout'),
		'setting', coalesce(current_setting('app.secret', true), ''),
		'prepared', (SELECT count(*) FROM pg_prepared_statements),
		'cursors', (SELECT count(*) FROM pg_cursors WHERE is_holdable),
		'locks', (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
		'temp', (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()),
		'lastval', number);
END
EOS
my $clean = call('probe')->{output};
my $probe = $json->encode({ %$clean, pid => 0 });

like($probe, qr/"lastval":"none"/, 'the first probe is clean');
my @dirty = (
	[ 'set', q(SET work_mem = '77MB'; SET search_path = app, pg_temp; PERFORM set_config('app.secret', 'x', false)) ],
	[ 'set_local', q(SET LOCAL work_mem = '77MB'; SET LOCAL search_path = app) ],
	[ 'set_role', q(SET ROLE other) ],
	[ 'set_local_role', q(SET LOCAL ROLE other) ],
	[ 'session_authorization', q(SET SESSION AUTHORIZATION app) ],
	[ 'read_only', q(SET TRANSACTION READ ONLY) ],
	[ 'read_only_setting', q(SET default_transaction_read_only = on; SET transaction_read_only = on) ],
	[   'characteristics',
		q(SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE)
	],
	[ 'timeouts', q(SET statement_timeout = 1; SET lock_timeout = 1; SET idle_in_transaction_session_timeout = 1) ],
	[ 'reset_all', q(RESET ALL) ],
	[ 'discard', q(DISCARD PLANS; DISCARD SEQUENCES; DEALLOCATE ALL) ],
	[ 'prepare', q(EXECUTE 'PREPARE p AS SELECT 1') ],
	[ 'cursor', q(EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT generate_series(1, 10)') ],
	[ 'advisory', q(PERFORM pg_advisory_lock(42), pg_advisory_lock_shared(43), pg_advisory_xact_lock(44)) ],
	[ 'temp', q(CREATE TEMP TABLE secret AS SELECT 1 AS a; CREATE TEMP VIEW v AS SELECT * FROM secret) ],
	[ 'nextval', q(PERFORM nextval('app.numbers'), currval('app.numbers')) ],
	[ 'notify', q(NOTIFY news) ],
	[ 'row_security', q(SET row_security = off) ],
	[ 'planner', q(SET enable_indexscan = off; SET enable_seqscan = off; SET jit = on) ],
	[ 'formats', q(SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET bytea_output = 'escape'; SET intervalstyle = iso_8601) ],
);
for (@dirty)
{
	my ($name, $body) = @$_;

	plpgsql("dirty_$name", "BEGIN $body; RETURN i; END");
	$end = run_machine(
		$node, 'app',
		"dirty-$name",
		$json->encode(
			{   StartAt => 'Dirty',
				States => {
					Dirty => { Type => 'Task', Resource => "sql:app.dirty_$name", Next => 'Probe' },
					Probe => { Type => 'Task', Resource => 'sql:app.probe', End => \1 }
				}
			}));
	is($end->{status}, 'SUCCEEDED', "$name: its transition commits") or diag(explain($end));
	next if $end->{status} ne 'SUCCEEDED';
	is($end->{output}{pid}, $clean->{pid}, "$name: it was the same session");
	is($json->encode({ %{ $end->{output} }, pid => 0 }), $probe, "$name: the next task sees none of it");
}
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')),
	'0', 'no advisory lock is held');

# what an attempt leaves that failed
plpgsql('dirty_failure', q(BEGIN SET work_mem = '77MB'; SET ROLE other; PERFORM pg_advisory_lock(42); RETURN 1/0; END));
$end = call('dirty_failure');
is($end->{error}, 'SQL.division_by_zero', 'a dirty one fails');
is($json->encode({ %{ call('probe')->{output} }, pid => 0 }), $probe, 'the next task sees none of it');

#
# Deferred triggers
#
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.seen (who text, path text);
CREATE TABLE app.deferred (n int);
CREATE FUNCTION app.look() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN INSERT INTO app.seen VALUES (current_user, current_setting(''search_path'')); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER look AFTER INSERT ON app.deferred DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW.n > 0) EXECUTE FUNCTION app.look();
CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN RAISE check_violation USING MESSAGE = ''too late''; END';
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON app.deferred DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW.n < 0) EXECUTE FUNCTION app.refuse();
EOS
plpgsql('defer', q(BEGIN INSERT INTO app.deferred VALUES ((i ->> 'n')::int); RETURN i; END));
is(call('defer', '{"n": 1}')->{status}, 'SUCCEEDED', 'a deferred trigger runs');
is($node->safe_psql('postgres', 'SELECT who FROM app.seen'), 'app', 'as the role of the machine');
$end = call('defer', '{"n": -1}');
is($end->{error}, 'SQL.check_violation', 'the error of a deferred trigger is the task\'s');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.deferred WHERE n < 0'), '0', 'and nothing stays of it');

#
# What fails only at COMMIT: it is run again once, then that is its error
#
sql_as($node, 'app', 'CREATE SEQUENCE app.attempts');
plpgsql('late', <<'EOS');
BEGIN
	INSERT INTO app.fact VALUES (77);
	EXECUTE format('DECLARE c CURSOR WITH HOLD FOR SELECT 1 / (%s - x) FROM generate_series(1, 3) AS x', i ->> 'n');
	PERFORM nextval('app.attempts');
	RETURN i;
END
EOS
$end = call('late', '{"n": 2}');
is($end->{error}, 'SQL.division_by_zero', 'an error at COMMIT is recorded');
is($node->safe_psql('postgres', 'SELECT last_value FROM app.attempts'), '2', 'after the task was run again once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.fact WHERE n = 77'), '0', 'and nothing stays of it');
plpgsql('later', <<'EOS');
BEGIN
	INSERT INTO app.fact VALUES (78);
	EXECUTE format('DECLARE c CURSOR WITH HOLD FOR SELECT 1 / (%s - x) FROM generate_series(1, 3) AS x', nextval('app.attempts'));
	RETURN i;
END
EOS
$end = call('later');
is($end->{status}, 'SUCCEEDED', 'what fails at COMMIT once succeeds the second time');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.fact WHERE n = 78'), '1', 'and its effects are there once');

#
# Errors
#
plpgsql('fail', <<'EOS');
BEGIN
	INSERT INTO app.fact VALUES (99);
	CASE i ->> 'how'
		WHEN 'zero' THEN RETURN 1 / 0;
		WHEN 'unique' THEN RAISE unique_violation USING MESSAGE = 'again', DETAIL = 'the detail', HINT = 'the hint';
		WHEN 'own' THEN RAISE EXCEPTION 'mine' USING ERRCODE = 'ZX123';
		WHEN 'plain' THEN RAISE EXCEPTION E'with "quotes",\nä line and a 😀';
		WHEN 'assert' THEN ASSERT false, 'asserted';
		WHEN 'raise' THEN PERFORM workflow.raise_error('My.Error', 'not "JSON"');
		WHEN 'nameless' THEN PERFORM workflow.raise_error('OnlyName');
		WHEN 'canceled' THEN RAISE query_canceled;
		WHEN 'long' THEN RAISE EXCEPTION '%', repeat('x', 100000);
		WHEN 'stack' THEN RETURN app.fail(i);
		WHEN 'missing' THEN PERFORM app.missing();
		WHEN 'commit' THEN COMMIT;
		WHEN 'elog' THEN PERFORM pg_catalog.array_fill(0, ARRAY[1000000000, 1000000000]);
	END CASE;
	RETURN i;
END
EOS
my %errors = (
	zero => 'SQL.division_by_zero',
	unique => 'SQL.unique_violation',
	own => 'SQL.ZX123',
	plain => 'SQL.raise_exception',
	assert => 'SQL.assert_failure',
	raise => 'My.Error',
	nameless => 'OnlyName',
	canceled => 'SQL.query_canceled',
	long => 'SQL.raise_exception',
	stack => 'SQL.statement_too_complex',
	missing => 'SQL.undefined_function',
	commit => 'SQL.invalid_transaction_termination',
	elog => 'SQL.program_limit_exceeded',
	other => 'SQL.case_not_found',
);
for my $how (sort keys %errors)
{
	$end = call('fail', qq({"how": "$how"}));
	is("$end->{status} $end->{error}", "FAILED $errors{$how}", "error: $how") or diag($end->{cause});
	if ($how eq 'unique')
	{
		$cause = decode_json($end->{cause});
		is(join('|', @{$cause}{qw(sqlstate message detail hint)}), '23505|again|the detail|the hint', 'its Cause is JSON');
		like($cause->{context}, qr/function fail\(jsonb\) line/, 'with the context');
	}
	elsif ($how eq 'plain')
	{
		$cause = JSON::PP->new->utf8(0)->decode($end->{cause});
		is($cause->{message}, qq(with "quotes",\nä line and a 😀), 'its message is told as it is');
	}
	is($end->{cause}, 'not "JSON"', 'raise_error: the Cause is told as it is') if $how eq 'raise';
	is($end->{cause}, undef, 'raise_error: without a Cause') if $how eq 'nameless';
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.fact WHERE n = 99'), '0', 'failed tasks leave nothing');

#
# Arguments and results
#
sql_as($node, 'app', <<'EOS');
CREATE TYPE app.pair AS (a int, b text);
CREATE DOMAIN app.positive AS int CHECK (VALUE > 0);
CREATE FUNCTION app.named(a int, "B c" text, d numeric[] DEFAULT '{1}', e app.pair DEFAULT NULL, f app.positive DEFAULT 1) RETURNS text
	LANGUAGE sql AS $$ SELECT format('%s|%s|%s|%s|%s', a, "B c", d, e, f) $$;
CREATE FUNCTION app.none() RETURNS text LANGUAGE sql AS $$ SELECT 'nothing' $$;
CREATE FUNCTION app.nameless(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION app.strict(a int) RETURNS int STRICT LANGUAGE sql AS $$ SELECT a $$;
CREATE FUNCTION app.numbers(n int) RETURNS SETOF int LANGUAGE sql AS $$ SELECT generate_series(1, n) $$;
CREATE FUNCTION app.pairs(n int) RETURNS SETOF app.pair LANGUAGE sql AS $$ SELECT x, x::text FROM generate_series(1, n) AS x $$;
CREATE FUNCTION app.rows(n int) RETURNS TABLE (x int, y text) LANGUAGE sql AS $$ SELECT x, 'y' FROM generate_series(1, n) AS x $$;
CREATE FUNCTION app.pair() RETURNS app.pair LANGUAGE sql AS $$ SELECT 1, 'one' $$;
CREATE FUNCTION app.out(IN a int, OUT double int, OUT half numeric) LANGUAGE sql AS $$ SELECT a * 2, a / 2.0 $$;
CREATE FUNCTION app.nothing(i jsonb) RETURNS void LANGUAGE sql AS $$ INSERT INTO app.fact VALUES (123) $$;
CREATE FUNCTION app.null(i jsonb) RETURNS text LANGUAGE sql AS $$ SELECT NULL::text $$;
CREATE FUNCTION app.nulls(i jsonb) RETURNS SETOF int LANGUAGE sql AS $$ SELECT unnest(ARRAY[1, NULL]) $$;
CREATE FUNCTION app.jsonbs(i jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$ SELECT jsonb_array_elements(i) $$;
CREATE FUNCTION app.same(i jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT i $$;
CREATE FUNCTION app.any(a anyelement) RETURNS anyelement LANGUAGE sql AS $$ SELECT a $$;
CREATE FUNCTION app.day(d date, t timestamptz DEFAULT NULL) RETURNS date LANGUAGE sql AS $$ SELECT d + 1 $$;
CREATE PROCEDURE app.proc(i jsonb) LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION app.two(i int) RETURNS text LANGUAGE sql AS $$ SELECT 'int' $$;
CREATE FUNCTION app.two(i text) RETURNS text LANGUAGE sql AS $$ SELECT 'text' $$;
CREATE FUNCTION app.best(i int) RETURNS text LANGUAGE sql AS $$ SELECT 'int' $$;
CREATE FUNCTION app.best(i jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'jsonb' $$;
EOS
my @calls = (
	[ 'named', '{"a": 1, "B c": "x"}', '"1|x|{1}||1"' ],
	[ 'named', '{"B c": "x", "a": "7", "d": [2, 3.50], "e": {"a": 1, "b": "q"}, "f": 5}', '"7|x|{2,3.50}|(1,q)|5"' ],
	[ 'named', '{"a": null, "B c": null}', '"||{1}||1"' ],
	[ 'named', '{"a": 1}', 'SQL.invalid_parameter_value' ],
	[ 'named', '{"a": 1, "B c": "x", "z": 1}', 'SQL.invalid_parameter_value' ],
	[ 'named', '{"a": "one", "B c": "x"}', 'SQL.invalid_text_representation' ],
	[ 'named', '{"a": 1, "B c": "x", "f": 0}', 'SQL.check_violation' ],
	[ 'named', '[1]', 'SQL.invalid_parameter_value' ],
	[ 'none', '{}', '"nothing"' ],
	[ 'none', '{"a": 1}', 'SQL.invalid_parameter_value' ],
	[ 'nameless', '{"a": 1}', 'SQL.invalid_parameter_value' ],
	[ 'strict', '{"a": null}', 'null' ],
	[ 'numbers', '{"n": 3}', '[1,2,3]' ],
	[ 'numbers', '{"n": 0}', '[]' ],
	[ 'pairs', '{"n": 2}', '[{"a":1,"b":"1"},{"a":2,"b":"2"}]' ],
	[ 'rows', '{"n": 1}', '[{"x":1,"y":"y"}]' ],
	[ 'pair', '{}', '{"a":1,"b":"one"}' ],
	[ 'out', '{"a": 3}', '{"double":6,"half":1.5}' ],
	[ 'nothing', '{}', 'null' ],
	[ 'null', '{}', 'null' ],
	[ 'nulls', '{}', '[1,null]' ],
	[ 'jsonbs', '[1, "a", {"b": null}]', '[1,"a",{"b":null}]' ],
	[ 'same', '"text"', '"text"' ],
	[ 'same', '{"a": [1, 2.50, {"b": null}]}', '{"a":[1,2.5,{"b":null}]}' ],
	[ 'day', '{"d": "2024-02-28"}', '"2024-02-29"' ],
	[ 'proc', '{}', 'SQL.wrong_object_type' ],
	[ 'two', '{"i": 1}', 'SQL.ambiguous_function' ],
	[ 'best', '{"i": 1}', '"jsonb"' ],
);
for (@calls)
{
	my ($function, $input, $expected) = @$_;
	my $definition = $json->encode(
		{   StartAt => 'Call',
			States => { Call => { Type => 'Task', Resource => "sql:app.$function", End => \1 } }
		});
	my ($rc, $out, $err) = $node->psql(
		'postgres',
		'SELECT FROM workflow.create_state_machine(' . literal("args-$function") . ', ' . literal($definition) . ')',
		extra_params => [ '-U', 'app' ]);

	if ($rc != 0)
	{
		# refused already when it is created
		like($err, qr/WF005|Invalid State Machine Definition/, "$function is refused: $expected");
		next;
	}
	$end = run_machine($node, 'app', "args-$function", undef, $input);
	is($end->{error} // $json->encode($end->{output}), $expected, "$function($input)") or diag($end->{cause});
}

# by way of lambda:invoke, without a Payload and with one
plpgsql('echo', q(BEGIN RETURN jsonb_build_object('got', i); END));
sql_as($node, 'app', q(SELECT workflow.register_function('Echo', 'app.echo(jsonb)')));
for my $parameters ('{"FunctionName": "Echo"}', '{"FunctionName": "Echo", "Payload": {"a": 1}}')
{
	$end = run_machine($node, 'app', 'invoke-' . length($parameters),
		qq({"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
			"Parameters": $parameters, "End": true}}}));
	is( $json->encode($end->{output}{Payload}),
		$parameters =~ /Payload/ ? '{"got":{"a":1}}' : '{"got":{}}',
		"lambda:invoke with $parameters");
}

#
# Isolation
#
plpgsql('isolation', q(BEGIN RETURN to_jsonb(current_setting('transaction_isolation')); END));
for my $isolation ('read committed', 'repeatable read', 'serializable')
{
	my $name = "iso-$isolation";

	$name =~ s/ /-/g;
	sql_as($node, 'app', "SELECT workflow.register_function('$name', 'app.isolation(jsonb)', isolation => '$isolation')");
	$end = run_machine($node, 'app', $name,
		qq({"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:$name", "End": true}}}));
	is($end->{output}, $isolation, "registered as $isolation");
}

#
# Functions that meddle with their own execution
#
plpgsql('suicide', <<'EOS');
BEGIN
	INSERT INTO app.fact VALUES (55);
	PERFORM workflow.stop_execution(i ->> 'arn', 'Enough', 'stopped by itself');
	RETURN i;
END
EOS
$end = call('suicide', '{}', Parameters => { 'arn.$' => '$$.Execution.Id' });
is("$end->{status} " . ($end->{error} // ''), 'ABORTED Enough', 'a function may stop its own execution');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.fact WHERE n = 55'), '1', 'and what it did stays');

plpgsql('nest', <<'EOS');
BEGIN
	RETURN to_jsonb(workflow.start_execution(i ->> 'machine', '{"n": 1}'));
END
EOS
$end = call('nest', '{"machine": "call-who"}');
is($end->{status}, 'SUCCEEDED', 'a function may start an execution');
is(end_of($node, $end->{output})->{status}, 'SUCCEEDED', 'which runs after its commit');

# terminated in the middle of a task, by itself: the task is run again
sql_as($node, 'app', 'CREATE SEQUENCE app.ends');
plpgsql('terminate', <<'EOS');
BEGIN
	INSERT INTO app.fact VALUES (66);
	IF nextval('app.ends') = 1 THEN
		PERFORM pg_terminate_backend(pg_backend_pid());
		PERFORM pg_sleep(60);
	END IF;
	RETURN i;
END
EOS
$end = call('terminate');
is($end->{status}, 'SUCCEEDED', 'a runner that was terminated: its task is run again');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.fact WHERE n = 66'), '1', 'with effects once');

#
# Settings of the role and of the database
#
new_role($node, 'odd');
$node->safe_psql('postgres', <<'EOS');
ALTER ROLE odd SET default_transaction_read_only = on;
ALTER ROLE odd SET default_transaction_isolation = 'serializable';
ALTER ROLE odd SET default_transaction_deferrable = on;
ALTER ROLE odd SET statement_timeout = '300ms';
ALTER ROLE odd SET lock_timeout = '1ms';
ALTER ROLE odd SET search_path = 'odd';
ALTER ROLE odd SET row_security = off;
ALTER ROLE odd SET enable_indexscan = off;
ALTER ROLE odd SET workflow.region = 'eu-west-3';
CREATE FUNCTION odd.sleep(s float) RETURNS text LANGUAGE sql AS $$ SELECT pg_sleep(s); SELECT current_setting('search_path') $$;
EOS
for ([ 0, 'SUCCEEDED' ], [ 30, 'FAILED SQL.query_canceled' ])
{
	my ($seconds, $expected) = @$_;

	my $definition = '{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "sql:odd.sleep", "End": true}}}';
	$node->psql('postgres',
		"SET default_transaction_read_only = off; SET default_transaction_isolation = 'read committed'; SELECT workflow.create_state_machine('odd', "
		  . literal($definition) . ')', extra_params => [ '-U', 'odd' ]);
	my $arn = $node->safe_psql('postgres', qq(SET workflow.region = 'us-east-1'; SET default_transaction_read_only = off;
		SET default_transaction_isolation = 'read committed';
		SELECT workflow.start_execution('odd', '{"s": $seconds}')), extra_params => [ '-U', 'odd' ]);
	$end = end_of($node, $arn);
	is(join(' ', grep { defined } @{$end}{qw(status error)}), $expected, "odd settings of the role: sleep($seconds)")
	  or diag($end->{cause});
}

#
# Roles for which no session can be started
#
$node->safe_psql('postgres', <<'EOS');
CREATE ROLE nologin LOGIN;
CREATE ROLE noconnect LOGIN;
GRANT nologin, noconnect TO app;
EOS
my $one = '{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "Next": "T"},
	"T": {"Type": "Task", "Resource": "sql:app.who", "End": true}}}';
$node->safe_psql('postgres', 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC; GRANT CONNECT ON DATABASE postgres TO app, odd');
for my $role ('nologin', 'noconnect')
{
	sql_as($node, 'app', "SET client_min_messages = error; SELECT workflow.create_state_machine('as-$role', "
		  . literal($one) . ", role => '$role')");
	my $arn = start_machine($node, 'app', "as-$role", undef, '{"s": 1}');
	$node->safe_psql('postgres', 'ALTER ROLE nologin NOLOGIN');
	$end = end_of($node, $arn);
	is("$end->{status} $end->{error}", 'FAILED States.Permissions', "role $role: States.Permissions");
	like($end->{cause}, qr/^Role "$role", which the task is to run as, (cannot log in|may not connect)/, "its Cause says why");
}
$node->safe_psql('postgres', 'GRANT CONNECT ON DATABASE postgres TO PUBLIC; GRANT USAGE ON SCHEMA app TO PUBLIC; GRANT INSERT ON app.fact TO PUBLIC');
$end = run_machine($node, 'app', 'as-noconnect', undef, '{"s": 0}');
is($end->{status}, 'SUCCEEDED', 'it runs when it may connect');

# dropped meanwhile: without a runner, and while one is there
for my $used (0, 1)
{
	$node->safe_psql('postgres', "CREATE ROLE gone$used LOGIN; GRANT gone$used TO app");
	sql_as($node, 'app', "SET client_min_messages = error; SELECT workflow.create_state_machine('as-gone$used', " . literal($one) . ", role => 'gone$used')");
	is(run_machine($node, 'app', "as-gone$used", undef, '{"s": 0}')->{status}, 'SUCCEEDED', 'it has a runner') if $used;
	my $arn = start_machine($node, 'app', "as-gone$used", undef, '{"s": 1}');
	$node->safe_psql('postgres', "DROP ROLE gone$used");
	$end = end_of($node, $arn, '20s');
	is("$end->{status} " . ($end->{error} // ''), 'FAILED States.Permissions', 'a role that was dropped meanwhile: States.Permissions');
	like($end->{cause} // '', qr/"gone$used".* does not exist/, 'its Cause says why');
}

#
# One runner for two roles that both have a long queue: none starves
#
new_role($node, 'first');
new_role($node, 'second');
for my $role ('first', 'second')
{
	sql_as($node, $role, <<"EOS");
CREATE TABLE $role.ran (at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION $role.work(i jsonb) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(0.02); INSERT INTO $role.ran DEFAULT VALUES';
SELECT workflow.create_state_machine('$role', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:$role.work", "End": true}}}');
EOS
}
sql_as($node, 'first', q(SELECT count(workflow.start_execution('first')) FROM generate_series(1, 200)));
sql_as($node, 'second', q(SELECT count(workflow.start_execution('second')) FROM generate_series(1, 5)));
wait_until($node, 'SELECT count(*) = 5 FROM second.ran', 'the second role gets its turn');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM first.ran'), '<', 200, 'while the first still has work');
wait_until($node, 'SELECT count(*) = 200 FROM first.ran', 'the first role, too, ends its work');

wait_until($node, 'SELECT count(*) = 0 FROM workflow.agenda', 'all is done');
nothing_is_left($node);
histories_are_sound($node);
$node->stop;
done_testing();
