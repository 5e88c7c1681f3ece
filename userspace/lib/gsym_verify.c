// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: whether everything in one makes sense.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include "lib/gsym_decode.h"

#include <errno.h>

/**
 * struct verifier - the work on one map
 * @gsym: which
 * @fault: where it is damaged
 * @entry: the function at hand
 */
struct verifier {
	const struct kprof_gsym *gsym;
	struct kprof_gsym_fault *fault;
	struct kprof_gsym_entry entry;
};

static int fail(struct verifier *verifier, const void *at, const char *what)
{
	verifier->fault->offset =
		(uint64_t)((const uint8_t *)at - verifier->gsym->bytes.data);
	verifier->fault->what = what;
	return -EBADMSG;
}

static int verify_files(struct verifier *verifier)
{
	const struct kprof_gsym *gsym = verifier->gsym;

	for (uint32_t i = 0; i < gsym->nr_files; i++) {
		uint32_t directory, name;

		kprof_gsym_file(gsym, i, &directory, &name);
		if (!kprof_gsym_string(gsym, directory) ||
		    !kprof_gsym_string(gsym, name))
			return fail(verifier, gsym->files + (size_t)i * 8,
				    "a file's name is not in the map");
		if (i == 0 && (directory || name))
			return fail(verifier, gsym->files, "file 0 has a name");
	}
	return 0;
}

static bool is_inside(const struct kprof_gsym_function *function, uint64_t low,
		      uint64_t high)
{
	return low >= function->start && low <= high &&
	       high - function->start <= function->size;
}

static int verify_lines(struct verifier *verifier)
{
	const struct kprof_gsym_entry *entry = &verifier->entry;
	struct kprof_gsym_program program;
	uint64_t last = entry->function.start;

	if (!kprof_gsym_program_start(&program, entry->lines,
				      entry->function.start))
		return fail(verifier, entry->lines.data,
			    "a line table has no valid head");
	while (kprof_gsym_program_next(&program)) {
		const struct kprof_gsym_row *row = &program.row;

		if (row->address < last ||
		    !is_inside(&entry->function, row->address, row->address))
			return fail(verifier, program.cursor.at,
				    "a line lies outside of its function");
		if (row->file >= verifier->gsym->nr_files)
			return fail(verifier, program.cursor.at,
				    "a line is in an unknown file");
		last = row->address;
	}
	if (program.cursor.has_failed ||
	    program.cursor.at != program.cursor.end)
		return fail(verifier, program.cursor.at,
			    "a line table does not end with its block");
	return 0;
}

static int verify_node(struct verifier *verifier,
		       const struct kprof_gsym_cursor *cursor,
		       const struct kprof_gsym_node *node,
		       const struct kprof_gsym_node *around)
{
	const struct kprof_gsym_function *function = &verifier->entry.function;
	uint64_t low = around ? around->low : function->start;
	uint64_t high =
		around ? around->high : function->start + function->size;

	if (node->low < low || node->high > high || node->low > node->high)
		return fail(verifier, cursor->at,
			    "an inlined function lies outside of its caller");
	if (!kprof_gsym_string(verifier->gsym, node->name))
		return fail(verifier, cursor->at,
			    "an inlined function's name is not in the map");
	if (node->call_file >= verifier->gsym->nr_files)
		return fail(verifier, cursor->at,
			    "an inlined function is called in an unknown file");
	return 0;
}

static int verify_inlines(struct verifier *verifier)
{
	struct kprof_gsym_cursor cursor =
		kprof_gsym_cursor(verifier->entry.inlines);
	struct kprof_gsym_node around[KPROF_GSYM_MAX_DEPTH + 1];
	uint64_t base = verifier->entry.function.start;
	uint32_t depth = 0;

	do {
		struct kprof_gsym_node *node = &around[depth];
		int err;

		kprof_gsym_node_read(&cursor, base, 0, node);
		if (cursor.has_failed)
			break;
		if (!node->nr_ranges) {
			/* The list of the root is only the root. */
			if (!depth)
				break;
			depth--;
		} else {
			err = verify_node(verifier, &cursor, node,
					  depth ? node - 1 : NULL);
			if (err)
				return err;
			depth += node->has_children;
		}
		if (depth > KPROF_GSYM_MAX_DEPTH)
			return fail(verifier, cursor.at,
				    "inlined functions are too deep");
		if (depth)
			base = around[depth - 1].start;
	} while (depth);
	if (cursor.has_failed || cursor.at != cursor.end)
		return fail(verifier, cursor.at,
			    "inlined functions do not end with their block");
	return 0;
}

static int verify_function(struct verifier *verifier, uint32_t index)
{
	const struct kprof_gsym *gsym = verifier->gsym;
	const struct kprof_gsym_entry *entry = &verifier->entry;
	int err;

	verifier->fault->function = index;
	err = kprof_gsym_read_entry(gsym, index, &verifier->entry,
				    verifier->fault);
	if (err)
		return err;
	if (index && kprof_gsym_start(gsym, index - 1) > entry->function.start)
		return fail(verifier,
			    gsym->starts +
				    (size_t)index * gsym->header.start_bytes,
			    "the functions are not in order");
	if (entry->function.has_lines)
		err = verify_lines(verifier);
	if (!err && entry->function.has_inlines)
		err = verify_inlines(verifier);
	return err;
}

int kprof_gsym_verify(const struct kprof_gsym *gsym,
		      struct kprof_gsym_fault *ret)
{
	struct verifier verifier = {.gsym = gsym, .fault = ret};
	int err;

	ret->function = KPROF_NO_INDEX;
	err = verify_files(&verifier);
	for (uint32_t i = 0; !err && i < gsym->header.nr_functions; i++)
		err = verify_function(&verifier, i);
	return err;
}
