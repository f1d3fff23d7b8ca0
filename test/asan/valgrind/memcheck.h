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
#include_next <valgrind/memcheck.h>

extern void __asan_poison_memory_region(const volatile void *start, size_t size)
	__attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *start, size_t size)
	__attribute__((weak));

static inline void
asan_forbid(volatile void *start, size_t size)
{
	if (__asan_poison_memory_region)
		__asan_poison_memory_region(start, size);
}

static inline void
asan_allow(volatile void *start, size_t size)
{
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(start, size);
}

/* Valgrind's own requests, under names that the macros below leave alone */
static inline void
valgrind_no_access(volatile void *start, size_t size)
{
	(void) VALGRIND_MAKE_MEM_NOACCESS(start, size);
}

static inline void
valgrind_undefined(volatile void *start, size_t size)
{
	(void) VALGRIND_MAKE_MEM_UNDEFINED(start, size);
}

static inline void
valgrind_defined(volatile void *start, size_t size)
{
	(void) VALGRIND_MAKE_MEM_DEFINED(start, size);
}

static inline void
valgrind_alloc(volatile void *pool, volatile void *start, size_t size)
{
	VALGRIND_MEMPOOL_ALLOC(pool, start, size);
}

static inline void
valgrind_change(volatile void *pool, volatile void *old,
				volatile void *start, size_t size)
{
	VALGRIND_MEMPOOL_CHANGE(pool, old, start, size);
}

#undef VALGRIND_MAKE_MEM_NOACCESS
#undef VALGRIND_MAKE_MEM_UNDEFINED
#undef VALGRIND_MAKE_MEM_DEFINED
#undef VALGRIND_MEMPOOL_ALLOC
#undef VALGRIND_MEMPOOL_CHANGE

#define VALGRIND_MAKE_MEM_NOACCESS(start, size)                                          \
	(valgrind_no_access((start), (size)), asan_forbid((start), (size)))
#define VALGRIND_MAKE_MEM_UNDEFINED(start, size)                                         \
	(valgrind_undefined((start), (size)), asan_allow((start), (size)))
#define VALGRIND_MAKE_MEM_DEFINED(start, size)                                           \
	(valgrind_defined((start), (size)), asan_allow((start), (size)))
#define VALGRIND_MEMPOOL_ALLOC(pool, start, size)                                        \
	(valgrind_alloc((pool), (start), (size)), asan_allow((start), (size)))
#define VALGRIND_MEMPOOL_CHANGE(pool, old, start, size)                                  \
	(valgrind_change((pool), (old), (start), (size)), asan_allow((start), (size)))

#endif /* WORKFLOW_TEST_ASAN_MEMCHECK_H */
