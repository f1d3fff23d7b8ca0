# What the TAP tests share.
#
#   use Workflow;
#   my $node = new_node('main');
#   my $arn = $node->safe_psql('postgres', q(SELECT workflow.start_execution(...)));
#   wait_for_status($node, $arn, 'SUCCEEDED');
package Workflow;

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node workers wait_for_workers wait_for_status);

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

# The types of the extension's processes that are there, sorted: "workflow launcher, …"
sub workers
{
	my ($node, $database) = @_;
	my $where = defined $database ? "AND datname = '$database'" : '';

	return $node->safe_psql('postgres',
		qq(SELECT string_agg(backend_type, ', ' ORDER BY backend_type COLLATE "C")
		   FROM pg_stat_activity WHERE backend_type LIKE 'workflow %' $where));
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
		select(undef, undef, undef, 0.1);
	}
	return is($seen, $expected, "processes: $expected");
}

# Wait until an execution has a status (a test of its own)
sub wait_for_status
{
	my ($node, $arn, $status, $database) = @_;

	return ok(
		$node->poll_query_until(
			$database // 'postgres',
			"SELECT workflow.api('DescribeExecution',"
			  . " jsonb_build_object('executionArn', '$arn')) ->> 'status'",
			$status),
		"execution is $status");
}

1;
