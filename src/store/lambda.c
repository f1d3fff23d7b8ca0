/*-------------------------------------------------------------------------
 *
 * lambda.c
 *	  What the parameters of lambda:invoke say.
 *
 * Must not know what is registered under a name.
 *
 * IDENTIFICATION
 *	  src/store/lambda.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/store.h"

/*
 * NAME of a function name, of a partial ARN (ACCOUNT:function:NAME) or of an
 * ARN, any of them perhaps with a qualifier.
 */
char *
store_lambda_name(const char *text)
{
	const char *marker = strstr(text, "function:");
	const char *start = text;
	const char *end;

	if (marker != NULL && (marker == text || marker[-1] == ':'))
		start = marker + strlen("function:");
	end = strchr(start, ':');
	return end == NULL ? pstrdup(start) : pnstrdup(start, end - start);
}

/*
 * The Payload as Lambda takes it: a text is the document itself, none is {}.
 */
bool
store_lambda_payload(Value parameters, Value *payload, WfError *error)
{
	*payload = value_object_get_cstring(parameters, "Payload");
	if (value_is_undefined(*payload) || value_type(*payload) == TYPE_NULL)
		*payload = value_from_object(value_object_new(0));
	else if (value_type(*payload) == TYPE_STRING)
		return value_from_text(payload->u.string, payload->len, payload, error);
	return true;
}

/*
 * What lambda:invoke gives of a function's result.
 */
Value
store_lambda_response(Value parameters, Value result)
{
	ValueObject *object = value_object_new(4);

	value_object_add_cstring(object, "ExecutedVersion", value_cstring("$LATEST"));
	/* there is no log to show the end of */
	if (value_type(parameters) == TYPE_OBJECT &&
		value_string_is(value_object_get_cstring(parameters, "LogType"), "Tail"))
		value_object_add_cstring(object, "LogResult", value_cstring(""));
	value_object_add_cstring(object, "Payload", result);
	value_object_add_cstring(object, "StatusCode", value_int64(200));
	return value_from_object(object);
}
