/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * New names for old kernels, and facts that kernels keep in different places.
 * Included before every file of the module; the only place that knows that
 * kernels differ. compat/Kbuild.include finds out what KPROF_HAVE_* are.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_COMPAT_H
#define KPROF_COMPAT_H

#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#ifdef KPROF_HAVE_EXEC_STATE
#include <linux/sched/exec_state.h>
#endif
#include <linux/sched/isolation.h>
#include <linux/stacktrace.h>

#ifndef KPROF_HAVE_HRTIMER_SETUP
/* Since Linux commit 908a1d775422 ("hrtimers: Introduce hrtimer_setup()") */
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}

static inline void
hrtimer_setup_on_stack(struct hrtimer *timer,
		       enum hrtimer_restart (*function)(struct hrtimer *),
		       clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init_on_stack(timer, clock, mode);
	timer->function = function;
}
#endif

#ifndef KPROF_HAVE_VM_FLAGS_SET
/* Since Linux commit bc292ab00f6c ("mm: introduce vma->vm_flags wrapper") */
static inline void vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma,
				  unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifndef CONFIG_STACKTRACE
/* Kernels without it have no declaration either. */
static inline unsigned int stack_trace_save(unsigned long *store,
					    unsigned int size,
					    unsigned int skipnr)
{
	return 0;
}
#endif

/*
 * Tasks whose user registers mean nothing: kernel threads, I/O workers (since
 * v5.12) and what they became, user workers (v6.4).
 */
#ifdef PF_USER_WORKER
#define KPROF_PF_NO_USER_REGS (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)
#elif defined(PF_IO_WORKER)
#define KPROF_PF_NO_USER_REGS (PF_KTHREAD | PF_IO_WORKER)
#else
#define KPROF_PF_NO_USER_REGS PF_KTHREAD
#endif

#ifdef KPROF_HAVE_HK_TYPE
#define KPROF_HK_DOMAIN HK_TYPE_DOMAIN
#define KPROF_HK_TICK HK_TYPE_TICK
#else
/* Since Linux commit 04d4e665a609 ("sched/isolation: ... housekeeping") */
#define KPROF_HK_DOMAIN HK_FLAG_DOMAIN
#define KPROF_HK_TICK HK_FLAG_TICK
#endif

/*
 * A counter that changes whenever a mapping whose code has run is removed:
 * x86 flushes the TLB then and counts; 5.10 counts for its VMA cache; since
 * v6.4 write locks of the address space are counted.
 */
#if defined(CONFIG_X86)
#define KPROF_EXACT_MAPS true
static inline u32 kprof_mm_unmaps(const struct mm_struct *mm)
{
	return atomic64_read(&mm->context.tlb_gen);
}
#elif defined(KPROF_HAVE_VMACACHE_SEQNUM)
#define KPROF_EXACT_MAPS true
static inline u32 kprof_mm_unmaps(const struct mm_struct *mm)
{
	return mm->vmacache_seqnum;
}
#elif defined(KPROF_HAVE_MM_LOCK_SEQ) && defined(CONFIG_PER_VMA_LOCK)
#define KPROF_EXACT_MAPS true
#ifdef KPROF_HAVE_MM_LOCK_SEQCOUNT
static inline u32 kprof_mm_unmaps(const struct mm_struct *mm)
{
	return READ_ONCE(mm->mm_lock_seq.sequence);
}
#else
static inline u32 kprof_mm_unmaps(const struct mm_struct *mm)
{
	return READ_ONCE(mm->mm_lock_seq);
}
#endif
#else
#define KPROF_EXACT_MAPS false
static inline u32 kprof_mm_unmaps(const struct mm_struct *mm)
{
	return 0;
}
#endif

/* Changes when mappings do; equal hints prove nothing, see KPROF_EXACT_MAPS. */
static inline u32 kprof_mm_hint(const struct mm_struct *mm)
{
	u64 hint = data_race(READ_ONCE(mm->total_vm) ^
			     (u64)READ_ONCE(mm->exec_vm) << 20 ^
			     (u64)READ_ONCE(mm->map_count) << 44) ^
		   kprof_mm_unmaps(mm) * GOLDEN_RATIO_64;

	hint = hint * GOLDEN_RATIO_64 >> 32;
	/* 0 is the hint of a space that nobody has looked at. */
	return (u32)hint ?: 1;
}

#ifdef KPROF_HAVE_EXEC_STATE
/* Moved from the memory to the program in v7.2. */
static inline bool kprof_task_dumpable(struct task_struct *task)
{
	const struct task_exec_state *state =
		rcu_dereference_check(task->exec_state, irqs_disabled());

	return state && READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER;
}
#else
static inline bool kprof_task_dumpable(struct task_struct *task)
{
	return task->mm && get_dumpable(task->mm) == SUID_DUMP_USER;
}
#endif

/*
 * What /proc/PID/maps shows of a mapped file: on overlayfs not the file that
 * is mapped, but the one that the user opened.
 */
#ifdef KPROF_HAVE_FILE_USER_PATH
#define kprof_file_path(file) file_user_path(file)
#else
#define kprof_file_path(file) (&(file)->f_path)
#endif
#ifdef KPROF_HAVE_FILE_USER_INODE
#define kprof_file_inode(file) file_user_inode(file)
#else
#define kprof_file_inode(file) file_inode(file)
#endif

/* Since Linux commit fa2c3254d7cf ("sched/tracing: Don't re-read p->state") */
#ifdef KPROF_HAVE_SWITCH_PREV_STATE
#define KPROF_PREV_STATE , unsigned int prev_state
#else
#define KPROF_PREV_STATE
#endif

/* sched_process_exit tells since v6.16 whether the whole process ends. */
#ifdef KPROF_HAVE_EXIT_GROUP_DEAD
#define KPROF_GROUP_DEAD , bool group_dead
#else
#define KPROF_GROUP_DEAD
#endif

/*
 * A 32-bit kernel maps devices beyond 4 GiB only where offsets have no sign.
 * Since Linux commit 641bb4394f40 the driver has to say so, not the file.
 */
#ifdef FOP_UNSIGNED_OFFSET
#define KPROF_HIGH_OFFSETS .fop_flags = FOP_UNSIGNED_OFFSET,
static inline void kprof_allow_high_offsets(struct file *file)
{
}
#else
#define KPROF_HIGH_OFFSETS
static inline void kprof_allow_high_offsets(struct file *file)
{
	file->f_mode |= FMODE_UNSIGNED_OFFSET;
}
#endif

/* Data caches that alias: a page mapped twice would be two pages. */
#if defined(CONFIG_ARM) && defined(CONFIG_CPU_CACHE_VIPT)
#include <asm/cachetype.h>
#define KPROF_ALIASING_CACHE cache_is_vipt_aliasing()
#else
#define KPROF_ALIASING_CACHE false
#endif

#endif /* KPROF_COMPAT_H */
