// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: is the module loaded, and if not, why not?
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

enum {
	/* A record of the kernel's log. */
	MAX_RECORD_BYTES = 8192,
};

/* Headers */

static void look_at_headers(struct kprof_doctor *doctor,
			    const struct kprof_doctor_machine *machine)
{
	if (kprof_doctor_exists(machine, "/lib/modules/%s/build/Makefile",
				machine->release))
		kprof_doctor_ok(doctor,
				"kernel headers, to build the module "
				"with: /lib/modules/%s/build",
				machine->release);
	else if (machine->has_fitting_file)
		kprof_doctor_ok(doctor,
				"no kernel headers here, and none "
				"needed: there is a kprof.ko");
	else
		kprof_doctor_bad(doctor,
				 "no kernel headers at /lib/modules/%s/build: "
				 "install them (Debian: linux-headers-%s), or "
				 "build elsewhere with make KDIR=",
				 machine->release, machine->release);
}

/* The file */

/* Where modules_install and the makers of packages put it. */
static char *find_file(const struct kprof_doctor_machine *machine)
{
	static const char *const folders[] = {"updates", "updates/dkms",
					      "extra", "kernel/kmod"};
	static const char *const suffixes[] = {"", ".xz", ".zst", ".gz"};
	char *path;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		for (size_t n = 0; n < sizeof(suffixes) / sizeof(*suffixes);
		     n++) {
			if (asprintf(&path, "/lib/modules/%s/%s/kprof.ko%s",
				     machine->release, folders[i],
				     suffixes[n]) < 0)
				return NULL;
			if (kprof_doctor_exists(machine, "%s", path))
				return path;
			free(path);
		}
	}
	return NULL;
}

static void look_at_file(struct kprof_doctor *doctor,
			 struct kprof_doctor_machine *machine, const char *path)
{
	if (!path)
		kprof_doctor_bad(doctor,
				 "no kprof.ko below /lib/modules/%s: make, "
				 "then make modules_install or --module "
				 "build/kprof.ko",
				 machine->release);
	else
		kprof_doctor_module_file(doctor, machine, path);
}

/* What the kernel said when it was tried */

static const struct {
	const char *text;
	const char *advice;
} refusals[] = {
	{"kprof: version magic",
	 "it was built for another kernel: make clean, then make"},
	{"kprof: disagrees about version of symbol",
	 "it was built with other headers than those of this kernel: make "
	 "clean, then make"},
	{"kprof: Unknown symbol",
	 "this kernel does not export what the module needs "
	 "(CONFIG_TRIM_UNUSED_KSYMS?)"},
	{"kprof: loading of unsigned module is rejected",
	 "sign it with a key that the kernel knows"},
	{"kprof: loading of module with unavailable key is rejected",
	 "enrol its key (mokutil --import), or sign it with one that the "
	 "kernel knows"},
	{"unsigned module loading is restricted",
	 "lockdown, as Secure Boot has it, takes signed modules only"},
};

/* The last refusal in the kernel's log, with the words of it in @record. */
static const char *find_refusal(int fd, char record[MAX_RECORD_BYTES])
{
	_cleanup_free_ char *next = malloc(MAX_RECORD_BYTES);
	const char *advice = NULL, *found;
	ssize_t len;

	/* -EPIPE: records were overwritten; the next read goes on. */
	while (next && ((len = read(fd, next, MAX_RECORD_BYTES - 1)) > 0 ||
			(len < 0 && errno == EPIPE))) {
		if (len < 0)
			continue;
		next[len] = '\0';
		next[strcspn(next, "\n")] = '\0';
		for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals);
		     i++) {
			found = strstr(next, refusals[i].text);
			if (!found)
				continue;
			strcpy(record, found);
			advice = refusals[i].advice;
		}
	}
	return advice;
}

static void look_at_log(struct kprof_doctor *doctor,
			const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *path = kprof_doctor_path(machine, "/dev/kmsg");
	_cleanup_free_ char *record = malloc(MAX_RECORD_BYTES);
	_cleanup_close_ int fd = -1;
	const char *advice;

	if (!path || !record)
		return;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	advice = find_refusal(fd, record);
	if (advice)
		kprof_doctor_bad(doctor,
				 "the kernel refused it last with \"%s\": %s",
				 record, advice);
}

/* Loaded */

static void look_at_loaded(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *version =
		kprof_doctor_read(machine, "/sys/module/kprof/version");
	_cleanup_free_ char *state =
		kprof_doctor_read(machine, "/sys/module/kprof/initstate");

	if (state && strcmp(state, "live")) {
		kprof_doctor_bad(doctor,
				 "the module is %s: wait, then look "
				 "into the kernel's log",
				 state);
		return;
	}
	kprof_doctor_ok(doctor, "the module is loaded, version %s",
			version ?: "unknown");
}

void kprof_doctor_module(struct kprof_doctor *doctor,
			 struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *found = NULL;
	const char *path = machine->module;

	machine->is_loaded = kprof_doctor_exists(machine, "/sys/module/kprof");
	if (machine->is_loaded) {
		if (path)
			kprof_doctor_module_file(doctor, machine, path);
		look_at_loaded(doctor, machine);
		return;
	}
	if (!path) {
		found = find_file(machine);
		path = found;
	}
	look_at_file(doctor, machine, path);
	look_at_headers(doctor, machine);
	look_at_log(doctor, machine);
	kprof_doctor_bad(doctor, "the module is not loaded: insmod %s",
			 path ?: "kprof.ko");
}
