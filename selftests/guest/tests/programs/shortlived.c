// SPDX-License-Identifier: GPL-2.0
/*
 * A process that is gone before anybody can look: it deletes its own file
 * first of all, works for a while, prints its process id.
 *
 *	shortlived CPU_MS [deleted]
 *		with "deleted", somebody else has done it already
 *	shortlived --copy FILE NUMBER
 *		writes a copy of this program whose build id is NUMBER, so that
 *		its names cannot be had from another copy
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>

#define PROGRAM "/proc/self/exe"

FRAME static uint64_t short_work(void)
{
	LEAF_FRAME();
	return multiply_add(7, 5000);
}

FRAME static void short_run(uint64_t cpu_ns)
{
	/* From here on: in an emulator exec alone can take longer. */
	uint64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + cpu_ns;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		short_work();
	KEEP_FRAME();
}

/* The build id's bytes in @image, a copy of this program */
static char *find_build_id(char *image, size_t *bytes)
{
	const ElfW(Ehdr) *header = (const void *)image;
	const ElfW(Phdr) *segment = (const void *)(image + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++) {
		size_t at = segment[i].p_offset;
		size_t end = at + segment[i].p_filesz;

		while (segment[i].p_type == PT_NOTE &&
		       at + sizeof(ElfW(Nhdr)) < end) {
			const ElfW(Nhdr) *note = (const void *)(image + at);

			at += sizeof(*note) + ((note->n_namesz + 3) & ~3U);
			if (note->n_type == NT_GNU_BUILD_ID) {
				*bytes = note->n_descsz;
				return image + at;
			}
			at += (note->n_descsz + 3) & ~3U;
		}
	}
	errno = ENOENT;
	die("build id");
}

static int copy_self(const char *path, const char *id)
{
	int in = open(PROGRAM, O_RDONLY), out;
	struct stat stat;
	size_t bytes;
	char *image, *build_id;

	if (in < 0 || fstat(in, &stat))
		die(PROGRAM);
	image = malloc((size_t)stat.st_size);
	if (!image || read(in, image, (size_t)stat.st_size) != stat.st_size)
		die(PROGRAM);
	build_id = find_build_id(image, &bytes);
	memset(build_id, 0x5a, bytes);
	*(uint32_t *)(void *)build_id = (uint32_t)number(id);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL, 0755);
	if (out < 0 ||
	    write(out, image, (size_t)stat.st_size) != stat.st_size ||
	    close(out))
		die("%s", path);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "--copy"))
		return copy_self(argv[2], argv[3]);
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: shortlived CPU_MS [deleted]\n");
		return 2;
	}
	if (argc == 2 && unlink(argv[0]))
		die("unlink %s", argv[0]);
	short_run(number(argv[1]) * 1000000);
	printf("pid %d\n", getpid());
	return 0;
}
