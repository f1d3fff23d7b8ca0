-- Tags, activities, registered functions
\pset format unaligned
\pset null '(null)'
\set P 'arn:aws:states:us-east-1:000000000000:'

SELECT workflow.create_activity('approve', '{"team": "sales"}');
SELECT workflow.create_activity('approve');
SELECT activity_arn, name, created_at <= now() AS created FROM workflow.describe_activity('approve');
SELECT workflow.create_activity('ship');
SELECT workflow.create_activity('no good');
SELECT name FROM workflow.list_activities();
SELECT jsonb_path_query_array(r, '$.activities[*].name') AS names, r ? 'nextToken' AS more FROM workflow.api('ListActivities', '{"maxResults": 1}') r;
SELECT jsonb_path_query_array(workflow.api('ListActivities', jsonb_build_object('nextToken', workflow.api('ListActivities', '{"maxResults": 1}') ->> 'nextToken')), '$.activities[*].name') AS rest;

-- tags
SELECT workflow.tag_resource(:'P' || 'activity:approve', '{"team": "finance", "cost": "1"}');
SELECT * FROM workflow.list_tags_for_resource(:'P' || 'activity:approve') ORDER BY key;
SELECT workflow.untag_resource(:'P' || 'activity:approve', '{team,nothing}');
SELECT workflow.api('ListTagsForResource', jsonb_build_object('resourceArn', :'P' || 'activity:approve'));
SELECT workflow.create_state_machine('tagged', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT workflow.tag_resource('tagged', (SELECT jsonb_object_agg('k' || i, 'v') FROM generate_series(1, 50) i));
SELECT workflow.tag_resource('tagged', '{"k51": "v"}');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.tag_resource('tagged:1', '{}');
SELECT workflow.tag_resource('tagged', '{"": "v"}');
SELECT workflow.delete_state_machine('tagged');

SELECT workflow.delete_activity('approve'), workflow.delete_activity('ship');
SELECT workflow.delete_activity('approve');
SELECT workflow.describe_activity('approve');
\echo :LAST_ERROR_SQLSTATE

-- functions
CREATE FUNCTION public.regress_pay(payload jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT payload';
SELECT workflow.register_function('Pay', 'public.regress_pay(jsonb)');
SELECT workflow.register_function('Ship', activity => 'ship', chain => true);
SELECT workflow.register_function('Pay', 'regress_pay', isolation => 'serializable');
SELECT name, function, activity, chain, isolation, owner = current_user AS own FROM workflow.function ORDER BY name;
SELECT workflow.register_function('Pay');
SELECT workflow.register_function('Pay', 'regress_pay', 'ship');
SELECT workflow.register_function('Pay', 'public.regress_nothing(jsonb)');
SELECT workflow.register_function('Pay', 'sum(int)');
SELECT workflow.register_function('Pay', 'regress_pay', isolation => 'none');
SELECT workflow.register_function('no good', 'regress_pay');
SELECT workflow.register_function(NULL, 'regress_pay');
DROP FUNCTION public.regress_pay;
SELECT item, status, detail FROM workflow.check() WHERE item LIKE 'function%';
SELECT workflow.unregister_function('Pay') AS pay, workflow.unregister_function('Ship') AS ship, workflow.unregister_function('Pay') AS again;

-- raise_error() says it verbatim
SELECT workflow.raise_error('My.Error', 'because "it" is so');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.raise_error('My.Error');
SELECT workflow.raise_error(NULL);
