/*-------------------------------------------------------------------------
 *
 * arn.c
 *	  ARNs: made from names, and taken apart.
 *
 * Knows AWS's formats; must not know whether what one names exists.
 *
 * IDENTIFICATION
 *	  src/store/arn.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "guc.h"
#include "store/records.h"

typedef struct ArnType
{
	const char *service;
	const char *name;
	StoreArnKind kind;
} ArnType;

static const ArnType arn_types[] = {
	{"states", "stateMachine", STORE_ARN_MACHINE},
	{"states", "execution", STORE_ARN_EXECUTION},
	{"states", "express", STORE_ARN_EXPRESS},
	{"states", "activity", STORE_ARN_ACTIVITY},
	{"states", "mapRun", STORE_ARN_MAP_RUN},
};

static char *next_part(char **rest, char separator);
static bool parse_role(char *resource, StoreArn *arn);

char *
store_machine_arn(const char *machine_name)
{
	return psprintf("arn:aws:states:%s:%s:stateMachine:%s",
					wf_guc_region,
					wf_guc_account_id,
					machine_name);
}

char *
store_execution_arn(const char *machine_name, const char *execution_name)
{
	return psprintf("arn:aws:states:%s:%s:execution:%s:%s",
					wf_guc_region,
					wf_guc_account_id,
					machine_name,
					execution_name);
}

char *
store_express_arn(const char *machine_name, const char *execution_name, const char *id)
{
	return psprintf("arn:aws:states:%s:%s:express:%s:%s:%s",
					wf_guc_region,
					wf_guc_account_id,
					machine_name,
					execution_name,
					id);
}

/*
 * A child is started once only: the UUID of an EXPRESS one is its name.
 */
char *
store_map_child_arn(const char *labeled_name, const char *name, bool express)
{
	return express ? store_express_arn(labeled_name, name, name)
				   : store_execution_arn(labeled_name, name);
}

char *
store_labeled_name(const char *machine_name, const char *label)
{
	return label == NULL ? pstrdup(machine_name) : psprintf("%s/%s", machine_name, label);
}

char *
store_map_run_arn(const char *machine_name, const char *label, const char *name)
{
	return psprintf("arn:aws:states:%s:%s:mapRun:%s/%s:%s",
					wf_guc_region,
					wf_guc_account_id,
					machine_name,
					label,
					name);
}

char *
store_map_stop_cause(const char *map_run_arn)
{
	return psprintf("The map run execution [%s] which was managing this resource was "
					"aborted",
					map_run_arn);
}

char *
store_version_arn(const char *machine_name, int number)
{
	return psprintf("%s:%d", store_machine_arn(machine_name), number);
}

char *
store_alias_arn(const char *machine_name, const char *alias)
{
	return psprintf("%s:%s", store_machine_arn(machine_name), alias);
}

char *
store_activity_arn(const char *name)
{
	return psprintf("arn:aws:states:%s:%s:activity:%s",
					wf_guc_region,
					wf_guc_account_id,
					name);
}

char *
store_role_arn(const char *role)
{
	return psprintf("arn:aws:iam::%s:role/%s", wf_guc_account_id, role);
}

/*
 * arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE:NAME[/LABEL][:QUALIFIER]
 */
bool
store_parse_arn(const char *text, StoreArn *arn)
{
	char *rest = pstrdup(text);
	char *service;
	char *type;
	char *resource;

	memset(arn, 0, sizeof(*arn));
	if (strcmp(next_part(&rest, ':'), "arn") != 0 || rest == NULL)
		return false;
	next_part(&rest, ':');
	service = rest ? next_part(&rest, ':') : NULL;
	if (rest)
		next_part(&rest, ':');
	if (rest)
		next_part(&rest, ':');
	if (rest == NULL || *rest == '\0')
		return false;

	if (strcmp(service, "iam") == 0)
		return parse_role(rest, arn);

	type = next_part(&rest, ':');
	if (rest == NULL)
		return false;
	arn->type = type;
	resource = next_part(&rest, ':');
	arn->qualifier = rest;
	arn->name = next_part(&resource, '/');
	arn->label = resource;
	if (arn->name[0] == '\0' || (rest != NULL && rest[0] == '\0'))
		return false;
	for (int i = 0; i < lengthof(arn_types); i++)
		if (strcmp(arn_types[i].service, service) == 0 &&
			strcmp(arn_types[i].name, type) == 0)
			arn->kind = arn_types[i].kind;
	if (arn->kind == STORE_ARN_EXPRESS && arn->label != NULL)
		arn->kind = STORE_ARN_EXPRESS_CHILD;
	return arn->kind != 0;
}

/*
 * Cut off what stands before the separator; *rest becomes what stands behind,
 * NULL where there is no separator.
 */
static char *
next_part(char **rest, char separator)
{
	char *part = *rest;
	char *end = strchr(part, separator);

	if (end)
		*end++ = '\0';
	*rest = end;
	return part;
}

static bool
parse_role(char *resource, StoreArn *arn)
{
	char *name = strrchr(resource, '/');

	arn->type = pnstrdup(resource, strcspn(resource, "/:"));
	if (strcmp(arn->type, "role") != 0 || name == NULL || name[1] == '\0')
		return false;
	arn->kind = STORE_ARN_ROLE;
	arn->name = name + 1;
	return true;
}
