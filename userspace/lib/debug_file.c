// SPDX-License-Identifier: GPL-2.0-only
/*
 * Separate debug files, found by build-id.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/debug_file.h"

#include "lib/elf_file.h"
#include "util/cleanup.h"
#include "util/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	/* Two digits name the directory, the file's name needs one more. */
	MIN_DIGITS = 3,
};

bool kprof_is_build_id(const char *text)
{
	return strlen(text) >= MIN_DIGITS &&
	       text[strspn(text, "0123456789abcdef")] == '\0';
}

int kprof_debug_file_open(const char *debug_dir, const char *build_id,
			  struct kprof_elf_file **ret)
{
	_cleanup_free_ char *path = NULL;
	struct kprof_elf_file *file;
	int err;

	if (!kprof_is_build_id(build_id))
		return -ENOENT;
	if (asprintf(&path, "%s/.build-id/%.2s/%s.debug", debug_dir, build_id,
		     build_id + 2) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	err = kprof_elf_file_open(path, &file);
	if (err) {
		if (err != -ENOENT && err != -ENOMEM)
			log_warning("cannot use debug file %s: %s", path,
				    strerror(-err));
		return err == -ENOMEM ? err : -ENOENT;
	}
	if (strcmp(file->build_id, build_id)) {
		log_warning("debug file %s has build-id %s, not used", path,
			    file->build_id[0] ? file->build_id : "none");
		kprof_elf_file_close(file);
		return -ENOENT;
	}
	*ret = file;
	return 0;
}
