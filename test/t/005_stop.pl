# Stop and time out: an execution closes at once, however long a function runs, and
# nothing stays of what is cancelled.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "workflow.max_runners = 2\n");
my ($arn, $end, $pid);

new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.fact (n int);
CREATE FUNCTION app.sleep(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.fact VALUES ((i ->> 'n')::int);
	PERFORM pg_sleep((i ->> 'seconds')::float);
	RETURN i;
END $$;
CREATE FUNCTION app.stubborn(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.fact VALUES ((i ->> 'n')::int);
	BEGIN
		PERFORM pg_sleep((i ->> 'seconds')::float);
	EXCEPTION WHEN query_canceled THEN
		NULL;
	END;
	RETURN i;
END $$;
EOS

my $sleep = '{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "sql:app.sleep", "End": true}}}';

# Start one, and wait until its function sleeps: gives ARN and runner
sub start_sleeping
{
	my ($name, $definition, $input) = @_;
	my $sleeping = start_machine($node, 'app', $name, $definition, $input);

	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND wait_event = 'PgSleep'")
	  or die 'no function sleeps';
	return ($sleeping,
		$node->safe_psql('postgres',
			"SELECT pid FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND wait_event = 'PgSleep'"));
}

sub facts
{
	my ($n) = @_;

	return $node->safe_psql('postgres', "SELECT count(*) FROM app.fact WHERE n = $n");
}

sub runner_is_free
{
	my ($what) = @_;

	wait_until($node, 'SELECT count(*) = 0 FROM workflow.worker WHERE execution_id IS NOT NULL', "$what: no runner is busy");
	is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow runner' AND pid = $pid"),
		'1', "$what: the runner is still there");
	$end = run_machine($node, 'app', 'sleep', $sleep, '{"n": 1000, "seconds": 0}');
	is($end->{status}, 'SUCCEEDED', "$what: and usable");
}

#
# Stop
#
($arn, $pid) = start_sleeping('sleep', $sleep, '{"n": 1, "seconds": 600}');
my $took = $node->safe_psql('postgres', qq(
	SELECT clock_timestamp() AS began \\gset
	SELECT FROM workflow.stop_execution('$arn', 'Enough', 'I say so');
	SELECT extract(epoch FROM clock_timestamp() - :'began') * 1000));
$took =~ s/^\s+//;
cmp_ok($took, '<', 1000, 'it is stopped at once');
$end = end_of($node, $arn);
is("$end->{status} $end->{error} $end->{cause}", 'ABORTED Enough I say so', 'and is ABORTED');
runner_is_free('stop');
is(facts(1), '0', 'nothing stays of the cancelled task');

# twice is no error
is($node->safe_psql('postgres', "SELECT workflow.stop_execution('$arn', 'Other') = stopped_at FROM workflow.describe_execution('$arn')"),
	't', 'to stop it again changes nothing');
is(end_of($node, $arn)->{error}, 'Enough', 'nothing at all');

# one that catches the cancellation
($arn, $pid) = start_sleeping('stubborn',
	'{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "sql:app.stubborn", "End": true}}}',
	'{"n": 2, "seconds": 600}');
$node->safe_psql('postgres', "SELECT workflow.stop_execution('$arn')");
runner_is_free('stop, caught by the function');
is(facts(2), '0', 'nothing stays of it either');
is(end_of($node, $arn)->{status}, 'ABORTED', 'it is ABORTED');

#
# A stop that is rolled back cancels nothing
#
my $session = new_session($node);

($arn, $pid) = start_sleeping('sleep', $sleep, '{"n": 3, "seconds": 3}');
$session->query("BEGIN; SELECT workflow.stop_execution('$arn'); ROLLBACK");
is($node->safe_psql('postgres', "SELECT wait_event FROM pg_stat_activity WHERE pid = $pid"), 'PgSleep', 'the function runs on');
$session->query("BEGIN; SAVEPOINT a; SELECT workflow.stop_execution('$arn'); ROLLBACK TO a; COMMIT");
$session->query("BEGIN; SAVEPOINT a; SAVEPOINT b; SELECT workflow.stop_execution('$arn'); RELEASE b; ROLLBACK TO a; SELECT 1; COMMIT");
$session->query("DO 'BEGIN PERFORM workflow.stop_execution(''$arn''); RAISE EXCEPTION ''no''; EXCEPTION WHEN OTHERS THEN NULL; END'");
$end = end_of($node, $arn);
is($end->{status} . ' ' . ($end->{error} // ''), 'SUCCEEDED ', 'stops that were rolled back stop nothing');
is(facts(3), '1', 'and the task was run once');

# one that is committed while others are rolled back
($arn, $pid) = start_sleeping('sleep', $sleep, '{"n": 4, "seconds": 600}');
$session->query("BEGIN; SAVEPOINT a; SELECT workflow.stop_execution('$arn'); ROLLBACK TO a; SAVEPOINT b; SELECT workflow.stop_execution('$arn'); RELEASE b; COMMIT");
runner_is_free('stop in a subtransaction');
is(end_of($node, $arn)->{status}, 'ABORTED', 'it is ABORTED');

# before it has begun, in the transaction that starts it
is( $session->query(q(BEGIN; SELECT workflow.start_execution('sleep', '{"n": 5, "seconds": 0}') AS arn \gset
	SELECT FROM workflow.stop_execution(:'arn'); COMMIT; SELECT status FROM workflow.describe_execution(:'arn'))),
	'ABORTED', 'stopped before it began');
is(facts(5), '0', 'it does nothing');

#
# TimeoutSeconds of a task: States.Timeout, about when it is due
#
for my $resource ('sleep', 'stubborn')
{
	($arn, $pid) = start_sleeping("timeout-$resource", <<"EOS", '{"n": 6, "seconds": 600}');
{"StartAt": "S", "States": {
	"S": {"Type": "Task", "Resource": "sql:app.$resource", "TimeoutSeconds": 1, "End": true,
		  "Catch": [{"ErrorEquals": ["States.Timeout"], "ResultPath": "\$.error", "Next": "C"}]},
	"C": {"Type": "Pass", "End": true}}}
EOS
	$end = end_of($node, $arn);
	is("$end->{status} " . ($end->{output}{error}{Error} // ''), 'SUCCEEDED States.Timeout', "$resource: States.Timeout is caught");
	my $late = $node->safe_psql('postgres', qq(
		SELECT extract(epoch FROM max(at) FILTER (WHERE type = 'TaskTimedOut') - max(at) FILTER (WHERE type = 'TaskScheduled')) * 1000 - 1000
		  FROM workflow.get_execution_history('$arn')));
	cmp_ok($late, '>=', 0, "$resource: not early");
	cmp_ok($late, '<', 500, "$resource: and soon");
	note("timeout of a task: $late ms late");
	runner_is_free("timeout of $resource");
}
is(facts(6), '0', 'nothing stays of the tasks that timed out');

# a retry after a timeout: the first attempt must not count any more
sql_as($node, 'app', <<'EOS');
CREATE SEQUENCE app.attempt;
CREATE FUNCTION app.slow_once(i jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	attempt bigint := nextval('app.attempt');
BEGIN
	INSERT INTO app.fact VALUES (700 + attempt);
	IF attempt = 1 THEN
		PERFORM pg_sleep(600);
	END IF;
	RETURN attempt;
END $$;
EOS
$end = run_machine($node, 'app', 'slow-once', <<'EOS');
{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "sql:app.slow_once", "TimeoutSeconds": 1, "End": true,
	"Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 2}]}}}
EOS
is("$end->{status} $end->{output}", 'SUCCEEDED 2', 'a task that timed out is tried again');
is(facts(701) . facts(702), '01', 'only the second attempt left something');

#
# TimeoutSeconds of the machine
#
($arn, $pid) = start_sleeping('machine-timeout',
	'{"TimeoutSeconds": 1, "StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "sql:app.sleep", "End": true}}}',
	'{"n": 8, "seconds": 600}');
$end = end_of($node, $arn);
is($end->{status}, 'TIMED_OUT', 'the machine\'s time is over: TIMED_OUT');
runner_is_free('timeout of a machine');
is(facts(8), '0', 'nothing stays of its task');

#
# A Parallel branch that fails cancels the tasks of the others
#
$end = run_machine($node, 'app', 'parallel', <<'EOS');
{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true,
	"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "C"}],
	"Branches": [
		{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:app.sleep", "Parameters": {"n": 9, "seconds": 600}, "End": true}}},
		{"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail", "Error": "Broken"}}}]},
	"C": {"Type": "Pass", "End": true}}}
EOS
is("$end->{status} " . ($end->{output}{error}{Error} // ''), 'SUCCEEDED Broken', 'the other branch fails');
wait_until($node, 'SELECT count(*) = 0 FROM workflow.worker WHERE execution_id IS NOT NULL', 'its sibling is cancelled');
is(facts(9), '0', 'nothing stays of it');

#
# Many at once, in one transaction: more than its callback keeps
#
$node->safe_psql('postgres', q(
	SELECT count(workflow.start_execution('sleep', '{"n": 10, "seconds": 600}')) FROM generate_series(1, 400)));
$node->poll_query_until('postgres', 'SELECT count(*) = 2 FROM workflow.worker WHERE execution_id IS NOT NULL') or die;
$node->safe_psql('postgres', q(SELECT count(workflow.stop_execution(execution_arn)) FROM workflow.list_executions('sleep', 'RUNNING', 1000)));
wait_until($node, 'SELECT count(*) = 0 FROM workflow.worker WHERE execution_id IS NOT NULL', '400 stopped in one transaction: their tasks are cancelled');
is(facts(10), '0', 'nothing stays of them');

# more running tasks than slots in the queue: those that wait are not lost
$node->safe_psql('postgres', q(
	SELECT count(workflow.start_execution('sleep', '{"n": 11, "seconds": 0}')) FROM generate_series(1, 1500)));
wait_until($node, 'SELECT count(*) = 0 FROM workflow.agenda', '1,500 tasks at once are all run');
is(facts(11), '1500', 'once each');

$session->quit;
nothing_is_left($node);
histories_are_sound($node);
$node->stop;
done_testing();
