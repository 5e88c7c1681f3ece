// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of gsym.c and its neighbours: what is written is read, random maps
 * agree with a naive model, and damaged ones do no harm.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include "gsym_image.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

enum {
	NR_ROUNDS = 100,
	MAX_FUNCTIONS = 12,
	MAX_NODES = 12,
	MAX_ROWS = 30,
};

/* "name file:line" of each frame, the innermost first; "" if there is none. */
static const char *look_up(struct kprof_gsym *gsym, uint64_t address)
{
	static char text[65536];
	const struct kprof_symbol_frame *frames;
	struct kprof_gsym_function function;
	size_t len = 0;
	uint32_t nr;

	text[0] = '\0';
	if (kprof_gsym_frames(gsym, address, &function, &frames, &nr))
		return text;
	assert_true(address >= function.start);
	assert_true(address - function.start < function.size);
	assert_string_equal(frames[nr - 1].name, function.name);
	for (uint32_t i = 0; i < nr; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%s %s:%u", i ? ", " : "",
					frames[i].name, frames[i].file,
					frames[i].line);
	return text;
}

static void add_example(struct kprof_gsym_writer *writer)
{
	struct kprof_gsym_range inner = {0x1010, 0x1018};
	struct kprof_gsym_range deep[] = {{0x1010, 0x1012}, {0x1014, 0x1016}};
	uint32_t inner_name, deep_name, file, other;
	struct kprof_gsym_line lines[3];
	struct kprof_gsym_inline inlines[2];

	assert_ok(kprof_gsym_writer_string(writer, "inner", &inner_name));
	assert_ok(kprof_gsym_writer_string(writer, "deep", &deep_name));
	assert_ok(kprof_gsym_writer_file(writer, "/src/a.c", &file));
	assert_ok(kprof_gsym_writer_file(writer, "b.h", &other));
	lines[0] = (struct kprof_gsym_line){0x1000, file, 10};
	lines[1] = (struct kprof_gsym_line){0x1010, other, 900};
	lines[2] = (struct kprof_gsym_line){0x1018, file, 12};
	inlines[0] =
		(struct kprof_gsym_inline){&inner, 1, 1, inner_name, file, 11};
	inlines[1] =
		(struct kprof_gsym_inline){deep, 2, 2, deep_name, other, 800};
	gsym_image_add(writer, "outer", 0x1000, 0x20,
		       &(struct kprof_gsym_body){lines, NR(lines), inlines,
						 NR(inlines)});
	gsym_image_add(writer, "plain", 0x1040, 0x10, NULL);
}

static void what_is_written_is_read(void **state)
{
	struct kprof_gsym_writer *writer = gsym_image_begin("0123abcd", "");
	struct kprof_gsym_info info;
	struct gsym_image image;
	struct kprof_gsym *gsym;

	(void)state;
	add_example(writer);
	gsym_image_save(&image, writer);
	gsym = gsym_image_open(&image);
	kprof_gsym_info(gsym, &info);
	assert_string_equal(info.build_id, "0123abcd");
	assert_int_equal(info.nr_functions, 2);
	assert_int_equal(info.nr_files, 2);
	assert_int_equal(info.file_bytes, image.size);
	assert_null(info.segments);
	assert_string_equal(look_up(gsym, 0x1000), "outer /src/a.c:10");
	assert_string_equal(look_up(gsym, 0x1011),
			    "deep b.h:900, inner b.h:800, outer /src/a.c:11");
	assert_string_equal(look_up(gsym, 0x1013),
			    "inner b.h:900, outer /src/a.c:11");
	assert_string_equal(look_up(gsym, 0x1015),
			    "deep b.h:900, inner b.h:800, outer /src/a.c:11");
	assert_string_equal(look_up(gsym, 0x101f), "outer /src/a.c:12");
	assert_string_equal(look_up(gsym, 0x1040), "plain :0");
	kprof_gsym_close(gsym);
	free(image.data);
}

static void gaps_have_no_name(void **state)
{
	static const uint64_t gaps[] = {0,	0xfff,	0x1020,	   0x103f,
					0x1050, 0x1051, UINT64_MAX};
	struct kprof_gsym_writer *writer = gsym_image_begin("", "");
	struct gsym_image image;
	struct kprof_gsym *gsym;

	(void)state;
	add_example(writer);
	gsym_image_save(&image, writer);
	gsym = gsym_image_open(&image);
	for (size_t i = 0; i < NR(gaps); i++)
		assert_string_equal(look_up(gsym, gaps[i]), "");
	kprof_gsym_close(gsym);
	free(image.data);
}

static void starts_take_as_many_bytes_as_needed(void **state)
{
	static const struct {
		uint64_t distance;
		uint8_t bytes;
	} cases[] = {{0xff, 1},	   {0x100, 2},	    {0xffff, 2},
		     {0x10000, 4}, {0xffffffff, 4}, {0x100000000, 8}};

	(void)state;
	for (size_t i = 0; i < NR(cases); i++) {
		struct kprof_gsym_writer *writer = gsym_image_begin("", "");
		const uint64_t base = 0xffffffff00000;
		struct gsym_image image;
		struct kprof_gsym *gsym;

		/* In any order. */
		gsym_image_add(writer, "second", base + cases[i].distance, 1,
			       NULL);
		gsym_image_add(writer, "first", base, 1, NULL);
		gsym_image_save(&image, writer);
		gsym = gsym_image_open(&image);
		assert_int_equal(gsym->header.start_bytes, cases[i].bytes);
		assert_string_equal(look_up(gsym, base), "first :0");
		assert_string_equal(look_up(gsym, base + 1), "");
		assert_string_equal(look_up(gsym, base + cases[i].distance),
				    "second :0");
		kprof_gsym_close(gsym);
		free(image.data);
	}
}

static void long_build_id_is_cut(void **state)
{
	static const char id[] =
		"000102030405060708090a0b0c0d0e0f"
		"101112131415161718191a1b1c1d1e1f";
	struct kprof_gsym_writer *writer = gsym_image_begin(id, "");
	struct kprof_gsym_info info;
	struct gsym_image image;
	struct kprof_gsym *gsym;

	(void)state;
	assert_string_equal(kprof_gsym_writer_build_id(writer), id);
	gsym_image_add(writer, "f", 0, 1, NULL);
	gsym_image_save(&image, writer);
	gsym = gsym_image_open(&image);
	kprof_gsym_info(gsym, &info);
	assert_int_equal(strlen(info.build_id), 40);
	assert_memory_equal(info.build_id, id, 40);
	kprof_gsym_close(gsym);
	free(image.data);
}

static void other_formats_are_told_apart(void **state)
{
	struct kprof_gsym_writer *writer = gsym_image_begin("", "");
	struct gsym_image image;
	struct kprof_gsym *gsym;
	uint32_t magic;

	(void)state;
	add_example(writer);
	gsym_image_save(&image, writer);
	memcpy(&magic, image.data, sizeof(magic));
	magic = __builtin_bswap32(magic);
	memcpy(image.data, &magic, sizeof(magic));
	assert_errno(kprof_gsym_open_memory(image.data, image.size, &gsym),
		     -EOPNOTSUPP);
	image.data[0] = 'x';
	assert_errno(kprof_gsym_open_memory(image.data, image.size, &gsym),
		     -ENOEXEC);
	magic = __builtin_bswap32(magic);
	memcpy(image.data, &magic, sizeof(magic));
	image.data[4] = 2;
	assert_errno(kprof_gsym_open_memory(image.data, image.size, &gsym),
		     -EPROTONOSUPPORT);
	assert_errno(kprof_gsym_open_memory(image.data, 47, &gsym), -ENOEXEC);
	assert_errno(kprof_gsym_open("/dev/null", &gsym), -EINVAL);
	assert_errno(kprof_gsym_open("/tmp", &gsym), -EISDIR);
	free(image.data);
}

/* Whatever it answers. */
static void try_map(const struct gsym_image *image, size_t size)
{
	struct kprof_gsym_fault fault;
	struct kprof_gsym *gsym;

	if (kprof_gsym_open_memory(image->data, size, &gsym))
		return;
	if (kprof_gsym_verify(gsym, &fault))
		assert_true(fault.offset <= size && fault.what);
	for (uint64_t address = 0xff8; address < 0x1060; address++) {
		const struct kprof_symbol_frame *frames;
		struct kprof_gsym_function function;
		uint32_t nr;

		kprof_gsym_frames(gsym, address, &function, &frames, &nr);
	}
	kprof_gsym_close(gsym);
}

static void any_damaged_byte_is_survived(void **state)
{
	static const uint8_t damages[] = {0x01, 0x02, 0x7f, 0x80, 0xff};
	struct kprof_gsym_writer *writer = gsym_image_begin("0123", "");
	struct gsym_image image;

	(void)state;
	add_example(writer);
	gsym_image_save(&image, writer);
	for (size_t i = 0; i < image.size; i++) {
		char *copy;

		for (size_t j = 0; j < NR(damages); j++) {
			image.data[i] ^= (char)damages[j];
			try_map(&image, image.size);
			image.data[i] ^= (char)damages[j];
		}
		/* Of its exact size, for the sanitizer. */
		copy = malloc(i + 1);
		memcpy(copy, image.data, i + 1);
		try_map(&(struct gsym_image){copy, i + 1}, i + 1);
		free(copy);
	}
	free(image.data);
}

static void verify_says_where(void **state)
{
	struct kprof_gsym_writer *writer = gsym_image_begin("", "");
	struct kprof_gsym_fault fault = {};
	struct gsym_image image;
	struct kprof_gsym *gsym;
	uint32_t place;

	(void)state;
	add_example(writer);
	gsym_image_save(&image, writer);
	gsym = gsym_image_open(&image);
	assert_ok(kprof_gsym_verify(gsym, &fault));
	place = kprof_gsym_place(gsym, 1);
	memset(image.data + place + 4, 0xff, 4);
	assert_errno(kprof_gsym_verify(gsym, &fault), -EBADMSG);
	assert_int_equal(fault.function, 1);
	assert_int_equal(fault.offset, place + 4);
	kprof_gsym_close(gsym);
	free(image.data);
}

/* Segments */

static void segments_give_addresses(void **state)
{
	struct kprof_gsym_writer *writer =
		gsym_image_begin("", "720:201720:1000 5000:405000:10");
	struct kprof_gsym_info info;
	struct gsym_image image;
	struct kprof_gsym *gsym;
	uint64_t vaddr;

	(void)state;
	gsym_image_add(writer, "f", 0x201720, 16, NULL);
	gsym_image_save(&image, writer);
	gsym = gsym_image_open(&image);
	kprof_gsym_info(gsym, &info);
	assert_string_equal(info.segments, "720:201720:1000 5000:405000:10");
	assert_ok(kprof_gsym_vaddr(gsym, 0, 0x2000, 0x720, &vaddr));
	assert_int_equal(vaddr, 0x201720);
	assert_ok(kprof_gsym_vaddr(gsym, 0x5000, 0x1000, 0x500f, &vaddr));
	assert_int_equal(vaddr, 0x40500f);
	assert_errno(kprof_gsym_vaddr(gsym, 0, 0x2000, 0x71f, &vaddr), -ENOENT);
	assert_errno(kprof_gsym_vaddr(gsym, 0, 0x2000, 0x1720, &vaddr),
		     -ENOENT);
	kprof_gsym_close(gsym);
	free(image.data);
}

static void only_fit_gives_addresses(void **state)
{
	struct kprof_gsym_writer *writer = gsym_image_begin("", "");
	struct gsym_image image;
	struct kprof_gsym *gsym;
	uint64_t vaddr;

	(void)state;
	gsym_image_add(writer, "first", 0x201720, 16, NULL);
	gsym_image_add(writer, "last", 0x203000, 0x800, NULL);
	gsym_image_save(&image, writer);
	gsym = gsym_image_open(&image);
	/* 0x1720 to 0x3800 fit into three pages in one way. */
	assert_ok(kprof_gsym_vaddr(gsym, 0, 0x3000, 0x720, &vaddr));
	assert_int_equal(vaddr, 0x201720);
	assert_ok(kprof_gsym_vaddr(gsym, 0x7000, 0x3000, 0x7720, &vaddr));
	assert_int_equal(vaddr, 0x201720);
	/* Into four in two ways, into two in none. */
	assert_errno(kprof_gsym_vaddr(gsym, 0, 0x4000, 0x720, &vaddr), -ENOENT);
	assert_errno(kprof_gsym_vaddr(gsym, 0, 0x2000, 0x720, &vaddr), -ENOENT);
	kprof_gsym_close(gsym);
	free(image.data);
}

/* The model: functions in a row, with rows and a tree of random shape. */

struct model_node {
	struct kprof_gsym_range range;
	uint32_t depth;
	uint32_t id;
};

struct model_function {
	uint64_t start;
	uint64_t size;
	struct kprof_gsym_line rows[MAX_ROWS];
	size_t nr_rows;
	struct model_node nodes[MAX_NODES];
	size_t nr_nodes;
};

static struct model_function model[MAX_FUNCTIONS];
static size_t nr_model;

static uint64_t random_below(uint64_t limit)
{
	return (uint64_t)rand() % limit;
}

static void make_rows(struct model_function *function)
{
	uint64_t address = function->start;
	uint32_t line = 1000;

	function->nr_rows = 0;
	while (function->nr_rows < MAX_ROWS &&
	       address < function->start + function->size) {
		line += (uint32_t)random_below(rand() % 4 ? 12 : 600);
		line -= (uint32_t)random_below(rand() % 4 ? 6 : 300);
		function->rows[function->nr_rows++] = (struct kprof_gsym_line){
			address, 1 + (uint32_t)random_below(3), line};
		address += 1 + random_below(rand() % 4 ? 10 : 400);
	}
}

/* Children one behind the other, each with children of its own. */
static void make_nodes(struct model_function *function,
		       struct kprof_gsym_range around, uint32_t depth)
{
	uint64_t at = around.start;

	while (function->nr_nodes < MAX_NODES && depth < 6) {
		struct model_node *node = &function->nodes[function->nr_nodes];

		at += random_below(8);
		node->range.start = at;
		at += 1 + random_below(30);
		node->range.end = at;
		if (at > around.end)
			return;
		node->depth = depth;
		node->id = (uint32_t)function->nr_nodes++;
		if (rand() % 2)
			make_nodes(function, node->range, depth + 1);
	}
}

static void make_model(void)
{
	uint64_t address = random_below(1000);

	nr_model = 1 + random_below(MAX_FUNCTIONS);
	for (size_t i = 0; i < nr_model; i++) {
		struct model_function *function = &model[i];

		*function = (struct model_function){
			.start = address,
			.size = 1 + random_below(200),
		};
		if (rand() % 4)
			make_rows(function);
		if (function->nr_rows)
			make_nodes(function,
				   (struct kprof_gsym_range){
					   function->start,
					   function->start + function->size},
				   1);
		address += function->size + random_below(20);
	}
}

static void write_function(struct kprof_gsym_writer *writer, size_t i)
{
	const struct model_function *function = &model[i];
	struct kprof_gsym_inline inlines[MAX_NODES];
	char name[32];

	for (size_t j = 0; j < function->nr_nodes; j++) {
		snprintf(name, sizeof(name), "i%zu", j);
		inlines[j] = (struct kprof_gsym_inline){
			.ranges = &function->nodes[j].range,
			.nr_ranges = 1,
			.depth = function->nodes[j].depth,
			.call_file = 1 + (uint32_t)j % 3,
			.call_line = 5000 + (uint32_t)j,
		};
		assert_ok(kprof_gsym_writer_string(writer, name,
						   &inlines[j].name));
	}
	snprintf(name, sizeof(name), "f%zu", i);
	gsym_image_add(writer, name, function->start, function->size,
		       &(struct kprof_gsym_body){function->rows,
						 function->nr_rows, inlines,
						 function->nr_nodes});
}

static const char *model_look_up(uint64_t address)
{
	static const char *const files[] = {"", "/d/a", "/d/b", "c"};
	static char text[4096];
	const struct model_node *covering[MAX_NODES];
	uint32_t file = 0, line = 0;
	size_t len = 0, nr = 0, i;

	text[0] = '\0';
	for (i = 0; i < nr_model; i++)
		if (address >= model[i].start &&
		    address < model[i].start + model[i].size)
			break;
	if (i == nr_model)
		return text;
	for (size_t j = 0; j < model[i].nr_rows; j++) {
		if (model[i].rows[j].address > address)
			continue;
		file = model[i].rows[j].file;
		line = model[i].rows[j].line;
	}
	for (size_t j = 0; j < model[i].nr_nodes; j++)
		if (address >= model[i].nodes[j].range.start &&
		    address < model[i].nodes[j].range.end)
			covering[nr++] = &model[i].nodes[j];
	while (nr--) {
		len += (size_t)sprintf(text + len, "i%u %s:%u, ",
				       covering[nr]->id, files[file], line);
		file = 1 + covering[nr]->id % 3;
		line = 5000 + covering[nr]->id;
	}
	sprintf(text + len, "f%zu %s:%u", i, files[file], line);
	return text;
}

static void random_maps_agree_with_model(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < NR_ROUNDS; round++) {
		struct kprof_gsym_writer *writer = gsym_image_begin("", "");
		struct kprof_gsym_fault fault;
		struct gsym_image image;
		struct kprof_gsym *gsym;
		uint32_t file;

		make_model();
		assert_ok(kprof_gsym_writer_file(writer, "/d/a", &file));
		assert_ok(kprof_gsym_writer_file(writer, "/d/b", &file));
		assert_ok(kprof_gsym_writer_file(writer, "c", &file));
		for (size_t i = 0; i < nr_model; i++)
			write_function(writer, i);
		gsym_image_save(&image, writer);
		gsym = gsym_image_open(&image);
		assert_ok(kprof_gsym_verify(gsym, &fault));
		for (uint64_t address = 0; address < 4500; address++)
			assert_string_equal(look_up(gsym, address),
					    model_look_up(address));
		/* In any order, too. */
		for (int i = 0; i < 1000; i++) {
			uint64_t address = random_below(4500);

			assert_string_equal(look_up(gsym, address),
					    model_look_up(address));
		}
		kprof_gsym_close(gsym);
		free(image.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(gaps_have_no_name),
		cmocka_unit_test(starts_take_as_many_bytes_as_needed),
		cmocka_unit_test(long_build_id_is_cut),
		cmocka_unit_test(other_formats_are_told_apart),
		cmocka_unit_test(any_damaged_byte_is_survived),
		cmocka_unit_test(verify_says_where),
		cmocka_unit_test(segments_give_addresses),
		cmocka_unit_test(only_fit_gives_addresses),
		cmocka_unit_test(random_maps_agree_with_model),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
