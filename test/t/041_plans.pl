# Statements are planned once, while the tables are small: they still use the indexes when the tables have
# grown and nobody has analyzed them.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "autovacuum = off\nworkflow.max_runners = 1\n");
my $wait = '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}';
my $task = '{"Type": "Task", "Resource": "sql:app.same"';
my $tasks = '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": ['
  . qq({"StartAt": "T", "States": {"T": $task, "Next": "U"}, "U": $task, "End": true}}},)
  . qq({"StartAt": "V", "States": {"V": $task, "End": true}}}]}}});
my ($session, $arn, $before);

new_role($node, 'app');
sql_as($node, 'app', q(CREATE FUNCTION app.same(i jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT i'));
sql_as($node, 'app', 'SELECT FROM workflow.create_state_machine(' . literal('wait') . ', ' . literal($wait) . ')');
$session = new_session($node, 'postgres', 'app');

# What a client does with an execution that waits
sub client
{
	$arn = start_machine($node, 'app', 'wait');
	wait_until($node,
		'SELECT next_event_id > 1 FROM workflow.agenda ORDER BY execution_id DESC LIMIT 1', 'an execution waits');
	$session->query(qq(SELECT workflow.stop_execution('$arn'); SELECT workflow.describe_execution('$arn');
		SELECT count(*) FROM workflow.get_execution_history('$arn'); SELECT workflow.start_execution('wait')));
	return;
}

# Rows of the hot tables that were read without an index
sub rows_read
{
	# statistics are sent at most once a second
	sleep 2;
	return $node->safe_psql('postgres',
		q(SELECT string_agg(format('%s: %s', relname, seq_tup_read), ', ' ORDER BY relname) FROM pg_stat_user_tables
		   WHERE schemaname = 'workflow' AND relname IN ('agenda', 'branch', 'task', 'execution', 'history', 'iteration', 'message')));
}

for (1 .. 2)
{
	client();
	is(run_machine($node, 'app', 'tasks', $tasks, '1')->{status}, 'SUCCEEDED', 'a runner has made its plans');
}
sql_as($node, 'app', q(SELECT count(*) FROM workflow.start_executions('wait', array_fill('1'::jsonb, ARRAY[20000]))));
wait_until($node, 'SELECT NOT EXISTS (SELECT FROM workflow.agenda WHERE next_event_id = 1)', 'the tables have grown');
$session->query('SELECT 1');
$before = rows_read();
$session->query(qq(SELECT workflow.stop_execution(workflow.start_execution('wait'))));
$session->query(qq(SELECT workflow.describe_execution('$arn'); SELECT count(*) FROM workflow.get_execution_history('$arn')));
is(run_machine($node, 'app', 'tasks', undef, '1')->{status}, 'SUCCEEDED', 'tasks run') for 1 .. 3;
is(rows_read(), $before, 'no row of a hot table was read without an index');

$session->quit;
$node->stop;
done_testing();
