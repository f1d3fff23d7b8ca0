-- the Task state
\a \t

-- the families of events: Lambda functions, activities, services
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}',
					   '{"x": 1}', '{"T": {"Return": {"y": 2}}}');
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "TimeoutSeconds": 60, "HeartbeatSeconds": 10, "End": true}}}',
					   '{"x": 1}', '{"T": {"Return": {"y": 2}, "Seconds": 5}}');
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$"}, "End": true}}}',
					   '{"x": 1}', '{"T": {"Return": {"Payload": 2, "StatusCode": 200}}}');
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem", "Parameters": {}, "End": true}}}',
					   '{"x": 1}', '{"T": {"Throw": {"Error": "DynamoDb.DynamoDbException", "Cause": "no table"}}}');

-- one that goes on after its call returned
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"Token.$": "$$.Task.Token"}, "End": true}}}',
					   '{}', '{"T": {"Return": "done", "Seconds": 60}}');
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "m", "Input": {"token.$": "$$.Task.Token"}}, "End": true}}}',
					   '{}', '{"T": {"Return": {"Status": "SUCCEEDED"}, "Seconds": 60}}');

-- what goes in and what comes out
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"InputPath": "$.in", "Parameters": {"v.$": "$.v"}, "ResultSelector": {"only.$": "$.a"}, "ResultPath": "$.result", "OutputPath": "$.result",
	"End": true}}} $asl$, '{"in": {"v": 1}}', '{"T": {"Return": {"a": 2, "b": 3}}}');

-- Credentials
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Credentials": {"RoleArn.$": "$.role"}, "End": true}}} $asl$, '{"role": "arn:aws:iam::000000000000:role/r"}', '{"T": {"Return": 1}}');

-- it fails: with error and cause, with a part of it, with nothing
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}',
					   '{}', '{"T": {"Throw": {"Error": "Oops", "Cause": "it broke"}}}');
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}',
					   '{}', '{"T": {"Throw": {}}}');

-- a path of what comes out leads nowhere: nothing catches it
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"OutputPath": "$.no.such", "Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "C"}], "End": true},
	"C": {"Type": "Succeed"}}} $asl$, '{}', '{"T": {"Return": {}}}');
