// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: opening, the version handshake, and its ioctls.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/device.h"

#include "lib/record.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	DEFAULT_RATE_HZ = 99,
	NSEC_PER_SEC = 1000000000,
};

_Static_assert((int)KPROF_MODULE_EXACT_INHERIT == KPROF_FEATURE_EXACT_INHERIT &&
		       (int)KPROF_MODULE_SCHED_SWITCH ==
			       KPROF_FEATURE_SCHED_SWITCH &&
		       (int)KPROF_MODULE_KERNEL_STACKS ==
			       KPROF_FEATURE_KERNEL_STACKS &&
		       (int)KPROF_MODULE_EXACT_MAPS ==
			       KPROF_FEATURE_EXACT_MAPS &&
		       (int)KPROF_MODULE_HIGH_RES == KPROF_FEATURE_HIGH_RES &&
		       (int)KPROF_MODULE_MMAP == KPROF_FEATURE_MMAP &&
		       (int)KPROF_MODULE_UNWIND_TABLES ==
			       KPROF_FEATURE_UNWIND_TABLES,
	       "the library's feature bits are those of the module");

uint32_t kprof_abi_version(void)
{
	return KPROF_ABI_VERSION;
}

const char *kprof_module_feature_name(unsigned int bit)
{
	static const char *const names[] = {
		"exact_inherit", "sched_switch", "kernel_stacks", "exact_maps",
		"high_res",	 "mmap",	 "unwind_tables",
	};

	return bit < sizeof(names) / sizeof(names[0]) ? names[bit] : NULL;
}

static int call(int fd, unsigned long request, void *args)
{
	return ioctl(fd, request, args) < 0 ? -errno : 0;
}

/* Something that is no kprof device knows no such ioctl. */
static int get_info(int fd, struct kprof_module_info *ret)
{
	struct kprof_info info = {.size = sizeof(info)};
	int err = call(fd, KPROF_IOC_INFO, &info);

	if (err)
		return err;
	*ret = (struct kprof_module_info){.abi_version = info.abi_version};
	if (info.abi_version != KPROF_ABI_VERSION)
		return -EPROTONOSUPPORT;
	*ret = (struct kprof_module_info){
		.abi_version = info.abi_version,
		.nr_cpu_ids = info.nr_cpu_ids,
		.features = info.features,
		.max_rate_hz = info.max_rate_hz,
		.max_depth = info.max_depth,
		.max_sessions = info.max_sessions,
		.max_ring_bytes = info.max_ring_bytes,
		.max_cpu_percent = info.max_cpu_percent,
		.timer_resolution_ns = info.timer_resolution_ns,
		.tick_hz = info.tick_hz,
		.nr_sessions = info.nr_sessions,
		.nr_tracked = info.nr_tracked,
		.nr_spaces = info.nr_spaces,
		.nr_ring_pages = info.nr_ring_pages,
		.nr_unwind_tables = info.nr_unwind_tables,
		.unwind_bytes = info.unwind_bytes,
		.max_unwind_bytes = info.max_unwind_bytes,
	};
	memcpy(ret->version, info.module_version, sizeof(info.module_version));
	return 0;
}

int kprof_module_info(const char *device, struct kprof_module_info *ret)
{
	struct kprof_device opened;
	int err = kprof_device_open(device, &opened);

	*ret = opened.info;
	kprof_device_close(&opened);
	return err;
}

/* Non-blocking: read() must not wait, poll() does. */
int kprof_device_open(const char *path, struct kprof_device *device)
{
	*device = (struct kprof_device){.fd = -1};
	device->fd =
		open(path ?: KPROF_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device->fd < 0)
		return -errno;
	return get_info(device->fd, &device->info);
}

void kprof_device_close(struct kprof_device *device)
{
	kprof_cleanup_close(&device->fd);
	free(device->cpus);
	*device = (struct kprof_device){.fd = -1};
}

uint32_t kprof_device_rate_hz(uint32_t wanted)
{
	return wanted ?: DEFAULT_RATE_HZ;
}

uint64_t kprof_device_period_ns(uint32_t rate_hz)
{
	return NSEC_PER_SEC / kprof_device_rate_hz(rate_hz);
}

static uint32_t setup_flags(const struct kprof_collector_options *options)
{
	uint32_t flags = 0;

	if (options->all_tasks)
		flags |= KPROF_SETUP_ALL_TASKS;
	else if (!options->no_inherit)
		flags |= KPROF_SETUP_INHERIT;
	if (options->kernel_stacks)
		flags |= KPROF_SETUP_KERNEL_STACKS;
	if (options->no_user_stacks)
		flags |= KPROF_SETUP_NO_USER_STACKS;
	if (options->no_jitter)
		flags |= KPROF_SETUP_NO_JITTER;
	if (options->force_rate)
		flags |= KPROF_SETUP_FORCE_RATE;
	if (options->unwind_tables)
		flags |= KPROF_SETUP_UNWIND_TABLES;
	return flags;
}

/*
 * Without a choice the bitmap stays empty, which leaves the choice to the
 * module; in any case it comes back with the CPUs that are sampled.
 */
static int copy_cpus(struct kprof_device *device,
		     const struct kprof_collector_options *options)
{
	unsigned int nr = device->info.nr_cpu_ids;

	device->cpus_bytes = (nr + 63) / 64 * 8;
	device->cpus = calloc(1, device->cpus_bytes);
	if (!device->cpus)
		return -ENOMEM;
	for (size_t cpu = 0; options->cpus && cpu < options->cpus_bytes * 8;
	     cpu++) {
		if (!(options->cpus[cpu / 8] & (1 << cpu % 8)))
			continue;
		if (cpu >= nr)
			return -ENODEV;
		device->cpus[cpu / 8] |= 1 << cpu % 8;
	}
	return 0;
}

int kprof_device_setup(struct kprof_device *device,
		       const struct kprof_collector_options *options)
{
	struct kprof_setup_args args = {
		.size = sizeof(args),
		.flags = setup_flags(options),
		.period_ns = kprof_device_period_ns(options->rate_hz),
		.ring_bytes = options->ring_bytes,
		.max_depth = options->max_depth,
		.max_sample_us = options->max_sample_us,
	};
	int err = copy_cpus(device, options);

	if (err)
		return err;
	args.cpus = (uintptr_t)device->cpus;
	args.cpus_bytes = device->cpus_bytes;
	err = call(device->fd, KPROF_IOC_SETUP, &args);
	if (err)
		return err;
	device->ring_bytes = args.ring_bytes;
	device->control_ring_bytes = args.control_ring_bytes;
	return 0;
}

bool kprof_device_has_ring(const struct kprof_device *device, unsigned int cpu)
{
	return cpu < device->info.nr_cpu_ids &&
	       device->cpus[cpu / 8] & (1 << cpu % 8);
}

static int attach(struct kprof_device *device, uint32_t how, int32_t target)
{
	struct kprof_attach_args args = {
		.size = sizeof(args),
		.flags = how,
		.target = target,
	};
	int err = call(device->fd, KPROF_IOC_ATTACH, &args);

	return err == -EEXIST ? 0 : err;
}

static int attach_by_maps(struct kprof_device *device, int32_t pid)
{
	_cleanup_close_ int fd = -1;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return attach(device, KPROF_ATTACH_MAPS_FD, fd);
}

int kprof_device_attach_process(struct kprof_device *device, int32_t pid)
{
	int err = attach(device, KPROF_ATTACH_PID, pid);

	if (err != -EPERM)
		return err;
	device->is_restricted = true;
	return attach_by_maps(device, pid);
}

int kprof_device_attach_thread(struct kprof_device *device, int32_t tid)
{
	return attach(device, KPROF_ATTACH_TID, tid);
}

int kprof_device_start(struct kprof_device *device)
{
	return call(device->fd, KPROF_IOC_START, NULL);
}

int kprof_device_load(const struct kprof_device *device,
		      const struct kprof_device_image *image, const void *table,
		      size_t bytes)
{
	struct kprof_load_args args = {
		.size = sizeof(args),
		.table = (uintptr_t)table,
		.table_bytes = bytes,
	};
	const struct kprof_file_id file_id = {
		.inode = image->inode,
		.dev_major = image->dev_major,
		.dev_minor = image->dev_minor,
	};

	if (image->is_vdso) {
		args.flags = KPROF_LOAD_VDSO;
	} else if (image->build_id_bytes) {
		args.flags = KPROF_LOAD_BUILD_ID;
		args.id_bytes = image->build_id_bytes;
		memcpy(args.id, image->build_id, args.id_bytes);
	} else {
		args.flags = KPROF_LOAD_FILE;
		args.id_bytes = sizeof(file_id);
		memcpy(args.id, &file_id, sizeof(file_id));
	}
	return call(device->fd, KPROF_IOC_LOAD, &args);
}

int kprof_device_flush(struct kprof_device *device)
{
	return call(device->fd, KPROF_IOC_FLUSH, NULL);
}

int kprof_device_counters(struct kprof_device *device,
			  struct kprof_counters *ret)
{
	struct kprof_stats stats = {.size = sizeof(stats)};
	int err = call(device->fd, KPROF_IOC_STATS, &stats);

	if (!err)
		kprof_record_parse_stats(&stats, ret);
	return err;
}
