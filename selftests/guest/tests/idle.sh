# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
# needs: CONFIG_TRACEPOINTS CONFIG_KALLSYMS
#
# Two processors, one of them with nothing to sample: its timer sleeps.

SECONDS_WATCHED=5

# timer_interrupts CPU - so far
timer_interrupts()
{
	awk -v column=$(($1 + 2)) '/LOC:|arch_timer|riscv-timer/ { n += $column }
		END { print n + 0 }' /proc/interrupts
}

# watch_idle NAME - how many timer interrupts the second processor has
watch_idle()
{
	before=$(timer_interrupts 1)
	sleep $SECONDS_WATCHED
	fact "$1" $(($(timer_interrupts 1) - before))
}

load_module max_cpu_percent=0

taskset 1 "$PROGRAMS/spin" &
busy=$!

watch_idle without
record_bg busy -F 997 -p $busy
recorder=$BG
until_true 200 sessions_are 1
sleep 1
watch_idle parked
taskset 2 cat /proc/timer_list >"$OUT/timers"
kill -INT $recorder
wait_bg busy $recorder

kill $busy

# Without the scheduler's tracepoints nobody would start the timer again
load_module max_cpu_percent=0 use_tracepoints=0
kprofctl status >"$OUT/status_blind"
taskset 1 "$PROGRAMS/spin" &
busy=$!
record_bg blind -F 997 -p $busy
recorder=$BG
until_true 200 sessions_are 1
sleep 1
watch_idle blind
kill -INT $recorder
wait_bg blind $recorder
kill $busy
