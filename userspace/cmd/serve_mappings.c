// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worker of kprofctl serve: the profile without samples that tells pprof which
 * binaries can be named here.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * pprof only sends addresses, so each part of each binary gets a range of its
 * own, which nobody else has: "pprof -symbolize=remote URL FILE" moves what it
 * asks for there. A range never changes as long as the server runs, and its
 * start is random, so that what somebody knows of another run is not taken for
 * something else.
 */
#include "cmd/serve_job.h"

#include "cmd/serve_targets.h"
#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	MAX_MAPPINGS = 16384,
	PAGE_BYTES = 4096,
	DEFAULT_PERIOD_NS = 1000000000 / 99,
};

/**
 * struct mappings - that are told
 * @profile: them
 * @next: address of the next one
 */
struct mappings {
	struct kprof_profile *profile;
	uint64_t next;
};

/* Ranges */

static bool is_there(const struct kprof_profile *profile, const char *build_id,
		     uint64_t offset)
{
	for (uint32_t i = 0; i < profile->nr_mappings; i++)
		if (!strcmp(profile->mappings[i].build_id, build_id) &&
		    profile->mappings[i].file_offset == offset)
			return true;
	return false;
}

static int add(struct mappings *mappings, const char *path,
	       const char *build_id, uint64_t offset, uint64_t bytes)
{
	struct kprof_mapping mapping = {
		.start = mappings->next,
		.limit = mappings->next + bytes,
		.file_offset = offset,
		.filename = path,
		.build_id = build_id,
		.fd = -1,
	};
	uint32_t index;
	int err;

	if (!bytes || mappings->profile->nr_mappings >= MAX_MAPPINGS ||
	    is_there(mappings->profile, build_id, offset))
		return 0;
	err = kprof_profile_add_mapping(mappings->profile, &mapping, &index);
	/* A page between them, so that none goes on in the next. */
	mappings->next = mapping.limit + PAGE_BYTES;
	return err;
}

static int add_stored(const struct kprof_symbol_file *file, void *context)
{
	return add(context, file->name, file->build_id, file->offset,
		   file->bytes);
}

/* Processes */

/* A line of /proc/PID/maps that is code of a file; false for another. */
static bool parse_line(const char *line, uint64_t *offset, uint64_t *bytes,
		       const char **path)
{
	uint64_t start, end;
	char flags[8];
	int at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %n",
		   &start, &end, flags, offset, &at) != 4 ||
	    flags[2] != 'x' || !at || line[at] != '/')
		return false;
	*bytes = end - start;
	*path = line + at;
	return true;
}

/* As the process sees it: it may have another root. */
static int add_file(struct mappings *mappings, int32_t pid, const char *path,
		    uint64_t offset, uint64_t bytes)
{
	_cleanup_free_ char *seen = NULL;
	char build_id[KPROF_BUILD_ID_SIZE];

	if (asprintf(&seen, "/proc/%" PRId32 "/root%s", pid, path) < 0) {
		seen = NULL;
		return -ENOMEM;
	}
	if (kprof_file_build_id(seen, build_id) || !build_id[0])
		return 0;
	return add(mappings, path, build_id, offset, bytes);
}

static int add_process(struct mappings *mappings, int32_t pid)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *maps = NULL;
	uint64_t offset, bytes;
	const char *path;
	char name[64];
	size_t size = 0;
	int err = 0;

	snprintf(name, sizeof(name), "/proc/%" PRId32 "/maps", pid);
	maps = fopen(name, "re");
	while (maps && !err && getline(&line, &size, maps) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (parse_line(line, &offset, &bytes, &path))
			err = add_file(mappings, pid, path, offset, bytes);
	}
	return err;
}

static int add_processes(struct mappings *mappings)
{
	kprof_processes processes = {};
	int err = kprof_processes_list("/proc", &processes);

	vector_for_each (&processes, process)
		if (!err && !process->is_kernel)
			err = add_process(mappings, process->pid);
	vector_free(&processes);
	return err;
}

/* Profile */

/* Of the kind that record writes: pprof adds them up. */
static int create(struct kprof_profile **ret)
{
	int err = kprof_profile_create(ret);

	err = err ?: kprof_profile_add_sample_type(*ret, "samples", "count");
	err = err ?: kprof_profile_add_sample_type(*ret, "cpu", "nanoseconds");
	err = err
		      ?: kprof_profile_intern(*ret, "cpu",
					      &(*ret)->period_type.type);
	err = err
		      ?: kprof_profile_intern(*ret, "nanoseconds",
					      &(*ret)->period_type.unit);
	err = err
		      ?: kprof_profile_intern(*ret, "cpu",
					      &(*ret)->default_sample_type);
	if (!err)
		(*ret)->period = DEFAULT_PERIOD_NS;
	return err;
}

static uint64_t end_of(const struct kprof_profile *profile, uint64_t epoch)
{
	uint64_t end = epoch;

	for (uint32_t i = 0; i < profile->nr_mappings; i++)
		if (profile->mappings[i].limit + PAGE_BYTES > end)
			end = profile->mappings[i].limit + PAGE_BYTES;
	return end;
}

/* A time of 0 would erase that of the file it is added to. */
static int64_t wall_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int kprof_job_mappings(struct kprof_job *job)
{
	const struct kprof_serve_options *options = job->options;
	struct mappings mappings = {};
	int err = job->input < 0
			  ? create(&mappings.profile)
			  : kprof_job_read_profile(job, 0, &mappings.profile);

	if (!err) {
		mappings.next = end_of(mappings.profile, job->request->epoch);
		mappings.profile->time_nanos = wall_clock_ns();
		if (options->device)
			err = add_processes(&mappings);
	}
	err = err
		      ?: kprof_symbol_dirs_list(options->symbol_dirs.data,
						options->symbol_dirs.nr,
						add_stored, &mappings);
	err = err ?: kprof_pprof_write(mappings.profile, job->out_fd);
	kprof_profile_destroy(mappings.profile);
	return err ? kprof_cmd_cannot(err, NULL, "list the binaries") : 0;
}
