// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of recorded stops as the module would walk them: its own walker,
 * and the tables that the library compiles.
 *
 *	our_chain FILE
 *
 * Prints a line for each stop: its number from 0 on, how the walk ended, and
 * the pcs, innermost first, in hexadecimal.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "../unit/kernel/walker.c"

#include "our_regs.h"
#include "tables.h"

#include <string.h>

enum { MAX_DEPTH = 4096 };

static struct stops stops;

/* A file's table; without one the image has none either. */
struct known_file {
	struct known_file *next;
	const char *path;
	struct kprof_image image;
};

bool shim_read_user(u64 addr, void *to, size_t bytes)
{
	return stops_read(&stops, addr, to, bytes);
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

int main(int argc, char **argv)
{
	static struct kprof_row_cache cache;
	static u64 frames[MAX_DEPTH];
	struct kprof_code_map *map = NULL;
	unsigned int number = 0;
	int err;

	if (argc != 2 || stops_open(&stops, argv[1]))
		die("usage: our_chain FILE");
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
		walker_walk(&walker, &regs, MAX_DEPTH, &stack);
		print_chain(number++, &stack);
	}
	free(map);
	if (err)
		die("the file is damaged");
	return 0;
}
