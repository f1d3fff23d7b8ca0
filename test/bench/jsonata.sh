# JSONata: evaluations and compilations per second of CPU time, by expression and size of the payload
# (4, 51 and 1335 items: 1, 10 and 250 KB), decoded and from jsonb; where node and npm's jsonata are
# there (JSONATA_FOLDER: the folder that has its node_modules), how many times as many as it makes.
# Expressions are compiled before, payloads are read before: what a state does each time it runs.
# Then the memory that the backend does not have back when the contexts of the evaluations are reset.
#
#   BENCH_WINDOW   seconds of CPU time in each of seven windows, whose median counts (0.05)
set -eu
. test/bench/functions

window=${BENCH_WINDOW:-0.05}
folder=$PWD/test/bench/jsonata
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

# the expression floors and the loop around them as a library of their own
cc -shared -fPIC -O2 -std=gnu11 -Isrc -I"$("${PG_CONFIG:-pg_config}" --includedir-server)" -D_GNU_SOURCE \
	'-DPGDLLEXPORT=__attribute__((visibility("default")))' \
	src/util/*.c src/value/*.c src/jsonata/*.c "$folder/bench.c" -o "$scratch/bench.so" -lpcre2-8 -lm
psql -X -q -v ON_ERROR_STOP=1 -f "$folder/payload.sql"
for type in json jsonb; do
	sql "CREATE FUNCTION bench_eval(text, $type, float8) RETURNS float8 LANGUAGE c AS '$scratch/bench.so'" \
		"CREATE FUNCTION bench_memory(text, $type, int) RETURNS int8 LANGUAGE c AS '$scratch/bench.so'"
done
sql "CREATE FUNCTION bench_compile(text, float8) RETURNS float8 LANGUAGE c AS '$scratch/bench.so'" \
	"CREATE TABLE payload AS SELECT items, bindings(items) AS bindings FROM unnest(ARRAY[4, 51, 1335]) AS items" \
	"CREATE TABLE expression (n serial, id text, expr text)" \
	"CREATE TABLE rate (kind text, id text, items int, ours float8, theirs float8)"
psql -X -q -v ON_ERROR_STOP=1 -v list="$(cat "$folder/expressions.json")" <<'SQL'
INSERT INTO expression (id, expr) SELECT e ->> 'id', e ->> 'expr' FROM json_array_elements(:'list') AS e;
SQL

sql "INSERT INTO rate SELECT 'decoded', id, items, bench_eval(expr, bindings, $window) FROM expression, payload" \
	"INSERT INTO rate SELECT 'jsonb', id, items, bench_eval(expr, bindings::jsonb, $window) FROM expression, payload" \
	"INSERT INTO rate SELECT 'compile', id, NULL, bench_compile(expr, $window) FROM expression"

if command -v node >/dev/null; then
	for items in 4 51 1335; do
		sql "SELECT bindings FROM payload WHERE items = $items" >"$scratch/$items.json"
	done
	node "$folder/node.mjs" "$window" "$folder/expressions.json" "$scratch/4.json" "$scratch/51.json" "$scratch/1335.json" \
		>"$scratch/theirs" || echo "npm's jsonata is not there: set JSONATA_FOLDER" >&2
	while IFS='|' read -r kind id items value; do
		case $kind in
		eval) sql "UPDATE rate SET theirs = $value WHERE kind <> 'compile' AND id = '$id' AND items = $items" ;;
		compile) sql "UPDATE rate SET theirs = $value WHERE kind = 'compile' AND id = '$id'" ;;
		esac
	done <"$scratch/theirs"
fi

sql "SELECT concat_ws('|', concat_ws(', ', id, kind, items || ' items'), ours::bigint, round((ours / theirs)::numeric, 1))
	FROM rate JOIN expression USING (id) ORDER BY n, kind, items" | while IFS='|' read -r what number times; do
	figure "$what" "$number" "/s${times:+  ($times x)}"
done
for kind in decoded jsonb compile; do
	summary=$(sql "SELECT round(exp(avg(ln(ours / theirs)))::numeric, 1), round(min(ours / theirs)::numeric, 1)
		FROM rate WHERE kind = '$kind' AND theirs IS NOT NULL HAVING count(*) > 0")
	[ -n "$summary" ] || continue
	figure "$kind: times npm's jsonata, geometric mean" "${summary%|*}" "x"
	figure "$kind: times npm's jsonata, least" "${summary#*|}" "x"
done
for type in json jsonb; do
	figure "bytes that stay after 200 evaluations of each expression, from $type" \
		"$(sql "SELECT sum(bench_memory(expr, bindings::$type, 200)) FROM expression, payload WHERE items = 51")" ""
done
