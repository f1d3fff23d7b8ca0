-- Retry
\a \t

-- three attempts, each a chain of its own; the waiting shows nowhere but in the time
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Retry": [{"ErrorEquals": ["Oops"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 3}], "End": true}}} $asl$,
	'{}', '{"T": [{"Throw": {"Error": "Oops"}}, {"Throw": {"Error": "Oops"}}, {"Return": "third"}]}');

-- delays: 1, 2, 4 by default; with a limit; the same each time
SELECT retrier, engine_test.result(format($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Retry": [{"ErrorEquals": ["States.ALL"]%s}], "End": true}}} $asl$, retrier), '{}', '{"T": {"Throw": {"Error": "Oops"}}}')
  FROM unnest(ARRAY[
	'',
	', "MaxAttempts": 0',
	', "MaxAttempts": 10',
	', "MaxAttempts": 10, "MaxDelaySeconds": 10',
	', "IntervalSeconds": 7, "BackoffRate": 1.0, "MaxAttempts": 4',
	', "IntervalSeconds": 4, "BackoffRate": 1.5, "MaxAttempts": 2',
	', "IntervalSeconds": 99999999, "BackoffRate": 10, "MaxAttempts": 2']) retrier;

-- full jitter: anything from nothing to the whole delay
SELECT count(*) FILTER (WHERE duration BETWEEN '0' AND '7 seconds') AS in_range, count(DISTINCT duration) > 15 AS differ
  FROM generate_series(1, 20) n,
	   workflow.simulate($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
		"Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}], "End": true}}} $asl$, to_jsonb(n), '{"T": {"Throw": {"Error": "Oops"}}}');

-- each retrier counts for itself; where the first that names an error is used up, no later one is asked
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Retry": [{"ErrorEquals": ["A", "B"], "MaxAttempts": 2}, {"ErrorEquals": ["C"], "MaxAttempts": 5}, {"ErrorEquals": ["States.ALL"]}],
	"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true}, "C": {"Type": "Succeed"}}} $asl$,
	'{}', '{"T": [{"Throw": {"Error": "A"}}, {"Throw": {"Error": "B"}}, {"Throw": {"Error": "C"}}, {"Throw": {"Error": "B", "Cause": "fourth"}}]}');

-- which names a pattern takes
SELECT pattern, error, engine_test.result(format($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Retry": [{"ErrorEquals": ["%s"], "MaxAttempts": 1}], "End": true}}} $asl$, pattern), '{}',
	jsonb_build_object('T', jsonb_build_array(jsonb_build_object('Throw', jsonb_strip_nulls(jsonb_build_object('Error', error))), '{"Return": "retried"}'::jsonb)))
  FROM unnest('{States.ALL,States.TaskFailed,States.Timeout,Custom,States.Runtime}'::text[]) pattern,
	   unnest('{Custom,States.TaskFailed,States.Timeout,States.Permissions,States.Runtime,NULL}'::text[]) error;

-- the context tells which attempt it is, Parameters are evaluated each time
SELECT engine_test.run($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
	"Parameters": {"n.$": "$$.State.RetryCount", "t.$": "$$.Task.Token"}, "ResultSelector": {"tries.$": "$$.State.RetryCount"},
	"Retry": [{"ErrorEquals": ["States.ALL"]}], "End": true}}} $asl$, '{}', '{"T": [{"Throw": {"Error": "Oops"}}, {"Return": 1}]}');

-- a new visit counts anew
SELECT engine_test.result($asl$ {"StartAt": "T", "States": {
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "again", "Next": "T"}], "Default": "S"},
	"S": {"Type": "Succeed"}}} $asl$, '{}',
	'{"T": [{"Throw": {"Error": "Oops"}}, {"Return": "again"}, {"Throw": {"Error": "Oops"}}, {"Return": "done"}]}');
