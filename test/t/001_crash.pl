# kill -9 of random processes while executions run: none is lost, none does anything twice.
#
# WORKFLOW_KILLS and WORKFLOW_EXECUTIONS say how many.
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);
use Workflow;

my $kills = $ENV{WORKFLOW_KILLS} || 5;
my $executions = $ENV{WORKFLOW_EXECUTIONS} || 300;
my $batch = 20;

# what is not found by rings, timers or the scan at a start stays unfound
my $node = new_node('main',
	conf => "restart_after_crash = on\nworkflow.max_runners = 2\nworkflow.recheck_interval = '1h'\n"
	  . "log_statement = none\n");

local $SIG{PIPE} = 'IGNORE';
srand($ENV{WORKFLOW_SEED} // 4711);
new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.ledger (execution text, branch text, PRIMARY KEY (execution, branch));
CREATE TABLE app.entry (execution text, branch text);	-- the same, where doubles are seen
CREATE SEQUENCE app.calls;

CREATE FUNCTION app.note(execution text, branch text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.entry VALUES (execution, branch);
	INSERT INTO app.ledger VALUES (execution, branch);
	IF branch = 'slow' THEN
		PERFORM pg_sleep(0.01);
	END IF;
	-- now and then it fails; that is not undone
	IF nextval('app.calls') % 11 = 0 THEN
		RAISE EXCEPTION 'out of luck' USING ERRCODE = 'connection_failure';
	END IF;
	RETURN branch;
END $$;
SELECT workflow.create_state_machine('crash', $asl$
{
  "StartAt": "Parallel",
  "States": {
    "Parallel": {
      "Type": "Parallel",
      "Branches": [
        {"StartAt": "First", "States": {
          "First": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "branch": "first"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1}], "Next": "Pause"},
          "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Second"},
          "Second": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "branch": "second"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1}], "End": true}}},
        {"StartAt": "Wait", "States": {
          "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Slow"},
          "Slow": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "branch": "slow"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1}], "End": true}}},
        {"StartAt": "Quick", "States": {
          "Quick": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "branch": "quick"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1}], "End": true}}}],
      "Next": "Join"},
    "Join": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "branch": "join"},
      "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1}], "End": true}
  }
}
$asl$);
EOS
my $prefix = 'arn:aws:states:us-east-1:000000000000:execution:crash:';

my $started = 0;
my $killed = 0;
my %victims;
my %stopped;

# Statements of a client: they may fail, the server is restarting all the time
sub attempt
{
	my ($sql) = @_;

	return attempt_sql($node, 'app', $sql);
}

# A batch, by a client of its own, each start a transaction: its names are ours, so that
# what a client that was killed has done or not can be done again
sub start_batch
{
	my $to = $started + $batch > $executions ? $executions : $started + $batch;
	my %client = (to => $to, in => '', out => '');

	$client{in} .= "SELECT workflow.start_execution('crash', '{}', 'e$_');\nSELECT pg_sleep(0.02);\n" for $started + 1 .. $to;
	$client{in} .= "\\q\n";
	$client{run} = IPC::Run::start([ 'psql', '-XAtq', '-U', 'app', '-d', $node->connstr('postgres') ],
		'<', \$client{in}, '>', \$client{out}, '2>&1');
	return \%client;
}

sub stop_one
{
	# one of the last
	my $name = 'e' . ($started - int(rand($started < 60 ? $started : 60)));

	$stopped{$name} = 1;
	attempt("SELECT workflow.stop_execution('$prefix$name', 'Stopped')");
	return;
}

# One of the server's processes, more often one of ours
sub kill_one
{
	my $victim = attempt_sql($node, undef, q(
		SELECT pid || ' ' || backend_type FROM pg_stat_activity
		 WHERE pid <> pg_backend_pid() AND backend_type <> 'logical replication launcher'
		   AND (backend_type LIKE 'workflow %' OR random() < 0.3) ORDER BY random() LIMIT 1));
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

my $next_kill = time + 1;
my $next_stop = time + 1;
my $give_up = time + 120 + 5 * $kills + $executions / 10;
my $client;

# kills and starts keep pace, so that there is always work
while ($started < $executions || $killed < $kills)
{
	die 'the server does not get through it' if time > $give_up;
	if (defined $client)
	{
		# a write to one that was killed fails
		if (!eval { $client->{run}->pump_nb if $client->{run}->pumpable; 1 } || !$client->{run}->pumpable)
		{
			$started = $client->{to} if eval { $client->{run}->finish };
			undef $client;
		}
	}
	elsif ($started < $executions && $started * $kills <= $executions * ($killed + 1))
	{
		$client = start_batch();
	}
	if ($started > 0 && time >= $next_stop)
	{
		stop_one();
		$next_stop = time + 1;
	}
	if ($killed < $kills && time >= $next_kill)
	{
		kill_one();
		$next_kill = time + 0.2 + rand(0.9);
	}
	usleep(20_000);
}
note('killed: ' . join(', ', map { "$_ $victims{$_}" } sort keys %victims));
is($killed, $kills, "$kills processes were killed");

my $began = time;
$node->poll_query_until('postgres', 'SELECT true');
wait_until($node, 'SELECT count(*) = 0 FROM workflow.agenda', "all $executions executions end");
note(sprintf('the rest took %.1f s', time - $began));

is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.execution'), $executions, 'none was lost, none is there twice');
my $names = join(', ', map { literal($_) } 'none', sort keys %stopped);
is($node->safe_psql('postgres', qq(
	SELECT string_agg(name || ' ' || status || ' ' || coalesce(error, ''), E'\\n') FROM workflow.execution
	 WHERE NOT (status = 'SUCCEEDED' OR status = 'ABORTED' AND name IN ($names)))),
	'', 'every one has SUCCEEDED, or was stopped');
my $aborted = $node->safe_psql('postgres', q(SELECT count(*) FROM workflow.execution WHERE status = 'ABORTED'));
note("$aborted of " . scalar(keys %stopped) . ' stops came in time');
is($node->safe_psql('postgres', q(
	SELECT string_agg(name, ' ') FROM workflow.execution
	 WHERE status = 'SUCCEEDED' AND output IS DISTINCT FROM '"join"')),
	'', 'with the output of its last state');
is($node->safe_psql('postgres', q(
	SELECT string_agg(e.name || ': ' || coalesce(l.branches, '-'), E'\n') FROM workflow.execution e
	  LEFT JOIN (SELECT execution, string_agg(branch, ' ' ORDER BY branch) AS branches FROM app.entry GROUP BY 1) l ON l.execution = e.name
	 WHERE e.status = 'SUCCEEDED' AND l.branches IS DISTINCT FROM 'first join quick second slow')),
	'', 'every one that SUCCEEDED has done each of its tasks once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM (SELECT FROM app.entry GROUP BY execution, branch HAVING count(*) > 1) AS d'),
	'0', 'no task was done twice');
is($node->safe_psql('postgres', q(
	WITH told AS (
		SELECT x.name AS execution, e.details ->> 'output' AS branch
		  FROM workflow.execution x JOIN workflow.history h ON h.execution_id = x.id
		 CROSS JOIN LATERAL workflow._unfold(h.events, h.payloads, h.first_id, h.at) AS e
		 WHERE e.type = 'TaskSucceeded'),
	differences AS ((TABLE told EXCEPT ALL TABLE app.entry) UNION ALL (TABLE app.entry EXCEPT ALL TABLE told))
	SELECT string_agg(execution || ' ' || branch, E'\n') FROM differences)),
	'', 'histories tell exactly what was done');
histories_are_sound($node);
nothing_is_left($node);

# it is as good as new
my $end = run_machine($node, 'app', 'crash');
is($end->{status}, 'SUCCEEDED', 'another one runs');
$node->stop;
done_testing();
