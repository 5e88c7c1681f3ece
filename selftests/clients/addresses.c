// SPDX-License-Identifier: GPL-2.0
/*
 * Makes profiles of addresses of a program, and shows what became of them.
 *
 * Copyright (C) 2026 The kprof authors
 *
 *	addresses make PROGRAM NUMBER SEED OUT   writes a profile of NUMBER
 *	        distinct addresses of code, drawn by SEED; prints their
 *	        addresses as the linker saw them, sorted
 *	addresses show PROFILE   prints for each address its frames, the
 *	        innermost first: system name, file and line, between tabs
 *	addresses symbolize IN OUT   does in this process what a recording does
 *	        at its end
 */
#include "lib/kprof.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MAX_SECTIONS = 64,
	PAGE_BYTES = 4096,
};

/* Where the loader is said to have put what is linked at 0. */
static const uint64_t bias = 0x550000000000;

struct part {
	uint64_t start;
	uint64_t size;
};

static void die(const char *what)
{
	fprintf(stderr, "addresses: cannot %s\n", what);
	exit(1);
}

static void check(int err, const char *what)
{
	if (err) {
		fprintf(stderr, "addresses: cannot %s: %s\n", what,
			strerror(-err));
		exit(1);
	}
}

/* Making */

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* What compilers make; of the code that linkers make nobody has lines. */
static size_t find_code(Elf *elf, struct part *parts, uint64_t *total_ret)
{
	Elf_Scn *section = NULL;
	size_t nr = 0, names;
	GElf_Shdr shdr;

	*total_ret = 0;
	if (elf_getshdrstrndx(elf, &names))
		die("read the program");
	while ((section = elf_nextscn(elf, section)) && nr < MAX_SECTIONS) {
		const char *name;

		if (!gelf_getshdr(section, &shdr))
			continue;
		name = elf_strptr(elf, names, shdr.sh_name);
		if (!name || strncmp(name, ".text", strlen(".text")))
			continue;
		parts[nr++] = (struct part){shdr.sh_addr, shdr.sh_size};
		*total_ret += shdr.sh_size;
	}
	return nr;
}

static uint64_t random_below(uint64_t limit)
{
	return ((uint64_t)random() << 31 | (uint64_t)random()) % limit;
}

static uint64_t draw(const struct part *parts, uint64_t total)
{
	uint64_t at = random_below(total);

	for (; at >= parts->size; parts++)
		at -= parts->size;
	return parts->start + at;
}

/* How many are left when each is there once. */
static size_t sort_unique(uint64_t *addresses, size_t nr)
{
	size_t nr_unique = 0;

	qsort(addresses, nr, sizeof(*addresses), compare_numbers);
	for (size_t i = 0; i < nr; i++)
		if (!i || addresses[i] != addresses[i - 1])
			addresses[nr_unique++] = addresses[i];
	return nr_unique;
}

static void add_mappings(Elf *elf, const char *path,
			 struct kprof_profile *profile)
{
	size_t nr;
	GElf_Phdr phdr;
	uint32_t index;

	if (elf_getphdrnum(elf, &nr))
		die("read the program headers");
	for (size_t i = 0; i < nr; i++) {
		struct kprof_mapping mapping = {
			.filename = path,
			.fd = -1,
		};
		uint64_t in_page;

		gelf_getphdr(elf, (int)i, &phdr);
		if (phdr.p_type != PT_LOAD || !(phdr.p_flags & PF_X))
			continue;
		in_page = phdr.p_vaddr % PAGE_BYTES;
		mapping.start = bias + phdr.p_vaddr - in_page;
		mapping.limit =
			bias + (phdr.p_vaddr + phdr.p_memsz + PAGE_BYTES - 1) /
				       PAGE_BYTES * PAGE_BYTES;
		mapping.file_offset = phdr.p_offset - in_page;
		check(kprof_profile_add_mapping(profile, &mapping, &index),
		      "add a mapping");
	}
}

static void add_sample(struct kprof_profile *profile, uint64_t address)
{
	const int64_t value = 1;
	uint32_t location, mapping = 0;

	while (mapping < profile->nr_mappings &&
	       (address + bias < profile->mappings[mapping].start ||
		address + bias >= profile->mappings[mapping].limit))
		mapping++;
	if (mapping == profile->nr_mappings)
		die("find the mapping of an address");
	check(kprof_profile_add_location(profile, mapping, address + bias,
					 false, &location),
	      "add a location");
	check(kprof_profile_add_sample(profile, &location, 1, NULL, 0, &value),
	      "add a sample");
}

static void write_profile(const struct kprof_profile *profile, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		die("create the profile");
	check(kprof_pprof_write(profile, fd), "write the profile");
	close(fd);
}

static void make(const char *path, size_t nr, unsigned int seed,
		 const char *out)
{
	uint64_t *addresses = calloc(nr, sizeof(*addresses));
	struct part parts[MAX_SECTIONS];
	struct kprof_profile *profile;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t total;
	size_t nr_unique = 0;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || !addresses || !find_code(elf, parts, &total) || total < nr)
		die("read the program");
	srandom(seed);
	while (nr_unique < nr) {
		for (size_t i = nr_unique; i < nr; i++)
			addresses[i] = draw(parts, total);
		nr_unique = sort_unique(addresses, nr);
	}
	check(kprof_profile_create(&profile), "make a profile");
	check(kprof_profile_add_sample_type(profile, "samples", "count"),
	      "make a profile");
	add_mappings(elf, path, profile);
	for (size_t i = 0; i < nr; i++) {
		printf("0x%" PRIx64 "\n", addresses[i]);
		add_sample(profile, addresses[i]);
	}
	write_profile(profile, out);
	kprof_profile_destroy(profile);
	elf_end(elf);
	close(fd);
	free(addresses);
}

/* Showing */

static struct kprof_profile *read_profile(const char *path)
{
	struct kprof_profile *profile;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	check(kprof_pprof_read(fd, &profile), "read the profile");
	close(fd);
	return profile;
}

static void show(const char *path)
{
	struct kprof_profile *profile = read_profile(path);

	for (uint32_t i = 0; i < profile->nr_locations; i++) {
		const struct kprof_location *location = &profile->locations[i];

		printf("0x%" PRIx64, location->address - bias);
		for (uint32_t j = 0; j < location->nr_lines; j++) {
			const struct kprof_line *line =
				&profile->lines[location->first_line + j];
			const struct kprof_function *function =
				&profile->functions[line->function];

			printf("\t%s\t%s\t%" PRId64, function->system_name,
			       function->filename, line->line);
		}
		putchar('\n');
	}
	kprof_profile_destroy(profile);
}

static void symbolize(const char *in, const char *out)
{
	struct kprof_profile *profile = read_profile(in);

	check(kprof_symbolize(profile, NULL), "symbolize");
	write_profile(profile, out);
	kprof_profile_destroy(profile);
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "make"))
		make(argv[2], strtoul(argv[3], NULL, 10),
		     (unsigned int)strtoul(argv[4], NULL, 10), argv[5]);
	else if (argc == 3 && !strcmp(argv[1], "show"))
		show(argv[2]);
	else if (argc == 4 && !strcmp(argv[1], "symbolize"))
		symbolize(argv[2], argv[3]);
	else
		die("understand the arguments");
	return 0;
}
