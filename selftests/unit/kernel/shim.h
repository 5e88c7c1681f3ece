/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What files of the module that know no kernel, or little of it, need for
 * being tested here: their <linux/...> headers lead to this one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_SHIM_H
#define KERNEL_SHIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Longs of a 32-bit machine have 32 bits; walker.c ends that again. What
 * speaks of long long must have been included before.
 */
#ifdef CONFIG_ARM
#include <linux/elf.h>
#include <linux/types.h>
#define long int
#endif

typedef uint64_t u64;
typedef int64_t s64;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint8_t u8;

#define U32_MAX UINT32_MAX
#define NSEC_PER_SEC 1000000000L
#define PAGE_SIZE 4096UL
#define likely(x) (x)
#define unlikely(x) (x)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define __user
#define __rcu
#define noinline __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

/* Of what is defined as 1. */
#define IS_ENABLED(option) SHIM_IS_ONE(option)
#define SHIM_IS_ONE(value) SHIM_SECOND_OF(SHIM_ONE_##value true, false)
#define SHIM_SECOND_OF(one_or_junk, ...) SHIM_SECOND(one_or_junk, __VA_ARGS__)
#define SHIM_SECOND(ignored, value, ...) value
#define SHIM_ONE_1 0,

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rest)
{
	*rest = a % b;
	return a / b;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 b, unsigned int shift)
{
	return (unsigned __int128)a * b >> shift;
}

static inline u64 rol64(u64 word, unsigned int shift)
{
	return word << shift | word >> (64 - shift);
}

static inline u64 roundup_pow_of_two(u64 n)
{
	return n > 1 ? 1ULL << (64 - __builtin_clzll(n - 1)) : 1;
}

/* One thread, no interrupts. */

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct work_struct {
	int unused;
};

struct rcu_work {
	struct work_struct work;
};

struct workqueue_struct;

#define rcu_dereference_check(pointer, condition) (pointer)
#define irqs_disabled() true
#define smp_load_acquire(pointer) (*(pointer))

/*
 * User memory is what the test says: copies @bytes from there, false if they
 * are not all there.
 */
bool shim_read_user(u64 addr, void *to, size_t bytes);
u64 ktime_get_mono_fast_ns(void);

#define access_ok(from, bytes) true

static inline bool user_access_begin(const void *from, size_t bytes)
{
	(void)from;
	(void)bytes;
	return true;
}

static inline void user_access_end(void)
{
}

#define unsafe_get_user(x, from, fault)                                        \
	do {                                                                   \
		if (!shim_read_user((uintptr_t)(from), &(x), sizeof(*(from)))) \
			goto fault;                                            \
	} while (0)

static inline int copy_from_user_nofault(void *to, const void *from,
					 size_t bytes)
{
	return shim_read_user((uintptr_t)from, to, bytes) ? 0 : -EFAULT;
}

#endif /* KERNEL_SHIM_H */
