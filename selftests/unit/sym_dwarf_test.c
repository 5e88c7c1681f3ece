// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_dwarf.c, dwarf_*.c and debug_file.c: what is said of an address
 * of programs that are compiled here, in all the ways in which debug
 * information is written and kept.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_dwarf.h"

#include "test.h"

#include "lib/debug_file.h"
#include "lib/dwarf_reader.h"
#include "lib/elf_file.h"
#include "lib/kprof.h"

#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#ifdef HAVE_LIBDW

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* The marks are where leaf() is, inlined twice into work(). */
static const char source[] =
	"static inline __attribute__((always_inline)) int leaf(int x)\n"
	"{\n"
	"	asm volatile(\".globl mark_leaf\\nmark_leaf: nop\");\n"
	"	return x + 1;\n"
	"}\n"
	"static inline __attribute__((always_inline)) int middle(int x)\n"
	"{\n"
	"	return leaf(x);\n"
	"}\n"
	"__attribute__((noinline)) int work(int x)\n"
	"{\n"
	"	asm volatile(\".globl mark_work\\nmark_work: nop\");\n"
	"	return middle(x) * 2;\n"
	"}\n"
	"void _start(void)\n"
	"{\n"
	"	work(1);\n"
	"	for (;;)\n"
	"		;\n"
	"}\n";

enum {
	LINE_IN_LEAF = 3,
	LINE_OF_LEAF = 1,
	LINE_IN_MIDDLE = 8,
	LINE_OF_MIDDLE = 6,
	LINE_IN_WORK = 12,
	LINE_CALLS_MIDDLE = 13,
	LINE_OF_WORK = 10,
	MAX_MEMORY = 64 << 20,
};

static char dir[64];
static const char *const dirs[] = {dir};
static char warning[512];
static int nr_warnings;

/**
 * struct opened - a program with its debug information
 * @elf: the program
 * @debug: its debug file
 * @binary: both, as sources see them
 * @source: of lines, NULL if there are none
 */
struct opened {
	struct kprof_elf_file *elf;
	struct kprof_debug_file debug;
	struct kprof_symbol_binary binary;
	void *source;
};

static void note_warning(enum kprof_log_level level, const char *message,
			 void *context)
{
	(void)context;
	if (level != KPROF_LOG_WARNING)
		return;
	nr_warnings++;
	snprintf(warning, sizeof(warning), "%s", message);
}

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* In the directory; false if a program is missing or does not know how. */
static bool run(const char *fmt, ...)
{
	char command[1024];
	size_t len;
	va_list args;

	len = (size_t)snprintf(command, sizeof(command),
			       "exec 2>/dev/null; cd %s && ", dir);
	va_start(args, fmt);
	vsnprintf(command + len, sizeof(command) - len, fmt, args);
	va_end(args);
	return system(command) == 0;
}

static bool build(const char *flags)
{
	return run(
		"gcc -O1 -fno-pie -no-pie -nostdlib -static "
		"-Wl,--build-id=sha1 %s -o a a.c",
		flags);
}

static void open_with_memory(struct opened *opened, uint64_t max_memory)
{
	static char path[128];

	*opened = (struct opened){};
	strcpy(path, in_dir("a"));
	assert_ok(kprof_elf_file_open(path, &opened->elf));
	opened->binary = (struct kprof_symbol_binary){
		.elf = opened->elf,
		.build_id = opened->elf->build_id,
		.path = path,
		.debug = &opened->debug,
		.debug_dirs = dirs,
		.nr_debug_dirs = NR(dirs),
		.max_memory = max_memory,
	};
	nr_warnings = 0;
	warning[0] = '\0';
	kprof_dwarf_ops.open(&opened->binary, &opened->source);
}

static void open_built(struct opened *opened)
{
	open_with_memory(opened, MAX_MEMORY);
}

static void close_built(struct opened *opened)
{
	kprof_dwarf_ops.close(opened->source);
	kprof_debug_file_close(&opened->debug);
	kprof_elf_file_close(opened->elf);
}

/* Value of a symbol of the program that was built, whatever was stripped. */
static uint64_t address_of(const char *name)
{
	char line[128], symbol[64];
	unsigned long long value, found = 0;
	FILE *in;

	snprintf(line, sizeof(line), "nm %s", in_dir("marks"));
	in = popen(line, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, "%llx %*c %63s", &value, symbol) == 2 &&
		    !strcmp(symbol, name))
			found = value;
	pclose(in);
	assert_true(found);
	return found;
}

static void assert_frame(const struct kprof_symbol_frame *frame,
			 const char *name, uint32_t line, uint32_t start_line)
{
	assert_string_equal(frame->name, name);
	assert_string_equal(frame->file, in_dir("a.c"));
	assert_int_equal(frame->line, line);
	assert_int_equal(frame->start_line, start_line);
}

static void assert_work(const struct opened *opened)
{
	struct kprof_symbol symbol = {};

	assert_ok(kprof_dwarf_ops.find(opened->source, address_of("mark_work"),
				       &symbol));
	assert_int_equal(symbol.nr_frames, 1);
	assert_frame(&symbol.frames[0], "work", LINE_IN_WORK, LINE_OF_WORK);
	assert_string_equal(symbol.name, "work");
	assert_true(symbol.start <= address_of("mark_work"));
	assert_true(symbol.end > address_of("mark_work"));
}

/* What is known of the program, and must be however it was built. */
static void assert_all_known(const struct opened *opened)
{
	struct kprof_symbol symbol = {};

	assert_non_null(opened->source);
	assert_work(opened);
	assert_ok(kprof_dwarf_ops.find(opened->source, address_of("mark_leaf"),
				       &symbol));
	assert_int_equal(symbol.nr_frames, 3);
	assert_frame(&symbol.frames[0], "leaf", LINE_IN_LEAF, LINE_OF_LEAF);
	assert_frame(&symbol.frames[1], "middle", LINE_IN_MIDDLE,
		     LINE_OF_MIDDLE);
	assert_frame(&symbol.frames[2], "work", LINE_CALLS_MIDDLE,
		     LINE_OF_WORK);
	assert_string_equal(symbol.name, "work");
	assert_work(opened);
}

/* "marks" has the symbols that "a" may lose. */
static void build_marked(const char *flags)
{
	if (!build(flags) || !run("cp a marks"))
		skip();
}

static void check_built(void)
{
	struct opened opened;

	open_built(&opened);
	assert_all_known(&opened);
	assert_errno(kprof_dwarf_ops.find(opened.source, 0x10,
					  &(struct kprof_symbol){}),
		     -ENOENT);
	assert_int_equal(nr_warnings, 0);
	close_built(&opened);
}

static void every_version_is_understood(void **state)
{
	static const char *const flags[] = {
		"-gdwarf-2", "-gdwarf-3",	    "-gdwarf-4",
		"-gdwarf-5", "-gdwarf-4 -gdwarf64", "-gdwarf-5 -gdwarf64",
	};

	(void)state;
	for (size_t i = 0; i < NR(flags); i++) {
		build_marked(flags[i]);
		check_built();
	}
}

static void parts_far_from_each_other_are_one_function(void **state)
{
	(void)state;
	build_marked("-g -O2 -ffunction-sections -Wl,--gc-sections");
	check_built();
}

static void compressed_sections_are_read(void **state)
{
	static const char *const ways[] = {"zlib", "zlib-gnu"};

	(void)state;
	build_marked("-g");
	for (size_t i = 0; i < NR(ways); i++) {
		assert_true(run("objcopy --compress-debug-sections=%s marks a",
				ways[i]));
		check_built();
	}
}

static void sections_compressed_with_zstd_are_read(void **state)
{
	(void)state;
#ifndef HAVE_LIBZSTD
	skip();
#endif
	build_marked("-g");
	if (!run("objcopy --compress-debug-sections=zstd marks a || "
		 "llvm-objcopy --compress-debug-sections=zstd marks a"))
		skip();
	check_built();
}

/* The bytes behind the header are no stream. */
static void damaged_compression_is_no_debug_information(void **state)
{
	struct opened opened;

	(void)state;
	build_marked("-g -gz=zlib");
	assert_true(
		run("offset=$(readelf -SW a | sed -n 's/.* .debug_info  *"
		    "PROGBITS  *[0-9a-f]*  *\\([0-9a-f]*\\).*/\\1/p') && "
		    "printf 'xxxxxxxx' | dd of=a bs=1 conv=notrunc "
		    "seek=$((0x$offset + 24))"));
	open_built(&opened);
	assert_null(opened.source);
	close_built(&opened);
}

/* Split */

static void split_units_are_found_beside_the_program(void **state)
{
	static const char *const flags[] = {"-gdwarf-4 -gsplit-dwarf",
					    "-gdwarf-5 -gsplit-dwarf"};

	(void)state;
	for (size_t i = 0; i < NR(flags); i++) {
		build_marked(flags[i]);
		check_built();
	}
	/* Not where they were made, but where the program is. */
	assert_true(
		run("mkdir -p made && cd made && cp ../a.c . && "
		    "gcc -O1 -fno-pie -no-pie -nostdlib -static -g "
		    "-gsplit-dwarf -ffile-prefix-map=$PWD=%s -o a a.c && "
		    "cp a ../a && cp *.dwo .. && cp a ../marks",
		    dir));
	check_built();
}

/* The lines are in the program itself, functions inlined in it are not. */
static void check_without_split_unit(const char *expected_warning)
{
	struct kprof_symbol symbol = {.name = "work"};
	struct opened opened;

	open_built(&opened);
	assert_ok(kprof_dwarf_ops.find(opened.source, address_of("mark_leaf"),
				       &symbol));
	assert_int_equal(symbol.nr_frames, 1);
	assert_frame(&symbol.frames[0], "work", LINE_IN_LEAF, 0);
	assert_int_equal(nr_warnings, expected_warning ? 1 : 0);
	if (expected_warning)
		assert_non_null(strstr(warning, expected_warning));
	close_built(&opened);
}

/* DWARF 4: llvm-dwp 14 never ends on 5, and trixie's binutils have no dwp. */
static void a_package_of_split_units_is_read_by_a_libdw_that_can(void **state)
{
	(void)state;
	if (!run("command -v llvm-dwp >dwp.path"))
		skip();
	build_marked("-gdwarf-4 -gsplit-dwarf");
	assert_true(run("llvm-dwp -e a -o a.dwp && rm *.dwo"));
	if (kprof_dwarf_reads_packages())
		check_built();
	else
		check_without_split_unit("a.dwp is not read");
	assert_true(run("rm a.dwp"));
}

static void lines_are_known_without_the_split_unit(void **state)
{
	(void)state;
	build_marked("-g -gsplit-dwarf");
	assert_true(run("rm *.dwo"));
	check_without_split_unit(NULL);
}

static void a_fifo_is_no_package(void **state)
{
	(void)state;
	build_marked("-g -gsplit-dwarf");
	assert_true(run("rm *.dwo && mkfifo a.dwp"));
	check_without_split_unit(NULL);
	assert_true(run("rm a.dwp"));
}

static void a_fifo_is_no_split_unit(void **state)
{
	struct kprof_symbol symbol = {.name = "work"};
	struct opened opened;

	(void)state;
	build_marked("-g -gsplit-dwarf");
	assert_true(run("for f in *.dwo; do rm $f && mkfifo $f; done"));
	open_built(&opened);
	assert_ok(kprof_dwarf_ops.find(opened.source, address_of("mark_leaf"),
				       &symbol));
	assert_int_equal(symbol.nr_frames, 1);
	close_built(&opened);
	assert_true(run("rm *.dwo"));
}

/* Separate */

static void keep_debug(const char *name)
{
	build_marked("-g");
	if (!run("objcopy --only-keep-debug marks %s && "
		 "objcopy --strip-all --add-gnu-debuglink=%s marks a",
		 name, name))
		skip();
}

static void debug_file_is_found_by_its_name(void **state)
{
	static const char *const places[] = {"a.debug", ".debug/a.debug"};

	(void)state;
	for (size_t i = 0; i < NR(places); i++) {
		assert_true(run("mkdir -p .debug"));
		keep_debug("a.debug");
		if (strcmp(places[i], "a.debug"))
			assert_true(run("mv a.debug %s", places[i]));
		check_built();
		assert_true(run("rm %s", places[i]));
	}
	keep_debug("a.debug");
	assert_true(run("mkdir -p ./%s && mv a.debug ./%s", dir, dir));
	check_built();
	assert_true(run("rm ./%s/a.debug", dir));
}

static void debug_file_is_found_by_build_id(void **state)
{
	(void)state;
	keep_debug("a.debug");
	assert_true(
		run("id=$(readelf -n a | sed -n 's/.*Build ID: //p') && "
		    "two=$(echo $id | cut -c 1-2) && "
		    "mkdir -p .build-id/$two && "
		    "mv a.debug .build-id/$two/$(echo $id | "
		    "cut -c 3-).debug"));
	check_built();
	assert_true(run("rm -r .build-id"));
}

static void wrong_checksum_is_refused(void **state)
{
	struct opened opened;

	(void)state;
	keep_debug("a.debug");
	assert_true(run("echo >> a.debug"));
	open_built(&opened);
	assert_null(opened.source);
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warning, "a.debug has checksum"));
	assert_non_null(strstr(warning, opened.binary.path));
	close_built(&opened);
	assert_true(run("rm a.debug"));
}

static void wrong_build_id_is_refused(void **state)
{
	struct opened opened;

	(void)state;
	keep_debug("a.debug");
	assert_true(
		run("cp a b && gcc -O1 -fno-pie -no-pie -nostdlib -static "
		    "-Wl,--build-id=0x0123456789abcdef -g -o other a.c && "
		    "objcopy --only-keep-debug other a.debug && mv b a"));
	open_built(&opened);
	assert_null(opened.source);
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warning, "0123456789abcdef"));
	assert_non_null(strstr(warning, opened.elf->build_id));
	close_built(&opened);
	assert_true(run("rm a.debug"));
}

static void parts_in_a_shared_file_are_read(void **state)
{
	(void)state;
	build_marked(
		"-gdwarf-4 -include stdlib.h -include sys/stat.h "
		"-include pthread.h -fno-eliminate-unused-debug-types");
	if (!run("cp marks b && cp marks c && chmod u+w a && "
		 "dwz -L none -l none -m shared.debug a b && "
		 "readelf -SW a | grep -q gnu_debugaltlink"))
		skip();
	check_built();
}

/* Limits */

static void too_large_is_left_out_and_said(void **state)
{
	struct opened opened;

	(void)state;
	build_marked("-g");
	open_with_memory(&opened, 100);
	assert_null(opened.source);
	assert_int_equal(nr_warnings, 1);
	assert_non_null(strstr(warning, "no source lines"));
	close_built(&opened);
}

static void name_of_the_symbol_table_is_kept(void **state)
{
	struct kprof_symbol symbol = {.name = "work.cold", .end = 7};
	struct opened opened;

	(void)state;
	build_marked("-g");
	open_built(&opened);
	assert_ok(kprof_dwarf_ops.find(opened.source, address_of("mark_leaf"),
				       &symbol));
	assert_int_equal(symbol.nr_frames, 3);
	assert_string_equal(symbol.frames[2].name, "work.cold");
	assert_string_equal(symbol.name, "work.cold");
	assert_int_equal(symbol.end, 7);
	close_built(&opened);
}

static void no_debug_information_is_none(void **state)
{
	struct opened opened;

	(void)state;
	build_marked("-g0");
	open_built(&opened);
	assert_null(opened.source);
	assert_int_equal(nr_warnings, 0);
	close_built(&opened);
}

static int setup(void **state)
{
	FILE *out;

	(void)state;
	test_make_directory(dir);
	out = fopen(in_dir("a.c"), "w");
	if (!out || fputs(source, out) < 0 || fclose(out))
		return -1;
	kprof_set_log(note_warning, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_set_log(NULL, NULL);
	test_remove_directory(dir);
	return 0;
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(every_version_is_understood),
		test(parts_far_from_each_other_are_one_function),
		test(compressed_sections_are_read),
		test(sections_compressed_with_zstd_are_read),
		test(damaged_compression_is_no_debug_information),
		test(split_units_are_found_beside_the_program),
		test(a_package_of_split_units_is_read_by_a_libdw_that_can),
		test(lines_are_known_without_the_split_unit),
		test(a_fifo_is_no_package),
		test(a_fifo_is_no_split_unit),
		test(debug_file_is_found_by_its_name),
		test(debug_file_is_found_by_build_id),
		test(wrong_checksum_is_refused),
		test(wrong_build_id_is_refused),
		test(parts_in_a_shared_file_are_read),
		test(too_large_is_left_out_and_said),
		test(name_of_the_symbol_table_is_kept),
		test(no_debug_information_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void there_is_no_libdw(void **state)
{
	void *source;

	(void)state;
	assert_errno(
		kprof_dwarf_ops.open(&(struct kprof_symbol_binary){}, &source),
		-ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(there_is_no_libdw)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
