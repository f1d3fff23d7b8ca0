# Schedules: pg_cron starts executions, once a tick.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $pkglibdir = `pg_config --pkglibdir`;
chomp $pkglibdir;
plan skip_all => 'pg_cron is not installed' if !-e "$pkglibdir/pg_cron.so";

my $node = new_node('main', preload => 'pg_cron', start => 0);

# its jobs connect as any client does
$node->append_conf('postgresql.conf', "cron.database_name = 'postgres'\ncron.host = '" . $node->host . "'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION workflow');
new_role($node, 'app');
new_role($node, 'other');

my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';

sub fails_like
{
	my ($role, $sql, $message, $name, $database) = @_;
	my ($rc, $out, $err) =
	  $node->psql($database // 'postgres', $sql, extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);

	isnt($rc, 0, "$name: refused");
	like($err, $message, $name);
}

#
# Where pg_cron is not
#
sql_as($node, 'app', 'SELECT workflow.create_state_machine(' . literal('pass') . ', ' . literal($pass) . ')');
fails_like('app', q(SELECT workflow.schedule('tick', '* * * * *', 'pass')),
	qr/55000: schedules need pg_cron, which is not installed in this database.*HINT:  Run CREATE EXTENSION pg_cron\./s,
	'without the extension');
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
$node->safe_psql('elsewhere', q(CREATE EXTENSION workflow; SELECT workflow.grant_usage('app')));
sql_as($node, 'app', 'SELECT workflow.create_state_machine(' . literal('pass') . ', ' . literal($pass) . ')', 'elsewhere');
fails_like('app', q(SELECT workflow.schedule('tick', '* * * * *', 'pass')),
	qr/lives in another database.*belongs into database "postgres".*Set cron.database_name to "elsewhere"/s,
	'in another database', 'elsewhere');
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');

#
# What is refused, and leaves nothing
#
fails_like('app', q(SELECT workflow.schedule('tick', '* * * *', 'pass')), qr/invalid schedule: \* \* \* \*/, 'a bad cron text');
fails_like('app', q(SELECT workflow.schedule('tick', '99 * * * *', 'pass')), qr/invalid schedule/, 'a minute that is none');
fails_like('other', q(SELECT workflow.schedule('tick', '* * * * *', 'pass')), qr/WF030/, 'a machine that one may not start');
is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM cron.job) + (SELECT count(*) FROM workflow.schedule)'),
	'0', 'nothing is left of it');

#
# Two ticks
#
sql_as($node, 'app',
	q(SELECT workflow.schedule('tick', '* * * * *', 'pass', '{"at": "<scheduled_time>", "n": [1, {"<scheduled_time>": "at <scheduled_time>"}]}')));
is($node->safe_psql('postgres', 'SELECT schedule, database, username, jobname FROM cron.job'),
	'* * * * *|postgres|app|workflow: tick', 'the job');
is(sql_as($node, 'app', 'SELECT name, cron, state_machine, role FROM workflow.schedules'),
	'tick|* * * * *|pass|app', 'its owner sees the schedule');
is(sql_as($node, 'other', 'SELECT count(*) FROM workflow.schedules'), '0', 'others do not');
fails_like('other', q(SELECT workflow.unschedule('tick')), qr/42501: schedule "tick" belongs to role "app"/, 'unschedule() by another role');
fails_like('other', q(SELECT workflow._run_schedule('tick')), qr/42501/, '_run_schedule() by another role');

ok($node->poll_query_until('postgres', q(SELECT count(*) >= 2 FROM workflow.execution WHERE name LIKE 'tick-%' AND status = 'SUCCEEDED')),
	'pg_cron has started two executions');
is($node->safe_psql('postgres', q(
	SELECT bool_and(name = 'tick-' || to_char(at, 'YYYYMMDD"T"HH24MI"Z"') AND at <= started_at AND started_at < at + interval '1 minute'
				AND output = jsonb_build_object('at', text, 'n', jsonb_build_array(1, jsonb_build_object(text, 'at ' || text))))
	  FROM (SELECT name, started_at, output, output->>'at' AS text, (output->>'at')::timestamptz AS at
			  FROM workflow.execution WHERE name LIKE 'tick-%') x)),
	't', 'name and input say which tick it is');

#
# The same tick once more, as after a failover
#
my ($first, $second, $third) = split /\n/, sql_as($node, 'app', q(
	SELECT count(*) FROM workflow.execution;
	SELECT workflow._run_schedule('tick') = workflow._run_schedule('tick');
	SELECT count(*) FROM workflow.execution;));
is($second, 't', 'a tick that was run gives the same execution');
cmp_ok($third - $first, '<=', 1, 'and starts no other');

#
# Names that are longer than those of PostgreSQL have jobs of their own
#
for my $long ('n' x 62, "\x{e9}" x 62)
{
	utf8::encode($long);
	is(sql_as($node, 'app', "SELECT count(DISTINCT workflow.schedule('$long' || i, '0 0 1 1 *', 'pass')) FROM generate_series(1, 3) i"),
		'3', 'three schedules, three jobs');
	is(sql_as($node, 'app', "SELECT bool_and(workflow.unschedule('$long' || i)) FROM generate_series(1, 3) i"), 't', 'and none after the end');
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM cron.job'), '1', 'the other job is there');

#
# A version and an alias are state machines, too
#
is(sql_as($node, 'app', q(
	SELECT workflow.publish_state_machine_version('pass') AS version \gset
	SELECT workflow.create_state_machine_alias('LIVE', jsonb_build_array(jsonb_build_object('stateMachineVersionArn', :'version', 'weight', 100))) IS NOT NULL;
	SELECT count(workflow.schedule(q, '0 0 1 1 *', 'pass:' || q)) FROM unnest(ARRAY['1', 'LIVE']) q;
	SELECT count(DISTINCT workflow._run_schedule(q)) FROM unnest(ARRAY['1', 'LIVE', '1', 'LIVE']) q;
	SELECT bool_and(workflow.unschedule(q)) FROM unnest(ARRAY['1', 'LIVE']) q)),
	"t\n2\n2\nt", 'versions and aliases can be scheduled');
fails_like('app', q(SELECT workflow.schedule('none', '0 0 1 1 *', 'pass:2')), qr/WF012/, 'a version that is not there');

#
# The end
#
sql_as($node, 'app', q(SELECT workflow.schedule('tick', '0 3 * * *', 'pass')));
is($node->safe_psql('postgres', 'SELECT string_agg(schedule, \',\') FROM cron.job'), '0 3 * * *', 'schedule() again replaces the job');
is(sql_as($node, 'app', q(SELECT workflow.unschedule('tick'), workflow.unschedule('tick'))), 't|f', 'unschedule()');
is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM cron.job) + (SELECT count(*) FROM workflow.schedule)'),
	'0', 'leaves nothing');
sql_as($node, 'app', q(SELECT workflow.schedule('tick', '0 3 * * *', 'pass')));
$node->safe_psql('postgres', 'DROP EXTENSION pg_cron');
is(sql_as($node, 'app', q(SELECT workflow.unschedule('tick'))), 't', 'unschedule() where pg_cron has gone');

$node->stop;
done_testing();
