# Synchronous executions of an EXPRESS state machine of five states, from one SELECT, and the memory that the
# session has before and after; beside a plpgsql function of five steps, which gives a row as well.  Then with a
# task, and with a task through a runner of another role.
set -eu
. test/bench/functions

count=${BENCH_EXECUTIONS:-1000000}
trap 'sql "DROP ROLE bench_express"' EXIT

sql >/dev/null "$(cat <<'EOF'
SELECT workflow.create_state_machine('five', $asl${"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Next": "B"},
	"B": {"Type": "Pass", "Result": {"x": 1}, "ResultPath": "$.b", "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.i", "NumericGreaterThan": 5, "Next": "D"}], "Default": "E"},
	"D": {"Type": "Pass", "Parameters": {"i.$": "$.i", "x.$": "$.b.x"}, "Next": "E"},
	"E": {"Type": "Succeed"}}}$asl$, type => 'EXPRESS')
EOF
)" "$(cat <<'EOF'
CREATE FUNCTION five(input jsonb, OUT name text, OUT status text, OUT output jsonb) LANGUAGE plpgsql AS $$
BEGIN
	name := gen_random_uuid();
	output := input || '{"b": {"x": 1}}';
	IF (output ->> 'i')::numeric > 5 THEN
		output := jsonb_build_object('i', output -> 'i', 'x', output #> '{b,x}');
	END IF;
	status := 'SUCCEEDED';
END $$
EOF
)" "CREATE FUNCTION public.task(input jsonb) RETURNS jsonb LANGUAGE sql RETURN input" \
	"CREATE ROLE bench_express LOGIN" \
	"SELECT workflow.create_state_machine('task', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"Resource\": \"sql:public.task\", \"End\": true}}}', type => 'EXPRESS')" \
	"SELECT workflow.create_state_machine('task_there', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"Resource\": \"sql:public.task\", \"End\": true}}}', type => 'EXPRESS', role => 'bench_express')"

# calls a second of an expression, and kilobytes of the session before and after
calls() {
	psql -X -A -t -q -F ' ' <<EOF
SELECT count(($1).status) FROM generate_series(1, 1000) i \g /dev/null
SELECT sum(total_bytes) / 1024 AS before FROM pg_backend_memory_contexts \gset
SELECT clock_timestamp() AS began \gset
SELECT count(($1).status) FROM generate_series(1, $2) i \g /dev/null
SELECT ($2 / extract(epoch FROM clock_timestamp() - :'began'))::int, :before::bigint, (sum(total_bytes) / 1024)::bigint FROM pg_backend_memory_contexts;
EOF
}

floor=$(calls "five(jsonb_build_object('i', i))" "$count" | cut -d ' ' -f 1)
set -- $(calls "workflow.start_sync_execution('five', jsonb_build_object('i', i))" "$count")
figure "floor: a plpgsql function of five steps" "$floor" "calls/s"
figure "start_sync_execution, five states" "$1" "executions/s"
figure "  of the floor" "$(ratio "$1" "$floor")" ""
figure "  memory of the session before" "$2" "kB"
figure "  and after $count executions" "$3" "kB"
set -- $(calls "workflow.start_sync_execution('task', jsonb_build_object('i', i))" $((count / 20)))
figure "one task, in the session" "$1" "executions/s"
set -- $(calls "workflow.start_sync_execution('task_there', jsonb_build_object('i', i))" $((count / 200)))
figure "one task, through a runner of another role" "$1" "executions/s"
