// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unwind tables: whether they are sound.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A table comes from user space, and there often from a file that anybody may
 * have written. Behind these checks no look-up leaves the table and no rule
 * names a register or a way that the walker does not know.
 */
#include "unwind_table.h"

/* Registers that rules may name: the general ones and the stack pointer. */
static unsigned int nr_registers(__u16 machine)
{
	switch (machine) {
	case KPROF_UNWIND_X86_64:
	case KPROF_UNWIND_ARM:
		return 16;
	case KPROF_UNWIND_ARM64:
	case KPROF_UNWIND_RISCV64:
		return 32;
	default:
		return 0;
	}
}

/* A rule that is nothing but its kind? */
static bool is_bare(const struct kprof_unwind_rule *rule)
{
	return !(rule->cfa_register | rule->ra | rule->saved |
		 rule->cfa_offset | rule->cfa_add | rule->ra_offset |
		 rule->fp_offset | rule->fp1_offset);
}

static bool cfa_is_sound(const struct kprof_unwind_rule *rule,
			 unsigned int nr_regs)
{
	switch (rule->cfa) {
	case KPROF_CFA_REGISTER:
		return rule->cfa_register < nr_regs && !rule->cfa_add;
	case KPROF_CFA_MEMORY:
		return rule->cfa_register < nr_regs;
	case KPROF_CFA_PLT:
		return !rule->cfa_register && rule->cfa_add >= 0 &&
		       rule->cfa_add <= 15;
	default:
		return false;
	}
}

static bool ra_is_sound(const struct kprof_unwind_rule *rule,
			unsigned int nr_regs)
{
	if (rule->ra == KPROF_RA_REGISTER)
		return rule->ra_offset >= 0 && rule->ra_offset < (int)nr_regs;
	return rule->ra == KPROF_RA_MEMORY;
}

static bool saved_is_sound(unsigned int saved, __s16 offset)
{
	if (saved == KPROF_SAVED_CFA || saved == KPROF_SAVED_SELF)
		return true;
	return (saved == KPROF_SAVED_SAME || saved == KPROF_SAVED_LOST) &&
	       !offset;
}

static bool rule_is_sound(const struct kprof_unwind_rule *rule, __u16 machine)
{
	unsigned int nr_regs = nr_registers(machine);

	switch (rule->cfa) {
	case KPROF_CFA_UNKNOWN:
	case KPROF_CFA_OUTERMOST:
		return is_bare(rule);
	case KPROF_CFA_SIGNAL: {
		struct kprof_unwind_rule rest = *rule;

		rest.cfa_offset = 0;
		return is_bare(&rest);
	}
	}
	if (machine != KPROF_UNWIND_ARM &&
	    (rule->saved >> 4 || rule->fp1_offset))
		return false;
	return cfa_is_sound(rule, nr_regs) && ra_is_sound(rule, nr_regs) &&
	       saved_is_sound(rule->saved & 15, rule->fp_offset) &&
	       saved_is_sound(rule->saved >> 4, rule->fp1_offset);
}

static bool header_is_sound(const struct kprof_unwind_table *table,
			    size_t bytes)
{
	__u64 size = sizeof(*table);

	if (table->magic != KPROF_UNWIND_MAGIC || table->flags || table->pad)
		return false;
	if (!table->nr_pages || table->nr_pages > KPROF_UNWIND_MAX_PAGES ||
	    !table->nr_rules || table->nr_rules > KPROF_UNWIND_MAX_RULES)
		return false;
	/* The last page has a number, too. */
	if (table->first_page + table->nr_pages < table->nr_pages)
		return false;
	size += (__u64)table->nr_rules * sizeof(struct kprof_unwind_rule);
	size += ((__u64)table->nr_pages + 1) * sizeof(__u32);
	size += (__u64)table->nr_rows * sizeof(struct kprof_unwind_row);
	return size == bytes && table->bytes == bytes;
}

static bool page_is_sound(const struct kprof_unwind_table *table, __u32 first,
			  __u32 end)
{
	const struct kprof_unwind_row *rows = kprof_unwind_table_rows(table);
	__u32 i;

	if (first > end || end > table->nr_rows)
		return false;
	for (i = first; i < end; i++) {
		if (rows[i].rule >= table->nr_rules)
			return false;
		if (i > first && rows[i].offset <= rows[i - 1].offset)
			return false;
	}
	return true;
}

static bool rows_are_sound(const struct kprof_unwind_table *table)
{
	const __u32 *first_rows = kprof_unwind_table_first_rows(table);
	__u32 i;

	if (first_rows[0] || first_rows[table->nr_pages] != table->nr_rows)
		return false;
	for (i = 0; i < table->nr_pages; i++) {
		if (!page_is_sound(table, first_rows[i], first_rows[i + 1]))
			return false;
		cond_resched();
	}
	return true;
}

int kprof_unwind_table_validate(const void *data, size_t bytes, __u16 machine)
{
	const struct kprof_unwind_table *table = data;
	__u32 i;

	if (bytes < sizeof(*table) || !header_is_sound(table, bytes))
		return -EINVAL;
	if (table->machine != machine)
		return -ENOEXEC;
	for (i = 0; i < table->nr_rules; i++) {
		if (!rule_is_sound(kprof_unwind_table_rules(table) + i,
				   machine))
			return -EINVAL;
	}
	return rows_are_sound(table) ? 0 : -EINVAL;
}
