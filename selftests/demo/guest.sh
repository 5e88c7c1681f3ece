#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the demonstration does in the guest. $1: the C++ program, $2: the same,
# stripped.
#
# Copyright (C) 2026 The kprof authors
set -eu

insmod /lib/kprof/kprof.ko

profile_program() {
	echo "\$ kprofctl record -F 997 -o cxx.pb.gz -- cxx_demo 2000"
	kprofctl record -F 997 -o /out/cxx.pb.gz -- "$1" 2000
	kprofctl report --flame /out/cxx.svg /out/cxx.pb.gz
}

start_redis() {
	ln -sf /usr/bin/redis-check-rdb /usr/bin/redis-server
	redis-server --save '' --appendonly no --daemonize yes \
		--pidfile /run/redis.pid --logfile /run/redis.log
	until grep -q 'Ready to accept' /run/redis.log; do
		sleep 0.1
	done
}

# The background way: start, do something, stop.
profile_redis() {
	start_redis
	pid=$(cat /run/redis.pid)
	echo "\$ kprofctl start -F 997 -p $pid -o redis.pb.gz"
	kprofctl start -F 997 -p "$pid" -o /out/redis.pb.gz
	redis-benchmark -q -n 30000 -c 20 -P 4 -t set,get,lpush,zadd |
		tr '\r' '\n' | grep 'per second'
	echo "\$ kprofctl stop"
	kprofctl stop
	kprofctl report --flame /out/redis.svg /out/redis.pb.gz
	kill "$pid"
}

# As a device would: no symbols there, and no look at the binary.
profile_stripped() {
	echo "\$ kprofctl record -F 997 --no-symbolize -o stripped.pb.gz -- cxx_stripped 1000"
	kprofctl record -F 997 --no-symbolize -o /out/stripped.pb.gz -- "$1" 1000
}

profile_program "$1"
profile_redis
profile_stripped "$2"
