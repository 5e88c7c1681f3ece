// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers of kprofctl serve: a profile as text, and for the page.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_job.h"

#include "cmd/report.h"
#include "cmd/report_frames.h"
#include "util/cleanup.h"
#include "util/json.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
	NR_ROWS = 20,
};

define_cleanup(cleanup_profile, struct kprof_profile *, kprof_profile_destroy)

static int show(struct kprof_profile *profile, FILE *out,
		int (*view)(const struct kprof_report *report))
{
	struct kprof_frames frames;
	struct kprof_report report = {
		.profile = profile,
		.path = "profile",
		.out = out,
		.frames = &frames,
		.nr_rows = NR_ROWS,
	};
	int err = kprof_frames_init(&frames, profile, KPROF_FRAMES_BY_FUNCTION);

	if (!err) {
		kprof_report_choose_values(&report);
		err = view(&report);
	}
	kprof_frames_deinit(&frames);
	return err;
}

/* Its comments say why there is nothing in it. */
static int say_empty(const struct kprof_profile *profile, FILE *out)
{
	struct kprof_json json;

	kprof_json_init(&json, out);
	kprof_json_begin_object(&json);
	kprof_json_key(&json, "empty");
	kprof_json_begin_array(&json);
	for (uint32_t i = 0; i < profile->nr_comments; i++)
		kprof_json_string(&json, profile->comments[i]);
	kprof_json_end_array(&json);
	kprof_json_end_object(&json);
	return kprof_json_finish(&json);
}

int kprof_job_read_profile(const struct kprof_job *job, size_t offset,
			   struct kprof_profile **ret)
{
	struct stat st;
	void *bytes;
	int err;

	if (fstat(job->input, &st))
		return -errno;
	if ((size_t)st.st_size <= offset)
		return -ENODATA;
	/* Not read: its position is shared with other workers. */
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, job->input, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	err = kprof_pprof_parse((char *)bytes + offset, st.st_size - offset,
				ret);
	munmap(bytes, st.st_size);
	return err;
}

static int convert(struct kprof_job *job,
		   int (*view)(const struct kprof_report *report))
{
	_cleanup_(cleanup_profile) struct kprof_profile *profile = NULL;
	int err;

	err = kprof_job_read_profile(job, 0, &profile);
	err = err ?: show(profile, job->out, view);
	if (err == -ENODATA && profile)
		err = say_empty(profile, job->out);
	return err ? kprof_cmd_cannot(err, NULL, "show the profile") : 0;
}

int kprof_job_text(struct kprof_job *job)
{
	return convert(job, kprof_report_table);
}

int kprof_job_page(struct kprof_job *job)
{
	return convert(job, kprof_report_page);
}
