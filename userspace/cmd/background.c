// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that goes on in the background.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/background.h"

#include "cmd/cmd.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing to read, and what would be printed is for nobody. */
static void leave_terminal(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

static int run_in_background(struct kprof_background *background,
			     int (*run)(struct kprof_background *, void *),
			     void *context)
{
	unsigned char status;

	leave_terminal();
	status = run(background, context);
	if (background->ready_fd >= 0)
		(void)!write(background->ready_fd, &status, 1);
	return status;
}

/* The byte that the other one sends; none if it died. */
static int wait_until_ready(int fd)
{
	unsigned char status = KPROF_EXIT_FAILED;
	ssize_t bytes;

	do
		bytes = read(fd, &status, 1);
	while (bytes < 0 && errno == EINTR);
	if (bytes != 1)
		return kprof_cmd_cannot(0, NULL, "start: the collector died");
	return status;
}

/*
 * Two forks: the first child leads a session without a terminal and ends, so
 * that the second can never get one.
 */
int kprof_background_run(int (*run)(struct kprof_background *background,
				    void *context),
			 void *context)
{
	struct kprof_background background;
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return kprof_cmd_cannot(-errno, NULL, "start");
	pid = fork();
	if (!pid) {
		close(fds[0]);
		setsid();
		pid = fork();
		if (pid)
			_exit(pid < 0);
		background.ready_fd = fds[1];
		exit(run_in_background(&background, run, context));
	}
	close(fds[1]);
	if (pid < 0) {
		status = kprof_cmd_cannot(-errno, NULL, "start");
	} else {
		waitpid(pid, NULL, 0);
		status = wait_until_ready(fds[0]);
	}
	close(fds[0]);
	return status;
}

void kprof_background_ready(struct kprof_background *background, int stderr_fd)
{
	unsigned char status = KPROF_EXIT_DONE;

	dup2(stderr_fd, STDERR_FILENO);
	(void)!write(background->ready_fd, &status, 1);
	close(no_cleanup_fd(background->ready_fd));
}
