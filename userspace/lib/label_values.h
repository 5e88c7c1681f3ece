/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The values of a label, of which there is a limit.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A program may call itself and its threads what it likes, as often as it
 * likes; each value is a series in a store of profiles. Numbers are none there.
 */
#ifndef LIB_LABEL_VALUES_H
#define LIB_LABEL_VALUES_H

#include "lib/record.h"
#include "util/hash.h"
#include "util/vector.h"

enum {
	KPROF_DEFAULT_LABEL_VALUES = 100,
};

struct kprof_label_value {
	char text[KPROF_EVENT_COMM_LEN];
};

/* {} is empty. */
struct kprof_label_values {
	vector(struct kprof_label_value) all;
	struct kprof_index index;
};

void kprof_label_values_deinit(struct kprof_label_values *values);
/* 1 if @text may be used, 0 if it is one value too many, or -ENOMEM. */
int kprof_label_values_take(struct kprof_label_values *values, uint32_t max,
			    const char *text);

#endif /* LIB_LABEL_VALUES_H */
