// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: from an ELF file and what lies beside it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/debug_file.h"
#include "lib/elf_check.h"
#include "lib/elf_file.h"
#include "lib/gsym.h"
#include "lib/gsym_dwarf.h"
#include "lib/gsym_pieces.h"
#include "lib/gsym_write.h"
#include "lib/sym_elf.h"
#include "lib/sym_go.h"
#include "lib/sym_minidebug.h"
#include "lib/sym_plt.h"
#include "lib/vmlinux.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <string.h>

/* Where functions come from, in the order in which they are believed. */
static const struct kprof_symbolizer_ops *const function_sources[] = {
	&kprof_symtab_ops, &kprof_debug_symtab_ops, &kprof_minidebug_ops,
	&kprof_go_ops,	   &kprof_dynsym_ops,	    &kprof_plt_ops,
};

define_cleanup(cleanup_elf, struct kprof_elf_file *, kprof_elf_file_close)
define_cleanup(cleanup_writer, struct kprof_gsym_writer *,
	       kprof_gsym_writer_destroy)

static int collect_functions(const struct kprof_symbol_binary *binary,
			     struct kprof_gsym_pieces *pieces,
			     struct kprof_gsym_writer *writer)
{
	const size_t nr = sizeof(function_sources) / sizeof(*function_sources);
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++) {
		const struct kprof_symbolizer_ops *ops = function_sources[i];
		void *source;

		err = ops->open(binary, &source);
		if (!err) {
			err = kprof_gsym_pieces_collect(pieces, ops, source,
							writer);
			ops->close(source);
		} else if (err == -ENOENT) {
			err = 0;
		}
	}
	return err;
}

/* Has it code, or is it only a description of a file that has? */
static bool has_code(const struct kprof_elf_file *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, &shdr) &&
		    shdr.sh_flags & SHF_EXECINSTR && shdr.sh_type == SHT_NOBITS)
			return false;
	return true;
}

/* Of a kernel, whose debug file has no offsets either, its first address. */
static void describe_kernel(const struct kprof_elf_file *elf,
			    struct kprof_strbuf *ret)
{
	uint64_t start;

	if (!kprof_vmlinux_start(elf, &start))
		kprof_strbuf_appendf(ret, "%s" KPROF_GSYM_KERNEL "%" PRIx64,
				     ret->len ? " " : "", start);
}

/* "OFFSET:VADDR:BYTES ..." of those with code; "" for a debug file. */
static int describe_segments(const struct kprof_elf_file *elf,
			     struct kprof_strbuf *ret)
{
	for (size_t i = 0; has_code(elf) && i < elf->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &elf->segments[i];

		if (segment->is_executable && segment->file_bytes)
			kprof_strbuf_appendf(
				ret, "%s%" PRIx64 ":%" PRIx64 ":%" PRIx64,
				ret->len ? " " : "", segment->offset,
				segment->vaddr, segment->file_bytes);
	}
	describe_kernel(elf, ret);
	return ret->err;
}

static int fill(const struct kprof_symbol_binary *binary,
		const struct kprof_gsym_build_options *options,
		struct kprof_gsym_writer *writer)
{
	struct kprof_gsym_pieces pieces = {};
	int err = collect_functions(binary, &pieces, writer);

	if (!err && !pieces.all.nr)
		err = -ENODATA;
	if (!err && !(options && options->names_only)) {
		err = kprof_gsym_dwarf_add(binary, &pieces, writer);
		if (err == -ENOENT)
			err = 0;
	}
	err = err ?: kprof_gsym_pieces_add_rest(&pieces, writer);
	kprof_gsym_pieces_deinit(&pieces);
	return err;
}

int kprof_gsym_build(const char *path,
		     const struct kprof_gsym_build_options *options,
		     struct kprof_gsym_writer **ret)
{
	_cleanup_(cleanup_writer) struct kprof_gsym_writer *writer = NULL;
	_cleanup_(cleanup_elf) struct kprof_elf_file *elf = NULL;
	_cleanup_strbuf_ struct kprof_strbuf segments = {};
	const char *debug_dir = options && options->debug_dir
					? options->debug_dir
					: "/usr/lib/debug";
	struct kprof_debug_file debug = {};
	struct kprof_symbol_binary binary = {
		.path = path,
		.debug = &debug,
		.debug_dirs = &debug_dir,
		.nr_debug_dirs = 1,
		.max_memory = UINT64_MAX,
	};
	int err = kprof_elf_file_open(path, &elf);

	err = err ?: describe_segments(elf, &segments);
	if (err)
		return err;
	kprof_elf_file_warn(elf, path);
	binary.elf = elf;
	binary.build_id = elf->build_id;
	err = kprof_gsym_writer_create(elf->build_id,
				       kprof_strbuf_str(&segments), &writer);
	err = err ?: fill(&binary, options, writer);
	kprof_debug_file_close(&debug);
	if (!err)
		*ret = no_cleanup_ptr(writer);
	return err;
}
