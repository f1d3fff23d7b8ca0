-- Choice rules
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.rules(rules text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', code || ':', message, 'at ' || location)
      FROM workflow.validate_state_machine_definition(
          '{"StartAt": "C", "States": {"C": {"Type": "Choice", "Default": "S", "Choices": ' || rules || '}, "S": {"Type": "Succeed"}}}')
$$;

SELECT pg_temp.rules('[]');
SELECT pg_temp.rules('{}');
SELECT pg_temp.rules('[1]');
SELECT pg_temp.rules('[{"Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "IsNull": true}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "IsNull": true, "IsPresent": true, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "And": [{"Variable": "$.b", "IsNull": true}], "IsNull": true, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "a", "IsNull": true, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "States.ArrayLength($.a)", "NumericEquals": 0, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": 1, "IsNull": true, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "isNull": true, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "StringEquals": 1, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "StringEqualsPath": "b", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "NumericLessThan": "1", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "BooleanEquals": "true", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "TimestampEquals": "2023-02-24", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "IsNumeric": 1, "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "StringMatchesPath": "$.b", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "StringMatches": "a\\b", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "StringMatches": "a\\*\\\\*", "Next": "S"}]');
SELECT pg_temp.rules('[{"And": [], "Next": "S"}]');
SELECT pg_temp.rules('[{"Not": [], "Next": "S"}]');
SELECT pg_temp.rules('[{"Not": {"Or": [{"Variable": "$.a", "IsNull": true, "Next": "S"}]}, "Next": "S"}]');
SELECT pg_temp.rules('[{"Not": {"Variable": "$.a", "IsNull": true}, "Assign": {"x": 1}, "Comment": "c", "Next": "S"}]');
SELECT pg_temp.rules('[{"Condition": "{% true %}", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "IsNull": true, "Next": "S", "Output": {}}]');

-- every operator
SELECT op, pg_temp.rules(format('[{"Variable": "$.a", "%s": %s, "Next": "S"}]', op,
           CASE WHEN op ~ 'Path$' THEN '"$.b"' WHEN op ~ '^(Is|Boolean)' THEN 'true' WHEN op ~ '^Numeric' THEN '-1.5e3'
                WHEN op ~ '^Timestamp' THEN '"2023-02-24T00:00:00Z"' ELSE '"x"' END))
  FROM (SELECT type || relation || path AS op
          FROM unnest('{String,Numeric,Timestamp}'::text[]) type,
               unnest('{Equals,LessThan,LessThanEquals,GreaterThan,GreaterThanEquals}'::text[]) relation,
               unnest('{"",Path}'::text[]) path
        UNION ALL
        SELECT unnest('{StringMatches,BooleanEquals,BooleanEqualsPath,IsNull,IsPresent,IsString,IsNumeric,IsBoolean,IsTimestamp}'::text[])) o;

-- a rule is one thing: no operator beside And, Or, Not
SELECT pg_temp.rules('[{"And": [{"Variable": "$.a", "IsNull": true}], "IsNull": true, "Next": "S"}]');
SELECT pg_temp.rules('[{"Not": {"Or": [{"Variable": "$.a", "IsNull": true}], "StringEquals": "x"}, "Next": "S"}]');

-- what a variable is compared with is found by a Reference Path
SELECT pg_temp.rules('[{"Variable": "$.a[*]", "StringEqualsPath": "$.b[0]", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "StringEqualsPath": "$.b[*]", "Next": "S"}]');
SELECT pg_temp.rules('[{"Variable": "$.a", "NumericLessThanPath": "$..b", "Next": "S"}]');
