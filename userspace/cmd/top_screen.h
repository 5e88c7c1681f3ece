/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl top: on a terminal.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_TOP_SCREEN_H
#define CMD_TOP_SCREEN_H

#include <errno.h>
#include <stdbool.h>

#include "top.h"

struct kprof_top_screen;

#ifdef HAVE_NCURSES
/*
 * Takes the terminal. @title: what is looked at. -ENOTTY if there is none that
 * is good for it.
 */
int kprof_top_screen_open(struct kprof_top *top, const char *title,
			  struct kprof_top_screen **ret);
/* Gives it back as it was. */
void kprof_top_screen_close(struct kprof_top_screen *screen);
/* What is shown is not what it was. */
void kprof_top_screen_draw(struct kprof_top_screen *screen);
/* Handles what was typed. False if it is to end. */
bool kprof_top_screen_read(struct kprof_top_screen *screen);
/* To be polled for what is typed. */
int kprof_top_screen_fd(const struct kprof_top_screen *screen);
#else
static inline int kprof_top_screen_open(struct kprof_top *top,
					const char *title,
					struct kprof_top_screen **ret)
{
	(void)top;
	(void)title;
	(void)ret;
	return -ENOTSUP;
}

static inline void kprof_top_screen_close(struct kprof_top_screen *screen)
{
	(void)screen;
}

static inline void kprof_top_screen_draw(struct kprof_top_screen *screen)
{
	(void)screen;
}

static inline bool kprof_top_screen_read(struct kprof_top_screen *screen)
{
	(void)screen;
	return true;
}

static inline int kprof_top_screen_fd(const struct kprof_top_screen *screen)
{
	(void)screen;
	return -1;
}
#endif

#endif /* CMD_TOP_SCREEN_H */
