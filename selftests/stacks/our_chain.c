// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of recorded stops as the module would walk them: its own walker,
 * and the tables that the library compiles.
 *
 *	our_chain FILE
 *	our_chain FILE NUMBER...
 *
 * Prints a line for each stop: its number from 0 on, how the walk ended, and
 * the pcs, innermost first, in hexadecimal. With numbers, all that the walks of
 * these stops depend on, as selftests/unit/replay.c reads it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "../unit/kernel/walker.c"

#include "image.h"
#include "our_regs.h"
#include "tables.h"

#include <string.h>

enum { MAX_DEPTH = 4096 };

static struct stops stops;
/* What is read of user memory is printed. */
static bool is_shown;

/* A file's table; without one the image has none either. */
struct known_file {
	struct known_file *next;
	const char *path;
	struct kprof_image image;
};

bool shim_read_user(u64 addr, void *to, size_t bytes)
{
	u64 value = 0;

	if (!stops_read(&stops, addr, to, bytes) &&
	    !image_read(&stops, addr, to, bytes))
		return false;
	memcpy(&value, to, bytes);
	if (is_shown)
		printf("memory %llx %zu %llx\n", (unsigned long long)addr, bytes,
		       (unsigned long long)value);
	return true;
}

u64 ktime_get_mono_fast_ns(void)
{
	return 0;
}

static void die(const char *what)
{
	fprintf(stderr, "our_chain: %s\n", what);
	exit(1);
}

static struct kprof_image *image_of(const char *path)
{
	static struct known_file *files;
	struct known_file *known;

	for (known = files; known; known = known->next)
		if (!strcmp(known->path, path))
			return &known->image;
	known = calloc(1, sizeof(*known));
	if (!known)
		die("no memory");
	known->path = strdup(path);
	known->image.table = table_compile(path);
	known->next = files;
	files = known;
	return &known->image;
}

static struct kprof_code_map *map_code(void)
{
	struct kprof_code_map *map = calloc(
		1, sizeof(*map) + stops.nr_mappings * sizeof(*map->mappings));

	if (!map)
		die("no memory");
	map->id = stops.maps_number;
	for (size_t i = 0; i < stops.nr_mappings; i++) {
		const struct stops_mapping *mapping = &stops.mappings[i];

		map->mappings[map->nr++] = (struct kprof_code_mapping){
			.start = mapping->start,
			.end = mapping->end,
			.file_offset = mapping->offset,
			.image = image_of(mapping->path),
		};
	}
	return map;
}

static const char *end_name(const struct kprof_stack *stack)
{
	switch (stack->user_end) {
	case KPROF_END_COMPLETE:
		return "complete";
	case KPROF_END_DEPTH:
		return "depth";
	case KPROF_END_UNREADABLE:
		return "unreadable";
	case KPROF_END_NO_UNWIND_INFO:
		return "no-unwind-information";
	default:
		return "other";
	}
}

static void print_chain(unsigned int number, const struct kprof_stack *stack)
{
	printf("%u %s", number, end_name(stack));
	for (u32 i = 0; i < stack->nr_user; i++)
		printf(" %llx", (unsigned long long)stack->frames[i]);
	putchar('\n');
}

static bool is_exact(const struct kprof_stack *stack, u32 number)
{
	bool exact = !number;

	for (u32 i = 0; i < stack->nr_signals; i++)
		exact |= stack->signals[i] == number;
	return exact;
}

/* The rule that a frame's caller was found by, if there is one. */
static void show_rule(const struct kprof_code_map *map, u64 pc)
{
	const struct kprof_code_mapping *mapping = kprof_code_map_find(map, pc);
	const struct kprof_unwind_table *table =
		mapping ? mapping->image->table : NULL;
	const struct kprof_unwind_rule *rule;
	u64 offset;

	if (!table)
		return;
	offset = pc - mapping->start + mapping->file_offset;
	rule = kprof_unwind_table_find(table, offset);
	if (!rule)
		return;
	printf("rule %llx %u %u %u %u %d %d %d %d %d\n", (unsigned long long)pc,
	       rule->cfa, rule->cfa_register, rule->ra, rule->saved,
	       rule->cfa_offset, rule->cfa_add, rule->ra_offset,
	       rule->fp_offset, rule->fp1_offset);
}

static const char *place_name(void)
{
	static const char *const names[] = {
		[PLACE_UNKNOWN] = "code without unwind information",
		[PLACE_BODY] = "a body",
		[PLACE_PARTIAL] = "a prologue or epilogue",
		[PLACE_PLT] = "a linkage stub",
	};

	return names[stops.stop.place & 3];
}

static void show_registers(void)
{
	printf("# in %s of %s\nregisters %llx", place_name(),
	       basename(stops_mapping_of(&stops, stops.stop.pc)->path),
	       (unsigned long long)stops.stop.pc);
	for (u32 i = 0; i < stops.header.nr_regs; i++)
		printf(" %llx", (unsigned long long)stops.stop.regs[i]);
	putchar('\n');
}

static void show_rules(const struct kprof_code_map *map,
		       const struct kprof_stack *stack)
{
	for (u32 i = 0; i < stack->nr_user; i++)
		show_rule(map, stack->frames[i] - !is_exact(stack, i));
	printf("chain %u", stack->user_end);
	for (u32 i = 0; i < stack->nr_user; i++)
		printf(" %llx", (unsigned long long)stack->frames[i]);
	putchar('\n');
}

static bool is_wanted(char **numbers, unsigned int number)
{
	for (; *numbers; numbers++)
		if (strtoul(*numbers, NULL, 10) == number)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static struct kprof_row_cache cache;
	static u64 frames[MAX_DEPTH];
	struct kprof_code_map *map = NULL;
	unsigned int number = 0;
	int err;

	if (argc < 2 || stops_open(&stops, argv[1]))
		die("usage: our_chain FILE [NUMBER...]");
	if (stops.header.machine != KPROF_MACHINE)
		die("these stops are of another machine");
	while ((err = stops_next(&stops)) > 0) {
		struct kprof_stack stack = {.frames = frames};
		struct walker walker = {
			.cache = &cache,
			.limit = OUR_LIMIT,
		};
		struct pt_regs regs;

		if (!map || map->id != stops.maps_number) {
			free(map);
			map = map_code();
		}
		walker.code = map;
		our_regs(&stops.stop, &regs);
		is_shown = is_wanted(argv + 2, number);
		if (is_shown)
			show_registers();
		walker_walk(&walker, &regs, MAX_DEPTH, &stack);
		if (is_shown)
			show_rules(map, &stack);
		else if (argc == 2)
			print_chain(number, &stack);
		number++;
	}
	free(map);
	if (err)
		die("the file is damaged");
	return 0;
}
