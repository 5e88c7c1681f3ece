// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: the kernel, what it was built with, and whether it takes
 * modules.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor_machine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/gzip.h"
#include "util/io.h"
#include "util/strbuf.h"

enum {
	OLDEST_VERSION = 5,
	OLDEST_PATCHLEVEL = 10,
	MAX_CONFIG_BYTES = 4 << 20,
};

static void look_at_version(struct kprof_doctor *doctor,
			    const struct kprof_doctor_machine *machine)
{
	unsigned int version = 0, patchlevel = 0;

	if (sscanf(machine->release, "%u.%u", &version, &patchlevel) != 2 ||
	    version < OLDEST_VERSION ||
	    (version == OLDEST_VERSION && patchlevel < OLDEST_PATCHLEVEL))
		kprof_doctor_bad(
			doctor, "Linux %s: the module is for %d.%d and newer",
			machine->release, OLDEST_VERSION, OLDEST_PATCHLEVEL);
	else
		kprof_doctor_ok(doctor, "Linux %s on %s", machine->release,
				machine->machine);
}

/* Configuration */

/* /proc/config.gz, unpacked. */
static char *read_compressed(const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *path =
		kprof_doctor_path(machine, "/proc/config.gz");
	_cleanup_free_ char *data = NULL;
	_cleanup_close_ int fd = -1;
	size_t len;
	char *text;

	if (!path)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || kprof_io_read_all(fd, MAX_CONFIG_BYTES, &data, &len) ||
	    kprof_gzip_inflate(data, len, MAX_CONFIG_BYTES, &text, &len))
		return NULL;
	return text;
}

static char *read_config(const struct kprof_doctor_machine *machine,
			 const char **where_ret)
{
	static const struct {
		const char *before;
		const char *after;
	} places[] = {
		{"/boot/config-", ""},
		{"/lib/modules/", "/config"},
		{"/lib/modules/", "/build/.config"},
	};
	char *text = read_compressed(machine);

	*where_ret = "/proc/config.gz";
	for (size_t i = 0; !text && i < sizeof(places) / sizeof(*places); i++) {
		text = kprof_doctor_read(machine, "%s%s%s", places[i].before,
					 machine->release, places[i].after);
		*where_ret = places[i].before;
	}
	return text;
}

static bool is_set(const char *config, const char *option)
{
	size_t len = strlen(option);

	for (const char *at = config; (at = strstr(at, option)); at += len)
		if ((at == config || at[-1] == '\n') && at[len] == '=' &&
		    at[len + 1] != 'n')
			return true;
	return false;
}

/* What the module does without, and what that means. */
static const struct {
	const char *option;
	const char *without;
} wishes[] = {
	{"CONFIG_HIGH_RES_TIMERS", "no rate above the tick"},
	{"CONFIG_TRACEPOINTS", "children are recognised late"},
	{"CONFIG_KALLSYMS", "no names of kernel functions"},
};

static bool look_at_config(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine)
{
	_cleanup_strbuf_ struct kprof_strbuf without = {};
	_cleanup_free_ char *config = NULL;
	const char *where;

	config = read_config(machine, &where);
	if (!config) {
		kprof_doctor_ok(doctor,
				"its configuration is not to be had "
				"here, so nothing is said of it");
		return true;
	}
	if (!is_set(config, "CONFIG_MODULES")) {
		kprof_doctor_bad(doctor,
				 "this kernel takes no modules: build "
				 "one with CONFIG_MODULES=y");
		return false;
	}
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
		if (!is_set(config, wishes[i].option))
			kprof_strbuf_appendf(&without, "; without %s: %s",
					     wishes[i].option,
					     wishes[i].without);
	kprof_doctor_ok(doctor,
			"its configuration (%s...) has what the module "
			"needs%s",
			where, kprof_strbuf_str(&without));
	return true;
}

/* Loading */

static void look_at_loading(struct kprof_doctor *doctor,
			    const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *disabled =
		kprof_doctor_read(machine, "/proc/sys/kernel/modules_disabled");

	if (disabled && !strcmp(disabled, "1"))
		kprof_doctor_bad(doctor,
				 "loading modules was switched off "
				 "(kernel.modules_disabled=1), until the next "
				 "boot: load kprof before that is set");
}

bool kprof_doctor_kernel(struct kprof_doctor *doctor,
			 const struct kprof_doctor_machine *machine)
{
	look_at_version(doctor, machine);
	if (!look_at_config(doctor, machine))
		return false;
	if (!kprof_doctor_exists(machine, "/sys/module/kprof"))
		look_at_loading(doctor, machine);
	return true;
}
