-- the top level, names, and the graph of states
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.machine(definition text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition(definition)
$$;

SELECT pg_temp.machine('{}');
SELECT pg_temp.machine('{"StartAt": "A"}');
SELECT pg_temp.machine('{"States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"StartAt": 1, "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": []}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": 1}}');
SELECT pg_temp.machine('{"Coment": "x", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"Comment": 1, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"Version": "2.0", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"TimeoutSeconds": 0, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"TimeoutSeconds": 100000000, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"TimeoutSeconds": 1.5, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"TimeoutSeconds": "1", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"Version": "1.0", "TimeoutSeconds": 60, "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');

-- types
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "pass", "End": true}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": 1, "End": true}}}');

-- names
SELECT pg_temp.machine('{"StartAt": "", "States": {"": {"Type": "Succeed"}}}');
SELECT pg_temp.machine(format('{"StartAt": %1$s, "States": {%1$s: {"Type": "Succeed"}}}', to_json(repeat('é', 80))));
SELECT pg_temp.machine(format('{"StartAt": %1$s, "States": {%1$s: {"Type": "Succeed"}}}', to_json(repeat('é', 81))));
SELECT pg_temp.machine('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
    {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
    {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}]}}}');

-- targets
SELECT pg_temp.machine('{"StartAt": "X", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"StartAt": "a", "States": {"A": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "X"}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": 1}}}');
SELECT pg_temp.machine('{"StartAt": "C", "States": {"C": {"Type": "Choice", "Default": "X",
    "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "Y"}]}, "E": {"Type": "Succeed"}}}');
SELECT pg_temp.machine('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
    "Catch": [{"ErrorEquals": ["A"], "Next": "T"}, {"ErrorEquals": ["States.ALL"], "Next": "X"}]}}}');
-- not into a branch, nor out of one
SELECT pg_temp.machine('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "Next": "A", "Branches": [
    {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}]}, "B": {"Type": "Succeed"}}}');

-- ends and ways in
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "A"}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "End": true}}}');
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "C": {"Type": "Pass", "Next": "C"}}}');
SELECT pg_temp.machine('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}}}}');
SELECT pg_temp.machine('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}]}}}');
-- no word of a graph that is not understood
SELECT pg_temp.machine('{"StartAt": "A", "States": {"A": {"Type": "Paß", "Next": "B"}, "B": {"Type": "Succeed"}}}');

-- everything at once
SELECT pg_temp.machine('{"Foo": 1, "StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "B", "End": true, "Retry": []},
    "B": {"Type": "Wait", "Seconds": -1, "Next": "C"}}}');

-- the time it takes grows with the size of the definition, not with its square
SELECT count(*) FROM workflow.validate_state_machine_definition(
    (SELECT jsonb_build_object('StartAt', 'S', 'States', jsonb_build_object('S', jsonb_build_object(
         'Type', 'Pass', 'End', true, 'Assign', jsonb_object_agg('v' || i || '.$', '$w' || i))))::text
       FROM generate_series(1, 10000) AS i));
SELECT count(*) FROM workflow.validate_state_machine_definition(
    (SELECT jsonb_build_object('StartAt', 'S1', 'States', jsonb_object_agg('S' || i, jsonb_build_object(
         'Type', 'Pass', 'Next', 'X' || i)))::text
       FROM generate_series(1, 5000) AS i));
