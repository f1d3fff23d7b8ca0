# Work that is done by others, 8 clients: a round trip is get_activity_task(), commit, send_task_success(),
# commit; a batch is ten tasks in one transaction; a callback is one send_task_success(), commit.  Beside
# them committed inserts of one row by as many clients.  The executions are started, and their tasks
# scheduled, before; what the schedulers do with the answers runs beside the measurement.
set -eu
. test/bench/functions

tasks=${BENCH_TASKS:-40000}
clients=${BENCH_CLIENTS:-8}
seconds=${BENCH_SECONDS:-5}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sql "CREATE TABLE floor_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)" \
	"CREATE TABLE mail (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, token text NOT NULL)" \
	"CREATE FUNCTION send_mail(token text) RETURNS void LANGUAGE sql AS 'INSERT INTO mail (token) VALUES (token)'" \
	"SELECT workflow.create_activity('bench')" \
	"SELECT workflow.create_state_machine('work', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"End\": true,
		\"Resource\": \"arn:aws:states:us-east-1:000000000000:activity:bench\"}}}')" \
	"SELECT workflow.create_state_machine('mail', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"End\": true,
		\"Resource\": \"sql:public.send_mail.waitForTaskToken\", \"Parameters\": {\"token.\$\": \"\$\$.Task.Token\"}}}}')" >/dev/null

# prepare MACHINE COUNT KIND: start so many, and wait until their tasks are there
prepare() {
	sql "SELECT cardinality(workflow.start_executions('$1', (SELECT array_agg('{\"a\": 1}'::jsonb) FROM generate_series(1, $2))))" \
		"DO \$\$ BEGIN WHILE (SELECT count(*) FROM workflow.task WHERE kind = '$3') < $2
			OR EXISTS (SELECT FROM workflow.task WHERE kind = 'sql') LOOP COMMIT; PERFORM pg_sleep(0.1); END LOOP; END \$\$" \
		"VACUUM ANALYZE workflow.task" "VACUUM ANALYZE mail" >/dev/null
}

# rate SCRIPT TRANSACTIONS: transactions a second, so many by each client
rate() {
	pgbench -n -M prepared -c "$clients" -j 2 -t "$2" -D task_token=none -D n=-1 -D clients="$clients" -f "$1" |
		sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

cat >"$dir/floor.sql" <<'EOF'
INSERT INTO floor_row (note) VALUES ('done');
EOF
cat >"$dir/round.sql" <<'EOF'
SELECT task_token FROM workflow.get_activity_task('bench', 'w', '0') \gset
SELECT workflow.send_task_success(:task_token, '{"done": true}');
EOF
cat >"$dir/batch.sql" <<'EOF'
SELECT count(workflow.send_task_success(task_token, input)) FROM workflow.get_activity_tasks('bench', 10, 'w', '0');
EOF
cat >"$dir/callback.sql" <<'EOF'
\set n :n + 1
SELECT workflow.send_task_success((SELECT token FROM mail WHERE id = :n::bigint * :clients::int + :client_id::int + 1), '{"done": true}');
EOF

# On the idle server: from the commit of a task's result to the start of the next state, and until a
# worker that waits there has its task
sql "SELECT workflow.create_activity('next')" \
	"SELECT workflow.create_state_machine('two', '{\"StartAt\": \"A\", \"States\": {
		\"A\": {\"Type\": \"Task\", \"Next\": \"B\", \"Resource\": \"arn:aws:states:us-east-1:000000000000:activity:bench\"},
		\"B\": {\"Type\": \"Task\", \"End\": true, \"Resource\": \"arn:aws:states:us-east-1:000000000000:activity:next\"}}}')" \
	"CREATE TABLE sample (entered double precision, handed double precision)" \
	"CREATE PROCEDURE measure(rounds int) LANGUAGE plpgsql AS \$\$
	 DECLARE
		arn text;
		token text;
		t timestamptz;
		handed timestamptz;
	 BEGIN
		FOR i IN 1 .. rounds LOOP
			arn := workflow.start_execution('two', '{}');
			COMMIT;
			SELECT task_token INTO token FROM workflow.get_activity_task('bench', 'w', '10 s');
			COMMIT;
			PERFORM pg_sleep(0.01);
			PERFORM workflow.send_task_success(token, '{}');
			t := clock_timestamp();
			COMMIT;
			SELECT task_token INTO token FROM workflow.get_activity_task('next', 'w', '10 s');
			handed := clock_timestamp();
			COMMIT;
			INSERT INTO sample SELECT extract(epoch FROM max(at) - t) * 1000, extract(epoch FROM handed - t) * 1000
			  FROM workflow.get_execution_history(arn) WHERE type = 'TaskStateEntered';
			PERFORM workflow.send_task_success(token, '{}');
			COMMIT;
		END LOOP;
	 END \$\$" >/dev/null
sql "CALL measure(20)" "TRUNCATE sample" "CALL measure(200)"
median() {
	sql "SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY $1))::numeric, 2) FROM sample"
}
figure "a task's result (its commit with it) to the next state's start, median" "$(median entered)" "ms"
figure "  until the next worker, which waits, has its task" "$(median handed)" "ms"

floor=$(pgbench -n -M prepared -c "$clients" -j 2 -T "$seconds" -f "$dir/floor.sql" | sed -n 's/^tps = \([0-9]*\).*/\1/p')
figure "floor: one insert, $clients clients" "$floor" "tx/s"
prepare work "$tasks" activity
rounds=$(rate "$dir/round.sql" $((tasks / clients)))
figure "activity round trips, two commits, $clients clients" "$rounds" "tasks/s"
figure "  of the floor" "$(ratio "$rounds" "$floor")" ""
prepare work "$tasks" activity
batches=$(rate "$dir/batch.sql" $((tasks / clients / 10)))
figure "activity tasks in batches of 10, one commit each" $((batches * 10)) "tasks/s"
prepare mail "$tasks" token
callbacks=$(rate "$dir/callback.sql" $((tasks / clients)))
figure "callbacks, $clients clients" "$callbacks" "tasks/s"
figure "  of the floor" "$(ratio "$callbacks" "$floor")" ""
