// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers of kprofctl serve: names of addresses, files for symbols, the token.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_job.h"

#include "cmd/serve_auth.h"
#include "util/cleanup.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

define_cleanup(cleanup_profile, struct kprof_profile *, kprof_profile_destroy)

/* Symbols */

static uint32_t find_mapping(const struct kprof_profile *profile,
			     uint64_t address)
{
	for (uint32_t i = 0; i < profile->nr_mappings; i++)
		if (address >= profile->mappings[i].start &&
		    address < profile->mappings[i].limit)
			return i;
	return KPROF_NO_INDEX;
}

/* The upper half, on 64 bits; only this machine's own can be told. */
static bool is_kernel_address(const struct kprof_job *job, uint64_t address)
{
	return job->options->device && address >> 63;
}

static int add_address(const struct kprof_job *job,
		       struct kprof_profile *profile, uint64_t address)
{
	uint32_t mapping = find_mapping(profile, address);
	uint32_t location;

	if (mapping != KPROF_NO_INDEX)
		return kprof_profile_add_location(profile, mapping, address,
						  false, &location);
	if (!is_kernel_address(job, address))
		return 0;
	return kprof_profile_add_location(profile, KPROF_NO_INDEX, address,
					  true, &location);
}

/* "[name+0x12]" is what is said of an address that nobody can name. */
static bool is_made_up(const char *name)
{
	return name[0] == '[' && strstr(name, "+0x");
}

/*
 * One name for an address, as in the symbol table: of the function that has the
 * code, not of one that was inlined into it. What is unknown is left out.
 */
static void print_location(const struct kprof_profile *profile,
			   const struct kprof_location *location, FILE *out)
{
	const struct kprof_function *function;
	const struct kprof_line *line;

	if (!location->nr_lines)
		return;
	line = &profile->lines[location->first_line + location->nr_lines - 1];
	function = &profile->functions[line->function];
	if (!is_made_up(function->name))
		fprintf(out, "0x%" PRIx64 " %s\n", location->address,
			function->system_name);
}

static int read_addresses(const struct kprof_job *job, uint64_t **ret)
{
	size_t bytes = job->request->nr_addresses * sizeof(**ret);

	*ret = malloc(bytes);
	if (!*ret)
		return -ENOMEM;
	return kprof_io_read_at(job->input, 0, *ret, bytes) == bytes ? 0 : -EIO;
}

static int name_addresses(struct kprof_job *job, struct kprof_profile *profile)
{
	_cleanup_free_ uint64_t *addresses = NULL;
	struct kprof_symbolize_options names;
	int err = read_addresses(job, &addresses);

	for (uint32_t i = 0; !err && i < job->request->nr_addresses; i++)
		err = add_address(job, profile, addresses[i]);
	kprof_job_names(job, &names);
	/* There is one name for an address, and no place for a line. */
	names.no_lines = true;
	names.other_machine = !job->options->device;
	return err ?: kprof_symbolize(profile, &names);
}

int kprof_job_symbol(struct kprof_job *job)
{
	size_t offset = job->request->nr_addresses * sizeof(uint64_t);
	_cleanup_(cleanup_profile) struct kprof_profile *profile = NULL;
	int err = kprof_job_read_profile(job, offset, &profile);

	/* As long as nobody asked for the mappings there are none. */
	if (err == -ENODATA)
		err = kprof_profile_create(&profile);
	err = err ?: name_addresses(job, profile);
	if (err)
		return kprof_cmd_cannot(err, NULL, "name the addresses");
	fputs("num_symbols: 1\n", job->out);
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		print_location(profile, &profile->locations[i], job->out);
	return 0;
}

/* Files */

/* Debug information may also be in a program that was not stripped. */
int kprof_job_file(struct kprof_job *job)
{
	const struct kprof_serve_options *options = job->options;
	const char *build_id = job->request->build_id;
	int fd = -ENOENT;

	if (job->request->kind == KPROF_JOB_DEBUGINFO)
		fd = kprof_symbol_dirs_open(options->symbol_dirs.data,
					    options->symbol_dirs.nr, build_id,
					    KPROF_SYMBOL_FILE_DEBUG);
	if (fd == -ENOENT)
		fd = kprof_symbol_dirs_open(options->symbol_dirs.data,
					    options->symbol_dirs.nr, build_id,
					    KPROF_SYMBOL_FILE_PROGRAM);
	if (fd < 0) {
		kprof_cmd_cannot(fd, NULL, "find build-id %s", build_id);
		return KPROF_EXIT_USAGE;
	}
	if (dup2(fd, job->out_fd) < 0)
		return kprof_cmd_cannot(-errno, NULL, "open build-id %s",
					build_id);
	close(fd);
	return 0;
}

int kprof_job_token(struct kprof_job *job)
{
	const char *path = job->options->token_file;
	char token[KPROF_TOKEN_MAX_BYTES + 1];
	int err = kprof_serve_read_token(path, token);

	if (err)
		return kprof_cmd_cannot(err, NULL, "use the token in %s", path);
	fputs(token, job->out);
	return 0;
}
