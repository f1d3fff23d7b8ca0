/*-------------------------------------------------------------------------
 *
 * call.c
 *	  EXPRESS executions that a runner runs while a session waits for the end.
 *
 * The session puts what is to be run into a segment of shared memory of its own
 * and a slot into the queue of the role; a runner of that role takes it, runs it
 * in a transaction of its own, commits, and sends the end through a message
 * queue in the segment.  Whichever of the two goes away, the other learns of it:
 * a session whose runner is gone gets an error, a runner whose session is gone is
 * cancelled, or sends to nobody.  So what was called is run once or not at all.
 *
 * The session holds no lock of ours while it waits.
 *
 * IDENTIFICATION
 *	  src/worker/call.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/rows.h"
#include "task/task.h"
#include "util/errcodes.h"
#include "worker/shmem.h"
#include "worker/transaction.h"

/* Of the message queue; what is longer passes in pieces */
#define QUEUE_BYTES 65536

/* A runner has so much time to say itself that the time is over */
#define GRACE_MS 2000

/* Milliseconds between two looks for a free slot, and at what becomes of a call */
#define RETRY_MS 20
#define LOOK_MS 1000

/* Call of this session, 0: none */
static int64 own_call = 0;

static Value describe(const ExpressStart *start);
static shm_mq_handle *make_segment(Value request, dsm_segment **segment);
static void put_into_queue(dsm_segment *segment, Oid role, TimestampTz deadline);
static bool try_queue(dsm_handle segment, Oid role);
static void wake_runner(TaskQueue *queue);
static CallSlot *find_slot(int64 number);
static bool await(shm_mq_handle *queue, TimestampTz deadline, Value *answer);
static void look_at_slot(const char *role);
static void nap(long ms);
static void withdraw(void);
static void read_end(Value answer, ExpressEnd *end);
static void send_answer(shm_mq_handle *queue, const Jsonb *answer, MemoryContext context);
static Jsonb *run_request(Jsonb *request, MemoryContext context);
static bool read_start(Value request, ExpressStart *start);
static Jsonb *encode_end(const ExpressEnd *end, MemoryContext context);
static void add_text(ValueObject *object, const char *key, const char *text);
static char *get_text(Value object, const char *key);

/* ---- the session that waits ---- */

/*
 * See worker.h.
 */
void
worker_run_express(const ExpressStart *start, ExpressEnd *end)
{
	TimestampTz deadline = express_deadline(start);
	Oid role = get_role_oid(start->revision->role, true);
	shm_mq_handle *queue;
	dsm_segment *segment;
	Value answer = value_undefined();

	if (!OidIsValid(role))
		ereport(ERROR,
				errcode(ERRCODE_WF_ACCESS_DENIED),
				errmsg("role \"%s\" of the state machine does not exist",
					   start->revision->role));
	queue = make_segment(describe(start), &segment);
	PG_TRY();
	{
		put_into_queue(segment, role, deadline);
		if (!await(queue, TimestampTzPlusMilliseconds(deadline, GRACE_MS), &answer))
			look_at_slot(start->revision->role);
	}
	PG_FINALLY();
	{
		withdraw();
	}
	PG_END_TRY();
	dsm_detach(segment);
	if (value_is_undefined(answer))
		*end = (ExpressEnd){.status = engine_status_name(ENGINE_TIMED_OUT),
							.stopped_at = GetCurrentTimestamp()};
	else
		read_end(answer, end);
}

static Value
describe(const ExpressStart *start)
{
	ValueObject *object = value_object_new(8);

	value_object_add_cstring(object, "revision", value_int64(start->revision->id));
	add_text(object, "name", start->name);
	add_text(object, "id", start->id);
	value_object_add_cstring(object, "version", value_int64(start->version));
	add_text(object, "alias", start->alias);
	value_object_add_cstring(object, "started_at", value_int64(start->started_at));
	value_object_add_cstring(object, "input", start->input);
	return value_from_object(object);
}

/*
 * A segment with a queue for the answer and the request behind it; goes with the
 * transaction.
 */
static shm_mq_handle *
make_segment(Value request, dsm_segment **segment)
{
	Jsonb *encoded = value_to_jsonb(request);
	char *address;
	shm_mq *queue;

	*segment = dsm_create(QUEUE_BYTES + VARSIZE(encoded), 0);
	address = dsm_segment_address(*segment);
	queue = shm_mq_create(address, QUEUE_BYTES);
	memcpy(address + QUEUE_BYTES, encoded, VARSIZE(encoded));
	shm_mq_set_receiver(queue, MyProc);
	return shm_mq_attach(queue, *segment, NULL);
}

/*
 * Waits where all slots are taken.
 */
static void
put_into_queue(dsm_segment *segment, Oid role, TimestampTz deadline)
{
	while (!try_queue(dsm_segment_handle(segment), role))
	{
		if (GetCurrentTimestamp() >= deadline)
			return;
		nap(RETRY_MS);
	}
}

static bool
try_queue(dsm_handle segment, Oid role)
{
	DatabaseSlot *database;
	TaskQueue *queue;
	CallSlot *slot;
	bool queued = false;

	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	database = shmem_find_database(MyDatabaseId);
	slot = find_slot(0);
	queue = slot == NULL ? NULL : shmem_find_queue(MyDatabaseId, role, true);
	if (queue != NULL)
	{
		*slot = (CallSlot){
			.state = CALL_WAITING,
			.number = ++worker_shared->next_call,
			.database = MyDatabaseId,
			.role = role,
			.segment = segment,
			.caller = MyLatch,
		};
		own_call = slot->number;
		queue->calls++;
		if (queue->waiting_since == 0)
			queue->waiting_since = GetCurrentTimestamp();
		wake_runner(queue);
		queued = true;
	}
	LWLockRelease(worker_shared->lock);
	if (queued && database != NULL)
		shmem_wake_schedulers(database, false, false);
	return queued;
}

static void
wake_runner(TaskQueue *queue)
{
	for (int i = 0; i < worker_shared->nrunners; i++)
	{
		RunnerSlot *runner = &worker_shared->runners[i];

		if (runner->state == WORKER_IDLE && runner->database == queue->database &&
			runner->role == queue->role)
		{
			runner->state = WORKER_RUNNING; /* one call wakes one runner */
			SetLatch(runner->latch);
			return;
		}
	}
}

/*
 * 0: a free one
 */
static CallSlot *
find_slot(int64 number)
{
	for (int i = 0; i < MAX_CALLS; i++)
	{
		CallSlot *slot = &worker_shared->calls[i];

		if (number == 0 ? slot->state == CALL_FREE
						: slot->state != CALL_FREE && slot->number == number)
			return slot;
	}
	return NULL;
}

/*
 * The answer; false where there is none and the time is over, or where it was
 * refused.
 */
static bool
await(shm_mq_handle *queue, TimestampTz deadline, Value *answer)
{
	for (;;)
	{
		Size size;
		void *data;
		shm_mq_result result = shm_mq_receive(queue, &size, &data, true);
		long ms = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
		bool refused;

		if (result == SHM_MQ_SUCCESS)
		{
			Jsonb *copy = palloc(size);

			memcpy(copy, data, size);
			*answer = value_from_jsonb(copy);
			return true;
		}
		if (result == SHM_MQ_DETACHED)
			ereport(ERROR,
					errcode(ERRCODE_CONNECTION_FAILURE),
					errmsg("the runner of the execution ended before its answer"),
					errdetail("What it had done was rolled back, unless it ended in "
							  "the moment of its commit."));
		LWLockAcquire(worker_shared->lock, LW_SHARED);
		refused = own_call == 0 || find_slot(own_call)->state == CALL_REFUSED;
		LWLockRelease(worker_shared->lock);
		if (refused || ms <= 0)
			return false;
		nap(Min(ms, LOOK_MS));
	}
}

/*
 * There is no answer: raises where no runner will ever give one.
 */
static void
look_at_slot(const char *role)
{
	char cause[CALL_CAUSE] = "";
	CallSlot *slot;

	LWLockAcquire(worker_shared->lock, LW_SHARED);
	slot = own_call == 0 ? NULL : find_slot(own_call);
	if (slot != NULL && slot->state == CALL_REFUSED)
		strlcpy(cause, slot->cause, CALL_CAUSE);
	LWLockRelease(worker_shared->lock);
	if (cause[0] != '\0')
		ereport(ERROR,
				errcode(ERRCODE_WF_ACCESS_DENIED),
				errmsg("no session can be started for role \"%s\" of the state machine",
					   role),
				errdetail_internal("%s", cause));
}

static void
nap(long ms)
{
	(void) WaitLatch(MyLatch,
					 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 ms,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/*
 * Give the slot back, and cancel who still runs what nobody waits for.  Cannot
 * fail.
 */
static void
withdraw(void)
{
	CallSlot *slot;
	TaskQueue *queue;
	bool running = false;

	if (own_call == 0)
		return;
	LWLockAcquire(worker_shared->lock, LW_EXCLUSIVE);
	slot = find_slot(own_call);
	if (slot->state == CALL_WAITING)
	{
		queue = shmem_find_queue(slot->database, slot->role, false);
		if (queue != NULL)
			queue->calls--;
	}
	running = slot->state == CALL_RUNNING;
	slot->state = CALL_FREE;
	LWLockRelease(worker_shared->lock);
	if (running)
		shmem_cancel_task(MyDatabaseId, -own_call, 0, 0);
	own_call = 0;
}

void
call_at_abort(void)
{
	withdraw();
}

static void
read_end(Value answer, ExpressEnd *end)
{
	*end = (ExpressEnd){
		.status = get_text(answer, "status"),
		.output = value_object_get_cstring(answer, "output"),
		.error = get_text(answer, "error"),
		.cause = get_text(answer, "cause"),
		.stopped_at = value_object_get_int64(answer, "stopped_at"),
		.memory = value_object_get_int64(answer, "memory"),
	};
}

/* ---- the runner ---- */

CallRef
call_take(TaskQueue *queue)
{
	CallSlot *oldest = NULL;

	for (int i = 0; i < MAX_CALLS; i++)
	{
		CallSlot *slot = &worker_shared->calls[i];

		if (slot->state == CALL_WAITING && slot->database == queue->database &&
			slot->role == queue->role &&
			(oldest == NULL || slot->number < oldest->number))
			oldest = slot;
	}
	queue->calls--;
	queue->waiting_since =
		queue->count == 0 && queue->calls == 0 ? 0 : GetCurrentTimestamp();
	oldest->state = CALL_RUNNING;
	return (CallRef){.number = oldest->number, .segment = oldest->segment};
}

void
call_refuse_all(TaskQueue *queue, const char *cause)
{
	for (int i = 0; i < MAX_CALLS; i++)
	{
		CallSlot *slot = &worker_shared->calls[i];

		if (slot->state != CALL_WAITING || slot->database != queue->database ||
			slot->role != queue->role)
			continue;
		slot->state = CALL_REFUSED;
		strlcpy(slot->cause, cause, CALL_CAUSE);
		SetLatch(slot->caller);
	}
	queue->calls = 0;
}

/*
 * The segment outlives the transaction, so that the answer is sent when it has
 * committed.  An error of it, be it at the commit, is the answer, too.
 */
void
call_run(const CallRef *call, MemoryContext context)
{
	dsm_segment *volatile segment = NULL;
	shm_mq_handle *volatile queue = NULL;
	Jsonb *volatile answer = NULL;

	PG_TRY();
	{
		/* NULL: whoever asked has gone */
		segment = dsm_attach(call->segment);
		if (segment != NULL)
		{
			char *address = dsm_segment_address(segment);
			shm_mq *mq = (shm_mq *) address;

			shm_mq_set_sender(mq, MyProc);
			queue = shm_mq_attach(mq, segment, NULL);
			answer = run_request((Jsonb *) (address + QUEUE_BYTES), context);
		}
	}
	PG_CATCH();
	{
		ExpressEnd end = {.status = engine_status_name(ENGINE_FAILED)};
		ErrorData *error;

		HOLD_INTERRUPTS();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		AbortOutOfAnyTransaction();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		QueryCancelPending = false;
		task_error(error, &end.error, &end.cause);
		end.stopped_at = GetCurrentTimestamp();
		answer = encode_end(&end, context);
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();

	if (queue != NULL)
		send_answer(queue, answer, context);
	if (segment != NULL)
		dsm_detach(segment);
}

static void
send_answer(shm_mq_handle *queue, const Jsonb *answer, MemoryContext context)
{
	PG_TRY();
	{
		(void) shm_mq_send(queue, VARSIZE(answer), answer, false, true);
	}
	PG_CATCH();
	{
		/* a cancel: nobody waits any more */
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
}

/*
 * In a transaction of its own; the answer is in context.
 */
static Jsonb *
run_request(Jsonb *request, MemoryContext context)
{
	ExpressStart start = {.sync = true};
	EngineExecution execution;
	ExpressEnd end;
	Jsonb *answer;

	transaction_begin();
	MemoryContextSwitchTo(context);
	if (read_start(value_from_jsonb(request), &start))
	{
		pgstat_report_activity(STATE_RUNNING, start.revision->machine_name);
		express_run(&start, express_is_logged(start.revision), &execution);
		express_log(&start, &execution);
		express_end(&execution, &end);
	}
	else
		end = (ExpressEnd){
			.status = engine_status_name(ENGINE_FAILED),
			.error = "States.Runtime",
			.cause = "The state machine was changed before the execution began.",
			.stopped_at = GetCurrentTimestamp(),
		};
	answer = encode_end(&end, context);
	transaction_commit();
	return answer;
}

/*
 * false where the machine is another one now, which this role must not run.
 */
static bool
read_start(Value request, ExpressStart *start)
{
	MemoryContext context = CurrentMemoryContext;
	StoreSession session;
	char *role = GetUserNameFromId(GetUserId(), false);

	store_begin(&session);
	MemoryContextSwitchTo(context);
	start->revision = store_revision(value_object_get_int64(request, "revision"));
	store_end(&session);
	MemoryContextSwitchTo(context);
	if (start->revision == NULL || start->revision->machine == NULL ||
		strcmp(start->revision->role, role) != 0)
		return false;
	start->name = get_text(request, "name");
	start->id = get_text(request, "id");
	start->version = (int) value_object_get_int64(request, "version");
	start->alias = get_text(request, "alias");
	start->started_at = value_object_get_int64(request, "started_at");
	start->input = value_object_get_cstring(request, "input");
	return true;
}

static Jsonb *
encode_end(const ExpressEnd *end, MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	ValueObject *object = value_object_new(6);
	Jsonb *encoded;

	add_text(object, "status", end->status);
	if (!value_is_undefined(end->output))
		value_object_add_cstring(object, "output", end->output);
	add_text(object, "error", end->error);
	add_text(object, "cause", end->cause);
	value_object_add_cstring(object, "stopped_at", value_int64(end->stopped_at));
	value_object_add_cstring(object, "memory", value_int64(end->memory));
	encoded = value_to_jsonb(value_from_object(object));
	MemoryContextSwitchTo(old_context);
	return encoded;
}

/* ---- both ---- */

static void
add_text(ValueObject *object, const char *key, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(object, key, value_cstring(text));
}

static char *
get_text(Value object, const char *key)
{
	Value value = value_object_get_cstring(object, key);

	return value_type(value) == TYPE_STRING ? value_to_cstring(value) : NULL;
}
