-- the Parallel state
\a \t

-- results in the order of the branches
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A1", "States": {"A1": {"Type": "Pass", "Next": "A2"}, "A2": {"Type": "Pass", "Result": "a", "End": true}}},
	{"StartAt": "B1", "States": {"B1": {"Type": "Pass", "Result": {"b": 1}, "End": true}}}]}}} $asl$, '{"x": 1}');
-- also where they do not end in that order
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 20, "Next": "A2"}, "A2": {"Type": "Pass", "Result": "a", "End": true}}},
	{"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 10, "Next": "B2"}, "B2": {"Type": "Pass", "Result": "b", "End": true}}},
	{"StartAt": "C", "States": {"C": {"Type": "Succeed"}}}]}}} $asl$, '"c"');

-- what goes in and what comes out
SELECT engine_test.result($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel",
	"InputPath": "$.in", "Parameters": {"v.$": "$.v"}, "ResultSelector": {"first.$": "$[0]", "count.$": "States.ArrayLength($)"}, "ResultPath": "$.out", "End": true,
	"Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}, {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}]}}} $asl$,
	'{"in": {"v": 1}}');

-- a branch fails: uncaught, caught, tried again
SELECT engine_test.run('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops", "Cause": "why"}}}]}}}');
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops", "Cause": "why"}}}],
	"Catch": [{"ErrorEquals": ["Oops"], "ResultPath": "$.error", "Next": "C"}]}, "C": {"Type": "Pass", "End": true}}} $asl$, '{"x": 1}');
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops"}}}],
	"Retry": [{"ErrorEquals": ["Oops"], "MaxAttempts": 2}]}}} $asl$);

-- what else was open is cut; what was not started yet is spared
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": true}}},
	{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "End": true}}},
	{"StartAt": "Q", "States": {"Q": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "QW", "States": {"QW": {"Type": "Wait", "Seconds": 100, "End": true}}}]}}},
	{"StartAt": "D", "States": {"D": {"Type": "Pass", "End": true}}},
	{"StartAt": "F", "States": {"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {}, "End": true}}}],
	"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}, "C": {"Type": "Succeed"}}} $asl$,
	'{}', '{"T": {"Return": 1, "Seconds": 50}, "F": {"Throw": {"Error": "Oops"}, "Seconds": 5}}');
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops"}}},
	{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}]}}} $asl$);

-- tried again, the branches start from the beginning
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Retry": [{"ErrorEquals": ["States.ALL"]}], "Branches": [
	{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"n.$": "$$.State.EnteredTime", "tries": 0}, "OutputPath": "$.tries", "End": true}}},
	{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}]}}} $asl$,
	'{}', '{"T": [{"Throw": {"Error": "Oops"}}, {"Return": "second"}]}');

-- a failure without a name is caught by States.ALL
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {}, "End": true}}}],
	"Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "S"}, {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "S"}]}, "S": {"Type": "Succeed"}}} $asl$,
	'{}', '{"T": {"Throw": {}}}');

-- a fault in a branch ends the whole execution
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": true}}},
	{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.no", "End": true}}}],
	"Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S"}]}, "S": {"Type": "Succeed"}}} $asl$);

-- one in another, and the error of the innermost comes all the way out
SELECT engine_test.run($asl$ {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "Q", "States": {"Q": {"Type": "Parallel", "Next": "A", "Branches": [
		{"StartAt": "Q1", "States": {"Q1": {"Type": "Pass", "Result": 1, "End": true}}}, {"StartAt": "Q2", "States": {"Q2": {"Type": "Pass", "Result": 2, "End": true}}}]},
		"A": {"Type": "Pass", "End": true}}},
	{"StartAt": "R", "States": {"R": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Inner"}}}]}}}]}}} $asl$);

-- many
SELECT status, jsonb_array_length(output), output->0, output->999, jsonb_array_length(history)
  FROM workflow.simulate((SELECT format('{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [%s]}}}',
			string_agg(format('{"StartAt": "S%s", "States": {"S%s": {"Type": "Pass", "Result": %s, "End": true}}}', n, n, n), ','))
		FROM generate_series(0, 999) n));
