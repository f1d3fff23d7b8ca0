# Who has nothing to do does nothing; and timers fire soon, and never early.
use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main', conf => "workflow.runner_idle_timeout = '10min'\n");
my %before;

new_role($node, 'app');
sql_as($node, 'app', <<'EOS');
CREATE FUNCTION app.work(i jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT i';
SELECT workflow.create_state_machine('task', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:app.work", "End": true}}}');
SELECT workflow.create_state_machine('wait', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100000, "End": true}}}');
SELECT workflow.create_state_machine('second', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}');
SELECT workflow.create_state_machine('until', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.at", "End": true}}}');
EOS
is(run_machine($node, 'app', 'task')->{status}, 'SUCCEEDED', 'there is a runner');
sql_as($node, 'app', q(SELECT count(workflow.start_execution('wait')) FROM generate_series(1, 2000)));
wait_until($node, 'SELECT count(*) = 2000 FROM workflow.branch WHERE phase = 1', '2,000 executions wait');

sub switches
{
	my ($pid) = @_;

	return slurp_file("/proc/$pid/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m ? $1 : undef;
}

my %pids = map { split /\|/ } split(/\n/, $node->safe_psql('postgres', 'SELECT kind, pid FROM workflow.worker'));
is(join(' ', sort keys %pids), 'launcher runner scheduler', 'one process of each kind');
SKIP:
{
	skip 'needs /proc', 3 unless -r "/proc/$$/status";

	# statistics are sent, and what the start of all that has set off comes to rest
	sleep 3;
	$before{$_} = switches($pids{$_}) for keys %pids;
	sleep 20;
	for my $kind (sort keys %pids)
	{
		my $count = switches($pids{$kind}) - $before{$kind};

		cmp_ok($count, '<=', 2, "$kind: woke up $count times in 20 s");
	}
}

#
# Timers: of seconds, and of points in time, of which whole seconds count
#
$node->safe_psql('postgres', q(
	DO $$
	BEGIN
		FOR n IN 1 .. 50 LOOP
			PERFORM workflow.start_execution('second');
			PERFORM workflow.start_execution('until',
				jsonb_build_object('at', to_char((clock_timestamp() + '2 s') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
			COMMIT;
			PERFORM pg_sleep(0.03);
		END LOOP;
	END $$));
wait_until($node, q(SELECT count(*) = 2000 FROM workflow.agenda), '100 timers fire');
my ($early, $median, $most) = split(/\|/, $node->safe_psql('postgres', q(
	WITH waits AS (
		SELECT e.input, min(ev.at) FILTER (WHERE ev.type = 'WaitStateEntered') AS entered, min(ev.at) FILTER (WHERE ev.type = 'WaitStateExited') AS exited
		  FROM workflow.execution e JOIN workflow.state_machine m ON m.id = e.state_machine_id
		  JOIN workflow.history h ON h.execution_id = e.id
		 CROSS JOIN LATERAL workflow._unfold(h.events, h.payloads, h.first_id, h.at) AS ev
		 WHERE m.name IN ('second', 'until') GROUP BY e.id),
	lateness AS (
		SELECT extract(epoch FROM exited - coalesce((input ->> 'at')::timestamptz, entered + '1 s')) * 1000 AS ms FROM waits)
	SELECT count(*) FILTER (WHERE ms < 0), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 2), round(max(ms)::numeric, 2) FROM lateness)));
is($early, '0', 'none fires early');
note("timers are late by $median ms in the median, $most ms at most");
cmp_ok($most, '<', 5000, 'none waits for the next look at the agenda');
$node->stop;
done_testing();
