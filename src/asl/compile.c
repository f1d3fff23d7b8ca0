/*-------------------------------------------------------------------------
 *
 * compile.c
 *	  The way in: text to machine.
 *
 * The text goes through three readers.  PostgreSQL's JSON lexer (by way of
 * value_from_text()) is strict and keeps every digit; cJSON, which is neither,
 * gives the tree with its duplicate keys; the tables of this folder say what it
 * means.  What only they need lives in a context that is gone at the end; the
 * machine has a context of its own, which moves under its parent only when the
 * definition is right, so that neither an error nor a mistake leaves anything.
 *
 * IDENTIFICATION
 *	  src/asl/compile.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "asl/read.h"
#include "asl/syntax.h"

/* cJSON stops at 1000 by itself */
#define MAX_DEPTH 900

/* cJSON does not read numbers longer than this; Value does */
#define MAX_CJSON_NUMBER 60

/* The top level of a definition while it is read; the scope is kept */
typedef struct Definition
{
	AslScope scope; /* first: asl_read_scope() fills it */
	int timeout_seconds;
	const char *comment;
	const char *version;
} Definition;

static AslMachine *read_definition(AslReader *reader, const char *text);
static bool read_json(AslReader *reader, const char *text, AslNode *root);
static char *prepare_text(const char *text, int *depth);
static cJSON *parse_tree(const char *text);
static void *cjson_palloc(size_t size);
static void cjson_pfree(void *pointer);
static bool check_duplicates(AslReader *reader, const AslNode *node);
static void finish_machine(AslReader *reader, Definition *definition);

static const AslField definition_fields[] = {
	{"States", asl_read_states, ASL_REQUIRED, 0},
	{"StartAt", asl_read_next, ASL_REQUIRED, offsetof(Definition, scope.start)},
	{"QueryLanguage", asl_check_words, .words = "JSONPath, JSONata"},
	{"Comment", asl_read_string, 0, offsetof(Definition, comment)},
	{"Version", asl_read_words, 0, offsetof(Definition, version), .words = "1.0"},
	{"TimeoutSeconds",
	 asl_read_int,
	 0,
	 offsetof(Definition, timeout_seconds),
	 1,
	 99999999},
};

static const AslShape definition_shape = ASL_PLAIN_SHAPE(definition_fields);

/* The last parse ran out of memory: cJSON only says that it failed */
static bool cjson_out_of_memory;

AslMachine *
asl_compile(const char *text, const AslCompileOptions *options, MemoryContext parent,
			AslDiagnostics *diagnostics)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context =
		AllocSetContextCreate(caller, "workflow machine", ALLOCSET_SMALL_SIZES);
	MemoryContext scratch =
		AllocSetContextCreate(caller, "workflow parse", ALLOCSET_DEFAULT_SIZES);
	AslReader reader = {
		.options = options,
		.diagnostics = diagnostics,
		.caller = caller,
		.scratch = scratch,
		.type = options->type,
	};
	int errors = diagnostics->nerrors;
	AslMachine *machine;

	MemoryContextSwitchTo(context);
	machine = palloc0_object(AslMachine);
	machine->context = context;
	reader.machine = machine;
	machine = read_definition(&reader, text);
	MemoryContextSwitchTo(caller);

	MemoryContextDelete(scratch);
	if (diagnostics->nerrors > errors)
	{
		MemoryContextDelete(context);
		return NULL;
	}
	MemoryContextSetParent(context, parent);
	return machine;
}

static AslMachine *
read_definition(AslReader *reader, const char *text)
{
	AslMachine *machine = reader->machine;
	Definition *definition = palloc0_object(Definition);
	AslNode root = {0};
	bool is_json;
	MemoryContext old = MemoryContextSwitchTo(reader->scratch);

	is_json = read_json(reader, text, &root);
	MemoryContextSwitchTo(old);
	if (!is_json)
		return machine;
	if (!cJSON_IsObject(root.json))
	{
		asl_diagnose_at(reader,
						ASL_ERROR,
						ASL_CODE_SCHEMA,
						NULL,
						"Definition must be a valid JSON object");
		return machine;
	}
	machine->language = asl_resolve_language(&root, ASL_JSONPATH);
	asl_read_scope(reader, &root, &definition_shape, &definition->scope, false);
	asl_check_names(reader);
	asl_finish_references(reader);
	finish_machine(reader, definition);
	return machine;
}

static void
finish_machine(AslReader *reader, Definition *definition)
{
	AslMachine *machine = reader->machine;
	ListCell *cell;

	machine->root = &definition->scope;
	machine->timeout_seconds = definition->timeout_seconds;
	machine->comment = definition->comment;
	machine->states = palloc_array(const AslState *, list_length(reader->states));
	foreach (cell, reader->states)
		machine->states[machine->nstates++] = lfirst(cell);
}

/* ---- JSON ---- */

/* The text as a node, or false where it is no JSON (or too much of it) */
static bool
read_json(AslReader *reader, const char *text, AslNode *root)
{
	WfError error = {0};
	int max_depth = reader->options->max_depth;
	int depth;
	char *prepared = prepare_text(text, &depth);

	if (text[strspn(text, " \t\r\n")] == '\0')
	{
		asl_diagnose_at(reader,
						ASL_ERROR,
						ASL_CODE_SCHEMA,
						NULL,
						"Definition must be a valid JSON object");
		return false;
	}
	max_depth = max_depth > 0 ? Min(max_depth, MAX_DEPTH) : MAX_DEPTH;
	if (depth > max_depth)
	{
		asl_diagnose_at(reader,
						ASL_ERROR,
						ASL_CODE_TOO_DEEP,
						NULL,
						"The definition is nested deeper than %d levels",
						max_depth);
		return false;
	}
	if (!value_from_text(text, (int) strlen(text), &root->value, &error))
	{
		AslSyntaxError syntax = asl_syntax_error(text, &error);

		asl_diagnose_at(reader,
						ASL_ERROR,
						ASL_CODE_JSON,
						syntax.location,
						"%s",
						syntax.message);
		return false;
	}
	root->json = parse_tree(prepared);
	if (root->json == NULL)
	{
		asl_diagnose_at(reader,
						ASL_ERROR,
						ASL_CODE_JSON,
						NULL,
						"The definition cannot be parsed.");
		return false;
	}
	return check_duplicates(reader, root);
}

/*
 * A copy for cJSON, in which no number is too long for it, and how deep its
 * brackets nest.  The text need not be JSON.
 */
static char *
prepare_text(const char *text, int *depth)
{
	char *copy = pstrdup(text);
	char *out = copy;
	int open = 0;
	bool in_string = false;

	*depth = 0;
	for (const char *p = text; *p != '\0';)
	{
		int len = in_string ? 0 : (int) strspn(p, "+-.0123456789eE");

		if (len > MAX_CJSON_NUMBER)
		{
			*out++ = '0';
			p += len;
			continue;
		}
		if (*p == '"')
			in_string = !in_string;
		else if (in_string && *p == '\\' && p[1] != '\0')
			*out++ = *p++;
		else if (!in_string && (*p == '{' || *p == '['))
		{
			open++;
			*depth = Max(*depth, open);
		}
		else if (!in_string && (*p == '}' || *p == ']'))
			open--;
		*out++ = *p++;
	}
	*out = '\0';
	return copy;
}

/*
 * The tree, in CurrentMemoryContext: never cJSON_Delete() it.  cJSON keeps its
 * allocator in a variable of the shared library, which other extensions of this
 * backend may use too, so ours stands there only for the duration of one parse.
 */
static cJSON *
parse_tree(const char *text)
{
	cJSON_Hooks hooks = {.malloc_fn = cjson_palloc, .free_fn = cjson_pfree};
	cJSON *volatile root = NULL;
	const char *end;

	cjson_out_of_memory = false;
	cJSON_InitHooks(&hooks);
	PG_TRY();
	{
		root = cJSON_ParseWithOpts(text, &end, true);
	}
	PG_FINALLY();
	{
		cJSON_InitHooks(NULL);
	}
	PG_END_TRY();
	if (root == NULL && cjson_out_of_memory)
		ereport(ERROR,
				errcode(ERRCODE_OUT_OF_MEMORY),
				errmsg("out of memory"),
				errdetail("A definition could not be parsed."));
	return root;
}

/* NULL where there is no memory left, so that cJSON unwinds by itself */
static void *
cjson_palloc(size_t size)
{
	void *pointer = palloc_extended(size, MCXT_ALLOC_NO_OOM);

	if (pointer == NULL)
		cjson_out_of_memory = true;
	return pointer;
}

static void
cjson_pfree(void *pointer)
{
	if (pointer != NULL)
		pfree(pointer);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/*
 * No object may have a key twice: which of the two would count?  A States
 * object that has is told apart, as AWS does.
 */
static bool
check_duplicates(AslReader *reader, const AslNode *node)
{
	int count = asl_node_count(node);
	bool unique = true;
	const char **keys;
	int n = 0;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (count == 0)
		return true;
	keys = palloc_array(const char *, count);
	for (const cJSON *child = node->json->child; child != NULL; child = child->next)
	{
		AslNode inner = {.parent = node, .key = child->string, .index = n, .json = child};

		keys[n++] = child->string;
		unique &= check_duplicates(reader, &inner);
	}
	if (cJSON_IsObject(node->json))
	{
		bool states = node->key != NULL && strcmp(node->key, "States") == 0;

		qsort(keys, count, sizeof(char *), compare_keys);
		for (int i = 1; i < count; i++)
		{
			if (strcmp(keys[i - 1], keys[i]) != 0)
				continue;
			unique = false;
			asl_diagnose(reader,
						 ASL_ERROR,
						 states ? ASL_CODE_DUPLICATE_STATE : ASL_CODE_JSON,
						 node,
						 states ? "Duplicate State name: %s" : "Duplicate field '%s'",
						 keys[i]);
		}
	}
	pfree(keys);
	return unique;
}
