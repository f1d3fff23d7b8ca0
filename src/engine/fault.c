/*-------------------------------------------------------------------------
 *
 * fault.c
 *	  What a definition or its data did wrong.
 *
 * Most of it nothing can catch: advance.c ends the execution.  But where an
 * expression cannot be evaluated, States.QueryEvaluationError is an error of the
 * state, which its retriers and catchers can take.  It comes up in the middle of anything: while the state is
 * entered, while iterations run, when a result is there, in a catcher.
 *
 * IDENTIFICATION
 *	  src/engine/fault.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"
#include "util/errcodes.h"
#include "util/utf8.h"

/* Characters of a Cause, as AWS allows them */
#define MAX_CAUSE_LENGTH 32768

static bool fault_va(EngineVisit *visit, const char *name, const char *fmt, va_list args)
	pg_attribute_printf(3, 0);
static void write_failed(EngineVisit *visit, const EngineFailure *failure);
static void abort_children(EngineVisit *visit);
static void write_state_failed(EngineVisit *visit);

bool
engine_fault(EngineVisit *visit, const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) fault_va(visit, name, fmt, args);
	va_end(args);
	return false;
}

static bool
fault_va(EngineVisit *visit, const char *name, const char *fmt, va_list args)
{
	StringInfoData text;
	int needed;

	initStringInfo(&text);
	for (;;)
	{
		va_list again;

		va_copy(again, args);
		needed = appendStringInfoVA(&text, fmt, again);
		va_end(again);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	visit->error = (WfError){.sqlstate = ERRCODE_WF_ASL,
							 .name = name ? name : ENGINE_ERROR_RUNTIME,
							 .message = text.data,
							 .position = -1};
	return false;
}

/* The Cause may hold a whole document: what is too long is cut */
char *
engine_fault_cause(const EngineVisit *visit)
{
	char *cause = visit->error.message;

	/* the one error whose text AWS gives without saying where */
	if (visit->error.name == NULL ||
		strcmp(visit->error.name, ENGINE_ERROR_DATA_LIMIT) != 0)
		cause =
			psprintf("An error occurred while executing the state '%s' (entered at the "
					 "event id #" INT64_FORMAT "). %s",
					 visit->state->name,
					 visit->branch->entered_id,
					 cause);
	return pnstrdup(cause, utf8_offset(cause, strlen(cause), MAX_CAUSE_LENGTH));
}

bool
engine_evaluation_fault(EngineVisit *visit, const char *field, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) fault_va(visit, ENGINE_ERROR_QUERY, fmt, args);
	va_end(args);
	visit->error.detail = field ? pstrdup(field) : NULL;
	return false;
}

bool
engine_is_evaluation_fault(const EngineVisit *visit)
{
	return visit->error.name != NULL &&
		   strcmp(visit->error.name, ENGINE_ERROR_QUERY) == 0;
}

/*
 * false: the catcher could not be evaluated either, visit->error says why.  What
 * fails in a catcher is not tried again and not caught again.
 */
bool
engine_evaluation_failed(EngineVisit *visit)
{
	EngineFailure failure = {.error = ENGINE_ERROR_QUERY,
							 .cause = engine_fault_cause(visit)};
	bool in_catcher = !value_is_undefined(visit->error_output);

	write_failed(visit, &failure);
	visit->error = (WfError){0};
	visit->scope_ready = false;
	visit->token = NULL;
	visit->item = NULL;
	if (visit->branch->phase == ENGINE_JOINING)
		abort_children(visit);
	else if (visit->branch->phase == ENGINE_MAP_RUN && !visit->joined)
		engine_fail_map_run(visit, &failure);
	if (!in_catcher)
	{
		if (engine_retry(visit, &failure))
			return true;
		if (!visit->joined)
			write_state_failed(visit);
		return engine_catch(visit, &failure);
	}
	engine_fail_branch(visit, &failure);
	return true;
}

/*
 * AWS lets the event point at the one before the state was entered, unless
 * something has happened since.
 */
static void
write_failed(EngineVisit *visit, const EngineFailure *failure)
{
	EngineBranch *branch = visit->branch;
	bool hides_entry = visit->hides_entry && branch->tip == branch->entered_id;
	EngineHistoryEvent *event =
		engine_event(visit->execution,
					 ENGINE_EvaluationFailed,
					 hides_entry ? branch->entered_prev : branch->tip);

	event->name = visit->state->name;
	event->error = failure->error;
	event->cause = failure->cause;
	event->text = visit->error.detail;
	branch->tip = event->id;
	engine_changed(visit->execution, branch);
}

/* Of a Map: an item's input could not be made while iterations run */
static void
abort_children(EngineVisit *visit)
{
	EngineEvent event = {.kind = ENGINE_EVENT_CHILD_FAILED};

	engine_find_siblings(visit->execution, visit->branch, &event);
	engine_abort_children(visit, &event);
	engine_put_document(&visit->branch->work, value_undefined());
}

static void
write_state_failed(EngineVisit *visit)
{
	EngineHistoryType type;

	if (visit->state->type == ASL_MAP)
		type = ENGINE_MapStateFailed;
	else if (visit->state->type == ASL_PARALLEL)
		type = ENGINE_ParallelStateFailed;
	else
		return;
	visit->branch->tip = engine_event(visit->execution, type, visit->branch->tip)->id;
}
