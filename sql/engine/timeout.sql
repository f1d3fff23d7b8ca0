-- timeouts and heartbeats
\a \t

-- a task takes too long
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSeconds": 5, "End": true}}}',
					   '{}', '{"T": {"Return": 1, "Seconds": 6}}');
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "TimeoutSecondsPath": "$.t", "End": true}}}',
					   '{"t": 5}', '{"T": {"Silent": true}}');
-- just in time
SELECT engine_test.result('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSeconds": 5, "End": true}}}',
						  '{}', '{"T": {"Return": 1, "Seconds": 5}}');

-- a heartbeat is missed: the event says timeout, a catcher may call it either
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {}, "TimeoutSeconds": 600, "HeartbeatSecondsPath": "$.h", "End": true}}}',
					   '{"h": 5}', '{"T": {"Silent": true}}');
SELECT name, engine_test.result(format($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a",
	"TimeoutSeconds": 600, "HeartbeatSeconds": 5, "End": true, "Catch": [{"ErrorEquals": ["%s"], "Next": "C"}]}, "C": {"Type": "Succeed"}}} $asl$, name),
	'{}', '{"T": {"Silent": true}}')
  FROM unnest('{States.Timeout,States.HeartbeatTimeout,States.TaskFailed,States.ALL}'::text[]) name;
SELECT name, engine_test.result(format($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a",
	"TimeoutSeconds": 5, "HeartbeatSeconds": 4, "End": true, "Catch": [{"ErrorEquals": ["%s"], "Next": "C"}]}, "C": {"Type": "Succeed"}}} $asl$, name),
	'{}', '{"T": {"Silent": true}}')
  FROM unnest('{States.Timeout,States.HeartbeatTimeout}'::text[]) name;

-- paths that give no number of seconds
SELECT engine_test.result('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSecondsPath": "$.t", "End": true}}}',
						  input, '{"T": {"Return": 1}}')
  FROM unnest('{"{}","{\"t\": \"soon\"}","{\"t\": -5}","{\"t\": 1.5}"}'::jsonb[]) input;

-- the machine takes too long
SELECT engine_test.run('{"TimeoutSeconds": 5, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}');
SELECT engine_test.run('{"TimeoutSeconds": 5, "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}, "C": {"Type": "Succeed"}}}',
					   '{}', '{"T": {"Silent": true}}');

-- without any limit, an execution waits for ever
SELECT engine_test.run('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}',
					   '{}', '{"T": {"Silent": true}}');
