// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_elf.c: which symbol names an address, and which must not.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_elf.h"

#include "elf_image.h"
#include "lib/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define NR(array)    (sizeof(array) / sizeof((array)[0]))
#define TEXT(offset) (IMAGE_TEXT_VADDR + (offset))

static struct elf_image image;

/* Name of TEXT(@offset) in a copy, "" if it has none. */
static const char *find(const struct kprof_symbolizer_ops *ops, uint64_t offset)
{
	static char name[32768];
	struct kprof_symbol_binary binary = {};
	struct kprof_elf_file *file;
	struct kprof_symbol symbol;
	void *source = NULL;

	name[0] = '\0';
	assert_int_equal(
		kprof_elf_file_open_memory(&image, sizeof(image), &file), 0);
	binary.elf = file;
	if (!ops->open(&binary, &source) &&
	    !ops->find(source, TEXT(offset), &symbol)) {
		assert_true(symbol.start <= TEXT(offset));
		assert_true(symbol.end > TEXT(offset));
		strncpy(name, symbol.name, sizeof(name) - 1);
	}
	ops->close(source);
	kprof_elf_file_close(file);
	return name;
}

#define assert_name(offset, expected) \
	assert_string_equal(find(&kprof_symtab_ops, offset), expected)

static void sizes_are_respected(void **state)
{
	static const struct image_symbol symbols[] = {
		{"first", TEXT(0), 16, LOCAL_FUNC, 0},
		{"second", TEXT(32), 16, GLOBAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(0, "first");
	assert_name(15, "first");
	assert_name(16, "");
	assert_name(31, "");
	assert_name(32, "second");
	assert_name(48, "");
}

static void assembler_symbol_ends_at_the_next(void **state)
{
	static const struct image_symbol symbols[] = {
		{"sized", TEXT(0), 16, LOCAL_FUNC, 0},
		{"label", TEXT(32), 0, LOCAL_LABEL, 0},
		{"unsized", TEXT(48), 0, GLOBAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(20, "");
	assert_name(47, "label");
	assert_name(48, "unsized");
	assert_name(IMAGE_TEXT_BYTES - 1, "unsized");
	assert_name(IMAGE_TEXT_BYTES, "");
}

static void label_inside_of_a_function_is_none(void **state)
{
	static const struct image_symbol symbols[] = {
		{"function", TEXT(0), 64, LOCAL_FUNC, 0},
		{"loop", TEXT(16), 0, LOCAL_LABEL, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(20, "function");
	assert_name(64, "");
}

static void markers_are_no_functions(void **state)
{
	static const struct image_symbol symbols[] = {
		{"start", TEXT(0), 0, GLOBAL_FUNC, 0},
		{"$x", TEXT(16), 0, LOCAL_LABEL, 0},
		{".annobin_x", TEXT(20), 0, LOCAL_LABEL, 0},
		/* At the very end of the names. */
		{"$d", TEXT(24), 0, LOCAL_LABEL, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.shdr[IMAGE_NAMES].sh_size = sizeof("\0start\0$x\0.annobin_x\0$d");
	assert_name(30, "start");
}

static void exported_symbol_without_size_is_ignored(void **state)
{
	static const struct image_symbol symbols[] = {
		{"exported", TEXT(0), 16, GLOBAL_FUNC, 0},
		{"unsized", TEXT(32), 0, GLOBAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_DYNSYM, symbols, NR(symbols));
	assert_string_equal(find(&kprof_dynsym_ops, 8), "exported");
	assert_string_equal(find(&kprof_dynsym_ops, 32), "");
	/* The same of a .symtab that somebody took the local symbols from. */
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(8, "exported");
	assert_name(32, "");
}

static void pure_assembler_needs_no_local_symbols(void **state)
{
	static const struct image_symbol symbols[] = {
		{"_start", TEXT(0), 0, GLOBAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(8, "_start");
}

static void data_and_undefined_are_no_functions(void **state)
{
	static const struct image_symbol symbols[] = {
		{"local", TEXT(64), 1, LOCAL_FUNC, 0},
		{"data", TEXT(0), 16, GLOBAL_FUNC, IMAGE_DATA},
		{"absolute", TEXT(0), 16, GLOBAL_FUNC, SHN_ABS},
		{"object", TEXT(0), 16, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
		 0},
		{"", TEXT(0), 16, GLOBAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(0, "");
	assert_name(64, "local");
}

static void best_alias_wins(void **state)
{
	static const struct image_symbol symbols[] = {
		{"a", TEXT(0), 8, LOCAL_FUNC, 0},
		{"weak", TEXT(0), 8, WEAK_FUNC, 0},
		{"global_long", TEXT(0), 8, GLOBAL_FUNC, 0},
		{"global", TEXT(0), 8, GLOBAL_FUNC, 0},
		{"__GI_x", TEXT(8), 8, GLOBAL_FUNC, 0},
		{"local_name", TEXT(8), 8, LOCAL_FUNC, 0},
		{".dot", TEXT(16), 8, GLOBAL_FUNC, 0},
		{"no_dot", TEXT(16), 8, WEAK_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(4, "global");
	assert_name(12, "local_name");
	assert_name(20, "no_dot");
}

static void innermost_function_wins(void **state)
{
	static const struct image_symbol symbols[] = {
		{"outer", TEXT(0), 64, LOCAL_FUNC, 0},
		{"inner", TEXT(16), 8, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(15, "outer");
	assert_name(16, "inner");
	assert_name(24, "outer");
}

static void versions_are_cut(void **state)
{
	static const struct image_symbol symbols[] = {
		{"memcpy@@GLIBC_2.14", TEXT(0), 8, GLOBAL_FUNC, 0},
		{"example.com/x@v2/y.Do", TEXT(8), 8, GLOBAL_FUNC, 0},
		{"main.cold", TEXT(16), 8, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	assert_name(4, "memcpy");
	assert_name(12, "example.com/x@v2/y.Do");
	assert_name(20, "main.cold");
}

static void thumb_bit_is_masked(void **state)
{
	static const struct image_symbol symbols[] = {
		{"thumb", TEXT(1), 8, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.ehdr.e_machine = EM_ARM;
	assert_name(0, "thumb");
	assert_name(8, "");
	image.ehdr.e_machine = EM_X86_64;
	assert_name(0, "");
	assert_name(8, "thumb");
}

static void damaged_tables_are_none(void **state)
{
	static const struct image_symbol symbols[] = {
		{"function", TEXT(0), 8, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.shdr[IMAGE_SYMBOLS].sh_link = 77;
	assert_name(0, "");
	image.shdr[IMAGE_SYMBOLS].sh_link = IMAGE_NAMES;
	image.shdr[IMAGE_SYMBOLS].sh_flags = SHF_COMPRESSED;
	assert_name(0, "");
	image.shdr[IMAGE_SYMBOLS].sh_flags = 0;
	image.shdr[IMAGE_SYMBOLS].sh_size = UINT64_MAX;
	find(&kprof_symtab_ops, 0);
	image.shdr[IMAGE_SYMBOLS].sh_offset = UINT64_MAX;
	assert_name(0, "");
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.symbols[1].st_name = UINT32_MAX;
	assert_name(0, "");
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.shdr[IMAGE_NAMES].sh_offset = UINT64_MAX - 1;
	assert_name(0, "");
}

static void name_without_end_is_cut(void **state)
{
	static const struct image_symbol symbols[] = {
		{"function", TEXT(0), 8, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.shdr[IMAGE_NAMES].sh_size = sizeof("\0func") - 1;
	assert_name(0, "func");
}

/* This program against a naive reading of its own symbol table */

struct own {
	const char *bytes;
	size_t size;
	const Elf64_Shdr *sections;
	const Elf64_Sym *symbols;
	size_t nr_symbols;
	const char *names;
};

static void map_own(struct own *own)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const Elf64_Ehdr *ehdr;
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	own->size = (size_t)st.st_size;
	own->bytes = mmap(NULL, own->size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(own->bytes, MAP_FAILED);
	close(fd);
	ehdr = (const void *)own->bytes;
	own->sections = (const void *)(own->bytes + ehdr->e_shoff);
	for (size_t i = 0; i < ehdr->e_shnum; i++) {
		const Elf64_Shdr *section = &own->sections[i];

		if (section->sh_type != SHT_SYMTAB)
			continue;
		own->symbols = (const void *)(own->bytes + section->sh_offset);
		own->nr_symbols = section->sh_size / sizeof(Elf64_Sym);
		own->names =
			own->bytes + own->sections[section->sh_link].sh_offset;
	}
}

/* 1 if @name may name @address, 0 if not, -1 if nothing sized covers it. */
static int judge(const struct own *own, uint64_t address, const char *name)
{
	int ret = -1;

	for (size_t i = 0; i < own->nr_symbols; i++) {
		const Elf64_Sym *symbol = &own->symbols[i];
		size_t len = strlen(name);

		if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC ||
		    symbol->st_shndx == SHN_UNDEF ||
		    address < symbol->st_value ||
		    address - symbol->st_value >= symbol->st_size)
			continue;
		ret = ret < 0 ? 0 : ret;
		if (!strncmp(own->names + symbol->st_name, name, len) &&
		    strchr("@", own->names[symbol->st_name + len]))
			return 1;
	}
	return ret;
}

static uint64_t own_text(const struct own *own, uint64_t *size_ret)
{
	uint64_t start = 0;

	*size_ret = 0;
	for (size_t i = 0; i < own->nr_symbols; i++)
		if (!strcmp(own->names + own->symbols[i].st_name, "main")) {
			size_t section = own->symbols[i].st_shndx;

			start = own->sections[section].sh_addr;
			*size_ret = own->sections[section].sh_size;
		}
	return start;
}

static void agrees_with_naive_reading(void **state)
{
	struct kprof_symbol_binary binary = {};
	struct kprof_elf_file *file;
	uint64_t start, size;
	struct own own = {};
	void *source;

	(void)state;
	if (sizeof(void *) != 8)
		skip();
	map_own(&own);
	start = own_text(&own, &size);
	assert_int_equal(kprof_elf_file_open("/proc/self/exe", &file), 0);
	binary.elf = file;
	assert_int_equal(kprof_symtab_ops.open(&binary, &source), 0);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint64_t address = start + (uint64_t)rand() % size;
		struct kprof_symbol symbol = {.name = ""};
		int err = kprof_symtab_ops.find(source, address, &symbol);
		int verdict = judge(&own, address, symbol.name);

		if (err ? verdict != -1 : verdict == 0)
			fail_msg("%#llx is not %s", (unsigned long long)address,
				 symbol.name);
	}
	kprof_symtab_ops.close(source);
	kprof_elf_file_close(file);
	munmap((void *)(uintptr_t)own.bytes, own.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_respected),
		cmocka_unit_test(assembler_symbol_ends_at_the_next),
		cmocka_unit_test(label_inside_of_a_function_is_none),
		cmocka_unit_test(markers_are_no_functions),
		cmocka_unit_test(exported_symbol_without_size_is_ignored),
		cmocka_unit_test(pure_assembler_needs_no_local_symbols),
		cmocka_unit_test(data_and_undefined_are_no_functions),
		cmocka_unit_test(best_alias_wins),
		cmocka_unit_test(innermost_function_wins),
		cmocka_unit_test(versions_are_cut),
		cmocka_unit_test(thumb_bit_is_masked),
		cmocka_unit_test(damaged_tables_are_none),
		cmocka_unit_test(name_without_end_is_cut),
		cmocka_unit_test(agrees_with_naive_reading),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
