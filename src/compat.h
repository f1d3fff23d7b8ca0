/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Differences between the supported major versions of PostgreSQL.
 *
 * The only file that may look at PG_VERSION_NUM.  Each shim gives the newer
 * spelling to older servers, or a name of our own (compat_...) where the
 * signatures differ, and says what changed upstream.  Knows nothing of the
 * extension; include it after "postgres.h".
 *
 * IDENTIFICATION
 *	  src/compat.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_COMPAT_H
#define WORKFLOW_COMPAT_H

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "workflow supports PostgreSQL 15 to 18"
#endif

/* 16: VARSIZE and its kin moved out of postgres.h (New header varatt.h) */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16: allocation macros that know the type (Expand palloc/pg_malloc API for more type
 * safety); later minor releases of 15 have them too */
#ifndef palloc_object
#define palloc_object(type) ((type *) palloc(sizeof(type)))
#define palloc0_object(type) ((type *) palloc0(sizeof(type)))
#define palloc_array(type, count) ((type *) palloc(sizeof(type) * (count)))
#define palloc0_array(type, count) ((type *) palloc0(sizeof(type) * (count)))
#define repalloc_array(pointer, type, count)                                             \
	((type *) repalloc((pointer), sizeof(type) * (count)))
#endif

/* 18: pg_noreturn, before the declaration, replaces pg_attribute_noreturn() behind it */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 18: a module may tell its name and version (Introduce PG_MODULE_MAGIC_EXT macro) */
#if PG_VERSION_NUM >= 180000
#define COMPAT_MODULE_MAGIC(module, text)                                                \
	PG_MODULE_MAGIC_EXT(.name = (module), .version = (text))
#else
#define COMPAT_MODULE_MAGIC(module, text) PG_MODULE_MAGIC
#endif

/*
 * 17: makeJsonLexContextCstringLen() takes the struct to fill in, or NULL to
 * have one allocated (Improve JsonLexContext's freeability).
 */
#if PG_VERSION_NUM >= 170000
#define compat_json_lex_context(json, len, encoding)                                     \
	makeJsonLexContextCstringLen(NULL, (json), (len), (encoding), true)
#else
#define compat_json_lex_context(json, len, encoding)                                     \
	makeJsonLexContextCstringLen((json), (len), (encoding), true)
#endif

/*
 * 17: extensions name their wait events (Support custom wait events for wait
 * event type "Extension").  Older servers show all of them as one.
 */
#if PG_VERSION_NUM >= 170000
#define compat_wait_event_new(name) WaitEventExtensionNew(name)
#else
#define compat_wait_event_new(name) ((uint32) PG_WAIT_EXTENSION)
#endif

/* 16: one object_ownercheck() for all kinds of objects */
#if PG_VERSION_NUM >= 160000
#define compat_database_ownercheck(oid, role)                                            \
	object_ownercheck(DatabaseRelationId, (oid), (role))
#define compat_extension_ownercheck(oid, role)                                           \
	object_ownercheck(ExtensionRelationId, (oid), (role))
#else
#define compat_database_ownercheck(oid, role) pg_database_ownercheck((oid), (role))
#define compat_extension_ownercheck(oid, role) pg_extension_ownercheck((oid), (role))
#endif

/* 16: one object_aclcheck() for all kinds of objects (Refactor aclcheck functions) */
#if PG_VERSION_NUM >= 160000
#define compat_proc_aclcheck(oid, role, mode)                                            \
	object_aclcheck(ProcedureRelationId, (oid), (role), (mode))
#else
#define compat_proc_aclcheck(oid, role, mode) pg_proc_aclcheck((oid), (role), (mode))
#endif

#if PG_VERSION_NUM >= 160000
#define compat_database_aclcheck(oid, role, mode)                                        \
	object_aclcheck(DatabaseRelationId, (oid), (role), (mode))
#else
#define compat_database_aclcheck(oid, role, mode)                                        \
	pg_database_aclcheck((oid), (role), (mode))
#endif

/* 16: it may give its errors as values (Create infrastructure for "soft" error reporting) */
#if PG_VERSION_NUM >= 160000
#define compat_qualified_name_list(text) stringToQualifiedNameList((text), NULL)
#else
#define compat_qualified_name_list(text) stringToQualifiedNameList(text)
#endif

/* 17: the local transaction id moved (Redefine backend ID to be an index into the proc array) */
#if PG_VERSION_NUM >= 170000
#define compat_local_xid() (MyProc->vxid.lxid)
#else
#define compat_local_xid() (MyProc->lxid)
#endif

/* 17: a background worker may connect as a role without LOGIN (BGWORKER_BYPASS_ROLELOGINCHECK) */
#if PG_VERSION_NUM >= 170000
#define COMPAT_WORKER_NEEDS_LOGIN false
#define COMPAT_WORKER_BYPASS_LOGIN BGWORKER_BYPASS_ROLELOGINCHECK
#else
#define COMPAT_WORKER_NEEDS_LOGIN true
#define COMPAT_WORKER_BYPASS_LOGIN 0
#endif

/* 18: where an index scan counts its searches (Show index search count in EXPLAIN ANALYZE) */
#if PG_VERSION_NUM >= 180000
#define compat_index_beginscan(table, index, snapshot, nkeys)                            \
	index_beginscan((table), (index), (snapshot), NULL, (nkeys), 0)
#else
#define compat_index_beginscan(table, index, snapshot, nkeys)                            \
	index_beginscan((table), (index), (snapshot), (nkeys), 0)
#endif

/* 16: which relations are written (Fix EvalPlanQual rechecks during MERGE) */
#if PG_VERSION_NUM >= 160000
#define compat_epq_init(epq, estate) EvalPlanQualInit((epq), (estate), NULL, NIL, -1, NIL)
#else
#define compat_epq_init(epq, estate) EvalPlanQualInit((epq), (estate), NULL, NIL, -1)
#endif

#endif /* WORKFLOW_COMPAT_H */
