# Transitions a second of a machine of 10 Pass states, its starts loaded before, every event
# written; beside an in-server loop that commits batches of 100 x one update + one insert.  Then the
# same with many finished executions in the tables, and what the scheduler's memory does meanwhile.
set -eu
. test/bench/functions

executions=${BENCH_EXECUTIONS:-20000}
finished=${BENCH_FINISHED:-1000000}

sql "CREATE TABLE floor_state (id int PRIMARY KEY, state text, input jsonb) WITH (fillfactor = 70)" \
	"CREATE TABLE floor_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state_id int, details jsonb)" \
	"INSERT INTO floor_state SELECT i, 'A', '{\"a\": 1}' FROM generate_series(1, 1000) AS i" \
	"CREATE PROCEDURE floor_loop(batches int) LANGUAGE plpgsql AS \$\$
	 BEGIN
		FOR b IN 1 .. batches LOOP
			FOR i IN 1 .. 100 LOOP
				UPDATE floor_state SET state = 'S' || i WHERE id = (b * 100 + i) % 1000 + 1;
				INSERT INTO floor_event (state_id, details) VALUES (i, '{\"state\": \"A\", \"input\": {\"a\": 1}}');
			END LOOP;
			COMMIT;
		END LOOP;
	 END \$\$"

floor() {
	psql -X -A -t -q <<-'EOF'
		SELECT clock_timestamp() AS began \gset
		CALL floor_loop(1000);
		SELECT (100000 / extract(epoch FROM clock_timestamp() - :'began'))::int;
	EOF
}

# transitions a second of that many executions
measure() {
	enable off
	PGOPTIONS='-c client_min_messages=error' sql "SELECT count(*) FROM workflow.start_executions('ten', (SELECT array_agg('{\"a\": 1}'::jsonb) FROM generate_series(1, $executions)))" >/dev/null
	sql "CHECKPOINT"
	psql -X -A -t -q <<-EOF
		ALTER SYSTEM SET workflow.enabled = on;
		SELECT clock_timestamp() AS began \gset
		SELECT pg_reload_conf() \g /dev/null
		CREATE OR REPLACE PROCEDURE wait_until_done() LANGUAGE plpgsql AS \$\$
		BEGIN
			WHILE EXISTS (SELECT FROM workflow.agenda) LOOP COMMIT; PERFORM pg_sleep(0.01); END LOOP;
		END \$\$;
		CALL wait_until_done();
		SELECT ($executions * 10 / extract(epoch FROM clock_timestamp() - :'began'))::int;
	EOF
}


private() {
	awk '/^(Private_Dirty|Private_Clean)/ { sum += $2 } END { print sum }' "/proc/$(pids scheduler)/smaps_rollup"
}

pass_machine ten 10
floor_rate=$(floor)
figure "floor: loop, batches of 100 x update + insert" "$floor_rate" "pairs/s"
measure >/dev/null
before=$(private)
rate=$(measure)
figure "10 Pass states, one scheduler" "$rate" "transitions/s"
figure "  of the floor" "$(ratio "$rate" "$floor_rate")" ""

wal=$(sql "SELECT pg_current_wal_lsn()")
measure >/dev/null
figure "  WAL, without the start's" "$(sql "SELECT (pg_wal_lsn_diff(pg_current_wal_lsn(), '$wal') / $executions)::int")" "bytes/execution with its start"
for round in 1 2 3; do measure >/dev/null; done
figure "private memory of the scheduler, $((executions * 10)) transitions" "$before" "kB"
figure "  after $((executions * 60)) transitions" "$(private)" "kB"

if [ "$finished" -gt 0 ]; then
	sql "INSERT INTO workflow.execution (state_machine_id, revision_id, name, status, started_at, stopped_at, input, output)
			SELECT m.id, m.revision_id, 'finished-' || i, 'SUCCEEDED', now(), now(), '{\"a\": 1}', '{\"a\": 1}'
			  FROM workflow.state_machine m, generate_series(1, $finished) AS i WHERE m.name = 'ten'" \
		"INSERT INTO workflow.history SELECT e.id, 1, 1, now(), '[[1, 0, 0]]', NULL FROM workflow.execution e WHERE e.name LIKE 'finished-%'" \
		"VACUUM ANALYZE workflow.execution" "VACUUM ANALYZE workflow.history" "CHECKPOINT"
	measure >/dev/null
	with=$(measure)
	figure "10 Pass states with $finished finished executions" "$with" "transitions/s"
	figure "  of the rate without" "$(ratio "$with" "$rate")" ""
fi
