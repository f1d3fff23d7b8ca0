# Start to finish of a workflow of one SQL task, on an idle server with a warm runner: the client
# starts, commits and waits.  Beside it, three commits in a row of one insert each, which is what the
# start, the schedule and the task cost at least.
set -eu
. test/bench/functions

rounds=${BENCH_ROUNDS:-500}
sql "CREATE FUNCTION step(payload jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT payload'" \
	"SELECT workflow.create_state_machine('one', '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Task\", \"Resource\": \"sql:public.step\", \"End\": true}}}')" \
	"CREATE TABLE sample (kind text, ms double precision)" "CREATE TABLE floor_row (id int)" \
	"CREATE PROCEDURE measure(rounds int) LANGUAGE plpgsql AS \$\$
	 DECLARE
		t timestamptz;
		arn text;
	 BEGIN
		FOR i IN 1 .. rounds LOOP
			t := clock_timestamp();
			arn := workflow.start_execution('one', '{\"a\": 1}');
			COMMIT;
			PERFORM FROM workflow.wait_for_execution(arn, '10 s');
			INSERT INTO sample VALUES ('workflow', extract(epoch FROM clock_timestamp() - t) * 1000);
			COMMIT;
			t := clock_timestamp();
			FOR j IN 1 .. 3 LOOP
				INSERT INTO floor_row VALUES (j);
				COMMIT;
			END LOOP;
			INSERT INTO sample VALUES ('floor', extract(epoch FROM clock_timestamp() - t) * 1000);
			COMMIT;
		END LOOP;
	 END \$\$" >/dev/null
sql "CALL measure(20)" "TRUNCATE sample" "CALL measure($rounds)"
percentile() {
	sql "SELECT round((percentile_cont($2) WITHIN GROUP (ORDER BY ms))::numeric, 2) FROM sample WHERE kind = '$1'"
}
figure "floor: three commits in a row, median" "$(percentile floor 0.5)" "ms"
figure "one SQL task, start to finish, median" "$(percentile workflow 0.5)" "ms"
figure "  99th percentile" "$(percentile workflow 0.99)" "ms"
