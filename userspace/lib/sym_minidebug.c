// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: MiniDebugInfo, a small symbol table inside of stripped files.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Section .gnu_debugdata is an ELF file, compressed with xz, that has little
 * more than a .symtab. It leaves out what .dynsym has: a symbol without a size
 * may be followed by functions that only .dynsym knows.
 */
#include "lib/sym_minidebug.h"

#include "lib/elf_file.h"
#include "lib/elf_section.h"
#include "lib/sym_elf.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/xz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Those of distributions have 10 KiB to 2 MiB. */
	MAX_COMPRESSED_BYTES = 16 << 20,
	MAX_BYTES = 32 << 20,
};

/**
 * struct minidebug - the table of one file
 * @data: the file inside, decompressed
 * @file: made of @data
 * @symtab: of kprof_symtab_ops
 */
struct minidebug {
	char *data;
	struct kprof_elf_file *file;
	void *symtab;
};

static int inflate_section(const struct kprof_elf_file *file, char **ret,
			   size_t *len_ret)
{
	_cleanup_free_ char *compressed = NULL;
	GElf_Shdr shdr;
	int err;

	err = kprof_elf_section_find(file, ".gnu_debugdata", &shdr);
	if (err)
		return err;
	if (shdr.sh_size > file->size || shdr.sh_size > MAX_COMPRESSED_BYTES)
		return -EFBIG;
	compressed = malloc(shdr.sh_size + 1);
	if (!compressed)
		return -ENOMEM;
	if (kprof_elf_file_read(file, shdr.sh_offset, compressed,
				shdr.sh_size) != shdr.sh_size)
		return -EPIPE;
	return kprof_xz_inflate(compressed, shdr.sh_size, MAX_BYTES, ret,
				len_ret);
}

int kprof_minidebug_open(const struct kprof_elf_file *file, char **data_ret,
			 struct kprof_elf_file **ret)
{
	_cleanup_free_ char *data = NULL;
	size_t len;
	int err;

	err = inflate_section(file, &data, &len);
	if (!err)
		err = kprof_elf_file_open_memory(data, len, ret);
	if (err) {
		if (err != -ENOENT && err != -ENOMEM)
			log_warning("cannot use .gnu_debugdata: %s",
				    strerror(-err));
		return err == -ENOMEM ? err : -ENOENT;
	}
	(*ret)->is_partial = true;
	*data_ret = no_cleanup_ptr(data);
	return 0;
}

static void minidebug_close(void *opaque)
{
	struct minidebug *minidebug = opaque;

	if (!minidebug)
		return;
	kprof_symtab_ops.close(minidebug->symtab);
	kprof_elf_file_close(minidebug->file);
	free(minidebug->data);
	free(minidebug);
}

static int minidebug_open(const struct kprof_symbol_binary *binary, void **ret)
{
	struct kprof_symbol_binary inside = {};
	struct minidebug *minidebug;
	int err;

	if (!binary->elf)
		return -ENOENT;
	minidebug = calloc(1, sizeof(*minidebug));
	if (!minidebug)
		return -ENOMEM;
	err = kprof_minidebug_open(binary->elf, &minidebug->data,
				   &minidebug->file);
	inside.elf = minidebug->file;
	if (!err)
		err = kprof_symtab_ops.open(&inside, &minidebug->symtab);
	if (err) {
		minidebug_close(minidebug);
		return err;
	}
	*ret = minidebug;
	return 0;
}

static int minidebug_find(void *opaque, uint64_t address,
			  struct kprof_symbol *ret)
{
	struct minidebug *minidebug = opaque;

	return kprof_symtab_ops.find(minidebug->symtab, address, ret);
}

static int minidebug_next(void *opaque, uint64_t address, uint64_t *ret)
{
	struct minidebug *minidebug = opaque;

	return kprof_symtab_ops.next(minidebug->symtab, address, ret);
}

const struct kprof_symbolizer_ops kprof_minidebug_ops = {
	.name = ".gnu_debugdata",
	.open = minidebug_open,
	.find = minidebug_find,
	.next = minidebug_next,
	.close = minidebug_close,
};
