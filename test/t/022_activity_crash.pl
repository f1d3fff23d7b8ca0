# kill -9 between hand-out, result and transition: workers whose work and answers share a
# transaction do each task once, and those who only hold tokens lose none.
#
# WORKFLOW_KILLS and WORKFLOW_EXECUTIONS say how many.
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);
use Workflow;

my $kills = $ENV{WORKFLOW_KILLS} || 4;
my $executions = $ENV{WORKFLOW_EXECUTIONS} || 50 * $kills;
my $nworkers = 4;

my $node = new_node('main',
	conf => "restart_after_crash = on\nworkflow.recheck_interval = '1h'\nlog_statement = none\n");

local $SIG{PIPE} = 'IGNORE';
srand($ENV{WORKFLOW_SEED} // 4711);
new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.entry (execution text, step text);
CREATE TABLE app.mail (id bigint GENERATED ALWAYS AS IDENTITY, token text, execution text, answered boolean NOT NULL DEFAULT false);
CREATE FUNCTION app.send_mail(execution text, token text) RETURNS void LANGUAGE sql AS
	'INSERT INTO app.mail (execution, token) VALUES (execution, token)';

-- what workers do, in one transaction: take, work, answer
CREATE FUNCTION app.work() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	task record;
BEGIN
	FOR task IN SELECT * FROM workflow.get_activity_tasks('ship', 3, 'w', '0.2 s') LOOP
		INSERT INTO app.entry VALUES (task.input ->> 'name', 'ship');
		PERFORM pg_sleep(random() * 0.005);
		PERFORM workflow.send_task_success(task.task_token, task.input);
	END LOOP;
END $$;
-- and who reads the mails
CREATE FUNCTION app.answer() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	letter app.mail;
BEGIN
	FOR letter IN SELECT * FROM app.mail WHERE NOT answered ORDER BY id LIMIT 3 FOR UPDATE SKIP LOCKED LOOP
		PERFORM workflow.send_task_success(letter.token, '"answered"');
		PERFORM pg_sleep(random() * 0.005);
		UPDATE app.mail SET answered = true WHERE id = letter.id;
		INSERT INTO app.entry VALUES (letter.execution, 'mail');
	END LOOP;
END $$;
SELECT workflow.create_activity('ship');
SELECT workflow.create_state_machine('crash', $asl$
{
  "StartAt": "Ship",
  "States": {
    "Ship": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:ship", "Parameters": {"name.$": "$$.Execution.Name"}, "Next": "Mail"},
    "Mail": {"Type": "Task", "Resource": "sql:app.send_mail.waitForTaskToken", "Next": "Again",
      "Parameters": {"execution.$": "$$.Execution.Name", "token.$": "$$.Task.Token"}},
    "Again": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:ship", "Parameters": {"name.$": "States.Format('{} again', $$.Execution.Name)"}, "End": true}
  }
}
$asl$);
EOS

# Workers are clients that come again when the server is back
my $statements = "SELECT app.work();\nSELECT app.answer();\n" x 20;
my @workers;
my $started = 0;
my $killed = 0;
my %victims;

sub attempt
{
	my ($sql) = @_;

	return attempt_sql($node, 'app', $sql);
}

sub employ
{
	for my $i (0 .. $nworkers - 1)
	{
		my $worker = $workers[$i];

		next if defined $worker && eval { $worker->{run}->pump_nb if $worker->{run}->pumpable; 1 } && $worker->{run}->pumpable;
		eval { $worker->{run}->finish } if defined $worker;
		$worker = { in => $statements, out => '' };
		$worker->{run} = IPC::Run::start([ 'psql', '-XAtq', '-U', 'app', '-d', $node->connstr('postgres') ],
			'<', \$worker->{in}, '>', \$worker->{out}, '2>&1');
		$workers[$i] = $worker;
	}
	return;
}

# Names are ours: what a client that was killed has done or not can be done again
sub start_some
{
	my $to = $started + 10 > $executions ? $executions : $started + 10;

	$started = $to if defined attempt(join '', map { "SELECT workflow.start_execution('crash', '{}', 'e$_');\n" } $started + 1 .. $to);
	return;
}

# Workers in the middle of a transaction, schedulers and runners
sub kill_one
{
	my $victim = attempt_sql($node, undef, q(
		SELECT pid || ' ' || backend_type FROM pg_stat_activity
		 WHERE pid <> pg_backend_pid() AND (backend_type LIKE 'workflow %' OR usename = 'app') ORDER BY random() LIMIT 1));

	return if !defined $victim || $victim eq '';
	my ($pid, $type) = split(/ /, $victim, 2);
	if (kill('KILL', $pid))
	{
		$victims{$type}++;
		$killed++;
	}
	return;
}

my $next_kill = time + 0.5;
my $give_up = time + 120 + 5 * $kills + $executions / 5;
my $open = -1;

while ($killed < $kills || $open ne '0')
{
	die 'the server does not get through it' if time > $give_up;
	employ();
	start_some() if $started < $executions && $started * $kills <= $executions * ($killed + 1);
	if ($killed < $kills && time >= $next_kill)
	{
		kill_one();
		$next_kill = time + 0.2 + rand(0.5);
	}
	$open = $started < $executions ? -1 : attempt(q(SELECT count(*) FROM workflow.execution WHERE status = 'RUNNING')) // -1;
	usleep(20_000);
}
note('killed: ' . join(', ', map { "$_ $victims{$_}" } sort keys %victims));
is($killed, $kills, "$kills processes were killed");
eval { $_->{run}->finish } for @workers;
$node->poll_query_until('postgres', 'SELECT true');

is($node->safe_psql('postgres', q(SELECT count(*) || ' ' || count(*) FILTER (WHERE status = 'SUCCEEDED' AND output ->> 'name' = name || ' again') FROM workflow.execution)),
	"$executions $executions", "all $executions executions end well");
is($node->safe_psql('postgres', q(
	SELECT string_agg(name || ': ' || coalesce(steps, '-'), E'\n') FROM workflow.execution LEFT JOIN (
		SELECT split_part(execution, ' ', 1) AS name, string_agg(CASE WHEN execution LIKE '% again' THEN 'again' ELSE step END, ' ' ORDER BY execution, step) AS steps
		  FROM app.entry GROUP BY 1) AS done USING (name)
	 WHERE steps IS DISTINCT FROM 'mail ship again')),
	'', 'each has done each of its tasks once');
is($node->safe_psql('postgres', q(SELECT count(*) || ' ' || count(*) FILTER (WHERE answered) FROM app.mail)), "$executions $executions", 'each letter was written once, and answered');
is($node->safe_psql('postgres', q(
	SELECT string_agg(DISTINCT events, E'\n') FROM (
		SELECT h.execution_id, string_agg(e.type, ' ' ORDER BY e.id) AS events
		  FROM workflow.history h CROSS JOIN LATERAL workflow._unfold(h.events, h.payloads, h.first_id, h.at) AS e GROUP BY 1) AS d)),
	'ExecutionStarted TaskStateEntered ActivityScheduled ActivityStarted ActivitySucceeded TaskStateExited '
	  . 'TaskStateEntered TaskScheduled TaskStarted TaskSubmitted TaskSucceeded TaskStateExited '
	  . 'TaskStateEntered ActivityScheduled ActivityStarted ActivitySucceeded TaskStateExited ExecutionSucceeded',
	'and all histories say the same');
histories_are_sound($node);
# the row of a task that some worker looked at when it was to go is swept up later
$node->safe_psql('postgres', q(ALTER SYSTEM SET workflow.recheck_interval = '1s'; SELECT pg_reload_conf()));
wait_until($node, 'SELECT count(*) = 0 FROM workflow.task', 'rows of void tasks are swept up');
nothing_is_left($node);
$node->stop;
done_testing();
