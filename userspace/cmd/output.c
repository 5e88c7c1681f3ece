// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that commands write.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "util/cleanup.h"
#include "util/outfile.h"

int kprof_output_profile(const struct kprof_profile *profile,
			 const char *output)
{
	_cleanup_outfile_ struct kprof_outfile file = KPROF_OUTFILE_INIT;
	int err;

	if (!strcmp(output, "-")) {
		err = kprof_pprof_write(profile, STDOUT_FILENO);
		output = "standard output";
	} else {
		err = kprof_outfile_open(&file, output);
		if (!err)
			err = kprof_pprof_write(profile, file.fd);
		if (!err)
			err = kprof_outfile_commit(&file);
	}
	return err ? kprof_cmd_cannot(err, NULL, "write %s", output) : 0;
}

/* Whatever went wrong with @out in between, it knows. */
static int finish(FILE *out, const char *name)
{
	int err = 0;

	errno = 0;
	if (fflush(out) || ferror(out))
		err = errno ? -errno : -EIO;
	return err ? kprof_cmd_cannot(err, NULL, "write %s", name) : 0;
}

int kprof_output_text(const char *output,
		      int (*write)(FILE *out, void *context), void *context)
{
	_cleanup_outfile_ struct kprof_outfile file = KPROF_OUTFILE_INIT;
	_cleanup_fclose_ FILE *out = NULL;
	int err, status;

	if (!output || !strcmp(output, "-"))
		return write(stdout, context)
			       ?: finish(stdout, "standard output");
	err = kprof_outfile_open(&file, output);
	if (err)
		return kprof_cmd_cannot(err, NULL, "create %s", output);
	out = fdopen(dup(file.fd), "w");
	if (!out)
		return kprof_cmd_cannot(-errno, NULL, "create %s", output);
	status = write(out, context) ?: finish(out, output);
	if (status)
		return status;
	err = kprof_outfile_commit(&file);
	return err ? kprof_cmd_cannot(err, NULL, "write %s", output) : 0;
}
