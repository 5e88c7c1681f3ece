// SPDX-License-Identifier: GPL-2.0
/*
 * Uses CPU time in one of several ways and prints how much the kernel
 * accounted: "cpu_ns N", and the two parts "user_ns", "system_ns".
 *
 *	cputime busy|idle|system|bursts CPU_MS
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

FRAME static uint64_t spin(unsigned int rounds)
{
	LEAF_FRAME();
	return multiply_add(3, rounds);
}

FRAME static void busy(uint64_t cpu_ns)
{
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < cpu_ns)
		spin(20000);
}

/* 7 ms of work, then 3 ms of sleep, at no multiple of a sampling period */
FRAME static void idle(uint64_t cpu_ns)
{
	struct timespec rest = {.tv_nsec = 3000000};
	uint64_t until = 7013000;

	while (until < cpu_ns) {
		busy(until);
		nanosleep(&rest, NULL);
		until += 7013000;
	}
}

/*
 * As long in the kernel as outside, by the clock and not by the kernel's own
 * split, which it guesses from ticks
 */
FRAME static void half_system(uint64_t cpu_ns)
{
	static char buffer[65536];
	int fd = open("/dev/zero", O_RDONLY);
	uint64_t system = 0, user = 0;

	if (fd < 0)
		die("/dev/zero");
	while (system + user < cpu_ns) {
		uint64_t start = now_ns();

		if (read(fd, buffer, sizeof(buffer)) < 0)
			die("read");
		system += now_ns() - start;
		while (user < system) {
			start = now_ns();
			spin(2000);
			user += now_ns() - start;
		}
	}
	close(fd);
	printf("read_ns %llu\n", (unsigned long long)system);
}

static void take_turns(int from, int to, uint64_t cpu_ns)
{
	uint64_t until = 0;
	char turn = 0;

	while (until < cpu_ns && read(from, &turn, 1) == 1) {
		until += 100000;
		busy(until);
		if (write(to, &turn, 1) != 1)
			die("write");
	}
}

/*
 * 100 us of work, then 100 us in which another process works. As a batch: a
 * normal task that is woken may preempt the one that woke it, and then Linux
 * charges it from the wake-up on, although the other one still runs for 2 us
 * (rq_clock_skip_update()), which is 2 % of what is to be measured here.
 */
static void bursts(uint64_t cpu_ns)
{
	struct sched_param param = {};
	int mine[2], other[2];
	pid_t pid;

	if (sched_setscheduler(0, SCHED_BATCH, &param))
		die("SCHED_BATCH");
	if (pipe(mine) || pipe(other))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		take_turns(other[0], mine[1], cpu_ns);
		_exit(0);
	}
	if (write(mine[1], "", 1) != 1)
		die("write");
	take_turns(mine[0], other[1], cpu_ns);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	uint64_t cpu_ns;

	if (argc != 3) {
		fprintf(stderr, "usage: cputime busy|idle|system|bursts CPU_MS\n");
		return 2;
	}
	cpu_ns = number(argv[2]) * 1000000;
	if (!strcmp(argv[1], "busy"))
		busy(cpu_ns);
	else if (!strcmp(argv[1], "idle"))
		idle(cpu_ns);
	else if (!strcmp(argv[1], "bursts"))
		bursts(cpu_ns);
	else
		half_system(cpu_ns);
	getrusage(RUSAGE_SELF, &usage);
	printf("cpu_ns %llu\nuser_ns %llu\nsystem_ns %llu\npid %d\n",
	       (unsigned long long)rusage_ns(RUSAGE_SELF),
	       (unsigned long long)timeval_ns(usage.ru_utime),
	       (unsigned long long)timeval_ns(usage.ru_stime), getpid());
	return 0;
}
