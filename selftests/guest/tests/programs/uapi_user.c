// SPDX-License-Identifier: GPL-2.0
/*
 * What somebody without privileges may do with a device that may be opened:
 * sample processes of their own that they name by an open maps file.
 *
 *	uapi_user [SETUID_PROGRAM]
 *
 * Run as root; becomes user 1000. SETUID_PROGRAM, a copy of "spin" that belongs
 * to root with the set-user-ID bit, is what targets turn into.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define USER	   1000
#define OTHER_USER 1001
#define ENOUGH	   50

static void become(unsigned int user)
{
	if (setgroups(0, NULL) || setgid(user) || setuid(user))
		die("becoming user %u", user);
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

/* Works in the kernel, too */
static pid_t caller_start(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork");
	while (!pid)
		syscall(SYS_getppid);
	return pid;
}

static void test_own(void)
{
	struct stream *stream = stream_create();
	int session = session_open(), maps;
	pid_t own = caller_start();

	maps = maps_open(own);
	tap_errno(session_attach(session, KPROF_ATTACH_PID, own), EPERM,
		  "own_process_by_pid");
	tap_errno(session_attach(session, KPROF_ATTACH_TID, own), EPERM,
		  "own_process_by_tid");
	tap_errno(session_attach(session, KPROF_ATTACH_MAPS_FD, maps), 0,
		  "own_process_by_maps");
	tap_errno(ioctl(session, KPROF_IOC_START), 0, "own_process_start");
	/* A busy machine takes fewer at a time. */
	for (int tries = 0; tries < 100; tries++) {
		target_work(own, 20000000);
		if (session_stats(session).taken_samples >= ENOUGH)
			break;
	}
	if (ioctl(session, KPROF_IOC_FLUSH))
		die("KPROF_IOC_FLUSH");
	stream_read_all(stream, session);
	tap_ok(stream->samples > 0, "own_process_samples",
	       "expected some, got none");
	tap_ok(stream->kernel_stacks > 0, "own_process_in_the_kernel",
	       "expected samples that interrupted it there, got none");
	tap_equal(stream->kernel_frames, 0,
		  "own_process_without_kernel_addresses");
	close(session);
	close(maps);
	target_end(own);
	free(stream);
}

/* @maps was opened by somebody who may read it. */
static void test_refused(int maps, int err, const char *name)
{
	int session = session_open();

	tap_errno(session_attach(session, KPROF_ATTACH_MAPS_FD, maps), err,
		  name);
	close(session);
}

/*
 * A process of another user, who has opened its own maps. Descriptors are
 * shared, which is one way to pass them.
 */
static pid_t other_user_start(int *maps)
{
	int ready[2];
	pid_t pid;

	fflush(stdout);
	if (pipe(ready))
		die("pipe");
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		die("clone");
	if (!pid) {
		int fd;

		become(OTHER_USER);
		fd = open("/proc/self/maps", O_RDONLY);
		if (write(ready[1], &fd, sizeof(fd)) != sizeof(fd))
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ready[0], maps, sizeof(*maps)) != sizeof(*maps) || *maps < 0)
		die("maps of another user");
	return pid;
}

/* What a target turns into that was its user's before */

static void turn_setuid(const char *program)
{
	execl(program, program, NULL);
	_exit(127);
}

static void turn_undumpable(const char *unused)
{
	(void)unused;
	prctl(PR_SET_DUMPABLE, 0);
}

static void turn_into_a_container(const char *unused)
{
	(void)unused;
	if (unshare(CLONE_NEWUSER))
		_exit(127);
}

struct turn {
	const char *name;
	void (*turn)(const char *program);
	/* A file that is there where the kernel can do it */
	const char *needs;
};

static const struct turn turns[] = {
	{"setuid_program", turn_setuid, NULL},
	{"undumpable_program", turn_undumpable, NULL},
	{"program_in_a_user_namespace", turn_into_a_container,
	 "/proc/self/ns/user"},
};

/* Stopped before it turns */
static pid_t turning_start(const struct turn *turn, const char *program)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		raise(SIGSTOP);
		turn->turn(program);
		for (;;)
			multiply_add(1, 1000);
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		die("the child did not stop");
	return pid;
}

static bool is_in_our_namespace(pid_t pid)
{
	char path[64], theirs[64] = "", ours[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	(void)!readlink(path, theirs, sizeof(theirs) - 1);
	(void)!readlink("/proc/self/ns/user", ours, sizeof(ours) - 1);
	return !strcmp(theirs, ours);
}

/* Then it is elsewhere, or its procfs files are not its user's any more. */
static void wait_until_turned(pid_t pid)
{
	struct timespec pause = {.tv_nsec = 5000000};
	struct stat st = {.st_uid = USER};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	while (st.st_uid == USER && is_in_our_namespace(pid)) {
		nanosleep(&pause, NULL);
		if (stat(path, &st))
			die("%s", path);
	}
}

/* Nothing of it is delivered afterwards. */
static void test_turns_while_sampled(const struct turn *turn,
				     const char *program)
{
	int session = session_open(), maps;
	struct kprof_stats before, after;
	pid_t pid = turning_start(turn, program);
	char name[96];

	maps = maps_open(pid);
	if (session_attach(session, KPROF_ATTACH_MAPS_FD, maps) ||
	    ioctl(session, KPROF_IOC_START))
		die("start");
	kill(pid, SIGCONT);
	wait_until_turned(pid);
	before = session_stats(session);
	target_work(pid, 200000000);
	after = session_stats(session);
	snprintf(name, sizeof(name), "%s_gives_no_samples", turn->name);
	tap_equal(after.taken_samples, before.taken_samples, name);
	snprintf(name, sizeof(name), "%s_is_denied", turn->name);
	tap_ok(after.denied_samples > before.denied_samples ||
		       after.tracked == 0,
	       name,
	       "expected denied_samples above %llu or nothing tracked, got "
	       "%llu and %u",
	       (unsigned long long)before.denied_samples,
	       (unsigned long long)after.denied_samples, after.tracked);
	close(session);
	/* Now it is named by what was opened before. */
	snprintf(name, sizeof(name), "%s_by_maps_opened_before", turn->name);
	test_refused(maps, EPERM, name);
	close(maps);
	target_end(pid);
}

struct others {
	pid_t root;
	pid_t other;
	int init_maps;
	int root_maps;
	int other_maps;
	int thread_maps;
};

static int test_as_user(const struct others *others, const char *program)
{
	become(USER);
	tap_errno(try_setup(0), 0, "setup");
	tap_errno(try_setup(KPROF_SETUP_INHERIT), 0, "setup_inherit");
	tap_errno(try_setup(KPROF_SETUP_ALL_TASKS), EPERM, "setup_all_tasks");
	tap_errno(try_setup(KPROF_SETUP_KERNEL_STACKS), EPERM,
		  "setup_kernel_stacks");
	test_own();
	test_refused(others->init_maps, EPERM, "process_1_by_maps");
	test_refused(others->root_maps, EPERM, "process_of_root_by_maps");
	test_refused(others->other_maps, EPERM,
		     "process_of_another_user_by_its_maps");
	test_refused(others->thread_maps, EINVAL, "kernel_thread_by_maps");
	for (size_t i = 0; program && i < sizeof(turns) / sizeof(*turns); i++)
		if (!turns[i].needs || !access(turns[i].needs, F_OK))
			test_turns_while_sampled(&turns[i], program);
	return tap_end();
}

/* What the user may not end is ended by root, who stays. */
int main(int argc, char **argv)
{
	struct others others = {.root = target_start()};
	int status;
	pid_t user;

	others.other = other_user_start(&others.other_maps);
	others.init_maps = maps_open(1);
	others.root_maps = maps_open(others.root);
	others.thread_maps = maps_open(2);
	user = fork();
	if (user < 0)
		die("fork");
	if (!user)
		return test_as_user(&others, argc > 1 ? argv[1] : NULL);
	waitpid(user, &status, 0);
	target_end(others.root);
	target_end(others.other);
	return !WIFEXITED(status) || WEXITSTATUS(status);
}
