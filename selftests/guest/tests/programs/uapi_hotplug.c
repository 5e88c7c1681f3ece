// SPDX-License-Identifier: GPL-2.0
/*
 * A processor goes and comes back while sessions record: samples continue where
 * it is back, no cell is counted twice, nothing is missing from the books.
 *
 *	uapi_hotplug ROUNDS
 *
 * The machine has two processors; the second one goes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <sched.h>

#define GOES	   1
#define RING	   (KPROF_RING_CPU(GOES))
#define WORK_NS	   40000000
#define MAX_ROUNDS 100
#define PERCENT	   2

/* When the processor was there for its target, and when it was gone */
struct round {
	uint64_t gone_ns;
	uint64_t back_ns;
};

static void set_online(bool is_online)
{
	static const char path[] = "/sys/devices/system/cpu/cpu1/online";
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, is_online ? "1" : "0", 1) != 1)
		die(path);
	close(fd);
}

static void pin(pid_t pid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(pid, sizeof(cpus), &cpus))
		die("sched_setaffinity");
}

/* @cpus: bitmap, 0 for all; room for all samples, so that nobody must read */
static int open_session(uint64_t cpus, const pid_t *targets, int nr)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	args.flags = KPROF_SETUP_NO_JITTER;
	args.ring_bytes = 1 << 22;
	args.cpus = (uintptr_t)&cpus;
	args.cpus_bytes = sizeof(cpus);
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("KPROF_IOC_SETUP");
	for (int i = 0; i < nr; i++)
		if (session_attach(fd, KPROF_ATTACH_PID, targets[i]))
			die("KPROF_IOC_ATTACH");
	if (ioctl(fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	return fd;
}

static void go_and_come_back(pid_t target, struct round *round)
{
	set_online(false);
	round->gone_ns = now_ns();
	target_work(target, WORK_NS);
	round->back_ns = now_ns();
	set_online(true);
	/* A processor that goes takes its tasks' bonds with it. */
	pin(target, GOES);
	target_work(target, WORK_NS);
}

static uint32_t samples_between(const struct stream_ring *ring, uint64_t from,
				uint64_t to)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < ring->nr_times; i++)
		nr += ring->times[i] >= from && ring->times[i] < to;
	return nr;
}

static void check_rounds(const struct stream *stream,
			 const struct round *rounds, unsigned int nr)
{
	const struct stream_ring *ring = &stream->rings[RING];
	unsigned int silent = 0, ghosts = 0;

	for (unsigned int i = 0; i < nr; i++) {
		uint64_t end = i + 1 < nr ? rounds[i + 1].gone_ns : UINT64_MAX;

		silent += !samples_between(ring, rounds[i].back_ns, end);
		ghosts += samples_between(ring, rounds[i].gone_ns,
					  rounds[i].back_ns);
	}
	tap_equal(silent, 0, "a_processor_that_is_back_is_sampled");
	tap_equal(ghosts, 0, "a_processor_that_is_gone_is_not_sampled");
}

static void flush(int fd, struct stream *stream, const char *how)
{
	char name[96];

	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("KPROF_IOC_FLUSH");
	snprintf(name, sizeof(name), "%s_stream_is_well_formed", how);
	tap_ok(stream_read_all(stream, fd) && !stream->error, name,
	       "expected no error, got: %s", stream->error);
	close(fd);
	snprintf(name, sizeof(name), "%s_samples_arrived", how);
	tap_equal(stream->samples, stream->final.taken_samples, name);
	snprintf(name, sizeof(name), "%s_weights_arrived", how);
	tap_equal(stream->weight, stream->final.taken_weight, name);
}

/* Also what nobody can be charged for */
static uint64_t sampled_ns(int fd)
{
	struct kprof_stats stats = session_stats(fd);

	return (stats.taken_weight + stats.missed_cells) * PERIOD_NS;
}

static void test_rounds(unsigned int nr)
{
	struct stream *stream = stream_create();
	struct round rounds[MAX_ROUNDS];
	pid_t targets[2] = {target_start(), target_start()};
	uint64_t used, weight_ns;
	int fd;

	pin(targets[0], 0);
	pin(targets[1], GOES);
	fd = open_session(0, targets, 2);
	/* To begin and to end takes its time, too. */
	used = target_cpu_ns(targets[0]) + target_cpu_ns(targets[1]);
	weight_ns = sampled_ns(fd);
	for (unsigned int i = 0; i < nr; i++)
		go_and_come_back(targets[1], &rounds[i]);
	used = target_cpu_ns(targets[0]) + target_cpu_ns(targets[1]) - used;
	weight_ns = sampled_ns(fd) - weight_ns;
	if (ioctl(fd, KPROF_IOC_STOP))
		die("KPROF_IOC_STOP");
	stream->start_ns = session_stats(fd).start_ns;
	flush(fd, stream, "hotplug");
	check_rounds(stream, rounds, nr);
	tap_ok(weight_ns >= used - used * PERCENT / 100 &&
		       weight_ns <= used + used * PERCENT / 100,
	       "hotplug_weights_are_the_cpu_time",
	       "expected %llu ms, got %llu ms",
	       (unsigned long long)used / 1000000,
	       (unsigned long long)weight_ns / 1000000);
	printf("# %u times gone and back, %llu samples, weight %llu ms of %llu "
	       "ms, "
	       "%llu missed cells\n",
	       nr, (unsigned long long)stream->samples,
	       (unsigned long long)weight_ns / 1000000,
	       (unsigned long long)used / 1000000,
	       (unsigned long long)stream->final.missed_cells);
	for (int i = 0; i < 2; i++)
		target_end(targets[i]);
	free(stream);
}

/* Begins, or ends, while the processor is gone. */
static void test_sessions_meanwhile(void)
{
	struct stream *stream = stream_create();
	pid_t target = target_start();
	int ends = open_session(0, &target, 1), begins;

	set_online(false);
	begins = open_session(1 << GOES, &target, 1);
	close(ends);
	target_work(target, WORK_NS);
	tap_equal(session_stats(begins).taken_samples, 0,
		  "a_session_of_a_processor_that_is_gone_waits");
	set_online(true);
	pin(target, GOES);
	target_work(target, WORK_NS);
	stream->start_ns = session_stats(begins).start_ns;
	flush(begins, stream, "begun_meanwhile");
	tap_ok(stream->rings[RING].nr_times > 0,
	       "a_session_begun_meanwhile_samples_it_later",
	       "expected samples, got none");
	target_end(target);
	free(stream);
}

int main(int argc, char **argv)
{
	uint64_t rounds = argc == 2 ? number(argv[1]) : 0;
	int probe;

	if (!rounds || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: uapi_hotplug ROUNDS\n");
		return 2;
	}
	test_rounds((unsigned int)rounds);
	test_sessions_meanwhile();
	probe = device_open();
	tap_equal(device_settled(probe, 0).nr_sessions, 0,
		  "hotplug_leaves_no_session");
	return tap_end();
}
