/*-------------------------------------------------------------------------
 *
 * scope.c
 *	  States objects: of a machine, of a branch, of an item processor.
 *
 * States are read in their order; Next and its kin only note down where they
 * want to go, and are resolved (check.c) when all states of the object are known.
 *
 * IDENTIFICATION
 *	  src/asl/scope.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "asl/read.h"
#include "util/utf8.h"

#define MAX_NAME_LENGTH 80

static void check_name(AslReader *reader, const AslNode *node);

/*
 * Read an object with StartAt and States.  Its states begin with the machine's
 * language, whatever the state around them has.
 */
void
asl_read_scope(AslReader *reader, const AslNode *node, const AslShape *shape,
			   AslScope *scope, bool sees_outer)
{
	AslReader outer = *reader;
	AslScopeReader level = {.outer = sees_outer ? reader->scope : NULL, .scope = scope};
	bool read;

	scope->owner = reader->state;
	reader->scope = &level;
	reader->state = NULL;
	reader->language = reader->machine->language;
	reader->mixed = false;
	reader->references = NIL;
	reader->functions = NIL;
	read = asl_read_object(reader, node, shape, scope);
	if (read)
		asl_check_scope(reader, &level);
	reader->scope = outer.scope;
	reader->state = outer.state;
	reader->language = outer.language;
	reader->mixed = outer.mixed;
	reader->references = outer.references;
	reader->functions = outer.functions;
}

/* StartAt, Next, Default: found when all states of the scope are known */
void
asl_read_next(AslReader *reader, const AslNode *node, const AslField *field, void *target)
{
	MemoryContext old;
	AslTransition *transition;

	if (!asl_expect_string(reader, node))
		return;
	old = MemoryContextSwitchTo(reader->scratch);
	transition = palloc_object(AslTransition);
	transition->from = reader->state;
	transition->to = target;
	transition->name = asl_node_text(node);
	transition->location = asl_node_location(node);
	if (reader->state == NULL)
	{
		/* StartAt: the first one in reports, too */
		reader->scope->has_start = true;
		reader->scope->transitions = lcons(transition, reader->scope->transitions);
	}
	else
		reader->scope->transitions = lappend(reader->scope->transitions, transition);
	MemoryContextSwitchTo(old);
}

/* States, of the scope that is being read */
void
asl_read_states(AslReader *reader, const AslNode *node, const AslField *field,
				void *target)
{
	if (!asl_expect_object(reader, node))
		return;
	if (node->json->child == NULL)
	{
		asl_refuse(reader, node, "Value cannot be empty");
		return;
	}
	reader->scope->members = node->value;
	for (AslNode member = asl_node_first(node); member.json;
		 member = asl_node_next(&member))
	{
		check_name(reader, &member);
		(void) asl_read_state(reader, &member);
	}
}

static void
check_name(AslReader *reader, const AslNode *node)
{
	int length = utf8_length(node->key, (int) strlen(node->key));

	if (length == 0)
		asl_diagnose(reader,
					 ASL_ERROR,
					 ASL_CODE_STATE_NAME,
					 node,
					 "State name cannot be empty");
	else if (length > MAX_NAME_LENGTH)
		asl_diagnose(
			reader,
			ASL_ERROR,
			ASL_CODE_STATE_NAME,
			node,
			"State name '%s' exceeds the %d-character limit allowed by the service",
			node->key,
			MAX_NAME_LENGTH);
}

static const AslField branch_fields[] = {
	{"States", asl_read_states, ASL_REQUIRED, 0},
	{"StartAt", asl_read_next, ASL_REQUIRED, offsetof(AslScope, start)},
	{"Comment", asl_read_comment},
};

static const AslShape branch_shape = ASL_PLAIN_SHAPE(branch_fields);

/* Branches; target is the state */
void
asl_read_branches(AslReader *reader, const AslNode *node, const AslField *field,
				  void *target)
{
	AslParallel *parallel = target;

	if (!asl_expect_array(reader, node))
		return;
	parallel->branches = palloc_array(const AslScope *, asl_node_count(node));
	for (AslNode item = asl_node_first(node); item.json; item = asl_node_next(&item))
	{
		AslScope *branch = palloc0_object(AslScope);

		branch->index = parallel->nbranches;
		parallel->branches[parallel->nbranches++] = branch;
		asl_read_scope(reader, &item, &branch_shape, branch, true);
	}
}
