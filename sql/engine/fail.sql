-- the Fail state
\a \t

SELECT engine_test.run('{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Custom", "Cause": "because"}}}', '{"x": 1}');
SELECT engine_test.run('{"StartAt": "F", "States": {"F": {"Type": "Fail"}}}');
SELECT engine_test.result('{"StartAt": "F", "States": {"F": {"Type": "Fail", "Cause": "only this"}}}');

-- from the input
SELECT engine_test.result($asl$ {"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "States.Format('{} broke at {}', $.what, $$.State.Name)"}}} $asl$,
						  '{"error": "Custom", "what": "it"}');
SELECT engine_test.result('{"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.error"}}}', input)
  FROM unnest('{"{\"x\": 1}","{\"error\": 5}"}'::jsonb[]) input;
