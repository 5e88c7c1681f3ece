// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the stack of the interrupted task.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "unwind.h"
#include "unwind_fp.h"
#include "unwind_rows.h"
#include "walk.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

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

/* The first frame. False if such a task cannot be walked. */
static __always_inline bool begin_walk(const struct kprof_unwind_config *config,
				       struct kprof_stack *stack,
				       struct kprof_user_regs *user,
				       struct kprof_walk *walk)
{
	struct task_struct *task = current;
	bool can_walk = kprof_regs_user(task_pt_regs(task), user);
	u64 limit = task->mm->task_size;

	*walk = (struct kprof_walk){
		.stack = stack,
		.frames = stack->frames + stack->nr_kernel,
		.hash = stack->hash,
		.multiplier = config->multiplier,
		.limit = limit,
		.mask = kprof_user_mask(limit),
		.floor = user->sp - 1,
		.fp = user->fp,
	};
	kprof_walk_add(walk, user->pc);
	return can_walk;
}

/* Why it ends with the first frame; page faults are disabled. */
static __always_inline u16
end_before_walk(const struct kprof_unwind_config *config,
		const struct kprof_user_regs *user, bool can_walk)
{
	if (!can_walk)
		return KPROF_END_UNSUPPORTED;
	if (!config->walk_user)
		return KPROF_END_NOT_WALKED;
	return kprof_can_read_user(user->sp) ? KPROF_END_NONE :
					       KPROF_END_UNREADABLE;
}

static __always_inline void end_walk(const struct kprof_walk *walk,
				     struct kprof_stack *stack)
{
	stack->hash = walk->hash;
	stack->nr_user = walk->nr;
	stack->user_end = walk->end;
}

/*
 * By rows, which are those of @code, or a 32-bit program by frame pointers.
 * 32-bit programs have rows on 32-bit kernels only.
 */
static noinline void unwind_out_of_line(const struct kprof_unwind_config *config,
					const struct kprof_code_map *code,
					u64 now_ns, struct kprof_stack *stack)
{
	struct kprof_user_regs user;
	struct kprof_walk walk;
	bool can_walk = begin_walk(config, stack, &user, &walk);
	bool has_rows = code && (!user.frames32 || !IS_ENABLED(CONFIG_64BIT));

	if (config->walk_rows && !has_rows)
		stack->flags |= KPROF_STACK_FALLBACK;
	pagefault_disable();
	walk.end = end_before_walk(config, &user, can_walk);
	if (walk.end == KPROF_END_NONE && has_rows)
		kprof_walk_rows(config, stack->row_cache, code,
				task_pt_regs(current), now_ns, &walk);
	else if (walk.end == KPROF_END_NONE)
		kprof_walk_fp32(config, &walk, user.frames32, user.lr, now_ns);
	pagefault_enable();
	end_walk(&walk, stack);
}

/* The walk stays in registers as long as its address goes nowhere. */
static __always_inline void
unwind_by_frame_pointers(const struct kprof_unwind_config *config, u64 now_ns,
			 struct kprof_stack *stack)
{
	struct kprof_user_regs user;
	struct kprof_walk walk;
	bool can_walk = begin_walk(config, stack, &user, &walk);

	if (unlikely(user.frames32)) {
		unwind_out_of_line(config, NULL, now_ns, stack);
		return;
	}
	pagefault_disable();
	walk.end = end_before_walk(config, &user, can_walk);
	if (walk.end == KPROF_END_NONE) {
		/* The first: or its address goes somewhere on all machines. */
		if (KPROF_DWARF_LR != KPROF_NO_REGISTER && user.lr &&
		    config->max_depth > 1 &&
		    kprof_walk_link_register(&walk, user.lr))
			kprof_walk_add(&walk, kprof_return_address(user.lr,
								   walk.mask));
		kprof_walk_fp(config, &walk, now_ns);
	}
	pagefault_enable();
	end_walk(&walk, stack);
}

/* Before the first snapshot nobody knows whose rows to take. */
static __always_inline void
unwind_user(const struct kprof_unwind_config *config,
	    const struct kprof_code_map *code, u64 now_ns,
	    struct kprof_stack *stack)
{
	stack->user_end = no_user_stack(current);
	if (unlikely(stack->user_end != KPROF_END_NONE))
		return;
	if (unlikely(config->walk_rows)) {
		if (code) {
			unwind_out_of_line(config, code, now_ns, stack);
			return;
		}
		stack->flags |= KPROF_STACK_FALLBACK;
	}
	unwind_by_frame_pointers(config, now_ns, stack);
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
		stack->hash = kprof_hash_word(stack->hash, pc, config->multiplier);
		stack->kernel_end = KPROF_END_NO_UNWIND_INFO;
		return;
	}
	stack->kernel_end = nr == ARRAY_SIZE(entries) ? KPROF_END_DEPTH :
							KPROF_END_COMPLETE;
	for (; first < nr; first++) {
		stack->frames[stack->nr_kernel++] = entries[first];
		stack->hash = kprof_hash_word(stack->hash, entries[first],
					config->multiplier);
	}
}

void kprof_unwind(const struct kprof_unwind_config *config,
		  const struct kprof_code_map *code, struct pt_regs *regs,
		  u64 now_ns, struct kprof_stack *ret)
{
	BUILD_BUG_ON(sizeof_field(struct kprof_stack, shape) !=
		     offsetofend(struct kprof_stack, nr_kernel) -
			     offsetof(struct kprof_stack, user_end));

	ret->hash = config->seed;
	ret->nr_user = 0;
	ret->nr_signals = 0;
	ret->shape = 0;
	if (!regs || !user_mode(regs)) {
		ret->flags = KPROF_STACK_IN_KERNEL;
		if (config->walk_kernel)
			unwind_kernel(config, regs, ret);
	}
	unwind_user(config, code, now_ns, ret);
	/* The ends and the split are part of what makes two stacks the same. */
	ret->hash = kprof_hash_word(ret->hash, ret->shape, config->multiplier);
}
