// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which part of the running kernel an address is in: the kernel itself, or a
 * module.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Kernels and modules are at other addresses after each boot. What says which
 * function it is anywhere, at any time, is the build-id and how far it is from
 * where the kernel or the module starts. Both are had from the running kernel
 * only, so they are written down when the recording ends, with names or
 * without.
 *
 * What hides its addresses (it needs CAP_SYSLOG) has no place; what has no
 * build-id has one all the same.
 */
#include "lib/kernel_places.h"

#include "lib/elf_file.h"
#include "lib/kprof.h"
#include "util/cleanup.h"
#include "util/io.h"
#include "util/vector.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_NOTES_BYTES = 1 << 16,
	/* Of a module's name; the kernel has 56. */
	NAME_BYTES = 128,
	/* Modules; systems have some hundred. */
	MAX_AREAS = 4096,
};

/**
 * struct area - the kernel, or a module
 * @name: as a mapping is called: [kernel.kallsyms], [ext4]
 * @start: first address of its code
 * @limit: first address after it
 * @mapping: of the profile; KPROF_NO_INDEX as long as nobody asked
 */
struct area {
	char name[NAME_BYTES];
	uint64_t start;
	uint64_t limit;
	uint32_t mapping;
};

/**
 * struct placing - of the addresses of one profile
 * @profile: which
 * @files: what is read
 * @areas: sorted by start
 */
struct placing {
	struct kprof_profile *profile;
	const struct kprof_kernel_files *files;
	vector(struct area) areas;
};

int kprof_kernel_mapping(struct kprof_profile *profile, const char *name,
			 uint32_t *ret)
{
	struct kprof_mapping added = {.fd = -1};
	int err;

	err = kprof_profile_intern(profile, name, &added.filename);
	if (err)
		return err;
	for (uint32_t i = 0; i < profile->nr_mappings; i++) {
		if (profile->mappings[i].filename == added.filename) {
			*ret = i;
			return 0;
		}
	}
	return kprof_profile_add_mapping(profile, &added, ret);
}

/* Areas */

static int add_area(struct placing *placing, const struct area *area)
{
	/* Hidden, or of no use. */
	if (!area->start || area->limit <= area->start ||
	    placing->areas.nr == MAX_AREAS)
		return 0;
	return vector_push(&placing->areas, *area);
}

/* The kernel's text comes first, and modules come last. */
static int read_kallsyms(struct placing *placing)
{
	_cleanup_fclose_ FILE *file = fopen(placing->files->kallsyms, "re");
	struct area kernel = {.name = KPROF_KERNEL_MAPPING};
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (file && !kernel.limit && getline(&line, &size, file) >= 0) {
		char name[sizeof("_stext") + 1];
		uint64_t address;

		/* A longer name is cut, and is none of the two. */
		if (sscanf(line, "%" SCNx64 " %*c %7s", &address, name) != 2)
			continue;
		if (!strcmp(name, KPROF_KERNEL_START))
			kernel.start = address;
		else if (!strcmp(name, "_etext"))
			kernel.limit = address;
	}
	return add_area(placing, &kernel);
}

/* "ext4 983040 1 - Live 0xffffffffc0400000"; what is not Live has no code. */
static int add_module(struct placing *placing, const char *line)
{
	struct area area = {};
	char name[NAME_BYTES - 2], state[16];
	uint64_t size;

	if (sscanf(line, "%125s %" SCNu64 " %*s %*s %15s %" SCNx64, name, &size,
		   state, &area.start) != 4 ||
	    strcmp(state, "Live") != 0 || strchr(name, '/'))
		return 0;
	snprintf(area.name, sizeof(area.name), "[%s]", name);
	area.limit = area.start + size;
	return add_area(placing, &area);
}

static int read_modules(struct placing *placing)
{
	_cleanup_fclose_ FILE *file = fopen(placing->files->modules, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (file && !err && getline(&line, &size, file) >= 0)
		err = add_module(placing, line);
	return err;
}

static int compare_areas(const void *a, const void *b)
{
	const struct area *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int read_areas(struct placing *placing)
{
	int err = read_kallsyms(placing) ?: read_modules(placing);

	if (!err && placing->areas.nr)
		qsort(placing->areas.data, placing->areas.nr,
		      sizeof(*placing->areas.data), compare_areas);
	return err;
}

/*
 * The last one that starts before @address. Since Linux 6.4 a module's parts
 * are apart, and its size is that of all of them: its end is not exact.
 */
static struct area *find_area(struct placing *placing, uint64_t address)
{
	size_t low = 0, high = placing->areas.nr;
	struct area *area;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (placing->areas.data[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	area = &placing->areas.data[low - 1];
	return address < area->limit ? area : NULL;
}

/* Build-ids */

static void read_build_id(const char *path,
			  char ret[static KPROF_ELF_BUILD_ID_HEX])
{
	_cleanup_free_ char *notes = NULL;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size;

	if (fd < 0 || kprof_io_read_all(fd, MAX_NOTES_BYTES, &notes, &size) ||
	    kprof_elf_notes_build_id(notes, size, ret))
		ret[0] = '\0';
}

static int find_build_id(const struct placing *placing, const char *area,
			 char ret[static KPROF_ELF_BUILD_ID_HEX])
{
	_cleanup_free_ char *path = NULL;
	const char *sys = placing->files->sys;
	int len = (int)strlen(area) - 2;

	if ((!strcmp(area, KPROF_KERNEL_MAPPING)
		     ? asprintf(&path, "%s/kernel/notes", sys)
		     : asprintf(&path,
				"%s/module/%.*s/notes/.note.gnu.build-id", sys,
				len, area + 1)) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	read_build_id(path, ret);
	return 0;
}

/* Places */

static int describe(struct placing *placing, struct area *area)
{
	struct kprof_profile *profile = placing->profile;
	char build_id[KPROF_ELF_BUILD_ID_HEX];
	struct kprof_mapping *mapping;
	int err;

	err = kprof_kernel_mapping(profile, area->name, &area->mapping);
	err = err ?: find_build_id(placing, area->name, build_id);
	if (err)
		return err;
	mapping = &profile->mappings[area->mapping];
	mapping->start = area->start;
	mapping->limit = area->limit;
	return kprof_profile_intern(profile, build_id, &mapping->build_id);
}

static int place(struct placing *placing, struct kprof_location *location)
{
	struct area *area = find_area(placing, location->address);
	int err = 0;

	if (!area)
		return 0;
	if (area->mapping == KPROF_NO_INDEX)
		err = describe(placing, area);
	location->mapping = area->mapping;
	return err;
}

/* Those with a name are no addresses: [kernel] is such a one. */
static bool needs_place(const struct kprof_location *location)
{
	return location->in_kernel && location->mapping == KPROF_NO_INDEX &&
	       !location->nr_lines;
}

static bool any_needs_place(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		if (needs_place(&profile->locations[i]))
			return true;
	return false;
}

int kprof_kernel_place(struct kprof_profile *profile,
		       const struct kprof_kernel_files *files)
{
	struct placing placing = {.profile = profile, .files = files};
	int err;

	if (!any_needs_place(profile))
		return 0;
	err = read_areas(&placing);
	vector_for_each (&placing.areas, area)
		area->mapping = KPROF_NO_INDEX;
	for (uint32_t i = 0; !err && i < profile->nr_locations; i++)
		if (needs_place(&profile->locations[i]))
			err = place(&placing, &profile->locations[i]);
	vector_free(&placing.areas);
	return err;
}

int kprof_place_kernel(struct kprof_profile *profile)
{
	static const struct kprof_kernel_files files = {
		.kallsyms = "/proc/kallsyms",
		.modules = "/proc/modules",
		.sys = "/sys",
	};

	return kprof_kernel_place(profile, &files);
}
