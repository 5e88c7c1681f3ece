/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of the module, taken apart and checked.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The rest of the library sees these structures, never the bytes of a ring.
 */
#ifndef LIB_RECORD_H
#define LIB_RECORD_H

#include "lib/kprof.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KPROF_EVENT_COMM_LEN	 16
#define KPROF_EVENT_BUILD_ID_MAX 32

enum kprof_event_type {
	/* a type that this version does not know; skip it */
	KPROF_EVENT_UNKNOWN,
	KPROF_EVENT_SAMPLE,
	KPROF_EVENT_STACK,
	KPROF_EVENT_CONTEXT,
	KPROF_EVENT_LOST,
	KPROF_EVENT_MMAP,
	KPROF_EVENT_MAPS,
	KPROF_EVENT_TASK,
	KPROF_EVENT_THROTTLE,
	KPROF_EVENT_STATS,
};

/* How a stack ended, as far as a reader of profiles cares. */
enum kprof_stack_end {
	KPROF_STACK_COMPLETE,
	KPROF_STACK_DEPTH_LIMIT,
	KPROF_STACK_TIME_LIMIT,
	KPROF_STACK_UNREADABLE,
	KPROF_STACK_NO_UNWIND_INFO,
	KPROF_STACK_OTHER,
	KPROF_NR_STACK_ENDS,
};

struct kprof_event_sample {
	uint64_t stack_id;
	uint32_t context_id;
	uint32_t generation;
	uint32_t weight;
};

/**
 * struct kprof_event_stack - a stack
 * @stack_id: by which samples name it
 * @frames: kernel frames, then user frames, innermost first; in the buffer
 *	that was parsed
 * @exact: bit n of word n / 64 says that frame n is no return address;
 *	likewise
 * @nr_kernel: kernel frames
 * @nr_user: user frames
 * @end: where the walk gave up
 * @is_in_kernel: the interrupt hit the kernel, with kernel frames or without
 * @has_link_register: the second user frame may be a repetition of the first
 * @is_fallback: walked in part by frame pointers, for want of unwind rows
 */
struct kprof_event_stack {
	uint64_t stack_id;
	const uint64_t *frames;
	const uint64_t *exact;
	uint16_t nr_kernel;
	uint16_t nr_user;
	enum kprof_stack_end end;
	bool is_in_kernel;
	bool has_link_register;
	bool is_fallback;
};

struct kprof_event_context {
	uint32_t context_id;
	uint32_t space_id;
	int32_t pid;
	int32_t tid;
	int32_t ns_pid;
	uint64_t start_ns;
	char comm[KPROF_EVENT_COMM_LEN];
	char thread_comm[KPROF_EVENT_COMM_LEN];
};

struct kprof_event_lost {
	uint64_t samples;
	uint64_t weight;
};

/**
 * struct kprof_event_mmap - an executable mapping of an epoch of a space
 * @is_special: @path is a name like [vdso]
 * @is_deleted: the file is unlinked; " (deleted)" is already cut off @path
 * @path: in the buffer that was parsed; not terminated if @is_deleted
 * @path_bytes: its length
 * @build_id_bytes: 0 if there is none
 */
struct kprof_event_mmap {
	uint32_t space_id;
	uint32_t epoch;
	uint64_t start;
	uint64_t end;
	uint64_t file_offset;
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	bool is_special;
	bool is_deleted;
	const char *path;
	uint32_t path_bytes;
	uint32_t build_id_bytes;
	uint8_t build_id[KPROF_EVENT_BUILD_ID_MAX];
};

struct kprof_event_maps {
	uint32_t space_id;
	uint32_t generation;
	uint32_t epoch;
	int32_t pid;
	bool is_unavailable;
	bool is_exit;
	bool is_truncated;
	bool is_unstable;
};

struct kprof_event_task {
	uint32_t nr_tracked;
	int32_t id;
	bool is_exit;
};

struct kprof_event_throttle {
	int32_t cpu;
	uint32_t every;
	uint64_t time_ns;
};

struct kprof_event {
	enum kprof_event_type type;
	union {
		struct kprof_event_sample sample;
		struct kprof_event_stack stack;
		struct kprof_event_context context;
		struct kprof_event_lost lost;
		struct kprof_event_mmap mmap;
		struct kprof_event_maps maps;
		struct kprof_event_task task;
		struct kprof_event_throttle throttle;
		struct kprof_counters stats;
	};
};

struct kprof_stats;

/*
 * Takes the record of @size bytes at @data apart. @data is aligned to 8 bytes.
 * -EBADMSG if any field is not what the module may write; then nothing of it
 * is to be believed.
 */
int kprof_record_parse(const void *data, size_t size, struct kprof_event *ret);
/*
 * The same for what nearly all records are: true for a SAMPLE record that is
 * sound, false for everything else.
 */
bool kprof_record_is_sample(const void *data, size_t size,
			    struct kprof_event_sample *ret);

/* The counters of the module in the words of the public header. */
void kprof_record_parse_stats(const struct kprof_stats *stats,
			      struct kprof_counters *ret);

#endif /* LIB_RECORD_H */
