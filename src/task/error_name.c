/*-------------------------------------------------------------------------
 *
 * error_name.c
 *	  Errors of the server as ASL errors.
 *
 * SQL.<condition name>, with a JSON object for Cause; what
 * workflow.raise_error() raised keeps its own name and Cause.
 *
 * IDENTIFICATION
 *	  src/task/error_name.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "guc.h"
#include "util/errcodes.h"

#include "task/task.h"

/* The server's messages may be as long as memory is; what is written of an error is not */
#define MAX_MESSAGE 32768

typedef struct ConditionName
{
	int sqlstate;
	const char *name;
} ConditionName;

static const ConditionName condition_names[] = {
#include "task/condition_names.h"
};

static const char *condition_name(int sqlstate);
static void add_text(ValueObject *object, const char *key, const char *text);
static char *cut(const char *text, int limit);

/*
 * An error of the user's code: see task.h.
 */
void
task_error(const ErrorData *error, const char **name, const char **cause)
{
	ValueObject *object;

	if (error->sqlerrcode == ERRCODE_WF_RAISED)
	{
		*name = cut(error->message, wf_guc_max_payload_size);
		*cause =
			error->detail == NULL ? NULL : cut(error->detail, wf_guc_max_payload_size);
		return;
	}
	*name = condition_name(error->sqlerrcode);
	object = value_object_new(5);
	add_text(object, "sqlstate", unpack_sql_state(error->sqlerrcode));
	add_text(object, "message", error->message);
	add_text(object, "detail", error->detail);
	add_text(object, "hint", error->hint);
	add_text(object, "context", error->context);
	*cause = value_to_text(value_from_object(object));
}

/*
 * The name of a condition, or its SQLSTATE where it has none: an application's
 * own.
 */
static const char *
condition_name(int sqlstate)
{
	for (int i = 0; i < lengthof(condition_names); i++)
		if (condition_names[i].sqlstate == sqlstate)
			return psprintf("SQL.%s", condition_names[i].name);
	return psprintf("SQL.%s", unpack_sql_state(sqlstate));
}

static void
add_text(ValueObject *object, const char *key, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(object, key, value_cstring(cut(text, MAX_MESSAGE)));
}

/* A copy of so many bytes, in whole characters */
static char *
cut(const char *text, int limit)
{
	return pnstrdup(text, pg_mbcliplen(text, (int) strlen(text), limit));
}
