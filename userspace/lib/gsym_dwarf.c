// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: lines and inlined functions from DWARF.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Names of functions and where they are come from symbol tables, which are
 * right also where there is no DWARF. Here they get their lines, unit by unit;
 * those that no symbol table has, of files whose symbols were thinned out, are
 * added.
 */
#ifdef HAVE_LIBDW

#include "lib/gsym_dwarf.h"

#include "lib/dwarf_file.h"
#include "lib/dwarf_split.h"
#include "lib/elf_file.h"
#include "lib/gsym_unit.h"

#include <dwarf.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>

/**
 * struct adder - the work on one file
 * @file: which
 * @pieces: functions
 * @unit: the unit at hand
 * @lines: of the function at hand
 * @inlines: likewise
 * @ranges: of these
 */
struct adder {
	const struct kprof_elf_file *file;
	struct kprof_gsym_pieces *pieces;
	struct kprof_gsym_unit unit;
	vector(struct kprof_gsym_line) lines;
	vector(struct kprof_gsym_inline) inlines;
	vector(struct kprof_gsym_range) ranges;
};

/* Some of the adder's ranges. */
struct span {
	size_t first;
	size_t nr;
};

/* What the linker left out still has lines, from address 0 on. */
static bool is_code(const struct adder *adder, uint64_t address)
{
	for (size_t i = 0; i < adder->file->nr_segments; i++) {
		const struct kprof_elf_segment *segment =
			&adder->file->segments[i];

		if (segment->is_executable &&
		    address - segment->vaddr < segment->memory_bytes)
			return true;
	}
	return false;
}

/* Lines */

/* One row for an address, the last; none that says what the one before did. */
static int add_line(struct adder *adder, const struct kprof_gsym_line *line)
{
	const struct kprof_gsym_line *last;

	if (adder->lines.nr &&
	    adder->lines.data[adder->lines.nr - 1].address == line->address)
		adder->lines.nr--;
	if (adder->lines.nr) {
		last = &adder->lines.data[adder->lines.nr - 1];
		if (last->file == line->file && last->line == line->line)
			return 0;
	}
	return vector_push(&adder->lines, *line);
}

/*
 * From the row in effect at its start, or from the first one in it. What is in
 * front of that has no line.
 */
static int collect_lines(struct adder *adder,
			 const struct kprof_gsym_piece *piece, size_t row)
{
	const struct kprof_gsym_unit *unit = &adder->unit;
	struct kprof_gsym_line line = unit->rows.data[row].line;
	int err = 0;

	adder->lines.nr = 0;
	if (line.address > piece->start) {
		line.address = piece->start;
		line.line = 0;
		err = add_line(adder, &line);
	}
	for (; !err && row < unit->rows.nr; row++) {
		line = unit->rows.data[row].line;

		if (line.address >= piece->end)
			break;
		if (unit->rows.data[row].ends)
			continue;
		if (line.address < piece->start)
			line.address = piece->start;
		err = add_line(adder, &line);
	}
	return err;
}

/* Inlined functions */

/* The function around an address. */
static const struct kprof_gsym_unit_function *
find_function(const struct kprof_gsym_unit *unit, uint64_t address)
{
	size_t low = 0, high = unit->functions.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->functions.data[middle].range.start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || unit->functions.data[low - 1].range.end <= address)
		return NULL;
	return &unit->functions.data[low - 1];
}

static int add_range(struct adder *adder, size_t first, uint64_t start,
		     uint64_t end)
{
	struct kprof_gsym_range *last;

	if (start >= end)
		return 0;
	if (adder->ranges.nr > first) {
		last = &adder->ranges.data[adder->ranges.nr - 1];
		if (start <= last->end) {
			if (end > last->end)
				last->end = end;
			return 0;
		}
	}
	return vector_push(&adder->ranges,
			   (struct kprof_gsym_range){start, end});
}

/*
 * The parts of a node's ranges that lie in those of the one around it; both
 * ascend, so the parts do.
 */
static int intersect(struct adder *adder,
		     const struct kprof_gsym_unit_node *node,
		     const struct span *around)
{
	const struct kprof_gsym_range *ranges =
		adder->unit.ranges.data + node->first_range;
	size_t first = adder->ranges.nr;
	int err = 0;

	for (size_t i = 0, j = 0;
	     !err && i < node->nr_ranges && j < around->nr;) {
		const struct kprof_gsym_range *a = &ranges[i];
		struct kprof_gsym_range b =
			adder->ranges.data[around->first + j];

		err = add_range(adder, first,
				a->start > b.start ? a->start : b.start,
				a->end < b.end ? a->end : b.end);
		if (a->end < b.end)
			i++;
		else
			j++;
	}
	return err;
}

/* Only now that ranges do not move any more, nodes can point to them. */
static void point_to_ranges(struct adder *adder)
{
	/* The first one is the piece itself. */
	size_t at = 1;

	vector_for_each (&adder->inlines, node) {
		node->ranges = adder->ranges.data + at;
		at += node->nr_ranges;
	}
}

/* Adds a node, but for what of it does not lie in the one around it. */
static int add_inline(struct adder *adder,
		      const struct kprof_gsym_unit_node *node,
		      const struct span *around, struct span *ret)
{
	struct kprof_gsym_inline added = {
		.depth = node->depth,
		.name = node->name,
		.call_file = node->call_file,
		.call_line = node->call_line,
	};
	int err;

	ret->first = adder->ranges.nr;
	err = intersect(adder, node, around);
	ret->nr = added.nr_ranges = adder->ranges.nr - ret->first;
	if (err || !ret->nr)
		return err;
	return vector_push(&adder->inlines, added);
}

/* The nodes of the function around a piece as far as they lie in it. */
static int collect_inlines(struct adder *adder,
			   const struct kprof_gsym_piece *piece)
{
	const struct kprof_gsym_unit_function *function =
		find_function(&adder->unit, piece->start);
	struct span around[KPROF_GSYM_MAX_DEPTH + 1] = {{0, 1}};
	uint32_t dropped_depth = UINT32_MAX;
	int err;

	adder->inlines.nr = 0;
	adder->ranges.nr = 0;
	if (!function)
		return 0;
	err = vector_push(&adder->ranges,
			  (struct kprof_gsym_range){piece->start, piece->end});
	for (size_t i = 0; !err && i < function->nr_nodes; i++) {
		const struct kprof_gsym_unit_node *node =
			&adder->unit.nodes.data[function->first_node + i];
		uint32_t depth = node->depth;

		/* With a node go those that are inlined in it. */
		if (depth > dropped_depth || depth > KPROF_GSYM_MAX_DEPTH)
			continue;
		err = add_inline(adder, node, &around[depth - 1],
				 &around[depth]);
		dropped_depth = around[depth].nr ? UINT32_MAX : depth;
	}
	point_to_ranges(adder);
	return err;
}

/* Pieces */

static int add_piece(struct adder *adder, struct kprof_gsym_piece *piece,
		     size_t row)
{
	struct kprof_gsym_body body;
	int err = collect_lines(adder, piece, row);

	err = err ?: collect_inlines(adder, piece);
	if (err)
		return err;
	body = (struct kprof_gsym_body){
		.lines = adder->lines.data,
		.nr_lines = adder->lines.nr,
		.inlines = adder->inlines.data,
		.nr_inlines = adder->inlines.nr,
	};
	piece->is_added = true;
	return kprof_gsym_writer_add(adder->unit.writer, piece->name,
				     piece->start, piece->end - piece->start,
				     &body);
}

/* A function may start in front of the first line of its unit. */
static bool starts_before(const struct adder *adder, size_t piece,
			  uint64_t address)
{
	const struct kprof_gsym_piece *before;

	if (!piece)
		return false;
	before = &adder->pieces->all.data[piece - 1];
	return before->end > address &&
	       kprof_gsym_unit_has(&adder->unit, before->start);
}

/*
 * Those that start where @row is in effect, up to the next row; of the first
 * row, also one that is around it.
 */
static int add_row_pieces(struct adder *adder, size_t row, bool is_first)
{
	const struct kprof_gsym_unit_row *rows = adder->unit.rows.data;
	uint64_t start = rows[row].line.address;
	uint64_t end = rows[row + 1].line.address;
	size_t i;
	int err = 0;

	if (rows[row].ends || start >= end)
		return 0;
	i = kprof_gsym_pieces_from(adder->pieces, start);
	if (is_first && starts_before(adder, i, start))
		i--;
	for (; !err && i < adder->pieces->all.nr; i++) {
		struct kprof_gsym_piece *piece = &adder->pieces->all.data[i];

		if (piece->start >= end)
			break;
		if (!piece->is_added)
			err = add_piece(adder, piece, row);
	}
	return err;
}

/* Functions that only DWARF knows */

/* Of a function that the linker left out DWARF tells, too: at address 0. */
static bool is_in_section(const struct adder *adder, uint64_t address)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(adder->file->elf, section)))
		if (gelf_getshdr(section, &shdr) &&
		    shdr.sh_flags & SHF_EXECINSTR &&
		    address - shdr.sh_addr < shdr.sh_size)
			return true;
	return false;
}

static int add_unknown(struct adder *adder,
		       struct kprof_gsym_unit_function *function)
{
	struct kprof_gsym_piece piece = {
		.start = function->range.start,
		.end = function->range.end,
	};
	size_t at = kprof_gsym_pieces_from(adder->pieces, piece.start);
	const struct kprof_gsym_piece *all = adder->pieces->all.data;
	int err;

	/* Nearly always. */
	if (at < adder->pieces->all.nr && all[at].start == piece.start)
		return 0;
	if (!is_in_section(adder, piece.start))
		return 0;
	err = kprof_gsym_unit_name(&adder->unit, &function->die, &piece.name);
	return err ?: kprof_gsym_pieces_add_unknown(adder->pieces, &piece);
}

static int add_unknown_functions(struct adder *adder)
{
	int err = 0;

	vector_for_each (&adder->unit.functions, function)
		err = err ?: add_unknown(adder, function);
	return err;
}

static int add_unit(struct adder *adder, Dwarf_Die *lines, Dwarf_Die *code)
{
	int err = kprof_gsym_unit_read(&adder->unit, lines, code);
	const struct kprof_gsym_unit_row *rows = adder->unit.rows.data;
	bool is_first = true, is_kept = false;

	err = err ?: add_unknown_functions(adder);
	for (size_t i = 0; !err && i + 1 < adder->unit.rows.nr; i++) {
		uint64_t address = rows[i].line.address;

		if (is_first)
			is_kept = is_code(adder, address);
		if (is_kept)
			err = add_row_pieces(adder, i, is_first);
		/* Of several with the first address, the last one counts. */
		is_first = rows[i].ends ||
			   (is_first && rows[i + 1].line.address == address);
	}
	return err;
}

static int add_units(struct adder *adder, struct kprof_dwarf_file *file)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die lines, code;
	uint8_t type;
	int err = 0;

	while (!err && !dwarf_get_units(file->dwarf, cu, &cu, NULL, &type,
					&lines, NULL)) {
		if (type == DW_UT_type)
			continue;
		/* Of a skeleton, code is in another file, if that is there. */
		if (!kprof_dwarf_file_code_unit(file, &lines, &code))
			code = lines;
		err = add_unit(adder, &lines, &code);
	}
	return err;
}

int kprof_gsym_dwarf_add(const struct kprof_symbol_binary *binary,
			 struct kprof_gsym_pieces *pieces,
			 struct kprof_gsym_writer *writer)
{
	struct kprof_dwarf_file file;
	struct adder adder = {
		.pieces = pieces,
		.unit.writer = writer,
	};
	int err = kprof_dwarf_file_open(binary, &file);

	if (err)
		return err;
	adder.file = file.elf;
	err = add_units(&adder, &file);
	kprof_gsym_unit_deinit(&adder.unit);
	vector_free(&adder.lines);
	vector_free(&adder.inlines);
	vector_free(&adder.ranges);
	kprof_dwarf_file_close(&file);
	return err;
}

#endif
