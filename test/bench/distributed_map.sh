# A distributed Map over the rows of a query, a million in batches of a thousand, each loaded by a SQL
# task, beside the bare INSERT … SELECT of the same work; and what a child costs: the same Map of Pass
# states over items of an array, of different numbers.
set -eu
. test/bench/functions

rows=${BENCH_ROWS:-1000000}
batch=${BENCH_BATCH:-1000}
sizes=${BENCH_SIZES:-"1000 10000 50000"}

sql "CREATE TABLE source AS SELECT i AS id, 'item ' || i AS name, i % 1000 AS quantity FROM generate_series(1, $rows) i" \
	"CREATE TABLE target (id bigint, name text, quantity int)" \
	"CREATE FUNCTION load(input jsonb) RETURNS bigint LANGUAGE sql AS \$\$
		WITH rows AS (INSERT INTO target SELECT (i ->> 'id')::bigint, i ->> 'name', (i ->> 'quantity')::int
						FROM jsonb_array_elements(input -> 'Items') i RETURNING 1) SELECT count(*) FROM rows \$\$" \
	"SELECT workflow.create_state_machine('load', '{\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Map\", \"End\": true, \"ResultPath\": null,
		\"ItemReader\": {\"Resource\": \"arn:aws:states:::sql:execute\", \"Parameters\": {\"Statement\": \"SELECT id, name, quantity FROM source\"}},
		\"ItemBatcher\": {\"MaxItemsPerBatch\": $batch},
		\"ItemProcessor\": {\"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"STANDARD\"}, \"StartAt\": \"T\",
			\"States\": {\"T\": {\"Type\": \"Task\", \"Resource\": \"sql:public.load\", \"End\": true}}}}}}')" \
	"SELECT workflow.create_state_machine('pass', '{\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Map\", \"End\": true, \"ResultPath\": null,
		\"ItemProcessor\": {\"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"STANDARD\"}, \"StartAt\": \"P\",
			\"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}}}}}')" \
	"CREATE PROCEDURE wait_until_done() LANGUAGE plpgsql AS \$\$
	 BEGIN
		WHILE EXISTS (SELECT FROM workflow.agenda) LOOP COMMIT; PERFORM pg_sleep(0.005); END LOOP;
	 END \$\$" \
	"VACUUM ANALYZE source" >/dev/null

# seconds and bytes of WAL that an execution takes: MACHINE INPUT
measure() {
	sql "CHECKPOINT"
	psql -X -A -t -q -F ' ' <<-EOF
		SELECT clock_timestamp() AS began, pg_current_wal_lsn() AS lsn \gset
		SELECT workflow.start_execution('$1', $2) AS arn \gset
		CALL wait_until_done();
		SELECT extract(epoch FROM clock_timestamp() - :'began'), pg_wal_lsn_diff(pg_current_wal_lsn(), :'lsn'),
			   (SELECT status FROM workflow.describe_execution(:'arn'));
	EOF
}

# what of WHAT a second, rounded
rate() {
	awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / s }'
}

sql "CHECKPOINT"
bare=$(psql -X -A -t -q <<-EOF
	SELECT clock_timestamp() AS began \gset
	INSERT INTO target SELECT id, name, quantity FROM source;
	SELECT extract(epoch FROM clock_timestamp() - :'began');
EOF
)
sql "TRUNCATE target"
set -- $(measure load "'{}'")
test "$3" = SUCCEEDED && test "$(sql "SELECT count(*) FROM target")" = "$rows"
figure "INSERT … SELECT of $rows rows" "$(rate "$rows" "$bare")" "rows/s"
figure "distributed Map over a query, batches of $batch, a SQL task each" "$(rate "$rows" "$1")" "rows/s"
figure "  WAL" "$(rate "$2" "$rows")" "bytes/row"

for size in $sizes; do
	set -- $(measure pass "(SELECT jsonb_agg(i) FROM generate_series(1, $size) i)")
	test "$3" = SUCCEEDED
	figure "distributed Map of Pass over $size items: children" "$(rate "$size" "$1")" "1/s"
	figure "  WAL" "$(rate "$2" "$size")" "bytes/child"
done
