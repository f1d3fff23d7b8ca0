/*-------------------------------------------------------------------------
 *
 * records.h
 *	  Rows of the tables that the API works with, and the statements on them.
 *
 * State machines with their revisions, versions, aliases and permissions;
 * executions; functions and activities; the instance.  Every function needs a
 * session (store_begin()); the texts and values that it gives live as long as
 * that session, unless it says otherwise.  Nothing here checks what the caller
 * may do: the API does, before.
 *
 * Knows rows; must not know requests, responses or AWS's errors.
 *
 * IDENTIFICATION
 *	  src/store/records.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_STORE_RECORDS_H
#define WORKFLOW_STORE_RECORDS_H

#include "utils/array.h"

#include "store/store.h"

/* ---- arn.c: names and ARNs ---- */

/* What an ARN names; bits, so that a set of them can be asked for */
typedef enum StoreArnKind
{
	STORE_ARN_MACHINE = 1,       /* stateMachine:NAME[/LABEL][:VERSION or ALIAS] */
	STORE_ARN_EXECUTION = 2,     /* execution:NAME[/LABEL]:EXECUTION */
	STORE_ARN_EXPRESS = 4,       /* express:NAME:EXECUTION:UUID */
	STORE_ARN_ACTIVITY = 8,      /* activity:NAME */
	STORE_ARN_MAP_RUN = 16,      /* mapRun:NAME/LABEL:UUID */
	STORE_ARN_ROLE = 32,         /* of IAM: role/[PATH/]NAME */
	STORE_ARN_EXPRESS_CHILD = 64 /* express:NAME/LABEL:EXECUTION:UUID */
} StoreArnKind;

typedef struct StoreArn
{
	StoreArnKind kind;
	const char *type;      /* as written: "stateMachine" */
	const char *name;      /* of the machine, activity or role */
	const char *label;     /* behind "/", or NULL */
	const char *qualifier; /* version, alias, execution or Map Run; or NULL */
} StoreArn;

/*
 * Take an ARN apart; the parts are palloc'd.  false where it is none of ours:
 * then arn->type is the unknown resource type, or NULL where it is no ARN at
 * all.  Partition, region and account are not looked at: the name decides.
 */
extern bool store_parse_arn(const char *text, StoreArn *arn);

/* ARNs; palloc'd, in workflow.region and workflow.account_id */
extern char *store_version_arn(const char *machine_name, int number);
extern char *store_alias_arn(const char *machine_name, const char *alias);
/* MACHINE/LABEL, as children of Map Runs have it; the machine's where label is NULL */
extern char *store_labeled_name(const char *machine_name, const char *label);
extern char *store_map_run_arn(const char *machine_name, const char *label,
							   const char *name);

/* Why its children have been stopped */
extern char *store_map_stop_cause(const char *map_run_arn);
extern char *store_activity_arn(const char *name);
extern char *store_role_arn(const char *role);

/* ---- machine.c ---- */

typedef struct StoreMachineRecord
{
	int64 id;
	char *name;
	char *type;   /* STANDARD, EXPRESS */
	char *status; /* ACTIVE, DELETING, DELETED */
	char *owner;
	int64 revision_id; /* the current one */
	int next_version;
	bool publish;
	char *version_description; /* or NULL */
	Value tags;                /* {key: value} */
	TimestampTz created_at;
} StoreMachineRecord;

typedef struct StoreRevisionRecord
{
	int64 id;
	int64 state_machine_id;
	char *uuid; /* revisionId; NULL: the first */
	char *definition;
	char *role;
	char *role_arn;
	Value logging;
	Value tracing;
	Value encryption; /* or VALUE_UNDEFINED */
	TimestampTz created_at;
} StoreRevisionRecord;

typedef struct StoreVersionRecord
{
	int number;
	int64 revision_id;
	char *description; /* or NULL */
	TimestampTz created_at;
} StoreVersionRecord;

typedef struct StoreAliasRecord
{
	char *name;
	char *description; /* or NULL */
	Value routing;     /* [{"version": n, "weight": percent}] */
	TimestampTz created_at;
	TimestampTz updated_at;
} StoreAliasRecord;

/* The machine of that name that is not deleted; lock: FOR UPDATE, waits for it */
extern bool store_find_machine(const char *name, bool lock, StoreMachineRecord *machine);
/*
 * Until the end of the transaction: who starts executions of a machine (shared, before
 * it is looked up) and who deletes it (exclusive) wait for each other.
 */
extern void store_lock_machine(const char *name, bool exclusive);

extern bool store_find_machine_by_id(int64 id, StoreMachineRecord *machine);

extern bool store_find_revision(int64 id, StoreRevisionRecord *revision);

/* Insert both; fills in their ids.  false where the name is taken. */
extern bool store_insert_machine(StoreMachineRecord *machine,
								 StoreRevisionRecord *revision);

/* A further revision, which becomes the current one; fills in its id and uuid */
extern void store_insert_revision(StoreMachineRecord *machine,
								  StoreRevisionRecord *revision);

extern void store_set_machine_status(int64 id, const char *status);
extern void store_set_machine_tags(int64 id, Value tags);

/* Its versions, aliases and permissions are deleted */
extern void store_strip_machine(int64 id);

/* Machines whose ids are in ids and above after, in the order of ids; at most limit (0: all) */
extern int store_list_machines(ArrayType *ids, int64 after, int64 limit,
							   StoreMachineRecord **machines);

/* ---- version.c ---- */

extern bool store_find_version(int64 machine_id, int number, StoreVersionRecord *version);
extern bool store_find_version_of_revision(int64 machine_id, int64 revision_id,
										   StoreVersionRecord *version);

/* Publish the machine's current revision under its next number; the caller has locked the machine */
extern void store_insert_version(StoreMachineRecord *machine,
								 StoreVersionRecord *version);
extern bool store_delete_version(int64 machine_id, int number);

/* Versions with numbers below before (0: all), newest first; at most limit (0: all) */
extern int store_list_versions(int64 machine_id, int before, int64 limit,
							   StoreVersionRecord **versions);
extern int64 store_count_versions(int64 machine_id);

extern bool store_find_alias(int64 machine_id, const char *name, StoreAliasRecord *alias);
extern bool
store_insert_alias(int64 machine_id,
				   const StoreAliasRecord *alias); /* false: the name is taken */
extern void store_update_alias(int64 machine_id, const StoreAliasRecord *alias);
extern bool store_delete_alias(int64 machine_id, const char *name);

/* Aliases, oldest first, that route to version (0: all), behind position (offset); at most limit (0: all) */
extern int store_list_aliases(int64 machine_id, int version, int64 offset, int64 limit,
							  StoreAliasRecord **aliases);

/* ---- execution.c ---- */

typedef struct StoreExecutionRecord
{
	int64 id;
	int64 state_machine_id;
	int64 revision_id;
	char *machine_name;
	char *machine_owner;
	char *name;
	char *status;
	TimestampTz started_at;
	TimestampTz stopped_at; /* ENGINE_NEVER while it is open */
	Value input;            /* VALUE_UNDEFINED where the data was not asked for */
	Value output;
	char *error;
	char *cause;
	int version;      /* 0: none */
	char *alias;      /* or NULL */
	int64 map_run_id; /* 0: none */
	char *trace_header;
	int redrive_count;
	TimestampTz redriven_at; /* ENGINE_NEVER: never */
	char *map_label;         /* of the Map Run that it is a child of, or NULL */
	char *map_run_name;
	bool map_express; /* it is an EXPRESS one, then */
	int item_count;   /* in its input, then */
	bool mine;        /* the row was written by this very transaction */
} StoreExecutionRecord;

/* The newest execution of that name of a machine (deleted ones too) of that name */
extern bool store_find_execution(const char *machine_name, const char *name,
								 bool with_data, StoreExecutionRecord *execution);
extern bool store_find_execution_by_id(int64 id, bool with_data,
									   StoreExecutionRecord *execution);

/* Children of a Map Run, as below */
extern int store_list_map_executions(int64 map_run_id, const char *status, int64 before,
									 int64 limit, StoreExecutionRecord **executions);

/* Of one machine, ids below before, newest first; filters NULL or 0: none; at most limit (0: all); without data */
extern int store_list_executions(int64 machine_id, const char *status, int version,
								 const char *alias, int64 before, int64 limit,
								 StoreExecutionRecord **executions);

extern int64 *store_open_executions(int64 machine_id, int *count);

/* What starting one needs */
typedef struct StoreStart
{
	int64 state_machine_id;
	int64 revision_id;
	int version;              /* 0: none */
	const char *alias;        /* or NULL */
	StoreParent parent;       /* its task, all 0: none */
	const char *trace_header; /* or NULL */
	TimestampTz started_at;
	int timeout_seconds; /* of the machine; 0: none */
	const char *role;
} StoreStart;

/*
 * Insert the execution and its agenda row, and ring for it at commit.  Gives
 * the id, or 0 where the machine has an execution of that name.
 */
extern int64 store_start_execution(const StoreStart *start, const char *name,
								   Jsonb *input);

/* The same for many, in one statement; names must be new.  inputs is a jsonb[] without NULLs. */
extern void store_start_executions(const StoreStart *start, char **names,
								   ArrayType *inputs);

/* ---- express.c: EXPRESS executions that nobody waits for, and their log ---- */

/* Queue one for each input, and tell runners at commit; runs: the UUIDs of their ARNs */
extern void store_queue_express(const StoreStart *start, char **names, char **runs,
								ArrayType *inputs);

/* Those of a machine end with it */
extern void store_delete_express(int64 machine_id);

/* Delete what was logged of those that ended before then; gives how many, at most max */
extern int64 store_purge_express_log(TimestampTz before, int64 max);

/* count random UUIDs as text, palloc'd: names for executions */
extern char **store_random_names(int count);

/* Delete closed executions that ended before then, with all that is theirs; gives how many, at most max */
extern int64 store_purge_executions(TimestampTz before, int64 max);

/* Segments of the history of an execution, in order of their ids, descending where reverse:
 * from the one that holds event from_id on, at most limit */
typedef struct StoreSegment
{
	int64 first_id;
	int event_count;
	TimestampTz at;
	Datum events; /* jsonb, perhaps toasted */
	Datum payloads;
	bool has_payloads;
} StoreSegment;

extern int store_read_history(int64 execution_id, int64 from_id, bool reverse, int limit,
							  StoreSegment **segments);

/* ---- map_run_record.c ---- */

typedef struct StoreMapRunRecord
{
	int64 id;
	int64 execution_id; /* that it belongs to, and where in it */
	int64 branch_id;
	int64 epoch;
	char *label;
	char *name;
	char *status; /* RUNNING, SUCCEEDED, FAILED, ABORTED */
	TimestampTz started_at;
	TimestampTz stopped_at; /* ENGINE_NEVER while it is open */
	int64 max_concurrency;  /* 0: none */
	int64 tolerated_count;
	double tolerated_percentage;
	EngineMapCounts items;
	EngineMapCounts executions;
	bool results_written; /* by a ResultWriter */
	int64 state_machine_id;
	char *machine_name;
	char *machine_owner;
	char *execution_name;
	char *execution_label; /* of the Map Run that the execution is a child of, or NULL */
} StoreMapRunRecord;

/* Label of a distributed Map state, or what stands for it where it has none */
extern const char *store_map_label(int64 revision_id, const AslState *state);

extern bool store_find_map_run(const char *name, StoreMapRunRecord *run);

/* Of one execution, ids below before, newest first; at most limit (0: all) */
extern int store_list_map_runs(int64 execution_id, int64 before, int64 limit,
							   StoreMapRunRecord **runs);

/* Other settings: an object of members of UpdateMapRun; its execution is rung at commit */
extern void store_update_map_run(const StoreMapRunRecord *run, Value settings);

/* Take in such an object; what it has not stays */
extern void store_read_map_settings(Value settings, int64 *max_concurrency,
									int64 *tolerated_count, double *tolerated_percentage);

/* ---- permission.c ---- */

/* May the role do one of the things in privileges (NULL-terminated)?  Owners may do everything. */
extern bool store_may(Oid role, int64 machine_id, const char *owner,
					  const char *const *privileges);

/* Has the role the rights of the role of that name?  false where there is none. */
extern bool store_has_role(Oid role, const char *name);

/* Ids of the machines of which store_may() is true, as a bigint[]; palloc'd */
extern ArrayType *store_machines_for(Oid role, const char *const *privileges);

extern void store_grant(int64 machine_id, const char *grantee, const char *privilege);
extern void store_revoke(int64 machine_id, const char *grantee, const char *privilege);

/* The role that owns the extension's tables */
extern Oid store_owner(void);

/* ---- function.c: registered functions, and activities ---- */

typedef struct StoreFunctionRecord
{
	const char *name;
	const char *function; /* or NULL */
	const char *activity; /* or NULL */
	bool chain;
	const char *isolation; /* or NULL */
	const char *owner;
	TimestampTz registered_at;
} StoreFunctionRecord;

extern bool store_find_function(const char *name, StoreFunctionRecord *function);
extern void
store_save_function(const StoreFunctionRecord *function); /* replaces one of that name */
extern bool store_delete_function(const char *name);

typedef struct StoreActivityRecord
{
	char *name;
	char *owner;
	Value tags; /* {key: value} */
	TimestampTz created_at;
} StoreActivityRecord;

extern bool store_find_activity(const char *name, StoreActivityRecord *activity);
extern bool
store_insert_activity(const StoreActivityRecord *activity); /* false: the name is taken */
extern void store_delete_activity(const char *name);
extern void store_set_activity_tags(const char *name, Value tags);

/* In the order of names, behind after (NULL: from the first); at most limit (0: all) */
extern int store_list_activities(const char *after, int64 limit,
								 StoreActivityRecord **activities);

/* ---- schedule.c ---- */

typedef struct StoreScheduleRecord
{
	const char *name;
	const char *cron;
	const char *state_machine; /* as given: ARN or name, perhaps with version or alias */
	Value input;
	const char *role; /* that scheduled it, and runs it */
	int64 job_id;     /* of pg_cron */
	TimestampTz created_at;
} StoreScheduleRecord;

extern bool store_find_schedule(const char *name, StoreScheduleRecord *schedule);
extern void store_save_schedule(const StoreScheduleRecord *schedule); /* replaces */
extern void store_delete_schedule(const char *name);

/* Is pg_cron in this database? */
extern bool store_cron_exists(void);

/* The database that pg_cron belongs into, or NULL: its library is not loaded */
extern const char *store_cron_database(void);

/* Its job in pg_cron, as its role; replaces one of that name.  Gives the id; raises what pg_cron does */
extern int64 store_cron_schedule(const StoreScheduleRecord *schedule);
extern void store_cron_unschedule(int64 job_id);

/* ---- instance.c ---- */

/* Are these the server and the database that the workflows last ran under?  If not, nothing may run. */
extern bool store_instance_matches(void);

/* Is it noted at all?  Not before there is a state machine. */
extern bool store_instance_is_noted(void);

/* From now on they are: where nothing is noted yet and this is the first machine; else false */
extern bool store_claim_new_instance(int64 machine_id, TimestampTz now);

/* From now on they are, whatever they were */
extern void store_claim_instance(TimestampTz now);

/* Forget which they were (another row is about to be restored) */
extern void store_forget_instance(void);

#endif /* WORKFLOW_STORE_RECORDS_H */
