#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# planted.sh MISTAKE...
# Runs in the guest: commits the mistakes one after another, with a line in the
# kernel's log before each, so that what follows it is its report.

for mistake in "$@"; do
	echo "<5>kprof-guest: planted $mistake" >/dev/kmsg
	insmod /share/planted.ko mistake="$mistake" || exit
	rmmod planted || exit
	[ "$mistake" = leak ] || continue
	# An object must look lost in two scans, and be five seconds old
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
done
echo "<5>kprof-guest: planted nothing more" >/dev/kmsg
