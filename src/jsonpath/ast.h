/*-------------------------------------------------------------------------
 *
 * ast.h
 *	  A compiled path: its steps, the filters in them; the lexer's interface.
 *
 * Private to src/jsonpath.  Everything here is constant once jp_compile() has
 * returned, and lives in the memory context that was current then.
 *
 * IDENTIFICATION
 *	  src/jsonpath/ast.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONPATH_AST_H
#define WORKFLOW_JSONPATH_AST_H

#include "jsonpath/jsonpath.h"

typedef struct JpName
{
	const char *text;
	int len;
} JpName;

typedef enum JpStepKind
{
	JP_STEP_NAME,     /* .name  ['name'] */
	JP_STEP_NAMES,    /* ['a','b']: one object of these members */
	JP_STEP_INDEX,    /* [2]  [-1] */
	JP_STEP_INDEXES,  /* [0,2] */
	JP_STEP_SLICE,    /* [1:3]  [1:]  [:3] */
	JP_STEP_WILDCARD, /* .*  [*] */
	JP_STEP_FILTER    /* [?(...)] */
} JpStepKind;

typedef struct JpFilter JpFilter;

struct JpStep
{
	JpStepKind kind;
	bool descend; /* after "..": at every depth */
	bool call;    /* a name without quotes that looks like a function: "length()" */
	union
	{
		JpName name;
		struct
		{
			int count;
			JpName *items;
		} names;
		int32 index; /* negative: from the end */
		struct
		{
			int count;
			int32 *items;
		} indexes;
		struct
		{
			bool has_from;
			bool has_to;
			int32 from;
			int32 to;
		} slice;
		JpFilter *filter;
	} u;
};

typedef enum JpFilterKind
{
	JP_FILTER_AND,
	JP_FILTER_OR,
	JP_FILTER_NOT,     /* of left */
	JP_FILTER_EXISTS,  /* operand a is there and not null */
	JP_FILTER_COMPARE, /* a op b */
	JP_FILTER_MATCH    /* a =~ pattern */
} JpFilterKind;

typedef enum JpCompareOp
{
	JP_OP_EQ,
	JP_OP_NE,
	JP_OP_LT,
	JP_OP_LE,
	JP_OP_GT,
	JP_OP_GE
} JpCompareOp;

typedef struct JpOperand
{
	const JpPath *path; /* NULL: a literal */
	bool from_root;     /* path begins with "$", not with "@" */
	Value literal;
} JpOperand;

struct JpFilter
{
	JpFilterKind kind;
	JpFilter *left;
	JpFilter *right;
	JpCompareOp op;
	JpOperand a;
	JpOperand b;
	text *pattern;     /* anchored at both ends */
	int pattern_flags; /* of pg_regcomp() */
};

/*
 * lex.c: the characters of a path.  The words of the grammar depend on where
 * they stand (a dotted name may hold nearly anything), so the parser asks for
 * the kind of word it wants.
 */
typedef struct JpLexer
{
	const char *text;
	int pos;
	int end;
	WfError *error;
} JpLexer;

static inline char
jp_lex_peek(const JpLexer *lexer)
{
	return lexer->pos < lexer->end ? lexer->text[lexer->pos] : '\0';
}

static inline bool
jp_lex_at_end(const JpLexer *lexer)
{
	return lexer->pos >= lexer->end;
}

extern bool jp_lex_accept(JpLexer *lexer, char c);
extern bool jp_lex_accept_word(JpLexer *lexer, const char *word);
extern bool jp_lex_expect(JpLexer *lexer, char c);
extern void jp_lex_skip_blanks(JpLexer *lexer);
extern void jp_lex_skip_spaces(JpLexer *lexer);
extern bool jp_lex_name(JpLexer *lexer, bool in_filter, JpName *name);
extern bool jp_lex_identifier(JpLexer *lexer, JpName *name);
extern bool jp_lex_quoted(JpLexer *lexer, bool unescape, JpName *name);
extern bool jp_lex_index(JpLexer *lexer, bool *present, int32 *index);
extern bool jp_lex_number(JpLexer *lexer, Value *number);
extern bool jp_lex_json(JpLexer *lexer, Value *value);
extern bool jp_lex_regex(JpLexer *lexer, text **pattern, int *flags);
extern bool jp_lex_error(JpLexer *lexer, const char *message);

/* parse.c */
extern bool jp_parse_steps(JpLexer *lexer, bool in_filter, JpPath *path);

/* filter.c */
extern JpFilter *jp_parse_filter(JpLexer *lexer);
extern bool jp_filter_accepts(const JpFilter *filter, Value root, Value node);

/* message.c: fill in the error, ERRCODE_WF_PATH_NOT_FOUND; always false */
extern bool jp_not_found(WfError *error, const JpPath *path, int n, const char *message);
extern bool jp_no_object(WfError *error, const JpPath *path, int i);
extern bool jp_no_array(WfError *error, const JpPath *path, int i, Value node);
extern bool jp_null_input(WfError *error);

/* eval.c: the one node of a definite path, VALUE_UNDEFINED where it is not there */
extern Value jp_find(const JpPath *path, Value root);

#endif /* WORKFLOW_JSONPATH_AST_H */
