// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of everything that gives names to code made at run time, with Node.js
 * as the one who makes it: from its mappings to names in a profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What is right is found out here by reading its files in the simplest way.
 */
#include "lib/assemble.h"
#include "util/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "test.h"

enum {
	SPACE_ID = 1,
	/* Functions that are looked at. */
	MAX_NAMES = 400,
	MAX_FILE_BYTES = 64 << 20,
};

static const char script[] =
	"function fibo(n) { return n < 2 ? n : fibo(n - 1) + fibo(n - 2); }\n"
	"function outer() { let x = 0; for (let i = 0; i < 200; i++)\n"
	"  x += fibo(16); return x; }\n"
	"for (let i = 0; i < 50; i++) outer();\n"
	"for (let i = 0; i < 150; i++)\n"
	"  Function('n', 'let x = ' + i + '; for (let j = 0; j < n; j++)'\n"
	"    + 'x = (x * 31 + j) % 1000; return x')(200000);\n"
	"console.log('ready');\n"
	"setInterval(() => 0, 1000);\n";

struct named {
	uint64_t start;
	uint64_t size;
	char *name;
};

static char dir[64];
static pid_t node;
static struct kprof_spaces spaces;
static struct kprof_aggregate aggregate;
static struct kprof_profile *profile;
static struct kprof_tally tally;
static vector(struct named) all;
static vector(struct kprof_vma) anonymous;

/* Node.js */

static void run_node(const char *option, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(dir) || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execlp("node", "node", option, "-e", script, NULL);
	_exit(127);
}

/* When its functions are compiled; false if there is no Node.js. */
static bool start_node(const char *option)
{
	char said[8];
	int out[2];
	bool is_ready;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	node = fork();
	if (!node)
		run_node(option, out[1]);
	close(out[1]);
	is_ready = read(out[0], said, 5) == 5;
	close(out[0]);
	return is_ready;
}

static void stop_node(void)
{
	if (node > 0) {
		kill(node, SIGKILL);
		waitpid(node, NULL, 0);
	}
	node = 0;
}

static int setup(void **state)
{
	(void)state;
	test_make_directory(dir);
	kprof_spaces_init(&spaces, true);
	return kprof_aggregate_init(&aggregate, &spaces)
		       ?: kprof_profile_create(&profile);
}

static int teardown(void **state)
{
	(void)state;
	stop_node();
	kprof_profile_destroy(profile);
	kprof_aggregate_deinit(&aggregate);
	kprof_spaces_deinit(&spaces);
	vector_for_each (&all, named)
		free(named->name);
	vector_free(&all);
	vector_free(&anonymous);
	test_remove_directory(dir);
	return 0;
}

/* Its mappings, as the module would show them */

static void add_mapping(const char *line)
{
	char protection[5], path[512] = "//anon";
	struct kprof_event_mmap mmap = {.space_id = SPACE_ID, .epoch = 1};

	assert_true(sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64
			   " %x:%x %" SCNu64 " %511[^\n]",
			   &mmap.start, &mmap.end, protection,
			   &mmap.file_offset, &mmap.dev_major, &mmap.dev_minor,
			   &mmap.inode, path) >= 7);
	if (protection[2] != 'x')
		return;
	mmap.is_special = !mmap.inode;
	mmap.path = path;
	mmap.path_bytes = strlen(path);
	if (!strcmp(path, "//anon"))
		assert_ok(vector_push(&anonymous,
				      ((struct kprof_vma){.start = mmap.start,
							  .end = mmap.end})));
	assert_ok(kprof_spaces_add_mmap(&spaces, &mmap));
}

static void look_at_mappings(void)
{
	struct kprof_event_maps maps = {
		.space_id = SPACE_ID,
		.generation = 1,
		.epoch = 1,
		.pid = node,
	};
	char path[64], line[1024];
	uint32_t space;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", node);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		add_mapping(line);
	fclose(file);
	assert_ok(kprof_spaces_add_maps(&spaces, &maps, &space));
}

/* Samples in its functions */

static bool is_anonymous(uint64_t address)
{
	vector_for_each (&anonymous, vma)
		if (vma->start <= address && address < vma->end)
			return true;
	return false;
}

/* The last one wins. */
static const char *name_of(uint64_t address)
{
	for (size_t i = all.nr; i-- > 0;)
		if (all.data[i].start <= address &&
		    address - all.data[i].start < all.data[i].size)
			return all.data[i].name;
	return NULL;
}

static void add_sample(uint32_t id, uint64_t pc)
{
	uint64_t words[] = {pc, 1};
	struct kprof_event_stack stack = {
		.stack_id = id,
		.frames = words,
		.exact = words + 1,
		.nr_user = 1,
	};
	struct kprof_event_context context = {
		.context_id = 1,
		.space_id = SPACE_ID,
		.pid = node,
		.tid = node,
	};
	struct kprof_event_sample sample = {
		.stack_id = id,
		.context_id = 1,
		.generation = 1,
		.weight = 1,
	};

	assert_ok(kprof_aggregate_add_stack(&aggregate, &stack));
	assert_ok(kprof_aggregate_add_context(&aggregate, 0, &context));
	assert_ok(kprof_aggregate_add_sample(&aggregate, 0, &sample));
}

static void sample_functions(void)
{
	uint32_t nr = 0;

	vector_for_each (&all, named)
		if (named->size && is_anonymous(named->start) && nr < MAX_NAMES)
			add_sample(++nr, named->start + named->size / 2);
}

static void make_profile(void)
{
	struct kprof_assemble_options options = {.period_ns = 1};

	kprof_profile_add_sample_type(profile, "samples", "count");
	kprof_profile_add_sample_type(profile, "cpu", "nanoseconds");
	kprof_spaces_end(&spaces);
	assert_ok(kprof_aggregate_end(&aggregate));
	assert_ok(kprof_assemble(&aggregate, &options, profile, &tally));
	assert_ok(kprof_symbolize(profile, NULL));
}

/* All names are right; some are of the script's functions. */
static void judge(void)
{
	bool has_fibo = false;

	assert_true(profile->nr_locations > 100);
	for (uint32_t i = 0; i < profile->nr_locations; i++) {
		const struct kprof_location *at = &profile->locations[i];
		const char *name =
			profile->functions[profile->lines[at->first_line]
						   .function]
				.system_name;

		assert_string_equal(name, name_of(at->address));
		has_fibo = has_fibo || strstr(name, "*fibo ");
	}
	assert_true(has_fibo);
}

/* perf-PID.map */

static void read_map(const char *path)
{
	FILE *file = fopen(path, "r");
	struct named named = {};

	assert_non_null(file);
	while (fscanf(file, "%" SCNx64 " %" SCNx64 " %m[^\n]", &named.start,
		      &named.size, &named.name) == 3)
		assert_ok(vector_push(&all, named));
	fclose(file);
}

static void perf_map_names_functions(void **state)
{
	char path[64];

	(void)state;
	if (!start_node("--perf-basic-prof"))
		skip();
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", node);
	look_at_mappings();
	stop_node();
	read_map(path);
	unlink(path);
	sample_functions();
	make_profile();
	judge();
}

/* jit-PID.dump */

struct dump_load {
	uint32_t type;
	uint32_t bytes;
	uint64_t timestamp;
	uint32_t pid;
	uint32_t tid;
	uint64_t vma;
	uint64_t address;
	uint64_t size;
	uint64_t index;
};

static void read_dump(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size, at = 40;
	char *data;

	assert_true(fd >= 0);
	assert_ok(kprof_io_read_all(fd, MAX_FILE_BYTES, &data, &size));
	close(fd);
	while (at + sizeof(struct dump_load) < size) {
		struct named named = {};
		struct dump_load load;

		memcpy(&load, data + at, sizeof(load));
		if (load.bytes > size - at)
			break;
		if (!load.type) {
			named.start = load.address;
			named.size = load.size;
			named.name = strdup(data + at + sizeof(load));
			assert_ok(vector_push(&all, named));
		}
		at += load.bytes;
	}
	free(data);
}

static void jitdump_names_functions(void **state)
{
	char path[128];

	(void)state;
	if (!start_node("--perf-prof"))
		skip();
	snprintf(path, sizeof(path), "%s/jit-%d.dump", dir, node);
	look_at_mappings();
	stop_node();
	read_dump(path);
	sample_functions();
	make_profile();
	judge();
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(perf_map_names_functions),
		test(jitdump_names_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
