/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What unwinding has to know of a machine: its registers, where its kernel
 * saves them for a signal handler, and code that nobody describes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_MACHINE_H
#define LIB_CFI_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kprof_unwind.h>

enum {
	/* No such register. */
	KPROF_CFI_NONE = 0xff,
};

/**
 * struct kprof_cfi_machine - registers by their DWARF numbers
 * @machine: e_machine of the ELF header
 * @word_bytes: size of an address
 * @nr_registers: that a rule may name
 * @sp: stack pointer
 * @frame: the frame registers of the format; KPROF_CFI_NONE
 * @link: where a call leaves the return address; KPROF_CFI_NONE if on the stack
 * @signal_sp: offset of the saved stack pointer in struct sigcontext
 * @signal_ra: of what unwind information calls the return address: the saved pc
 *	or, on arm, link register
 * @signal_frame: of the saved frame register 0
 */
struct kprof_cfi_machine {
	uint16_t machine;
	uint8_t word_bytes;
	uint8_t nr_registers;
	uint8_t sp;
	uint8_t frame[2];
	uint8_t link;
	uint16_t signal_sp;
	uint16_t signal_ra;
	uint16_t signal_frame;
};

/* NULL for one that is not known. */
const struct kprof_cfi_machine *kprof_cfi_machine_find(unsigned int machine,
						       size_t word_bytes);

/**
 * kprof_cfi_known_code() - code that can only be one thing
 * @machine: its machine
 * @code: bytes
 * @size: how many
 * @offset_ret: where in @code it starts
 * @size_ret: how many bytes it has
 * @rule_ret: what holds there
 *
 * Trampolines that handlers return to, the bottom of new threads, and stubs of a
 * procedure linkage table where linkers do not describe it.
 *
 * Return: false if there is none.
 */
bool kprof_cfi_known_code(const struct kprof_cfi_machine *machine,
			  const uint8_t *code, size_t size, size_t *offset_ret,
			  size_t *size_ret, struct kprof_unwind_rule *rule_ret);

/*
 * How many bytes of @code, where a program is entered, are sure to have no
 * caller: it says so itself by clearing what would point to one, and then
 * calls. 0 if it does not.
 */
size_t kprof_cfi_entry_code(const struct kprof_cfi_machine *machine,
			    const uint8_t *code, size_t size);

enum {
	/* The longest code that is recognised. */
	KPROF_CFI_KNOWN_CODE_BYTES = 16,
	KPROF_CFI_ENTRY_CODE_BYTES = 96,
};

#endif /* LIB_CFI_MACHINE_H */
