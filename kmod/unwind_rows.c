// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks a user stack by the rows of unwind tables.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A row tells, for the code at one pc, how the caller's registers follow from
 * this frame's: the stack pointer, the pc, and the frame registers, which are
 * the only ones that are carried from frame to frame. All others are known in
 * the innermost frame and where a signal interrupted, because somebody saved
 * them there.
 *
 * Tables come from outside and may be wrong; they have been checked so far
 * that looking into them is safe. What a rule computes is checked here like
 * any frame pointer. A stack pointer goes up with every frame, except where a
 * signal handler has its own stack, so that walks end.
 */
#include "unwind_rows.h"
#include "code_map.h"
#include "image.h"
#include "unwind_table.h"
#include "walk.h"

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/uaccess.h>

/* One clock read costs about as much as one frame. */
enum { ROWS_PER_CLOCK_READ = 16 };

/* Registers of a frame that are known: bits of frame.known. */
enum {
	KNOWN_SP = 1,
	KNOWN_FP = 2,
	KNOWN_FP1 = 4,
	KNOWN_ALL = 7,
};

/**
 * struct frame - a frame on the way out
 * @pc: where it goes on
 * @sp: stack pointer; where it is not known, an address below it
 * @fp: frame register 0
 * @fp1: frame register 1
 * @known: which of them are
 * @is_exact: @pc is the next instruction, not a return address
 * @regs: of the innermost frame, else NULL
 * @context: of a frame that a signal interrupted: where its registers are
 */
struct frame {
	u64 pc;
	u64 sp;
	u64 fp;
	u64 fp1;
	u32 known;
	bool is_exact;
	struct pt_regs *regs;
	u64 context;
};

static __always_inline void __user *user_pointer(u64 addr)
{
	return (void __user *)(unsigned long)addr;
}

static __always_inline bool is_word(const struct kprof_walk *walk, u64 addr)
{
	return !(addr & kprof_no_frame_bits(walk->mask));
}

static bool read_word(const struct kprof_walk *walk, u64 addr, u64 *ret)
{
	unsigned long word;

	if (!is_word(walk, addr) ||
	    !user_access_begin(user_pointer(addr), sizeof(word)))
		return false;
	unsafe_get_user(word, (unsigned long __user *)user_pointer(addr),
			fault);
	user_access_end();
	*ret = word;
	return true;
fault:
	user_access_end();
	return false;
}

/* Rules */

static noinline void fill(struct kprof_cached_rule *entry,
			  const struct kprof_code_map *code, u64 key, u64 pc)
{
	const struct kprof_code_mapping *mapping =
		kprof_code_map_find(code, pc);
	const struct kprof_unwind_table *table = NULL;
	const struct kprof_unwind_rule *rule = NULL;

	if (mapping && mapping->image)
		table = kprof_image_table(mapping->image);
	if (table)
		rule = kprof_unwind_table_find(
			table, pc - mapping->start + mapping->file_offset);
	*entry = (struct kprof_cached_rule){ .pc = pc, .key = key };
	if (rule)
		entry->rule = *rule;
}

/*
 * The rule of a return address is that of the byte before it: a call may be
 * the last instruction of its function.
 */
static __always_inline const struct kprof_unwind_rule *
get_rule(struct kprof_row_cache *cache, const struct kprof_code_map *code,
	 u64 key, const struct frame *frame)
{
	u64 pc = frame->pc - !frame->is_exact;
	struct kprof_cached_rule *entry =
		&cache->rules[(pc ^ pc >> 11) % KPROF_ROW_CACHE];

	if (unlikely(entry->pc != pc || entry->key != key))
		fill(entry, code, key, pc);
	return &entry->rule;
}

/* Registers */

/* False if nobody has saved it. */
static noinline bool other_register(const struct kprof_walk *walk,
				    const struct frame *frame, u32 nr,
				    u64 *ret)
{
	int offset;

	if (frame->regs)
		return kprof_pt_register(frame->regs, nr, ret);
	offset = kprof_sigcontext_offset(nr);
	return frame->context && offset >= 0 &&
	       read_word(walk, frame->context + offset, ret);
}

static __always_inline bool get_register(const struct kprof_walk *walk,
					 const struct frame *frame, u32 nr,
					 u64 *ret)
{
	if (likely(nr == KPROF_DWARF_SP)) {
		*ret = frame->sp;
		return frame->known & KNOWN_SP;
	}
	if (likely(nr == KPROF_DWARF_FP)) {
		*ret = frame->fp;
		return frame->known & KNOWN_FP;
	}
	if (nr == KPROF_DWARF_FP1) {
		*ret = frame->fp1;
		return frame->known & KNOWN_FP1;
	}
	return other_register(walk, frame, nr, ret);
}

/* Steps: each leads to the caller, or returns why there is none. */

/*
 * Where the chain of frames is followed for want of a row. A leaf that has
 * not saved its link register is called by whoever that points to.
 */
static noinline u16 step_by_frame_pointer(struct kprof_walk *walk,
					  struct frame *frame)
{
	u64 prev, ret;

	walk->stack->flags |= KPROF_STACK_FALLBACK;
	walk->fp = frame->fp;
	walk->floor = frame->sp - 1;
	if (!(frame->known & KNOWN_FP))
		return KPROF_END_NO_UNWIND_INFO;
	if (frame->regs &&
	    kprof_pt_register(frame->regs, KPROF_DWARF_LR, &ret) &&
	    kprof_walk_link_register(walk, ret)) {
		frame->known &= ~KNOWN_SP;
		frame->pc = ret;
		return KPROF_END_NONE;
	}
	if (!kprof_walk_has_frame(walk))
		return frame->is_exact ? KPROF_END_NO_UNWIND_INFO :
					 kprof_end_of_chain(frame->fp);
	if (!read_word(walk, frame->fp + KPROF_FP_PREV, &prev) ||
	    !read_word(walk, frame->fp + KPROF_FP_RET, &ret))
		return KPROF_END_UNREADABLE;
	/* It chains frames and says nothing of other registers. */
	frame->known = KPROF_FP_CFA ? KNOWN_SP | KNOWN_FP : KNOWN_FP;
	frame->sp = frame->fp + (KPROF_FP_CFA ?: sizeof(unsigned long));
	frame->fp = prev;
	frame->pc = ret;
	return KPROF_END_NONE;
}

/* All registers of what was interrupted are in the frame of the signal. */
static noinline u16 step_over_signal(struct kprof_walk *walk,
				     struct frame *frame,
				     const struct kprof_unwind_rule *rule)
{
	struct kprof_stack *stack = walk->stack;
	u64 context = frame->sp + (s64)rule->cfa_offset;

	if (!(frame->known & KNOWN_SP) ||
	    stack->nr_signals == KPROF_MAX_SIGNAL_FRAMES)
		return KPROF_END_NO_UNWIND_INFO;
	*frame = (struct frame){
		.known = KNOWN_ALL,
		.is_exact = true,
		.context = context,
	};
	if (!read_word(walk, context + KPROF_SIGCONTEXT_PC, &frame->pc) ||
	    !other_register(walk, frame, KPROF_DWARF_SP, &frame->sp) ||
	    !other_register(walk, frame, KPROF_DWARF_FP, &frame->fp))
		return KPROF_END_UNREADABLE;
	other_register(walk, frame, KPROF_DWARF_FP1, &frame->fp1);
	stack->signals[stack->nr_signals++] = walk->nr;
	walk->hash = kprof_hash_word(walk->hash, walk->nr, walk->multiplier);
	return KPROF_END_NONE;
}

static __always_inline u16 find_cfa(const struct kprof_walk *walk,
				    const struct frame *frame,
				    const struct kprof_unwind_rule *rule,
				    u64 *ret)
{
	u32 nr = rule->cfa_register;

	if (unlikely(rule->cfa == KPROF_CFA_PLT))
		nr = KPROF_DWARF_SP;
	if (unlikely(!get_register(walk, frame, nr, ret)))
		return KPROF_END_NO_UNWIND_INFO;
	*ret += (s64)rule->cfa_offset;
	if (likely(rule->cfa == KPROF_CFA_REGISTER))
		return KPROF_END_NONE;
	if (rule->cfa == KPROF_CFA_MEMORY) {
		if (!read_word(walk, *ret, ret))
			return KPROF_END_UNREADABLE;
		*ret += (s64)rule->cfa_add;
	} else if ((frame->pc & 15) >= (u64)rule->cfa_add) {
		*ret += sizeof(unsigned long);
	}
	return KPROF_END_NONE;
}

/*
 * A function that has not pushed anything may have its caller's stack pointer,
 * where the return address is in a register.
 */
static __always_inline bool is_cfa(const struct kprof_walk *walk,
				   const struct frame *frame,
				   const struct kprof_unwind_rule *rule,
				   u64 cfa)
{
	u64 floor = frame->sp - (rule->ra == KPROF_RA_REGISTER);

	return kprof_is_frame(cfa, floor, kprof_no_frame_bits(walk->mask));
}

/* Where a saved frame register is; 0 if it needs no look at memory. */
static __always_inline u64 saved_at(u32 saved, u64 cfa, u64 self, s16 offset)
{
	if (saved == KPROF_SAVED_CFA)
		return cfa + (s64)offset;
	return saved == KPROF_SAVED_SELF ? self + (s64)offset : 0;
}

static noinline u16 restore_fp1(const struct kprof_walk *walk,
				struct frame *frame,
				const struct kprof_unwind_rule *rule, u64 cfa)
{
	u32 saved = rule->saved >> 4;
	u64 at = saved_at(saved, cfa, frame->fp1, rule->fp1_offset);

	if (saved == KPROF_SAVED_LOST)
		frame->known &= ~KNOWN_FP1;
	return at && !read_word(walk, at, &frame->fp1) ? KPROF_END_UNREADABLE :
							 KPROF_END_NONE;
}

/* One section for both words that most frames need. */
static __always_inline u16 read_caller(const struct kprof_walk *walk,
				       struct frame *frame, u64 ra_at, u64 fp_at)
{
	unsigned long word;

	if (unlikely(!is_word(walk, ra_at | fp_at)))
		return KPROF_END_NO_UNWIND_INFO;
	if (unlikely(!user_access_begin(user_pointer(ra_at),
					sizeof(unsigned long))))
		return KPROF_END_UNREADABLE;
	unsafe_get_user(word, (unsigned long __user *)user_pointer(ra_at),
			fault);
	frame->pc = word;
	if (fp_at) {
		unsafe_get_user(word,
				(unsigned long __user *)user_pointer(fp_at),
				fault);
		frame->fp = word;
	}
	user_access_end();
	return KPROF_END_NONE;
fault:
	user_access_end();
	return KPROF_END_UNREADABLE;
}

/* The return address has not been saved: only a leaf's registers tell. */
static noinline u16 read_leaf_caller(const struct kprof_walk *walk,
				     struct frame *frame, u32 nr, u64 fp_at)
{
	u64 ra;

	if (!other_register(walk, frame, nr, &ra))
		return KPROF_END_NO_UNWIND_INFO;
	if (fp_at && !read_word(walk, fp_at, &frame->fp))
		return KPROF_END_UNREADABLE;
	frame->pc = ra;
	return KPROF_END_NONE;
}

static __always_inline u16 step_by_rule(struct kprof_walk *walk,
					struct frame *frame,
					const struct kprof_unwind_rule *rule)
{
	u64 cfa, fp_at;
	u16 end = find_cfa(walk, frame, rule, &cfa);

	if (unlikely(end != KPROF_END_NONE))
		return end;
	if (unlikely(!is_cfa(walk, frame, rule, cfa)))
		return KPROF_END_NO_UNWIND_INFO;
	fp_at = saved_at(rule->saved & 15, cfa, frame->fp, rule->fp_offset);
	if (unlikely(rule->saved >= 16)) {
		end = restore_fp1(walk, frame, rule, cfa);
		if (end != KPROF_END_NONE)
			return end;
	}
	if (likely(rule->ra == KPROF_RA_MEMORY))
		end = read_caller(walk, frame, cfa + (s64)rule->ra_offset,
				  fp_at);
	else
		end = read_leaf_caller(walk, frame, rule->ra_offset, fp_at);
	if (unlikely((rule->saved & 15) == KPROF_SAVED_LOST))
		frame->known &= ~KNOWN_FP;
	frame->known |= KNOWN_SP;
	frame->sp = cfa;
	return end;
}

static __always_inline u16 step(struct kprof_walk *walk, struct frame *frame,
				const struct kprof_unwind_rule *rule)
{
	u16 end;

	switch (rule->cfa) {
	case KPROF_CFA_UNKNOWN:
		end = step_by_frame_pointer(walk, frame);
		break;
	case KPROF_CFA_OUTERMOST:
		return KPROF_END_COMPLETE;
	case KPROF_CFA_SIGNAL:
		return step_over_signal(walk, frame, rule);
	default:
		end = step_by_rule(walk, frame, rule);
	}
	frame->is_exact = false;
	frame->regs = NULL;
	frame->context = 0;
	return end;
}

void kprof_walk_rows(const struct kprof_unwind_config *config,
		     struct kprof_row_cache *cache,
		     const struct kprof_code_map *code, struct pt_regs *regs,
		     u64 now_ns, struct kprof_walk *walk)
{
	u64 key = code->id << 32 | smp_load_acquire(&kprof_images_epoch);
	struct frame frame = {
		.known = KNOWN_ALL,
		.is_exact = true,
		.regs = regs,
		.pc = walk->frames[0],
	};

	kprof_pt_register(regs, KPROF_DWARF_SP, &frame.sp);
	kprof_pt_register(regs, KPROF_DWARF_FP, &frame.fp);
	kprof_pt_register(regs, KPROF_DWARF_FP1, &frame.fp1);
	for (;;) {
		if (walk->nr >= config->max_depth) {
			walk->end = KPROF_END_DEPTH;
			return;
		}
		walk->end = step(walk, &frame,
				 get_rule(cache, code, key, &frame));
		if (walk->end != KPROF_END_NONE)
			return;
		frame.pc = kprof_return_address(frame.pc, walk->mask);
		if (!kprof_is_pc(walk, frame.pc)) {
			walk->end = kprof_end_of_chain(frame.pc);
			return;
		}
		kprof_walk_add(walk, frame.pc);
		if (walk->nr % ROWS_PER_CLOCK_READ == 0 &&
		    ktime_get_mono_fast_ns() - now_ns > config->max_ns) {
			walk->end = KPROF_END_TIME;
			return;
		}
	}
}
