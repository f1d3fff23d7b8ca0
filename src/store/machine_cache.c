/*-------------------------------------------------------------------------
 *
 * machine_cache.c
 *	  Compiled machines, kept per process by revision.
 *
 * A revision never changes, so nothing is ever invalidated (but with the
 * extension itself), only evicted: the
 * least recently used ones, when a session begins and there are more than
 * workflow.machine_cache_size.  What a transaction was given stays valid to its
 * end, since eviction spares what it used.
 *
 * Must not know executions.
 *
 * IDENTIFICATION
 *	  src/store/machine_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "storage/proc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "guc.h"
#include "store/durable.h"
#include "workflow.h"

typedef struct CacheEntry
{
	int64 id;              /* hash key: revision.id */
	MemoryContext context; /* the names; the machine's context is a child of it */
	StoreRevision revision;
	uint64 last_used;           /* cache_clock at the last use */
	LocalTransactionId used_in; /* transaction of the last use */
} CacheEntry;

static HTAB *cache = NULL;
static Oid cache_table; /* that it was read from */
static uint64 cache_clock = 0;

static bool load(CacheEntry *entry);
static StoreLogLevel log_level(const char *level);
static bool shares_tasks(const AslMachine *machine);
static bool has_map_runs(const AslMachine *machine);
static void evict(void);
static void forget(void);

/*
 * The revision, compiled: see store.h.
 */
const StoreRevision *
store_revision(int64 id)
{
	CacheEntry *entry;
	bool found;
	Oid table = get_relname_relid("revision", get_namespace_oid(WORKFLOW_SCHEMA, false));

	if (cache != NULL && table != cache_table)
		forget();
	cache_table = table;
	if (cache == NULL)
	{
		HASHCTL ctl = {.keysize = sizeof(int64),
					   .entrysize = sizeof(CacheEntry),
					   .hcxt = CacheMemoryContext};

		cache = hash_create("workflow machines",
							64,
							&ctl,
							HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}

	entry = hash_search(cache, &id, HASH_FIND, NULL);
	if (entry == NULL)
	{
		CacheEntry loaded = {.id = id};

		if (hash_get_num_entries(cache) >= wf_guc_machine_cache_size)
			evict();
		if (!load(&loaded))
			return NULL;
		/* nothing of what load() does may leave a half-filled entry behind */
		entry = hash_search(cache, &id, HASH_ENTER, &found);
		*entry = loaded;
		MemoryContextSetParent(entry->context, CacheMemoryContext);
	}
	entry->last_used = ++cache_clock;
	entry->used_in = compat_local_xid();
	return &entry->revision;
}

/*
 * Read and compile a revision into a context of its own, under the current
 * one until all has gone well.
 */
static bool
load(CacheEntry *entry)
{
	static StorePlan plan = {
		"SELECT r.state_machine_id, m.name, r.role, r.role_arn, r.definition, m.type, "
		"r.logging ->> 'level', (r.logging ->> 'includeExecutionData')::boolean "
		"FROM workflow.revision r JOIN workflow.state_machine m ON m.id = r.state_machine_id "
		"WHERE r.id = $1",
		1,
		{INT8OID}};
	Datum id = Int64GetDatum(entry->id);
	StoreRevision *revision = &entry->revision;
	AslCompileOptions options = {.max_depth = wf_guc_max_nesting_depth};
	AslDiagnostics diagnostics = {0};
	MemoryContext old_context;
	char *definition;
	char *type;

	if (store_execute(&plan, &id, NULL) == 0)
		return false;
	entry->context = AllocSetContextCreate(CurrentMemoryContext,
										   "workflow revision",
										   ALLOCSET_SMALL_SIZES);
	revision->id = entry->id;
	revision->state_machine_id = store_int64(0, 1, 0);
	definition = store_text(0, 5);
	type = store_text(0, 6);
	revision->log_level = log_level(store_text(0, 7));
	revision->log_data = store_bool(0, 8, false);
	options.type = strcmp(type, "EXPRESS") == 0 ? ASL_EXPRESS : ASL_STANDARD;

	old_context = MemoryContextSwitchTo(entry->context);
	revision->machine_name = store_text(0, 2);
	revision->role = store_text(0, 3);
	revision->role_arn = store_text(0, 4);
	MemoryContextSwitchTo(old_context);

	revision->machine = asl_compile(definition, &options, entry->context, &diagnostics);
	if (revision->machine == NULL)
		revision->compile_error =
			MemoryContextStrdup(entry->context, asl_diagnostics_message(&diagnostics));
	revision->has_map_runs = revision->machine == NULL || has_map_runs(revision->machine);
	revision->shares_tasks = revision->machine == NULL || shares_tasks(revision->machine);
	return true;
}

static StoreLogLevel
log_level(const char *level)
{
	return level == NULL || strcmp(level, "OFF") == 0 ? STORE_LOG_OFF
		   : strcmp(level, "FATAL") == 0              ? STORE_LOG_FATAL
		   : strcmp(level, "ERROR") == 0              ? STORE_LOG_ERROR
													  : STORE_LOG_ALL;
}

static bool
shares_tasks(const AslMachine *machine)
{
	for (int i = 0; i < machine->nstates; i++)
		if (machine->states[i]->type == ASL_TASK &&
			durable_is_shared(&((const AslTask *) machine->states[i])->resource))
			return true;
	return false;
}

static bool
has_map_runs(const AslMachine *machine)
{
	for (int i = 0; i < machine->nstates; i++)
		if (machine->states[i]->type == ASL_MAP &&
			((const AslMap *) machine->states[i])->distributed)
			return true;
	return false;
}

/*
 * Drop the least recently used quarter, but for what this transaction used.
 */
static void
evict(void)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;
	uint64 limit = cache_clock - (uint64) wf_guc_machine_cache_size * 3 / 4;

	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		if (entry->last_used <= limit && entry->used_in != compat_local_xid())
		{
			MemoryContextDelete(entry->context);
			hash_search(cache, &entry->id, HASH_REMOVE, NULL);
		}
	}
}

/*
 * The extension was dropped and created anew: its ids began anew, too.  What
 * this transaction was given stays valid to its end all the same.
 */
static void
forget(void)
{
	HASH_SEQ_STATUS status;
	CacheEntry *entry;

	hash_seq_init(&status, cache);
	while ((entry = hash_seq_search(&status)) != NULL)
	{
		if (entry->used_in == compat_local_xid())
			MemoryContextSetParent(entry->context, TopTransactionContext);
		else
			MemoryContextDelete(entry->context);
	}
	hash_destroy(cache);
	cache = NULL;
}
