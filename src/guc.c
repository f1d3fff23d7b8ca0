/*-------------------------------------------------------------------------
 *
 * guc.c
 *	  The settings of the extension: one table a type, in alphabetical order.
 *
 * Who may change one follows from whom it touches.  What the processes read is
 * the server's (SIGHUP), and fixed at its start where shared memory is sized by
 * it.  Limits that protect the tables are the superuser's, and may differ by
 * database; what only touches the session that sets it is anybody's.
 *
 * Those fixed at server start are only defined while preloading.
 *
 * IDENTIFICATION
 *	  src/guc.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/guc.h"
#include "utils/varlena.h"

#include "guc.h"

typedef struct BoolSetting
{
	const char *name;
	const char *description;
	bool *variable;
	bool boot_value;
	GucContext context;
} BoolSetting;

typedef struct IntSetting
{
	const char *name;
	const char *description;
	int *variable;
	int boot_value;
	int min_value;
	int max_value;
	GucContext context;
	int flags; /* GUC_UNIT_ */
} IntSetting;

typedef struct StringSetting
{
	const char *name;
	const char *description;
	char **variable;
	const char *boot_value;
	GucContext context;
	int flags;
	GucStringCheckHook check;
} StringSetting;

char *wf_guc_account_id;
bool wf_guc_aws_limits;
int wf_guc_batch_size;
int wf_guc_batch_time;
char *wf_guc_databases;
bool wf_guc_enabled;
int wf_guc_jsonata_max_depth;
int wf_guc_jsonata_max_memory;
int wf_guc_jsonata_timeout;
int wf_guc_machine_cache_size;
int wf_guc_max_databases;
int wf_guc_max_history_events;
int wf_guc_max_map_concurrency;
int wf_guc_max_nesting_depth;
int wf_guc_max_payload_size;
int wf_guc_max_runners;
int wf_guc_max_runners_per_role;
int wf_guc_max_steps_per_turn;
int wf_guc_recheck_interval;
char *wf_guc_region;
int wf_guc_runner_idle_timeout;
int wf_guc_runner_max_age;
int wf_guc_runner_max_tasks;
int wf_guc_runner_slots;
int wf_guc_schedulers;

static void define_bool(const BoolSetting *setting);
static void define_int(const IntSetting *setting);
static void define_string(const StringSetting *setting);
static bool check_account_id(char **newval, void **extra, GucSource source);
static bool check_databases(char **newval, void **extra, GucSource source);
static bool check_region(char **newval, void **extra, GucSource source);

static const BoolSetting bool_settings[] = {
	{"workflow.aws_limits",
	 "Enforces the quotas of AWS Step Functions, to test that a workflow runs there.",
	 &wf_guc_aws_limits,
	 false,
	 PGC_USERSET},
	{"workflow.enabled",
	 "Lets executions advance; off, they are kept and wait.",
	 &wf_guc_enabled,
	 true,
	 PGC_SIGHUP},
};

static const IntSetting int_settings[] = {
	{"workflow.batch_size",
	 "Most executions that a scheduler advances in one transaction.",
	 &wf_guc_batch_size,
	 100,
	 1,
	 10000,
	 PGC_SIGHUP,
	 0},
	{"workflow.batch_time",
	 "Time after which a scheduler commits a batch that is not full.",
	 &wf_guc_batch_time,
	 10,
	 0,
	 60 * 1000,
	 PGC_SIGHUP,
	 GUC_UNIT_MS},
	{"workflow.jsonata_max_depth",
	 "Deepest nesting of calls in a JSONata expression.",
	 &wf_guc_jsonata_max_depth,
	 500,
	 1,
	 1000000,
	 PGC_USERSET,
	 0},
	{"workflow.jsonata_max_memory",
	 "Most memory that the evaluation of a JSONata expression may use.",
	 &wf_guc_jsonata_max_memory,
	 64 * 1024,
	 1024,
	 MAX_KILOBYTES,
	 PGC_USERSET,
	 GUC_UNIT_KB},
	{"workflow.jsonata_timeout",
	 "Longest time that the evaluation of a JSONata expression may take.",
	 &wf_guc_jsonata_timeout,
	 1000,
	 1,
	 INT_MAX,
	 PGC_USERSET,
	 GUC_UNIT_MS},
	{"workflow.machine_cache_size",
	 "Compiled state machines that a process keeps.",
	 &wf_guc_machine_cache_size,
	 200,
	 1,
	 100000,
	 PGC_SUSET,
	 0},
	{"workflow.max_databases",
	 "Most databases of the server in which workflows run.",
	 &wf_guc_max_databases,
	 32,
	 1,
	 1024,
	 PGC_POSTMASTER,
	 0},
	{"workflow.max_history_events",
	 "Most history events of an execution; 0 means no limit.",
	 &wf_guc_max_history_events,
	 1000000,
	 0,
	 INT_MAX,
	 PGC_SUSET,
	 0},
	{"workflow.max_map_concurrency",
	 "Most iterations of an inline Map state at a time; 0 means no limit.",
	 &wf_guc_max_map_concurrency,
	 10000,
	 0,
	 INT_MAX,
	 PGC_SUSET,
	 0},
	{"workflow.max_nesting_depth",
	 "Deepest nesting of values and of the states of a state machine.",
	 &wf_guc_max_nesting_depth,
	 500,
	 10,
	 10000,
	 PGC_SUSET,
	 0},
	{"workflow.max_payload_size",
	 "Largest input, output or result, as JSON text.",
	 &wf_guc_max_payload_size,
	 16 * 1024 * 1024,
	 1024,
	 256 * 1024 * 1024,
	 PGC_SUSET,
	 GUC_UNIT_BYTE},
	{"workflow.max_runners",
	 "Most processes that run SQL tasks, at most workflow.runner_slots.",
	 &wf_guc_max_runners,
	 4,
	 0,
	 256,
	 PGC_SIGHUP,
	 0},
	{"workflow.max_runners_per_role",
	 "Most processes that run SQL tasks of one role; 0 means no limit.",
	 &wf_guc_max_runners_per_role,
	 0,
	 0,
	 256,
	 PGC_SIGHUP,
	 0},
	{"workflow.max_steps_per_turn",
	 "States that an execution may pass before others get their turn.",
	 &wf_guc_max_steps_per_turn,
	 1000,
	 1,
	 1000000,
	 PGC_SUSET,
	 0},
	{"workflow.recheck_interval",
	 "Longest time that a scheduler sleeps between two looks at the agenda.",
	 &wf_guc_recheck_interval,
	 60 * 1000,
	 100,
	 INT_MAX,
	 PGC_SIGHUP,
	 GUC_UNIT_MS},
	{"workflow.runner_idle_timeout",
	 "Time without a task after which a runner ends.",
	 &wf_guc_runner_idle_timeout,
	 60 * 1000,
	 0,
	 INT_MAX,
	 PGC_SIGHUP,
	 GUC_UNIT_MS},
	{"workflow.runner_max_age",
	 "Age at which a runner ends after its task, to start afresh.",
	 &wf_guc_runner_max_age,
	 60 * 60,
	 1,
	 INT_MAX,
	 PGC_SIGHUP,
	 GUC_UNIT_S},
	{"workflow.runner_max_tasks",
	 "Tasks after which a runner ends, to start afresh.",
	 &wf_guc_runner_max_tasks,
	 100000,
	 1,
	 INT_MAX,
	 PGC_SIGHUP,
	 0},
	{"workflow.runner_slots",
	 "Places for runners in shared memory, the ceiling of workflow.max_runners.",
	 &wf_guc_runner_slots,
	 32,
	 1,
	 256,
	 PGC_POSTMASTER,
	 0},
	{"workflow.schedulers",
	 "Scheduler processes in each database.",
	 &wf_guc_schedulers,
	 1,
	 1,
	 16,
	 PGC_SIGHUP,
	 0},
};

static const StringSetting string_settings[] = {
	{"workflow.account_id",
	 "Account in the ARNs that are given out: twelve digits.",
	 &wf_guc_account_id,
	 "000000000000",
	 PGC_USERSET,
	 0,
	 check_account_id},
	{"workflow.databases",
	 "Names of the databases in which workflows run; empty means all that have the "
	 "extension.",
	 &wf_guc_databases,
	 "",
	 PGC_SIGHUP,
	 GUC_LIST_INPUT,
	 check_databases},
	{"workflow.region",
	 "Region in the ARNs that are given out.",
	 &wf_guc_region,
	 "us-east-1",
	 PGC_USERSET,
	 0,
	 check_region},
};

/*
 * Define every setting.  Called once, when the library loads.
 */
void
guc_init(void)
{
	for (int i = 0; i < lengthof(bool_settings); i++)
		define_bool(&bool_settings[i]);
	for (int i = 0; i < lengthof(int_settings); i++)
		define_int(&int_settings[i]);
	for (int i = 0; i < lengthof(string_settings); i++)
		define_string(&string_settings[i]);

	MarkGUCPrefixReserved("workflow");
}

static void
define_bool(const BoolSetting *setting)
{
	DefineCustomBoolVariable(setting->name,
							 setting->description,
							 NULL,
							 setting->variable,
							 setting->boot_value,
							 setting->context,
							 0,
							 NULL,
							 NULL,
							 NULL);
}

/*
 * The server refuses to define a setting fixed at its start any later; the
 * variable gets its default all the same.
 */
static void
define_int(const IntSetting *setting)
{
	if (setting->context == PGC_POSTMASTER &&
		!process_shared_preload_libraries_in_progress)
	{
		*setting->variable = setting->boot_value;
		return;
	}

	DefineCustomIntVariable(setting->name,
							setting->description,
							NULL,
							setting->variable,
							setting->boot_value,
							setting->min_value,
							setting->max_value,
							setting->context,
							setting->flags,
							NULL,
							NULL,
							NULL);
}

static void
define_string(const StringSetting *setting)
{
	DefineCustomStringVariable(setting->name,
							   setting->description,
							   NULL,
							   setting->variable,
							   setting->boot_value,
							   setting->context,
							   setting->flags,
							   setting->check,
							   NULL,
							   NULL);
}

static bool
check_account_id(char **newval, void **extra, GucSource source)
{
	if (strlen(*newval) == 12 && strspn(*newval, "0123456789") == 12)
		return true;

	GUC_check_errdetail("An account has twelve digits.");
	return false;
}

static bool
check_databases(char **newval, void **extra, GucSource source)
{
	char *names = pstrdup(*newval);
	List *list;
	bool valid = SplitIdentifierString(names, ',', &list);

	if (!valid)
		GUC_check_errdetail("List syntax is invalid.");
	list_free(list);
	pfree(names);
	return valid;
}

/*
 * A region must not contain what separates the parts of an ARN.
 */
static bool
check_region(char **newval, void **extra, GucSource source)
{
	size_t length = strlen(*newval);

	if (length > 0 && length <= 64 &&
		strspn(*newval, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
		return true;

	GUC_check_errdetail("A region consists of lower-case letters, digits and dashes.");
	return false;
}
