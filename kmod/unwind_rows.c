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

/* One clock read costs about as much as two frames. */
enum { ROWS_PER_CLOCK_READ = 32 };

/*
 * Nearly all rules are plain: the CFA from the stack pointer or from frame
 * register 0, the return address in memory, the frame register there or left
 * alone. Bits of cfa in the cache. Where there is no row, the frame that a
 * frame pointer leads to is like a plain one, too.
 */
enum {
	PLAIN_SP = 0x80,
	PLAIN_FP = 0x40,
	NO_ROW = 0x20,
	KIND_MASK = 0x1f,
};

/* Registers of a frame that are known: bits of frame.known. */
enum {
	KNOWN_SP = 1,
	KNOWN_FP = 2,
	KNOWN_FP1 = 4,
	KNOWN_BOTH = KNOWN_SP | KNOWN_FP,
	KNOWN_ALL = KNOWN_BOTH | KNOWN_FP1,
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
	kprof_get_user(word, (unsigned long __user *)user_pointer(addr),
			fault);
	user_access_end();
	*ret = word;
	return true;
fault:
	user_access_end();
	return false;
}

/* Rules */

static u8 plain_bit(const struct kprof_unwind_rule *rule)
{
	if (rule->cfa != KPROF_CFA_REGISTER || rule->ra != KPROF_RA_MEMORY ||
	    rule->saved > KPROF_SAVED_CFA)
		return 0;
	if (rule->cfa_register == KPROF_DWARF_SP)
		return PLAIN_SP;
	return rule->cfa_register == KPROF_DWARF_FP ? PLAIN_FP : 0;
}

/* On 32-bit ARM a frame pointer is only believed after a closer look. */
static bool frames_chain(void)
{
	return KPROF_FP_CFA >= 0 && !IS_ENABLED(CONFIG_ARM);
}

static const struct kprof_unwind_rule by_frame_pointer = {
	.cfa = KPROF_CFA_REGISTER | PLAIN_FP | NO_ROW,
	.cfa_register = KPROF_DWARF_FP,
	.saved = KPROF_SAVED_CFA,
	.cfa_offset = KPROF_FP_CFA,
	.ra_offset = KPROF_FP_RET - KPROF_FP_CFA,
	.fp_offset = KPROF_FP_PREV - KPROF_FP_CFA,
};

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
	if (rule && rule->cfa != KPROF_CFA_UNKNOWN) {
		entry->rule = *rule;
		entry->rule.cfa |= plain_bit(rule);
	} else if (frames_chain()) {
		entry->rule = by_frame_pointer;
	}
}

static __always_inline struct kprof_cached_rule *
entry_of(struct kprof_row_cache *cache, u64 pc)
{
	return &cache->rules[pc % KPROF_ROW_CACHE];
}

static __always_inline bool is_entry_of(const struct kprof_cached_rule *entry,
					u64 pc, u64 key)
{
	return entry->pc == pc && entry->key == key;
}

/*
 * The rule of a return address is that of the byte before it: a call may be
 * the last instruction of its function.
 */
static __always_inline u64 rule_pc(const struct frame *frame)
{
	return frame->pc - !frame->is_exact;
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

/* Thumb code has another use for r11, which may be 0 in any frame. */
static u16 end_of_frames(u64 word)
{
	return IS_ENABLED(CONFIG_ARM) ? KPROF_END_NO_UNWIND_INFO :
					kprof_end_of_chain(word);
}

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
		frame->fp = walk->fp;
		frame->pc = ret;
		return KPROF_END_NONE;
	}
	if (!kprof_walk_has_frame(walk))
		return frame->is_exact ? KPROF_END_NO_UNWIND_INFO :
					 end_of_frames(frame->fp);
	if (!read_word(walk, frame->fp + KPROF_FP_PREV, &prev) ||
	    !read_word(walk, frame->fp + KPROF_FP_RET, &ret))
		return KPROF_END_UNREADABLE;
	if (!kprof_may_return_to(walk, ret))
		return end_of_frames(ret);
	/* It chains frames and says nothing of other registers. */
	frame->known = KPROF_FP_CFA < 0 ? KNOWN_FP : KNOWN_SP | KNOWN_FP;
	frame->sp = frame->fp +
		    (KPROF_FP_CFA < 0 ? (int)sizeof(long) : KPROF_FP_CFA);
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

	u8 kind = rule->cfa & KIND_MASK;

	if (kind == KPROF_CFA_PLT)
		nr = KPROF_DWARF_SP;
	if (!get_register(walk, frame, nr, ret))
		return KPROF_END_NO_UNWIND_INFO;
	*ret += (s64)rule->cfa_offset;
	if (kind == KPROF_CFA_REGISTER)
		return KPROF_END_NONE;
	if (kind == KPROF_CFA_MEMORY) {
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

/* @bit: of the register in frame->known */
static u16 restore(const struct kprof_walk *walk, struct frame *frame, u64 *reg,
		   u32 bit, u32 saved, u64 cfa, s16 offset)
{
	u64 at = (saved == KPROF_SAVED_CFA ? cfa : *reg) + (s64)offset;

	if (saved == KPROF_SAVED_LOST)
		frame->known &= ~bit;
	if (saved == KPROF_SAVED_SAME || saved == KPROF_SAVED_LOST)
		return KPROF_END_NONE;
	return read_word(walk, at, reg) ? KPROF_END_NONE : KPROF_END_UNREADABLE;
}

/* One that has not been saved is only in a leaf's registers. */
static u16 read_return_address(const struct kprof_walk *walk,
			       struct frame *frame,
			       const struct kprof_unwind_rule *rule, u64 cfa)
{
	if (rule->ra == KPROF_RA_REGISTER)
		return other_register(walk, frame, rule->ra_offset,
				      &frame->pc) ?
			       KPROF_END_NONE : KPROF_END_NO_UNWIND_INFO;
	return read_word(walk, cfa + (s64)rule->ra_offset, &frame->pc) ?
		       KPROF_END_NONE : KPROF_END_UNREADABLE;
}

static u16 step_by_rule(struct kprof_walk *walk, struct frame *frame,
			const struct kprof_unwind_rule *rule)
{
	u64 cfa;
	u16 end = find_cfa(walk, frame, rule, &cfa);

	if (end == KPROF_END_NONE && !is_cfa(walk, frame, rule, cfa))
		end = KPROF_END_NO_UNWIND_INFO;
	if (end == KPROF_END_NONE)
		end = read_return_address(walk, frame, rule, cfa);
	if (end == KPROF_END_NONE)
		end = restore(walk, frame, &frame->fp, KNOWN_FP,
			      rule->saved & 15, cfa, rule->fp_offset);
	if (end == KPROF_END_NONE)
		end = restore(walk, frame, &frame->fp1, KNOWN_FP1,
			      rule->saved >> 4, cfa, rule->fp1_offset);
	frame->known |= KNOWN_SP;
	frame->sp = cfa;
	return end;
}

/* What holds of every frame that a call made. */
static void enter_caller(struct frame *frame)
{
	frame->is_exact = false;
	frame->regs = NULL;
	frame->context = 0;
}

static bool starts_from_sp(const struct kprof_unwind_rule *rule)
{
	u8 kind = rule->cfa & KIND_MASK;

	return kind == KPROF_CFA_PLT || kind == KPROF_CFA_SIGNAL ||
	       ((kind == KPROF_CFA_REGISTER || kind == KPROF_CFA_MEMORY) &&
		rule->cfa_register == KPROF_DWARF_SP);
}

/*
 * Frame pointers may lead to a frame whose stack pointer nobody knows; a row
 * that starts from that is none.
 */
static noinline u16 step(struct kprof_walk *walk, struct frame *frame,
			 const struct kprof_unwind_rule *rule)
{
	static const struct kprof_unwind_rule no_row;
	u16 end;

	if ((rule->cfa & NO_ROW) ||
	    (!(frame->known & KNOWN_SP) && starts_from_sp(rule)))
		rule = &no_row;
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
	enter_caller(frame);
	return end;
}

/*
 * As many frames as have plain rules in the cache, until @stop. All in one
 * user access section, in which nothing may be a call (objtool), and all in
 * registers of the CPU. What does not pass a check here is left to step(),
 * which finds out what it is.
 */
static void walk_plain(struct kprof_walk *walk, struct frame *frame,
		       struct kprof_row_cache *cache, u64 key, u32 stop)
{
	const u64 range = walk->limit - KPROF_LOWEST_PC;
	const u64 multiplier = walk->multiplier;
	const u64 mask = walk->mask;
	const u64 wrong = kprof_no_frame_bits(mask);
	u64 at = rule_pc(frame), sp = frame->sp, fp = frame->fp;
	u64 hash = walk->hash;
	/* Counts up to 0, as in unwind_fp.c. */
	u64 *end = walk->frames + stop;
	long left = (long)walk->nr - stop;
	u8 kinds = 0;

	if (!user_access_begin(user_pointer(sp & mask), sizeof(long)))
		return;
	do {
		const struct kprof_cached_rule *entry = entry_of(cache, at);
		u64 cfa, ra_at, fp_at = 0;
		unsigned long ra, saved;

		if (unlikely(!is_entry_of(entry, at, key)))
			break;
		if (likely(entry->rule.cfa == (KPROF_CFA_REGISTER | PLAIN_SP)))
			cfa = sp;
		else if (entry->rule.cfa & PLAIN_FP)
			cfa = fp;
		else
			break;
		cfa += (s64)entry->rule.cfa_offset;
		ra_at = cfa + (s64)entry->rule.ra_offset;
		if (entry->rule.saved)
			fp_at = cfa + (s64)entry->rule.fp_offset;
		if (unlikely(cfa <= sp || (cfa | ra_at | fp_at) & wrong))
			break;
		if (unlikely(entry->rule.cfa & NO_ROW) && fp < sp)
			break;
		kinds |= entry->rule.cfa;
		/* Masked, as in unwind_fp.c. */
		kprof_get_user(ra, (unsigned long __user *)
				user_pointer(ra_at & mask), out);
		ra = kprof_return_address(ra, mask);
		if (unlikely(ra - KPROF_LOWEST_PC >= range))
			break;
		if (fp_at) {
			kprof_get_user(saved, (unsigned long __user *)
					user_pointer(fp_at & mask), out);
			fp = saved;
		}
		sp = cfa;
		at = ra - 1;
		hash = kprof_hash_word(hash, ra, multiplier);
		end[left] = ra;
	} while (++left);
out:
	user_access_end();
	if (stop + left == walk->nr)
		return;
	if (kinds & NO_ROW)
		walk->stack->flags |= KPROF_STACK_FALLBACK;
	walk->nr = stop + left;
	walk->hash = hash;
	frame->pc = at + 1;
	frame->sp = sp;
	frame->fp = fp;
	enter_caller(frame);
}

/* One frame, of whatever kind. */
static void walk_one(struct kprof_walk *walk, struct frame *frame,
		     const struct kprof_unwind_rule *rule)
{
	walk->end = step(walk, frame, rule);
	if (walk->end != KPROF_END_NONE)
		return;
	frame->pc = kprof_return_address(frame->pc, walk->mask);
	if (kprof_is_pc(walk, frame->pc))
		kprof_walk_add(walk, frame->pc);
	else
		walk->end = kprof_end_of_chain(frame->pc);
}

/* Until @stop frames, or to the end of the stack. */
static void walk_rows(struct kprof_walk *walk, struct frame *frame,
		      struct kprof_row_cache *cache,
		      const struct kprof_code_map *code, u64 key, u32 stop)
{
	while (walk->nr < stop && walk->end == KPROF_END_NONE) {
		struct kprof_cached_rule *entry;
		u64 pc;

		if ((frame->known & KNOWN_BOTH) == KNOWN_BOTH)
			walk_plain(walk, frame, cache, key, stop);
		if (walk->nr >= stop)
			return;
		pc = rule_pc(frame);
		entry = entry_of(cache, pc);
		if (!is_entry_of(entry, pc, key)) {
			fill(entry, code, key, pc);
			if (entry->rule.cfa & ~KIND_MASK)
				continue;
		}
		walk_one(walk, frame, &entry->rule);
	}
}

void kprof_walk_rows(const struct kprof_unwind_config *config,
		     struct kprof_row_cache *cache,
		     const struct kprof_code_map *code, struct pt_regs *regs,
		     u64 now_ns, struct kprof_walk *walk)
{
	/* Pairs with the release in image.c: the tables are not older than this. */
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
	do {
		walk_rows(walk, &frame, cache, code, key,
			  min(walk->nr + ROWS_PER_CLOCK_READ,
			      config->max_depth));
		if (walk->end != KPROF_END_NONE)
			return;
		if (walk->nr >= config->max_depth)
			walk->end = KPROF_END_DEPTH;
		else if (ktime_get_mono_fast_ns() - now_ns > config->max_ns)
			walk->end = KPROF_END_TIME;
	} while (walk->end == KPROF_END_NONE);
}
