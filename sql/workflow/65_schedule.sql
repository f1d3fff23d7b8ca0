-- Executions that pg_cron starts

CREATE FUNCTION schedule(name text, cron text, state_machine text, input jsonb DEFAULT '{}') RETURNS bigint
	AS 'MODULE_PATHNAME', 'wf_schedule' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION schedule(text, text, text, jsonb) IS
	'let pg_cron start an execution at each tick of a cron schedule, as the current role; replaces one of one''s own of that name; gives the id of the job. <scheduled_time> in the strings of the input stands for the tick. Raises 55000 where pg_cron is not in this database, StateMachineDoesNotExist, AccessDeniedException, InvalidName, 42501';

CREATE FUNCTION unschedule(name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'wf_unschedule' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION unschedule(text) IS
	'undo schedule(); false where there is no such schedule. Raises 42501';

CREATE FUNCTION _run_schedule(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'wf__run_schedule' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION _run_schedule(text) IS
	'what pg_cron calls: start the execution of this tick, unless it was; gives its ARN';

CREATE VIEW schedules WITH (security_barrier) AS
	SELECT s.name, s.cron, s.state_machine, s.input, s.role, s.job_id, s.created_at
	  FROM workflow.schedule s
	 WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r
					WHERE r.rolname::text = s.role AND pg_catalog.pg_has_role(r.oid, 'USAGE'));
COMMENT ON VIEW schedules IS 'one''s own schedules; see schedule()';
