/*-------------------------------------------------------------------------
 *
 * workflow.c
 *	  Entry point of the library: the list of what is set up when it loads.
 *
 * The library may also be loaded without preloading (CREATE EXTENSION in a
 * restore must work): its functions then do, and its processes do not exist.
 *
 * IDENTIFICATION
 *	  src/workflow.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "api/api.h"
#include "compat.h"
#include "guc.h"
#include "worker/worker.h"

COMPAT_MODULE_MAGIC("workflow", WORKFLOW_VERSION);

extern PGDLLEXPORT void _PG_init(void);

/*
 * Module load callback.
 *
 * During pg_upgrade the shared memory is there, but nothing may run.
 */
void
_PG_init(void)
{
	guc_init();
	worker_wake_init();
	worker_utility_init();
	api_nested_init();

	if (!process_shared_preload_libraries_in_progress)
		return;

	worker_shmem_init();
	if (!IsBinaryUpgrade)
		worker_register();
}
