-- the two query languages
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

SELECT pg_temp.state('{"Type": "Pass", "End": true, "Output": {}}');
SELECT pg_temp.state('{"Type": "Pass", "QueryLanguage": "JSONata", "End": true, "InputPath": "$", "Parameters": {}, "Output": "{% 1 %}"}');
SELECT pg_temp.state('{"Type": "Pass", "QueryLanguage": "jsonata", "End": true, "InputPath": "$", "Output": {}}');
SELECT pg_temp.state('{"Type": "Pass", "QueryLanguage": 5, "End": true}');
SELECT pg_temp.machine('{"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": {"Type": "Pass", "QueryLanguage": "JSONPath", "Output": {}, "End": true}}}');
SELECT pg_temp.machine('{"QueryLanguage": "jsonpath", "StartAt": "S", "States": {"S": {"Type": "Pass", "InputPath": "$", "End": true}}}');
SELECT pg_temp.machine('{"QueryLanguage": [], "StartAt": "S", "States": {"S": {"Type": "Succeed"}}}');

-- states inside of a state begin with the machine's language
SELECT pg_temp.machine('{"StartAt": "M", "States": {"M": {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% [1] %}", "End": true,
    "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Output": 1, "End": true}}}}}}');
SELECT pg_temp.state('{"Type": "Map", "End": true, "Items": [], "ItemProcessor": {"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": {"Type": "Succeed"}}}}');

-- expressions
SELECT pg_temp.state('{"Type": "Pass", "QueryLanguage": "JSONata", "End": true, "Output": "{% 1"}');
SELECT pg_temp.state('{"Type": "Pass", "QueryLanguage": "JSONata", "End": true, "Output": {"a": [" {% 1 %} ", {"k.$": "$"}, "{%"]}}');
SELECT pg_temp.state('{"Type": "Wait", "QueryLanguage": "JSONata", "End": true, "Seconds": "{% 1 %}"}');
SELECT pg_temp.state('{"Type": "Wait", "QueryLanguage": "JSONata", "End": true, "Seconds": "1"}');
SELECT pg_temp.state('{"Type": "Wait", "QueryLanguage": "JSONata", "End": true, "SecondsPath": "$.x"}');
SELECT pg_temp.state('{"Type": "Wait", "QueryLanguage": "JSONata", "End": true, "Timestamp": "x"}');
SELECT pg_temp.state('{"Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Credentials": {"RoleArn.$": "$.x"}}');
SELECT pg_temp.state('{"Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Arguments": "{% $states.input %}", "Credentials": {"RoleArn": "{% $r %}"}, "TimeoutSeconds": "{% $t %}", "Retry": [{"ErrorEquals": ["A"], "MaxAttempts": "{% 1 %}"}]}');
SELECT pg_temp.state('{"Type": "Fail", "QueryLanguage": "JSONata", "Error": "{% $e %}", "CausePath": "$.c"}');
SELECT pg_temp.machine('{"QueryLanguage": "JSONata", "StartAt": "C", "States": {"S": {"Type": "Succeed"}, "C": {"Type": "Choice", "Choices": [
    {"Condition": "{% true %}", "Output": {"a": "{% 1 %}"}, "Assign": {"x": 1}, "Next": "S"}, {"Condition": false, "Next": "S"}, {"Condition": "true", "Next": "S"},
    {"Variable": "$.a", "IsNull": true, "Next": "S"}]}}}');
