# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# Programs that know how much CPU time they used: all of the time, with pauses,
# and half of it in the kernel.

load_module

for mode in busy idle system; do
	record $mode -F 997 -- "$PROGRAMS/cputime" $mode 2000
done
# The other way out of the module
record read -F 997 --read -- "$PROGRAMS/cputime" idle 2000
