# Stop and start in every phase of an execution; SIGTERM of each process.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "workflow.recheck_interval = '1h'\nworkflow.max_runners = 3\n");

new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.entry (execution text, task text);
CREATE TABLE app.gate (open boolean);
INSERT INTO app.gate VALUES (false);
CREATE FUNCTION app.note(execution text, task text) RETURNS text LANGUAGE sql AS
	'INSERT INTO app.entry VALUES (execution, task) RETURNING task';
-- works until the gate is open
CREATE FUNCTION app.work(execution text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.entry VALUES (execution, 'work');
	WHILE NOT (SELECT open FROM app.gate) LOOP
		PERFORM pg_sleep(0.01);
	END LOOP;
	RETURN 'work';
END $$;
-- fails until the gate is open
CREATE FUNCTION app.try(execution text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.entry VALUES (execution, 'try');
	IF NOT (SELECT open FROM app.gate) THEN
		RAISE EXCEPTION 'not yet';
	END IF;
	RETURN 'try';
END $$;
SELECT workflow.create_state_machine('wait', $asl$
{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2, "Next": "N"},
 "N": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "task": "note"}, "End": true}}}
$asl$);
SELECT workflow.create_state_machine('task', $asl$
{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:app.work", "Parameters": {"execution.$": "$$.Execution.Name"}, "End": true}}}
$asl$);
SELECT workflow.create_state_machine('retry', $asl$
{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:app.try", "Parameters": {"execution.$": "$$.Execution.Name"}, "End": true,
 "Retry": [{"ErrorEquals": ["SQL.raise_exception"], "IntervalSeconds": 1, "MaxAttempts": 100, "BackoffRate": 1}]}}}
$asl$);
SELECT workflow.create_state_machine('parallel', $asl$
{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
 {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "task": "a"}, "End": true}}},
 {"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "sql:app.work", "Parameters": {"execution.$": "$$.Execution.Name"}, "End": true}}},
 {"StartAt": "C", "States": {"C": {"Type": "Wait", "Seconds": 2, "Next": "D"},
	"D": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "task": "d"}, "End": true}}}]}}}
$asl$);
EOS

my @expected = (
	[ 'wait', '"note"', 'note' ],
	[ 'task', '"work"', 'work' ],
	[ 'retry', '"try"', 'try' ],
	[ 'parallel', '["a", "work", "d"]', 'a d work' ],
	[ 'begun', '"note"', 'note' ],
);

# All of them, in their phases
sub start_all
{
	my ($round) = @_;

	sql_as($node, 'app', 'UPDATE app.gate SET open = false');
	sql_as($node, 'app', "SELECT workflow.start_execution('$_', '{}', '$_$round')") for qw(task retry parallel wait);
	wait_until($node, qq(
		SELECT (SELECT count(*) FROM workflow.task WHERE kind = 'sql') = 2
		   AND (SELECT count(*) FROM workflow.worker WHERE execution_id IS NOT NULL) = 2
		   AND (SELECT count(*) FROM workflow.branch WHERE phase = 2) = 1
		   AND (SELECT count(*) FROM workflow.branch WHERE phase = 1) = 2
		   AND (SELECT count(*) FROM workflow.iteration) = 1),
		"$round: each is in its phase");
	return;
}

# Open the gate; each ends as it should
sub finish_all
{
	my ($round) = @_;

	sql_as($node, 'app', 'UPDATE app.gate SET open = true');
	for (@expected)
	{
		my ($machine, $output, $entries) = @$_;
		my $name = "$machine$round";
		my $arn = 'arn:aws:states:us-east-1:000000000000:execution:' . ($machine eq 'begun' ? 'wait' : $machine) . ":$name";
		my $end;

		next if $machine eq 'begun' && $round !~ /stop/;
		$end = end_of($node, $arn);
		is($end->{status} . ' ' . ($end->{error} // ''), 'SUCCEEDED ', "$name has SUCCEEDED") or diag($end->{cause});
		is($node->safe_psql('postgres', "SELECT output FROM workflow.execution WHERE name = '$name'"), $output, 'with its output');
		is($node->safe_psql('postgres', "SELECT string_agg(task, ' ' ORDER BY task) FROM app.entry WHERE execution = '$name'"),
			$entries, 'what it did is there once');
	}
	return;
}

#
# Stop and start
#
for my $mode (qw(fast immediate))
{
	my $round = "stop-$mode";

	start_all($round);
	# one that has not begun
	$node->append_conf('postgresql.conf', 'workflow.enabled = off');
	$node->reload;
	wait_until($node, q(SELECT bool_and(state = 'suspended') FROM workflow.worker WHERE kind = 'scheduler'), 'the scheduler is suspended');
	sql_as($node, 'app', "SET client_min_messages = error; SELECT workflow.start_execution('wait', '{}', 'begun$round')");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.agenda WHERE next_event_id = 1'), '1', 'one has not begun');
	$node->stop($mode);
	$node->adjust_conf('postgresql.conf', 'workflow.enabled', 'on');
	$node->start;
	finish_all($round);
}

#
# SIGTERM
#
sub terminate
{
	my ($kind, $where) = @_;
	my $pid = $node->safe_psql('postgres', "SELECT min(pid) FROM workflow.worker WHERE kind = '$kind' " . ($where // ''));

	$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
	wait_until($node, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid", "the $kind is gone");
	wait_until($node, "SELECT count(*) > 0 FROM workflow.worker WHERE kind = '$kind' " . ($where // ''), "and there is another");
	return;
}

start_all('runner');
terminate('runner', 'AND execution_id IS NOT NULL') for 1 .. 2;
finish_all('runner');

start_all('scheduler');
terminate('scheduler');
finish_all('scheduler');

start_all('launcher');
terminate('launcher');
terminate('scheduler');
finish_all('launcher');

#
# A function that brings the server down, always: its task is failed in the end
#
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->reload;
$node->safe_psql('postgres', <<'EOS');
CREATE TABLE poison (at timestamptz DEFAULT clock_timestamp());
EOS
my $arn = start_machine($node, 'app', 'poison', <<'EOS');
{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:app.work", "Parameters": {"execution": "poison"}, "End": true}}}
EOS
sql_as($node, 'app', 'UPDATE app.gate SET open = false');
$arn = start_machine($node, 'app', 'poison', undef);
my $crashes = 0;
while ($crashes < 10)
{
	my $pid = '';
	my $status = '';

	for (1 .. 1000)
	{
		$node->psql('postgres', "SELECT status FROM workflow.describe_execution('$arn')", stdout => \$status, on_error_die => 0);
		last if $status eq 'FAILED';
		$node->psql('postgres',
			q(SELECT pid FROM workflow.worker w JOIN workflow.execution e ON e.id = w.execution_id JOIN workflow.state_machine m ON m.id = e.state_machine_id
			   WHERE m.name = 'poison' LIMIT 1),
			stdout => \$pid, on_error_die => 0);
		last if $pid ne '';
		Time::HiRes::usleep(10_000);
	}
	last if $status eq 'FAILED';
	kill('KILL', $pid) or next;
	$crashes++;
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid");
}
is($crashes, 2, 'a task under which the server crashes is begun once more');
my $end = end_of($node, $arn);
is($end->{error}, 'States.TaskFailed', 'and failed then');
like($end->{cause}, qr/server crashed/, 'with a cause that says so');

sql_as($node, 'app', 'UPDATE app.gate SET open = true');
wait_until($node, 'SELECT count(*) = 0 FROM workflow.agenda', 'all is done');
nothing_is_left($node);
histories_are_sound($node);
$node->stop;
done_testing();
