/*-------------------------------------------------------------------------
 *
 * nested.c
 *	  StartExecution for a task: what the task floor calls through a hook.
 *
 * Must not know what tasks are; who may start what, and how, is start.c's.
 *
 * IDENTIFICATION
 *	  src/api/nested.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "task/task.h"

static Value start_execution(Value request, const StoreParent *parent);

void
api_nested_init(void)
{
	task_hooks.start_execution = start_execution;
}

static Value
start_execution(Value request, const StoreParent *parent)
{
	ApiCall call = {
		.action = api_find_action("StartExecution"),
		.request = request,
		.user = GetUserId(),
		.now = GetCurrentTimestamp(),
		.parent = parent,
	};
	StoreSession session;
	MemoryContext caller = CurrentMemoryContext;
	Value response;

	store_begin(&session);
	api_check(&call);
	response = api_start_execution(&call);
	MemoryContextSwitchTo(caller);
	response = value_copy(response);
	store_end(&session);
	return response;
}
