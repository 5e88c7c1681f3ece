// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_plt.c: programs of the compiler at hand, crafted stubs.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_plt.h"

#include "elf_image.h"
#include "lib/elf_file.h"
#include "lib/sym_elf.h"
#include "test.h"

#include <stdbool.h>
#include <stdlib.h>

/* One program calls from main() and returns; one needs no C library. */
static const char program[] =
	"extern int puts(const char *); int main(void) { return "
	"puts(\\\"x\\\"); }";
static const char library[] =
	"extern void outer(void); extern void other(void);"
	" void inner(void) { outer(); other(); }";

static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool has_command(const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", name);
	return !system(command);
}

/* Skips the test where there is no such compiler, flag, or C library. */
static void build(const char *compiler, const char *source, const char *flags)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "printf '%%s' \"%s\" >%s/a.c &&"
		 " cd %s && %s -w %s -o a a.c 2>/dev/null",
		 source, dir, dir, compiler, flags);
	if (!has_command(compiler) || system(command))
		skip();
}

struct opened {
	struct kprof_elf_file *file;
	struct kprof_symbol_binary binary;
	void *plt;
};

static void open_built(struct opened *opened)
{
	*opened = (struct opened){};
	assert_ok(kprof_elf_file_open(in_dir("a"), &opened->file));
	opened->binary = (struct kprof_symbol_binary){
		.elf = opened->file,
		.build_id = "",
	};
	assert_ok(kprof_plt_ops.open(&opened->binary, &opened->plt));
}

static void close_built(struct opened *opened)
{
	kprof_plt_ops.close(opened->plt);
	kprof_elf_file_close(opened->file);
}

/* "" if it has none. */
static const char *name_at(struct opened *opened, uint64_t address)
{
	struct kprof_symbol symbol;

	if (kprof_plt_ops.find(opened->plt, address, &symbol))
		return "";
	assert_true(symbol.start <= address);
	assert_true(symbol.end > address);
	return symbol.name;
}

/*
 * What objdump says: of the lines "address <name@plt>:" the name must be ours,
 * at the stub's first byte and at that of its jump.
 */
static int compare_with_objdump(const char *objdump)
{
	struct opened opened;
	char command[256], line[512];
	int nr = 0;
	FILE *pipe;

	if (!has_command(objdump))
		skip();
	snprintf(command, sizeof(command), "%s -d %s", objdump, in_dir("a"));
	pipe = popen(command, "r");
	assert_non_null(pipe);
	open_built(&opened);
	while (fgets(line, sizeof(line), pipe)) {
		unsigned long long address;
		char name[256];

		if (sscanf(line, "%llx <%255[^>]>:", &address, name) != 2 ||
		    !strstr(name, "@plt") || strstr(name, "@plt-"))
			continue;
		/* We say the resolver's name instead, if there is one. */
		if (name[0] != '*') {
			assert_string_equal(name_at(&opened, address), name);
			assert_string_equal(name_at(&opened, address + 7),
					    name);
		}
		nr++;
	}
	pclose(pipe);
	close_built(&opened);
	return nr;
}

/* Every place of PLT sections where an instruction starts has a name. */
static void assert_all_named(const char *objdump)
{
	struct opened opened;
	char command[256], line[512];
	FILE *pipe;
	int nr = 0;

	snprintf(command, sizeof(command),
		 "%s -d -j .plt -j .plt.sec -j .plt.got -j .iplt %s"
		 " 2>/dev/null",
		 objdump, in_dir("a"));
	pipe = popen(command, "r");
	assert_non_null(pipe);
	open_built(&opened);
	while (fgets(line, sizeof(line), pipe)) {
		unsigned long long address;
		char colon;

		if (sscanf(line, " %llx%c", &address, &colon) != 2 ||
		    colon != ':')
			continue;
		if (!name_at(&opened, address)[0])
			fail_msg("%llx has no name: %s", address, line);
		nr++;
	}
	pclose(pipe);
	close_built(&opened);
	assert_true(nr > 0);
}

static void check_x86(const char *flags)
{
	build("gcc", program, flags);
	assert_true(compare_with_objdump("objdump") > 0);
	assert_all_named("objdump");
}

#define x86_test(name, flags)             \
	static void name(void **state)    \
	{                                 \
		(void)state;              \
		check_x86("-m64 " flags); \
	}

x86_test(lazy_stubs, "-Wl,-z,lazy -fcf-protection=none") x86_test(
	lazy_stubs_with_endbr, "-Wl,-z,lazy -Wl,-z,ibtplt -fcf-protection=full")
	x86_test(stubs_bound_at_start, "-Wl,-z,now")
		x86_test(stubs_bound_at_start_with_endbr,
			 "-Wl,-z,now -Wl,-z,ibtplt -fcf-protection=full")
			x86_test(stubs_of_fixed_addresses, "-no-pie -fno-pie")
				x86_test(stubs_of_stripped_programs, "-s")
					x86_test(stubs_of_lld, "-fuse-ld=lld")
						x86_test(stubs_of_gold,
							 "-fuse-ld=gold")
#undef x86_test

	/* The first call or jump with a 32-bit distance in main() that leaves
	   it. */
	static uint64_t call_target(struct opened *opened)
{
	struct kprof_symbol symbol;
	uint64_t address = 0;
	uint8_t code[64];
	size_t size;
	void *symtab;

	assert_ok(kprof_symtab_ops.open(&opened->binary, &symtab));
	for (uint64_t offset = 0; offset < opened->file->size; offset++) {
		if (kprof_elf_file_vaddr(opened->file, offset, &address) ||
		    kprof_symtab_ops.find(symtab, address, &symbol) ||
		    strcmp(symbol.name, "main"))
			continue;
		size = kprof_elf_file_read(opened->file, offset, code,
					   sizeof(code));
		kprof_symtab_ops.close(symtab);
		for (size_t i = 0; i + 5 <= size; i++) {
			int32_t distance;

			if (code[i] != 0xe8 && code[i] != 0xe9)
				continue;
			memcpy(&distance, code + i + 1, sizeof(distance));
			return address + i + 5 + (uint64_t)(int64_t)distance;
		}
		break;
	}
	fail_msg("no call in main()");
	return 0;
}

static void call_in_main_goes_to_a_stub(void **state)
{
	struct opened opened;

	(void)state;
	build("gcc", program, "-m64 -O2");
	open_built(&opened);
	assert_string_equal(name_at(&opened, call_target(&opened)), "puts@plt");
	close_built(&opened);
}

/* The start and end of the section .plt, as readelf says. */
static void find_plt(uint64_t *start_ret, uint64_t *end_ret)
{
	unsigned long long start = 0, size = 0;
	char command[256];
	FILE *pipe;

	if (!has_command("readelf"))
		skip();
	snprintf(command, sizeof(command),
		 "readelf -SW %s | sed -n 's/.* \\.plt  *PROGBITS//p'",
		 in_dir("a"));
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%llx %*x %llx", &start, &size), 2);
	pclose(pipe);
	*start_ret = start;
	*end_ret = start + size;
}

/* Every byte of .plt has a name that starts so; NULL: that is no address. */
static void static_stubs_are_named(const char *prefix)
{
	uint64_t start, end;
	struct opened opened;
	bool has_string_function = false;

	find_plt(&start, &end);
	open_built(&opened);
	for (uint64_t at = start; at < end; at++) {
		const char *name = name_at(&opened, at);

		if (!strstr(name, "@plt") ||
		    (prefix && strncmp(name, prefix, strlen(prefix))))
			fail_msg("%#llx is %s", (unsigned long long)at, name);
		if (!prefix && name[0] == '*')
			fail_msg("%#llx is %s", (unsigned long long)at, name);
		if (!strncmp(name, "str", 3) || !strncmp(name, "mem", 3))
			has_string_function = true;
	}
	assert_string_equal(name_at(&opened, start - 1), "");
	assert_string_equal(name_at(&opened, end), "");
	if (!prefix)
		assert_true(has_string_function);
	close_built(&opened);
}

static void static_stubs_are_called_as_their_resolvers(void **state)
{
	(void)state;
	build("gcc", program, "-m64 -static");
	static_stubs_are_named(NULL);
}

static void static_stubs_without_symbols_have_addresses(void **state)
{
	(void)state;
	build("gcc", program, "-m64 -static -s");
	static_stubs_are_named("*ABS*+0x");
}

static void i386_stubs(void **state)
{
	static const char *const flags[] = {
		"-fPIC -shared -Wl,-z,lazy -fcf-protection=none",
		"-fPIC -shared -Wl,-z,now -fcf-protection=none",
		"-fPIC -shared -Wl,-z,lazy -Wl,-z,ibtplt -fcf-protection=full",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		char all[256];

		snprintf(all, sizeof(all), "-m32 -nostdlib %s", flags[i]);
		build("gcc", library, all);
		assert_int_equal(compare_with_objdump("objdump"), 2);
		assert_all_named("objdump");
	}
}

static void arm64_stubs(void **state)
{
	static const char *const flags[] = {
		"-fPIC -shared",
		"-fPIC -shared -Wl,-z,now",
		"-fPIC -shared -mbranch-protection=standard -Wl,-z,force-bti",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		char all[256];

		snprintf(all, sizeof(all), "-nostdlib %s", flags[i]);
		build("aarch64-linux-gnu-gcc", library, all);
		assert_int_equal(
			compare_with_objdump("aarch64-linux-gnu-objdump"), 2);
		assert_all_named("aarch64-linux-gnu-objdump");
	}
}

static void arm64_static_stubs(void **state)
{
	(void)state;
	build("aarch64-linux-gnu-gcc", program, "-static");
	static_stubs_are_named(NULL);
}

/* Crafted: the text is .plt, the names are all names, symbols have the rest */

enum {
	SECTION_NAME = 1,
	FUNCTION_NAME = 8,
	SLOT = 0x500000,
};

static struct elf_image image;

/* jmp *SLOT(%rip) */
static void put_stub(size_t offset, int32_t slot)
{
	int32_t distance = slot - (int32_t)(IMAGE_TEXT_VADDR + offset + 6);

	image.text[offset] = 0xff;
	image.text[offset + 1] = 0x25;
	memcpy(image.text + offset + 2, &distance, sizeof(distance));
}

static Elf64_Rela *relocations(void)
{
	return (Elf64_Rela *)(void *)(image.text + 0x400);
}

/* A stub at the text's start, with symbol 1; another at 16 without. */
static void image_with_stubs(void)
{
	static const struct image_symbol symbols[] = {
		{"unused", 0, 0, 0, 0},
	};

	image_init(&image, SHT_DYNSYM, symbols, 1);
	memcpy(image.names, "\0.plt\0\0\0function@VERSION\0", 26);
	image.ehdr.e_shstrndx = IMAGE_NAMES;
	image.shdr[IMAGE_TEXT].sh_name = SECTION_NAME;
	image.shdr[IMAGE_TEXT].sh_size = 0x100;
	image.symbols[1].st_name = FUNCTION_NAME;
	image.symbols[1].st_shndx = SHN_UNDEF;
	image.shdr[IMAGE_NOTE] = (Elf64_Shdr){
		.sh_type = SHT_RELA,
		.sh_flags = SHF_ALLOC,
		.sh_offset = IMAGE_TEXT_OFFSET + 0x400,
		.sh_size = 2 * sizeof(Elf64_Rela),
		.sh_link = IMAGE_SYMBOLS,
	};
	put_stub(0, SLOT);
	put_stub(16, SLOT + 8);
	*relocations() = (Elf64_Rela){
		.r_offset = SLOT,
		.r_info = ELF64_R_INFO(1, R_X86_64_JUMP_SLOT),
	};
}

static const char *crafted_name(uint64_t offset)
{
	static char name[32768];
	struct opened opened = {};

	name[0] = '\0';
	/* What is damaged may be refused. */
	if (kprof_elf_file_open_memory(&image, sizeof(image), &opened.file))
		return name;
	opened.binary = (struct kprof_symbol_binary){
		.elf = opened.file,
		.build_id = "",
	};
	if (!kprof_plt_ops.open(&opened.binary, &opened.plt))
		strncpy(name, name_at(&opened, IMAGE_TEXT_VADDR + offset),
			sizeof(name) - 1);
	close_built(&opened);
	return name;
}

static void stub_ends_where_the_next_starts(void **state)
{
	(void)state;
	image_with_stubs();
	assert_string_equal(crafted_name(0), "function@plt");
	assert_string_equal(crafted_name(15), "function@plt");
	assert_string_equal(crafted_name(16), "");
	put_stub(8, SLOT + 8);
	assert_string_equal(crafted_name(7), "function@plt");
	assert_string_equal(crafted_name(8), "");
}

static void only_relocations_of_stubs_count(void **state)
{
	(void)state;
	image_with_stubs();
	relocations()->r_info = ELF64_R_INFO(1, R_X86_64_64);
	assert_string_equal(crafted_name(0), "");
	relocations()->r_info = ELF64_R_INFO(1, R_X86_64_GLOB_DAT);
	assert_string_equal(crafted_name(0), "function@plt");
	/* Not loaded: left by ld --emit-relocs. */
	image.shdr[IMAGE_NOTE].sh_flags = 0;
	assert_string_equal(crafted_name(0), "");
}

static void resolver_without_name_is_an_address(void **state)
{
	(void)state;
	image_with_stubs();
	relocations()->r_info = ELF64_R_INFO(0, R_X86_64_IRELATIVE);
	relocations()->r_addend = -1;
	assert_string_equal(crafted_name(0), "*ABS*+0xffffffffffffffff@plt");
}

static void other_machines_have_no_names(void **state)
{
	(void)state;
	image_with_stubs();
	image.ehdr.e_machine = EM_S390;
	assert_string_equal(crafted_name(0), "");
}

static void damaged_files_are_survived(void **state)
{
	static const uint64_t values[] = {
		1,	    7,		0x7ff,		0x10000,
		UINT32_MAX, 1ULL << 40, UINT64_MAX / 2, UINT64_MAX - 1,
		UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (int section = 1; section < IMAGE_NR_SECTIONS; section++) {
			image_with_stubs();
			image.shdr[section].sh_size = values[i];
			crafted_name(0);
			image.shdr[section].sh_offset = values[i];
			crafted_name(0);
			image_with_stubs();
			image.shdr[section].sh_addr = values[i];
			crafted_name(0);
			image.shdr[section].sh_name = (uint32_t)values[i];
			image.shdr[section].sh_link = (uint32_t)values[i];
			crafted_name(0);
		}
		image_with_stubs();
		relocations()->r_info = ELF64_R_INFO(values[i] & UINT32_MAX,
						     R_X86_64_JUMP_SLOT);
		assert_true(values[i] == 1 || !crafted_name(0)[0]);
		image_with_stubs();
		image.symbols[1].st_name = (uint32_t)values[i];
		crafted_name(0);
		image.ehdr.e_shstrndx = (uint16_t)values[i];
		crafted_name(0);
	}
}

static void name_without_end_is_cut(void **state)
{
	(void)state;
	image_with_stubs();
	image.shdr[IMAGE_NAMES].sh_size = FUNCTION_NAME + 4;
	assert_string_equal(crafted_name(0), "func@plt");
}

static int make_dir(void **state)
{
	(void)state;
	test_make_directory(dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	test_remove_directory(dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lazy_stubs),
		cmocka_unit_test(lazy_stubs_with_endbr),
		cmocka_unit_test(stubs_bound_at_start),
		cmocka_unit_test(stubs_bound_at_start_with_endbr),
		cmocka_unit_test(stubs_of_fixed_addresses),
		cmocka_unit_test(stubs_of_stripped_programs),
		cmocka_unit_test(stubs_of_lld),
		cmocka_unit_test(stubs_of_gold),
		cmocka_unit_test(call_in_main_goes_to_a_stub),
		cmocka_unit_test(static_stubs_are_called_as_their_resolvers),
		cmocka_unit_test(static_stubs_without_symbols_have_addresses),
		cmocka_unit_test(i386_stubs),
		cmocka_unit_test(arm64_stubs),
		cmocka_unit_test(arm64_static_stubs),
		cmocka_unit_test(stub_ends_where_the_next_starts),
		cmocka_unit_test(only_relocations_of_stubs_count),
		cmocka_unit_test(resolver_without_name_is_an_address),
		cmocka_unit_test(other_machines_have_no_names),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(name_without_end_is_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
