-- Map states
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.map(fields text, config text DEFAULT '{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}', type text DEFAULT 'STANDARD')
RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "P",
          "ProcessorConfig": ' || config || ', "States": {"P": {"Type": "Succeed"}}}, ' || fields || '}}}', type)
$$;

SELECT pg_temp.map('"Comment": "c"');
SELECT pg_temp.map('"Iterator": {"StartAt": "Q", "States": {"Q": {"Type": "Succeed"}}}');
SELECT concat_ws(' ', code || ':', message, 'at ' || location)
  FROM workflow.validate_state_machine_definition('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true}}}');
SELECT pg_temp.map('"ItemSelector": {"a.$": "$$.Map.Item.Value"}, "Parameters": {}');
SELECT pg_temp.map('"ItemsPath": "items"');
SELECT pg_temp.map('"MaxConcurrency": -1, "ToleratedFailureCount": -1, "ToleratedFailurePercentage": 100.5');
SELECT pg_temp.map('"MaxConcurrency": 1, "MaxConcurrencyPath": "$.m", "ToleratedFailureCount": 1, "ToleratedFailureCountPath": "$.t", "ToleratedFailurePercentage": 1, "ToleratedFailurePercentagePath": "$.p"');
SELECT pg_temp.map('"TimeoutSeconds": 5');

-- ProcessorConfig
SELECT pg_temp.map('"Comment": "c"', '{"Mode": "DISTRIBUTED"}');
SELECT pg_temp.map('"Comment": "c"', '{"Mode": "INLINE", "ExecutionType": "STANDARD"}');
SELECT pg_temp.map('"Comment": "c"', '{"Mode": "inline"}');
SELECT pg_temp.map('"Comment": "c"', '{"Mode": "DISTRIBUTED", "ExecutionType": "FAST"}');
SELECT pg_temp.map('"Comment": "c"', type => 'EXPRESS');

-- Label
SELECT pg_temp.map('"Label": ""');
SELECT pg_temp.map(format('"Label": "%s"', repeat('x', 41)));
SELECT pg_temp.map(format('"Label": "%s"', repeat('x', 40)));
-- (what may be in one)
SELECT string_agg(chr(c), '' ORDER BY c)
  FROM generate_series(1, 200) c
 WHERE NOT EXISTS (SELECT FROM pg_temp.map(format('"Label": %s', to_json('label' || chr(c)))));
SELECT concat_ws(' ', code || ':', message, 'at ' || location) FROM workflow.validate_state_machine_definition('{"StartAt": "M", "States": {
    "M": {"Type": "Map", "Label": "l", "Next": "N", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}},
    "N": {"Type": "Map", "Label": "l", "End": true, "ItemProcessor": {"StartAt": "Q", "States": {"Q": {"Type": "Succeed"}}}}}}');

-- ItemReader, ItemBatcher, ResultWriter
SELECT pg_temp.map('"ItemReader": {}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::s3:putObject"}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket.$": "b"}, "Arguments": {}, "ReaderConfig": {"InputType": "XML", "MaxItems": -1, "MaxItemsPath": "$.m", "Foo": 1}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV"}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON", "CSVHeaderLocation": "FIRST_ROW"}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix.$": "$.p"}}');
SELECT pg_temp.map('"ItemBatcher": {"MaxItemsPerBatch": 0, "MaxInputBytesPerBatch": 262145, "MaxItemsPerBatchPath": "$.x", "BatchInput": 1}');
SELECT pg_temp.map('"ItemBatcher": {"MaxItemsPerBatchPath": "$x", "BatchInput": {"a.$": "$.a"}}');
SELECT pg_temp.map('"ResultWriter": {"Resource": "arn:aws:states:::s3:getObject", "WriterConfig": {"Transformation": "X", "OutputType": "Y"}}');
SELECT pg_temp.map('"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}, "WriterConfig": {"Transformation": "COMPACT"}}');

-- their Resource may be a statement
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "SELECT 1"}, "ReaderConfig": {"MaxItemsPath": "$.m"}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement.$": "$.s", "Parameters.$": "$.p"}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statment": "SELECT 1"}, "ReaderConfig": {"InputType": "JSON"}}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::sql:execute"}');
SELECT pg_temp.map('"ItemReader": {"Resource": "arn:aws:states:::sql:query", "Parameters": {"Statement": "SELECT 1"}}');
SELECT pg_temp.map('"ResultWriter": {"Resource": "arn:aws:states:::sql:execute", "Parameters": {"Statement": "INSERT INTO r SELECT * FROM jsonb_array_elements($1)"}, "WriterConfig": {"Transformation": "FLATTEN"}}');
SELECT pg_temp.map('"ResultWriter": {"Resource": "arn:aws:states:::sql:execute"}');
SELECT pg_temp.map('"QueryLanguage": "JSONata", "ResultWriter": {"Resource": "arn:aws:states:::sql:execute", "Arguments": {}}');
SELECT pg_temp.map('"QueryLanguage": "JSONata", "ItemReader": {"Resource": "arn:aws:states:::sql:execute", "Arguments": "{% $a %}"}');

-- null finds no items, and is no template
SELECT pg_temp.map('"ItemsPath": null, "ItemSelector": null');
SELECT pg_temp.map('"MaxConcurrencyPath": "$.a[*]", "ToleratedFailureCountPath": "$.a[-1]"');

-- a batch is bounded by something
SELECT pg_temp.map('"ItemBatcher": {}');
SELECT pg_temp.map('"ItemBatcher": {"BatchInput": {}}');
SELECT pg_temp.map('"ItemBatcher": {"MaxInputBytesPerBatchPath": "$.n"}');

-- children that are EXPRESS can do what EXPRESS executions can, and states inside a state of theirs, too
SELECT processor ->> 'StartAt', mode, concat_ws(' ', code || ':', message, 'at ' || location)
  FROM unnest('{STANDARD,EXPRESS}'::text[]) mode, unnest(ARRAY[
	'{"StartAt": "Distributed", "States": {"Distributed": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "Q", "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "States": {"Q": {"Type": "Pass", "End": true}}}}}}',
	'{"StartAt": "Inline", "States": {"Inline": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "End": true}}}}}}',
	'{"StartAt": "Callback", "States": {"Callback": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": {"FunctionName": "f"}, "End": true}}}'
  ]::jsonb[]) processor
  LEFT JOIN LATERAL workflow.validate_state_machine_definition(jsonb_build_object('StartAt', 'M', 'States', jsonb_build_object('M', jsonb_build_object('Type', 'Map', 'End', true,
	'ItemProcessor', processor || jsonb_build_object('ProcessorConfig', jsonb_build_object('Mode', 'DISTRIBUTED', 'ExecutionType', mode)))))::text) ON true
 ORDER BY 2 DESC, 1;
