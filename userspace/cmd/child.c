// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that record starts: held back until it is attached.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Two pipes that exec() closes: through one the child learns that it may run,
 * through the other the parent learns why it could not. A parent that dies
 * closes the first, and the child never runs unrecorded.
 */
#include "cmd/child.h"

#include "cmd/interrupt.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FINISH_PATIENCE_MS = 2000,
	FINISH_POLL_MS = 20,
};

static _Noreturn void run_child(char **argv, int go_fd, int error_fd,
				int stderr_fd)
{
	char go;
	int err;

	kprof_interrupt_reset();
	if (read(go_fd, &go, 1) != 1)
		_exit(EXIT_FAILURE);
	if (stderr_fd >= 0)
		dup2(stderr_fd, STDERR_FILENO);
	execvp(argv[0], argv);
	err = errno;
	(void)!write(error_fd, &err, sizeof(err));
	_exit(EXIT_FAILURE);
}

static char *join(const char *directory, size_t bytes, const char *name)
{
	char *path;

	/* An empty entry is the working directory. */
	if (asprintf(&path, "%.*s%s%s", (int)bytes, directory,
		     bytes ? "/" : "./", name) < 0)
		return NULL;
	return path;
}

char *kprof_child_find_program(const char *name)
{
	const char *at = getenv("PATH");

	if (strchr(name, '/'))
		return strdup(name);
	while (at) {
		size_t bytes = strcspn(at, ":");
		char *path = join(at, bytes, name);

		if (!path || !access(path, X_OK))
			return path;
		free(path);
		at = at[bytes] ? at + bytes + 1 : NULL;
	}
	return NULL;
}

int kprof_child_create(struct kprof_child *child, char **argv, int stderr_fd)
{
	int go[2], error[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return -errno;
	}
	pid = fork();
	if (!pid) {
		close(go[1]);
		run_child(argv, go[0], error[1], stderr_fd);
	}
	close(go[0]);
	close(error[1]);
	*child = (struct kprof_child){
		.pid = pid,
		.go_fd = go[1],
		.error_fd = error[0],
	};
	if (pid > 0)
		return 0;
	close(go[1]);
	close(error[0]);
	*child = (struct kprof_child){};
	return -EAGAIN;
}

int kprof_child_release(struct kprof_child *child)
{
	int err = 0;
	ssize_t bytes;

	if (write(child->go_fd, "", 1) != 1)
		return -errno;
	close(no_cleanup_fd(child->go_fd));
	do
		bytes = read(child->error_fd, &err, sizeof(err));
	while (bytes < 0 && errno == EINTR);
	close(no_cleanup_fd(child->error_fd));
	return bytes == sizeof(err) ? -err : 0;
}

bool kprof_child_poll(struct kprof_child *child)
{
	if (!child->has_ended &&
	    waitpid(child->pid, &child->status, WNOHANG) == child->pid)
		child->has_ended = true;
	return child->has_ended;
}

void kprof_child_end(struct kprof_child *child, int signal)
{
	if (signal && !kill(child->pid, signal))
		child->was_ended = true;
}

void kprof_child_finish(struct kprof_child *child)
{
	for (int ms = 0; ms < FINISH_PATIENCE_MS && !kprof_child_poll(child);
	     ms += FINISH_POLL_MS)
		poll(NULL, 0, FINISH_POLL_MS);
}

int kprof_child_exit_status(const struct kprof_child *child)
{
	if (WIFEXITED(child->status))
		return WEXITSTATUS(child->status);
	return 128 + WTERMSIG(child->status);
}

void kprof_child_deinit(struct kprof_child *child)
{
	if (!child->pid)
		return;
	kprof_cleanup_close(&child->error_fd);
	if (child->go_fd < 0)
		return;
	close(child->go_fd);
	waitpid(child->pid, &child->status, 0);
}
