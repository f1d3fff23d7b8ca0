/*-------------------------------------------------------------------------
 *
 * request.c
 *	  Members of requests and responses; pages.
 *
 * The two doors differ here: how a resource is named, how JSON and times are
 * written (ApiCall.typed).  A page token holds the position behind which the
 * next page begins, when it was given out, and a hash of what else was asked
 * for; forging one gives nothing that asking would not.
 *
 * IDENTIFICATION
 *	  src/api/request.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "util/timestamp.h"

/* Entries of a page where maxResults is absent or 0 */
#define DEFAULT_PAGE 100

/* How long a page token counts */
#define TOKEN_LIFE (24 * USECS_PER_HOUR)

static const ApiMember *find_member(const ApiCall *call, const char *name);
static uint64 token_scope(const ApiCall *call, const char *scope);
static const char *read_token(const ApiCall *call, const char *scope, const char *token);

/*
 * A null member counts as absent.
 */
Value
api_get(const ApiCall *call, const char *name)
{
	Value value = value_object_get_cstring(call->request, name);

	return value_type(value) == TYPE_NULL ? value_undefined() : value;
}

Value
api_member(Value object, const char *name)
{
	return value_type(object) == TYPE_OBJECT ? value_object_get_cstring(object, name)
											 : value_undefined();
}

const char *
api_get_string(const ApiCall *call, const char *name)
{
	Value value = api_get(call, name);

	return value_is_undefined(value) ? NULL : value_to_cstring(value);
}

int64
api_get_int(const ApiCall *call, const char *name, int64 if_absent)
{
	Value value = api_get(call, name);
	int64 number;

	return value_is_undefined(value) || !value_to_int64(value, &number) ? if_absent
																		: number;
}

bool
api_get_bool(const ApiCall *call, const char *name, bool if_absent)
{
	Value value = api_get(call, name);

	return value_is_undefined(value) ? if_absent : value.u.boolean;
}

/*
 * false where the member is absent; that it is well formed has been checked.
 */
bool
api_get_arn(const ApiCall *call, const char *name, StoreArn *arn)
{
	const char *text = api_get_arn_text(call, name);

	return text != NULL && store_parse_arn(text, arn);
}

const char *
api_get_arn_text(const ApiCall *call, const char *name)
{
	const char *text = api_get_string(call, name);
	const ApiMember *member = find_member(call, name);

	if (text == NULL || !call->typed || member == NULL || strncmp(text, "arn:", 4) == 0)
		return text;
	if (member->arns & STORE_ARN_MACHINE)
		return store_machine_arn(text);
	if (member->arns & STORE_ARN_ACTIVITY)
		return store_activity_arn(text);
	return text;
}

static const ApiMember *
find_member(const ApiCall *call, const char *name)
{
	for (const ApiMember *member = call->action->members; member->name != NULL; member++)
		if (strcmp(member->name, name) == 0)
			return member;
	return NULL;
}

void
api_put(ValueObject *response, const char *name, Value value)
{
	if (!value_is_undefined(value))
		value_object_add_cstring(response, name, value);
}

void
api_put_text(ValueObject *response, const char *name, const char *text)
{
	if (text != NULL)
		value_object_add_cstring(response, name, value_cstring(text));
}

/*
 * Epoch seconds to the millisecond; for a typed function the timestamp itself.
 */
void
api_put_time(const ApiCall *call, ValueObject *response, const char *name, TimestampTz at)
{
	if (at == ENGINE_NEVER)
		return;
	api_put(response,
			name,
			call->typed ? value_int64(at) : value_double(wf_timestamp_to_epoch(at)));
}

/*
 * JSON text; for a typed function the document itself.
 */
void
api_put_json(const ApiCall *call, ValueObject *response, const char *name, Value value)
{
	if (call->typed)
		api_put(response, name, value);
	else if (!value_is_undefined(value))
		api_put_text(response, name, value_to_text(value));
}

Value
api_empty(void)
{
	return value_from_object(value_object_new(0));
}

/*
 * A typed function gives all rows unless it is told how many.
 */
void
api_get_page(const ApiCall *call, const char *scope, ApiPage *page)
{
	const char *token = api_get_string(call, "nextToken");

	page->limit = api_get_int(call, "maxResults", 0);
	if (page->limit == 0 && !call->typed)
		page->limit = DEFAULT_PAGE;
	page->position = token == NULL ? NULL : read_token(call, scope, token);
}

int64
api_page_fetch(const ApiPage *page)
{
	return page->limit == 0 ? 0 : page->limit + 1;
}

int
api_page_count(const ApiPage *page, int count)
{
	return page->limit == 0 || count <= page->limit ? count : (int) page->limit;
}

/*
 * Everything but the size of the page has to stay the same.
 */
static uint64
token_scope(const ApiCall *call, const char *scope)
{
	char *text = psprintf("%s %s", call->action->name, scope);

	return DatumGetUInt64(hash_any_extended((unsigned char *) text, strlen(text), 0));
}

void
api_put_next_token(const ApiCall *call, ValueObject *response, const char *scope,
				   const char *position)
{
	char *text = psprintf(UINT64_FORMAT "." INT64_FORMAT ".%s",
						  token_scope(call, scope),
						  call->now,
						  position);
	size_t length = strlen(text);
	char *token = palloc(length * 2 + 1);

	token[hex_encode(text, length, token)] = '\0';
	api_put_text(response, "nextToken", token);
}

static const char *
read_token(const ApiCall *call, const char *scope, const char *token)
{
	size_t length = strlen(token);
	char *text = palloc(length / 2 + 1);
	uint64 hash;
	int64 at;
	int position = 0;

	if (length % 2 == 0 && strspn(token, "0123456789abcdef") == length)
	{
		text[hex_decode(token, length, text)] = '\0';
		if (sscanf(text, UINT64_FORMAT "." INT64_FORMAT ".%n", &hash, &at, &position) ==
				2 &&
			position > 0 && hash == token_scope(call, scope) && at <= call->now &&
			call->now - at < TOKEN_LIFE)
			return text + position;
	}
	ereport(ERROR,
			errcode(ERRCODE_WF_INVALID_TOKEN),
			errmsg("Invalid Token: 'Invalid token'"));
}
