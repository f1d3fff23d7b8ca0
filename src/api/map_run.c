/*-------------------------------------------------------------------------
 *
 * map_run.c
 *	  DescribeMapRun, ListMapRuns, UpdateMapRun; and the children of a Map Run
 *	  for ListExecutions.
 *
 * IDENTIFICATION
 *	  src/api/map_run.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"

#define MAP_RUN_ARN                                                                      \
	{                                                                                    \
		.name = "mapRunArn", .kind = API_ARN, .required = true, .min = 1, .max = 2000,   \
		.arns = STORE_ARN_MAP_RUN                                                        \
	}

const ApiMember api_describe_map_run_members[] = {MAP_RUN_ARN, API_END};

const ApiMember api_list_map_runs_members[] = {API_EXECUTION_ARN,
											   API_MAX_RESULTS,
											   API_NEXT_TOKEN(1024),
											   API_END};

const ApiMember api_update_map_run_members[] =
	{MAP_RUN_ARN,
	 {.name = "maxConcurrency", .kind = API_INTEGER},
	 {.name = "toleratedFailurePercentage", .kind = API_NUMBER, .max = 100},
	 {.name = "toleratedFailureCount", .kind = API_INTEGER},
	 API_END};

static void put_names(ValueObject *response, const StoreMapRunRecord *run);
static Value counts(const EngineMapCounts *counts, bool written);

void
api_find_map_run(const ApiCall *call, const char *const *privileges,
				 StoreMapRunRecord *run)
{
	const char *text = api_get_arn_text(call, "mapRunArn");
	StoreArn arn;

	if (!api_get_arn(call, "mapRunArn", &arn) || arn.qualifier == NULL ||
		arn.label == NULL || !store_find_map_run(arn.qualifier, run) ||
		strcmp(run->machine_name, arn.name) != 0 || strcmp(run->label, arn.label) != 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_RESOURCE_NOT_FOUND),
				errmsg("Resource not found: '%s'", text));
	api_authorize(call, run->state_machine_id, run->machine_owner, privileges, text);
}

Value
api_describe_map_run(ApiCall *call)
{
	StoreMapRunRecord run;
	ValueObject *response = value_object_new(12);

	api_find_map_run(call, api_status, &run);
	put_names(response, &run);
	api_put_text(response, "status", run.status);
	api_put_time(call, response, "startDate", run.started_at);
	api_put_time(call, response, "stopDate", run.stopped_at);
	api_put(response, "maxConcurrency", value_int64(run.max_concurrency));
	api_put(response,
			"toleratedFailurePercentage",
			value_double(run.tolerated_percentage));
	api_put(response, "toleratedFailureCount", value_int64(run.tolerated_count));
	api_put(response, "itemCounts", counts(&run.items, run.results_written));
	api_put(response, "executionCounts", counts(&run.executions, run.results_written));
	api_put(response, "redriveCount", value_int64(0));
	return value_from_object(response);
}

static void
put_names(ValueObject *response, const StoreMapRunRecord *run)
{
	api_put_text(response,
				 "mapRunArn",
				 store_map_run_arn(run->machine_name, run->label, run->name));
	api_put_text(response,
				 "executionArn",
				 store_execution_arn(store_labeled_name(run->machine_name,
														run->execution_label),
									 run->execution_name));
}

static Value
counts(const EngineMapCounts *counts, bool written)
{
	ValueObject *object = value_object_new(10);
	int64 ended =
		counts->succeeded + counts->failed + counts->timed_out + counts->aborted;

	api_put(object, "pending", value_int64(counts->total - counts->running - ended));
	api_put(object, "running", value_int64(counts->running));
	api_put(object, "succeeded", value_int64(counts->succeeded));
	api_put(object, "failed", value_int64(counts->failed));
	api_put(object, "timedOut", value_int64(counts->timed_out));
	api_put(object, "aborted", value_int64(counts->aborted));
	api_put(object, "total", value_int64(counts->total));
	api_put(object, "resultsWritten", value_int64(written ? counts->total : 0));
	api_put(object, "failuresNotRedrivable", value_int64(0));
	api_put(object, "pendingRedrive", value_int64(0));
	return value_from_object(object);
}

/*
 * Newest first
 */
Value
api_list_map_runs(ApiCall *call)
{
	const char *text = api_get_arn_text(call, "executionArn");
	StoreExecutionRecord execution;
	StoreMapRunRecord *runs;
	ApiPage page;
	ValueArray *list = value_array_new(4);
	ValueObject *response = value_object_new(2);
	int count;

	api_find_execution(call, false, api_status, &execution);
	api_get_page(call, text, &page);
	count = store_list_map_runs(execution.id,
								page.position ? strtoi64(page.position, NULL, 10) : 0,
								api_page_fetch(&page),
								&runs);
	for (int i = 0; i < api_page_count(&page, count); i++)
	{
		ValueObject *item = value_object_new(5);

		put_names(item, &runs[i]);
		api_put_text(item,
					 "stateMachineArn",
					 store_machine_arn(
						 store_labeled_name(runs[i].machine_name, runs[i].label)));
		api_put_time(call, item, "startDate", runs[i].started_at);
		api_put_time(call, item, "stopDate", runs[i].stopped_at);
		value_array_push(list, value_from_object(item));
	}
	api_put(response, "mapRuns", value_from_array(list));
	if (api_page_count(&page, count) < count)
		api_put_next_token(call,
						   response,
						   text,
						   psprintf(INT64_FORMAT, runs[page.limit - 1].id));
	return value_from_object(response);
}

/*
 * Counts from the next step of the execution on, which begins at the commit.
 */
Value
api_update_map_run(ApiCall *call)
{
	static const char *const members[] = {"maxConcurrency",
										  "toleratedFailurePercentage",
										  "toleratedFailureCount"};
	StoreMapRunRecord run;
	ValueObject *settings = value_object_new(3);

	api_find_map_run(call, api_update, &run);
	for (int i = 0; i < lengthof(members); i++)
		api_put(settings, members[i], api_get(call, members[i]));
	if (settings->count == 0)
		ereport(
			ERROR,
			errcode(ERRCODE_WF_VALIDATION),
			errmsg(
				"At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified"));
	if (strcmp(run.status, "RUNNING") != 0)
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("Map Run is %s and cannot be updated: '%s'",
					   run.status,
					   api_get_arn_text(call, "mapRunArn")));
	store_update_map_run(&run, value_from_object(settings));
	return api_empty();
}
