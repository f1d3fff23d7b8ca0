-- the Choice state
\a \t

SELECT engine_test.run($asl$ {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericGreaterThan": 10, "Next": "Big"}], "Default": "Small"},
	"Big": {"Type": "Succeed"},
	"Small": {"Type": "Fail", "Error": "TooSmall"}}} $asl$, '{"x": 11}');

-- the first rule that is true decides
SELECT x, engine_test.result($asl$ {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [
		{"And": [{"Variable": "$.x", "IsPresent": true}, {"Variable": "$.x", "IsString": true}], "Next": "Text"},
		{"Not": {"Variable": "$.x", "IsPresent": true}, "Next": "Missing"},
		{"Or": [{"Variable": "$.x", "NumericEquals": 1}, {"Variable": "$.x", "NumericEquals": 2}], "Next": "OneOrTwo"},
		{"Variable": "$.x", "NumericLessThan": 10, "Next": "Small"}], "Default": "Other"},
	"Text": {"Type": "Pass", "Result": "text", "End": true},
	"Missing": {"Type": "Pass", "Result": "missing", "End": true},
	"OneOrTwo": {"Type": "Pass", "Result": "one or two", "End": true},
	"Small": {"Type": "Pass", "Result": "small", "End": true},
	"Other": {"Type": "Pass", "Result": "other", "End": true}}} $asl$, x)
  FROM unnest('{"{\"x\": \"a\"}","{}","{\"x\": 2}","{\"x\": 3}","{\"x\": 30}","{\"x\": null}"}'::jsonb[]) x;

-- InputPath comes before the rules, OutputPath after them
SELECT engine_test.result($asl$ {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "InputPath": "$.a", "OutputPath": "$.c",
		"Choices": [{"Variable": "$.b", "BooleanEquals": true, "Next": "S"}]},
	"S": {"Type": "Succeed"}}} $asl$, '{"a": {"b": true, "c": "out"}}');

-- no rule is true, and there is no Default
SELECT engine_test.run($asl$ {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEquals": 1, "Next": "S"}]},
	"S": {"Type": "Succeed"}}} $asl$, '{"x": 2}');

-- a rule about something that is not there
SELECT engine_test.result($asl$ {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [{"Variable": "$.y", "NumericEquals": 1, "Next": "S"}], "Default": "S"},
	"S": {"Type": "Succeed"}}} $asl$, '{"x": 2}');

-- a loop
SELECT engine_test.result($asl$ {"StartAt": "Count", "States": {
	"Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough"},
	"Enough": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 1000, "Next": "Count"}], "Default": "Done"},
	"Done": {"Type": "Succeed"}}} $asl$, '{"n": 0}');

-- timestamps count to the nanosecond
SELECT x, engine_test.result($asl$ {"StartAt": "C", "States": {
	"C": {"Type": "Choice", "Choices": [
		{"Variable": "$", "TimestampEquals": "2023-02-24T12:15:56.123456789Z", "Next": "Same"},
		{"Variable": "$", "TimestampLessThan": "2023-02-24T12:15:56.123456789Z", "Next": "Before"}], "Default": "After"},
	"Same": {"Type": "Pass", "Result": "same", "End": true},
	"Before": {"Type": "Pass", "Result": "before", "End": true},
	"After": {"Type": "Pass", "Result": "after", "End": true}}} $asl$, to_jsonb(x))
  FROM unnest('{2023-02-24T12:15:56.123456788Z,2023-02-24T12:15:56.123456789Z,2023-02-24T13:15:56.1234567890+01:00,2023-02-24T12:15:56.1234568Z,2023-02-24T12:15:56.123456Z}'::text[]) x;
