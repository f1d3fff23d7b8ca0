/*-------------------------------------------------------------------------
 *
 * retry.c
 *	  Retry and Catch: which one takes an error, and when to try again.
 *
 * Knows error names; must not know what failed.
 *
 * IDENTIFICATION
 *	  src/engine/retry.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/timestamp.h"

#include "engine/visit.h"

/* Seconds: a century.  What is longer might leave the range of timestamps. */
#define MAX_RETRY_DELAY 3.2e9

static bool matches(const char *const *patterns, int count, const EngineFailure *failure);
static bool matches_one(const char *pattern, const EngineFailure *failure);
static TimestampTz next_attempt(EngineExecution *execution, const AslRetrier *retrier,
								int count);
static Value error_object(const EngineFailure *failure);

/*
 * The first retrier that names the error decides: where it is used up, later
 * ones are not asked.
 */
bool
engine_retry(EngineVisit *visit, const EngineFailure *failure)
{
	const AslState *state = visit->state;
	EngineBranch *branch = visit->branch;
	int i = 0;

	while (i < state->nretriers &&
		   !matches(state->retriers[i].errors, state->retriers[i].nerrors, failure))
		i++;
	if (i == state->nretriers)
		return false;
	if (branch->nretries < state->nretriers)
	{
		int *retries = palloc0(state->nretriers * sizeof(int));

		if (branch->nretries > 0)
			memcpy(retries, branch->retries, branch->nretries * sizeof(int));
		branch->retries = retries;
		branch->nretries = state->nretriers;
	}
	if (branch->retries[i] >= state->retriers[i].max_attempts)
		return false;
	branch->retries[i]++;
	branch->retry_count++;
	engine_to_phase(visit,
					ENGINE_RETRYING,
					next_attempt(visit->execution,
								 &state->retriers[i],
								 branch->retries[i]));
	return true;
}

bool
engine_catch(EngineVisit *visit, const EngineFailure *failure)
{
	const AslState *state = visit->state;

	for (int i = 0; i < state->ncatchers; i++)
	{
		const AslCatcher *catcher = &state->catchers[i];

		if (matches(catcher->errors, catcher->nerrors, failure))
			return engine_leave_with_error(visit, error_object(failure), catcher);
	}
	engine_fail_branch(visit, failure);
	return true;
}

static bool
matches(const char *const *patterns, int count, const EngineFailure *failure)
{
	/* not even a pattern that says so takes it */
	if (failure->error != NULL && strcmp(failure->error, ENGINE_ERROR_RUNTIME) == 0)
		return false;
	for (int i = 0; i < count; i++)
		if (matches_one(patterns[i], failure))
			return true;
	return false;
}

static bool
matches_one(const char *pattern, const EngineFailure *failure)
{
	const char *error = failure->error;

	if (strcmp(pattern, ENGINE_ERROR_ALL) == 0)
		return true;
	/* any error but a timeout, also one without a name */
	if (strcmp(pattern, ENGINE_ERROR_TASK_FAILED) == 0)
		return error == NULL || (strcmp(error, ENGINE_ERROR_TIMEOUT) != 0 &&
								 strcmp(error, ENGINE_ERROR_HEARTBEAT) != 0);
	if (failure->heartbeat && strcmp(pattern, ENGINE_ERROR_HEARTBEAT) == 0)
		return true;
	return error != NULL && strcmp(pattern, error) == 0;
}

/* When the count-th retry is due */
static TimestampTz
next_attempt(EngineExecution *execution, const AslRetrier *retrier, int count)
{
	double delay = retrier->interval_seconds * pow(retrier->backoff_rate, count - 1);

	if (retrier->max_delay_seconds > 0)
		delay = Min(delay, (double) retrier->max_delay_seconds);
	delay = Min(delay, MAX_RETRY_DELAY);
	if (retrier->jitter_full)
		delay *= pg_prng_double(execution->random);
	return execution->now + (TimestampTz) (delay * USECS_PER_SEC);
}

/* Both members are always there; a timeout's Cause is an empty string */
static Value
error_object(const EngineFailure *failure)
{
	ValueObject *object = value_object_new(2);
	Value cause = value_null();

	if (failure->cause != NULL)
		cause = value_cstring(failure->cause);
	else if (failure->error != NULL && strcmp(failure->error, ENGINE_ERROR_TIMEOUT) == 0)
		cause = value_cstring("");
	value_object_add_cstring(object,
							 "Error",
							 failure->error ? value_cstring(failure->error)
											: value_null());
	value_object_add_cstring(object, "Cause", cause);
	return value_from_object(object);
}
