/*-------------------------------------------------------------------------
 *
 * poller.c
 *	  Workers that wait for tasks of an activity, and who wakes them.
 *
 * A session that found no task takes a slot of shared memory and sleeps on its
 * latch.  A transaction that made tasks wakes, at its commit, as many pollers of
 * the activity as there are tasks; one that was handed tasks and rolls back wakes
 * others for them.  Whoever was woken and leaves without a task wakes the next.
 * Activities are told apart by a hash of their names: one look too many does no
 * harm.  Without a free slot a poller looks again and again.
 *
 * Callbacks of transactions allocate nothing and cannot fail; what does not fit
 * wakes all pollers of the database.
 *
 * Must not read tables.
 *
 * IDENTIFICATION
 *	  src/worker/poller.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "store/store.h"
#include "worker/shmem.h"

/* Activities that a transaction can tell of one by one */
#define MAX_ACTIVITIES 32

/* Microseconds that hand-outs go on behind the last one, before one looks at all again */
#define RESUME_TIME USECS_PER_SEC

/* Milliseconds between two looks of a poller without a slot */
#define LOOK_INTERVAL 100

typedef struct ActivityNote
{
	uint32 activity; /* hash of its name */
	int ready;       /* tasks that were made */
	int taken;       /* tasks that were handed out */
} ActivityNote;

/* What this transaction has to tell */
static int nnotes = 0;
static bool overflow = false;
static ActivityNote notes[MAX_ACTIVITIES];

/* How many hand-outs had been rolled back when this session last looked for tasks */
static uint32 undone_before;

/* Slot of this session, -1: none; and whether it outlives a commit */
static int own_slot = -1;
static bool own_stays;

static void activity_ready(const char *activity);
static void activity_taken(const char *activity);
static bool handout_place(const char *activity, TimestampTz now, StorePlace *place);
static void handed_out(const char *activity, TimestampTz now, const StorePlace *place,
					   bool goes_on);
static void count_undone(void);
static ActivityNote *find_note(const char *activity);
static uint32 hash_of(const char *activity);
static void leave(bool satisfied);
static void wake(uint32 activity, int count);

void
poller_init(void)
{
	store_hooks.activity_ready = activity_ready;
	store_hooks.activity_taken = activity_taken;
	store_hooks.handout_place = handout_place;
	store_hooks.handed_out = handed_out;
}

static void
activity_ready(const char *activity)
{
	ActivityNote *note = find_note(activity);

	if (note != NULL)
		note->ready++;
}

static void
activity_taken(const char *activity)
{
	ActivityNote *note = find_note(activity);

	if (note != NULL)
		note->taken++;
}

/*
 * Hand-outs go on behind the last one of any session, for a while: each look at what
 * is before would find the dead rows that those left.  Not after one was rolled back.
 */
static bool
handout_place(const char *activity, TimestampTz now, StorePlace *place)
{
	uint32 hash = hash_of(activity);
	HandoutSlot slot;

	if (worker_shared == NULL)
		return false;
	undone_before = pg_atomic_read_u32(&worker_shared->handouts_undone);
	SpinLockAcquire(&worker_shared->handouts_mutex);
	slot = worker_shared->handouts[hash / 2 % HANDOUTS];
	SpinLockRelease(&worker_shared->handouts_mutex);
	/* the other session's clock may have been read a little later than ours */
	if (slot.activity != hash || slot.database != MyDatabaseId ||
		slot.undone != undone_before || now - slot.since >= RESUME_TIME ||
		slot.since - now >= RESUME_TIME)
		return false;
	*place = slot.place;
	return true;
}

/* Others may have been further */
static void
handed_out(const char *activity, TimestampTz now, const StorePlace *place, bool goes_on)
{
	HandoutSlot slot = {.database = MyDatabaseId,
						.activity = hash_of(activity),
						.undone = undone_before,
						.since = now,
						.place = *place};
	HandoutSlot *shared;

	if (worker_shared == NULL)
		return;
	shared = &worker_shared->handouts[slot.activity / 2 % HANDOUTS];
	SpinLockAcquire(&worker_shared->handouts_mutex);
	if (!goes_on)
		*shared = slot;
	else if (shared->activity == slot.activity && shared->database == slot.database &&
			 shared->undone == slot.undone && store_is_behind(place, &shared->place))
		shared->place = *place;
	SpinLockRelease(&worker_shared->handouts_mutex);
}

/*
 * Rows that were handed out are free again: count it before anybody is woken.
 */
static void
count_undone(void)
{
	if (worker_shared != NULL)
		pg_atomic_fetch_add_u32(&worker_shared->handouts_undone, 1);
}

static ActivityNote *
find_note(const char *activity)
{
	uint32 hash = hash_of(activity);

	for (int i = 0; i < nnotes; i++)
		if (notes[i].activity == hash)
			return &notes[i];
	if (nnotes == MAX_ACTIVITIES)
	{
		overflow = true;
		return NULL;
	}
	notes[nnotes] = (ActivityNote){.activity = hash};
	return &notes[nnotes++];
}

/* Never 0, which is a free slot */
static uint32
hash_of(const char *activity)
{
	return string_hash(activity, strlen(activity) + 1) | 1;
}

void
poller_at_end(bool commit)
{
	if (own_slot >= 0 && !(commit && own_stays))
		leave(false);
	if (nnotes == 0)
		return;
	if (!commit)
		count_undone();
	for (int i = 0; i < nnotes && !overflow; i++)
		if (commit ? notes[i].ready > 0 : notes[i].taken > 0)
			wake(notes[i].activity, commit ? notes[i].ready : INT_MAX);
	if (overflow)
		wake(0, INT_MAX);
	nnotes = 0;
	overflow = false;
}

/*
 * Rows that a subtransaction has locked are free again; of which activities
 * is not told apart.
 */
void
poller_at_subabort(void)
{
	if (nnotes > 0)
		count_undone();
	for (int i = 0; i < nnotes; i++)
		if (notes[i].taken > 0)
			wake(notes[i].activity, INT_MAX);
}

/*
 * Wake pollers of an activity of this database, those that were not woken
 * already; 0: of all.
 */
static void
wake(uint32 activity, int count)
{
	if (worker_shared == NULL || pg_atomic_read_u32(&worker_shared->npollers) == 0)
		return;
	SpinLockAcquire(&worker_shared->pollers_mutex);
	for (int i = 0; i < MAX_POLLERS && count > 0; i++)
	{
		PollerSlot *poller = &worker_shared->pollers[i];

		if (poller->activity == 0 || poller->woken || poller->database != MyDatabaseId ||
			(activity != 0 && poller->activity != activity))
			continue;
		poller->woken = true;
		SetLatch(poller->latch);
		count--;
	}
	SpinLockRelease(&worker_shared->pollers_mutex);
}

void
poller_wake_all(void)
{
	count_undone();
	wake(0, INT_MAX);
}

void
worker_poller_begin(const char *activity, bool stays)
{
	if (own_slot >= 0)
		leave(false);
	if (worker_shared == NULL)
		return;
	SpinLockAcquire(&worker_shared->pollers_mutex);
	for (int i = 0; i < MAX_POLLERS && own_slot < 0; i++)
	{
		PollerSlot *poller = &worker_shared->pollers[i];

		if (poller->activity != 0)
			continue;
		poller->activity = hash_of(activity);
		poller->database = MyDatabaseId;
		poller->latch = MyLatch;
		poller->woken = false;
		own_slot = i;
	}
	SpinLockRelease(&worker_shared->pollers_mutex);
	own_stays = stays;
	if (own_slot >= 0)
		pg_atomic_fetch_add_u32(&worker_shared->npollers, 1);
}

void
worker_poller_sleep(TimestampTz deadline)
{
	long timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);

	if (own_slot < 0)
		timeout = Min(timeout, LOOK_INTERVAL);
	if (timeout > 0)
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 timeout,
						 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	/* from here on a wake-up is for the next sleep */
	if (own_slot >= 0)
	{
		SpinLockAcquire(&worker_shared->pollers_mutex);
		worker_shared->pollers[own_slot].woken = false;
		SpinLockRelease(&worker_shared->pollers_mutex);
	}
}

void
worker_poller_end(bool satisfied)
{
	if (own_slot >= 0)
		leave(satisfied);
}

/*
 * Give the slot back.  A wake-up that this session has made no use of is
 * somebody else's.
 */
static void
leave(bool satisfied)
{
	PollerSlot *poller = &worker_shared->pollers[own_slot];
	uint32 activity;
	bool woken;

	SpinLockAcquire(&worker_shared->pollers_mutex);
	activity = poller->activity;
	woken = poller->woken;
	poller->activity = 0;
	SpinLockRelease(&worker_shared->pollers_mutex);
	pg_atomic_fetch_sub_u32(&worker_shared->npollers, 1);
	own_slot = -1;
	if (woken && !satisfied)
		wake(activity, 1);
}
