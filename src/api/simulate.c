/*-------------------------------------------------------------------------
 *
 * simulate.c
 *	  workflow.simulate(): a state machine with mocked tasks, in no time.
 *
 * Mocks are looked through before anything runs, so that a wrong one is said
 * so even where the execution does not come to it.
 *
 * Knows mocks and the memory shell; touches no table.
 *
 * IDENTIFICATION
 *	  src/api/simulate.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "engine/engine.h"
#include "guc.h"
#include "store/store.h"
#include "util/errcodes.h"
#include "workflow.h"

WF_FUNCTION(wf_simulate);

#define SIMULATION_NAME "simulation"
#define AWS_MAX_SECONDS (365 * SECS_PER_DAY)

/* What one attempt, or a range of them, does */
typedef struct MockStep
{
	int first; /* attempt, 1 ... */
	int last;
	EngineAnswer mock;
} MockStep;

/* The mocks of one state */
typedef struct StateMocks
{
	bool last_repeats; /* later attempts do what the last one did */
	int count;
	MockStep *steps; /* NULL: the state has no mock */
} StateMocks;

static AslMachine *compile_definition(text *definition);
static StateMocks *read_mocks(const AslMachine *machine, Value mocks);
static bool takes_mock(const AslState *state);
static void read_state_mocks(const char *state, Value value, StateMocks *mocks);
static EngineAnswer read_step(const char *state, Value value);
static bool is_step(Value value);
static void read_range(const char *state, const char *key, int key_len, MockStep *step);
static char *optional_text(Value value);
pg_noreturn static void raise_invalid_mock(const char *state, const char *why);
static EngineAnswer answer(const EngineTask *task, int attempt, TimestampTz until,
						   void *arg);
static void fill_execution(EngineExecution *execution, const AslMachine *machine,
						   Value input);
static void return_row(FunctionCallInfo fcinfo, const EngineExecution *execution,
					   bool with_history);
static Value history_value(const EngineExecution *execution);

/*
 * simulate(definition text, input jsonb, mocks jsonb, max_steps int)
 *
 * Raises WF005 where the definition does not compile.
 */
Datum
wf_simulate(PG_FUNCTION_ARGS)
{
	EngineExecution execution = {0};
	EngineWorld world = {.run_task = answer, .deadline = ENGINE_NEVER};
	AslMachine *machine = compile_definition(PG_GETARG_TEXT_PP(0));
	StateMocks *mocks;

	if (PG_GETARG_INT32(3) < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("max_steps must be greater than zero"));
	mocks = read_mocks(machine, value_from_jsonb(PG_GETARG_JSONB_P(2)));
	fill_execution(&execution, machine, value_from_jsonb(PG_GETARG_JSONB_P(1)));
	world.arg = mocks;
	world.max_steps = PG_GETARG_INT32(3);
	if (wf_guc_aws_limits)
		world.deadline = execution.started_at + AWS_MAX_SECONDS * USECS_PER_SEC;
	engine_run_in_memory(&execution, &world);
	return_row(fcinfo, &execution, PG_GETARG_BOOL(4));
	return (Datum) 0;
}

static AslMachine *
compile_definition(text *definition)
{
	AslCompileOptions options = {.type = ASL_STANDARD,
								 .max_depth = wf_guc_max_nesting_depth};
	AslDiagnostics diagnostics = {0};
	AslMachine *machine = asl_compile(text_to_cstring(definition),
									  &options,
									  CurrentMemoryContext,
									  &diagnostics);

	if (machine == NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_DEFINITION),
				errmsg("Invalid State Machine Definition: '%s'",
					   asl_diagnostics_message(&diagnostics)));
	return machine;
}

/* {"State": step | [step, ...] | {"0": step, "1-2": step, ...}, ...}, by state index */
static StateMocks *
read_mocks(const AslMachine *machine, Value mocks)
{
	StateMocks *result = palloc0(Max(1, machine->nstates) * sizeof(StateMocks));
	ValueObjectIter it;

	if (value_type(mocks) != TYPE_OBJECT)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("mocks must be an object with a member for each state"));
	value_object_begin(&it, mocks);
	while (value_object_next(&it))
	{
		char *name = pnstrdup(it.key, it.key_len);
		const AslState *state = asl_find_state(machine, name);

		if (state == NULL || !takes_mock(state))
			raise_invalid_mock(name, "There is no Task state of this name.");
		read_state_mocks(name, it.value, &result[state->index]);
	}
	return result;
}

/* A Task, or a Map that reads its items: they are what is returned */
static bool
takes_mock(const AslState *state)
{
	return state->type == ASL_TASK ||
		   (state->type == ASL_MAP && ((const AslMap *) state)->item_reader != NULL);
}

static void
read_state_mocks(const char *state, Value value, StateMocks *mocks)
{
	int count = 1;

	if (value_type(value) == TYPE_ARRAY)
		count = value_array_length(value);
	else if (value_type(value) == TYPE_OBJECT && !is_step(value))
		count = value_object_size(value);
	if (count == 0)
		raise_invalid_mock(state, "It is empty.");
	mocks->steps = palloc0(count * sizeof(MockStep));
	mocks->count = count;
	mocks->last_repeats = true;

	if (value_type(value) == TYPE_ARRAY)
	{
		for (int i = 0; i < count; i++)
			mocks->steps[i] =
				(MockStep){i + 1, i + 1, read_step(state, value_array_get(value, i))};
	}
	else if (value_type(value) == TYPE_OBJECT && !is_step(value))
	{
		ValueObjectIter it;
		int i = 0;

		mocks->last_repeats = false;
		value_object_begin(&it, value);
		while (value_object_next(&it))
		{
			read_range(state, it.key, it.key_len, &mocks->steps[i]);
			mocks->steps[i++].mock = read_step(state, it.value);
		}
	}
	else
		mocks->steps[0] = (MockStep){1, 1, read_step(state, value)};
}

/*
 * {"Return": value} | {"Throw": {"Error": ..., "Cause": ...}} | {"Silent": true},
 * each perhaps with "Seconds"
 */
static EngineAnswer
read_step(const char *state, Value value)
{
	EngineAnswer mock = {0};
	Value returned;
	Value thrown;
	Value silent;
	Value seconds;

	if (value_type(value) != TYPE_OBJECT)
		raise_invalid_mock(state, "A step is an object with Return, Throw or Silent.");
	returned = value_object_get_cstring(value, "Return");
	thrown = value_object_get_cstring(value, "Throw");
	silent = value_object_get_cstring(value, "Silent");
	seconds = value_object_get_cstring(value, "Seconds");
	mock.silent = value_type(silent) == TYPE_BOOL && silent.u.boolean;
	if ((int) !value_is_undefined(returned) + (int) !value_is_undefined(thrown) +
			mock.silent !=
		1)
		raise_invalid_mock(state, "A step has exactly one of Return, Throw and Silent.");
	if (!value_is_undefined(seconds) &&
		(value_type(seconds) != TYPE_NUMBER || !value_to_int64(seconds, &mock.seconds) ||
		 mock.seconds < 0 || mock.seconds > PG_INT32_MAX))
		raise_invalid_mock(state, "Seconds is a whole number, not negative.");
	if (!value_is_undefined(thrown))
	{
		if (value_type(thrown) != TYPE_OBJECT)
			raise_invalid_mock(state, "Throw is an object with Error and Cause.");
		mock.error = optional_text(value_object_get_cstring(thrown, "Error"));
		mock.cause = optional_text(value_object_get_cstring(thrown, "Cause"));
	}
	mock.succeeded = !value_is_undefined(returned);
	mock.output = returned;
	return mock;
}

/* Is this a step, or a list of steps by attempt? */
static bool
is_step(Value value)
{
	return !value_is_undefined(value_object_get_cstring(value, "Return")) ||
		   !value_is_undefined(value_object_get_cstring(value, "Throw")) ||
		   !value_is_undefined(value_object_get_cstring(value, "Silent"));
}

/* "0" or "1-2": attempts counted from 0, as Step Functions Local does */
static void
read_range(const char *state, const char *key, int key_len, MockStep *step)
{
	char *text = pnstrdup(key, key_len);
	char *dash = strchr(text, '-');
	const char *last = dash ? dash + 1 : text;

	if (dash != NULL)
		*dash = '\0';
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 8 ||
		*last == '\0' || strspn(last, "0123456789") != strlen(last) || strlen(last) > 8)
		raise_invalid_mock(state, "Attempts are numbers or ranges: \"0\", \"1-2\".");
	step->first = atoi(text) + 1;
	step->last = atoi(last) + 1;
}

static char *
optional_text(Value value)
{
	if (value_is_undefined(value) || value_type(value) == TYPE_NULL)
		return NULL;
	return value_type(value) == TYPE_STRING ? value_to_cstring(value)
											: value_to_text(value);
}

static void
raise_invalid_mock(const char *state, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("invalid mock for state \"%s\"", state),
			errdetail("%s", why));
}

/* What this attempt of a task does */
static EngineAnswer
answer(const EngineTask *task, int attempt, TimestampTz until, void *arg)
{
	/* of a Map's reader, the Map */
	const AslState *state = task->branch->state;
	const StateMocks *mocks = &((StateMocks *) arg)[state->index];
	EngineAnswer none = {.error = "States.TaskFailed"};

	if (mocks->steps == NULL)
	{
		none.cause = psprintf("no mock for state '%s'", state->name);
		return none;
	}
	if (mocks->last_repeats)
		return mocks->steps[Min(attempt, mocks->count) - 1].mock;
	for (int i = 0; i < mocks->count; i++)
		if (attempt >= mocks->steps[i].first && attempt <= mocks->steps[i].last)
			return mocks->steps[i].mock;
	none.error = "States.Runtime";
	none.cause =
		psprintf("no mock for attempt %d of state '%s'", attempt - 1, state->name);
	return none;
}

static void
fill_execution(EngineExecution *execution, const AslMachine *machine, Value input)
{
	static pg_prng_state random;

	pg_prng_seed(&random, pg_prng_uint64(&pg_global_prng_state));
	execution->machine = machine;
	execution->arn = store_execution_arn(SIMULATION_NAME, SIMULATION_NAME);
	execution->name = SIMULATION_NAME;
	execution->machine_arn = store_machine_arn(SIMULATION_NAME);
	execution->machine_name = SIMULATION_NAME;
	execution->role_arn = psprintf("arn:aws:iam::%s:role/%s",
								   wf_guc_account_id,
								   GetUserNameFromId(GetUserId(), false));
	execution->started_at = GetCurrentStatementStartTimestamp();
	execution->now = execution->started_at;
	execution->redriven_at = ENGINE_NEVER;
	execution->input.value = input;
	store_set_limits(execution);
	execution->next_event_id = 1;
	execution->next_epoch = 2;
	execution->random = &random;
}

static void
return_row(FunctionCallInfo fcinfo, const EngineExecution *execution, bool with_history)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum values[6];
	bool nulls[6] = {0};
	Interval *duration = palloc0(sizeof(Interval));

	InitMaterializedSRF(fcinfo, 0);
	duration->time = execution->now - execution->started_at;
	values[0] = CStringGetTextDatum(engine_status_name(execution->status));
	nulls[1] = value_is_undefined(execution->output);
	if (!nulls[1])
		values[1] = JsonbPGetDatum(value_to_jsonb(execution->output));
	nulls[2] = execution->error == NULL;
	if (!nulls[2])
		values[2] = CStringGetTextDatum(execution->error);
	nulls[3] = execution->cause == NULL;
	if (!nulls[3])
		values[3] = CStringGetTextDatum(execution->cause);
	values[4] = IntervalPGetDatum(duration);
	nulls[5] = !with_history;
	if (with_history)
		values[5] = JsonbPGetDatum(value_to_jsonb(history_value(execution)));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static Value
history_value(const EngineExecution *execution)
{
	ValueArray *events = value_array_new(execution->nhistory);

	for (int i = 0; i < execution->nhistory; i++)
		value_array_push(events,
						 engine_history_value(&execution->history[i],
											  wf_guc_region,
											  true));
	return value_from_array(events);
}
