# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# How recordings end: by themselves, by a signal, by the death of the collector;
# and what the module holds afterwards, which is nothing.

load_module

# attached - somebody is being recorded
attached() { counters | grep -q '^nr_tracked=[1-9]'; }

"$PROGRAMS/spin" &
spin=$!

for signal in INT TERM HUP; do
	record_bg "by_$signal" -F 997 -p $spin
	recorder=$BG
	until_true 200 attached || fact "late_$signal"
	sleep 1
	kill -$signal "$recorder"
	wait_bg "by_$signal" "$recorder"
	until_true 20 nothing_held
	counters >"$OUT/by_$signal.counters"
done

# The target ends first
"$PROGRAMS/spin" 3000 &
record target_ends -F 997 -p $!
counters >"$OUT/target_ends.counters"

# The collector dies without a word. Counted in tries, because a second of this
# machine is worth little; one second is what a quiet machine needs.
record_bg killed -F 997 -p $spin
recorder=$BG
until_true 200 attached || fact late_killed
rmmod kprof 2>"$OUT/rmmod.err"
fact rmmod $?
counters >"$OUT/rmmod.counters"
kill -KILL "$recorder"
wait_bg killed "$recorder"
until_true 20 nothing_held
counters >"$OUT/killed.counters"
find "$OUT" -name 'killed.pb.gz*' >"$OUT/killed.left"

# In the background
out=$OUT/background.pb.gz
run stop_nothing kprofctl stop
run stop_unknown kprofctl stop --name nobody
run start kprofctl start -F 997 -p $spin -o "$out"
until_true 200 attached || fact late_start
run status kprofctl status
run status_json kprofctl status --json
run start_again kprofctl start -F 997 -p $spin -o "$out"
run start_other kprofctl start --name other -F 997 -p $spin -o "$OUT/other.pb.gz"
sleep 1
run stop_other kprofctl stop --name other
run stop kprofctl stop
run stop_again kprofctl stop
counters >"$OUT/background.counters"

# The collector in the background dies; its name is free again
run start_killed kprofctl start -F 997 -p $spin -o "$OUT/start_killed.pb.gz"
until_true 200 attached || fact late_start_killed
# shellcheck disable=SC2046 # there is one
kill -KILL $(pidof kprofctl)
until_true 20 nothing_held
counters >"$OUT/start_killed.counters"
run stop_killed kprofctl stop
run start_after kprofctl start -F 997 -p $spin -o "$OUT/after.pb.gz"
sleep 1
run stop_after kprofctl stop
kill $spin
counters >"$OUT/end.counters"
rmmod kprof
fact rmmod_at_the_end $?
