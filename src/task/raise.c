/*-------------------------------------------------------------------------
 *
 * raise.c
 *	  Errors of a task that have a name of their own in the language.
 *
 * They are raised as workflow.raise_error() does it; task_error() tells them so.
 *
 * IDENTIFICATION
 *	  src/task/raise.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "utils/guc.h"

#include "task/task.h"
#include "util/errcodes.h"

void
task_raise(const char *name, const char *cause)
{
	ereport(ERROR,
			errcode(ERRCODE_WF_RAISED),
			errmsg_internal("%s", name),
			errdetail_internal("%s", cause));
}

void
task_rethrow(const char *name, MemoryContext context, const char *fmt, ...)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	ErrorData *error = CopyErrorData();
	StringInfoData cause;
	va_list args;
	int needed;

	if (error->sqlerrcode == ERRCODE_WF_RAISED)
	{
		MemoryContextSwitchTo(old_context);
		PG_RE_THROW();
	}
	FlushErrorState();
	initStringInfo(&cause);
	do
	{
		va_start(args, fmt);
		needed = appendStringInfoVA(&cause, fmt, args);
		va_end(args);
		if (needed > 0)
			enlargeStringInfo(&cause, needed);
	} while (needed > 0);
	appendStringInfo(&cause, ": %s", error->message);
	if (error->detail != NULL)
		appendStringInfo(&cause, " (%s)", error->detail);
	appendStringInfo(&cause, " [SQLSTATE %s]", unpack_sql_state(error->sqlerrcode));
	MemoryContextSwitchTo(old_context);
	task_raise(name, cause.data);
}

void
task_fire_triggers(const char *name)
{
	MemoryContext context = CurrentMemoryContext;
	int nestlevel = NewGUCNestLevel();

	PG_TRY();
	{
		AfterTriggerFireDeferred();
	}
	PG_CATCH();
	{
		task_rethrow(name, context, "A deferred trigger or constraint failed");
	}
	PG_END_TRY();
	AtEOXact_GUC(false, nestlevel);
}
