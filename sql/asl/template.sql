-- payload templates and variables
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.state(state text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition('{"StartAt": "S", "States": {"S": ' || state || '}}')
$$;

CREATE FUNCTION pg_temp.machine(definition text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition(definition)
$$;

SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": "$.a", "b.$": "$$.Execution", "c.$": "$x", "d.$": "States.UUID()", "e": ["$.x", {"f.$": "$"}]}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": "a"}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": 1}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": "$."}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": "States.Nope()"}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": "States.Format(''\"'')"}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a": {"b": [{"c.$": "x"}]}}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": {"a.$": "$", "a": 1}}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "ResultSelector": {"x.$": "y"}}');

-- Assign
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": "x"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": {}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": {"states": 1}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": {"states.$": "$"}}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": {"a.b": 1, "c[0]": 2, "1d": 3, "": 4}}');
SELECT pg_temp.state(format('{"Type": "Pass", "End": true, "Assign": {"%s": 1, "é": 2}}', repeat('x', 81)));
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": {"a.$": "b"}}');
-- variables are named by identifiers of any script, and by nothing else
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Assign": {"été": 1, "変数_2": 2, "ᾳ\u0301": 3, "Ⅳ": 4, "x·y": 5, "_é": 6, "д.$": "$"}}');
SELECT name, pg_temp.state(format('{"Type": "Pass", "End": true, "Assign": {"%s": 1}}', name)) FROM unnest(ARRAY['😀', U&'a\00A0b', U&'\0301a', U&'\0663a', 'a→b', 'a–b']) name;

-- a variable belongs to one scope
SELECT pg_temp.machine('{"StartAt": "P", "States": {
    "P": {"Type": "Parallel", "Next": "E", "Branches": [
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Assign": {"x": 1, "y": 2}}}},
        {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true, "Assign": {"y": 2}}}}]},
    "E": {"Type": "Pass", "End": true, "Assign": {"x.$": "$"}}}}');
SELECT pg_temp.machine('{"StartAt": "M", "States": {
    "M": {"Type": "Map", "Next": "E", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Assign": {"x": 1}}}}},
    "E": {"Type": "Pass", "End": true, "Assign": {"x": 2}}}}');
