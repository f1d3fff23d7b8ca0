/*-------------------------------------------------------------------------
 *
 * utility.c
 *	  Utility commands that concern our processes.
 *
 * A process that is connected to a database is in the way of DROP DATABASE and
 * its kin: the session that runs such a command asks ours to leave first and
 * lets them back afterwards.  So does one that drops or updates the extension.
 * CREATE and DROP EXTENSION and CREATE DATABASE ring the launcher at commit;
 * COMMIT and ROLLBACK PREPARED ring for their database, since what the prepared
 * transaction touched is not known any more.  Settings of a database or role
 * count from a session's start on: after ALTER DATABASE or ROLE ... SET our
 * sessions begin anew.
 *
 * IDENTIFICATION
 *	  src/worker/utility.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "worker/shmem.h"
#include "workflow.h"

/* How long our processes get to leave; PostgreSQL waits a few seconds itself */
#define LEAVE_MS 5000

static ProcessUtility_hook_type prev_process_utility = NULL;
static object_access_hook_type prev_object_access = NULL;

/* The database that this session keeps our processes out of */
static DatabaseSlot *quiesced = NULL;
static bool exit_registered = false;

static void process_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree,
							ProcessUtilityContext context, ParamListInfo params,
							QueryEnvironment *environment, DestReceiver *dest,
							QueryCompletion *completion);
static void object_access(ObjectAccessType access, Oid class_id, Oid object_id,
						  int sub_id, void *arg);
static Oid database_to_leave(Node *statement);
static bool owns_extension(void);
static bool may_empty(Node *statement, Oid database);
static const char *template_of(CreatedbStmt *statement);
static void quiesce(Oid database);
static bool somebody_is_there(Oid database);
static void readmit_at_exit(int code, Datum arg);
static void ring_all(void);

void
worker_utility_init(void)
{
	prev_process_utility = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
	prev_object_access = object_access_hook;
	object_access_hook = object_access;
}

static void
process_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree,
				ProcessUtilityContext context, ParamListInfo params,
				QueryEnvironment *environment, DestReceiver *dest,
				QueryCompletion *completion)
{
	Node *statement = pstmt->utilityStmt;
	ProcessUtility_hook_type next =
		prev_process_utility != NULL ? prev_process_utility : standard_ProcessUtility;
	bool ring = IsA(statement, CreatedbStmt) || IsA(statement, RenameStmt) ||
				IsA(statement, AlterDatabaseStmt);
	Oid database = worker_shared == NULL ? InvalidOid : database_to_leave(statement);

	/* a command that is going to be refused is no reason to stop what runs there */
	if (OidIsValid(database) && !may_empty(statement, database))
		database = InvalidOid;

	if (IsA(statement, TransactionStmt) &&
		(((TransactionStmt *) statement)->kind == TRANS_STMT_COMMIT_PREPARED ||
		 ((TransactionStmt *) statement)->kind == TRANS_STMT_ROLLBACK_PREPARED))
	{
		next(pstmt,
			 query,
			 read_only_tree,
			 context,
			 params,
			 environment,
			 dest,
			 completion);
		if (worker_shared != NULL)
			ring_all();
		return;
	}
	if (!OidIsValid(database))
	{
		if (ring)
			worker_ring_launcher();
		if (IsA(statement, AlterDatabaseSetStmt) || IsA(statement, AlterRoleSetStmt))
			wake_settings_changed();
		next(pstmt,
			 query,
			 read_only_tree,
			 context,
			 params,
			 environment,
			 dest,
			 completion);
		return;
	}

	/* until the transaction ends: the command counts only then */
	worker_ring_launcher();
	quiesce(database);
	next(pstmt, query, read_only_tree, context, params, environment, dest, completion);
}

/*
 * The extension is about to be dropped: the processes find out at the commit.
 */
static void
object_access(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id, void *arg)
{
	if (prev_object_access)
		prev_object_access(access, class_id, object_id, sub_id, arg);
	if (access == OAT_DROP && class_id == ExtensionRelationId && IsTransactionState())
	{
		char *name = get_extension_name(object_id);

		if (name != NULL && strcmp(name, WORKFLOW_EXTENSION) == 0)
			worker_ring_launcher();
	}
}

/*
 * The database that our processes have to leave, or InvalidOid: one that must
 * have no sessions; this one, where our tables are locked one after another in
 * an order that is not ours.  Who may not do such a thing is refused later, and
 * moves nobody before.
 */
static Oid
database_to_leave(Node *statement)
{
	const char *name = NULL;
	Oid database;
	ListCell *cell;

	switch (nodeTag(statement))
	{
		case T_DropdbStmt:
			name = ((DropdbStmt *) statement)->dbname;
			break;
		case T_RenameStmt:
			if (((RenameStmt *) statement)->renameType == OBJECT_DATABASE)
				name = ((RenameStmt *) statement)->subname;
			break;
		case T_AlterDatabaseStmt:
			foreach (cell, ((AlterDatabaseStmt *) statement)->options)
				if (strcmp(((DefElem *) lfirst(cell))->defname, "tablespace") == 0)
					name = ((AlterDatabaseStmt *) statement)->dbname;
			break;
		case T_CreatedbStmt:
			name = template_of((CreatedbStmt *) statement);
			break;
		case T_AlterExtensionStmt:
			if (strcmp(((AlterExtensionStmt *) statement)->extname, WORKFLOW_EXTENSION) ==
				0)
				return owns_extension() ? MyDatabaseId : InvalidOid;
			break;
		case T_DropStmt:
			if (((DropStmt *) statement)->removeType == OBJECT_EXTENSION)
				foreach (cell, ((DropStmt *) statement)->objects)
					if (strcmp(strVal(lfirst(cell)), WORKFLOW_EXTENSION) == 0)
						return owns_extension() ? MyDatabaseId : InvalidOid;
			break;
		default:
			break;
	}
	database = name == NULL ? InvalidOid : get_database_oid(name, true);
	return OidIsValid(database) && compat_database_ownercheck(database, GetUserId())
			   ? database
			   : InvalidOid;
}

static bool
owns_extension(void)
{
	Oid extension = get_extension_oid(WORKFLOW_EXTENSION, true);

	return OidIsValid(extension) && compat_extension_ownercheck(extension, GetUserId());
}

/*
 * Has the user the rights that the command asks for?  What else it asks for, it
 * finds out itself.
 */
static bool
may_empty(Node *statement, Oid database)
{
	HeapTuple tuple;
	bool may = false;

	if (IsA(statement, AlterExtensionStmt) || IsA(statement, DropStmt))
	{
		Oid extension = get_extension_oid(WORKFLOW_EXTENSION, true);

		return OidIsValid(extension) &&
			   compat_extension_ownercheck(extension, GetUserId());
	}
	if (!IsA(statement, CreatedbStmt) || superuser())
		return compat_database_ownercheck(database, GetUserId());

	/* CREATE DATABASE, and what it is to be a copy of */
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	if (HeapTupleIsValid(tuple))
	{
		may = ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb;
		ReleaseSysCache(tuple);
	}
	if (!may || compat_database_ownercheck(database, GetUserId()))
		return may;
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (!HeapTupleIsValid(tuple))
		return false;
	may = ((Form_pg_database) GETSTRUCT(tuple))->datistemplate;
	ReleaseSysCache(tuple);
	return may;
}

static const char *
template_of(CreatedbStmt *statement)
{
	ListCell *cell;

	foreach (cell, statement->options)
	{
		DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			return defGetString(option);
	}
	return NULL;
}

/*
 * Ask our processes to leave a database, and wait until they have, or for a
 * while: a runner in the middle of a task is a session like any other.
 */
static void
quiesce(Oid database)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LEAVE_MS);
	DatabaseSlot *slot;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	slot = shmem_find_database(database);
	if (slot != NULL)
		slot->quiesce++;
	shmem_wake_runners(database);
	LWLockRelease(worker_shared->lock);
	if (slot == NULL)
		return;
	utility_readmit();
	quiesced = slot;
	if (!exit_registered)
		before_shmem_exit(readmit_at_exit, (Datum) 0);
	exit_registered = true;
	shmem_wake_schedulers(slot, false, false);

	while (somebody_is_there(database) && GetCurrentTimestamp() < give_up)
	{
		CHECK_FOR_INTERRUPTS();
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 5L,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

static bool
somebody_is_there(Oid database)
{
	DatabaseSlot *slot = quiesced;
	bool found = false;

	LWLockAcquire(worker_shared->lock, LW_SHARED);
	for (int i = 0; i < MAX_SCHEDULERS; i++)
		found |= slot->schedulers[i].state != WORKER_NONE;
	for (int i = 0; i < worker_shared->nrunners; i++)
		found |= worker_shared->runners[i].state != WORKER_NONE &&
				 worker_shared->runners[i].database == database;
	LWLockRelease(worker_shared->lock);
	return found;
}

/*
 * Let them back; the launcher sees to it.  Called at the end of every
 * transaction.
 */
void
utility_readmit(void)
{
	if (quiesced == NULL)
		return;
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	quiesced->quiesce--;
	LWLockRelease(worker_shared->lock);
	quiesced = NULL;
	shmem_ring_launcher();
}

static void
readmit_at_exit(int code, Datum arg)
{
	LWLockReleaseAll();
	utility_readmit();
}

/* Somebody's prepared transaction has ended: look at everything */
static void
ring_all(void)
{
	DatabaseSlot *slot = shmem_find_database(MyDatabaseId);

	if (slot != NULL)
	{
		pg_atomic_fetch_add_u32(&slot->checks, 1);
		shmem_wake_schedulers(slot, true, true);
	}
	shmem_ring_launcher();
	wake_all_waiters();
	poller_wake_all();
}
