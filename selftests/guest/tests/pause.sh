# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# The whole machine stands still for a while, and its clocks have gone on.

load_module max_cpu_percent=0
seconds=4
if [ -e /share/tests/whole ]; then
	seconds=60
	# They would take it for a hang
	[ ! -e /proc/sys/kernel/watchdog ] || echo 0 >/proc/sys/kernel/watchdog
	stall=/sys/module/rcupdate/parameters/rcu_cpu_stall_suppress
	[ ! -e $stall ] || echo 1 >$stall
fi
fact seconds $seconds
record_bg pause -F 997 -- "$PROGRAMS/cputime" busy $((seconds * 1000 + 3000))
recorder=$BG
until_true 200 sessions_are 1
sleep 1
echo $seconds >/run/guest.pause
wait_bg pause "$recorder"
