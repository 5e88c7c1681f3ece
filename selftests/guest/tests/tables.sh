# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# Unwind tables: how they are loaded, refused, and used.

load_module max_cpu_percent=0
run uapi_tables "$PROGRAMS/uapi_tables"
counters >"$OUT/counters"
