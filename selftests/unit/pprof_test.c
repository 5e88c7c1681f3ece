// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of lib/pprof_write.c and lib/pprof_read.c: what is written can be read
 * again, is what pprof and the others want, and what they refuse is refused.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <inttypes.h>
#include <sys/mman.h>

#include "profile.pb-c.h"
#include "test.h"
#include "util/gzip.h"
#include "util/io.h"
#include "util/strbuf.h"

static char last_message[256];

static void remember(enum kprof_log_level level, const char *message,
		     void *context)
{
	(void)level;
	(void)context;
	snprintf(last_message, sizeof(last_message), "%s", message);
}

/* A profile with one of everything. */

static uint32_t add_function(struct kprof_profile *profile, const char *name,
			     const char *system_name)
{
	struct kprof_function function = {name, system_name, "demo.c", 3};
	uint32_t index;

	assert_ok(kprof_profile_add_function(profile, &function, &index));
	return index;
}

static uint32_t add_location(struct kprof_profile *profile, uint32_t mapping,
			     uint64_t address, uint32_t inner, uint32_t outer)
{
	struct kprof_line lines[] = {{inner, 10}, {outer, 20}};
	uint32_t location;

	assert_ok(kprof_profile_add_location(profile, mapping, address, false,
					     &location));
	assert_ok(kprof_profile_set_lines(profile, location, lines,
					  outer == KPROF_NO_INDEX ? 1 : 2));
	return location;
}

static void add_mappings(struct kprof_profile *profile)
{
	struct kprof_mapping program = {
		.start = 0x400000,
		.limit = 0x500000,
		.file_offset = 0x1000,
		.filename = "/usr/bin/demo",
		.build_id = "0123abcd",
		.has_functions = true,
		.has_line_numbers = true,
		.fd = -1,
	};
	struct kprof_mapping kernel = {
		.start = 0xffffffff81000000,
		.limit = 0xffffffff82000000,
		.filename = "[kernel.kallsyms]",
		.fd = -1,
	};
	uint32_t index;

	assert_ok(kprof_profile_add_mapping(profile, &program, &index));
	assert_ok(kprof_profile_add_mapping(profile, &kernel, &index));
}

static void set_values(struct kprof_profile *profile)
{
	assert_ok(kprof_profile_add_sample_type(profile, "samples", "count"));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	profile->period_type = profile->sample_types[1];
	profile->default_sample_type = profile->sample_types[1].type;
	assert_ok(kprof_profile_intern(profile, "malloc|free",
				       &profile->drop_frames));
	assert_ok(kprof_profile_intern(profile, "my_malloc",
				       &profile->keep_frames));
	profile->period = 10101010;
	profile->time_nanos = 1700000000123456789;
	profile->duration_nanos = 2000000000;
	assert_ok(kprof_profile_add_comment(profile, "kprof %d", 1));
	assert_ok(kprof_profile_add_comment(profile, "lost: 0"));
}

static struct kprof_profile *make_profile(void)
{
	const struct kprof_label labels[] = {
		{.key = "cpu", .num = 0},
		{.key = "comm", .str = "de\xffmo"},
		{.key = "pid", .num = 1234},
	};
	struct kprof_profile *profile;
	uint32_t work, leaf, entry, stack[3];
	int64_t values[] = {3, 30303030};

	assert_ok(kprof_profile_create(&profile));
	set_values(profile);
	add_mappings(profile);
	work = add_function(profile, "work(int)", "_Z4worki");
	leaf = add_function(profile, "leaf", "leaf");
	entry = add_function(profile, "entry", "entry");
	stack[2] = add_location(profile, 0, 0x400200, work, KPROF_NO_INDEX);
	stack[1] = add_location(profile, 0, 0x400100, leaf, work);
	stack[0] = add_location(profile, 1, 0xffffffff81000010, entry,
				KPROF_NO_INDEX);
	assert_ok(
		kprof_profile_add_sample(profile, stack, 3, labels, 3, values));
	assert_ok(kprof_profile_add_sample(profile, stack + 1, 2, labels, 2,
					   values));
	assert_ok(kprof_profile_add_sample(profile, NULL, 0, NULL, 0, values));
	return profile;
}

/* The bytes of @profile, compressed. */
static char *write_bytes(const struct kprof_profile *profile, size_t *len)
{
	int fd = memfd_create("pprof", 0);
	char *data;

	assert_true(fd >= 0);
	assert_ok(kprof_pprof_write(profile, fd));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(kprof_io_read_all(fd, 1 << 30, &data, len));
	close(fd);
	return data;
}

static Perftools__Profiles__Profile *
write_and_unpack(const struct kprof_profile *profile)
{
	Perftools__Profiles__Profile *message;
	size_t len, plain_len;
	char *data = write_bytes(profile, &len), *plain;

	assert_ok(kprof_gzip_inflate(data, len, 1 << 30, &plain, &plain_len));
	message = perftools__profiles__profile__unpack(NULL, plain_len,
						       (uint8_t *)plain);
	assert_non_null(message);
	free(plain);
	free(data);
	return message;
}

/* Writer */

static void ids_are_dense_and_first_string_is_empty(void **state)
{
	struct kprof_profile *profile = make_profile();
	Perftools__Profiles__Profile *m = write_and_unpack(profile);

	(void)state;
	assert_string_equal(m->string_table[0], "");
	for (size_t i = 1; i < m->n_string_table; i++)
		assert_string_not_equal(m->string_table[i], "");
	for (size_t i = 0; i < m->n_mapping; i++)
		assert_int_equal(m->mapping[i]->id, i + 1);
	for (size_t i = 0; i < m->n_function; i++)
		assert_int_equal(m->function[i]->id, i + 1);
	for (size_t i = 0; i < m->n_location; i++)
		assert_int_equal(m->location[i]->id, i + 1);
	perftools__profiles__profile__free_unpacked(m, NULL);
	kprof_profile_destroy(profile);
}

static void assert_type(const Perftools__Profiles__Profile *m,
			const Perftools__Profiles__ValueType *got,
			const char *type, const char *unit)
{
	assert_non_null(got);
	assert_string_equal(m->string_table[got->type], type);
	assert_string_equal(m->string_table[got->unit], unit);
}

static void empty_profile_says_what_it_would_count(void **state)
{
	struct kprof_profile *profile;
	Perftools__Profiles__Profile *m;

	(void)state;
	assert_ok(kprof_profile_create(&profile));
	set_values(profile);
	m = write_and_unpack(profile);
	assert_int_equal(m->n_sample, 0);
	assert_int_equal(m->n_sample_type, 2);
	assert_type(m, m->sample_type[0], "samples", "count");
	assert_type(m, m->sample_type[1], "cpu", "nanoseconds");
	assert_type(m, m->period_type, "cpu", "nanoseconds");
	assert_int_equal(m->period, 10101010);
	assert_int_equal(m->time_nanos, 1700000000123456789);
	assert_int_equal(m->duration_nanos, 2000000000);
	assert_string_equal(m->string_table[m->default_sample_type], "cpu");
	assert_string_equal(m->string_table[m->drop_frames], "malloc|free");
	assert_string_equal(m->string_table[m->keep_frames], "my_malloc");
	assert_int_equal(m->n_comment, 2);
	assert_string_equal(m->string_table[m->comment[0]], "kprof 1");
	perftools__profiles__profile__free_unpacked(m, NULL);
	kprof_profile_destroy(profile);
}

/* pprof drops a number 0 without unit; cpu 0 is a CPU. */
static void label_zero_has_a_unit(void **state)
{
	struct kprof_profile *profile = make_profile();
	Perftools__Profiles__Profile *m = write_and_unpack(profile);
	Perftools__Profiles__Label *label;
	const char *key;

	(void)state;
	assert_int_equal(m->sample[0]->n_label, 3);
	for (size_t i = 0; i < 3; i++) {
		label = m->sample[0]->label[i];
		key = m->string_table[label->key];
		if (!strcmp(key, "cpu"))
			assert_string_equal(m->string_table[label->num_unit],
					    "cpu");
		else if (!strcmp(key, "comm"))
			assert_string_equal(m->string_table[label->str],
					    "de\xef\xbf\xbdmo");
		else
			assert_int_equal(label->num, 1234);
		assert_true(!label->str || (!label->num && !label->num_unit));
	}
	perftools__profiles__profile__free_unpacked(m, NULL);
	kprof_profile_destroy(profile);
}

static void full_device_is_an_error(void **state)
{
	struct kprof_profile *profile = make_profile();
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_errno(kprof_pprof_write(profile, fileno(full)), -ENOSPC);
	fclose(full);
	kprof_profile_destroy(profile);
}

/* Golden: a decoder that is not ours. */
static void protoc_decodes_it(void **state)
{
	struct kprof_profile *profile = make_profile();
	char directory[64], path[128], command[512], line[256];
	bool has_comment = false;
	size_t len;
	char *data;
	FILE *file;

	(void)state;
	if (system("protoc --version >/dev/null 2>&1"))
		skip();
	data = write_bytes(profile, &len);
	test_make_directory(directory);
	snprintf(path, sizeof(path), "%s/p.pb.gz", directory);
	file = fopen(path, "w");
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
	snprintf(command, sizeof(command),
		 "gunzip -c %s | protoc -I" PROTO_DIRECTORY
		 " --decode=perftools.profiles.Profile profile.proto",
		 path);
	file = popen(command, "r");
	while (fgets(line, sizeof(line), file))
		if (!strcmp(line, "string_table: \"kprof 1\"\n"))
			has_comment = true;
	assert_int_equal(pclose(file), 0);
	assert_true(has_comment);
	test_remove_directory(directory);
	free(data);
	kprof_profile_destroy(profile);
}

static void pprof_shows_it(void **state)
{
	struct kprof_profile *profile = make_profile();
	char directory[64], path[128], command[512], line[256];
	size_t len, nr_found = 0;
	char *data;
	FILE *file;

	(void)state;
	if (system("go tool pprof -h >/dev/null 2>&1; test $? -ne 127"))
		skip();
	data = write_bytes(profile, &len);
	test_make_directory(directory);
	snprintf(path, sizeof(path), "%s/p.pb.gz", directory);
	file = fopen(path, "w");
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
	snprintf(command, sizeof(command),
		 "PPROF_TMPDIR=%s go tool pprof -symbolize=none -raw %s "
		 "2>/dev/null",
		 directory, path);
	file = popen(command, "r");
	while (fgets(line, sizeof(line), file)) {
		nr_found += !strcmp(line,
				    "samples/count cpu/nanoseconds"
				    "[dflt]\n");
		nr_found += !!strstr(line, "3   30303030: 3 2 1");
		nr_found += !!strstr(line, "cpu:[0 cpu]") ||
			    !!strstr(line, "cpu:[0]");
		nr_found += !!strstr(line, "/usr/bin/demo 0123abcd [FN][LN]");
	}
	assert_int_equal(pclose(file), 0);
	assert_in_range(nr_found, 4, 6);
	test_remove_directory(directory);
	free(data);
	kprof_profile_destroy(profile);
}

/* Reader */

static void assert_equal_profiles(const struct kprof_profile *a,
				  const struct kprof_profile *b)
{
	const struct kprof_sample *s, *t;

	assert_int_equal(a->nr_samples, b->nr_samples);
	for (uint32_t i = 0; i < a->nr_samples; i++) {
		s = &a->samples[i];
		t = &b->samples[i];
		assert_int_equal(s->nr_locations, t->nr_locations);
		for (uint32_t k = 0; k < s->nr_locations; k++)
			assert_int_equal(
				a->location_indices[s->first_location + k],
				b->location_indices[t->first_location + k]);
		assert_int_equal(s->nr_labels, t->nr_labels);
		for (uint32_t k = 0; k < s->nr_labels; k++) {
			assert_string_equal(a->labels[s->first_label + k].key,
					    b->labels[t->first_label + k].key);
			assert_int_equal(a->labels[s->first_label + k].num,
					 b->labels[t->first_label + k].num);
		}
		assert_memory_equal(s->values, t->values, sizeof(s->values));
	}
	assert_int_equal(a->nr_locations, b->nr_locations);
	for (uint32_t i = 0; i < a->nr_locations; i++) {
		assert_int_equal(a->locations[i].address,
				 b->locations[i].address);
		assert_int_equal(a->locations[i].mapping,
				 b->locations[i].mapping);
		assert_int_equal(a->locations[i].nr_lines,
				 b->locations[i].nr_lines);
	}
	assert_int_equal(a->nr_functions, b->nr_functions);
	for (uint32_t i = 0; i < a->nr_functions; i++) {
		assert_string_equal(a->functions[i].name, b->functions[i].name);
		assert_string_equal(a->functions[i].system_name,
				    b->functions[i].system_name);
	}
}

static void what_was_written_can_be_read(void **state)
{
	struct kprof_profile *profile = make_profile(), *again;
	size_t len;
	char *data = write_bytes(profile, &len);

	(void)state;
	assert_ok(kprof_pprof_parse(data, len, &again));
	assert_equal_profiles(profile, again);
	assert_string_equal(again->mappings[0].filename, "/usr/bin/demo");
	assert_string_equal(again->mappings[0].build_id, "0123abcd");
	assert_true(again->mappings[0].has_functions);
	assert_false(again->mappings[0].has_filenames);
	assert_int_equal(again->mappings[0].fd, -1);
	assert_string_equal(again->period_type.unit, "nanoseconds");
	assert_string_equal(again->comments[1], "lost: 0");
	assert_int_equal(again->time_nanos, profile->time_nanos);
	kprof_profile_destroy(again);
	kprof_profile_destroy(profile);
	free(data);
}

/* Without compression, and with the string table last as Go has it. */
static void plain_file_is_read(void **state)
{
	struct kprof_profile *profile = make_profile(), *again;
	size_t len, plain_len;
	char *data = write_bytes(profile, &len), *plain;

	(void)state;
	assert_ok(kprof_gzip_inflate(data, len, 1 << 20, &plain, &plain_len));
	assert_ok(kprof_pprof_parse(plain, plain_len, &again));
	assert_equal_profiles(profile, again);
	kprof_profile_destroy(again);
	kprof_profile_destroy(profile);
	free(plain);
	free(data);
}

static void every_cut_is_refused_or_whole(void **state)
{
	struct kprof_profile *profile = make_profile(), *again;
	size_t len;
	char *data = write_bytes(profile, &len);

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_errno(kprof_pprof_parse(data, cut, &again), -EINVAL);
	kprof_profile_destroy(profile);
	free(data);
}

/* Changes one thing in a good message, and packs it. */
static void assert_refused(void (*change)(Perftools__Profiles__Profile *m),
			   const char *reason)
{
	struct kprof_profile *profile = make_profile(), *again;
	Perftools__Profiles__Profile *m = write_and_unpack(profile);
	size_t len;
	uint8_t *data;
	int err;

	change(m);
	len = perftools__profiles__profile__get_packed_size(m);
	data = malloc(len);
	perftools__profiles__profile__pack(m, data);
	last_message[0] = '\0';
	kprof_set_log(remember, NULL);
	err = kprof_pprof_parse(data, len, &again);
	kprof_set_log(NULL, NULL);
	assert_errno(err, -EINVAL);
	if (!strstr(last_message, reason))
		fail_msg("expected '%s', got '%s'", reason, last_message);
	free(data);
	perftools__profiles__profile__free_unpacked(m, NULL);
	kprof_profile_destroy(profile);
}

static void no_values(Perftools__Profiles__Profile *m)
{
	m->sample[1]->n_value = 1;
}

static void no_location(Perftools__Profiles__Profile *m)
{
	m->sample[0]->location_id[1] = 99;
}

static void location_zero(Perftools__Profiles__Profile *m)
{
	m->location[1]->id = 0;
}

static void no_function(Perftools__Profiles__Profile *m)
{
	m->location[0]->line[0]->function_id = 99;
}

static void same_function(Perftools__Profiles__Profile *m)
{
	m->function[1]->id = 1;
}

static void same_mapping(Perftools__Profiles__Profile *m)
{
	m->mapping[1]->id = 1;
}

static void mapping_zero(Perftools__Profiles__Profile *m)
{
	m->mapping[1]->id = 0;
}

static void string_beyond(Perftools__Profiles__Profile *m)
{
	m->function[0]->name = m->n_string_table;
}

static void string_negative(Perftools__Profiles__Profile *m)
{
	m->sample[0]->label[0]->key = -1;
}

static void no_sample_types(Perftools__Profiles__Profile *m)
{
	while (m->n_sample_type)
		perftools__profiles__value_type__free_unpacked(
			m->sample_type[--m->n_sample_type], NULL);
}

static void what_pprof_refuses_is_refused(void **state)
{
	(void)state;
	assert_refused(no_values, "1 values for 2 sample types");
	assert_refused(no_location, "no location 99");
	assert_refused(location_zero, "location has the reserved id 0");
	assert_refused(no_function, "line with no function");
	assert_refused(same_function, "two functions have the id 1");
	assert_refused(same_mapping, "two mappings have the id 1");
	assert_refused(mapping_zero, "mapping has the reserved id 0");
	assert_refused(string_beyond, "there is no string");
	assert_refused(string_negative, "there is no string -1");
	assert_refused(no_sample_types, "no sample types");
}

static void assert_bytes_refused(const void *data, size_t len,
				 const char *reason)
{
	struct kprof_profile *profile;
	int err;

	last_message[0] = '\0';
	kprof_set_log(remember, NULL);
	err = kprof_pprof_parse(data, len, &profile);
	kprof_set_log(NULL, NULL);
	assert_errno(err, -EINVAL);
	if (!strstr(last_message, reason))
		fail_msg("expected '%s', got '%s'", reason, last_message);
}

static void odd_bytes_are_refused(void **state)
{
	(void)state;
	assert_bytes_refused("", 0, "empty");
	assert_bytes_refused("\x32\x01x", 3, "first string is not empty");
	assert_bytes_refused("\x48\x01", 2, "has no strings");
	/* time_nanos as a string; twice; a length beyond the end. */
	assert_bytes_refused("\x4a\x01x", 3, "wrong type");
	assert_bytes_refused("\x32\0\x48\x01\x48\x01", 6, "follow each other");
	assert_bytes_refused("\x32\x7f", 2, "cut off");
	assert_bytes_refused("\x33", 1, "no known type");
	assert_bytes_refused("\x02\x01x", 3, "field number");
	assert_bytes_refused("\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
			     12, "more than 64 bits");
}

static void unknown_fields_are_skipped(void **state)
{
	static const char bytes[] =
		"\x32\x00"
		"\xa0\x06\x05"	 /* field 100, a number */
		"\xa2\x06\x02hi" /* field 100, bytes */
		"\xa1\x06"
		"12345678" /* 8 bytes */
		"\xa5\x06"
		"1234"; /* 4 bytes */
	struct kprof_profile *profile;

	(void)state;
	assert_ok(kprof_pprof_parse(bytes, sizeof(bytes) - 1, &profile));
	assert_int_equal(profile->nr_samples, 0);
	kprof_profile_destroy(profile);
}

/* Memory for hostile messages is limited, not proportional to their claims. */
static void message_with_millions_of_labels_is_refused(void **state)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};
	size_t nr = 4 << 20;

	(void)state;
	/* A string table, a sample type, and a sample of empty labels. */
	kprof_strbuf_append(&buf, "\x32\0\x0a\0\x12\x80\x80\x80\x04", 9);
	for (size_t i = 0; i < nr; i++)
		kprof_strbuf_append(&buf, "\x1a\0", 2);
	assert_int_equal(buf.len, 9 + 2 * nr);
	assert_bytes_refused(buf.data, buf.len, "cannot be decoded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_dense_and_first_string_is_empty),
		cmocka_unit_test(empty_profile_says_what_it_would_count),
		cmocka_unit_test(label_zero_has_a_unit),
		cmocka_unit_test(full_device_is_an_error),
		cmocka_unit_test(protoc_decodes_it),
		cmocka_unit_test(pprof_shows_it),
		cmocka_unit_test(what_was_written_can_be_read),
		cmocka_unit_test(plain_file_is_read),
		cmocka_unit_test(every_cut_is_refused_or_whole),
		cmocka_unit_test(what_pprof_refuses_is_refused),
		cmocka_unit_test(odd_bytes_are_refused),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(message_with_millions_of_labels_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
