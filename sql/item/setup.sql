-- What the tests of items share
CREATE SCHEMA item;
-- the items of a text, read in a format; or how that failed
CREATE FUNCTION item.read(body bytea, config text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM workflow.put_object('item', 'file', body);
	RETURN QUERY SELECT i::text FROM workflow.read_items(('{"Resource": "arn:aws:states:::s3:getObject",
		"Parameters": {"Bucket": "item", "Key": "file"}, "ReaderConfig": {' || config || '}}')::json) i;
EXCEPTION WHEN sqlstate 'WF100' THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN NEXT SQLERRM || ': ' || detail;
END
$$;
CREATE FUNCTION item.json(body text, pointer text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT * FROM item.read(convert_to(body, 'UTF8'), format('"InputType": "JSON", "ItemsPointer": %s', to_json(pointer)))
$$;
CREATE FUNCTION item.jsonl(body text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT * FROM item.read(convert_to(body, 'UTF8'), '"InputType": "JSONL"')
$$;
CREATE FUNCTION item.csv(body text, headers text[] DEFAULT NULL, delimiter text DEFAULT 'COMMA') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT * FROM item.read(convert_to(body, 'UTF8'), format('"InputType": "CSV", "CSVDelimiter": "%s", "CSVHeaderLocation": ', delimiter) ||
		CASE WHEN headers IS NULL THEN '"FIRST_ROW"' ELSE '"GIVEN", "CSVHeaders": ' || to_json(headers) END)
$$;
-- any ItemReader
CREATE FUNCTION item.all(reader text, input json DEFAULT '{}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	RETURN QUERY SELECT i::text FROM workflow.read_items(reader::json, input) i;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN NEXT concat_ws(': ', SQLSTATE, SQLERRM, nullif(detail, ''));
END
$$;
-- gzip's format around blocks that are stored as they are, so that it can be made here
CREATE FUNCTION item.crc32(data bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	crc bigint := 4294967295;
BEGIN
	FOR i IN 0 .. length(data) - 1 LOOP
		crc := crc # get_byte(data, i);
		FOR j IN 1 .. 8 LOOP
			crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 3988292384 ELSE crc >> 1 END;
		END LOOP;
	END LOOP;
	RETURN crc # 4294967295;
END
$$;
CREATE FUNCTION item.little_endian(n bigint, bytes int) RETURNS bytea LANGUAGE sql AS $$
	SELECT string_agg(set_byte('\x00', 0, (n >> (8 * i) & 255)::int), ''::bytea ORDER BY i) FROM generate_series(0, bytes - 1) i
$$;
CREATE FUNCTION item.gzip(body text) RETURNS bytea LANGUAGE sql AS $$
	SELECT '\x1f8b0800000000000003' ||
		   (SELECT string_agg(set_byte('\x00', 0, (n = blocks)::int) || item.little_endian(length(part), 2) || item.little_endian(65535 - length(part), 2) || part, '' ORDER BY n)
			  FROM generate_series(0, blocks) n, substr(data, n * 50000 + 1, 50000) part) ||
		   item.little_endian(item.crc32(data), 4) || item.little_endian(length(data), 4)
	  FROM convert_to(body, 'UTF8') data, LATERAL (SELECT length(data) / 50000) b(blocks)
$$;
