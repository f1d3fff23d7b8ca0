/*-------------------------------------------------------------------------
 *
 * names.h
 *	  The words of the language: state types, comparison operators, codes of
 *	  diagnostics.
 *
 * Each list exists once; enums, tables and messages are made from it.
 *
 * IDENTIFICATION
 *	  src/asl/names.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ASL_NAMES_H
#define WORKFLOW_ASL_NAMES_H

/* ORDER STATE TYPE: X(suffix of the enum, name) */
#define ASL_STATE_TYPE_LIST(X)                                                           \
	X(PASS, "Pass")                                                                      \
	X(TASK, "Task")                                                                      \
	X(CHOICE, "Choice")                                                                  \
	X(WAIT, "Wait")                                                                      \
	X(SUCCEED, "Succeed")                                                                \
	X(FAIL, "Fail")                                                                      \
	X(PARALLEL, "Parallel")                                                              \
	X(MAP, "Map")

/* The same names in the order in which AWS lists them */
#define ASL_STATE_TYPE_WORDS "Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map"

/* The five relations of an ordered type, each with a literal and with a path */
#define ASL_ORDERED_LIST(X, name, test)                                                  \
	X(name "Equals", test, EQUALS, false)                                                \
	X(name "EqualsPath", test, EQUALS, true)                                             \
	X(name "GreaterThan", test, GREATER_THAN, false)                                     \
	X(name "GreaterThanPath", test, GREATER_THAN, true)                                  \
	X(name "GreaterThanEquals", test, GREATER_THAN_EQUALS, false)                        \
	X(name "GreaterThanEqualsPath", test, GREATER_THAN_EQUALS, true)                     \
	X(name "LessThan", test, LESS_THAN, false)                                           \
	X(name "LessThanPath", test, LESS_THAN, true)                                        \
	X(name "LessThanEquals", test, LESS_THAN_EQUALS, false)                              \
	X(name "LessThanEqualsPath", test, LESS_THAN_EQUALS, true)

/* X(name, suffix of AslTest, suffix of AslRelation, is the operand a path?) */
#define ASL_OPERATOR_LIST(X)                                                             \
	ASL_ORDERED_LIST(X, "String", STRING)                                                \
	X("StringMatches", STRING_MATCHES, EQUALS, false)                                    \
	ASL_ORDERED_LIST(X, "Numeric", NUMERIC)                                              \
	X("BooleanEquals", BOOLEAN, EQUALS, false)                                           \
	X("BooleanEqualsPath", BOOLEAN, EQUALS, true)                                        \
	ASL_ORDERED_LIST(X, "Timestamp", TIMESTAMP)                                          \
	X("IsPresent", IS_PRESENT, EQUALS, false)                                            \
	X("IsNull", IS_NULL, EQUALS, false)                                                  \
	X("IsString", IS_STRING, EQUALS, false)                                              \
	X("IsNumeric", IS_NUMERIC, EQUALS, false)                                            \
	X("IsBoolean", IS_BOOLEAN, EQUALS, false)                                            \
	X("IsTimestamp", IS_TIMESTAMP, EQUALS, false)

#define ASL_ERROR_ALL "States.ALL"
#define ASL_ERROR_RUNTIME "States.Runtime"
#define ASL_ERROR_QUERY_EVALUATION "States.QueryEvaluationError"

/* Codes of diagnostics: AWS's, but for the last one */
#define ASL_CODE_JSON "INVALID_JSON_DESCRIPTION"
#define ASL_CODE_SCHEMA "SCHEMA_VALIDATION_FAILED"
#define ASL_CODE_INVALID_JSONATA "INVALID_JSONATA_EXPRESSION"
#define ASL_CODE_UNSUPPORTED_JSONATA "UNSUPPORTED_JSONATA_EXPRESSION"
#define ASL_CODE_NO_END "MISSING_END_STATE"
#define ASL_CODE_NO_TARGET "MISSING_TRANSITION_TARGET"
#define ASL_CODE_DUPLICATE_STATE "DUPLICATE_STATE_NAME"
#define ASL_CODE_STATE_NAME "INVALID_STATE_NAME"
#define ASL_CODE_DUPLICATE_LABEL "DUPLICATE_LABEL_NAME"
#define ASL_CODE_LABEL_NAME "INVALID_LABEL_NAME"
#define ASL_CODE_VARIABLE_NAME "INVALID_VARIABLE_NAME"
#define ASL_CODE_RESERVED_VARIABLE "RESERVED_VARIABLE_NAME"
#define ASL_CODE_TOO_DEEP "TOO_DEEPLY_NESTED"
#define ASL_CODE_NO_DOLLAR "NO_DOLLAR"
#define ASL_CODE_NO_PATH "NO_PATH"
#define ASL_CODE_STATIC_RESULT "PASS_RESULT_IS_STATIC"
#define ASL_CODE_INTEGRATION "UNSUPPORTED_INTEGRATION"

#endif /* WORKFLOW_ASL_NAMES_H */
