// SPDX-License-Identifier: GPL-2.0-only
/* Includes what a command must not. */
#include "lib/fault.h"
#include <linux/kprof.h>
