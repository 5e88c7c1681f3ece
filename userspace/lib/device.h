/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device: opening, the version handshake, and its ioctls.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DEVICE_H
#define LIB_DEVICE_H

#include "lib/kprof.h"

#include <stdint.h>

/**
 * struct kprof_device - an open session
 * @fd: of the device
 * @info: of its module
 * @ring_bytes: of each sample ring; valid after setup
 * @control_ring_bytes: of the control ring
 * @cpus: bitmap of the CPUs that have a ring; valid after setup
 * @cpus_bytes: bytes of @cpus
 * @is_restricted: a target was not attached by privilege
 */
struct kprof_device {
	int fd;
	struct kprof_module_info info;
	uint32_t ring_bytes;
	uint32_t control_ring_bytes;
	unsigned char *cpus;
	uint32_t cpus_bytes;
	bool is_restricted;
};

/**
 * struct kprof_device_image - a file, as the module knows it
 * @build_id: bytes of it, if the module found one
 * @build_id_bytes: valid bytes
 * @inode: otherwise
 * @dev_major: likewise
 * @dev_minor: likewise
 * @is_vdso: it is no file but the kernel's [vdso]
 */
struct kprof_device_image {
	uint8_t build_id[32];
	uint32_t build_id_bytes;
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	bool is_vdso;
};

/* -EPROTONOSUPPORT for another ABI; then device->info tells which. */
int kprof_device_open(const char *path, struct kprof_device *device);
void kprof_device_close(struct kprof_device *device);

/* 0 is the default. */
uint32_t kprof_device_rate_hz(uint32_t wanted);
uint64_t kprof_device_period_ns(uint32_t rate_hz);
/* -ENODEV for a CPU that cannot exist. */
int kprof_device_setup(struct kprof_device *device,
		       const struct kprof_collector_options *options);
bool kprof_device_has_ring(const struct kprof_device *device, unsigned int cpu);
/* Privileged by number, and without privileges through /proc/PID/maps. */
int kprof_device_attach_process(struct kprof_device *device, int32_t pid);
int kprof_device_attach_thread(struct kprof_device *device, int32_t tid);
/*
 * Gives the module the unwind table of a file; any thread. -EBADMSG if it does
 * not like the table, -ENOSPC if it has too many, -EBADFD after the flush.
 */
int kprof_device_load(const struct kprof_device *device,
		      const struct kprof_device_image *image, const void *table,
		      size_t bytes);
int kprof_device_start(struct kprof_device *device);
int kprof_device_flush(struct kprof_device *device);
int kprof_device_counters(struct kprof_device *device,
			  struct kprof_counters *ret);

#endif /* LIB_DEVICE_H */
