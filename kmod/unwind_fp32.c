// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the stacks of 32-bit programs by frame pointers: on a 64-bit kernel,
 * and on 32-bit ARM.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * i386: push %ebp; mov %esp, %ebp.
 *
 * ARM: push {fp, lr}; add fp, sp, #4, where fp is r11 and only in ARM code. In
 * Thumb code, which is most of a distribution, r11 is a register like others,
 * and r7, its frame pointer, points to the end of a frame from where no way
 * leads to the next. So r11 is often just a number, and what it leads to is
 * believed only if it is a return address: one behind a call.
 * A leaf function saves fp alone, where lr would be.
 */
#include "walk.h"

#include <linux/ktime.h>
#include <linux/uaccess.h>

enum { FRAMES_PER_CLOCK_READ = 64 };

/**
 * struct frame - what lies at a frame pointer
 * @prev: frame pointer of the caller
 * @ret: return address, or that number in its place
 */
struct frame {
	u32 prev;
	u32 ret;
};

/* Two words or half words in a row. */
#define READ_TWO(addr, a, b)						\
	do {								\
		typeof(a) __user *from =				\
			(void __user *)(unsigned long)(addr);		\
									\
		if (!user_access_begin(from, 2 * sizeof(a)))		\
			return false;					\
		unsafe_get_user(a, from, fault);			\
		unsafe_get_user(b, from + 1, fault);			\
		user_access_end();					\
		return true;						\
fault:									\
		user_access_end();					\
		return false;						\
	} while (0)

static __always_inline bool read_words(u64 addr, u32 *first, u32 *second)
{
	READ_TWO(addr, *first, *second);
}

static bool read_halves(u64 addr, u16 *first, u16 *second)
{
	READ_TWO(addr, *first, *second);
}

#undef READ_TWO

static __always_inline bool is_arm(enum kprof_frames32 kind)
{
	return KPROF_RUNS_ARM && kind == KPROF_FRAMES32_ARM;
}

static __always_inline bool read_frame(enum kprof_frames32 kind, u64 fp, struct frame *ret)
{
	if (is_arm(kind))
		fp -= sizeof(u32);
	return read_words(fp, &ret->prev, &ret->ret);
}

static __always_inline bool is_frame(const struct kprof_walk *walk, u32 fp)
{
	return fp > (u32)walk->floor && !(fp % sizeof(u32)) && fp < walk->limit;
}

/* blx register; then bl and blx, which are two halves. */
static bool is_thumb_call(u16 first, u16 second)
{
	return (second & 0xff87) == 0x4780 ||
	       ((first & 0xf800) == 0xf000 && (second & 0xc000) == 0xc000);
}

/* bl; blx to Thumb code; blx register. */
static bool is_arm_call(u32 word)
{
	return ((word & 0x0f000000) == 0x0b000000 && word >> 28 != 15) ||
	       (word & 0xfe000000) == 0xfa000000 ||
	       (word & 0x0ffffff0) == 0x012fff30;
}

bool kprof_is_arm_return(const struct kprof_walk *walk, u64 ret)
{
	u16 first, second;

	if (!KPROF_RUNS_ARM || !kprof_is_pc(walk, ret))
		return false;
	/* A call of Thumb code may start at any half word. */
	if (!read_halves((ret & ~1ULL) - 4, &first, &second))
		return false;
	if (ret & 1)
		return is_thumb_call(first, second);
	return !(ret % sizeof(u32)) && is_arm_call((u32)second << 16 | first);
}

/* What has been found good a frame before, as in a recursion, is good again. */
static __always_inline bool is_return(const struct kprof_walk *walk,
				      enum kprof_frames32 kind, u32 ret)
{
	if (!is_arm(kind))
		return kprof_is_pc(walk, ret);
	return (walk->nr > 1 && walk->frames[walk->nr - 1] == ret) ||
	       kprof_is_arm_return(walk, ret);
}

/* The caller of a function that may have saved its link register or not. */
static void add_link_register(struct kprof_walk *walk, u64 lr)
{
	struct frame frame;

	if (!kprof_is_arm_return(walk, lr))
		return;
	if (is_frame(walk, walk->fp) &&
	    read_frame(KPROF_FRAMES32_ARM, walk->fp, &frame)) {
		if (frame.ret == lr)
			return;
		if (!kprof_is_arm_return(walk, frame.ret)) {
			kprof_walk_add(walk, lr & ~1ULL);
			walk->floor = walk->fp;
			walk->fp = frame.ret;
			return;
		}
	}
	walk->stack->flags |= KPROF_STACK_LINK_REGISTER;
	kprof_walk_add(walk, lr & ~1ULL);
}

/* Adds the caller; returns why there is none. */
static __always_inline u16 step(struct kprof_walk *walk,
				enum kprof_frames32 kind)
{
	u32 fp = walk->fp;
	struct frame frame;

	if (!is_frame(walk, fp))
		return kprof_end_of_chain(fp);
	if (!read_frame(kind, fp, &frame))
		return KPROF_END_UNREADABLE;
	if (!is_return(walk, kind, frame.ret))
		return kprof_end_of_chain(frame.ret);
	kprof_walk_add(walk, is_arm(kind) ? frame.ret & ~1U : frame.ret);
	walk->floor = fp;
	walk->fp = frame.prev;
	return KPROF_END_NONE;
}

void kprof_walk_fp32(const struct kprof_unwind_config *config,
		     struct kprof_walk *walk, enum kprof_frames32 kind, u64 lr,
		     u64 now_ns)
{
	if (is_arm(kind) && config->max_depth > 1)
		add_link_register(walk, lr);
	while (walk->nr < config->max_depth) {
		walk->end = step(walk, kind);
		if (walk->end != KPROF_END_NONE)
			return;
		if (walk->nr % FRAMES_PER_CLOCK_READ == 0 &&
		    ktime_get_mono_fast_ns() - now_ns > config->max_ns) {
			walk->end = KPROF_END_TIME;
			return;
		}
	}
	walk->end = KPROF_END_DEPTH;
}
