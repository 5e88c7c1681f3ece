// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_minidebug.c and xz.c: made here, and as distributions make it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_minidebug.h"

#include "elf_image.h"
#include "lib/elf_file.h"
#include "lib/sym_elf.h"
#include "test.h"
#include "util/xz.h"

#ifdef HAVE_LZMA

#include <lzma.h>

static const char names[] = "\0.gnu_debugdata\0.shstrtab";

/* A file with nothing but the section. */
struct outside {
	Elf64_Ehdr ehdr;
	Elf64_Shdr shdr[3];
	char names[sizeof(names)];
	uint8_t data[16384];
};

static const struct image_symbol symbols[] = {
	{"first", IMAGE_TEXT_VADDR, 16, LOCAL_FUNC, 0},
	{"label", IMAGE_TEXT_VADDR + 32, 0, LOCAL_LABEL, 0},
	{"last", IMAGE_TEXT_VADDR + 256, 16, GLOBAL_FUNC, 0},
};

static struct elf_image inside;
static struct outside outside;
static char dir[64];

static size_t compress(const void *data, size_t len)
{
	size_t ret = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL,
						 data, len, outside.data, &ret,
						 sizeof(outside.data)),
			 LZMA_OK);
	outside.shdr[1].sh_size = ret;
	return ret;
}

static int setup(void **state)
{
	(void)state;
	image_init(&inside, SHT_SYMTAB, symbols, 3);
	outside = (struct outside){
		.ehdr = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				     ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			 .e_type = ET_DYN,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_ehsize = sizeof(Elf64_Ehdr),
			 .e_shoff = offsetof(struct outside, shdr),
			 .e_shentsize = sizeof(Elf64_Shdr),
			 .e_shnum = 3,
			 .e_shstrndx = 2},
		.shdr = {[1] = {.sh_name = 1,
				.sh_type = SHT_PROGBITS,
				.sh_offset = offsetof(struct outside, data)},
			 [2] = {.sh_type = SHT_STRTAB,
				.sh_offset = offsetof(struct outside, names),
				.sh_size = sizeof(names)}},
	};
	memcpy(outside.names, names, sizeof(names));
	compress(&inside, sizeof(inside));
	return 0;
}

/* The name of an address in @file, "" if it has none. */
static const char *name_in(struct kprof_elf_file *file, uint64_t address)
{
	static char name[256];
	struct kprof_symbol_binary binary = {.elf = file};
	struct kprof_symbol symbol;
	void *source = NULL;

	name[0] = '\0';
	if (!kprof_minidebug_ops.open(&binary, &source) &&
	    !kprof_minidebug_ops.find(source, address, &symbol))
		snprintf(name, sizeof(name), "%s", symbol.name);
	kprof_minidebug_ops.close(source);
	return name;
}

static const char *name_at(uint64_t offset)
{
	struct kprof_elf_file *file;
	const char *ret;

	assert_ok(kprof_elf_file_open_memory(&outside, sizeof(outside), &file));
	ret = name_in(file, IMAGE_TEXT_VADDR + offset);
	kprof_elf_file_close(file);
	return ret;
}

static void table_inside_names_functions(void **state)
{
	(void)state;
	assert_string_equal(name_at(0), "first");
	assert_string_equal(name_at(15), "first");
	assert_string_equal(name_at(16), "");
	assert_string_equal(name_at(256), "last");
}

static void functions_can_be_listed(void **state)
{
	struct kprof_symbol_binary binary = {};
	struct kprof_elf_file *file;
	uint64_t next;
	void *source;

	(void)state;
	assert_ok(kprof_elf_file_open_memory(&outside, sizeof(outside), &file));
	binary.elf = file;
	assert_ok(kprof_minidebug_ops.open(&binary, &source));
	assert_ok(kprof_minidebug_ops.next(source, IMAGE_TEXT_VADDR, &next));
	assert_int_equal(next, IMAGE_TEXT_VADDR + 256);
	kprof_minidebug_ops.close(source);
	kprof_elf_file_close(file);
}

/* What follows it may be a function of .dynsym. */
static void symbol_without_size_is_ignored(void **state)
{
	(void)state;
	assert_string_equal(name_at(32), "");
}

static void damaged_section_is_none(void **state)
{
	(void)state;
	for (size_t at = 0; at < outside.shdr[1].sh_size; at += 13) {
		outside.data[at] ^= 0x55;
		assert_string_equal(name_at(0), "");
		outside.data[at] ^= 0x55;
	}
	outside.shdr[1].sh_size /= 2;
	assert_string_equal(name_at(0), "");
	outside.shdr[1].sh_size = 0;
	assert_string_equal(name_at(0), "");
	outside.shdr[1].sh_size = UINT64_MAX;
	assert_string_equal(name_at(0), "");
	outside.shdr[1].sh_offset = UINT64_MAX;
	assert_string_equal(name_at(0), "");
}

static void other_contents_are_none(void **state)
{
	(void)state;
	compress("", 0);
	assert_string_equal(name_at(0), "");
	compress("no ELF file", 11);
	assert_string_equal(name_at(0), "");
	inside.ehdr.e_type = ET_CORE;
	compress(&inside, sizeof(inside));
	assert_string_equal(name_at(0), "");
}

static void size_is_bounded(void **state)
{
	enum { BYTES = 40 << 20 };
	void *zeros = calloc(1, BYTES);
	size_t nr = compress(zeros, BYTES), len;
	char *ret;

	(void)state;
	free(zeros);
	assert_string_equal(name_at(0), "");
	assert_errno(kprof_xz_inflate(outside.data, nr, BYTES - 1, &ret, &len),
		     -EFBIG);
	assert_ok(kprof_xz_inflate(outside.data, nr, BYTES, &ret, &len));
	assert_int_equal(len, BYTES);
	free(ret);
	assert_errno(kprof_xz_inflate(outside.data, nr - 1, BYTES, &ret, &len),
		     -EPIPE);
}

/*
 * What distributions do: of the symbols that .dynsym does not have, those of
 * functions, in a file of their own.
 */
static const char recipe[] =
	"cd %s && cat >a.c <<'E'\n"
	"__attribute__((noinline)) static int hidden(int x) { return x * 3; }\n"
	"int exported(int x) { return hidden(x) + 1; }\n"
	"E\n"
	"cc -O1 -g -shared -fPIC -o full a.c && cp full stripped &&\n"
	"nm -D full --format=posix --defined-only | awk '{ print $1 }' |\n"
	"	sort >dynamic &&\n"
	"nm full --format=posix --defined-only |\n"
	"	awk '$2 ~ /[Tt]/ { print $1 }' | sort | comm -13 dynamic - "
	">keep &&\n"
	"objcopy --only-keep-debug full debug &&\n"
	"objcopy -S --remove-section .comment --keep-symbols=keep debug mini "
	"&&\n"
	"xz mini && strip -s stripped &&\n"
	"objcopy --add-section .gnu_debugdata=mini.xz stripped";

static uint64_t address_of(const char *name)
{
	char command[256];
	unsigned long long ret = 0;
	FILE *pipe;

	snprintf(command, sizeof(command), "nm %s/full | grep -w %s", dir,
		 name);
	pipe = popen(command, "r");
	assert_int_equal(fscanf(pipe, "%llx", &ret), 1);
	pclose(pipe);
	return ret;
}

static void distributions_way_is_understood(void **state)
{
	struct kprof_elf_file *file;
	char command[2048];

	(void)state;
	if (system("command -v cc nm objcopy strip xz >/dev/null"))
		skip();
	test_make_directory(dir);
	snprintf(command, sizeof(command), recipe, dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/stripped", dir);
	assert_ok(kprof_elf_file_open(command, &file));
	assert_string_equal(name_in(file, address_of("hidden")), "hidden");
	assert_string_equal(name_in(file, address_of("exported")), "");
	kprof_elf_file_close(file);
	test_remove_directory(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(table_inside_names_functions, setup),
		cmocka_unit_test_setup(functions_can_be_listed, setup),
		cmocka_unit_test_setup(symbol_without_size_is_ignored, setup),
		cmocka_unit_test_setup(damaged_section_is_none, setup),
		cmocka_unit_test_setup(other_contents_are_none, setup),
		cmocka_unit_test_setup(size_is_bounded, setup),
		cmocka_unit_test(distributions_way_is_understood),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
int main(void)
{
	puts("1..0 # SKIP built without liblzma");
	return 0;
}
#endif
