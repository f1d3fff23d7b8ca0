-- inline Map states of stored executions
\a \t
SET client_min_messages = warning;

CREATE FUNCTION map_machine(name text, map jsonb, processor jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT workflow.create_state_machine(name, jsonb_build_object('StartAt', 'M', 'States',
		jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true, 'ItemProcessor', processor) || map)
		|| CASE WHEN map ? 'Catch' THEN '{"Caught": {"Type": "Pass", "End": true}}'::jsonb ELSE '{}' END)::text)
$$;
CREATE FUNCTION one_state(state jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'I', 'States', jsonb_build_object('I', state || '{"End": true}'))
$$;
-- how it ended, and what it left behind
CREATE FUNCTION outcome(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, output, error, cause) FROM workflow.wait_for_execution(arn, '60 s')
$$;
CREATE FUNCTION left_behind() RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', (SELECT count(*) FROM workflow.agenda), (SELECT count(*) FROM workflow.branch),
		(SELECT count(*) FROM workflow.task), (SELECT count(*) FROM workflow.iteration))
$$;
-- every event's previous one is older; each iteration has as many events as the others
CREATE FUNCTION history_is_sound(arn text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', count(*), bool_and(id = n), bool_and(previous_id < id),
			count(*) FILTER (WHERE type = 'MapIterationStarted'), count(*) FILTER (WHERE type = 'MapIterationSucceeded'),
			count(DISTINCT (type, details->>'index')) FILTER (WHERE type = 'MapIterationSucceeded'))
	  FROM workflow.get_execution_history(arn) WITH ORDINALITY AS h(id, previous_id, at, type, state, details, n)
$$;

-- the same events as in memory, where it is all one turn
SELECT count(*) FROM (VALUES
	(map_machine('pass', '{}', one_state('{"Type": "Pass"}'))),
	(map_machine('one', '{"MaxConcurrency": 1, "ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}}', one_state('{"Type": "Pass"}'))),
	(map_machine('nested', '{"MaxConcurrency": 2}', one_state(jsonb_build_object('Type', 'Map', 'ItemsPath', '$$.Execution.Input', 'ItemProcessor', one_state('{"Type": "Pass", "InputPath": "$$.Map.Item.Value"}')))))) AS v;
SELECT m.name, s.status, s.history = d.history
  FROM workflow.list_state_machines() m, workflow.describe_state_machine(m.name) f,
	LATERAL (SELECT status, (SELECT jsonb_agg(jsonb_build_array(e->>'type', e->>'id', e->>'previousEventId') ORDER BY n) FROM jsonb_array_elements(history) WITH ORDINALITY AS h(e, n)) AS history
		FROM workflow.simulate(f.definition, to_jsonb(array_fill(7, ARRAY[100])), '{}', 1000000)) s
 CROSS JOIN LATERAL (SELECT NULL::jsonb AS history WHERE false) d;
SELECT 'MARK';
