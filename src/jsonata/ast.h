/*-------------------------------------------------------------------------
 *
 * ast.h
 *	  The syntax tree of a compiled expression.
 *
 * parse.c builds it as it is written, resolve.c rearranges it into what the
 * evaluator walks (paths become lists of steps, "[...]" hangs on the step that
 * it filters), and bind.c gives each variable its place.  After that it is
 * constant.
 *
 * Knows the language; must not know evaluation.
 *
 * IDENTIFICATION
 *	  src/jsonata/ast.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_AST_H
#define WORKFLOW_JSONATA_AST_H

#include "jsonata/call.h"

/* X(type, the reference's name for it) */
#define JSONATA_NODE_LIST(X)                                                             \
	X(PATH, "path")                                                                      \
	X(BINARY, "binary")                                                                  \
	X(NEGATE, "unary")                                                                   \
	X(ARRAY, "unary")                                                                    \
	X(OBJECT, "unary")                                                                   \
	X(NAME, "name")                                                                      \
	X(STRING, "string")                                                                  \
	X(NUMBER, "number")                                                                  \
	X(VALUE, "value")                                                                    \
	X(REGEX, "regex")                                                                    \
	X(WILDCARD, "wildcard")                                                              \
	X(DESCENDANT, "descendant")                                                          \
	X(PARENT, "parent")                                                                  \
	X(VARIABLE, "variable")                                                              \
	X(CONDITION, "condition")                                                            \
	X(BLOCK, "block")                                                                    \
	X(BIND, "bind")                                                                      \
	X(FUNCTION, "function")                                                              \
	X(PARTIAL, "partial")                                                                \
	X(LAMBDA, "lambda")                                                                  \
	X(APPLY, "apply")                                                                    \
	X(TRANSFORM, "transform")                                                            \
	X(SORT, "sort")                                                                      \
	X(PLACEHOLDER, "operator") /* "?" among arguments */                                 \
	/* only until resolve.c has seen them */                                             \
	X(STEP, "binary")   /* a.b */                                                        \
	X(FILTER, "binary") /* a[b] */                                                       \
	X(GROUP, "binary")  /* a{b} */                                                       \
	X(ORDER, "binary")  /* a^(b) */                                                      \
	X(FOCUS, "binary")  /* a@$b */                                                       \
	X(INDEX, "binary")  /* a#$b */                                                       \
	X(END, "(end)")     /* an operand is missing */

#define JSONATA_NODE_ENUM(type, name) NODE_##type,
typedef enum JsonataNodeType
{
	JSONATA_NODE_LIST(JSONATA_NODE_ENUM)
} JsonataNodeType;

/* Operators of NODE_BINARY */
typedef enum JsonataOperator
{
	OP_NONE = 0,
	OP_ADD,
	OP_SUBTRACT,
	OP_MULTIPLY,
	OP_DIVIDE,
	OP_MODULO,
	OP_EQUAL,
	OP_NOT_EQUAL,
	OP_LESS,
	OP_LESS_EQUAL,
	OP_GREATER,
	OP_GREATER_EQUAL,
	OP_CONCAT,
	OP_AND,
	OP_OR,
	OP_IN,
	OP_RANGE
} JsonataOperator;

/* What NODE_CONDITION asks */
typedef enum JsonataConditionKind
{
	CONDITION_TERNARY, /* a ? b : c */
	CONDITION_DEFAULT, /* a ?: b, true values of a */
	CONDITION_COALESCE /* a ?? b, values of a */
} JsonataConditionKind;

/* JsonataNode.flags */
#define NODE_KEEP_ARRAY 0x0001     /* "[]" behind it */
#define NODE_KEEP_SINGLETON 0x0002 /* of a path: "[]" behind one of its steps */
#define NODE_CONSARRAY 0x0004      /* array constructor that is not flattened */
#define NODE_TUPLE 0x0008          /* gives, or begins, a stream of tuples */
#define NODE_TAIL_CALL 0x0010      /* the last thing a lambda does */
#define NODE_STAGES 0x0020     /* its stages belong to the path that it is a step of */
#define NODE_PLAIN_KEYS 0x0040 /* of an object: different literal keys */
#define NODE_HEAP_FRAME 0x0080 /* of a lambda: its frame may outlive its call */
#define NODE_LEAF 0x0100       /* a literal, and nothing behind it */

typedef struct JsonataNode JsonataNode;

typedef struct JsonataNodes
{
	int count;
	int capacity;
	JsonataNode **items;
} JsonataNodes;

/* A parent ("%") that is looked for in the steps before it */
typedef struct JsonataParent
{
	int label; /* symbol of the hidden variable that holds it */
	int level; /* steps still to go back */
} JsonataParent;

typedef struct JsonataParents
{
	int count;
	int capacity;
	JsonataParent **items;
} JsonataParents;

/* "[filter]" or "#$index" behind a step */
typedef struct JsonataStage
{
	JsonataNode *filter; /* NULL: an index */
	int symbol;
	int position;
} JsonataStage;

typedef struct JsonataGroup
{
	JsonataNodes pairs; /* key, value, key, value, ... */
	int position;
	bool plain_keys;
} JsonataGroup;

/* The variables of a frame */
typedef struct JsonataLayout
{
	int count;
	int ntuple; /* so many of them belong to a tuple, the first is its value "@" */
	int symbols[FLEXIBLE_ARRAY_MEMBER];
} JsonataLayout;

/* The symbol of a tuple's value */
#define SYMBOL_TUPLE_VALUE (-2)

/* Where a variable is: so many frames out, at that place */
#define PLACE_GLOBAL                                                                     \
	(-1) /* the expression itself never binds it where one could see it */
#define PLACE_DYNAMIC (-2) /* to be looked for by its symbol */

typedef struct JsonataPlace
{
	int symbol;
	int hops;
	int slot;
} JsonataPlace;

typedef struct JsonataSignature JsonataSignature; /* signature.h */

struct JsonataNode
{
	uint8 type;
	uint8 op; /* JsonataOperator, JsonataConditionKind */
	uint16 flags;
	int position;
	int nstages;
	int focus;            /* "@$x" behind a step: symbol, or -1 */
	int index;            /* "#$x", likewise */
	JsonataStage *stages; /* without NODE_STAGES they are the node's own */
	JsonataGroup *group;
	JsonataParent *ancestor; /* this step's input is somebody's parent */
	JsonataParents *seeking;
	union
	{
		Value literal; /* NAME, STRING, NUMBER, VALUE, REGEX */
		struct
		{
			JsonataNodes steps;
			int tuple_from; /* the first step that makes tuples, or the number of steps */
			JsonataLayout *tuple_layout;
		} path;
		struct
		{
			JsonataNode *left; /* NEGATE: the operand */
			JsonataNode *right;
			JsonataNodes list; /* the parser's right side of GROUP and ORDER */
		} binary;
		struct
		{
			JsonataNodes list; /* ARRAY, BLOCK; OBJECT: key, value, ... */
			JsonataLayout *layout;
		} list;
		struct
		{
			JsonataNode *condition;
			JsonataNode *then;
			JsonataNode *otherwise; /* may be NULL */
		} condition;
		struct
		{
			JsonataPlace place;
			JsonataNode *value;
		} bind;
		struct
		{
			JsonataNode *procedure;
			JsonataNodes args;
		} call;
		struct
		{
			int nparams;
			int *params; /* symbols; after bind.c places in the layout */
			JsonataSignature *signature;
			JsonataNode *body;
			JsonataLayout *layout;
		} lambda;
		struct
		{
			JsonataPlace place;
			Value name;
		} variable;
		struct
		{
			JsonataPlace place;
			JsonataParent *slot;
		} parent;
		struct
		{
			JsonataNode *pattern;
			JsonataNode *update;
			JsonataNode *removal; /* may be NULL */
		} transform;
		struct
		{
			JsonataNodes terms;
			bool *descending;
		} sort;
	} u;
};

/* A name of a variable */
typedef struct JsonataSymbol
{
	const char *name; /* without "$" */
	int len;
	bool bound;                    /* the expression itself binds it somewhere */
	const JsonataBuiltin *builtin; /* of that name, or NULL */
} JsonataSymbol;

struct JsonataExpr
{
	JsonataNode *root;
	JsonataLayout *layout; /* of the variables bound at the top level; may be NULL */
	int nsymbols;
	int symbols_capacity;
	JsonataSymbol *symbols;
	int nparents;      /* hidden variables made so far */
	bool dynamic_code; /* calls $eval, which may look at any variable */
};

#endif /* WORKFLOW_JSONATA_AST_H */
