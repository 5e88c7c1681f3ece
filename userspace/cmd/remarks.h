/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the comments of a profile say, if it is one of ours.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_REMARKS_H
#define CMD_REMARKS_H

#include "lib/kprof.h"

/*
 * What follows @prefix ("lost: ") in the first comment that starts with it;
 * NULL if none does.
 */
const char *kprof_remark_find(const struct kprof_profile *profile,
			      const char *prefix);
/* The number there, summed up over all such comments; 0 without any. */
double kprof_remark_number(const struct kprof_profile *profile,
			   const char *prefix);
/* The number before " %" that follows @what ("complete ") there, or -1. */
double kprof_remark_percent(const struct kprof_profile *profile,
			    const char *prefix, const char *what);

#endif /* CMD_REMARKS_H */
