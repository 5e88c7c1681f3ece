# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# As much as two processors give, with the default rings; then a reader that is
# stopped for a while, beside one that is not.

tracked_are() { counters | grep -qx "nr_tracked=$1"; }

load_module max_cpu_percent=0

# Until there are enough samples, however fast the machine is
samples_are()
{
	[ "$(kprofctl status --json | grep -o '"samples": *[0-9]*' |
		grep -o '[0-9]*$')" -ge "$1" ]
}

# The session is there before the program starts. A shell gives what it runs in
# the background no input; opening both ends keeps an open from waiting.
mkfifo /tmp/go
exec 5<>/tmp/go
run_bg full_forest sh -c "exec $PROGRAMS/forest 2 0 </tmp/go"
forest=$BG
run full kprofctl start -F 9999 -p "$forest" -o "$OUT/full.pb.gz"
until_true 200 tracked_are 1 || fact full_tracked_late "$(counters)"
echo >&5
i=0
until samples_are 160000; do
	i=$((i + 1))
	[ $i -lt 200 ] || break
	sleep 1
done
kill "$forest"
wait_bg full_forest "$forest"
run full_stop kprofctl stop

# Both sessions are there before the program starts. The ring of the one is small,
# so that on a slow machine, too, it is full long before its reader goes on.
run_bg forest sh -c "exec $PROGRAMS/forest 2 8000 </tmp/go"
forest=$BG
record_bg stopped -F 4999 --ring-kib 16 -p "$forest"
stopped=$BG
record_bg beside -F 4999 -p "$forest"
beside=$BG
until_true 200 sessions_are 2 || fact sessions_late "$(counters)"
until_true 200 tracked_are 2 || fact tracked_late "$(counters)"
echo >&5
sleep 1
kill -STOP "$stopped"
sleep 5
kill -CONT "$stopped"
wait_bg forest "$forest"
wait_bg stopped "$stopped"
wait_bg beside "$beside"
