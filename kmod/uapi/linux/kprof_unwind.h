/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kprof: unwind tables, which say how to get from a frame to its caller in
 * code without frame pointers.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * User space compiles the unwind information of one file (.eh_frame,
 * .debug_frame, .ARM.exidx) to one table and loads it with KPROF_IOC_LOAD; the
 * module keeps one table for each file, whoever maps it.
 *
 * A table in memory, without gaps, in the byte order of the machine:
 *
 *	struct kprof_unwind_table	header
 *	struct kprof_unwind_rule	rules[nr_rules]
 *	__u32				first_row[nr_pages + 1]
 *	struct kprof_unwind_row		rows[nr_rows]
 *
 * Addresses are offsets in the file. The file is cut into pages of
 * KPROF_UNWIND_PAGE bytes; page number n of the table is page
 * first_page + n of the file and has the rows first_row[n] to
 * first_row[n + 1] - 1. Within a page rows ascend strictly. A row counts from
 * its offset to the next row, in whichever page that is; before the first row,
 * and behind the last page, nothing is known.
 *
 * For a return address the row of the byte before it is taken, because a call
 * may be the last instruction of a function; for an exact pc, its own.
 */
#ifndef _UAPI_LINUX_KPROF_UNWIND_H
#define _UAPI_LINUX_KPROF_UNWIND_H

#include <linux/types.h>

#define KPROF_UNWIND_MAGIC	0x31776b75	/* "ukw1", lowest byte first */
#define KPROF_UNWIND_PAGE_BITS	16
#define KPROF_UNWIND_PAGE	(1U << KPROF_UNWIND_PAGE_BITS)
/* At most 4 GiB of a file, and as many rules as a row can name. */
#define KPROF_UNWIND_MAX_PAGES	65536
#define KPROF_UNWIND_MAX_RULES	65536

/**
 * struct kprof_unwind_table - how a table starts
 * @magic: KPROF_UNWIND_MAGIC
 * @machine: whose registers the rules name: e_machine of the ELF header
 *	(62 x86-64, 183 arm64, 243 riscv64, 40 arm)
 * @flags: 0
 * @bytes: of the whole table, this header included
 * @first_page: offset of the first page in the file, in pages
 * @nr_pages: 1 to KPROF_UNWIND_MAX_PAGES
 * @nr_rows: in all pages; the last of first_row is equal to it
 * @nr_rules: 1 to KPROF_UNWIND_MAX_RULES
 * @pad: 0
 */
struct kprof_unwind_table {
	__u32 magic;
	__u16 machine;
	__u16 flags;
	__u32 bytes;
	__u32 first_page;
	__u32 nr_pages;
	__u32 nr_rows;
	__u32 nr_rules;
	__u32 pad;
};

/**
 * struct kprof_unwind_row - from here on this rule holds
 * @offset: in the page
 * @rule: its number, below nr_rules
 */
struct kprof_unwind_row {
	__u16 offset;
	__u16 rule;
};

/* How to get the canonical frame address, CFA: the caller's stack pointer. */
/* nothing is known: frame pointers, if the code has some */
#define KPROF_CFA_UNKNOWN	0
/* there is no caller */
#define KPROF_CFA_OUTERMOST	1
/* register + cfa_offset */
#define KPROF_CFA_REGISTER	2
/* word at (register + cfa_offset), + cfa_add */
#define KPROF_CFA_MEMORY	3
/*
 * stack pointer + cfa_offset, and a word more where the lowest 4 bits of the
 * pc are at least cfa_add: stubs of a procedure linkage table
 */
#define KPROF_CFA_PLT		4
/*
 * A signal handler returns here: all registers of the interrupted frame are
 * in the struct sigcontext at stack pointer + cfa_offset, laid out as the
 * kernel of this machine does. The caller's pc is exact.
 */
#define KPROF_CFA_SIGNAL	5

/* Where the return address is. */
/* word at CFA + ra_offset */
#define KPROF_RA_MEMORY		0
/* still in the register whose number is ra_offset */
#define KPROF_RA_REGISTER	1

/* Where the caller's value of a frame register is. */
/* still in the register */
#define KPROF_SAVED_SAME	0
/* word at CFA + offset */
#define KPROF_SAVED_CFA		1
/* word at the register's own value + offset */
#define KPROF_SAVED_SELF	2
/* lost: no frame further out can be found by it */
#define KPROF_SAVED_LOST	3

/**
 * struct kprof_unwind_rule - how to get from a frame to its caller
 * @cfa: KPROF_CFA_*
 * @cfa_register: DWARF's number of the register; any but the stack pointer and
 *	the frame registers is only known in the innermost frame, and in one
 *	that a signal interrupted
 * @ra: KPROF_RA_*
 * @saved: KPROF_SAVED_* of frame register 0, and from bit 4 on of frame
 *	register 1
 * @cfa_offset: bytes
 * @cfa_add: bytes; with KPROF_CFA_PLT 0 to 15
 * @ra_offset: bytes, or a register's number
 * @fp_offset: bytes; of frame register 0: x86-64 rbp, arm64 x29, riscv64 s0,
 *	arm r11
 * @fp1_offset: bytes; of frame register 1: arm r7, none elsewhere
 *
 * Fields that a kind does not use are 0.
 */
struct kprof_unwind_rule {
	__u8 cfa;
	__u8 cfa_register;
	__u8 ra;
	__u8 saved;
	__s32 cfa_offset;
	__s16 cfa_add;
	__s16 ra_offset;
	__s16 fp_offset;
	__s16 fp1_offset;
};

#endif /* _UAPI_LINUX_KPROF_UNWIND_H */
