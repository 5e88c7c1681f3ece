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
 */
struct kprof_device {
	int fd;
	struct kprof_module_info info;
	uint32_t ring_bytes;
	uint32_t control_ring_bytes;
	unsigned char *cpus;
	uint32_t cpus_bytes;
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
int kprof_device_start(struct kprof_device *device);
int kprof_device_flush(struct kprof_device *device);
int kprof_device_counters(struct kprof_device *device,
			  struct kprof_counters *ret);

#endif /* LIB_DEVICE_H */
