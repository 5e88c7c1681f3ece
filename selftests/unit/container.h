/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that sees other files and has another number than we see.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UNIT_CONTAINER_H
#define UNIT_CONTAINER_H

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/**
 * struct container - a process in mount and PID namespaces of its own
 * @pid: its number here
 * @starter: whose child it is
 */
struct container {
	int32_t pid;
	pid_t starter;
};

/* The first process of the namespaces: number 1 in them. */
static inline void container_main(void (*prepare)(void), int ready)
{
	char byte = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prepare();
	if (write(ready, &byte, 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

static inline void container_starter(void (*prepare)(void), int report)
{
	int ready[2];
	int32_t pid;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS | CLONE_NEWPID) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || pipe(ready))
		_exit(1);
	pid = fork();
	if (!pid)
		container_main(prepare, ready[1]);
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1 ||
	    write(report, &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	waitpid(pid, NULL, 0);
	_exit(0);
}

/* False if this cannot be done here, for want of privileges. */
static inline bool container_start(struct container *container,
				   void (*prepare)(void))
{
	int report[2];
	bool has_started;

	if (pipe(report))
		return false;
	container->starter = fork();
	if (!container->starter)
		container_starter(prepare, report[1]);
	close(report[1]);
	has_started = read(report[0], &container->pid,
			   sizeof(container->pid)) == sizeof(container->pid);
	close(report[0]);
	if (!has_started)
		waitpid(container->starter, NULL, 0);
	return has_started;
}

static inline void container_stop(const struct container *container)
{
	kill(container->pid, SIGKILL);
	waitpid(container->starter, NULL, 0);
}

#endif /* UNIT_CONTAINER_H */
