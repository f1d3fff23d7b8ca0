# A copy of a database does nothing until somebody says that it may.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

# looks at its tables all the time: if a restore left a moment to run in, it would be used
my $node = new_node('main', conf => "workflow.recheck_interval = 100\n");
my $prefix = 'arn:aws:states:us-east-1:000000000000:execution';

new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE TABLE app.entry (execution text, task text, database text DEFAULT current_database());
CREATE TABLE app.gate (open boolean);
INSERT INTO app.gate VALUES (false);
CREATE FUNCTION app.note(execution text, task text) RETURNS text LANGUAGE sql AS
	'INSERT INTO app.entry VALUES (execution, task) RETURNING task';
CREATE FUNCTION app.work(execution text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	WHILE NOT (SELECT open FROM app.gate) LOOP
		PERFORM pg_sleep(0.01);
	END LOOP;
	RETURN app.note(execution, 'work');
END $$;
SELECT workflow.create_state_machine('wait', $asl$
{"StartAt": "A", "States": {
 "A": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "task": "a"}, "ResultPath": "$.a", "Next": "W"},
 "W": {"Type": "Wait", "TimestampPath": "$.at", "Next": "B"},
 "B": {"Type": "Task", "Resource": "sql:app.note", "Parameters": {"execution.$": "$$.Execution.Name", "task": "b"}, "End": true}}}
$asl$);
SELECT workflow.create_state_machine('work', $asl$
{"StartAt": "A", "States": {
 "A": {"Type": "Task", "Resource": "sql:app.work", "Parameters": {"execution.$": "$$.Execution.Name"}, "End": true}}}
$asl$);
EOS
sql_as($node, 'app', q(SELECT workflow.start_execution('wait', '{"at": "2020-01-01T00:00:00Z"}', 'done')));
wait_for_status($node, "$prefix:wait:done", 'SUCCEEDED');
sql_as($node, 'app', q(SELECT workflow.start_execution('wait',
	jsonb_build_object('at', to_char((now() + '6 s') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), 'waiting')));
sql_as($node, 'app', q(SELECT workflow.start_execution('work', '{}', 'working')));
wait_until($node, q(SELECT (SELECT count(*) FROM workflow.branch WHERE phase = 1) = 1 AND (SELECT count(*) FROM workflow.worker WHERE execution_id IS NOT NULL) = 1),
	'one waits, one works');

#
# pg_dump and restore.  Between its tables the restore pauses for long enough to be found.
#
my $file = $PostgreSQL::Test::Utils::tmp_check . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $file, '-d', $node->connstr('postgres') ], 'pg_dump');
my $dump = slurp_file($file);
$dump =~ s/^(COPY workflow\.(?:branch|history|instance|task) )/SELECT pg_catalog.pg_sleep(0.3);\n$1/mg;
append_to_file("$file.slow", $dump);
$node->safe_psql('postgres', 'CREATE DATABASE template_copy TEMPLATE template0; CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$file.slow", '-d', $node->connstr('restored') ], 'restore');

# CREATE DATABASE … TEMPLATE, of a database with a task that runs: after it has ended
sql_as($node, 'app', 'UPDATE app.gate SET open = true');
wait_for_status($node, "$prefix:work:working", 'SUCCEEDED');
sql_as($node, 'app', q(SELECT workflow.start_execution('wait',
	jsonb_build_object('at', to_char((now() + '1 day') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), 'late')));
wait_until($node, q(SELECT count(*) = 2 FROM workflow.branch WHERE phase = 1), 'two wait');
$node->safe_psql('template1', 'DROP DATABASE template_copy');
$node->safe_psql('template1', 'CREATE DATABASE template_copy TEMPLATE postgres');

for my $copy ('restored', 'template_copy')
{
	wait_until($node, 'SELECT workflow._is_suspended()', "$copy is suspended", $copy);
	wait_until($node, q(SELECT bool_and(state = 'suspended') FROM workflow.worker WHERE kind = 'scheduler'), 'its scheduler, too', $copy);
}

# the original goes on
wait_for_status($node, "$prefix:wait:waiting", 'SUCCEEDED');
is($node->safe_psql('postgres', q(SELECT string_agg(execution || ' ' || task, ', ' ORDER BY execution, task) FROM app.entry)),
	'done a, done b, late a, waiting a, waiting b, working work', 'the original has done everything');

# the copies have done nothing, though their timers fired as well
for my $copy ('restored', 'template_copy')
{
	is($node->safe_psql($copy, "SELECT string_agg(name || ' ' || status, ', ' ORDER BY name) FROM workflow.execution"),
		$copy eq 'restored'
		? 'done SUCCEEDED, waiting RUNNING, working RUNNING'
		: 'done SUCCEEDED, late RUNNING, waiting RUNNING, working SUCCEEDED',
		"$copy: executions stand where they stood");
	is($node->safe_psql($copy, q(SELECT count(*) FROM app.entry WHERE database <> 'postgres')), '0', "$copy: nothing was done there");
	is($node->safe_psql($copy, q(SELECT count(*) FROM workflow.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:wait:done'))),
		$node->safe_psql('postgres', q(SELECT count(*) FROM workflow.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:wait:done'))),
		"$copy: the history of a closed execution is there");
}

#
# resume()
#
$node->safe_psql('restored', 'UPDATE app.gate SET open = true');
for my $copy ('restored', 'template_copy')
{
	isnt($node->psql($copy, 'SELECT workflow.resume()', extra_params => [ '-U', 'app' ]), 0, "$copy: not everybody may resume it");
	$node->safe_psql($copy, 'SELECT workflow.resume()');
	is(end_of($node, "$prefix:wait:waiting", '60s', $copy)->{status}, 'SUCCEEDED', "$copy: after resume() it goes on");
}
is(end_of($node, "$prefix:work:working", '60s', 'restored')->{status}, 'SUCCEEDED', 'restored: its task is run there');
is($node->safe_psql('restored', q(SELECT string_agg(execution || ' ' || task, ', ' ORDER BY execution, task) FROM app.entry WHERE database = 'restored')),
	'waiting b, working work', 'restored: it did what was left to do');
is($node->safe_psql('postgres', q(SELECT count(*) FROM app.entry)), '6', 'the original did not notice');

# sequences go on
for my $copy ('restored', 'template_copy')
{
	my $before = $node->safe_psql($copy, 'SELECT max(id) FROM workflow.execution');
	my $new = start_machine($node, 'app', 'wait', undef, '{"at": "2020-01-01T00:00:00Z"}', $copy);

	is(end_of($node, $new, '60s', $copy)->{status}, 'SUCCEEDED', "$copy: a new one runs");
	cmp_ok($node->safe_psql($copy, 'SELECT max(id) FROM workflow.execution'), '>', $before, "$copy: with an id of its own");
	is($node->safe_psql($copy, 'SELECT workflow._is_suspended()'), 'f', "$copy is one of its own now");
	sql_as($node, 'app', q(SELECT workflow.create_state_machine('another', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')), $copy);
	is(run_machine($node, 'app', 'another', undef, '{}', $copy)->{status}, 'SUCCEEDED', "$copy: so does a new machine");
	histories_are_sound($node, $copy);
}
$node->stop;
done_testing();
