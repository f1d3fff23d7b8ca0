-- variables and Assign
\a \t

-- seen from the next state on; all of an Assign reads the old values
SELECT engine_test.run($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"x": 42, "list": [1, 2]}, "Next": "B"},
	"B": {"Type": "Pass", "Assign": {"x": 18, "old.$": "$x", "first.$": "$list[0]"}, "Parameters": {"x.$": "$x"}, "Next": "C"},
	"C": {"Type": "Pass", "Parameters": {"x.$": "$x", "old.$": "$old", "first.$": "$first"}, "End": true}}} $asl$);

-- what $ is: of a Pass its result, of a task the raw result, of a catcher the error
SELECT engine_test.run($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Result": {"r": 1}, "ResultPath": "$.a", "Assign": {"a.$": "$.r"}, "Next": "T"},
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "ResultSelector": {"s": 1}, "Assign": {"t.$": "$.raw"}, "Next": "F"},
	"F": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"e.$": "$.Error"}, "Next": "W"}], "End": true},
	"W": {"Type": "Wait", "InputPath": "$.Cause", "Seconds": 0, "Assign": {"w.$": "$"}, "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Variable": "$t", "NumericEquals": 2, "Assign": {"c": "rule"}, "Next": "Z"}], "Default": "Z", "Assign": {"c": "default"}},
	"Z": {"Type": "Pass", "Parameters": {"a.$": "$a", "t.$": "$t", "e.$": "$e", "w.$": "$w", "c.$": "$c"}, "End": true}}} $asl$,
	'{}', '{"T": {"Return": {"raw": 2}}, "F": {"Throw": {"Error": "Oops", "Cause": "why"}}}');

-- branches read what is around them, and keep their own
SELECT engine_test.run($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "P"},
	"P": {"Type": "Parallel", "Assign": {"joined.$": "$[0]"}, "Next": "Z", "Branches": [
		{"StartAt": "B1", "States": {"B1": {"Type": "Pass", "Assign": {"inner.$": "States.MathAdd($outer, 1)"}, "Next": "B2"},
			"B2": {"Type": "Pass", "Parameters": {"outer.$": "$outer", "inner.$": "$inner"}, "End": true}}},
		{"StartAt": "C1", "States": {"C1": {"Type": "Wait", "Seconds": 5, "Next": "C2"}, "C2": {"Type": "Pass", "Parameters": {"outer.$": "$outer"}, "End": true}}}]},
	"Z": {"Type": "Pass", "Parameters": {"joined.$": "$joined", "outer.$": "$outer"}, "End": true}}} $asl$);

-- nobody knows it
SELECT engine_test.result('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"x.$": "$unknown"}, "End": true}}}');

-- everywhere a path can be
SELECT engine_test.result($asl$ {"StartAt": "A", "States": {
	"A": {"Type": "Pass", "Assign": {"in": {"v": 7}, "s": 3, "out": "o", "f": "Custom"}, "Next": "W"},
	"W": {"Type": "Wait", "InputPath": "$in", "SecondsPath": "$s", "Next": "T"},
	"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "TimeoutSecondsPath": "$s", "OutputPath": "$out", "Next": "C"},
	"C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEqualsPath": "$out", "Next": "F"}]},
	"F": {"Type": "Fail", "ErrorPath": "$f", "CausePath": "States.Format('{}', $in.v)"}}} $asl$, '{}', '{"T": {"Return": 1, "Seconds": 2}}');
