-- schedule() where pg_cron cannot be reached; where it can: test/t/030_schedule.pl
SET ROLE regress_task;
SELECT workflow.schedule('nightly', '0 3 * * *', 'nested-nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.schedule('two words', '0 3 * * *', 'nested-pass');
\echo :LAST_ERROR_SQLSTATE
SELECT workflow.schedule(repeat('x', 64), '0 3 * * *', 'nested-pass');
SELECT workflow.schedule(NULL, '0 3 * * *', 'nested-pass');
SELECT workflow.schedule('nightly', NULL, 'nested-pass');
SELECT workflow.schedule('nightly', '0 3 * * *', 'nested-pass', NULL);
SELECT workflow.unschedule('nightly');
SELECT workflow.unschedule(NULL);
SELECT workflow._run_schedule('nightly');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM workflow.schedules;
RESET ROLE;
SELECT current_setting('cron.database_name', true) IS DISTINCT FROM current_database() AS elsewhere;
\set VERBOSITY terse
SELECT workflow.schedule('nightly', '0 3 * * *', 'nested-pass');
\echo :LAST_ERROR_SQLSTATE
