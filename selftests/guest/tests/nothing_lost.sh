# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# As much as two processors give, with the default rings; then a reader that is
# stopped for a while, beside one that is not.

load_module max_cpu_percent=0

echo | record full -F 9999 -- "$PROGRAMS/forest" 2 9500

# Both sessions are there before the program starts
mkfifo /tmp/go
run_bg forest "$PROGRAMS/forest" 2 8000 </tmp/go
forest=$BG
exec 5>/tmp/go
record_bg stopped -F 4999 -p "$forest"
stopped=$BG
record_bg beside -F 4999 -p "$forest"
beside=$BG
until_true 200 sessions_are 2 || fact sessions_late "$(counters)"
until_true 200 sh -c 'kprofctl status --json | grep -q "\"nr_tracked\": *2"' ||
	fact tracked_late "$(counters)"
echo >&5
sleep 1
kill -STOP "$stopped"
sleep 5
kill -CONT "$stopped"
wait_bg forest "$forest"
wait_bg stopped "$stopped"
wait_bg beside "$beside"
