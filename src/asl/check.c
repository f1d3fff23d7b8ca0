/*-------------------------------------------------------------------------
 *
 * check.c
 *	  What can be said only of all states together: targets exist, each state
 *	  has a way in, the machine has an end, names are unique, variables of an
 *	  outer scope are not assigned.
 *
 * The rules and their order are AWS's, as seen: a state is reachable when some
 * other state of its States object names it; only the machine itself needs an
 * end; where it has none, nothing is said of reachability.
 *
 * IDENTIFICATION
 *	  src/asl/check.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "asl/read.h"

/* A state's name and where it stands */
typedef struct Named
{
	const char *name;
	const char *location;
	int index;
} Named;

static void set_states(AslScopeReader *level);
static void resolve(AslReader *reader, AslScopeReader *level);
static const AslState **sort_states(AslReader *reader, const AslScope *scope);
static int compare_states(const void *a, const void *b);
static const AslState *find_state(const AslState **sorted, int count, const char *name);
static bool check_end(AslReader *reader, const AslScopeReader *level);
static void check_reachable(AslReader *reader, const AslScopeReader *level);
static void check_assigned(AslReader *reader, const AslScopeReader *level);
static const char *state_location(const AslReader *reader, const AslState *state);
static int compare_named(const void *a, const void *b);

void
asl_check_scope(AslReader *reader, AslScopeReader *level)
{
	bool complete = !value_is_undefined(level->members) && level->has_start &&
					!level->has_loose_end &&
					value_object_size(level->members) == list_length(level->states);

	/* of a graph that is only half understood, no more is said than which targets are missing */
	set_states(level);
	resolve(reader, level);
	if (complete && !reader->options->single_state && check_end(reader, level))
		check_reachable(reader, level);
	check_assigned(reader, level);
	if (level->outer != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(reader->scratch);

		level->outer->assigned_inside =
			list_concat(level->outer->assigned_inside, level->assigned);
		level->outer->assigned_inside =
			list_concat(level->outer->assigned_inside, level->assigned_inside);
		MemoryContextSwitchTo(old);
	}
}

static void
set_states(AslScopeReader *level)
{
	AslScope *scope = level->scope;
	ListCell *cell;

	scope->states = palloc_array(const AslState *, list_length(level->states));
	foreach (cell, level->states)
		scope->states[scope->nstates++] = lfirst(cell);
}

static void
resolve(AslReader *reader, AslScopeReader *level)
{
	const AslState **sorted = sort_states(reader, level->scope);
	ListCell *cell;

	foreach (cell, level->transitions)
	{
		AslTransition *transition = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		*transition->to = find_state(sorted, level->scope->nstates, transition->name);
		if (*transition->to != NULL)
			continue;
		if (reader->options->single_state && level->scope->owner == NULL &&
			transition->from != NULL)
		{
			AslState *elsewhere = palloc0_object(AslState);

			elsewhere->name = pstrdup(transition->name);
			elsewhere->index = -1;
			*transition->to = elsewhere;
		}
		else if (!value_is_undefined(level->members) &&
				 value_is_undefined(
					 value_object_get_cstring(level->members, transition->name)))
			asl_diagnose_at(reader,
							ASL_ERROR,
							ASL_CODE_NO_TARGET,
							transition->location,
							"Missing 'Next' target: %s",
							transition->name);
	}
}

/* The scope's states by name, in scratch */
static const AslState **
sort_states(AslReader *reader, const AslScope *scope)
{
	Size size = sizeof(AslState *) * scope->nstates;
	const AslState **sorted = MemoryContextAlloc(reader->scratch, size);

	memcpy(sorted, scope->states, size);
	qsort(sorted, scope->nstates, sizeof(AslState *), compare_states);
	return sorted;
}

static int
compare_states(const void *a, const void *b)
{
	return strcmp((*(const AslState *const *) a)->name,
				  (*(const AslState *const *) b)->name);
}

static const AslState *
find_state(const AslState **sorted, int count, const char *name)
{
	const AslState wanted = {.name = name};
	const AslState *key = &wanted;
	const AslState **found =
		bsearch(&key, sorted, count, sizeof(AslState *), compare_states);

	return found ? *found : NULL;
}

/* Can the machine end?  Branches and processors need not, says AWS. */
static bool
check_end(AslReader *reader, const AslScopeReader *level)
{
	ListCell *cell;

	if (level->scope->owner != NULL)
		return true;
	foreach (cell, level->states)
	{
		const AslState *state = lfirst(cell);

		if (state->end)
			return true;
	}
	asl_diagnose_at(reader,
					ASL_ERROR,
					ASL_CODE_NO_END,
					NULL,
					"Workflow has no terminal state");
	return false;
}

static void
check_reachable(AslReader *reader, const AslScopeReader *level)
{
	bool *reached = palloc0_array(bool, list_length(reader->states));
	ListCell *cell;

	foreach (cell, level->transitions)
	{
		const AslTransition *transition = lfirst(cell);
		const AslState *to = *transition->to;

		if (to != NULL && to != transition->from)
			reached[to->index] = true;
	}
	foreach (cell, level->states)
	{
		const AslState *state = lfirst(cell);

		if (!reached[state->index])
			asl_diagnose_at(reader,
							ASL_ERROR,
							ASL_CODE_NO_TARGET,
							state_location(reader, state),
							"State \"%s\" is not reachable.",
							state->name);
	}
	pfree(reached);
}

/* A variable belongs to one scope: those below read it, but do not assign it */
static void
check_assigned(AslReader *reader, const AslScopeReader *level)
{
	int count = list_length(level->assigned);
	const char **outside = palloc_array(const char *, count);
	ListCell *cell;

	foreach (cell, level->assigned)
		outside[foreach_current_index(cell)] = ((AslAssigned *) lfirst(cell))->name;
	qsort(outside, count, sizeof(char *), pg_qsort_strcmp);
	foreach (cell, level->assigned_inside)
	{
		const AslAssigned *inside = lfirst(cell);

		if (bsearch(&inside->name, outside, count, sizeof(char *), pg_qsort_strcmp))
			asl_diagnose_at(
				reader,
				ASL_ERROR,
				ASL_CODE_VARIABLE_NAME,
				inside->location,
				"Cannot assign to variable '$%s': it is assigned in an outer scope.",
				inside->name);
	}
	pfree(outside);
}

static const char *
state_location(const AslReader *reader, const AslState *state)
{
	return list_nth(reader->locations, state->index);
}

/* Names of states are unique in the whole machine */
void
asl_check_names(AslReader *reader)
{
	int count = list_length(reader->states);
	Named *names = palloc_array(Named, count);

	for (int i = 0; i < count; i++)
	{
		const AslState *state = list_nth(reader->states, i);

		names[i].name = state->name;
		names[i].location = list_nth(reader->locations, i);
		names[i].index = i;
	}
	qsort(names, count, sizeof(Named), compare_named);
	for (int i = 1; i < count; i++)
	{
		if (strcmp(names[i].name, names[i - 1].name) == 0)
			asl_diagnose_at(reader,
							ASL_ERROR,
							ASL_CODE_DUPLICATE_STATE,
							names[i].location,
							"Duplicate State name: %s",
							names[i].name);
	}
	pfree(names);
}

static int
compare_named(const void *a, const void *b)
{
	const Named *x = a;
	const Named *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : x->index - y->index;
}
