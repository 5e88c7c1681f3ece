// SPDX-License-Identifier: GPL-2.0
/*
 * The device's rings: who may map what, and that both ways out deliver the
 * same kind of stream, with nothing missing from the books.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <poll.h>

#define SMALL_RING 4096
#define MAX_CPUS   8

/* A session with one target, and its rings if they are mapped */
struct session {
	int fd;
	pid_t target;
	uint32_t cpus;
	uint32_t ring_bytes;
	struct mapped_ring rings[1 + MAX_CPUS];
};

static long try_map(int fd, uint64_t offset, size_t bytes, int prot, int flags)
{
	void *map = mmap(NULL, bytes, prot, flags, fd, (off_t)offset);

	if (map == MAP_FAILED)
		return -1;
	munmap(map, bytes);
	return 0;
}

static void test_map_refusals(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t good = page + 2 * 262144;
	const uint64_t ring = KPROF_MMAP_STRIDE;
	const int rw = PROT_READ | PROT_WRITE;
	struct kprof_setup_args args = setup_args();
	int fd = device_open();
	uint32_t nr_cpu_ids = device_info(fd).nr_cpu_ids;

	tap_errno(try_map(fd, ring, good, rw, MAP_SHARED), EBADFD,
		  "map_before_setup");
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("KPROF_IOC_SETUP");
	tap_errno(try_map(fd, ring * (1 + nr_cpu_ids), good, rw, MAP_SHARED),
		  EINVAL, "map_ring_of_no_cpu");
	tap_errno(try_map(fd, ring * 100000, good, rw, MAP_SHARED), EINVAL,
		  "map_ring_far_away");
	tap_errno(try_map(fd, ring + page, good, rw, MAP_SHARED), EINVAL,
		  "map_between_rings");
	tap_errno(try_map(fd, ring, page, rw, MAP_SHARED), EINVAL,
		  "map_the_page_only");
	tap_errno(try_map(fd, ring, page + 262144, rw, MAP_SHARED), EINVAL,
		  "map_the_data_once");
	tap_errno(try_map(fd, ring, good + page, rw, MAP_SHARED), EINVAL,
		  "map_a_page_too_much");
	tap_errno(try_map(fd, ring, good, rw, MAP_PRIVATE), EINVAL,
		  "map_private");
	tap_errno(try_map(fd, ring, good, rw | PROT_EXEC, MAP_SHARED), EINVAL,
		  "map_executable");
	tap_errno(try_map(fd, ring, good, rw, MAP_SHARED), 0,
		  "map_after_refusals");
	close(fd);
}

static void test_map_content(void)
{
	struct mapped_ring ring;
	int fd = session_open();
	bool is_zero = true;

	if (!ring_map(fd, 1, 262144, &ring)) {
		tap_errno(-1, 0, "map");
		close(fd);
		return;
	}
	tap_equal(ring.page->abi_version, KPROF_ABI_VERSION,
		  "page_abi_version");
	tap_equal(ring.page->length, sizeof(struct kprof_ring_page),
		  "page_length");
	tap_equal(ring.page->data_offset, (uint64_t)sysconf(_SC_PAGESIZE),
		  "page_data_offset");
	tap_equal(ring.page->data_bytes, 262144, "page_data_bytes");
	tap_equal((uint64_t)ring.page->cpu, 0, "page_cpu");
	for (size_t i = 0; i < 2 * 262144; i++)
		is_zero = is_zero && !ring.data[i];
	tap_ok(is_zero, "ring_starts_as_zeros",
	       "expected zeros, got other bytes");
	ring_unmap(&ring);
	if (ring_map(fd, 0, CONTROL_RING, &ring)) {
		tap_equal((uint32_t)ring.page->cpu, UINT32_MAX,
			  "control_page_cpu");
		ring_unmap(&ring);
	}
	close(fd);
}

/* The child's exit status, or 128 + signal */
static int in_child(int (*function)(void *), void *argument)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(function(argument));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int touch_ring(void *argument)
{
	struct mapped_ring *ring = argument;

	return ring->page->abi_version == KPROF_ABI_VERSION;
}

static int map_in_child(void *argument)
{
	struct mapped_ring ring;

	if (ring_map(*(int *)argument, 1, 262144, &ring))
		return 0;
	return errno;
}

static void test_map_and_fork(void)
{
	int probe = device_open(), fd;
	struct mapped_ring ring;

	device_settled(probe, 0);
	fd = session_open();
	if (!ring_map(fd, 1, 262144, &ring))
		die("mmap");
	tap_equal((uint64_t)in_child(touch_ring, &ring), 128 + SIGSEGV,
		  "a_child_does_not_have_the_mapping");
	tap_equal((uint64_t)in_child(map_in_child, &fd), EPERM,
		  "a_child_may_not_map");
	close(fd);
	tap_equal(device_info(probe).nr_sessions, 1,
		  "a_mapping_keeps_the_session");
	ring_unmap(&ring);
	tap_equal(device_settled(probe, 0).nr_sessions, 0,
		  "the_last_mapping_ends_the_session");
	close(probe);
}

static void test_one_way_only(void)
{
	static char buffer[65536] __attribute__((aligned(8)));
	int fd = session_open();
	struct mapped_ring ring;
	pid_t pid = target_start();

	if (!ring_map(fd, 0, CONTROL_RING, &ring))
		die("mmap");
	tap_errno(read(fd, buffer, sizeof(buffer)), EBUSY, "read_after_map");
	ring_unmap(&ring);
	close(fd);

	fd = session_open();
	if (session_attach(fd, KPROF_ATTACH_PID, pid) ||
	    ioctl(fd, KPROF_IOC_START))
		die("start");
	tap_errno(read(fd, buffer, 16), EINVAL, "read_into_a_small_buffer");
	tap_errno(read(fd, buffer, sizeof(buffer)), 0, "read");
	tap_errno(ring_map(fd, 0, CONTROL_RING, &ring) ? 0 : -1, EBUSY,
		  "map_after_read");
	close(fd);
	target_end(pid);
}

/* Sets a session up and starts it; ring_bytes may be 0. */
static struct session start(uint32_t ring_bytes)
{
	struct session session = {.fd = device_open()};
	struct kprof_setup_args args = setup_args();

	session.target = target_start();
	/* Empty: the default set, which comes back */
	session.cpus = 0;
	args.ring_bytes = ring_bytes;
	args.cpus = (uintptr_t)&session.cpus;
	args.cpus_bytes = sizeof(session.cpus);
	if (ioctl(session.fd, KPROF_IOC_SETUP, &args) ||
	    session_attach(session.fd, KPROF_ATTACH_PID, session.target))
		die("setup");
	session.ring_bytes = args.ring_bytes;
	return session;
}

static void map_all(struct session *session)
{
	if (!ring_map(session->fd, 0, CONTROL_RING, &session->rings[0]))
		die("mmap of the control ring");
	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (session->cpus & 1U << cpu &&
		    !ring_map(session->fd, KPROF_RING_CPU(cpu),
			      session->ring_bytes, &session->rings[1 + cpu]))
			die("mmap of ring %d", 1 + cpu);
}

static void drain_samples(struct session *session, struct stream *stream)
{
	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (session->cpus & 1U << cpu)
			ring_drain(&session->rings[1 + cpu], 1 + cpu, stream);
}

/* Until the target has used so much CPU time */
static void run_target(struct session *session, uint64_t cpu_ns,
		       struct stream *drain)
{
	struct timespec pause = {.tv_nsec = 5000000};
	uint64_t until = target_cpu_ns(session->target) + cpu_ns;

	while (target_cpu_ns(session->target) < until) {
		nanosleep(&pause, NULL);
		if (drain) {
			ring_drain(&session->rings[0], 0, drain);
			drain_samples(session, drain);
		}
	}
}

/* Once the final STATS is visible, so is everything else. */
static void drain_to_end(struct session *session, struct stream *stream)
{
	struct pollfd poll_fd = {.fd = session->fd, .events = POLLIN};

	while (!stream->is_final && !stream->error) {
		if (!ring_drain(&session->rings[0], 0, stream) &&
		    poll(&poll_fd, 1, 20000) <= 0)
			break;
	}
	drain_samples(session, stream);
}

static void unmap_all(struct session *session)
{
	for (int i = 0; i <= MAX_CPUS; i++)
		if (session->rings[i].page)
			ring_unmap(&session->rings[i]);
	close(session->fd);
	target_end(session->target);
}

/* What holds for every session that has ended */
static void check_books(const struct stream *stream, const char *how)
{
	const struct kprof_stats *final = &stream->final;
	uint64_t lost = 0, lost_weight = 0;
	char name[96];

#define NAMED(what) (snprintf(name, sizeof(name), "%s_%s", how, what), name)
	tap_ok(!stream->error, NAMED("stream_is_well_formed"),
	       "expected no error, got: %s", stream->error);
	tap_ok(stream->is_final, NAMED("ends_with_final_stats"),
	       "expected the final STATS, got none");
	for (int i = 0; i < KPROF_LOST_NR; i++) {
		lost += final->lost_samples[i];
		lost_weight += final->lost_weight[i];
	}
	tap_equal(final->delivered_samples + lost, final->taken_samples,
		  NAMED("samples_add_up"));
	tap_equal(final->delivered_weight + lost_weight, final->taken_weight,
		  NAMED("weights_add_up"));
	tap_equal(stream->samples, final->delivered_samples,
		  NAMED("samples_arrived"));
	tap_equal(stream->weight, final->delivered_weight,
		  NAMED("weights_arrived"));
	tap_equal(stream->lost_samples, lost, NAMED("lost_samples_are_told"));
	tap_equal(stream->lost_weight, lost_weight,
		  NAMED("lost_weights_are_told"));
#undef NAMED
}

static void check_content(const struct stream *stream, pid_t target,
			  const char *how)
{
	char name[96];

#define NAMED(what) (snprintf(name, sizeof(name), "%s_%s", how, what), name)
	tap_ok(stream->samples > 100, NAMED("has_samples"),
	       "expected more than 100, got %llu",
	       (unsigned long long)stream->samples);
	tap_equal((uint64_t)stream->sampled_pid, (uint64_t)target,
		  NAMED("names_the_target"));
	tap_ok(!stream->has_other_pid, NAMED("names_nobody_else"),
	       "expected process %d only, got others too", target);
	tap_ok(stream->nr_ranges > 0 && stream->mapped_frames > 0,
	       NAMED("frames_lie_in_mappings"),
	       "expected some of %llu frames in %u mappings, got %llu",
	       (unsigned long long)stream->user_frames, stream->nr_ranges,
	       (unsigned long long)stream->mapped_frames);
	tap_equal(stream->tasks[KPROF_TASK_ATTACHED], 1,
		  NAMED("tells_the_attach"));
	tap_equal(stream->tasks[KPROF_TASK_EXITED], 1, NAMED("tells_the_exit"));
	tap_equal(stream->last_nr_tracked, 0,
		  NAMED("tracks_nobody_at_the_end"));
#undef NAMED
}

/* Record types that came; of the ones that may come or not, none */
static uint64_t types(const struct stream *stream)
{
	return stream->seen &
	       ~(1ULL << KPROF_REC_RING | 1ULL << KPROF_REC_THROTTLE |
		 1ULL << KPROF_REC_LOST);
}

static uint64_t test_mapped_stream(void)
{
	struct session session = start(SMALL_RING);
	struct stream *stream = stream_create();
	struct pollfd poll_fd = {.fd = session.fd, .events = POLLIN};
	uint64_t seen;

	map_all(&session);
	if (ioctl(session.fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	/* Some 30 KiB of samples: a ring of one page wraps several times. */
	run_target(&session, 1000000000, stream);
	kill(session.target, SIGKILL);
	waitpid(session.target, NULL, 0);
	tap_errno(ioctl(session.fd, KPROF_IOC_FLUSH), 0, "mapped_flush");
	drain_to_end(&session, stream);
	check_books(stream, "mapped");
	check_content(stream, session.target, "mapped");
	poll(&poll_fd, 1, 0);
	tap_ok(poll_fd.revents & POLLHUP, "mapped_poll_says_the_end",
	       "expected POLLHUP, got %#x", (unsigned int)poll_fd.revents);
	seen = types(stream);
	unmap_all(&session);
	free(stream);
	return seen;
}

static uint64_t test_read_stream(void)
{
	struct session session = start(0);
	struct stream *stream = stream_create();
	char byte[8];
	uint64_t seen;

	if (ioctl(session.fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	run_target(&session, 500000000, NULL);
	kill(session.target, SIGKILL);
	waitpid(session.target, NULL, 0);
	tap_errno(ioctl(session.fd, KPROF_IOC_FLUSH), 0, "read_flush");
	tap_ok(stream_read_all(stream, session.fd), "read_to_the_end",
	       "expected the final STATS, got: %s", stream->error);
	tap_equal((uint64_t)read(session.fd, byte, sizeof(byte)), 0,
		  "read_after_the_end");
	check_books(stream, "read");
	check_content(stream, session.target, "read");
	seen = types(stream);
	close(session.fd);
	free(stream);
	return seen;
}

static void test_full_ring(void)
{
	struct session session = start(SMALL_RING);
	struct stream *stream = stream_create();

	map_all(&session);
	if (ioctl(session.fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	run_target(&session, 500000000, NULL);
	tap_errno(ioctl(session.fd, KPROF_IOC_FLUSH), 0, "full_ring_flush");
	drain_to_end(&session, stream);
	check_books(stream, "full_ring");
	tap_ok(stream->lost_samples > 0, "full_ring_loses",
	       "expected lost samples, got none");
	unmap_all(&session);
	free(stream);
}

/* A reader that lies about how far it has read gets nothing, breaks nothing. */
/* Until there are so many more samples; a busy machine takes fewer at a time. */
static void run_samples(struct session *session, uint64_t nr)
{
	uint64_t until = session_stats(session->fd).taken_samples + nr;

	for (int tries = 0; tries < 100; tries++) {
		run_target(session, 50000000, NULL);
		if (session_stats(session->fd).taken_samples >= until)
			return;
	}
}

static void test_hostile_tail(void)
{
	static const uint32_t lies[] = {8, 1, 4097, 0x80000000, UINT32_MAX};
	struct session session = start(SMALL_RING);
	struct stream *stream = stream_create();

	map_all(&session);
	if (ioctl(session.fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		/* More than the ring has room for: the tail is looked at. */
		run_samples(&session, SMALL_RING / 16);
		for (int ring = 1; ring <= MAX_CPUS; ring++)
			if (session.rings[ring].page)
				session.rings[ring].page->tail =
					session.rings[ring].page->head +
					lies[i];
	}
	run_samples(&session, SMALL_RING / 16);
	for (int ring = 1; ring <= MAX_CPUS; ring++)
		if (session.rings[ring].page)
			session.rings[ring].page->tail =
				session.rings[ring].page->head;
	tap_ok(session_stats(session.fd).lost_samples[0] > 0,
	       "hostile_tail_is_a_full_ring",
	       "expected lost samples, got none");
	tap_errno(ioctl(session.fd, KPROF_IOC_FLUSH), 0, "hostile_tail_flush");
	drain_to_end(&session, stream);
	tap_ok(stream->is_final, "hostile_tail_ends_with_final_stats",
	       "expected the final STATS, got none");
	tap_equal(stream->final.delivered_samples +
			  stream->final.lost_samples[0],
		  stream->final.taken_samples, "hostile_tail_samples_add_up");
	unmap_all(&session);
	free(stream);
}

static void test_stop(void)
{
	struct session session = start(0);
	struct kprof_stats before;

	if (ioctl(session.fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	run_target(&session, 50000000, NULL);
	tap_errno(ioctl(session.fd, KPROF_IOC_STOP), 0, "stop_while_running");
	before = session_stats(session.fd);
	tap_ok(before.taken_samples > 0, "samples_before_stop",
	       "expected some, got none");
	run_target(&session, 50000000, NULL);
	tap_equal(session_stats(session.fd).taken_samples, before.taken_samples,
		  "no_sample_after_stop");
	tap_errno(ioctl(session.fd, KPROF_IOC_START), 0, "start_after_stop");
	run_target(&session, 50000000, NULL);
	tap_ok(session_stats(session.fd).taken_samples > before.taken_samples,
	       "samples_after_the_second_start",
	       "expected more than %llu, got none",
	       (unsigned long long)before.taken_samples);
	close(session.fd);
	target_end(session.target);
}

int main(void)
{
	uint64_t mapped, read;

	test_map_refusals();
	test_map_content();
	test_map_and_fork();
	test_one_way_only();
	mapped = test_mapped_stream();
	read = test_read_stream();
	tap_equal(read, mapped, "both_ways_deliver_the_same_types");
	test_full_ring();
	test_hostile_tail();
	test_stop();
	return tap_end();
}
