// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl symmap build, import and add: new symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/symmap.h"

#include "cmd/cmd.h"
#include "util/cleanup.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	OPT_NAMES_ONLY = 256,
	OPT_DEBUG_DIR,
	OPT_BUILD_ID,

	MAX_TEXT_BYTES = 1 << 30,
	/* Of a build-id, in hexadecimal. */
	MIN_DIGITS = 3,
	MAX_DIGITS = 128,
};

/**
 * struct making - what the options say
 * @build: for build
 * @build_id: for import
 * @output: NULL for the usual one
 */
struct making {
	struct kprof_gsym_build_options build;
	const char *build_id;
	const char *output;
};

define_cleanup(cleanup_writer, struct kprof_gsym_writer *,
	       kprof_gsym_writer_destroy)

	static int set_build_id(const char *text, struct making *making)
{
	size_t len = strspn(text, "0123456789abcdef");

	if (text[len] || len < MIN_DIGITS || len > MAX_DIGITS || len % 2)
		return kprof_cmd_misuse("symmap",
					"a build-id is lower-case "
					"hexadecimal, not '%s'",
					text);
	making->build_id = text;
	return 0;
}

/* -1: go on. */
static int parse(int argc, char **argv, const struct option *long_options,
		 struct making *ret)
{
	int option, status;

	*ret = (struct making){.build_id = ""};
	while ((option = getopt_long(argc, argv, ":o:", long_options, NULL)) >=
	       0) {
		switch (option) {
		case 'o':
			ret->output = optarg;
			break;
		case OPT_NAMES_ONLY:
			ret->build.names_only = true;
			break;
		case OPT_DEBUG_DIR:
			ret->build.debug_dir = optarg;
			break;
		case OPT_BUILD_ID:
			status = set_build_id(optarg, ret);
			if (status)
				return status;
			break;
		case ':':
			return kprof_cmd_misuse("symmap", "'%s' needs a value",
						argv[optind - 1]);
		default:
			return kprof_cmd_misuse("symmap",
						"there is no option '%s'",
						argv[optind - 1]);
		}
	}
	return -1;
}

static int save(struct kprof_gsym_writer *writer, const char *path)
{
	struct kprof_gsym_counts counts;
	int err = kprof_gsym_writer_save(writer, path);

	if (err)
		return kprof_cmd_cannot(err, NULL, "write %s", path);
	kprof_gsym_writer_counts(writer, &counts);
	printf("%s: %" PRIu32 " functions, %" PRIu32 " with lines, %" PRIu32
	       " with inlined functions\n",
	       path, counts.functions, counts.with_lines, counts.with_inlines);
	return KPROF_EXIT_DONE;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return path[0] && (path[strlen(path) - 1] == '/' ||
			   (!stat(path, &st) && S_ISDIR(st.st_mode)));
}

/* By build-id; without one by the name of the binary. */
static char *name_in(const char *directory, const char *build_id,
		     const char *elf)
{
	const char *slash = strrchr(elf, '/');
	char *ret;

	if (asprintf(&ret, "%s/%s.gsym", directory,
		     build_id[0] ? build_id
		     : slash	 ? slash + 1
				 : elf) < 0)
		return NULL;
	return ret;
}

/* X.gsym to X.kuw. */
static char *unwind_path(const char *path)
{
	static const char suffix[] = ".gsym";
	size_t len = strlen(path), cut = strlen(suffix);
	char *ret;

	if (len > cut && !strcmp(path + len - cut, suffix))
		len -= cut;
	return asprintf(&ret, "%.*s.kuw", (int)len, path) < 0 ? NULL : ret;
}

/*
 * What strip takes away, or what only the debug file has, is kept in an unwind
 * map beside the symbol map. Most files need none.
 */
static int save_unwind(const struct making *making, const char *elf,
		       const char *gsym_path)
{
	_cleanup_free_ char *path = unwind_path(gsym_path);
	struct kprof_unwind_image image;
	const uint64_t *bytes = image.stats.source_bytes;
	int err = kprof_unwind_build(elf, making->build.debug_dir, &image);

	if (err == -ENOENT || err == -ENOTSUP)
		return KPROF_EXIT_DONE;
	if (!err && image.build_id[0] &&
	    bytes[KPROF_UNWIND_DEBUG_FRAME] + bytes[KPROF_UNWIND_DEBUG_FILE]) {
		err = path ? kprof_unwind_map_save(&image, path) : -ENOMEM;
		if (!err)
			printf("%s: stacks without frame pointers\n", path);
	}
	kprof_unwind_image_deinit(&image);
	return err ? kprof_cmd_cannot(err, NULL, "make an unwind map of %s",
				      elf)
		   : KPROF_EXIT_DONE;
}

static int save_both(const struct making *making, const char *elf,
		     struct kprof_gsym_writer *writer, const char *path)
{
	return save(writer, path) ?: save_unwind(making, elf, path);
}

static int build_one(const struct making *making, const char *elf)
{
	_cleanup_(cleanup_writer) struct kprof_gsym_writer *writer = NULL;
	const char *output = making->output ?: ".";
	_cleanup_free_ char *path = NULL;
	int err = kprof_gsym_build(elf, &making->build, &writer);

	if (err == -ENODATA)
		return kprof_cmd_cannot(0,
					"is it stripped, and its debug file "
					"not installed?",
					"make a symbol map of %s: no function "
					"is known",
					elf);
	if (err == -ENOEXEC)
		return kprof_cmd_cannot(0, NULL,
					"make a symbol map of %s: it is no "
					"ELF program or shared object",
					elf);
	if (err)
		return kprof_cmd_cannot(err, NULL, "make a symbol map of %s",
					elf);
	if (!is_directory(output))
		return save_both(making, elf, writer, output);
	path = name_in(output, kprof_gsym_writer_build_id(writer), elf);
	if (!path)
		return kprof_cmd_cannot(-ENOMEM, NULL, "write %s", output);
	return save_both(making, elf, writer, path);
}

int kprof_symmap_build(int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"names-only", no_argument, NULL, OPT_NAMES_ONLY},
		{"debug-dir", required_argument, NULL, OPT_DEBUG_DIR},
		{},
	};
	struct making making;
	int status = parse(argc, argv, options, &making);

	if (status >= 0)
		return status;
	if (optind == argc)
		return kprof_cmd_misuse("symmap", "which file?");
	if (argc - optind > 1 && making.output && !is_directory(making.output))
		return kprof_cmd_misuse("symmap",
					"'%s' is no directory for several maps",
					making.output);
	status = KPROF_EXIT_DONE;
	for (; optind < argc; optind++)
		if (build_one(&making, argv[optind]))
			status = KPROF_EXIT_FAILED;
	return status;
}

static int read_text(const char *path, char **ret, size_t *len_ret)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = kprof_io_read_all(fd, MAX_TEXT_BYTES, ret, len_ret);
	if (!is_stdin)
		close(fd);
	return err;
}

int kprof_symmap_import(int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"build-id", required_argument, NULL, OPT_BUILD_ID},
		{},
	};
	_cleanup_(cleanup_writer) struct kprof_gsym_writer *writer = NULL;
	_cleanup_free_ char *text = NULL;
	struct making making;
	int status = parse(argc, argv, options, &making);
	size_t len;
	int err;

	if (status >= 0)
		return status;
	if (argc - optind != 1 || !making.output)
		return kprof_cmd_misuse("symmap",
					"import takes one file, and -o");
	err = read_text(argv[optind], &text, &len);
	if (err)
		return kprof_cmd_cannot(err, NULL, "read %s", argv[optind]);
	err = kprof_gsym_import(text, len, making.build_id, &writer);
	if (err == -ENODATA)
		return kprof_cmd_cannot(0, NULL,
					"import %s: there is no function in it",
					argv[optind]);
	if (err)
		return kprof_cmd_cannot(err, NULL, "import %s", argv[optind]);
	return save(writer, making.output);
}

/* A map of either kind. */
static int store(const char *dir, const char *path, char **target_ret)
{
	struct kprof_unwind_image image;
	int err = kprof_unwind_map_open(path, &image);

	if (err == -ENOEXEC)
		return kprof_gsym_store(dir, path, target_ret);
	err = err ?: kprof_unwind_map_store(dir, &image, target_ret);
	kprof_unwind_image_deinit(&image);
	return err;
}

static int add_one(const char *dir, const char *path)
{
	_cleanup_free_ char *target = NULL;
	int err = store(dir, path, &target);

	if (err == -ENODATA)
		return kprof_cmd_cannot(0, NULL,
					"add %s: it has no build-id, by which "
					"it could be found",
					path);
	if (err == -EBADMSG)
		return kprof_cmd_cannot(0, "symmap verify says where",
					"add %s: it is damaged", path);
	if (err)
		return kprof_cmd_cannot(err, NULL, "add %s", path);
	printf("%s\n", target);
	return KPROF_EXIT_DONE;
}

int kprof_symmap_add(int argc, char **argv)
{
	int status = KPROF_EXIT_DONE;

	if (argc < 3)
		return kprof_cmd_misuse("symmap",
					"add takes a directory, and maps");
	for (int i = 2; i < argc; i++)
		if (add_one(argv[1], argv[i]))
			status = KPROF_EXIT_FAILED;
	return status;
}
