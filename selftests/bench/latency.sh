#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The guest part of "latency": leaves cyclictest's maximum in us, of a run of
# some seconds each, in /out/facts.
#
#	latency.sh RECURSION SECONDS
#
# Copyright (C) 2026 The kprof authors
set -eu

recursion=$1
seconds=$2

# measure NAME - a thread of high priority wakes every millisecond and looks how
# late it is
measure()
{
	cyclictest --mlockall --priority=90 --interval=1000 --quiet \
		--duration="$seconds" >"/out/$1.cyclictest"
	echo "$1 $(sed -n 's/.*Max: *\([0-9]*\).*/\1/p' "/out/$1.cyclictest")" \
		>>/out/facts
}

insmod /lib/kprof/kprof.ko
"$recursion" depth 100 1000000000 >/dev/null &
target=$!
measure without
for hz in 99 999; do
	kprofctl start -F $hz -p $target -o /out/$hz.pb.gz
	measure kprof_${hz}_hz
	kprofctl stop 2>"/out/$hz.err"
done
kill $target
