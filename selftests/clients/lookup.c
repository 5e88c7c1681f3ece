// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbolizes addresses of a program as those of a profile are symbolized.
 *
 *	lookup [-n] [-s DIR] PROGRAM < ADDRESSES
 *
 * Addresses are the linker's, one a line, in hexadecimal. Prints a line for
 * each: what is there, the innermost inlined function first, as name|file:line
 * with tabs between. With -n names of functions only; with -s symbol maps are
 * looked for in DIR.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	MAX_ADDRESSES = 1 << 20,
	PAGE_BYTES = 4096,
};

static uint32_t locations[MAX_ADDRESSES];

static void die(const char *what)
{
	fprintf(stderr, "lookup: %s\n", what);
	exit(1);
}

static void print_log(enum kprof_log_level level, const char *message,
		      void *context)
{
	(void)context;
	if (level <= KPROF_LOG_WARNING)
		fprintf(stderr, "lookup: %s\n", message);
}

/* Where the linker put it, which is where nobody maps it. */
static void add_mappings(struct kprof_profile *profile, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	GElf_Phdr phdr;
	size_t nr;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_getphdrnum(elf, &nr))
		die("cannot read the program");
	for (size_t i = 0; i < nr; i++) {
		struct kprof_mapping mapping = {
			.filename = path,
			.build_id = "",
			.fd = -1,
		};
		uint32_t index;

		if (!gelf_getphdr(elf, (int)i, &phdr) ||
		    phdr.p_type != PT_LOAD || !(phdr.p_flags & PF_X))
			continue;
		mapping.start = phdr.p_vaddr - phdr.p_vaddr % PAGE_BYTES;
		mapping.limit = phdr.p_vaddr + phdr.p_memsz;
		mapping.file_offset = phdr.p_offset - phdr.p_vaddr % PAGE_BYTES;
		if (kprof_profile_add_mapping(profile, &mapping, &index))
			die("cannot add a mapping");
	}
	elf_end(elf);
	close(fd);
}

static uint32_t mapping_of(const struct kprof_profile *profile,
			   uint64_t address)
{
	for (uint32_t i = 0; i < profile->nr_mappings; i++)
		if (address >= profile->mappings[i].start &&
		    address < profile->mappings[i].limit)
			return i;
	die("an address is in no executable segment");
	return 0;
}

static size_t add_locations(struct kprof_profile *profile)
{
	unsigned long long address;
	size_t nr = 0;

	while (nr < MAX_ADDRESSES && scanf("%llx", &address) == 1)
		if (kprof_profile_add_location(
			    profile, mapping_of(profile, address), address,
			    false, &locations[nr++]))
			die("cannot add a location");
	return nr;
}

static void print_location(const struct kprof_profile *profile, uint32_t index)
{
	const struct kprof_location *location = &profile->locations[index];

	for (uint32_t i = 0; i < location->nr_lines; i++) {
		const struct kprof_line *line =
			&profile->lines[location->first_line + i];
		const struct kprof_function *function =
			&profile->functions[line->function];

		printf("%s%s|%s:%lld", i ? "\t" : "", function->name,
		       function->filename, (long long)line->line);
	}
	putchar('\n');
}

static void look_up(const char *path,
		    const struct kprof_symbolize_options *options)
{
	struct kprof_profile *profile;
	size_t nr;

	if (kprof_profile_create(&profile))
		die("no memory");
	add_mappings(profile, path);
	nr = add_locations(profile);
	if (kprof_symbolize(profile, options))
		die("cannot symbolize");
	for (size_t i = 0; i < nr; i++)
		print_location(profile, locations[i]);
	kprof_profile_destroy(profile);
}

int main(int argc, char **argv)
{
	struct kprof_symbolize_options options = {};
	const char *symbols;
	char *path;
	int option;

	while ((option = getopt(argc, argv, "ns:")) != -1) {
		if (option == 'n') {
			options.no_lines = true;
		} else if (option == 's') {
			symbols = optarg;
			options.symbol_dirs = &symbols;
			options.nr_symbol_dirs = 1;
		} else {
			die("unknown option");
		}
	}
	if (optind + 1 != argc)
		die("usage: lookup [-n] [-s DIR] PROGRAM < ADDRESSES");
	path = realpath(argv[optind], NULL);
	if (!path)
		die("there is no such program");
	kprof_set_log(print_log, NULL);
	look_up(path, &options);
	free(path);
	return 0;
}
