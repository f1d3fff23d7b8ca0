# What an idle server with waiting executions does, and how late timers are.
set -eu
. test/bench/functions

waiting=${BENCH_WAITING:-10000}
seconds=${BENCH_IDLE_SECONDS:-60}
sql "SELECT workflow.create_state_machine('year', '{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\", \"Seconds\": 30000000, \"End\": true}}}')" \
	"SELECT count(*) FROM workflow.start_executions('year', (SELECT array_agg('{}'::jsonb) FROM generate_series(1, $waiting)))" >/dev/null
until [ "$(sql "SELECT count(*) FROM workflow.branch")" -ge "$waiting" ]; do sleep 0.2; done
# autovacuum and the statistics' last reports
sleep 5

switches() {
	sed -n 's/^\(non\)\{0,1\}voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$1/status" | awk '{ n += $1 } END { print n }'
}
for type in launcher scheduler; do
	pid=$(pids "$type")
	eval "before_$type=$(switches "$pid")"
done
sleep "$seconds"
for type in launcher scheduler; do
	pid=$(pids "$type")
	eval "before=\$before_$type"
	figure "context switches of the $type in $seconds s, $waiting waiting executions" "$(($(switches "$pid") - before))" ""
done

sql "SELECT workflow.create_state_machine('timer', '{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\", \"TimestampPath\": \"\$.at\", \"End\": true}}}')" \
	"SELECT count(workflow.start_execution('timer', jsonb_build_object('at', to_char(date_trunc('second', now()) + interval '2 s' + i % 8 * interval '1 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')))) FROM generate_series(1, 200) AS i" >/dev/null
sleep 11
sql "SELECT count(*) FILTER (WHERE late < 0), round((percentile_cont(0.5) WITHIN GROUP (ORDER BY late))::numeric, 1), round(max(late)::numeric, 1)
	   FROM (SELECT extract(epoch FROM e.stopped_at - (e.input ->> 'at')::timestamptz) * 1000 AS late
			   FROM workflow.execution e JOIN workflow.state_machine m ON m.id = e.state_machine_id WHERE m.name = 'timer') AS t" |
	tr '|' ' ' | {
		read -r early median worst
		figure "timers that fired early, of 200" "$early" ""
		figure "timers, median lateness" "$median" "ms"
		figure "timers, worst lateness" "$worst" "ms"
	}
