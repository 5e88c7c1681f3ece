/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test programs share. They print the truth about themselves, one
 * "key value..." a line, for the .check part of a test to compare with.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef PROGRAMS_COMMON_H
#define PROGRAMS_COMMON_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A function that stays one: no clone, no copy in its caller, no tail call. */
#define FRAME __attribute__((noinline, noclone, noipa))

/*
 * A call that keeps the caller's frame: without something after it, a call in
 * last place may become a jump.
 */
#define KEEP_FRAME() __asm__ volatile("")

/*
 * A frame for a function that calls nobody: gcc gives it none, whatever the
 * options say, and then its caller is missing from stacks that were taken by
 * frame pointers.
 */
#define LEAF_FRAME() __asm__ volatile("" : : "r"(__builtin_frame_address(0)))

static inline void die(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));

static inline void die(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static inline uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static inline uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_usec * 1000;
}

/* User and system time; @who as for getrusage() */
static inline uint64_t rusage_ns(int who)
{
	struct rusage usage;

	if (getrusage(who, &usage))
		die("getrusage");
	return timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
}

static inline pid_t thread_id(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static inline uint64_t number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*end || end == text) {
		errno = EINVAL;
		die("'%s'", text);
	}
	return value;
}

/* Work whose length depends on @rounds only and that no compiler removes. */
static inline __attribute__((always_inline)) uint64_t
multiply_add(uint64_t seed, unsigned int rounds)
{
	for (; rounds; rounds--) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		__asm__ volatile("" : "+r"(seed));
	}
	return seed;
}

/*
 * Waits until whoever started us says so with a line on stdin: what happens
 * before is outside of the recording.
 */
static inline void wait_for_go(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) < 0 && errno == EINTR)
		;
}

#endif /* PROGRAMS_COMMON_H */
