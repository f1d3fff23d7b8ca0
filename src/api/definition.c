/*-------------------------------------------------------------------------
 *
 * definition.c
 *	  Checking definitions, without keeping them.
 *
 * IDENTIFICATION
 *	  src/api/definition.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "api/definition.h"
#include "guc.h"
#include "workflow.h"

WF_FUNCTION(wf_validate_state_machine_definition);

static AslDiagnostics diagnose(const char *definition, AslMachineType type);
static bool is_shown(const AslDiagnostic *diagnostic, bool errors_only);
static const char *severity_name(AslSeverity severity);
static bool read_choice(const text *argument, const char *name, const char *first,
						const char *second);
static void put_row(ReturnSetInfo *rsinfo, const AslDiagnostic *diagnostic);

Value
definition_validate(const char *definition, AslMachineType type, bool errors_only,
					int max_results)
{
	AslDiagnostics found = diagnose(definition, type);
	ValueArray *diagnostics = value_array_new(0);
	ValueObject *response = value_object_new(3);
	bool truncated = false;
	int limit = max_results > 0 ? max_results : DEFINITION_MAX_RESULTS;

	for (int i = 0; i < found.count; i++)
	{
		const AslDiagnostic *it = &found.items[i];
		ValueObject *object;

		if (!is_shown(it, errors_only))
			continue;
		truncated = diagnostics->count == limit;
		if (truncated)
			break;
		object = value_object_new(4);
		value_object_add_cstring(object,
								 "severity",
								 value_cstring(severity_name(it->severity)));
		value_object_add_cstring(object, "code", value_cstring(it->code));
		value_object_add_cstring(object, "message", value_cstring(it->message));
		if (it->location != NULL)
			value_object_add_cstring(object, "location", value_cstring(it->location));
		value_array_push(diagnostics, value_from_object(object));
	}
	value_object_add_cstring(response,
							 "result",
							 value_cstring(found.nerrors > 0 ? "FAIL" : "OK"));
	value_object_add_cstring(response, "diagnostics", value_from_array(diagnostics));
	value_object_add_cstring(response, "truncated", value_bool(truncated));
	return value_from_object(response);
}

/*
 * validate_state_machine_definition(definition text, type text, severity text,
 * max_results int) RETURNS TABLE(severity, code, message, location text)
 */
Datum
wf_validate_state_machine_definition(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char *definition = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool express = read_choice(PG_GETARG_TEXT_PP(1), "type", "STANDARD", "EXPRESS");
	bool warnings = read_choice(PG_GETARG_TEXT_PP(2), "severity", "ERROR", "WARNING");
	int max_results = PG_GETARG_INT32(3);
	AslDiagnostics found;
	int shown = 0;

	if (max_results < 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("max_results must not be negative"));
	found = diagnose(definition, express ? ASL_EXPRESS : ASL_STANDARD);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < found.count && (max_results == 0 || shown < max_results); i++)
	{
		if (!is_shown(&found.items[i], !warnings))
			continue;
		put_row(rsinfo, &found.items[i]);
		shown++;
	}
	return (Datum) 0;
}

static void
put_row(ReturnSetInfo *rsinfo, const AslDiagnostic *diagnostic)
{
	Datum values[4] = {
		CStringGetTextDatum(severity_name(diagnostic->severity)),
		CStringGetTextDatum(diagnostic->code),
		CStringGetTextDatum(diagnostic->message),
	};
	bool nulls[4] = {false, false, false, diagnostic->location == NULL};

	if (diagnostic->location != NULL)
		values[3] = CStringGetTextDatum(diagnostic->location);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Everything that is to be said of a definition; the machine itself is not kept */
static AslDiagnostics
diagnose(const char *definition, AslMachineType type)
{
	AslCompileOptions options = {.type = type, .max_depth = wf_guc_max_nesting_depth};
	AslDiagnostics diagnostics = {0};
	AslMachine *machine =
		asl_compile(definition, &options, CurrentMemoryContext, &diagnostics);

	if (machine != NULL)
		MemoryContextDelete(machine->context);
	return diagnostics;
}

static bool
is_shown(const AslDiagnostic *diagnostic, bool errors_only)
{
	return !errors_only || diagnostic->severity == ASL_ERROR;
}

static const char *
severity_name(AslSeverity severity)
{
	return severity == ASL_ERROR ? "ERROR" : "WARNING";
}

/* Which of the two words: false for the first one */
static bool
read_choice(const text *argument, const char *name, const char *first, const char *second)
{
	char *word = text_to_cstring(argument);

	if (strcmp(word, first) == 0)
		return false;
	if (strcmp(word, second) == 0)
		return true;
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("%s must be \"%s\" or \"%s\"", name, first, second));
}
