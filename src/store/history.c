/*-------------------------------------------------------------------------
 *
 * history.c
 *	  How a history segment holds its events.
 *
 * A segment has two documents.  events is an array with one array per event:
 *
 *		[type, previous id, microseconds after the segment's time, member, value, member, value ...]
 *
 * with the numbers of EngineHistoryType for the type and of HistoryMember for
 * the members.  payloads is an array of the documents that members refer to by
 * position: what a state passes on unchanged is stored once, however many
 * events show it.  Both numberings are on disk: add to them, never renumber.
 *
 * Must not know what the events mean.
 *
 * IDENTIFICATION
 *	  src/store/history.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/store.h"

typedef enum HistoryMember
{
	MEMBER_NAME = 1,
	MEMBER_PAYLOAD = 2,   /* position in payloads */
	MEMBER_VARIABLES = 3, /* position in payloads */
	MEMBER_RESOURCE_TYPE = 4,
	MEMBER_RESOURCE = 5,
	MEMBER_TIMEOUT = 6,
	MEMBER_HEARTBEAT = 7,
	MEMBER_CREDENTIALS = 8,
	MEMBER_ERROR = 9,
	MEMBER_CAUSE = 10,
	MEMBER_NUMBER = 11,
	MEMBER_TEXT = 12,
	MEMBER_VERSION_ARN = 13,
	MEMBER_ALIAS_ARN = 14
} HistoryMember;

/* How many payloads back an equal one is looked for */
#define PAYLOAD_LOOK_BACK 8

static void add_number(ValueArray *item, HistoryMember member, int64 value);
static void add_text(ValueArray *item, HistoryMember member, const char *text);
static void add_payload(ValueArray *item, HistoryMember member, Value value,
						ValueArray *payloads);
static bool same_document(Value a, Value b);
static void decode_member(EngineHistoryEvent *event, HistoryMember member, Value value,
						  Value payloads);
static Value payload_at(Value payloads, Value position);

/*
 * Encode the events of a step: see store.h.
 */
void
store_history_encode(const EngineHistoryEvent *events, int count, Jsonb **encoded,
					 Jsonb **payloads)
{
	ValueArray *list = value_array_new(count);
	ValueArray *documents = value_array_new(4);

	for (int i = 0; i < count; i++)
	{
		const EngineHistoryEvent *event = &events[i];
		ValueArray *item = value_array_new(9);

		value_array_push(item, value_int64(event->type));
		value_array_push(item, value_int64(event->prev));
		value_array_push(item, value_int64(event->at - events[0].at));
		add_text(item, MEMBER_NAME, event->name);
		add_payload(item, MEMBER_PAYLOAD, event->payload, documents);
		add_payload(item, MEMBER_VARIABLES, event->variables, documents);
		add_text(item, MEMBER_RESOURCE_TYPE, event->resource_type);
		add_text(item, MEMBER_RESOURCE, event->resource);
		add_number(item, MEMBER_TIMEOUT, event->timeout);
		add_number(item, MEMBER_HEARTBEAT, event->heartbeat);
		add_text(item, MEMBER_CREDENTIALS, event->credentials);
		add_text(item, MEMBER_ERROR, event->error);
		add_text(item, MEMBER_CAUSE, event->cause);
		add_number(item, MEMBER_NUMBER, event->number);
		add_text(item, MEMBER_TEXT, event->text);
		add_text(item, MEMBER_VERSION_ARN, event->version_arn);
		add_text(item, MEMBER_ALIAS_ARN, event->alias_arn);
		value_array_push(list, value_from_array(item));
	}
	*encoded = value_to_jsonb(value_from_array(list));
	*payloads =
		documents->count == 0 ? NULL : value_to_jsonb(value_from_array(documents));
}

/* Absent numbers are negative */
static void
add_number(ValueArray *item, HistoryMember member, int64 value)
{
	if (value < 0)
		return;
	value_array_push(item, value_int64(member));
	value_array_push(item, value_int64(value));
}

static void
add_text(ValueArray *item, HistoryMember member, const char *text)
{
	if (text == NULL)
		return;
	value_array_push(item, value_int64(member));
	value_array_push(item, value_cstring(text));
}

static void
add_payload(ValueArray *item, HistoryMember member, Value value, ValueArray *payloads)
{
	int position;

	if (value_is_undefined(value))
		return;
	for (position = payloads->count - 1; position >= 0; position--)
		if (position < payloads->count - PAYLOAD_LOOK_BACK ||
			same_document(payloads->items[position], value))
			break;
	if (position < 0 || !same_document(payloads->items[position], value))
	{
		position = payloads->count;
		value_array_push(payloads, value);
	}
	value_array_push(item, value_int64(member));
	value_array_push(item, value_int64(position));
}

/*
 * Is it one and the same document?  By identity: a deep comparison would cost
 * more than it saves.
 */
static bool
same_document(Value a, Value b)
{
	if (a.kind != b.kind)
		return false;
	switch (a.kind)
	{
		case VALUE_NULL:
			return true;
		case VALUE_BOOL:
			return a.u.boolean == b.u.boolean;
		case VALUE_DOUBLE:
			return a.u.number == b.u.number;
		case VALUE_STRING:
			return a.len == b.len && a.u.string == b.u.string;
		default:
			return a.u.array == b.u.array; /* any pointer of the union */
	}
}

/*
 * Decode a segment: see store.h.
 */
int
store_history_decode(Jsonb *encoded, Jsonb *payloads, int64 first_id, TimestampTz at,
					 EngineHistoryEvent **events)
{
	Value list = value_from_jsonb(encoded);
	Value documents = payloads == NULL ? value_undefined() : value_from_jsonb(payloads);
	int count = value_array_length(list);

	*events = palloc0(Max(count, 1) * sizeof(EngineHistoryEvent));
	for (int i = 0; i < count; i++)
	{
		EngineHistoryEvent *event = &(*events)[i];
		Value item = value_array_get(list, i);
		int length = value_array_length(item);

		event->type = (EngineHistoryType) value_to_double(value_array_get(item, 0));
		event->id = first_id + i;
		event->prev = (int64) value_to_double(value_array_get(item, 1));
		event->at = at + (int64) value_to_double(value_array_get(item, 2));
		event->timeout = -1;
		event->heartbeat = -1;
		event->number = -1;
		for (int member = 3; member + 1 < length; member += 2)
			decode_member(event,
						  (HistoryMember) value_to_double(value_array_get(item, member)),
						  value_array_get(item, member + 1),
						  documents);
	}
	return count;
}

static void
decode_member(EngineHistoryEvent *event, HistoryMember member, Value value,
			  Value payloads)
{
	switch (member)
	{
		case MEMBER_NAME:
			event->name = value_to_cstring(value);
			break;
		case MEMBER_PAYLOAD:
			event->payload = payload_at(payloads, value);
			break;
		case MEMBER_VARIABLES:
			event->variables = payload_at(payloads, value);
			break;
		case MEMBER_RESOURCE_TYPE:
			event->resource_type = value_to_cstring(value);
			break;
		case MEMBER_RESOURCE:
			event->resource = value_to_cstring(value);
			break;
		case MEMBER_TIMEOUT:
			event->timeout = (int64) value_to_double(value);
			break;
		case MEMBER_HEARTBEAT:
			event->heartbeat = (int64) value_to_double(value);
			break;
		case MEMBER_CREDENTIALS:
			event->credentials = value_to_cstring(value);
			break;
		case MEMBER_ERROR:
			event->error = value_to_cstring(value);
			break;
		case MEMBER_CAUSE:
			event->cause = value_to_cstring(value);
			break;
		case MEMBER_NUMBER:
			event->number = (int64) value_to_double(value);
			break;
		case MEMBER_TEXT:
			event->text = value_to_cstring(value);
			break;
		case MEMBER_VERSION_ARN:
			event->version_arn = value_to_cstring(value);
			break;
		case MEMBER_ALIAS_ARN:
			event->alias_arn = value_to_cstring(value);
			break;
	}
}

static Value
payload_at(Value payloads, Value position)
{
	return value_array_get(payloads, (int) value_to_double(position));
}
