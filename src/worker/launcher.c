/*-------------------------------------------------------------------------
 *
 * launcher.c
 *	  The launcher: finds the databases that have the extension, and keeps
 *	  schedulers running there.
 *
 * It is connected to no database; pg_database it can read.  To find out whether
 * a database has the extension it starts the database's first scheduler, which
 * looks and says so; one database after another, so that a server with many
 * does not need many processes at once.  It is rung after CREATE and DROP
 * EXTENSION, CREATE DATABASE, a reload, and by ends of its schedulers; between
 * rings it sleeps.
 *
 * Must not read our tables.
 *
 * IDENTIFICATION
 *	  src/worker/launcher.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "compat.h"
#include "engine/engine.h"
#include "guc.h"
#include "worker/shmem.h"
#include "workflow.h"

/* How long a probe may take before the next database is looked at all the same */
#define PROBE_MS 10000

typedef struct FoundDatabase
{
	Oid oid;
	char *name;
} FoundDatabase;

static void detach_launcher(int code, Datum arg);
static List *list_databases(void);
static bool is_wanted(const char *name);
static void look_at_databases(void);
static DatabaseSlot *claim_slot(Oid database);
static bool is_empty(const DatabaseSlot *slot);
static void probe(DatabaseSlot *slot);
static void forget_missing(List *databases);
static TimestampTz keep_schedulers(void);
static bool start_scheduler(DatabaseSlot *slot, int number);
static BackgroundWorkerHandle **handle_of(const DatabaseSlot *slot, int number);
static bool never_started(DatabaseSlot *slot, int number);
static void sleep_until(TimestampTz until);

/*
 * Register the launcher with the postmaster; called from _PG_init() while
 * preloading.
 */
void
worker_register(void)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = 1,
	};

	strlcpy(worker.bgw_name, "workflow launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "workflow launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "workflow", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "wf_launcher_main", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/*
 * Main function of the launcher.
 */
void
wf_launcher_main(Datum arg)
{
	MemoryContext turn_context;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	pqsignal(SIGINT, SIG_IGN);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	pgstat_report_appname("workflow launcher");

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	worker_shared->launcher = MyLatch;
	worker_shared->launcher_pid = MyProcPid;
	LWLockRelease(worker_shared->lock);
	before_shmem_exit(detach_launcher, (Datum) 0);
	pg_atomic_write_u32(&worker_shared->launcher_request, 1);

	turn_context =
		AllocSetContextCreate(TopMemoryContext, "workflow turn", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		TimestampTz until;

		MemoryContextSwitchTo(turn_context);
		MemoryContextReset(turn_context);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			pg_atomic_write_u32(&worker_shared->launcher_request, 1);
		}
		if (pg_atomic_exchange_u32(&worker_shared->launcher_request, 0) != 0)
			look_at_databases();
		until = keep_schedulers();
		if (pg_atomic_read_u32(&worker_shared->launcher_request) == 0)
			sleep_until(until);
	}
}

static void
detach_launcher(int code, Datum arg)
{
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	worker_shared->launcher = NULL;
	worker_shared->launcher_pid = 0;
	LWLockRelease(worker_shared->lock);
}

/*
 * The databases one can connect to and workflow.databases wants.
 */
static List *
list_databases(void)
{
	MemoryContext context = CurrentMemoryContext;
	List *databases = NIL;
	Relation relation;
	TableScanDesc scan;
	HeapTuple tuple;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection)))
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);

		if (form->datallowconn && !form->datistemplate &&
			is_wanted(NameStr(form->datname)))
		{
			MemoryContext old_context = MemoryContextSwitchTo(context);
			FoundDatabase *found = palloc(sizeof(FoundDatabase));

			found->oid = form->oid;
			found->name = pstrdup(NameStr(form->datname));
			databases = lappend(databases, found);
			MemoryContextSwitchTo(old_context);
		}
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return databases;
}

static bool
is_wanted(const char *name)
{
	List *names;
	ListCell *cell;

	if (wf_guc_databases == NULL || wf_guc_databases[0] == '\0')
		return true;
	if (!SplitIdentifierString(pstrdup(wf_guc_databases), ',', &names))
		return true; /* its check hook complains */
	foreach (cell, names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

/*
 * Probe each database that has no schedulers yet.
 */
static void
look_at_databases(void)
{
	List *databases = list_databases();
	ListCell *cell;

	forget_missing(databases);
	foreach (cell, databases)
	{
		FoundDatabase *found = lfirst(cell);
		DatabaseSlot *slot = claim_slot(found->oid);

		if (slot == NULL)
			ereport(
				WARNING,
				errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				errmsg("workflows do not run in database \"%s\": all %d slots are taken",
					   found->name,
					   worker_shared->ndatabases),
				errhint(
					"Raise workflow.max_databases, or name the databases in workflow.databases."));
		else if (slot->state == DATABASE_PROBED)
			probe(slot);
	}
}

/*
 * The database's slot; a free one is claimed for it.
 */
static DatabaseSlot *
claim_slot(Oid database)
{
	DatabaseSlot *slot;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	slot = shmem_find_database(database);
	for (int i = 0; slot == NULL && i < worker_shared->ndatabases; i++)
	{
		DatabaseSlot *candidate = &worker_shared->databases[i];

		if (candidate->state != DATABASE_FREE && candidate->state != DATABASE_WITHOUT)
			continue;
		if (candidate->state == DATABASE_WITHOUT && !is_empty(candidate))
			continue;
		slot = candidate;
		slot->database = database;
		slot->nschedulers = 1;
		slot->look_again = false;
		slot->state = DATABASE_PROBED;
		for (int j = 0; j < MAX_SCHEDULERS; j++)
		{
			slot->schedulers[j].head = 0;
			slot->schedulers[j].count = 0;
			slot->schedulers[j].scan = true;
			slot->schedulers[j].scan_tasks = true;
			slot->schedulers[j].next_wake = ENGINE_NEVER;
			slot->schedulers[j].failures = 0;
			slot->schedulers[j].retry_at = 0;
		}
	}
	if (slot != NULL && slot->state == DATABASE_WITHOUT)
	{
		/* a slot takes no new process before the last one has left it */
		if (is_empty(slot))
			slot->state = DATABASE_PROBED;
		else
			slot->look_again = true;
	}
	LWLockRelease(worker_shared->lock);
	return slot;
}

static bool
is_empty(const DatabaseSlot *slot)
{
	for (int i = 0; i < MAX_SCHEDULERS; i++)
		if (slot->schedulers[i].state != WORKER_NONE)
			return false;
	return true;
}

/*
 * Start the first scheduler and wait until it has said what it found.
 */
static void
probe(DatabaseSlot *slot)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PROBE_MS);

	if (slot->quiesce > 0 || slot->schedulers[0].state != WORKER_NONE ||
		!start_scheduler(slot, 0))
		return;
	for (;;)
	{
		bool known;

		LWLockAcquire(worker_shared->lock, LW_SHARED);
		known =
			slot->state != DATABASE_PROBED || slot->schedulers[0].state == WORKER_NONE;
		LWLockRelease(worker_shared->lock);
		if (known || GetCurrentTimestamp() >= give_up)
			break;
		sleep_until(give_up);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Free the slots of databases that are gone or no longer wanted; their
 * schedulers are asked to leave.
 */
static void
forget_missing(List *databases)
{
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < worker_shared->ndatabases; i++)
	{
		DatabaseSlot *slot = &worker_shared->databases[i];
		bool found = false;
		ListCell *cell;

		if (slot->state == DATABASE_FREE)
			continue;
		foreach (cell, databases)
			found |= ((FoundDatabase *) lfirst(cell))->oid == slot->database;
		if (found)
			continue;
		slot->state = DATABASE_WITHOUT;
		shmem_wake_schedulers(slot, false, false);
		shmem_wake_runners(slot->database);
	}
	LWLockRelease(worker_shared->lock);
}

/*
 * Start schedulers that are missing; tells when to look again.
 */
static TimestampTz
keep_schedulers(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz until = ENGINE_NEVER;

	for (int i = 0; i < worker_shared->ndatabases; i++)
	{
		DatabaseSlot *slot = &worker_shared->databases[i];
		int wanted = Min(wf_guc_schedulers, MAX_SCHEDULERS);

		if (slot->state == DATABASE_WITHOUT && is_empty(slot))
		{
			LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
			slot->state = DATABASE_FREE;
			slot->database = InvalidOid;
			if (slot->look_again)
				pg_atomic_write_u32(&worker_shared->launcher_request, 1);
			LWLockRelease(worker_shared->lock);
			continue;
		}
		if ((slot->state != DATABASE_ACTIVE && slot->state != DATABASE_PROBED) ||
			slot->quiesce > 0)
			continue;
		if (slot->state == DATABASE_PROBED)
			wanted = 1;
		else if (slot->nschedulers != wanted)
		{
			/* who does what changes: all look at the table once */
			slot->nschedulers = wanted;
			shmem_wake_schedulers(slot, true, true);
		}
		for (int j = 0; j < wanted; j++)
		{
			SchedulerSlot *scheduler = &slot->schedulers[j];

			if (scheduler->state != WORKER_NONE && !never_started(slot, j))
				continue;
			if (scheduler->retry_at > now || !start_scheduler(slot, j))
			{
				if (scheduler->retry_at <= now)
					shmem_note_failure(scheduler);
				until = Min(until, scheduler->retry_at);
			}
		}
	}
	return until;
}

/*
 * Register a scheduler: argument is the number of the database slot and its
 * own.  false where the server has no room for it.
 */
static bool
start_scheduler(DatabaseSlot *slot, int number)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_notify_pid = MyProcPid,
		.bgw_main_arg = Int32GetDatum(
			(int) (slot - worker_shared->databases) * MAX_SCHEDULERS + number),
	};
	SchedulerSlot *scheduler = &slot->schedulers[number];
	BackgroundWorkerHandle **handle = handle_of(slot, number);
	MemoryContext old_context;
	bool registered;
	static bool complained = false;

	snprintf(worker.bgw_name,
			 BGW_MAXLEN,
			 "workflow scheduler %d for database %u",
			 number + 1,
			 slot->database);
	strlcpy(worker.bgw_type, "workflow scheduler", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "workflow", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "wf_scheduler_main", BGW_MAXLEN);

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	scheduler->state = WORKER_STARTING;
	scheduler->since = GetCurrentTimestamp();
	scheduler->generation++;
	LWLockRelease(worker_shared->lock);
	if (*handle != NULL)
		pfree(*handle);
	*handle = NULL;
	old_context = MemoryContextSwitchTo(TopMemoryContext);
	registered = RegisterDynamicBackgroundWorker(&worker, handle);
	MemoryContextSwitchTo(old_context);
	if (registered)
	{
		complained = false;
		return true;
	}
	scheduler->state = WORKER_NONE;
	if (!complained)
		ereport(
			LOG,
			errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			errmsg(
				"workflow could not start a scheduler: no background worker slot is free"),
			errhint("Raise max_worker_processes."));
	complained = true;
	return false;
}

/* What the postmaster gave for the process that this launcher has started there last */
static BackgroundWorkerHandle **
handle_of(const DatabaseSlot *slot, int number)
{
	static BackgroundWorkerHandle **handles = NULL;

	if (handles == NULL)
		handles = MemoryContextAllocZero(TopMemoryContext,
										 worker_shared->ndatabases * MAX_SCHEDULERS *
											 sizeof(BackgroundWorkerHandle *));
	return &handles[(slot - worker_shared->databases) * MAX_SCHEDULERS + number];
}

/*
 * Has the postmaster given up a scheduler before it could take its slot?  It
 * does, and tells us, where it cannot fork.  The slot is free again then, in a
 * moment.
 */
static bool
never_started(DatabaseSlot *slot, int number)
{
	SchedulerSlot *scheduler = &slot->schedulers[number];
	BackgroundWorkerHandle *handle = *handle_of(slot, number);
	bool never = false;
	pid_t pid;

	if (scheduler->state != WORKER_STARTING || handle == NULL ||
		GetBackgroundWorkerPid(handle, &pid) != BGWH_STOPPED)
		return false;
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	if (scheduler->state == WORKER_STARTING && scheduler->pid == 0)
	{
		scheduler->state = WORKER_NONE;
		shmem_note_failure(scheduler);
		never = true;
	}
	LWLockRelease(worker_shared->lock);
	return never;
}

static void
sleep_until(TimestampTz until)
{
	int events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH;
	long timeout = -1;

	if (until != ENGINE_NEVER)
	{
		events |= WL_TIMEOUT;
		timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
	}
	(void) WaitLatch(MyLatch, events, timeout, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
}
