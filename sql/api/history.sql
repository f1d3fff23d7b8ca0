-- Histories of many segments: pages, both ways
\pset format unaligned
\pset tuples_only on
\set P 'arn:aws:states:us-east-1:000000000000:'

SELECT workflow.create_state_machine('long', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
SELECT workflow.start_execution('long', '{"id": 7}', 'e');
SELECT status FROM workflow.wait_for_execution(:'P' || 'execution:long:e', '30s');
-- its four events 300 times
INSERT INTO workflow.history (execution_id, first_id, event_count, at, events, payloads)
	SELECT h.execution_id, 1 + 4 * i, 4, h.at, h.events, h.payloads
	  FROM workflow.history h JOIN workflow.execution x ON x.id = h.execution_id JOIN workflow.state_machine m ON m.id = x.state_machine_id,
		   generate_series(1, 299) i
	 WHERE m.name = 'long';

SELECT count(*), count(DISTINCT id), min(id), max(id) FROM workflow.get_execution_history(:'P' || 'execution:long:e');
SELECT count(*), bool_and(id = 1201 - n) FROM (SELECT id, row_number() OVER () AS n FROM workflow.get_execution_history(:'P' || 'execution:long:e', reverse_order => true)) h;
SELECT array_agg(id) FROM workflow.get_execution_history(:'P' || 'execution:long:e', max_results => 6);
SELECT array_agg(id) FROM workflow.get_execution_history(:'P' || 'execution:long:e', reverse_order => true, max_results => 6);
SELECT count(*) FROM workflow.event e JOIN workflow.execution x ON x.id = e.execution_id JOIN workflow.state_machine m ON m.id = x.state_machine_id WHERE m.name = 'long';

CREATE FUNCTION pg_temp.pages(reverse boolean, size int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	page jsonb;
	sizes int[] := '{}';
	ids bigint[] := '{}';
BEGIN
	LOOP
		page := workflow.api('GetExecutionHistory', jsonb_strip_nulls(jsonb_build_object(
			'executionArn', 'arn:aws:states:us-east-1:000000000000:execution:long:e',
			'reverseOrder', reverse, 'maxResults', size, 'nextToken', page ->> 'nextToken')));
		sizes := sizes || jsonb_array_length(page -> 'events');
		ids := ids || ARRAY(SELECT (event ->> 'id')::bigint FROM jsonb_array_elements(page -> 'events') event);
		EXIT WHEN NOT page ? 'nextToken';
	END LOOP;
	RETURN format('%s in order: %s', sizes, ids = ARRAY(SELECT i FROM generate_series(1, 1200::bigint) i ORDER BY CASE WHEN reverse THEN -i ELSE i END));
END
$$;
SELECT pg_temp.pages(false, 500);
SELECT pg_temp.pages(true, 500);
SELECT pg_temp.pages(false, 400);
SELECT pg_temp.pages(true, 399);
SELECT pg_temp.pages(false, 0) ~ 'in order: t';
SELECT pg_temp.pages(false, 1000);

SELECT workflow.delete_state_machine('long');
