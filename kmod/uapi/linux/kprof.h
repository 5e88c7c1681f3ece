/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kprof: the whole contract between kprof.ko and whoever reads it.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A session
 * ---------
 * Each open of /dev/kprof is one session. Nothing runs until START:
 *
 *	open -> INFO -> SETUP -> ATTACH... -> START -> (drain) -> FLUSH ->
 *	(drain until the final STATS) -> close
 *
 * SETUP allocates the rings and tables; it is allowed once per open. ATTACH
 * names what is sampled; it may be called before and after START. STOP ends
 * sampling at once, START may resume it. FLUSH ends sampling for good and
 * lets the module's worker write what it still owes; the last record of all is
 * a STATS record with KPROF_STATS_FINAL in the control ring, and once it is
 * visible so is everything in the sample rings. Only then does
 * delivered + lost == taken hold, in samples and in weight.
 * The session ends with the last reference to the file, mappings included.
 * A request that is none of KPROF_IOC_* fails with ENOTTY.
 *
 * Time, cells and weights
 * -----------------------
 * All times are CLOCK_MONOTONIC nanoseconds. Time since START is cut into
 * cells of period_ns; in each cell the CPU samples once, at a point that is
 * uniform in the cell (see KPROF_SETUP_NO_JITTER). A sample's weight is the
 * number of cells that it stands for: 1, unless the timer came late or the
 * session is throttled. weight * period_ns is the CPU time it stands for.
 *
 * Rings
 * -----
 * Ring 0 is the control ring, ring 1 + N is the sample ring of CPU N (only the
 * CPUs that SETUP reports as sampled have one). A ring is taken out in one of
 * two ways, decided for the whole session by whichever comes first, the other
 * fails with EBUSY:
 *
 *  - mmap(NULL, page + 2 * data_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
 *    ring * KPROF_MMAP_STRIDE): one page of struct kprof_ring_page, then the
 *    data, mapped twice in a row, so that no record ever appears wrapped.
 *    Only the opener's address space may map (EPERM); a mapping is not
 *    inherited by fork. EBADFD before SETUP; EINVAL there is no such ring, or
 *    length, MAP_SHARED or protection (PROT_EXEC) are wrong; ENODEV where the
 *    data cache aliases (use read() there).
 *    The reader loads head with acquire semantics, takes the records between
 *    tail and head, and stores tail with release semantics.
 *  - read(): whole records, as many as fit, of one ring after the other. What
 *    a read brings begins with a struct kprof_record_ring, and so do the
 *    records of each further ring in it; ids that a ring has defined hold on
 *    from read to read. Waits for what poll() reports, with O_NONBLOCK EAGAIN;
 *    0 when everything has been read after the final STATS. EBADFD before
 *    SETUP; EINVAL if the buffer is smaller than what comes next (64 KiB
 *    always do).
 *
 * Positions are free-running and wrap at 2^32: the byte at position p is
 * data[p % data_bytes], and head - tail, as __u32, bytes are to be read.
 * Between rings there is no order; within one, records are in the order in
 * which they were written.
 * poll() reports EPOLLIN when a sample ring holds wakeup_bytes or more, or
 * when the control ring holds anything, EPOLLHUP after the final STATS, and
 * EPOLLERR before SETUP.
 *
 * Records
 * -------
 * are in the byte order of the machine, laid out as the structs below are in C,
 * and 8-byte aligned. Each starts with its type and its size. A reader skips
 * types that it does not know, and ignores what follows the fields that it
 * knows: a newer module may have more types, longer records, and more flags.
 *
 * A full sample ring drops the new sample, counts it, and puts a LOST record
 * before the next one that fits. The control ring never drops: its writer
 * waits for room.
 *
 * Who may
 * -------
 * "Privileged" below is CAP_PERFMON or CAP_SYS_ADMIN, held by whoever opened
 * the device and by the caller. Kernel addresses need CAP_SYSLOG at open.
 */
#ifndef _UAPI_LINUX_KPROF_H
#define _UAPI_LINUX_KPROF_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KPROF_DEVICE_NAME	"kprof"

/* A change of this number breaks readers; additions get a feature bit. */
#define KPROF_ABI_VERSION	1

/* Feature bits of struct kprof_info. */
/* fork, exec and exit are followed by tracepoints, not guessed */
#define KPROF_FEATURE_EXACT_INHERIT	(1ULL << 0)
/* context switches are seen, late cells are never charged to another task */
#define KPROF_FEATURE_SCHED_SWITCH	(1ULL << 1)
/* kernel stacks have more than the interrupted pc */
#define KPROF_FEATURE_KERNEL_STACKS	(1ULL << 2)
/* a removed mapping of code that ran always changes the generation */
#define KPROF_FEATURE_EXACT_MAPS	(1ULL << 3)
/* timers finer than the tick */
#define KPROF_FEATURE_HIGH_RES		(1ULL << 4)
/* the rings can be mapped */
#define KPROF_FEATURE_MMAP		(1ULL << 5)
/* stacks can be walked by unwind tables (KPROF_SETUP_UNWIND_TABLES) */
#define KPROF_FEATURE_UNWIND_TABLES	(1ULL << 6)

/**
 * struct kprof_info - what this module is and can do (KPROF_IOC_INFO)
 * @size: in: bytes that the caller has; out: bytes that the module filled in,
 *	the smaller of the caller's and its own
 * @flags: 0
 * @abi_version: KPROF_ABI_VERSION of the module; compare before anything else
 * @nr_cpu_ids: CPU numbers are below this
 * @features: KPROF_FEATURE_*
 * @max_rate_hz: highest rate that SETUP accepts
 * @max_depth: highest max_depth that SETUP accepts, in frames
 * @max_sessions: sessions that may be set up at once (module parameter)
 * @max_tracked: highest max_tracked that SETUP accepts
 * @max_ring_bytes: largest ring that SETUP accepts, in bytes
 * @max_cpu_percent: share of a CPU that all sessions together may take before
 *	they are throttled; 0 is no limit (module parameter)
 * @timer_resolution_ns: of the clock behind the samples
 * @tick_hz: of the kernel (CONFIG_HZ)
 * @nr_sessions: sessions that are set up now
 * @nr_tracked: processes and threads that they track
 * @nr_spaces: address spaces that they hold
 * @nr_ring_pages: pages in their rings
 * @module_version: NUL-terminated
 * @nr_unwind_tables: unwind tables that are loaded, by all sessions
 * @pad: 0
 * @unwind_bytes: that they take
 * @max_unwind_bytes: that they may take (module parameter max_unwind_mib)
 *
 * Works on every open of the device, before SETUP too.
 */
struct kprof_info {
	__u32 size;
	__u32 flags;
	__u32 abi_version;
	__u32 nr_cpu_ids;
	__aligned_u64 features;
	__u32 max_rate_hz;
	__u32 max_depth;
	__u32 max_sessions;
	__u32 max_tracked;
	__u32 max_ring_bytes;
	__u32 max_cpu_percent;
	__u32 timer_resolution_ns;
	__u32 tick_hz;
	__u32 nr_sessions;
	__u32 nr_tracked;
	__u32 nr_spaces;
	__u32 nr_ring_pages;
	char module_version[32];
	__u32 nr_unwind_tables;
	__u32 pad;
	__aligned_u64 unwind_bytes;
	__aligned_u64 max_unwind_bytes;
};

/* Flags of struct kprof_setup_args. */
/* children of tracked tasks are tracked too */
#define KPROF_SETUP_INHERIT		(1U << 0)
/* every task is sampled, kernel threads too, idle not (privileged) */
#define KPROF_SETUP_ALL_TASKS		(1U << 1)
/* kernel frames of samples that interrupted the kernel (CAP_SYSLOG) */
#define KPROF_SETUP_KERNEL_STACKS	(1U << 2)
/* no user frames but the first */
#define KPROF_SETUP_NO_USER_STACKS	(1U << 3)
/* sample at the start of each cell: aliases with periodic programs; for tests */
#define KPROF_SETUP_NO_JITTER		(1U << 4)
/* accept a rate above tick_hz without high-resolution timers */
#define KPROF_SETUP_FORCE_RATE		(1U << 5)
/* walk user stacks by unwind tables, and by frame pointers where none is known */
#define KPROF_SETUP_UNWIND_TABLES	(1U << 6)

/* A bitmap of 8,192 CPUs, the most that Linux can be built for. */
#define KPROF_MAX_CPUS_BYTES	1024

/**
 * struct kprof_setup_args - makes the opened file a session (KPROF_IOC_SETUP)
 * @size: sizeof(struct kprof_setup_args)
 * @flags: KPROF_SETUP_*
 * @period_ns: length of a cell; 10^9 / period_ns is the rate
 * @ring_bytes: data bytes of each sample ring, a power of two from one page
 *	to max_ring_bytes; 0 is the default (256 KiB); out: what was taken
 * @control_ring_bytes: the same for the control ring, at least 64 KiB
 * @max_depth: user frames per stack, 1 to max_depth of INFO; 0 is 127
 * @max_sample_us: a walk that took longer ends as KPROF_END_TIME; 0 is the
 *	module's default (50, on PREEMPT_RT 20)
 * @max_tracked: processes and threads tracked at once; 0 is the default
 * @wakeup_bytes: a sample ring wakes its reader at this fill, at most half of
 *	it; 0 is a quarter
 * @cpus: pointer to a bitmap of the CPUs to sample, lowest bit of the lowest
 *	byte is CPU 0; 0, or a bitmap without a bit, is all housekeeping CPUs;
 *	out: the bitmap is overwritten with the CPUs that are sampled
 * @cpus_bytes: bytes of that bitmap, at most KPROF_MAX_CPUS_BYTES whatever
 *	number of CPUs there is; CPUs beyond its end are not sampled
 * @pad: 0
 *
 * EINVAL a field is out of range, padding is not zero, a flag is unknown, or
 * no CPU is left; EPERM the flags need a privilege; EBUSY max_sessions are set
 * up, or this file is; ERANGE the rate is above max_rate_hz, or above tick_hz
 * without high-resolution timers (KPROF_SETUP_FORCE_RATE); EOPNOTSUPP this module
 * cannot walk by unwind tables on this machine; ENOBUFS the rings of
 * all sessions would take more than the module parameter max_rings_mib; ENOMEM;
 * EFAULT, after which the session may have been set up all the same.
 */
struct kprof_setup_args {
	__u32 size;
	__u32 flags;
	__aligned_u64 period_ns;
	__u32 ring_bytes;
	__u32 control_ring_bytes;
	__u32 max_depth;
	__u32 max_sample_us;
	__u32 max_tracked;
	__u32 wakeup_bytes;
	__aligned_u64 cpus;
	__u32 cpus_bytes;
	__u32 pad;
};

/* Flags of struct kprof_attach_args: what @target is. Exactly one. */
/* a process id in the caller's PID namespace: all its threads (privileged) */
#define KPROF_ATTACH_PID		(1U << 0)
/* a thread id in the caller's PID namespace (privileged) */
#define KPROF_ATTACH_TID		(1U << 1)
/* an open file descriptor of /proc/PID/maps: that process */
#define KPROF_ATTACH_MAPS_FD		(1U << 2)

/**
 * struct kprof_attach_args - adds a target (KPROF_IOC_ATTACH)
 * @size: sizeof(struct kprof_attach_args)
 * @flags: KPROF_ATTACH_*, one of them
 * @target: process id, thread id or file descriptor
 * @pad: 0
 *
 * With KPROF_ATTACH_MAPS_FD the kernel's own ptrace read check is made for the
 * caller, now; the file must be the maps file of a process (not of a thread,
 * not through /proc/self/task), which without privileges must be in the
 * caller's user namespace.
 *
 * ESRCH no such process, or it has ended; EPERM not allowed; EBADF not a file
 * descriptor; EINVAL the task is a kernel thread (those come with
 * KPROF_SETUP_ALL_TASKS only), the file is no /proc/PID/maps, or a field is
 * wrong; ENOSPC max_tracked reached (or, rarely, a part of the table
 * before that); EEXIST already tracked; EBADFD no SETUP yet, or FLUSH was
 * called, or the session samples all tasks.
 */
struct kprof_attach_args {
	__u32 size;
	__u32 flags;
	__s32 target;
	__u32 pad;
};

/* Flags of struct kprof_load_args: whose table it is. Exactly one. */
/* of the file whose build-id is @id */
#define KPROF_LOAD_BUILD_ID		(1U << 0)
/* of the file without a build-id whose struct kprof_file_id is @id */
#define KPROF_LOAD_FILE			(1U << 1)
/* of the vdso of processes of the kernel's own word size; @id_bytes is 0 */
#define KPROF_LOAD_VDSO			(1U << 2)

#define KPROF_BUILD_ID_MAX		32

/**
 * struct kprof_file_id - names a file that has no build-id
 * @inode: as in struct kprof_record_mmap
 * @dev_major: likewise
 * @dev_minor: likewise
 */
struct kprof_file_id {
	__aligned_u64 inode;
	__u32 dev_major;
	__u32 dev_minor;
};

/**
 * struct kprof_load_args - loads the unwind table of a file (KPROF_IOC_LOAD)
 * @size: sizeof(struct kprof_load_args)
 * @flags: KPROF_LOAD_*, one of them
 * @table: pointer to the table, see linux/kprof_unwind.h
 * @table_bytes: of it; 0 unloads
 * @id_bytes: valid bytes of @id
 * @id: of the file
 *
 * May be called at any time from SETUP on, also before the file is mapped by
 * anybody. A table that was there for this file is replaced. Tables that a
 * privileged session loads are used by all privileged sessions, others only by
 * the session that loaded them. A table stays until the last session ends that
 * has loaded it or that samples an address space with the file.
 *
 * EBADFD no SETUP yet, without KPROF_SETUP_UNWIND_TABLES, or FLUSH was called;
 * EINVAL a field is wrong; EBADMSG the table is not valid; EFBIG one table is
 * larger than 64 MiB; ENOSPC all tables together would take more than
 * max_unwind_bytes of INFO; ENOENT nothing to unload; ENOMEM; EFAULT.
 */
struct kprof_load_args {
	__u32 size;
	__u32 flags;
	__aligned_u64 table;
	__u32 table_bytes;
	__u32 id_bytes;
	__u8 id[KPROF_BUILD_ID_MAX];
};

/* Why samples were lost; index of lost_samples and lost_weight. */
/* the sample ring was full: the reader was too slow */
#define KPROF_LOST_RING_FULL		0
#define KPROF_LOST_NR			4

/* Flags of struct kprof_stats. */
/* nothing follows; the counters are final */
#define KPROF_STATS_FINAL		(1U << 0)
/* samples come from the tick: at most tick_hz, in phase with it */
#define KPROF_STATS_TICK_BOUND		(1U << 1)
/* children are recognised by their parents at their first sample */
#define KPROF_STATS_INHERIT_APPROXIMATE	(1U << 2)
/* max_cpu_percent was reached at least once */
#define KPROF_STATS_THROTTLED		(1U << 3)

/**
 * struct kprof_stats - counters of a session (KPROF_IOC_STATS, STATS record)
 * @size: in and out as in struct kprof_info
 * @flags: KPROF_STATS_*
 * @start_ns: when START was called first
 * @stop_ns: when sampling ended, or now
 * @taken_samples: samples of tracked tasks
 * @taken_weight: cells that they stand for
 * @delivered_samples: SAMPLE records written
 * @delivered_weight: cells that they stand for
 * @lost_samples: by cause, KPROF_LOST_*
 * @lost_weight: by cause
 * @missed_cells: cells whose point passed before the task that runs now was
 *	switched in, so that nobody knows whose they are
 * @interrupts: timer interrupts
 * @handler_ns: time spent in the interrupts that were measured
 * @handler_measured: how many were measured (one in several)
 * @handler_max_ns: longest that was measured
 * @denied_samples: not taken, because the task is not the opener's any more
 * @tracked: processes and threads tracked now
 * @tracked_overflow: tasks not tracked because the table was full
 * @spaces: address spaces held now
 * @spaces_overflow: samples without an address space, the table was full
 * @snapshots: of address spaces taken
 * @snapshots_failed: given up, see KPROF_MAPS_UNAVAILABLE
 */
struct kprof_stats {
	__u32 size;
	__u32 flags;
	__aligned_u64 start_ns;
	__aligned_u64 stop_ns;
	__aligned_u64 taken_samples;
	__aligned_u64 taken_weight;
	__aligned_u64 delivered_samples;
	__aligned_u64 delivered_weight;
	__aligned_u64 lost_samples[KPROF_LOST_NR];
	__aligned_u64 lost_weight[KPROF_LOST_NR];
	__aligned_u64 missed_cells;
	__aligned_u64 interrupts;
	__aligned_u64 handler_ns;
	__aligned_u64 handler_measured;
	__aligned_u64 handler_max_ns;
	__aligned_u64 denied_samples;
	__u32 tracked;
	__u32 tracked_overflow;
	__u32 spaces;
	__u32 spaces_overflow;
	__aligned_u64 snapshots;
	__aligned_u64 snapshots_failed;
};

#define KPROF_IOC_MAGIC		0xB9
#define KPROF_IOC_INFO		_IOWR(KPROF_IOC_MAGIC, 0x00, struct kprof_info)
#define KPROF_IOC_SETUP		_IOWR(KPROF_IOC_MAGIC, 0x01, struct kprof_setup_args)
#define KPROF_IOC_ATTACH	_IOW(KPROF_IOC_MAGIC, 0x02, struct kprof_attach_args)
/* EBADFD before SETUP or after FLUSH, EALREADY when running */
#define KPROF_IOC_START		_IO(KPROF_IOC_MAGIC, 0x03)
/* EBADFD when not running */
#define KPROF_IOC_STOP		_IO(KPROF_IOC_MAGIC, 0x04)
/* does not wait: the final STATS record tells the end. EBADFD before SETUP */
#define KPROF_IOC_FLUSH		_IO(KPROF_IOC_MAGIC, 0x05)
/* EBADFD before SETUP */
#define KPROF_IOC_STATS		_IOWR(KPROF_IOC_MAGIC, 0x06, struct kprof_stats)
#define KPROF_IOC_LOAD		_IOW(KPROF_IOC_MAGIC, 0x07, struct kprof_load_args)

/* Distance between two rings in mmap offsets. */
#define KPROF_MMAP_STRIDE	(1ULL << 32)
#define KPROF_RING_CONTROL	0
#define KPROF_RING_CPU(cpu)	(1 + (cpu))

/**
 * struct kprof_ring_page - first page of a mapped ring
 * @abi_version: KPROF_ABI_VERSION
 * @length: sizeof(struct kprof_ring_page)
 * @data_offset: of the data from the start of the mapping, one page
 * @data_bytes: size of the data, a power of two
 * @cpu: whose ring this is, -1 for the control ring
 * @pad0: 0
 * @head: position after the last complete record; written by the module
 * @tail: position of the first record not yet read; written by the reader.
 *	The module does not trust it: a tail that cannot be is a full ring
 * @pad1: keeps @head and @tail in cache lines of their own
 * @pad2: likewise
 */
struct kprof_ring_page {
	__u32 abi_version;
	__u32 length;
	__u32 data_offset;
	__u32 data_bytes;
	__s32 cpu;
	__u32 pad0[27];
	__u32 head;
	__u32 pad1[31];
	__u32 tail;
	__u32 pad2[31];
};

/**
 * struct kprof_record - how every record starts
 * @type: KPROF_REC_*
 * @size: bytes of the whole record, a multiple of 8 and at least 8
 */
struct kprof_record {
	__u16 type;
	__u16 size;
};

/* Record types of sample rings. */
#define KPROF_REC_SAMPLE	1
#define KPROF_REC_STACK		2
#define KPROF_REC_CONTEXT	3
#define KPROF_REC_LOST		4
/* Record types of the control ring. */
#define KPROF_REC_MMAP		16
#define KPROF_REC_MAPS		17
#define KPROF_REC_TASK		18
#define KPROF_REC_THROTTLE	19
#define KPROF_REC_STATS		20
/* Only in read(): the records that follow are of this ring. */
#define KPROF_REC_RING		32

/**
 * struct kprof_record_sample - one sample
 * @rec: type KPROF_REC_SAMPLE
 * @weight: cells that it stands for, at least 1
 * @time_ns: when the interrupt came
 * @stack_id: of a STACK record earlier in this ring, however long ago
 * @context_id: of the newest CONTEXT record with this id in this ring
 * @generation: of the address space when the sample was taken, see MAPS
 */
struct kprof_record_sample {
	struct kprof_record rec;
	__u32 weight;
	__aligned_u64 time_ns;
	__aligned_u64 stack_id;
	__u32 context_id;
	__u32 generation;
};

/* How the walk of a stack ended: user_end and kernel_end of a STACK record. */
/* there is no such part */
#define KPROF_END_NONE		0
/* the outermost frame was reached */
#define KPROF_END_COMPLETE	1
/* max_depth frames, and there were more */
#define KPROF_END_DEPTH		2
/* max_sample_us were over */
#define KPROF_END_TIME		3
/* a stack word could not be read without a page fault */
#define KPROF_END_UNREADABLE	4
/* no unwind table knows the code, and it has no frame pointers either */
#define KPROF_END_NO_UNWIND_INFO	5
/* kernel thread, I/O or user worker: there is no user stack */
#define KPROF_END_KERNEL_TASK	6
/* in the middle of exec: registers and memory do not belong together */
#define KPROF_END_EXEC		7
/* the task has no memory any more: it is exiting */
#define KPROF_END_NO_MM		8
/* not asked for, only the first frame */
#define KPROF_END_NOT_WALKED	9
/* this module cannot walk this kind of task */
#define KPROF_END_UNSUPPORTED	10

/* Flags of a STACK record. */
/* the interrupt hit the kernel (with or without kernel frames) */
#define KPROF_STACK_IN_KERNEL	(1U << 0)
/*
 * The second user frame is the link register of a function that may or may
 * not have saved it already. Drop it if it lies in the function of the first.
 */
#define KPROF_STACK_LINK_REGISTER	(1U << 1)
/*
 * Asked to walk by unwind tables, the module found no row for at least one of
 * the frames and went on by frame pointers from there.
 */
#define KPROF_STACK_FALLBACK		(1U << 2)

/**
 * struct kprof_record_stack - defines a stack id
 * @rec: type KPROF_REC_STACK
 * @nr_kernel: kernel frames
 * @nr_user: user frames
 * @stack_id: hash of all that follows, keyed anew in each session; the same
 *	stack has the same id on every CPU, is defined in every ring in which a
 *	sample has it, and may be defined there more than once
 * @user_end: KPROF_END_*, of the user frames
 * @kernel_end: KPROF_END_*, of the kernel frames; NONE where none were asked for
 *	or the interrupt hit user code
 * @flags: KPROF_STACK_*
 * @pad: 0
 * @frames: kernel frames, then user frames, innermost first; followed by
 *	(nr_kernel + nr_user + 63) / 64 words in which bit n (of word n / 64,
 *	lowest bit first) says that frame n is an exact pc; the others are
 *	return addresses. 32-bit addresses are zero-extended.
 */
struct kprof_record_stack {
	struct kprof_record rec;
	__u16 nr_kernel;
	__u16 nr_user;
	__aligned_u64 stack_id;
	__u16 user_end;
	__u16 kernel_end;
	__u16 flags;
	__u16 pad;
	__aligned_u64 frames[];
};

#define KPROF_COMM_LEN		16

/* Flags of a CONTEXT record. */
/* a kernel thread, or an I/O or user worker: it has no user stack */
#define KPROF_CONTEXT_KERNEL_TASK	(1U << 0)

/**
 * struct kprof_record_context - defines a context id of this ring
 * @rec: type KPROF_REC_CONTEXT
 * @context_id: an id that was defined before is replaced
 * @pid: process id in the PID namespace of the opener, 0 if not visible there
 * @tid: thread id, likewise
 * @ns_pid: process id in the task's own PID namespace
 * @ns_tid: thread id, likewise
 * @space_id: address space, see MAPS; 0 is none
 * @flags: KPROF_CONTEXT_*
 * @start_ns: when the thread started (tells a reused thread id)
 * @comm: name of the process (of its first thread), NUL-terminated
 * @thread_comm: name of the thread, NUL-terminated
 */
struct kprof_record_context {
	struct kprof_record rec;
	__u32 context_id;
	__s32 pid;
	__s32 tid;
	__s32 ns_pid;
	__s32 ns_tid;
	__u32 space_id;
	__u32 flags;
	__aligned_u64 start_ns;
	char comm[KPROF_COMM_LEN];
	char thread_comm[KPROF_COMM_LEN];
};

/**
 * struct kprof_record_lost - samples lost
 * @rec: type KPROF_REC_LOST
 * @cause: KPROF_LOST_*
 * @samples: since the last LOST record of this CPU
 * @weight: cells that they stand for
 * @cpu: whose samples
 * @pad: 0
 *
 * In a sample ring before the next sample that fits; what is left at FLUSH
 * comes in the control ring.
 */
struct kprof_record_lost {
	struct kprof_record rec;
	__u32 cause;
	__aligned_u64 samples;
	__aligned_u64 weight;
	__s32 cpu;
	__u32 pad;
};

/* What build_id_state of a MMAP record says. */
/* build_id is valid */
#define KPROF_BUILD_ID_OK		0
/* the file has none */
#define KPROF_BUILD_ID_NONE		1
/* the mapping has no file */
#define KPROF_BUILD_ID_NO_FILE		2
/* not in the page cache, and on a file system that must not be waited for */
#define KPROF_BUILD_ID_NOT_READ		3
/* not an ELF file, or one that cannot be understood */
#define KPROF_BUILD_ID_BAD_FILE		4

/* Flags of a MMAP record. */
/* path is not a file but a name like [vdso] */
#define KPROF_MMAP_SPECIAL		(1U << 0)
/* the file has been unlinked; path ends in " (deleted)" */
#define KPROF_MMAP_DELETED		(1U << 1)
#define KPROF_MMAP_WRITE		(1U << 2)
#define KPROF_MMAP_SHARED		(1U << 3)

/**
 * struct kprof_record_mmap - one executable mapping of a snapshot
 * @rec: type KPROF_REC_MMAP
 * @space_id: address space
 * @epoch: see MAPS
 * @flags: KPROF_MMAP_*
 * @start: first address
 * @end: first address after it
 * @file_offset: of @start, in bytes
 * @inode: inode number
 * @dev_major: device of the file system
 * @dev_minor: likewise
 * @build_id_state: KPROF_BUILD_ID_*
 * @build_id_bytes: valid bytes of @build_id
 * @path_bytes: bytes of @path with its NUL, before padding
 * @build_id: of the file, as it is mapped
 * @path: NUL-terminated, padded with NULs to 8 bytes
 */
struct kprof_record_mmap {
	struct kprof_record rec;
	__u32 space_id;
	__u32 epoch;
	__u32 flags;
	__aligned_u64 start;
	__aligned_u64 end;
	__aligned_u64 file_offset;
	__aligned_u64 inode;
	__u32 dev_major;
	__u32 dev_minor;
	__u16 build_id_state;
	__u16 build_id_bytes;
	__u32 path_bytes;
	__u8 build_id[KPROF_BUILD_ID_MAX];
	char path[];
};

/* Flags of a MAPS record. */
/* the address space could not be looked at; @epoch is not valid */
#define KPROF_MAPS_UNAVAILABLE		(1U << 0)
/* the address space is gone; no sample has a higher generation */
#define KPROF_MAPS_EXIT			(1U << 1)
/* there were more executable mappings than the module reports */
#define KPROF_MAPS_TRUNCATED		(1U << 2)
/* something changed while the module looked: @generation is not exact */
#define KPROF_MAPS_UNSTABLE		(1U << 3)

/**
 * struct kprof_record_maps - a snapshot of an address space is complete
 * @rec: type KPROF_REC_MAPS
 * @space_id: from 1, never used twice in a session
 * @generation: which the snapshot shows; counts up whenever the module sees a
 *	hint that mappings have changed
 * @epoch: counts up when the executable mappings differ from those of the
 *	snapshot before. The MMAP records of a new epoch come before its first
 *	MAPS record; snapshots that show the same mappings repeat the epoch.
 * @nr_mappings: MMAP records of this epoch
 * @flags: KPROF_MAPS_*
 * @time_ns: when the address space was looked at
 * @pid: a process that uses it, in the PID namespace of the opener, or 0
 * @pad: 0
 *
 * A sample of generation g is bracketed by the newest snapshot whose
 * generation is not above g and the oldest whose generation is not below g.
 * Where both have the same epoch the epoch's mappings are those of the sample,
 * unless a hint can be missed: without KPROF_FEATURE_EXACT_MAPS always, and
 * with it for a generation that no snapshot shows. A range of addresses about
 * which two epochs of a space disagree is not to be trusted in such samples.
 */
struct kprof_record_maps {
	struct kprof_record rec;
	__u32 space_id;
	__u32 generation;
	__u32 epoch;
	__u32 nr_mappings;
	__u32 flags;
	__aligned_u64 time_ns;
	__s32 pid;
	__u32 pad;
};

/* What happened: event of a TASK record. */
/* named by ATTACH */
#define KPROF_TASK_ATTACHED	1
/* a child of one that is tracked */
#define KPROF_TASK_INHERITED	2
/* its last thread, or this thread, has ended */
#define KPROF_TASK_EXITED	3

/**
 * struct kprof_record_task - the set of tracked processes or threads changed
 * @rec: type KPROF_REC_TASK
 * @event: KPROF_TASK_*
 * @id: process or thread id, in the PID namespace of the opener
 * @nr_tracked: how many are tracked after this event; at 0 the session will
 *	take no sample any more
 * @time_ns: when the worker saw it
 */
struct kprof_record_task {
	struct kprof_record rec;
	__u32 event;
	__s32 id;
	__u32 nr_tracked;
	__aligned_u64 time_ns;
};

/**
 * struct kprof_record_throttle - the cost limit changed the sampling of a CPU
 * @rec: type KPROF_REC_THROTTLE
 * @cpu: which
 * @every: from now on one cell in so many is sampled, with that weight; 1 is
 *	full rate, which is what a session starts with
 * @pad: 0
 * @time_ns: since when
 */
struct kprof_record_throttle {
	struct kprof_record rec;
	__s32 cpu;
	__u32 every;
	__u32 pad;
	__aligned_u64 time_ns;
};

/**
 * struct kprof_record_stats - counters of the session
 * @rec: type KPROF_REC_STATS
 * @pad: 0
 * @stats: see there
 */
struct kprof_record_stats {
	struct kprof_record rec;
	__u32 pad;
	struct kprof_stats stats;
};

/**
 * struct kprof_record_ring - only in read(): whose records follow
 * @rec: type KPROF_REC_RING
 * @cpu: CPU number, -1 for the control ring
 */
struct kprof_record_ring {
	struct kprof_record rec;
	__s32 cpu;
};

#endif /* _UAPI_LINUX_KPROF_H */
