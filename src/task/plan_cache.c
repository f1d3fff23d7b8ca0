/*-------------------------------------------------------------------------
 *
 * plan_cache.c
 *	  Statements that tasks run, kept by their text.
 *
 * A session belongs to one role, and what changes underneath (tables, functions,
 * search_path) is PostgreSQL's own plan cache's affair.  It keeps the types of parameters,
 * though: where they were inferred from what has changed since, the statement is
 * prepared again.
 *
 * What a transaction was given may still be executed: it is not forgotten before
 * the transaction ends.
 *
 * Must not know what the statements are for.
 *
 * IDENTIFICATION
 *	  src/task/plan_cache.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"

#include "compat.h"
#include "task/task.h"

/* Statements that are kept; beyond that all are forgotten but those in use */
#define MAX_PLANS 500

typedef struct KeptPlan
{
	uint32 hash;   /* of the text */
	bool inferred; /* the types of its parameters were */
	bool stale;    /* and may be others by now */
	char *text;
	SPIPlanPtr plan;
	LocalTransactionId used_in; /* transaction of the last use */
} KeptPlan;

static KeptPlan *kept = NULL;
static int nkept = 0;

static KeptPlan *find(uint32 hash, const char *text, bool inferred);
static SPIPlanPtr prepare(const char *text, const Oid *types, int ntypes);
static Oid *infer_types(const char *text, int *ntypes);
static void keep(uint32 hash, const char *text, bool inferred, SPIPlanPtr plan);
static void forget_unused(bool stale);

/*
 * The statement, prepared once: see task.h.  Needs an SPI connection; raises
 * what the parser raises, and 42601 where the text is not one statement.
 */
SPIPlanPtr
task_plan(const char *text, const Oid *types, int ntypes)
{
	uint32 hash = string_hash(text, strlen(text) + 1);
	bool inferred = types == NULL;
	KeptPlan *found = find(hash, text, inferred);
	SPIPlanPtr plan;

	if (found != NULL && (!inferred || SPI_plan_is_valid(found->plan)))
	{
		found->used_in = compat_local_xid();
		return found->plan;
	}
	if (found != NULL)
	{
		found->stale = true;
		forget_unused(true);
	}
	if (inferred)
		types = infer_types(text, &ntypes);
	plan = prepare(text, types, ntypes);
	keep(hash, text, inferred, plan);
	return plan;
}

static KeptPlan *
find(uint32 hash, const char *text, bool inferred)
{
	for (int i = 0; i < nkept; i++)
		if (kept[i].hash == hash && kept[i].inferred == inferred && !kept[i].stale &&
			strcmp(kept[i].text, text) == 0)
			return &kept[i];
	return NULL;
}

static SPIPlanPtr
prepare(const char *text, const Oid *types, int ntypes)
{
	SPIPlanPtr plan = SPI_prepare(text, ntypes, (Oid *) types);

	if (plan == NULL)
		elog(ERROR,
			 "could not prepare \"%s\": %s",
			 text,
			 SPI_result_code_string(SPI_result));
	return plan;
}

static Oid *
infer_types(const char *text, int *ntypes)
{
	List *statements = pg_parse_query(text);
	Oid *types = NULL;

	*ntypes = 0;
	if (list_length(statements) != 1)
		ereport(ERROR,
				errcode(ERRCODE_SYNTAX_ERROR),
				statements == NIL ? errmsg("the statement is empty")
								  : errmsg("a task runs one statement, but there are %d",
										   list_length(statements)));
	(void) pg_analyze_and_rewrite_varparams(linitial(statements),
											text,
											&types,
											ntypes,
											NULL);
	return types;
}

/*
 * Where all that is kept is in use, the plan goes with the SPI connection.
 */
static void
keep(uint32 hash, const char *text, bool inferred, SPIPlanPtr plan)
{
	if (kept == NULL)
		kept = MemoryContextAlloc(TopMemoryContext, MAX_PLANS * sizeof(KeptPlan));
	if (nkept == MAX_PLANS)
		forget_unused(false);
	if (nkept == MAX_PLANS)
		return;
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a plan");
	kept[nkept].hash = hash;
	kept[nkept].inferred = inferred;
	kept[nkept].stale = false;
	kept[nkept].text = MemoryContextStrdup(TopMemoryContext, text);
	kept[nkept].plan = plan;
	kept[nkept].used_in = compat_local_xid();
	nkept++;
}

/* Those that are stale, or all */
static void
forget_unused(bool stale)
{
	int used = 0;

	for (int i = 0; i < nkept; i++)
		if (kept[i].used_in == compat_local_xid() || (stale && !kept[i].stale))
			kept[used++] = kept[i];
		else
		{
			SPI_freeplan(kept[i].plan);
			pfree(kept[i].text);
		}
	nkept = used;
}
