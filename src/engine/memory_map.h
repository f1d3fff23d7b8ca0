/*-------------------------------------------------------------------------
 *
 * memory_map.h
 *	  Map Runs of the memory shell: their inputs and children.
 *
 * Private to the memory shell: memory.c says when a child runs and when it has
 * ended, memory_map.c keeps the rest.
 *
 * IDENTIFICATION
 *	  src/engine/memory_map.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_ENGINE_MEMORY_MAP_H
#define WORKFLOW_ENGINE_MEMORY_MAP_H

#include "engine/engine.h"

typedef struct MemoryMapRun
{
	EngineMapRun engine; /* first: the engine gets a pointer to it */
	int64 started;       /* children started, in the order of their inputs */
	int64 capacity;      /* of inputs, which are engine.executions.total */
	struct MemoryMapChild *children;
} MemoryMapRun;

extern MemoryMapRun *memory_map_new(EngineExecution *execution, EngineBranch *branch,
									const EngineMapRun *limits);
extern void memory_map_add_input(MemoryMapRun *run, Value input, int nitems);

/* Outputs of the children that have succeeded, as an array in their order */
extern Value memory_map_results(const MemoryMapRun *run);

/*
 * May another child start?  Then *child is filled in, to be run by the caller, and
 * its number given; else -1.
 */
extern int64 memory_map_start_child(MemoryMapRun *run, EngineExecution *execution,
									const EngineBranch *branch, EngineExecution *child);

/* How a child will end, and that it has ended now */
extern void memory_map_note_end(MemoryMapRun *run, int64 number,
								const EngineExecution *child);
extern void memory_map_end_child(MemoryMapRun *run, int64 number);

/* It is over: children that run have not ended */
extern void memory_map_abort(MemoryMapRun *run);

/* The reader gives these items: make inputs of them, and the event that tells of it */
extern void memory_map_read(EngineExecution *execution, EngineBranch *branch,
							MemoryMapRun *run, Value request, Value items,
							EngineEvent *event);

/* What a ResultWriter would give the state */
extern Value memory_map_write(const MemoryMapRun *run, Value request);

#endif /* WORKFLOW_ENGINE_MEMORY_MAP_H */
