// SPDX-License-Identifier: GPL-2.0-only
/*
 * One unit of DWARF: which functions cover an address, and which line it is of.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The tree of a unit is walked once; what is kept of it are the functions that
 * have addresses. Deeper nesting and more ranges than compilers produce are cut
 * off, so that a crafted file costs no more than a large one.
 */
#ifdef HAVE_LIBDW

#include "lib/dwarf_unit.h"

#include "lib/dwarf_file.h"
#include "lib/dwarf_split.h"

#include <dwarf.h>
#include <errno.h>

enum {
	MAX_DEPTH = 128,
	MAX_RANGES = 1 << 21,
	/* What libdw keeps of a line. */
	LINE_BYTES = 48,
};

/* What is wanted of a function, from one pass over its attributes. */
struct attributes {
	uint32_t call_file;
	uint32_t call_line;
	bool has_addresses;
};

/* The way from the root to where the walk is. */
struct level {
	Dwarf_Die die;
	uint32_t function;
};

struct adding {
	struct kprof_dwarf_unit *unit;
	uint32_t function;
};

/* Ranges */

/*
 * Code that the linker threw away keeps its debug information, at an address
 * of 0 or 1. No code that runs is there.
 */
int kprof_dwarf_ranges(Dwarf_Die *die, kprof_dwarf_range_fn *add, void *context)
{
	Dwarf_Addr base = 0, start, end;
	ptrdiff_t offset = 0;
	int err = 0;

	while (!err) {
		offset = dwarf_ranges(die, offset, &base, &start, &end);
		if (offset <= 0)
			break;
		if (start > 1 && start < end)
			err = add(start, end, context);
	}
	return err;
}

static int add_range(uint64_t start, uint64_t end, void *context)
{
	struct adding *adding = context;
	struct kprof_symbol_table *table = &adding->unit->ranges;
	uint64_t size = end - start;

	if (table->entries.nr >= MAX_RANGES)
		return -ENOSPC;
	return kprof_symbol_table_add(
		table,
		&(struct kprof_symbol_entry){
			.start = start,
			.size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX,
			.name = adding->function,
		});
}

/* Functions */

static uint32_t number_of(Dwarf_Attribute *attr)
{
	Dwarf_Word number;

	if (dwarf_formudata(attr, &number) || number > UINT32_MAX)
		return 0;
	return (uint32_t)number;
}

static int read_attribute(Dwarf_Attribute *attr, void *context)
{
	struct attributes *attributes = context;

	switch (dwarf_whatattr(attr)) {
	case DW_AT_low_pc:
	case DW_AT_ranges:
		attributes->has_addresses = true;
		break;
	case DW_AT_call_file:
		attributes->call_file = number_of(attr);
		break;
	case DW_AT_call_line:
		attributes->call_line = number_of(attr);
		break;
	default:
		break;
	}
	return DWARF_CB_OK;
}

/*
 * Adds the function at @level. A call within it belongs to it; but to nothing
 * if it is a declaration.
 */
static int add_function(struct kprof_dwarf_unit *unit, struct level *level,
			bool is_inlined)
{
	uint32_t outer = is_inlined ? level->function : KPROF_SYMBOL_NONE;
	struct attributes attributes = {};
	struct adding adding = {unit, (uint32_t)unit->functions.nr};
	struct kprof_dwarf_function function = {
		.die = level->die,
		.outer = outer,
	};
	int err;

	dwarf_getattrs(&level->die, read_attribute, &attributes, 0);
	if (!attributes.has_addresses) {
		if (!is_inlined)
			level->function = KPROF_SYMBOL_NONE;
		return 0;
	}
	function.call_file = attributes.call_file;
	function.call_line = attributes.call_line;
	if (outer != KPROF_SYMBOL_NONE)
		function.depth = unit->functions.data[outer].depth + 1;
	err = kprof_dwarf_ranges(&level->die, add_range, &adding);
	if (!err)
		err = vector_push(&unit->functions, function);
	level->function = adding.function;
	return err;
}

/* Visits a DIE; says whether there may be functions below it. */
static int visit(struct kprof_dwarf_unit *unit, struct level *level, bool *ret)
{
	int tag = dwarf_tag(&level->die);

	*ret = true;
	switch (tag) {
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
		return add_function(unit, level,
				    tag == DW_TAG_inlined_subroutine);
	case DW_TAG_lexical_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return 0;
	default:
		*ret = false;
		return 0;
	}
}

static int walk(struct kprof_dwarf_unit *unit)
{
	struct level levels[MAX_DEPTH] = {};
	struct level *level = levels, *last = levels + MAX_DEPTH - 1;
	uint32_t outer = KPROF_SYMBOL_NONE;
	bool may_descend;

	if (dwarf_child(&unit->code, &level->die))
		return 0;
	for (;;) {
		int err;

		level->function = outer;
		err = visit(unit, level, &may_descend);
		if (err)
			return err;
		if (may_descend && level < last &&
		    !dwarf_child(&level->die, &level[1].die)) {
			outer = level->function;
			level++;
			continue;
		}
		while (dwarf_siblingof(&level->die, &level->die))
			if (level-- == levels)
				return 0;
		outer = level == levels ? KPROF_SYMBOL_NONE
					: level[-1].function;
	}
}

/* Life */

static int read_functions(struct kprof_dwarf_unit *unit)
{
	int err = walk(unit);

	/* What was read of an endless unit is as good as any. */
	if (err && err != -ENOSPC)
		return err;
	kprof_symbol_table_finish(&unit->ranges);
	return 0;
}

int kprof_dwarf_unit_init(struct kprof_dwarf_unit *unit,
			  struct kprof_dwarf_file *file, uint64_t offset)
{
	Dwarf_Attribute attr;
	size_t nr_files;
	int err = 0;

	*unit = (struct kprof_dwarf_unit){};
	if (!dwarf_offdie(file->dwarf, offset, &unit->cu))
		return -ENOENT;
	unit->comp_dir =
		dwarf_formstring(dwarf_attr(&unit->cu, DW_AT_comp_dir, &attr))
			?: "";
	if (kprof_dwarf_file_code_unit(file, &unit->cu, &unit->code)) {
		err = read_functions(unit);
		if (dwarf_getsrcfiles(&unit->code, &unit->files, &nr_files))
			unit->files = NULL;
	}
	if (err)
		kprof_dwarf_unit_deinit(unit);
	return err;
}

void kprof_dwarf_unit_deinit(struct kprof_dwarf_unit *unit)
{
	vector_free(&unit->functions);
	kprof_symbol_table_deinit(&unit->ranges);
}

uint64_t kprof_dwarf_unit_bytes(const struct kprof_dwarf_unit *unit)
{
	return unit->functions.capacity * sizeof(*unit->functions.data) +
	       unit->ranges.entries.capacity *
		       sizeof(*unit->ranges.entries.data) +
	       unit->nr_lines * LINE_BYTES;
}

/* Look-ups */

/* Of functions with one and the same range, the one inlined in all others. */
static uint32_t innermost(const struct kprof_dwarf_unit *unit,
			  const struct kprof_symbol_match *match)
{
	uint32_t best = match->entries[0].name;

	for (size_t i = 1; i < match->nr; i++) {
		uint32_t nr = match->entries[i].name;

		if (unit->functions.data[nr].depth >
		    unit->functions.data[best].depth)
			best = nr;
	}
	return best;
}

uint32_t kprof_dwarf_unit_find(const struct kprof_dwarf_unit *unit,
			       uint64_t address, uint64_t *start_ret,
			       uint64_t *end_ret)
{
	const struct kprof_symbol_entry *all = unit->ranges.entries.data;
	const struct kprof_symbol_entry *entry;
	struct kprof_symbol_match match;
	uint32_t ret, outermost;

	if (kprof_symbol_table_find(&unit->ranges, address, &match))
		return KPROF_SYMBOL_NONE;
	ret = innermost(unit, &match);
	outermost = ret;
	while (unit->functions.data[outermost].outer != KPROF_SYMBOL_NONE)
		outermost = unit->functions.data[outermost].outer;
	*start_ret = match.start;
	*end_ret = match.end;
	entry = &match.entries[match.nr - 1];
	while (entry->name != outermost && entry->outer != KPROF_SYMBOL_NONE)
		entry = &all[entry->outer];
	if (entry->name == outermost && entry->start <= address) {
		*start_ret = entry->start;
		*end_ret = entry->start + entry->size;
	}
	return ret;
}

static void describe(struct kprof_dwarf_function *function)
{
	Dwarf_Attribute attr;
	int line;

	function->name = dwarf_formstring(dwarf_attr_integrate(
		&function->die, DW_AT_linkage_name, &attr));
	if (!function->name)
		function->name = dwarf_formstring(dwarf_attr_integrate(
			&function->die, DW_AT_MIPS_linkage_name, &attr));
	if (!function->name)
		function->name = dwarf_diename(&function->die) ?: "";
	function->decl_file = dwarf_decl_file(&function->die);
	if (!dwarf_decl_line(&function->die, &line) && line > 0)
		function->decl_line = (uint32_t)line;
	function->is_described = true;
}

const struct kprof_dwarf_function *
kprof_dwarf_unit_function(struct kprof_dwarf_unit *unit, uint32_t nr)
{
	struct kprof_dwarf_function *function = &unit->functions.data[nr];

	if (!function->is_described)
		describe(function);
	return function;
}

const char *kprof_dwarf_unit_file(const struct kprof_dwarf_unit *unit,
				  uint32_t nr)
{
	return unit->files ? dwarf_filesrc(unit->files, nr, NULL, NULL) : NULL;
}

/* Lines */

static void read_lines(struct kprof_dwarf_unit *unit)
{
	if (dwarf_getsrclines(&unit->cu, &unit->lines, &unit->nr_lines)) {
		unit->lines = NULL;
		unit->nr_lines = 0;
	}
	unit->are_lines_read = true;
}

static uint64_t address_of(const struct kprof_dwarf_unit *unit, size_t nr)
{
	Dwarf_Addr address = 0;

	dwarf_lineaddr(dwarf_onesrcline(unit->lines, nr), &address);
	return address;
}

/* The last line at or before @address: it lasts until the next one. */
static Dwarf_Line *find_line(const struct kprof_dwarf_unit *unit,
			     uint64_t address)
{
	size_t low = 0, high = unit->nr_lines;
	Dwarf_Line *line;
	bool is_end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_of(unit, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	line = dwarf_onesrcline(unit->lines, low - 1);
	if (dwarf_lineendsequence(line, &is_end) || is_end)
		return NULL;
	return line;
}

void kprof_dwarf_unit_line(struct kprof_dwarf_unit *unit, uint64_t address,
			   const char **file_ret, uint32_t *line_ret)
{
	Dwarf_Line *line;
	int nr = 0;

	*file_ret = NULL;
	*line_ret = 0;
	if (!unit->are_lines_read)
		read_lines(unit);
	line = find_line(unit, address);
	if (!line)
		return;
	*file_ret = dwarf_linesrc(line, NULL, NULL);
	if (!dwarf_lineno(line, &nr) && nr > 0)
		*line_ret = (uint32_t)nr;
}

#endif /* HAVE_LIBDW */
