-- limits: sizes of documents, number of events
\a \t
SET workflow.aws_limits = on;

-- 262,144 bytes of JSON text are allowed, one more is not
SELECT n, status, error, cause
  FROM unnest('{262142,262143}'::int[]) n,
	   workflow.simulate(format('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "%s", "End": true}}}', repeat('a', n)));
-- what counts is the text, with its escapes
SELECT n, status, error
  FROM unnest('{131071,131072}'::int[]) n,
	   workflow.simulate(format('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": %s, "End": true}}}', to_json(repeat('"', n))));

-- of a task: its result can be caught, its parameters not
SELECT error, cause, output->>'Error' AS caught, output->>'Cause' AS its_cause
  FROM unnest(ARRAY['arn:aws:lambda:us-east-1:000000000000:function:f', 'arn:aws:states:::lambda:invoke']) resource,
	   workflow.simulate(format($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "%s", "Parameters": {},
		"Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "C"}], "End": true}, "C": {"Type": "Succeed"}}} $asl$, resource),
		'{}', jsonb_build_object('T', jsonb_build_object('Return', repeat('a', 262143))));
SELECT status, error, cause
  FROM workflow.simulate($asl$ {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
	"Parameters": {"a.$": "$", "b.$": "$"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true}, "C": {"Type": "Succeed"}}} $asl$,
	to_jsonb(repeat('a', 200000)), '{"T": {"Return": 1}}');

-- an execution has 25,000 events at most
SELECT status, error, cause, jsonb_array_length(history), history->24999
  FROM (SELECT status, error, cause, history #- '{24999,timestamp}' AS history
		  FROM workflow.simulate($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"},
		"B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}} $asl$)) s;
-- a year, also where the machine would allow more
SELECT machine, status, error, duration
  FROM unnest('{"", ", \"TimeoutSeconds\": 40000000", ", \"TimeoutSeconds\": 30000000"}'::text[]) machine,
	   workflow.simulate(format('{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 99999999, "End": true}}%s}', machine));
RESET workflow.aws_limits;
SELECT status, duration FROM workflow.simulate('{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 99999999, "End": true}}}');

-- and a simulation as many states as it is given
SELECT status, error, cause, jsonb_array_length(history)
  FROM workflow.simulate($asl$ {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"},
		"B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"}, "C": {"Type": "Succeed"}}} $asl$,
						 max_steps => 10);
SELECT status, output, jsonb_array_length(history)
  FROM workflow.simulate($asl$ {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 1, "End": true}}} $asl$,
						 max_steps => 2);
SELECT status, cause FROM workflow.simulate('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1000000, "BackoffRate": 1}], "End": true}}}',
	'{}', '{"T": {"Throw": {"Error": "Oops"}}}', 100);
SELECT status FROM workflow.simulate('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', max_steps => 0);
