/*-------------------------------------------------------------------------
 *
 * limits.c
 *	  How far an execution may go: the settings, as the engine takes them.
 *
 * Every shell asks here, so that an execution ends at the same limits
 * wherever it runs.  The engine has no clock; the one that ends an expression
 * is here.
 *
 * IDENTIFICATION
 *	  src/store/limits.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "guc.h"
#include "store/store.h"

#define AWS_MAX_PAYLOAD 262144
#define AWS_MAX_EVENTS 25000
#define AWS_MAX_CONCURRENCY 40

static void begin_expression(void *arg);
static bool expression_expired(void *arg);

/* Set the limits of an execution, from the settings as they are now */
void
store_set_limits(EngineExecution *execution)
{
	execution->max_payload =
		wf_guc_aws_limits ? AWS_MAX_PAYLOAD : wf_guc_max_payload_size;
	execution->max_events =
		wf_guc_aws_limits ? AWS_MAX_EVENTS : wf_guc_max_history_events;
	execution->max_concurrency =
		wf_guc_aws_limits ? AWS_MAX_CONCURRENCY : wf_guc_max_map_concurrency;
	execution->limits = store_expression_limits();
}

/* Of JSONata; one expression at a time, valid until the next call */
const EvalLimits *
store_expression_limits(void)
{
	static TimestampTz deadline;
	static EvalLimits limits = {
		.begin = begin_expression,
		.expired = expression_expired,
		.arg = &deadline,
	};

	limits.max_depth = wf_guc_jsonata_max_depth;
	limits.max_memory = (Size) wf_guc_jsonata_max_memory * 1024;
	return &limits;
}

static void
begin_expression(void *arg)
{
	*(TimestampTz *) arg =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wf_guc_jsonata_timeout);
}

static bool
expression_expired(void *arg)
{
	return GetCurrentTimestamp() >= *(const TimestampTz *) arg;
}
