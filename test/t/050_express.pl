# EXPRESS executions across crashes and restarts, and what becomes of those who wait for one.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main',
	conf => "restart_after_crash = on\nworkflow.max_runners = 2\nworkflow.recheck_interval = '1h'\n");
my $count = 200;

new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.entry (n int, step text);
CREATE FUNCTION app.note(input jsonb, step text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.entry VALUES ((input ->> 'n')::int, step);
	PERFORM pg_sleep(coalesce((input ->> 'sleep')::float8, 0));
	RETURN input;
END $$;
SELECT workflow.create_state_machine('two', $asl$
{"StartAt": "A", "States": {
 "A": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"input.$": "$", "step": "a"}, "Next": "B"},
 "B": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"input.$": "$", "step": "b"}, "End": true}}}
$asl$, type => 'EXPRESS');
SELECT workflow.create_state_machine('map', $asl$
{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
 "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "A", "States": {
 "A": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"input.$": "$", "step": "map"}, "End": true}}}}}}
$asl$);
EOS

# How often each step of each execution has happened: "" where all is well
sub wrong
{
	my ($step, $expected) = @_;

	return $node->safe_psql('postgres',
		"SELECT string_agg(format('%s: %s', i, n), ', ') FROM (SELECT i, (SELECT count(*) FROM app.entry WHERE n = i AND step = '$step') AS n "
		  . "FROM generate_series(1, $expected) i) s WHERE n <> 1");
}

# queued while nothing runs, over a restart
$node->safe_psql('postgres', 'ALTER SYSTEM SET workflow.enabled = off');
$node->reload;
sql_as($node, 'app', "SET client_min_messages = error; SELECT cardinality(workflow.start_executions('two', "
	  . "(SELECT array_agg(jsonb_build_object('n', i, 'sleep', 0.002)) FROM generate_series(1, $count) i)))");
my ($rc, $out, $err) = $node->psql('postgres', "SET SESSION AUTHORIZATION app; SELECT workflow.start_sync_execution('two', '{\"n\": 0}')");
like($err, qr/there is no runner for the execution, because workflow.enabled is off/, 'who would wait is told');
$node->restart;
is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.express'), $count, 'they wait over a restart');
is($node->safe_psql('postgres', 'SELECT DISTINCT waits_for FROM workflow.pending'),
	'workflow.enabled is off', 'pending says for what');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET workflow.enabled');
$node->reload;

# runners are killed while they run them
my $map = start_machine($node, 'app', 'map', undef,
	'[' . join(', ', map { "{\"n\": $_, \"sleep\": 0.002}" } 1 .. $count) . ']');
for my $round (1 .. 3)
{
	ok($node->poll_query_until('postgres',
			"SELECT count(*) > 0 FROM workflow.worker WHERE kind = 'runner' AND execution_id IS NOT NULL"),
		"a runner runs, $round");
	my $pid = pid_of($node, 'runner');
	last if $pid eq '';
	kill $round == 2 ? 'TERM' : 'KILL', $pid;
	ok($node->poll_query_until('postgres',
			"SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid"), "it is gone, $round");
}
wait_until($node, "SELECT count(*) = 0 FROM workflow.express", 'all have ended');
wait_for_status($node, $map, 'SUCCEEDED');
is(wrong('a', $count), '', 'each first task has happened once');
is(wrong('b', $count), '', 'each second task has happened once');
is(wrong('map', $count), '', 'each item has happened once');

# the runner of one that somebody waits for is ended; then the one who waits
my $session = new_session($node, 'postgres');
$session->send("SET SESSION AUTHORIZATION app;");
$session->send("SELECT status FROM workflow.start_sync_execution('two', '{\"n\": 1001, \"sleep\": 600}');");
ok($node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND wait_event = 'PgSleep'"),
	'a runner runs it');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'workflow runner'");
like($session->receive, qr/the runner of the execution ended before its answer/, 'who waits is told that the runner ended');
$session->quit;

$session = new_session($node, 'postgres');
$session->send("SET SESSION AUTHORIZATION app;");
$session->send("SELECT status FROM workflow.start_sync_execution('two', '{\"n\": 1002, \"sleep\": 600}');");
ok($node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND wait_event = 'PgSleep'"),
	'a runner runs it');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%1002%' AND pid <> pg_backend_pid()");
ok($node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND wait_event = 'PgSleep'"),
	'it is cancelled when nobody waits any more');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.entry WHERE n > 1000'), 0, 'nothing of them has happened');
is($node->safe_psql('postgres', "SET SESSION AUTHORIZATION app; SELECT status FROM workflow.start_sync_execution('two', '{\"n\": 1003}')"),
	'SUCCEEDED', 'the next one runs');
nothing_is_left($node);

done_testing();
