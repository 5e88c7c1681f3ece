// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of processes and threads while they are recorded.
 *
 *	lives exec_thread CPU_MS
 *		waits for a line; then a thread that is not the first works for
 *so long and calls exec, after which the process works as long again lives
 *threads NR CPU_US NR threads that work for so long, some at once, most one
 *after another lives reuse NR CPU_US NR processes, one after another, that are
 *"odd" and "even" by turns, by name and by what they do; prints how many
 *numbers they had lives claim PID CPU_MS starts processes until one has this
 *number, which works for so long lives sleepers NR NR threads that do nothing;
 *"ready" when they are there
 *
 * Prints "cpu_ns N" of all that ran, and what else is to be known.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define AT_ONCE	 50
#define MAX_PIDS 65536

FRAME static uint64_t work_round(void)
{
	LEAF_FRAME();
	return multiply_add(5, 200);
}

/* As long as the calling thread has not used so much, CPU time */
static inline __attribute__((always_inline)) void work(uint64_t cpu_ns)
{
	uint64_t until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + cpu_ns;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		work_round();
}

FRAME static void before_exec(uint64_t cpu_ns)
{
	work(cpu_ns);
	KEEP_FRAME();
}

FRAME static void after_exec(uint64_t cpu_ns)
{
	work(cpu_ns);
	KEEP_FRAME();
}

FRAME static void thread_work(uint64_t cpu_ns)
{
	work(cpu_ns);
	KEEP_FRAME();
}

FRAME static void even_work(uint64_t cpu_ns)
{
	work(cpu_ns);
	KEEP_FRAME();
}

FRAME static void odd_work(uint64_t cpu_ns)
{
	work(cpu_ns);
	KEEP_FRAME();
}

FRAME static void stranger_work(uint64_t cpu_ns)
{
	work(cpu_ns);
	KEEP_FRAME();
}

static void tell_cpu(void)
{
	printf("cpu_ns %llu\n",
	       (unsigned long long)(rusage_ns(RUSAGE_SELF) +
				    rusage_ns(RUSAGE_CHILDREN)));
}

/* exec_thread */

static const char *cpu_ms;

static void *work_and_exec(void *unused)
{
	(void)unused;
	printf("tid %d\n", thread_id());
	fflush(stdout);
	wait_for_go();
	before_exec(number(cpu_ms) * 1000000);
	execl("/proc/self/exe", "lives", "after_exec", cpu_ms, NULL);
	die("exec");
}

static int exec_thread(void)
{
	pthread_t thread;

	printf("pid %d\n", getpid());
	if (pthread_create(&thread, NULL, work_and_exec, NULL))
		die("pthread_create");
	pthread_join(thread, NULL);
	return 1;
}

static int finish_exec(void)
{
	after_exec(number(cpu_ms) * 1000000);
	printf("tid_after %d\n", thread_id());
	tell_cpu();
	return 0;
}

/* threads */

static void *work_in_thread(void *cpu_ns)
{
	thread_work(*(uint64_t *)cpu_ns);
	return NULL;
}

static int many_threads(uint64_t nr, uint64_t cpu_ns)
{
	pthread_t threads[AT_ONCE];

	for (uint64_t done = 0; done < nr;) {
		/* Every other time many at once */
		uint64_t at_once = done % (2 * AT_ONCE) ? 1 : AT_ONCE;

		for (uint64_t i = 0; i < at_once; i++)
			if (pthread_create(&threads[i], NULL, work_in_thread,
					   &cpu_ns))
				die("pthread_create");
		for (uint64_t i = 0; i < at_once; i++)
			pthread_join(threads[i], NULL);
		done += at_once;
	}
	tell_cpu();
	return 0;
}

/* reuse */

static void be_one_of(uint64_t nr, uint64_t cpu_ns)
{
	prctl(PR_SET_NAME, nr % 2 ? "odd" : "even");
	if (nr % 2)
		odd_work(cpu_ns);
	else
		even_work(cpu_ns);
	_exit(0);
}

static pid_t start_process(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

static void end_process(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("waitpid: status %#x", (unsigned int)status);
}

static int reuse_numbers(uint64_t nr, uint64_t cpu_ns)
{
	static bool seen[MAX_PIDS];
	unsigned int nr_pids = 0;

	for (uint64_t i = 0; i < nr; i++) {
		pid_t pid = start_process();

		if (!pid)
			be_one_of(i, cpu_ns);
		end_process(pid);
		nr_pids += !seen[pid % MAX_PIDS];
		seen[pid % MAX_PIDS] = true;
	}
	printf("numbers %u\n", nr_pids);
	tell_cpu();
	return 0;
}

/* claim */

static int claim_number(uint64_t wanted, uint64_t cpu_ns)
{
	for (int tries = 0; tries < 2 * MAX_PIDS; tries++) {
		pid_t pid = start_process();

		if (!pid && (uint64_t)getpid() == wanted)
			stranger_work(cpu_ns);
		if (!pid)
			_exit(0);
		end_process(pid);
		if ((uint64_t)pid != wanted)
			continue;
		printf("claimed %d\n", pid);
		tell_cpu();
		return 0;
	}
	errno = ESRCH;
	die("process %llu", (unsigned long long)wanted);
}

/* sleepers */

static void *sleep_in_thread(void *unused)
{
	/* It has no other end than a signal. */
	while (pause())
		continue;
	return unused;
}

static int sleepers(uint64_t nr)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	while (nr--)
		if (pthread_create(&thread, &attributes, sleep_in_thread, NULL))
			die("pthread_create");
	printf("ready\n");
	fflush(stdout);
	sleep_in_thread(NULL);
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (argc == 3)
		cpu_ms = argv[2];
	if (argc == 3 && !strcmp(what, "exec_thread"))
		return exec_thread();
	if (argc == 3 && !strcmp(what, "after_exec"))
		return finish_exec();
	if (argc == 3 && !strcmp(what, "sleepers"))
		return sleepers(number(argv[2]));
	if (argc == 4 && !strcmp(what, "threads"))
		return many_threads(number(argv[2]), number(argv[3]) * 1000);
	if (argc == 4 && !strcmp(what, "reuse"))
		return reuse_numbers(number(argv[2]), number(argv[3]) * 1000);
	if (argc == 4 && !strcmp(what, "claim"))
		return claim_number(number(argv[2]), number(argv[3]) * 1000000);
	fprintf(stderr,
		"usage: lives exec_thread|threads|reuse|claim|sleepers ...\n");
	return 2;
}
