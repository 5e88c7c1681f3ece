/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl doctor: what this machine has that sampling needs.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_DOCTOR_MACHINE_H
#define CMD_DOCTOR_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor.h"

/**
 * struct kprof_doctor_machine - a machine to look at
 * @root: before every path, "" for this machine; for tests
 * @device: the module's, below @root
 * @module: file of the module, NULL for where modules are installed
 * @release: of the kernel, as uname() has it; the next two likewise
 * @version: how it was built
 * @machine: what for
 * @port: that a server has or may have
 * @is_port_wanted: it is to have it
 * @is_loaded: the module is loaded; found out on the way, like the next
 * @has_fitting_file: there is a module that this kernel would take
 */
struct kprof_doctor_machine {
	const char *root;
	const char *device;
	const char *module;
	const char *release;
	const char *version;
	const char *machine;
	uint16_t port;
	bool is_port_wanted;
	bool is_loaded;
	bool has_fitting_file;
};

/**
 * struct kprof_doctor_sample - how a short recording went
 * @cpu_seconds: that its target ran
 * @rate_hz: that was asked for
 * @summary: what came of it
 */
struct kprof_doctor_sample {
	double cpu_seconds;
	uint32_t rate_hz;
	struct kprof_collector_summary summary;
};

/* Everything, in the order in which it is needed. */
void kprof_doctor_machine(struct kprof_doctor *doctor,
			  struct kprof_doctor_machine *machine);

/* Its parts. The kernel: what it is; false if it takes no modules at all. */
bool kprof_doctor_kernel(struct kprof_doctor *doctor,
			 const struct kprof_doctor_machine *machine);
/* Whether the module is loaded; if not, the file and what is against it. */
void kprof_doctor_module(struct kprof_doctor *doctor,
			 struct kprof_doctor_machine *machine);
/* What is against the file at @path, below the root. */
void kprof_doctor_module_file(struct kprof_doctor *doctor,
			      struct kprof_doctor_machine *machine,
			      const char *path);
/* True if the module behind the device can be asked; then @ret is valid. */
bool kprof_doctor_device(struct kprof_doctor *doctor,
			 const struct kprof_doctor_machine *machine,
			 struct kprof_module_info *ret);
/* Of what the module says: is there room, and are there bounds? */
void kprof_doctor_limits(struct kprof_doctor *doctor,
			 const struct kprof_module_info *info);
/* Samples for a second; what cannot be done is said. */
void kprof_doctor_sampling(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine,
			   const struct kprof_module_info *info);
void kprof_doctor_judge_sample(struct kprof_doctor *doctor,
			       const struct kprof_doctor_sample *sample);
void kprof_doctor_port(struct kprof_doctor *doctor,
		       const struct kprof_doctor_machine *machine);

/* Paths below the root, from a format. For the caller to free; NULL: no memory.
 */
char *kprof_doctor_path(const struct kprof_doctor_machine *machine,
			const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool kprof_doctor_exists(const struct kprof_doctor_machine *machine,
			 const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The text of a small file, without its last newline; NULL if there is none. */
char *kprof_doctor_read(const struct kprof_doctor_machine *machine,
			const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* CMD_DOCTOR_MACHINE_H */
