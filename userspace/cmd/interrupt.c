// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that end a recording, as something to poll().
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A pipe to ourselves, because a signal may come between looking and waiting.
 */
#include "cmd/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP};

enum {
	NR_END_SIGNALS = sizeof(end_signals) / sizeof(end_signals[0]),
};

static int pipe_fds[2] = {-1, -1};
static bool patient;

/* Written in the handler. */
static volatile sig_atomic_t first_signal;
static volatile sig_atomic_t first_was_sent;
/* Read in the handler; changed while signals are blocked. */
static const char *unfinished_path;

static void handle(int signal, siginfo_t *info, void *context)
{
	int saved_errno = errno;

	(void)context;
	if (signal != SIGCHLD && first_signal && !patient) {
		if (unfinished_path)
			unlink(unfinished_path);
		_exit(128 + signal);
	}
	if (signal != SIGCHLD && !first_signal) {
		first_signal = signal;
		first_was_sent = info->si_code != SI_KERNEL;
	}
	/* A full pipe wakes as well as one more byte. */
	(void)!write(pipe_fds[1], "", 1);
	errno = saved_errno;
}

int kprof_interrupt_init(bool is_patient)
{
	struct sigaction action = {
		.sa_sigaction = handle,
		.sa_flags = SA_SIGINFO,
	};

	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	patient = is_patient;
	first_signal = 0;
	/*
	 * What nohup ignores stays ignored. A shell that runs us in the
	 * background ignores SIGINT for us, but "kill -INT" is for us.
	 */
	for (int i = 0; i < NR_END_SIGNALS; i++) {
		struct sigaction old;

		if (end_signals[i] != SIGHUP ||
		    (!sigaction(SIGHUP, NULL, &old) &&
		     old.sa_handler != SIG_IGN))
			sigaction(end_signals[i], &action, NULL);
	}
	sigaction(SIGCHLD, &action, NULL);
	/* A reader that goes away is an error of write(). */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

void kprof_interrupt_reset(void)
{
	for (int i = 0; i < NR_END_SIGNALS; i++) {
		struct sigaction old;

		if (!sigaction(end_signals[i], NULL, &old) &&
		    old.sa_sigaction == handle)
			signal(end_signals[i], SIG_DFL);
	}
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

int kprof_interrupt_fd(void)
{
	return pipe_fds[0];
}

int kprof_interrupt_take(void)
{
	char bytes[64];

	while (read(pipe_fds[0], bytes, sizeof(bytes)) > 0)
		;
	return first_signal;
}

bool kprof_interrupt_was_sent(void)
{
	return first_was_sent;
}

void kprof_interrupt_set_unfinished(const char *path)
{
	sigset_t block, old;

	sigemptyset(&block);
	for (int i = 0; i < NR_END_SIGNALS; i++)
		sigaddset(&block, end_signals[i]);
	sigprocmask(SIG_BLOCK, &block, &old);
	unfinished_path = path;
	sigprocmask(SIG_SETMASK, &old, NULL);
}
