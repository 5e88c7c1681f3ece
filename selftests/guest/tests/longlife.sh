# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# Thousands of sessions and of forks, and what is left of them. In "make check"
# a small part of what "make check-matrix" does.

exact_accounting yes || fact no_exact_accounting
load_module max_cpu_percent=0
if [ -e /share/tests/whole ]; then
	run uapi_life "$PROGRAMS/uapi_life" 2000 100000
else
	run uapi_life "$PROGRAMS/uapi_life" 100 3000
fi
exact_accounting no
counters >"$OUT/counters"
