// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprof: a sampling profiler that needs neither perf events nor eBPF.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Loading makes the device appear and does nothing else.
 */
#include "chardev.h"
#include "hooks.h"
#include "sampler.h"
#include "session.h"

#include <linux/module.h>

static int __init kprof_init(void)
{
	int err;

	kprof_hooks_find();
	err = kprof_sampler_register();
	if (err)
		return err;
	err = kprof_session_register();
	if (err)
		goto err_sampler;
	err = kprof_chardev_register();
	if (err)
		goto err_session;
	return 0;

err_session:
	kprof_session_unregister();
err_sampler:
	kprof_sampler_unregister();
	return err;
}

static void __exit kprof_exit(void)
{
	kprof_chardev_unregister();
	kprof_session_unregister();
	kprof_sampler_unregister();
}

module_init(kprof_init);
module_exit(kprof_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The kprof authors");
MODULE_DESCRIPTION("Sampling profiler");
MODULE_VERSION("0.1.0");
