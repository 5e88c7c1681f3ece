// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: the module's device, who may use it, and its limits.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"

/* Numbers of linux/capability.h; older headers do not have all of them. */
enum {
	CAPABILITY_SYS_ADMIN = 21,
	CAPABILITY_SYSLOG = 34,
	CAPABILITY_PERFMON = 38,
};

/* Device */

static bool look_at_node(struct kprof_doctor *doctor,
			 const struct kprof_doctor_machine *machine,
			 const char *path)
{
	struct stat st;

	if (stat(path, &st)) {
		kprof_doctor_bad(
			doctor,
			"there is no %s, though the module is loaded: "
			"mount devtmpfs on /dev, or make it (mknod, "
			"its numbers are in /sys/class/misc/kprof/dev)",
			machine->device);
		return false;
	}
	if (!S_ISCHR(st.st_mode)) {
		kprof_doctor_bad(doctor,
				 "%s is no device: remove it, and load "
				 "the module anew",
				 machine->device);
		return false;
	}
	return true;
}

static bool look_at_access(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine,
			   const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;

	if (fd >= 0) {
		kprof_doctor_ok(doctor, "%s can be opened", machine->device);
		return true;
	}
	if ((errno == EACCES || errno == EPERM) && !stat(path, &st))
		kprof_doctor_bad(doctor,
				 "user %d may not open %s (its mode is %04o, "
				 "of user %d and group %d): run as root, or "
				 "chgrp GROUP %s && chmod 660 %s",
				 (int)geteuid(), machine->device,
				 (unsigned int)st.st_mode & 07777,
				 (int)st.st_uid, (int)st.st_gid,
				 machine->device, machine->device);
	else
		kprof_doctor_bad(doctor, "%s cannot be opened: %s",
				 machine->device, strerror(errno));
	return false;
}

static bool look_at_interface(struct kprof_doctor *doctor, const char *path,
			      struct kprof_module_info *info)
{
	int err = kprof_module_info(path, info);

	if (!err)
		return true;
	if (err == -EPROTONOSUPPORT)
		kprof_doctor_bad(doctor,
				 "the loaded module speaks ABI %" PRIu32
				 ", this kprofctl speaks %" PRIu32
				 ": install both from one release, then rmmod "
				 "kprof and insmod kprof.ko",
				 info->abi_version, kprof_abi_version());
	else
		kprof_doctor_bad(doctor, "the module does not answer: %s",
				 strerror(-err));
	return false;
}

/* Rights */

static uint64_t capabilities(const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *status =
		kprof_doctor_read(machine, "/proc/self/status");
	const char *line = status ? strstr(status, "\nCapEff:") : NULL;

	return line ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
}

static bool has(uint64_t set, unsigned int capability)
{
	return set >> capability & 1;
}

static void look_at_rights(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine)
{
	uint64_t set = capabilities(machine);

	if (!has(set, CAPABILITY_PERFMON) && !has(set, CAPABILITY_SYS_ADMIN))
		kprof_doctor_ok(doctor,
				"you may record your own processes; "
				"for everything (-a) and others' it "
				"takes root or CAP_PERFMON");
	else if (!has(set, CAPABILITY_SYSLOG))
		kprof_doctor_ok(doctor,
				"you may record everything, but kernel "
				"stacks (-k), which take CAP_SYSLOG");
	else
		kprof_doctor_ok(doctor, "you may record everything");
}

bool kprof_doctor_device(struct kprof_doctor *doctor,
			 const struct kprof_doctor_machine *machine,
			 struct kprof_module_info *ret)
{
	_cleanup_free_ char *path =
		kprof_doctor_path(machine, "%s", machine->device);

	if (!path || !look_at_node(doctor, machine, path) ||
	    !look_at_access(doctor, machine, path) ||
	    !look_at_interface(doctor, path, ret))
		return false;
	look_at_rights(doctor, machine);
	return true;
}

/* Limits */

static void look_at_sessions(struct kprof_doctor *doctor,
			     const struct kprof_module_info *info)
{
	if (info->nr_sessions >= info->max_sessions)
		kprof_doctor_bad(doctor,
				 "all %" PRIu32
				 " sessions are in use: end one "
				 "('kprofctl status' shows those in the "
				 "background), or write a larger number to "
				 "/sys/module/kprof/parameters/max_sessions",
				 info->max_sessions);
	else
		kprof_doctor_ok(doctor,
				"%" PRIu32 " of %" PRIu32
				" sessions are in use",
				info->nr_sessions, info->max_sessions);
}

static void look_at_budget(struct kprof_doctor *doctor,
			   const struct kprof_module_info *info)
{
	if (!info->max_cpu_percent)
		kprof_doctor_bad(doctor,
				 "nothing bounds what sampling costs "
				 "(max_cpu_percent is 0): echo 5 "
				 ">/sys/module/kprof/parameters/"
				 "max_cpu_percent");
	else
		kprof_doctor_ok(doctor,
				"sampling takes at most %" PRIu32
				" %% of a CPU",
				info->max_cpu_percent);
}

static void look_at_timer(struct kprof_doctor *doctor,
			  const struct kprof_module_info *info)
{
	if (info->features & KPROF_MODULE_HIGH_RES)
		kprof_doctor_ok(doctor,
				"timers of high resolution: up to "
				"%" PRIu32 " Hz",
				info->max_rate_hz);
	else
		kprof_doctor_bad(doctor,
				 "the timers are bound to the tick, at most "
				 "%" PRIu32
				 " Hz: boot with highres=on, or "
				 "CONFIG_HIGH_RES_TIMERS=y",
				 info->tick_hz);
}

void kprof_doctor_limits(struct kprof_doctor *doctor,
			 const struct kprof_module_info *info)
{
	look_at_sessions(doctor, info);
	look_at_budget(doctor, info);
	look_at_timer(doctor, info);
}
