// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has a number of events changed, or is that chance?
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A tail is summed up from its end at the observed number outwards, by the
 * ratio of each term to the one before. Beyond the mean terms only get smaller,
 * so it takes a few standard deviations of them, whatever the numbers.
 */
#include "util/significance.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "util/cleanup.h"

/* What is left of a tail when it is cut off, relative to it. */
static const double negligible = 1e-17;

static double log_factorial(uint64_t n)
{
	int sign;

	return lgamma_r((double)n + 1, &sign);
}

static double log_choose(uint64_t n, uint64_t k)
{
	return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

static double both_sides(double tail)
{
	return tail < 0.5 ? 2 * tail : 1;
}

/* Binomial */

/*
 * The chance of @k or more successes. Without a square root in the way the
 * other tail is this one of the failures.
 */
static double binomial_tail(uint64_t k, uint64_t n, double share)
{
	double odds = share / (1 - share);
	double term = exp(log_choose(n, k) + k * log(share) +
			  (n - k) * log1p(-share));
	double sum = term;

	for (; k < n && term > negligible * sum; k++) {
		term *= odds * (n - k) / (k + 1);
		sum += term;
	}
	return sum;
}

double kprof_exact_binomial(uint64_t successes, uint64_t nr, double share)
{
	if (!nr || share <= 0 || share >= 1)
		return 1;
	if (successes < nr * share)
		return both_sides(
			binomial_tail(nr - successes, nr, 1 - share));
	return both_sides(binomial_tail(successes, nr, share));
}

double kprof_exact_binomial_least(uint64_t nr, double share)
{
	if (!nr || share <= 0 || share >= 1)
		return 1;
	return both_sides(pow(fmin(share, 1 - share), nr));
}

/* Draws */

static double draw_chance(uint64_t k, uint64_t nr, uint64_t a, uint64_t b)
{
	return exp(log_choose(a, k) + log_choose(b, nr - k) -
		   log_choose(a + b, nr));
}

/* The chance of @k or more of @nr events in @a. */
static double draw_tail(uint64_t k, uint64_t nr, uint64_t a, uint64_t b)
{
	double term = draw_chance(k, nr, a, b), sum = term;

	for (; k < nr && k < a && term > negligible * sum; k++) {
		term *= (double)(a - k) * (nr - k) / (k + 1) /
			((double)b - nr + k + 1);
		sum += term;
	}
	return sum;
}

double kprof_exact_draw(uint64_t in_a, uint64_t nr, uint64_t a, uint64_t b)
{
	if (in_a > nr || in_a > a || nr - in_a > b)
		return 1;
	if (in_a < nr * ((double)a / (a + b)))
		return both_sides(draw_tail(nr - in_a, nr, b, a));
	return both_sides(draw_tail(in_a, nr, a, b));
}

double kprof_exact_draw_least(uint64_t nr, uint64_t a, uint64_t b)
{
	uint64_t most = nr < a ? nr : a, least = nr > b ? nr - b : 0;

	if (!nr || nr > a + b)
		return 1;
	return both_sides(fmin(draw_chance(most, nr, a, b),
			       draw_chance(least, nr, a, b)));
}

/* Families */

static int compare_doubles(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/*
 * Tarone's: a test that could not be rejected at alpha / k whatever it sees
 * does no harm, so it does not count among the k. What it can see at best is
 * known from the sum of both sides, which is no part of the question. Returns
 * the largest least p of those that count, and how many they are.
 */
static size_t count_testable(const double *leasts, size_t nr, double alpha,
			     double *least_ret)
{
	size_t nr_testable = nr;

	*least_ret = -1;
	for (size_t k = 1; k <= nr; k++) {
		while (nr_testable && leasts[nr_testable - 1] > alpha / k)
			nr_testable--;
		if (nr_testable <= k)
			break;
	}
	if (nr_testable)
		*least_ret = leasts[nr_testable - 1];
	return nr_testable;
}

/*
 * Holm's: the smallest of k at alpha / k, the next at alpha / (k - 1), until
 * one is not rejected. Unlike Hochberg's or a false discovery rate it needs
 * nothing of how the tests depend on each other, and functions do: time that
 * one takes, another does not.
 */
static double holm(const double *ps, size_t nr, double alpha)
{
	double highest = -1;

	for (size_t i = 0; i < nr && ps[i] <= alpha / (nr - i); i++)
		highest = ps[i];
	return highest;
}

int kprof_reject(struct kprof_hypothesis *all, size_t nr, double alpha,
		 double *limit_ret)
{
	_cleanup_free_ double *sorted = calloc(nr + 1, sizeof(*sorted));
	size_t nr_testable, n = 0;
	double least, highest;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		sorted[i] = all[i].least;
	qsort(sorted, nr, sizeof(*sorted), compare_doubles);
	nr_testable = count_testable(sorted, nr, alpha, &least);
	*limit_ret = nr_testable ? alpha / nr_testable : 0;
	for (size_t i = 0; i < nr; i++)
		if (all[i].least <= least)
			sorted[n++] = all[i].p;
	qsort(sorted, n, sizeof(*sorted), compare_doubles);
	highest = holm(sorted, n, alpha);
	for (size_t i = 0; i < nr; i++)
		all[i].is_rejected = all[i].least <= least &&
				     all[i].p <= highest;
	return 0;
}
