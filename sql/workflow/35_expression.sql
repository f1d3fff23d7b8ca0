-- The expression languages by themselves

CREATE FUNCTION json_path(path text, input json) RETURNS json
	AS 'MODULE_PATHNAME', 'wf_json_path' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION json_path(text, json) IS
	'what a path of the States Language finds in a document: a value, or an array where the path may find several';

CREATE FUNCTION intrinsic(call text, input json) RETURNS json
	AS 'MODULE_PATHNAME', 'wf_intrinsic' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION intrinsic(text, json) IS
	'result of an intrinsic function of the States Language, such as States.Format(''{}'', $.x)';
