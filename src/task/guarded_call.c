/*-------------------------------------------------------------------------
 *
 * guarded_call.c
 *	  User code and what stands around it.
 *
 * The session is connected as the role that the code runs as, so there is
 * nothing more to lose underneath.  What the code sets is undone, its deferred
 * triggers are fired before our own statements follow in the same transaction,
 * and what it leaves in the session is cleared before the next task.
 *
 * IDENTIFICATION
 *	  src/task/guarded_call.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/guc.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

#include "task/task.h"

/*
 * Call it: see task.h.
 */
Value
task_call(const TaskCall *call)
{
	int nestlevel = NewGUCNestLevel();
	Value result;

	if (call->kind->run != NULL)
		result = call->kind->run(call);
	else
		result = sql_function_call(call->function, call->payload);
	if (call->kind->wrap != NULL)
		result = call->kind->wrap(call, result);

	/* their errors are the task's; and they still run with its settings */
	AfterTriggerFireDeferred();
	AtEOXact_GUC(false, nestlevel);
	return result;
}

/*
 * What DISCARD ALL does, where there is something to discard.
 */
void
task_reset_session(void)
{
	Oid temp_namespace;
	Oid temp_toast_namespace;

	GetTempNamespaceState(&temp_namespace, &temp_toast_namespace);
	StartTransactionCommand();
	PortalHashTableDeleteAll();
	DropAllPreparedStatements();
	Async_UnlistenAll();
	LockReleaseAll(USER_LOCKMETHOD, true);
	ResetSequenceCaches();
	if (OidIsValid(temp_namespace))
		ResetTempTableNamespace();
	CommitTransactionCommand();
}
