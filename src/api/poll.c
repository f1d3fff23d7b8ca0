/*-------------------------------------------------------------------------
 *
 * poll.c
 *	  GetActivityTask: workers ask for work.  get_activity_tasks() for many tasks
 *	  at once, poll_activity_task() with a commit between waits.
 *
 * A poll looks, and where there is nothing sleeps until the commit of a task of
 * that activity wakes it, or its time is over.  While it sleeps it holds no lock
 * and has written nothing.  What it was handed belongs to the caller's
 * transaction: a rollback gives it back.
 *
 * The rights of the activity's owner are needed: whoever polls sees inputs.
 *
 * IDENTIFICATION
 *	  src/api/poll.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "worker/worker.h"

WF_FUNCTION(wf_poll_activity_task);

/* Seconds that a poll lasts, as with the service */
#define MAX_WAIT 60

/* Tasks that get_activity_tasks() gives at once */
#define MAX_TASKS 10000

#define MEMBERS                                                                          \
	{.name = "activityArn",                                                              \
	 .kind = API_ARN,                                                                    \
	 .required = true,                                                                   \
	 .max = 256,                                                                         \
	 .arns = STORE_ARN_ACTIVITY},                                                        \
	{                                                                                    \
		.name = "workerName", .kind = API_STRING, .min = 1, .max = 80                    \
	}

const ApiMember api_get_activity_task_members[] =
	{MEMBERS,
	 {.name = "maxWaitSeconds", .kind = API_NUMBER, .min = 0, .max = MAX_WAIT},
	 API_END};

const ApiMember api_get_activity_tasks_members[] =
	{MEMBERS,
	 {.name = "n", .kind = API_INTEGER, .required = true, .min = 1, .max = MAX_TASKS},
	 API_END};

static Value poll(ApiCall *call, int limit);
static TimestampTz deadline_of(const ApiCall *call);
static TimestampTz deadline_after(TimestampTz now, int64 wait);
static Value look(ApiCall *call, const char *activity, int limit);
static void check_activity(const ApiCall *call, const char *activity);
static void check_waiting(void);
static Value poll_once(ApiCall *call, MemoryContext caller);
static void commit(void);

Value
api_get_activity_task(ApiCall *call)
{
	Value tasks = poll(call, 1);

	return value_array_length(tasks) > 0 ? value_array_get(tasks, 0) : api_empty();
}

Value
api_get_activity_tasks(ApiCall *call)
{
	ValueObject *response = value_object_new(1);

	api_put(response, "tasks", poll(call, (int) api_get_int(call, "n", 1)));
	return value_from_object(response);
}

/*
 * Up to limit tasks, as soon as there is one; none when the time is over.
 */
static Value
poll(ApiCall *call, int limit)
{
	TimestampTz deadline = deadline_of(call);
	StoreArn arn;
	Value tasks;

	api_get_arn(call, "activityArn", &arn);
	tasks = look(call, arn.name, limit);
	if (value_array_length(tasks) > 0)
		return tasks;
	check_activity(call, arn.name);
	if (call->now >= deadline)
		return tasks;
	check_waiting();
	worker_poller_begin(arn.name, false);
	while (value_array_length(tasks = look(call, arn.name, limit)) == 0 &&
		   call->now < deadline)
		worker_poller_sleep(deadline);
	worker_poller_end(value_array_length(tasks) > 0);
	return tasks;
}

/*
 * The typed functions have an interval, "wait", in microseconds.
 */
static TimestampTz
deadline_of(const ApiCall *call)
{
	int64 wait = (int64) MAX_WAIT * USECS_PER_SEC;
	Value seconds = api_get(call, "maxWaitSeconds");

	if (call->typed)
		wait = api_get_int(call, "wait", wait);
	else if (!value_is_undefined(seconds))
		wait = (int64) (value_to_double(seconds) * USECS_PER_SEC);
	return deadline_after(call->now, wait);
}

static TimestampTz
deadline_after(TimestampTz now, int64 wait)
{
	return now + Max(Min(wait, (int64) MAX_WAIT * USECS_PER_SEC), 0);
}

static Value
look(ApiCall *call, const char *activity, int limit)
{
	StoreHandOut *handed;
	ValueArray *tasks = value_array_new(1);
	int count;

	call->now = GetCurrentTimestamp();
	count = store_hand_out(activity,
						   call->user,
						   api_get_string(call, "workerName"),
						   limit,
						   call->now,
						   &handed);
	for (int i = 0; i < count; i++)
	{
		ValueObject *task = value_object_new(2);

		api_put_text(task, "taskToken", handed[i].token);
		api_put_json(call, task, "input", handed[i].input);
		value_array_push(tasks, value_from_object(task));
	}
	return value_from_array(tasks);
}

static void
check_activity(const ApiCall *call, const char *activity)
{
	StoreActivityRecord found;
	const char *arn = api_get_arn_text(call, "activityArn");

	if (!store_find_activity(activity, &found))
		ereport(ERROR,
				errcode(ERRCODE_WF_ACTIVITY_DOES_NOT_EXIST),
				errmsg("Activity Does Not Exist: '%s'", arn));
	if (!store_has_role(call->user, found.owner))
		api_access_denied(call, arn);
}

/*
 * Raises where the transaction would never see a task that comes later.
 */
static void
check_waiting(void)
{
	if (IsolationUsesXactSnapshot())
		ereport(
			ERROR,
			errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			errmsg(
				"cannot wait for a task in a transaction with isolation level REPEATABLE READ or SERIALIZABLE"),
			errdetail("Such a transaction does not see what others commit meanwhile."),
			errhint(
				"Wait in a transaction with isolation level READ COMMITTED, or not at all: wait => '0'."));
}

/*
 * poll_activity_task(activity text, worker_name text, wait interval,
 * INOUT task_token text, INOUT input jsonb), a procedure.  Within a transaction
 * block it cannot commit, and waits as the function does.
 */
Datum
wf_poll_activity_task(PG_FUNCTION_ARGS)
{
	bool commits = fcinfo->context != NULL && IsA(fcinfo->context, CallContext) &&
				   !castNode(CallContext, fcinfo->context)->atomic;
	MemoryContext caller = CurrentMemoryContext;
	ValueObject *request = value_object_new(3);
	ApiCall call = {
		.action = api_find_action("GetActivityTask"),
		.typed = true,
		.user = GetUserId(),
	};
	int64 wait = (int64) MAX_WAIT * USECS_PER_SEC;
	char *activity;
	TimestampTz deadline;
	Value task;

	api_check_argument(fcinfo, 0, "activity");
	activity = text_to_cstring(PG_GETARG_TEXT_PP(0));
	api_put_text(request, "activityArn", activity);
	if (!PG_ARGISNULL(1))
		api_put_text(request, "workerName", text_to_cstring(PG_GETARG_TEXT_PP(1)));
	if (!PG_ARGISNULL(2))
		wait = api_interval(PG_GETARG_INTERVAL_P(2));
	deadline = deadline_after(GetCurrentTimestamp(), wait);
	api_put(request, "wait", value_int64(commits ? 0 : wait));
	call.request = value_from_object(request);

	task = poll_once(&call, caller);
	if (commits && value_object_size(task) == 0)
	{
		StoreArn arn;

		api_get_arn(&call, "activityArn", &arn);
		worker_poller_begin(arn.name, true);
		while (value_object_size(task = poll_once(&call, caller)) == 0 &&
			   call.now < deadline)
		{
			commit();
			worker_poller_sleep(deadline);
		}
		worker_poller_end(value_object_size(task) > 0);
	}
	return api_row(fcinfo, task);
}

/*
 * One look, in a session of its own; its answer lives in the caller's context.
 */
static Value
poll_once(ApiCall *call, MemoryContext caller)
{
	StoreSession session;
	Value task;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_begin(&session);
	call->now = GetCurrentTimestamp();
	api_check(call);
	task = api_get_activity_task(call);
	MemoryContextSwitchTo(caller);
	task = value_copy(task);
	store_end(&session);
	PopActiveSnapshot();
	return task;
}

static void
commit(void)
{
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	SPI_commit();
	SPI_finish();
}
