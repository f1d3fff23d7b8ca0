/*-------------------------------------------------------------------------
 *
 * error.c
 *	  Errors that are values: fill one in, raise one.
 *
 * Knows elog.h only; must not know where an error came from or goes to.
 *
 * IDENTIFICATION
 *	  src/util/error.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "util/error.h"

static void set_error(WfError *error, int sqlstate, const char *name, int position,
					  const char *fmt, va_list args) pg_attribute_printf(5, 0);

bool
wf_error_set(WfError *error, int sqlstate, const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_error(error, sqlstate, name, -1, fmt, args);
	va_end(args);
	return false;
}

bool
wf_error_set_at(WfError *error, int sqlstate, const char *name, int position,
				const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_error(error, sqlstate, name, position, fmt, args);
	va_end(args);
	return false;
}

/* The first error is the cause of the later ones, so it is the one to keep */
static void
set_error(WfError *error, int sqlstate, const char *name, int position, const char *fmt,
		  va_list args)
{
	StringInfoData message;
	int needed;

	Assert(sqlstate != 0);
	if (error->sqlstate != 0)
		return;

	initStringInfo(&message);
	for (;;)
	{
		va_list again;

		va_copy(again, args);
		needed = appendStringInfoVA(&message, fmt, again);
		va_end(again);
		if (needed == 0)
			break;
		enlargeStringInfo(&message, needed);
	}

	error->sqlstate = sqlstate;
	error->name = name;
	error->message = message.data;
	error->detail = NULL;
	error->hint = NULL;
	error->position = position;
}

void
wf_error_raise(const WfError *error)
{
	ereport(ERROR,
			errcode(error->sqlstate != 0 ? error->sqlstate : ERRCODE_INTERNAL_ERROR),
			errmsg_internal("%s",
							error->message ? error->message : "error without message"),
			error->detail ? errdetail_internal("%s", error->detail) : 0,
			error->hint ? errhint("%s", error->hint) : 0);
	pg_unreachable();
}
