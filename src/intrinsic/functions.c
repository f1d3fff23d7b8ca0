/*-------------------------------------------------------------------------
 *
 * functions.c
 *	  The table of intrinsic functions.
 *
 * A function that is not in it does not exist; nothing else knows their names.
 *
 * IDENTIFICATION
 *	  src/intrinsic/functions.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "intrinsic/call.h"

static const IntrinsicFunction functions[] = {
	{"Array", 0, INTRINSIC_ANY_ARGS, intrinsic_array},
	{"ArrayContains", 2, 2, intrinsic_array_contains},
	{"ArrayGetItem", 2, 2, intrinsic_array_get_item},
	{"ArrayLength", 1, 1, intrinsic_array_length},
	{"ArrayPartition", 2, 2, intrinsic_array_partition},
	{"ArrayRange", 3, 3, intrinsic_array_range},
	{"ArrayUnique", 1, 1, intrinsic_array_unique},
	{"Base64Decode", 1, 1, intrinsic_base64_decode},
	{"Base64Encode", 1, 1, intrinsic_base64_encode},
	{"Format", 1, INTRINSIC_ANY_ARGS, intrinsic_format, true},
	{"Hash", 2, 2, intrinsic_hash},
	{"JsonMerge", 3, 3, intrinsic_json_merge},
	{"JsonToString", 1, 1, intrinsic_json_to_string},
	{"MathAdd", 2, 2, intrinsic_math_add},
	{"MathRandom", 2, 3, intrinsic_math_random},
	{"StringSplit", 2, 2, intrinsic_string_split},
	{"StringToJson", 1, 1, intrinsic_string_to_json},
	{"UUID", 0, 0, intrinsic_uuid},
};

const IntrinsicFunction *
intrinsic_function(const char *name, int len)
{
	int i;

	for (i = 0; i < lengthof(functions); i++)
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			return &functions[i];
	return NULL;
}
