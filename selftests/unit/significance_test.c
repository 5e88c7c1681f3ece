// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the tests: beside sums over every case, and of families by drawing.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/significance.h"

#include <math.h>

#include "test.h"

static double choose(unsigned int n, unsigned int k)
{
	double result = 1;

	for (unsigned int i = 1; i <= k; i++)
		result *= (double)(n - k + i) / i;
	return result;
}

static double twice_the_smaller(double below, double above)
{
	return fmin(1, 2 * fmin(below, above));
}

static void assert_near(double got, double expected)
{
	if (fabs(got - expected) > 1e-9 * expected + 1e-300)
		fail_msg("expected %.15g, got %.15g", expected, got);
}

static void binomial_is_the_sum_of_its_cases(void **state)
{
	static const double shares[] = {0.5, 0.75, 0.03};

	(void)state;
	for (int s = 0; s < 3; s++) {
		for (unsigned int n = 1; n < 40; n++) {
			double cases[40], least = 1;

			for (unsigned int k = 0; k <= n; k++)
				cases[k] = choose(n, k) * pow(shares[s], k) *
					   pow(1 - shares[s], n - k);
			for (unsigned int k = 0; k <= n; k++) {
				double below = 0, above = 0, p;

				for (unsigned int i = 0; i <= n; i++) {
					below += i <= k ? cases[i] : 0;
					above += i >= k ? cases[i] : 0;
				}
				p = kprof_exact_binomial(k, n, shares[s]);
				assert_near(p, twice_the_smaller(below, above));
				least = fmin(least, p);
			}
			assert_near(kprof_exact_binomial_least(n, shares[s]),
				    least);
		}
	}
}

static void draws_are_the_sum_of_their_cases(void **state)
{
	const unsigned int a = 17, b = 9;

	(void)state;
	for (unsigned int n = 1; n <= a + b; n++) {
		double least = 1;

		for (unsigned int k = 0; k <= n; k++) {
			double below = 0, above = 0, p;

			if (k > a || n - k > b)
				continue;
			for (unsigned int i = 0; i <= n; i++) {
				double chance;

				if (i > a || n - i > b)
					continue;
				chance = choose(a, i) * choose(b, n - i) /
					 choose(a + b, n);
				below += i <= k ? chance : 0;
				above += i >= k ? chance : 0;
			}
			p = kprof_exact_draw(k, n, a, b);
			assert_near(p, twice_the_smaller(below, above));
			least = fmin(least, p);
		}
		assert_near(kprof_exact_draw_least(n, a, b), least);
	}
}

/* Beside sums of millions of terms, made once. */
static void large_numbers_are_exact_too(void **state)
{
	double p = kprof_exact_binomial(500000 + 1000, 1000000, 0.5);

	(void)state;
	assert_true(fabs(p - 0.0456083) < 1e-6);
	p = kprof_exact_binomial(4487, 6230, 0.75);
	assert_true(p > 4e-8 && p < 2e-7);
	assert_int_equal(kprof_exact_binomial(0, 0, 0.5), 1);
	assert_int_equal(kprof_exact_binomial(1, 2, 0), 1);
	assert_int_equal(kprof_exact_draw(3, 2, 5, 5), 1);
}

/* Bonferroni rejects 0.01 of three; Holm then has 0.05 / 2 for 0.02. */
static void a_family_is_decided_step_by_step(void **state)
{
	struct kprof_hypothesis all[] = {
		{0.02, 0, false},
		{0.01, 0, false},
		{0.06, 0, false},
	};
	double limit;

	(void)state;
	assert_ok(kprof_reject(all, 3, 0.05, &limit));
	assert_true(all[0].is_rejected);
	assert_true(all[1].is_rejected);
	assert_false(all[2].is_rejected);
	assert_near(limit, 0.05 / 3);
	assert_ok(kprof_reject(all, 0, 0.05, &limit));
	assert_int_equal(limit, 0);
}

/* A thousand functions with two samples each take nothing from the large one.
 */
static void what_cannot_be_rejected_does_not_count(void **state)
{
	struct kprof_hypothesis all[1000];
	double limit;

	(void)state;
	for (int i = 0; i < 1000; i++)
		all[i] = (struct kprof_hypothesis){0.5, 0.125, false};
	all[77] = (struct kprof_hypothesis){0.03, 0, false};
	assert_ok(kprof_reject(all, 1000, 0.05, &limit));
	assert_near(limit, 0.05);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(all[i].is_rejected, i == 77);
	all[77].least = 0.06;
	assert_ok(kprof_reject(all, 1000, 0.05, &limit));
	assert_false(all[77].is_rejected);
	assert_int_equal(limit, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binomial_is_the_sum_of_its_cases),
		cmocka_unit_test(draws_are_the_sum_of_their_cases),
		cmocka_unit_test(large_numbers_are_exact_too),
		cmocka_unit_test(a_family_is_decided_step_by_step),
		cmocka_unit_test(what_cannot_be_rejected_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
