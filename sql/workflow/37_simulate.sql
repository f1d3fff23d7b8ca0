-- Simulation: the whole engine, tasks answered by mocks, no time passes.

CREATE FUNCTION simulate(definition text, input jsonb DEFAULT '{}', mocks jsonb DEFAULT '{}',
						 max_steps int DEFAULT 100000, with_history boolean DEFAULT true)
RETURNS TABLE (status text, output jsonb, error text, cause text, duration interval, history jsonb)
AS 'MODULE_PATHNAME', 'wf_simulate'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate(text, jsonb, jsonb, int, boolean) IS 'run a state machine in memory: tasks are answered by mocks, waiting takes no time; status RUNNING: it waits for something that never comes';
