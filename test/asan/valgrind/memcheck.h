/*-------------------------------------------------------------------------
 *
 * memcheck.h
 *	  Tells AddressSanitizer what the server's memory contexts tell Valgrind.
 *
 * A server that is built with USE_VALGRIND and with this folder in front of the
 * system's marks each palloc chunk to both of them, so that a read or write past
 * its end, or after pfree(), is a finding of AddressSanitizer in a library that is
 * built with it.  Without libasan the functions are not there and nothing happens.
 *
 * Knows Valgrind's client requests only.
 *
 * IDENTIFICATION
 *	  test/asan/valgrind/memcheck.h
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKFLOW_TEST_ASAN_MEMCHECK_H
#define WORKFLOW_TEST_ASAN_MEMCHECK_H

#include <stddef.h>
#include <stdint.h>
#include_next <valgrind/memcheck.h>

extern void __asan_poison_memory_region(const volatile void *start, size_t size)
	__attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *start, size_t size)
	__attribute__((weak));

/*
 * Functions, because the macros below hide Valgrind's.  They take numbers, because
 * callers have pointers of all kinds, which may point to what is not set yet.
 */
static inline void
asan_forbid(uintptr_t start, size_t size)
{
	(void) VALGRIND_MAKE_MEM_NOACCESS(start, size);
	if (__asan_poison_memory_region)
		__asan_poison_memory_region((void *) start, size);
}

static inline void
asan_allow(uintptr_t start, size_t size)
{
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region((void *) start, size);
}

static inline void
asan_undefined(uintptr_t start, size_t size)
{
	(void) VALGRIND_MAKE_MEM_UNDEFINED(start, size);
	asan_allow(start, size);
}

static inline void
asan_defined(uintptr_t start, size_t size)
{
	(void) VALGRIND_MAKE_MEM_DEFINED(start, size);
	asan_allow(start, size);
}

static inline void
asan_alloc(uintptr_t pool, uintptr_t start, size_t size)
{
	VALGRIND_MEMPOOL_ALLOC(pool, start, size);
	asan_allow(start, size);
}

static inline void
asan_change(uintptr_t pool, uintptr_t old, uintptr_t start, size_t size)
{
	VALGRIND_MEMPOOL_CHANGE(pool, old, start, size);
	asan_allow(start, size);
}

#undef VALGRIND_MAKE_MEM_NOACCESS
#undef VALGRIND_MAKE_MEM_UNDEFINED
#undef VALGRIND_MAKE_MEM_DEFINED
#undef VALGRIND_MEMPOOL_ALLOC
#undef VALGRIND_MEMPOOL_CHANGE

#define VALGRIND_MAKE_MEM_NOACCESS(start, size) asan_forbid((uintptr_t) (start), (size))
#define VALGRIND_MAKE_MEM_UNDEFINED(start, size)                                         \
	asan_undefined((uintptr_t) (start), (size))
#define VALGRIND_MAKE_MEM_DEFINED(start, size) asan_defined((uintptr_t) (start), (size))
#define VALGRIND_MEMPOOL_ALLOC(pool, start, size)                                        \
	asan_alloc((uintptr_t) (pool), (uintptr_t) (start), (size))
#define VALGRIND_MEMPOOL_CHANGE(pool, old, start, size)                                  \
	asan_change((uintptr_t) (pool), (uintptr_t) (old), (uintptr_t) (start), (size))

#endif /* WORKFLOW_TEST_ASAN_MEMCHECK_H */
