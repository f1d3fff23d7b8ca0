# A standby runs nothing; once it is promoted, everything resumes there.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $primary = new_node('primary', allows_streaming => 1, conf => "workflow.recheck_interval = '1h'\n");
my $prefix = 'arn:aws:states:us-east-1:000000000000:execution';

new_role($primary, 'app');
sql_as($primary, 'app', <<'EOS');
CREATE TABLE app.entry (execution text, task text);
CREATE TABLE app.gate (open boolean);
INSERT INTO app.gate VALUES (false);
CREATE FUNCTION app.note(execution text) RETURNS text LANGUAGE sql AS
	'INSERT INTO app.entry VALUES (execution, ''note'') RETURNING task';
CREATE FUNCTION app.work(execution text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.entry VALUES (execution, 'work');
	WHILE NOT (SELECT open FROM app.gate) LOOP
		PERFORM pg_sleep(0.01);
	END LOOP;
	RETURN 'work';
END $$;
SELECT workflow.create_state_machine('wait', $asl$
{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 4, "Next": "N"},
 "N": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name"}, "End": true}}}
$asl$);
SELECT workflow.create_state_machine('work', $asl$
{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "sql:app.work", "Parameters": {"execution.$": "$$.Execution.Name"}, "End": true}}}
$asl$);
EOS

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

sql_as($primary, 'app', q(SELECT workflow.start_execution('wait', '{}', 'waiting'); SELECT workflow.start_execution('work', '{}', 'working')));
wait_until($primary, q(SELECT (SELECT count(*) FROM workflow.branch WHERE phase = 1) = 1 AND (SELECT count(*) FROM workflow.worker WHERE execution_id IS NOT NULL) = 1),
	'one waits, one works');
$primary->wait_for_catchup($standby);

is(workers($standby), '', 'no process of ours on a standby');
is($standby->safe_psql('postgres', q(SELECT status FROM workflow.describe_execution('arn:aws:states:us-east-1:000000000000:execution:wait:waiting'))),
	'RUNNING', 'executions can be read there');
is($standby->safe_psql('postgres', q(SELECT count(*) > 0 FROM workflow.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:wait:waiting'))),
	't', 'and their histories');
my $err;
isnt($standby->psql('postgres', q(SELECT workflow.start_execution('wait')), stderr => \$err), 0, 'none can be started');
like($err, qr/read-only transaction|during recovery/, 'the error says why');

$primary->stop('immediate');
$standby->promote;
wait_until($standby, q(SELECT count(*) = 1 FROM workflow.worker WHERE kind = 'scheduler'), 'after the promotion there is a scheduler');
$standby->safe_psql('postgres', 'UPDATE app.gate SET open = true');
for my $arn ("$prefix:wait:waiting", "$prefix:work:working")
{
	is(end_of($standby, $arn)->{status}, 'SUCCEEDED', "$arn goes on");
}
is($standby->safe_psql('postgres', q(SELECT string_agg(execution || ' ' || task, ', ' ORDER BY execution) FROM app.entry)),
	'waiting note, working work', 'what they did is there once');
is(run_machine($standby, 'app', 'work')->{status}, 'SUCCEEDED', 'a new one runs');
nothing_is_left($standby);
histories_are_sound($standby);
$standby->stop;
done_testing();
