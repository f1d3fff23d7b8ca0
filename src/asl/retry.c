/*-------------------------------------------------------------------------
 *
 * retry.c
 *	  Retry and Catch of Task, Parallel and Map.
 *
 * IDENTIFICATION
 *	  src/asl/retry.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "asl/read.h"

/* What AslRetrier and AslCatcher begin with */
typedef struct Handler
{
	int nerrors;
	const char **errors; /* ErrorEquals */
} Handler;

StaticAssertDecl(offsetof(AslRetrier, errors) == offsetof(Handler, errors) &&
					 offsetof(AslCatcher, errors) == offsetof(Handler, errors),
				 "retriers and catchers begin with their errors");

static void read_errors(AslReader *reader, const AslNode *node, const AslField *field,
						void *target);
static void check_all(AslReader *reader, const AslNode *node, const AslNode *name);
static void read_jitter(AslReader *reader, const AslNode *node, const AslField *field,
						void *target);

#define MAX_COUNT 99999999
#define MAX_DELAY 31622400

/* clang-format off */
static const AslField retry_fields[] = {
	{"ErrorEquals", read_errors, ASL_REQUIRED, 0},
	{"IntervalSeconds", asl_read_int, 0, offsetof(AslRetrier, interval_seconds), 1, MAX_COUNT},
	{"MaxAttempts", asl_read_int, 0, offsetof(AslRetrier, max_attempts), 0, MAX_COUNT},
	{"BackoffRate", asl_read_double, 0, offsetof(AslRetrier, backoff_rate), 1, INFINITY},
	{"MaxDelaySeconds", asl_read_int, 0, offsetof(AslRetrier, max_delay_seconds), 1, MAX_DELAY},
	{"JitterStrategy", read_jitter, 0, offsetof(AslRetrier, jitter_full), .words = "NONE, FULL"},
	{"Comment", asl_read_comment},
};

static const AslField catch_fields[] = {
	{"ErrorEquals", read_errors, ASL_REQUIRED, 0},
	{"Next", asl_read_next, ASL_REQUIRED, offsetof(AslCatcher, next)},
	{"ResultPath", asl_read_result_path, ASL_JSONPATH_ONLY, offsetof(AslCatcher, result_path)},
	{"Output", asl_read_template, ASL_JSONATA_ONLY, offsetof(AslCatcher, output)},
	{"Assign", asl_read_assign, 0, offsetof(AslCatcher, assign)},
	{"Comment", asl_read_comment},
};

/* clang-format on */

static const AslShape retry_shape = ASL_PLAIN_SHAPE(retry_fields);
static const AslShape catch_shape = ASL_PLAIN_SHAPE(catch_fields);

/* Retry, of the state that is being read; an empty list is one */
void
asl_read_retry(AslReader *reader, const AslNode *node, const AslField *field,
			   void *target)
{
	AslRetrier *retriers;

	if (!asl_expect_list(reader, node))
		return;
	retriers = palloc0_array(AslRetrier, asl_node_count(node));
	reader->state->retriers = retriers;
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		AslRetrier *retrier = &retriers[reader->state->nretriers++];

		retrier->interval_seconds = 1;
		retrier->max_attempts = 3;
		retrier->backoff_rate = 2.0;
		(void) asl_read_object(reader, &item, &retry_shape, retrier);
	}
}

/* Catch, likewise */
void
asl_read_catch(AslReader *reader, const AslNode *node, const AslField *field,
			   void *target)
{
	AslCatcher *catchers;

	if (!asl_expect_list(reader, node))
		return;
	catchers = palloc0_array(AslCatcher, asl_node_count(node));
	reader->state->catchers = catchers;
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
		(void) asl_read_object(reader,
							   &item,
							   &catch_shape,
							   &catchers[reader->state->ncatchers++]);
}

/* ErrorEquals; target is the retrier or catcher */
static void
read_errors(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	Handler *handler = target;

	if (!asl_expect_array(reader, node))
		return;
	handler->errors = palloc_array(const char *, asl_node_count(node));
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		if (!asl_expect_string(reader, &item))
			continue;
		handler->errors[handler->nerrors++] = asl_node_text(&item);
		check_all(reader, node, &item);
	}
}

/* States.ALL matches everything: nothing can stand beside or behind it */
static void
check_all(AslReader *reader, const AslNode *node, const AslNode *name)
{
	bool is_last = node->parent->json->next == NULL;

	if (value_string_is(name->value, ASL_ERROR_ALL) &&
		(asl_node_count(node) > 1 || !is_last))
		asl_refuse(reader, name, "States.ALL must appear alone and at end of list");
}

static void
read_jitter(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	const char *word = "NONE";

	asl_read_words(reader, node, field, &word);
	*(bool *) target = strcmp(word, "FULL") == 0;
}
