/*-------------------------------------------------------------------------
 *
 * errcodes.h
 *	  The SQLSTATEs of class WF and the AWS exceptions they stand for.
 *
 * One list: the ERRCODE_WF_ macros below it and the view workflow.error_code
 * (through wf_error_codes()) come from it.
 *
 * IDENTIFICATION
 *	  src/util/errcodes.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_UTIL_ERRCODES_H
#define WORKFLOW_UTIL_ERRCODES_H

#include "utils/elog.h"

#define WF_SQLSTATE(a, b, c) MAKE_SQLSTATE('W', 'F', a, b, c)

/* X(macro suffix, three digits, name of the exception) */
#define WF_ERRCODE_LIST(X)                                                               \
	X(VALIDATION, '0', '0', '1', "ValidationException")                                  \
	X(MISSING_REQUIRED_PARAMETER, '0', '0', '2', "MissingRequiredParameter")             \
	X(INVALID_ARN, '0', '0', '3', "InvalidArn")                                          \
	X(INVALID_NAME, '0', '0', '4', "InvalidName")                                        \
	X(INVALID_DEFINITION, '0', '0', '5', "InvalidDefinition")                            \
	X(INVALID_EXECUTION_INPUT, '0', '0', '6', "InvalidExecutionInput")                   \
	X(INVALID_OUTPUT, '0', '0', '7', "InvalidOutput")                                    \
	X(INVALID_TOKEN, '0', '0', '8', "InvalidToken")                                      \
	X(INVALID_LOGGING_CONFIGURATION, '0', '0', '9', "InvalidLoggingConfiguration")       \
	X(INVALID_TRACING_CONFIGURATION, '0', '1', '0', "InvalidTracingConfiguration")       \
	X(INVALID_ENCRYPTION_CONFIGURATION, '0', '1', '1', "InvalidEncryptionConfiguration") \
	X(STATE_MACHINE_DOES_NOT_EXIST, '0', '1', '2', "StateMachineDoesNotExist")           \
	X(STATE_MACHINE_ALREADY_EXISTS, '0', '1', '3', "StateMachineAlreadyExists")          \
	X(STATE_MACHINE_DELETING, '0', '1', '4', "StateMachineDeleting")                     \
	X(STATE_MACHINE_LIMIT_EXCEEDED, '0', '1', '5', "StateMachineLimitExceeded")          \
	X(STATE_MACHINE_TYPE_NOT_SUPPORTED, '0', '1', '6', "StateMachineTypeNotSupported")   \
	X(EXECUTION_DOES_NOT_EXIST, '0', '1', '7', "ExecutionDoesNotExist")                  \
	X(EXECUTION_LIMIT_EXCEEDED, '0', '1', '8', "ExecutionLimitExceeded")                 \
	X(EXECUTION_NOT_REDRIVABLE, '0', '1', '9', "ExecutionNotRedrivable")                 \
	X(ACTIVITY_DOES_NOT_EXIST, '0', '2', '0', "ActivityDoesNotExist")                    \
	X(ACTIVITY_ALREADY_EXISTS, '0', '2', '1', "ActivityAlreadyExists")                   \
	X(ACTIVITY_LIMIT_EXCEEDED, '0', '2', '2', "ActivityLimitExceeded")                   \
	X(ACTIVITY_WORKER_LIMIT_EXCEEDED, '0', '2', '3', "ActivityWorkerLimitExceeded")      \
	X(TASK_DOES_NOT_EXIST, '0', '2', '4', "TaskDoesNotExist")                            \
	X(TASK_TIMED_OUT, '0', '2', '5', "TaskTimedOut")                                     \
	X(RESOURCE_NOT_FOUND, '0', '2', '6', "ResourceNotFound")                             \
	X(TOO_MANY_TAGS, '0', '2', '7', "TooManyTags")                                       \
	X(CONFLICT, '0', '2', '8', "ConflictException")                                      \
	X(SERVICE_QUOTA_EXCEEDED, '0', '2', '9', "ServiceQuotaExceededException")            \
	X(ACCESS_DENIED, '0', '3', '0', "AccessDeniedException")                             \
	X(UNKNOWN_OPERATION, '0', '3', '1', "UnknownOperationException")                     \
	X(EXECUTION_ALREADY_EXISTS, '0', '3', '3', "ExecutionAlreadyExists")

#define ERRCODE_WF_VALIDATION WF_SQLSTATE('0', '0', '1')
#define ERRCODE_WF_MISSING_REQUIRED_PARAMETER WF_SQLSTATE('0', '0', '2')
#define ERRCODE_WF_INVALID_ARN WF_SQLSTATE('0', '0', '3')
#define ERRCODE_WF_INVALID_NAME WF_SQLSTATE('0', '0', '4')
#define ERRCODE_WF_INVALID_DEFINITION WF_SQLSTATE('0', '0', '5')
#define ERRCODE_WF_INVALID_EXECUTION_INPUT WF_SQLSTATE('0', '0', '6')
#define ERRCODE_WF_INVALID_OUTPUT WF_SQLSTATE('0', '0', '7')
#define ERRCODE_WF_INVALID_TOKEN WF_SQLSTATE('0', '0', '8')
#define ERRCODE_WF_INVALID_LOGGING_CONFIGURATION WF_SQLSTATE('0', '0', '9')
#define ERRCODE_WF_INVALID_TRACING_CONFIGURATION WF_SQLSTATE('0', '1', '0')
#define ERRCODE_WF_INVALID_ENCRYPTION_CONFIGURATION WF_SQLSTATE('0', '1', '1')
#define ERRCODE_WF_STATE_MACHINE_DOES_NOT_EXIST WF_SQLSTATE('0', '1', '2')
#define ERRCODE_WF_STATE_MACHINE_ALREADY_EXISTS WF_SQLSTATE('0', '1', '3')
#define ERRCODE_WF_STATE_MACHINE_DELETING WF_SQLSTATE('0', '1', '4')
#define ERRCODE_WF_STATE_MACHINE_LIMIT_EXCEEDED WF_SQLSTATE('0', '1', '5')
#define ERRCODE_WF_STATE_MACHINE_TYPE_NOT_SUPPORTED WF_SQLSTATE('0', '1', '6')
#define ERRCODE_WF_EXECUTION_DOES_NOT_EXIST WF_SQLSTATE('0', '1', '7')
#define ERRCODE_WF_EXECUTION_LIMIT_EXCEEDED WF_SQLSTATE('0', '1', '8')
#define ERRCODE_WF_EXECUTION_NOT_REDRIVABLE WF_SQLSTATE('0', '1', '9')
#define ERRCODE_WF_ACTIVITY_DOES_NOT_EXIST WF_SQLSTATE('0', '2', '0')
#define ERRCODE_WF_ACTIVITY_ALREADY_EXISTS WF_SQLSTATE('0', '2', '1')
#define ERRCODE_WF_ACTIVITY_LIMIT_EXCEEDED WF_SQLSTATE('0', '2', '2')
#define ERRCODE_WF_ACTIVITY_WORKER_LIMIT_EXCEEDED WF_SQLSTATE('0', '2', '3')
#define ERRCODE_WF_TASK_DOES_NOT_EXIST WF_SQLSTATE('0', '2', '4')
#define ERRCODE_WF_TASK_TIMED_OUT WF_SQLSTATE('0', '2', '5')
#define ERRCODE_WF_RESOURCE_NOT_FOUND WF_SQLSTATE('0', '2', '6')
#define ERRCODE_WF_TOO_MANY_TAGS WF_SQLSTATE('0', '2', '7')
#define ERRCODE_WF_CONFLICT WF_SQLSTATE('0', '2', '8')
#define ERRCODE_WF_SERVICE_QUOTA_EXCEEDED WF_SQLSTATE('0', '2', '9')
#define ERRCODE_WF_ACCESS_DENIED WF_SQLSTATE('0', '3', '0')
#define ERRCODE_WF_UNKNOWN_OPERATION WF_SQLSTATE('0', '3', '1')
#define ERRCODE_WF_EXECUTION_ALREADY_EXISTS WF_SQLSTATE('0', '3', '3')

/* errors that no AWS exception stands for */
#define ERRCODE_WF_RAISED WF_SQLSTATE('1', '0', '0') /* workflow.raise_error */
#define ERRCODE_WF_ASL                                                                   \
	WF_SQLSTATE('1', '0', '1') /* an ASL error at run time; .name says which */
#define ERRCODE_WF_JSONATA WF_SQLSTATE('2', '0', '0')
#define ERRCODE_WF_PATH_NOT_FOUND WF_SQLSTATE('2', '0', '1')
#define ERRCODE_WF_INVALID_PATH WF_SQLSTATE('2', '0', '2')
#define ERRCODE_WF_INTRINSIC WF_SQLSTATE('2', '0', '3') /* an intrinsic function failed */
#define ERRCODE_WF_INVALID_INTRINSIC                                                     \
	WF_SQLSTATE('2', '0', '4') /* text that is no intrinsic call */

#endif /* WORKFLOW_UTIL_ERRCODES_H */
