-- Executions: start, wait, look, stop, purge

CREATE FUNCTION start_execution(state_machine text, input jsonb DEFAULT '{}', name text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'wf_start_execution' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION start_execution(text, jsonb, text) IS
	'StartExecution: gives the ARN; it begins when the transaction commits. state_machine is ''order'', ''order:2'', ''order:PROD'' or an ARN; name is unique in its machine (default: a random UUID); the same name and input again is no error while it runs. Raises StateMachineDoesNotExist, InvalidName, ExecutionAlreadyExists, ValidationException (input too large), AccessDeniedException';

CREATE FUNCTION start_executions(state_machine text, inputs jsonb[]) RETURNS text[]
	AS 'MODULE_PATHNAME', 'wf_start_executions' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION start_executions(text, jsonb[]) IS
	'start one execution for each input, in one statement: the fastest way to start many; gives their ARNs in the order of the inputs';

CREATE FUNCTION start_sync_execution(state_machine text, input jsonb DEFAULT '{}', name text DEFAULT NULL,
									 OUT execution_arn text, OUT state_machine_arn text, OUT status text,
									 OUT started_at timestamptz, OUT stopped_at timestamptz, OUT output jsonb,
									 OUT error text, OUT cause text, OUT billing_details jsonb)
	AS 'MODULE_PATHNAME', 'wf_start_sync_execution' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION start_sync_execution(text, jsonb, text) IS
	'StartSyncExecution: runs an EXPRESS state machine from start to end and gives what came of it. In this transaction where the session is one of the machine''s role or the machine has no tasks; otherwise a runner of that role runs it in a transaction of its own, which does not see what this one has changed. Raises StateMachineDoesNotExist, StateMachineTypeNotSupported (it is STANDARD), InvalidName, ValidationException (input too large), AccessDeniedException';

CREATE FUNCTION describe_execution(arn text,
								   OUT execution_arn text, OUT name text, OUT state_machine_arn text, OUT status text,
								   OUT started_at timestamptz, OUT stopped_at timestamptz, OUT input jsonb,
								   OUT output jsonb, OUT error text, OUT cause text,
								   OUT state_machine_version_arn text, OUT state_machine_alias_arn text,
								   OUT trace_header text, OUT redrive_count int, OUT redriven_at timestamptz,
								   OUT redrive_status text, OUT redrive_status_reason text, OUT map_run_arn text)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION describe_execution(text) IS
	'DescribeExecution; who may see the status only gets no data. Raises ExecutionDoesNotExist, InvalidArn, AccessDeniedException';

CREATE FUNCTION wait_for_execution(arn text, timeout interval DEFAULT NULL,
								   OUT execution_arn text, OUT name text, OUT state_machine_arn text, OUT status text,
								   OUT started_at timestamptz, OUT stopped_at timestamptz, OUT input jsonb,
								   OUT output jsonb, OUT error text, OUT cause text,
								   OUT state_machine_version_arn text, OUT state_machine_alias_arn text,
								   OUT trace_header text, OUT redrive_count int, OUT redriven_at timestamptz,
								   OUT redrive_status text, OUT redrive_status_reason text, OUT map_run_arn text)
	AS 'MODULE_PATHNAME', 'wf_wait_for_execution' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION wait_for_execution(text, interval) IS
	'describe_execution(), once it has ended; when the time is over, as it is then: status RUNNING. Raises 55000 where it was started in the same transaction, or where the transaction has isolation level REPEATABLE READ or higher';

CREATE FUNCTION stop_execution(arn text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION stop_execution(text, text, text) IS
	'StopExecution: gives when it ended, or had ended. Raises ExecutionDoesNotExist, InvalidArn, AccessDeniedException';

CREATE FUNCTION list_executions(state_machine text DEFAULT NULL, status_filter text DEFAULT NULL,
								max_results int DEFAULT NULL, map_run text DEFAULT NULL)
	RETURNS TABLE (execution_arn text, name text, state_machine_arn text, status text, started_at timestamptz,
				   stopped_at timestamptz, state_machine_version_arn text, state_machine_alias_arn text,
				   redrive_count int, redriven_at timestamptz, map_run_arn text, item_count int)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_executions(text, text, int, text) IS
	'ListExecutions, newest first: of a machine, those started through a version or an alias, or the children of a Map Run (by ARN); all of them, or the first max_results (1000 at most). Raises StateMachineDoesNotExist, ResourceNotFound, AccessDeniedException';

CREATE FUNCTION get_execution_history(arn text, reverse_order boolean DEFAULT false, max_results int DEFAULT NULL,
									  include_execution_data boolean DEFAULT true)
	RETURNS TABLE (id bigint, previous_id bigint, at timestamptz, type text, state text, details jsonb)
	AS 'MODULE_PATHNAME', 'wf_get_execution_history' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION get_execution_history(text, boolean, int, boolean) IS
	'GetExecutionHistory: the events so far, all of them or the first max_results (1000 at most); details are AWS''s, their documents as JSON. Raises ExecutionDoesNotExist, InvalidArn, AccessDeniedException';

CREATE FUNCTION describe_map_run(arn text,
								 OUT map_run_arn text, OUT execution_arn text, OUT status text,
								 OUT started_at timestamptz, OUT stopped_at timestamptz, OUT max_concurrency int,
								 OUT tolerated_failure_percentage double precision, OUT tolerated_failure_count bigint,
								 OUT item_counts jsonb, OUT execution_counts jsonb, OUT redrive_count int)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION describe_map_run(text) IS
	'DescribeMapRun: how far a distributed Map state is; counts of items and of child executions. Raises ResourceNotFound, InvalidArn, AccessDeniedException';

CREATE FUNCTION list_map_runs(arn text, max_results int DEFAULT NULL)
	RETURNS TABLE (map_run_arn text, execution_arn text, state_machine_arn text, started_at timestamptz, stopped_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_map_runs(text, int) IS
	'ListMapRuns of an execution, newest first: all of them, or the first max_results (1000 at most). Raises ExecutionDoesNotExist, InvalidArn, AccessDeniedException';

CREATE FUNCTION update_map_run(arn text, max_concurrency int DEFAULT NULL,
							   tolerated_failure_percentage double precision DEFAULT NULL,
							   tolerated_failure_count bigint DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION update_map_run(text, int, double precision, bigint) IS
	'UpdateMapRun: other settings for a Map Run that is open; they count from the commit on. Raises ResourceNotFound, ValidationException, InvalidArn, AccessDeniedException';

CREATE FUNCTION purge_executions(older_than interval, max_rows int DEFAULT 10000) RETURNS bigint
	AS 'MODULE_PATHNAME', 'wf_purge_executions' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION purge_executions(interval, int) IS
	'delete closed executions that ended longer ago than that, with their history, oldest first, max_rows at most; gives how many. The extension''s owner''s only';

-- internal: what views use

CREATE FUNCTION _unfold(events jsonb, payloads jsonb, first_id bigint, first_at timestamptz,
						OUT id bigint, OUT previous_id bigint, OUT "at" timestamptz, OUT type text, OUT state text,
						OUT details jsonb)
	RETURNS SETOF record AS 'MODULE_PATHNAME', 'wf__unfold' LANGUAGE C STABLE PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION _unfold(jsonb, jsonb, bigint, timestamptz) IS
	'events of a history segment, as get_execution_history() shows them';
