-- Catch
\a \t

SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"ResultSelector": {"x.$": "$.no"}, "OutputPath": "$.no", "Catch": [{"ErrorEquals": ["Other"], "Next": "S"}, {"ErrorEquals": ["Oops"], "Next": "C"}], "Next": "S"},
	"C": {"Type": "Pass", "End": true}, "S": {"Type": "Succeed"}}} $asl$, '{"x": 1}', '{"T": {"Throw": {"Error": "Oops", "Cause": "it broke"}}}');

-- where the error goes
SELECT result_path, engine_test.result(format($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"InputPath": "$.x", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"%s}], "End": true}, "C": {"Type": "Succeed"}}} $asl$, result_path),
	'{"x": 1}', '{"T": {"Throw": {"Error": "Oops", "Cause": "it broke"}}}')
  FROM unnest(ARRAY['', ', "ResultPath": "$.error"', ', "ResultPath": null', ', "ResultPath": "$.x.error"']) result_path;

-- both members are there, whatever was missing
SELECT throw, engine_test.result($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true}, "C": {"Type": "Succeed"}}} $asl$, '{}',
	jsonb_build_object('T', jsonb_build_object('Throw', throw)))
  FROM unnest('{"{}","{\"Error\": \"E\"}","{\"Cause\": \"c\"}","{\"Error\": \"States.Timeout\"}"}'::jsonb[]) throw;

-- a fault is never caught, nor is an error that calls itself one
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Parameters": {"x.$": "$.no"}, "Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "C"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true},
	"C": {"Type": "Succeed"}}} $asl$, '{}', '{"T": {"Return": 1}}');
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "C"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true},
	"C": {"Type": "Succeed"}}} $asl$, '{}', '{"T": {"Throw": {"Error": "States.Runtime"}}}');

-- a lost heartbeat keeps both its names on its way out of branches and iterations
SELECT pattern, engine_test.result(format($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [{"StartAt": "M", "States": {
	"M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": {"StartAt": "T", "States": {
		"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "HeartbeatSeconds": 5, "End": true}}}, "End": true}}}],
	"Catch": [{"ErrorEquals": ["%s"], "Next": "C"}], "End": true}, "C": {"Type": "Succeed"}}} $asl$, pattern), '{"items": [1]}', '{"T": {"Silent": true}}')
  FROM unnest('{States.HeartbeatTimeout,States.Timeout,States.TaskFailed}'::text[]) pattern;
