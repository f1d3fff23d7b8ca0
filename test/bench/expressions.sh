# Paths, payload templates and intrinsic functions a second, over documents of 1 KB, 10 KB and 250 KB: one
# state a turn of a loop in memory, with nothing stored; beside the same loop with a Pass state that
# evaluates nothing.  And what a state that reads one field of a document and passes the rest on costs
# over 10 KB and over 1 MB.
set -eu
. test/bench/functions

turns=${BENCH_TURNS:-50000}

sql "CREATE FUNCTION document(bytes int) RETURNS jsonb LANGUAGE sql AS \$\$
		SELECT jsonb_build_object('id', 7, 'name', 'Ada', 'loop', '{\"n\": 0}'::jsonb, 'items',
			(SELECT jsonb_agg(jsonb_build_object('sku', 'item-' || i, 'quantity', i % 10, 'price', i * 1.25, 'tags', '[\"a\", \"b\"]'::jsonb))
			   FROM generate_series(1, greatest(bytes / 80, 1)) AS i)) \$\$" \
	"CREATE FUNCTION loop_of(state jsonb, turns int) RETURNS text LANGUAGE sql AS \$\$
		SELECT jsonb_build_object('StartAt', 'Count', 'States', jsonb_build_object(
			'Count', '{\"Type\": \"Pass\", \"Parameters\": {\"n.\$\": \"States.MathAdd(\$.loop.n, 1)\"}, \"ResultPath\": \"\$.loop\", \"Next\": \"Work\"}'::jsonb,
			'Work', '{\"Type\": \"Pass\", \"ResultPath\": null, \"Next\": \"More\"}'::jsonb || state,
			'More', format('{\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"\$.loop.n\", \"NumericLessThan\": %s, \"Next\": \"Count\"}], \"Default\": \"End\"}', turns)::jsonb,
			'End', '{\"Type\": \"Succeed\", \"OutputPath\": \"\$.loop\"}'::jsonb))::text \$\$"

# seconds BYTES TURNS STATE: of so many turns over a document of that size, the best of three
seconds() {
	for round in 1 2 3; do
		psql -X -A -t -q -v ON_ERROR_STOP=1 -v state="$3" <<-EOF
			SELECT document($1) AS document \gset
			SELECT clock_timestamp() AS began \gset
			SELECT status FROM workflow.simulate(loop_of(:'state', $2), :'document', '{}', 100000000, false) \g /dev/null
			SELECT extract(epoch FROM clock_timestamp() - :'began');
		EOF
	done | sort -n | head -n 1
}

# rate BYTES TURNS STATE: turns a second, without what comes once (the look at the document)
rate() {
	awk -v few="$(seconds "$1" $(($2 / 10)) "$3")" -v all="$(seconds "$1" "$2" "$3")" -v n="$2" \
		'BEGIN { printf "%d", 0.9 * n / (all - few) }'
}

for bytes in 1000 10000 250000; do
	count=$turns
	[ "$bytes" -lt 250000 ] || count=$((turns / 20))
	figure "floor: a turn that evaluates nothing, $bytes bytes" "$(rate $bytes $count '{}')" "turns/s"
	for what in 'path $.name:{"Parameters": {"x.$": "$.name"}}' \
		'path $.items[*].sku:{"Parameters": {"x.$": "$.items[*].sku"}}' \
		'filter:{"Parameters": {"x.$": "$.items[?(@.quantity == 3)].price"}}' \
		'template of 8:{"Parameters": {"a": 1, "b.$": "$.id", "c.$": "$.name", "d": {"e.$": "$.loop.n", "f": [1, 2, 3]}, "g.$": "$$.Execution.Name", "h.$": "$.items[0]", "i": "x", "j.$": "$.items"}}' \
		'States.Format:{"Parameters": {"x.$": "States.Format('"'{} has {}'"', $.name, $.id)"}}' \
		'States.ArrayLength:{"Parameters": {"x.$": "States.ArrayLength($.items)"}}' \
		'States.JsonToString:{"Parameters": {"x.$": "States.JsonToString($.items)"}}'; do
		figure "  ${what%%:*}" "$(rate $bytes $count "${what#*:}")" "turns/s"
	done
done
one='{"Parameters": {"x.$": "$.name"}}'
figure "a state that reads one field: 1 MB against 10 KB" \
	"$(ratio "$(rate 10000 "$turns" "$one")" "$(rate 1000000 "$turns" "$one")")" "times the CPU"
