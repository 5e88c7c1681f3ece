// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the library that reads debug information can do.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/dwarf_reader.h"

#include "lib/kprof.h"

#ifdef HAVE_LIBDW

#include <stdio.h>
#include <elfutils/libdwfl.h>

enum {
	/* Minor versions of elfutils: .dwp, and sections compressed with zstd.
	 */
	HAS_PACKAGES = 191,
	HAS_ZSTD = 189,
};

/* The one in use may be another than the one at build time. */
static unsigned int minor_version(const char *version)
{
	unsigned int major = 0, minor = 0;

	if (sscanf(version, "%u.%u", &major, &minor) != 2)
		return 0;
	return major ? UINT32_MAX : minor;
}

bool kprof_dwarf_reads_packages(void)
{
	return minor_version(dwfl_version(NULL)) >= HAS_PACKAGES;
}

static bool can_zstd(unsigned int minor)
{
#ifdef HAVE_LIBZSTD
	(void)minor;
	return true;
#else
	return minor >= HAS_ZSTD;
#endif
}

const char *kprof_dwarf_reader(void)
{
	static char text[128];
	const char *version = dwfl_version(NULL);
	unsigned int minor = minor_version(version);
	const char *separator = ": ";
	int len;

	len = snprintf(text, sizeof(text), "libdw %s", version);
	if (!kprof_dwarf_reads_packages()) {
		len += snprintf(text + len, sizeof(text) - len, "%sno .dwp",
				separator);
		separator = ", ";
	}
	if (!can_zstd(minor))
		snprintf(text + len, sizeof(text) - len, "%sno zstd",
			 separator);
	return text;
}

#else

const char *kprof_dwarf_reader(void)
{
	return NULL;
}

#endif /* HAVE_LIBDW */
