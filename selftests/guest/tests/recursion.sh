# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# A recursion whose leaf's share is known by counting, and loops whose length
# divides the sampling period or is the sampling period. Periods as kprofctl
# derives them from the rates.

load_module max_cpu_percent=0

run count "$PROGRAMS/recursion" count

# At least 2,500 samples each; an iteration takes about 1.4 us of guest time
record free_99 -F 99 -- "$PROGRAMS/recursion" free 18600000
record free_997 -F 997 -- "$PROGRAMS/recursion" free 1850000
record free_9999 -F 9999 -- "$PROGRAMS/recursion" free 187000

for phase in 0 20 40 60 80; do
	record cycle_9999_$phase -F 9999 -- \
		"$PROGRAMS/recursion" cycle 100010 $phase 2700
	record cycle_9999_${phase}_nojitter -F 9999 --no-jitter -- \
		"$PROGRAMS/recursion" cycle 100010 $phase 2700
	record locked_9999_$phase -F 9999 -- \
		"$PROGRAMS/recursion" locked 100010 $phase 2700
	record locked_9999_${phase}_nojitter -F 9999 --no-jitter -- \
		"$PROGRAMS/recursion" locked 100010 $phase 2700
done
