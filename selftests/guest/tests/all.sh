#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest: the guest parts of the topics given, one after another,
# each with a fresh module and a folder of its own below /out.
#
#	all.sh TOPIC...

# Progress goes past the topics' logs, which nobody sees before the end
exec 4>&1
PROGRAMS=/share/programs
status=0

for topic in "$@"; do
	OUT=/out/$topic
	mkdir -p "$OUT"
	echo "<5>kprof-guest: topic $topic" >/dev/kmsg
	export OUT PROGRAMS
	started=$(cut -d . -f 1 /proc/uptime)
	(
		# shellcheck source=/dev/null
		. /share/tests/lib.sh
		cd /tmp || exit
		# shellcheck source=/dev/null
		. "/share/tests/$topic.sh"
	) >"$OUT/log" 2>&1
	echo $? >"$OUT/status"
	echo "$topic: status $(cat "$OUT/status")," \
		"$(($(cut -d . -f 1 /proc/uptime) - started)) s of guest time"
	for pid in $(pidof kprofctl); do
		echo "$topic: left kprofctl $pid behind"
		kill -9 "$pid"
		status=1
	done
	# A process that was killed closes its files a moment later
	tries=20
	while [ -d /sys/module/kprof ] && ! rmmod kprof; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { status=1; break; }
		usleep 50000
	done
done
exit $status
