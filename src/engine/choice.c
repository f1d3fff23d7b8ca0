/*-------------------------------------------------------------------------
 *
 * choice.c
 *	  The Choice state: the first rule that is true says where to go on.
 *
 * IDENTIFICATION
 *	  src/engine/choice.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "engine/visit.h"

bool
engine_enter_choice(EngineVisit *visit)
{
	const AslChoice *choice = (const AslChoice *) visit->state;
	Value input;

	if (!engine_effective_input(visit, &input))
		return false;
	for (int i = 0; i < choice->nrules; i++)
	{
		const AslRule *rule = choice->rules[i];
		bool matches;

		if (!asl_rule_eval(rule, engine_scope(visit, input), &matches, &visit->error))
			return false;
		if (matches)
			return engine_leave_with_input(visit,
										   input,
										   rule->assign,
										   rule->output,
										   rule->next);
	}
	if (choice->otherwise == NULL)
		return engine_fault(
			visit,
			NULL,
			"Failed to transition out of the state. The state does not point to "
			"a next state.");
	/* the state's own Assign and Output belong to Default only */
	return engine_leave_with_input(visit,
								   input,
								   visit->state->assign,
								   visit->state->output,
								   choice->otherwise);
}
