#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: the module comes, samples, and goes. $1: the program.
#
# Copyright (C) 2026 The kprof authors
insmod /lib/kprof/kprof.ko max_cpu_percent=0 || exit
"$1" || exit
rmmod kprof
