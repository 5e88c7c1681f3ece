// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the reader of pprof files, and with what it accepts the writer: a
 * profile that was read can be written and read again, and is the same size.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read_again(const struct kprof_profile *profile)
{
	struct kprof_profile *again;
	int fd = memfd_create("pprof", MFD_CLOEXEC);

	if (fd < 0 || kprof_pprof_write(profile, fd) || lseek(fd, 0, SEEK_SET))
		abort();
	if (kprof_pprof_read(fd, &again))
		abort();
	if (again->nr_mappings != profile->nr_mappings ||
	    again->nr_functions != profile->nr_functions ||
	    again->nr_locations != profile->nr_locations ||
	    again->nr_lines != profile->nr_lines ||
	    again->nr_comments != profile->nr_comments)
		abort();
	kprof_profile_destroy(again);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kprof_profile *profile;

	if (kprof_pprof_parse(data, size, &profile))
		return 0;
	write_and_read_again(profile);
	kprof_profile_destroy(profile);
	return 0;
}
