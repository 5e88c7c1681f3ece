// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the walk over the stacks of 32-bit ARM needs beside walker.c, which has
 * other functions of the same names.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "shim.h"

#include "../../../kmod/unwind_fp32.c"
