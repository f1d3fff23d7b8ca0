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

-- Tasks of activities, and task tokens

CREATE FUNCTION get_activity_task(activity text, worker_name text DEFAULT NULL, wait interval DEFAULT '60 s',
								  OUT task_token text, OUT input jsonb)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION get_activity_task(text, text, interval) IS
	'GetActivityTask: the task that waits longest, as soon as there is one; NULLs when the time (60 s at most) is over. The hand-out belongs to the transaction: a rollback gives the task back. For who has the rights of the activity''s owner. Raises ActivityDoesNotExist, AccessDeniedException; 55000 where it would have to wait in a transaction with isolation level REPEATABLE READ or higher';

CREATE FUNCTION get_activity_tasks(activity text, n int, worker_name text DEFAULT NULL, wait interval DEFAULT '60 s')
	RETURNS TABLE (task_token text, input jsonb)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION get_activity_tasks(text, int, text, interval) IS
	'get_activity_task() for up to n tasks at once: those there are, as soon as there is one';

CREATE PROCEDURE poll_activity_task(activity text, worker_name text DEFAULT NULL, wait interval DEFAULT '60 s',
									INOUT task_token text DEFAULT NULL, INOUT input jsonb DEFAULT NULL)
	AS 'MODULE_PATHNAME', 'wf_poll_activity_task' LANGUAGE C;
COMMENT ON PROCEDURE poll_activity_task(text, text, interval, text, jsonb) IS
	'get_activity_task() that commits before each wait, so that it holds no snapshot while it waits; in a transaction block it cannot, and waits as the function does';

CREATE FUNCTION send_task_success(task_token text, output jsonb) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION send_task_success(text, jsonb) IS
	'SendTaskSuccess: the task of the token has this result, once the transaction commits. Raises InvalidToken, TaskTimedOut (the task is over, or was answered), ValidationException (output too large)';

CREATE FUNCTION send_task_failure(task_token text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION send_task_failure(text, text, text) IS
	'SendTaskFailure: the task of the token has failed. Raises InvalidToken, TaskTimedOut';

CREATE FUNCTION send_task_heartbeat(task_token text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION send_task_heartbeat(text) IS
	'SendTaskHeartbeat: HeartbeatSeconds of the task count anew from here. Raises InvalidToken, TaskTimedOut';
