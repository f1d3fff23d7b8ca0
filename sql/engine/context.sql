-- the context object
\a \t

SELECT jsonb_pretty(regexp_replace(regexp_replace(output::text, '\d{4}-\d\d-\d\dT[0-9:.]+Z', 'TIME', 'g'), 'role/[^"]*', 'role/ROLE')::jsonb)
  FROM workflow.simulate('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"all.$": "$$"}, "End": true}}}', '{"x": 1}');

-- places where it can be read
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$$.Execution.Input.x", "End": true}}}', '{"x": 1}');
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "OutputPath": "$$.State.Name", "End": true}}}');
SELECT engine_test.result('{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.Name", "StringEquals": "simulation", "Next": "S"}]}, "S": {"Type": "Succeed"}}}');
SELECT engine_test.result($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"n.$": "States.Format('{}/{}', $$.StateMachine.Name, $$.State.Name)"}, "End": true}}} $asl$);
SELECT engine_test.result('{"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$$.State.Name", "CausePath": "$$.Execution.Name"}}}');

-- the token is there for a task that somebody else ends, only
SELECT engine_test.result('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"t.$": "$$.Task.Token"}, "End": true}}}',
						  '{}', '{"T": {"Return": 1}}');
-- attempts are counted where there can be some
SELECT engine_test.result(format('{"StartAt": "A", "States": {"A": {%s, "Parameters": {"n.$": "$$.State.RetryCount"}, "End": true}}}', fields), '{}')
  FROM unnest(ARRAY['"Type": "Pass"', '"Type": "Parallel", "Branches": [{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}]']) fields;
