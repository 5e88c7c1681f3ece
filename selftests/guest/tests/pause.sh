# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# The whole machine stands still for a while, and its clocks have gone on. A minute
# in parts: Linux takes half the range of a clock (32 bits of 100 MHz) for a step
# back, and counts none of it.

load_module max_cpu_percent=0
seconds=4 times=1
if [ -e /share/tests/whole ]; then
	seconds=15 times=4
	# They would take it for a hang
	[ ! -e /proc/sys/kernel/watchdog ] || echo 0 >/proc/sys/kernel/watchdog
	stall=/sys/module/rcupdate/parameters/rcu_cpu_stall_suppress
	[ ! -e $stall ] || echo 1 >$stall
fi
fact pauses $times
fact seconds $((seconds * times))
record_bg pause -F 997 -- "$PROGRAMS/cputime" busy $(((seconds + 3) * times * 1000))
recorder=$BG
until_true 200 sessions_are 1
while [ $times -gt 0 ]; do
	times=$((times - 1))
	sleep 1
	echo $seconds >/run/guest.pause
	# It is paused a moment later
	sleep 1
done
wait_bg pause "$recorder"
