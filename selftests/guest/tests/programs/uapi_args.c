// SPDX-License-Identifier: GPL-2.0
/*
 * The device's ioctls: every argument wrong once, and the states of a session.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <stddef.h>

/* One field changed in otherwise good arguments */
struct wrong {
	const char *name;
	size_t offset;
	size_t bytes;
	uint64_t value;
	int err;
};

#define FIELD(type, field) \
	offsetof(struct type, field), sizeof(((struct type *)0)->field)
#define SETUP(field)  FIELD(kprof_setup_args, field)
#define ATTACH(field) FIELD(kprof_attach_args, field)

static bool is_poison(const unsigned char *bytes, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (bytes[i] != POISON)
			return false;
	return true;
}

/* Asks with @size bytes; checks that exactly as many were written. */
static void check_sized(int fd, unsigned long request, uint32_t size,
			uint32_t full, const char *name)
{
	unsigned char buffer[1024];
	uint32_t given = size, filled = size < full ? size : full;
	char label[64];

	memset(buffer, POISON, sizeof(buffer));
	memcpy(buffer, &given, sizeof(given));
	/* flags: zero on the way in */
	memset(buffer + 4, 0, 4);
	snprintf(label, sizeof(label), "%s_of_%u_bytes", name, size);
	if (!tap_errno(ioctl(fd, request, buffer), 0, label))
		return;
	memcpy(&given, buffer, sizeof(given));
	snprintf(label, sizeof(label), "%s_of_%u_bytes_says_its_size", name,
		 size);
	tap_equal(given, filled, label);
	snprintf(label, sizeof(label), "%s_of_%u_bytes_writes_no_more", name,
		 size);
	tap_ok(is_poison(buffer, filled, sizeof(buffer)), label,
	       "expected poison from byte %u on, got other bytes", filled);
}

static void test_info(void)
{
	int fd = device_open();
	struct kprof_info info;
	unsigned char *bytes = (unsigned char *)&info;

	check_sized(fd, KPROF_IOC_INFO, sizeof(info), sizeof(info), "info");
	check_sized(fd, KPROF_IOC_INFO, 16, sizeof(info), "info");
	check_sized(fd, KPROF_IOC_INFO, sizeof(info) + 64, sizeof(info),
		    "info");

	memset(&info, POISON, sizeof(info));
	info.size = sizeof(info);
	info.flags = 0;
	tap_errno(ioctl(fd, KPROF_IOC_INFO, &info), 0, "info_before_setup");
	tap_equal(info.abi_version, KPROF_ABI_VERSION, "info_abi_version");
	tap_ok(memchr(info.module_version, 0, sizeof(info.module_version)),
	       "info_version_ends", "expected a NUL, got none");
	for (size_t i = 8; i + 4 <= offsetof(struct kprof_info, module_version);
	     i += 4)
		if (!tap_ok(!is_poison(bytes, i, i + 4), "info_fills_a_field",
			    "expected a value at byte %zu, got poison", i))
			break;
	tap_errno(ioctl(fd, KPROF_IOC_INFO, NULL), EFAULT, "info_of_null");
	close(fd);
}

static void check_setup(const struct wrong *wrong)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	memcpy((char *)&args + wrong->offset, &wrong->value, wrong->bytes);
	tap_errno(ioctl(fd, KPROF_IOC_SETUP, &args), wrong->err, wrong->name);
	/* What was refused has used up nothing. */
	args = setup_args();
	if (wrong->err && ioctl(fd, KPROF_IOC_SETUP, &args))
		tap_errno(-1, 0, "setup_after_a_refusal");
	close(fd);
}

static void test_setup(void)
{
	int fd = device_open();
	struct kprof_info info = device_info(fd);
	unsigned char none[8] = {0};
	const struct wrong wrongs[] = {
		{"setup_size_zero", SETUP(size), 0, EINVAL},
		{"setup_size_short", SETUP(size),
		 sizeof(struct kprof_setup_args) - 8, EINVAL},
		{"setup_size_long", SETUP(size),
		 sizeof(struct kprof_setup_args) + 8, EINVAL},
		{"setup_flag_unknown", SETUP(flags), 1U << 7, EINVAL},
		{"setup_flag_unknown_high", SETUP(flags), 1U << 31, EINVAL},
		{"setup_period_zero", SETUP(period_ns), 0, EINVAL},
		{"setup_period_too_short", SETUP(period_ns), 1, ERANGE},
		{"setup_ring_no_power_of_two", SETUP(ring_bytes), 12288,
		 EINVAL},
		{"setup_ring_below_a_page", SETUP(ring_bytes), 2048, EINVAL},
		{"setup_ring_too_large", SETUP(ring_bytes),
		 2 * (uint64_t)info.max_ring_bytes, EINVAL},
		{"setup_control_ring_too_small", SETUP(control_ring_bytes),
		 32768, EINVAL},
		{"setup_control_ring_no_power_of_two",
		 SETUP(control_ring_bytes), 65544, EINVAL},
		{"setup_depth_too_large", SETUP(max_depth), info.max_depth + 1,
		 EINVAL},
		{"setup_tracked_too_many", SETUP(max_tracked),
		 info.max_tracked + 1ULL, EINVAL},
		{"setup_cpus_of_no_length", SETUP(cpus), (uintptr_t)none,
		 EINVAL},
		{"setup_cpus_nowhere", SETUP(cpus_bytes), 8, EINVAL},
		{"setup_padding", SETUP(pad), 1, EINVAL},
	};

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++)
		check_setup(&wrongs[i]);
	tap_errno(ioctl(fd, KPROF_IOC_SETUP, NULL), EFAULT, "setup_of_null");
	close(fd);
}

static void check_cpus(unsigned char *cpus, size_t bytes, int err,
		       const char *name)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();
	uint32_t nr_cpu_ids = device_info(fd).nr_cpu_ids;
	bool is_clean = true;
	char label[64];

	args.cpus = (uintptr_t)cpus;
	args.cpus_bytes = (uint32_t)bytes;
	if (tap_errno(ioctl(fd, KPROF_IOC_SETUP, &args), err, name) && !err) {
		for (uint32_t i = nr_cpu_ids; i < bytes * 8; i++)
			is_clean = is_clean && !(cpus[i / 8] & 1 << i % 8);
		snprintf(label, sizeof(label), "%s_says_which", name);
		tap_ok(is_clean && cpus[0] & 1, label,
		       "expected CPU 0 and none above %u, got first byte %#x",
		       nr_cpu_ids - 1, cpus[0]);
		tap_equal(args.ring_bytes, 262144,
			  "setup_says_the_default_ring_size");
	}
	close(fd);
}

static void test_setup_cpus(void)
{
	unsigned char cpus[KPROF_MAX_CPUS_BYTES + 1] = {0};
	const size_t most = KPROF_MAX_CPUS_BYTES;

	check_cpus(cpus, 1, 0, "setup_with_a_short_bitmap");
	memset(cpus, 0, sizeof(cpus));
	check_cpus(cpus, most, 0, "setup_with_an_empty_bitmap");
	memset(cpus, 0, sizeof(cpus));
	cpus[0] = 1;
	check_cpus(cpus, most, 0, "setup_with_cpu_0");
	tap_equal(cpus[0], 1, "setup_with_cpu_0_is_no_other");
	memset(cpus, 0xff, sizeof(cpus));
	check_cpus(cpus, most, EINVAL, "setup_with_cpus_above_all");
	check_cpus((void *)8, 8, EFAULT, "setup_with_cpus_at_a_bad_address");
	memset(cpus, 0, sizeof(cpus));
	check_cpus(cpus, most + 1, EINVAL, "setup_with_too_many_cpus");
	check_cpus(cpus, 1U << 30, EINVAL, "setup_with_far_too_many_cpus");
}

static void test_states(void)
{
	struct kprof_setup_args args = setup_args();
	struct kprof_stats stats = {.size = sizeof(stats)};
	int fd = device_open();
	pid_t pid = target_start();

	tap_errno(session_attach(fd, KPROF_ATTACH_PID, pid), EBADFD,
		  "attach_before_setup");
	tap_errno(ioctl(fd, KPROF_IOC_START), EBADFD, "start_before_setup");
	tap_errno(ioctl(fd, KPROF_IOC_STOP), EBADFD, "stop_before_setup");
	tap_errno(ioctl(fd, KPROF_IOC_FLUSH), EBADFD, "flush_before_setup");
	tap_errno(ioctl(fd, KPROF_IOC_STATS, &stats), EBADFD,
		  "stats_before_setup");
	tap_errno(ioctl(fd, KPROF_IOC_SETUP, &args), 0, "setup");
	args = setup_args();
	tap_errno(ioctl(fd, KPROF_IOC_SETUP, &args), EBUSY, "setup_twice");
	tap_errno(ioctl(fd, KPROF_IOC_STOP), EBADFD, "stop_before_start");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, pid), 0, "attach");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, pid), EEXIST,
		  "attach_twice");
	tap_errno(ioctl(fd, KPROF_IOC_START), 0, "start");
	tap_errno(ioctl(fd, KPROF_IOC_START), EALREADY, "start_twice");
	tap_errno(ioctl(fd, KPROF_IOC_STOP), 0, "stop");
	tap_errno(ioctl(fd, KPROF_IOC_STOP), EBADFD, "stop_twice");
	tap_errno(ioctl(fd, KPROF_IOC_START), 0, "start_again");
	check_sized(fd, KPROF_IOC_STATS, sizeof(stats), sizeof(stats), "stats");
	check_sized(fd, KPROF_IOC_STATS, 24, sizeof(stats), "stats");
	check_sized(fd, KPROF_IOC_STATS, sizeof(stats) + 64, sizeof(stats),
		    "stats");
	tap_errno(ioctl(fd, KPROF_IOC_FLUSH), 0, "flush");
	tap_errno(ioctl(fd, KPROF_IOC_START), EBADFD, "start_after_flush");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, getppid()), EBADFD,
		  "attach_after_flush");
	tap_errno(ioctl(fd, _IO(KPROF_IOC_MAGIC, 0x3f)), ENOTTY,
		  "unknown_ioctl");
	tap_errno(ioctl(fd, _IO('T', 0x01)), ENOTTY, "foreign_ioctl");
	close(fd);
	target_end(pid);
}

static void test_attach(void)
{
	struct kprof_attach_args good = {
		.size = sizeof(good),
		.flags = KPROF_ATTACH_PID,
		.target = getpid(),
	};
	const struct wrong wrongs[] = {
		{"attach_size_zero", ATTACH(size), 0, EINVAL},
		{"attach_size_long", ATTACH(size), sizeof(good) + 8, EINVAL},
		{"attach_flag_none", ATTACH(flags), 0, EINVAL},
		{"attach_flag_two", ATTACH(flags),
		 KPROF_ATTACH_PID | KPROF_ATTACH_TID, EINVAL},
		{"attach_flag_unknown", ATTACH(flags),
		 KPROF_ATTACH_PID | 1U << 3, EINVAL},
		{"attach_padding", ATTACH(pad), 1, EINVAL},
		{"attach_nobody", ATTACH(target), 0x3ffffff, ESRCH},
		{"attach_negative", ATTACH(target), (uint32_t)-1, ESRCH},
		{"attach_kernel_thread", ATTACH(target), 2, EINVAL},
	};
	int fd = session_open();
	pid_t zombie = target_start();
	siginfo_t info;

	kill(zombie, SIGKILL);
	waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
		struct kprof_attach_args args = good;

		memcpy((char *)&args + wrongs[i].offset, &wrongs[i].value,
		       wrongs[i].bytes);
		tap_errno(ioctl(fd, KPROF_IOC_ATTACH, &args), wrongs[i].err,
			  wrongs[i].name);
	}
	tap_errno(ioctl(fd, KPROF_IOC_ATTACH, NULL), EFAULT, "attach_of_null");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, zombie), ESRCH,
		  "attach_a_process_that_has_ended");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, 2), EINVAL,
		  "attach_kernel_thread_by_pid");
	tap_errno(session_attach(fd, KPROF_ATTACH_TID, 2), EINVAL,
		  "attach_kernel_thread_by_tid");
	tap_errno(ioctl(fd, KPROF_IOC_ATTACH, &good), 0,
		  "attach_after_refusals");
	close(fd);
	waitpid(zombie, NULL, 0);
}

static void check_maps_fd(const char *path, int err, const char *name)
{
	int session = session_open(), fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s", path);
	tap_errno(session_attach(session, KPROF_ATTACH_MAPS_FD, fd), err, name);
	close(fd);
	close(session);
}

static void test_attach_maps_fd(void)
{
	char path[64];
	int fd = session_open();

	check_maps_fd("/proc/self/maps", 0, "attach_maps");
	check_maps_fd("/proc/self/smaps", EINVAL, "attach_smaps");
	check_maps_fd("/proc/self/status", EINVAL, "attach_proc_status");
	check_maps_fd("/proc/self", EINVAL, "attach_proc_folder");
	check_maps_fd("/dev/null", EINVAL, "attach_dev_null");
	check_maps_fd("/proc/2/maps", EINVAL, "attach_maps_of_kernel_thread");
	snprintf(path, sizeof(path), "/proc/self/task/%d/maps", getpid());
	check_maps_fd(path, EINVAL, "attach_maps_of_a_thread");
	tap_errno(session_attach(fd, KPROF_ATTACH_MAPS_FD, 999), EBADF,
		  "attach_closed_fd");
	tap_errno(session_attach(fd, KPROF_ATTACH_MAPS_FD, fd), EINVAL,
		  "attach_the_session_itself");
	close(fd);
}

static void test_attach_limits(void)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();
	pid_t first = target_start(), second = target_start();

	args.max_tracked = 1;
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("KPROF_IOC_SETUP");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, first), 0,
		  "attach_the_first_of_one");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, second), ENOSPC,
		  "attach_the_second_of_one");
	close(fd);

	args = setup_args();
	args.flags = KPROF_SETUP_ALL_TASKS;
	fd = device_open();
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("KPROF_IOC_SETUP");
	tap_errno(session_attach(fd, KPROF_ATTACH_PID, first), EBADFD,
		  "attach_where_all_are_sampled");
	close(fd);
	target_end(first);
	target_end(second);
}

static void set_max_rings_mib(const char *mib)
{
	int fd = open("/sys/module/kprof/parameters/max_rings_mib", O_WRONLY);

	if (fd < 0 || write(fd, mib, strlen(mib)) < 0)
		die("max_rings_mib");
	close(fd);
}

static void test_ring_limit(void)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	device_settled(fd, 0);
	set_max_rings_mib("1");
	args.ring_bytes = 1 << 20;
	tap_errno(ioctl(fd, KPROF_IOC_SETUP, &args), ENOBUFS,
		  "rings_larger_than_all_may_take");
	args = setup_args();
	args.ring_bytes = 65536;
	tap_errno(ioctl(fd, KPROF_IOC_SETUP, &args), 0,
		  "smaller_rings_after_that");
	set_max_rings_mib("0");
	close(fd);
}

static void test_session_limit(void)
{
	struct kprof_setup_args args;
	int fds[64], probe = device_open();
	struct kprof_info info = device_settled(probe, 0);
	uint32_t nr = 0;

	while (nr < info.max_sessions && nr < 63)
		fds[nr++] = session_open();
	fds[nr] = device_open();
	args = setup_args();
	tap_errno(ioctl(fds[nr], KPROF_IOC_SETUP, &args), EBUSY,
		  "one_session_too_many");
	tap_equal(device_info(probe).nr_sessions, nr, "sessions_are_counted");
	for (uint32_t i = 0; i <= nr; i++)
		close(fds[i]);
	info = device_settled(probe, 0);
	tap_equal(info.nr_sessions, 0, "no_session_is_left");
	tap_equal(info.nr_tracked, 0, "nothing_is_tracked_any_more");
	tap_equal(info.nr_spaces, 0, "no_address_space_is_held_any_more");
	tap_equal(info.nr_ring_pages, 0, "no_ring_page_is_left");
	close(probe);
}

int main(void)
{
	test_info();
	test_setup();
	test_setup_cpus();
	test_states();
	test_attach();
	test_attach_maps_fd();
	test_attach_limits();
	test_ring_limit();
	test_session_limit();
	return tap_end();
}
