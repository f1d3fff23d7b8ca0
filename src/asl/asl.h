/*-------------------------------------------------------------------------
 *
 * asl.h
 *	  A state machine, compiled: immutable, all expressions compiled, all
 *	  targets resolved.
 *
 * asl_compile() makes one from the text of a definition and a list of
 * diagnostics; nothing at run time parses anything.  Everything that an
 * AslMachine points to lives in its own memory context and is constant.
 *
 * Knows the language; must not know executions, tables or processes.
 *
 * IDENTIFICATION
 *	  src/asl/asl.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ASL_ASL_H
#define WORKFLOW_ASL_ASL_H

#include "intrinsic/intrinsic.h"
#include "jsonata/jsonata.h"
#include "jsonpath/jsonpath.h"
#include "value/value.h"

/* ORDER STATE TYPE: engine/advance.c has a table in this order */
typedef enum AslStateType
{
	ASL_PASS,
	ASL_TASK,
	ASL_CHOICE,
	ASL_WAIT,
	ASL_SUCCEED,
	ASL_FAIL,
	ASL_PARALLEL,
	ASL_MAP,
	ASL_NTYPES
} AslStateType;

typedef enum AslQueryLanguage
{
	ASL_JSONPATH,
	ASL_JSONATA
} AslQueryLanguage;

typedef enum AslMachineType
{
	ASL_STANDARD,
	ASL_EXPRESS
} AslMachineType;

typedef struct AslState AslState;
typedef struct AslScope AslScope;
typedef struct AslMachine AslMachine;

/* The members of $states that an expression may look at */
#define ASL_STATES_INPUT 0x01
#define ASL_STATES_RESULT 0x02
#define ASL_STATES_ERROR_OUTPUT 0x04
#define ASL_STATES_CONTEXT 0x08
#define ASL_STATES_ALL 0x0F

/* A JSONata expression, "{% ... %}" */
typedef struct AslExpression
{
	const char *text;  /* between the delimiters, trimmed */
	const char *field; /* where it stands in its state: "Choices[0]/Output/x" */
	const JsonataExpr *compiled;
	int states;  /* ASL_STATES_... */
	bool stable; /* the same each time, as long as what it looks at is */
} AslExpression;

/*
 * A payload template (Parameters, ResultSelector, ItemSelector, Assign ...):
 * a literal, or a tree whose leaves are evaluated.
 */
typedef enum AslTemplateKind
{
	ASL_TEMPLATE_LITERAL,   /* value, evaluated nowhere inside */
	ASL_TEMPLATE_PATH,      /* "x.$": "$..." */
	ASL_TEMPLATE_INTRINSIC, /* "x.$": "States..." */
	ASL_TEMPLATE_JSONATA,   /* "{% ... %}" */
	ASL_TEMPLATE_OBJECT,
	ASL_TEMPLATE_ARRAY
} AslTemplateKind;

typedef struct AslTemplate
{
	AslTemplateKind kind;
	const char *text;  /* of a path or call as written, or NULL */
	const char *field; /* of a path or call: the name of its field as written, "x.$" */
	union
	{
		Value literal;
		const JpPath *path;
		const Intrinsic *intrinsic;
		const AslExpression *jsonata;
		struct
		{
			int count;
			/* without ".$", in the order of the result: for JSONPath static members
			 * first, then evaluated ones as a Java HashMap iterates */
			const char **keys;
			const struct AslTemplate **values;
		} object;
		struct
		{
			int count;
			const struct AslTemplate **items;
		} array;
	} u;
} AslTemplate;

/* A field whose value is a constant, comes from a path (XPath) or from an expression */
typedef enum AslOperandKind
{
	ASL_OPERAND_NONE = 0, /* the field is absent */
	ASL_OPERAND_LITERAL,
	ASL_OPERAND_PATH,
	ASL_OPERAND_INTRINSIC, /* ErrorPath, CausePath */
	ASL_OPERAND_JSONATA
} AslOperandKind;

typedef struct AslOperand
{
	AslOperandKind kind;
	const char *field; /* the field's name: "Seconds", "SecondsPath" */
	const char *text;  /* of a path or call, or NULL */
	Value literal;
	const JpPath *path;
	const Intrinsic *intrinsic;
	const AslExpression *jsonata;
	ValueType type; /* that an expression has to give */
} AslOperand;

/* InputPath, OutputPath, ResultPath, ItemsPath: absent, null or a path */
typedef struct AslPath
{
	bool present;       /* false: the default */
	const JpPath *path; /* NULL where the field is null */
} AslPath;

typedef struct AslRetrier
{
	int nerrors;
	const char **errors;   /* ErrorEquals */
	int interval_seconds;  /* default 1 */
	int max_attempts;      /* default 3 */
	double backoff_rate;   /* default 2.0 */
	int max_delay_seconds; /* 0: no limit */
	bool jitter_full;      /* JitterStrategy FULL */
} AslRetrier;

typedef struct AslCatcher
{
	int nerrors;
	const char **errors; /* ErrorEquals */
	const AslState *next;
	AslPath result_path;       /* JSONPath; default $ */
	const AslTemplate *output; /* JSONata; NULL: the error object */
	const AslTemplate *assign; /* or NULL */
} AslCatcher;

/* Choice rules */
typedef enum AslRuleKind
{
	ASL_RULE_AND,
	ASL_RULE_OR,
	ASL_RULE_NOT,
	ASL_RULE_COMPARE,  /* Variable and one comparison operator */
	ASL_RULE_CONDITION /* JSONata Condition */
} AslRuleKind;

/* One enum value per family; the relation and the operand's kind stand beside it */
typedef enum AslTest
{
	ASL_TEST_STRING,
	ASL_TEST_STRING_MATCHES,
	ASL_TEST_NUMERIC,
	ASL_TEST_BOOLEAN,
	ASL_TEST_TIMESTAMP,
	ASL_TEST_IS_PRESENT,
	ASL_TEST_IS_NULL,
	ASL_TEST_IS_STRING,
	ASL_TEST_IS_NUMERIC,
	ASL_TEST_IS_BOOLEAN,
	ASL_TEST_IS_TIMESTAMP
} AslTest;

typedef enum AslRelation
{
	ASL_EQUALS,
	ASL_LESS_THAN,
	ASL_LESS_THAN_EQUALS,
	ASL_GREATER_THAN,
	ASL_GREATER_THAN_EQUALS
} AslRelation;

typedef struct AslRule
{
	AslRuleKind kind;
	/* And, Or, Not */
	int nrules;
	const struct AslRule **rules;
	/* comparison */
	const JpPath *variable;
	AslTest test;
	AslRelation relation;
	AslOperand operand; /* literal, or the path of an operator ...Path */
	/* Condition: a template of kind LITERAL (boolean) or JSONATA */
	const AslTemplate *condition;
	/* top level only */
	const AslState *next;
	const AslTemplate *assign; /* or NULL */
	const AslTemplate *output; /* JSONata, or NULL */
} AslRule;

/* What a Task's Resource names */
typedef enum AslResourceKind
{
	ASL_RESOURCE_LAMBDA,      /* arn:P:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER] */
	ASL_RESOURCE_ACTIVITY,    /* arn:P:states:REGION:ACCOUNT:activity:NAME */
	ASL_RESOURCE_SERVICE,     /* arn:P:states:::SERVICE:ACTION[.PATTERN] */
	ASL_RESOURCE_SQL_FUNCTION /* sql:SCHEMA.FUNCTION[.waitForTaskToken] */
} AslResourceKind;

typedef enum AslPattern
{
	ASL_REQUEST_RESPONSE,
	ASL_SYNC,               /* .sync */
	ASL_SYNC2,              /* .sync:2 */
	ASL_WAIT_FOR_TASK_TOKEN /* .waitForTaskToken */
} AslPattern;

typedef struct AslResource
{
	AslResourceKind kind;
	AslPattern pattern;
	const char *text;    /* as written */
	const char *service; /* resourceType of events: "lambda", "aws-sdk:dynamodb", "sql" */
	/* resource of events: "invoke.waitForTaskToken", "SCHEMA.FUNCTION" */
	const char *action;
	/* lambda: NAME without qualifier; activity: NAME; sql: SCHEMA.FUNCTION;
	 * service: ACTION without pattern */
	const char *name;
} AslResource;

/* What every state has */
struct AslState
{
	AslStateType type;
	AslQueryLanguage language;
	const char *name;
	int index;             /* in machine->states */
	const AslScope *scope; /* the States object that holds it */
	const AslState *next;  /* or NULL */
	bool end;              /* End: true (always true of Succeed and Fail) */
	/* JSONPath */
	AslPath input_path;  /* default $ */
	AslPath output_path; /* default $ */
	AslPath result_path; /* default $; Pass, Task, Parallel, Map */
	/* or NULL; of a Map: ItemSelector's legacy name is not here */
	const AslTemplate *parameters;
	const AslTemplate *result_selector; /* or NULL */
	/* JSONata */
	const AslTemplate *arguments; /* or NULL */
	const AslTemplate *output;    /* or NULL */
	/* both */
	const AslTemplate *assign; /* or NULL */
	int nretriers;
	const AslRetrier *retriers;
	int ncatchers;
	const AslCatcher *catchers;
	int nreferences; /* variables it refers to (variableReferences), sorted */
	const char **references;
	bool may_show_item; /* some expression of it may look at $$.Map.Item */
};

/* One struct per type, AslState first */
typedef struct AslPass
{
	AslState base;
	bool has_result;
	Value result; /* Result, a literal */
} AslPass;

typedef struct AslTask
{
	AslState base;
	AslResource resource;
	AslOperand timeout;             /* TimeoutSeconds(Path) */
	AslOperand heartbeat;           /* HeartbeatSeconds(Path) */
	const AslTemplate *credentials; /* an object with RoleArn, or NULL */
} AslTask;

typedef struct AslChoice
{
	AslState base;
	int nrules;
	const AslRule **rules;
	const AslState *otherwise; /* Default, or NULL */
} AslChoice;

typedef struct AslWait
{
	AslState base;
	AslOperand seconds; /* Seconds(Path); of seconds and timestamp exactly one is there */
	AslOperand timestamp; /* Timestamp(Path) */
} AslWait;

typedef struct AslSucceed
{
	AslState base;
} AslSucceed;

typedef struct AslFail
{
	AslState base;
	AslOperand error; /* Error(Path) */
	AslOperand cause; /* Cause(Path) */
} AslFail;

typedef struct AslParallel
{
	AslState base;
	int nbranches;
	const AslScope **branches;
} AslParallel;

/*
 * ItemReader: where the items of a distributed Map come from.  The enumerations
 * below have the language's words in the order of the tables in item.c; 0: the
 * field is absent.
 */
typedef enum AslItemSource
{
	ASL_ITEMS_OBJECT = 1, /* s3:getObject: {"Bucket", "Key"} */
	ASL_ITEMS_LIST,       /* s3:listObjectsV2: {"Bucket", "Prefix"} */
	ASL_ITEMS_SQL         /* sql:execute: {"Statement", "Parameters"}, each row an item */
} AslItemSource;

typedef enum AslInputType
{
	ASL_INPUT_CSV = 1,
	ASL_INPUT_JSON,
	ASL_INPUT_JSONL,
	ASL_INPUT_PARQUET,
	ASL_INPUT_MANIFEST
} AslInputType;

typedef enum AslManifestType
{
	ASL_MANIFEST_ATHENA_DATA = 1,
	ASL_MANIFEST_S3_INVENTORY
} AslManifestType;

/* ReaderConfig, but for MaxItems: how bytes become items */
typedef struct AslItemFormat
{
	AslInputType input_type;
	AslManifestType manifest_type;
	bool flatten; /* Transformation LOAD_AND_FLATTEN: of listed objects, their items */
	char csv_delimiter; /* default ',' */
	bool csv_given;     /* CSVHeaderLocation GIVEN; else the first row is the header */
	int ncsv_headers;   /* CSVHeaders */
	const char **csv_headers;
	const char *items_pointer; /* ItemsPointer (JSON), or NULL */
} AslItemFormat;

typedef struct AslItemReader
{
	AslItemSource source;
	const AslTemplate *arguments; /* Parameters or Arguments, or NULL */
	AslItemFormat format;
	AslOperand max_items; /* MaxItems(Path); none, and a value of 0: all */
} AslItemReader;

/* Bytes that MaxInputBytesPerBatch may give at most; as AWS */
#define ASL_MAX_BATCH_BYTES 262144

typedef struct AslItemBatcher
{
	AslOperand max_items;           /* MaxItemsPerBatch(Path) */
	AslOperand max_bytes;           /* MaxInputBytesPerBatch(Path) */
	const AslTemplate *batch_input; /* BatchInput, or NULL */
} AslItemBatcher;

typedef enum AslResultTarget
{
	ASL_RESULTS_STATE = 0, /* no Resource: the state's output */
	ASL_RESULTS_OBJECT,    /* s3:putObject: {"Bucket", "Prefix"} */
	ASL_RESULTS_SQL        /* sql:execute: {"Statement", "Parameters"} */
} AslResultTarget;

typedef enum AslTransformation
{
	ASL_TRANSFORM_NONE =
		1, /* the execution with its data; default where it goes elsewhere */
	ASL_TRANSFORM_COMPACT, /* its output; default of the state's output */
	ASL_TRANSFORM_FLATTEN  /* its output, the elements of an array each for itself */
} AslTransformation;

typedef struct AslResultWriter
{
	AslResultTarget target;
	const AslTemplate *arguments;     /* Parameters or Arguments, or NULL */
	AslTransformation transformation; /* never 0 */
	bool jsonl;                       /* OutputType JSONL, else JSON */
} AslResultWriter;

typedef struct AslMap
{
	AslState base;
	const AslScope *processor; /* ItemProcessor or Iterator */
	bool distributed;
	AslMachineType execution_type;    /* of the children, where distributed */
	AslPath items_path;               /* JSONPath; default $ */
	const AslTemplate *items;         /* JSONata, or NULL */
	const AslTemplate *item_selector; /* ItemSelector or the legacy Parameters, or NULL */
	AslOperand max_concurrency;
	AslOperand tolerated_failure_count;
	AslOperand tolerated_failure_percentage;
	const char *label; /* or NULL */
	/* or NULL; of a distributed Map */
	const AslItemReader *item_reader;
	const AslItemBatcher *item_batcher;
	const AslResultWriter *result_writer;
} AslMap;

/* A States object: the machine's own, a branch's, an item processor's */
struct AslScope
{
	const AslState *owner; /* the Parallel or Map that holds it, or NULL: the machine's */
	int index;             /* branch number */
	const AslState *start;
	int nstates;
	const AslState **states;
	bool uses_variables; /* some state in it or below refers to a variable */
};

struct AslMachine
{
	MemoryContext context; /* everything lives here */
	AslQueryLanguage language;
	int timeout_seconds; /* 0: none */
	const AslScope *root;
	int nstates; /* of all scopes */
	const AslState **states;
	const char *comment; /* or NULL */
};

/* Diagnostics */
typedef enum AslSeverity
{
	ASL_ERROR,
	ASL_WARNING
} AslSeverity;

typedef struct AslDiagnostic
{
	AslSeverity severity;
	const char *code;     /* "SCHEMA_VALIDATION_FAILED" */
	const char *message;  /* without location */
	const char *location; /* "/States/A/Next", or NULL */
} AslDiagnostic;

typedef struct AslDiagnostics
{
	int count;
	int capacity;
	int nerrors;
	AslDiagnostic *items;
} AslDiagnostics;

/* What the compiler has to ask; it must not look itself (floor 2) */
typedef struct AslCompileOptions
{
	AslMachineType type;
	int max_depth; /* nesting of the JSON text; 0: the default */
	/* TestState: targets of the one state may be missing; they become states that
	 * have nothing but a name, and index -1 */
	bool single_state;
} AslCompileOptions;

/* compile.c */

/*
 * Compile the text of a definition.  Returns the machine, in a memory context
 * of its own under parent, or NULL where diagnostics has at least one error
 * (then nothing stays allocated but the diagnostics, which live in
 * CurrentMemoryContext).  Raises only for lack of memory or stack.
 */
extern AslMachine *asl_compile(const char *text, const AslCompileOptions *options,
							   MemoryContext parent, AslDiagnostics *diagnostics);

/* The one message of an InvalidDefinition error: "CODE: message at /path, CODE: ..." */
extern char *asl_diagnostics_message(const AslDiagnostics *diagnostics);

/* A state by name, or NULL.  Names are unique in a whole machine. */
extern const AslState *asl_find_state(const AslMachine *machine, const char *name);

/* The field's name of the state's type as events spell it: "Pass", "Task", ... */
extern const char *asl_state_type_name(AslStateType type);

/* The child scope of a Parallel (branch index) or Map (its processor) */
extern const AslScope *asl_child_scope(const AslState *state, int index);

/* DescribeStateMachine's variableReferences: {"state": ["name", ...]}, VALUE_UNDEFINED where there are none */
extern Value asl_variable_references(const AslMachine *machine);

/* template.c */

/*
 * Evaluate a template.  false fills *error: name States.Runtime (or
 * States.QueryEvaluationError), message the Cause without the "An error
 * occurred while executing the state" prefix, detail the field where that is an
 * expression's.
 */
pg_nodiscard extern bool asl_template_eval(const AslTemplate *template, EvalScope *scope,
										   Value *result, WfError *error);

/* Does it give the same each time, as long as what it looks at is the same? */
extern bool asl_template_is_stable(const AslTemplate *template);

/* expression.c */

/*
 * Evaluate an expression; what it gives has to be of that type (TYPE_UNDEFINED:
 * any).  Garbage that is large does not outlive the call.  false fills *error as
 * above, detail is then the field for the EvaluationFailed event.
 */
pg_nodiscard extern bool asl_expression_eval(const AslExpression *expression,
											 EvalScope *scope, ValueType type,
											 Value *result, WfError *error);

/* choice.c: is the rule true?  false (the function's result) fills *error as above */
pg_nodiscard extern bool asl_rule_eval(const AslRule *rule, EvalScope *scope,
									   bool *result, WfError *error);

#endif /* WORKFLOW_ASL_ASL_H */
