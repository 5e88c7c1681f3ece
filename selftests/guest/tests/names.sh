# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# A C++ program with everything, and a server as a distribution ships it.

load_module max_cpu_percent=0

record cxx -F 997 -- "$PROGRAMS/cxx_demo" 12000

# The kernel, with its own list of names and without
cat /proc/kallsyms >"$OUT/kallsyms"
record kernel -F 997 -k -- dd if=/dev/zero of=/dev/null bs=64k count=40000
record kernel_unnamed -F 997 -k --no-symbolize -- \
	dd if=/dev/zero of=/dev/null bs=64k count=40000

# Debian's redis-server is this very file by another name
server=/tmp/redis-server
if ln -s /usr/bin/redis-check-rdb $server && $server --version >/dev/null 2>&1; then
	run_bg redis_server $server --save '' --appendonly no --port 6379
	redis=$BG
	until_true 200 nc -z 127.0.0.1 6379 || fact redis_late 1
	record_bg redis -F 997 -p "$redis"
	recorder=$BG
	until_true 200 sessions_are 1 || fact sessions_late "$(counters)"
	run benchmark redis-benchmark -q -n 5000 -c 20 -t set,get,lpush,lrange_100,zadd
	kill -INT "$recorder"
	wait_bg redis "$recorder"
	kill "$redis"
	wait_bg redis_server "$redis"
else
	fact redis_missing 1
fi
