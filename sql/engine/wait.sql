-- the Wait state: a simulation takes no time, whatever it waits for
\a \t

SELECT engine_test.run('{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 31536000, "Next": "S"}, "S": {"Type": "Succeed"}}}',
					   '{"x": 1}');

-- by a path
SELECT s, engine_test.result('{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}}',
							 jsonb_build_object('s', s))
  FROM unnest(ARRAY['0', '90', '-1', '1.5', '"5"', 'null', '[]', '2147483647', '2147483648']::jsonb[]) s;
SELECT engine_test.result('{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "End": true}}}');

-- until a time: the past has gone already
SELECT engine_test.run('{"StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z", "End": true}}}');
SELECT t, engine_test.result('{"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.t", "End": true}}}',
							 jsonb_build_object('t', t))
  FROM unnest('{2016-12-05T21:29:29Z,2016-12-05T21:29:29.123456789+02:00,2016-12-05 21:29:29Z,2016-12-05T21:29:29,2016-13-05T21:29:29Z,05-12-2016T21:29:29Z,9999-01-01T00:00:00Z}'::text[]) t;
SELECT engine_test.result('{"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.t", "End": true}}}', input)
  FROM unnest('{"{}","{\"t\": 5}"}'::jsonb[]) input;

-- the future: to the second
SELECT duration > '59 minutes' AND duration <= '1 hour' AS an_hour
  FROM workflow.simulate('{"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.t", "End": true}}}',
						 jsonb_build_object('t', to_char((now() + '1 hour') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')));

-- paths around it
SELECT engine_test.result('{"StartAt": "W", "States": {"W": {"Type": "Wait", "InputPath": "$.a", "SecondsPath": "$.s", "OutputPath": "$.o", "End": true}}}',
						  '{"a": {"s": 5, "o": "out"}}');
