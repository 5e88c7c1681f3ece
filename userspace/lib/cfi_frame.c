// SPDX-License-Identifier: GPL-2.0-only
/*
 * .eh_frame and .debug_frame as layers of unwind information.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The section is read once to list which code each entry (FDE) describes, and
 * a second time, in the order of the code, to run the entries. Nothing is kept
 * of the common parts (CIEs) but the few that were used last.
 */
#include "lib/cfi_layer.h"

#include <errno.h>

#ifdef HAVE_LIBDW
#include "lib/cfi_builder.h"
#include "lib/cfi_pointer.h"
#include "lib/cfi_program.h"
#include "lib/cfi_section.h"
#include "lib/elf_file.h"
#include "util/cleanup.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

enum {
	/* A power of 2; a file has one CIE for each kind of code, or one for
	   each of its sources. */
	NR_CACHED = 16,
	/* Real ones have about 20; they are run again and again. */
	MAX_INITIAL_BYTES = 512,
	NO_ENTRY = 0xffffffff,
};

/* What the entries of one kind of code have in common. */
struct common {
	uint32_t entry;
	bool is_valid;
	struct kprof_cfi_program program;
	struct kprof_cfi_pointer pointer;
	bool has_sized_augmentation;
	size_t augmentation_bytes;
};

struct frames {
	const struct kprof_cfi_machine *machine;
	const struct kprof_elf_file *file;
	struct kprof_cfi_section section;
	struct common cached[NR_CACHED];
};

/* One entry. */
struct function {
	const struct common *common;
	uint64_t vaddr;
	uint64_t bytes;
	struct kprof_cfi_bytes instructions;
};

static int next_entry(struct kprof_cfi_section *section, Dwarf_Off offset,
		      Dwarf_Off *next_ret, Dwarf_CFI_Entry *ret)
{
	*next_ret = (Dwarf_Off)-1;
	if (offset >= section->data.d_size)
		return 1;
	return dwarf_next_cfi(section->ident, &section->data, section->is_eh,
			      offset, next_ret, ret);
}

/* CIEs */

static void skip_pointer(struct kprof_cfi_pointer pointer,
			 struct kprof_cfi_bytes *bytes, uint8_t encoding)
{
	uint64_t ignored;

	if (encoding == DW_EH_PE_omit)
		return;
	pointer.encoding = encoding & 0x0f;
	kprof_cfi_pointer_read_size(&pointer, bytes, &ignored);
}

/* What the letters of an augmentation with a size say; others are skipped. */
static bool read_augmentation(struct common *common, const Dwarf_CIE *cie)
{
	struct kprof_cfi_bytes bytes = {
		.at = cie->augmentation_data,
		.end = cie->augmentation_data + cie->augmentation_data_size,
	};

	common->has_sized_augmentation = true;
	for (const char *at = cie->augmentation + 1; *at; at++) {
		if (*at == 'R')
			common->pointer.encoding = cfi_u8(&bytes);
		else if (*at == 'P')
			skip_pointer(common->pointer, &bytes, cfi_u8(&bytes));
		else if (*at == 'L')
			cfi_u8(&bytes);
		else if (*at == 'S')
			common->program.is_signal = true;
		else if (*at != 'B' && *at != 'G')
			break;
	}
	return !bytes.is_short;
}

/* Without a size every letter must be known, and be one without data. */
static bool read_letters(struct common *common, const Dwarf_CIE *cie)
{
	for (const char *at = cie->augmentation; *at; at++) {
		if (*at == 'S')
			common->program.is_signal = true;
		else if (*at != 'B')
			return false;
	}
	return true;
}

static bool read_common(const struct frames *frames, const Dwarf_CIE *cie,
			struct common *common)
{
	const struct kprof_cfi_section *section = &frames->section;
	struct kprof_cfi_bytes initial = {
		.at = cie->initial_instructions,
		.end = cie->initial_instructions_end,
	};

	common->pointer = (struct kprof_cfi_pointer){
		.word_bytes = (uint8_t)section->word_bytes,
		.start = section->data.d_buf,
		.vaddr = section->vaddr,
	};
	common->program = (struct kprof_cfi_program){
		.machine = frames->machine,
		.code_factor = cie->code_alignment_factor,
		.data_factor = cie->data_alignment_factor,
		.ra_register = cie->return_address_register,
	};
	common->augmentation_bytes = cie->fde_augmentation_data_size;
	if (!(cie->augmentation[0] == 'z' ? read_augmentation(common, cie)
					  : read_letters(common, cie)))
		return false;
	common->program.encoding = common->pointer.encoding;
	return initial.end - initial.at <= MAX_INITIAL_BYTES &&
	       kprof_cfi_program_init(&common->program, initial);
}

/* NULL if it cannot be understood. */
static const struct common *find_common(struct frames *frames, Dwarf_Off offset)
{
	struct common *common = &frames->cached[offset / 8 % NR_CACHED];
	Dwarf_CFI_Entry entry;
	Dwarf_Off next;

	if (offset >= NO_ENTRY)
		return NULL;
	if (common->entry != offset) {
		*common = (struct common){.entry = (uint32_t)offset};
		common->is_valid =
			!next_entry(&frames->section, offset, &next, &entry) &&
			dwarf_cfi_cie_p(&entry) &&
			read_common(frames, &entry.cie, common);
	}
	return common->is_valid ? common : NULL;
}

/* FDEs */

static bool skip_augmentation(const struct common *common,
			      struct kprof_cfi_bytes *bytes)
{
	uint64_t size = common->augmentation_bytes;

	if (common->has_sized_augmentation)
		size = cfi_uleb128(bytes);
	cfi_skip(bytes, size);
	return !bytes->is_short;
}

static bool read_function(struct frames *frames, const Dwarf_FDE *fde,
			  struct function *ret)
{
	struct kprof_cfi_bytes bytes = {fde->start, fde->end, false};

	ret->common = find_common(frames, fde->CIE_pointer);
	if (!ret->common ||
	    !kprof_cfi_pointer_read(&ret->common->pointer, &bytes,
				    &ret->vaddr) ||
	    !kprof_cfi_pointer_read_size(&ret->common->pointer, &bytes,
					 &ret->bytes) ||
	    !skip_augmentation(ret->common, &bytes))
		return false;
	ret->instructions = bytes;
	return true;
}

static bool understand(const struct kprof_cfi_program *program, uint64_t from,
		       uint64_t to, const struct kprof_cfi_state *state,
		       void *context)
{
	bool *is_signal = context;
	struct kprof_unwind_rule rule = kprof_cfi_rule(
		program->machine, state, program->ra_register, true);

	(void)from, (void)to;
	*is_signal = rule.cfa == KPROF_CFA_SIGNAL;
	return *is_signal;
}

/*
 * Of a trampoline, which the vdso of arm64 describes as a common function and
 * that of riscv64 not at all: its code says more.
 */
static bool is_vague(const struct function *function)
{
	bool is_signal = false;

	if (!function->common->program.is_signal)
		return false;
	kprof_cfi_program_run(&function->common->program,
			      function->instructions, understand, &is_signal);
	return !is_signal;
}

static int list_functions(struct frames *frames, struct kprof_cfi_layer *layer)
{
	Dwarf_Off offset = 0, next;
	Dwarf_CFI_Entry entry;
	struct function function;
	int found, err = 0;

	for (; !err; offset = next) {
		found = next_entry(&frames->section, offset, &next, &entry);
		if (found > 0 || next <= offset)
			break;
		if (!found && !dwarf_cfi_cie_p(&entry) &&
		    read_function(frames, &entry.fde, &function) &&
		    !is_vague(&function))
			err = kprof_cfi_layer_add(
				layer, frames->file, function.vaddr,
				function.bytes, (uint32_t)offset);
	}
	return err;
}

/* Rows */

/* Where rows of a function go. */
struct window {
	struct kprof_cfi_builder *builder;
	/* Of the file: the function's start, and what of it is wanted. */
	uint64_t start;
	uint64_t from;
	uint64_t to;
};

static bool add_row(const struct kprof_cfi_program *program, uint64_t from,
		    uint64_t to, const struct kprof_cfi_state *state,
		    void *context)
{
	const struct window *window = context;
	uint64_t bytes = window->to - window->start;
	struct kprof_unwind_rule rule;

	if (to > bytes)
		to = bytes;
	if (from < window->from - window->start)
		from = window->from - window->start;
	if (from >= to)
		return from < bytes;
	rule = kprof_cfi_rule(program->machine, state, program->ra_register,
			      program->is_signal);
	kprof_cfi_builder_add(window->builder, window->start + from,
			      window->start + to, &rule);
	return to < bytes;
}

static void run_function(struct kprof_cfi_layer *layer,
			 const struct kprof_cfi_span *span, uint64_t from,
			 uint64_t to, struct kprof_cfi_builder *builder)
{
	struct frames *frames = layer->context;
	struct window window = {builder, span->offset, from, to};
	struct kprof_cfi_program program;
	struct function function;
	Dwarf_CFI_Entry entry;
	Dwarf_Off next;

	if (next_entry(&frames->section, span->entry, &next, &entry) ||
	    !read_function(frames, &entry.fde, &function))
		return;
	program = function.common->program;
	program.vaddr = function.vaddr;
	kprof_cfi_program_run(&program, function.instructions, add_row,
			      &window);
}

/* Layers */

static void destroy(void *context)
{
	struct frames *frames = context;

	kprof_cfi_section_deinit(&frames->section);
	free(frames);
}

static int open_frames(const struct kprof_cfi_machine *machine,
		       const struct kprof_elf_file *elf,
		       const struct kprof_elf_file *file, bool is_eh,
		       struct kprof_cfi_layer *ret)
{
	struct frames *frames = calloc(1, sizeof(*frames));
	int err;

	if (!frames)
		return -ENOMEM;
	*ret = (struct kprof_cfi_layer){
		.run = run_function,
		.destroy = destroy,
		.context = frames,
	};
	frames->machine = machine;
	frames->file = file;
	for (size_t i = 0; i < NR_CACHED; i++)
		frames->cached[i].entry = NO_ENTRY;
	err = kprof_cfi_section_load(&frames->section, elf, is_eh);
	err = err ?: list_functions(frames, ret);
	if (!err && !ret->spans.nr)
		err = -ENOENT;
	if (err) {
		kprof_cfi_layer_deinit(ret);
		return err;
	}
	ret->unwind_bytes = frames->section.data.d_size;
	kprof_cfi_layer_sort(ret);
	return 0;
}

int kprof_cfi_eh_frame(const struct kprof_cfi_machine *machine,
		       const struct kprof_elf_file *elf,
		       const struct kprof_elf_file *file,
		       struct kprof_cfi_layer *ret)
{
	return open_frames(machine, elf, file, true, ret);
}

int kprof_cfi_debug_frame(const struct kprof_cfi_machine *machine,
			  const struct kprof_elf_file *elf,
			  const struct kprof_elf_file *file,
			  struct kprof_cfi_layer *ret)
{
	return open_frames(machine, elf, file, false, ret);
}

#else

/* Without libdw nobody reads them. */
int kprof_cfi_eh_frame(const struct kprof_cfi_machine *machine,
		       const struct kprof_elf_file *elf,
		       const struct kprof_elf_file *file,
		       struct kprof_cfi_layer *ret)
{
	(void)machine, (void)elf, (void)file, (void)ret;
	return -ENOENT;
}

int kprof_cfi_debug_frame(const struct kprof_cfi_machine *machine,
			  const struct kprof_elf_file *elf,
			  const struct kprof_elf_file *file,
			  struct kprof_cfi_layer *ret)
{
	return kprof_cfi_eh_frame(machine, elf, file, ret);
}
#endif /* HAVE_LIBDW */
