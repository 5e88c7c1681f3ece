/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwind tables: their parts, whether they are sound, and look-up.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Knows no kernel: user space checks with this file what it writes and reads.
 */
#ifndef KPROF_UNWIND_TABLE_H
#define KPROF_UNWIND_TABLE_H

#include <linux/kprof_unwind.h>
#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#define cond_resched() ((void)0)
#endif

/* e_machine of the ELF header, which names the registers. */
enum kprof_unwind_machine {
	KPROF_UNWIND_ARM = 40,
	KPROF_UNWIND_X86_64 = 62,
	KPROF_UNWIND_ARM64 = 183,
	KPROF_UNWIND_RISCV64 = 243,
};

/**
 * kprof_unwind_table_validate() - is a table sound?
 * @table: aligned to 4 bytes, and nobody else can write it
 * @bytes: there are at @table
 * @machine: the table must be for; KPROF_UNWIND_*
 *
 * Checks every byte; only then may the functions below be used. What a sound
 * table says may still be wrong. Process context; reschedules.
 *
 * Return: 0; -EINVAL; -ENOEXEC if it is for another machine.
 */
int kprof_unwind_table_validate(const void *table, size_t bytes, __u16 machine);

/* Any context. */

static inline const struct kprof_unwind_rule *
kprof_unwind_table_rules(const struct kprof_unwind_table *table)
{
	return (const void *)(table + 1);
}

/* nr_pages + 1 of them. */
static inline const __u32 *
kprof_unwind_table_first_rows(const struct kprof_unwind_table *table)
{
	return (const void *)(kprof_unwind_table_rules(table) +
			      table->nr_rules);
}

static inline const struct kprof_unwind_row *
kprof_unwind_table_rows(const struct kprof_unwind_table *table)
{
	return (const void *)(kprof_unwind_table_first_rows(table) +
			      table->nr_pages + 1);
}

/**
 * kprof_unwind_table_find() - the rule of a place in the file
 * @table: a sound one
 * @offset: in the file; of a return address the byte before it
 *
 * At most 17 steps.
 *
 * Return: the rule, which may be KPROF_CFA_UNKNOWN; NULL where there is no row.
 */
static inline const struct kprof_unwind_rule *
kprof_unwind_table_find(const struct kprof_unwind_table *table, __u64 offset)
{
	const __u32 *first_rows = kprof_unwind_table_first_rows(table);
	const struct kprof_unwind_row *rows = kprof_unwind_table_rows(table);
	/* Before the first page it wraps around, and is too large as well. */
	__u64 page = (offset >> KPROF_UNWIND_PAGE_BITS) - table->first_page;
	__u16 in_page = offset & (KPROF_UNWIND_PAGE - 1);
	__u32 low, high, middle;

	if (page >= table->nr_pages)
		return NULL;
	low = first_rows[page];
	high = first_rows[page + 1];
	while (low < high) {
		middle = low + (high - low) / 2;
		if (rows[middle].offset <= in_page)
			low = middle + 1;
		else
			high = middle;
	}
	/* The row before may be one of an earlier page. */
	return low ? kprof_unwind_table_rules(table) + rows[low - 1].rule
		   : NULL;
}

#endif /* KPROF_UNWIND_TABLE_H */
