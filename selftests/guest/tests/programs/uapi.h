/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the device's contract share: TAP, sessions, targets, and a
 * reader of its own, so that no mistake is made twice in the same way.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef PROGRAMS_UAPI_H
#define PROGRAMS_UAPI_H

#include "common.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <linux/kprof.h>

#define DEVICE	  "/dev/kprof"
#define POISON	  0xcc
#define PERIOD_NS 1003009
/* Not the default, so that SETUP must heed it */
#define CONTROL_RING 65536

/* TAP */

/* Prints "ok N - NAME"; where it is not, the words say expected and got. */
bool tap_ok(bool is_ok, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* @result as of a system call; @expected is an errno, 0 for success. */
bool tap_errno(long result, int expected, const char *name);
bool tap_equal(uint64_t got, uint64_t expected, const char *name);
/* Prints the plan; the exit status of main(). */
int tap_end(void);

/* Sessions */

int device_open(void);
struct kprof_info device_info(int fd);
/*
 * The module's counters once it holds @nr_sessions, or after a second's
 * patience: what a session had is given back a moment after its end.
 */
struct kprof_info device_settled(int fd, uint32_t nr_sessions);
struct kprof_setup_args setup_args(void);
/* Opened and set up, or no more tests */
int session_open(void);
int session_attach(int fd, uint32_t flags, int target);
struct kprof_stats session_stats(int fd);

/* Targets */

/* A child that works until it is killed */
pid_t target_start(void);
pid_t target_start_as(const char *name);
void target_end(pid_t pid);
/* CPU time that it has used */
uint64_t target_cpu_ns(pid_t pid);
/* Until it has used so much more */
void target_work(pid_t pid, uint64_t cpu_ns);

/* What a session delivered */

#define STREAM_IDS     8192
#define STREAM_SAMPLES 65536

/**
 * struct stream_ring - what one ring delivered
 * @next_cell: first cell that no sample stands for yet, see struct stream
 * @times: of its samples
 */
struct stream_ring {
	uint64_t next_cell;
	uint64_t times[STREAM_SAMPLES];
	uint32_t nr_times;
	uint64_t stacks[STREAM_IDS];
	uint32_t nr_stacks;
	uint32_t contexts[STREAM_IDS];
	uint32_t nr_contexts;
};

/**
 * struct stream - counts and checks the records of a session
 * @error: what was wrong first, NULL for nothing
 * @seen: bit n: records of type n came
 * @start_ns: when the session began; if it is set, and the session has no
 *	jitter, no cell may be counted twice
 * @ends: how stacks ended, one bit for each KPROF_END_*
 * @kernel_frames: kernel addresses
 * @kernel_stacks: stacks of samples that interrupted the kernel
 * @heaviest: weight of one sample
 * @nr_throttles: THROTTLE records
 */
struct stream {
	const char *error;
	uint64_t start_ns;
	uint64_t seen;
	uint64_t ends;
	uint64_t kernel_frames;
	uint64_t kernel_stacks;
	uint32_t heaviest;
	uint32_t nr_throttles;
	uint64_t samples;
	uint64_t weight;
	uint64_t lost_samples;
	uint64_t lost_weight;
	uint64_t user_frames;
	uint64_t mapped_frames;
	bool is_final;
	struct kprof_stats final;
	int32_t sampled_pid;
	bool has_other_pid;
	uint32_t tasks[4];
	uint32_t last_nr_tracked;
	int current_ring;
	uint64_t ranges[256][2];
	uint32_t nr_ranges;
	struct stream_ring rings[9];
};

struct stream *stream_create(void);
/* @ring: which the bytes come from; negative: RING records tell */
void stream_feed(struct stream *stream, int ring, const void *data,
		 size_t bytes);

/* Reads everything up to the final STATS, both ways. */
bool stream_read_all(struct stream *stream, int fd);

struct mapped_ring {
	struct kprof_ring_page *page;
	const char *data;
	size_t bytes;
};

bool ring_map(int fd, int ring, size_t data_bytes, struct mapped_ring *ret);
void ring_unmap(struct mapped_ring *ring);
/* Feeds what is there; true if that was anything. */
bool ring_drain(struct mapped_ring *mapped, int ring, struct stream *stream);

#endif /* PROGRAMS_UAPI_H */
