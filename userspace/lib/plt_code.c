// SPDX-License-Identifier: GPL-2.0-only
/*
 * The code of PLT stubs: how linkers write them for each machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/plt_code.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

static bool starts_with(const uint8_t *code, const char *bytes, size_t size)
{
	return !memcmp(code, bytes, size);
}

/* x86 */

static const uint8_t *skip_endbr(const uint8_t *code)
{
	if (starts_with(code, "\xf3\x0f\x1e\xfa", 4) ||
	    starts_with(code, "\xf3\x0f\x1e\xfb", 4))
		return code + 4;
	return code;
}

/* push GOT+8; mold pushes %r11 first. */
static bool x86_is_header(const uint8_t *code)
{
	code = skip_endbr(code);
	if (starts_with(code, "\x41\x53", 2))
		code += 2;
	return starts_with(code, "\xff\x35", 2) ||
	       starts_with(code, "\xff\xb3", 2);
}

static bool x86_decode(const uint8_t *code, uint64_t address, uint64_t got,
		       bool is_i386, struct kprof_plt_slot *ret)
{
	const uint8_t *at = skip_endbr(code);

	*ret = (struct kprof_plt_slot){};
	/* push $number; jmp: what binds lazily, if .plt.sec has the stub. */
	if (at[0] == 0x68 && (at[5] == 0xe9 || at[5] == 0xf2)) {
		ret->number = kprof_plt_le32(at + 1);
		ret->is_numbered = true;
		return true;
	}
	/* mov $number, %r11d: mold's way */
	if (starts_with(at, "\x41\xbb", 2))
		at += 6;
	/* bnd */
	if (at[0] == 0xf2)
		at++;
	if (starts_with(at, "\xff\x25", 2)) {
		ret->address = kprof_plt_le32(at + 2);
		if (!is_i386)
			ret->address =
				address + (uint64_t)(at + 6 - code) +
				(uint64_t)(int32_t)kprof_plt_le32(at + 2);
		return true;
	}
	if (is_i386 && starts_with(at, "\xff\xa3", 2)) {
		ret->address = (uint32_t)(got + kprof_plt_le32(at + 2));
		return true;
	}
	return false;
}

static bool x86_64_decode(const uint8_t *code, uint64_t address, uint64_t got,
			  struct kprof_plt_slot *ret)
{
	return x86_decode(code, address, got, false, ret);
}

static bool i386_decode(const uint8_t *code, uint64_t address, uint64_t got,
			struct kprof_plt_slot *ret)
{
	return x86_decode(code, address, got, true, ret);
}

/* arm64 */

static const uint8_t *skip_bti(const uint8_t *code)
{
	return kprof_plt_le32(code) == 0xd503245f ? code + 4 : code;
}

/* stp x16, x30, [sp, #-16]! */
static bool arm64_is_header(const uint8_t *code)
{
	return kprof_plt_le32(skip_bti(code)) == 0xa9bf7bf0;
}

/* adrp x16, page; ldr x17, [x16, #offset] */
static bool arm64_decode(const uint8_t *code, uint64_t address, uint64_t got,
			 struct kprof_plt_slot *ret)
{
	const uint8_t *at = skip_bti(code);
	uint32_t adrp = kprof_plt_le32(at), ldr = kprof_plt_le32(at + 4);
	uint64_t pages;

	(void)got;
	*ret = (struct kprof_plt_slot){};
	if ((adrp & 0x9f00001f) != 0x90000010 ||
	    (ldr & 0xffc003ff) != 0xf9400211)
		return false;
	pages = (adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3);
	/* 21 bits with a sign */
	pages = (pages ^ 0x100000) - 0x100000;
	address += (uint64_t)(at - code);
	ret->address =
		(address & ~0xfffULL) + pages * 4096 + (ldr >> 10 & 0xfff) * 8;
	return true;
}

static const struct kprof_plt_machine machines[] = {
	{EM_X86_64, 16, 8, 8, 16, R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT,
	 R_X86_64_IRELATIVE, x86_is_header, x86_64_decode},
	{EM_386, 16, 8, 8, 16, R_386_JMP_SLOT, R_386_GLOB_DAT, R_386_IRELATIVE,
	 x86_is_header, i386_decode},
	{EM_AARCH64, 32, 4, 16, 24, R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT,
	 R_AARCH64_IRELATIVE, arm64_is_header, arm64_decode},
};

const struct kprof_plt_machine *kprof_plt_machine_find(unsigned int id)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].id == id)
			return &machines[i];
	return NULL;
}
