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

nothing_is_left($node);
$session->quit;
$other->quit;
$node->stop;
done_testing();
