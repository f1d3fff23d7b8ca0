# Processes of the server are killed again and again while executions run; the server restarts
# itself, every execution ends as it should, and every effect is there exactly once.
#
#   WORKFLOW_KILLS        how many times (default 5)
#   WORKFLOW_EXECUTIONS   how many executions (default 300)
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);
use Workflow;

my $kills = $ENV{WORKFLOW_KILLS} // 5;
my $executions = $ENV{WORKFLOW_EXECUTIONS} // 300;
my $node = new_node('main', conf => "workflow.max_runners = 2\nrestart_after_crash = on\n");

$node->safe_psql('postgres', q(
	CREATE ROLE app LOGIN;
	GRANT CREATE ON DATABASE postgres TO app;
	SELECT workflow.grant_usage('app');
	SET ROLE app;
	CREATE SCHEMA app;
	-- no key: a row that is written twice is to be seen
	CREATE TABLE app.ledger (execution int, branch text, at timestamptz DEFAULT clock_timestamp());
	CREATE FUNCTION app.post(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO app.ledger (execution, branch) VALUES ((p ->> 'id')::int, p ->> 'branch');
		PERFORM pg_sleep(0.002);
		RETURN p;
	END $$;
	CREATE FUNCTION app.shaky(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO app.ledger (execution, branch) VALUES ((p ->> 'id')::int, 'shaky');
		IF random() < 0.3 THEN RAISE EXCEPTION 'shaky'; END IF;
		RETURN p;
	END $$;
	SELECT workflow.create_state_machine('ledger', $asl$ {
		"StartAt": "Both",
		"States": {
			"Both": {
				"Type": "Parallel", "ResultPath": null, "Next": "Rest",
				"Branches": [
					{"StartAt": "A", "States": {
						"A": {"Type": "Task", "Resource": "sql:app.post", "Parameters": {"id.$": "$.id", "branch": "a"}, "Next": "A2"},
						"A2": {"Type": "Task", "Resource": "sql:app.post", "Parameters": {"id.$": "$.id", "branch": "a2"}, "End": true}}},
					{"StartAt": "B", "States": {
						"B": {"Type": "Task", "Resource": "sql:app.post", "Parameters": {"id.$": "$.id", "branch": "b"}, "End": true}}}]},
			"Rest": {"Type": "Wait", "Seconds": 1, "Next": "Shaky"},
			"Shaky": {
				"Type": "Task", "Resource": "sql:app.shaky", "ResultPath": null, "Next": "Last",
				"Retry": [{"ErrorEquals": ["SQL.raise_exception"], "IntervalSeconds": 1, "MaxAttempts": 50, "BackoffRate": 1.0}]},
			"Last": {"Type": "Task", "Resource": "sql:app.post", "Parameters": {"id.$": "$.id", "branch": "last"}, "End": true}
		}} $asl$);
));

# One statement for each, so that some are started between crashes, too
sub start
{
	my ($from, $to) = @_;
	psql_quietly(qq(SET ROLE app;
		SELECT count(workflow.start_execution('ledger', jsonb_build_object('id', i), name => 'e' || i))
		  FROM generate_series($from, $to) AS i));
}

# What may fail while the server restarts; gives whether it went well
sub psql_quietly
{
	my ($sql, $out) = @_;
	my ($rc, $stdout, $stderr) = (1, '', '');
	eval { $rc = $node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr, timeout => 60, on_error_die => 0); };
	$$out = $stdout if defined $out;
	return defined $rc && $rc == 0;
}

sub wait_until_up
{
	my $give_up = time + 60;
	until (psql_quietly('SELECT 1'))
	{
		die "the server does not come back" if time > $give_up;
		sleep 0.05;
	}
}

my %stopped;
my $next = 1;
my $share = int($executions / ($kills + 1)) + 1;
my @kinds = ('client backend', 'workflow runner', 'workflow scheduler', 'workflow launcher', 'workflow runner');

for my $round (0 .. $kills)
{
	my $to = $next + $share - 1;
	$to = $executions if $to > $executions || $round == $kills;
	until ($next > $to || start($next, $to))
	{
		wait_until_up();
		# it may have committed before the connection was lost
		my $have = '0';
		psql_quietly('SELECT count(*) FROM workflow.execution', \$have);
		$next = $have + 1;
	}
	$next = $to + 1;
	last if $round == $kills;

	# one Stop a second, of one that runs; it counts if it was answered
	my $arn = '';
	psql_quietly(q(SELECT 'arn:aws:states:us-east-1:000000000000:execution:ledger:' || e.name
		FROM workflow.execution e JOIN workflow.agenda a ON a.execution_id = e.id ORDER BY random() LIMIT 1), \$arn);
	$stopped{$arn} = 1 if $arn ne '' && psql_quietly("SELECT workflow.stop_execution('$arn')");

	sleep 0.3 + rand(0.9);
	my $kind = $kinds[ $round % @kinds ];
	my $pid = '';
	if ($kind eq 'client backend')
	{
		# a session that waits in the middle of a transaction
		my $session = $node->background_psql('postgres', on_error_stop => 0);
		$pid = $session->query('BEGIN; SELECT pg_backend_pid()');
		kill 'KILL', $pid =~ /(\d+)/ ? $1 : ();
		eval { $session->quit };
	}
	else
	{
		psql_quietly("SELECT pid FROM pg_stat_activity WHERE backend_type = '$kind' ORDER BY random() LIMIT 1", \$pid);
		kill 'KILL', $1 if $pid =~ /^(\d+)/;
	}
	wait_until_up();
}

wait_until_up();
ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM workflow.agenda'), 'every execution has ended');
my $crashes = () = slurp_file($node->logfile) =~ /terminated by signal 9/g;
cmp_ok($crashes, '>=', $kills / 2, "processes were killed: $crashes");

sub is_empty
{
	my ($sql, $name) = @_;
	return is($node->safe_psql('postgres', "SELECT t::text FROM ($sql) AS t LIMIT 5"), '', $name);
}

is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.execution'), $executions, 'all were started, once');
is_empty(q(SELECT name, status, error, cause FROM workflow.execution WHERE status NOT IN ('SUCCEEDED', 'ABORTED')),
	'all have succeeded, or were stopped');
my $stopped = join(',', map { /([^:]+)$/ } keys %stopped);
is($node->safe_psql('postgres',
		"SELECT count(*) FROM workflow.execution WHERE status = 'ABORTED' AND name = ANY (string_to_array('$stopped', ','))"),
	scalar(keys %stopped), 'each Stop that was answered has stopped one');
is_empty(q(SELECT e.name, l.n FROM workflow.execution e LEFT JOIN
		(SELECT execution, string_agg(branch, ' ' ORDER BY branch) AS n FROM app.ledger GROUP BY 1) l ON 'e' || l.execution = e.name
	WHERE e.status = 'SUCCEEDED' AND l.n IS DISTINCT FROM 'a a2 b last shaky'),
	'each that succeeded has each of its rows exactly once');
is_empty(q(SELECT execution, branch FROM app.ledger GROUP BY 1, 2 HAVING count(*) > 1), 'no row is there twice');
# what a stopped execution has done is what its history says
is_empty(q(SELECT e.name, l.n, h.n FROM workflow.execution e
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM app.ledger WHERE 'e' || execution = e.name) l
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM workflow.event WHERE execution_id = e.id AND type = 'TaskSucceeded') h
	WHERE l.n <> h.n), 'effects and histories agree');
is_empty(q(SELECT * FROM (SELECT execution_id, id, row_number() OVER w AS n, at, lag(at) OVER w AS before FROM workflow.event
		WINDOW w AS (PARTITION BY execution_id ORDER BY id)) e WHERE id <> n OR at < before),
	'histories have no gap, and their times do not decrease');
for my $table (qw(branch task iteration))
{
	is($node->safe_psql('postgres', "SELECT count(*) FROM workflow.$table"), '0', "nothing is left in $table");
}
$node->stop;
done_testing();
