-- What test/demo shows: the order workflow of test/examples, unchanged, for three orders of a
-- small shop.  Its Lambda functions are SQL functions of the role "shop", which is no superuser.

\set order_processing `cat test/examples/order-processing.asl.json`

\echo '== A shop: its tables, and the SQL functions that stand for its Lambda functions'

CREATE EXTENSION workflow;
CREATE ROLE shop LOGIN;
GRANT CREATE ON DATABASE :DBNAME TO shop;
SELECT workflow.grant_usage('shop');

SET ROLE shop;
CREATE SCHEMA shop;
SET search_path = shop;

CREATE TABLE inventory (sku text PRIMARY KEY, quantity int NOT NULL CHECK (quantity >= 0));
CREATE TABLE payment (order_id int PRIMARY KEY, amount numeric NOT NULL, paid_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE email (id bigint GENERATED ALWAYS AS IDENTITY, order_id int, subject text);
-- what the bank was asked; a sequence, since it is not undone by a rollback
CREATE SEQUENCE bank_calls;
INSERT INTO inventory VALUES ('teapot', 5), ('cup', 20);

CREATE FUNCTION validate_order(o jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM shop.inventory WHERE sku = o ->> 'sku') OR (o ->> 'quantity')::int <= 0 THEN
		PERFORM workflow.raise_error('ValidationError', format('order %s wants %s of %s', o ->> 'id', o ->> 'quantity', o ->> 'sku'));
	END IF;
	RETURN o;
END $$;

-- the bank does not answer the first time; and it declines whoever owes it too much
CREATE FUNCTION process_payment(o jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO shop.payment (order_id, amount) VALUES ((o ->> 'id')::int, (o ->> 'amount')::numeric);
	IF o ->> 'customer' = 'mallory' THEN
		PERFORM workflow.raise_error('PaymentDeclined', 'the card has expired');
	ELSIF nextval('shop.bank_calls') = 1 THEN
		RAISE EXCEPTION 'the bank does not answer' USING ERRCODE = 'connection_failure';
	END IF;
	RETURN o || '{"paymentStatus": "APPROVED"}';
END $$;

CREATE FUNCTION update_inventory(o jsonb) RETURNS jsonb LANGUAGE sql AS $$
	UPDATE shop.inventory SET quantity = quantity - (o ->> 'quantity')::int WHERE sku = o ->> 'sku'
	RETURNING jsonb_build_object('left', quantity)
$$;

CREATE FUNCTION send_email(o jsonb) RETURNS jsonb LANGUAGE sql AS $$
	INSERT INTO shop.email (order_id, subject)
	VALUES ((o ->> 'id')::int, CASE WHEN o ? 'paymentStatus' THEN 'Your order is on its way'
									WHEN o ? 'error' THEN 'Your payment was declined'
									ELSE 'Your order could not be accepted: ' || (o ->> 'Cause') END)
	RETURNING '{"sent": true}'::jsonb
$$;

SELECT workflow.register_function('ValidateOrder', 'shop.validate_order(jsonb)');
SELECT workflow.register_function('ProcessPayment', 'shop.process_payment(jsonb)');
SELECT workflow.register_function('UpdateInventory', 'shop.update_inventory(jsonb)');
SELECT workflow.register_function('SendEmail', 'shop.send_email(jsonb)');

\echo
\echo '== The state machine, as it runs on AWS'
SELECT workflow.create_state_machine('order', :'order_processing') AS state_machine;

\echo '== Three orders'
SELECT workflow.start_execution('order', input, name => name) AS execution
  FROM (VALUES ('approved', '{"id": 1, "customer": "alice", "sku": "teapot", "quantity": 1, "amount": 25.00}'::jsonb),
			   ('declined', '{"id": 2, "customer": "mallory", "sku": "cup", "quantity": 4, "amount": 12.00}'),
			   ('invalid', '{"id": 3, "customer": "bob", "sku": "samovar", "quantity": 1, "amount": 99.00}')) AS o(name, input);

\echo '== How they ended'
SELECT e.name, e.status, e.error, e.cause
  FROM unnest(ARRAY['approved', 'declined', 'invalid']) WITH ORDINALITY AS o(name, n)
 CROSS JOIN LATERAL workflow.wait_for_execution(
		'arn:aws:states:us-east-1:000000000000:execution:order:' || o.name, '30 s') AS e
 ORDER BY o.n;

\echo '== The history of the approved order: the payment failed once, and was tried again after two seconds'
SELECT h.id, h.previous_id AS previous, to_char(h.at - first_value(h.at) OVER (ORDER BY h.id), 'SS.MS') AS seconds,
	   h.type, h.state, COALESCE(h.details ->> 'error', h.details ->> 'output', h.details ->> 'input') AS "error, output or input"
  FROM workflow.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:order:approved') AS h
 ORDER BY h.id;

\echo '== What the shop has now: the declined payment left nothing behind'
TABLE inventory ORDER BY sku;
SELECT order_id, amount FROM payment ORDER BY order_id;
SELECT order_id, subject FROM email ORDER BY order_id;
SELECT last_value AS bank_calls FROM bank_calls;
