#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The part of the benchmark that looks at the collector's memory: the programs
# of the demonstration, recorded on four processors, with and without names.
# Leaves "name value" lines in /out/facts. /share has the programs.
#
# Copyright (C) 2026 The kprof authors
set -eu

HZ=499

# start_record NAME ARGUMENT... - in the background, as RECORD
start_record()
{
	name=$1
	shift
	/share/peak kprofctl record -F $HZ -o /tmp/memory.pb.gz "$@" \
		>"/tmp/$name.out" 2>"/tmp/$name.err" &
	record=$!
}

end_record()
{
	if ! wait "$record"; then
		cat "/tmp/$name.out" "/tmp/$name.err" >&2
		echo "bench: $name failed" >&2
		exit 1
	fi
	sed -n "s/^\(peak_kib [0-9]*\)$/$name.\1/p" "/tmp/$name.out" >>/out/facts
}

record_program()
{
	start_record "$@" -- /share/cxx_demo 2000
	end_record
}

# Until the server ends
record_redis()
{
	ln -sf "$(command -v redis-check-rdb)" /tmp/redis-server
	/tmp/redis-server --save '' --appendonly no --daemonize yes \
		--pidfile /run/redis.pid --logfile /run/redis.log
	until redis-benchmark -q -n 1 -c 1 -t ping >/dev/null 2>&1; do
		sleep 0.1
	done
	start_record "$@" -p "$(cat /run/redis.pid)"
	redis-benchmark -q -n 6000 -c 20 -P 4 -t set,get,lpush,zadd >/dev/null
	kill "$(cat /run/redis.pid)"
	end_record
}

# The emulator's interrupts are slow: the limit would thin the samples out.
insmod /lib/kprof/kprof.ko max_cpu_percent=0

record_program program_addresses --no-symbolize
record_program program_names
record_redis redis_addresses --no-symbolize
record_redis redis_names
