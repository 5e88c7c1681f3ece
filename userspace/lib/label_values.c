// SPDX-License-Identifier: GPL-2.0-only
/*
 * The values of a label, of which there is a limit.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/label_values.h"

#include <string.h>

void kprof_label_values_deinit(struct kprof_label_values *values)
{
	vector_free(&values->all);
	kprof_index_deinit(&values->index);
}

static bool value_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_label_value *value =
		(const struct kprof_label_value *)array + position;

	return !strcmp(value->text, key);
}

int kprof_label_values_take(struct kprof_label_values *values, uint32_t max,
			    const char *text)
{
	uint64_t hash = kprof_hash_bytes(text, strlen(text));
	struct kprof_label_value added = {};
	int err;

	if (kprof_index_find(&values->index, hash, value_equal,
			     values->all.data, text) != KPROF_INDEX_NONE)
		return 1;
	if (values->all.nr >= max)
		return 0;
	strcpy(added.text, text);
	err = kprof_index_add(&values->index, hash, values->all.nr);
	return (err ?: vector_push(&values->all, added)) ?: 1;
}
