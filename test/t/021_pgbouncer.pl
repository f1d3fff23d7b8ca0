# Workers behind PgBouncer, which gives a transaction any session of the server: polls, answers
# and hand-outs that are rolled back need nothing that belongs to a session.
use strict;
use warnings FATAL => 'all';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);
use Workflow;

my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
plan skip_all => 'pgbouncer is not installed' unless defined $pgbouncer;

my $node = new_node('main');

new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.shipped (n int PRIMARY KEY);
SELECT workflow.create_activity('ship');
SELECT workflow.create_state_machine('ship', '{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
	"Resource": "arn:aws:states:us-east-1:000000000000:activity:ship"}}}');
EOS

#
# Three sessions of the server for however many clients
#
my $dir = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $log = "$PostgreSQL::Test::Utils::log_path/021_pgbouncer_pgbouncer.log";

append_to_file("$dir/users.txt", qq("app" ""\n));
append_to_file("$dir/pgbouncer.ini", <<"EOS");
[databases]
postgres = host=@{[ $node->host ]} port=@{[ $node->port ]} dbname=postgres
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $dir
auth_type = trust
auth_file = $dir/users.txt
pool_mode = transaction
default_pool_size = 3
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
EOS
my $bouncer = IPC::Run::start([ $pgbouncer, "$dir/pgbouncer.ini" ], '<', \undef, '>', $log, '2>&1');
my $connection = "host=$dir port=$port dbname=postgres user=app";

for (1 .. 100)
{
	last if system("psql -XAtqc 'SELECT 1' '$connection' >/dev/null 2>&1") == 0;
	usleep(100_000);
}

sub client
{
	return Workflow::Session->connect($connection);
}

my @clients = map { client() } 1 .. 8;
my ($first, $second) = @clients;
my ($arn, $token, $other);

like($first->query('SELECT pg_backend_pid()'), qr/^\d+$/, 'there is a session behind PgBouncer');

# hand-out and answer in transactions of their own: any session may do
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 1}');
$token = $first->query(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '30 s')));
$second->query('BEGIN');    # takes the session that the token came from
is($first->query("SELECT workflow.send_task_heartbeat('$token')"), '', 'a heartbeat');
is($first->query("SELECT workflow.send_task_success('$token', '1')"), '', 'and an answer by another session');
$second->query('COMMIT');
is(end_of($node, $arn)->{output}, 1, 'count');

# a poll waits in the server and is woken
$first->send(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '60 s')));
wait_until($node, q(SELECT count(*) = 1 FROM pg_stat_activity WHERE query ~ 'get_activity_task' AND wait_event = 'Extension'),
	'a poll waits');
my $began = time;
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 2}');
$token = $first->receive;
cmp_ok(time - $began, '<', 5, 'and is woken');
is($second->query("SELECT workflow.send_task_failure('$token', 'Broken')"), '', 'a failure by another client');
is(end_of($node, $arn)->{error}, 'Broken', 'counts');

# the procedure commits between its waits, and its session stays with it
$first->send(q(CALL workflow.poll_activity_task('ship', 'w', '60 s')));
wait_until($node, q(SELECT count(*) = 1 FROM pg_stat_activity WHERE query ~ 'poll_activity_task' AND pid <> pg_backend_pid() AND wait_event = 'Extension' AND backend_xmin IS NULL),
	'poll_activity_task() waits without a snapshot');
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 3}');
like($first->receive, qr/^(\S{64})\|\{"n": 3\}$/, 'and is woken');
sql_as($node, 'app', 'SELECT workflow.stop_execution(' . literal($arn) . ')');

# a poll that is cancelled leaves no slot behind
$first->send(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '60 s')));
wait_until($node, q(SELECT count(*) = 1 FROM pg_stat_activity WHERE query ~ 'get_activity_task' AND wait_event = 'Extension'),
	'a poll waits');
$node->safe_psql('postgres', q(SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ 'get_activity_task' AND wait_event = 'Extension'));
like($first->receive, qr/canceling statement due to user request/, 'and is cancelled');

# what one client gives back, the next one gets, though the session may be the same
$arn = start_machine($node, 'app', 'ship', undef, '{"n": 4}');
$first->query('BEGIN');
$token = $first->query(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '30 s')));
is($second->query(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '0'))), '', 'a task is handed out once');
$first->query('ROLLBACK');
$other = $second->query(q(SELECT task_token FROM workflow.get_activity_task('ship', 'w', '30 s')));
is($other, $token, 'what is rolled back is there again');
is($first->query("SELECT workflow.send_task_success('$other', '4')"), '', 'and answered');
is(end_of($node, $arn)->{output}, 4, 'once');

#
# Eight workers on three sessions, hand-out, work and answer in one transaction, every fifth rolled back
#
my $count = 100;

sql_as($node, 'app', "SELECT workflow.start_execution('ship', jsonb_build_object('n', n)) FROM generate_series(1, $count) AS n");
for my $round (1 .. 10 * $count)
{
	my $end = $round % 5 == 0 ? 'ROLLBACK' : 'COMMIT';

	last if sql_as($node, 'app', 'SELECT count(*) FROM app.shipped') == $count;
	$_->send(qq(BEGIN;
		WITH t AS MATERIALIZED (SELECT * FROM workflow.get_activity_tasks('ship', 3, 'w', '0')),
		w AS (INSERT INTO app.shipped SELECT (input ->> 'n')::int FROM t RETURNING n)
		SELECT workflow.send_task_success(task_token, input) FROM t WHERE (SELECT count(*) FROM w) > 0;
		$end)) for @clients;
	$_->receive for @clients;
}
is(sql_as($node, 'app', 'SELECT count(*) FROM app.shipped'), $count, 'all is shipped, nothing twice');
wait_until($node, 'SELECT count(*) = 0 FROM workflow.agenda', 'and all executions end');
is($node->safe_psql('postgres', q(SELECT count(*) FROM workflow.execution WHERE status = 'SUCCEEDED' AND output = input)),
	$count, 'with their answers');
cmp_ok($node->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND backend_type = 'client backend')),
	'<=', 3, 'by no more than three sessions');

$_->quit for @clients;
$bouncer->signal('TERM');
eval { $bouncer->finish };
nothing_is_left($node);
histories_are_sound($node);
$node->stop;
done_testing();
