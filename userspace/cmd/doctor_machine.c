// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: what this machine has that sampling needs.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor_machine.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/io.h"

enum {
	/* The largest is a list of sockets, or of modules. */
	MAX_FILE_BYTES = 16 << 20,
};

/* Files */

static char *make_path(const struct kprof_doctor_machine *machine,
		       const char *fmt, va_list args)
{
	_cleanup_free_ char *path = NULL;
	char *whole;

	if (vasprintf(&path, fmt, args) < 0) {
		path = NULL;
		return NULL;
	}
	return asprintf(&whole, "%s%s", machine->root, path) < 0 ? NULL : whole;
}

char *kprof_doctor_path(const struct kprof_doctor_machine *machine,
			const char *fmt, ...)
{
	va_list args;
	char *path;

	va_start(args, fmt);
	path = make_path(machine, fmt, args);
	va_end(args);
	return path;
}

bool kprof_doctor_exists(const struct kprof_doctor_machine *machine,
			 const char *fmt, ...)
{
	_cleanup_free_ char *path = NULL;
	va_list args;

	va_start(args, fmt);
	path = make_path(machine, fmt, args);
	va_end(args);
	return path && !access(path, F_OK);
}

char *kprof_doctor_read(const struct kprof_doctor_machine *machine,
			const char *fmt, ...)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	va_list args;
	size_t len;
	char *text;

	va_start(args, fmt);
	path = make_path(machine, fmt, args);
	va_end(args);
	if (!path)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || kprof_io_read_all(fd, MAX_FILE_BYTES, &text, &len))
		return NULL;
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

void kprof_doctor_machine(struct kprof_doctor *doctor,
			  struct kprof_doctor_machine *machine)
{
	struct kprof_module_info info;

	if (kprof_doctor_kernel(doctor, machine))
		kprof_doctor_module(doctor, machine);
	if (machine->is_loaded && kprof_doctor_device(doctor, machine, &info)) {
		kprof_doctor_limits(doctor, &info);
		kprof_doctor_sampling(doctor, machine, &info);
	}
	kprof_doctor_port(doctor, machine);
}
