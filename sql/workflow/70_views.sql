-- Views: what runs, what it waits for, who does it.  Each shows the caller what
-- he may see: the machines that he owns or has a privilege on.

CREATE FUNCTION _visible_machines(privilege text) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'wf__visible_machines' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION _visible_machines(text) IS
	'ids of the state machines that the current role owns or has a privilege on: ''read'', ''status'' (or read), ''any''';

CREATE VIEW event WITH (security_barrier) AS
	SELECT h.execution_id, e.id, e.previous_id, e.at, e.type, e.state, e.details
	  FROM workflow.history h
		   CROSS JOIN LATERAL workflow._unfold(h.events, h.payloads, h.first_id, h.at) e
	 WHERE h.execution_id IN
		   (SELECT x.id FROM workflow.execution x
			 WHERE x.state_machine_id = ANY ((SELECT workflow._visible_machines('read'))::bigint[]));
COMMENT ON VIEW event IS 'history of all executions that one may read, an event a row; see get_execution_history()';

CREATE VIEW execution_status WITH (security_barrier) AS
	SELECT x.id, m.name AS state_machine, x.name, x.status, x.started_at, x.stopped_at, x.version, x.alias,
		   x.redrive_count, x.redriven_at
	  FROM workflow.execution x JOIN workflow.state_machine m ON m.id = x.state_machine_id
	 WHERE x.state_machine_id = ANY ((SELECT workflow._visible_machines('status'))::bigint[]);
COMMENT ON VIEW execution_status IS 'executions without their data';

CREATE FUNCTION _workers(OUT pid int, OUT kind text, OUT role text, OUT execution_id bigint, OUT branch_id bigint,
						 OUT since timestamptz, OUT state text)
	RETURNS SETOF record AS 'MODULE_PATHNAME', 'wf__workers' LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 8;
COMMENT ON FUNCTION _workers() IS 'processes of this database; see the view worker';

CREATE VIEW worker AS
	SELECT w.pid, w.kind, w.role, w.execution_id, w.branch_id, w.since, w.state FROM workflow._workers() w;
COMMENT ON VIEW worker IS 'processes of the extension that work for this database; execution and branch: the task that a runner runs, since when';

CREATE FUNCTION _error_codes(OUT sqlstate text, OUT exception text)
	RETURNS SETOF record AS 'MODULE_PATHNAME', 'wf__error_codes' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 40;
COMMENT ON FUNCTION _error_codes() IS 'see the view error_code';

CREATE VIEW error_code AS
	SELECT c.sqlstate, c.exception FROM workflow._error_codes() c;
COMMENT ON VIEW error_code IS 'SQLSTATEs of class WF and the AWS exceptions that they stand for';

CREATE FUNCTION _is_preloaded() RETURNS boolean
	AS 'MODULE_PATHNAME', 'wf__is_preloaded' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION _is_preloaded() IS 'is the library in shared_preload_libraries, so that there are processes?';

CREATE FUNCTION _is_suspended() RETURNS boolean
	AS 'MODULE_PATHNAME', 'wf__is_suspended' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION _is_suspended() IS 'is this database a copy, in which nothing runs until resume()?';

CREATE FUNCTION _needs_login() RETURNS boolean
	AS 'MODULE_PATHNAME', 'wf__needs_login' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _needs_login() IS 'do the roles of SQL tasks need the attribute LOGIN (before PostgreSQL 17)?';

-- Who holds the row of agenda shows in its xmax: a transaction that still runs
CREATE VIEW pending WITH (security_barrier) AS
	SELECT x.id AS execution_id, m.name AS state_machine, x.name, b.id AS branch_id, b.state,
		   CASE
			   WHEN l.pid IS NOT NULL THEN pg_catalog.format('locked by pid %s', l.pid)
			   WHEN NOT s.preloaded THEN 'the library is not preloaded'
			   WHEN s.suspended THEN 'suspended: this database is a copy, see resume()'
			   WHEN NOT s.enabled THEN 'workflow.enabled is off'
			   WHEN t.answer IS NOT NULL THEN 'scheduler'
			   WHEN t.kind = 'sql' AND t.started_at IS NULL THEN pg_catalog.format('runner of role %s', t.role)
			   WHEN t.kind = 'sql' THEN pg_catalog.format('running function, runner of role %s', t.role)
			   WHEN t.kind = 'activity' AND t.started_at IS NULL THEN pg_catalog.format('worker of activity %s', t.target)
			   WHEN t.kind = 'activity' THEN pg_catalog.format('answer of worker %s of activity %s', coalesce(t.worker, '(unnamed)'), t.target)
			   WHEN t.kind = 'token' THEN 'task token'
			   WHEN t.kind = 'child' THEN 'end of another execution'
			   WHEN b.phase = 1 THEN pg_catalog.format('timer until %s', b.due)
			   WHEN b.phase = 2 THEN pg_catalog.format('retry at %s', b.due)
			   WHEN b.phase = 4 THEN pg_catalog.format('%s branches', b.pending)
			   WHEN b.phase = 7 THEN pg_catalog.format('%s child executions of a Map Run', r.executions - r.executions_succeeded - r.executions_failed - r.executions_timed_out - r.executions_aborted)
			   ELSE 'scheduler'
		   END AS waits_for,
		   b.due, a.deadline
	  FROM workflow.agenda a
		   JOIN workflow.execution x ON x.id = a.execution_id
		   JOIN workflow.state_machine m ON m.id = x.state_machine_id
		   CROSS JOIN (SELECT workflow._is_preloaded() AS preloaded, workflow._is_suspended() AS suspended,
							  coalesce(pg_catalog.current_setting('workflow.enabled', true)::boolean, false) AS enabled) s
		   LEFT JOIN workflow.branch b ON b.execution_id = a.execution_id
		   LEFT JOIN workflow.task t ON t.execution_id = b.execution_id AND t.branch_id = b.id
				  AND (t.epoch = b.epoch OR b.phase = 7)
		   LEFT JOIN workflow.map_run r ON r.execution_id = b.execution_id AND r.branch_id = b.id AND r.epoch = b.epoch AND b.phase = 7
		   LEFT JOIN pg_catalog.pg_locks l
				  ON l.locktype = 'transactionid' AND l.transactionid = a.xmax AND l.granted AND l.mode = 'ExclusiveLock'
	 WHERE x.state_machine_id = ANY ((SELECT workflow._visible_machines('status'))::bigint[])
	UNION ALL
	SELECT q.id, m.name, q.name, NULL, NULL,
		   CASE
			   WHEN NOT s.preloaded THEN 'the library is not preloaded'
			   WHEN s.suspended THEN 'suspended: this database is a copy, see resume()'
			   WHEN NOT s.enabled THEN 'workflow.enabled is off'
			   WHEN w.pid IS NOT NULL THEN pg_catalog.format('running whole, runner of role %s', q.role)
			   ELSE pg_catalog.format('runner of role %s', q.role)
		   END, NULL, NULL
	  FROM workflow.express q
		   JOIN workflow.state_machine m ON m.id = q.state_machine_id
		   CROSS JOIN (SELECT workflow._is_preloaded() AS preloaded, workflow._is_suspended() AS suspended,
							  coalesce(pg_catalog.current_setting('workflow.enabled', true)::boolean, false) AS enabled) s
		   LEFT JOIN workflow._workers() w ON w.execution_id = q.id
	 WHERE q.state_machine_id = ANY ((SELECT workflow._visible_machines('status'))::bigint[]);
COMMENT ON VIEW pending IS 'what each open branch of each open execution waits for; branch_id is NULL where an execution has not begun, and of EXPRESS executions and of results of aborted Map Runs';

CREATE FUNCTION "check"(OUT item text, OUT status text, OUT detail text, OUT hint text) RETURNS SETOF record
	LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
	SELECT 'preloaded'::text, CASE WHEN p.ok THEN 'ok' ELSE 'error' END,
		   CASE WHEN NOT p.ok THEN 'The library is not in shared_preload_libraries, so nothing runs.' END,
		   CASE WHEN NOT p.ok THEN 'Add workflow to shared_preload_libraries and restart the server.' END
	  FROM (SELECT workflow._is_preloaded() AS ok) p
	UNION ALL
	SELECT 'enabled', CASE WHEN e.ok THEN 'ok' ELSE 'error' END,
		   CASE WHEN NOT e.ok THEN 'Executions are kept and wait.' END,
		   CASE WHEN NOT e.ok THEN 'Set workflow.enabled to on and reload the configuration.' END
	  FROM (SELECT coalesce(pg_catalog.current_setting('workflow.enabled', true)::boolean, false) AS ok) e
	UNION ALL
	SELECT 'instance', CASE WHEN s.suspended THEN 'error' ELSE 'ok' END,
		   CASE WHEN s.suspended THEN 'The workflows of this database last ran in another server or database: it is a copy, and everything is suspended.' END,
		   CASE WHEN s.suspended THEN 'If they are to run here, and no longer there, call workflow.resume().' END
	  FROM (SELECT workflow._is_suspended() AS suspended) s
	UNION ALL
	SELECT 'max_worker_processes', CASE WHEN w.needed > w.allowed THEN 'warning' ELSE 'ok' END,
		   CASE WHEN w.needed > w.allowed THEN
			   pg_catalog.format('A launcher, the schedulers of this database and workflow.max_runners runners are %s processes, max_worker_processes is %s.', w.needed, w.allowed) END,
		   CASE WHEN w.needed > w.allowed THEN 'Raise max_worker_processes and restart the server.' END
	  FROM (SELECT 1 + coalesce(pg_catalog.current_setting('workflow.schedulers', true)::int, 1)
					 + coalesce(pg_catalog.current_setting('workflow.max_runners', true)::int, 4) AS needed,
				   pg_catalog.current_setting('max_worker_processes')::int AS allowed) w
	UNION ALL
	SELECT pg_catalog.format('role %I', r.role), 'error',
		   CASE WHEN a.oid IS NULL THEN pg_catalog.format('State machines run as role %I, which does not exist.', r.role)
				ELSE pg_catalog.format('State machines run as role %I, which cannot log in; their SQL tasks fail.', r.role) END,
		   CASE WHEN a.oid IS NULL THEN 'Create the role, or give the state machines another one with update_state_machine().'
				ELSE pg_catalog.format('ALTER ROLE %I LOGIN;', r.role) END
	  FROM (SELECT DISTINCT v.role FROM workflow.state_machine m JOIN workflow.revision v ON v.id = m.revision_id
			 WHERE m.status = 'ACTIVE') r
		   LEFT JOIN pg_catalog.pg_roles a ON a.rolname::text = r.role
	 WHERE a.oid IS NULL OR (workflow._needs_login() AND NOT a.rolcanlogin)
	UNION ALL
	SELECT pg_catalog.format('function %s', f.name), 'error',
		   pg_catalog.format('It is registered as %s, which does not exist.', f.function),
		   'Create the function, or register another one with register_function().'
	  FROM workflow.function f
	 WHERE f.function IS NOT NULL AND pg_catalog.to_regprocedure(f.function) IS NULL;
END;
COMMENT ON FUNCTION "check"() IS 'what keeps workflows from running: a row an item, status ok, warning or error';

CREATE FUNCTION resume() RETURNS void
	AS 'MODULE_PATHNAME', 'wf_resume' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION resume() IS
	'this database, perhaps a copy, is from now on the one in which its workflows run. The extension''s owner''s only';

CREATE FUNCTION _installed() RETURNS void
	AS 'MODULE_PATHNAME', 'wf__installed' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION _installed() IS 'the last step of CREATE EXTENSION: lets the launcher look at this database';

CREATE FUNCTION _replace_instance() RETURNS trigger
	AS 'MODULE_PATHNAME', 'wf__replace_instance' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION _replace_instance() IS 'a restored row of instance takes the place of the one that is there';

CREATE TRIGGER replace_instance BEFORE INSERT ON instance FOR EACH ROW EXECUTE FUNCTION _replace_instance();
COMMENT ON TRIGGER replace_instance ON instance IS 'there is one row: a restored one replaces that of CREATE EXTENSION';
