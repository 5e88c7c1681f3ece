/* SPDX-License-Identifier: GPL-2.0-only */
/* Includes what a utility must not. */
#include "lib/kprof.h"
