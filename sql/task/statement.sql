-- arn:aws:states:::sql:execute
\pset format unaligned
\pset tuples_only on
SET ROLE regress_task;
CREATE TABLE task_test.part (id int PRIMARY KEY, name text, price numeric, at timestamptz, tags text[], more jsonb, body bytea);

CREATE PROCEDURE task_test.execute(statement text, parameters jsonb DEFAULT NULL, INOUT result text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	CALL task_test.run(task_test.task('arn:aws:states:::sql:execute'),
		jsonb_strip_nulls(jsonb_build_object('Statement', statement)) || coalesce(jsonb_build_object('Parameters', parameters), '{}'), result);
END
$$;

-- parameters of all kinds, and none
CALL task_test.execute('SELECT 1 AS one');
CALL task_test.execute('INSERT INTO task_test.part VALUES ($1, $2, $3, $4, $5, $6, $7)',
	'[1, "it''s", 1.50, "2026-01-31T06:30:00Z", ["a", "b"], {"k": [1]}, "\\x0102"]');
CALL task_test.execute('INSERT INTO task_test.part (id, name, tags) VALUES ($1, $2, $3) RETURNING *', '[2, null, []]');
CALL task_test.execute('SELECT id, name FROM task_test.part WHERE id = ANY ($1) ORDER BY id', '[[2, 1]]');
CALL task_test.execute('UPDATE task_test.part SET price = price * $2 WHERE id = $1', '[1, 2]');
CALL task_test.execute('SELECT * FROM task_test.part WHERE name = $1', '["it''s"]');
CALL task_test.execute('DELETE FROM task_test.part WHERE name = $1', '["x'' OR true --"]');
CALL task_test.execute('SELECT $1 AS text, $2::int + $3::int AS sum, $4::jsonb AS json', '[{"a": true}, "1", 2, [null]]');
CALL task_test.execute('SELECT ''NaN''::float8 AS nan, ''infinity''::date AS date, NULL AS "null", (1, ''x'')::record AS row');
CREATE TABLE task_test.many (n int);
SELECT string_agg(format('($%s)', i), ',' ORDER BY i) AS list, jsonb_agg(i ORDER BY i) AS numbers FROM generate_series(1, 3000) i \gset
CALL task_test.execute('INSERT INTO task_test.many VALUES ' || :'list', :'numbers');
SELECT count(*), sum(n), max(n) FROM task_test.many;
-- types are inferred anew where a table is another one
CREATE TABLE task_test.changed (x int);
CALL task_test.execute('INSERT INTO task_test.changed VALUES ($1) RETURNING x', '[1]');
ALTER TABLE task_test.changed ALTER x TYPE text;
CALL task_test.execute('INSERT INTO task_test.changed VALUES ($1) RETURNING x', '["a"]');
DROP TABLE task_test.changed;
CREATE TABLE task_test.changed (x date);
CALL task_test.execute('INSERT INTO task_test.changed VALUES ($1) RETURNING x', '["2020-02-29"]');
CREATE TYPE task_test.kind AS ENUM ('old');
ALTER TABLE task_test.changed ALTER x TYPE task_test.kind USING NULL;
CALL task_test.execute('INSERT INTO task_test.changed VALUES ($1)', '["old"]');
DROP TYPE task_test.kind CASCADE;
CREATE TYPE task_test.kind AS ENUM ('new');
ALTER TABLE task_test.changed ADD x task_test.kind;
CALL task_test.execute('INSERT INTO task_test.changed VALUES ($1)', '["new"]');
CREATE TABLE task_test.padded (c char(5), b bit(3), v varbit(3));
CALL task_test.execute('INSERT INTO task_test.padded VALUES ($1, $2, $3) RETURNING *', '["abc", "101", "01"]');
CALL task_test.execute('SELECT count(*) FROM task_test.padded WHERE c = $1 AND b = $2', '["abc", "101"]');
CALL task_test.execute('INSERT INTO task_test.padded (c) VALUES ($1)', '["abcdef"]');
CALL task_test.execute('SELECT');
CALL task_test.execute('WITH gone AS (DELETE FROM task_test.part WHERE id = $1 RETURNING id) SELECT * FROM gone', '[2]');
CALL task_test.execute('CREATE TABLE task_test.made AS SELECT generate_series(1, 5) AS n');
CALL task_test.execute('SHOW search_path');
CALL task_test.execute('SET work_mem = ''77MB''');
CALL task_test.execute('SHOW work_mem');
CALL task_test.execute('SELECT current_user AS "user"');

-- what does not do
CALL task_test.execute(NULL);
CALL task_test.run(task_test.task('arn:aws:states:::sql:execute'), '[]');
CALL task_test.run(task_test.task('arn:aws:states:::sql:execute'), '{"Statement": 1}');
CALL task_test.execute('SELECT 1', '{"a": 1}');
CALL task_test.execute('');
CALL task_test.execute('SELECT 1; DROP TABLE task_test.part');
CALL task_test.execute('SELEC 1');
CALL task_test.execute('SELECT * FROM task_test.nothing');
CALL task_test.execute('SELECT 1, 2');
CALL task_test.execute('SELECT $1::int', '[]');
CALL task_test.execute('SELECT 1 AS a', '[1]');
CALL task_test.execute('SELECT $2::int AS a', '[1, 2]');
CALL task_test.execute('SELECT $1::int AS a', '["x"]');
CALL task_test.execute('INSERT INTO task_test.part (id) VALUES (1)');
CALL task_test.execute('COMMIT');
CALL task_test.execute('COPY task_test.part TO STDOUT');
CALL task_test.execute('VACUUM task_test.part');
CALL task_test.execute('SELECT pg_read_file(''/etc/passwd'') AS a');
CALL task_test.run(task_test.task('arn:aws:states:::sql:execute', '{"TimeoutSeconds": 1, "Parameters": {"Statement": "SELECT pg_sleep(60)"}}'));

-- the names of the condition, as a catcher sees them; nothing of a failed one stays
CALL task_test.run('{"StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "arn:aws:states:::sql:execute",
		"Parameters": {"Statement": "WITH a AS (INSERT INTO task_test.made VALUES (6)) SELECT 1 / $1 AS a", "Parameters.$": "States.Array($.n)"},
		"ResultSelector": {"a.$": "$.Rows[0].a"}, "Catch": [{"ErrorEquals": ["SQL.division_by_zero"], "ResultPath": "$.error", "Next": "C"}], "End": true},
	"C": {"Type": "Pass", "Parameters": {"caught.$": "$.error.Error"}, "End": true}}}', '{"n": 0}');
SELECT count(*) FROM task_test.made;
