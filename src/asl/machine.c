/*-------------------------------------------------------------------------
 *
 * machine.c
 *	  Looking at a compiled machine, and at diagnostics.
 *
 * IDENTIFICATION
 *	  src/asl/machine.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "asl/asl.h"

/*
 * AWS's one text of all errors: "CODE: message at /path, CODE: ...".  Where
 * there is no location it says "null".
 */
char *
asl_diagnostics_message(const AslDiagnostics *diagnostics)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < diagnostics->count; i++)
	{
		const AslDiagnostic *it = &diagnostics->items[i];

		if (it->severity == ASL_ERROR)
			appendStringInfo(&out,
							 "%s%s: %s at %s",
							 out.len > 0 ? ", " : "",
							 it->code,
							 it->message,
							 it->location ? it->location : "null");
	}
	return out.data;
}

const AslState *
asl_find_state(const AslMachine *machine, const char *name)
{
	for (int i = 0; i < machine->nstates; i++)
	{
		if (strcmp(machine->states[i]->name, name) == 0)
			return machine->states[i];
	}
	return NULL;
}

const AslScope *
asl_child_scope(const AslState *state, int index)
{
	if (state->type == ASL_PARALLEL)
		return ((const AslParallel *) state)->branches[index];
	Assert(state->type == ASL_MAP);
	return ((const AslMap *) state)->processor;
}

Value
asl_variable_references(const AslMachine *machine)
{
	ValueObject *object = value_object_new(0);

	for (int i = 0; i < machine->nstates; i++)
	{
		const AslState *state = machine->states[i];
		ValueArray *names;

		if (state->nreferences == 0)
			continue;
		names = value_array_new(state->nreferences);
		for (int j = 0; j < state->nreferences; j++)
			value_array_push(names, value_cstring(state->references[j]));
		value_object_add_cstring(object, state->name, value_from_array(names));
	}
	return object->count > 0 ? value_from_object(object) : value_undefined();
}
