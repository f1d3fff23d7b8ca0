# Functions with isolation levels of their own, in branches that run at the same time.
use strict;
use warnings FATAL => 'all';
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use Workflow;

my $node = new_node('main');
my $json = JSON::PP->new->canonical->allow_nonref;
my $end;

new_role($node, 'app');

# A function of the role's that takes and gives jsonb
sub plpgsql
{
	my ($name, $body) = @_;

	return sql_as($node, 'app', "CREATE FUNCTION app.$name(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS \$f\$$body\$f\$");
}

# branches that run at the same time are no conflict for each other, what their functions do is
sub tasks_of_items
{
	my ($function, $isolation) = @_;
	my $task = '{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:items"';

	sql_as($node, 'app', "SELECT workflow.register_function('items', '$function', isolation => '$isolation')");
	return run_machine($node, 'app', 'items',
		qq({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {
			"A": $task, "Next": "B"}, "B": $task, "End": true}}}}}}), $json->encode([ 1 .. 40 ]));
}
plpgsql('slow_isolation', q(BEGIN PERFORM pg_sleep(0.02); RETURN to_jsonb(current_setting('transaction_isolation')); END));
for my $isolation ('repeatable read', 'serializable')
{
	$end = tasks_of_items('app.slow_isolation(jsonb)', $isolation);
	is($json->encode($end->{output}), $json->encode([ ($isolation) x 40 ]), "$isolation in many branches")
	  or diag(explain($end));
}
sql_as($node, 'app', 'CREATE TABLE app.single (n int)');
plpgsql('single', <<'EOS');
BEGIN
	IF (SELECT count(*) FROM app.single) = 0 THEN
		PERFORM pg_sleep(0.05);
		INSERT INTO app.single VALUES (1);
	END IF;
	RETURN i;
END
EOS
tasks_of_items('app.single(jsonb)', 'serializable');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.single'), '1', 'serializable ones of users are');

nothing_is_left($node);
$node->stop;
done_testing();
