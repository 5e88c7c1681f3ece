#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The part of the benchmark that counts instructions: one processor, on which
# profiled program, interrupts and collector take turns, and guest time is
# executed instructions. Leaves what it measured in /out/facts, one "name value"
# a line; it judges nothing. /share has the programs.
#
# Copyright (C) 2026 The kprof authors
set -eu

HZ=9999
DEPTH=30
ITERATIONS=300000
# More than the 127 frames that are walked
DEEPEST=140
GAP_MS=500
REDIS_REQUESTS=20000
PYTHON_ROUNDS=40
# What else runs in a guest adds to some of the runs, and to others not
REPEATS="1 2 3"

work="/share/deep work $DEPTH $ITERATIONS"
gaps="/share/deep gaps $DEEPEST $GAP_MS"

fact() { echo "$*" >>/out/facts; }

# measure NAME COMMAND... - facts NAME.KEY for each "KEY VALUE" that it prints
measure()
{
	name=$1
	shift
	if ! "$@" >"/tmp/$name.out" 2>"/tmp/$name.err"; then
		cat "/tmp/$name.out" "/tmp/$name.err" >&2
		echo "bench: $name failed: $*" >&2
		exit 1
	fi
	sed -n "s/^\([a-z_]* [0-9]*\)$/$name.\1/p" "/tmp/$name.out" >>/out/facts
}

# measure_kprof NAME OPTION... -- COMMAND
measure_kprof()
{
	measure "$@"
	fact "$1.samples $(sed -n 's/^kprofctl: \([0-9]*\) samples.*/\1/p' \
		"/tmp/$1.err")"
}

# measure_perf NAME OPTION... -- COMMAND
measure_perf()
{
	perf_name=$1
	shift
	measure "$perf_name" \
		perf record -e cpu-clock -F $HZ -o /tmp/perf.data "$@"
	fact "$perf_name.samples $(sed -n 's/.*(\([0-9]*\) samples).*/\1/p' \
		"/tmp/$perf_name.err")"
	fact "$perf_name.bytes $(wc -c </tmp/perf.data)"
	rm /tmp/perf.data
}

# The words of $work are to be split.
# shellcheck disable=SC2086
measure_module()
{
	for _ in $REPEATS; do
		measure without $work
		measure kprof_late /share/capture -F $HZ -l -- $work
	done
	# What is sampled sleeps: no interrupts, and only switches are looked at
	sleep 3600 &
	sleeper=$!
	measure kprof_parked /share/capture -F $HZ -l -p $sleeper -- $work
	# Without switches the timer goes on, and its interrupts find nothing
	rmmod kprof
	insmod /lib/kprof/kprof.ko max_cpu_percent=0 use_tracepoints=0
	measure kprof_floor /share/capture -F $HZ -l -p $sleeper -- $work
	rmmod kprof
	insmod /lib/kprof/kprof.ko max_cpu_percent=0
	kill $sleeper
	measure gap_without $gaps
	measure gap_kprof /share/capture -F $HZ -l -- $gaps
}

# shellcheck disable=SC2086
measure_collector()
{
	for _ in $REPEATS; do
		measure_kprof kprof \
			kprofctl record -g fp -F $HZ -o /tmp/kprof.pb.gz -- $work
	done
}

# shellcheck disable=SC2086
measure_rows()
{
	rows="/share/deep_without_fp work $DEPTH $ITERATIONS"
	tree="/share/tree $DEPTH $ITERATIONS"
	for _ in $REPEATS; do
		measure rows_without $rows
		measure_kprof rows_kprof \
			kprofctl record -g cfi -F $HZ -o /tmp/kprof.pb.gz -- $rows
		measure tree_without $tree
		measure_kprof tree_kprof \
			kprofctl record -g cfi -F $HZ -o /tmp/kprof.pb.gz -- $tree
	done
}

# shellcheck disable=SC2086
measure_perfs()
{
	for _ in $REPEATS; do
		measure_perf perf_none -- $work
		measure_perf perf_fp --call-graph fp -- $work
	done
	measure_perf perf_dwarf --call-graph dwarf -- $work
	measure_perf gap_perf --call-graph fp -- $gaps
}

# It has no way to say how many samples it took of the program.
measure_bpftrace()
{
	if ! bpftrace -o /tmp/bpftrace.counts -c "$work" \
		-e "profile:hz:$HZ { @[ustack] = count(); }" \
		>/tmp/bpftrace.out 2>/tmp/bpftrace.err; then
		fact "bpftrace.error $(tr '\n' ' ' </tmp/bpftrace.err)"
		return
	fi
	sed -n 's/^\(elapsed_ns [0-9]*\)$/bpftrace.\1/p' /tmp/bpftrace.out >>/out/facts
}

# handler_fact NAME - nanoseconds of interrupt per sample, from a summary
handler_fact()
{
	fact "$1.handler_ns $(sed -n \
		's/.* \([0-9]*\)\.\([0-9]*\) us per sample.*/\1\20/p' "/tmp/$1.err")"
}

start_redis()
{
	# As Debian's redis-server: the name of the program chooses what it is
	ln -s "$(command -v redis-check-rdb)" /tmp/redis-server
	/tmp/redis-server --save '' --appendonly no --daemonize yes \
		--pidfile /run/redis.pid --logfile /run/redis.log
	until grep -q 'Ready to accept' /run/redis.log; do
		sleep 0.1
	done
}

measure_redis()
{
	load="redis-benchmark -q -n $REDIS_REQUESTS -c 20 -P 4 -t set,get,lpush,zadd"
	start_redis
	pid=$(cat /run/redis.pid)
	# shellcheck disable=SC2086
	measure redis_kprof /share/capture -F $HZ -p "$pid" -- $load
	# shellcheck disable=SC2086
	measure redis_rows kprofctl record -g cfi -F $HZ -p "$pid" \
		-o /tmp/kprof.pb.gz -d 2 &
	rows_pid=$!
	sleep 0.2
	$load >/dev/null
	wait $rows_pid
	handler_fact redis_rows
	# shellcheck disable=SC2086
	measure_perf redis_perf --call-graph fp -p "$pid" -- $load
	kill "$pid"
}

# A run differs from the next by more than the interrupts take: the handler's own
# time is taken.
measure_python()
{
	PYTHONHOME=/share/python
	PYTHONDONTWRITEBYTECODE=1
	export PYTHONHOME PYTHONDONTWRITEBYTECODE
	measure_kprof python_rows kprofctl record -g cfi -F $HZ --no-symbolize \
		-o /tmp/kprof.pb.gz -- /share/python/python3.* \
		/share/python/work.py $PYTHON_ROUNDS
	handler_fact python_rows
}

insmod /lib/kprof/kprof.ko max_cpu_percent=0
# Or it lowers its rate when its interrupts are long
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent

fact "rate_hz $HZ"
measure_module
measure_collector
measure_rows
measure_perfs
measure_bpftrace
measure_redis
measure_python
