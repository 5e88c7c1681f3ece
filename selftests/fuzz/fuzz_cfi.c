// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the compiler of unwind information: any bytes as .eh_frame,
 * .debug_frame, .ARM.exidx and code, or as a whole ELF file.
 *
 * The first byte says of which machine, and which: see choose(). Whatever
 * goes in, what comes out is a sound table, or none.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "../unit/cfi_image.h"
#include "kmod/unwind_table.h"
#include "lib/cfi.h"
#include "lib/elf_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	/* Every table has room for its rules, pages and a little more. */
	SLACK_BYTES = 1 << 20,
};

static uint8_t image[CFI_IMAGE_AT + CFI_IMAGE_MAX] __attribute__((aligned(8)));

/* Bits 0 and 1: the machine; 2 and 3: what the bytes begin with. */
static void choose(uint8_t choice, size_t size)
{
	static const uint16_t machines[] = {EM_X86_64, EM_AARCH64, EM_RISCV,
					    EM_ARM};

	cfi_image_fill(image, machines[choice & 3],
		       (enum cfi_image_kind)(choice >> 2 & 3), size);
}

static void compile(const void *data, size_t size)
{
	struct kprof_unwind_image unwind;
	struct kprof_elf_file *file;

	if (kprof_elf_file_open_memory(data, size, &file))
		return;
	if (!kprof_cfi_compile(file, file, &unwind)) {
		if (kprof_unwind_table_validate(unwind.table, unwind.bytes,
						(uint16_t)file->machine))
			__builtin_trap();
		if (unwind.bytes > 3 * size + SLACK_BYTES)
			__builtin_trap();
	}
	kprof_unwind_image_deinit(&unwind);
	kprof_elf_file_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *exact;

	if (!size || size > CFI_IMAGE_MAX)
		return 0;
	if (data[0] & 0x80) {
		/* As it is, and no byte more: the sanitizer sees the rest. */
		exact = malloc(size - 1);
		memcpy(exact, data + 1, size - 1);
		compile(exact, size - 1);
		free(exact);
		return 0;
	}
	memcpy(image + CFI_IMAGE_AT, data + 1, size - 1);
	choose(data[0], size - 1);
	compile(image, CFI_IMAGE_AT + size - 1);
	return 0;
}
