// SPDX-License-Identifier: GPL-2.0-only
/*
 * Profiles that commands read.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "util/cleanup.h"
#include "util/io.h"

enum {
	MAX_INPUT_BYTES = 1 << 30,
};

const char *kprof_input_name(const char *input)
{
	return strcmp(input, "-") ? input : "standard input";
}

static int cannot_parse(const char *input, const char *kind,
			const char *message, int err)
{
	if (kind)
		fprintf(stderr,
			"kprofctl: cannot read %s: it is %s, "
			"not a pprof profile\n",
			input, kind);
	else if (*message)
		fprintf(stderr, "kprofctl: cannot read %s: %s\n", input,
			message);
	else
		return kprof_cmd_cannot(err, NULL, "read %s", input);
	return KPROF_EXIT_FAILED;
}

static int parse(const char *input, const char *data, size_t size,
		 struct kprof_profile **ret)
{
	const char *kind = NULL;
	char message[KPROF_CMD_MESSAGE_BYTES];
	int err;

	/* The library says there why a file is no profile: it is our reason. */
	kprof_cmd_keep_log(message);
	err = kprof_pprof_parse(data, size, ret);
	kprof_cmd_restore_log();
	if (!err)
		return 0;
	if (err == -EINVAL)
		kind = kprof_file_kind(data, size);
	return cannot_parse(kprof_input_name(input), kind, message, err);
}

int kprof_input_read(const char *input, struct kprof_profile **ret)
{
	bool is_stdin = !strcmp(input, "-");
	_cleanup_close_ int fd = is_stdin ? dup(STDIN_FILENO)
					  : open(input, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *data = NULL;
	size_t size;
	int err;

	if (fd < 0)
		return kprof_cmd_cannot(-errno, NULL, "open %s",
					kprof_input_name(input));
	err = kprof_io_read_all(fd, MAX_INPUT_BYTES, &data, &size);
	if (err)
		return kprof_cmd_cannot(err, NULL, "read %s",
					kprof_input_name(input));
	return parse(input, data, size, ret);
}
