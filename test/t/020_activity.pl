# Activities: workers that poll, hand-outs that belong to a transaction, and who is in nobody's way.
use strict;
use warnings FATAL => 'all';
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use Workflow;

my $node = new_node('main');
my $json = JSON::PP->new->canonical->allow_nonref;

new_role($node, 'app');
sql_as($node, 'app', q(SELECT workflow.create_activity('ship'); SELECT workflow.create_activity('other');
	CREATE TABLE app.shipped (n int)));

# A machine with one activity task
sub activity
{
	my ($activity, %fields) = @_;

	return {
		Type => 'Task',
		Resource => "arn:aws:states:us-east-1:000000000000:activity:$activity",
		End => \1,
		%fields
	};
}

sub one_state
{
	return $json->encode({ StartAt => 'A', States => { A => $_[0] } });
}

# The token that get_activity_task() gives, '' for none
sub token_of
{
	my ($session, $wait, $activity) = @_;

	return $session->query('SELECT task_token FROM workflow.get_activity_task('
		  . literal($activity // 'ship') . ", 'w', '" . ($wait // '10 s') . "')");
}

# Answer a token: what the session says, '' where it went well
sub answer
{
	my ($session, $token, $output) = @_;

	return $session->query('SELECT workflow.send_task_success(' . literal($token) . ', ' . literal($output) . ')');
}

sub wait_for_sleepers
{
	my ($count) = @_;

	return wait_until($node,
		"SELECT count(*) = $count FROM pg_stat_activity WHERE wait_event = 'Extension' AND state = 'active' AND query ~ 'get_activity'",
		"$count sessions wait for work");
}

my $first = new_session($node, 'postgres', 'app');
my $second = new_session($node, 'postgres', 'app');
my ($arn, $other, $token, $end, $started, $seconds);

#
# A poll waits and is woken
#
$first->send(q(SELECT task_token <> '' FROM workflow.get_activity_task('ship', 'w1', '60 s')));
wait_for_sleepers(1);
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity a WHERE usename = 'app' AND (backend_xid IS NOT NULL
	OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND locktype IN ('transactionid', 'tuple'))))),
	'0', 'a poll that waits has written nothing and locked no row');
$started = time;
$arn = start_machine($node, 'app', 'ship', one_state(activity('ship')), '{"n": 1}');
is($first->receive, 't', 'a poll gives the task');
$seconds = time - $started;
cmp_ok($seconds, '<', 5, 'it is woken');

# the hand-out was committed, its token lost: nobody gets the task again
is(token_of($first, '0'), '', 'what was handed out is handed out once');
sql_as($node, 'app', 'SELECT workflow.stop_execution(' . literal($arn) . ')');
nothing_is_left($node);

#
# Several wait: each task goes to one
#
my @workers = map { new_session($node, 'postgres', 'app') } 1 .. 5;

$_->send(q(SELECT input->>'n', task_token FROM workflow.get_activity_task('ship', 'w', '60 s'))) for @workers;
wait_for_sleepers(5);
my @arns = map { start_machine($node, 'app', 'ship', undef, qq({"n": $_})) } 1 .. 5;
my %got = map { split /\|/, $_->receive } @workers;

is(join(' ', sort keys %got), '1 2 3 4 5', 'five tasks go to five workers');
answer($first, $got{$_}, qq({"done": $_})) for keys %got;
is(join(' ', map { end_of($node, $arns[ $_ - 1 ])->{output}{done} } 1 .. 5), '1 2 3 4 5', 'and each answer to its execution');
nothing_is_left($node);

# a task of another activity wakes nobody
$first->send(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '1 s')));
wait_for_sleepers(1);
$arn = start_machine($node, 'app', 'other', one_state(activity('other')));
is($first->receive, '', 'another activity is another activity');
sql_as($node, 'app', 'SELECT workflow.stop_execution(' . literal($arn) . ')');

#
# Cancel of a poll; a wake-up that its poller makes no use of is passed on
#
$first->send(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '60 s')));
wait_for_sleepers(1);
$node->safe_psql('postgres', q(SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ 'get_activity_task' AND wait_event = 'Extension'));
like($first->receive, qr/canceling statement due to user request/, 'a poll can be cancelled');

#
# A hand-out belongs to its transaction
#
$second->send(q(SELECT task_token <> '' FROM workflow.get_activity_task('ship', 'w2', '60 s')));
wait_for_sleepers(1);
$first->query('BEGIN');
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 2}');
my $receiver = $second->receive;    # whoever polls gets it
is($receiver, 't', 'a task that is there goes to who waits');
sql_as($node, 'app', 'SELECT workflow.stop_execution(' . literal($arn) . ')');

$arn = start_machine($node, 'app', 'ship', undef, '{"n": 3}');
$token = token_of($first);
ok($token ne '', 'handed out in a transaction');
$second->send(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w2', '60 s')));
wait_for_sleepers(1);
$first->query('ROLLBACK');
is($second->receive, $token, 'at the rollback the next worker is woken and gets it');
answer($first, $token, '1');
is(end_of($node, $arn)->{output}, 1, 'whoever has the token sends the answer');

# the same by a savepoint
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 4}');
$first->query('BEGIN; SAVEPOINT a');
$token = token_of($first);
$second->send(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w2', '60 s')));
wait_for_sleepers(1);
$first->query('ROLLBACK TO a');
is($second->receive, $token, 'at the rollback to a savepoint, too');
$first->query('COMMIT');
answer($second, $token, '1');
wait_for_status($node, $arn, 'SUCCEEDED');

#
# Exactly once: task, work and answer commit together
#
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 5}');
$first->query('BEGIN');
$token = token_of($first);
$first->query('INSERT INTO app.shipped VALUES (5)');
answer($first, $token, '"a"');
$first->query('ROLLBACK');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.shipped'), '0', 'rolled back: nothing was shipped');
$first->query('BEGIN');
$token = token_of($first);
$first->query('INSERT INTO app.shipped VALUES (5)');
answer($first, $token, '"b"');
$first->query('COMMIT');
is(end_of($node, $arn)->{output}, 'b', 'the task was there again, and its answer counts');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.shipped'), '1', 'shipped once');

#
# While such a transaction is open, siblings, timers and Stop go on
#
my $parallel = $json->encode(
	{   StartAt => 'P',
		States => {
			P => {
				Type => 'Parallel',
				End => \1,
				Branches => [
					{ StartAt => 'A', States => { A => activity('ship') } },
					{ StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1, Next => 'B' }, B => activity('other') } }
				]
			}
		}
	});
$arn = start_machine($node, 'app', 'parallel', $parallel);
$first->query('BEGIN');
$token = token_of($first);
ok($token ne '', 'a worker has a task of one branch in an open transaction');
$other = token_of($second, '10 s', 'other');
ok($other ne '', 'the timer of the other branch fires, and its task is handed out');
answer($second, $other, '"other"');
wait_until($node,
	'SELECT count(*) = 1 FROM workflow.get_execution_history(' . literal($arn) . ") WHERE type = 'ActivitySucceeded'",
	'its branch goes on');
answer($first, $token, '"first"');
$first->query('COMMIT');
is($json->encode(end_of($node, $arn)->{output}), '["first","other"]', 'and both come together');

$arn = start_machine($node, 'app', 'parallel', undef);
$first->query('BEGIN');
$token = token_of($first);
$started = time;
sql_as($node, 'app', 'SELECT workflow.stop_execution(' . literal($arn) . ')');
cmp_ok(time - $started, '<', 5, 'Stop does not wait for the worker');
wait_for_status($node, $arn, 'ABORTED');
like(answer($first, $token, '1'),
	qr/Task Timed Out/, 'the worker learns that it is over');
$first->query('ROLLBACK');
is(token_of($second, '0'), '', 'the rollback does not bring it back');

#
# Its own timeout does not wait for the worker, either; the next attempt is another task
#
my $retried = one_state(
	activity('ship', TimeoutSeconds => 1,
		Retry => [ { ErrorEquals => ['States.Timeout'], IntervalSeconds => 1, MaxAttempts => 1 } ]));
$arn = start_machine($node, 'app', 'retried', $retried);
$first->query('BEGIN');
$token = token_of($first);
$other = token_of($second);
ok($other ne '' && $other ne $token, 'the second attempt has a token of its own');
like(answer($first, $token, '"late"'),
	qr/Task Timed Out/, 'the old one is worth nothing');
$first->query('ROLLBACK');
answer($second, $other, '"second"');
is(end_of($node, $arn)->{output}, 'second', 'the new one is');

# what could not be deleted then is swept up
$node->safe_psql('postgres', q(ALTER SYSTEM SET workflow.recheck_interval = '1s'; SELECT pg_reload_conf()));
wait_until($node, 'SELECT count(*) = 0 FROM workflow.task', 'rows of void tasks are swept up');
nothing_is_left($node);

#
# Sessions that cannot wait; a procedure that commits between waits
#
like(sql_of($first, q(BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT task_token FROM workflow.get_activity_task('ship', 'w', '1 s'))),
	qr/cannot wait for a task in a transaction with isolation level/, 'REPEATABLE READ cannot wait');
is(sql_of($first, q(BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT task_token IS NULL FROM workflow.get_activity_task('ship', 'w', '0'))),
	't', 'but may look');

sub sql_of
{
	my ($session, $sql) = @_;
	my $said = $session->query($sql);

	$session->query('ROLLBACK');
	return $said;
}

$first->send(q(CALL workflow.poll_activity_task('ship', 'w', '60 s')));
wait_until($node,
	q(SELECT count(*) = 1 FROM pg_stat_activity WHERE query ~ 'poll_activity_task' AND pid <> pg_backend_pid() AND wait_event = 'Extension' AND backend_xmin IS NULL),
	'poll_activity_task() waits without a snapshot');
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 6}');
like($first->receive, qr/^\S{64}\|\{"n": 6\}$/, 'and is woken');
sql_as($node, 'app', 'SELECT workflow.stop_execution(' . literal($arn) . ')');

#
# An answer from another session while the function that hands the token out still runs; and its
# transaction is still open when the function has ended
#
SKIP:
{
	skip 'no dblink', 16 if $node->safe_psql('postgres', q(SELECT count(*) FROM pg_available_extensions WHERE name = 'dblink')) eq '0';

	my $connection = literal($node->connstr('postgres') . ' user=app');

	$node->safe_psql('postgres', 'CREATE EXTENSION dblink');
	$node->safe_psql('postgres', 'GRANT EXECUTE ON FUNCTION dblink_connect_u(text) TO app');
	sql_as($node, 'app', qq(CREATE TABLE app.told (token text);
		CREATE FUNCTION app.tell(token text) RETURNS text LANGUAGE plpgsql AS \$\$
		BEGIN
			PERFORM dblink_connect_u($connection);
			PERFORM dblink_exec(format('INSERT INTO app.told VALUES (%L)', token));
			PERFORM dblink_disconnect();
			PERFORM pg_advisory_xact_lock(1);
			RETURN 'told';
		END \$\$));
	$second->query('SELECT pg_advisory_lock(1)');
	$arn = start_machine($node, 'app', 'tell',
		one_state({ Type => 'Task', Resource => 'sql:app.tell.waitForTaskToken', End => \1, Parameters => { 'token.$' => '$$.Task.Token' } }));
	wait_until($node, 'SELECT count(*) = 1 FROM app.told', 'the function has told its token, and goes on');
	$token = $node->safe_psql('postgres', 'SELECT token FROM app.told');
	$first->query('BEGIN');
	is(answer($first, $token, '"early"'), '', 'the answer is taken');
	$second->query('SELECT pg_advisory_unlock(1)');
	wait_until($node, 'SELECT count(*) = 1 FROM workflow.get_execution_history(' . literal($arn) . ") WHERE type = 'TaskSubmitted'",
		'the function ends while the sender is still there');
	$first->query('COMMIT');
	is(end_of($node, $arn)->{output}, 'early', 'and the answer counts');

	# what was taken counts, too, where the call fails or takes too long after it; and nobody has to send
	# heartbeats any more
	sql_as($node, 'app', q(CREATE TABLE app.kept (n int);
		CREATE FUNCTION app.tell_and(token text, fails boolean) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO app.kept VALUES (1);
			PERFORM app.tell(token);
			IF fails THEN
				RAISE 'told, and failed';
			END IF;
			RETURN 'told';
		END $$));
	for my $case (
		[ 'the call fails', 1, {}, 0 ],
		[ 'the call takes too long', 0, { TimeoutSeconds => 1 }, 0 ],
		[ 'heartbeats are expected', 0, { HeartbeatSeconds => 1 }, 1 ])
	{
		my ($what, $fails, $fields, $kept) = @$case;
		$node->safe_psql('postgres', 'DELETE FROM app.told; DELETE FROM app.kept');

		$second->query('SELECT pg_advisory_lock(1)');
		$arn = start_machine($node, 'app', $what =~ s/ /-/gr,
			one_state({ Type => 'Task', Resource => 'sql:app.tell_and.waitForTaskToken', End => \1,
				Parameters => { 'token.$' => '$$.Task.Token', fails => $fails ? \1 : \0 }, %$fields }));
		wait_until($node, 'SELECT count(*) = 1 FROM app.told', "$what: the token is told");
		is(answer($first, $node->safe_psql('postgres', 'SELECT token FROM app.told'), '"early"'), '', "$what: the answer is taken");
		$node->safe_psql('postgres', 'SELECT pg_sleep(1.5)') if %$fields;
		$second->query('SELECT pg_advisory_unlock(1)');
		is(end_of($node, $arn)->{output}, 'early', "$what: and counts");
		is($node->safe_psql('postgres', 'SELECT count(*) FROM app.kept'), $kept, "$what: what is left of the call");
	}
}

#
# A role without the rights of the activity's owner gets nothing to see
#
new_role($node, 'stranger');
my ($code, $out, $error) = $node->psql('postgres', q(SELECT * FROM workflow.get_activity_task('ship', 'w', '0')), extra_params => [ '-U', 'stranger' ]);
like($error, qr/AccessDenied|not authorized/, 'strangers do not poll');

$_->quit for $first, $second, @workers;
nothing_is_left($node);
histories_are_sound($node);
$node->stop;
done_testing();
