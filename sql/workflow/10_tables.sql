-- Tables. Small hot rows, big cold rows; open work apart from finished work.
--
-- No role but the owner of the extension ever writes them: the functions do,
-- as their owner.  Nothing is granted to PUBLIC; row security (80_privileges.sql)
-- decides what a role that was granted SELECT can see.  Roles and functions are
-- stored as text and looked up at each use, so that a restore into a server
-- without them loses no row.  No foreign keys to hot tables: they would lock.

CREATE TABLE state_machine (
	id			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name		text NOT NULL,
	type		text NOT NULL CHECK (type IN ('STANDARD', 'EXPRESS')),
	status		text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'DELETING', 'DELETED')),
	owner		text NOT NULL,
	revision_id	bigint NOT NULL,
	next_version int NOT NULL DEFAULT 1,
	publish		boolean NOT NULL DEFAULT false,
	version_description text,
	tags		jsonb NOT NULL DEFAULT '{}',
	created_at	timestamptz NOT NULL
);
CREATE UNIQUE INDEX state_machine_name_key ON state_machine (name) WHERE status <> 'DELETED';
CREATE INDEX state_machine_name_idx ON state_machine (name, id);
COMMENT ON TABLE state_machine IS 'state machines; a deleted one stays, with status DELETED, while executions of it are kept';
COMMENT ON COLUMN state_machine.owner IS 'role that created it: may do everything with it and grants to others what they may';
COMMENT ON COLUMN state_machine.revision_id IS 'current revision: what a start without a version runs';
COMMENT ON COLUMN state_machine.next_version IS 'number that the next published version gets; numbers are never used again';
COMMENT ON COLUMN state_machine.publish IS 'publish, as given at creation: part of what makes CreateStateMachine idempotent';
COMMENT ON COLUMN state_machine.version_description IS 'versionDescription, as given at creation: part of what makes CreateStateMachine idempotent';

CREATE TABLE revision (
	id			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL REFERENCES state_machine ON DELETE CASCADE,
	revision_id	uuid,
	definition	text NOT NULL,
	role		text NOT NULL,
	role_arn	text NOT NULL,
	logging		jsonb NOT NULL DEFAULT '{"level": "OFF", "includeExecutionData": false}',
	tracing		jsonb NOT NULL DEFAULT '{"enabled": false}',
	encryption	jsonb,
	created_at	timestamptz NOT NULL
);
CREATE INDEX revision_state_machine_idx ON revision (state_machine_id);
COMMENT ON TABLE revision IS 'every definition ever saved, with its role; immutable: executions pin one';
COMMENT ON COLUMN revision.revision_id IS 'revisionId of the API; NULL for the first revision, which has none';
COMMENT ON COLUMN revision.definition IS 'text as it was given, key order and spelling kept';
COMMENT ON COLUMN revision.role IS 'database role that SQL tasks run as, by name; checked at each start';
COMMENT ON COLUMN revision.role_arn IS 'roleArn as it was given';

CREATE TABLE version (
	state_machine_id bigint NOT NULL REFERENCES state_machine ON DELETE CASCADE,
	number		int NOT NULL,
	revision_id	bigint NOT NULL REFERENCES revision ON DELETE CASCADE,
	description	text,
	created_at	timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, number)
);
CREATE INDEX version_revision_idx ON version (revision_id);
COMMENT ON TABLE version IS 'published versions of state machines';

CREATE TABLE alias (
	state_machine_id bigint NOT NULL REFERENCES state_machine ON DELETE CASCADE,
	name		text NOT NULL,
	description	text,
	routing		jsonb NOT NULL,
	created_at	timestamptz NOT NULL,
	updated_at	timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, name)
);
COMMENT ON TABLE alias IS 'aliases of state machines';
COMMENT ON COLUMN alias.routing IS 'array of one or two {"version": number, "weight": percent}; weights sum to 100';

CREATE TABLE permission (
	state_machine_id bigint NOT NULL REFERENCES state_machine ON DELETE CASCADE,
	grantee		text NOT NULL,
	privilege	text NOT NULL CHECK (privilege IN ('start', 'stop', 'status', 'read', 'update')),
	PRIMARY KEY (state_machine_id, grantee, privilege)
);
COMMENT ON TABLE permission IS 'what the owner of a state machine lets other roles do with it';
COMMENT ON COLUMN permission.privilege IS 'start, stop: executions; status: see executions without their data; read: all of them and their history; update: change and delete the machine';

CREATE TABLE execution (
	id			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	revision_id	bigint NOT NULL,
	name		text NOT NULL COLLATE "C",
	status		text NOT NULL DEFAULT 'RUNNING',
	started_at	timestamptz NOT NULL,
	stopped_at	timestamptz,
	input		jsonb NOT NULL,
	output		jsonb,
	error		text,
	cause		text,
	version		int,
	alias		text,
	parent_id	bigint,
	map_run_id	bigint,
	trace_header text,
	redrive_count int NOT NULL DEFAULT 0,
	redriven_at	timestamptz,
	item_count	int
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1,
	autovacuum_analyze_scale_factor = 0.05);
CREATE UNIQUE INDEX execution_name_key ON execution (state_machine_id, name);
CREATE INDEX execution_machine_idx ON execution (state_machine_id, id);
CREATE INDEX execution_parent_idx ON execution (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX execution_map_run_idx ON execution (map_run_id, id) WHERE map_run_id IS NOT NULL;
COMMENT ON TABLE execution IS 'executions, open and closed; written at start and at end, not between';
COMMENT ON COLUMN execution.status IS 'RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE';
COMMENT ON COLUMN execution.name IS 'unique among the executions of its machine';
COMMENT ON COLUMN execution.revision_id IS 'the revision it runs, to its end';
COMMENT ON COLUMN execution.version IS 'version it was started through, or NULL';
COMMENT ON COLUMN execution.alias IS 'alias it was started through, or NULL';
COMMENT ON COLUMN execution.parent_id IS 'execution whose task started it, or NULL';
COMMENT ON COLUMN execution.map_run_id IS 'Map Run that it is a child of, or NULL';
COMMENT ON COLUMN execution.item_count IS 'of a child of a Map Run: items in its input';

CREATE TABLE agenda (
	execution_id bigint PRIMARY KEY,
	revision_id	bigint NOT NULL,
	wake_at		timestamptz,
	deadline	timestamptz,
	last_event_at timestamptz NOT NULL,
	next_event_id bigint NOT NULL DEFAULT 1,
	epoch		bigint NOT NULL DEFAULT 2,
	role		text NOT NULL,
	parent_id	bigint,
	parent_branch_id bigint,
	parent_epoch bigint
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
	autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX agenda_wake_idx ON agenda (wake_at, execution_id) WHERE wake_at IS NOT NULL;
CREATE INDEX agenda_parent_idx ON agenda (parent_id, parent_branch_id) WHERE parent_id IS NOT NULL;
COMMENT ON TABLE agenda IS 'one row per open execution: its lock and its alarm clock';
COMMENT ON COLUMN agenda.wake_at IS 'lower bound of when it has something to do by itself (a timer, or now: it is ready); NULL: never';
COMMENT ON COLUMN agenda.deadline IS 'when the machine''s TimeoutSeconds end it, or NULL';
COMMENT ON COLUMN agenda.next_event_id IS 'id of the next event of its history; 1: not begun';
COMMENT ON COLUMN agenda.epoch IS 'next number for a branch or for something handed out; never used twice';
COMMENT ON COLUMN agenda.role IS 'role that its SQL tasks run as';
COMMENT ON COLUMN agenda.parent_id IS 'execution with a .sync task that waits for its end, or NULL';
COMMENT ON COLUMN agenda.parent_branch_id IS 'branch that stands in that task';
COMMENT ON COLUMN agenda.parent_epoch IS 'epoch of that task';

CREATE TABLE message (
	execution_id bigint NOT NULL,
	id			bigint GENERATED ALWAYS AS IDENTITY,
	kind		text NOT NULL CHECK (kind IN ('ended', 'item', 'stop', 'update')),
	branch_id	bigint,
	epoch		bigint,
	child_id	bigint,
	status		text,
	item_count	int,
	settings	jsonb,
	PRIMARY KEY (execution_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE message IS 'what executions tell one another; read and deleted by the next step of the execution it is for';
COMMENT ON COLUMN message.execution_id IS 'execution that it is for';
COMMENT ON COLUMN message.kind IS 'ended: the execution child_id, which the task in branch_id waits for, has closed; item: a child of the Map Run in branch_id has closed; stop: the parent wants it to stop; update: other settings for the Map Run in branch_id';
COMMENT ON COLUMN message.status IS 'item: how it has closed';
COMMENT ON COLUMN message.item_count IS 'item: items in its input';
COMMENT ON COLUMN message.settings IS 'update: members of UpdateMapRun';

CREATE TABLE branch (
	execution_id bigint NOT NULL,
	id			bigint NOT NULL,
	parent_id	bigint,
	index		int NOT NULL DEFAULT 0,
	phase		smallint NOT NULL,
	entered		boolean NOT NULL DEFAULT false,
	state		text,
	epoch		bigint NOT NULL DEFAULT 0,
	tip			bigint NOT NULL DEFAULT 0,
	entered_id	bigint NOT NULL DEFAULT 0,
	entered_prev bigint NOT NULL DEFAULT 0,
	entered_at	timestamptz,
	due			timestamptz,
	task_timeout timestamptz,
	task_heartbeat timestamptz,
	retry_count	int NOT NULL DEFAULT 0,
	retries		int[],
	pending		int NOT NULL DEFAULT 0,
	started		int NOT NULL DEFAULT 0,
	input		jsonb,
	variables	jsonb,
	work		jsonb,
	PRIMARY KEY (execution_id, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
	autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX branch_due_idx ON branch (execution_id, due) WHERE due IS NOT NULL;
CREATE INDEX branch_parent_idx ON branch (execution_id, parent_id) WHERE parent_id IS NOT NULL;
COMMENT ON TABLE branch IS 'open threads of control: the root (id 1), each Parallel branch, each Map iteration; gone when joined';
COMMENT ON COLUMN branch.phase IS '0 ready, 1 waiting, 2 between retries, 3 task handed out, 4 children run, 7 a Map Run is open';
COMMENT ON COLUMN branch.state IS 'name of the state it stands in; NULL: not started';
COMMENT ON COLUMN branch.index IS 'number of the Parallel branch or of the Map iteration';
COMMENT ON COLUMN branch.epoch IS 'of what was handed out last: a result with another epoch does not count';
COMMENT ON COLUMN branch.tip IS 'last event of its causal chain';
COMMENT ON COLUMN branch.due IS 'when its timer fires: end of a wait, next attempt, timeout or missed heartbeat';
COMMENT ON COLUMN branch.input IS 'raw input of its state';
COMMENT ON COLUMN branch.variables IS 'variables assigned on its level';
COMMENT ON COLUMN branch.work IS 'what its state keeps while it works';

CREATE TABLE iteration (
	execution_id bigint NOT NULL,
	branch_id	bigint NOT NULL,
	index		int NOT NULL,
	output		jsonb NOT NULL,
	PRIMARY KEY (execution_id, branch_id, index)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE iteration IS 'outputs of ended Parallel branches and Map iterations, until the state joins them';
COMMENT ON COLUMN iteration.branch_id IS 'branch that stands in the Parallel or Map state';
COMMENT ON COLUMN iteration.index IS 'of the first output in this row';
COMMENT ON COLUMN iteration.output IS 'those that one step brought: [index, output, index, output, ...]';

-- (No CHECK on columns that the functions write: a constraint is compiled anew by each
-- statement, which is a tenth of what handing out a task costs.)
CREATE TABLE task (
	execution_id bigint NOT NULL,
	branch_id	bigint NOT NULL,
	epoch		bigint NOT NULL,
	kind		text NOT NULL COLLATE "C",
	role		text NOT NULL COLLATE "C",
	resource	text NOT NULL,
	target		text,
	input		jsonb,
	token		text COLLATE "C",
	scheduled_at timestamptz NOT NULL,
	timeout_at	timestamptz,
	heartbeat_seconds bigint,
	heartbeat_at timestamptz,
	role_arn	text,
	started_at	timestamptz,
	worker		text,
	crashes		int NOT NULL DEFAULT 0,
	answer		text,
	output		jsonb,
	error		text,
	cause		text,
	PRIMARY KEY (execution_id, branch_id, epoch, kind)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
	autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX task_sql_idx ON task (role, execution_id, branch_id) WHERE kind = 'sql';
CREATE INDEX task_activity_idx ON task (target, scheduled_at, execution_id, branch_id) WHERE kind = 'activity' AND started_at IS NULL;
CREATE INDEX task_answer_idx ON task (execution_id) WHERE answer IS NOT NULL;
COMMENT ON TABLE task IS 'tasks that wait for a runner, a worker, a token or a child; and the inbox for their answers';
COMMENT ON COLUMN task.epoch IS 'epoch of its branch when it was handed out';
COMMENT ON COLUMN task.kind IS 'sql: for a runner; activity: for a worker that polls; token: for whoever holds the token; child: for the end of another execution. A call that is waited for (.waitForTaskToken, .sync) has two rows until it has returned: its own (sql, activity) and the one that its answer comes to (token, child)';
COMMENT ON COLUMN task.token IS 'what an answer is sent by: names its row, and proves with 192 random bits that who sends it was given it';
COMMENT ON COLUMN task.started_at IS 'when it was handed to a worker';
COMMENT ON COLUMN task.worker IS 'workerName of that worker';
COMMENT ON COLUMN task.timeout_at IS 'when it has taken too long; begins anew with a hand-out. branch.due is never later';
COMMENT ON COLUMN task.heartbeat_at IS 'when its next heartbeat is missed; NULL while an activity is not handed out. branch.due is never later';
COMMENT ON COLUMN task.role IS 'database role that a SQL task runs as';
COMMENT ON COLUMN task.role_arn IS 'RoleArn of its Credentials, or NULL';
COMMENT ON COLUMN task.resource IS 'Resource of the state, as written';
COMMENT ON COLUMN task.target IS 'what the resource names: a function of the registry, schema.function; or the activity whose workers do it';
COMMENT ON COLUMN task.crashes IS 'attempts begun after a crash of the server; a task that was running at two crashes in a row, or at four where others were too, is failed';
COMMENT ON COLUMN task.answer IS 'what came back and was not yet taken by a scheduler: submitted, succeeded or failed';

CREATE TABLE express (
	id			bigint NOT NULL DEFAULT nextval('execution_id_seq') PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	revision_id	bigint NOT NULL,
	role		text NOT NULL COLLATE "C",
	name		text NOT NULL,
	run			text NOT NULL,
	input		jsonb NOT NULL,
	version		int,
	alias		text,
	queued_at	timestamptz NOT NULL,
	crashes		int NOT NULL DEFAULT 0,
	map_run_id	bigint,
	item_count	int,
	parent_id	bigint,
	parent_branch_id bigint,
	parent_epoch bigint
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
	autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX express_role_idx ON express (role, id);
CREATE INDEX express_parent_idx ON express (parent_id, parent_branch_id) WHERE parent_id IS NOT NULL;
CREATE INDEX express_map_run_idx ON express (map_run_id) WHERE map_run_id IS NOT NULL AND parent_id IS NULL;
COMMENT ON TABLE express IS 'EXPRESS executions that were started and have not ended, and results of aborted Map Runs that are to be written; a row is deleted by the transaction that runs it';
COMMENT ON COLUMN express.id IS 'from the same sequence as the ids of executions';
COMMENT ON COLUMN express.role IS 'database role that runs it';
COMMENT ON COLUMN express.map_run_id IS 'Map Run that it is a child of, or NULL; then a row of execution has its id, its end is written there, and the parent is told. Where parent_id is NULL, the Map Run whose results are to be written; input says where';
COMMENT ON COLUMN express.item_count IS 'of a child: items in its input';
COMMENT ON COLUMN express.parent_id IS 'of a child: execution with the Map state';
COMMENT ON COLUMN express.parent_branch_id IS 'branch that stands in it';
COMMENT ON COLUMN express.parent_epoch IS 'epoch of the Map Run';
COMMENT ON COLUMN express.run IS 'UUID at the end of its ARN: names need not be unique';
COMMENT ON COLUMN express.crashes IS 'attempts begun after a crash of the server; one that was running at each of three crashes in a row is failed';

CREATE TABLE express_log (
	id			bigint NOT NULL DEFAULT nextval('execution_id_seq') PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	execution_arn text NOT NULL,
	status		text NOT NULL CHECK (status IN ('SUCCEEDED', 'FAILED', 'TIMED_OUT')),
	started_at	timestamptz NOT NULL,
	stopped_at	timestamptz NOT NULL,
	input		jsonb,
	output		jsonb,
	error		text,
	cause		text,
	events		jsonb NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.1);
CREATE INDEX express_log_arn_idx ON express_log (execution_arn);
CREATE INDEX express_log_machine_idx ON express_log (state_machine_id, id);
COMMENT ON TABLE express_log IS 'how EXPRESS executions ended, where loggingConfiguration of their machine asks for it: level ALL, or ERROR or FATAL and there is something to tell';
COMMENT ON COLUMN express_log.input IS 'NULL without includeExecutionData, as output and the data in events';
COMMENT ON COLUMN express_log.events IS 'the events of that level, as the service logs them: {"id", "type", "details", "previous_event_id", "event_timestamp", "redrive_count"}, all texts but the details';

CREATE TABLE history (
	execution_id bigint NOT NULL,
	first_id	bigint NOT NULL,
	event_count	int NOT NULL,
	at			timestamptz NOT NULL,
	events		jsonb NOT NULL,
	payloads	jsonb,
	PRIMARY KEY (execution_id, first_id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.1);
COMMENT ON TABLE history IS 'history segments: the events of one execution from one transaction; read them through workflow.get_execution_history() or the view workflow.event';
COMMENT ON COLUMN history.first_id IS 'id of its first event; the others follow without a gap';
COMMENT ON COLUMN history.at IS 'time of its first event';
COMMENT ON COLUMN history.events IS 'array of arrays [type, previous id, microseconds after at, member, value, ...]; see src/store/history.c';
COMMENT ON COLUMN history.payloads IS 'documents that the events refer to by number, each stored once';

CREATE TABLE function (
	name		text NOT NULL PRIMARY KEY COLLATE "C",
	function	text,
	activity	text,
	chain		boolean NOT NULL DEFAULT false,
	isolation	text CHECK (isolation IN ('read committed', 'repeatable read', 'serializable')),
	owner		text NOT NULL,
	registered_at timestamptz NOT NULL,
	CHECK ((function IS NULL) <> (activity IS NULL))
);
COMMENT ON TABLE function IS 'what the names of Lambda functions in definitions mean here';
COMMENT ON COLUMN function.function IS 'SQL function, as schema.name(argument types)';
COMMENT ON COLUMN function.activity IS 'or the name of an activity whose workers do it';
COMMENT ON COLUMN function.chain IS 'may share a transaction with the next task of the same execution';
COMMENT ON COLUMN function.isolation IS 'isolation level it runs under; NULL: read committed';

CREATE TABLE activity (
	name		text NOT NULL PRIMARY KEY COLLATE "C",
	owner		text NOT NULL,
	tags		jsonb NOT NULL DEFAULT '{}',
	created_at	timestamptz NOT NULL
);
COMMENT ON TABLE activity IS 'activities: work that external programs poll for';

CREATE TABLE map_run (
	id			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	execution_id bigint NOT NULL,
	branch_id	bigint NOT NULL,
	epoch		bigint NOT NULL,
	state		text NOT NULL,
	label		text NOT NULL COLLATE "C",
	name		text NOT NULL COLLATE "C",
	express		boolean NOT NULL DEFAULT false,
	status		text NOT NULL DEFAULT 'RUNNING' CHECK (status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED')),
	started_at	timestamptz NOT NULL,
	stopped_at	timestamptz,
	max_concurrency bigint NOT NULL DEFAULT 0,
	tolerated_failure_count bigint NOT NULL DEFAULT 0,
	tolerated_failure_percentage double precision NOT NULL DEFAULT 0,
	complete	boolean NOT NULL DEFAULT false,
	results_written boolean NOT NULL DEFAULT false,
	next_item	bigint NOT NULL DEFAULT 0,
	started		bigint NOT NULL DEFAULT 0,
	items		bigint NOT NULL DEFAULT 0,
	items_running bigint NOT NULL DEFAULT 0,
	items_succeeded bigint NOT NULL DEFAULT 0,
	items_failed bigint NOT NULL DEFAULT 0,
	items_timed_out bigint NOT NULL DEFAULT 0,
	items_aborted bigint NOT NULL DEFAULT 0,
	executions	bigint NOT NULL DEFAULT 0,
	executions_running bigint NOT NULL DEFAULT 0,
	executions_succeeded bigint NOT NULL DEFAULT 0,
	executions_failed bigint NOT NULL DEFAULT 0,
	executions_timed_out bigint NOT NULL DEFAULT 0,
	executions_aborted bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX map_run_execution_idx ON map_run (execution_id, id);
CREATE UNIQUE INDEX map_run_name_key ON map_run (name);
COMMENT ON TABLE map_run IS 'Map Runs: one per start of a distributed Map state; written by the steps of its execution only';
COMMENT ON COLUMN map_run.epoch IS 'epoch of the branch while it is open; its children carry it';
COMMENT ON COLUMN map_run.state IS 'name of the Map state';
COMMENT ON COLUMN map_run.label IS 'Label of the state, or what was made up for it';
COMMENT ON COLUMN map_run.name IS 'UUID, the last part of its ARN';
COMMENT ON COLUMN map_run.express IS 'its children are EXPRESS executions';
COMMENT ON COLUMN map_run.tolerated_failure_count IS '0: not given; the same with the percentage';
COMMENT ON COLUMN map_run.complete IS 'the inputs of all its children have been made';
COMMENT ON COLUMN map_run.results_written IS 'its ResultWriter has written its results';
COMMENT ON COLUMN map_run.next_item IS 'items that inputs have been made of';
COMMENT ON COLUMN map_run.started IS 'child executions that have been started, in the order of their inputs';
COMMENT ON COLUMN map_run.items IS 'items known so far; what is neither running nor ended is pending. The same with executions';

CREATE TABLE map_item (
	map_run_id	bigint NOT NULL,
	number		bigint NOT NULL,
	item_count	int NOT NULL,
	input		jsonb NOT NULL,
	PRIMARY KEY (map_run_id, number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE map_item IS 'inputs of children of Map Runs that have not started yet: an item each, or a batch';
COMMENT ON COLUMN map_item.number IS 'from 1, in the order of the items';
COMMENT ON COLUMN map_item.item_count IS 'items in the input';

CREATE TABLE bucket (
	name		text NOT NULL PRIMARY KEY COLLATE "C" CHECK (octet_length(name) BETWEEN 1 AND 255 AND name !~ '/'),
	owner		text NOT NULL,
	created_at	timestamptz NOT NULL
);
COMMENT ON TABLE bucket IS 'buckets of objects: who owns one decides who may see and change what is in it';
COMMENT ON COLUMN bucket.owner IS 'role that created it, with its first object or before: may do everything with it and grants to others what they may';

CREATE TABLE bucket_permission (
	bucket		text NOT NULL COLLATE "C" REFERENCES bucket ON DELETE CASCADE,
	grantee		text NOT NULL,
	privilege	text NOT NULL CHECK (privilege IN ('read', 'write')),
	PRIMARY KEY (bucket, grantee, privilege)
);
COMMENT ON TABLE bucket_permission IS 'what the owner of a bucket lets other roles do with the objects in it';
COMMENT ON COLUMN bucket_permission.privilege IS 'read: list and read objects; write: put and delete them';

-- (bodies are read in pieces, which those that are compressed cannot be)
CREATE TABLE object (
	bucket		text NOT NULL COLLATE "C",
	key			text NOT NULL COLLATE "C" CHECK (octet_length(key) BETWEEN 1 AND 1024),
	body		bytea NOT NULL,
	size		bigint NOT NULL GENERATED ALWAYS AS (octet_length(body)) STORED,
	etag		text NOT NULL GENERATED ALWAYS AS (md5(body)) STORED,
	last_modified timestamptz NOT NULL DEFAULT now(),
	owner		text NOT NULL DEFAULT current_user,
	PRIMARY KEY (bucket, key)
);
ALTER TABLE object ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE object IS 'what arn:aws:states:::s3:... reads and writes here; see put_object()';
COMMENT ON COLUMN object.body IS 'bytes; compressed ones are what gzip makes';
COMMENT ON COLUMN object.owner IS 'role that put it; who may see it is said by its bucket';

CREATE TABLE schedule (
	name		text NOT NULL PRIMARY KEY COLLATE "C",
	cron		text NOT NULL,
	state_machine text NOT NULL,
	input		jsonb NOT NULL,
	role		text NOT NULL,
	job_id		bigint,
	created_at	timestamptz NOT NULL
);
COMMENT ON TABLE schedule IS 'executions that pg_cron starts';
COMMENT ON COLUMN schedule.role IS 'role that scheduled it, and that the job runs as';
COMMENT ON COLUMN schedule.job_id IS 'jobid in cron.job';

CREATE TABLE instance (
	only_one	boolean PRIMARY KEY DEFAULT true CHECK (only_one),
	system_identifier bigint NOT NULL,
	database_oid oid NOT NULL,
	since		timestamptz NOT NULL
);
COMMENT ON TABLE instance IS 'the server and database that the workflows last ran under; in a copy nothing runs until workflow.resume(); no row before the first state machine';

-- A dump carries all of it
SELECT pg_catalog.pg_extension_config_dump('state_machine', '');
SELECT pg_catalog.pg_extension_config_dump('revision', '');
SELECT pg_catalog.pg_extension_config_dump('version', '');
SELECT pg_catalog.pg_extension_config_dump('alias', '');
SELECT pg_catalog.pg_extension_config_dump('permission', '');
SELECT pg_catalog.pg_extension_config_dump('execution', '');
SELECT pg_catalog.pg_extension_config_dump('agenda', '');
SELECT pg_catalog.pg_extension_config_dump('message', '');
SELECT pg_catalog.pg_extension_config_dump('branch', '');
SELECT pg_catalog.pg_extension_config_dump('iteration', '');
SELECT pg_catalog.pg_extension_config_dump('task', '');
SELECT pg_catalog.pg_extension_config_dump('express', '');
SELECT pg_catalog.pg_extension_config_dump('express_log', '');
SELECT pg_catalog.pg_extension_config_dump('history', '');
SELECT pg_catalog.pg_extension_config_dump('function', '');
SELECT pg_catalog.pg_extension_config_dump('activity', '');
SELECT pg_catalog.pg_extension_config_dump('map_run', '');
SELECT pg_catalog.pg_extension_config_dump('bucket', '');
SELECT pg_catalog.pg_extension_config_dump('bucket_permission', '');
SELECT pg_catalog.pg_extension_config_dump('map_item', '');
SELECT pg_catalog.pg_extension_config_dump('object', '');
SELECT pg_catalog.pg_extension_config_dump('schedule', '');
SELECT pg_catalog.pg_extension_config_dump('instance', '');
SELECT pg_catalog.pg_extension_config_dump('state_machine_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('revision_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('execution_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('message_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('map_run_id_seq', '');
