// SPDX-License-Identifier: GPL-2.0
/*
 * What somebody without privileges may do with a device that may be opened:
 * sample processes of their own that they name by an open maps file.
 *
 *	uapi_user [SETUID_PROGRAM]
 *
 * Run as root; becomes user 1000. SETUID_PROGRAM, a copy of "spin" that belongs
 * to root with the set-user-ID bit, is what a target turns into.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <grp.h>
#include <sys/prctl.h>

#define USER 1000

static void become_user(void)
{
	if (setgroups(0, NULL) || setgid(USER) || setuid(USER))
		die("becoming user %d", USER);
	/* A change of identity hides a process from its own user. */
	prctl(PR_SET_DUMPABLE, 1);
}

static int maps_open(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s", path);
	return fd;
}

static void wait_cpu(pid_t pid, uint64_t cpu_ns)
{
	struct timespec pause = {.tv_nsec = 5000000};
	clockid_t clock;
	uint64_t until;

	if (clock_getcpuclockid(pid, &clock))
		die("clock_getcpuclockid");
	until = clock_ns(clock) + cpu_ns;
	while (clock_ns(clock) < until)
		nanosleep(&pause, NULL);
}

static long try_setup(uint32_t flags)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();
	long ret;

	args.flags = flags;
	ret = ioctl(fd, KPROF_IOC_SETUP, &args);
	close(fd);
	return ret;
}

static void test_own(void)
{
	int session = session_open(), maps;
	pid_t own = target_start();

	maps = maps_open(own);
	tap_errno(session_attach(session, KPROF_ATTACH_PID, own), EPERM,
		  "own_process_by_pid");
	tap_errno(session_attach(session, KPROF_ATTACH_TID, own), EPERM,
		  "own_process_by_tid");
	tap_errno(session_attach(session, KPROF_ATTACH_MAPS_FD, maps), 0,
		  "own_process_by_maps");
	tap_errno(ioctl(session, KPROF_IOC_START), 0, "own_process_start");
	wait_cpu(own, 100000000);
	tap_ok(session_stats(session).taken_samples > 0, "own_process_samples",
	       "expected some, got none");
	close(session);
	close(maps);
	target_end(own);
}

/* @maps was opened by root, who may read everybody's. */
static void test_foreign(int maps, const char *name)
{
	int session = session_open();

	tap_errno(session_attach(session, KPROF_ATTACH_MAPS_FD, maps), EPERM,
		  name);
	close(session);
}

static void test_exec_of_privileged(const char *program)
{
	int session = session_open(), maps, status;
	struct kprof_stats before, after;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		raise(SIGSTOP);
		execl(program, program, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		die("the child did not stop");
	maps = maps_open(pid);
	if (session_attach(session, KPROF_ATTACH_MAPS_FD, maps) ||
	    ioctl(session, KPROF_IOC_START))
		die("start");
	kill(pid, SIGCONT);
	/* What it used before the exec is next to nothing. */
	wait_cpu(pid, 100000000);
	before = session_stats(session);
	wait_cpu(pid, 200000000);
	after = session_stats(session);
	tap_equal(after.taken_samples, before.taken_samples,
		  "privileged_program_gives_no_samples");
	tap_ok(after.denied_samples > before.denied_samples ||
		       after.tracked == 0,
	       "privileged_program_is_denied",
	       "expected denied_samples above %llu or nothing tracked, got "
	       "%llu and %u",
	       (unsigned long long)before.denied_samples,
	       (unsigned long long)after.denied_samples, after.tracked);
	close(session);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	pid_t foreign = target_start();
	int init_maps = maps_open(1), foreign_maps = maps_open(foreign);

	become_user();
	tap_errno(try_setup(0), 0, "setup");
	tap_errno(try_setup(KPROF_SETUP_INHERIT), 0, "setup_inherit");
	tap_errno(try_setup(KPROF_SETUP_ALL_TASKS), EPERM, "setup_all_tasks");
	tap_errno(try_setup(KPROF_SETUP_KERNEL_STACKS), EPERM,
		  "setup_kernel_stacks");
	test_own();
	test_foreign(init_maps, "process_1_by_maps");
	test_foreign(foreign_maps, "process_of_root_by_maps");
	if (argc > 1)
		test_exec_of_privileged(argv[1]);
	return tap_end();
}
