/*-------------------------------------------------------------------------
 *
 * tag.c
 *	  Tags of state machines and activities.
 *
 * IDENTIFICATION
 *	  src/api/tag.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"
#include "guc.h"

/* Tags that a resource may have */
#define MAX_TAGS 50

static const ApiMember tag_members[] =
	{{.name = "key", .kind = API_STRING, .required = true, .min = 1, .max = 128},
	 {.name = "value", .kind = API_STRING, .max = 256},
	 API_END};

const ApiMember api_tag_items[] =
	{{.name = "member", .kind = API_OBJECT, .members = tag_members, .type = "Tag"},
	 API_END};

static const ApiMember key_items[] =
	{{.name = "member", .kind = API_STRING, .min = 1, .max = 128}, API_END};

#define RESOURCE_ARN                                                                     \
	{                                                                                    \
		.name = "resourceArn", .kind = API_ARN, .required = true, .max = 256,            \
		.arns = STORE_ARN_MACHINE | STORE_ARN_ACTIVITY                                   \
	}

const ApiMember api_tag_resource_members[] =
	{RESOURCE_ARN,
	 {.name = "tags", .kind = API_LIST, .required = true, .items = api_tag_items},
	 API_END};

const ApiMember api_untag_resource_members[] =
	{RESOURCE_ARN,
	 {.name = "tagKeys", .kind = API_LIST, .required = true, .items = key_items},
	 API_END};

const ApiMember api_list_tags_for_resource_members[] = {RESOURCE_ARN, API_END};

/* What has tags */
typedef struct Resource
{
	int64 machine_id; /* 0: an activity */
	const char *activity;
	Value tags;
} Resource;

static void find_resource(const ApiCall *call, const char *const *privileges, bool lock,
						  Resource *resource);
static void save_tags(const Resource *resource, Value tags);

Value
api_tag_resource(ApiCall *call)
{
	Resource resource;

	find_resource(call, api_update, true, &resource);
	save_tags(&resource,
			  api_add_tags(call, resource.tags, api_get_arn_text(call, "resourceArn")));
	return api_empty();
}

/*
 * The same key overwrites.
 */
Value
api_add_tags(const ApiCall *call, Value tags, const char *arn)
{
	Value given = api_get(call, "tags");
	int count = value_is_undefined(given) ? 0 : value_array_length(given);
	ValueObject *result = value_object_copy(tags, count);

	for (int i = 0; i < count; i++)
	{
		Value key = value_object_get_cstring(value_array_get(given, i), "key");
		Value value = value_object_get_cstring(value_array_get(given, i), "value");

		value_object_set(result,
						 key.u.string,
						 key.len,
						 value_type(value) == TYPE_STRING ? value : value_cstring(""));
	}
	if (result->count > MAX_TAGS)
		ereport(ERROR,
				errcode(ERRCODE_WF_TOO_MANY_TAGS),
				errmsg("Too many tags: '%s'", arn),
				errdetail("A resource may have %d tags.", MAX_TAGS));
	return value_from_object(result);
}

Value
api_untag_resource(ApiCall *call)
{
	Resource resource;
	Value keys = api_get(call, "tagKeys");
	ValueObject *left = value_object_new(8);
	ValueObjectIter it;

	find_resource(call, api_update, true, &resource);
	value_object_begin(&it, resource.tags);
	while (value_object_next(&it))
	{
		bool drop = false;

		for (int i = 0; i < value_array_length(keys); i++)
			drop = drop || value_equal(value_array_get(keys, i),
									   value_string(it.key, it.key_len));
		if (!drop)
			value_object_add(left, it.key, it.key_len, it.value);
	}
	save_tags(&resource, value_from_object(left));
	return api_empty();
}

Value
api_list_tags_for_resource(ApiCall *call)
{
	Resource resource;
	ValueArray *list = value_array_new(8);
	ValueObject *response = value_object_new(1);
	ValueObjectIter it;

	find_resource(call, api_any, false, &resource);
	value_object_begin(&it, resource.tags);
	while (value_object_next(&it))
	{
		ValueObject *item = value_object_new(2);

		api_put(item, "key", value_string(it.key, it.key_len));
		api_put(item, "value", it.value);
		value_array_push(list, value_from_object(item));
	}
	api_put(response, "tags", value_from_array(list));
	return value_from_object(response);
}

/*
 * Versions and aliases have no tags of their own.
 */
static void
find_resource(const ApiCall *call, const char *const *privileges, bool lock,
			  Resource *resource)
{
	const char *text = api_get_arn_text(call, "resourceArn");
	StoreArn arn;
	StoreMachineRecord machine;
	StoreActivityRecord activity;

	memset(resource, 0, sizeof(*resource));
	api_get_arn(call, "resourceArn", &arn);
	if (arn.kind == STORE_ARN_MACHINE && arn.qualifier == NULL && arn.label == NULL &&
		store_find_machine(arn.name, lock, &machine))
	{
		api_authorize(call, machine.id, machine.owner, privileges, text);
		resource->machine_id = machine.id;
		resource->tags = machine.tags;
	}
	else if (arn.kind == STORE_ARN_ACTIVITY && store_find_activity(arn.name, &activity))
	{
		if (privileges == api_update && !store_has_role(call->user, activity.owner))
			api_access_denied(call, text);
		resource->activity = activity.name;
		resource->tags = activity.tags;
	}
	else
		ereport(ERROR,
				errcode(ERRCODE_WF_RESOURCE_NOT_FOUND),
				errmsg("Resource not found: '%s'", text));
}

static void
save_tags(const Resource *resource, Value tags)
{
	if (resource->machine_id != 0)
		store_set_machine_tags(resource->machine_id, tags);
	else
		store_set_activity_tags(resource->activity, tags);
}
