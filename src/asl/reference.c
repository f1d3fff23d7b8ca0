/*-------------------------------------------------------------------------
 *
 * reference.c
 *	  Which variables the states of a machine refer to.
 *
 * While a state is read its references are only noted down.  What a JSONata
 * expression calls may be a function or a variable of the same name, which
 * hides it: that is known when all Assign fields have been read.
 *
 * IDENTIFICATION
 *	  src/asl/reference.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"

/* What is known of a state when it has been read */
typedef struct StateReferences
{
	AslState *state;
	List *names;     /* of char *: variables, each time */
	List *functions; /* of char *: functions that a variable could hide */
} StateReferences;

static List *add_name(AslReader *reader, List *names, const char *name);
static void add_hidden(StateReferences *references, const char **assigned, int count);
static void set_references(AslState *state, const List *names);

/* Remember that the state refers to a variable */
void
asl_add_reference(AslReader *reader, const char *name)
{
	reader->references = add_name(reader, reader->references, name);
}

/* ... that it calls a function, or a variable that hides it */
void
asl_add_function(AslReader *reader, const char *name)
{
	reader->functions = add_name(reader, reader->functions, name);
}

/* A variable that some state assigns */
void
asl_add_assigned(AslReader *reader, const char *name)
{
	reader->assigned = add_name(reader, reader->assigned, name);
}

static List *
add_name(AslReader *reader, List *names, const char *name)
{
	MemoryContext old = MemoryContextSwitchTo(reader->scratch);

	names = lappend(names, pstrdup(name));
	MemoryContextSwitchTo(old);
	return names;
}

/* The state has been read */
void
asl_note_references(AslReader *reader, AslState *state)
{
	MemoryContext old;
	StateReferences *references;

	if (reader->references == NIL && reader->functions == NIL)
		return;
	old = MemoryContextSwitchTo(reader->scratch);
	references = palloc_object(StateReferences);
	references->state = state;
	references->names = reader->references;
	references->functions = reader->functions;
	reader->state_references = lappend(reader->state_references, references);
	MemoryContextSwitchTo(old);
}

/* The machine has been read: fill in the references of its states */
void
asl_finish_references(AslReader *reader)
{
	int count = list_length(reader->assigned);
	const char **assigned = palloc_array(const char *, count);
	ListCell *cell;

	foreach (cell, reader->assigned)
		assigned[foreach_current_index(cell)] = lfirst(cell);
	qsort(assigned, count, sizeof(char *), pg_qsort_strcmp);
	foreach (cell, reader->state_references)
	{
		StateReferences *references = lfirst(cell);

		add_hidden(references, assigned, count);
		if (references->names != NIL)
			set_references(references->state, references->names);
	}
	pfree(assigned);
}

static void
add_hidden(StateReferences *references, const char **assigned, int count)
{
	ListCell *cell;

	foreach (cell, references->functions)
	{
		const char *name = lfirst(cell);

		if (bsearch(&name, assigned, count, sizeof(char *), pg_qsort_strcmp) != NULL)
			references->names = lappend(references->names, lfirst(cell));
	}
}

/* Sorted, each once; and all scopes around the state use variables */
static void
set_references(AslState *state, const List *names)
{
	const char **references = palloc_array(const char *, list_length(names));
	int count = 0;
	ListCell *cell;

	foreach (cell, names)
		references[count++] = lfirst(cell);
	qsort(references, count, sizeof(char *), pg_qsort_strcmp);
	for (int i = 0; i < count; i++)
	{
		int last = state->nreferences - 1;

		if (last < 0 || strcmp(references[last], references[i]) != 0)
			references[state->nreferences++] = pstrdup(references[i]);
	}
	state->references = references;
	for (const AslScope *scope = state->scope; scope != NULL;
		 scope = scope->owner ? scope->owner->scope : NULL)
		unconstify(AslScope *, scope)->uses_variables = true;
}
