# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# Recursions of known depth, by frame pointers, and what happens at the limit.

grep -m 1 Features /proc/cpuinfo >"$OUT/features" || :
load_module max_cpu_percent=0
run limits "$PROGRAMS/limits"
load_module

for depth in 5 50 126 500; do
	record depth_$depth -F 997 -g fp -- "$PROGRAMS/recursion" depth $depth 300
done
record depth_500_raised -F 997 -g fp --depth 600 -- \
	"$PROGRAMS/recursion" depth 500 300
