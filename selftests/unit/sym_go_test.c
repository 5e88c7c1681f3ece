// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_go.c and elf_memory.c: Go programs whose table has to be found.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_go.h"

#include "go_image.h"
#include "lib/elf_file.h"
#include "lib/kprof.h"
#include "test.h"

#include <elf.h>
#include <sys/mman.h>

enum {
	TEXT_OFFSET = 0x1000,
	TABLE_OFFSET = 0x2000,
	DATA_OFFSET = 0x3000,
	DECOY_OFFSET = 0x4000,
	FILE_BYTES = 0x5000,
	DECOY = 0x700000,
	RELOCATIONS = 0x900,
	MAX_RELOCATIONS = 32,
	DYNAMIC = 0xd00,

	/* Program headers. */
	TABLE_SEGMENT = 1,
	DATA_SEGMENT,
	DECOY_SEGMENT,
	DYNAMIC_SEGMENT,
	NR_SEGMENTS,

	/* Sections. */
	TEXT_SECTION = 1,
	TABLE_SECTION,
	MODULE_SECTION,
	INFO_SECTION,
	NAMES_SECTION,
	SYMBOLS_SECTION,
	NR_SECTIONS,
};

static const char names[] =
	"\0.text\0.gopclntab\0.go.module\0.go.buildinfo\0.shstrtab"
	"\0main.main.abi0";

struct program {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[NR_SEGMENTS];
	Elf64_Shdr shdr[NR_SECTIONS];
	char names[sizeof(names)];
	Elf64_Sym symbols[2];
};

static struct go_image image;
static union {
	struct program headers;
	uint8_t bytes[FILE_BYTES];
} file;

static Elf64_Phdr load(uint32_t flags, uint64_t offset, uint64_t vaddr,
		       uint64_t size)
{
	return (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = flags,
		.p_offset = offset,
		.p_vaddr = vaddr,
		.p_filesz = size,
		.p_memsz = size,
	};
}

static Elf64_Shdr section(uint32_t name, uint64_t offset, uint64_t address,
			  uint64_t size)
{
	return (Elf64_Shdr){
		.sh_name = name,
		.sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC,
		.sh_addr = address,
		.sh_offset = offset,
		.sh_size = size,
	};
}

static uint32_t name_at(const char *name)
{
	const char *at = memmem(names, sizeof(names), name, strlen(name) + 1);

	return (uint32_t)(at - names);
}

static void set_sections(struct program *program)
{
	program->shdr[TEXT_SECTION] =
		section(name_at(".text"), TEXT_OFFSET, GO_TEXT, GO_TEXT_BYTES);
	program->shdr[TEXT_SECTION].sh_flags |= SHF_EXECINSTR;
	program->shdr[TABLE_SECTION] =
		section(name_at(".gopclntab"), TABLE_OFFSET + GO_TABLE % 0x1000,
			GO_TABLE, image.used);
	program->shdr[MODULE_SECTION] =
		section(name_at(".go.module"),
			DATA_OFFSET + GO_MODULE - GO_DATA, GO_MODULE, 72 * 8);
	program->shdr[INFO_SECTION] =
		section(name_at(".go.buildinfo"), DATA_OFFSET, GO_DATA, 16);
	program->shdr[NAMES_SECTION] =
		section(name_at(".shstrtab"), offsetof(struct program, names),
			0, sizeof(names));
	program->shdr[NAMES_SECTION].sh_type = SHT_STRTAB;
	memcpy(program->names, names, sizeof(names));
}

static void make(enum go_version version)
{
	struct program *program = &file.headers;

	go_image_init(&image, version, 8, 1);
	memset(&file, 0, sizeof(file));
	program->ehdr = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			    ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phoff = offsetof(struct program, phdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = NR_SEGMENTS,
		.e_shoff = offsetof(struct program, shdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = NR_SECTIONS,
		.e_shstrndx = NAMES_SECTION,
	};
	program->phdr[0] =
		load(PF_R | PF_X, TEXT_OFFSET, GO_TEXT, GO_TEXT_BYTES);
	program->phdr[TABLE_SEGMENT] =
		load(PF_R, TABLE_OFFSET, GO_TABLE - GO_TABLE % 0x1000,
		     GO_TABLE % 0x1000 + image.used);
	program->phdr[DATA_SEGMENT] =
		load(PF_R | PF_W, DATA_OFFSET, GO_DATA, 0x1000);
	set_sections(program);
}

static void finish(void)
{
	memcpy(file.bytes + TABLE_OFFSET + GO_TABLE % 0x1000, image.table,
	       image.used);
	memcpy(file.bytes + DATA_OFFSET, image.data, sizeof(image.data));
}

/* What is at an address, "" if nobody knows. */
static const char *text_at(uint64_t address)
{
	static char ret[1024];
	struct kprof_symbol_binary binary = {};
	struct kprof_symbol symbol;
	struct kprof_elf_file *elf;
	void *source = NULL;
	size_t len = 0;

	ret[0] = '\0';
	assert_ok(kprof_elf_file_open_memory(&file, sizeof(file), &elf));
	binary.elf = elf;
	if (!kprof_go_ops.open(&binary, &source) &&
	    !kprof_go_ops.find(source, address, &symbol)) {
		assert_true(symbol.start <= address && symbol.end > address);
		assert_string_equal(symbol.name,
				    symbol.frames[symbol.nr_frames - 1].name);
		for (uint32_t i = 0; i < symbol.nr_frames; i++)
			len += (size_t)snprintf(
				ret + len, sizeof(ret) - len, "%s%s %s:%u",
				i ? "; " : "", symbol.frames[i].name,
				symbol.frames[i].file, symbol.frames[i].line);
	}
	kprof_go_ops.close(source);
	kprof_elf_file_close(elf);
	return ret;
}

static const char inner[] =
	"main.inner /src/inl.go:101; main.outer /src/inl.go:52; "
	"main.main /src/main.go:11";

#define assert_found()	   assert_string_equal(text_at(GO_TEXT + 0x18), inner)
#define assert_not_found() assert_string_equal(text_at(GO_TEXT + 0x18), "")

static void section_has_the_table(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version);
		/* Only the newest have a section for the description. */
		if (version < GO_1_26)
			file.headers.shdr[MODULE_SECTION].sh_type = SHT_NULL;
		finish();
		assert_found();
	}
}

static void drop_sections(void)
{
	file.headers.ehdr.e_shoff = 0;
	file.headers.ehdr.e_shnum = 0;
	file.headers.ehdr.e_shstrndx = 0;
}

static void table_is_found_without_sections(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version);
		drop_sections();
		finish();
		assert_found();
		make(version);
		memset(file.headers.shdr, 0, sizeof(file.headers.shdr));
		finish();
		assert_found();
	}
}

/* As external linkers do. */
static void table_is_found_in_other_sections(void **state)
{
	(void)state;
	make(GO_1_20);
	file.headers.shdr[TABLE_SECTION].sh_type = SHT_NULL;
	file.headers.shdr[MODULE_SECTION].sh_type = SHT_NULL;
	finish();
	assert_found();
	/* Programs that are not Go's are not searched. */
	file.headers.shdr[INFO_SECTION].sh_type = SHT_NULL;
	assert_not_found();
}

static void table_of_another_program_is_ignored(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version);
		drop_sections();
		file.headers.phdr[DECOY_SEGMENT] =
			load(PF_R, DECOY_OFFSET, DECOY, image.used);
		finish();
		memcpy(file.bytes + DECOY_OFFSET, image.table, image.used);
		assert_found();
		/* Where nothing points to a table, it is nobody's. */
		go_set_module(&image, 0, GO_TABLE + 8);
		finish();
		assert_not_found();
	}
}

static void table_without_description_has_names(void **state)
{
	(void)state;
	make(GO_1_20);
	go_set_module(&image, 0, 0);
	finish();
	assert_string_equal(text_at(GO_TEXT + 0x18),
			    "main.main /src/inl.go:101");
	make(GO_1_26);
	go_set_module(&image, 0, 0);
	finish();
	assert_not_found();
}

/* Relocations */

static Elf64_Rela relocations[MAX_RELOCATIONS];
static size_t nr_relocations;

static void move_to_relocation(uint64_t address)
{
	uint8_t *at = image.data + (address - GO_DATA);
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	if (value < GO_DATA && value != GO_TEXT)
		return;
	assert_true(nr_relocations < MAX_RELOCATIONS);
	relocations[nr_relocations++] = (Elf64_Rela){
		.r_offset = address,
		.r_info = ELF64_R_INFO(0, R_X86_64_RELATIVE),
		.r_addend = (int64_t)value,
	};
	memset(at, 0, sizeof(value));
}

static void move_all_to_relocations(void)
{
	nr_relocations = 0;
	move_to_relocation(GO_SECTIONS + 16);
	for (size_t i = 0; i < 72; i++)
		move_to_relocation(GO_MODULE + i * 8);
}

static void put_relocations(void)
{
	const Elf64_Dyn dynamic[] = {
		{.d_tag = DT_RELA, .d_un.d_val = GO_DATA + RELOCATIONS},
		{.d_tag = DT_RELASZ,
		 .d_un.d_val = nr_relocations * sizeof(Elf64_Rela)},
		{.d_tag = DT_RELACOUNT, .d_un.d_val = nr_relocations},
		{.d_tag = DT_NULL},
	};

	file.headers.phdr[DYNAMIC_SEGMENT] = (Elf64_Phdr){
		.p_type = PT_DYNAMIC,
		.p_offset = DATA_OFFSET + DYNAMIC,
		.p_filesz = sizeof(dynamic),
	};
	memcpy(file.bytes + DATA_OFFSET + DYNAMIC, dynamic, sizeof(dynamic));
	memcpy(file.bytes + DATA_OFFSET + RELOCATIONS, relocations,
	       sizeof(relocations));
}

static void pointers_may_be_in_relocations(void **state)
{
	(void)state;
	for (enum go_version version = GO_1_16; version < NR_GO; version++) {
		make(version);
		drop_sections();
		move_all_to_relocations();
		finish();
		assert_not_found();
		put_relocations();
		assert_found();
	}
}

static void relocations_may_be_damaged(void **state)
{
	uint8_t *dynamic = file.bytes + DATA_OFFSET + DYNAMIC;

	(void)state;
	make(GO_1_20);
	drop_sections();
	move_all_to_relocations();
	finish();
	for (size_t at = 8; at < 48; at += 16) {
		put_relocations();
		memset(dynamic + at, 0xff, 8);
		text_at(GO_TEXT);
		memset(dynamic + at, 0x7f, 7);
		text_at(GO_TEXT);
	}
	relocations[0].r_offset = UINT64_MAX;
	put_relocations();
	text_at(GO_TEXT);
}

/* Other files */

static void narrow_program_is_read(void **state)
{
	struct {
		Elf32_Ehdr ehdr;
		Elf32_Phdr phdr[3];
	} narrow;

	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version);
		go_image_init(&image, version, 4, 4);
		narrow.ehdr = (Elf32_Ehdr){
			.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				    ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_ARM,
			.e_version = EV_CURRENT,
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 3,
		};
		for (size_t i = 0; i < 3; i++) {
			const Elf64_Phdr *wide = &file.headers.phdr[i];

			narrow.phdr[i] = (Elf32_Phdr){
				.p_type = PT_LOAD,
				.p_flags = wide->p_flags,
				.p_offset = (Elf32_Off)wide->p_offset,
				.p_vaddr = (Elf32_Addr)wide->p_vaddr,
				.p_filesz = 0x1000,
				.p_memsz = 0x1000,
			};
		}
		memset(&file, 0, sizeof(struct program));
		memcpy(&file, &narrow, sizeof(narrow));
		finish();
		assert_found();
	}
}

static void other_byte_order_is_refused(void **state)
{
	struct kprof_symbol_binary binary = {};
	struct kprof_elf_file *elf;
	void *source = NULL;
	Elf32_Ehdr ehdr = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32,
			    ELFDATA2MSB, EV_CURRENT},
		.e_type = htobe16(ET_EXEC),
		.e_machine = htobe16(EM_PPC),
		.e_version = htobe32(EV_CURRENT),
		.e_ehsize = htobe16(sizeof(Elf32_Ehdr)),
	};

	(void)state;
	assert_ok(kprof_elf_file_open_memory(&ehdr, sizeof(ehdr), &elf));
	binary.elf = elf;
	assert_errno(kprof_go_ops.open(&binary, &source), -ENOENT);
	kprof_elf_file_close(elf);
	binary.elf = NULL;
	assert_errno(kprof_go_ops.open(&binary, &source), -ENOENT);
}

static void segments_may_lie(void **state)
{
	static const uint64_t values[] = {
		0,	   1, 0x7ff, 0x100000, UINT32_MAX, UINT64_MAX - 0xfff,
		UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (size_t field = 0; field < 3; field++) {
			Elf64_Phdr *phdr = &file.headers.phdr[TABLE_SEGMENT];

			make(GO_1_20);
			finish();
			if (field == 0)
				phdr->p_offset = values[i];
			else if (field == 1)
				phdr->p_vaddr = values[i];
			else
				phdr->p_filesz = values[i];
			text_at(GO_TEXT);
			drop_sections();
			text_at(GO_TEXT);
		}
	}
}

/* In the chain of sources */

static void add_symbol(struct program *program)
{
	program->symbols[1] = (Elf64_Sym){
		.st_name = name_at("main.main.abi0"),
		.st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC),
		.st_shndx = TEXT_SECTION,
		.st_value = GO_TEXT,
		.st_size = GO_LEAF - GO_TEXT,
	};
	program->shdr[SYMBOLS_SECTION] = (Elf64_Shdr){
		.sh_type = SHT_SYMTAB,
		.sh_offset = offsetof(struct program, symbols),
		.sh_size = sizeof(program->symbols),
		.sh_link = NAMES_SECTION,
		.sh_entsize = sizeof(Elf64_Sym),
	};
}

/* What a profile says of an address, with the source of the name. */
static const char *symbolized(uint64_t address, bool no_lines)
{
	static char ret[1024];
	static const char *const nowhere[] = {"/nonexistent"};
	const struct kprof_symbolize_options options = {
		.debug_dirs = nowhere,
		.nr_debug_dirs = 1,
		.no_lines = no_lines,
	};
	struct kprof_mapping mapping = {
		.start = GO_TEXT,
		.limit = GO_TEXT + 0x1000,
		.file_offset = TEXT_OFFSET,
		.filename = "/program",
		.build_id = "",
		.fd = memfd_create("program", MFD_CLOEXEC),
	};
	struct kprof_symbolizer *symbolizer;
	struct kprof_profile *profile;
	struct kprof_symbol symbol;
	size_t len = 0;
	uint32_t index;

	assert_int_equal(write(mapping.fd, &file, sizeof(file)), sizeof(file));
	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	assert_ok(kprof_symbolizer_create(profile, &options, &symbolizer));
	assert_ok(kprof_symbolizer_find(symbolizer, index, address, &symbol));
	for (uint32_t i = 0; i < symbol.nr_frames; i++)
		len += (size_t)snprintf(ret + len, sizeof(ret) - len, "%s:%u; ",
					symbol.frames[i].name,
					symbol.frames[i].line);
	snprintf(ret + len, sizeof(ret) - len, "%s from %s", symbol.name,
		 symbol.source);
	kprof_symbolizer_destroy(symbolizer);
	kprof_profile_destroy(profile);
	return ret;
}

static void symbol_table_is_given_lines(void **state)
{
	(void)state;
	make(GO_1_20);
	add_symbol(&file.headers);
	finish();
	assert_string_equal(symbolized(GO_TEXT + 0x18, false),
			    "main.inner:101; main.outer:52; main.main.abi0:11; "
			    "main.main.abi0 from .symtab");
	assert_string_equal(symbolized(GO_TEXT + 0x18, true),
			    "main.main.abi0 from .symtab");
	/* Go's table knows what the symbol table does not. */
	assert_string_equal(symbolized(GO_LEAF, false),
			    "main.leaf[...]:21; main.leaf[...] from "
			    ".gopclntab");
	assert_string_equal(symbolized(GO_LEAF, true),
			    "main.leaf[...] from .gopclntab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_has_the_table),
		cmocka_unit_test(table_is_found_without_sections),
		cmocka_unit_test(table_is_found_in_other_sections),
		cmocka_unit_test(table_of_another_program_is_ignored),
		cmocka_unit_test(table_without_description_has_names),
		cmocka_unit_test(pointers_may_be_in_relocations),
		cmocka_unit_test(relocations_may_be_damaged),
		cmocka_unit_test(narrow_program_is_read),
		cmocka_unit_test(other_byte_order_is_refused),
		cmocka_unit_test(segments_may_lie),
		cmocka_unit_test(symbol_table_is_given_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
