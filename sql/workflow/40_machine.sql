-- State machines, their versions, aliases and tags; the door for programs.
--
-- A typed function is AWS's action of that name: the arguments are members of
-- its request, the columns members of its response (src/api/typed.c).  What
-- each checks, and in which order, is AWS's: the texts and SQLSTATEs of class
-- WF are those of its API reference; see the view error_code.

CREATE FUNCTION api(action text, request jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'wf_api' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION api(text, jsonb) IS
	'an action of AWS Step Functions in its own shapes: what the AWS JSON 1.0 protocol carries; unknown members are ignored, null ones count as absent; errors have SQLSTATEs of class WF, see the view error_code';

-- state machines

CREATE FUNCTION create_state_machine(name text, definition text, role text DEFAULT NULL, type text DEFAULT 'STANDARD',
									 logging_configuration jsonb DEFAULT NULL, tracing_configuration jsonb DEFAULT NULL,
									 tags jsonb DEFAULT NULL, publish boolean DEFAULT false,
									 version_description text DEFAULT NULL, encryption_configuration jsonb DEFAULT NULL)
	RETURNS text AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION create_state_machine(text, text, text, text, jsonb, jsonb, jsonb, boolean, text, jsonb) IS
	'CreateStateMachine: gives the ARN. Its SQL tasks run as role (default: the current one), of which the caller has to be a member and which has to be able to log in. The same again, to the byte of the definition, is no error. Raises InvalidDefinition, InvalidName, StateMachineAlreadyExists, InvalidLoggingConfiguration, TooManyTags, AccessDeniedException';

CREATE FUNCTION create_state_machine(name text, definition json, role text DEFAULT NULL, type text DEFAULT 'STANDARD',
									 logging_configuration jsonb DEFAULT NULL, tracing_configuration jsonb DEFAULT NULL,
									 tags jsonb DEFAULT NULL, publish boolean DEFAULT false,
									 version_description text DEFAULT NULL, encryption_configuration jsonb DEFAULT NULL)
	RETURNS text AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION create_state_machine(text, json, text, text, jsonb, jsonb, jsonb, boolean, text, jsonb) IS
	'CreateStateMachine with the definition as json; its spelling is kept';

CREATE FUNCTION update_state_machine(state_machine text, definition text DEFAULT NULL, role text DEFAULT NULL,
									 logging_configuration jsonb DEFAULT NULL, tracing_configuration jsonb DEFAULT NULL,
									 publish boolean DEFAULT false, version_description text DEFAULT NULL,
									 encryption_configuration jsonb DEFAULT NULL,
									 OUT updated_at timestamptz, OUT revision_id text, OUT state_machine_version_arn text)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION update_state_machine(text, text, text, jsonb, jsonb, boolean, text, jsonb) IS
	'UpdateStateMachine: what is given is changed, executions that run keep what they have; revision_id is that of the current revision (NULL: the first one). Raises MissingRequiredParameter, StateMachineDoesNotExist, InvalidDefinition, AccessDeniedException';

CREATE FUNCTION describe_state_machine(state_machine text,
									   OUT state_machine_arn text, OUT name text, OUT status text, OUT type text,
									   OUT definition text, OUT role text, OUT role_arn text, OUT created_at timestamptz,
									   OUT revision_id text, OUT description text, OUT logging_configuration jsonb,
									   OUT tracing_configuration jsonb, OUT encryption_configuration jsonb,
									   OUT variable_references jsonb)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION describe_state_machine(text) IS
	'DescribeStateMachine: of a machine, or of a version of it. Raises StateMachineDoesNotExist, InvalidArn, AccessDeniedException';

CREATE FUNCTION describe_state_machine_for_execution(arn text,
									   OUT state_machine_arn text, OUT name text,
									   OUT definition text, OUT role text, OUT role_arn text, OUT updated_at timestamptz,
									   OUT revision_id text, OUT logging_configuration jsonb,
									   OUT tracing_configuration jsonb, OUT encryption_configuration jsonb,
									   OUT variable_references jsonb)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION describe_state_machine_for_execution(text) IS
	'DescribeStateMachineForExecution: what that execution runs. Raises ExecutionDoesNotExist, InvalidArn, AccessDeniedException';

CREATE FUNCTION delete_state_machine(state_machine text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION delete_state_machine(text) IS
	'DeleteStateMachine, with its versions, aliases and privileges; what runs is aborted. Closed executions stay until they are purged. No error where there is none of that name';

CREATE FUNCTION list_state_machines(max_results int DEFAULT NULL)
	RETURNS TABLE (state_machine_arn text, name text, type text, created_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_state_machines(int) IS
	'ListStateMachines: those that the caller owns or has a privilege on; all of them, or the first max_results (1000 at most)';

-- versions

CREATE FUNCTION publish_state_machine_version(state_machine text, revision_id text DEFAULT NULL, description text DEFAULT NULL)
	RETURNS text AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION publish_state_machine_version(text, text, text) IS
	'PublishStateMachineVersion: gives the version''s ARN, of the one there is where the current revision has one. Raises StateMachineDoesNotExist, ConflictException where revision_id is not the current one';

CREATE FUNCTION list_state_machine_versions(state_machine text, max_results int DEFAULT NULL)
	RETURNS TABLE (state_machine_version_arn text, description text, created_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_state_machine_versions(text, int) IS
	'ListStateMachineVersions, newest first: all of them, or the first max_results (1000 at most)';

CREATE FUNCTION delete_state_machine_version(state_machine_version text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION delete_state_machine_version(text) IS
	'DeleteStateMachineVersion (''order:2''): executions of it run on. Raises ConflictException where an alias routes to it; no error where there is none';

-- aliases

CREATE FUNCTION create_state_machine_alias(name text, routing_configuration jsonb, description text DEFAULT NULL)
	RETURNS text AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION create_state_machine_alias(text, jsonb, text) IS
	'CreateStateMachineAlias: gives the ARN. routing_configuration is [{"stateMachineVersionArn": "order:2", "weight": 100}], one or two versions whose weights sum to 100. Raises ValidationException, ResourceNotFound, ConflictException';

CREATE FUNCTION update_state_machine_alias(state_machine_alias text, description text DEFAULT NULL,
										   routing_configuration jsonb DEFAULT NULL)
	RETURNS timestamptz AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION update_state_machine_alias(text, text, jsonb) IS
	'UpdateStateMachineAlias (''order:PROD''): gives when. Raises ResourceNotFound, ValidationException';

CREATE FUNCTION describe_state_machine_alias(state_machine_alias text,
											 OUT state_machine_alias_arn text, OUT name text, OUT description text,
											 OUT routing_configuration jsonb, OUT created_at timestamptz,
											 OUT updated_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION describe_state_machine_alias(text) IS
	'DescribeStateMachineAlias. Raises ResourceNotFound';

CREATE FUNCTION delete_state_machine_alias(state_machine_alias text) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION delete_state_machine_alias(text) IS
	'DeleteStateMachineAlias; no error where there is none';

CREATE FUNCTION list_state_machine_aliases(state_machine text, max_results int DEFAULT NULL)
	RETURNS TABLE (state_machine_alias_arn text, created_at timestamptz)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_state_machine_aliases(text, int) IS
	'ListStateMachineAliases, oldest first: of a machine, or those that route to a version of it';

-- tags

CREATE FUNCTION tag_resource(resource text, tags jsonb) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION tag_resource(text, jsonb) IS
	'TagResource: tags is {"key": "value"}; at most 50 of them. A plain name is a state machine''s; activities are named by ARN. Raises ResourceNotFound, TooManyTags';

CREATE FUNCTION untag_resource(resource text, tag_keys text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION untag_resource(text, text[]) IS
	'UntagResource; no error for keys that are not there. Raises ResourceNotFound';

CREATE FUNCTION list_tags_for_resource(resource text) RETURNS TABLE (key text, value text)
	AS 'MODULE_PATHNAME', 'wf_action' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION list_tags_for_resource(text) IS
	'ListTagsForResource. Raises ResourceNotFound';

-- privileges

CREATE FUNCTION "grant"(state_machine text, role text, privileges text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_grant' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION "grant"(text, text, text[]) IS
	'let a role (or public) do things with a state machine: start, stop its executions, see their status, read (executions with data, history, definition), update (change what it does, as its role, and delete it). Its owner''s only';

CREATE FUNCTION "revoke"(state_machine text, role text, privileges text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'wf_revoke' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION "revoke"(text, text, text[]) IS
	'take back what grant() gave. The owner''s only';
