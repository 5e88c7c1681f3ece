// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: the line of an address, and what was inlined there.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include "lib/gsym_decode.h"

#include <errno.h>
#include <string.h>

static void start_latest(struct kprof_gsym_latest *latest,
			 const struct kprof_gsym_entry *entry)
{
	latest->lines = entry->lines.data;
	latest->row = (struct kprof_gsym_row){};
	latest->has_next =
		kprof_gsym_program_start(&latest->program, entry->lines,
					 entry->function.start) &&
		kprof_gsym_program_next(&latest->program);
}

/*
 * The row of an address; its file is 0 if there is none. Here is where time
 * goes, so the program is copied: nobody else has the copy's address.
 */
static struct kprof_gsym_row find_row(struct kprof_gsym *gsym,
				      const struct kprof_gsym_entry *entry,
				      uint64_t address)
{
	struct kprof_gsym_latest *latest = &gsym->latest;
	struct kprof_gsym_program program;
	struct kprof_gsym_row row;
	bool has_next;

	if (!entry->lines.size)
		return (struct kprof_gsym_row){};
	if (latest->lines != entry->lines.data || latest->address > address)
		start_latest(latest, entry);
	program = latest->program;
	row = latest->row;
	has_next = latest->has_next;
	while (has_next && program.row.address <= address) {
		/* LLVM takes the first of several rows that are exact. */
		if (row.file && row.address == address)
			break;
		row = program.row;
		has_next = kprof_gsym_program_next(&program);
	}
	latest->address = address;
	latest->program = program;
	latest->row = row;
	latest->has_next = has_next;
	return row;
}

/*
 * Those that cover @address, the outermost first, without the function itself;
 * how many. Only one of a list does, so what is behind it need not be read.
 */
static uint32_t find_inlined(const struct kprof_gsym_entry *entry,
			     uint64_t address, struct kprof_gsym_node ret[])
{
	struct kprof_gsym_cursor cursor = kprof_gsym_cursor(entry->inlines);
	struct kprof_gsym_node node;
	uint32_t nr = 0, to_skip = 0;
	bool has_children;
	uint64_t base;

	kprof_gsym_node_find(&cursor, entry->function.start, address, &node);
	has_children = node.covers && node.has_children;
	base = node.start;
	while (has_children || to_skip) {
		if (to_skip)
			kprof_gsym_node_skip(&cursor, &node);
		else
			kprof_gsym_node_find(&cursor, base, address, &node);
		if (cursor.has_failed)
			break;
		if (!node.nr_ranges) {
			if (!to_skip)
				break;
			to_skip--;
		} else if (to_skip || !node.covers) {
			to_skip += node.has_children;
		} else if (nr < KPROF_GSYM_MAX_DEPTH) {
			ret[nr++] = node;
			has_children = node.has_children;
			base = node.start;
		} else {
			break;
		}
	}
	return nr;
}

/* Answers */

static const char *file_path(struct kprof_gsym *gsym, uint32_t frame,
			     uint32_t file)
{
	struct kprof_gsym_path *path = &gsym->paths[frame];
	uint32_t directory, name;

	if (!file || !kprof_gsym_file(gsym, file, &directory, &name))
		return "";
	if (path->file == file)
		return kprof_strbuf_str(&path->text);
	path->file = file;
	kprof_strbuf_reset(&path->text);
	if (directory) {
		kprof_strbuf_append_str(
			&path->text, kprof_gsym_string(gsym, directory) ?: "");
		kprof_strbuf_append_char(&path->text, '/');
	}
	kprof_strbuf_append_str(&path->text,
				kprof_gsym_string(gsym, name) ?: "");
	return kprof_strbuf_str(&path->text);
}

static void set_frame(struct kprof_gsym *gsym, uint32_t index, const char *name,
		      uint32_t file, uint32_t line)
{
	gsym->frames[index] = (struct kprof_symbol_frame){
		.name = name,
		.file = file_path(gsym, index, file),
		.line = line,
	};
}

/* A call from nowhere is no frame of its own, LLVM says. */
static uint32_t drop_nameless(const struct kprof_gsym *gsym,
			      struct kprof_gsym_node *nodes, uint32_t nr)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < nr; i++) {
		const char *name = kprof_gsym_string(gsym, nodes[i].name);

		if (name && name[0] && nodes[i].call_file)
			nodes[kept++] = nodes[i];
	}
	return kept;
}

int kprof_gsym_frames(struct kprof_gsym *gsym, uint64_t address,
		      struct kprof_gsym_function *function_ret,
		      const struct kprof_symbol_frame **frames_ret,
		      uint32_t *nr_ret)
{
	struct kprof_gsym_node nodes[KPROF_GSYM_MAX_DEPTH];
	struct kprof_gsym_entry entry;
	struct kprof_gsym_row row;
	uint32_t nr = 0;
	int err = kprof_gsym_find_entry(gsym, address, &entry);

	if (err)
		return err;
	row = find_row(gsym, &entry, address);
	if (row.file && entry.inlines.size)
		nr = drop_nameless(gsym, nodes,
				   find_inlined(&entry, address, nodes));
	for (uint32_t i = 0; i < nr; i++) {
		const struct kprof_gsym_node *node = &nodes[nr - 1 - i];

		set_frame(gsym, i, kprof_gsym_string(gsym, node->name),
			  row.file, row.line);
		row.file = node->call_file;
		row.line = node->call_line;
	}
	set_frame(gsym, nr, entry.function.name, row.file, row.line);
	*function_ret = entry.function;
	*frames_ret = gsym->frames;
	*nr_ret = nr + 1;
	return 0;
}
