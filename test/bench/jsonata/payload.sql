-- An order of some items, the same every time, as the variables that an expression of a state sees
CREATE FUNCTION pick(seed bigint, choices text[]) RETURNS text IMMUTABLE LANGUAGE sql AS
	'SELECT choices[1 + seed % array_length(choices, 1)]';

CREATE FUNCTION bindings(items int) RETURNS json LANGUAGE sql AS $$
	WITH item AS (
		SELECT i, (i * 7919 + 104729) % 100003 AS a, (i * 15485863 + 32452843) % 99991 AS b,
			ARRAY['steel', 'compact', 'classic', 'folding', 'wireless', 'heavy', 'solar', 'quiet', 'travel', 'smart'] AS words
		FROM generate_series(0::bigint, items - 1) AS i
	)
	SELECT json_build_object('states', json_build_object(
		'input', json_build_object(
			'orderId', 'ord-0001', 'status', 'PAID', 'createdAt', '2024-11-22T09:30:15.123Z', 'total', 1234.5,
			'customer', json_build_object('id', 'c-42', 'name', 'María López', 'email', 'maria@example.org',
				'address', json_build_object('street', 'Calle Mayor 1', 'city', 'Madrid', 'zip', '28013', 'country', 'ES')),
			'flags', json_build_object('express', true, 'coupon', NULL),
			'items', json_agg(json_build_object(
				'sku', 'SKU-' || lpad(a::text, 5, '0'),
				'name', initcap(pick(a, words)) || ' ' || pick(b, words) || ' item ' || i,
				'category', pick(a + b, ARRAY['tools', 'garden', 'kitchen', 'office', 'toys', 'sports', 'audio']),
				'price', trim_scale(round((b % 20000 + 99) / 100.0, 2)), 'quantity', a % 9 + 1,
				'tags', to_json(words[1:(b % 3)::int]),
				'dims', json_build_object('w', a % 90 + 1, 'h', b % 90 + 1), 'gift', a % 5 = 0,
				'updatedAt', to_char(timestamp '2024-01-01' + (b % 31536000) * 317 * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS".123Z"')
			) ORDER BY i)),
		'context', json_build_object('Execution', json_build_object('Id', 'arn:x', 'Name', 'run-1', 'StartTime', '2024-11-22T09:30:00.000Z'),
			'State', json_build_object('Name', 'S'), 'StateMachine', json_build_object('Id', 'arn:y', 'Name', 'm'))))
	FROM item
$$;
