/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has a number of events changed, or is that chance?
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Exact tests: nothing is taken for normal, so they hold for five events as for
 * five million. All p values are for both directions, as twice the smaller
 * tail.
 */
#ifndef UTIL_SIGNIFICANCE_H
#define UTIL_SIGNIFICANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * kprof_exact_binomial() - of @nr events each is a success with one chance
 * @successes: how many were
 * @nr: of how many
 * @share: the chance, between 0 and 1
 *
 * Two Poisson processes of the same rate, watched for times a and b: of all
 * events together, each is the first one's with the chance a / (a + b).
 *
 * Return: p.
 */
double kprof_exact_binomial(uint64_t successes, uint64_t nr, double share);
/* The smallest p that so many events can have. */
double kprof_exact_binomial_least(uint64_t nr, double share);

/**
 * kprof_exact_draw() - @nr events among @a and @b draws
 * @in_a: how many of them in @a
 * @nr: in both
 * @a: draws
 * @b: draws
 *
 * Fisher's test: the draws are alike, so which of them are the events is
 * chance.
 *
 * Return: p.
 */
double kprof_exact_draw(uint64_t in_a, uint64_t nr, uint64_t a, uint64_t b);
/* The smallest p that so many events can have. */
double kprof_exact_draw_least(uint64_t nr, uint64_t a, uint64_t b);

/**
 * struct kprof_hypothesis - one of a family of tests
 * @p: its result
 * @least: the smallest that it could have been, from what is the same under
 *	every hypothesis
 * @is_rejected: chance does not explain it; set by kprof_reject()
 */
struct kprof_hypothesis {
	double p;
	double least;
	bool is_rejected;
};

/**
 * kprof_reject() - decides a family of tests
 * @all: the tests; those that cannot be decided have a @least of 1
 * @nr: how many
 * @alpha: chance that any of those that hold is rejected, at most; however the
 *	tests depend on each other
 * @limit_ret: a test of this family would be rejected at this p in any case;
 *	0 if there is too little to reject anything
 *
 * Return: 0 or -ENOMEM.
 */
int kprof_reject(struct kprof_hypothesis *all, size_t nr, double alpha,
		 double *limit_ret);

#endif /* UTIL_SIGNIFICANCE_H */
