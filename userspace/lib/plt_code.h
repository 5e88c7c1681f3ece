/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The code of PLT stubs: how linkers write them for each machine.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Pure: bytes in, the place of a slot out. Bytes may be any.
 */
#ifndef LIB_PLT_CODE_H
#define LIB_PLT_CODE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Decoders see so much, with zeros behind the end of a section. */
	KPROF_PLT_CODE_BYTES = 32,
};

/**
 * struct kprof_plt_slot - which slot of the global offset table a stub uses
 * @address: of the slot
 * @number: of the relocation that fills it, on i386 its offset
 * @is_numbered: @number says it, not @address
 */
struct kprof_plt_slot {
	uint64_t address;
	uint32_t number;
	bool is_numbered;
};

/**
 * struct kprof_plt_machine - how stubs of a machine look
 * @id: EM_*
 * @header_bytes: to skip at least
 * @step: stubs start at multiples of it
 * @min_bytes: of a stub
 * @max_bytes: of a stub
 * @jump_slot: type of a relocation, as are the next two
 * @is_header: is this what .plt may start with?
 * @decode: finds the slot of a stub at @address; @got is what %ebx holds in
 *	position independent code; false if this is no stub
 */
struct kprof_plt_machine {
	unsigned int id;
	uint8_t header_bytes;
	uint8_t step;
	uint8_t min_bytes;
	uint8_t max_bytes;
	uint32_t jump_slot;
	uint32_t glob_dat;
	uint32_t irelative;
	bool (*is_header)(const uint8_t *code);
	bool (*decode)(const uint8_t *code, uint64_t address, uint64_t got,
		       struct kprof_plt_slot *ret);
};

/* NULL for a machine whose stubs are not known. */
const struct kprof_plt_machine *kprof_plt_machine_find(unsigned int id);

/* Little-endian, as all these machines' code is. */
static inline uint32_t kprof_plt_le32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

#endif /* LIB_PLT_CODE_H */
