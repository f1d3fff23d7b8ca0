/*-------------------------------------------------------------------------
 *
 * read.h
 *	  The reader of definitions: nodes of the JSON text, tables of fields,
 *	  diagnostics.  Private to src/asl.
 *
 * An object of the language is described by an AslShape: a table with one row
 * per field.  asl_read_object() does for every object what is the same for
 * all: missing, unknown and conflicting fields, fields of the other query
 * language.  A row's reader does the rest.  Nothing stops at the first mistake:
 * every reader reports what it finds, leaves its target alone and returns.
 *
 * What readers allocate goes to the machine's memory context (current while
 * one is read) or, where only the compiler needs it, to AslReader.scratch.
 *
 * IDENTIFICATION
 *	  src/asl/read.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ASL_READ_H
#define WORKFLOW_ASL_READ_H

#include <cjson/cJSON.h>

#include "asl/asl.h"
#include "asl/names.h"
#include "nodes/pg_list.h"

/*
 * A value of the definition and the way to it.  The structure comes from cJSON;
 * contents come from the Value beside it, which keeps digits and lengths.
 * Nodes live on the C stack of the readers.
 */
typedef struct AslNode
{
	const struct AslNode *parent; /* NULL: the definition itself */
	const char *key;              /* of a member, NUL-terminated; NULL: an item */
	int index;                    /* of an item */
	const cJSON *json;
	Value value;
} AslNode;

/* A Next, Default or StartAt that has to find its state */
typedef struct AslTransition
{
	const AslState *from; /* NULL: StartAt */
	const AslState **to;  /* where the state goes */
	const char *name;
	const char *location;
} AslTransition;

/* A variable that some state assigns */
typedef struct AslAssigned
{
	const char *name;
	const char *location;
} AslAssigned;

/* A States object while its states are read */
typedef struct AslScopeReader
{
	struct AslScopeReader *outer; /* the one whose variables it sees, or NULL */
	AslScope *scope;
	Value members;         /* the States object, if it is one and not empty */
	List *states;          /* of AslState * */
	List *transitions;     /* of AslTransition * */
	bool has_start;        /* StartAt is there */
	bool has_loose_end;    /* some state neither ends nor says where to go */
	List *assigned;        /* of AslAssigned *: by its own states */
	List *assigned_inside; /* of AslAssigned *: by states of scopes below that see it */
} AslScopeReader;

/* One compilation */
typedef struct AslReader
{
	/* all lists are in scratch */
	const AslCompileOptions *options;
	AslDiagnostics *diagnostics;
	MemoryContext caller;  /* where the diagnostics live */
	MemoryContext scratch; /* gone when the compilation ends */
	AslMachine *machine;
	List *states;           /* of AslState * */
	List *locations;        /* of char *: of each state, in the same order */
	List *labels;           /* of char *: Labels of Map states */
	List *assigned;         /* of char *: variables that some state assigns */
	List *state_references; /* private to reference.c */
	/* where the reader stands */
	AslQueryLanguage language;
	AslMachineType type; /* of the executions that run what stands here */
	bool mixed;          /* the state's QueryLanguage is refused: not also its fields */
	AslState *state;     /* NULL outside of states */
	AslScopeReader *scope;
	List *references; /* of char *: variables that the state refers to, each time */
	List *functions;  /* of char *: functions that its expressions call, each time */
} AslReader;

typedef struct AslField AslField;

/* Reads the field's value into target */
typedef void (*AslFieldReader)(AslReader *reader, const AslNode *node,
							   const AslField *field, void *target);

#define ASL_REQUIRED 0x01
#define ASL_JSONPATH_ONLY 0x02
#define ASL_JSONATA_ONLY 0x04

struct AslField
{
	const char *name;
	AslFieldReader read; /* NULL: somebody else reads it */
	int flags;
	size_t offset; /* of the target in the structure */
	double min;    /* of numbers; both 0: no bounds */
	double max;
	const char *words; /* of an enumeration: "A, B" */
};

/* Of these fields there may be one, or must be one */
#define ASL_GROUP_SIZE 4

typedef struct AslGroup
{
	bool required;
	const char *names[ASL_GROUP_SIZE]; /* NULL after the last one */
} AslGroup;

typedef struct AslShape
{
	const AslField *fields;
	int nfields;
	const AslGroup *groups;
	int ngroups;
} AslShape;

#define ASL_SHAPE(fields, groups)                                                        \
	{                                                                                    \
		(fields), lengthof(fields), (groups), lengthof(groups)                           \
	}
#define ASL_PLAIN_SHAPE(fields)                                                          \
	{                                                                                    \
		(fields), lengthof(fields), NULL, 0                                              \
	}

/* node.c */
extern bool asl_node_member(const AslNode *object, const char *key, AslNode *member);
extern bool asl_node_has(const AslNode *object, const char *key);
extern AslNode asl_node_first(const AslNode *parent); /* json NULL where it is empty */
extern AslNode asl_node_next(const AslNode *node);
extern int asl_node_count(const AslNode *node);
extern char *asl_node_location(const AslNode *node); /* "/States/A/Choices[0]" */
extern char *asl_node_field(const AslReader *reader,
							const AslNode *node); /* "Choices[0]/Condition" */
extern char *asl_node_text(const AslNode *node);  /* of a string, NUL-terminated copy */

/* read.c: diagnostics */
extern void asl_diagnose(AslReader *reader, AslSeverity severity, const char *code,
						 const AslNode *node, const char *fmt, ...)
	pg_attribute_printf(5, 6);
extern void asl_diagnose_at(AslReader *reader, AslSeverity severity, const char *code,
							const char *location, const char *fmt, ...)
	pg_attribute_printf(5, 6);

/* SCHEMA_VALIDATION_FAILED, the most frequent of all */
#define asl_refuse(reader, node, ...)                                                    \
	asl_diagnose(reader, ASL_ERROR, ASL_CODE_SCHEMA, node, __VA_ARGS__)

/* read.c: "Expected value of type [...]" where node is something else */
extern bool asl_expect_object(AslReader *reader, const AslNode *node);
extern bool
asl_expect_array(AslReader *reader,
				 const AslNode *node); /* and not empty: "Value cannot be empty" */
extern bool asl_expect_list(AslReader *reader,
							const AslNode *node); /* an array, maybe empty */
extern bool asl_expect_number(AslReader *reader, const AslNode *node);
extern bool asl_expect_string(AslReader *reader, const AslNode *node);

/* read.c: objects */
extern bool asl_read_object(AslReader *reader, const AslNode *node, const AslShape *shape,
							void *target);

/* read.c: readers of fields; the comment says what target points to */
extern void asl_read_comment(AslReader *reader, const AslNode *node,
							 const AslField *field, void *target); /* nothing */
extern void asl_read_string(AslReader *reader, const AslNode *node, const AslField *field,
							void *target); /* const char * */
extern void asl_read_bool(AslReader *reader, const AslNode *node, const AslField *field,
						  void *target); /* bool */
extern void asl_read_int(AslReader *reader, const AslNode *node, const AslField *field,
						 void *target); /* int */
extern void asl_read_double(AslReader *reader, const AslNode *node, const AslField *field,
							void *target); /* double */
extern void asl_read_words(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target); /* const char * */
extern void asl_check_words(AslReader *reader, const AslNode *node, const AslField *field,
							void *target); /* nothing */
extern bool asl_has_word(const char *words, const char *word);

/* operand.c: paths, and values that may be constants, paths or expressions */
extern JpPath *asl_compile_path(AslReader *reader, const AslNode *node);
extern JpPath *asl_try_path(AslReader *reader, const AslNode *node, WfError *error);
extern JpPath *asl_compile_reference_path(AslReader *reader, const AslNode *node);
extern void asl_check_reference_path(AslReader *reader, const AslNode *node,
									 const JpPath *path);
extern void asl_read_path(AslReader *reader, const AslNode *node, const AslField *field,
						  void *target); /* AslPath */
extern void asl_read_result_path(AslReader *reader, const AslNode *node,
								 const AslField *field, void *target); /* AslPath */
extern void asl_read_int_operand(AslReader *reader, const AslNode *node,
								 const AslField *field, void *target); /* AslOperand */
extern void asl_read_number_operand(AslReader *reader, const AslNode *node,
									const AslField *field, void *target);
extern void asl_read_string_operand(AslReader *reader, const AslNode *node,
									const AslField *field, void *target);
extern void asl_read_timestamp_operand(AslReader *reader, const AslNode *node,
									   const AslField *field, void *target);
extern void asl_read_path_operand(AslReader *reader, const AslNode *node,
								  const AslField *field, void *target);
extern void asl_read_call_operand(AslReader *reader, const AslNode *node,
								  const AslField *field,
								  void *target); /* path or intrinsic */
extern bool asl_check_timestamp(AslReader *reader, const AslNode *node);
extern Intrinsic *asl_compile_call(AslReader *reader, const AslNode *node);

/* expression.c: the one place where every expression of a definition passes */
extern bool asl_is_expression(AslReader *reader, const AslNode *node, char **text);
extern AslExpression *asl_compile_expression(AslReader *reader, const AslNode *node,
											 const char *text);

/* reference.c */
extern void asl_add_reference(AslReader *reader, const char *name);
extern void asl_add_function(AslReader *reader, const char *name);
extern void asl_add_assigned(AslReader *reader, const char *name);
extern void asl_note_references(AslReader *reader, AslState *state);
extern void asl_finish_references(AslReader *reader);

/* template.c */
extern void asl_read_template(AslReader *reader, const AslNode *node,
							  const AslField *field, void *target); /* AslTemplate * */
extern void asl_read_object_template(AslReader *reader, const AslNode *node,
									 const AslField *field, void *target);
extern void asl_read_assign(AslReader *reader, const AslNode *node, const AslField *field,
							void *target);

/* variable.c: notes the name for the scope, and reports what is wrong with it */
extern void asl_check_variable_name(AslReader *reader, const AslNode *member);

/* choice.c: the Choices of an AslChoice */
extern void asl_read_choices(AslReader *reader, const AslNode *node,
							 const AslField *field, void *target);

/* retry.c: of an AslState */
extern void asl_read_retry(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target);
extern void asl_read_catch(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target);

/* resource.c: AslResource */
extern void asl_read_resource(AslReader *reader, const AslNode *node,
							  const AslField *field, void *target);

/* map.c, item.c: of an AslMap */
extern void asl_read_processor(AslReader *reader, const AslNode *node,
							   const AslField *field, void *target);
extern void asl_read_label(AslReader *reader, const AslNode *node, const AslField *field,
						   void *target);
extern void asl_read_item_reader(AslReader *reader, const AslNode *node,
								 const AslField *field, void *target);
extern void asl_read_item_batcher(AslReader *reader, const AslNode *node,
								  const AslField *field, void *target);
extern void asl_read_result_writer(AslReader *reader, const AslNode *node,
								   const AslField *field, void *target);

/* state.c: NULL where it cannot be told what it is */
extern AslState *asl_read_state(AslReader *reader, const AslNode *node);
extern AslQueryLanguage asl_resolve_language(const AslNode *object,
											 AslQueryLanguage inherited);

/* scope.c */

/* Fills in *scope; sees_outer: it reads the variables around it */
extern void asl_read_scope(AslReader *reader, const AslNode *node, const AslShape *shape,
						   AslScope *scope, bool sees_outer);
extern void asl_read_states(AslReader *reader, const AslNode *node, const AslField *field,
							void *target);
extern void asl_read_branches(AslReader *reader, const AslNode *node,
							  const AslField *field, void *target);
extern void asl_read_next(AslReader *reader, const AslNode *node, const AslField *field,
						  void *target); /* const AslState * */

/* check.c: what can be said only of all states together */
extern void asl_check_scope(AslReader *reader, AslScopeReader *level);
extern void asl_check_names(AslReader *reader);

#endif /* WORKFLOW_ASL_READ_H */
