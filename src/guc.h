/*-------------------------------------------------------------------------
 *
 * guc.h
 *	  The settings of the extension, in alphabetical order.
 *
 * What each one means stands in its description in guc.c.  The variables hold
 * the defaults even where a setting is not defined because the library was not
 * preloaded.
 *
 * IDENTIFICATION
 *	  src/guc.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_GUC_H
#define WORKFLOW_GUC_H

extern char *wf_guc_account_id;
extern bool wf_guc_aws_limits;
extern int wf_guc_batch_size;
extern int wf_guc_batch_time;  /* ms */
extern char *wf_guc_databases; /* comma-separated names, empty: all */
extern bool wf_guc_enabled;
extern int wf_guc_jsonata_max_depth;
extern int wf_guc_jsonata_max_memory; /* kB */
extern int wf_guc_jsonata_timeout;    /* ms */
extern int wf_guc_machine_cache_size;
extern int wf_guc_max_databases;
extern int wf_guc_max_history_events;  /* 0: no limit */
extern int wf_guc_max_map_concurrency; /* 0: no limit */
extern int wf_guc_max_nesting_depth;
extern int wf_guc_max_payload_size; /* bytes */
extern int wf_guc_max_runners;
extern int wf_guc_max_runners_per_role; /* 0: no limit */
extern int wf_guc_max_steps_per_turn;
extern int wf_guc_recheck_interval; /* ms */
extern char *wf_guc_region;
extern int wf_guc_runner_idle_timeout; /* ms */
extern int wf_guc_runner_max_age;      /* s */
extern int wf_guc_runner_max_tasks;
extern int wf_guc_runner_slots;
extern int wf_guc_schedulers; /* per database */

/* guc.c */
extern void guc_init(void);

#endif /* WORKFLOW_GUC_H */
