/*-------------------------------------------------------------------------
 *
 * history.c
 *	  GetExecutionHistory, its typed function, and what unfolds the segments
 *	  for the view workflow.event.
 *
 * An execution that no scheduler has looked at yet has no segment; its first
 * event is known all the same and is shown.
 *
 * IDENTIFICATION
 *	  src/api/history.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "guc.h"

WF_FUNCTION(wf_get_execution_history);
WF_FUNCTION(wf__unfold);

const ApiMember api_get_execution_history_members[] = {API_EXECUTION_ARN,
													   API_MAX_RESULTS,
													   {.name = "reverseOrder",
														.kind = API_BOOLEAN},
													   API_NEXT_TOKEN(1024),
													   {.name = "includeExecutionData",
														.kind = API_BOOLEAN},
													   API_END};

/* Segments that are read at a time */
#define SEGMENTS 100

/* Takes events one by one */
typedef void (*EventSink)(const EngineHistoryEvent *event, void *arg);

/* Part of a history */
typedef struct HistoryPart
{
	const StoreExecutionRecord *execution;
	int64 from; /* id of the first event */
	bool reverse;
	int64 limit; /* 0: none */
	EventSink sink;
	void *arg;
	int64 count; /* events given so far */
	int64 next;  /* id of the event behind the last one given, 0: there is none */
} HistoryPart;

/* What the sink of the typed functions fills */
typedef struct EventRows
{
	ReturnSetInfo *result;
	bool include_data;
} EventRows;

static void scan(HistoryPart *part);
static bool scan_segment(HistoryPart *part, const StoreSegment *segment);
static bool give(HistoryPart *part, const EngineHistoryEvent *event);
static void give_start(HistoryPart *part);
static void push_event(const EngineHistoryEvent *event, void *arg);
static void put_row(const EngineHistoryEvent *event, void *arg);
static Value details(const EngineHistoryEvent *event, bool include_data);
static Value own_details(Value shown, const EngineHistoryEvent *event);

/* What the sink of the action fills */
typedef struct EventList
{
	ValueArray *list;
	bool include_data;
} EventList;

Value
api_get_execution_history(ApiCall *call)
{
	StoreExecutionRecord execution;
	ApiPage page;
	EventList events = {
		.list = value_array_new(32),
		.include_data = api_get_bool(call, "includeExecutionData", true),
	};
	HistoryPart part = {
		.execution = &execution,
		.reverse = api_get_bool(call, "reverseOrder", false),
		.sink = push_event,
		.arg = &events,
	};
	ValueObject *response = value_object_new(2);
	const char *scope;

	api_find_execution(call, true, api_read, &execution);
	scope = psprintf("%s %d %d",
					 api_get_string(call, "executionArn"),
					 part.reverse,
					 events.include_data);
	api_get_page(call, scope, &page);
	part.limit = page.limit;
	part.from = page.position  ? strtoi64(page.position, NULL, 10)
				: part.reverse ? PG_INT64_MAX
							   : 1;
	scan(&part);
	api_put(response, "events", value_from_array(events.list));
	if (part.next != 0)
		api_put_next_token(call, response, scope, psprintf(INT64_FORMAT, part.next));
	return value_from_object(response);
}

static void
push_event(const EngineHistoryEvent *event, void *arg)
{
	EventList *events = arg;

	value_array_push(events->list,
					 engine_history_value(event, wf_guc_region, events->include_data));
}

/*
 * get_execution_history(arn text, reverse_order boolean, max_results int,
 * include_execution_data boolean) returns table (id bigint, previous_id bigint,
 * at timestamptz, type text, state text, details jsonb)
 */
Datum
wf_get_execution_history(PG_FUNCTION_ARGS)
{
	ValueObject *request = value_object_new(4);
	ApiCall call = {
		.action = api_find_action("GetExecutionHistory"),
		.typed = true,
		.user = GetUserId(),
		.now = GetCurrentTimestamp(),
	};
	StoreExecutionRecord execution;
	StoreSession session;
	EventRows rows = {.include_data = PG_ARGISNULL(3) || PG_GETARG_BOOL(3)};
	HistoryPart part = {
		.execution = &execution,
		.reverse = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1),
		.limit = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2),
		.sink = put_row,
		.arg = &rows,
	};

	api_check_argument(fcinfo, 0, "arn");
	InitMaterializedSRF(fcinfo, 0);
	rows.result = (ReturnSetInfo *) fcinfo->resultinfo;
	api_put_text(request, "executionArn", text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(2))
		api_put(request, "maxResults", value_int64(PG_GETARG_INT32(2)));
	call.request = value_from_object(request);

	store_begin(&session);
	api_check(&call);
	api_find_execution(&call, true, api_read, &execution);
	part.from = part.reverse ? PG_INT64_MAX : 1;
	scan(&part);
	store_end(&session);
	return (Datum) 0;
}

/*
 * _unfold(events jsonb, payloads jsonb, first_id bigint, at timestamptz)
 * returns rows as get_execution_history()
 */
Datum
wf__unfold(PG_FUNCTION_ARGS)
{
	EventRows rows = {.include_data = true};
	EngineHistoryEvent *events;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return (Datum) 0;
	rows.result = (ReturnSetInfo *) fcinfo->resultinfo;
	count = store_history_decode(PG_GETARG_JSONB_P(0),
								 PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
								 PG_GETARG_INT64(2),
								 PG_GETARG_TIMESTAMPTZ(3),
								 &events);
	for (int i = 0; i < count; i++)
		put_row(&events[i], &rows);
	return (Datum) 0;
}

/*
 * In pages of segments; what the sink keeps it has to allocate where it
 * survives.  A scan without limit gives back its memory after each page.
 */
static void
scan(HistoryPart *part)
{
	MemoryContext page = AllocSetContextCreate(CurrentMemoryContext,
											   "workflow history",
											   ALLOCSET_DEFAULT_SIZES);
	bool begun = false;
	bool more = true;

	while (more)
	{
		int limit = part->limit == 0 ? SEGMENTS
									 : (int) Min(SEGMENTS, part->limit - part->count + 1);
		MemoryContext old_context;
		StoreSegment *segments;
		int count;

		CHECK_FOR_INTERRUPTS();
		count = store_read_history(part->execution->id,
								   part->from,
								   part->reverse,
								   limit,
								   &segments);
		if (count == 0 && !begun)
			give_start(part);
		begun = true;
		old_context =
			part->limit == 0 ? MemoryContextSwitchTo(page) : CurrentMemoryContext;
		for (int i = 0; i < count && more; i++)
			more = scan_segment(part, &segments[i]);
		MemoryContextSwitchTo(old_context);
		if (count > 0)
			part->from = part->reverse ? segments[count - 1].first_id - 1
									   : segments[count - 1].first_id +
											 segments[count - 1].event_count;
		if (part->limit == 0)
		{
			MemoryContextReset(page);
			SPI_freetuptable(SPI_tuptable);
		}
		more = more && count == limit && part->from > 0;
	}
	MemoryContextDelete(page);
}

static bool
scan_segment(HistoryPart *part, const StoreSegment *segment)
{
	EngineHistoryEvent *events;
	int count =
		store_history_decode(DatumGetJsonbP(segment->events),
							 segment->has_payloads ? DatumGetJsonbP(segment->payloads)
												   : NULL,
							 segment->first_id,
							 segment->at,
							 &events);

	for (int i = 0; i < count; i++)
		if (!give(part, &events[part->reverse ? count - 1 - i : i]))
			return false;
	return true;
}

/*
 * false once there are enough
 */
static bool
give(HistoryPart *part, const EngineHistoryEvent *event)
{
	if (part->reverse ? event->id > part->from : event->id < part->from)
		return true;
	if (part->limit != 0 && part->count == part->limit)
	{
		part->next = event->id;
		return false;
	}
	part->sink(event, part->arg);
	part->count++;
	return true;
}

/*
 * ExecutionStarted, as the engine will write it
 */
static void
give_start(HistoryPart *part)
{
	const StoreExecutionRecord *execution = part->execution;
	const StoreRevision *revision = store_revision(execution->revision_id);
	EngineHistoryEvent event = {
		.type = ENGINE_ExecutionStarted,
		.id = 1,
		.at = execution->started_at,
		.payload = execution->input,
		.timeout = -1,
		.heartbeat = -1,
		.number = -1,
	};

	if (revision != NULL)
		event.text = revision->role_arn;
	if (execution->version != 0)
		event.version_arn =
			store_version_arn(execution->machine_name, execution->version);
	if (execution->alias != NULL)
		event.alias_arn = store_alias_arn(execution->machine_name, execution->alias);
	(void) give(part, &event);
}

static void
put_row(const EngineHistoryEvent *event, void *arg)
{
	EventRows *rows = arg;
	Value detail = details(event, rows->include_data);
	Datum values[6] = {0};
	bool nulls[6] = {0};

	values[0] = Int64GetDatum(event->id);
	values[1] = Int64GetDatum(event->prev);
	values[2] = TimestampTzGetDatum(event->at);
	values[3] = CStringGetTextDatum(engine_history_type_name(event->type));
	nulls[4] = event->name == NULL;
	if (event->name != NULL)
		values[4] = CStringGetTextDatum(event->name);
	nulls[5] = value_is_undefined(detail);
	if (!nulls[5])
		values[5] = JsonbPGetDatum(value_to_jsonb(detail));
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, values, nulls);
}

/*
 * The details as the API has them, but with documents that are JSON and not
 * text.  So that no text is made of them, the API's form is asked for with
 * nulls in their places.
 */
static Value
details(const EngineHistoryEvent *event, bool include_data)
{
	EngineHistoryEvent bare = *event;
	Value shown;
	ValueObjectIter it;

	if (!value_is_undefined(bare.payload))
		bare.payload = value_null();
	shown = engine_history_value(&bare, wf_guc_region, include_data);
	value_object_begin(&it, shown);
	while (value_object_next(&it))
		if (value_type(it.value) == TYPE_OBJECT)
			return own_details(it.value, event);
	return value_undefined();
}

static Value
own_details(Value shown, const EngineHistoryEvent *event)
{
	ValueObject *own = value_object_new(8);
	ValueObjectIter it;

	value_object_begin(&it, shown);
	while (value_object_next(&it))
	{
		Value key = value_string(it.key, it.key_len);

		if (value_string_is(key, "input") || value_string_is(key, "output") ||
			value_string_is(key, "parameters"))
			value_object_add(own, it.key, it.key_len, event->payload);
		else if (value_string_is(key, "assignedVariables"))
			value_object_add(own, it.key, it.key_len, event->variables);
		else if (!value_string_is(key, "inputDetails") &&
				 !value_string_is(key, "outputDetails") &&
				 !value_string_is(key, "assignedVariablesDetails"))
			value_object_add(own, it.key, it.key_len, it.value);
	}
	return value_from_object(own);
}
