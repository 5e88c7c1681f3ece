// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: labels of a series.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "push.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

enum {
	/* What Pyroscope takes by default; Parca takes more. */
	MAX_LABELS = 30,
	MAX_NAME_BYTES = 1024,
	MAX_VALUE_BYTES = 2048,
};

static bool is_name(const char *name)
{
	if (!*name || isdigit((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

static bool is_value(const char *value)
{
	size_t len = strlen(value), bytes;

	for (; len; value += bytes, len -= bytes) {
		bytes = kprof_utf8_char_bytes(value, len);
		if (!bytes || iscntrl((unsigned char)*value))
			return false;
	}
	return true;
}

static const char *find_fault(const kprof_push_labels *labels, const char *name,
			      const char *value)
{
	if (!is_name(name))
		return "a name has letters, digits and '_', and begins with no "
		       "digit";
	if (!strncmp(name, "__", 2))
		return "names that begin with '__' are the store's";
	if (strlen(name) > MAX_NAME_BYTES || strlen(value) > MAX_VALUE_BYTES)
		return "it is too long";
	if (!*value || !is_value(value))
		return "a value is UTF-8, not empty, and without control "
		       "characters";
	if (labels->nr >= MAX_LABELS)
		return "there are too many";
	return NULL;
}

static struct kprof_push_label *find(const kprof_push_labels *labels,
				     const char *name)
{
	vector_for_each (labels, label)
		if (!strcmp(label->name, name))
			return label;
	return NULL;
}

const char *kprof_push_label_value(const kprof_push_labels *labels,
				   const char *name)
{
	const struct kprof_push_label *label = find(labels, name);

	return label ? label->value : NULL;
}

/* Takes over both, also when it fails. */
static int put(kprof_push_labels *labels, char *name, char *value)
{
	struct kprof_push_label *known = find(labels, name);
	int err;

	if (known) {
		free(known->value);
		known->value = value;
		free(name);
		return 0;
	}
	err = vector_push(labels, (struct kprof_push_label){name, value});
	if (err) {
		free(name);
		free(value);
	}
	return err;
}

int kprof_push_add_label(kprof_push_labels *labels, const char *text,
			 const char **why_ret)
{
	const char *equals = strchr(text, '=');
	_cleanup_free_ char *name = NULL, *value = NULL;

	*why_ret = "it is NAME=VALUE";
	if (!equals)
		return -EINVAL;
	name = strndup(text, equals - text);
	value = strdup(equals + 1);
	if (!name || !value)
		return -ENOMEM;
	*why_ret = find_fault(labels, name, value);
	if (*why_ret)
		return -EINVAL;
	return put(labels, no_cleanup_ptr(name), no_cleanup_ptr(value));
}

void kprof_push_free_labels(kprof_push_labels *labels)
{
	vector_for_each (labels, label) {
		free(label->name);
		free(label->value);
	}
	vector_free(labels);
}
