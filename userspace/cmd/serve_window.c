// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which collections run together, and which request shares one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_window.h"

enum {
	NS_PER_S = 1000000000,
	SLACK_PART = 20,
};

bool kprof_window_may_start(const struct kprof_window_load *load)
{
	if (load->running >= load->max)
		return false;
	/* Others come first. */
	if (load->same && (load->running + 1) * 2 > load->max)
		return false;
	return load->is_plain || load->max == 1 ||
	       load->running + 1 < load->max;
}

uint64_t kprof_window_slack_ns(uint32_t seconds)
{
	uint64_t slack = (uint64_t)seconds * NS_PER_S / SLACK_PART;

	return slack < NS_PER_S ? slack : NS_PER_S;
}
