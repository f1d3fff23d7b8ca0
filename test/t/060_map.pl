# kill -9 of schedulers, runners and other processes in the middle of Maps of many SQL tasks: every item's effect exactly
# once, never more of them at a time than are allowed, and nothing left behind.
#
# WORKFLOW_KILLS says how often, WORKFLOW_ITEMS how many items each Map has.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);
use Workflow;

my $kills = $ENV{WORKFLOW_KILLS} || 4;
my $items = $ENV{WORKFLOW_ITEMS} || 300 * $kills;
my $concurrency = 3;

$items = 10000 if $items > 10000;
my $node = new_node('main',
	conf => "restart_after_crash = on\nworkflow.max_runners = 4\nworkflow.max_runners_per_role = 4\n"
	  . "workflow.recheck_interval = '3s'\nworkflow.schedulers = 2\nlog_statement = none\n");

srand($ENV{WORKFLOW_SEED} // 4711);
new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.source AS SELECT i AS n FROM generate_series(1, 10000) i;
CREATE TABLE app.effect (map text, n int, began timestamptz, ended timestamptz);	-- doubles would be seen
CREATE FUNCTION app.work(map text, n int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
BEGIN
	PERFORM pg_sleep(0.001);
	INSERT INTO app.effect VALUES (map, n, began, clock_timestamp());
	RETURN n;
END $$;
EOS

# A Map over so many numbers; the task notes the name of the execution, or of what is above it
sub map_of
{
	my ($config, $fields) = @_;

	return qq({"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": $concurrency, $fields,
		"ItemSelector": {"map.\$": "\$\$.Execution.Name", "n.\$": "\$\$.Map.Item.Value.n"},
		"ItemProcessor": {$config "StartAt": "W", "States": {"W": {"Type": "Task", "Resource": "sql:app.work", "End": true}}}, "End": true}}});
}
my $distributed = '"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},';
my %definition = (
	inline => map_of('', '"ItemsPath": "$"'),
	array => map_of($distributed, '"ItemsPath": "$"'),
	query => map_of($distributed,
		'"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT n FROM app.source WHERE n <= $1 ORDER BY n", "Parameters.$": "$"}}'));
my $array = '[' . join(', ', map { qq({"n": $_}) } 1 .. $items) . ']';
my %arn = map { $_ => start_machine($node, 'app', $_, $definition{$_}, $_ eq 'query' ? "[$items]" : $array) } sort keys %definition;

sub attempt
{
	my ($sql) = @_;

	return attempt_sql($node, undef, $sql);
}

my $killed = 0;
my %victims;

# One of the server's processes, more often one of ours
sub kill_one
{
	my $victim = attempt(q(
		SELECT pid || ' ' || backend_type FROM pg_stat_activity
		 WHERE pid <> pg_backend_pid() AND backend_type <> 'logical replication launcher'
		   AND (backend_type LIKE 'workflow %' OR random() < 0.2) ORDER BY random() LIMIT 1));
	my ($pid, $type);

	return if !defined $victim || $victim eq '';
	($pid, $type) = split(/ /, $victim, 2);
	if (kill('KILL', $pid))
	{
		$victims{$type}++;
		$killed++;
	}
	return;
}

sub all_closed
{
	my $open = attempt("SELECT count(*) FROM workflow.agenda a JOIN workflow.execution x ON x.id = a.execution_id WHERE x.map_run_id IS NULL");

	return defined $open && $open eq '0';
}

my $give_up = time + 180 + 5 * $kills + $items / 20;
my $done = 0;

while (!all_closed())
{
	die 'the server does not get through it' if time > $give_up;
	# evenly, while the effects come
	my $effects = attempt('SELECT count(*) FROM app.effect') // $done;

	$done = $effects;
	kill_one() if $killed < $kills && $done >= 3 * $items * $killed / ($kills + 1);
	usleep(100_000);
}
note("killed: $killed (" . join(', ', map { "$_ $victims{$_}" } sort keys %victims) . ')');
cmp_ok($killed, '>=', $kills / 2, 'processes were killed in between');

for my $name (sort keys %arn)
{
	my $end = end_of($node, $arn{$name}, '10s');

	is($end->{status}, 'SUCCEEDED', "$name: it ends") or diag($end->{cause});
	is_deeply($end->{output}, [ 1 .. $items ], "$name: results in the order of the items");
}
my $effects = query_json($node, q(
	SELECT jsonb_object_agg(name, jsonb_build_object('effects', effects, 'items', items))
	  FROM (SELECT m.name, count(*) AS effects, count(DISTINCT e.n) AS items
			  FROM app.effect e JOIN workflow.execution x ON x.name = e.map JOIN workflow.state_machine m ON m.id = x.state_machine_id
			 GROUP BY m.name) k));
for my $name (sort keys %arn)
{
	is($effects->{$name}{effects}, $items, "$name: each item once");
	is($effects->{$name}{items}, $items, "$name: each of the items");
}
cmp_ok($node->safe_psql('postgres', q(
	SELECT max((SELECT count(*) FROM app.effect o WHERE o.map = e.map AND o.began <= e.began AND o.ended > e.began))
	  FROM app.effect e WHERE e.n % 10 = 0)),
	'<=', $concurrency, 'never more at a time than are allowed');
is($node->safe_psql('postgres', q(
	SELECT string_agg(concat_ws(' ', status, items = items_succeeded, executions = executions_succeeded, executions_running), ', ') FROM workflow.map_run)),
	'SUCCEEDED t t 0, SUCCEEDED t t 0', 'the Map Runs have counted right');
wait_until($node, 'SELECT count(*) = 0 FROM workflow.agenda', 'all children are closed');
histories_are_sound($node);
nothing_is_left($node);
is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM workflow.map_item) + (SELECT count(*) FROM workflow.message)'), '0',
	'no inputs and no messages are left');

done_testing();
