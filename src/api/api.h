/*-------------------------------------------------------------------------
 *
 * api.h
 *	  The actions of the API: how one is described, called and answered.
 *
 * An action is one C function from a request to a response, both Values in
 * AWS's shapes.  It has two doors: workflow.api(action, request) (aws.c) and
 * its typed SQL function (typed.c), whose arguments become the members of a
 * request and whose columns are taken from the response.  What differs between
 * the two is decided in few places: ApiCall.typed says that resources may be
 * given by plain names, that JSON is JSON and not text, and that times are not
 * cut to milliseconds.
 *
 * A table of members describes each request, after the service model; it is
 * checked before the action runs (check.c).
 *
 * IDENTIFICATION
 *	  src/api/api.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_API_API_H
#define WORKFLOW_API_API_H

#include "store/records.h"
#include "util/errcodes.h"
#include "workflow.h"

/* ---- requests ---- */

typedef enum ApiMemberKind
{
	API_STRING,  /* min, max: characters */
	API_BYTES,   /* a string; max: bytes in UTF-8, which are not echoed */
	API_JSON,    /* JSON text (typed: any JSON); max: bytes, as API_BYTES */
	API_INTEGER, /* min, max: value */
	API_NUMBER,  /* min, max: value */
	API_BOOLEAN,
	API_ARN,    /* a string; arns: what it may name; max: characters */
	API_OBJECT, /* members */
	API_LIST    /* min, max: items; items: what each is */
} ApiMemberKind;

typedef struct ApiMember
{
	const char *name; /* NULL: end of the table */
	ApiMemberKind kind;
	bool required;
	int64 min;
	int64 max;           /* 0: no limit */
	bool quota;          /* max counts with workflow.aws_limits only */
	int arns;            /* set of StoreArnKind */
	const char *values;  /* enumeration: the values, separated by ", " */
	const char *pattern; /* regular expression as the service shows it; see check.c */
	const struct ApiMember *members; /* of an object */
	const struct ApiMember *items;   /* of a list: one member without name */
	const char *type;                /* of an object: its name in messages */
} ApiMember;

#define API_END                                                                          \
	{                                                                                    \
		.name = NULL                                                                     \
	}

/* Patterns that check.c knows */
#define API_PATTERN_ALIAS "^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
#define API_PATTERN_ASCII "\\p{ASCII}*"
#define API_PATTERN_VISIBLE "[!-~]+"

/* Members that many requests have */
#define API_MAX_RESULTS                                                                  \
	{                                                                                    \
		.name = "maxResults", .kind = API_INTEGER, .max = 1000                           \
	}
#define API_NEXT_TOKEN(length)                                                           \
	{                                                                                    \
		.name = "nextToken", .kind = API_STRING, .min = 1, .max = (length)               \
	}
#define API_MACHINE_ARN                                                                  \
	{                                                                                    \
		.name = "stateMachineArn", .kind = API_ARN, .required = true, .max = 256,        \
		.arns = STORE_ARN_MACHINE                                                        \
	}
#define API_EXECUTION_ARN                                                                \
	{                                                                                    \
		.name = "executionArn", .kind = API_ARN, .required = true, .max = 256,           \
		.arns = STORE_ARN_EXECUTION                                                      \
	}
#define API_INCLUDED_DATA                                                                \
	{                                                                                    \
		.name = "includedData", .kind = API_STRING, .values = "ALL_DATA, METADATA_ONLY"  \
	}

/* ---- calls ---- */

typedef struct ApiCall
{
	const struct ApiAction *action;
	bool typed;    /* came through a typed function */
	Value request; /* an object */
	Oid user;      /* who asks */
	TimestampTz now;
	const StoreParent *parent; /* StartExecution: the task that asks, or NULL */
} ApiCall;

typedef Value (*ApiFunction)(ApiCall *call);

typedef struct ApiAction
{
	const char *name;     /* "StartExecution" */
	ApiFunction function; /* called in a session of the store; raises AWS's errors */
	const ApiMember *members;
	const char
		*result;      /* member that a typed function of a scalar type returns, or NULL */
	const char *rows; /* list whose items a typed function returns as rows, or NULL */
	bool typed_only;  /* ours: workflow.api() does not know it */
	/* runs user code, so not in a session of the store; it begins its own ones */
	bool outside;
} ApiAction;

/* aws.c: the table of actions; raises UnknownOperationException */
extern const ApiAction *api_find_action(const char *name);

/*
 * Check the request and run the action, in a session of the store that the
 * caller has begun; the response lives as long as that session.
 */
extern Value api_run(const ApiAction *action, Value request, bool typed, Oid user);

/* check.c: raises InvalidArn, then ValidationException with all that is wrong */
extern void api_check(ApiCall *call);

/* Raises ValidationException where a payload has more bytes, as JSON text, than it may */
extern void api_check_payload(const char *member, int64 bytes);
extern int64 api_max_payload(void);

/* Raises InvalidName where a name has characters that none may have */
extern void api_check_name(const char *name);

/* request.c: members of the request, NULL, VALUE_UNDEFINED or the default where absent */
extern Value api_get(const ApiCall *call, const char *name);
extern Value
api_member(Value object,
		   const char *name); /* of anything: undefined where it is no object */
extern const char *api_get_string(const ApiCall *call, const char *name);
extern int64 api_get_int(const ApiCall *call, const char *name, int64 if_absent);
extern bool api_get_bool(const ApiCall *call, const char *name, bool if_absent);
extern bool api_get_arn(const ApiCall *call, const char *name, StoreArn *arn);

/* The ARN as it is shown: as given, or made from a plain name */
extern const char *api_get_arn_text(const ApiCall *call, const char *name);

/* request.c: members of the response; nothing is added where there is nothing */
extern void api_put(ValueObject *response, const char *name, Value value);
extern void api_put_text(ValueObject *response, const char *name, const char *text);
extern void api_put_time(const ApiCall *call, ValueObject *response, const char *name,
						 TimestampTz at);
extern void api_put_json(const ApiCall *call, ValueObject *response, const char *name,
						 Value value);
extern Value api_empty(void); /* {} */

/* ---- pages: request.c ---- */

typedef struct ApiPage
{
	int64 limit;          /* entries of this page; 0: all of them */
	const char *position; /* behind which it begins, or NULL: at the beginning */
} ApiPage;

/* From maxResults and nextToken; scope holds what the other arguments were.  Raises InvalidToken. */
extern void api_get_page(const ApiCall *call, const char *scope, ApiPage *page);

/* How many entries to read: one more than the page has, to see whether it is the last */
extern int64 api_page_fetch(const ApiPage *page);

/* Entries of this page of the count that were read */
extern int api_page_count(const ApiPage *page, int count);
extern void api_put_next_token(const ApiCall *call, ValueObject *response,
							   const char *scope, const char *position);

/* ---- who may: access.c ---- */

/* Raises AccessDeniedException where the caller may do none of the privileges (NULL-terminated) */
extern void api_authorize(const ApiCall *call, int64 machine_id, const char *owner,
						  const char *const *privileges, const char *arn);
extern bool api_may(const ApiCall *call, int64 machine_id, const char *owner,
					const char *const *privileges);
pg_noreturn extern void api_access_denied(const ApiCall *call, const char *arn);

extern const char *const api_start[];  /* start */
extern const char *const api_stop[];   /* stop */
extern const char *const api_status[]; /* read or status */
extern const char *const api_read[];   /* read */
extern const char *const api_define[]; /* read or update: see the definition */
extern const char *const api_update[]; /* update */
extern const char *const api_any[];    /* whatever */

/* The role that a state machine is to have: its name, and roleArn as text */
extern void api_resolve_role(const ApiCall *call, char **role, char **role_arn);

/* Raises AccessDeniedException where the owner may not (any more) pass the role on, or it is gone */
extern void api_check_role(const char *owner, const char *role);

/* ---- machines: machine.c ---- */

/*
 * The machine that the member names; raises StateMachineDoesNotExist, and
 * ValidationException where it names a label.  With lock, nobody else changes it.
 */
extern void api_find_machine(const ApiCall *call, const char *member, bool lock,
							 StoreMachineRecord *machine);
pg_noreturn extern void api_no_machine(const char *arn);

/* The version that an ARN's qualifier names, or 0 where it is no number */
extern int api_version_number(const char *qualifier);

/* Definition.c's check, with what only a database knows; raises InvalidDefinition */
extern void api_check_definition(const ApiCall *call, const char *definition,
								 const char *type);

/* variableReferences of a definition, or VALUE_UNDEFINED */
extern Value api_variable_references(const StoreRevisionRecord *revision);

/* version.c: a version of the current revision: the one there is, or a new one */
extern void api_publish(const ApiCall *call, StoreMachineRecord *machine,
						const char *description, StoreVersionRecord *version);

/* ---- executions: execution.c ---- */

/* The execution that executionArn names; raises ExecutionDoesNotExist, AccessDeniedException */
extern void api_find_execution(const ApiCall *call, bool with_data,
							   const char *const *privileges,
							   StoreExecutionRecord *execution);

/* map_run.c: the Map Run that mapRunArn names; raises ResourceNotFound, AccessDeniedException */
extern void api_find_map_run(const ApiCall *call, const char *const *privileges,
							 StoreMapRunRecord *run);

/* start.c: the text as jsonb; raises InvalidExecutionInput with the texts of AWS's parser */
extern Jsonb *api_parse_input(const char *text);

/* start.c: raises ValidationException where a document is larger than an input may be */
extern void api_check_input(Jsonb *input);

/* nested.c: let tasks call actions; when the library is loaded */
extern void api_nested_init(void);

/* ---- what is started: target.c ---- */

/* An alias has one or two */
typedef struct ApiRoute
{
	int64 revision_id;
	const StoreRevision *revision;
	int version; /* 0: none */
	int weight;  /* percent */
} ApiRoute;

/* What a name or ARN stands for in this statement */
typedef struct ApiTarget
{
	int64 machine_id;
	const char *machine_name;
	bool express;
	const char *alias; /* or NULL */
	int nroutes;
	ApiRoute routes[2];
	bool warned; /* was said that nothing runs, if so */
} ApiTarget;

/*
 * What stateMachineArn stands for; raises where there is no such thing, or
 * where it cannot or may not be started.  Valid until the next call, and so not
 * while user code runs.
 */
extern ApiTarget *api_find_target(ApiCall *call);

/* Was that found for this very statement, so that api_find_target() needs no session? */
extern bool api_target_is_current(const char *text, Oid user);

/* By weight, at random */
extern const ApiRoute *api_choose_route(const ApiTarget *target);

/* A machine, or one of its versions, aliases or permissions, may be changed now */
extern void api_forget_target(void);

/* StateMachineTypeNotSupported */
pg_noreturn extern void api_wrong_type(void);

/* Why executions do not run here, with what to do about it; NULL: they do */
extern const char *api_why_nothing_runs(const char **hint);

/* typed.c: a row of the type the SQL function returns, from a response; in CurrentMemoryContext */
extern Datum api_row(FunctionCallInfo fcinfo, Value response);

/* typed.c: an interval in microseconds, a month of 30 days; as far as a bigint goes */
extern int64 api_interval(const Interval *interval);

/* Raises 22004 where an argument that has to be there is NULL */
extern void api_check_argument(FunctionCallInfo fcinfo, int number, const char *name);

/* ---- actions, by file ---- */
#define API_DECLARE(function, table)                                                     \
	extern Value function(ApiCall *call);                                                \
	extern const ApiMember table[]

API_DECLARE(api_create_state_machine, api_create_state_machine_members); /* machine.c */
API_DECLARE(api_update_state_machine, api_update_state_machine_members);
API_DECLARE(api_describe_state_machine,
			api_describe_state_machine_members); /* describe.c */
API_DECLARE(api_describe_state_machine_for_execution,
			api_describe_state_machine_for_execution_members);
API_DECLARE(api_delete_state_machine, api_delete_state_machine_members);
API_DECLARE(api_list_state_machines, api_list_state_machines_members);
API_DECLARE(api_validate_state_machine_definition,
			api_validate_state_machine_definition_members);
API_DECLARE(api_publish_state_machine_version,
			api_publish_state_machine_version_members); /* version.c */
API_DECLARE(api_list_state_machine_versions, api_list_state_machine_versions_members);
API_DECLARE(api_delete_state_machine_version, api_delete_state_machine_version_members);
API_DECLARE(api_create_state_machine_alias,
			api_create_state_machine_alias_members); /* alias.c */
API_DECLARE(api_update_state_machine_alias, api_update_state_machine_alias_members);
API_DECLARE(api_describe_state_machine_alias, api_describe_state_machine_alias_members);
API_DECLARE(api_delete_state_machine_alias, api_delete_state_machine_alias_members);
API_DECLARE(api_list_state_machine_aliases, api_list_state_machine_aliases_members);
API_DECLARE(api_start_execution, api_start_execution_members);           /* start.c */
API_DECLARE(api_start_sync_execution, api_start_sync_execution_members); /* sync.c */
API_DECLARE(api_describe_execution, api_describe_execution_members);     /* execution.c */
API_DECLARE(api_stop_execution, api_stop_execution_members);
API_DECLARE(api_list_executions, api_list_executions_members);
API_DECLARE(api_describe_map_run, api_describe_map_run_members); /* map_run.c */
API_DECLARE(api_list_map_runs, api_list_map_runs_members);
API_DECLARE(api_update_map_run, api_update_map_run_members);
API_DECLARE(api_get_execution_history, api_get_execution_history_members); /* history.c */
API_DECLARE(api_tag_resource, api_tag_resource_members);                   /* tag.c */
API_DECLARE(api_untag_resource, api_untag_resource_members);
API_DECLARE(api_list_tags_for_resource, api_list_tags_for_resource_members);
API_DECLARE(api_create_activity, api_create_activity_members); /* activity.c */
API_DECLARE(api_describe_activity, api_describe_activity_members);
API_DECLARE(api_delete_activity, api_delete_activity_members);
API_DECLARE(api_list_activities, api_list_activities_members);
API_DECLARE(api_get_activity_task, api_get_activity_task_members); /* poll.c */
API_DECLARE(api_get_activity_tasks, api_get_activity_tasks_members);
API_DECLARE(api_send_task_success, api_send_task_success_members); /* token.c */
API_DECLARE(api_send_task_failure, api_send_task_failure_members);
API_DECLARE(api_send_task_heartbeat, api_send_task_heartbeat_members);

/* tag.c: the table of a request's tags, and the tags as {key: value}, added to those there are */
extern const ApiMember api_tag_items[];
extern Value api_add_tags(const ApiCall *call, Value tags, const char *arn);

#endif /* WORKFLOW_API_API_H */
