// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the module's unwind_table.c and unwind_rows.c: any bytes as a table,
 * walked from any registers over any stack.
 *
 * The input: user registers, STACK_BYTES of stack, and the table.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "../unit/kernel/walker.c"

#include <string.h>

enum {
	STACK_BYTES = 1024,
	MAX_TABLE_BYTES = 65536,
	MAX_DEPTH = 200,
};

/* Whose halves a 32-bit sum of an address and an offset can still reach. */
#define STACK_AT 0x7f0000100000ULL
#define CODE_AT  0x400000ULL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t stack_bytes[STACK_BYTES];

bool shim_read_user(u64 addr, void *to, size_t bytes)
{
	u64 at = addr - STACK_AT;

	/* The kernel's half, or what the processor would not like. */
	if (addr % sizeof(long) || addr >> 47)
		__builtin_trap();
	if (at >= STACK_BYTES || bytes > STACK_BYTES - at)
		return false;
	memcpy(to, stack_bytes + at, bytes);
	return true;
}

u64 ktime_get_mono_fast_ns(void)
{
	return 0;
}

static void walk(struct pt_regs *regs, const void *table)
{
	static _Alignas(8) uint8_t
		space[sizeof(struct kprof_code_map) +
		      sizeof(struct kprof_code_mapping)];
	struct kprof_code_map *map = (void *)space;
	static struct kprof_row_cache cache;
	static u64 frames[MAX_DEPTH];
	struct kprof_image image = {.table = table};
	struct walker walker = {
		.code = map,
		.cache = &cache,
		.limit = 0x7ffffffff000,
	};
	struct kprof_stack stack = {.frames = frames};

	map->id = 1;
	map->nr = 1;
	map->mappings[0] = (struct kprof_code_mapping){
		.start = CODE_AT,
		.end = CODE_AT + (1 << 20),
		.image = &image,
	};
	memset(&cache, 0, sizeof(cache));
	walker_walk(&walker, regs, MAX_DEPTH, &stack);
	if (!stack.nr_user || stack.nr_user > MAX_DEPTH ||
	    stack.user_end == KPROF_END_NONE)
		__builtin_trap();
	for (u32 i = 0; i < stack.nr_signals; i++)
		if (stack.signals[i] > stack.nr_user)
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) uint8_t table[MAX_TABLE_BYTES];
	struct pt_regs regs;
	size_t bytes;

	if (size < sizeof(regs) + STACK_BYTES)
		return 0;
	bytes = size - sizeof(regs) - STACK_BYTES;
	if (bytes > sizeof(table))
		return 0;
	memcpy(&regs, data, sizeof(regs));
	memcpy(stack_bytes, data + sizeof(regs), STACK_BYTES);
	memcpy(table, data + sizeof(regs) + STACK_BYTES, bytes);
	if (!kprof_unwind_table_validate(table, bytes, KPROF_MACHINE))
		walk(&regs, table);
	return 0;
}
