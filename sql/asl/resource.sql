-- resources of Task states
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.resource(resource text, type text DEFAULT 'STANDARD') RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', severity, code || ':', message)
      FROM workflow.validate_state_machine_definition(
          format('{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": %s, "End": true}}}', to_json(resource)), type, 'WARNING')
$$;

-- known here
SELECT resource, pg_temp.resource(resource)
  FROM unnest('{arn:aws:lambda:us-east-1:111111111111:function:f,
                arn:aws-cn:lambda:cn-north-1:111111111111:function:f:PROD,
                arn:aws:states:us-east-1:111111111111:activity:a,
                arn:aws:states:::lambda:invoke,
                arn:aws:states:::lambda:invoke.waitForTaskToken,
                arn:aws:states:::states:startExecution,
                arn:aws:states:::states:startExecution.sync,
                arn:aws:states:::states:startExecution.sync:2,
                arn:aws:states:::states:startExecution.waitForTaskToken,
                arn:aws:states:::aws-sdk:sfn:describeExecution,
                arn:aws:states:::sql:execute,
                sql:billing.charge,
                sql:billing.charge.waitForTaskToken,
                "sql:\"My Schema\".\"f\"\"x\""}'::text[]) resource;

-- known to AWS only
SELECT resource, pg_temp.resource(resource)
  FROM unnest('{arn:aws:states:::dynamodb:putItem,
                arn:aws:states:::sqs:sendMessage.waitForTaskToken,
                arn:aws:states:::ecs:runTask.sync,
                arn:aws:states:::aws-sdk:s3:listBuckets.waitForTaskToken}'::text[]) resource;

-- not known
SELECT resource, pg_temp.resource(resource)
  FROM unnest('{createToken, arn:aws:states, arn:aws:states:::lambda, arn:aws:states:::dynamodb:query, arn:aws:states:::lambda:invoke.sync,
                arn:aws:states:::states:startExecution.sync:3, arn:aws:states:::sqs:sendMessage.sync, arn:aws:states:::nosuch:thing,
                arn:aws:states:::aws-sdk:s3:putObject.sync, arn:aws:states:::aws-sdk:s3, arn:aws:states:::aws-sdk:s3:,
                arn:aws:states:us-east-1:111111111111:lambda:invoke, arn:aws:lambda:us-east-1:111111111111:function:,
                arn:aws:swf:us-east-1:123456789012:task:x, arn::states:::lambda:invoke,
                sql:charge, sql:.charge, sql:billing., sql:billing.charge.sync, "sql:\"billing.charge", "sql:a.b c"}'::text[]) resource;

-- an Express machine does not wait
SELECT resource, pg_temp.resource(resource, 'EXPRESS')
  FROM unnest('{arn:aws:states:::lambda:invoke, arn:aws:states:::sns:publish.waitForTaskToken, arn:aws:states:::states:startExecution.sync,
                arn:aws:states:::states:startExecution.sync:2, arn:aws:states:us-east-1:111111111111:activity:a,
                sql:billing.charge, sql:billing.charge.waitForTaskToken}'::text[]) resource;
