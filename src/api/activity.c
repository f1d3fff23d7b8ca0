/*-------------------------------------------------------------------------
 *
 * activity.c
 *	  Activities: CreateActivity, DescribeActivity, DeleteActivity,
 *	  ListActivities.
 *
 * IDENTIFICATION
 *	  src/api/activity.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "api/api.h"

#define ACTIVITY_ARN                                                                     \
	{                                                                                    \
		.name = "activityArn", .kind = API_ARN, .required = true, .max = 256,            \
		.arns = STORE_ARN_ACTIVITY                                                       \
	}

const ApiMember api_create_activity_members[] =
	{{.name = "name", .kind = API_STRING, .required = true, .min = 1, .max = 80},
	 {.name = "tags", .kind = API_LIST, .items = api_tag_items},
	 API_END};

const ApiMember api_describe_activity_members[] = {ACTIVITY_ARN, API_END};

const ApiMember api_delete_activity_members[] = {ACTIVITY_ARN, API_END};

const ApiMember api_list_activities_members[] = {API_MAX_RESULTS,
												 API_NEXT_TOKEN(1024),
												 API_END};

/*
 * To create one that there is already is no error.
 */
Value
api_create_activity(ApiCall *call)
{
	StoreActivityRecord activity = {
		.name = value_to_cstring(api_get(call, "name")),
		.owner = GetUserNameFromId(call->user, false),
		.created_at = call->now,
	};
	ValueObject *response = value_object_new(2);

	api_check_name(activity.name);
	activity.tags = api_add_tags(call, api_empty(), store_activity_arn(activity.name));
	if (!store_insert_activity(&activity))
		(void) store_find_activity(activity.name, &activity);
	api_put_text(response, "activityArn", store_activity_arn(activity.name));
	api_put_time(call, response, "creationDate", activity.created_at);
	return value_from_object(response);
}

Value
api_describe_activity(ApiCall *call)
{
	StoreArn arn;
	StoreActivityRecord activity;
	ValueObject *response = value_object_new(4);
	ValueObject *encryption = value_object_new(1);

	api_get_arn(call, "activityArn", &arn);
	if (!store_find_activity(arn.name, &activity))
		ereport(ERROR,
				errcode(ERRCODE_WF_ACTIVITY_DOES_NOT_EXIST),
				errmsg("Activity Does Not Exist: '%s'",
					   api_get_arn_text(call, "activityArn")));
	api_put_text(response, "activityArn", store_activity_arn(activity.name));
	api_put_text(response, "name", activity.name);
	api_put_time(call, response, "creationDate", activity.created_at);
	api_put_text(encryption, "type", "AWS_OWNED_KEY");
	api_put(response, "encryptionConfiguration", value_from_object(encryption));
	return value_from_object(response);
}

/*
 * No error where there is no such activity.
 */
Value
api_delete_activity(ApiCall *call)
{
	StoreArn arn;
	StoreActivityRecord activity;

	api_get_arn(call, "activityArn", &arn);
	if (!store_find_activity(arn.name, &activity))
		return api_empty();
	if (!store_has_role(call->user, activity.owner))
		api_access_denied(call, api_get_arn_text(call, "activityArn"));
	store_delete_activity(activity.name);
	return api_empty();
}

Value
api_list_activities(ApiCall *call)
{
	ApiPage page;
	StoreActivityRecord *activities;
	ValueArray *list = value_array_new(16);
	ValueObject *response = value_object_new(2);
	int count;

	api_get_page(call, "", &page);
	count = store_list_activities(page.position, api_page_fetch(&page), &activities);
	for (int i = 0; i < api_page_count(&page, count); i++)
	{
		ValueObject *item = value_object_new(4);

		api_put_text(item, "activityArn", store_activity_arn(activities[i].name));
		api_put_text(item, "name", activities[i].name);
		api_put_time(call, item, "creationDate", activities[i].created_at);
		value_array_push(list, value_from_object(item));
	}
	api_put(response, "activities", value_from_array(list));
	if (api_page_count(&page, count) < count)
		api_put_next_token(call, response, "", activities[page.limit - 1].name);
	return value_from_object(response);
}
