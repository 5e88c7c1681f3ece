// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl unwind show: what an unwind table says.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/unwind.h"

#include "cmd/cmd.h"
#include "kmod/unwind_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

void kprof_unwind_print_facts(const struct kprof_unwind_image *image)
{
	static const char *const names[KPROF_UNWIND_NR_SOURCES] = {
		".eh_frame",  ".debug_frame", "debug file",
		".ARM.exidx", "known code",
	};
	const struct kprof_unwind_stats *stats = &image->stats;
	const struct kprof_unwind_table *table = image->table;

	printf("build-id   %s\n",
	       image->build_id[0] ? image->build_id : "none");
	printf("code       %" PRIu64 " bytes, %.1f %% described\n",
	       stats->text_bytes,
	       percent(kprof_unwind_known_bytes(stats), stats->text_bytes));
	for (size_t i = 0; i < KPROF_UNWIND_NR_SOURCES; i++)
		if (stats->source_bytes[i])
			printf("           %.1f %% by %s\n",
			       percent(stats->source_bytes[i],
				       stats->text_bytes),
			       names[i]);
	printf("unsayable  %" PRIu64 " bytes in %" PRIu64 " rows\n",
	       stats->unsupported_bytes, stats->nr_unsupported);
	printf("rows       %" PRIu32 "\n", table->nr_rows);
	printf("rules      %" PRIu32 "\n", table->nr_rules);
	printf("size       %" PRIu32 " bytes (%.2f a row)\n", table->bytes,
	       table->nr_rows ? (double)table->bytes / table->nr_rows : 0);
}

static void print_row(const struct kprof_unwind_table *table, uint64_t offset,
		      const struct kprof_unwind_rule *rule)
{
	char text[KPROF_UNWIND_TEXT_BYTES] = "no row";

	if (rule)
		kprof_unwind_rule_text(rule, table->machine, text);
	printf("%08" PRIx64 " %s\n", offset, text);
}

void kprof_unwind_print_rows(const struct kprof_unwind_image *image)
{
	const struct kprof_unwind_table *table = image->table;
	const struct kprof_unwind_row *rows = kprof_unwind_table_rows(table);
	const uint32_t *first_rows = kprof_unwind_table_first_rows(table);

	for (uint32_t page = 0; page < table->nr_pages; page++)
		for (uint32_t i = first_rows[page]; i < first_rows[page + 1];
		     i++)
			print_row(table,
				  ((uint64_t)table->first_page + page)
						  << KPROF_UNWIND_PAGE_BITS |
					  rows[i].offset,
				  kprof_unwind_table_rules(table) +
					  rows[i].rule);
}

static int print_place(const struct kprof_unwind_table *table, const char *text)
{
	uint64_t offset;
	char *end;

	errno = 0;
	offset = strtoull(text, &end, 16);
	if (end == text || *end || errno)
		return kprof_cmd_misuse("unwind", "'%s' is no offset", text);
	print_row(table, offset, kprof_unwind_table_find(table, offset));
	return 0;
}

/* An unwind map, or an ELF file. 0 or what to exit with. */
static int open_table(const char *path, struct kprof_unwind_image *ret)
{
	int err = kprof_unwind_map_open(path, ret);

	if (err == -ENOEXEC)
		err = kprof_unwind_build(path, NULL, ret);
	switch (err) {
	case 0:
		return 0;
	case -ENOEXEC:
		return kprof_cmd_cannot(0, NULL,
					"show %s: it is neither an unwind map "
					"nor an ELF program or shared object",
					path);
	case -EBADMSG:
		return kprof_cmd_cannot(0, NULL, "show %s: it is damaged",
					path);
	case -EPROTONOSUPPORT:
		return kprof_cmd_cannot(
			0, NULL, "show %s: it is of another version", path);
	case -ENOTSUP:
		return kprof_cmd_cannot(0, NULL,
					"show %s: kprof does not unwind the "
					"stacks of such machines",
					path);
	}
	if (err == -ENOENT && !access(path, F_OK))
		return kprof_cmd_cannot(
			0, NULL, "show %s: it has no unwind information", path);
	return kprof_cmd_cannot(err, NULL, "show %s", path);
}

int kprof_unwind_show(int argc, char **argv)
{
	bool wants_list = argc > 1 && !strcmp(argv[1], "-l");
	struct kprof_unwind_image image = {};
	int status;

	argc -= wants_list;
	argv += wants_list;
	if (argc < 2 || argv[1][0] == '-')
		return kprof_cmd_misuse("unwind", "which file?");
	status = open_table(argv[1], &image);
	if (status)
		return status;
	if (wants_list)
		kprof_unwind_print_rows(&image);
	else if (argc == 2)
		kprof_unwind_print_facts(&image);
	for (int i = 2; !status && i < argc; i++)
		status = print_place(image.table, argv[i]);
	kprof_unwind_image_deinit(&image);
	return status;
}
