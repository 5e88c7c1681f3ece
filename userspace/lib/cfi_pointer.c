// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses in unwind information, which are written in many ways.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifdef HAVE_LIBDW
#include "lib/cfi_pointer.h"

#include <dwarf.h>

enum {
	FORMAT = 0x0f,
	BASE = 0xf0,
};

static uint64_t truncate_to(uint64_t value, size_t bytes)
{
	return bytes == 4 ? (uint32_t)value : value;
}

static bool read_number(const struct kprof_cfi_pointer *pointer,
			struct kprof_cfi_bytes *bytes, uint64_t *ret)
{
	switch (pointer->encoding & FORMAT) {
	case DW_EH_PE_absptr:
		*ret = cfi_unsigned(bytes, pointer->word_bytes);
		break;
	case DW_EH_PE_uleb128:
		*ret = cfi_uleb128(bytes);
		break;
	case DW_EH_PE_udata2:
		*ret = cfi_unsigned(bytes, 2);
		break;
	case DW_EH_PE_udata4:
		*ret = cfi_unsigned(bytes, 4);
		break;
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		*ret = cfi_unsigned(bytes, 8);
		break;
	case DW_EH_PE_sleb128:
		*ret = (uint64_t)cfi_sleb128(bytes);
		break;
	case DW_EH_PE_sdata2:
		*ret = (uint64_t)cfi_signed(bytes, 2);
		break;
	case DW_EH_PE_sdata4:
		*ret = (uint64_t)cfi_signed(bytes, 4);
		break;
	default:
		return false;
	}
	return !bytes->is_short;
}

bool kprof_cfi_pointer_read(const struct kprof_cfi_pointer *pointer,
			    struct kprof_cfi_bytes *bytes, uint64_t *ret)
{
	uint64_t base = 0, value;

	/* Not through a table of addresses, which are relocated. */
	if ((pointer->encoding & BASE) == DW_EH_PE_pcrel)
		base = pointer->vaddr + (uint64_t)(bytes->at - pointer->start);
	else if ((pointer->encoding & BASE) != DW_EH_PE_absptr)
		return false;
	if (!read_number(pointer, bytes, &value))
		return false;
	*ret = truncate_to(base + value, pointer->word_bytes);
	return true;
}

bool kprof_cfi_pointer_read_size(const struct kprof_cfi_pointer *pointer,
				 struct kprof_cfi_bytes *bytes, uint64_t *ret)
{
	if (!read_number(pointer, bytes, ret))
		return false;
	*ret = truncate_to(*ret, pointer->word_bytes);
	return true;
}
#endif /* HAVE_LIBDW */
