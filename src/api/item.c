/*-------------------------------------------------------------------------
 *
 * item.c
 *	  read_items(): what an ItemReader reads.
 *
 * It is compiled as part of a definition that has nothing else, so that the same
 * is said of its mistakes; and it reads as a Map does, as the caller.
 *
 * IDENTIFICATION
 *	  src/api/item.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "task/items.h"
#include "util/errcodes.h"

WF_FUNCTION(wf_read_items);

/* Items are read so many at a time */
#define PAGE 100

static const AslItemReader *compile_reader(const char *text);
static Value read_input(FunctionCallInfo fcinfo);
static Value evaluate(const AslTemplate *template, EvalScope *scope);
static int64 read_max_items(const AslOperand *operand, EvalScope *scope);

/*
 * read_items(item_reader json, input json) returns setof jsonb
 */
Datum
wf_read_items(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	EvalScope scope = {.random = &pg_global_prng_state,
					   .now = GetCurrentStatementStartTimestamp()};
	MemoryContext page;
	const AslItemReader *reader;
	TaskItems *items;
	int count;

	api_check_argument(fcinfo, 0, "item_reader");
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	reader = compile_reader(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	scope.input = read_input(fcinfo);
	items = task_items_open(reader,
							evaluate(reader->arguments, &scope),
							read_max_items(&reader->max_items, &scope));
	page = AllocSetContextCreate(CurrentMemoryContext,
								 "workflow page of items",
								 ALLOCSET_DEFAULT_SIZES);
	do
	{
		MemoryContext old_context = MemoryContextSwitchTo(page);
		Value array = task_items_read(items, PAGE);

		count = value_array_length(array);
		for (int i = 0; i < count; i++)
		{
			Datum value = JsonbPGetDatum(value_to_jsonb(value_array_get(array, i)));
			bool isnull = false;

			tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
		}
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(page);
	} while (count > 0);
	task_items_close(items);
	return (Datum) 0;
}

static const AslItemReader *
compile_reader(const char *text)
{
	AslCompileOptions options = {.type = ASL_STANDARD};
	AslDiagnostics diagnostics = {0};
	bool is_jsonata = strstr(text, "\"Arguments\"") != NULL;
	AslMachine *machine;

	machine = asl_compile(
		psprintf(
			"{\"StartAt\": \"Map\", \"QueryLanguage\": \"%s\", \"States\": {\"Map\": "
			"{\"Type\": \"Map\", \"End\": true, \"ItemReader\": %s, "
			"\"ItemProcessor\": {\"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", "
			"\"ExecutionType\": \"STANDARD\"}, \"StartAt\": \"Item\", \"States\": "
			"{\"Item\": {\"Type\": \"Pass\", \"End\": true}}}}}}",
			is_jsonata ? "JSONata" : "JSONPath",
			text),
		&options,
		CurrentMemoryContext,
		&diagnostics);
	if (machine == NULL)
		ereport(ERROR,
				errcode(ERRCODE_WF_INVALID_DEFINITION),
				errmsg_internal("%s", asl_diagnostics_message(&diagnostics)));
	return ((const AslMap *) machine->root->start)->item_reader;
}

static Value
read_input(FunctionCallInfo fcinfo)
{
	WfError error = {.position = -1};
	text *input;
	Value value;

	api_check_argument(fcinfo, 1, "input");
	input = PG_GETARG_TEXT_PP(1);
	if (!value_from_text(VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input), &value, &error))
		wf_error_raise(&error);
	return value;
}

static Value
evaluate(const AslTemplate *template, EvalScope *scope)
{
	WfError error = {.position = -1};
	Value value;

	if (template == NULL)
		return value_from_object(value_object_new(0));
	if (!asl_template_eval(template, scope, &value, &error))
		wf_error_raise(&error);
	return value;
}

/* As a Map has it: what is no whole number is refused */
static int64
read_max_items(const AslOperand *operand, EvalScope *scope)
{
	WfError error = {.position = -1};
	int64 number = 0;
	Value value;

	if (operand->kind == ASL_OPERAND_NONE)
		return 0;
	value = operand->literal;
	if (operand->kind == ASL_OPERAND_PATH &&
		!jp_query(operand->path, scope, &value, &error))
		wf_error_raise(&error);
	if (value_type(value) != TYPE_NUMBER || !value_to_int64(value, &number))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("%s is not a whole number", operand->field));
	return number;
}
