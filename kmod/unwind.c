// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the stack of the interrupted task.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * User stacks are walked by frame pointers. Every address is checked here
 * before it is read, because user_access_begin() checks a range only and
 * unsafe_get_user() nothing: inside user memory, aligned, and above the frame
 * before, so that a walk goes up and ends. A frame that does not pass ends the
 * stack; it is never guessed.
 */
#include "unwind.h"
#include "unwind_arch.h"

#include <linux/bitops.h>
#include <linux/kprof.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

/*
 * The clock is read once for so many frames: one read costs about as much as
 * three frames, and 64 frames take about half a microsecond.
 */
enum { FRAMES_PER_CLOCK_READ = 64 };

/* The first page is never mapped, and a function pointer there is NULL. */
enum { LOWEST_PC = 4096 };

struct walk {
	u64 *frames;
	u64 hash;
	u64 multiplier;
	u64 fp;
	/* The next frame lies above this. */
	u64 floor;
	/* User memory ends here. */
	u64 limit;
	/* All bits that an address of user space can have. */
	u64 mask;
	u32 nr;
	u16 end;
};

/*
 * Keyed by a start and a multiplier that the walked program cannot know, so
 * that it cannot make two of its stacks look like one.
 */
static __always_inline u64 hash_word(u64 hash, u64 word, u64 multiplier)
{
	return rol64((hash ^ word) * multiplier, 32);
}

/* The bits that the address of a frame does not have. */
static __always_inline u64 no_frame_bits(u64 mask)
{
	return ~mask | (sizeof(unsigned long) - 1);
}

static __always_inline bool is_frame(u64 fp, u64 floor, u64 wrong)
{
	return fp > floor && !(fp & wrong);
}

static bool is_first_frame(const struct walk *walk)
{
	return is_frame(walk->fp, walk->floor, no_frame_bits(walk->mask));
}

/* The outermost frame has a frame pointer or a return address of 0. */
static u16 end_of_chain(u64 word)
{
	return word ? KPROF_END_NO_UNWIND_INFO : KPROF_END_COMPLETE;
}

/*
 * Walks until @stop frames, of which there is at least one to go, or to the
 * end of the stack (walk->end is set). Nothing in the user access section may
 * be a call (objtool), hence the forced inlining around it. The caller has
 * disabled page faults.
 *
 * Frame pointers are masked although they have been checked: behind a
 * mispredicted check a loop that follows pointers would read any address.
 *
 * An address that has passed the check of its bits lies in the user's half.
 * Behind the last mapping there it faults, at the word at its start, before
 * the word behind it could be one that is in neither half.
 */
static void walk_some(struct walk *walk, u32 stop)
{
	const u64 multiplier = walk->multiplier;
	const u64 range = walk->limit - LOWEST_PC;
	const u64 mask = walk->mask;
	const u64 wrong = no_frame_bits(mask);
	/* Counts up to 0, which is two instructions less for each frame. */
	u64 *end = walk->frames + stop;
	long left = (long)walk->nr - stop;
	u64 hash = walk->hash;
	u64 fp = walk->fp & mask;
	unsigned long prev, ret;

	if (!is_first_frame(walk)) {
		walk->end = end_of_chain(walk->fp);
		return;
	}
	if (!user_access_begin((void __user *)(unsigned long)fp,
			       2 * sizeof(unsigned long))) {
		walk->end = KPROF_END_UNREADABLE;
		return;
	}
	do {
		unsafe_get_user(prev, (unsigned long __user *)
				(unsigned long)(fp + KPROF_FP_PREV), fault);
		unsafe_get_user(ret, (unsigned long __user *)
				(unsigned long)(fp + KPROF_FP_RET), fault);
		ret = kprof_return_address(ret, mask);
		if (unlikely(ret - LOWEST_PC >= range))
			goto bad_return;
		hash = hash_word(hash, ret, multiplier);
		end[left] = ret;
		if (unlikely(!is_frame(prev, fp, wrong)))
			goto bad_frame;
		fp = prev & mask;
	} while (++left);
	user_access_end();
	goto out;

bad_return:
	user_access_end();
	walk->end = end_of_chain(ret);
	goto out;
bad_frame:
	user_access_end();
	stop++;
	walk->end = end_of_chain(prev);
	goto out;
fault:
	user_access_end();
	walk->end = KPROF_END_UNREADABLE;
out:
	walk->nr = stop + left;
	walk->hash = hash;
	walk->fp = fp;
}

static void walk_frames(const struct kprof_unwind_config *config,
			struct walk *walk, u64 sp, u64 now_ns)
{
	if (!kprof_can_read_user(sp)) {
		walk->end = KPROF_END_UNREADABLE;
		return;
	}
	for (;;) {
		if (walk->nr >= config->max_depth) {
			walk->end = KPROF_END_DEPTH;
			return;
		}
		walk_some(walk, min(walk->nr + FRAMES_PER_CLOCK_READ,
				    config->max_depth));
		if (walk->end != KPROF_END_NONE)
			return;
		if (ktime_get_mono_fast_ns() - now_ns > config->max_ns) {
			walk->end = KPROF_END_TIME;
			return;
		}
	}
}

static __always_inline void add_frame(struct walk *walk, u64 pc)
{
	walk->frames[walk->nr++] = pc;
	walk->hash = hash_word(walk->hash, pc, walk->multiplier);
}

/*
 * A leaf function, or one in its prologue, has its return address in the link
 * register only. When the register equals the next frame's return address the
 * function has saved it and not called anybody yet; otherwise only somebody
 * with symbols can tell, and gets the frame marked.
 */
static bool add_link_register(struct walk *walk, u64 lr)
{
	unsigned long saved;

	lr = kprof_return_address(lr, walk->mask);
	if (lr < LOWEST_PC || lr >= walk->limit)
		return false;
	if (is_first_frame(walk) &&
	    !copy_from_user_nofault(&saved, (void __user *)(unsigned long)
				    (walk->fp + KPROF_FP_RET), sizeof(saved)) &&
	    kprof_return_address(saved, walk->mask) == lr)
		return false;
	add_frame(walk, lr);
	return true;
}

/* Why this task has no user stack; KPROF_END_NONE if it has one. */
static u16 no_user_stack(const struct task_struct *task)
{
	if (task->flags & KPROF_PF_NO_USER_REGS)
		return KPROF_END_KERNEL_TASK;
	if (!task->mm)
		return KPROF_END_NO_MM;
	if (task->in_execve)
		return KPROF_END_EXEC;
	return KPROF_END_NONE;
}

static void unwind_user(const struct kprof_unwind_config *config, u64 now_ns,
			struct kprof_stack *stack)
{
	struct task_struct *task = current;
	struct kprof_user_regs user;
	struct walk walk = {
		.frames = stack->frames + stack->nr_kernel,
		.hash = stack->hash,
		.multiplier = config->multiplier,
	};
	bool can_walk;

	stack->user_end = no_user_stack(task);
	if (stack->user_end != KPROF_END_NONE)
		return;
	can_walk = kprof_regs_user(task_pt_regs(task), &user);
	walk.limit = task->mm->task_size;
	walk.mask = kprof_user_mask(walk.limit);
	walk.floor = user.sp - 1;
	walk.fp = user.fp;
	add_frame(&walk, user.pc);

	pagefault_disable();
	if (!can_walk)
		walk.end = KPROF_END_UNSUPPORTED;
	else if (!config->walk_user)
		walk.end = KPROF_END_NOT_WALKED;
	else {
		if (user.lr && config->max_depth > 1 &&
		    add_link_register(&walk, user.lr))
			stack->flags |= KPROF_STACK_LINK_REGISTER;
		walk_frames(config, &walk, user.sp, now_ns);
	}
	pagefault_enable();

	stack->hash = walk.hash;
	stack->nr_user = walk.nr;
	stack->user_end = walk.end;
}

/*
 * stack_trace_save() starts in this interrupt; the frames above the
 * interrupted pc are ours and not the program's. Where the pc is not found,
 * or the kernel cannot walk, the pc alone is right. So it is in the scheduler,
 * where there was no interrupt.
 */
static void unwind_kernel(const struct kprof_unwind_config *config,
			  struct pt_regs *regs, struct kprof_stack *stack)
{
	unsigned long entries[KPROF_MAX_KERNEL_FRAMES];
	unsigned long pc = regs ? instruction_pointer(regs) :
				  (unsigned long)schedule;
	unsigned int nr = 0, first;

	if (regs)
		nr = stack_trace_save(entries, ARRAY_SIZE(entries), 0);
	for (first = 0; first < nr; first++)
		if (entries[first] == pc)
			break;
	if (first == nr) {
		stack->frames[stack->nr_kernel++] = pc;
		stack->hash = hash_word(stack->hash, pc, config->multiplier);
		stack->kernel_end = KPROF_END_NO_UNWIND_INFO;
		return;
	}
	stack->kernel_end = nr == ARRAY_SIZE(entries) ? KPROF_END_DEPTH :
							KPROF_END_COMPLETE;
	for (; first < nr; first++) {
		stack->frames[stack->nr_kernel++] = entries[first];
		stack->hash = hash_word(stack->hash, entries[first],
					config->multiplier);
	}
}

void kprof_unwind(const struct kprof_unwind_config *config,
		  struct pt_regs *regs, u64 now_ns,
		  struct kprof_stack *ret)
{
	BUILD_BUG_ON(sizeof_field(struct kprof_stack, shape) !=
		     offsetofend(struct kprof_stack, nr_kernel) -
			     offsetof(struct kprof_stack, user_end));

	ret->hash = config->seed;
	ret->nr_user = 0;
	ret->shape = 0;
	if (!regs || !user_mode(regs)) {
		ret->flags = KPROF_STACK_IN_KERNEL;
		if (config->walk_kernel)
			unwind_kernel(config, regs, ret);
	}
	unwind_user(config, now_ns, ret);
	/* The ends and the split are part of what makes two stacks the same. */
	ret->hash = hash_word(ret->hash, ret->shape, config->multiplier);
}
