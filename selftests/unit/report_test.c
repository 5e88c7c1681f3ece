// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the views of kprofctl report: their numbers, and what they do with
 * names that would be something else in their format.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/report.h"

#include "cmd/report_call_tree.h"
#include "cmd/report_filter.h"
#include "cmd/report_frames.h"
#include "cmd/report_functions.h"
#include "test.h"

/* A profile to be shown. */
struct fixture {
	struct kprof_profile *profile;
	struct kprof_frames frames;
	struct kprof_report report;
	char *text;
	size_t len;
};

static struct fixture fixture;

static int create(void **state)
{
	struct kprof_mapping program = {
		.limit = 1 << 20, .filename = "/bin/demo", .fd = -1};
	struct kprof_mapping library = {
		.limit = 1 << 20, .filename = "/lib/libx.so.1", .fd = -1};
	struct kprof_profile *profile;
	uint32_t index;

	(void)state;
	fixture = (struct fixture){};
	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_sample_type(profile, "samples", "count"));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	assert_ok(kprof_profile_add_mapping(profile, &program, &index));
	assert_ok(kprof_profile_add_mapping(profile, &library, &index));
	profile->period_type = profile->sample_types[1];
	profile->period = 10000000;
	profile->duration_nanos = 1000000000;
	fixture.profile = profile;
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	kprof_frames_deinit(&fixture.frames);
	kprof_profile_destroy(fixture.profile);
	free(fixture.text);
	return 0;
}

/* A location in a function called @name, with another mangled name. */
static uint32_t location(const char *name, uint32_t mapping)
{
	struct kprof_function function = {.name = name, .system_name = "_Z"};
	struct kprof_profile *profile = fixture.profile;
	struct kprof_line line = {};
	uint32_t index;

	assert_ok(kprof_profile_add_location(
		profile, mapping, profile->nr_locations + 1, false, &index));
	assert_ok(
		kprof_profile_add_function(profile, &function, &line.function));
	assert_ok(kprof_profile_set_lines(profile, index, &line, 1));
	return index;
}

/* @samples of 10 ms each of a stack of @nr, leaf first. */
static void sample(const uint32_t *stack, uint32_t nr, int64_t samples,
		   const char *comm)
{
	struct kprof_label label = {.key = "comm", .str = comm};
	int64_t values[] = {samples, samples * 10000000};

	assert_ok(kprof_profile_add_sample(fixture.profile, stack, nr, &label,
					   comm ? 1 : 0, values));
}

/* main calls work (3 samples) and leaf (6), work calls leaf (1). */
static void add_samples(void)
{
	uint32_t main_ = location("main", 0), work = location("work", 0);
	uint32_t leaf = location("leaf", 1);

	sample((uint32_t[]){work, main_}, 2, 3, "demo");
	sample((uint32_t[]){leaf, work, main_}, 3, 1, "demo");
	sample((uint32_t[]){leaf, main_}, 2, 6, "demo");
}

static void prepare(void)
{
	fixture.report = (struct kprof_report){
		.profile = fixture.profile,
		.path = "p.pb.gz",
		.frames = &fixture.frames,
		.nr_rows = 20,
	};
	assert_ok(kprof_frames_init(&fixture.frames, fixture.profile,
				    KPROF_FRAMES_BY_FUNCTION));
	kprof_report_choose_values(&fixture.report);
}

static const char *show(int (*view)(const struct kprof_report *report))
{
	fixture.report.out = open_memstream(&fixture.text, &fixture.len);
	assert_non_null(fixture.report.out);
	assert_ok(view(&fixture.report));
	fclose(fixture.report.out);
	return fixture.text;
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected '%s' in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("unexpected '%s' in:\n%s", part, text);
}

static void functions_have_flat_and_cumulative_values(void **state)
{
	struct kprof_function_total *rows;
	size_t nr;

	(void)state;
	add_samples();
	prepare();
	assert_int_equal(fixture.report.total, 100000000);
	assert_int_equal(fixture.report.total_count, 10);
	assert_ok(kprof_report_functions(&fixture.report, &rows, &nr));
	assert_int_equal(nr, 3);
	assert_string_equal(rows[0].name, "leaf");
	assert_int_equal(rows[0].flat_count, 7);
	assert_int_equal(rows[0].cum_count, 7);
	assert_string_equal(rows[1].name, "work");
	assert_int_equal(rows[1].flat, 30000000);
	assert_int_equal(rows[1].cum, 40000000);
	assert_string_equal(rows[2].name, "main");
	assert_int_equal(rows[2].flat, 0);
	assert_int_equal(rows[2].cum_count, 10);
	free(rows);
}

static void recursion_counts_once(void **state)
{
	struct kprof_function_total *rows;
	uint32_t rec = 0, stack[5];
	size_t nr;

	(void)state;
	rec = location("rec", 0);
	for (int i = 0; i < 5; i++)
		stack[i] = i == 2 ? location("other", 0) : rec;
	sample(stack, 5, 4, NULL);
	prepare();
	assert_ok(kprof_report_functions(&fixture.report, &rows, &nr));
	assert_string_equal(rows[0].name, "rec");
	assert_int_equal(rows[0].cum_count, 4);
	assert_int_equal(rows[0].flat_count, 4);
	free(rows);
}

/* As pprof: one name is one function, in whichever binary. */
static void equal_names_are_one_function_and_two_frames(void **state)
{
	(void)state;
	sample((uint32_t[]){location("f", 0)}, 1, 1, NULL);
	sample((uint32_t[]){location("f", 1)}, 1, 1, NULL);
	prepare();
	assert_int_equal(fixture.frames.functions.nr, 1);
	assert_int_equal(fixture.frames.frames.nr, 2);
}

static void names_are_those_that_pprof_shows(void **state)
{
	static const char *const names[][2] = {
		{"std::f<int>(std::g<int>())", "std::f"},
		{"operator()(int)", "operator()(int)"},
		{"a::operator<(b)", "a::operator<"},
		{"main.(*T[...]).Do", "main.(*T[...]).Do"},
		{"a::b)(c)", "a::b)(c)"},
	};
	struct kprof_function function = {};
	struct kprof_line line;
	uint32_t l;

	(void)state;
	for (int i = 0; i < 5; i++) {
		function.name = function.system_name = names[i][0];
		assert_ok(kprof_profile_add_function(fixture.profile, &function,
						     &line.function));
		assert_ok(kprof_profile_add_location(fixture.profile, 0, i,
						     false, &l));
		assert_ok(
			kprof_profile_set_lines(fixture.profile, l, &line, 1));
	}
	/* One without lines is called by its binary. */
	assert_ok(kprof_profile_add_location(fixture.profile, 1, 9, false, &l));
	prepare();
	for (int i = 0; i < 5; i++)
		assert_string_equal(fixture.frames.frames.data[i].name,
				    names[i][1]);
	assert_string_equal(fixture.frames.frames.data[5].name, "[libx.so.1]");
}

static void table_says_what_it_leaves_out(void **state)
{
	const char *text;

	(void)state;
	add_samples();
	prepare();
	fixture.report.nr_rows = 1;
	text = show(kprof_report_table);
	assert_contains(text, "Binary: /bin/demo");
	assert_contains(text, "Rate: 100 Hz");
	assert_contains(text,
			"Total: 10 samples, 100.00ms cpu (10.0 % of one "
			"CPU)");
	assert_contains(text,
			"   70.00ms  70.00%  70.00%    70.00ms  70.00%"
			"  leaf  (libx.so.1)\n");
	assert_lacks(text, "work");
	assert_contains(text,
			"2 more functions with 30.00 % of the flat "
			"total; -n 0 shows all");
}

static void table_without_samples_says_so(void **state)
{
	(void)state;
	prepare();
	assert_contains(show(kprof_report_table), "no samples");
}

static void folded_lines_merge_equal_stacks(void **state)
{
	uint32_t other;

	(void)state;
	add_samples();
	other = location("main", 0);
	sample((uint32_t[]){location("odd;na\nme", 0), other}, 2, 1, NULL);
	sample((uint32_t[]){location("work", 0), other}, 2, 2, "x");
	prepare();
	assert_string_equal(show(kprof_report_folded),
			    "main;leaf 6\n"
			    "main;work 5\n"
			    "main;work;leaf 1\n"
			    "main;odd:na me 1\n");
}

static void tree_has_shares_and_branches(void **state)
{
	const char *text;

	(void)state;
	add_samples();
	prepare();
	text = show(kprof_report_tree);
	assert_contains(text, "100.00ms  100.00%    0.00%  main  (demo)\n");
	assert_contains(text,
			"   60.00ms   60.00%   60.00%  + leaf  (libx.so.1)\n"
			"   40.00ms   40.00%   30.00%  + work  (demo)\n"
			"   10.00ms   10.00%   10.00%    leaf  (libx.so.1)\n");
	assert_lacks(text, "not shown");
}

static void tree_cuts_small_branches_and_says_so(void **state)
{
	uint32_t main_;

	(void)state;
	add_samples();
	main_ = location("main", 0);
	sample((uint32_t[]){location("large", 0), main_}, 2, 3000, NULL);
	prepare();
	assert_contains(show(kprof_report_tree),
			"Branches below 1 % are not shown, 0.33 % in all");
}

/* The tree against sums over all samples. */
static void tree_accounts_for_every_sample(void **state)
{
	kprof_call_tree tree = {};
	uint32_t functions[6], stack[8], seed = 7, nr;
	int64_t children[4000] = {}, total = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		functions[i] = location((char[]){'a' + i, 0}, 0);
	for (int i = 0; i < 500; i++) {
		nr = 1 + i % 8;
		for (uint32_t k = 0; k < nr; k++) {
			seed = seed * 1664525 + 1013904223;
			stack[k] = functions[(seed >> 16) % 6];
		}
		sample(stack, nr, 1 + i % 3, NULL);
		total += 1 + i % 3;
	}
	prepare();
	assert_ok(kprof_call_tree_build(&fixture.report, 1, false, &tree));
	assert_in_range(tree.nr, 500, 4000);
	assert_int_equal(tree.data[0].count, total);
	for (size_t i = 1; i < tree.nr; i++) {
		assert_in_range(tree.data[i].parent, 0, i - 1);
		children[tree.data[i].parent] += tree.data[i].value;
	}
	for (size_t i = 0; i < tree.nr; i++)
		assert_int_equal(tree.data[i].value,
				 children[i] + tree.data[i].self);
	vector_free(&tree);
}

static void tree_may_start_with_processes(void **state)
{
	kprof_call_tree tree = {};
	uint32_t f;

	(void)state;
	f = location("f", 0);
	sample(&f, 1, 1, "one");
	sample(&f, 1, 2, "two");
	prepare();
	assert_ok(kprof_call_tree_build(&fixture.report, 1, true, &tree));
	assert_int_equal(tree.nr, 5);
	assert_string_equal(fixture.frames.frames.data[tree.data[1].frame].name,
			    "two");
	assert_int_equal(tree.data[2].count, 2);
	assert_string_equal(fixture.frames.frames.data[tree.data[3].frame].name,
			    "one");
	vector_free(&tree);
}

static void flame_graph_is_safe_and_complete(void **state)
{
	uint32_t evil, main_;
	const char *text;

	(void)state;
	add_samples();
	main_ = location("main", 0);
	evil = location("</title><script>alert(1)</script>&\"\x01", 1);
	sample((uint32_t[]){evil, main_}, 2, 5, "demo");
	prepare();
	text = show(kprof_report_flame);
	assert_lacks(text, "<script>alert");
	assert_contains(text,
			"&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script"
			"&gt;&amp;&quot;\xef\xbf\xbd\n/lib/libx.so.1");
	assert_contains(text, "cpu profile of demo");
	assert_contains(text,
			"<title>leaf\n/lib/libx.so.1\n"
			"6 samples, 60.00ms, 40.00 %</title>");
	assert_lacks(text, "href");
	assert_lacks(text, "src=");
}

static void flame_graph_of_many_processes_starts_with_them(void **state)
{
	const char *text;
	uint32_t f;

	(void)state;
	f = location("f", 0);
	sample(&f, 1, 1, "one");
	sample(&f, 1, 2, "<two>");
	prepare();
	text = show(kprof_report_flame);
	assert_contains(text, "cpu profile of several processes");
	assert_contains(text, "<title>&lt;two&gt;\n2 samples");
}

static void narrow_frames_are_drawn_if_frames_are_few(void **state)
{
	uint32_t main_;

	(void)state;
	main_ = location("main", 0);
	sample((uint32_t[]){location("wide", 0), main_}, 2, 1000000, NULL);
	sample((uint32_t[]){location("narrow", 0), main_}, 2, 1, NULL);
	prepare();
	assert_contains(show(kprof_report_flame), "narrow");
}

static void narrow_frames_are_not_drawn_among_many(void **state)
{
	char name[32];
	uint32_t main_;

	(void)state;
	main_ = location("main", 0);
	for (int i = 0; i < 10500; i++) {
		snprintf(name, sizeof(name), "wide%d", i);
		sample((uint32_t[]){location(name, 0), main_}, 2, 1000, NULL);
	}
	sample((uint32_t[]){location("narrow", 0), main_}, 2, 1, NULL);
	prepare();
	assert_lacks(show(kprof_report_flame), "narrow");
}

static void json_has_everything(void **state)
{
	const char *text;

	(void)state;
	add_samples();
	prepare();
	text = show(kprof_report_json);
	assert_contains(text,
			"\"total\": {\n\t\t\"samples\": 10,\n"
			"\t\t\"cpu_ns\": 100000000\n\t}");
	assert_contains(text,
			"{\"name\": \"leaf\", \"system_name\": \"_Z\", "
			"\"binary\": \"/lib/libx.so.1\", "
			"\"flat\": {\"samples\": 7, \"cpu_ns\": 70000000}, "
			"\"cum\": {\"samples\": 7, \"cpu_ns\": 70000000}}");
	assert_contains(text,
			"{\"frames\": [\"leaf\", \"work\", \"main\"], "
			"\"labels\": {\"comm\": \"demo\"}, \"samples\": 1, "
			"\"cpu_ns\": 10000000}");
}

static void sources_are_a_table(void **state)
{
	(void)state;
	add_samples();
	prepare();
	assert_ok(kprof_profile_add_comment(
		fixture.profile,
		"names: .symtab 71.3 %%, debug file 20.0 %%, none 8.7 %%"));
	assert_string_equal(show(kprof_report_sources),
			    " frames  named by\n"
			    "  71.3%  .symtab\n"
			    "  20.0%  debug file\n"
			    "   8.7%  none  (nobody knows a name)\n");
}

static void unknown_sources_are_said_to_be(void **state)
{
	(void)state;
	add_samples();
	prepare();
	assert_contains(show(kprof_report_sources), "does not say");
}

static void what_is_no_list_of_sources_is_left_out(void **state)
{
	(void)state;
	add_samples();
	prepare();
	assert_ok(kprof_profile_add_comment(fixture.profile,
					    "names: , %%,x, 1 %%, y 2 %%,,"));
	assert_contains(show(kprof_report_sources), "named by\n     2%  y\n");
}

static void values_have_the_unit_of_their_scale(void **state)
{
	char text[KPROF_REPORT_VALUE_BYTES];

	(void)state;
	assert_string_equal(kprof_report_format(KPROF_REPORT_NANOSECONDS,
						10000000, 2000000000, text),
			    "0.01s");
	/* Too little for it. */
	assert_string_equal(kprof_report_format(KPROF_REPORT_NANOSECONDS,
						4990000, 2000000000, text),
			    "4.99ms");
	assert_string_equal(
		kprof_report_format(KPROF_REPORT_NANOSECONDS, 999, 999, text),
		"999ns");
	assert_string_equal(
		kprof_report_format(KPROF_REPORT_BYTES, 3 << 19, 3 << 19, text),
		"1.50MB");
	assert_string_equal(
		kprof_report_format(KPROF_REPORT_COUNT, -7, 7, text), "-7");
	assert_string_equal(
		kprof_report_format(KPROF_REPORT_NANOSECONDS, 0, 0, text), "0");
}

static void compile(regex_t *regex, const char *text)
{
	assert_int_equal(regcomp(regex, text, REG_EXTENDED | REG_NOSUB), 0);
}

static void peek_shows_callers_and_callees(void **state)
{
	regex_t regex;

	(void)state;
	add_samples();
	prepare();
	compile(&regex, "^work$");
	fixture.report.peek = &regex;
	show(kprof_report_peek);
	regfree(&regex);
	assert_contains(fixture.text, "   40.00ms 100.00%    < main\n");
	assert_contains(fixture.text,
			"   30.00ms  30.00%    40.00ms  40.00%  work  (demo)\n");
	assert_contains(fixture.text, "   10.00ms  25.00%    > leaf\n");
	assert_lacks(fixture.text, "> main");
}

static void peek_says_that_there_is_no_such_function(void **state)
{
	regex_t regex;

	(void)state;
	add_samples();
	prepare();
	compile(&regex, "nowhere");
	fixture.report.peek = &regex;
	show(kprof_report_peek);
	regfree(&regex);
	assert_contains(fixture.text, "No function in it has such a name.");
}

static void filters_leave_samples_out_but_not_of_the_total(void **state)
{
	regex_t focus, ignore;

	(void)state;
	add_samples();
	prepare();
	compile(&focus, "work");
	compile(&ignore, "libx");
	assert_ok(kprof_report_filter(fixture.profile, &focus, NULL));
	assert_int_equal(fixture.profile->nr_samples, 2);
	/* As the file of the library that leaf is in. */
	assert_ok(kprof_report_filter(fixture.profile, NULL, &ignore));
	regfree(&focus);
	regfree(&ignore);
	assert_int_equal(fixture.profile->nr_samples, 1);
	fixture.report.is_filtered = true;
	show(kprof_report_table);
	assert_contains(fixture.text, "Shown: 30.00ms, 30.00 % of the total\n");
	assert_contains(fixture.text,
			"   30.00ms  30.00%  30.00%    30.00ms  30.00%  work");
}

static void labels_are_a_table(void **state)
{
	struct kprof_label thread[] = {
		{.key = "tid", .num = 7},
		{.key = "thread_name", .str = "net"},
	};
	int64_t values[] = {4, 40000000};
	uint32_t f = location("f", 0);

	(void)state;
	assert_ok(kprof_profile_add_sample(fixture.profile, &f, 1, thread, 2,
					   values));
	sample(&f, 1, 6, "demo");
	prepare();
	fixture.report.label = "thread";
	show(kprof_report_labels);
	assert_contains(fixture.text, "   60.00ms  60.00%         6  (none)\n");
	assert_contains(fixture.text, "   40.00ms  40.00%         4  7 net\n");
}

static void frames_may_be_lines_or_binaries(void **state)
{
	struct kprof_function function = {
		.name = "f", .system_name = "_Z", .filename = "f.c"};
	struct kprof_line line = {.line = 12};
	struct kprof_frames frames;
	uint32_t f;

	(void)state;
	assert_ok(kprof_profile_add_location(fixture.profile, 0, 16, false,
					     &f));
	assert_ok(kprof_profile_add_function(fixture.profile, &function,
					     &line.function));
	assert_ok(kprof_profile_set_lines(fixture.profile, f, &line, 1));
	location("g", 1);
	assert_ok(kprof_frames_init(&frames, fixture.profile,
				    KPROF_FRAMES_BY_LINE));
	assert_string_equal(frames.frames.data[0].name, "f f.c:12");
	assert_string_equal(frames.frames.data[1].name, "g");
	kprof_frames_deinit(&frames);
	assert_ok(kprof_frames_init(&frames, fixture.profile,
				    KPROF_FRAMES_BY_BINARY));
	assert_string_equal(frames.frames.data[0].name, "demo");
	assert_string_equal(frames.frames.data[1].name, "libx.so.1");
	kprof_frames_deinit(&frames);
}

static void speedscope_has_stacks_from_the_root(void **state)
{
	(void)state;
	add_samples();
	prepare();
	show(kprof_report_speedscope);
	assert_contains(fixture.text, "\"type\": \"sampled\"");
	assert_contains(fixture.text,
			"\"samples\": [[0, 1], [0, 1, 2], [0, 2]]");
	assert_contains(fixture.text,
			"\"weights\": [30000000, 10000000, 60000000]");
	assert_contains(fixture.text, "\"endValue\": 100000000");
}

static void a_page_has_its_policy_and_no_markup_of_others(void **state)
{
	(void)state;
	sample((uint32_t[]){location("</script><img onerror=x>", 0)}, 1, 1,
	       "<b>");
	assert_ok(kprof_profile_add_comment(fixture.profile, "lost: 3 samples"));
	prepare();
	show(kprof_report_html);
	assert_contains(fixture.text, "default-src 'none'");
	assert_contains(fixture.text, "script-src 'sha256-");
	assert_contains(fixture.text, "\"isWhole\": false");
	assert_contains(fixture.text, "\\u003c/script>\\u003cimg onerror=x>");
	assert_lacks(fixture.text, "<img");
	assert_lacks(fixture.text, "<b>");
}

#define test(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(functions_have_flat_and_cumulative_values),
		test(recursion_counts_once),
		test(equal_names_are_one_function_and_two_frames),
		test(names_are_those_that_pprof_shows),
		test(table_says_what_it_leaves_out),
		test(table_without_samples_says_so),
		test(sources_are_a_table),
		test(unknown_sources_are_said_to_be),
		test(what_is_no_list_of_sources_is_left_out),
		test(folded_lines_merge_equal_stacks),
		test(tree_has_shares_and_branches),
		test(tree_cuts_small_branches_and_says_so),
		test(tree_accounts_for_every_sample),
		test(tree_may_start_with_processes),
		test(flame_graph_is_safe_and_complete),
		test(flame_graph_of_many_processes_starts_with_them),
		test(narrow_frames_are_drawn_if_frames_are_few),
		test(narrow_frames_are_not_drawn_among_many),
		test(json_has_everything),
		test(peek_shows_callers_and_callees),
		test(peek_says_that_there_is_no_such_function),
		test(filters_leave_samples_out_but_not_of_the_total),
		test(labels_are_a_table),
		test(frames_may_be_lines_or_binaries),
		test(speedscope_has_stacks_from_the_root),
		test(a_page_has_its_policy_and_no_markup_of_others),
		test(values_have_the_unit_of_their_scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
