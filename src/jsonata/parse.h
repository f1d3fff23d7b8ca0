/*-------------------------------------------------------------------------
 *
 * parse.h
 *	  Compiling: tokens, and the passes over the tree.
 *
 * Private to lex.c, parse.c, resolve.c, bind.c and jsonata.c.
 *
 * IDENTIFICATION
 *	  src/jsonata/parse.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_JSONATA_PARSE_H
#define WORKFLOW_JSONATA_PARSE_H

#include "jsonata/ast.h"

/* X(token, text) */
#define JSONATA_TOKEN_LIST(X)                                                            \
	X(END, "(end)")                                                                      \
	X(NAME, "(name)")                                                                    \
	X(VARIABLE, "(name)")                                                                \
	X(STRING, "(literal)")                                                               \
	X(NUMBER, "(literal)")                                                               \
	X(VALUE, "(literal)")                                                                \
	X(REGEX, "(regex)")                                                                  \
	X(DOT, ".")                                                                          \
	X(LEFT_BRACKET, "[")                                                                 \
	X(RIGHT_BRACKET, "]")                                                                \
	X(LEFT_BRACE, "{")                                                                   \
	X(RIGHT_BRACE, "}")                                                                  \
	X(LEFT_PAREN, "(")                                                                   \
	X(RIGHT_PAREN, ")")                                                                  \
	X(COMMA, ",")                                                                        \
	X(AT, "@")                                                                           \
	X(HASH, "#")                                                                         \
	X(SEMICOLON, ";")                                                                    \
	X(COLON, ":")                                                                        \
	X(QUESTION, "?")                                                                     \
	X(PLUS, "+")                                                                         \
	X(MINUS, "-")                                                                        \
	X(STAR, "*")                                                                         \
	X(SLASH, "/")                                                                        \
	X(PERCENT, "%")                                                                      \
	X(BAR, "|")                                                                          \
	X(EQUAL, "=")                                                                        \
	X(LESS, "<")                                                                         \
	X(GREATER, ">")                                                                      \
	X(CARET, "^")                                                                        \
	X(AMPERSAND, "&")                                                                    \
	X(BANG, "!")                                                                         \
	X(TILDE, "~")                                                                        \
	X(RANGE, "..")                                                                       \
	X(ASSIGN, ":=")                                                                      \
	X(NOT_EQUAL, "!=")                                                                   \
	X(GREATER_EQUAL, ">=")                                                               \
	X(LESS_EQUAL, "<=")                                                                  \
	X(STAR_STAR, "**")                                                                   \
	X(CHAIN, "~>")                                                                       \
	X(DEFAULT, "?:")                                                                     \
	X(COALESCE, "??")                                                                    \
	X(AND, "and")                                                                        \
	X(OR, "or")                                                                          \
	X(IN, "in")

#define JSONATA_TOKEN_ENUM(token, text) TOKEN_##token,
typedef enum JsonataTokenType
{
	JSONATA_TOKEN_LIST(JSONATA_TOKEN_ENUM)
} JsonataTokenType;

typedef struct JsonataToken
{
	JsonataTokenType type;
	int position; /* byte offset behind it, as the reference counts; END: of the end */
	Value value;  /* name, literal, or the operator's text; REGEX: a function */
} JsonataToken;

typedef struct JsonataParser
{
	const char *text;
	int len;
	int at; /* next byte to look at */
	JsonataToken token;
	JsonataExpr *expr;
	WfError *error;
	char *arena; /* memory for small things, never freed by itself */
	Size arena_left;
} JsonataParser;

/* lex.c: the next token into parser->token.  infix: an operator is expected, so that
 * "/" divides. */
pg_nodiscard extern bool jsonata_lex(JsonataParser *parser, bool infix);
extern const char *jsonata_token_text(JsonataTokenType type);

/* parse.c */
pg_nodiscard extern bool jsonata_parse(JsonataParser *parser, JsonataNode **result);

/* tree.c */
extern void *jsonata_alloc(JsonataParser *parser, Size size); /* zeroed */
extern JsonataNode *jsonata_node(JsonataParser *parser, JsonataNodeType type,
								 int position);
extern void jsonata_nodes_push(JsonataParser *parser, JsonataNodes *nodes,
							   JsonataNode *node);
extern int jsonata_symbol(JsonataParser *parser, const char *name, int len);

/* Raise a syntax error; token and value may be undefined.  Always false. */
extern bool jsonata_syntax_error(JsonataParser *parser, const char *code, int position,
								 Value token, Value value);

/* Raises where the tree is nested too deep for the stack */
pg_nodiscard extern bool jsonata_check_nesting(JsonataParser *parser);

/* resolve.c */
pg_nodiscard extern bool jsonata_resolve(JsonataParser *parser, JsonataNode **root);

/* ancestry.c: parents that a node seeks, see there */
extern const char *jsonata_node_name(const JsonataNode *node);
extern void jsonata_push_parent(JsonataParser *parser, JsonataNode *node,
								JsonataParent *parent);
extern void jsonata_push_parents(JsonataParser *parser, JsonataNode *owner,
								 const JsonataNode *value);
pg_nodiscard extern bool jsonata_seek_parent(JsonataParser *parser, JsonataNode *node,
											 JsonataParent *parent);
pg_nodiscard extern bool jsonata_resolve_ancestry(JsonataParser *parser,
												  JsonataNode *path);

/* bind.c: cannot fail, after resolve.c has seen that the stack suffices */
extern void jsonata_bind(JsonataParser *parser, JsonataNode *root);

/* message.c */
typedef struct JsonataFault
{
	const char *code;
	int position;
	Value token;
	Value value;
	Value value2;
	int index;        /* 0: none */
	const char *type; /* or NULL */
	const char *text; /* instead of the code's message; or NULL */
	int text_len;
} JsonataFault;

/* Fill *error; always false */
extern bool jsonata_fault(WfError *error, const JsonataFault *fault);

#endif /* WORKFLOW_JSONATA_PARSE_H */
