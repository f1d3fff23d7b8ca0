# Two-phase commit: what a prepared transaction did counts when it is committed.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "workflow.recheck_interval = '1h'\n");
my $prefix = 'arn:aws:states:us-east-1:000000000000:execution';

$node->safe_psql('postgres', <<'EOS');
SELECT workflow.create_state_machine('pass', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
SELECT workflow.create_state_machine('wait', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}}');
EOS

sub status
{
	my ($arn) = @_;

	return $node->safe_psql('postgres', "SELECT status FROM workflow.describe_execution('$arn')");
}

# start
$node->safe_psql('postgres', q(BEGIN; SELECT workflow.start_execution('pass', '{}', 'committed'); PREPARE TRANSACTION 'one'));
$node->safe_psql('postgres', q(BEGIN; SELECT workflow.start_execution('pass', '{}', 'rolled'); PREPARE TRANSACTION 'two'));
is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.execution'), '0', 'nothing is to be seen of prepared transactions');
$node->safe_psql('postgres', q(COMMIT PREPARED 'one'));
$node->safe_psql('postgres', q(ROLLBACK PREPARED 'two'));
wait_for_status($node, "$prefix:pass:committed", 'SUCCEEDED');
is($node->safe_psql('postgres', 'SELECT count(*) FROM workflow.execution'), '1', 'what was rolled back never was');

# start, and the server is restarted in between
for my $mode ('fast', 'immediate')
{
	$node->safe_psql('postgres', qq(BEGIN; SELECT workflow.start_execution('pass', '{}', '$mode'); PREPARE TRANSACTION '$mode'));
	$node->stop($mode);
	$node->start;
	$node->safe_psql('postgres', "COMMIT PREPARED '$mode'");
	wait_for_status($node, "$prefix:pass:$mode", 'SUCCEEDED');
}

# stop: while it is prepared, its execution is locked, and schedulers pass it over
for my $how ('COMMIT', 'ROLLBACK')
{
	my $arn = "$prefix:wait:$how";

	$node->safe_psql('postgres', qq(SELECT workflow.start_execution('wait', '{"s": 1}', '$how')));
	wait_until($node, 'SELECT count(*) = 1 FROM workflow.branch WHERE phase = 1', "$how: it waits");
	$node->safe_psql('postgres', qq(BEGIN; SELECT workflow.stop_execution('$arn'); PREPARE TRANSACTION 'stop'));
	# others go on; one that was started later has waited for as long
	$node->safe_psql('postgres', qq(SELECT workflow.start_execution('wait', '{"s": 1}', '$how-other')));
	wait_for_status($node, "$prefix:wait:$how-other", 'SUCCEEDED');
	is(status($arn), 'RUNNING', "$how: it is passed over");
	$node->safe_psql('postgres', "$how PREPARED 'stop'");
	wait_for_status($node, $arn, $how eq 'COMMIT' ? 'ABORTED' : 'SUCCEEDED');
}
nothing_is_left($node);
histories_are_sound($node);
$node->stop;
done_testing();
