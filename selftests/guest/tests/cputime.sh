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
# Where the timer sleeps and starts all the time: the other half is not sampled.
# Three points in a burst, so that chance is less than what is looked for.
load_module max_cpu_percent=0
record bursts -F 29989 --no-inherit -- "$PROGRAMS/cputime" bursts 4000
record turns -F 29989 -- "$PROGRAMS/cputime" bursts 500
