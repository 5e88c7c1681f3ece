// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl symmap show and verify: what is in symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/symmap.h"

#include "cmd/cmd.h"
#include "cmd/unwind.h"
#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

define_cleanup(cleanup_gsym, struct kprof_gsym *, kprof_gsym_close)

	/* show */

	static int list_functions(const struct kprof_gsym *gsym, uint32_t nr)
{
	struct kprof_gsym_function function;

	for (uint32_t i = 0; i < nr; i++) {
		if (kprof_gsym_function(gsym, i, &function))
			return kprof_cmd_cannot(0, "symmap verify says where",
						"read function %" PRIu32
						": the map is damaged",
						i);
		printf("%016" PRIx64 " %8" PRIx64 " %s\n", function.start,
		       function.size, function.name);
	}
	return KPROF_EXIT_DONE;
}

static void count_functions(const struct kprof_gsym *gsym, uint32_t nr,
			    struct kprof_gsym_counts *ret)
{
	struct kprof_gsym_function function;

	*ret = (struct kprof_gsym_counts){};
	for (uint32_t i = 0; i < nr; i++) {
		if (kprof_gsym_function(gsym, i, &function))
			continue;
		ret->functions++;
		ret->with_lines += function.has_lines;
		ret->with_inlines += function.has_inlines;
	}
}

static void print_info(const struct kprof_gsym *gsym,
		       const struct kprof_gsym_info *info)
{
	struct kprof_gsym_counts counts;

	count_functions(gsym, info->nr_functions, &counts);
	printf("build-id   %s\n", info->build_id[0] ? info->build_id : "none");
	printf("base       0x%" PRIx64 "\n", info->base_address);
	printf("segments   %s\n",
	       info->segments ?: "unknown (offset:address:bytes)");
	printf("functions  %" PRIu32 " (%" PRIu32 " with lines, %" PRIu32
	       " with inlined functions)\n",
	       counts.functions, counts.with_lines, counts.with_inlines);
	printf("files      %" PRIu32 "\n", info->nr_files);
	printf("strings    %" PRIu32 " bytes\n", info->string_bytes);
	printf("size       %" PRIu64 " bytes\n", info->file_bytes);
}

/* False if @path is no unwind map, but perhaps one of symbols. */
static bool show_unwind(const char *path, bool wants_list, int *status_ret)
{
	struct kprof_unwind_image image;
	int err = kprof_unwind_map_open(path, &image);

	*status_ret = KPROF_EXIT_DONE;
	if (err == -ENOEXEC)
		return false;
	if (err)
		*status_ret = kprof_cmd_cannot(err, NULL, "read %s", path);
	else if (wants_list)
		kprof_unwind_print_rows(&image);
	else
		kprof_unwind_print_facts(&image);
	kprof_unwind_image_deinit(&image);
	return true;
}

int kprof_symmap_show(int argc, char **argv)
{
	bool wants_list = argc == 3 && !strcmp(argv[1], "-l");
	_cleanup_(cleanup_gsym) struct kprof_gsym *gsym = NULL;
	struct kprof_gsym_info info;
	int status;

	if (argc != 2 + wants_list)
		return kprof_cmd_misuse("symmap", "show takes one map, and -l");
	if (show_unwind(argv[argc - 1], wants_list, &status))
		return status;
	status = kprof_symmap_open(argv[argc - 1], &gsym);
	if (status)
		return status;
	kprof_gsym_info(gsym, &info);
	if (wants_list)
		return list_functions(gsym, info.nr_functions);
	print_info(gsym, &info);
	return KPROF_EXIT_DONE;
}

/* verify */

/* Opening one reads everything in it. */
static bool verify_unwind(const char *path, int *status_ret)
{
	struct kprof_unwind_image image;
	int err = kprof_unwind_map_open(path, &image);

	kprof_unwind_image_deinit(&image);
	if (err && err != -EBADMSG)
		return false;
	printf("%s: %s\n", path, err ? "damaged" : "sound");
	*status_ret = err ? KPROF_EXIT_FAILED : KPROF_EXIT_DONE;
	return true;
}

static int verify_one(const char *path)
{
	_cleanup_(cleanup_gsym) struct kprof_gsym *gsym = NULL;
	struct kprof_gsym_function function;
	struct kprof_gsym_fault fault;
	int status;

	if (verify_unwind(path, &status))
		return status;
	status = kprof_symmap_open(path, &gsym);
	if (status)
		return status;
	if (!kprof_gsym_verify(gsym, &fault)) {
		printf("%s: sound\n", path);
		return KPROF_EXIT_DONE;
	}
	printf("%s: damaged at byte %" PRIu64 ": %s", path, fault.offset,
	       fault.what);
	if (fault.function != KPROF_NO_INDEX)
		printf(" (function %" PRIu32, fault.function);
	if (fault.function != KPROF_NO_INDEX &&
	    !kprof_gsym_function(gsym, fault.function, &function))
		printf(", %s", function.name);
	puts(fault.function != KPROF_NO_INDEX ? ")" : "");
	return KPROF_EXIT_FAILED;
}

int kprof_symmap_verify(int argc, char **argv)
{
	int status = KPROF_EXIT_DONE;

	if (argc < 2)
		return kprof_cmd_misuse("symmap", "which map?");
	for (int i = 1; i < argc; i++)
		if (verify_one(argv[i]))
			status = KPROF_EXIT_FAILED;
	return status;
}
