// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kernel_places.c and vmlinux.c: kernel addresses get the mapping of
 * their part of the kernel, and by it they have names on any machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kernel_places.h"

#include "elf_image.h"
#include "lib/kprof.h"
#include "test.h"

#include <sys/stat.h>

enum {
	/* Where the image's _stext is, which its text begins 0x80 before. */
	IMAGE_STEXT = IMAGE_TEXT_VADDR + 0x80,
};

/* Where this boot has put it. */
static const uint64_t stext = 0xffffffff9d800000;

static const struct image_symbol symbols[] = {
	{"_stext", IMAGE_STEXT, 0, LOCAL_LABEL, 0},
	{"schedule", IMAGE_STEXT + 0x100, 0x40, GLOBAL_FUNC, 0},
};

static const char system_map[] =
	"0000000000401000 T _text\n"
	"0000000000401080 T _stext\n"
	"0000000000401180 T schedule\n"
	"00000000004011c0 T _etext\n";

static char dir[64];
static const char *const dirs[] = {dir};
static struct kprof_profile *profile;
static struct kprof_symbolize_options options;

static int setup(void **state)
{
	(void)state;
	test_make_directory(dir);
	options = (struct kprof_symbolize_options){
		.debug_dirs = dirs,
		.nr_debug_dirs = 1,
		.symbol_dirs = dirs,
		.nr_symbol_dirs = 1,
		.kallsyms = "/nonexistent",
	};
	return kprof_profile_create(&profile);
}

static int teardown(void **state)
{
	(void)state;
	kprof_profile_destroy(profile);
	test_remove_directory(dir);
	return 0;
}

static const char *in_dir(const char *name)
{
	static char path[4][160];
	static unsigned int next;
	char *ret = path[next++ % 4];

	snprintf(ret, sizeof(path[0]), "%s/%s", dir, name);
	return ret;
}

static void write_file(const char *name, const void *data, size_t size)
{
	char command[256];
	FILE *file;

	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)",
		 in_dir(name));
	assert_int_equal(system(command), 0);
	file = fopen(in_dir(name), "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static void write_image(const char *name)
{
	struct elf_image image;

	image_init(&image, SHT_SYMTAB, symbols, 2);
	write_file(name, &image, sizeof(image));
}

static void write_note(const char *name, uint8_t last)
{
	struct image_note note = {
		.header = {4, 8, NT_GNU_BUILD_ID},
		.name = "GNU",
		.build_id = {1, 2, 3, 4, 5, 6, 7, last},
	};

	write_file(name, &note, sizeof(note));
}

/* Places */

static uint32_t add_address(uint64_t address)
{
	uint32_t ret;

	assert_ok(kprof_profile_add_location(profile, KPROF_NO_INDEX, address,
					     true, &ret));
	return ret;
}

static void place(void)
{
	const struct kprof_kernel_files files = {
		in_dir("kallsyms"), in_dir("modules"), in_dir("sys")};

	assert_ok(kprof_kernel_place(profile, &files));
}

static void assert_place(uint32_t location, const char *name, uint64_t start,
			 const char *build_id)
{
	uint32_t index = profile->locations[location].mapping;

	assert_true(index < profile->nr_mappings);
	assert_string_equal(profile->mappings[index].filename, name);
	assert_int_equal(profile->mappings[index].start, start);
	assert_string_equal(profile->mappings[index].build_id, build_id);
}

static void write_running_kernel(void)
{
	write_text("kallsyms",
		   "ffffffff9d700000 A fixed_percpu_data_of_a_long_name\n"
		   "ffffffff9d800000 T _stext\n"
		   "ffffffff9d800000 T _stext_is_not_this_one\n"
		   "ffffffff9d800100 T schedule\n"
		   "ffffffff9e800000 T _etext\n"
		   "ffffffffc0400000 t ext4_read\t[ext4]\n");
	write_text("modules",
		   "ext4 65536 1 - Live 0xffffffffc0400000\n"
		   "jbd2 4096 2 ext4,crc16, Live 0xffffffffc0300000 (OE)\n"
		   "late 4096 0 - Loading 0xffffffffc0500000\n");
	write_note("sys/kernel/notes", 0xaa);
	write_note("sys/module/ext4/notes/.note.gnu.build-id", 0xbb);
}

static void addresses_get_kernel_and_modules(void **state)
{
	uint32_t schedule = add_address(0xffffffff9d800104);
	uint32_t ext4 = add_address(0xffffffffc0400010);
	uint32_t jbd2 = add_address(0xffffffffc0300010);
	uint32_t late = add_address(0xffffffffc0500010);
	uint32_t before = add_address(0xffffffff9d7fffff);

	(void)state;
	write_running_kernel();
	place();
	assert_place(schedule, "[kernel.kallsyms]", stext, "01020304050607aa");
	assert_place(ext4, "[ext4]", 0xffffffffc0400000, "01020304050607bb");
	assert_place(jbd2, "[jbd2]", 0xffffffffc0300000, "");
	assert_int_equal(profile->locations[late].mapping, KPROF_NO_INDEX);
	assert_int_equal(profile->locations[before].mapping, KPROF_NO_INDEX);
	assert_int_equal(profile->nr_mappings, 3);
}

static void hidden_addresses_have_no_place(void **state)
{
	uint32_t location = add_address(0xffffffff9d800104);

	(void)state;
	write_text("kallsyms",
		   "0000000000000000 T _stext\n"
		   "0000000000000000 T _etext\n");
	write_text("modules", "ext4 65536 1 - Live 0x0000000000000000\n");
	place();
	assert_int_equal(profile->locations[location].mapping, KPROF_NO_INDEX);
	assert_int_equal(profile->nr_mappings, 0);
}

static void what_has_a_name_is_no_address(void **state)
{
	struct kprof_function function = {"[kernel]", "[kernel]", "", 0};
	uint32_t location = add_address(0xffffffff9d800104);
	struct kprof_line line = {};

	(void)state;
	write_running_kernel();
	assert_ok(
		kprof_profile_add_function(profile, &function, &line.function));
	assert_ok(kprof_profile_set_lines(profile, location, &line, 1));
	place();
	assert_int_equal(profile->locations[location].mapping, KPROF_NO_INDEX);
}

/* Names */

static uint32_t add_placed(const char *build_id, bool in_kernel)
{
	struct kprof_mapping mapping = {
		.start = stext,
		.limit = stext + 0x1000000,
		.filename = "[kernel.kallsyms]",
		.build_id = build_id,
		.fd = -1,
	};
	uint32_t index, ret;

	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	assert_ok(kprof_profile_add_location(profile, index, stext + 0x104,
					     in_kernel, &ret));
	return ret;
}

static const char *name_of(uint32_t location)
{
	const struct kprof_location *at = &profile->locations[location];

	assert_ok(kprof_symbolize(profile, &options));
	assert_int_equal(at->nr_lines, 1);
	return profile->functions[profile->lines[at->first_line].function].name;
}

static void vmlinux_names_the_kernel_wherever_it_was(void **state)
{
	static const char *const places[] = {
		"boot/vmlinux-6.1.0", "lib/modules/6.1.0/vmlinux", "vmlinux",
		"0123456789abcdef/vmlinux",
		".build-id/01/23456789abcdef.debug"};
	uint32_t location = add_placed(image_build_id, true);

	(void)state;
	assert_string_equal(name_of(location), "[kernel.kallsyms+0x104]");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		write_image(places[i]);
		options.force = true;
		/* On the spot, and as at the desk. */
		options.other_machine = i % 2;
		assert_string_equal(name_of(location), "schedule");
		assert_int_equal(unlink(in_dir(places[i])), 0);
	}
}

static void vmlinux_of_another_build_is_not_taken(void **state)
{
	uint32_t location = add_placed("0123456789abcdee", true);

	(void)state;
	write_image("boot/vmlinux-6.1.0");
	assert_string_equal(name_of(location), "[kernel.kallsyms+0x104]");
}

static void save(struct kprof_gsym_writer *writer)
{
	assert_ok(kprof_gsym_writer_save(writer,
					 in_dir("0123456789abcdef.gsym")));
	kprof_gsym_writer_destroy(writer);
}

static void map_of_vmlinux_names_the_kernel(void **state)
{
	uint32_t location = add_placed(image_build_id, false);
	struct kprof_gsym_writer *writer;

	(void)state;
	write_image("x");
	assert_ok(kprof_gsym_build(in_dir("x"), NULL, &writer));
	save(writer);
	options.other_machine = true;
	assert_string_equal(name_of(location), "schedule");
}

static void map_of_a_list_names_the_kernel(void **state)
{
	uint32_t location = add_placed(image_build_id, false);
	struct kprof_gsym_writer *writer;

	(void)state;
	assert_ok(kprof_gsym_import(system_map, strlen(system_map),
				    image_build_id, &writer));
	save(writer);
	options.other_machine = true;
	assert_string_equal(name_of(location), "schedule");
}

/* The addresses of the two have nothing to do with each other. */
static void list_of_another_boot_goes_without_vmlinux(void **state)
{
	static const char list[] =
		"ffffffff8b000000 T _stext\n"
		"ffffffff8b000100 T schedule_there\n"
		"ffffffff8b000140 T _etext\n";
	uint32_t location = add_placed(image_build_id, false);
	struct kprof_gsym_writer *writer;

	(void)state;
	assert_ok(
		kprof_gsym_import(list, strlen(list), image_build_id, &writer));
	save(writer);
	write_image("boot/vmlinux-6.1.0");
	options.other_machine = true;
	assert_string_equal(name_of(location), "schedule_there");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(addresses_get_kernel_and_modules),
		test(hidden_addresses_have_no_place),
		test(what_has_a_name_is_no_address),
		test(vmlinux_names_the_kernel_wherever_it_was),
		test(vmlinux_of_another_build_is_not_taken),
		test(map_of_vmlinux_names_the_kernel),
		test(map_of_a_list_names_the_kernel),
		test(list_of_another_boot_goes_without_vmlinux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
