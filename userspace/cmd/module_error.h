/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words for what the module refuses, and what to do about it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_MODULE_ERROR_H
#define CMD_MODULE_ERROR_H

#include "cmd/options.h"
#include "lib/kprof.h"

#include <stdbool.h>

/*
 * The module behind @device. 0; or what to exit with, after saying why it
 * cannot be used.
 */
int kprof_module_ask(const char *device, struct kprof_module_info *ret);
/* Whether it can do what is wanted. Likewise. */
int kprof_module_check(const struct kprof_module_info *info,
		       const struct kprof_record_options *options);
/* kprof_collector_create() failed. Gives what to exit with. */
int kprof_module_cannot_set_up(int err, const struct kprof_module_info *info,
			       const struct kprof_record_options *options);
/* A target could not be attached. Likewise. */
int kprof_module_cannot_attach(int err, const char *what, int32_t id);

#endif /* CMD_MODULE_ERROR_H */
