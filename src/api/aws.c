/*-------------------------------------------------------------------------
 *
 * aws.c
 *	  The table of actions, and workflow.api(): the door for programs.
 *
 * Takes and gives what the AWS JSON 1.0 protocol carries, and knows nothing of
 * any action but its row here.
 *
 * IDENTIFICATION
 *	  src/api/aws.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/api.h"

WF_FUNCTION(wf_api);

pg_noreturn static void unknown(const char *name);

/* In alphabetical order */
static const ApiAction actions[] = {
	{"CreateActivity", api_create_activity, api_create_activity_members, "activityArn"},
	{"CreateStateMachine",
	 api_create_state_machine,
	 api_create_state_machine_members,
	 "stateMachineArn"},
	{"CreateStateMachineAlias",
	 api_create_state_machine_alias,
	 api_create_state_machine_alias_members,
	 "stateMachineAliasArn"},
	{"DeleteActivity", api_delete_activity, api_delete_activity_members},
	{"DeleteStateMachine", api_delete_state_machine, api_delete_state_machine_members},
	{"DeleteStateMachineAlias",
	 api_delete_state_machine_alias,
	 api_delete_state_machine_alias_members},
	{"DeleteStateMachineVersion",
	 api_delete_state_machine_version,
	 api_delete_state_machine_version_members},
	{"DescribeActivity", api_describe_activity, api_describe_activity_members},
	{"DescribeExecution", api_describe_execution, api_describe_execution_members},
	{"DescribeMapRun", api_describe_map_run, api_describe_map_run_members},
	{"DescribeStateMachine",
	 api_describe_state_machine,
	 api_describe_state_machine_members},
	{"DescribeStateMachineAlias",
	 api_describe_state_machine_alias,
	 api_describe_state_machine_alias_members},
	{"DescribeStateMachineForExecution",
	 api_describe_state_machine_for_execution,
	 api_describe_state_machine_for_execution_members},
	{"GetActivityTask", api_get_activity_task, api_get_activity_task_members},
	{"GetActivityTasks",
	 api_get_activity_tasks,
	 api_get_activity_tasks_members,
	 NULL,
	 "tasks",
	 true},
	{"GetExecutionHistory", api_get_execution_history, api_get_execution_history_members},
	{"ListActivities",
	 api_list_activities,
	 api_list_activities_members,
	 NULL,
	 "activities"},
	{"ListExecutions",
	 api_list_executions,
	 api_list_executions_members,
	 NULL,
	 "executions"},
	{"ListMapRuns", api_list_map_runs, api_list_map_runs_members, NULL, "mapRuns"},
	{"ListStateMachineAliases",
	 api_list_state_machine_aliases,
	 api_list_state_machine_aliases_members,
	 NULL,
	 "stateMachineAliases"},
	{"ListStateMachineVersions",
	 api_list_state_machine_versions,
	 api_list_state_machine_versions_members,
	 NULL,
	 "stateMachineVersions"},
	{"ListStateMachines",
	 api_list_state_machines,
	 api_list_state_machines_members,
	 NULL,
	 "stateMachines"},
	{"ListTagsForResource",
	 api_list_tags_for_resource,
	 api_list_tags_for_resource_members,
	 NULL,
	 "tags"},
	{"PublishStateMachineVersion",
	 api_publish_state_machine_version,
	 api_publish_state_machine_version_members,
	 "stateMachineVersionArn"},
	{"SendTaskFailure", api_send_task_failure, api_send_task_failure_members},
	{"SendTaskHeartbeat", api_send_task_heartbeat, api_send_task_heartbeat_members},
	{"SendTaskSuccess", api_send_task_success, api_send_task_success_members},
	{"StartExecution", api_start_execution, api_start_execution_members, "executionArn"},
	{"StartSyncExecution",
	 api_start_sync_execution,
	 api_start_sync_execution_members,
	 .outside = true},
	{"StopExecution", api_stop_execution, api_stop_execution_members, "stopDate"},
	{"TagResource", api_tag_resource, api_tag_resource_members},
	{"UntagResource", api_untag_resource, api_untag_resource_members},
	{"UpdateMapRun", api_update_map_run, api_update_map_run_members},
	{"UpdateStateMachine", api_update_state_machine, api_update_state_machine_members},
	{"UpdateStateMachineAlias",
	 api_update_state_machine_alias,
	 api_update_state_machine_alias_members,
	 "updateDate"},
	{"ValidateStateMachineDefinition",
	 api_validate_state_machine_definition,
	 api_validate_state_machine_definition_members,
	 NULL,
	 "diagnostics"},
};

const ApiAction *
api_find_action(const char *name)
{
	for (int i = 0; i < lengthof(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	unknown(name);
}

static void
unknown(const char *name)
{
	ereport(ERROR,
			errcode(ERRCODE_WF_UNKNOWN_OPERATION),
			errmsg("Unknown operation: '%s'", name));
}

Value
api_run(const ApiAction *action, Value request, bool typed, Oid user)
{
	ApiCall *call = palloc_object(ApiCall);

	*call = (ApiCall){
		.action = action,
		.typed = typed,
		.request = request,
		.user = user,
		.now = GetCurrentTimestamp(),
	};
	if (action->function != api_start_execution &&
		action->function != api_start_sync_execution)
		api_forget_target();
	api_check(call);
	return action->function(call);
}

/*
 * api(action text, request jsonb) returns jsonb
 */
Datum
wf_api(PG_FUNCTION_ARGS)
{
	const ApiAction *action;
	Jsonb *request;
	Jsonb *response;
	Value result;
	StoreSession session;
	MemoryContext caller = CurrentMemoryContext;
	Oid user = GetUserId();

	api_check_argument(fcinfo, 0, "action");
	api_check_argument(fcinfo, 1, "request");
	action = api_find_action(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (action->typed_only)
		unknown(action->name);
	request = PG_GETARG_JSONB_P(1);
	if (!JB_ROOT_IS_OBJECT(request))
		ereport(ERROR,
				errcode(ERRCODE_WF_VALIDATION),
				errmsg("1 validation error detected: the request must be a JSON object"));

	if (action->outside)
		PG_RETURN_JSONB_P(
			value_to_jsonb(api_run(action, value_from_jsonb(request), false, user)));
	store_begin(&session);
	result = api_run(action, value_from_jsonb(request), false, user);
	MemoryContextSwitchTo(caller);
	response = value_to_jsonb(result);
	store_end(&session);
	PG_RETURN_JSONB_P(response);
}
