// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells where in their functions offsets of files are: for who stops threads
 * with something else than ptrace.
 *
 *	whereis
 *
 * Reads lines "OFFSET PATH", OFFSET in hexadecimal, and answers each with a
 * number of enum stops_place.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "place.h"

#include <stdlib.h>
#include <string.h>

int main(void)
{
	char line[4096], *path;

	while (fgets(line, sizeof(line), stdin)) {
		uint64_t offset = strtoull(line, &path, 16);
		struct place_file *file;

		line[strcspn(line, "\n")] = '\0';
		file = place_file_get(path + strspn(path, " "));
		printf("%d\n",
		       file ? (int)place_of(file, offset) : (int)PLACE_UNKNOWN);
		fflush(stdout);
	}
	return 0;
}
