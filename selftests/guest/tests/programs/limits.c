// SPDX-License-Identifier: GPL-2.0
/*
 * Samples a deep recursion with small depth limits, straight through the
 * module's interface, and says whether stacks are as deep as they may be.
 * Needs no kprofctl.
 *
 * A limit of 2 on arm64 once made the walk write past its frames: the pc and
 * the link register had filled them before it began.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <fcntl.h>
#include <linux/kprof.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECURSION = 90, SECONDS = 1, PERIOD_NS = 2000000 };

static volatile unsigned int sink;

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(2);
}

__attribute__((noinline)) static int recurse(int depth)
{
	for (int i = 0; i < 20; i++)
		sink = sink * 1103515245u + 12345u;
	return depth ? recurse(depth - 1) + 1 : 0;
}

static pid_t start_child(void)
{
	pid_t child = fork();

	must(child, "fork");
	if (child)
		return child;
	for (;;)
		recurse(RECURSION);
}

static int deepest_of(const char *data, ssize_t bytes, int deepest)
{
	for (const char *at = data; at < data + bytes;) {
		const struct kprof_record *rec = (const void *)at;
		const struct kprof_record_stack *stack = (const void *)at;

		if (rec->type == KPROF_REC_STACK && stack->nr_user > deepest)
			deepest = stack->nr_user;
		at += rec->size;
	}
	return deepest;
}

/* The deepest stack of a session with that limit. */
static int sample(unsigned int max_depth)
{
	struct kprof_setup_args setup = {
		.size = sizeof(setup),
		.period_ns = PERIOD_NS,
		.max_depth = max_depth,
	};
	struct kprof_attach_args attach = {
		.size = sizeof(attach),
		.flags = KPROF_ATTACH_PID,
	};
	static char data[1 << 18] __attribute__((aligned(8)));
	int device = open("/dev/kprof", O_RDWR | O_CLOEXEC);
	int deepest = 0;
	ssize_t bytes;

	must(device, "/dev/kprof");
	must(ioctl(device, KPROF_IOC_SETUP, &setup), "SETUP");
	attach.target = start_child();
	must(ioctl(device, KPROF_IOC_ATTACH, &attach), "ATTACH");
	must(ioctl(device, KPROF_IOC_START), "START");
	sleep(SECONDS);
	kill(attach.target, SIGKILL);
	waitpid(attach.target, NULL, 0);
	must(ioctl(device, KPROF_IOC_FLUSH), "FLUSH");
	while ((bytes = read(device, data, sizeof(data))) > 0)
		deepest = deepest_of(data, bytes, deepest);
	must(bytes, "read");
	close(device);
	return deepest;
}

int main(void)
{
	static const int limits[] = { 1, 2, 3, 20 };
	int status = 0;

	for (unsigned int i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		int got = sample(limits[i]);

		printf("limit %d: expected %d frames, got %d\n", limits[i],
		       limits[i], got);
		status |= got != limits[i];
	}
	return status;
}
