-- JSONata by itself

CREATE FUNCTION jsonata(expression text, input json DEFAULT NULL, bindings json DEFAULT '{}') RETURNS json
	AS 'MODULE_PATHNAME', 'wf_jsonata' LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION jsonata(text, json, json) IS
	'what a JSONata expression gives for an input document and variables; NULL where it gives nothing';
