# Starts a second, 8 clients, one a transaction; beside committed transactions of two inserts from the
# same clients.  The workflows themselves do not run meanwhile.
set -eu
. test/bench/functions

seconds=${BENCH_SECONDS:-10}
clients=${BENCH_CLIENTS:-8}
dir=$(mktemp -d)
trap 'rm -rf "$dir"; enable on' EXIT

enable off
pass_machine one 1
sql "CREATE TABLE floor_a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE, started_at timestamptz, input jsonb)" \
	"CREATE TABLE floor_b (id bigint PRIMARY KEY, wake_at timestamptz, role text)" \
	"CREATE INDEX ON floor_b (wake_at)"
cat >"$dir/floor.sql" <<'EOF'
WITH a AS (INSERT INTO floor_a (name, started_at, input) VALUES (gen_random_uuid(), now(), '{"a": 1}') RETURNING id)
INSERT INTO floor_b SELECT id, now(), 'app' FROM a;
EOF
echo "SELECT workflow.start_execution('one', '{\"a\": 1}');" >"$dir/start.sql"

rate() {
	PGOPTIONS='-c client_min_messages=error' pgbench -n -M prepared -c "$clients" -j 2 -T "$seconds" -f "$1" |
		sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

floor=$(rate "$dir/floor.sql")
starts=$(rate "$dir/start.sql")
figure "floor: two inserts a transaction, $clients clients" "$floor" "tx/s"
figure "start_execution, $clients clients" "$starts" "starts/s"
figure "  of the floor" "$(ratio "$starts" "$floor")" ""
bulk=$(PGOPTIONS='-c client_min_messages=error' psql -X -A -t -q <<'EOF'
SELECT clock_timestamp() AS began \gset
SELECT count(*) FROM workflow.start_executions('one', (SELECT array_agg('{"a": 1}'::jsonb) FROM generate_series(1, 100000))) \g /dev/null
SELECT (100000 / extract(epoch FROM clock_timestamp() - :'began'))::int;
EOF
)
figure "start_executions, 100000 in one statement" "$bulk" "starts/s"
