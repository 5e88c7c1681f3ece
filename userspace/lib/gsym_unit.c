// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: what one unit of DWARF knows, as flat tables.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifdef HAVE_LIBDW

#include "lib/gsym_unit.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>

enum {
	/* Blocks in blocks; what is nested more deeply is left out. */
	MAX_NESTING = 256,
	/* A crafted file may lead in a circle; browsers have 200 million. */
	MAX_DIES = 1 << 30,
	/* Of a unit; the largest have some thousand. */
	MAX_FILES = 1 << 20,
	/* Of one inlined function; compilers make up to some hundred. */
	MAX_RANGES = 1 << 16,
};

void kprof_gsym_unit_deinit(struct kprof_gsym_unit *unit)
{
	vector_free(&unit->rows);
	vector_free(&unit->functions);
	vector_free(&unit->nodes);
	vector_free(&unit->ranges);
	vector_free(&unit->files);
	vector_free(&unit->waiting);
	kprof_map_deinit(&unit->names);
	kprof_dwarf_paths_deinit(&unit->paths);
}

/* Files */

static int file_number(struct kprof_gsym_unit *unit, Dwarf_Files *raw_files,
		       size_t index, uint32_t *ret)
{
	const char *path;
	int err;

	if (index >= MAX_FILES || !raw_files) {
		*ret = 0;
		return 0;
	}
	err = vector_reserve(&unit->files, index + 1);
	if (err)
		return err;
	while (unit->files.nr <= index)
		unit->files.data[unit->files.nr++] = 0;
	if (!unit->files.data[index]) {
		path = kprof_dwarf_paths_get(
			&unit->paths, unit->comp_dir,
			dwarf_filesrc(raw_files, index, NULL, NULL));
		err = kprof_gsym_writer_file(unit->writer,
					     path[0] ? path : "??", ret);
		unit->files.data[index] = *ret + 1;
	}
	*ret = unit->files.data[index] - 1;
	return err;
}

/* Ranges */

static int compare_ranges(const void *a, const void *b)
{
	const struct kprof_gsym_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Appends the ranges of a DIE, ascending, to the unit's; how many. */
static int add_ranges(struct kprof_gsym_unit *unit, Dwarf_Die *die, size_t *ret)
{
	size_t first = unit->ranges.nr;
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;
	int err = 0;

	while (!err && unit->ranges.nr - first < MAX_RANGES &&
	       (offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0)
		if (start < end)
			err = vector_push(
				&unit->ranges,
				(struct kprof_gsym_range){start, end});
	*ret = unit->ranges.nr - first;
	if (*ret > 1)
		qsort(unit->ranges.data + first, *ret,
		      sizeof(struct kprof_gsym_range), compare_ranges);
	return err;
}

/* Lines */

bool kprof_gsym_unit_has(const struct kprof_gsym_unit *unit, uint64_t address)
{
	size_t low = 0, high = unit->nr_own_ranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->ranges.data[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!unit->nr_own_ranges)
		return true;
	return low && address < unit->ranges.data[low - 1].end;
}

/*
 * At the end of a sequence some compilers have a row more, and libdw sorts it
 * behind the end, as if something started there.
 */
static int add_row(struct kprof_gsym_unit *unit, Dwarf_Line *line)
{
	struct kprof_gsym_unit_row row = {};
	Dwarf_Files *raw_files;
	Dwarf_Addr address;
	size_t index;
	int number, err;

	if (dwarf_lineaddr(line, &address) || dwarf_lineno(line, &number) ||
	    dwarf_line_file(line, &raw_files, &index) ||
	    dwarf_lineendsequence(line, &row.ends))
		return 0;
	row.ends |= !kprof_gsym_unit_has(unit, address);
	row.line.address = address;
	row.line.line = (uint32_t)number;
	err = file_number(unit, raw_files, index, &row.line.file);
	return err ?: vector_push(&unit->rows, row);
}

static int read_rows(struct kprof_gsym_unit *unit, Dwarf_Die *cu)
{
	Dwarf_Lines *lines;
	size_t nr;
	int err;

	if (dwarf_getsrclines(cu, &lines, &nr))
		return 0;
	err = add_ranges(unit, cu, &unit->nr_own_ranges);
	err = err ?: vector_reserve(&unit->rows, nr);
	for (size_t i = 0; !err && i < nr; i++)
		err = add_row(unit, dwarf_onesrcline(lines, i));
	return err;
}

/* Functions */

/* As the linker knows it, if DWARF says so. */
static const char *linkage_name(Dwarf_Die *die)
{
	static const unsigned int names[] = {
		DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		Dwarf_Attribute attribute;
		const char *name = dwarf_formstring(
			dwarf_attr_integrate(die, names[i], &attribute));

		if (name && name[0])
			return name;
	}
	return "??";
}

/* Where functions are inlined often, their names are looked for once. */
int kprof_gsym_unit_name(struct kprof_gsym_unit *unit, Dwarf_Die *die,
			 uint32_t *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Die origin = *die;
	uint64_t known;
	int err;

	if (!dwarf_formref_die(
		    dwarf_attr(die, DW_AT_abstract_origin, &attribute),
		    &origin))
		origin = *die;
	if (kprof_map_get(&unit->names, (uintptr_t)origin.addr, &known)) {
		*ret = (uint32_t)known;
		return 0;
	}
	err = kprof_gsym_writer_string(unit->writer, linkage_name(die), ret);
	return err ?: kprof_map_set(&unit->names, (uintptr_t)origin.addr, *ret);
}

static uint64_t number_attribute(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (dwarf_formudata(dwarf_attr(die, name, &attribute), &value))
		return 0;
	return value;
}

static int add_node(struct kprof_gsym_unit *unit, Dwarf_Die *die,
		    uint32_t depth, bool *added_ret)
{
	struct kprof_gsym_unit_node node = {
		.first_range = unit->ranges.nr,
		.depth = depth,
		.call_line = (uint32_t)number_attribute(die, DW_AT_call_line),
	};
	int err = add_ranges(unit, die, &node.nr_ranges);

	*added_ret = node.nr_ranges;
	if (err || !node.nr_ranges)
		return err;
	err = kprof_gsym_unit_name(unit, die, &node.name);
	err = err
		      ?: file_number(unit, unit->raw_files,
				     number_attribute(die, DW_AT_call_file),
				     &node.call_file);
	return err ?: vector_push(&unit->nodes, node);
}

static int walk_code(struct kprof_gsym_unit *unit, Dwarf_Die *around,
		     uint32_t depth, uint32_t nesting);

/* What may be found in code; functions and classes in it wait. */
static int visit_code(struct kprof_gsym_unit *unit, Dwarf_Die *die,
		      uint32_t depth, uint32_t nesting)
{
	bool added;
	int err;

	switch (dwarf_tag(die)) {
	case DW_TAG_inlined_subroutine:
		err = add_node(unit, die, depth + 1, &added);
		if (err || !added)
			return err;
		return walk_code(unit, die, depth + 1, nesting + 1);
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return walk_code(unit, die, depth, nesting + 1);
	case DW_TAG_subprogram:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
		return vector_push(&unit->waiting, *die);
	default:
		return 0;
	}
}

static int walk_code(struct kprof_gsym_unit *unit, Dwarf_Die *around,
		     uint32_t depth, uint32_t nesting)
{
	Dwarf_Die die;
	int err = 0;

	if (nesting > MAX_NESTING || dwarf_child(around, &die))
		return 0;
	do {
		err = visit_code(unit, &die, depth, nesting);
	} while (!err && ++unit->nr_dies < MAX_DIES &&
		 !dwarf_siblingof(&die, &die));
	return err;
}

static int add_function(struct kprof_gsym_unit *unit, Dwarf_Die *die)
{
	struct kprof_gsym_unit_function function = {
		.die = *die,
		.first_node = unit->nodes.nr,
	};
	size_t first_range = unit->ranges.nr, nr_ranges;
	int err = add_ranges(unit, die, &nr_ranges);

	/* A declaration, or what is only inlined. */
	if (err || !nr_ranges)
		return err;
	err = walk_code(unit, die, 0, 0);
	function.nr_nodes = unit->nodes.nr - function.first_node;
	for (size_t i = 0; !err && i < nr_ranges; i++) {
		function.range = unit->ranges.data[first_range + i];
		err = vector_push(&unit->functions, function);
	}
	return err;
}

/* What functions may be found in, beside other functions. */
static int visit_container(struct kprof_gsym_unit *unit, Dwarf_Die *around)
{
	Dwarf_Die die;
	int err = 0;

	if (dwarf_child(around, &die))
		return 0;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			err = add_function(unit, &die);
			break;
		case DW_TAG_namespace:
		case DW_TAG_module:
		case DW_TAG_class_type:
		case DW_TAG_structure_type:
			if (dwarf_haschildren(&die) > 0)
				err = vector_push(&unit->waiting, die);
			break;
		default:
			break;
		}
	} while (!err && ++unit->nr_dies < MAX_DIES &&
		 !dwarf_siblingof(&die, &die));
	return err;
}

static int compare_functions(const void *a, const void *b)
{
	const struct kprof_gsym_unit_function *x = a, *y = b;

	return compare_ranges(&x->range, &y->range);
}

static int read_functions(struct kprof_gsym_unit *unit, Dwarf_Die *cu)
{
	int err = vector_push(&unit->waiting, *cu);

	while (!err && unit->waiting.nr) {
		Dwarf_Die die = unit->waiting.data[--unit->waiting.nr];

		err = dwarf_tag(&die) == DW_TAG_subprogram
			      ? add_function(unit, &die)
			      : visit_container(unit, &die);
	}
	if (unit->functions.nr > 1)
		qsort(unit->functions.data, unit->functions.nr,
		      sizeof(struct kprof_gsym_unit_function),
		      compare_functions);
	return err;
}

int kprof_gsym_unit_read(struct kprof_gsym_unit *unit, Dwarf_Die *lines,
			 Dwarf_Die *code)
{
	Dwarf_Attribute attribute;
	size_t nr_files;
	int err;

	unit->rows.nr = 0;
	unit->functions.nr = 0;
	unit->nodes.nr = 0;
	unit->ranges.nr = 0;
	unit->nr_own_ranges = 0;
	unit->files.nr = 0;
	unit->waiting.nr = 0;
	if (dwarf_getsrcfiles(code, &unit->raw_files, &nr_files))
		unit->raw_files = NULL;
	unit->comp_dir = dwarf_formstring(
		dwarf_attr(lines, DW_AT_comp_dir, &attribute));
	unit->comp_dir = unit->comp_dir ?: "";
	err = read_rows(unit, lines);
	/* Nobody asks for functions without lines. */
	if (err || !unit->rows.nr)
		return err;
	return read_functions(unit, code);
}

#endif
