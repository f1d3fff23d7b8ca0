-- the fields of each state type
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.state(state text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition('{"StartAt": "S", "States": {"S": ' || state || '}}')
$$;

-- Pass
SELECT pg_temp.state('{"Type": "Pass"}');
SELECT pg_temp.state('{"Type": "Pass", "End": false}');
SELECT pg_temp.state('{"Type": "Pass", "End": "true"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Next": "S"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Comment": 1}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "TimeoutSeconds": 5, "Catch": [], "Retry": [], "resultPath": "$"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "InputPath": "Test"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "InputPath": 1, "OutputPath": "$["}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "InputPath": null, "OutputPath": null, "ResultPath": null, "Result": null}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "InputPath": "$$.Execution.Input", "OutputPath": "$x.y"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "ResultPath": "$.a[*]"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "ResultPath": "$$.a"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "ResultPath": "$x"}');
SELECT pg_temp.state('{"Type": "Pass", "End": true, "ResultPath": "$.a[0].b", "Result": {"x.$": "$"}}');

-- Task
SELECT pg_temp.state('{"Type": "Task", "End": true}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "TimeoutSeconds": 0, "HeartbeatSeconds": 1.5}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "HeartbeatSeconds": 5, "HeartbeatSecondsPath": "$.t"}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "TimeoutSecondsPath": "t"}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Credentials": {}}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Credentials": {"RoleArn.$": "$.role"}}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:us-east-1:111111111111:activity:a", "End": true, "Credentials": {"RoleArn": "r"}}');
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "ResultSelector": "$.x"}');

-- Wait
SELECT pg_temp.state('{"Type": "Wait", "End": true}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Seconds": 1, "Timestamp": "2016-12-05T21:29:29Z"}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Seconds": -1}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Seconds": "1"}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Seconds": 0}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Timestamp": "2016-12-05 21:29:29Z"}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Timestamp": "2016-13-05T21:29:29Z"}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Timestamp": "{% ''2016-03-14T01:59:00Z'' %}"}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "Timestamp": "2016-12-05T21:29:29.123456789+01:00"}');
SELECT pg_temp.state('{"Type": "Wait", "End": true, "SecondsPath": "$.a", "ResultPath": null}');

-- Succeed, Fail
SELECT pg_temp.state('{"Type": "Succeed", "End": true, "Next": "S"}');
SELECT pg_temp.state('{"Type": "Fail", "Error": 1, "Cause": {}, "OutputPath": "$"}');
SELECT pg_temp.state('{"Type": "Fail", "Error": "E", "ErrorPath": "$.e", "Cause": "C", "CausePath": "$.c"}');
SELECT pg_temp.state('{"Type": "Fail", "ErrorPath": "e", "CausePath": "States.ArrayLength($.c)"}');
SELECT pg_temp.state('{"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format(''{}'', $.c)"}');
SELECT pg_temp.state('{"Type": "Fail"}');

-- Parallel
SELECT pg_temp.state('{"Type": "Parallel", "End": true}');
SELECT pg_temp.state('{"Type": "Parallel", "End": true, "Branches": {}}');
SELECT pg_temp.state('{"Type": "Parallel", "End": true, "Branches": []}');
SELECT pg_temp.state('{"Type": "Parallel", "End": true, "TimeoutSeconds": 1, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}, "QueryLanguage": "JSONata", "TimeoutSeconds": 1}]}');
SELECT pg_temp.state('{"Type": "Parallel", "End": true, "Branches": [{}, 1]}');

-- null is a path (InputPath, OutputPath, ResultPath) or a Result, nothing else
SELECT pg_temp.state('{"Type": "Pass", "End": true, "Parameters": null}');
SELECT pg_temp.state('{"Type": "Parallel", "End": true, "Parameters": null, "ResultSelector": null, "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}]}');

-- fields that name one value take Reference Paths only
SELECT field, pg_temp.state(format('{"Type": "Wait", "End": true, "%s": "$.a[*]"}', field))
  FROM unnest('{SecondsPath,TimestampPath}'::text[]) field;
SELECT field, pg_temp.state(format('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "%s": "$.a[?(@.b == 1)]"}', field))
  FROM unnest('{TimeoutSecondsPath,HeartbeatSecondsPath}'::text[]) field;
SELECT pg_temp.state('{"Type": "Fail", "ErrorPath": "$..e", "CausePath": "$.c[0:1]"}');
SELECT pg_temp.state('{"Type": "Fail", "ErrorPath": "$[''e''][0].f", "CausePath": "$$.State.Name"}');

-- a role is a string
SELECT pg_temp.state('{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, "Credentials": {"RoleArn": 3}}');
