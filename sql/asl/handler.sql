-- Retry and Catch
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.handler(fields text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition('{"StartAt": "T", "States": {"S": {"Type": "Succeed"},
          "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "S", ' || fields || '}}}')
$$;

SELECT pg_temp.handler('"Retry": {}');
SELECT pg_temp.handler('"Retry": [], "Catch": []');
SELECT pg_temp.handler('"Retry": [1]');
SELECT pg_temp.handler('"Retry": [{}], "Catch": [{}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": []}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": "A"}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["A", 1]}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A"]}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["A", "States.ALL"]}]');
SELECT pg_temp.handler('"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}, {"ErrorEquals": ["A"], "Next": "S"}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["State.ALL", "States.Whatever"]}, {"ErrorEquals": ["States.ALL"]}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["A"], "IntervalSeconds": 0, "MaxAttempts": -1, "BackoffRate": 0.9, "MaxDelaySeconds": 31622401, "JitterStrategy": "HALF"}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["A"], "IntervalSeconds": 1.5, "MaxAttempts": "1", "BackoffRate": "2", "Foo": 1}]');
SELECT pg_temp.handler('"Retry": [{"ErrorEquals": ["A"], "IntervalSeconds": 3, "MaxAttempts": 0, "BackoffRate": 1.5, "MaxDelaySeconds": 5, "JitterStrategy": "FULL", "Comment": "c"}]');
SELECT pg_temp.handler('"Catch": [{"ErrorEquals": ["A"], "Next": "S", "ResultPath": "$.a[*]"}]');
SELECT pg_temp.handler('"Catch": [{"ErrorEquals": ["A"], "Next": "S", "Output": "x", "OutputPath": "$"}]');
SELECT pg_temp.handler('"Catch": [{"ErrorEquals": ["A"], "Next": "S", "ResultPath": null, "Assign": {"x.$": "$.Cause"}, "Comment": "c"}]');
