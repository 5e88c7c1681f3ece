// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of demangle.c.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/demangle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#ifdef HAVE_LIBIBERTY

static char name[4096];

static void assert_demangled(const char *symbol, const char *expected)
{
	if (!kprof_demangle(symbol, name, sizeof(name)))
		fail_msg("%s: expected %s, got nothing", symbol, expected);
	assert_string_equal(name, expected);
}

static void cxx_has_no_parameters_and_no_return_type(void **state)
{
	(void)state;
	assert_demangled("_ZN3foo3barEi", "foo::bar");
	assert_demangled("_ZNSt6vectorIiSaIiEE9push_backERKi",
			 "std::vector<int, std::allocator<int> >::push_back");
	/* T twice<T>(T) */
	assert_demangled("_Z5twiceIiET_S0_", "twice<int>");
	assert_demangled("_ZN12_GLOBAL__N_16hiddenEv",
			 "(anonymous namespace)::hidden");
	assert_demangled("_ZZ4mainENKUlvE_clEv",
			 "main::{lambda()#1}::operator()");
}

static void suffixes_stay(void **state)
{
	(void)state;
	assert_demangled("_ZN3foo3barEi.cold", "foo::bar.cold");
	assert_demangled("_ZN3foo3barEi@plt", "foo::bar@plt");
	assert_demangled("_ZN3foo3barEi.constprop.0.isra.1",
			 "foo::bar.constprop.0.isra.1");
}

static void rust_has_no_hash(void **state)
{
	(void)state;
	assert_demangled(
		"_ZN4core3fmt9Formatter9write_str"
		"17h0123456789abcdefE",
		"core::fmt::Formatter::write_str");
	assert_demangled(
		"_ZN73_$LT$alloc..boxed..Box$LT$F$GT$$u20$as$u20$"
		"core..ops..FnOnce$LT$A$GT$$GT$9call_once"
		"17h0123456789abcdefE.llvm.1234567890",
		"<alloc::boxed::Box<F> as core::ops::FnOnce<A>>"
		"::call_once");
	assert_demangled("_RNvCskwGfYPst2Cb_3foo3bar", "foo::bar");
	assert_demangled("_RINvCskwGfYPst2Cb_3foo3barhE.llvm.8623702792037167",
			 "foo::bar::<u8>");
}

static void other_names_are_left_alone(void **state)
{
	static const char *const names[] = {
		"",	 "_",	      "_Z",  "_R",     "main",	"_Zebra",
		"_Rust", "main.main", "_ZN", "_ZN3fo", "memcpy"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(kprof_demangle(names[i], name, sizeof(name)));
}

static void go_names_are_left_alone(void **state)
{
	static const char *const names[] = {
		"main.(*T).Method",    "main.Map[...]",
		"main.main.func1.2",   "example.com/x@v2/y%2ez.Do",
		"type:.eq.[2]string",  "_cgoexp_0123456789ab_Callback",
		"runtime.rt0_go.abi0", "_/home/user/_ZN3foo3barEi.main"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(kprof_demangle(names[i], name, sizeof(name)));
}

static void small_room_cuts_the_name(void **state)
{
	(void)state;
	assert_true(kprof_demangle("_ZN3foo3barEi", name, 8));
	assert_string_equal(name, "foo:...");
	assert_true(kprof_demangle("_ZN3foo3barEi", name, 9));
	assert_string_equal(name, "foo::bar");
	/* No room for the suffix. */
	assert_true(kprof_demangle("_ZN3foo3barEi.cold", name, 10));
	assert_string_equal(name, "foo::bar");
}

/* f<A, P<A, A>, P<P<A, A>, P<A, A> >, ...>: each is twice the one before. */
static void name_that_explodes_is_cut(void **state)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char symbol[512] = "_Z1fI1A1PIS0_S0_E";

	(void)state;
	for (int i = 2; i < 34; i++) {
		char *end = symbol + strlen(symbol);

		sprintf(end, "S1_IS%c_S%c_E", digits[i], digits[i]);
	}
	strcat(symbol, "Evv");
	assert_true(kprof_demangle(symbol, name, sizeof(name)));
	assert_int_equal(strlen(name), sizeof(name) - 1);
	assert_string_equal(name + sizeof(name) - 4, "...");
}

static void deep_and_long_names_are_safe(void **state)
{
	char *symbol = malloc(1 << 20);

	(void)state;
	for (size_t len = 100; len < 1 << 19; len *= 2) {
		memset(symbol, 'P', len);
		memcpy(symbol, "_Z1fI", 5);
		strcpy(symbol + len, "iEvv");
		kprof_demangle(symbol, name, sizeof(name));
	}
	free(symbol);
}

/* Real programs have such: longer than libiberty's own limit. */
static void names_of_two_kilobytes_work(void **state)
{
	char symbol[2100] = "_ZN";

	(void)state;
	for (int i = 0; i < 200; i++)
		strcat(symbol, "8abcdefgh");
	strcat(symbol, "1fEv");
	assert_true(kprof_demangle(symbol, name, sizeof(name)));
	assert_int_equal(strlen(name), 200 * 10 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cxx_has_no_parameters_and_no_return_type),
		cmocka_unit_test(suffixes_stay),
		cmocka_unit_test(rust_has_no_hash),
		cmocka_unit_test(other_names_are_left_alone),
		cmocka_unit_test(go_names_are_left_alone),
		cmocka_unit_test(small_room_cuts_the_name),
		cmocka_unit_test(name_that_explodes_is_cut),
		cmocka_unit_test(deep_and_long_names_are_safe),
		cmocka_unit_test(names_of_two_kilobytes_work),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	puts("1..0 # SKIP built without libiberty");
	return 0;
}

#endif
