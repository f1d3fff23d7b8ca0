# An inline Map of Pass iterations over 100, 1,000, 10,000 and 100,000 items, as many items in all
# each time: time and WAL an item must not depend on how many there are, nor the scheduler's memory
# grow with them.  Then the same with an ItemSelector, and Maps of SQL tasks.
set -eu
. test/bench/functions

items=${BENCH_ITEMS:-100000}
tasks=${BENCH_TASKS:-10000}
sizes=${BENCH_SIZES:-"100 1000 10000 100000"}

map_machine() {
	sql "SELECT workflow.create_state_machine('$1', '{\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Map\", \"End\": true, $2,
			\"ItemProcessor\": {\"StartAt\": \"I\", \"States\": {\"I\": {$3, \"End\": true}}}}}}')" >/dev/null
}

# seconds and bytes of WAL that executions of a machine take, ITEMS items altogether, SIZE each
measure() {
	enable off
	PGOPTIONS='-c client_min_messages=error' sql "SELECT count(*) FROM workflow.start_executions('$1',
			(SELECT array_agg((SELECT jsonb_build_object('items', jsonb_agg(jsonb_build_object('id', i, 'name', 'item ' || i)), 'all', $3)
				FROM generate_series(1, $3) AS i)) FROM generate_series(1, $2 / $3)))" >/dev/null
	sql "CHECKPOINT"
	psql -X -A -t -q -F ' ' <<-EOF
		ALTER SYSTEM SET workflow.enabled = on;
		CREATE OR REPLACE PROCEDURE wait_until_done() LANGUAGE plpgsql AS \$\$
		BEGIN
			WHILE EXISTS (SELECT FROM workflow.agenda) LOOP COMMIT; PERFORM pg_sleep(0.005); END LOOP;
		END \$\$;
		SELECT clock_timestamp() AS began, pg_current_wal_lsn() AS lsn \gset
		SELECT pg_reload_conf() \g /dev/null
		CALL wait_until_done();
		SELECT extract(epoch FROM clock_timestamp() - :'began'), pg_wal_lsn_diff(pg_current_wal_lsn(), :'lsn');
	EOF
}

private() {
	awk '/^(Private_Dirty|Private_Clean)/ { sum += $2 } END { print sum }' "/proc/$(pids scheduler)/smaps_rollup"
}

# CPU time of the scheduler so far, in ms
cpu() {
	awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' "/proc/$(pids scheduler)/stat"
}

# each A N: millionths of A / N
each() {
	awk -v a="$1" -v n="$2" 'BEGIN { printf "%.1f", a / n * 1000000 }'
}

# compare TITLE MACHINE ITEMS
compare() {
	first_time=
	for size in $sizes; do
		[ "$size" -le "$3" ] || continue
		before=$(cpu)
		set -- "$1" "$2" "$3" $(measure "$2" "$3" "$size")
		time=$(each "$4" "$3")
		wal=$(ratio "$5" "$3")
		figure "$1, $size items each" "$time" "us/item"
		figure "  CPU of the scheduler" "$(each "$(awk -v a="$(cpu)" -v b="$before" 'BEGIN { print (a - b) / 1000 }')" "$3")" "us/item"
		figure "  WAL" "$wal" "bytes/item"
		figure "  private memory of the scheduler" "$(private)" "kB"
		if [ -z "$first_time" ]; then
			first_time=$time
			first_wal=$wal
		else
			figure "  time and WAL to those of the first" "$(ratio "$time" "$first_time") $(ratio "$wal" "$first_wal")" ""
		fi
	done
}

sql "CREATE FUNCTION bench_task(jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT \$1'"
map_machine items '"ItemsPath": "$.items"' '"Type": "Pass"'
map_machine selected '"ItemsPath": "$.items", "ItemSelector": {"item.$": "$$.Map.Item.Value", "of.$": "$.all"}' '"Type": "Pass"'
map_machine tasks '"ItemsPath": "$.items"' '"Type": "Task", "Resource": "sql:public.bench_task"'

measure items 10000 100 >/dev/null
compare "Map of Pass iterations" items "$items"
compare "Map with an ItemSelector" selected "$items"
measure tasks 100 100 >/dev/null
compare "Map of SQL tasks" tasks "$tasks"
