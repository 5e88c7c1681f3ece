// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of symbolize.c and symbolize_profile.c: from profile to names.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/symbolize.h"

#include "elf_image.h"
#include "lib/kprof.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define NR(array) (sizeof(array) / sizeof((array)[0]))

enum {
	/* Where the image's text is mapped in these tests. */
	START = 0x10000,
};

static const struct image_symbol symbols[] = {
	{"first", IMAGE_TEXT_VADDR, 16, LOCAL_FUNC, 0},
	{"_ZN3foo3barEi", IMAGE_TEXT_VADDR + 32, 16, GLOBAL_FUNC, 0},
};

static char dir[] = "/tmp/kprof-symbolize-XXXXXX";
static const char *const debug_dirs[] = {dir};
static struct elf_image image;
static struct kprof_profile *profile;
static struct kprof_symbolize_options options;
static int nr_warnings;
static char newest_warning[512];

static void count_warnings(enum kprof_log_level level, const char *message,
			   void *context)
{
	(void)context;
	if (level != KPROF_LOG_WARNING)
		return;
	nr_warnings++;
	snprintf(newest_warning, sizeof(newest_warning), "%s", message);
}

static char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static char *write_file(const char *name, const void *data, size_t size)
{
	char *path = in_dir(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
	return path;
}

static uint32_t add_mapping(const char *filename, const char *build_id, int fd)
{
	struct kprof_mapping mapping = {
		.start = START,
		.limit = START + 0x1000,
		.file_offset = IMAGE_TEXT_OFFSET,
		.filename = filename,
		.build_id = build_id,
		.fd = fd,
	};
	uint32_t ret;

	assert_int_equal(kprof_profile_add_mapping(profile, &mapping, &ret), 0);
	return ret;
}

static uint32_t add_location(uint32_t mapping, uint64_t address, bool in_kernel)
{
	uint32_t ret;

	assert_int_equal(kprof_profile_add_location(profile, mapping, address,
						    in_kernel, &ret),
			 0);
	return ret;
}

static const struct kprof_function *function_of(uint32_t location)
{
	const struct kprof_location *at = &profile->locations[location];

	assert_int_equal(at->nr_lines, 1);
	return &profile->functions[profile->lines[at->first_line].function];
}

#define assert_name(location, expected) \
	assert_string_equal(function_of(location)->name, expected)

static void symbolize(void)
{
	nr_warnings = 0;
	assert_int_equal(kprof_symbolize(profile, &options), 0);
}

static int setup(void **state)
{
	(void)state;
	options = (struct kprof_symbolize_options){
		.debug_dirs = debug_dirs,
		.nr_debug_dirs = NR(debug_dirs),
		.kallsyms = "/nonexistent",
	};
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	kprof_set_log(count_warnings, NULL);
	return kprof_profile_create(&profile);
}

static void remove_tree(const char *name)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -rf %s", in_dir(name));
	assert_int_equal(system(command), 0);
}

static void make_in_symbols(const char *path)
{
	char command[256];

	snprintf(command, sizeof(command), "mkdir -p $(dirname %s/symbols/%s)",
		 dir, path);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "symbols/%s", path);
	write_file(command, &image, sizeof(image));
}

static void use_symbols(void)
{
	static char path[64];
	static const char *const symbol_dirs[] = {path};

	strcpy(path, in_dir("symbols"));
	options.symbol_dirs = symbol_dirs;
	options.nr_symbol_dirs = NR(symbol_dirs);
}

static void remove_symbols(void)
{
	remove_tree("symbols");
}

static int teardown(void **state)
{
	(void)state;
	remove_tree(".build-id");
	kprof_profile_destroy(profile);
	return 0;
}

static void file_names_its_functions(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, "", -1);
	uint32_t first = add_location(mapping, START + 8, false);
	uint32_t second = add_location(mapping, START + 40, false);
	uint32_t gap = add_location(mapping, START + 20, false);

	(void)state;
	symbolize();
	assert_name(first, "first");
#ifdef HAVE_LIBIBERTY
	assert_name(second, "foo::bar");
#endif
	assert_string_equal(function_of(second)->system_name, "_ZN3foo3barEi");
	assert_name(gap, "[program+0x1014]");
	assert_string_equal(function_of(gap)->system_name, "[program+0x1014]");
	assert_string_equal(profile->mappings[mapping].build_id,
			    image_build_id);
	assert_true(profile->mappings[mapping].has_functions);
	assert_false(profile->mappings[mapping].has_line_numbers);
}

static void descriptor_is_preferred_to_name(void **state)
{
	int fd = open(write_file("program", &image, sizeof(image)),
		      O_RDONLY | O_CLOEXEC);
	uint32_t mapping = add_mapping("/bin/gone (deleted)", "", fd);
	uint32_t location = add_location(mapping, START, false);

	(void)state;
	symbolize();
	assert_name(location, "first");
}

static void wrong_file_is_refused_once(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, "00000000", -1);
	uint32_t first = add_location(mapping, START, false);
	uint32_t second = add_location(mapping, START + 32, false);

	(void)state;
	symbolize();
	assert_name(first, "[program+0x1000]");
	assert_name(second, "[program+0x1020]");
	assert_int_equal(nr_warnings, 1);
	assert_string_equal(profile->mappings[mapping].build_id, "00000000");
}

static void write_debug_file(void)
{
	mkdir(in_dir(".build-id"), 0700);
	mkdir(in_dir(".build-id/01"), 0700);
	write_file(".build-id/01/23456789abcdef.debug", &image, sizeof(image));
}

static void stripped_file_has_debug_file(void **state)
{
	const char *path;
	uint32_t location;

	(void)state;
	write_debug_file();
	image.shdr[IMAGE_SYMBOLS].sh_type = SHT_NULL;
	path = write_file("program", &image, sizeof(image));
	location = add_location(add_mapping(path, "", -1), START, false);
	symbolize();
	assert_name(location, "first");
}

/* As after an upgrade: the program is gone, its debug file is not. */
static void debug_file_alone_is_enough(void **state)
{
	uint32_t mapping = add_mapping("/nonexistent", image_build_id, -1);
	uint32_t location = add_location(mapping, START, false);

	(void)state;
	/* What objcopy --only-keep-debug leaves of it. */
	image.phdr[1].p_offset = 0;
	image.phdr[1].p_filesz = 0;
	write_debug_file();
	symbolize();
	assert_name(location, "first");
}

static void debug_file_of_another_build_is_refused(void **state)
{
	uint32_t mapping = add_mapping("/nonexistent", image_build_id, -1);
	uint32_t location = add_location(mapping, START, false);

	(void)state;
	image.note.build_id[7] ^= 1;
	write_debug_file();
	symbolize();
	assert_name(location, "[nonexistent+0x1000]");
	assert_true(nr_warnings > 0);
}

static void build_id_cannot_leave_the_tree(void **state)
{
	uint32_t mapping = add_mapping("/nonexistent", "../../x", -1);
	uint32_t location = add_location(mapping, START, false);

	(void)state;
	symbolize();
	assert_name(location, "[nonexistent+0x1000]");
	assert_int_equal(nr_warnings, 0);
}

static void same_offset_is_same_function(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, image_build_id, -1);
	uint32_t again = add_mapping(path, image_build_id, -1);
	uint32_t a = add_location(mapping, START, false);
	uint32_t b = add_location(again, START, false);

	(void)state;
	symbolize();
	assert_ptr_equal(function_of(a), function_of(b));
	assert_name(b, "first");
}

/* Same path, no build-id: still two files. */
static void files_without_build_id_are_told_apart(void **state)
{
	static const struct image_symbol other[] = {
		{"other", IMAGE_TEXT_VADDR, 16, LOCAL_FUNC, 0},
	};
	uint32_t a, b;
	int fd;

	(void)state;
	image.shdr[IMAGE_NOTE].sh_type = SHT_NULL;
	fd = open(write_file("a", &image, sizeof(image)), O_RDONLY | O_CLOEXEC);
	a = add_location(add_mapping("/bin/x", "", fd), START, false);
	image_init(&image, SHT_SYMTAB, other, NR(other));
	image.shdr[IMAGE_NOTE].sh_type = SHT_NULL;
	fd = open(write_file("b", &image, sizeof(image)), O_RDONLY | O_CLOEXEC);
	b = add_location(add_mapping("/bin/x", "", fd), START, false);
	symbolize();
	assert_name(a, "first");
	assert_name(b, "other");
}

static void nameless_places_get_names(void **state)
{
	uint32_t anon =
		add_location(add_mapping("//anon", "", -1), START, false);
	uint32_t none = add_location(add_mapping("", "", -1), START, false);
	uint32_t heap =
		add_location(add_mapping("[heap]", "", -1), START, false);
	uint32_t unmapped = add_location(KPROF_NO_INDEX, 0x1234, false);

	(void)state;
	symbolize();
	assert_name(anon, "[anon+0x1000]");
	assert_name(none, "[anon+0x1000]");
	assert_name(heap, "[heap+0x1000]");
	assert_name(unmapped, "[unknown]");
	assert_true(profile->mappings[0].has_functions);
}

static void named_locations_are_left_alone(void **state)
{
	const struct kprof_function function = {
		.name = "mine", .system_name = "mine", .filename = ""};
	uint32_t location = add_location(KPROF_NO_INDEX, 0x1234, false);
	struct kprof_line line = {};

	(void)state;
	assert_int_equal(
		kprof_profile_add_function(profile, &function, &line.function),
		0);
	assert_int_equal(kprof_profile_set_lines(profile, location, &line, 1),
			 0);
	symbolize();
	assert_name(location, "mine");
}

static void add_line(uint32_t location, const char *name)
{
	const struct kprof_function function = {
		.name = name, .system_name = name, .filename = ""};
	struct kprof_line line = {};

	assert_int_equal(
		kprof_profile_add_function(profile, &function, &line.function),
		0);
	assert_int_equal(kprof_profile_set_lines(profile, location, &line, 1),
			 0);
}

static void names_of_places_are_replaced(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, image_build_id, -1);
	uint32_t first = add_location(mapping, START, false);
	uint32_t gap = add_location(mapping, START + 20, false);
	uint32_t other = add_location(mapping, START + 4, false);

	(void)state;
	add_line(first, "[program+0x1000]");
	add_line(gap, "[program+0x1014]");
	add_line(other, "[program+0x1000]");
	symbolize();
	assert_name(first, "first");
	assert_name(gap, "[program+0x1014]");
	/* It is another's place: a name like any other. */
	assert_name(other, "[program+0x1000]");
}

static void force_names_anew_what_it_can(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, image_build_id, -1);
	uint32_t first = add_location(mapping, START, false);
	uint32_t gap = add_location(mapping, START + 20, false);
	uint32_t none = add_location(KPROF_NO_INDEX, 0x1234, false);

	(void)state;
	add_line(first, "theirs");
	add_line(gap, "theirs too");
	add_line(none, "nowhere");
	options.force = true;
	symbolize();
	assert_name(first, "first");
	assert_name(gap, "theirs too");
	assert_name(none, "nowhere");
}

static void kernel_of_another_machine_is_left_alone(void **state)
{
	static const char text[] = "ffffffff81000000 T schedule\n";
	uint32_t kernel =
		add_location(KPROF_NO_INDEX, 0xffffffff81000010ULL, false);

	(void)state;
	options.kallsyms = write_file("kallsyms", text, strlen(text));
	options.other_machine = true;
	symbolize();
	assert_name(kernel, "[kernel.kallsyms+0xffffffff81000010]");
	assert_int_equal(nr_warnings, 0);
}

/* Directories of symbols */

static void binaries_are_found_among_symbols(void **state)
{
	static const char *const places[] = {
		"gone/bin/program",
		"program",
		"0123456789abcdef/program",
		"0123456789abcdef/anything",
		"gone/bin/program/0123456789abcdef/elf",
	};
	uint32_t location;

	(void)state;
	use_symbols();
	location = add_location(
		add_mapping("/gone/bin/program (deleted)", image_build_id, -1),
		START, false);
	for (size_t i = 0; i < NR(places); i++) {
		make_in_symbols(places[i]);
		options.force = true;
		symbolize();
		assert_name(location, "first");
		assert_int_equal(nr_warnings, 0);
		remove_symbols();
		add_line(location, "not yet");
	}
}

static void debug_files_are_found_among_symbols(void **state)
{
	static const char *const places[] = {
		"01/23456789abcdef.debug",
		".build-id/01/23456789abcdef.debug",
	};
	uint32_t location;

	(void)state;
	use_symbols();
	location = add_location(add_mapping("/gone", image_build_id, -1), START,
				false);
	for (size_t i = 0; i < NR(places); i++) {
		make_in_symbols(places[i]);
		options.force = true;
		symbolize();
		assert_name(location, "first");
		remove_symbols();
		add_line(location, "not yet");
	}
}

static void wrong_file_among_symbols_is_refused(void **state)
{
	uint32_t mapping = add_mapping("/gone/program", "00000000", -1);
	uint32_t location = add_location(mapping, START, false);

	(void)state;
	use_symbols();
	make_in_symbols("program");
	symbolize();
	assert_name(location, "[program+0x1000]");
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(newest_warning, "00000000"));
	assert_non_null(strstr(newest_warning, image_build_id));
	remove_symbols();
}

/* Where names are from */

static void add_sample(uint32_t location, int64_t count)
{
	assert_int_equal(kprof_profile_add_sample(profile, &location, 1, NULL,
						  0, &count),
			 0);
}

static void comment_says_where_names_are_from(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, "", -1);
	uint32_t given = add_location(KPROF_NO_INDEX, 0x1234, false);

	(void)state;
	assert_int_equal(
		kprof_profile_add_sample_type(profile, "samples", "count"), 0);
	add_line(given, "mine");
	add_sample(given, 1);
	symbolize();
	assert_int_equal(profile->nr_comments, 0);
	add_sample(add_location(mapping, START, false), 5);
	add_sample(add_location(mapping, START + 20, false), 2);
	symbolize();
	assert_int_equal(profile->nr_comments, 1);
	assert_string_equal(profile->comments[0],
			    "names: .symtab 62.5 %, given 12.5 %, none 25.0 %");
	/* A later one takes its place. */
	add_sample(add_location(mapping, START + 1, false), 2);
	symbolize();
	assert_int_equal(profile->nr_comments, 1);
	assert_string_equal(profile->comments[0],
			    "names: given 60.0 %, .symtab 20.0 %, none 20.0 %");
}

static void vdso_is_our_own(void **state)
{
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	struct kprof_mapping mapping = {
		.start = vdso,
		.limit = vdso + 0x2000,
		.filename = "[vdso]",
		.build_id = "",
		.fd = -1,
	};
	bool found = false;
	uint32_t index;

	(void)state;
	if (!vdso)
		skip();
	assert_int_equal(kprof_profile_add_mapping(profile, &mapping, &index),
			 0);
	for (uint64_t at = vdso; at < mapping.limit; at += 16)
		add_location(index, at, false);
	symbolize();
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		found |= strstr(function_of(i)->name, "clock_gettime") != NULL;
	assert_true(found);
	assert_name(0, "[vdso+0x0]");
	assert_true(profile->mappings[index].build_id[0]);
}

/* Its image came with an archive. */
static void vdso_of_another_kernel_is_found_by_build_id(void **state)
{
	uint32_t mapping = add_mapping("[vdso]", image_build_id, -1);
	uint32_t location = add_location(mapping, START, false);

	(void)state;
	options.other_machine = true;
	symbolize();
	assert_name(location, "[vdso+0x1000]");
	/* That ours is another one is no news. */
	assert_int_equal(nr_warnings, 0);
	use_symbols();
	make_in_symbols("0123456789abcdef/vdso.so");
	options.force = true;
	symbolize();
	assert_name(location, "first");
	remove_symbols();
}

static void function_range_is_known(void **state)
{
	const char *path = write_file("program", &image, sizeof(image));
	uint32_t mapping = add_mapping(path, "", -1);
	struct kprof_symbolizer *symbolizer;
	uint64_t start, end;

	(void)state;
	assert_int_equal(
		kprof_symbolizer_create(profile, &options, &symbolizer), 0);
	assert_int_equal(kprof_symbolizer_function_range(
				 symbolizer, mapping, START + 35, &start, &end),
			 0);
	assert_int_equal(start, START + 32);
	assert_int_equal(end, START + 48);
	assert_int_equal(kprof_symbolizer_function_range(
				 symbolizer, mapping, START + 20, &start, &end),
			 -ENOENT);
	assert_int_equal(kprof_symbolizer_function_range(symbolizer,
							 KPROF_NO_INDEX, START,
							 &start, &end),
			 -ENOENT);
	kprof_symbolizer_destroy(symbolizer);
}

/* More than the symbolizer keeps open, back and forth. */
static void many_binaries_take_turns(void **state)
{
	struct kprof_symbolizer *symbolizer;
	uint64_t start, end;
	uint32_t mappings[12];
	char name[16];

	(void)state;
	for (size_t i = 0; i < NR(mappings); i++) {
		snprintf(name, sizeof(name), "program-%zu", i);
		mappings[i] = add_mapping(
			write_file(name, &image, sizeof(image)), "", -1);
	}
	assert_int_equal(
		kprof_symbolizer_create(profile, &options, &symbolizer), 0);
	for (size_t i = 0; i < 5 * NR(mappings); i++)
		assert_int_equal(kprof_symbolizer_function_range(
					 symbolizer,
					 mappings[i * 7 % NR(mappings)], START,
					 &start, &end),
				 0);
	kprof_symbolizer_destroy(symbolizer);
}

/* The kernel */

static uint32_t mapping_named(const char *name)
{
	for (uint32_t i = 0; i < profile->nr_mappings; i++)
		if (!strcmp(profile->mappings[i].filename, name))
			return i;
	fail_msg("no mapping %s", name);
	return KPROF_NO_INDEX;
}

static void kernel_and_modules_get_their_mappings(void **state)
{
	static const char text[] =
		"1000 T _stext\n"
		"2000 T schedule\n"
		"3000 T _etext\n"
		"8000 t ext4_read\t[ext4]\n"
		"9000 t jbd2_write\t[jbd2]\n";
	uint32_t kernel = add_location(KPROF_NO_INDEX, 0x2004, true);
	uint32_t ext4 = add_location(KPROF_NO_INDEX, 0x8004, true);
	uint32_t jbd2 = add_location(KPROF_NO_INDEX, 0x9004, true);
	uint32_t nowhere = add_location(KPROF_NO_INDEX, 0x500, true);
	/* The same address, but of a program. */
	uint32_t user = add_location(KPROF_NO_INDEX, 0x2004, false);
	const struct kprof_mapping *mapping;

	(void)state;
	options.kallsyms = write_file("kallsyms", text, strlen(text));
	symbolize();
	assert_name(kernel, "schedule");
	assert_name(ext4, "ext4_read");
	assert_name(jbd2, "jbd2_write");
	assert_name(user, "[unknown]");
	assert_int_equal(profile->nr_mappings, 3);
	assert_int_equal(profile->locations[kernel].mapping,
			 mapping_named("[kernel.kallsyms]"));
	assert_int_equal(profile->locations[nowhere].mapping,
			 mapping_named("[kernel.kallsyms]"));
	assert_int_equal(profile->locations[ext4].mapping,
			 mapping_named("[ext4]"));
	assert_int_equal(profile->locations[jbd2].mapping,
			 mapping_named("[jbd2]"));
	mapping = &profile->mappings[mapping_named("[kernel.kallsyms]")];
	assert_int_equal(mapping->start, 0x1000);
	assert_int_equal(mapping->limit, 0x3000);
	/* A list from elsewhere says nothing about the running kernel. */
	assert_string_equal(mapping->build_id, "");
	assert_true(mapping->has_functions);
}

static void hidden_kernel_is_said_once(void **state)
{
	static const char text[] =
		"0000000000000000 T _stext\n"
		"0000000000000000 T schedule\n";
	uint32_t mapping, a, b;

	(void)state;
	options.kallsyms = write_file("kallsyms", text, strlen(text));
	mapping = add_mapping("[kernel.kallsyms]", "", -1);
	profile->mappings[mapping].start = 0;
	profile->mappings[mapping].file_offset = 0;
	a = add_location(mapping, 0xffffffff81000010ULL, true);
	b = add_location(mapping, 0xffffffff81000020ULL, true);
	symbolize();
	assert_name(a, "[kernel.kallsyms+0xffffffff81000010]");
	assert_name(b, "[kernel.kallsyms+0xffffffff81000020]");
	assert_int_equal(nr_warnings, 1);
	assert_int_equal(profile->nr_mappings, 1);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(file_names_its_functions),
		test(descriptor_is_preferred_to_name),
		test(wrong_file_is_refused_once),
		test(build_id_cannot_leave_the_tree),
		test(stripped_file_has_debug_file),
		test(debug_file_alone_is_enough),
		test(debug_file_of_another_build_is_refused),
		test(same_offset_is_same_function),
		test(files_without_build_id_are_told_apart),
		test(nameless_places_get_names),
		test(named_locations_are_left_alone),
		test(names_of_places_are_replaced),
		test(force_names_anew_what_it_can),
		test(kernel_of_another_machine_is_left_alone),
		test(binaries_are_found_among_symbols),
		test(debug_files_are_found_among_symbols),
		test(wrong_file_among_symbols_is_refused),
		test(comment_says_where_names_are_from),
		test(vdso_is_our_own),
		test(vdso_of_another_kernel_is_found_by_build_id),
		test(function_range_is_known),
		test(many_binaries_take_turns),
		test(kernel_and_modules_get_their_mappings),
		test(hidden_kernel_is_said_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
