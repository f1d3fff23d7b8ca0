/*-------------------------------------------------------------------------
 *
 * jsonb_read.h
 *	  Reading jsonb containers in place; private to src/value.
 *
 * Everything here takes a VALUE_JSONB (or its container) and hands out
 * Values that point into the same datum.
 *
 * IDENTIFICATION
 *	  src/value/jsonb_read.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_VALUE_JSONB_READ_H
#define WORKFLOW_VALUE_JSONB_READ_H

#include "value/value.h"

/* A container must begin at such an address, as must the numerics in it */
#define JSONB_ALIGN(offset) INTALIGN(offset)

static inline int
jsonb_count(Value v)
{
	return (int) JsonContainerSize(v.u.jsonb);
}

/* jsonb.c */
extern Value jsonb_array_get(Value array, int index);
extern Value jsonb_object_get(Value object, const char *key, int key_len);
extern void jsonb_array_begin(ValueArrayIter *it);
extern void jsonb_array_next(ValueArrayIter *it);
extern void jsonb_object_begin(ValueObjectIter *it);
extern void jsonb_object_next(ValueObjectIter *it);

#endif /* WORKFLOW_VALUE_JSONB_READ_H */
