# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# A recursion whose leaf's share is known by counting, and loops whose length
# divides the sampling period or is the sampling period. Periods as kprofctl
# derives them from the rates.

load_module max_cpu_percent=0

run count "$PROGRAMS/recursion" count

# At least 2,500 samples each. At 99 Hz two sessions look at once: half the luck in
# half a minute.
"$PROGRAMS/recursion" free 26600 >/dev/null &
program=$!
record_bg free_99 -F 99 -p $program
first=$BG
record_bg free_99_beside -F 99 -p $program
wait_bg free_99_beside "$BG"
wait_bg free_99 "$first"
record free_997 -F 997 -- "$PROGRAMS/recursion" free 5300
record free_9999 -F 9999 -- "$PROGRAMS/recursion" free 540

# What there is to see, without anybody looking
run cycle_alone "$PROGRAMS/recursion" cycle 100010 0 5400
run locked_alone "$PROGRAMS/recursion" locked 100010 0 5400

for phase in 0 20 40 60 80; do
	record cycle_9999_$phase -F 9999 -- \
		"$PROGRAMS/recursion" cycle 100010 $phase 5400
	record cycle_9999_${phase}_nojitter -F 9999 --no-jitter -- \
		"$PROGRAMS/recursion" cycle 100010 $phase 5400
	record locked_9999_$phase -F 9999 -- \
		"$PROGRAMS/recursion" locked 100010 $phase 5400
	record locked_9999_${phase}_nojitter -F 9999 --no-jitter -- \
		"$PROGRAMS/recursion" locked 100010 $phase 5400
done
