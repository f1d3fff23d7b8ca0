-- Privileges: nothing for PUBLIC; grant_usage() lets a role use the API; what it
-- sees of the tables is decided by row security.  No role but the owner ever
-- writes a table: the functions do, as the owner, after they have checked what
-- the caller may do.

CREATE FUNCTION grant_usage(role text) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	routine regprocedure;
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA workflow TO %I', role);
	FOR routine IN SELECT f FROM workflow._usable_functions() AS f LOOP
		EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', routine, role);
	END LOOP;
	EXECUTE format('GRANT SELECT ON workflow.state_machine, workflow.execution, workflow.history, workflow.map_run, workflow.event, workflow.express_log, '
				   'workflow.execution_status, workflow.pending, workflow.worker, workflow.error_code, workflow.schedules, '
				   'workflow.object TO %I', role);
END
$$;
COMMENT ON FUNCTION grant_usage(text) IS
	'let a role use the API: create state machines of its own, and what it is granted on those of others. The extension''s owner''s only; call it again after an update of the extension';

CREATE FUNCTION revoke_usage(role text) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA workflow FROM %I', role);
	EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA workflow FROM %I', role);
	EXECUTE format('REVOKE ALL ON SCHEMA workflow FROM %I', role);
END
$$;
COMMENT ON FUNCTION revoke_usage(text) IS 'undo grant_usage()';

CREATE FUNCTION _usable_functions() RETURNS SETOF regprocedure
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
	 WHERE n.nspname = 'workflow' AND p.prokind IN ('f', 'p')
	   AND (p.proname !~ '^_' AND p.proname <> ALL (ARRAY['check', 'grant_usage', 'purge_executions', 'resume', 'revoke_usage'])
			-- what views and policies call is checked against who reads them
			OR p.proname = ANY (ARRAY['_visible_machines', '_readable_buckets', '_unfold', '_workers', '_error_codes', '_is_preloaded', '_is_suspended',
				-- and what pg_cron calls is called as the role that scheduled it
				'_run_schedule']));
END;
COMMENT ON FUNCTION _usable_functions() IS 'functions and procedures that grant_usage() grants';

REVOKE ALL ON SCHEMA workflow FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA workflow FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA workflow FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA workflow FROM PUBLIC;

ALTER TABLE state_machine ENABLE ROW LEVEL SECURITY;
ALTER TABLE revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE version ENABLE ROW LEVEL SECURITY;
ALTER TABLE alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE permission ENABLE ROW LEVEL SECURITY;
ALTER TABLE execution ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda ENABLE ROW LEVEL SECURITY;
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE branch ENABLE ROW LEVEL SECURITY;
ALTER TABLE iteration ENABLE ROW LEVEL SECURITY;
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
ALTER TABLE express ENABLE ROW LEVEL SECURITY;
ALTER TABLE express_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE history ENABLE ROW LEVEL SECURITY;
ALTER TABLE function ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE map_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE bucket ENABLE ROW LEVEL SECURITY;
ALTER TABLE bucket_permission ENABLE ROW LEVEL SECURITY;
ALTER TABLE map_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE object ENABLE ROW LEVEL SECURITY;
ALTER TABLE schedule ENABLE ROW LEVEL SECURITY;
ALTER TABLE instance ENABLE ROW LEVEL SECURITY;

-- (the machines are looked up once per statement, not once per row)
CREATE POLICY visible ON state_machine FOR SELECT
	USING (id = ANY ((SELECT workflow._visible_machines('any'))::bigint[]));
CREATE POLICY readable ON execution FOR SELECT
	USING (state_machine_id = ANY ((SELECT workflow._visible_machines('read'))::bigint[]));
CREATE POLICY readable ON history FOR SELECT
	USING (execution_id IN (SELECT x.id FROM workflow.execution x
							 WHERE x.state_machine_id = ANY ((SELECT workflow._visible_machines('read'))::bigint[])));
CREATE POLICY readable ON object FOR SELECT
	USING (bucket = ANY ((SELECT workflow._readable_buckets())::text[]));
COMMENT ON POLICY readable ON object IS 'objects in buckets that one owns or may read';
CREATE POLICY readable ON map_run FOR SELECT
	USING (execution_id IN (SELECT x.id FROM workflow.execution x
							 WHERE x.state_machine_id = ANY ((SELECT workflow._visible_machines('read'))::bigint[])));
CREATE POLICY readable ON express_log FOR SELECT
	USING (state_machine_id = ANY ((SELECT workflow._visible_machines('read'))::bigint[]));
COMMENT ON POLICY readable ON express_log IS 'executions of state machines that one owns or may read';
COMMENT ON POLICY visible ON state_machine IS 'state machines that one owns or has any privilege on';
COMMENT ON POLICY readable ON execution IS 'executions of state machines that one owns or may read';
COMMENT ON POLICY readable ON history IS 'histories of executions that one may read';
COMMENT ON POLICY readable ON map_run IS 'Map Runs of executions that one may read';
