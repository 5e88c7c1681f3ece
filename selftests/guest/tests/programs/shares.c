// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads with different work and different amounts of it. Prints what the
 * kernel accounted to each: "thread NAME TID CPU_NS".
 *
 *	shares TOTAL_MS
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <pthread.h>
#include <sys/prctl.h>

#define HEAVY_SHARE 70

struct job {
	const char *name;
	uint64_t (*work)(void);
	uint64_t cpu_ns;
	pid_t tid;
	uint64_t used_ns;
};

/* Integers only */
FRAME static uint64_t heavy_work(void)
{
	LEAF_FRAME();
	return multiply_add(1, 20000);
}

static volatile double scratch[512];

/* Memory and floating point */
FRAME static uint64_t light_work(void)
{
	for (int pass = 0; pass < 20; pass++)
		for (int i = 1; i < 512; i++)
			scratch[i] = scratch[i - 1] * 0.5 + i;
	return 0;
}

/* Gives its name to both threads' stacks: only the leaf tells them apart. */
FRAME static void *run_job(void *argument)
{
	struct job *job = argument;

	prctl(PR_SET_NAME, job->name);
	job->tid = thread_id();
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < job->cpu_ns)
		job->work();
	job->used_ns = rusage_ns(RUSAGE_THREAD);
	return NULL;
}

int main(int argc, char **argv)
{
	uint64_t total_ns = (argc > 1 ? number(argv[1]) : 1000) * 1000000;
	struct job jobs[] = {
		{.name = "heavy",
		 .work = heavy_work,
		 .cpu_ns = total_ns * HEAVY_SHARE / 100},
		{.name = "light",
		 .work = light_work,
		 .cpu_ns = total_ns * (100 - HEAVY_SHARE) / 100},
	};
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, run_job, &jobs[i]))
			die("pthread_create");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		printf("thread %s %d %llu\n", jobs[i].name, jobs[i].tid,
		       (unsigned long long)jobs[i].used_ns);
	printf("pid %d\n", getpid());
	return 0;
}
