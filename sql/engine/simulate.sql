-- workflow.simulate() itself: its mocks, and what it refuses
\a \t

-- attempts: a list, whose last step goes on; numbers and ranges from 0, as in Step Functions Local
\set task '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 5}], "End": true}}}'
SELECT engine_test.result(:'task', '{}', mocks)
  FROM unnest(ARRAY[
	'{"T": {"Return": 1}}',
	'{"T": [{"Throw": {"Error": "E"}}, {"Return": 2}]}',
	'{"T": {"0": {"Throw": {"Error": "E"}}, "1-2": {"Throw": {"Error": "E"}}, "3": {"Return": 4}}}',
	'{"T": {"0": {"Throw": {"Error": "E"}}}}',
	'{"T": {"Return": null, "Seconds": 30}}',
	'{}']::jsonb[]) mocks;

-- wrong ones
SELECT workflow.simulate(:'task', '{}', '[]');
SELECT workflow.simulate(:'task', '{}', '{"X": {"Return": 1}}');
SELECT workflow.simulate(:'task', '{}', '{"T": 5}');
SELECT workflow.simulate(:'task', '{}', '{"T": []}');
SELECT workflow.simulate(:'task', '{}', '{"T": {}}');
SELECT workflow.simulate(:'task', '{}', '{"T": {"Return": 1, "Silent": true}}');
SELECT workflow.simulate(:'task', '{}', '{"T": {"Return": 1, "Seconds": -1}}');
SELECT workflow.simulate(:'task', '{}', '{"T": {"Throw": "E"}}');
SELECT workflow.simulate(:'task', '{}', '{"T": {"first": {"Return": 1}}}');

-- a definition that does not compile
\set VERBOSITY sqlstate
SELECT workflow.simulate('{"StartAt": "A", "States": {}}');
SELECT workflow.simulate('not a definition');
\set VERBOSITY default

-- the whole history, as the API shows it
SELECT jsonb_pretty(jsonb_agg(event - 'timestamp' #- '{executionStartedEventDetails,roleArn}'))
  FROM workflow.simulate('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"v": [1]}, "End": true}}}', '{"x": 1}'),
	   jsonb_array_elements(history) event;
