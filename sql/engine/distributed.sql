-- distributed Map states in memory: children, thresholds, batches, time
\a \t
CREATE FUNCTION engine_test.distributed(map jsonb, processor jsonb DEFAULT '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:public.f", "End": true}}}')
RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('StartAt', 'M', 'States',
		jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true, 'Label', 'children',
			'ItemProcessor', processor || '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}') || map)
		|| CASE WHEN map ? 'Catch' THEN '{"Caught": {"Type": "Pass", "End": true}}'::jsonb ELSE '{}' END)::text
$$;

-- the chain of events
SELECT engine_test.run(engine_test.distributed('{}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"v.$": "$", "id.$": "$$.Execution.Id", "of.$": "$$.StateMachine.Id"}, "End": true}}}'), '[1, 2]');
SELECT engine_test.run(engine_test.distributed('{}'), '[1, 2]', '{"T": {"Throw": {"Error": "E"}}}');

-- items: of an array, of an object, none, no array
SELECT engine_test.result(engine_test.distributed('{"ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), input)
  FROM unnest(ARRAY['["a", "b"]', '{"k": "v"}', '[]', '{}', '7']::jsonb[]) input;

-- time: so many at a time, and the attempts are counted together
SELECT engine_test.result(engine_test.distributed(jsonb_build_object('MaxConcurrency', c)), '[1, 2, 3, 4, 5]', '{"T": {"Return": "r", "Seconds": 10}}') FROM unnest('{0,1,2,3}'::int[]) c;
SELECT engine_test.result(engine_test.distributed('{"MaxConcurrency": 1}'), '[1, 2, 3]', '{"T": [{"Return": 1}, {"Return": 2, "Seconds": 5}, {"Return": 3}]}');
SELECT engine_test.result(engine_test.distributed('{"MaxConcurrency": 2}', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}'), '[30, 10, 10, 10]');
SELECT engine_test.result((engine_test.distributed('{}', '{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}')::jsonb || '{"TimeoutSeconds": 20}')::text, '[10, 30]');
SELECT engine_test.result(engine_test.distributed('{}'), '[1]', '{"T": {"Silent": true}}');

-- failures that are tolerated, and that are not
SELECT t, engine_test.result(engine_test.distributed(t), '[1, 2, 3, 4]', '{"T": [{"Return": 1}, {"Throw": {"Error": "E"}}, {"Throw": {"Error": "F"}}, {"Return": 4}]}')
  FROM unnest(ARRAY['{}', '{"ToleratedFailureCount": 1}', '{"ToleratedFailureCount": 2}', '{"ToleratedFailurePercentage": 49.9}', '{"ToleratedFailurePercentage": 50}',
	'{"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100}', '{"ToleratedFailurePercentage": 100, "ToleratedFailureCount": 3}']::jsonb[]) t;
SELECT engine_test.result(engine_test.distributed('{"Retry": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 7}]}'), '[1, 2]', '{"T": [{"Return": 1}, {"Throw": {"Error": "E"}}, {"Return": 3}, {"Return": 4}]}');
SELECT engine_test.result(engine_test.distributed('{"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Caught"}], "ItemsPath": "$.n"}'), '{"n": [1]}', '{"T": {"Throw": {"Error": "E"}}}');

-- batches
SELECT b, engine_test.result(engine_test.distributed(jsonb_build_object('ItemBatcher', b), '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '["aa", "bb", "cc", "dddddddddddddddddddd", "e"]')
  FROM unnest(ARRAY['{"MaxItemsPerBatch": 2}', '{"MaxInputBytesPerBatch": 20}', '{"MaxInputBytesPerBatch": 21}', '{"MaxItemsPerBatch": 2, "MaxInputBytesPerBatch": 30, "BatchInput": {"x": 1}}']::jsonb[]) b;
-- numbers may be written with a point where they are whole; a batch has its limit from a path, too
SELECT engine_test.result(engine_test.distributed('{"MaxConcurrency": 2.0, "ToleratedFailureCount": 1e0, "ItemBatcher": {"MaxItemsPerBatch": 2.0}}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '[1, 2, 3]');
SELECT n, engine_test.result(engine_test.distributed('{"ItemsPath": "$.items", "ItemBatcher": {"MaxInputBytesPerBatchPath": "$.n"}}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), jsonb_build_object('items', '[1, 2]'::jsonb, 'n', n))
  FROM unnest('{0,17,262144,262145}'::int[]) n;
SELECT engine_test.result(engine_test.distributed('{"QueryLanguage": "JSONata", "ItemBatcher": {"MaxInputBytesPerBatch": "{% 262145 %}"}}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '[1]');

-- a reader's items are what the mock of the Map says; a writer's files are said, not written
SELECT m, engine_test.result(engine_test.distributed('{"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1"}, "ReaderConfig": {"MaxItemsPath": "$.max"}}}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '{"max": 2}', jsonb_build_object('M', m))
  FROM unnest(ARRAY['{"Return": [1, 2, 3]}', '{"Return": {"k": "v"}}', '{"Return": 7}', '{"Throw": {"Error": "States.ItemReaderFailed", "Cause": "not there"}}']::jsonb[]) m;
SELECT engine_test.result(engine_test.distributed('{"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '[1]');

-- a run that fails writes, too: children that run are cut, and nobody waits for them
SELECT engine_test.result(engine_test.distributed('{"MaxConcurrency": 2, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}'),
	'[1, 2, 3]', '{"T": [{"Return": 1, "Seconds": 100}, {"Throw": {"Error": "E"}, "Seconds": 5}]}');

-- one in another; steps are counted together
SELECT engine_test.result(engine_test.distributed('{}', replace(engine_test.distributed('{}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '"M"', '"N"')::jsonb #- '{States,N,Label}'), '[[1, 2], [], [3]]');
SELECT status, error, cause FROM workflow.simulate(engine_test.distributed('{}', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'), '[1, 2, 3, 4, 5, 6, 7, 8]', max_steps => 5);

DROP FUNCTION engine_test.distributed(jsonb, jsonb);
