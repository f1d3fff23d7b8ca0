# What the TAP tests share.
#
#   use Workflow;
#   my $node = new_node('main');
#   new_role($node, 'app');
#   my $end = run_machine($node, 'app', 'one', $definition, '{"n": 1}');
#   is($end->{status}, 'SUCCEEDED', 'it ends');
#
# Nothing here sleeps for a fixed time where a condition can be waited for.
package Workflow;

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);

our @EXPORT = qw(new_node new_role workers wait_for_workers wait_for_status wait_until
  start_machine run_machine end_of query_json sql_as attempt_sql new_session pid_of literal
  histories_are_sound nothing_is_left);

# A server with the library preloaded, started, and the extension in its database
# "postgres".
#
#   preload   what to preload besides (default: nothing)
#   conf      lines for postgresql.conf
#   extension create it (default: yes)
#   start     start it (default: yes; without, no extension either)
sub new_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $preload = join(',', grep { defined } $options{preload}, 'workflow');

	$node->init(extra => [ '--encoding=UTF8', '--no-locale' ],
		allows_streaming => $options{allows_streaming});
	$node->append_conf('postgresql.conf',
		"shared_preload_libraries = '$preload'\n"
		  . "max_prepared_transactions = 10\n"
		  . "max_worker_processes = 32\n"
		  . "timezone = 'UTC'\n"
		  . ($options{conf} // ''));
	return $node if defined $options{start} && !$options{start};

	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION workflow')
	  unless defined $options{extension} && !$options{extension};
	return $node;
}

# A role that can log in and use the API, with a schema of its own
sub new_role
{
	my ($node, $role, $database) = @_;

	$node->safe_psql($database // 'postgres',
		qq(CREATE ROLE $role LOGIN;
		   SELECT workflow.grant_usage('$role');
		   CREATE SCHEMA $role AUTHORIZATION $role;));
}

# A text as an SQL literal
sub literal
{
	my ($text) = @_;

	$text =~ s/'/''/g;
	return "'$text'";
}

# What a role's statements say
sub sql_as
{
	my ($node, $role, $sql, $database) = @_;

	return $node->safe_psql($database // 'postgres', $sql, extra_params => [ '-U', $role ]);
}

# The same of a server that may crash at any time, even before psql has read the statements;
# undef where they failed
sub attempt_sql
{
	my ($node, $role, $sql) = @_;
	my @role = defined $role ? (extra_params => [ '-U', $role ]) : ();
	my ($rc, $out) = eval { $node->psql('postgres', $sql, @role, on_error_die => 0) };

	return defined $rc && $rc == 0 ? $out : undef;
}

# The one JSON document that a query gives, decoded; undef for none
sub query_json
{
	my ($node, $sql, $database) = @_;
	my $text = $node->safe_psql($database // 'postgres', $sql);

	return $text eq '' ? undef : JSON::PP->new->utf8(0)->allow_nonref->decode($text);
}

# Create the machine as the role, unless it has one of that name, and start it: gives the ARN
sub start_machine
{
	my ($node, $role, $name, $definition, $input, $database) = @_;
	my $arn = sql_as($node, $role,
		"SET client_min_messages = error;\n"
		  . ($definition
			? 'SELECT FROM workflow.create_state_machine(' . literal($name) . ', ' . literal($definition) . ");\n"
			: '')
		  . 'SELECT workflow.start_execution(' . literal($name) . ', ' . literal($input // '{}') . ')',
		$database);

	$arn =~ s/^\s+//;
	return $arn;
}

# How an execution ended, or that it still runs after so long: its row as a hash
sub end_of
{
	my ($node, $arn, $timeout, $database) = @_;

	return query_json($node,
		'SELECT row_to_json(e) FROM workflow.wait_for_execution(' . literal($arn) . ', '
		  . literal($timeout // '60s') . ') AS e',
		$database);
}

# Both: start it, and wait for its end
sub run_machine
{
	my ($node, $role, $name, $definition, $input, $database) = @_;

	return end_of($node, start_machine($node, $role, $name, $definition, $input, $database), undef,
		$database);
}

# The types of the extension's processes that are there, sorted: "workflow launcher, …"
sub workers
{
	my ($node, $database) = @_;
	my $where = defined $database ? "AND datname = '$database'" : '';

	return $node->safe_psql('postgres',
		qq(SELECT string_agg(backend_type, ', ' ORDER BY backend_type COLLATE "C")
		   FROM pg_stat_activity WHERE backend_type LIKE 'workflow %' $where));
}

# Process id of the first process of a kind (launcher, scheduler, runner), '' for none
sub pid_of
{
	my ($node, $kind, $database) = @_;
	my $where = defined $database ? "AND datname = '$database'" : '';

	return $node->safe_psql('postgres',
		"SELECT min(pid) FROM pg_stat_activity WHERE backend_type = 'workflow $kind' $where");
}

# Wait until exactly these are there
sub wait_for_workers
{
	my ($node, $expected, $database) = @_;
	my $seen = '';

	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		$seen = workers($node, $database);
		return pass("processes: $expected") if $seen eq $expected;
		usleep(100_000);
	}
	return is($seen, $expected, "processes: $expected");
}

# Wait until a query gives "t" (a test of its own)
sub wait_until
{
	my ($node, $query, $what, $database) = @_;

	return ok($node->poll_query_until($database // 'postgres', $query), $what);
}

# Wait until an execution has a status (a test of its own)
sub wait_for_status
{
	my ($node, $arn, $status, $database) = @_;

	return is(end_of($node, $arn, '60s', $database)->{status}, $status, "execution is $status");
}

# No work is open
sub nothing_is_left
{
	my ($node, $database) = @_;

	return is(
		$node->safe_psql(
			$database // 'postgres',
			q(SELECT (SELECT count(*) FROM workflow.agenda) || ' ' || (SELECT count(*) FROM workflow.branch)
				|| ' ' || (SELECT count(*) FROM workflow.task) || ' ' || (SELECT count(*) FROM workflow.iteration)
				|| ' ' || (SELECT count(*) FROM workflow.express))),
		'0 0 0 0 0',
		'nothing is left in agenda, branch, task, iteration and express');
}

# Histories have ids without a gap from 1, times that never decrease, an event of the
# start and, where the execution is closed, one of its end
sub histories_are_sound
{
	my ($node, $database) = @_;

	return is(
		$node->safe_psql(
			$database // 'postgres', q(
WITH events AS (
	SELECT h.execution_id, e.*,
		   lag(e.at) OVER w AS last_at, row_number() OVER w AS number, count(*) OVER (PARTITION BY h.execution_id) AS total
	  FROM workflow.history h CROSS JOIN LATERAL workflow._unfold(h.events, h.payloads, h.first_id, h.at) AS e
	WINDOW w AS (PARTITION BY h.execution_id ORDER BY e.id))
SELECT string_agg(format('%s: event %s %s: %s', execution_id, id, type, wrong), E'\n' ORDER BY execution_id, id) FROM (
	SELECT execution_id, id, type,
		   CASE WHEN id <> number THEN 'gap before it'
				WHEN at < last_at THEN 'earlier than the one before'
				WHEN previous_id >= id THEN 'previous_id ' || previous_id
				WHEN (type = 'ExecutionStarted') <> (id = 1) THEN 'not where it belongs'
				WHEN type ~ '^Execution(Succeeded|Failed|Aborted|TimedOut)$' AND id <> total THEN 'not the last'
		   END AS wrong
	  FROM events
	UNION ALL
	SELECT x.id, e.id, e.type, 'last event of an execution that is ' || x.status
	  FROM workflow.execution x LEFT JOIN events e ON e.execution_id = x.id AND e.id = e.total
	 WHERE x.status <> 'RUNNING'
	   AND (x.map_run_id IS NULL OR e.id IS NOT NULL)	-- EXPRESS children have none
	   AND e.type IS DISTINCT FROM CASE x.status WHEN 'SUCCEEDED' THEN 'ExecutionSucceeded' WHEN 'FAILED' THEN 'ExecutionFailed'
			WHEN 'ABORTED' THEN 'ExecutionAborted' ELSE 'ExecutionTimedOut' END) AS checks
 WHERE wrong IS NOT NULL)),
		'',
		'histories have no gap, no time going back, and end as their executions');
}

# A psql of its own, to have a transaction open while others go on
sub new_session
{
	my ($node, $database, $role) = @_;

	return Workflow::Session->new($node, $database // 'postgres', $role);
}

package Workflow::Session;

use IPC::Run;

sub new
{
	my ($class, $node, $database, $role) = @_;

	return $class->connect($node->connstr($database) . (defined $role ? " user=$role" : ''));
}

# By a connection string of libpq
sub connect
{
	my ($class, $connection) = @_;
	my $self = bless { in => '', out => '', number => 0 }, $class;
	my @command = ('psql', '-XAtq', '-d', $connection);

	$self->{timer} = IPC::Run::timer($PostgreSQL::Test::Utils::timeout_default);
	$self->{run} =
	  IPC::Run::start(\@command, '<', \$self->{in}, '>', \$self->{out}, '2>&1', $self->{timer});
	return $self;
}

# Send statements, and do not wait
sub send
{
	my ($self, $sql) = @_;

	$self->{number}++;
	$self->{in} .= "$sql;\n\\echo done $self->{number}\n";
	$self->{run}->pump_nb;
	return;
}

# Wait for what was sent last: gives what it said
sub receive
{
	my ($self) = @_;
	my $end = "done $self->{number}\n";
	my $out;

	$self->{timer}->start($PostgreSQL::Test::Utils::timeout_default);
	$self->{run}->pump until index($self->{out}, $end) >= 0;
	$self->{timer}->reset;
	$out = substr($self->{out}, 0, index($self->{out}, $end));
	$self->{out} = '';
	$out =~ s/done \d+\n//g;
	chomp $out;
	return $out;
}

# Both
sub query
{
	my ($self, $sql) = @_;

	$self->send($sql);
	return $self->receive;
}

sub quit
{
	my ($self) = @_;

	$self->{in} .= "\\q\n";
	$self->{run}->finish;
	return;
}

1;
