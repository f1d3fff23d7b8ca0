/*-------------------------------------------------------------------------
 *
 * transaction.h
 *	  Transactions of our processes.  Private to src/worker.
 *
 * IDENTIFICATION
 *	  src/worker/transaction.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_WORKER_TRANSACTION_H
#define WORKFLOW_WORKER_TRANSACTION_H

/* Begin one, with a snapshot; the memory context stays as it is */
extern void transaction_begin(void);

/* Commit, and report statistics (or autovacuum would never see our tables) */
extern void transaction_commit(void);

/*
 * In PG_CATCH: write the error to the log and abort.  Gives its message,
 * allocated in context, and makes context current.
 */
extern char *transaction_failed(MemoryContext context);

#endif /* WORKFLOW_WORKER_TRANSACTION_H */
