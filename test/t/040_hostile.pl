# What hostile or careless sessions do to the processes: others' work goes on.
use strict;
use warnings FATAL => 'all';
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
use Workflow;

my $node = new_node('main', conf => "workflow.max_runners = 2\n");
my $json = JSON::PP->new->canonical->allow_nonref;
my ($end, $arn, $pid, $session, $other);

new_role($node, 'app');
$node->safe_psql('postgres', 'CREATE ROLE mallory LOGIN CREATEDB');
sql_as($node, 'app', <<'EOS_SQL');
CREATE FUNCTION app.same(i jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT i';
CREATE FUNCTION app.nap(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS
	'BEGIN PERFORM pg_sleep((i->>''seconds'')::float); RETURN i; END';
EOS_SQL

# A machine of one Task state
sub task
{
	my ($resource, %fields) = @_;

	return $json->encode(
		{ StartAt => 'T', States => { T => { Type => 'Task', Resource => $resource, End => \1, %fields } } });
}

my $wait = $json->encode({ StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 600, End => \1 } } });

is(run_machine($node, 'app', 'same', task('sql:app.same'), '1')->{status}, 'SUCCEEDED', 'a task runs');

#
# Commands that need the database empty, from who may not give them
#
$pid = pid_of($node, 'scheduler');
for my $sql (
	'DROP DATABASE postgres',
	'ALTER DATABASE postgres RENAME TO mine',
	'ALTER DATABASE postgres SET TABLESPACE pg_default',
	'CREATE DATABASE mine TEMPLATE postgres',
	'ALTER EXTENSION workflow UPDATE',
	'DROP EXTENSION workflow')
{
	my $database = $sql =~ /EXTENSION/ ? 'postgres' : 'template1';
	my ($rc) = $node->psql($database, $sql, extra_params => [ '-U', 'mallory' ]);

	isnt($rc, 0, "refused: $sql");
}
is(pid_of($node, 'scheduler'), $pid, 'the scheduler has not left for them');

#
# Cancels that mean no task
#
for (1 .. 20)
{
	$node->safe_psql('postgres',
		q(SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type IN ('workflow scheduler', 'workflow launcher')));
	is(run_machine($node, 'app', 'same', undef, $_)->{status}, 'SUCCEEDED', "cancel $_ harms nobody") if $_ % 5 == 0;
}
is(pid_of($node, 'scheduler'), $pid, 'the scheduler has not ended');

#
# A stop that is prepared: who waits hears of it at once
#
$arn = start_machine($node, 'app', 'wait', $wait);
$session = new_session($node, 'postgres', 'app');
$other = new_session($node, 'postgres', 'app');
$other->query('BEGIN; SELECT workflow.stop_execution(' . literal($arn) . "); PREPARE TRANSACTION 'stop'");
my $begin = time;
$session->send('SELECT status FROM workflow.wait_for_execution(' . literal($arn) . ", '50s')");
wait_until($node, q(SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'Extension' AND query LIKE '%wait_for%' AND state = 'active'),
	'a session waits');
$other->query(q(COMMIT PREPARED 'stop'));
is($session->receive, 'ABORTED', 'it learns of the end');
cmp_ok(time - $begin, '<', 30, 'and soon');

#
# Tasks of a role that may not log in any more, one with its execution locked by a session that sits there
#
new_role($node, 'gone');
sql_as($node, 'gone', q(CREATE FUNCTION gone.nap(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS
	'BEGIN PERFORM pg_sleep(600); RETURN i; END'));
$arn = start_machine($node, 'gone', 'gone', task('sql:gone.nap'));
$other = new_session($node, 'postgres', 'gone');
wait_until($node, q(SELECT count(*) = 1 FROM workflow.worker WHERE kind = 'runner' AND execution_id IS NOT NULL), 'its task runs');
$other->query('BEGIN; SELECT workflow.stop_execution(' . literal($arn) . ')');
$node->safe_psql('postgres',
	q(ALTER ROLE gone NOLOGIN; SELECT pg_terminate_backend(pid) FROM workflow.worker WHERE kind = 'runner' AND execution_id IS NOT NULL));
sleep 1;
is(end_of($node, start_machine($node, 'app', 'same'), '20s')->{status}, 'SUCCEEDED', 'others\' executions go on');
$other->query('ROLLBACK');
SKIP: {
	if ($node->pg_version >= 17)
	{
		$node->safe_psql('postgres', 'SELECT workflow.stop_execution(' . literal($arn) . ')');
		skip 'since 17 a runner needs no LOGIN', 1;
	}
	$end = end_of($node, $arn);
	is($end->{error}, 'States.Permissions', 'when it is unlocked, the task is refused');
}

#
# A task that ends its session
#
sql_as($node, 'app', q(CREATE FUNCTION app.leave(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS
	'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN i; END'));
$end = run_machine($node, 'app', 'leave', task('sql:app.leave'));
is("$end->{status} $end->{error}", 'FAILED States.TaskFailed', 'a task that always ends its session is failed');
is($end->{cause}, 'The task has ended its session 10 times in a row.', 'and why is said');
is(run_machine($node, 'app', 'same', undef, '2')->{status}, 'SUCCEEDED', 'the role\'s other tasks run');

#
# The postmaster cannot fork when a scheduler is to be started
#
SKIP:
{
	my $postmaster = $node->safe_psql('postgres', q(SELECT pg_read_file('postmaster.pid')));

	$postmaster =~ s/\n.*//s;
	$session->quit;
	$session = new_session($node);
	$session->query('SELECT 1');
	my $limit = qx(prlimit --pid $postmaster --nproc --output SOFT --noheadings --raw 2>/dev/null);

	chomp $limit;
	skip 'no prlimit', 1 if system("prlimit --pid $postmaster --nproc=1: 2>/dev/null") != 0;
	$session->query(q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'workflow scheduler'));
	sleep 3;
	system("prlimit --pid $postmaster --nproc=$limit:") == 0 or die;
	is(end_of($node, start_machine($node, 'app', 'same'), '20s')->{status}, 'SUCCEEDED', 'it is started later');
}

nothing_is_left($node);
$session->quit;
$other->quit;
$node->stop;
done_testing();
