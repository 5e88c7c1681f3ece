/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/kprof: copies in, validates, calls the session.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_CHARDEV_H
#define KPROF_CHARDEV_H

int kprof_chardev_register(void);
void kprof_chardev_unregister(void);

#endif /* KPROF_CHARDEV_H */
