// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of rings: what they hold, and what a mapping of them cannot be made
 * into.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <linux/userfaultfd.h>
#include <sched.h>
#include <stddef.h>

#define RING	   65536
#define NR_RINGS   2
#define NR_CYCLES  4
#define FIRST_NAME "first-secret"
#define OTHER_NAME "other-secret"

struct session {
	int fd;
	pid_t target;
	struct mapped_ring rings[NR_RINGS];
};

static pid_t start_on_first_cpu(const char *name)
{
	pid_t pid = target_start_as(name);
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(pid, sizeof(first), &first))
		die("sched_setaffinity");
	return pid;
}

/* The control ring and that of the first CPU; there may be no target. */
static struct session session_map(const char *name)
{
	uint64_t cpus = 1;
	struct session session = {.fd = device_open()};
	struct kprof_setup_args args = setup_args();

	args.period_ns = 100000;
	args.ring_bytes = RING;
	args.cpus = (uintptr_t)&cpus;
	args.cpus_bytes = sizeof(cpus);
	if (ioctl(session.fd, KPROF_IOC_SETUP, &args))
		die("setup");
	for (int ring = 0; ring < NR_RINGS; ring++)
		if (!ring_map(session.fd, ring, RING, &session.rings[ring]))
			die("mmap of ring %d", ring);
	if (!name)
		return session;
	session.target = start_on_first_cpu(name);
	if (session_attach(session.fd, KPROF_ATTACH_PID, session.target) ||
	    ioctl(session.fd, KPROF_IOC_START))
		die("start");
	return session;
}

static void session_end(struct session *session)
{
	for (int ring = 0; ring < NR_RINGS; ring++)
		ring_unmap(&session->rings[ring]);
	close(session->fd);
	if (session->target)
		target_end(session->target);
}

/* Nobody reads, so that the ring fills up. */
static void fill(const struct session *session)
{
	for (int tries = 0; tries < 1000; tries++) {
		if (session_stats(session->fd).lost_samples[0])
			return;
		usleep(10000);
	}
}

static size_t bytes_not_zero(const void *data, size_t bytes)
{
	size_t nr = 0;

	for (size_t i = 0; i < bytes; i++)
		nr += ((const unsigned char *)data)[i] != 0;
	return nr;
}

/* Bytes of a ring nobody has used that are neither zero nor the head's */
static size_t odd_bytes(const struct mapped_ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t head = offsetof(struct kprof_ring_page, pad0);

	return bytes_not_zero((const char *)ring->page + head, page - head) +
	       bytes_not_zero(ring->data, 2 * RING);
}

static bool has_text(const struct session *session, const char *text)
{
	for (int ring = 0; ring < NR_RINGS; ring++)
		if (memmem(session->rings[ring].page,
			   (size_t)sysconf(_SC_PAGESIZE) + 2 * RING, text,
			   strlen(text)))
			return true;
	return false;
}

/* Memory that a session has just given back comes to the next one empty. */
static void test_old_data(void)
{
	size_t odd = 0, nr_with_name = 0;
	int probe = device_open();

	for (int i = 0; i < NR_CYCLES; i++) {
		struct session before = session_map(FIRST_NAME), after;

		fill(&before);
		nr_with_name += has_text(&before, FIRST_NAME);
		session_end(&before);
		device_settled(probe, 0);
		after = session_map(NULL);
		for (int ring = 0; ring < NR_RINGS; ring++)
			odd += odd_bytes(&after.rings[ring]);
		session_end(&after);
		device_settled(probe, 0);
	}
	tap_equal(nr_with_name, NR_CYCLES, "a_ring_has_its_target");
	tap_equal(odd, 0, "a_ring_has_no_old_data");
	close(probe);
}

static void test_data_of_others(void)
{
	struct session first = session_map(FIRST_NAME);
	struct session other = session_map(OTHER_NAME);

	fill(&first);
	fill(&other);
	tap_ok(has_text(&first, FIRST_NAME) && has_text(&other, OTHER_NAME),
	       "both_rings_have_their_targets", "expected both names, got not");
	tap_ok(!has_text(&first, OTHER_NAME) && !has_text(&other, FIRST_NAME),
	       "a_ring_has_no_data_of_another_session",
	       "expected no name of the other's target, got one");
	session_end(&first);
	session_end(&other);
}

/* Code in a ring would be a mapping whose file the module has to hold. */
static void test_not_executable(void)
{
	struct session session = session_map(NULL);
	struct mapped_ring *ring = &session.rings[0];

	tap_errno(mprotect(ring->page, ring->bytes, PROT_READ | PROT_EXEC),
		  EACCES, "a_ring_does_not_become_executable");
	session_end(&session);
}

/* Pages of a ring that were let go are nobody's to bring back. */
static void test_not_for_userfaultfd(void)
{
	struct session session = session_map(NULL);
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {
		.range =
			{
				.start = (uintptr_t)session.rings[0].page,
				.len = session.rings[0].bytes,
			},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 && errno == ENOSYS) {
		tap_ok(true,
		       "a_ring_is_not_for_userfaultfd # SKIP "
		       "CONFIG_USERFAULTFD is absent",
		       "%s", "");
	} else {
		if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
			die("userfaultfd");
		tap_errno(ioctl(fd, UFFDIO_REGISTER, &range), EINVAL,
			  "a_ring_is_not_for_userfaultfd");
		close(fd);
	}
	session_end(&session);
}

static void test_let_go(void)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct session session = session_map(NULL);
		struct mapped_ring *ring = &session.rings[0];

		if (madvise(ring->page, ring->bytes, MADV_DONTNEED))
			_exit(1);
		_exit(ring->page->abi_version == 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("wait");
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS,
	       "a_page_that_was_let_go_is_gone",
	       "expected SIGBUS, got status %#x", (unsigned int)status);
}

int main(void)
{
	test_old_data();
	test_data_of_others();
	test_not_executable();
	test_not_for_userfaultfd();
	test_let_go();
	return tap_end();
}
