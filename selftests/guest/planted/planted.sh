#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# planted.sh MISTAKE...
# Runs in the guest: commits the mistakes one after another, with a line in the
# kernel's log before each, so that what follows it is its report. A leak comes
# last: init finds it, as it finds those of any run.

for mistake in "$@"; do
	echo "<5>kprof-guest: planted $mistake" >/dev/kmsg
	insmod /share/planted.ko mistake="$mistake" || exit
	rmmod planted || exit
done
