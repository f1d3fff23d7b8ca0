-- more than a session keeps, and more than is written down
\pset format unaligned
\pset tuples_only on
SET ROLE regress_task;
SET client_min_messages = warning;

-- more statements than are kept, each with parameters of other types: none is forgotten while it runs
SELECT FROM workflow.create_state_machine('task-statements', task_test.task('arn:aws:states:::sql:execute'));
CREATE PROCEDURE task_test.statements(INOUT result text DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
	-- parameter i is an int, a float8 or a text: each statement has its own list of types
	statements jsonb[] := ARRAY(SELECT jsonb_build_object(
		'Statement', format('SELECT %s AS n', (SELECT string_agg(format('$%s::%s::int', p, (ARRAY['int', 'float8', 'text'])[1 + i / (3 ^ (p - 1))::int % 3]), ' + ') FROM generate_series(1, 6) p)),
		'Parameters', jsonb_build_array(i, 1, 1, 1, 1, 1)) FROM generate_series(1, 700) i);
	arns text[];
BEGIN
	SELECT array_agg(workflow.start_execution('task-statements', s)) INTO arns FROM unnest(statements) s;
	COMMIT;
	SELECT count(*) FILTER (WHERE e.output #>> '{Rows,0,n}' = ((ordinality + 5)::text)) INTO result
	  FROM unnest(arns) WITH ORDINALITY a, workflow.wait_for_execution(a, '60s') e;
END
$$;
CALL task_test.statements();

-- messages of any length: what is written of them is not
CREATE FUNCTION task_test.long_message(i jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '%', repeat('é', 20000) USING DETAIL = repeat('d', 40000), HINT = repeat('h', 30000);
END
$$;
CREATE FUNCTION task_test.long_error(i jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT to_jsonb(workflow.raise_error('Long', repeat('c', 20000000))::text)
$$;
CREATE PROCEDURE task_test.lengths(resource text, INOUT result text DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
	arn text;
BEGIN
	PERFORM workflow.create_state_machine(md5(resource), task_test.task(resource));
	arn := workflow.start_execution(md5(resource), '{}');
	COMMIT;
	SELECT concat_ws(' ', e.status, e.error, CASE WHEN e.cause LIKE '{%' THEN
		(SELECT string_agg(key || ' ' || length(value), ', ' ORDER BY key COLLATE "C") FROM jsonb_each_text(e.cause::jsonb)
		  WHERE key <> 'context') ELSE length(e.cause)::text END) INTO result
	  FROM workflow.wait_for_execution(arn, '60s') e;
END
$$;
CALL task_test.lengths('sql:task_test.long_message');
CALL task_test.lengths('sql:task_test.long_error');
