-- Functions that tasks call, and activities

CREATE FUNCTION register_function(name text, function text DEFAULT NULL, activity text DEFAULT NULL,
								  chain boolean DEFAULT false, isolation text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_register_function' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION register_function(text, text, text, boolean, text) IS
	'say what the Lambda function of that name is here: a SQL function (its signature) or an activity; replaces an earlier registration of one''s own. With chain a task may share a transaction with the next one of its execution. Needs EXECUTE on the function. Raises 42883 where there is no such function, 42501';

CREATE FUNCTION unregister_function(name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'wf_unregister_function' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION unregister_function(text) IS
	'undo register_function(); false where nothing was registered. Raises 42501';

CREATE FUNCTION raise_error(error text, cause text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_raise_error' LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION raise_error(text, text) IS
	'fail the task whose function calls it with that error name and cause, verbatim: SQLSTATE WF100, the name as message, the cause as detail';

CREATE FUNCTION create_activity(name text, tags jsonb DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION create_activity(text, jsonb) IS
	'CreateActivity: gives the ARN; no error where there is one. Raises InvalidName, TooManyTags';

CREATE FUNCTION describe_activity(activity text, OUT activity_arn text, OUT name text, OUT created_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION describe_activity(text) IS
	'DescribeActivity. Raises ActivityDoesNotExist';

CREATE FUNCTION delete_activity(activity text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION delete_activity(text) IS
	'DeleteActivity, its owner''s only; no error where there is none';

CREATE FUNCTION list_activities(max_results int DEFAULT NULL)
	RETURNS TABLE (activity_arn text, name text, created_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_activities(int) IS
	'ListActivities, by name: all of them, or the first max_results (1000 at most)';
