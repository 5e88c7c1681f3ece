// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl unwind preload: fills the cache of unwind tables.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/unwind.h"

#include "cmd/cmd.h"
#include "util/cleanup.h"
#include "util/vector.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	OPT_SYMBOLS = 256,
	OPT_DEBUG_DIR,
};

struct preload {
	vector(const char *) symbol_dirs;
	const char *debug_dir;
	struct kprof_unwind_options options;
	/* Files that were done, by device and inode */
	vector(struct stat) done;
	unsigned int nr_tables;
};

static const char *origin(const struct kprof_unwind_image *image)
{
	switch (image->origin) {
	case KPROF_UNWIND_FROM_MAP:
		return "from a map";
	case KPROF_UNWIND_FROM_CACHE:
		return "from the cache";
	default:
		return "compiled";
	}
}

static void report(const char *name, const struct kprof_unwind_image *image)
{
	const struct kprof_unwind_stats *stats = &image->stats;
	uint64_t known = kprof_unwind_known_bytes(stats);

	printf("%5.1f %% %8zu KiB  %-14s  %s\n",
	       stats->text_bytes
		       ? 100.0 * (double)known / (double)stats->text_bytes
		       : 0.0,
	       (image->bytes + 1023) / 1024, origin(image), name);
}

/* 0, or what to exit with. That a file has no table is no failure. */
static int load(struct preload *preload, const struct kprof_mapping *mapping)
{
	struct kprof_unwind_image image;
	int err = kprof_unwind_get(mapping, &preload->options, &image);

	if (err == -ENOENT || err == -ENOTSUP) {
		printf("    none %24s  %s\n", "", mapping->filename);
		return 0;
	}
	if (err)
		return kprof_cmd_cannot(err, NULL, "make a table of %s",
					mapping->filename);
	report(mapping->filename, &image);
	preload->nr_tables++;
	kprof_unwind_image_deinit(&image);
	return 0;
}

/* -EEXIST if it was done before. */
static int note(struct preload *preload, const struct stat *st)
{
	vector_for_each (&preload->done, done)
		if (done->st_dev == st->st_dev && done->st_ino == st->st_ino)
			return -EEXIST;
	return vector_push(&preload->done, *st);
}

/* Processes */

/* The very file that is mapped, or what has its path there. */
static int open_mapped(int pid, const struct kprof_mapping *mapping)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64,
		 pid, mapping->start, mapping->limit);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/%d/root%s", pid, mapping->filename);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static int load_mapping(struct preload *preload, int pid,
			struct kprof_mapping *mapping)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (mapping->filename[0] == '/') {
		fd = open_mapped(pid, mapping);
		if (fd < 0 || fstat(fd, &st) || note(preload, &st))
			return 0;
	} else if (strcmp(mapping->filename, "[vdso]") != 0) {
		return 0;
	}
	mapping->fd = fd;
	return load(preload, mapping);
}

static int load_line(struct preload *preload, int pid, char *line)
{
	struct kprof_mapping mapping = {.build_id = "", .fd = -1};
	char permissions[5];
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n",
		   &mapping.start, &mapping.limit, permissions,
		   &mapping.file_offset, &name) != 4 ||
	    !name || permissions[2] != 'x')
		return 0;
	mapping.filename = line + name;
	return load_mapping(preload, pid, &mapping);
}

static int load_process(struct preload *preload, const char *text)
{
	_cleanup_fclose_ FILE *maps = NULL;
	_cleanup_free_ char *line = NULL;
	char path[64];
	size_t size = 0;
	uint64_t pid;
	int status = 0;

	if (kprof_cmd_parse_number("a process", text, 1, INT_MAX, &pid))
		return KPROF_EXIT_USAGE;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		return kprof_cmd_cannot(-errno, NULL,
					"see what process %s maps", text);
	while (!status && getline(&line, &size, maps) >= 0)
		status = load_line(preload, (int)pid, line);
	return status;
}

/* Files */

static int load_file(const char *path, void *context)
{
	const struct kprof_mapping mapping = {
		.filename = path,
		.build_id = "",
		.fd = -1,
	};
	struct preload *preload = context;
	struct stat st;

	if (stat(path, &st) || note(preload, &st))
		return 0;
	return load(preload, &mapping);
}

static int load_program(struct preload *preload, const char *path)
{
	int err = kprof_unwind_needed(path, load_file, preload);

	if (err == -ENOEXEC)
		return kprof_cmd_cannot(0, NULL,
					"preload %s: it is no ELF program or "
					"shared object",
					path);
	return err < 0 ? kprof_cmd_cannot(err, NULL, "preload %s", path) : err;
}

static bool is_number(const char *text)
{
	return text[0] && !text[strspn(text, "0123456789")];
}

static int load_all(struct preload *preload, int argc, char **argv)
{
	int status = KPROF_EXIT_DONE, one;

	if (optind == argc)
		return kprof_cmd_misuse("unwind", "which process or file?");
	preload->options = (struct kprof_unwind_options){
		.symbol_dirs = preload->symbol_dirs.data,
		.nr_symbol_dirs = preload->symbol_dirs.nr,
		.debug_dirs = preload->debug_dir ? &preload->debug_dir : NULL,
		.nr_debug_dirs = preload->debug_dir ? 1 : 0,
	};
	for (; optind < argc; optind++) {
		one = is_number(argv[optind])
			      ? load_process(preload, argv[optind])
			      : load_program(preload, argv[optind]);
		status = one ?: status;
	}
	if (!status && !preload->nr_tables)
		return kprof_cmd_cannot(0, NULL,
					"preload anything: no file "
					"has unwind information");
	return status;
}

static int parse(struct preload *preload, int argc, char **argv)
{
	static const struct option options[] = {
		{"symbols", required_argument, NULL, OPT_SYMBOLS},
		{"debug-dir", required_argument, NULL, OPT_DEBUG_DIR},
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		switch (option) {
		case OPT_SYMBOLS:
			if (vector_push(&preload->symbol_dirs, optarg))
				return kprof_cmd_cannot(-ENOMEM, NULL,
							"take an option");
			break;
		case OPT_DEBUG_DIR:
			preload->debug_dir = optarg;
			break;
		case ':':
			return kprof_cmd_misuse("unwind", "'%s' needs a value",
						argv[optind - 1]);
		default:
			return kprof_cmd_misuse("unwind",
						"there is no option '%s'",
						argv[optind - 1]);
		}
	}
	return 0;
}

int kprof_unwind_preload(int argc, char **argv)
{
	struct preload preload = {};
	int status = parse(&preload, argc, argv);

	status = status ?: load_all(&preload, argc, argv);
	vector_free(&preload.symbol_dirs);
	vector_free(&preload.done);
	return status;
}
