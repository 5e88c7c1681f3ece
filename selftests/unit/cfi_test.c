// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the compiler of unwind information, on sections made by hand: what
 * each instruction and each form of expression comes to.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi.h"

#include "cfi_image.h"
#include "kmod/unwind_table.h"
#include "lib/elf_file.h"
#include "test.h"

#include <dwarf.h>

enum {
	/* Functions in the content, far behind the sections. */
	FIRST = 0x800,
	SECOND = 0x900,
	CONTENT_BYTES = 0x1000,
	OFFSET = CFI_IMAGE_AT,
};

struct content {
	uint8_t image[CFI_IMAGE_AT + CFI_IMAGE_MAX] __attribute__((aligned(8)));
	size_t used;
	uint16_t machine;
	enum cfi_image_kind kind;
};

static struct content content;

static struct kprof_unwind_image unwind;

static uint8_t *bytes_at(size_t at)
{
	return content.image + CFI_IMAGE_AT + at;
}

static void put(const void *data, size_t size)
{
	memcpy(bytes_at(content.used), data, size);
	content.used += size;
}

static void put32(uint32_t value)
{
	put(&value, sizeof(value));
}

static void begin(uint16_t machine, enum cfi_image_kind kind)
{
	memset(&content, 0, sizeof(content));
	content.machine = machine;
	content.kind = kind;
}

/* What begins at @start has been put, all but its length. */
static void end_entry(size_t start)
{
	uint32_t length;

	while (content.used % 4)
		content.used++;
	length = (uint32_t)(content.used - start - 4);
	memcpy(bytes_at(start), &length, sizeof(length));
}

/* A CIE: code factor 1, data factor -8, and initial instructions. */
static void put_cie(const char *augmentation, uint8_t ra_register,
		    const char *instructions, size_t size)
{
	bool is_sized = augmentation[0] == 'z';
	size_t start = content.used;

	put32(0);
	put32(content.kind == CFI_IMAGE_DEBUG_FRAME ? 0xffffffff : 0);
	put("\1", 1);
	put(augmentation, strlen(augmentation) + 1);
	put((uint8_t[]){1, 0x78, ra_register}, 3);
	if (is_sized)
		put((uint8_t[]){1, DW_EH_PE_pcrel | DW_EH_PE_sdata4}, 2);
	put(instructions, size);
	end_entry(start);
}

static void put_fde(size_t function, size_t bytes, const char *instructions,
		    size_t size)
{
	size_t start = content.used;

	put32(0);
	put32((uint32_t)content.used);
	put32((uint32_t)(function - content.used));
	put32((uint32_t)bytes);
	put("", 1);
	put(instructions, size);
	end_entry(start);
}

#define X86_CIE(augmentation) \
	put_cie(augmentation, 16, "\x0c\x07\x08\x90\x01", 5)
#define FDE(function, bytes, instructions) \
	put_fde(function, bytes, instructions, sizeof(instructions) - 1)

static int compile_bytes(size_t size)
{
	struct kprof_elf_file *file;
	int err;

	cfi_image_fill(content.image, content.machine, content.kind, size);
	assert_ok(kprof_elf_file_open_memory(content.image, CFI_IMAGE_AT + size,
					     &file));
	kprof_unwind_image_deinit(&unwind);
	err = kprof_cfi_compile(file, NULL, &unwind);
	kprof_elf_file_close(file);
	if (!err)
		assert_ok(kprof_unwind_table_validate(
			unwind.table, unwind.bytes, content.machine));
	return err;
}

static void compile(void)
{
	assert_ok(compile_bytes(CONTENT_BYTES));
}

static struct kprof_unwind_rule rule_at(size_t at)
{
	const struct kprof_unwind_rule *rule =
		kprof_unwind_table_find(unwind.table, OFFSET + at);

	return rule ? *rule : (struct kprof_unwind_rule){};
}

static void assert_rule(size_t at, struct kprof_unwind_rule expected)
{
	struct kprof_unwind_rule got = rule_at(at);

	if (memcmp(&got, &expected, sizeof(got)))
		fail_msg(
			"at %#zx: expected cfa %d (%d%+d)%+d, ra %d %d, saved "
			"%#x %d %d; got cfa %d (%d%+d)%+d, ra %d %d, saved "
			"%#x %d %d",
			at, expected.cfa, expected.cfa_register,
			expected.cfa_offset, expected.cfa_add, expected.ra,
			expected.ra_offset, expected.saved, expected.fp_offset,
			expected.fp1_offset, got.cfa, got.cfa_register,
			got.cfa_offset, got.cfa_add, got.ra, got.ra_offset,
			got.saved, got.fp_offset, got.fp1_offset);
}

/* The stack pointer + @offset, and the return address below. */
static struct kprof_unwind_rule by_sp(int offset)
{
	return (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 7,
		.cfa_offset = offset,
		.ra_offset = -8,
	};
}

static struct kprof_unwind_rule with_rbp(struct kprof_unwind_rule rule,
					 unsigned int saved, int offset)
{
	rule.saved = (uint8_t)saved;
	rule.fp_offset = (int16_t)offset;
	return rule;
}

static const struct kprof_unwind_rule unknown;
static const struct kprof_unwind_rule outermost = {.cfa = KPROF_CFA_OUTERMOST};

static void frame_of_a_function_has_its_rows(void **state)
{
	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	/* push %rbp; mov %rsp, %rbp; ...; pop %rbp */
	FDE(FIRST, 0x20,
	    "\x41\x0e\x10\x86\x02\x43\x0d\x06\x50\x0a\x0c\x07\x08\xc6"
	    "\x41\x0b");
	compile();
	assert_rule(FIRST - 1, unknown);
	assert_rule(FIRST, by_sp(8));
	assert_rule(FIRST + 1, with_rbp(by_sp(16), KPROF_SAVED_CFA, -16));
	for (size_t at = 4; at < 0x20; at++) {
		struct kprof_unwind_rule rule =
			with_rbp(by_sp(16), KPROF_SAVED_CFA, -16);

		rule.cfa_register = 6;
		assert_rule(FIRST + at, at == 0x14 ? by_sp(8) : rule);
	}
	assert_rule(FIRST + 0x20, unknown);
}

static void every_instruction_is_understood(void **state)
{
	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	FDE(FIRST, 0x700,
	    /* def_cfa_sf rsp, -4; advance_loc1 16 */
	    "\x12\x07\x7c\x02\x10"
	    /* def_cfa_offset_sf -6; offset_extended rbp 3; advance_loc2 16 */
	    "\x13\x7a\x05\x06\x03\x03\x10\x00"
	    /* offset_extended_sf rbp 4; args_size 200; advance_loc4 16 */
	    "\x11\x06\x04\x2e\xc8\x01\x04\x10\x00\x00\x00"
	    /* GNU_negative_offset_extended rbp 2; advance 16 */
	    "\x2f\x06\x02\x50"
	    /* restore_extended rbp; advance 16 */
	    "\x06\x06\x50"
	    /* register rbp, r9; advance 16 */
	    "\x09\x06\x09\x50"
	    /* same_value rbp; val_offset rbx 1; undefined r12; advance 16 */
	    "\x08\x06\x14\x03\x01\x07\x0c\x50"
	    /* undefined rbp; advance 16 */
	    "\x07\x06\x50"
	    /* val_offset rbp 2; advance 16 */
	    "\x14\x06\x02\x50"
	    /* an instruction that there is none */
	    "\x1f");
	compile();
	assert_rule(FIRST, by_sp(32));
	assert_rule(FIRST + 0x10, with_rbp(by_sp(48), KPROF_SAVED_CFA, -24));
	assert_rule(FIRST + 0x20, with_rbp(by_sp(48), KPROF_SAVED_CFA, -32));
	assert_rule(FIRST + 0x30, with_rbp(by_sp(48), KPROF_SAVED_CFA, 16));
	assert_rule(FIRST + 0x40, by_sp(48));
	assert_rule(FIRST + 0x50, with_rbp(by_sp(48), KPROF_SAVED_LOST, 0));
	assert_rule(FIRST + 0x60, by_sp(48));
	assert_rule(FIRST + 0x70, with_rbp(by_sp(48), KPROF_SAVED_LOST, 0));
	assert_rule(FIRST + 0x80, with_rbp(by_sp(48), KPROF_SAVED_LOST, 0));
	assert_rule(FIRST + 0x90, unknown);
}

static void expressions_of_compilers_have_rules(void **state)
{
	struct kprof_unwind_rule drap = {
		.cfa = KPROF_CFA_MEMORY,
		.cfa_register = 6,
		.cfa_offset = -8,
		.ra_offset = -8,
		.saved = KPROF_SAVED_SELF,
	};
	struct kprof_unwind_rule openssl = {
		.cfa = KPROF_CFA_MEMORY,
		.cfa_register = 7,
		.cfa_offset = 152,
		.cfa_add = 8,
		.ra_offset = -8,
	};

	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	/* gcc, where it aligns the stack: breg6 -8, deref; rbp at breg6 0 */
	FDE(FIRST, 0x10, "\x0f\x03\x76\x78\x06\x10\x06\x02\x76\x00");
	/* breg7 152, deref, plus_uconst 8 */
	FDE(FIRST + 0x10, 0x10, "\x0f\x06\x77\x98\x01\x06\x23\x08");
	/* lit8, plus in place of plus_uconst 8 */
	FDE(FIRST + 0x20, 0x10, "\x0f\x06\x77\x98\x01\x06\x38\x22");
	/* a table of stubs */
	FDE(FIRST + 0x30, 0x10,
	    "\x0f\x0b\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22");
	/* breg7 16: no expression were needed; rbp saved at breg7 0 */
	FDE(FIRST + 0x40, 0x10, "\x0f\x02\x77\x10\x10\x06\x02\x77\x00");
	/* rbp is what lies at CFA - 16, said as its value */
	FDE(FIRST + 0x50, 0x10, "\x0e\x20\x16\x06\x03\x77\x10\x06");
	/* a multiplication */
	FDE(FIRST + 0x60, 0x10, "\x0f\x04\x77\x08\x32\x1e");
	/* deref of nothing */
	FDE(FIRST + 0x70, 0x10, "\x0f\x01\x06");
	compile();
	assert_rule(FIRST, drap);
	assert_rule(FIRST + 0x10, openssl);
	assert_rule(FIRST + 0x20, openssl);
	assert_rule(FIRST + 0x30, (struct kprof_unwind_rule){
					  .cfa = KPROF_CFA_PLT,
					  .cfa_offset = 8,
					  .cfa_add = 11,
					  .ra_offset = -8,
				  });
	assert_rule(FIRST + 0x40, with_rbp(by_sp(16), KPROF_SAVED_CFA, -16));
	assert_rule(FIRST + 0x50, with_rbp(by_sp(32), KPROF_SAVED_CFA, -16));
	assert_rule(FIRST + 0x60, unknown);
	assert_rule(FIRST + 0x70, unknown);
	assert_int_equal(unwind.stats.unsupported_bytes, 0x20);
}

static void return_address_that_no_rule_can_say_is_unknown(void **state)
{
	struct kprof_unwind_rule in_register = by_sp(8);

	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	/* in rdx; at CFA + 32768; same; the stack pointer is in r8 */
	FDE(FIRST, 0x10, "\x09\x10\x01");
	FDE(FIRST + 0x10, 0x10, "\x11\x10\x80\x60");
	FDE(FIRST + 0x20, 0x10, "\x08\x10");
	FDE(FIRST + 0x30, 0x10, "\x09\x07\x08");
	/* the last that can be said: CFA - 32768 */
	FDE(FIRST + 0x40, 0x10, "\x11\x10\x80\x20");
	compile();
	in_register.ra = KPROF_RA_REGISTER;
	in_register.ra_offset = 1;
	assert_rule(FIRST, in_register);
	assert_rule(FIRST + 0x10, unknown);
	assert_rule(FIRST + 0x20, unknown);
	assert_rule(FIRST + 0x30, unknown);
	in_register = by_sp(8);
	in_register.ra_offset = -32768;
	assert_rule(FIRST + 0x40, in_register);
}

static void undefined_return_address_is_the_outermost(void **state)
{
	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	FDE(FIRST, 0x10, "\x44\x07\x10");
	compile();
	assert_rule(FIRST, by_sp(8));
	assert_rule(FIRST + 4, outermost);
	assert_rule(FIRST + 0xf, outermost);
}

static void signal_frame_is_one_only_with_the_machines_layout(void **state)
{
	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zRS");
	/* CFA: [rsp+160], return address: rsp+168, rbp: rsp+120 */
	put_fde(FIRST, 0x10,
		"\x0f\x04\x77\xa0\x01\x06\x10\x10\x03\x77\xa8\x01"
		"\x10\x06\x03\x77\xf8\x00",
		18);
	compile();
	assert_rule(FIRST, (struct kprof_unwind_rule){
				   .cfa = KPROF_CFA_SIGNAL,
				   .cfa_offset = 40,
			   });

	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zRS");
	/* rbp: rsp+128 */
	put_fde(FIRST, 0x10,
		"\x0f\x04\x77\xa0\x01\x06\x10\x10\x03\x77\xa8\x01"
		"\x10\x06\x03\x77\x80\x01",
		18);
	assert_errno(compile_bytes(CONTENT_BYTES), -ENOENT);
}

static void trampolines_are_known_by_their_code(void **state)
{
	static const struct {
		uint16_t machine;
		size_t size;
		const char *code;
		int sigcontext;
	} trampolines[] = {
		{EM_X86_64, 9, "\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05", 40},
		{EM_AARCH64, 8, "\x68\x11\x80\xd2\x01\x00\x00\xd4", 304},
		{EM_RISCV, 8, "\x93\x08\xb0\x08\x73\x00\x00\x00", 304},
		{EM_ARM, 8, "\xad\x70\xa0\xe3\x00\x00\x00\xef", 148},
		{EM_ARM, 6, "\x4f\xf0\x77\x07\x00\xdf", 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(trampolines) / sizeof(*trampolines);
	     i++) {
		struct kprof_unwind_rule signal = {
			.cfa = KPROF_CFA_SIGNAL,
			.cfa_offset = trampolines[i].sigcontext,
		};

		begin(trampolines[i].machine, CFI_IMAGE_HEADER);
		memcpy(bytes_at(FIRST), trampolines[i].code,
		       trampolines[i].size);
		compile();
		assert_rule(FIRST - 2, unknown);
		/* What returns to it is looked up a byte before. */
		assert_rule(FIRST - 1, signal);
		assert_rule(FIRST + trampolines[i].size - 1, signal);
		assert_rule(FIRST + trampolines[i].size, unknown);
	}
}

static void stubs_are_known_by_their_code(void **state)
{
	static const uint32_t stub[] = {0xb0000010, 0xf9400611, 0x91002210,
					0xd61f0220};
	const struct kprof_unwind_rule leaf = {
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 31,
		.ra = KPROF_RA_REGISTER,
		.ra_offset = 30,
	};

	(void)state;
	begin(EM_AARCH64, CFI_IMAGE_HEADER);
	memcpy(bytes_at(FIRST), stub, sizeof(stub));
	memcpy(bytes_at(FIRST + 16), stub, sizeof(stub));
	compile();
	assert_rule(FIRST - 1, unknown);
	assert_rule(FIRST, leaf);
	assert_rule(FIRST + 31, leaf);
	assert_rule(FIRST + 32, unknown);
}

static void program_starts_where_it_says_that_nobody_called(void **state)
{
	static const char start[] = "\x31\xed\x49\x89\xd1\xe8\x00\x00\x00\x00";
	size_t at = CFI_IMAGE_ENTRY - OFFSET;

	(void)state;
	begin(EM_X86_64, CFI_IMAGE_HEADER);
	memcpy(bytes_at(at), start, sizeof(start));
	compile();
	assert_rule(at - 1, unknown);
	assert_rule(at, outermost);
	assert_rule(at + 9, outermost);
	assert_rule(at + 10, unknown);

	/* Without the xor it could be anything. */
	begin(EM_X86_64, CFI_IMAGE_HEADER);
	memcpy(bytes_at(at), start + 2, sizeof(start) - 2);
	assert_errno(compile_bytes(CONTENT_BYTES), -ENOENT);
}

static void later_start_holds_where_entries_overlap(void **state)
{
	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	FDE(SECOND, 0x100, "\x0e\x20");
	FDE(FIRST, 0x180, "\x0e\x10");
	compile();
	assert_rule(FIRST, by_sp(16));
	assert_rule(SECOND - 1, by_sp(16));
	assert_rule(SECOND, by_sp(32));
	assert_rule(SECOND + 0xff, by_sp(32));
	assert_rule(SECOND + 0x100, unknown);
}

static void debug_frame_is_read_as_well(void **state)
{
	size_t start;
	const uint64_t function[] = {OFFSET + FIRST, 0x20};

	(void)state;
	begin(EM_X86_64, CFI_IMAGE_DEBUG_FRAME);
	X86_CIE("");
	start = content.used;
	put32(0);
	put32(0);
	put(function, sizeof(function));
	put("\x44\x0e\x30", 3);
	end_entry(start);
	compile();
	assert_rule(FIRST, by_sp(8));
	assert_rule(FIRST + 4, by_sp(48));
	assert_int_equal(unwind.stats.source_bytes[KPROF_UNWIND_DEBUG_FRAME],
			 0x20);
}

static void section_is_found_without_section_headers(void **state)
{
	static const uint8_t header[] = {1, DW_EH_PE_pcrel | DW_EH_PE_sdata4,
					 DW_EH_PE_omit, DW_EH_PE_omit};

	(void)state;
	begin(EM_X86_64, CFI_IMAGE_HEADER);
	put(header, sizeof(header));
	/* To what follows, from here */
	put32(4);
	assert_int_equal(content.used, 8);
	X86_CIE("zR");
	/* CIE pointers count from where they are */
	put32(20);
	put32((uint32_t)content.used - 8);
	put32((uint32_t)(FIRST - content.used));
	put32(0x10);
	put("\0\x0e\x20\0\0\0\0\0", 8);
	compile();
	assert_rule(FIRST, by_sp(32));
}

static void machines_with_a_link_register_start_with_it(void **state)
{
	struct kprof_unwind_rule rule = {
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 31,
		.ra = KPROF_RA_REGISTER,
		.ra_offset = 30,
	};

	(void)state;
	begin(EM_AARCH64, CFI_IMAGE_EH_FRAME);
	put_cie("zR", 30, "\x0c\x1f\x00", 3);
	/* sign; stp x29, x30, [sp, #-32]! */
	FDE(FIRST, 0x20, "\x44\x2d\x44\x0e\x20\x9d\x04\x9e\x03");
	compile();
	assert_rule(FIRST, rule);
	assert_rule(FIRST + 4, rule);
	rule = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 31,
		.cfa_offset = 32,
		.ra_offset = -24,
		.saved = KPROF_SAVED_CFA,
		.fp_offset = -32,
	};
	assert_rule(FIRST + 8, rule);

	begin(EM_RISCV, CFI_IMAGE_EH_FRAME);
	put_cie("zR", 5, "\x0c\x02\x00", 3);
	FDE(FIRST, 0x20, "");
	compile();
	assert_rule(FIRST, (struct kprof_unwind_rule){
				   .cfa = KPROF_CFA_REGISTER,
				   .cfa_register = 2,
				   .ra = KPROF_RA_REGISTER,
				   .ra_offset = 5,
			   });
}

static void section_may_end_anywhere(void **state)
{
	size_t size;

	(void)state;
	begin(EM_X86_64, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	FDE(FIRST, 0x20, "\x41\x0e\x10\x86\x02\x0f\x03\x76\x78\x06");
	size = content.used;
	for (size_t i = 0; i <= size; i++) {
		struct cfi_image_wide *headers = (void *)content.image;
		struct kprof_elf_file *file;
		uint8_t *exact = malloc(CFI_IMAGE_AT + i);

		cfi_image_fill(content.image, EM_X86_64, CFI_IMAGE_EH_FRAME, i);
		headers->phdr[0].p_filesz = OFFSET + CONTENT_BYTES;
		memcpy(exact, content.image, CFI_IMAGE_AT + i);
		assert_ok(kprof_elf_file_open_memory(exact, CFI_IMAGE_AT + i,
						     &file));
		kprof_unwind_image_deinit(&unwind);
		kprof_cfi_compile(file, NULL, &unwind);
		kprof_elf_file_close(file);
		free(exact);
	}
}

static void other_machines_are_refused(void **state)
{
	(void)state;
	begin(EM_386, CFI_IMAGE_EH_FRAME);
	X86_CIE("zR");
	FDE(FIRST, 0x20, "");
	assert_errno(compile_bytes(CONTENT_BYTES), -ENOTSUP);
}

static int teardown(void **state)
{
	(void)state;
	kprof_unwind_image_deinit(&unwind);
	return 0;
}

/* The assembler for riscv64 begins with the register alone. */
static void cfa_may_begin_without_an_offset(void **state)
{
	(void)state;
	begin(EM_RISCV, CFI_IMAGE_EH_FRAME);
	put_cie("zR", 1, "\x0d\x02", 2);
	/* sp + 16, and ra saved below that */
	FDE(FIRST, 0x20, "\x0e\x10\x81\x01");
	compile();
	assert_rule(FIRST, (struct kprof_unwind_rule){
				   .cfa = KPROF_CFA_REGISTER,
				   .cfa_register = 2,
				   .cfa_offset = 16,
				   .ra_offset = -8,
			   });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_of_a_function_has_its_rows),
		cmocka_unit_test(every_instruction_is_understood),
		cmocka_unit_test(expressions_of_compilers_have_rules),
		cmocka_unit_test(
			return_address_that_no_rule_can_say_is_unknown),
		cmocka_unit_test(undefined_return_address_is_the_outermost),
		cmocka_unit_test(
			signal_frame_is_one_only_with_the_machines_layout),
		cmocka_unit_test(trampolines_are_known_by_their_code),
		cmocka_unit_test(stubs_are_known_by_their_code),
		cmocka_unit_test(
			program_starts_where_it_says_that_nobody_called),
		cmocka_unit_test(later_start_holds_where_entries_overlap),
		cmocka_unit_test(debug_frame_is_read_as_well),
		cmocka_unit_test(section_is_found_without_section_headers),
		cmocka_unit_test(machines_with_a_link_register_start_with_it),
		cmocka_unit_test(cfa_may_begin_without_an_offset),
		cmocka_unit_test(section_may_end_anywhere),
		cmocka_unit_test(other_machines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
