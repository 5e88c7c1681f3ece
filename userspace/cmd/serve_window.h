/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which collections run together, and which request shares one.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Requests for the same window share a collection that has only just begun. One
 * that comes later gets a collection of its own as long as that leaves room for
 * others; else it waits for the next of that window, so that it has its answer
 * within twice its seconds. Any number of scrapers that ask for the same thing
 * cost two collections, and the last place is for the plain profile that every
 * scraper asks for. What fits nowhere is told so at once.
 */
#ifndef CMD_SERVE_WINDOW_H
#define CMD_SERVE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct kprof_window_load - what runs when another wants to
 * @running: collections
 * @same: of these, of the same window
 * @max: at once
 * @is_plain: the new one is for no target and at the usual rate
 */
struct kprof_window_load {
	size_t running;
	size_t same;
	size_t max;
	bool is_plain;
};

/* May it begin? */
bool kprof_window_may_start(const struct kprof_window_load *load);
/*
 * How long after its begin a collection of so many seconds may be joined: it is
 * to be what was asked for, but for a twentieth.
 */
uint64_t kprof_window_slack_ns(uint32_t seconds);

#endif /* CMD_SERVE_WINDOW_H */
