// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words for what the module refuses, and what to do about it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/module_error.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <inttypes.h>

int kprof_module_ask(const char *device, struct kprof_module_info *ret)
{
	int err = kprof_module_info(device, ret);
	const char *hint = NULL;

	if (!err)
		return 0;
	if (err == -EPROTONOSUPPORT)
		return kprof_cmd_cannot(0, "install both from one release",
					"use %s: the module speaks ABI %" PRIu32
					", this kprofctl speaks %" PRIu32,
					device, ret->abi_version,
					kprof_abi_version());
	if (err == -ENOENT || err == -ENXIO || err == -ENODEV)
		hint = "is the module loaded? insmod kprof.ko";
	else if (err == -EACCES || err == -EPERM)
		hint = "run as root, or give the device's group access";
	else if (err == -ENOTTY)
		hint = "this is no device of kprof";
	return kprof_cmd_cannot(err, hint, "open %s", device);
}

static int check_rate(const struct kprof_module_info *info,
		      const struct kprof_collector_options *collect)
{
	if (collect->rate_hz > info->max_rate_hz)
		return kprof_cmd_cannot(0, NULL,
					"sample at %" PRIu32
					" Hz: the module allows at most "
					"%" PRIu32 " Hz",
					collect->rate_hz, info->max_rate_hz);
	if (!(info->features & KPROF_MODULE_HIGH_RES) &&
	    collect->rate_hz > info->tick_hz && !collect->force_rate)
		return kprof_cmd_cannot(
			0, "--force-rate tries nevertheless",
			"sample at %" PRIu32
			" Hz: the timers of this kernel are bound to its "
			"tick, at most %" PRIu32 " Hz",
			collect->rate_hz, info->tick_hz);
	return 0;
}

static int check_cpus(const struct kprof_module_info *info,
		      const struct kprof_collector_options *collect)
{
	for (size_t cpu = info->nr_cpu_ids; cpu < collect->cpus_bytes * 8;
	     cpu++)
		if (collect->cpus[cpu / 8] & (1 << cpu % 8))
			return kprof_cmd_cannot(
				0, NULL,
				"sample CPU %zu: this machine has CPUs 0 to "
				"%" PRIu32,
				cpu, info->nr_cpu_ids - 1);
	return 0;
}

int kprof_module_check(const struct kprof_module_info *info,
		       const struct kprof_record_options *options)
{
	const struct kprof_collector_options *collect = &options->collect;
	int status = check_rate(info, collect);

	if (status)
		return status;
	if (options->stacks && !strcmp(options->stacks, "cfi") &&
	    !(info->features & KPROF_MODULE_UNWIND_TABLES))
		return kprof_cmd_cannot(
			0, "-g fp walks by frame pointers",
			"walk by unwind information: the module knows no "
			"tables on this machine");
	if (collect->max_depth > info->max_depth)
		return kprof_cmd_cannot(0, NULL,
					"take %" PRIu32
					" frames of a stack: the module allows "
					"at most %" PRIu32,
					collect->max_depth, info->max_depth);
	if (collect->ring_bytes > info->max_ring_bytes)
		return kprof_cmd_cannot(0, NULL,
					"have rings of %" PRIu32
					" KiB: the module allows at most "
					"%" PRIu32 " KiB",
					collect->ring_bytes / 1024,
					info->max_ring_bytes / 1024);
	return check_cpus(info, collect);
}

static int no_privilege(const struct kprof_record_options *options)
{
	if (options->collect.kernel_stacks)
		return kprof_cmd_cannot(-EPERM,
					"run as root, or with CAP_SYSLOG; or "
					"without -k",
					"record kernel stacks");
	return kprof_cmd_cannot(-EPERM, "run as root, or with CAP_PERFMON",
				"record everything");
}

int kprof_module_cannot_set_up(int err, const struct kprof_module_info *info,
			       const struct kprof_record_options *options)
{
	if (err == -EPERM || err == -EACCES)
		return no_privilege(options);
	if (err == -EBUSY)
		return kprof_cmd_cannot(
			0, "'kprofctl status' shows those in the background",
			"start a session: the module allows at most %" PRIu32
			" at once",
			info->max_sessions);
	if (err == -EINVAL && options->cpus)
		return kprof_cmd_cannot(err, "are these CPUs online?",
					"start a session");
	if (err == -ENOBUFS)
		return kprof_cmd_cannot(
			0, "--ring-kib makes them smaller",
			"start a session: the buffers of all sessions would "
			"take more than the module's max_rings_mib");
	if (err == -ENOMEM)
		return kprof_cmd_cannot(err, "--ring-kib makes it smaller",
					"start a session");
	return kprof_cmd_cannot(err, NULL, "start a session");
}

int kprof_module_cannot_attach(int err, const char *what, int32_t id)
{
	const char *hint = NULL;

	if (err == -EPERM || err == -EACCES)
		hint = "run as root, or as the user whose process it is";
	else if (err == -EINVAL)
		hint = "kernel threads are recorded with -a";
	else if (err == -ENOSPC)
		hint = "too many targets, -a records everything";
	return kprof_cmd_cannot(err, hint, "attach to %s %" PRId32, what, id);
}
