# Databases come, go, are renamed and copied; the extension, too; settings are switched.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "workflow.recheck_interval = '1h'\n", extension => 0);
my ($arn, $end, $out, $err);

my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
my $wait = '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": true}}}';
my $task = '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}';

# A machine whose task says where it ran, and one that waits
sub prepare
{
	my ($database) = @_;

	$node->safe_psql($database, <<"EOS");
DO \$\$ BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;
SELECT workflow.grant_usage('app');
CREATE OR REPLACE FUNCTION public.work(i jsonb) RETURNS text LANGUAGE sql AS 'SELECT current_database()';
EOS
	sql_as($node, 'app', "SELECT workflow.create_state_machine('task', '$task'); SELECT workflow.create_state_machine('wait', '$wait')", $database);
	return;
}

sub works
{
	my ($database, $what) = @_;
	my $e = run_machine($node, 'app', 'task', undef, '{}', $database);

	return is("$e->{status} " . ($e->{output} // ''), "SUCCEEDED $database", "$what: works in $database");
}

#
# CREATE and DROP EXTENSION
#
wait_for_workers($node, 'workflow launcher');
$node->safe_psql('postgres', 'BEGIN; CREATE EXTENSION workflow; ROLLBACK');
$node->safe_psql('postgres', 'CREATE EXTENSION workflow');
wait_for_workers($node, 'workflow launcher, workflow scheduler');
prepare('postgres');
works('postgres', 'CREATE EXTENSION');

# a second database, found without configuration
$node->safe_psql('postgres', 'CREATE DATABASE second');
$node->safe_psql('second', 'CREATE EXTENSION workflow');
prepare('second');
works('second', 'CREATE EXTENSION in a second database');
wait_for_workers($node, 'workflow runner, workflow scheduler', 'second');

# executions of several databases do not mix
$arn = start_machine($node, 'app', 'wait', undef, '{"n": 1}', 'second');
is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.agenda'), '0', 'nothing of it in the first');

# dropped while executions run: their processes leave
sql_as($node, 'app', q(SELECT count(workflow.start_execution('wait')) FROM generate_series(1, 50)), 'second');
sql_as($node, 'app', q(SELECT count(workflow.start_execution('task')) FROM generate_series(1, 50)), 'second');
$node->safe_psql('second', 'DROP EXTENSION workflow CASCADE');
wait_for_workers($node, '', 'second');

# created anew: ids begin anew, too, and nobody remembers what they meant before
my $session = new_session($node, 'second');
$session->query('CREATE EXTENSION workflow');
$session->query(q(SELECT workflow.create_state_machine('one', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": true}}}')));
is($session->query(q(SELECT workflow.start_execution('one') AS arn \gset
	SELECT output FROM workflow.wait_for_execution(:'arn', '30s'))), '1', 'created anew');
for my $round (2, 3)
{
	$session->query("BEGIN; DROP EXTENSION workflow CASCADE; CREATE EXTENSION workflow; COMMIT");
	$session->query(qq(SELECT workflow.create_state_machine('one', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": $round, "End": true}}}')));
	is($session->query(q(SELECT workflow.start_execution('one') AS arn \gset
		SELECT output FROM workflow.wait_for_execution(:'arn', '30s'))), $round, "dropped and created in one transaction: round $round");
}
$session->quit;

# again and again, while tasks run
for my $round (1 .. 5)
{
	$node->safe_psql('second', 'DROP EXTENSION IF EXISTS workflow CASCADE; CREATE EXTENSION workflow');
	prepare('second');
	sql_as($node, 'app', q(SELECT count(workflow.start_execution('task')) FROM generate_series(1, 200)), 'second');
	wait_until($node, q(SELECT count(*) > 0 FROM workflow.execution WHERE status = 'SUCCEEDED'), "dropped while tasks run: round $round", 'second');
}
$node->safe_psql('second', q(DROP EXTENSION workflow CASCADE; CREATE EXTENSION workflow));
prepare('second');
$node->safe_psql('second', q(SELECT workflow.create_state_machine('one', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 3, "End": true}}}')));

# a drop that is rolled back
$session = new_session($node, 'second');
$session->query('BEGIN; DROP EXTENSION workflow CASCADE; ROLLBACK');
is($session->query(q(SELECT workflow.start_execution('one') AS arn \gset
	SELECT output FROM workflow.wait_for_execution(:'arn', '30s'))), '3', 'a drop that is rolled back changes nothing');
$session->quit;

#
# DROP DATABASE, RENAME, TEMPLATE, SET TABLESPACE
#
prepare('second');
works('second', 'before RENAME');
$arn = start_machine($node, 'app', 'wait', undef, '{}', 'second');
$node->safe_psql('postgres', 'ALTER DATABASE second RENAME TO renamed');
works('renamed', 'RENAME');
$node->safe_psql('postgres', 'ALTER DATABASE renamed SET TABLESPACE pg_default');
works('renamed', 'SET TABLESPACE');

$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE renamed');
works('renamed', 'CREATE DATABASE … TEMPLATE, the original');
wait_for_workers($node, 'workflow scheduler', 'copy');
($out, $err) = ('', '');
$node->psql('copy', q(SELECT workflow.start_execution('task')), stderr => \$err);
like($err, qr/WARNING:.*because this database is a copy/, 'in a copy a start warns');
$node->safe_psql('copy', 'SELECT workflow.resume()');
works('copy', 'CREATE DATABASE … TEMPLATE, the copy after resume()');
wait_until($node, q(SELECT count(*) = 0 FROM workflow.execution e JOIN workflow.state_machine m ON m.id = e.state_machine_id WHERE m.name = 'task' AND e.status = 'RUNNING'),
	'what was started before, too', 'copy');

$node->safe_psql('postgres', 'DROP DATABASE copy');
wait_until($node, q(SELECT count(*) = 0 FROM pg_database WHERE datname = 'copy'), 'DROP DATABASE');
# fails while a session is there: then all goes on
$session = new_session($node, 'renamed');
$session->query('SELECT 1');
isnt($node->psql('postgres', 'DROP DATABASE renamed'), 0, 'DROP DATABASE fails while it is in use');
works('renamed', 'a DROP DATABASE that failed');
# is refused to who does not own it, and stops nothing
my $scheduler = pid_of($node, 'scheduler', 'renamed');

for my $command ('DROP DATABASE renamed', 'ALTER DATABASE renamed RENAME TO mine', 'CREATE DATABASE mine TEMPLATE renamed')
{
	my ($status, undef, $error) = $node->psql('postgres', $command, extra_params => [ '-U', 'app' ]);

	like($error, qr/must be owner|permission denied/, "refused: $command");
}
is(pid_of($node, 'scheduler', 'renamed'), $scheduler, 'the scheduler has stayed');
$session->quit;
$node->safe_psql('postgres', 'DROP DATABASE renamed WITH (FORCE)');
wait_for_workers($node, '', 'renamed');
isnt($node->psql('postgres', 'DROP DATABASE missing'), 0, 'DROP DATABASE of none');
$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS missing');
works('postgres', 'the first database');

# the same name again is another database
$node->safe_psql('postgres', 'CREATE DATABASE renamed');
$node->safe_psql('renamed', 'CREATE EXTENSION workflow');
prepare('renamed');
works('renamed', 'created again');

# from template1, with the extension in it
$node->safe_psql('template1', 'CREATE EXTENSION workflow');
$node->safe_psql('postgres', 'CREATE DATABASE fromtemplate');
prepare('fromtemplate');
$node->safe_psql('fromtemplate', 'SELECT workflow.resume()');
works('fromtemplate', 'a database made of a template that has the extension');
is(workers($node, 'template1'), '', 'no process stays in the template');
$node->safe_psql('template1', 'DROP EXTENSION workflow');

#
# workflow.databases
#
$node->append_conf('postgresql.conf', "workflow.databases = 'postgres'");
$node->reload;
wait_for_workers($node, '', 'renamed');
works('postgres', 'workflow.databases = postgres');
$arn = start_machine($node, 'app', 'task', undef, '{}', 'renamed');
$node->adjust_conf('postgresql.conf', 'workflow.databases', "'postgres, renamed'");
$node->reload;
is(end_of($node, $arn, '60s', 'renamed')->{status}, 'SUCCEEDED', 'what was started meanwhile runs when it is named');
wait_for_workers($node, '', 'fromtemplate');
$node->adjust_conf('postgresql.conf', 'workflow.databases', "''");
$node->reload;
works('fromtemplate', 'all databases again');

#
# workflow.enabled
#
$node->append_conf('postgresql.conf', 'workflow.enabled = off');
$node->reload;
wait_until($node, q(SELECT bool_and(state = 'suspended') FROM workflow.worker WHERE kind = 'scheduler'), 'workflow.enabled = off: suspended');
wait_until($node, q(SELECT count(*) = 0 FROM workflow.worker WHERE kind = 'runner'), 'no runner stays');
$node->psql('postgres', q(SELECT workflow.start_execution('task', '{}', 'disabled')), stderr => \$err);
like($err, qr/WARNING:.*because workflow\.enabled is off/, 'a start warns');
$node->adjust_conf('postgresql.conf', 'workflow.enabled', 'on');
$node->reload;
$end = end_of($node, 'arn:aws:states:us-east-1:000000000000:execution:task:disabled');
is($end->{status}, 'SUCCEEDED', 'workflow.enabled = on: what was started meanwhile runs');

#
# A database whose tables are not what they have to be is tried less and less often
#
sub failures
{
	my @at;

	for my $line (split /\n/, slurp_file($node->logfile))
	{
		push @at, 3600 * $1 + 60 * $2 + $3 + ($4 / 1000)
		  if $line =~ /^\S+ (\d+):(\d+):(\d+)\.(\d+) .*"workflow scheduler" .* exited with exit code 1/;
	}
	return @at;
}
my $before = failures();
$node->safe_psql('fromtemplate', 'ALTER TABLE workflow.agenda RENAME TO hidden');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'fromtemplate'");
for (1 .. 600)
{
	last if failures() >= $before + 4;
	select undef, undef, undef, 0.1;
}
my @at = failures();
cmp_ok(scalar @at, '>=', $before + 4, 'tried again');
cmp_ok($at[-1] < $at[-2] ? 86400 + $at[-1] - $at[-2] : $at[-1] - $at[-2], '>=', 1.9, 'and not every second');
$node->safe_psql('fromtemplate', 'ALTER TABLE workflow.hidden RENAME TO agenda');
works('fromtemplate', 'when they are again');

#
# More schedulers, and fewer
#
for my $schedulers (3, 1, 16, 1)
{
	$node->append_conf('postgresql.conf', "workflow.schedulers = $schedulers");
	$node->reload;
	sql_as($node, 'app', q(SELECT count(workflow.start_execution('task')) FROM generate_series(1, 100)));
	wait_until($node, q(SELECT count(*) = 0 FROM workflow.agenda), "$schedulers schedulers: all is done");
	wait_until($node, "SELECT count(*) = $schedulers FROM workflow.worker WHERE kind = 'scheduler'", "$schedulers schedulers are there")
	  if $schedulers < 16;
}

#
# No room for processes: said in the log, and what runs goes on
#
$node->append_conf('postgresql.conf', "workflow.databases = 'postgres'\nmax_worker_processes = 3\nmax_logical_replication_workers = 0\n"
	  . "max_parallel_workers = 0\nworkflow.schedulers = 2");
$node->restart;
my $position = -s $node->logfile;
$arn = start_machine($node, 'app', 'task');
sql_as($node, 'app', "SELECT workflow.create_state_machine('pass', '$pass')");
is(run_machine($node, 'app', 'pass')->{status}, 'SUCCEEDED', 'max_worker_processes too small: schedulers work');
ok($node->wait_for_log(qr/workflow could not start a runner: no background worker slot is free.*HINT:  Raise max_worker_processes/s, $position),
	'the log says so');
$node->append_conf('postgresql.conf', 'workflow.schedulers = 1');
$node->reload;
is(end_of($node, $arn)->{status}, 'SUCCEEDED', 'with a place more the task is run');
$node->stop;

#
# Not preloaded
#
my $bare = PostgreSQL::Test::Cluster->new('bare');
$bare->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$bare->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$bare->start;
$bare->safe_psql('postgres', 'CREATE EXTENSION workflow');
$bare->safe_psql('postgres', "SELECT workflow.create_state_machine('pass', '$pass')");
$bare->psql('postgres', q(SELECT workflow.start_execution('pass', '{}', 'one')), stdout => \$out, stderr => \$err);
like($out, qr/^arn:/m, 'not preloaded: it is started');
like($err, qr/WARNING:.*because the library is not preloaded\nHINT:.*shared_preload_libraries/s, 'with a warning that says what to do');
is($bare->safe_psql('postgres', q(SELECT status FROM workflow.wait_for_execution('arn:aws:states:us-east-1:000000000000:execution:pass:one', '0.2s'))),
	'RUNNING', 'nobody runs it');
is($bare->safe_psql('postgres', 'SELECT count(*) FROM workflow.worker'), '0', 'there are no processes');
$bare->safe_psql('postgres', q(SELECT workflow.start_execution('pass', '{}', 'two'); SELECT workflow.stop_execution('arn:aws:states:us-east-1:000000000000:execution:pass:two')));
is($bare->safe_psql('postgres', q(SELECT status FROM workflow.describe_execution('arn:aws:states:us-east-1:000000000000:execution:pass:two'))),
	'ABORTED', 'it can be stopped');
$bare->safe_psql('postgres', 'CREATE DATABASE other TEMPLATE template1; DROP DATABASE other');
$bare->append_conf('postgresql.conf', "shared_preload_libraries = 'workflow'");
$bare->restart;
wait_until($bare, q(SELECT status = 'SUCCEEDED' FROM workflow.describe_execution('arn:aws:states:us-east-1:000000000000:execution:pass:one')),
	'preloaded: it runs');
$bare->stop;
done_testing();
