// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests of the device's contract share: TAP, sessions, targets.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <sys/prctl.h>

static unsigned int nr_tests, nr_failed;

bool tap_ok(bool is_ok, const char *name, const char *format, ...)
{
	va_list args;

	printf("%sok %u - %s\n", is_ok ? "" : "not ", ++nr_tests, name);
	if (!is_ok) {
		nr_failed++;
		printf("# ");
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
		printf("\n");
	}
	fflush(stdout);
	return is_ok;
}

static const char *errno_name(int err)
{
	return err ? strerrorname_np(err) : "success";
}

bool tap_errno(long result, int expected, const char *name)
{
	int got = result < 0 ? errno : 0;

	return tap_ok(got == expected, name, "expected %s, got %s",
		      errno_name(expected), errno_name(got));
}

bool tap_equal(uint64_t got, uint64_t expected, const char *name)
{
	return tap_ok(got == expected, name, "expected %llu, got %llu",
		      (unsigned long long)expected, (unsigned long long)got);
}

int tap_end(void)
{
	printf("1..%u\n", nr_tests);
	return nr_failed != 0;
}

int device_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(DEVICE);
	return fd;
}

struct kprof_info device_info(int fd)
{
	struct kprof_info info = {.size = sizeof(info)};

	if (ioctl(fd, KPROF_IOC_INFO, &info))
		die("KPROF_IOC_INFO");
	return info;
}

struct kprof_info device_settled(int fd, uint32_t nr_sessions)
{
	struct timespec pause = {.tv_nsec = 10000000};
	struct kprof_info info = device_info(fd);

	for (int i = 0; i < 100 && info.nr_sessions != nr_sessions; i++) {
		nanosleep(&pause, NULL);
		info = device_info(fd);
	}
	return info;
}

struct kprof_setup_args setup_args(void)
{
	return (struct kprof_setup_args){
		.size = sizeof(struct kprof_setup_args),
		.period_ns = PERIOD_NS,
		.control_ring_bytes = CONTROL_RING,
	};
}

int session_open(void)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("KPROF_IOC_SETUP");
	return fd;
}

int session_attach(int fd, uint32_t flags, int target)
{
	struct kprof_attach_args args = {
		.size = sizeof(args),
		.flags = flags,
		.target = target,
	};

	return ioctl(fd, KPROF_IOC_ATTACH, &args);
}

struct kprof_stats session_stats(int fd)
{
	struct kprof_stats stats = {.size = sizeof(stats)};

	if (ioctl(fd, KPROF_IOC_STATS, &stats))
		die("KPROF_IOC_STATS");
	return stats;
}

pid_t target_start(void)
{
	return target_start_as("target");
}

pid_t target_start_as(const char *name)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	for (;;)
		multiply_add(1, 1000);
}

void target_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

uint64_t target_cpu_ns(pid_t pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock))
		die("clock_getcpuclockid");
	return clock_ns(clock);
}

void target_work(pid_t pid, uint64_t cpu_ns)
{
	struct timespec pause = {.tv_nsec = 5000000};
	uint64_t until = target_cpu_ns(pid) + cpu_ns;

	while (target_cpu_ns(pid) < until)
		nanosleep(&pause, NULL);
}
