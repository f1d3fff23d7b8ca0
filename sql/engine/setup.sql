-- what the tests of the engine share
CREATE SCHEMA engine_test;

-- the events of a simulated execution, a line each, then how it ended
CREATE FUNCTION engine_test.run(definition text, input jsonb DEFAULT '{}', mocks jsonb DEFAULT '{}')
RETURNS SETOF text LANGUAGE sql AS $$
	WITH result AS MATERIALIZED (
		SELECT * FROM workflow.simulate(definition, input, mocks)
	)
	SELECT concat_ws(' ', event->>'id', '<-', event->>'previousEventId', event->>'type',
					 (SELECT value - '{inputDetails,outputDetails,assignedVariablesDetails,roleArn,region}'::text[]
						FROM jsonb_each(event) WHERE key LIKE '%EventDetails'))
	  FROM result, jsonb_array_elements(history) WITH ORDINALITY AS event_(event, n)
	UNION ALL
	SELECT concat_ws(' ', status, output, error, cause, 'after ' || nullif(trim_scale(extract(epoch FROM duration)), 0) || ' s')
	  FROM result
$$;

-- how it ended only
CREATE FUNCTION engine_test.result(definition text, input jsonb DEFAULT '{}', mocks jsonb DEFAULT '{}')
RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, output, error, cause, 'after ' || nullif(trim_scale(extract(epoch FROM duration)), 0) || ' s')
	  FROM workflow.simulate(definition, input, mocks)
$$;
